"""Visits on the desk: 兰 writes one, 文 types one from paper, 梅 presses one of three buttons; whose turn it is, without why."""

from __future__ import annotations

import html
import os
import re
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from minqing.access.models import Staff
from minqing.archives.actions import households
from minqing.archives.models import Household
from minqing.contact.actions import doors, visits
from minqing.contact.models import DoorCheck, Visit
from minqing.contact.refusals import Refused
from minqing.service.models import Matter
from tests.contracts.foreign import superuser
from tests.people import CAST, World
from tests.web.test_staff import text

CONTACT = ("contact_visitnote", "contact_visitmatter", "contact_checkup", "contact_doorcheck", "contact_visit", "contact_door")


def forget() -> None:
    """Visits and matters that a test made are taken away again."""
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in CONTACT:
            root.execute(f"delete from {table}")  # noqa: S608
        for table in ("service_move", "service_party", "service_seat"):
            root.execute(f"delete from {table} where matter_id in (select id from service_matter where submitted_at > '2020-01-01')")  # noqa: S608
        root.execute("delete from service_matter where submitted_at > '2020-01-01'")


@pytest.fixture(scope="module")
def village(village) -> Iterator[dict[str, uuid.UUID]]:
    yield village
    forget()


@pytest.fixture
def visit(village, visit):
    return visit


def form_of(client: Client, url: str) -> dict[str, str]:
    """The form as the page shows it: the number of the record and what is chosen beforehand."""
    page = client.get(url)
    assert page.status_code == 200, page.status_code
    return {"record": re.search(r'name="record" value="([^"]+)"', page.content.decode()).group(1), "how": "door", "on": str(timezone.localdate()), "wish_kind": "help"}


def test_a_visit_is_typed_once_however_often_the_form_is_sent_and_its_wish_is_a_matter(visit, village):
    client, h = visit("兰"), village["2050041"]
    url = f"/households/{h}/visits/new/"
    data = {**form_of(client, url), "met": [str(village["姜水仙"])], "topics": ["fraud", "medical"], "words": "后窗关不严，夜里风大", "wish": "后窗关不严，想请人来修", "note": "敲后窗", "time": "00:05"}
    first = client.post(url, data)
    assert first.status_code == 302 and "tab=visits" in first["Location"] and "act=" in first["Location"], text(first)[:600]
    assert client.post(url, data).status_code == 302
    page = text(client.get(f"/households/{h}/?tab=visits"))
    assert page.count("夜里风大") == 1 and "见到 姜水仙" in page and "防诈骗、医保缴费" in page and "下次留意 敲后窗" in page and "想请人来修" in page
    assert client.post(url, {**data, "words": "窗修好了"}).status_code == 422
    assert visit("芳").get(url).status_code == 404
    assert "后窗" not in text(visit("芳").get("/visits/"))


def test_a_record_is_put_right_once_however_often_the_button_is_pressed(visit, village):
    client, h = visit("兰"), village["2050001"]
    url = f"/households/{h}/visits/new/"
    assert client.post(url, {**form_of(client, url), "words": "猪圈在修"}).status_code == 302
    link = re.search(r'href="(/visits/[^"]+/amend/)"', client.get(f"/households/{h}/?tab=visits").content.decode()).group(1)
    page = client.get(link).content.decode()
    hidden = {name: re.search(rf'name="{name}" value="([^"]+)"', page).group(1) for name in ("record", "version")}
    data = {**hidden, "how": "door", "words": "鸡舍在修", "note": "", "companions": ""}
    assert [client.post(link, data).status_code for _ in range(2)] == [302, 302]
    refused = client.post(link, {**data, "words": "牛栏在修"})
    assert refused.status_code == 422 and "又更正过" in text(refused) and "牛栏在修" in refused.content.decode()
    shown = text(client.get(f"/households/{h}/?tab=visits"))
    assert "鸡舍在修" in shown and "牛栏在修" not in shown
    assert visit("香").get(link).status_code == 403  # hers to read, not hers to rewrite


def test_how_an_elder_is_opens_with_a_reason_to_its_author_alone(visit, village):
    client, h = visit("兰"), village["2050041"]
    url = f"/households/{h}/visits/new/"
    assert client.post(url, {**form_of(client, url), "elder0_mind": "watch"}).status_code == 302
    elders = re.search(r'href="(/visits/[^"]+/elders/)"', client.get(f"/households/{h}/?tab=visits").content.decode()).group(1)
    assert "要留意" not in text(client.get(elders)) and client.post(elders, {"reason": "看"}).status_code == 422
    assert "精神 要留意" in text(client.post(elders, {"reason": "下次上门前看一看"}))
    assert "/elders/" not in visit("苗").get(f"/households/{h}/?tab=visits").content.decode()
    assert "要留意" not in text(visit("苗").post(elders, {"reason": "下次上门前看一看"}))
    assert visit("强").get(elders).status_code == 404


def test_an_answer_belongs_to_its_question_also_when_the_file_changed_meanwhile(visit, village):
    """The page asked of the caution first; somebody wrote one before the answer came: both values stand, nothing slips to the next question."""
    client, h = visit("兰"), village["2050041"]
    url = f"/households/{h}/visits/new/"
    with World.acting("兰"):
        before = Household.objects.get(pk=h).caution
    with World.acting("香") as me:
        households.set_words(household=h, by=me, at=timezone.now(), caution="")
    page = client.get(url).content.decode()
    shown = {name: html.unescape(value) for name, value in re.findall(r'name="((?:ask|seen|who)\d)" value="([^"]*)"', page)}
    n = next(name[3:] for name, value in shown.items() if value == "caution:")
    data = {**form_of(client, url), **shown, f"fix{n}": "敲后窗两下"}
    try:
        with World.acting("香") as me:
            households.set_words(household=h, by=me, at=timezone.now(), caution="白天在地里")
        assert client.post(url, data).status_code == 302
        assert client.post(url, data).status_code == 302  # the same form, also without a time
        with World.acting("兰"):
            assert Household.objects.get(pk=h).caution == "白天在地里"
            made = Visit.objects.get(pk=data["record"])
            assert [(o.field, o.kind, o.mine) for o in visits.outcomes_of(made)] == [("caution", "conflict", "敲后窗两下")]
    finally:
        with World.acting("香") as me:
            households.set_words(household=h, by=me, at=timezone.now(), caution=before)


def test_bad_input_keeps_every_word(visit, village):
    client = visit("兰")
    url = f"/households/{village['2050041']}/visits/new/"
    answer = client.post(url, {**form_of(client, url), "how": "unreached", "topics": ["fire"], "words": "门口的话"})
    assert answer.status_code == 422 and "“没有见到”就不能再选" in text(answer) and "门口的话" in answer.content.decode()


def test_a_clerk_types_paper_in_the_name_of_who_went(visit, village):
    client, h = visit("文"), village["2050041"]
    with World.acting("文"):
        lan = Staff.objects.get(number=CAST["兰"].number).pk
    url = f"/households/{h}/visits/new/"
    answer = client.post(url, {**form_of(client, url), "how": "phone", "on": str(timezone.localdate() - timedelta(days=4)), "visited_by": str(lan), "words": "电话里说都好"})
    assert answer.status_code == 302, text(answer)[:800]
    page = text(client.get(f"/households/{h}/?tab=visits"))
    assert "电话里说都好" in page and "姜晓兰" in page and "严文录入" in page and "补录" in page


def test_one_press_and_it_can_be_taken_back(visit, village):
    client, h = visit("香"), village["2050041"]
    tab = client.get(f"/households/{h}/?tab=visits")
    record = re.search(r'visits/usual/.*?name="record" value="([^"]+)"', tab.content.decode(), re.S).group(1)
    done = client.post(f"/households/{h}/visits/usual/", {"record": record})
    assert done.status_code == 302 and "act=" in done["Location"]
    act = done["Location"].rpartition("act=")[2]
    assert "一切如常" in text(client.get(done["Location"]))
    assert client.post("/undo/", {"undo": act, "act": act, "token": act}).status_code in (302, 303)
    with World.acting("香"):
        assert Visit.objects.get(pk=record).voided_at


def test_whose_turn_it_is_says_when_and_never_why_of_level_4(visit, village):
    page = visit("香").get("/visits/")
    assert page.status_code == 200 and "该走访的户" in text(page)
    elders = text(visit("香").get("/visits/?show="))
    assert "独居老人" in elders
    assert not re.search("低保|特困|残疾|救助|孕产", elders)
    lan = text(visit("兰").get("/visits/"))
    assert "姜水仙" in lan and "毛土根" not in lan
    assert visit("国").get("/visits/").status_code == 403


def test_a_helper_presses_one_of_three(visit, village):
    with World.acting("文"):
        mei = Staff.objects.get(number=CAST["梅"].number).pk
        home = Household.objects.get(pk=village["2050041"])
    assert visit("文").post(f"/households/{home.pk}/helper/", {"helper": str(mei)}).status_code == 302
    client = visit("梅")
    page = client.get("/doors/")
    assert "姜水仙" in text(page) and "户情单" not in text(page) and "毛土根" not in text(page)
    door = re.search(r'action="(/doors/[^"]+)"', page.content.decode()).group(1)
    record = re.search(r'name="record" value="([^"]+)"', page.content.decode()).group(1)
    wrong = client.post(door, {"record": record, "answer": "something", "words": ""})
    assert wrong.status_code == 422 and "有事，请写一句是什么事。" in text(wrong)
    said = client.post(door, {"record": record, "answer": "something", "words": "灶间灯坏了"})
    assert said.status_code == 302 and "已登记成一件事" in text(client.get("/doors/"))
    assert "有事 灶间灯坏了" in text(visit("兰").get(f"/households/{home.pk}/?tab=visits"))
    assert visit("兰").get("/doors/").status_code == 403 and visit("强").post(door, {"answer": "safe"}).status_code == 404


def at_once(acts) -> list[object]:
    """Each act in a thread of its own, on a connection of its own, committed; what came of it."""
    results: list[object] = [None] * len(acts)

    def run(n, act) -> None:
        try:
            results[n] = act()
        except Refused as refusal:
            results[n] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_a_visit_that_arrives_twice_in_the_same_moment_is_one_visit_and_one_matter(village, committed):
    number, now = uuid.uuid4(), timezone.now()

    def send() -> visits.Recorded:
        with World.acting("兰") as me:
            return visits.record_visit(id=number, household=village["2050041"], by=me, at=now, how="door", visited_at=now, wishes=[visits.Wish("水沟堵了，想请人疏通")])

    came = at_once([send, send, send])
    assert sorted(r.again for r in came) == [False, True, True], came
    with World.acting("香"):
        assert Visit.objects.filter(pk=number).count() == 1 and Matter.objects.filter(title__startswith="水沟堵了").count() == 1


def test_a_look_in_that_arrives_twice_in_the_same_moment_is_one_matter(village, committed):
    with World.acting("文"):
        mei = Staff.objects.get(number=CAST["梅"].number).pk
    with World.acting("文") as me:
        door = doors.give(household=village["2050041"], helper=mei, by=me, at=timezone.now()).pk
    number, now = uuid.uuid4(), timezone.now()

    def send() -> doors.Checked:
        with World.acting("梅") as me:
            return doors.helper_check(id=number, door=door, by=me, at=now, answer="something", words="门锁打不开了", checked_at=now)

    came = at_once([send, send])
    assert any(isinstance(r, doors.Checked) for r in came), came
    again = send()
    assert again.again and again.opened is None
    with World.acting("香"):
        assert DoorCheck.objects.filter(pk=number).count() == 1 and Matter.objects.filter(title__startswith="门锁打不开").count() == 1


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_of_visits_is_without_violation(desk, village, width):
    wrong = []
    for name, url in (("香", "/visits/"), ("香", f"/households/{village['2050041']}/visits/new/"), ("香", f"/households/{village['2050041']}/?tab=visits"), ("梅", "/doors/")):
        page = desk.page(name, width=width)
        page.goto(url)
        if os.environ.get("MINQING_SHOTS"):
            page.screenshot(path=f"{os.environ['MINQING_SHOTS']}/{width}-{url.strip('/').replace('/', '-')[-20:]}.png", full_page=True)
        try:
            desk.check(page)
        except AssertionError as error:
            wrong.append(f"{url}: {str(error)[:700]}")
    assert not wrong, "\n".join(wrong)
