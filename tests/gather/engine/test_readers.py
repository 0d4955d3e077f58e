"""Any file a department hands in is read as it is, or refused with one sentence a clerk understands."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from minqing.gather.engine import readers, reading

HEADING = "姓名,身份证号,电话\n"


def rows_of(path: Path, sheet: int = 0) -> list[list[str]]:
    return readers.open_file(path).sheets[sheet].head()


def refusal(path: Path) -> str:
    with pytest.raises(reading.Refused) as raised:
        readers.open_file(path)
    return str(raised.value)


def workbook(path: Path, fill, **properties: object) -> Path:
    book = openpyxl.Workbook()
    for name, value in properties.items():
        setattr(book, name, value)
    fill(book.active)
    book.save(path)
    return path


@pytest.mark.parametrize(("name", "codec"), [("a", "utf-8"), ("b", "utf-8-sig"), ("c", "gbk"), ("d", "gb18030"), ("e", "utf-16")])
def test_text_is_decoded_in_a_strict_order(tmp_path: Path, name: str, codec: str) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_bytes((HEADING + "张三,330899196403130432,0570-4888365\n").encode(codec))
    assert rows_of(path)[1][0] == "张三"


def test_a_character_only_gb18030_holds_survives(tmp_path: Path) -> None:
    path = tmp_path / "rare.csv"
    path.write_bytes((HEADING + "柴樟𬱖,330899196403130432,\n").encode("gb18030"))
    assert rows_of(path)[1][0] == "柴樟𬱖"


def test_a_lossy_question_mark_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "lossy.csv"
    path.write_bytes((HEADING + "柴樟𬱖,330899196403130432,\n").encode("gbk", "replace"))
    assert rows_of(path)[1][0] == "柴樟?"


def test_one_broken_byte_in_much_text_is_shown_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes((HEADING + "张三,330899196403130432,\n" * 2000).encode("gb18030") + b"\xff\xff,1,2\n")
    book = readers.open_file(path)
    assert "无法解码" in book.notes[0]


def test_noise_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise.csv"
    path.write_bytes(bytes(range(128, 256)) * 50)
    assert "编码" in refusal(path)


def test_tabs_and_unicode_text_under_any_name(tmp_path: Path) -> None:
    path = tmp_path / "导出.xls"
    path.write_bytes("姓名\t身份证号\t电话\n张三\t330899196403130432\t\n".encode("utf-16"))
    assert rows_of(path)[1] == ["张三", "330899196403130432", ""]


def test_quoted_commas_and_new_lines_stay_in_their_cell(tmp_path: Path) -> None:
    path = tmp_path / "quoted.csv"
    path.write_text('名称,经营范围\n小店,"小吃,饮料\n（凭许可证）"\n乙店,百货\n', encoding="utf-8")
    assert rows_of(path)[1:] == [["小店", "小吃,饮料\n（凭许可证）"], ["乙店", "百货"]]


def test_a_stray_quote_does_not_swallow_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "stray.csv"
    path.write_text("名称,范围\n" + '"甲店,百货\n' + "乙店,百货\n" * 100, encoding="utf-8")
    book = readers.open_file(path)
    assert len(book.sheets[0].head()) == 102
    assert "引号不成对" in book.notes[0]


def test_a_page_of_tables_under_the_name_xls(tmp_path: Path) -> None:
    path = tmp_path / "网页.xls"
    path.write_text(
        "<html><meta charset='utf-8'><table><tr><td colspan=3>花名册</td></tr><tr><th>姓名</th><th>户主</th><th>电话</th></tr>"
        "<tr><td>张&nbsp;三</td><td rowspan='2'>李四</td><td>1</td></tr><tr><td>王五</td><td>2</td></tr></table></html>", encoding="utf-8",
    )  # fmt: skip
    book = readers.open_file(path)
    assert book.format == "html"
    assert [row[1] for row in book.sheets[0].head()[2:]] == ["李四", "李四"]
    assert book.sheets[0].head()[3][2] == "2"


def test_xml_spreadsheet_2003(tmp_path: Path) -> None:
    path = tmp_path / "xml.xls"
    path.write_text(
        '<?xml version="1.0"?><Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="名册"><Table>'
        '<Row><Cell><Data ss:Type="String">姓名</Data></Cell><Cell><Data ss:Type="String">电话</Data></Cell></Row>'
        '<Row><Cell ss:Index="2"><Data ss:Type="String">123</Data></Cell></Row></Table></Worksheet></Workbook>', encoding="utf-8",
    )  # fmt: skip
    sheet = readers.open_file(path).sheets[0]
    assert (sheet.name, sheet.head()) == ("名册", [["姓名", "电话"], ["", "123"]])


def test_merged_cells_are_filled_down_and_named(tmp_path: Path) -> None:
    def fill(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        for row in (["户主", "地块"], ["张三", "路下"], [None, "塘下"], [None, "八斗"]):
            sheet.append(row)
        sheet.merge_cells("A2:A4")

    sheet = readers.open_file(workbook(tmp_path / "merged.xlsx", fill)).sheets[0]
    batch = next(iter(sheet.batches(2)))
    assert batch.column("c0").to_pylist() == ["户主", "张三", "张三", "张三"]
    assert batch.column("merged").to_pylist() == [None, None, "0", "0"]


def test_a_number_stored_as_a_number_shows_its_loss(tmp_path: Path) -> None:
    path = workbook(tmp_path / "lossy.xlsx", lambda sheet: sheet.append([330899197009080558, 330899700908055, 12.0, 0.53, datetime.date(1966, 3, 15)]))
    assert rows_of(path)[0] == ["3.308991970090806e+17", "330899700908055", "12", "0.53", "1966-03-15"]


def test_failed_and_uncomputed_formulas_are_empty_and_known(tmp_path: Path) -> None:
    def fill(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        sheet.append(["姓名", "电话"])
        sheet.append(["张三", "=VLOOKUP(1,A1:B2,2)"])
        sheet["A3"] = "#N/A"
        sheet["A3"].data_type = "e"

    sheet = readers.open_file(workbook(tmp_path / "errors.xlsx", fill)).sheets[0]
    assert sheet.head()[1] == ["张三", ""]
    assert sheet.broken == ((1, 1), (2, 0))


def test_hidden_sheets_and_old_macintosh_dates_are_told(tmp_path: Path) -> None:
    path = tmp_path / "mac.xlsx"
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append([datetime.date(1966, 3, 15)])
    book.create_sheet("代码").sheet_state = "hidden"
    book.save(path)
    opened = readers.open_file(path)
    assert opened.epoch_1904
    assert [sheet.hidden for sheet in opened.sheets] == [False, True]
    assert opened.sheets[0].head() == [["1966-03-15"]]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.xlsx", b"", "空"), ("b.pdf", b"%PDF-1.7 ...", "PDF"), ("c.xlsx", b"\x89PNG\r\n\x1a\n", "图片"), ("d.rar", b"Rar!\x1a\x07\x00", "压缩包"),
        ("e.xlsx", b"PK\x03\x04cut", "没有传完整"), ("f.xls", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("g.xls", b"\xd0\xcf\x11\xe0" + "_VBA_PROJECT".encode("utf-16-le"), "宏"), ("h.doc", b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"), "Word"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_plain_words(tmp_path: Path, name: str, content: bytes, word: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert word in refusal(path)


def test_a_macro_workbook_and_a_workbook_of_pictures_are_refused(tmp_path: Path) -> None:
    plain = io.BytesIO()
    openpyxl.Workbook().save(plain)
    for part, word in (("xl/vbaProject.bin", "宏"), ("xl/media/image1.png", "图片")):
        path = tmp_path / "book.xlsx"
        path.write_bytes(plain.getvalue())
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(part, b"x")
        assert word in refusal(path)


def test_lock_files_and_read_mes_are_not_files_of_anybody(tmp_path: Path) -> None:
    for name in ("~$名册.xlsx", ".DS_Store", "README.md", "名册.csv"):
        (tmp_path / name).write_text(HEADING, encoding="utf-8")
    assert [name for _, name in readers.files_of([tmp_path])] == ["名册.csv"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026年10月低保花名册", ("2026-10-31", True)), ("填报日期：2026年9月5日", ("2026-09-05", False)), ("截止2026-02", ("2026-02-28", True)),
        ("医保参保明细_2026", None), ("20261031导出", ("2026-10-31", False)), ("名册202610", ("2026-10-31", True)),
    ],
)  # fmt: skip
def test_the_date_a_title_speaks_of(text: str, expected: tuple[str, bool] | None) -> None:
    assert reading.period(text) == expected
