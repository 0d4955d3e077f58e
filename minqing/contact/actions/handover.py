"""A grid is handed over: begun, ticked thing by thing by the two, signed by both.

Invariants: each yes is given by him whose it is (access.hand_over), the newcomer signs last; for a giver who works here no more whoever manages the
village signs; what is handed over stands in the files and is not copied.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, connections, transaction
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.contact import vault
from minqing.contact.models import Handover, HandoverItem
from minqing.contact.queries import handover as queries
from minqing.contact.refusals import Missing, NotHere, Refused
from minqing.contact.rules import handover as rules

SENTENCES = {
    "not yours": "这一栏由他本人点：交出的点“交”，接手的点“接”。", "signed": "这一栏已经签过字，不再改动。", "items": "还有没点的，一样一样都点过再签；没有的东西也点，表示说清了。",
    "order": "交出的人先签，接手的后签。",
}


@transaction.atomic
def begin(*, area: str, giver: uuid.UUID | None, taker: uuid.UUID, by: Me, at: datetime) -> Handover:
    """Begin a handover with the usual list. Raises Missing, Refused, NotAllowed."""
    grid = Area.objects.filter(pk=area, level="grid", closed_on=None).first()
    if grid is None:
        raise Refused(_("请选一个网格。"))
    own = taker == by.id and by.may(Right.PEOPLE, area)
    if not (own or by.may(Right.APPOINT, area) or (by.may(Right.CONTACT, area) and by.may(Right.PEOPLE, area))):
        raise NotAllowed(_("网格交接由村里安排，或者由接手的网格员自己开始。"))
    now, lately = queries.officers(area, at=at)
    if str(taker) not in dict(now):
        raise Missing("taker", _("接手的要是这个网格现在的网格员，先在“人员与岗位”里任命。"))
    if giver is not None and str(giver) not in dict(lately):
        raise Missing("giver", _("交出的要是这个网格现在或一年内的网格员；没有就选“没有前任”。"))
    if giver == taker:
        raise Missing("giver", _("交出和接手的不能是同一个人。"))
    try:
        with transaction.atomic():
            row = Handover.objects.create(area_code=area, giver=giver, taker=taker, made_by=by.id, made_at=at)
    except IntegrityError:
        raise Refused(_("这个网格有一次交接还没有办完，请先办完或作罢。")) from None
    HandoverItem.objects.bulk_create(HandoverItem(area_code=area, handover=row, position=n, code=i.code) for n, i in enumerate(rules.ITEMS, start=1))
    audit.record("handover.begin", detail={"area": area, "staff": str(taker)})
    return row


@transaction.atomic
def add_item(*, handover: uuid.UUID, words: str, by: Me, at: datetime) -> HandoverItem:
    """One more thing, in one's own words: by one of the two, or who began it, before the first signature."""
    row = _get(handover)
    if by.id not in (row.made_by, row.giver, row.taker):
        raise NotAllowed(_("另外的东西由交接的两个人或开始交接的人添。"))
    if row.gave_at or row.took_at or row.cancelled_at:
        raise Refused(_("已经签过字，不再添。另外写在备注里。"))
    text = " ".join(words.split())
    if len(text) < 2 or len(text) > rules.MOST_ITEM:
        raise Missing("words", _("请写是什么，最多%d个字。") % rules.MOST_ITEM)
    standing = HandoverItem.objects.filter(handover=row).count()
    if standing >= rules.MOST_ITEMS:
        raise Refused(_("单子最多 %d 样。") % rules.MOST_ITEMS)
    item = HandoverItem(area_code=row.area_code, handover=row, position=100 + standing)
    item.words_cipher = vault.encrypt(vault.THING, item.pk, {"words": text})
    item.save(force_insert=True)
    audit.record("handover.yes", detail={"area": row.area_code, "item": str(item.pk)})
    return item


@transaction.atomic
def tick(*, handover: uuid.UUID, item: uuid.UUID, side: str, yes: bool, by: Me) -> None:
    """One thing given, or taken; or the yes taken back. Raises NotHere, Refused."""
    row = _get(handover)
    _yes(row, item, side, yes, None)
    audit.record("handover.yes", detail={"area": row.area_code, "item": str(item), "kind": side})


@transaction.atomic
def sign(*, handover: uuid.UUID, side: str, remarks: str, by: Me, at: datetime) -> None:
    """The whole, with one's remarks below those that stand."""
    row = _get(handover)
    text = remarks.strip()
    if len(text) > rules.MOST_REMARKS:
        raise Missing("remarks", _("备注最多%(most)d个字，您写了%(n)d个，请缩短。") % {"most": rules.MOST_REMARKS, "n": len(text)})
    sealed = None
    if text:
        before = str(vault.decrypt(vault.REMARKS, row.pk, row.remarks_cipher).get("words", ""))
        sealed = vault.encrypt(vault.REMARKS, row.pk, {"words": "\n".join(x for x in (before, f"{by.name}：{text}") if x)})
    _yes(row, None, side, True, sealed)
    audit.record("handover.sign", detail={"area": row.area_code, "handover": str(row.pk), "kind": side})


@transaction.atomic
def drop(*, handover: uuid.UUID, by: Me) -> None:
    """Begun by mistake."""
    row = _get(handover)
    with connections["default"].cursor() as cursor:
        cursor.execute("select access.drop_handover(%s)", [row.pk])
        if not cursor.fetchone()[0]:
            raise Refused(_("签过字的不能作罢；没签的由开始的人作罢。"))
    audit.record("handover.drop", detail={"area": row.area_code, "handover": str(row.pk)})


def _get(pk: uuid.UUID) -> Handover:
    row = Handover.objects.filter(pk=pk).first()
    if row is None:
        raise NotHere(_("没有这次交接，或者您看不到。"))
    return row


def _yes(row: Handover, item: uuid.UUID | None, side: str, yes: bool, remarks: bytes | None) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("select access.hand_over(%s, %s, %s, %s, %s)", [row.pk, item, side, yes, remarks])
        said = cursor.fetchone()[0]
    if said != "done":
        raise Refused(_(SENTENCES[said]))
