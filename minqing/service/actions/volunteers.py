"""Volunteer teams: made, joined, on which day somebody is there, who takes whose shift, what a team is asked and how it went.

Invariants: nobody is a volunteer without his own yes; one person stands in one shift at a time, in whatever team: the database refuses the
second, also of two at once, and it is said in a sentence; a swap needs two yeses; which team helps whom is confirmed by a person; hours are
noted one by one.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connections, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Appointment, Staff
from minqing.access.scope import Me, Visitor
from minqing.access.words import lasting
from minqing.archives.actions import people
from minqing.archives.models import Resident
from minqing.archives.vault import phone_digests
from minqing.lib import phones
from minqing.service import vault
from minqing.service.actions import moving
from minqing.service.models import (
    Activity,
    HelpRequest,
    HourLine,
    Matter,
    Pairing,
    ShiftSwap,
    Team,
    TeamMember,
    TeamShift,
    Volunteer,
)
from minqing.service.queries import volunteers as queries
from minqing.service.refusals import Missing, NotHere, NotYours, Refused, here, saying
from minqing.service.rules import volunteers as rules

AHEAD = timedelta(days=370)
MOST_AT_ONCE = 62


# --- teams -------------------------------------------------------------------------------------------------------------------------


def get_team(team: uuid.UUID, by: Me) -> Team:
    """A team that he keeps or leads. Raises NotHere."""
    found = Team.objects.using(by.using).filter(pk=team).first()
    if found is None or not runs(found, by):
        raise NotHere(_("没有这支志愿队，或不归您管。"))
    return found


def open_team(team: uuid.UUID, by: Me) -> Team:
    """The same for something new: not of a team that is dissolved. Raises NotHere, Refused."""
    row = get_team(team, by)
    if row.ended_at is not None:
        raise Refused(_("这支队已经解散，请换一支。"))
    return row


def runs(team: Team, by: Me) -> bool:
    """Whether he keeps the team's village or leads the team."""
    return queries.keeps(by, team.area_code) or (team.lead == by.id and team.ended_at is None)


def keep(team: Team, by: Me) -> None:
    """Only who keeps the village. Raises NotYours."""
    if not queries.keeps(by, team.area_code):
        raise NotYours(_("队伍和队员由村书记来定。"))


def leads_of(village: str, by: Me) -> list[tuple[uuid.UUID, str]]:
    """Colleagues who work in the village and could lead a team."""
    rows = Appointment.objects.using(by.using).filter(area_code__startswith=village, ends_at=None, staff__left_at=None)
    return sorted({(a.staff.pk, a.staff.name) for a in rows.select_related("staff")}, key=lambda x: x[1])


@dataclass(frozen=True)
class Shape:
    """What a team is."""

    name: str
    skills: tuple[str, ...]
    grids: tuple[str, ...] = ()
    lead: uuid.UUID | None = None
    note: str = ""


def _checked(shape: Shape, village: str, by: Me) -> dict[str, object]:
    name = moving.need(shape.name, "name", _("请写队名，如“邻里帮”。"))
    skills = [s for s in rules.SKILLS if s in shape.skills]
    if not skills:
        raise Missing("skills", _("请至少选一样这支队能帮的。"))
    if any(not g.startswith(village) for g in shape.grids):
        raise Missing("grids", _("只能选本村的网格。"))
    if shape.lead is not None and shape.lead not in dict(leads_of(village, by)):
        raise Missing("lead", _("队长要在本村任职；没有账号的队长不用选，由村书记代他记。"))
    return {"name": name[:30], "skills": skills, "grids": sorted(set(shape.grids)), "lead": shape.lead, "note": shape.note.strip()[:200]}


@transaction.atomic
def make_team(*, village: str, shape: Shape, by: Me, at: datetime) -> Team:
    """A new team of a village."""
    if not queries.keeps(by, village):
        raise NotYours(_("志愿队由村书记来建。"))
    made = Team(area_code=village, made_by=by.id, made_at=at, **_checked(shape, village, by))
    with saying(_("这个村已有同名的志愿队，请换一个名字。")):
        made.save(using=by.using, force_insert=True)
    audit.record("team.make", detail={"team": str(made.pk), "area": village}, using=by.using)
    return made


@transaction.atomic
def change_team(*, team: uuid.UUID, shape: Shape, by: Me) -> Team:
    row = open_team(team, by)
    keep(row, by)
    with saying(_("这个村已有同名的志愿队，请换一个名字。")):
        Team.objects.using(by.using).filter(pk=row.pk).update(**_checked(shape, row.area_code, by))
    audit.record("team.change", detail={"team": str(row.pk)}, using=by.using)
    return row


@transaction.atomic
def end_team(*, team: uuid.UUID, by: Me, at: datetime) -> None:
    """Dissolved: refused while somebody waits for it. Everybody in it leaves it: nobody stands in a shift of no team, and the telephones go."""
    row = open_team(team, by)
    keep(row, by)
    if HelpRequest.objects.using(by.using).filter(team=row, state__in=list(rules.HOLDS_SHIFT)).exists():
        raise Refused(_("还有交给这支队的事没有做完，请先做完或退回。"))
    if queries.pairings([row], by):
        raise Refused(_("还有结对的人家，请先结束结对或换一支队。"))
    for volunteer in list(TeamMember.objects.using(by.using).filter(team=row, left_on=None).values_list("volunteer_id", flat=True)):
        _leave(row, volunteer, by, at)
    Activity.objects.using(by.using).filter(team=row, held_at=None, cancelled_at=None, starts_at__gt=at).update(cancelled_at=at)
    Team.objects.using(by.using).filter(pk=row.pk).update(ended_at=at)
    audit.record("team.end", detail={"team": str(row.pk)}, using=by.using)


# --- who is in it ------------------------------------------------------------------------------------------------------------------


def phone_of(text: str, field: str = "phone") -> str:
    """A number as it is kept, '' for none. Raises Missing for what is no number."""
    found = phones.normalise(text) or ""
    if text.strip() and not found:
        raise Missing(field, _("号码“%s”看不明白：手机 11 位；座机请带区号。") % text.strip())
    return found


@dataclass(frozen=True)
class Joining:
    """Somebody who wants to help: a resident (`person`), or a name and telephone from outside."""

    name: str
    phone: str
    skills: tuple[str, ...]
    consented_on: date
    how: str
    person: uuid.UUID | None = None


@transaction.atomic
def join(*, team: uuid.UUID, joining: Joining, by: Me, at: datetime) -> Volunteer:
    """Into the team, with his yes. Who is a volunteer of the village already is taken as he stands."""
    row = open_team(team, by)
    keep(row, by)
    name, phone = joining.name.strip(), phone_of(joining.phone)
    if joining.person is not None:
        person = Resident.objects.using(by.using).filter(pk=joining.person, alive=True, voided_at=None).first()
        if person is None:
            raise Missing("name", _("没有这个人，或不在您的范围内。"))
        name, phone = person.name, phone or phones.normalise(people.clear(person, "phone")) or ""
    if len(name) < 2:
        raise Missing("name", _("请写姓名。"))
    if joining.person is None and not phone:
        raise Missing("phone", _("外来的志愿者要写电话，约班、换班打这个号码。"))
    if joining.how not in dict(rules.CONSENT_HOW):
        raise Missing("how", _("请选他怎么同意的。"))
    if joining.consented_on > timezone.localdate(at):
        raise Missing("consented_on", _("同意的日子不能晚于今天。"))
    digests = phone_digests(phone) if phone else {}
    same = joining.person or (uuid.UUID(bytes=digests[min(digests)][:16]) if digests else uuid.uuid4())
    found = Volunteer.objects.using(by.using).filter(area_code=row.area_code, who=same, left_on=None).first()
    if found is None:
        found = Volunteer(area_code=row.area_code, person_id=joining.person, who=same, skills=[s for s in rules.SKILLS if s in joining.skills], consented_on=joining.consented_on, consent_how=joining.how,
                          made_by=by.id, made_at=at)
        found.contact_cipher = vault.encrypt_json(queries.CONTACT, found.pk, {"name": name[:40], "phone": phone})
        if digests:
            found.key_no, found.phone_digest = max(digests), digests[max(digests)]
        with saying(_("%s刚被登记过，请刷新再看。") % name):
            found.save(using=by.using, force_insert=True)
    with saying(_("%s已经在这支队里。") % name):
        TeamMember(team=row, area_code=row.area_code, volunteer=found, joined_on=timezone.localdate(at), made_by=by.id, made_at=at).save(using=by.using, force_insert=True)
    audit.record("team.join", persons=[joining.person] if joining.person else [], detail={"team": str(row.pk)}, using=by.using)
    return found


@transaction.atomic
def leave(*, team: uuid.UUID, volunteer: uuid.UUID, by: Me, at: datetime) -> None:
    """Out of the team: his coming shifts are free. Out of the last one, his telephone goes. Refused while somebody waits for him."""
    row = get_team(team, by)
    keep(row, by)
    if HelpRequest.objects.using(by.using).filter(shift__volunteer=volunteer, shift__starts_at__gt=at, team=row, state__in=list(rules.HOLDS_SHIFT)).exists():
        raise Refused(_("他有一班已经答应去帮人，请先把那件事退回或做完，再记退队。"))
    _leave(row, volunteer, by, at)


def _leave(row: Team, volunteer: uuid.UUID, by: Me, at: datetime) -> None:
    today = timezone.localdate(at)
    if not TeamMember.objects.using(by.using).filter(team=row, volunteer=volunteer, left_on=None).update(left_on=today):
        raise NotHere(_("他不在这支队里。"))
    coming = TeamShift.objects.using(by.using).filter(team=row, volunteer=volunteer, cancelled_at=None, starts_at__gt=at)
    ShiftSwap.objects.using(by.using).filter(Q(shift__in=coming) | Q(return_shift__in=coming) | Q(taker=volunteer), team=row, done_at=None, refused_at=None).update(refused_at=at)
    coming.update(cancelled_at=at, why=lasting("退队"))
    Pairing.objects.using(by.using).filter(team=row, volunteer=volunteer, ends_on=None).update(volunteer=None)
    person = Volunteer.objects.using(by.using).get(pk=volunteer)
    if not TeamMember.objects.using(by.using).filter(volunteer=volunteer, left_on=None).exists():
        name = queries.who(queries.CONTACT, person.pk, person.contact_cipher).name
        Volunteer.objects.using(by.using).filter(pk=volunteer).update(left_on=today, phone_digest=None, key_no=None, contact_cipher=vault.encrypt_json(queries.CONTACT, person.pk, {"name": name, "phone": ""}))
    audit.record("team.leave", persons=[person.person_id] if person.person_id else [], detail={"team": str(row.pk)}, using=by.using)


def get_volunteer(volunteer: uuid.UUID, by: Me) -> Volunteer:
    return here(Volunteer.objects.using(by.using).filter(pk=volunteer).first(), _("没有这位志愿者，或不归您管。"))


# --- shifts ------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    """A time of day on one day or several weekdays (0 = Monday; empty = each day) from first to last."""

    first: date
    last: date
    starts: time
    ends: time
    weekdays: tuple[int, ...] = ()

    def spans(self) -> list[tuple[datetime, datetime]]:
        days = (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))
        return [(timezone.make_aware(datetime.combine(d, self.starts)), timezone.make_aware(datetime.combine(d, self.ends))) for d in days if not self.weekdays or d.weekday() in self.weekdays]


def spoken(starts: datetime, ends: datetime) -> str:
    """"12-02 08:30–11:30"."""
    return f"{timezone.localtime(starts):%m-%d %H:%M}–{timezone.localtime(ends):%H:%M}"


def spoken_start(starts: datetime) -> str:
    return f"{timezone.localtime(starts):%m-%d %H:%M}"


@transaction.atomic
def plan(*, team: uuid.UUID, volunteer: uuid.UUID, kind: str, slot: Slot, place: str = "", by: Me, at: datetime) -> list[TeamShift]:
    """Put somebody on the rota; all days or none."""
    row = open_team(team, by)
    if kind not in dict(rules.SHIFT_KINDS):
        raise Missing("kind", _("请选出勤还是接待。"))
    if kind == "reception" and len(place.strip()) < 2:
        raise Missing("place", _("请写在哪里接待，如“村文化礼堂”。"))
    if slot.ends <= slot.starts:
        raise Missing("ends", _("结束时间要晚于开始时间。"))
    if slot.last < slot.first:
        raise Missing("last", _("最后一天不早于第一天。"))
    if slot.first < timezone.localdate(at) or slot.last > timezone.localdate(at + AHEAD):
        raise Missing("first", _("只能排今天起一年之内的班。"))
    spans = slot.spans()
    if not spans:
        raise Missing("weekdays", _("这段日子里没有选中的星期几。"))
    if len(spans) > MOST_AT_ONCE:
        raise Missing("last", _("一次最多排 %d 班，请分几次排。") % MOST_AT_ONCE)
    if not TeamMember.objects.using(by.using).filter(team=row, volunteer=volunteer, left_on=None).exists():
        raise Missing("volunteer", _("请在队员里选一位。"))
    name = queries.names([volunteer], by).get(volunteer, "")
    taken = list(TeamShift.objects.using(by.using).filter(volunteer=volunteer, cancelled_at=None, ends_at__gt=spans[0][0], starts_at__lt=spans[-1][1]).values_list("starts_at", "ends_at"))
    for starts, ends in spans:
        both = rules.clash(taken, starts, ends)
        if both is not None:
            raise Refused(_("%(name)s在 %(when)s 已经有班，请改时间或换人。") % {"name": name, "when": spoken(*both)})
    made = [TeamShift(team=row, area_code=row.area_code, volunteer_id=volunteer, who=volunteer, kind=kind, starts_at=s, ends_at=e, place=place.strip()[:60], made_by=by.id, made_at=at) for s, e in spans]
    # another team, another village or somebody at the same moment: the database knows
    with saying(_("%(name)s在这段时间里（%(when)s）已在别处排了班，请和他核对，改时间或换人。") % {"name": name, "when": spoken(spans[0][0], spans[-1][1])}):
        TeamShift.objects.using(by.using).bulk_create(made)
    audit.record("team.shift", detail={"team": str(row.pk), "n": len(made)}, using=by.using)
    return made


def get_shift(shift: uuid.UUID, by: Me) -> TeamShift:
    return here(TeamShift.objects.using(by.using).filter(pk=shift).select_related("team").first(), _("没有这一班，或不归您管。"))


@transaction.atomic
def cancel_shift(*, shift: uuid.UUID, why: str, by: Me, at: datetime) -> TeamShift:
    row = get_shift(shift, by)
    reason = moving.need(why, "why", _("请写为什么取消这一班。"))
    if HelpRequest.objects.using(by.using).filter(shift=row, state__in=list(rules.HOLDS_SHIFT)).exists():
        raise Refused(_("这一班已经答应去帮人，请先把那件事退回或改给别的班。"))
    if not TeamShift.objects.using(by.using).filter(pk=row.pk, cancelled_at=None, ends_at__gt=at).update(cancelled_at=at, why=reason[:80]):
        raise Refused(_("这一班已经过去或取消了。"))
    ShiftSwap.objects.using(by.using).filter(shift=row, done_at=None, refused_at=None).update(refused_at=at)
    audit.record("team.cancel", detail={"shift": str(row.pk)}, using=by.using)
    return row


@transaction.atomic
def attended(*, shift: uuid.UUID, by: Me, at: datetime) -> TeamShift:
    """He was there: his time is noted."""
    row = get_shift(shift, by)
    if row.cancelled_at or row.starts_at > at:
        raise Refused(_("这一班还没有开始，或已取消。"))
    if not TeamShift.objects.using(by.using).filter(pk=row.pk, attended_at=None).update(attended_at=at):
        raise Refused(_("这一班已经记过到岗。"))
    note_hours(team=row.team, volunteer=row.volunteer_id, on=timezone.localdate(row.starts_at), minutes=int((row.ends_at - row.starts_at).total_seconds() // 60), kind="shift", what=row.pk, by=by, at=at)
    return row


@transaction.atomic
def ask_swap(*, shift: uuid.UUID, taker: uuid.UUID, other: uuid.UUID | None = None, how: str, by: Me, at: datetime) -> ShiftSwap:
    """Whose shift it is wants somebody else to take it, or to exchange it: his yes, and how he said it."""
    row = get_shift(shift, by)
    if how not in dict(rules.CONSENT_HOW):
        raise Missing("how", _("请选原来的人怎么说的。"))
    if row.cancelled_at or row.starts_at <= at:
        raise Refused(_("这一班已经过去或取消了，不能换。"))
    if taker == row.volunteer_id or not TeamMember.objects.using(by.using).filter(team=row.team, volunteer=taker, left_on=None).exists():
        raise Missing("taker", _("请在队里选另一位来接。"))
    if other is not None and not TeamShift.objects.using(by.using).filter(pk=other, team=row.team, volunteer=taker, cancelled_at=None, starts_at__gt=at).exists():
        raise Missing("other", _("请选来接的人自己的一班。"))
    made = ShiftSwap(team=row.team, area_code=row.area_code, shift=row, return_shift_id=other, taker_id=taker, giver_agreed_at=at, giver_how=how, made_by=by.id, made_at=at)
    with saying(_("这一班已经在商量换班，请先办完那一次。")):
        made.save(using=by.using, force_insert=True)
    audit.record("team.swap_ask", detail={"shift": str(row.pk)}, using=by.using)
    return made


SWAP_SAYS = {
    "absent": "没有这次换班，或不归您管。", "stale": "这次换班已经办过了，请刷新再看。", "agree": "两个人都同意了才能换班。", "past": "有一班已经过去、取消或换过了，不能再换。",
    "left": "来接的人已经不在队里。", "clash": "来接的人那个时间已经有班（本队或别处），换不成，请另找一位。",
}


@transaction.atomic
def agree_swap(*, swap: uuid.UUID, how: str, by: Me, at: datetime) -> None:
    """Whoever takes it says yes as well: the shift is his from now on."""
    if how not in dict(rules.CONSENT_HOW):
        raise Missing("how", _("请选来接的人怎么说的。"))
    if not ShiftSwap.objects.using(by.using).filter(pk=swap, done_at=None, refused_at=None).update(taker_agreed_at=at, taker_how=how):
        raise Refused(_(SWAP_SAYS["stale"]))
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.swap_shift(%s)", [swap])
        answer = cursor.fetchone()[0]
    if answer != "ok":
        raise Refused(_(SWAP_SAYS[answer]))


def refuse_swap(*, swap: uuid.UUID, by: Me, at: datetime) -> None:
    """One of the two does not want to: the shift stays as it was."""
    if not ShiftSwap.objects.using(by.using).filter(pk=swap, done_at=None, refused_at=None).update(refused_at=at):
        raise Refused(_(SWAP_SAYS["stale"]))
    audit.record("team.swap_refuse", detail={"swap": str(swap)}, using=by.using)


def note_hours(*, team: Team, volunteer: uuid.UUID, on: date, minutes: int, kind: str, what: uuid.UUID | None = None, by: Me, at: datetime) -> HourLine:
    """Time that somebody gave. Once for one thing."""
    if not 1 <= minutes <= rules.MOST_MINUTES:
        raise Missing("minutes", _("时间从 1 分钟到 24 小时。"))
    if on > timezone.localdate(at):
        raise Missing("on", _("还没有到这一天。"))
    made = HourLine(team=team, area_code=team.area_code, volunteer_id=volunteer, on_day=on, minutes=minutes, kind=kind, what=what, made_by=by.id, made_at=at)
    with saying(_("这一件已经给他记过时间，或他已不在队里。")):
        made.save(using=by.using, force_insert=True)
    return made


# --- what a team is asked ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    """What is wanted for whom. `matter`: where it came from, if the caller sits there; `person`: whose file, for the audit alone."""

    place: str
    skill: str
    source: str
    name: str
    words: str
    phone: str = ""
    door: str = ""
    since: date | None = None
    until: date | None = None
    matter: uuid.UUID | None = None
    person: uuid.UUID | None = None


def checked_ask(ask: Ask, at: datetime) -> tuple[dict[str, str], str]:
    """(contact, words), or Missing."""
    if ask.skill not in rules.SKILLS:
        raise Missing("skill", _("请选要什么帮手。"))
    name = moving.need(ask.name, "name", _("请写给谁帮忙。"))
    words = moving.need(ask.words, "words", _("请写一句要帮什么，如“厨房水龙头漏水”。"), 4)
    phone = phone_of(ask.phone)
    if not phone and len(ask.door.strip()) < 2:
        raise Missing("door", _("没有电话的，请写门牌，好找到人。"))
    if ask.until and ask.until < (ask.since or timezone.localdate(at)):
        raise Missing("until", _("最晚的日子不早于最早的日子，也不早于今天。"))
    return {"name": name[:40], "phone": phone, "door": ask.door.strip()[:120]}, words[:500]


@transaction.atomic
def ask(*, wish: Ask, by: Me, at: datetime) -> uuid.UUID:
    """Take a request down. It is the village's secretary who sees it and gives it to a team."""
    contact, words = checked_ask(wish, at)
    if wish.source not in dict(rules.SOURCES):
        raise Missing("source", _("请选这件事从哪里来。"))
    if len(wish.place) < 12:
        raise Missing("place", _("请选哪个村。"))
    if wish.matter is not None and Matter.objects.using(by.using).filter(pk=wish.matter, confidential=True).exists():
        raise Refused(_("这件事要求保密，不转给志愿队；要人帮忙，请先问本人。"))
    made = HelpRequest(area_code=wish.place[:12], place_code=wish.place, skill=wish.skill, source=wish.source, matter_id=wish.matter, person_id=wish.person, wanted_from=wish.since, wanted_to=wish.until, made_by=by.id, made_at=at)
    made.contact_cipher = vault.encrypt_json(queries.HELP_CONTACT, made.pk, contact)
    made.words_cipher = vault.encrypt(queries.HELP_WORDS, made.pk, words)
    with saying(_("现在不能登记，请刷新再试。")):
        made.save(using=by.using, force_insert=True)
    audit.record("help.ask", persons=[wish.person] if wish.person else [], detail={"help": str(made.pk)}, using=by.using)
    return uuid.UUID(str(made.pk))


def ask_self(*, wish: Ask, visitor: Visitor, at: datetime) -> None:
    """A resident asks for himself or for whom he acts; the place is his file's. At most ten a day."""
    contact, words = checked_ask(wish, at)
    if wish.person not in visitor.persons:
        raise Missing("person", _("您没有得到这位家人的同意，或已经收回。"))
    row = uuid.uuid4()
    with transaction.atomic(using=visitor.using), connections[visitor.using].cursor() as cursor:
        cursor.execute("select access.ask_help(%s, %s, %s, %s, %s, %s, %s)", [row, wish.person, wish.skill, vault.encrypt(queries.HELP_WORDS, row, words), vault.encrypt_json(queries.HELP_CONTACT, row, contact), wish.since, wish.until])
        if not cursor.fetchone()[0]:
            raise Refused(_("今天已经提了十次，请打电话给村里。"))
    audit.record("help.ask", persons=[wish.person] if wish.person else [], detail={"help": str(row)}, using=visitor.using)


def get_help(help_: uuid.UUID, by: Me) -> HelpRequest:
    """A request of one's village or team. Raises NotHere."""
    return here(HelpRequest.objects.using(by.using).filter(pk=help_).select_related("team", "shift").first(), _("没有这件事，或不归您办。"))


MOVE_SAYS = {
    "absent": "没有这件事，或不归您办。", "stale": "别人刚办过这一步，请刷新再看。", "team": "这支队已经解散，请换一支。", "near": "这件事和队长有关，请换一支队。", "shift": "这一班已经过去或取消了，请换一班。",
    "shift_taken": "这一班刚被别的事占了，请换一班。",
}


def _move(help_: uuid.UUID, move: str, by: Me, *, team: uuid.UUID | None = None, shift: uuid.UUID | None = None, why: Iterable[tuple[str, str]] = (), note: str = "") -> None:
    step = uuid.uuid4()
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.move_help(%s, %s, %s, %s, %s::jsonb, %s, %s)", [help_, move, team, shift, json.dumps(list(why), ensure_ascii=False), vault.encrypt(queries.STEP_NOTE, step, note.strip()), step])
        answer = cursor.fetchone()[0]
    if answer == "absent":
        raise NotHere(_(MOVE_SAYS[answer]))
    if answer != "ok":
        raise Refused(_(MOVE_SAYS[answer]))


@transaction.atomic
def give(*, help_: uuid.UUID, team: uuid.UUID, shift: uuid.UUID | None = None, note: str = "", by: Me, at: datetime) -> None:
    """Confirmed by a person: this team, this shift. Why it fits is kept as it was shown; another than suggested is kept as chosen."""
    row = get_help(help_, by)
    found = next((s for s in queries.suggestions(row, by, at=at) if s.team.id == str(team)), None)
    why = found.why if found else (("chosen", ""),)
    if found and str(shift or "") != (found.shift.id if found.shift else ""):
        why = tuple(pair for pair in why if pair[0] not in ("shift", "own_skill", "no_shift"))
    _move(row.pk, "give", by, team=team, shift=shift, why=[(k, "" if k in ("shift", "own_skill") else v) for k, v in why], note=note)


def accept(*, help_: uuid.UUID, note: str = "", by: Me) -> None:
    _move(help_, "accept", by, note=note)


def refuse(*, help_: uuid.UUID, note: str, by: Me) -> None:
    """The team cannot: why. It comes back to the village, and the lead sees it no more."""
    _move(help_, "refuse", by, note=moving.need(note, "note", _("请写明为什么办不了（至少四个字），好换一支队。"), 4))


def withdraw(*, help_: uuid.UUID, note: str, by: Me) -> None:
    _move(help_, "withdraw", by, note=moving.need(note, "note", _("请写为什么不用了。")))


@transaction.atomic
def done(*, help_: uuid.UUID, note: str, helpers: Iterable[uuid.UUID], minutes: int, on: date, by: Me, at: datetime) -> None:
    """It is done: how, by whom, how long each was there."""
    row = get_help(help_, by)
    chosen = list(dict.fromkeys(helpers))
    if not chosen:
        raise Missing("helpers", _("请选谁去的。"))
    words = moving.need(note, "note", _("请写一句做得怎样。"))
    team = row.team
    _move(row.pk, "done", by, note=words)
    assert team is not None  # noqa: S101 - the database gives none away without one
    for volunteer in chosen:
        note_hours(team=team, volunteer=volunteer, on=on, minutes=minutes, kind="help", what=row.pk, by=by, at=at)


def name_of_lead(team: Team, by: Me) -> str:
    return Staff.objects.using(by.using).filter(pk=team.lead).values_list("name", flat=True).first() or "" if team.lead else ""


def name_of(person: uuid.UUID, by: Me) -> str:
    """The name of a living resident of one's scope, '' for anybody else."""
    return Resident.objects.using(by.using).filter(pk=person, alive=True, voided_at=None).values_list("name", flat=True).first() or ""
