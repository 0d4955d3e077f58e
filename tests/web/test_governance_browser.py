"""Accounts, staff, areas, audit and help in Chromium: axe-core, sideways scrolling, console, at desk and phone width, in large type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest
from django.utils import timezone

from minqing.access.actions import areas, audit, staff
from minqing.access.models import Account, Appointment, Area, AuditEntry, SecondFactor, Staff
from minqing.gateways import postgres
from tests.conftest import HOME
from tests.people import COUNTY, PASSWORD, PENGLI, TOWN

pytestmark = pytest.mark.browser
SIZES = ((1440, False), (390, False), (390, True))


@pytest.fixture
def places(desk) -> Iterator[dict[str, str]]:
    """彭里 with two grids, 强 standing in for 香, a refused attempt; taken away again by the superuser."""
    now = timezone.now()
    with desk.world.acting("街") as me:
        village = Area.objects.get(pk=PENGLI)
        for code, name in (("971", "第九网格"), ("972", "第十网格")):
            areas.create_grid(village=village, name=name, covers="上溪、下溪", by=me, on=date(2026, 5, 1), code=PENGLI + code)
        areas.create_micro(grid=Area.objects.get(pk=PENGLI + "971"), name="第一村民小组", covers="1–24 号", by=me, on=date(2026, 5, 1))
        areas.add_alias(area=village, name="彭里大队（旧）", why="公社时叫法", by=me)
        staff.stand_in(appointment=Appointment.objects.get(staff__name="郑书香"), staff=Staff.objects.get(name="毛志强"), starts_at=now, ends_at=now + timedelta(days=3), by=me, at=now)
        ids = {"lan": str(Staff.objects.get(name="姜晓兰").id), "xiang": str(Staff.objects.get(name="郑书香").id),
               "post": str(Appointment.objects.get(staff__name="姜晓兰").id)}
    with desk.world.acting("香"):
        audit.record("refused", detail={"page": "household-file", "why": "not_found"})
    with desk.world.acting("审"):
        ids["entry"] = str(AuditEntry.objects.filter(what="refused").latest("at").id)
    yield ids
    with psycopg.connect(**postgres.open_cluster(HOME).superuser_dsn("minqing_test"), autocommit=True) as root:
        root.execute("set session_replication_role = replica")
        root.execute("delete from access_appointment where stands_in_for_id is not null")
        root.execute("delete from access_areaalias where name = '彭里大队（旧）'")
        root.execute("delete from access_area where code like %s", [PENGLI + "97%"])


PAGES = (
    ("管", "/me/sessions/"), ("管", "/me/factors/"), ("管", "/me/password/"), ("香", "/roles/"),
    ("街", "/staff/"), ("街", "/staff/{xiang}/"), ("街", "/staff/new/?area=" + PENGLI), ("街", "/staff/{lan}/appoint/"), ("街", "/staff/{lan}/restore/"),
    ("街", "/appointments/{post}/stand-in/"), ("街", "/appointments/{post}/end/"),
    ("香", "/areas/?q=彭里"), ("管", f"/areas/{COUNTY}/"), ("街", f"/areas/{TOWN}/"), ("街", f"/areas/{PENGLI}/"), ("街", f"/areas/{PENGLI}971/"),
    ("街", f"/areas/{PENGLI}971/merge/"), ("街", f"/areas/{PENGLI}/succeed/"), ("街", f"/areas/{PENGLI}/split-village/"), ("管", f"/areas/{TOWN}/succeed-town/"),
    ("审", "/audit/"), ("审", "/audit/?odd=many"), ("审", "/audit/{entry}/"), ("街", "/help/staff-list/"),
)


@pytest.mark.parametrize("width, large", SIZES)
def test_every_page_is_accessible_and_fits(desk, places, width, large):
    wrong = []
    pages = {}
    for name, path in PAGES:
        if name not in pages:
            pages[name] = desk.page(name, width=width, large=large)
        page = pages[name]
        page.goto(path.format(**places))
        try:
            desk.check(page)
        except AssertionError as found:
            wrong.append(str(found))
    assert not wrong, "\n\n".join(wrong)


def test_night_and_english_hold_too(desk, places):
    for name, path in (("街", "/staff/"), ("审", "/audit/"), ("香", "/roles/"), ("街", f"/areas/{PENGLI}/")):
        page = desk.page(name, night=True, english=True)
        page.goto(path)
        desk.check(page)


def test_the_question_mark_opens_half_a_page_and_escape_closes_it(desk):
    page = desk.page("街")
    page.goto("/staff/")
    page.get_by_role("link", name="这一页怎么用").click()
    page.locator("#help").get_by_text("问谁").wait_for()
    desk.check(page)
    page.keyboard.press("Escape")
    assert page.locator("#help").inner_text().strip() == ""


@pytest.fixture
def clean_account(committed) -> Iterator[Account]:
    yield Account.objects.get(username="guan")
    SecondFactor.objects.all().delete()


@pytest.mark.parametrize("width", [1440, 390])
def test_a_privileged_log_in_in_a_real_browser_with_a_real_passkey(desk, clean_account, width):
    """Chromium's virtual authenticator makes the key and signs; nothing is imitated."""
    page = desk.page(width=width)
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}})
    page.goto("/areas/")
    desk.check(page)
    page.get_by_label("登录名").fill("guan")
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/login/enrol/**")
    desk.check(page)
    page.get_by_role("button", name="在这台设备上添加").click()
    page.wait_for_url(re.compile(r"/areas/\d+/$"))
    page.goto("/me/factors/")
    assert "通行密钥" in page.locator("table").inner_text()
    page.get_by_label("您的口令").fill(PASSWORD)
    page.get_by_role("button", name="输口令").click()
    page.get_by_role("heading", name="再加一种").wait_for()
    desk.check(page)
    page.get_by_role("link", name="扫码添加").click()
    desk.check(page)
    page.goto("/me/factors/")
    page.get_by_role("button", name="生成 10 个口令").click()
    page.get_by_text("只显示这一次").wait_for()
    desk.check(page)
    page.context.clear_cookies()
    page.goto("/login/")
    page.get_by_label("登录名").fill("guan")
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/login/second/**")
    desk.check(page)
    page.get_by_role("button", name="用通行密钥").click()
    page.wait_for_url(re.compile(r"^http://localhost:\d+/$"))


def test_without_scripts_the_pages_still_work(desk, places):
    page = desk.page("街", scripts=False)
    page.goto("/staff/")
    page.get_by_role("link", name="郑书香").click()
    assert "/staff/" in page.url and "现在的岗位" in page.inner_text("main")
    page.get_by_role("link", name="结束任职").first.click()
    page.get_by_label("为什么结束").fill("换届")
    page.get_by_role("button", name="结束任职").click()
    assert "请选接手的人" in page.inner_text("main")
