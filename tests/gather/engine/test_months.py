"""1958.1 that is a number may be January or October 1958: the month stays open until something else settles it."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from minqing.gather.engine import readers, reading, store
from tests.gather.engine.conftest import Gather
from tests.gather.engine.test_runs import number, table

OCTOBER, MARCH, LATE = number(111, "19581003"), number(222, "19580305"), number(333, "19591120")
HEADING = ["序号", "姓名", "身份证号", "出生年月", "性别", "备注"]


def book(path: Path, rows: list[list[object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def register(surname: str) -> list[list[str]]:
    """Births of three years and more, month by month, as a text file has them that was made of numbers: October is 1960.1."""
    given = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒日月盈昃辰宿列张"
    months = [f"{1960 + at // 12}.{at % 12 + 1}".replace(".10", ".1") for at in range(len(given))]
    return [["姓名", "性别", "出生年月", "联系电话"], *[[surname + name, "男", month, ""] for name, month in zip(given, months, strict=True)]]


@pytest.fixture(scope="module")
def batch(gather: Gather, tmp_path_factory: pytest.TempPathFactory) -> store.Workspace:
    """One column with numbers and texts, a text file whose months have lost their zeros, one whose have not, a page of Excel's."""
    folder = tmp_path_factory.mktemp("months")
    files = folder / "files"
    book(files / "彭里台账.xlsx", [
        ["彭里村户情台账"], HEADING,
        [1, "郑一山", OCTOBER, 1958.1, "女", 1958.1], [2, "何二妹", MARCH, 1958.1, "女", None], [3, "毛四海", None, 1958.1, "男", None],
        [4, "郑三水", None, "1958.1", "男", None], [5, "毛小五", None, "1958.10", "男", None], [6, "毛六斤", None, 1958.2, "男", None],
        [7, "姜七", LATE, 1959.1, "女", None], [8, "祝八", None, 58.1, "男", None], [9, "同前者", None, "同上", "男", None],
    ])  # fmt: skip
    table(files / "甲" / "彭里花名册一.csv", register("占"))
    table(files / "乙" / "彭里花名册二.csv", [*register("余"), ["余寒", "男", "1999.10", ""]])
    page = "<html><body><table><tr><td>姓名</td><td>性别</td><td>出生年月</td></tr>" + "".join(
        f"<tr><td>{name}</td><td>男</td><td{mark}>1958.1</td></tr>" for name, mark in (("方一", " x:num"), ("方二", ""), ("方三", ' x:num="1958.1"'))
    )  # fmt: skip
    (files / "网页.xls").write_text(page + "</table></body></html>", encoding="utf-8")
    work = gather(files, folder / "work", within="330881002205")
    yield work
    work.close()


def said(batch: store.Workspace, name: str) -> tuple[str | None, str, list[str]]:
    """(birth date as far as known, the cell as written, codes of what was found about it)."""
    no, value, original = batch.sql.execute("select statement_no, birth_stated, original from statement where name = ?", [name]).fetchone()
    codes = batch.sql.execute("select code from issue where statement_no = ? and field = 'birth_date' and code <> 'D16' order by 1", [no]).fetchall()
    return value, json.loads(original)["birth_date"], [code for (code,) in codes]


def test_a_number_leaves_the_month_open_and_says_so(batch: store.Workspace) -> None:
    assert said(batch, "毛四海") == ("1958", "1958.1", ["D16.fraction"])
    assert said(batch, "祝八") == ("1958", "58.1", ["D16.fraction"])


def test_a_text_stays_what_it_says(batch: store.Workspace) -> None:
    assert said(batch, "郑三水") == ("1958-01", "1958.1", [])
    assert said(batch, "毛小五") == ("1958-10", "1958.10", [])


def test_a_number_that_can_only_be_one_month_is_it(batch: store.Workspace) -> None:
    assert said(batch, "毛六斤") == ("1958-02", "1958.2", [])


def test_the_identity_number_settles_it(batch: store.Workspace) -> None:
    assert said(batch, "郑一山") == ("1958", "1958.1", [])
    assert batch.sql.execute("select cast(birth_date as varchar) from person where name = '郑一山'").fetchone() == ("1958-10-03",)


@pytest.mark.parametrize("name", ["何二妹", "姜七"])
def test_an_identity_number_of_another_month_contradicts_both(batch: store.Workspace, name: str) -> None:
    assert "D07.birth" in said(batch, name)[2]


def test_the_one_above_is_as_unsure(batch: store.Workspace) -> None:
    assert batch.sql.execute("select birth_stated from statement where name = '同前者'").fetchone() == ("1958",)


def test_the_mark_of_a_number_stands_in_no_cell(batch: store.Workspace) -> None:
    for (text,) in batch.sql.execute("select original from statement union all select cleaned from statement union all select raw from issue where raw is not null").fetchall():
        assert reading.AS_NUMBER not in text
        assert "\\u001f" not in text


def test_a_text_file_whose_months_never_end_in_zero_was_made_of_numbers(batch: store.Workspace) -> None:
    assert said(batch, "占甲") == ("1960", "1960.1", ["D16.fraction"])
    assert said(batch, "占癸") == ("1960", "1960.1", ["D16.fraction"])
    assert said(batch, "占乙") == ("1960-02", "1960.2", [])


def test_one_october_shows_that_a_text_file_keeps_its_zeros(batch: store.Workspace) -> None:
    assert said(batch, "余甲") == ("1960-01", "1960.1", [])


def test_pages_of_excel_say_which_cells_are_numbers(batch: store.Workspace) -> None:
    assert [said(batch, name)[0] for name in ("方一", "方二", "方三")] == ["1958", "1958-01", "1958"]


def test_a_number_is_its_text_everywhere_else(tmp_path: Path) -> None:
    rows = readers.open_file(book(tmp_path / "a.xlsx", [["姓名", "金额"], ["郑一山", 1958.1]])).sheets[0].head()
    assert rows == [["姓名", "金额"], ["郑一山", "1958.1"]]
    assert type(rows[1][1].strip()) is reading.Number
