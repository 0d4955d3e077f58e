"""A household is made, split, merged, moved, given another head, dissolved: each an act with its rule.

Invariants: a household is in exactly one grid and its members are placed there; the last member of an old household is
never left without a head or a household to go to; a number names one present household of a village.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import connections, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.access.models.areas import UNPLACED
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.access.words import lasting
from minqing.archives.actions import acts, derived, members, people, search
from minqing.archives.models import Act, Dwelling, Household, Membership, Resident
from minqing.archives.refusals import Conflict, NotHere, Refused
from minqing.archives.rules import items, keys, lifecycle, relations
from minqing.lib import codes

WORDS = {"caution": 200, "wishes": 2000, "difficulties": 2000}


def _url(household: Household) -> str:
    return f"/households/{household.pk}"


def _check_grid(grid: str, by: Me) -> None:
    by.require(Right.WRITE, grid)
    if len(grid) not in (15, 17) or not Area.objects.filter(pk=grid, closed_on=None).exists():
        raise Refused(_("没有代码为%s的网格，或已停用，请从列表中选。") % grid)


def _check_past(what: str, on: date, at: datetime) -> None:
    problem = lifecycle.why_not_dated(what, on, today=timezone.localdate(at))
    if problem:
        raise Refused(problem)


def next_number(village: str) -> str:
    """A number of our own for a household without a police number: Z + village's last 6 digits + serial, unique in the village."""
    stem = f"Z{village[6:12]}"
    last = Household.objects.filter(grid_code__gte=village, grid_code__lt=village + ":", number__startswith=stem).aggregate(Max("number"))["number__max"]
    return f"{stem}{int(last[len(stem):] if last else 0) + 1:04d}"


def _check_number(number: str, village: str) -> None:
    if len(number) > 24:
        raise Refused(_("户号最多24个字符，请核对是否填错了列。"))
    taken = Household.objects.filter(grid_code__gte=village, grid_code__lt=village + ":", number=number, voided_at=None).exclude(state="dissolved").values_list("head_name", flat=True).first()
    if taken is not None:
        raise Refused(_("户号%(number)s在本村已有（户主%(head)s），请核对；没有户号可以留空，由系统编号。") % {"number": number, "head": taken or _("未填")})


def _make(*, grid: str, number: str, kind: str, address: str, natural_village: str, group_no: str, door: str, by: Me, at: datetime) -> Household:
    """The row and its keys; inside an act."""
    village = grid[:12]
    number = number.strip() or next_number(village)
    _check_number(number, village)
    if kind not in dict(Household.KINDS):
        raise Refused(_("没有“%s”这种户类型，请从列表中选。") % kind)
    word = people.said(by, at)
    made = Household.objects.create(
        grid_code=grid, origin_code=grid, number=number, kind=kind, address=address.strip()[:200], natural_village=natural_village.strip()[:40], group_no=group_no.strip()[:8],
        door=door.strip()[:40], sort_key=keys.household_sort_key(number), sources=dict.fromkeys(("number", "address", "natural_village", "group_no", "door"), word),
    )
    search.rekey_household(made)
    return made


@transaction.atomic
def create(
    *, grid: str, by: Me, at: datetime, on: date, number: str = "", kind: str = "family", address: str = "", natural_village: str = "", group_no: str = "", door: str = "",
    head: Resident | uuid.UUID | None = None,
) -> Household:
    """A new household, with its head if he is in the scope already (others join by `residents.register` or `move_in`)."""
    _check_grid(grid, by)
    _check_past(_("建户"), on, at)
    with acts.acting("household.create", lasting("新建户"), by=by, at=at, grid=grid) as act:
        made = _make(grid=grid, number=number, kind=kind, address=address, natural_village=natural_village, group_no=group_no, door=door, by=by, at=at)
        acts.involve(act, households=[made.pk], url=_url(made))
        act.sentence = lasting("新建户：户号%s") % made.number
        act.save(update_fields=["sentence"])
        if head is not None:
            person = people.get(head)
            people.require(person, by)
            basis = "living" if kind == "living" else "registration"
            members.transfer(person, made, relation=relations.HEAD, basis=basis, on=on, reason=lifecycle.END_LEFT, new_head=None, by=by, at=at)
            acts.involve(act, persons=[person.pk])
    return Household.objects.get(pk=made.pk)


@transaction.atomic
def split(
    *, household: Household | uuid.UUID, members: Sequence[uuid.UUID], head: uuid.UUID, on: date, by: Me, at: datetime, number: str = "", address: str = "",
    natural_village: str = "", door: str = "", new_head: uuid.UUID | None = None,
) -> Household:
    """分户: the chosen members make a household of their own under `head`; relations of both are derived anew."""
    return _split(household, list(dict.fromkeys(members)), head, on=on, by=by, at=at, number=number, address=address, natural_village=natural_village, door=door, new_head=new_head)


def _split(
    household: Household | uuid.UUID, chosen: list[uuid.UUID], head: uuid.UUID, *, on: date, by: Me, at: datetime, number: str, address: str, natural_village: str, door: str,
    new_head: uuid.UUID | None,
) -> Household:
    home = members.household_of(household, by)
    _check_past(_("分户"), on, at)
    rows = {m.person_id: m for m in members.living(home) if m.by == "registration"}
    if not chosen or head not in chosen:
        raise Refused(_("请选择分出去的成员，并从中选定新户主。"))
    if set(chosen) - set(rows):
        raise Refused(_("所选的人不都是本户健在的成员，请刷新后重选。"))
    if len(chosen) == len(rows):
        raise Refused(_("全部成员都分出去就不是分户：只换户主请用“变更户主”，搬家请用“移到其他网格”。"))
    sentence = lasting("分户：户号%(number)s分出%(n)d人") % {"number": home.number, "n": len(chosen)}
    with acts.acting("household.split", sentence, by=by, at=at, grid=home.grid_code, persons=chosen, households=[home.pk]) as act:
        members.succession(home, without=set(chosen), new_head=new_head, on=on, by=by, at=at)
        made = _make(grid=home.grid_code, number=number, kind=home.kind, address=address or home.address, natural_village=natural_village or home.natural_village,
                     group_no=home.group_no, door=door or home.door, by=by, at=at)
        acts.involve(act, households=[made.pk], url=_url(made))
        old_codes = {m.person_id: m.relation for m in rows.values()}
        _carry(home, made, [rows[p] for p in [head, *[c for c in chosen if c != head]]], old_codes, reason=lifecycle.END_SPLIT, on=on, by=by, at=at)
        derived.recount([home.pk, made.pk])
    return Household.objects.get(pk=made.pk)


def _carry(old: Household, new: Household, rows: Sequence[Membership], old_codes: Mapping[uuid.UUID, str], *, reason: str, on: date, by: Me, at: datetime) -> None:
    """Memberships end in `old` and begin in `new`; codes are derived from ties and from what the old codes state."""
    for row in rows:
        members.leave(row, on=on, reason=reason)
        row.person.refresh_from_db()
        members.join(row.person, new, relation="", basis=row.by, on=on, by=by, at=at)
        if old.grid_code != new.grid_code:
            members.give_up_place(row.person_id, old.grid_code, basis=row.by, on=on)
    stated_head = next((p for p, code in old_codes.items() if code == relations.HEAD), None)
    members.rederive(new, list(members.current(new)), old_head=stated_head, stated=old_codes, by=by, at=at)


@transaction.atomic
def merge(*, household: Household | uuid.UUID, into: Household | uuid.UUID, on: date, by: Me, at: datetime) -> Household:
    """并户: all members of `household` join `into`; the old number ends, its papers keep it."""
    old, new = members.household_of(household, by), members.household_of(into, by)
    if old.pk == new.pk:
        raise Refused(_("请选择两个不同的户。"))
    _check_past(_("并户"), on, at)
    sentence = lasting("并户：户号%(old)s并入%(new)s") % {"old": old.number, "new": new.number}
    with acts.acting("household.merge", sentence, by=by, at=at, grid=new.grid_code, households=[old.pk, new.pk], url=_url(new)) as act:
        rows = [m for m in members.current(old) if m.person.alive]
        acts.involve(act, persons=[m.person_id for m in rows])
        already = {(m.person_id, m.by) for m in members.current(new)}
        for row in rows:
            members.leave(row, on=on, reason=lifecycle.END_MERGED)
            if (row.person_id, row.by) not in already:
                members.join(row.person, new, relation="", basis=row.by, on=on, by=by, at=at)
            if old.grid_code != new.grid_code:
                members.give_up_place(row.person_id, old.grid_code, basis=row.by, on=on)
        _close(old, on=on, reason=lasting("并入户号%s") % new.number)
        derived.recount([old.pk, new.pk])
    return Household.objects.get(pk=new.pk)


def _close(household: Household, *, on: date, reason: str) -> None:
    household.state, household.dissolved_on, household.dissolve_reason = "dissolved", on, reason[:60]
    household.head = None
    people.store(household, {"state", "dissolved_on", "dissolve_reason", "head"})


@transaction.atomic
def move(*, household: Household | uuid.UUID, grid: str, on: date, by: Me, at: datetime, reason: str = "") -> Act:
    """To another grid with members, dwelling (within the village) and keys; outside the scope only to a village's 000, and then not undone from here."""
    home = members.household_of(household, by)
    grid = grid + UNPLACED if len(grid) == 12 else grid
    _check_past(_("移动"), on, at)
    area = Area.objects.filter(pk=grid, closed_on=None).first()
    if area is None or len(grid) not in (15, 17):
        raise Refused(_("没有代码为%s的网格，或已停用，请从列表中选。") % grid)
    if grid == home.grid_code:
        raise Refused(_("户号%(number)s已经在“%(grid)s”。") % {"number": home.number, "grid": area.short_name})
    mine = by.may(Right.WRITE, grid)
    if not mine and grid[12:15] != UNPLACED:
        raise NotAllowed(_("“%s”不在您的范围内：移到外村请选该村的“未落格”，由该村接收。") % area.short_name)
    sentence = lasting("户号%(number)s移到%(grid)s") % {"number": home.number, "grid": area.short_name} + (f"（{reason.strip()}）" if reason.strip() else "")
    with acts.acting("household.move", sentence, by=by, at=at, grid=home.grid_code, households=[home.pk], persons=[m.person_id for m in members.current(home)], url=_url(home), undoable=mine) as act:
        _move(home.pk, grid, on)
    return act


def _move(household: uuid.UUID, grid: str, on: date) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("select access.move_household(%s, %s, %s)", [household, grid, on])


@transaction.atomic
def place(*, households: Sequence[Household | uuid.UUID], grid: str, on: date, by: Me, at: datetime) -> int:
    """Households that wait in 000 go to their grid, many at once. Returns how many moved."""
    _check_grid(grid, by)
    ids = [h.pk if isinstance(h, Household) else h for h in households]
    found = list(Household.objects.filter(pk__in=ids, voided_at=None).values_list("pk", "grid_code"))
    if len(found) != len(set(ids)):
        raise NotHere(_("所选的户有的不在您的范围内，请刷新后重选。"))
    if any(code[12:15] != UNPLACED or code[:12] != grid[:12] for _pk, code in found):
        raise Refused(_("只能把本村“未落格”的户落到网格；已在网格里的户请逐户移动。"))
    name = Area.objects.get(pk=grid).short_name
    with acts.acting("household.place", lasting("%(n)d户落到%(grid)s") % {"n": len(found), "grid": name}, by=by, at=at, grid=grid, households=[pk for pk, _code in found]):
        for pk, _code in found:
            _move(pk, grid, on)
    return len(found)


@transaction.atomic
def change_head(*, household: Household | uuid.UUID, head: uuid.UUID, on: date, by: Me, at: datetime) -> Household:
    """Another member becomes 户主; everybody's relation is derived anew from parents and spouses."""
    home = members.household_of(household, by)
    _check_past(_("变更户主"), on, at)
    if home.head_id == head:
        raise Refused(_("%s已经是户主。") % home.head_name)
    row = next((m for m in members.living(home) if m.person_id == head), None)
    if row is None:
        raise Refused(_("新户主须是本户健在的成员，请另选一位。"))
    sentence = lasting("户号%(number)s变更户主为%(name)s") % {"number": home.number, "name": row.person.name}
    with acts.acting("household.head", sentence, by=by, at=at, grid=home.grid_code, households=[home.pk], persons=[head], url=_url(home)):
        members.set_head(home, row.person, on=on, by=by, at=at)
    return home


@transaction.atomic
def dissolve(*, household: Household | uuid.UUID, on: date, reason: str, by: Me, at: datetime, targets: Mapping[uuid.UUID, uuid.UUID] | None = None) -> None:
    """销户: when empty, or with a household to go to for each member left."""
    home = members.household_of(household, by)
    targets = targets or {}
    _check_past(_("销户"), on, at)
    if not reason.strip():
        raise Refused(_("请写明销户的原因。"))
    rows = [m for m in members.current(home) if m.person.alive]
    missing = [m.person.name for m in rows if m.person_id not in targets]
    if missing:
        raise Refused(_("户内还有%(n)d人（%(names)s），请先为每人选定去哪一户，或先办迁出。") % {"n": len(missing), "names": "、".join(missing[:5])})
    if home.pk in targets.values():
        raise Refused(_("成员不能再去要销掉的这一户，请另选。"))
    with acts.acting("household.dissolve", lasting("销户：户号%(number)s（%(why)s）") % {"number": home.number, "why": reason.strip()}, by=by, at=at, grid=home.grid_code,
                     households=[home.pk], persons=[m.person_id for m in rows], url=_url(home)):
        for row in rows:
            target = members.household_of(targets[row.person_id], by)
            members.leave(row, on=on, reason=lifecycle.END_DISSOLVED)
            members.join(row.person, target, relation="", basis=row.by, on=on, by=by, at=at)
            if home.grid_code != target.grid_code:
                members.give_up_place(row.person_id, home.grid_code, basis=row.by, on=on)
        _close(home, on=on, reason=reason.strip())
        derived.recount([home.pk])


def _check_version(home: Household, seen_version: int | None, field: str, mine: str) -> None:
    """Two editors: the second one sees what the first one wrote, if it is the same field."""
    if seen_version is None or seen_version == home.version:
        return
    last = next((c for c in acts.later_changes("household", home.pk) if field in (c.after or {}) and ((c.after or {}).get("version") or 0) > seen_version), None)
    if last is not None:
        raise Conflict(field=field, label=items.HOUSEHOLD_ITEMS[field].label, mine=mine, theirs=str(getattr(home, field)), who=acts.name_of(last.staff), when=timezone.localtime(last.at))


@transaction.atomic
def set_words(
    *, household: Household | uuid.UUID, by: Me, at: datetime, caution: str | None = None, wishes: str | None = None, difficulties: str | None = None, seen_version: int | None = None,
) -> Household:
    """What matters at the door, what troubles the family, what it wishes. None = leave as it is."""
    home = members.household_of(household, by)
    given = {k: v.strip() for k, v in {"caution": caution, "wishes": wishes, "difficulties": difficulties}.items() if v is not None}
    changed = {k: v for k, v in given.items() if getattr(home, k) != v}
    for field, text in changed.items():
        label = items.HOUSEHOLD_ITEMS[field].label
        if len(text) > WORDS[field]:
            raise Refused(_("“%(label)s”最多%(most)d个字，您写了%(n)d个，请缩短。") % {"label": label, "most": WORDS[field], "n": len(text)})
        _check_version(home, seen_version, field, text)
    return _set(home, changed, kind="household.words", by=by, at=at)


@transaction.atomic
def change_address(*, household: Household | uuid.UUID, address: str, natural_village: str, group_no: str, door: str, by: Me, at: datetime, seen_version: int | None = None) -> Household:
    """Where the household's door is."""
    home = members.household_of(household, by)
    given = {"address": address.strip()[:200], "natural_village": natural_village.strip()[:40], "group_no": group_no.strip()[:8], "door": door.strip()[:40]}
    changed = {k: v for k, v in given.items() if getattr(home, k) != v}
    for field, text in changed.items():
        _check_version(home, seen_version, field, text)
    home = _set(home, changed, kind="household.address", by=by, at=at)
    search.rekey_household(home)
    return home


def _set(home: Household, changed: Mapping[str, str], *, kind: str, by: Me, at: datetime) -> Household:
    if not changed:
        return home
    labels = "、".join(items.HOUSEHOLD_ITEMS[f].label for f in changed)
    with acts.acting(kind, lasting("更新户号%(number)s的%(labels)s") % {"number": home.number, "labels": labels}, by=by, at=at, grid=home.grid_code, households=[home.pk], url=_url(home)):
        home.sources = {**home.sources, **{f: people.keep_others(home.sources.get(f), people.said(by, at), str(getattr(home, f))) for f in changed}}
        for field, value in changed.items():
            setattr(home, field, value)
        people.store(home, {*changed, "sources"})
    return home


@transaction.atomic
def link_dwelling(*, household: Household | uuid.UUID, dwelling: Dwelling | uuid.UUID | None, by: Me, at: datetime) -> None:
    """The dwelling the household lives in (None = unlink)."""
    home = members.household_of(household, by)
    house = Dwelling.objects.filter(pk=dwelling.pk if isinstance(dwelling, Dwelling) else dwelling, voided_at=None).first() if dwelling else None
    if dwelling and house is None:
        raise NotHere(_("没有这处住房的档案，或不在您的范围内。"))
    what = lasting("住房%s") % house.address if house else lasting("解除与住房的关联")
    with acts.acting("household.dwelling", lasting("户号%(number)s：%(what)s") % {"number": home.number, "what": what}, by=by, at=at, grid=home.grid_code, households=[home.pk], url=_url(home)):
        home.dwelling = house
        people.store(home, {"dwelling"})
        search.rekey_household(home)


@transaction.atomic
def set_relation(*, membership: Membership | uuid.UUID, relation: str, by: Me, at: datetime) -> None:
    """A relation people agree on where no tie is recorded; ties, where recorded, say it better (`kinship.add_…`)."""
    row = Membership.objects.filter(pk=membership.pk if isinstance(membership, Membership) else membership, ends_on=None, voided_at=None).first()
    if row is None:
        raise NotHere(_("没有这条成员记录，或已结束。"))
    home = members.household_of(row.household_id, by)
    if relation not in codes.RELATION or relation in ("01", relations.HEAD):
        raise Refused(_("请从列表中选与户主的关系；换户主请用“变更户主”。"))
    if row.person_id == home.head_id:
        raise Refused(_("%s是户主，不能改成其他关系；请先变更户主。") % home.head_name)
    with acts.acting("household.relation", lasting("更正户号%s的与户主关系") % home.number, by=by, at=at, grid=home.grid_code, households=[home.pk], persons=[row.person_id], url=_url(home)):
        row.relation = relation
        row.sources = {**row.sources, "relation": people.said(by, at)}
        people.store(row, {"relation", "sources"})


@transaction.atomic
def derive(*, household: Household | uuid.UUID, by: Me, at: datetime) -> int:
    """Derive all relation codes of a household anew. Returns how many changed."""
    home = members.household_of(household, by)
    with acts.acting("household.derive", lasting("重新推算户号%s的与户主关系") % home.number, by=by, at=at, grid=home.grid_code, households=[home.pk], url=_url(home)):
        return members.rederive(home, list(members.current(home)), old_head=home.head_id, by=by, at=at)

