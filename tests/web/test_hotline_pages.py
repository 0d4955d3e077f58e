"""The hotline's pages: who sees them, the pop-up, taking down with and without scripts, call-backs, the telephone system's door."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from datetime import time, timedelta

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from minqing.access.models import Staff
from minqing.contact.actions import days
from minqing.gateways import postgres
from minqing.gateways.webhook import sign
from minqing.service.actions import calls, handling, rota
from minqing.service.models import Call, CallBack, Matter
from minqing.service.queries import calls as queries
from tests.people import CAST, COUNTY, PENGLI, TOKENS, TOWN, World
from tests.web import seed

PHONE = "15412340365"
TABLES = ("service_callevent", "service_call", "service_extension", "service_dutyshift", "service_knowledge", "service_phoneline", "service_callback", "service_contact", "service_attachment", "service_move", "service_party", "service_seat", "service_matter", "notify_step", "notify_message")


def root() -> psycopg.Connection:
    return psycopg.connect(**postgres.open_cluster(django_settings.HOME).superuser_dsn(django_settings.DATABASE_NAME), autocommit=True)


@pytest.fixture(scope="module")
def village(django_db_setup, django_db_blocker) -> Iterator[dict[str, uuid.UUID]]:
    with django_db_blocker.unblock(), seed.planted() as ids:
        yield ids


@pytest.fixture
def hotline(village, committed) -> Iterator[str]:
    """A line of the county and its token; everything of the telephone is gone afterwards."""
    with World.acting("总") as zong:
        token = rota.open_line(area=COUNTY, name="365 热线", number="0570-4888365", by=zong, at=timezone.now()).token
    yield token
    with root() as connection:
        connection.execute("set session_replication_role = replica")
        for table in TABLES:
            connection.execute(f"delete from {table}")


@pytest.fixture
def phone_of(village) -> tuple[str, str]:
    """(number, name) of somebody whose telephone nobody shares."""
    with World.acting("香"), connections["default"].cursor() as cursor:
        cursor.execute("select r.id, r.phone_cipher, r.name from archives_resident r where r.phone_cipher is not null and r.alive and r.voided_at is null order by r.name")
        found = cursor.fetchall()
    from_file = [(queries.vault.decrypt("archives_resident.phone_cipher", pk, cipher), name) for pk, cipher, name in found]
    numbers = [n for n, _name in from_file]
    return next((n, name) for n, name in from_file if numbers.count(n) == 1)


def client(name: str) -> Client:
    made = Client(headers={"host": "localhost"})
    made.cookies[django_settings.SESSION_COOKIE] = TOKENS[name]
    made.cookies["minqing_language"] = "zh-hans"
    return made


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def say(token: str, event: str, call_id: str = "c-1", number: str = PHONE, **more: object):
    """As py-zammad-cti says it: a form with `event`, `from`, `to`, `direction`, `callId`."""
    fields = {"event": event, "from": number, "to": "4888365", "direction": "in", "callId": call_id, **more}
    return Client().post(reverse("cti", kwargs={"token": token}), fields, headers={"host": "localhost"})


def call_of(response) -> uuid.UUID:
    return uuid.UUID(response.json()["call"])


# --- the telephone system's door -----------------------------------------------------------------------------------------------------


def test_the_requests_of_a_zammad_client_are_understood(hotline):
    """newCall with several users, answer with the answering number, hangup with a cause; fields nobody knows are ignored."""
    first = say(hotline, "newCall", user=["8001", "8002"], queue="hotline", somethingElse="x")
    assert (first.status_code, first.json()["ok"], first.json()["new"]) == (200, True, True)
    assert say(hotline, "newCall").json()["new"] is False
    assert say(hotline, "answer", answeringNumber="8001", user="8001").status_code == 200
    assert say(hotline, "hangup", cause="normalClearing", answeringNumber="8001").status_code == 200
    with World.acting("琴"):
        row = Call.objects.get(pk=call_of(first))
        assert (row.queue, row.extension, row.cause, row.ended_at is not None) == ("hotline", "8001", "normalClearing", True)
    by_json = Client().post(reverse("cti", kwargs={"token": hotline}), json.dumps({"event": "newCall", "from": "4915112345678", "to": "4888365", "direction": "in", "callId": "json-1", "user": ["8001"]}), content_type="application/json", headers={"host": "localhost"})
    assert by_json.status_code == 200


def test_a_booking_takes_over_who_is_on_the_line(hotline, phone_of):
    number, name = phone_of
    soon = timezone.localdate() + timedelta(days=5)
    with World.acting("受") as me:
        leader = Staff.objects.get(number=CAST["国"].number).pk
        day = days.make(kind="leader", area=TOWN, shape=days.Shape(soon, time(8, 30), time(11, 30), "街道办事处一楼", "饮水和道路", 30, 1, leader), by=me, at=timezone.now())
        days.announce(day=day, by=me, at=timezone.now())
    try:
        qin, address = client("琴"), reverse("day-book", kwargs={"contactday": day.pk})
        assert 'name="phone" value' not in qin.get(address).content.decode()
        qin.post(reverse("hotline-extension"), {"number": "8001"})
        call = call_of(say(hotline, "newCall", number=number))
        say(hotline, "answer", number=number, answeringNumber="8001", user="8001")
        page = qin.get(address).content.decode()
        assert f'value="{number}"' in page and name not in page   # who he is: not before he was asked
        with World.acting("琴") as me:
            person = queries.callers(Call.objects.get(pk=call), me)[0].person
        assert qin.post(reverse("hotline-check", kwargs={"call": call}), {"person": person, "how": "door"}).status_code == 302
        page = qin.get(address).content.decode()
        assert f'value="{number}"' in page and f'value="{name}"' in page and re.search(rf'value="{PENGLI}" selected', page)
        assert number not in client("敏").get(address).content.decode()   # the window has no caller
        with root() as connection:
            connection.execute("update service_call set ended_at = now() - interval '20 minutes'")
        assert number not in qin.get(address).content.decode()
    finally:
        with root() as connection:
            connection.execute("delete from contact_contactday")


@pytest.mark.parametrize(("fields", "words"), [
    ({"event": ""}, "event"), ({"event": "explode"}, "不认识"), ({"callId": ""}, "callId"), ({"callId": "空 格"}, "callId"), ({"direction": "sideways"}, "direction"), ({"event": "rate", "digits": "5"}, "digits"), ({"event": "voicemail"}, "留言"),
])
def test_what_is_wrong_is_said_in_one_sentence_that_names_the_field(hotline, fields, words):
    response = Client().post(reverse("cti", kwargs={"token": hotline}), {"event": "newCall", "from": PHONE, "to": "1", "direction": "in", "callId": "x"} | fields, headers={"host": "localhost"})
    assert response.status_code == 422
    assert words in response.json()["error"]


def test_broken_bodies_and_foreign_tokens_are_refused(hotline, monkeypatch):
    url = reverse("cti", kwargs={"token": hotline})
    assert Client().get(url).status_code == 405
    assert Client().post(url, b"{", content_type="application/json", headers={"host": "localhost"}).status_code == 422
    assert Client().post(url, b"[1]", content_type="application/json", headers={"host": "localhost"}).status_code == 422
    assert Client().post(url, b"x" * 70_000, content_type="application/json", headers={"host": "localhost"}).status_code == 400
    assert say("nonsense", "newCall").status_code == 403
    for _n in range(12):
        last = say("nonsense", "newCall")
    assert last.headers.get("Retry-After") == "60"
    assert say(hotline, "newCall").status_code == 403   # the address waits, right token or not
    from minqing.web.desk.hotline import cti  # noqa: PLC0415 - its memory of this process is emptied again
    cti._wrong.clear()
    assert say(hotline, "newCall").status_code == 200


def test_a_secret_asks_for_a_signature(hotline, settings):
    settings.CTI_SECRET = "s3cret"  # noqa: S105
    url, body = reverse("cti", kwargs={"token": hotline}), json.dumps({"event": "newCall", "from": PHONE, "to": "1", "direction": "in", "callId": "signed"}).encode()
    now = int(timezone.now().timestamp())
    assert Client().post(url, body, content_type="application/json", headers={"host": "localhost"}).status_code == 403
    good = {"host": "localhost", "X-Minqing-Timestamp": str(now), "X-Minqing-Signature": sign("s3cret", now, body)}
    assert Client().post(url, body, content_type="application/json", headers=good).status_code == 200


def test_a_recording_comes_with_the_voicemail_and_is_kept_encrypted(hotline):
    sound = b"RIFF" + b"\x00" * 64
    response = say(hotline, "voicemail", text="路灯坏了", file=SimpleUploadedFile("a.wav", sound, "audio/wav"))
    assert response.status_code == 200
    call = call_of(response)
    heard = client("琴").post(reverse("hotline-recording", kwargs={"call": call}))
    assert (heard.content, heard["Content-Type"]) == (sound, "audio/wav")
    assert sound not in calls.enclosures.path_of(call).read_bytes()
    assert say(hotline, "voicemail", "c-2", text="x", file=SimpleUploadedFile("a.wav", b"not a sound", "audio/wav")).status_code == 422


def test_who_answers_now(hotline):
    found = Client().get(reverse("cti-now", kwargs={"token": hotline}), headers={"host": "localhost"}).json()
    assert (found["how"], found["voicemail"]) == ("voicemail", True)
    client("琴").post(reverse("hotline-extension"), {"number": "8001"})
    found = Client().get(reverse("cti-now", kwargs={"token": hotline}), headers={"host": "localhost"}).json()
    assert (found["how"], found["to"]) == ("desk", ["8001"])


# --- the desk -------------------------------------------------------------------------------------------------------------------------

PAGES = ("hotline", "hotline-calls", "hotline-callbacks", "hotline-duty", "hotline-answers", "hotline-answer-new")


@pytest.mark.parametrize("route", PAGES)
def test_pages_open_for_the_operator(hotline, route):
    assert client("琴").get(reverse(route)).status_code == 200


@pytest.mark.parametrize("name", ["香", "敏", "国", "数", "审", "兰"])
def test_nobody_else_is_at_the_hotline(hotline, name):
    for route in ("hotline", "hotline-calls", "hotline-callbacks"):
        assert client(name).get(reverse(route)).status_code == 403
    call = call_of(say(hotline, "newCall"))
    assert client(name).get(reverse("hotline-call", kwargs={"call": call})).status_code in (403, 404)
    assert "热线工单" not in text(client(name).get(reverse("home")))


def test_the_pop_up_is_one_statement_and_empty_while_nothing_changes(hotline, phone_of):
    number, name = phone_of
    qin = client("琴")
    first = qin.get(reverse("hotline-ring"), {"seen": "0"})
    assert (first.status_code, first.content) == (204, b"")
    call = call_of(say(hotline, "newCall", number=number))
    shown = qin.get(reverse("hotline-ring"), {"seen": "0"})
    assert name in text(shown)
    key = re.search(r"seen=([0-9a-f]+)", shown.content.decode())[1]
    with CaptureQueriesContext(connections["default"]) as statements:
        assert qin.get(reverse("hotline-ring"), {"seen": key}).status_code == 204
    own = [s["sql"] for s in statements if "access.enter(" not in s["sql"] and not s["sql"].upper().startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
    assert len(own) == 1, own
    say(hotline, "hangup", number=number)
    assert qin.get(reverse("hotline-ring"), {"seen": key}).status_code == 200
    assert call


def test_a_call_without_scripts_from_the_ring_to_the_sentence(hotline, phone_of):
    number, name = phone_of
    qin = client("琴")
    call = call_of(say(hotline, "newCall", number=number))
    assert qin.post(reverse("hotline-do", kwargs={"call": call}), {"act": "take"}).status_code == 302
    page = qin.get(reverse("hotline-call", kwargs={"call": call}))
    person = re.search(r'name="person" value="([0-9a-f-]+)"', page.content.decode())[1]
    wrong = qin.post(reverse("hotline-check", kwargs={"call": call}), {"person": person, "how": "door", "year": "1901"})
    assert wrong.status_code == 422 and "对不上" in text(wrong)
    assert qin.post(reverse("hotline-check", kwargs={"call": call}), {"person": person, "how": "door"}).status_code == 302
    page = qin.get(reverse("hotline-call", kwargs={"call": call}))
    assert "已按门牌核对本人" in text(page) and f'value="{name}"' in page.content.decode()
    lacking = qin.post(reverse("hotline-take"), {"call": str(call), "words": "村口路灯坏了三天", "place": "", "kind": ""})
    assert lacking.status_code == 422
    assert "村口路灯坏了三天" in lacking.content.decode() and "请选择种类" in text(lacking)
    done = qin.post(reverse("hotline-take"), {"call": str(call), "words": "村口路灯坏了三天", "place": PENGLI, "kind": "help", "name": name, "lead": PENGLI, "how": "send"})
    assert done.status_code == 302, text(done)
    said = text(qin.get(done["Location"]))
    assert "彭里村" in said and "4888365" in said and re.search(r"\d\d \d{4} \d{4}", said)
    with World.acting("琴"):
        assert Matter.objects.get(calls=call).lead_desk == PENGLI


def test_words_that_mean_danger_stand_first_and_the_book_answers_beside(hotline):
    qin = client("琴")
    made = qin.post(reverse("hotline-answer-new"), {"question": "医保异地就医怎么备案", "keywords": "异地看病、异地备案", "answer": "浙里办里填，当天生效。", "source": "医保局 2026-10"})
    assert made.status_code == 302, text(made)
    found = text(qin.post(reverse("hotline-typing"), {"words": "我娘在杭州异地看病，家里还着火了", "place": PENGLI}))
    assert "119" in found and "三方通话" in found
    assert "当天生效" in found


def test_call_back_with_every_answer(hotline):
    now = timezone.now()
    with World.acting("琴") as qin:
        m = calls.take_down(asked=calls.Asked(words="屋后落石头", kind="help_up", place=PENGLI, name="姜水仙", phone=PHONE, lead=COUNTY + "/12"), call=None, hotline="4888365", by=qin, at=now).matter
    with World.acting("建") as jian:
        m = handling.sign(matter=m, by=jian, at=now)
        handling.reply(matter=m, words="已清理落石并装了网", outcome="solved", by=jian, at=now)
    browser = client("琴")
    assert "屋后落石头" in text(browser.get(reverse("hotline-callbacks")))
    url = reverse("hotline-callback", kwargs={"matter": m.pk})
    assert PHONE not in browser.get(url).content.decode()
    assert PHONE in browser.post(url, {"act": "number"}).content.decode()
    assert browser.post(url, {"act": "save", "reached": "yes"}).status_code == 422
    failed = browser.post(url, {"act": "save", "reached": "no"})
    assert failed.status_code == 302
    assert "1 次没通" in text(browser.get(reverse("hotline-callbacks")))
    bad = browser.post(url, {"act": "save", "reached": "yes", "solved": "no", "satisfied": "no", "words": "又落下来了", "told": "no"})
    assert bad.status_code == 302
    with World.acting("琴"):
        row = Matter.objects.get(pk=m.pk)
        assert (row.state, row.redo_count) == ("redo", 1)
        assert CallBack.objects.filter(matter=m).count() == 2


def test_a_night_call_voicemail_and_keys_come_in_by_the_worker(hotline):
    """Committed rows and the worker's own connection: the clock files voicemail and turns key presses into call-backs."""
    now = timezone.now()
    call = call_of(say(hotline, "voicemail", text="自来水浑了两天"))
    with root() as connection:
        connection.execute("update service_call set file_at = now() - interval '1 minute' where id = %s", [call])
    assert calls.run(now=timezone.now) == {"file": 1}
    assert calls.run(now=timezone.now) == {}
    with World.acting("琴") as qin:
        assert Matter.objects.get(channel="voicemail").home_desk == COUNTY + "/RX"
        m = calls.take_down(asked=calls.Asked(words="屋后落石头", kind="help_up", place=PENGLI, name="姜水仙", phone=PHONE, lead=COUNTY + "/12"), call=None, hotline="4888365", by=qin, at=now).matter
    with World.acting("建") as jian:
        m = handling.sign(matter=m, by=jian, at=now)
        handling.reply(matter=m, words="已清理落石并装了网", outcome="solved", by=jian, at=now)
    say(hotline, "rate", "ivr-9", digits="3", matter=m.number)
    assert calls.run(now=timezone.now) == {"rate": 1}
    with World.acting("琴"):
        row = Matter.objects.get(pk=m.pk)
        assert (row.state, row.satisfied) == ("redo", "no")
        assert CallBack.objects.get(matter=m).channel == "keys"


def test_missed_calls_are_called_back_from_the_list(hotline):
    say(hotline, "newCall")
    call = call_of(say(hotline, "hangup", cause="noAnswer"))
    qin = client("琴")
    listed = qin.get(reverse("hotline-calls"), {"view": "missed"})
    assert "154 **** 0365" in text(listed) and PHONE not in listed.content.decode()
    assert "15412340365" in text(qin.post(reverse("hotline-do", kwargs={"call": call}), {"act": "number"}))
    qin.post(reverse("hotline-do", kwargs={"call": call}), {"act": "settle", "done": "called"})
    assert "154 **** 0365" not in text(qin.get(reverse("hotline-calls"), {"view": "missed"}))


def test_the_token_is_shown_once_to_who_keeps_the_catalogue(hotline):
    zong = client("总")
    made = zong.post(reverse("hotline-lines"), {"name": "365 热线", "number": "0570-4888366"})
    url = re.search(r"/cti/([\w-]{40,})/", made.content.decode())
    assert url
    assert url[1] not in zong.get(reverse("hotline-lines")).content.decode()
    assert client("琴").get(reverse("hotline-lines")).status_code == 404


def test_duty_is_planned_and_a_clerk_sees_his_own(hotline):
    with World.acting("文") as wen:
        pk = wen.id
    today = timezone.localdate()
    qin = client("琴")
    bad = qin.post(reverse("hotline-duty"), {"staff": str(pk), "kind": "night", "role": "main", "first": "2020-01-01", "last": "2020-01-01", "phone": ""})
    assert bad.status_code == 422
    made = qin.post(reverse("hotline-duty"), {"staff": str(pk), "kind": "night", "role": "main", "first": str(today), "last": str(today), "phone": "15400000011"})
    assert made.status_code == 302, text(made)
    assert "严文" in text(qin.get(reverse("hotline-duty")))
    assert "请人代" in text(client("文").get(reverse("hotline-duty")))
    assert "您没有排班" in text(client("兰").get(reverse("hotline-duty")))
