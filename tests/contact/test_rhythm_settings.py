"""An area's own word on Tuesdays, 15ths and markets: the narrower holds, nobody sets another's, the calendar shows them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from django.db import ProgrammingError, transaction

from minqing.access.scope import NotAllowed
from minqing.contact.actions import rhythm as actions
from minqing.contact.models import Market, Rhythm
from minqing.contact.queries import calendar
from minqing.contact.queries import rhythm as queries
from minqing.contact.refusals import Missing, NotHere, Refused
from minqing.contact.rules.rhythm import FIFTEENTH, TUESDAY, Holiday
from tests.people import NEXT_VILLAGE, PENGLI, TOWN

AT = datetime(2026, 11, 26, 2, tzinfo=UTC)
HOURS = {"opens": time(8, 30), "closes": time(11, 0)}


def test_the_village_has_the_last_word_and_takes_it_back(world):
    with world.acting("香") as me:
        before = queries.of([PENGLI])[PENGLI][FIFTEENTH]
        actions.set_rhythm(area=PENGLI, kind=FIFTEENTH, number=15, holiday="next_workday", place="文化礼堂", by=me, at=AT, **HOURS)
        held = queries.of([PENGLI, NEXT_VILLAGE])
        assert (held[PENGLI][FIFTEENTH].rule.holiday, held[PENGLI][FIFTEENTH].area) == (Holiday.NEXT, PENGLI)
        assert held[NEXT_VILLAGE][FIFTEENTH] == before and held[PENGLI][TUESDAY].area == ""
        actions.forget_rhythm(area=PENGLI, kind=FIFTEENTH, by=me)
        assert queries.of([PENGLI])[PENGLI][FIFTEENTH] == before
        with pytest.raises(NotHere):
            actions.forget_rhythm(area=PENGLI, kind=FIFTEENTH, by=me)


def test_nobody_sets_another_village_or_its_town(world):
    for name in ("香", "兰"):
        with world.acting(name) as me:
            for area in (NEXT_VILLAGE, TOWN, *([PENGLI] if name == "兰" else [])):
                with pytest.raises(NotAllowed):
                    actions.set_rhythm(area=area, kind=TUESDAY, number=2, holiday="skip", by=me, at=AT, **HOURS)
                with pytest.raises(ProgrammingError), transaction.atomic():
                    Rhythm.objects.create(area_code=area, kind=TUESDAY, number=2, holiday="skip", made_by=me.id, made_at=AT, **HOURS)


@pytest.mark.parametrize(("wrong", "field"), [({"number": 8}, "number"), ({"holiday": "maybe"}, "holiday"), ({"kind": "monday"}, "kind"), ({"closes": time(8, 0)}, "closes")])
def test_what_cannot_be_is_said_in_a_sentence(world, wrong, field):
    with world.acting("香") as me:
        with pytest.raises(Missing) as refusal:
            actions.set_rhythm(**{"area": PENGLI, "kind": TUESDAY, "number": 2, "holiday": "skip", "by": me, "at": AT, **HOURS, **wrong})
        assert refusal.value.field == field


def test_markets_of_the_town_and_of_the_village_stand_in_the_calendar(world):
    with world.acting("香") as me:
        own = actions.keep_market(area=PENGLI, name="彭里墟", rule={"kind": "lunar_ends", "numbers": ["3", "8"]}, place="村口", by=me, at=AT)
        with pytest.raises(Refused):
            actions.keep_market(area=PENGLI, name="彭里墟", rule={"kind": "weekdays", "numbers": [1]}, by=me, at=AT)
        with pytest.raises(Missing, match="至少选一个"):
            actions.keep_market(area=PENGLI, name="另一墟", rule={"kind": "weekdays"}, by=me, at=AT)
        Market.objects.filter(pk=own.pk).update(place="村口")
        days = [e for e in calendar.events(me, [PENGLI], date(2026, 12, 1), date(2026, 12, 31)) if e.kind == "market"]
        # 十月廿三 is 2026-12-01, 冬月初三 2026-12-11
        assert [e.starts_at.day for e in days] == [1, 6, 11, 16, 21, 26, 31] and {e.title for e in days} == {"赶墟：彭里墟"} and all(e.public for e in days)
        actions.keep_market(area=PENGLI, name="彭里墟", rule={"kind": "every", "since": "2026-12-02", "step": 10}, market=own.pk, by=me, at=AT)
        assert [e.starts_at.day for e in calendar.events(me, [PENGLI], date(2026, 12, 1), date(2026, 12, 31)) if e.kind == "market"] == [2, 12, 22]
        actions.end_market(market=own.pk, by=me, at=AT)
        assert not [e for e in calendar.events(me, [PENGLI], date(2026, 12, 1), date(2026, 12, 31)) if e.kind == "market"]


def test_a_tuesday_that_falls_away_stands_in_the_calendar_as_off_with_the_next(world):
    with world.acting("香") as me:
        found = {e.uid: e for e in calendar.events(me, [PENGLI], date(2026, 10, 1), date(2026, 10, 20))}
        off = found[queries.uid(TUESDAY, PENGLI, date(2026, 10, 6))]
        assert off.cancelled and "国庆节" in off.title and "10-13" in off.title
        assert not found[queries.uid(TUESDAY, PENGLI, date(2026, 10, 13))].cancelled and found[queries.uid(FIFTEENTH, PENGLI, date(2026, 10, 15))].public
        assert queries.next_days([PENGLI], date(2026, 10, 6))[PENGLI] == {TUESDAY: date(2026, 10, 13), FIFTEENTH: date(2026, 10, 15)}
