"""Partner counties and their catalogues: cards exchanged, columns explained once, items matched with ours by a person.

Invariants: who keeps the county's catalogue sets partners and matches, and nobody else; what was explained or matched before is kept
when the catalogue comes again; an item that is missing this time is marked, never removed; a proposal is only a proposal.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from minqing.access.actions import audit
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me, NotAllowed
from minqing.gateways import orders
from minqing.gateways import parcels as gateway
from minqing.service.models import CatalogueItem, Partner, PartnerItem
from minqing.service.queries import catalogue as queries
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import catalogue, sentences
from minqing.service.rules import parcels as rules

MOST_BYTES = 1024 * 1024
LIKE = 72   # of 100: from here on an item of ours is proposed


def county_of(by: Me) -> str:
    """The county whose catalogue he keeps. Raises NotAllowed."""
    for post in by.posts:
        if Right.CATALOGUE in ROLES[post.role].rights and len(post.area) == 6:
            return post.area
    raise NotAllowed(_("对方县和事项对照由县受理中心维护。"))


@transaction.atomic
def put(*, card: str, name: str, url: str, receipt_hours: int, by: Me, at: datetime, partner: Partner | None = None) -> Partner:
    """A new partner, or an old one with another name, address or card. The card is compared by telephone before (fingerprint)."""
    county = county_of(by)
    try:
        read = gateway.read_card(card)
    except gateway.BadCard as error:
        raise Missing("card", _(str(error))) from error
    if read.code == county:
        raise Missing("card", _("这是本县自己的名片，请贴对方县的。"))
    if partner is not None and read.code != partner.code:
        raise Missing("card", _("这张名片是 %(new)s 的，不是 %(old)s 的。") % {"new": read.code, "old": partner.code})
    if not name.strip():
        raise Missing("name", _("请写对方县的名称。"))
    if url.strip() and not url.strip().startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise Missing("url", _("接口地址应以 https:// 开头；没有接口就不写，用文件来往。"))
    if not 1 <= receipt_hours <= 240:
        raise Missing("receipt_hours", _("回执时限请写 1 到 240 小时。"))
    values = {"name": name.strip()[:60], "url": url.strip()[:200], "card": read.text, "receipt_hours": receipt_hours}
    if partner is None:
        partner = Partner(area_code=county, code=read.code, made_by=by.id, made_at=at, **values)
        try:
            with transaction.atomic():
                partner.save(force_insert=True)
        except IntegrityError as error:
            raise Missing("card", _("%s 已经在名单里，请在那里改。") % read.code) from error
    else:
        Partner.objects.filter(pk=partner.pk).update(**values)
        partner.refresh_from_db()
    audit.record("parcel.partner", detail={"code": read.code, "what": gateway.read_card(partner.card).fingerprint[:19]})
    return partner


@transaction.atomic
def end(*, partner: uuid.UUID, by: Me, at: datetime) -> Partner:
    """No more parcels to or from it, and no word of it is believed: also the way to answer a stolen key."""
    row = find(partner, by)
    Partner.objects.filter(pk=row.pk).update(ended_at=at)
    audit.record("parcel.partner", detail={"code": row.code, "dropped": True})
    return row


def find(partner: uuid.UUID, by: Me) -> Partner:
    """A partner of the county whose catalogue he keeps. Raises NotHere."""
    row = Partner.objects.filter(pk=partner, area_code=county_of(by), ended_at=None).first()
    if row is None:
        raise NotHere(_("没有这个对方县，或已停用。"))
    return row


# --- the catalogue -------------------------------------------------------------------------------------------------------


@dataclass
class Look:
    """A file as it was read: its headings with what they mean (or '' = unknown), the items under it."""

    headings: list[tuple[str, str]] = field(default_factory=list)
    rows: list[rules.Row] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def look(partner: Partner, name: str, content: bytes, taught: Mapping[str, str] | None = None) -> Look:
    """Read a partner's file without keeping anything; `taught` are answers that are not kept yet. Raises Missing."""
    if len(content) > MOST_BYTES:
        raise Missing("file", _("文件超过 1 MB，请只留事项目录这一张表。"))
    known = {**partner.columns, **(taught or {})}
    try:
        sheets = orders.tables(name, content)
    except orders.Unreadable as problem:
        raise Missing("file", sentences.say(problem.said)) from problem
    for _where, rows in sheets:
        start = rules.heading_row(rows, known)
        if start is None:
            continue
        heads = [str(c).strip() if c is not None else "" for c in rows[start]]
        keys = [rules.meaning(h, known) if h else "" for h in heads]
        read = rules.read(rows, start, keys) if "name" in keys else rules.Read()
        return Look([(h, k) for h, k in zip(heads, keys, strict=True) if h], read.rows, read.wrong, [h for h, k in zip(heads, keys, strict=True) if h and not k and rules.tidy(h) not in known and rules.tidy(h) not in rules.IGNORED])
    raise Missing("file", _("这个文件里没有表：请选对方县的事项目录（Excel 或 CSV）。"))


@dataclass(frozen=True)
class Changed:
    """What a catalogue brought."""

    new: int
    changed: int
    same: int
    gone: int


@transaction.atomic
def take(*, partner: Partner, rows: Sequence[rules.Row], columns: Mapping[str, str], by: Me, at: datetime) -> Changed:
    """Keep a partner's items and what its headings mean. Matches that were made stay; a field that somebody explained stays explained."""
    find(partner.pk, by)
    if not rows:
        raise Refused(_("没有读到任何事项：请先说明哪一列是事项名称。"))
    bad = [k for k in columns.values() if k and k not in rules.LABELS]
    if bad:
        raise Refused(_("没有“%s”这种列。") % bad[0])
    Partner.objects.filter(pk=partner.pk).update(columns={**partner.columns, **{rules.tidy(h)[:60]: k for h, k in columns.items()}})
    old = {i.key: i for i in PartnerItem.objects.filter(partner=partner)}
    new = changed = same = 0
    for row in rows:
        present = old.get(row.key)
        explained = {rules.tidy(f["label"]): f for f in present.fields} if present else {}
        values = {"code": row.code, "name": row.name, "fields": [explained.get(rules.tidy(f["label"]), f) for f in row.fields], "materials": list(row.materials), "days": row.days, "where": row.where, "note": row.note}
        if present is None:
            PartnerItem(partner=partner, area_code=partner.area_code, key=row.key, made_by=by.id, made_at=at, **values).save(force_insert=True)
            new += 1
        elif present.missing_since is not None or any(getattr(present, k) != v for k, v in values.items()):
            PartnerItem.objects.filter(pk=present.pk).update(missing_since=None, made_by=by.id, made_at=at, **values)
            changed += 1
        else:
            same += 1
    gone = PartnerItem.objects.filter(partner=partner, missing_since=None).exclude(key__in=[r.key for r in rows]).update(missing_since=timezone.localdate(at))
    audit.record("parcel.catalogue", detail={"code": partner.code, "new": new, "rows": len(rows)})
    return Changed(new, changed, same, gone)


def proposal(item: PartnerItem, ours: Sequence[CatalogueItem]) -> str:
    """The code of ours that reads most alike, '' where none does. Shown, never taken by itself."""
    own = rules.tidy(item.name)
    best = max(((max(fuzz.ratio(own, rules.tidy(o.name)), fuzz.partial_ratio(own, rules.tidy(o.name)) - 8 if min(len(own), len(rules.tidy(o.name))) >= 4 else 0), o.code) for o in ours), default=(0, ""))
    return best[1] if best[0] >= LIKE else ""


@transaction.atomic
def match(*, partner: Partner, answers: Mapping[uuid.UUID, str], by: Me, at: datetime) -> int:
    """item → our code, '-' = none of ours, '' = not settled. Returns how many changed."""
    find(partner.pk, by)
    known = {i.code for i in queries.items_at(partner.area_code)}
    n = 0
    for row in PartnerItem.objects.select_for_update(of=("self",)).filter(partner=partner, pk__in=list(answers)):
        answer = answers[row.pk].strip()
        if answer not in ("", "-") and answer not in known:
            raise Refused(_("本县目录里没有“%s”这个事项。") % answer)
        code, none = ("", answer == "-") if answer in ("", "-") else (answer, False)
        if (row.item, row.no_match) != (code, none):
            PartnerItem.objects.filter(pk=row.pk).update(item=code, no_match=none, made_by=by.id, made_at=at)
            n += 1
    if n:
        audit.record("parcel.catalogue", detail={"code": partner.code, "n": n})
    return n


@transaction.atomic
def explain(*, item: uuid.UUID, fields: str, materials: str, by: Me, at: datetime) -> PartnerItem:
    """What the other county asks for, line by line: "名称|档案字段" or "?名称". Raises Missing."""
    row = PartnerItem.objects.select_related("partner").filter(pk=item).first()
    if row is None or row.partner.ended_at is not None:
        raise NotHere(_("没有这个事项。"))
    find(row.partner_id, by)
    made: list[dict[str, str]] = []
    for line in catalogue.words_of(fields)[:catalogue.MOST_LINES]:
        said = catalogue.form_line(line)
        if isinstance(said, str):
            raise Missing("fields", said)
        made += [f for f in said if f not in made]
    PartnerItem.objects.filter(pk=row.pk).update(fields=made, materials=[m[:60] for m in catalogue.words_of(materials)[:30]], made_by=by.id, made_at=at)
    audit.record("parcel.catalogue", detail={"code": row.partner.code, "n": 1})
    row.refresh_from_db()
    return row
