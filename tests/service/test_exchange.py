"""12345 orders come in once, their answers go back once; whoever else looks sees nothing of them."""

from __future__ import annotations

import dataclasses
import threading
from datetime import timedelta
from functools import partial
from unittest.mock import Mock

import pytest
from django.db import IntegrityError, connections

from minqing.gateways.orders import ZONE, Batch, Http, Order
from minqing.gateways.orders.fake import Platform
from minqing.service.actions import callbacks, exchange, handling, matters, order_files
from minqing.service.models import ForeignOrder, Matter, Move
from minqing.service.refusals import Refused
from tests.contracts.foreign import superuser
from tests.people import COUNTY, DOUTAN, NEXT_VILLAGE, PENGLI, TOWN
from tests.service.doors import MORNING

LAMP = Order("JS-1", "村口的路灯坏了三天", MORNING, "毛水木", "15412345678", "江山市虎山街道彭里村上塘", "求助", MORNING.astimezone(ZONE) + timedelta(days=3))


def receive(world, *orders: Order, at=MORNING):
    with world.acting("总") as zong:
        return exchange.take_in(batch=Batch(list(orders)), system="12345", by=zong, at=at)


def test_an_order_is_a_matter_once(world):
    first = receive(world, LAMP)
    assert len(first.new) == 1
    assert receive(world, LAMP).same == ["JS-1"]
    again = receive(world, Order("JS-1", "村口的路灯坏了三天，昨晚有人摔了", phone="15412345678"))
    assert (again.again, again.new) == (["JS-1"], [])
    assert receive(world, Order("JS-1", "村口的路灯坏了三天，昨晚有人摔了", phone="15412345678")).same == ["JS-1"], "the next day's list holds the amended words again"
    with world.acting("总"):
        row = ForeignOrder.objects.get(number="JS-1")
        assert row.pressed == 1
        assert row.matter.place_code == PENGLI
        assert row.matter.home_desk == COUNTY + "/SL"
        assert Move.objects.filter(matter=row.matter, name="pressed").count() == 1


def test_a_deadline_put_off_is_kept_though_nothing_else_is_new(world):
    receive(world, LAMP)
    later = dataclasses.replace(LAMP, due_at=LAMP.due_at + timedelta(days=5))
    assert receive(world, later).same == ["JS-1"]
    with world.acting("总"):
        assert ForeignOrder.objects.get(number="JS-1").due_at == later.due_at


def test_an_order_that_the_database_does_not_take_is_kept_as_a_row(world, monkeypatch):
    monkeypatch.setattr(exchange, "place_of", Mock(side_effect=[IntegrityError, PENGLI]))
    done = receive(world, LAMP, dataclasses.replace(LAMP, number="JS-2"))
    assert ([b.row["number"] for b in done.bad], done.same, [n for n, _ours in done.new]) == (["JS-1"], [], ["JS-2"])


def test_bad_orders_are_named_and_stop_nobody(world):
    done = receive(world, Order("B-1", "有人打架", kind="求助", phone="123"), LAMP, Order("B-2", "x" * 2))
    assert [n for n, _ours in done.new] == ["B-1", "JS-1", "B-2"]
    with world.acting("总"):
        assert "来单电话：123" in Matter.objects.get(number=dict(done.new)["B-1"]).title or ForeignOrder.objects.filter(number="B-1").exists()


def test_the_foreign_deadline_is_kept_and_the_answer_goes_back_once(world):
    ours = dict(receive(world, LAMP).new)["JS-1"]
    with world.acting("总") as zong:
        m = Matter.objects.get(number=ours)
        m = matters.accept(matter=m, by=zong, at=MORNING)
        m = matters.dispatch(matter=m, lead=PENGLI, by=zong, at=MORNING)
        assert m.due_at == LAMP.due_at
        assert exchange.answers(zong) == []
    for hours in (-3, 5, -1):  # sooner, later, sooner again: the matter follows, wherever it lies
        moved = dataclasses.replace(LAMP, due_at=LAMP.due_at + timedelta(hours=hours))
        assert receive(world, moved).same == ["JS-1"]
        with world.acting("香"):
            assert Matter.objects.get(number=ours).due_at == moved.due_at
    with world.acting("总") as zong:
        m = Matter.objects.get(number=ours)
        passed = dataclasses.replace(LAMP, due_at=MORNING - timedelta(hours=1))
        receive(world, passed)
        assert (ForeignOrder.objects.get(number="JS-1").due_at, Matter.objects.get(number=ours).due_at) == (passed.due_at, m.due_at)
    with world.acting("香") as xiang:
        m = handling.sign(matter=m, by=xiang, at=MORNING)
        m = handling.reply(matter=m, words="路灯已换新，今晚起亮", outcome="solved", by=xiang, at=MORNING + timedelta(hours=2))
    with Platform("k") as platform, world.acting("总") as zong:
        callbacks.call_back(matter=m, channel="phone", reached=True, solved="yes", satisfied="yes", by=zong, at=MORNING + timedelta(hours=3))
        link = Http(platform.url, "k")
        platform.broken = True
        with pytest.raises(Exception, match="没有回应"):
            exchange.reply(send=link.reply, step=partial(world.acting, "总"), at=MORNING)
        assert len(exchange.answers(zong)) == 1
        platform.broken = False
        assert exchange.reply(send=link.reply, step=partial(world.acting, "总"), at=MORNING).taken == {"JS-1"}
        assert exchange.reply(send=link.reply, step=partial(world.acting, "总"), at=MORNING).taken == frozenset()
        assert platform.replies["JS-1"]["words"] == "路灯已换新，今晚起亮"


def test_a_restricted_order_leaves_the_reception_and_is_not_taken_in_twice(world):
    order = Order("JS-9", "彭里村书记郑书香收钱不办事", kind="举报", place="虎山街道彭里村")
    assert len(receive(world, order).new) == 1
    with world.acting("总") as zong:
        assert not Matter.objects.exists()
        assert ForeignOrder.objects.filter(number="JS-9").exists()
        assert exchange.take_in(batch=Batch([order]), system="12345", by=zong, at=MORNING).same == ["JS-9"]
    with world.acting("纪"):
        assert Matter.objects.count() == 1


@pytest.mark.parametrize("name", ["香", "敏", "琴", "国", "受", "建"])
def test_only_the_county_reception_exchanges(world, name):
    receive(world, LAMP)
    with world.acting(name) as me:
        assert not ForeignOrder.objects.exists()
        with pytest.raises(Refused):
            exchange.take_in(batch=Batch([LAMP]), system="12345", by=me, at=MORNING)


@pytest.mark.parametrize(("text", "place"), [
    ("江山市虎山街道彭里村上塘43号", PENGLI), ("虎山街道江山底村", NEXT_VILLAGE), ("虎山街道", TOWN), ("不知道在哪", COUNTY), ("", COUNTY), ("柯城区斗潭社区", COUNTY),
])
def test_where_an_address_is(world, text, place):
    with world.acting("总"):
        assert exchange.place_of(text, COUNTY) == place
    assert DOUTAN[:6] != COUNTY


@pytest.mark.parametrize("same", [True, False], ids=["the same file", "the same order in two files"])
def test_two_who_take_in_at_once_make_one_matter(committed, same):
    """Two tabs of the reception in the same second, each on a connection of its own."""
    start, problems, found = threading.Barrier(2), [], []
    head = "工单编号,诉求内容,事发地址\n"

    def run(n: int) -> None:
        try:
            with committed.acting("总") as zong:
                start.wait(20)
                content = head + "AT-ONCE,村口的路灯坏了三天,虎山街道彭里村\n" + ("" if same else f"ONLY-{n},溪边垃圾没人收,虎山街道彭里村\n")
                found.append(order_files.receive(name=f"{n}.csv", content=content.encode(), system="12345", way="upload", by=zong, at=MORNING))
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            problems.append(error)
        finally:
            connections.close_all()

    both = [threading.Thread(target=run, args=(n,)) for n in range(2)]
    for t in both:
        t.start()
    for t in both:
        t.join(60)
    with superuser() as root:
        rows = root.execute("select count(*) from service_foreignorder where number = 'AT-ONCE'").fetchone()[0]
        matters_made = root.execute("select count(*) from service_matter").fetchone()[0]
        root.execute("set session_replication_role = replica")
        for table in ("orderrow", "orderfile", "foreignorder", "move", "party", "seat", "matter"):
            root.execute(f"delete from service_{table}")  # noqa: S608 - words of this test
    assert problems == []
    assert (rows, matters_made) == (1, 1 if same else 3)
    assert sorted(len(f.done.new) for f in found) == ([0, 1] if same else [1, 2])
