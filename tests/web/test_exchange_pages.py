"""12345 and 四平台 on the reception's pages: a file by hand, rows that could not be read, answers there and back, numbers found."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minqing.gateways.orders.fake import Platform
from minqing.service.actions import callbacks, handling, matters
from minqing.service.models import ForeignOrder, Matter, OrderFile, OrderRow
from tests.people import PENGLI
from tests.service.doors import MORNING
from tests.web.test_staff import text

ROWS = "工单编号,受理时间,诉求人,联系电话,诉求内容,事发地址,诉求类型\nJS-1,2026-11-24 09:00,毛水木,15412345678,村口的路灯坏了三天,虎山街道彭里村上塘,求助\n,2026-11-24,王某,,没有编号的一行,彭里村,求助\nJS-3,前天,,,自来水浑了,彭里村,求助\n"


def upload(browser: Client, content: str = ROWS, name: str = "交办单.csv", **more):
    return browser.post("/exchange/upload/", {"system": "12345", "file": SimpleUploadedFile(name, content.encode()), **more}, follow=True)


def closed(world, number: str = "JS-1") -> None:
    with world.acting("总") as zong:
        m = Matter.objects.get(foreign_orders__number=number)
        m = matters.dispatch(matter=matters.accept(matter=m, by=zong, at=MORNING), lead=PENGLI, by=zong, at=MORNING)
    with world.acting("香") as xiang:
        m = handling.reply(matter=handling.sign(matter=m, by=xiang, at=MORNING), words="路灯已换新", outcome="solved", by=xiang, at=MORNING)
    with world.acting("总") as zong:
        callbacks.call_back(matter=m, channel="phone", reached=True, solved="yes", satisfied="yes", by=zong, at=MORNING)


def test_a_file_by_hand_is_taken_in_once_and_its_bad_rows_say_what_to_do(world, open_as):
    zong = open_as("总")
    page = text(upload(zong))
    assert "新收 1 件" in page and "没有读懂 2 行" in page
    assert "第 3 行" in page and "工单编号" in page and "没有工单编号" in page
    assert "受理时间" in page and "“前天”" in page and "2026-11-25 09:30" in page
    assert "已经收过" in text(upload(zong)), "the same bytes again"
    again = text(upload(zong, ROWS.replace("王某", "王先生"), "又一份.csv"))
    assert "已经在这里的 1 件" in again and "新收 0 件" in again
    with world.acting("总"):
        assert ForeignOrder.objects.count() == 1
        assert OrderFile.objects.count() == 2
        assert OrderRow.objects.filter(state="waiting").count() == 3, "the changed row waits, the equal one does not wait twice"
    assert "2 行工单没有读懂" in text(zong.get("/")) or "3 行工单没有读懂" in text(zong.get("/"))


def test_a_row_is_mended_and_what_was_typed_stays(world, open_as):
    zong = open_as("总")
    upload(zong)
    with world.acting("总"):
        row = OrderRow.objects.get(column="received_at")
    address = f"/exchange/rows/{row.pk}/"
    assert 'value="前天"' in zong.get(address).content.decode()
    still = zong.post(address, {"do": "mend", "number": "JS-3", "words": "自来水浑了两天", "received_at": "昨天", "place": "彭里村"})
    assert still.status_code == 422 and "昨天" in still.content.decode() and "自来水浑了两天" in still.content.decode()
    done = text(zong.post(address, {"do": "mend", "number": "JS-3", "words": "自来水浑了两天", "received_at": "2026-11-24 08:00", "place": "虎山街道彭里村"}, follow=True))
    assert "已收下，本系统编号" in done
    assert "已改好收下" in text(zong.get(address))
    twice = zong.post(address, {"do": "mend", "number": "JS-4", "words": "别的事", "received_at": ""})
    assert twice.status_code == 422 and "已有同事处理过" in text(twice)
    with world.acting("总"):
        assert ForeignOrder.objects.get(number="JS-3").matter.place_code == PENGLI
        other = OrderRow.objects.get(column="number")
    assert zong.post(f"/exchange/rows/{other.pk}/", {"do": "drop", "drop-why": ""}).status_code == 422
    assert "不收" in text(zong.post(f"/exchange/rows/{other.pk}/", {"do": "drop", "drop-why": "对方已重发"}, follow=True))


def test_a_mended_row_whose_number_is_known_makes_no_second_matter(world, open_as):
    zong = open_as("总")
    upload(zong)
    with world.acting("总"):
        row = OrderRow.objects.get(column="number")
    page = text(zong.post(f"/exchange/rows/{row.pk}/", {"do": "mend", "number": "JS-1", "words": "村口的路灯坏了三天", "place": "彭里村"}, follow=True))
    assert "已经在这里" in page
    with world.acting("总"):
        assert Matter.objects.filter(foreign_orders__number="JS-1").count() == 1


def test_answers_are_downloaded_marked_come_back_and_go_again(world, open_as, settings):
    zong = open_as("总")
    upload(zong)
    closed(world)
    page = zong.get("/exchange/replies/").content.decode()
    assert "路灯已换新" in page and "按接口交给对方" not in page
    these = re.search(r'name="these" value="([^"]+)"', page).group(1)
    book = zong.post("/exchange/replies/hand/", {"system": "12345", "these": these, "do": "download"})
    assert [c.value for c in openpyxl.load_workbook(io.BytesIO(book.content)).active["A"]] == ["工单编号", "JS-1"]
    with world.acting("总"):
        assert ForeignOrder.objects.get(number="JS-1").replied_at is None, "a download alone has told nobody"
    assert "1 件的答复已交给对方" in text(zong.post("/exchange/replies/hand/", {"system": "12345", "these": these, "do": "mark"}, follow=True))
    with world.acting("总"):
        order = ForeignOrder.objects.get(number="JS-1")
    assert "为什么退回" in text(zong.post(f"/exchange/orders/{order.pk}/back/", {"why": "没有写谁来修的"}, follow=True))
    assert zong.post(f"/exchange/orders/{order.pk}/again/", {"words": ""}).status_code == 422
    with Platform("k") as platform:
        settings.EXCHANGE = {**settings.EXCHANGE, "12345": (platform.url, "k")}
        platform.refuse["JS-1"] = "答复太短"
        page = zong.post(f"/exchange/orders/{order.pk}/again/", {"words": "村电工王师傅修的"}, follow=True).content.decode()
        these = re.search(r'name="these" value="([^"]+)"', page).group(1)
        assert "对方退回 1 件" in text(zong.post("/exchange/replies/hand/", {"system": "12345", "these": these, "do": "send"}, follow=True))
        assert "答复太短" in text(zong.get("/exchange/replies/"))
        assert "1 件答复被对方退回" in text(zong.get("/"))
        platform.refuse.clear()
        page = zong.post(f"/exchange/orders/{order.pk}/again/", {"words": "村电工王师傅修的，灯杆也换了"}, follow=True).content.decode()
        these = re.search(r'name="these" value="([^"]+)"', page).group(1)
        zong.post("/exchange/replies/hand/", {"system": "12345", "these": these, "do": "send"})
        assert "灯杆也换了" in platform.replies["JS-1"]["words"]
        platform.broken = True
        assert "没有回应" in text(zong.post("/exchange/fetch/", {"system": "12345"}, follow=True))
    assert zong.post("/exchange/replies/hand/", {"system": "12345", "these": "forged", "do": "mark"}, follow=True).status_code == 200


def test_the_foreign_number_is_found_from_every_box_by_who_sits_at_the_matter(world, open_as):
    upload(open_as("总"))
    with world.acting("总") as zong:
        m = Matter.objects.get(foreign_orders__number="JS-1")
        matters.dispatch(matter=matters.accept(matter=m, by=zong, at=MORNING), lead=PENGLI, by=zong, at=MORNING)
    for name, path in (("总", "/matters/?q=js-1"), ("香", "/matters/?q=JS-1"), ("总", "/search/?q=JS-1"), ("香", "/search/?q=JS-1")):
        answer = open_as(name).get(path)
        assert answer.status_code == 302 and answer.headers["Location"] == f"/matters/{m.pk}/", (name, path)
    page = text(open_as("香").get(f"/matters/{m.pk}/"))
    assert "JS-1" in page and "12345 热线" in page
    assert str(m.pk) not in open_as("芳").get("/search/?q=JS-1", follow=True).content.decode()
    assert "没有找到这个编号" in text(open_as("芳").get("/matters/?q=JS-1", follow=True))


@pytest.mark.parametrize("name", ["香", "敏", "琴", "国", "受", "建", "数", "审"])
def test_only_the_county_reception_opens_the_pages(world, open_as, name):
    upload(open_as("总"))
    with world.acting("总"):
        row, file, order = OrderRow.objects.first(), OrderFile.objects.first(), ForeignOrder.objects.first()
    browser = open_as(name)
    for path in ("", "rows/", "replies/", f"rows/{row.pk}/", f"files/{file.pk}/", f"orders/{order.pk}/again/", f"orders/{order.pk}/back/"):
        assert browser.get(f"/exchange/{path}").status_code in (403, 404), path
    assert browser.post("/exchange/upload/", {"system": "12345", "file": SimpleUploadedFile("a.csv", ROWS.encode())}).status_code == 403
    with world.acting(name):
        assert not OrderRow.objects.exists() and not OrderFile.objects.exists()


@pytest.mark.parametrize(("name", "content", "sentence"), [("空.xlsx", b"", "空"), ("别的.csv", "名称,数量\n苹果,3\n".encode(), "名称、数量"), ("坏.xlsx", b"PK\x03\x04broken", "打不开")])
def test_a_file_that_is_none_says_what_to_do(open_as, name, content, sentence):
    answer = open_as("总").post("/exchange/upload/", {"system": "12345", "file": SimpleUploadedFile(name, content)}, follow=True)
    assert sentence in text(answer)
