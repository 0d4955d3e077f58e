"""People and posts on the desk: who is shown, who may act, what a hand-over asks."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from minqing.access.models import Account, Appointment, Area, Staff
from minqing.service.actions import handling, matters
from minqing.service.models import Matter
from minqing.sync.actions import devices
from tests.people import COUNTY, NEXT_VILLAGE, PENGLI, TOWN
from tests.service.doors import MORNING, ask


@pytest.fixture
def open_as(world, open_as):
    """With the three grids of 彭里."""
    with world.acting("街"):
        village = Area.objects.get(pk=PENGLI)
        for n, name in enumerate(("第一网格", "第二网格", "第三网格"), 1):
            Area.objects.create(code=f"{PENGLI}00{n}", parent=village, level="grid", official_name=name, short_name=name, kind="grid")
    return open_as


def text(answer) -> str:
    """The words of a page without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def find(world, name: str) -> Staff:
    with world.acting("管"):
        return Staff.objects.get(name__endswith=name)


def post_of(world, name: str) -> Appointment:
    with world.acting("管"):
        return Appointment.objects.filter(staff__name__endswith=name, ends_at=None).order_by("starts_at").first()


def test_everybody_sees_the_colleagues_of_his_own_place(open_as):
    assert "姜晓兰" in text(open_as("兰").get("/staff/")) and "徐红芳" not in text(open_as("兰").get("/staff/"))
    town = text(open_as("街").get("/staff/"))
    assert "姜晓兰" in town and "徐红芳" in town and "柯潭" not in town
    assert "柯潭" not in text(open_as("管").get("/staff/"))


@pytest.mark.parametrize("words, found", [("晓兰", "姜晓兰"), ("3302", "毛志强"), ("便民服务", "王敏")])
def test_colleagues_are_found_by_name_number_and_office(open_as, words, found):
    page = text(open_as("管").get("/staff/", {"q": words}))
    assert found in page and "郑书香" not in page


def test_the_page_says_which_village_has_nobody(open_as, world):
    open_as("街").post(f"/appointments/{post_of(world, '芳').id}/end/", {"reason": "换届", f"why:post:{post_of(world, '芳').id}": "选举后再派"})
    for name in ("街", "管"):
        page = text(open_as(name).get("/staff/"))
        assert "缺书记" in page and "徐红芳" in page
    assert "缺书记" not in text(open_as("香").get("/staff/"))


def test_only_who_appoints_sees_the_buttons(open_as, world):
    lan = find(world, "兰").id
    page = text(open_as("香").get(f"/staff/{lan}/"))
    assert "安排代理" in page and "结束任职" in page and "恢复登录" in page
    page = text(open_as("强").get(f"/staff/{lan}/"))
    assert "第一网格" in page and "安排代理" not in page and "办离任" not in page
    assert "这是您自己" in text(open_as("香").get(f"/staff/{find(world, '香').id}/"))


@pytest.mark.parametrize("name, status", [("兰", 403), ("数", 403), ("审", 403), ("国", 403), ("香", 200), ("街", 200), ("管", 200)])
def test_who_may_employ(open_as, name, status):
    assert open_as(name).get("/staff/new/").status_code == status


def test_a_new_colleague_gets_a_post_and_a_slip_that_is_shown_once(open_as, world):
    page = open_as("香").post("/staff/new/", {"name": "余新", "number": "9901", "organisation": str(find(world, "兰").organisation_id), "new_kind": "village",
                                             "post-role": "grid_officer", "post-area": "第三网格"})
    assert page.status_code == 200 and "登录凭条" in text(page)
    password = re.search(r'<code class="big">([0-9a-f-]{19})</code>', page.content.decode())[1]
    account = Account.objects.get(username="9901")
    assert account.must_change and not account.privileged and password not in account.password
    with world.acting("管"):
        assert Appointment.objects.get(staff_id=account.id).area_code == PENGLI + "003"
    again = open_as("香").post("/staff/new/", {"name": "余新", "number": "9901", "organisation": str(find(world, "兰").organisation_id), "new_kind": "village"})
    assert again.status_code == 422 and "请换一个" in text(again)


def test_what_is_wrong_with_a_new_post_is_said_at_its_field(open_as, world):
    lan = find(world, "兰").id
    for data, sentence in (({"role": "grid_officer", "area": "第九网格"}, "没有找到"), ({"role": "grid_officer", "area": PENGLI}, "位代码"),
                           ({"role": "grid_officer", "area": PENGLI + "003", "starts_on": "2026-12-01", "ends_on": "2026-11-01"}, "不能早于"), ({"role": "", "area": PENGLI}, "必填")):
        answer = open_as("香").post(f"/staff/{lan}/appoint/", data)
        assert answer.status_code == 422 and sentence in text(answer), data
    assert open_as("香").post(f"/staff/{lan}/appoint/", {"role": "grid_officer", "area": NEXT_VILLAGE + "001"}).status_code in (403, 422)


def test_an_appointment_takes_effect_and_a_privileged_one_wants_a_second_factor(open_as, world):
    person = find(world, "敏").id
    assert open_as("管").post(f"/staff/{person}/appoint/", {"role": "town_admin", "area": "虎山街道"}).status_code == 302
    assert Account.objects.get(pk=person).privileged
    assert "乡镇管理员" in text(open_as("管").get(f"/staff/{person}/"))


def test_a_stand_in_for_days(open_as, world):
    lan, qiang = post_of(world, "兰"), find(world, "强")
    last = timezone.localdate() + timedelta(days=3)
    answer = open_as("香").post(f"/appointments/{lan.id}/stand-in/", {"staff": str(qiang.id), "ends_on": last.isoformat()}, follow=True)
    assert "毛志强代理姜晓兰" in text(answer).replace("毛志强 代理", "毛志强代理")
    page = text(open_as("街").get("/staff/", {"view": "standing-in"}))
    assert "毛志强" in page and "代姜晓兰" in page and "王敏" not in page
    too_long = open_as("香").post(f"/appointments/{lan.id}/stand-in/", {"staff": str(qiang.id), "ends_on": (last + timedelta(days=400)).isoformat()})
    assert too_long.status_code == 422 and "最长半年" in text(too_long)


def test_ending_a_post_asks_for_each_open_thing(open_as, world):
    lan = post_of(world, "兰")
    url = f"/appointments/{lan.id}/end/"
    page = text(open_as("香").get(url))
    assert "没办完的事" in page and "“网格员”这个岗位" in page
    assert open_as("香").post(url, {"reason": "换届"}).status_code == 422, "no owner, no reason"
    answer = open_as("香").post(url, {"reason": "换届", f"to:post:{lan.id}": str(find(world, "强").id)}, follow=True)
    assert answer.status_code == 200 and "已结束" in text(answer)
    with world.acting("管"):
        assert Appointment.objects.filter(staff__name="毛志强", area_code=PENGLI + "001", ends_at=None).exists()
    assert open_as("兰").get("/staff/").status_code == 200
    assert "没有有效任职" in text(open_as("兰").get("/roles/"))


def test_many_open_things_go_to_one_person_and_a_wrong_one_is_a_sentence(open_as, world):
    wen, lan, xiang = (find(world, name).id for name in ("文", "兰", "香"))
    for words in ("路灯坏了三天", "水渠漏水，田里没有水", "垃圾三天没有人收"):
        with world.acting("香") as me:
            m = ask(me, words).matter
            m = handling.sign(matter=matters.dispatch(matter=matters.accept(matter=m, by=me, at=MORNING), lead=PENGLI, by=me, at=MORNING), by=me, at=MORNING)
            handling.assign(matter=m, staff=wen, by=me, at=MORNING)
    post = post_of(world, "文").id
    url, reason = f"/appointments/{post}/end/", {"reason": "调离", f"why:post:{post}": "另行安排"}
    page = text(open_as("香").get(url))
    assert page.count("彭里村在办的事") == 3 and "路灯" not in page and "我自己（郑书香）" in page
    wrong = open_as("香").post(url, {**reason, "rest": str(lan)})
    assert wrong.status_code == 422 and "不能接手" in text(wrong)
    assert open_as("香").post(url, {**reason, "rest": str(xiang)}).status_code == 302
    with world.acting("香") as me:
        assert Matter.objects.filter(handler=me.id).count() == 3


@pytest.mark.parametrize("name", ["兰", "强", "芳", "数", "审"])
def test_posts_of_others_are_not_for_everybody_to_end(open_as, world, name):
    for what in ("end", "stand-in"):
        assert open_as(name).get(f"/appointments/{post_of(world, '香').id}/{what}/").status_code == 403


def test_leaving_comes_after_the_posts(open_as, world):
    person, row = find(world, "强").id, post_of(world, "强")
    early = open_as("香").post(f"/staff/{person}/leave/", {"reason": "离职"})
    assert early.status_code == 422 and "先逐项结束任职" in text(early)
    open_as("香").post(f"/appointments/{row.id}/end/", {"reason": "离职", f"why:post:{row.id}": "另行招聘"})
    assert "已离任" in text(open_as("香").post(f"/staff/{person}/leave/", {"reason": "离职"}, follow=True))
    assert Account.objects.get(pk=person).disabled_at


def test_who_comes_back_gets_a_slip_and_no_post(open_as, world):
    person = find(world, "敏").id
    with world.acting("街"):
        Staff.objects.filter(pk=person).update(left_at=timezone.now())
    Account.objects.filter(pk=person).update(disabled_at=timezone.now())
    assert open_as("香").post(f"/staff/{person}/return/", {"reason": "返聘"}).status_code == 403
    back = open_as("街").post(f"/staff/{person}/return/", {"reason": "返聘"})
    assert "登录凭条" in text(back) and Account.objects.get(pk=person).disabled_at is None


def test_access_is_restored_face_to_face_by_equal_or_higher_rank(open_as, world):
    lan = find(world, "兰").id
    assert open_as("强").get(f"/staff/{lan}/restore/").status_code == 403
    assert open_as("香").post(f"/staff/{lan}/restore/", {"reason": "忘了口令"}).status_code == 422, "he must be here"
    page = open_as("香").post(f"/staff/{lan}/restore/", {"reason": "忘了口令", "here": "on"})
    assert "一次性口令只显示这一次" in text(page) and Account.objects.get(pk=lan).must_change
    assert open_as("香").get(f"/staff/{find(world, '街').id}/restore/").status_code == 403


def test_the_table_of_roles_marks_ones_own(open_as):
    page = open_as("香").get("/roles/").content.decode()
    assert page.count('class="on"') == 1 and "任命工作人员" in text(open_as("香").get("/roles/"))


def test_the_town_has_its_own_code_in_the_address_of_a_new_post(open_as):
    assert f'value="{TOWN}"' in open_as("管").get("/staff/new/", {"area": TOWN}).content.decode()
    assert f'value="{COUNTY}"' not in open_as("管").get("/staff/new/", {"area": TOWN}).content.decode()



def test_a_lost_phone_is_stopped_on_its_owners_page(open_as, world):
    number = uuid.uuid4()
    with world.acting("兰") as me:
        devices.register(id=number, name="红米", public_key="", by=me, at=timezone.now())
    page = f"/staff/{find(world, '兰').id}/"
    assert "红米" in text(open_as("香").get(page)) and "红米" not in text(open_as("强").get(page))
    stop = f"{page}phones/{number}/stop/"
    assert open_as("强").post(stop, {"state": "lost", "reason": "手机丢了"}).status_code == 404
    refused = open_as("香").post(stop, {"state": "lost", "reason": ""})
    assert refused.status_code == 422 and "为什么停用" in text(refused)
    assert "它一联网就清空" in text(open_as("香").post(stop, {"state": "lost", "reason": "丢在集市上"}, follow=True))
    assert "已遗失" in text(open_as("香").get(page))
