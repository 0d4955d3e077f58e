"""Files as four departments' clerks made them by hand: two things in one cell, cards, aligned text, wrong marks, a brother's number."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from minqing.gather.engine import forms, headings, readers, store, twofold
from tests.gather.engine.conftest import Gather
from tests.gather.engine.test_runs import number

VILLAGE = "330825109208"
FATHER, BROTHER, SISTER, AUNT = number(111, "19800303"), number(333, "20080808"), number(222, "20120229"), number(444, "19850516")


def text(path: Path, content: str, encoding: str = "utf-8", mark: bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(mark + content.encode(encoding))
    return path


def rows_of(path: Path) -> list[list[str]]:
    return readers.open_file(path).sheets[0].head()


# ---- the container


def test_a_mark_that_lies_about_the_text_is_not_believed(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", "姓名,证件号码\n张伟,1\n", "gb18030", b"\xef\xbb\xbf")
    assert rows_of(path)[1] == ["张伟", "1"]
    assert "GBK" in readers.open_file(path).notes[0]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_sixteen_bits_without_a_mark_are_read(tmp_path: Path, encoding: str) -> None:
    assert rows_of(text(tmp_path / "a.csv", "姓名\t证件号码\n张伟\t330899198003030111\n", encoding))[1] == ["张伟", "330899198003030111"]


def test_a_quote_inside_a_cell_is_a_letter_and_a_cell_of_two_lines_stays_one(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", '姓名;号码;备注\n徐一;1;身高5"4\n徐二;2;"困难；补贴\n2026年"\n徐三;3;\n')
    assert rows_of(path)[1:] == [["徐一", "1", '身高5"4'], ["徐二", "2", "困难；补贴\n2026年"], ["徐三", "3", ""]]
    assert readers.open_file(path).notes == []


def test_a_quote_that_is_never_closed_does_not_take_the_next_row_with_it(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", '姓名,号码,备注\n江海,1,"低保\n方芳,2,"重点"户\n余亮,3,\n')
    assert [row[0] for row in rows_of(path)] == ["姓名", "江海", "方芳", "余亮"]
    assert "1 行的引号不成对" in readers.open_file(path).notes[0]


def test_columns_that_are_aligned_with_spaces_are_columns(tmp_path: Path) -> None:
    lines = ["姓名          公民身份号码          参保状态", f"叶茂林        {FATHER}    正常参保", f"蓝秀          {SISTER}", f"诸葛明        {BROTHER}    停保"]
    assert rows_of(text(tmp_path / "a.txt", "\r\n".join(lines) + "\r\n", "gb18030"))[1:3] == [["叶茂林", FATHER, "正常参保"], ["蓝秀", SISTER, ""]]


def test_letters_are_not_taken_for_columns(tmp_path: Path) -> None:
    path = text(tmp_path / "a.txt", "关于做好数据报送工作的函\n各乡镇（街道）：\n　　请于11月15日前报送。\n")
    assert all(len([cell for cell in row if cell]) == 1 for row in rows_of(path))


@pytest.mark.parametrize("content", [b"\x00\x00\x00\x18ftypheic" + bytes(40), b"RIFF\x24\x00\x00\x00WEBPVP8 ", b"II*\x00" + bytes(40)])
def test_photographs_of_telephones_are_called_pictures(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "照片.xls"
    path.write_bytes(content)
    with pytest.raises(readers.reading.Refused, match="图片"):
        readers.open_file(path)


def test_a_file_of_nothing_but_zeros_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "坏.csv"
    path.write_bytes(bytes(50_000))
    with pytest.raises(readers.reading.Refused, match="不是文字表格"):
        readers.open_file(path)


# ---- the table


def parted(label: str, cells: list[str]) -> tuple[tuple[str, ...], list[list[str]]]:
    head = [["序号", label, "签约日期"], *[[str(at), cell, "2026-01-01"] for at, cell in enumerate(cells, 1)]]
    heading = headings.Heading(0, 1, tuple(head[0]), tuple((word,) for word in head[0]), 2)
    sheet = readers.reading.Sheet(name="", rows=lambda: iter([list(row) for row in head]))
    _, heading, head = twofold.parted(sheet, heading, head)
    return heading.labels, [[row[1], *row[3:]] for row in head[1:]]


@pytest.mark.parametrize("label", ["姓名/身份证", "姓名（身份证号）", "姓名及身份证号码"])
def test_a_name_and_a_number_in_one_cell_are_two_columns(label: str) -> None:
    labels, rows = parted(label, [f"张伟（{FATHER}）", f"汪玲 {SISTER}", f"{BROTHER}张轩", "余国良"])
    assert (labels[1], labels[-1]) == ("姓名", "身份证号")
    assert rows == [["张伟", FATHER], ["汪玲", SISTER], ["张轩", BROTHER], ["余国良", ""]]


def test_a_guardian_s_number_stays_the_guardian_s() -> None:
    labels, rows = parted("家长及电话", ["张伟15400000001", "汪玲 154-0000-0002", "张伟 0570-7711234"])
    assert (labels[1], labels[-1]) == ("家长", "家长电话")
    assert rows[0] == ["张伟", "15400000001"]


def test_a_telephone_with_a_name_beside_it_is_one_column() -> None:
    labels, _ = parted("联系电话", ["15400000001 张伟", "15400000002 汪玲", "15400000003"])
    assert labels == ("序号", "联系电话", "签约日期")


def test_cards_become_rows_at_the_line_that_names_the_person(tmp_path: Path) -> None:
    card = [["残疾人基本情况卡"], ["姓名", "张伟", "性别", "男", "残疾人证号", FATHER + "42"], ["残疾类别", "肢体", "残疾等级", "二级", "联系电话", ""], []]
    rows = card + [[cell.replace("张伟", "汪玲").replace("男", "女").replace(FATHER, SISTER) for cell in row] for row in card]
    sheet = readers.reading.Sheet(name="", rows=lambda: iter([list(row) for row in rows]))
    found = forms.tabled(sheet, rows)
    assert found is not None
    table, heading = found
    assert heading.labels == ("姓名", "性别", "残疾人证号", "残疾类别", "残疾等级", "联系电话")
    assert {at: row for at, row in enumerate(table.rows(), 1) if any(row)} == {
        2: ["张伟", "男", FATHER + "42", "肢体", "二级", ""], 6: ["汪玲", "女", SISTER + "42", "肢体", "二级", ""],
    }  # fmt: skip


def test_a_list_is_no_card() -> None:
    rows = [["姓名", "性别", "残疾人证号"], ["张伟", "男", FATHER + "42"], ["汪玲", "女", SISTER + "42"]]
    assert forms.tabled(readers.reading.Sheet(name="", rows=lambda: iter(rows)), rows) is None


# ---- the whole way


def write(files: Path, *, address: str = "龙游县溪口镇双港口村里坞12号", village: str = "双港口村") -> Path:
    """A register whose codes are numbers and whose household goes on in the next sheet; insurance with a brother's number; a broken file."""
    (files / "01_公安").mkdir(parents=True)
    book = openpyxl.Workbook()
    heading = ["户号", "户主", "身份关系", "姓 名\n(本人)", "性别", "公 民\n身份号码", "户口所在地", "变动类别"]
    first = [["溪口派出所"], heading, ["101", "张伟", 2, "张伟", 1, FATHER, address, None], ["101", "张伟", 22, "张梓轩", 1, BROTHER, address, None],
             ["第1组小计", "", "", "2人"], heading]  # fmt: skip
    second = [heading, ["101", "张伟", 32, "张梓涵", 2, SISTER, address, None], ["102", "吕月", 2, "吕月", 2, AUNT, address, None], ["分管领导：", "", "", "经办：毛"]]
    for page, rows in ((book.active, first), (book.create_sheet("二"), second)):
        for row in rows:
            page.append(row)
    book.save(files / "01_公安" / "户籍.xlsx")
    insured = ["参保人姓名,证件号码,参保地村,参保状态", f"张伟,{FATHER},{village},正常", f"张梓涵,{BROTHER},{village},正常", f"吕月,未上户,{village},正常"]
    text(files / "06_医保" / "参保.csv", "\n".join(insured) + "\n", "gb18030", b"\xef\xbb\xbf")
    relief = ["申请人\t公民身份号码\t家庭成员\t月保障金额", f"张伟\t{FATHER}\t张梓轩 长子 {BROTHER}，张梓涵，长女，{SISTER}\t1050"]
    text(files / "02_民政" / "低保.xls", "\n".join(relief) + "\n", "utf-16-le")
    # strict at its beginning, nothing any more further on: a record torn by a bad disk
    (files / "03_人社").mkdir()
    (files / "03_人社" / "坏.xlsx").write_bytes((files / "01_公安" / "户籍.xlsx").read_bytes()[:-900])
    return files


@pytest.fixture(scope="module")
def batch(gather: Gather, tmp_path_factory: pytest.TempPathFactory) -> store.Workspace:
    """The four departments' files, gathered."""
    folder = tmp_path_factory.mktemp("handmade")
    work = gather(write(folder / "files"), folder / "work", within=VILLAGE)
    yield work
    work.close()


def test_a_household_that_goes_on_in_the_next_sheet_is_one(batch: store.Workspace) -> None:
    assert batch.sql.execute("select head_name, members_count from household order by 1").fetchall() == [("吕月", 1), ("张伟", 3)]


def test_a_code_that_lost_its_zero_is_the_head(batch: store.Workspace) -> None:
    assert batch.sql.execute("select p.name, m.relation from membership m join person p using (person_key) where m.current order by 2, 1").fetchall() == [("吕月", "02"), ("张伟", "02"), ("张梓轩", "22"), ("张梓涵", "32")]
    assert batch.sql.execute("select count(*) from issue where code like 'D29%' or code = 'D18.unknown'").fetchone() == (0,)


def test_repeated_headings_subtotals_and_signatures_are_nobody(batch: store.Workspace) -> None:
    assert batch.sql.execute("select count(*) from statement where kind = 'residents'").fetchone() == (4,)


def test_a_sister_with_her_brother_s_number_is_asked_about(batch: store.Workspace) -> None:
    rows = batch.sql.execute("select s.name, i.code, i.action from issue i join statement s using (statement_no) where s.kind = 'medical' and i.action = 'R' order by 1").fetchall()
    assert rows == [("吕月", "D35", "R"), ("张梓涵", "D08.other", "R")]
    assert batch.sql.execute("select count(*) from link l join statement s using (statement_no) where s.kind = 'medical'").fetchone() == (1,)


def test_words_in_place_of_a_number_are_called_words(batch: store.Workspace) -> None:
    assert "写的是文字" in batch.sql.execute("select i.sentence from issue i join statement s using (statement_no) where s.name = '吕月' and i.code = 'D35'").fetchone()[0]


def test_members_with_their_own_numbers_are_they(batch: store.Workspace) -> None:
    rows = batch.sql.execute("select name, relation, person_key, by_number from mention where role = 'member' order by ordinal").fetchall()
    assert rows == [("张梓轩", "22", BROTHER, True), ("张梓涵", "32", SISTER, True)]


def test_one_broken_file_does_not_stop_the_others(batch: store.Workspace) -> None:
    assert batch.sql.execute("select name, status from file order by 1").fetchall() == [
        ("01_公安/户籍.xlsx", "imported"), ("02_民政/低保.xls", "imported"), ("03_人社/坏.xlsx", "refused"), ("06_医保/参保.csv", "imported"),
    ]  # fmt: skip
