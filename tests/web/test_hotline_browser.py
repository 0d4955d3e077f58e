"""凤林 365 (domain.md §7, story 6) in a real browser: a call, its log, forwarded to the clerk on duty, an agent goes."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from minqing.gateways.telephony.simulator import Simulator, over_http
from minqing.service.models import Call, Matter, Party
from minqing.service.queries import files
from minqing.service.refusals import NotHere
from tests.people import PENGLI, World
from tests.web.test_hotline_pages import hotline, phone_of, village  # noqa: F401 - fixtures of the same desk
from tests.web.test_matters_browser import act
from tests.web.test_things_story import press


@pytest.fixture
def telephone(desk, hotline):  # noqa: F811
    return Simulator(over_http(desk.url + reverse("cti", kwargs={"token": hotline})))


def test_the_call_pops_up_within_a_second_and_nothing_typed_is_lost(desk, telephone, phone_of):  # noqa: F811
    number, name = phone_of
    page = desk.page("琴")
    page.goto("/hotline/")
    page.fill("#ext", "8001")
    page.get_by_role("button", name="坐这里").click()
    page.wait_for_selector("#ring", state="attached")
    telephone.ring("15400008888")   # the first request of a process is no measure
    telephone.hangup("noAnswer")
    page.fill("textarea[name=words]", "前一个电话还没有写完")
    begun = time.perf_counter()
    assert telephone.ring(number)[0] == 200
    page.wait_for_selector(f"#ring .ringing:has-text('{name}')", timeout=5_000)
    took = time.perf_counter() - begun
    assert took < 2.0, took   # one second of polling and what a shared machine adds
    assert page.input_value("textarea[name=words]") == "前一个电话还没有写完"
    telephone.answer("8001")
    page.wait_for_selector("#ring a:has-text('打开这个电话')")
    assert page.input_value("textarea[name=words]") == "前一个电话还没有写完"
    desk.check(page)


@pytest.mark.parametrize("width", [1440, 390])
def test_from_the_ring_to_the_sentence_and_the_agent(desk, telephone, phone_of, width):  # noqa: F811
    number, name = phone_of
    page = desk.page("琴", width=width)
    page.goto("/hotline/")
    telephone.ring(number)
    page.get_by_role("button", name="接听").click()
    page.wait_for_selector("#caller form")
    page.get_by_role("button", name="已核对，是本人").click()
    page.wait_for_selector("text=已按门牌核对本人")
    desk.check(page)
    assert page.input_value("input[name=name]") == name
    page.fill("textarea[name=words]", "腿脚不便，请人帮我代办高龄津贴")
    page.select_option("select[name=place]", PENGLI)
    page.select_option("select[name=kind]", "errand")
    page.get_by_role("button", name="登记，稍后派单").click()
    page.wait_for_selector(".say.big")
    assert "4888365" in page.text_content(".say.big")
    desk.check(page)
    telephone.forward("15400000011")
    telephone.hangup("forwarded")
    with World.acting("琴"):
        row = Call.objects.get(call_id=telephone.call_id)
        assert row.forwarded_to == "154 **** 0011"
        assert Matter.objects.get(calls=row).kind == "errand"
        assert row.started_at > timezone.now() - timedelta(minutes=5)


def test_the_errand_goes_to_the_village_and_its_agent_visits(desk, telephone, phone_of):  # noqa: F811
    """琴 takes the call and sends it to 彭里; 文 says which item it is and asks 代; he goes there, hands in, brings the answer; 文 has a colleague's call-back left."""
    number, _name = phone_of
    page = desk.page("琴")
    page.goto("/hotline/")
    telephone.ring(number)
    page.get_by_role("button", name="接听").click()
    page.wait_for_selector("#caller form")
    page.get_by_role("button", name="已核对，是本人").click()
    page.wait_for_selector("text=已按门牌核对本人")
    page.fill("textarea[name=words]", "八十了走不动，请人帮我办高龄津贴")
    page.select_option("select[name=place]", PENGLI)
    page.select_option("select[name=kind]", "errand")
    page.get_by_role("button", name="登记，稍后派单").click()
    page.wait_for_selector(".say.big")
    with World.acting("琴"):
        matter = Matter.objects.get(calls__call_id=telephone.call_id).pk
    page.goto(f"/matters/{matter}/")
    act(page, "受理", kind="errand")
    act(page, "派单", lead=PENGLI, words="请村里安排人上门代办")

    clerk = desk.page("文")
    clerk.goto(f"/matters/{matter}/")
    clerk.get_by_role("link", name="定事项，安排代办员").click()
    desk.check(clerk)
    clerk.get_by_role("button", name="就办这一项").click()
    assert clerk.locator("[name=item]:invalid").count() == 1 or "还没有办成" in clerk.locator("main").inner_text()
    clerk.select_option("[name=item]", label="高龄津贴")
    press(clerk, "就办这一项")
    assert "已定为“高龄津贴”" in clerk.locator("main").inner_text()
    clerk.get_by_role("link", name="安排代办员").click()
    clerk.get_by_label("何代").check()
    press(clerk, "交给他")
    assert clerk.goto(f"/errands/{matter}/arrange/").status == 404, "it is said once"

    agent = desk.page("代", width=390, height=844)
    agent.goto(f"/errands/{matter}/")
    assert number not in agent.locator("main").inner_text(), "not before he said yes"
    with World.acting("代") as dai, pytest.raises(NotHere, match="我来办"):  # nor by the matter's own page, with a reason
        row = Matter.objects.get(pk=matter)
        files.reveal(dai, row, Party.objects.get(matter=row, role="requester").pk, reason="回电话问一声")
    press(agent, "我来办")
    assert number in agent.locator("main").inner_text().replace(" ", "")
    desk.check(agent)
    agent.get_by_role("link", name="去问、去填").click()
    for asked in agent.locator("form input.ctl").all():
        asked.fill("上门问过本人")
    press(agent, "念过了")
    agent.goto(f"/errands/{matter}/do/submit/")
    press(agent, "交了")
    press(agent, "取回了")
    agent.get_by_role("link", name="送到，签收").click()
    press(agent, "送到了")
    assert "辛苦了" in agent.locator("main").inner_text()
    with World.acting("琴"):
        assert Matter.objects.get(pk=matter).state == "replied"


@pytest.mark.parametrize("route", ["hotline-calls", "hotline-callbacks", "hotline-duty", "hotline-answers", "hotline-answer-new"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_have_no_fault(desk, hotline, route, width):  # noqa: F811
    page = desk.page("琴", width=width)
    page.goto(reverse(route))
    desk.check(page)
