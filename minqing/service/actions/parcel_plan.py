"""What would leave for another county, before anything does: of our form and papers, what its item asks for as well.

Invariant: either side alone is not enough: neither what we have and it does not ask, nor what it asks and our item may not hand over.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from minqing.access.scope import Me
from minqing.service.actions import materials
from minqing.service.actions.materials import FormLine
from minqing.service.models import Errand, Paper, PartnerItem
from minqing.service.rules import parcels as rules


@dataclass
class Plan:
    """What goes to one county for one errand, before anything goes: lines with their values, papers that may go, what is lacking."""

    item: PartnerItem
    lines: list[FormLine] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        return [line.label for line in self.lines if line.missing]


def offers(errand: Errand) -> list[PartnerItem]:
    """Items of other counties that were matched with the item of this errand."""
    return list(PartnerItem.objects.select_related("partner").filter(item=errand.item.code, partner__ended_at=None, missing_since=None).order_by("partner__name", "name"))


def plan(errand: Errand, item: PartnerItem, by: Me) -> Plan:
    """Of our form, the lines that the other county's item asks for; of the papers, those that it names and that were scanned."""
    form = materials.form_of(errand, by)
    fields = {f["field"] for f in item.fields if f.get("field")}
    labels = {rules.tidy(f["label"]) for f in item.fields}
    asked = [line for line in form if not item.fields or (line.field and line.field in fields) or rules.tidy(line.label) in labels]
    wanted = list(item.materials) or [m["name"] for m in errand.item.materials]
    papers = [p for p in Paper.objects.filter(matter=errand.matter_id, attachment__isnull=False).select_related("attachment").order_by("number") if rules.is_needed(p.what, wanted)]
    return Plan(item, asked, [line.label for line in form if line not in asked and not line.missing], papers, wanted)
