"""The worker fetches orders and parcels and hands answers over, in nobody's name, once, and says what does not work."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.utils import timezone, translation

from minqing.access import scope
from minqing.commands import doctor
from minqing.gateways import orders
from minqing.gateways import parcels as gateway
from minqing.gateways.orders.fake import Platform
from minqing.gateways.parcels.fake import County
from minqing.service import vault
from minqing.service.actions import callbacks, exchange, exchange_clock, handling, matters, order_files, parcels
from minqing.service.models import (
    Errand,
    ExchangeLink,
    ForeignOrder,
    Matter,
    Move,
    OrderFile,
    OrderRow,
    Paper,
    Parcel,
    ParcelStep,
)
from minqing.service.rules import exchange as rules
from minqing.web.desk.exchange import ways
from tests.contracts.foreign import superuser
from tests.people import COUNTY, PENGLI, TOKENS
from tests.service.doors import MORNING
from tests.service.test_parcels import CODE, THEIR_ERRAND, THEIRS, errand, packed, partner, scan

DESK = COUNTY + "/SL"
TABLES = ("exchangelink", "orderrow", "orderfile", "parcelrefusal", "parcelstep", "parcel", "partneritem", "partner", "foreignorder", "paper", "attachment", "errand", "callback", "contact", "move", "party", "seat", "matter")


@pytest.fixture
def county(committed, django_db_setup, django_db_blocker):
    """Committed rows, removed afterwards: the worker works on a connection of its own."""
    with django_db_blocker.unblock():
        yield committed
        with superuser() as root:
            root.execute("set session_replication_role = replica")
            for table in TABLES:
                root.execute(f"delete from service_{table}")  # noqa: S608 - words of this file
            root.execute("delete from notify_step")
            root.execute("delete from notify_message")
        for path in (settings.HOME / parcels.INBOX).glob("*"):
            path.unlink()


@pytest.fixture
def platform(county, monkeypatch):
    with Platform("k") as made:
        monkeypatch.setitem(settings.EXCHANGE, "12345", (made.url, "k"))
        yield made


def row(number: str, words: str = "村口的路灯坏了三天", **more: str) -> dict[str, str]:
    return {"number": number, "words": words, "place": "江山市虎山街道彭里村", "phone": "15412345678", **more}


def tick(minutes: float = 0) -> dict[str, int]:
    return exchange_clock.run(now=lambda: timezone.now() + timedelta(minutes=minutes))


def link(name: str) -> ExchangeLink:
    with exchange_clock.step() as me:
        return ExchangeLink.objects.using(me.using).get(name=name)


def test_an_order_becomes_a_matter_with_nobody_under_it(county, platform):
    platform.orders = [row("JS-1"), {"number": "", "words": "没有编号的一张"}]
    assert tick() == {"went": 2, "failed": 0}
    with county.acting("总"):
        known = ForeignOrder.objects.get(number="JS-1")
        assert (known.matter.place_code, known.matter.home_desk, known.matter.state, known.matter.first_owner) == (PENGLI, DESK, "submitted", None)
        assert Move.objects.get(matter=known.matter, name="submit").actor == "clock"
        assert list(OrderFile.objects.values_list("made_by", flat=True)) == [None]
        assert OrderRow.objects.get().said["code"] == "order.no_number"
        matters.accept(matter=known.matter, by=scope.current(), at=timezone.now())
    assert tick()["went"] == 0, "not due yet"
    assert tick(6)["went"] == 2
    with county.acting("总"):
        assert (ForeignOrder.objects.count(), OrderRow.objects.count(), OrderFile.objects.count()) == (1, 1, 1)
    assert link("12345.in").last == {} and link("12345.in").failures == 0


def test_what_is_added_later_is_a_line_wherever_the_matter_lies(county, platform):
    platform.orders = [row("JS-2", due_at="2027-01-20 17:30")]
    tick()
    with county.acting("总") as zong:
        m = ForeignOrder.objects.get(number="JS-2").matter
        m = matters.dispatch(matter=matters.accept(matter=m, by=zong, at=MORNING), lead=PENGLI, by=zong, at=MORNING)
    platform.orders = [row("JS-2", "村口的路灯坏了三天，昨晚有人摔了", due_at="2027-01-19 17:30")]
    tick(6)
    platform.orders = [row("JS-2", "村口的路灯坏了三天，昨晚有人摔了", due_at="2027-01-18 17:30")]
    tick(12)
    with county.acting("总"):
        known = ForeignOrder.objects.get(number="JS-2")
        assert known.pressed == 1 and f"{timezone.localtime(known.due_at):%m-%d}" == "01-18"
        assert Move.objects.get(matter=known.matter, name="pressed").actor == "clock"


def test_an_order_about_staff_goes_to_discipline_and_is_seen_from_nowhere_else(county, platform):
    platform.orders = [row("JS-9", "彭里村书记郑书香收钱不办事", kind="举报")]
    tick()
    with county.acting("总"):
        assert not Matter.objects.exists() and ForeignOrder.objects.filter(number="JS-9").exists()
    with county.acting("纪"):
        assert Matter.objects.count() == 1
    with county.acting("香"):
        assert not Matter.objects.exists()


def test_an_answer_goes_back_by_itself_and_one_that_came_back_waits_for_a_person(county, platform):
    platform.orders = [row("JS-3"), row("JS-4")]
    tick()
    with county.acting("总") as zong:
        for known in ForeignOrder.objects.all():
            m = matters.dispatch(matter=matters.accept(matter=known.matter, by=zong, at=MORNING), lead=PENGLI, by=zong, at=MORNING)
            with county.acting("香") as xiang:
                m = handling.sign(matter=m, by=xiang, at=MORNING)
                m = handling.reply(matter=m, words="路灯已换新，今晚起亮", outcome="solved", by=xiang, at=MORNING + timedelta(hours=2))
            with county.acting("总") as zong:
                callbacks.call_back(matter=m, channel="phone", reached=True, solved="yes", satisfied="yes", by=zong, at=MORNING + timedelta(hours=3))
    platform.refuse = {"JS-4": "没有写明责任单位"}
    with translation.override("en"):
        tick(6)
    assert platform.replies["JS-3"]["words"] == "路灯已换新，今晚起亮" and platform.replies["JS-3"]["result"] == "已解决"
    assert link("12345.out").last == {"sent": 1, "back": 1}
    platform.refuse = {}
    tick(12)
    assert set(platform.replies) == {"JS-3"}, "what came back is never sent again by itself"
    with county.acting("总"):
        assert ForeignOrder.objects.get(number="JS-4").refused_why == "没有写明责任单位"


def test_two_workers_at_once_take_nothing_twice(county, platform):
    platform.orders = [row(f"AT-{n}") for n in range(5)]
    start, problems, went = threading.Barrier(2), [], []

    def work() -> None:
        try:
            start.wait(20)
            went.append(tick()["went"])
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            problems.append(error)
        finally:
            connections.close_all()

    both = [threading.Thread(target=work) for _n in range(2)]
    for t in both:
        t.start()
    for t in both:
        t.join(60)
    assert problems == [] and sum(went) == 2
    with superuser() as root:
        assert root.execute("select count(*), count(distinct number) from service_foreignorder").fetchone() == (5, 5)
        assert root.execute("select count(*) from service_matter").fetchone() == (5,)


def test_no_transaction_is_open_while_the_other_side_is_asked(county, platform, monkeypatch):
    open_ones = []
    for name in ("orders", "reply"):
        original = getattr(orders.Http, name)
        monkeypatch.setattr(orders.Http, name, lambda self, *a, original=original: (open_ones.append([c.in_atomic_block for c in connections.all(initialized_only=True)]), original(self, *a))[1])
    platform.orders = [row("JS-5")]
    tick()
    with county.acting("总") as zong:
        m = ForeignOrder.objects.get(number="JS-5").matter
        matters.reject(matter=m, reason="litigation" if "litigation" in matters.kinds.REJECTIONS else next(iter(matters.kinds.REJECTIONS)), words="请到法院", by=zong, at=timezone.now())
    tick(6)
    assert "JS-5" in platform.replies
    assert len(open_ones) == 3 and not any(any(x) for x in open_ones)


def test_no_transaction_is_open_while_a_page_asks_the_other_side(county, platform, monkeypatch, client):
    client.cookies[settings.SESSION_COOKIE] = TOKENS["总"]
    seen = []
    original = orders.Http.orders
    monkeypatch.setattr(orders.Http, "orders", lambda self: (seen.append([c.in_atomic_block for c in connections.all(initialized_only=True)]), original(self))[1])
    platform.orders = [row("JS-10")]
    page = client.post("/exchange/fetch/", {"system": "12345"}, follow=True)
    assert "新收 1 件" in page.content.decode() and seen and not any(seen[0])
    monkeypatch.setattr(gateway.Http, "waiting", lambda *_given: (seen.append([c.in_atomic_block for c in connections.all(initialized_only=True)]), [])[1])
    partner(county, "http://127.0.0.1:9")
    assert client.post("/parcels/collect/", follow=True).status_code == 200
    assert len(seen) == 2 and not any(seen[1])
    client.cookies[settings.SESSION_COOKIE] = TOKENS["香"]
    assert client.post("/exchange/fetch/", {"system": "12345"}).status_code == 403
    assert client.post("/parcels/collect/").status_code == 403
    assert client.post("/parcels/00000000-0000-0000-0000-000000000001/send/", {"do": "http"}).status_code in (403, 404)


def test_a_dead_gateway_is_asked_less_and_less_and_told_to_whom_it_concerns(county, platform, monkeypatch):
    platform.orders = [row("JS-6")]
    tick()
    platform.broken = True
    gone, tried = 6.0, []
    for _n in range(9):
        tick(gone)
        broken = link("12345.in")
        tried.append(round((broken.next_at - timezone.now()).total_seconds() / 60 - gone))
        gone += tried[-1] + 1
    assert tried[0] == 5 and tried == sorted(tried) and tried[-1] == 60
    assert broken.failures == 9 and broken.trouble["code"] == "link.silent" and broken.ok_at is not None
    with county.acting("总") as zong:
        shown = ways.shown(zong, DESK, timezone.now())
        assert "没有回应" in shown["broken"][0]["trouble"] and shown["broken"][0]["ok_at"] == broken.ok_at
    said = [f for f in doctor.links(timezone.now() + timedelta(minutes=gone)) if f.level != "ok"]
    assert [f.code for f in said] == ["exchange"] and "12345" in said[0].sentence_zh
    platform.broken = False
    tick(gone + 61)
    assert link("12345.in").failures == 0 and link("12345.in").trouble == {}
    assert [f.level for f in doctor.links(timezone.now() + timedelta(minutes=gone + 62))] == ["ok"]


def test_a_worker_that_died_in_the_middle_gives_its_way_up(county, platform):
    platform.orders = [row("JS-7")]
    at = timezone.now()
    assert exchange_clock.begin("12345.in", at)
    assert not exchange_clock.begin("12345.in", at + timedelta(minutes=9))
    assert exchange_clock.begin("12345.in", at + timedelta(minutes=11))


def test_a_fault_in_one_way_stops_no_other(county, platform, monkeypatch):
    platform.orders = [row("JS-8")]

    def broken(*_given: object, **_more: object) -> None:
        raise ValueError

    monkeypatch.setattr(exchange, "reply", broken)
    assert tick() == {"went": 1, "failed": 1}
    assert link("12345.out").trouble == {"code": "link.fault", "values": {"error": "ValueError"}}
    with county.acting("总"):
        assert ForeignOrder.objects.filter(number="JS-8").exists()


def test_files_of_a_folder_are_taken_once_also_after_a_power_cut(county, tmp_path, monkeypatch):
    monkeypatch.setitem(settings.EXCHANGE_FOLDERS, "platform", str(tmp_path))
    first, fresh = tmp_path / "单.csv", tmp_path / "正在写.csv"
    for path, number in ((first, "P-1"), (fresh, "P-2")):
        path.write_text(f"工单编号,诉求内容,事发地址\n{number},溪边垃圾没人收,虎山街道彭里村\n,没有编号,\n", encoding="utf-8")
    os.utime(first, (1, 1))
    dark = monkeypatch.setattr(exchange_clock, "put_away", lambda *_given: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        tick()
    monkeypatch.undo()
    monkeypatch.setitem(settings.EXCHANGE_FOLDERS, "platform", str(tmp_path))
    assert dark is None and first.exists()
    assert tick(15)["went"] == 1
    assert not first.exists() and (tmp_path / exchange_clock.TAKEN / "单.csv").exists() and fresh.exists()
    with county.acting("总"):
        assert list(ForeignOrder.objects.values_list("number", flat=True)) == ["P-1"]
        assert OrderFile.objects.get().way == "folder"
    first.write_text("x" * (order_files.MOST_BYTES + 1), encoding="utf-8")
    os.utime(first, (1, 1))
    os.utime(fresh, (1, 1))
    tick(30)
    assert link("platform.folder").trouble["code"] == "link.big_file"
    with county.acting("总"):
        assert ForeignOrder.objects.filter(number="P-2").exists(), "one file that is too big stops no other"


def test_a_folder_that_is_not_there_is_told(county, tmp_path, monkeypatch):
    monkeypatch.setitem(settings.EXCHANGE_FOLDERS, "12345", str(tmp_path / "没有"))
    assert tick() == {"went": 0, "failed": 1}
    assert link("12345.folder").trouble["code"] == "link.no_folder"


def test_nothing_is_asked_where_nothing_is_set_up_or_people_press_themselves(county, platform, monkeypatch):
    monkeypatch.setattr(settings, "EXCHANGE_EVERY", 0)
    platform.orders = [row("JS-1")]
    assert tick() == {"went": 0, "failed": 0}
    monkeypatch.setattr(settings, "EXCHANGE_EVERY", 5)
    monkeypatch.setitem(settings.EXCHANGE, "12345", ("", ""))
    assert tick() == {"went": 0, "failed": 0}


def test_the_worker_sees_no_matter_but_the_one_it_opens(county, platform):
    platform.orders = [row("JS-1")]
    tick()
    with superuser() as root:
        matter = root.execute("select id from service_matter").fetchone()[0]
    with exchange_clock.step() as me:
        assert not Matter.objects.using("jobs").exists()
        assert me.signs is None
    with pytest.raises(scope.NoSession), transaction.atomic(using="jobs"):
        scope.enter_exchange(DESK, matter)
    for bad in (PENGLI, COUNTY + "/RX", "330881002/SL", "999999/SL"):
        with pytest.raises(scope.NoSession), transaction.atomic(using="jobs"):
            scope.enter_exchange(bad)
    with pytest.raises(DatabaseError), county.acting("总"):
        OrderFile(desk_code=DESK, system="12345", name="假的", digest=b"x", way="upload", made_by=None, made_at=timezone.now()).save(force_insert=True)


# --- parcels -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def other(county):
    with County(THEIRS, CODE, parcels.own_card(), clock=timezone.now) as made:
        yield made


def test_their_errand_is_taken_in_and_its_receipt_goes_back(county, other, monkeypatch):
    partner(county, other.url)
    letter = other.hand_over(THEIR_ERRAND, (scan(),))
    monkeypatch.setattr(gateway.Http, "waiting", lambda *_given: [letter])
    tick()
    with county.acting("总"):
        row = Parcel.objects.get(direction="in")
        assert (row.made_by, row.matter.state, row.matter.home_desk, row.matter.place_code) == (None, "submitted", DESK, PENGLI)
        assert Errand.objects.get(matter=row.matter).made_by is None
        assert Paper.objects.get(matter=row.matter).received_by is None
        assert vault.decrypt_json("service_errand.answers_cipher", Errand.objects.get(matter=row.matter).pk, Errand.objects.get(matter=row.matter).answers_cipher)
        assert ParcelStep.objects.get(parcel=row).staff is None
    tick(6)
    assert [x.content["state"] for x in other.letters.values()] == ["received"], "handed over in this run or the next"
    with county.acting("总"):
        assert Parcel.objects.filter(direction="in").count() == 1, "shown again, known again"


def test_what_was_posted_at_the_door_is_taken_in(county, other):
    partner(county, "")
    letter = other.hand_over(THEIR_ERRAND, (scan(),))
    with transaction.atomic(using="resident"):
        scope.enter_public(purpose="parcel-in", origin="door 10.0.0.1")
        parcels.arrive(data=letter, using="resident", at=timezone.now())
    tick()
    assert parcels.arrived() == 0
    with county.acting("总"):
        assert Parcel.objects.filter(direction="in").count() == 1


def test_their_word_about_ours_is_noted_by_itself(county, other, monkeypatch):
    partner(county, other.url)
    mine = packed(county, errand(county))
    parcels.send(parcel=mine.pk, deliver=lambda _p, _d: None, step=partial(county.acting, "敏"), at=MORNING)
    word = other.status(mine.pk, "accepted", number="MN1")
    monkeypatch.setattr(gateway.Http, "waiting", lambda *_given: [word])
    tick()
    with county.acting("敏"):
        mine.refresh_from_db()
        assert (mine.state, mine.their_number) == ("accepted", "MN1")
        assert Move.objects.get(matter=mine.matter_id, name="parcel.accepted").actor == "clock"


def test_a_county_that_is_silent_is_told_by_name(county, other, monkeypatch):
    partner(county, "http://127.0.0.1:9")
    assert tick()["failed"] == 1, "no words wait, so only fetching was tried in vain"
    assert link(rules.of_partner(CODE, "parcels")).trouble["code"] == "county.silent"
    with county.acting("总") as zong, translation.override("en"):
        assert [w["label"].startswith("模拟县") for w in ways.shown(zong, DESK, timezone.now(), of_parcels=True)["broken"]] == [True]


@pytest.mark.parametrize(("failures", "minutes"), [(0, 5), (1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (40, 60)])
def test_how_long_until_the_next_try(failures, minutes):
    assert rules.wait(failures, 5) == timedelta(minutes=minutes) - rules.SLACK
