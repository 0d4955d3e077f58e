"""Market days (墟日): 逢三、八, 初一十五, every n-th day, a weekday: a rule as data, its sentence, its days. Pure.

Invariants: a lunar rule counts in a leap month as in any other; a month of 29 days has no 三十: what falls on it is left out or held on 廿九, as the
place has it; days outside the table of the lunar calendar (1901–2099) raise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from lunar_python import LunarYear

from minqing.contact.rules.rhythm import WEEKDAYS

ENDS, DAYS, EVERY, WEEKDAY = "lunar_ends", "lunar_days", "every", "weekdays"
KINDS = (ENDS, DAYS, EVERY, WEEKDAY)
#: A Julian day number less this is the ordinal of a date.
JULIAN = 1721425
DIGITS = "〇一二三四五六七八九"
LUNAR_MONTHS = ("正月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "冬月", "腊月")
MOST_STEP = 60


class BadRule(ValueError):
    """The sentence says what is wrong with the rule."""


@dataclass(frozen=True)
class MarketRule:
    """`numbers`: last digits (0–9), lunar days (1–30) or weekdays (1 = Monday); `since` and `step`: every step-th day from that day on;
    `last_instead`: in a month without 三十 it is held on 廿九."""

    kind: str
    numbers: tuple[int, ...] = ()
    since: date | None = None
    step: int = 0
    last_instead: bool = False


def read(data: Mapping[str, Any]) -> MarketRule:
    """The rule out of its data. Raises BadRule."""
    kind = str(data.get("kind", ""))
    numbers = tuple(sorted({int(n) for n in data.get("numbers") or ()}))
    low, high = {ENDS: (0, 9), DAYS: (1, 30), WEEKDAY: (1, 7)}.get(kind, (0, 0))
    if kind not in KINDS:
        raise BadRule(_("请选择怎么算墟日。"))
    if kind == EVERY:
        since, step = data.get("since"), int(data.get("step") or 0)
        if not since:
            raise BadRule(_("请写从哪一天起算。"))
        if not 2 <= step <= MOST_STEP:
            raise BadRule(_("几天一墟请写 2 到 %(most)d 的数。") % {"most": MOST_STEP})
        return MarketRule(kind, since=since if isinstance(since, date) else date.fromisoformat(str(since)), step=step)
    if not numbers:
        raise BadRule(_("请至少选一个日子。"))
    if not all(low <= n <= high for n in numbers):
        raise BadRule(_("日子应在 %(low)d 到 %(high)d 之间。") % {"low": low, "high": high})
    return MarketRule(kind, numbers, last_instead=bool(data.get("last_instead")) and kind in (ENDS, DAYS))


def data_of(rule: MarketRule) -> dict[str, Any]:
    """As it is kept."""
    if rule.kind == EVERY:
        return {"kind": rule.kind, "since": rule.since.isoformat() if rule.since else "", "step": rule.step}
    return {"kind": rule.kind, "numbers": list(rule.numbers), "last_instead": rule.last_instead}


def sentence(rule: MarketRule) -> str:
    """As people say it: "农历逢三、八"."""
    if rule.kind == EVERY:
        return _("从%(since)s起每 %(step)d 天一墟") % {"since": rule.since, "step": rule.step}
    if rule.kind == WEEKDAY:
        return _("每%(days)s") % {"days": "、".join(str(WEEKDAYS[n]) for n in rule.numbers)}
    if rule.kind == ENDS:
        said = _("农历逢%(days)s") % {"days": "、".join("十" if n == 0 else DIGITS[n] for n in sorted(rule.numbers, key=lambda n: n or 10))}
    else:
        said = _("农历%(days)s") % {"days": "、".join(day_words(n) for n in rule.numbers)}
    if 30 in _lunar_numbers(rule):
        said += _("（小月廿九）") if rule.last_instead else _("（小月没有三十，不赶）")
    return said


def days(rule: MarketRule, first: date, last: date) -> list[date]:
    """The market days from `first` to `last`, both included."""
    if rule.kind == WEEKDAY:
        return [d for d in _each(first, last) if d.isoweekday() in rule.numbers]
    if rule.kind == EVERY:
        if rule.since is None:
            raise BadRule(_("请写从哪一天起算。"))
        start = max(first, rule.since)
        start += timedelta(days=-(start - rule.since).days % rule.step)
        return [start + timedelta(days=n) for n in range(0, (last - start).days + 1, rule.step)]
    wanted = _lunar_numbers(rule)
    found = []
    for d in _each(first, last):
        _month, _leap, number, length = lunar(d)
        if number in wanted or (rule.last_instead and 30 in wanted and number == length == 29):
            found.append(d)
    return found


def _lunar_numbers(rule: MarketRule) -> frozenset[int]:
    return frozenset(n for n in range(1, 31) if n % 10 in rule.numbers) if rule.kind == ENDS else frozenset(rule.numbers)


def _each(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@lru_cache(maxsize=16)
def _months(year: int) -> tuple[tuple[date, int, bool, int], ...]:
    """(first day, number, leap, length) of the lunar months that touch a year."""
    if not 1901 <= year <= 2099:
        raise BadRule(_("农历只算到 1901–2099 年。"))
    return tuple((date.fromordinal(int(m.getFirstJulianDay()) - JULIAN), abs(m.getMonth()), m.getMonth() < 0, m.getDayCount()) for m in LunarYear.fromYear(year).getMonths())


def lunar(day: date) -> tuple[int, bool, int, int]:
    """Month, whether a leap month, day of the month, and how many days the month has."""
    start, number, leap, length = max(m for m in _months(day.year) if m[0] <= day)
    return number, leap, (day - start).days + 1, length


def day_words(number: int) -> str:
    """初一 … 三十."""
    if number in (10, 20, 30):
        return {10: "初十", 20: "二十", 30: "三十"}[number]
    return ("初", "十", "廿")[number // 10] + DIGITS[number % 10]


def lunar_words(day: date) -> str:
    """"九月十八", "闰六月初一": for the calendar's page and the sheet on the door."""
    month, leap, number, _length = lunar(day)
    return ("闰" if leap else "") + LUNAR_MONTHS[month - 1] + day_words(number)
