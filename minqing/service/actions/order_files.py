"""Files of orders at the reception: taken in once, each row that could not be read kept with its reason, mended, or left out.

Invariants: the same content is taken in once; a row waits until somebody mends it or says why it is not taken, and the same row of
another file does not wait twice; a mended row goes the way of every order (exchange._one), so a number is one matter.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.scope import Me
from minqing.archives import vault as archive_vault
from minqing.gateways import orders
from minqing.gateways.orders import Bad, Batch
from minqing.service import vault
from minqing.service.actions import exchange, moving
from minqing.service.actions.exchange import Taken
from minqing.service.models import OrderFile, OrderRow
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import sentences

ROW = "service_orderrow.row_cipher"
KIND = "order-row"
MOST_BYTES = 10 * 1024 * 1024


@dataclass
class Received:
    """A file as it stands now; `known` = it had been taken in before, and nothing was done."""

    file: OrderFile
    done: Taken
    known: bool = False


@transaction.atomic
def receive(*, name: str, content: bytes, system: str, way: str, by: Me, at: datetime) -> Received:
    """Take in a file. Raises Refused where nothing may be taken in at all."""
    if len(content) > MOST_BYTES:
        raise Missing("file", _("文件超过 10 MB，不像一份工单，请核对是不是选错了文件。"))
    return _take(orders.read_file(name, content), name, hashlib.sha256(content).digest(), system, way, by, at)


@transaction.atomic
def fetch(*, batch: Batch, system: str, by: Me, at: datetime) -> Received:
    """What the other side's interface gave; the same answer again is known like the same file."""
    said = json.dumps([[orders.row_of(o) for o in batch.orders], [[b.where, b.row] for b in batch.bad]], ensure_ascii=False, sort_keys=True)
    return _take(batch, "", hashlib.sha256(said.encode()).digest(), system, "http", by, at)


def _take(batch: Batch, name: str, digest: bytes, system: str, way: str, by: Me, at: datetime) -> Received:
    desk = exchange.desk_of(by)
    file = OrderFile(desk_code=desk, system=system, name=name.strip()[-120:], digest=digest, way=way, made_by=by.signs, made_at=at)
    try:  # the row first: whoever takes in the same file at the same moment waits here, and then finds it known
        with transaction.atomic(using=by.using):
            file.save(using=by.using, force_insert=True)
    except IntegrityError:
        return Received(OrderFile.objects.using(by.using).get(desk_code=desk, system=system, digest=digest), Taken(same=[o.number for o in batch.orders]), known=True)
    done = exchange.take_in(batch=batch, system=system, by=by, at=at)
    file.result = {"new": [list(pair) for pair in done.new], "again": done.again, "same": done.same}
    file.save(using=by.using, update_fields=["result"])
    for bad in done.bad:
        _keep(file, bad, by)
    return Received(file, done)


def _keep(file: OrderFile, bad: Bad, by: Me) -> None:
    said = json.dumps(bad.row if bad.row is not None else [file.pk.hex, bad.where], ensure_ascii=False, sort_keys=True)
    digests = list(archive_vault.ring().digests(KIND, f"{file.system}:{said}").values())
    if bad.row is not None and OrderRow.objects.using(by.using).filter(desk_code=file.desk_code, digest__in=digests).exists():
        return
    row = OrderRow(file=file, desk_code=file.desk_code, place=bad.where[:160], column=bad.column[:16], why=bad.why[:300], said=bad.said, digest=digests[-1])
    row.row_cipher = vault.encrypt_json(ROW, row.pk, dict(bad.row)) if bad.row is not None else None
    row.save(using=by.using, force_insert=True)


def content_of(row: OrderRow) -> dict[str, str]:
    """What the row said, by our keys; {} for what concerns a whole file."""
    return {k: str(v) for k, v in vault.decrypt_json(ROW, row.pk, row.row_cipher).items()}


def find_row(row: uuid.UUID, by: Me) -> OrderRow:
    """A row of his reception. Raises NotHere."""
    exchange.desk_of(by)
    found = OrderRow.objects.select_related("file").filter(pk=row).first()
    if found is None:
        raise NotHere(_("没有这一行，或不在您这里收单。"))
    return found


def _waiting(row: uuid.UUID, by: Me) -> OrderRow:
    find_row(row, by)
    found = OrderRow.objects.select_for_update(of=("self",)).select_related("file").filter(pk=row, state="waiting").first()
    if found is None:
        raise Refused(_("这一行刚才已有同事处理过，请回到名单看看。"))
    return found


@transaction.atomic
def mend(*, row: uuid.UUID, given: Mapping[str, str], by: Me, at: datetime) -> tuple[OrderRow, Taken]:
    """The row as it should have been. Raises Missing with the column that is still wrong."""
    line = _waiting(row, by)
    if line.row_cipher is None:
        raise Refused(_("整个文件读不了，不能一行一行改：请照说明改好文件再上传。"))
    order = orders.order_of(given, line.place)
    if isinstance(order, Bad):
        raise Missing(order.column, sentences.say(order.said, order.why))
    done = exchange.take_in(batch=Batch([order]), system=line.file.system, by=by, at=at)
    if done.bad:
        raise Missing(done.bad[0].column, sentences.say(done.bad[0].said, done.bad[0].why))
    _settle(line, by, at, state="taken", number=order.number)
    return line, done


@transaction.atomic
def drop(*, row: uuid.UUID, why: str, by: Me, at: datetime) -> OrderRow:
    """Not an order, or not to be taken: with the reason."""
    line = _waiting(row, by)
    words = moving.need(why, "why", _("请写明为什么不收，如“对方已重发”。"))
    _settle(line, by, at, state="dropped", dropped_why=words[:120])
    audit.record("exchange.drop", detail={"kind": line.file.system, "file": line.file.name})
    return line


def _settle(line: OrderRow, by: Me, at: datetime, **changes: str) -> None:
    for name, value in changes.items():
        setattr(line, name, value)
    line.settled_by, line.settled_at = by.id, at
    line.save(update_fields=[*changes, "settled_by", "settled_at"])
