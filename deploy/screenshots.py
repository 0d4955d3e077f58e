"""The pictures of the guides, taken from a running demonstration: `deploy/screenshots.sh http://127.0.0.1:8000 PASSWORD`.

Invariants: only a demonstration is photographed (the accounts are those of minqing/demo/cast.py, all people fictitious); every picture
is 1440 pixels wide, in Chinese, by day, reduced to 256 colours; together they stay below 2.5 MB.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import chromium
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

#: Log-in names of the demonstration (minqing/demo/cast.py); the village of the pictures.
ACCOUNTS = {"文": "wen", "香": "xiang", "兰": "lan", "数": "shu", "管": "guan", "审": "shen", "街": "jie", "国": "guo"}
PENGLI = "330881002205"
TARGET = Path(__file__).resolve().parent.parent / "docs/guide/images"
WIDTH, HEIGHT = 1440, 900
MOST_BYTES = 2_500_000


@dataclass(frozen=True)
class Picture:
    """One picture: who is logged in, where it begins, what is clicked first, how high it is (pixels)."""

    name: str
    who: str
    path: str
    steps: Callable[[Page], None] | None = None
    height: int = HEIGHT


def open_a_family(page: Page) -> None:
    """The side panel of a family of five or more with something to know about it."""
    rows = page.locator("tr[data-row-link]")
    told = [(i, int(match[1])) for i in range(rows.count()) if rows.nth(i).locator(".tag").count() and (match := re.search(r"(\d+) 人", rows.nth(i).inner_text()))]
    chosen = next((i for i, members in told if members >= 5 and i > 1), told[0][0] if told else 0)
    rows.nth(chosen).locator("a.hd").click()
    page.locator("#panel a", has_text="看全档").first.wait_for()


def first_link(selector: str) -> Callable[[Page], None]:
    """Open the first address that fits, as a page of its own."""

    def follow(page: Page) -> None:
        page.goto(page.locator(selector).first.get_attribute("href") or "/")

    return follow


def whole_file(page: Page) -> None:
    open_a_family(page)
    page.locator("a", has_text="看全档").first.click()
    page.wait_for_url(re.compile(r"/households/[0-9a-f-]{36}/"))


def type_a_matter(page: Page) -> None:
    """The suggestion beside somebody's words."""
    page.locator("[name=words]").press_sequentially("祠堂门口的路灯不亮，老人晚上看不见路", delay=5)
    page.locator("#suggestion .card.suggest").wait_for()


def first_matter(page: Page) -> None:
    page.locator("a.hd").first.click()
    page.locator("#panel a", has_text="看事情单").click()
    page.wait_for_url(re.compile(r"/matters/[0-9a-f-]{36}/"))


PICTURES = (
    Picture("matter-new", "文", "/matters/new/", type_a_matter),
    Picture("matter-list", "文", "/matters/"),
    Picture("matter-file", "文", "/matters/?view=all", first_matter, 1050),
    Picture("matter-waiting", "国", "/matters/waiting/"),
    Picture("matter-figures", "国", "/matters/figures/"),
    Picture("households", "香", f"/households/?village={PENGLI}", open_a_family),
    Picture("desk", "香", "/"),
    Picture("household", "香", f"/households/?village={PENGLI}", whole_file),
    Picture("questions", "香", "/questions/"),
    Picture("question", "香", "/questions/?tab=village", first_link("a.hd"), 1050),
    Picture("officer", "兰", "/households/"),
    Picture("paper", "兰", "/paper/"),
    Picture("gathering", "数", "/gather/"),
    Picture("upload", "数", "/gather/new/"),
    Picture("batch", "数", "/gather/", first_link("tr[data-row-link] a.hd"), 1050),
    Picture("staff", "管", "/staff/"),
    Picture("roles", "管", "/roles/"),
    Picture("area", "街", f"/areas/{PENGLI}/"),
    Picture("town", "国", "/"),
    Picture("audit", "审", "/audit/", None, 1050),
)


def log_in(browser: Browser, url: str, who: str, password: str) -> Page:
    """A page of one of the cast, logged in."""
    page = browser.new_context(base_url=url, viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce").new_page()
    page.set_default_timeout(30_000)
    page.goto("/login/")
    page.fill("input[name=username]", ACCOUNTS[who])
    page.fill("input[name=password]", password)
    page.click("form[method=post] button[type=submit], main button")
    page.wait_for_load_state("networkidle")
    if "/login" in page.url or "factor" in page.url:
        sys.exit(f"{ACCOUNTS[who]} 没能登录（{page.url}）：口令不对，或演示没有用 MINQING_SECOND_FACTOR=off 启动。")
    return page


def take(page: Page, picture: Picture) -> int:
    """One picture; returns its size in bytes."""
    page.set_viewport_size({"width": WIDTH, "height": picture.height})
    answer = page.goto(picture.path)
    if answer is None or answer.status != 200:
        sys.exit(f"{picture.path} 没有打开（{answer.status if answer else '无回应'}）。")
    if picture.steps:
        picture.steps(page)
    page.wait_for_load_state("networkidle")
    shown = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    path = TARGET / f"{picture.name}.png"
    shown.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("password")
    parser.add_argument("only", nargs="*", help="names of pictures; all without")
    asked = parser.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    wanted = [p for p in PICTURES if not asked.only or p.name in asked.only]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.path() or sys.exit(chromium.MISSING), args=chromium.FLAGS, env={**os.environ, "LANGUAGE": "zh_CN", "LANG": "zh_CN.UTF-8"})
        pages: dict[str, Page] = {}
        for picture in wanted:
            if picture.who not in pages:
                pages[picture.who] = log_in(browser, asked.url.rstrip("/"), picture.who, asked.password)
            size = take(pages[picture.who], picture)
            sys.stdout.write(f"{picture.name}.png {size // 1024} kB\n")
        browser.close()
    total = sum(p.stat().st_size for p in TARGET.glob("*.png"))
    sys.stdout.write(f"{total // 1024} kB\n")
    if total > MOST_BYTES:
        sys.exit("图片加起来超过 2.5 MB。")


if __name__ == "__main__":
    main()
