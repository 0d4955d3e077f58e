"""Market days against the almanac of 2025 and 2026: 逢三、八, 初一十五, leap months, months without 三十, every n-th day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minqing.contact.rules import markets
from minqing.contact.rules.markets import BadRule, MarketRule, day_words, days, lunar, lunar_words, read, sentence


@pytest.mark.parametrize(("day", "words"), [
    (date(2026, 2, 16), "腊月廿九"), (date(2026, 2, 17), "正月初一"), (date(2026, 3, 3), "正月十五"), (date(2026, 6, 19), "五月初五"), (date(2026, 8, 19), "七月初七"),
    (date(2026, 9, 25), "八月十五"), (date(2026, 10, 18), "九月初九"), (date(2025, 7, 24), "六月三十"), (date(2025, 7, 25), "闰六月初一"), (date(2025, 8, 22), "闰六月廿九"), (date(2025, 8, 23), "七月初一"),
])
def test_the_lunar_day_is_that_of_the_almanac(day, words):
    assert lunar_words(day) == words


def test_threes_and_eights_of_the_first_month_of_2026():
    rule = read({"kind": "lunar_ends", "numbers": [3, 8]})
    assert sentence(rule) == "农历逢三、八"
    assert days(rule, date(2026, 2, 17), date(2026, 3, 18)) == [date(2026, 2, 19), date(2026, 2, 24), date(2026, 3, 1), date(2026, 3, 6), date(2026, 3, 11), date(2026, 3, 16)]


def test_a_leap_month_has_its_markets_too():
    rule = read({"kind": "lunar_days", "numbers": [1, 15]})
    assert sentence(rule) == "农历初一、十五"
    assert days(rule, date(2025, 7, 20), date(2025, 8, 25)) == [date(2025, 7, 25), date(2025, 8, 8), date(2025, 8, 23)]


def test_a_short_month_has_no_thirtieth_or_holds_it_a_day_early():
    # 腊月 of 2025 has 29 days (to 2026-02-16), 正月 of 2026 has 30 (to 03-18)
    left_out, early = read({"kind": "lunar_ends", "numbers": [5, 0]}), read({"kind": "lunar_ends", "numbers": [0, 5], "last_instead": True})
    around = (date(2026, 2, 12), date(2026, 2, 20))
    assert sentence(left_out) == "农历逢五、十（小月没有三十，不赶）" and sentence(early) == "农历逢五、十（小月廿九）"
    assert days(left_out, *around) == [date(2026, 2, 12)] and days(early, *around) == [date(2026, 2, 12), date(2026, 2, 16)]
    assert date(2026, 3, 18) in days(early, date(2026, 3, 1), date(2026, 3, 31)) and date(2026, 3, 17) not in days(early, date(2026, 3, 1), date(2026, 3, 31))


def test_rules_of_the_sun():
    every = read({"kind": "every", "since": "2026-01-03", "step": 5})
    assert sentence(every) == "从2026-01-03起每 5 天一墟"
    assert days(every, date(2026, 1, 1), date(2026, 1, 14)) == [date(2026, 1, 3), date(2026, 1, 8), date(2026, 1, 13)]
    assert days(every, date(2026, 1, 9), date(2026, 1, 12)) == []
    week = read({"kind": "weekdays", "numbers": [6, 3]})
    assert sentence(week) == "每星期三、星期六" and days(week, date(2026, 11, 23), date(2026, 11, 29)) == [date(2026, 11, 25), date(2026, 11, 28)]


@pytest.mark.parametrize(("data", "words"), [
    ({}, "怎么算"), ({"kind": "lunar_ends"}, "至少选一个"), ({"kind": "lunar_days", "numbers": [31]}, "1 到 30"), ({"kind": "every", "step": 5}, "从哪一天"), ({"kind": "every", "since": "2026-01-01", "step": 1}, "几天一墟"),
])
def test_a_rule_that_cannot_be_is_refused_with_a_sentence(data, words):
    with pytest.raises(BadRule, match=words):
        read(data)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.sampled_from([MarketRule("lunar_ends", (3, 8)), MarketRule("lunar_days", (1, 15, 30), last_instead=True), MarketRule("every", since=date(2020, 1, 1), step=7)]))
def test_any_range_split_in_two_gives_the_same_days_and_the_data_gives_the_same_rule(first, rule):
    middle, last = first + timedelta(days=40), first + timedelta(days=90)
    assert days(rule, first, last) == days(rule, first, middle) + days(rule, middle + timedelta(days=1), last)
    assert read(markets.data_of(rule)) == rule


@given(st.dates(date(1902, 1, 1), date(2099, 11, 1)))
def test_a_lunar_day_is_followed_by_the_next_or_by_the_first(day):
    _m, _l, n, length = lunar(day)
    assert lunar(day + timedelta(days=1))[2] == (1 if n == length else n + 1) and length in (29, 30) and day_words(n)
