"""Whose turn it is: by data, one visit for everything, nothing of level 4 told, what was not reached stays."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from minqing.archives.actions import households, sensitive
from minqing.contact.actions import doors, visits
from minqing.contact.queries import asking, due
from minqing.contact.rules import intervals
from minqing.contact.rules.intervals import Contacts
from tests.archives import village
from tests.contact.test_visits import staff

START = date(2026, 1, 1)


@pytest.mark.parametrize(("tags", "level4", "contacts", "on", "days"), [
    (set(), False, {}, date(2026, 7, 3), 183),
    ({"alone", "80+"}, False, {}, date(2026, 1, 8), 7),
    ({"alone", "90+"}, False, {}, date(2026, 1, 8), 7),
    ({"alone", "70+"}, False, {}, date(2026, 1, 31), 30),
    ({"80+"}, False, {}, date(2026, 7, 3), 183),
    (set(), True, {}, date(2026, 1, 31), 30),
    ({"alone", "80+"}, False, {"called": date(2026, 2, 1)}, date(2026, 2, 8), 7),
    ({"alone", "80+"}, False, {"looked_in": date(2026, 6, 28), "called": date(2026, 2, 1)}, date(2026, 7, 3), 183),
    (set(), False, {"called": date(2026, 2, 1)}, date(2026, 7, 3), 183),
    ({"all_away"}, False, {"called": date(2026, 2, 1)}, date(2026, 8, 3), 183),
    (set(), True, {"met": date(2026, 3, 1)}, date(2026, 3, 31), 30),
])
def test_when_a_household_is_due(tags, level4, contacts, on, days):
    found = intervals.due(tags, Contacts(START, **contacts), level4=level4)
    assert (found.on, found.days) == (on, days)


def test_what_a_list_of_level_4_says_has_one_interval_and_no_words():
    rules = [r for r in intervals.INTERVALS if r.code == intervals.LEVEL4]
    assert len(rules) == 1 and not rules[0].why
    assert any(r.days == rules[0].days and r.code != intervals.LEVEL4 for r in intervals.INTERVALS), "the date alone would tell"


@pytest.mark.parametrize(("caution", "evening"), [("白天常在茶山，19 点后在家。", True), ("晚七点后敲门", True), ("有狗，敲东门", False), ("下班后才在", True), ("门牌19号", False), ("", False)])
def test_what_is_known_at_the_door_says_when_people_are_in(caution, evening):
    assert intervals.needs_evening(caution) is evening


@pytest.fixture
def family(world) -> Any:
    village.grids()
    with world.acting("兰") as me:
        return village.Family(me)


def line(me: Any, household: Any, on: date) -> due.DueLine:
    return next(x for x in due.of_place(me, village.PENGLI + "001", on=on) if x.id == household.pk)


def test_a_visit_settles_it_a_door_that_stayed_shut_does_not(world, family):
    now: datetime = timezone.localtime().replace(hour=12)  # an hour later is the same day
    today = timezone.localdate(now)
    with world.acting("兰") as me:
        assert line(me, family.household, today).days == 183
        later = now + timedelta(days=190)
        assert line(me, family.household, timezone.localdate(later)).days == -7
        visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=later, how="unreached")
        tried = line(me, family.household, timezone.localdate(later))
        assert tried.days == -7 and tried.tried and not tried.last
        visits.usual(id=uuid.uuid4(), household=family.household, by=me, at=later + timedelta(hours=1), how="door")
        done = line(me, family.household, timezone.localdate(later))
        assert done.days == 183 and done.last and not done.tried
        assert due.by_household(me, village.PENGLI + "001", on=timezone.localdate(later))[family.household.pk] == (done.on, 183)


def test_who_is_looked_after_is_due_every_month_and_the_officer_is_not_told_why(world, family):
    now = timezone.now()
    with world.acting("香") as me:
        sensitive.write(person=family.wife, kind="relief", code="relief", content={"kind": "低保"}, reason="村里核对救助名单", by=me, at=now)
    with world.acting("兰") as me:
        found = line(me, family.household, timezone.localdate(now))
        assert (found.every, found.why) == (30, "")
    with world.acting("芳") as me:
        assert due.of_place(me, village.PENGLI + "001", on=timezone.localdate(now)) == []


def test_whom_the_helper_could_not_reach_stands_on_the_officers_list(world, family):
    now = timezone.now()
    with world.acting("香") as me:
        door = doors.give(household=family.household, helper=staff("梅"), by=me, at=now)
    with world.acting("梅") as me:
        doors.helper_check(id=uuid.uuid4(), door=door.pk, by=me, at=now, answer="not_reached", how="call")
    with world.acting("兰") as me:
        assert line(me, family.household, timezone.localdate(now)).missed


def test_only_what_is_missing_stale_or_contradicted_is_asked(world, family):
    with world.acting("兰") as me:
        households.set_words(household=family.household, by=me, at=village.AT, caution="有狗")
        family.household.refresh_from_db()
        members = list(family.household.memberships.select_related("person"))
        now = asking.of_household(family.household, members, on=village.TODAY)
        assert {(q.name, q.field) for q in now} == {("周秀英", "phone"), ("毛小芬", "phone"), ("郑浩", "phone")}
        later = asking.of_household(family.household, members, on=village.TODAY + timedelta(days=800))
        assert ("郑土根", "phone", "154****0001") in {(q.name, q.field, q.shown) for q in later} and any(q.field == "caution" and "2026-11-21" in q.why for q in later)
