"""What came back on paper, compared with what is known, before anything is written.

Invariants: nothing typed overwrites by itself: equal values vanish, differing ones are shown side by side and a person
chooses; a number that is known elsewhere is referred, never registered again; comparing changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minqing.access.scope import Me
from minqing.archives.actions import people, residents
from minqing.archives.models import Household, Membership, Resident
from minqing.archives.rules import items
from minqing.lib import identity, masks, phones
from minqing.web.desk.archives.forms import NumberField, know_today, relation_choices

EMPTY_ROWS = 4
COMPARED = ("id_number", "phone", "living_elsewhere")
WORDS = (("caution", gettext_lazy("上门提示")), ("difficulties", gettext_lazy("主要困难")), ("wishes", gettext_lazy("愿望")))


class PersonRow(forms.Form):
    """One line of the paper: few keys; the number gives sex and birth. Empty cells say nothing."""

    person = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(max_length=50, required=False)
    id_number = NumberField(required=False)
    relation = forms.ChoiceField(required=False)
    phone = forms.CharField(max_length=20, required=False)
    living_elsewhere = forms.CharField(max_length=60, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        know_today(self, today)
        self.fields["relation"].choices = relation_choices()
        for name, label in (("name", _("姓名")), ("id_number", _("证件号码")), ("relation", _("与户主关系")), ("phone", _("电话")), ("living_elsewhere", _("外出写地方"))):
            self.fields[name].label = label
            self.fields[name].widget.attrs |= {"class": "ctl", "aria-label": label, "autocomplete": "off"}

    def clean_phone(self) -> str:
        given: str = self.cleaned_data["phone"]
        found = phones.parse(given)
        if found.problem:
            raise forms.ValidationError(found.message)
        return found.first or ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = [k for k in ("id_number", "relation", "phone", "living_elsewhere") if data.get(k)]
        if not data.get("person") and typed and not data.get("name") and "name" not in self.errors:
            self.add_error("name", _("请写姓名。"))
        if not data.get("person") and data.get("name") and not data.get("id_number") and "id_number" not in self.errors:
            self.add_error("id_number", _("新添的人请写证件号码；没有号码的，请到“添人”登记。"))
        return data


Rows = forms.formset_factory(PersonRow, extra=0, max_num=40)


class WordsForm(forms.Form):
    """What the paper says of the household in words."""

    caution = forms.CharField(label=gettext_lazy("上门提示"), max_length=200, required=False, widget=forms.Textarea({"rows": 2}))
    difficulties = forms.CharField(label=gettext_lazy("主要困难"), max_length=600, required=False, widget=forms.Textarea({"rows": 2}))
    wishes = forms.CharField(label=gettext_lazy("愿望"), max_length=600, required=False, widget=forms.Textarea({"rows": 2}))


@dataclass
class Difference:
    """One cell of the paper that says something else than the file."""

    field: str
    label: str
    paper: str
    known: str
    verdict: str
    value: str

    @property
    def row(self) -> dict[str, str]:
        return {"label": self.label, "left": self.paper, "right": self.known, "verdict": self.verdict, "reason": ""}


@dataclass
class Compared:
    """A line of the paper against the file: `state` is same, differs, new, here or elsewhere."""

    index: int
    name: str
    state: str
    person: Resident | None = None
    facts: str = ""
    relation: str = ""
    id_number: str = ""
    phone: str = ""
    living_elsewhere: str = ""
    same: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


def against_person(index: int, data: dict[str, Any], person: Resident) -> Compared:
    """Cells that were filled in, against what is known of him."""
    found = Compared(index, person.name, "same", person)
    for name in COMPARED:
        typed = str(data.get(name) or "")
        if not typed:
            continue
        known = people.clear(person, name)
        if typed == known:
            found.same.append(items.ITEMS[name].label)
            continue
        found.differences.append(Difference(name, items.ITEMS[name].label, hidden(name, typed), hidden(name, known), verdict(name, typed, known), typed))
    if data.get("name") and data["name"] != person.name:
        found.differences.append(Difference("name", items.ITEMS["name"].label, data["name"], person.name, "differs", data["name"]))
    found.state = "differs" if found.differences else "same"
    return found


def hidden(name: str, value: str) -> str:
    """A number as pages show it; what was typed is shown whole, for checking against the paper, only where it is no number."""
    if name == "id_number":
        return masks.identity_number(value) if value else ""
    return masks.phone(value) if name == "phone" and value else value


def verdict(name: str, typed: str, known: str) -> str:
    """Nothing known yet, nearly the same, or different."""
    if not known:
        return ""
    if name == "living_elsewhere" and (typed in known or known in typed):
        return "near"
    return "differs"


def compare(lines: list[dict[str, Any]], household: Household, members: list[Membership], *, by: Me, at: datetime, today: date) -> list[Compared]:
    """Every filled line of the paper against the file. Asks for numbers of new lines (counted and audited by the action)."""
    present = {str(m.person_id): m.person for m in members}
    result = []
    for index, data in enumerate(lines):
        if data.get("person") in present:
            found = against_person(index, data, present[data["person"]])
            if found.differences or found.same:
                result.append(found)
        elif data.get("name"):
            result.append(new_line(index, data, present, by=by, at=at, today=today))
    return result


def new_line(index: int, data: dict[str, Any], present: dict[str, Resident], *, by: Me, at: datetime, today: date) -> Compared:
    """A person written into an empty row: unknown, already a member, in my scope, or elsewhere."""
    known = residents.lookup(id_number=data["id_number"], by=by, at=at)
    if known.kind == "here" and str(known.person) in present:
        return against_person(index, data, present[str(known.person)])
    read = identity.validate(data["id_number"], today=today, trust_trailing_zeros=True)
    facts = f"{items.label_of('sex', read.sex or '0').removesuffix('性')} · {read.birth_date}" if read.birth_date else ""
    person = Resident.objects.filter(pk=known.person).first() if known.person else None
    state = {"free": "new", "here": "here", "elsewhere": "elsewhere"}[known.kind]
    return Compared(index, data["name"], state, person, facts, data.get("relation") or "", data["id_number"], data.get("phone") or "", data.get("living_elsewhere") or "")


def word_differences(data: dict[str, Any], household: Household) -> list[Difference]:
    """Words of the paper that the file does not say; empty cells say nothing."""
    found = []
    for name, label in WORDS:
        typed, known = str(data.get(name) or "").strip(), getattr(household, name)
        if typed and typed != known:
            found.append(Difference(name, str(label), typed, known, "differs" if known else "", typed))
    return found

