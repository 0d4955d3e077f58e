"""Ways to other systems: their names, and when each is tried again. Pure.

Invariant: a way that works is asked every few minutes; one that fails is asked less and less, at least once an hour, and never given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

#: What a way does, by the last part of its name.
LABELS = {"in": "取工单", "folder": "收目录里的文件", "out": "交答复", "parcels": "取包裹和消息", "words": "交回执和消息", "door": "收对方送来的包裹"}
DOOR = "door"
MOST_WAIT = timedelta(hours=1)
#: A way that has not gone well for so long is told on the work desk and by doctor; before, it may be a cable.
PATIENCE = timedelta(minutes=30)
#: Jobs begin within a second or two of their minute: what is due every five minutes must not wait for the sixth.
SLACK = timedelta(seconds=20)


@dataclass(frozen=True)
class Name:
    """"12345.in" or "partner.330803.words": whose way it is and what it does."""

    who: str
    what: str

    @property
    def text(self) -> str:
        return f"{self.who}.{self.what}"


def read(name: str) -> Name:
    who, _dot, what = name.rpartition(".")
    return Name(who, what)


def of_partner(code: str, what: str) -> str:
    return Name(f"partner.{code}", what).text


def wait(failures: int, every: int) -> timedelta:
    """How long until the next try after so many failures in a row (0 = it went well); `every` in minutes."""
    steady = timedelta(minutes=every)
    if failures == 0:
        return steady - SLACK
    return max(steady, min(steady * 2 ** min(failures - 1, 10), MOST_WAIT)) - SLACK
