"""一周一集中 and 一月一沟通 through the holidays of 2026: skipped, kept, put off; no day holds the same twice, none is lost without a word."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minqing.contact.rules import rhythm
from minqing.contact.rules.rhythm import DEFAULTS, FIFTEENTH, TUESDAY, Holiday, dates
from minqing.lib.worktime import Calendar, Day, Kind

DAYS = Path(__file__).parents[2] / "minqing/service/data/workdays.csv"
CALENDAR = Calendar({date.fromisoformat(r["day"]): Day(Kind(r["kind"]), why=r["why"]) for r in csv.DictReader(line for line in DAYS.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))})
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def test_tuesdays_on_holidays_of_2026_fall_away_and_name_the_next():
    found = dates(DEFAULTS[TUESDAY], *YEAR, CALENDAR)
    assert {o.due: (o.why, o.following) for o in found if not o.held} == {
        date(2026, 2, 17): ("春节", date(2026, 2, 24)), date(2026, 5, 5): ("劳动节", date(2026, 5, 12)), date(2026, 10, 6): ("国庆节", date(2026, 10, 13))}
    assert len(found) == 52 and all(o.day == o.due for o in found if o.held)


def test_the_fifteenth_is_kept_on_days_off_and_says_which():
    found = dates(DEFAULTS[FIFTEENTH], *YEAR, CALENDAR)
    assert [o.day for o in found] == [date(2026, m, 15) for m in range(1, 13)]
    assert {o.due: o.why for o in found if o.why} == {date(2026, 2, 15): "春节", date(2026, 3, 15): "星期日", date(2026, 8, 15): "星期六", date(2026, 11, 15): "星期日"}


def test_put_off_to_the_next_workday_and_counted_where_it_takes_place():
    later = replace(DEFAULTS[FIFTEENTH], holiday=Holiday.NEXT)
    assert [o.day for o in dates(later, *YEAR, CALENDAR) if o.moved] == [date(2026, 2, 24), date(2026, 3, 16), date(2026, 8, 17), date(2026, 11, 16)]
    assert [(o.due, o.day) for o in dates(later, date(2026, 2, 20), date(2026, 2, 28), CALENDAR)] == [(date(2026, 2, 15), date(2026, 2, 24))]
    assert dates(later, date(2026, 2, 10), date(2026, 2, 20), CALENDAR) == []


def test_a_tuesday_put_off_onto_the_next_tuesday_falls_away():
    later = replace(DEFAULTS[TUESDAY], holiday=Holiday.NEXT)
    days = [o.day for o in dates(later, *YEAR, CALENDAR) if o.day]
    assert len(days) == len(set(days)) == 51
    assert [(o.due, o.following) for o in dates(later, *YEAR, CALENDAR) if not o.held] == [(date(2026, 2, 17), date(2026, 2, 24))]
    assert date(2026, 10, 8) in days and date(2026, 5, 6) in days


def test_the_last_day_of_a_short_month_stands_for_the_thirty_first():
    last = replace(DEFAULTS[FIFTEENTH], number=31)
    assert [o.day for o in dates(last, date(2026, 2, 1), date(2026, 4, 30), CALENDAR)] == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_what_is_not_held_has_no_days():
    none = replace(DEFAULTS[TUESDAY], held=False)
    assert dates(none, *YEAR, CALENDAR) == [] and rhythm.next_held(none, YEAR[0], CALENDAR) is None


def test_the_next_one_is_never_a_day_that_falls_away():
    assert rhythm.next_held(DEFAULTS[TUESDAY], date(2026, 10, 6), CALENDAR) == date(2026, 10, 13)
    assert rhythm.next_held(DEFAULTS[TUESDAY], date(2026, 10, 13), CALENDAR) == date(2026, 10, 13)


@given(st.builds(replace, st.sampled_from(list(DEFAULTS.values())), holiday=st.sampled_from(Holiday), number=st.integers(1, 7)), st.dates(date(2024, 3, 1), date(2026, 11, 1)), st.integers(1, 200))
def test_any_range_split_in_two_gives_the_same_days(rule, first, length):
    last, middle = first + timedelta(days=length), first + timedelta(days=length // 2)
    whole = dates(rule, first, last, CALENDAR)
    assert whole == dates(rule, first, middle, CALENDAR) + dates(rule, middle + timedelta(days=1), last, CALENDAR)
    held = [o.day for o in whole if o.day]
    assert held == sorted(set(held)) and all(CALENDAR.is_working(d) for d in held if rule.holiday is not Holiday.KEEP)


@pytest.mark.parametrize("kind", [TUESDAY, FIFTEENTH])
def test_defaults_are_those_of_the_field(kind):
    rule = DEFAULTS[kind]
    assert (rule.weekly, rule.number, rule.holiday) == {TUESDAY: (True, 2, Holiday.SKIP), FIFTEENTH: (False, 15, Holiday.KEEP)}[kind]
