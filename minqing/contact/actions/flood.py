"""防汛转移: the plan is kept in fair weather; a call copies it; marks say where everybody is, until all are home.

Invariants: who is in a list is one person with one way out; a mark is added under the caller's own number (the same number again is the same mark), never
changed; what happened later stands, whoever wrote it first; a call ends with nobody on the way and leaves a record. Nothing here counts
those who fetch.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connections, transaction
from django.db.utils import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.queries import today
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.archives.actions import members
from minqing.archives.models import Household
from minqing.contact import vault
from minqing.contact.models import (
    DangerZone,
    Shelter,
    TransferEvent,
    TransferLine,
    TransferNeed,
    TransferPlan,
)
from minqing.contact.queries import flood as queries
from minqing.contact.refusals import Missing, NotHere, NotYours, Refused, SentTwice, saying
from minqing.contact.rules import flood as rules
from minqing.lib import phones
from minqing.service.actions.volunteers import leads_of


def works(village: str, by: Me) -> bool:
    """Whether he keeps the village's plan: arranges its days and looks after its files."""
    return by.may(Right.CONTACT, village) and by.may(Right.PEOPLE, village)


def _arranges(village: str, by: Me) -> None:
    if len(village) != 12 or not by.may(Right.CONTACT, village):
        raise NotYours(_("防汛转移由村文书、村书记、联村干部或乡镇受理专员安排。"))


def _text(value: str, name: str, label: str, most: int, *, least: int = 0) -> str:
    found = " ".join(value.split())
    if len(found) < least:
        raise Missing(name, _("请写“%s”。") % label)
    if len(found) > most:
        raise Missing(name, _("“%(label)s”最多%(most)d个字，您写了%(n)d个，请缩短。") % {"label": label, "most": most, "n": len(found)})
    return found


# --- places ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShelterShape:
    name: str
    place: str
    capacity: int
    keeper_name: str
    keeper_phone: str
    keeper: uuid.UUID | None = None
    key_holder: str = ""


@transaction.atomic
def save_shelter(*, village: str, shape: ShelterShape, shelter: uuid.UUID | None = None, by: Me, at: datetime) -> Shelter:
    """A new 避灾点 of the village, or another shape of one. Name, place and the keeper's work telephone are public."""
    row = _place(Shelter, shelter, by) if shelter else None
    _arranges(row.area_code if row else village, by)
    village = row.area_code if row else village
    phone = phones.normalise(shape.keeper_phone) or ""
    if not phone:
        raise Missing("keeper_phone", _("号码“%s”看不明白：手机 11 位；座机请带区号。这个号码会公开，请写工作电话。") % shape.keeper_phone.strip())
    if not 1 <= shape.capacity <= 5000:
        raise Missing("capacity", _("能住多少人应在 1 到 5000 之间。"))
    if shape.keeper is not None and shape.keeper not in dict(colleagues(village, by)):
        raise Missing("keeper", _("负责人的账号要在本村任职；没有账号的不用选。"))
    values: dict[str, Any] = {
        "name": _text(shape.name, "name", _("名称"), 40, least=2), "place": _text(shape.place, "place", _("在哪里"), 80, least=2), "capacity": shape.capacity, "keeper_name": _text(shape.keeper_name, "keeper_name", _("负责人"), 20, least=2),
        "keeper_phone": phone, "keeper": shape.keeper, "key_holder": _text(shape.key_holder, "key_holder", _("钥匙在谁那里"), 40),
    }
    with saying(_("这个村已有同名的避灾点，请换一个名字。")):
        if row is None:
            row = Shelter.objects.create(area_code=village, made_by=by.id, made_at=at, **values)
        else:
            Shelter.objects.filter(pk=row.pk).update(**values)
            row.refresh_from_db()
    audit.record("flood.place", detail={"area": village, "name": row.name})
    return row


@transaction.atomic
def save_zone(*, village: str, name: str, why: str, note: str = "", zone: uuid.UUID | None = None, by: Me, at: datetime) -> DangerZone:
    row = _place(DangerZone, zone, by) if zone else None
    _arranges(row.area_code if row else village, by)
    if why not in rules.WHY_LABELS:
        raise Missing("why", _("请选为什么危险。"))
    values = {"name": _text(name, "name", _("名称"), 40, least=2), "why": why, "note": _text(note, "note", _("说明"), 120)}
    with saying(_("这个村已有同名的危险区，请换一个名字。")):
        if row is None:
            row = DangerZone.objects.create(area_code=village, made_by=by.id, made_at=at, **values)
        else:
            DangerZone.objects.filter(pk=row.pk).update(**values)
            row.refresh_from_db()
    audit.record("flood.place", detail={"area": row.area_code, "name": row.name})
    return row


def colleagues(village: str, by: Me) -> list[tuple[uuid.UUID, str]]:
    """Who works in the village; of a divided one, in any that took its place."""
    return sorted({one for code in today(village, using=by.using) for one in leads_of(code, by)}, key=lambda x: x[1])


def _place(kind: Any, pk: uuid.UUID, by: Me) -> Any:
    row = kind.objects.filter(pk=pk, ended_at=None).first()
    if row is None or not by.may(Right.CONTACT, row.area_code):
        raise NotHere(_("没有这个避灾点或危险区，或不归您安排。"))
    return row


def shelter_of(pk: uuid.UUID, by: Me) -> Shelter:
    return _place(Shelter, pk, by)  # type: ignore[no-any-return]


def zone_of(pk: uuid.UUID, by: Me) -> DangerZone:
    return _place(DangerZone, pk, by)  # type: ignore[no-any-return]


@transaction.atomic
def end_place(*, row: Shelter | DangerZone, by: Me, at: datetime) -> None:
    """Not used any more. Refused while the plan or an open call sends people there, of whichever village."""
    _arranges(row.area_code, by)
    named = {"shelter": row} if isinstance(row, Shelter) else {"zone": row}
    living = set(today(row.area_code, using=by.using))
    if living != {row.area_code} and (others := [u for u in queries.used(by, [row.pk]).get(row.pk, []) if not by.may(Right.CONTACT, u.village)]):
        raise Refused(_("“%(name)s”是几个村共用的，%(who)s还有人要用，请先和他们说好。") % {"name": row.name, "who": "、".join(queries.names_of({u.village for u in others}).values())})
    if TransferPlan.objects.filter(ended_at=None, **named).exists() or TransferLine.objects.filter(event__closed_at=None, **named).exists():
        raise Refused(_("预案里还有人用“%s”，请先改他们的去处，再停用。") % row.name)
    type(row).objects.filter(pk=row.pk, ended_at=None).update(ended_at=at)
    audit.record("flood.place", detail={"area": row.area_code, "name": row.name, "kind": "ended"})


@transaction.atomic
def take_place(*, row: Shelter | DangerZone, village: str, by: Me, at: datetime) -> Shelter | DangerZone:
    """A hall or slope that a divided village had registered becomes the village's own; the others see it no more. Refused while they use it."""
    _arranges(village, by)
    if village == row.area_code or village not in today(row.area_code, using=by.using):
        raise Refused(_("只有分村以前登记的，才能收归本村。"))
    others = [u for u in queries.used(by, [row.pk]).get(row.pk, []) if u.village != village]
    if others:
        raise Refused(_("%(who)s还有 %(n)d 人要用“%(name)s”，请先请他们改好去处，再收归本村。") % {"who": "、".join(queries.names_of({u.village for u in others}).values()), "n": sum(max(u.planned, u.called) for u in others), "name": row.name})
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.take_place(%s, %s)", [row.pk, village])
        if cursor.fetchone()[0] != "ok":
            raise Refused(_("别的村刚刚动过它，请刷新后再看。"))
    row.refresh_from_db()
    audit.record("flood.place", detail={"area": village, "name": row.name, "kind": "taken"})
    return row


# --- the plan --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Whom:
    """One person of a household to be fetched; `needs` of rules.NEEDS and words about them are of level 4."""

    person: uuid.UUID
    needs: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Way:
    """How a household gets out. `fetcher`: a colleague or helper; `by_name`: a volunteer or neighbour without an account."""

    shelter: uuid.UUID | None = None
    zone: uuid.UUID | None = None
    fetcher: uuid.UUID | None = None
    by_name: str = ""
    by_phone: str = ""
    vehicle: str = ""


def seen_of(rows: Iterable[TransferPlan]) -> str:
    """What a form was drawn from: the same again, or somebody else was there."""
    return ",".join(sorted(f"{str(r.pk)[:8]}.{r.version}" for r in rows))


@transaction.atomic
def set_household(*, household: Household | uuid.UUID, whom: Sequence[Whom], way: Way, seen: str | None = None, by: Me, at: datetime) -> list[TransferPlan]:
    """Who of a household is on the list and how they get out; nobody = the household leaves the plan. `seen`: what the form showed.

    Raises Missing, Refused (also where somebody else changed it meanwhile), NotHere, NotYours.
    """
    home = Household.objects.filter(pk=household.pk if isinstance(household, Household) else household, voided_at=None).select_for_update(of=("self",)).first()
    if home is None:
        raise NotHere(_("没有这户的档案，或不在您的范围内。"))
    if not works(home.grid_code[:12], by):
        raise NotYours(_("转移预案由村文书、村书记或联村干部来定。"))
    standing = {r.person_id: r for r in TransferPlan.objects.filter(household=home, ended_at=None, event=None)}
    if seen is not None and seen != seen_of(standing.values()):
        raise Refused(_("您打开之后，别人改过这一户。请刷新后再改；您填的还在下面。"))
    family = {m.person_id: m.person for m in members.living(home)}
    # whoever came from another household of the village leaves its plan
    TransferPlan.objects.filter(person__in=[w.person for w in whom if w.person in family], ended_at=None, event=None).exclude(household=home).update(ended_at=at)
    if not {w.person for w in whom} <= set(family):
        raise Missing("whom", _("所选的人不都是本户现在的成员，请刷新后重选。"))
    if whom and way.shelter is None:
        raise Missing("shelter", _("请选到哪个避灾点。"))
    names = dict(leads_of(home.grid_code[:12], by)) if way.fetcher else {}
    if way.fetcher is not None and way.fetcher not in names:
        raise Missing("fetcher", _("去接的人要在本村任职；邻居、志愿者请写姓名。"))
    if whom and way.fetcher is None and not way.by_name.strip():
        raise Missing("fetcher", _("请选谁去接，或写邻居、志愿者的姓名。"))
    phone = phones.normalise(way.by_phone) or ""
    if way.by_phone.strip() and not phone:
        raise Missing("by_phone", _("号码“%s”看不明白：手机 11 位；座机请带区号。") % way.by_phone.strip())
    told = {"by": _text(way.by_name, "by_name", _("谁去接"), rules.MOST_NAME), "by_phone": phone}
    vehicle = _text(way.vehicle, "vehicle", _("用什么车"), 20)
    made = []
    for one in whom:
        if not set(one.needs) <= set(rules.NEEDS):
            raise Missing("needs", _("需要请从列表中选。"))
        row = standing.pop(one.person, None)
        content = {"name": family[one.person].name, "door": f"{home.natural_village}{home.door}" or home.address, "do": rules.do(one.needs), **told}
        if row is None:
            row = TransferPlan(grid_code=home.grid_code, household=home, person_id=one.person, zone_id=way.zone, shelter_id=way.shelter, fetcher=way.fetcher, vehicle=vehicle, made_by=by.id, made_at=at)
            row.who_cipher = vault.encrypt(vault.PLAN, row.pk, content)
            with saying(_("这个人还在另一份预案里（别的村，或刚有人写过），请刷新后再改。")):
                row.save(force_insert=True)
        else:
            row.zone_id, row.shelter_id, row.fetcher, row.vehicle, row.version = way.zone, way.shelter, way.fetcher, vehicle, row.version + 1
            row.who_cipher = vault.encrypt(vault.PLAN, row.pk, content)
            with saying(_("避灾点和危险区只能选本村的。")):
                row.save(update_fields=["zone", "shelter", "fetcher", "vehicle", "version", "who_cipher"])
        _need(row, one, by=by, at=at)
        made.append(row)
    TransferPlan.objects.filter(pk__in=[r.pk for r in standing.values()]).update(ended_at=at)
    audit.record("flood.plan", households=[home.pk], persons=[w.person for w in whom], detail={"n": len(made)})
    return made


def _need(row: TransferPlan, one: Whom, *, by: Me, at: datetime) -> None:
    content = {"needs": list(one.needs), "words": _text(one.words, "words", _("怎么帮"), rules.MOST_WORDS)}
    found = TransferNeed.objects.filter(plan=row).first()
    if found is None:
        if not (content["needs"] or content["words"]):
            return
        found = TransferNeed(grid_code=row.grid_code, plan=row, author=by.id, at=at)
        found.payload = vault.encrypt(vault.NEED, found.pk, content)
        found.save(force_insert=True)
    else:
        found.author, found.at, found.payload = by.id, at, vault.encrypt(vault.NEED, found.pk, content)
        found.save(update_fields=["author", "at", "payload"])


# --- a call ----------------------------------------------------------------------------------------------------------------------------


def event_of(pk: uuid.UUID, by: Me, *, lock: bool = False) -> TransferEvent:
    rows = TransferEvent.objects.filter(pk=pk)
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise NotHere(_("没有这一次转移，或不在您的范围内。"))
    return found


@transaction.atomic
def start(*, village: str, level: str, reason: str, zones: Sequence[uuid.UUID] = (), drill: bool = False, by: Me, at: datetime) -> TransferEvent:
    """Call a village, or some of its danger zones, to move. The plan as it stands goes into the list; one call at a time in a village."""
    _arranges(village, by)
    if level not in rules.LEVEL_LABELS:
        raise Missing("level", _("请选哪一级预警。"))
    row = TransferEvent(area_code=village, level=level, reason=_text(reason, "reason", _("因为什么"), 120, least=2), zones=list(dict.fromkeys(zones)), drill=drill, started_by=by.id, started_at=at)
    with saying(_("这个村的转移正在进行，请在那一次里加上危险区。")):
        row.save(force_insert=True)
    audit.record("flood.start", detail={"area": village, "kind": level, "drill": drill})
    return row


@dataclass(frozen=True)
class Called:
    """What became of a call of several villages: those that move now, those that moved already, those whose plan is empty."""

    made: tuple[TransferEvent, ...] = ()
    running: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


@transaction.atomic
def start_many(*, villages: Sequence[str], level: str, reason: str, drill: bool = False, by: Me, at: datetime) -> Called:
    """Call several villages to move, each with its whole plan, as a town or county does. A village that moves already stays as it is; one without a plan
    moves too, with an empty list to which people are added, and the answer says which."""
    wanted = list(dict.fromkeys(villages))
    if not wanted:
        raise Missing("villages", _("请选哪些村。"))
    if len(wanted) > rules.MOST_VILLAGES:
        raise Missing("villages", _("一次最多发起 %d 个村，请分几次。") % rules.MOST_VILLAGES)
    stands = {p.village: p for p in queries.plans(by, wanted)}
    if set(stands) != set(wanted):
        raise NotYours(_("所选的村里有的不归您发起转移。"))
    made, running = [], []
    for village in wanted:
        if stands[village].running is None:
            try:
                made.append(start(village=village, level=level, reason=reason, drill=drill, by=by, at=at))
                continue
            except Missing:
                raise
            except Refused:  # somebody in the village was quicker
                pass
        running.append(village)
    return Called(tuple(made), tuple(running), tuple(e.area_code for e in made if not stands[e.area_code].people))


@transaction.atomic
def widen(*, event: uuid.UUID, zones: Sequence[uuid.UUID], by: Me) -> TransferEvent:
    """More zones of an open call ([] = the whole plan): who is not on the list yet comes onto it."""
    row = event_of(event, by, lock=True)
    _arranges(row.area_code, by)
    if row.closed_at is not None:
        raise Refused(_("这一次转移已经结束。"))
    row.zones = [] if not zones or not row.zones else list(dict.fromkeys([*row.zones, *zones]))
    row.save(update_fields=["zones"])
    audit.record("flood.widen", detail={"area": row.area_code})
    return row


@transaction.atomic
def add_person(*, event: uuid.UUID, grid: str, name: str, door: str, shelter: uuid.UUID | None, fetcher: uuid.UUID | None = None, by: Me, at: datetime) -> TransferLine:
    """Somebody whom no plan knew: a guest, a tenant, somebody who came home. He leaves the plan with the call."""
    row = event_of(event, by, lock=True)
    if row.closed_at is not None:
        raise Refused(_("这一次转移已经结束。"))
    if not works(row.area_code, by) or not grid.startswith(row.area_code):
        raise NotYours(_("只有做本村预案的人能加人。请打电话给村文书或村书记。"))
    made = TransferPlan(grid_code=grid, event=row, shelter_id=shelter, fetcher=fetcher, made_by=by.id, made_at=at)
    said = {"name": _text(name, "name", _("姓名"), rules.MOST_NAME, least=1), "door": _text(door, "door", _("在哪里"), 60), "do": []}
    # pressed twice is one person to be looked for
    if any({**said, **vault.decrypt(vault.PLAN, p.pk, p.who_cipher)} == said for p in TransferPlan.objects.filter(event=row, ended_at=None)):
        raise Refused(_("“%s”已经加在这一次的名单上。是另一个人，请在姓名里写明怎么认。") % said["name"])
    made.who_cipher = vault.encrypt(vault.PLAN, made.pk, said)
    with saying(_("避灾点只能选本村的。")):
        made.save(force_insert=True)
    audit.record("flood.assign", detail={"area": row.area_code})
    return TransferLine.objects.get(plan=made)


@transaction.atomic
def assign(*, line: uuid.UUID, shelter: uuid.UUID | None, fetcher: uuid.UUID | None, by: Me) -> None:
    """Another shelter or another who fetches, while the call is open."""
    row = TransferLine.objects.select_for_update(of=("self",)).filter(pk=line, event__closed_at=None).select_related("event").first()
    if row is None or not works(row.event.area_code, by):
        raise NotHere(_("没有这个人，或不在您的范围内。"))
    if fetcher is not None and fetcher not in dict(leads_of(row.event.area_code, by)):
        raise Missing("fetcher", _("去接的人要在本村任职；邻居、志愿者请写姓名。"))
    row.shelter_id, row.fetcher = shelter, fetcher
    with saying(_("避灾点只能选本村的。")):
        row.save(update_fields=["shelter", "fetcher"])
    audit.record("flood.assign", detail={"area": row.event.area_code})


@transaction.atomic
def mark(*, id: uuid.UUID, line: uuid.UUID, state: str, happened: datetime, by: Me, at: datetime, shelter: uuid.UUID | None = None, words: str = "", paper: bool = False) -> str:
    """Where somebody is. `happened`: when it was so, `at`: now. Returns the state that stands: that of the mark which happened last.

    Raises Missing, Refused, NotHere (not on a list of his), SentTwice (the number stands for another mark).
    """
    if state not in rules.MARKS:
        raise Missing("state", _("请选：出发、已到、在外平安、不肯走、没找到。"))
    text = _text(words, "words", _("一句话"), rules.MOST_WORDS)
    if state in rules.WORDS_NEEDED and len(text) < 2:
        raise Missing("words", _(rules.WORDS_NEEDED[state]))
    content = {"line": str(line), "state": state, "shelter": str(shelter or ""), "words": text}  # without the time: a button pressed twice is pressed at two times
    envelope = vault.encrypt(vault.MARK, id, {"words": text}) if text else None
    try:
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("select access.transfer_mark(%s, %s, %s, %s, %s, %s, %s, %s)", [id, line, state, happened, shelter, envelope, paper, vault.prints(id, content)])
            stands = str(cursor.fetchone()[0])
    except IntegrityError as error:
        cause = getattr(error.__cause__, "sqlstate", "")
        if cause == "23505":
            raise SentTwice(content, {}) from error
        raise Refused(_sentence(str(error), happened)) from error
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") == "42501":
            raise NotHere(_("这个人不在您的转移名单上，或这一次转移已经结束。")) from error
        raise
    audit.record("flood.mark", detail={"kind": state})
    return stands


def _sentence(said: str, happened: datetime) -> str:
    if "closed" in said:
        return _("这一次转移已经结束，结束以后的情况不再记在里面。")
    if "shelter" in said:
        return _("避灾点只能选本村的。")
    return _("时间 %s 不在这一次转移里，请核对。") % f"{timezone.localtime(happened):%m-%d %H:%M}"


@transaction.atomic
def all_home(*, event: uuid.UUID, shelter: uuid.UUID | None, by: Me, at: datetime) -> int:
    """The danger is over: everybody who is at the shelter (None: at any) has gone home. Returns how many."""
    row = event_of(event, by)
    if not works(row.area_code, by):
        raise NotYours(_("由做本村预案的人来记。"))
    rows = TransferLine.objects.filter(event=row, state="arrived", **({"where": shelter} if shelter else {}))
    ids = list(rows.values_list("pk", flat=True))
    for pk in ids:
        mark(id=uuid.uuid4(), line=pk, state="home", happened=at, by=by, at=at)
    return len(ids)


@transaction.atomic
def close(*, event: uuid.UUID, record: str, by: Me, at: datetime) -> TransferEvent:
    """The call is over, with a record. Refused while somebody is on the way, in a shelter or not found."""
    row = event_of(event, by, lock=True)
    _arranges(row.area_code, by)
    if row.closed_at is not None:
        raise Refused(_("这一次转移已经结束。"))
    if len(record.strip()) < 4:
        raise Missing("record", _("请写一句怎么结束的（至少四个字），如“雨停，全部平安回家”。"))
    if len(record.strip()) > rules.MOST_RECORD:
        raise Missing("record", _("“%(label)s”最多%(most)d个字，您写了%(n)d个，请缩短。") % {"label": _("记录"), "most": rules.MOST_RECORD, "n": len(record.strip())})
    row.closed_by, row.closed_at, row.record_cipher = by.id, at, vault.encrypt(vault.RECORD, row.pk, {"words": record.strip()})
    with saying(_("还有人没到、在路上、在避灾点或没找到，请先记下他们在哪里，再结束。")):
        row.save(update_fields=["closed_by", "closed_at", "record_cipher"])
    audit.record("flood.close", detail={"area": row.area_code})
    return row


def record_of(event: TransferEvent) -> str:
    return str(vault.decrypt(vault.RECORD, event.pk, event.record_cipher).get("words", ""))


@dataclass(frozen=True)
class Typed:
    """One line of a paper list as it was filled in."""

    line: uuid.UUID
    state: str
    happened: datetime
    words: str = ""
    shelter: uuid.UUID | None = None


@dataclass
class FromPaper:
    done: int = 0
    wrong: dict[uuid.UUID, str] = field(default_factory=dict)


def from_paper(*, rows: Mapping[uuid.UUID, Typed], by: Me, at: datetime) -> FromPaper:
    """A sheet typed later: each line for itself, what cannot be is named and the rest stands. `rows`: {number of the mark: line}."""
    found = FromPaper()
    for number, row in rows.items():
        try:
            with transaction.atomic():
                mark(id=number, line=row.line, state=row.state, happened=row.happened, shelter=row.shelter, words=row.words, paper=True, by=by, at=at)
            found.done += 1
        except (Refused, Missing, NotHere) as refusal:
            found.wrong[row.line] = str(refusal)
    return found
