"""The hotline's own rules: what is asked and said on the telephone, who answers when, what a key press means. Pure.

Invariants: the sentence before hanging up holds number, by whom, by when and whom to call otherwise; outside office hours somebody on duty
answers before a machine does; a suggestion from the book of answers names the words that found it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from minqing.service.rules import suggest

#: A key press after the call → solved, satisfied (docs/reference/telephony.md).
KEYS = {1: ("yes", "yes"), 2: ("yes", "fairly"), 3: ("no", "no")}
CHECK_TRIES = 3
#: How long after hanging up the caller's file stays open to the operator.
AFTER = timedelta(minutes=30)
#: From when to when a shift lasts, by its name: hours of the day it starts; the next day where the end is not later.
SHIFTS: dict[str, tuple[str, time, time]] = {
    "night": ("夜班 17:30–次日 8:30", time(17, 30), time(8, 30)), "noon": ("午间 11:30–14:00", time(11, 30), time(14, 0)), "day": ("白天 8:30–17:30（双休、节假日）", time(8, 30), time(17, 30)), "round": ("全天 8:30–次日 8:30", time(8, 30), time(8, 30)),
}
MOST_DAYS = 31
TRANSFERS = {"window": "转窗口", "department": "转部门", "clerk": "转村干部", "110": "三方通话 110", "119": "三方通话 119", "120": "三方通话 120", "12345": "转 12345"}
EMERGENCY = frozenset({"110", "119", "120"})
KINDS_OF_KNOWLEDGE = 3
_PAIR = re.compile(r"[\u3400-\u9fff]{2,}")


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody on duty now: first `main`, then `second`."""

    name: str
    phone: str
    role: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Now:
    """Where a call goes now. `to`: extensions of the desk, or telephones in the order to be tried; empty = voicemail."""

    how: str   # desk, duty, fallback, voicemail
    to: tuple[str, ...]
    names: tuple[str, ...] = ()
    until: datetime | None = None


def answers_now(*, open_now: bool, seated: Sequence[tuple[str, str]], duty: Sequence[OnDuty], fallback: str) -> Now:
    """The desk while the office is open and somebody sits there; else who is on duty, the substitute after him; else the fallback; else the machine."""
    if open_now and seated:
        return Now("desk", tuple(number for number, _name in seated), tuple(name for _number, name in seated))
    reachable = [d for d in sorted(duty, key=lambda d: d.role != "main") if d.phone]
    if reachable:
        return Now("duty", tuple(dict.fromkeys(d.phone for d in reachable)), tuple(d.name for d in reachable), min(d.until for d in reachable))
    if seated:
        return Now("desk", tuple(number for number, _name in seated), tuple(name for _number, name in seated))
    return Now("fallback", (fallback,)) if fallback else Now("voicemail", ())


def span_of(kind: str, day: date) -> tuple[datetime, datetime]:
    """When a shift of a day begins and ends, local time without zone."""
    _label, begins, ends = SHIFTS[kind]
    start = datetime.combine(day, begins)
    end = datetime.combine(day, ends)
    return start, end if end > start else end + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of the book of answers as the search needs it."""

    key: str
    question: str
    keywords: tuple[str, ...]
    answer: str = ""


def find_answers(text: str, book: Iterable[Known], most: int = KINDS_OF_KNOWLEDGE) -> list[tuple[Known, tuple[str, ...]]]:
    """Entries that the words of a text call for, the strongest first, with the words; keywords count, then pairs of characters of the question."""
    found = []
    for entry in book:
        words = suggest.hits(text, entry.keywords)
        pairs = {run[i:i + 2] for run in _PAIR.findall(entry.question) for i in range(len(run) - 1)}
        shared = sum(p in text for p in pairs)
        score = suggest.weigh(words) * 2 + (shared if shared >= 2 else 0)
        if score:
            found.append((score, entry, words))
    return [(entry, words) for _score, entry, words in sorted(found, key=lambda f: (-f[0], f[1].question))[:most]]


def search_answers(text: str, book: Sequence[Known], most: int = 30) -> list[Known]:
    """For the search box: every entry that holds the text itself, then what `find_answers` finds."""
    tidy = text.strip()
    if not tidy:
        return list(book[:most])
    direct = [e for e in book if tidy in e.question or tidy in e.answer or any(tidy in k for k in e.keywords)]
    rest = [e for e, _words in find_answers(tidy, book, most) if e not in direct]
    return (direct + rest)[:most]
