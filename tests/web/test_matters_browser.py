"""The desk of matters in Chromium: the stories 3 and 8 of the seeds through real pages, every page without a violation, by keyboard and without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.contracts.foreign import superuser
from tests.people import TOWN
from tests.web.test_matters_pages import TABLES

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def swept(django_db_setup, django_db_blocker) -> Iterator[None]:
    yield
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in TABLES:
            root.execute(f"delete from {table} where {'id' if table == 'service_matter' else 'matter_id'} in (select id from service_matter where submitted_at > '2020-01-01')")  # noqa: S608


def take(page: Page, words: str, **given: str) -> str:
    """One matter through the page; its number in groups."""
    page.goto("/matters/new/")
    page.fill("[name=words]", words)
    for name, value in {"name": "吴井法", "phone": "15412345678", **given}.items():
        page.fill(f"[name={name}]", value)
    page.select_option("[name=place]", label="彭里村") if page.locator("[name=place] option").count() > 1 else None
    page.select_option("[name=kind]", "help_up")
    page.get_by_role("button", name="登记", exact=True).click()
    page.wait_for_url(re.compile("/matters/receipt/"))
    return page.locator(".receipt .big-number").first.inner_text()


def open_matter(page: Page, number: str) -> None:
    page.goto("/matters/?q=" + number.replace(" ", ""))
    page.wait_for_url(re.compile(r"/matters/[0-9a-f-]{36}/"))


def act(page: Page, label: str, **given: str) -> None:
    """Press the button of an act, fill its form, press again."""
    link = page.get_by_role("link", name=label, exact=True)
    if not link.first.is_visible():
        page.locator("details.menu summary", has_text="更多").first.click()
    link.first.click()
    for name, value in given.items():
        field = page.locator(f"form[data-guard] [name={name}]").first
        if field.get_attribute("type") == "radio":
            page.locator(f"form[data-guard] [name={name}][value='{value}']").check()
        elif field.evaluate("e => e.tagName") == "SELECT":
            page.select_option(f"form[data-guard] [name={name}]", value)
        else:
            field.fill(value)
    page.locator("form[data-guard] button.pri").click()
    page.wait_for_load_state()


def test_story_three_the_pond(desk):
    """苗 visits 吴井法; the village board meets, sets up basins; 文 calls back; one sheet."""
    miao, wen, xiang = desk.page("苗"), desk.page("文"), desk.page("香")
    number = take(miao, "景观池改造后洗漱不方便，以前在池边洗，现在没地方", spot="景观池")
    desk.check(miao)
    open_matter(wen, number)
    act(wen, "受理", kind="help_up", category="river")
    act(wen, "派单", lead="330881002205", words="请村两委商量")
    open_matter(xiang, number)
    act(xiang, "签收")
    act(xiang, "记联系", how="door", reached="1", words="上门听吴井法说了，先请村两委商量")
    act(xiang, "答复", words="村两委会议商定：池边增设四个水槽，已经装好通水。", outcome="solved")
    expect(xiang.locator("main")).to_contain_text("待回访")
    open_matter(wen, number)
    act(wen, "回访", channel="phone", reached="1", told="1", solved="yes", satisfied="yes", words="问：现在洗漱方便些了吗？答：方便多了。")
    expect(wen.locator("main")).to_contain_text("已办结")
    expect(wen.locator("main")).to_contain_text("现在洗漱方便些了吗")
    sheet = wen.request.get(wen.url.split("?")[0] + "print/")
    assert sheet.status == 200 and sheet.body()[:5] == b"%PDF-"
    # who took it down sees to the end how it went
    open_matter(miao, number)
    expect(miao.locator("main")).to_contain_text("增设四个水槽")


def test_story_eight_the_day_is_cleared(desk):
    """One has a call and an order, one has nothing: the board says so, for the village by matter, for the town by number."""
    wen, shou = desk.page("文"), desk.page("受")
    cleared, waiting = take(wen, "上塘的垃圾三天没人收"), take(wen, "古井的水发浑")
    open_matter(wen, cleared)
    act(wen, "受理", kind="help", category="rubbish")
    act(wen, "派单", lead="330881002205")
    act(wen, "记联系", how="phone", reached="0", words="")
    day = next_day_of(number=cleared)
    wen.goto(f"/matters/board/?day={day}")
    if day > timezone.localdate():
        return     # taken down in the evening: it stands on tomorrow's board, which nobody can open today
    expect(wen.locator("tr", has_text=cleared)).to_contain_text("已派单并首次联系")
    expect(wen.locator("tr", has_text=waiting)).to_contain_text("还没有人联系过")
    desk.check(wen)
    shou.goto(f"/matters/board/?day={day}&area={TOWN}")
    expect(shou.locator("tr", has_text="彭里村")).to_be_visible()
    expect(shou.locator("main")).not_to_contain_text("古井的水发浑")
    desk.check(shou)


def next_day_of(*, number: str) -> date:
    """The day on whose board a matter stands."""
    with superuser() as root:
        return root.execute("select (clock_from at time zone 'Asia/Shanghai')::date from service_matter where number = %s", [number.replace(" ", "")]).fetchone()[0]


def test_suggestions_while_typing_and_without_a_script(desk):
    page = desk.page("文")
    page.goto("/matters/new/")
    page.locator("[name=words]").press_sequentially("祠堂门口的路灯漏电了", delay=5)
    page.locator("#suggestion .card.suggest").wait_for()
    expect(page.locator("#suggestion")).to_contain_text("119")
    page.get_by_role("button", name="采用").click()
    expect(page.locator("[name=category]")).to_have_value("lamp")
    assert page.locator("[name=words]").input_value() == "祠堂门口的路灯漏电了"
    plain = desk.page("文", scripts=False)
    plain.goto("/matters/new/")
    plain.fill("[name=words]", "祠堂门口的路灯漏电了")
    plain.get_by_role("button", name="看建议和相似的事").click()
    expect(plain.locator("#suggestion")).to_contain_text("路灯照明")
    assert plain.locator("[name=words]").input_value() == "祠堂门口的路灯漏电了"


def test_the_list_by_keyboard(desk):
    page = desk.page("文")
    take(page, "岭脚的桥面塌了一块")
    page.goto("/matters/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel h2")
    assert "open=" in page.url
    page.keyboard.press("Escape")
    page.wait_for_selector(".main.split:not(.open)")


PAGES = {
    "文": ("/", "/matters/", "/matters/?view=all", "/matters/?view=first", "/matters/?kind=works", "/matters/new/", "/matters/board/", "/dispatch/", "/limits/", "/matters/{m}/", "/matters/?open={m}", *(f"/matters/{{m}}/do/{v}/" for v in ("accept", "reject", "transfer", "hand_over", "answer", "contact", "attach", "merge", "split", "withdraw", "restrict"))),
    "受": ("/matters/", "/matters/board/", "/matters/figures/", "/dispatch/", "/dispatch/new/", "/dispatch/import/", "/limits/"),
    "国": ("/", "/matters/waiting/", "/matters/figures/"),
    "琴": ("/matters/new/", "/matters/"),
}


@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_without_violation(desk, width):
    wen = desk.page("文", width=width, height=900)
    number = take(wen, "溪边的护栏松了，孩子靠上去危险")
    wrong = []
    try:
        desk.check(wen)
    except AssertionError as error:
        wrong.append(str(error)[:500])
    open_matter(wen, number)
    matter = wen.url.rstrip("/").rsplit("/", 1)[-1]
    for name, paths in PAGES.items():
        page = wen if name == "文" else desk.page(name, width=width, height=900)
        for path in paths:
            answer = page.goto(path.replace("{m}", matter))
            if answer.status != 200:
                wrong.append(f"{path}: {answer.status}")
                continue
            try:
                desk.check(page)
            except AssertionError as error:
                wrong.append(f"{path}: {str(error)[:500]}")
    assert not wrong, "\n\n".join(wrong)
