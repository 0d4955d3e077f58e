"""One operation, and the table of what does which kind.

Invariant: a kind is done by exactly one function, which does it whole or raises; it asks no right itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from minqing.access.scope import Me
from minqing.sync.models import Device


@dataclass(frozen=True, slots=True)
class Given:
    """One operation as it came."""

    id: uuid.UUID
    kind: str
    target: uuid.UUID | None
    base: int | None
    at: datetime
    needs: tuple[uuid.UUID, ...]
    data: Mapping[str, Any]

    @property
    def content(self) -> dict[str, Any]:
        return {"kind": self.kind, "target": str(self.target or ""), "base": self.base, "at": self.at.isoformat(), "needs": sorted(map(str, self.needs)), "data": dict(self.data)}


@dataclass(slots=True)
class Done:
    """What became of it: `fields` per field, `ref` what came to be."""

    fields: dict[str, str] = field(default_factory=dict)
    ref: dict[str, str] = field(default_factory=dict)
    msg: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """Who did it, when it happened by the server's clock, and now."""

    by: Me
    device: Device
    happened: datetime
    now: datetime


class Later(Exception):  # noqa: N818 - the name of what happened
    """Something it needs has not arrived."""


#: Kind → what does it. Filled by `does` in doing.py.
KINDS: dict[str, Callable[[Given, Context], Done]] = {}


def does(kind: str) -> Callable[[Callable[[Given, Context], Done]], Callable[[Given, Context], Done]]:
    """Register what does operations of this kind."""
    def remember(act: Callable[[Given, Context], Done]) -> Callable[[Given, Context], Done]:
        KINDS[kind] = act
        return act
    return remember
