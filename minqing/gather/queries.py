"""Reads of gathering: batches with their files, questions with their owners and counts.

Invariants: a bounded number of statements whatever the size of the scope (lists: three, a batch: five); paging by key,
never by offset; who sees a row is the database's answer. Both sides of a question are opened for the rows of one page.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Case, Count, Q, QuerySet, Value, When
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from minqing.access.models import Area, Staff
from minqing.access.scope import Me
from minqing.archives.rules import items
from minqing.gather.actions import questions
from minqing.gather.engine import templates
from minqing.gather.models import Batch, BatchFile, Judgement, Question
from minqing.gather.rules import asking

#: Tab → label. "visit" also holds what was put off.
TABS = {"department": "部门", "village": "本村", "visit": "下次走访", "done": "已定"}
GROUPS = ("code", "source")
PAGE = 40
LIVE = ("waiting", "running", "undoing")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The conditions of a question list, as its address has them. `kind` is a prefix of `asking.KINDS`."""

    tab: str = ""
    village: str = ""
    department: str = ""
    kind: str = ""
    batch: str = ""
    group: str = "code"


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One question in a list. `name` is the row's own, `score` in words, `group` what it is listed under."""

    id: uuid.UUID
    name: str
    kind: asking.Kind
    sentence: str
    source: str
    place: str
    score: str
    state: str
    group: str
    owner: str
    again_on: date | None
    verdict: str
    who: str
    when: datetime | None


@dataclass(frozen=True, slots=True)
class QuestionCounts:
    """How many questions, by tab, and within the chosen tab by village, department and kind."""

    tabs: dict[str, int]
    villages: list[tuple[str, str, int]] = field(default_factory=list)
    departments: list[tuple[str, str, int]] = field(default_factory=list)
    kinds: list[tuple[str, str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows and the keys to go on ('' at the end)."""

    rows: list[Any]
    next: str = ""


def within(code: str) -> Q:
    """Rows of an area as a range of codes: the form that reaches the index."""
    return Q(grid_code__gte=code, grid_code__lt=code + ":")


def _due(on: date) -> Q:
    """Open, or put off until today or earlier."""
    return Q(state="open") | Q(state="deferred", ask_again_on__lte=on)


def of_tab(tab: str, on: date) -> Q:
    if tab == "done":
        return Q(state="answered")
    if tab == "visit":
        return Q(state="deferred", ask_again_on__gt=on) | (_due(on) & Q(owner="visit"))
    return _due(on) & Q(owner=tab)


def _asked(wanted: Wanted, on: date) -> QuerySet[Question]:
    rows = Question.objects.filter(of_tab(wanted.tab, on))
    if wanted.village:
        rows = rows.filter(within(wanted.village))
    if wanted.department:
        rows = rows.filter(department=wanted.department)
    if wanted.kind:
        rows = rows.filter(code__startswith=wanted.kind)
        for other in asking.KINDS:  # a shorter prefix does not hold what a longer one names
            if other.prefix != wanted.kind and other.prefix.startswith(wanted.kind):
                rows = rows.exclude(code__startswith=other.prefix)
    return rows.filter(batch_id=wanted.batch) if wanted.batch else rows


def tab_of(row: Question, on: date) -> str:
    """The tab a question stands in on a day; `question_groups` says the same in SQL."""
    if row.state == "answered":
        return "done"
    due = row.state == "open" or (row.state == "deferred" and row.ask_again_on is not None and row.ask_again_on <= on)
    return row.owner if due else "visit"


def question_count(wanted: Wanted, *, on: date) -> int:
    """How many stand in a list."""
    return _asked(wanted, on).count()


#: (village, owner, state, due, department, code, n)
Group = tuple[str, str, str, bool, str, str, int]


def question_groups(wanted: Wanted, *, on: date) -> list[Group]:
    """All questions of the scope (or of a batch) in groups, from which every count of the page is made. One statement."""
    rows = Question.objects.annotate(place=Left("grid_code", 12), due=Case(When(_due(on), then=Value(True)), default=Value(False), output_field=BooleanField()))
    if wanted.batch:
        rows = rows.filter(batch_id=wanted.batch)
    return list(rows.values_list("place", "owner", "state", "due", "department", "code").annotate(n=Count("id")))


def question_counts(wanted: Wanted, groups: list[Group]) -> QuestionCounts:
    """One statement for the villages' names. Counts of villages, departments, kinds are those of the tab."""
    tabs: Counter[str] = Counter()
    villages: Counter[str] = Counter()
    departments: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for place, owner, state, due, department, code, n in groups:
        tab = "done" if state == "answered" else owner if due else "visit"
        kind = asking.kind_of(code)
        here = not wanted.village or place.startswith(wanted.village)
        if here:
            tabs[tab] += n
        if tab == wanted.tab:
            villages[place] += n
            if here:
                departments[department] += n
                kinds[kind.prefix] += n
    names = dict(Area.objects.filter(code__in=list(villages)).values_list("code", "short_name")) if len(villages) > 1 else {}
    labels = {k.prefix: _(k.label) for k in (*asking.KINDS, asking.OTHER)}
    return QuestionCounts(
        tabs={tab: tabs.get(tab, 0) for tab in TABS},
        villages=[(code, names.get(code, code), n) for code, n in sorted(villages.items())] if len(villages) > 1 else [],
        departments=[(d, items.source_label(d), n) for d, n in sorted(departments.items())],
        kinds=[(prefix, labels[prefix], n) for prefix, n in sorted(kinds.items(), key=lambda kn: -kn[1])],
    )


def _order(wanted: Wanted) -> tuple[str, ...]:
    if wanted.tab == "done":
        return ("-answered_at", "id")
    return ("department", "batch_id", "id") if wanted.group == "source" else ("code", "grid_code", "id")


def _key(row: Question, order: Iterable[str]) -> str:
    return "~".join(str(getattr(row, name.lstrip("-")) or "") for name in order)


def _beyond(key: str, order: tuple[str, ...]) -> Q:
    """Rows after a key in an order of two or three columns."""
    values = key.split("~")
    if len(values) != len(order):
        return Q()
    after, same = Q(pk__in=[]), Q()
    for name, value in zip(order, values, strict=True):
        column = name.lstrip("-")
        after |= same & Q(**{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
        same &= Q(**{column: value})
    return after


def question_list(wanted: Wanted, *, on: date, after: str = "", limit: int = PAGE, gathers: bool = False) -> Page:
    """One page of questions, each with the name its row gives. Grouped by kind, or by department and batch.

    `gathers`: the reader gathers files, so that departments' names may stand beside people (`department_of`).
    """
    order = _order(wanted)
    rows = list(_asked(wanted, on).filter(_beyond(after, order) if after else Q()).order_by(*order)[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    places = _places(rows)
    people = staff_names(r.answered_by for r in rows)
    batches = dict(Batch.objects.filter(pk__in={r.batch_id for r in rows}).values_list("pk", "label")) if wanted.group == "source" else {}
    return Page([_line(r, wanted, places, people, batches, gathers) for r in rows], _key(rows[-1], order) if more else "")


def _line(row: Question, wanted: Wanted, places: dict[str, str], people: dict[uuid.UUID, str], batches: dict[uuid.UUID, str], gathers: bool) -> QuestionLine:
    both = questions.content(row)
    kind = asking.kind_of(row.code)
    source = source_of(row, both, gathers=gathers)
    group = items.source_label(row.department) + (f" · {batches[row.batch_id]}" if row.batch_id in batches else "") if wanted.group == "source" else _(kind.label)
    return QuestionLine(
        id=row.pk, name=str(both["cleaned"].get("name") or both.get("mine") or ""), kind=kind, sentence=asking.list_sentence(row.code, row.field, row.sentence), source=source,
        place=places.get(row.grid_code, ""), score=asking.words_of_score(row.score), state=row.state, group="" if wanted.tab == "done" else group, owner=_(row.get_owner_display()),
        again_on=row.ask_again_on, verdict=_(row.get_verdict_display()) if row.verdict else "", who=people.get(row.answered_by, "") if row.answered_by else "", when=row.answered_at,
    )


def source_of(row: Question, both: dict[str, Any], *, gathers: bool = False, named: bool = False) -> str:
    """Department and line of a row; the kind of file only where it says nothing of level 4, or `named`."""
    said = both["row"]
    parts = [department_of(row, both, gathers=gathers)]
    if said.get("title") and (named or said.get("kind") not in asking.SENSITIVE_KINDS):
        parts.append(_(str(said["title"])))
    if said.get("line"):
        parts.append(_("第 %s 行") % said["line"])
    return " · ".join(parts)


def department_of(row: Question, both: dict[str, Any], *, gathers: bool) -> str:
    """The department's name, unless that alone would tell somebody who does not gather what the person is listed for."""
    said = both["row"]
    if said.get("kind") in asking.DISCLOSING_KINDS and not gathers:
        return "部门名册"
    return items.source_label(str(said.get("department") or row.department))


def _places(rows: Iterable[Question]) -> dict[str, str]:
    """Grid code → "彭里村第一网格"; grid 000 → "彭里村未落格"."""
    codes = {r.grid_code for r in rows}
    names = dict(Area.objects.filter(code__in=codes | {c[:12] for c in codes}).values_list("code", "short_name"))
    return {c: place_words(c, names) for c in codes}


def place_words(code: str, names: dict[str, str]) -> str:
    village = names.get(code[:12], "")
    if len(code) <= 12:
        return village or names.get(code, "")
    grid = names.get(code, "")
    return " · ".join(w for w in (village, _("未落格") if code[12:15] == "000" else grid.removeprefix(village)) if w)


def place_of(code: str) -> str:
    return place_words(code, dict(Area.objects.filter(code__in={code, code[:12]}).values_list("code", "short_name")))


def staff_names(ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    wanted = {i for i in ids if i}
    return dict(Staff.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def next_question(wanted: Wanted, after: Question, *, on: date) -> uuid.UUID | None:
    """The question that follows in the same list, from its beginning again at the end; None when nothing is left."""
    order = _order(wanted)
    rows = _asked(wanted, on).exclude(pk=after.pk).order_by(*order).values_list("pk", flat=True)
    return rows.filter(_beyond(_key(after, order), order)).first() or rows.first()


def judgements_of(question: Question) -> list[dict[str, Any]]:
    """What has been said of this row, this month or before, newest first, taken-back ones included."""
    rows = list(Judgement.objects.filter(left_key=question.key).order_by("-at")[:20])
    people = staff_names([*(r.by for r in rows), *(r.ended_by for r in rows)])
    return [{"verdict": _(r.get_verdict_display()), "person": r.right_person, "who": people.get(r.by, ""), "at": r.at, "why": r.why, "ended_at": r.ended_at,
             "ended_by": people.get(r.ended_by, "") if r.ended_by else ""} for r in rows]


def open_for(me: Me, *, on: date) -> dict[str, int]:
    """Open questions that this person may answer, by owner: for the work list. One statement."""
    rows = Question.objects.filter(_due(on)).values_list("owner").annotate(n=Count("id"))
    return dict(rows)


# Batches -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One batch in a list."""

    batch: Batch
    who: str
    files: int
    refused: int
    open: int
    area: str


def batch_list(*, after: str = "", limit: int = 20) -> Page:
    """Batches of the scope, newest first. `after` is "made_at~id" of the last one shown."""
    order = ("-made_at", "id")
    rows = list(Batch.objects.filter(_beyond(after, order) if after else Q()).order_by(*order)[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    ids = [b.pk for b in rows]
    files = {b: (n, bad) for b, n, bad in BatchFile.objects.filter(batch_id__in=ids).values_list("batch_id").annotate(n=Count("id"), bad=Count("id", filter=Q(state="refused")))}
    waiting = dict(Question.objects.filter(batch_id__in=ids).exclude(state="answered").values_list("batch_id").annotate(n=Count("id")))
    people = staff_names(b.by for b in rows)
    areas = dict(Area.objects.filter(code__in={b.area_code for b in rows}).values_list("code", "short_name"))
    lines = [BatchLine(b, people.get(b.by, ""), *files.get(b.pk, (0, 0)), waiting.get(b.pk, 0), areas.get(b.area_code, b.area_code)) for b in rows]
    return Page(lines, f"{rows[-1].made_at.isoformat()}~{rows[-1].pk}" if more else "")


@dataclass(frozen=True, slots=True)
class BatchFileLine:
    """A file with what became of it; `dropped` are (column, sentence)."""

    file: BatchFile
    department: str
    kind: str
    dropped: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class BatchDetail:
    """A batch, its files, its questions by owner and state."""

    batch: Batch
    who: str
    undone_by: str
    area: str
    files: list[BatchFileLine]
    owners: dict[str, int]
    answered: int

    @property
    def questions(self) -> int:
        return sum(self.owners.values()) + self.answered


def batch_detail(batch: Batch) -> BatchDetail:
    """Everything about one batch of the scope; five statements."""
    files = [BatchFileLine(f, items.source_label(f.department) if f.department else "", kind_label(f.kind), [(d.get("column", ""), _(d["sentence"]) if d.get("sentence") else "") for d in f.dropped_columns])
             for f in batch.files.order_by("path")]
    owners: Counter[str] = Counter()
    answered = 0
    for owner, state, n in Question.objects.filter(batch_id=batch.pk).values_list("owner", "state").annotate(n=Count("id")):
        if state == "answered":
            answered += n
        else:
            owners[owner] += n
    people = staff_names([batch.by, batch.undone_by])
    area = Area.objects.filter(pk=batch.area_code).values_list("short_name", flat=True).first() or batch.area_code
    return BatchDetail(batch, people.get(batch.by, ""), people.get(batch.undone_by, "") if batch.undone_by else "", area, files, dict(owners), answered)


def kind_label(key: str) -> str:
    """The title of a kind of file, '' for none."""
    return next((_(t.title) for t in templates.load() if t.key == key), "") if key else ""


def columns_to_explain(limit: int = 200) -> list[dict[str, str]]:
    """Columns of recent files that only a data officer can explain: {"kind", "kind_label", "column", "sentence", "path"}, each once."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for f in BatchFile.objects.filter(batch__state="done").exclude(dropped_columns=[]).order_by("-batch__made_at")[:limit]:
        for column in f.dropped_columns:
            name, sentence = column.get("column", ""), column.get("sentence", "")
            heading = templates.normalise(name)
            if heading and "请数据员" in sentence:
                found.setdefault((f.kind, heading), {"kind": f.kind, "kind_label": kind_label(f.kind), "column": name, "heading": heading, "sentence": _(sentence) if sentence else "", "path": f.path})
    return list(found.values())


def waiting_residents(prefix: str = "") -> int:
    """Rows of the police register in the caller's scope whose number cannot be right: people who are in no file yet, because a
    person must first say who they are. Shown beside every count of people, so that nobody is missing without a word."""
    with connection.cursor() as cursor:
        cursor.execute("select " + WAITING_RESIDENTS.format(lo="%s", hi="%s"), [prefix or "0", (prefix or "9") + ":"])
        return int(cursor.fetchone()[0])


#: The same as an expression for statements that ask it of several areas; `lo` and `hi` bound the codes.
WAITING_RESIDENTS = """(select count(*) from gather_statement s
  where s.source = '01' and s.kind = 'residents' and s.person_id is null
    and s.id in (select q.statement from gather_question q where q.state <> 'answered' and q.department = '01' and q.grid_code >= {lo} and q.grid_code < {hi}))"""


@dataclass(frozen=True)
class LandRow:
    """A field as the agriculture department's file says it, in the register's own items."""

    statement: uuid.UUID
    items: dict[str, str]
    on: str
    batch: str
    line: str


#: Columns of the file (gather/engine/fields.py) → items of a plot (archives/rules/items.py).
LAND = {"field_name": "name", "field_code": "code", "contract_number": "title_no", "contract_area": "area_mu", "measured_area": "measured_mu", "bound_east": "east", "bound_south": "south",
        "bound_west": "west", "bound_north": "north", "name": "holder_name"}


def land_said_of(persons: Iterable[uuid.UUID]) -> list[LandRow]:
    """The fields whose holder is one of these persons, as 农业农村 said last; of a batch taken back nothing. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select distinct on (coalesce(s.cleaned ->> 'field_code', s.cleaned ->> 'field_name')) s.id, s.cleaned::text, s.as_of, s.batch_id, f.path, s.sheet, s.line
                 from gather_statement s join gather_batch b on b.id = s.batch_id and b.state = 'done' left join gather_batchfile f on f.id = s.file_id
                where s.source = '09' and s.kind = 'fields' and s.person_id = any(%s) and s.cleaned ->> 'field_name' is not null
                order by coalesce(s.cleaned ->> 'field_code', s.cleaned ->> 'field_name'), s.as_of desc nulls last, s.id""", [list(persons)])
        rows = cursor.fetchall()
    found = []
    for pk, cleaned, as_of, batch, path, sheet, line in rows:
        said = json.loads(cleaned)
        found.append(LandRow(pk, {item: str(said[column]) for column, item in LAND.items() if said.get(column)}, str(as_of or ""), str(batch), f"{path}:{sheet}:{line}" if path else ""))
    return found
