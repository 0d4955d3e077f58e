"""A council from its plan to its publication through the pages: 香 arranges, 文 counts too, 兰 sees that it takes place, 芳 sees nothing."""

from __future__ import annotations

import io
import re
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from minqing.access.models import Staff
from minqing.contact.models import AgendaItem, Meeting, Opinion, Representative, Resolution, VoteCount
from minqing.service.actions import matters
from tests.contracts.foreign import superuser
from tests.people import CAST, PENGLI, World
from tests.web.test_staff import text

TABLES = ("contact_meetingpaper", "contact_representative", "contact_objection", "contact_publication", "contact_resolutionnote", "contact_votecount", "contact_opinion", "contact_attendance", "contact_resolution", "contact_agendaitem", "contact_meetingstep", "contact_meeting", "notify_step", "notify_message")


@pytest.fixture(scope="module")
def village(village) -> Iterator[dict[str, uuid.UUID]]:
    yield village
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in TABLES:
            root.execute(f"delete from {table}")  # noqa: S608
        for table in ("service_move", "service_party", "service_seat"):
            root.execute(f"delete from {table} where matter_id in (select id from service_matter where submitted_at > '2020-01-01')")  # noqa: S608
        root.execute("delete from service_matter where submitted_at > '2020-01-01'")


@pytest.fixture
def visit(village, visit):
    return visit


def staff(name: str) -> str:
    return str(Staff.objects.get(number=CAST[name].number).pk)


def seen(model, **where):
    with World.acting("香"):
        return model.objects.filter(**where).first()


def planned(client, kind: str = "council", **more: str) -> str:
    """A meeting in two hours, by the form: its address."""
    now = timezone.localtime()
    start = now + timedelta(days=1)
    with World.acting("香"):
        chair, recorder = staff("香"), staff("文")
    made = client.post("/meetings/new/", {"area": PENGLI, "kind": kind, "title": "洗漱处怎么改", "on": f"{start:%Y-%m-%d}", "starts": "00:05", "ends": "23:50", "place": "文化礼堂", "chair": chair, "recorder": recorder, **more})
    assert made.status_code == 302, text(made)[:800]
    return str(made["Location"])


def today(url: str) -> None:
    """The day has come: the test does not wait for it."""
    with superuser() as root:
        root.execute("alter table contact_meeting disable trigger all")
        root.execute("update contact_meeting set starts_at = now() - interval '1 hour', ends_at = now() + interval '1 hour' where id = %s", [url.split("/")[2]])
        root.execute("alter table contact_meeting enable trigger all")


def test_a_council_from_plan_to_publication(visit, village):
    xiang, wen = visit("香"), visit("文")
    url = planned(xiang)
    assert "应提前 1 天" not in text(xiang.get(url)) and "议程还是空的" in text(xiang.get(url))
    assert xiang.post(f"{url}items/new/", {"title": "姜水仙家的水槽", "options": ""}).status_code == 422
    assert xiang.post(f"{url}items/new/", {"title": "洗漱处加装水槽", "options": "增设水槽\n改回原样\n都不同意"}).status_code == 302
    assert xiang.post(f"{url}do/figures/", {"due": "12", "households": "", "reason": "请了十二位邻里代表"}).status_code == 302
    assert xiang.post(f"{url}do/notice/", {"reason": ""}).status_code == 302
    public = text(xiang.get(f"/v/{PENGLI}/"))
    assert "洗漱处怎么改" in public and "洗漱处加装水槽" in public
    today(url)
    assert xiang.post(f"{url}do/hold/", {}).status_code == 302
    assert xiang.post(f"{url}do/attend/", {"present": "11", "households": "", "observers": "1"}).status_code == 302
    assert "到会 11 人，应到 12 人，须过半数即 7 人：够" in text(xiang.get(url))
    item = seen(AgendaItem).pk
    say = {"record": str(uuid.uuid4()), "item": str(item), "words": "姜水仙家门口那头好，15400000001", "speaker": "周秀英"}
    for _twice in range(2):
        assert xiang.post(f"{url}say/", say).status_code == 302
    assert xiang.post(f"{url}say/", {**say, "record": str(uuid.uuid4()), "words": ""}).status_code == 422
    part = xiang.post(f"{url}say/", {**say, "record": str(uuid.uuid4()), "words": "水管要埋深"}, headers={"HX-Request": "true"})
    assert part.status_code == 200 and 'id="saying"' in part.content.decode() and "水管要埋深" in part.content.decode() and 'value="水管要埋深"' not in part.content.decode()
    first = seen(Opinion, number=1).pk
    assert xiang.post(f"{url}opinions/{first}/", {"fate": "answered", "answer": ""}).status_code == 422
    to = xiang.post(f"{url}opinions/{first}/", {"fate": "matter", "kind": "suggestion", "answer": ""})
    assert to.status_code == 302 and to["Location"].startswith("/matters/")
    # two count apart
    figures = {"counter": "毛小芬", "figure0": "8", "figure1": "2", "figure2": "1", "invalid": "0"}
    assert xiang.post(f"{url}items/{item}/count/", figures).status_code == 302
    assert "一位填了，等您点" in text(wen.get(url)) and "毛小芬" not in text(wen.get(url)) and "毛小芬" not in text(wen.get(f"{url}items/{item}/count/"))
    assert wen.post(f"{url}items/{item}/count/", {**figures, "counter": "郑伟", "figure0": "9"}).status_code == 422   # twelve of eleven
    assert wen.post(f"{url}items/{item}/count/", {**figures, "counter": "郑伟"}).status_code == 302
    with CaptureQueriesContext(connection) as sql:
        assert "两位点的一样" in text(wen.get(url))
    assert len([q for q in sql.captured_queries if q["sql"].lower().startswith(("select", "insert"))]) <= 12
    assert xiang.post(f"{url}items/{item}/resolve/", {"text": "村两委协商决定增设水槽"}).status_code == 302
    assert "“增设水槽”通过" in text(xiang.get(url))
    # minutes
    page = text(xiang.get(f"{url}minutes/"))
    assert "村两委协商决定增设水槽" in page and "姜水仙" in page
    draft = xiang.get(f"{url}minutes/").content.decode()
    words = re.search(r"<textarea[^>]*name=\"text\"[^>]*>\s*(.*?)</textarea>", draft, re.S).group(1)
    assert xiang.post(f"{url}minutes/", {"act": "write", "text": words, "seen": "0"}).status_code == 302
    assert xiang.post(f"{url}minutes/", {"act": "write", "text": words + "改", "seen": "0"}).status_code == 422
    for client in (xiang, wen):
        client.post(f"{url}minutes/", {"act": "sign", "seen": "1"})
    page = text(xiang.get(f"{url}minutes/"))
    assert "姜水仙" in page and "姜某某" in page and "隐去了什么" in page
    assert xiang.post(f"{url}minutes/", {"text": words, "days": "5", "confirmed": "on"}).status_code == 422
    masked = re.search(r"<textarea[^>]*name=\"text\"[^>]*>\s*(.*?)</textarea>", xiang.get(f"{url}minutes/").content.decode(), re.S).group(1)
    assert xiang.post(f"{url}minutes/", {"text": masked, "days": "5", "confirmed": "on"}).status_code == 302
    public = text(xiang.get(f"/v/{PENGLI}/"))
    assert "洗漱处怎么改" in public
    link = re.search(r'href="(/v/[^"]+/meetings/[^"]+)"', xiang.get(f"/v/{PENGLI}/").content.decode()).group(1)
    hung = text(xiang.get(link))
    assert "村两委协商决定增设水槽" in hung and "姜某某" in hung and "姜水仙" not in hung and "周秀英" not in hung and "15400000001" not in hung
    # somebody does not agree
    assert xiang.post(f"{url}do/object/", {"words": "钱从哪里出没有说", "name": "毛小芬", "phone": ""}).status_code == 302
    assert xiang.post(f"{url}do/close/", {}).status_code == 422
    answer = re.search(r'href="(/meetings/[^"]+/objections/[^"]+/)"', xiang.get(url).content.decode()).group(1)
    assert xiang.post(answer, {"answer": "从村集体经营收入里出"}).status_code == 302
    # the village's book, and what becomes of it
    assert "村两委协商决定增设水槽" in text(visit("兰").get("/resolutions/"))
    resolution = seen(Resolution).pk
    to = xiang.post(f"/resolutions/{resolution}/carry/", {"words": "洗漱处东头增设水槽", "kind": "works"})
    assert to.status_code == 302 and "洗漱处东头增设水槽" in text(xiang.get(to["Location"]))
    assert xiang.post(f"/resolutions/{resolution}/follow/", {"words": "装好了", "state": "done"}).status_code == 302
    for what in ("notice", "sign_in", "count", "minutes"):
        paper = xiang.get(f"{url}print/{what}.pdf")
        assert paper.status_code == 200 and paper.content[:5] == b"%PDF-", what
    with CaptureQueriesContext(connection) as sql:
        assert xiang.get(url).status_code == 200
    assert len([q for q in sql.captured_queries if q["sql"].lower().startswith(("select", "insert"))]) <= 12


def test_who_does_not_arrange_sees_when_and_not_what_was_said(visit, village):
    xiang = visit("香")
    url = planned(xiang, title="村口路灯怎么修")
    lan, fang = visit("兰"), visit("芳")
    assert "村口路灯怎么修" in text(lan.get("/meetings/")) and lan.get(url).status_code == 200 and lan.get(f"{url}say/").status_code == 404 and lan.get(f"{url}minutes/").status_code == 404
    assert "村口路灯怎么修" not in text(fang.get("/meetings/")) and fang.get(url).status_code == 404
    assert fang.post(f"{url}do/cancel/", {"reason": "不归我管的"}).status_code == 404
    assert lan.get("/meetings/new/").status_code == 404
    assert xiang.post(f"{url}do/cancel/", {"reason": "并到下月"}).status_code == 302 and "取消了" in text(xiang.get(url))


def test_the_agenda_is_proposed_and_the_fifteenths_laid_out(visit, village):
    xiang = visit("香")
    with World.acting("香") as me:
        matters.open_matter(matters.Said(words="村口路灯坏了三天", kind="suggestion", channel="duty", place=PENGLI), by=me, at=timezone.now())
        recorder, chair = staff("文"), staff("香")
    assert xiang.post("/meetings/rounds/", {"area": PENGLI, "months": "2", "place": "文化礼堂", "chair": chair, "recorder": recorder}).status_code == 302
    rows = text(xiang.get("/meetings/"))
    assert "民情沟通日" in rows
    day = seen(Meeting, kind="talk_day")
    page = xiang.get(f"/meetings/{day.pk}/propose/")
    assert page.status_code == 200
    keys = re.findall(r'name="take" value="([^"]+)"', page.content.decode())
    assert keys
    bad = xiang.post(f"/meetings/{day.pk}/propose/", {"take": keys[:1], f"title-{keys[0]}": "姜水仙的事"})
    assert bad.status_code == 422 and "姜水仙" in text(bad)
    assert xiang.post(f"/meetings/{day.pk}/propose/", {"take": keys[:1], f"title-{keys[0]}": "通报没办完的事"}).status_code == 302
    assert seen(AgendaItem, meeting=day).title == "通报没办完的事"


def test_representatives_have_terms_and_papers_are_scanned(visit, village):
    xiang = visit("香")
    form = {"name": "姜水仙", "for_whom": "柴坞", "starts_on": "2026-01-01", "ends_on": "2031-01-01"}
    assert xiang.post("/representatives/new/", {**form, "ends_on": "2025-01-01"}).status_code == 422
    assert xiang.post("/representatives/new/", form).status_code == 302
    row = seen(Representative)
    assert row.person_id == village["姜水仙"] and "柴坞" in text(xiang.get("/representatives/"))
    assert visit("芳").post(f"/representatives/{row.pk}/end/", {"on": "2026-11-01", "why": "迁出"}).status_code == 404
    url = planned(xiang, "delegates", title="年末代表会")
    assert "应到 1 人" in text(xiang.get(url))
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "JPEG")
    out.name = "签到表.jpg"
    out.seek(0)
    assert xiang.post(f"{url}papers/", {"kind": "sign_in", "item": "", "photos": out}).status_code == 302
    paper = re.search(r'href="(/meetings/papers/[^"]+/)"', xiang.get(url).content.decode()).group(1)
    assert xiang.get(paper)["Content-Type"] == "image/jpeg" and visit("芳").get(paper).status_code == 404
    assert xiang.post(f"/representatives/{row.pk}/end/", {"on": "2026-11-01", "why": "迁出"}).status_code == 302



def test_two_who_count_at_once_are_both_heard_and_a_third_is_not(visit, village):
    """At the same moment, under three accounts: two counts of one turn stand, whatever the order."""
    xiang = visit("香")
    url = planned(xiang, title="路灯装在哪里")
    xiang.post(f"{url}items/new/", {"title": "路灯装在桥头", "options": "同意\n反对"})
    xiang.post(f"{url}do/figures/", {"due": "12", "households": "", "reason": "请了十二位邻里代表"})
    xiang.post(f"{url}do/notice/", {"reason": ""})
    today(url)
    xiang.post(f"{url}do/hold/", {})
    xiang.post(f"{url}do/attend/", {"present": "11", "households": "", "observers": "0"})
    item = seen(AgendaItem, title="路灯装在桥头").pk
    answers: dict[str, int] = {}

    def enter(name: str) -> None:
        try:
            answers[name] = visit(name).post(f"{url}items/{item}/count/", {"counter": f"计票{name}", "figure0": "8", "figure1": "3", "invalid": "0"}).status_code
        finally:
            connections.close_all()

    threads = [threading.Thread(target=enter, args=(name,)) for name in ("香", "文", "苗")]
    for t in threads:
        t.start()
    for t in threads:
        t.join(30)
    assert sorted(answers.values()) == [302, 302, 422]
    with World.acting("香"):
        assert VoteCount.objects.filter(item=item).count() == 2
