"""Step `report`: a batch's findings as an Excel file for the data officer: 概况, 问题行, 未采用的列, 文件.

Invariant: nothing in it is run as a formula (everything is written as text), and no identity number or phone is shown
in full.
"""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from minqing.gather.engine import store, templates
from minqing.lib import cells

ACTIONS = {"F": "已修复", "W": "提醒", "R": "待人工核对"}
STATUS = {"imported": "已导入", "duplicate": "重复文件", "refused": "未导入", "older_period": "旧一期", "hidden": "隐藏", "empty": "空表", "unknown": "未识别"}
#: Excel holds 1,048,576 rows; repairs are left out of the list of rows first.
MOST_ROWS = 500_000
_MASK = "regexp_replace(coalesce(i.raw, ''), '(\\d{4})[\\dXx*]{6,}(\\w{2})', '\\1******\\2', 'g')"

_ROWS = f"""
select f.name, h.name, s.line, s.name, i.action, i.code, i.field, {_MASK}, i.sentence,
  (select string_agg(c.name || '（' || c.score || '分：' || array_to_string(c.reasons, '、') || '）', '；' order by c.place) from candidate c where c.statement_no = i.statement_no and i.action = 'R')
from issue i join statement s using (statement_no) join sheet h on h.sheet_no = s.sheet_no join file f on f.file_no = s.file_no
where i.action in ('R', 'W') order by case i.action when 'R' then 0 else 1 end, i.statement_no, i.code limit {MOST_ROWS}
"""
_COLUMNS = """
select f.name, h.name, c.label, coalesce(c.field, ''), c.how, c.sentence from column_map c join sheet h using (sheet_no) join file f using (file_no)
where c.field is null or c.question order by c.sheet_no, c.position
"""
_FILES = """
select f.name, coalesce(f.source, ''), f.status, coalesce(h.name, ''), coalesce(h.kind, ''), coalesce(cast(h.as_of as varchar), ''), coalesce(h.rows, 0),
  (select count(*) from statement s where s.sheet_no = h.sheet_no), coalesce(nullif(h.sentence, ''), f.sentence, '') || coalesce(' ' || f.notes, '')
from file f left join sheet h using (file_no) order by f.file_no, h.sheet_no
"""
_FIGURES = (
    ("文件", "select count(*) from file"),
    ("已导入文件", "select count(*) from file where status = 'imported'"),
    ("未导入文件（重复、拒绝、旧一期）", "select count(*) from file where status <> 'imported'"),
    ("数据行", "select (select count(*) from statement) + (select count(*) from passed_row)"),
    ("与以前相同、没有重复入库的行", "select count(*) from row_print join (select distinct print from known_print where how = 'n') k using (print)"),
    ("直接比对上人的行", "select count(*) from judged where linked"),
    ("待人工核对的行", "select count(distinct statement_no) from issue where action = 'R'"),
    ("有提醒的行", "select count(distinct statement_no) from issue where action = 'W'"),
    ("自动修复的单元格", "select count(*) from issue where action = 'F'"),
    ("人", "select count(*) from person"),
    ("户", "select count(*) from household"),
    ("住房", "select count(*) from dwelling"),
    ("部门间不一致", "select count(*) from conflict"),
    ("待答复的问题", "select count(*) from question"),
    ("上期有、本期未出现的人", "select count(*) from missing_this_time"),
)


def write(work: store.Workspace, path: Path) -> None:
    """Write the report to `path` (xlsx)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
    if "statement" not in work.tables():
        _files(work, book, head)
        book.close()
        return
    _sheet(book, head, "概况", ("项目", "数量"), ((label, work.sql.execute(query).fetchone()[0]) for label, query in _FIGURES), (36, 12))
    labels = ("文件", "工作表", "行号", "姓名", "处理", "代码", "字段", "原值", "说明", "可能是谁")
    _sheet(book, head, "问题行", labels, (_row(row) for row in _fetched(work, _ROWS)), (30, 14, 8, 12, 10, 12, 14, 24, 60, 60))
    columns = ("文件", "工作表", "表头", "采用为", "方式", "说明")
    how = {"heading": "按表头", "learned": "按已学表头", "similar": "表头相近", "values": "按内容", "dropped": "未采用", "repeated": "重复列"}
    _sheet(book, head, "未采用的列", columns, ((*row[:3], _label(row[3]), how.get(row[4], row[4]), row[5]) for row in _fetched(work, _COLUMNS)), (30, 14, 20, 16, 12, 60))
    _files(work, book, head)
    book.close()


def _files(work: store.Workspace, book: xlsxwriter.Workbook, head: object) -> None:
    query = _FILES if "statement" in work.tables() else _FILES.replace("(select count(*) from statement s where s.sheet_no = h.sheet_no)", "0")
    files = ("文件", "部门", "状态", "工作表", "种类", "日期", "读到的行", "数据行", "说明")
    rows = ((row[0], templates.DEPARTMENTS.get(row[1], row[1]), STATUS.get(row[2], row[2]), row[3], _kind(row[4]), *row[5:]) for row in _fetched(work, query))
    _sheet(book, head, "文件", files, rows, (40, 14, 12, 14, 22, 12, 10, 10, 60))


def _fetched(work: store.Workspace, query: str):  # noqa: ANN202 - a generator of tuples
    cursor = work.sql.cursor().execute(query)
    while rows := cursor.fetchmany(10_000):
        yield from rows


def _row(row: tuple) -> tuple:
    return (*row[:4], ACTIONS.get(row[4], row[4]), row[5], _label(row[6]), *row[7:])


def _label(field: str) -> str:
    known = store_fields().get(field)
    return known or {"row": "整行"}.get(field, field)


def store_fields() -> dict[str, str]:
    """Field → Chinese label."""
    return {name: field.label for name, field in templates.fields.FIELDS.items()}


def _kind(key: str) -> str:
    return templates.by_key(key).title if key else ""


def _sheet(book: xlsxwriter.Workbook, head: object, name: str, labels: tuple[str, ...], rows, widths: tuple[int, ...]) -> None:  # noqa: ANN001
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    for column, label in enumerate(labels):
        sheet.write_string(0, column, label, head)
    count = 0
    for count, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, int) and not isinstance(value, bool):
                sheet.write_number(count, column, value)
            elif value is not None:
                sheet.write_string(count, column, cells.for_spreadsheet(str(value)))
    sheet.autofilter(0, 0, max(count, 1), len(labels) - 1)
