"""One event of the calendar of contact, as every subject offers it.

Invariants: an event names no resident; `uid` stays the same for the life of the event, so that a telephone's calendar moves it instead of doubling it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
