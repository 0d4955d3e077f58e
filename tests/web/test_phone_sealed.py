"""Photos of a phone whose store is gone, in Chromium: taken without a signal, the PIN forgotten, on line again; they arrive with their matter."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from minqing.service.models import Attachment, Matter
from tests.contracts.foreign import superuser
from tests.web.conftest import Desk
from tests.web.phone import COUNT, PIN, SCAN, SPOIL, looked, photo, shot, start, sweep, to_file, unlock, until

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def swept(village) -> Iterator[None]:
    yield
    sweep("sync_sealedpart", "sync_sealedfile", "sync_part", "sync_blob", "service_attachment")


def slide(page: Page, photos: int = 1, words: str = "后山昨夜滑坡，石头滚到灶间门口") -> None:
    """A matter with photos, taken down at 43号."""
    to_file(page)
    page.get_by_role("button", name="记一件事").click()
    page.fill("#v-words", words)
    for n in range(photos):
        page.set_input_files("input[type=file]", photo(900 + n, 700))
        expect(page.locator("img.th")).to_have_count(n + 1)
    page.get_by_role("button", name="登记这件事").click()
    expect(page.get_by_text("已存手机，有网自动传")).to_be_visible()


def forget(page: Page) -> None:
    """Ten wrong PINs."""
    page.reload()
    for n in range(9, -1, -1):
        unlock(page, f"90817{n}")
        expect(page.get_by_text(f"还能试 {n} 次" if n else "手机里的档案已清空").last).to_be_visible()


def set_up(page: Page) -> None:
    page.get_by_label("手机口令").fill(PIN)
    page.get_by_label("再输一遍").fill(PIN)
    page.get_by_role("button", name="设好").click()


def test_photos_taken_without_a_signal_survive_ten_wrong_pins_and_come_with_their_matter(desk: Desk, village):
    page, unsealed = start(desk), []
    context = page.context
    context.set_offline(True)
    slide(page, 2)
    assert (page.evaluate(COUNT, "bytes"), page.evaluate(COUNT, "files")) == (2, 2)
    # a photo of a form that nobody finished belongs to nothing: it goes with the store
    to_file(page, "12-1号")
    page.get_by_role("button", name="记一件事").click()
    page.set_input_files("input[type=file]", photo(500, 400))
    expect(page.locator("img.th")).to_be_visible()
    assert (page.evaluate(COUNT, "bytes"), page.evaluate(COUNT, "files")) == (3, 2)
    before = page.evaluate(SCAN)
    assert [word for word in ("JFIF", "后山昨夜") if word in before] == []
    forget(page)
    assert [page.evaluate(COUNT, store) for store in ("rows", "out", "drafts", "media", "bytes", "files")] == [0, 0, 0, 0, 2, 2]
    page.on("request", lambda r: unsealed.append(r.url) if "/api/blobs" in r.url else None)
    context.set_offline(False)
    page.route("**/phone/api/sealed/files/*/*/0", lambda route: route.abort(), times=1)  # the signal goes in the middle of it
    with page.expect_event("requestfailed", lambda r: r.method == "PUT"):
        page.reload()
    until(page, f"({COUNT})('sealed').then((n) => n === 0)")
    expect(page.get_by_label("手机口令")).to_be_visible()
    assert page.evaluate(COUNT, "bytes") == 2
    page.evaluate("dispatchEvent(new Event('online'))")
    until(page, f"({COUNT})('bytes').then((n) => n === 0)")
    assert page.evaluate(COUNT, "files") == 0
    with superuser() as root:
        assert root.execute("select count(*), min(state), max(state) from sync_sealedfile").fetchone() == (2, "kept", "kept")
        assert root.execute("select count(*) from sync_sealedpart p where position('JFIF'::bytea in p.content) > 0").fetchone() == (0,)
    set_up(page)
    page.get_by_role("button", name=re.compile("^待传")).last.click()
    expect(page.get_by_text("照片、录音 2 个，都到了")).to_be_visible()
    wrong = looked(desk, page, "sealed-outbox")
    with desk.world.acting("香"):
        assert not Matter.objects.filter(title__startswith="后山昨夜").exists()
    page.get_by_role("button", name="是我填的").click()
    expect(page.get_by_text("封着传来的")).to_have_count(0)
    with desk.world.acting("香"):
        made = Matter.objects.get(title__startswith="后山昨夜")
        assert [a.kind for a in Attachment.objects.filter(matter=made)] == ["photo", "photo"]
    assert unsealed == [] and wrong + [c for c in desk.complaints[page] if "ERR_FAILED" not in c and "ERR_INTERNET" not in c] == []


def test_a_matter_that_had_arrived_still_gets_its_photo(desk: Desk, village):
    """Only the photo had not been sent: its author has nothing more to say."""
    page = start(desk)
    page.get_by_role("button", name="我的", exact=True).click()
    page.locator(".pick label", has_text="点了才传").click()
    slide(page)
    page.get_by_role("button", name=re.compile("^待传")).last.click()
    expect(page.get_by_text(re.compile("编号 .*口令"))).to_be_visible()
    assert (page.evaluate(COUNT, "sealed"), page.evaluate(COUNT, "files")) == (0, 1)
    forget(page)
    until(page, f"({COUNT})('bytes').then((n) => n === 0)")  # at once: there is a network
    set_up(page)
    expect(page.get_by_role("button", name=re.compile("已同步"))).to_be_visible()
    with desk.world.acting("香"):
        assert Attachment.objects.filter(matter__title__startswith="后山昨夜").count() == 1


def test_without_unlocking_all_is_sent_and_opened_later_nothing_is_sent_twice(desk: Desk, village):
    page, sent = start(desk), []
    page.context.set_offline(True)
    slide(page)
    page.reload()
    expect(page.get_by_role("button", name="不解锁，先传出 1 条、附件 1 个")).to_be_visible()
    shot(page, "sealed-lock")
    page.context.set_offline(False)
    page.get_by_role("button", name=re.compile("不解锁，先传出")).click()
    expect(page.get_by_text("1 条、附件 1 个已封好传给服务器")).to_be_visible()
    assert (page.evaluate(COUNT, "bytes"), page.evaluate(COUNT, "media")) == (1, 1)  # of a store that is only locked, nothing goes
    page.on("request", lambda r: sent.append(r.url) if r.method == "PUT" else None)
    unlock(page)
    until(page, f"({COUNT})('bytes').then((n) => n === 0)")
    assert sent == [] and page.evaluate(COUNT, "files") == 0
    with desk.world.acting("香"):
        assert Attachment.objects.filter(matter__title__startswith="后山昨夜").count() == 1


def test_a_photo_whose_line_no_longer_opens_goes_sealed(desk: Desk, village):
    page = start(desk)
    page.context.set_offline(True)
    slide(page)
    page.get_by_role("button", name="我的", exact=True).click()
    page.get_by_role("button", name="现在锁上").click()
    page.evaluate(SPOIL, ["media", ""])
    unlock(page)
    expect(page.get_by_role("heading", name="我的")).to_be_visible()
    assert (page.evaluate(COUNT, "media"), page.evaluate(COUNT, "bytes")) == (0, 1)
    page.context.set_offline(False)
    page.get_by_role("button", name=re.compile("待传")).last.click()
    page.get_by_role("button", name="现在同步").click()
    until(page, f"({COUNT})('bytes').then((n) => n === 0)")
    expect(page.get_by_role("button", name=re.compile("已同步"))).to_be_visible()
    with desk.world.acting("香"):
        assert Attachment.objects.filter(matter__title__startswith="后山昨夜").count() == 1


def test_a_photo_of_the_version_before_gets_a_key_of_its_own(desk: Desk, village):
    page = start(desk)
    page.context.set_offline(True)
    slide(page)
    # as it lay there before: under the key of the store, and not sealed
    page.evaluate("""async () => { const { S, bytesOf } = await import('/static/phone/store.js'), vault = await import('/static/phone/vault.js'), base = await import('/static/phone/base.js');
      const [m] = S.media.values(), bytes = await bytesOf(m.id), { own, cipher, ...old } = m, was = TextEncoder.prototype.encode;
      TextEncoder.prototype.encode = function (text) { return text === '"bytes"' ? bytes : was.call(this, text); };
      const box = await vault.seal('bytes', m.id, 'bytes');
      TextEncoder.prototype.encode = was;
      await base.write(['files'], ['sealed'], ['media', m.id, await vault.seal('media', m.id, old)], ['bytes', m.id, box]); }""")
    page.reload()
    unlock(page)
    until(page, f"({COUNT})('files').then((n) => n === 1)")
    forget(page)
    page.context.set_offline(False)
    page.reload()
    until(page, f"({COUNT})('bytes').then((n) => n === 0)")
    set_up(page)
    page.get_by_role("button", name=re.compile("^待传")).last.click()
    page.get_by_role("button", name="是我填的").click()
    expect(page.get_by_text("封着传来的")).to_have_count(0)
    with desk.world.acting("香"):
        assert Attachment.objects.filter(matter__title__startswith="后山昨夜").count() == 1
