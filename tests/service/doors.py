"""How tests take a matter down: the shortest sentence that opens one."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from minqing.access.scope import Me
from minqing.service.actions import matters
from minqing.service.actions.matters import Opened, Said, Who
from tests.people import PENGLI

#: A Tuesday morning in working time, in Shanghai 10:00.
MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
GRID = PENGLI + "001"


def ask(by: Me, words: str = "村口的路灯坏了三天，晚上看不见路", *, at: datetime = MORNING, **more: Any) -> Opened:
    """Somebody says something at a door; the village's own by default."""
    said = {"kind": "help", "channel": "door", "place": PENGLI, "requester": Who(name="姜水仙", phone="15412345678"), **more}
    return matters.open_matter(Said(words=words, **said), by=by, at=at)


def stranger() -> uuid.UUID:
    return uuid.uuid4()
