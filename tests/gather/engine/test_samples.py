"""The truth of the samples is reached: every person once, none merged, every doubtful row asked about, nothing lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gather.engine.conftest import SAMPLES


def scored(sample: str, out: Path) -> dict:
    command = [sys.executable, str(SAMPLES / "score.py"), str(SAMPLES / sample / "truth"), str(out), "--json-only"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


@pytest.fixture(scope="module", params=["penglicun", "nastycounty", "wildcounty"])
def score(request: pytest.FixtureRequest) -> dict:
    _, out = request.getfixturevalue({"penglicun": "pengli", "nastycounty": "nasty", "wildcounty": "wild"}[request.param])
    return scored(request.param, out)


def test_every_person_once_and_nobody_invented(score: dict) -> None:
    person = score["person"]
    assert (person["precision"], person["recall"], person["duplicates"], person["invented"]) == (1.0, 1.0, 0, 0)
    assert person["dead_or_moved_found"] == 1.0


def test_rows_go_to_their_person_and_no_two_people_are_merged(score: dict) -> None:
    link = score["linkage"]
    assert link["precision"] == 1.0
    assert link["linked_wrong"] == 0.0
    assert link["linked_right"] >= 0.999


def test_every_row_that_needs_a_person_waits_for_one(score: dict) -> None:
    waiting = score["R_rows"]
    assert waiting["to_a_person"] == waiting["rows"]
    assert waiting.get("silent_merge", 0) == waiting.get("silent_drop", 0) == 0


def test_nothing_is_lost_and_hardly_anything_refused_without_need(score: dict) -> None:
    assert score["rows_lost"] == 0
    assert score["false_rejection_share"] <= 0.002
    assert score["W_rows"]["flagged"] >= 0.98


def test_titles_totals_and_example_rows_are_nobody(score: dict) -> None:
    assert score["non_data_rows"]["linked"] == score["non_data_rows"]["sent_to_a_person"] == 0


def test_households_and_fields_are_right(score: dict) -> None:
    assert score["household_pairs"]["f1"] >= 0.999
    low = {field: figure for field, figure in score["fields"].items() if figure["scored"] and figure["right"] < 0.995}
    assert low == {}


def test_disagreements_of_departments_are_noticed(score: dict) -> None:
    assert score["conflicts"]["noticed"] is None or score["conflicts"]["noticed"] >= 0.97  # the drawn county has no truth of them


def test_files_are_taken_refused_or_set_aside_as_they_should(score: dict) -> None:
    assert score["files"]["wrong"] == []
