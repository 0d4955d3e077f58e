"""Old Excel workbooks (.xls, BIFF8) as the police and the disabled persons' federation still deliver them.

Cells are labels and numbers; dates are numbers with Excel's date format 14, counted from 1899-12-30.
"""

from __future__ import annotations

import datetime as dt
import struct

from minqing.synth import ole
from minqing.synth.sheets import Cell, Formula, Sheet

EPOCH = dt.date(1899, 12, 30)
PLAIN, DATE = 15, 16
MERGES_PER_RECORD = 1000


def _record(code: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(body)) + body


def _short_text(text: str) -> bytes:
    """Length in one byte (sheet and font names)."""
    return struct.pack("<BB", len(text), 1) + text.encode("utf-16-le")


def _long_text(text: str) -> bytes:
    raw = text.encode("utf-16-le")
    return struct.pack("<HB", len(raw) // 2, 1) + raw


def _begin(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _formats() -> bytes:
    font = _record(0x0031, struct.pack("<HHHHHBBBB", 220, 0, 0x7FFF, 400, 0, 0, 0, 134, 0) + _short_text("宋体"))
    body = struct.Struct("<HHHBBBBIIH")
    style = _record(0x00E0, body.pack(0, 0, 0xFFF5, 0x20, 0, 0, 0xF4, 0, 0, 0x20C0))
    plain = _record(0x00E0, body.pack(0, 0, 0x0001, 0x20, 0, 0, 0, 0, 0, 0x20C0))
    day = _record(0x00E0, body.pack(0, 14, 0x0001, 0x20, 0, 0, 0x04, 0, 0, 0x20C0))
    normal = _record(0x0293, struct.pack("<HBB", 0x8000, 0, 0xFF))
    return font * 5 + style * PLAIN + plain + day + normal


def _cell(row: int, column: int, cell: Cell) -> bytes:
    if cell is None or cell == "":
        return b""
    if isinstance(cell, Formula):
        cell = cell.shown
    if isinstance(cell, dt.date):
        return _record(0x0203, struct.pack("<HHHd", row, column, DATE, float((cell - EPOCH).days)))
    if isinstance(cell, str):
        return _record(0x0204, struct.pack("<HHH", row, column, PLAIN) + _long_text(cell))
    return _record(0x0203, struct.pack("<HHHd", row, column, PLAIN, float(cell)))


def _sheet(sheet: Sheet) -> bytes:
    width = max((len(row) for row in sheet.rows), default=0)
    parts = [_begin(0x0010), _record(0x0200, struct.pack("<IIHHH", 0, len(sheet.rows), 0, width, 0))]
    for at, row in enumerate(sheet.rows):
        parts += [_cell(at, column, cell) for column, cell in enumerate(row)]
    for at in range(0, len(sheet.merges), MERGES_PER_RECORD):
        some = sheet.merges[at : at + MERGES_PER_RECORD]
        ranges = b"".join(struct.pack("<HHHH", r1, r2, c1, c2) for r1, c1, r2, c2 in some)
        parts.append(_record(0x00E5, struct.pack("<H", len(some)) + ranges))
    parts += [_record(0x023E, struct.pack("<HHHIHHI", 0x06B6, 0, 0, 64, 0, 0, 0)), _record(0x000A)]
    return b"".join(parts)


def as_xls(sheets: list[Sheet], *, epoch_1904: bool = False) -> bytes:
    """The workbook's bytes. With ``epoch_1904`` the workbook says that its serial numbers count from 1904."""
    pages = [_sheet(sheet) for sheet in sheets]
    names = [_short_text(sheet.name) for sheet in sheets]
    head = b"".join(
        [
            _begin(0x0005),
            _record(0x0042, struct.pack("<H", 1200)),
            _record(0x003D, struct.pack("<HHHHHHHHH", 0, 0, 16000, 9000, 0x38, 0, 0, 1, 600)),
            _record(0x0022, struct.pack("<H", int(epoch_1904))),
            _formats(),
        ]
    )
    start = len(head) + sum(4 + 6 + len(name) for name in names) + 4
    bounds = b""
    for sheet, name, page in zip(sheets, names, pages, strict=True):
        bounds += _record(0x0085, struct.pack("<IH", start, int(sheet.hidden)) + name)
        start += len(page)
    return ole.container({"Workbook": head + bounds + _record(0x000A) + b"".join(pages)})
