"""The calendar and duty in Chromium at the desk and on a phone's width: no violation, nothing to scroll sideways, one day swapped with the keyboard."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from minqing.contact.actions import duty, rhythm
from tests.contact.test_duty import ahead, day_of, rota, staff
from tests.contracts.foreign import superuser
from tests.people import NEXT_VILLAGE, PENGLI, World
from tests.web.test_duty_pages import DUTY, month_of

pytestmark = pytest.mark.browser


def shot(page: Any, name: str) -> None:
    if folder := os.environ.get("MINQING_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture
def planned(village) -> Iterator[None]:
    with World.acting("香") as me:
        now = timezone.now()
        rota(me, ("香", "兰", "强", "文"))
        duty.set_rota(village=PENGLI, people=[staff(n) for n in ("香", "兰", "强", "文")], weekdays=[1, 2, 3, 4, 5], opens=now.replace(hour=8, minute=30).time(), closes=now.replace(hour=17, minute=30).time(), place="村便民服务中心", by=me, at=now)
        duty.fill(village=PENGLI, first=ahead(0), last=ahead(120), by=me, at=now)
        duty.enter_absence(village=PENGLI, staff=staff("文"), first=ahead(8), last=ahead(12), reason="leave", by=me, at=now)
        rhythm.keep_market(area=PENGLI, name="彭里墟", rule={"kind": "lunar_ends", "numbers": [3, 8]}, place="村口老樟树下", by=me, at=now)
    yield
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in ("dutymatter", "dutyvisitor", "dutyswap", "dutyabsence", "dutyday", "dutyrota", "market", "rhythm"):
            root.execute(f"delete from contact_{table} where area_code in (%s, %s)", [PENGLI, NEXT_VILLAGE])  # noqa: S608
        root.execute("delete from contact_feed")


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_of_the_calendar_are_calm_and_right(desk, planned, width):
    xiang = desk.page("香", width=width)
    with World.acting("香"):
        day = day_of("香", after=0)
    for name, address in (("month", month_of(day=ahead(1))), ("october", f"/contact-calendar/{PENGLI}/{timezone.localdate().year}/10/"), ("duty", DUTY), ("rota", DUTY + "arrangement/"), ("day", f"/duty/days/{day.pk}/"), ("rhythm", f"/rhythm/{PENGLI}/"),
                          ("fifteenth", f"/rhythm/{PENGLI}/fifteenth/"), ("market", f"/rhythm/{PENGLI}/markets/new/"), ("addresses", "/contact-calendar/addresses/"), ("home", "/")):
        xiang.goto(address)
        shot(xiang, f"{name}-{width}")
        desk.check(xiang)
        if name == "month" and width > 600:  # today on a day off, whatever day these tests run
            xiang.evaluate("document.querySelectorAll('.cc td.today').forEach((d) => d.classList.toggle('off'))")
            desk.check(xiang)
    xiang.goto("/contact-calendar/addresses/")
    xiang.get_by_role("button", name="建地址 我自己的").click()
    assert "/ical/" in xiang.locator("#address").inner_text()
    shot(xiang, f"address-{width}")
    desk.check(xiang)
    anybody = desk.page(None, width=width)
    anybody.goto(f"/v/{PENGLI}/")
    assert anybody.get_by_text("这几天谁值班").is_visible()
    shot(anybody, f"portal-{width}")
    desk.check(anybody)


def test_a_day_is_asked_for_and_given_with_the_keyboard(desk, planned):
    lan, qiang = desk.page("兰"), desk.page("强", width=390)
    with World.acting("兰"):
        mine, other = day_of("兰"), str(staff("强"))
    lan.goto(f"/duty/days/{mine.pk}/")
    lan.get_by_label("请谁").select_option(other)
    lan.get_by_label("请谁").focus()
    lan.keyboard.press("Tab")
    lan.keyboard.press("Tab")
    lan.keyboard.press("Enter")
    lan.get_by_text("等他答复").first.wait_for()
    qiang.goto("/")
    qiang.get_by_text("1 次换班等您答复").first.wait_for()
    qiang.goto(DUTY)
    shot(qiang, "asked-390")
    desk.check(qiang)
    qiang.get_by_role("button", name="同意").click()
    qiang.get_by_text("两天已经换过来").wait_for()
    shot(qiang, "given-390")
