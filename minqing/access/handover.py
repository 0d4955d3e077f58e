"""When somebody's post ends: the open things that were his, each to a new owner or with a reason.

Invariant: nothing of his falls silent. Every area of the program declares its own kind of open things in its
`resident.py` as `OPEN_THINGS = (…)`; access itself only asks and passes on. A label names no resident: whoever manages
staff sees no files.
"""

from __future__ import annotations

import importlib
import importlib.util
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.apps import apps

from minqing.access.models import Appointment
from minqing.access.scope import Me


@dataclass(frozen=True)
class OpenThing:
    """One thing that waits for the person whose appointment ends."""

    source: str
    id: str
    label: str
    place: str = ""
    due_on: date | None = None

    @property
    def key(self) -> str:
        """Name of the field in the hand-over form."""
        return f"{self.source}:{self.id}"


class Source(Protocol):
    """One kind of open things. `of` finds those that end with the appointment; `pass_on` gives one a new owner, or a reason."""

    key: str

    def of(self, *, appointment: Appointment, by: Me, at: datetime) -> Iterable[OpenThing]: ...

    def pass_on(self, *, thing: str, to: uuid.UUID | None, reason: str, by: Me, at: datetime) -> None: ...


def sources() -> list[Source]:
    """Every declared source, in the order of INSTALLED_APPS."""
    found: list[Source] = []
    for app in apps.get_app_configs():
        name = f"{app.name}.resident"
        if app.name.startswith("minqing.") and importlib.util.find_spec(name):
            found += getattr(importlib.import_module(name), "OPEN_THINGS", ())
    return found


def open_things(*, appointment: Appointment, by: Me, at: datetime) -> list[OpenThing]:
    """All open things that end with this appointment, soonest due first."""
    things = [thing for source in sources() for thing in source.of(appointment=appointment, by=by, at=at)]
    return sorted(things, key=lambda t: (t.due_on or date.max, t.label))


@dataclass(frozen=True)
class Decision:
    """What becomes of one open thing: a new owner, or a reason why it needs none."""

    thing: OpenThing
    to: uuid.UUID | None
    reason: str


def pass_on(decisions: Iterable[Decision], *, by: Me, at: datetime) -> None:
    """Carry the decisions out, each through its own source."""
    by_key = {source.key: source for source in sources()}
    for decision in decisions:
        by_key[decision.thing.source].pass_on(thing=decision.thing.id, to=decision.to, reason=decision.reason, by=by, at=at)
