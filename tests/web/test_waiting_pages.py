"""Doors that wait, at the desk: whom one asks along and what he says; grave news; a county's own days."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest

from minqing.contact.models import DoorAsk
from tests.contracts.foreign import superuser
from tests.people import World
from tests.web.test_flood_pages import staff
from tests.web.test_staff import text


def sweep() -> None:
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in ("doorask", "gravenews", "countyinterval"):
            root.execute(f"delete from contact_{table} where made_at > '2020-01-01'")  # noqa: S608


@pytest.fixture(scope="module")
def village(village) -> Iterator[dict[str, uuid.UUID]]:
    yield village
    sweep()


@pytest.fixture
def visit(village, visit) -> Iterator[object]:
    yield visit
    sweep()


def test_a_helper_is_asked_along_and_says_yes(visit, village):
    officer, helper, h = visit("香"), visit("梅"), village["2050041"]
    page = officer.get(f"/households/{h}/ask/").content.decode()
    assert re.search(r'value="(evening|hearing)" selected', page), "read from what is known at the door"
    assert officer.post(f"/households/{h}/ask/", {"need": "hearing", "asked": "", "words": ""}).status_code == 422
    assert officer.post(f"/households/{h}/ask/", {"need": "hearing", "asked": staff("梅"), "words": "星期四晚上一起去"}).status_code == 302
    assert "1 户请您帮忙上门" in text(helper.get("/"))
    mine = helper.get("/visits/asks/")
    assert "姜水仙" in text(mine) and "星期四晚上一起去" in text(mine)
    address = re.search(r'action="(/visits/asks/[^"]+)"', mine.content.decode())[1]
    assert visit("芳").post(address, {"what": "yes"}).status_code == 404
    assert helper.post(address, {"what": "yes"}).status_code == 302
    waiting = officer.get("/visits/waiting/?need=asked")
    assert "请了周春梅：听力不好" in text(waiting) and "可以" in text(waiting)
    assert officer.post(address, {"what": "end"}).status_code == 302 and "现在没有请您帮忙的户" in text(helper.get("/visits/asks/"))
    with World.acting("香"):
        assert DoorAsk.objects.get(made_at__year__gte=2020).answer == "yes"
    assert helper.get("/visits/waiting/").status_code == 403 and visit("芳").get(f"/households/{h}/ask/").status_code == 404


def test_grave_news_stand_first_and_what_it_was_stands_in_the_file_alone(visit, village):
    client, h = visit("香"), village["2050041"]
    assert client.post(f"/households/{h}/news/", {"kind": "", "words": ""}).status_code == 422
    assert client.post(f"/households/{h}/news/", {"kind": "fire", "words": "灶间烧了", "when": ""}).status_code == 302
    for address in ("/visits/", "/visits/waiting/"):
        page = text(client.get(address))
        assert "家里有变故，一天内去看" in page and "灶间" not in page and "火灾" not in page
    file = client.get(f"/households/{h}/?tab=visits")
    assert "火灾、房屋受损" in text(file) and "灶间烧了" in text(file)
    news = re.search(r'name="news" value="([^"]+)"', file.content.decode())[1]
    assert visit("芳").post(f"/households/{h}/news/void/", {"news": news}).status_code == 404
    assert client.post(f"/households/{h}/news/void/", {"news": news}).status_code == 302 and "家里有变故，一天内" not in text(client.get("/visits/"))


def test_the_village_s_figure_says_of_how_many_and_a_grid_has_none(visit, village):
    page = text(visit("香").get("/visits/"))
    assert re.search(r"家里有人的 \d+ 户，走到了 \d+ 户", page) and "%" not in page.split("该走访的户")[1][:400]
    assert "走到了" not in text(visit("兰").get("/visits/"))


def test_a_county_s_days_are_set_and_put_back(visit, village):
    client = visit("总")
    assert visit("香").get("/visits/intervals/").status_code == 403
    wrong = client.post("/visits/intervals/", {"code": "household", "days": "半年"})
    assert wrong.status_code == 422 and "半年" in wrong.content.decode()
    assert client.post("/visits/intervals/", {"code": "alone", "days": "20", "phone": "on"}).status_code == 302
    assert "本县改过" in text(client.get("/visits/intervals/"))
    assert client.post("/visits/intervals/", {"code": "alone", "back": "1"}).status_code == 302 and "本县改过" not in text(client.get("/visits/intervals/"))
