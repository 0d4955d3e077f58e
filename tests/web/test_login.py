"""Logging in through the real views."""

import json

from django.conf import settings
from django.test import Client

from tests.people import PASSWORD


def test_lan_logs_in_and_sees_her_desk(committed):
    browser = Client()
    assert browser.get("/").status_code == 302
    answer = browser.post("/login/", {"username": "lan", "password": PASSWORD})
    assert answer.status_code == 302
    page = browser.get("/")
    assert page.status_code == 200
    assert "工作台" in page.content.decode()


def test_a_wrong_password_is_said_in_words(world):
    answer = Client().post("/login/", {"username": "lan", "password": "wrong"})
    assert answer.status_code == 422
    assert "登录名或口令不对" in answer.content.decode()


def test_what_was_typed_while_the_session_ended_can_be_sent_again(world):
    """A cookie without a session: the words come back in a form, the password and nothing else does not, and a fragment's page stays."""
    late = Client()
    late.cookies[settings.SESSION_COOKIE] = "long-over"
    answer = late.post("/matters/new/?day=1", {"words": "路灯<不>亮", "tags": ["a", "b"], "password": "secret"})
    page = answer.content.decode()
    assert answer.status_code == 401 and 'action="/matters/new/?day=1"' in page and 'name="words" value="路灯&lt;不&gt;亮"' in page
    assert page.count('name="tags"') == 2 and "secret" not in page and "在新窗口登录" in page
    part = late.post("/matters/new/", {"words": "路灯"}, headers={"HX-Request": "true"})
    assert part.status_code == 204 and "登录过期" in json.loads(part["HX-Trigger"])["toast"]["text"]
    assert late.get("/matters/").status_code == 302 and Client().post("/matters/new/", {"words": "路灯"}).status_code == 302


def test_an_address_with_a_nul_is_not_understood_rather_than_a_fault(world):
    for path in ("/v/?q=a%00b", "/my/do/?q=%00", "/login/?next=%00"):
        assert Client(raise_request_exception=False).get(path).status_code == 400
