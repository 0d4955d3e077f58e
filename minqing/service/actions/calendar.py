"""Days of the working calendar: set, given back, loaded as a year's list.

Invariants: who keeps the catalogue of an area changes its days and no others; each change says why; whatever deadline is
still open at the places concerned is worked out again in the same transaction by those who registered for it; long past
days stay as they are, since people have been answered by them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.lib import worktime
from minqing.lib.worktime import Kind
from minqing.service.models.calendar import WorkCalendarDay
from minqing.service.queries import calendar as queries
from minqing.service.refusals import Refused
from minqing.service.rules.calendar import Entry

#: How far back a day may still be changed: a typhoon day is often declared afterwards.
BACK = timedelta(days=60)
AHEAD_YEARS = 3
#: Weekdays off in one year beyond which a list is a mistake; the notice gives about twenty.
MOST_OFF = 60


@dataclass(frozen=True)
class Hours:
    """Opening hours of one day as somebody entered them; None = the usual ones."""

    morning_opens: time | None = None
    morning_closes: time | None = None
    afternoon_opens: time | None = None
    afternoon_closes: time | None = None

    def __bool__(self) -> bool:
        return any((self.morning_opens, self.morning_closes, self.afternoon_opens, self.afternoon_closes))


@dataclass(frozen=True)
class Done:
    """What an act on the calendar did; `moved` = open matters whose deadline changed."""

    moved: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    dropped: int = 0


@transaction.atomic
def set_day(*, area: Area, day: date, kind: Kind, why: str, hours: Hours | None = None, by: Me, at: datetime) -> Done:
    """A day of this area that differs from the wider area's, or from the week."""
    by.require(Right.CATALOGUE, area.code)
    check_place(area.code)
    check_day(day, at)
    given = hours or Hours()
    if not why.strip():
        raise Refused(_("请写为什么，如“市政府通知：台风停工”。群众问起期限时要说得清。"))
    check_hours(kind, given)
    before = day_at(area.code, day)
    if not given and before.kind is kind and not (before.row and before.row.hours):
        raise Refused(_("{day}本来就是“{kind}”，不用改。").format(day=day, kind=_(label(kind))))
    WorkCalendarDay.objects.update_or_create(
        area_code=area.code, day=day,
        defaults={"kind": kind, "why": why.strip()[:80], "published": False, "made_by": by.id, "made_at": at, **vars(given)},
    )
    queries.changed()
    moved = recompute(area.code, day, by=by)
    audit.record("calendar.set", reason=why, detail={"area": area.code, "day": day.isoformat(), "kind": kind.value, "n": moved})
    return Done(moved=moved, changed=1)


@transaction.atomic
def remove_day(*, area: Area, day: date, by: Me, at: datetime) -> Done:
    """Give a day back: what the wider area or the week says holds again."""
    by.require(Right.CATALOGUE, area.code)
    check_day(day, at)
    row = WorkCalendarDay.objects.filter(area_code=area.code, day=day).first()
    if row is None:
        raise Refused(_("{day}没有{area}自己的安排，上级的安排请由上级改。").format(day=day, area=area.short_name))
    row.delete()
    queries.changed()
    moved = recompute(area.code, day, by=by)
    audit.record("calendar.remove", detail={"area": area.code, "day": day.isoformat(), "n": moved})
    return Done(moved=moved, dropped=1)


@transaction.atomic
def import_year(*, area: Area, entries: Iterable[Entry], by: Me, at: datetime) -> Done:
    """A year's published list for this area. What an earlier list of these years said and this one does not, goes."""
    by.require(Right.CATALOGUE, area.code)
    check_place(area.code)
    rows = check_list(list(entries), at)
    done = write_list(area.code, rows, made_by=by, at=at, using="default")
    queries.changed()
    done = replace(done, moved=recompute(area.code, max(min(rows), timezone.localdate(at)), by=by) if done.added or done.changed or done.dropped else 0)
    audit.record("calendar.import", detail={"area": area.code, "rows": len(rows), "written": done.added + done.changed, "dropped": done.dropped, "n": done.moved})
    return done


@transaction.atomic(using="owner")
def import_nation(*, entries: Iterable[Entry], at: datetime) -> Done:
    """The published list for everybody, by who keeps the machine (`minqing calendar import`, the installation)."""
    rows = check_list(list(entries), at)
    done = write_list(queries.NATION, rows, made_by=None, at=at, using="owner")
    queries.forget()
    transaction.on_commit(queries.forget, using="owner")
    if not (done.added or done.changed or done.dropped):
        return done
    return replace(done, moved=recompute(queries.NATION, max(min(rows), timezone.localdate(at)), by=None))


@transaction.atomic(using="owner")
def fill(rows: Iterable[tuple[Entry, bool]], *, at: datetime) -> int:
    """The days that come with the program, for the nation: (day, published). What is there stays, except that a published
    day takes the place of an unpublished one. Returns how many are new. Repeatable."""
    present = {row.day: row for row in WorkCalendarDay.objects.using("owner").filter(area_code=queries.NATION)}
    settled = {day.year for day, row in present.items() if row.published}
    made = []
    for entry, published in rows:
        row = present.get(entry.day)
        if row is None and entry.day.year not in settled:
            made.append(WorkCalendarDay(area_code=queries.NATION, day=entry.day, kind=entry.kind, why=entry.why, published=published, made_at=at))
        elif row is not None and published and not row.published:
            row.kind, row.why, row.published, row.made_at = entry.kind, entry.why, True, at
            row.save(using="owner", update_fields=["kind", "why", "published", "made_at"])
    WorkCalendarDay.objects.using("owner").bulk_create(made)
    queries.forget()
    return len(made)


def write_list(code: str, rows: dict[date, Entry], *, made_by: Me | None, at: datetime, using: str) -> Done:
    """Write a checked list; days set one by one by people of that area (not published) are overwritten only where named."""
    present = {row.day: row for row in WorkCalendarDay.objects.using(using).filter(area_code=code, day__year__in={day.year for day in rows})}
    author = made_by.id if made_by else None
    added = [WorkCalendarDay(area_code=code, day=e.day, kind=e.kind, why=e.why, published=True, made_by=author, made_at=at) for e in rows.values() if e.day not in present]
    changed = 0
    for day, entry in rows.items():
        row = present.get(day)
        if row is None or (row.kind == entry.kind and row.published and row.hours is None):
            continue
        changed += 1
        row.kind, row.why, row.published, row.made_by, row.made_at = entry.kind, entry.why, True, author, at
        row.morning_opens = row.morning_closes = row.afternoon_opens = row.afternoon_closes = None
        row.save(using=using)
    dropped = [row.pk for day, row in present.items() if row.published and day not in rows]
    WorkCalendarDay.objects.using(using).filter(pk__in=dropped).delete()
    WorkCalendarDay.objects.using(using).bulk_create(added)
    return Done(added=len(added), changed=changed, same=len(rows) - len(added) - changed, dropped=len(dropped))


def recompute(area: str, from_day: date, *, by: Me | None) -> int:
    """Mark every open matter whose deadline may hang on the changed days; the clock works them out within a minute. How many.

    `by` is None when the installation itself changed the nation's days.
    """
    with connections[by.using if by else "owner"].cursor() as cursor:
        cursor.execute("select access.recompute_due(%s, %s)", [area, from_day])
        return int(cursor.fetchone()[0])


# --- checks -----------------------------------------------------------------------------------------------------------


def label(kind: Kind) -> str:
    """班, 休, 上午班, 下午班."""
    return {Kind.WORK: "班", Kind.OFF: "休", Kind.MORNING: "上午班", Kind.AFTERNOON: "下午班"}[kind]


def day_at(area_code: str, day: date) -> queries.DayOfPlace:
    """The day as the place has it now."""
    return next(found for found in queries.year_of(area_code, day.year) if found.day == day)


def check_place(code: str) -> None:
    if not queries.may_have_days(code):
        raise Refused(_("工作日历按市、县、乡镇设，村和网格用所在乡镇的日历。"))


def check_day(day: date, at: datetime) -> None:
    today = timezone.localdate(at)
    if day < today - BACK:
        raise Refused(_("{day}已过去 {n} 天以上，期限早按它算过、答复过，不再改。").format(day=day, n=BACK.days))
    if day.year > today.year + AHEAD_YEARS:
        raise Refused(_("{day}太远了，最多排到 {year} 年。").format(day=day, year=today.year + AHEAD_YEARS))


def check_hours(kind: Kind, hours: Hours) -> None:
    """Whether own hours fit the kind of day; the usual ones always do."""
    morning, afternoon = (hours.morning_opens, hours.morning_closes), (hours.afternoon_opens, hours.afternoon_closes)
    if not hours:
        return
    if kind is Kind.OFF:
        raise Refused(_("休息日没有开门时间：请清空时间，或把安排改成班。"))
    for name, pair in ((_("上午"), morning), (_("下午"), afternoon)):
        if (pair[0] is None) is not (pair[1] is None):
            raise Refused(_("{part}的开门和关门时间要一起填，或都不填。").format(part=name))
    wanted = {Kind.WORK: (True, True), Kind.MORNING: (True, False), Kind.AFTERNOON: (False, True)}[kind]
    if (morning[0] is not None, afternoon[0] is not None) != wanted:
        raise Refused(_("“{kind}”的开门时间没有填对：全天班上下午都填，半天班只填那半天。").format(kind=_(label(kind))))
    try:
        worktime.Hours(worktime.Span(*morning) if morning[0] and morning[1] else None, worktime.Span(*afternoon) if afternoon[0] and afternoon[1] else None)
    except ValueError as wrong:
        raise Refused(_("开门须早于关门，上午关门不晚于下午开门，请核对时间。")) from wrong


def check_list(entries: list[Entry], at: datetime) -> dict[date, Entry]:
    """A list that can be a year's holidays, by day."""
    if not entries:
        raise Refused(_("没有读到任何日子。"))
    today = timezone.localdate(at)
    for year in sorted({e.day.year for e in entries}):
        if not today.year - 1 <= year <= today.year + AHEAD_YEARS:
            raise Refused(_("{year} 年不在可以更改的范围（{first}–{last} 年），请核对年份。").format(year=year, first=today.year - 1, last=today.year + AHEAD_YEARS))
        off = [e for e in entries if e.day.year == year and e.kind is Kind.OFF and e.day.weekday() < 5]
        if len(off) > MOST_OFF:
            raise Refused(_("{year} 年的表里有 {n} 个工作日标为休，超过 {most} 天，不像全年安排，请核对。").format(year=year, n=len(off), most=MOST_OFF))
    return {e.day: e for e in entries}
