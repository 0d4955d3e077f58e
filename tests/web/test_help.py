"""Every page has its half page of help."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from minqing.web.desk.help.views import TITLES
from tests.web.test_staff import text

TEMPLATES = Path(__file__).resolve().parents[2] / "minqing/web/desk/templates/desk"


@pytest.fixture
def browser(world):
    made = Client()
    made.cookies[settings.SESSION_COOKIE] = world.tokens["香"]
    return made


@pytest.mark.parametrize("route", TITLES)
def test_each_has_words_as_a_page_and_as_a_fragment(browser, route):
    page = browser.get(f"/help/{route}/")
    assert page.status_code == 200 and len(text(page)) > 200
    part = browser.get(f"/help/{route}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "data-help-close" in part and "&lt;" not in part


def test_help_that_does_not_exist_is_not_found(browser):
    assert browser.get("/help/nonsense/").status_code == 404


def test_every_question_mark_leads_to_a_text():
    asked = {m for path in TEMPLATES.rglob("*.html") for m in re.findall(r"""url ['"]help['"] (?:route=)?['"]([a-z-]+)['"]""", path.read_text())}
    assert asked - set(TITLES) == set()


def test_every_text_has_a_page():
    assert {p.stem for p in (TEMPLATES / "help").glob("*.html")} == set(TITLES)


def test_help_is_for_who_is_logged_in(world):
    assert Client().get("/help/staff-list/").status_code == 302


def test_the_full_page_leads_back(browser):
    assert 'href="/staff/"' in browser.get("/help/staff-list/", headers={"Referer": "http://testserver/staff/"}).content.decode()
