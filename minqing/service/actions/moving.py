"""The engine of moves: the only code that changes the state of a matter.

Invariant: a move locks the matter, is checked against the table (rules/states.py) and against the caller's seat (the
database's answer), writes its line in the log and its entry in the audit, all in one transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connections, transaction
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.service import vault
from minqing.service.models import Matter, Move
from minqing.service.refusals import Missing, NotHere, NotYours, Refused, Stale
from minqing.service.rules import states
from minqing.service.rules.states import Role


def get(matter: Matter | uuid.UUID, by: Me, *, lock: bool = False) -> Matter:
    """The matter, if the caller sits at it. Raises NotHere: not his and not there look alike."""
    rows = Matter.objects.using(by.using)
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=matter.pk if isinstance(matter, Matter) else matter).first()
    if found is None:
        raise NotHere(_("没有这件事，或不在您这里办理。"))
    return found


def sits(matter: uuid.UUID, roles: Iterable[Role], right: Right | None, by: Me) -> bool:
    """The database's answer: does the caller sit there in one of these roles, with this right?"""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.sits(%s, %s, %s)", [matter, [r.value for r in roles], right.value if right else ""])
        return bool(cursor.fetchone()[0])


def may(matter: Matter, name: str, by: Me) -> bool:
    """Whether he could make this move now: state and seat (for buttons)."""
    move = states.MOVES[name]
    return states.State(matter.state) in move.sources and move.right is not None and sits(matter.pk, move.seats, move.right, by)


def offered(matter: Matter, by: Me) -> list[states.Move]:
    """Every move he can make now, asked in one statement."""
    candidates = [m for m in states.possible(matter.state) if m.right is not None and "staff" in m.by]
    if not candidates:
        return []
    with connections[by.using].cursor() as cursor:
        cursor.execute(
            "select " + ", ".join(["access.sits(%s, %s, %s)"] * len(candidates)),
            [value for m in candidates for value in (matter.pk, [r.value for r in m.seats], m.right.value if m.right else "")],
        )
        answers = cursor.fetchone()
    return [m for m, yes in zip(candidates, answers, strict=True) if yes]


def need(words: str, field: str, sentence: str, least: int = 2) -> str:
    """A text that the move needs, trimmed. Raises Missing with the sentence that says what to write."""
    tidy = words.strip()
    if len(tidy) < least:
        raise Missing(field, sentence)
    return tidy


@transaction.atomic
def make(
    name: str, matter: Matter | uuid.UUID, *, by: Me, at: datetime, note: str = "", public: str = "", detail: dict[str, Any] | None = None,
    seen: int | None = None, actor: str = "staff", desk: str = "", **changes: Any,
) -> Matter:
    """Make one move. `note` is for the offices (encrypted), `public` is what the requester is told; `seen` is the version of
    the page, so that nobody decides on what has changed since. Raises NotHere, NotNow as Refused, NotYours, Stale."""
    row = get(matter, by, lock=True)
    if seen is not None and seen != row.version:
        raise Stale(_("这件事在您打开之后有了新的进展（现在是“%s”），请看过再办。") % _(states.STATE_LABELS[states.State(row.state)]))
    try:
        move = states.check(name, row.state)
    except states.NotNow as problem:
        raise Refused(_("现在是“%(state)s”，不能%(move)s。") % {"state": _(states.STATE_LABELS[problem.state]), "move": _(move_label(name))}) from problem
    if actor == "staff" and (move.right is None or not sits(row.pk, move.seats, move.right, by)):
        raise NotYours(_("“%(move)s”要由%(seats)s来做。") % {"move": _(move.label), "seats": "、".join(_(states.ROLE_LABELS[r]) for r in move.seats)})
    before = row.state
    for field, value in changes.items():
        setattr(row, field, value)
    row.state, row.version = move.target.value, row.version + 1
    row.save(using=by.using, update_fields=[*changes, "state", "version"])
    remember(row, name, by=by, at=at, before=before, note=note, public=public, detail=detail, actor=actor, desk=desk)
    return row


def seats_of(matter: Matter, by: Me) -> list[str]:
    """The roles of every open seat, also of desks he does not see: the database's answer to whoever sits there himself."""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select role from access.seats_of(%s)", [matter.pk])
        return [row[0] for row in cursor.fetchall()]


def move_label(name: str) -> str:
    return states.MOVES[name].label


def remember(
    matter: Matter, name: str, *, by: Me, at: datetime, before: str | None = None, note: str = "", public: str = "", detail: dict[str, Any] | None = None,
    actor: str = "staff", desk: str = "",
) -> Move:
    """One line of the log and one entry of the audit; also for what changes no state (a note, a seat, a contact)."""
    line = Move(
        matter=matter, at=at, name=name, from_state=matter.state if before is None else before, to_state=matter.state, staff=by.signs, actor="clock" if actor == "staff" and by.signs is None else actor,
        desk=desk, public_words=public[:300], detail=detail or {},
        note_cipher=vault.encrypt(f"service_move.{vault.NOTE}", matter.pk, note, restricted=matter.restricted),
    )
    line.save(using=by.using, force_insert=True)
    persons = list(matter.parties.using(by.using).filter(person_id__isnull=False).values_list("person_id", flat=True))
    audit.record(f"matter.{name}", persons=persons, detail={"matter": str(matter.pk)}, using=by.using)
    return line


def give_seat(matter: Matter, desk: str, role: Role, by: Me, *, staff: uuid.UUID | None = None) -> None:
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.give_seat(%s, %s, %s, %s)", [matter.pk, desk, role.value, staff])


def leave_seat(matter: Matter, role: Role, by: Me, *, desk: str | None = None, staff: uuid.UUID | None = None) -> int:
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.leave_seat(%s, %s, %s, %s)", [matter.pk, role.value, desk, staff])
        return int(cursor.fetchone()[0])
