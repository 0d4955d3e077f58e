"""Three households of 兰's grid and one of 强's, and a phone as the protocol describes it (minqing/sync/README.md)."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from minqing.access.actions import areas
from minqing.access.models import Area
from minqing.access.scope import Me
from minqing.archives.actions import households, residents
from minqing.sync import queries
from minqing.sync.actions import devices, operations
from minqing.sync.rules import protocol
from tests.people import PENGLI, World

LAN, QIANG = PENGLI + "001", PENGLI + "002"


def found(at: datetime, n: int = 3) -> dict[str, uuid.UUID]:
    """`n` households in 001 and one in 002, each with a head; {number: household, name: person}."""
    with World.acting("街") as me:
        for code in (LAN, QIANG):
            if not Area.objects.filter(pk=code).exists():
                areas.create_grid(village=Area.objects.get(pk=PENGLI), name=f"第{code[-1]}网格", covers="", by=me, on=timezone.localdate(at), code=code)
    made: dict[str, uuid.UUID] = {}
    with World.acting("香") as me:
        for i in range(n + 1):
            home = households.create(grid=LAN if i < n else QIANG, number=f"77{i:02d}", natural_village="上彭", door=f"{i + 1}号", on=timezone.localdate(at) - timedelta(days=30), by=me, at=at)
            name = f"彭大{'林木水火土金石山'[i % 8]}"
            head = residents.register(name=name, grid=home.grid_code, household=home, sex="1", birth_date=timezone.localdate(at) - timedelta(days=20000 + i), phone=f"1540000{1000 + i}", on=timezone.localdate(at), confirmed=True, by=me, at=at)
            made |= {home.number: home.pk, name: head.pk}
    return made


def op(kind: str, target: uuid.UUID | None = None, *, at: datetime, **more: Any) -> dict[str, Any]:
    data = more.pop("data", {})
    return {"id": str(uuid.uuid4()), "kind": kind, "target": str(target) if target else None, "at": at.isoformat(), "data": data, **more}


def words(home: uuid.UUID, was: str, to: str, *, at: datetime, name: str = "caution", **more: Any) -> dict[str, Any]:
    return op("household.words", home, at=at, data={"fields": {name: {"from": was, "to": to}}}, **more)


@dataclass
class Phone:
    """A copy and an outbox, as the phone's program keeps them."""

    owner: str
    at: datetime
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    cursor: str = ""
    rows: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    refused: dict[str, dict[str, Any]] = field(default_factory=dict)
    asks: list[dict[str, Any]] = field(default_factory=list)
    fast: timedelta = timedelta()

    @property
    def digest(self) -> str:
        return protocol.digest_of_copy({key: rev for key, (rev, _data) in self.rows.items()})

    def register(self, me: Me) -> None:
        devices.register(id=self.id, name="手机", public_key="", by=me, at=self.at)

    def call(self, me: Me, **more: Any) -> dict[str, Any]:
        return queries.pull(queries.Asked(cursor=self.cursor, digest=self.digest, **more), device=devices.mine(self.id, me), by=me, at=self.at)

    def apply(self, answer: dict[str, Any]) -> None:
        if answer.get("full"):
            self.rows = {}
        self.rows |= {row["id"]: (row["rev"], row["data"]) for row in answer.get("rows", ())}
        if "ids" in answer:
            self.rows = {key: row for key, row in self.rows.items() if key in answer["ids"]}
        self.cursor, self.asks = answer["cursor"], answer.get("asks", [])

    def pull(self, me: Me) -> None:
        """Steps 1 and 2 of the protocol."""
        answer = self.call(me)
        self.apply(answer)
        if self.digest == answer["digest"]:
            return
        answer = self.call(me, ids=True)
        self.apply(answer)
        missing = [key for key, rev in answer["ids"].items() if self.rows.get(key, ("",))[0] != rev]
        if missing:
            self.apply(self.call(me, want=tuple(uuid.UUID(key) for key in missing)))

    def push(self, me: Me, ops: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
        return operations.push(self.outbox if ops is None else ops, device=devices.mine(self.id, me), clock=self.at + self.fast, by=me, at=self.at)

    def hear(self, results: list[dict[str, Any]]) -> None:
        """What is received leaves the outbox; a refusal keeps its words."""
        for result in results:
            if result["s"] == "error":
                continue
            for one in [o for o in self.outbox if o["id"] == result["id"]]:
                if result["s"] == "refused":
                    self.refused[one["id"]] = one
                self.outbox.remove(one)


def shuffled(chance: random.Random, items: list[Any]) -> list[Any]:
    out = list(items)
    chance.shuffle(out)
    return out
