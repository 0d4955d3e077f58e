"""The unit that handles a matter: signs, makes the first contact, asks to return, extend or suspend, replies.

Invariants: not signing gains nothing (the clock signs); a return is asked once a unit and decided once; a clock stands still only
with a listed reason and a date on which somebody looks again.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Staff
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.service import vault
from minqing.service.actions import moving
from minqing.service.actions.matters import headline
from minqing.service.models import Contact, Matter
from minqing.service.queries import limits
from minqing.service.refusals import Missing, NotYours, Refused
from minqing.service.rules import desks, kinds, states
from minqing.service.rules.states import Role


def sign(*, matter: Matter, by: Me, at: datetime, seen: int | None = None) -> Matter:
    """Signed for; whoever signs handles it."""
    return moving.make("sign", matter, by=by, at=at, seen=seen, signed_at=at, handler=by.id)


@transaction.atomic
def contact(*, matter: Matter, how: str, reached: bool, words: str, by: Me, at: datetime, why: str = "") -> Contact:
    """A call or a visit, reached or not: what the day board and the response rate count."""
    row = moving.get(matter, by, lock=True)
    if how not in dict(Contact.HOW):
        raise Missing("how", _("请选择怎么联系的。"))
    if reached and not words.strip():
        raise Missing("words", _("联系上了，请写一句说了什么。"))
    reason = why or ("first" if row.contacted_at is None else "progress")
    made = Contact(matter=row, at=at, staff=by.id, how=how, why=reason, reached=reached)
    made.note_cipher = vault.encrypt(f"service_contact.{vault.NOTE}", made.pk, words.strip(), restricted=row.restricted)
    made.save(using=by.using, force_insert=True)
    if row.contacted_at is None and reached:
        Matter.objects.using(by.using).filter(pk=row.pk).update(contacted_at=at)
    moving.remember(row, "contact", by=by, at=at, detail={"how": how, "reached": reached, "why": reason})
    return made


def ask_return(*, matter: Matter, words: str, basis: str, suggested: str = "", by: Me, at: datetime, seen: int | None = None) -> Matter:
    """Clearly not this unit's duty: with the reason, the basis (清单 or law) and a suggestion, within one working day, once."""
    row = moving.get(matter, by)
    if row.no_return:
        raise Refused(_("受理处已裁定由您这里办理，不能再退（一次裁定为准）。"))
    if row.lead_desk in row.returned_by:
        raise Refused(_("您这里已经退过一次，不能再退。"))
    if row.dispatched_at and at > limits.after(row.place_code, row.dispatched_at, kinds.RETURN_DAYS):
        raise Refused(_("派单已超过一个工作日，不能再退；办不了请写明原因答复。"))
    note = moving.need(words, "words", _("请写明为什么不属于您这里的职责。"), 5)
    law = moving.need(basis, "basis", _("请写明依据（职责清单或法规条款）。"))
    return moving.make("ask_return", row, by=by, at=at, seen=seen, note=f"{note}\n{law}", detail={"suggested": suggested}, returned_by=[*row.returned_by, row.lead_desk])


@transaction.atomic
def ask_extend(*, matter: Matter, days: Decimal, words: str, by: Me, at: datetime, seen: int | None = None) -> Matter:
    """More time, asked before it is late, once, at most as long as the kind allows; a leader decides and the person is told why."""
    row = moving.get(matter, by)
    most = limits.limits_of(row.kind, row.place_code, by.using).extend
    if row.extended:
        raise Refused(_("已经延期过一次，不能再延。"))
    if row.due_at and at > row.due_at:
        raise Refused(_("已经超过时限，不能再申请延期；请尽快答复并说明原因。"))
    if not 0 < days <= most:
        raise Missing("days", _("延期应在 0.5 到 %s 个工作日之间。") % most.normalize())
    note = moving.need(words, "words", _("请写明为什么要延期（会告诉本人）。"), 5)
    row = moving.make("ask_extend", row, by=by, at=at, seen=seen, note=note, detail={"days": str(days)})
    moving.give_seat(row, leader_of(row), Role.DECIDE, by)
    return row


@transaction.atomic
def ask_suspend(*, matter: Matter, why: str, review_on: date, words: str, by: Me, at: datetime, seen: int | None = None) -> Matter:
    """It waits for a project, money, the season or an assembly: with the day on which it is looked at again."""
    row = moving.get(matter, by)
    if why not in kinds.SUSPENSIONS:
        raise Missing("why", _("只有等立项、等财政、等季节、等村民会议才能挂起。"))
    today = timezone.localdate(at)
    if not today < review_on <= today + timedelta(days=kinds.REVIEW_DAYS):
        raise Missing("review_on", _("再看的日子应在明天到 %d 天之内。") % kinds.REVIEW_DAYS)
    note = moving.need(words, "words", _("请写明在等什么、谁去推动（会告诉本人）。"), 5)
    row = moving.make("ask_suspend", row, by=by, at=at, seen=seen, note=note, detail={"why": why, "review_on": review_on.isoformat()})
    moving.give_seat(row, leader_of(row), Role.DECIDE, by)
    return row


def leader_of(matter: Matter) -> str:
    """Whose decision it waits for: the town's leader, the county's reception where a department or the county handles it, the discipline desk."""
    if matter.restricted:
        return matter.home_desk
    area, _unit = desks.split(matter.lead_desk or matter.home_desk)
    return area[:9] if len(area) >= 9 else area[:6]


@transaction.atomic
def resume(*, matter: Matter, words: str = "", by: Me, at: datetime, actor: str = "staff", seen: int | None = None) -> Matter:
    """The clock runs on; the deadline is moved by exactly the time it stood still."""
    row = moving.get(matter, by, lock=True)
    pauses = [*row.pauses]
    if pauses and pauses[-1]["to"] is None:
        pauses[-1] = {**pauses[-1], "to": at.isoformat()}
    row.pauses = pauses
    due = limits.shifted(row, at)
    remind = limits.calendar_for(row.place_code).part_way(at, due, kinds.REMIND_SHARE) if due and due > at else at
    return moving.make("resume", row, by=by, at=at, seen=seen, note=words, public=lasting("已恢复办理，%s前答复您") % f"{due:%m-%d}" if due else lasting("已恢复办理"), actor=actor,
                       pauses=pauses, due_at=due, remind_at=remind, review_on=None)


@transaction.atomic
def reply(*, matter: Matter, words: str, outcome: str, cost: Decimal | None = None, by: Me, at: datetime, seen: int | None = None) -> Matter:
    """What was done and what the person is told. He is called back by somebody else within three working days."""
    text = moving.need(words, "words", _("请写下办理结果，会原样告诉本人。"), 5)
    row = moving.get(matter, by)
    allowed = outcomes_of(row.kind)
    if outcome not in allowed:
        raise Missing("outcome", _("请选择办理结果。"))
    waiting = moving.seats_of(row, by).count(Role.JOINT)
    if waiting:
        raise Refused(_("还有 %d 个协办单位没有回报。请先等它们回报，或请受理处撤下协办。") % waiting)
    if outcome in ("explained", "impossible", "not_adopted") and len(text) < 10:
        raise Missing("words", _("没有办成的，请写清原因和下一步怎么办（至少十个字）。"))
    return moving.make("reply", row, by=by, at=at, seen=seen, public=headline(text), detail={**({"cost": str(cost)} if cost else {}), "due": row.due_at.isoformat() if row.due_at else None}, replied_at=at, outcome=outcome, remind_at=None,
                       handler=row.handler or by.id, contacted_at=row.contacted_at or at, callback_due_at=limits.after(row.place_code, at, kinds.CALLBACK_DAYS),
                       result_cipher=vault.encrypt(vault.RESULT, row.pk, text, restricted=row.restricted))


@transaction.atomic
def decided(*, matter: Matter, words: str, public: str, by: Me, at: datetime) -> None:
    """A meeting has decided something about it: a line of its history that the requester reads; its state stays. Raises NotYours."""
    row = moving.get(matter, by, lock=True)
    if states.State(row.state) not in states.OPEN or not moving.sits(row.pk, [Role.HOME, Role.LEAD], Right.MATTERS, by):
        raise NotYours(_("会议决定要由受理处或主办单位记到这件事上。"))
    moving.remember(row, "decided", by=by, at=at, note=words, public=public)


def outcomes_of(kind: str) -> list[str]:
    """Suggestions are adopted or not; everything else is solved or not."""
    return ["adopted", "partly_adopted", "not_adopted"] if kind == kinds.Kind.SUGGESTION else ["solved", "partly", "explained", "impossible"]


@transaction.atomic
def report_joint(*, matter: Matter, words: str, desk: str, by: Me, at: datetime) -> None:
    """A joint unit reports its part to the lead and leaves the matter."""
    row = moving.get(matter, by)
    note = moving.need(words, "words", _("请写下您这里办了什么。"), 5)
    if not row.seats.using(by.using).filter(role=Role.JOINT, desk_code=desk, ends_at=None).exists() or not by.may(Right.MATTERS, desk):
        raise NotYours(_("您这里不是这件事的协办单位，或已经回报过。"))
    moving.remember(row, "joint_report", by=by, at=at, note=note, desk=desk)
    moving.leave_seat(row, Role.JOINT, by, desk=desk)


@transaction.atomic
def assign(*, matter: Matter, staff: uuid.UUID, by: Me, at: datetime) -> Matter:
    """A colleague of the same desk takes it over; he is told by his work desk."""
    row = moving.get(matter, by, lock=True)
    person = Staff.objects.using(by.using).filter(pk=staff, left_at=None).first()
    if person is None:
        raise Missing("staff", _("没有这位同事，或已离任。"))
    if person.id in row.barred:
        raise Refused(_("%s与这件事有关，应当回避，请换一位。") % person.name)
    if states.State(row.state) not in states.RUNNING or not moving.sits(row.pk, [Role.LEAD], Right.MATTERS, by):
        raise Refused(_("现在不能改派承办人。"))
    Matter.objects.using(by.using).filter(pk=row.pk).update(handler=person.id)
    row.handler = person.id
    moving.remember(row, "assign", by=by, at=at, detail={"to": str(person.id)})
    return row
