"""Somebody's post ends: every open thing of his gets a new owner or a reason, and whoever manages staff learns a number, no name."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from minqing.access import handover
from minqing.access.actions import staff
from minqing.access.actions.staff import Refused
from minqing.access.handover import Decision, OpenThing
from minqing.access.models import Appointment, AuditEntry, Staff
from minqing.notify.actions import messages
from minqing.notify.models import Message
from minqing.service import vault
from minqing.service.actions import errands, handling, matters, rota, window
from minqing.service.models import (
    Assignment,
    CounterSitting,
    DutyShift,
    Errand,
    Extension,
    Matter,
    Mediation,
    Seat,
    Team,
    Ticket,
)
from minqing.service.queries import calls
from tests.archives import village
from tests.archives.village import GRID1, Family
from tests.people import COUNTY, PENGLI, TOWN
from tests.service.doors import MORNING, ask
from tests.service.errand_people import AT, opened, xu
from tests.service.errand_people import staff as id_of
from tests.service.test_mediation import agreed
from tests.service.test_window import called, counters  # noqa: F401 - a fixture
from tests.service.volunteer_people import team

HOTLINE = COUNTY + "/RX"


def post(name: str) -> Appointment:
    return Appointment.objects.get(staff=id_of(name), ends_at=None)


def open_of(name: str, me: Any) -> list[OpenThing]:
    return [t for t in handover.open_things(appointment=post(name), by=me, at=timezone.now()) if t.source == "work"]


def end(name: str, me: Any, to: str = "", why: str = "由村里另行安排") -> None:
    """His post ends; what was his goes to `to`, or nobody with a reason; the post itself needs none."""
    things = handover.open_things(appointment=post(name), by=me, at=timezone.now())
    decided = [Decision(t, id_of(to) if to and t.source == "work" else None, "" if to and t.source == "work" else why) for t in things]
    staff.end(appointment=post(name), reason="调离", by=me, at=timezone.now(), decisions=decided)


def in_hand(world: Any, name: str = "文") -> Matter:
    with world.acting("香") as me:
        m = ask(me, "村口的路灯坏了三天").matter
        m = matters.dispatch(matter=matters.accept(matter=m, by=me, at=MORNING), lead=PENGLI, by=me, at=MORNING)
    with world.acting(name) as me:
        return handling.sign(matter=m, by=me, at=MORNING)


def test_a_matter_goes_to_a_colleague_of_its_desk(world):
    m = in_hand(world)
    with world.acting("香") as me:
        (thing,) = open_of("文", me)
        assert m.number[-4:] in thing.label.replace(" ", "") and "路灯" not in thing.label and thing.due_on is not None
        end("文", me, "苗")
        assert Matter.objects.get(pk=m.pk).handler == id_of("苗")
    with world.acting("苗") as me:
        assert handling.assign(matter=m, staff=id_of("苗"), by=me, at=MORNING).handler == me.id
    with world.acting("审"):
        entry = AuditEntry.objects.get(what="staff.pass")
        assert (entry.detail["kind"], entry.detail["to"], entry.persons) == ("matter", str(id_of("苗")), [])


@pytest.mark.parametrize("to", ["兰", "代", "芳"])
def test_it_does_not_go_to_who_does_not_work_there(world, to):
    in_hand(world)
    with world.acting("香") as me, pytest.raises(Refused, match="不能接手"):
        end("文", me, to)


def test_with_a_reason_it_lies_at_the_desk_without_a_handler(world):
    m = in_hand(world)
    with world.acting("香") as me:
        end("文", me)
        assert Matter.objects.get(pk=m.pk).handler is None
        last = m.moves.order_by("-id").first()
        assert (last.name, last.detail["why"]) == ("assign", "由村里另行安排")


def test_another_post_of_his_that_reaches_it_leaves_it_in_his_hands(world):
    in_hand(world)
    with world.acting("街") as me:
        staff.appoint(staff=Staff.objects.get(pk=id_of("文")), role="town_cadre", area_code=PENGLI, starts_at=timezone.now() - timedelta(seconds=1), ends_at=None, by=me, at=timezone.now())
        clerk = Appointment.objects.get(staff=id_of("文"), role="village_clerk", ends_at=None)
        assert [t for t in handover.open_things(appointment=clerk, by=me, at=timezone.now()) if t.source == "work"] == []


def test_an_errand_is_asked_of_another_or_comes_back_to_the_desk(world):
    village.grids()
    with world.acting("香") as me:
        m = opened(me, xu(me))
        errands.assign(matter=m, staff=id_of("代"), by=me, at=AT)
    with world.acting("代") as me:
        errands.accept(matter=m, by=me, at=AT)
    with world.acting("香") as me:
        (thing,) = open_of("代", me)
        assert thing.label.startswith("代办") and "徐" not in thing.label
        end("代", me, "文")
        e = Errand.objects.get(matter=m)
        assert (e.agent, e.agent_state, Matter.objects.get(pk=m.pk).handler) == (id_of("文"), "asked", None)
        assert sorted(Assignment.objects.filter(matter=m).values_list("answer", flat=True)) == ["", "recalled"]
    with world.acting("代"):
        assert not Matter.objects.filter(pk=m.pk).exists()
    with world.acting("文") as me:
        assert Seat.objects.get(matter=m, role="agent").staff == me.id
        errands.accept(matter=m, by=me, at=AT)


def test_an_errand_that_became_a_complaint_is_nobodys_to_pass_on(world):
    """Its agent is said to have kept the money: who manages staff learns nothing of it, and no heir gets a seat at it."""
    village.grids()
    with world.acting("香") as me:
        m = opened(me, xu(me))
        errands.assign(matter=m, staff=id_of("代"), by=me, at=AT)
    with world.acting("代") as me:
        errands.accept(matter=m, by=me, at=AT)
    with world.acting("香") as me:
        matters.restrict(matter=m, accused=(id_of("代"),), by=me, at=AT)
        assert open_of("代", me) == []
        held = post("代").pk
        end("代", me)
        with connection.cursor() as cursor:
            cursor.execute("select access.pass_work(%s, 'errand', %s, %s, '', '[]')", [held, str(m.pk), id_of("文")])
            assert cursor.fetchone() == ("gone",)
    with world.acting("文"):
        assert not Seat.objects.filter(matter=m).exists()


def test_a_mediation_is_followed_by_another_mediator_and_by_no_statement(world):
    row = agreed(world)
    with world.acting("街") as me:
        kinds = [t.label for t in open_of("香", me)]
        assert any(k.startswith("调解") for k in kinds) and len(kinds) == 2, "the matter and its mediation"
        end("香", me, "苗")
    with world.acting("苗") as me:
        assert Mediation.objects.get(pk=row.pk).mediator == me.id
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update service_mediation set mediator = %s where id = %s", [id_of("文"), row.pk])


def test_shifts_and_a_telephone_on_the_desk(world):
    today = timezone.localdate()
    with world.acting("琴") as me:
        rota.plan(desk=HOTLINE, staff=me.id, kind="night", first=today, last=today + timedelta(days=2), phone="15400000011", by=me, at=timezone.now())
        rota.sit_down(number="301", by=me, at=timezone.now())
    Staff.objects.using("owner").filter(pk=id_of("总")).update(work_phone="")
    with world.acting("管") as me:
        labels = [t.label for t in open_of("琴", me)]
        assert any("值班 3 班" in x for x in labels) and any("分机 301" in x for x in labels)
        shift = next(t for t in open_of("琴", me) if "值班" in t.label)
        with pytest.raises(Refused, match="办公电话"), transaction.atomic():
            staff.end(appointment=post("琴"), reason="调离", by=me, at=timezone.now(), decisions=[Decision(shift, id_of("总"), "")])
        staff.appoint(staff=Staff.objects.get(pk=id_of("数")), role="hotline_operator", area_code=COUNTY, starts_at=timezone.now() - timedelta(seconds=1), ends_at=None, by=me, at=timezone.now())
        Staff.objects.filter(pk=id_of("数")).update(work_phone="0570-4888365")
        end("琴", me, "数")
    with world.acting("数") as me:
        mine = DutyShift.objects.filter(staff=me.id, cancelled_at=None)
        assert mine.count() == 3 and {vault.decrypt(calls.DUTY_PHONE, s.pk, s.phone_cipher) for s in mine} == {"0570-4888365"}
        assert not DutyShift.objects.filter(staff=id_of("琴"), cancelled_at=None).exists()
        assert Extension.objects.get(number="301", ended_at=None).staff == me.id


def test_the_counter_and_who_stands_in_front(world, counters):  # noqa: F811
    ticket = called(world, counters[0])
    with world.acting("街") as me:
        (thing,) = open_of("敏", me)
        assert "社保医保" in thing.label and "还没有办完" in thing.label
        staff.appoint(staff=Staff.objects.get(pk=id_of("苗")), role="window_clerk", area_code=TOWN, starts_at=timezone.now() - timedelta(seconds=1), ends_at=None, by=me, at=timezone.now())
        end("敏", me, "苗")
    with world.acting("苗") as me:
        row = Ticket.objects.get(pk=ticket.pk)
        assert (row.state, row.called_by, CounterSitting.objects.get(ended_at=None).staff) == ("called", me.id, me.id)
        assert window.ticket_of(ticket.pk, me).pk == ticket.pk


def test_with_a_reason_the_number_goes_back_to_the_queue(world, counters):  # noqa: F811
    ticket = called(world, counters[0])
    with world.acting("街") as me:
        end("敏", me)
        staff.appoint(staff=Staff.objects.get(pk=id_of("苗")), role="window_clerk", area_code=TOWN, starts_at=timezone.now() - timedelta(seconds=1), ends_at=None, by=me, at=timezone.now())
    with world.acting("苗"):
        row = Ticket.objects.get(pk=ticket.pk)
        assert (row.state, row.called_by, CounterSitting.objects.filter(ended_at=None).exists()) == ("waiting", None, False)


@pytest.mark.parametrize("alone", [False, True])
def test_what_she_was_asked_to_tell_somebody(world, alone):
    village.grids()
    with world.acting("香") as me:
        home = Family(me)
        made = messages.tell(event="x:1", grid=GRID1, template="matter.answer", values=messages.templates.TEMPLATES["matter.answer"].samples, by=me, at=AT, person=home.wife.pk, alone=alone)
        made = made if alone else messages.failed(message=made, why="号码停机", by=me, at=AT)
        messages.assign(message=made, to=me.id if alone else id_of("梅"), by=me, at=AT)
    with world.acting("街" if alone else "香") as me:
        (thing,) = open_of("香" if alone else "梅", me)
        assert "当面告知" in thing.label and "周秀英" not in thing.label
        if alone:
            with pytest.raises(Refused, match="不能转交"), transaction.atomic():
                end("香", me, "文")
            end("香", me)
        else:
            end("梅", me, "兰")
    with world.acting("兰"):
        assert Message.objects.get(pk=made.pk).assigned == (None if alone else id_of("兰"))


def test_nobody_passes_on_what_is_not_his_to_pass_on(world):
    m = in_hand(world)
    with world.acting("香"):
        row = post("文").pk
    calls_ = (("select * from access.open_work_of(%s)", [row]), ("select access.pass_work(%s, 'matter', %s, %s, '', '[]')", [row, str(m.pk), id_of("苗")]))
    for name in ("芳", "兰", "受"):
        for statement, values in calls_:
            with world.acting(name), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, values)
    with world.acting("香"), pytest.raises(DatabaseError, match="no post that you ended"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(*calls_[1])
    with world.acting("香") as me:
        end("文", me)
        with connection.cursor() as cursor:
            cursor.execute("select access.pass_work(%s, 'matter', %s, %s, '', '[]')", [row, str(m.pk), id_of("苗")])
            assert cursor.fetchone() == ("gone",), "it is nobody's any more: not his to give twice"
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute("select access.pass_work(%s, 'matter', %s, %s, '', '[]')", [row, str(uuid.uuid4()), None])


def test_a_volunteer_team_gets_another_lead(world):
    village.grids()
    made = team(world, lead="代")
    with world.acting("香") as me:
        (thing,) = [t for t in handover.open_things(appointment=post("代"), by=me, at=timezone.now()) if t.source == "team"]
        with pytest.raises(Refused, match="不能接手"), transaction.atomic():
            staff.end(appointment=post("代"), reason="调离", by=me, at=timezone.now(), decisions=[Decision(thing, id_of("芳"), "")])
        staff.end(appointment=post("代"), reason="调离", by=me, at=timezone.now(), decisions=[Decision(thing, id_of("文"), "")])
        assert Team.objects.get(pk=made.pk).lead == id_of("文")
