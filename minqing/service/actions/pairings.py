"""Households that a team looks after, what was done for them, medicines, activities, introductions to work.

Invariants: a household is paired because it said so, and its medicines are looked at because it said so once more; what a check found is sealed
under the key of level 4 before it is stored, and opened with the right to sensitive fields and a reason, written down first; two people are
brought together only when both said yes and both are of age; taking a yes back erases.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connections, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.archives import vault as archive_vault
from minqing.archives.models import Resident
from minqing.archives.rules import purposes
from minqing.service import vault
from minqing.service.actions import moving, volunteers
from minqing.service.models import Activity, ActivityPart, Care, Introduction, MedicineCheck, Pairing, TeamMember
from minqing.service.queries import volunteers as queries
from minqing.service.refusals import Missing, NeedsReason, NotHere, Refused, here, saying
from minqing.service.rules import volunteers as rules

MOST_MEDICINES = 30


def _how(how: str, field: str = "how") -> str:
    if how not in dict(rules.CONSENT_HOW):
        raise Missing(field, _("请选怎么同意的。"))
    return how


# --- pairing -----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Home:
    """Whom a team pairs with. `health`: they agreed that their medicines are looked at."""

    place: str
    name: str
    phone: str
    door: str
    services: tuple[str, ...]
    how: str
    consented_on: date
    health: bool = False
    volunteer: uuid.UUID | None = None
    person: uuid.UUID | None = None


def get(pairing: uuid.UUID, by: Me) -> Pairing:
    return here(Pairing.objects.using(by.using).filter(pk=pairing).select_related("team").first(), _("没有这户结对，或不归您管。"))


DOOR = "pairing-door"


def twice() -> str:
    return _("这户已经和这支队结对，请在名单里找；要改约好做什么，先结束原来的。")


def tidy_door(door: str) -> str:
    """The same door however it is typed: "上塘 43 号" and "上塘４３号"."""
    return "".join(unicodedata.normalize("NFKC", door).split()).upper()


@transaction.atomic
def pair(*, team: uuid.UUID, home: Home, by: Me, at: datetime) -> Pairing:
    """The household said yes: name, door, telephone, and what is to be done. No file goes along."""
    row, today = volunteers.open_team(team, by), timezone.localdate(at)
    name = moving.need(home.name, "name", _("请写这户找谁。"))
    door = moving.need(home.door, "door", _("请写门牌。"))
    services = [s for s in rules.CARES if s in home.services]
    if not services:
        raise Missing("services", _("请选约好做什么。"))
    if "medicine" in services and not home.health:
        raise Missing("health", _("核对药品要本人另外同意：说清楚会记药名和有效期，谁看得到，再勾上。"))
    if home.consented_on > today:
        raise Missing("consented_on", _("同意的日子不能晚于今天。"))
    if not home.place.startswith(row.area_code):
        raise Missing("place", _("请选本村的网格。"))
    if home.volunteer and not TeamMember.objects.using(by.using).filter(team=row, volunteer=home.volunteer, left_on=None).exists():
        raise Missing("volunteer", _("请在队员里选一位。"))
    if home.person is not None and not Resident.objects.using(by.using).filter(pk=home.person).exists():
        raise Missing("name", _("没有这个人，或不在您的范围内。"))
    made = Pairing(team=row, area_code=row.area_code, place_code=home.place, person_id=home.person, services=services, volunteer_id=home.volunteer, starts_on=today, consented_on=home.consented_on,
                   consent_how=_how(home.how), health_consented_on=home.consented_on if home.health and "medicine" in services else None, made_by=by.id, made_at=at)
    made.contact_cipher = vault.encrypt_json(queries.PAIR_CONTACT, made.pk, {"name": name[:40], "phone": volunteers.phone_of(home.phone), "door": door[:120]})
    digests = archive_vault.ring().digests(DOOR, f"{home.place}:{tidy_door(door)}")
    made.door_digest = list(digests.values())[-1]
    # under an older key the database does not see that it is the same door
    same = Q(door_digest__in=list(digests.values())) | (Q(person_id=home.person) if home.person else Q(pk=None))
    if Pairing.objects.using(by.using).filter(same, team=row, ends_on=None).exists():
        raise Refused(twice())
    with saying(twice()):   # two who write the same household down in the same second
        made.save(using=by.using, force_insert=True)
    audit.record("pairing.make", persons=[home.person] if home.person else [], detail={"pairing": str(made.pk)}, using=by.using)
    return made


@transaction.atomic
def end(*, pairing: uuid.UUID, why: str, by: Me, at: datetime) -> None:
    """The household does not want it any more, or needs it no more: what is planned is dropped."""
    row = get(pairing, by)
    reason = moving.need(why, "why", _("请写为什么结束。"))
    if not Pairing.objects.using(by.using).filter(pk=row.pk, ends_on=None).update(ends_on=timezone.localdate(at), why=reason[:80]):
        raise Refused(_("这户结对已经结束。"))
    Care.objects.using(by.using).filter(pairing=row, state="planned").update(state="dropped")
    audit.record("pairing.end", persons=[row.person_id] if row.person_id else [], detail={"pairing": str(row.pk)}, using=by.using)


@transaction.atomic
def arrange(*, pairing: uuid.UUID, kind: str, on: date, words: str, by: Me, at: datetime) -> Care:
    """Something for a day: an errand, a repair, a video call with whom."""
    row = get(pairing, by)
    if row.ends_on:
        raise Refused(_("这户结对已经结束。"))
    if kind not in row.services:
        raise Missing("kind", _("这户没有约这一项，请先和他们说好。"))
    if on < timezone.localdate(at):
        raise Missing("on", _("请选今天或以后的日子。"))
    if kind == "call" and len(words.strip()) < 2:
        raise Missing("words", _("请写和谁视频、几点、用谁的手机。"))
    made = Care(team=row.team, area_code=row.area_code, pairing=row, kind=kind, due_on=on, made_by=by.id, made_at=at)
    made.plan_cipher = vault.encrypt(queries.CARE_PLAN, made.pk, words.strip()[:300])
    with saying(_("这户已经约了核对药品，办完那一次再约。")):
        made.save(using=by.using, force_insert=True)
    audit.record("care.plan", persons=[row.person_id] if row.person_id else [], detail={"care": str(made.pk), "kind": kind}, using=by.using)
    return made


def get_care(care: uuid.UUID, by: Me) -> Care:
    return here(Care.objects.using(by.using).filter(pk=care).select_related("pairing", "team").first(), _("没有这件事，或不归您管。"))


@transaction.atomic
def held(*, care: uuid.UUID, on: date, note: str, volunteer: uuid.UUID | None, minutes: int, by: Me, at: datetime) -> Care:
    """It was done. A medicine check is done by writing the check."""
    row = get_care(care, by)
    if row.kind == "medicine":
        raise Refused(_("核对药品请填“记一次药品核对”，填好就算做了。"))
    if on > timezone.localdate(at):
        raise Missing("on", _("还没有到这一天。"))
    if not Care.objects.using(by.using).filter(pk=row.pk, state="planned").update(state="held", held_on=on, note_cipher=vault.encrypt(queries.CARE_NOTE, row.pk, note.strip()[:500])):
        raise Refused(_("这件事已经记过了。"))
    if volunteer:
        volunteers.note_hours(team=row.team, volunteer=volunteer, on=on, minutes=minutes, kind="care", what=row.pk, by=by, at=at)
    audit.record("care.held", persons=[row.pairing.person_id] if row.pairing.person_id else [], detail={"care": str(row.pk), "kind": row.kind}, using=by.using)
    return row


@transaction.atomic
def drop(*, care: uuid.UUID, note: str, by: Me) -> None:
    row = get_care(care, by)
    if row.kind == "medicine" and row.by_clock:
        raise Refused(_("有药快到期，这件事不能划掉；去看过，记一次药品核对。"))
    words = moving.need(note, "note", _("请写为什么没有做。"))
    if not Care.objects.using(by.using).filter(pk=row.pk, state="planned").update(state="dropped", note_cipher=vault.encrypt(queries.CARE_NOTE, row.pk, words[:500])):
        raise Refused(_("这件事已经记过了。"))


# --- medicines: level 4 --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Medicine:
    """One medicine that stays in the cupboard."""

    name: str
    use_by: date


@dataclass(frozen=True)
class Check:
    """One check, opened."""

    row: MedicineCheck
    medicines: list[Medicine]
    explained_by: str
    note: str


@transaction.atomic
def check_medicines(*, pairing: uuid.UUID, medicines: Iterable[Medicine], explained_by: str, note: str, on: date, by: Me, at: datetime) -> MedicineCheck:
    """The whole cupboard anew: it takes the place of the last check, and names the day to look again. What has expired is taken away, not noted."""
    row = get(pairing, by)
    if row.ends_on or row.health_consented_on is None:
        raise Refused(_("这户没有同意核对药品，不能记。"))
    if on > timezone.localdate(at) or on < row.starts_on:
        raise Missing("on", _("核对的日子在结对以后、今天以前。"))
    found = list(medicines)
    who = moving.need(explained_by, "explained_by", _("请写谁讲解的，如“村卫生室周医生”。"))
    if len(found) > MOST_MEDICINES:
        raise Missing("medicines", _("一次最多记 %d 种。") % MOST_MEDICINES)
    for m in found:
        if m.use_by < on:
            raise Missing("medicines", _("“%s”已经过期：和本人说好收走，这里只记留下的。") % m.name)
    made = MedicineCheck(pairing=row, area_code=row.area_code, done_on=on, look_on=rules.look_on((m.use_by for m in found), done_on=on), made_by=by.id, made_at=at)
    made.payload = vault.encrypt_json(queries.MEDICINES, made.pk, {"medicines": [[m.name.strip()[:60], m.use_by.isoformat()] for m in found], "explained_by": who[:60], "note": note.strip()[:300]}, restricted=True)
    made.save(using=by.using, force_insert=True)
    audit.record("medicine.write", persons=[row.person_id] if row.person_id else [], detail={"pairing": str(row.pk)}, using=by.using)
    return made


@transaction.atomic
def read_medicines(*, pairing: uuid.UUID, reason: str, by: Me) -> list[Check]:
    """The checks of a household, the newest first: right, reason, trace, and only then the words."""
    row = get(pairing, by)
    if not by.may(Right.SENSITIVE, row.area_code) or not queries.keeps(by, row.area_code):
        raise NotAllowed(_("药品情况是敏感个人信息，您的任职不含查看。需要时请村书记告诉您该做什么。"))
    if not purposes.is_reason(reason):
        raise NeedsReason(_("药品情况是敏感个人信息，请写明为什么要看（不少于四个字）。"))
    audit.record("medicine.read", persons=[row.person_id] if row.person_id else [], reason=reason, detail={"pairing": str(row.pk)}, using=by.using)
    found = []
    for c in MedicineCheck.objects.using(by.using).filter(pairing=row).order_by("-done_on", "-made_at")[:10]:
        said = vault.decrypt_json(queries.MEDICINES, c.pk, c.payload, restricted=True)
        found.append(Check(c, [Medicine(name, date.fromisoformat(day)) for name, day in said.get("medicines", [])], said.get("explained_by", ""), said.get("note", "")))
    return found


# --- activities ----------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def plan_activity(*, team: uuid.UUID, title: str, place: str, starts: datetime, ends: datetime, by: Me, at: datetime) -> Activity:
    row = volunteers.open_team(team, by)
    if ends <= starts or ends - starts > timedelta(days=3):
        raise Missing("ends", _("结束要晚于开始，一次活动不超过三天。"))
    made = Activity(team=row, area_code=row.area_code, title=moving.need(title, "title", _("请写做什么，如“义诊”。"))[:60], place=moving.need(place, "place", _("请写在哪里。"))[:80], starts_at=starts, ends_at=ends, made_by=by.id, made_at=at)
    made.save(using=by.using, force_insert=True)
    audit.record("activity.plan", detail={"activity": str(made.pk)}, using=by.using)
    return made


def get_activity(activity: uuid.UUID, by: Me) -> Activity:
    return here(Activity.objects.using(by.using).filter(pk=activity).select_related("team").first(), _("没有这次活动，或不归您管。"))


@transaction.atomic
def hold_activity(*, activity: uuid.UUID, helpers: Iterable[uuid.UUID], names: Iterable[str], served: int, result: str, minutes: int, by: Me, at: datetime) -> Activity:
    """It took place: who helped, who was served and wanted to be named, how many more. No photo is asked for."""
    row = get_activity(activity, by)
    if row.starts_at > at:
        raise Refused(_("活动还没有开始。"))
    chosen = list(dict.fromkeys(helpers))
    if not chosen:
        raise Missing("helpers", _("请选哪几位志愿者参加了。"))
    if served < 0 or served > 100_000:
        raise Missing("served", _("人数写 0 到 100000。"))
    if not Activity.objects.using(by.using).filter(pk=row.pk, held_at=None, cancelled_at=None).update(held_at=at, served=served, result=result.strip()[:300]):
        raise Refused(_("这次活动已经记过或取消了。"))
    for volunteer in chosen:
        volunteers.note_hours(team=row.team, volunteer=volunteer, on=timezone.localdate(row.starts_at), minutes=minutes, kind="activity", what=row.pk, by=by, at=at)
        ActivityPart(activity=row, team=row.team, area_code=row.area_code, role="helped", volunteer_id=volunteer, made_by=by.id, made_at=at).save(using=by.using, force_insert=True)
    for name in [n.strip()[:40] for n in names if n.strip()][:200]:
        part = ActivityPart(activity=row, team=row.team, area_code=row.area_code, role="served", made_by=by.id, made_at=at)
        part.name_cipher = vault.encrypt(queries.PART_NAME, part.pk, name)
        part.save(using=by.using, force_insert=True)
    audit.record("activity.held", detail={"activity": str(row.pk), "n": len(chosen)}, using=by.using)
    return row


def cancel_activity(*, activity: uuid.UUID, by: Me, at: datetime) -> None:
    row = get_activity(activity, by)
    if not Activity.objects.using(by.using).filter(pk=row.pk, held_at=None, cancelled_at=None).update(cancelled_at=at):
        raise Refused(_("这次活动已经记过或取消了。"))
    audit.record("activity.cancel", detail={"activity": str(row.pk)}, using=by.using)


# --- introductions to work -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """One of the two."""

    name: str
    phone: str
    born: date


def introduction(pk: uuid.UUID, by: Me) -> Introduction:
    return here(Introduction.objects.using(by.using).filter(pk=pk).select_related("team").first(), _("没有这次介绍，或已经到期抹去。"))


@transaction.atomic
def introduce(*, team: uuid.UUID, words: str, seeker: Side, giver: Side, by: Me, at: datetime) -> Introduction:
    """Noted, nothing passed on yet: both are asked first."""
    row, today = volunteers.open_team(team, by), timezone.localdate(at)
    said = moving.need(words, "words", _("请写什么活，如“茶厂炒茶，两个月”。"), 4)
    for side, field in ((seeker, "seeker"), (giver, "giver")):
        moving.need(side.name, f"{field}_name", _("请写姓名。"))
        if not volunteers.phone_of(side.phone, f"{field}_phone"):
            raise Missing(f"{field}_phone", _("请写电话，同意了才告诉对方。"))
        if not rules.is_adult(side.born, today):
            raise Missing(f"{field}_born", _("只介绍成年人：%s还不满 18 周岁。") % side.name.strip())
    if volunteers.phone_of(seeker.phone) == volunteers.phone_of(giver.phone):
        raise Missing("giver_phone", _("两个人的电话一样，请核对。"))
    made = Introduction(team=row, area_code=row.area_code, seeker_born=seeker.born, giver_born=giver.born, opened_on=today, erase_on=today + timedelta(days=rules.ERASE_DAYS), made_by=by.id, made_at=at)
    made.words_cipher = vault.encrypt(queries.WORK_WORDS, made.pk, said[:300])
    made.seeker_cipher = vault.encrypt_json(queries.SEEKER, made.pk, {"name": seeker.name.strip()[:40], "phone": volunteers.phone_of(seeker.phone)})
    made.giver_cipher = vault.encrypt_json(queries.GIVER, made.pk, {"name": giver.name.strip()[:40], "phone": volunteers.phone_of(giver.phone)})
    made.save(using=by.using, force_insert=True)
    audit.record("introduction.open", detail={"introduction": str(made.pk)}, using=by.using)
    return made


@transaction.atomic
def consent(*, pk: uuid.UUID, side: str, how: str, by: Me, at: datetime) -> None:
    """One of the two says yes, and how. Each for himself."""
    row = introduction(pk, by)
    if side not in ("seeker", "giver"):
        raise Missing("side", _("请选是谁同意了。"))
    if not Introduction.objects.using(by.using).filter(pk=row.pk, **{f"{side}_consented_on": None}).update(**{f"{side}_consented_on": timezone.localdate(at), f"{side}_how": _how(how)}):
        raise Refused(_("他的同意已经记过了。"))
    audit.record("introduction.consent", detail={"introduction": str(row.pk), "side": side}, using=by.using)


@transaction.atomic
def bring_together(*, pk: uuid.UUID, by: Me, at: datetime) -> None:
    """Both said yes: each is told the other's telephone. From this day it is kept for 90 days."""
    row = introduction(pk, by)
    if row.seeker_consented_on is None or row.giver_consented_on is None:
        raise Refused(_("两个人都同意了才能介绍。"))
    today = timezone.localdate(at)
    if not Introduction.objects.using(by.using).filter(pk=row.pk, made_on=None).update(made_on=today):
        raise Refused(_("已经介绍过了。"))
    audit.record("introduction.make", detail={"introduction": str(row.pk)}, using=by.using)


def outcome(*, pk: uuid.UUID, outcome: str, by: Me) -> None:
    row = introduction(pk, by)
    if outcome not in ("hired", "no") or row.made_on is None:
        raise Missing("outcome", _("介绍过以后才有结果，请选谈成了或没有谈成。"))
    Introduction.objects.using(by.using).filter(pk=row.pk).update(outcome=outcome)


def take_back(*, pk: uuid.UUID, by: Me) -> None:
    """One of them takes his yes back, or does not say it: everything of it is erased now."""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.withdraw_introduction(%s)", [pk])
        if not cursor.fetchone()[0]:
            raise NotHere(_("没有这次介绍，或已经到期抹去。"))
