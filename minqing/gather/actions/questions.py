"""Questions are answered, put off, taken back: each a judgement with a name, a date and a reason.

Invariants: nothing is merged without a person's word; an answer, what it changes in a file and what is remembered are one
transaction and one act; a row is one person at most, so one "same" says "different" to the other candidates; the same
pair is not asked again (Judgement.left_key = Question.key, right_person), and a row judged "same" joins its person in every
later month (Judgement.row_key), until somebody takes the judgement back, which is possible at any time.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models.areas import UNPLACED
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.access.words import lasting
from minqing.archives import vault
from minqing.archives.actions import acts, fields, members, people, residents
from minqing.archives.models import Act, Change, Membership, Resident
from minqing.archives.refusals import AlreadyHere, Elsewhere, LooksAlike, NeedsReason, NotHere, Refused
from minqing.archives.rules import items, purposes
from minqing.gather.actions import taking
from minqing.gather.engine import choosing
from minqing.gather.models import Judgement, Question
from minqing.gather.rules import asking
from minqing.lib import codes

PAYLOAD = "gather_question.payload"
ANSWER, DEFER, TAKE_BACK = "question.answer", "question.defer", "question.undo"
VILLAGE = 12


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an answer: the act, the person it was given to, candidates that still wait."""

    act: Act
    person: uuid.UUID | None
    left: tuple[uuid.UUID, ...] = ()


def content(question: Question) -> dict[str, Any]:
    """Both sides in clear: row, cleaned, original, reasons, candidates. The caller masks and audits."""
    found = vault.decrypt_json(PAYLOAD, question.pk, question.payload)
    return {"row": {}, "cleaned": {}, "original": {}, "reasons": [], "candidates": []} | found


def seal(question: Question, both: dict[str, Any]) -> None:
    """Put both sides into the question (before it is saved)."""
    question.payload = vault.encrypt_json(PAYLOAD, question.pk, both)


def candidates(question: Question, both: dict[str, Any]) -> list[uuid.UUID]:
    """Whom the row may speak of, the likeliest first."""
    named = [uuid.UUID(str(c["person"])) for c in both["candidates"] if c.get("person")]
    return list(dict.fromkeys([*named, *question.persons]))


def settled(question: Question) -> dict[uuid.UUID, str]:
    """What has been judged of this row and each candidate, from this file or one before: person → verdict."""
    found = Judgement.objects.filter(left_key=question.key, ended_at=None, right_person__isnull=False).exclude(verdict="unsure")
    return {j.right_person: j.verdict for j in found if j.right_person}


def undecided(question: Question, both: dict[str, Any]) -> list[uuid.UUID]:
    """Candidates about whom nobody has said anything yet."""
    known = settled(question)
    return [p for p in candidates(question, both) if p not in known]


@transaction.atomic
def answer(
    *, question: Question | uuid.UUID, verdict: str, by: Me, at: datetime, person: uuid.UUID | None = None, value: str = "", note: str = "", confirmed: bool = False,
) -> Answered:
    """Answer with one of `asking.VERDICTS`. Raises Refused (and its kinds), NotAllowed, NotHere.

    same: the row speaks of `person`; different: it does not (of none of the candidates when `person` is None);
    corrected: the row's right number is `value`; new: nobody on file, he is filed as the row says, his number to follow; accept / keep: the row's value, or what stands.
    """
    row = _locked(question, by)
    both = content(row)
    nature = asking.nature(row.code, row.field)
    if verdict not in asking.VERDICTS[nature]:
        raise Refused(_("这个问题不能这样回答，请选页面上的一个答案。"))
    note = note.strip()[:200]
    sentence = lasting("核对：%(who)s · %(verdict)s") % {"who": _who(row, both), "verdict": dict(Question.VERDICTS)[verdict]}
    with acts.acting(ANSWER, sentence, by=by, at=at, grid=row.grid_code, persons=[person] if person else [], url=f"/questions/{row.pk}/") as act:
        if verdict == "different":
            done = _different(row, both, person, note, act, by=by, at=at)
        elif verdict in ("accept", "keep"):
            done = _field(row, both, verdict, act, by=by, at=at)
        elif verdict == "corrected":
            done = _corrected(row, both, value, note, confirmed, act, by=by, at=at)
        elif verdict == "new":
            note = note or lasting("号码待补：表中的号码不能用，按这一行登记")
            done = _new(row, both, note, act, by=by, at=at)
        else:
            done = _same(row, both, person, note, act, by=by, at=at)
        if not done.left:
            _close(row, verdict, note, by=by, at=at)
        acts.involve(act, persons=[done.person] if done.person else [], url=f"/questions/{row.pk}/")
    return done


@transaction.atomic
def defer(*, question: Question | uuid.UUID, until: date, by: Me, at: datetime, note: str = "") -> Act:
    """不确定，下次问: the question comes back on `until`; that somebody looked is remembered."""
    row = _locked(question, by)
    if until <= timezone.localdate(at):
        raise Refused(_("下次再问的日期要晚于今天。"))
    with acts.acting(DEFER, lasting("核对：%s · 不确定，下次问") % _who(row, content(row)), by=by, at=at, grid=row.grid_code, persons=row.persons, url=f"/questions/{row.pk}/") as act:
        _remember(row, None, "unsure", note, by=by, at=at)
        row.state, row.ask_again_on, row.note = "deferred", until, note.strip()[:200]
        row.save(update_fields=["state", "ask_again_on", "note"])
    return act


@transaction.atomic
def take_back(*, question: Question | uuid.UUID, by: Me, at: datetime) -> Act:
    """The judgement ends, what it changed in a file goes back, the question is open again. Possible at any time: also when later months
    have brought newer values by this judgement; those stay, with their source."""
    row = _locked(question, by, answered=True)
    given = _last_act(row)
    if given is None:
        raise Refused(_("没有找到这次回答的办理记录，不能撤回。请直接更正档案。"))
    try:
        with transaction.atomic():
            return _undone(given, by=by, at=at)
    except Refused:
        # a later month has written into the file since: what it wrote stays with its source, the row no longer belongs to him
        if not Judgement.objects.filter(question=row, verdict="same", ended_at=None).exclude(row_key="").exists():
            raise
    with acts.acting(TAKE_BACK, lasting("核对：%s · 撤回判定") % _who(row, content(row)), by=by, at=at, grid=row.grid_code, persons=given.persons, url=f"/questions/{row.pk}/", undoable=False) as act:
        _reopen(given, by, at)
    return act


def _undone(given: Act, *, by: Me, at: datetime) -> Act:
    """What an answer changed goes back. Raises Refused where somebody has changed it since, or it registered somebody."""
    if given.staff == by.id and acts.may_undo(given, at):
        return acts.undo(act=given, by=by, at=at)
    if Change.objects.filter(act=given.pk, table="resident", before__isnull=True).exists():
        raise Refused(_("这次回答登记了一个新的人，超过十分钟不能撤回。请到那份档案里更正。"))
    return acts.undo(act=given, by=by, at=at, late=True)


def _locked(question: Question | uuid.UUID, by: Me, *, answered: bool = False) -> Question:
    """The question, locked, with the right to answer it. Raises NotHere, NotAllowed, Refused."""
    number = question.pk if isinstance(question, Question) else question
    row = Question.objects.select_for_update(of=("self",)).filter(pk=number).first()
    if row is None:
        seen = Question.objects.filter(pk=number).first()
        if seen is None:
            raise NotHere(_("没有这个问题，或不在您的范围内。"))
        row = seen
    require(row, by)
    if answered and row.state == "open":
        raise Refused(_("这个问题还没有回答，没有可撤回的。"))
    if not answered and row.state == "answered":
        who, when = acts.name_of(row.answered_by) or _("别人"), f"{timezone.localtime(row.answered_at):%m-%d %H:%M}" if row.answered_at else ""
        raise Refused(_("%(who)s已于%(when)s答过：%(verdict)s。要改，请先撤回那次回答。") % {"who": who, "when": when, "verdict": row.get_verdict_display()})
    return row


def require(question: Question, by: Me) -> None:
    """Who may answer: whoever writes the files of its grid; a department's question also needs the right to gather there."""
    by.require(Right.WRITE, question.grid_code, _("您可以看这个问题，但不能回答：您的任职不含更改这里的档案。"))
    if question.owner == "department":
        by.require(Right.GATHER, question.grid_code, _("这个问题由部门数据员，或本村书记、文书来定；您知道情况的，请告诉他们。"))


def may_answer(question: Question, by: Me) -> str:
    """'' or why not, for the page."""
    try:
        require(question, by)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def _who(question: Question, both: dict[str, Any]) -> str:
    return str(both["cleaned"].get("name") or both["row"].get("title") or asking.kind_of(question.code).label)[:40]


def source_of(question: Question, both: dict[str, Any]) -> taking.Source:
    """Whose row it is, as the file's sources name it."""
    row = both["row"]
    # the name of a sensitive file beside a phone number would say what the person is listed for
    named = str(row.get("kind") or "") not in asking.SENSITIVE_KINDS
    line = ":".join(str(row.get(k) or "") for k in ("file", "sheet", "line")) if named else ""
    return taking.Source(str(row.get("department") or question.department or "00"), str(row.get("as_of") or ""), str(question.batch_id), line)


def _remember(question: Question, person: uuid.UUID | None, verdict: str, note: str, *, by: Me, at: datetime, score: float | None = None, row_key: str = "") -> Judgement:
    """One judgement; an earlier one of the same pair ends. With `row_key` the same row of a later month joins this person again."""
    pair = Judgement.objects.filter(left_key=question.key, right_person=person, ended_at=None)
    pair.update(ended_at=at, ended_by=by.id)
    return Judgement.objects.create(grid_code=question.grid_code, question=question, left_key=question.key, right_person=person, row_key=row_key, verdict=verdict, why=note[:200], score=score, by=by.id, at=at)


def _score(both: dict[str, Any], person: uuid.UUID) -> float | None:
    return next((c.get("score") for c in both["candidates"] if str(c.get("person")) == str(person)), None)


def _close(question: Question, verdict: str, note: str, *, by: Me, at: datetime) -> None:
    question.state, question.verdict, question.note, question.answered_at, question.answered_by, question.ask_again_on = "answered", verdict, note, at, by.id, None
    question.save(update_fields=["state", "verdict", "note", "answered_at", "answered_by", "ask_again_on"])


def _different(question: Question, both: dict[str, Any], person: uuid.UUID | None, note: str, act: Act, *, by: Me, at: datetime) -> Answered:
    waiting = undecided(question, both)
    if person is not None and person not in candidates(question, both):
        raise Refused(_("这个人不在候选之中，不必回答。"))
    refused = [person] if person else seen_of(waiting)
    if waiting and not refused:
        raise Refused(_("候选的人不在您的范围内，您看不到，就不能说“不是”。请由县数据管理员来定。"))
    each: list[uuid.UUID | None] = [*refused] or [None]
    for one in each:
        _remember(question, one, "different", note, by=by, at=at, score=_score(both, one) if one else None)
    acts.involve(act, persons=[p for p in refused if p])
    return Answered(act, None, tuple(p for p in waiting if p not in refused))


def seen_of(persons: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Those whose file the caller may open, in their order: of the others a page says nothing but that they exist."""
    wanted = list(persons)
    seen = set(Resident.objects.filter(pk__in=wanted, voided_at=None).values_list("pk", flat=True))
    return [p for p in wanted if p in seen]


def _same(question: Question, both: dict[str, Any], person: uuid.UUID | None, note: str, act: Act, *, by: Me, at: datetime) -> Answered:
    """The row joins this person; to the other candidates it says "different", so that nothing of the pair stays undecided."""
    known = candidates(question, both)
    if person is None and len(known) == 1:
        person = known[0]
    if person is None:
        raise Refused(_("请先选是哪一位。"))
    row = people.get(person)
    people.require(row, by)
    _refuse_merge(question, both, row)
    _join(question, both, row, note, act, by=by, at=at)
    return Answered(act, person)


def _refuse_merge(question: Question, both: dict[str, Any], person: Resident) -> None:
    """A row whose own good number belongs to another file would make two files one: refused while that pair is undecided."""
    for other, verdict in settled(question).items():
        if verdict == "same" and other != person.pk:
            raise Refused(_("这一行已判定是另一个人，一行不能是两个人。请先撤回那次判定。"))
    number = str(both["cleaned"].get("id_number") or "")
    own = people.clear(person, "id_number")
    if not number or not own or number == own:
        return
    found = fields.known(number)
    if found.kind == "free":
        return
    if found.kind == "elsewhere":
        raise Elsewhere(_("这一行的号码在别处另有一份档案。两份档案是不是同一个人还没有定，不能并入。请先与对方村（社区）核实。"))
    raise AlreadyHere(_("这一行的号码在本区域另有一份档案。那份档案与%(name)s是不是同一个人还没有定，不能并入。请先核对那一份。") % {"name": person.name}, found.person)  # type: ignore[arg-type]


def _join(question: Question, both: dict[str, Any], person: Resident, note: str, act: Act, *, by: Me, at: datetime) -> None:
    """Judgements, values by rule, household of the register where he has none."""
    for other in undecided(question, both):
        if other != person.pk:
            _remember(question, other, "different", lasting("同一行已定为另一人"), by=by, at=at, score=_score(both, other))
    _remember(question, person.pk, "same", note, by=by, at=at, score=_score(both, person.pk), row_key=str(both["row"].get("key") or ""))
    taking.take(person, both["cleaned"], source_of(question, both), by=by, at=at)
    _into_household(question, both, person, by=by, at=at)
    acts.involve(act, persons=[person.pk])


def _into_household(question: Question, both: dict[str, Any], person: Resident, *, by: Me, at: datetime) -> None:
    """The register's row says in which household he is: joined only where he is in none, alive, and exactly one household fits."""
    cleaned = both["cleaned"]
    if both["row"].get("kind") not in ("residents", "ledger") or not person.alive:
        return
    if Membership.objects.filter(person=person, by="registration", ends_on=None, voided_at=None).exists():
        return
    home = taking.home_of(cleaned, question.grid_code[:12])
    if home is None or not by.may(Right.WRITE, home.grid_code):
        return
    relation = str(cleaned.get("relation") or "")
    heads = relation in ("01", "02") and home.head_id is not None
    members.join(person, members.household_of(home, by), relation="" if heads else relation, basis="registration", on=timezone.localdate(at), by=by, at=at)


def _corrected(question: Question, both: dict[str, Any], value: str, note: str, confirmed: bool, act: Act, *, by: Me, at: datetime) -> Answered:
    """The right number read off a card: it finds the person, or makes a new one from the row."""
    if not value.strip():
        raise Refused(_("请照证件写下正确的号码。"))
    cleaned = both["cleaned"]
    read = people.read_identity(value, _document(cleaned), timezone.localdate(at))
    found = fields.known(str(read.value))
    if found.kind == "elsewhere":
        raise Elsewhere(_("这个号码在别处已有档案，不能在这里再登记一次。请联系其户籍地或居住地的村（社区）办理迁出。"))
    if found.kind == "here" and found.person:
        person = people.get(found.person)
        people.require(person, by)
        if not taking.same_name(person.name, str(cleaned.get("name") or "")) and not confirmed:
            raise LooksAlike(_("这个号码是%(theirs)s的，这一行写的是%(mine)s。确实是同一个人，再按一次“更正号码”。") % {"theirs": person.name, "mine": cleaned.get("name")}, [person.pk])
    else:
        person = _registered(question, both, str(read.value), by=by, at=at)
    _join(question, both, person, note, act, by=by, at=at)
    return Answered(act, person.pk)


def _new(question: Question, both: dict[str, Any], note: str, act: Act, *, by: Me, at: datetime) -> Answered:
    """Nobody on file: the row makes a file without a number. Every candidate was looked at and is somebody else."""
    unseen = [p for p in undecided(question, both) if p not in seen_of([p])]
    if unseen:
        raise Refused(_("还有候选的人不在您的范围内，您看不到，就不能说是新的人。请由县数据管理员来定。"))
    person = _registered(question, both, "", by=by, at=at)
    _join(question, both, person, note, act, by=by, at=at)
    return Answered(act, person.pk)


def may_be_new(question: Question, both: dict[str, Any]) -> bool:
    """Whether the row says enough to file somebody: a name, a birth date, a village."""
    return bool(both["cleaned"].get("name")) and born_of(both) is not None and len(question.grid_code) >= VILLAGE


def born_of(both: dict[str, Any]) -> date | None:
    """The row's birth date: its own cell, else the eight digits of a number whose end alone is wrong."""
    cleaned = str(both["cleaned"].get("birth_date") or "")
    digits = "".join(c for c in str(both["original"].get("id_number") or "") if c.isdigit())
    for text in (cleaned, f"{digits[6:10]}-{digits[10:12]}-{digits[12:14]}" if len(digits) in (17, 18) else ""):
        try:
            return date.fromisoformat(text)
        except ValueError:
            continue
    return None


def _registered(question: Question, both: dict[str, Any], number: str, *, by: Me, at: datetime) -> Resident:
    """A new person from the row: the register's rows are registered here, a floating person lives here."""
    cleaned = both["cleaned"]
    name = str(cleaned.get("name") or "")
    if not name:
        raise Refused(_("这一行没有姓名，不能登记新的人。请先在原表补上姓名。"))
    why = "living" if both["row"].get("kind") == "floating" else "registered"
    grid = question.grid_code + UNPLACED if len(question.grid_code) == VILLAGE else question.grid_code
    if len(grid) < VILLAGE:
        raise Refused(_("看不出这一行是哪个村的，不能登记新的人。请先在原表补上村名，或到那个村里登记。"))
    return residents.register(name=name, grid=grid, by=by, at=at, on=timezone.localdate(at), id_number=number, id_kind=_document(cleaned), why=why,
                              birth_date=None if number else born_of(both), sex=str(cleaned.get("sex") or ""), confirmed=not number)


def _document(cleaned: dict[str, Any]) -> str:
    """The code of the row's kind of document; files write it in many ways, most not at all."""
    return codes.DOCUMENT.to_code(str(cleaned.get("id_kind") or "")) or "111"


def _field(question: Question, both: dict[str, Any], verdict: str, act: Act, *, by: Me, at: datetime) -> Answered:
    """Two values of one field: the row's is taken, or what stands is confirmed."""
    known = candidates(question, both)
    if asking.nature(question.code, question.field) == asking.LOOK or not known:
        return Answered(act, None)
    person = people.get(known[0])
    people.require(person, by)
    field = taking.field_of(question.field) or question.field
    if field not in items.ITEMS:
        raise Refused(_("“%s”不是人档的项目，请到档案里更正。") % question.field)
    source = source_of(question, both)
    said = other_side(question, both)
    if verdict == "keep":
        taking.confirm(person, field, by=by)
        if said and said != people.clear(person, field):
            taking.put_aside(person, {field: said}, source)
    elif not taking.may_overrule(person, field, source.department):
        who = "、".join(items.source_label(a) for a in items.ITEMS[field].authorities[:1]) or _("原部门")
        raise Refused(_("“%(label)s”以%(who)s登记的为准。请选“保留原值”，或请%(who)s更正后再归集。") % {"label": items.ITEMS[field].label, "who": who})
    else:
        _accept(person, field, said, both, source, by=by, at=at)
    return Answered(act, person.pk)


def other_side(question: Question, both: dict[str, Any]) -> str:
    """The value a conflict sets against the file's: what the engine compared, else the row's cell."""
    field = taking.field_of(question.field) or question.field
    said = both.get("theirs") or both["cleaned"].get(question.field) or both["cleaned"].get(field)
    return str(said or "")


def _accept(person: Resident, field: str, said: str, both: dict[str, Any], source: taking.Source, *, by: Me, at: datetime) -> None:
    """The other side's value stands from now on; who lives in another village of ours is seen there too."""
    today = timezone.localdate(at)
    if field == "living_area" and said == choosing.OUTSIDE:
        where = fields.clean("living_elsewhere", str(both["cleaned"].get("living_address") or lasting("外地"))[:60], today)
        taking.write(person, {"living_elsewhere": where}, source, by=by, at=at)
        return
    value = fields.clean(field, said, today)
    if value in (None, ""):
        raise Refused(_("这一行没有可采用的%s。") % items.ITEMS[field].label)
    taking.write(person, {field: value}, source, by=by, at=at)
    if field == "living_area":
        members.place(person.pk, f"{value}000", "living", today)


REVEALED = {"id_number": "证件号码", "phone": "联系电话", "said": "具体说法"}


@transaction.atomic
def reveal(*, question: Question | uuid.UUID, field: str, by: Me, at: datetime, reason: str = "") -> str:
    """The row's own number in clear, or what a question about something of level 4 says ("said"), audited first.

    Raises NotHere, NotAllowed, NeedsReason (always for "said").
    """
    row = Question.objects.filter(pk=question.pk if isinstance(question, Question) else question).first()
    if row is None:
        raise NotHere(_("没有这个问题，或不在您的范围内。"))
    if field not in REVEALED:
        raise Refused(_("“%s”不是可以查看完整内容的项目。") % field)
    require(row, by)
    level = 4 if field == "said" else 3
    if level == 4 and not by.may(Right.SENSITIVE, row.grid_code):
        # whoever gathers a department's files settles what they say of level 4; nobody else without the right to read it
        by.require(Right.GATHER, row.grid_code)
    both = content(row)
    why = purposes.needs_reason(level=level, purpose="question", local=timezone.localtime(at), hours=settings.OFFICE_HOURS)
    if why and not purposes.is_reason(reason):
        raise NeedsReason(_("%(why)s，查看完整%(label)s须写明事由（不少于四个字）。") % {"why": why, "label": REVEALED[field]})
    audit.record("question.reveal", persons=candidates(row, both), reason=reason, detail={"question": str(row.pk), "field": field})
    if field == "said":
        return " ".join([*both["reasons"], *(str(s) for s in (both.get("mine"), both.get("theirs")) if s)])
    return written(both, field)


def written(both: dict[str, Any], field: str) -> str:
    """What the row itself says of a field: the cleaned value, else the raw cell (a number with a fault has no cleaned one)."""
    value = both["cleaned"].get(field)
    return str(value if value not in (None, "") else both["original"].get(field) or "")


def _last_act(question: Question) -> Act | None:
    """The act that answered or put off this question."""
    judged = Judgement.objects.filter(question=question, ended_at=None).order_by("-at").first()
    stamps = [(question.answered_by, question.answered_at)] if question.answered_at else []
    stamps += [(judged.by, judged.at)] if judged else []
    for staff, at in stamps:
        found = Act.objects.filter(staff=staff, at=at, kind__in=(ANSWER, DEFER), undone_at=None).first()
        if found:
            return found
    return None


def _reopen(act: Act, by: Me, at: datetime) -> None:
    """What an undo of an answer takes along: its judgements end, its question is open again."""
    judged: Iterable[Judgement] = list(Judgement.objects.filter(by=act.staff, at=act.at, ended_at=None))
    numbers = {j.question_id for j in judged} | set(Question.objects.filter(answered_by=act.staff, answered_at=act.at).values_list("pk", flat=True))
    Judgement.objects.filter(pk__in=[j.pk for j in judged]).update(ended_at=at, ended_by=by.id)
    Question.objects.filter(pk__in=numbers).update(state="open", verdict="", note="", answered_at=None, answered_by=None, ask_again_on=None)


acts.also_undo(ANSWER, _reopen)
acts.also_undo(DEFER, _reopen)
