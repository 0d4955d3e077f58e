"""Appointments: who may give what, stand-ins that end themselves, an end that leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from minqing.access import handover, queries, scope
from minqing.access.actions import sessions, staff
from minqing.access.models import Account, Appointment, Area, Organisation, Staff
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.gather.models import Batch
from tests.people import COUNTY, NEXT_VILLAGE, PENGLI, TOWN


def person(name: str) -> Staff:
    return Staff.objects.get(name__endswith=name)


def post(name: str) -> Appointment:
    return Appointment.objects.filter(staff=person(name), ends_at=None).order_by("starts_at").first()


@pytest.fixture
def grids(world):
    """The three grids of 彭里, made by the town's administrator."""
    with world.acting("街") as me:
        village = Area.objects.get(pk=PENGLI)
        for code, name in (("001", "第一网格"), ("002", "第二网格"), ("003", "第三网格")):
            if not Area.objects.filter(pk=PENGLI + code).exists():
                Area.objects.create(code=PENGLI + code, parent=village, level="grid", official_name=name, short_name=name, kind="grid")
        assert me


def test_the_secretary_appoints_an_officer_who_sees_the_grid_from_that_minute(world, grids):
    now = timezone.now()
    with world.acting("香") as me:
        staff.appoint(staff=person("敏"), role="grid_officer", area_code=PENGLI + "003", starts_at=now, ends_at=None, by=me, at=now)
    with world.acting("敏") as me:
        assert me.may(Right.PEOPLE, PENGLI + "003") and not me.may(Right.PEOPLE, PENGLI + "001")


@pytest.mark.parametrize("by, role, area, sentence", [
    ("香", "data_officer", COUNTY, "您的任职不含"),
    ("香", "town_cadre", PENGLI, "同级或更高"),
    ("香", "grid_officer", NEXT_VILLAGE + "001", "您的任职不含"),
    ("街", "auditor", TOWN, "同级或更高"),
    ("兰", "helper", PENGLI + "001", "您的任职不含"),
])
def test_nobody_appoints_above_his_rank_or_outside_his_area(world, grids, by, role, area, sentence):
    now = timezone.now()
    with world.acting(by) as me, pytest.raises(NotAllowed, match=sentence):
        staff.appoint(staff=person("敏"), role=role, area_code=area, starts_at=now, ends_at=None, by=me, at=now)


def test_nobody_appoints_himself_not_even_with_free_sql(world, grids):
    now = timezone.now()
    with world.acting("香") as me:
        with pytest.raises(staff.Refused, match="不能任命自己"):
            staff.appoint(staff=person("香"), role="grid_officer", area_code=PENGLI + "003", starts_at=now, ends_at=None, by=me, at=now)
        with pytest.raises(DatabaseError, match="nobody appoints himself"), transaction.atomic():
            Appointment.objects.create(staff_id=me.id, role_id="grid_officer", area_code=PENGLI + "003", starts_at=now)


def test_a_role_wants_an_area_of_its_level_and_an_area_in_use(world, grids):
    now = timezone.now()
    with world.acting("街") as me:
        with pytest.raises(staff.Refused, match="15.*17"):
            staff.appoint(staff=person("敏"), role="grid_officer", area_code=PENGLI, starts_at=now, ends_at=None, by=me, at=now)
        with pytest.raises(staff.Refused, match="不存在或已停用"):
            staff.appoint(staff=person("敏"), role="grid_officer", area_code=PENGLI + "777", starts_at=now, ends_at=None, by=me, at=now)


def test_the_same_post_is_not_given_twice(world, grids):
    now = timezone.now()
    with world.acting("香") as me, pytest.raises(staff.Refused, match="已经是"):
        staff.appoint(staff=person("兰"), role="grid_officer", area_code=PENGLI + "001", starts_at=now, ends_at=None, by=me, at=now)


def test_a_stand_in_is_dated_names_both_and_ends_by_itself(world, grids):
    now = timezone.now()
    with world.acting("香") as me:
        made = staff.stand_in(appointment=post("兰"), staff=person("强"), starts_at=now, ends_at=now + timedelta(days=3), by=me, at=now)
        assert made.stands_in_for.staff == person("兰")
        assert queries.posts_of([made.staff_id], now + timedelta(days=4)).get(made.staff_id, []) == [post("强")], "three days later it is gone by itself"
    with world.acting("强") as me:
        assert me.may(Right.PEOPLE, PENGLI + "001") and me.may(Right.PEOPLE, PENGLI + "002")
    with world.acting("街") as me:
        assert [a.staff.name for a in queries.ending_soon(me, at=now)] == ["毛志强"]


@pytest.mark.parametrize("name, days, sentence", [("兰", 3, "不能是本人"), ("强", -1, "结束时间")])
def test_what_is_no_stand_in(world, grids, name, days, sentence):
    now = timezone.now()
    with world.acting("香") as me, pytest.raises(staff.Refused, match=sentence):
        staff.stand_in(appointment=post("兰"), staff=person(name), starts_at=now, ends_at=now + timedelta(days=days), by=me, at=now)


def test_ending_an_appointment_takes_the_access_with_the_next_statement(world, grids):
    now = timezone.now()
    with world.acting("香") as me:
        staff.end(appointment=post("兰"), reason="调到乡镇", by=me, at=now)
    with world.acting("兰") as me:
        assert not me.holds(Right.PEOPLE)


def test_an_end_wants_a_reason_and_happens_once(world, grids):
    now = timezone.now()
    with world.acting("香") as me:
        row = post("兰")
        with pytest.raises(staff.Refused, match="原因"):
            staff.end(appointment=row, reason=" ", by=me, at=now)
        staff.end(appointment=row, reason="换届", by=me, at=now)
        with pytest.raises(staff.Refused, match="已经结束"):
            staff.end(appointment=row, reason="换届", by=me, at=now)


def test_stand_ins_of_an_ended_post_end_with_it(world, grids):
    now = timezone.now()
    with world.acting("香") as me:
        row = post("兰")
        staff.stand_in(appointment=row, staff=person("强"), starts_at=now, ends_at=now + timedelta(days=3), by=me, at=now)
        staff.end(appointment=row, reason="换届", by=me, at=now)
    with world.acting("强") as me:
        assert not me.may(Right.PEOPLE, PENGLI + "001")


def test_the_post_and_the_stand_ins_are_open_things_that_need_an_owner(world, grids):
    now = timezone.now()
    with world.acting("香") as me:
        staff.stand_in(appointment=post("兰"), staff=person("强"), starts_at=now, ends_at=now + timedelta(days=3), by=me, at=now)
        things = handover.open_things(appointment=post("强"), by=me, at=now)
        assert [t.source for t in things] == ["stand_in", "post"]
        assert "代理 姜晓兰" in things[0].label and "第二网格" in things[1].label
        decisions = [handover.Decision(things[0], None, "兰已经回来"), handover.Decision(things[1], person("敏").id, "")]
        staff.end(appointment=post("强"), reason="调离", by=me, at=now, decisions=decisions)
    with world.acting("敏") as me:
        assert me.may(Right.PEOPLE, PENGLI + "002")
    with world.acting("强") as me:
        assert not me.holds(Right.PEOPLE)


def test_a_stand_in_is_handed_on_for_the_days_that_are_left(world, grids):
    now = timezone.now()
    until = now + timedelta(days=3)
    with world.acting("香") as me:
        staff.stand_in(appointment=post("兰"), staff=person("强"), starts_at=now, ends_at=until, by=me, at=now)
        stand, own = handover.open_things(appointment=post("强"), by=me, at=now)
        staff.end(appointment=post("强"), reason="调离", by=me, at=now, decisions=[handover.Decision(stand, person("敏").id, ""), handover.Decision(own, None, "并到第一网格")])
        again = Appointment.objects.get(staff=person("敏"), stands_in_for__staff=person("兰"))
        assert again.ends_at == until


def test_a_post_that_somebody_else_holds_too_is_no_open_thing(world, grids):
    now = timezone.now()
    with world.acting("香") as me:
        staff.appoint(staff=person("敏"), role="grid_officer", area_code=PENGLI + "001", starts_at=now, ends_at=None, by=me, at=now)
        assert handover.open_things(appointment=post("兰"), by=me, at=timezone.now()) == []


def test_a_village_left_without_secretary_is_an_alarm_at_the_town(world):
    now = timezone.now()
    with world.acting("街") as me:
        before = {v.code for v in queries.vacancies(me, at=now)}
        assert PENGLI not in before and NEXT_VILLAGE not in before
        staff.end(appointment=post("芳"), reason="换届", by=me, at=now)
        first = queries.vacancies(me, at=timezone.now())[0]
        assert (first.code, first.last) == (NEXT_VILLAGE, "徐红芳") and first.since
    for name in ("管", "街"):
        with world.acting(name) as me:
            assert NEXT_VILLAGE in {v.code for v in queries.vacancies(me, at=timezone.now())}
    with world.acting("兰") as me:
        assert queries.vacancies(me, at=timezone.now()) == []


def test_a_stand_in_quiets_the_alarm(world):
    now = timezone.now()
    with world.acting("街") as me:
        staff.stand_in(appointment=post("芳"), staff=person("香"), starts_at=now, ends_at=now + timedelta(days=9), by=me, at=now)
        assert NEXT_VILLAGE not in {v.code for v in queries.vacancies(me, at=timezone.now())}


def test_who_leaves_is_out_in_the_same_minute(world):
    now = timezone.now()
    account = Account.objects.get(username="qiang")
    with world.acting("香") as me:
        assert staff.leave(staff=person("强"), reason="离职", by=me, at=now) == 1
    sessions.disable(account.id, at=now, origin="t")
    with pytest.raises(scope.NoSession), world.acting("强"):
        pass
    with pytest.raises(sessions.LoginRefused, match="停用"):
        sessions.log_in(username="qiang", password="whatever-1", device="t", origin="t", at=timezone.now())


def test_who_came_back_holds_nothing_of_before(world):
    now = timezone.now()
    with world.acting("香") as me:
        staff.leave(staff=person("强"), reason="离职", by=me, at=now)
        staff.rejoin(staff=person("强"), reason="返聘", by=me, at=now)
        assert queries.posts_of([person("强").id], timezone.now()) == {}
        assert person("强").left_at is None


@pytest.mark.parametrize("by, whom, may", [("香", "兰", True), ("街", "香", True), ("管", "审", True), ("管", "街", True), ("香", "街", False), ("兰", "强", False), ("街", "管", False),
                                           ("香", "芳", False), ("香", "香", False)])
def test_who_restores_access_face_to_face(world, by, whom, may):
    with world.acting(by) as me:
        assert staff.may_restore(staff=person(whom), by=me, at=timezone.now()) is may


def test_a_privileged_role_ends_sessions_opened_with_the_password_alone(world):
    now = timezone.now()
    account = Account.objects.get(username="min")
    token = sessions.open_session(account, device="t", origin="t", complete=True).token
    # the aliases are separate transactions: what ends the session is seen in the scoped one
    with world.acting("管") as me:
        staff.appoint(staff=person("敏"), role="town_admin", area_code=TOWN, starts_at=now, ends_at=None, by=me, at=now)
    sessions.make_privileged(account.id)
    account.refresh_from_db()
    assert sessions.unfinished(account) and token


def test_an_office_is_made_once(world):
    with world.acting("街") as me:
        first = staff.create_organisation(name="虎山街道综治中心", kind="town", area_code=TOWN, by=me)
        assert staff.create_organisation(name="虎山街道综治中心", kind="town", area_code=TOWN, by=me) == first
        with pytest.raises(NotAllowed):
            staff.create_organisation(name="江山市府办", kind="county", area_code=COUNTY, by=me)
        assert Organisation.objects.filter(name="虎山街道综治中心").count() == 1


def test_an_unfinished_batch_is_an_open_thing_without_its_contents(world):
    now = timezone.now()
    with world.acting("数") as me:
        Batch.objects.create(area_code=COUNTY, label="彭里村 郑书香 的医保名册", state="failed", by=me.id, made_at=now)
        Batch.objects.create(area_code=COUNTY, label="done", state="done", by=me.id, made_at=now)
    with world.acting("管") as me:
        things = [t for t in handover.open_things(appointment=post("数"), by=me, at=now) if t.source == "batch"]
        assert len(things) == 1 and "还没有完成" in things[0].label and "郑书香" not in things[0].label
        everything = handover.open_things(appointment=post("数"), by=me, at=now)
        staff.end(appointment=post("数"), reason="调离", by=me, at=now, decisions=[handover.Decision(t, None, "由新数据员重新上传") for t in everything])
    with world.acting("街") as me, pytest.raises(DatabaseError, match="no right to appoint"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select * from access.open_batches_of(%s, %s)", [me.id, COUNTY])
