"""The hotline from the first ring to the call back: events in any order, who a caller may be, voicemail, duty, the book of answers."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import pytest
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from minqing.access import scope
from minqing.access.models import AuditEntry
from minqing.access.scope import NoSession, NotAllowed
from minqing.archives.actions import households, residents
from minqing.archives.models import Household
from minqing.gateways import telephony
from minqing.lib.worktime import ZONE
from minqing.service import vault
from minqing.service.actions import calls, handling, matters, moving, rota
from minqing.service.actions.calls import Asked
from minqing.service.models import Call, CallEvent, Matter, Party
from minqing.service.queries import calls as queries
from minqing.service.refusals import Missing, NotHere, NotYours, Refused
from minqing.service.rules import calls as rules
from minqing.service.rules.states import State
from tests.archives import village
from tests.people import COUNTY, NEXT_VILLAGE, PENGLI
from tests.service.doors import ask

PHONE = "15412340365"
HOTLINE = COUNTY + "/RX"


def event(name: str, call_id: str = "c-1", number: str = PHONE, **more: str) -> telephony.Event:
    fields = {"event": name, "callId": call_id, "direction": "in", "from": number, "to": "4888365", **more}
    return telephony.read({k: [v] for k, v in fields.items()})


@pytest.fixture
def token(world) -> str:
    with world.acting("总") as zong:
        return rota.open_line(area=COUNTY, name="365 热线", number="0570-4888365", by=zong, at=timezone.now()).token


def hear(token: str, name: str, call_id: str = "c-1", number: str = PHONE, *, at: datetime | None = None, **more: str) -> uuid.UUID:
    return calls.receive(token=token, event=event(name, call_id, number, **more), origin="cti 10.0.0.1", at=at or timezone.now())[0]


@pytest.fixture
def elder(world) -> dict[str, uuid.UUID]:
    """姜水仙, 83, whose file holds the number; her household's note at the door says she hears badly."""
    now = timezone.now()
    village.grids()
    with world.acting("香") as xiang:
        home = households.create(grid=PENGLI + "001", number="2050999", address="彭里村溪边37号", natural_village="溪边", door="37号", by=xiang, at=now, on=now.date())
        person = residents.register(name="姜水仙", grid=home.grid_code, household=home, sex="2", birth_date=date(1943, 3, 8), phone=PHONE, on=now.date(), confirmed=True, by=xiang, at=now)
        Household.objects.filter(pk=home.pk).update(caution="听力不好，请说慢")
    return {"person": person.pk, "household": home.pk, "home": home}


def rows(statement: str, *parameters: object) -> list[tuple]:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


# --- events -----------------------------------------------------------------------------------------------------------------------


def test_a_call_rings_is_answered_and_ends_whatever_the_order_and_however_often(world, token):
    for order in (("newCall", "answer", "hangup"), ("hangup", "answer", "newCall"), ("answer", "answer", "newCall", "hangup", "hangup", "newCall")):
        name = "-".join(order)[:60]
        for step in order:
            call = hear(token, step, name, cause="normalClearing")
        with world.acting("琴"):
            row = Call.objects.get(pk=call)
            assert row.answered_at and row.ended_at and row.masked == "154 **** 0365"
            assert row.cause == "normalClearing"
            assert CallEvent.objects.filter(call=call).count() == 3
            assert vault.decrypt(queries.NUMBER, row.pk, row.number_cipher) == PHONE


def test_a_repeated_event_says_so_and_changes_nothing(world, token):
    first = calls.receive(token=token, event=event("newCall"), origin="t", at=timezone.now())
    again = calls.receive(token=token, event=event("newCall", number="15499999999"), origin="t", at=timezone.now())
    assert first[0] == again[0]
    assert (first[1], again[1]) == (True, False)
    with world.acting("琴"):
        assert Call.objects.get(pk=first[0]).masked == "154 **** 0365"


def test_a_token_of_nobody_opens_nothing_and_a_closed_line_neither(world, token):
    with pytest.raises(NoSession):
        hear("nonsense", "newCall")
    with world.acting("总") as zong:
        rota.close_line(line=queries.lines(zong)[0].pk, by=zong, at=timezone.now())
    with pytest.raises(NoSession):
        hear(token, "newCall")


def test_the_telephone_system_holds_no_right_and_makes_calls_of_its_own_line_alone(world, token):
    call = hear(token, "newCall")
    with transaction.atomic():
        line = scope.enter_cti(token, origin="t")
        assert rows("select count(*) from service_matter") == [(0,)]
        assert rows("select count(*) from archives_resident") == [(0,)]
        assert rows("select count(*) from service_party") == [(0,)]
        assert {c for (c,) in rows("select id from service_call")} == {call}
        assert line.desk == HOTLINE
        for statement in ("insert into service_call (id, line_id, area_code, desk_code, call_id, direction, key_no, started_at, tries, shown_to) values (gen_random_uuid(), gen_random_uuid(), '330881', '330881/RX', 'x', 'in', 0, now(), 0, '{}')",
                          "update service_call set done = 'nothing'", "select token_digest from service_phoneline", "select access.callers_of('\\x00', '330881')"):
            with pytest.raises(DatabaseError), transaction.atomic():
                done = rows(statement + " returning id" if statement.startswith("update") else statement)
                if not done:  # refused by a policy that shows no row
                    raise DatabaseError


def test_only_who_keeps_the_catalogue_connects_a_telephone(world):
    with world.acting("琴") as qin, pytest.raises(NotAllowed):
        rota.open_line(area=COUNTY, name="365", number="4888365", by=qin, at=timezone.now())
    with world.acting("琴") as qin, pytest.raises(DatabaseError), transaction.atomic():
        rows("select access.open_line(gen_random_uuid(), '330881/RX', 'x', '1', %s, '')", b"0" * 32)
        assert qin


@pytest.mark.parametrize("name", ["香", "敏", "国", "审", "数", "受", "建"])
def test_calls_are_the_hotlines_own(world, token, name):
    call = hear(token, "newCall")
    with world.acting(name) as me:
        assert not Call.objects.filter(pk=call).exists()
        assert queries.ring(me) == []
        with pytest.raises(NotHere):
            queries.one(call, me)


# --- who calls ---------------------------------------------------------------------------------------------------------------------


def test_the_pop_up_shows_name_and_door_once_audited_and_nothing_else(world, token, elder):
    call = hear(token, "newCall")
    with world.acting("琴") as qin:
        for _n in range(3):
            found = queries.ring(qin)[0]
            assert (found.id, found.state, found.mine) == (call, "ringing", False)
            assert [(w.name, w.door, w.masked) for w in found.who] == [("姜水仙", "溪边37号", False)]
        assert AuditEntry.objects.filter(what="call.shown", persons__contains=[elder["person"]]).count() == 1
        assert queries.caller_file(queries.one(call, qin), qin) is None
        assert queries.caller_matters(queries.one(call, qin), qin) == []


def test_a_telephone_of_several_shows_masked_names(world, token, elder):
    with world.acting("香") as xiang:
        residents.register(name="姜建国", grid=PENGLI + "001", household=elder["home"], sex="1", birth_date=date(1969, 5, 1), phone=PHONE, on=timezone.localdate(), confirmed=True, by=xiang, at=timezone.now())
    hear(token, "newCall")
    with world.acting("琴") as qin:
        assert sorted(w.name for w in queries.ring(qin)[0].who) == ["姜**", "姜**"]


def test_a_hidden_number_shows_nobody(world, token, elder):
    hear(token, "newCall", number="anonymous")
    with world.acting("琴") as qin:
        found = queries.ring(qin)[0]
        assert (found.masked, found.who) == ("", ())


def test_checked_by_the_year_of_birth_and_three_wrong_ones_are_the_end(world, token, elder):
    call = hear(token, "newCall")
    with world.acting("琴") as qin:
        calls.take(call=call, by=qin)
        for _n in range(2):
            with pytest.raises(Missing):
                calls.check(call=call, how="year", person=elder["person"], year="1950", by=qin)
        calls.check(call=call, how="year", person=elder["person"], year="1943", by=qin)
        file = queries.caller_file(queries.one(call, qin), qin)
        assert (file.name, file.caution, file.village) == ("姜水仙", "听力不好，请说慢", PENGLI)
    other = hear(token, "newCall", "c-2")
    with world.acting("琴") as qin:
        calls.take(call=other, by=qin)
        for _n in range(3):
            with pytest.raises(Missing):
                calls.check(call=other, how="year", person=elder["person"], year="1950", by=qin)
        with pytest.raises(Refused, match="三次"):
            calls.check(call=other, how="year", person=elder["person"], year="1943", by=qin)
        assert queries.caller_file(queries.one(other, qin), qin) is None


def test_nobody_is_opened_who_does_not_have_this_telephone(world, token, elder):
    call = hear(token, "newCall", number="15400009999")
    with world.acting("琴") as qin:
        with pytest.raises(Refused):
            calls.check(call=call, how="door", person=elder["person"], by=qin)
        assert queries.callers(queries.one(call, qin), qin) == ()


def test_the_file_stays_open_for_a_while_after_the_call(world, token, elder):
    call = hear(token, "newCall")
    with world.acting("琴") as qin:
        calls.take(call=call, by=qin)
        calls.check(call=call, how="door", person=elder["person"], by=qin)
    hear(token, "hangup")
    with world.acting("琴") as qin:
        assert queries.caller_file(queries.one(call, qin), qin) is not None


def test_free_sql_cannot_harvest_callers(world, token, elder):
    """Neither a digest nor somebody else's call opens a name; the functions that look are not the application's to run."""
    call = hear(token, "newCall")
    hear(token, "answer", answeringNumber="8001")
    for name in ("香", "敏", "总"):
        with world.acting(name):
            assert rows("select access.callers(%s)::text", call) == [("[]",)]
            assert rows("select count(*) from access.caller_file(%s)", call) == [(0,)]
            assert rows("select access.check_caller(%s, %s, 'door', 0)", call, elder["person"]) == [("gone",)]
    with world.acting("琴"):
        for statement in ("select access.callers_of(%s, '330881')", "select access.call_of_mine(%s)"):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows(statement, b"x" if "of(" in statement else call)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows("update service_call set number_digest = '\\x00', person_id = null")


# --- taking down --------------------------------------------------------------------------------------------------------------------


def asked(**more: object) -> Asked:
    return Asked(**{"words": "屋后山上又滚下来两块石头，晚上不敢睡后间", "kind": "help_up", "place": PENGLI, "name": "姜水仙", **more})


def test_a_matter_taken_on_the_telephone_lies_with_the_hotline_and_the_call_knows_it(world, token, elder):
    call = hear(token, "newCall")
    with world.acting("琴") as qin:
        calls.take(call=call, by=qin)
        calls.check(call=call, how="door", person=elder["person"], by=qin)
        taken = calls.take_down(asked=asked(lead=COUNTY + "/08"), call=queries.one(call, qin), hotline="4888365", by=qin, at=timezone.now())
        m = Matter.objects.get(pk=taken.matter.pk)
        assert (m.home_desk, m.channel, m.state, m.lead_desk) == (HOTLINE, "phone", State.DISPATCHED, COUNTY + "/08")
        for part in ("自然资源和规划局", "4888365", taken.opened.matter.number[:2]):
            assert part in taken.sentence
        party = Party.objects.get(matter=m)
        assert party.person_id == elder["person"]
        assert vault.decrypt_json(vault.CONTACT, party.pk, party.contact_cipher)["phone"] == PHONE
        assert Call.objects.get(pk=call).matter_id == m.pk
        assert [e.title for e in queries.caller_matters(queries.one(call, qin), qin)] == [m.title]
        assert m.moves.get(name="submit").public_words.startswith("已登记，编号")


def test_the_second_call_is_merged_into_what_the_village_has_and_urges_it(world, token):
    with world.acting("香") as xiang:
        first = ask(xiang, "溪边坡上落石头，怕砸到灶间", at=timezone.now()).matter
        first = matters.accept(matter=first, by=xiang, at=timezone.now())
        first = matters.dispatch(matter=first, lead=PENGLI, by=xiang, at=timezone.now())
        first = handling.sign(matter=first, by=xiang, at=timezone.now())
    call = hear(token, "newCall")
    with world.acting("琴") as qin:
        with pytest.raises(NotHere):
            moving.get(first, qin)
        taken = calls.take_down(asked=asked(into=first.pk), call=queries.one(call, qin), hotline="4888365", by=qin, at=timezone.now())
        child = Matter.objects.get(pk=taken.matter.pk)
        assert (child.state, child.parent_id) == (State.MERGED, first.pk)
        assert "并进去" in taken.sentence
        assert queries.waiting(qin, at=timezone.now()) == []
    with world.acting("香") as xiang:
        assert [m.name for m in first.moves.order_by("id")][-2:] == ["joined", "urge"]
        assert first.moves.get(name="urge").desk == PENGLI
        handling.reply(matter=Matter.objects.get(pk=first.pk), words="已请人清理，装了防护网", outcome="solved", by=xiang, at=timezone.now())
    with world.acting("琴") as qin:
        waiting = queries.waiting(qin, at=timezone.now())
        assert [(w.id, w.child) for w in waiting] == [(child.pk, True)]
        assert queries.answer_of(child, qin).startswith("已请人清理")
        calls.call_back(matter=child, channel="phone", reached=True, solved="yes", satisfied="yes", told_that_day=True, by=qin, at=timezone.now())
        assert queries.waiting(qin, at=timezone.now()) == []


def test_a_matter_of_another_village_in_confidence_or_about_staff_takes_no_merge(world, token):
    with world.acting("芳") as fang:
        other = ask(fang, "江山底的路灯坏了", place=NEXT_VILLAGE, at=timezone.now()).matter
    with world.acting("香") as xiang:
        secret = ask(xiang, "隔壁夜里放鞭炮", confidential=True, at=timezone.now()).matter
    call = hear(token, "newCall")
    for into in (other.pk, secret.pk, uuid.uuid4()):
        with world.acting("琴") as qin, pytest.raises(Refused), transaction.atomic():
            calls.take_down(asked=asked(into=into), call=queries.one(call, qin), hotline="4888365", by=qin, at=timezone.now())


def test_answered_from_the_book_closes_at_once(world, token):
    with world.acting("琴") as qin:
        taken = calls.take_down(asked=asked(words="请问医保异地备案怎么办", kind="question", answer="在浙里办上备案，当天生效"), call=None, hotline="4888365", by=qin, at=timezone.now())
        assert (taken.answered, Matter.objects.get(pk=taken.matter.pk).state) == (True, State.CLOSED)


def test_a_complaint_about_staff_leaves_the_hotline_with_the_call_not_tied_to_it(world, token):
    call = hear(token, "newCall")
    with world.acting("琴") as qin:
        taken = calls.take_down(asked=asked(words="彭里村书记收红包，低保给了亲戚", kind="complaint"), call=queries.one(call, qin), hotline="4888365", by=qin, at=timezone.now())
        assert taken.opened.restricted
        assert Call.objects.get(pk=call).matter_id is None
        assert not Matter.objects.filter(pk=taken.matter.pk).exists()


def test_progress_is_read_out_to_the_same_telephone_or_with_the_word_only(world, token):
    with world.acting("香") as xiang:
        opened = ask(xiang, requester=matters.Who(name="姜水仙", phone=PHONE), at=timezone.now())
    own, foreign = hear(token, "newCall"), hear(token, "newCall", "c-9", "15400001111")
    with world.acting("琴") as qin:
        assert queries.progress(queries.one(own, qin), opened.matter.number, "", qin).words[0].startswith("已登记")
        assert queries.progress(queries.one(foreign, qin), opened.matter.number, "", qin) is None
        assert queries.progress(queries.one(foreign, qin), opened.matter.number, "BCDFGH", qin) is None
        found = queries.progress(queries.one(foreign, qin), opened.matter.number, opened.word.lower(), qin)
        assert found.title == opened.matter.title


def test_urging_reaches_the_desk_once_a_day(world, token):
    with world.acting("香") as xiang:
        m = ask(xiang, requester=matters.Who(name="姜水仙", phone=PHONE), at=timezone.now()).matter
    call = hear(token, "newCall")
    with world.acting("琴") as qin:
        row = queries.one(call, qin)
        calls.urge(call=row, matter=m.pk, note="晚上还是不亮", by=qin)
        with pytest.raises(Refused, match="已经催过"):
            calls.urge(call=row, matter=m.pk, note="再催", by=qin)
        with pytest.raises(NotHere):
            calls.urge(call=row, matter=uuid.uuid4(), note="", by=qin)
    with world.acting("香"):
        line = m.moves.get(name="urge")
        assert (line.desk, vault.decrypt("service_move.note_cipher", m.pk, line.note_cipher)) == (PENGLI, "晚上还是不亮")


# --- missed calls, voicemail ----------------------------------------------------------------------------------------------------------


def test_a_missed_call_stays_on_the_list_until_somebody_was_reached(world, token):
    hear(token, "newCall")
    call = hear(token, "hangup", cause="noAnswer")
    with world.acting("琴") as qin:
        assert [c.pk for c in queries.missed(qin)] == [call]
        row = queries.one(call, qin)
        assert calls.number_for_call(call=row, by=qin) == PHONE
        calls.settle(call=row, done="tried", by=qin, at=timezone.now())
        assert [c.pk for c in queries.missed(qin)] == [call]
        calls.settle(call=row, done="called", by=qin, at=timezone.now())
        assert list(queries.missed(qin)) == []


def test_voicemail_in_the_night_becomes_a_matter_in_the_morning(world, token, elder):
    night = datetime(2026, 11, 24, 22, 0, tzinfo=ZONE)
    hear(token, "newCall", at=night)
    call = hear(token, "voicemail", at=night, text="自来水浑了两天，请派人来看看", recording="rec-77")
    with world.acting("琴"):
        row = Call.objects.get(pk=call)
        assert row.file_at.astimezone(ZONE) == datetime(2026, 11, 25, 8, 30, tzinfo=ZONE)
        assert row.matter_id is None
    with transaction.atomic():
        line = scope.enter_cti(token, origin="t")
        made = calls.file_voicemail(call, line, using="default", at=timezone.now())
        assert calls.file_voicemail(call, line, using="default", at=timezone.now()) is None   # once
    with world.acting("琴") as qin:
        m = Matter.objects.get(pk=made.pk)
        assert (m.channel, m.home_desk, m.state, m.place_code) == ("voicemail", HOTLINE, State.SUBMITTED, PENGLI)
        assert vault.decrypt(vault.WORDS, m.pk, m.words_cipher).startswith("自来水浑了")
        assert queries.contact(m, qin) == {"phone": PHONE}
        assert Call.objects.get(pk=call).matter_id == m.pk
        assert m.moves.get().public_words.startswith("已登记，编号")


def test_danger_on_the_machine_is_a_matter_at_once_with_its_alarm(world, token):
    call = hear(token, "voicemail", text="隔壁着火了，快来人", at=datetime(2026, 11, 24, 23, 30, tzinfo=ZONE))
    with world.acting("琴"):
        m = Matter.objects.get(pk=Call.objects.get(pk=call).matter_id)
        assert (m.urgency, m.channel) == ("urgent", "voicemail")
        assert m.remind_at is not None
        assert m.moves.get().detail["urgent"] == ["着火"]


def test_voicemail_about_staff_goes_to_discipline_and_leaves_no_words_in_the_call(world, token):
    call = hear(token, "voicemail", text="我要举报，村书记冒领补贴还打人，漏电也不管", at=timezone.now())
    with world.acting("琴"):
        row = Call.objects.get(pk=call)
        assert (row.matter_id, row.voicemail_cipher, row.done) == (None, None, "taken")
        assert not Matter.objects.filter(channel="voicemail").exists()
    with world.acting("监"):
        m = Matter.objects.get(channel="voicemail")
        assert (m.restricted, m.home_desk) == (True, COUNTY + "/JW")


# --- call backs ------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def replied(world, token) -> Matter:
    """Taken at the hotline, done by the building department, answered."""
    now = timezone.now()
    with world.acting("琴") as qin:
        m = calls.take_down(asked=asked(lead=COUNTY + "/12", phone=PHONE), call=None, hotline="4888365", by=qin, at=now).matter
    with world.acting("建") as jian:
        m = handling.sign(matter=m, by=jian, at=now)
        return handling.reply(matter=m, words="已清理落石并装了防护网", outcome="solved", by=jian, at=now)


def test_the_list_of_call_backs_holds_it_and_never_for_the_handler(world, replied):
    with world.acting("琴") as qin:
        assert [w.id for w in queries.waiting(qin, at=timezone.now())] == [replied.pk]
        assert calls.number_of_requester(matter=replied, by=qin) == ("姜水仙", PHONE)
    with world.acting("建") as jian:
        assert queries.waiting(jian, at=timezone.now()) == []
        with pytest.raises((NotYours, NotHere)):
            calls.call_back(matter=replied, channel="phone", reached=True, solved="yes", satisfied="yes", by=jian, at=timezone.now())


def test_three_failed_calls_on_two_days_close_it(world, replied):
    now = timezone.now()
    with world.acting("琴") as qin:
        for n, at in enumerate((now, now + timedelta(hours=1), now + timedelta(days=1))):
            m = calls.call_back(matter=replied, channel="phone", reached=False, by=qin, at=at)
            assert (m.state == State.CLOSED) == (n == 2)


@pytest.mark.parametrize(("digit", "state", "satisfied"), [("1", State.CLOSED, "yes"), ("2", State.CLOSED, "fairly"), ("3", State.REDO, "no")])
def test_a_key_press_is_a_call_back(world, token, replied, digit, state, satisfied, monkeypatch):
    call = hear(token, "rate", "ivr-1", digits=digit, matter=replied.number)
    with world.acting("琴"):
        row = Call.objects.get(pk=call)
        assert (row.matter_id, row.score) == (replied.pk, int(digit))
    stranger = hear(token, "rate", "ivr-2", "15400002222", digits="3", matter=replied.number)
    with world.acting("琴"):
        assert Call.objects.get(pk=stranger).matter_id is None   # the number of somebody else's matter rates nothing
    assert rules.KEYS[int(digit)][1] == satisfied
    assert state in State


# --- duty, the book of answers ---------------------------------------------------------------------------------------------------------


def clerk(world, name: str = "文") -> uuid.UUID:
    with world.acting(name) as me:
        return me.id


def test_at_night_whoever_is_on_duty_answers_then_the_substitute_then_the_fallback_then_the_machine():
    until = timezone.now()
    main, second = rules.OnDuty("严文", "15400000011", "main", until), rules.OnDuty("郑书香", "15400000012", "second", until)
    table = [
        (True, [("8001", "祝琴")], [main], "110", ("desk", ("8001",))), (True, [], [second, main], "", ("duty", ("15400000011", "15400000012"))), (False, [("8001", "祝琴")], [main], "", ("duty", ("15400000011",))),
        (False, [("8001", "祝琴")], [], "", ("desk", ("8001",))), (False, [], [], "0570-4012345", ("fallback", ("0570-4012345",))), (False, [], [], "", ("voicemail", ())), (False, [], [rules.OnDuty("x", "", "main", until)], "", ("voicemail", ())),
    ]
    for open_now, seated, duty, fallback, wanted in table:
        found = rules.answers_now(open_now=open_now, seated=seated, duty=duty, fallback=fallback)
        assert (found.how, found.to) == wanted


def test_the_telephone_system_asks_who_answers_and_hears_the_number(world, token):
    wen = clerk(world)
    now = timezone.now()
    with world.acting("琴") as qin:
        made = rota.plan(desk=HOTLINE, staff=wen, kind="round", first=timezone.localdate(now), last=timezone.localdate(now) + timedelta(days=1), phone="15400000011", by=qin, at=now)
        assert len(made) == 2
        with pytest.raises(Refused, match="已经有人"):
            rota.plan(desk=HOTLINE, staff=wen, kind="night", first=timezone.localdate(now), last=timezone.localdate(now), phone="15400000011", by=qin, at=now)
    begun = made[0].starts_at <= now
    found = rota.now(token=token, origin="cti", at=now)
    assert found.to == (("15400000011",) if begun else ())
    with world.acting("文") as me:
        assert [s.masked for s in queries.my_shifts(me, at=now)] == ["154 **** 0011"] * 2


def test_a_shift_changes_hands_only_with_a_yes(world, token):
    wen, xiang = clerk(world), clerk(world, "香")
    now = timezone.now()
    with world.acting("琴") as qin:
        shift = rota.plan(desk=HOTLINE, staff=wen, kind="night", first=timezone.localdate(now) + timedelta(days=1), last=timezone.localdate(now) + timedelta(days=1), phone="15400000011", by=qin, at=now)[0]
    with world.acting("兰") as lan:
        with pytest.raises(NotYours):
            rota.ask_swap(shift=shift.pk, to=xiang, by=lan)
        with pytest.raises(NotYours):
            rota.accept_swap(shift=shift.pk, phone="15400000099", by=lan)
    with world.acting("文") as me:
        rota.ask_swap(shift=shift.pk, to=xiang, by=me)
        assert [s.staff for s in queries.my_shifts(me, at=now)] == [wen]
    with world.acting("香") as me:
        assert [(s.pk, s.swap_to) for s in queries.my_shifts(me, at=now)] == [(shift.pk, xiang)]
        with pytest.raises(Missing):
            rota.accept_swap(shift=shift.pk, phone="12", by=me)
        rota.accept_swap(shift=shift.pk, phone="15400000012", by=me)
        assert [(s.staff, s.came_from) for s in queries.my_shifts(me, at=now)] == [(xiang, shift.pk)]
    with world.acting("文") as me:
        assert queries.my_shifts(me, at=now) == []


def test_an_extension_is_ones_own_until_somebody_else_sits_down(world, token):
    with world.acting("琴") as qin:
        rota.sit_down(number="8001", by=qin, at=timezone.now())
        with pytest.raises(Missing):
            rota.sit_down(number="八千", by=qin, at=timezone.now())
        rota.sit_down(number="8001", by=qin, at=timezone.now())
    hear(token, "newCall")
    call = hear(token, "answer", answeringNumber="8001")
    with world.acting("琴") as qin:
        assert queries.ring(qin)[0].mine
        assert Call.objects.get(pk=call).operator == qin.id
    with world.acting("香") as me, pytest.raises(NotYours):
        rota.sit_down(number="8001", by=me, at=timezone.now())


def test_the_book_of_answers_is_written_by_the_hotline_and_found_by_what_people_say(world):
    now = timezone.now()
    with world.acting("琴") as qin:
        rota.write_answer(area=COUNTY, question="医保异地就医怎么备案", answer="在浙里办“异地就医备案”里填，当天生效。", source="江山市医保局 2026-10", keywords=["异地备案", "异地看病"], by=qin, at=now)
        entry = rota.write_answer(area=COUNTY, question="危房改造谁能申请", answer="低保、特困等六类家庭，房屋鉴定为 C 级或 D 级。", source="建村〔2026〕1号", keywords=["危房"], valid_to=timezone.localdate(now), by=qin, at=now)
        assert [k.question for k, _w in queries.answers_for(qin, "我娘在杭州，异地看病能不能报", COUNTY, at=now)] == ["医保异地就医怎么备案"]
        assert queries.answers_for(qin, "今天天气好", COUNTY, at=now) == []
        assert [k.question for k in queries.book(qin, PENGLI, at=now + timedelta(days=2))] == ["医保异地就医怎么备案"]
        for lack, field in (({"question": "短"}, "question"), ({"answer": ""}, "answer"), ({"source": ""}, "source"), ({"valid_to": date(2020, 1, 1)}, "valid_to")):
            with pytest.raises(Missing) as found:
                rota.write_answer(**({"area": COUNTY, "question": "危房改造谁能申请", "answer": "六类家庭可以申请", "source": "文件", "keywords": [], "by": qin, "at": now} | lack))
            assert found.value.field == field
        rota.write_answer(area=COUNTY, question="危房改造谁能申请", answer="低保、特困等七类家庭可以申请。", source="建村〔2026〕9号", keywords=["危房"], instead=entry.pk, by=qin, at=now)
        with pytest.raises(Refused, match="别人改过"):
            rota.write_answer(area=COUNTY, question="危房改造谁能申请", answer="低保、特困等八类家庭。", source="文件", keywords=[], instead=entry.pk, by=qin, at=now)
    with world.acting("香") as xiang, pytest.raises(NotYours):
        rota.write_answer(area=COUNTY, question="危房改造谁能申请", answer="谁都可以申请", source="文件", keywords=[], by=xiang, at=now)
