"""A village's own Excel ledger is a source like a department's; sheets and blocks that lean on the ones before them."""

from __future__ import annotations

import openpyxl
import pytest

from minqing.gather.engine import store
from tests.gather.engine.conftest import Gather
from tests.gather.engine.test_runs import number, pension, table


@pytest.fixture(scope="module")
def ledger(gather: Gather, tmp_path_factory: pytest.TempPathFactory) -> store.Workspace:
    """Two households kept by the village, merged heads, short addresses; fields and pensions beside it."""
    folder = tmp_path_factory.mktemp("ledger")
    files = folder / "files"
    files.mkdir()
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [
        ["彭里村户情台账"], ["序号", "户主", "姓名", "与户主关系", "身份证号", "联系电话", "门牌号", "政治面貌", "备注"],
        [1, "郑一山", "郑一山", "户主", number(111), "15400000001", "柴坞12号", "中共党员", ""], [2, None, "何二妹", "妻", number(222), None, None, "群众", ""],
        [3, None, "郑三水", "长子", number(333, "19950101"), "154-0000-0002", None, "", "在杭州打工"], [4, "毛四海", "毛四海", "户主", number(777), "", "殿前3", "", ""],
        [5, None, "毛小五", "孙子", "", None, None, "", "2024年出生"], [6, None, "毛老太", "母", number(666, "19400101"), None, None, "", "已故"], ["合计", "", "6人"],
    ]:  # fmt: skip
        sheet.append(row)
    for cells in ("B3:B5", "B6:B8", "G3:G5"):
        sheet.merge_cells(cells)
    book.save(files / "彭里台账.xlsx")
    # A text file keeps of merged cells only the first row of each household.
    table(files / "09_农业农村" / "承包地确权.csv", [
        ["发包方", "承包方代表", "证件号", "家庭成员", "地块名称", "地块编码", "实测面积(亩)", "合同面积(亩)"],
        ["彭里村", "郑一山", number(111), "何二妹(妻)、郑三水(长子)", "路下", "33088100220500010102", "0.53", "3亩2分"],
        ["", "", "", "", "塘下", "33088100220500010202", "1,200㎡", "0.76"], ["彭里村", "毛四海", number(777), "", "八斗丘", "33088100220500010305", "1", "1"],
    ])  # fmt: skip
    book = openpyxl.Workbook()
    for index, rows in enumerate(([["社会保障号码", "姓名", "参保状态", "待遇状态", "累计缴费月数"], pension(111, "郑一山"), pension(222, "何二妹"), pension(777, "毛四海")],
                                  [pension(888, "姜八月"), pension(901, "祝九"), pension(902, "占十")])):  # fmt: skip
        page = book.active if index == 0 else book.create_sheet("续表")
        for row in rows:
            page.append(row)
    (files / "03_人社").mkdir()
    book.save(files / "03_人社" / "养老.xlsx")
    work = gather(files, folder / "work", within="330881002205")
    yield work
    work.close()


def test_the_ledger_speaks_for_the_village_not_for_the_police(ledger: store.Workspace) -> None:
    assert ledger.sql.execute("select s.kind, s.source from sheet s join file f using (file_no) where f.name = '彭里台账.xlsx'").fetchall() == [("ledger", "00")]


def test_its_households_come_from_its_heads(ledger: store.Workspace) -> None:
    rows = ledger.sql.execute("select head_name, members_count, natural_village, door from household order by head_name").fetchall()
    assert rows == [("毛四海", 1, "殿前", "3"), ("郑一山", 3, "柴坞", "12")]


def test_a_short_address_is_read_inside_the_village(ledger: store.Workspace) -> None:
    assert ledger.sql.execute("select living_area, living_address, political from person where name = '郑一山'").fetchone() == ("330881002205", "浙江省江山市虎山街道彭里村柴坞12号", "01")


def test_a_note_of_death_ends_the_membership(ledger: store.Workspace) -> None:
    assert ledger.sql.execute("select alive from person where name = '毛老太'").fetchone() == (False,)


def test_a_newborn_without_a_number_is_asked_about_and_not_lost(ledger: store.Workspace) -> None:
    assert ledger.sql.execute("select owner_kind, candidates from question q join statement s using (statement_no) where s.name = '毛小五'").fetchone() == ("village", 0)


def test_rows_below_a_household_inherit_it(ledger: store.Workspace) -> None:
    rows = ledger.sql.execute("select name, json_extract_string(cleaned, '$.measured_area') from statement where kind = 'fields' order by line").fetchall()
    assert rows == [("郑一山", "0.53"), ("郑一山", "1.8"), ("毛四海", "1")]
    codes = ledger.sql.execute("select code from issue i join statement s using (statement_no) where s.kind = 'fields' and s.line = 3").fetchall()
    assert ("D14.above",) in codes


def test_members_of_a_cell_are_recognised_inside_the_household(ledger: store.Workspace) -> None:
    rows = ledger.sql.execute("select distinct name, relation, person_key is not null from mention where role = 'member' order by 1").fetchall()
    assert rows == [("何二妹", "12", True), ("郑三水", "22", True)]


def test_a_sheet_without_a_heading_continues_the_one_before_and_that_is_asked(ledger: store.Workspace) -> None:
    rows = ledger.sql.execute("select name, rows, sentence <> '' from sheet where kind = 'pensions' order by sheet_no").fetchall()
    assert rows == [("Sheet", 4, False), ("续表", 3, True)]
    assert ledger.sql.execute("select count(*) from person where sources = ['03']").fetchone() == (3,)
