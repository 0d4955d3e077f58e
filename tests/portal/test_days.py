"""预约 by a resident: a day of his own place, a time once, his own answer and nobody else's."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import time, timedelta

import pytest
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from minqing.access import scope
from minqing.access.models import Staff
from minqing.contact.actions import bookings, day_clock, days
from minqing.contact.actions.bookings import Result
from minqing.contact.actions.days import Shape
from minqing.contact.models import Booking, ContactDay
from minqing.notify.models import Message
from tests.contracts.foreign import superuser
from tests.people import CAST, NEXT_VILLAGE, PENGLI, TOWN, World
from tests.portal.conftest import browser
from tests.portal.test_file import xiu  # noqa: F401 - fixture
from tests.portal.test_login import text

NOW = timezone.now()
SOON = timezone.localdate() + timedelta(days=6)


@pytest.fixture
def ride(clean) -> Iterator[ContactDay]:
    with World.acting("受") as me:
        guo = Staff.objects.get(number=CAST["国"].number).pk
        made = days.make(kind="leader", area=TOWN, shape=Shape(SOON, time(8, 30), time(10), "街道办事处一楼", "饮水和道路", 30, 1, guo), by=me, at=NOW)
        days.announce(day=made, by=me, at=NOW)
    with World.acting("芳") as me:
        other = days.make(kind="joint", area=NEXT_VILLAGE, shape=Shape(SOON, time(8, 30), time(10), "江山底村"), by=me, at=NOW)
        days.announce(day=other, by=me, at=NOW)
    yield made
    with superuser() as root:
        root.execute("delete from notify_step where message_id in (select id from notify_message where event like 'booking.%')")
        root.execute("delete from notify_message where event like 'booking.%'")
        root.execute("delete from contact_booking")
        root.execute("delete from contact_contactday")


def form(client, day: ContactDay, village, **more: str) -> dict[str, str]:
    page = client.get(f"/my/days/{day.pk}/")
    assert page.status_code == 200, text(page)[:400]
    body = page.content.decode()
    slot = re.search(r'name="slot" value="([^"]+)"', body)
    return {"record": re.search(r'name="record" value="([^"]+)"', body).group(1), "slot": slot.group(1) if slot else "", "person": str(village["姜水仙"]), "phone": "15400000078", "about": "自来水常停", **more}


def test_a_resident_books_once_sees_his_own_answer_and_takes_a_booking_back(ride, xiu, village):  # noqa: F811
    page = text(xiu.get("/my/days/"))
    assert "饮水和道路" in page and "江山底村" not in page
    data = form(xiu, ride, village)
    wrong = xiu.post(f"/my/days/{ride.pk}/", {**data, "phone": "12"})
    assert wrong.status_code == 422 and "看不明白" in text(wrong) and "自来水常停" in wrong.content.decode()
    for _n in range(2):
        assert xiu.post(f"/my/days/{ride.pk}/", data).status_code == 302
    with World.acting("国") as me:
        row = Booking.objects.get()
        assert (row.via, row.person_id, row.place_code[:12]) == ("portal", village["姜水仙"], "330881002205")
        bookings.settle(booking=row, result=Result("answered", "水管已经换好"), by=me, at=NOW)
    assert day_clock.tell(now=lambda: NOW) == 1
    with World.acting("受"):
        assert Message.objects.get(template="day.answer").person == village["姜水仙"]
    page = text(xiu.get("/my/days/"))
    assert "水管已经换好" in page and "有结果" in page
    data = form(xiu, ride, village)
    assert xiu.post(f"/my/days/{ride.pk}/", data).status_code == 302
    assert xiu.post(f"/my/bookings/{data['record']}/off/").status_code == 302
    with World.acting("国"):
        assert Booking.objects.get(pk=data["record"]).state == "off"
    assert "饮水和道路" in text(xiu.get(f"/v/{TOWN}/")) and "饮水和道路" in text(browser().get("/v/330881002205/"))
    with superuser() as root:   # the day is over: his answer stays where he looks for it
        root.execute("update contact_contactday set state = 'held' where id = %s", [ride.pk])
    assert "水管已经换好" in text(xiu.get("/my/days/"))


def test_old_days_that_nobody_closed_keep_nobody_out(ride, xiu, village):  # noqa: F811
    for _n in range(3):
        assert xiu.post(f"/my/days/{ride.pk}/", form(xiu, ride, village)).status_code == 302
    with World.acting("受") as me:
        later = days.make(kind="leader", area=TOWN, shape=Shape(SOON, time(14), time(16), "街道办事处一楼", "道路", 30, 1, Staff.objects.get(number=CAST["国"].number).pk), by=me, at=NOW)
        days.announce(day=later, by=me, at=NOW)
    assert xiu.post(f"/my/days/{later.pk}/", form(xiu, later, village)).status_code == 422
    with superuser() as root:
        root.execute("update contact_contactday set day = day - 30, starts_at = starts_at - interval '30 days', ends_at = ends_at - interval '30 days' where id = %s", [ride.pk])
    assert xiu.post(f"/my/days/{later.pk}/", form(xiu, later, village)).status_code == 302


def test_a_village_says_of_a_laid_tuesday_what_was_decided_of_it(ride):
    with World.acting("文") as me:
        days.lay_out(area=PENGLI, kind="joint", by=me, at=NOW)
        first, second = ContactDay.objects.filter(area_code=PENGLI, kind="joint").order_by("day")[:2]
        days.cancel(day=first, why="村里停电", by=me, at=NOW)
        days.change(day=second, shape=Shape(second.day, time(14), time(16), "文化礼堂", slot_minutes=20, capacity=1), by=me, at=NOW)
    page = text(browser().get(f"/v/{PENGLI}/")).partition("往后的集中日、沟通日和墟日")[2].partition("可以约的日子")[0]
    assert "村里停电" in page and "14:00–16:00 文化礼堂" in page, page[:600]


def test_a_village_says_its_headings_in_english_too(clean):
    visitor = browser()
    visitor.cookies["minqing_language"] = "en"
    page = visitor.get("/v/330881002205/").content.decode()
    assert "Who is on duty these days" in page and "这几天谁值班" not in page
    assert "Monday to Friday 08:30-11:30 14:00-17:30<br>" in page and "星期" not in page and "周一至" not in page
    assert "星期一至星期五 08:30-11:30 14:00-17:30<br>其余时间有人值班" in browser().get("/v/330881002205/").content.decode()


def test_nobody_books_a_neighbour_or_reads_his_booking(ride, xiu, village):  # noqa: F811
    with World.acting("受") as me:
        bookings.book(id=uuid.uuid4(), day=ride, wish=bookings.Wish("周志伟", "16400000002", place="330881002205", slot=ride.starts_at), by=me, at=NOW)
    assert xiu.post(f"/my/days/{ride.pk}/", form(xiu, ride, village, person=str(village["周志伟"]))).status_code == 422
    token = next(c.value for n, c in xiu.cookies.items() if n != "minqing_language")
    with pytest.raises(DatabaseError), transaction.atomic(using="resident"):
        scope.enter_resident(token, purpose="test", origin="test")
        with connections["resident"].cursor() as cursor:
            cursor.execute("select id, state from contact_booking")
            assert cursor.fetchall() == []
            cursor.execute("select access.unbook(id) from contact_booking")
            assert cursor.fetchall() == []
            cursor.execute("select access.book_own(gen_random_uuid(), %s, null, %s, 'x', null, false)", [ride.pk, village["周志伟"]])


def test_without_a_log_in_one_is_sent_there(clean):
    assert browser().get("/my/days/").status_code == 302
