"""Who is on duty on which day: the same number of days for everyone, and of days after a holiday, over the months. Pure.

Invariants: the same facts give the same plan; nobody on a day on which he is away; what stands is not touched; nobody twice running where
somebody else could be there. What is counted here is counted for the plan and shown to nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from minqing.lib.worktime import Calendar

#: So many days ahead are planned at once, at most.
MOST_DAYS = 190
#: Days before the plan that count along.
LOOKS_BACK = 92
MOST_PEOPLE = 40


class Load(StrEnum):
    """What kind of day it is to be there."""

    USUAL = "usual"
    AFTER = "after"   # the first working day after a holiday: everybody comes
    OFF = "off"       # a day on which the office is closed


@dataclass(frozen=True, order=True)
class Slot:
    day: date
    load: Load


def slots(weekdays: Iterable[int], workdays_only: bool, first: date, last: date, calendar: Calendar) -> list[Slot]:
    """The days from `first` to `last` on which somebody is there. `weekdays` (1 = Monday) speak of the days on which no calendar row stands;
    a weekend day that is worked for a holiday (调休) is a day of duty."""
    wanted = set(weekdays)
    found = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        works = calendar.is_working(day)
        made_up = works and day.isoweekday() > 5
        if (works if workdays_only else True) and (day.isoweekday() in wanted or made_up):
            found.append(Slot(day, load_of(day, calendar)))
    return found


def load_of(day: date, calendar: Calendar) -> Load:
    if not calendar.is_working(day):
        return Load.OFF
    before = day - timedelta(days=1)
    while not calendar.is_working(before) and (day - before).days < 31:
        if before in calendar.days:
            return Load.AFTER
        before -= timedelta(days=1)
    return Load.USUAL


def plan(days: Sequence[Slot], people: Sequence[str], *, fixed: Mapping[date, str | None] | None = None, away: Mapping[str, Iterable[tuple[date, date]]] | None = None,
         before: Mapping[date, tuple[str, Load]] | None = None) -> dict[date, str | None]:
    """Who is there on each of `days` that is not in `fixed`; None where everybody is away.

    `people` in the order in which they begin; `fixed`: days that stand (a name, or nobody because a person took the day out); `before`: who was
    there lately, and what kind of day it was: it counts along for those who still take part.
    """
    stands, gone = dict(fixed or {}), {p: list(spans) for p, spans in (away or {}).items()}
    order = {p: n for n, p in enumerate(people)}
    counts = _counts(people, days, stands, before or {})
    last = {p: max((d for d, (q, _load) in (before or {}).items() if q == p), default=date.min) for p in people}
    found: dict[date, str | None] = {}
    ahead = _neighbours(days, stands, before or {})
    for slot in sorted(days):
        if slot.day in stands:
            who = stands[slot.day]
            if who in last:
                last[who] = slot.day
            continue
        there = [p for p in people if not _away(gone, p, slot.day)]
        beside = ahead(slot.day, found)
        free = [p for p in there if p not in beside] or there
        if not free:
            found[slot.day] = None
            continue
        chosen = min(free, key=lambda p: (sum(counts[p].values()), counts[p][slot.load], last[p], order[p]))
        found[slot.day] = chosen
        counts[chosen][slot.load] += 1
        last[chosen] = slot.day
    _mend(days, found, stands, people, gone, counts, ahead)
    return found


def _counts(people: Sequence[str], days: Sequence[Slot], stands: Mapping[date, str | None], before: Mapping[date, tuple[str, Load]]) -> dict[str, Counter[Load]]:
    """What everybody has had. Whoever is new begins where the others are, or he would be there every day."""
    had: dict[str, Counter[Load]] = {p: Counter() for p in people}
    for who, load in before.values():
        if who in had:
            had[who][load] += 1
    old = [p for p in people if had[p]]
    for p in people:
        if old and not had[p]:
            had[p] = Counter({load: min(had[q][load] for q in old) for load in Load})
    for slot in days:
        who = stands.get(slot.day)
        if who in had:
            had[who][slot.load] += 1
    return had


def _away(gone: Mapping[str, Iterable[tuple[date, date]]], who: str, day: date) -> bool:
    return any(first <= day <= last for first, last in gone.get(who, ()))


class _Neighbours:
    """Who is there on the days of duty just before and just after a day."""

    def __init__(self, days: Sequence[Slot], stands: Mapping[date, str | None], before: Mapping[date, tuple[str, Load]]) -> None:
        self.stands: dict[date, str | None] = {**{d: who for d, (who, _load) in before.items()}, **stands}
        line = sorted({*self.stands, *(s.day for s in days)})
        self.beside = {d: [line[i] for i in (n - 1, n + 1) if 0 <= i < len(line)] for n, d in enumerate(line)}

    def __call__(self, day: date, found: Mapping[date, str | None]) -> set[str]:
        return {who for d in self.beside[day] if (who := found.get(d, self.stands.get(d))) is not None}


_neighbours = _Neighbours


def _mend(days: Sequence[Slot], found: dict[date, str | None], stands: Mapping[date, str | None], people: Sequence[str], gone: Mapping[str, Iterable[tuple[date, date]]],
          counts: dict[str, Counter[Load]], beside: _Neighbours) -> None:
    """Two change days, or one gives a day, while that makes the numbers more equal and puts nobody twice running who was not."""
    load = {s.day: s.load for s in days}
    movable = [d for d in sorted(found) if found[d] is not None]

    def spread() -> tuple[int, int, int]:
        twice = sum(found[d] in beside(d, found) for d in movable)
        return twice, sum(sum(counts[p].values()) ** 2 for p in people), sum(counts[p][kind] ** 2 for p in people for kind in Load)

    def fits(day: date, who: str) -> bool:
        return not _away(gone, who, day) and who not in beside(day, found)

    def give(day: date, who: str) -> None:
        old = found[day]
        if old is not None:
            counts[old][load[day]] -= 1
        counts[who][load[day]] += 1
        found[day] = who

    better = True
    while better:
        better = False
        now = spread()
        for day in movable:
            old = str(found[day])
            for who in people:
                if who == old or not fits(day, who) or (sum(counts[who].values()) >= sum(counts[old].values()) and old not in beside(day, found)):
                    continue
                give(day, who)
                if spread() < now:
                    better, now, old = True, spread(), who
                else:
                    give(day, old)
        for n, day in enumerate(movable):
            for other in movable[n + 1:]:
                a, b = str(found[day]), str(found[other])
                if a == b or load[day] is load[other] or counts[a][load[day]] <= counts[b][load[day]]:
                    continue
                give(day, b)
                give(other, a)
                crowded = a in beside(other, found) or b in beside(day, found)
                if spread() < now and not crowded and not _away(gone, b, day) and not _away(gone, a, other):
                    better, now = True, spread()
                else:
                    give(day, a)
                    give(other, b)
