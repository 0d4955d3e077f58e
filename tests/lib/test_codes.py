"""Code tables: words, variants and codes meet, unknown words are never guessed."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minqing.lib import codes, codes_relation

TRUTH = Path(__file__).parents[1] / "samples" / "penglicun" / "truth"


@pytest.mark.parametrize("table", codes.TABLES.values(), ids=codes.TABLES.keys())
def test_every_code_and_every_label_finds_itself(table):
    for entry in table.entries:
        assert table.to_code(entry.code) == entry.code
        assert table.to_code(entry.label) == entry.code
        assert table.label(entry.code) == entry.label
        assert table.english(entry.code)
        assert table.coarse(entry.code) in table
    assert len({entry.code for entry in table.entries}) == len(table.entries)


@pytest.mark.parametrize(
    ("table", "written", "code"),
    [
        ("sex", "男", "1"), ("sex", "女性", "2"), ("sex", 1.0, "1"), ("sex", "F", "2"),
        ("nation", "汉", "01"), ("nation", "汉族", "01"), ("nation", "1", "01"), ("nation", "畬族", "22"),
        ("nation", "畲", "22"), ("nation", "毛难族", "36"), ("nation", "崩龙", "46"), ("nation", "基诺族", "56"),
        ("marriage", "1", "10"), ("marriage", 2, "20"), ("marriage", "有配偶", "20"), ("marriage", "离异", "40"),
        ("education", "大本", "20"), ("education", "本科", "20"), ("education", "大学本科毕业", "21"), ("education", "小学", "80"),
        ("education", "文盲或半文盲", "90"), ("education", "中专(中技)", "40"), ("education", "初级中学", "70"),
        ("politics", "党员", "01"), ("politics", "群众", "13"), ("politics", "1", "01"),
        ("employment", "粮农", "27"), ("employment", "个体经营", "54"),
        ("disability", "肢体残疾", "4"), ("disability_grade", "壹级", "1"), ("disability_grade", "Ⅲ", "3"),
        ("document", "居民身份证（户口簿）", "111"), ("document", "台胞证", "511"),
        ("relation", "户主", "02"), ("relation", "妻", "12"), ("relation", "长子", "22"), ("relation", "次女", "33"),
        ("relation", "媳", "38"), ("relation", "婿", "28"), ("relation", "孙媳", "45"), ("relation", "母亲", "52"),
        ("relation", "岳母", "56"), ("relation", "外孙女", "44"), ("relation", "曾孙", "47"), ("relation", "02", "02"),
        ("relation", "2", "20"), ("relation", "1", "10"), ("relation", 41.0, "41"),
        ("inflow", "打工", "01"), ("dwelling", "租房", "02"), ("hazard", "无", "00"),
    ],
)  # fmt: skip
def test_words_of_department_files(table, written, code):
    assert codes.TABLES[table].to_code(written) == code


@pytest.mark.parametrize("word", ["", None, "飞行员", "?", "77"])
def test_unknown_words_are_not_other(word):
    assert codes.EMPLOYMENT.to_code(word) is None
    assert codes.POLITICS.to_code(word) is None


def test_a_numeric_2_in_a_relation_column_has_two_readings():
    # 02 (head) that lost its zero, or 2 (son) of the one-digit table.
    assert codes.RELATION.to_code(2.0) is None
    assert codes.RELATION.to_code("2") == "20"


def test_relations_have_a_sex_and_a_generation():
    assert codes_relation.RELATION_SEX["12"] == "2"
    assert codes_relation.RELATION_GENERATION["22"] == -1
    assert codes_relation.RELATION_GENERATION["61"] == 2
    assert codes_relation.refine("10", "2") == "12"
    assert codes_relation.refine("22", "2") == "22"
    words = [word for line in codes_relation._WORDS.split() for word in line.partition("=")[2].split("/")]
    assert len(words) == len(set(words))


@given(st.sampled_from(list(codes.TABLES.values())), st.text(max_size=6))
def test_only_codes_of_the_table_come_out(table, text):
    code = table.to_code(text)
    assert code is None or code in table


def test_the_coded_cells_of_a_townships_files():
    tables = {
        "edu": "education",
        "eth": "nation",
        "grd": "disability_grade",
        "mar": "marriage",
        "rel": "relation",
        "sex": "sex",
    }
    seen = 0
    with gzip.open(TRUTH / "rows.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            for dirt in row.get("dirt", ()):
                if dirt["c"] != "D18":
                    continue
                table = codes.TABLES[tables[dirt["f"]]]
                code = table.to_code(dirt["raw"])
                right = row["norm"][dirt["f"]]
                assert code is not None, dirt
                # 配偶 is 夫 or 妻 only together with the sex.
                assert table.coarse(code) == right or codes_relation.refine(code, "2") == right, dirt
                seen += 1
    assert seen > 300
