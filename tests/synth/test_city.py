"""A hundredth of the tenth of a city: deterministic, unique, consistent across departments."""

from __future__ import annotations

import csv
import pathlib

import pytest

from minqing.lib import identity
from minqing.synth import city


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("city")
    city.write(folder / "files", households=900, truth=folder / "truth", threads=2)
    return folder


def rows(path: pathlib.Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_same_bytes_on_one_thread(made: pathlib.Path, tmp_path: pathlib.Path) -> None:
    city.write(tmp_path / "again", households=900, threads=1)
    first = {p.relative_to(made / "files"): p.read_bytes() for p in (made / "files").rglob("*.csv")}
    second = {p.relative_to(tmp_path / "again"): p.read_bytes() for p in (tmp_path / "again").rglob("*.csv")}
    assert len(first) == len(city.SOURCES)
    assert first.keys() == second.keys()
    assert [str(name) for name in first if first[name] != second[name]] == []


def test_numbers_are_unique_synthetic_and_right(made: pathlib.Path) -> None:
    people = rows(made / "truth" / "people.csv")
    numbers = [who["id_number"] for who in people]
    assert len(set(numbers)) == len(numbers) > 900 * 2
    for who in people:
        number = who["id_number"]
        assert number.startswith("330899") and identity.check_char(number[:17]) == number[17]
        assert int(number[16]) % 2 == int(who["sex"]) % 2
        assert number[6:14] == who["birth_date"].replace("-", "")


def test_credit_codes_have_a_right_check_character(made: pathlib.Path) -> None:
    alphabet, weights = (
        "0123456789ABCDEFGHJKLMNPQRTUWXY",
        (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28),
    )
    found = rows(made / "files" / "11_市场监管" / "市场主体.csv")
    assert found
    for row in found:
        code = row["统一社会信用代码"]
        total = sum(alphabet.index(c) * w for c, w in zip(code, weights, strict=False))
        assert code[17] == alphabet[(31 - total % 31) % 31]


def test_most_rows_carry_a_number_of_someone_known(made: pathlib.Path) -> None:
    known = {who["id_number"] for who in rows(made / "truth" / "people.csv")}
    register = rows(made / "files" / "01_公安" / "常住人口信息导出.csv", "gb18030")
    clean = sum(row["公民身份号码"] in known for row in register)
    assert 0.92 < clean / len(register) < 0.99


def test_ten_rows_a_person_and_every_department(made: pathlib.Path) -> None:
    departments = {path.parent.name[:2] for path in (made / "files").rglob("*.csv")}
    assert departments == {f"{number:02d}" for number in range(12)}


def test_no_villages_is_refused(tmp_path: pathlib.Path) -> None:
    empty = tmp_path / "villages.csv"
    empty.write_text("code,name,town\n", encoding="utf-8")
    with pytest.raises(ValueError, match="没有村"):
        city.write(tmp_path / "out", households=10, villages=empty)
