"""夜访 on the phone of those who go: the evening's doors in walking order, an ending after the ordinary visit, once and also from flight mode."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from minqing.access.models import AuditEntry
from minqing.archives.actions import households
from minqing.archives.models import Household
from minqing.contact.actions import bookings, days
from minqing.contact.actions.days import Shape
from minqing.contact.models import Booking, DaySeat, Visit
from minqing.service.models import Matter
from minqing.sync.models import Operation
from tests.people import PENGLI, staff
from tests.sync.village import QIANG, Phone, found, op

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


@pytest.fixture
def homes(world):
    return found(NOW)


@pytest.fixture
def evening(homes, world):
    """兰 and 香 go; two doors of 兰's grid, one of 强's, with an hour agreed at the second."""
    with world.acting("文") as me:
        made = days.make(kind="evening", area=PENGLI, shape=Shape(day=TODAY, starts=time(0, 1), ends=time(23, 59), place="村委会门口"), by=me, at=NOW)
        for name in ("兰", "香"):
            days.ask(day=made, staff=staff(name), by=me, at=NOW)
        for number in ("7701", "7700", "7703"):
            slot = timezone.make_aware(datetime.combine(TODAY, time(19, 30))) if number == "7701" else None
            bookings.book_door(id=uuid.uuid4(), day=made, household=homes[number], by=me, at=NOW, slot=slot, asked=slot is not None)
        return days.announce(day=made, by=me, at=NOW)


def phone(world, name, at=NOW):
    made = Phone(name, at)
    with world.acting(name) as me:
        made.register(me)
        made.pull(me)
    return made


def again(world, held):
    with world.acting(held.owner) as me:
        held.pull(me)
    return held


def stops(held):
    return sorted(({"id": key, **data} for key, (_rev, data) in held.rows.items() if "round" in data), key=lambda x: x["n"])


def rounds(held):
    return [data for _rev, data in held.rows.values() if "place" in data and "day" in data]


def stop(held, name):
    return next(x["id"] for x in stops(held) if x["name"] == name)


def visit(home, person, **more):
    return op("visit.record", home, at=NOW, data={"visit": str(uuid.uuid4()), "how": "door", "met": [str(person)], **more})


def end(held, name, **data):
    by = data.pop("by", None)
    return op("round.end", uuid.UUID(stop(held, name)), at=NOW, data={**data, **({"by": by["id"]} if by else {})}, needs=[by["id"]] if by else [])


def test_who_goes_has_the_evening_in_walking_order_and_of_a_door_outside_his_files_its_name_alone(world, homes, evening):
    officer, secretary, other = phone(world, "兰"), phone(world, "香"), phone(world, "强")
    assert rounds(officer) == [{"day": TODAY.isoformat(), "from": "00:01", "to": "23:59", "place": "村委会门口", "with": ["郑书香"]}]
    assert [(x["name"], x.get("at"), x.get("asked"), x.get("home")) for x in stops(officer)] == [
        ("彭大木", "19:30", True, str(homes["7701"])), ("彭大林", None, None, str(homes["7700"])), ("彭大火", None, None, None)]
    assert str(homes["7703"]) not in str(officer.rows) and "1003" not in str(officer.rows)  # neither the file nor the telephone
    assert [x.get("home") for x in stops(secretary)] == [str(homes[n]) for n in ("7701", "7700", "7703")]
    assert rounds(other) == stops(other) == []  # his door is gone to, and he does not go
    with world.acting("审"):
        assert [homes["7703"]] in [e.households for e in AuditEntry.objects.filter(what="device.pull")]


def test_what_the_door_asked_stands_only_where_he_holds_the_file(world, homes):
    with world.acting("文") as me:
        made = days.make(kind="evening", area=PENGLI, shape=Shape(day=TODAY, starts=time(0, 1), ends=time(23, 59), place="村委会门口"), by=me, at=NOW)
        for name in ("兰", "香"):
            days.ask(day=made, staff=staff(name), by=me, at=NOW)
        for number, name in (("7700", "彭大林"), ("7703", "彭大火")):  # the desk's form for a door has no such field; the booking has
            home = Household.objects.get(pk=homes[number])
            bookings._put(uuid.uuid4(), made, bookings.Wish(name, via="asked", about=f"{name}家的灯不亮", place=PENGLI), {"name": name, "door": home.door}, home, me)
        days.announce(day=made, by=me, at=NOW)
    assert {x["name"]: x.get("about") for x in stops(phone(world, "兰"))} == {"彭大林": "彭大林家的灯不亮", "彭大火": None}
    assert {x["name"]: x.get("about") for x in stops(phone(world, "香"))} == {"彭大林": "彭大林家的灯不亮", "彭大火": "彭大火家的灯不亮"}


def test_an_evening_costs_an_idle_pull_nothing_and_goes_when_he_goes_no_more(world, homes, evening):
    held = phone(world, "兰")
    with world.acting("兰") as me:
        idle = held.call(me)
    assert set(idle) == {"cursor", "digest", "lease", "now"} and len(json.dumps(idle, separators=(",", ":"))) <= 200
    with world.acting("香") as me:
        bookings.cancel(booking=uuid.UUID(stop(held, "彭大林")), by=me, at=NOW)
    assert [x["name"] for x in stops(again(world, held))] == ["彭大木", "彭大火"]
    with world.acting("文") as me:
        days.answer_seat(seat=DaySeat.objects.get(day=evening, staff=staff("兰")).pk, state="cannot", by=me, at=NOW)
    assert stops(again(world, held)) == rounds(held) == []
    assert len(held.rows) == 3  # the files stay


def test_a_door_that_leaves_his_grid_keeps_its_name_and_loses_its_file(world, homes, evening):
    held = phone(world, "兰")
    with world.acting("香") as me:
        households.move(household=homes["7700"], grid=QIANG, on=TODAY, by=me, at=NOW)
    assert [(x["name"], x.get("home")) for x in stops(again(world, held))] == [("彭大木", str(homes["7701"])), ("彭大林", None), ("彭大火", None)]
    assert str(homes["7700"]) not in str(held.rows)


def test_evenings_that_are_not_settled_over_or_far_away_are_not_carried(world, homes):
    with world.acting("文") as me:
        for ahead, told in ((3, True), (4, False), (30, True)):
            made = days.make(kind="evening", area=PENGLI, shape=Shape(TODAY + timedelta(days=ahead), time(18, 30), time(21), "村委会门口"), by=me, at=NOW)
            for name in ("兰", "香"):
                days.ask(day=made, staff=staff(name), by=me, at=NOW)
            if told:
                days.announce(day=made, by=me, at=NOW)
    held = phone(world, "兰")
    assert [r["day"] for r in rounds(held)] == [(TODAY + timedelta(days=3)).isoformat()] and stops(held) == []


def test_a_visit_with_nothing_asked_settles_the_door_once(world, homes, evening):
    held = phone(world, "兰")
    seen = visit(homes["7700"], homes["彭大林"])
    ended = end(held, "彭大林", outcome="settled", by=seen)
    with world.acting("兰") as me:
        first = held.push(me, [ended, seen])  # in the wrong order, from flight mode
        assert [(r["s"], r.get("ref", {}).get("outcome")) for r in first] == [("applied", "settled"), ("applied", None)]
        assert held.push(me, [ended])[0]["again"]
        row = Booking.objects.get(pk=stop(held, "彭大林"))
        assert (row.state, row.outcome, row.matter_id) == ("done", "settled", None) and Visit.objects.count() == 1
    assert [x.get("end") for x in stops(again(world, held))] == [None, "settled", None]


def test_a_wish_of_the_visit_becomes_the_doors_matter_and_is_settled_on_the_spot_by_who_may(world, homes, evening):
    held = phone(world, "香")
    asked = visit(homes["7701"], homes["彭大木"], wishes=[{"words": "灶间的灯不亮", "person": str(homes["彭大木"])}])
    other = visit(homes["7700"], homes["彭大林"], wishes=[{"words": "水沟堵了", "person": str(homes["彭大林"])}])
    with world.acting("香") as me:
        results = held.push(me, [asked, end(held, "彭大木", outcome="settled", words="换了灯泡，亮了", by=asked), other, end(held, "彭大林", outcome="matter", by=other)])
        assert [r["s"] for r in results] == ["applied"] * 4
        lamp, ditch = (Matter.objects.get(title__startswith=words) for words in ("灶间的灯", "水沟堵了"))
        assert (lamp.state, ditch.state) == ("closed", "submitted")
        assert {b.matter_id: b.outcome for b in Booking.objects.exclude(outcome="")} == {lamp.pk: "settled", ditch.pk: "matter"}


def test_who_may_not_close_leaves_it_to_the_village(world, homes, evening):
    held = phone(world, "兰")
    asked = visit(homes["7701"], homes["彭大木"], wishes=[{"words": "灶间的灯不亮", "person": str(homes["彭大木"])}])
    with world.acting("兰") as me:
        assert held.push(me, [asked, end(held, "彭大木", outcome="settled", words="换了灯泡", by=asked)])[1]["ref"]["outcome"] == "matter"


def test_a_door_without_a_file_is_settled_in_words_of_its_own_and_stays_without_one(world, homes, evening):
    held = phone(world, "兰")
    with world.acting("兰") as me:
        done = held.push(me, [end(held, "彭大火", outcome="matter", matter_words="路灯坏了一个月", kind="help")])[0]
        assert done["s"] == "applied" and done["ref"]["outcome"] == "matter" and done["ref"]["number"]
        bare = held.push(me, [op("visit.usual", homes["7703"], at=NOW, data={"visit": str(uuid.uuid4()), "how": "door"})])[0]
        assert bare["s"] == "refused"
    assert str(homes["7703"]) not in str(again(world, held).rows)


def test_nobody_met_may_still_be_met_later_and_of_two_the_first_word_stands(world, homes, evening):
    officer, secretary = phone(world, "兰"), phone(world, "香")
    with world.acting("兰") as me:
        assert officer.push(me, [end(officer, "彭大林", outcome="absent")])[0]["ref"]["outcome"] == "absent"
    seen = visit(homes["7700"], homes["彭大林"])
    with world.acting("香") as me:
        assert secretary.push(me, [seen, end(secretary, "彭大林", outcome="settled", words="说好下周来修", by=seen)])[1]["ref"]["outcome"] == "settled"
    with world.acting("兰") as me:
        late = officer.push(me, [end(officer, "彭大林", outcome="absent"), end(officer, "彭大林", outcome="settled", words="另说好了一件")])
        assert late[0]["ref"]["outcome"] == "settled" and late[1]["s"] == "refused" and "同去的人" in late[1]["msg"]
        assert Operation.objects.get(pk=late[1]["id"]).content is not None  # his words are kept


def test_what_is_taken_back_opens_the_door_again_unless_its_matter_is_in_hand(world, homes, evening):
    held = phone(world, "兰")
    seen = op("visit.usual", homes["7700"], at=NOW, data={"visit": str(uuid.uuid4()), "how": "door"})
    with world.acting("兰") as me:
        held.push(me, [seen, end(held, "彭大林", outcome="settled", by=seen)])
        back = op("visit.undo", uuid.UUID(seen["data"]["visit"]), at=NOW, needs=[seen["id"]])
        assert [r["s"] for r in held.push(me, [back, end(held, "彭大林", outcome="open", by=back)])] == ["applied", "applied"]
        assert Booking.objects.get(pk=stop(held, "彭大林")).state == "booked"
        asked = visit(homes["7701"], homes["彭大木"], wishes=[{"words": "灶间的灯不亮", "person": str(homes["彭大木"])}])
        held.push(me, [asked, end(held, "彭大木", outcome="matter", by=asked)])
        kept = held.push(me, [end(held, "彭大木", outcome="open")])[0]
        assert kept["s"] == "refused" and "在办" in kept["msg"]


def test_who_does_not_go_ends_nothing_and_no_visit_is_no_ending(world, homes, evening):
    held, other = phone(world, "兰"), phone(world, "强")
    with world.acting("强") as me:
        assert other.push(me, [op("round.end", uuid.UUID(stop(held, "彭大火")), at=NOW, data={"outcome": "absent"})])[0]["s"] == "refused"
    with world.acting("兰") as me:
        bare, odd, none = held.push(me, [end(held, "彭大林", outcome="settled"), end(held, "彭大林", outcome="x"), end(held, "彭大林", outcome="matter")])
        assert bare["s"] == odd["s"] == none["s"] == "refused" and "先记走访" in bare["msg"]
        assert not Booking.objects.exclude(outcome="").exists()
