"""The archives on the desk, as their people use them: 香 her village, 兰 her grid, 数 the county, 国 and 审 no files.

Everything goes through the product's middleware with a real session; the village of tests/web/seed.py is committed for
the module and removed afterwards.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from minqing.access.models import AuditEntry
from minqing.archives.models import Household, Membership, Resident
from tests.people import DOUTAN, PENGLI, World
from tests.web.test_staff import text

#: DESIGN §9 allows 12 a page; tests/contracts/test_statements.py counts every page, here is what these two need on an ordinary day.
MOST_QUERIES = {"list": 10, "file": 9}  # with the panel open beside the list: 12


@pytest.fixture
def visit(village, visit):
    return visit


def last_audit(name: str, what: str) -> AuditEntry | None:
    with World.acting(name) as me:
        return AuditEntry.objects.filter(staff=me.id, what=what).order_by("-at").first()


# --- the list ---------------------------------------------------------------------------------------------------------


def test_xiang_sees_her_village_and_fang_sees_none_of_it(visit, village):
    mine = visit("香").get("/households/")
    assert mine.status_code == 200
    assert "彭里村 · 41 户" in text(mine)
    assert "姜水仙" in text(visit("香").get("/households/?tab=elders"))
    hers = visit("芳").get("/households/")
    assert "姜水仙" not in text(hers)
    assert "江山底村 · 0 户" in text(hers)
    assert visit("芳").get(f"/households/{village['2050041']}/").status_code == 404
    assert visit("芳").get(f"/people/{village['姜水仙']}/").status_code == 404
    assert visit("芳").get(f"/households/?open={village['2050041']}").status_code == 404


def test_a_grid_officer_sees_her_grid_alone(visit, village):
    page = text(visit("兰").get("/households/"))
    assert "姜水仙" in page
    assert "毛土根" not in page
    assert visit("兰").get(f"/households/{village['2050002']}/").status_code == 404


def test_a_county_officer_chooses_a_village_first(visit):
    client = visit("数")
    choose = text(client.get("/households/"))
    assert "先选一个村" in choose and "彭里村" in choose and "姜水仙" not in choose
    assert "彭里村" not in text(client.get("/households/?place=斗潭"))
    chosen = client.get(f"/households/?village={PENGLI}")
    assert "彭里村 · 41 户" in text(chosen)


@pytest.mark.parametrize("name", ["国", "审", "管", "街", "梅", "敏", "琴"])
def test_roles_without_files_are_told_so(visit, name, village):
    client = visit(name)
    for url in ("/households/", "/search/?q=姜水仙", "/paper/"):
        assert client.get(url).status_code == 403
    assert client.get(f"/people/{village['姜水仙']}/").status_code == 404
    assert client.get(f"/households/{village['2050041']}/print/").status_code == 404


def test_filters_narrow_and_can_be_taken_away(visit):
    client = visit("香")
    page = client.get("/households/", {"nv": "上塘"}).content.decode()
    assert "去掉条件：上塘" in page and "毛土根" not in page
    nothing = text(client.get("/households/", {"nv": "没有这个村"}))
    assert "没有符合条件的户" in nothing


def test_the_list_pages_by_key(visit, monkeypatch):
    monkeypatch.setattr("minqing.web.desk.archives.lists.PAGE", 15)
    client, seen, url = visit("香"), [], "/households/"
    while url:
        page = client.get(url)
        seen += re.findall(r'<td class="dim end">(\d+)</td>', page.content.decode())
        following = re.search(r'href="([^"]+)" rel="next"', page.content.decode())
        url = following.group(1).replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 41
    assert seen == sorted(seen)


def test_panel_alone_equals_panel_in_the_page(visit, village):
    client = visit("香")
    alone = client.get(f"/households/{village['2050041']}/panel/").content.decode()
    whole = client.get(f"/households/?open={village['2050041']}").content.decode()
    inside = whole.split('id="panel"', 1)[1]

    def plain(html: str) -> str:
        return re.sub(r"\s+", " ", re.sub(r'(name="csrfmiddlewaretoken" value=)"[^"]*"', r"\1", html)).strip()

    assert plain(alone) in plain(inside)


@pytest.mark.parametrize("page", ["/households/", "/households/?open={2050041}", "/households/{2050041}/", "/households/{2050041}/?tab=history"])
def test_a_page_asks_the_database_a_bounded_number_of_times(visit, village, page):
    client, url = visit("香"), re.sub(r"\{(\d+)\}", lambda m: str(village[m.group(1)]), page)
    client.get(url)
    with CaptureQueriesContext(connections["default"]) as asked:
        assert client.get(url).status_code == 200
    own = [q["sql"] for q in asked if not q["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
    allowed = MOST_QUERIES["file"] if "?" not in page.removesuffix("?tab=history") and "{" in page else MOST_QUERIES["list"] + (2 if "open=" in page else 0)
    assert len(own) <= allowed, "\n".join(f"{i}: {q[:110]}" for i, q in enumerate(own))


# --- nothing of level 4, no whole number ----------------------------------------------------------------------------------


def test_numbers_are_masked_until_asked_for(visit, village):
    client = visit("香")
    page = client.get(f"/people/{village['姜水仙']}/")
    assert re.search(r"3308\*{12}\d\d", text(page))
    assert not re.search(r"330899\d{11}[\dX]", page.content.decode())
    shown = client.post(f"/people/{village['姜水仙']}/reveal/", {"field": "id_number", "reason": "上门核对户口簿"}, headers={"referer": f"http://localhost/people/{village['姜水仙']}/"})
    assert re.search(r"330899\d{11}[\dX]", shown.content.decode())
    entry = last_audit("香", "person.reveal")
    assert entry is not None and village["姜水仙"] in entry.persons
    assert client.get(f"/people/{village['姜水仙']}/reveal/").status_code == 405
    assert client.post(f"/people/{village['姜水仙']}/reveal/", {"field": "name"}).status_code == 404


def test_level_four_asks_for_a_reason_in_words(visit, village):
    client, url = visit("香"), f"/people/{village['姜水仙']}/sensitive/health/"
    assert "写明" in text(client.get(url))
    short = client.post(url, {"reason": "看"})
    assert short.status_code == 422 and "事由太短" in text(short)
    read = client.post(url, {"reason": "上门评估能否自理"})
    assert read.status_code == 200 and "事由：上门评估能否自理" in text(read)
    refused = visit("兰").post(url, {"reason": "上门评估能否自理"})
    assert refused.status_code == 403


# --- acts -----------------------------------------------------------------------------------------------------------------


def test_a_phone_is_corrected_and_taken_back(visit, village):
    client, person = visit("香"), village["周志伟"]
    url = reverse("resident-change", kwargs={"person": person, "field": "phone"})
    today = f"{timezone.localdate():%Y-%m-%d}"
    bad = client.post(url, {"value": "123", "on": today})
    assert bad.status_code == 422 and "电话" in text(bad)
    good = client.post(url, {"value": "15412345678", "on": today, "note": "本人说"})
    assert good.status_code == 302 and "act=" in good.url
    page = client.get(good.url)
    assert "154****5678" in text(page) and "撤回" in text(page)
    token = re.search(r'name="token" value="([^"]+)"', page.content.decode()).group(1)
    assert visit("兰").post("/undo/", {"token": token}).status_code == 302  # not hers: refused with a sentence
    assert "154****5678" in text(client.get(f"/people/{person}/"))
    client.post("/undo/", {"token": token})
    assert "154****5678" not in text(client.get(f"/people/{person}/"))


def test_two_people_change_one_field_and_choose(visit, village):
    client, person = visit("香"), village["毛彩凤"]
    url = reverse("resident-change", kwargs={"person": person, "field": "living_elsewhere"})
    today = f"{timezone.localdate():%Y-%m-%d}"
    visit("兰").post(url, {"value": "宁波", "seen": "杭州", "on": today})
    late = client.post(url, {"value": "温州", "seen": "杭州", "on": today})
    assert late.status_code == 409
    assert "温州" in text(late) and "宁波" in text(late)
    again = client.post(url, {"value": "温州", "seen": "宁波", "on": today})
    assert again.status_code == 302
    assert "外出 温州" in text(client.get(f"/households/{village['2050041']}/"))


def test_a_field_of_a_department_becomes_a_question_to_it(visit, village):
    with World.acting("香"):
        Resident.objects.filter(pk=village["周晓"]).update(sources={"name": {"from": "01", "on": "2026-05-28"}})
    client = visit("香")
    url = reverse("resident-change", kwargs={"person": village["周晓"], "field": "name"})
    assert "以公安的为准" in text(client.get(url))
    sent = client.post(url, {"value": "周小", "seen": "周晓", "on": f"{timezone.localdate():%Y-%m-%d}"})
    page = text(client.get(sent.url))
    assert "提请核实" in page and "周晓" in page


def test_a_death_of_the_head_asks_for_the_next_head(visit, village):
    client = visit("香")
    home = Household.objects.none()
    with World.acting("香"):
        home = Household.objects.get(pk=village["2050003"])
        head = home.head_id
    url = reverse("resident-died", kwargs={"person": head})
    form = {"on": f"{timezone.localdate():%Y-%m-%d}", "reason": "疾病"}
    ask = client.post(url, form)
    assert ask.status_code == 422 and "下一位户主" in text(ask)
    heirs = re.findall(r'name="new_head" value="([^"]+)"', ask.content.decode())
    done = client.post(url, {**form, "new_head": heirs[0]})
    assert done.status_code == 302
    with World.acting("香"):
        home.refresh_from_db()
        assert str(home.head_id) == heirs[0]
    assert "去世" in text(client.get(f"/people/{head}/"))
    assert "请核对" in text(client.get("/"))


def test_a_family_splits_and_the_split_is_undone(visit, village):
    client = visit("香")
    with World.acting("香"):
        rows = list(Membership.objects.filter(household=village["2050006"], ends_on=None).exclude(relation="02"))
    chosen = str(rows[0].person_id)
    url = reverse("household-split", kwargs={"household": village["2050006"]})
    missing = client.post(url, {"on": f"{timezone.localdate():%Y-%m-%d}"})
    assert missing.status_code == 422
    made = client.post(url, {"members": [chosen], "head": chosen, "on": f"{timezone.localdate():%Y-%m-%d}", "door": "8-1号"})
    assert made.status_code == 302
    token = made.url.split("act=")[1]
    client.post("/undo/", {"token": token})
    with World.acting("香"):
        assert Membership.objects.filter(household=village["2050006"], person=chosen, ends_on=None, voided_at=None).exists()


def test_a_child_is_born_and_hangs_in_the_tree(visit, village):
    client = visit("香")
    with World.acting("香"):
        people = {m.person.sex: m.person for m in Membership.objects.filter(household=village["2050012"], ends_on=None, relation__in=("02", "12")).select_related("person")}
    url = reverse("member-born", kwargs={"household": village["2050012"]})
    born = client.post(url, {"name": "黄小满", "birth_date": f"{timezone.localdate() - timedelta(days=3):%Y-%m-%d}", "sex": "2", "father": str(people["1"].pk)})
    assert born.status_code == 302, text(born)
    person = born.url.split("/people/")[1].split("/")[0]
    tree = text(client.get(f"/people/{person}/tree/"))
    assert people["1"].name in tree and "黄小满" in tree


def test_somebody_who_is_known_is_not_registered_twice(visit, village):
    client = visit("香")
    shown = client.post(f"/people/{village['姜水仙']}/reveal/", {"field": "id_number", "reason": "核对证件号码"})
    number = re.search(r"330899\d{11}[\dX]", shown.content.decode()).group()
    url = reverse("member-register", kwargs={"household": village["2050007"]})
    again = client.post(url, {"name": "姜水仙", "id_number": number, "why": "registered", "on": f"{timezone.localdate():%Y-%m-%d}"})
    assert again.status_code == 422 and "打开这个人的档案" in text(again)


def test_the_waiting_household_goes_to_a_grid(visit, village):
    client = visit("香")
    assert "徐落地" in text(client.get("/households/?tab=unplaced"))
    client.post("/households/place/", {"pick": [str(village["2050045"])], "grid": PENGLI + "002"})
    with World.acting("香"):
        assert Household.objects.get(pk=village["2050045"]).grid_code == PENGLI + "002"
    today = text(client.get("/today/"))
    assert "户落到" in today and "撤回" in today


def test_nobody_writes_where_he_may_not(visit, village):
    foreign = visit("芳")
    for route in ("household-split", "household-merge", "household-move", "household-dissolve", "household-words", "household-address", "household-head", "member-register"):
        assert foreign.post(reverse(route, kwargs={"household": village["2050041"]}), {}).status_code == 404, route
    for route in ("resident-died", "resident-left", "resident-away", "resident-marry", "resident-divorce", "resident-emergency", "reveal"):
        assert foreign.post(reverse(route, kwargs={"person": village["姜水仙"]}), {}).status_code == 404, route


# --- search ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["姜水仙", "水仙", "jiangshuixian", "jsx", "2050041", "上塘43号"])
def test_one_box_finds_her(visit, words):
    assert "姜水仙" in re.sub(r"\s", "", text(visit("香").get("/search/", {"q": words})))


def test_rare_characters_are_found_by_themselves_and_by_pinyin(visit):
    for words in ("欧阳䶮", "ouyangyan", "祝𬭎"):
        assert "户" in text(visit("香").get("/search/", {"q": words}))


def test_a_number_opens_at_once_and_leaves_no_trace_in_words(visit, village):
    client = visit("香")
    shown = client.post(f"/people/{village['姜水仙']}/reveal/", {"field": "id_number", "reason": "核对证件号码"})
    number = re.search(r"330899\d{11}[\dX]", shown.content.decode()).group()
    answer = client.post("/search/", {"q": number})
    assert answer.status_code == 302 and str(village["姜水仙"]) in answer.url
    entry = last_audit("香", "search")
    assert number not in str(entry.detail)


def test_one_character_asks_nothing(visit):
    assert "至少写两个字" in text(visit("香").get("/search/", {"q": "姜"}))
    assert "没有找到" in text(visit("香").get("/search/", {"q": "查无此人"}))


def test_search_stays_inside_the_scope(visit):
    assert "没有找到" in text(visit("芳").get("/search/", {"q": "姜水仙"}))


# --- home -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["兰", "强", "香", "芳", "梅", "苗", "敏", "琴", "国", "数", "审", "管", "街", "潭", "城"])
def test_everybody_has_a_desk_of_his_own(visit, name):
    page = visit(name).get("/")
    assert page.status_code == 200
    assert "工作台" in text(page)


def test_the_desk_of_a_leader_holds_totals_and_no_name(visit):
    page = text(visit("国").get("/"))
    assert "彭里村" in page and "各村户数" in page and "还没有做好" in page
    assert "姜水仙" not in page


def test_the_other_county_sees_nothing_of_this_village(visit):
    page = text(visit("城").get(f"/households/?village={DOUTAN}"))
    assert "姜水仙" not in page
