"""Visits: one tap or all that was said at a door; sent twice they are one; a helper looks in and sees no file."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.utils import ProgrammingError

from minqing.access.scope import NotAllowed
from minqing.archives.actions import households
from minqing.archives.models import Household, Proposal, Resident
from minqing.contact.actions import doors, visits
from minqing.contact.models import Checkup, DoorCheck, Visit, VisitMatter, VisitNote
from minqing.contact.queries import doors as door_queries
from minqing.contact.refusals import Missing, NotHere, Refused, SentTwice
from minqing.service.models import Matter
from tests.archives import village
from tests.people import NEXT_VILLAGE, staff

EVENING = datetime(2026, 11, 24, 11, 40, tzinfo=UTC)   # 19:40 in 江山
NOW = EVENING + timedelta(hours=2)


@pytest.fixture
def family(here) -> village.Family:
    with here.acting("兰") as me:
        return village.Family(me)


def test_an_unchanged_family_is_one_tap(here, family):
    with here.acting("兰") as me:
        done = visits.usual(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door")
        row = Visit.objects.get(pk=done.visit.pk)
        assert (row.usual, row.visited_by, row.visited_at, row.words_cipher) == (True, me.id, NOW, None)


def test_the_same_visit_sent_twice_is_one_and_with_other_words_neither_is_lost(here, family):
    number = uuid.uuid4()
    said = {"id": number, "household": family.household, "how": "door", "met": [family.wife.pk], "topics": ["fraud"], "words": "屋后又落石头", "visited_at": EVENING,
            "wishes": [visits.Wish("屋后边坡落石头，请人来看看")]}
    with here.acting("兰") as me:
        first = visits.record_visit(by=me, at=NOW, **said)
        again = visits.record_visit(by=me, at=NOW + timedelta(days=2), **said)
        assert (again.again, again.visit.pk, again.opened) == (True, first.visit.pk, [])
        assert (Visit.objects.count(), Matter.objects.filter(channel="door").count()) == (1, 1)
        with pytest.raises(SentTwice) as both:
            visits.record_visit(by=me, at=NOW, **{**said, "words": "屋后没事了"})
        assert (both.value.mine["words"], both.value.theirs["words"]) == ("屋后没事了", "屋后又落石头")
        assert visits.words_of(Visit.objects.get()) == ("屋后又落石头", "")


def test_words_stand_in_no_table_in_clear(here, family):
    with here.acting("兰") as me:
        visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door", words="儿子两年没回来了", note="敲后窗")
        with connections["default"].cursor() as cursor:
            cursor.execute("select to_jsonb(v)::text from contact_visit v")
            assert "儿子" not in cursor.fetchone()[0]


def test_what_is_wished_is_a_matter_and_what_is_wrong_is_changed_or_asked_by_right(here, family):
    with here.acting("兰") as me:
        done = visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door", met=[family.head.pk], visited_at=EVENING, wishes=[visits.Wish("水管漏水，想请人修", person=family.head.pk)], corrections=[
            visits.Correction("phone", "15400000077", person=family.head.pk, seen="154****0001"), visits.Correction("pension_status", "已参保", person=family.head.pk, seen=""),
            visits.Correction("caution", "有狗，敲东门", seen="")])
        assert [o.kind for o in done.outcomes] == ["changed", "proposed", "changed"]
        assert Household.objects.get(pk=family.household.pk).caution == "有狗，敲东门"
        assert Resident.objects.get(pk=family.head.pk).phone_tail == "0077"
        assert Proposal.objects.filter(person=family.head, kind="verify", field="pension_status", state="open").count() == 1
        opened = done.opened[0]
        assert VisitMatter.objects.get(visit=done.visit).matter_id == opened.matter.pk
        assert opened.word and opened.matter.home_desk == village.PENGLI


def test_a_correction_that_somebody_overtook_keeps_both_values_and_the_visit_stands(here, family):
    with here.acting("兰") as me:
        households.set_words(household=family.household, by=me, at=NOW, caution="狗已拴好")
        done = visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door", words="照旧", corrections=[
            visits.Correction("caution", "有狗", seen=""), visits.Correction("phone", "12", person=family.head.pk)])
        assert [(o.kind, o.mine, o.theirs) for o in done.outcomes] == [("conflict", "有狗", "狗已拴好"), ("refused", "", "")]
        assert Household.objects.get(pk=family.household.pk).caution == "狗已拴好"
        assert [(o.kind, o.theirs) for o in visits.outcomes_of(Visit.objects.get())] == [("conflict", "狗已拴好"), ("refused", "")]


def test_a_wish_about_staff_leaves_no_trace_at_the_door(here, family):
    with here.acting("兰") as me:
        done = visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door", wishes=[visits.Wish("村书记郑书香收红包才给办低保", kind="complaint")])
        assert done.opened[0].restricted
        assert not VisitMatter.objects.exists() and Visit.objects.get().words_cipher is None


def test_within_ten_minutes_the_visit_goes_with_what_came_of_it(here, family):
    with here.acting("香") as me:
        done = visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door", met=[family.head.pk], wishes=[visits.Wish("水管漏水，想请人修")],
                                   checklist={family.head.pk: {"mind": "watch"}}, corrections=[visits.Correction("caution", "有狗", seen="")])
        visits.undo(visit=done.visit, by=me, at=NOW + timedelta(minutes=9))
        assert Visit.objects.get().voided_at and Checkup.objects.get().voided_at
        assert Household.objects.get(pk=family.household.pk).caution == ""
        assert Matter.objects.get(pk=done.opened[0].matter.pk).state == "withdrawn"


def test_after_ten_minutes_or_once_the_village_has_the_wish_nothing_vanishes(here, family):
    with here.acting("兰") as me:
        plain = visits.usual(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="phone")
        with pytest.raises(Refused, match="十分钟"):
            visits.undo(visit=plain.visit, by=me, at=NOW + timedelta(minutes=11))
        wished = visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door", wishes=[visits.Wish("水管漏水，想请人修")])
        with pytest.raises(Refused, match="已经交给村里"), transaction.atomic():
            visits.undo(visit=wished.visit, by=me, at=NOW + timedelta(minutes=1))
        assert not Visit.objects.get(pk=wished.visit.pk).voided_at


def test_an_author_puts_right_for_seven_days_topics_merge_and_what_stood_is_kept(here, family):
    with here.acting("兰") as me:
        done = visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door", topics=["fraud"], words="一切好")
        number = uuid.uuid4()
        changes = {"words": ("一切好", "腿脚不便，一切好"), "topics": (["fraud"], ["fraud", "fire"]), "how": ("video", "phone")}
        amended = visits.amend(id=number, visit=done.visit, by=me, at=NOW + timedelta(days=3), changes=changes)
        assert amended.fields == {"words": "applied", "topics": "applied", "how": "conflict"} and amended.both == {"how": ("phone", "door")}
        assert (visits.words_of(Visit.objects.get())[0], Visit.objects.get().topics, Visit.objects.get().version) == ("腿脚不便，一切好", ["fraud", "fire"], 2)
        assert set(visits.amend(id=number, visit=done.visit, by=me, at=NOW + timedelta(days=3), changes=changes).fields.values()) == {"same"}
        assert VisitNote.objects.count() == 1 and Visit.objects.get().version == 2
        with pytest.raises(Refused, match="补记"):
            visits.amend(id=uuid.uuid4(), visit=done.visit, by=me, at=NOW + timedelta(days=8), changes={"words": ("腿脚不便，一切好", "好")})
        visits.add_note(id=uuid.uuid4(), visit=done.visit, words="后来打电话说好多了", by=me, at=NOW + timedelta(days=8))
    with here.acting("香") as me, pytest.raises(Refused, match="由记的人"):
        visits.amend(id=uuid.uuid4(), visit=done.visit, by=me, at=NOW + timedelta(days=1), changes={"words": ("腿脚不便，一切好", "好")})


def test_a_clerk_types_an_evening_from_paper_in_the_visitors_name(here, family):
    with here.acting("香") as me:
        done = visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door", visited_at=EVENING - timedelta(days=5), visited_by=staff("兰"), paper=True, words="谷子收好了")
        assert (done.visit.visited_by, done.visit.entered_by, done.visit.paper) == (staff("兰"), me.id, True)
        with pytest.raises(Missing, match="不负责"):
            visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door", visited_by=staff("强"))


@pytest.mark.parametrize(("wrong", "sentence"), [
    ({"how": "letter"}, "请选择怎么走访"), ({"how": "unreached", "topics": ["fire"]}, "没有见到"), ({"topics": ["gossip"]}, "没有“gossip”"), ({"visited_at": NOW + timedelta(hours=1)}, "还没到"),
    ({"visited_at": NOW - timedelta(days=400)}, "一年以前"), ({"words": "好" * 2001}, "最多2000"), ({"met": [uuid.uuid4()]}, "不都是本户"), ({"usual": True, "words": "好的"}, "一切如常"),
])
def test_what_cannot_be_is_said_in_one_sentence(here, family, wrong, sentence):
    with here.acting("兰") as me, pytest.raises(Missing, match=sentence):
        visits.record_visit(**{"id": uuid.uuid4(), "household": family.household, "by": me, "at": NOW, "how": "door", **wrong})


def test_a_household_of_elsewhere_is_not_there_and_free_sql_hangs_no_visit_on_it(here, family):
    with here.acting("芳") as me:
        with pytest.raises(NotHere):
            visits.usual(id=uuid.uuid4(), household=family.household.pk, by=me, at=NOW, how="door")
        assert not Visit.objects.exists()
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Visit(grid_code=NEXT_VILLAGE + "000", household_id=family.household.pk, how="door", visited_at=NOW, visited_by=me.id, entered_by=me.id, entered_at=NOW, content_digest=b"x").save(force_insert=True)
    with here.acting("国") as me, pytest.raises((NotHere, NotAllowed)):
        visits.usual(id=uuid.uuid4(), household=family.household.pk, by=me, at=NOW, how="door")


def test_how_an_elder_is_reads_its_author_and_who_holds_the_right(here, family):
    with here.acting("兰") as me:
        visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door", met=[family.head.pk], checklist={family.head.pk: {"illness": "watch", "words": "药快吃完"}})
        assert Checkup.objects.count() == 1
    with here.acting("苗") as me:
        assert not Checkup.objects.exists()
    with here.acting("香") as me:
        assert Checkup.objects.count() == 1


# --- helpers -----------------------------------------------------------------------------------------------------------

@pytest.fixture
def door(here, family) -> Any:
    with here.acting("香") as me:
        return doors.give(household=family.household, helper=staff("梅"), by=me, at=NOW)


def test_a_helper_sees_name_door_and_telephone_and_no_file(here, family, door):
    with here.acting("梅") as me:
        assert [(d.name, d.door, d.phone) for d in door_queries.mine(me)] == [("郑土根", "1号", "15400000001")]
        assert not Household.objects.exists() and not Resident.objects.exists() and not Visit.objects.exists()
        done = doors.helper_check(id=uuid.uuid4(), door=door.pk, by=me, at=NOW, answer="safe", how="call")
        assert DoorCheck.objects.get(pk=done.check).helper == me.id
        assert door_queries.mine(me)[0].answer == "safe"
    with here.acting("强") as me:
        assert door_queries.mine(me) == [] and not DoorCheck.objects.exists()
        with pytest.raises(NotHere):
            doors.helper_check(id=uuid.uuid4(), door=door.pk, by=me, at=NOW, answer="safe")


def test_something_is_the_case_is_a_matter_once(here, family, door):
    number = uuid.uuid4()
    with here.acting("梅") as me:
        with pytest.raises(Missing, match="写一句"):
            doors.helper_check(id=number, door=door.pk, by=me, at=NOW, answer="something")
        first = doors.helper_check(id=number, door=door.pk, by=me, at=NOW, answer="something", words="灯泡坏了，晚上看不见")
        again = doors.helper_check(id=number, door=door.pk, by=me, at=NOW, answer="something", words="灯泡坏了，晚上看不见")
        assert first.opened and again.again and again.opened is None
        with pytest.raises(SentTwice):
            doors.helper_check(id=number, door=door.pk, by=me, at=NOW, answer="safe")
    with here.acting("香") as me:
        assert DoorCheck.objects.get().matter_id == first.opened.matter.pk and Matter.objects.filter(pk=first.opened.matter.pk).exists()


def test_a_helper_cannot_write_down_a_foreign_door_and_loses_his_own_with_the_household(here, family, door):
    with here.acting("梅"), pytest.raises(ProgrammingError, match="not a door"), transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("select access.look_in(%s, %s, 'safe', 'door', now(), null, null, 'x')", [uuid.uuid4(), uuid.uuid4()])
    with here.acting("香") as me:
        households.move(household=family.household, grid=village.GRID2, on=date(2026, 11, 24), by=me, at=NOW)
    with here.acting("梅") as me:
        assert door_queries.mine(me) == []
        with pytest.raises(NotHere):
            doors.helper_check(id=uuid.uuid4(), door=door.pk, by=me, at=NOW, answer="safe")


def test_a_divided_grid_takes_its_visits_along(here, family):
    with here.acting("兰") as me:
        done = visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door", words="好")
    with here.acting("香") as me:
        households.move(household=family.household, grid=village.GRID2, on=date(2026, 11, 24), by=me, at=NOW)
        assert Visit.objects.get(pk=done.visit.pk).grid_code == village.GRID2
    with here.acting("兰") as me:
        assert not Visit.objects.exists()


def test_nobody_gets_more_doors_than_he_can_knock_at(here, family, monkeypatch):
    monkeypatch.setattr("minqing.contact.rules.asking.MOST_DOORS", 0)
    with here.acting("香") as me:
        with pytest.raises(Refused, match="另选一位"):
            doors.give(household=family.household, helper=staff("梅"), by=me, at=NOW)
        with pytest.raises(Missing, match="不是这个网格"):
            doors.give(household=family.household, helper=staff("强"), by=me, at=NOW)
