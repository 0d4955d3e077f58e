"""What every act about a person needs: the row, the right, the source of a value.

Invariant: a field of a resident is written through `set_fields` alone, which keeps whose word the old value was.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.scope import Me, NotAllowed
from minqing.archives import vault
from minqing.archives.models import Placement, Resident
from minqing.archives.refusals import NotHere, Refused
from minqing.archives.rules import items, keys
from minqing.lib import identity, phones

#: Item → (cipher column, column of what lists may show).
SECRETS = {"id_number": ("id_cipher", "id_tail"), "phone": ("phone_cipher", "phone_tail"), "emergency_phone": ("emergency_cipher", "")}
MOST_OTHERS = 6


def get(person: Resident | uuid.UUID, *, lock: bool = True) -> Resident:
    """The present row, locked for this transaction. Raises NotHere outside the scope or when void."""
    number = person.pk if isinstance(person, Resident) else person
    rows = Resident.objects.filter(pk=number, voided_at=None)
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None and Resident.objects.filter(pk=number, voided_at=None).exists():
        # seen, but the row may not be locked: read-only for this person
        raise NotAllowed(_("您可以查看此人，但不能更改。如需更改，请联系其户籍所在村。"))
    if row is None:
        raise NotHere(_("没有这个人的档案，或不在您的范围内。"))
    return row


def require(person: Resident, by: Me) -> str:
    """The grid in which the caller may write this person. Raises NotHere or NotAllowed."""
    grid = writable_grid(person.pk)
    if grid:
        return grid
    if Placement.objects.filter(person=person, ends_on=None).exists():
        raise NotAllowed(_("您的任职不含更改%(name)s的档案。如工作需要，请联系上级管理员。") % {"name": person.name})
    raise NotHere(_("没有这个人的档案，或不在您的范围内。"))


def writable_grid(person: uuid.UUID) -> str:
    """A grid of the person's present placements where the caller may write; registration before residence; '' without one."""
    with connections["default"].cursor() as cursor:
        cursor.execute("select grid_code from archives_placement where person_id = %s and ends_on is null and access.may('write', grid_code)"
                       " order by why = 'registered' desc, why = 'member' desc, grid_code limit 1", [person])
        row = cursor.fetchone()
    return row[0] if row else ""


def grid_of(person: uuid.UUID) -> str:
    """A grid in which the caller sees the person, '' where he does not."""
    return Placement.objects.filter(person=person, ends_on=None).order_by("grid_code").values_list("grid_code", flat=True).first() or ""


def said(by: Me, at: datetime, on: date | None = None) -> dict[str, Any]:
    """The source of a value that a colleague entered: a visit or somebody's own word ("V")."""
    return {"from": "V", "on": str(on or timezone.localdate(at)), "by": str(by.id), "batch": None, "line": None}


def clear(person: Resident, field: str) -> str:
    """The present value of a field as text; secrets decrypted (the caller audits)."""
    if field in SECRETS:
        column = SECRETS[field][0]
        return vault.decrypt(f"archives_resident.{column}", person.pk, getattr(person, column))
    value = getattr(person, field)
    return "" if value is None else str(value)


def set_fields(person: Resident, values: Mapping[str, Any], *, by: Me, at: datetime, on: date | None = None, source: Mapping[str, Any] | None = None) -> None:
    """Write items of a resident with source "V", or `source` (a department's row that somebody accepted); the former value
    stays among `others`. Secrets are encrypted here."""
    changed: set[str] = set()
    for field, value in values.items():
        before = dict(person.sources.get(field) or {})
        old = clear(person, field)
        if field in SECRETS:
            changed |= _set_secret(person, field, str(value or ""))
        else:
            setattr(person, field, value)
            changed.add(field)
        if field == "name":
            person.name_key = keys.name_key(str(value))
            changed.add("name_key")
        person.sources = {**person.sources, field: keep_others(before, dict(source or said(by, at, on)), value=None if field in SECRETS else old)}
    store(person, changed | {"sources"})


def keep_others(before: Mapping[str, Any] | None, entry: dict[str, Any], value: str | None = None) -> dict[str, Any]:
    """The new source entry with what departments said before: the newest first, one's own earlier words left out (the history has them)."""
    before = before or {}
    gone = {before.get("from"), entry.get("from"), "V"} - ({"V"} if entry.get("from") != "V" else set())
    others = [o for o in before.get("others") or [] if o.get("from") not in gone]
    if before.get("from") and before["from"] != entry.get("from"):
        others.insert(0, {"from": before["from"], "on": before.get("on"), "value": value})
    entry["others"] = others[:MOST_OTHERS]
    return entry


def _set_secret(person: Resident, field: str, value: str) -> set[str]:
    column, tail = SECRETS[field]
    setattr(person, column, vault.encrypt(f"archives_resident.{column}", person.pk, value) if value else None)
    if tail == "id_tail":
        person.id_tail = value[:4] + value[-2:] if len(value) >= 15 else ""
    elif tail:
        setattr(person, tail, value[-4:])
    return {column, tail} - {""}


def store(row: Any, fields: set[str]) -> None:
    """Save these fields with the next version number."""
    row.version += 1
    row.save(update_fields=sorted(fields | {"version", "updated_at"}))


def read_phone(text: str) -> str:
    """One normalised phone, '' for an empty cell. Raises Refused with the reason."""
    found = phones.parse(text)
    if found.problem:
        raise Refused(found.message)
    if len(found.numbers) > 1:
        raise Refused(_("这里写了%(n)d个号码，只能存一个：请留下最常用的，其余写在备注。") % {"n": len(found.numbers)})
    return found.first or ""


def read_identity(number: str, kind: str, today: date) -> identity.Identity:
    """A checked document number as read off a card. Raises Refused with the reason; never repairs a digit."""
    declared = next((k for k in identity.Kind if k.value == kind), None)
    found = identity.validate(number, today=today, declared=declared, trust_trailing_zeros=True)
    if not found.ok or found.value is None:
        raise Refused(found.messages[0] if found.messages else _("证件号码无法识别，请对照证件核对。"))
    return found


def shown(field: str, value: Any) -> str:
    """How a refusal or a history line writes a value."""
    return items.label_of(field, value) or _("（空）")
