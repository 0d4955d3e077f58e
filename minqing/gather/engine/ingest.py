"""Steps `read`, `header`, `map`: every file's rows end in one raw table per kind of file, columns named by field.

Invariant: a file is taken in whole or not at all (one transaction a file), so a killed run continues with the next
file; only mapped columns enter the database; rows that are no data (titles, totals, signatures) are kept by kind in
`aside` or marked in `row_kind`, never counted as people.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import functools
import itertools
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from minqing.gather.engine import (
    captions,
    families,
    fields,
    forms,
    headings,
    mapping,
    readers,
    reading,
    rowkinds,
    store,
    templates,
    twofold,
)

_FOLDER_NUMBER = re.compile(r"(?:^|/)(0\d|1[01])[_\-\s.、]")
_DATE_NOTE = re.compile(r"填报|填表|截止|统计|制表|日期|时间")
_SERIAL = r"^\s*\d{5}(?:\.0)?\s*$"
_SHIFT_1904 = 1462

_SCHEMA = """
create table if not exists file (file_no integer primary key, path varchar, name varchar, source varchar, format varchar, encoding varchar,
  bytes bigint, digest varchar, period varchar, status varchar, sentence varchar, same_as integer, notes varchar);
create table if not exists sheet (sheet_no integer primary key, file_no integer, name varchar, hidden boolean, kind varchar, source varchar,
  title varchar, heading_line integer, first_line integer, as_of date, period varchar, rows integer, status varchar, sentence varchar, epoch_1904 boolean);
create table if not exists column_map (sheet_no integer, position integer, label varchar, field varchar, how varchar, unit varchar,
  question boolean, sentence varchar);
create table if not exists aside (sheet_no integer, line integer, kind varchar, text varchar);
create table if not exists family_part (sheet_no integer, base_no integer);
create table if not exists broken_cell (sheet_no integer, line integer, field varchar);
"""


@dataclasses.dataclass(frozen=True)
class Options:
    """What a batch is told. `as_of` (default date of its files) and `today` are passed in, never taken from a clock."""

    today: datetime.date
    as_of: datetime.date
    learned: Mapping[str, str] = dataclasses.field(default_factory=dict)
    known_digests: frozenset[str] = frozenset()


def run(work: store.Workspace, roots: list[Path], options: Options, progress: Callable[[str], None] = lambda _: None) -> None:
    """Read every file below `roots` that is not in yet."""
    work.sql.execute(_SCHEMA)
    done = {row[0] for row in work.sql.execute("select file_no from file").fetchall()}
    listed = readers.files_of(roots)
    digests = [reading.digest(path) for path, _ in listed]
    originals = _originals([name for _, name in listed], digests)
    for number, (path, name) in enumerate(listed, 1):
        if number in done:
            continue
        progress(name)
        work.sql.execute("begin")
        try:
            _take(work, number, path, name, digests[number - 1], originals, options)
        except UNREADABLE as error:
            # One spoilt file must not stop the others of the delivery; nothing of it is kept.
            work.sql.execute("rollback")
            work.sql.execute("begin")
            _refuse(work, number, path, name, digests[number - 1], f"读到一半读不下去了（{type(error).__name__}），文件可能已损坏，整份未导入。请在 Excel 中打开后另存为 xlsx 再上传。")
        except BaseException:
            work.sql.execute("rollback")
            raise
        work.sql.execute("commit")


#: What a damaged or mislabelled file raises while its rows are read. Of the database's own errors none is among them.
UNREADABLE = (ValueError, LookupError, OverflowError, RecursionError, csv.Error, zipfile.BadZipFile, zlib.error)


def _refuse(work: store.Workspace, number: int, path: Path, name: str, digest: str, sentence: str) -> None:
    row = {"file_no": number, "path": str(path), "name": name, "source": department(name), "bytes": path.stat().st_size, "digest": digest}
    _insert(work, "file", row | {"status": "refused", "sentence": sentence})


def _originals(names: list[str], digests: list[str]) -> dict[str, int]:
    """Digest → number of the file that counts: of copies the one with the shortest name (台账.xlsx before 台账(1).xlsx)."""
    best: dict[str, tuple[int, str, int]] = {}
    for number, (name, digest) in enumerate(zip(names, digests, strict=True), 1):
        entry = (len(name), name, number)
        best[digest] = min(best.get(digest, entry), entry)
    return {digest: entry[2] for digest, entry in best.items()}


def _take(work: store.Workspace, number: int, path: Path, name: str, digest: str, originals: dict[str, int], options: Options) -> None:
    source = department(name)
    row: dict[str, object] = {"file_no": number, "path": str(path), "name": name, "source": source, "bytes": path.stat().st_size, "digest": digest}
    if digest in options.known_digests or originals[digest] != number:
        same = originals[digest] if originals[digest] != number else None
        _insert(work, "file", row | {"status": "duplicate", "same_as": same, "sentence": "与已导入的文件内容完全相同，未重复导入。"})
        return
    try:
        book = readers.open_file(path)
    except reading.Refused as refusal:
        _refuse(work, number, path, name, digest, str(refusal))
        return
    outcomes = _sheets(work, number, name, source, book, options)
    kinds = [outcome for outcome in outcomes if outcome]
    row |= {"format": book.format, "encoding": book.encoding, "notes": " ".join(book.notes)}
    if kinds:
        row |= {"status": "imported", "source": source if kinds[0].generic and source else kinds[0].source, "sentence": ""}
    else:
        row |= {"status": "refused", "sentence": "没有找到认得的表头，整份文件未导入。请核对是否选错了文件，或由数据员说明各列含义。"}
    _insert(work, "file", row)


def department(name: str) -> str | None:
    """The department's number from a folder like `01_公安`, or from the department's own name in the path."""
    match = _FOLDER_NUMBER.search(name)
    if match:
        return match[1]
    found = [code for code, label in templates.DEPARTMENTS.items() if code != "00" and label in name]
    return found[0] if len(found) == 1 else None


@dataclasses.dataclass(frozen=True)
class _File:
    """What every sheet of a file shares. `numbers` are sheet numbers for tables that stand beside or below others."""

    number: int
    name: str
    source: str | None
    options: Options
    numbers: Iterator[int]


@dataclasses.dataclass(frozen=True)
class _Table:
    """A heading that was understood. `above` are the rows over it, with their lines; `sentence` is for the data officer."""

    heading: headings.Heading
    match: mapping.Match
    sheet: reading.Sheet
    above: tuple[tuple[int, list[str]], ...] = ()
    sentence: str = ""
    #: The other people of the row, where one row is one household.
    others: tuple[families.Part, ...] = ()


def _sheets(work: store.Workspace, file_no: int, name: str, source: str | None, book: reading.Book, options: Options) -> list[templates.Template | None]:
    result: list[templates.Template | None] = []
    file = _File(file_no, name, source, options, iter(range(file_no * 1000 + 999, file_no * 1000 + len(book.sheets), -1)))
    previous: _Table | None = None
    for index, sheet in enumerate(book.sheets):
        row: dict[str, object] = {
            "sheet_no": file_no * 1000 + index, "file_no": file_no, "name": sheet.name, "hidden": sheet.hidden, "epoch_1904": book.epoch_1904,
        }  # fmt: skip
        if sheet.hidden:
            _insert(work, "sheet", row | {"status": "hidden", "sentence": "隐藏的工作表，未导入；如需导入请取消隐藏后重新上传。"})
            continue
        head = sheet.head()
        if not any(any(cell.strip() for cell in cells) for cells in head):
            _insert(work, "sheet", row | {"status": "empty", "sentence": "空工作表。"})
            continue
        table, seen = _understood(file, sheet, head)
        if table is None and previous and _continues(previous, head):
            heading = dataclasses.replace(previous.heading, row=-1, height=1)
            table = _Table(heading, previous.match, sheet, (), "没有表头，按上一工作表的列次序导入，请数据员确认。")
        if table is None and (form := forms.tabled(sheet, head)):
            carded, heading = form
            match = mapping.recognise(heading, carded.head(), f"{name} {sheet.name}", department=source, learned=options.learned)
            table = _Table(heading, match, carded, (), forms.SENTENCE) if match else None
        if table is None:
            sentence = "看不出是哪一种表，本工作表未导入；请数据员说明。" if seen else "没有找到表头，本工作表未导入。"
            _insert(work, "sheet", row | {"status": "unknown", "sentence": sentence})
            continue
        previous = None if table.others else table
        result += _tables(work, file, row | {"source": source}, table)
    return result


def _understood(file: _File, sheet: reading.Sheet, head: list[list[str]], offset: int = 0) -> tuple[_Table | None, bool]:
    """The first heading whose kind of file is known, else one in foreign words over rows of people; and whether any was seen.

    `offset` is the 0-based physical row of `head[0]`.
    """
    words = frozenset(key.rpartition(mapping.OF_KIND)[2] for key in file.options.learned)
    merged = tuple((top - offset, left, bottom - offset, right) for top, left, bottom, right in sheet.merged if bottom >= offset) if offset else sheet.merged
    start, seen = 0, False
    sheet = captions.carried(sheet, head) if not offset else sheet
    head = sheet.head() if sheet.carried else head
    while heading := headings.find(head, merged, words, start):
        seen = True
        table = _as_table(file, sheet, heading, head, offset, "")
        if table:
            return table, True
        start = heading.first_data_row
    heading = headings.by_shape(head, merged)
    if heading is None:
        return None, seen
    sentence = "表头的写法不认得，已从内容认出证件号码和姓名，按人员名册导入；请数据员说明各列后再归集一次。"
    return _as_table(file, sheet, heading, head, offset, sentence), True


def _as_table(file: _File, sheet: reading.Sheet, heading: headings.Heading, head: list[list[str]], offset: int, sentence: str) -> _Table | None:
    above = [cell for cells in head[: heading.row] for cell in cells if cell.strip()]
    context = f"{file.name} {sheet.name} {' '.join(above)[:200]}"
    heading = captions.named(heading, sheet)
    if not headings.period(heading):
        sheet, heading, head = twofold.parted(sheet, heading, head)
    rows, width = head[heading.first_data_row :], headings.period(heading)
    one = headings.part(heading, 0, width) if width else heading
    match = mapping.recognise(one, rows, context, department=file.source, learned=file.options.learned)
    others: tuple[families.Part, ...] = ()
    if not width and (match is None or match.template.key in families.KINDS or not match.template.signature & set(match.kept)):
        first, *members = families.parts(sheet, heading, offset + heading.first_data_row, file.options.today) or [None]
        found = mapping.recognise(first.heading, first.sheet.head()[offset + heading.first_data_row :], context, department=file.source, learned=file.options.learned) if first else None
        if first and found and found.template.key in families.KINDS:
            match, sheet, heading, others, sentence = found, first.sheet, first.heading, tuple(members), sentence or families.SENTENCE
    if match is None:
        return None
    lines = tuple((offset + line, cells) for line, cells in enumerate(head[: heading.row], 1))
    others = tuple(dataclasses.replace(part, heading=dataclasses.replace(part.heading, row=part.heading.row + offset)) for part in others)
    return _Table(dataclasses.replace(heading, row=heading.row + offset), match, sheet, lines, sentence, others)


def _continues(previous: _Table, head: list[list[str]]) -> bool:
    """A sheet without a heading continues the one before when its identity column holds identity numbers."""
    column = previous.match.kept.get("id_number")
    return column is not None and len(head[0]) >= column.position + 1 and mapping.looks_like_identity(head, column.position)


def _tables(
    work: store.Workspace, file: _File, row: dict[str, object], table: _Table
) -> list[templates.Template | None]:
    """Load a table, those beside it under the same heading repeated, and those below it under a heading of their own."""
    sheet, width = table.sheet, headings.period(table.heading)
    if not width:
        return _downwards(work, file, row, sheet, table)
    head = sheet.head()
    result: list[templates.Template | None] = []
    for first in range(0, len(table.heading.labels), width):
        heading = headings.part(table.heading, first, width)
        rows = [cells[first : first + width] for cells in head[table.heading.first_data_row :]]
        columns = mapping.map_columns(table.match.template, heading, rows, file.options.learned)
        beside = dataclasses.replace(table, heading=heading, match=dataclasses.replace(table.match, columns=columns), above=table.above if not first else ())
        number = row["sheet_no"] if not first else next(file.numbers)
        result += _downwards(work, file, row | {"sheet_no": number}, sheet.part(first, width), beside)
    return result


def _downwards(work: store.Workspace, file: _File, row: dict[str, object], sheet: reading.Sheet, table: _Table) -> list[templates.Template | None]:
    result: list[templates.Template | None] = []
    while True:
        below = _load_sheet(work, file, row, table.sheet if table.others else sheet, table)
        result.append(table.match.template)
        _others(work, file, row, table)
        if below is None:
            return result
        row = row | {"sheet_no": next(file.numbers)}
        if isinstance(below, str):
            _insert(work, "sheet", {key: value for key, value in row.items() if key != "source"} | {"status": "unknown", "sentence": below})
            return result
        table = dataclasses.replace(below, sheet=sheet)


def _others(work: store.Workspace, file: _File, row: dict[str, object], table: _Table) -> None:
    """Load the other people of households that stand in one row each, as far down as the heads go."""
    base, template = row["sheet_no"], table.match.template
    if table.others:
        _insert(work, "family_part", {"sheet_no": base, "base_no": base})
    (last,) = work.sql.execute(f"select coalesce(max(line), 0) from raw_{template.key} where sheet_no = ?", [base]).fetchone() if table.others else (0,)  # noqa: S608
    for part in table.others:
        number = next(file.numbers)
        _insert(work, "family_part", {"sheet_no": number, "base_no": base})
        sheet = dataclasses.replace(part.sheet, rows=functools.partial(_until, part.sheet.rows, last))
        columns = mapping.map_columns(template, part.heading, sheet.head()[part.heading.first_data_row :], file.options.learned)
        beside = dataclasses.replace(table, heading=part.heading, match=dataclasses.replace(table.match, columns=columns), sheet=sheet, above=(), others=())
        _load_sheet(work, file, row | {"sheet_no": number}, sheet, beside, counted=False)


def _until(rows: Callable[[], Iterator[list[str]]], last: int) -> Iterator[list[str]]:
    return itertools.islice(rows(), last)


def _load_sheet(work: store.Workspace, file: _File, row: dict[str, object], sheet: reading.Sheet, table: _Table, *, counted: bool = True) -> _Table | str | None:
    """Load one table; another one found below it, or the sentence why that was not understood. What is not `counted` stands on rows
    that another table has counted, and has looked below."""
    heading, match, options = table.heading, table.match, file.options
    sheet_no = int(str(row["sheet_no"]))
    texts = []
    for line, cells in table.above:
        text = " ".join(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))
        texts.append(text)
        _insert(work, "aside", {"sheet_no": sheet_no, "line": line, "kind": headings.kind_above(cells), "text": text[:500]})
    for line in range(heading.row + 1, heading.first_data_row + 1):
        if line > 0 and counted:
            _insert(work, "aside", {"sheet_no": sheet_no, "line": line, "kind": "header", "text": ""})
    for column in match.columns:
        if column.how != "empty":
            _insert(work, "column_map", {"sheet_no": sheet_no} | dict(dataclasses.asdict(column).items()))
    as_of, period = dates_of(file.name, sheet.name, texts, options)
    count = _stream(work, sheet_no, sheet, heading, match, bool(row["epoch_1904"]))
    below = _below(work, file, sheet_no, sheet, table) if counted else None
    _unlabelled(work, sheet_no, match.template)
    positions = {column.position: field for field, column in match.kept.items()}
    for line, position in sheet.broken:
        if position in positions and line >= heading.first_data_row:
            _insert(work, "broken_cell", {"sheet_no": sheet_no, "line": line + 1, "field": positions[position]})
    row = row | {
        "kind": match.template.key, "source": row["source"] if match.template.generic and row["source"] else match.template.source,
        "title": next((text for text in texts if text), "")[:200], "heading_line": heading.row + 1, "first_line": heading.first_data_row + 1,
        "as_of": as_of, "period": period, "rows": count if counted else 0, "status": "imported", "sentence": table.sentence,
    }  # fmt: skip
    _insert(work, "sheet", row)
    return below


#: Rows below a heading that hold no number at all: so many are looked at for the heading of another table.
_WORDS_LOOKED_AT = 3000
#: Known words that make a row below the first table the heading of another.
_SECOND = 3


def _below(work: store.Workspace, file: _File, sheet_no: int, sheet: reading.Sheet, table: _Table) -> _Table | str | None:
    """Another table further down in the same sheet, under other headings or in another order: its rows leave this one.

    Only rows without any number are looked at; ordinary sheets have none, and are not read twice.
    """
    template, heading = table.match.template, table.heading
    cells = ", ".join(template.columns)
    found = work.sql.execute(
        f"""select line from raw_{template.key} where sheet_no = ? and row_kind in ('data', 'note') and not regexp_matches(concat_ws(' ', {cells}), '[0-9]{{5}}')
            order by line limit {_WORDS_LOOKED_AT}""",  # noqa: S608 - names come from the templates
        [sheet_no],
    ).fetchall()
    own = [templates.normalise(label) for label in heading.labels]
    said = _said(sheet, heading)
    lines = {line for (line,) in found} | _rearranged(work, sheet_no, table, said)
    if not lines:
        return None
    words = frozenset(key.rpartition(mapping.OF_KIND)[2] for key in file.options.learned)
    rows = [cells for cells, _ in reading.filled_down(sheet.rows(), sheet.merged)]
    for line in sorted(lines):
        cells_of = rows[line - 1]
        if not headings.could_be_heading(cells_of) or headings.known_words(cells_of, words) < _SECOND:
            continue
        again = [templates.normalise(cell) for cell in cells_of]
        if sum(1 for mine, theirs in zip(own, again, strict=False) if mine and mine == theirs) >= _SECOND and not _moved(dict(enumerate(again)), said):
            continue
        return _cut(work, file, sheet_no, sheet, template, rows, line)
    return None


def _said(sheet: reading.Sheet, heading: headings.Heading) -> list[frozenset[str]]:
    """What the heading says above each column: its label, and the word of each of its rows."""
    written = [[templates.normalise(cell) for cell in row] for row in sheet.head()[max(heading.row, 0) : max(heading.first_data_row, 0)]]
    return [frozenset({templates.normalise(label), *(row[column] for row in written if column < len(row))} - {""}) for column, label in enumerate(heading.labels)]


def _moved(again: Mapping[int, str], said: Sequence[frozenset[str]]) -> bool:
    """The same heading on the next page says its words in the same places; a word that stands elsewhere now moves its column."""
    known = frozenset().union(*said)
    return any(column < len(said) and said[column] and word not in said[column] and word in known for column, word in again.items())


def _rearranged(work: store.Workspace, sheet_no: int, table: _Table, said: Sequence[frozenset[str]]) -> set[int]:
    """Lines that were taken for the heading again because some of its words stand where they stood, while others moved."""
    kept = table.match.kept
    rows = work.sql.execute(
        f"select line, {', '.join(kept)} from raw_{table.match.template.key} where sheet_no = ? and row_kind = 'header' order by line limit {_WORDS_LOOKED_AT}", [sheet_no]  # noqa: S608 - names come from the templates
    ).fetchall()
    places = [column.position for column in kept.values()]
    return {line for line, *cells in rows if _moved({place: templates.normalise(cell or "") for place, cell in zip(places, cells, strict=True)}, said)}


def _cut(work: store.Workspace, file: _File, sheet_no: int, sheet: reading.Sheet, template: templates.Template, rows: list[list[str]], line: int) -> _Table | str:
    """Take the rows from `line` on out of the table above; the table that they are, or why nobody knows."""
    work.sql.execute(f"delete from raw_{template.key} where sheet_no = ? and line >= ?", [sheet_no, line])  # noqa: S608 - names come from the templates
    offset = line - 1
    table, _ = _understood(file, sheet, rows[offset : offset + reading.HEAD_ROWS], offset)
    return table or f"第 {line} 行起是另一张表，看不出是哪一种，未导入；请拆成单独的文件，或由数据员说明各列含义。"


def dates_of(file_name: str, sheet_name: str, texts: list[str], options: Options) -> tuple[datetime.date, str]:
    """(date the rows speak of, month the file is for). A stated date of the sheet dates its rows; the file's name or
    title names its period. Without either the rows are of the batch's own date and the month is "": nobody said it."""
    noted = next((found for text in texts if _DATE_NOTE.search(text) and (found := reading.period(text))), None)
    base = file_name.rsplit("/", 1)[-1]
    named = reading.period(base) or reading.period(sheet_name) or next((found for text in texts if (found := reading.period(text))), None)
    year = reading.year(base)
    if named is None and noted is None and year and year < options.as_of.year:
        named = (f"{year}-12-31", True)
    as_of = min(datetime.date.fromisoformat((noted or named)[0]), options.today) if noted or named else options.as_of
    return as_of, (named or noted or ("", False))[0][:7]


def _stream(work: store.Workspace, sheet_no: int, sheet: reading.Sheet, heading: headings.Heading, match: mapping.Match, epoch_1904: bool) -> int:
    """Copy the sheet's data rows into its kind's raw table; the number of physical rows read."""
    template = match.template
    ensure_raw(work, template)
    width = len(heading.labels)
    columns = {field: f"c{column.position}" for field, column in match.kept.items()}
    chosen = []
    for field in template.columns:
        cell = columns.get(field) or columns.get(f"{field}")
        chosen.append(f"{_cell(cell, field, epoch_1904)} as {field}" if cell else f"null::varchar as {field}")
    if "phone_2" in columns:
        chosen.append(f"{_cell(columns['phone_2'], 'phone_2', epoch_1904)} as phone_2")
    elif "phone" in template.columns:
        chosen.append("null::varchar as phone_2")
    written = [sheet.head()[row] for row in range(max(heading.row, 0), max(heading.first_data_row, 0))]
    kind = rowkinds.expression(heading.labels, {field: column.position for field, column in match.kept.items()}, written)
    merged = rowkinds.merged_fields({column.position: field for field, column in match.kept.items()})
    query = f"""
      insert into raw_{template.key} by name
      select {sheet_no}::integer as sheet_no, line, {kind} as row_kind, {merged} as merged, extra, {rowkinds.lead(width)} as lead, {", ".join(chosen)}
      from batch where line > {heading.first_data_row}"""  # noqa: S608 - names come from the templates
    total = 0
    for batch in sheet.batches(width):
        work.sql.register("batch", batch)
        work.sql.execute(query)
        work.sql.unregister("batch")
        total += batch.num_rows
    return total


def _unlabelled(work: store.Workspace, sheet_no: int, template: templates.Template) -> None:
    """Cells behind the last label in more than a few rows are a column without a label, not rows out of line."""
    table = f"raw_{template.key}"
    rows, beyond = work.sql.execute(f"select count(*), count(*) filter (extra > 0) from {table} where sheet_no = ? and row_kind = 'data'", [sheet_no]).fetchone()  # noqa: S608
    if beyond > max(2, rows * 0.02):
        work.sql.execute(f"update {table} set extra = 0 where sheet_no = ?", [sheet_no])  # noqa: S608
        sentence = "表头右边还有没有表头的列，未采用；请数据员说明这一列是什么。"
        _insert(work, "column_map", {"sheet_no": sheet_no, "position": 999, "label": "", "field": None, "how": "dropped", "unit": "", "question": True, "sentence": sentence})


#: A bank card (62…, 16 to 19 digits) or an account of 19 digits inside free text is nobody's business here.
_ACCOUNT = r"(^|[^0-9])(?:62[0-9]{14,17}|[0-9]{19})($|[^0-9])"


#: Fields in which people write anything.
FREE_TEXTS = frozenset(["remark", "children_note", "relief_reason", "cancel_reason", "members"])


#: Rules of dates, whose cells keep with them whether they are numbers.
DATES = frozenset(["birth", "date", "date_future"])


def _cell(column: str, field: str, epoch_1904: bool) -> str:
    if field in FREE_TEXTS:
        column = f"regexp_replace({column}, '{_ACCOUNT}', '\\1〔账号已略〕\\2', 'g')"
    text = f"case when trim({column}, {rowkinds.SPACES}) = '' then null else {column} end"
    if fields.FIELDS[field].rule in DATES:
        number = f"list_contains(string_split(numbers, ','), '{column.removeprefix('c')}')"
        text = f"case when numbers is not null and {number} then {column} || chr({ord(reading.AS_NUMBER)}) else {text} end"
    if epoch_1904 and fields.FIELDS[field].rule in {"date", "birth"}:
        return f"case when regexp_matches({column}, '{_SERIAL}') then cast(cast({column} as double)::integer + {_SHIFT_1904} as varchar) else {text} end"
    return text


def ensure_raw(work: store.Workspace, template: templates.Template) -> None:
    """The raw table of a kind: place, kind of row, what was filled from merged cells, and one text column a field."""
    names = list(template.columns) + (["phone_2"] if "phone" in template.columns else [])
    columns = ", ".join(f"{name} varchar" for name in names)
    work.sql.execute(
        f"create table if not exists raw_{template.key} (sheet_no integer, line integer, row_kind varchar, merged varchar, extra smallint, lead varchar, {columns})"
    )


def _insert(work: store.Workspace, table: str, row: Mapping[str, object]) -> None:
    names = ", ".join(row)
    marks = ", ".join("?" for _ in row)
    work.sql.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))  # noqa: S608 - own table and column names
