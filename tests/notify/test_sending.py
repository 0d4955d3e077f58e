"""The minute job, committed and through real connections: two callers at once, two workers at once, the power that goes in between,
receipts, gateways that are down."""

from __future__ import annotations

import json
import threading
import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connections

from minqing.gateways.sms import NoGateway
from minqing.gateways.webhook import Outcome, Result, sign
from minqing.notify.actions import marks, messages, receipts, sending
from minqing.notify.channels import sms
from minqing.notify.models import Mark
from minqing.notify.rules import templates
from tests.people import PENGLI

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # Friday 10:00
GRID = PENGLI + "000"
PHONE = "15400000007"
VALUES = templates.TEMPLATES["matter.answer"].samples


def tell(world, event="e", **to):
    with world.acting("香") as me:
        return messages.tell(event=event, grid=GRID, template="matter.answer", values=VALUES, by=me, at=AT, **{"phone": PHONE, "name": "姜水仙", **to})


def now_of(root, number) -> dict:
    row = root.execute("select state, channel, attempts, last_error, not_before, gateway, handed_at, delivered_at from notify_message where id = %s", [number]).fetchone()
    return dict(zip(("state", "channel", "attempts", "last_error", "not_before", "gateway", "handed_at", "delivered_at"), row, strict=True))


def send(at=AT):
    return sending.send_due(now=lambda: at)


class Answers:
    """A gateway that answers what the test says."""

    name, receipts = "http", True

    def __init__(self, *results: Result) -> None:
        self.results, self.keys = list(results), []

    def send(self, *, phone: str, text: str, key: str, now: float) -> Outcome:
        self.keys.append(key)
        result = self.results.pop(0) if len(self.results) > 1 else self.results[0]
        return Outcome(result, {Result.LATER: "短信网关暂时不能接收（503），稍后再试。", Result.REFUSED: "短信网关拒收（400）。"}.get(result, ""), "gw-1")


@pytest.fixture
def gateway(monkeypatch):
    def use(*results: Result) -> Answers:
        made = Answers(*results)
        monkeypatch.setattr(sms, "gateway", lambda: made)
        return made
    return use


@pytest.fixture(autouse=True)
def _closed(committed):
    yield
    connections["jobs"].close()


def test_a_due_message_leaves_and_the_line_can_be_read(committed, root, texts):
    made = tell(committed)
    assert send() == {"handed": 1}
    (line,) = texts.lines()
    assert line["to"] == PHONE and line["text"].startswith("【连心民情】姜水仙，您的事（26 0000 0083）办好了：路灯已换新") and line["key"] == f"sms-{made.pk}"
    row = now_of(root, made.pk)
    assert (row["state"], row["gateway"], row["handed_at"], row["delivered_at"]) == ("handed", "file", AT, None)
    assert send() == {}
    entry = root.execute("select staff, area_code, persons, detail from access_auditentry where what = 'notice.send' order by at desc limit 1").fetchone()
    assert entry[:2] == (None, GRID) and entry[3]["message"] == str(made.pk)


def test_what_is_not_due_stays(committed, root, texts):
    with committed.acting("香") as me:
        night = messages.tell(event="n", grid=GRID, template="matter.answer", values=VALUES, by=me, at=AT + timedelta(hours=13), phone=PHONE)
    assert send() == {} and texts.lines() == []
    assert send(night.not_before) == {"handed": 1}


def test_a_job_that_stood_still_all_evening_wakes_nobody(committed, root, texts, settings):
    made = tell(committed)
    urgent = tell(committed, event="u", urgent=True)
    night = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # one in the morning
    assert send(night) == {"handed": 1}
    assert (now_of(root, made.pk)["state"], now_of(root, urgent.pk)["state"]) == ("waiting", "handed")
    settings.WEBHOOK_URL, settings.WEBHOOK_SECRET = "http://127.0.0.1:9/", "agreed"
    with committed.acting("香") as me:
        hook = messages.tell(event="h", grid=GRID, template="hook.matter", values=templates.TEMPLATES["hook.matter"].samples, channel="webhook", by=me, at=AT)
    assert send(night) == {"waiting": 1}, "a machine is not woken: tried, nobody there, later once more"
    assert "连不上对接系统" in now_of(root, hook.pk)["last_error"]


def test_nothing_is_due_before_the_clock_says_so(committed, root, texts):
    """The job cannot reach into the future by naming a later moment."""
    made = tell(committed)
    root.execute("update notify_message set not_before = now() + interval '1 hour' where id = %s", [made.pk])
    assert send(datetime.now(UTC) + timedelta(days=1)) == {}


def test_two_callers_at_once_tell_it_once(committed, root):
    barrier, found, problems = threading.Barrier(2), [], []

    def call() -> None:
        try:
            with committed.acting("香") as me:
                barrier.wait(10)
                made = messages.tell(event="race", grid=GRID, template="matter.answer", values=VALUES, by=me, at=AT, phone=PHONE)
                found.append(made.pk)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            problems.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []
    assert len(found) == 2 and len(set(found)) == 1
    assert root.execute("select count(*) from notify_message where event = 'race'").fetchone() == (1,)
    assert root.execute("select count(*) from notify_step s join notify_message m on m.id = s.message_id where m.event = 'race'").fetchone() == (1,)


def test_two_workers_at_once_send_it_once(committed, root, texts):
    for n in range(8):
        tell(committed, event=f"w{n}")
    barrier, counts = threading.Barrier(2), []

    def work() -> None:
        try:
            barrier.wait(10)
            counts.append(send())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(c.get("handed", 0) for c in counts) == 8
    assert len(texts.lines()) == len({line["key"] for line in texts.lines()}) == 8


def test_the_power_goes_between_the_gateway_and_the_commit(committed, root, texts, monkeypatch):
    """Never two text messages for one event: the second attempt carries the first one's key."""
    made = tell(committed)

    class Power(RuntimeError):
        """Gone."""

    def gone(*_args):
        raise Power

    with monkeypatch.context() as dark:
        dark.setattr(sending, "settle", gone)
        with pytest.raises(Power):
            send()
    assert len(texts.lines()) == 1 and now_of(root, made.pk)["state"] == "sending"
    assert send(AT + timedelta(minutes=5)) == {}, "another worker may still have it"
    assert send(AT + timedelta(minutes=11)) == {"handed": 1}
    assert len(texts.lines()) == 1
    assert (now_of(root, made.pk)["state"], now_of(root, made.pk)["attempts"]) == ("handed", 2)


def test_the_power_goes_before_the_gateway(committed, root, texts, monkeypatch):
    made = tell(committed)
    assert [c.id for c in sending.claim(AT)] == [made.pk]  # committed as being sent, and then nothing
    assert send(AT + timedelta(minutes=11)) == {"handed": 1} and len(texts.lines()) == 1


def test_a_torn_line_of_the_file_is_ended_and_the_next_message_is_whole(committed, root, texts):
    tell(committed)
    send()
    with texts.path.open("ab") as file:
        file.write(b'{"at": "2026-11-20T02:0')
    tell(committed, event="next")
    send()
    assert len(texts.lines()) == 2


def test_a_gateway_that_is_down_is_tried_again_and_then_somebody_calls(committed, root, gateway):
    made, asked, moment = tell(committed), gateway(Result.LATER), AT
    for n in range(1, 6):
        assert send(moment) == {"waiting": 1}
        row = now_of(root, made.pk)
        assert (row["channel"], row["attempts"]) == ("sms", n) and "稍后再试" in row["last_error"]
        assert row["not_before"] > moment
        root.execute("update notify_message set not_before = %s where id = %s", [moment, made.pk])
    assert send(moment) == {"voice": 1}
    row = now_of(root, made.pk)
    assert (row["state"], row["channel"], row["attempts"]) == ("waiting", "voice", 0)
    assert set(asked.keys) == {f"sms-{made.pk}"}
    moves = [m for (m,) in root.execute("select move from notify_step where message_id = %s order by at, id", [made.pk])]
    assert moves.count("retry") == 5 and "fail" in moves and "turn" in moves


def test_a_pause_that_ends_at_night_waits_for_the_morning(committed, root, gateway):
    made = tell(committed)
    gateway(Result.LATER)
    evening = datetime(2026, 11, 20, 12, 59, 30, tzinfo=UTC)  # 20:59:30
    send(evening)
    assert now_of(root, made.pk)["not_before"] == datetime(2026, 11, 21, 1, 0, tzinfo=UTC)  # Saturday 09:00


def test_a_worked_saturday_and_a_holiday_are_what_the_calendar_says(committed, root, texts):
    with committed.acting("香") as me:
        worked, holiday = (messages.tell(event=f"c{n}", grid=GRID, template="matter.answer", values=VALUES, by=me, at=moment, phone=PHONE)
                           for n, moment in enumerate((datetime(2026, 10, 10, 0, 10, tzinfo=UTC), datetime(2026, 10, 1, 0, 10, tzinfo=UTC))))
    assert worked.not_before == datetime(2026, 10, 10, 0, 10, tzinfo=UTC)   # 08:10 on a Saturday that is worked
    assert holiday.not_before == datetime(2026, 10, 1, 1, 0, tzinfo=UTC)    # National Day: not before 09:00


def test_a_number_that_is_refused_is_called_at_once(committed, root, gateway):
    made = tell(committed)
    gateway(Result.REFUSED)
    assert send() == {"voice": 1}
    assert now_of(root, made.pk)["last_error"] == "短信网关拒收（400）。"


def test_delivered_is_what_a_signed_receipt_says(committed, root, gateway, settings, tmp_path, monkeypatch):
    settings.SMS_SECRET = "agreed-with-the-gateway"
    monkeypatch.setattr(receipts, "folder", lambda: tmp_path / "receipts")
    made, other = tell(committed), tell(committed, event="f")
    gateway(Result.HANDED)
    assert send() == {"handed": 2}
    body = json.dumps({"receipts": [{"key": f"sms-{made.pk}", "delivered": True, "at": AT.isoformat()}, {"key": f"sms-{other.pk}", "delivered": False, "why": "空号"}, {"key": "of-somebody-else", "delivered": True}]}).encode()
    stamp = str(int(AT.timestamp()))
    for signature, timestamp in (("", stamp), (sign("wrong", int(stamp), body), stamp), (sign("agreed-with-the-gateway", int(stamp) - 900, body), str(int(stamp) - 900))):
        with pytest.raises(receipts.Forged):
            receipts.accept(body, timestamp=timestamp, signature=signature, at=AT)
    assert receipts.accept(body, timestamp=stamp, signature=sign("agreed-with-the-gateway", int(stamp), body), at=AT) == 3
    assert now_of(root, made.pk)["state"] == "handed", "the web process changes no message"
    assert send() == {"receipts": 2}
    assert (now_of(root, made.pk)["state"], now_of(root, made.pk)["delivered_at"]) == ("delivered", AT)
    row = now_of(root, other.pk)
    assert (row["state"], row["channel"]) == ("waiting", "voice") and "空号" in row["last_error"]
    assert send() == {} and not list((tmp_path / "receipts").iterdir())


def test_a_gateway_that_promised_a_receipt_and_kept_silent(committed, root, gateway):
    made = tell(committed)
    gateway(Result.HANDED)
    send()
    assert send(AT + timedelta(hours=23)) == {}
    assert send(AT + timedelta(hours=25)) == {"unconfirmed": 1}
    assert (now_of(root, made.pk)["state"], now_of(root, made.pk)["channel"]) == ("waiting", "voice")


def test_somebody_dies_while_a_message_waits_anywhere(committed, root, texts):
    person = uuid.uuid4()
    made, own = tell(committed, person=person), tell(committed, event="other")
    root.execute("insert into notify_mark (id, grid_code, person, what, kind, at) values (gen_random_uuid(), '330802008001001', %s, 'silent', '', now())", [person])
    assert send() == {"handed": 1}
    assert (now_of(root, made.pk)["state"], now_of(root, own.pk)["state"]) == ("cancelled", "handed")
    assert [line["key"] for line in texts.lines()] == [f"sms-{own.pk}"]


@pytest.mark.parametrize(("what", "kind", "state", "channel"), [("silent", "", "cancelled", "sms"), ("not_home", "", "handed", "sms"), ("opt_out", "own", "waiting", "person"), ("opt_out", "news", "handed", "sms")])
def test_a_mark_that_comes_later_is_honoured_by_the_sender(committed, root, texts, what, kind, state, channel):
    person = uuid.uuid4()
    made = tell(committed, person=person)
    root.execute("insert into notify_mark (id, grid_code, person, what, kind, at) values (gen_random_uuid(), %s, %s, %s, %s, now())", [GRID, person, what, kind])
    send()
    assert (now_of(root, made.pk)["state"], now_of(root, made.pk)["channel"]) == (state, channel)


def test_without_a_gateway_everybody_is_called(committed, root, monkeypatch, settings):
    monkeypatch.setattr(sms, "gateway", NoGateway)
    made = tell(committed)
    assert send() == {"voice": 1}
    settings.SMS = "off"
    assert tell(committed, event="second").channel == "voice"
    assert now_of(root, made.pk)["channel"] == "voice"


def test_a_message_that_cannot_be_opened_is_not_tried_for_ever(committed, root, texts):
    made = tell(committed)
    root.execute("update notify_message set phone_cipher = 'nonsense of enough bytes to be an envelope of something' where id = %s", [made.pk])
    assert send() == {"voice": 1}
    assert "打不开" in now_of(root, made.pk)["last_error"]


# --- the sender's reach -----------------------------------------------------------------------------------------------


def as_jobs() -> psycopg.Connection:
    database = django_settings.DATABASES["jobs"]
    return psycopg.connect(host=database["HOST"], port=database["PORT"], user=database["USER"], password=database["PASSWORD"], dbname=database["NAME"], autocommit=True)


def test_the_sender_reads_nothing_but_what_it_takes(committed, root):
    made = tell(committed)
    with as_jobs() as free:
        with free.transaction():
            free.execute("select access.enter_sender()")
            for table in ("notify_message", "notify_step", "notify_mark", "archives_household", "archives_resident", "archives_placement"):
                assert free.execute(f"select count(*) from {table}").fetchone() == (0,), table
            assert free.execute("update notify_message set state = 'delivered', delivered_at = now()").rowcount == 0
            assert [r[0] for r in free.execute("select id from access.claim_due(%s, 10, false)", [AT])] == [made.pk]
        for statement in ("select access.claim_due(now(), 10, false)", "select access.settle_message(gen_random_uuid(), now(), 'deliver', '', '', '', null, null)", "select access.honour_marks(null)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                free.execute(statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            free.execute("select access.note_message(gen_random_uuid(), now(), 'x', 'y')")


def test_the_sender_says_only_what_became_of_a_message(committed, root):
    made = tell(committed)
    with as_jobs() as free, free.transaction():
        free.execute("select access.enter_sender()")
        assert free.execute("select access.settle_message(%s, now(), 'deliver', '', '', '', null, null)", [made.pk]).fetchone() == ("",), "not taken: not settled"
        free.execute("select id from access.claim_due(%s, 10, false)", [AT])
        with pytest.raises(psycopg.errors.InvalidParameterValue), free.transaction():
            free.execute("select access.settle_message(%s, now(), 'whatever', '', '', '', null, null)", [made.pk])


def test_the_marks_of_one_rule_are_the_same_in_both_places(committed, root, texts):
    """access.honour_marks and routing.find_way: the same end for the same person, whichever was first."""
    from_sql, from_rule = {}, {}
    for what, kind in (("silent", ""), ("opt_out", "own"), ("opt_out", "policy"), ("not_home", "")):
        for shared in (False, True):
            person = uuid.uuid4()
            made = tell(committed, event=f"{what}{kind}{shared}", person=person)
            root.execute("update notify_message set phone_shared = %s where id = %s", [shared, made.pk])
            with committed.acting("香") as me:
                root.execute("insert into notify_mark (id, grid_code, person, what, kind, at, by) values (gen_random_uuid(), %s, %s, %s, %s, now(), %s)", [GRID, person, what, kind, me.id])
                assert marks.of(person) and Mark.objects.filter(person=person).count() == 1
                messages.honour(made, using="default")
            found = now_of(root, made.pk)
            from_sql[what, kind, shared] = (found["state"] != "cancelled", found["channel"])
            found_marks = messages.routing.Marks(what == "silent", what == "not_home", frozenset({kind} if what == "opt_out" else ()))
            way = messages.routing.find_way(messages.routing.Reach(phone=PHONE, phone_shared=shared), found_marks, kind=messages.routing.Kind.OWN)
            from_rule[what, kind, shared] = (bool(way.channels), way.channels[0].value if way.channels else "sms")
    assert from_sql == from_rule
