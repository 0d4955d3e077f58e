"""A resident reads his own file: what is kept, from whom, of when, what for; who opened it; what was done for him.

Invariants: everything goes through alias `resident`, whose policies know only himself, those for whom he acts and whom his
household lets him see; numbers of others than himself stay masked; whoever looks for level 4 asks for it by a step of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections
from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.access.rules import audit as words
from minqing.access.rules.classification import Basis
from minqing.access.scope import Visitor
from minqing.archives import vault
from minqing.archives.models import (
    Disability,
    Dwelling,
    Health,
    Household,
    Kinship,
    Membership,
    Occupancy,
    Placement,
    Plot,
    Proposal,
    Relief,
    Resident,
)
from minqing.archives.refusals import NotHere
from minqing.archives.rules import items
from minqing.archives.rules.fields import FIELDS
from minqing.lib import masks

USING = "resident"
SECRETS = {"id_number": "id_cipher", "phone": "phone_cipher", "emergency_phone": "emergency_cipher"}
#: What a relative did, as it is said to the one for whom he acts.
DONE = {
    "file.open": "看了您的档案", "file.sensitive": "看了您的健康、残疾、救助信息", "file.copy": "取走了您的档案副本", "file.propose": "替您提出了更正", "matter.submit": "替您说了一件事", "consent.accept": "接受了代办",
}
LEVEL_4 = {"health": Health, "disability": Disability, "relief": Relief}


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the file as its owner reads it."""

    field: str
    label: str
    value: str
    source: str = ""
    on: str = ""
    why: str = ""
    basis: str = ""
    others: tuple[str, ...] = ()
    department: str = ""


@dataclass(frozen=True, slots=True)
class Mine:
    """The file of one person: himself or somebody for whom he acts."""

    person: Resident
    own: bool
    lines: list[Line]
    homes: list[Line]
    houses: list[Line]
    kin: list[Line]
    places: list[Line]
    corrections: list[Proposal]


def person_of(visitor: Visitor, person: uuid.UUID) -> Resident:
    """The row of oneself or of somebody for whom one acts. Raises NotHere for everybody else."""
    row = Resident.objects.using(USING).filter(pk=person, voided_at=None).first() if person in visitor.persons else None
    if row is None:
        raise NotHere(_("没有这份档案，或不是您的。"))
    if not row.alive:
        raise NotHere(_("档案里登记此人已去世，网上不再打开。家属请带证明到窗口办理。"))
    return row


def people(visitor: Visitor) -> list[Resident]:
    """Himself first, then those for whom he acts."""
    rows = {r.pk: r for r in Resident.objects.using(USING).filter(pk__in=visitor.persons, voided_at=None, alive=True)}
    order = [*visitor.selves, *(p for p in visitor.persons if p not in visitor.selves)]
    return [rows[p] for p in order if p in rows]


def open_file(visitor: Visitor, person: uuid.UUID) -> Mine:
    """Everything of levels 2 and 3 that is kept about a person. The caller audits."""
    row = person_of(visitor, person)
    own = row.pk in visitor.selves
    memberships = list(Membership.objects.using(USING).filter(person_id=row.pk, ends_on=None, voided_at=None))
    return Mine(
        person=row, own=own, lines=[line for item in items.RESIDENT if (line := _line(row, item, masked=not own)) is not None],
        homes=[line for m in memberships for line in _home(visitor, m)],
        houses=_houses(row.pk), kin=_kin(visitor, row.pk), places=_places(row.pk),
        corrections=list(Proposal.objects.using(USING).filter(person_id=row.pk, voided_at=None).order_by("-made_at")[:30]),
    )


def _line(row: Resident, item: items.Item, *, masked: bool) -> Line | None:
    value = clear(row, item.field, masked=masked)
    if not value:
        return None
    column = SECRETS.get(item.field, item.field)
    known = FIELDS.get(("Resident", column))
    source = row.sources.get(item.field) or {}
    others = tuple(f"{items.source_label(o.get('from', ''))}：{item.shown(o['value']) if o.get('value') else _('另有记录')}（{o.get('on') or _('日期不详')}）" for o in source.get("others") or ())
    return Line(item.field, _(item.label), value, _from(source), source.get("on") or "", _(known.purpose) if known else "",
                known.basis.value if known and known.basis is not Basis.NONE else "", others, item.authorities[0] if item.authorities else "")


def clear(row: Resident, field: str, *, masked: bool) -> str:
    """A value of the file as its owner sees it; of somebody else's numbers the mask."""
    if field in SECRETS:
        column = SECRETS[field]
        text = vault.decrypt(f"archives_resident.{column}", row.pk, getattr(row, column))
        return (masks.identity_number(text) if field == "id_number" else masks.phone(text)) if masked and text else text
    if field.endswith("_area"):
        code = getattr(row, field)
        area = Area.objects.using(USING).filter(pk=code[:12]).first() if code else None
        return area.official_name if area else code
    return items.label_of(field, getattr(row, field))


def _from(source: Any) -> str:
    """Whose word a value is; '' where nobody noted it."""
    found = source.get("from") if isinstance(source, dict) else ""
    return items.source_label(found) if found else ""


def _home(visitor: Visitor, m: Membership) -> list[Line]:
    """One membership; the household itself where its adults agreed."""
    found = [Line("relation", _("与户主关系"), items.label_of("relation", m.relation, table="household"), _from(m.sources.get("relation")), (m.sources.get("relation") or {}).get("on") or "",
                  _(FIELDS[("Membership", "relation")].purpose))]
    home = Household.objects.using(USING).filter(pk=m.household_id).first() if m.household_id in visitor.households else None
    if home is not None:
        found += [Line(item.field, _(item.label), value, _from(home.sources.get(item.field)), (home.sources.get(item.field) or {}).get("on") or "", _(FIELDS[("Household", item.field)].purpose))
                  for item in items.HOUSEHOLD if item.table == "household" and (value := item.shown(getattr(home, item.field)))]
        found += [Line("plot", _(p.kind), _plot(p), _from(p.sources.get("name")), (p.sources.get("name") or {}).get("on") or "", _(FIELDS[("Plot", "household")].purpose))
                  for p in Plot.objects.using(USING).filter(household_id=home.pk, voided_at=None).order_by("sort_key")]
    return found


def _plot(p: Plot) -> str:
    """One plot in a line: name, size, four neighbours, papers."""
    size = _("%s 亩") % p.area_mu if p.area_mu is not None else ""
    around = "，".join(f"{_(items.PLOT_ITEMS[f].label)} {value}" for f in ("east", "south", "west", "north") if (value := getattr(p, f)))
    return " · ".join(x for x in (p.name, size, around, p.code, p.contract_no, p.title_no) if x)


def _houses(person: uuid.UUID) -> list[Line]:
    kinds = dict(Occupancy.KINDS)
    known = {d.pk: d for d in Dwelling.objects.using(USING).filter(voided_at=None)}
    rows = Occupancy.objects.using(USING).filter(person_id=person, voided_at=None)
    found = [Line("occupancy", _("居住人员"), _(kinds.get(o.kind, o.kind)) + (f" · {known[o.dwelling_id].address}" if o.dwelling_id in known else ""), on=str(o.starts_on or "")) for o in rows]
    for d in known.values():
        if d.owner_id == person:
            found += [Line(i.field, _(i.label), value, _from(d.sources.get(i.field)), (d.sources.get(i.field) or {}).get("on") or "") for i in items.DWELLING
                      if i.field in ("address", "structure", "floor_area", "built_year", "title_no", "plot_area", "safety") and (value := i.shown(getattr(d, i.field)))]
    return found


def _kin(visitor: Visitor, person: uuid.UUID) -> list[Line]:
    rows = list(Kinship.objects.using(USING).filter(voided_at=None, ends_on=None))
    names = dict(Resident.objects.using(USING).filter(pk__in=visitor.shared).values_list("pk", "name"))
    found = []
    for k in rows:
        if person in (k.person_id, k.relative_id):
            other = k.relative_id if k.person_id == person else k.person_id
            kind = _("配偶") if k.kind == "spouse" else _("父母") if k.person_id == person else _("子女")
            found.append(Line("kinship", kind, names.get(other, _("已登记（姓名只有本人同意才显示）")), _from(k.sources.get("kind")), (k.sources.get("kind") or {}).get("on") or ""))
    return found


def _places(person: uuid.UUID) -> list[Line]:
    why = dict(Placement.WHY)
    rows = list(Placement.objects.using(USING).filter(person_id=person, ends_on=None).order_by("grid_code"))
    areas = dict(Area.objects.using(USING).filter(pk__in={c for p in rows for c in (p.grid_code, p.grid_code[:12])}).values_list("code", "short_name"))
    return [Line("placement", _(why[p.why]), " ".join(dict.fromkeys(areas[c] for c in (p.grid_code[:12], p.grid_code) if c in areas)), on=str(p.starts_on)) for p in rows]


def sensitive(visitor: Visitor, person: uuid.UUID) -> list[Line]:
    """Level 4 of oneself, or where a consent says so in words. The caller audits."""
    if person not in visitor.sensitive:
        raise NotHere(_("健康、残疾、救助信息只给本人看，或本人单独同意的家人看。"))
    found = []
    for kind, model in LEVEL_4.items():
        label = _(items.SENSITIVE[kind][1])
        for row in model.objects.using(USING).filter(person_id=person, voided_at=None):
            content = vault.decrypt_json(f"archives_{kind}.payload", row.pk, row.payload)
            source = next(iter(row.sources.values()), {}) if isinstance(row.sources, dict) else {}
            found.append(Line(kind, label, f"{row.code}" + ("：" + "；".join(f"{k} {v}" for k, v in content.items() if v) if content else ""), _from(source),
                              str((source.get("on") if isinstance(source, dict) else "") or row.starts_on or "")))
    return found


@dataclass(frozen=True, slots=True)
class Opened:
    """One look of a colleague into the file."""

    at: datetime
    who: str
    what: str
    why: str


def who_opened(person: uuid.UUID) -> list[Opened]:
    """Who opened or changed the file, newest first; why: the page he came from and, where one was asked, his reason in words."""
    with connections[USING].cursor() as cursor:
        cursor.execute("select at, staff_name, what, purpose, reason from access.who_opened(%s)", [person])
        return [Opened(at, name or "", _(words.says(what)), reason or words.purpose(purpose)) for at, name, what, purpose, reason in cursor.fetchall()]


def done_for_me() -> list[Opened]:
    """What relatives did with the consent of the person himself."""
    with connections[USING].cursor() as cursor:
        cursor.execute("select at, name, what from access.done_for_me()")
        return [Opened(at, name, _(DONE.get(what) or words.says(what)), "") for at, name, what in cursor.fetchall()]


def my_officers() -> list[Any]:
    """(name, role, area, phone) of the people who answer for the home grid, the grid's own first."""
    with connections[USING].cursor() as cursor:
        cursor.execute("select name, role, area, phone from access.my_officers()")
        return cursor.fetchall()


def members(visitor: Visitor) -> list[tuple[str, str]]:
    """(name, relation) of one's household as far as its adults agreed; others are counted, not named."""
    homes = set(Membership.objects.using(USING).filter(person_id__in=visitor.selves, ends_on=None, voided_at=None).values_list("household_id", flat=True))
    rows = Membership.objects.using(USING).filter(household_id__in=homes, ends_on=None, voided_at=None)
    names = dict(Resident.objects.using(USING).filter(pk__in=visitor.shared).values_list("pk", "name"))
    # who is registered and lives in the same household stands in it twice
    return list(dict.fromkeys((names[m.person_id], items.label_of("relation", m.relation, table="household")) for m in rows if m.person_id in names))


def as_json(mine: Mine, level_4: Iterable[Line], opened: Iterable[Opened], at: datetime) -> dict[str, Any]:
    """The copy that a person takes along (PIPL 45): readable by people and by other programs."""
    def plain(line: Line) -> dict[str, Any]:
        return {"项目": line.label, "内容": line.value, "来源": line.source, "日期": line.on, "用途": line.why, "法律依据": line.basis, "别处的记录": list(line.others)}

    return {
        "说明": "本人档案副本", "取走时间": at.isoformat(timespec="seconds"), "姓名": mine.person.name,
        "个人信息": [plain(x) for x in mine.lines], "在哪一户": [plain(x) for x in mine.homes], "住房": [plain(x) for x in mine.houses], "亲属": [plain(x) for x in mine.kin],
        "哪里看得到": [plain(x) for x in mine.places], "健康残疾救助": [plain(x) for x in level_4],
        "谁看过": [{"时间": o.at.isoformat(timespec="seconds"), "谁": o.who, "做了什么": o.what, "为什么": o.why} for o in opened],
    }
