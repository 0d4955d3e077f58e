"""A visit is written down, put right within seven days, added to, taken back within ten minutes.

Invariants: the id is the caller's, and the same visit sent twice is one visit (with other content: a refusal with both); the visit
itself is always kept, also where a correction in it cannot be applied: what was typed at a door is never lost; what a resident
wishes is a matter with a number; a matter about staff leaves no trace at the door where it was said.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Appointment
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me, NotAllowed
from minqing.access.words import county, lasting
from minqing.archives import refusals
from minqing.archives.actions import acts, households, members, people, residents
from minqing.archives.models import Act, Household, Resident
from minqing.archives.rules import items
from minqing.contact import vault
from minqing.contact.models import Checkup, Visit, VisitMatter, VisitNote
from minqing.contact.refusals import Missing, NotHere, Refused, SentTwice
from minqing.contact.rules import asking
from minqing.service.actions import matters, moving
from minqing.service.models import Matter

#: Fields of the household that a visit corrects; every other correction is of a person.
HOUSEHOLD_WORDS = ("caution", "difficulties", "wishes")
RECORD = "visit.record"


@dataclass(frozen=True)
class Wish:
    """What somebody asks at the door: it becomes a matter. `person`: who of the household asks."""

    words: str
    kind: str = "help"
    person: uuid.UUID | None = None
    title: str = ""
    spot: str = ""


@dataclass(frozen=True)
class Correction:
    """A field that is otherwise than the file says. `person` None = the household's own words; `seen` = what the file showed."""

    field: str
    value: str
    person: uuid.UUID | None = None
    seen: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a correction: changed, proposed (its department is asked), same, conflict (both values kept), refused."""

    field: str
    label: str
    kind: str
    said: str = ""
    person: uuid.UUID | None = None
    mine: str = ""
    theirs: str = ""


@dataclass(frozen=True)
class Recorded:
    """`again`: it stood already. `opened`: matters with the words that residents are given (only the first time)."""

    visit: Visit
    again: bool = False
    opened: list[matters.Opened] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


@transaction.atomic
def record_visit(
    *, id: uuid.UUID, household: Household | uuid.UUID, by: Me, at: datetime, how: str, met: Sequence[uuid.UUID] = (), topics: Sequence[str] = (),
    checklist: Mapping[uuid.UUID, Mapping[str, str]] | None = None, words: str = "", note: str = "", wishes: Sequence[Wish] = (), corrections: Sequence[Correction] = (),
    visited_at: datetime | None = None, visited_by: uuid.UUID | None = None, companions: str = "", paper: bool = False, usual: bool = False,
) -> Recorded:
    """One visit with all that came of it. `at` is now, `visited_at` when it was (default now); `visited_by` another colleague where a clerk types his paper.

    `checklist`: {person: {item of asking.CHECKLIST: "well"|"watch"|"help", "words": "…"}}. Raises Missing, Refused, NotHere, NotAllowed, SentTwice.
    """
    when, who = visited_at or at, visited_by or by.id
    checks = {p: {k: v for k, v in given.items() if v} for p, given in (checklist or {}).items() if any(given.values())}
    content = {
        "household": str(household.pk if isinstance(household, Household) else household), "how": how, "met": sorted(map(str, met)), "topics": sorted(topics), "checklist": {str(p): dict(c) for p, c in checks.items()},
        "words": words.strip(), "note": note.strip(), "wishes": [asdict(w) for w in wishes], "corrections": [asdict(c) for c in corrections],
        "visited_at": visited_at, "visited_by": visited_by, "companions": companions.strip(), "usual": usual,
    }
    stood = _stands(id, content, when=when, who=who)
    if stood is not None:
        return Recorded(stood, again=True, outcomes=outcomes_of(stood))
    home = members.household_of(household, by)
    _check(home, content, checks, when=when, who=who, by=by, at=at)
    row = Visit(
        id=id, grid_code=home.grid_code, household=home, how=how, visited_at=when, visited_by=who, companions=content["companions"], usual=usual, met=list(dict.fromkeys(met)), topics=list(dict.fromkeys(topics)),
        paper=paper, entered_by=by.id, entered_at=at, content_digest=vault.digest(id, content),
    )
    said = {k: content[k] for k in ("words", "note") if content[k]}
    row.words_cipher = vault.encrypt(vault.WORDS, row.pk, said) if said else None
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # the same visit arrived twice at once, and the other one was first; an id of elsewhere is seen by nobody here
        stood = _stands(id, content, when=when, who=who)
        if stood is None:
            raise Refused(_("这个编号已经用在别的记录上，请重新打开走访页再记。")) from None
        return Recorded(stood, again=True, outcomes=outcomes_of(stood))
    opened: list[matters.Opened] = []
    sentence = lasting("走访户号%(number)s（%(how)s）") % {"number": home.number, "how": lasting(asking.HOW[how])}
    with acts.acting(RECORD, sentence, by=by, at=at, grid=home.grid_code, persons=list(met), households=[home.pk], url=f"/households/{home.pk}/?tab=visits") as act:
        for person, check in checks.items():
            made = Checkup(grid_code=home.grid_code, visit=row, person_id=person, author=by.id)
            made.payload = vault.encrypt(vault.CHECKUP, made.pk, dict(check))
            made.save(force_insert=True)
        opened = [_ask(row, home, wish, by=by, at=at) for wish in wishes]
        outcomes = [_correct(home, one, when=when, by=by, at=at) for one in corrections]
        kept = [asdict(o) for o in outcomes if o.kind != "same"]
        row.outcome_cipher = vault.encrypt(vault.OUTCOME, row.pk, {"corrections": [{**k, "person": str(k["person"] or "")} for k in kept]}) if kept else None
        row.act = act.pk
        row.save(update_fields=["outcome_cipher", "act"])
    return Recorded(row, opened=opened, outcomes=outcomes)


def usual(*, id: uuid.UUID, household: Household | uuid.UUID, by: Me, at: datetime, how: str, met: Sequence[uuid.UUID] = (), visited_at: datetime | None = None) -> Recorded:
    """一切如常: an unchanged family, one tap."""
    return record_visit(id=id, household=household, by=by, at=at, how=how, met=met, visited_at=visited_at, usual=True)


def _stands(id: uuid.UUID, content: dict[str, Any], *, when: datetime, who: uuid.UUID) -> Visit | None:
    row = Visit.objects.filter(pk=id).first()
    if row is None:
        return None
    if not vault.same(row.pk, content, row.content_digest):
        raise SentTwice(_shown(content["how"], content["topics"], content["words"], content["note"], when, len(content["met"])), _shown(row.how, row.topics, *words_of(row), row.visited_at, len(row.met)))
    return row


def _shown(how: str, topics: Sequence[str], words: str, note: str, when: datetime, met: int) -> dict[str, Any]:
    """A visit as two of them are laid side by side."""
    return {"how": how, "topics": sorted(topics), "words": words, "note": note, "visited_at": timezone.localtime(when).isoformat(timespec="minutes"), "met": met}


def words_of(visit: Visit) -> tuple[str, str]:
    """(words as spoken, what to mind next time)."""
    said = vault.decrypt(vault.WORDS, visit.pk, visit.words_cipher)
    return str(said.get("words", "")), str(said.get("note", ""))


def outcomes_of(visit: Visit) -> list[Outcome]:
    """What became of the corrections, as it was answered the first time."""
    kept = vault.decrypt(vault.OUTCOME, visit.pk, visit.outcome_cipher).get("corrections", [])
    return [Outcome(**{**k, "person": uuid.UUID(k["person"]) if k["person"] else None}) for k in kept]


def _check(home: Household, content: Mapping[str, Any], checks: Mapping[uuid.UUID, Mapping[str, str]], *, when: datetime, who: uuid.UUID, by: Me, at: datetime) -> None:
    """Every answer is one of those offered, of people of this household, at a time that has been."""
    if content["how"] not in asking.HOW:
        raise Missing("how", _("请选择怎么走访的：入户、电话、视频、偶遇，或没有见到。"))
    if content["how"] == "unreached" and (content["met"] or content["topics"] or checks or content["usual"]):
        raise Missing("how", _("“没有见到”就不能再选见到谁、说了什么；如果见到了，请改选怎么走访的。"))
    unknown = set(content["topics"]) - set(asking.TOPICS)
    if unknown:
        raise Missing("topics", _("没有“%s”这个话题，请从列表中选。") % "、".join(sorted(unknown)))
    check_time(when, at)
    for name, label, most in (("words", _("说了什么"), asking.MOST_WORDS), ("note", _("下次留意"), asking.MOST_NOTE), ("companions", _("同行"), asking.MOST_COMPANIONS)):
        if len(content[name]) > most:
            raise Missing(name, _("“%(label)s”最多%(most)d个字，您写了%(n)d个，请缩短。") % {"label": label, "most": most, "n": len(content[name])})
    family = {str(m.person_id) for m in members.living(home)}
    if not {*content["met"], *map(str, checks)} <= family:
        raise Missing("met", _("所选的人不都是本户现在的成员，请刷新后重选。"))
    for check in checks.values():
        if any(k != "words" and (k not in asking.CHECKLIST or v not in asking.STATES) for k, v in check.items()) or len(check.get("words", "")) > asking.MOST_SENTENCE:
            raise Missing("checklist", _("老人情况请从每一项的选项中选，补充的话不超过%d个字。") % asking.MOST_SENTENCE)
    if who != by.id and not posts_at(home.grid_code, who):
        raise Missing("visited_by", _("所选的走访人不负责这一户所在的网格，请重选。"))
    if content["usual"] and any(content[k] for k in ("words", "wishes", "corrections", "checklist")):
        raise Missing("usual", _("选了“一切如常”，又写了别的内容。请去掉其中一样。"))


def check_time(when: datetime, at: datetime) -> None:
    if when > at + asking.FAST:
        raise Missing("visited_at", _("走访时间%s还没到，请核对日期和时间。") % f"{timezone.localtime(when):%Y-%m-%d %H:%M}")
    if when < at - asking.OLDEST:
        raise Missing("visited_at", _("走访时间%s是一年以前，请核对年份；更早的走访不再补录。") % f"{timezone.localtime(when):%Y-%m-%d %H:%M}")


def posts_at(grid: str, staff: uuid.UUID) -> bool:
    """Whether a colleague holds, or once held, a post that writes the files of this grid: a paper may be typed after he left it."""
    roles = [code for code, rule in ROLES.items() if Right.WRITE in rule.rights]
    return Appointment.objects.filter(staff=staff, role__in=roles, area_code__in=[grid[:n] for n in (9, 12, 15, 17) if n <= len(grid)]).exists()


def _ask(visit: Visit, home: Household, wish: Wish, *, by: Me, at: datetime) -> matters.Opened:
    """A wish becomes a matter, in the name of whoever of the household said it."""
    person = Resident.objects.filter(pk=wish.person, voided_at=None).first() if wish.person else None
    if wish.person and person is None:
        raise NotHere(_("没有这个人的档案，或不在您的范围内。"))
    who = matters.Who(name=person.name if person else home.head_name, phone=people.clear(person, "phone") if person else "", address=home.address, person=person.pk if person else None)
    opened = matters.open_matter(matters.Said(words=wish.words, kind=wish.kind, channel="door", place=home.grid_code, requester=who, title=wish.title, spot=wish.spot), by=by, at=at)
    if not opened.restricted and Matter.objects.filter(pk=opened.matter.pk).exists():
        VisitMatter(grid_code=visit.grid_code, visit=visit, matter_id=opened.matter.pk).save(force_insert=True)
    return opened


@county
def _correct(home: Household, one: Correction, *, when: datetime, by: Me, at: datetime) -> Outcome:
    """By right: changed here, or its department is asked. What cannot be applied stays with the visit, both values and the sentence."""
    known = items.ITEMS.get(one.field) if one.person else items.HOUSEHOLD_ITEMS.get(one.field)
    label = known.label if known else one.field
    try:
        with transaction.atomic():
            if one.person:
                kind = residents.change(person=one.person, field=one.field, value=one.value, by=by, at=at, on=timezone.localdate(when), seen=one.seen, note=one.note).kind
            else:
                kind = _household_words(home, one, label, by=by, at=at)
    except refusals.Conflict as both:
        return Outcome(one.field, label, "conflict", str(both), one.person, both.mine, both.theirs)
    except (refusals.Refused, NotAllowed) as why:
        return Outcome(one.field, label, "refused", str(why), one.person)
    return Outcome(one.field, label, kind, person=one.person)


def _household_words(home: Household, one: Correction, label: str, *, by: Me, at: datetime) -> str:
    if one.field not in HOUSEHOLD_WORDS:
        raise Refused(_("“%s”不能在走访里更正，请打开户档更改。") % label)
    now, new = str(getattr(Household.objects.get(pk=home.pk), one.field)), one.value.strip()
    if now == new:
        return "same"
    if one.seen is not None and one.seen != now:
        raise refusals.Conflict(field=one.field, label=label, mine=new, theirs=now, who="", when=None)
    households.set_words(household=home.pk, by=by, at=at, **{one.field: new})
    return "changed"


# --- afterwards --------------------------------------------------------------------------------------------------------

def get(visit: Visit | uuid.UUID, *, lock: bool = False) -> Visit:
    rows = Visit.objects.filter(pk=visit.pk if isinstance(visit, Visit) else visit, voided_at=None).select_related("household")
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None:
        raise NotHere(_("没有这次走访的记录，或不在您的范围内。"))
    return row


def may_amend(visit: Visit, by: Me, at: datetime) -> bool:
    """Whoever visited or typed it, for seven days."""
    return by.id in (visit.visited_by, visit.entered_by) and at <= visit.entered_at + timedelta(days=asking.AMEND_DAYS)


@dataclass(frozen=True)
class Amended:
    """`fields`: {name: applied|same|conflict}; a conflict leaves what stands and names both values in `both`."""

    visit: Visit
    fields: dict[str, str]
    both: dict[str, tuple[Any, Any]]


#: What may be put right afterwards.
AMENDED = ("how", "topics", "words", "note", "companions")


@transaction.atomic
def amend(*, id: uuid.UUID, visit: Visit | uuid.UUID, by: Me, at: datetime, changes: Mapping[str, tuple[Any, Any]]) -> Amended:
    """Put right what was written, within seven days, by its author. `changes`: {field of AMENDED: (what he saw, what is right)};
    topics are added and removed, never overwritten. The row as it was is kept under `id`; the same `id` again changes nothing."""
    row = get(visit, lock=True)
    by.require(Right.WRITE, row.grid_code)
    content = {"visit": str(row.pk), "changes": {k: [v[0], v[1]] for k, v in sorted(changes.items())}}
    if _note_stands(id, content):
        return Amended(row, dict.fromkeys(changes, "same"), {})
    if not may_amend(row, by, at):
        raise Refused(_("走访记录由记的人在%d天内更正。过后请用“补记”把要说的添在后面。") % asking.AMEND_DAYS)
    words, note = words_of(row)
    now: dict[str, Any] = {"how": row.how, "topics": row.topics, "words": words, "note": note, "companions": row.companions}
    new, fields, both = dict(now), {}, {}
    for name, (seen, right) in changes.items():
        if name not in AMENDED:
            raise Missing(name, _("“%s”不能在这里更正。") % name)
        if name == "topics":
            new[name] = [t for t in now[name] if t in right or t not in seen] + [t for t in right if t not in now[name]]
            fields[name] = "same" if new[name] == now[name] else "applied"
            continue
        right = str(right).strip()
        fields[name] = "same" if right == now[name] else "applied" if str(seen) == now[name] else "conflict"
        if fields[name] == "applied":
            new[name] = right
        elif fields[name] == "conflict":
            both[name] = (right, now[name])
    if new != now:
        _check(row.household, {**new, "met": [] if new["how"] == "unreached" else list(map(str, row.met)), "usual": row.usual, "wishes": [], "corrections": [], "checklist": {}}, {}, when=row.visited_at, who=row.visited_by, by=by, at=at)
        if new["how"] == "unreached" and (row.met or row.usual):
            raise Missing("how", _("“没有见到”就不能再选见到谁、说了什么；如果见到了，请改选怎么走访的。"))
        kept = VisitNote(id=id, grid_code=row.grid_code, visit=row, kind="amended", at=at, by=by.id, content_digest=vault.digest(id, content))
        kept.payload = vault.encrypt(vault.NOTE, kept.pk, {k: now[k] for k in now if new[k] != now[k]})
        kept.save(force_insert=True)
        row.how, row.topics, row.companions, row.version = new["how"], new["topics"], new["companions"], row.version + 1
        said = {k: new[k] for k in ("words", "note") if new[k]}
        row.words_cipher = vault.encrypt(vault.WORDS, row.pk, said) if said else None
        row.save(update_fields=["how", "topics", "companions", "words_cipher", "version"])
        audit.record("visit.amend", households=[row.household_id], detail={"fields": "、".join(sorted(k for k in now if new[k] != now[k]))})
    return Amended(row, fields, both)


@transaction.atomic
def add_note(*, id: uuid.UUID, visit: Visit | uuid.UUID, words: str, by: Me, at: datetime) -> VisitNote:
    """Later additions are notes; anybody who writes the file may add one."""
    row = get(visit)
    by.require(Right.WRITE, row.grid_code)
    text = words.strip()
    content = {"visit": str(row.pk), "words": text}
    stood = _note_stands(id, content)
    if stood is not None:
        return stood
    if not 2 <= len(text) <= asking.MOST_WORDS:
        raise Missing("words", _("补记请写 2 到 %d 个字。") % asking.MOST_WORDS)
    made = VisitNote(id=id, grid_code=row.grid_code, visit=row, kind="added", at=at, by=by.id, content_digest=vault.digest(id, content))
    made.payload = vault.encrypt(vault.NOTE, made.pk, {"words": text})
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        stood = _note_stands(id, content)
        if stood is None:
            raise Refused(_("这个编号已经用在别的记录上，请重新打开走访页再记。")) from None
        return stood
    audit.record("visit.note", households=[row.household_id])
    return made


def _note_stands(id: uuid.UUID, content: dict[str, Any]) -> VisitNote | None:
    row = VisitNote.objects.filter(pk=id).first()
    if row is not None and not vault.same(row.pk, content, row.content_digest):
        raise SentTwice(content, vault.decrypt(vault.NOTE, row.pk, row.payload))
    return row


def undo(*, visit: Visit | uuid.UUID, by: Me, at: datetime) -> Act:
    """Within ten minutes the visit goes, with the corrections and the wishes that came of it. Raises Refused where a wish is in hand already."""
    row = Visit.objects.filter(pk=visit.pk if isinstance(visit, Visit) else visit).first()
    if row is None or row.act is None:
        raise NotHere(_("没有这次走访的记录，或不在您的范围内。"))
    return acts.undo(act=row.act, by=by, at=at)


def _take_back(act: Act, by: Me, at: datetime) -> None:
    row = Visit.objects.select_for_update(of=("self",)).filter(act=act.pk, voided_at=None).first()
    if row is None:
        raise NotHere(_("没有这次走访的记录，或不在您的范围内。"))
    for matter in Matter.objects.filter(pk__in=VisitMatter.objects.filter(visit=row).values("matter_id")):
        if matter.state != "submitted" or not moving.may(matter, "withdraw", by):
            raise Refused(_("不能撤销：走访中登记的“%s”已经交给村里。记错了请联系受理的人撤回，走访记录请用“更正”。") % matter.title)
        matters.withdraw(matter=matter, words=lasting("走访记录撤销：记错了"), by=by, at=at)
    Checkup.objects.filter(visit=row).update(voided_at=at)
    row.voided_at = at
    row.save(update_fields=["voided_at"])


acts.also_undo(RECORD, _take_back)

__all__ = ["Amended", "Correction", "Outcome", "Recorded", "Wish", "add_note", "amend", "get", "may_amend", "outcomes_of", "posts_at", "record_visit", "undo", "usual", "words_of"]
