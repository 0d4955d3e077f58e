"""A village ends in another: its papers are read where its people are now, what was open goes on there, old addresses lead on."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.utils import timezone

from minqing.access import scope
from minqing.access.actions import areas, successions
from minqing.access.actions import staff as staffing
from minqing.access.models import Area, Staff
from minqing.access.queries import former, today
from minqing.access.rules.roles import Right
from minqing.contact.actions import analysis, bookings, days, duty, feeds, flood, meetings, rhythm
from minqing.contact.actions.bookings import Wish
from minqing.contact.actions.days import Shape
from minqing.contact.models import (
    Analysis,
    Booking,
    ContactDay,
    DangerZone,
    Door,
    DutyDay,
    DutyRota,
    Market,
    Meeting,
    Shelter,
    TransferEvent,
    TransferLine,
    TransferPlan,
)
from minqing.contact.queries import analysis as analyses
from minqing.contact.queries import calendar as months
from minqing.contact.queries import days as day_reads
from minqing.contact.queries import flood as floods
from minqing.contact.queries import meetings as reads
from minqing.contact.refusals import NotHere, Refused
from tests.archives import village
from tests.contracts.foreign import superuser
from tests.people import CAST, NEXT_VILLAGE, PENGLI, TOWN, staff

ON = date(2026, 11, 1)
BASIS = "江政发〔2026〕8 号"
NEW = TOWN + "298"


def ahead(n: int) -> date:
    return timezone.localdate() + timedelta(days=n)


def meeting(me: Any, title: str = "十二月会") -> Meeting:
    at = timezone.now() + timedelta(days=12)
    row = meetings.plan(area=PENGLI, plan=meetings.Plan(kind="talk", title=title, starts_at=at, ends_at=at + timedelta(hours=2), place="文化礼堂", chair=staff("香"), recorder=staff("文")), by=me, at=timezone.now())
    meetings.add_item(meeting=row, topic=meetings.Topic("修水渠"), by=me, at=timezone.now())
    meetings.notice(meeting=row, by=me, at=timezone.now())
    return Meeting.objects.get(pk=row.pk)


def joint(me: Any) -> ContactDay:
    row = days.make(kind="joint", area=PENGLI, shape=Shape(ahead(6), time(8, 30), time(11, 30), "彭里便民点", "", 30, 1, None), by=me, at=timezone.now())
    return days.announce(day=row, by=me, at=timezone.now())


def merge(world: Any, into: str = NEXT_VILLAGE, kind: str = "merge") -> None:
    """彭里 ends: in 五家村 (merge), or under a new code (recode)."""
    with world.acting("街") as me:
        new = Area.objects.filter(pk=into).first() or successions.open_area(code=into, name="彭里村", kind="220", by=me, on=ON)
        successions.succeed(old=Area.objects.get(pk=PENGLI), new=new, kind=kind, basis=BASIS, by=me, at=timezone.now(), on=ON)


def appointed(name: str, code: str, me: Any) -> None:
    staffing.appoint(staff=Staff.objects.get(number=CAST[name].number), role="village_secretary", area_code=code, by=me, at=timezone.now(), starts_at=timezone.now(), ends_at=None)


def split(world: Any) -> None:
    with world.acting("街") as me:
        east, west = (successions.open_area(code=TOWN + code, name=name, kind="220", by=me, on=ON) for code, name in (("296", "彭东村"), ("297", "彭西村")))
        grids = Area.objects.filter(parent=PENGLI, level="grid", closed_on=None).exclude(kind="unplaced").order_by("code")
        successions.split_village(old=Area.objects.get(pk=PENGLI), parts={g.code: east if n == 0 else west for n, g in enumerate(grids)}, basis=BASIS, by=me, at=timezone.now(), on=ON)


def test_the_secretary_of_the_village_that_took_its_place_reads_and_carries_on_and_nobody_else_does(here):
    with here.acting("香") as me:
        row, day = meeting(me), joint(me)
    with here.acting("芳") as me:
        assert not me.may(Right.CONTACT, PENGLI) and reads.get(row.pk) is None and not reads.arranges(me, PENGLI)
    merge(here)
    with here.acting("香") as me:
        assert not me.holds(Right.CONTACT) and reads.get(row.pk) is None
    with here.acting("芳") as me:
        assert me.posts[0].was == (PENGLI,) and me.with_former([NEXT_VILLAGE]) == sorted([PENGLI, NEXT_VILLAGE])
        assert row in reads.listed([NEXT_VILLAGE], ahead=True, at=timezone.now()) and reads.get(row.pk).area_code == PENGLI
        meetings.cancel(meeting=row, reason="两村并一次开", by=me, at=timezone.now())
        assert day in day_reads.listed(me, on=timezone.localdate()) and PENGLI in day_reads.runs_of(me) and PENGLI not in day_reads.makes_at(me)
        changed = days.change(day=day, shape=Shape(day.day, time(8, 30), time(11, 30), "五家便民点", "", 30, 1, None), by=me, at=timezone.now())
        assert changed.place == "五家便民点" and changed.area_code == PENGLI
        found = {e.uid for e in months.events(me, [NEXT_VILLAGE], ahead(0), ahead(30))}
        assert {f"day-{day.pk}", f"meeting-{row.pk}"} <= found
    with here.acting("兰") as me:                     # her grid went along; the village's meetings are not hers to arrange there either
        assert not me.may(Right.CONTACT, PENGLI) and Meeting.objects.filter(pk=row.pk).exists()


def test_nothing_begins_under_the_old_code(here):
    merge(here)
    with here.acting("芳") as me:
        at = timezone.now() + timedelta(days=12)
        with pytest.raises(Exception, match="请选择您安排会议的村"):
            meetings.plan(area=PENGLI, plan=meetings.Plan(kind="talk", title="会", starts_at=at, ends_at=at + timedelta(hours=2), place="祠堂", chair=me.id, recorder=staff("文")), by=me, at=timezone.now())
        with pytest.raises(Exception, match="由当地的"):
            days.make(kind="joint", area=PENGLI, shape=Shape(ahead(6), time(8, 30), time(11, 30), "旧便民点", "", 30, 1, None), by=me, at=timezone.now())
        assert analyses.places_of(me) == [NEXT_VILLAGE] and analyses.keeps_of(me) == sorted([PENGLI, NEXT_VILLAGE])


def test_an_analysis_and_its_decisions_are_followed_by_the_successor(here):
    month = timezone.localdate().replace(day=1) - timedelta(days=1)
    with here.acting("香") as me:
        a = analysis.draft(area=PENGLI, month=month.replace(day=1), by=me, at=timezone.now())
        d = analysis.decide(analysis=a.pk, what="清淤", who="村委会", due_on=ahead(3), by=me, at=timezone.now())
        analysis.sign(analysis=a.pk, by=me, at=timezone.now())
    merge(here)
    with here.acting("芳") as me:
        rows, names = analyses.listed(me)
        assert a.pk in {r.pk for r in rows} and names[PENGLI] == "彭里村"
        assert list(analyses.waiting(me, ahead(4))["decisions"].values_list("pk", flat=True)) == [d.pk]
        analysis.tell(decision=d.pk, state="done", words="清好了", by=me, at=timezone.now())
        paper = analyses.paper(me, a.pk, on=timezone.localdate())
        assert paper is not None and paper.mine and paper.decisions[0].state == "done" and paper.title.startswith("彭里村")
        assert Analysis.objects.get(pk=a.pk).area_code == PENGLI


def test_a_divided_village_is_read_by_both_and_its_grids_by_none_of_the_other(here):
    with here.acting("香") as me:
        row = meeting(me)
    split(here)
    with here.acting("街") as me:
        for name, code in (("芳", TOWN + "296"), ("香", TOWN + "297")):
            appointed(name, code, me)
    for name in ("芳", "香"):
        with here.acting(name) as me:
            assert reads.get(row.pk) is not None and me.may(Right.PEOPLE, PENGLI) and not me.may(Right.PEOPLE, PENGLI + "001")


def test_duty_goes_on_under_a_new_code_and_the_old_days_stay(here):
    with here.acting("香") as me:
        duty.set_rota(village=PENGLI, people=[staff("香"), staff("兰")], weekdays=[1, 2, 3, 4, 5, 6, 7], workdays_only=False, opens=time(8, 30), closes=time(17, 30), place="村委会", by=me, at=timezone.now())
        duty.fill(village=PENGLI, first=ahead(0), last=ahead(20), by=me, at=timezone.now())
        before = dict(DutyDay.objects.filter(area_code=PENGLI, day__gt=ahead(0)).values_list("day", "staff"))
    assert before and set(before.values()) == {staff("香"), staff("兰")}
    merge(here, NEW, "recode")
    with here.acting("香") as me:
        assert DutyRota.objects.get(area_code=NEW).people == [staff("香"), staff("兰")]
        assert dict(DutyDay.objects.filter(area_code=NEW).values_list("day", "staff")) == before
        old = DutyDay.objects.filter(area_code=PENGLI, day__gt=ahead(0))
        assert old.exists() and not old.exclude(off=True).exists()
        shown = [e for e in months.events(me, [NEW], ahead(-1), ahead(20)) if e.kind == "duty"]
        assert len(shown) == len({e.starts_at for e in shown}) == len(before) + 1 and not any(e.cancelled for e in shown)


def test_in_a_village_with_its_own_duty_the_old_days_fall_away(here):
    for name, code in (("香", PENGLI), ("芳", NEXT_VILLAGE)):
        with here.acting(name) as me:
            duty.set_rota(village=code, people=[me.id], weekdays=[1, 2, 3, 4, 5, 6, 7], workdays_only=False, opens=time(8, 30), closes=time(17, 30), place="", by=me, at=timezone.now())
            duty.fill(village=code, first=ahead(0), last=ahead(6), by=me, at=timezone.now())
            if name == "香":
                rhythm.keep_market(area=PENGLI, name="彭里墟", rule={"kind": "every", "since": str(ahead(1)), "step": 9}, by=me, at=timezone.now())
    merge(here)
    with here.acting("芳") as me:
        assert set(DutyDay.objects.filter(area_code=NEXT_VILLAGE, off=False).values_list("staff", flat=True)) == {me.id}
        assert not DutyDay.objects.filter(area_code=PENGLI, day__gt=ahead(0), off=False).exists()
        assert Market.objects.get(area_code=NEXT_VILLAGE, ended_on=None).name == "彭里墟" and not Market.objects.filter(area_code=PENGLI, ended_on=None).exists()


def test_halls_and_slopes_stand_where_they_stood(here):
    for name, code in (("香", PENGLI), ("芳", NEXT_VILLAGE)):
        with here.acting(name) as me:
            flood.save_shelter(village=code, shape=flood.ShelterShape("村文化礼堂", "祠堂边", 60, "毛志强", "15400000033"), by=me, at=timezone.now())
    merge(here)
    with here.acting("芳"):
        assert sorted(s.name for s in floods.shelters(NEXT_VILLAGE)) == ["村文化礼堂", "村文化礼堂（彭里村）"]


HALL = flood.ShelterShape("村文化礼堂", "祠堂边", 60, "毛志强", "15400000033")
HOUR = timedelta(hours=1)


def called(here: Any, **more: Any) -> tuple[TransferEvent, Shelter]:
    """Two families of two grids in the plan, 梅 fetches one, 强 the other; the village moves, and a guest was found in the first grid."""
    now = timezone.now()
    with here.acting("兰") as me:
        first = village.Family(me)
    with here.acting("强") as me:
        second = village.Family(me, grid=village.GRID2, number_="810022050002", door="2")
    with here.acting("香") as me:
        hall = flood.save_shelter(village=PENGLI, shape=HALL, by=me, at=now)
        zone = flood.save_zone(village=PENGLI, name="柴坞屋后山", why="slide", by=me, at=now)
        for home, fetcher in ((first, "梅"), (second, "强")):
            flood.set_household(household=home.household, whom=[flood.Whom(home.head.pk)], way=flood.Way(shelter=hall.pk, zone=zone.pk, fetcher=staff(fetcher)), by=me, at=now)
        event = flood.start(village=PENGLI, level="orange", reason="落石", by=me, at=now - HOUR, **more)
        flood.add_person(event=event.pk, grid=village.GRID1, name="走亲的老人", door="柴坞1号", shelter=hall.pk, by=me, at=now)
    return event, hall


def mark(me: Any, line: uuid.UUID, state: str = "safe", **more: Any) -> str:
    return flood.mark(id=uuid.uuid4(), line=line, state=state, happened=timezone.now(), words="在女儿家", by=me, at=timezone.now(), **more)


def on_phone(me: Any) -> dict[str, Any]:
    """{name: line} of what a phone would hold."""
    return {m.line.who.name: m for m in floods.mine(me)}


@pytest.mark.parametrize(("kind", "into", "name"), [("merge", NEXT_VILLAGE, "芳"), ("recode", NEW, "香")])
def test_a_call_that_runs_goes_on_where_its_people_are(here, kind, into, name):
    event, hall = called(here)
    merge(here, into, kind)
    with here.acting("兰") as me:            # at her desk and on her phone, under the code of today, the guest among them
        stands = flood.event_of(event.pk, me)
        assert stands.area_code == into and stands.closed_at is None and floods.reads(me, into)
        assert {x.who.name for x in floods.lines_of(me, stands)} == set(on_phone(me)) == {"郑土根", "走亲的老人"}
        assert {m.area for m in floods.mine(me)} == {into} and [s.name for s in floods.shelters_of({into})[into]] == ["村文化礼堂"]
        mark(me, on_phone(me)["郑土根"].line.id, "arrived", shelter=hall.pk)
    with here.acting("梅") as me:            # without files, whom she fetches
        assert set(on_phone(me)) == {"郑土根"}
    with here.acting(name) as me:
        lines = {x.who.name: x for x in floods.lines_of(me, stands)}
        assert len(floods.lines_of(me, stands)) == 3 and floods.boards(me, [stands])[stands.pk].by_shelter[0].name == "村文化礼堂" and flood.works(into, me)
        flood.assign(line=lines["走亲的老人"].id, shelter=hall.pk, fetcher=staff("兰"), by=me)
        late = flood.add_person(event=event.pk, grid=into + lines["走亲的老人"].grid[12:], name="刚回来的人", door="柴坞3号", shelter=hall.pk, by=me, at=timezone.now())
        flood.widen(event=event.pk, zones=[], by=me)
        with pytest.raises(Refused, match="还有人没到"):
            flood.close(event=event.pk, record="雨停，结束", by=me, at=timezone.now())
        for line in TransferLine.objects.filter(event=event):
            mark(me, line.pk)
        closed = flood.close(event=event.pk, record="雨停，结束", by=me, at=timezone.now())
        assert closed.closed_at and TransferPlan.objects.get(pk=late.plan_id).ended_at is not None
    if kind == "merge":
        with here.acting("香") as me, pytest.raises(NotHere):   # her post ended with the village
            flood.event_of(event.pk, me)


def test_two_calls_that_come_to_one_village_are_one_list(here):
    with here.acting("芳") as me:
        flood.save_shelter(village=NEXT_VILLAGE, shape=HALL, by=me, at=timezone.now())
        theirs = flood.start(village=NEXT_VILLAGE, level="red", reason="溪水上涨", by=me, at=timezone.now())
    event, _hall = called(here)
    merge(here)
    with here.acting("芳") as me:
        stands = flood.event_of(theirs.pk, me)
        assert (stands.level, stands.started_at, stands.closed_at) == ("red", event.started_at, None)
        assert {x.who.name for x in floods.lines_of(me, stands)} == {"郑土根", "走亲的老人"} and TransferLine.objects.filter(event=theirs).count() == 3
        old = flood.event_of(event.pk, me)
        assert old.closed_at is not None and old.closed_by == staff("街") and old.area_code == PENGLI and not TransferLine.objects.filter(event=event).exists()
    with here.acting("兰") as me:
        mark(me, on_phone(me)["走亲的老人"].line.id)
        assert {m.event for m in floods.mine(me)} == {theirs.pk}


EAST, WEST = TOWN + "296", TOWN + "297"


def divided(here: Any) -> tuple[TransferEvent, Shelter]:
    """彭东 with the first grid and 芳, 彭西 with the others and 香, in the middle of a call."""
    event, hall = called(here)
    split(here)
    with here.acting("街") as me:
        for name, code in (("芳", EAST), ("香", WEST)):
            appointed(name, code, me)
    return event, hall


def test_the_call_of_a_divided_village_is_finished_by_each_for_its_own_people(here):
    event, _hall = divided(here)
    with here.acting("芳") as me:
        (east,) = [e for e in floods.open_events(me) if e.area_code == EAST]
        assert east.pk == event.pk and {x.who.name for x in floods.lines_of(me, east)} == {"郑土根", "走亲的老人"}
        assert not TransferEvent.objects.filter(area_code=WEST).exists()
    with here.acting("强") as me:
        (line,) = floods.mine(me)
        assert line.area == WEST and line.event != event.pk and line.line.who.name == "郑土根" and line.line.mine
        mark(me, line.line.id)
    with here.acting("香") as me:
        west = TransferEvent.objects.get(area_code=WEST)
        assert (west.level, west.reason, west.started_at, west.started_by) == ("orange", "落石", event.started_at, staff("香"))
        assert flood.close(event=west.pk, record="雨停，结束", by=me, at=timezone.now()).closed_at
        with pytest.raises(NotHere):
            flood.event_of(event.pk, me)
    with here.acting("兰") as me:
        for m in floods.mine(me):
            mark(me, m.line.id)
    with here.acting("芳") as me:
        assert flood.close(event=event.pk, record="雨停，结束", by=me, at=timezone.now()).closed_at


def test_nobody_but_the_end_of_a_village_moves_a_call(here):
    event, _hall = called(here)
    with here.acting("香") as me:
        for statement in ("update contact_transferevent set area_code = %s", "update contact_transferevent set started_at = now() where %s <> ''", "select access.carry_call(%s)"):
            with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, [NEXT_VILLAGE])
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update contact_transferplan set event_id = null where event_id = %s", [event.pk])
        assert me.id and TransferEvent.objects.get(pk=event.pk).area_code == PENGLI


def test_halls_and_slopes_of_a_divided_village_are_for_both_until_one_takes_them(here):
    _event, hall = divided(here)
    for name, code in (("芳", EAST), ("香", WEST)):
        with here.acting(name) as me:
            assert [s.pk for s in floods.shelters(code)] == [hall.pk] and [z.name for z in floods.zones(code)] == ["柴坞屋后山"]
            plan = floods.plan(me, code)
            assert [(s.name, n) for s, n in plan.shelters] == [("村文化礼堂", 2)] and plan.people == 1     # 60 beds are 60 beds: people of both are counted
            home = plan.lines[0].row.household_id
            rows = flood.set_household(household=home, whom=[flood.Whom(plan.lines[0].row.person_id)], way=flood.Way(shelter=hall.pk, zone=floods.zones(code)[0].pk, by_name="邻居"), by=me, at=timezone.now())
            assert rows[0].shelter_id == hall.pk
            with pytest.raises(Refused, match="还有人要用|预案里还有人用"):
                flood.end_place(row=Shelter.objects.get(pk=hall.pk), by=me, at=timezone.now())
            with pytest.raises(Refused, match=r"还有 [12] 人要用“村文化礼堂”"):
                flood.take_place(row=Shelter.objects.get(pk=hall.pk), village=code, by=me, at=timezone.now())
    for name in ("兰", "强"):                     # officers see where their people go, and change nothing
        with here.acting(name) as me:
            assert [s.pk for s in floods.shelters(EAST if name == "兰" else WEST)] == [hall.pk] and Shelter.objects.filter(pk=hall.pk).update(capacity=1) == 0
    with here.acting("香") as me:                 # 彭西 goes elsewhere, then 彭东 takes the hall
        flood.set_household(household=floods.plan(me, WEST).lines[0].row.household_id, whom=[], way=flood.Way(), by=me, at=timezone.now())
        for line in TransferLine.objects.filter(event__area_code=WEST):
            mark(me, line.pk)
        flood.close(event=TransferEvent.objects.get(area_code=WEST).pk, record="雨停，结束", by=me, at=timezone.now())
    with here.acting("芳") as me:
        changed = flood.save_shelter(village=EAST, shape=flood.ShelterShape("村文化礼堂", "祠堂边", 80, "毛志强", "15400000033", staff("兰")), shelter=hall.pk, by=me, at=timezone.now())
        taken = flood.take_place(row=changed, village=EAST, by=me, at=timezone.now())
        assert (taken.area_code, taken.capacity, taken.keeper) == (EAST, 80, staff("兰"))
        with pytest.raises(Refused, match="只有分村以前登记的"):
            flood.take_place(row=taken, village=EAST, by=me, at=timezone.now())
        slope = DangerZone.objects.get(name="柴坞屋后山")
        assert flood.take_place(row=slope, village=EAST, by=me, at=timezone.now()).area_code == EAST
    with here.acting("香") as me:
        assert floods.shelters(WEST) == [] and floods.zones(WEST) == []


def test_a_village_of_elsewhere_takes_no_hall_and_counts_nobody(here):
    _event, hall = divided(here)
    with here.acting("香") as me:
        for name, args in (("take_place", [hall.pk, EAST]), ("take_place", [hall.pk, NEXT_VILLAGE])):
            with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"select access.{name}(%s, %s)", args)
        assert me.id
    with here.acting("受") as me:                # the town's desk arranges halls of every village and reads no name
        assert {u.village for u in floods.used(me, [hall.pk])[hall.pk]} == {EAST, WEST}
    with here.acting("梅") as me:                # she works in 彭东, not for the whole village
        assert floods.used(me, [hall.pk]) == {}


def test_only_who_manages_areas_carries_and_only_to_what_took_its_place(here):
    for name, new in (("香", NEXT_VILLAGE), ("街", NEXT_VILLAGE)):
        with here.acting(name), pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select access.carry_contact(%s, %s)", [PENGLI, new])


def test_a_helper_keeps_his_doors_when_the_village_goes_on(here):
    with here.acting("兰") as me:
        home = village.Family(me).household
    with here.acting("香") as me:
        from_here = Door(grid_code=home.grid_code, household=home, helper=staff("梅"), starts_at=timezone.now(), given_by=me.id)
        from_here.save(force_insert=True)
    merge(here, NEW, "recode")
    with here.acting("香"):
        door = Door.objects.get(pk=from_here.pk)
        assert door.ended_at is None and door.grid_code.startswith(NEW)


def test_a_booking_goes_into_a_day_of_the_old_code(here):
    with here.acting("香") as me:
        day = joint(me)
    merge(here)
    with here.acting("芳") as me:
        slot = day_reads.slots(day, using=me.using, at=timezone.now())[0].at
        bookings.book(id=uuid.uuid4(), day=day.pk, wish=Wish("毛小芬", "16430000001", about="宅基地", slot=slot, place=NEXT_VILLAGE), by=me, at=timezone.now())
        assert list(Booking.objects.filter(day=day).values_list("area_code", "place_code")) == [(PENGLI, NEXT_VILLAGE)]


def test_the_weeks_are_laid_out_where_the_village_goes_on_and_none_twice(here):
    with here.acting("香") as me:
        n = days.lay_out(area=PENGLI, kind="joint", by=me, at=timezone.now())
    merge(here, NEW, "recode")
    with here.acting("香") as me:
        assert n > 3 and days.lay_out(area=NEW, kind="joint", by=me, at=timezone.now()) == 0
    with transaction.atomic(using="jobs"):
        scope.enter_days("")
        with connections["jobs"].cursor() as cursor:
            cursor.execute("select area, kind from access.days_laid()")
            assert (PENGLI, "joint") not in cursor.fetchall()


def test_a_printed_calendar_address_leads_on(here):
    with here.acting("香") as me:
        row = meeting(me)
        token = feeds.make(village=PENGLI, by=me, at=timezone.now()).token
    merge(here)
    with transaction.atomic():
        me, kind = scope.enter_feed(token, origin="ical test")
        assert kind == "village" and me.area == NEXT_VILLAGE
        with connection.cursor() as cursor:
            cursor.execute("select uid from access.feed_events(%s, %s)", [ahead(0), ahead(30)])
            assert f"meeting-{row.pk}" in {uid for (uid,) in cursor.fetchall()}


@pytest.fixture
def ended(committed, django_db_blocker) -> Iterator[Callable[..., None]]:
    """Villages that ended, where the residents' own connection sees it: `ended(PENGLI, NEXT_VILLAGE, kind="merge")`."""
    with superuser() as root:
        def end(old: str, *new: str, kind: str) -> None:
            root.execute("update access_area set closed_on = current_date where code = %s", [old])
            for code in new:
                root.execute("insert into access_areasuccession (old_id, new_id, kind, \"on\", basis) values (%s, %s, %s, current_date, '测试')", [old, code, kind])
        try:
            yield end
        finally:
            root.execute("delete from contact_agendaitem where title = '彭里村的渠'")
            root.execute("delete from contact_meeting where title = '彭里村的会'")
            root.execute("delete from access_areasuccession where basis = '测试'")
            root.execute("update access_area set closed_on = null where code = %s", [PENGLI])


def test_the_public_page_of_the_old_code_leads_on_and_the_new_one_tells_of_the_old_meeting(ended):
    with superuser() as root:
        made = uuid.uuid4()
        root.execute("insert into contact_meeting (id, area_code, kind, title, state, starts_at, ends_at, place, chair, recorder, due_reason, observers, notice_reason, heard, minutes_version, made_by, made_at, revision)"
                     " values (%s, %s, 'talk', '彭里村的会', 'planned', now() + interval '9 days', now() + interval '9 days 2 hours', '祠堂', gen_random_uuid(), gen_random_uuid(), '', 0, '', 0, 0, gen_random_uuid(), now(), 0)", [made, PENGLI])
        root.execute("update contact_meeting set state = 'noticed', noticed_at = now() where id = %s", [made])
    ended(PENGLI, NEXT_VILLAGE, kind="merge")
    page = Client().get(f"/v/{PENGLI}/")
    assert page.status_code == 302 and page["Location"] == f"/v/{NEXT_VILLAGE}/"
    assert Client().get(f"/v/{PENGLI}/poster.pdf?size=a3")["Location"] == f"/v/{NEXT_VILLAGE}/poster.pdf?size=a3"
    assert Client().get(f"/v/{PENGLI}/meetings/{made}/")["Location"] == f"/v/{NEXT_VILLAGE}/meetings/{made}/"
    assert "彭里村的会" in Client().get(f"/v/{NEXT_VILLAGE}/").content.decode()


def test_the_public_page_of_a_divided_village_asks_which(ended):
    others = [TOWN + "001", NEXT_VILLAGE]
    ended(PENGLI, *others, kind="split")
    page = Client().get(f"/v/{PENGLI}/")
    assert page.status_code == 200 and all(f"/v/{code}/" in page.content.decode() for code in others)


def test_a_village_that_ended_in_nothing_is_not_there(ended):
    ended(PENGLI, kind="merge")
    assert Client().get(f"/v/{PENGLI}/").status_code == 404


def test_codes_are_followed_for_ever(here):
    merge(here, NEW, "recode")
    with here.acting("街") as me:
        successions.succeed(old=Area.objects.get(pk=NEW), new=Area.objects.get(pk=NEXT_VILLAGE), kind="merge", basis=BASIS, by=me, at=timezone.now(), on=ON)
        assert today(PENGLI) == [NEXT_VILLAGE] == [a.code for a in areas.resolve(PENGLI)] and today(NEXT_VILLAGE) == [NEXT_VILLAGE] and today("330881999") == []
        assert set(Area.objects.filter(pk__in=former([NEXT_VILLAGE])).values_list("pk", flat=True)) == {PENGLI, NEW, NEXT_VILLAGE}
    with here.acting("芳") as me:
        assert set(me.posts[0].was) == {PENGLI, NEW} and me.may(Right.CONTACT, PENGLI) and me.may(Right.PEOPLE, PENGLI + "001")
