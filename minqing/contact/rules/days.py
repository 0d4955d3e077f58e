"""Days with bookings: 一周一集中, 民情直通车, 夜访夜办, 墟日摆摊: kinds, states, slots, what a booking ends in. Pure.

Invariants: a slot is a time between opening and closing, in steps of the day's own length; whoever came to a leader's day is answered by a
date; who did not come is not blamed: he may book again. Source: domain.md §4.9.
"""

from __future__ import annotations

import enum
from datetime import date, datetime, time, timedelta


class Kind(enum.StrEnum):
    JOINT = "joint"
    LEADER = "leader"
    EVENING = "evening"
    STALL = "stall"


KIND_LABELS = {Kind.JOINT: "一周一集中", Kind.LEADER: "民情直通车", Kind.EVENING: "夜访夜办", Kind.STALL: "墟日摆摊"}
KIND_CHOICES = [(k.value, v) for k, v in KIND_LABELS.items()]
#: Which a resident may see and book.
OPEN_TO_ALL = (Kind.JOINT, Kind.LEADER)
#: Which digits of an area's code hold such a day: an evening and a stall are a village's.
PLACES = {Kind.JOINT: (6, 9, 12), Kind.LEADER: (6, 9), Kind.EVENING: (12,), Kind.STALL: (9, 12)}
CHANNELS = {Kind.JOINT: "duty", Kind.LEADER: "meeting", Kind.EVENING: "door", Kind.STALL: "duty"}


class State(enum.StrEnum):
    PLANNED = "planned"
    ANNOUNCED = "announced"
    HELD = "held"
    CANCELLED = "cancelled"


STATE_LABELS = {State.PLANNED: "还没有告诉大家", State.ANNOUNCED: "已告诉大家", State.HELD: "办完了", State.CANCELLED: "不办了"}
STATE_CHOICES = [(k.value, v) for k, v in STATE_LABELS.items()]
LIVE = (State.PLANNED, State.ANNOUNCED)

SEAT_CHOICES = [("asked", "等回话"), ("coming", "会来"), ("cannot", "来不了")]
VIA_CHOICES = [("phone", "电话"), ("window", "窗口"), ("village", "村里"), ("portal", "网上"), ("walkin", "当场来"), ("due", "该走访的户"), ("asked", "家里要求的")]


class Turn(enum.StrEnum):
    """Where a booking is."""

    BOOKED = "booked"
    HERE = "here"
    CALLED = "called"
    HEARD = "heard"
    DONE = "done"
    ABSENT = "absent"
    OFF = "off"


TURN_LABELS = {Turn.BOOKED: "约好了", Turn.HERE: "等着", Turn.CALLED: "正在说", Turn.HEARD: "说了，等答复", Turn.DONE: "有结果", Turn.ABSENT: "没有来", Turn.OFF: "不来了"}
TURN_CHOICES = [(k.value, v) for k, v in TURN_LABELS.items()]
OPEN = (Turn.BOOKED, Turn.HERE, Turn.CALLED, Turn.HEARD)
OUTCOME_CHOICES = [("settled", "当场说定"), ("matter", "登记成一件事"), ("referred", "转给别处"), ("answered", "已答复"), ("later", "定了日子答复"), ("absent", "没有来")]
#: What the person at the desk may choose, by the kind of day.
OUTCOMES = {
    Kind.JOINT: ("settled", "matter", "referred", "absent"),
    Kind.LEADER: ("answered", "later", "matter", "absent"),
    Kind.EVENING: ("settled", "matter", "referred", "absent"),
    Kind.STALL: ("settled", "matter", "referred", "absent"),
}
TELL_CHOICES = [("", "不用告诉"), ("answer", "告诉答复"), ("later", "告诉哪天答复"), ("off", "告诉不办了")]

#: Calendar days in which whoever spoke on a leader's day is answered, and the latest date that may be promised.
ANSWER_DAYS, ANSWER_LATEST = 7, 60
#: How far ahead days are laid out, and made by hand.
WEEKS_AHEAD, DAYS_AHEAD = 8, 370
#: Evenings that a phone carries: those of the coming days.
ROUNDS_AHEAD = 14
MOST_SLOTS, MOST_WORDS, MOST_ABOUT = 60, 500, 200
LEAST_GOING = 2
DEFAULT_SLOT, DEFAULT_SEATS = 15, 1


def slots(starts: datetime, ends: datetime, minutes: int) -> list[datetime]:
    """The times that can be booked; [] for a day without appointments."""
    found: list[datetime] = []
    at = starts
    while minutes > 0 and at + timedelta(minutes=minutes) <= ends and len(found) < MOST_SLOTS:
        found.append(at)
        at += timedelta(minutes=minutes)
    return found


def answer_by(day: date) -> date:
    """Until when whoever books into a leader's day is answered, unless he promises another date."""
    return day + timedelta(days=ANSWER_DAYS)


def usual_hours(kind: str) -> tuple[time, time]:
    return (time(18, 30), time(21, 0)) if kind == Kind.EVENING else (time(7, 0), time(11, 0)) if kind == Kind.STALL else (time(8, 30), time(11, 30))
