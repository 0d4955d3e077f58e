"""What a phone did is done here, once, by the same actions as at the desk.

Invariants: an operation's id decides whether it is new, in the same transaction as what it does; the same id twice gives the first
answer, with other content a refusal; what cannot be done keeps its words; one operation never takes another with it.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from minqing.access.scope import Me, NotAllowed
from minqing.archives.refusals import Refused
from minqing.sync import vault
from minqing.sync.actions import blobs, doing
from minqing.sync.actions.kinds import Context, Given, Later
from minqing.sync.models import Device, Operation
from minqing.sync.rules import protocol

log = logging.getLogger(__name__)
#: Waits for nothing but a person; or is done.
SETTLED = frozenset({"applied", "conflict", "refused", "discarded"})


#: So many that wait are tried at once: more than a phone holds after weeks without Wi-Fi.
MOST_RESUMED = 2000


class Malformed(ValueError):
    """Not an operation of the protocol; the sentence is for whoever mends the phone's program."""


def read(raw: Any) -> Given:
    """One operation of the call's JSON. Raises Malformed."""
    try:
        moment = parse_datetime(str(raw["at"]))
        text = protocol.canonical(raw)
        if moment is None or moment.tzinfo is None or len(text.encode()) > protocol.MOST_BYTES or "\\u0000" in text or not isinstance(raw.get("data", {}), dict):
            raise Malformed(str(raw["id"]))
        needs = tuple(uuid.UUID(str(n)) for n in raw.get("needs") or ())
        if len(needs) > protocol.MOST_NEEDS:
            raise Malformed(str(raw["id"]))
        return Given(
            id=uuid.UUID(str(raw["id"])), kind=str(raw["kind"])[:40], target=uuid.UUID(str(raw["target"])) if raw.get("target") else None,
            base=int(raw["base"]) if raw.get("base") is not None else None, at=moment, needs=needs, data=raw.get("data") or {},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(str(error)) from error


def push(raws: Iterable[Any], *, device: Device, clock: datetime, by: Me, at: datetime) -> list[dict[str, Any]]:
    """Each operation in a savepoint of its own, in the order given; then those that waited for one of them."""
    results = []
    for raw in raws:
        name = str(raw.get("id", "")) if isinstance(raw, dict) else ""
        try:
            given = read(raw)
        except Malformed:
            results.append({"id": name, "s": "refused", "code": "malformed", "msg": _("这一项手机写得不完整，服务器读不懂。文字仍在手机上，请照着重新填一次。")})
            continue
        results.append(_guarded(given, device=device, clock=clock, by=by, at=at))
    resume(by=by, at=at)
    return [_present(r) for r in results]


def _guarded(given: Given, *, device: Device, clock: datetime, by: Me, at: datetime) -> dict[str, Any]:
    try:
        with transaction.atomic():
            return _take(given, device=device, clock=clock, by=by, at=at)
    except Exception:
        # a fault of ours must not stop the operations behind it; nothing of this one stands, the phone sends it again
        log.exception("operation %s of kind %s failed", given.id, given.kind)
        return {"id": str(given.id), "s": "error", "msg": _("服务器出了错，这一项没有存下，手机会自动再送。")}


def _take(given: Given, *, device: Device, clock: datetime, by: Me, at: datetime) -> dict[str, Any]:
    offset = int((clock - at).total_seconds())
    mark = protocol.digest(given.content)
    with connections["default"].cursor() as cursor:  # a second push of the same id waits here until the first has ended
        cursor.execute(
            "insert into sync_operation (id, staff, device_id, kind, target, made_at, received_at, offset_seconds, digest, needs, state)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::uuid[], 'waiting') on conflict (id) do nothing",
            [given.id, by.id, device.pk, given.kind, given.target, given.at, at, max(-2**31, min(2**31 - 1, offset)), mark, list(map(str, given.needs))],
        )
        new = cursor.rowcount == 1
    if not new:
        return _again(given, mark)
    row = Operation.objects.get(pk=given.id)
    return _attempt(row, given, by=by, at=at)


def _again(given: Given, mark: str) -> dict[str, Any]:
    first = Operation.objects.filter(pk=given.id).first()
    if first is None or first.digest != mark:
        before = vault.decrypt_json(vault.CONTENT, first.pk, first.content) if first else {}
        return {"id": str(given.id), "s": "refused", "code": "other_content", "again": True, "first": before.get("data", {}), "now": dict(given.data),
                "msg": _("这个编号已送来过另一份内容，先到的已收下。请把这一份重新填一次。")}
    return {**_answer(first), "again": True}


def _answer(row: Operation) -> dict[str, Any]:
    return {"id": str(row.pk), "s": row.state, **vault.decrypt_json(vault.ANSWER, row.pk, row.answer)}


def _present(result: dict[str, Any]) -> dict[str, Any]:
    """The answer as of the end of the call: what waited may have been done by an operation behind it."""
    if result["s"] != "waiting":
        return result
    row = Operation.objects.filter(pk=uuid.UUID(result["id"])).first()
    return {**_answer(row), **({"again": True} if result.get("again") else {})} if row else result


def _attempt(row: Operation, given: Given, *, by: Me, at: datetime) -> dict[str, Any]:
    """Do it, or say why not; the row keeps both."""
    act = doing.KINDS.get(given.kind)
    if given.id in given.needs:
        return _settle(row, given, "refused", {"code": "needs", "msg": _("这一项写成了要等它自己，无法办理。请重新填一次。")})
    known = dict(Operation.objects.filter(pk__in=given.needs).values_list("pk", "state"))
    lost = [n for n in given.needs if known.get(n) in ("refused", "discarded")]
    if lost:
        return _settle(row, given, "refused", {"code": "parent", "msg": _("它所依据的那一项没有办成，请先处理那一项，再重新填这一项。")})
    if any(known.get(n) not in ("applied", "conflict") for n in given.needs if n in known or _patient(row, at)):
        return _settle(row, given, "waiting", {"msg": _("已收到，等前一项到了再办。")})
    if act is None:
        return _settle(row, given, "later", {"msg": _("已收到。手机上的程序比服务器新，等服务器升级后自动办理。")})
    odd = protocol.misfit(given.kind, given.data)
    if odd:
        return _settle(row, given, "refused", {"code": "shape", "msg": _("这一项的“%s”手机写得不对，服务器读不懂。文字都在，请照着重新填一次，并更新手机上的程序。") % odd})
    happened = min(given.at - timedelta(seconds=row.offset_seconds), at)
    try:
        with transaction.atomic():
            done = act(given, Context(by=by, device=row.device, happened=happened, now=at))
    except Later as wait:
        return _settle(row, given, "waiting", {"msg": str(wait)})
    except (Refused, NotAllowed) as refusal:
        return _settle(row, given, "refused", {"code": "refused", "msg": str(refusal)})
    state = "conflict" if protocol.CONFLICT in done.fields.values() else "applied"
    return _settle(row, given, state, {k: v for k, v in (("msg", done.msg), ("fields", done.fields), ("ref", done.ref)) if v})


def _settle(row: Operation, given: Given, state: str, answer: dict[str, Any]) -> dict[str, Any]:
    row.state = state
    row.answer = vault.encrypt_json(vault.ANSWER, row.pk, answer) if answer else None
    row.content = None if state in ("applied", "conflict", "discarded") else vault.encrypt_json(vault.CONTENT, row.pk, given.content)
    row.save(update_fields=["state", "answer", "content"])
    return _answer(row)


def resume(*, by: Me, at: datetime) -> int:
    """Try again what waited: for a parent that has come, for a photo that is whole, for a server that now knows the kind. Returns how many were settled."""
    settled, tried = 0, True
    while tried:
        tried = False
        rows = list(Operation.objects.filter(staff=by.id, state__in=["waiting", "later"]).select_for_update(of=("self",), skip_locked=True).order_by("received_at", "id")[:MOST_RESUMED])
        if not rows:
            break
        seen = _seen(rows)
        for row in rows:
            try:
                content = vault.decrypt_json(vault.CONTENT, row.pk, row.content)
                if not _ready(row, content, seen, at):
                    continue
                with transaction.atomic():
                    _attempt(row, read({**content, "id": str(row.pk), "target": content["target"] or None}), by=by, at=at)
            except Exception:  # one that cannot even be read must not keep the phone from its copy
                log.exception("operation %s of kind %s failed again", row.pk, row.kind)
                continue
            if row.state in SETTLED:
                settled, tried = settled + 1, True
    return settled


def _patient(row: Operation, at: datetime) -> bool:
    """Whether it still waits for what has not arrived (protocol.PATIENCE)."""
    return at - row.received_at < protocol.PATIENCE


@dataclass(frozen=True, slots=True)
class _Seen:
    """What those that wait may wait for, read once for all of them: a week's photos wait together, and each that comes whole asks again."""

    states: dict[uuid.UUID, str]
    photos: set[uuid.UUID]


def _seen(rows: Iterable[Operation]) -> _Seen:
    asked = {n for row in rows for n in (*row.needs, *([row.target] if row.kind == "discard" and row.target else []))}
    photos = blobs.whole_ones() if any(row.kind == "photo.attach" for row in rows) else set()
    return _Seen(dict(Operation.objects.filter(pk__in=asked).values_list("pk", "state")) if asked else {}, photos)


def _ready(row: Operation, content: Mapping[str, Any], seen: _Seen, at: datetime) -> bool:
    if row.state == "later":
        return row.kind in doing.KINDS
    if row.kind == "discard":
        return row.target in seen.states
    if row.kind == "photo.attach":
        try:
            if uuid.UUID(str(content["data"].get("blob"))) not in seen.photos:
                return False
        except ValueError:
            return True  # to be told so
    return all(seen.states.get(n) in SETTLED for n in row.needs if n in seen.states or _patient(row, at))
