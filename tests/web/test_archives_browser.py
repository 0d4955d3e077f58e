"""The archives in Chromium: every page at 1440 and 390, in large type and by night, without a violation; by keyboard; without a script."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.people import PENGLI
from tests.web import seed

pytestmark = pytest.mark.browser

PAGES = (
    "/", "/households/", "/households/?open={2050041}", "/households/?tab=unplaced", "/households/?nv=没有", "/households/{2050041}/", "/households/{2050041}/?tab=members",
    "/households/{2050041}/?tab=dwelling", "/households/{2050041}/?tab=history", "/households/{2050042}/", "/households/{2050044}/", "/people/{姜水仙}/", "/people/{姜水仙}/?tab=history",
    "/people/{姜水仙}/tree/", "/people/{周根土}/", "/people/unplaced/", "/search/?q=上塘", "/search/?q=查无", "/search/", "/today/", "/paper/", "/paper/type/?find=上塘", "/paper/type/{2050041}/",
    "/households/new/", "/households/{2050041}/add/", "/households/{2050041}/add/register/", "/households/{2050041}/add/born/", "/households/{2050041}/add/move-in/?find=徐落",
    "/households/{2050041}/split/", "/households/{2050041}/merge/?find=上塘", "/households/{2050041}/move/", "/households/{2050041}/head/", "/households/{2050041}/dissolve/",
    "/households/{2050041}/words/", "/households/{2050041}/address/", "/people/{周志伟}/died/", "/people/{周志伟}/left/", "/people/{周志伟}/away/", "/people/{周晓}/marry/?find=查无",
    "/people/{周志伟}/divorce/", "/people/{周志伟}/emergency/", "/people/{周志伟}/change/phone/", "/people/{周志伟}/change/ethnicity/", "/people/{姜水仙}/sensitive/relief/",
)


@pytest.fixture(scope="module")
def village(django_db_setup, django_db_blocker) -> Iterator[dict[str, uuid.UUID]]:
    with django_db_blocker.unblock(), seed.planted() as ids:
        yield ids


def address(village: dict[str, uuid.UUID], pattern: str) -> str:
    for name in {part.split("}")[0] for part in pattern.split("{")[1:]}:
        pattern = pattern.replace("{" + name + "}", str(village[name]))
    return pattern


@pytest.mark.parametrize("look", [{"width": 1440}, {"width": 390, "height": 844}, {"width": 1440, "large": True}, {"width": 390, "height": 844, "large": True, "night": True}], ids=["desk", "phone", "large", "phone-large-night"])
def test_every_page_is_without_violation(desk, village, look):
    page = desk.page("香", **look)
    wrong = []
    for pattern in PAGES:
        answer = page.goto(address(village, pattern))
        if answer.status != 200:
            wrong.append(f"{pattern}: {answer.status}")
            continue
        try:
            desk.check(page)
        except AssertionError as error:
            wrong.append(f"{pattern}: {str(error)[:600]}")
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("name", ["国", "管", "审", "梅", "敏", "数", "街", "兰"])
def test_the_desk_of_each_role_is_without_violation(desk, village, name):
    for width in (1440, 390):
        page = desk.page(name, width=width)
        page.goto("/")
        desk.check(page)
    if name == "数":
        page.goto("/households/")
        desk.check(page)


def test_the_list_by_keyboard_alone(desk, village):
    page = desk.page("香")
    page.goto("/households/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.className") == "hd"
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel h2")
    assert "open=" in page.url
    page.keyboard.press("Escape")
    page.wait_for_selector(".main.split:not(.open)")
    page.keyboard.press("/")
    page.keyboard.type("姜水仙")
    page.keyboard.press("Enter")
    page.wait_for_selector("mark")
    assert page.locator("mark").first.inner_text() == "姜水仙"


def test_the_panel_that_htmx_brings_equals_a_reload(desk, village):
    page = desk.page("香")
    page.goto("/households/")
    page.get_by_role("link", name="姜水仙", exact=True).click()
    page.wait_for_selector("#panel h2")
    brought = page.locator("#panel").inner_text()
    page.reload()
    assert page.locator("#panel").inner_text() == brought
    desk.check(page)


def test_a_phone_number_is_shown_in_place(desk, village):
    page = desk.page("香")
    page.goto(address(village, "/households/{2050041}/"))
    first = page.locator(".member details.from").first
    first.locator("summary").click()
    first.get_by_role("button", name="显示").click()
    page.wait_for_selector(".from.shown b, .from textarea[name=reason]")
    if page.locator(".from textarea[name=reason]").count():  # opened from nowhere, or off duty: the reason first
        page.locator(".from textarea[name=reason]").first.fill("上门前打电话约时间")
        page.locator(".from[open]").get_by_role("button", name="显示").click()
        page.wait_for_selector(".from.shown b")
    assert page.locator(".from.shown b").first.inner_text().isdigit()


def test_everything_works_without_a_script(desk, village):
    page = desk.page("香", scripts=False)
    page.goto("/households/")
    page.get_by_role("link", name="姜水仙", exact=True).click()
    assert page.locator("#panel h2").inner_text().startswith("姜水仙")
    page.get_by_role("link", name="看全档").click()
    page.goto(address(village, "/households/{2050041}/words/"))
    page.get_by_label("愿望").fill("想有一盏灯。")
    page.get_by_role("button", name="保存").click()
    assert "想有一盏灯。" in page.locator("main").inner_text()
    page.get_by_role("button", name="撤回").click()
    assert "想有一盏灯。" not in page.locator("main").inner_text()


def test_nothing_personal_stays_in_the_browser(desk, village):
    page = desk.page("香")
    for url in ("/households/", address(village, "/people/{姜水仙}/"), "/search/?q=姜水仙"):
        page.goto(url)
    kept = page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert "姜" not in kept
    assert page.evaluate("indexedDB.databases().then(d => d.length)") == 0


def test_the_list_does_not_scroll_sideways(desk, village):
    for open_panel in ("", "&open={2050041}"):
        page = desk.page("香")
        page.goto(address(village, f"/households/?village={PENGLI}" + open_panel))
        wide = page.evaluate("Math.max(...[...document.querySelectorAll('.tw')].map(t => t.scrollWidth - t.clientWidth))")
        assert wide <= 0, f"{wide} px"
