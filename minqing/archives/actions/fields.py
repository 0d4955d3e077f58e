"""One field of a resident: corrected, or sent to its department to verify; a hidden number, shown with a purpose.

Invariants: a visit overrules only what rules.items allows, everything else becomes a proposal and stays as it is;
nobody overwrites what he has not seen (Conflict); every clear number is audited before it is returned.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area, AuditEntry, Staff
from minqing.access.scope import Me
from minqing.access.words import county, lasting
from minqing.archives import vault
from minqing.archives.actions import acts, derived, people, search
from minqing.archives.models import Change, Membership, Proposal, Resident
from minqing.archives.refusals import AlreadyHere, Conflict, Elsewhere, NeedsReason, Refused
from minqing.archives.rules import items, purposes
from minqing.lib import cells, identity, masks, names

VERIFY_DAYS = 15
#: Fields that the search box knows.
SEARCHED = frozenset({"name", "former_name", "phone", "id_number"})
COUNTED = frozenset({"living_elsewhere", "residence_match"})


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a correction: "changed", "proposed" (the department is asked) or "same" (nothing to do)."""

    kind: str
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Where a number is known: "free", "here" (`person`) or "elsewhere"."""

    kind: str
    person: uuid.UUID | None = None


def clean(field: str, value: Any, today: date) -> Any:
    """A typed value as it is stored. Raises Refused naming the field and what is wrong with it."""
    item = items.ITEMS.get(field)
    if item is None:
        raise Refused(_("“%s”不是人档的项目，不能填写。") % field)
    text = cells.one_line(value) if isinstance(value, str) else value
    if field in ("phone", "emergency_phone"):
        return people.read_phone(str(text or ""))
    if field == "name":
        return _name(text)
    if text in (None, ""):
        return None if item.kind == "date" else ""
    if item.kind == "date":
        return _date(item.label, text, today)
    if item.codes is not None:
        code = text if text in item.codes else item.codes.to_code(text)
        if code is None:
            raise Refused(_("“%(label)s”没有“%(value)s”这一项，请从列表中选。") % {"label": item.label, "value": text})
        return code
    if field.endswith("_area"):
        if not Area.objects.filter(pk=str(text)).exists():
            raise Refused(_("“%(label)s”：没有代码为%(value)s的区域，请从列表中选。") % {"label": item.label, "value": text})
        return str(text)
    return _fitting(field, item.label, str(text))


def _name(text: Any) -> str:
    found = names.parse(text)
    wrong = [m for t, m in zip(found.troubles, found.messages, strict=True) if t not in (names.Trouble.PRIVATE, names.Trouble.FORMULA)]
    if wrong:
        raise Refused(wrong[0])
    return found.value


def _date(label: str, value: Any, today: date) -> date:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise Refused(_("“%(label)s”应写成2026-11-21这样的日期，您写的是“%(value)s”。") % {"label": label, "value": value}) from error
    if day > today:
        raise Refused(_("“%(label)s”%(day)s晚于今天，请核对。") % {"label": label, "day": day})
    return day


def _fitting(field: str, label: str, text: str) -> str:
    longest = Resident._meta.get_field(field).max_length if field != "id_number" else 40
    if longest and len(text) > longest:
        raise Refused(_("“%(label)s”最多%(most)d个字，您写了%(n)d个，请缩短。") % {"label": label, "most": longest, "n": len(text)})
    return text


def lookup(*, id_number: str, by: Me, at: datetime, id_kind: str = "111") -> Found:
    """Whether somebody with this number is known: here, elsewhere (existence only), or nowhere. Audited by the database, ≤ 200 an hour."""
    number = people.read_identity(id_number, id_kind, timezone.localdate(at)).value
    return known(str(number))


def known(number: str) -> Found:
    """`lookup` of a normalised number."""
    with connections["default"].cursor() as cursor:
        for key_no, digest in sorted(vault.identity_digests(number).items(), reverse=True):
            try:
                with transaction.atomic():
                    cursor.execute("select access.find_or_refer(%s, %s::smallint)", [digest, key_no])
            except DatabaseError as error:
                if "too many look-ups" not in str(error):
                    raise
                raise Refused(_("一小时内按号码查找已满 200 次。请过一会儿再录，或先录没有号码的内容。")) from error
            answer = cursor.fetchone()[0]
            found = answer if isinstance(answer, dict) else json.loads(answer)
            if found.get("person"):
                return Found("here", uuid.UUID(found["person"]))
            if found.get("found"):
                return Found("elsewhere")
    return Found("free")


def set_identity(person: Resident, read: identity.Identity, *, by: Me, at: datetime, on: date | None = None) -> None:
    """A number for a person who has none: free, in harmony with sex and birth date, encrypted, its digest registered."""
    number = str(read.value)
    found = known(number)
    if found.kind == "here" and found.person != person.pk:
        raise AlreadyHere(_("这个证件号码已属于本区域的另一个人，请打开那份档案核对。"), found.person)  # type: ignore[arg-type]
    if found.kind == "elsewhere":
        raise Elsewhere(_("这个证件号码已在别处建档，不能重复登记。请联系其户籍地或居住地的村（社区），由对方办理迁出，此人会出现在本村“未落格”里。"))
    values: dict[str, Any] = {"id_number": number, "id_kind": str(read.kind.value) if read.kind else person.id_kind}
    if read.sex and person.sex in ("1", "2") and read.sex != person.sex:
        raise Refused(_("证件号码表示%(read)s，登记的性别是%(now)s，请对照证件核对。") % {"read": items.label_of("sex", read.sex), "now": items.label_of("sex", person.sex)})
    if read.birth_date and person.birth_date and read.birth_date != person.birth_date:
        raise Refused(_("证件号码中的出生日期是%(read)s，登记的是%(now)s，请对照证件核对。") % {"read": read.birth_date, "now": person.birth_date})
    if read.sex and person.sex != read.sex:
        values["sex"] = read.sex
    if read.birth_date and person.birth_date is None:
        values["birth_date"] = read.birth_date
    digests = vault.identity_digests(number)
    newest = max(digests)
    try:
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("select access.register_identity(%s, %s, %s::smallint)", [person.pk, digests[newest], newest])
    except IntegrityError as error:
        raise Elsewhere(_("这个证件号码刚刚被别人登记，请重新查找。")) from error
    people.set_fields(person, values, by=by, at=at, on=on)


@transaction.atomic
def change(*, person: Resident | uuid.UUID, field: str, value: Any, by: Me, at: datetime, on: date, seen: Any = None, note: str = "") -> Changed:
    """Correct one field with source "V" (visit or own word). Raises Conflict when it is no longer what the editor saw."""
    row = people.get(person)
    grid = people.require(row, by)
    today = timezone.localdate(at)
    if on > today:
        raise Refused(_("核实日期%s晚于今天，请核对。") % on)
    new = clean(field, value, today)
    item = items.ITEMS[field]
    old = people.clear(row, field)
    text = "" if new is None else str(new)
    if seen is not None and not _is_what_was_seen(field, old, str(seen)):
        raise _conflict(row, item, mine=text, theirs=old)
    if text == old:
        return Changed("same")
    url = f"/residents/{row.pk}"
    if not items.desk_may(field, source=str((row.sources.get(field) or {}).get("from", "")), empty=not old):
        return Changed("proposed", _ask_department(row, item, old=old, new=text, grid=grid, by=by, at=at, note=note, url=url))
    sentence = lasting("更正%(name)s的%(label)s") % {"name": row.name, "label": item.label}
    with acts.acting("person.change", sentence, by=by, at=at, grid=grid, persons=[row.pk], url=url, undoable=field != "id_number"):
        if field == "id_number":
            set_identity(row, people.read_identity(text, row.id_kind, today), by=by, at=at, on=on)
        else:
            people.set_fields(row, {field: new}, by=by, at=at, on=on)
        if field in SEARCHED:
            search.rekey_person(row)
        if field in COUNTED:
            derived.recount(Membership.objects.filter(person=row, ends_on=None, voided_at=None).values_list("household_id", flat=True))
    return Changed("changed")


def _is_what_was_seen(field: str, old: str, seen: str) -> bool:
    """Numbers were seen masked; everything else as it is."""
    if field in ("phone", "emergency_phone"):
        return seen in (old, masks.phone(old) if old else "", old[-4:])
    if field == "id_number":
        return seen in (old, masks.identity_number(old) if old else "")
    return seen == old


def _conflict(person: Resident, item: items.Item, *, mine: str, theirs: str) -> Conflict:
    column = people.SECRETS[item.field][0] if item.field in people.SECRETS else item.field
    last = next((c for c in Change.objects.filter(row_id=person.pk, table="resident").order_by("-id")[:30] if column in (c.after or {})), None)
    who = Staff.objects.filter(pk=last.staff).values_list("name", flat=True).first() if last and last.staff else ""
    return Conflict(field=item.field, label=item.label, mine=_safe(item, mine), theirs=_safe(item, theirs), who=who or "", when=timezone.localtime(last.at) if last else None)


def _safe(item: items.Item, value: str) -> str:
    """A value for a sentence: numbers masked."""
    if item.field == "id_number":
        return masks.identity_number(value) if value else _("（空）")
    if item.kind == "secret":
        return masks.phone(value) if value else _("（空）")
    return item.shown(value) or _("（空）")


@county
def _ask_department(person: Resident, item: items.Item, *, old: str, new: str, grid: str, by: Me, at: datetime, note: str, url: str) -> Proposal:
    """The field stays; its department is asked. One open question per person and field: a second one replaces the first."""
    department = item.authorities[0] if item.authorities else ""
    sentence = lasting("请核实%(name)s的%(label)s（%(department)s）") % {"name": person.name, "label": item.label, "department": items.source_label(department)}
    with acts.acting("person.verify", sentence, by=by, at=at, grid=grid, persons=[person.pk], url=url) as act:
        for earlier in Proposal.objects.filter(person=person, kind="verify", field=item.field, state="open", voided_at=None):
            earlier.state, earlier.closed_at, earlier.closed_by, earlier.note = "dismissed", at, by.id, lasting("由新的核实代替")
            earlier.save(update_fields=["state", "closed_at", "closed_by", "note"])
        made = Proposal(grid_code=grid, kind="verify", person=person, sentence=sentence, department=department, field=item.field, due_on=timezone.localdate(at) + timedelta(days=VERIFY_DAYS),
                        made_at=at, made_by=by.id, act=act.pk)
        made.payload = vault.encrypt_json("archives_proposal.payload", made.pk, {"from": old, "to": new, "note": note})
        made.save(force_insert=True)
    return made


@transaction.atomic
def set_emergency(*, person: Resident | uuid.UUID, name: str, phone: str, by: Me, at: datetime) -> None:
    """Whom to call for this person."""
    row = people.get(person)
    grid = people.require(row, by)
    values = {"emergency_name": _name(name) if name.strip() else "", "emergency_phone": people.read_phone(phone)}
    if bool(values["emergency_name"]) != bool(values["emergency_phone"]):
        raise Refused(_("紧急联系人的姓名和电话要一起填写。"))
    with acts.acting("person.emergency", lasting("登记%s的紧急联系人") % row.name, by=by, at=at, grid=grid, persons=[row.pk], url=f"/residents/{row.pk}"):
        people.set_fields(row, values, by=by, at=at)


REVEALED = {"id_number": "证件号码", "phone": "联系电话", "emergency_phone": "紧急联系人电话"}


@transaction.atomic
def reveal(*, person: Resident | uuid.UUID, field: str, by: Me, at: datetime, reason: str = "") -> str:
    """The clear number, audited first. Raises NeedsReason off duty or when opened from nowhere (settings OFFICE_HOURS)."""
    if field not in REVEALED:
        raise Refused(_("“%s”不是可以查看完整内容的项目。") % field)
    row = people.get(person, lock=False)
    why = purposes.needs_reason(level=3, purpose=by.purpose, local=timezone.localtime(at), hours=settings.OFFICE_HOURS)
    if why and not purposes.is_reason(reason):
        raise NeedsReason(_("%(why)s，查看完整%(label)s须写明事由（不少于四个字）。") % {"why": why, "label": REVEALED[field]})
    audit.record("person.reveal", persons=[row.pk], reason=reason, detail={"field": field})
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    today = AuditEntry.objects.filter(staff=by.id, what="person.reveal", at__gte=midnight).values_list("persons", flat=True)
    if len({p for row_persons in today for p in row_persons}) == settings.REVEAL_LIMIT:
        audit.record("person.reveal_many", detail={"limit": settings.REVEAL_LIMIT})
    return people.clear(row, field)
