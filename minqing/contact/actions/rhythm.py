"""On which days an area holds its joint office day and its day of talk, and its markets.

Invariant: who arranges contact in an area sets its days; a narrower area may differ; taking its word back lets the wider one hold again.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.contact.models import Market, Rhythm
from minqing.contact.refusals import Missing, NotHere, Refused
from minqing.contact.rules import markets
from minqing.contact.rules import rhythm as rules


@transaction.atomic
def set_rhythm(*, area: str, kind: str, number: int, holiday: str, opens: time, closes: time, place: str = "", held: bool = True, by: Me, at: datetime) -> Rhythm:
    """The area's own word on one of the two days."""
    by.require(Right.CONTACT, area)
    if kind not in rules.DEFAULTS:
        raise Missing("kind", _("请选择集中日或沟通日。"))
    if holiday not in set(rules.Holiday):
        raise Missing("holiday", _("请选择碰上休息日怎么办。"))
    if not 1 <= number <= (7 if rules.DEFAULTS[kind].weekly else 31):
        raise Missing("number", _("星期应为 1–7，几号应为 1–31。"))
    _hours(opens, closes)
    said = {"number": number, "holiday": holiday, "opens": opens, "closes": closes, "place": place.strip()[:60], "held": held, "made_by": by.id, "made_at": at}
    row, _made = Rhythm.objects.using(by.using).update_or_create(area_code=area, kind=kind, defaults=said)
    audit.record("rhythm.set", detail={"area": area, "kind": kind}, using=by.using)
    return row


@transaction.atomic
def forget_rhythm(*, area: str, kind: str, by: Me) -> None:
    """As the wider area has it."""
    by.require(Right.CONTACT, area)
    if not Rhythm.objects.using(by.using).filter(area_code=area, kind=kind).delete()[0]:
        raise NotHere(_("这里没有自己定过，本来就照上级的。"))
    audit.record("rhythm.forget", detail={"area": area, "kind": kind}, using=by.using)


@transaction.atomic
def keep_market(*, area: str, name: str, rule: Mapping[str, Any], place: str = "", opens: time = time(6), closes: time = time(11), market: uuid.UUID | None = None, by: Me, at: datetime) -> Market:
    """A market of a town or a village, new or changed."""
    by.require(Right.CONTACT, area)
    if len(area) not in (9, 12):
        raise Missing("area", _("墟日属于一个乡镇（街道）或一个村，请选一个。"))
    tidy = " ".join(name.split())
    if not 2 <= len(tidy) <= 20:
        raise Missing("name", _("请写墟名，2 到 20 个字，如“贺村墟”。"))
    _hours(opens, closes)
    try:
        read = markets.read(rule)
    except (markets.BadRule, ValueError) as wrong:
        raise Missing("rule", str(wrong) if isinstance(wrong, markets.BadRule) else _("日子看不明白，请重新选。")) from wrong
    said = {"name": tidy, "rule": markets.data_of(read), "place": place.strip()[:60], "opens": opens, "closes": closes, "made_by": by.id, "made_at": at}
    try:
        with transaction.atomic(using=by.using):
            if market is None:
                row = Market(area_code=area, **said)
                row.save(using=by.using, force_insert=True)
            else:
                if not Market.objects.using(by.using).filter(pk=market, area_code=area, ended_on=None).update(**said):
                    raise NotHere(_("没有这个墟市，或不归您管。"))
                row = Market.objects.using(by.using).get(pk=market)
    except IntegrityError as error:
        raise Refused(_("这里已有同名的墟市。")) from error
    audit.record("market.keep", detail={"market": str(row.pk), "area": area}, using=by.using)
    return row


@transaction.atomic
def end_market(*, market: uuid.UUID, by: Me, at: datetime) -> date:
    """No longer held, from today on."""
    today = timezone.localdate(at)
    row = Market.objects.using(by.using).filter(pk=market, ended_on=None).first()
    if row is None:
        raise NotHere(_("没有这个墟市，或不归您管。"))
    by.require(Right.CONTACT, row.area_code)
    Market.objects.using(by.using).filter(pk=row.pk).update(ended_on=today, made_by=by.id, made_at=at)
    audit.record("market.end", detail={"market": str(row.pk), "area": row.area_code}, using=by.using)
    return today


def _hours(opens: time, closes: time) -> None:
    if closes <= opens:
        raise Missing("closes", _("结束时间应晚于开始时间。"))
