"""The portal in a real browser: axe, size of targets, weight, no script, large letters at 320 px, reading aloud hidden without a voice."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.portal.conftest import XIU_PHONE, account
from tests.web.conftest import Desk, chromium, desk, desk_server  # noqa: F401 - fixtures

PAGES = ("/my/", "/my/login/", "/my/login/letter/", "/my/file/", "/my/file/who/", "/my/family/", "/my/family/relative/", "/my/say/?place=330881002205", "/my/do/?place=330881002205", "/my/do/elder_card/?place=330881002205", "/my/rate/", "/my/follow/", "/my/feedback/",
         "/my/feedback/answer/", "/my/settings/", "/my/notice/", "/v/", "/v/330881002205/")
MODES = {"phone": (390, {}), "desktop": (1440, {}), "elder": (390, {"mq_size": "elder"}), "elder at night": (390, {"mq_size": "elder", "mq_theme": "night"}), "largest at 320": (320, {"mq_size": "elder3"})}
#: Links inside a sentence are exempt (WCAG 2.5.8); everything else is a target.
SMALL = """(least) => [...document.querySelectorAll('a,button,input:not([type=hidden]),select,textarea')].filter((e) => {
  const r = e.getBoundingClientRect(), l = e.closest('label'), q = l ? l.getBoundingClientRect() : r;
  return r.width && !e.classList.contains('skip') && !e.classList.contains('lk') && Math.max(r.height, q.height) < least - 0.5;
}).map((e) => e.outerHTML.slice(0, 90))"""


@pytest.fixture
def open_page(desk, clean, village):  # noqa: F811
    """`open_page(url, mode)`: 秀's phone."""
    token = account(XIU_PHONE, village["姜水仙"])

    def opened(mode="phone", *, scripts=True):
        width, cookies = MODES[mode]
        page = desk.page(None, width=width, scripts=scripts, night="mq_theme" in cookies)
        page.context.add_cookies([{"name": k, "value": v, "url": desk.url} for k, v in {settings.RESIDENT_COOKIE: token, **cookies}.items()])
        return page

    return opened


@pytest.mark.parametrize("mode", MODES)
def test_every_page_can_be_used_by_everybody(desk, open_page, mode):  # noqa: F811
    page, wrong = open_page(mode), []
    for url in PAGES:
        assert page.goto(url).ok, url
        wrong += [f"{url}: {v}" for v in desk.axe(page)] + [f"{url}: {desk.overflow(page)} px too wide"] * bool(desk.overflow(page))
        wrong += [f"{url}: small target {t}" for t in page.evaluate(SMALL, 44 if mode in ("phone", "desktop") else 60)]
    assert wrong + desk.complaints[page] == []


def test_large_letters_start_at_twenty_one_pixels(open_page):
    page = open_page("elder")
    page.goto("/my/")
    sizes = page.evaluate("[...document.querySelectorAll('main *,footer *,header *')].filter(e=>[...e.childNodes].some(n=>n.nodeType===3&&n.data.trim())&&!e.classList.contains('sr')).map(e=>parseFloat(getComputedStyle(e).fontSize))")
    assert min(sizes) >= 17.8
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 21


def test_the_size_changes_with_one_tap_and_without_a_script(open_page):
    page = open_page("phone", scripts=False)
    page.goto("/my/notice/")
    page.get_by_role("button", name="大字").click()
    assert page.url.endswith("/my/notice/") and page.locator("html").get_attribute("data-size") == "elder"
    page.get_by_role("button", name="标准版").click()
    assert page.locator("html").get_attribute("data-size") == "std"


def test_without_a_script_one_says_a_thing_and_sees_the_receipt(open_page):
    page = open_page("phone", scripts=False)
    page.goto("/my/say/?place=330881002205")
    page.get_by_label("什么事").fill("桥栏杆松了，小孩子危险")
    page.get_by_role("button", name="提交").click()
    assert "我们收到了" in page.locator("main").inner_text()


def test_nothing_is_read_aloud_without_a_chinese_voice_and_nothing_is_kept(open_page):
    page = open_page("phone")
    page.goto("/my/file/")
    page.evaluate("window.speechSynthesis && speechSynthesis.getVoices()")
    has = page.evaluate("!!window.speechSynthesis && speechSynthesis.getVoices().some(v => /^zh/i.test(v.lang))")
    assert page.locator("[data-aloud]").is_visible() == has
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_first_page_weighs_less_than_25_kilobytes(open_page):
    """All bytes as a server with brotli sends static files (whitenoise); the page itself goes uncompressed."""
    import brotli  # noqa: PLC0415 - one test

    page, bodies = open_page("phone"), {}
    page.on("response", lambda r: bodies.setdefault(r.url, r.body()))
    page.goto("/my/", wait_until="networkidle")
    total = sum(len(brotli.compress(b)) if "/static/" in url else len(b) for url, b in bodies.items())
    assert total <= 25_000, {u: len(b) for u, b in bodies.items()}
