"""Working time: from a moment and a limit to a deadline, and back to what is left.

Invariant: every moment is aware and comes back in Asia/Shanghai; a deadline made here lies within opening hours, its
closing minute included; nothing is counted while the office is closed; and the arithmetic walks days, never minutes.

The calendar is a value: who keeps the days, and for which place, is no matter of this module. A day that nobody has
described is open from Monday to Friday. `known_until` is the last day that published rules cover; beyond it the answers
are those of plain weeks, and whoever shows them has to say so (`unpublished_year`).

Sources: domain.md §3.2 (hours, 17:00, 2026-02-13 + 5 → 2026-02-27); 民法典 §201 (the day on which a period begins is not
counted), §203 (it ends with the closing time of its last day).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
NOTHING = timedelta(0)
ONE_DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
#: Days walked in search of an open one before the calendar is called broken: four years without a working day.
FARTHEST = 1500


class NoWorkingDay(ValueError):
    """The calendar has no open hour within four years of the moment asked for."""

    def __init__(self, day: date) -> None:
        super().__init__(f"工作日历从{day:%Y-%m-%d}起四年内没有一个工作日，算不出期限：请检查日历。")


class Kind(StrEnum):
    """What a day is. The two halves are named by the part that is open."""

    WORK = "work"
    OFF = "off"
    MORNING = "morning"
    AFTERNOON = "afternoon"

    @property
    def is_half(self) -> bool:
        return self in (Kind.MORNING, Kind.AFTERNOON)


@dataclass(frozen=True, slots=True)
class Span:
    """Open from `opens` (included) to `closes` (the last moment of it), wall time of one day."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"开门时间{self.opens:%H:%M}须早于关门时间{self.closes:%H:%M}。")

    @property
    def length(self) -> timedelta:
        return datetime.combine(date.min, self.closes) - datetime.combine(date.min, self.opens)

    def on(self, day: date) -> tuple[datetime, datetime]:
        """The two moments on that day."""
        return datetime.combine(day, self.opens, ZONE), datetime.combine(day, self.closes, ZONE)


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of a day: morning, afternoon, one of them or both."""

    morning: Span | None = Span(time(8, 30), time(11, 30))
    afternoon: Span | None = Span(time(14), time(17, 30))

    def __post_init__(self) -> None:
        if self.morning is None and self.afternoon is None:
            raise ValueError("上午、下午的开门时间不能都为空：全天不开门请标为休。")
        if self.morning and self.afternoon and self.morning.closes > self.afternoon.opens:
            raise ValueError(f"上午{self.morning.closes:%H:%M}关门晚于下午{self.afternoon.opens:%H:%M}开门，请核对。")

    def spans(self, kind: Kind = Kind.WORK) -> tuple[Span, ...]:
        """What is open on a day of this kind, in order."""
        parts = {
            Kind.WORK: (self.morning, self.afternoon),
            Kind.MORNING: (self.morning,),
            Kind.AFTERNOON: (self.afternoon,),
            Kind.OFF: (),
        }[kind]
        return tuple(part for part in parts if part)

    @property
    def length(self) -> timedelta:
        """The working time of a full day: 6 h 30 min by default."""
        return sum((part.length for part in self.spans()), NOTHING)


OFFICE = Hours()


def read_hours(text: str) -> Hours:
    """"08:30-11:30,14:00-17:30" as opening hours: morning and afternoon. Raises ValueError with the sentence."""
    try:
        (morning, afternoon) = (Span(*(time.fromisoformat(end.strip()) for end in part.split("-"))) for part in text.split(","))
    except (ValueError, TypeError) as wrong:
        raise ValueError(f"工作时间“{text}”应写成“08:30-11:30,14:00-17:30”：上午、下午各一段，开门早于关门。") from wrong
    return Hours(morning, afternoon)


@dataclass(frozen=True, slots=True)
class Day:
    """What is known of one day. `hours` are its own, if they differ from the calendar's; `why` is for people."""

    kind: Kind
    hours: Hours | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands still from `start` to `end`; without an end it still does."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left until a deadline, or by how much it has passed: words are made by whoever shows it.

    A day is a full working day of the calendar (or 24 hours where calendar time runs), so "1 day" is never a night.
    """

    late: bool
    days: int
    hours: int
    minutes: int

    @property
    def parts(self) -> tuple[tuple[int, str], ...]:
        """The largest unit and the one below it: ((1, "day"), (3, "hour")); empty when it is less than a minute."""
        every = ((self.days, "day"), (self.hours, "hour"), (self.minutes, "minute"))
        first = next((index for index, (number, _) in enumerate(every) if number), len(every))
        return tuple(part for part in every[first : first + 2] if part[0])


CHINESE_UNITS = {"day": "天", "hour": "小时", "minute": "分钟"}


def words(left: Remaining) -> str:
    """For paper and messages, which are Chinese: 还剩 1 天 3 小时, 已超 2 小时, 现在到期, 刚刚超时."""
    if not left.parts:
        return "刚刚超时" if left.late else "现在到期"
    amount = " ".join(f"{number} {CHINESE_UNITS[unit]}" for number, unit in left.parts)
    return f"已超 {amount}" if left.late else f"还剩 {amount}"


def local(at: datetime) -> datetime:
    """The moment on the wall clock of Asia/Shanghai; a moment without a zone is refused, since nobody can say when it is."""
    if at.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    return at.astimezone(ZONE)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of one place.

    `latest` is the last time of day at which a submission still counts as today's. `known_until` is the last day covered
    by published rules; None when nothing is published.
    """

    days: Mapping[date, Day] = field(default_factory=dict)
    hours: Hours = OFFICE
    latest: time = time(17)
    known_until: date | None = None

    # --- days ----------------------------------------------------------------------------------------------------------

    def on(self, day: date) -> Day:
        """What the day is: as entered, else by the day of the week."""
        return self.days.get(day) or (Day(Kind.WORK) if day.weekday() < 5 else Day(Kind.OFF))

    def spans(self, day: date) -> tuple[Span, ...]:
        """Opening hours of the day, in order; empty when closed."""
        known = self.on(day)
        return (known.hours or self.hours).spans(known.kind)

    def is_working(self, day: date) -> bool:
        """Open for any part of the day; a half day is a working day."""
        return bool(self.spans(day))

    def working_day(self, day: date, count: int) -> date:
        """The count-th working day after `day`, which itself is not counted; 0 is `day` or the next working day."""
        if count < 0:
            raise ValueError("A number of working days cannot be negative.")
        if count == 0:
            return next(self._open_days(day))
        walk = self._open_days(day + ONE_DAY)
        for _ in range(count - 1):
            next(walk)
        return next(walk)

    def workdays_between(self, first: date, last: date) -> int:
        """Working days after `first` up to and with `last`: the inverse of `working_day`."""
        return sum(self.is_working(first + ONE_DAY * step) for step in range(1, (last - first).days + 1))

    def _open_days(self, day: date) -> Iterator[date]:
        """Working days from `day` on, without end."""
        closed = 0
        while closed < FARTHEST:
            closed = 0 if self.is_working(day) else closed + 1
            if not closed:
                yield day
            day += ONE_DAY
        raise NoWorkingDay(day - ONE_DAY * FARTHEST)

    def unpublished_year(self, day: date) -> int | None:
        """The year of that day if its holidays and make-up days are not published: «2027年调休尚未公布»."""
        return None if self.known_until is not None and day <= self.known_until else day.year

    # --- moments -------------------------------------------------------------------------------------------------------

    def next_opening(self, at: datetime) -> datetime:
        """The moment itself while the office is open, else when it opens next."""
        at = local(at)
        for day in self._open_days(at.date()):
            for opens, closes in (span.on(day) for span in self.spans(day)):
                if at < closes:
                    return max(at, opens)
        raise AssertionError  # pragma: no cover - the walk ends by NoWorkingDay

    def closing(self, day: date) -> datetime:
        """When a working day ends."""
        spans = self.spans(day)
        if not spans:
            raise ValueError(f"{day:%Y-%m-%d}不是工作日，没有下班时间。")
        return spans[-1].on(day)[1]

    def add_minutes(self, start: datetime, minutes: int) -> datetime:
        """`minutes` of working time after `start`. A span that is used up to its last minute ends at closing time, not at
        the next opening."""
        return self.add(start, timedelta(minutes=minutes))

    def add(self, start: datetime, worked: timedelta) -> datetime:
        """Working time after `start`; 0 gives the next open moment."""
        if worked < NOTHING:
            raise ValueError("Working time cannot be negative.")
        at = self.next_opening(start)
        for day in self._open_days(at.date()):
            for opens, closes in (span.on(day) for span in self.spans(day)):
                begin = max(at, opens)
                if begin < closes:
                    if worked <= closes - begin:
                        return begin + worked
                    worked -= closes - begin
        raise AssertionError  # pragma: no cover - the walk ends by NoWorkingDay

    def add_days(self, start: datetime, workdays: float) -> datetime:
        """The closing time of the last of so many working days; the day of `start` is not counted.

        A moment outside the opening hours of its day counts from the next opening. 0 is the same day (日清). Half a day
        (0.5) is half the working time of a full day, from `start` on or after the whole days.
        """
        if workdays < 0:
            raise ValueError("A number of working days cannot be negative.")
        whole = int(workdays)
        begin, rest = self.next_opening(start), (workdays - whole) * self.hours.length
        end = self.closing(self.working_day(begin.date(), whole)) if whole or not rest else begin
        return self.add(end, rest) if rest else end

    def worked(self, a: datetime, b: datetime) -> timedelta:
        """Working time from `a` to `b`; 0 when `b` is not later."""
        a, b = local(a), local(b)
        total = NOTHING
        for step in range((b.date() - a.date()).days + 1):
            day = a.date() + ONE_DAY * step
            for opens, closes in (span.on(day) for span in self.spans(day)):
                total += max(min(b, closes) - max(a, opens), NOTHING)
        return total

    def minutes_between(self, a: datetime, b: datetime) -> int:
        """Whole minutes of working time from `a` to `b`."""
        return self.worked(a, b) // MINUTE

    def starts_counting(self, at: datetime, *, urgent: bool = False) -> datetime:
        """When the clock of a submission starts: at once when urgent; after `latest` or out of hours at the next opening,
        so that what comes at 17:10 has its first day tomorrow."""
        at = local(at)
        if urgent:
            return at
        if at.time() > self.latest:
            return self.next_opening(datetime.combine(at.date() + ONE_DAY, time.min, ZONE))
        return self.next_opening(at)

    def part_way(self, start: datetime, due: datetime, share: float) -> datetime:
        """When that share of the working time has passed: 0.7 for the reminder."""
        return self.add(start, self.worked(start, due) * share)

    # --- pauses and what is left ---------------------------------------------------------------------------------------

    def shifted(
        self, due: datetime, pauses: Iterable[Pause], *, now: datetime, calendar_time: bool = False
    ) -> datetime:
        """The deadline moved by the time the clock stood still.

        Pauses that overlap count once; an open one counts until `now`; one that begins after the deadline (as already
        moved) comes too late to move it. `calendar_time` is for urgent limits, which run at night.
        """
        for start, end in _apart(pauses, local(now)):
            if start >= due:
                break
            stood = end - start if calendar_time else self.worked(start, end)
            if stood > NOTHING:
                due = local(due) + stood if calendar_time else self.add(due, stood)
        return local(due)

    def remaining(self, now: datetime, due: datetime, *, calendar_time: bool = False) -> Remaining:
        """What is left, or by how much it is late. Late and all zero: the deadline has passed, no open minute since."""
        now, due = local(now), local(due)
        late = now > due
        earlier, later = (due, now) if late else (now, due)
        amount = later - earlier if calendar_time else self.worked(earlier, later)
        days, rest = divmod(amount, ONE_DAY if calendar_time else self.hours.length)
        hours, rest = divmod(rest, timedelta(hours=1))
        return Remaining(late, days, hours, rest // MINUTE)


def _apart(pauses: Iterable[Pause], now: datetime) -> list[tuple[datetime, datetime]]:
    """Pauses in order, overlapping ones joined, open ones ended now; an end before its start is no time at all."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted((local(pause.start), local(pause.end) if pause.end else now) for pause in pauses):
        if end <= start:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
