"""Read a delivered file's physical rows, plainly and without any repair: what the truth's row numbers refer to."""

from __future__ import annotations

import csv
import io
import pathlib
import re
from html.parser import HTMLParser
from typing import Any

import python_calamine


class _Table(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.rows[-1][-1] += data


def rows(path: pathlib.Path, form: str, encoding: str) -> dict[str, list[list[Any]]]:
    """Sheet name → rows of cells; text files have one sheet named ""."""
    content = path.read_bytes()
    if form in ("csv", "tsv"):
        text = content.decode(encoding)
        delimiter = "\t" if form == "tsv" or encoding == "utf-16" else ","
        return {"": list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))}
    if form == "html":
        table = _Table()
        table.feed(content.decode("utf-8"))
        return {"": table.rows}
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def flat(cells: list[Any]) -> str:
    """The cells as one text; floats beyond 15 digits as numbers."""
    return "\x1f".join(re.sub(r"\.0$", "", str(cell)) for cell in cells)
