"""Paper: household files, family trees, blank and pre-filled 户情单, as PDF in Chinese, A4.

Invariants: what is printed is read through the caller's scope and audited with every person on it before the bytes leave;
each page names who printed it and when; nothing is fetched from anywhere while a PDF is made; the QR holds an opaque
household id and no word about people; identity numbers are printed masked.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetchingError

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.archives.models import Household, Membership
from minqing.archives.refusals import NotHere, Refused
from minqing.archives.rules import items, keys
from minqing.archives.rules.tags import age

#: Rows for people on a sheet: as many as an ordinary family needs, more where the household is larger.
ROWS = 8
MOST_HOUSEHOLDS = 600
QR_PREFIX = "MQ:"


def no_outside(url: str, *_args: Any, **_kwargs: Any) -> Any:
    """A PDF is made from what stands in the page; no address is opened, of the network or of this machine."""
    raise URLFetchingError(f"not fetched while printing: {url[:40]}")


def stylesheets(fonts: FontConfiguration) -> list[CSS]:
    found = []
    for name in ("minqing/print.css", "desk/paper.css"):
        path = finders.find(name)
        if path:
            found.append(CSS(filename=str(path), font_config=fonts, url_fetcher=no_outside))
    return found


def pdf(template: str, context: dict[str, Any]) -> bytes:
    """A template as PDF bytes."""
    fonts = FontConfiguration()
    page = render_to_string(template, context)
    return bytes(HTML(string=page, url_fetcher=no_outside, base_url=None).write_pdf(stylesheets=stylesheets(fonts), font_config=fonts))


def frame(me: Me, at: datetime) -> dict[str, Any]:
    """What every printed page says at its foot and behind its words."""
    return {"by": f"{me.name} {me.number}", "at": timezone.localtime(at), "practice": (settings.HOME / "practice").exists()}


def qr(household: uuid.UUID | None) -> str:
    """An SVG of the household's opaque id, '' for a sheet without household."""
    if household is None:
        return ""
    return str(segno.make(f"{QR_PREFIX}{household}", error="m").svg_inline(scale=2, border=0, dark="#000"))


def household_of(text: str) -> uuid.UUID | None:
    """The household a scanned QR or a typed id means."""
    try:
        return uuid.UUID(text.strip().removeprefix(QR_PREFIX))
    except ValueError:
        return None


# --- one household, one family ----------------------------------------------------------------------------------------


def household_file(me: Me, file: Any, context: dict[str, Any], *, at: datetime) -> bytes:
    """One household's file (`queries.HouseholdFile`); `context` holds the lines as the page shows them."""
    audit.record("print", persons=[m.id for m in file.members], households=[file.household.pk], detail={"what": "household"})
    return pdf("desk/print/household.html", {**context, **frame(me, at), "file": file, "h": file.household, "qr": qr(file.household.pk)})


def family_tree(me: Me, person: Any, drawing: Any, *, at: datetime) -> bytes:
    """The drawing of a family; every person on it who has a file is named in the audit."""
    seen = [b.node.id for b in drawing.boxes if b.node.here and not b.node.far]
    audit.record("print", persons=seen, detail={"what": "tree"})
    landscape = drawing.width > drawing.height
    return pdf("desk/print/tree.html", {**frame(me, at), "p": person, "drawing": drawing, "landscape": landscape})


# --- sheets for the doors ---------------------------------------------------------------------------------------------


@dataclass
class PersonLine:
    """A person on a pre-filled sheet; empty words are lines to write on."""

    name: str
    relation: str
    id_masked: str
    sex_age: str
    phone: str
    where: str


@dataclass
class Sheet:
    """One household's sheet; a blank one has no household."""

    household: Household | None = None
    grid_name: str = ""
    people: list[PersonLine] = field(default_factory=list)
    qr: str = ""
    fill: Sequence[int] = ()

    @property
    def ask(self) -> list[str]:
        """What to ask at this door: what is not known."""
        if self.household is None:
            return []
        found = [_("门牌")] if not self.household.door else []
        found += [_("%s的电话") % p.name for p in self.people if not p.phone and p.sex_age][:4]
        return found


def walking_order(h: Household) -> tuple[str, str]:
    """Natural village, then door with its digits padded."""
    return (keys.dwelling_sort_key(h.natural_village, h.door), h.sort_key)


def sheets(me: Me, grid: str, *, blank: bool, natural_village: str = "", count: int = 10, at: datetime | None = None) -> bytes:
    """户情单 of a grid in walking order, one PDF; `blank` gives `count` empty ones. Raises NotAllowed, Refused, NotHere."""
    moment = at or timezone.now()
    area = Area.objects.filter(pk=grid).first()
    if area is None:
        raise NotHere(_("没有代码为 %s 的网格。") % grid)
    me.require(Right.WRITE, grid)
    if blank:
        found = [Sheet(grid_name=place_name(area), fill=range(ROWS)) for _i in range(max(1, min(count, 200)))]
        audit.record("print", detail={"what": "blank", "area": grid, "n": len(found)})
    else:
        found = filled(area, natural_village, timezone.localdate(moment))
        if not found:
            raise Refused(_("这里还没有户档，请打印空白表。"))
    title = place_name(area) + (f" · {natural_village}" if natural_village else "")
    return pdf("desk/print/sheets.html", {**frame(me, moment), "sheets": found, "title": title, "blank": blank})


def place_name(area: Area) -> str:
    village = Area.objects.filter(pk=area.code[:12]).first()
    return f"{village.short_name} {area.short_name}" if village and village.code != area.code else area.short_name


def filled(area: Area, natural_village: str, on: date) -> list[Sheet]:
    """Pre-filled sheets of a grid: three statements and one audit entry with all persons."""
    rows = Household.objects.filter(grid_code__gte=area.code, grid_code__lt=area.code + ":", voided_at=None).exclude(state="dissolved")
    if natural_village:
        rows = rows.filter(natural_village=natural_village)
    homes = sorted(rows[: MOST_HOUSEHOLDS + 1], key=walking_order)
    if len(homes) > MOST_HOUSEHOLDS:
        raise Refused(_("一次最多打印 %d 户，请再按自然村分开。") % MOST_HOUSEHOLDS)
    members: dict[uuid.UUID, list[Membership]] = {}
    for m in Membership.objects.filter(household__in=homes, ends_on=None, voided_at=None).select_related("person"):
        members.setdefault(m.household_id, []).append(m)
    name = place_name(area)
    result = []
    for h in homes:
        living = sorted((m for m in members.get(h.pk, []) if m.person.alive), key=lambda m: (m.relation != "02", m.relation, m.person.birth_date or date.max))
        people = [line_of(m, on) for m in living]
        result.append(Sheet(household=h, grid_name=name, people=people, qr=qr(h.pk), fill=range(max(2, ROWS - 1 - len(people)))))
    audit.record("print", persons=[m.person_id for rows in members.values() for m in rows], households=[h.pk for h in homes], detail={"what": "sheets", "area": area.code, "n": len(homes)})
    return result


def line_of(m: Membership, on: date) -> PersonLine:
    """A member as the sheet prints him: the number masked, the phone by its last digits."""
    p = m.person
    years = age(p.birth_date, on)
    tail = f"{p.id_tail[:4]}{'*' * 12}{p.id_tail[4:]}" if len(p.id_tail) == 6 else ""
    return PersonLine(
        name=p.name, relation=items.label_of("relation", m.relation, table="household"), id_masked=tail,
        sex_age=" ".join(x for x in (items.label_of("sex", p.sex).removesuffix("性") if p.sex in ("1", "2") else "", str(years) if years is not None else "") if x),
        phone=f"*******{p.phone_tail}" if p.phone_tail else "", where=p.living_elsewhere,
    )
