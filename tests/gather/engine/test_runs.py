"""A batch is a unit: the same files give the same rows, a killed run continues, older and copied files are known."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from minqing.archives.rules import authority
from minqing.gather.engine import deciding, exporting, reporting, store
from minqing.lib import identity
from tests.gather.engine.conftest import Gather


def number(serial: int, born: str = "19700101") -> str:
    body = f"330899{born}{serial:03d}"
    return body + identity.check_char(body)


def table(path: Path, rows: list[list[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


PENSIONS = ["社会保障号码", "姓名", "参保状态", "待遇状态", "累计缴费月数"]


def pension(serial: int, name: str) -> list[str]:
    return [number(serial), name, "正常参保", "未领取", "12"]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A register of two households and a list of pensions."""
    files = tmp_path / "files"
    register = ["户号", "户主姓名", "与户主关系", "姓名", "性别", "出生日期", "公民身份号码", "户口所在地详址", "注销标志", "注销日期", "注销原因"]
    place = "浙江省江山市虎山街道彭里村柴坞{}号"
    table(files / "01_公安" / "常住人口.csv", [
        register,
        ["810000000001", "郑一山", "户主", "郑一山", "男", "1970-01-01", number(111), place.format(1), "", "", ""],
        ["810000000001", "郑一山", "妻", "何二妹", "女", "1970-01-01", number(222), place.format(1), "", "", ""],
        ["810000000001", "郑一山", "长子", "郑三水", "男", "1995-01-01", number(333, "19950101"), "同上", "", "", ""],
        ["810000000002", "毛四海", "户主", "毛四海", "男", "1970-01-01", number(444), place.format(2), "", "", ""],
    ])  # fmt: skip
    table(files / "03_人社" / "养老保险参保.csv", [PENSIONS, pension(111, "郑一珊"), pension(222, "何二妹"), pension(444, "毛四海")])
    return files


def exported(work: store.Workspace, folder: Path) -> dict[str, bytes]:
    exporting.run(work, folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_files_give_the_same_bytes(small: Path, gather: Gather, tmp_path: Path) -> None:
    results = []
    for run in "ab":
        work = gather(small, tmp_path / run)
        results.append(exported(work, tmp_path / f"out-{run}"))
        work.close()
    assert results[0] == results[1]


def test_a_killed_run_continues_with_what_is_left(small: Path, gather: Gather, tmp_path: Path) -> None:
    whole = gather(small, tmp_path / "whole")
    expected = exported(whole, tmp_path / "out")
    whole.close()

    seen: list[str] = []

    def killed(step: str, detail: str) -> None:
        seen.append(step)
        if step == "link":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gather(small, tmp_path / "killed", progress=killed)
    again: list[str] = []
    work = gather(small, tmp_path / "killed", progress=lambda step, detail: again.append(step))
    assert "read" in seen
    assert again[0] == "link"
    assert exported(work, tmp_path / "out2") == expected
    work.close()


def test_other_files_start_the_folder_afresh(small: Path, gather: Gather, tmp_path: Path) -> None:
    gather(small, tmp_path / "work").close()
    table(small / "03_人社" / "养老保险参保.csv", [PENSIONS, pension(444, "毛四海")])
    work = gather(small, tmp_path / "work")
    assert work.sql.execute("select count(*) from statement where source = '03'").fetchone() == (1,)
    work.close()


def test_a_copy_is_a_duplicate_and_an_older_month_is_history(small: Path, gather: Gather, tmp_path: Path) -> None:
    (small / "03_人社" / "养老保险参保(1).csv").write_bytes((small / "03_人社" / "养老保险参保.csv").read_bytes())
    older = [PENSIONS, pension(111, "郑一山"), pension(222, "何二妹"), pension(444, "毛四海"), pension(555, "姜五月")]
    older[1][2] = "暂停缴费"
    table(small / "03_人社" / "养老保险参保_2026年8月.csv", older)
    work = gather(small, tmp_path / "work")
    status = dict(work.sql.execute("select name, status from file").fetchall())
    assert status["03_人社/养老保险参保(1).csv"] == "duplicate"
    assert status["03_人社/养老保险参保_2026年8月.csv"] == "older_period"
    assert status["03_人社/养老保险参保.csv"] == "imported"
    assert work.sql.execute("select pension_status from person where id_number = ?", [number(111)]).fetchone() == ("正常参保",)
    assert work.sql.execute("select name from missing_this_time").fetchall() == [("姜五月",)]
    work.close()


def test_a_file_known_from_an_earlier_batch_is_not_taken_twice(small: Path, gather: Gather, tmp_path: Path) -> None:
    first = gather(small, tmp_path / "one")
    digests = frozenset(row[0] for row in first.sql.execute("select digest from file").fetchall())
    first.close()
    second = gather(small, tmp_path / "two", known_digests=digests)
    assert {row[0] for row in second.sql.execute("select status from file").fetchall()} == {"duplicate"}
    assert exporting.run(second, tmp_path / "out") == {"residents": 0, "links": 0, "issues": 0, "conflicts": 0, "files": 2}
    reporting.write(second, tmp_path / "report.xlsx")
    assert openpyxl.load_workbook(tmp_path / "report.xlsx").sheetnames == ["文件"]
    second.close()


def test_a_name_on_file_is_kept_and_its_key_is_used(small: Path, gather: Gather, tmp_path: Path) -> None:
    def prepare(work: store.Workspace) -> None:
        work.sql.execute("insert into known_person values ('u-1', ?, '郑一三', date '1970-01-01', '330881002205')", [number(111)])

    work = gather(small, tmp_path / "work", prepare=prepare)
    keys = {row[0] for row in work.sql.execute("select person_key from link where person_key = 'u-1' or person_key = ?", [number(111)]).fetchall()}
    assert keys == {"u-1"}
    assert work.sql.execute("select reference from judged where id_number = ? limit 1", [number(111)]).fetchone() == ("郑一三",)
    work.close()


def test_the_same_number_under_another_name_waits(small: Path, gather: Gather, tmp_path: Path) -> None:
    table(small / "06_医保" / "医保参保明细.csv", [["证件号码", "姓名", "参保年度", "险种", "参保状态"], [number(111), "周九龙", "2026", "居民医保", "正常参保"]])
    work = gather(small, tmp_path / "work")
    waiting = work.sql.execute("select reasons, owner from question where kind = 'identity' and owner = '06'").fetchall()
    assert len(waiting) == 1
    assert "姓名明显不同" in waiting[0][0][0]
    assert work.sql.execute("select sources from person where id_number = ?", [number(111)]).fetchone() == (["01", "03"],)
    work.close()


def test_a_wrong_digit_finds_its_person_as_a_proposal_only(small: Path, gather: Gather, tmp_path: Path) -> None:
    wrong = number(444)[:-1] + ("0" if number(444)[-1] != "0" else "1")
    table(small / "05_残联" / "残疾人.csv", [["姓名", "身份证号", "残疾类别", "残疾等级", "户籍地址"], ["毛四海", wrong, "肢体", "四级", "虎山街道彭里村柴坞2号"]])
    work = gather(small, tmp_path / "work")
    found = work.sql.execute("select c.person_key, c.reasons from candidate c join statement s using (statement_no) where s.source = '05' and c.place = 1").fetchone()
    assert found[0] == number(444)
    assert "号码只差一位" in found[1]
    assert work.sql.execute("select count(*) from link l join statement s using (statement_no) where s.source = '05'").fetchone() == (0,)
    work.close()


def test_two_heads_and_a_son_older_than_his_father_are_asked_about(small: Path, gather: Gather, tmp_path: Path) -> None:
    path = small / "01_公安" / "常住人口.csv"
    text = path.read_text(encoding="utf-8").replace("妻,何二妹", "户主,何二妹").replace(number(333, "19950101"), number(333, "19650101")).replace("1995-01-01", "1965-01-01")
    path.write_text(text, encoding="utf-8")
    work = gather(small, tmp_path / "work")
    codes = {row[0] for row in work.sql.execute("select code from household_finding").fetchall()}
    assert codes == {"D29.two_heads", "D29.age"}
    work.close()


def test_ditto_takes_the_row_above_and_relations_make_kin(small: Path, gather: Gather, tmp_path: Path) -> None:
    work = gather(small, tmp_path / "work")
    assert work.sql.execute("select registered_address from person where name = '郑三水'").fetchone() == ("浙江省江山市虎山街道彭里村柴坞1号",)
    kin = work.sql.execute("select kind, count(*) from kinship group by 1 order by 1").fetchall()
    assert kin == [("parent", 1), ("spouse", 1)]
    assert work.sql.execute("select likeness from judged j join statement s using (statement_no) where s.name = '郑一珊'").fetchone() == ("sound",)
    assert work.sql.execute("select name from person where id_number = ?", [number(111)]).fetchone() == ("郑一山",)
    work.close()


def test_the_report_is_safe_to_open_and_names_no_number(nasty: tuple[store.Workspace, Path], tmp_path: Path) -> None:
    work, _ = nasty
    reporting.write(work, tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert book.sheetnames == ["概况", "问题行", "未采用的列", "文件"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not any(cell.data_type == "f" for cell in cells)
    assert not any(str(cell.value).startswith(("=", "@", "+")) for cell in cells)
    numbers = {row[0] for row in work.sql.execute("select id_number from person").fetchall()}
    assert not any(value in numbers for cell in cells for value in [str(cell.value)])
    assert book["问题行"].max_row > 50


def test_the_authority_has_the_last_word_and_a_visit_only_on_what_it_sees() -> None:
    assert authority.rank("name", "01") < authority.rank("name", "05") < authority.rank("name", "V") == authority.NEVER
    assert authority.rank("phone", "V") < authority.rank("phone", "02") == authority.rank("phone", "05") < authority.rank("phone", "09")
    assert authority.authority("marriage") == "02"
    assert authority.authority("phone") is None
    assert {field for field, _, _ in authority.table()} == set(authority.ORDER)


def test_every_conflict_with_an_owner_is_a_question(nasty: tuple[store.Workspace, Path]) -> None:
    work, _ = nasty
    assert deciding.PARENT_GAP < deciding.GRANDPARENT_GAP
    open_conflicts = work.sql.execute("select count(*) from conflict where owner is not null").fetchone()[0]
    asked = work.sql.execute("select count(*) from question where kind = 'conflict'").fetchone()[0]
    assert asked == open_conflicts > 0


