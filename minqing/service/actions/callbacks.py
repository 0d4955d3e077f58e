"""The call back at the end: was it solved, are you satisfied, did anyone tell you that day?

Invariants: who handled it never calls back (also a trigger); "not solved" is done again once, the second time a leader decides;
three failed calls on two different days close it, with that said; a merged matter's requester is asked in his own name.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.service import vault
from minqing.service.actions import moving
from minqing.service.actions.deciding import redo_clock
from minqing.service.actions.handling import leader_of
from minqing.service.models import CallBack, Matter
from minqing.service.queries import limits
from minqing.service.refusals import Missing, NotYours, Refused
from minqing.service.rules import kinds, states
from minqing.service.rules.states import Role, State


@transaction.atomic
def call_back(
    *, matter: Matter, channel: str, reached: bool, solved: str = "", satisfied: str = "", told_that_day: bool | None = None, words: str = "", by: Me, at: datetime, seen: int | None = None,
) -> Matter:
    """Record what the person said and move the matter as the answer demands. Also for a merged child: its answer is its own."""
    row = moving.get(matter, by, lock=True)
    asked_of_child = row.state == State.MERGED and row.parent_id is not None
    if not asked_of_child and row.state != State.REPLIED:
        raise Refused(_("现在是“%s”，还不到回访。") % _(states.STATE_LABELS[State(row.state)]))
    if row.handler == by.id:
        raise NotYours(_("办理人不能回访自己办的事，请另一位同事回访。"))
    if not moving.sits(row.pk, [Role.HOME], Right.CALLBACK, by):
        raise NotYours(_("“回访”要由受理处来做。"))
    if channel not in dict(CallBack.CHANNELS):
        raise Missing("channel", _("请选择怎么回访的。"))
    if reached and solved not in dict(kinds.SOLVED):
        raise Missing("solved", _("请问一句：事情解决了吗？"))
    if reached and satisfied not in dict(kinds.SATISFIED):
        raise Missing("satisfied", _("请问一句：满意吗？（不愿说的选“没有说”）"))
    if reached and (solved == "no" or satisfied == "no") and not words.strip():
        raise Missing("words", _("没有解决或不满意的，请记下本人怎么说的。"))
    made = CallBack(matter=row, at=at, staff=by.id, channel=channel, reached=reached, solved=solved if reached else "", satisfied=satisfied if reached else "", told_that_day=told_that_day, round=row.redo_count)
    made.note_cipher = vault.encrypt(f"service_callback.{vault.NOTE}", made.pk, words.strip(), restricted=row.restricted)
    made.save(using=by.using, force_insert=True)
    if asked_of_child:
        row.solved, row.satisfied, row.told_that_day = made.solved, made.satisfied, told_that_day
        row.save(using=by.using, update_fields=["solved", "satisfied", "told_that_day"])
        moving.remember(row, "callback", by=by, at=at, detail={"reached": reached})
        return row
    return _conclude(row, made, words, by=by, at=at, seen=seen)


def _conclude(row: Matter, said: CallBack, words: str, *, by: Me, at: datetime, seen: int | None) -> Matter:
    if not said.reached:
        if tried_enough(row, by):
            return close(matter=row, by=by, at=at, seen=seen, note=lasting("三次联系不上，在不同的两天"), public=lasting("多次联系您未接通，先办结；有话请凭编号再说"))
        moving.remember(row, "callback", by=by, at=at, detail={"reached": False})
        return row
    answers = {"solved": said.solved, "satisfied": said.satisfied, "told_that_day": said.told_that_day}
    if said.solved == "no" or said.satisfied == "no":
        if row.redo_count == 0:
            return moving.make("redo", row, by=by, at=at, seen=seen, note=words, public=lasting("您说还没有办好，重新办理"), **answers, **redo_clock(row, at))
        row = moving.make("ask_explain", row, by=by, at=at, seen=seen, note=words, **answers)
        moving.give_seat(row, leader_of(row), Role.DECIDE, by)
        return row
    return close(matter=row, by=by, at=at, seen=seen, public=lasting("已办结，谢谢您"), **answers)


def tried_enough(matter: Matter, by: Me) -> bool:
    """Three failed calls of this round on at least two different days."""
    failed = [timezone.localdate(c.at) for c in CallBack.objects.using(by.using).filter(matter=matter, round=matter.redo_count, reached=False)]
    return len(failed) >= kinds.CALL_ATTEMPTS and len(set(failed)) >= kinds.CALL_DAYS


def close(*, matter: Matter, by: Me, at: datetime, note: str = "", public: str = "", seen: int | None = None, actor: str = "staff", **answers: object) -> Matter:
    """The end of a matter; after ten working days it is filed as 事情单. Of a complaint the database sets the day of asking about retaliation."""
    return moving.make("close", matter, by=by, at=at, seen=seen, note=note, public=public, actor=actor, closed_at=at, due_at=None, remind_at=None,
                       archive_at=limits.after(matter.place_code, at, kinds.ARCHIVE_DAYS), **answers)


@transaction.atomic
def reopen(*, matter: Matter, words: str, by: Me, at: datetime, actor: str = "staff", seen: int | None = None) -> Matter:
    """New facts within thirty days: it is done again under its own number."""
    row = moving.get(matter, by)
    note = moving.need(words, "words", _("请写下有什么新情况。"), 5)
    if row.closed_at is None or at > row.closed_at + timedelta(days=kinds.REOPEN_DAYS):
        raise Refused(_("办结已超过 %d 天，请另行登记一件，写明上次的编号。") % kinds.REOPEN_DAYS)
    lead = row.lead_desk or row.home_desk
    row = moving.make("reopen", row, by=by, at=at, seen=seen, note=note, public=lasting("有新情况，重新办理"), actor=actor, archived_at=None, lead_desk=lead, **redo_clock(row, at))
    if not row.seats.using(by.using).filter(role=Role.LEAD, ends_at=None).exists():
        moving.give_seat(row, lead, Role.LEAD, by)
    return row
