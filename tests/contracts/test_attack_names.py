"""In somebody's name, out of turn, by guessing: what an officer with a token of his own and free SQL may not do to the rows of his own village.

Invariant: each attack goes around the program (psycopg, the application's own role); two of one village play it, 香 its secretary and 文 its clerk,
each with a token of his own. What two must do, one does not; what somebody said, nobody else says for him.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from minqing.contact.rules import meetings as meeting_rules
from tests.contracts import foreign
from tests.contracts.attacks import refused
from tests.contracts.foreign import Prober, superuser
from tests.people import PENGLI

pytestmark = pytest.mark.usefixtures("rows")

GRID = PENGLI + "001"
MADE = ("contact_votecount", "contact_resolution", "contact_agendaitem", "contact_meeting", "contact_handover", "contact_booking", "contact_dayseat", "contact_contactday", "contact_finding", "contact_decision", "contact_analysis",
        "contact_transferevent", "contact_opinion", "sync_device", "notify_message", "contact_feed")


def person(name: str) -> uuid.UUID:
    with superuser() as root:
        return root.execute("select id from access_staff where name like %s", [f"%{name}"]).fetchone()[0]


@pytest.fixture(autouse=True)
def tidy(rows: foreign.Rows) -> Iterator[None]:
    """What an attack of this file commits goes again."""
    with superuser() as root:
        before = {t: [str(i) for (i,) in root.execute(f"select id from {t}")] for t in MADE}
    yield
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table, stood in before.items():
            root.execute(f"delete from {table} where id::text <> all (%s)", [stood])


def put(table: str, **values: Any) -> uuid.UUID:
    """A row as the program would have made it; triggers and policies are not what is tried here."""
    number = uuid.uuid4()
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        needed = root.execute("select column_name, data_type from information_schema.columns where table_schema = 'public' and table_name = %s and is_nullable = 'NO' and column_default is null", [table]).fetchall()
        plain = {"text": "", "character varying": "", "boolean": False, "integer": 0, "smallint": 0, "ARRAY": [], "jsonb": "{}", "uuid": uuid.uuid4(), "timestamp with time zone": "2026-12-01 10:00+08", "date": "2026-12-01", "bytea": b"x"}
        row = {**{c: plain[kind] for c, kind in needed}, "id": number, **values}
        root.execute(f"insert into {table} ({', '.join(map(json.dumps, row))}) values ({', '.join(['%s'] * len(row))})", list(row.values()))
    return number


def as_(p: Prober, name: str, statement: str, *parameters: Any) -> Any:
    """One statement in a transaction of its own, kept."""
    p.begin(name)
    got = p(statement, *parameters)
    p("commit" if not refused(got) else "rollback")
    return got


def meeting(kind: str = "delegates", **more: Any) -> uuid.UUID:
    return put("contact_meeting", area_code=PENGLI, kind=kind, title="会", chair=person("香"), recorder=person("文"), made_by=person("香"),
               **{"state": "held", "due": 42, "present": 31, "starts_at": "2026-12-03 19:00+08", "ends_at": "2026-12-03 21:00+08", "noticed_at": "2026-11-21 10:00+08", **more})


def item(of: uuid.UUID, **more: Any) -> uuid.UUID:
    return put("contact_agendaitem", area_code=PENGLI, meeting_id=of, title="水槽", made_by=person("香"), **{"options": ["同意", "反对"], "ballots": True, **more})


COUNT = "insert into contact_votecount (id, area_code, item_id, turn, counter, figures, invalid, entered_by, entered_at) values (gen_random_uuid(), %s, %s, %s, %s, %s, %s, access.claim('staff')::uuid, now())"
RESOLVE = """insert into contact_resolution (id, area_code, meeting_id, item_id, number, text, passed, by_count, sentence, figures, decided_on, state, made_by, made_at)
             values (gen_random_uuid(), %s, %s, %s, %s, 'x', true, %s, 'x', %s, '2026-12-03', 'open', access.claim('staff')::uuid, now())"""


# --- who acts has a name ---------------------------------------------------------------------------------------------------


def handover() -> uuid.UUID:
    return put("contact_handover", area_code=GRID, giver=person("香"), taker=person("兰"), made_by=person("香"), gave_at="2026-11-20 10:00+08", gave_by=person("香"))


@pytest.mark.parametrize("who", ["nobody", "calendar"])
def test_nobody_signs_a_handover_for_another(rows, who):
    """A comparison with a name that is not there is neither yes nor no: it went through."""
    number, token = handover(), f"calendar-{uuid.uuid4()}"
    put("contact_feed", kind="own", area_code="", staff=person("兰"), digest=hashlib.sha256(token.encode()).digest(), made_by=person("兰"))
    with Prober() as p:
        p("begin")
        if who == "calendar":
            assert not refused(p("select access.enter_feed(%s, 'test')", token))
        got = p("select access.hand_over(%s, null, 'took', true, null)", number)
        assert refused(got) or got == [("not yours",)]
        p("commit")
        assert as_(p, "香", "select access.hand_over(%s, null, 'took', true, null)", number) == [("not yours",)]
        assert as_(p, "兰", "select access.hand_over(%s, null, 'took', true, null)", number) == [("done",)]


def test_an_address_of_a_calendar_reads_days_and_nothing_that_is_its_owners(rows):
    token = f"calendar-{uuid.uuid4()}"
    put("contact_feed", kind="own", area_code="", staff=person("兰"), digest=hashlib.sha256(token.encode()).digest(), made_by=person("兰"))
    handover()
    with superuser() as root:
        tables = [t for (t,) in root.execute("select c.relname from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and has_any_column_privilege('minqing_app', c.oid, 'select')")]
    with Prober() as p:
        p("begin")
        assert not refused(p("select access.enter_feed(%s, 'test')", token))
        seen = set()
        for table in tables:
            p("savepoint s")
            got = p(f"select 1 from {table} limit 1")
            if refused(got):
                p("rollback to s")
            elif got:
                seen.add(table)
        assert {t for t in seen if t.startswith(("archives_", "service_", "notify_", "gather_", "sync_"))} <= {"service_catalogueitem", "service_policyrule", "service_workcalendarday"}
        assert {t for t in seen if t.startswith("access_")} <= {"access_area", "access_areaalias", "access_areasuccession", "access_role", "access_roleright", "access_staff"}
        assert p("select name from access_staff") == [("姜晓兰",)]
        assert not seen & {"contact_handover", "contact_handoveritem", "contact_booking", "contact_dutyabsence", "contact_dutyvisitor", "contact_mentoring", "contact_visit", "contact_opinion", "contact_votecount"}


@pytest.mark.parametrize("who", ["a visitor", "another resident"])
def test_only_the_requester_answers_for_himself(rows, who):
    """A matter that came by telephone has no account, a visitor has none either: they were taken for one another."""
    matter = rows.ids[foreign.QIANG]["matter_id"]
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        stood = root.execute("select account, state from service_matter where id = %s", [matter]).fetchone()
        root.execute("update service_matter set account = null, state = 'processing' where id = %s", [matter])
    try:
        with Prober("resident") as p:
            p("begin")
            p("select access.enter_public('test', 'test')" if who == "a visitor" else f"select access.enter_resident('resident-{GRID}', 'test', 'test')")
            for digests in ("{}", None, "{\\\\x61}"):
                assert p("select access.requester_move(%s, %s, 'withdraw', null, 'x', '{}', '{}')", matter, digests) == [("gone",)], digests
    finally:
        with superuser() as root:
            root.execute("set session_replication_role = replica")
            root.execute("update service_matter set account = %s, state = %s where id = %s", [*stood, matter])


def test_a_consent_is_taken_back_by_whose_it_is(rows):
    made = uuid.uuid4()
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("insert into access_consent (id, kind, person_id, name, phone_tail, relation, sensitive, how, witness, starts_at, ends_at, tries) values (%s, 'household', %s, '', '', '', false, 'portal', '', now(), now() + interval '1 day', 0)",
                     [made, rows.person(foreign.FAR)])
    try:
        for role, entering in (("resident", "select access.enter_public('test', 'test')"), ("resident", f"select access.enter_resident('resident-{GRID}', 'test', 'test')"), ("app", f"select access.enter('{foreign.TOKENS['兰']}', 'test', 'test')")):
            with Prober(role) as p:
                p("begin")
                assert not refused(p(entering))
                assert p("select access.withdraw_consent(%s)", made) == [(False,)], entering
    finally:
        with superuser() as root:
            root.execute("delete from access_consent where id = %s", [made])


def test_a_day_is_not_overfilled_by_saying_neither_yes_nor_no(rows):
    day = put("contact_contactday", area_code=PENGLI, kind="joint", state="announced", day="2099-12-01", starts_at="2099-12-01 09:00+08", ends_at="2099-12-01 11:00+08", slot_minutes=0, capacity=1, made_by=person("香"), laid_for="")
    ask = "select access.book(gen_random_uuid(), %s, null, 'window', %s, null, null, '\\x61', '\\x61', false, {walk})"
    with Prober() as p:
        assert as_(p, "香", ask.format(walk="false"), day, PENGLI) == [("ok",)]
        assert as_(p, "香", ask.format(walk="false"), day, PENGLI) == [("full",)]
        assert as_(p, "香", ask.format(walk="null"), day, PENGLI) == [("absent",)]


# --- counts, decisions, states -----------------------------------------------------------------------------------------------


def test_the_second_counter_does_not_try_out_the_firsts_figures(rows):
    """Counted, tried whether a further turn or a decision is let in, taken back: the answer said whether the guess was right."""
    of = meeting()
    about = item(of)
    with Prober() as p:
        assert not refused(as_(p, "香", COUNT, PENGLI, about, 1, "甲", [17, 13], 1))
        heard = {}
        for guess in ([16, 14], [17, 13]):
            p.begin("文")
            assert not refused(p(COUNT, PENGLI, about, 1, "乙", guess, 1))
            p("savepoint s")
            further = p(COUNT, PENGLI, about, 2, "乙", [17, 13], 1)
            p("rollback to s")
            decided = p(RESOLVE, PENGLI, of, about, "x1", True, json.dumps({"votes": guess, "invalid": 1, "options": ["同意", "反对"]}))
            heard[str(guess)] = (str(further), str(decided))
            p("rollback")
        assert len(set(heard.values())) == 1 and "not this turn" in str(heard) and "not what was counted" in str(heard)
        # kept, it decides
        assert not refused(as_(p, "文", COUNT, PENGLI, about, 1, "乙", [17, 13], 1))
        assert not refused(as_(p, "香", RESOLVE, PENGLI, of, about, "x1", True, json.dumps({"votes": [17, 13], "invalid": 1, "options": ["同意", "反对"]})))


@pytest.mark.parametrize(("figures", "invalid", "ballots"), [([30, 2], 0, True), ([0, 0], 0, True), ([10, 5], 1, False), ([-1, 20], 0, True), ([None, 20], 0, True)])
def test_no_count_is_of_more_than_came(rows, figures, invalid, ballots):
    """rules/meetings.wrong_count, in the database."""
    about = item(meeting(), ballots=ballots)
    assert None in figures or min(figures) < 0 or meeting_rules.wrong_count(figures, invalid, 31, ballots=ballots)
    with Prober() as p:
        assert isinstance(as_(p, "香", COUNT, PENGLI, about, 1, "甲", figures, invalid), psycopg.errors.CheckViolation)


@pytest.mark.parametrize(("kind", "due", "present", "homes", "came"), [
    ("delegates", 42, 28, None, None), ("delegates", 42, 27, None, None), ("delegates", 43, 28, None, None), ("delegates", None, 30, None, None), ("delegates", 0, 30, None, None), ("assembly", 100, 50, None, None), ("assembly", 100, 51, None, None),
    ("assembly", 100, 40, 60, 40), ("assembly", 100, 40, 60, 39), ("party", 30, 15, None, None), ("party", 30, 16, None, None)])
def test_a_decision_needs_enough_people(rows, kind, due, present, homes, came):
    """As rules/meetings.quorum says, for whoever goes around it."""
    of = meeting(kind, due=due, present=present, households=homes, households_present=came)
    about = item(of)
    figures = [present, 0]
    for by in ("香", "文"):
        put("contact_votecount", area_code=PENGLI, item_id=about, turn=1, counter=by, figures=figures, invalid=0, entered_by=person(by))
    with Prober() as p:
        got = as_(p, "香", RESOLVE, PENGLI, of, about, "x2", True, json.dumps({"votes": figures, "invalid": 0, "options": ["同意", "反对"]}))
        if refused(got) and present < (due or 0) // 2 + 1 and kind == "party":
            assert "not what was counted" in str(got) or "not enough" in str(got)
        assert refused(got) is not meeting_rules.quorum(kind, due=due, present=present, households=homes, households_present=came).enough


def test_how_many_came_is_not_put_right_after_the_count(rows):
    of = meeting()
    about = item(of)
    with Prober() as p:
        assert not refused(as_(p, "香", "update contact_meeting set present = 30 where id = %s", of))
        put("contact_votecount", area_code=PENGLI, item_id=about, turn=1, counter="甲", figures=[10, 20], invalid=0, entered_by=person("香"))
        for change in ("present = 19", "due = 20", "households = 3", "households_present = 3"):
            assert refused(as_(p, "香", f"update contact_meeting set {change} where id = %s", of)), change


def test_a_meeting_goes_through_its_states_one_after_the_other(rows):
    """The copy in the database is rules/meetings.MOVES."""
    moves = {(source, target) for sources, target in meeting_rules.MOVES.values() for source in sources if source != target}
    with superuser() as root:
        source = root.execute("select prosrc from pg_proc where proname = 'meeting_goes_on'").fetchone()[0]
    assert {tuple(m) for m in re.findall(r"'([a-z]+)>([a-z]+)'", source)} == moves
    with Prober() as p:
        for was in meeting_rules.STATES:
            for to in set(meeting_rules.STATES) - {was}:
                signed = {} if was in ("planned", "noticed", "held", "cancelled") else {"chair_signed_at": "2026-12-04 10:00+08", "recorder_signed_at": "2026-12-04 10:00+08", "minutes_cipher": b"x"}
                of = meeting(state=was, **signed)
                got = as_(p, "香", "update contact_meeting set state = %s where id = %s", to, of)
                assert refused(got) or (was, to) in moves, (was, to)
                if (was, to) in moves and to not in ("signed",):
                    assert not refused(got), (was, to, got)
        untold = meeting(state="planned", noticed_at=None)
        assert refused(as_(p, "香", "update contact_meeting set state = 'noticed' where id = %s", untold))


def test_a_call_is_closed_by_somebody(rows):
    call = put("contact_transferevent", area_code=PENGLI, zones=[], level="II", reason="x", started_by=person("香"), closed_by=None, closed_at=None)
    with Prober() as p:
        assert refused(as_(p, "文", "update contact_transferevent set closed_at = now() where id = %s", call))
        assert refused(as_(p, "文", "update contact_transferevent set closed_at = now(), closed_by = %s where id = %s", person("香"), call))
        assert not refused(as_(p, "文", "update contact_transferevent set closed_at = now(), closed_by = %s where id = %s", person("文"), call))


# --- in whose name -------------------------------------------------------------------------------------------------------------


def test_answers_and_sentences_are_their_authors(rows):
    of = put("contact_analysis", area_code=PENGLI, month="2099-12-01", signed_at=None, signed_by=None, drafted_by=person("香"))
    finding = put("contact_finding", area_code=PENGLI, analysis_id=of, section="x", key="x", edited_by=person("香"), words_cipher=b"said")
    decision = put("contact_decision", area_code=PENGLI, analysis_id=of, made_by=person("香"))
    day = put("contact_contactday", area_code=PENGLI, kind="joint", state="announced", day="2099-12-02", starts_at="2099-12-02 09:00+08", ends_at="2099-12-02 11:00+08", laid_for="")
    booking = put("contact_booking", area_code=PENGLI, place_code=PENGLI, day_id=day, via="window", state="booked", outcome="")
    seat = put("contact_dayseat", area_code=PENGLI, day_id=day, staff=person("香"), organisation_id=None, state="asked", made_by=person("香"))
    said = put("contact_opinion", area_code=PENGLI, meeting_id=meeting(), number=1, said_cipher=b"said", typed_by=person("香"), item_id=None, matter_id=None, person_id=None)
    xiang, wen = person("香"), person("文")
    with Prober() as p:
        for forged in (
            ("update contact_finding set words_cipher = '\\x62' where id = %s", finding), ("update contact_finding set struck = true where id = %s", finding), ("update contact_finding set edited_at = now() where id = %s", finding),
            ("update contact_decision set payload = '\\x62' where id = %s", decision), ("update contact_decision set due_on = '2099-01-01' where id = %s", decision),
            ("update contact_booking set answered_by = %s, answered_at = now() where id = %s", xiang, booking), ("update contact_booking set called_by = %s where id = %s", xiang, booking),
            ("update contact_dayseat set state = 'coming', answered_by = %s where id = %s", xiang, seat), ("update contact_opinion set said_cipher = '\\x62' where id = %s", said),
        ):
            assert refused(as_(p, "文", *forged)), forged
        for own in (
            ("update contact_finding set words_cipher = '\\x62', edited_by = %s, edited_at = now() where id = %s returning 1", wen, finding), ("update contact_booking set answered_by = %s, answered_at = now() where id = %s returning 1", wen, booking),
            ("update contact_dayseat set state = 'coming', answered_by = %s, answered_at = now() where id = %s returning 1", wen, seat), ("update contact_opinion set said_cipher = null where id = %s returning 1", said),
        ):
            assert as_(p, "文", *own) == [(1,)], own


#: Columns that name who did something, and what is said under that name: changed by a statement of the application, they are the caller's own.
NAMED = {
    "contact_booking": {"answered_by", "called_by"}, "contact_dayseat": {"answered_by"}, "contact_finding": {"edited_by"}, "sync_device": {"closed_by"}, "notify_message": {"delivered_by"}, "notify_mark": {"ended_by"},
    "service_errand": {"confirmed_by"}, "service_mediationpromise": {"by"}, "service_call": {"done_by"}, "service_offer": {"changed_by"},
}
#: Held by a policy or a trigger of their own: who writes these writes himself.
BY_POLICY = {
    "contact_analysis": {"drafted_by", "read_by", "signed_by"}, "contact_objection": {"answered_by"}, "contact_transferevent": {"closed_by"}, "service_orderrow": {"settled_by"}, "service_padslip": {"voided_by"}, "service_paper": {"returned_by"},
    "service_placecard": {"revoked_by"}, "contact_rhythm": {"made_by"}, "contact_market": {"made_by"}, "contact_dutyrota": {"made_by"},
    "contact_contactday": {"led_by"},  # whose day it is: arranged, not said in his name
}
#: An area's own settings, where whoever keeps them says who made a line; ways and ends of things that name no colleague.
SETTINGS = {"service_dispatchrule", "service_limit", "service_agentcard", "service_partneritem", "service_workcalendarday", "service_foreignorder"}


def test_every_column_that_names_who_did_it_is_the_callers_own():
    with superuser() as root:
        found = root.execute("""select p.table_name, p.column_name from information_schema.column_privileges p join information_schema.columns c using (table_schema, table_name, column_name)
            where p.grantee = 'minqing_app' and p.privilege_type = 'UPDATE' and c.udt_name = 'uuid' and p.table_name ~ '^(contact|service|sync|notify)_' and p.column_name ~ '(^|_)by$'""").fetchall()
        kept = {(t, c) for t, cs in root.execute("select c.relname, array(select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = any (t.tgattr)) from pg_trigger t join pg_class c on c.oid = t.tgrelid where t.tgname = 'keep'").fetchall() for c in cs}
        named: dict[str, set[str]] = {}
        for table, arguments in root.execute("select c.relname, encode(t.tgargs, 'escape') from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid where p.proname = 'own_name'").fetchall():
            named.setdefault(table, set()).add(arguments.split("\\000")[0])
    assert named == NAMED
    assert [(t, c) for t, c in found if (t, c) not in kept and c not in NAMED.get(t, set()) | BY_POLICY.get(t, set()) and t not in SETTINGS] == []


def test_who_visited_and_whom_stays_as_it_was_written(rows):
    with superuser() as root:
        held = {t: {c for (c,) in root.execute("select column_name from information_schema.column_privileges where grantee = 'minqing_app' and privilege_type = 'UPDATE' and table_name = %s", [t])} for t in ("contact_visit", "contact_checkup", "contact_door")}
    assert held == {"contact_visit": {"how", "topics", "companions", "words_cipher", "version", "outcome_cipher", "act", "voided_at"}, "contact_checkup": {"voided_at"}, "contact_door": {"ended_at"}}
    with Prober() as p:
        for change in ("met = array[gen_random_uuid()]", "visited_by = gen_random_uuid()", "visited_at = now()", "grid_code = '1'"):
            assert isinstance(as_(p, "兰", f"update contact_visit set {change}"), psycopg.errors.InsufficientPrivilege), change
        assert isinstance(as_(p, "兰", "update contact_checkup set person_id = %s", rows.person(foreign.FAR)), psycopg.errors.InsufficientPrivilege)


@pytest.mark.parametrize("stopped", ["revoked", "lost"])
def test_a_stopped_phone_is_not_set_going_again(rows, stopped):
    phone = put("sync_device", staff=person("兰"), state=stopped, closed_by=None, closed_at=None)
    with Prober() as p:
        assert refused(as_(p, "兰", "update sync_device set state = 'active' where id = %s", phone))
        assert refused(as_(p, "兰", "update sync_device set closed_by = %s, closed_at = now() where id = %s", person("香"), phone))
        assert refused(as_(p, "兰", "update sync_device set state = 'revoked' where id = %s", phone)) is (stopped == "lost")


def test_a_message_is_not_rewritten_on_its_way(rows):
    message = put("notify_message", grid_code=GRID, event=f"x{uuid.uuid4()}", recipient="x", desk="", person=None, household=None, staff=None, template="x", kind="own", channel="person", state="waiting", made_by=person("香"), assigned=person("兰"), delivered_by=None, route=["person"])
    with Prober() as p:
        for forged in ("values_cipher = '\\x62'", "\"values\" = '{\"a\": 1}'", "phone_cipher = '\\x62'", "phone_tail = '0000'", "name = 'x'"):
            assert refused(as_(p, "兰", f"update notify_message set {forged} where id = %s", message)), forged
        assert refused(as_(p, "兰", "update notify_message set delivered_by = %s, state = 'delivered' where id = %s", person("香"), message))
        assert as_(p, "兰", "update notify_message set delivered_by = %s, delivered_at = now(), closed_at = now(), state = 'delivered' where id = %s returning 1", person("兰"), message) == [(1,)]


def test_nobody_is_shut_out_of_a_matter_by_being_named_in_it_afterwards(rows):
    matter = rows.ids[GRID]["matter_id"]
    name = "insert into service_party (id, matter_id, role, staff, key_no, masked, hidden, call_home) values (gen_random_uuid(), %s, 'accused', %s, 0, '', true, false) returning 1"
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        stood = root.execute("select desk_code, staff, role from service_seat where matter_id = %s", [matter]).fetchone()
        root.execute("update service_seat set desk_code = %s, staff = null, role = 'home', restricted = false, barred = '{}' where matter_id = %s", [GRID, matter])
    try:
        with Prober() as p:
            p.begin("兰")
            assert p("select 1 from service_matter where id = %s", matter) == [(1,)]
            assert refused(p(name, matter, person("香")))
    finally:
        with superuser() as root:
            root.execute("set session_replication_role = replica")
            root.execute("update service_seat set desk_code = %s, staff = %s, role = %s where matter_id = %s", [*stood, matter])
