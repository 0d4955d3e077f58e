"""Certificates: which hold at a place, drafting, the second person's word, revoking, checking.

Invariants: what may not be issued is refused with the right office and what to bring; fields come from the file with their source and
stand frozen in the paper; whoever checks a token learns the same of an unknown one, in the same words.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import county, lasting
from minqing.archives.models import Resident
from minqing.archives.rules import items
from minqing.lib import masks
from minqing.service import vault
from minqing.service.models import Certificate, CertificateItem
from minqing.service.refusals import Missing, NotHere, Refused, Stale
from minqing.service.rules import certificates as rules

PAYLOAD, REASON = "service_certificate.payload", "service_certificate.reason_cipher"


@dataclass(frozen=True)
class Filled:
    """One named field from the file."""

    label: str
    value: str
    source: str


@dataclass(frozen=True)
class Checked:
    """All that anybody may know of a certificate."""

    number: str
    on: date
    name: str
    state: str
    masked: str


def items_at(place: str, on: date, using: str = "default") -> list[rules.Item]:
    """The certificates of a place: the nation's, overridden by the narrowest current row; what the nation forbids stays forbidden."""
    found = dict(rules.NATIONAL)
    codes = [place[:n] for n in (4, 6, 9, 12) if len(place) >= n]
    rows = CertificateItem.objects.using(using).filter(Q(starts_on=None) | Q(starts_on__lte=on), Q(ends_on=None) | Q(ends_on__gte=on), area_code__in=codes, ended_at=None)
    for r in sorted(rows, key=lambda r: len(r.area_code)):
        found[r.code] = rules.Item(r.code, r.name, r.allowed and not r.code.startswith(rules.FORBIDDEN_PREFIX), r.basis, r.office, r.bring, r.template)
    return list(found.values())


def item_at(code: str, place: str, on: date, using: str = "default") -> rules.Item:
    found = next((i for i in items_at(place, on, using) if i.code == code), None)
    if found is None:
        raise NotHere(_("没有这个证明事项。"))
    return found


@transaction.atomic
def set_item(*, area: str, item: rules.Item, starts_on: date | None, ends_on: date | None, by: Me, at: datetime) -> CertificateItem:
    """A county's own row; the one before is ended. Raises Missing, NotAllowed."""
    by.require(Right.CATALOGUE, area)
    if item.allowed and item.code.startswith(rules.FORBIDDEN_PREFIX):
        raise Missing("allowed", _("国家规定不得出具的证明，不能改成可以出。"))
    if item.allowed and "姓名" not in item.fields:
        raise Missing("template", _("样式里要有 {姓名}。"))
    if not item.basis.strip():
        raise Missing("basis", _("请写依据。"))
    if starts_on and ends_on and ends_on < starts_on:
        raise Missing("ends_on", _("结束日期早于开始日期，请核对。"))
    CertificateItem.objects.filter(area_code=area, code=item.code, ended_at=None).update(ended_at=at)
    row = CertificateItem(area_code=area, code=item.code, name=item.name, allowed=item.allowed, office=item.office, bring=item.bring, basis=item.basis, template=item.template,
                          starts_on=starts_on, ends_on=ends_on, made_by=by.id, made_at=at)
    row.save(force_insert=True)
    audit.record("certificate.item", detail={"code": item.code, "area": area})
    return row


def person_of(person: uuid.UUID, by: Me) -> Resident:
    """Somebody whose file the caller opens. Raises NotHere."""
    found = Resident.objects.using(by.using).filter(pk=person).first()
    if found is None:
        raise NotHere(_("没有这个人，或不在您的职责范围内。"))
    return found


def place_of(person: Resident, by: Me) -> str:
    """The grid in which the caller writes his file, '' where he does not."""
    codes = person.placements.filter(ends_on=None).order_by("starts_on", "grid_code").values_list("grid_code", flat=True)
    return next((c for c in codes if by.may(Right.WRITE, c)), "")


@county
def from_file(item: rules.Item, person: Resident, place: str) -> list[Filled]:
    """The item's fields that the file knows, each with from whom and of when."""
    village = Area.objects.filter(pk=place[:12]).first()
    found = []
    for label in item.fields:
        if label not in rules.FROM_FILE:
            continue
        column = rules.FROM_FILE[label]
        if not column:
            found.append(Filled(label, village.short_name if village else "", lasting("区域表")))
            continue
        raw = getattr(person, column)
        value = items.label_of("sex", raw) if column == "sex" else f"{raw:%Y}年{raw.month}月{raw.day}日" if isinstance(raw, date) else str(raw or "")
        said = (person.sources or {}).get(column) or {}
        found.append(Filled(label, value, " ".join(str(x) for x in (items.source_label(said.get("from") or ""), said.get("on") or "") if x)))
    return found


@transaction.atomic
def draft(*, person: uuid.UUID, code: str, purpose: str, answers: dict[str, str], by: Me, at: datetime) -> Certificate:
    """Written, waiting for the second person. Raises Refused with the right office, Missing, NotHere."""
    who = person_of(person, by)
    place = place_of(who, by)
    if not place:
        raise NotHere(_("没有这个人，或不在您的职责范围内。"))
    item = item_at(code, place, timezone.localdate(at))
    if not item.allowed:
        raise Refused(_("村（社区）不出具“%(name)s”。请去：%(office)s。带：%(bring)s。") % {"name": item.name, "office": item.office or "—", "bring": item.bring or "—"})
    if not purpose.strip():
        raise Missing("purpose", _("请写用途：交给谁、办什么事。"))
    filled = from_file(item, who, place)
    values = {f.label: f.value for f in filled} | {k: v.strip() for k, v in answers.items() if k in item.asked}
    empty = next((k for k in item.fields if not values.get(k)), None)
    if empty in item.asked:
        raise Missing(f"a{item.asked.index(empty)}", _("请写“%s”。") % empty)
    if empty:
        raise Refused(_("档案里没有“%s”，请先到人档补上再来。") % empty)
    row, token = uuid.uuid4(), secrets.token_urlsafe(24)
    content = {"text": rules.fill(item.template, values), "basis": item.basis, "purpose": purpose.strip()[:200], "token": token, "person": who.name,
               "fields": [[f.label, f.value, f.source] for f in filled] + [[k, values[k], lasting("起草人填写")] for k in item.asked]}
    said = _call(by, "select access.draft_certificate(%s, %s, %s, %s, %s, %s, %s)", [row, who.pk, item.code, item.name, masks.name(who.name), digest(token), vault.encrypt_json(PAYLOAD, row, content)])
    _refuse(said)
    return get(row, by)


def get(certificate: uuid.UUID, by: Me) -> Certificate:
    found = Certificate.objects.using(by.using).filter(pk=certificate).first()
    if found is None:
        raise NotHere(_("没有这份证明，或不在您的职责范围内。"))
    return found


def content_of(c: Certificate) -> dict[str, Any]:
    return vault.decrypt_json(PAYLOAD, c.pk, c.payload)


def reason_of(c: Certificate) -> str:
    return vault.decrypt(REASON, c.pk, c.reason_cipher)


def decides(c: Certificate, by: Me) -> bool:
    """Whether his posts decide at that village; who drafted it is asked apart."""
    return by.may(Right.WRITE, c.place_code[:12]) and by.may(Right.DISPATCH, c.place_code[:12])


@transaction.atomic
def decide(*, certificate: uuid.UUID, approve: bool, reason: str = "", by: Me, at: datetime) -> Certificate:
    """The second person's word: a number, or back with a reason."""
    row = get(certificate, by)
    if approve and not item_at(row.item, row.place_code, timezone.localdate(at)).allowed:
        raise Refused(_("这种证明现在不出了，请退回并告诉本人去哪里办。"))
    if not approve and not reason.strip():
        raise Missing("reason", _("请写为什么不批。"))
    _refuse(_call(by, "select access.decide_certificate(%s, %s, %s)", [row.pk, approve, vault.encrypt(REASON, row.pk, reason.strip())]))
    return get(certificate, by)


@transaction.atomic
def revoke(*, certificate: uuid.UUID, reason: str, by: Me, at: datetime) -> Certificate:
    """No longer valid; the page of its code says so at once."""
    row = get(certificate, by)
    if not reason.strip():
        raise Missing("reason", _("请写为什么撤销。"))
    _refuse(_call(by, "select access.revoke_certificate(%s, %s)", [row.pk, vault.encrypt(REASON, row.pk, reason.strip())]))
    return get(certificate, by)


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def check(token: str, using: str = "resident") -> Checked | None:
    """What anybody may know; None for an unknown token. Raises Refused when asked too often."""
    try:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            cursor.execute("select area, year, serial, issued_on, name, state, masked from access.check_certificate(%s)", [digest(token[:64])])
            row = cursor.fetchone()
    except DatabaseError as error:
        raise Refused(_("查得太多了，请过一小时再来，或打热线。")) from error
    return Checked(rules.number(row[0], row[1], row[2]), row[3], row[4], row[5], row[6]) if row else None


def _call(by: Me, statement: str, parameters: list[Any]) -> str:
    with connections[by.using].cursor() as cursor:
        cursor.execute(statement, parameters)
        return str(cursor.fetchone()[0])


def _refuse(said: str) -> None:
    if said == "absent":
        raise NotHere(_("没有这份证明，或不由您来办。"))
    if said == "stale":
        raise Stale(_("别人已经办过这一步，请刷新再看。"))
    if said == "same":
        raise Refused(_("起草人不能自己批，请另一位同事来批。"))
    if said == "near":
        raise Refused(_("起草人和批的人都要回避本人、同户和亲属，请换一位同事。"))
