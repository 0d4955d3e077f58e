"""Files nobody has seen: drawn anew from seeds, every physical row accounted for, nobody's number read from the wrong column."""

from __future__ import annotations

import datetime
import gzip
import json
from pathlib import Path

import pytest

from minqing.gather.engine import evidence, headings, ingest, mapping, store
from minqing.synth import wild, wild_odd, wild_spoilt

DAY = datetime.date(2026, 10, 31)


def taken(files: Path, folder: Path, learned: dict[str, str] | None = None) -> store.Workspace:
    """Only the first steps: read, header, map."""
    work = store.Workspace(folder)
    ingest.run(work, [files], ingest.Options(today=DAY, as_of=DAY, learned=learned or {}))
    return work


@pytest.mark.parametrize(("code", "seed"), [("330824", None), ("330802", 31)])
def test_every_row_of_a_drawn_county_is_data_exactly_where_the_truth_says(tmp_path: Path, code: str, seed: int | None) -> None:
    wild.write(tmp_path / "all", code, seed)
    truth = [json.loads(line) for line in gzip.decompress((tmp_path / "all/truth/rows.jsonl.gz").read_bytes()).decode().splitlines()]
    numbers = {p["person"]: p["id_number"] for p in map(json.loads, (tmp_path / "all/truth/residents.jsonl").read_text(encoding="utf-8").splitlines())}
    (tmp_path / "all/truth").rename(tmp_path / "truth")
    work = taken(tmp_path / "all", tmp_path / "work")
    assert work.sql.execute("select name from file where status not in ('imported', 'refused')").fetchall() == []
    read: dict[tuple[str, str, int], list[str]] = {}
    for (kind,) in work.sql.execute("select distinct kind from sheet where kind is not null").fetchall():
        cell = "coalesce(id_number, '')" + (" || coalesce(disability_number, '')" if kind == "disability" else "") + (" || coalesce(student_number, '')" if kind == "pupils" else "")
        for file, sheet, line, number in work.sql.execute(f"select f.name, h.name, r.line, {cell} from raw_{kind} r join sheet h using (sheet_no) join file f using (file_no) where r.row_kind = 'data'").fetchall():
            read.setdefault((file, sheet, line), []).append(number)
    rows = {(r["file"], "" if r["file"].endswith((".csv", ".txt")) else r["sheet"], r["row"]): r for r in truth if r["kind"] == "data"}
    plain = {(file, sheet if any(k[:2] == (file, sheet) for k in rows) else "", line): numbers_ for (file, sheet, line), numbers_ in read.items()}
    by_place = {(file, line): [] for file, _, line in plain}
    for (file, _, line), found in plain.items():
        by_place[file, line] += found
    assert {(f, n) for f, _, n in rows} - set(by_place) == set(), "lost rows"
    assert set(by_place) - {(f, n) for f, _, n in rows} == set(), "rows that are no data"
    wrong = [(key, r["person"]) for key, r in rows.items() if not r.get("dirt") and not any(numbers[r["person"]] in cell for cell in by_place[key[0], key[2]])]
    assert wrong == [], "the number of a clean row is in the number's column"
    work.close()


def test_a_file_of_odd_shape_says_what_was_done_with_each_column(tmp_path: Path) -> None:
    _, villages = wild.COUNTIES["330822"]
    county = wild.County("330822", 822, villages)
    for file in wild_odd.files(county.homes):
        (tmp_path / "in" / file.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / file.path).write_bytes(file.content)
    work = taken(tmp_path / "in", tmp_path / "work")
    columns = {(name, label, position): (field, how, sentence) for name, label, position, field, how, sentence in work.sql.execute(
        "select f.name, c.label, c.position, c.field, c.how, c.sentence from column_map c join sheet using (sheet_no) join file f using (file_no)").fetchall()}
    wife = [(field, sentence) for (name, label, position), (field, _, sentence) in columns.items() if name.startswith("退役军人") and position >= 5]
    assert all(field is None for field, _ in wife)
    assert any("是配偶的，不是本人的" in sentence for _, sentence in wife)
    asked = {label: field for (name, label, _), (field, how, _) in columns.items() if name.endswith("舞龙队.xlsx") and how == "values"}
    assert asked == {"舞龙队队员": "name", "十八位": "id_number"}
    cards = work.sql.execute("select distinct household_number, head_name from raw_residents where row_kind = 'data'").fetchall()
    assert len(cards) == len(county.homes)
    assert all(number and head for number, head in cards)
    work.close()


def test_what_is_no_table_is_refused_with_a_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    for file in [*wild_spoilt.files(wild.County("330822", 1, wild.COUNTIES["330822"][1]).chance), wild_spoilt.File("炸弹.xlsx", "", "xlsx", wild_spoilt.bomb())]:
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / file.path).write_bytes(file.content)
    work = taken(tmp_path / "in", tmp_path / "work")
    rows = work.sql.execute("select name, status, sentence from file").fetchall()
    assert len(rows) == 13
    assert {status for _, status, _ in rows} == {"refused"}
    assert [name for name, _, sentence in rows if not sentence.endswith("。") or "请" not in sentence or sentence.isascii()] == []
    work.close()


def test_a_column_that_the_officer_refused_is_not_read_even_when_its_values_are_numbers() -> None:
    head = [["姓名", "身份证号", "电话"], *[[f"张小{n}", f"33089919640313043{n}", "15412345678"] for n in "三四五"]]
    heading = headings.find(head, ())
    match = mapping.recognise(heading, head[1:], "花名册", learned={f"ledger{mapping.OF_KIND}电话": ""})
    assert (match.template.key, [(c.label, c.field, c.how) for c in match.columns][2]) == ("ledger", ("电话", None, "refused"))
    assert mapping.recognise(heading, head[1:], "花名册", learned={f"pensions{mapping.OF_KIND}电话": ""}).kept["phone"].how == "heading"


@pytest.mark.parametrize(("cells", "fields"), [
    (("男", "女", "男"), {"sex"}), (("户主", "妻", "长子"), {"relation"}), (("已婚", "未婚", "丧偶"), {"marriage"}), (("15412345678", "16487654321", "17911112222"), {"phone"}),
    (("白石村", "草坪村", "白石村"), {"village"}), (("1", "2", "1"), set()), (("张三", "李四", "王五"), set()), (("男", "女"), set()),
])
def test_values_of_an_unmistakable_form_are_told(cells: tuple[str, ...], fields: set[str]) -> None:
    assert evidence.fields_of(cells) == fields


def test_what_stands_beside_a_table_is_no_heading() -> None:
    head = [["单位：元", "", "统计日期：2026年10月", ""], ["姓名", "身份证号", "险种", "参保状态"], ["张小三", "330899196403130432", "居民医保", "正常"]]
    assert headings.find(head, ()).row == 1


def test_two_tables_beside_each_other_are_two() -> None:
    heading = headings.find([["姓名", "身份证号", "电话", "", "姓名", "身份证号", "电话"], ["张小三", "330899196403130432", "1", "", "李小四", "33089919640926102X", "2"]], ())
    assert headings.period(heading) == 4
