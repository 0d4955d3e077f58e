"""敏 at the window in a browser: sit, draw, call, check, take down, hand in, end, close; the hall's screen; the pad; nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
import pypdfium2
import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from minqing.gateways import postgres
from minqing.service.actions import window
from minqing.service.actions.window import Shape
from minqing.service.models import Ticket
from tests.people import TOKENS, TOWN, World
from tests.web import seed

WEEK = ("8:30-11:30 14:00-17:00",) * 7
TABLES = ("padslip", "pad", "windowday", "handedchange", "ticketmatter", "ticket", "countersitting", "counter")


@pytest.fixture(scope="module")
def village(django_db_setup, django_db_blocker) -> Iterator[dict[str, uuid.UUID]]:
    with django_db_blocker.unblock(), seed.planted() as ids:
        yield ids


@pytest.fixture
def counter(village, committed) -> Iterator[Any]:
    with World.acting("受") as shou:
        made = window.set_counter(town=TOWN, shape=Shape("A", "社保医保", "03", WEEK, (), "社保业务章"), by=shou, at=timezone.now())
    yield made
    with psycopg.connect(**postgres.open_cluster(django_settings.HOME).superuser_dsn(django_settings.DATABASE_NAME), autocommit=True) as root:
        root.execute("set session_replication_role = replica")
        for table in TABLES:
            root.execute(f"delete from service_{table}")  # noqa: S608 - names of this file
        root.execute("delete from archives_proposal where made_by = (select id from access_staff where number = '3307')")
        root.execute("delete from service_matter where channel = 'window'")
        for table in ("seat", "party", "move"):
            root.execute(f"delete from service_{table} t where not exists (select from service_matter m where m.id = t.matter_id)")  # noqa: S608


def client(name: str) -> Client:
    made = Client(headers={"host": "localhost"})
    made.cookies[django_settings.SESSION_COOKIE] = TOKENS[name]
    made.cookies["minqing_language"] = "zh-hans"
    return made


def born(village: dict[str, uuid.UUID]) -> datetime:
    with psycopg.connect(**postgres.open_cluster(django_settings.HOME).superuser_dsn(django_settings.DATABASE_NAME)) as root:
        return root.execute("select birth_date from archives_resident where id = %s", [village["姜水仙"]]).fetchone()[0]  # type: ignore[index]


def front(c: Client, counter: Any) -> uuid.UUID:
    for data in ({"do": "sit", "counter": counter.pk}, {"do": "draw", "counter": counter.pk}):
        assert c.post("/window/do/", data).status_code == 302
    return uuid.UUID(c.post("/window/do/", {"do": "next"}).headers["Location"].split("/")[-2])


@pytest.mark.parametrize("width", [1440, 390])
def test_a_morning_in_a_browser(desk, counter, village, width):
    page = desk.page("敏", width=width)
    page.goto("/window/")
    desk.check(page)
    page.get_by_role("button", name="坐到这里").click()
    page.get_by_role("button", name="优先取号").click()
    page.get_by_role("button", name="叫下一个").click()
    desk.check(page)
    page.get_by_label("没带证：姓名").fill("姜水仙")
    page.get_by_label("出生年份").fill(str(born(village).year))
    page.get_by_role("button", name="核对").click()
    page.get_by_role("heading", name="姜水仙").wait_for()
    desk.check(page)
    page.get_by_role("link", name="交一份变更").click()
    desk.check(page)
    page.get_by_label("变的是哪一项").select_option("living_address")
    page.get_by_label("变成什么").fill("彭里村溪边40号")
    page.get_by_label("出示的材料").select_option("户口簿")
    page.get_by_label("哪个单位发的").fill("江山市公安局")
    page.get_by_role("button", name="收下").click()
    page.get_by_text("村里在").first.wait_for()
    desk.check(page)
    page.get_by_role("link", name="登记一件事").last.click()
    desk.check(page)
    page.goto("/window/day/")
    desk.check(page)
    page.goto("/window/pads/")
    desk.check(page)
    page.goto("/window/counters/")
    desk.check(page)
    screen = desk.page(None, width=width)
    screen.goto(f"/window/screen/{TOWN}/")
    assert "A001" in screen.inner_text("body") and "姜水仙" not in screen.content()
    assert "窗口还没有开" in screen.request.get("/window/screen/330881001/").text() and screen.request.get("/window/screen/999/").status == 404
    desk.check(screen)
    shou = desk.page("受", width=width)
    shou.goto(f"/window/counters/{counter.pk}/")
    desk.check(shou)


def test_what_is_taken_is_printed(counter, village):
    c = client("敏")
    ticket = front(c, counter)
    assert c.post(f"/window/numbers/{ticket}/", {"number": "330", "name": "", "year": ""}).status_code == 422
    assert c.post(f"/window/numbers/{ticket}/", {"name": "姜水仙", "year": str(born(village).year)}).status_code == 302
    page = c.get(f"/window/numbers/{ticket}/").content.decode()
    assert "姜水仙" in page and "户号" in page
    bad = c.post(f"/window/numbers/{ticket}/matter/", {"words": "门口的路灯坏了", "kind": "", "place": "330881002205"})
    assert bad.status_code == 422 and "门口的路灯坏了" in bad.content.decode()
    done = c.post(f"/window/numbers/{ticket}/matter/", {"words": "门口的路灯坏了", "kind": "help", "place": "330881002205"})
    assert done.headers["Location"] == "/matters/receipt/" and "查询口令" in c.get("/matters/receipt/").content.decode()
    assert c.post(f"/window/numbers/{ticket}/change/", {"item": "phone", "value": "15412340000", "paper": "户口簿", "issuer": "公安局"}).status_code == 302
    change = c.get(f"/window/numbers/{ticket}/").content.decode().split("/window/changes/")[1].split("/")[0]
    text = pypdfium2.PdfDocument(c.get(f"/window/changes/{change}/receipt.pdf").content)[0].get_textpage().get_text_range()
    assert "变更回执" in text and "村里" in text and "15412340000" not in text
    assert c.post("/window/day/", {}).status_code == 200                       # the number has no outcome yet
    half = c.post(f"/window/numbers/{ticket}/", {"do": "end", "outcome": "", "left": "缺户口簿"})
    assert half.status_code == 422 and "请选择这个号办得怎么样" in half.content.decode() and 'value="缺户口簿"' in half.content.decode()
    assert c.post(f"/window/numbers/{ticket}/", {"do": "end", "outcome": "matter", "left": ""}).headers["Location"] == "/window/"
    assert c.post("/window/day/", {"note": "钥匙在抽屉"}).status_code == 302
    text = pypdfium2.PdfDocument(c.get("/window/day/sheet.pdf").content)[0].get_textpage().get_text_range()
    assert "A001" in text and "钥匙在抽屉" in text and "姜水仙" not in text
    assert "姜水仙" not in c.get(f"/window/numbers/{ticket}/").content.decode()   # ended: nobody is shown any more


def test_the_pad_is_printed_once_and_typed_in(counter):
    c = client("敏")
    pdf = c.post("/window/pads/", {"slips": "4", "why": "停电"})
    document = pypdfium2.PdfDocument(pdf.content)
    text = document[0].get_textpage().get_text_range()
    assert pdf.headers["Content-Type"] == "application/pdf" and len(document) == 2 and text.count("查询口令") == 3
    pad = c.get("/window/pads/").content.decode().split("/window/pads/")[-1].split("/")[0]
    page = c.get(f"/window/pads/{pad}/").content.decode()
    number = page.split("也没有作废的：")[1][:12]
    said = {"do": "type", "number": number, "on": f"{timezone.localtime():%Y-%m-%dT%H:%M}", "words": "自来水停了", "kind": "help", "place": "330881002205", "name": "毛土根"}
    early = c.post(f"/window/pads/{pad}/", {**said, "on": "2026-01-01T08:00"})
    assert early.status_code == 422 and "早于这一本" in early.content.decode()
    assert c.post(f"/window/pads/{pad}/", {"do": "void", "void-number": number, "void-why": "写坏了"}).status_code == 302
    assert "已经作废" in c.post(f"/window/pads/{pad}/", said).content.decode()


def test_nobody_else_stands_at_the_window(counter):
    ticket = front(client("敏"), counter)
    for name in ("香", "琴", "国", "兰"):
        c = client(name)
        assert c.get("/window/").status_code == 403
        assert c.get(f"/window/numbers/{ticket}/").status_code in (403, 404)
        assert c.post("/window/do/", {"do": "next"}).status_code == 403
    assert client("受").get("/window/").headers["Location"] == "/window/counters/"
    with World.acting("敏"):
        assert Ticket.objects.get(pk=ticket).state == "called"
