"""The cast (DESIGN §2) and one committed session each."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from unittest import mock

from minqing.access import scope
from minqing.access.actions import sessions
from minqing.access.models import Account, Staff
from minqing.commands import installation
from minqing.demo.cast import CAST, COUNTY, DOUTAN, LINKED_VILLAGE, NEXT_VILLAGE, PASSWORD, PENGLI, TOWN

__all__ = ["CAST", "COUNTY", "DOUTAN", "LINKED_VILLAGE", "NEXT_VILLAGE", "PASSWORD", "PENGLI", "TOWN", "World", "employ_all", "staff"]

TOKENS: dict[str, str] = {}


def employ_all(at: datetime) -> None:
    """Employ the cast and open one complete session for each. They share one password, and it is hashed once: Argon2 is slow on purpose."""
    with mock.patch.object(sessions, "make_password", cache(sessions.make_password)):
        for name, person in CAST.items():
            installation.employ(person, password=PASSWORD, at=at)
            account = Account.objects.get(username=person.username)
            TOKENS[name] = sessions.open_session(account, device="test", origin="127.0.0.1", complete=True).token


def staff(name: str) -> uuid.UUID:
    """Who of the cast that is."""
    return Staff.objects.get(number=CAST[name].number).pk


class World:
    """How tests act: `with World.acting("香") as me:` is one scoped transaction of 郑书香."""

    tokens = TOKENS

    @staticmethod
    @contextlib.contextmanager
    def acting(name: str, *, purpose: str = "test", using: str = "default") -> Iterator[scope.Me]:
        with scope.acting(TOKENS[name], purpose=purpose, origin="test", using=using) as me:
            yield me
