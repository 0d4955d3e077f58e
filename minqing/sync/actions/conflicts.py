"""Two people filled one field differently: both values are kept as a question, the file stands until somebody chooses.

Invariant: a question is a proposal of the archives like any other, so the desk finds it in its list; choosing is an act with history.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Staff
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import county, lasting
from minqing.archives import vault
from minqing.archives.actions import acts, fields, households, people, proposals
from minqing.archives.models import Change, Household, Proposal, Resident
from minqing.archives.refusals import NotHere, Refused
from minqing.archives.rules import items
from minqing.lib import masks
from minqing.sync.rules import protocol

KIND = "conflict"
#: After three days the village clerk sees it as due.
DAYS = 3
LONGEST = 50
#: Words for a household at their longest: who chooses reads them whole.
WHOLE = 4000
#: Who may choose: the archives ask it of whoever closes a proposal.
RIGHT = Right.WRITE
CHOICES = ("mine", "theirs", "both")


@county
def keep(*, household: Household | None, person: Resident | None, grid: str, field: str, mine: str, theirs: str, was: str, by: Me, at: datetime) -> Proposal:
    """Remember both. The same two values of the same field are asked once."""
    item = items.ITEMS[field] if person else items.HOUSEHOLD_ITEMS[field]
    for open_ in Proposal.objects.filter(kind=KIND, field=field, household=household, person=person, state="open", made_by=by.id, voided_at=None):
        if proposals.asked(open_).get("to") == mine:
            return open_
    who, row = (person.name, person.pk) if person else (lasting("户号%s") % household.number, household.pk)  # type: ignore[union-attr]
    sentence = lasting("%(who)s的%(label)s：手机上写“%(mine)s”，现在是“%(theirs)s”，请定一个") % {"who": who, "label": item.label, "mine": shown(item, mine), "theirs": shown(item, theirs)}
    last = Change.objects.filter(row_id=row, table="resident" if person else "household").order_by("-id").first()
    other = Staff.objects.filter(pk=last.staff).values_list("name", flat=True).first() if last and last.staff else ""
    with acts.acting("sync.conflict", sentence, by=by, at=at, grid=grid, persons=[person.pk] if person else [], households=[household.pk] if household else [],
                     url=f"/residents/{row}" if person else f"/households/{row}", undoable=False) as act:
        made = Proposal(grid_code=grid, kind=KIND, person=person, household=household, sentence=sentence[:200], field=field, due_on=timezone.localdate(at) + timedelta(days=DAYS), made_at=at, made_by=by.id, act=act.pk)
        made.payload = vault.encrypt_json("archives_proposal.payload", made.pk, {"from": theirs, "to": mine, "was": was, "who": other or "", "note": ""})
        made.save(force_insert=True)
    return made


def shown(item: items.Item, value: str, longest: int = LONGEST) -> str:
    """A value as a sentence says it: numbers masked, long words cut."""
    text = masks.phone(value) if item.kind == "secret" and value else item.shown(value)
    return (text[:longest] + "…" if len(text) > longest else text) or _("（空）")


@dataclass(frozen=True, slots=True)
class Question:
    """Both values as whoever chooses sees them."""

    row: Proposal
    label: str
    whose: str
    mine: str
    theirs: str
    author: str
    who: str
    both: bool


def question(conflict: uuid.UUID) -> Question:
    """Raises NotHere where there is none, or none that the caller may see."""
    row = Proposal.objects.filter(pk=conflict, kind=KIND, voided_at=None).select_related("household", "person").first()
    if row is None:
        raise NotHere(_("没有这个问题，或不在您的范围内。"))
    item = items.ITEMS[row.field] if row.person_id else items.HOUSEHOLD_ITEMS[row.field]
    asked = proposals.asked(row)
    author = Staff.objects.filter(pk=row.made_by).values_list("name", flat=True).first() or ""
    whose = row.person.name if row.person else _("户号%s") % row.household.number if row.household else ""
    return Question(row, item.label, whose, shown(item, asked["to"], WHOLE), shown(item, asked["from"], WHOLE), author, asked.get("who", ""), not row.person_id)


@transaction.atomic
def choose(*, conflict: uuid.UUID, choice: str, by: Me, at: datetime) -> None:
    """Mine, theirs or both, as the sentence of an act. Raises Refused where it was chosen before, or a third value stands now."""
    row = Proposal.objects.filter(pk=conflict, kind=KIND, voided_at=None).first()
    if row is None:
        raise NotHere(_("没有这个问题，或不在您的范围内。"))
    if choice not in CHOICES:
        raise Refused(_("请选择“我填的”“系统现在的”或“都记下”。"))
    asked = proposals.asked(row)
    if choice != "theirs":
        value = asked["to"] if choice == "mine" else protocol.both(asked["from"], asked["to"])
        if row.household_id:
            home = Household.objects.select_for_update(of=("self",)).get(pk=row.household_id)
            _still(str(getattr(home, row.field)), asked, choice, value)
            households.set_words(household=home, by=by, at=at, **{row.field: value})
        else:
            person = people.get(row.person_id)  # type: ignore[arg-type]
            _still(people.clear(person, row.field), asked, choice, value)
            fields.change(person=person, field=row.field, value=value, by=by, at=at, on=timezone.localdate(at))
    note = {"mine": lasting("选了手机上填的"), "theirs": lasting("选了系统现在的"), "both": lasting("两个都记下")}[choice]
    proposals.close(proposal=row, state="dismissed" if choice == "theirs" else "done", note=note, by=by, at=at)


def _still(now: str, asked: Mapping[str, str], choice: str, value: str) -> None:
    """What stands is what was asked about, or what is chosen, or (for "mine") what its author had before him when he wrote it."""
    if now not in (asked["from"], value) and not (choice == "mine" and now == asked["was"]):
        raise Refused(_("这一项刚刚又被改过，请同步后再选。"))
