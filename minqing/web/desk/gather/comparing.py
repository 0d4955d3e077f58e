"""A row and a person side by side: one line per field, with what to think of the difference.

Invariants: nothing of level 4 and no full number appears here; the comparison of hidden numbers is made here and shown as
words ("只差一位"), so that nobody needs to unmask two numbers to see that one digit differs.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.archives.actions import people
from minqing.archives.models import Membership, Resident
from minqing.archives.rules import items
from minqing.gather.actions import questions, taking
from minqing.gather.engine import choosing
from minqing.gather.engine.fields import FIELDS, Field
from minqing.lib import codes, identity, masks, names

#: What is compared first, in the order of a card.
FIRST = ("name", "id_number", "sex", "birth_date", "household_number", "relation", "registered_address", "living_address", "phone")
ALWAYS = ("name", "id_number", "birth_date")
#: Rules of fields whose values are numbers of people.
MASKED = {"identity": "id", "identity_other": "id", "disability": "id", "student": "id", "phone": "phone", "phone_other": "phone"}
_SLIPS = {identity.Slip.DIGIT: "只差一位", identity.Slip.SWAP: "有两位颠倒", identity.Slip.MISSING: "少（多）一位"}
_FLOAT = re.compile(r"(\d)\.(\d+)[eE]\+17")
_NO_FIELD = Field("", "word", 3)


@dataclass(frozen=True, slots=True)
class Side:
    """One side: field → value in clear (never shown as such)."""

    values: dict[str, str]


def spec(field: str) -> Field:
    return FIELDS.get(field, _NO_FIELD)


def label(field: str) -> str:
    known = {"household_number": _("户号"), "relation": _("与户主关系"), "id_number": _("证件号码"), "living_area": _("现居住地"), "registered_area": _("户籍地")}
    person_field = taking.field_of(field)
    return known.get(field) or (_(items.ITEMS[person_field].label) if person_field else spec(field).label or field)


def hidden(field: str) -> bool:
    """Level 4: not on this page."""
    return spec(field).level >= 4


def shown(field: str, value: str) -> str:
    """A value as the page writes it: codes in words, numbers masked."""
    if not value:
        return ""
    how = MASKED.get(spec(field).rule) or {"emergency_phone": "phone"}.get(field)
    if how == "id" and left_of(value):
        return _("%(first)s…（只剩前 %(n)d 位）") % {"first": value.replace(".", "")[:4], "n": len(left_of(value))}
    if how == "id":
        return masks.identity_number(value)
    if how == "phone":
        return masks.phone(value)
    if field == "relation":
        return codes.RELATION.label(value) if value in codes.RELATION else value
    if value == choosing.OUTSIDE:
        return _("外地")
    if field in ("living_area", "registered_area") and value.isdigit():
        return Area.objects.filter(pk=value).values_list("short_name", flat=True).first() or value
    person_field = taking.field_of(field)
    return masks.free_text(items.label_of(person_field, value) if person_field else value)


def row_side(both: dict[str, Any]) -> Side:
    """What the row says: cleaned values; where cleaning found none, the raw cell."""
    values = {f: str(v) for f, v in both["cleaned"].items() if v not in (None, "", []) and not isinstance(v, (dict, list))}
    for field in ("id_number", "name", "birth_date"):
        if not values.get(field) and both["original"].get(field):
            values[field] = str(both["original"][field])
    return Side({f: v for f, v in values.items() if not hidden(f)})


def hidden_count(both: dict[str, Any]) -> int:
    return sum(1 for f, v in both["cleaned"].items() if hidden(f) and v not in (None, "", []))


def person_side(person: Resident, fields: list[str]) -> Side:
    """The same fields of the person's file, in clear for comparing."""
    found: dict[str, str] = {}
    for field in fields:
        target = taking.field_of(field)
        if target:
            value = people.clear(person, target)
            found[field] = "" if target == "sex" and value == "0" else value
    member = Membership.objects.filter(person=person, ends_on=None, voided_at=None).select_related("household").order_by("by").last()
    if member:
        found |= {"household_number": member.household.number, "relation": member.relation}
    return Side(found)


def rows(row: Side, person: Side | None) -> list[dict[str, str]]:
    """Lines for `<c-compare>`: who it is, always; then what both sides know. What only the row knows stands in `effects`."""
    other = person.values if person else {}
    both = [f for f in (*FIRST, *row.values) if f not in taking.BY_ACTS and row.values.get(f) and (other.get(f) or person is None and f in FIRST)]
    result = []
    for field in dict.fromkeys((*(f for f in ALWAYS if row.values.get(f) or other.get(f)), *both)):
        mine, theirs = row.values.get(field, ""), other.get(field, "")
        verdict, reason = judge(field, mine, theirs)
        result.append({"label": label(field), "left": shown(field, mine), "right": shown(field, theirs), "verdict": verdict, "reason": reason})
    return result


def judge(field: str, mine: str, theirs: str) -> tuple[str, str]:
    """("same" | "near" | "differs" | "clashes" | "", reason in words)."""
    if not mine or not theirs:
        return "", ""
    if mine == theirs:
        return "same", ""
    if field == "name":
        likeness = names.likeness(theirs, mine)
        if likeness in (names.Likeness.SAME, names.Likeness.DIFFERENT):
            return ("same", "") if likeness is names.Likeness.SAME else ("clashes", "")
        return "near", names.LIKENESS_LABELS[likeness]
    if field == "id_number":
        return _numbers(mine, theirs)
    if field == "birth_date":
        return _births(mine, theirs)
    if field in ("registered_address", "living_address"):
        short, long = sorted((mine, theirs), key=len)
        return ("near", _("一边写得更全")) if short in long else ("differs", "")
    return ("clashes", "") if field == "sex" else ("differs", "")


def _numbers(mine: str, theirs: str) -> tuple[str, str]:
    lost = left_of(mine)
    digits = lost or "".join(c for c in mine.upper() if c.isdigit() or c == "X")
    if lost and theirs.startswith(lost):
        return "near", _("前 %d 位相同") % len(lost)
    if digits == theirs:
        return "same", ""
    found = identity.slip(digits, theirs) if len(digits) >= 16 else None
    if found:
        return "near", _(_SLIPS[found])
    if len(digits) >= 15 and theirs.startswith(digits[:15]):
        return "near", _("前 15 位相同")
    return "clashes", ""


def left_of(raw: str) -> str:
    """The digits a spreadsheet kept of a number it took for a quantity ("3.30899E+17" → "330899"), '' for any other text."""
    found = _FLOAT.fullmatch(raw.strip())
    return (found[1] + found[2])[: identity.KEPT_DIGITS] if found else ""


def _births(mine: str, theirs: str) -> tuple[str, str]:
    if theirs.startswith(mine):
        return "near", _("只写到月")
    try:
        left, right = date.fromisoformat(mine), date.fromisoformat(theirs)
    except ValueError:
        return "differs", ""
    years = abs(left.year - right.year)
    if years == 0 and (left.month, left.day) == (right.day, right.month):
        return "near", _("月日颠倒")
    return ("clashes", _("相差 %d 年") % years) if years >= 2 else ("differs", "")


def effects(person: Resident, both: dict[str, Any], source: taking.Source, today: date) -> list[tuple[str, str]]:
    """What "same" would do to the file: (what happens, fields in words)."""
    made = taking.plan(person, {f: v for f, v in both["cleaned"].items() if not hidden(f)}, source, today=today)
    said = ((_("补上"), made.fills), (_("换成这一行的"), made.replaces), (_("不换，记作另一说"), made.aside))
    return [(what, "、".join(f"{_(items.ITEMS[f].label)} {shown(f, str(v))}" for f, v in values.items())) for what, values in said if values]


def originals(both: dict[str, Any]) -> list[tuple[str, str]]:
    """The row as it stood in the file, level 4 left out, numbers masked."""
    return [(label(f), _raw(f, str(v))) for f, v in both["original"].items() if v not in (None, "") and not hidden(f)]


def _raw(field: str, value: str) -> str:
    return shown(field, value.strip()) if MASKED.get(spec(field).rule) else masks.free_text(value)


def candidates(question: Any, both: dict[str, Any], verdicts: dict[uuid.UUID, str]) -> tuple[list[dict[str, Any]], int]:
    """Whom the row may speak of, with reasons and what was already said about each; and how many more are not to be seen.

    Of a person outside the caller's scope nothing is shown, not the name: the batch knew him, the reader does not.
    """
    ids = questions.candidates(question, both)
    visible = {p.pk: p for p in Resident.objects.filter(pk__in=ids, voided_at=None)}
    said = {str(c.get("person")): c for c in both["candidates"]}
    result = []
    for number in ids:
        told, person = said.get(str(number), {}), visible.get(number)
        if person:
            result.append({"id": number, "person": person, "name": person.name, "reasons": list(told.get("reasons") or []), "against": list(told.get("against") or []),
                           "score": told.get("score"), "verdict": verdicts.get(number, "")})
    return result, len(ids) - len(result)
