"""The catalogue and the rules change: one item, one rule, a sheet of Excel, what comes with the program.

Invariants: who keeps the catalogue of an area writes its rows and no others; a change ends the old row and writes the next; what
the installation fills never overwrites what people changed: a code that has ever stood for the nation is left alone.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from django.db import transaction
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.service.models import CatalogueItem, PolicyRule
from minqing.service.queries import catalogue as queries
from minqing.service.refusals import Missing, Refused
from minqing.service.rules import catalogue, entitlements
from minqing.service.rules.catalogue import Thing
from minqing.service.rules.entitlements import Rule

MOST_ROWS = 400
MOST_BYTES = 2 * 1024 * 1024


def keeps(area: str, by: Me) -> None:
    """Raises NotAllowed unless he keeps the catalogue there, Refused for what is no area."""
    if not Area.objects.using(by.using).filter(pk=area, closed_on=None).exists():
        raise Refused(_("没有代码为 %s 的区域。") % area)
    by.require(Right.CATALOGUE, area)


@transaction.atomic
def put(*, area: str, thing: Thing, by: Me, at: datetime) -> CatalogueItem:
    """Write an item for an area: its own row from now on. Raises Missing with what is wrong."""
    keeps(area, by)
    if thing.problems:
        raise Missing("", " ".join(thing.problems))
    old = CatalogueItem.objects.filter(area_code=area, code=thing.code, ended_at=None).first()
    if old is not None and queries.as_thing(old) == thing:
        return old
    if old is not None:
        CatalogueItem.objects.filter(pk=old.pk).update(ended_at=at)
    made = CatalogueItem(area_code=area, made_by=by.id, made_at=at, **thing.stored)
    made.save(force_insert=True)
    audit.record("catalogue.item", detail={"area": area, "code": thing.code})
    return made


@transaction.atomic
def drop(*, area: str, code: str, by: Me, at: datetime) -> None:
    """The area's own row ends: the wider area's holds again."""
    keeps(area, by)
    if not CatalogueItem.objects.filter(area_code=area, code=code, ended_at=None).update(ended_at=at):
        raise Refused(_("这里没有自己的这一项，用的是上级的。"))
    audit.record("catalogue.item", detail={"area": area, "code": code, "dropped": True})


@transaction.atomic
def put_rule(*, area: str, rule: Rule, off: bool = False, by: Me, at: datetime) -> PolicyRule:
    """Write a rule for an area, or switch it off there."""
    keeps(area, by)
    if rule.kind not in entitlements.KINDS:
        raise Missing("kind", _("请选择找谁。"))
    if rule.kind in entitlements.BY_AGE and not rule.age:
        raise Missing("age", _("按年龄找人的规则要写年龄。"))
    if not rule.say.strip():
        raise Missing("say", _("请写电话里怎么说。"))
    if rule.item and not any(i.code == rule.item for i in queries.items_at(area)):
        raise Missing("item", _("目录里没有“%s”这个事项。") % rule.item)
    PolicyRule.objects.filter(area_code=area, code=rule.code, ended_at=None).update(ended_at=at)
    made = PolicyRule(area_code=area, off=off, made_by=by.id, made_at=at, **{**stored(rule), "sensitive": rule.sensitive or rule.kind in entitlements.SENSITIVE})
    made.save(force_insert=True)
    audit.record("catalogue.rule", detail={"area": area, "code": rule.code, "off": off})
    return made


@transaction.atomic
def drop_rule(*, area: str, code: str, by: Me, at: datetime) -> None:
    keeps(area, by)
    if not PolicyRule.objects.filter(area_code=area, code=code, ended_at=None).update(ended_at=at):
        raise Refused(_("这里没有自己的这条规则，用的是上级的。"))
    audit.record("catalogue.rule", detail={"area": area, "code": code, "dropped": True})


def stored(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in Rule.__slots__}


# --- Excel ----------------------------------------------------------------------------------------------------------------


def workbook(things: list[Thing]) -> bytes:
    """Items as a sheet that can be changed and read back. Cells that would be formulas are text."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("事项目录")
    bold, wrap = book.add_format({"bold": True, "text_wrap": True, "valign": "top"}), book.add_format({"text_wrap": True, "valign": "top"})
    for column, (title, key) in enumerate(catalogue.COLUMNS):
        sheet.set_column(column, column, 40 if key in ("materials", "fields") else 22 if key in ("name", "who", "basis", "note", "first_say") else 12)
        sheet.write_string(0, column, title, bold)
    for row, thing in enumerate(things, start=1):
        for column, cell in enumerate(catalogue.sheet_row(thing)):
            sheet.write_string(row, column, cell, wrap)
    sheet.freeze_panes(1, 2)
    book.close()
    return out.getvalue()


def read_workbook(content: bytes) -> tuple[list[Thing], list[str]]:
    """Items of an Excel file and what is wrong with them, line by line."""
    if len(content) > MOST_BYTES:
        return [], [_("文件超过 2 MB，请只留“事项目录”这一张表。")]
    try:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=True)
    except (CalamineError, IndexError, ValueError, OSError):
        return [], [_("打不开这个文件：请用 Excel 另存为 .xlsx 再传。")]
    if len(rows) > MOST_ROWS + 1:
        return [], [_("一次最多 %d 项，请分开传。") % MOST_ROWS]
    return catalogue.read_sheet(rows)


@dataclass(frozen=True)
class Changed:
    """What an import would do, or did."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: int = 0


def compare(area: str, things: list[Thing]) -> Changed:
    """New codes, changed ones, equal ones, against what holds at the area now."""
    now = {row.code: queries.as_thing(row) for row in queries.items_at(area)}
    return Changed(
        tuple(t.name for t in things if t.code not in now), tuple(t.name for t in things if t.code in now and now[t.code] != t), sum(1 for t in things if now.get(t.code) == t),
    )


@transaction.atomic
def import_items(*, area: str, things: list[Thing], by: Me, at: datetime) -> Changed:
    """Write every item that differs from what holds at the area."""
    keeps(area, by)
    wrong = [f"{t.code}：{p}" for t in things for p in t.problems]
    if wrong:
        raise Refused(wrong[0])
    did = compare(area, things)
    now = {row.code: queries.as_thing(row) for row in queries.items_at(area)}
    for thing in things:
        if now.get(thing.code) != thing:
            put(area=area, thing=thing, by=by, at=at)
    return did


# --- what comes with the program -------------------------------------------------------------------------------------------


@transaction.atomic(using="owner")
def fill(*, things: list[Thing], rules: list[Rule], at: datetime) -> tuple[int, int]:
    """The nation's rows that are not there yet. Repeatable; a code that anybody ever set for the nation stays as it is."""
    known = set(CatalogueItem.objects.using("owner").filter(area_code="").values_list("code", flat=True))
    fresh = [CatalogueItem(area_code="", made_at=at, **t.stored) for t in things if t.code not in known]
    CatalogueItem.objects.using("owner").bulk_create(fresh)
    known = set(PolicyRule.objects.using("owner").filter(area_code="").values_list("code", flat=True))
    new = [PolicyRule(area_code="", made_at=at, **stored(r)) for r in rules if r.code not in known]
    PolicyRule.objects.using("owner").bulk_create(new)
    return len(fresh), len(new)
