"""The nastier county: the committed files are what the generator makes, and their truth is true."""

from __future__ import annotations

import gzip
import json
import pathlib

import pytest

from minqing.lib import identity
from minqing.synth import nasty
from tests.synth import perfect, reading, scoring

SAMPLES = pathlib.Path(__file__).parent.parent / "samples" / "nastycounty"


def lines(name: str) -> list[dict]:
    path = SAMPLES / "truth" / name
    text = gzip.decompress(path.read_bytes()).decode() if name.endswith(".gz") else path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


@pytest.fixture(scope="module")
def files() -> dict[str, dict]:
    return {file["file"]: file for file in lines("files.jsonl")}


@pytest.fixture(scope="module")
def physical(files: dict[str, dict]) -> dict[str, dict[str, list]]:
    return {
        path: reading.rows(SAMPLES / path, file["format"], file["encoding"])
        for path, file in files.items()
        if file["expect"] == "import"
    }


def test_generating_again_gives_the_same_bytes(tmp_path: pathlib.Path) -> None:
    nasty.write(tmp_path)
    made = {p.relative_to(tmp_path): p for p in tmp_path.rglob("*") if p.is_file()}
    kept = {p.relative_to(SAMPLES): p for p in SAMPLES.rglob("*") if p.is_file() and p.name != "README.md"}
    assert made.keys() == kept.keys()
    assert [str(name) for name in made if made[name].read_bytes() != kept[name].read_bytes()] == []


def test_it_stays_small() -> None:
    assert sum(p.stat().st_size for p in SAMPLES.rglob("*") if p.is_file()) < 3 << 20


def test_a_faultless_result_scores_one_hundred_per_cent(tmp_path: pathlib.Path) -> None:
    perfect.write(SAMPLES / "truth", tmp_path)
    figures = scoring.figures(SAMPLES / "truth", tmp_path)
    assert figures.pop("wrong") == []
    assert figures["shares"] and {name: share for name, share in figures["shares"].items() if share != 1.0} == {}
    assert {name: count for name, count in figures["faults"].items() if count} == {}


def test_every_physical_row_is_named_once(physical: dict[str, dict[str, list]]) -> None:
    named = [(row["file"], row["sheet"], row["row"]) for row in lines("rows.jsonl.gz")]
    there = [
        (path, sheet, number)
        for path, sheets in physical.items()
        for sheet, rows in sheets.items()
        for number in range(1, len(rows) + 1)
    ]
    assert sorted(named) == sorted(there)


def test_the_row_holds_what_the_truth_says(physical: dict[str, dict[str, list]]) -> None:
    """Every raw value is in its row; where the number is clean, the person's number is."""
    numbers = {who["person"]: who["id_number"] for who in lines("residents.jsonl")}
    wrong = []
    for row in lines("rows.jsonl.gz"):
        if row["kind"] != "data":
            continue
        cells = physical[row["file"]][row["sheet"]][row["row"] - 1]
        text = reading.flat(cells)
        for dirt in row.get("dirt", ()):
            raw = dirt.get("raw")
            if dirt["c"] == "D30":
                continue  # calamine shows error cells as empty
            if raw and raw not in text and not same_number(raw, cells) and "?" not in text:
                wrong.append((row["file"], row["row"], dirt, text))
        spoilt = any(d.get("f") in ("id_number", "disab") or d["c"].startswith("D24") for d in row.get("dirt", ()))
        if not spoilt and numbers[row["person"]] not in text:
            wrong.append((row["file"], row["row"], numbers[row["person"]], text))
    assert wrong == []


def same_number(raw: str, cells: list) -> bool:
    """True if a number cell shows the raw value in another notation."""
    try:
        value = float(raw)
    except ValueError:
        return False
    return any(isinstance(cell, float) and cell == value for cell in cells) or f"{value:.5E}" in map(str, cells)


def test_every_number_is_synthetic_and_right() -> None:
    for who in lines("residents.jsonl"):
        number = who["id_number"]
        assert number.startswith("330899")
        assert identity.check_char(number[:17]) == number[17]
        assert number[6:14] == who["birth_date"].replace("-", "")
        assert int(number[16]) % 2 == int(who["sex"]) % 2
        assert not who["phone"] or who["phone"][:3] in ("154", "164", "179", "194")


def test_numbers_that_cannot_be_repaired_are_really_wrong() -> None:
    """D05 never makes another valid number by accident."""
    for row in lines("rows.jsonl.gz"):
        for dirt in row.get("dirt", ()):
            if dirt["c"].startswith("D05"):
                raw = dirt["raw"]
                valid = len(raw) == 18 and raw[:17].isdigit() and identity.check_char(raw[:17]) == raw[17]
                assert not valid or raw[10:12] == "13"


@pytest.mark.parametrize("code", [*["D01", "D02.cyrillic", "D03.zero", "D03.formula", "D04", "D05.swap", "D06.father", "D08", "D08.typo", "D09"], "D10.pua",
    *["D14", "D16.serial", "D16.lunar", "D19.lines", "D21.stem", "D21.same", "D24.columns", "D25", "D26", "D27", "D28", "D29.twoheads"],
    *["D29.nohead", "D30", "D33", "D35.twice", "D36.lookalike", "D37.two", "D38.columns"]])  # fmt: skip
def test_the_catalogue_is_there(code: str) -> None:
    assert any(d["c"] == code for row in lines("rows.jsonl.gz") for d in row.get("dirt", ()))


def test_files_to_refuse_are_there(files: dict[str, dict]) -> None:
    expectations = sorted({file["expect"] for file in files.values()})
    assert expectations == ["duplicate_file", "import", "older_period", "refuse"]
    assert {file["format"] for file in files.values()} == {"csv", "html", "ods", "tsv", "xls", "xlsx"}
