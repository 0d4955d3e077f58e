"""说件事 from a card at a door, and with what is hard to type: photos, a voice; nothing of it is lost by a mistake elsewhere."""

from __future__ import annotations

import io
import os
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from minqing.service.actions import cards, enclosures
from minqing.service.models import Attachment, Matter
from tests.contracts.foreign import superuser
from tests.people import PENGLI, World
from tests.portal.conftest import browser
from tests.portal.test_matters import picture, receipt, say
from tests.web.conftest import FLAGS, Desk, chromium_path, desk, desk_server  # noqa: F401 - fixtures

GRID1 = PENGLI + "001"
WEBM = b"\x1aE\xdf\xa3" + b"sound" * 100


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """With a microphone that plays a tone, and a person who allows it."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium_path(), args=[*FLAGS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"])
        yield made
        made.close()


@pytest.fixture
def card(clean: Any) -> Iterator[Any]:
    with World.acting("兰") as lan:
        made = cards.for_doors(grid=GRID1, by=lan, at=timezone.now())[0]
    yield made
    with superuser() as root:
        root.execute("delete from service_placecard")


def test_a_card_opens_the_page_with_its_place(card):
    anybody = browser()
    way = anybody.get(f"/q/{card.code}/")
    assert way.headers["Location"] == f"/my/say/?card={card.code}"
    page = anybody.get(way.headers["Location"])
    assert f'value="{card.spot}"' in page.content.decode() and "彭里村" in page.content.decode()
    number, _word = receipt(anybody.post(way.headers["Location"], {"words": "门口的路灯不亮了", "kind": "help", "phone": "15400000033", "spot": card.spot}))
    with World.acting("香"):
        row = Matter.objects.get(number=number.replace(" ", ""))
        assert (row.place_code, row.spot) == (PENGLI, card.spot)


def test_a_card_that_holds_no_more_asks_where(card):
    with World.acting("香") as xiang:
        cards.revoke(card=card.pk, by=xiang, at=timezone.now())
    for code in (card.code, "2" * 12, "nothing"):
        page = browser().get(f"/q/{code}/", follow=True)
        assert page.status_code == 200 and "这张卡已停用" in page.content.decode() and card.spot not in page.content.decode()


def test_a_mistake_elsewhere_costs_neither_photo_nor_recording(clean):
    visitor = browser()
    wrong = say(visitor, words="", phone="12", photo=SimpleUploadedFile("a.jpg", picture()), voice=SimpleUploadedFile("v.webm", WEBM))
    page = wrong.content.decode()
    assert wrong.status_code == 422 and "1 张照片已经带上" in page and "录音已经带上" in page
    words = [part.split('"')[0] for part in page.split('name="held" value="')[1:]]
    lying = [p.read_bytes() for p in (settings.HOME / "attachments" / "held").iterdir()]
    assert len(words) == 2 and lying and all(WEBM[:40] not in content and b"JFIF" not in content for content in lying)
    number, _word = receipt(say(visitor, words="", phone="15400000033", held=words))
    with World.acting("香"):
        kept = {a.kind: enclosures.read(a) for a in Attachment.objects.filter(matter__number=number.replace(" ", ""))}
    assert kept["voice"] == WEBM and Image.open(io.BytesIO(kept["photo"])).size == (1600, 800)
    assert [enclosures.held(w) for w in words] == [None, None]                     # they lie with their matter now


def test_what_is_held_is_held_for_an_hour():
    word = enclosures.hold(enclosures.File("voice", "v.webm", "audio/webm", WEBM))
    assert enclosures.held(word) == enclosures.File("voice", "v.webm", "audio/webm", WEBM)
    assert enclosures.held("../../keys/x") is None and enclosures.held(uuid.uuid4().hex) is None
    path = enclosures._held_path(word)
    os.utime(path, (time.time() - 4000,) * 2)
    assert enclosures.held(word) is None and not path.exists()


def test_too_many_photos_are_one_sentence(clean):
    page = say(browser(), photo=[SimpleUploadedFile(f"{n}.jpg", picture()) for n in range(6)])
    assert page.status_code == 422 and "最多 5 个" in page.content.decode()


def big() -> bytes:
    """Noise of 12 million pixels: a telephone's photo of several MB."""
    out = io.BytesIO()
    Image.effect_noise((4000, 3000), 90).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def test_a_photo_and_a_voice_in_a_browser(desk, clean):  # noqa: F811
    page = desk.page(None, width=390)
    page.context.grant_permissions(["microphone"], origin=desk.url)
    sent: list[int] = []
    page.on("request", lambda r: sent.append(len(r.post_data_buffer or b"")) if r.method == "POST" else None)
    page.goto(f"/my/say/?place={PENGLI}")
    photo = big()
    page.get_by_label("照片").set_input_files([{"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo}])
    page.get_by_text("照片已缩小").wait_for()
    page.get_by_role("button", name="按一下，开始说").click()
    page.get_by_text("正在录音").wait_for()
    page.wait_for_timeout(700)
    page.get_by_role("button", name="停止").click()
    page.get_by_text("录好了").wait_for()
    desk.check(page)
    page.get_by_label("给您回话的电话").fill("15400000033")
    page.get_by_role("button", name="提交").click()
    page.wait_for_load_state()
    assert page.locator(".errors").count() == 0, page.locator(".errors").inner_text()
    page.get_by_role("heading", name="您说的事，我们收到了").wait_for()
    assert len(photo) > 3_000_000 and sent[-1] < len(photo) / 3                   # small before it goes over the air
    number = page.locator(".okp .no").first.inner_text().replace(" ", "")
    with World.acting("香"):
        rows = {a.kind: a for a in Attachment.objects.filter(matter__number=number)}
        assert set(rows) == {"photo", "voice"} and rows["voice"].media == "audio/webm"
        assert max(Image.open(io.BytesIO(enclosures.read(rows["photo"]))).size) == 1600
        assert b"JFIF" not in enclosures.path_of(rows["photo"].pk).read_bytes()
    desk.check(page)


def test_without_a_microphone_a_recording_is_a_file(desk, clean):  # noqa: F811
    page = desk.page(None, width=390)
    page.add_init_script("navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('no'))")
    page.goto(f"/my/say/?place={PENGLI}")
    page.get_by_role("button", name="按一下，开始说").click()
    page.get_by_text("没有打开麦克风").wait_for()
    page.get_by_label("录音").set_input_files([{"name": "v.webm", "mimeType": "audio/webm", "buffer": WEBM}])
    page.get_by_label("给您回话的电话").fill("15400000033")
    page.get_by_role("button", name="提交").click()
    page.get_by_role("heading", name="您说的事，我们收到了").wait_for()
