"""Cards for doors and places: in walking order, one a door, random, taken back, nothing about anybody; who may make and see them."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from minqing.access import scope
from minqing.access.actions import areas
from minqing.access.models import Area
from minqing.archives.models import Household
from minqing.service.actions import cards
from minqing.service.models import PlaceCard
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import cards as rules
from tests.archives import village
from tests.archives.village import GRID1, GRID2
from tests.contracts.foreign import superuser
from tests.people import NEXT_VILLAGE, PENGLI, TOWN
from tests.service.errand_people import xu
from tests.web import seed


@pytest.fixture
def doors(world: Any) -> None:
    village.grids()
    with world.acting("香") as xiang:
        xu(xiang)
        for n, (natural, door) in enumerate((("上塘", "12号"), ("上塘", "2号"), ("坞口", "1号"), ("坞口", ""))):
            Household.objects.create(id=uuid.uuid4(), grid_code=GRID1, origin_code=GRID1, number=f"8100220590{n}", natural_village=natural, door=door, address="x")


def made(world: Any, name: str = "兰", grid: str = GRID1, **more: Any) -> list[PlaceCard]:
    with world.acting(name) as me:
        return cards.for_doors(grid=grid, by=me, at=timezone.now(), **more)


def test_doors_come_in_walking_order_and_keep_their_code(world, doors):
    first = made(world)
    assert [c.spot for c in first] == ["上塘2号", "上塘6号", "上塘12号", "坞口1号"]      # whoever has no door plate has no card
    assert [c.code for c in made(world, "香")] == [c.code for c in first]
    assert [c.spot for c in made(world, natural_village="坞口")] == ["坞口1号"]
    assert all(len(c.code) == rules.LENGTH and set(c.code) <= set(rules.ALPHABET) for c in first)


def test_one_that_was_taken_back_opens_nothing_and_its_door_gets_another(world, doors):
    card = made(world)[0]
    with world.acting("香") as xiang:
        cards.revoke(card=card.pk, by=xiang, at=timezone.now())
        with pytest.raises(NotHere):
            cards.revoke(card=card.pk, by=xiang, at=timezone.now())
        with pytest.raises(NotHere):
            cards.printed(wanted=[card.pk], by=xiang)
    again = made(world)[0]
    assert again.spot == card.spot and again.code != card.code


def test_a_place_has_a_card_too(world, doors):
    with world.acting("香") as xiang:
        stop = cards.for_place(area=PENGLI, spot=" 村口公交站 ", by=xiang, at=timezone.now())
        assert cards.for_place(area=PENGLI, spot="村口公交站", by=xiang, at=timezone.now()).code == stop.code
        with pytest.raises(Missing, match="挂在哪里"):
            cards.for_place(area=PENGLI, spot="", by=xiang, at=timezone.now())
    assert (stop.grid_code, stop.kind, stop.spot) == (PENGLI, "place", "村口公交站")
    with world.acting("兰") as lan, pytest.raises(Missing, match="您登记的"):
        cards.for_place(area=PENGLI, spot="祠堂", by=lan, at=timezone.now())               # her grid, not the whole village


def test_only_who_writes_the_files_there(world, doors):
    card = made(world)[0]
    for name in ("强", "芳", "敏", "国", "梅"):
        with world.acting(name) as me:
            with pytest.raises(NotHere):
                cards.for_doors(grid=GRID1, by=me, at=timezone.now())
            assert not PlaceCard.objects.exists()
            with pytest.raises(NotHere):
                cards.revoke(card=card.pk, by=me, at=timezone.now())
    with world.acting("强") as qiang, pytest.raises(DatabaseError), transaction.atomic():
        PlaceCard(grid_code=GRID1, kind="door", spot="上塘6号", code=rules.new_code(), made_by=qiang.id, made_at=timezone.now()).save(force_insert=True)
    with world.acting("兰"), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update service_placecard set spot = '别处' where id = %s", [card.pk])
    with world.acting("兰"), connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute("select * from access.card_place(%s)", [card.code])                  # the desk has its own list


def test_a_card_leads_to_the_village_that_stands_there_today(committed, django_db_blocker):
    """Its own village had its code changed, and that one was merged: followed to the living one. The card is found on a connection of the residents' own."""
    code, new, last = rules.new_code(), TOWN + "297", TOWN + "298"
    with superuser() as root:
        try:
            for fresh in (new, last):
                root.execute("insert into access_area select (jsonb_populate_record(a, jsonb_build_object('code', %s::text))).* from access_area a where code = %s", [fresh, NEXT_VILLAGE])
            root.execute("update access_area set closed_on = current_date where code = any(%s)", [[NEXT_VILLAGE, new]])
            for old, into in ((NEXT_VILLAGE, new), (new, last)):
                root.execute("insert into access_areasuccession (old_id, new_id, kind, \"on\", basis) values (%s, %s, 'recode', current_date, '测试')", [old, into])
            root.execute("insert into service_placecard (id, grid_code, kind, spot, sort_key, code, made_by, made_at) values (gen_random_uuid(), %s, 'place', '桥头', '', %s, gen_random_uuid(), now())", [NEXT_VILLAGE, code])
            with transaction.atomic(using="resident"):
                scope.enter_public(purpose="test", origin="test")
                found = cards.find(code)
                assert found is not None
                assert (found.area, found.spot) == (last, "桥头")
        finally:
            root.execute("delete from service_placecard where code = %s", [code])
            root.execute("delete from access_areasuccession where basis = '测试'")
            root.execute("update access_area set closed_on = null where code = %s", [NEXT_VILLAGE])
            root.execute("delete from access_area where code = any(%s)", [[new, last]])


def test_cards_of_a_grid_that_was_merged_are_listed_for_printing_again(world, doors):
    hanging = [c.code for c in made(world)]
    with world.acting("兰") as lan:
        assert cards.of_old_grids(lan) == []
    with world.acting("街") as jie:
        areas.merge_grids(old=Area.objects.get(pk=GRID1), into=Area.objects.get(pk=GRID2), basis="网格调整", by=jie, on=timezone.localdate())
    with world.acting("香") as xiang:
        (old,) = cards.of_old_grids(xiang)
        assert old.old == GRID1 and [c.code for c in old.cards] == hanging
        assert [c.code for c in cards.of_old_grid(GRID1, xiang)] == hanging
        cards.revoke(card=old.cards[0].id, by=xiang, at=timezone.now())
        assert [c.code for c in cards.of_old_grid(GRID1, xiang)] == hanging[1:]
    with world.acting("芳") as fang:
        assert cards.of_old_grids(fang) == []
        with pytest.raises(NotHere):
            cards.of_old_grid(GRID1, fang)


def test_a_grid_without_doors_says_so(world, doors):
    with pytest.raises(Refused, match="门牌"):
        made(world, "香", GRID2)


def test_two_who_print_at_once_make_one_card_a_door(committed, django_db_blocker):
    """香 and 兰 in the same minute, each on a connection of her own."""
    with seed.planted() as _ids, superuser() as root:
        start, problems = threading.Barrier(2), []

        def run(name: str) -> None:
            try:
                with committed.acting(name) as me:
                    start.wait(20)
                    cards.for_doors(grid=GRID1, by=me, at=timezone.now())
            except Exception as error:  # noqa: BLE001 - shown by the assertion below
                problems.append(error)
            finally:
                connections.close_all()

        both = [threading.Thread(target=run, args=(n,)) for n in ("香", "兰")]
        for t in both:
            t.start()
        for t in both:
            t.join(30)
        rows = root.execute("select count(*), count(distinct spot), count(distinct code) from service_placecard where grid_code = %s", [GRID1]).fetchone()
        root.execute("delete from service_placecard")
    assert problems == []
    assert rows is not None and rows[0] > 0 and rows[0] == rows[1] == rows[2]
