"""跨区域通办: an errand goes to another county and comes back with an answer; theirs comes here; whatever is wrong is refused and logged."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from datetime import datetime, timedelta
from functools import partial
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import translation
from PIL import Image

from minqing.access.scope import NotAllowed
from minqing.gateways import parcels as gateway
from minqing.gateways.parcels.fake import County
from minqing.service.actions import errands, handling, materials, parcels, partners
from minqing.service.actions.errands import Wish
from minqing.service.models import (
    Errand,
    ForeignOrder,
    Matter,
    Move,
    Paper,
    Parcel,
    ParcelRefusal,
    ParcelStep,
    Partner,
    PartnerItem,
)
from minqing.service.queries import catalogue
from minqing.service.queries import parcels as queries
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import parcels as rules
from tests.people import PENGLI, TOWN
from tests.service.doors import MORNING

THEIRS, STRANGER = gateway.keys_from(b"\x07" * 32), gateway.keys_from(b"\x08" * 32)
CODE = "330899"
CATALOGUE = [["模拟县通办事项清单"], ["序号", "事项编码", "办理事项", "申请材料", "填报信息", "承诺办结时限", "实施部门", "办理深度"],
             [1, "MN-001", "老年人优待证办理", "1.身份证复印件；2.一寸照片", "申请人姓名、身份证号、户籍地、手机号", "5个工作日", "模拟县民政局", "全程网办"],
             [2, "MN-002", "公交爱心卡", "身份证", "申请人姓名", "3", "公交公司", "窗口"], [3, "", "", "", "", "", "", ""]]


@pytest.fixture(autouse=True)
def door():
    """What waits at the door is not rolled back with the database."""
    yield
    for path in (settings.HOME / parcels.INBOX).glob("*"):
        path.unlink()


@pytest.fixture
def county():
    with at_morning(THEIRS, CODE, parcels.own_card()) as made:
        yield made


def at_morning(*given, **more) -> County:
    return County(*given, **more, clock=lambda: MORNING)


def book(rows=CATALOGUE) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def scan() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "JPEG")
    return out.getvalue()


def partner(world, url: str = "") -> Partner:
    """模拟县 with one item matched to ours."""
    with world.acting("总") as zong:
        row = partners.put(card=THEIRS.card(CODE).text, name="模拟县", url=url, receipt_hours=24, by=zong, at=MORNING)
        look = partners.look(row, "清单.xlsx", book())
        partners.take(partner=row, rows=look.rows, columns=dict(look.headings), by=zong, at=MORNING)
        item = PartnerItem.objects.get(code="MN-001")
        partners.match(partner=row, answers={item.pk: "elder_card"}, by=zong, at=MORNING)
    return row


def errand(world, *, answered: bool = True):
    """毛水木 asks at the town's window for an elder's card; two scanned papers, one of which nobody there needs."""
    with world.acting("敏") as min_:
        item = catalogue.item_at("elder_card", PENGLI)
        m = errands.open_errand(wish=Wish(item=item, place=PENGLI, words="户口还在模拟县，想办老年优待证", channel="window", name="毛水木", phone="15412345678"), by=min_, at=MORNING).matter
        if answered:
            lines = materials.form_of(errands.of(m, min_), min_)
            materials.answer(matter=m, said={line.label: f"答{n}" for n, line in enumerate(lines)}, confirmed=True, by=min_, at=MORNING)
        for what in ("身份证复印件", "存折"):
            materials.receive(matter=m, what=what, form="copy", pages=1, giver="毛水木", scan=scan(), by=min_, at=MORNING)
    return m


def packed(world, m, **more) -> Parcel:
    with world.acting("敏") as min_:
        item = PartnerItem.objects.get(code="MN-001")
        return parcels.pack(matter=m, item=item.pk, by=min_, at=more.pop("at", MORNING), **{"papers": [1], "consent_how": "signed", "consented": True, **more})


def send(world, row, deliver, name="敏", at=MORNING):
    return parcels.send(parcel=row.pk, deliver=lambda _p, data: deliver(data), step=partial(world.acting, name), at=at)


def take(world, data, name="总", at=None):
    with world.acting(name) as me:
        return parcels.take(data=data, way="file", by=me, at=at or MORNING)


THEIR_ERRAND = {"item": {"code": "elder_card", "name": "老年优待证"}, "person": {"name": "王远"}, "words": "父亲户口在江山，想办优待证", "number": "MN-88",
                "fields": [{"label": "姓名", "field": "resident.name", "value": "王远"}, {"label": "户籍地", "field": "", "value": "江山市虎山街道彭里村上塘6号"}, {"label": "手机", "field": "", "value": "15412340000"}],
                "materials": [{"name": "身份证", "pages": 1}], "consent": {"how": "当面签字", "at": "2026-11-24"}}


# --- their catalogue --------------------------------------------------------------------------------------------------------


def test_a_catalogue_with_other_column_names_is_matched_once_and_kept(world):
    row = partner(world)
    with world.acting("总") as zong:
        item = PartnerItem.objects.get(code="MN-001")
        assert (item.item, item.materials, int(item.days)) == ("elder_card", ["身份证复印件", "一寸照片"], 5)
        assert [f["field"] for f in item.fields] == ["resident.name", "resident.id_number", "resident.registered_address", "resident.phone"]
        assert partners.proposal(item, catalogue.items_at("330881")) == "elder_card"
        assert partners.proposal(PartnerItem.objects.get(code="MN-002"), catalogue.items_at("330881")) != "elder_card"
        # next year: another heading, one item gone, one new; what was matched and explained stays
        partners.explain(item=item.pk, fields="申请人姓名|resident.name\n?银行卡", materials="身份证", by=zong, at=MORNING)
        rows = [["编码", "服务的名字", "申请材料"], ["MN-001", "老年人优待证办理", "身份证"], ["MN-003", "异地就医备案", "身份证"]]
        look = partners.look(row, "新清单.xlsx", book(rows))
        assert look.unknown == ["服务的名字"] and not look.rows
        look = partners.look(row, "新清单.xlsx", book(rows), {"服务的名字": "name"})
        done = partners.take(partner=row, rows=look.rows, columns={**dict(look.headings)}, by=zong, at=MORNING)
        assert (done.new, done.gone) == (1, 1)
        row.refresh_from_db()
        assert partners.look(row, "再一份.xlsx", book(rows)).unknown == [], "explained once"
        item.refresh_from_db()
        assert item.item == "elder_card"
        assert PartnerItem.objects.get(code="MN-002").missing_since is not None
        with pytest.raises(Refused, match="没有"):
            partners.match(partner=row, answers={item.pk: "no_such_item"}, by=zong, at=MORNING)


@pytest.mark.parametrize("name", ["敏", "受", "香", "国", "数"])
def test_only_who_keeps_the_countys_catalogue_sets_partners(world, name):
    row = partner(world)
    with world.acting(name) as me:
        with pytest.raises(NotAllowed):
            partners.put(card=THEIRS.card("330822").text, name="甲县", url="", receipt_hours=24, by=me, at=MORNING)
        assert Partner.objects.filter(pk=row.pk).update(card="mq1.x") == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            Partner(area_code="330881", code="330822", name="x", card="x", made_by=me.id, made_at=MORNING).save(force_insert=True)


@pytest.mark.parametrize(("card", "sentence"), [("", "名片"), ("mq1.330899.a.b", "名片"), ("own", "自己")])
def test_a_wrong_card_says_what_to_do(world, card, sentence):
    with world.acting("总") as zong, pytest.raises(Missing, match=sentence):
        partners.put(card=parcels.own_card().text if card == "own" else card, name="甲县", url="", receipt_hours=24, by=zong, at=MORNING)


# --- out ---------------------------------------------------------------------------------------------------------------------


def test_only_what_their_item_needs_leaves_and_only_with_consent(world):
    partner(world)
    m = errand(world)
    for more, sentence in (({"consented": False}, "同意"), ({"consent_how": ""}, "同意"), ({"papers": [1, 2]}, "没有要"), ({"papers": [9]}, "没有要")):
        with pytest.raises(Missing, match=sentence):
            packed(world, m, **more)
    row = packed(world, m)
    with world.acting("敏"):
        content = parcels.content_of(row)
        assert [f["field"] for f in content["fields"]] == ["resident.name", "resident.id_number", "resident.registered_address", "resident.phone"]
        assert "紧急联系人" not in json.dumps(content, ensure_ascii=False)
        assert row.labels == [f["label"] for f in content["fields"]] and row.materials == ["身份证复印件"]
        assert (row.consent_how, row.consent_at, row.state) == ("signed", MORNING, "packed")
        with pytest.raises(Refused, match="已经交给别的县"):
            parcels.pack(matter=m, item=PartnerItem.objects.get(code="MN-001").pk, papers=[], consent_how="signed", consented=True, by=errands_me(world), at=MORNING)
    data = parcels.bytes_of(row)
    letter = gateway.unpack(data, THEIRS, own=CODE, sender=parcels.own_card(), now=MORNING)
    assert letter.content == content and len(letter.files) == 1
    assert "毛水木".encode() not in data and b"15412345678" not in data


def errands_me(world):
    with world.acting("敏") as me:
        return me


def test_what_they_ask_must_have_been_asked_first(world):
    partner(world)
    m = errand(world, answered=False)
    with pytest.raises(Refused, match="还没有问齐"):
        packed(world, m)


def test_no_consent_no_parcel_whatever_wrote_the_row(world):
    """The database's own word: with the application's password a parcel without consent, of another's errand, or in another's name is refused."""
    partner(world)
    m = errand(world)
    row = packed(world, m)
    with world.acting("敏") as me:
        for wrong in ({"consent_at": None}, {"consent_how": ""}, {"consent_at": MORNING + timedelta(days=1)}, {"state": "done"}, {"desk_code": "330881/SL"}, {"desk_code": TOWN}, {"made_by": uuid.uuid4()}):
            values = {f.attname: getattr(row, f.attname) for f in Parcel._meta.concrete_fields} | {"id": uuid.uuid4(), "state": "packed"} | wrong
            with pytest.raises(DatabaseError), transaction.atomic():
                Parcel(**values).save(force_insert=True)
        for column, value in (("consent_how", "spoken"), ("labels", []), ("partner_code", "330822"), ("desk_code", "330881/SL")):
            with pytest.raises(DatabaseError), transaction.atomic():
                Parcel.objects.filter(pk=row.pk).update(**{column: value})
        with pytest.raises(DatabaseError), transaction.atomic():   # nobody speaks in the other county's name but through the function
            ParcelStep(parcel=row, matter=row.matter, direction="in", state="done", staff=me.id, at=MORNING).save(force_insert=True)
    for name in ("香", "芳", "受", "琴", "国", "数"):
        with world.acting(name):
            assert not Parcel.objects.exists(), name
            assert Parcel.objects.filter(pk=row.pk).update(trouble="x") == 0


def test_sent_received_accepted_done(world, county):
    partner(world, county.url)
    m = errand(world)
    row = packed(world, m)
    link = gateway.Http(county.url)
    done = send(world, row, link.send)
    assert done.ok and "对方已收到，编号 MN2600001" in done.sentence
    assert county.letters[row.pk].content["person"] == {"name": "毛水木"}
    for state, words in (("accepted", ""), ("done", "优待证已寄出，单号 12")):
        assert take(world, county.status(row.pk, state, words=words), "敏").ok
    with world.acting("敏") as min_:
        row.refresh_from_db()
        assert (row.state, row.their_number) == ("done", "MN2600001")
        e = Errand.objects.get(matter=m)
        assert e.department_number == "MN2600001" and e.submitted_to == "模拟县" and e.fetched_at is not None
        assert [x.name for x in Move.objects.filter(matter=m, name__startswith="parcel.").order_by("id")] == ["parcel.packed", "parcel.sent", "parcel.received", "parcel.accepted", "parcel.done"]
        assert "单号 12" in parcels.words_of(ParcelStep.objects.get(parcel=row, state="done"))
        assert queries.counts(min_, MORNING).done == 1


def test_a_crash_between_sending_and_recording_makes_nothing_twice(world, county):
    partner(world, county.url)
    row = packed(world, errand(world))
    link = gateway.Http(county.url)

    class Power(Exception):
        pass

    def then_dark(data):
        link.send(data)
        raise Power

    with pytest.raises(Power):
        send(world, row, then_dark)
    with world.acting("敏"):
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("packed", 0)
    assert send(world, row, link.send).ok
    assert len(county.letters) == 1 and list(county.numbers.values()) == ["MN2600001"]
    # the other way round: their word arrives although we never wrote down that it was sent
    second = packed(world, errand(world))
    county.silent = True
    link.send(parcels.bytes_of(second))
    assert take(world, county.status(second.pk, "received", number="MN9"), "敏").ok


def test_a_lost_parcel_comes_back_to_the_clerk_and_goes_again(world, county):
    partner(world, county.url)
    row = packed(world, errand(world))
    county.silent = True
    link = gateway.Http(county.url)
    assert send(world, row, link.send).news is None
    with world.acting("敏") as min_:
        assert queries.counts(min_, MORNING + timedelta(hours=23)).lost == 0
        assert queries.counts(min_, MORNING + timedelta(hours=25)).lost == 1
    county.silent = False
    assert send(world, row, link.send, at=MORNING + timedelta(hours=26)).ok
    with world.acting("敏") as min_:
        assert queries.counts(min_, MORNING + timedelta(days=9)).lost == 0
        assert len(county.letters) == 1
    county.broken = True
    other = packed(world, errand(world))
    failed = send(world, other, link.send)
    assert not failed.ok and "维护" in failed.sentence
    with world.acting("敏"):
        other.refresh_from_db()
        assert (other.state, other.attempts) == ("packed", 1) and "维护" in other.trouble


def test_a_refused_one_comes_back_with_the_reason_and_goes_again_or_not(world, county):
    partner(world, county.url)
    m = errand(world)
    row = packed(world, m)
    send(world, row, gateway.Http(county.url).send)
    assert not take(world, county.status(row.pk, "refused"), "敏").ok, "a refusal without a reason is none"
    assert take(world, county.status(row.pk, "refused", words="照片不清楚，请重拍"), "敏").ok
    with world.acting("敏") as min_:
        assert queries.counts(min_, MORNING).refused == 1
        assert Errand.objects.get(matter=m).submitted_at is None
    again = packed(world, m, instead_of=row.pk)
    with world.acting("敏") as min_:
        assert queries.counts(min_, MORNING).refused == 0
        assert again.pk != row.pk
        with pytest.raises(Missing):
            parcels.drop(parcel=again.pk, why="", by=min_, at=MORNING)
        parcels.drop(parcel=again.pk, why="本人改在本地办", by=min_, at=MORNING)
    with pytest.raises(Refused):
        send(world, again, lambda _d: None)


def test_a_receipt_is_waited_for_in_working_days(world, county):
    """24 hours from a Friday's afternoon end on Monday's: a county that is closed has lost nothing."""
    partner(world, county.url)
    row = packed(world, errand(world))
    friday = MORNING + timedelta(days=3, hours=5)
    send(world, row, lambda _d: None, at=friday)
    with world.acting("敏") as min_:
        row.refresh_from_db()
        assert row.receipt_due_at == friday + timedelta(days=3)
        assert queries.counts(min_, friday + timedelta(days=2)).lost == 0
        assert queries.counts(min_, friday + timedelta(days=3, minutes=1)).lost == 1


@pytest.mark.parametrize(("start", "hours", "due"), [
    ("2026-11-27 15:00", 1, "2026-11-27 16:00"), ("2026-11-27 15:00", 9, "2026-11-28 00:00"), ("2026-11-27 15:00", 10, "2026-11-30 01:00"), ("2026-11-28 10:00", 24, "2026-12-01 00:00"), ("2026-11-24 10:00", 48, "2026-11-26 10:00"),
])
def test_hours_of_working_days(start, hours, due):
    zone = ZoneInfo("Asia/Shanghai")
    at = datetime.fromisoformat(start).replace(tzinfo=zone)
    assert rules.receipt_due(at, hours, lambda day: day.weekday() < 5) == datetime.fromisoformat(due).replace(tzinfo=zone)


def test_a_late_word_is_noted_and_changes_nothing(world, county):
    partner(world, county.url)
    row = packed(world, errand(world))
    send(world, row, lambda _d: None)
    done, received = county.status(row.pk, "done", words="办好了，请告诉本人"), county.status(row.pk, "received", number="MN1")
    assert take(world, done, "敏").ok
    assert "只记下来" in take(world, received, "敏").sentence
    assert take(world, received, "敏").again and take(world, done, "敏").again
    assert "只记下来" in take(world, county.status(row.pk, "refused", words="又说不能办了，请自己办"), "敏").sentence
    with world.acting("敏"):
        row.refresh_from_db()
        assert row.state == "done"


def test_the_reception_may_bring_the_windows_letter_and_nobody_else(world, county):
    partner(world, county.url)
    row = packed(world, errand(world))
    send(world, row, lambda _d: None)
    assert take(world, county.status(row.pk, "received", number="MN1"), "受").code == "absent"
    assert take(world, county.status(row.pk, "received", number="MN1"), "总").ok
    with world.acting("总"):
        assert not Parcel.objects.exists(), "told, not shown"


def test_a_window_leaves_the_words_for_other_windows_where_they_are(world, county):
    partner(world, county.url)
    row = packed(world, errand(world))
    send(world, row, lambda _d: None)
    word = county.status(row.pk, "received", number="MN1")
    assert parcels.collect(fetch=lambda _p: [word], step=partial(world.acting, "受"), at=MORNING) == ([], [])
    with world.acting("受"):
        assert not ParcelRefusal.objects.exists(), "nothing is wrong with it"
    assert [t.ok for t in parcels.collect(fetch=lambda _p: [word], step=partial(world.acting, "敏"), at=MORNING)[0]] == [True]


def test_what_a_window_could_not_take_the_reception_takes(world, county):
    partner(world, county.url)
    data = county.hand_over(THEIR_ERRAND, (scan(),))
    assert take(world, data, "敏").code == "desk"
    assert [t.ok for t in parcels.collect(fetch=lambda _p: [data], step=partial(world.acting, "总"), at=MORNING)[0]] == [True]


def test_a_county_that_is_silent_is_asked_once(world, county):
    partner(world, county.url)
    for n in ("MN-88", "MN-89"):
        assert take(world, county.hand_over({**THEIR_ERRAND, "number": n}, (scan(),))).ok
    for problem, times in ((gateway.Unreachable("county.silent"), 1), (gateway.NotTaken("county.not_taken", why="满了"), 2)):
        deliver = Mock(side_effect=problem)
        assert parcels.hand_words(deliver=deliver, step=partial(world.acting, "总"), at=MORNING)[0] == 0
        assert deliver.call_count == times


def test_what_the_other_side_could_not_take_is_not_packed(world, monkeypatch):
    partner(world)
    m = errand(world)
    monkeypatch.setattr(gateway, "MOST_BYTES", 500)
    with pytest.raises(Missing, match="收不下"):
        packed(world, m)


def test_another_partner_speaks_for_no_foreign_parcel(world, county):
    partner(world, county.url)
    row = packed(world, errand(world))
    send(world, row, lambda _d: None)
    with world.acting("总") as zong:
        partners.put(card=STRANGER.card("330822").text, name="常山县", url="", receipt_hours=24, by=zong, at=MORNING)
    with at_morning(STRANGER, "330822", parcels.own_card()) as other:
        said = take(world, other.status(row.pk, "done", words="假的办结，请勿相信"), "敏")
    assert said.code == "absent"
    with world.acting("敏"):
        row.refresh_from_db()
        assert row.state == "sent"


# --- in ----------------------------------------------------------------------------------------------------------------------


def test_their_errand_gets_a_number_and_a_receipt_and_is_answered(world, county):
    partner(world, county.url)
    data = county.hand_over(THEIR_ERRAND, (scan(),))
    done = take(world, data)
    assert done.ok, done.sentence
    with world.acting("总") as zong:
        row = Parcel.objects.get(pk=done.parcel)
        assert row.matter.place_code == PENGLI and row.matter.channel == "partner" and row.matter.home_desk == "330881/SL"
        form = {line.label: line.value for line in materials.form_of(errands.of(row.matter, zong), zong)}
        assert form["姓名"] == "王远" and form["户籍地址"] == "江山市虎山街道彭里村上塘6号" and form["联系电话"] == "15412340000"
        assert Paper.objects.get(matter=row.matter).what == "身份证"
        assert ForeignOrder.objects.get(matter=row.matter).number == f"{CODE}-MN-88"
        assert queries.counts(zong, MORNING).words == 1
    with world.acting("总") as zong:
        n, troubles = parcels.hand_words(deliver=lambda p, d: gateway.Http(p.url).send(d), step=partial(world.acting, "总"), at=MORNING)
        assert (n, troubles) == (1, [])
        said = next(iter(x for x in county.letters.values() if x.about == row.pk)).content
        assert said["state"] == "received" and said["number"] == row.matter.number
        parcels.tell(parcel=row.pk, state="accepted", words="", by=zong, at=MORNING)
        with pytest.raises(Missing):
            parcels.tell(parcel=row.pk, state="done", words="好", by=zong, at=MORNING)
        parcels.tell(parcel=row.pk, state="done", words="优待证已办好，寄到模拟县窗口", by=zong, at=MORNING)
        with pytest.raises(Refused):
            parcels.tell(parcel=row.pk, state="refused", words="又说不能办了，请自己去办", by=zong, at=MORNING)
        assert Matter.objects.get(pk=row.matter_id).state == "replied"
        assert parcels.hand_words(deliver=lambda p, d: gateway.Http(p.url).send(d), step=partial(world.acting, "总"), at=MORNING)[0] == 2
    assert [x.content["state"] for x in county.letters.values()] == ["received", "accepted", "done"]


def test_the_same_parcel_twice_is_one_errand_and_one_receipt_more(world, county):
    partner(world, county.url)
    name = uuid.uuid4()
    first, second = county.hand_over(THEIR_ERRAND, (scan(),), id=name), county.hand_over(THEIR_ERRAND, (scan(),), id=name)
    assert take(world, first).ok
    parcels.hand_words(deliver=lambda _p, _d: None, step=partial(world.acting, "总"), at=MORNING)
    for data in (first, second):
        assert take(world, data).again
    with world.acting("总") as zong:
        assert Parcel.objects.count() == 1 and Errand.objects.count() == 1
        assert len(parcels.waiting_words(zong)) == 1, "the receipt is given once more"
    changed = county.hand_over({**THEIR_ERRAND, "person": {"name": "李四"}}, (scan(),), id=name)
    assert take(world, changed).code == "replay"
    assert take(world, county.hand_over(THEIR_ERRAND, (scan(),))).code == "replay", "their number stands for another parcel"
    with world.acting("总"):
        assert Errand.objects.count() == 1


def altered(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        entries = {n: old.read(n) for n in old.namelist()}
    entries["sealed.bin"] = entries["sealed.bin"][:-1] + bytes([entries["sealed.bin"][-1] ^ 1])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(("make", "code"), [
    (lambda c: altered(c.hand_over(THEIR_ERRAND, (scan(),))), "altered"),
    (lambda c: at_morning(STRANGER, CODE, c.peer).hand_over(THEIR_ERRAND), "signature"),
    (lambda c: at_morning(STRANGER, "330822", c.peer).hand_over(THEIR_ERRAND), "stranger"),
    (lambda c: at_morning(THEIRS, CODE, STRANGER.card("330802")).hand_over(THEIR_ERRAND), "recipient"),
    (lambda c: at_morning(THEIRS, CODE, STRANGER.card("330881")).hand_over(THEIR_ERRAND), "sealed"),
    (lambda c: c.hand_over({**THEIR_ERRAND, "consent": None}, (scan(),)), "consent"),
    (lambda c: c.hand_over({**THEIR_ERRAND, "person": {"name": ""}}, (scan(),)), "content"),
    (lambda c: c.hand_over({**THEIR_ERRAND, "item": "x"}, (scan(),)), "content"),
    (lambda c: c.hand_over({**THEIR_ERRAND, "fields": {"a": 1}}, (scan(),)), "content"),
    (lambda c: c.hand_over(THEIR_ERRAND, ()), "content"),
    (lambda c: c.hand_over(THEIR_ERRAND, (b"no picture",)), "content"),
    (lambda c: c.hand_over({**THEIR_ERRAND, "item": {"code": "ZZ", "name": "月球签证"}}, (scan(),)), "item"),
    (lambda c: c.status(uuid.uuid4(), "done", words="没有这个包裹，办什么"), "absent"),
    (lambda c: c.status(uuid.uuid4(), "exploded"), "content"),
    (lambda c: b"PK\x03\x04nothing", "broken"),
    (lambda c: b"", "broken"),
])
def test_what_is_wrong_is_refused_in_a_sentence_logged_and_leaves_nothing(world, county, make, code):
    partner(world, county.url)
    data = make(county)
    with world.acting("总") as zong:
        done = parcels.take(data=data, way="file", by=zong, at=MORNING)
        assert (done.ok, done.code) == (False, code), done.sentence
        assert done.sentence.endswith("。")
        assert not Matter.objects.exists() and not Parcel.objects.exists()
        logged = ParcelRefusal.objects.get()
        assert (logged.code, logged.sentence) == (code, done.sentence)
    with world.acting("受"):
        assert not ParcelRefusal.objects.exists()


def test_why_a_parcel_was_not_taken_is_kept_for_colleagues_who_read_chinese(world, county):
    partner(world, county.url)
    data = county.hand_over(THEIR_ERRAND, (b"no picture",))
    with world.acting("总") as zong, translation.override("en"):
        parcels.take(data=data, way="file", by=zong, at=MORNING)
        logged = ParcelRefusal.objects.get()
        assert "照片" in logged.sentence and "照片" in str(logged.said)


def test_only_the_reception_takes_errands_of_others(world, county):
    partner(world, county.url)
    data = county.hand_over(THEIR_ERRAND, (scan(),))
    assert take(world, data, "敏").code == "desk"
    with world.acting("香") as xiang, pytest.raises(NotAllowed):
        parcels.take(data=data, way="file", by=xiang, at=MORNING)
    with world.acting("敏") as min_, pytest.raises(NotHere):
        parcels.find(uuid.uuid4(), min_)


def test_an_answered_errand_of_theirs_waits_until_they_are_told(world, county):
    partner(world, county.url)
    done = take(world, county.hand_over(THEIR_ERRAND, (scan(),)))
    with world.acting("总") as zong:
        m = Parcel.objects.get(pk=done.parcel).matter
        handling.reply(matter=m, words="优待证已办好，等他来取", outcome="solved", by=zong, at=MORNING)
        assert queries.counts(zong, MORNING).untold == 1
        parcels.tell(parcel=done.parcel, state="done", words="优待证已办好，等他来取", by=zong, at=MORNING)
        assert queries.counts(zong, MORNING).untold == 0


def test_two_parcels_of_one_errand_at_once_are_one(world):
    partner(world)
    m = errand(world)
    row = packed(world, m)
    with world.acting("敏"):
        values = {f.attname: getattr(row, f.attname) for f in Parcel._meta.concrete_fields} | {"id": uuid.uuid4()}
        with pytest.raises(IntegrityError, match="parcel_open_once"), transaction.atomic():
            Parcel(**values).save(force_insert=True)
