"""Logging in with a second factor, one-time passwords, my log-ins: through the real pages."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from minqing.access.actions import factors, sessions
from minqing.access.models import Account, SecondFactor, Session
from tests.access.test_factors import HOST, Device
from tests.people import PASSWORD


@pytest.fixture
def browser(committed) -> Iterator[Client]:
    """A browser; afterwards every account of the cast is as before."""
    kept = {a.pk: (a.password, a.must_change) for a in Account.objects.all()}
    yield Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140")
    SecondFactor.objects.all().delete()
    Session.objects.filter(token_digest__in=[sessions.digest(t) for t in committed.tokens.values()]).update(ended_at=None, seen_at=timezone.now())
    for pk, (password, must_change) in kept.items():
        Account.objects.filter(pk=pk).update(password=password, must_change=must_change, failures=0, locked_until=None, disabled_at=None)


def log_in(browser: Client, username: str, password: str = PASSWORD):
    return browser.post("/login/", {"username": username, "password": password}, follow=True)


def here(answer) -> str:
    return answer.redirect_chain[-1][0] if answer.redirect_chain else answer.request["PATH_INFO"]


def test_a_privileged_person_enrols_before_anything_else(browser):
    answer = log_in(browser, "guan")
    assert here(answer) == "/login/enrol/"
    assert "通行密钥" in answer.content.decode() and "打印口令" in answer.content.decode()
    for url in ("/", "/staff/", "/me/factors/", "/areas/"):
        assert here(browser.get(url, follow=True)) == "/login/enrol/", "nothing else opens"


def test_enrolling_with_the_phone_opens_the_desk(browser):
    log_in(browser, "guan")
    page = browser.get("/login/enrol/totp/").content.decode()
    assert "<svg" in page and "style=" not in page
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    wrong = browser.post("/login/enrol/totp/", {"code": "000000"})
    assert wrong.status_code == 422 and secret[:4] in wrong.content.decode(), "the same secret is shown again"
    code = factors.totp_code(base64.b32decode(secret), factors.step_at(timezone.now()))
    assert here(browser.post("/login/enrol/totp/", {"code": code, "label": "办公手机"}, follow=True)) == "/"
    browser.post("/logout/")
    answer = log_in(browser, "guan")
    assert here(answer) == "/login/second/" and "动态口令" in answer.content.decode()
    again = browser.post("/login/second/", {"code": code})
    assert again.status_code == 422 and "用过" in again.content.decode()


def test_printed_codes_are_shown_once_and_open_the_desk(browser):
    log_in(browser, "guan")
    assert here(browser.get("/login/enrol/codes/", follow=True)) == "/login/enrol/", "only a POST makes codes"
    page = browser.post("/login/enrol/codes/").content.decode()
    codes = re.findall(r"<code>([2-9A-Z]{4}-[2-9A-Z]{4})</code>", page)
    assert len(codes) == 10 and "只显示这一次" in page
    browser.post("/logout/")
    log_in(browser, "guan")
    assert here(browser.post("/login/second/", {"code": codes[0]}, follow=True)) == "/"
    assert "还剩 9 / 10" in browser.get("/me/factors/").content.decode()


def test_a_passkey_through_the_pages(browser):
    device = Device()
    browser.defaults["HTTP_HOST"] = HOST
    settings.ALLOWED_HOSTS.append(HOST)
    try:
        page = log_in(browser, "guan").content.decode()
        options = options_of(page)
        made = browser.post("/login/enrol/", {"credential": device.create(options, origin=f"http://{HOST}")}, follow=True)
        assert here(made) == "/"
        browser.post("/logout/")
        options = options_of(log_in(browser, "guan").content.decode())
        assert here(browser.post("/login/second/passkey/", {"credential": device.get(options, origin=f"http://{HOST}")}, follow=True)) == "/"
        assert "Windows 电脑 · Edge" in browser.get("/me/factors/").content.decode()
    finally:
        settings.ALLOWED_HOSTS.remove(HOST)


def options_of(page: str) -> str:
    found = re.search(r'data-options="([^"]+)"', page)[1].replace("&quot;", '"').replace("&amp;", "&")
    json.loads(found)
    return found


def test_a_passkey_of_nobody_is_answered_in_words(browser):
    log_in(browser, "guan")
    browser.post("/login/enrol/codes/")
    browser.post("/logout/")
    log_in(browser, "guan")
    answer = browser.post("/login/second/passkey/", {"credential": "{}"})
    assert answer.status_code == 422 and "太久" in answer.content.decode()


def test_where_one_wanted_to_go_is_kept_through_all_steps(browser):
    answer = browser.post("/login/?next=/areas/", {"username": "guan", "password": PASSWORD})
    assert answer["Location"] == "/login/second/?next=%2Fareas%2F"
    browser.get("/login/second/?next=/areas/")
    browser.post("/login/enrol/codes/?next=/areas/")
    assert browser.get("/login/second/?next=/areas/")["Location"] == "/areas/"
    assert log_in(Client(), "lan").status_code == 200
    assert Client().post("/login/?next=https://evil.example/", {"username": "lan", "password": PASSWORD})["Location"] == "/", "never to another site"


def test_switched_off_for_practice(browser, settings):
    settings.SECOND_FACTOR = "off"
    assert here(log_in(browser, "guan")) == "/"


def test_a_one_time_password_is_changed_first(browser):
    account = Account.objects.get(username="lan")
    once = sessions.restore_access(account, by=account.id, at=timezone.now(), origin="t")
    assert here(log_in(browser, "lan", once)) == "/login/password/"
    assert here(browser.get("/areas/", follow=True)) == "/login/password/"
    short = browser.post("/login/password/", {"new": "kurz", "again": "kurz"})
    assert short.status_code == 422 and "至少 10 位" in short.content.decode()
    assert "不一样" in browser.post("/login/password/", {"new": "changsheng-2026", "again": "changsheng-2027"}).content.decode()
    assert here(browser.post("/login/password/", {"new": "changsheng-2026", "again": "changsheng-2026"}, follow=True)) == "/"
    assert here(log_in(Client(), "lan", "changsheng-2026")) == "/"


def test_five_wrong_passwords_lock_and_the_page_says_until_when(browser):
    for _ in range(5):
        answer = log_in(browser, "lan", "falsch-falsch-1")
    assert "登录名或口令不对" in answer.content.decode()
    locked = log_in(browser, "lan").content.decode()
    assert re.search(r"已锁定到 \d\d:\d\d（还有 1[45] 分钟）", locked)
    assert "同级或上级同事当面恢复" in locked


def test_my_sessions_shows_where_i_am_and_ends_another(browser):
    log_in(browser, "qiang")
    other = Client(HTTP_USER_AGENT="Mozilla/5.0 (Linux; Android 15; HarmonyOS) Chrome/140")
    log_in(other, "qiang")
    page = browser.get("/me/sessions/").content.decode()
    assert "就是这里" in page and "鸿蒙 · Chrome" in page
    account = Account.objects.get(username="qiang")
    session = Session.objects.filter(account_id=account.id, ended_at=None, device__contains="Harmony").latest("opened_at")
    assert browser.post(f"/me/sessions/{session.id}/end/").status_code == 302
    assert here(other.get("/areas/", follow=True)).startswith("/login/")


def test_nobody_ends_the_session_of_somebody_else(browser):
    log_in(browser, "qiang")
    foreign = Session.objects.filter(account_id=Account.objects.get(username="xiang").id, ended_at=None).first()
    assert browser.post(f"/me/sessions/{foreign.id}/end/").status_code == 404
    foreign.refresh_from_db()
    assert foreign.ended_at is None


def test_factors_change_only_after_the_password_once_more(browser):
    log_in(browser, "qiang")
    assert here(browser.post("/me/factors/codes/", follow=True)) == "/me/factors/"
    assert not SecondFactor.objects.exists()
    wrong = browser.post("/me/factors/", {"password": "falsch-falsch-1"})
    assert wrong.status_code == 422 and "没有更改" in wrong.content.decode()
    assert here(browser.post("/me/factors/", {"password": PASSWORD}, follow=True)) == "/me/factors/"
    assert "<code>" in browser.post("/me/factors/codes/").content.decode()
    only = SecondFactor.objects.get()
    assert "已删除" in browser.post(f"/me/factors/{only.id}/remove/", follow=True).content.decode(), "an officer may go without"


def test_the_last_factor_of_an_administrator_stays(browser):
    log_in(browser, "guan")
    browser.post("/login/enrol/codes/")
    browser.get("/login/second/")
    browser.post("/me/factors/", {"password": PASSWORD})
    answer = browser.post(f"/me/factors/{SecondFactor.objects.get().id}/remove/")
    assert answer.status_code == 422 and "最后一种第二因素" in answer.content.decode()


def test_changing_my_password_wants_the_old_one(browser):
    log_in(browser, "qiang")
    new = {"new": "changsheng-2026", "again": "changsheng-2026"}
    wrong = browser.post("/me/password/", {"old": "falsch-falsch-1", **new})
    assert wrong.status_code == 422 and "现在的口令不对" in wrong.content.decode()
    assert here(browser.post("/me/password/", {"old": PASSWORD, **new}, follow=True)) == "/me/sessions/"
    assert here(log_in(Client(), "qiang", "changsheng-2026")) == "/"


def test_the_log_in_pages_need_no_session_and_lead_to_the_log_in(browser):
    for url in ("/login/second/", "/login/password/", "/login/enrol/", "/login/enrol/totp/", "/login/enrol/codes/"):
        assert here(browser.get(url, follow=True)) == "/login/"
