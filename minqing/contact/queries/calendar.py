"""The calendar of contact: what takes place where, out of every subject that has days of its own.

Invariants: an event names no resident; a subject offers its events by one function in `SOURCES` and reads them with the caller's
own eyes; `uid` stays the same for the life of the event, so that a telephone's calendar moves it instead of doubling it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from minqing.access.scope import Me


@dataclass(frozen=True)
class Event:
    """`kind`: the subject's own word ("duty", "tuesday", "fifteenth", "market", "meeting", "evening", "leader"). `title` and `place` are read by anyone where
    `public`. `starts_at`/`ends_at` are aware; an `all_day` event runs from midnight to the midnight after its last day. `url_name` with `url_arg` (one
    argument, or none when empty) is its page at the desk. `staff`: the ids of staff whose event it is, for their own feeds. `cancelled`: was announced, is
    off. `revised_at` and `revision`: when and how often what is told of it changed."""

    uid: str
    area_code: str
    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    url_name: str = ""
    url_arg: str = ""
    public: bool = False
    all_day: bool = False
    staff: tuple[str, ...] = ()
    cancelled: bool = False
    revised_at: datetime | None = None
    revision: int = 0


Source = Callable[[Me, list[str], date, date], list[Event]]

#: One function a subject, `(me, codes, first, last)`: its events from `first` to `last` (both included) in the areas `codes`.
SOURCES: tuple[Source, ...] = ()


def events(me: Me, codes: Sequence[str], first: date, last: date) -> list[Event]:
    """All that takes place in the areas, in order of time."""
    found = chain.from_iterable(source(me, list(codes), first, last) for source in SOURCES)
    return sorted(found, key=lambda e: (e.starts_at, e.ends_at, e.area_code, e.kind, e.uid))
