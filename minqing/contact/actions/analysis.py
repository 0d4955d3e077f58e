"""A month's analysis is drafted, put into one's own words, decided upon, signed; its decisions are followed.

Invariants: redrafting writes over nothing a person wrote and shows what the figures say now; a sentence that somebody else changed meanwhile is not
written over; no resident's name goes on the paper; what is signed stands, and only words on its decisions are added.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

import structlog
from django.db import IntegrityError, connections, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access import scope
from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.access.words import county
from minqing.contact import vault
from minqing.contact.models import Analysis, Decision, DecisionWord, Finding
from minqing.contact.queries import analysis as queries
from minqing.contact.refusals import Missing, NotHere, Refused
from minqing.contact.rules import analysis as rules
from minqing.contact.rules import meetings as masking

log = structlog.get_logger("minqing.analysis")
MOST_WORDS, MOST_WHAT, MOST_WHO, MOST_OWN, MOST_DECISIONS = 400, 200, 60, 20, 20


class Changed(Refused):
    """Somebody else wrote this sentence meanwhile; `theirs` stands."""

    def __init__(self, theirs: str) -> None:
        super().__init__(_("这一句刚刚被别人改过，现在是：“%s”。您写的还在下面，请看过再存。") % theirs)
        self.theirs = theirs


# --- drafting ------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def draft(*, area: str, month: date, by: Me, at: datetime) -> Analysis:
    """Begin, or draft anew with the figures of now. Raises Refused, NotAllowed."""
    if area not in queries.places_of(by):
        raise NotAllowed(_("这里的村情分析由村里（乡镇的由乡镇受理台）起草，您的任职不含此项。"))
    today = timezone.localdate(at)
    if month.day != 1 or month > today.replace(day=1) or month < queries.month_after(today.replace(day=1), -queries.MOST_MONTHS):
        raise Refused(_("请选最近三年里已经开始的一个月。"))
    # before the analysis is locked: reading a month of a village takes its time
    found = county(queries.facts)(by, area=area, month=month, at=at, eyes=True)
    if not Analysis.objects.filter(area_code=area, month=month).exists():
        try:
            with transaction.atomic():
                Analysis.objects.create(area_code=area, month=month, drafted_at=at, drafted_by=by.id)
        except IntegrityError:
            raise Refused(_("同事刚刚也起草了这个月的分析，请刷新后看。")) from None
    row = _locked(Analysis.objects.filter(area_code=area, month=month))
    row.figures, row.drafted_at, row.drafted_by = rules.table(found), at, by.id
    if found.doors is not None:
        row.read_by = by.id
    row.save(update_fields=["figures", "drafted_at", "drafted_by", "read_by"])
    _lay(row, rules.sentences(found))
    audit.record("analysis.draft", detail={"area": area, "month": f"{month:%Y-%m}"})
    return row


def _lay(row: Analysis, sentences: Sequence[rules.Sentence]) -> None:
    """The sentences of now beside those that stand: an edited or struck one keeps its words and learns what the figures say."""
    standing = {f.key: f for f in Finding.objects.select_for_update(of=("self",)).filter(analysis=row).exclude(key="")}
    for position, s in enumerate(sentences, start=1):
        f = standing.pop(s.key, None)
        if f is None:
            Finding.objects.create(area_code=row.area_code, analysis=row, section=s.section, key=s.key, position=position, drafted=s.text, rows=s.rows)
        elif (f.drafted, f.rows, f.position) != (s.text, s.rows, position):
            f.drafted, f.rows, f.position = s.text, s.rows, position
            f.save(update_fields=["drafted", "rows", "position"])
    for f in standing.values():
        if f.drafted:
            f.drafted = ""
            f.save(update_fields=["drafted"])


def draft_all(*, now: Callable[[], datetime], only: Iterable[str] | None = None) -> dict[str, int]:
    """On the 1st: begin the past month's analysis of every village that keeps one, from figures alone. Run twice it drafts nothing twice."""
    done = {"villages": 0, "drafted": 0, "failed": 0}
    month = queries.month_after(timezone.localdate(now()).replace(day=1), -1)
    if only is None:
        with connections["jobs"].cursor() as cursor:
            cursor.execute("select village from access.analysis_villages(%s)", [month])
            only = [row[0] for row in cursor.fetchall()]
    for village in only:
        try:
            with transaction.atomic(using="jobs"):
                me = scope.enter_analysis(village)
                found = queries.facts(me, area=village, month=month, at=now(), eyes=False)
                lines = [{"section": s.section, "key": s.key, "position": n, "drafted": s.text, "rows": s.rows} for n, s in enumerate(rules.sentences(found), start=1)]
                with connections["jobs"].cursor() as cursor:
                    cursor.execute("select access.draft_analysis(%s, %s::jsonb, %s::jsonb)", [month, json.dumps(rules.table(found), ensure_ascii=False), json.dumps(lines, ensure_ascii=False)])
                    done["drafted"] += bool(cursor.fetchone()[0])
            done["villages"] += 1
        except Exception as error:  # the next village must not wait for this one
            log.error("analysis not drafted", village=village, error=type(error).__name__)
            done["failed"] += 1
    return done


# --- one's own words -----------------------------------------------------------------------------------------------------------


def open_analysis(pk: uuid.UUID, *, by: Me) -> Analysis:
    """The unsigned analysis, locked. Raises NotHere, Refused."""
    rows = Analysis.objects.filter(pk=pk, area_code__in=queries.keeps_of(by))
    if not rows.exists():
        raise NotHere(_("没有这份分析，或者您看不到。"))
    return _locked(rows)


def _locked(rows: QuerySet[Analysis]) -> Analysis:
    """The row, if it is not signed: the database gives no lock on a signed one."""
    row = rows.select_for_update(of=("self",)).first()
    if row is None or row.signed_at is not None:
        raise Refused(_("这份分析已经签发，不再改动。有新的情况写在下个月。"))
    return row


@transaction.atomic
def write(*, finding: uuid.UUID, words: str, version: int, by: Me, at: datetime) -> Finding:
    """One's own words instead of a drafted sentence; '' or the drafted words themselves take them back. Raises Missing, Changed, NotHere, Refused."""
    f = _finding(finding, by=by)
    text = " ".join(words.split())
    if f.version != version:
        theirs = str(vault.decrypt(vault.FINDING, f.pk, f.words_cipher).get("words", "")) or f.drafted
        if theirs != text:
            raise Changed(theirs if not f.struck else _("（划掉了）"))
    if not f.key and not text:
        raise Missing("words", _("自己加的一句请写上；不要了就划掉。"))
    own = text if text != f.drafted else ""
    _check(text if own else "", f.area_code, by)
    f.words_cipher = vault.encrypt(vault.FINDING, f.pk, {"words": own}) if own else None
    # what was drafted stays beside the words as it was when they were first written or last looked at
    f.base = f.drafted if own else ""
    f.struck = False
    return _saved(f, by=by, at=at)


@transaction.atomic
def strike(*, finding: uuid.UUID, struck: bool, version: int, by: Me, at: datetime) -> Finding:
    """Leave a sentence out, or take it in again."""
    f = _finding(finding, by=by)
    if f.version != version and f.struck != struck:
        raise Changed(queries.line_of(f).text)
    f.struck = struck
    return _saved(f, by=by, at=at)


@transaction.atomic
def add(*, analysis: uuid.UUID, words: str, section: str = "own", by: Me, at: datetime) -> Finding:
    """A sentence of one's own."""
    row = open_analysis(analysis, by=by)
    text = " ".join(words.split())
    if len(text) < 4:
        raise Missing("words", _("请写一句话。"))
    if section not in rules.SECTIONS:
        raise Missing("section", _("请从列表中选放在哪一段。"))
    standing = Finding.objects.filter(analysis=row, key="").count()
    if standing >= MOST_OWN:
        raise Refused(_("自己加的话最多 %d 句，请把几句并成一句。") % MOST_OWN)
    _check(text, row.area_code, by)
    f = Finding(area_code=row.area_code, analysis=row, section=section, position=1000 + standing, edited_by=by.id, edited_at=at)
    f.words_cipher = vault.encrypt(vault.FINDING, f.pk, {"words": text})
    f.save(force_insert=True)
    audit.record("analysis.edit", detail={"area": row.area_code, "finding": str(f.pk)})
    return f


def _finding(pk: uuid.UUID, *, by: Me) -> Finding:
    f = Finding.objects.filter(pk=pk).first()
    if f is None:
        raise NotHere(_("没有这一句。"))
    open_analysis(f.analysis_id, by=by)
    return Finding.objects.select_for_update(of=("self",)).get(pk=pk)


def _saved(f: Finding, *, by: Me, at: datetime) -> Finding:
    f.version += 1
    f.edited_by, f.edited_at = by.id, at
    f.save(update_fields=["words_cipher", "base", "struck", "version", "edited_by", "edited_at"])
    audit.record("analysis.edit", detail={"area": f.area_code, "finding": str(f.pk)})
    return f


def _check(text: str, area: str, by: Me, field: str = "words") -> None:
    """Not too long, and nobody's name, door or number: the paper goes to the town and on the wall."""
    if len(text) > MOST_WORDS:
        raise Missing(field, _("一句最多%(most)d个字，您写了%(n)d个，请分成两句。") % {"most": MOST_WORDS, "n": len(text)})
    if not text:
        return
    # a name of two characters may be a word
    people = [n for n in queries.residents_named(by, area) if len(n) >= 3] if len(area) == queries.VILLAGE else []
    _clean, found = masking.hide(text, people)
    named = sorted(h.was for h in found if h.kind == "name")
    if named:
        raise Missing(field, _("分析里不写姓名，请把“%s”改成“一位老人”“一户人家”这样的说法。") % named[0])
    if found:
        raise Missing(field, _("分析要给大家看，请去掉：%s。说明是什么事就行。") % "、".join(h.was for h in found))


# --- decisions -----------------------------------------------------------------------------------------------------------------


@transaction.atomic
def decide(*, analysis: uuid.UUID, what: str, who: str, due_on: date, by: Me, at: datetime) -> Decision:
    """What is done about it, by whom, by when."""
    row = open_analysis(analysis, by=by)
    what, who = " ".join(what.split()), " ".join(who.split())
    for name, value, label, most in (("what", what, _("做什么"), MOST_WHAT), ("who", who, _("谁来做"), MOST_WHO)):
        if not value or len(value) > most:
            raise Missing(name, _("“%(label)s”请写，最多%(most)d个字。") % {"label": label, "most": most})
    _check(what, row.area_code, by, "what")
    if due_on < timezone.localdate(at):
        raise Missing("due_on", _("做好的日子已经过了，请写今天或以后的日子。"))
    if Decision.objects.filter(analysis=row, withdrawn_at=None).count() >= MOST_DECISIONS:
        raise Refused(_("一个月最多写 %d 条决定。") % MOST_DECISIONS)
    d = Decision(area_code=row.area_code, analysis=row, due_on=due_on, made_by=by.id, made_at=at)
    d.payload = vault.encrypt(vault.DECISION, d.pk, {"what": what, "who": who})
    d.save(force_insert=True)
    audit.record("analysis.decide", detail={"area": row.area_code, "decision": str(d.pk)})
    return d


@transaction.atomic
def withdraw(*, decision: uuid.UUID, by: Me, at: datetime) -> Decision:
    """Take a decision back before the analysis is signed."""
    d = Decision.objects.filter(pk=decision, withdrawn_at=None).first()
    if d is None:
        raise NotHere(_("没有这条决定。"))
    open_analysis(d.analysis_id, by=by)
    d.withdrawn_at = at
    d.save(update_fields=["withdrawn_at"])
    audit.record("analysis.decide", detail={"area": d.area_code, "decision": str(d.pk)})
    return d


@transaction.atomic
def tell(*, decision: uuid.UUID, state: str, words: str, by: Me, at: datetime) -> DecisionWord:
    """A word on what became of a signed decision. Done is done."""
    d = Decision.objects.select_related("analysis").filter(pk=decision, withdrawn_at=None, area_code__in=queries.keeps_of(by)).first()
    if d is None:
        raise NotHere(_("没有这条决定。"))
    if d.analysis.signed_at is None:
        raise Refused(_("这份分析还没有签发，先签发，再记决定办得怎样。"))
    if state not in dict(DecisionWord.STATES):
        raise Missing("state", _("请选：还在办、办成了，或不办了。"))
    text = " ".join(words.split())
    if len(text) < 2 or len(text) > MOST_WORDS:
        raise Missing("words", _("请写一句办到哪一步，最多%d个字。") % MOST_WORDS)
    last = DecisionWord.objects.filter(decision=d).order_by("-made_at").first()
    if last is not None and last.state in ("done", "dropped"):
        raise Refused(_("这条决定已经记为“%s”。") % _(last.get_state_display()))
    w = DecisionWord(area_code=d.area_code, decision=d, state=state, made_by=by.id, made_at=at)
    w.payload = vault.encrypt(vault.TOLD, w.pk, {"words": text})
    try:
        with transaction.atomic():
            w.save(force_insert=True)
    except IntegrityError:
        raise Refused(_("同事刚刚记下了这条决定的结果，请刷新后看。")) from None
    audit.record("analysis.decide", detail={"area": d.area_code, "decision": str(d.pk)})
    return w


# --- signing -------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def sign(*, analysis: uuid.UUID, by: Me, at: datetime) -> Analysis:
    """From now on it stands, and whoever reads the area's figures reads it."""
    row = open_analysis(analysis, by=by)
    by.require(Right.CONTACT, row.area_code)
    if row.month >= timezone.localdate(at).replace(day=1):
        raise Refused(_("这个月还没有过完，下个月一号起再签发。"))
    if len(row.area_code) == queries.VILLAGE and row.read_by is None:
        raise Refused(_("还只有数字。请先点“重新起草”，把走访和群众的话也汇总进来。"))
    if not any(not f.struck for f in Finding.objects.filter(analysis=row)):
        raise Refused(_("一句话都没有，不能签发。"))
    row.signed_at, row.signed_by = at, by.id
    row.save(update_fields=["signed_at", "signed_by"])
    audit.record("analysis.sign", detail={"area": row.area_code, "month": f"{row.month:%Y-%m}"})
    return row
