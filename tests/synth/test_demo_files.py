"""斗潭社区 and the practice village: reproducible, consistent with 彭里村, and fictitious."""

from __future__ import annotations

import json
import pathlib

import pytest

import minqing.synth
from minqing.lib import identity
from minqing.synth import doutan, practice, truth
from tests.synth import perfect, reading, scoring

DEMO = pathlib.Path(minqing.synth.__file__).parent.parent / "demo_files"


def cells_of(folder: pathlib.Path, name: str) -> list[list[str]]:
    path = next(folder.rglob(name))
    form, encoding = path.suffix[1:], "gb18030" if path.parent.name[:2] in ("03", "06") else "utf-8-sig"
    return [row for rows in reading.rows(path, form, encoding).values() for row in rows]


@pytest.fixture(scope="module")
def pengli_register() -> list[list[str]]:
    return cells_of(DEMO / "彭里村", "江山市常住人口信息导出_虎山所.xls")


def test_generating_the_block_again_gives_the_same_bytes(tmp_path: pathlib.Path) -> None:
    doutan.write(tmp_path)
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    kept = {
        p.relative_to(DEMO): p.read_bytes() for p in (*(DEMO / "斗潭社区").rglob("*"), DEMO / "kin.json") if p.is_file()
    }
    assert made.keys() == kept.keys()
    assert [str(name) for name in made if made[name] != kept[name]] == []


def test_the_block_is_as_large_as_promised() -> None:
    delivery, _ = doutan.build()
    homes = delivery.world.households
    assert 100 <= len(homes) <= 120
    assert 240 <= len(delivery.world.people) <= 290
    assert sum(p.kind == "migrant" and p.registered is None for p in delivery.world.people) >= 30
    assert any(p.name == "窦斗" and p.kind == "migrant" for p in delivery.world.people)
    assert any("集体户" in h.address for h in homes)


def test_people_of_pengli_who_live_here_are_in_its_register(pengli_register: list[list[str]]) -> None:
    known = {row[9]: row for row in pengli_register}
    for number, name, sex, _, door in doutan.PENGLI_PEOPLE:
        row = known[number]
        assert row[4].strip() == name and row[6] in (sex, {"1": "男", "2": "女"}[sex])
        address = row[11].replace(" ", "").replace("自然村", "")
        assert door.removesuffix("号") in address or address.endswith("彭里村")  # one address lacks its door


def test_the_mothers_are_in_penglis_register_and_the_children_in_ours(pengli_register: list[list[str]]) -> None:
    known = {str(row[9]).strip().upper(): row[4] for row in pengli_register}
    ours = {p.id_number for p in doutan.build()[0].world.people}
    kin = json.loads((DEMO / "kin.json").read_text(encoding="utf-8"))
    assert len(kin) >= 4
    for pair in kin:
        assert known[pair["parent"]] == pair["parent_name"]
        assert pair["child"] in ours


def test_no_number_or_phone_is_used_in_both_places() -> None:
    pengli = "".join(str(c) for p in (DEMO / "彭里村").rglob("*.*") for row in cells_of(p.parent, p.name) for c in row)
    shared = {who[0] for who in doutan.PENGLI_PEOPLE}
    for who in doutan.build()[0].world.people:
        if who.id_number not in shared:
            assert who.id_number not in pengli
            assert not who.phone or who.phone not in pengli


@pytest.mark.parametrize("place", ["block", "practice"])
def test_a_faultless_result_is_perfect(place: str, tmp_path: pathlib.Path) -> None:
    delivery = doutan.build()[0] if place == "block" else practice.build()
    truth.write(delivery, tmp_path / "truth")
    perfect.write(tmp_path / "truth", tmp_path / "result")
    figures = scoring.figures(tmp_path / "truth", tmp_path / "result")
    assert figures["wrong"] == []
    assert set(figures["shares"].values()) == {1.0}
    assert not any(figures["faults"].values())


def test_everyone_is_synthetic() -> None:
    for world in (doutan.build()[0].world, practice.build().world):
        for who in world.people:
            assert who.id_number.startswith("330899")
            assert identity.check_char(who.id_number[:17]) == who.id_number[17]
            assert int(who.id_number[16]) % 2 == int(who.sex) % 2


def test_practice_names_are_plainly_invented(tmp_path: pathlib.Path) -> None:
    delivery = practice.write(tmp_path)
    assert sum(h.kind == "registered" for h in delivery.world.households) == 12
    assert all("练" in who.name for who in delivery.world.people)
    assert len(list(tmp_path.rglob("*.*"))) == len(delivery.files)


def test_practice_with_too_few_households_is_refused() -> None:
    with pytest.raises(ValueError, match="五户"):
        practice.build(households=3)
