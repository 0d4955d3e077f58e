"""Areas on the desk: figures for whom they are, old codes and names, changes by who manages areas."""

from __future__ import annotations

import pytest

from minqing.access.models import Area
from tests.access.test_areas import household
from tests.people import COUNTY, NEXT_VILLAGE, PENGLI, TOWN
from tests.web.test_staff import text


@pytest.fixture
def grids(world, open_as):
    for name in ("第一网格", "第二网格"):
        assert open_as("街").post(f"/areas/{PENGLI}/new/", {"name": name, "covers": "上溪"}).status_code == 302


def test_the_tree_begins_where_one_works(open_as, grids):
    assert open_as("街").get("/areas/")["Location"] == f"/areas/{TOWN}/"
    assert open_as("管").get("/areas/")["Location"] == f"/areas/{COUNTY}/"
    page = text(open_as("苗").get("/areas/"))
    assert "彭里村" in page and "店前村" in page


def test_counts_are_shown_inside_ones_own_area_only(open_as, world, grids):
    household(world, PENGLI + "001", "1-001")
    assert "共 1 户" in text(open_as("街").get(f"/areas/{TOWN}/"))
    assert "共 1 户" in text(open_as("香").get(f"/areas/{PENGLI}/"))
    for name in ("芳", "审", "强"):
        assert "户数" not in open_as(name).get(f"/areas/{PENGLI}/").content.decode().partition("<tbody>")[2].replace('label="户数"', "") or name == "强"
        assert "共 1 户" not in text(open_as(name).get(f"/areas/{PENGLI}/"))


def test_every_level_opens_and_an_unknown_code_is_not_found(open_as, grids):
    for code in ("3308", COUNTY, TOWN, PENGLI, PENGLI + "000", PENGLI + "001"):
        assert open_as("香").get(f"/areas/{code}/").status_code == 200
    for code in ("999999", "abc", PENGLI + "999"):
        assert open_as("香").get(f"/areas/{code}/").status_code == 404


CHANGES = ("new", "rename", "merge", "split", "close")


@pytest.mark.parametrize("name", ["香", "兰", "数", "审", "国", "芳"])
def test_changes_are_for_who_manages_areas(open_as, grids, name):
    for change in CHANGES:
        assert open_as(name).get(f"/areas/{PENGLI}001/{change}/").status_code == 403
    for change in ("new", "succeed", "split-village"):
        assert open_as(name).get(f"/areas/{PENGLI}/{change}/").status_code == 403


def test_a_grid_is_made_renamed_and_found_by_its_old_name(open_as, grids):
    open_as("街").post(f"/areas/{PENGLI}001/rename/", {"name": "溪东网格", "covers": "上溪、下溪"})
    page = text(open_as("香").get("/areas/", {"q": "第一网格"}))
    assert "溪东网格" in page and "也叫 第一网格（原名）" in page


def test_a_merge_wants_its_basis_and_the_old_code_leads_on(open_as, grids):
    refused = open_as("街").post(f"/areas/{PENGLI}001/merge/", {"into": PENGLI + "002"})
    assert refused.status_code == 422 and "依据" in text(refused)
    done = open_as("街").post(f"/areas/{PENGLI}001/merge/", {"into": PENGLI + "002", "basis": "村民代表会议 2026-05-10"}, follow=True)
    assert "已并入" in text(done)
    page = text(open_as("香").get(f"/areas/{PENGLI}001/"))
    assert "停用" in page and "第二网格" in page and "村民代表会议 2026-05-10" in page
    assert "第二网格" in text(open_as("香").get("/areas/", {"q": PENGLI + "001"})), "an old code is found and says where it is now"


def test_a_split_by_names_one_a_line(open_as, grids):
    done = open_as("街").post(f"/areas/{PENGLI}001/split/", {"names": "溪东网格\n溪西网格\n", "basis": "街道会议"}, follow=True)
    assert "已拆成 2 个网格" in text(done)


def test_micro_grids_of_a_grid(open_as, grids):
    open_as("街").post(f"/areas/{PENGLI}001/new/", {"name": "第一村民小组", "covers": ""})
    assert "第一村民小组" in text(open_as("香").get(f"/areas/{PENGLI}001/"))
    assert open_as("街").post(f"/areas/{PENGLI}00101/close/").status_code == 302


def test_a_village_is_merged_into_another(open_as, world, grids):
    household(world, PENGLI + "001", "1-001")
    done = open_as("街").post(f"/areas/{PENGLI}/succeed/", {"kind": "merge", "new": NEXT_VILLAGE, "on": "2026-11-01", "basis": "江政发〔2026〕8 号"}, follow=True)
    assert "1 户连同网格跟着过去" in text(done)
    page = text(open_as("芳").get(f"/areas/{NEXT_VILLAGE}/"))
    assert "来自 彭里村" in page.replace("来自彭里村", "来自 彭里村") and "江政发〔2026〕8 号" in page


def test_a_town_needs_all_new_codes(open_as):
    page = open_as("管").get(f"/areas/{TOWN}/succeed-town/")
    assert PENGLI in page.content.decode()
    refused = open_as("管").post(f"/areas/{TOWN}/succeed-town/", {"kind": "recode", "new": COUNTY + "001", "lines": f"{PENGLI} 330881", "on": "2026-11-01", "basis": "x"})
    assert refused.status_code == 422 and "第 1 行" in text(refused)


def test_aliases_come_and_go(open_as, world):
    open_as("街").post(f"/areas/{PENGLI}/aliases/", {"name": "彭里大队", "why": "公社时叫法"})
    assert "彭里大队" in text(open_as("香").get(f"/areas/{PENGLI}/"))
    with world.acting("街"):
        alias = Area.objects.get(pk=PENGLI).aliases.get(name="彭里大队").pk
    assert open_as("香").post(f"/areas/{PENGLI}/aliases/{alias}/drop/").status_code == 403
    open_as("街").post(f"/areas/{PENGLI}/aliases/{alias}/drop/")
    assert "彭里大队" not in text(open_as("香").get(f"/areas/{PENGLI}/")).replace("已删除别名“彭里大队”", "")
