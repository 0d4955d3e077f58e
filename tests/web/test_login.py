"""Logging in through the real views."""

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
