"""What somebody above decides: a return, more time, a pause, an explanation instead of a solution.

Invariant: a decision ends the deciding seat in the same transaction: a leader sees a matter while it waits for him and no longer;
a decided return is final (潍坊12345条例 §22).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.service.actions import moving
from minqing.service.models import Matter, Move
from minqing.service.queries import limits
from minqing.service.rules import kinds
from minqing.service.rules.states import Role


def _asked(matter: Matter, name: str, by: Me) -> Move | None:
    return Move.objects.using(by.using).filter(matter=matter, name=name).order_by("-id").first()


@transaction.atomic
def decide_return(*, matter: Matter, grant: bool, words: str, by: Me, at: datetime, seen: int | None = None) -> Matter:
    """The desk that took it decides, once and for all; granted, it is dispatched anew and can then not be returned either."""
    note = moving.need(words, "words", _("请写明裁定的理由。"), 2)
    row = moving.make("grant_return" if grant else "refuse_return", matter, by=by, at=at, seen=seen, note=note, no_return=True)
    if grant:
        moving.leave_seat(row, Role.LEAD, by)
        moving.leave_seat(row, Role.JOINT, by)
    return row


@transaction.atomic
def decide_extend(*, matter: Matter, grant: bool, words: str = "", by: Me, at: datetime, seen: int | None = None) -> Matter:
    """Granted: the new deadline and the reason are told to the person. Refused: the old deadline stands."""
    row = moving.get(matter, by)
    asked = _asked(row, "ask_extend", by)
    if not grant:
        row = moving.make("refuse_extend", row, by=by, at=at, seen=seen, note=moving.need(words, "words", _("请写明为什么不批准。")))
    else:
        days = Decimal(asked.detail["days"]) if asked else Decimal(0)
        calendar = limits.calendar_for(row.place_code)
        due = calendar.add_days(row.due_at, float(days)) if row.due_at else None
        row = moving.make("grant_extend", row, by=by, at=at, seen=seen, note=words, extended=True, due_at=due, remind_at=calendar.part_way(at, due, kinds.REMIND_SHARE) if due else None,
                          public=lasting("办理时间延到%s，请您谅解") % (f"{due:%m-%d}" if due else ""), detail={"days": str(days)})
    moving.leave_seat(row, Role.DECIDE, by)
    return row


@transaction.atomic
def decide_suspend(*, matter: Matter, grant: bool, words: str = "", by: Me, at: datetime, seen: int | None = None) -> Matter:
    """Granted: the clock stands from now until somebody resumes it or the review day comes."""
    row = moving.get(matter, by)
    asked = _asked(row, "ask_suspend", by)
    if not grant or asked is None:
        row = moving.make("refuse_suspend", row, by=by, at=at, seen=seen, note=moving.need(words, "words", _("请写明为什么不批准。")))
    else:
        why, review = asked.detail["why"], date.fromisoformat(asked.detail["review_on"])
        row = moving.make("grant_suspend", row, by=by, at=at, seen=seen, note=words, review_on=review, remind_at=None,
                          pauses=[*row.pauses, {"from": at.isoformat(), "to": None, "why": why, "note": ""}],
                          public=lasting("这件事要%(why)s，先暂停，%(day)s再看，到时告诉您") % {"why": lasting(kinds.SUSPENSIONS[why]), "day": f"{review:%m-%d}"})
    moving.leave_seat(row, Role.DECIDE, by)
    return row


@transaction.atomic
def decide_explain(*, matter: Matter, grant: bool, words: str, by: Me, at: datetime, seen: int | None = None) -> Matter:
    """Dissatisfied for the second time: explained in full with its basis and closed, or done again."""
    row = moving.get(matter, by)
    if grant:
        text = moving.need(words, "words", _("请写明依据和解释，会告诉本人。"), 10)
        row = moving.make("grant_explain", row, by=by, at=at, seen=seen, note=text, public=text[:300], closed_at=at, archive_at=limits.after(row.place_code, at, kinds.ARCHIVE_DAYS), due_at=None)
    else:
        row = moving.make("refuse_explain", row, by=by, at=at, seen=seen, note=moving.need(words, "words", _("请写明哪里没有办到。")), **redo_clock(row, at), public=lasting("重新办理"))
    moving.leave_seat(row, Role.DECIDE, by)
    return row


def redo_clock(matter: Matter, at: datetime, *, using: str = "default") -> dict[str, object]:
    """The clock of doing it again: half of the original limit, two working days at least."""
    due = limits.on_dispatch(kind=matter.kind, place=matter.place_code, urgency="normal", at=at, days=limits.redo_days(matter.limit_days or Decimal(0)), using=using)
    return {"redo_count": matter.redo_count + 1, "dispatched_at": at, "signed_at": None, "sign_due_at": due.sign, "contact_due_at": due.contact, "due_at": due.reply, "remind_at": due.remind,
            "replied_at": None, "closed_at": None, "archive_at": None, "callback_due_at": None, "reminded": 0, "escalated": 0}
