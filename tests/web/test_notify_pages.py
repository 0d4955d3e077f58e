"""The outbox on the desk: 香's lists, 兰's grid, 梅's errands, 敏's window, what 芳 and 国 do not see; letters, calls, receipts, wishes."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pypdfium2
import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from minqing.access.models import AuditEntry, Staff
from minqing.gateways import postgres
from minqing.gateways.webhook import sign
from minqing.notify.actions import messages, receipts
from minqing.notify.models import Mark, Message
from minqing.notify.rules import templates
from tests.people import PENGLI, TOKENS, World
from tests.web import seed

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
GRID = PENGLI + "001"
PHONE = "15499990001"


@pytest.fixture(scope="module")
def village(django_db_setup, django_db_blocker) -> Iterator[dict[str, uuid.UUID]]:
    with django_db_blocker.unblock(), seed.planted() as ids:
        yield ids


def tell(me, event, village, template="matter.answer", **to) -> Message:
    return messages.tell(event=event, grid=GRID, template=template, values=templates.TEMPLATES[template].samples, by=me, at=AT, **to)


def client(name: str) -> Client:
    made = Client(headers={"host": "localhost"})
    made.cookies[django_settings.SESSION_COOKIE] = TOKENS[name]
    made.cookies["minqing_language"] = "zh-hans"
    return made


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def now(m: Message) -> Message:
    with World.acting("香"):
        return Message.objects.get(pk=m.pk)


@pytest.fixture
def told(village, committed) -> Iterator[dict[str, Message]]:
    """One message for each way, written by 香 and committed; gone afterwards."""
    with psycopg.connect(**postgres.open_cluster(django_settings.HOME).superuser_dsn(django_settings.DATABASE_NAME), autocommit=True) as root:
        root.execute("delete from notify_message")
        with World.acting("香") as me:
            made = {
                "sms": tell(me, "sms", village, phone=PHONE, name="过路人"),
                "voice": tell(me, "voice", village, phone="0570-4012345", name="姜水仙", person=village["姜水仙"]),
                "letter": tell(me, "letter", village, household=village["2050043"], name="郑根土", address="彭里村岭脚7号"),
                "person": tell(me, "person", village, person=village["姜水仙"], alone=True),
                "poster": tell(me, "poster", village, template="public.meeting", channel="poster"),
                "loudspeaker": tell(me, "loudspeaker", village, template="public.warning", channel="loudspeaker"),
            }
        root.execute("update notify_message set channel = 'letter', route = array['letter', 'person'], phone_cipher = null, phone_tail = '' where id = %s", [made["letter"].pk])
        root.execute("update notify_message set channel = 'person', route = array['person'] where id = %s", [made["person"].pk])
        yield made
        root.execute("set session_replication_role = replica")
        for table in ("notify_step", "notify_message", "notify_mark"):
            root.execute(f"delete from {table}")


PAGES = ("notice-list", "notice-calls", "notice-letters", "notice-errands", "notice-templates", "notice-announce")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_stands(told, page):
    answer = client("香").get(reverse(page))
    assert answer.status_code == 200, page
    assert PHONE not in answer.content.decode()


def test_the_list_shows_ways_and_states_and_no_words(told):
    page = text(client("香").get("/notices/"))
    assert "过路人" in page and "姜水仙" in page and "打电话" in page and "路灯已换新" not in page
    assert "过路人" not in text(client("香").get("/notices/?channel=voice"))
    assert "还没有通知" not in page and "这些条件下没有通知" in text(client("香").get("/notices/?state=delivered"))
    assert client("香").get("/notices/?place=330802008001&state=nonsense&before=x|y&channel=z").status_code == 200
    assert "过路人" in text(client("香").get(f"/notices/?place={PENGLI}"))


def test_whose_lists_they_are(told):
    assert "过路人" in text(client("兰").get("/notices/"))
    for name in ("强", "芳"):
        page = client(name).get("/notices/")
        assert page.status_code == 200 and "过路人" not in text(page)
        assert client(name).get(reverse("notice", args=[told["sms"].pk])).status_code == 404
        assert client(name).post(reverse("notice-do", args=[told["sms"].pk]), {"act": "deliver"}).status_code == 404
    assert client("国").get("/notices/calls/").status_code == 403
    assert client("审").get("/notices/letters/").status_code == 403
    assert client("梅").get("/notices/").headers["Location"] == "/notices/errands/"


def test_a_message_tells_its_story_and_opening_it_is_recorded(told):
    page = text(client("香").get(reverse("notice", args=[told["voice"].pk])))
    assert "您好，请问是姜水仙吗" in page and "路灯已换新" in page and "0570-4012345" not in page and "*******2345" in page
    with World.acting("香") as me:
        assert AuditEntry.objects.filter(staff=me.id, what="notice.open", detail__message=str(told["voice"].pk)).exists()


def test_the_number_stands_in_the_answer_to_a_post_alone(told, village):
    do = reverse("notice-do", args=[told["voice"].pk])
    assert client("香").get(do).status_code == 405
    assert "0570-4012345" in text(client("香").post(do, {"act": "number"}))
    with World.acting("香"):
        assert AuditEntry.objects.filter(what="notice.call", persons__contains=[village["姜水仙"]]).exists()
    refused = client("香").post(reverse("notice-do", args=[told["sms"].pk]), {"act": "number"})
    assert refused.status_code == 422 and "不在打电话的名单上" in text(refused)


def test_called_in_vain_three_times_then_told_at_the_door(told):
    visitor, do = client("香"), reverse("notice-do", args=[told["voice"].pk])
    assert visitor.post(do, {"act": "not_reached", "reason": ""}).status_code == 422
    for _n in range(3):
        answer = visitor.post(do, {"act": "not_reached", "reason": "没人接", "back": "/notices/calls/"})
        assert answer.headers["Location"] == "/notices/calls/"
    assert now(told["voice"]).channel == "person"
    assert "改为：当面告知" in text(visitor.get("/notices/errands/"))
    visitor.post(do, {"act": "said"})
    assert now(told["voice"]).state == "delivered"
    late = visitor.post(do, {"act": "cancel", "reason": "不用了"})
    assert late.status_code == 422 and "现在是“已送达”" in text(late)


def test_back_leads_nowhere_else(told):
    answer = client("香").post(reverse("notice-do", args=[told["poster"].pk]), {"act": "deliver", "back": "https://evil.invalid/"})
    assert answer.headers["Location"] == reverse("notice", args=[told["poster"].pk])


def test_the_helper_ticks_her_errand(told):
    with World.acting("香") as me:
        mei, qin = Staff.objects.get(name="周春梅"), Staff.objects.get(name="祝琴")
        messages.failed(message=told["voice"], why="停机", by=me, at=AT)
    do = reverse("notice-do", args=[told["voice"].pk])
    wrong = client("兰").post(do, {"act": "assign", "to": str(qin.pk)})
    assert wrong.status_code == 422 and "不在这一片任职" in text(wrong)
    client("兰").post(do, {"act": "assign", "to": str(mei.pk)})
    hers = client("梅").get("/notices/errands/")
    assert "路灯已换新" in text(hers) and "请您去告知" in text(hers) and "过路人" not in text(hers)
    assert client("梅").get(reverse("notice", args=[told["sms"].pk])).status_code == 404
    client("梅").post(do, {"act": "said", "back": "/notices/errands/"})
    assert now(told["voice"]).state == "delivered" and now(told["voice"]).delivered_by == mei.pk


def test_what_only_she_may_hear_says_so(told):
    page = text(client("香").get("/notices/errands/"))
    assert "只告诉本人：不打家里的电话" in page and "交给他" not in page


def test_letters_are_large_one_a_page_in_walking_order(told):
    visitor = client("香")
    assert visitor.post("/notices/letters/print/", {}).status_code == 302
    answer = visitor.post("/notices/letters/print/", {"pick": [str(told["letter"].pk), str(told["poster"].pk), str(told["sms"].pk), "nonsense"]})
    assert answer["Content-Type"] == "application/pdf"
    document = pypdfium2.PdfDocument(answer.content)
    pages = [re.sub(r"\s+", "", page.get_textpage().get_text_bounded()) for page in document]
    assert len(pages) == 2
    letter = next(p for p in pages if "郑根土" in p)
    assert "彭里村岭脚7号" in letter and "路灯已换新" in letter and "打印人郑书香3303" in letter
    objects = [o for page in document for o in page.get_objects() if o.type == pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
    assert objects
    assert now(told["letter"]).state == "handed" and now(told["letter"]).delivered_at is None and now(told["sms"]).state == "waiting"
    assert "已打印" in text(visitor.get("/notices/letters/"))
    visitor.post(reverse("notice-do", args=[told["letter"].pk]), {"act": "failed", "reason": "信没有送到"})
    assert (now(told["letter"]).channel, now(told["letter"]).state) == ("person", "waiting")


def test_the_call_list_leaves_with_a_reason_only(told):
    visitor = client("香")
    assert visitor.post("/notices/calls/file/", {"place": PENGLI, "reason": ""}).status_code == 302
    assert visitor.post("/notices/calls/file/", {"place": "330802008001", "reason": "交给总机打"}).status_code == 302
    answer = visitor.post("/notices/calls/file/", {"place": PENGLI, "reason": "交给总机打"})
    assert answer["Content-Type"].startswith("text/csv") and "0570-4012345" in answer.content.decode() and PHONE not in answer.content.decode()
    with World.acting("香") as me:
        assert AuditEntry.objects.filter(staff=me.id, what="notice.calls", reason="交给总机打").exists()


def test_words_for_everybody_name_nobody(told):
    visitor = client("香")
    bad = visitor.post("/notices/announce/?text=public.notice", {"place": PENGLI, "channel": "sms", "v_what": "停电", "v_phone": "0570-4012345"})
    assert bad.status_code == 422
    good = visitor.post("/notices/announce/?text=public.notice", {"place": PENGLI, "channel": "loudspeaker", "v_what": "明天停电", "v_phone": "0570-4012345"})
    assert good.status_code == 302
    page = text(visitor.get(good.headers["Location"]))
    assert "各位村民请注意：明天停电。咨询电话零五七零" in page
    assert visitor.post("/notices/announce/", {"place": "330881002206", "channel": "poster", "v_unit": "x", "v_time": "x", "v_place": "x", "v_what": "x", "v_phone": "x"}).status_code == 422
    assert client("敏").get("/notices/announce/").status_code == 404


def test_wishes_are_written_where_the_file_is(told, village):
    url = reverse("notice-person", args=[village["姜水仙"]])
    page = text(client("兰").get(url))
    assert "不要打家里" in page and "告诉过什么" in page
    for name in ("强", "芳", "敏", "梅"):
        assert client(name).get(url).status_code == 404, name
        assert client(name).post(url + "wish/", {"what": "not_home", "wanted": "1"}).status_code == 404, name
    client("兰").post(url + "wish/", {"what": "not_home", "wanted": "1"})
    with World.acting("兰"):
        assert Mark.objects.filter(person=village["姜水仙"], what="not_home", ended_at=None).count() == 1
    assert now(told["voice"]).alone is True
    client("兰").post(url + "wish/", {"what": "opt_out", "kind": "policy", "wanted": "1"})
    client("兰").post(url + "wish/", {"what": "not_home", "wanted": "0"})
    with World.acting("兰"):
        assert set(Mark.objects.filter(person=village["姜水仙"], ended_at=None).values_list("what", "kind")) == {("opt_out", "policy")}
    assert client("兰").post(url + "wish/", {"what": "opt_out", "kind": "nonsense", "wanted": "1"}).status_code == 302


def test_the_receipts_address_believes_a_signature_and_nothing_else(told, settings, monkeypatch, tmp_path):
    settings.SMS_SECRET = "agreed"
    monkeypatch.setattr(receipts, "folder", lambda: tmp_path / "receipts")
    body = json.dumps({"receipts": [{"key": "sms-x", "delivered": True}]}).encode()
    stamp = int(datetime.now(UTC).timestamp())
    gateway = Client()

    def post(content: bytes, signature: str):
        return gateway.post("/gateway/sms/receipts/", content, content_type="application/json", headers={"X-Minqing-Timestamp": str(stamp), "X-Minqing-Signature": signature})

    assert gateway.get("/gateway/sms/receipts/").status_code == 405
    assert post(body, "").status_code == 403
    assert post(b"{}", sign("agreed", stamp, b"{}")).status_code == 400
    assert post(body, sign("agreed", stamp, body)).json() == {"accepted": 1}
    assert len(list((tmp_path / "receipts").glob("*.json"))) == 1


def test_the_menu_leads_there(told):
    for name, shown in (("香", True), ("梅", True), ("敏", True), ("审", False), ("管", False)):
        assert ('href="/notices/"' in client(name).get("/").content.decode()) is shown, name
