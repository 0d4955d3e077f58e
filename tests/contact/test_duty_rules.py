"""The plan of duty: the same number of days for everyone, through holidays and 调休, around who is away and what stands."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minqing.contact.rules.duty import Load, Slot, load_of, plan, slots
from minqing.lib.worktime import Calendar, Day, Kind

DAYS = Path(__file__).parents[2] / "minqing/service/data/workdays.csv"
CALENDAR = Calendar({date.fromisoformat(r["day"]): Day(Kind(r["kind"]), why=r["why"]) for r in csv.DictReader(line for line in DAYS.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))})
WEEK = (1, 2, 3, 4, 5)
FIVE = ("香", "清", "平", "兰", "强")


def running(found: dict[date, str | None]) -> list[date]:
    line = sorted(found)
    return [b for a, b in zip(line, line[1:], strict=False) if found[a] is not None and found[a] == found[b]]


def numbers(days, found, people, load=None):
    kind = {s.day: s.load for s in days}
    return [sum(1 for d, who in found.items() if who == p and (load is None or kind[d] is load)) for p in people]


def test_days_of_duty_follow_the_holidays_and_the_days_worked_for_them():
    october = [s.day for s in slots(WEEK, True, date(2026, 9, 19), date(2026, 10, 12), CALENDAR)]
    assert date(2026, 9, 20) in october and date(2026, 10, 10) in october   # worked for the holiday
    assert not {date(2026, 9, 25), date(2026, 10, 1), date(2026, 10, 7), date(2026, 9, 19), date(2026, 10, 11)} & set(october)
    assert load_of(date(2026, 10, 8), CALENDAR) is Load.AFTER and load_of(date(2026, 10, 12), CALENDAR) is Load.USUAL and load_of(date(2026, 10, 1), CALENDAR) is Load.OFF
    every = [s.day for s in slots((1, 2, 3, 4, 5, 6, 7), False, date(2026, 10, 1), date(2026, 10, 31), CALENDAR)]
    assert len(every) == 31


@pytest.mark.parametrize("people", [FIVE, FIVE[:3], FIVE[:4]])
def test_a_year_is_shared_to_the_day_and_so_are_the_days_after_a_holiday(people):
    days = slots(WEEK, True, date(2026, 1, 1), date(2026, 12, 31), CALENDAR)
    found = plan(days, people)
    for load in (None, Load.USUAL, Load.AFTER):
        had = numbers(days, found, people, load)
        assert max(had) - min(had) <= 1, (load, had)
    assert running(found) == [] and found == plan(list(reversed(days)), people)


def test_two_take_turns_and_one_alone_is_there_every_day():
    days = slots(WEEK, True, date(2026, 11, 2), date(2026, 11, 27), CALENDAR)
    assert running(plan(days, FIVE[:2])) == []
    assert set(plan(days, FIVE[:1]).values()) == {"香"} and set(plan(days, ()).values()) == {None}


def test_months_planned_one_after_the_other_are_shared_as_if_planned_at_once():
    before, people = {}, FIVE
    total: Counter[str] = Counter()
    for month in range(1, 7):
        days = slots(WEEK, True, date(2026, month, 1), date(2026, month + 1, 1) - timedelta(days=1), CALENDAR)
        found = plan(days, people, before=before)
        before |= {s.day: (found[s.day], s.load) for s in days if found[s.day]}
        total.update(w for w in found.values() if w)
    assert max(total.values()) - min(total.values()) <= 1 and running({d: w for d, (w, _l) in before.items()}) == []


def test_whoever_is_new_is_not_there_every_day():
    days = slots(WEEK, True, date(2026, 11, 2), date(2026, 11, 30), CALENDAR)
    old = {date(2026, 9, 1) + timedelta(days=n): (FIVE[n % 4], Load.USUAL) for n in range(40)}
    had = numbers(days, plan(days, FIVE, before=old), FIVE)
    assert max(had) - min(had) <= 1


def test_nobody_is_planned_before_or_after_a_day_that_stands_with_him():
    days = slots(WEEK, True, date(2026, 11, 2), date(2026, 11, 13), CALENDAR)
    found = plan(days, FIVE[:3], fixed={date(2026, 11, 4): "香"})
    assert date(2026, 11, 4) not in found and "香" not in (found[date(2026, 11, 3)], found[date(2026, 11, 5)])


PEOPLE = st.integers(1, 8).map(lambda n: tuple(f"p{i}" for i in range(n)))


@st.composite
def worlds(draw):
    people = draw(PEOPLE)
    first = draw(st.dates(date(2025, 12, 1), date(2026, 9, 1)))
    days = slots(draw(st.sampled_from([WEEK, (1, 3, 5), (1, 2, 3, 4, 5, 6, 7)])), draw(st.booleans()), first, first + timedelta(days=draw(st.integers(0, 60))), CALENDAR)
    away = {p: [(first + timedelta(days=a), first + timedelta(days=a + draw(st.integers(0, 15))))] for p in draw(st.sets(st.sampled_from(people))) for a in [draw(st.integers(0, 60))]}
    some = draw(st.sets(st.sampled_from([s.day for s in days]))) if days else set()
    fixed = {d: draw(st.sampled_from([*people, "who left", None])) for d in some}
    return people, days, away, fixed


@given(worlds())
@settings(max_examples=80, deadline=None)
def test_absences_are_respected_what_stands_stays_and_nobody_is_left_out_who_could_come(world):
    people, days, away, fixed = world
    found = plan(days, people, fixed=fixed, away=away)
    assert set(found) == {s.day for s in days} - set(fixed)
    for day, who in found.items():
        there = [p for p in people if not any(a <= day <= b for a, b in away.get(p, ()))]
        assert who in there if there else who is None
    assert plan(days, people, fixed=fixed, away=away) == found
    line = sorted({s.day for s in days})
    whole = {**fixed, **found}
    for day in found:
        n = line.index(day)
        beside = [whole.get(line[i]) for i in (n - 1, n + 1) if 0 <= i < len(line)]
        there = [p for p in people if not any(a <= day <= b for a, b in away.get(p, ()))]
        assert found[day] not in beside or not set(there) - set(beside), "twice running, although somebody else could come"


@given(PEOPLE, st.dates(date(2025, 12, 1), date(2026, 9, 1)), st.integers(0, 120), st.sampled_from([WEEK, (1, 3, 5)]))
@settings(max_examples=60, deadline=None)
def test_where_nobody_is_away_numbers_differ_by_one_at_most(people, first, length, week):
    days = slots(week, True, first, first + timedelta(days=length), CALENDAR)
    found = plan(days, people)
    had = numbers(days, found, people)
    assert max(had) - min(had) <= 1
    if len(people) >= 4:
        for load in Load:
            had = numbers(days, found, people, load)
            assert max(had) - min(had) <= 1, load


def test_a_day_outside_the_range_that_stands_is_a_neighbour_too():
    days = [Slot(date(2026, 11, 3), Load.USUAL), Slot(date(2026, 11, 4), Load.USUAL)]
    found = plan(days, ("香", "清", "平"), before={date(2026, 11, 2): ("香", Load.USUAL)}, fixed={date(2026, 11, 5): "清"})
    assert found == {date(2026, 11, 3): "平", date(2026, 11, 4): "香"} or (found[date(2026, 11, 3)] != "香" and found[date(2026, 11, 4)] != "清" and len(set(found.values())) == 2)
