"""Days with bookings: laid out once, seen by who runs them, no slot overfilled, every booking ends in something, whoever waits is told."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from minqing.access import scope
from minqing.access.models import Area, Organisation
from minqing.contact.actions import bookings, day_clock, days, rhythm, visits
from minqing.contact.actions.bookings import Result, Wish
from minqing.contact.actions.days import Shape
from minqing.contact.models import Booking, ContactDay, DayMatter, DaySeat
from minqing.contact.queries import calendar
from minqing.contact.queries import days as queries
from minqing.contact.queries import public as publics
from minqing.contact.refusals import Missing, NotHere, NotYours, Refused
from minqing.lib.worktime import Day
from minqing.lib.worktime import Kind as Off
from minqing.notify.models import Message
from minqing.service.models import Matter
from minqing.service.queries import calendar as calendars
from tests.archives import village
from tests.contracts.foreign import superuser
from tests.people import COUNTY, NEXT_VILLAGE, PENGLI, TOWN, World, staff

NOW = timezone.now()
TODAY = timezone.localdate(NOW)
HOURS = {"starts": time(0, 1), "ends": time(23, 59)}
SOON = TODAY + timedelta(days=5)


@pytest.fixture
def family(here) -> village.Family:
    with here.acting("兰") as me:
        return village.Family(me)


def joint(me: Any, *, day: Any = TODAY, **more: Any) -> ContactDay:
    made = days.make(kind="joint", area=PENGLI, shape=Shape(day=day, **HOURS, place="村便民服务点", **more), by=me, at=NOW)
    return days.announce(day=made, by=me, at=NOW)


def leaders_day() -> ContactDay:
    """国's day: 虎山街道, water and roads, announced by the town's reception."""
    with World.acting("受") as me:
        made = days.make(kind="leader", area=TOWN, shape=Shape(day=SOON, starts=time(8, 30), ends=time(11, 30), place="街道办事处一楼", subject="饮水和道路", slot_minutes=30, capacity=1, led_by=staff("国")), by=me, at=NOW)
        return days.announce(day=made, by=me, at=NOW)


@pytest.fixture
def ride(world) -> ContactDay:
    return leaders_day()


@pytest.fixture
def lasting(committed) -> Iterator[type[World]]:
    """Committed, since the clock has a connection of its own; taken away afterwards."""
    yield committed
    with superuser() as root:
        for sql in ("delete from notify_step where message_id in (select id from notify_message where event like 'booking.%')", "delete from notify_message where event like 'booking.%'", "delete from contact_booking",
                    "delete from contact_dayseat", "delete from contact_contactday"):
            root.execute(sql)


@pytest.fixture
def lasting_ride(lasting) -> ContactDay:
    return leaders_day()


def first_slot(day: ContactDay, n: int = 0) -> datetime:
    return day.starts_at + timedelta(minutes=day.slot_minutes * n)


# --- days -------------------------------------------------------------------------------------------------------------


def test_laid_out_twice_it_stands_once_and_what_was_cancelled_stays_cancelled(lasting):
    with lasting.acting("文") as me:
        n = days.lay_out(area=PENGLI, kind="joint", by=me, at=NOW)
        assert 6 <= n <= 9
        rows = list(ContactDay.objects.order_by("day"))
        assert all(r.day.isoweekday() == 2 and r.state == "announced" for r in rows)
        days.cancel(day=rows[0], why="村里停电", by=me, at=NOW)
        days.change(day=rows[-1], shape=Shape(rows[-1].day, time(8, 30), time(11, 30), "文化礼堂", slot_minutes=20, capacity=2), by=me, at=NOW)
        assert days.lay_out(area=PENGLI, kind="joint", by=me, at=NOW) == 0
        assert ContactDay.objects.get(pk=rows[0].pk).state == "cancelled"
        # a week later: one more, like the last one
        assert days.lay_out(area=PENGLI, kind="joint", by=me, at=NOW + timedelta(days=7)) <= 1
    assert day_clock.lay(now=lambda: NOW + timedelta(days=21)) >= 1
    assert day_clock.lay(now=lambda: NOW + timedelta(days=21)) == 0
    with lasting.acting("文"):
        last = ContactDay.objects.order_by("-day")[0]
        assert (last.made_by, last.place, last.slot_minutes) == (None, "文化礼堂", 20)


def test_a_day_laid_out_before_its_holiday_was_published_waits_for_a_person(here, monkeypatch):
    with here.acting("文") as me:
        days.lay_out(area=PENGLI, kind="joint", by=me, at=NOW)
        row = ContactDay.objects.order_by("day")[1]
        assert row not in queries.on_holiday(me, TODAY)
        with_holiday = calendars.calendar_for(PENGLI)
        published = replace(with_holiday, days={**with_holiday.days, row.day: Day(Off.OFF, why="春节")})
        for where in (queries, publics):
            monkeypatch.setattr(where, "calendar_for", lambda code, using="": published)
        assert list(queries.on_holiday(me, TODAY)) == [row]
        if (row.day - TODAY).days <= 13:   # the next two are told there
            assert any("春节，去之前请打电话" in str(r) for r in publics.next_rows(Area.objects.get(pk=PENGLI), "default"))
        days.change(day=row, shape=Shape(row.day, time(8, 30), time(11, 30), "村便民服务点", slot_minutes=row.slot_minutes, capacity=row.capacity), by=me, at=NOW)
        assert not queries.on_holiday(me, TODAY).exists()   # somebody has looked at it: it is held all the same
        rhythm.set_rhythm(area=PENGLI, kind="tuesday", number=2, holiday="keep", opens=time(8, 30), closes=time(11, 30), by=me, at=NOW)
        ContactDay.objects.filter(pk=row.pk).update(changed_at=None)
        assert not queries.on_holiday(me, TODAY).exists()


def test_a_day_is_run_by_its_own_place_alone(here):
    with here.acting("受") as me:
        with pytest.raises(NotYours):
            days.make(kind="joint", area=PENGLI, shape=Shape(day=SOON, **HOURS, place="村里"), by=me, at=NOW)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            ContactDay(area_code=PENGLI, kind="joint", day=SOON, starts_at=NOW, ends_at=NOW + timedelta(hours=1), place="村里", made_by=me.id, made_at=NOW).save(force_insert=True)
    with here.acting("文") as me:
        made = days.make(kind="joint", area=PENGLI, shape=Shape(day=SOON, **HOURS, place="村里"), by=me, at=NOW)
    for name in ("芳", "兰", "受", "琴"):
        with here.acting(name):
            assert not ContactDay.objects.exists(), name
    with here.acting("文") as me:
        days.announce(day=made, by=me, at=NOW)
    for name, sees in (("兰", True), ("琴", True), ("国", True), ("芳", False), ("潭", False)):
        with here.acting(name) as me:
            assert ContactDay.objects.exists() is sees, name
            if sees:
                assert ContactDay.objects.update(place="别处") == 0, name


@pytest.mark.parametrize(("area", "kind", "name"), [(PENGLI, "leader", "文"), (TOWN, "evening", "受"), (COUNTY, "stall", "总"), (PENGLI, "party", "文")])
def test_each_kind_has_its_level(here, area, kind, name):
    with here.acting(name) as me, pytest.raises(Missing, match="这一级没有"):
        days.make(kind=kind, area=area, shape=Shape(day=SOON, **HOURS, place="村里"), by=me, at=NOW)


def test_a_department_is_asked_and_answers_for_itself(here):
    with here.acting("文") as me:
        day = joint(me, day=SOON)
        office = Organisation.objects.get(name="江山市住房和城乡建设局")
        seat = days.ask(day=day, office=office.pk, by=me, at=NOW)
        assert days.ask(day=day, office=office.pk, by=me, at=NOW).pk == seat.pk
    with here.acting("规") as me:
        assert not queries.asked_of(me, TODAY).exists()
        with pytest.raises(NotYours):
            days.answer_seat(seat=seat.pk, state="coming", by=me, at=NOW)
    with here.acting("建") as me:
        assert queries.asked_of(me, TODAY).count() == 1
        days.answer_seat(seat=seat.pk, state="coming", words="带图纸来", by=me, at=NOW)
        assert not Booking.objects.exists()
    with here.acting("文") as me:
        line = queries.seats(day, me)[0][0]
        assert (line.office, line.row.state, line.row.words) == ("江山市住房和城乡建设局", "coming", "带图纸来")


# --- booking ----------------------------------------------------------------------------------------------------------


def test_pressed_twice_it_is_one_and_a_full_time_says_so(here):
    with here.acting("文") as me:
        day = joint(me, day=SOON, slot_minutes=30, capacity=1)
        number = uuid.uuid4()
        for _n in range(2):
            bookings.book(id=number, day=day, wish=Wish("郑土根", "15400000001", about="宅基地", slot=first_slot(day)), by=me, at=NOW)
        assert Booking.objects.count() == 1
        with pytest.raises(Missing, match="约满"):
            bookings.book(id=uuid.uuid4(), day=day, wish=Wish("毛小芬", slot=first_slot(day)), by=me, at=NOW)
        with pytest.raises(Missing, match="还没到的时间"):
            bookings.book(id=uuid.uuid4(), day=day, wish=Wish("毛小芬", slot=first_slot(day) + timedelta(minutes=7)), by=me, at=NOW)
        with pytest.raises(Missing, match="还没到的时间"):
            bookings.book(id=uuid.uuid4(), day=day, wish=Wish("毛小芬"), by=me, at=NOW)
        with connections["default"].cursor() as cursor:
            cursor.execute("select to_jsonb(b)::text from contact_booking b")
            said = cursor.fetchone()[0]
            assert "郑土根" not in said and "宅基地" not in said and "15400000001" not in said


def test_operators_book_without_seeing_others_and_free_sql_reads_no_more(here, ride):
    with here.acting("琴") as me:
        bookings.book(id=uuid.uuid4(), day=ride, wish=Wish("周志伟", "16400000002", about="自来水常停", place=PENGLI, slot=first_slot(ride), via="phone"), by=me, at=NOW)
    with here.acting("敏") as me:
        assert [s.free for s in queries.slots(ride, using=me.using, at=NOW)][:3] == [0, 1, 1]
        bookings.book(id=uuid.uuid4(), day=ride, wish=Wish("姜水仙", "15400000078", place=PENGLI, slot=first_slot(ride, 1), via="window"), by=me, at=NOW)
        assert Booking.objects.count() == 1
    with here.acting("香") as me:
        bookings.book(id=uuid.uuid4(), day=ride, wish=Wish("毛志强家", "15400000079", place=PENGLI, slot=first_slot(ride, 2)), by=me, at=NOW)
        assert Booking.objects.count() == 1
        with pytest.raises(Missing, match="哪个村"):
            bookings.book(id=uuid.uuid4(), day=ride, wish=Wish("别村人", "15400000079", place=NEXT_VILLAGE, slot=first_slot(ride, 3)), by=me, at=NOW)
    for name, n in (("国", 3), ("受", 3), ("琴", 1), ("敏", 1), ("香", 1), ("总", 0), ("芳", 0), ("建", 0), ("苗", 0), ("纪", 0), ("数", 0)):
        with here.acting(name), connections["default"].cursor() as cursor:
            cursor.execute("select count(*) from contact_booking")
            assert cursor.fetchone()[0] == n, name
    with here.acting("敏"):
        assert Booking.objects.update(state="off") == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            Booking(area_code=TOWN, place_code=PENGLI, day=ride, via="phone", contact_cipher=b"x", booked_at=NOW).save(force_insert=True)
    with here.acting("潭") as me, pytest.raises(NotHere):
        bookings.book(id=uuid.uuid4(), day=ride.pk, wish=Wish("外县人", "15400000079", slot=first_slot(ride, 3)), by=me, at=NOW)


def test_an_announced_day_only_and_not_the_evening_of_a_village(here, family):
    with here.acting("文") as me:
        planned = days.make(kind="joint", area=PENGLI, shape=Shape(day=SOON, **HOURS, place="村里"), by=me, at=NOW)
        evening = days.make(kind="evening", area=PENGLI, shape=Shape(day=SOON, starts=time(18, 30), ends=time(21), place="村委会门口"), by=me, at=NOW)
        days.ask(day=evening, staff=staff("兰"), by=me, at=NOW)
        days.ask(day=evening, staff=staff("文"), by=me, at=NOW)
        days.announce(day=evening, by=me, at=NOW)
    with here.acting("琴"), connections["default"].cursor() as cursor:
        for day in (planned, evening):
            cursor.execute("select access.book(gen_random_uuid(), %s, null, 'phone', %s, null, null, 'x', null, false, false)", [day.pk, PENGLI])
            assert cursor.fetchone()[0] == "absent"


def test_words_about_staff_are_not_written_into_a_booking(here):
    with here.acting("文") as me:
        day = joint(me, day=SOON)
        with pytest.raises(Missing, match="不写在预约里"):
            bookings.book(id=uuid.uuid4(), day=day, wish=Wish("郑土根", about="村书记郑书香收红包才给办低保"), by=me, at=NOW)


def test_walk_ins_get_numbers_are_called_in_order_and_end_in_something(here):
    with here.acting("文") as me:
        day = joint(me)
        one, two = (bookings.book(id=uuid.uuid4(), day=day, wish=Wish(n, walk=True), by=me, at=NOW) for n in ("郑土根", "毛小芬"))
        booked = bookings.book(id=uuid.uuid4(), day=day, wish=Wish("周秀英"), by=me, at=NOW)
        assert (one.queue_no, two.queue_no, booked.queue_no) == (1, 2, None)
        assert bookings.came(booking=booked.pk, by=me, at=NOW).queue_no == 3
        assert bookings.came(booking=booked.pk, by=me, at=NOW).queue_no == 3
        assert bookings.call_next(day=day, by=me, at=NOW).pk == one.pk
        with pytest.raises(Missing, match="怎么说定"):
            bookings.settle(booking=one, result=Result("settled"), by=me, at=NOW)
        bookings.settle(booking=one, result=Result("settled", "土地证下周到村里拿"), by=me, at=NOW)
        opened = bookings.settle(booking=two, result=Result("matter", matter_words="门口路灯不亮，请修一修"), by=me, at=NOW).opened
        with pytest.raises(Refused, match="还有人在等"):
            days.held(day=day, by=me, at=NOW)
        bookings.settle(booking=booked, result=Result("referred", "转市住建局村镇科，周四答复"), by=me, at=NOW)
        late = bookings.book(id=uuid.uuid4(), day=day, wish=Wish("没来的人"), by=me, at=NOW)
        days.held(day=day, by=me, at=NOW)
        assert Booking.objects.get(pk=late.pk).state == "absent"
        assert Booking.objects.get(pk=two.pk).matter_id == opened.matter.pk and Matter.objects.get(pk=opened.matter.pk).channel == "duty"
        assert [(x.name, x.outcome, x.words) for x in queries.lines(day, me, on=TODAY)][0] == ("郑土根", "当场说定", "土地证下周到村里拿")
        assert bookings.call_next(day=day, by=me, at=NOW) is None


def test_a_complaint_about_staff_leaves_no_link(here):
    with here.acting("文") as me:
        day = joint(me)
        row = bookings.book(id=uuid.uuid4(), day=day, wish=Wish("郑土根", walk=True), by=me, at=NOW)
        done = bookings.settle(booking=row, result=Result("matter", kind="complaint", matter_words="村书记郑书香收红包才给办低保"), by=me, at=NOW)
        assert done.opened is not None and done.opened.restricted
        kept = Booking.objects.get(pk=row.pk)
        assert (kept.matter_id, kept.outcome) == (None, "referred") and "红包" not in queries.words_of(kept)
        days.link(day=day, opened=done.opened, by=me)
        assert not DayMatter.objects.exists()
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Booking.objects.filter(pk=row.pk).update(matter_id=done.opened.matter.pk)


# --- a leader's day ---------------------------------------------------------------------------------------------------


def test_a_leader_answers_with_a_date_and_it_is_told_once(lasting, lasting_ride):
    with lasting.acting("琴") as me:
        row = bookings.book(id=uuid.uuid4(), day=lasting_ride, wish=Wish("周志伟", "16400000002", about="自来水常停", place=PENGLI, slot=first_slot(lasting_ride), via="phone"), by=me, at=NOW)
        assert row.answer_by == lasting_ride.day + timedelta(days=7)
        with pytest.raises(NotYours):
            bookings.settle(booking=row, result=Result("answered", "好了"), by=me, at=NOW)
    with lasting.acting("国") as me:
        assert [b.pk for b in queries.answers_open(me)] == [row.pk]
        with pytest.raises(Missing, match="哪天前"):
            bookings.settle(booking=row, result=Result("later", "请水务站来看"), by=me, at=NOW)
        bookings.settle(booking=row, result=Result("later", "请水务站来看", on=SOON + timedelta(days=20)), by=me, at=NOW)
        assert not queries.unanswered(me, SOON + timedelta(days=20)).exists() and queries.unanswered(me, SOON + timedelta(days=21)).exists()
        assert not Matter.objects.exists()
    assert day_clock.tell(now=lambda: NOW) == 1
    with lasting.acting("国") as me:
        bookings.settle(booking=row, result=Result("answered", "水管已经换好"), by=me, at=NOW + timedelta(minutes=1))
        assert not queries.answers_open(me).exists()
        with pytest.raises(Refused, match="已经有结果"):
            bookings.settle(booking=row, result=Result("answered", "又好了"), by=me, at=NOW)
    assert day_clock.tell(now=lambda: NOW) == 1
    assert day_clock.tell(now=lambda: NOW) == 0
    with lasting.acting("受"):
        told = Message.objects.filter(template__startswith="day.").order_by("template")
        assert [(m.template, m.grid_code, m.desk) for m in told] == [("day.answer", TOWN, TOWN + "/SL"), ("day.later", TOWN, TOWN + "/SL")]
    for name in ("香", "文", "芳"):
        with lasting.acting(name):
            assert not Message.objects.filter(template__startswith="day.").exists(), name


def test_whoever_wants_no_call_at_home_is_told_alone(lasting, lasting_ride):
    with lasting.acting("敏") as me:
        row = bookings.book(id=uuid.uuid4(), day=lasting_ride, wish=Wish("周志伟", "16400000002", place=PENGLI, slot=first_slot(lasting_ride), via="window", alone=True), by=me, at=NOW)
    with lasting.acting("国") as me:
        bookings.settle(booking=row, result=Result("answered", "已经安排"), by=me, at=NOW)
    day_clock.tell(now=lambda: NOW)
    with lasting.acting("受"):
        assert Message.objects.get(template="day.answer").alone


def test_the_desk_makes_it_a_matter_and_that_is_the_answer(here, ride):
    with here.acting("琴") as me:
        row = bookings.book(id=uuid.uuid4(), day=ride, wish=Wish("周志伟", "16400000002", place=PENGLI, slot=first_slot(ride), via="phone"), by=me, at=NOW)
    with here.acting("国") as me, pytest.raises(Refused, match="任职不能登记"):
        bookings.settle(booking=row, result=Result("matter", matter_words="自来水常停，请查一查"), by=me, at=NOW)
    with here.acting("受") as me:
        done = bookings.settle(booking=row, result=Result("matter", matter_words="自来水常停，请查一查"), by=me, at=NOW)
        assert done.opened.matter.channel == "meeting" and done.opened.matter.home_desk == PENGLI
        kept = Booking.objects.get(pk=row.pk)
        assert kept.answered_at and kept.tell == "answer"


def test_a_leaders_day_that_is_over_still_owes_its_answers(here):
    with here.acting("受") as me:
        made = days.make(kind="leader", area=TOWN, shape=Shape(day=TODAY, **HOURS, place="街道办事处一楼", subject="饮水和道路", led_by=staff("国")), by=me, at=NOW)
        days.announce(day=made, by=me, at=NOW)
        row = bookings.book(id=uuid.uuid4(), day=made, wish=Wish("周志伟", "16400000002", place=PENGLI), by=me, at=NOW)
        days.held(day=made, by=me, at=NOW)
    with here.acting("国") as me:
        assert [b.pk for b in queries.answers_open(me)] == [row.pk]
        bookings.settle(booking=row, result=Result("answered", "水管已经换好"), by=me, at=NOW)
        assert not queries.answers_open(me).exists()


def test_a_day_that_falls_away_is_told_with_the_next_one(lasting, lasting_ride):
    with lasting.acting("受") as me:
        later = days.make(kind="leader", area=TOWN, shape=Shape(day=SOON + timedelta(days=14), starts=time(8, 30), ends=time(11, 30), place="街道办事处一楼", subject="饮水和道路", led_by=staff("国")), by=me, at=NOW)
        days.announce(day=later, by=me, at=NOW)
    with lasting.acting("敏") as me:
        bookings.book(id=uuid.uuid4(), day=lasting_ride, wish=Wish("周志伟", "16400000002", place=PENGLI, slot=first_slot(lasting_ride), via="window"), by=me, at=NOW)
    with lasting.acting("受") as me:
        with pytest.raises(Refused, match="日子和时间不能改"):
            days.change(day=lasting_ride, shape=Shape(SOON + timedelta(days=1), time(8, 30), time(11, 30), "街道办事处一楼", "饮水和道路", 30, 1, staff("国")), by=me, at=NOW)
        assert days.cancel(day=lasting_ride, why="台风", by=me, at=NOW).told == 1
    assert day_clock.tell(now=lambda: NOW) == 1
    with lasting.acting("受"):
        said = Message.objects.get(template="day.off").values
        assert said["answer"] == "台风" and f"{later.day.month}月{later.day.day}日" in said["next"]


def test_who_left_no_telephone_is_named_to_be_told_in_person(here):
    with here.acting("文") as me:
        day = joint(me, day=SOON)
        bookings.book(id=uuid.uuid4(), day=day, wish=Wish("郑土根", door="柴坞1号"), by=me, at=NOW)
        done = days.cancel(day=day, why="停电", by=me, at=NOW)
        assert (done.told, done.by_hand) == (0, ("郑土根 柴坞1号",))


def test_a_door_with_an_agreed_hour_is_named_when_the_evening_falls_away(here, family):
    with here.acting("文") as me:
        evening = days.make(kind="evening", area=PENGLI, shape=Shape(day=SOON, starts=time(18, 30), ends=time(21), place="村委会门口"), by=me, at=NOW)
        agreed = timezone.make_aware(datetime.combine(SOON, time(19, 30)))
        bookings.book_door(id=uuid.uuid4(), day=evening, household=family.household.pk, by=me, at=NOW, slot=agreed, asked=True)
        done = days.cancel(day=evening, why="台风", by=me, at=NOW)
        assert done.told == 0 and len(done.by_hand) == 1 and family.household.head_name in done.by_hand[0]


def test_hours_that_are_over_take_no_booking_and_numbers_are_given_on_the_day(here):
    with here.acting("文") as me:
        day, later = joint(me), joint(me, day=SOON)
        with pytest.raises(Missing, match="已经过去"):
            bookings.book(id=uuid.uuid4(), day=later, wish=Wish("郑土根", walk=True), by=me, at=NOW)
        ContactDay.objects.filter(pk=day.pk).update(starts_at=NOW - timedelta(minutes=9), ends_at=NOW - timedelta(minutes=1))
        with pytest.raises(Missing, match="已经过去"):
            bookings.book(id=uuid.uuid4(), day=day, wish=Wish("郑土根", "15400000001"), by=me, at=NOW)
        assert day not in queries.to_book(me, on=TODAY)
        assert bookings.book(id=uuid.uuid4(), day=day, wish=Wish("郑土根", walk=True), by=me, at=NOW).queue_no == 1


def test_free_sql_moves_nobody_into_a_time_that_is_full(here):
    with here.acting("文") as me:
        day = joint(me, day=SOON, slot_minutes=30, capacity=1)
        made = bookings.book(id=uuid.uuid4(), day=day, wish=Wish("郑土根", slot=first_slot(day, 1)), by=me, at=NOW)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Booking.objects.filter(pk=made.pk).update(slot_at=first_slot(day, 0))


def test_an_answer_promised_before_the_day_fell_away_is_still_given(lasting, lasting_ride):
    with lasting.acting("受") as me:
        booked = bookings.book(id=uuid.uuid4(), day=lasting_ride, wish=Wish("周志伟", "16400000002", place=PENGLI, slot=first_slot(lasting_ride)), by=me, at=NOW)
        bookings.settle(booking=booked, result=Result("later", "请水务站来看", on=SOON), by=me, at=NOW)
        days.cancel(day=lasting_ride, why="台风", by=me, at=NOW)
        assert queries.answers_open(me).filter(pk=booked.pk).exists()
        row = bookings.get(booked, me)
        assert bookings.open_to(row)
        bookings.settle(booking=booked, result=Result("answered", "水管已经换好"), by=me, at=NOW)
        assert not bookings.open_to(bookings.get(booked, me))


def test_the_calendar_names_the_day_and_nobody_who_is_booked(here, ride):
    with here.acting("文") as me:
        day = joint(me, day=SOON)
        bookings.book(id=uuid.uuid4(), day=day, wish=Wish("郑土根", "15400000001", about="宅基地"), by=me, at=NOW)
        assert days.lay_out(area=PENGLI, kind="joint", by=me, at=NOW)
        found = queries.events(me, [PENGLI], TODAY, TODAY + timedelta(days=60))
        assert {e.kind for e in found} == {"tuesday", "leader"} and all(e.public for e in found)
        assert not any("郑土根" in str(e) or "宅基地" in str(e) for e in found)
        assert any(e.uid == f"tuesday-{PENGLI}-{e.starts_at:%Y%m%d}" for e in found)
        whole = calendar.events(me, [PENGLI], TODAY, TODAY + timedelta(days=60))
        laid = [e for e in whole if e.uid.startswith(f"tuesday-{PENGLI}")]
        assert len({e.uid for e in laid}) == len(laid) and sum(e.url_name == "day" for e in laid) >= 6


def test_bookings_go_when_their_time_is_over_and_not_while_an_answer_is_owed(lasting, lasting_ride):
    with lasting.acting("受") as me:
        told, owed = (bookings.book(id=uuid.uuid4(), day=lasting_ride, wish=Wish("周志伟", "16400000002", place=PENGLI, slot=first_slot(lasting_ride, n)), by=me, at=NOW) for n in range(2))
        bookings.settle(booking=told, result=Result("answered", "水管已经换好"), by=me, at=NOW)
    day_clock.tell(now=lambda: NOW)
    with superuser() as root:
        root.execute("update contact_contactday set starts_at = now() - interval '1102 days', ends_at = now() - interval '1101 days' where id = %s", [lasting_ride.pk])
    for n in (1, 0):
        with transaction.atomic(using="jobs"):
            scope.enter_keeper()
            with connections["jobs"].cursor() as cursor:
                cursor.execute("select n from access.expire_bookings('booking', now() - interval '1096 days', 100, false)")
                assert cursor.fetchone()[0] == n
    with lasting.acting("受"):
        assert [b.pk for b in Booking.objects.all()] == [owed.pk]


# --- an evening -------------------------------------------------------------------------------------------------------


@pytest.fixture
def evening(family) -> ContactDay:
    with World.acting("文") as me:
        made = days.make(kind="evening", area=PENGLI, shape=Shape(day=TODAY, starts=time(0, 1), ends=time(23, 59), place="村委会门口"), by=me, at=NOW)
        with pytest.raises(Refused, match="至少两个人"):
            days.announce(day=made, by=me, at=NOW)
        for name in ("兰", "香"):
            days.ask(day=made, staff=staff(name), by=me, at=NOW)
        bookings.book_door(id=uuid.uuid4(), day=made, household=family.household.pk, by=me, at=NOW)
        with pytest.raises(Missing, match="已经在这天"):
            bookings.book_door(id=uuid.uuid4(), day=made, household=family.household.pk, by=me, at=NOW)
        return days.announce(day=made, by=me, at=NOW)


def test_who_goes_sees_the_doors_and_the_visit_is_the_ordinary_one(here, family, evening):
    with here.acting("强"):
        assert not Booking.objects.exists()
    with here.acting("兰") as me:
        assert [(x.name, x.door, x.hamlet, x.visit) for x in queries.lines(evening, me, on=TODAY)] == [("郑土根", "1号", "柴坞", None)]
        made = visits.usual(id=uuid.uuid4(), household=family.household, by=me, at=timezone.now(), how="door")
        assert queries.lines(evening, me, on=TODAY)[0].visit == made.visit.pk
    with here.acting("文") as me:
        days.answer_seat(seat=DaySeat.objects.get(day=evening, staff=staff("兰")).pk, state="cannot", by=me, at=NOW)
    with here.acting("兰"):
        assert not Booking.objects.exists()


def test_settled_at_the_door_is_an_ordinary_matter_opened_and_closed(here, family, evening):
    with here.acting("香") as me:
        row = Booking.objects.get()
        done = bookings.settle(booking=row, result=Result("settled", "换了灯泡，亮了", matter_words="灶间的灯不亮"), by=me, at=NOW)
        matter = Matter.objects.get(pk=done.opened.matter.pk)
        assert (done.closed, matter.state, matter.channel, matter.place_code) == (True, "closed", "door", village.GRID1)
        assert Booking.objects.get().matter_id == matter.pk


def test_who_may_not_close_leaves_it_to_the_village(here, family, evening):
    with here.acting("兰") as me:
        done = bookings.settle(booking=Booking.objects.get(), result=Result("settled", "换了灯泡", matter_words="灶间的灯不亮"), by=me, at=NOW)
        assert not done.closed and Booking.objects.get().outcome == "matter"
    with here.acting("香"):
        assert Matter.objects.get(pk=done.opened.matter.pk).state == "submitted"


# --- two at once ------------------------------------------------------------------------------------------------------


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Each act in a thread and connection of its own, committed."""
    came: list[Any] = [None] * len(acts)

    def run(n: int, act: Callable[[], Any]) -> None:
        try:
            came[n] = act()
        except Refused as refusal:
            came[n] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(30)
    return came


@pytest.fixture(params=[TODAY])
def crowd(committed, request) -> Iterator[ContactDay]:
    with World.acting("文") as me:
        day = joint(me, day=request.param, slot_minutes=30, capacity=2)
    yield day
    with superuser() as root:
        root.execute("delete from contact_booking where day_id = %s", [day.pk])
        root.execute("delete from contact_contactday where id = %s", [day.pk])


def book(day: ContactDay, number: uuid.UUID, who: str, **more: Any) -> Callable[[], Booking]:
    def act() -> Booking:
        with World.acting("文") as me:
            return bookings.book(id=number, day=day, wish=Wish(who, **more), by=me, at=NOW)

    return act


@pytest.mark.parametrize("crowd", [SOON], indirect=True)
def test_a_time_for_two_is_not_given_to_five(crowd):
    last = first_slot(crowd, 46)
    came = at_once([book(crowd, uuid.uuid4(), f"甲{n}", slot=last) for n in range(5)])
    assert [isinstance(r, Booking) for r in came].count(True) == 2, came
    with World.acting("文"):
        assert Booking.objects.filter(day=crowd).count() == 2


def test_numbers_are_given_once_and_one_press_in_three_threads_is_one(crowd):
    number = uuid.uuid4()
    came = at_once([book(crowd, uuid.uuid4(), f"乙{n}", walk=True) for n in range(4)] + [book(crowd, number, "丙", walk=True)] * 3)
    assert all(isinstance(r, Booking) for r in came), came
    with World.acting("文"):
        assert sorted(Booking.objects.filter(day=crowd).values_list("queue_no", flat=True)) == [1, 2, 3, 4, 5]


def test_two_desks_call_two_people(crowd):
    for n in range(3):
        book(crowd, uuid.uuid4(), f"丁{n}", walk=True)()

    def call(name: str) -> Callable[[], Any]:
        def act() -> Any:
            with World.acting(name) as me:
                return bookings.call_next(day=crowd, by=me, at=NOW)

        return act

    came = at_once([call("文"), call("香"), call("苗")])
    assert len({r.pk for r in came if r}) == len([r for r in came if r]) >= 2
