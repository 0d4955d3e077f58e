"""An errand from the first word to the signature: opened, given to somebody who runs it, its steps, its end.

Invariants: an errand is opened through matters.open_matter and starts in the database (access.start_errand); an agent sees it from
the moment he is asked until he refuses, is relieved or has delivered; a refusal has a reason and comes back to the desk; nothing
is delivered while money is open or an original has not gone back; who ran it never calls back.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import DatabaseError, connections, transaction
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Appointment, Staff
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.archives.models import Resident
from minqing.service import vault
from minqing.service.actions import handling, matters, moving
from minqing.service.actions.matters import Opened, Said, Who
from minqing.service.models import AgentCard, Assignment, CatalogueItem, Errand, Matter, MoneyLine, Paper, Party
from minqing.service.queries import catalogue, limits
from minqing.service.refusals import Missing, NotHere, NotYours, Refused
from minqing.service.rules import kinds, ledger, states
from minqing.service.rules.states import Role, State

ANSWERS, SIGNED, REASON = "service_errand.answers_cipher", "service_errand.signed_cipher", "service_assignment.reason_cipher"
#: Who may be asked to run an errand, besides oneself.
RUNNERS = ("agent", "helper", "grid_officer", "village_clerk", "village_secretary", "town_cadre")
#: While it runs.
RUNNING = frozenset({State.SUBMITTED, State.ACCEPTED, State.DISPATCHED, State.PROCESSING, State.REDO})
#: While it may still be said which item it is (access.start_errand).
ARRANGING = frozenset({State.SUBMITTED, State.ACCEPTED, State.DISPATCHED, State.PROCESSING})


@dataclass(frozen=True)
class Wish:
    """Who wants what done. `person` is his file, where it is known; `name` and `phone` are how he is reached."""

    item: CatalogueItem
    place: str
    words: str
    channel: str
    name: str
    phone: str = ""
    person: uuid.UUID | None = None
    offer: uuid.UUID | None = None
    on_behalf: bool = False
    matter: uuid.UUID | None = None   # its id, where a scope was entered for it beforehand


def of(matter: Matter | uuid.UUID, by: Me, *, lock: bool = False) -> Errand:
    """The errand of a matter, if the caller sits at it. Raises NotHere."""
    return _here(_rows(by), matter, lock=lock)


def with_seat(matter: Matter | uuid.UUID, by: Me) -> tuple[Errand, bool]:
    """The errand, and whether his own desk has it: one statement for a page. Raises NotHere."""
    found = _here(_rows(by).annotate(has_seat=RawSQL("access.sits(service_errand.matter_id, %s, %s)", [[Role.HOME.value, Role.LEAD.value], Right.MATTERS.value], output_field=BooleanField())), matter)
    return found, bool(found.has_seat)  # type: ignore[attr-defined]


def _rows(by: Me) -> QuerySet[Errand]:
    return Errand.objects.using(by.using).select_related("matter", "item")


def _here(rows: QuerySet[Errand], matter: Matter | uuid.UUID, *, lock: bool = False) -> Errand:
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(matter=matter.pk if isinstance(matter, Matter) else matter).first()
    if found is None:
        raise NotHere(_("没有这件代办，或不在您这里办理。"))
    return found


def tell_failure(error: DatabaseError) -> Refused:
    """The database's word in the colleague's language."""
    text = str(error)
    if "card is in your hands" in text or "person of this matter" in text:
        return Refused(_("这个人不在您的范围内。请当面核对身份证，半小时内再登记。"))
    return Refused(_("现在不能登记这件代办，请刷新页面再试。"))


@transaction.atomic
def open_errand(*, wish: Wish, by: Me, at: datetime) -> Opened:
    """Take it down; where one's own desk has it, it is accepted and signed at once. Refused where the same errand is running already."""
    if wish.person is not None:
        running = Errand.objects.filter(person_id=wish.person, item__code=wish.item.code, matter__state__in=[s.value for s in RUNNING]).select_related("matter").first()
        if running is not None:
            raise Refused(_("这个人的“%(item)s”已经在办，编号 %(number)s。") % {"item": wish.item.name, "number": running.matter.number})
    if not wish.name.strip():
        raise Missing("name", _("请写给谁办。"))
    said = Said(
        words=wish.words.strip() or lasting("代办：%s") % wish.item.name, kind=kinds.Kind.ERRAND.value, channel=wish.channel, place=wish.place, title=title_of(wish.item), category=wish.item.code,
        requester=Who(name=wish.name, phone=wish.phone, person=wish.person), urgent=False, about_staff=False, on_behalf=wish.on_behalf, taken_at=matters.desk_of(by) if wish.channel in ("window", "partner") else "",
        id=wish.matter,
    )
    opened = matters.open_matter(said, by=by, at=at)
    try:
        with transaction.atomic(using=by.using), connections[by.using].cursor() as cursor:
            cursor.execute("select access.start_errand(%s, %s, %s, %s)", [opened.matter.pk, wish.item.pk, wish.person, wish.offer])
    except DatabaseError as error:
        raise tell_failure(error) from error
    prepare(opened.matter, wish.item, by=by, at=at)
    return opened


def may_arrange(matter: Matter, by: Me) -> bool:
    """Whether this matter is an errand of his desk that nobody has said what it is: taken down on the telephone, at a meeting, by the portal."""
    return (
        matter.kind == kinds.Kind.ERRAND and not matter.restricted and State(matter.state) in ARRANGING and moving.sits(matter.pk, [Role.HOME, Role.LEAD], Right.MATTERS, by)
        and not Errand.objects.using(by.using).filter(matter=matter.pk).exists()
    )


@transaction.atomic
def arrange(*, matter: Matter, item: CatalogueItem, by: Me, at: datetime) -> Matter:
    """Say which item of the catalogue a matter is that asks for an errand; from then on it has its papers, its form and its agent.
    The person's file goes with it where the caller may open it."""
    row = moving.get(matter, by)
    if not may_arrange(row, by):
        raise Refused(_("只有本处在办的、还没有定事项的代办才能这样定。请刷新页面再看。"))
    # who spoke for another is not the one it is done for
    whose = Party.objects.using(by.using).filter(matter=row.pk, role__in=["for", "requester"]).order_by("role").values_list("person_id", flat=True).first()
    person = whose if whose and by.holds(Right.PEOPLE) and Resident.objects.using(by.using).filter(pk=whose).exists() else None
    try:
        with transaction.atomic(), connections[by.using].cursor() as cursor:
            cursor.execute("select access.start_errand(%s, %s, %s, null)", [row.pk, item.pk, person])
    except DatabaseError as error:
        raise tell_failure(error) from error
    return prepare(row, item, by=by, at=at)


def title_of(item: CatalogueItem) -> str:
    """What lists show: of an item with level-4 fields not which it is."""
    return lasting("代办一件事") if item.sensitive else lasting("代办：%s") % item.name


def prepare(matter: Matter | uuid.UUID, item: CatalogueItem, *, by: Me, at: datetime) -> Matter:
    """Accepted, sent to its own desk, signed: as far as the caller may. The deadline holds the department's days and the desk's own."""
    row = moving.get(matter, by)
    if by.signs is None:   # it came by itself from another county: whether it is taken on, a person says
        return row
    if row.state == State.SUBMITTED and moving.may(row, "accept", by):
        row = matters.accept(matter=row, by=by, at=at)
    if row.state == State.ACCEPTED and moving.may(row, "dispatch", by):
        row = matters.dispatch(matter=row, lead=row.home_desk, by=by, at=at)
        days = Decimal(item.days) + limits.limits_of(row.kind, row.place_code, by.using).finish
        due = limits.on_dispatch(kind=row.kind, place=row.place_code, urgency="normal", at=at, days=days, using=by.using)
        Matter.objects.using(by.using).filter(pk=row.pk).update(due_at=due.reply, remind_at=due.remind, limit_days=days)
        row.due_at, row.remind_at, row.limit_days = due.reply, due.remind, days
    if row.state in (State.DISPATCHED, State.REDO) and moving.may(row, "sign", by):
        row = handling.sign(matter=row, by=by, at=at)
    return row


# --- who runs it ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Runner:
    """Somebody who could run an errand at a place."""

    id: uuid.UUID
    name: str
    role: str
    note: str
    skilled: bool


def runners(errand: Errand, by: Me) -> list[Runner]:
    """Who runs errands at the place of the matter: those who are good at this kind first, agents before others. Not the barred."""
    place = errand.matter.place_code
    rows = Appointment.objects.using(by.using).filter(ends_at=None, role_id__in=RUNNERS, staff__left_at=None)
    rows = rows.filter(area_code__in=[place[:n] for n in (9, 12, 15) if len(place) >= n]) | rows.filter(area_code__startswith=place[:12])
    cards = {c.staff: c for c in AgentCard.objects.using(by.using).filter(staff__in=rows.values_list("staff_id", flat=True))}
    found: dict[uuid.UUID, Runner] = {}
    for post in rows.select_related("staff").distinct():
        card = cards.get(post.staff_id)
        if post.staff_id not in errand.matter.barred and (post.staff_id not in found or post.role_id == "agent"):
            found[post.staff_id] = Runner(post.staff_id, post.staff.name, post.role_id, card.note if card else "", bool(card and errand.item.topic in card.topics))
    return sorted(found.values(), key=lambda r: (not r.skilled, r.role != "agent", r.name))


@transaction.atomic
def assign(*, matter: Matter, staff: uuid.UUID, by: Me, at: datetime) -> Errand:
    """Ask somebody to run it: he sees it from now on. Oneself needs no asking."""
    errand = of(matter, by, lock=True)
    row = prepare(errand.matter, errand.item, by=by, at=at)
    if not moving.sits(row.pk, [Role.HOME, Role.LEAD], Right.MATTERS, by):
        raise NotYours(_("要由受理这件事的村或窗口来安排代办员。"))
    if State(row.state) not in RUNNING:
        raise Refused(_("现在是“%s”，不能安排代办员。") % _(states.STATE_LABELS[State(row.state)]))
    if row.state == State.SUBMITTED or row.state == State.ACCEPTED:
        raise Refused(_("这件事还没有受理，请先受理。"))
    if errand.agent is not None:
        raise Refused(_("已经交给别人了。要换人，请先收回。"))
    person = Staff.objects.using(by.using).filter(pk=staff, left_at=None).first()
    if person is None or (staff != by.id and all(r.id != staff for r in runners(errand, by))):
        raise Missing("staff", _("请在名单里选一位代办员。"))
    if staff in row.barred:
        raise Refused(_("%s与这件事有关，应当回避，请换一位。") % person.name)
    moving.give_seat(row, "", Role.AGENT, by, staff=staff)
    Assignment(matter=row, staff=staff, asked_by=by.id, asked_at=at).save(force_insert=True)
    _change(errand, agent=staff, agent_state="asked")
    moving.remember(row, "errand.ask", by=by, at=at, detail={"staff": str(staff)})
    if staff == by.id:
        return accept(matter=row, by=by, at=at)
    return errand


def _open_assignment(errand: Errand, by: Me) -> Assignment:
    found = Assignment.objects.filter(matter=errand.matter_id, answer__in=["", "accepted"]).first()
    if found is None:
        raise Refused(_("现在没有交给谁。"))
    return found


@transaction.atomic
def accept(*, matter: Matter | uuid.UUID, by: Me, at: datetime) -> Errand:
    """I run it. From now on it is his work: he, and not who gave it to him, is kept from calling back."""
    errand = of(matter, by, lock=True)
    if errand.agent != by.id or errand.agent_state != "asked":
        raise NotYours(_("这件代办现在没有交给您。"))
    Assignment.objects.filter(pk=_open_assignment(errand, by).pk).update(answer="accepted", answered_at=at)
    _change(errand, agent_state="accepted")
    Matter.objects.filter(pk=errand.matter_id).update(handler=by.id)
    moving.remember(errand.matter, "errand.accept", by=by, at=at, public=lasting("%s来帮您办") % by.name)
    return errand


@transaction.atomic
def refuse(*, matter: Matter | uuid.UUID, words: str, by: Me, at: datetime) -> None:
    """I cannot: why. It comes back to the desk at once, and he sees it no more."""
    errand = of(matter, by, lock=True)
    if errand.agent != by.id:
        raise NotYours(_("这件代办现在没有交给您。"))
    reason = moving.need(words, "words", _("请写明为什么办不了（至少四个字），好换人。"), 4)
    _no_money_open(errand)
    asked = _open_assignment(errand, by)
    Assignment.objects.filter(pk=asked.pk).update(answer="refused", answered_at=at, reason_cipher=vault.encrypt(REASON, asked.pk, reason))
    _change(errand, agent=None, agent_state="none")
    moving.remember(errand.matter, "errand.refuse", by=by, at=at, note=reason)
    moving.leave_seat(errand.matter, Role.AGENT, by, staff=by.id)


@transaction.atomic
def recall(*, matter: Matter | uuid.UUID, words: str, by: Me, at: datetime) -> None:
    """The desk takes it back from its agent, who sees it no more."""
    errand = of(matter, by, lock=True)
    if not moving.sits(errand.matter_id, [Role.HOME, Role.LEAD], Right.MATTERS, by):
        raise NotYours(_("要由受理这件事的村或窗口来收回。"))
    if errand.agent is None:
        raise Refused(_("现在没有交给谁。"))
    reason = moving.need(words, "words", _("请写明为什么收回。"))
    asked, agent = _open_assignment(errand, by), errand.agent
    Assignment.objects.filter(pk=asked.pk).update(answer="recalled", answered_at=at, reason_cipher=vault.encrypt(REASON, asked.pk, reason))
    _change(errand, agent=None, agent_state="none")
    moving.remember(errand.matter, "errand.recall", by=by, at=at, note=reason, detail={"staff": str(agent)})
    moving.leave_seat(errand.matter, Role.AGENT, by, staff=agent)


def _change(errand: Errand, **values: object) -> None:
    for name, value in values.items():
        setattr(errand, name, value)
    errand.version += 1
    errand.save(update_fields=[*values, "version"])


# --- steps -----------------------------------------------------------------------------------------------------------------------


def runs(errand: Errand, by: Me) -> bool:
    """Whether he may note a step: the agent who accepted, or the desk that has it; nobody, at the errand that has just come by itself."""
    if by.desk:
        return True
    if errand.agent == by.id and errand.agent_state == "accepted":
        return True
    return moving.sits(errand.matter_id, [Role.HOME, Role.LEAD], Right.MATTERS, by)


def mine(matter: Matter | uuid.UUID, by: Me) -> Errand:
    """The errand, locked, if it runs and he may note a step."""
    errand = of(matter, by, lock=True)
    if not runs(errand, by):
        raise NotYours(_("先点“我来办”，再记进展。"))
    if State(errand.matter.state) not in RUNNING:
        raise Refused(_("现在是“%s”，不能再记进展。") % _(states.STATE_LABELS[State(errand.matter.state)]))
    return errand


@transaction.atomic
def collected(*, matter: Matter | uuid.UUID, by: Me, at: datetime) -> Errand:
    """Everything that is needed is here."""
    errand = mine(matter, by)
    _change(errand, collected_at=at)
    moving.remember(errand.matter, "errand.collected", by=by, at=at, public=lasting("材料齐了"))
    return errand


@transaction.atomic
def submitted(*, matter: Matter | uuid.UUID, to: str, number: str = "", by: Me, at: datetime) -> Errand:
    """At the counter: from now on the department's own clock runs, shown apart from ours."""
    errand = mine(matter, by)
    where = moving.need(to, "to", _("请写交到哪个窗口。"))
    due = limits.after(errand.matter.place_code, at, Decimal(errand.item.days))
    _change(errand, collected_at=errand.collected_at or at, submitted_at=at, submitted_to=where[:60], department_number=number.strip()[:40], department_due_at=due)
    moving.remember(errand.matter, "errand.submitted", by=by, at=at, public=lasting("已交到%(where)s，对方答应 %(day)s 前办好") % {"where": where[:60], "day": f"{timezone.localtime(due):%m-%d}"})
    return errand


@transaction.atomic
def fetched(*, matter: Matter | uuid.UUID, by: Me, at: datetime) -> Errand:
    """The department is done: what it gave is in the agent's hands."""
    errand = mine(matter, by)
    if errand.submitted_at is None:
        raise Refused(_("还没有记交到窗口。不用交窗口的，请直接记“送到”。"))
    _change(errand, fetched_at=at)
    moving.remember(errand.matter, "errand.fetched", by=by, at=at, public=lasting("已取回，给您送来"))
    return errand


@transaction.atomic
def delivered(*, matter: Matter | uuid.UUID, to: str, name: str, words: str, by: Me, at: datetime) -> Matter:
    """Handed over against a signature: the matter is answered, somebody else calls back, and the agent sees it no more."""
    errand = mine(matter, by)
    if to not in dict(Errand.TAKERS):
        raise Missing("to", _("请选择谁签收的。"))
    signer = moving.need(name, "name", _("请写签收人的姓名，和签字一致。"))
    if errand.agent_state != "accepted":
        raise Refused(_("还没有人答应办这件事，不能记送到。"))
    _no_money_open(errand)
    back = Paper.objects.filter(matter=errand.matter_id, form="original", returned_at=None).count()
    if back:
        raise Refused(_("还有 %d 份原件没有退还。退给本人，或写明部门收存，再记送到。") % back)
    _change(errand, delivered_at=at, delivered_to=to, signed_cipher=vault.encrypt(SIGNED, errand.pk, signer))
    text = words.strip() or lasting("“%s”办好了，已送到并签收。") % errand.item.name
    moving.remember(errand.matter, "errand.delivered", by=by, at=at, detail={"to": to})
    row = handling.reply(matter=errand.matter, words=text, outcome="solved", by=by, at=at)
    _relieve(errand, by)
    return row


@transaction.atomic
def failed(*, matter: Matter | uuid.UUID, words: str, by: Me, at: datetime) -> Matter:
    """It could not be done: why, and what else helps. Answered like every other matter."""
    errand = mine(matter, by)
    text = moving.need(words, "words", _("请写清为什么办不成、下一步怎么办（至少十个字），会告诉本人。"), 10)
    _no_money_open(errand)
    row = handling.reply(matter=errand.matter, words=text, outcome="impossible", by=by, at=at)
    _relieve(errand, by)
    return row


def _relieve(errand: Errand, by: Me) -> None:
    """The agent's seat ends with the answer."""
    if errand.agent is None:
        return
    agent = errand.agent
    if agent == by.id or moving.sits(errand.matter_id, [Role.HOME, Role.LEAD], Right.MATTERS, by):
        moving.leave_seat(errand.matter, Role.AGENT, by, staff=agent)


@transaction.atomic
def again(*, matter: Matter | uuid.UUID, by: Me, at: datetime) -> Errand:
    """Not right the first time: it is done again, and somebody is asked anew."""
    errand = of(matter, by, lock=True)
    if errand.matter.state != State.REDO and errand.matter.state != State.PROCESSING:
        raise Refused(_("这件事没有要重办。"))
    if not moving.sits(errand.matter_id, [Role.HOME, Role.LEAD], Right.MATTERS, by):
        raise NotYours(_("要由受理这件事的村或窗口来重新安排。"))
    if errand.delivered_at is None:
        raise Refused(_("这件事还没有送到过。"))
    asked = Assignment.objects.filter(matter=errand.matter_id, answer__in=["", "accepted"]).first()
    if asked is not None:
        Assignment.objects.filter(pk=asked.pk).update(answer="recalled", answered_at=at)
    prepare(errand.matter, errand.item, by=by, at=at)
    _change(errand, agent=None, agent_state="none", collected_at=None, submitted_at=None, submitted_to="", department_number="", department_due_at=None, fetched_at=None, delivered_at=None, delivered_to="", signed_cipher=None)
    moving.remember(errand.matter, "errand.again", by=by, at=at)
    return errand


def _no_money_open(errand: Errand) -> None:
    lines = list(MoneyLine.objects.filter(matter=errand.matter_id))
    if any(line.second is None for line in lines):
        raise Refused(_("有一笔收付还缺第二人签字，签了再办这一步。"))
    owed = ledger.balance(ledger.Line(line.kind, line.amount, line.reverses_id is not None) for line in lines)
    if owed > 0:
        raise Refused(_("本人还欠代付款 %s 元，结清再办这一步。") % owed)
    if owed < 0:
        raise Refused(_("还有 %s 元要退给本人，结清再办这一步。") % -owed)


# --- who runs errands in a village --------------------------------------------------------------------------------------------------


@transaction.atomic
def set_card(*, staff: uuid.UUID, area: str, topics: list[str], note: str, by: Me, at: datetime) -> AgentCard:
    """What somebody is good at: he himself, or who appoints there."""
    if staff != by.id:
        by.require(Right.APPOINT, area)
    card = AgentCard.objects.filter(staff=staff).first()
    if card is None:
        card = AgentCard(staff=staff, area_code=area, topics=topics, note=note[:120], made_by=by.id, made_at=at)
        card.save(force_insert=True)
    else:
        AgentCard.objects.filter(pk=card.pk).update(topics=topics, note=note[:120], made_by=by.id, made_at=at)
    return card


def days_left(until: datetime | None, at: datetime) -> int | None:
    """Whole days until a deadline, negative when it has passed."""
    return None if until is None else (timezone.localdate(until) - timezone.localdate(at)) // timedelta(days=1)


def item_for(code: str, place: str, by: Me, at: datetime) -> CatalogueItem:
    """The item as it holds at the place today. Raises Missing."""
    found = catalogue.item_at(code, place, timezone.localdate(at), using=by.using)
    if found is None:
        raise Missing("item", _("目录里没有这个事项，或现在不办。"))
    return found
