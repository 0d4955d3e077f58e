"""The visits of one household, newest first, with what came of them.

Invariant: audited here; a matter is named only to whoever sees it; an elder's checklist is not part of this.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Staff
from minqing.access.scope import Me
from minqing.archives.models import Resident
from minqing.archives.refusals import NeedsReason
from minqing.archives.rules import purposes
from minqing.contact import vault
from minqing.contact.actions import visits
from minqing.contact.models import Checkup, DoorCheck, Visit, VisitMatter, VisitNote
from minqing.contact.rules import asking
from minqing.service.models import Matter
from minqing.service.rules import numbers, states

MOST = 30


@dataclass(frozen=True, slots=True)
class NoteLine:
    at: datetime
    who: str
    amended: bool
    words: str


@dataclass(frozen=True, slots=True)
class MatterLine:
    id: uuid.UUID
    number: str
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit as a page shows it. `by` = who visited, `typed` = another who entered it."""

    visit: Visit
    how: str
    by: str
    typed: str
    met: list[str]
    topics: list[str]
    words: str
    note: str
    notes: list[NoteLine] = field(default_factory=list)
    matters: list[MatterLine] = field(default_factory=list)
    outcomes: list[visits.Outcome] = field(default_factory=list)
    mine: bool = False
    checked: bool = False


@dataclass(frozen=True, slots=True)
class CheckLine:
    at: datetime
    who: str
    answer: str
    words: str


def of_household(me: Me, household: uuid.UUID, *, at: datetime) -> tuple[list[VisitLine], list[CheckLine]]:
    """Visits and helpers' look-ins of one household. Eight statements at most and the audit."""
    rows = list(Visit.objects.filter(household=household, voided_at=None).order_by("-visited_at")[:MOST])
    checks = list(DoorCheck.objects.filter(household=household).order_by("-checked_at")[:MOST])
    ids = [r.pk for r in rows]
    notes = list(VisitNote.objects.filter(visit__in=ids).order_by("at")) if ids else []
    links = list(VisitMatter.objects.filter(visit__in=ids)) if ids else []
    checked = set(Checkup.objects.filter(visit__in=ids, voided_at=None).values_list("visit", flat=True)) if ids else set()
    seen = {m.pk: m for m in Matter.objects.filter(pk__in=[x.matter_id for x in links])} if links else {}
    names = dict(Staff.objects.filter(pk__in={*(r.visited_by for r in rows), *(r.entered_by for r in rows), *(n.by for n in notes), *(c.helper for c in checks)}).values_list("pk", "name")) if rows or checks else {}
    people = {p for r in rows for p in r.met}
    called = dict(Resident.objects.filter(pk__in=people).values_list("pk", "name")) if people else {}
    audit.record("visit.list", households=[household], detail={"rows": len(rows)})
    found = []
    for r in rows:
        words, note = visits.words_of(r)
        found.append(VisitLine(
            r, _(asking.HOW[r.how]), names.get(r.visited_by, ""), names.get(r.entered_by, "") if r.entered_by != r.visited_by else "", [called[p] for p in r.met if p in called],
            [_(asking.TOPICS[t]) for t in r.topics if t in asking.TOPICS], words, note,
            [NoteLine(n.at, names.get(n.by, ""), n.kind == "amended", _noted(n)) for n in notes if n.visit_id == r.pk],
            [MatterLine(m.pk, numbers.spoken(m.number), m.title, _(states.STATE_LABELS[states.State(m.state)])) for x in links if x.visit_id == r.pk and (m := seen.get(x.matter_id))],
            [o for o in visits.outcomes_of(r) if o.kind in ("conflict", "refused")], visits.may_amend(r, me, at), r.pk in checked,
        ))
    return found, [CheckLine(c.checked_at, names.get(c.helper, ""), _(c.get_answer_display()), str(vault.decrypt(vault.SAID, c.pk, c.words_cipher).get("words", ""))) for c in checks]


@dataclass(frozen=True, slots=True)
class CheckupLine:
    """How one elder was: (item, state) pairs and words."""

    name: str
    items: list[tuple[str, str]]
    words: str


def checkups(me: Me, visit: Visit, *, reason: str) -> list[CheckupLine]:
    """Level 4, with a reason in words, audited before it is shown. Raises NeedsReason; [] where the caller is neither author nor entitled."""
    if not purposes.is_reason(reason):
        raise NeedsReason(_("“%s”是敏感个人信息，请写明为什么要看（不少于四个字）。") % _("老人情况"))
    rows = list(Checkup.objects.filter(visit=visit, voided_at=None).select_related("person"))
    audit.record("visit.checkup", persons=[r.person_id for r in rows], households=[visit.household_id], reason=reason)
    found = []
    for r in rows:
        content = vault.decrypt(vault.CHECKUP, r.pk, r.payload)
        found.append(CheckupLine(r.person.name, [(_(label), _(asking.STATES[content[item]])) for item, label in asking.CHECKLIST.items() if content.get(item) in asking.STATES], str(content.get("words", ""))))
    return found


def _noted(note: VisitNote) -> str:
    """The words added, or what stood before it was put right."""
    content = vault.decrypt(vault.NOTE, note.pk, note.payload)
    if note.kind == "added":
        return str(content.get("words", ""))
    shown = {"how": lambda v: _(asking.HOW.get(v, v)), "topics": lambda v: "、".join(_(asking.TOPICS.get(t, t)) for t in v)}
    labels = {"how": _("方式"), "topics": _("说了什么事"), "words": _("原话"), "note": _("下次留意"), "companions": _("同行")}
    return "；".join(f"{labels[k]}：{shown.get(k, str)(v) or _('（空）')}" for k, v in content.items() if k in labels)
