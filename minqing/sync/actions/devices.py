"""A phone is registered, answers for its lease, is stopped or given up as lost.

Invariant: a phone belongs to one person; what it may hold ends fourteen days after its last pull, and at the next contact when it
was stopped, logged in or not; stopping is for good.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connections, transaction
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.sync.models import Device
from minqing.sync.refusals import Unfit
from minqing.sync.rules import protocol

#: A pull renews the lease at most this often: an idle pull writes nothing.
RENEWED_EVERY = timedelta(minutes=10)


@transaction.atomic
def register(*, id: uuid.UUID, name: str, public_key: str, by: Me, at: datetime) -> Device:
    """Remember a phone of whoever is logged in. The same again gives the same. Raises Unfit where the id is somebody else's."""
    known = Device.objects.filter(pk=id).first()
    if known is not None:
        return known
    label = " ".join(name.split())[:60] or lasting("手机")
    try:
        with transaction.atomic():
            made = Device.objects.create(id=id, staff=by.id, name=label, public_key=public_key[:200], registered_at=at, seen_at=at, lease_until=at + protocol.LEASE)
    except IntegrityError as error:  # another's, or one's own a moment ago
        known = Device.objects.filter(pk=id).first()
        if known is None:
            raise Unfit("device_of_other", _("这台手机登记在另一位同事名下。请先在手机上清空，再用您的名字登记。"), 403) from error
        return known
    audit.record("device.register", detail={"name": label})
    return made


def mine(device: uuid.UUID, by: Me) -> Device:
    """The phone of whoever is logged in. Raises Unfit for one that is not his."""
    found = Device.objects.filter(pk=device).first()
    if found is None:
        raise Unfit("device_of_other", _("这台手机没有登记在您名下，请退出后重新登录登记。"), 403)
    return found


def renew(device: Device, *, at: datetime) -> datetime:
    """The lease from this contact on."""
    if at - device.seen_at > RENEWED_EVERY:
        device.seen_at, device.lease_until = at, at + protocol.LEASE
        device.save(update_fields=["seen_at", "lease_until"])
    return device.lease_until


def shut_out(device: Device, by: Me) -> None:
    """A phone given up as lost has been told to empty itself: the log-in it carries ends with that answer, so that whoever holds it
    cannot register it anew and take the copy again."""
    if device.state == "lost" and by.session is not None:
        with connections[by.using].cursor() as cursor:
            cursor.execute("select access.end_my_session(%s)", [by.session])
        audit.record("session.end", detail={"session": str(by.session), "why": "lost"}, using=by.using)


def word_for(device: uuid.UUID) -> str:
    """What became of a phone on which nobody is logged in (alias `resident`): "active", "revoked", "lost"; "" where it is unknown."""
    with connections["resident"].cursor() as cursor:
        cursor.execute("select access.word_for_phone(%s)", [device])
        found = cursor.fetchone()[0]
    return str(found or "")


@dataclass(frozen=True, slots=True)
class Phone:
    """A colleague's phone, for who may stop it."""

    id: uuid.UUID
    name: str
    state: str
    registered_at: datetime
    seen_at: datetime


def of_colleague(staff: uuid.UUID, by: Me) -> list[Phone]:
    """The phones of somebody for whom the caller may appoint; [] otherwise."""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select * from access.phones_of(%s)", [staff])
        return [Phone(*row) for row in cursor.fetchall()]


@transaction.atomic
def stop(*, device: uuid.UUID, state: str, reason: str, by: Me) -> uuid.UUID:
    """Stop a colleague's phone, or give it up as lost: his log-ins end everywhere in the same minute. Returns whose it is."""
    if state not in ("revoked", "lost"):
        raise Unfit("state", _("请选择“停用”或“遗失”。"))
    if len(reason.strip()) < 2:
        raise Unfit("reason", _("请写为什么停用这台手机，如“手机丢了”“换了新手机”。"))
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.stop_phone(%s, %s)", [device, state])
        owner = cursor.fetchone()[0]
        if owner is None:
            raise Unfit("no_device", _("没有这台手机，或已经停用，或不归您安排。"), 404)
        if state == "lost":
            cursor.execute("select access.end_sessions_of(%s)", [owner])
    audit.record("device.close", reason=reason.strip()[:200], detail={"staff": str(owner), "device": str(device), "why": state}, using=by.using)
    return uuid.UUID(str(owner))


@transaction.atomic
def close(*, device: uuid.UUID, state: str, by: Me, at: datetime) -> Device:
    """Stop one's own phone ("revoked"), or give it up as lost: at its next contact it empties itself, and one's log-ins elsewhere end now,
    for the phone carries one of them."""
    row = Device.objects.select_for_update().filter(pk=device).first()
    if row is None:
        raise Unfit("device_of_other", _("这台手机没有登记在您名下。"), 404)
    if state not in ("revoked", "lost"):
        raise Unfit("state", _("请选择“停用”或“遗失”。"))
    if row.state == "lost" or row.state == state:
        return row
    row.state, row.closed_at, row.closed_by = state, at, by.id
    row.save(update_fields=["state", "closed_at", "closed_by"])
    if state == "lost":
        with connections[by.using].cursor() as cursor:
            cursor.execute("select access.end_my_session(id) from access.my_sessions() where not current")
    audit.record("device.close", detail={"name": row.name, "why": state})
    return row
