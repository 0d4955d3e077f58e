"""The window from the first number to the signed sheet: queue, the person in front, changes, the pad, and who gets nothing."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from minqing.access.models import AuditEntry
from minqing.archives import vault as archive_vault
from minqing.archives.actions import households, proposals, residents
from minqing.archives.models import Proposal, Resident
from minqing.service import vault
from minqing.service.actions import pads, window
from minqing.service.actions.window import Paper, Shape, Wanted
from minqing.service.models import Counter, Matter, PadSlip, Party, Ticket
from minqing.service.queries import window as queries
from minqing.service.refusals import Missing, NotHere, NotYours, Refused
from minqing.service.rules import window as rules
from tests.archives import village
from tests.people import NEXT_VILLAGE, PENGLI, TOWN

DESK = TOWN + "/CK"
CARD = "330881194303083461"
WEEK = ("8:30-11:30 14:00-17:00",) * 5 + ("9:00-11:00", "")


@pytest.fixture
def elder(world: Any) -> dict[str, uuid.UUID]:
    now = timezone.now()
    village.grids()
    with world.acting("香") as xiang:
        home = households.create(grid=PENGLI + "001", number="2050999", address="彭里村溪边37号", natural_village="溪边", door="37号", by=xiang, at=now, on=now.date())
        person = residents.register(name="姜水仙", grid=home.grid_code, household=home, sex="2", birth_date=date(1943, 3, 8), phone="15412340365", id_number=CARD, on=now.date(), confirmed=True, by=xiang, at=now)
    return {"person": person.pk, "household": home.pk}


@pytest.fixture
def counters(world: Any) -> list[Counter]:
    with world.acting("受") as shou:
        return [window.set_counter(town=TOWN, shape=Shape(letter, name, "03", WEEK, ("pension",), "社保业务章"), by=shou, at=timezone.now()) for letter, name in (("A", "社保医保"), ("B", "民政"))]


def called(world: Any, counter: Counter, name: str = "敏") -> Ticket:
    with world.acting(name) as me:
        window.sit(counter=counter.pk, by=me)
        window.draw(counter=counter.pk, by=me)
        found = window.call_next(by=me)
        assert found is not None
        return found


def known(world: Any, counter: Counter) -> Ticket:
    ticket = called(world, counter)
    with world.acting("敏") as min_:
        assert window.identify(ticket=ticket.pk, number=CARD, by=min_, at=timezone.now()) == ""
        return window.ticket_of(ticket.pk, min_)


# --- counters and queue --------------------------------------------------------------------------------------------------------------


def test_only_who_keeps_the_towns_catalogue_sets_counters(world, counters):
    assert [c.letter for c in counters] == ["A", "B"] and counters[0].hours["6"] == [["09:00", "11:00"]] and "7" not in counters[0].hours
    for name in ("敏", "香"):
        with world.acting(name) as me, pytest.raises(NotYours):
            window.set_counter(town=TOWN, shape=Shape("C", "公安", hours=WEEK), by=me, at=timezone.now())
    with world.acting("受") as shou:
        for shape, name in ((Shape("I", "公安", hours=WEEK), "letter"), (Shape("A", "公安", hours=WEEK), "letter"), (Shape("C", "公安", hours=("8点半",)), "day1"), (Shape("C", " ", hours=WEEK), "name")):
            with pytest.raises(Missing) as wrong:
                window.set_counter(town=TOWN, shape=shape, by=shou, at=timezone.now())
            assert wrong.value.field == name


def test_priority_goes_first_and_every_number_gets_an_outcome(world, counters):
    a = counters[0]
    with world.acting("敏") as me:
        with pytest.raises(Refused):
            window.call_next(by=me)
        window.sit(counter=a.pk, by=me)
        first, second, old = (window.draw(counter=a.pk, priority=p, by=me) for p in (False, False, True))
        assert [t.code for t in (first, second, old)] == ["A001", "A002", "A003"]
        now = window.call_next(by=me)
        assert now is not None and now.pk == old.pk
        with pytest.raises(Refused):
            window.call_next(by=me)
        assert window.step(ticket=old.pk, name="again", by=me).calls == 2
        with pytest.raises(Missing):
            window.step(ticket=old.pk, name="end", by=me)
        with pytest.raises(Missing) as wrong:
            window.step(ticket=old.pk, name="end", outcome="papers", by=me)
        assert wrong.value.field == "left"
        assert window.step(ticket=old.pk, name="end", outcome="answered", by=me).state == "done"
        assert window.call_next(by=me).pk == first.pk
        assert window.step(ticket=first.pk, name="pass", by=me).state == "passed"
        with pytest.raises(Refused) as left:
            window.close_day(desk=DESK, day=timezone.localdate(), by=me, at=timezone.now())
        assert "A001" in str(left.value) and "A002" in str(left.value)
        for t in (first, second):
            window.step(ticket=t.pk, name="end", outcome="absent", by=me)
        day = window.close_day(desk=DESK, day=timezone.localdate(), note="钥匙在抽屉", by=me, at=timezone.now())
        assert day.numbers == 3
        with pytest.raises(Refused):
            window.draw(counter=a.pk, by=me)
        sheet = queries.sheet(DESK, timezone.localdate(), me)
        assert [x.outcome for x in sheet.lines] == ["叫了没有来", "叫了没有来", "当场办好或答复"] and sheet.open == []


def test_a_screen_shows_numbers_and_counters_to_nobody_in_particular(world, counters):
    ticket = called(world, counters[0])
    with connection.cursor() as cursor:
        cursor.execute("select code, counter, waiting from access.window_display(%s)", [TOWN])
        assert cursor.fetchall() == [(ticket.code, "社保医保", 0), (None, "民政", 0)]


# --- the person in front -----------------------------------------------------------------------------------------------------------------


def test_the_card_opens_what_the_window_needs_and_no_more(world, counters, elder):
    ticket = known(world, counters[0])
    with world.acting("敏") as me:
        person = window.in_front(ticket, me)
        assert person is not None
        assert (person.name, person.phone_tail, person.household, person.village, person.door) == ("姜水仙", "0365", "2050999", "彭里村", "溪边37号")
        assert rules.age_on(person.born, date(2026, 11, 25)) == 83
        assert not Resident.objects.exists() and not Proposal.objects.exists()   # she browses nothing
    with world.acting("审") as auditor:
        entry = AuditEntry.objects.get(what="window.look")
        assert entry.persons == [elder["person"]] and entry.purpose == "窗口办事" and auditor


def test_name_and_birth_year_find_one_person(world, counters, elder):
    ticket = called(world, counters[0])
    with world.acting("敏") as me:
        assert "没有查到" in window.identify(ticket=ticket.pk, name="姜水仙", year="1944", by=me, at=timezone.now())
        assert window.identify(ticket=ticket.pk, name="姜水仙", year="1943", by=me, at=timezone.now()) == ""
        for given, name in (({"number": "123"}, "number"), ({"name": "姜"}, "number"), ({"name": "姜水仙", "year": "四三"}, "year")):
            with pytest.raises(Missing) as wrong:
                window.identify(ticket=ticket.pk, by=me, at=timezone.now(), **given)
            assert wrong.value.field == name


def look(ticket: uuid.UUID) -> dict[str, Any]:
    """Free SQL on the function, with the card's digests."""
    digests = archive_vault.identity_digests(CARD)
    with connection.cursor() as cursor:
        cursor.execute("select access.window_person(%s, %s::bytea[], %s::smallint[], '', 0)", [ticket, list(digests.values()), list(digests)])
        said = cursor.fetchone()[0]
    return said if isinstance(said, dict) else archive_vault.json.loads(said)


def test_without_a_number_in_front_nobody_is_shown(world, counters, elder):
    a, b = counters
    with world.acting("敏") as me:
        window.sit(counter=a.pk, by=me)
        waiting = window.draw(counter=a.pk, by=me)
        assert look(uuid.uuid4()) == {"status": "gone"}
        assert look(waiting.pk) == {"status": "gone"}          # drawn, not called
        mine = window.call_next(by=me)
        window.sit(counter=b.pk, by=me)
        assert look(mine.pk) == {"status": "gone"}             # called at another counter than the one she sits at
        window.sit(counter=None, by=me)
        assert look(mine.pk) == {"status": "gone"}             # got up
        window.sit(counter=a.pk, by=me)
        assert look(mine.pk)["status"] == "ok"
        window.step(ticket=mine.pk, name="end", outcome="answered", by=me)
        assert look(mine.pk) == {"status": "gone"}             # ended
    for name in ("香", "琴", "受", "国"):
        with world.acting(name):
            assert look(mine.pk) == {"status": "gone"}
    with world.acting("审"):
        assert AuditEntry.objects.filter(what="window.refused").count() == 9


def test_one_number_is_one_person_and_guessing_ends(world, counters, elder):
    ticket = known(world, counters[0])
    with world.acting("敏") as me:
        with connection.cursor() as cursor:
            cursor.execute("select access.window_person(%s, '{}', '{}', '别人', 1950)", [ticket.pk])
            said = cursor.fetchone()[0]
        assert "姜水仙" in str(said) or "\\u59dc" in str(said)   # still the same person, whatever is asked
        window.step(ticket=ticket.pk, name="end", outcome="answered", by=me)
        window.draw(counter=counters[0].pk, by=me)
        other = window.call_next(by=me)
        for _n in range(5):
            assert window.identify(ticket=other.pk, name="姜水仙", year="1950", by=me, at=timezone.now()).startswith("本乡镇没有查到")
        assert window.identify(ticket=other.pk, number=CARD, by=me, at=timezone.now()).startswith("这个号核对得太多")


def test_forty_people_an_hour_and_no_more(world, counters, elder):
    with world.acting("敏") as me:
        window.sit(counter=counters[0].pk, by=me)
        for _n in range(8):
            window.draw(counter=counters[0].pk, by=me)
            t = window.call_next(by=me)
            for _m in range(5):
                window.identify(ticket=t.pk, name="无此人", year="1950", by=me, at=timezone.now())
            window.step(ticket=t.pk, name="end", outcome="left", by=me)
        window.draw(counter=counters[0].pk, by=me)
        t = window.call_next(by=me)
        assert "这一小时查的人太多" in window.identify(ticket=t.pk, number=CARD, by=me, at=timezone.now())


def test_numbers_are_made_and_moved_by_the_functions_alone(world, counters, elder):
    ticket = called(world, counters[0])
    with world.acting("敏"):
        for statement in ("update service_ticket set person_id = %s", "update service_ticket set state = 'called', person_id = %s", "delete from service_ticket where id <> %s", "update service_countersitting set staff = %s"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, [elder["person"]])
        for call in ("select access.window_file(%s)", "select access.window_holds(%s)", "select access.ticket_of_mine(%s)"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(call, [elder["person"]])
    with world.acting("琴") as qin:
        with pytest.raises(NotHere):
            window.ticket_of(ticket.pk, qin)
        with pytest.raises(NotHere):
            window.draw(counter=counters[0].pk, by=qin)


# --- what he came for ----------------------------------------------------------------------------------------------------------------------


def test_a_matter_with_the_files_telephone(world, counters, elder):
    ticket = known(world, counters[0])
    with world.acting("敏") as me:
        opened = window.open_matter(ticket=ticket.pk, wanted=Wanted("门口的路灯坏了，晚上看不见", "help", PENGLI, own_phone=True), by=me, at=timezone.now())
        assert opened.matter.home_desk == DESK and opened.matter.channel == "window"
        party = Party.objects.get(matter=opened.matter)
        assert party.person_id == elder["person"] and vault.decrypt_json(vault.CONTACT, party.pk, party.contact_cipher)["phone"] == "15412340365"
        assert queries.matters_of([ticket.pk], me)[ticket.pk][0]["with"]


def test_without_a_file_the_name_is_enough(world, counters):
    ticket = called(world, counters[0])
    with world.acting("敏") as me:
        with pytest.raises(Missing) as wrong:
            window.open_matter(ticket=ticket.pk, wanted=Wanted("想问社保怎么转", "question", PENGLI), by=me, at=timezone.now())
        assert wrong.value.field == "name"
        assert window.open_matter(ticket=ticket.pk, wanted=Wanted("想问社保怎么转", "question", PENGLI, name="外地来的人"), by=me, at=timezone.now()).word
        with pytest.raises(Refused):
            window.hand_in(ticket=ticket.pk, item="phone", value="13612345678", paper=Paper("居民身份证", "", "江山市公安局"), by=me, at=timezone.now())


def test_a_change_is_a_proposal_and_changes_nothing(world, counters, elder):
    ticket = known(world, counters[0])
    with world.acting("敏") as me:
        change = window.hand_in(ticket=ticket.pk, item="phone", value="154 1234 9999", paper=Paper("手机实名截屏", "", "移动公司"), by=me, at=timezone.now())
        asked = window.hand_in(ticket=ticket.pk, item="birth_date", value="1943-03-18", paper=Paper("居民身份证", CARD, "江山市公安局"), by=me, at=timezone.now())
        assert (change.department, asked.department) == ("", "01") and change.due_on < asked.due_on
        assert rules.road_of("relation") == ""
        for given, name in (({"item": "relation"}, "item"), ({"value": "12"}, "value"), ({"paper": Paper("一张纸", "", "某单位")}, "paper"), ({"paper": Paper("户口簿", "", "")}, "issuer")):
            with pytest.raises(Missing) as wrong:
                window.hand_in(ticket=ticket.pk, by=me, at=timezone.now(), **{"item": "phone", "value": "15412349998", "paper": Paper("户口簿", "1", "派出所"), **given})
            assert wrong.value.field == name
    with world.acting("香") as xiang:
        rows = {p.field: p for p in Proposal.objects.filter(person=elder["person"])}
        assert (rows["phone"].kind, rows["birth_date"].kind) == ("correct", "verify") and rows["phone"].grid_code == PENGLI + "001"
        assert proposals.asked(rows["phone"])["to"] == "15412349999" and "手机实名截屏" in proposals.asked(rows["phone"])["note"]
        assert Resident.objects.get(pk=elder["person"]).phone_tail == "0365"
        proposals.close(proposal=rows["phone"], state="done", note="", by=xiang, at=timezone.now())
    with world.acting("敏"):
        found = queries.changes_of(DESK, timezone.localdate(), [ticket.pk])[ticket.pk]
        assert [(x["state"], x["with"]) for x in found] == [("已改", "村里"), ("等确认", "公安")]
    with world.acting("芳"):
        assert not Proposal.objects.filter(person=elder["person"]).exists()


# --- the pad -----------------------------------------------------------------------------------------------------------------------------------


def test_a_slip_keeps_its_number_and_its_word(world):
    at = timezone.now()
    with world.acting("敏") as me:
        pad, printed = pads.make(desk=DESK, slips=3, why="停电", by=me, at=at - timedelta(hours=3))
        one, two, three = printed
        written = pads.Written(one.number, at - timedelta(hours=2), "自来水停了半天", "help", PENGLI, "毛土根", "15400000001")
        opened = pads.type_in(pad=pad.pk, written=written, by=me, at=at)
        row = Matter.objects.get(pk=opened.matter.pk)
        assert row.number == one.number and bytes(row.word_digest) in vault.word_digests(one.number, one.word) and row.submitted_at == at - timedelta(hours=2)
        assert not PadSlip.objects.filter(number=one.number).exclude(matter=row).exists()
        for number, words in ((one.number, "已经录入过"), ("1234567890", "编号不对"), (one.number[:-1], "编号不对")):
            with pytest.raises(Missing) as wrong:
                pads.type_in(pad=pad.pk, written=pads.Written(number, at, "再来一次", "help", PENGLI, "毛土根"), by=me, at=at)
            assert words in str(wrong.value)
        with pytest.raises(Missing) as late:
            pads.type_in(pad=pad.pk, written=pads.Written(two.number, at + timedelta(hours=1), "还没有发生", "help", PENGLI, "毛土根"), by=me, at=at)
        assert late.value.field == "on"
        with pytest.raises(Missing):
            pads.void(pad=pad.pk, number=two.number, why="", by=me, at=at)
        pads.void(pad=pad.pk, number=two.number, why="写坏了", by=me, at=at)
        with pytest.raises(Missing):
            pads.type_in(pad=pad.pk, written=pads.Written(two.number, at, "作废的", "help", PENGLI, "毛土根"), by=me, at=at)
        assert [(p["all"], p["used"], p["void"], p["missing"]) for p in queries.pads_of(DESK)] == [(3, 1, 1, 1)]
        with pytest.raises(Missing):
            pads.make(desk=DESK, slips=61, by=me, at=at)
        with pytest.raises(DatabaseError), transaction.atomic():
            PadSlip.objects.filter(number=three.number).update(word_digest=b"x")
    for name in ("香", "琴"):
        with world.acting(name) as me:
            with pytest.raises(NotHere):
                pads.get(pad.pk, me)
            with pytest.raises(NotHere):
                pads.make(desk=DESK, slips=1, by=me, at=at)


@pytest.mark.parametrize(("text", "spans"), [("8:30-11:30 14:00-17:00", [["08:30", "11:30"], ["14:00", "17:00"]]), ("", []), ("8：30—11：30", [["08:30", "11:30"]])])
def test_hours_as_people_write_them(text, spans):
    assert rules.read_hours(text) == spans


@pytest.mark.parametrize("text", ["8点", "25:00-26:00", "11:00-9:00", "8:00-12:00 11:00-13:00"])
def test_hours_that_cannot_be(text):
    with pytest.raises(rules.BadHours):
        rules.read_hours(text)


def test_nobody_of_another_town_is_found(world, counters, elder):
    ticket = called(world, counters[0])
    with world.acting("敏") as me, connection.cursor() as cursor:
        digests = archive_vault.identity_digests("330881195001010018")
        cursor.execute("select access.window_person(%s, %s::bytea[], %s::smallint[], '', 0)", [ticket.pk, list(digests.values()), list(digests)])
        assert "none" in str(cursor.fetchone()[0]) and me and NEXT_VILLAGE


def test_days_with_the_same_hours_are_one_line():
    day = [["08:30", "11:30"]]
    week = {**{str(n): day for n in range(1, 6)}, "7": day}
    assert rules.spoken_week(week) == [("星期一至星期五", "08:30-11:30"), ("星期日", "08:30-11:30")]


@pytest.mark.parametrize(("text", "lines"), [
    ("1-5 8:30-11:30 14:00-17:30; +", ["星期一至星期五 08:30-11:30 14:00-17:30", "其余时间有人值班"]),
    ("1-5 8:30-11:30；6 9:00-11:00", ["星期一至星期五 08:30-11:30", "星期六 09:00-11:00"]),
    ("周一至周五 8:30–11:30；周末有人值班", ["周一至周五 8:30–11:30；周末有人值班"]), ("1-5 早上; +", ["1-5 早上; +"]), ("", []), ("+", []),
])
def test_what_a_county_writes_of_its_hours_is_drawn_or_stands_as_it_is(text, lines):
    assert rules.public_hours(text) == lines
