"""The desk in a real browser: `desk.page("兰", width=390)` is 姜晓兰 logged in, in Chromium, on the committed test database.

Invariants: nothing is skipped — without Chromium the test fails with a sentence that says what to install; every page
collects what the browser complains about (script errors, refused by the content policy); one browser per test module,
closed with it, so that no event loop stays behind for the tests that follow.

Tests that use `desk` see committed rows only: write with `with desk.world.acting("香"): …` (commits at its end) and clean up.
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from deploy import chromium as browsers
from deploy.chromium import FLAGS
from tests import people
from tests.web import seed

#: Addresses (without the rows in them) whose colours have been looked at by this run, by day and by night.
COLOURS_SEEN: set[tuple[str, bool]] = set()
ROW = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def chromium_path() -> str:
    """Where Chromium is; fails the test where there is none."""
    return browsers.path() or pytest.fail(f"{browsers.MISSING}浏览器测试不跳过。")


@pytest.fixture
def open_as(world: type[people.World]) -> Callable[[str], Client]:
    """`open_as("香")` is her browser; everything is rolled back."""

    def browser(name: str) -> Client:
        made = Client()
        made.cookies[settings.SESSION_COOKIE] = world.tokens[name]
        return made

    return browser


@pytest.fixture
def visit(committed: type[people.World]) -> Callable[[str], Client]:
    """`visit("香")` is her browser in Chinese; what is written stays and is cleared away by the module."""

    def browser(name: str) -> Client:
        made = Client(headers={"host": "localhost"})
        made.cookies[settings.SESSION_COOKIE] = committed.tokens[name]
        made.cookies["minqing_language"] = "zh-hans"
        return made

    return browser


@pytest.fixture(scope="module")
def village(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[str, uuid.UUID]]:
    """彭里 as tests/web/seed.py makes it, committed for the module: name → id."""
    with django_db_blocker.unblock(), seed.planted() as ids:
        yield ids


@pytest.fixture(scope="session")
def desk_server(django_db_setup: Any, django_db_blocker: Any) -> Iterator[str]:
    """The product's own WSGI application on a free port, with static files; one thread per connection."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: PLC0415 - Django is set up by tests/conftest.py only
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

    class Silent(WSGIRequestHandler):
        def log_message(self, *args: Any) -> None:
            """The pages are looked at, not the log."""

    server = ThreadedWSGIServer(("127.0.0.1", 0), Silent, ipv6=False, allow_reuse_address=True)
    server.daemon_threads = True
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One headless browser for a module."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Desk:
    """What a browser test holds: the base address, the cast, pages of logged-in people, the accessibility check."""

    def __init__(self, url: str, browser: Browser) -> None:
        self.url, self.browser, self.world = url, browser, people.World
        self.axe_script = Axe()
        self.complaints: dict[Page, list[str]] = {}
        self.only_larger: set[Page] = set()
        self.night: set[Page] = set()

    def page(self, name: str | None = None, *, width: int = 1440, height: int = 900, large: bool = False, night: bool = False, english: bool = False,
             scripts: bool = True) -> Page:
        """A fresh page of `name` (one of the cast; None = nobody is logged in). Addresses may be relative: `page.goto("/staff/")`."""
        context = self.browser.new_context(
            base_url=self.url, viewport={"width": width, "height": height}, locale="en" if english else "zh-CN", timezone_id="Asia/Shanghai",
            java_script_enabled=scripts, reduced_motion="reduce", has_touch=width < 768,
        )
        context.set_default_timeout(15_000)
        wanted = {"mq_type": "large" if large else "", "mq_theme": "night" if night else "day", "minqing_language": "en" if english else "zh-hans",
                  "minqing_session": people.TOKENS[name] if name else ""}
        context.add_cookies([{"name": key, "value": value, "url": self.url} for key, value in wanted.items() if value])
        page = context.new_page()
        found: list[str] = []
        self.complaints[page] = found
        if large and not night:
            self.only_larger.add(page)
        if night:
            self.night.add(page)
        page.on("pageerror", lambda error: found.append(f"script error: {error}"))
        # the browser's own line "Failed to load resource … 422" is the program's answer, not a fault of the page
        page.on("console", lambda line: found.append(line.text) if line.type == "error" and "Failed to load resource" not in line.text else None)
        return page

    def axe(self, page: Page) -> list[str]:
        """Violations of axe-core as lines "rule: help — where"; an empty list is what every page must give. Colours, half of its time, are those of
        the address by day or by night, whatever the width: they are looked at once."""
        look = (ROW.sub("", page.url), page in self.night)
        options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": look not in COLOURS_SEEN}}}  # only what is wrong is worked out in full
        COLOURS_SEEN.add(look)
        found = self.axe_script.run(page, options=options).response["violations"]
        return [f"{v['id']}: {v['help']} — {'; '.join(n['html'][:160] for n in v['nodes'][:4])}" for v in found]

    def overflow(self, page: Page) -> int:
        """By how many CSS pixels the page is wider than its window; 0 where nobody must scroll sideways."""
        return int(page.evaluate("Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"))

    def check(self, page: Page) -> None:
        """No axe violation, no sideways scrolling, nothing in the console. Fails with the list. In large type by day only what larger type can
        break is looked at: names, roles and colours are those of the same page in usual type."""
        wrong = ([] if page in self.only_larger else self.axe(page)) + [f"console: {c}" for c in self.complaints[page]]
        if wide := self.overflow(page):
            wrong.append(f"the page is {wide} px wider than the window")
        assert not wrong, f"{page.url}\n" + "\n".join(wrong)

    def close(self) -> None:
        for context in list(self.browser.contexts):
            context.close()


@pytest.fixture
def desk(desk_server: str, chromium: Browser, committed: type[people.World]) -> Iterator[Desk]:
    """Base URL and page factory: `desk.page("兰", width=390).goto("/")`, then `desk.check(page)`."""
    made = Desk(desk_server, chromium)
    yield made
    made.close()
