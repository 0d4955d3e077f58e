"""The one search box over the whole scope: persons, households and plots of land, and why each was found.

Invariant: at most seven statements; audited with the persons shown and without the words.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.scope import Me
from minqing.archives.models import Household, Membership, Placement, Plot, Resident
from minqing.archives.queries import keyed
from minqing.archives.rules import keys

REASONS = {"n": "姓名", "h": "户号", "a": "地址", "i": "证件号码", "p": "电话", "l": "地块"}


@dataclass(frozen=True, slots=True)
class Hit:
    """A person, household or plot that fits. `subtitle`: birth year and address, never a number."""

    kind: str
    id: uuid.UUID
    title: str
    subtitle: str
    household_id: uuid.UUID | None
    grid_code: str
    why: str
    alive: bool = True


def search(me: Me, text: str, *, limit: int = 20) -> list[Hit]:
    """Hits for typed words or a number, exact ones first, at most `limit`. Under two characters: none."""
    found = keyed.find(me, text, limit=limit * 4)
    people: dict[uuid.UUID, keyed.Key] = {}
    homes: dict[uuid.UUID, keyed.Key] = {}
    land: dict[uuid.UUID, keyed.Key] = {}
    for key in found:
        if key.plot:
            land.setdefault(key.plot, key)
        if key.person:
            people.setdefault(key.person, key)
        elif key.household:
            homes.setdefault(key.household, key)
    # keys come exact ones first; one person may stand here with several of them, so twice the hits are looked at
    hits = _hits(dict(list(people.items())[:limit * 2]), dict(list(homes.items())[:limit]), dict(list(land.items())[:limit]), keys.plain(text))[:limit]
    audit.record("search", persons=[h.id for h in hits if h.kind == "person"], households=[h.id for h in hits if h.kind == "household"], detail={"hits": len(hits)})
    return hits


def _hits(people: dict[uuid.UUID, keyed.Key], homes: dict[uuid.UUID, keyed.Key], land: dict[uuid.UUID, keyed.Key], word: str) -> list[Hit]:
    residents = {r.pk: r for r in Resident.objects.filter(pk__in=list(people), voided_at=None).only("name", "birth_date", "alive", "left_on", "name_key")}
    member_of = {}
    for person, household, by in Membership.objects.filter(person__in=list(residents), ends_on=None, voided_at=None).values_list("person_id", "household_id", "by"):
        if by == "registration" or person not in member_of:
            member_of[person] = household
    grids = dict(Placement.objects.filter(person__in=list(residents), ends_on=None).order_by("-grid_code").values_list("person_id", "grid_code"))
    rows = Household.objects.filter(pk__in={*homes, *member_of.values()}, voided_at=None).only("grid_code", "number", "head_name", "natural_village", "door", "address", "state", "sort_key")
    households = {h.pk: h for h in rows}
    plots = list(Plot.objects.filter(pk__in=list(land), voided_at=None)) if land else []
    names = dict(Area.objects.filter(pk__in={code[:12] for code in [*grids.values(), *(h.grid_code for h in households.values()), *(p.grid_code for p in plots)]}).values_list("code", "short_name"))
    ranked: list[tuple[tuple[bool, bool, str], Hit]] = []
    for number, person in residents.items():
        home = households.get(member_of.get(number, uuid.UUID(int=0)))
        grid = home.grid_code if home else grids.get(number, "")
        where = (home.natural_village + home.door or home.address) if home else ""
        facts = [_("%s年生") % person.birth_date.year if person.birth_date else "", names.get(grid[:12], ""), where, _("已故") if not person.alive else (_("已迁出") if person.left_on and not home else "")]
        key = people[number]
        hit = Hit("person", number, person.name, " · ".join(f for f in facts if f), home.pk if home else None, grid, REASONS[key.kind], person.alive)
        ranked.append(((key.key != word and key.kind not in "ip", not person.alive, person.name_key), hit))
    for number, key in homes.items():
        home = households.get(number)
        if home is None:
            continue
        facts = [home.number, names.get(home.grid_code[:12], ""), home.natural_village + home.door or home.address, _("已销户") if home.state == "dissolved" else ""]
        hit = Hit("household", number, _("%s户") % home.head_name if home.head_name else home.number, " · ".join(f for f in facts if f), number, home.grid_code, REASONS[key.kind])
        ranked.append(((key.key != word, home.state == "dissolved", home.sort_key), hit))
    for plot in plots:
        facts = [plot.code, names.get(plot.grid_code[:12], ""), _(plot.kind), _("%s 亩") % plot.area_mu if plot.area_mu is not None else "", plot.holder_name]
        hit = Hit("plot", plot.pk, plot.name, " · ".join(f for f in facts if f), plot.household_id, plot.grid_code, REASONS["l"])
        ranked.append(((land[plot.pk].key != word, False, plot.sort_key), hit))
    return [hit for _rank, hit in sorted(ranked, key=lambda x: x[0])]
