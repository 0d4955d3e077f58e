"""鲁苗苗's story (domain.md §7.3), played whole: two phones without a signal and a desk.

苗 hears at 吴井法's door that washing is awkward since the pond was rebuilt; the wish becomes a matter when her phone is back; the village
talks about it, two count the votes, a trough is built; 文 calls back; 香 stands at the same door a last time; one sheet tells it all.
"""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pypdfium2
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from minqing.archives.actions import households, residents
from minqing.contact.actions import visits
from minqing.contact.models import Visit
from minqing.service.models import Matter
from tests.contracts.foreign import superuser
from tests.people import PENGLI, World
from tests.web.phone import TABLES as PHONES
from tests.web.phone import start, unlock
from tests.web.test_half_year import home_again
from tests.web.test_matters_browser import act, open_matter
from tests.web.test_meeting_pages import TABLES as MEETINGS
from tests.web.test_meeting_pages import today

pytestmark = pytest.mark.browser

SAID = "景观池改造后洗漱不方便，以前在池边洗"
MATTERS = ("service_callback", "service_contact", "service_assignment", "service_move", "service_party", "service_seat", "service_matter")


@pytest.fixture(scope="module")
def pond(village) -> Iterator[uuid.UUID]:
    """吴井法's household; what the story leaves is taken away."""
    with superuser() as root:
        before = {table: [row[0] for row in root.execute(f"select id from {table}")] for table in (*MATTERS, *PHONES, *MEETINGS)}
    on = timezone.localdate() - timedelta(days=300)
    with World.acting("香") as me:
        home = households.create(grid=PENGLI + "001", number="2050088", natural_village="上塘", door="88号", on=on, by=me, at=timezone.now())
        residents.register(name="吴井法", grid=home.grid_code, household=home, sex="1", birth_date=on - timedelta(days=365 * 68), phone="15400008888", on=on, confirmed=True, by=me, at=timezone.now())
    yield home.pk
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table, ids in before.items():
            root.execute(f"delete from {table} where not id = any(%s)", [ids])


def send(page: Page, url: str, **fields: str) -> None:
    """Open a form of the desk, fill it, press its button."""
    page.goto(url)
    for name, value in fields.items():
        field = page.locator(f"main form [name={name}]").first
        kind = field.get_attribute("type")
        if kind == "radio":
            page.locator(f"main form [name={name}][value='{value}']").check()
        elif field.evaluate("e => e.tagName") == "SELECT":
            page.select_option(f"main form [name={name}]", value)
        else:
            field.fill(value)
    page.locator("main form button.pri").first.click()
    page.wait_for_load_state()
    assert page.locator("main [role=alert]").count() == 0, page.locator("main [role=alert]").all_inner_texts()


def at_the_door(page: Page) -> None:
    page.get_by_role("button", name="找户", exact=True).click()
    page.fill("#q", "wujingfa")
    page.locator(".hh .to").first.click()
    expect(page.get_by_role("heading", name="家里人")).to_be_visible()


def test_from_the_pond_to_the_sheet(desk, pond):
    # 1. 苗 at the door, no signal; the tab is killed before she is home
    miao, xiang = start(desk, "苗"), start(desk, "香", width=360)
    for phone in (miao, xiang):
        phone.context.set_offline(True)
    at_the_door(miao)
    miao.get_by_role("button", name="记走访").click()
    miao.locator(".pick label", has_text="吴井法").first.click()
    miao.fill("#v-words", "池子修得好看，就是没地方洗衣裳")
    miao.fill("#v-wish", SAID)
    miao.get_by_role("button", name="完成走访").click()
    expect(miao.get_by_text("走访已存手机")).to_be_visible()
    context = miao.context
    miao.close(run_before_unload=False)
    miao = context.new_page()
    desk.complaints[miao] = []
    miao.goto("/phone/")
    unlock(miao)
    home_again(miao)
    with desk.world.acting("香"):
        matter = Matter.objects.get(title__startswith="景观池改造后")
        number = matter.number
    home_again(xiang)
    xiang.context.set_offline(True)
    at_the_door(xiang)
    expect(xiang.locator("main")).to_contain_text("景观池改造后")  # her phone knows of it, without a signal

    # 2. the desk: taken in, sent to the village, put before the council
    wen, shu = desk.page("文"), desk.page("香")
    open_matter(wen, number)
    act(wen, "受理", kind="help_up", category="river")
    act(wen, "派单", lead=PENGLI, words="请村两委商量")
    open_matter(shu, number)
    act(shu, "签收")
    act(shu, "记联系", how="door", reached="1", words="上门听吴井法说了，先请村两委商量")
    tomorrow = timezone.localdate() + timedelta(days=1)
    shu.goto("/meetings/new/")
    people = {option.inner_text(): option.get_attribute("value") for option in shu.locator("[name=chair] option").all()}
    chair, recorder = (next(value for label, value in people.items() if name in label) for name in ("郑书香", "严文"))
    send(shu, "/meetings/new/", kind="council", title="洗漱处怎么改", on=f"{tomorrow}", starts="00:05", ends="23:50", place="文化礼堂", chair=chair, recorder=recorder)
    meeting = re.search(r"/meetings/[0-9a-f-]{36}/", shu.url).group(0)
    send(shu, f"{meeting}items/new/", title="洗漱处加装水槽", options="增设水槽\n改回原样\n都不同意", matter=number)
    send(shu, f"{meeting}do/figures/", due="12", reason="请了十二位邻里代表")
    send(shu, f"{meeting}do/notice/")
    today(meeting)
    send(shu, f"{meeting}do/hold/")
    send(shu, f"{meeting}do/attend/", present="11", observers="1")
    send(shu, f"{meeting}say/", words="水槽靠东头，冬天晒得到太阳", speaker="吴井法")
    expect(shu.locator("main")).to_contain_text("水槽靠东头")
    for page, counter in ((shu, "毛小芬"), (wen, "郑伟")):
        page.goto(meeting)
        page.get_by_role("link", name=re.compile("填票数")).click()
        send(page, page.url, counter=counter, figure0="8", figure1="2", figure2="1", invalid="0")
    shu.goto(meeting)
    shu.get_by_role("link", name=re.compile("登记决议")).click()
    send(shu, shu.url, text="村两委协商决定增设水槽")
    expect(shu.locator("main")).to_contain_text("“增设水槽”通过")
    desk.check(shu)
    shu.goto("/resolutions/")
    desk.check(shu)

    # 3. built, answered, called back by somebody else
    open_matter(shu, number)
    expect(shu.locator("main")).to_contain_text("邻里议事会决定：村两委协商决定增设水槽")
    act(shu, "答复", words="村里在洗漱处东头增设了水槽，已经通水。", outcome="solved")
    open_matter(wen, number)
    act(wen, "回访", channel="phone", reached="1", told="1", solved="yes", satisfied="yes", words="问：现在洗漱方便些了吗？答：方便多了。")
    expect(wen.locator("main")).to_contain_text("已办结")
    sheet = pypdfium2.PdfDocument(io.BytesIO(wen.request.get(wen.url.split("?")[0] + "print/").body()))
    words = "".join(page.get_textpage().get_text_range() for page in sheet).replace("\r", "").replace("\n", "")
    assert "村两委协商决定增设水槽" in words and "增设了水槽" in words

    # 4. the same door again, before the phone has heard that it is done; then both are true
    xiang.get_by_role("button", name="记走访").click()
    xiang.locator(".pick label", has_text="吴井法").first.click()
    xiang.fill("#v-words", "现在洗漱方便些了")
    xiang.get_by_role("button", name="完成走访").click()
    expect(xiang.get_by_text("走访已存手机")).to_be_visible()
    home_again(xiang)
    at_the_door(xiang)
    expect(xiang.locator("main")).not_to_contain_text("景观池改造后")  # closed: nothing is open at this door
    with desk.world.acting("香"):
        assert [visits.words_of(v)[0] for v in Visit.objects.filter(household=pond).order_by("visited_at")] == ["池子修得好看，就是没地方洗衣裳", "现在洗漱方便些了"]
        assert Matter.objects.get(pk=matter.pk).state == "closed"
    at_desk = desk.page("苗")
    open_matter(at_desk, number)
    expect(at_desk.locator("main")).to_contain_text("增设了水槽")  # who took it down sees to the end how it went
    assert [desk.complaints[p] for p in (miao, xiang, shu, wen)] == [[], [], [], []]
