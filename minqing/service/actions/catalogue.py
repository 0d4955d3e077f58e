"""派单目录 and 时限: who handles what, in which words people say it, in how many working days.

Invariants: who keeps the catalogue of an area changes its rows and no others; a rule is not rewritten but ended and set anew, so
that an order keeps the rule by which it was sent; the installation fills what a county has never had and touches nothing else.
"""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import xlsxwriter
from django.db import connections, transaction
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.service.models import DispatchRule, Limit
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import desks, kinds

DATA = Path(__file__).resolve().parents[1] / "data" / "dispatch.csv"
CODE = re.compile(r"^[a-z][a-z0-9_]{1,23}$")
#: Desks that are the place's own (queries/suggest.resolve).
OWN_DESKS = {"village": "本村", "town": "乡镇受理台", "grid": "本网格", "county": "县受理台"}
MOST_WORDS, LONGEST_WORD, MOST_BYTES, MOST_ROWS = 40, 20, 1_000_000, 500
#: Columns of the Excel file: field, heading, width.
COLUMNS = (("category", "代码", 12), ("label", "事项", 16), ("kind", "种类", 16), ("keywords", "群众怎么说", 48), ("lead", "主办", 18), ("joint", "协办", 18), ("days", "办理期限(工作日)", 14), ("basis", "依据", 30))


@dataclass(frozen=True)
class Entry:
    """One rule as somebody wrote it."""

    category: str
    label: str
    kind: str
    lead: str
    keywords: tuple[str, ...] = ()
    joint: tuple[str, ...] = ()
    days: Decimal | None = None
    basis: str = ""


@dataclass
class Reading:
    """What a file says, and the sentences about rows that cannot be used."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def words_in(text: str) -> tuple[str, ...]:
    """"路灯 灯不亮，灯坏" → its words, each once, in order."""
    return tuple(dict.fromkeys(w for w in re.split(r"[\s,，、;；/|]+", text) if w))


def check(entry: Entry, using: str = "default") -> Entry:
    """A rule that can stand. Raises Missing with the field and what to write."""
    if not CODE.match(entry.category):
        raise Missing("category", _("代码请用小写字母开头的英文和数字，如 lamp，最多 24 位。"))
    if not entry.label.strip():
        raise Missing("label", _("请写事项名称，如“路灯照明”。"))
    if entry.kind not in kinds.LIMITS:
        raise Missing("kind", _("请选择种类。"))
    long = [w for w in entry.keywords if len(w) > LONGEST_WORD]
    if long or len(entry.keywords) > MOST_WORDS:
        raise Missing("keywords", _("每个词最多 %(n)d 个字，最多 %(m)d 个词%(w)s。") % {"n": LONGEST_WORD, "m": MOST_WORDS, "w": _("：“%s”太长") % long[0] if long else ""})
    single = [w for w in entry.keywords if len(w) < 2]
    if single:
        raise Missing("keywords", _("“%s”只有一个字，会误中很多话，请写完整的说法。") % single[0])
    if entry.days is not None and not 0 <= entry.days <= 250:
        raise Missing("days", _("办理期限应在 0 到 250 个工作日之间，0 是当天。"))
    for name, one in (("lead", entry.lead), *(("joint", j) for j in entry.joint)):
        _check_desk(name, one, using)
    if entry.lead in entry.joint:
        raise Missing("joint", _("主办单位不必再列为协办。"))
    return entry


def _check_desk(field_name: str, desk: str, using: str) -> None:
    if desk in OWN_DESKS or re.fullmatch(r"/[0-9A-Z]{2}", desk):
        return
    if not desks.FORM.match(desk):
        raise Missing(field_name, _("“%s”不是受理处：请写本村、乡镇受理台、本网格、县受理台，或部门编号如 /08，或受理处代码。") % desk)
    with connections[using].cursor() as cursor:
        cursor.execute("select access.is_desk(%s)", [desk])
        if not cursor.fetchone()[0]:
            raise Missing(field_name, _("没有“%s”这个受理处，或已停用。") % desk)


@transaction.atomic
def set_rule(*, area: str, entry: Entry, by: Me, at: datetime) -> DispatchRule:
    """Add a rule for an area, or set an existing one anew: the old one ends, orders keep it."""
    _may(area, by)
    entry = check(entry, by.using)
    old = DispatchRule.objects.using(by.using).filter(area_code=area, category=entry.category, ended_at=None).first()
    if old is not None:
        DispatchRule.objects.using(by.using).filter(pk=old.pk).update(ended_at=at)
    row = _row(area, entry, by.id)
    row.save(using=by.using, force_insert=True)
    audit.record("catalogue.set", detail={"area": area, "category": entry.category}, using=by.using)
    return row


@transaction.atomic
def end_rule(*, rule: uuid.UUID, by: Me, at: datetime) -> DispatchRule:
    """No longer suggested here; the wider area's rule of the same code holds again."""
    row = DispatchRule.objects.using(by.using).filter(pk=rule, ended_at=None).first()
    if row is None:
        raise NotHere(_("没有这条派单规则，或已停用。"))
    _may(row.area_code, by)
    DispatchRule.objects.using(by.using).filter(pk=row.pk).update(ended_at=at)
    audit.record("catalogue.end", detail={"area": row.area_code, "category": row.category}, using=by.using)
    return row


@transaction.atomic
def set_limit(*, area: str, kind: str, contact: Decimal, finish: Decimal, extend: Decimal, basis: str, by: Me) -> Limit:
    """A county's or town's own limit of a kind; what was sent before keeps its own."""
    _may(area, by)
    if kind not in kinds.LIMITS:
        raise Missing("kind", _("请选择种类。"))
    for name, days in (("contact", contact), ("finish", finish), ("extend", extend)):
        if not 0 <= days <= 250 or days % Decimal("0.5"):
            raise Missing(name, _("请写 0 到 250 之间的工作日，可以有半天。"))
    if contact > max(finish, Decimal(1)):
        raise Missing("contact", _("首次联系不能晚于办理期限。"))
    if not basis.strip():
        raise Missing("basis", _("请写依据（哪个文件、哪一条），群众问起来要说得清。"))
    row, _new = Limit.objects.using(by.using).update_or_create(area_code=area, kind=kind, defaults={"contact": contact, "finish": finish, "extend": extend, "basis": basis.strip()[:200], "made_by": by.id})
    audit.record("limit.set", detail={"area": area, "kind": kind}, using=by.using)
    return row


def _may(area: str, by: Me) -> None:
    if len(area) not in (6, 9) or not area.isdigit():
        raise Refused(_("派单目录和时限按县、乡镇设，村用所在乡镇的。"))
    by.require(Right.CATALOGUE, area)


def _row(area: str, entry: Entry, made_by: uuid.UUID | None) -> DispatchRule:
    return DispatchRule(area_code=area, category=entry.category, label=entry.label.strip()[:40], kind=entry.kind, keywords=list(entry.keywords), lead_desk=entry.lead, joint_desks=list(entry.joint),
                        basis=entry.basis.strip()[:200], finish_days=entry.days, made_by=made_by)


# --- Excel -------------------------------------------------------------------------------------------------------------


def read_file(name: str, content: bytes) -> Reading:
    """The rules of a workbook; a row that cannot be read is named, and then nothing of the file is used."""
    if len(content) > MOST_BYTES:
        return Reading(problems=[_("文件超过 1 MB，不像一张派单目录，请核对。")])
    try:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    except (CalamineError, ValueError, IndexError):
        return Reading(problems=[_("“%s”打不开，请用导出的表格改好后另存为 xlsx。") % name])
    heads = [str(cell).strip() for cell in rows[0]] if rows else []
    order = {key: heads.index(heading) for key, heading, _width in COLUMNS if heading in heads}
    lacking = [heading for key, heading, _width in COLUMNS if key not in order and key in ("category", "label", "kind", "lead")]
    if lacking:
        return Reading(problems=[_("第一行要有这些列名：%s。请先导出一份，在上面改。") % "、".join(lacking)])
    found = Reading()
    if len(rows) > MOST_ROWS:
        found.problems.append(_("最多 %d 行，请核对是不是选错了文件。") % MOST_ROWS)
        return found
    seen: set[str] = set()
    for number, cells in enumerate(rows[1:], 2):
        said = {key: str(cells[i]).strip() if i < len(cells) and cells[i] is not None else "" for key, i in order.items()}
        if not any(said.values()):
            continue
        try:
            entry = check(_entry(said))
            if entry.category in seen:
                raise Missing("category", _("代码“%s”前面已有一行。") % entry.category)
            seen.add(entry.category)
            found.entries.append(entry)
        except Missing as problem:
            found.problems.append(_("第 %(n)d 行（%(what)s）：%(why)s") % {"n": number, "what": said.get("label") or said.get("category", ""), "why": problem})
    if not found.entries and not found.problems:
        found.problems.append(_("没有读到任何规则。"))
    return found


def _entry(said: dict[str, str]) -> Entry:
    by_label = {label: k.value for k, label in kinds.KIND_LABELS.items()}
    own = {label: key for key, label in OWN_DESKS.items()}
    try:
        days = Decimal(said["days"]) if said.get("days") else None
    except InvalidOperation as error:
        raise Missing("days", _("办理期限“%s”不是数字。") % said["days"]) from error
    return Entry(said.get("category", ""), said.get("label", ""), by_label.get(said.get("kind", ""), said.get("kind", "")), own.get(said.get("lead", ""), said.get("lead", "")), words_in(said.get("keywords", "")),
                 tuple(own.get(j, j) for j in re.split(r"[\s,，、]+", said.get("joint", "")) if j), days, said.get("basis", ""))


@transaction.atomic
def import_rules(*, area: str, entries: Sequence[Entry], by: Me, at: datetime) -> tuple[int, int, int]:
    """(new, changed, same) after a checked file; what the file does not name stays."""
    _may(area, by)
    present = {r.category: r for r in DispatchRule.objects.using(by.using).filter(area_code=area, ended_at=None)}
    new = changed = same = 0
    for entry in entries:
        row, old = _row(area, check(entry, by.using), by.id), present.get(entry.category)
        if old is not None and _alike(old, row):
            same += 1
            continue
        if old is not None:
            DispatchRule.objects.using(by.using).filter(pk=old.pk).update(ended_at=at)
        changed, new = (changed + 1, new) if old is not None else (changed, new + 1)
        row.save(using=by.using, force_insert=True)
    audit.record("catalogue.import", detail={"area": area, "new": new, "changed": changed}, using=by.using)
    return new, changed, same


def _alike(a: DispatchRule, b: DispatchRule) -> bool:
    return all(getattr(a, f) == getattr(b, f) for f in ("label", "kind", "keywords", "lead_desk", "joint_desks", "basis", "finish_days"))


def workbook(rules: Iterable[DispatchRule]) -> bytes:
    """The catalogue as a workbook that `read_file` reads back."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("派单目录")
        head = book.add_format({"bold": True, "bg_color": "#e5f1f2"})
        for i, (_key, heading, width) in enumerate(COLUMNS):
            sheet.write_string(0, i, heading, head)
            sheet.set_column(i, i, width)
        for n, r in enumerate(rules, 1):
            cells = (r.category, r.label, kinds.KIND_LABELS[kinds.Kind(r.kind)], " ".join(r.keywords), OWN_DESKS.get(r.lead_desk, r.lead_desk), "、".join(OWN_DESKS.get(d, d) for d in r.joint_desks),
                     "" if r.finish_days is None else str(r.finish_days.normalize() if r.finish_days else 0), r.basis)
            for i, cell in enumerate(cells):
                sheet.write_string(n, i, cell)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


# --- what comes with the program ---------------------------------------------------------------------------------------


def shipped() -> list[Entry]:
    """The default rules of data/dispatch.csv."""
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return [Entry(r["category"], r["label"], r["kind"], r["lead"], words_in(r["keywords"]), tuple(j for j in r["joint"].split() if j), Decimal(r["days"]) if r["days"] else None, r["basis"]) for r in rows]


@transaction.atomic(using="owner")
def fill() -> int:
    """Every county gets the shipped rules it has never had, by who keeps the machine. Repeatable. Returns how many are new."""
    counties = Area.objects.using("owner").filter(level="county", closed_on=None).values_list("code", flat=True)
    present = set(DispatchRule.objects.using("owner").values_list("area_code", "category"))
    made = [_row(county, entry, None) for county in counties for entry in shipped() if (county, entry.category) not in present]
    DispatchRule.objects.using("owner").bulk_create(made)
    return len(made)
