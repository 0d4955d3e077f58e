"""What the pages read: lists, files, search, tree, history; bounded and audited."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from minqing.access.models import AuditEntry
from minqing.archives import queries
from minqing.archives.actions import dwellings, households, residents
from minqing.archives.models import Resident
from minqing.archives.refusals import NotHere, Refused
from tests.archives.village import AT, DOUTAN, GRID1, GRID2, PENGLI, TODAY, UNPLACED, Family, grids, person


@pytest.fixture(autouse=True)
def pengli(world):
    grids()


@pytest.fixture
def two(world):
    """Two families in two grids of 彭里, one household that waits in 000."""
    with world.acting("香") as me:
        one, other = Family(me), Family(me, grid=GRID2, number_="810022050002", door="2")
        households.create(grid=UNPLACED, by=me, at=AT, on=TODAY, number="810022050003", address="彭里村徐家7号", natural_village="徐家", door="7号")
        residents.go_away(person=one.son, where="杭州", on=TODAY, by=me, at=AT)
        residents.go_away(person=one.bride, where="杭州", on=TODAY, by=me, at=AT)
        residents.go_away(person=one.boy, where="上海", on=TODAY, by=me, at=AT)
    return one, other


def test_each_of_the_cast_sees_the_households_of_his_area_and_nobody_elses(world, two):
    for name, expected in {"兰": 1, "强": 1, "香": 3, "苗": 3, "芳": 0, "数": 3, "潭": 0}.items():
        with world.acting(name) as me:
            assert len(queries.household_list(me, on=TODAY).rows) == expected, name


def test_the_list_is_filtered_ordered_and_paged_by_key(world, two):
    one, other = two
    with world.acting("香") as me:
        first = queries.household_list(me, on=TODAY, limit=2)
        assert [r.number[-1] for r in first.rows] == ["1", "2"] and first.total == 3
        second = queries.household_list(me, on=TODAY, limit=2, after=first.next)
        assert [r.number[-1] for r in second.rows] == ["3"] and second.next == ""
        assert [r.number[-1] for r in queries.household_list(me, on=TODAY, order="-number").rows] == ["3", "2", "1"]
        assert [r.head_name for r in queries.household_list(me, on=TODAY, order="members").rows][-1] == ""
        assert [r.id for r in queries.household_list(me, on=TODAY, tab="elders").rows] == [one.household.pk]
        assert [r.id for r in queries.household_list(me, on=TODAY, tab="away").rows] == [one.household.pk]
        assert [r.number[-1] for r in queries.household_list(me, on=TODAY, tab="unplaced").rows] == ["3"]
        assert [r.number[-1] for r in queries.household_list(me, on=TODAY, natural_village="徐家").rows] == ["3"]
        assert [r.id for r in queries.household_list(me, on=TODAY, grid=GRID2).rows] == [other.household.pk]
        assert {r.id for r in queries.household_list(me, on=TODAY, q="郑土根").rows} == {one.household.pk, other.household.pk}
        assert {t.code for t in first.rows[0].tags} == {"70+", "empty_nest", "away"}
        assert first.rows[0].members == 5 and first.rows[0].home == 2 and first.rows[0].grid_name == "第一网格"
    with world.acting("数") as me:
        pages = queries.household_list(me, on=TODAY, limit=2)
        assert pages.total is None
        rest = queries.household_list(me, on=TODAY, limit=2, after=pages.next)
        assert len({r.id for r in pages.rows} | {r.id for r in rest.rows}) == 3 and rest.next == ""
        with pytest.raises(Refused, match="先选一个村"):
            queries.household_list(me, on=TODAY, tab="elders")
        assert queries.household_list(me, on=TODAY, tab="elders", village=PENGLI).total == 1


def test_who_only_lives_here_waits_for_a_grid_too(world, two):
    """The work desk counts every household in 000; its link must show the same ones."""
    with world.acting("香") as me:
        households.create(grid=UNPLACED, by=me, at=AT, on=TODAY, number="J810022050009", kind="living", address="彭里村徐家9号", natural_village="徐家", door="9号")
        assert [r.number[-1] for r in queries.household_list(me, on=TODAY, tab="unplaced").rows] == ["3", "9"]
        assert queries.household_counts(me, on=TODAY).tabs["unplaced"] == queries.work_list(me, on=TODAY).unplaced_households == 2


def test_numbers_beside_the_tabs(world, two):
    with world.acting("香") as me:
        residents.change(person=two[0].head.pk, field="pension_benefit", value="停发", by=me, at=AT, on=TODAY)
        counts = queries.household_counts(me, on=TODAY)
        assert counts.tabs == {"all": 3, "elders": 1, "away": 1, "living": 0, "unplaced": 1, "check": 1, "dissolved": 0}
        assert counts.grids == [(GRID1, "第一网格", 1), (GRID2, "第二网格", 1), (UNPLACED, "未落格", 1)]
        assert ("70+", "70岁以上", 2) in counts.tags and ("柴坞", 2) in counts.natural_villages
        assert queries.household_list(me, on=TODAY, tab="check").rows[0].proposals == 1
    with world.acting("数") as me:
        assert set(queries.household_counts(me, on=TODAY).tabs.values()) == {None}


def test_no_page_costs_more_statements_because_the_village_is_larger(world, two):
    with world.acting("香") as me:
        for ask in (
            lambda: queries.household_list(me, on=TODAY), lambda: queries.household_counts(me, on=TODAY), lambda: queries.household_list(me, on=TODAY, tab="elders", q="zheng"),
            lambda: queries.household_file(me, two[0].household.pk, on=TODAY), lambda: queries.resident_file(me, two[0].son.pk, on=TODAY), lambda: queries.family_tree(me, two[0].boy.pk, on=TODAY),
            lambda: queries.search(me, "郑"), lambda: queries.search(me, "zsx"), lambda: queries.changes_of(me, household=two[0].household.pk), lambda: queries.work_list(me, on=TODAY),
        ):
            with CaptureQueriesContext(connection) as asked:
                ask()
            assert len(asked) <= 14, [q["sql"][:90] for q in asked]


def test_the_household_file_says_whose_word_each_value_is(world, two):
    one, _other = two
    with world.acting("兰") as me:
        house = dwellings.create(grid=GRID1, address="彭里村柴坞1号", by=me, at=AT, natural_village="柴坞", doorplate="1号", structure="砖混", floors="3", floor_area="142.50")
        households.link_dwelling(household=one.household, dwelling=house, by=me, at=AT)
        dwellings.start(dwelling=house, person=one.wife, kind="family", on=TODAY, by=me, at=AT)
        file = queries.household_file(me, one.household.pk, on=TODAY)
        assert [m.name for m in file.members] == ["郑土根", "周秀英", "郑伟", "毛小芬", "郑浩"]
        head = file.members[0]
        assert (head.relation_label, head.age, head.masked_phone, head.home) == ("户主", 78, "154****0001", True)
        assert file.members[2].elsewhere == "杭州"
        assert [o.name for o in file.occupants] == ["周秀英"] and file.occupants[0].kind_label == "家人"
        area = next(line for line in file.dwelling_fields if line.field == "floor_area")
        assert area.shown == "142.50" and area.source == "V" and area.by == "姜晓兰"
        assert AuditEntry.objects.filter(what="household.open", households__contains=[one.household.pk], staff=me.id).count() == 1
    with world.acting("强") as me, pytest.raises(NotHere):
        queries.household_file(me, one.household.pk, on=TODAY)
    with world.acting("芳") as me, pytest.raises(NotHere):
        queries.household_file(me, one.household.pk, on=TODAY)


def test_the_residents_file_shows_no_number_and_whom_he_belongs_to(world, two):
    one, _other = two
    with world.acting("香") as me:
        residents.set_emergency(person=one.wife, name="郑伟", phone="16400000002", by=me, at=AT)
        file = queries.resident_file(me, one.wife.pk, on=TODAY)
        lines = {line.field: line for line in file.fields}
        assert lines["id_number"].value is None and "*" in lines["id_number"].shown and lines["sex"].shown == "女性"
        assert file.masked_emergency == "164****0002" and lines["phone"].editable == "here" and lines["pension_benefit"].editable == "proposal"
        assert {(k.name, k.relation) for k in file.kin} == {("郑土根", "11"), ("郑伟", "20"), ("毛小芬", "38"), ("郑浩", "41")}
        assert file.has_sensitive_right and file.memberships[0].current and file.placements[0].grid_name == "第一网格"
    with world.acting("兰") as me:
        assert not queries.resident_file(me, one.wife.pk, on=TODAY).has_sensitive_right


def test_of_a_relative_outside_one_sees_a_surname_and_no_more(world, two):
    one, _other = two
    with world.acting("香") as me:
        residents.move_out(person=one.boy, on=TODAY, to="斗潭社区", area=DOUTAN, by=me, at=AT)
    with world.acting("香") as me:
        file = queries.resident_file(me, one.son.pk, on=TODAY)
        assert [(k.id, k.name, k.relation_label, k.place) for k in file.far] == [(None, "郑", "子", "外地")]
        tree = queries.family_tree(me, one.son.pk, on=TODAY)
        boxes = {n.name: n for row in tree.generations for n in row}
        assert boxes["郑"].far and not boxes["郑"].here and boxes["郑"].born is None


def test_the_family_tree_has_three_generations_couples_and_children(world, two):
    one, _other = two
    with world.acting("兰") as me:
        tree = queries.family_tree(me, one.boy.pk, on=TODAY)
        assert [[n.name for n in row] for row in tree.generations] == [["郑土根", "周秀英"], ["郑伟", "毛小芬"], ["郑浩"]]
        assert len(tree.couples) == 2 and len(tree.children) == 4
        assert {n.name: n.relation for row in tree.generations for n in row}["郑土根"] == "祖父"


@pytest.mark.parametrize(("typed", "titles"), [
    ("郑土根", {"郑土根"}), ("土根", {"郑土根"}), ("zhengtug", {"郑土根"}), ("ztg", {"郑土根"}), ("tg", {"郑土根"}), ("810022050001", {"郑土根户"}), ("0002", {"郑土根户"}),
    ("柴坞1号", {"郑土根户"}), ("柴坞", {"郑土根户"}), ("15400000001", {"郑土根"}), ("154 0000 0001", {"郑土根"}), ("郑", set()), ("李", set()), ("芳芳", set()), ("%", set()), ("' or 1=1", set()),
])
def test_the_search_box_finds(world, two, typed, titles):
    with world.acting("香") as me:
        assert {h.title for h in queries.search(me, typed)} == titles
        assert AuditEntry.objects.filter(what="search", staff=me.id).count() == 1
        assert typed not in str(AuditEntry.objects.get(what="search").detail)
    with world.acting("芳") as me:
        assert queries.search(me, typed) == []


def test_a_number_is_found_by_its_digest_in_any_scope(world, two):
    with world.acting("香") as me:
        clear = residents.reveal(person=two[0].head, field="id_number", by=me, at=AT, reason="测试查找")
        assert [h.id for h in queries.search(me, clear)] == [two[0].head.pk]
    with world.acting("数") as me:
        assert [h.id for h in queries.search(me, clear.lower())] == [two[0].head.pk]
    with world.acting("兰") as me:
        assert [h.id for h in queries.search(me, clear)] == [two[0].head.pk]
    with world.acting("强") as me:
        assert queries.search(me, clear) == []


def test_changes_are_told_in_words_without_numbers(world, two):
    one, _other = two
    with world.acting("香") as me:
        residents.change(person=one.head.pk, field="phone", value="17900001234", by=me, at=AT, on=TODAY)
        told = queries.changes_of(me, person=one.head.pk, limit=3)
        assert told[0].who == "郑书香" and told[0].sentence == "更正郑土根的联系电话" and told[0].lines == [("联系电话", "（原号码）", "（新号码）")]
        assert "17900001234" not in str(told)
        household = queries.changes_of(me, household=one.household.pk)
        assert any(("户号", "", "810022050001") in c.lines for c in household)
    with world.acting("芳") as me:
        assert queries.changes_of(me, person=one.head.pk) == []


def test_the_day_begins_with_what_waits(world, two):
    with world.acting("香") as me:
        residents.record_death(person=two[1].head, on=TODAY, reason="年老", by=me, at=AT, new_head=two[1].wife.pk)
        work = queries.work_list(me, on=TODAY)
        assert work.proposals_total == 2 and work.overdue == 0 and work.unplaced_households == 1 and work.unplaced_persons == 0
    with world.acting("兰") as me:
        assert queries.work_list(me, on=TODAY).proposals_total == 0


def test_who_opens_no_files_finds_nothing(world, two):
    for name in ("梅", "敏", "国", "审", "管"):
        with world.acting(name) as me:
            assert queries.search(me, "郑土根") == [] and queries.household_list(me, on=TODAY).rows == [] and not Resident.objects.exists()


def test_a_person_without_household_is_found_too(world):
    with world.acting("兰") as me:
        him = person(me, "尉迟敬德", "1990-01-01", "1")
        hit = queries.search(me, "weichi")[0] if queries.search(me, "weichi") else queries.search(me, "yuchi")[0]
        assert hit.id == him.pk and hit.household_id is None
