"""郑书香's half year (domain.md §7.2): three grids, 407 households, 1,489 people; a week of evenings without a signal, two phones and a desk.

The evenings are played in Chromium; the rest of the half year comes in by the protocol, as the same phones would send it.
"""

from __future__ import annotations

import gzip
import json
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bench.sync import HOUSEHOLDS, populate
from minqing.archives.actions import households
from minqing.archives.models import Household
from minqing.contact.actions import visits
from minqing.contact.models import Visit, VisitMatter
from minqing.contact.queries import due
from minqing.service.models import Matter
from minqing.sync import queries
from minqing.sync.actions import devices
from tests.contracts.foreign import superuser
from tests.people import NEXT_VILLAGE, PENGLI
from tests.sync.village import Phone, op
from tests.web.conftest import Desk
from tests.web.phone import start, unlock
from tests.web.seed import TABLES

pytestmark = pytest.mark.browser

LEFT = ("sync_operation", "sync_box", "sync_device", "contact_visitmatter", "contact_visitnote", "contact_checkup", "contact_visit", "service_move", "service_party", "service_matter")
#: Hamlet and door of the households visited on the five evenings: by 香's phone, by 兰's (grid 001: every third household).
EVENINGS = (
    (("上塘", "1号"), ("樟树底", "1号"), ("桥头", "1号")),
    (("上塘", "2号"), ("溪东", "2号"), ("桥头", "2号")),
    (("上塘", "3号"), ("岭脚", "3号"), ("桥头", "3号")),
    (("上塘", "4号"), ("新屋", "4号"), ("桥头", "4号")),
    (("上塘", "5号"), ("樟树底", "5号"), ("桥头", "5号")),
)


@pytest.fixture(scope="module")
def half_year(django_db_setup, django_db_blocker) -> Iterator[dict[tuple[str, str], uuid.UUID]]:
    """彭里 whole, and one household next door."""
    with django_db_blocker.unblock(), superuser() as root:
        root.execute("set session_replication_role = replica")  # no history of what was long ago, none of the clearing
        tables = (*LEFT, *TABLES)
        before = {table: [row[0] for row in root.execute(f"select id from {table}")] for table in tables}
        areas = [row[0] for row in root.execute("select code from access_area")]
        try:
            populate(root, PENGLI)
            root.execute("update archives_household set created_at = now() - interval '200 days' where grid_code ^@ %s", [PENGLI])  # and nobody has been there since
            yield {(hamlet, door): key for key, hamlet, door in root.execute("select id, natural_village, door from archives_household where grid_code ^@ %s", [PENGLI])}
        finally:
            for table, ids in before.items():
                root.execute(f"delete from {table} where not id = any(%s)", [ids])
            root.execute("delete from access_area where not code = any(%s)", [areas])


def to_door(page: Page, hamlet: str, door: str) -> None:
    """By the search of the phone, which knows doors."""
    page.get_by_role("button", name="找户", exact=True).click()
    page.fill("#q", f"{hamlet} {door}")
    page.locator(".hh").filter(has=page.locator("small", has_text=re.compile(f"^{hamlet} {door}$"))).locator(".to").click()
    expect(page.get_by_role("heading", name="家里人")).to_be_visible()


def as_ever(page: Page, hamlet: str, door: str) -> None:
    to_door(page, hamlet, door)
    page.get_by_role("button", name="一切如常").click()
    expect(page.get_by_text("一切如常，已存手机")).to_be_visible()


def home_again(page: Page) -> None:
    """The signal is back; everything goes up by itself or by the button, and the outbox is empty."""
    page.context.set_offline(False)
    page.get_by_role("button", name=re.compile("待传")).last.click()
    page.get_by_role("button", name="现在同步").click()
    expect(page.get_by_text("没有要传的")).to_be_visible(timeout=20_000)


def late(desk: Desk) -> set[uuid.UUID]:
    with desk.world.acting("香") as me:
        return {line.id for line in due.of_place(me, PENGLI, on=timezone.localdate()) if line.days < 0}


def test_a_half_year_of_visits_with_two_phones_and_a_desk(desk, half_year):
    at_door = half_year
    assert len(at_door) == HOUSEHOLDS == len(late(desk))
    xiang, lan = start(desk, "香"), start(desk, "兰", width=360)
    assert (xiang.evaluate(COUNT), lan.evaluate(COUNT)) == (HOUSEHOLDS, 136)
    wish = "想在晒谷场边装一盏路灯"

    for evening, (hers, wished, his) in enumerate(EVENINGS):
        for page in (xiang, lan):
            page.context.set_offline(True)
        as_ever(xiang, *hers)
        to_door(xiang, *wished)
        xiang.get_by_role("button", name="记走访").click()
        xiang.locator(".pick label").filter(has=xiang.locator("input[type=checkbox]")).first.click()
        xiang.fill("#v-words", f"第{evening + 1}晚，在家说了半个钟头")
        if evening == 0:
            xiang.fill("#v-wish", wish)
        if evening == 2:  # the battery: the tab is gone in the middle of a word, the phone is started again, still without a signal
            expect(xiang.get_by_role("status").get_by_text("已存手机", exact=True)).to_be_visible()
            context = xiang.context
            xiang.close(run_before_unload=False)
            xiang = context.new_page()
            desk.complaints[xiang] = []
            xiang.goto("/phone/")
            unlock(xiang)
            xiang.get_by_role("button", name=re.compile("没记完")).click()
            xiang.get_by_role("button", name=re.compile("接着记")).click()
            expect(xiang.locator("#v-words")).to_have_value(re.compile("第3晚"))
        xiang.get_by_role("button", name="完成走访").click()
        expect(xiang.get_by_text("走访已存手机")).to_be_visible()
        as_ever(lan, *hers if evening % 2 else his)  # every other evening both were at one door
        for page in (xiang, lan) if evening % 2 else (lan, xiang):
            home_again(page)

    mine = {at_door[one] for hers, wished, _his in EVENINGS for one in (hers, wished)}
    others = [at_door[hers if n % 2 else his] for n, (hers, _wished, his) in enumerate(EVENINGS)]
    with desk.world.acting("香") as me:
        found = list(Visit.objects.filter(household__in=list(at_door.values())))
        assert sorted(v.household_id for v in found if v.visited_by == me.id) == sorted(mine)
        assert sorted(v.household_id for v in found if v.visited_by != me.id) == sorted(others)
        said = {visits.words_of(v)[0] for v in found if not v.usual}
        assert said == {f"第{n}晚，在家说了半个钟头" for n in range(1, 6)}
        asked = Matter.objects.get(pk=VisitMatter.objects.get().matter_id)
        assert asked.title in wish or wish in asked.title
    done = mine | set(others)
    assert late(desk) == set(at_door.values()) - done

    at_desk = desk.page("香")
    at_desk.goto(f"/households/{at_door[EVENINGS[0][1]]}/?tab=visits")
    expect(at_desk.get_by_text("第1晚，在家说了半个钟头")).to_be_visible()
    desk.check(at_desk)
    at_desk.goto("/visits/?show=overdue")
    expect(at_desk.get_by_role("link", name=re.compile("过了日子"))).to_contain_text(str(HOUSEHOLDS - len(done)))
    desk.check(at_desk)

    # the rest of the half year: the same two officers, evening by evening, fifty at a time
    for name in ("香", "兰"):
        phone = Phone(name, timezone.now())
        with desk.world.acting(name) as me:
            phone.register(me)
            phone.pull(me)
            left = [key for key in phone.rows if uuid.UUID(key) not in done]
            for start_at in range(0, len(left), 50):
                ops = [op("visit.usual", uuid.UUID(key), at=phone.at - timedelta(minutes=n), data={"visit": str(uuid.uuid4()), "how": "door", "met": []}) for n, key in enumerate(left[start_at:start_at + 50])]
                assert {r["s"] for r in phone.push(me, ops)} == {"applied"}
            done |= {uuid.UUID(key) for key in left}
    assert done == set(at_door.values())
    assert late(desk) == set()
    at_desk.goto("/visits/?show=overdue")
    expect(at_desk.get_by_text("现在没有")).to_be_visible()
    home_again(xiang)
    xiang.get_by_role("button", name="走访", exact=True).last.click()
    expect(xiang.locator("main")).not_to_contain_text(re.compile(r"到期 \d+ 天了"), timeout=20_000)
    assert (desk.axe(xiang), desk.complaints[xiang], desk.complaints[lan]) == ([], [], [])


COUNT = """new Promise((ok) => { const r = indexedDB.open('minqing-phone'); r.onsuccess = () => { const q = r.result.transaction('rows').objectStore('rows').count(); q.onsuccess = () => ok(q.result); }; })"""


def test_only_her_own_village_is_there(desk, half_year):
    with desk.world.acting("芳") as me:
        other = households.create(grid=NEXT_VILLAGE + "000", number="99001", natural_village="白沙", door="77号", on=timezone.localdate(), by=me, at=timezone.now())
    page = start(desk, "香")
    page.get_by_role("button", name="找户", exact=True).click()
    page.fill("#q", "77号")
    expect(page.get_by_text("白沙")).to_have_count(0)
    at_desk = desk.page("香")
    assert at_desk.goto(f"/households/{other.pk}/").status == 404
    with superuser() as root:  # refused, and remembered
        assert root.execute("select count(*) from access_auditentry where what = 'refused' and detail::text like %s", [f"%{other.pk}%"]).fetchone()[0] >= 1
    with desk.world.acting("香"):
        assert not Household.objects.filter(pk=other.pk).exists()


def test_her_first_pull_with_the_questions_for_each_door_weighs_at_most_130_kilobytes(desk, half_year):
    now = timezone.now()
    with desk.world.acting("香") as me:
        device = devices.register(id=uuid.uuid4(), name="新手机", public_key="", by=me, at=now)
        answer = queries.pull(queries.Asked(), device=device, by=me, at=now)
    body = gzip.compress(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode(), compresslevel=6, mtime=0)
    assert len(answer["rows"]) == HOUSEHOLDS and sum(len(r["data"].get("ask", ())) for r in answer["rows"]) > HOUSEHOLDS
    assert len(body) <= 130_000
