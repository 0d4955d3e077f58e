"""Days with bookings on the desk: laid out and run by 文, booked by 琴 and 敏, answered by 国, an evening with its sheet, a stall with its matters."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator
from datetime import time, timedelta

import pytest
from django.utils import timezone

from minqing.access.models import Organisation, Staff
from minqing.contact.models import Booking, ContactDay, Market
from minqing.service.models import Matter
from tests.contracts.foreign import superuser
from tests.contracts.test_statements import counting
from tests.people import CAST, PENGLI, TOWN, World
from tests.web.test_staff import text

TODAY = timezone.localdate()
SOON = TODAY + timedelta(days=5)


@pytest.fixture(scope="module")
def village(village) -> Iterator[dict[str, uuid.UUID]]:
    yield village
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in ("contact_daymatter", "contact_booking", "contact_dayseat", "contact_contactday"):
            root.execute(f"delete from {table}")  # noqa: S608
        for table in ("service_move", "service_party", "service_seat"):
            root.execute(f"delete from {table} where matter_id in (select id from service_matter where submitted_at > '2020-01-01')")  # noqa: S608
        root.execute("delete from service_matter where submitted_at > '2020-01-01'")


@pytest.fixture
def visit(village, visit):
    return visit


def record(page) -> str:
    return re.search(r'name="record" value="([^"]+)"', page.content.decode()).group(1)


def made(client, kind: str, **more: str) -> str:
    """Arranged by the form, announced by the button; its address."""
    url = f"/days/new/?kind={kind}"
    page = client.get(url)
    assert page.status_code == 200, text(page)[:400]
    area = re.search(r'name="area" value="([^"]+)"', page.content.decode())
    data = {"record": record(page), "area": area.group(1) if area else PENGLI, "day": str(SOON), "starts": "08:30", "ends": "11:30", "place": "村便民服务点", "slot_minutes": "30", "capacity": "1", **more}
    answer = client.post(url, data)
    assert answer.status_code == 302, text(answer)[:900]
    assert client.post(url, data)["Location"] == answer["Location"]
    return answer["Location"]


def slots(page) -> list[str]:
    return re.findall(r'name="slot" value="([^"]+)"', page.content.decode())


def test_laid_out_at_one_press_and_shown_with_the_next_one_first(visit):
    client = visit("文")
    assert "往后还没有排" in text(client.get("/days/"))
    assert client.post("/days/lay/", {"area": PENGLI, "kind": "joint"}).status_code == 302
    page = text(client.get("/days/"))
    assert "一周一集中" in page and "星期二" in page and "排好了往后 8 周" in page
    client.post("/days/lay/", {"area": PENGLI, "kind": "joint"})
    assert "都已经排好了" in text(client.get("/days/"))
    assert "还没有登记墟市" in text(client.get("/days/")) or client.post("/days/lay/", {"area": PENGLI, "kind": "stall"}).status_code == 302
    assert "还没有登记墟市" in text(client.get("/days/"))
    assert "排好彭里" not in text(visit("琴").get("/days/"))


def test_a_department_is_asked_on_its_work_desk_and_answers_with_one_press(visit):
    client = visit("文")
    day = made(client, "joint")
    with World.acting("文"):
        office = Organisation.objects.get(name="江山市住房和城乡建设局").pk
    client.post(day + "ask/", {"who": f"o:{office}"})
    page = client.get(day)
    assert "等回话" in text(page) and "告诉大家" in text(page)
    assert visit("琴").get(day).status_code == 404
    jian = visit("建")
    assert "1 天请您到场" in text(jian.get("/"))
    found = jian.get(day)
    seat = re.search(r'action="(/days/seats/[^"]+)"', found.content.decode()).group(1)
    assert jian.post(seat, {"at_once": "coming"}).status_code == 302
    assert "会来" in text(client.get(day)) and "请您到场" not in text(jian.get("/"))


def test_a_day_from_walking_in_to_what_was_settled(visit):
    client = visit("文")
    day = made(client, "joint", day=str(TODAY), starts="00:01", ends="23:59", slot_minutes="0", capacity="0")
    client.post(day + "announce/")
    page = client.get(day)
    number = record(page)
    wrong = client.post(day + "walk/", {"record": number, "name": "郑土根", "phone": "12", "about": "宅基地"})
    assert wrong.status_code == 422 and "看不明白" in text(wrong) and 'value="郑土根"' in wrong.content.decode()
    for _n in range(2):
        assert client.post(day + "walk/", {"record": number, "name": "郑土根", "phone": "15400000001", "about": "宅基地"}).status_code == 302
    assert text(client.get(day)).count("1 号") >= 1
    client.post(day + "next/")
    page = client.get(day)
    assert "记结果" in text(page)
    booking = re.search(r'href="(/bookings/[^"]+)"', page.content.decode()).group(1)
    shown = text(client.get(booking))
    assert "宅基地" in shown and "15400000001" in shown
    wrong = client.post(booking, {"outcome": "settled", "words": ""})
    assert wrong.status_code == 422 and "请写怎么说定的" in text(wrong)
    done = client.post(booking, {"outcome": "matter", "words": "", "matter_words": "宅基地四至不清，请来量一量", "kind": "help"})
    assert done.status_code == 302, text(done)[:600]
    assert "登记成一件事" in text(client.get(day))
    with World.acting("文"):
        assert Matter.objects.filter(title__startswith="宅基地四至不清").count() == 1
    client.post(day + "held/")
    assert "办完了" in text(client.get(day))
    assert visit("琴").get(booking).status_code == 404 and "郑土根" not in text(visit("兰").get(day))


def test_a_leaders_day_is_booked_by_phone_and_window_and_answered_by_him(visit):
    desk = visit("受")
    with World.acting("受"):
        guo = str(Staff.objects.get(number=CAST["国"].number).pk)
    day = made(desk, "leader", area=TOWN, led_by=guo, subject="饮水和道路", place="街道办事处一楼")
    desk.post(day + "announce/")
    assert "饮水和道路" in text(visit("琴").get("/days/"))
    for name, who in (("琴", "周志伟"), ("敏", "姜水仙")):
        client = visit(name)
        page = client.get(day + "book/")
        assert page.status_code == 200, text(page)[:300]
        free = slots(page)
        answer = client.post(day + "book/", {"record": record(page), "slot": free[0], "name": who, "phone": "16400000002", "place": PENGLI, "about": "自来水常停"})
        assert answer.status_code == 302, text(answer)[:800]
        assert who in text(client.get(day))
    assert "周志伟" not in text(visit("敏").get(day)) and "自来水" not in text(visit("苗").get(day))
    with World.acting("受"):
        assert set(Booking.objects.filter(day__kind="leader").values_list("via", flat=True)) == {"phone", "window"}
        booked = Booking.objects.filter(via="phone").get()
    leader = visit("国")
    assert "周志伟" in text(leader.get("/days/")) and "等答复" in text(leader.get("/days/"))
    page = leader.get(f"/bookings/{booked.pk}/")
    assert page.status_code == 200 and "登记成什么事" not in text(page)
    wrong = leader.post(f"/bookings/{booked.pk}/", {"outcome": "later", "words": "请水务站来看", "on": ""})
    assert wrong.status_code == 422 and "请水务站来看" in wrong.content.decode()
    assert leader.post(f"/bookings/{booked.pk}/", {"outcome": "later", "words": "请水务站来看", "on": str(SOON + timedelta(days=3))}).status_code == 302
    assert leader.post(f"/bookings/{booked.pk}/", {"outcome": "answered", "words": "水管已经换好"}).status_code == 302
    assert "水管已经换好" in text(leader.get(day)) and visit("香").get(f"/bookings/{booked.pk}/").status_code == 404
    assert leader.get("/visits/").status_code == 403


def test_an_evening_with_doors_its_sheet_and_a_matter_closed_at_the_door(visit, village):
    client = visit("文")
    day = made(client, "evening", day=str(TODAY), starts="00:01", ends="23:59", place="村委会门口")
    with World.acting("文"):
        who = [str(Staff.objects.get(number=CAST[n].number).pk) for n in ("香", "兰")]
    client.post(day + "announce/")
    assert "至少两个人" in text(client.get(day))
    for pk in who:
        client.post(day + "ask/", {"who": f"s:{pk}"})
    h = str(village["2050041"])
    assert client.get(day + "doors/").status_code == 200
    found = client.get(day + "doors/?find=姜水仙")
    assert h in found.content.decode()
    assert client.post(day + "doors/", {"household": [h], "asked": "1", "hour": "19:30"}).status_code == 302
    other = str(village["2050007"])
    client.post(day + "doors/", {"household": [h, other]})   # one of them stands already: the other is added
    client.post(day + "doors/", {"household": [h, other]})
    with World.acting("文"):
        assert {str(x) for x in Booking.objects.filter(day__kind="evening").values_list("household_id", flat=True)} == {h, other}
    assert "已经在这天的名单里" in text(client.get(day))
    client.post(day + "announce/")
    page = visit("香").get(day)
    assert "姜水仙" in text(page) and "19:30" in text(page) and f"/households/{h}/visits/new/" in page.content.decode()
    assert visit("强").get(day).status_code == 200 and "姜水仙" not in text(visit("强").get(day))
    sheet = client.get(day + "round.pdf")
    assert sheet.status_code == 200 and sheet["Content-Type"] == "application/pdf"
    with World.acting("香"):
        booking = Booking.objects.get(household_id=h)
    done = visit("香").post(f"/bookings/{booking.pk}/", {"outcome": "settled", "words": "换了灯泡，亮了", "matter_words": "灶间灯不亮", "kind": "help"})
    assert done.status_code == 302, text(done)[:700]
    with World.acting("香"):
        assert Matter.objects.get(title__startswith="灶间灯不亮").state == "closed"
    assert "当场办结" in text(client.get(day))


def test_a_stall_on_a_market_day_takes_matters_down_by_the_ordinary_form(visit, village):
    client = visit("文")
    with World.acting("文") as me:
        market = Market(area_code=PENGLI, name="彭里墟", rule={"kind": "weekdays", "numbers": [1, 2, 3, 4, 5, 6, 7]}, place="桥头", opens=time(0, 1), closes=time(23, 59), made_by=me.id, made_at=timezone.now())
        market.save(force_insert=True)
    try:
        assert client.post("/days/lay/", {"area": PENGLI, "kind": "stall"}).status_code == 302
        with World.acting("文"):
            day = ContactDay.objects.get(kind="stall", day=TODAY)
        page = client.get(f"/days/{day.pk}/")
        link = re.search(r'href="(/matters/new/\?day=[^"]+)"', page.content.decode()).group(1)
        form = client.get(link)
        assert "桥头" in text(form)
        said = {"words": "桥头的护栏松了，请来修", "kind": "help", "channel": "duty", "place": PENGLI, "day": str(day.pk), "name": "郑土根", "phone": "", "address": "", "person": "", "category": "", "spot": "", "same": ""}
        assert client.post("/matters/new/", said).status_code == 302
        assert client.post("/matters/new/", {**said, "words": "村书记郑书香收红包才给办低保", "kind": "complaint"}).status_code == 302
        page = text(client.get(f"/days/{day.pk}/"))
        assert "桥头的护栏松了" in page and "红包" not in page
        with superuser() as root:
            assert root.execute("select count(*) from contact_daymatter").fetchone()[0] == 1
    finally:
        with superuser() as root:
            root.execute("delete from contact_market where id = %s", [market.pk])


def test_cancelling_asks_why_and_says_how_many_are_told(visit):
    client = visit("文")
    day = made(client, "joint", day=str(SOON + timedelta(days=1)))
    client.post(day + "announce/")
    page = client.get(day + "book/")
    client.post(day + "book/", {"record": record(page), "slot": slots(page)[0], "name": "郑土根", "phone": "15400000001", "place": PENGLI})
    assert client.post(day + "cancel/", {"why": ""}).status_code == 422
    assert client.post(day + "cancel/", {"why": "台风"}).status_code == 302
    page = text(client.get(day))
    assert "不办了" in page and "台风" in page and "会告诉约好的 1 位" in page
    assert visit("琴").post(day + "book/", {"record": str(uuid.uuid4()), "name": "别人", "phone": "15400000001", "place": PENGLI}).status_code in (404, 422)


def test_the_months_calendar_leads_to_the_day_and_names_nobody(visit):
    page = visit("香").get(f"/contact-calendar/{PENGLI}/{TODAY.year}/{TODAY.month}/")
    assert page.status_code == 200
    with World.acting("香"):
        evening = ContactDay.objects.filter(kind="evening").first()
    assert f"/days/{evening.pk}/" in page.content.decode() and "夜访夜办" in text(page) and "姜水仙" not in text(page)


def test_every_page_sends_at_most_twelve_statements(visit):
    with World.acting("文"):
        evening = ContactDay.objects.filter(kind="evening").first()
        joint = ContactDay.objects.filter(kind="joint", state="held").first()
        booking = Booking.objects.filter(day=joint).first()
    with World.acting("受"):
        leader = ContactDay.objects.get(kind="leader")
        owed = Booking.objects.filter(day=leader, answered_at=None).first()
    pages = (("文", "/days/"), ("文", f"/days/{evening.pk}/"), ("文", f"/days/{evening.pk}/doors/"), ("文", f"/days/{joint.pk}/"), ("文", f"/bookings/{booking.pk}/"), ("国", "/days/"), ("国", f"/days/{leader.pk}/"), ("国", f"/bookings/{owed.pk}/"),
             ("琴", f"/days/{leader.pk}/book/"), ("受", f"/days/{leader.pk}/"), ("文", "/"), ("国", "/"))
    too_many = []
    for name, url in pages:
        visit(name).get(url)
        with counting() as counter:
            assert visit(name).get(url).status_code == 200, (name, url)
        if len(counter.sent) > 12:
            too_many.append(f"{name} {url} {len(counter.sent)}\n    " + "\n    ".join(counter.sent))
    assert not too_many, "\n".join(too_many)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_of_days_is_without_violation(desk, village, width):
    wrong = []
    with World.acting("文"):
        days = {k: ContactDay.objects.filter(kind=k, area_code=PENGLI).exclude(state="cancelled").order_by("-made_at").first() for k in ("joint", "evening")}
        booking = Booking.objects.filter(day__kind="joint").first()
        laid = ContactDay.objects.filter(kind="joint").exclude(laid_for="").order_by("day").first()
    with World.acting("受"):
        leader = ContactDay.objects.get(kind="leader")
    for name, url in (("文", "/days/"), ("文", f"/days/{days['joint'].pk}/"), ("文", f"/days/{days['evening'].pk}/"), ("文", f"/days/{days['evening'].pk}/doors/"), ("文", "/days/new/"), ("文", "/days/new/?kind=joint"), ("文", f"/bookings/{booking.pk}/"),
                      ("文", f"/days/{laid.pk}/"), ("琴", f"/days/{leader.pk}/book/"), ("国", "/days/"), ("国", f"/days/{leader.pk}/")):
        page = desk.page(name, width=width)
        page.goto(url)
        if os.environ.get("MINQING_SHOTS"):
            page.screenshot(path=f"{os.environ['MINQING_SHOTS']}/{width}-{name}-{url.strip('/').replace('/', '-')[-20:].replace('?', '-')}.png", full_page=True)
        try:
            desk.check(page)
        except AssertionError as error:
            wrong.append(f"{url}: {str(error)[:700]}")
    assert not wrong, "\n".join(wrong)
