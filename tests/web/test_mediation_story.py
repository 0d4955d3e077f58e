"""Story 4 in Chromium: a field dispute at 花园岗, the plot found in the search box, the old mediation found at the plot, the new one
made to its end. And every page of mediation, plots and the question about retaliation at 1440 and 390 px without a violation.

`MINQING_SHOTS=<folder>` keeps a picture of each page.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from minqing.archives.actions import households, plots
from minqing.service.actions import clock, handling, matters, mediations
from minqing.service.actions import plots as links
from minqing.service.actions.matters import Who
from minqing.service.actions.mediations import Promised
from minqing.service.models import Matter, MatterPlot, Mediation
from tests.archives import village
from tests.contracts.foreign import superuser
from tests.people import PENGLI, TOWN, World
from tests.service.doors import ask
from tests.service.test_offers import PEOPLE, WORK, clear

pytestmark = pytest.mark.browser
MORE = ("service_mediationpromise", "service_mediationsession", "service_mediationconsent", "service_mediation", "service_matterplot", "archives_plot")
CODE = "3308810022050100077"


def shot(page, name: str) -> None:
    folder = os.environ.get("MINQING_SHOTS")
    if folder:
        Path(folder).mkdir(exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def dispute(me, words: str, first: Who, second: Who | None, at) -> Matter:
    m = ask(me, words, kind="dispute", requester=first, others=(second,) if second else (), at=at).matter
    m = matters.dispatch(matter=matters.accept(matter=m, by=me, at=at), lead=PENGLI, by=me, at=at)
    return handling.sign(matter=m, by=me, at=at)


@pytest.fixture(scope="module")
def planted(django_db_setup, django_db_blocker) -> Iterator[dict[str, uuid.UUID]]:
    """花园岗: a plot, two households, what was agreed about it two years ago; a complaint of a month ago. Committed."""
    now = timezone.now()
    today = timezone.localdate(now)
    with django_db_blocker.unblock(), superuser() as root:
        grids = [r[0] for r in root.execute("select code from access_area").fetchall()]
        try:
            village.grids()
            ids = {}
            with World.acting("香") as xiang:
                home = households.create(grid=PENGLI + "001", by=xiang, at=now, on=today, number="81002200", address="江山市虎山街道彭里村花园岗3号", natural_village="花园岗", door="3号")
                land = plots.create(grid=PENGLI + "001", name="花园岗大丘", household=home.pk, code=CODE, area_mu="1.85", measured_mu="1.92", east="徐水木田", south="机耕路", west="老水渠", north="山脚", contract_no="330881-205-0077",
                                    starts_on="1998-12-31", ends_on="2028-12-31", holder_name="毛土根", by=xiang, at=now)
                plots.create(grid=PENGLI + "002", name="花园岗小丘", code="", area_mu="0.6", holder_name="徐水木", by=xiang, at=now)
                old = dispute(xiang, "花园岗大丘东边的田埂，徐水木多挖了一尺", Who(name="毛土根", phone="15400000001"), Who(name="徐水木", phone="16400000002", role="other"), now)
                made = mediations.start(matter=old, by=xiang, at=now)
                for side in mediations.sides(old, xiang):
                    mediations.consent(mediation_id=made.pk, party=side.pk, agrees=True, how="face", by=xiang, at=now)
                mediations.hold(mediation_id=made.pk, on=now - timedelta(hours=1), place="花园岗田头", present="毛土根、徐水木、郑书香", words="当场量过，以东边第三根界桩为准", by=xiang, at=now)
                mediations.agree(mediation_id=made.pk, words="一、东边以第三根界桩为界。\n二、徐水木三日内把田埂填回原样。\n三、双方不再追究往年。", promises=[Promised(mediations.sides(old, xiang)[1].pk, "把田埂填回原样", today + timedelta(days=3))], by=xiang, at=now)
                mediations.sign(mediation_id=made.pk, on=today, by=xiang, at=now)
                links.link(matter=old, plot=land.pk, by=xiang, at=now)
                ids |= {"land": land.pk, "home": home.pk, "old": old.pk, "mediation": made.pk, "promise": made.promises.get().pk}
                ids["asking"] = mediations.start(matter=dispute(xiang, "屋后排水沟堵了，两家互相说是对方的", Who(name="祝有才", phone="15400000070"), Who(name="姜金花", phone="16400000071", role="other"), now), by=xiang, at=now).pk
                ids["alone"] = dispute(xiang, "后山毛竹被砍了十几根", Who(name="周水莲", phone="15400000072"), None, now).pk
                ids["ready"] = dispute(xiang, "晒谷坪谁先用谁后用，吵了几次", Who(name="徐后根", phone="15400000073"), Who(name="何家林", phone="16400000074", role="other"), now).pk
            with World.acting("敏") as min_:
                complaint = ask(min_, "网格员姜晓兰收红包才给办低保", kind="complaint", channel="window", taken_at=TOWN + "/CK", requester=Who(name="毛土根", phone="15400000001"), at=now).matter
            with World.acting("纪") as ji:
                matters.answer(matter=Matter.objects.get(pk=complaint.pk), words="已约谈本人，责令退还，并通报。", outcome="solved", by=ji, at=now - timedelta(days=31))
            root.execute("update service_matter set ask_on = current_date where id = %s", [complaint.pk])
            clock.run(now=timezone.now)
            ids["complaint"] = complaint.pk
            yield ids
        finally:
            clear(*MORE, *WORK, *PEOPLE)
            root.execute("delete from archives_searchkey where plot_id is not null")
            root.execute("delete from access_area where code <> all (%s)", [grids])


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def test_a_field_dispute_is_settled_from_what_stands_in_the_book(desk, planted):
    page = desk.page("香")
    # the dispute comes in; whoever takes it looks for the plot in the one search box
    page.goto("/")
    page.locator("#search").fill("花园岗")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="花园岗大丘").click()
    main = page.locator("main")
    assert "徐水木多挖了一尺" in main.inner_text() and "第三根界桩" not in main.inner_text()
    shot(page, "story-1-plot")
    page.get_by_role("link", name="协议").first.click()
    assert "东边以第三根界桩为界" in main.inner_text(), "what was agreed then"
    shot(page, "story-2-then")
    # a new dispute about the same field
    page.goto("/matters/new/")
    page.fill("[name=words]", "花园岗大丘的田埂又被挖了，说界桩被人拔了")
    page.fill("[name=name]", "毛土根")
    page.fill("[name=phone]", "15400000001")
    page.select_option("[name=place]", label="彭里村")
    page.select_option("[name=kind]", "dispute")
    page.get_by_role("button", name="登记", exact=True).click()
    page.wait_for_url("**/matters/receipt/**")
    number = page.locator(".receipt .big-number").first.inner_text()
    page.goto("/matters/?q=" + number.replace(" ", ""))
    page.get_by_role("link", name="受理", exact=True).click()
    press(page, "受理")
    page.get_by_role("link", name="派单", exact=True).click()
    page.select_option("[name=lead]", PENGLI)
    press(page, "派单")
    page.get_by_role("link", name="签收", exact=True).click()
    press(page, "签收")
    page.locator("details.menu summary", has_text="更多").first.click()
    page.get_by_role("link", name="关联地块").click()
    page.locator("main [name=find]").first.fill("大丘")
    press(page, "查找")
    page.get_by_label("花园岗大丘").check()
    shot(page, "story-3-link")
    press(page, "关联")
    assert "关于哪块地" in main.inner_text() and CODE in main.inner_text()
    matter = page.url.rstrip("/").rsplit("/", 1)[-1]
    # mediation: the other side, both asked, one meeting, an agreement, signed, kept
    page.get_by_role("link", name="开始调解").click()
    shot(page, "story-4-other")
    page.fill("main [name=name]", "徐水木")
    page.fill("main [name=phone]", "16400000002")
    press(page, "登记对方")
    shot(page, "story-5-start")
    press(page, "开始调解")
    for who in ("毛土根", "徐水木"):
        page.get_by_role("link", name="记愿不愿意").click()
        page.get_by_label(who).check()
        page.get_by_label("愿意", exact=True).check()
        page.get_by_label("当面", exact=True).check()
        shot(page, "story-6-consent")
        press(page, "记下")
    page.get_by_role("link", name="记一次调解会").click()
    page.fill("[name=on]", f"{timezone.localdate() - timedelta(days=1):%Y-%m-%d}")
    page.fill("[name=at]", "09:30")
    page.fill("[name=place]", "花园岗田头")
    page.fill("[name=present]", "毛土根、徐水木、郑书香、老会计周水莲")
    page.fill("[name=words]", "对照上次协议和权证四至量过，第三根界桩还在原处，被土埋了。")
    press(page, "记下")
    page.get_by_role("link", name="达成协议").click()
    page.fill("[name=words]", "一、仍以上次协议的第三根界桩为界。\n二、徐水木把田埂填回，双方一起把界桩露出来。")
    page.select_option("[name=who1]", label="徐水木（对方）")
    page.fill("[name=what1]", "把田埂填回原样")
    page.fill("[name=due1]", f"{timezone.localdate() + timedelta(days=5):%Y-%m-%d}")
    shot(page, "story-7-agree")
    press(page, "写好了，编号")
    paper = page.request.get(page.get_by_role("link", name="打印协议").get_attribute("href"))
    assert paper.status == 200 and paper.body()[:5] == b"%PDF-"
    if folder := os.environ.get("MINQING_SHOTS"):
        (Path(folder) / "agreement.pdf").write_bytes(paper.body())
    page.get_by_role("link", name="登记已签字").click()
    press(page, "双方都签了")
    page.get_by_role("link", name="做到了吗").click()
    page.get_by_label("做到了", exact=True).check()
    shot(page, "story-8-kept")
    press(page, "记下")
    assert "全部做到了" in main.inner_text() and "已履行" in main.inner_text()
    shot(page, "story-9-done")
    # from now on the plot leads to both
    page.goto(f"/plots/{planted['land']}/")
    assert page.get_by_role("link", name="协议").count() == 2
    with World.acting("香"):
        assert Mediation.objects.get(matter=matter).state == "kept"
        assert MatterPlot.objects.filter(plot_id=planted["land"], ended_at=None).count() == 2
    assert not desk.complaints[page]


PAGES = (
    ("香", "/mediations/"), ("香", "/mediations/?view=ready"), ("香", "/mediations/?view=ended"), ("香", "/mediations/{mediation}/"), ("香", "/mediations/{asking}/"), ("香", "/mediations/{asking}/do/consent/"), ("香", "/mediations/{asking}/do/fail/"),
    ("香", "/mediations/{mediation}/do/justice/"), ("香", "/mediations/promises/{promise}/"), ("香", "/mediations/start/{ready}/"), ("香", "/mediations/start/{alone}/"), ("香", "/mediations/start/{alone}/?find=花园岗"), ("香", "/matters/{old}/"), ("香", "/matters/{old}/do/plot/?find=大丘"),
    ("香", "/plots/"), ("香", "/plots/?q=大丘"), ("香", "/plots/{land}/"), ("香", "/plots/new/?household={home}"), ("香", "/plots/{land}/change/"), ("香", "/plots/{land}/void/"), ("香", "/households/{home}/?tab=land"), ("香", "/search/?q=花园岗"),
    ("纪", "/"), ("纪", "/matters/retaliation/"), ("纪", "/matters/{complaint}/"), ("纪", "/matters/{complaint}/do/retaliation/"), ("香", "/help/mediation/"), ("香", "/help/plot/"),
)


@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_without_violation(desk, planted, width):
    wrong = []
    for n, (name, pattern) in enumerate(PAGES):
        page = desk.page(name, width=width)
        answer = page.goto(pattern.format(**planted))
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


def test_an_agreement_without_a_script(desk, planted):
    page = desk.page("香", scripts=False)
    page.goto(f"/mediations/start/{planted['ready']}/")
    press(page, "开始调解")
    assert "征求同意" in page.locator("main").inner_text()
