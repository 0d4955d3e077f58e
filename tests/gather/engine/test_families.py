"""One household a row: 户主, 配偶, 长子, 子女1 beside each other. Everybody named is a person of the household, nobody is lost."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from minqing.gather.engine import families, headings, reading, store
from tests.gather.engine.conftest import Gather
from tests.gather.engine.test_runs import number, table

VILLAGE = "330881002205"
TODAY = datetime.date(2026, 11, 21)


def woman(serial: int, born: str) -> str:
    return number(serial * 2, born)


def man(serial: int, born: str) -> str:
    return number(serial * 2 + 1, born)


FIRST = [man(1, "19600101"), woman(2, "19620202"), man(3, "19850303"), woman(4, "19880404")]
SECOND = [man(11, "19700101"), woman(12, "19720202"), man(13, "19950303")]
THIRD = [woman(21, "19550505"), man(22, "19800606"), woman(23, "19820707")]


def workbook(path: Path, rows: list[list[object]], merged: tuple[str, ...] = ()) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(path)
    return path


def write(files: Path) -> Path:
    """A wide ledger with household numbers, one under two heading rows without, one with several children in a cell."""
    workbook(files / "彭里一户一行.xlsx", [
        ["彭里村家庭情况登记表"],
        ["序号", "户号", "户主", "身份证号", "配偶", "身份证号", "长子", "身份证号", "次女", "身份证号", "联系电话", "家庭住址", "备注"],
        [1, "101", "郑一山", FIRST[0], "何二妹", FIRST[1], "郑三水", FIRST[2], "郑四娘", FIRST[3], "15400000001", "柴坞12号", "低保"],
        [2, "102", "毛四海", SECOND[0], "姜五妹", SECOND[1], "毛小六", "33089919950303", "无", "", "15400000002", "殿前3号", ""],
        [3, "103", "祝七星", man(31, "19900101"), "未婚", "", "", "", "", "", "", "殿前4号", ""],
        [4, "104", "", "", "周八妹", woman(32, "19480101"), "占九", man(33, "19700909"), "", "", "", "殿前5号", ""],
        ["合计", "", "4户", "", "3人", "", "2人"],
    ])  # fmt: skip
    workbook(files / "二" / "彭里户情.xlsx", [
        ["序号", "户主", None, "配偶", None, "子女1", None, "子女2", None, "住址"],
        [None, "姓名", "身份证号码", "姓名", "身份证号码", "姓名", "身份证号码", "姓名", "身份证号码", None],
        [1, "方秀", THIRD[0], "", "", "方大", THIRD[1], "方二", THIRD[2], "柴坞20号"], [2, "方秀", woman(24, "19660101"), "余三", man(25, "19650101"), "", "", "", "", "柴坞21号"],
    ], ("B1:C1", "D1:E1", "F1:G1", "H1:I1"))  # fmt: skip
    table(files / "三" / "彭里家庭.csv", [
        ["户主姓名", "户主身份证号", "妻子姓名", "妻子身份证号", "子女姓名", "子女身份证号", "母亲", "住址"],
        ["吴天", man(41, "19750101"), "陈地", woman(42, "19760101"), "吴玄、吴黄", f"{woman(43, '20000101')}、{man(44, '20030101')}", "洪宇", "柴坞30号"],
        ["吴宙", man(45, "19780101"), "陈洪", woman(46, "19790101"), "吴荒(长子)、吴日、吴月", man(47, "20050101"), "", "柴坞31号"],
    ])  # fmt: skip
    return files


@pytest.fixture(scope="module")
def batch(gather: Gather, tmp_path_factory: pytest.TempPathFactory) -> store.Workspace:
    """Three villages' wide sheets, gathered."""
    folder = tmp_path_factory.mktemp("families")
    work = gather(write(folder / "files"), folder / "work", within=VILLAGE)
    yield work
    work.close()


def members(batch: store.Workspace, head: str) -> list[tuple[str, str]]:
    """(name, relation) of everybody in the household of this head, by number where there is one."""
    return batch.sql.execute(
        "select p.name, m.relation from membership m join person p using (person_key) join household h on h.household_key = m.household_key where h.head_name = ? and m.current order by 2, 1", [head]
    ).fetchall()


def test_all_of_the_row_are_the_household(batch: store.Workspace) -> None:
    assert members(batch, "郑一山") == [("郑一山", "02"), ("何二妹", "10"), ("郑三水", "22"), ("郑四娘", "33")]
    assert batch.sql.execute("select number, members_count, door from household where head_name = '郑一山'").fetchone() == ("101", 4, "12")


def test_a_number_that_cannot_be_is_asked_about_in_its_household(batch: store.Workspace) -> None:
    row = batch.sql.execute("select q.kind, s.relation, s.household_number, s.head_name from question q join statement s using (statement_no) where s.name = '毛小六'").fetchone()
    assert row == ("identity", "22", "102", "毛四海")
    assert members(batch, "毛四海") == [("毛四海", "02"), ("姜五妹", "10")]


def test_unmarried_is_no_wife(batch: store.Workspace) -> None:
    assert batch.sql.execute("select count(*) from statement where name like '%未婚%' or name_note is not null").fetchone() == (0,)
    assert batch.sql.execute("select marriage from person where name = '祝七星'").fetchone() == ("10",)


def test_a_household_whose_head_is_not_written_is_one_all_the_same(batch: store.Workspace) -> None:
    keys = batch.sql.execute("select count(distinct m.household_key), count(*) from membership m join person p using (person_key) where p.name in ('周八妹', '占九')").fetchone()
    assert keys == (1, 2)
    assert batch.sql.execute("select count(*) from issue i join statement s using (statement_no) where s.household_number = '104' and i.code = 'D34'").fetchone() == (0,)


def test_the_telephone_once_in_the_row_is_the_head_s(batch: store.Workspace) -> None:
    assert batch.sql.execute("select name from person where phone is not null order by 1").fetchall() == [("毛四海",), ("郑一山",)]


def test_two_heads_of_one_name_are_two_households(batch: store.Workspace) -> None:
    assert batch.sql.execute("select members_count from household where head_name = '方秀' order by 1").fetchall() == [(2,), (3,)]


def test_of_children_the_number_says_son_or_daughter(batch: store.Workspace) -> None:
    rows = batch.sql.execute("select p.name, m.relation from membership m join person p using (person_key) where p.name in ('方大', '方二') order by 1").fetchall()
    assert rows == [("方二", "30"), ("方大", "20")]


def test_several_children_in_a_cell_are_several_people(batch: store.Workspace) -> None:
    assert members(batch, "吴天") == [("吴天", "02"), ("陈地", "12"), ("吴黄", "20"), ("吴玄", "30")]


def test_a_number_for_three_names_is_given_to_nobody(batch: store.Workspace) -> None:
    rows = batch.sql.execute("""
        select s.name, s.relation, q.kind, s.id_raw like '3308992005%（一格3人）' from statement s join question q using (statement_no) where s.head_name = '吴宙' order by s.name""").fetchall()
    assert rows == [("吴日", None, "identity", None), ("吴月", None, "identity", None), ("吴荒", "22", "identity", True)]


def test_who_has_no_number_is_asked_about_with_his_relation(batch: store.Workspace) -> None:
    assert batch.sql.execute("select s.relation, q.kind from statement s join question q using (statement_no) where s.name = '洪宇'").fetchone() == ("52", "identity")


def test_the_data_officer_is_told_and_no_column_is_called_unknown(batch: store.Workspace) -> None:
    told = batch.sql.execute("select distinct s.sentence from sheet s where s.status = 'imported' and s.sheet_no in (select base_no from family_part)").fetchall()
    assert told == [(families.SENTENCE,)]
    assert batch.sql.execute("select label, sentence from column_map where question").fetchall() == []


def test_rows_are_counted_once(batch: store.Workspace) -> None:
    rows = batch.sql.execute("select f.name, sum(s.rows)::int from sheet s join file f using (file_no) group by 1 order by 1").fetchall()
    assert rows == [("三/彭里家庭.csv", 3), ("二/彭里户情.xlsx", 4), ("彭里一户一行.xlsx", 7)]
    assert batch.sql.execute("select count(*) from aside").fetchone() == (5,)  # a title, and one, two and one rows of headings


# ---- what is not such a sheet


def laid_out(labels: list[str], rows: list[list[str]]) -> list[families.Part]:
    head = [labels, *rows]
    heading = headings.Heading(0, 1, tuple(labels), tuple((label,) for label in labels), len(labels))
    return families.parts(reading.Sheet(name="", rows=lambda: iter([list(row) for row in head])), heading, 1, TODAY)


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        (["户主", "姓名", "与户主关系", "身份证号", "配偶姓名"], [["甲一", "甲一", "户主", "1", "乙二"], ["甲一", "乙二", "妻", "2", "甲一"]]),
        (["户主", "成员姓名", "与户主关系", "身份证号"], [["甲一", "甲一", "户主", "1"], ["甲一", "乙二", "妻", "2"]]),
        (["姓名", "身份证号", "配偶姓名", "配偶身份证号"], [["甲一", "1", "乙二", "2"]]),
        (["户主", "身份证号", "子女数", "子女情况"], [["甲一", "1", "2", "都在杭州"]]),
        (["户主", "身份证号", "子女", "住址"], [["甲一", "1", "2", "柴坞1号"], ["甲二", "1", "3人", "柴坞2号"]]),
        (["户主", "配偶", "长子", "户主身份证号", "配偶身份证号", "身份证号"], [["甲一", "乙二", "丙三", "1", "2", "3"]]),
        (["户主", "成员姓名", "身份证号"], [["甲一", "甲一", "1"], ["甲三", "乙二", "2"]]),
        (["户主", "身份证号", "配偶"], [["甲一", "1", "乙二"], ["甲一", "1", "丙三"], ["甲一", "1", "丁四"]]),
    ],
)
def test_lists_of_people_are_left_as_they_are(labels: list[str], rows: list[list[str]]) -> None:
    assert laid_out(labels, rows) == []


@pytest.mark.parametrize(
    ("labels", "cells", "people"),
    [
        (["户主", "身份证号", "家庭成员", "住址"], ["甲一", "1", "乙二(妻)、甲三(长子)", "柴坞1号"], [("乙二", "妻"), ("甲三", "长子")]),
        (["户主", "家庭成员情况姓名", "家庭成员情况与户主关系", "家庭成员情况姓名", "家庭成员情况与户主关系"], ["甲一", "乙二", "妻", "甲三", "女"], [("乙二", "妻"), ("甲三", "女")]),
        (["户主", "成员1", "成员1关系", "成员2", "成员2关系"], ["甲一", "乙二", "妻", "甲三", ""], [("乙二", "妻"), ("甲三", "")]),
        (["户主", "身份证号", "第一个孩子", "身份证号", "父亲"], ["甲一", "1", "甲三", woman(3, "20000101"), "甲老"], [("甲三", "女儿"), ("甲老", "父亲")]),
        (["姓名", "身份证号", "配偶", "身份证号", "大儿子"], ["甲一", "1", "乙二", "2", "甲三"], [("乙二", "配偶"), ("甲三", "大儿子")]),
    ],
)
def test_the_ways_of_writing_a_household_in_a_row(labels: list[str], cells: list[str], people: list[tuple[str, str]]) -> None:
    found = []
    for part in laid_out(labels, [cells])[1:]:
        row = dict(zip([readings[0] for readings in part.heading.readings], list(part.sheet.rows())[1], strict=True))
        found.append((row["姓名"], row["与户主关系"]))
    assert found == people


def test_every_cell_stands_in_one_of_the_tables() -> None:
    labels = ["序号", "户主", "电话", "配偶", "电话", "孙女", "住址", "种植"]
    cells = ["1", "甲一", "15400000001", "乙二", "15400000002", "丙三、丁四", "柴坞1号", "茶叶"]
    found = laid_out(labels, [cells, ["2", "甲五", "15400000005", "", "", "", "柴坞2号", "油茶"]])
    rows = [list(part.sheet.rows()) for part in found]
    assert [len(part.heading.labels) for part in found] == [8, 7, 6, 6]
    assert rows[0][1] == ["1", "甲一", "15400000001", "柴坞1号", "茶叶", "甲一", "户主", ""]
    assert rows[1][1:] == [["乙二", "15400000002", "柴坞1号", "甲一", "", "配偶", ""], []]
    assert [row[1] for row in rows[2:]] == [["丙三", "柴坞1号", "甲一", "", "孙女", ""], ["丁四", "柴坞1号", "甲一", "", "孙女", ""]]


def test_a_name_and_a_number_in_one_cell_are_each_person_s_own(gather: Gather, tmp_path: Path) -> None:
    wide = [["户主", "配偶", "长子", "住址"]]
    wide += [[f"甲{c}（{man(50 + n, '19600101')}）", f"乙{c} {woman(60 + n, '19610101')}", f"丙{c}，{man(70 + n, '19900101')}", f"柴坞{n}号"] for n, c in enumerate("春夏秋冬", 1)]
    table(tmp_path / "files" / "彭里.csv", wide)
    work = gather(tmp_path / "files", tmp_path / "work", within=VILLAGE)
    rows = work.sql.execute("select p.name, p.id_number, m.relation from membership m join person p using (person_key) where p.name like '%春' order by 3").fetchall()
    assert rows == [("甲春", man(51, "19600101"), "02"), ("乙春", woman(61, "19610101"), "10"), ("丙春", man(71, "19900101"), "22")]
    assert work.sql.execute("select count(*), min(members_count), max(members_count) from household").fetchone() == (4, 3, 3)
    work.close()


def test_a_long_sheet_is_passed_through_and_its_last_row_counts() -> None:
    """More rows than are held to judge it: the children of the last one are persons all the same, and no list of the rows is made."""
    head = ["户主", "身份证号", "子女", "住址"]
    alive, most = 0, 0

    class Row(list[str]):
        def __init__(self, cells: list[str]) -> None:
            nonlocal alive, most
            super().__init__(cells)
            alive += 1
            most = max(most, alive)

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def rows() -> Iterator[list[str]]:
        yield head
        for n in range(3 * families._JUDGED):
            yield Row([f"吴天{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", str(n), "吴玄", "柴坞"])
        yield Row(["吴宙", "", "吴荒、吴日、吴月", "柴坞"])

    sheet = reading.Sheet(name="表", rows=rows)
    heading = headings.find(sheet.head(), ())
    assert heading is not None
    parts = families.parts(sheet, heading, heading.first_data_row, TODAY)
    assert len(parts) == 4  # the head, and three children at most
    assert most <= families._JUDGED + 2
