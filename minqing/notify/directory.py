"""Who knows how somebody is reached, and which days people are at rest: registered by the areas above.

Invariant: the outbox knows uuids and codes only. An area that keeps people's files declares in its `resident.py`
`REACH = (…)`: objects with `reach(person=…, household=…, using=…)` that answer within the caller's own scope, None for
somebody it does not know there. The calendar of working days is registered with `use_calendar`; until then weekends rest.
"""

from __future__ import annotations

import importlib
import importlib.util
import uuid
from collections.abc import Callable
from datetime import date
from typing import Protocol

from django.apps import apps

from minqing.notify.rules import hours
from minqing.notify.rules.routing import Reach


class Directory(Protocol):
    """One area's knowledge of its people."""

    def reach(self, *, person: uuid.UUID | None, household: uuid.UUID | None, using: str) -> Reach | None: ...


def directories() -> list[Directory]:
    """Every declared directory, in the order of INSTALLED_APPS."""
    found: list[Directory] = []
    for app in apps.get_app_configs():
        name = f"{app.name}.resident"
        if app.name.startswith("minqing.") and importlib.util.find_spec(name):
            found += getattr(importlib.import_module(name), "REACH", ())
    return found


def find(*, person: uuid.UUID | None = None, household: uuid.UUID | None = None, using: str = "default") -> Reach | None:
    """How somebody is reached, as far as the caller may know."""
    return next((reach for d in directories() if (reach := d.reach(person=person, household=household, using=using))), None)


_calendar: list[Callable[[date], bool]] = [hours.weekend]


def use_calendar(rests: Callable[[date], bool]) -> None:
    """Whose days off count from now on: the calendar that people keep, once there is one."""
    _calendar[0] = rests


def rests(day: date) -> bool:
    return _calendar[0](day)
