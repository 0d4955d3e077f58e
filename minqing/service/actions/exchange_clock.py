"""Orders and parcels are fetched, answers and receipts handed over, every few minutes, by the worker in nobody's name.

Invariants: nobody acts (access.enter_exchange): what was taken in has no person under it, and what a person decides (accept, dispatch, send
an answer again that came back, refuse a row) is left to a person; each way is tried by one worker at a time and, should two meet all the
same, everything taken in is recognised by its number; no transaction is open while the other side is asked; what failed is tried again,
later each time; one broken way stops no other.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from minqing.access import scope
from minqing.access.scope import Me, NoSession
from minqing.gateways import orders, words
from minqing.gateways import parcels as county
from minqing.service.actions import exchange, order_files, parcels
from minqing.service.models import ExchangeLink, Partner
from minqing.service.refusals import Missing
from minqing.service.rules import desks
from minqing.service.rules import exchange as rules

log = structlog.get_logger("minqing.exchange")
#: So long a way belongs to the worker that has begun it; a worker that died gives it up then.
HOLD = timedelta(minutes=10)
#: After so many seconds no new way is begun: the next minute's run goes on with those that have waited longest.
BUDGET = 50.0
#: A file may still be written to by whoever drops it.
SETTLED = 60.0
TAKEN = "已收"


@dataclass(frozen=True)
class Way:
    """One way that is set up. `go` returns counts for the page; raises words.Worded where the other side cannot be reached."""

    name: str
    go: Callable[[datetime], dict[str, int]]


def desk() -> str:
    """The reception of this installation's county."""
    return desks.of(settings.COUNTY, desks.RECEPTION)


@contextlib.contextmanager
def step() -> Iterator[Me]:
    """One short transaction at the reception, in nobody's name."""
    with transaction.atomic(using="jobs"):
        yield scope.enter_exchange(desk())


def run(*, now: Callable[[], datetime]) -> dict[str, int]:
    """Try every way that is due. Returns {"went", "failed"}."""
    done = {"went": 0, "failed": 0}
    if settings.EXCHANGE_EVERY <= 0:
        return done
    try:
        found = due(ways(), now())
    except NoSession:
        log.warning("no reception", county=settings.COUNTY)
        return done
    began = time.monotonic()
    for way in found:
        if time.monotonic() - began > BUDGET:
            break
        if begin(way.name, now()):
            done["went" if attempt(way, now) else "failed"] += 1
    return done


def ways() -> list[Way]:
    """What is set up: addresses and folders of the environment, addresses of partner counties."""
    found: list[Way] = []
    for system, (url, secret) in settings.EXCHANGE.items():
        folder = settings.EXCHANGE_FOLDERS[system]
        if url and secret:
            found += [Way(f"{system}.in", _orders(system)), Way(f"{system}.out", _answers(system))]
        if folder:
            found.append(Way(f"{system}.folder", _files(system, Path(folder))))
    with step() as me:
        partners = list(Partner.objects.using(me.using).filter(area_code=settings.COUNTY, ended_at=None).order_by("code"))
    if partners:
        found.append(Way(f"parcels.{rules.DOOR}", _door))
    for partner in partners:
        if partner.url:
            found += [Way(rules.of_partner(partner.code, "parcels"), _parcels(partner)), Way(rules.of_partner(partner.code, "words"), _words(partner))]
    return found


def due(found: list[Way], at: datetime) -> list[Way]:
    """Those whose time has come, those that have waited longest first."""
    with step() as me:
        next_at = dict(ExchangeLink.objects.using(me.using).filter(desk_code=desk()).values_list("name", "next_at"))
    waiting = [(next_at.get(way.name), n, way) for n, way in enumerate(found)]
    return [way for _when, _n, way in sorted(((when, n, way) for when, n, way in waiting if when is None or when <= at), key=lambda w: (w[0] is not None, w[0] or at, w[1]))]


def begin(name: str, at: datetime) -> bool:
    """Take a way up, if it is due and no other worker has it."""
    with step() as me:
        rows = ExchangeLink.objects.using(me.using).filter(desk_code=desk(), name=name)
        if not rows.exists():
            with contextlib.suppress(IntegrityError), transaction.atomic(using=me.using):   # the other worker has just written it
                ExchangeLink(desk_code=desk(), name=name).save(using=me.using, force_insert=True)
        free = rows.filter(Q(next_at=None) | Q(next_at__lte=at)).filter(Q(held_until=None) | Q(held_until__lte=at))
        return free.update(held_until=at + HOLD, tried_at=at) == 1


def attempt(way: Way, now: Callable[[], datetime]) -> bool:
    """One way, once; how it went is written down whatever happened."""
    counts: dict[str, int] = {}
    trouble: dict[str, Any] = {}
    try:
        counts = way.go(now())
    except words.Worded as problem:
        trouble = problem.said
    except Exception as error:  # the next way must not wait for this one
        log.error("exchange failed", way=way.name, error=type(error).__name__)
        trouble = {"code": "link.fault", "values": {"error": type(error).__name__}}
    _ended(way.name, counts, trouble, now())
    return not trouble


def _ended(name: str, counts: dict[str, int], trouble: dict[str, Any], at: datetime) -> None:
    with step() as me:
        row = ExchangeLink.objects.using(me.using).select_for_update().get(desk_code=desk(), name=name)
        row.failures = row.failures + 1 if trouble else 0
        row.trouble, row.held_until, row.next_at = trouble, None, at + rules.wait(row.failures, settings.EXCHANGE_EVERY)
        if not trouble:
            row.ok_at, row.last = at, counts
            row.brought_at = at if any(counts.get(k) for k in ("new", "again", "sent")) else row.brought_at
        row.save(using=me.using, update_fields=["failures", "trouble", "held_until", "next_at", "ok_at", "last", "brought_at"])


# --- orders ------------------------------------------------------------------------------------------------------------------


def _orders(system: str) -> Callable[[datetime], dict[str, int]]:
    def go(at: datetime) -> dict[str, int]:
        batch = orders.Http(*settings.EXCHANGE[system]).orders()
        if not (batch.orders or batch.bad):
            return {}
        with step() as me:
            return _counts(order_files.fetch(batch=batch, system=system, by=me, at=at))
    return go


def _counts(received: order_files.Received) -> dict[str, int]:
    done = received.done
    return {} if received.known else {"new": len(done.new), "again": len(done.again), "bad": len(done.bad)}


def _answers(system: str) -> Callable[[datetime], dict[str, int]]:
    def go(at: datetime) -> dict[str, int]:
        said = exchange.reply(send=orders.Http(*settings.EXCHANGE[system]).reply, system=system, way="http", step=step, at=at)
        return {"sent": len(said.taken), "back": len(said.refused)}
    return go


def _files(system: str, folder: Path) -> Callable[[datetime], dict[str, int]]:
    """Each file stands or falls alone and leaves for the sub-folder when it is taken in; one that was taken in before a power cut is known."""
    def go(at: datetime) -> dict[str, int]:
        total: dict[str, int] = {}
        big = ""
        try:
            for path in orders.files_of(folder):
                if time.time() - path.stat().st_mtime < SETTLED:
                    continue
                with path.open("rb") as file:
                    content = file.read(order_files.MOST_BYTES + 1)
                try:
                    with step() as me:
                        counts = _counts(order_files.receive(name=path.name, content=content, system=system, way="folder", by=me, at=at))
                except Missing:
                    big = path.name
                    continue
                put_away(path, at)
                total = {k: total.get(k, 0) + counts.get(k, 0) for k in {*total, *counts}}
        except OSError as error:
            raise orders.Unreachable("link.no_folder", folder=str(folder)) from error
        if big:
            raise orders.Unreachable("link.big_file", name=big)
        return total
    return go


def put_away(path: Path, at: datetime) -> None:
    """Into the folder of what was taken in, under its own name or, where that is there already, with the minute before it."""
    folder = path.parent / TAKEN
    folder.mkdir(exist_ok=True)
    target = folder / path.name
    path.rename(folder / f"{at:%Y%m%d-%H%M%S-%f}-{path.name}" if target.exists() else target)


# --- parcels -----------------------------------------------------------------------------------------------------------------


def _door(at: datetime) -> dict[str, int]:
    found = [taken for path in parcels.at_the_door() if (taken := parcels.take_from_door(path, step=step, at=at)) is not None]
    return _taken(found)


def _parcels(partner: Partner) -> Callable[[datetime], dict[str, int]]:
    def go(at: datetime) -> dict[str, int]:
        return _taken(parcels.take_all(county.Http(partner.url).waiting(settings.COUNTY, parcels.keys()), step=step, at=at))
    return go


def _taken(found: list[parcels.Taken]) -> dict[str, int]:
    return {"new": sum(t.ok and not t.again for t in found), "bad": sum(not t.ok for t in found)} if found else {}


def _words(partner: Partner) -> Callable[[datetime], dict[str, int]]:
    def go(at: datetime) -> dict[str, int]:
        n, problem = parcels.hand_words_to(partner, deliver=county.Http(partner.url).send, step=step, at=at)
        if problem is not None:
            raise problem
        return {"sent": n} if n else {}
    return go
