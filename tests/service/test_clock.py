"""What time brings, and what people are told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from minqing.access import scope
from minqing.access.models import Area
from minqing.lib.worktime import Kind
from minqing.service.actions import calendar, callbacks, clock, deciding, errands, handling, matters, moving
from minqing.service.actions.errands import Wish
from minqing.service.models import Matter, Move, Seat
from minqing.service.queries import calendar as calendars
from minqing.service.queries import catalogue, limits
from minqing.service.rules import states
from minqing.service.rules import telling as wordings
from minqing.service.rules.states import State
from tests.contracts.foreign import superuser
from tests.people import COUNTY, PENGLI, TOWN
from tests.service.doors import MORNING, ask


@pytest.fixture
def village(committed, django_db_setup, django_db_blocker):
    """Committed matters, removed afterwards: the clock works on a connection of its own."""
    with django_db_blocker.unblock():
        yield committed
        with superuser() as root:
            root.execute("set session_replication_role = replica")
            for table in ("notify_step", "notify_message", "service_callback", "service_contact", "service_move", "service_party", "service_seat", "service_matter"):
                root.execute(f"delete from {table}")  # noqa: S608


def tick(at: datetime) -> dict[str, int]:
    """The job of one minute, as if it were `at`: what the database compares with its own clock is due already."""
    return clock.run(now=lambda: at)


def told(number: str) -> list[str]:
    with superuser() as root:
        return [row[0] for row in root.execute("select template from notify_message where values ->> 'no' like %s order by made_at, template", [f"%{number[-4:]}"]).fetchall()]


def sent(world, *, kind: str = "help_up", lead: str = COUNTY + "/12", words: str = "村口的路灯坏了三天") -> Matter:
    with world.acting("香") as xiang:
        m = ask(xiang, words, kind=kind).matter
        m = matters.accept(matter=m, by=xiang, at=MORNING)
        return matters.dispatch(matter=m, lead=lead, by=xiang, at=MORNING)


def test_not_signing_gains_nothing(village):
    m = sent(village)
    assert tick(MORNING + timedelta(days=2))["sign"] == 1
    with village.acting("香"):
        m = Matter.objects.get(pk=m.pk)
        assert m.state == State.PROCESSING
        assert m.signed_at == m.sign_due_at
        line = Move.objects.filter(matter=m, name="sign").get()
        assert (line.actor, line.staff) == ("clock", None)
    assert tick(MORNING + timedelta(days=2)).get("sign", 0) == 0


def test_an_errand_taken_at_the_window_tells_nobody_twice(village):
    """Taken down, accepted and sent to its own desk in one go: one message to each colleague there, none to the one who did it."""
    with village.acting("敏") as min_:
        errands.open_errand(wish=Wish(item=catalogue.item_at("elder_card", PENGLI), place=PENGLI, words="办老年优待证", channel="window", name="毛水木", phone="15412345678"), by=min_, at=MORNING)
    tick(MORNING)
    with superuser() as root:
        rows = root.execute("select s.name, count(*) from notify_message m join access_staff s on s.id = m.staff where m.template = 'work.assigned' group by s.name").fetchall()
        root.execute("set session_replication_role = replica")
        root.execute("delete from service_errand")
    with village.acting("敏") as min_:
        assert min_.name not in dict(rows)
    assert all(n == 1 for _name, n in rows)


def test_each_thing_is_told_once_to_whom_it_concerns(village):
    m = sent(village)
    tick(MORNING)
    first = told(m.number)
    assert first.count("matter.receipt") == 1
    assert first.count("matter.moved") == 1
    assert "work.assigned" in first
    tick(MORNING)
    assert told(m.number) == first
    with superuser() as root:
        rows = root.execute("select event, count(*) from notify_message group by event, recipient having count(*) > 1").fetchall()
        clear = root.execute("select count(*) from notify_message where values::text like '%15412345678%' or name like '%154123%'").fetchone()[0]
    assert rows == []
    assert clear == 0


def test_the_requester_of_a_merged_matter_is_answered_under_his_own_number(village):
    first = sent(village, lead=PENGLI)
    with village.acting("香") as xiang:
        second = ask(xiang, "路灯不亮，摔了一跤", requester=matters.Who(name="毛水木", phone="16412345678")).matter
        second = matters.merge(matter=second, into=first, by=xiang, at=MORNING)
        m = handling.sign(matter=first, by=xiang, at=MORNING)
        m = handling.reply(matter=m, words="路灯已换，今晚起亮", outcome="solved", by=xiang, at=MORNING + timedelta(hours=2))
    tick(MORNING + timedelta(hours=2))
    assert told(first.number).count("matter.answer") == 1
    assert told(second.number).count("matter.answer") == 1
    with village.acting("文") as wen:
        row = callbacks.call_back(matter=second, channel="phone", reached=True, solved="yes", satisfied="fairly", by=wen, at=MORNING + timedelta(hours=3))
        assert (row.state, row.solved) == (State.MERGED, "yes")


def test_late_goes_upwards_level_by_level(village):
    m = sent(village)
    due = m.due_at
    with superuser() as root:
        root.execute("update service_matter set remind_at = %s where id = %s", [MORNING, m.pk])
    calendar = limits.calendar_for(PENGLI)
    tick(calendar.add_days(due, 5) + timedelta(minutes=1))
    with village.acting("受"):
        assert Seat.objects.filter(matter=m, role="watch", desk_code=TOWN + "/SL").exists()
    with village.acting("香"):
        assert [x.detail["level"] for x in Move.objects.filter(matter=m, name="late").order_by("id")] == [1, 2, 3]
        assert Matter.objects.get(pk=m.pk).remind_at is None


def test_an_urgent_matter_that_nobody_takes_on_climbs_every_quarter_of_an_hour(village):
    night = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
    with village.acting("兰") as lan:
        m = ask(lan, "后山着火了，快来人", at=night).matter
        assert m.urgency == "urgent"
    tick(night + timedelta(minutes=1))
    assert "work.urgent" in told(m.number)
    for n in (1, 2):
        tick(night + timedelta(minutes=16 * n))
        with superuser() as root:   # the database compares with its own clock
            root.execute("update service_matter set remind_at = now() - interval '1 minute' where id = %s and remind_at is not null", [m.pk])
    with village.acting("受"):
        assert Seat.objects.filter(matter=m, desk_code=TOWN + "/SL").exists()
    with village.acting("总"):
        assert Seat.objects.filter(matter=m, desk_code=COUNTY + "/SL").exists()
    with village.acting("香") as xiang:
        m = matters.accept(matter=m, by=xiang, at=night + timedelta(minutes=40))
        assert m.remind_at is None


def test_a_clock_that_stood_moves_the_deadline_by_what_it_stood(village):
    m = sent(village, lead=PENGLI)
    due = m.due_at
    with village.acting("香") as xiang:
        m = handling.sign(matter=m, by=xiang, at=MORNING)
        m = handling.ask_suspend(matter=m, why="money", review_on=(MORNING + timedelta(days=7)).date(), words="等财政十二月安排", by=xiang, at=MORNING)
    with village.acting("国") as guo:
        m = deciding.decide_suspend(matter=m, grant=True, by=guo, at=MORNING)
        assert m.state == State.SUSPENDED
    with superuser() as root:
        root.execute("update service_matter set review_on = current_date where id = %s", [m.pk])
    tick(MORNING + timedelta(days=7))
    with village.acting("香"):
        m = Matter.objects.get(pk=m.pk)
        assert m.state == State.PROCESSING
        assert limits.calendar_for(PENGLI).minutes_between(due, m.due_at) == limits.calendar_for(PENGLI).minutes_between(MORNING, MORNING + timedelta(days=7))
        assert m.pauses[-1]["to"]


def test_the_clock_sees_one_matter_and_no_other(village):
    one, other = sent(village), sent(village)
    with transaction.atomic(using="jobs"):
        scope.enter_matter(one.pk)
        assert list(Matter.objects.using("jobs").values_list("pk", flat=True)) == [one.pk]
        assert Move.objects.using("jobs").exclude(matter=one).count() == 0
        with connections["jobs"].cursor() as cursor:
            cursor.execute("select count(*) from access.merged_into(%s)", [other.pk])
            assert cursor.fetchone()[0] == 0


def test_a_broken_matter_stops_none_of_the_others(village, monkeypatch):
    first, second = sent(village), sent(village)
    real = moving.make
    monkeypatch.setattr(moving, "make", lambda name, matter, **more: (_ for _ in ()).throw(RuntimeError("broken")) if matter.pk == first.pk else real(name, matter, **more))
    done = tick(MORNING + timedelta(days=2))
    assert (done["sign"], done["failed"]) == (1, 1)
    with village.acting("香"):
        assert Matter.objects.get(pk=second.pk).state == State.PROCESSING
        assert Matter.objects.get(pk=first.pk).state == State.DISPATCHED


def test_whatever_the_table_says_is_told_has_its_words():
    promised = {m.name for m in states.MOVES.values() if m.says} - wordings.SILENT
    assert promised <= set(wordings.TO_REQUESTER)


def test_a_changed_calendar_moves_the_deadlines_that_hang_on_it(village):
    m = sent(village)
    before = m.due_at
    day = (MORNING + timedelta(days=2)).date()
    with village.acting("总") as zong:
        calendar.set_day(area=Area.objects.get(pk=COUNTY), day=day, kind=Kind.OFF, why="县里停电", by=zong, at=MORNING)
    try:
        assert tick(MORNING)["recompute"] == 1
        with village.acting("香"):
            m = Matter.objects.get(pk=m.pk)
            assert timezone.localdate(m.due_at) == limits.calendar_for(PENGLI).working_day(timezone.localdate(before), 1)
            assert Move.objects.filter(matter=m, name="recompute", actor="clock").count() == 1
        tick(MORNING)
        assert "matter.progress" in told(m.number)
        assert tick(MORNING).get("recompute", 0) == 0
    finally:
        with superuser() as root:
            root.execute("delete from service_workcalendarday where area_code = %s", [COUNTY])
            root.execute("delete from access_auditentry where what = 'calendar.set'")
        calendars.forget()
