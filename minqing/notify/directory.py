"""Who knows how somebody is reached, and which days people are at rest: registered by the areas above.

Invariant: the outbox knows uuids and codes only. An area that keeps people's files declares in its `resident.py`
`REACH = (…)`: objects with `reach(person=…, household=…, using=…)` that answer within the caller's own scope, None for
somebody it does not know there; and `REST_DAYS = (…)` where it keeps the calendar of working days (without one, weekends rest).
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import uuid
from datetime import date
from typing import Any, Protocol

from django.apps import apps

from minqing.notify.rules import hours
from minqing.notify.rules.routing import Reach


class Directory(Protocol):
    """One area's knowledge of its people."""

    def reach(self, *, person: uuid.UUID | None, household: uuid.UUID | None, using: str) -> Reach | None: ...


class RestDays(Protocol):
    """Whether a day is a day off, as the calendar of working days says."""

    def __call__(self, day: date, *, using: str) -> bool: ...


def _declared(what: str) -> list[Any]:
    """What the areas declare under this name, in the order of INSTALLED_APPS."""
    found: list[Any] = []
    for name in _modules():
        found += getattr(importlib.import_module(name), what, ())
    return found


@functools.lru_cache(maxsize=1)
def _modules() -> tuple[str, ...]:
    names = [f"{app.name}.resident" for app in apps.get_app_configs() if app.name.startswith("minqing.")]
    return tuple(name for name in names if importlib.util.find_spec(name))


def directories() -> list[Directory]:
    """Every declared directory."""
    return _declared("REACH")


def find(*, person: uuid.UUID | None = None, household: uuid.UUID | None = None, using: str = "default") -> Reach | None:
    """How somebody is reached, as far as the caller may know."""
    return next((reach for d in directories() if (reach := d.reach(person=person, household=household, using=using))), None)


def rests(day: date, *, using: str = "default") -> bool:
    """Whether people rest on that day: by the calendar that people keep, else at weekends."""
    calendars: list[RestDays] = _declared("REST_DAYS")
    return calendars[0](day, using=using) if calendars else hours.weekend(day)
