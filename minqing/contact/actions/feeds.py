"""A calendar's private address is made, shown once, taken back.

Invariant: the token is a long random word; only its digest is kept; a new address ends the old one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.contact.models import Feed
from minqing.contact.refusals import Missing, NotHere, Refused


@dataclass(frozen=True)
class Made:
    """`token` is shown now and never again."""

    feed: Feed
    token: str


@transaction.atomic
def make(*, village: str = "", by: Me, at: datetime) -> Made:
    """One's own address, or a village's public one. The one before ends."""
    if village:
        by.require(Right.CONTACT, village)
        if len(village) != 12:
            raise Missing("village", _("公开的日历按村建，请选一个村。"))
    _standing(village, by).update(ended_at=at)
    token = secrets.token_urlsafe(32)
    row = Feed(kind="village" if village else "own", area_code=village, staff=None if village else by.id, digest=sha256(token.encode()).digest(), made_by=by.id, made_at=at)
    try:
        with transaction.atomic(using=by.using):
            row.save(using=by.using, force_insert=True)
    except IntegrityError as error:
        raise Refused(_("刚刚已经建了一个新地址，请刷新看看。")) from error
    audit.record("feed.make", detail={"area": village}, using=by.using)
    return Made(row, token)


@transaction.atomic
def end(*, village: str = "", by: Me, at: datetime) -> None:
    """It answers like an address that never was, from now on."""
    if village:
        by.require(Right.CONTACT, village)
    if not _standing(village, by).update(ended_at=at):
        raise NotHere(_("没有日历地址，或已经收回。"))
    audit.record("feed.end", detail={"area": village}, using=by.using)


def _standing(village: str, by: Me) -> QuerySet[Feed]:
    rows = Feed.objects.using(by.using).filter(ended_at=None)
    return rows.filter(kind="village", area_code=village) if village else rows.filter(kind="own", staff=by.id)
