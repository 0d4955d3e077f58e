"""异地通办 on the pages of the window and the reception: matched, packed with consent, sent, answered, refused; the open door."""

from __future__ import annotations

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minqing.gateways import parcels as gateway
from minqing.gateways.parcels.fake import County
from minqing.service.actions import parcels
from minqing.service.models import Parcel, Partner, PartnerItem
from tests.service.test_parcel_door import known
from tests.service.test_parcels import (
    CODE,
    STRANGER,
    THEIR_ERRAND,
    THEIRS,
    altered,
    book,
    door,
    errand,
    packed,
    partner,
    scan,
)
from tests.web.test_staff import text

__all__ = ["door", "known"]


@pytest.fixture
def county():
    """模拟县 as it is today: pages know no other hour."""
    with County(THEIRS, CODE, parcels.own_card()) as made:
        yield made


def zipped(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("p.zip", data)


def test_cards_are_exchanged_and_a_catalogue_is_explained_once(world, open_as):
    zong = open_as("总")
    assert parcels.own_card().fingerprint in text(zong.get("/parcels/partners/"))
    wrong = zong.post("/parcels/partners/new/", {"name": "模拟县", "card": "mq1.330899.x", "url": "", "receipt_hours": "24"})
    assert wrong.status_code == 422 and "名片" in text(wrong) and "mq1.330899.x" in wrong.content.decode()
    page = zong.post("/parcels/partners/new/", {"name": "模拟县", "card": THEIRS.card(CODE).text, "url": "", "receipt_hours": "24"}, follow=True)
    assert THEIRS.card(CODE).fingerprint in text(page)
    with world.acting("总"):
        row = Partner.objects.get(code=CODE)
    address = f"/parcels/partners/{row.pk}/catalogue/"
    rows = [["序号", "编码", "服务的名字", "申请材料"], [1, "MN-001", "老年人优待证", "身份证"]]
    look = zong.post(address, {"file": SimpleUploadedFile("a.xlsx", book(rows))}).content.decode()
    assert "不认得" in look and "对，收下" not in look
    sure = re.search(r'name="sure" value="([^"]+)"', look).group(1)
    columns = {"c-编码": "code", "c-服务的名字": "name", "c-申请材料": "materials"}
    look = zong.post(address, {"sure": sure, "do": "look", **columns}).content.decode()
    assert "读到 1 项" in look and "对，收下" in look
    assert "新增 1 项" in text(zong.post(address, {"sure": re.search(r'name="sure" value="([^"]+)"', look).group(1), "do": "keep", **columns}, follow=True))
    assert "对，收下" in zong.post(address, {"file": SimpleUploadedFile("b.xlsx", book(rows))}).content.decode(), "explained once"
    with world.acting("总"):
        item = PartnerItem.objects.get()
    assert "建议" in text(zong.get(f"/parcels/partners/{row.pk}/"))
    assert "改了 1 项" in text(zong.post(f"/parcels/partners/{row.pk}/", {f"m-{item.pk}": "elder_card"}, follow=True))
    bad = zong.post(f"/parcels/partners/items/{item.pk}/", {"fields": "姓名|resident.no_such", "materials": "身份证"})
    assert bad.status_code == 422 and "no_such" in text(bad)
    assert zong.post(address, {"file": SimpleUploadedFile("x.pdf", b"%PDF-1.7 \xff\xfe")}).status_code == 422
    assert "表" in text(zong.post(address, {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04")}))


def test_an_errand_goes_out_with_consent_and_its_answer_comes_back(world, open_as, county):
    partner(world, county.url)
    m = errand(world)
    min_ = open_as("敏")
    assert "交给外县办" in text(min_.get(f"/errands/{m.pk}/"))
    page = text(min_.get(f"/errands/{m.pk}/parcel/"))
    assert "身份证复印件 × 1" in page and "存折" not in page and "不交的：性别、出生日期、现住址" in page
    with world.acting("敏"):
        item = PartnerItem.objects.get(code="MN-001")
    refused = min_.post(f"/errands/{m.pk}/parcel/", {"item": str(item.pk), "papers": ["1"], "consent_how": "signed"})
    assert refused.status_code == 422 and "念给本人听" in text(refused) and "checked" in refused.content.decode()
    made = min_.post(f"/errands/{m.pk}/parcel/", {"item": str(item.pk), "papers": ["1"], "consent_how": "signed", "consented": "on"}, follow=True)
    assert "还没有送出" in text(made) and "本人同意：当面签字" in text(made)
    assert "1 个包裹备好了没有送" in text(min_.get("/"))
    with world.acting("敏"):
        row = Parcel.objects.get()
    here = f"/parcels/{row.pk}/"
    assert min_.get(here + "send/").status_code == 405
    file = min_.post(here + "send/", {"do": "file"})
    assert gateway.unpack(file.content, THEIRS, own=CODE, sender=parcels.own_card(), now=row.made_at).content["number"] == m.number
    county.broken = True
    assert "维护" in text(min_.post(here + "send/", {"do": "http"}, follow=True))
    county.broken = False
    assert "编号 MN2600001" in text(min_.post(here + "send/", {"do": "http"}, follow=True))
    said = min_.post("/parcels/take/", {"file": zipped(county.status(row.pk, "refused", words="照片不清楚，请重拍"))}, follow=True)
    assert "照片不清楚" in text(said) and "改好重新寄" in text(said)
    assert "1 件被外县退回" in text(min_.get("/"))
    assert f"?again={row.pk}" in said.content.decode()
    again = min_.post(f"/errands/{m.pk}/parcel/", {"item": str(item.pk), "consent_how": "spoken", "consented": "on", "again": str(row.pk)}, follow=True)
    assert "还没有送出" in text(again)
    assert "件被外县退回" not in text(min_.get("/"))
    with world.acting("敏"):
        new = Parcel.objects.exclude(pk=row.pk).get()
    assert "不再等对方" in text(min_.get(f"/parcels/{new.pk}/drop/"))
    assert min_.post(f"/parcels/{new.pk}/drop/", {"why": "本人改在本地办"}).status_code == 302


def test_what_is_wrong_is_said_on_the_page_and_listed(world, open_as, county):
    partner(world, county.url)
    zong = open_as("总")
    answer = zong.post("/parcels/take/", {"file": zipped(altered(county.hand_over(THEIR_ERRAND, (scan(),))))})
    assert answer.status_code == 422 and "路上被改过" in text(answer)
    page = text(zong.get("/parcels/?tab=refused"))
    assert "路上被改过" in page and CODE in page
    done = zong.post("/parcels/take/", {"file": zipped(county.hand_over(THEIR_ERRAND, (scan(),)))}, follow=True)
    assert "已收下模拟县" in text(done) and "王远" in text(done)
    with world.acting("总"):
        row = Parcel.objects.get(direction="in")
    assert "1 条回执或消息要交给外县" in text(zong.get("/"))
    assert zong.post(f"/parcels/{row.pk}/tell/", {"state": "refused", "words": "不行"}).status_code == 422
    assert "要交给对方" in text(zong.post(f"/parcels/{row.pk}/tell/", {"state": "done", "words": "优待证已办好，等您来取"}, follow=True))
    assert "已交给对方 2 条" in text(zong.post("/parcels/words/", follow=True))
    assert [x.content["state"] for x in county.letters.values()] == ["received", "done"]


def test_a_reply_without_an_interface_is_a_file(world, open_as, county):
    partner(world)
    zong = open_as("总")
    zong.post("/parcels/take/", {"file": zipped(county.hand_over(THEIR_ERRAND, (scan(),)))})
    with world.acting("总"):
        step = Parcel.objects.get().steps.get()
    data = zong.post(f"/parcels/words/{step.pk}/", {"do": "file"}).content
    assert county.take(data) is None and next(iter(county.letters.values())).content["state"] == "received"
    assert "记下交给了对方" in text(zong.post(f"/parcels/words/{step.pk}/", {"do": "handed"}, follow=True))


@pytest.mark.parametrize(("name", "status"), [("香", 403), ("琴", 403), ("国", 403), ("数", 403), ("芳", 403), ("建", 403), ("受", 404)])
def test_whoever_has_not_the_errand_opens_nothing(world, open_as, name, status):
    partner(world)
    m = errand(world)
    row = packed(world, m)
    browser = open_as(name)
    for path in (f"/parcels/{row.pk}/", f"/parcels/{row.pk}/drop/", f"/parcels/{row.pk}/tell/", f"/errands/{m.pk}/parcel/"):
        assert browser.get(path).status_code in (status, 404), path
    assert browser.post(f"/parcels/{row.pk}/send/", {"do": "file"}).status_code in (status, 404)
    for path in ("/parcels/partners/", "/parcels/partners/new/"):
        assert browser.get(path).status_code == 403, path


def test_the_open_door_takes_what_is_signed_and_says_why_not(known, open_as, county, world):
    client = Client()

    def arrive(data: bytes):
        return client.post("/parcels/in/", data, content_type="application/zip")

    assert client.get("/parcels/in/").status_code == 405
    assert arrive(b"").status_code == 413
    wrong = arrive(altered(county.hand_over(THEIR_ERRAND)))
    assert wrong.status_code == 422 and "改过" in wrong.json()["error"]
    assert arrive(gateway.pack(gateway.Letter(uuid.uuid4(), "handover", "330822", "330881", county.clock(), {}), STRANGER, parcels.own_card())).json()["code"] == "stranger"
    assert parcels.arrived() == 0
    assert arrive(county.hand_over(THEIR_ERRAND, (scan(),))).status_code == 202
    assert "收下送到的 1 个" in text(open_as("总").get("/parcels/"))
    assert "已收下模拟县" in text(open_as("总").post("/parcels/collect/", follow=True))
