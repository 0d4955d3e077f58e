"""Files as other counties export them: a household said once, headings of three rows, several columns of one meaning, another county's people."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import openpyxl
import pytest

from minqing.gather.engine import headings, mapping, readers, rules, statements, store, templates
from minqing.gather.engine.__main__ import gazetteer
from tests.gather.engine.conftest import TODAY, Gather
from tests.gather.engine.test_runs import number, table

VILLAGE = "330881002205"
PLACE = "江山市虎山街道彭里村柴坞{}号"
REGISTER = ["户编号", "与户主关系", "姓名", "性别", "公民身份号码", "住址", "人员状态"]
#: Relation in the register, word of the village.
HOMES = (
    (("郑一山", "户主", "本人", number(111, "19580301")), ("何二妹", "妻", "老婆", number(222, "19600504")), ("郑三水", "长子", "大儿子", number(333, "19850709"))),
    (("毛四海", "户主", "本人", number(555, "19500202")), ("祝五珍", "妻", "老婆", number(666, "19530808"))),
    (("周六明", "户主", "本人", number(777, "19710105")),),
)
BABY, ALONE = ("郑七宝", number(999, "20260101")), ("吴八婆", number(888, "19450505"))


def register(path: Path, *, whole: bool = False) -> Path:
    """The police's register, as a rule with the household's number and address in its first row alone."""
    rows = [[f"10{home}" if whole or not place else "", relation, name, "", code, PLACE.format(home) if whole or not place else "", "正常"]
            for home, people in enumerate(HOMES, 1) for place, (name, relation, _, code) in enumerate(people)]
    return table(path, [REGISTER, *rows])


def ledger(path: Path, homes: tuple) -> Path:
    rows = [["" if place else str(home), "" if place else people[0][0], name, word, code] for home, people in enumerate(homes, 1) for place, (name, _, word, code) in enumerate(people)]
    return table(path, [["彭里村村民户情登记表"], ["户序", "户主", "成员", "称呼", "身份证"], *rows])


def homes_of(work: store.Workspace) -> list[list[str]]:
    return sorted(row[0] for row in work.sql.execute("select list(p.name order by p.name) from membership m join person p using (person_key) where m.current group by m.household_key").fetchall())


# ---- a household said once


def test_what_only_a_household_s_first_row_says_holds_for_all_of_it(gather: Gather, tmp_path: Path) -> None:
    register(tmp_path / "files" / "01_公安" / "人口.csv")
    work = gather(tmp_path / "files", tmp_path / "work", within=VILLAGE)
    assert homes_of(work) == [["何二妹", "郑一山", "郑三水"], ["周六明"], ["毛四海", "祝五珍"]]
    assert work.sql.execute("select count(distinct registered_address), count(*) from statement where registered_village is not null").fetchone() == (3, 6)
    assert work.sql.execute("select count(*) from question").fetchone() == (0,)
    work.close()


def test_a_number_that_is_missing_in_a_full_list_stays_missing(gather: Gather, tmp_path: Path) -> None:
    path = register(tmp_path / "files" / "01_公安" / "人口.csv", whole=True)
    text = path.read_text(encoding="utf-8")
    assert text.count("101,长子") == 1
    path.write_text(text.replace("101,长子", ",长子"), encoding="utf-8")
    work = gather(tmp_path / "files", tmp_path / "work", within=VILLAGE)
    assert work.sql.execute("select household_number from statement where name = '郑三水'").fetchone() == (None,)
    work.close()


# ---- the register and the village's own list


@pytest.fixture(scope="module")
def both(gather: Gather, tmp_path_factory: pytest.TempPathFactory) -> store.Workspace:
    """The register and a list of the village: with a child it does not know, an old woman alone, and 祝五珍 with her daughter's family."""
    folder = tmp_path_factory.mktemp("both")
    register(folder / "files" / "01_公安" / "人口.csv")
    moved = ("祝五珍", "", "母亲", HOMES[1][1][3])
    ledger(folder / "files" / "00_村" / "户情.csv", ((*HOMES[0], (BABY[0], "", "孙", BABY[1])), (HOMES[1][0],), (*HOMES[2], moved), ((ALONE[0], "", "本人", ALONE[1]),)))
    work = gather(folder / "files", folder / "work", within=VILLAGE)
    yield work
    work.close()


def test_a_household_that_two_files_list_is_one(both: store.Workspace) -> None:
    assert homes_of(both) == [["何二妹", "郑一山", "郑七宝", "郑三水"], ["吴八婆"], ["周六明"], ["毛四海", "祝五珍"]]
    assert both.sql.execute("select count(*) from household where members_count > 0").fetchone() == (4,)


def test_only_a_real_difference_is_asked_and_on_the_next_visit(both: store.Workspace) -> None:
    assert both.sql.execute("select s.name, q.owner, q.reasons[1] from question q join statement s using (statement_no)").fetchall() == [
        ("祝五珍", "visit", "村里的名册把他列在另一户，按公安登记的户处理：走访时核实。"),
    ]  # fmt: skip
    assert both.sql.execute("select mine, theirs from conflict where kind = 'listed_elsewhere'").fetchall() == [("毛四海户，户号102", "周六明户，户号103")]


# ---- headings


def columns_of(path: Path, context: str = "", department: str | None = None) -> tuple[str, dict[str, str | None]]:
    sheet = readers.open_file(path).sheets[0]
    head = sheet.head()
    heading = headings.find(head, sheet.merged)
    assert heading is not None
    match = mapping.recognise(heading, head[heading.first_data_row :], context, department=department)
    assert match is not None
    return match.template.key, {column.label: column.field for column in match.columns}


def test_traditional_headings_are_read(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", [["姓名", "公民身份號碼", "對象類別", "入伍時間", "聯繫電話"], ["鄭一山", number(111), "复员军人", "1980", "15400000001"]])
    assert columns_of(path) == ("veterans", {"姓名": "name", "公民身份号码": "id_number", "对象类别": "veteran_kind", "入伍时间": "enlisted_on", "联系电话": "phone"})


def test_one_of_several_telephones_and_addresses(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", [["姓名", "身份证号", "电话1", "电话2", "居住状况", "住址一"], ["郑一山", number(111), "15400000001", "15400000002", "独居", "柴坞1号"]])
    _, columns = columns_of(path)
    assert (columns["电话1"], columns["电话2"], columns["住址一"]) == ("phone", "phone_2", "living_address")


def test_the_day_of_a_payment_is_no_year(tmp_path: Path) -> None:
    path = table(tmp_path / "医保.csv", [["姓名", "身份证号", "险种", "缴费日期", "参保状态"], ["郑一山", number(111), "居民医保", "2025-11-03", "正常"]])
    assert columns_of(path)[1]["缴费日期"] is None


def test_a_heading_is_as_deep_as_its_merged_cells_say(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    for row in (["序号", "基本信息", "", "", "服役信息", "", ""], ["", "姓名", "公民身份号码", "联系方式", "对象类别", "服役时间", ""], ["", "", "", "", "", "入伍", "退役"], [1, 2, 3, 4, 5, 6, 7],
                [1, "郑一山", number(111), "15400000001", "参战退役人员", "1979.2", "1983-01"]):  # fmt: skip
        page.append(row)
    for cells in ("B1:D1", "E1:G1", "A1:A3", "B2:B3", "C2:C3", "D2:D3", "E2:E3", "F2:G2"):
        page.merge_cells(cells)
    book.save(tmp_path / "a.xlsx")
    sheet = readers.open_file(tmp_path / "a.xlsx").sheets[0]
    found = headings.find(sheet.head(), sheet.merged)
    assert found is not None
    assert found.first_data_row == 4
    _, columns = columns_of(tmp_path / "a.xlsx")
    assert (columns["服役信息服役时间入伍"], columns["服役信息服役时间退役"]) == ("enlisted_on", "discharged_on")


def test_a_certificate_is_known_under_any_heading(tmp_path: Path) -> None:
    rows = [[name, number(serial) + "42", "肢体", "二级"] for name, serial in (("郑一山", 111), ("何二妹", 222), ("毛四海", 444))]
    key, columns = columns_of(table(tmp_path / "a.csv", [["姓名", "号码", "残疾类别", "残疾等级"], *rows]), "残疾人名册", "05")
    assert (key, columns["号码"]) == ("disability", "disability_number")


# ---- cells


@pytest.mark.parametrize(("written", "read"), [
    ("身份证{}", True), ("ID：{}", True), ("{}（本人）", True), ("证件号码:{}", True), ("{}（父）", False), ("户主{}", False), ("1{}", False),
])  # fmt: skip
def test_words_around_a_number_that_say_nothing_are_taken_off(written: str, read: bool) -> None:
    context = rules.Context(TODAY, gazetteer(), VILLAGE)
    found = rules.read_identity(written.format(number(111)), context)
    assert (found.value, found.action) == ((number(111), "F") if read else (None, "R"))


@pytest.mark.parametrize(("cell", "asked"), [("郑一山、何二妹", True), ("郑一山/何二妹", True), ("郑一山\n何二妹", True), ("郑一山 何二妹", True), ("郑一山　何二妹", True), ("王 小 明", False), ("扎西 卓玛", False), ("司马 相如", False), ("欧阳\n娜娜", False), ("郑\n一山", False), ("欧阳 娜娜", False), ("阿依古丽·买买提", False)])
def test_several_people_in_the_cell_of_a_name_are_asked_about(cell: str, asked: bool) -> None:
    found = rules.read_name(cell, rules.Context(TODAY, gazetteer(), VILLAGE))
    assert (found.action == "R") is asked


def test_category_and_grade_of_a_disability_in_one_cell_are_two(gather: Gather, tmp_path: Path) -> None:
    head = ["姓名", "身份证号", "残疾类别及等级", "发证日期"]
    said = ("肢体二级", "视力残疾（一级）", "多重（肢体、智力）3级", "精神/贰级", "肢体")
    table(tmp_path / "files" / "05_残联" / "持证.csv", [head, *([f"郑{at}山".replace(str(at), "一二三四五"[at]), number(100 + at), words, "2020-01-05"] for at, words in enumerate(said))])
    work = gather(tmp_path / "files", tmp_path / "work", within=VILLAGE)
    found = work.sql.execute("select json_extract_string(payload, '$.category'), json_extract_string(payload, '$.grade') from sensitive_item where code = 'certificate' order by statement_no").fetchall()
    assert found == [("4", "2"), ("1", "1"), ("7", "3"), ("6", "2"), ("4", None)]
    work.close()


def test_a_daughter_in_law_of_the_head_s_age_is_asked_about(gather: Gather, tmp_path: Path) -> None:
    rows = [["101", "户主", "郑一山", "", number(111, "19700101"), PLACE.format(1), "正常"], ["101", "媳妇", "何二妹", "", number(222, "19710101"), PLACE.format(1), "正常"],
            ["102", "户主", "毛四海", "", number(333, "19500101"), PLACE.format(2), "正常"], ["102", "媳妇", "祝五珍", "", number(444, "19760101"), PLACE.format(2), "正常"]]  # fmt: skip
    table(tmp_path / "files" / "01_公安" / "人口.csv", [REGISTER, *rows])
    work = gather(tmp_path / "files", tmp_path / "work", within=VILLAGE)
    assert work.sql.execute("select s.name, f.code from household_finding f join statement s using (statement_no)").fetchall() == [("何二妹", "D29.age")]
    work.close()


def test_the_corrected_list_of_a_month_counts_whichever_name_comes_first(gather: Gather, tmp_path: Path) -> None:
    """Sorted by name the correction stands before, sorted by time after: the word in its name decides."""
    head = ["户主姓名", "户主身份证号", "保障类别", "月保障金额", "起保年月"]
    people = [("郑一山", number(111)), ("何二妹", number(222)), ("毛四海", number(333))]
    for name, money in (("2026年10月低保花名册.csv", "500"), ("2026年10月低保花名册（更正）.csv", "620"), ("更正2026年10月低保花名册.csv", "620")):
        table(tmp_path / name[:2] / "02_民政" / name, [head, *([who, code, "低保", money if who == "何二妹" else "300", "2020-01"] for who, code in people)])
    for at, folders in enumerate((["20", "更正"], ["20"])):
        (tmp_path / f"files{at}" / "02_民政").mkdir(parents=True)
        for folder in folders:
            for path in (tmp_path / folder / "02_民政").iterdir():
                if at or "（更正）" not in path.name:
                    shutil.copy(path, tmp_path / f"files{at}" / "02_民政" / path.name)
        work = gather(tmp_path / f"files{at}", tmp_path / f"work{at}", within=VILLAGE)
        paid = work.sql.execute("select json_extract_string(i.payload, '$.amount') from sensitive_item i join person p using (person_key) where p.name = '何二妹'").fetchall()
        assert paid == [("620",)], folders
        assert work.sql.execute("select status from file order by status").fetchall() == [("imported",), ("older_period",)]
        work.close()


def test_a_list_without_a_month_does_not_set_last_month_s_aside(gather: Gather, tmp_path: Path) -> None:
    """Household cards nobody dated, beside October's register, read in November: both count. A list of August is older than either."""
    register(tmp_path / "files" / "01_公安" / "人口.csv")
    for month in ("10", "8"):
        path = register(tmp_path / "files" / "01_公安" / f"人口_2026年{month}月.csv", whole=True)
        path.write_text(path.read_text(encoding="utf-8").replace("正常", "正常 " * int(month == "8")), encoding="utf-8")
    work = gather(tmp_path / "files", tmp_path / "work", within=VILLAGE)
    assert dict(work.sql.execute("select name, status from file").fetchall()) == {"01_公安/人口.csv": "imported", "01_公安/人口_2026年10月.csv": "imported", "01_公安/人口_2026年8月.csv": "older_period"}
    assert homes_of(work) == [["何二妹", "郑一山", "郑三水"], ["周六明"], ["毛四海", "祝五珍"]]
    work.close()


def test_a_second_heading_in_another_order_begins_a_table_even_where_words_stand_as_before(gather: Gather, tmp_path: Path) -> None:
    """Three words happen to stand where they stood; the same heading on the next page stands there whole."""
    people = [person for home in HOMES for person in home]
    first, second = [*REGISTER, "民族"], ["户编号", "姓名", "与户主关系", "性别", "住址", "公民身份号码", "人员状态", "民族"]
    rows = [first, *(["101", relation, name, "", code, PLACE.format(1), "正常", "汉族"] for name, relation, _, code in people[:2]), first,
            ["101", people[2][1], people[2][0], "", people[2][3], PLACE.format(1), "正常", "汉族"], ["小计", "3"], second,
            *(["102", name, relation, "", PLACE.format(2), code, "正常", "汉族"] for name, relation, _, code in people[3:5])]  # fmt: skip
    table(tmp_path / "files" / "01_公安" / "人口.csv", rows)
    work = gather(tmp_path / "files", tmp_path / "work", within=VILLAGE)
    assert work.sql.execute("select name, id_number from statement order by statement_no").fetchall() == [(name, code) for name, _, _, code in people[:5]]
    assert work.sql.execute("select count(*) from question").fetchone() == (0,)
    work.close()


def test_a_heading_of_two_rows_on_every_page_begins_no_table(gather: Gather, tmp_path: Path) -> None:
    """姓名 stands above its own column and below 配偶 in another: that is the same heading again."""
    head = [["姓名", "公民身份号码", "与户主关系", "户编号", "住址", "人员状态", "配偶", ""], ["", "", "", "", "", "", "姓名", "公民身份号码"]]
    people = [(*person, home) for home, members in enumerate(HOMES, 1) for person in members]
    rows = [*head]
    for at, (name, relation, _, code, home) in enumerate(people):
        rows += [*head] if at == 3 else []
        rows.append([name, code, relation, f"10{home}", PLACE.format(home), "正常", "", ""])
    table(tmp_path / "files" / "01_公安" / "人口.csv", rows)
    work = gather(tmp_path / "files", tmp_path / "work", within=VILLAGE)
    assert work.sql.execute("select count(*) from sheet").fetchone() == (1,)
    assert homes_of(work) == [["何二妹", "郑一山", "郑三水"], ["周六明"], ["毛四海", "祝五珍"]]
    work.close()


# ---- the wrong file


def test_a_list_of_another_county_is_said_to_be_one(gather: Gather, tmp_path: Path) -> None:
    rows = [[f"10{at}", "户主", name, "", number(at * 111), f"龙游县溪口镇双港口村里坞{at}号", "正常"] for at, name in enumerate(("郑一山", "何二妹", "毛四海"), 1)]
    table(tmp_path / "files" / "01_公安" / "别处.csv", [REGISTER, *rows])
    register(tmp_path / "files" / "01_公安" / "人口.csv")
    work = gather(tmp_path / "files", tmp_path / "work", within=VILLAGE)
    said = work.sql.execute("select f.name, h.sentence from sheet h join file f using (file_no) order by 1").fetchall()
    assert said == [("01_公安/人口.csv", ""), ("01_公安/别处.csv", statements.ELSEWHERE)]
    work.close()


def test_every_template_still_reads_its_own_headings() -> None:
    """What one heading means to a kind of file must not hang on the order of its readings."""
    for template in templates.load():
        for alias, field in template.by_alias.items():
            assert mapping._by_heading(template, (alias,), {})[0] == field  # noqa: SLF001 - the rule itself
    assert datetime.date(2026, 11, 21) == TODAY
