"""The look is measured, not promised: weight, contrast, keyboard, paper, and what the browser keeps afterwards.

The style guide runs in a process of its own without a database, so these tests stay true whatever the pages do.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import brotli
import django_htmx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from deploy.chromium import FLAGS
from tests.web.conftest import chromium_path

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "minqing/web/shared/static/minqing"
TEMPLATES = [ROOT / "minqing/web/shared/templates", ROOT / "minqing/web/desk/templates"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = ["/", "/?bad=1", "/households/", "/households/?open=2-029&practice", "/login/?bad=1", "/factor/", "/error/404/"]
MODES = {
    "day": {},
    "night": {"mq_theme": "night"},
    "large": {"mq_type": "large"},
    "large at night": {"mq_type": "large", "mq_theme": "night"},
}


@pytest.fixture(scope="module")
def guide():
    """Address of a running style guide."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/web/styleguide.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    address = f"http://127.0.0.1:{process.stdout.readline().strip()}"
    yield address
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=chromium_path(), args=[*FLAGS, "--font-render-hinting=none", "--force-color-profile=srgb"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, guide):
    """open_page(path, width=, mode=, js=) → page; complaints of the console fail the test at its end."""
    contexts, complaints = [], []

    def opened(path, width=1440, mode="day", js=True, height=None):
        context = browser.new_context(
            viewport={"width": width, "height": height or (900 if width > 800 else 844)},
            java_script_enabled=js,
            locale="zh-CN",
        )
        contexts.append(context)
        context.add_cookies([{"name": k, "value": v, "url": guide} for k, v in MODES[mode].items()])
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        page.on("request", lambda r: complaints.append(r.url) if not r.url.startswith((guide, "data:")) else None)
        assert page.goto(guide + path).ok, path
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


# --- the files ---------------------------------------------------------------------------------------------------------


def sheets():
    """Of every face: what the shared sheets keep to, a page's own sheet keeps to as well."""
    return sorted((ROOT / "minqing/web").glob("*/static/**/*.css"))


@pytest.mark.parametrize(
    "word", ["oklch", "color-mix", "@layer", ":has(", "@container", "light-dark", "@property", "inset:"]
)
def test_style_sheets_use_nothing_that_old_browsers_lack(word):
    assert [s.name for s in sheets() if word in s.read_text()] == []


def test_style_sheets_do_not_nest():
    for sheet in sheets():
        depth = 0
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
        for part in re.split(r"([{}])", text):
            if part == "{":
                depth += 1
                assert depth <= 2, f"{sheet.name}: nested rule"
            elif part == "}":
                depth -= 1
            elif depth == 1:
                assert "&" not in part, sheet.name
        assert depth == 0, f"{sheet.name}: unbalanced braces"


def test_night_by_choice_and_night_by_system_are_the_same_night():
    text = (STATIC / "tokens.css").read_text()
    chosen = re.search(r":root\[data-theme=night\]\{(.*?)\}", text, re.S).group(1)
    system = re.search(r":root:not\(\[data-theme=day\]\)\{(.*?)\}", text, re.S).group(1)
    assert chosen.strip() == system.strip()


def test_every_token_used_is_defined():
    text = "".join(s.read_text() for s in sheets())
    defined = set(re.findall(r"(--[\w-]+):", text))
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= defined


def test_every_icon_named_exists():
    have = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    named = set()
    for folder in TEMPLATES:
        for file in folder.rglob("*.html"):
            named |= set(re.findall(r'<c-icon name="([^"{]+)"', file.read_text()))
            named |= set(re.findall(r'\bicon="([^"{]+)"', file.read_text()))
    nav = (ROOT / "minqing/web/shared/nav.py").read_text()
    named |= set(re.findall(r'Item\("[^"]+", "([^"]+)"', nav))
    assert named - have == set()


def test_no_template_carries_inline_style_or_script():
    found = []
    for folder in TEMPLATES:
        for file in folder.rglob("*.html"):
            text = file.read_text()
            if re.search(r'\sstyle="|<style|\son[a-z]+="|hx-on|<script(?![^>]*\bsrc=)', text):
                found.append(file.name)
    assert found == []


def test_python_values_are_handed_only_to_declared_parameters():
    """An undeclared `:name="value"` would leave through {{ attrs }} unescaped."""
    declared = {}
    for file in (TEMPLATES[0] / "cotton").glob("*.html"):
        head = re.search(r"<c-vars\s(.*?)/>", file.read_text(), re.S)
        declared[file.stem.replace("_", "-")] = (
            set(re.findall(r"([a-z][\w-]*)", re.sub(r'="[^"]*"', "", head.group(1)))) if head else set()
        )
    wrong = []
    for folder in TEMPLATES:
        for file in folder.rglob("*.html"):
            for name, attributes in re.findall(r"<c-([a-z-]+)((?:[^>\"]|\"[^\"]*\")*)>", file.read_text()):
                if name in ("slot", "vars"):
                    continue
                assert name in declared, f"{file.name}: <c-{name}> does not exist"
                wrong += [
                    (file.name, name, a) for a in re.findall(r"\s:([\w-]+)=", attributes) if a not in declared[name]
                ]
    assert wrong == []


def test_a_desk_page_weighs_no_more_than_sixty_kilobytes(guide):
    htmx = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-4.min.js"
    files = [STATIC / n for n in ("tokens.css", "desk.css", "print.css", "ui.js", "icons.svg", "seal.svg")] + [htmx]
    html = urllib.request.urlopen(guide + "/households/?open=2-029").read()
    total = sum(len(gzip.compress(f.read_bytes(), 9)) for f in files) + len(gzip.compress(html, 6))
    assert total <= 60_000
    assert len(gzip.compress((STATIC / "ui.js").read_bytes(), 9)) <= 6_000
    assert sum(len(brotli.compress(f.read_bytes())) for f in files) <= 45_000


# --- the pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "mode"), [(w, m) for w in (1440, 390) for m in MODES] + [(1024, "day"), (1024, "large")]
)
def test_every_page_is_accessible_and_never_scrolls_sideways(open_page, width, mode):
    for path in PAGES if mode in ("day", "large") else PAGES[1::2]:
        page = open_page(path, width, mode)
        page.evaluate("scrollTo(0, 0)")
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert [(path, v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_large_type_leaves_no_text_under_eighteen_pixels(open_page, width):
    small = """() => { const out = new Set(); const w = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (w.nextNode()) { const e = w.currentNode.parentElement; if (!w.currentNode.data.trim() || e.closest('svg,.sr,.printed')) continue;
      const s = parseFloat(getComputedStyle(e).fontSize); if (s < 17.95 && e.getClientRects().length) out.add(e.className + ':' + s); } return [...out]; }"""
    for path in ("/", "/households/?open=2-029", "/login/"):
        assert open_page(path, width, "large").evaluate(small) == []


@pytest.mark.browser
def test_fingers_find_targets_of_forty_four_pixels(open_page):
    short = """() => [...document.querySelectorAll('.btn,.tb,.top .name,.bar-nav a,.tabs a,.seg a,select,.f input:not([type=checkbox]):not([type=radio])')]
      .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 120))"""
    for path in ("/", "/households/?open=2-029"):
        assert open_page(path, 390).evaluate(short) == []


@pytest.mark.browser
def test_the_menu_shows_the_page_that_is_open_however_long_it_is(open_page):
    seen = """() => { const n = document.querySelector('#nav').getBoundingClientRect(), a = document.querySelector('#nav [aria-current]').getBoundingClientRect();
      return a.top >= n.top && a.bottom <= n.bottom; }"""
    assert open_page("/households/", height=150).evaluate(seen)


@pytest.mark.browser
def test_edges_of_inputs_stand_out_three_to_one(open_page):
    ratio = """() => { const lum = (c) => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => { x /= 255; return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; });
        return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
      return Math.min(...[...document.querySelectorAll('main .f input:not([type=checkbox]):not([type=radio]), main select, main textarea')].map(e => {
        const s = getComputedStyle(e), a = lum(s.borderTopColor), b = lum(s.backgroundColor); return (Math.max(a, b) + .05) / (Math.min(a, b) + .05); })); }"""
    for mode in ("day", "night"):
        assert open_page("/", 1440, mode).evaluate(ratio) >= 3


@pytest.mark.browser
def test_the_list_is_walked_opened_and_closed_by_keys_alone(open_page):
    page = open_page("/households/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.press("Escape")
    page.locator("#rows").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.textContent") == "黄春土"
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel h2")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    assert page.url.endswith("?open=2-028")
    assert page.locator("tr.on .hd").inner_text() == "黄春土"
    page.keyboard.press("Escape")
    assert page.locator("#panel h2").count() == 0
    assert page.evaluate("document.activeElement.textContent") == "黄春土"
    assert page.url.endswith("/households/")


@pytest.mark.browser
def test_a_click_anywhere_in_a_row_opens_it_and_back_returns(open_page):
    page = open_page("/households/")
    page.locator("tr[data-row-link]").nth(3).locator("td").nth(4).click()
    page.wait_for_selector("#panel h2")
    assert "open=2-029" in page.url
    page.go_back()
    page.wait_for_selector("#panel h2", state="detached")
    assert page.url.endswith("/households/")
    assert page.locator("tr[data-row-link]").count() == 50


@pytest.mark.browser
def test_a_source_opens_and_closes(open_page):
    page = open_page("/households/?open=2-029")
    value = page.locator("details.from.two-say")
    value.locator("summary").click()
    assert "农业农村确权" in value.locator(".pop").inner_text() and "2.60 亩" in value.locator(".pop").inner_text()
    box = value.locator(".pop").bounding_box()
    assert box["x"] + box["width"] <= 1440
    page.keyboard.press("Escape")
    assert not value.locator(".pop").is_visible()
    assert page.locator("#panel h2").count() == 1, "Escape closes one thing at a time"


@pytest.mark.browser
def test_a_reveal_swaps_the_number_in_place_and_says_it_is_recorded(open_page):
    page = open_page("/households/?open=2-029")
    page.locator(".member summary").first.click()
    page.locator(".member .pop button").first.click()
    page.wait_for_selector(".toast")
    assert "已记入查看记录" in page.locator(".toast").inner_text()
    assert "154 0000 6217" in page.locator(".member").first.inner_text()
    page.wait_for_selector("#live:text('已记入')", state="attached")


@pytest.mark.browser
def test_an_act_can_be_taken_back_from_where_it_was_done(open_page):
    page = open_page("/households/?open=2-029")
    page.locator(".member summary").first.click()
    page.locator(".member .pop button").first.click()
    undo = page.locator("#toasts .undo")
    undo.wait_for()
    page.wait_for_timeout(1200)
    assert re.search(r"(2\d|30) 秒内可撤回", undo.inner_text())
    undo.get_by_role("button", name="撤回").click()
    page.wait_for_selector(".note.ok[role=status]")


@pytest.mark.browser
@pytest.mark.parametrize("js", [True, False])
def test_a_file_is_uploaded_and_the_answer_shown(open_page, js):
    page = open_page("/", js=js)
    page.set_input_files("#upload", {"name": "户籍.csv", "mimeType": "text/csv", "buffer": b"a,b" * 100_000})
    page.get_by_role("button", name="上传").click()
    page.wait_for_selector(".note.ok[role=status]")


@pytest.mark.browser
def test_a_dangerous_button_asks_first(open_page):
    page = open_page("/")
    page.select_option("#id_kind", "b")
    page.fill("#id_name", "姜水仙")
    page.check("#id_lives_0")
    page.get_by_role("button", name="保存").last.click()
    dialog = page.locator("#confirm")
    assert dialog.is_visible() and "上塘片" in dialog.inner_text()
    dialog.get_by_role("button", name="先不").click()
    assert not dialog.is_visible() and page.locator(".note.ok[role=status]").count() == 0
    page.get_by_role("button", name="保存").last.click()
    dialog.get_by_role("button", name="移过去").click()
    page.wait_for_selector(".note.ok[role=status]")


@pytest.mark.browser
def test_unsaved_words_are_not_lost_silently(open_page):
    page = open_page("/")
    page.fill("#id_note", "院里有狗")
    asked = []
    page.on("dialog", lambda d: (asked.append(d.type), d.dismiss()))
    page.locator(".nav li a").first.click()
    time.sleep(0.3)
    assert asked == ["beforeunload"]
    assert page.input_value("#id_note") == "院里有狗"


@pytest.mark.browser
@pytest.mark.parametrize("js", [True, False])
def test_large_type_and_night_are_remembered_with_and_without_a_script(open_page, js):
    page = open_page("/households/", js=js)
    page.locator("form[data-pref] button[name=type]").first.click()
    page.wait_for_selector("html[data-type=large]")
    page.locator("header details.menu:not(.left) summary").click()
    page.locator("button[name=theme][value=night]").click()
    page.wait_for_selector("html[data-theme=night]")
    page.wait_for_timeout(300)
    page.reload()
    assert page.locator("html[data-type=large][data-theme=night]").count() == 1
    page.locator("form[data-pref] button[name=type]").first.click()
    page.wait_for_selector("html[data-type=normal]")


@pytest.mark.browser
def test_help_opens_half_a_page_and_gives_the_focus_back(open_page):
    page = open_page("/households/")
    page.locator(".help-link").click()
    page.wait_for_selector("#help h2")
    box = page.locator("#help").bounding_box()
    assert box["height"] <= 450 + 1
    page.keyboard.press("Escape")
    assert page.locator("#help h2").count() == 0
    assert page.evaluate("document.activeElement.className") == "help-link"


@pytest.mark.browser
@pytest.mark.parametrize("js", [True, False])
def test_the_menu_of_a_phone_opens_and_closes(open_page, js):
    page = open_page("/households/", 390, js=js)
    assert not page.locator("#nav").is_visible()
    page.locator(".bar-nav a").last.click()
    assert page.locator("#nav").is_visible()
    page.locator("#nav .shut").click()
    assert not page.locator("#nav").is_visible()


@pytest.mark.browser
def test_everything_on_the_list_works_without_a_script(open_page):
    page = open_page("/households/", js=False)
    page.get_by_role("link", name="姜水仙").first.click()
    assert page.locator("#panel h2").inner_text().startswith("姜水仙")
    page.locator("details.from summary").first.click()
    assert page.locator("details.from .pop").first.is_visible()
    page.get_by_role("link", name="收起详情，回到列表").click()
    assert page.url.endswith("/households/")


@pytest.mark.browser
def test_the_browser_keeps_nothing_about_anybody(open_page):
    page = open_page("/households/")
    page.locator("tr[data-row-link] .hd").nth(3).click()
    page.wait_for_selector("#panel h2")
    page.locator(".tabs a").nth(1).click()
    page.go_back()
    page.wait_for_selector("#rows")
    kept = page.evaluate(
        """async () => JSON.stringify([{...localStorage}, {...sessionStorage}, await indexedDB.databases(), await caches.keys(), history.state])"""
    )
    assert kept in ('[{},{},[],[],{"htmx":true}]', "[{},{},[],[],null]")


@pytest.mark.browser
def test_paper_shows_the_file_and_who_printed_it(open_page):
    page = open_page("/households/?open=2-029&practice")
    page.emulate_media(media="print")
    assert page.locator(".printed").is_visible() and "姜雪香" in page.locator(".printed").inner_text()
    assert "练习" in page.locator(".practice").inner_text() and page.locator(".practice").is_visible()
    for gone in (".top", ".nav", ".wm", ".list", ".acts .btn"):
        assert not page.locator(gone).first.is_visible(), gone
    assert page.locator("#panel h2").is_visible()


@pytest.mark.browser
def test_text_from_people_cannot_become_markup(open_page):
    page = open_page("/households/?open=2-029&evil=1")
    assert page.locator("b.evil").count() == 0
    assert "<b class" in page.locator("#panel").inner_text()
