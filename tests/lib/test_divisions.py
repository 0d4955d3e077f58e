"""The real divisions of 衢州市 and the names made from them."""

from pathlib import Path

import pytest

from minqing.lib import divisions
from minqing.lib.divisions import BrokenTable

DATA = Path(__file__).parents[2] / "minqing" / "access" / "data"
ROWS = divisions.read(DATA / "divisions-3308.csv")
BY_CODE = {row.code: row for row in ROWS}


def test_the_edition_has_6_counties_100_towns_1664_villages():
    def count(level: str, within: str = "") -> int:
        return sum(row.level == level and row.code.startswith(within) for row in ROWS)

    assert (count("city"), count("county"), count("town"), count("village")) == (1, 6, 100, 1664)
    # domain.md §1.2, counted on the same edition.
    for county, towns, villages in [
        ("330802", 18, 291), ("330803", 20, 295), ("330822", 14, 198),
        ("330824", 14, 269), ("330825", 15, 288), ("330881", 19, 323),
    ]:  # fmt: skip
        assert (count("town", county), count("village", county)) == (towns, villages)
    kinds = [row.kind for row in ROWS if row.level == "village"]
    assert (kinds.count("村"), kinds.count("社区"), kinds.count("其他")) == (1480, 183, 1)


def test_derived_columns_are_what_the_rule_makes():
    for row in ROWS:
        assert divisions.make(row.code, row.official_name) == row


@pytest.mark.parametrize(
    ("code", "short", "stem", "kind"),
    [
        ("330881002205", "彭里村", "彭里", "村"),
        ("330881001207", "郑村", "郑村", "村"),
        ("330881118260", "白沙村", "白沙", "村"),
        ("330802008001", "斗潭社区", "斗潭", "社区"),
        ("330881121006", "淤头社区", "淤头", "社区"),
        ("330881113001", "长台社区", "长台", "社区"),
        ("330881116231", "江村村畲族民族村", "江村村畲族民族", "村"),
        ("330803103500", "十里丰农场生活区", "十里丰农场生活区", "其他"),
        ("330881002", "虎山街道", "虎山", "街道"),
        ("330825212", "沐尘畲族乡", "沐尘", "乡"),
        ("330825101", "湖镇镇", "湖镇", "镇"),
        ("330881", "江山市", "江山", "市"),
    ],
)
def test_names_people_use(code, short, stem, kind):
    row = BY_CODE[code]
    assert (row.short_name, row.stem, row.kind) == (short, stem, kind)


def test_three_stems_of_the_county_are_shared():
    assert set(divisions.ambiguous_stems(ROWS, "330881")) == {"新塘边", "长台", "淤头"}


def test_every_alias_points_at_a_division():
    for alias in divisions.read_aliases(DATA / "aliases-3308.csv"):
        assert alias.code in BY_CODE, alias
        assert alias.alias not in {row.official_name for row in ROWS if row.code == alias.code}


def test_containment_is_the_beginning_of_a_code():
    assert divisions.contains("330881002", "330881002205")
    assert not divisions.contains("330881002205", "330881002")
    assert divisions.parent_of("33088100220500101") == "330881002205001"


def test_a_broken_table_says_which_row(tmp_path):
    header = ",".join(divisions.COLUMNS)
    path = tmp_path / "d.csv"
    for line, words in [
        ("330881002205,330881002,town,彭里村委会,彭里村,彭里,村", "级别"),
        ("330881002205,330881002,village,彭里村委会,彭里村,彭里,村", "上级"),
    ]:
        path.write_text(f"# 注\n{header}\n{line}\n", encoding="utf-8")
        with pytest.raises(BrokenTable, match=words):
            divisions.read(path)
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(BrokenTable, match="列应为"):
        divisions.read(path)
