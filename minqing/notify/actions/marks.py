"""What people want about being told, written down by whoever keeps their file: silence for the dead, nothing at home, no such notices.

Invariants: a mark holds in every area (access.honour_marks, each minute and at each message); it is ended, never removed; what
is already waiting is changed at once.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import connections, transaction
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.notify.models import Mark, Message
from minqing.notify.refusals import Refused
from minqing.notify.rules import routing
from minqing.notify.rules.routing import Marks
from minqing.notify.rules.states import State


def of(person: uuid.UUID, *, using: str = "default") -> Marks:
    """The marks of a person that stand in the caller's scope."""
    rows = list(Mark.objects.using(using).filter(person=person, ended_at=None).values_list("what", "kind"))
    return Marks(silent=("silent", "") in rows, not_home=("not_home", "") in rows, opted_out=frozenset(kind for what, kind in rows if what == "opt_out"))


def standing(person: uuid.UUID, *, using: str = "default") -> list[Mark]:
    """The same as rows, with when and by whom."""
    return list(Mark.objects.using(using).filter(person=person, ended_at=None).order_by("at"))


def _set(person: uuid.UUID, what: str, kind: str, grid: str, *, by: Me, at: datetime) -> None:
    by.require(Right.WRITE, grid)
    with transaction.atomic(using=by.using):
        Mark.objects.using(by.using).bulk_create([Mark(grid_code=grid, person=person, what=what, kind=kind, by=by.id, at=at)], ignore_conflicts=True)
        audit.record("notice.mark", persons=[person], detail={"what": what, "kind": kind}, using=by.using)
        _apply(person, by=by)


def _end(person: uuid.UUID, what: str, kind: str, *, by: Me, at: datetime) -> int:
    with transaction.atomic(using=by.using):
        n = Mark.objects.using(by.using).filter(person=person, what=what, kind=kind, ended_at=None).update(ended_at=at, ended_by=by.id)
        if n:
            audit.record("notice.unmark", persons=[person], detail={"what": what, "kind": kind}, using=by.using)
        return n


def _apply(person: uuid.UUID, *, by: Me) -> None:
    """What waits in the caller's own scope, now; elsewhere the sender does it within a minute."""
    waiting = Message.objects.using(by.using).filter(person=person, state__in=[State.WAITING, State.FAILED, State.GIVEN_UP])
    from_here = [m for m in waiting if by.may(Right.WRITE, m.grid_code)]
    with connections[by.using].cursor() as cursor:
        for m in from_here:
            cursor.execute("select access.honour_marks(%s)", [m.pk])


def silence(*, person: uuid.UUID, grid: str, by: Me, at: datetime) -> None:
    """Somebody has died: no message to him from now on, and none that was waiting. Called by the act that records the death."""
    _set(person, "silent", "", grid, by=by, at=at)


def speak_again(*, person: uuid.UUID, by: Me, at: datetime) -> None:
    """The record of the death was a mistake. What was cancelled stays cancelled; whoever told it may tell it again."""
    _end(person, "silent", "", by=by, at=at)


def not_home(*, person: uuid.UUID, grid: str, wanted: bool, by: Me, at: datetime) -> None:
    """「不要打家里」: no shared telephone, no letter at the door, no word to the family; or no longer."""
    if wanted:
        _set(person, "not_home", "", grid, by=by, at=at)
    else:
        _end(person, "not_home", "", by=by, at=at)


def opt_out(*, person: uuid.UUID, grid: str, kind: str, wanted: bool, by: Me, at: datetime) -> None:
    """No notices of this kind; about one's own matter one is told in person instead."""
    if kind not in routing.MAY_OPT_OUT and kind != routing.Kind.OWN:
        raise Refused(_("没有“%s”这一类通知。") % kind)
    if wanted:
        _set(person, "opt_out", kind, grid, by=by, at=at)
    else:
        _end(person, "opt_out", kind, by=by, at=at)
