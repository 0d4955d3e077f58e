"""Addresses: villages named only when they can be no other, and the forms of a real township's files."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minqing.lib import addresses, divisions
from minqing.lib.addresses import Gazetteer, NaturalVillage, Problem

DATA = Path(__file__).parents[2] / "minqing" / "access" / "data"
TRUTH = Path(__file__).parents[1] / "samples" / "penglicun" / "truth"
JIANGSHAN, PENGLI, KECHENG, DOUTAN = "330881", "330881002205", "330802", "330802008001"

ROWS = divisions.read(DATA / "divisions-3308.csv")
ALIASES = divisions.read_aliases(DATA / "aliases-3308.csv")
GROUPS = {"柴坞": 1, "徐家": 2, "周家": 3, "殿前": 4}
NATURAL = [NaturalVillage(PENGLI, name, group) for name, group in GROUPS.items()]
NATURAL.append(NaturalVillage(DOUTAN, "斗潭新村"))
GAZETTEER = Gazetteer.build(ROWS, ALIASES, NATURAL)


def read(text: str, within: str = JIANGSHAN) -> addresses.Address:
    return GAZETTEER.parse(text, within)


@pytest.mark.parametrize(
    ("text", "standard"),
    [
        ("凤林镇白沙村3组12号", "凤林镇白沙村3组12号"),
        ("凤林白沙12号", "凤林镇白沙村12号"),
        ("江山市凤林镇白沙行政村里坞自然村12-1", "凤林镇白沙村里坞12-1号"),
        ("凤林镇白沙村(自然村:里坞)12-1号", "凤林镇白沙村里坞12-1号"),
        ("贺村镇淤头村18-1", "贺村镇淤头村18-1号"),
        ("淤头镇礼贤村三组5号之2", "贺村镇礼贤村3组5-2号"),
        ("江山市清湖镇花园岗村7号", "清湖街道花园岗村7号"),
        ("江山县石门公社清漾大队9号", "石门镇清漾村9号"),
        ("念八都浔里村5号", "廿八都镇浔里村5号"),
        ("28都镇浔里村5号", "廿八都镇浔里村5号"),
        ("峽口鎮三卿口村12號", "峡口镇三卿口村12号"),
        ("硖口镇三卿口村12号", "峡口镇三卿口村12号"),
        ("大桥镇葩坞里8号", "大桥镇葩坞村8号"),
        ("凤林镇三十二都村8号", "凤林镇卅二都村8号"),
        ("双塔街道路垅村6号", "双塔街道路垄村6号"),
        ("江山虎山江山底3号", "虎山街道江山底村3号"),
        ("清湖一村十二号", "清湖街道清湖一村12号"),
        ("郑村村委会5号", "双塔街道郑村5号"),
        ("贺村18号", "贺村镇贺村18号"),
        ("浙江省江山市虎山街道 彭里村 徐家 41-1 号", "虎山街道彭里村徐家41-1号"),
        ("虎山彭里殿前43", "虎山街道彭里村殿前43号"),
        ("江山市虎山街道彭里村四组28号", "虎山街道彭里村殿前28号"),
        ("江山市虎山街道彭里行政村周家自然村3之1", "虎山街道彭里村周家3-1号"),
        ("彭里村柴坞四十三号", "虎山街道彭里村柴坞43号"),
        ("虎山街道彭里村柴坞12号附1", "虎山街道彭里村柴坞12-1号"),
        ("江山市城北社区江滨路174-4幢2单元101室", "双塔街道城北社区江滨路174号4幢2单元101室"),
        ("双塔乌木山社区景星东路8号3栋3单元201室", "双塔街道乌木山社区景星东路8号3幢3单元201室"),
        ("双塔街道礼贤街37号8幢1单元401室（学府社区）", "双塔街道学府社区礼贤街37号8幢1单元401室"),
        ("双塔街道县前社区中山路3号", "双塔街道县前社区中山路3号"),
        ("江山市市心社区江滨路59号", "虎山街道市心社区江滨路59号"),
    ],
)
def test_the_forms_people_use(text, standard):
    address = read(text)
    assert address.full_text == "浙江省江山市" + standard
    assert address.sure
    assert address.raw == text


@pytest.mark.parametrize(
    "text",
    [
        "信安街道斗潭社区斗潭新村12幢2单元301室",
        "斗潭社区斗潭新村12栋二单元301",
        "斗潭社区斗潭新村12-2-301",
        "信安斗潭新村12号楼2单元301室",
    ],
)
def test_a_flat_in_a_city_community(text):
    address = GAZETTEER.parse(text, KECHENG)
    assert (address.village_code, address.natural_village) == (DOUTAN, "斗潭新村")
    assert (address.building, address.unit, address.room) == ("12", "2", "301")
    assert address.full_text == "浙江省衢州市柯城区信安街道斗潭社区斗潭新村12幢2单元301室"


def test_a_stem_that_two_villages_share_is_never_resolved_without_more():
    for text in ("淤头12号", "贺村镇淤头12号", "长台12号", "于头12号"):
        address = read(text)
        assert address.village_code == ""
        assert not address.sure
        assert Problem.AMBIGUOUS_VILLAGE in address.problems or not address.candidates
    assert set(read("淤头12号").candidates) == {"330881121006", "330881121243"}
    # The suffix or the area tells them apart.
    assert read("淤头村12号").village_code == "330881121243"
    assert read("淤头社区12号").village_code == "330881121006"
    # Twice in the city, once in the county.
    assert GAZETTEER.parse("上洋村3号", "3308").village_code == ""
    assert GAZETTEER.parse("上洋村3号", KECHENG).village_code == "330802013202"
    assert read("上洋村3号").village_code.startswith("330881109")


@pytest.mark.parametrize("stem", sorted(divisions.ambiguous_stems(ROWS, JIANGSHAN)))
def test_every_ambiguous_stem_of_the_county_goes_to_a_person(stem):
    assert read(f"{stem}5号").village_code == ""


def test_a_road_named_after_a_village_is_no_village():
    for text in ("礼贤街88号2幢1单元301室", "贺村镇礼贤路5号"):
        assert read(text).village_code == ""
        assert Problem.UNKNOWN_VILLAGE in read(text).problems


def test_the_town_must_fit():
    address = read("虎山街道白沙村3号")
    assert (address.village_code, address.town_code) == ("", "330881002")
    assert Problem.OTHER_TOWN in address.problems


@pytest.mark.parametrize(
    "text", ["贵州省黔南布依族苗族自治州贵定县石桥村6组", "杭州市余杭区五常街道3号", "浙江省金华市兰溪市女埠街道3号"]
)
def test_elsewhere_is_kept_as_text(text):
    address = read(text)
    assert address.problems == (Problem.OUTSIDE,)
    assert (address.village_code, address.full_text) == ("", text)


def test_the_villages_of_a_delivery_tell_namesakes_apart():
    # 龙游 has several 新建村.
    assert read("龙游县新建村溪滩10号").village_code == ""
    assert len(read("龙游县新建村溪滩10号").candidates) > 1
    likely = {"330825101204", "330825001203"}
    assert GAZETTEER.parse("龙游县新建村溪滩10号", "330825", likely=likely).village_code == "330825101204"
    assert GAZETTEER.village("新建村委会", "330825", likely) == "330825101204"


def test_a_full_name_elsewhere_in_the_city_is_found():
    assert read("龙洲街道方门街村上街6").village_code == "330825001203"
    assert read("方门街6号").village_code == ""


def test_a_county_in_the_text_wins_over_the_expected_one():
    assert read("衢州市柯城区花园街道上洋村3号").village_code == "330802013202"


def test_inside_one_village_a_natural_village_is_enough():
    assert GAZETTEER.parse("殿前34号", PENGLI).full_text == "浙江省江山市虎山街道彭里村殿前34号"
    assert GAZETTEER.parse("4组34号", PENGLI).natural_village == "殿前"
    # 徐家 and 周家 are everywhere in a county.
    assert read("殿前34号").village_code == ""


def test_no_doorplate_is_a_caution_not_a_question():
    address = read("虎山街道彭里村")
    assert address.problems == (Problem.NO_DOORPLATE,)
    assert address.sure


def test_same_as_above_takes_the_row_above():
    above = read("虎山街道彭里村柴坞12号")
    below = GAZETTEER.parse("同上", JIANGSHAN, previous=above)
    assert below.full_text == above.full_text
    assert below.raw == "同上"
    assert GAZETTEER.parse("同上", JIANGSHAN).problems == (Problem.SAME_AS_ABOVE,)


@pytest.mark.parametrize(
    "text", ["彭里", "彭里村 ", "彭里村委会", "虎山街道彭里村", "彭里行政村", "江山市虎山街道彭里村民委员会"]
)
def test_a_column_of_villages(text):
    assert GAZETTEER.village(text, JIANGSHAN) == PENGLI


def test_every_official_name_with_its_county_and_town_is_its_own_village():
    by_code = {row.code: row for row in ROWS}
    for row in ROWS:
        if row.level == "village":
            front = by_code[row.code[:6]].official_name + by_code[row.code[:9]].official_name
            for name in (row.official_name, row.short_name):
                assert GAZETTEER.parse(f"浙江省{front}{name}8号", JIANGSHAN).village_code == row.code, front + name


@given(
    st.sampled_from([row for row in ROWS if row.level == "village" and row.kind == "村"]),
    st.integers(1, 400),
    st.none() | st.integers(1, 9),
)
def test_the_standard_form_reads_as_itself(row, door, branch):
    plate = f"{door}-{branch}" if branch else str(door)
    text = GAZETTEER.standard(addresses.Address("", row.code[:6], row.code[:9], row.code, doorplate=plate))
    address = GAZETTEER.parse(text, row.code[:6])
    assert (address.full_text, address.village_code, address.score) == (text, row.code, 1.0)


@given(st.text(alphabet="江山市虎街道彭里村柴坞组号幢单元室一二三123-—（）路 ", max_size=24))
def test_no_text_raises_and_no_character_is_lost(text):
    address = read(text)
    assert address.raw == text
    assert 0.0 <= address.score <= 1.0
    assert address.full_text or not text.strip() or address.problems


def test_the_addresses_of_a_townships_files(capsys):
    """Every address that the files of 彭里村 spoil, against the right one; the floor is what is reached today."""
    seen: Counter[str] = Counter()
    with gzip.open(TRUTH / "rows.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            for dirt in row.get("dirt", ()):
                right = (row.get("norm") or {}).get(dirt.get("f"))
                if not isinstance(right, dict):
                    continue
                address = read(dirt["raw"])
                seen["all"] += 1
                seen["village"] += address.village_code == right["v"]
                if dirt["c"] != "D21.nodoor":
                    seen["with door"] += 1
                    seen["whole"] += address.full_text == right["t"]
    with capsys.disabled():
        print(f"\n地址：村 {seen['village']}/{seen['all']}，全址 {seen['whole']}/{seen['with door']}")
    assert seen["all"] >= 370
    assert seen["village"] == seen["all"]
    assert seen["whole"] == seen["with door"]


def test_the_clean_addresses_of_households_are_unchanged():
    with (TRUTH / "households.jsonl").open(encoding="utf-8") as lines:
        for household in map(json.loads, lines):
            assert read(household["address"]).full_text == household["address"]
