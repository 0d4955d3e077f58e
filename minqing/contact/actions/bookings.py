"""Somebody is booked into a day, comes, gets a number, is called, and it ends in something; or a door is gone to.

Invariants: the same booking pressed twice is one (its id comes with the form); the database counts places and numbers, one booking after the
other; what became a complaint about staff leaves no link here, and nobody writes such words into a booking; a leader's day ends in an answer
with a date, told to the person by the clock.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.scope import Me, Visitor
from minqing.access.words import lasting
from minqing.archives.models import Household, Resident
from minqing.contact import vault
from minqing.contact.actions import days
from minqing.contact.models import Booking, ContactDay, DaySeat, Visit
from minqing.contact.queries import days as queries
from minqing.contact.refusals import Missing, NotHere, NotYours, Refused
from minqing.contact.rules import days as rules
from minqing.contact.rules.days import Kind, Turn
from minqing.lib import phones
from minqing.service.actions import matters, moving
from minqing.service.actions.matters import Opened, Said, Who
from minqing.service.models import Matter
from minqing.service.rules import kinds, numbers


@dataclass(frozen=True)
class Wish:
    """Who comes, and what for. `slot` None where no time is agreed; `walk`: he stands here and gets a number."""

    name: str
    phone: str = ""
    door: str = ""
    about: str = ""
    place: str = ""
    slot: datetime | None = None
    alone: bool = False
    via: str = "village"
    person: uuid.UUID | None = None
    walk: bool = False


SAYS = {
    "absent": "没有这一天，或现在不能预约。", "closed": "这一天已经过去、办完或取消了，请换一天。", "slot": "请选一个还没到的时间。", "full": "这个时间刚被约满，请换一个时间。",
    "place": "请选他在哪个村：要在办的地方范围之内，也是您能登记的地方。", "taken": "这个编号已经用在别的预约上，请重新打开这一页。", "door": "这一户已经在这天的名单里。", "many": "您已有三个没有办的预约，请先取消一个，或打电话。",
}


def _checked(wish: Wish) -> dict[str, str]:
    name, about = wish.name.strip(), wish.about.strip()
    if not name:
        raise Missing("name", _("请写姓名或怎么称呼，叫号和答复时用。"))
    phone = phones.normalise(wish.phone) or "" if wish.phone.strip() else ""
    if wish.phone.strip() and not phone:
        raise Missing("phone", _("号码“%s”看不明白：手机 11 位；座机请带区号。") % wish.phone.strip())
    if len(about) > rules.MOST_ABOUT:
        raise Missing("about", _("来说什么请不超过 %d 个字，细的当面说。") % rules.MOST_ABOUT)
    return {k: v for k, v in (("name", name[:40]), ("phone", phone), ("door", wish.door.strip()[:80])) if v}


def _not_about_staff(about: str, area: str, using: str) -> None:
    """A complaint about staff goes its own way, past the village: never into a list that the village reads."""
    if about and kinds.about_staff(about, [name for _id, name, _area in matters.staff_at(area, using)] if len(area) >= 9 else []):
        raise Missing("about", _("反映工作人员的话不写在预约里：办的人都看得到。请用“登记一件事”登记，由纪检专员直接受理；这里可以写“当面说”。"))


@transaction.atomic
def book(*, id: uuid.UUID, day: ContactDay | uuid.UUID, wish: Wish, by: Me, at: datetime) -> Booking:
    """Book somebody, or give a number to who stands here. The same `id` again is the same booking."""
    row = days.get(day, by)
    contact = _checked(wish)
    if not wish.walk and not contact.get("phone") and row.kind == Kind.LEADER:
        raise Missing("phone", _("请写电话：答复要告诉本人。没有电话就写邻居或家人的，并写明门牌。"))
    _not_about_staff(wish.about.strip(), wish.place or row.area_code, by.using)
    if wish.person is not None and not Resident.objects.using(by.using).filter(pk=wish.person, alive=True, voided_at=None).exists():
        raise Missing("name", _("没有这个人，或不在您的范围内。"))
    return _put(id, row, wish, contact, None, by)


def _put(id: uuid.UUID, day: ContactDay, wish: Wish, contact: dict[str, str], household: Household | None, by: Me) -> Booking:
    about = wish.about.strip()
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.book(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", [
            id, day.pk, wish.slot, "walkin" if wish.walk else wish.via, wish.place or day.area_code, wish.person, household.pk if household else None, vault.encrypt(vault.BOOKED, id, contact),
            vault.encrypt(vault.ABOUT, id, {"words": about}) if about else None, wish.alone, wish.walk])
        said = cursor.fetchone()[0]
    if said == "absent":
        raise NotHere(_(SAYS["absent"]))
    if said not in ("ok", "again"):
        if household is not None and said == "slot":
            raise Missing("slot", _("约好几点去，要在这一晚的时间之内：%(from)s–%(to)s。") % {"from": f"{timezone.localtime(day.starts_at):%H:%M}", "to": f"{timezone.localtime(day.ends_at):%H:%M}"})
        raise Missing({"slot": "slot", "full": "slot", "place": "place"}.get(said, ""), _(SAYS[said]))
    made = Booking.objects.using(by.using).select_related("day").get(pk=id)
    if said == "ok":
        audit.record("booking.make", persons=[wish.person] if wish.person else [], households=[household.pk] if household else [], detail={"day": str(day.pk), "booking": str(id)}, using=by.using)
    return made


@transaction.atomic
def book_door(*, id: uuid.UUID, day: ContactDay | uuid.UUID, household: uuid.UUID, by: Me, at: datetime, slot: datetime | None = None, asked: bool = False) -> Booking:
    """A door for an evening: from the list of whose turn it is, or because the household asked for it. `slot`: the hour agreed."""
    row = days.get(day, by)
    if row.kind != Kind.EVENING:
        raise Refused(_("只有夜访按户排。"))
    home = Household.objects.using(by.using).filter(pk=household, voided_at=None).exclude(state="dissolved").first()
    if home is None:
        raise NotHere(_("没有这一户，或不在您的范围内。"))
    contact = {k: v for k, v in (("name", home.head_name), ("door", home.door), ("hamlet", home.natural_village)) if v}
    return _put(id, row, Wish(home.head_name or home.number, via="asked" if asked else "due", place=home.grid_code[:12], slot=slot), contact or {"name": home.number}, home, by)


def book_own(*, id: uuid.UUID, day: uuid.UUID, wish: Wish, visitor: Visitor, at: datetime) -> None:
    """A resident books himself, or whom he acts for, into an announced day of his place."""
    contact = _checked(wish)
    if wish.person not in visitor.persons:
        raise Missing("person", _("您没有得到这位家人的同意，或已经收回。"))
    about = wish.about.strip()
    _not_about_staff(about, "", visitor.using)
    with transaction.atomic(using=visitor.using), connections[visitor.using].cursor() as cursor:
        cursor.execute("select access.book_own(%s, %s, %s, %s, %s, %s, %s)", [id, day, wish.slot, wish.person, vault.encrypt(vault.BOOKED, id, contact), vault.encrypt(vault.ABOUT, id, {"words": about}) if about else None, wish.alone])
        said = cursor.fetchone()[0]
    if said not in ("ok", "again"):
        raise Missing("slot" if said in ("slot", "full") else "", _(SAYS[said]))
    if said == "ok":
        audit.record("booking.make", persons=[wish.person], detail={"booking": str(id)}, using=visitor.using)


def take_back(*, booking: uuid.UUID, by: Me | Visitor) -> None:
    """Whoever booked takes it back, while nobody has begun. Raises Refused."""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.unbook(%s)", [booking])
        if not cursor.fetchone()[0]:
            raise Refused(_("这个预约已经在办、办完或取消了。"))
    audit.record("booking.off", detail={"booking": str(booking)}, using=by.using)


# --- on the day -------------------------------------------------------------------------------------------------------


def get(booking: Booking | uuid.UUID, by: Me, *, lock: bool = False) -> Booking:
    rows = Booking.objects.using(by.using).filter(pk=booking.pk if isinstance(booking, Booking) else booking).select_related("day")
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None:
        raise NotHere(_("没有这个预约，或不归您看。"))
    return row


def may_settle(row: Booking, by: Me) -> bool:
    """Who runs the day, leads it, or goes there that evening; not who only typed it."""
    return row.day.led_by == by.id or row.area_code in queries.runs_of(by) or (row.day.kind == Kind.EVENING and DaySeat.objects.using(by.using).filter(day=row.day, staff=by.id).exclude(state="cannot").exists())


def open_to(row: Booking) -> bool:
    """Whether it can still end in something. A day that fell away leaves no result, save to who had spoken already."""
    return row.state not in (Turn.OFF, Turn.DONE) and (row.day.state != "cancelled" or row.state in (Turn.CALLED, Turn.HEARD))


@transaction.atomic
def came(*, booking: uuid.UUID, by: Me, at: datetime) -> Booking:
    """He is here: the next number."""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.came(%s)", [booking])
        number = cursor.fetchone()[0]
    row = get(booking, by)
    if number is None and row.queue_no is None:
        raise Refused(_("这个预约现在不能取号，请刷新再看。"))
    if number is not None:
        audit.record("booking.turn", detail={"booking": str(booking), "n": number}, using=by.using)
    return row


@transaction.atomic
def call_next(*, day: ContactDay | uuid.UUID, by: Me, at: datetime) -> Booking | None:
    """The next one please: who has an appointment that is due, then by number. Two desks at once call two people. None: nobody waits."""
    row = days.get(day, by)
    if row.area_code not in queries.runs_of(by):
        raise NotYours(_("叫号由安排这一天的人来做。"))
    waiting = Booking.objects.using(by.using).filter(day=row, state=Turn.HERE)
    due = waiting.filter(slot_at__lte=at + timedelta(minutes=5)).order_by("slot_at", "queue_no").select_for_update(skip_locked=True).first()
    found = due or waiting.order_by("queue_no").select_for_update(skip_locked=True).first()
    if found is None:
        return None
    found.state, found.called_by = Turn.CALLED, by.id
    found.save(using=by.using, update_fields=["state", "called_by"])
    audit.record("booking.turn", detail={"booking": str(found.pk), "n": found.queue_no}, using=by.using)
    return found


@dataclass(frozen=True)
class Result:
    """What a booking ends in. `kind`: of the matter; `on`: the date that is promised."""

    outcome: str
    words: str = ""
    kind: str = "help"
    matter_words: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Settled:
    booking: Booking
    opened: Opened | None = None
    closed: bool = False


@transaction.atomic
def settle(*, booking: Booking | uuid.UUID, result: Result, by: Me, at: datetime) -> Settled:
    """Settled with words, become a matter, referred, answered, promised by a date, did not come. Raises Missing, Refused."""
    if not may_settle(get(booking, by), by):
        raise NotYours(_("结果由办这一天的人来记。"))
    row = get(booking, by, lock=True)
    day = row.day
    if not open_to(row):
        raise Refused(_("这个预约已经有结果或取消了，请刷新再看。"))
    if result.outcome not in rules.OUTCOMES[Kind(day.kind)]:
        raise Missing("outcome", _("请选结果。"))
    if day.state == "planned":
        raise Refused(_("这一天还没有定下来，先点“告诉大家”。"))
    if timezone.localdate(at) < day.day and day.kind != Kind.LEADER:
        raise Refused(_("还没到这一天。"))
    words = result.words.strip()
    if len(words) > rules.MOST_WORDS:
        raise Missing("words", _("请不超过 %d 个字。") % rules.MOST_WORDS)
    if result.outcome == "absent":
        return Settled(_end(row, Turn.ABSENT, "absent", "", by, at, answer_by=None))
    if result.outcome == "later":
        if len(words) < 2:
            raise Missing("words", _("请写一句怎么答应他的，会告诉本人。"))
        if result.on is None or not timezone.localdate(at) < result.on <= timezone.localdate(at) + timedelta(days=rules.ANSWER_LATEST):
            raise Missing("on", _("请写哪天前答复：从明天起，最晚 %d 天。") % rules.ANSWER_LATEST)
        return Settled(_end(row, Turn.HEARD, "later", words, by, at, answer_by=result.on, tell="later", over=False))
    if result.outcome == "answered":
        if len(words) < 2:
            raise Missing("words", _("请写怎么答复的，会告诉本人。"))
        return Settled(_end(row, Turn.DONE, "answered", words, by, at, answered_at=at, answered_by=by.id, tell="answer"))
    if result.outcome == "matter" or (result.outcome == "settled" and day.kind == Kind.EVENING):
        return _matter(row, result, words, by, at)
    if len(words) < 2:
        raise Missing("words", _("请写怎么说定的。") if result.outcome == "settled" else _("请写转给谁、对方怎么说。"))
    return Settled(_end(row, Turn.DONE, result.outcome, words, by, at))


def _end(row: Booking, state: Turn, outcome: str, words: str, by: Me, at: datetime, *, tell: str = "", over: bool = True, **changes: Any) -> Booking:
    row.state, row.outcome, row.tell = state, outcome, tell
    row.outcome_cipher = vault.encrypt(vault.SETTLED, row.pk, {"words": words}) if words else None
    row.ended_at = at if over else None
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(using=by.using, update_fields=["state", "outcome", "tell", "outcome_cipher", "ended_at", *changes])
    audit.record("booking.settle", persons=[row.person_id] if row.person_id else [], households=[row.household_id] if row.household_id else [], detail={"booking": str(row.pk), "outcome": outcome}, using=by.using)
    return row


def _matter(row: Booking, result: Result, words: str, by: Me, at: datetime) -> Settled:
    """By the ordinary moves: opened; at a door settled on the spot, answered and closed where he may, else left to the village.

    Of a matter about staff nothing stands here: the booking says that he was told where such a thing goes."""
    said = result.matter_words.strip()
    if len(said) < 2:
        raise Missing("matter_words", _("请照他说的写是什么事。"))
    on_the_spot = result.outcome == "settled"
    if on_the_spot and len(words) < 2:
        raise Missing("words", _("请写当场怎么办好的。"))
    contact, home = queries.contact_of(row), Household.objects.using(by.using).filter(pk=row.household_id).first() if row.household_id else None
    who = Who(name=contact.get("name", ""), phone=contact.get("phone", ""), address=home.address if home else contact.get("door", ""), person=row.person_id, call_home=not row.alone)
    place = home.grid_code if home else row.place_code
    desk = matters.desk_of(by)
    opened = matters.open_matter(Said(words=said, kind=result.kind, channel=rules.CHANNELS[Kind(row.day.kind)], place=place, requester=who, taken_at="" if len(place) >= 12 else desk), by=by, at=at)
    seen = not opened.restricted and Matter.objects.using(by.using).filter(pk=opened.matter.pk).exists()
    if not seen:
        return Settled(_end(row, Turn.DONE, "referred", lasting("已说明这样的事由哪里受理。"), by, at, answered_at=at if row.answer_by else None), opened)
    closed = on_the_spot and moving.may(opened.matter, "answer", by)
    if closed:
        matters.answer(matter=opened.matter, words=words, outcome="solved", by=by, at=at)
    owed: dict[str, Any] = {"answered_at": at, "answered_by": by.id} if row.answer_by else {}
    note = words or lasting("已登记，编号 %s，按期限答复您") % numbers.spoken(opened.matter.number)
    return Settled(_end(row, Turn.DONE, "settled" if closed else "matter", note, by, at, matter_id=opened.matter.pk, tell="answer" if owed else "", **owed), opened, closed)


@dataclass(frozen=True)
class Ending:
    """What became of a door on an evening, said after its visit. `matter`: what the visit, or the form for a matter, opened; `told`: such a thing
    was opened and has gone out of his sight; `words`: how it was settled."""

    outcome: str
    words: str = ""
    matter: uuid.UUID | None = None
    told: bool = False


#: Hours after the end of an evening within which a visit still is that evening's.
LATE = timedelta(hours=6)


@transaction.atomic
def end_door(*, booking: uuid.UUID, ending: Ending, by: Me, at: datetime) -> Booking:
    """A door of an evening ends in what the ordinary visit came to: settled, a matter, nobody met. Of two who were there together the first word
    stands, and the same word again is the same. Raises Missing, Refused."""
    if not may_settle(get(booking, by), by):
        raise NotYours(_("结果由办这一天的人来记。"))
    row = get(booking, by, lock=True)
    words = ending.words.strip()
    if row.day.kind != Kind.EVENING or row.household_id is None:
        raise Refused(_("只有夜访的户这样记结果。"))
    if len(words) > rules.MOST_WORDS:
        raise Missing("words", _("请不超过 %d 个字。") % rules.MOST_WORDS)
    if row.state == Turn.DONE:
        if not words and ending.outcome in ("absent", row.outcome) or words == queries.words_of(row):
            return row
        raise Refused(_("同去的人已经记下这一户的结果，您写的没有另记；要补充，请记在走访里或在电脑上办。"))
    if not open_to(row):
        raise Refused(_("这个预约已经有结果或取消了，请刷新再看。"))
    if row.day.state == "planned" or timezone.localdate(at) < row.day.day:
        raise Refused(_("还没到这一天。"))
    if ending.outcome == "absent":
        return row if row.state == Turn.ABSENT else _end(row, Turn.ABSENT, "absent", "", by, at, answer_by=None)
    if ending.outcome not in ("settled", "matter"):
        raise Missing("outcome", _("请选结果。"))
    if ending.told:
        return _end(row, Turn.DONE, "referred", lasting("已说明这样的事由哪里受理。"), by, at)
    if ending.matter is None:
        return _visited(row, ending, words, by, at)
    matter = Matter.objects.using(by.using).filter(pk=ending.matter).first()
    if matter is None:
        raise NotHere(_("没有这件事，或不在您的范围内。"))
    closed = ending.outcome == "settled" and len(words) >= 2 and moving.may(matter, "answer", by)
    if closed:
        matters.answer(matter=matter, words=words, outcome="solved", by=by, at=at)
    note = words or lasting("已登记，编号 %s，按期限答复您") % numbers.spoken(matter.number)
    return _end(row, Turn.DONE, "settled" if closed else "matter", note, by, at, matter_id=matter.pk)


def _visited(row: Booking, ending: Ending, words: str, by: Me, at: datetime) -> Booking:
    """Nothing was asked: the visit itself is what came of it."""
    if ending.outcome == "matter":
        raise Refused(_("要登记的那件事没有办成，请先处理那一项。"))
    begins = timezone.make_aware(datetime.combine(row.day.day, datetime.min.time()))
    if not Visit.objects.using(by.using).filter(household=row.household_id, voided_at=None, visited_at__gte=begins, visited_at__lt=row.day.ends_at + LATE).exists():
        raise Refused(_("这一晚还没有这一户的走访，请先记走访。"))
    return _end(row, Turn.DONE, "settled", words or lasting("走访过了，没有要办的事。"), by, at)


@transaction.atomic
def reopen_door(*, booking: uuid.UUID, by: Me, at: datetime) -> Booking:
    """The visit was taken back, and with it what the door ended in: it is open again."""
    if not may_settle(get(booking, by), by):
        raise NotYours(_("结果由办这一天的人来记。"))
    row = get(booking, by, lock=True)
    if row.day.kind != Kind.EVENING or row.day.state == "cancelled" or row.state not in (Turn.DONE, Turn.ABSENT):
        return row
    matter = Matter.objects.using(by.using).filter(pk=row.matter_id).first() if row.matter_id else None
    if row.matter_id and (matter is None or matter.state != "withdrawn"):
        raise Refused(_("这一户已登记成一件事在办，结果不能撤回。"))
    row.state, row.outcome, row.outcome_cipher, row.matter_id, row.ended_at = Turn.BOOKED, "", None, None, None
    row.save(using=by.using, update_fields=["state", "outcome", "outcome_cipher", "matter_id", "ended_at"])
    audit.record("booking.settle", households=[row.household_id] if row.household_id else [], detail={"booking": str(row.pk), "outcome": "open"}, using=by.using)
    return row


@transaction.atomic
def cancel(*, booking: Booking | uuid.UUID, by: Me, at: datetime) -> Booking:
    """He rang: he does not come, or the door need not be gone to."""
    if not may_settle(get(booking, by), by):
        take_back(booking=booking.pk if isinstance(booking, Booking) else booking, by=by)
        return get(booking, by)
    row = get(booking, by, lock=True)
    if row.state not in (Turn.BOOKED, Turn.HERE, Turn.ABSENT):
        raise Refused(_("这个预约已经在办、办完或取消了。"))
    row.state, row.ended_at = Turn.OFF, at
    row.save(using=by.using, update_fields=["state", "ended_at"])
    audit.record("booking.off", detail={"booking": str(row.pk)}, using=by.using)
    return row
