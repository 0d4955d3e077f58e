"""防汛转移 in Chromium without a signal: the helper's phone holds whom she fetches, marks wait on it, arrive once, and go when the call is over."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from minqing.access.models import Staff
from minqing.contact.actions import flood
from minqing.contact.models import TransferEvent, TransferLine, TransferMark
from tests.people import CAST, PENGLI, World
from tests.web.phone import SMALL, shot, start, unlock
from tests.web.phone import sweep as sweep_phones
from tests.web.test_flood_pages import sweep

pytestmark = pytest.mark.browser


@pytest.fixture
def call(village) -> Iterator[uuid.UUID]:
    """姜水仙 and her son are to be fetched by the helper, in a call that is open."""
    now = timezone.now()
    with World.acting("香") as me:
        hall = flood.save_shelter(village=PENGLI, shape=flood.ShelterShape("村文化礼堂", "中心路1号", 60, "郑书香", "15400000033"), by=me, at=now)
        flood.save_shelter(village=PENGLI, shape=flood.ShelterShape("彭里小学", "学校路8号", 60, "何代", "15400000034"), by=me, at=now)
        helper = Staff.objects.get(number=CAST["梅"].number).pk
        whom = [flood.Whom(village["姜水仙"], ("walk", "hearing"), "右膝不好"), flood.Whom(village["周志伟"])]
        flood.set_household(household=village["2050041"], whom=whom, way=flood.Way(shelter=hall.pk, fetcher=helper, vehicle="面包车"), by=me, at=now)
        event = flood.start(village=PENGLI, level="red", reason="屋后山有落石", by=me, at=now)
    yield event.pk
    sweep_phones()
    sweep()


def test_a_helper_brings_two_people_in_without_a_signal(desk, call):
    page = start(desk, "梅")
    expect(page.get_by_text("正在转移，您的名单上 2 人")).to_be_visible()
    page.get_by_role("button", name="打开名单").click()
    expect(page.get_by_role("heading", name="红色预警 转移")).to_be_visible()
    assert "右膝" not in page.content() and "要背、进门叫" in page.content()
    shot(page, "transfer-helper")
    page.context.set_offline(True)
    page.get_by_role("button", name="姜水仙 出发").click()
    expect(page.get_by_text(re.compile("姜水仙 · 路上，已存手机"))).to_be_visible()
    page.reload()
    unlock(page)
    page.get_by_role("button", name="转移", exact=True).click()
    expect(page.locator(".hh").filter(has_text="姜水仙")).to_contain_text("路上")
    page.get_by_role("button", name="姜水仙 已到").click()
    page.get_by_role("button", name="周志伟 其他").click()
    page.get_by_role("button", name="周志伟 不肯走").click()
    expect(page.get_by_text("请写一句")).to_be_visible()
    page.get_by_label("一句话").fill("梅 14 点告诉他屋后落石，他要守店")
    shot(page, "transfer-refused")
    page.get_by_role("button", name="周志伟 不肯走").click()
    expect(page.get_by_text("未到 1 · 路上 0 · 已到 1 · 在外 0")).to_be_visible()
    wrong = desk.axe(page) + page.evaluate(SMALL) + [f"{desk.overflow(page)} px too wide"] * bool(desk.overflow(page))
    assert wrong + desk.complaints[page] == []
    with World.acting("香"):
        assert not TransferMark.objects.filter(line__event=call).exists()
    page.context.set_offline(False)
    page.get_by_role("button", name="待传").last.click()
    page.get_by_role("button", name="现在同步").click()
    expect(page.get_by_role("button", name=re.compile("已同步"))).to_be_visible(timeout=20_000)
    with World.acting("香") as me:
        assert sorted(TransferMark.objects.filter(line__event=call).values_list("state", flat=True)) == ["arrived", "going", "refused"]
        assert sorted(TransferLine.objects.filter(event=call).values_list("state", flat=True)) == ["arrived", "refused"]
        flood.all_home(event=call, shelter=None, by=me, at=timezone.now())
        flood.close(event=call, record="雨停；周志伟由网格员守着，平安", by=me, at=timezone.now())
        assert TransferEvent.objects.get(pk=call).closed_at
    page.get_by_role("button", name="现在同步").click()
    expect(page.get_by_role("button", name="转移", exact=True)).to_have_count(0, timeout=15_000)
