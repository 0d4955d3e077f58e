"""The calendar of contact: what takes place where, out of every subject that has days of its own.

Invariants: a subject offers its events (contact/events.py; import `Event` from there, not from here) by one function in `SOURCES` and reads them
with the caller's own eyes; where two offer the same `uid`, the later one in `SOURCES` is the fuller and holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import chain

from minqing.access.scope import Me
from minqing.contact.events import Event
from minqing.contact.queries import days, duty, flood, meetings, rhythm, training

Source = Callable[[Me, list[str], date, date], list[Event]]

#: One function a subject, `(me, codes, first, last)`: its events from `first` to `last` (both included) in the areas `codes`.
SOURCES: tuple[Source, ...] = (duty.duty_events, rhythm.rhythm_events, rhythm.market_events, days.events, meetings.meeting_events, training.course_events, flood.transfer_events)


def events(me: Me, codes: Sequence[str], first: date, last: date) -> list[Event]:
    """All that takes place in the areas, in order of time."""
    found = {e.uid: e for e in chain.from_iterable(source(me, list(codes), first, last) for source in SOURCES)}
    return sorted(found.values(), key=lambda e: (e.starts_at, e.ends_at, e.area_code, e.kind, e.uid))
