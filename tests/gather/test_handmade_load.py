"""Files made by hand, and sheets with one household a row, through PostgreSQL: what the engine finds is what the archive holds."""

from __future__ import annotations

import json

import openpyxl
import pytest
from django.db import connection

from minqing.archives.models import Household, Membership, Resident
from minqing.commands.gathering import load_as
from minqing.gather.actions import export
from minqing.gather.models import BatchFile, Question, Statement
from tests.gather.engine import test_families, test_handmade
from tests.people import PENGLI

QUIET = lambda words: None  # noqa: E731
ADDRESS = "江山市虎山街道彭里村柴坞{}号"


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, tmp_path_factory):
    """The files of the four departments and the wide sheets, gathered by 数 and committed; wiped when the module is done."""
    files = tmp_path_factory.mktemp("handmade")
    test_handmade.write(files / "部门", address=ADDRESS.format(12), village="彭里村")
    test_families.write(files / "村里")
    with django_db_blocker.unblock():
        return files, load_as("shu", [files / "部门", files / "村里"], area=PENGLI, label="手工做的", say=QUIET)


@pytest.fixture
def gathered(loaded, committed):
    return committed


def families() -> dict[str, list[tuple[str, str]]]:
    """Head → (name, relation) of everybody of the household."""
    found: dict[str, list[tuple[str, str]]] = {}
    for head, name, relation in Membership.objects.filter(ends_on=None, voided_at=None).order_by("relation", "person__name").values_list("household__head_name", "person__name", "relation"):
        found.setdefault(head, []).append((name, relation))
    return found


def test_a_broken_file_is_refused_and_the_others_are_in(gathered, loaded):
    with gathered.acting("数"):
        states = dict(BatchFile.objects.values_list("path", "state"))
    assert {path.rpartition("/")[2]: state for path, state in states.items()} == {
        "户籍.xlsx": "imported", "低保.xls": "imported", "参保.csv": "imported", "坏.xlsx": "refused", "彭里一户一行.xlsx": "imported", "彭里户情.xlsx": "imported", "彭里家庭.csv": "imported",
    }  # fmt: skip


def test_households_are_those_of_the_files(gathered):
    with gathered.acting("香"):
        found = families()
    assert found["张伟"] == [("张伟", "02"), ("张梓轩", "22"), ("张梓涵", "32")]
    assert found["吕月"] == [("吕月", "02")]
    assert found["郑一山"] == [("郑一山", "02"), ("何二妹", "10"), ("郑三水", "22"), ("郑四娘", "33")]
    assert found["吴天"] == [("吴天", "02"), ("陈地", "12"), ("吴黄", "20"), ("吴玄", "30")]


def test_rows_that_reach_nobody_are_asked_about_by_name(gathered):
    with gathered.acting("数"):
        waiting = list(Statement.objects.filter(person_id=None).values_list("id", "cleaned"))
        asked = set(Question.objects.filter(state="open").values_list("statement", flat=True))
        sentences = " ".join(Question.objects.filter(state="open").values_list("sentence", flat=True))
    # her brother's number; none at all; a wrong one; a mother without one; three children over one number
    assert sorted(cleaned["name"] for _, cleaned in waiting) == sorted(["张梓涵", "吕月", "毛小六", "洪宇", "吴荒", "吴日", "吴月"])
    assert {number for number, _ in waiting} <= asked
    assert "写的是文字" in sentences


def test_the_export_holds_everybody_with_the_household(gathered, tmp_path):
    with gathered.acting("数") as me:
        counts = export.write(tmp_path, me=me)
        assert counts["residents"] == Resident.objects.count() == 24
        rows = Statement.objects.exclude(person_id=None).count()
    people = {row["name"]: row for row in map(json.loads, (tmp_path / "residents.jsonl").read_text(encoding="utf-8").splitlines())}
    assert people["郑四娘"]["id_number"] == test_families.FIRST[3]
    assert people["郑四娘"]["household_id"] == people["郑一山"]["household_id"] == "101"
    assert people["毛四海"]["phone"] == "15400000002"
    assert counts["links"] >= rows


def test_no_clear_number_reaches_the_database(gathered):
    with gathered.acting("数"), connection.cursor() as cursor:
        for table, columns in {"archives_resident": "name, sources::text", "gather_statement": "cleaned::text, findings::text", "gather_question": "sentence, key"}.items():
            for column in columns.split(", "):
                cursor.execute(f"select count(*) from {table} where {column} ~ '330899[0-9]{{9,}}'")
                assert cursor.fetchone()[0] == 0, f"{table}.{column}"


def test_the_next_month_s_sheet_corrects_one_and_changes_nobody_else(gathered, loaded, tmp_path):
    files, _ = loaded
    with gathered.acting("香"):
        # 101 and 102 are numbers of the register and of the village's own list: four households
        before, homes = families(), dict(Household.objects.filter(voided_at=None).values_list("id", "head_name"))
        assert sorted(Household.objects.filter(number="101").values_list("head_name", flat=True)) == ["张伟", "郑一山"]
    book = openpyxl.load_workbook(files / "村里" / "彭里一户一行.xlsx")
    cell = next(cell for row in book.active.iter_rows() for cell in row if cell.value == "33089919950303")
    cell.value = test_families.SECOND[2]
    book.save(tmp_path / "彭里一户一行2026年12月.xlsx")
    load_as("shu", [tmp_path], area=PENGLI, label="下个月", say=QUIET)
    with gathered.acting("香"):
        after = families()
        assert dict(Household.objects.filter(voided_at=None).values_list("id", "head_name")) == homes
    assert after.pop("毛四海") == [*before.pop("毛四海"), ("毛小六", "22")]
    assert after == before
