"""Tables in mark-up that call themselves .xls: HTML pages and "XML 表格 2003".

Invariant: spans become the same merged ranges that a real workbook reports, so that everything after the reader is one path.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from minqing.gather.engine import delimited, reading

_CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_CELLS = {"td", "th", "cell"}
_ROWS = {"tr", "row"}
_TABLES = {"table", "worksheet"}


class _Tables(HTMLParser):
    """Collects every top-level table as rows of text and merged ranges."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[str, bool, list[list[str]], list[reading.Merge]]] = []
        self._depth = 0
        self._text: list[str] | None = None
        self._number = False
        self._span = (1, 1)
        self._column = 0
        self._taken: dict[tuple[int, int], bool] = {}
        self._title: list[str] | None = None
        self.titles: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _TABLES:
            # A worksheet of the XML form contains a table: both together are one.
            self._depth += 1
            if self._depth == 1:
                self.tables.append((given.get("ss:name", ""), False, [], []))
                self._taken = {}
        elif tag in _ROWS and self.tables:
            rows = self.tables[-1][2]
            index = given.get("ss:index", "")
            while index.isdigit() and len(rows) < int(index) - 1:
                rows.append([])
            rows.append([])
            self._column = 0
        elif tag in _CELLS and self.tables and self.tables[-1][2]:
            self._open_cell(given)
        elif tag == "data" and given.get("ss:type") == "Number":
            self._number = True
        elif tag == "br" and self._text is not None:
            self._text.append("\n")

    def _open_cell(self, given: dict[str, str]) -> None:
        row = len(self.tables[-1][2]) - 1
        if given.get("ss:index", "").isdigit():
            self._column = int(given["ss:index"]) - 1
        while self._taken.get((row, self._column)):
            self._column += 1
        down = _number(given.get("rowspan"), 1) if "rowspan" in given else 1 + _number(given.get("ss:mergedown"), 0)
        across = _number(given.get("colspan"), 1) if "colspan" in given else 1 + _number(given.get("ss:mergeacross"), 0)
        self._span = (max(1, min(down, 5000)), max(1, min(across, 500)))
        self._text = []
        # Excel's own pages say it of the cell, its XML of the data inside.
        self._number = "x:num" in given

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in _TABLES:
            self._depth = max(0, self._depth - 1)
        elif tag in _CELLS:
            self._close_cell()

    def _close_cell(self) -> None:
        if self._text is None or not self.tables:
            return
        _, _, rows, merged = self.tables[-1]
        row, column, (down, across) = len(rows) - 1, self._column, self._span
        rows[row].extend([""] * (column + 1 - len(rows[row])))
        text = "".join(self._text).strip()
        rows[row][column] = reading.number_text(text) if self._number else text
        self._text = None
        for below in range(down):
            for right in range(across):
                self._taken[(row + below, column + right)] = True
        if down > 1 or across > 1:
            merged.append((row, column, row + down - 1, column + across - 1))
        self._column = column + across


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdigit() else otherwise


def open_markup(path: Path, form: str) -> reading.Book:
    """A page of tables as a book. Raises `reading.Refused` when there is no table in it."""
    content = path.read_bytes()
    declared = _CHARSET.search(content[:2048])
    name = declared[1].decode("ascii", "replace").lower() if declared else ""
    # Pages that declare gb2312 are written in GBK; the superset reads both.
    name = "gb18030" if name in {"gb2312", "gbk", "gb18030", "x-gbk"} else name
    try:
        text = content.decode(name or "utf-8")
    except (UnicodeDecodeError, LookupError):
        found = delimited.encoding_of(path)
        name, text = found.name, content[found.skip :].decode(found.name, "replace")
    parser = _Tables()
    parser.feed(text)
    parser.close()
    sheets = []
    for number, (title, hidden, rows, merged) in enumerate(parser.tables, 1):
        if not any(any(cell for cell in row) for row in rows):
            continue
        width = max(len(row) for row in rows)
        padded = [row + [""] * (width - len(row)) for row in rows]
        sheets.append(
            reading.Sheet(name=title or f"表{number}", rows=lambda kept=padded: (list(row) for row in kept), hidden=hidden, merged=tuple(merged), typed=True)
        )
    if not sheets:
        raise reading.Refused("文件是网页格式，里面没有表格。请在 Excel 中打开后另存为 xlsx 再上传。")
    return reading.Book(path=path, format=form, sheets=sheets, encoding=name or "utf-8")
