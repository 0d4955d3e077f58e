"""Workbooks: xls, xlsx, ods (and .et, which is xls) through calamine.

Invariant: what is refused is refused with one sentence that tells a clerk what to do; what is skipped (a hidden sheet,
an empty sheet) is reported. Merged ranges count from the sheet's first cell, wherever its data begin.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import python_calamine

from minqing.gather.engine import reading

_LIMIT_CELLS = 400_000_000
_ERROR_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*\bt="e"')
_UNCOMPUTED = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*><f[^>]*>[^<]*</f>(?:<v\s*/>|<v></v>)?</c>')
_DATE_1904 = re.compile(rb'date1904="(?:1|true)"')


def open_workbook(path: Path, form: str) -> reading.Book:
    """A workbook as a book. Raises `reading.Refused` for locked, macro and broken ones and for pictures of tables."""
    pictures = _inspect(path) if form in {"xlsx", "ods"} else False
    if form == "xls":
        _inspect_ole(path)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path)) if form != "xls" else _from_bytes(path)
        described = [(meta, book.get_sheet_by_name(meta.name)) for meta in book.sheets_metadata if _is_cells(meta)]
    except python_calamine.PasswordError as error:
        raise reading.Refused("工作簿有打开密码。请去掉密码后再上传。") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise reading.Refused(f"工作簿打不开，可能没有传完整或已损坏（{type(error).__name__}）。请在 Excel 中打开后另存为 xlsx 再上传。") from error
    broken = _broken_cells(path) if form == "xlsx" else {}
    sheets = []
    for meta, sheet in described:
        hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
        sheets.append(_sheet(sheet, hidden, broken.get(meta.name, ())))
    if not any(sheet.head(5) for sheet in sheets):
        raise reading.Refused(
            "工作簿里只有图片，没有单元格。请把表格内容录入单元格后再上传。" if pictures else "工作簿里没有任何内容。请检查是否选错了文件。"
        )
    return reading.Book(path=path, format=form, sheets=sheets, epoch_1904=_is_1904(path, form))


def _from_bytes(path: Path) -> python_calamine.CalamineWorkbook:
    # .et and other names: the container decides, not the extension.
    with path.open("rb") as stream:
        return python_calamine.CalamineWorkbook.from_filelike(stream)


def _is_cells(meta: python_calamine.SheetMetadata) -> bool:
    return meta.typ == python_calamine.SheetTypeEnum.WorkSheet


def _sheet(sheet: python_calamine.CalamineSheet, hidden: bool, broken: tuple[tuple[int, int], ...]) -> reading.Sheet:
    left = sheet.start[1] if sheet.start else 0
    padding = [""] * left

    def rows() -> Iterator[list[str]]:
        for row in sheet.iter_rows():
            yield padding + [reading.cell_text(value) for value in row]

    # calamine gives (row, column) pairs of the first and the last cell of each range
    merged = tuple((first[0], first[1], last[0], last[1]) for first, last in sheet.merged_cell_ranges or ())
    return reading.Sheet(name=sheet.name, rows=rows, hidden=hidden, merged=tuple(sorted(merged)), broken=broken, typed=True)


def _inspect(path: Path) -> bool:
    """Refuse macros; True when the workbook holds pictures."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise reading.Refused("工作簿打不开，可能没有传完整或已损坏。请在 Excel 中打开后另存为 xlsx 再上传。") from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise reading.Refused("工作簿带有宏，出于安全不读取。请另存为不带宏的 xlsx 再上传。")
    return any("/media/" in name or name.startswith("Pictures/") for name in names)


def _inspect_ole(path: Path) -> None:
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise reading.Refused("工作簿有打开密码。请去掉密码后再上传。")
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise reading.Refused("工作簿带有宏，出于安全不读取。请另存为不带宏的 xlsx 再上传。")
    if "WordDocument".encode("utf-16-le") in content:
        raise reading.Refused("这是 Word 文档，不是表格。请把表格放进 Excel 后再上传。")


def _is_1904(path: Path, form: str) -> bool:
    if form != "xlsx":
        # BIFF record DATEMODE (0x22), length 2, value 1
        return form == "xls" and b"\x22\x00\x02\x00\x01\x00" in path.read_bytes()[:65_536]
    with zipfile.ZipFile(path) as archive:
        return bool(_DATE_1904.search(archive.read("xl/workbook.xml"))) if "xl/workbook.xml" in archive.namelist() else False


def _broken_cells(path: Path) -> dict[str, tuple[tuple[int, int], ...]]:
    """Cells of each sheet whose formula failed or was never computed. calamine shows both as empty."""
    result: dict[str, tuple[tuple[int, int], ...]] = {}
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return result
        targets = dict(re.findall(r'<Relationship\b(?=[^>]*\bId="([^"]+)")(?=[^>]*\bTarget="([^"]+)")', _read(archive, "xl/_rels/workbook.xml.rels")))
        for name, key in re.findall(r'<sheet\b(?=[^>]*\bname="([^"]*)")(?=[^>]*\br:id="([^"]+)")', _read(archive, "xl/workbook.xml")):
            target = targets.get(key, "").lstrip("/")
            part = target if target.startswith("xl/") else f"xl/{target}"
            if part not in names:
                continue
            content = archive.read(part)
            if b't="e"' not in content and b"<f" not in content:
                continue
            cells = {_position(*match) for match in _ERROR_CELL.findall(content)} | {_position(*match) for match in _UNCOMPUTED.findall(content)}
            result[_unescape(name)] = tuple(sorted(cells))
    return result


def _read(archive: zipfile.ZipFile, name: str) -> str:
    return archive.read(name).decode("utf-8", "replace")


def _unescape(text: str) -> str:
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, char)
    return text


def _position(letters: bytes, digits: bytes) -> tuple[int, int]:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(digits) - 1, column - 1
