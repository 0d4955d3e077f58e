"""The drawn county: the committed files are what the generator makes, small, and their truth is true."""

from __future__ import annotations

import pathlib

from minqing.synth import wild
from tests.synth import perfect, scoring

SAMPLES = pathlib.Path(__file__).parent.parent / "samples" / "wildcounty"


def test_generating_again_gives_the_same_bytes_and_few_of_them(tmp_path: pathlib.Path) -> None:
    wild.write(tmp_path, "330822")
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    kept = {p.relative_to(SAMPLES): p.read_bytes() for p in SAMPLES.rglob("*") if p.is_file() and p.name != "README.md"}
    assert made.keys() == kept.keys()
    assert [str(name) for name in made if made[name] != kept[name]] == []
    assert sum(map(len, made.values())) < 400 << 10


def test_a_faultless_result_scores_one_hundred_per_cent(tmp_path: pathlib.Path) -> None:
    perfect.write(SAMPLES / "truth", tmp_path)
    figures = scoring.figures(SAMPLES / "truth", tmp_path)
    assert figures.pop("wrong") == []
    assert figures["shares"] and {name: share for name, share in figures["shares"].items() if share not in (1.0, None)} == {}
    assert {name: count for name, count in figures["faults"].items() if count} == {}
