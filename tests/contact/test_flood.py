"""防汛转移: a plan in fair weather, a call that copies it, marks of several hands at once; who sees whom, and when names leave."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.utils import DatabaseError, IntegrityError, ProgrammingError
from django.utils import timezone

from minqing.access import scope
from minqing.archives.actions import dwellings, members, residents
from minqing.archives.models import Household, Resident
from minqing.contact.actions import flood
from minqing.contact.models import (
    Shelter,
    TransferEvent,
    TransferLine,
    TransferMark,
    TransferNeed,
    TransferPlan,
)
from minqing.contact.queries import calendar
from minqing.contact.queries import flood as queries
from minqing.contact.refusals import Missing, NotHere, NotYours, Refused, SentTwice
from minqing.contact.rules import dangers
from minqing.contact.rules import flood as rules
from minqing.service.actions import retention
from tests.archives import village
from tests.contracts.foreign import superuser
from tests.people import NEXT_VILLAGE, PENGLI, TOWN, staff

NOW = datetime.now(UTC) - timedelta(minutes=30)
SCHOOL = flood.ShelterShape("村文化礼堂", "彭里中心路1号", 60, "郑书香", "15400000033", key_holder="毛志强")


@pytest.fixture
def family(here) -> village.Family:
    with here.acting("兰") as me:
        return village.Family(me)


@pytest.fixture
def hall(here) -> Shelter:
    with here.acting("香") as me:
        return flood.save_shelter(village=PENGLI, shape=SCHOOL, by=me, at=NOW)


def plan(here: Any, family: village.Family, hall: Shelter, *, by: str = "香", fetcher: str | None = "梅", **more: Any) -> list[TransferPlan]:
    with here.acting(by) as me:
        whom = [flood.Whom(family.head.pk, ("walk", "oxygen"), "制氧机要插电"), flood.Whom(family.wife.pk)]
        return flood.set_household(household=family.household, whom=whom, way=flood.Way(shelter=hall.pk, fetcher=staff(fetcher) if fetcher else None, by_name="" if fetcher else "邻居周志伟", **more), by=me, at=NOW)


def call(here: Any, by: str = "香", **more: Any) -> TransferEvent:
    with here.acting(by) as me:
        return flood.start(village=PENGLI, level="red", reason="梅雨红色预警", by=me, at=NOW, **more)


def line_of(event: TransferEvent, person: Resident) -> TransferLine:
    return TransferLine.objects.get(event=event, plan__person=person)


def mark(me: scope.Me, line: uuid.UUID, state: str, minutes: float = 0, **more: Any) -> str:
    return flood.mark(id=more.pop("id", uuid.uuid4()), line=line, state=state, happened=NOW + timedelta(minutes=minutes), by=me, at=NOW + timedelta(minutes=25), **more)


def test_whose_state_stands_and_who_is_suggested():
    assert rules.count([("waiting", 2), ("refused", 1), ("missing", 1), ("going", 5), ("away", 4), ("safe", 5), ("arrived", 40)]) == {"waiting": 4, "going": 5, "arrived": 40, "safe": 9, "home": 0}
    assert rules.do(["oxygen", "walk"]) == ["carry", "device"]
    for said, is_danger in {"C级危房": True, "屋后有滑坡隐患": True, "": False, "安全": False, "无隐患": False, "危房已拆除": False, "B级": False, "库下游": True, "不是危房": False, "D 级": True}.items():
        assert dangers.dangerous(said) is is_danger, said


def test_the_plan_says_what_to_bring_and_only_who_works_it_reads_why(here, family, hall):
    rows = plan(here, family, hall)
    with here.acting("香") as me:
        found = queries.plan(me, PENGLI)
        assert [(x.who.name, x.who.bring, x.by) for x in found.lines] == [("周秀英", "", "周春梅"), ("郑土根", "要背、带机器", "周春梅")]
        assert (found.people, found.capacity, found.shelters[0][1]) == (2, 60, 2)
        assert queries.needs_of(rows)[rows[0].pk] == {"needs": ["walk", "oxygen"], "words": "制氧机要插电"}
        with connections["default"].cursor() as cursor:
            cursor.execute("select string_agg(to_jsonb(p)::text, '') || (select string_agg(to_jsonb(n)::text, '') from contact_transferneed n) from contact_transferplan p")
            stored = cursor.fetchone()[0]
        assert not any(word in stored for word in ("郑土根", "oxygen", "制氧机", "carry"))
    for other in ("兰", "芳", "梅", "受"):  # the officer of the grid sees the list, never why
        with here.acting(other):
            assert not TransferNeed.objects.exists()
            assert TransferPlan.objects.count() == (2 if other == "兰" else 0)


def test_two_who_change_one_household_at_once_are_told(here, family, hall):
    rows = plan(here, family, hall)
    seen = flood.seen_of(rows)
    plan(here, family, hall, vehicle="面包车")
    with here.acting("苗") as me, pytest.raises(Refused, match="别人改过这一户"):
        flood.set_household(household=family.household, whom=[], way=flood.Way(), seen=seen, by=me, at=NOW)
    with here.acting("兰") as me:
        other = village.Family(me, number_="810022050002", door="2")
    with here.acting("苗") as me:  # she lives with the neighbours now
        members.transfer(family.wife, other.household, relation="99", basis="registration", on=NOW.date(), reason="并户", new_head=None, by=me, at=NOW)
        flood.set_household(household=other.household, whom=[flood.Whom(family.wife.pk)], way=flood.Way(shelter=hall.pk, by_name="周志伟"), by=me, at=NOW)
        assert TransferPlan.objects.filter(person=family.wife, ended_at=None).count() == 1
        assert flood.set_household(household=other.household, whom=[], way=flood.Way(), by=me, at=NOW) == []
        assert flood.set_household(household=family.household, whom=[], way=flood.Way(), by=me, at=NOW) == [] and not TransferPlan.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize(("by", "way", "sentence", "kind"), [
    ("兰", {"by_name": "周志伟"}, "来定", NotYours), ("香", {"by_name": ""}, "谁去接", Missing), ("香", {"by_name": "周志伟", "shelter": None}, "哪个避灾点", Missing), ("香", {"by_name": "周志伟", "by_phone": "12"}, "看不明白", Missing),
])
def test_what_a_plan_needs_is_said_in_a_sentence(here, family, hall, by, way, sentence, kind):
    with here.acting(by) as me, pytest.raises(kind, match=sentence):
        flood.set_household(household=family.household, whom=[flood.Whom(family.head.pk)], way=flood.Way(**{"shelter": hall.pk, **way}), by=me, at=NOW)


def test_suggestions_come_from_the_files_and_say_nothing_of_level_4(here, family):
    with here.acting("香") as me:
        residents.change(person=family.son.pk, field="living_elsewhere", value="杭州", by=me, at=NOW, on=NOW.date())
        home = dwellings.create(grid=village.GRID1, by=me, at=NOW, address="柴坞1号", safety="C级危房")
        Household.objects.filter(pk=family.household.pk).update(dwelling=home)
        found = queries.suggestions(me, PENGLI, on=NOW.date())
        assert [(s.head, "房屋有隐患" in s.why) for s in found] == [("郑土根", True)]


def test_a_call_copies_the_plan_and_knows_who_is_away(here, family, hall):
    plan(here, family, hall)
    with here.acting("香") as me:
        residents.change(person=family.wife.pk, field="living_elsewhere", value="杭州女儿家", by=me, at=NOW, on=NOW.date())
    event = call(here)
    with here.acting("香") as me:
        assert (line_of(event, family.head).state, line_of(event, family.wife).state) == ("waiting", "away")
        assert queries.boards(me, [event])[event.pk].total.n == {"waiting": 1, "going": 0, "arrived": 0, "safe": 1, "home": 0}
        with pytest.raises(Refused, match="正在进行"):
            flood.start(village=PENGLI, level="red", reason="又一次", by=me, at=NOW)


def test_zones_that_are_added_bring_their_people_once(here, family, hall):
    with here.acting("香") as me:
        slope, low = (flood.save_zone(village=PENGLI, name=n, why=w, by=me, at=NOW) for n, w in (("屋后山", "slide"), ("溪边地", "low")))
    plan(here, family, hall, zone=slope.pk)
    event = call(here, zones=[low.pk])
    with here.acting("香") as me:
        assert not TransferLine.objects.filter(event=event).exists()
        flood.widen(event=event.pk, zones=[slope.pk], by=me)
        flood.widen(event=event.pk, zones=[], by=me)
        assert TransferLine.objects.filter(event=event).count() == 2


def test_the_mark_that_happened_last_stands_whoever_wrote_it_first_and_all_are_kept(here, family, hall):
    plan(here, family, hall)
    event = call(here)
    with here.acting("兰") as me:
        one = line_of(event, family.head).pk
        assert mark(me, one, "arrived", 10) == "arrived"
    with here.acting("梅") as me:  # her phone had no signal: she set out with him before he arrived
        assert mark(me, one, "going", 5) == "arrived"
        assert mark(me, one, "refused", 2, words="梅 14 点告诉他屋后有滑坡，他要守猪") == "arrived"
    with here.acting("香") as me:
        row = TransferLine.objects.get(pk=one)
        assert (row.state, row.where_id, TransferMark.objects.filter(line=one).count()) == ("arrived", hall.pk, 3)
        assert [(m.label, m.who) for m in queries.marks_of(one)] == [("已到", "姜晓兰"), ("路上", "周春梅"), ("不肯走", "周春梅")]
        assert queries.boards(me, [event])[event.pk].by_shelter[0].n["arrived"] == 1
        assert mark(me, one, "waiting", 20) == "waiting"


def test_the_same_mark_twice_is_one_and_with_other_words_a_refusal(here, family, hall):
    plan(here, family, hall)
    event = call(here)
    number = uuid.uuid4()
    with here.acting("香") as me:
        one = line_of(event, family.head).pk
    for _turn in range(2):
        with here.acting("梅") as me:
            assert mark(me, one, "safe", 1, id=number, words="在县城女儿家") == "safe"
    with here.acting("梅") as me, pytest.raises(SentTwice):
        mark(me, one, "going", 1, id=number)
    with here.acting("梅") as me, pytest.raises(Missing, match="谁什么时候告诉他"):
        mark(me, one, "refused", 1)
    with here.acting("香"):
        assert TransferMark.objects.count() == 1


def test_a_fetcher_without_files_sees_her_own_lines_while_the_call_is_open(here, family, hall):
    rows = plan(here, family, hall)
    with here.acting("兰") as me:
        other = village.Family(me, number_="810022050002", door="2")
    with here.acting("香") as me:
        flood.set_household(household=other.household, whom=[flood.Whom(other.head.pk)], way=flood.Way(shelter=hall.pk, by_name="周志伟"), by=me, at=NOW)
    with here.acting("梅") as me:
        assert queries.mine(me) == []
    event = call(here, by="受")  # the town's desk calls; it reads no names
    with here.acting("受") as me:
        assert not TransferLine.objects.exists() and queries.mine(me) == [] and queries.boards(me, [event])[event.pk].total.n["waiting"] == 3
    with here.acting("梅") as me:
        assert {(m.line.who.name, m.line.who.door, m.line.who.bring, m.line.shelter, m.line.mine) for m in queries.mine(me)} == {("郑土根", "柴坞1号", "要背、带机器", "村文化礼堂", True), ("周秀英", "柴坞1号", "", "村文化礼堂", True)}
        assert not TransferLine.objects.exists() and not Household.objects.exists() and not TransferMark.objects.exists()
        foreign = [m.line.id for m in queries.mine(me)]
    with here.acting("香"):
        third = TransferLine.objects.exclude(pk__in=foreign).get(event=event).pk
    with here.acting("梅") as me, pytest.raises(NotHere):
        mark(me, third, "arrived", 1)
    with here.acting("芳") as me:
        assert queries.mine(me) == [] and queries.boards(me, [event])[event.pk].total.all == 0
        with pytest.raises(NotHere):
            mark(me, third, "arrived", 1)
    with here.acting("香") as me:
        for row in TransferLine.objects.filter(event=event):
            mark(me, row.pk, "arrived", 3)
        with pytest.raises(Refused, match="在避灾点"), transaction.atomic():
            flood.close(event=event.pk, record="雨停，可以回家", by=me, at=NOW)
        assert flood.all_home(event=event.pk, shelter=hall.pk, by=me, at=NOW + timedelta(minutes=20)) == 3
        closed = flood.close(event=event.pk, record="雨停，全部平安回家", by=me, at=NOW + timedelta(minutes=22))
        assert flood.record_of(closed) == "雨停，全部平安回家"
        with pytest.raises(Refused, match="已经结束"):
            mark(me, third, "arrived", 60)
    with here.acting("梅") as me:
        assert queries.mine(me) == []
        assert mark(me, foreign[0], "going", 2) == "home"  # a phone that comes home late tells what happened before the end
    assert rows


def test_who_keeps_the_shelter_marks_who_comes_in(here, family):
    with here.acting("香") as me:
        hall = flood.save_shelter(village=PENGLI, shape=flood.ShelterShape("小学", "彭里小学", 10, "何代", "15400000034", keeper=staff("代")), by=me, at=NOW)
    plan(here, family, hall, fetcher=None)
    event = call(here)
    with here.acting("代") as me:
        assert len(queries.mine(me)) == 2 and queries.mine(me)[0].line.by == "邻居周志伟"
        mark(me, queries.mine(me)[0].line.id, "arrived", 1)
    with here.acting("受") as me:
        assert queries.boards(me, [event])[event.pk].total.n == {"waiting": 1, "going": 0, "arrived": 1, "safe": 0, "home": 0}


def test_a_guest_is_added_and_leaves_with_the_call(here, family, hall):
    plan(here, family, hall)
    event = call(here)
    with here.acting("香") as me:
        guest = flood.add_person(event=event.pk, grid=village.GRID2, name="来走亲的李阿姨", door="柴坞1号", shelter=hall.pk, by=me, at=NOW)
        assert (guest.state, TransferLine.objects.filter(event=event).count()) == ("waiting", 3)
        for row in TransferLine.objects.filter(event=event):
            mark(me, row.pk, "safe", 1, words="都在县城")
        flood.close(event=event.pk, record="都投亲了，没有人在村里", by=me, at=NOW)
        assert queries.plan(me, PENGLI).people == 2
    again = call(here)
    with here.acting("香"):
        assert TransferLine.objects.filter(event=again).count() == 2


def test_a_sheet_of_paper_is_typed_later_and_one_wrong_line_does_not_stop_the_rest(here, family, hall):
    plan(here, family, hall)
    event = call(here)
    with here.acting("文") as me:
        a, b = TransferLine.objects.filter(event=event).values_list("pk", flat=True)
        done = flood.from_paper(rows={uuid.uuid4(): flood.Typed(a, "arrived", NOW + timedelta(minutes=3)), uuid.uuid4(): flood.Typed(b, "arrived", NOW - timedelta(days=9))}, by=me, at=NOW)
        assert done.done == 1 and "不在这一次转移里" in done.wrong[b]
        assert TransferMark.objects.get().paper


@pytest.fixture
def lasting(committed) -> Any:
    """Committed, for what another connection must see; removed afterwards."""
    yield committed
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table, rows in (
            ("transfermark", "at > '2020-01-01'"), ("transferline", "event_id in (select id from contact_transferevent where started_at > '2020-01-01')"), ("transferneed", "at > '2020-01-01'"), ("transferplan", "made_at > '2020-01-01'"),
            ("transferevent", "started_at > '2020-01-01'"), ("shelter", "made_at > '2020-01-01'"),
        ):
            root.execute(f"delete from contact_{table} where {rows}")  # noqa: S608


# --- what a stranger with the program's own password can do ---------------------------------------------------------------------------------

@pytest.mark.parametrize("statement", [
    "insert into contact_transfermark (id, grid_code, line_id, state, at, paper, entered_by, entered_at, content_digest) select gen_random_uuid(), grid_code, id, 'arrived', now(), false, access.proven('staff')::uuid, now(), 'x' from contact_transferline",
    "update contact_transferline set state = 'arrived'", "update contact_transfermark set state = 'home'", "delete from contact_transfermark", "update contact_transferevent set drill = true", "update contact_transferplan set person_id = null",
    "insert into contact_transferline (id, grid_code, event_id, at_home, state) select gen_random_uuid(), '330881002205001', id, true, 'waiting' from contact_transferevent",
])
def test_no_statement_says_where_somebody_is(here, family, hall, statement):
    plan(here, family, hall)
    event = call(here)
    with here.acting("香") as me:
        mark(me, line_of(event, family.head).pk, "going", 1)
        with pytest.raises(DatabaseError), transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute(statement)


def test_nothing_foreign_is_hung_into_a_plan_and_no_foreign_village_is_called(here, family, hall):
    plan(here, family, hall)
    with here.acting("芳") as me:
        assert not TransferPlan.objects.exists() and not Shelter.objects.exists()
        for given in ({"household_id": family.household.pk, "person_id": family.head.pk}, {"person_id": family.head.pk}, {"shelter_id": hall.pk}):
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                TransferPlan(grid_code=NEXT_VILLAGE + "000", made_by=me.id, made_at=NOW, **given).save(force_insert=True)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            TransferEvent(area_code=PENGLI, level="red", reason="x", started_by=me.id, started_at=NOW).save(force_insert=True)
        with pytest.raises(NotYours):
            flood.start(village=PENGLI, level="red", reason="不是我的村", by=me, at=NOW)


def test_a_town_s_desk_that_writes_itself_down_as_keeper_reads_no_names(here, family, hall):
    plan(here, family, hall)
    call(here)
    with here.acting("受") as me:
        assert Shelter.objects.filter(pk=hall.pk).update(keeper=me.id) == 1
        assert queries.mine(me) == [] and not TransferLine.objects.exists()
    with here.acting("香"):
        one = TransferLine.objects.first().pk
    with here.acting("受") as me, pytest.raises(NotHere):
        mark(me, one, "arrived", 1)


# --- at once --------------------------------------------------------------------------------------------------------------------------------

def test_two_call_one_village_at_the_same_moment_and_there_is_one_call(lasting):
    answers: list[str] = []
    gate = threading.Barrier(2)

    def run(name: str) -> None:
        try:
            gate.wait()
            with lasting.acting(name) as me:
                flood.start(village=PENGLI, level="orange", reason="并发", by=me, at=NOW)
            answers.append("ok")
        except Refused as refusal:
            answers.append(str(refusal))
        finally:
            connections.close_all()

    both = [threading.Thread(target=run, args=(n,)) for n in ("香", "受")]
    for t in both:
        t.start()
    for t in both:
        t.join()
    assert sorted(a == "ok" for a in answers) == [False, True] and any("正在进行" in a for a in answers)


def test_two_hands_mark_one_person_at_the_same_moment_and_both_marks_stand(lasting):
    with lasting.acting("香") as me:
        hall = flood.save_shelter(village=PENGLI, shape=SCHOOL, by=me, at=NOW)
    event = call(lasting)
    with lasting.acting("香") as me:
        one = flood.add_person(event=event.pk, grid=PENGLI + "000", name="路过的人", door="桥头", shelter=hall.pk, fetcher=staff("梅"), by=me, at=NOW).pk
    gate, answers = threading.Barrier(2), []

    def run(name: str, state: str, minutes: int) -> None:
        try:
            gate.wait()
            with lasting.acting(name) as me:
                answers.append(mark(me, one, state, minutes))
        finally:
            connections.close_all()

    both = [threading.Thread(target=run, args=given) for given in (("梅", "going", 5), ("香", "arrived", 10))]
    for t in both:
        t.start()
    for t in both:
        t.join()
    with lasting.acting("香"):
        assert len(answers) == 2 and TransferMark.objects.filter(line=one).count() == 2 and TransferLine.objects.get(pk=one).state == "arrived"


def test_everybody_may_know_the_shelters_and_nobody_the_plan(lasting):
    with lasting.acting("香") as me:
        flood.save_shelter(village=PENGLI, shape=SCHOOL, by=me, at=NOW)
    with transaction.atomic(using="resident"), connections["resident"].cursor() as cursor:
        scope.enter_public(purpose="portal", origin="test")
        cursor.execute("select name, place, keeper_phone from access.public_shelters(%s)", [PENGLI])
        assert cursor.fetchall() == [("村文化礼堂", "彭里中心路1号", "15400000033")]
        for table in ("contact_transferplan", "contact_shelter"):
            with pytest.raises(DatabaseError), transaction.atomic(using="resident"):
                cursor.execute(f"select * from {table}")  # noqa: S608


def test_names_leave_after_their_time_and_figures_stay(lasting):
    event = call(lasting)
    with lasting.acting("香") as me:
        one = flood.add_person(event=event.pk, grid=PENGLI + "000", name="路过的人", door="桥头", shelter=None, by=me, at=NOW).pk
        mark(me, one, "safe", 1, words="已坐车回家")
        flood.close(event=event.pk, record="雨停，结束", by=me, at=NOW)
    for ago, rows in ((365, 0), (367, 1)):
        with superuser() as root:
            root.execute("set session_replication_role = replica")
            root.execute("update contact_transferevent set closed_at = %s where id = %s", [NOW - timedelta(days=ago), event.pk])
            root.execute("update contact_transferplan set ended_at = %s where event_id = %s", [NOW - timedelta(days=ago), event.pk])
        assert retention.run(now=lambda: NOW, only=["transfer"])["transfer"] >= rows
        with lasting.acting("香"):
            assert (TransferLine.objects.get(pk=one).plan_id is None) is bool(rows)
    with lasting.acting("香") as me:
        row = TransferLine.objects.get(pk=one)
        assert (row.plan_id, row.state) == (None, "safe") and not TransferPlan.objects.filter(event=event).exists()
        assert TransferMark.objects.get(line=one).words_cipher is None and TransferEvent.objects.get(pk=event.pk).record_cipher is None
        assert queries.boards(me, [event])[event.pk].total.n["safe"] == 1 and queries.lines_of(me, event)[0].who.name == ""


def test_the_list_of_a_closed_call_and_its_record_stay(here, family, hall):
    plan(here, family, hall)
    event = call(here)
    with here.acting("香") as me:
        one = line_of(event, family.head).pk
        with pytest.raises(IntegrityError, match="nothing that a mark says"), transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("select access.transfer_mark(gen_random_uuid(), %s, 'gone', now(), null, null, false, array['\\x01'::bytea])", [one])
        for pk in TransferLine.objects.filter(event=event).values_list("pk", flat=True):
            mark(me, pk, "home", 5)
        flood.close(event=event.pk, record="雨停，全部平安回家", by=me, at=NOW)
        with connections["default"].cursor() as cursor:
            cursor.execute("update contact_transferline set fetcher = null where event_id = %s", [event.pk])
            assert cursor.rowcount == 0
        with pytest.raises(IntegrityError, match="is closed"), transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("update contact_transferevent set record_cipher = null where id = %s", [event.pk])
        assert flood.record_of(TransferEvent.objects.get(pk=event.pk)) == "雨停，全部平安回家"


def test_a_guest_added_by_two_presses_is_one(here, family, hall):
    event = call(here)
    with here.acting("香") as me:
        given = {"event": event.pk, "grid": family.household.grid_code, "name": "柴坞来走亲的老人", "door": "柴坞12号", "shelter": hall.pk, "by": me, "at": NOW}
        flood.add_person(**given)
        with pytest.raises(Refused, match="已经加在这一次的名单上"):
            flood.add_person(**given)
        flood.add_person(**{**given, "name": "柴坞来走亲的小孩"})
        assert TransferLine.objects.filter(event=event).count() == 2


# --- several villages at once ------------------------------------------------------------------------------------------------------------


def test_a_town_calls_several_villages_and_hears_which_have_no_plan_and_which_move_already(here, family, hall):
    plan(here, family, hall)
    third = TOWN + "001"
    with here.acting("受") as me:
        assert {p.village: (p.people, p.running) for p in queries.plans(me, [PENGLI, NEXT_VILLAGE, "330802001001"])} == {PENGLI: (2, None), NEXT_VILLAGE: (0, None)}
        flood.start(village=third, level="red", reason="先动了", by=me, at=NOW)
        called = flood.start_many(villages=[PENGLI, NEXT_VILLAGE, third, PENGLI], level="orange", reason="小时雨量五十毫米", by=me, at=NOW)
        assert [e.area_code for e in called.made] == [PENGLI, NEXT_VILLAGE] and called.running == (third,) and called.empty == (NEXT_VILLAGE,)
        assert TransferEvent.objects.get(area_code=third).reason == "先动了"
        assert queries.boards(me, list(called.made))[called.made[0].pk].total.all == 2
        again = flood.start_many(villages=[PENGLI], level="orange", reason="又来一次", by=me, at=NOW)
        assert again.made == () and again.running == (PENGLI,) and TransferEvent.objects.filter(area_code=PENGLI).count() == 1
    with here.acting("香") as me:
        assert len(queries.lines_of(me, called.made[0])) == 2


@pytest.mark.parametrize("name", ["国", "数", "审", "琴", "兰"])
def test_who_calls_no_village_calls_no_several_either(here, name):
    with here.acting(name) as me, pytest.raises(NotYours):
        flood.start_many(villages=[PENGLI, NEXT_VILLAGE], level="red", reason="台风登陆", by=me, at=NOW)


def test_a_village_clerk_calls_no_village_that_is_not_his_among_several(here):
    with here.acting("香") as me:
        with pytest.raises(NotYours):
            flood.start_many(villages=[PENGLI, NEXT_VILLAGE], level="red", reason="台风登陆", by=me, at=NOW)
        assert not TransferEvent.objects.exists()


@pytest.mark.parametrize(("given", "sentence"), [({"villages": []}, "请选哪些村"), ({"level": "violet"}, "预警"), ({"reason": " "}, "因为什么"), ({"villages": [f"{TOWN}{n:03d}" for n in range(1, 140)]}, "分几次")])
def test_a_call_of_several_says_what_it_lacks(here, given, sentence):
    with here.acting("受") as me, pytest.raises(Missing, match=sentence):
        flood.start_many(**{"villages": [PENGLI], "level": "red", "reason": "台风登陆", "by": me, "at": NOW, **given})


def test_a_call_and_a_drill_stand_in_the_calendar_of_colleagues_and_not_on_the_door(here, family, hall):
    plan(here, family, hall)
    event = call(here, drill=True)
    on = timezone.localdate(NOW)
    with here.acting("兰") as me:
        (found,) = [e for e in calendar.events(me, [PENGLI], on, on) if e.kind == "transfer"]
        assert found.uid == f"transfer-{event.pk}" and found.title == "转移演练：梅雨红色预警" and not found.public and family.head.name not in found.title
    with here.acting("芳") as me:
        assert not [e for e in calendar.events(me, [PENGLI], on, on) if e.kind == "transfer"]
