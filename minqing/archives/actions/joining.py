"""Two files that may be one person: joined, kept apart, left open, parted again.

Invariants: both stand in the scope of the person who judges, else he refers; nothing is joined while a relation of the two
is undecided or contradicts it; what stands in the kept file is never replaced, only gaps are filled; a judgement may be
taken back at any time, and then everything that followed goes back.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import connections, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.archives import merging, vault
from minqing.archives.actions import acts, derived, people, search
from minqing.archives.models import Change, Kinship, Membership, Resident, SamePerson
from minqing.archives.refusals import Elsewhere, LooksAlike, NotHere, Refused
from minqing.archives.rules import items

NUMBER = "archives_sameperson.number"
END_JOINED = "并入另一份档案"
#: Never filled from the other file: the number's own step and what only acts change.
_OWN = frozenset({"id_number", "alive", "died_on", "left_on", "left_to", "no_messages"})
LEAST_WORDS = 4


def between(one: uuid.UUID, other: uuid.UUID) -> list[SamePerson]:
    """What has been judged of this pair and stands, newest first."""
    pair = Q(kept=one, other=other) | Q(kept=other, other=one)
    return list(SamePerson.objects.filter(pair, ended_at=None).order_by("-at"))


def parts_of(person: uuid.UUID) -> list[SamePerson]:
    """The files that were joined into this one and may part again."""
    return list(SamePerson.objects.filter(kept=person, verdict="same", ended_at=None).order_by("at"))


def _both(one: Resident | uuid.UUID, other: Resident | uuid.UUID, by: Me) -> tuple[Resident, Resident, str]:
    """Both rows, locked, and the grid in which the caller may write the first. Raises Elsewhere where he sees or writes only one."""
    found = []
    for person in (one, other):
        try:
            row = people.get(person)
        except NotHere as refusal:
            raise Elsewhere(_("两份档案要都在您的范围内才能判断。另一份不在的，请把情况告诉对方村（社区）或上级数据管理员，由看得到两份的人来定。")) from refusal
        found.append(row)
    grids = [people.require(row, by) for row in found]
    if found[0].pk == found[1].pk:
        raise Refused(_("这是同一份档案，不必判断。"))
    return found[0], found[1], grids[0]


def why_not(kept: Resident, other: Resident) -> list[str]:
    """Everything that stands against joining, each with what to do first."""
    said = [*_contradictions(kept, other), *_memberships(kept, other), *_kin(kept, other)]
    for judged in between(kept.pk, other.pk):
        if judged.verdict == "different":
            said.append(_("%(who)s %(day)s判定过“不是同一人”（%(why)s）。请先撤回那次判定。") % {
                "who": acts.name_of(judged.by) or _("别人"), "day": f"{timezone.localtime(judged.at):%Y-%m-%d}", "why": judged.why})
    return said + merging.objections(kept.pk, other.pk)


def _contradictions(kept: Resident, other: Resident) -> list[str]:
    said = []
    if {kept.sex, other.sex} == {"1", "2"}:
        said.append(_("两份档案的性别不同。请先对照证件更正其中一份。"))
    if kept.alive != other.alive:
        gone = kept if not kept.alive else other
        said.append(_("%(name)s（%(tail)s）已登记去世，另一份健在。请先核对：撤销去世登记，或给另一份也登记去世。") % {"name": gone.name, "tail": gone.id_tail or _("无号码")})
    return said


def _memberships(kept: Resident, other: Resident) -> list[str]:
    rows = list(Membership.objects.filter(person__in=[kept, other], ends_on=None, voided_at=None).select_related("household"))
    said = []
    for basis, words in (("registration", _("户籍")), ("living", _("居住"))):
        homes = {m.person_id: m.household for m in rows if m.by == basis}
        if len(homes) == 2 and homes[kept.pk].pk != homes[other.pk].pk:
            said.append(_("两份档案按%(basis)s各在一户（户号%(one)s和%(other)s）。请先给登记有误的那一份办“迁出”或从户里移出，再来判断。") % {
                "basis": words, "one": homes[kept.pk].number, "other": homes[other.pk].number})
    seen = {m.household_id for m in rows}
    for number in seen:
        home = next(m.household for m in rows if m.household_id == number)
        if home.head_id == other.pk and any(m.person_id == kept.pk for m in rows if m.household_id == number):
            said.append(_("户号%(number)s的户主写的是要并入的那一份。请先“变更户主”，或者反过来留下户主的那一份。") % {"number": home.number})
    return said


def _kin(kept: Resident, other: Resident) -> list[str]:
    ties = list(Kinship.objects.filter(Q(person__in=[kept, other]) | Q(relative__in=[kept, other]), voided_at=None))
    pair = {kept.pk, other.pk}
    if any({t.person_id, t.relative_id} == pair for t in ties):
        return [_("两份档案互相登记着亲属关系，一个人不能是自己的亲属。请先作废登记有误的那条亲属关系。")]
    said = []
    spouses = {frozenset((t.person_id, t.relative_id)) - pair for t in ties if t.kind == "spouse" and t.ends_on is None}
    if len(spouses) > 1:
        said.append(_("合起来会有两位现任配偶。请先作废登记有误的一条，或办理离婚、丧偶登记。"))
    parents = {t.relative_id for t in ties if t.kind == "parent" and t.person_id in pair}
    if len(parents) > 2:
        said.append(_("合起来会有两位以上父母。请先作废登记有误的亲子关系。"))
    return said


def _reason(why: str) -> str:
    why = why.strip()[:200]
    if len(why) < LEAST_WORDS:
        raise Refused(_("请写明判断的理由（不少于四个字），例如“对照户口簿，旧号码写错”。"))
    return why


@transaction.atomic
def join(*, kept: Resident | uuid.UUID, other: Resident | uuid.UUID, why: str, by: Me, at: datetime, confirmed: bool = False) -> SamePerson:
    """They are one person: `other`'s memberships, kin, dwellings, benefits, statements and number become `kept`'s. Raises Refused, Elsewhere, LooksAlike."""
    stays, goes, grid = _both(kept, other, by)
    why = _reason(why)
    standing = why_not(stays, goes)
    if standing:
        raise Refused(" ".join(standing))
    if stays.birth_date and goes.birth_date and stays.birth_date != goes.birth_date and not confirmed:
        raise LooksAlike(_("两份档案的出生日期不同（%(one)s、%(other)s）。确实是同一个人，请再确认一次。") % {"one": stays.birth_date, "other": goes.birth_date}, [goes.pk])
    on = timezone.localdate(at)
    sentence = lasting("判定两份档案是同一人：%(kept)s（并入%(other)s）") % {"kept": stays.name, "other": goes.id_tail or goes.name}
    homes = set(Membership.objects.filter(person__in=[stays, goes], voided_at=None).values_list("household_id", flat=True))
    with acts.acting("person.same", sentence, by=by, at=at, grid=grid, persons=[stays.pk, goes.pk], households=homes, url=f"/people/{stays.pk}/", undoable=False) as act:
        SamePerson.objects.filter(pk__in=[j.pk for j in between(stays.pk, goes.pk)]).update(ended_at=at, ended_by=by.id, end_why=lasting("已有新的判定"))
        _fill(stays, goes, by=by, at=at)
        number = people.clear(goes, "id_number")
        judgement = uuid.uuid4()
        _leave_shared_homes(stays, goes)
        _drop_double_ties(stays, goes, at)
        with connections["default"].cursor() as cursor:
            cursor.execute("select access.join_persons(%s, %s, %s, %s, %s, %s, %s, %s)", [
                judgement, stays.pk, goes.pk, grid, why, vault.encrypt(NUMBER, judgement, number) if number else None, act.pk, on])
            for move in merging.moves():
                cursor.execute(f"select access.{move.function}(%s, false)", [judgement])  # noqa: S608 - names from the registry
        search.rekey_person(stays)
        derived.recount(homes)
        merging.settle([stays.pk])
    return SamePerson.objects.get(pk=judgement)


def _leave_shared_homes(kept: Resident, other: Resident) -> None:
    """Two memberships of one household: the other file's one is void, so that nobody counts twice; parting restores it."""
    own = set(Membership.objects.filter(person=kept, ends_on=None, voided_at=None).values_list("household_id", "by"))
    for row in Membership.objects.filter(person=other, ends_on=None, voided_at=None):
        if (row.household_id, row.by) in own:
            row.ends_on, row.end_reason = timezone.localdate(), END_JOINED
            row.ends_on = max(row.ends_on, row.starts_on) if row.starts_on else row.ends_on
            people.store(row, {"ends_on", "end_reason"})


def _drop_double_ties(kept: Resident, other: Resident, at: datetime) -> None:
    """A tie that both files have (the same mother) is needed once: the other file's is void until they part."""
    def seen_from(tie: Kinship, person: Resident) -> tuple[str, uuid.UUID, bool]:
        up = tie.person_id == person.pk
        return tie.kind, tie.relative_id if up else tie.person_id, up if tie.kind == "parent" else True

    rows = Kinship.objects.filter(voided_at=None, ends_on=None)
    own = {seen_from(t, kept) for t in rows.filter(Q(person=kept) | Q(relative=kept))}
    for tie in rows.filter(Q(person=other) | Q(relative=other)):
        if seen_from(tie, other) in own:
            tie.voided_at = at
            people.store(tie, {"voided_at"})


def _fill(kept: Resident, other: Resident, *, by: Me, at: datetime) -> None:
    """Gaps of the kept file from the other, each with its source; what differs stands beside, as what somebody else said."""
    sources = dict(kept.sources)
    for field in items.ITEMS:
        if field in _OWN or not (field in people.SECRETS or hasattr(other, field)):
            continue
        theirs, mine = people.clear(other, field), people.clear(kept, field)
        said = {k: v for k, v in dict(other.sources.get(field) or {"from": "V", "on": None}).items() if k != "others"}
        if not theirs or theirs == mine or (field == "sex" and theirs == "0"):
            continue
        if not mine or (field == "sex" and mine == "0"):
            people.set_fields(kept, {field: theirs if field in people.SECRETS else getattr(other, field)}, by=by, at=at, source=said)
            sources = dict(kept.sources)
            continue
        present = dict(sources.get(field) or {"from": "", "on": None})
        beside = {"from": said.get("from"), "on": said.get("on"), "value": None if field in people.SECRETS else theirs}
        sources[field] = {**present, "others": [beside, *(present.get("others") or [])][: people.MOST_OTHERS]}
    if not kept.id_cipher and other.id_cipher:
        people.set_fields(kept, {"id_number": people.clear(other, "id_number")}, by=by, at=at, source={k: v for k, v in dict(other.sources.get("id_number") or {}).items() if k != "others"} or None)
        sources = {**sources, "id_number": kept.sources["id_number"]}
    kept.sources = sources
    people.store(kept, {"sources"})


@transaction.atomic
def judge(*, one: Resident | uuid.UUID, other: Resident | uuid.UUID, verdict: str, why: str, by: Me, at: datetime) -> SamePerson:
    """不是同一人, or 不确定: nothing changes, but the pair is not proposed again (different), or says that somebody looked (unsure)."""
    if verdict not in ("different", "unsure"):
        raise Refused(_("请选“不是同一人”或“不确定”。"))
    first, second, grid = _both(one, other, by)
    why = _reason(why)
    words = dict(SamePerson.VERDICTS)[verdict]
    with acts.acting("person.not_same", lasting("判定两份档案%(words)s：%(one)s与%(other)s") % {"words": words, "one": first.name, "other": second.name}, by=by, at=at, grid=grid,
                     persons=[first.pk, second.pk], url=f"/people/{first.pk}/", undoable=False) as act:
        SamePerson.objects.filter(pk__in=[j.pk for j in between(first.pk, second.pk)]).update(ended_at=at, ended_by=by.id, end_why=lasting("已有新的判定"))
        return SamePerson.objects.create(grid_code=grid, kept=first, other=second, verdict=verdict, why=why, by=by.id, at=at, act=act.pk)


@transaction.atomic
def take_back(*, judgement: SamePerson | uuid.UUID, why: str, by: Me, at: datetime) -> Resident:
    """The judgement ends, at any time: joined files part, and each has again what was its own. Returns the file to go on with."""
    number = judgement.pk if isinstance(judgement, SamePerson) else judgement
    row = SamePerson.objects.filter(pk=number, ended_at=None).first()
    if row is None:
        raise NotHere(_("没有这次判定，或已撤回，或不在您的范围内。"))
    why = _reason(why)
    kept = people.get(row.kept_id)
    grid = people.require(kept, by)
    if row.verdict != "same":
        SamePerson.objects.filter(pk=row.pk).update(ended_at=at, ended_by=by.id, end_why=why)
        return kept
    on = timezone.localdate(at)
    with acts.acting("person.part", lasting("撤回“同一人”：%s的两份档案分开") % kept.name, by=by, at=at, grid=grid, persons=[row.kept_id, row.other_id], url=f"/people/{kept.pk}/", undoable=False) as act:
        with connections["default"].cursor() as cursor:
            for move in reversed(merging.moves()):
                cursor.execute(f"select access.{move.function}(%s, true)", [row.pk])  # noqa: S608 - names from the registry
            cursor.execute("select access.part_persons(%s, %s, %s)", [row.pk, why, on])
        homes = _restore(row, at)
        acts.involve(act, households=homes)
        for person in (row.kept_id, row.other_id):
            search.rekey_person(person)
        derived.recount(homes)
        merging.settle([row.kept_id, row.other_id])
    return kept


def _restore(row: SamePerson, at: datetime) -> set[uuid.UUID]:
    """Memberships that the joining ended stand again; fields that it filled are empty again unless somebody changed them since."""
    for change in Change.objects.filter(act=row.act, table="membership", person_id=row.other_id, before__isnull=False).order_by("-id"):
        if "ends_on" in change.before and change.before["ends_on"] is None:
            Membership.objects.filter(pk=change.row_id, end_reason=END_JOINED).update(ends_on=None, end_reason=str(change.before.get("end_reason") or ""))
    voided = Change.objects.filter(act=row.act, table="kinship", before__has_key="voided_at").values_list("row_id", flat=True)
    Kinship.objects.filter(pk__in=list(voided), voided_at__isnull=False).update(voided_at=None)
    acts.fields_back(row.act, row.kept_id)
    return set(Membership.objects.filter(person_id__in=[row.kept_id, row.other_id], voided_at=None).values_list("household_id", flat=True))
