"""What happens because time passes: signing, reminders, reports upwards, reviews, filing.

Invariants: each due thing is done in its own transaction, at its own matter, by nobody (`access.enter_matter`); done twice it
does nothing the second time; a stopped worker delays, it never loses.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from django.db import connections, transaction
from django.utils import timezone

from minqing.access import scope
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.service.actions import handling, moving, telling
from minqing.service.models import Matter, MediationPromise, Move
from minqing.service.queries import limits
from minqing.service.rules import desks, kinds, mediation, states
from minqing.service.rules.states import Role, State

#: How long an urgent matter waits for somebody who says "I have it".
ACKNOWLEDGE = timedelta(minutes=kinds.ACKNOWLEDGE_MINUTES)
log = structlog.get_logger("minqing.clock")


def due(most: int = 500) -> list[tuple[uuid.UUID, str]]:
    """(matter, what) that time has brought."""
    with connections["jobs"].cursor() as cursor:
        cursor.execute("select matter, what from access.clock_due(%s)", [most])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def run(*, now: Callable[[], datetime], most: int = 500) -> dict[str, int]:
    """Do everything that is due. One broken matter stops none of the others. Returns counts by kind."""
    done: dict[str, int] = {}
    for matter, what in due(most):
        if what not in STEPS:
            continue
        try:
            with transaction.atomic(using="jobs"):
                me = scope.enter_matter(matter)
                STEPS[what](Matter.objects.using("jobs").select_for_update().get(pk=matter), me, now())
            done[what] = done.get(what, 0) + 1
        except Exception as error:  # the next matter must not wait for this one
            log.error("clock step failed", what=what, matter=str(matter), error=type(error).__name__)
            done["failed"] = done.get("failed", 0) + 1
    return done


def _sign(matter: Matter, me: Me, at: datetime) -> None:
    """Not signed within a working day counts as signed at that moment."""
    moving.make("sign", matter, by=me, at=at, actor="clock", signed_at=matter.sign_due_at, detail={"automatic": True})


def _remind(matter: Matter, me: Me, at: datetime) -> None:
    """At 70 % of the time and on the morning of the last day; when it is late, upwards: the unit at once, the village after
    two working days, the town after five (domain.md §3.2)."""
    if matter.urgency == "urgent" and matter.state == State.SUBMITTED:
        _unacknowledged(matter, me, at)
        return
    due = matter.due_at
    if due is None or State(matter.state) not in states.RUNNING:
        Matter.objects.using("jobs").filter(pk=matter.pk).update(remind_at=None)
        return
    calendar = limits.calendar_for(matter.place_code)
    steps = [due, *(calendar.add_days(due, float(days)) for days, _level in kinds.ESCALATE)]
    if at < due:
        morning = calendar.next_opening(timezone.localtime(due).replace(hour=0, minute=0))
        following = morning if at < morning < due else due
        Matter.objects.using("jobs").filter(pk=matter.pk).update(reminded=matter.reminded + 1, remind_at=following)
        moving.remember(matter, "remind", by=me, at=at, actor="clock", desk=matter.lead_desk, detail={"no": matter.reminded + 1})
        return
    reached = sum(at >= step for step in steps)
    for level in range(matter.escalated + 1, reached + 1):
        _late(matter, level, me, at)
    Matter.objects.using("jobs").filter(pk=matter.pk).update(escalated=max(reached, matter.escalated), remind_at=next((s for s in steps if s > at), None))


def _unacknowledged(matter: Matter, me: Me, at: datetime) -> None:
    """Urgent, and nobody has taken it on: every quarter of an hour one level higher is called, until somebody does."""
    place, level = matter.place_code, matter.escalated + 1
    above = [desks.of(place[:n], desks.RECEPTION) for n in (9, 6) if len(place) >= n]
    if level <= len(above) and not matter.restricted and not _at(matter, above[level - 1]):
        moving.give_seat(matter, above[level - 1], Role.WATCH, me)
    desk = above[level - 1] if level <= len(above) and not matter.restricted else matter.home_desk
    Matter.objects.using("jobs").filter(pk=matter.pk).update(escalated=min(level, 9), remind_at=at + ACKNOWLEDGE)
    moving.remember(matter, "unacknowledged", by=me, at=at, actor="clock", desk=desk, detail={"level": level})


def _late(matter: Matter, level: int, me: Me, at: datetime) -> None:
    """One level: 1 the handling unit, 2 the village, 3 the town. A restricted matter stays where it is."""
    place = matter.place_code
    desk = {1: matter.lead_desk, 2: place[:12] if len(place) >= 12 else "", 3: desks.of(place[:9], desks.RECEPTION) if len(place) >= 9 else ""}[level]
    if level > 1 and desk and not matter.restricted and not _at(matter, desk):
        moving.give_seat(matter, desk, Role.WATCH, me)
    moving.remember(matter, "late", by=me, at=at, actor="clock", desk=desk, detail={"level": level})


def _at(matter: Matter, desk: str) -> bool:
    return matter.seats.using("jobs").filter(desk_code=desk, ends_at=None).exists()


def _review(matter: Matter, me: Me, at: datetime) -> None:
    """The review day of a suspended matter: its clock runs on, and somebody looks."""
    handling.resume(matter=matter, by=me, at=at, actor="clock", words=lasting("到了再看的日子"))


def _recompute(matter: Matter, me: Me, at: datetime) -> None:
    """A day of the calendar has changed: the deadline follows, and the person is told where it moved to another day."""
    asked = Move.objects.using("jobs").filter(matter=matter, name="grant_extend").order_by("-id").first() if matter.extended else None
    due = limits.again(matter, Decimal(asked.detail["days"]) if asked else Decimal(0))
    rows = Matter.objects.using("jobs").filter(pk=matter.pk)
    if due is None or State(matter.state) not in states.RUNNING or due.reply == matter.due_at:
        rows.update(recompute=False)
        return
    old = matter.due_at
    rows.update(recompute=False, due_at=due.reply, sign_due_at=due.sign if matter.signed_at is None else matter.sign_due_at, contact_due_at=due.contact,
                remind_at=due.remind if due.remind > at else at)
    matter.due_at = due.reply
    moving.remember(matter, "recompute", by=me, at=at, actor="clock", detail={"from": old.isoformat() if old else "", "to": due.reply.isoformat()},
                    public=lasting("工作日安排有变，答复时间调整为%s") % f"{timezone.localtime(due.reply):%m-%d}")


def _promise(matter: Matter, me: Me, at: datetime) -> None:
    """What somebody promised in an agreement is due in three days: he is reminded, and so is whoever mediates."""
    rows = MediationPromise.objects.using("jobs").filter(matter=matter, ended_at=None, reminded_at=None, due_on__lte=timezone.localdate(at) + timedelta(days=mediation.REMIND_DAYS)).select_related("party")
    for promise in rows:
        telling.remind_party(matter, promise.party, event=f"promise:{promise.pk}", what=lasting("协议约定的事"), due=promise.due_on, me=me, at=at)
        MediationPromise.objects.using("jobs").filter(pk=promise.pk).update(reminded_at=at)
    moving.remember(matter, "promise_due", by=me, at=at, actor="clock", desk=matter.lead_desk)


def _archive(matter: Matter, me: Me, at: datetime) -> None:
    moving.make("archive", matter, by=me, at=at, actor="clock", archived_at=at, archive_at=None)


def _ask(matter: Matter, me: Me, at: datetime) -> None:
    """30 and 90 days after a complaint about staff: was anybody made to pay for it?"""
    closed = timezone.localdate(matter.closed_at or at)
    later = [closed + timedelta(days=d) for d in kinds.RETALIATION_DAYS if closed + timedelta(days=d) > timezone.localdate(at)]
    Matter.objects.using("jobs").filter(pk=matter.pk).update(ask_on=later[0] if later else None)
    moving.remember(matter, "ask_retaliation", by=me, at=at, actor="clock", desk=matter.home_desk)


STEPS: dict[str, Callable[[Matter, Me, datetime], None]] = {"sign": _sign, "remind": _remind, "review": _review, "archive": _archive, "promise": _promise, "recompute": _recompute, "ask": _ask, "tell": telling.tell}
