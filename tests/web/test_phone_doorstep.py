"""What is taken down at a door or on the road, in Chromium: a matter of several people, the words for the door, photos, a spoken sentence,
questions; a passkey; a phone with a record that no longer opens. Really offline where the field is."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from minqing.access.models import AuditEntry
from minqing.archives.models import Household, Resident
from minqing.contact.actions import doors
from minqing.contact.models import Visit
from minqing.service.models import Attachment, Matter, Party
from tests.contracts.foreign import superuser
from tests.web.phone import COUNT, MODES, SCAN, SPOIL, looked, photo, shot, start, sweep, to_file, unlock, until

pytestmark = pytest.mark.browser

#: A microphone that hums, for a machine that has none.
HUM = "navigator.mediaDevices.getUserMedia = async () => { window.asked = (window.asked || 0) + 1; const a = new AudioContext(), o = a.createOscillator(), d = a.createMediaStreamDestination(); o.connect(d); o.start(); return d.stream; };"
@pytest.fixture(autouse=True)
def swept(village) -> Iterator[None]:
    yield
    sweep("sync_part", "sync_blob", "contact_doorcheck", "contact_door", "service_attachment")


def test_a_matter_of_three_with_a_photo_survives_a_killed_tab_and_is_sent_once(desk, village):
    page, sent = start(desk), []
    context = page.context
    context.set_offline(True)
    to_file(page)
    page.get_by_role("button", name="记一件事").click()
    page.locator("#v-words").press_sequentially("后山昨夜滑坡，石头滚到灶间门口")
    expect(page.get_by_role("alert").get_by_role("link", name="119")).to_be_visible()
    page.locator(".pick label", has_text="周志伟").click()
    page.locator(".pick label", has_text="姜水仙").click()
    expect(page.get_by_text("先选的周志伟是答复的人")).to_be_visible()
    page.fill("#v-name0", "邻居老毛")
    page.fill("#v-phone0", "15400006666")
    page.set_input_files("input[type=file]", photo())
    expect(page.locator("img.th")).to_have_attribute("src", re.compile("^data:image/jpeg"), timeout=20_000)
    expect(page.locator(".sv").get_by_text("已存手机")).to_be_visible()
    page.close(run_before_unload=False)

    page = context.new_page()
    page.on("request", lambda r: sent.append(r.post_data_buffer) if r.method == "PUT" else None)
    page.goto("/phone/")
    unlock(page)
    page.get_by_role("button", name=re.compile("没记完")).click()
    page.locator(".hh .to").filter(has_text="43号").first.click()
    page.get_by_role("button", name="接着记这件事").click()
    expect(page.locator("#v-words")).to_have_value("后山昨夜滑坡，石头滚到灶间门口")
    expect(page.locator("img.th")).to_be_visible()
    page.get_by_role("button", name="登记这件事").click()
    expect(page.get_by_text("已存手机，有网自动传")).to_be_visible()
    expect(page.get_by_role("heading", name="后山昨夜滑坡")).to_be_visible()  # among the matters, though nobody has it yet
    page.get_by_role("button", name=re.compile("^待传")).last.click()
    expect(page.get_by_role("heading", name="照片 1 张待传")).to_be_visible()
    page.route("**/phone/api/blobs/*/0", lambda route: route.abort())  # the signal goes in the middle of it
    with page.expect_request("**/phone/api/blobs/*/0"):
        context.set_offline(False)
        page.get_by_role("button", name="现在同步").click()
    context.set_offline(True)
    expect(page.get_by_text(re.compile("编号 .*口令"))).to_be_visible()
    expect(page.get_by_role("heading", name="照片 1 张待传")).to_be_visible()
    assert page.evaluate(COUNT, "bytes") == 1
    lying = page.evaluate(SCAN)
    assert [word for word in ("JFIF", "Exif", "后山昨夜", "老毛", "15400006666") if word in lying] == []
    page.close(run_before_unload=False)

    page = context.new_page()
    page.on("request", lambda r: sent.append(r.post_data_buffer) if r.method == "PUT" else None)
    page.goto("/phone/")
    unlock(page)
    context.set_offline(False)
    until(page, f"({COUNT})('bytes').then((n) => n === 0)")
    whole = sent[-1]
    assert len(whole) <= 250 * 1024 and b"Exif" not in whole
    with Image.open(io.BytesIO(whole)) as kept:
        assert max(kept.size) <= 1600
    with desk.world.acting("香"):
        made = Matter.objects.get(title__startswith="后山昨夜滑坡")
        assert (made.urgency, made.channel) == ("urgent", "door")
        assert [a.kind for a in Attachment.objects.filter(matter=made)] == ["photo"]
        who = {p.role: p.person_id for p in Party.objects.filter(matter=made, person_id__isnull=False)}
        assert who == {"requester": village["周志伟"], "for": village["姜水仙"]}
        assert Party.objects.filter(matter=made).count() == 3


def test_on_the_road_people_are_found_and_a_refused_matter_keeps_its_words_and_its_photo(desk, village):
    page = start(desk)
    page.get_by_role("button", name="事项", exact=True).click()
    page.get_by_role("button", name="路上记一件事").click()
    page.fill("#v-words", "机耕路断了，拖拉机过不去")
    page.fill("#v-find", "oyc")
    page.get_by_role("button", name=re.compile("欧阳长庚")).click()
    page.get_by_role("button", name="登记这件事").click()
    expect(page.get_by_text("请选在哪个网格")).to_be_visible()
    page.locator(".pick label", has_text="溪东片").click()
    page.set_input_files("input[type=file]", photo(800, 600))
    expect(page.locator("img.th")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("button", name="登记这件事").click()
    with superuser() as root:  # meanwhile he is no longer of this village
        root.execute("set session_replication_role = replica")
        row = root.execute("select ends_on from archives_placement where person_id = %s", [village["欧阳长庚"]]).fetchall()
        root.execute("update archives_resident set voided_at = now() where id = %s", [village["欧阳长庚"]])
    assert row
    page.context.set_offline(False)
    page.get_by_role("button", name=re.compile("^待传")).last.click()
    page.get_by_role("button", name="现在同步").click()
    expect(page.get_by_text("有的已不在您的范围内")).to_be_visible()
    expect(page.get_by_text("连着照片 1 张")).to_be_visible()
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("update archives_resident set voided_at = null where id = %s", [village["欧阳长庚"]])
    page.get_by_role("button", name="改后再传").click()
    expect(page.locator("#v-words")).to_have_value("机耕路断了，拖拉机过不去")
    expect(page.locator("img.th")).to_be_visible()
    page.get_by_role("button", name="登记这件事").click()
    page.get_by_role("button", name=re.compile("待传")).last.click()
    expect(page.get_by_text("没有要传的")).to_be_visible()
    expect(page.get_by_text("需处理")).to_have_count(0)
    until(page, f"({COUNT})('bytes').then((n) => n === 0)")
    with desk.world.acting("香"):
        made = Matter.objects.get(title__startswith="机耕路断了")
        assert made.place_code.endswith("002") and Attachment.objects.filter(matter=made).count() == 1


def test_the_words_for_the_door_are_kept_at_every_keystroke_and_change_the_file(desk, village):
    page = start(desk)
    to_file(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="改提示").click()
    page.get_by_role("button", name="走后门").click()
    page.fill("#v-wishes", "")
    page.locator("#v-wishes").press_sequentially("想装扶手")
    expect(page.get_by_role("status").get_by_text("已存手机")).to_be_visible()
    page.reload()
    unlock(page)
    expect(page.locator("#v-wishes")).to_have_value("想装扶手")
    page.get_by_role("button", name="存好").click()
    expect(page.get_by_text("走后门").first).to_be_visible()  # the file shows at once what lies in the outbox
    page.context.set_offline(False)
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name=re.compile("待传")).last.click()
    page.get_by_role("button", name="现在同步").click()
    expect(page.get_by_text("没有要传的")).to_be_visible()
    with desk.world.acting("香"):
        home = Household.objects.get(pk=village["2050041"])
        assert home.caution.endswith("；走后门") and home.wishes == "想装扶手"


def test_only_what_is_missing_or_contradicted_is_asked_and_the_answer_is_kept(desk, village):
    old = str(timezone.localdate() - timedelta(days=1000))
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("update archives_resident set workplace = '绿源合作社', sources = sources || jsonb_build_object('workplace', jsonb_build_object('from', 'V', 'on', %s::text)) where id = %s", [old, village["周志伟"]])
    page = start(desk)
    page.get_by_role("button", name="全部", exact=False).first.click()
    page.locator("li.hh").filter(has_text="43号").get_by_role("button", name=re.compile("^走访")).click()
    page.locator(".pick label", has_text="姜水仙").first.click()
    asked = page.get_by_label("周志伟的工作单位")
    expect(asked).to_be_visible()
    expect(page.get_by_text(f"还是{old}记的")).to_be_visible()
    asked.fill("县建筑公司")
    page.get_by_role("button", name="完成走访").click()
    page.get_by_role("button", name=re.compile("待传")).last.click()
    expect(page.get_by_text("没有要传的")).to_be_visible()
    with desk.world.acting("香"):
        assert Resident.objects.get(pk=village["周志伟"]).workplace == "县建筑公司"
        assert Visit.objects.filter(household_id=village["2050041"]).count() == 1
    with desk.world.acting("审"):  # the form was opened from the list, and the file stood on it
        assert AuditEntry.objects.filter(what="household.phone", households__contains=[village["2050041"]], at__gte=timezone.now() - timedelta(minutes=2)).exists()


def test_a_helper_speaks_one_sentence_and_nothing_asks_for_the_microphone_before(desk, village):
    with desk.world.acting("梅") as me:
        helper = me.id
    with desk.world.acting("香") as me:
        doors.give(household=village["2050001"], helper=helper, by=me, at=timezone.now())
    page = desk.page("梅", width=390, height=844)
    page.add_init_script(HUM)
    page.goto("/phone/")
    page.get_by_label("手机口令").fill("472913")
    page.get_by_label("再输一遍").fill("472913")
    page.get_by_role("button", name="设好").click()
    page.get_by_role("button", name=re.compile("有事$")).click()
    assert page.evaluate("window.asked") is None
    page.get_by_role("button", name="录一句").click()
    page.wait_for_timeout(1300)
    shot(page, "helper-voice")
    page.get_by_role("button", name=re.compile("^停")).click()
    expect(page.get_by_role("button", name=re.compile("听 . 秒"))).to_be_visible()
    assert page.evaluate("window.asked") == 1
    page.get_by_role("button", name=re.compile("听 . 秒")).click()
    page.locator("textarea").fill("老人晕倒了")
    expect(page.get_by_role("link", name="120")).to_be_visible()
    expect(page.get_by_text("放不出来")).to_have_count(0)
    page.locator("textarea").fill("")
    wrong = looked(desk, page, "helper-said")
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_role("button", name=re.compile("已同步"))).to_be_visible()
    until(page, f"({COUNT})('bytes').then((n) => n === 0)")
    assert wrong + desk.complaints[page] == []
    with desk.world.acting("梅"):
        made = Attachment.objects.get()
        assert (made.kind, made.media) == ("voice", "audio/webm")


def test_by_the_setting_a_photo_waits_for_a_tap(desk, village):
    page = start(desk)
    page.get_by_role("button", name="我的", exact=True).click()
    page.locator(".pick label", has_text="点了才传").click()
    to_file(page)
    page.get_by_role("button", name="记走访").click()
    page.locator(".pick label", has_text="姜水仙").first.click()
    page.set_input_files("input[type=file]", photo(800, 600))
    expect(page.locator("img.th")).to_be_visible()
    expect(page.get_by_role("button", name="一切如常")).to_be_disabled()
    page.get_by_role("button", name="完成走访").click()
    expect(page.get_by_text("照片跟着一件事走")).to_be_visible()
    page.fill("#v-wish", "台阶松了，想修一修")
    page.get_by_role("button", name="完成走访").click()
    page.get_by_role("button", name=re.compile("待传")).last.click()
    expect(page.get_by_text("已收到").first).to_be_visible()
    expect(page.get_by_role("heading", name="照片 1 张待传")).to_be_visible()
    page.get_by_role("button", name="现在传").click()
    until(page, f"({COUNT})('bytes').then((n) => n === 0)")
    expect(page.get_by_text("没有要传的")).to_be_visible()
    with desk.world.acting("香"):
        assert Attachment.objects.filter(matter__title__startswith="台阶松了").count() == 1


def test_on_wifi_only_and_to_a_matter_that_is_open_already(desk, village):
    """A phone that knows its network waits for Wi-Fi by itself; a photo may be added to an open matter afterwards."""
    page = desk.page("香", width=390, height=844)
    page.add_init_script("Object.defineProperty(navigator, 'connection', { value: { type: 'cellular' } });")
    page.goto("/phone/")
    page.get_by_label("手机口令").fill("472913")
    page.get_by_label("再输一遍").fill("472913")
    page.get_by_role("button", name="设好").click()
    to_file(page)
    page.get_by_role("button", name="记一件事").click()
    page.fill("#v-words", "屋后的水沟堵了")
    page.locator(".pick label", has_text="姜水仙").click()
    page.get_by_role("button", name="登记这件事").click()
    page.get_by_role("button", name=re.compile("待传")).last.click()
    expect(page.get_by_text("没有要传的")).to_be_visible()
    page.get_by_role("button", name="现在同步").click()
    to_file(page)
    page.locator(".li", has_text="屋后的水沟堵了").get_by_role("button", name="添照片或录音").click()
    page.set_input_files("input[type=file]", photo(800, 600))
    expect(page.locator("img.th")).to_be_visible()
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name="有照片没添上").click()
    expect(page.locator("img.th")).to_be_visible()
    page.get_by_role("button", name="添上").click()
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name=re.compile("待传")).last.click()
    expect(page.get_by_text("等 Wi-Fi，也可以现在传")).to_be_visible()
    assert page.evaluate(COUNT, "bytes") == 1
    page.evaluate("navigator.connection.type = 'wifi'")
    page.get_by_role("button", name="现在同步").click()
    until(page, f"({COUNT})('bytes').then((n) => n === 0)")
    with desk.world.acting("香"):
        assert Attachment.objects.filter(matter__title__startswith="屋后的水沟").count() == 1


def test_a_passkey_opens_where_it_really_gives_a_key_and_the_pin_still_does(desk, village):
    page = start(desk)
    to_file(page)
    page.get_by_role("button", name="记一件事").click()
    page.set_input_files("input[type=file]", photo(800, 600))
    expect(page.locator("img.th")).to_be_visible()
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name="我的", exact=True).click()
    expect(page.get_by_role("button", name="现在锁上")).to_be_visible()
    expect(page.get_by_role("button", name="也用指纹或面容打开")).to_have_count(0)  # nothing there, nothing offered
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    without = tools.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "hasPrf": False}})["authenticatorId"]

    def again() -> None:
        page.get_by_role("button", name="现在锁上").click()
        unlock(page)
        page.get_by_role("button", name="我的", exact=True).click()
        page.get_by_role("button", name="也用指纹或面容打开").click()
        page.get_by_label("先输一次口令").fill("472913")
        page.get_by_role("button", name="用指纹或面容打开").click()

    again()
    expect(page.get_by_text("给不出打开档案的钥匙")).to_be_visible()
    page.get_by_role("button", name="不设了").click()
    expect(page.get_by_role("button", name="现在锁上")).to_be_visible()
    expect(page.get_by_role("button", name="也用指纹或面容打开")).to_have_count(0)  # and not offered again
    page.evaluate("import('/static/phone/store.js').then(({ S, save }) => { S.noPass = false; return save(); })")
    tools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": without})
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "hasPrf": True}})
    again()
    expect(page.get_by_text("设好了，下次可用指纹或面容打开")).to_be_visible()
    expect(page.get_by_role("button", name="不再用指纹或面容打开")).to_be_visible()
    page.get_by_role("button", name="现在锁上").click()
    wrong = looked(desk, page, "lock-passkey")
    page.context.set_offline(True)
    page.get_by_role("button", name="用指纹或面容打开").click()
    expect(page.get_by_role("button", name="不再用指纹或面容打开")).to_be_visible()
    page.get_by_role("button", name="现在锁上").click()
    for n in range(9, 0, -1):
        unlock(page, f"90817{n}")
        expect(page.get_by_text(f"还能试 {n} 次").last).to_be_visible()
    unlock(page, "908170")
    expect(page.get_by_text("手机里的档案已清空")).to_be_visible()
    assert [page.evaluate(COUNT, store) for store in ("rows", "drafts", "media", "bytes")] == [0, 0, 0, 0]
    assert page.evaluate(COUNT, "meta") == page.evaluate("new Promise((ok) => { const r = indexedDB.open('minqing-phone'); r.onsuccess = () => { const q = r.result.transaction('meta').objectStore('meta').getAllKeys(); q.onsuccess = () => { r.result.close(); ok(q.result.filter((k) => k !== 'lid').length); }; }; })")
    assert wrong + desk.complaints[page] == []


def test_a_record_that_no_longer_opens_is_set_aside_and_the_rest_opens(desk, village):
    """A household comes anew; unsent work reaches the server by its sealed copy; a box that is refused keeps no other back."""
    page = start(desk)
    page.context.set_offline(True)
    for door in ("43号", "12-1号"):
        to_file(page, door)
        page.get_by_role("button", name="一切如常").click()
        expect(page.get_by_text("一切如常，已存手机")).to_be_visible()
    to_file(page, "3号")
    page.get_by_role("button", name="记一件事").click()
    page.fill("#v-words", "门前的桥栏杆断了")
    page.set_input_files("input[type=file]", photo(800, 600))
    expect(page.locator("img.th")).to_be_visible()
    page.get_by_role("button", name="登记这件事").click()
    expect(page.get_by_text("已存手机，有网自动传")).to_be_visible()
    queued = page.evaluate("import('/static/phone/store.js').then(({ S }) => Object.fromEntries(S.out.map((e) => [e.op.kind, e.op.id])))")
    page.get_by_role("button", name="我的", exact=True).click()
    page.get_by_role("button", name="现在锁上").click()
    kept = page.evaluate(COUNT, "rows")
    page.evaluate(SPOIL, ["rows", str(village["2050041"])])
    page.evaluate(SPOIL, ["out", queued["visit.usual"]])
    page.evaluate(SPOIL, ["out", queued["photo.attach"]])
    page.evaluate("""() => new Promise((ok) => { const r = indexedDB.open('minqing-phone'); r.onsuccess = () => { const t = r.result.transaction('sealed', 'readwrite'); t.objectStore('sealed').put({ box: 'AAAA', device: '00000000-0000-4000-8000-000000000000', n: 1, of: 'before' }, '00000000-0000-4000-8000-000000000001'); t.oncomplete = () => { r.result.close(); ok(); }; }; })""")
    unlock(page)
    expect(page.get_by_role("heading", name="我的")).to_be_visible()
    assert page.evaluate(COUNT, "rows") == kept - 1
    page.context.set_offline(False)
    page.get_by_role("button", name=re.compile("待传")).last.click()
    expect(page.get_by_text("手机里有 2 条打不开")).to_be_visible()
    page.get_by_role("button", name="现在同步").click()
    until(page, f"({COUNT})('rows').then((n) => n === {kept})")
    page.get_by_role("button", name="是我填的").click()
    expect(page.get_by_text("封着传来的")).to_have_count(0)
    with desk.world.acting("香"):
        assert Visit.objects.filter(household_id__in=[village["2050041"], village["2050043"]]).count() == 2
    assert page.evaluate(COUNT, "sealed") == 1  # the one that no server takes
    until(page, f"({COUNT})('bytes').then((n) => n === 0)")
    with desk.world.acting("香"):  # what attached the photo was made anew of the photo's own line
        assert Attachment.objects.filter(matter__title__startswith="门前的桥栏杆").count() == 1


def test_a_phone_of_the_version_before_opens_with_all_it_had(desk, village):
    """The store without places for photos becomes the new one; nobody has to set anything up again."""
    page = start(desk)
    page.get_by_role("button", name="我的", exact=True).click()
    page.get_by_role("button", name="现在锁上").click()
    page.goto("/phone/manifest.webmanifest")
    page.evaluate("""async () => {
      const done = (r) => new Promise((ok, no) => { r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
      const names = ['meta', 'rows', 'out', 'drafts', 'sealed'], db = await done(indexedDB.open('minqing-phone')), held = {};
      for (const n of names) { const s = db.transaction(n).objectStore(n), k = await done(s.getAllKeys()); held[n] = [k, await done(db.transaction(n).objectStore(n).getAll())]; }
      db.close(); await done(indexedDB.deleteDatabase('minqing-phone'));
      const r = indexedDB.open('minqing-phone', 1); r.onupgradeneeded = () => names.forEach((n) => r.result.createObjectStore(n));
      const old = await done(r), t = old.transaction(names, 'readwrite');
      for (const n of names) held[n][0].forEach((k, i) => t.objectStore(n).put(held[n][1][i], k));
      await new Promise((ok) => { t.oncomplete = ok; }); old.close();
    }""")
    page.goto("/phone/")
    unlock(page)
    to_file(page)
    page.get_by_role("button", name="记一件事").click()
    page.set_input_files("input[type=file]", photo(800, 600))
    expect(page.locator("img.th")).to_be_visible()
    assert page.evaluate(COUNT, "bytes") == 1


@pytest.mark.parametrize(("width", "mode"), [(360, "day"), (390, "night"), (360, "large"), (390, "large-night")])
def test_the_new_pages_and_lists_are_without_violation_and_fit(desk, village, width, mode):
    page, wrong = start(desk, width=width, **MODES[mode]), []

    def look(name: str) -> None:
        wrong.extend(looked(desk, page, f"{name}-{width}-{mode}"))

    to_file(page)
    look("door-file")
    page.get_by_role("button", name="改提示").click()
    look("door-words")
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name="记一件事").click()
    page.fill("#v-words", "有人晕倒，家里起火")
    page.set_input_files("input[type=file]", photo(800, 600))
    expect(page.locator("img.th")).to_be_visible()
    page.locator(".pick label", has_text="姜水仙").click()
    look("door-matter")
    page.context.set_offline(True)
    page.get_by_role("button", name="登记这件事").click()
    page.get_by_role("button", name=re.compile("待传")).last.click()
    # what a bad day leaves behind: conflicts, boxes, refusals, photos that were not taken
    page.evaluate("""async (id) => { const { S, changed } = await import('/static/phone/store.js');
      const attach = S.out.find((e) => e.op.kind === 'photo.attach'); const m = [...S.media.values()][0];
      S.asks = [{ id: 'a', household: id, field: 'caution', label: '上门提示', mine: '敲东侧后窗，狗已拴', theirs: '院灯坏了，走前门', who: '姜晓兰', at: '2026-11-25T18:05:00+08:00' }];
      S.boxes = [{ id: 'b', at: '2026-11-25T18:05:00+08:00', ops: [{ id: 'c', kind: 'visit.usual', target: id, at: '2026-11-25T18:05:00+08:00' }] }];
      S.waiting = [{ id: 'd', s: 'refused', kind: 'matter.open', msg: '这一项没有写要改什么，请重新填一次。' }];
      S.media.set('x', { ...m, id: 'x', op: 'y', parent: 'z', refused: '这件事已转给专门的人办，照片和录音没有附上。请留着，交给来联系的人。' });
      S.out.push({ ...S.out[0], op: { ...S.out[0].op, id: 'e' }, refused: '提出这件事的人，有的已不在您的范围内。' });
      S.got = [{ id: 'f', about: { title: '记事 姜水仙', sub: '求助' }, at: '2026-11-25T18:05:00+08:00', s: 'applied', ref: { number: '2600000018', word: 'GMQXFF' } }];
      S.broken = 1; S.drafts.set('w:gone', { caution: '有狗' }); changed(); }""", str(village["2050041"]))
    expect(page.get_by_text("两边都改了").first).to_be_visible()
    expect(page.get_by_text("需处理")).to_be_visible()
    look("door-outbox")
    page.get_by_role("button", name="事项", exact=True).click()
    look("door-matters")
    page.get_by_role("button", name="我的", exact=True).click()
    look("door-me")
    assert wrong + desk.complaints[page] == []


#: A disk that takes nothing more of this store.
FULL = "(name) => { const was = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (...x) { if (this.name === name) throw new DOMException('full', 'QuotaExceededError'); return was.apply(this, x); }; window.emptied = () => { IDBObjectStore.prototype.put = was; }; }"


def test_a_full_disk_is_said_and_a_second_tap_is_none(desk, village):
    """What the disk did not take is not called received; the same door tapped twice is visited once."""
    page = start(desk)
    to_file(page)
    page.evaluate(FULL, "out")
    page.get_by_role("button", name="一切如常").click()
    expect(page.get_by_text("没存成，请再点一次")).to_be_visible()
    page.get_by_role("button", name="返回").click()
    expect(page.locator(".hh .st")).to_have_count(0)
    page.evaluate("emptied()")
    page.locator(".hh .to").first.click()
    page.evaluate("(() => { const b = [...document.querySelectorAll('button')].find((x) => x.textContent === '一切如常'); b.click(); b.click(); })()")
    expect(page.get_by_text("一切如常，已存手机")).to_be_visible()
    until(page, f"({COUNT})('out').then((n) => n === 0)")
    with desk.world.acting("香"):
        assert Visit.objects.filter(voided_at=None).count() == 1
    assert "姜水仙" not in page.title()


def test_a_photo_that_is_still_being_made_small_goes_with_its_visit(desk, village):
    """Done is tapped right after the picture: the visit waits for it, and no ghost of a draft is left."""
    page = start(desk)
    page.evaluate("(() => { const was = HTMLCanvasElement.prototype.toBlob; HTMLCanvasElement.prototype.toBlob = function (f, ...x) { setTimeout(() => was.call(this, f, ...x), 700); }; })()")
    to_file(page)
    page.get_by_role("button", name="记走访").click()
    assert "姜水仙" not in page.title()
    page.locator(".pick label", has_text="姜水仙").first.click()
    page.fill("#v-wish", "门前的台阶塌了一角")
    page.set_input_files("input[type=file]", photo(800, 600))
    page.get_by_role("button", name="完成走访").click()
    expect(page.get_by_text("走访已存手机")).to_be_visible()
    until(page, f"({COUNT})('bytes').then((n) => n === 0)")
    assert (page.evaluate(COUNT, "drafts"), page.evaluate(COUNT, "media")) == (0, 0)
    with desk.world.acting("香"):
        assert Attachment.objects.filter(matter__title__startswith="门前的台阶").count() == 1


def test_a_photo_of_a_matter_that_left_the_phone_is_still_to_be_found(desk, village):
    """Taken and not added, the tab killed, the matter gone: it is shown, and the phone does not empty itself over it unasked."""
    page = start(desk)
    to_file(page)
    page.evaluate("""import('/static/phone/store.js').then(({ keepMedia }) => keepMedia({ id: 'm', of: 'a:gone', op: '', parent: '', kind: 'photo', type: 'image/jpeg', size: 3, sha256: '', seconds: 0, at: '2026-11-25T18:05:00+08:00', seq: 1, name: '照片' }, new Uint8Array([1, 2, 3])))""")
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name=re.compile("待传")).last.click()
    expect(page.get_by_text("没记完，这一户或这件事已不在手机里")).to_be_visible()
    said = []
    page.on("dialog", lambda d: (said.append(d.message), d.dismiss()))
    page.get_by_role("button", name="我的", exact=True).click()
    page.get_by_role("button", name="退出并清空").click()
    page.wait_for_timeout(600)
    assert len(said) == 1 and page.evaluate(COUNT, "bytes") == 1


def test_a_photo_on_which_the_server_fails_keeps_no_other_back(desk, village):
    page = start(desk)
    failed: list[str] = []

    def fault(route: Any) -> None:
        number = route.request.url.split("/")[-2]
        if not failed or number in failed:
            failed.append(number)
            route.fulfill(status=500, content_type="text/html", body="fault")
        else:
            route.fallback()

    page.route("**/phone/api/blobs/*/*", fault)
    to_file(page)
    page.get_by_role("button", name="记一件事").click()
    page.fill("#v-words", "井台的盖板裂了")
    for n in (1, 2):
        page.set_input_files("input[type=file]", photo(700 + n, 600))
        expect(page.locator("img.th")).to_have_count(n)
    page.get_by_role("button", name="登记这件事").click()
    until(page, f"({COUNT})('bytes').then((n) => n === 1)")
    page.unroute("**/phone/api/blobs/*/*")
    page.get_by_role("button", name=re.compile("^待传")).last.click()
    page.get_by_role("button", name="现在同步").click()
    until(page, f"({COUNT})('bytes').then((n) => n === 0)")
    with desk.world.acting("香"):
        assert Attachment.objects.filter(matter__title__startswith="井台的盖板").count() == 2
