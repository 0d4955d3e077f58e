"""Sheets and the many ways in which offices save them.

A sheet is a list of rows of cells; every writer here turns the same sheet into the bytes of one format, and the same
sheet into the same bytes. Row and column numbers of merges are 0-based and inclusive.
"""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import zipfile
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import xlsxwriter


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that holds a formula; ``shown`` is what the program displayed when it was saved ("#N/A")."""

    text: str
    shown: str | float


Cell = str | int | float | dt.date | Formula | None
Merge = tuple[int, int, int, int]

SAVED_AT = dt.datetime(2026, 10, 31, 9, 0, 0)  # noqa: DTZ001 workbook properties carry no zone
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(slots=True)
class Sheet:
    """One sheet: its name, rows, merged ranges (first row, first column, last row, last column) and visibility."""

    name: str
    rows: list[list[Cell]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    hidden: bool = False


def text_of(cell: Cell) -> str:
    """The cell as a text file shows it: dates as 1966/3/15, whole floats without their point."""
    if cell is None:
        return ""
    if isinstance(cell, Formula):
        return str(cell.shown)
    if isinstance(cell, dt.date):
        return f"{cell.year}/{cell.month}/{cell.day}"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, float) and abs(cell) >= 1e15:
        return f"{cell:.5E}"
    return str(cell)


def as_xlsx(sheets: list[Sheet], *, epoch_1904: bool = False) -> bytes:
    """An .xlsx workbook; with ``epoch_1904`` its dates count from 1904-01-01 as old Macintosh workbooks do."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "date_1904": epoch_1904, "strings_to_numbers": False})
    book.set_properties({"created": SAVED_AT, "author": "", "company": ""})
    day = book.add_format({"num_format": "yyyy/m/d"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        if sheet.hidden:
            page.hide()
        for at, row in enumerate(sheet.rows):
            for column, cell in enumerate(row):
                if cell is None or cell == "":
                    continue
                if isinstance(cell, Formula):
                    page.write_formula(at, column, cell.text, None, cell.shown)
                elif isinstance(cell, dt.date):
                    page.write_datetime(at, column, dt.datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
                elif isinstance(cell, str):
                    page.write_string(at, column, cell)
                else:
                    page.write_number(at, column, cell)
        for first_row, first_column, last_row, last_column in sheet.merges:
            cell = sheet.rows[first_row][first_column]
            page.merge_range(first_row, first_column, last_row, last_column, "")
            if isinstance(cell, str):
                page.write_string(first_row, first_column, cell)
            elif isinstance(cell, int | float):
                page.write_number(first_row, first_column, cell)
    book.close()
    return buffer.getvalue()


def as_csv(sheet: Sheet, *, encoding: str = "utf-8", delimiter: str = ",", lossy: bool = False) -> bytes:
    """Delimited text. ``lossy`` writes "?" for characters that the encoding lacks, as old programs do."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    for row in sheet.rows:
        writer.writerow([text_of(cell) for cell in row])
    return buffer.getvalue().encode(encoding, "replace" if lossy else "strict")


def as_html(sheet: Sheet) -> bytes:
    """The table that web systems send out under the name .xls; merged cells as rowspan and colspan."""
    covered = {
        (r, c)
        for r1, c1, r2, c2 in sheet.merges
        for r in range(r1, r2 + 1)
        for c in range(c1, c2 + 1)
        if (r, c) != (r1, c1)
    }
    spans = {(r1, c1): (r2 - r1 + 1, c2 - c1 + 1) for r1, c1, r2, c2 in sheet.merges}
    lines = ['<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>']
    lines.append('<meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body><table border="1">')
    for r, row in enumerate(sheet.rows):
        cells = []
        for c, cell in enumerate(row):
            if (r, c) in covered:
                continue
            rows, columns = spans.get((r, c), (1, 1))
            span = (f' rowspan="{rows}"' if rows > 1 else "") + (f' colspan="{columns}"' if columns > 1 else "")
            cells.append(f"<td{span} style=\"mso-number-format:'\\@'\">{html.escape(text_of(cell)) or '&nbsp;'}</td>")
        lines.append("<tr>" + "".join(cells) + "</tr>")
    return "\r\n".join([*lines, "</table></body></html>", ""]).encode()


ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>"
)
ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def _ods_cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    shown = f"<text:p>{escape(text_of(cell))}</text:p>"
    if isinstance(cell, dt.date):
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{cell:%Y-%m-%d}">{shown}</table:table-cell>'
        )
    if isinstance(cell, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{cell!r}">{shown}</table:table-cell>'
    return f'<table:table-cell office:value-type="string">{shown}</table:table-cell>'


def as_ods(sheets: list[Sheet]) -> bytes:
    """An OpenDocument spreadsheet (merges are not written: none of our .ods files has any)."""
    body = [ODS_HEAD]
    for sheet in sheets:
        body.append(f'<table:table table:name="{escape(sheet.name)}">')
        body += ["<table:table-row>" + "".join(map(_ods_cell, row)) + "</table:table-row>" for row in sheet.rows]
        body.append("</table:table>")
    body.append("</office:spreadsheet></office:body></office:document-content>")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content, how in (
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED),
            ("META-INF/manifest.xml", ODS_MANIFEST, zipfile.ZIP_DEFLATED),
            ("content.xml", "".join(body), zipfile.ZIP_DEFLATED),
        ):
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = how
            archive.writestr(entry, content)
    return buffer.getvalue()
