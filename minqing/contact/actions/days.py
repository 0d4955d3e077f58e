"""A day with bookings is laid out by rule or made by hand, changed, announced, held, cancelled; who comes is asked and answers.

Invariants: run by who arranges days at exactly that area; laid out twice it stands once, and a day that was cancelled stays cancelled;
whoever is booked is told when a day falls away, with the next one; an evening goes out with two or more.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.queries import former
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.contact.actions import telling
from minqing.contact.models import Booking, ContactDay, DayMatter, DaySeat, Market
from minqing.contact.queries import days as queries
from minqing.contact.queries import rhythm
from minqing.contact.refusals import Missing, NotHere, NotYours, Refused
from minqing.contact.rules import days as rules
from minqing.contact.rules import markets
from minqing.contact.rules import rhythm as rhythms
from minqing.contact.rules.days import Kind, State, Turn
from minqing.service.actions.matters import Opened
from minqing.service.models import Matter
from minqing.service.queries import calendar


def get(day: ContactDay | uuid.UUID, by: Me, *, lock: bool = False) -> ContactDay:
    """A day that he sees. Raises NotHere."""
    rows = ContactDay.objects.using(by.using).filter(pk=day.pk if isinstance(day, ContactDay) else day)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise NotHere(_("没有这一天，或不归您看。"))
    return row


def own(day: ContactDay | uuid.UUID, by: Me) -> ContactDay:
    """A day that he runs, locked. Raises NotHere, NotYours."""
    row = get(day, by)
    if row.area_code not in queries.runs_of(by):
        raise NotYours(_("这一天由当地的村文书、村书记、联村干部或受理专员来安排。"))
    return get(row, by, lock=True)


@dataclass(frozen=True)
class Shape:
    """When, where, what about. `slot_minutes` 0 = no appointments; `capacity`: how many at one time (of a day without times: in all; 0 = any)."""

    day: date
    starts: time
    ends: time
    place: str
    subject: str = ""
    slot_minutes: int = 0
    capacity: int = 0
    led_by: uuid.UUID | None = None


def _checked(shape: Shape, kind: str, area: str, by: Me, at: datetime) -> dict[str, object]:
    if not timezone.localdate(at) <= shape.day <= timezone.localdate(at + timedelta(days=rules.DAYS_AHEAD)):
        raise Missing("day", _("只能安排今天起一年之内的日子。"))
    if shape.ends <= shape.starts:
        raise Missing("ends", _("结束时间要晚于开始时间。"))
    if len(shape.place.strip()) < 2:
        raise Missing("place", _("请写在哪里办，如“村便民服务点”。") if kind != Kind.EVENING else _("请写在哪里集合，如“村委会门口”。"))
    if kind == Kind.LEADER:
        if shape.led_by is None or str(shape.led_by) not in dict(queries.leaders(area, by)):
            raise Missing("led_by", _("请选哪位领导来。"))
        if len(shape.subject.strip()) < 2:
            raise Missing("subject", _("请写主题，如“饮水和道路”。"))
    if shape.slot_minutes and not 5 <= shape.slot_minutes <= 120:
        raise Missing("slot_minutes", _("每位 5 到 120 分钟；不分时间就写 0。"))
    if not 0 <= shape.capacity <= 200:
        raise Missing("capacity", _("位数从 0 到 200。"))
    starts, ends = (timezone.make_aware(datetime.combine(shape.day, t)) for t in (shape.starts, shape.ends))
    return {"day": shape.day, "starts_at": starts, "ends_at": ends, "place": shape.place.strip()[:60], "subject": shape.subject.strip()[:60], "slot_minutes": shape.slot_minutes, "capacity": shape.capacity,
            "led_by": shape.led_by if kind == Kind.LEADER else None}


@transaction.atomic
def make(*, kind: str, area: str, shape: Shape, by: Me, at: datetime, id: uuid.UUID | None = None) -> ContactDay:
    """A day by hand, not yet announced. The same `id` again is the same day."""
    if kind not in rules.KIND_LABELS or len(area) not in rules.PLACES[Kind(kind)]:
        raise Missing("kind", _("这一级没有这种办理日：夜访由村里安排，民情直通车由乡镇、县里安排。"))
    if area not in queries.makes_at(by):
        raise NotYours(_("这一天由当地的村文书、村书记、联村干部或受理专员来安排。"))
    stood = ContactDay.objects.using(by.using).filter(pk=id).first() if id else None
    if stood is not None:
        return stood
    row = ContactDay(id=id or uuid.uuid4(), area_code=area, kind=kind, made_by=by.id, made_at=at, **_checked(shape, kind, area, by, at))
    row.save(using=by.using, force_insert=True)
    audit.record("day.make", detail={"day": str(row.pk), "area": area, "kind": kind}, using=by.using)
    return row


@transaction.atomic
def change(*, day: ContactDay | uuid.UUID, shape: Shape, by: Me, at: datetime) -> ContactDay:
    """Another place, hour or subject. Another date, or other times, only while nobody is booked: he would stand before a closed door."""
    row = own(day, by)
    if row.state not in rules.LIVE:
        raise Refused(_("这一天已经办完或取消了，不能再改。"))
    new = _checked(shape, row.kind, row.area_code, by, at)
    if any(new[k] != getattr(row, k) for k in ("day", "starts_at", "ends_at", "slot_minutes")) and Booking.objects.using(by.using).filter(day=row, state__in=list(rules.OPEN)).exists():
        raise Refused(_("已经有人约了这一天，日子和时间不能改。要换日子，请取消这一天（会告诉约好的人），再另排一天。"))
    if row.laid_for and new["day"] != row.day:
        raise Refused(_("这一天是按规则排的，日子不能改；要换日子请取消，再另排一天。"))
    ContactDay.objects.using(by.using).filter(pk=row.pk).update(**new, changed_at=at, revision=F("revision") + 1)
    audit.record("day.change", detail={"day": str(row.pk)}, using=by.using)
    return get(row, by)


@transaction.atomic
def announce(*, day: ContactDay | uuid.UUID, by: Me, at: datetime) -> ContactDay:
    """From now on people see it and are booked into it; an evening is settled once two or more go."""
    row = own(day, by)
    if row.state == State.ANNOUNCED:
        return row
    if row.state != State.PLANNED:
        raise Refused(_("这一天已经办完或取消了。"))
    if row.kind == Kind.EVENING and going(row, by) < rules.LEAST_GOING:
        raise Refused(_("夜访至少两个人一起去，请先选好谁去。"))
    ContactDay.objects.using(by.using).filter(pk=row.pk).update(state=State.ANNOUNCED, announced_at=at, changed_at=at, revision=F("revision") + 1)
    audit.record("day.announce", detail={"day": str(row.pk)}, using=by.using)
    return get(row, by)


def going(day: ContactDay, by: Me) -> int:
    return DaySeat.objects.using(by.using).filter(day=day, staff__isnull=False).exclude(state="cannot").count()


@dataclass(frozen=True)
class Cancelled:
    """`told`: how many the clock tells; `by_hand`: who left no telephone and is in no file, and the doors that expect somebody that evening."""

    told: int
    by_hand: tuple[str, ...] = ()


@transaction.atomic
def cancel(*, day: ContactDay | uuid.UUID, why: str, by: Me, at: datetime) -> Cancelled:
    """It falls away; whoever is booked is told, with the next such day."""
    row = own(day, by)
    reason = why.strip()
    if len(reason) < 2:
        raise Missing("why", _("请写为什么不办，会告诉约好的人。"))
    if row.state not in rules.LIVE:
        raise Refused(_("这一天已经办完或取消了。"))
    waiting = Booking.objects.using(by.using).filter(day=row, state__in=[Turn.BOOKED, Turn.HERE])
    people = [(b, queries.contact_of(b)) for b in waiting.filter(household_id=None)]
    expecting = [queries.contact_of(b) for b in waiting.exclude(household_id=None).order_by("slot_at", "booked_at") if b.via == "asked" or b.slot_at]
    by_hand = tuple(f"{who.get('name', '')} {who.get('hamlet', '')}{who.get('door', '')}".strip() for who in [who for b, who in people if not (b.person_id or who.get("phone"))] + expecting)
    told = waiting.filter(pk__in=[b.pk for b, who in people if b.person_id or who.get("phone")]).update(state=Turn.OFF, ended_at=at, tell="off")
    waiting.update(state=Turn.OFF, ended_at=at)
    ContactDay.objects.using(by.using).filter(pk=row.pk).update(state=State.CANCELLED, why=reason[:80], ended_at=at, changed_at=at, revision=F("revision") + 1)
    audit.record("day.cancel", detail={"day": str(row.pk), "n": told}, using=by.using)
    return Cancelled(told, by_hand)


@transaction.atomic
def held(*, day: ContactDay | uuid.UUID, by: Me, at: datetime) -> ContactDay:
    """The day is over. Whoever waits in the queue has a result first; who did not come is noted so. Answers of a leader's day that are owed stay owed."""
    row = own(day, by)
    if row.state == State.HELD:
        return row
    if row.state != State.ANNOUNCED:
        raise Refused(_("还没有告诉大家的日子不能记办完；不办了请取消。"))
    if timezone.localdate(at) < row.day:
        raise Refused(_("还没到这一天。"))
    rest = Booking.objects.using(by.using).filter(day=row)
    if rest.filter(state__in=[Turn.HERE, Turn.CALLED]).exists():
        raise Refused(_("还有人在等或正在说，请先记下结果。"))
    if row.kind != Kind.LEADER:
        rest.filter(state=Turn.BOOKED).update(state=Turn.ABSENT, outcome="absent", ended_at=at)
    ContactDay.objects.using(by.using).filter(pk=row.pk).update(state=State.HELD, ended_at=at, changed_at=at, revision=F("revision") + 1)
    audit.record("day.held", detail={"day": str(row.pk)}, using=by.using)
    return get(row, by)


# --- by rule ----------------------------------------------------------------------------------------------------------


def coming(area: str, kind: str, using: str, *, on: date) -> tuple[list[ContactDay], list[rhythms.Occurrence]]:
    """The days that the rule names in the coming weeks, none of them saved; and those that fall away, with the next one."""
    last = on + timedelta(weeks=rules.WEEKS_AHEAD)
    if kind == Kind.JOINT:
        rule = rhythm.of([area], using=using)[area][rhythms.TUESDAY].rule
        found = rhythms.dates(rule, on, last, calendar.calendar_for(area, using=using))
        made = [_row(area, kind, o.day, rule.opens, rule.closes, rule.place, f"{rhythms.TUESDAY}-{o.due:%Y%m%d}", slot=rules.DEFAULT_SLOT, seats=rules.DEFAULT_SEATS) for o in found if o.day]
        return made, [o for o in found if not o.held]
    rows = Market.objects.using(using).filter(area_code__in=[area[:n] for n in (9, 12) if n <= len(area)], ended_on=None)
    return sorted((_row(area, kind, d, m.opens, m.closes, m.place or m.name, str(m.pk), subject=m.name) for m in rows for d in markets.days(m.days, on, last)), key=lambda r: r.starts_at), []


def _row(area: str, kind: str, day: date, opens: time, closes: time, place: str, rule: str, *, slot: int = 0, seats: int = 0, subject: str = "") -> ContactDay:
    return ContactDay(area_code=area, kind=kind, day=day, starts_at=timezone.make_aware(datetime.combine(day, opens)), ends_at=timezone.make_aware(datetime.combine(day, closes)), place=place or lasting("便民服务点"), subject=subject, laid_for=rule,
                      slot_minutes=slot, capacity=seats, state=State.ANNOUNCED)


def lay(area: str, kind: str, *, using: str, by: uuid.UUID | None, at: datetime) -> int:
    """Save what the rule names and is not there yet, like the last day that stood there (place, hours, times). Returns how many."""
    on = timezone.localdate(at)
    rows, _fall = coming(area, kind, using, on=on)
    stood = list(ContactDay.objects.using(using).filter(area_code__in=former([area]), kind=kind).exclude(laid_for="").exclude(state=State.CANCELLED).order_by("-day")[:1])
    # also what the old code of a village has announced: it takes place, once
    keys = {(r.day, r.laid_for) for r in ContactDay.objects.using(using).filter(area_code__in=former([area]), kind=kind, day__gte=on).exclude(laid_for="")}
    like = stood[0] if stood and kind == Kind.JOINT else None
    # a market that went along has a number of its own now; its days are known by its name
    stalls = {(r.day, r.subject) for r in ContactDay.objects.using(using).filter(area_code__in=former([area]), kind=Kind.STALL, day__gte=on).exclude(area_code=area)} if kind == Kind.STALL else set()
    fresh = [r for r in rows if (r.day, r.laid_for) not in keys and (r.day, r.subject) not in stalls and r.ends_at > at]
    for r in fresh:
        r.made_by, r.made_at, r.announced_at = by, at, at
        if like is not None:
            r.place, r.slot_minutes, r.capacity = like.place, like.slot_minutes, like.capacity
    ContactDay.objects.using(using).bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


@transaction.atomic
def lay_out(*, area: str, kind: str, by: Me, at: datetime) -> int:
    """The coming weeks at one press; again it adds only what is missing."""
    if kind not in (Kind.JOINT, Kind.STALL) or len(area) not in rules.PLACES[Kind(kind)]:
        raise Refused(_("只有一周一集中和墟日摆摊按规则排。"))
    if area not in queries.makes_at(by):
        raise NotYours(_("这一天由当地的村文书、村书记、联村干部或受理专员来安排。"))
    if kind == Kind.STALL and not coming(area, kind, by.using, on=timezone.localdate(at))[0]:
        raise Refused(_("这里还没有登记墟市，或往后几周没有墟日。请先在“日子的规则”里登记墟市。"))
    n = lay(area, kind, using=by.using, by=by.id, at=at)
    audit.record("day.lay", detail={"area": area, "kind": kind, "n": n}, using=by.using)
    return n


# --- who comes --------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(*, day: ContactDay | uuid.UUID, by: Me, at: datetime, office: uuid.UUID | None = None, staff: uuid.UUID | None = None) -> DaySeat:
    """Ask an office or a colleague to come; who asks himself comes."""
    row = own(day, by)
    if row.state not in rules.LIVE:
        raise Refused(_("这一天已经办完或取消了。"))
    if (office is None) == (staff is None) or (office and str(office) not in dict(queries.offices(row.area_code, by))) or (staff and str(staff) not in dict(queries.colleagues(row.area_code, by))):
        raise Missing("who", _("请从列表里选一个单位，或一位同事。"))
    if row.kind == Kind.EVENING and staff is None:
        raise Missing("who", _("夜访请选去的人。"))
    stood = DaySeat.objects.using(by.using).filter(day=row, organisation_id=office, staff=staff).first()
    if stood is not None:
        if stood.state == "cannot":
            DaySeat.objects.using(by.using).filter(pk=stood.pk).update(state="asked", words="", answered_by=None, answered_at=None)
        return stood
    made = DaySeat(day=row, area_code=row.area_code, organisation_id=office, staff=staff, state="coming" if staff == by.id else "asked", made_by=by.id, made_at=at)
    try:
        with transaction.atomic(using=by.using):
            made.save(using=by.using, force_insert=True)
    except IntegrityError:
        raise Refused(_("刚有人请过，请刷新再看。")) from None
    audit.record("day.seat", detail={"day": str(row.pk)}, using=by.using)
    if staff:
        telling.colleague(event=f"seat:{made.pk}", staff=staff, area=row.area_code, what=lasting("%(day)s到场：%(what)s") % {"day": telling.day_words(row.day), "what": lasting(rules.KIND_LABELS[Kind(row.kind)])}, by=by, at=at)
    return made


@transaction.atomic
def answer_seat(*, seat: uuid.UUID, state: str, words: str = "", by: Me, at: datetime) -> DaySeat:
    """Will come, or cannot: said by who was asked, or noted for him by who runs the day."""
    row = DaySeat.objects.using(by.using).filter(pk=seat).select_related("day").first()
    if row is None:
        raise NotHere(_("没有这个邀请，或不归您答复。"))
    if state not in ("coming", "cannot"):
        raise Missing("state", _("请选会来还是来不了。"))
    if row.day.state not in rules.LIVE:
        raise Refused(_("这一天已经办完或取消了。"))
    if not DaySeat.objects.using(by.using).filter(pk=row.pk).update(state=state, words=words.strip()[:80], answered_by=by.id, answered_at=at):
        raise NotYours(_("由被请的单位或本人来答复，或由安排这一天的人代记。"))
    audit.record("day.seat_answer", detail={"day": str(row.day_id), "state": state}, using=by.using)
    row.refresh_from_db(using=by.using)
    return row


# --- a stall ----------------------------------------------------------------------------------------------------------


def link(*, day: ContactDay | uuid.UUID, opened: Opened, by: Me) -> None:
    """A matter taken down at a stall by the ordinary form. Nothing is kept of one about staff."""
    row = get(day, by)
    if opened.restricted or not Matter.objects.using(by.using).filter(pk=opened.matter.pk).exists():
        return
    if row.state != State.ANNOUNCED or row.kind != Kind.STALL:
        raise Refused(_("这一天还没有告诉大家，或已经办完，不能再往里登记。"))
    DayMatter(area_code=row.area_code, day=row, matter_id=opened.matter.pk, made_by=by.id).save(using=by.using, force_insert=True)
