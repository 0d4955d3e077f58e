"""Every writer's file says what the sheet says, and the same sheet always gives the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import pathlib
from collections.abc import Callable

import pytest
import python_calamine

from minqing.synth import biff, locked, ole, sheets
from minqing.synth.sheets import Sheet

SHEETS = [
    Sheet("彭里村", [["标题", "", ""], ["姓名", "日期", "号码"], ["张𬱖", dt.date(1966, 3, 15), 3.30899e17]], [(0, 0, 0, 2)]),
    Sheet("隐藏", [["甲"]], [], True),
]  # fmt: skip
WRITERS: list[tuple[str, Callable[[], bytes]]] = [
    ("xls", lambda: biff.as_xls(SHEETS)),
    ("xlsx", lambda: sheets.as_xlsx(SHEETS)),
    ("xlsx 1904", lambda: sheets.as_xlsx(SHEETS, epoch_1904=True)),
    ("ods", lambda: sheets.as_ods(SHEETS)),
]


@pytest.mark.parametrize(("name", "write"), WRITERS, ids=[name for name, _ in WRITERS])
def test_it_reads_back(name: str, write: Callable[[], bytes]) -> None:
    content = write()
    assert content == write()
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheet = book.get_sheet_by_name("彭里村")
    assert sheet.to_python()[1:] == [["姓名", "日期", "号码"], ["张𬱖", dt.date(1966, 3, 15), 3.30899e17]]
    if name != "ods":
        assert sheet.merged_cell_ranges == [((0, 0), (0, 2))]
        assert book.sheets_metadata[1].visible == python_calamine.SheetVisibleEnum.Hidden


def test_a_large_old_workbook_spans_many_sectors() -> None:
    many = [Sheet("大", [[f"行{n}", float(n)] for n in range(20_000)])]
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(biff.as_xls(many)))
    rows = book.get_sheet_by_name("大").to_python()
    assert len(rows) == 20_000 and rows[-1] == ["行19999", 19999.0]


def test_a_locked_workbook_is_known_as_locked(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "锁.xlsx"
    path.write_bytes(locked.protect(sheets.as_xlsx(SHEETS), "口令"))
    with pytest.raises(python_calamine.PasswordError):
        python_calamine.CalamineWorkbook.from_path(path)


def test_a_container_beyond_its_table_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        ole.container({"Workbook": b"\0" * (8 << 20)})


def test_lossy_text_writes_question_marks() -> None:
    assert sheets.as_csv(Sheet("", [["张𬱖"]]), encoding="gbk", lossy=True).decode("gbk") == "张?\r\n"
