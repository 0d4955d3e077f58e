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
from minqing.contact.models import Analysis, Booking, ContactDay, Door, DutyDay, DutyRota, Market, Meeting
from minqing.contact.queries import analysis as analyses
from minqing.contact.queries import calendar as months
from minqing.contact.queries import days as day_reads
from minqing.contact.queries import flood as floods
from minqing.contact.queries import meetings as reads
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
