"""Rules of the archives: pure, as tables."""

import uuid
from datetime import date, datetime

import pytest

from minqing.archives.models import Dwelling, Household, Resident
from minqing.archives.rules import authority, items, keys, lifecycle, purposes, relations, tags
from minqing.lib import codes

ON = date(2026, 11, 21)


def test_every_item_is_a_field_of_its_table_and_says_its_level():
    for item in items.RESIDENT:
        assert item.field in ("id_number", "phone", "emergency_phone") or Resident._meta.get_field(item.field)
        assert item.level in (2, 3), "level 4 lives in tables of its own"
    for item in items.DWELLING:
        assert Dwelling._meta.get_field(item.field)
    for item in items.HOUSEHOLD:
        assert item.table == "membership" or Household._meta.get_field(item.field)
    assert {i.number for i in items.RESIDENT} | {"R08", "R16", "R17", "R18"} == {f"R{n:02d}" for n in range(1, 19)}


def test_items_and_the_authority_rule_agree_on_what_a_visit_may_overrule():
    for field in authority.ORDER:
        if field in items.ITEMS and items.ITEMS[field].visit:
            assert field in authority.VISIT_FIELDS, field
        if field in authority.VISIT_FIELDS:
            assert items.ITEMS[field].visit, field


@pytest.mark.parametrize(("field", "source", "empty", "may"), [
    ("phone", "06", False, True), ("living_address", "01", False, True), ("name", "01", False, False), ("name", "V", False, True), ("name", "", True, True),
    ("pension_benefit", "", True, False), ("medical_status", "V", False, False), ("marriage", "02", False, False), ("religion", "", True, False),
])
def test_what_the_desk_may_change_itself(field, source, empty, may):
    assert items.desk_may(field, source=source, empty=empty) is may


class Kin:
    """Four generations with a brother's and a sister's family, and an uncle."""

    def __init__(self) -> None:
        self.people: dict[uuid.UUID, relations.Someone] = {}
        self.ids: dict[str, uuid.UUID] = {}
        self.edges: list[tuple[str, uuid.UUID, uuid.UUID]] = []

    def add(self, name: str, sex: str, born: int, *parents: str, spouse: str = "") -> None:
        number = uuid.uuid4()
        self.ids[name] = number
        self.people[number] = relations.Someone(number, sex, date(born, 1, 1))
        self.edges += [("parent", number, self.ids[p]) for p in parents]
        self.edges += [("spouse", number, self.ids[spouse])] if spouse else []

    def code(self, head: str, person: str) -> str | None:
        return relations.derive(self.ids[head], self.people, relations.ties_of(self.edges)).get(self.ids[person])


@pytest.fixture
def kin() -> Kin:
    k = Kin()
    k.add("祖父", "1", 1920)
    k.add("祖母", "2", 1922, spouse="祖父")
    k.add("父", "1", 1945, "祖父", "祖母")
    k.add("伯", "1", 1943, "祖父", "祖母")
    k.add("伯母", "2", 1944, spouse="伯")
    k.add("姑", "2", 1950, "祖父", "祖母")
    k.add("母", "2", 1947, spouse="父")
    k.add("我", "1", 1970, "父", "母")
    k.add("弟", "1", 1973, "父", "母")
    k.add("弟媳", "2", 1974, spouse="弟")
    k.add("姐", "2", 1968, "父", "母")
    k.add("堂兄", "1", 1966, "伯", "伯母")
    k.add("妻", "2", 1971, spouse="我")
    k.add("岳父", "1", 1945)
    k.edges.append(("parent", k.ids["妻"], k.ids["岳父"]))
    k.add("长子", "1", 1995, "我", "妻")
    k.add("女", "2", 1997, "我", "妻")
    k.add("次子", "1", 1999, "我", "妻")
    k.add("儿媳", "2", 1996, spouse="长子")
    k.add("女婿", "1", 1994, spouse="女")
    k.add("孙女", "2", 2020, "长子", "儿媳")
    k.add("外孙", "1", 2021, "女", "女婿")
    k.add("侄", "1", 2000, "弟", "弟媳")
    k.add("外甥女", "2", 1992, "姐")
    return k


@pytest.mark.parametrize(("head", "person", "code"), [
    ("我", "我", "02"), ("我", "妻", "12"), ("妻", "我", "11"), ("我", "长子", "22"), ("我", "次子", "23"), ("我", "女", "32"), ("我", "儿媳", "38"), ("我", "女婿", "28"),
    ("我", "孙女", "42"), ("我", "外孙", "43"), ("我", "父", "51"), ("我", "母", "52"), ("我", "岳父", "55"), ("妻", "父", "53"), ("妻", "母", "54"), ("我", "祖父", "61"), ("我", "祖母", "62"),
    ("我", "弟", "73"), ("弟", "我", "71"), ("我", "弟媳", "74"), ("我", "姐", "75"), ("姐", "弟", "73"), ("我", "伯", "81"), ("我", "伯母", "82"), ("我", "姑", "90"), ("我", "堂兄", "91"),
    ("我", "侄", "93"), ("我", "外甥女", "96"), ("父", "孙女", "48"), ("祖父", "我", "41"), ("长子", "我", "51"), ("长子", "祖父", "66"), ("儿媳", "我", "53"), ("妻", "祖父", "65"), ("女婿", "我", "55"),
])
def test_the_relation_to_the_head_follows_from_parents_and_spouses(kin, head, person, code):
    assert kin.code(head, person) == code, codes.RELATION.label(kin.code(head, person) or "")


def test_a_single_child_is_son_or_daughter_and_no_only_child_by_law(kin):
    assert kin.code("堂兄", "伯") == "51" and kin.code("伯", "堂兄") == "20"


def test_a_stepchild_and_a_circle_in_wrong_data_do_no_harm():
    a, b, c = (uuid.uuid4() for _ in range(3))
    people = {a: relations.Someone(a, "1"), b: relations.Someone(b, "2"), c: relations.Someone(c, "1")}
    ties = relations.ties_of([("spouse", a, b), ("parent", c, b)])
    assert relations.derive(a, people, ties)[c] == "27"
    circle = relations.ties_of([("parent", a, b), ("parent", b, a)])
    assert circle.ancestors(a) == {a, b}


def test_ties_are_inferred_only_where_the_codes_have_one_reading():
    head, wife, son, daughter_in_law, grandson, second = (uuid.uuid4() for _ in range(6))
    edges = relations.infer(head, {wife: "12", son: "22", daughter_in_law: "38", grandson: "41"})
    assert ("spouse", head, wife) in edges and ("parent", son, wife) in edges and ("spouse", son, daughter_in_law) in edges and ("parent", grandson, son) in edges
    two_sons = relations.infer(head, {wife: "12", son: "22", second: "23", daughter_in_law: "38", grandson: "41"})
    assert not [e for e in two_sons if daughter_in_law in e or grandson in e]


@pytest.mark.parametrize(("born", "on", "years"), [(date(1966, 11, 21), ON, 60), (date(1966, 11, 22), ON, 59), (date(2000, 2, 29), date(2026, 2, 28), 25), (date(2000, 2, 29), date(2026, 3, 1), 26), (None, ON, None)])
def test_age_in_full_years(born, on, years):
    assert tags.age(born, on) == years


def member(name: str, born: int, *, home: bool = True, alive: bool = True, elsewhere: str = "") -> tags.Member:
    return tags.Member(uuid.uuid4(), name, date(born, 1, 1), alive, home, elsewhere)


@pytest.mark.parametrize(("members", "expected"), [
    ([member("秀", 1948)], {"70+", "alone"}), ([member("秀", 1948), member("伟", 1975, home=False, elsewhere="杭州")], {"70+", "alone", "away"}),
    ([member("秀", 1940), member("根", 1938)], {"80+", "empty_nest"}), ([member("秀", 1950), member("浩", 2016)], {"70+", "left_children"}),
    ([member("伟", 1975), member("浩", 2010)], set()), ([member("伟", 1975, home=False, elsewhere="杭州")], {"away", "all_away"}),
    ([member("秀", 1948), member("根", 1940, alive=False)], {"70+", "alone"}), ([member("寿", 1925)], {"100+", "alone"}), ([], set()),
])
def test_tags_of_a_household(members, expected):
    found = tags.of_household(members, on=ON)
    assert {t.code for t in found} == expected
    assert all(t.reason and t.label for t in found)


def test_no_tag_speaks_of_level_four():
    assert set(tags.LABELS) == tags.LIST_SAFE
    for label in tags.LABELS.values():
        assert not any(word in label for word in ("残", "病", "低保", "特困", "救助", "优抚", "失能", "孕"))


@pytest.mark.parametrize(("child", "parent", "sex", "sentence"), [
    (date(1990, 1, 1), date(1966, 1, 1), "1", ""), (date(1990, 1, 1), date(1991, 1, 1), "2", "填反"), (date(1990, 1, 1), date(1980, 1, 1), "2", "只有10岁"), (date(1990, 1, 1), date(1920, 1, 1), "2", "收养"),
    (None, date(1920, 1, 1), "2", ""),
])
def test_ages_of_parents(child, parent, sex, sentence):
    said = lifecycle.why_not_parent(child="甲", child_born=child, parent="乙", parent_born=parent, parent_sex=sex)
    assert sentence in said if sentence else said == ""


def test_death_proposes_the_end_of_relief_for_everybody_so_that_it_tells_nothing():
    plain = lifecycle.due_after_death(name="秀", pension=False, medical=False, seats=[], children=[])
    assert {d.kind for d in plain} == {"registration_end", "relief_end"}
    full = lifecycle.due_after_death(name="秀", pension=True, medical=True, seats=["党员服务岗“护林”"], children=["浩"])
    assert {d.kind for d in full} == {"registration_end", "relief_end", "pension_end", "medical_end", "seat_end", "guardian"}
    assert {d.kind for d in full} <= set(lifecycle.KINDS)


def test_numbers_sort_as_people_count_and_addresses_are_found_by_their_ends():
    assert sorted(["2-10", "2-9", "10-1"], key=keys.household_sort_key) == ["2-9", "2-10", "10-1"]
    found = set(keys.of_household("810022050001", "江山市虎山街道彭里村柴坞1号", "柴坞", "1号"))
    assert {("h", "810022050001"), ("h", "0001"), ("a", "柴坞1号")} <= found


@pytest.mark.parametrize(("level", "purpose", "hour", "wanted"), [(3, "household", 10, False), (3, "household", 23, True), (3, "direct", 10, True), (4, "household", 10, True), (3, "batch:1", 10, False), (3, "visit", 21, False)])
def test_when_a_reason_in_words_is_wanted(level, purpose, hour, wanted):
    said = purposes.needs_reason(level=level, purpose=purpose, local=datetime(2026, 11, 21, hour), hours="07:00-22:00")
    assert bool(said) is wanted
