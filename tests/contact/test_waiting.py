"""Doors that wait: grave news within a day, somebody asked along, whoever is new, what is carried over, a county's own days."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from minqing.archives.actions import households
from minqing.archives.models import Household
from minqing.contact.actions import visits, waiting
from minqing.contact.models import CountyInterval, DoorAsk, GraveNews
from minqing.contact.queries import due
from minqing.contact.queries import waiting as queries
from minqing.contact.refusals import Missing, NotHere, NotYours, Refused
from minqing.contact.rules import intervals
from minqing.contact.rules.intervals import Contacts, Interval
from tests.archives import village
from tests.contact.test_visits import staff
from tests.people import COUNTY, PENGLI

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
START = date(2026, 1, 1)


@pytest.fixture
def family(world) -> Any:
    village.grids()
    with world.acting("兰") as me:
        return village.Family(me)


def line(me: Any, home: Household, on: date) -> due.DueLine:
    return next(x for x in due.of_place(me, PENGLI, on=on) if x.id == home.pk)


@pytest.mark.parametrize(("contacts", "on", "why"), [
    ({"newcomer": True}, date(2026, 1, 31), "新来的户，30天内去一次"), ({"newcomer": True, "met": date(2026, 1, 9)}, date(2026, 7, 11), "每户183天一次"),
    ({"grave": date(2026, 3, 1)}, date(2026, 3, 2), "家里有变故，一天内去看"), ({"grave": date(2026, 3, 1), "newcomer": True}, date(2026, 1, 31), "新来的户，30天内去一次"),
])
def test_what_is_due_once(contacts, on, why):
    found = intervals.due(set(), Contacts(START, **contacts), level4=False)
    assert (found.on, found.why) == (on, why)


@pytest.mark.parametrize(("since", "met", "called", "away", "is_carried"), [
    (date(2025, 3, 1), date(2026, 6, 30), None, False, False), (date(2025, 3, 1), date(2025, 12, 31), None, False, True), (date(2025, 3, 1), None, date(2026, 5, 1), False, True),
    (date(2025, 3, 1), None, date(2026, 5, 1), True, False), (date(2026, 8, 1), None, None, False, False), (date(2025, 3, 1), date(2026, 9, 1), None, False, False),
])
def test_who_was_not_seen_in_the_half_year_before_is_carried_over(since, met, called, away, is_carried):
    assert intervals.carried(Contacts(since, met, called), on=date(2026, 11, 21), away=away) is is_carried
    assert (intervals.carried_label(date(2026, 11, 1)), intervals.carried_label(date(2027, 2, 1))) == ("上半年没有走到", "去年下半年没有走到")


def test_what_a_visitor_needs_is_read_from_what_is_known_at_the_door():
    assert intervals.needs("听力不好，晚上七点后在家，最好两个人去") == ["evening", "two", "hearing"]
    assert intervals.needs("只会讲江山土话") == ["dialect"] and intervals.needs("两个人住，有狗") == []


def test_a_county_sets_its_own_days_and_no_other_line_changes():
    mine = intervals.of_county([Interval("alone", 15, True), Interval("newcomer", 10), Interval("nonsense", 1)])
    assert intervals.due({"alone"}, Contacts(START), level4=False, rules=mine).days == 15 and intervals.due({"alone", "80+"}, Contacts(START), level4=False, rules=mine).days == 7
    assert intervals.due(set(), Contacts(START, newcomer=True), level4=False, rules=mine).on == date(2026, 1, 11)


def test_grave_news_make_a_visit_due_within_a_day_and_say_on_no_list_what_it_was(world, family):
    with world.acting("兰") as me:
        waiting.tell_news(household=family.household, kind="illness", words="昨夜送医院", happened=NOW, by=me, at=NOW)
        found = line(me, family.household, date(2026, 11, 21))
        assert (found.on, found.grave, found.why) == (date(2026, 11, 22), True, "家里有变故，一天内去看")
        with connections["default"].cursor() as cursor:
            cursor.execute("select to_jsonb(g)::text from contact_gravenews g")
            stored = cursor.fetchone()[0]
        assert "illness" not in stored and "医院" not in stored
        assert [(what, words) for _id, _at, what, words in queries.news_of(family.household)] == [("大病、受伤", "昨夜送医院")]
        visits.usual(id=uuid.uuid4(), household=family.household, by=me, at=NOW + timedelta(hours=3), how="door")
        assert not line(me, family.household, date(2026, 11, 21)).grave
        with pytest.raises(Missing, match="三十天前"):
            waiting.tell_news(household=family.household, kind="fire", words="", happened=NOW - timedelta(days=40), by=me, at=NOW)
    with world.acting("芳"):
        assert not GraveNews.objects.exists()
    with world.acting("香") as me:
        news = waiting.tell_news(household=family.household, kind="fire", words="", happened=NOW + timedelta(hours=4), by=me, at=NOW + timedelta(hours=4))
        waiting.void_news(news=news.pk, by=me, at=NOW + timedelta(hours=5))
        assert not line(me, family.household, date(2026, 11, 21)).grave


def test_who_is_asked_along_reads_name_and_door_and_answers_himself(world, family):
    with world.acting("兰") as me:
        households.set_words(household=family.household, by=me, at=NOW, caution="晚上在家，耳背")
        ask = waiting.ask(household=family.household, need="hearing", asked=staff("梅"), words="星期四晚上七点", by=me, at=NOW)
        with pytest.raises(Refused, match="等他答复"), transaction.atomic():
            waiting.ask(household=family.household, need="two", asked=staff("梅"), by=me, at=NOW)
        with pytest.raises(Missing, match="本村任职"):
            waiting.ask(household=family.household, need="two", asked=staff("芳"), by=me, at=NOW)
        with pytest.raises(NotHere):
            waiting.answer(ask_=ask.pk, yes=True, by=me, at=NOW)
        with pytest.raises(DatabaseError, match="only who is asked"), transaction.atomic():
            DoorAsk.objects.filter(pk=ask.pk).update(answer="yes", answered_at=NOW)
    with world.acting("梅") as me:
        assert [(a.name, a.door, a.need, a.words) for a in queries.mine(me)] == [("郑土根", "柴坞1号", "听力不好", "星期四晚上七点")] and queries.asked_of(me).count() == 1
        assert not Household.objects.exists()
        waiting.answer(ask_=ask.pk, yes=True, by=me, at=NOW)
        with pytest.raises(Refused, match="已经答复"):
            waiting.answer(ask_=ask.pk, yes=False, by=me, at=NOW)
    with world.acting("强") as me:
        assert queries.mine(me) == []
    with world.acting("香") as me:
        door = queries.doors(due.of_place(me, PENGLI, on=date(2026, 11, 21)), queries.of_place(PENGLI))[0]
        assert (door.needs, [(a.who, a.answer) for a in door.asks]) == (["晚上去", "听力不好"], [("周春梅", "yes")])
        waiting.end(ask_=ask.pk, by=me, at=NOW)
    with world.acting("梅") as me:
        assert queries.mine(me) == []


def test_a_county_sets_and_takes_back_and_a_village_does_not(world, family):
    for turn in (90, 60):
        with world.acting("总") as me:
            waiting.set_interval(county=COUNTY, code="household", days=turn, by=me, at=NOW)
    with world.acting("兰") as me:
        assert line(me, family.household, date(2026, 11, 21)).every == 60
    with world.acting("总") as me:
        waiting.set_interval(county=COUNTY, code="household", days=None, by=me, at=NOW)
        with pytest.raises(Missing, match="1 到 366"):
            waiting.set_interval(county=COUNTY, code="household", days=400, by=me, at=NOW)
        assert CountyInterval.objects.filter(ended_at=None).count() == 0
    for name in ("香", "受"):
        with world.acting(name) as me, pytest.raises(NotYours):
            waiting.set_interval(county=COUNTY, code="household", days=9, by=me, at=NOW)


def test_a_file_made_long_after_the_village_s_first_ones_is_of_somebody_new(world, family):
    with world.acting("兰") as me:
        later = village.Family(me, number_="810022050002", door="2")
        Household.objects.filter(pk=family.household.pk).update(created_at=NOW - timedelta(days=90))
        made = timezone.localdate(Household.objects.get(pk=later.household.pk).created_at)
        assert line(me, later.household, made).every == 30 and line(me, family.household, made).every == 183


def test_the_coverage_of_a_village_says_of_how_many(world, family):
    with world.acting("兰") as me:
        other = village.Family(me, number_="810022050002", door="2")
        visits.usual(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door")
        visits.usual(id=uuid.uuid4(), household=other.household, by=me, at=NOW, how="phone")
        found = due.coverage(due.of_place(me, PENGLI, on=date(2026, 11, 21)), on=date(2026, 11, 21))
        assert (found.seen, found.homes, found.called, found.away) == (1, 2, 0, 0)
