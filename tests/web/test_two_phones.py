"""Two phones without a signal at one household, in Chromium: what differs merges, what clashes is shown with both values and chosen in two
taps, an evening's visits arrive once each, also after a killed tab, a lost answer, and coming back in the other order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from minqing.archives.models import Household, Proposal, Resident
from minqing.contact.actions import visits
from minqing.contact.models import Visit
from tests.web.phone import shot, start, sweep, to_file, unlock

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def swept(village) -> Iterator[None]:
    yield
    sweep("archives_proposal")


def home_again(page: Page) -> None:
    """Everything that lies in the outbox goes up, what is new comes down."""
    page.context.set_offline(False)
    page.get_by_role("button", name=re.compile("^待传")).last.click()
    page.get_by_role("button", name="现在同步").click()
    expect(page.get_by_text("等着传")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("已同步"))).to_be_visible()


def write_words(page: Page, **words: str) -> None:
    page.get_by_role("button", name="改提示").click()
    for field, text in words.items():
        page.fill(f"#v-{field}", text)
    page.get_by_role("button", name="存好").click()
    expect(page.get_by_text("已存手机，有网自动传")).to_be_visible()


def as_ever(page: Page, name: str) -> None:
    to_file(page, name)
    page.get_by_role("button", name="一切如常").click()
    expect(page.get_by_text("一切如常，已存手机")).to_be_visible()


def test_secretary_and_grid_officer_at_one_household(desk, village):
    with desk.world.acting("兰"):
        homes = list(Household.objects.filter(voided_at=None, state="active", head_name__gt="").order_by("number")[:3])
    (one, name), others = (homes[0].pk, homes[0].head_name), [h.head_name for h in homes[1:]]
    xiang, lan = start(desk, "香"), start(desk, "兰")
    for page in (xiang, lan):
        page.context.set_offline(True)
        to_file(page, name)
    write_words(xiang, caution="狗已拴好，敲东侧后窗", difficulties="下雪天买菜不便")
    write_words(lan, caution="院灯坏了，走前门", wishes="想装扶手")
    lan.get_by_role("button", name="返回").click()

    # an evening of each; 香's tab is killed in the middle of a sentence
    xiang.get_by_role("button", name="记走访").click()
    xiang.locator(".pick label", has_text=name).first.click()
    xiang.locator("#v-words").press_sequentially("今年茶籽收得好")
    expect(xiang.locator(".sv").get_by_text("已存手机")).to_be_visible()
    context = xiang.context
    xiang.close(run_before_unload=False)
    as_ever(lan, others[0])
    as_ever(lan, name)
    xiang = context.new_page()
    xiang.goto("/phone/")
    unlock(xiang)
    xiang.get_by_role("button", name=re.compile("没记完")).click()
    xiang.get_by_role("button", name=re.compile("接着记")).first.click()
    expect(xiang.locator("#v-words")).to_have_value("今年茶籽收得好")
    xiang.get_by_role("button", name="完成走访").click()
    expect(xiang.get_by_text("走访已存手机")).to_be_visible()
    as_ever(xiang, others[1])

    # who went out second comes home first; the answer to 香 is lost: the server has it, the network is gone before she hears so
    home_again(lan)
    lost = []

    def lose(route):
        if not lost:
            lost.append(route.fetch().status)
        route.abort()

    xiang.route("**/phone/api/push", lose)
    xiang.context.set_offline(False)
    xiang.get_by_role("button", name=re.compile("^待传")).last.click()
    xiang.get_by_role("button", name="现在同步").click()
    expect(xiang.get_by_text("等着传")).to_be_visible()
    expect(xiang.locator(".pill.off")).to_be_visible()
    xiang.unroute("**/phone/api/push")
    home_again(xiang)
    assert lost == [200]

    expect(xiang.get_by_text("两边都改了")).to_be_visible()
    expect(xiang.get_by_text("姜晓兰也改过")).to_be_visible()
    shot(xiang, "conflict-two-phones")
    card = xiang.locator(".li", has_text="两边都改了")
    expect(card.get_by_role("button", name=re.compile("现在的"))).to_contain_text("院灯坏了，走前门")
    card.get_by_role("button", name=re.compile("我填的")).click()  # the second tap: the first was the tab
    expect(xiang.get_by_text("两边都改了")).to_have_count(0)
    expect(xiang.get_by_text("没有要传的")).to_be_visible()

    home_again(lan)
    to_file(lan, name)
    expect(lan.locator(".p-note")).to_contain_text("狗已拴好，敲东侧后窗")
    with desk.world.acting("香"):
        home = Household.objects.get(pk=one)
        assert (home.caution, home.difficulties, home.wishes) == ("狗已拴好，敲东侧后窗", "下雪天买菜不便", "想装扶手")
        made = list(Visit.objects.filter(voided_at=None))
        assert Counter(v.household_id for v in made) == {one: 2, homes[1].pk: 1, homes[2].pk: 1}
        assert [visits.words_of(v)[0] for v in made if v.household_id == one and not v.usual] == ["今年茶籽收得好"]
        assert [p.state for p in Proposal.objects.filter(kind="conflict", household=one)] == ["done"]
    assert desk.complaints[lan] == []


def test_two_phones_of_one_officer_who_heard_two_numbers(desk, village):
    """A telephone number typed on both: the first counts, the other is asked with both masked; 现在的 is chosen and stays."""
    first, second, person = start(desk), start(desk), village["周志伟"]
    for page, number in ((first, "15400001111"), (second, "15400002222")):
        page.context.set_offline(True)
        to_file(page, "周志伟")
        page.get_by_role("button", name="记走访").click()
        page.locator(".pick label", has_text="周志伟").first.click()
        page.get_by_role("button", name=re.compile("^周志伟的电话")).click()
        page.fill(f"[id='v-phone:{person}']", number)
        page.get_by_role("button", name="完成走访").click()
        expect(page.get_by_text("走访已存手机")).to_be_visible()
    home_again(second)
    home_again(first)
    card = first.locator(".li", has_text="两边都改了")
    expect(card.get_by_role("heading", name=re.compile("周志伟"))).to_be_visible()
    assert "15400001111" not in card.inner_text() and "1111" in card.inner_text() and "2222" in card.inner_text()
    card.get_by_role("button", name=re.compile("现在的")).click()
    expect(first.get_by_text("没有要传的")).to_be_visible()
    with desk.world.acting("香"):
        assert Resident.objects.get(pk=person).phone_tail == "2222"
        assert Visit.objects.filter(household_id=village["2050041"], voided_at=None).count() == 2


def test_both_phones_hold_the_same_after_each_has_been_home(desk, village):
    pages = [start(desk), start(desk)]
    names = [("姜水仙", "欧阳长庚"), ("欧阳长庚", "姜水仙")]
    for page, (mine, other) in zip(pages, names, strict=True):
        page.context.set_offline(True)
        to_file(page, mine)
        write_words(page, difficulties=f"{mine}怕冷")
        page.get_by_role("button", name="返回").click()
        as_ever(page, other)
    for page in (*reversed(pages), *pages):
        home_again(page)
    held = [page.evaluate("import('/static/phone/store.js').then(({ S }) => [...S.rows.values()].map((r) => r.id + r.rev).sort())") for page in pages]
    assert held[0] == held[1]
    with desk.world.acting("香"):
        ids = [village["2050041"], village["2050043"]]
        assert {h.difficulties for h in Household.objects.filter(pk__in=ids)} == {"姜水仙怕冷", "欧阳长庚怕冷"}
        assert Counter(Visit.objects.filter(voided_at=None).values_list("household_id", flat=True)) == Counter(ids)
