"""A proposal is closed by a person: done, or not needed. It never changes the file by itself.

Invariant: closing says what came of it; a verified value enters the file as the department's statement (gathering) or by
an act of a person, not by closing the question.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.archives import vault
from minqing.archives.actions import acts
from minqing.archives.models import Proposal
from minqing.archives.refusals import NotHere, Refused


@transaction.atomic
def close(*, proposal: Proposal | uuid.UUID, state: str, note: str, by: Me, at: datetime) -> Proposal:
    """`state` is "done" or "dismissed"; not needed wants a word why."""
    row = Proposal.objects.filter(pk=proposal.pk if isinstance(proposal, Proposal) else proposal, voided_at=None).first()
    if row is None:
        raise NotHere(_("没有这条待办，或不在您的范围内。"))
    by.require(Right.WRITE, row.grid_code)
    row = Proposal.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.state != "open":
        raise Refused(_("这条待办已经办结。"))
    if state not in ("done", "dismissed"):
        raise Refused(_("请选择“已办”或“不需要”。"))
    if state == "dismissed" and not note.strip():
        raise Refused(_("请写明为什么不需要办。"))
    what = lasting("办结") if state == "done" else lasting("不需要办")
    with acts.acting("proposal.close", f"{what}：{row.sentence}", by=by, at=at, grid=row.grid_code, persons=[row.person_id] if row.person_id else [], households=[row.household_id] if row.household_id else []):
        row.state, row.note, row.closed_at, row.closed_by = state, note.strip()[:200], at, by.id
        row.save(update_fields=["state", "note", "closed_at", "closed_by"])
    return row


def asked(proposal: Proposal) -> dict[str, str]:
    """{"from", "to", "note"} of a question to a department; the caller masks numbers and audits as for any page."""
    return {k: str(v) for k, v in vault.decrypt_json("archives_proposal.payload", proposal.pk, proposal.payload).items()}
