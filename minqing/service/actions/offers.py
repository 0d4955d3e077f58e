"""What comes of an offer: told, an errand opened, not needed, the file is wrong. Each by a person, each to be taken back for ten minutes.

Invariants: nothing is decided by the machine that found it; what an act changed stands in `before` and goes back with its undo; a
wrong finding becomes a question to the department whose field it was, never a silent correction.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import county, lasting
from minqing.archives import vault as archive_vault
from minqing.archives.actions import acts, people
from minqing.archives.models import Act, Proposal, Resident
from minqing.archives.rules import items as archive_items
from minqing.service.actions import errands, matters, moving
from minqing.service.actions.errands import Wish
from minqing.service.actions.matters import Opened
from minqing.service.models import Matter, Offer, OfferReason, PolicyRule
from minqing.service.queries import catalogue
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import entitlements

VERIFY_DAYS = 15
KEPT = ("state", "told_at", "told_how", "why", "again_on", "matter_id")
#: How long a "not needed" is remembered, for the choice on the page: days, 0 = for good.
REMEMBER = {"0": "不再问", "180": "半年后再问", "365": "一年后再问"}


def of(offer: uuid.UUID, by: Me, *, lock: bool = False) -> Offer:
    rows = Offer.objects.filter(pk=offer)
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.first()
    if found is None or not by.may(Right.WRITE, found.grid_code):
        raise NotHere(_("没有这一条，或不在您的范围内。"))
    return found


def rule_of(offer: Offer) -> PolicyRule | None:
    """The rule that found him; None where it is of level 4 and not to be read by the caller."""
    code = offer.rule or OfferReason.objects.filter(offer=offer).values_list("rule", flat=True).first()
    if not code:
        return None
    return next((r for r in catalogue.rules_at(offer.grid_code[:12]) if r.code == code), None)


def name_of(rule: PolicyRule | None, offer: Offer) -> str:
    """What lists and sentences call it: of level 4 only that there is something."""
    return lasting("有一项政策") if offer.sensitive or rule is None else rule.name


@contextmanager
def _acting(kind: str, sentence: str, offer: Offer, *, by: Me, at: datetime) -> Iterator[Act]:
    """One act on one offer: what it was is kept, so that it can go back."""
    before = {k: (v.isoformat() if isinstance(v, date | datetime) else str(v) if isinstance(v, uuid.UUID) else v) for k in KEPT for v in [getattr(offer, k)]}
    with acts.acting(kind, sentence, by=by, at=at, grid=offer.grid_code, persons=[offer.person_id], url="") as act:
        offer.act, offer.before, offer.changed_by, offer.changed_at = act.pk, before, by.id, at
        yield act
        offer.save(update_fields=[*KEPT, "act", "before", "changed_by", "changed_at"])


def _check(offer: Offer, move: str) -> None:
    if offer.state not in entitlements.MOVES[move]:
        raise Refused(_("这一条现在是“%s”，请刷新页面看看。") % _(entitlements.STATES[offer.state]))


def _person(offer: Offer) -> Resident:
    return people.get(offer.person_id, lock=False)


@transaction.atomic
def tell(*, offer: uuid.UUID, how: str, by: Me, at: datetime) -> Offer:
    """The person knows."""
    row = of(offer, by, lock=True)
    _check(row, "tell")
    if how not in entitlements.TOLD:
        raise Missing("how", _("请选择怎么告诉的。"))
    with _acting("offer.tell", lasting("把%(what)s告诉了%(name)s") % {"what": name_of(rule_of(row), row), "name": _person(row).name}, row, by=by, at=at):
        row.state, row.told_at, row.told_how = "told", at, how
    return row


@transaction.atomic
def open_errand(*, offer: uuid.UUID, words: str = "", by: Me, at: datetime) -> tuple[Offer, Opened]:
    """One click: the errand with the person, the item and the form from the file."""
    row = of(offer, by, lock=True)
    _check(row, "open")
    rule = rule_of(row)
    if rule is None:
        raise Refused(_("这一项的条件含敏感信息，请村书记来开代办。"))
    if not rule.item:
        raise Refused(_("这条政策没有要办的事项，告诉本人就行。"))
    person, place = _person(row), row.grid_code[:12]
    item = errands.item_for(rule.item, place, by, at)
    with _acting("offer.open", lasting("给%(name)s开了代办：%(what)s") % {"name": person.name, "what": lasting("一件事") if row.sensitive or item.sensitive else item.name}, row, by=by, at=at):
        wish = Wish(item=item, place=place, words=words or lasting("政策找人：%s") % (item.name if not row.sensitive else lasting("一项政策")), channel="policy", name=person.name, phone=people.clear(person, "phone"), person=person.pk, offer=row.pk)
        opened = errands.open_errand(wish=wish, by=by, at=at)
        row.state, row.matter_id = "opened", opened.matter.pk
        row.told_at, row.told_how = row.told_at or at, row.told_how or "phone"
    return row, opened


@transaction.atomic
def decline(*, offer: uuid.UUID, why: str, remember: str, by: Me, at: datetime) -> Offer:
    """He does not need it, in his own words; asked again after so long, or never."""
    row = of(offer, by, lock=True)
    _check(row, "decline")
    words = moving.need(why, "why", _("请写一句本人怎么说的。"))
    if remember not in REMEMBER:
        raise Missing("remember", _("请选择以后还要不要再问。"))
    with _acting("offer.decline", lasting("%(name)s不需要：%(what)s") % {"name": _person(row).name, "what": name_of(rule_of(row), row)}, row, by=by, at=at):
        row.state, row.why, row.told_at = "declined", words[:200], row.told_at or at
        row.again_on = timezone.localdate(at) + timedelta(days=int(remember)) if int(remember) else None
    return row


@transaction.atomic
def wrong(*, offer: uuid.UUID, words: str, by: Me, at: datetime) -> tuple[Offer, Proposal | None]:
    """The file is wrong about him: the department whose field it is gets a question; the offer goes."""
    row = of(offer, by, lock=True)
    _check(row, "wrong")
    text = moving.need(words, "words", _("请写实际情况是怎样的。"), 4)
    person, rule = _person(row), rule_of(row)
    field = entitlements.ASKED.get(rule.kind, "") if rule else ""
    made = None
    with _acting("offer.wrong", lasting("%(name)s的情况与档案不符：%(what)s") % {"name": person.name, "what": name_of(rule, row)}, row, by=by, at=at) as act:
        row.state, row.why = "wrong", text[:200]
        if field:
            made = _question(person, field, text, row.grid_code, act, by=by, at=at)
    return row, made


@county
def _question(person: Resident, field: str, text: str, grid: str, act: Act, *, by: Me, at: datetime) -> Proposal:
    item = archive_items.ITEMS[field]
    department = item.authorities[0] if item.authorities else ""
    sentence = lasting("请核实%(name)s的%(label)s（%(department)s）") % {"name": person.name, "label": item.label, "department": archive_items.source_label(department)}
    made = Proposal(grid_code=grid, kind="verify", person=person, sentence=sentence, department=department, field=field, due_on=timezone.localdate(at) + timedelta(days=VERIFY_DAYS), made_at=at, made_by=by.id, act=act.pk)
    value = getattr(person, field)
    made.payload = archive_vault.encrypt_json("archives_proposal.payload", made.pk, {"from": "" if value is None else str(value), "to": "", "note": text})
    made.save(force_insert=True)
    return made


def take_back(act: Act, by: Me, at: datetime) -> None:
    """The undo of an act on an offer: its fields go back, an errand that it opened is withdrawn. Its question to a department is voided with the act's other rows."""
    row = Offer.objects.filter(act=act.pk).first()
    if row is None:
        raise Refused(_("不能撤销：这一条后来又办过别的，请直接改成您要的样子。"))
    if row.matter_id is not None and act.kind == "offer.open":
        _withdraw(row.matter_id, by, at)
    values: dict[str, Any] = dict(row.before)
    Offer.objects.filter(pk=row.pk).update(
        state=values.get("state", "found"), told_at=values.get("told_at"), told_how=values.get("told_how", ""), why=values.get("why", ""), again_on=values.get("again_on"), matter_id=values.get("matter_id"),
        act=None, before={}, changed_by=by.id, changed_at=at,
    )


def _withdraw(matter: uuid.UUID, by: Me, at: datetime) -> None:
    row = Matter.objects.filter(pk=matter).first()
    if row is None:
        raise Refused(_("不能撤销：这件代办已不在您这里。"))
    errand = errands.of(row, by)
    if errand.agent is not None and errand.agent != by.id:
        raise Refused(_("不能撤销：已经有人在办了。请先收回，再撤回这件事。"))
    may = moving.may(row, "withdraw", by)
    matters.withdraw(matter=row, words=lasting("点错了，十分钟内撤销"), by=by, at=at, actor="staff" if may else "requester")


for _kind in ("offer.tell", "offer.open", "offer.decline", "offer.wrong"):
    acts.also_undo(_kind, take_back)
