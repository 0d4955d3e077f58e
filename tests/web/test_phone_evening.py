"""夜访 on the phone, in Chromium: tonight's doors on the first page in walking order, settled by the ordinary visit, also without a signal; a door
whose file is another's is a name and a door."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from minqing.access.models import Staff
from minqing.contact.actions import bookings, days
from minqing.contact.actions.days import Shape
from minqing.contact.models import Booking, ContactDay, Visit
from minqing.service.models import Matter
from tests.contracts.foreign import superuser
from tests.people import CAST, PENGLI
from tests.web.conftest import Desk
from tests.web.phone import MODES, SCAN, looked, start, sweep, unlock

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def swept(village) -> Iterator[None]:
    yield
    sweep("contact_booking", "contact_dayseat", "contact_contactday", "service_move", "service_party", "service_seat", "service_matter")


def evening(desk: Desk, village: dict[str, uuid.UUID], *, ahead: int = 0, doors: tuple[str, ...] = ("2050041", "2050001", "2050043")) -> ContactDay:
    """香 and 兰 go; at 43号 an hour is agreed; the third door is no house of 兰's grid."""
    now = timezone.now()
    day = timezone.localdate(now) + timedelta(days=ahead)
    with desk.world.acting("文") as me:
        made = days.make(kind="evening", area=PENGLI, shape=Shape(day=day, starts=time(0, 1), ends=time(23, 59), place="村委会门口", subject="冬季用电"), by=me, at=now)
        for name in ("兰", "香"):
            days.ask(day=made, staff=Staff.objects.get(number=CAST[name].number).pk, by=me, at=now)
        for number in doors:
            slot = timezone.make_aware(datetime.combine(day, time(19, 30))) if number == "2050041" else None
            bookings.book_door(id=uuid.uuid4(), day=made, household=village[number], by=me, at=now, slot=slot, asked=slot is not None)
        return days.announce(day=made, by=me, at=now)


def door(page: Page, name: str):
    return page.locator(".eve li.hh").filter(has_text=name)


def ends(desk: Desk) -> dict[str, str]:
    with desk.world.acting("香"):
        return {str(b.household_id): b.outcome for b in Booking.objects.all()}


@pytest.mark.parametrize(("width", "mode"), [(360, "day"), (390, "night"), (360, "large"), (390, "large-night")])
def test_the_evening_is_without_violation_and_fits(desk: Desk, village, width, mode):
    evening(desk, village)
    evening(desk, village, ahead=2, doors=("2050004",))
    page, wrong = start(desk, "兰", width=width, **MODES[mode]), []

    def look(name: str) -> None:
        wrong.extend(looked(desk, page, f"evening-{name}-{width}-{mode}"))

    expect(page.get_by_role("heading", name=re.compile("今晚夜访"))).to_be_visible()
    look("home")
    page.get_by_role("button", name="打开").click()
    expect(page.get_by_role("heading", name=re.compile("夜访"))).to_be_visible()
    look("coming")
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name="记结果 欧阳长庚").click()
    page.locator(".pick label", has_text="当场办结").click()
    page.fill("#v-wish", "家里起火了")
    expect(page.get_by_role("link", name="119")).to_be_visible()
    look("stop")
    page.get_by_role("button", name="返回").click()
    door(page, "姜水仙").get_by_role("button", name=re.compile("^走访")).click()
    expect(page.get_by_text("记成走访过了")).to_be_visible()
    page.locator(".pick label", has_text="姜水仙").first.click()
    page.fill("#v-wish", "想在台阶边装一盏灯")
    page.locator(".pick label", has_text="当场办结").click()
    look("visit")
    page.get_by_role("button", name="返回").click()
    look("begun")
    assert wrong + desk.complaints[page] == []


def test_an_evening_without_a_signal_is_settled_by_its_visits_and_survives_a_killed_tab(desk: Desk, village):
    evening(desk, village)
    page = start(desk, "香")
    context = page.context
    heading = page.get_by_role("heading", name=re.compile("今晚夜访"))
    expect(heading).to_contain_text("还有 3 户")
    expect(heading).to_contain_text("同去：")
    expect(door(page, "姜水仙")).to_contain_text("约 19:30")
    expect(door(page, "姜水仙")).to_contain_text("听力不好")
    context.set_offline(True)
    door(page, "姜水仙").get_by_role("button", name=re.compile("^走访")).click()
    page.locator(".pick label", has_text="姜水仙").first.click()
    page.fill("#v-wish", "灶间的灯不亮")
    page.locator(".pick label", has_text="当场办结").click()
    page.get_by_role("button", name="完成走访").click()
    expect(page.get_by_text("请写怎么办好的")).to_be_visible()
    page.locator("#v-done").press_sequentially("换了灯泡，亮了")
    expect(page.get_by_role("status").get_by_text("已存手机")).to_be_visible()
    page.close(run_before_unload=False)

    page = context.new_page()
    page.goto("/phone/")
    unlock(page)
    door(page, "姜水仙").get_by_role("button", name="接着记").click()
    expect(page.locator("#v-done")).to_have_value("换了灯泡，亮了")
    page.get_by_role("button", name="完成走访").click()
    expect(door(page, "姜水仙")).to_contain_text("当场办结")
    expect(page.get_by_role("heading", name=re.compile("今晚夜访"))).to_contain_text("还有 2 户")
    # the second is like ever, the third opens to nobody
    third = door(page, "欧阳长庚")
    second = page.locator(".eve li.hh").filter(has_not_text="姜水仙").filter(has_not_text="欧阳长庚")
    second.get_by_role("button", name=re.compile("^走访")).click()
    page.locator(".pick label input[name=met]").first.check(force=True)
    page.get_by_role("button", name="一切如常").click()
    third.get_by_role("button", name=re.compile("^走访")).click()
    page.locator(".pick label", has_text="没有见到").click()
    expect(page.get_by_text("记成没有见到")).to_be_visible()
    page.get_by_role("button", name="完成走访").click()
    expect(third).to_contain_text("没有见到，晚些可以再去")
    assert [word for word in ("灶间的灯", "换了灯泡", "姜水仙") if word in page.evaluate(SCAN)] == []
    context.set_offline(False)
    page.get_by_role("button", name=re.compile("^待传")).last.click()
    page.get_by_role("button", name="现在同步").click()
    expect(page.get_by_text("没有要传的")).to_be_visible()
    expect(page.get_by_text("需处理")).to_have_count(0)
    assert ends(desk) == {str(village["2050041"]): "settled", str(village["2050001"]): "settled", str(village["2050043"]): "absent"}
    with desk.world.acting("香"):
        assert Matter.objects.get(title__startswith="灶间的灯").state == "closed"
        assert Visit.objects.filter(voided_at=None).count() == 3
    page.get_by_role("button", name="走访", exact=True).click()
    expect(door(page, "姜水仙")).to_contain_text("已收到")


def test_taken_back_the_door_is_open_again_before_and_after_it_was_sent(desk: Desk, village):
    evening(desk, village, doors=("2050041",))
    page = start(desk, "香")
    door(page, "姜水仙").locator(".to").click()
    page.get_by_role("button", name="一切如常").click()
    expect(page.get_by_role("button", name=re.compile("已同步$"))).to_be_visible()
    assert ends(desk) == {str(village["2050041"]): "settled"}
    page.get_by_role("button", name="撤回").click()
    expect(page.get_by_text("已撤回")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("今晚夜访"))).to_contain_text("还有 1 户")
    expect(page.get_by_role("button", name=re.compile("已同步$"))).to_be_visible()
    assert ends(desk) == {str(village["2050041"]): ""}
    page.context.set_offline(True)
    door(page, "姜水仙").locator(".to").click()
    page.get_by_role("button", name="记一件事").click()
    page.fill("#v-words", "水沟堵了")
    expect(page.locator(".pick label.on", has_text="登记成一件事")).to_be_visible()
    page.get_by_role("button", name="登记这件事").click()
    expect(page.get_by_role("heading", name="水沟堵了")).to_be_visible()
    page.get_by_role("button", name="撤回").click()
    page.get_by_role("button", name="走访", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("今晚夜访"))).to_contain_text("还有 1 户")
    assert page.evaluate("import('/static/phone/store.js').then(({ S }) => S.out.filter((e) => e.op.kind !== 'access').length)") == 0


def test_a_door_of_another_grid_is_settled_in_words_and_its_file_never_comes(desk: Desk, village):
    evening(desk, village)
    page = start(desk, "兰")
    expect(door(page, "欧阳长庚")).to_contain_text("不是您网格的户")
    held = page.evaluate("import('/static/phone/store.js').then(({ S }) => JSON.stringify([...S.rows.values()]))")
    assert str(village["2050043"]) not in held and str(village["欧阳长庚"]) not in held
    page.context.set_offline(True)
    page.get_by_role("button", name="记结果 欧阳长庚").click()
    expect(page.get_by_text("没有户档")).to_be_visible()
    page.get_by_role("button", name="记下结果").click()
    expect(page.get_by_text("请选结果")).to_be_visible()
    page.locator(".pick label", has_text="登记成一件事").click()
    page.locator("#v-wish").press_sequentially("路灯坏了一个月")
    expect(page.locator(".sv").get_by_text("已存手机")).to_be_visible()
    page.reload()
    unlock(page)
    expect(page.locator("#v-wish")).to_have_value("路灯坏了一个月")
    page.get_by_role("button", name="记下结果").click()
    page.context.set_offline(False)
    page.get_by_role("button", name=re.compile("^待传")).last.click()
    page.get_by_role("button", name="现在同步").click()
    expect(page.get_by_text(re.compile("编号 .*口令"))).to_be_visible()
    assert ends(desk)[str(village["2050043"])] == "matter"
    with desk.world.acting("香"):
        assert Matter.objects.get(title__startswith="路灯坏了").place_code.startswith(PENGLI)
    with superuser() as root:  # the evening falls away: it leaves the phone
        root.execute("update contact_contactday set state = 'cancelled', why = '下大雨'")
    page.get_by_role("button", name="走访", exact=True).click()
    page.get_by_role("button", name=re.compile("已同步")).click()
    page.get_by_role("button", name="现在同步").click()
    page.get_by_role("button", name="走访", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("夜访"))).to_have_count(0)
