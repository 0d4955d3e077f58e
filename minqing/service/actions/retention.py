"""Each night: what has been kept long enough is erased, a slice at a time.

Invariants: a slice and its files go in one transaction, files first, so that a killed night leaves nothing half done and the next one
begins where the rows are; one kind that fails stops no other; a dry run changes nothing and holds nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog
from django.conf import settings
from django.db import connections, transaction

from minqing.access import scope
from minqing.service.actions import enclosures
from minqing.service.rules import retention

log = structlog.get_logger("minqing.retention")
SLICE = 500
#: At most so many slices of a kind in one night: the rest waits for the next.
SLICES = 200
MOST_COUNTED = 10_000


def due(*, now: datetime) -> dict[str, int]:
    """{kind: how many rows are due}, at most MOST_COUNTED each; nothing is changed."""
    found = {}
    for code, before in retention.ends(now, retention.times(settings.RETENTION)).items():
        with transaction.atomic(using="jobs"):
            scope.enter_keeper()
            found[code] = _slice(code, before, MOST_COUNTED, dry=True)[0]
            transaction.set_rollback(True, using="jobs")
    return found


def run(*, now: Callable[[], datetime], only: Iterable[str] | None = None, size: int = SLICE, slices: int = SLICES) -> dict[str, int]:
    """Erase what is due. Returns {kind: rows}; a kind that failed is not among them."""
    done: dict[str, int] = {}
    ends = retention.ends(now(), retention.times(settings.RETENTION))
    for code in only if only is not None else ends:
        try:
            done[code] = sum(_slices(code, ends[code], size, slices))
        except Exception as error:  # the next kind must not wait for this one
            log.error("retention failed", kind=code, error=type(error).__name__)
    return done


def _slices(code: str, before: datetime, size: int, slices: int) -> Iterable[int]:
    for _turn in range(slices):
        with transaction.atomic(using="jobs"):
            scope.enter_keeper()
            n, files = _slice(code, before, size, dry=False)
            for attachment in files:
                enclosures.path_of(attachment).unlink(missing_ok=True)
        yield n
        if n < size:
            return


def _slice(code: str, before: datetime, size: int, *, dry: bool) -> tuple[int, list[uuid.UUID]]:
    function = retention.KINDS[code].run
    with connections["jobs"].cursor() as cursor:
        cursor.execute(f"select n, files from access.{function}(%s, %s, %s, %s)", [code, before, size, dry])  # noqa: S608 - a name of the rules
        n, files = cursor.fetchone()
    return int(n), list(files)
