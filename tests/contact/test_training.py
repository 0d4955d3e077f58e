"""带教和培训: a pair needs two yeses; who came is read by himself and the organiser; nothing is counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.db.utils import ProgrammingError

from minqing.access import scope
from minqing.access.scope import NotAllowed
from minqing.contact.actions import training
from minqing.contact.models import Course, CourseSeat, CourseSession, Mentoring
from minqing.contact.queries import calendar
from minqing.contact.queries import training as queries
from minqing.contact.refusals import Missing, NotHere, Refused
from minqing.service.rules.retention import KINDS
from tests.contracts.foreign import superuser
from tests.people import NEXT_VILLAGE, PENGLI, staff

NOW = datetime(2026, 12, 20, 2, 0, tzinfo=UTC)
DAY = datetime(2026, 12, 24, 6, 0, tzinfo=UTC)


@pytest.fixture
def lesson(world) -> Any:
    """香 teaches her officers how one visits, and invited 兰 and 强."""
    with world.acting("香") as me:
        course = training.save_course(area=PENGLI, subject="manners", title="进门三句话", material="先说我是谁，再问方便不方便。", by=me, at=NOW)
        session = training.hold(course=course.pk, starts_at=DAY, ends_at=DAY + timedelta(hours=1), place="村委会议室", teacher="退休教师老徐", by=me, at=NOW)
        assert training.invite(session=session.pk, staff=[staff("兰"), staff("强")], by=me, at=NOW) == 2
        assert training.invite(session=session.pk, staff=[staff("兰")], by=me, at=NOW) == 0
    return session


def test_a_pair_stands_when_both_said_yes_and_ends_when_one_wants(world):
    with world.acting("香") as me:
        pair = training.pair(area=PENGLI, mentor=staff("强"), newcomer=staff("兰"), starts_on=date(2026, 12, 20), ends_on=date(2027, 1, 20), by=me, at=NOW)
        with pytest.raises(Refused, match="本人答应"):
            training.answer(mentoring=pair.pk, yes=True, by=me)
        with pytest.raises(Missing, match="同一个人"):
            training.pair(area=PENGLI, mentor=staff("强"), newcomer=staff("强"), starts_on=date(2026, 12, 20), ends_on=date(2027, 1, 20), by=me, at=NOW)
        with pytest.raises(Missing, match="在这里工作"):
            training.pair(area=PENGLI, mentor=staff("芳"), newcomer=staff("兰"), starts_on=date(2026, 12, 20), ends_on=date(2027, 1, 20), by=me, at=NOW)
        with pytest.raises(Refused, match="已经结了对"):
            training.pair(area=PENGLI, mentor=staff("强"), newcomer=staff("兰"), starts_on=date(2026, 12, 20), ends_on=date(2027, 1, 20), by=me, at=NOW)
    for name, before in (("强", "等两人答应"), ("兰", "等一人答应")):
        with world.acting(name) as me:
            assert queries.pairs(me, NOW.date())[0].state == before and queries.waiting(me).count() == 1
            training.answer(mentoring=pair.pk, yes=True, by=me)
            assert queries.waiting(me).count() == 0
    with world.acting("兰") as me:
        assert queries.pairs(me, NOW.date())[0].state == "在带"
        training.answer(mentoring=pair.pk, yes=False, by=me)
        assert queries.pairs(me, NOW.date()) == []
    with world.acting("芳") as me, pytest.raises(NotHere):
        training.answer(mentoring=pair.pk, yes=True, by=me)


def test_who_came_is_for_himself_and_the_organiser(world, lesson):
    with world.acting("香") as me:
        with pytest.raises(Refused, match="还没有开始"):
            training.attend(session=lesson.pk, came=[staff("兰")], by=me, at=NOW)
        training.attend(session=lesson.pk, came=[staff("兰")], by=me, at=DAY)
        assert {(name, seat.came) for seat, name in queries.seats(lesson)} == {("姜晓兰", True), ("毛志强", False)}
    for name, seen in (("兰", [True]), ("强", [False]), ("文", []), ("苗", []), ("受", []), ("芳", []), ("国", []), ("审", [])):
        with world.acting(name):
            assert list(CourseSeat.objects.values_list("came", flat=True)) == seen, name
    with world.acting("文") as me:
        for act in (lambda: training.attend(session=lesson.pk, came=[], by=me, at=DAY), lambda: training.invite(session=lesson.pk, staff=[me.id], by=me, at=NOW), lambda: training.cancel(session=lesson.pk, by=me, at=NOW)):
            with pytest.raises(NotHere):
                act()


def test_a_course_is_known_where_one_works_and_stands_in_the_calendar(world, lesson):
    for name, n in (("兰", 1), ("强", 1), ("文", 1), ("梅", 1), ("芳", 0), ("数", 0)):
        with world.acting(name) as me:
            assert Course.objects.count() == CourseSession.objects.count() == n, name
            found = [e for e in calendar.events(me, [PENGLI], DAY.date(), DAY.date()) if e.kind == "course"]
            assert [(e.title, e.place, e.public, bool(e.staff)) for e in found] == ([("培训：进门三句话", "村委会议室", False, name in ("兰", "强"))] if n else []), name
    with world.acting("香") as me:
        training.cancel(session=lesson.pk, by=me, at=NOW)
        assert [e.cancelled for e in calendar.events(me, [PENGLI], DAY.date(), DAY.date()) if e.kind == "course"] == [True]
        with pytest.raises(Refused, match="已经取消"):
            training.invite(session=lesson.pk, staff=[staff("文")], by=me, at=NOW)


def test_material_may_be_a_file_of_an_office_and_nothing_else(world, lesson):
    with world.acting("香") as me:
        course = lesson.course_id
        for name, content, why in (("x.exe", b"MZ", "pdf、docx"), ("x.pdf", b"<html>", "pdf、docx"), ("x.pdf", b"%PDF-" + b"0" * (3 * 1024 * 1024), "3 MB")):
            with pytest.raises(Missing, match=why):
                training.save_course(area=PENGLI, subject="manners", title="进门三句话", material="", course=course, file=(name, content), by=me, at=NOW)
        training.save_course(area=PENGLI, subject="manners", title="进门三句话", material="", course=course, file=("讲义.pdf", b"%PDF-1.7 x"), by=me, at=NOW)
        row = Course.objects.get(pk=course)
        assert b"%PDF" not in bytes(row.file_cipher) and queries.file_of(row)[0] == "讲义.pdf"
        training.end_course(course=course, by=me, at=NOW)
        assert queries.courses(me)[0] == []
    for name in ("兰", "芳", "国"):
        with world.acting(name) as me, pytest.raises(NotAllowed):
            training.save_course(area=PENGLI, subject="manners", title="别的课", material="", by=me, at=NOW)


@pytest.mark.parametrize(("name", "statement"), [
    ("兰", "update contact_mentoring set mentor_yes_at = now()"),
    ("兰", "insert into contact_courseseat (id, area_code, session_id, staff, made_by) select gen_random_uuid(), area_code, id, '00000000-0000-0000-0000-000000000001', (select access.proven('staff')::uuid) from contact_coursesession"),
    ("香", f"insert into contact_course (id, area_code, subject, title, material, file_name, made_by, made_at) values (gen_random_uuid(), '{NEXT_VILLAGE}', 'fire', 'x', '', '', (select access.proven('staff')::uuid), now())"),
])
def test_free_sql_makes_nothing_in_anothers_name(world, lesson, name, statement):
    with world.acting(name), connections["default"].cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute(statement)
    with world.acting("兰"), connections["default"].cursor() as cursor:
        cursor.execute("update contact_courseseat set came = true")
        assert cursor.rowcount == 0 and Mentoring.objects.count() == 0


@pytest.fixture
def old(committed) -> Iterator[None]:
    """A pair and a seat of five years ago, and a pair that runs."""
    pair = "insert into contact_mentoring (id, area_code, mentor, newcomer, starts_on, ends_on, made_by, made_at) values (gen_random_uuid(), '330881002205', gen_random_uuid(), gen_random_uuid(), %s, %s, gen_random_uuid(), now())"
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute(pair, ["2020-01-01", "2020-02-01"])
        root.execute(pair, ["2026-01-01", "2030-01-01"])
        root.execute("insert into contact_coursesession (id, area_code, course_id, starts_at, ends_at, place, teacher, made_by, made_at) values ('00000000-0000-0000-0000-0000000000c1', '330881002205', gen_random_uuid(), '2020-01-01', '2020-01-02', 'x', 'x', gen_random_uuid(), now())")
        root.execute("insert into contact_courseseat (id, area_code, session_id, staff, made_by) values (gen_random_uuid(), '330881002205', '00000000-0000-0000-0000-0000000000c1', gen_random_uuid(), gen_random_uuid())")
        yield
        for table in ("contact_mentoring", "contact_courseseat", "contact_coursesession"):
            root.execute(f"delete from {table}")  # noqa: S608 - a table of this file


def test_pairs_and_who_came_go_after_three_years_and_the_course_stays(old):
    with transaction.atomic(using="jobs"), connections["jobs"].cursor() as cursor:
        scope.enter_keeper()
        cursor.execute("select n from access.expire_office('training', now() - interval '1096 days', 100, false)")
        assert cursor.fetchone()[0] == 2
        with pytest.raises(DatabaseError), transaction.atomic(using="jobs"):
            cursor.execute("select n from access.expire_office('training', now() - interval '300 days', 100, false)")
    with superuser() as root:
        assert root.execute("select (select count(*) from contact_mentoring), (select count(*) from contact_courseseat), (select count(*) from contact_coursesession)").fetchone() == (1, 0, 1)
    assert {"contact.Mentoring", "contact.CourseSeat"} == set(KINDS["training"].models) and KINDS["handover"].days == 1096
