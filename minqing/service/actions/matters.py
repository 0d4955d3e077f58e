"""A matter is opened, accepted or not, dispatched, handed over, merged, split, withdrawn: the verbs of the desk that took it.

Invariants: every door (window, hotline, web, doorstep, meeting, 12345) opens a matter through `open_matter`; what is about
staff is restricted before anybody else sees it; a requester is answered once, by one number.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Appointment, Area, Organisation, Staff
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me
from minqing.access.words import county, lasting
from minqing.lib import masks, phones
from minqing.service import vault
from minqing.service.actions import moving
from minqing.service.models import ForeignOrder, Matter, Party
from minqing.service.queries import limits
from minqing.service.refusals import Missing, Refused
from minqing.service.rules import desks, kinds, numbers, states
from minqing.service.rules.states import Role


@dataclass(frozen=True)
class Who:
    """A person in a matter as he says who he is. `person` is his file, where it is known and in the caller's scope."""

    name: str = ""
    phone: str = ""
    address: str = ""
    person: uuid.UUID | None = None
    role: str = "requester"
    call_home: bool = True


@dataclass(frozen=True)
class Said:
    """What the door hands over: who says what, about which place."""

    words: str
    kind: str
    channel: str
    place: str
    requester: Who = field(default_factory=Who)
    others: tuple[Who, ...] = ()
    title: str = ""
    category: str = ""
    spot: str = ""
    urgent: bool | None = None   # None = by the words
    anonymous: bool = False
    confidential: bool = False
    on_behalf: bool = False
    accused: tuple[uuid.UUID, ...] = ()   # staff whom the matter names
    about_staff: bool | None = None       # None = by the words
    taken_at: str = ""                    # desk of the door, '' = the place's own
    number: str = ""                      # a number printed beforehand (the pad for the day the system is down)
    word_digest: bytes = b""              # of the word printed with it; '' = a new word is made
    follows: uuid.UUID | None = None      # the matter it came out of
    id: uuid.UUID | None = None           # its id, where a scope was entered for it beforehand; None = a new one


@dataclass(frozen=True)
class Opened:
    """What the person is told: number, word, when and from whom he hears, whom to call."""

    matter: Matter
    word: str
    urgent_words: tuple[str, ...]
    restricted: bool


def headline(words: str) -> str:
    """The first sentence, numbers masked, at most 40 characters."""
    text = " ".join(masks.free_text(words).split())
    for mark in "。！？；\n":
        text = text.split(mark)[0] or text
    return text[:40]


def next_number(at: datetime, using: str) -> str:
    with connections[using].cursor() as cursor:
        cursor.execute("select nextval('public.service_number')")
        return numbers.make(at.year, int(cursor.fetchone()[0]))


def staff_at(place: str, using: str = "default") -> list[tuple[uuid.UUID, str, str]]:
    """(id, name, area) of whoever holds an appointment at the place, its village or its town."""
    codes = [place[:n] for n in (9, 12, 15) if len(place) >= n]
    rows = Appointment.objects.using(using).filter(ends_at=None).filter(area_code__in=codes) if codes else Appointment.objects.none()
    rows = rows | Appointment.objects.using(using).filter(ends_at=None, area_code__startswith=place[:12]) if len(place) >= 12 else rows
    return [(a.staff_id, a.staff.name, a.area_code) for a in rows.select_related("staff").distinct()]


@transaction.atomic
def open_matter(said: Said, *, by: Me, at: datetime) -> Opened:
    """Take down what somebody asks. Raises Missing for what is lacking, Refused where the place is not his to take for."""
    words = moving.need(said.words, "words", _("请写下说了什么（至少两个字）。"))
    if said.kind not in kinds.LIMITS:
        raise Missing("kind", _("请选择种类。"))
    if said.channel not in kinds.CHANNEL_LABELS:
        raise Missing("channel", _("请选择从哪里来。"))
    if not Area.objects.using(by.using).filter(pk=said.place, closed_on=None).exists() or len(said.place) < 6:
        raise Missing("place", _("请选择事情在哪个村（社区）。"))
    urgent_words = kinds.urgent_words(words)
    urgent = bool(urgent_words) if said.urgent is None else said.urgent
    accused, restricted = _about_staff(said, words, by)
    home = desks.home_of(said.place, said.channel, said.taken_at)
    shielded: list[str] = []
    if restricted:
        shielded = shielded_areas(said.place, accused, by)
        home = desks.keeper_of(said.place, shielded)
    if not (by.may(Right.INTAKE, said.place) or by.may(Right.MATTERS, home)):
        raise Refused(_("您的任职不能登记那里的事。请当事人拨打热线，或到当地窗口。"))
    clock, accept_due = limits.on_submission(place=said.place, urgency="urgent" if urgent else "normal", at=at)
    word = numbers.word()
    number = said.number or next_number(at, by.using)
    row = Matter(
        id=said.id or uuid.uuid4(), number=number, word_digest=said.word_digest or vault.word_digest(number, word), kind=said.kind, category=said.category[:24], channel=said.channel, urgency="urgent" if urgent else "normal",
        confidential=said.confidential, anonymous=said.anonymous, on_behalf=said.on_behalf, title=lasting("（涉及工作人员的反映）") if restricted else (said.title.strip() or headline(words))[:80],
        place_code=said.place, spot=masks.free_text(said.spot.strip())[:120], home_desk=home, first_owner=by.signs, submitted_at=at, clock_from=clock, accept_due_at=accept_due,
        remind_at=at + timedelta(minutes=kinds.ACKNOWLEDGE_MINUTES) if urgent else None, parent_id=said.follows, relation="after" if said.follows else "",
    )
    row.words_cipher = vault.encrypt(vault.WORDS, row.pk, words, restricted=restricted)
    row.save(using=by.using, force_insert=True)
    _call(by, "select access.take_matter(%s)", [row.pk])
    add_parties(row, said, accused, restricted=restricted, by=by)
    row.restricted = restricted   # what the log encrypts, it encrypts like the matter
    moving.remember(row, "submit", by=by, at=at, before="", public=lasting("已登记，编号 %s") % numbers.spoken(number), detail={"channel": said.channel, "urgent": urgent_words}, desk=home)
    _call(by, "select access.settle_matter(%s, %s, %s, %s)", [row.pk, home, restricted, shielded])
    return Opened(row, word, tuple(urgent_words), restricted)


def _call(by: Me, statement: str, parameters: list[object]) -> None:
    with connections[by.using].cursor() as cursor:
        cursor.execute(statement, parameters)


def _about_staff(said: Said, words: str, by: Me) -> tuple[list[uuid.UUID], bool]:
    """Who is accused, and whether the matter goes the restricted way."""
    known = staff_at(said.place, by.using)
    accused = list(said.accused)
    if said.about_staff is False and not accused:
        return [], False
    reproach = kinds.about_staff(words, [name for _id, name, _area in known])
    if reproach:
        accused += [pk for pk, name, _area in known if name and name in words]
    restricted = bool(accused) or bool(said.about_staff) or (bool(reproach) and said.kind in ("complaint", "report"))
    return list(dict.fromkeys(accused)), restricted


def shielded_areas(place: str, accused: list[uuid.UUID], by: Me) -> list[str]:
    """Areas whose desks must not see it: where the accused work; the village of the place where nobody is named."""
    areas = list(Appointment.objects.using(by.using).filter(staff__in=accused, ends_at=None).values_list("area_code", flat=True))
    found = {a[:12] if len(a) > 12 else a for a in areas}
    found |= set(Staff.objects.using(by.using).filter(pk__in=accused).values_list("area_code", flat=True))
    if not found and len(place) >= 12:
        found = {place[:12]}
    return sorted(c for c in found if len(c) >= 9)


def add_parties(matter: Matter, said: Said, accused: list[uuid.UUID], *, restricted: bool, by: Me) -> None:
    """Requester, others, and the staff who are named. In confidence: hidden from whoever handles it."""
    hidden = said.confidential or said.kind == kinds.Kind.REPORT or restricted
    if not said.anonymous:
        _party(matter, said.requester, hidden=hidden, restricted=restricted, by=by)
    for other in said.others:
        _party(matter, other, hidden=hidden and other.role == "for", restricted=restricted, by=by)
    for staff in accused:
        Party(matter=matter, role="accused", staff=staff, hidden=True, call_home=False).save(using=by.using, force_insert=True)


@transaction.atomic
def add_other(*, matter: Matter, who: Who, by: Me, at: datetime) -> bool:
    """The other side of a dispute, named later. Returns whether the caller still sees the matter: he does not if it turns out to
    be about himself, his household or his kin (the database bars him in the same statement)."""
    row = moving.get(matter, by, lock=True)
    if row.kind != kinds.Kind.DISPUTE or states.State(row.state) not in states.OPEN:
        raise Refused(_("只有还没有办结的矛盾纠纷才补登对方。"))
    if not moving.sits(row.pk, [Role.HOME, Role.LEAD], Right.MATTERS, by):
        raise Refused(_("“补登对方”要由受理处或主办单位来做。"))
    moving.need(who.name, "name", _("请写对方的姓名。"))
    # the log first: after the next line he may be barred
    moving.remember(row, "party", by=by, at=at)
    _party(row, replace(who, role="other"), hidden=False, restricted=row.restricted, by=by)
    return Matter.objects.using(by.using).filter(pk=row.pk).exists()


def _party(matter: Matter, who: Who, *, hidden: bool, restricted: bool, by: Me) -> None:
    phone = phones.normalise(who.phone) if who.phone.strip() else None
    if who.phone.strip() and not phone:
        raise Missing("phone", _("电话“%s”看不明白：手机 11 位；座机请带区号，如 0570-4888365。") % who.phone.strip())
    row = Party(matter=matter, role=who.role, person_id=who.person, masked=masks.name(who.name.strip()) if who.name.strip() else "", hidden=hidden, call_home=who.call_home)
    content = {k: v for k, v in (("name", who.name.strip()), ("phone", phone or ""), ("address", who.address.strip())) if v}
    row.contact_cipher = vault.encrypt_json(vault.CONTACT, row.pk, content, restricted=restricted) if content else None
    if phone:
        row.phone_digest, row.key_no = vault.phone_digest(phone)
    row.save(using=by.using, force_insert=True)


# --- acceptance --------------------------------------------------------------------------------------------------------

def accept(*, matter: Matter, by: Me, at: datetime, kind: str = "", category: str = "", seen: int | None = None) -> Matter:
    """Take it on. Kind and category may be put right here."""
    changes = {k: v for k, v in (("kind", kind), ("category", category)) if v}
    return moving.make("accept", matter, by=by, at=at, seen=seen, public=lasting("已受理"), accepted_at=at, remind_at=None, escalated=0, **changes)


@transaction.atomic
def reject(*, matter: Matter, reason: str, words: str, by: Me, at: datetime, seen: int | None = None) -> Matter:
    """Not taken, with the reason and the right channel: both are told."""
    if reason not in kinds.REJECTIONS:
        raise Missing("reason", _("请选择不予受理的原因。"))
    why, channel = kinds.REJECTIONS[reason]
    return moving.make("reject", matter, by=by, at=at, seen=seen, note=words, public=lasting("不予受理：%(why)s。请找：%(channel)s。") % {"why": lasting(why), "channel": lasting(channel)}, reject_code=reason,
                      told_channel=channel, closed_at=at, due_at=None, remind_at=None)


def transfer(*, matter: Matter, to: str, words: str, pointer: str = "", by: Me, at: datetime, seen: int | None = None) -> Matter:
    """Handed to 110, 12345, 信访, 司法: the platform does not run their procedure, it keeps the pointer."""
    if to not in kinds.TRANSFERS:
        raise Missing("to", _("请选择转给谁。"))
    note = moving.need(words, "words", _("请写明转交了什么、对方谁接的。"))
    label = kinds.TRANSFERS[to]
    return moving.make("transfer", matter, by=by, at=at, seen=seen, note=note, public=lasting("已转交%s办理") % lasting(label), detail={"to": to, "pointer": pointer[:80]}, told_channel=label, closed_at=at, due_at=None, remind_at=None)


@transaction.atomic
def hand_over(*, matter: Matter, desk: str, words: str, by: Me, at: datetime, seen: int | None = None) -> Matter:
    """Another desk takes it in: the matter moves, the file does not."""
    note = moving.need(words, "words", _("请写明为什么由那边受理。"))
    row = moving.get(matter, by)
    if desk == row.home_desk:
        raise Missing("desk", _("这件事本来就在这里受理。"))
    check_desk(desk, by)
    old = row.home_desk
    clock, accept_due = limits.on_submission(place=row.place_code, urgency=row.urgency, at=at)
    moving.give_seat(row, desk, Role.HOME, by)
    row = moving.make("hand_over", row, by=by, at=at, seen=seen, note=note, detail={"from": old, "to": desk}, home_desk=desk, accept_due_at=accept_due, clock_from=clock)
    moving.leave_seat(row, Role.HOME, by, desk=old)
    return row


def check_desk(desk: str, by: Me) -> None:
    if not desks.FORM.match(desk):
        raise Missing("desk", _("请选择交给哪里。"))
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.is_desk(%s)", [desk])
        if not cursor.fetchone()[0]:
            raise Missing("desk", _("没有“%s”这个受理处，或已停用。") % desk)


def desk_name(desk: str, using: str = "default") -> str:
    """虎山街道受理台, 彭里村, 江山市住建局."""
    area, unit = desks.split(desk)
    place = Area.objects.using(using).filter(pk=area).values_list("short_name", flat=True).first() or area
    if not unit:
        return place
    if desks.unit_label(unit):
        return place + _(desks.unit_label(unit))
    return Organisation.objects.using(using).filter(area_code=area, department=unit).values_list("name", flat=True).first() or f"{place}/{unit}"


@transaction.atomic
def answer(*, matter: Matter, words: str, outcome: str, by: Me, at: datetime, seen: int | None = None) -> Matter:
    """Answered on the spot (直接办结): the person hears it now, so nobody has to call back."""
    text = moving.need(words, "words", _("请写下怎么答复的。"))
    if outcome not in dict(kinds.OUTCOMES):
        raise Missing("outcome", _("请选择办理结果。"))
    row = moving.get(matter, by)
    return moving.make("answer", row, by=by, at=at, seen=seen, public=headline(text), accepted_at=row.accepted_at or at, contacted_at=at, replied_at=at, closed_at=at, handler=by.id, outcome=outcome,
                       archive_at=limits.after(row.place_code, at, kinds.ARCHIVE_DAYS), due_at=None, remind_at=None, told_that_day=True,
                       result_cipher=vault.encrypt(vault.RESULT, row.pk, text, restricted=row.restricted))


# --- dispatch ----------------------------------------------------------------------------------------------------------

@transaction.atomic
def dispatch(*, matter: Matter, lead: str, joint: tuple[str, ...] = (), words: str = "", by: Me, at: datetime, seen: int | None = None) -> Matter:
    """Send it to who handles it; the deadline is worked out and stands on the order from now on."""
    row = moving.get(matter, by)
    for desk in (lead, *joint):
        check_desk(desk, by)
    if lead in joint:
        raise Missing("joint", _("主办单位不必再列为协办。"))
    rule = limits.rule_for(row.category, row.place_code, by.using) if row.category else None
    due = limits.on_dispatch(kind=row.kind, place=row.place_code, urgency=row.urgency, at=at, days=rule.finish_days if rule else None, using=by.using)
    due = limits.no_later(due, foreign_due(row, by), at)
    row = moving.make(
        "dispatch", row, by=by, at=at, seen=seen, note=words, desk=lead, detail={"lead": lead, "joint": list(joint)},
        public=lasting("已派给%(who)s，%(day)s前答复您") % {"who": county(desk_name)(lead, by.using), "day": f"{due.reply:%m-%d %H:%M}"},
        lead_desk=lead, dispatched_at=at, signed_at=None, handler=None, sign_due_at=due.sign, contact_due_at=due.contact, due_at=due.reply, remind_at=due.remind, limit_days=due.days,
        reminded=0, escalated=0, pauses=[],
    )
    moving.leave_seat(row, Role.LEAD, by)
    moving.leave_seat(row, Role.JOINT, by)
    moving.give_seat(row, lead, Role.LEAD, by)
    for desk in joint:
        moving.give_seat(row, desk, Role.JOINT, by)
    return row


def foreign_due(matter: Matter, by: Me) -> datetime | None:
    """The earliest deadline that another system (12345, 四平台) has set for this matter."""
    return ForeignOrder.objects.using(by.using).filter(matter=matter, due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True).first()


@transaction.atomic
def merge(*, matter: Matter, into: Matter | uuid.UUID, by: Me, at: datetime, seen: int | None = None) -> Matter:
    """The same matter as another one: it follows that one, and its requester is answered and asked in his own name."""
    target = moving.get(into, by)
    row = moving.get(matter, by)
    if target.pk == row.pk:
        raise Refused(_("不能并入自己。"))
    if target.parent_id == row.pk or states.State(target.state) in states.FINAL:
        raise Refused(_("要并入的那件事已并单、撤回或未受理，请换一件。"))
    if target.restricted != row.restricted or target.kind == kinds.Kind.REPORT or row.kind == kinds.Kind.REPORT:
        raise Refused(_("举报件不并单，逐件办理。"))
    if row.children.using(by.using).filter(relation="merged").exists():
        raise Refused(_("这件事已有别的事并入，请反过来并。"))
    row = moving.make("merge", row, by=by, at=at, seen=seen, public=lasting("与 %s 是同一件事，一并办理，办完同样答复您") % numbers.spoken(target.number), detail={"into": target.number}, parent=target, relation="merged", due_at=None, remind_at=None)
    moving.remember(target, "joined", by=by, at=at, detail={"number": row.number})
    return row


@transaction.atomic
def split(*, matter: Matter, words: str, kind: str, category: str = "", by: Me, at: datetime) -> Opened:
    """One call, two matters: a second one of the same person and place, tied to the first."""
    row = moving.get(matter, by, lock=True)
    if states.State(row.state) not in states.OPEN:
        raise Refused(_("已办结的事不能再拆，请另行登记。"))
    if not moving.sits(row.pk, [Role.HOME], Right.DISPATCH, by):
        raise Refused(_("“拆单”要由受理处来做。"))
    first = row.parties.using(by.using).filter(role="requester").first()
    contact = vault.decrypt_json(vault.CONTACT, first.pk, first.contact_cipher, restricted=row.restricted) if first else {}
    who = Who(name=contact.get("name", ""), phone=contact.get("phone", ""), address=contact.get("address", ""), person=first.person_id if first else None, call_home=first.call_home if first else True)
    said = Said(words=words, kind=kind, category=category, channel=row.channel, place=row.place_code, requester=who, anonymous=row.anonymous, confidential=row.confidential, spot=row.spot,
                about_staff=True if row.restricted else None, taken_at="" if row.restricted else row.home_desk, urgent=None)
    opened = open_matter(said, by=by, at=at)
    Matter.objects.using(by.using).filter(pk=opened.matter.pk).update(parent=row, relation="split")
    moving.remember(row, "split", by=by, at=at, detail={"number": opened.matter.number})
    return opened


def withdraw(*, matter: Matter, words: str, by: Me, at: datetime, actor: str = "staff", seen: int | None = None) -> Matter:
    """The requester does not want it any more, in his own words."""
    note = moving.need(words, "words", _("请写下本人怎么说的。"))
    return moving.make("withdraw", matter, by=by, at=at, seen=seen, note=note, public=lasting("按您的意思撤回"), closed_at=at, due_at=None, remind_at=None, actor=actor)


@transaction.atomic
def restrict(*, matter: Matter, accused: tuple[uuid.UUID, ...], by: Me, at: datetime) -> None:
    """It turns out to be about staff: from this minute only the discipline desk sees it."""
    row = moving.get(matter, by, lock=True)
    if row.restricted:
        raise Refused(_("这件事已经转给纪检专员。"))
    if states.State(row.state) in states.FINAL | {states.State.CLOSED, states.State.ARCHIVED}:
        raise Refused(_("已办结的事请另行登记一件反映。"))
    shielded = shielded_areas(row.place_code, list(accused), by)
    keeper = desks.keeper_of(row.place_code, shielded)
    words = vault.decrypt(vault.WORDS, row.pk, row.words_cipher)
    moving.remember(row, "restrict", by=by, at=at)
    Matter.objects.using(by.using).filter(pk=row.pk).update(title=lasting("（涉及工作人员的反映）"), words_cipher=vault.encrypt(vault.WORDS, row.pk, words, restricted=True), lead_desk="", handler=None)
    for party in row.parties.using(by.using).all():
        content = vault.decrypt_json(vault.CONTACT, party.pk, party.contact_cipher)
        if content:
            Party.objects.using(by.using).filter(pk=party.pk).update(contact_cipher=vault.encrypt_json(vault.CONTACT, party.pk, content, restricted=True))
    _call(by, "select access.restrict_matter(%s, %s, %s, %s)", [row.pk, keeper, shielded, list(accused)])


def reopenable_until(matter: Matter) -> datetime | None:
    """Until when new facts reopen it."""
    return matter.closed_at + timedelta(days=kinds.REOPEN_DAYS) if matter.closed_at else None


def open_read(matter: Matter, *, by: Me, parties: list[Party] | None = None) -> None:
    """Whoever opens a matter's page leaves a trace. `parties`: where the page has read them already."""
    found = list(matter.parties.using(by.using).all()) if parties is None else parties
    persons = [p.person_id for p in found if p.person_id]
    audit.record("matter.open", persons=persons, detail={"matter": str(matter.pk)}, using=by.using)


def desk_of(by: Me) -> str:
    """The desk at which somebody takes matters: window, hotline, reception; '' for whoever works for a village or grid."""
    if by.desk:
        return by.desk
    for post in by.posts:
        unit = ROLES[post.role].desk
        if Right.INTAKE in ROLES[post.role].rights and unit and unit != "@":
            return desks.of(post.area, unit)
    return ""
