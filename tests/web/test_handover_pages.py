"""网格交接 on the desk: 香 begins, 兰 ticks and signs, the booklet is printed with the record at its end; who opens no files sees none."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdfium2 import PdfDocument

from minqing.access.models import Staff
from minqing.contact.models import HandoverItem
from tests.archives import village
from tests.people import CAST, PENGLI
from tests.service.doors import ask
from tests.web.test_staff import text

GRID = PENGLI + "001"


@pytest.fixture
def family(world) -> Any:
    village.grids()
    with world.acting("兰") as me:
        ask(me, "村口的路灯坏了", place=GRID)
        return village.Family(me)


def begun(world: Any, open_as: Any) -> str:
    with world.acting("香"):
        lan = Staff.objects.get(number=CAST["兰"].number).pk
    made = open_as("香").post(f"/handovers/grids/{GRID}/begin/", {"giver": "", "taker": str(lan)})
    assert made.status_code == 302, text(made)
    return made["Location"]


def test_from_the_first_tick_to_the_last_signature(world, open_as, family):
    url, xiang, lan = begun(world, open_as), open_as("香"), open_as("兰")
    assert xiang.post(url + "add/", {"words": "祠堂钥匙两把"}).status_code == 302 and "祠堂钥匙两把" in text(lan.get(url))
    with world.acting("香"):
        items = [str(pk) for pk in HandoverItem.objects.values_list("pk", flat=True)]
    for browser, side in ((xiang, "gave"), (lan, "took")):
        assert "签：" not in text(browser.get(url))
        for pk in items:
            assert browser.post(f"{url}items/{pk}/", {"side": side, "yes": "1"}).status_code == 302
    assert "签：接手" not in text(lan.get(url))
    assert xiang.post(url + "sign/?side=gave", {"remarks": "钥匙一把锈了"}).status_code == 302
    assert "1 次网格交接等您签" in text(lan.get("/"))
    assert lan.post(url + "sign/?side=took", {"remarks": ""}).status_code == 302
    page = text(xiang.get(url))
    assert "已交接" in page and "郑书香" in page and "代签" in page and "钥匙一把锈了" in page
    words = "".join("".join(p.get_textpage().get_text_range() for p in PdfDocument(lan.get(f"/handovers/grids/{GRID}/booklet.pdf").content)).split())
    assert "网格交接册" in words and "交接单" in words and "祠堂钥匙两把" in words and "姜晓兰" in words


def test_the_booklet_on_the_screen(world, open_as, family):
    xiang = open_as("香")
    assert "看交接册" in text(xiang.get("/handovers/"))
    assert family.household.head_name in text(xiang.get(f"/handovers/grids/{GRID}/"))
    assert "村口的路灯坏了" in text(xiang.get(f"/handovers/grids/{GRID}/?tab=open")) and "连心服务员" in text(xiang.get(f"/handovers/grids/{GRID}/?tab=help"))


@pytest.mark.parametrize("path", ["/handovers/", f"/handovers/grids/{GRID}/", f"/handovers/grids/{GRID}/?tab=open", f"/handovers/grids/{GRID}/?tab=help", "record"])
def test_no_page_sends_more_than_twelve_statements(world, open_as, family, path):
    url = begun(world, open_as) if path == "record" else path
    browser = open_as("香")
    browser.get(url)
    with CaptureQueriesContext(connection) as sent:
        assert browser.get(url).status_code == 200
    assert len(sent) <= 12, [q["sql"][:90] for q in sent]


@pytest.mark.parametrize("name", ["强", "芳", "国", "梅", "敏", "审"])
def test_whoever_has_nothing_to_do_with_the_grid_finds_nothing(world, open_as, family, name):
    url, browser = begun(world, open_as), open_as(name)
    for path in (url, url + "add/", url + "sign/?side=took", url + "drop/", f"/handovers/grids/{GRID}/", f"/handovers/grids/{GRID}/booklet.pdf", f"/handovers/grids/{GRID}/begin/"):
        assert browser.get(path).status_code == 404, path
    with world.acting("香"):
        item = HandoverItem.objects.first().pk
    assert browser.post(f"{url}items/{item}/", {"side": "took", "yes": "1"}).status_code == 404
    assert not re.search(r"/handovers/[0-9a-f-]{36}/", browser.get("/handovers/").content.decode())


def test_bad_input_is_one_sentence_and_nothing_is_lost(world, open_as, family):
    xiang = open_as("香")
    wrong = xiang.post(f"/handovers/grids/{GRID}/begin/", {"giver": "", "taker": ""})
    assert wrong.status_code == 422 and "请选择" in text(wrong)
    url = begun(world, open_as)
    assert "还没有办完" in text(xiang.post(f"/handovers/grids/{GRID}/begin/", {"giver": "", "taker": re.search(r'value="([0-9a-f-]{36})"', xiang.get(f"/handovers/grids/{GRID}/begin/").content.decode()).group(1)}))
    assert "一样一样" in text(xiang.post(url + "sign/?side=gave", {"remarks": "早签了"}))
