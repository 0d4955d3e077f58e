"""The phone in Chromium, really offline: first start, a visit without a signal, a reload, a killed tab, a new version, ten wrong PINs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from minqing.contact.actions import visits
from minqing.contact.models import Visit
from minqing.sync.actions import devices, operations
from minqing.web.phone import shell
from tests.contracts.foreign import superuser
from tests.web.phone import MODES, PIN, SCAN, SMALL, shot, start, sweep, unlock, until

pytestmark = pytest.mark.browser

@pytest.fixture(autouse=True)
def swept(village) -> Iterator[None]:
    yield
    sweep()


def screens(page: Page) -> Iterator[str]:
    """Walk through every page of the phone; the name of each as it stands on the screen."""
    yield "list"
    page.get_by_role("button", name="找户", exact=True).click()
    page.fill("#q", "姜水仙")
    yield "find"
    page.locator(".hh .to").first.click()
    expect(page.get_by_role("heading", name="家里人")).to_be_visible()
    yield "file"
    page.get_by_role("button", name="记走访").click()
    page.locator(".pick label", has_text="姜水仙").first.click()
    yield "visit"
    page.fill("#v-wish", "想在台阶边装一盏灯")
    page.get_by_role("button", name="返回").click()
    expect(page.get_by_role("heading", name="家里人")).to_be_visible()
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name="待传", exact=False).last.click()
    yield "outbox"
    page.get_by_role("button", name="事项", exact=True).click()
    yield "matters"
    page.get_by_role("button", name="我的", exact=True).click()
    yield "me"
    page.get_by_role("button", name="现在锁上").click()
    unlock(page, "000111")
    expect(page.get_by_text("还能试 9 次")).to_be_visible()
    yield "lock"


@pytest.mark.parametrize(("width", "mode"), [(390, "day"), (360, "night"), (360, "large"), (390, "large-night")])
def test_every_page_is_without_violation_and_fits(desk, village, width, mode):
    page = start(desk, width=width, **MODES[mode])
    wrong = []
    for name in screens(page):
        shot(page, f"{name}-{width}-{mode}")
        wrong += [f"{name}: {v}" for v in desk.axe(page)] + [f"{name}: {desk.overflow(page)} px too wide"] * bool(desk.overflow(page)) + [f"{name}: small target {t}" for t in page.evaluate(SMALL)]
    assert wrong + desk.complaints[page] == []


def test_a_visit_without_a_signal_survives_reload_and_a_killed_tab_and_arrives_once(desk, village):
    page = start(desk)
    page.context.set_offline(True)
    page.reload()
    unlock(page)
    page.get_by_role("button", name="找户", exact=True).click()
    for words in ("姜水仙", "jsx", "jiangshui", "43号", "zhouzhiwei"):
        page.fill("#q", words)
        expect(page.locator(".hh").filter(has_text="43号").first).to_be_visible()
    page.locator(".hh .to").filter(has_text="43号").first.click()
    expect(page.get_by_text("听力不好").first).to_be_visible()
    page.get_by_role("button", name="记走访").click()
    page.locator(".pick label", has_text="姜水仙").first.click()
    page.locator("#v-words").press_sequentially("屋后台阶夜里看不见，想装一盏灯")
    expect(page.get_by_role("status").get_by_text("已存手机")).to_be_visible()
    context = page.context
    page.close(run_before_unload=False)  # killed: nothing is asked of the page any more

    page = context.new_page()
    page.goto("/phone/")
    unlock(page)
    page.get_by_role("button", name=re.compile("没记完")).click()
    page.get_by_role("button", name=re.compile("接着记")).click()
    expect(page.locator("#v-words")).to_have_value("屋后台阶夜里看不见，想装一盏灯")
    page.get_by_role("button", name="完成走访").click()
    expect(page.get_by_text("走访已存手机")).to_be_visible()
    page.get_by_role("button", name="待传 1", exact=True).click()
    expect(page.get_by_text("等信号").first).to_be_visible()
    page.reload()
    unlock(page)
    expect(page.get_by_role("heading", name=re.compile("走访 姜水仙"))).to_be_visible()
    context.set_offline(False)
    page.get_by_role("button", name="现在同步").click()
    expect(page.get_by_text("没有要传的")).to_be_visible()
    expect(page.get_by_text("已收到").first).to_be_visible()
    with desk.world.acting("香"):
        found = list(Visit.objects.filter(household_id=village["2050041"]))
    assert [v.met for v in found] == [[village["姜水仙"]]]
    assert visits.words_of(found[0])[0] == "屋后台阶夜里看不见，想装一盏灯"


def test_nothing_of_a_person_lies_in_clear_on_the_phone(desk, village):
    page = start(desk)
    page.get_by_role("button", name="全部", exact=False).first.click()
    page.locator(".hh .to").filter(has_text="43号").first.click()
    page.get_by_role("button", name="记走访").click()
    page.fill("#v-words", "儿子在杭州，一个月回来一次")
    expect(page.get_by_role("status").get_by_text("已存手机")).to_be_visible()
    kept = page.evaluate(SCAN)
    assert len(kept) > 50_000
    assert [word for word in ("姜水仙", "周志伟", "43号", "听力不好", "郑书香", "儿子在杭州", "jiangshuixian") if word in kept] == []


def test_ten_wrong_tries_empty_the_phone_and_the_unsent_visit_reaches_the_server_sealed(desk, village):
    page = start(desk)
    page.context.set_offline(True)
    page.get_by_role("button", name="全部", exact=False).first.click()
    page.locator(".hh .to").filter(has_text="43号").first.click()
    page.get_by_role("button", name="一切如常").click()
    expect(page.get_by_text("一切如常，已存手机")).to_be_visible()
    page.reload()
    for n in range(9, 0, -1):
        unlock(page, f"90817{n}")
        expect(page.get_by_text(f"还能试 {n} 次").last).to_be_visible()
    page.reload()  # the count is on disk: a reload gives no new tries
    unlock(page, "908170")
    expect(page.get_by_text("手机里的档案已清空")).to_be_visible()
    assert page.evaluate("new Promise((ok) => { const r = indexedDB.open('minqing-phone'); r.onsuccess = () => { const q = r.result.transaction('rows').objectStore('rows').count(); q.onsuccess = () => ok(q.result); }; })") == 0
    page.context.set_offline(False)
    page.reload()
    expect(page.get_by_label("手机口令")).to_be_visible()
    until(page, "new Promise((ok) => { const r = indexedDB.open('minqing-phone'); r.onsuccess = () => { const q = r.result.transaction('sealed').objectStore('sealed').count(); q.onsuccess = () => ok(q.result === 0); }; })")
    with superuser() as root:
        assert root.execute("select count(*) from sync_box").fetchone() == (1,)
    page.get_by_label("手机口令").fill(PIN)
    page.get_by_label("再输一遍").fill(PIN)
    page.get_by_role("button", name="设好").click()
    page.get_by_role("button", name="待传 1", exact=True).click()
    expect(page.get_by_text("一切如常 · 姜水仙", exact=False)).to_be_visible()
    page.get_by_role("button", name="是我填的").click()
    expect(page.get_by_text("封着传来的")).to_have_count(0)
    with desk.world.acting("香"):
        assert Visit.objects.get(household_id=village["2050041"]).usual


def test_a_new_version_waits_until_the_phone_is_locked(desk, village, monkeypatch):
    page = start(desk)
    page.get_by_role("button", name=re.compile("^走访 ")).first.click()
    page.fill("#v-words", "写到一半")
    monkeypatch.setattr(shell, "version", lambda language: "0123456789abcdef")
    page.evaluate("navigator.serviceWorker.getRegistration().then((r) => r.update())")
    until(page, "navigator.serviceWorker.getRegistration().then((r) => !!r.waiting)")
    expect(page.locator("#v-words")).to_have_value("写到一半")
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name="我的", exact=True).click()
    page.get_by_role("button", name="锁上并更新").click()
    expect(page.get_by_label("口令")).to_be_visible()
    until(page, "caches.keys().then((k) => k.length === 1 && k[0] === 'minqing-phone-0123456789abcdef')")
    unlock(page)
    page.get_by_role("button", name="走访", exact=True).last.click()
    page.get_by_role("button", name=re.compile("没记完")).click()
    page.get_by_role("button", name=re.compile("接着记")).click()
    expect(page.locator("#v-words")).to_have_value("写到一半")


def test_only_one_window_holds_the_phone(desk, village):
    page = start(desk)
    other = page.context.new_page()
    other.goto("/phone/")
    other.get_by_role("button", name="改在这里用").click()
    expect(other.get_by_label("口令")).to_be_visible()
    expect(page.get_by_text("已在另一个窗口打开")).to_be_visible()


def test_after_the_lease_the_files_are_locked_and_what_was_unsent_stays(desk, village):
    page = start(desk)
    page.context.set_offline(True)
    page.get_by_role("button", name="全部", exact=False).first.click()
    page.locator(".hh .to").filter(has_text="43号").first.click()
    page.get_by_role("button", name="一切如常").click()
    expect(page.get_by_text("一切如常，已存手机")).to_be_visible()
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=15))
    page.reload()
    unlock(page)
    expect(page.get_by_role("heading", name="档案锁上了")).to_be_visible()
    assert "姜水仙" not in page.content()
    page.get_by_role("button", name="待传 1", exact=True).click()
    expect(page.get_by_role("heading", name="走访 姜水仙")).to_be_visible()
    page.clock.set_fixed_time(datetime.now(UTC))  # set back: the latest moment that was seen still counts
    page.reload()
    unlock(page)
    page.get_by_role("button", name="走访", exact=True).last.click()
    expect(page.get_by_role("heading", name="档案锁上了")).to_be_visible()


def test_a_visit_that_is_refused_keeps_its_words_and_can_be_sent_again(desk, village):
    page = start(desk)
    page.get_by_role("button", name="全部", exact=False).first.click()
    page.locator(".hh .to").filter(has_text="12-1号").first.click()
    page.context.set_offline(True)
    page.get_by_role("button", name="记走访").click()
    page.locator(".pick label", has_text="欧阳长庚").first.click()
    page.fill("#v-words", "后屋漏雨")
    page.get_by_role("button", name="完成走访").click()
    expect(page.get_by_text("走访已存手机")).to_be_visible()
    with superuser() as root:  # meanwhile he is no longer of this household
        root.execute("set session_replication_role = replica")
        root.execute("update archives_membership set ends_on = current_date where person_id = %s", [village["欧阳长庚"]])
    page.context.set_offline(False)
    page.get_by_role("button", name=re.compile("待传")).last.click()
    page.get_by_role("button", name="现在同步").click()
    expect(page.get_by_text("所选的人不都是本户现在的成员")).to_be_visible()
    expect(page.get_by_text("“后屋漏雨”")).to_be_visible()
    page.get_by_role("button", name="改后再传").click()
    expect(page.locator("#v-words")).to_have_value("后屋漏雨")
    page.locator(".pick label").filter(has_text="没有见到").click()
    page.get_by_role("button", name="完成走访").click()
    page.get_by_role("button", name=re.compile("待传")).last.click()
    expect(page.get_by_text("没有要传的")).to_be_visible()
    expect(page.get_by_text("需处理")).to_have_count(0)
    with desk.world.acting("香"):
        found = Visit.objects.get(household_id=village["2050043"])
        assert (found.how, visits.words_of(found)[0]) == ("unreached", "后屋漏雨")


LOSE_ANSWERS = "() => { const f = window.fetch; window.fetch = async (u, o) => { const r = await f(u, o); if (window.losing && String(u).endsWith('push') && o.body.includes('visit.usual')) { window.lost = true; throw new TypeError('lost'); } return r; }; window.losing = true; }"
FAIL_ONCE = "() => { const p = IDBObjectStore.prototype.put; let once = true; IDBObjectStore.prototype.put = function (...a) { if (this.name === 'drafts' && once) { once = false; throw new DOMException('full', 'QuotaExceededError'); } return p.apply(this, a); }; }"


def test_a_write_that_fails_and_an_answer_that_is_lost_lose_nothing(desk, village):
    """After a write that failed the next keystroke is kept; what the server did without the phone's knowing is taken back there as well."""
    page = start(desk)
    page.evaluate(FAIL_ONCE)
    page.get_by_role("button", name="找户", exact=True).click()
    page.fill("#q", "43号")
    page.locator(".hh .to").first.click()
    page.get_by_role("button", name="记走访").click()
    page.fill("#v-words", "台阶")
    expect(page.get_by_text("没存成，请别离开")).to_be_visible()
    page.locator("#v-words").press_sequentially("夜里看不见")
    expect(page.get_by_role("status").get_by_text("已存手机")).to_be_visible()
    page.reload()
    unlock(page)
    expect(page.locator("#v-words")).to_have_value("台阶夜里看不见")
    page.evaluate(LOSE_ANSWERS)
    page.fill("#v-words", "")
    page.locator(".pick label", has_text="姜水仙").first.click()
    page.get_by_role("button", name="一切如常").click()
    until(page, "window.lost === true && !!document.querySelector('.pill.off')")  # sent, and not heard
    with desk.world.acting("香"):
        assert [v.met for v in Visit.objects.filter(household_id=village["2050041"], voided_at=None)] == [[village["姜水仙"]]]
    page.get_by_role("button", name="撤回").click()
    page.evaluate("window.losing = false")
    page.get_by_role("button", name="待传", exact=False).last.click()
    page.get_by_role("button", name="现在同步").click()
    expect(page.get_by_text("没有要传的")).to_be_visible()
    with desk.world.acting("香"):
        assert not Visit.objects.filter(household_id=village["2050041"], voided_at=None).exists()


def test_what_was_refused_of_a_phone_before_this_one_can_be_read_and_put_down(desk, village):
    now, one = timezone.now(), str(uuid.uuid4())
    with desk.world.acting("香") as me:
        old = devices.register(id=uuid.uuid4(), name="旧手机", public_key="", by=me, at=now)
        given = {"id": one, "kind": "visit.record", "target": str(uuid.uuid4()), "at": now.isoformat(), "data": {"visit": str(uuid.uuid4()), "how": "phone", "words": "水管冻裂了"}}
        assert operations.push([given], device=old, clock=now, by=me, at=now)[0]["s"] == "refused"
    page = start(desk)
    page.get_by_role("button", name="待传", exact=False).last.click()
    expect(page.get_by_text("需处理")).to_be_visible()
    page.get_by_role("button", name="看写了什么").click()
    expect(page.get_by_text("“水管冻裂了”")).to_be_visible()
    page.get_by_role("button", name="知道了，不传了").click()
    expect(page.get_by_text("需处理")).to_have_count(0)
    until(page, f"fetch('/phone/api/ops/{one}').then((r) => r.status === 404)")
