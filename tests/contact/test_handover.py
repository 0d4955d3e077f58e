"""网格交接: 强 hands his grid to a newcomer, thing by thing, each with his own yes; when he has gone, the village signs for him."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections, transaction
from django.db.utils import ProgrammingError

from minqing.access.models import AuditEntry
from minqing.access.scope import NotAllowed
from minqing.contact.actions import handover, visits
from minqing.contact.models import Handover, HandoverItem
from minqing.contact.queries import handover as queries
from minqing.contact.refusals import Missing, NotHere, Refused
from minqing.contact.rules import handover as rules
from tests.archives import village
from tests.people import PENGLI, staff
from tests.service.doors import ask

GRID, NOW = PENGLI + "001", datetime(2026, 12, 20, 2, 0, tzinfo=UTC)


def test_the_booklet_says_who_lives_here_what_to_mind_and_what_is_open(here):
    with here.acting("兰") as me:
        family = village.Family(me)
        visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=NOW, how="door", words="都好", note="下次带放大镜")
        visits.record_visit(id=uuid.uuid4(), household=family.household, by=me, at=NOW + timedelta(hours=1), how="phone", words="没有别的")
        ask(me, "村口的路灯坏了", place=GRID)
        found = queries.families(me, GRID, on=NOW.date())
        home = next(h for hamlet in found for h in hamlet.homes if h.line.id == family.household.pk)
        assert (home.mind, home.minded_on) == ("下次带放大镜", NOW.date()), "the last visit that left a word, not the last visit"
        assert sum(len(h.homes) for h in found) >= 1 and found[0].members >= found[0].home
    with here.acting("审"):
        entry = AuditEntry.objects.filter(what="handover.open").order_by("-at").first()
        assert family.household.pk in entry.households
    with here.acting("文") as me:
        assert [m.title for m in queries.open_work(me, GRID, at=NOW).matters] == ["村口的路灯坏了"]
    for name in ("强", "芳", "国", "建", "梅"):
        with here.acting(name) as me, pytest.raises(NotAllowed):
            queries.families(me, GRID, on=NOW.date())


def test_two_people_tick_and_sign_and_nobody_for_the_other(here):
    with here.acting("香") as me:
        row = handover.begin(area=GRID, giver=None, taker=staff("兰"), by=me, at=NOW)
        assert HandoverItem.objects.filter(handover=row).count() == len(rules.ITEMS)
        with pytest.raises(Refused, match="还没有办完"):
            handover.begin(area=GRID, giver=None, taker=staff("兰"), by=me, at=NOW)
        extra = handover.add_item(handover=row.pk, words="祠堂钥匙两把", by=me, at=NOW)
        items = [row.pk for row in HandoverItem.objects.filter(handover=row)]
        with pytest.raises(Refused, match="由他本人点"):
            handover.tick(handover=row.pk, item=extra.pk, side="took", yes=True, by=me)
        for pk in items:
            handover.tick(handover=row.pk, item=pk, side="gave", yes=True, by=me)
        handover.tick(handover=row.pk, item=extra.pk, side="gave", yes=False, by=me)
        with pytest.raises(Refused, match="还有没点的"):
            handover.sign(handover=row.pk, side="gave", remarks="", by=me, at=NOW)
        handover.tick(handover=row.pk, item=extra.pk, side="gave", yes=True, by=me)
    with here.acting("兰") as me:
        for pk in items:
            handover.tick(handover=row.pk, item=pk, side="took", yes=True, by=me)
        with pytest.raises(Refused, match="交出的人先签"):
            handover.sign(handover=row.pk, side="took", remarks="", by=me, at=NOW)
        with pytest.raises(Refused, match="由他本人点"):
            handover.sign(handover=row.pk, side="gave", remarks="", by=me, at=NOW)
    with here.acting("香") as me:
        handover.sign(handover=row.pk, side="gave", remarks="钥匙一把锈了", by=me, at=NOW)
        with pytest.raises(Refused, match="不能作罢"):
            handover.drop(handover=row.pk, by=me)
    with here.acting("兰") as me:
        assert queries.waiting(me).count() == 1
        handover.sign(handover=row.pk, side="took", remarks="已换新锁", by=me, at=NOW)
        r = queries.record(me, row.pk)
        assert (r.state, r.signer, r.taker) == ("done", "郑书香", "姜晓兰") and r.remarks == "郑书香：钥匙一把锈了\n姜晓兰：已换新锁"
        assert "祠堂钥匙两把" in [t.label for t in r.ticks] and queries.waiting(me).count() == 0
        with pytest.raises(Refused, match="已经签过字"):
            handover.tick(handover=row.pk, item=items[0], side="took", yes=False, by=me)


def test_a_giver_who_is_still_there_gives_himself(here):
    with here.acting("香") as me:
        with pytest.raises(Missing, match="现在的网格员"):
            handover.begin(area=GRID, giver=None, taker=staff("强"), by=me, at=NOW)
        with pytest.raises(Missing, match="同一个人|一年内的网格员"):
            handover.begin(area=GRID, giver=staff("强"), taker=staff("兰"), by=me, at=NOW)
    # 强 held the grid until last month and works in the next one now: he gives himself, nobody else for him
    with here.acting("香") as me:
        row = Handover.objects.create(area_code=GRID, giver=staff("强"), taker=staff("兰"), made_by=me.id, made_at=NOW)
        item = HandoverItem.objects.create(area_code=GRID, handover=row, position=1, code="walk")
        with pytest.raises(Refused, match="由他本人点"):
            handover.tick(handover=row.pk, item=item.pk, side="gave", yes=True, by=me)
    with here.acting("强") as me:
        assert queries.waiting(me).count() == 1
        handover.tick(handover=row.pk, item=item.pk, side="gave", yes=True, by=me)
        handover.sign(handover=row.pk, side="gave", remarks="", by=me, at=NOW)
        with pytest.raises(NotAllowed):
            queries.families(me, GRID, on=NOW.date())


def test_the_newcomer_begins_himself_and_strangers_see_nothing(here):
    with here.acting("兰") as me:
        row = handover.begin(area=GRID, giver=None, taker=me.id, by=me, at=NOW)
    for name in ("芳", "强", "国", "审", "梅", "敏"):
        with here.acting(name) as me:
            assert Handover.objects.count() == HandoverItem.objects.count() == 0, name
            with pytest.raises((NotHere, NotAllowed, Missing)):
                handover.add_item(handover=row.pk, words="别的东西", by=me, at=NOW)
            with pytest.raises((NotAllowed, Missing, Refused)):
                handover.begin(area=GRID, giver=None, taker=staff("兰"), by=me, at=NOW)
    with here.acting("兰") as me:
        handover.drop(handover=row.pk, by=me)
        handover.begin(area=GRID, giver=None, taker=me.id, by=me, at=NOW)


@pytest.mark.parametrize("statement", [
    "update contact_handover set took_at = now()", "update contact_handoveritem set gave_at = now()",
    "insert into contact_handover (id, area_code, taker, made_by, made_at) values (gen_random_uuid(), '330881002206001', (select access.proven('staff')::uuid), (select access.proven('staff')::uuid), now())",
    "insert into contact_handover (id, area_code, taker, made_by, made_at, gave_at) values (gen_random_uuid(), '330881002205001', (select access.proven('staff')::uuid), (select access.proven('staff')::uuid), now(), now())",
])
def test_free_sql_gives_nobodys_yes(here, statement):
    with here.acting("兰") as me:
        handover.begin(area=GRID, giver=None, taker=me.id, by=me, at=NOW)
        with connections["default"].cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute(statement)
