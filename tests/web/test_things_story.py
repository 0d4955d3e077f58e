"""Story 1 in Chromium: 徐后根 turns 60; the village calls; a card is brought to him; somebody else asks whether it came. And every
page of 代办, 政策找人, 事项目录 at 1440 and 390 px without a violation.

`MINQING_SHOTS=<folder>` keeps a picture of each page.
"""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image

from minqing.access import scope
from minqing.archives.actions import households, residents
from minqing.service.actions import errands, evening, materials
from minqing.service.actions.errands import Wish
from minqing.service.models import Benefit, Matter, Offer
from minqing.service.queries import catalogue
from tests.archives import village
from tests.contracts.foreign import superuser
from tests.people import PENGLI, World
from tests.service.errand_people import disabled, staff
from tests.service.test_offers import PEOPLE, WORK, clear

pytestmark = pytest.mark.browser
MORE = ("service_paper", "service_moneyline", "service_attachment", "service_agentcard")


def shot(page, name: str) -> None:
    folder = os.environ.get("MINQING_SHOTS")
    if folder:
        Path(folder).mkdir(exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def born_for(years: int, today: date) -> date:
    """Somebody who turns so old this month."""
    return date(today.year - years, today.month, min(today.day, 28))


def someone(me: scope.Me, name: str, born: date, sex: str, home, at: datetime, **more):
    return residents.register(name=name, grid=home.grid_code, household=home, birth_date=born, sex=sex, on=timezone.localdate(at), confirmed=True, by=me, at=at, **more)


@pytest.fixture(scope="module")
def planted(django_db_setup, django_db_blocker) -> Iterator[dict[str, uuid.UUID]]:
    """徐后根 and neighbours whom other policies find, committed; the evening has been."""
    now = timezone.now()
    today = timezone.localdate(now)
    with django_db_blocker.unblock(), superuser() as root:
        grids = [r[0] for r in root.execute("select code from access_area").fetchall()]
        try:
            village.grids()
            ids = {}
            with World.acting("香") as xiang:
                def home(n: int):
                    return households.create(grid=PENGLI + "001", by=xiang, at=now, on=today, number=f"8100220{n:04}", address=f"江山市虎山街道彭里村上塘{n}号", natural_village="上塘", door=f"{n}号")

                born = born_for(60, today)
                xu = residents.register(name="徐后根", grid=PENGLI + "001", household=home(6), id_number=village.number(born, "1"), sex="1", phone="15400000060", on=today, confirmed=True, by=xiang, at=now,
                                        more={"registered_address": "江山市虎山街道彭里村上塘6号", "living_address": "彭里村上塘6号"})
                ids["徐后根"] = xu.pk
                ids["周水莲"] = someone(xiang, "周水莲", born_for(80, today), "2", home(7), now).pk
                ids["毛新芽"] = someone(xiang, "毛新芽", today - timedelta(days=20), "2", home(8), now).pk
                lame = someone(xiang, "祝有才", date(1970, 5, 1), "1", home(9), now, phone="15400000070")
                disabled(xiang, lame)
                ids["祝有才"] = lame.pk
                item = catalogue.item_at("id_renew", PENGLI)
                other = errands.open_errand(wish=Wish(item=item, place=PENGLI, words="身份证快到期了", channel="door", name="祝有才", phone="15400000070", person=lame.pk), by=xiang, at=now).matter
                errands.assign(matter=other, staff=staff("代"), by=xiang, at=now)
                ids["other"] = other.pk
            with World.acting("代") as dai:
                errands.accept(matter=other, by=dai, at=now)
                materials.receive(matter=other, what="户口簿", form="original", pages=1, giver="祝有才", by=dai, at=now)
                materials.pay(matter=other, kind="paid", amount="20", what="换领工本费", by=dai, at=now)
                errands.submitted(matter=other, to="派出所户籍窗口", number="PCS-26", by=dai, at=now)
            done = evening.run(now=lambda: now, only=[PENGLI])
            assert (done["villages"], done["failed"]) == (1, 0)
            yield ids
        finally:
            clear(*MORE, *WORK, *PEOPLE)
            root.execute("delete from access_area where code <> all (%s)", [grids])


def press(page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def test_at_sixty_somebody_comes_with_the_card_not_with_a_form(desk, planted):
    secretary = desk.page("香")
    secretary.goto("/")
    secretary.get_by_role("link", name="去看").first.wait_for()
    assert "人有政策该告诉" in secretary.locator("main").inner_text()
    secretary.goto("/policies/")
    card = secretary.locator("section.offer", has_text="徐后根")
    words = card.inner_text()
    assert "满 60 周岁：老年优待" in words and "60 岁" in words
    assert words.index("持身份证即可享受，如需优待证可代办") < words.index("开代办"), "said before a card is offered"
    card.get_by_text("为什么找到他").click()
    assert "出生日期" in card.inner_text() and "浙江省实施《老年人权益保障法》办法第 26 条" in card.inner_text()
    shot(secretary, "story-1-list")
    card.get_by_role("button", name="开代办").click()
    assert "已开代办，编号" in secretary.locator("main").inner_text()
    assert secretary.get_by_role("button", name="撤回").count(), "ten minutes to take it back"
    secretary.get_by_role("button", name="撤回").click()
    secretary.goto("/policies/")
    secretary.locator("section.offer", has_text="徐后根").get_by_role("button", name="开代办").click()
    secretary.goto("/policies/?tab=opened")
    secretary.locator("section.offer", has_text="徐后根").get_by_role("link", name="看代办").click()
    assert "项里" in secretary.locator("main").inner_text() and "身份证、户口本、市民卡或驾驶证" in secretary.locator("main").inner_text()
    secretary.get_by_role("link", name="安排代办员").click()
    shot(secretary, "story-2-assign")
    secretary.get_by_label("何代").check()
    press(secretary, "交给他")
    matter = secretary.url.rstrip("/").rsplit("/", 1)[-1].split("?")[0]

    agent = desk.page("代", width=390, height=844)
    agent.goto("/errands/")
    assert "有 1 件等您答应" in agent.locator("main").inner_text()
    agent.get_by_role("link", name="代办：老年优待证").first.click()
    assert "15400000060" not in agent.locator("main").inner_text()
    shot(agent, "story-3-asked")
    press(agent, "我来办")
    assert "15400000060" in agent.locator("main").inner_text()
    small = [b for b in agent.locator(".big-act .btn").all() if (b.bounding_box() or {"height": 0})["height"] < 48]
    assert not small, "big buttons for a thumb"
    shot(agent, "story-4-accepted")
    agent.get_by_role("link", name="去问、去填").click()
    assert "走访或本人陈述" in agent.locator("main").inner_text()
    for asked in agent.locator("form input.ctl").all():
        asked.fill("无")
    shot(agent, "story-5-form")
    press(agent, "念过了")
    assert "念给本人听过" in agent.locator("main").inner_text()
    agent.goto(f"/errands/{matter}/do/paper/")
    agent.get_by_label("什么材料").fill("身份证复印件")
    agent.locator("input[type=file]").set_input_files(files=[{"name": "id.png", "mimeType": "image/png", "buffer": picture()}])
    press(agent, "收下，出收据")
    agent.get_by_role("link", name="看扫描件").click()
    press(agent, "查看")
    assert agent.locator("img.scan").count() == 0, "no copy of a card without a reason"
    agent.get_by_label("为什么要看").fill("填街道的表要核对证件号")
    press(agent, "查看")
    agent.wait_for_selector("img.scan")
    shot(agent, "story-6-scan")
    agent.goto(f"/errands/{matter}/do/submit/")
    press(agent, "交了")
    press(agent, "取回了")
    agent.get_by_role("link", name="送到，签收").click()
    shot(agent, "story-7-deliver")
    press(agent, "送到了")
    assert "辛苦了" in agent.locator("main").inner_text()
    assert agent.goto(f"/errands/{matter}/").status == 404, "he sees it no more"

    clerk = desk.page("文")
    clerk.goto(f"/errands/{matter}/")
    clerk.get_by_role("link", name="去回访").click()
    clerk.get_by_label("解决了", exact=True).check()
    clerk.get_by_label("满意", exact=True).check()
    shot(clerk, "story-8-callback")
    press(clerk, "记下回访")
    assert "已办结" in clerk.locator("main").inner_text()
    with World.acting("香"):
        assert Matter.objects.get(pk=matter).state == "closed"
        assert Offer.objects.get(person_id=planted["徐后根"], rule="turns_60").state == "done"
        assert Benefit.objects.get(person_id=planted["徐后根"]).name == "老年优待证"
    for page in (secretary, agent, clerk):
        assert not desk.complaints[page]


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 570), "#dde8e9").save(out, "PNG")
    return out.getvalue()


def test_an_officer_sees_that_something_is_due_and_not_why(desk, planted):
    page = desk.page("兰")
    page.goto("/policies/")
    card = page.locator("section.offer", has_text="祝有才").inner_text()
    assert "有一项政策" in card and "残疾" not in card
    page = desk.page("香")
    page.goto("/policies/?rule=-")
    assert "有残疾人证、没有两项补贴" in page.locator("main").inner_text()


PAGES = (
    ("香", "/"), ("代", "/"), ("香", "/errands/"), ("代", "/errands/"), ("香", "/errands/?tab=done"), ("香", "/errands/{other}/"), ("代", "/errands/{other}/"), ("代", "/errands/{other}/form/"), ("代", "/errands/{other}/do/money/"),
    ("代", "/errands/{other}/do/paper/"), ("代", "/errands/{other}/do/refuse/"), ("香", "/errands/{other}/do/recall/"), ("香", "/errands/new/"), ("香", "/errands/new/?person={徐后根}"), ("敏", "/errands/new/"), ("代", "/errands/agents/"),
    ("香", "/policies/"), ("兰", "/policies/"), ("国", "/policies/figures/"), ("香", "/policies/rules/"), ("总", "/policies/rules/turns_60/"), ("香", "/catalogue/"), ("总", "/catalogue/"), ("香", "/catalogue/elder_card/"),
    ("总", "/catalogue/elder_card/edit/"), ("总", "/catalogue/new/"), ("总", "/catalogue/import/"), ("香", "/help/policy-list/"),
)


@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_without_violation(desk, planted, width):
    wrong = []
    for n, (name, pattern) in enumerate(PAGES):
        page = desk.page(name, width=width)
        path = pattern.replace("{other}", str(planted["other"])).replace("{徐后根}", str(planted["徐后根"]))
        answer = page.goto(path)
        shot(page, f"{width}-{n:02}-{name}")
        if answer.status != 200:
            wrong.append(f"{pattern} as {name}: {answer.status}")
            continue
        try:
            desk.check(page)
        except AssertionError as error:
            wrong.append(f"{pattern} as {name}: {str(error)[:500]}")
        page.context.close()
    assert not wrong, "\n\n".join(wrong)


def test_a_page_without_a_script_works_too(desk, planted):
    page = desk.page("香", scripts=False)
    page.goto("/policies/")
    page.get_by_role("region", name="周水莲：满 80 周岁").get_by_role("link", name="本人不需要").click()
    page.get_by_label("本人怎么说").fill("已经在领了")
    press(page, "记下")
    page.goto("/policies/?tab=declined")
    assert "已经在领了" in page.locator("main").inner_text()
