"""What has been kept long enough is erased by night: by the clock, whole slices, never what is open, never before the law's least time."""

from __future__ import annotations

import importlib
import json
import uuid
from argparse import Namespace
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connections, models, transaction
from psycopg import sql
from psycopg.types.json import Jsonb

from minqing.access import scope
from minqing.access.models import Consent, Feedback, LoginCode, Session
from minqing.commands import retention as command
from minqing.commands.output import Failed
from minqing.gather.models import Batch, Question, Statement
from minqing.notify.models import Mark, Message, Step
from minqing.service.actions import enclosures, retention
from minqing.service.models import (
    Attachment,
    Call,
    Care,
    Certificate,
    DutyShift,
    Errand,
    HandedChange,
    HelpRequest,
    Matter,
    Mediation,
    MedicineCheck,
    Offer,
    Pairing,
    Parcel,
    Party,
    TeamShift,
    Ticket,
    Volunteer,
)
from minqing.service.rules import retention as rules
from tests.contracts import foreign
from tests.contracts.foreign import superuser

NOW = datetime.now(UTC)
Plant = Callable[..., uuid.UUID]


@pytest.fixture
def plant(committed) -> Iterator[Plant]:
    """Rows that the night's own connection sees: `plant(Call, started_at=…)` gives the id; all go with the test."""
    made: list[tuple[str, uuid.UUID]] = []

    def one(model: type[models.Model], **given: Any) -> uuid.UUID:
        ids = {"person_id": uuid.uuid4(), "household_id": uuid.uuid4()}
        with superuser() as root:
            root.execute("set session_replication_role = replica")
            row = foreign.insert(root, model, foreign.OWN, ids, **given)["id"]
        made.append((model._meta.db_table, row))
        return row

    yield one
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table, row in made:
            root.execute(sql.SQL("delete from {} where id = %s").format(sql.Identifier(table)), [row])


def row(model: type[models.Model], pk: uuid.UUID, *columns: str) -> Any:
    with superuser() as root:
        found = root.execute(sql.SQL("select {} from {} where id = %s").format(sql.SQL(", ").join(map(sql.Identifier, columns or ("id",))), sql.Identifier(model._meta.db_table)), [pk]).fetchone()
    return None if found is None else found[0] if len(columns) == 1 else found


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def night(kind: str, *, after: float = 0, **more: Any) -> int:
    return retention.run(now=lambda: NOW + timedelta(days=after), only=[kind], **more)[kind]


def test_a_row_goes_on_the_night_its_time_is_over_and_not_the_night_before(plant):
    notice = plant(Message, state="delivered", closed_at=ago(364), delivered_at=ago(364), event="x:1", recipient="r:1", template="matter.answer", values=Jsonb({"a": 1}))
    step = plant(Step, message_id=notice, move="deliver")
    assert night("notice") == 0
    assert night("notice", after=1) == 0
    assert night("notice", after=3) == 1
    assert row(Message, notice, "name", "address", "phone_cipher", "values_cipher", "values", "event", "template") == ("", "", None, None, {}, "x:1", "matter.answer")
    assert row(Step, step, "sentence", "move") == ("", "deliver")
    assert night("notice", after=3) == 0, "once is enough"


@pytest.mark.parametrize("state", ["waiting", "sending", "handed"])
def test_what_is_still_on_its_way_stays(plant, state):
    notice = plant(Message, state=state, closed_at=ago(3000), delivered_at=None, event=f"x:{state}", recipient="r:1", template="matter.answer")
    assert night("notice") == 0
    assert row(Message, notice, "name") != ""


@pytest.mark.parametrize(("model", "kind", "old", "young"), [
    (LoginCode, "code", {"expires_at": ago(185)}, {"expires_at": ago(183)}), (Session, "session", {"expires_at": ago(185), "challenge": None, "token_digest": b"1"}, {"expires_at": ago(183), "challenge": None, "token_digest": b"2"}),
    (Mark, "mark", {"ended_at": ago(1097)}, {"ended_at": None}),
])
def test_codes_sessions_and_marks_go_whole(plant, model, kind, old, young):
    gone, stays = plant(model, **old), plant(model, **young)
    assert night(kind) >= 1
    assert row(model, gone) is None and row(model, stays) is not None


def test_consents_and_complaints(plant):
    over, running = plant(Consent, starts_at=ago(1500), ends_at=ago(1200), withdrawn_at=None), plant(Consent, starts_at=ago(100), ends_at=ago(-200), withdrawn_at=ago(3000))
    answered, open_ = plant(Feedback, answered_at=ago(1100), number="2026123456AA"), plant(Feedback, answered_at=None, made_at=ago(3000), number="2026123456AB")
    assert (night("consent"), night("feedback")) == (1, 1)
    assert row(Consent, over, "name", "phone_digest", "phone_tail", "witness") == ("", None, "", "")
    assert row(Consent, running, "name") != ""
    assert row(Feedback, answered, "words", "contact", "answer", "number") == (None, None, None, "2026123456AA")
    assert row(Feedback, open_, "words") is not None


CALL = {"matter_id": None, "file_at": None, "direction": "in", "recording": "rec-1", "score": None}


@pytest.mark.parametrize(("case", "given", "recording", "number"), [
    ("ninety-one days", {"started_at": ago(91)}, True, False), ("a year and a day", {"started_at": ago(367)}, True, True), ("eighty-nine days", {"started_at": ago(89)}, False, False),
    ("it became a matter", {"started_at": ago(900), "matter_id": uuid.uuid4()}, False, False), ("voicemail not yet filed", {"started_at": ago(900), "file_at": ago(899)}, False, False),
    ("missed and not called back", {"started_at": ago(900), "answered_at": None, "done": ""}, False, False),
])
def test_a_call_loses_its_recording_first_and_its_number_later(plant, case, given, recording, number):
    pk = plant(Call, **{**CALL, "answered_at": ago(900), "ended_at": ago(89), "done": "answered", "call_id": case, **given})
    retention.run(now=lambda: NOW, only=["recording", "call"])
    assert (row(Call, pk, "recording") == "", row(Call, pk, "number_cipher") is None) == (recording, number)
    assert row(Call, pk, "call_id") == case


def test_a_duty_telephone(plant):
    old, young = plant(DutyShift, starts_at=ago(1098), ends_at=ago(1097)), plant(DutyShift, starts_at=ago(1001), ends_at=ago(1000))
    assert night("shift") == 1
    assert row(DutyShift, old, "phone_cipher", "masked") == (None, "") and row(DutyShift, young, "phone_cipher") is not None


def test_a_number_of_the_window_keeps_only_that_it_was_there(plant):
    ended = {"day": ago(1200).date(), "drawn_at": ago(1200), "ended_at": ago(1200), "outcome": "change", "state": "done", "left": "等村里确认", "code": "A001"}
    old = plant(Ticket, **ended, serial=1, counter_id=uuid.uuid4())
    change = plant(HandedChange, ticket_id=old)
    open_ = plant(Ticket, **{**ended, "ended_at": None, "outcome": "", "state": "waiting"}, serial=2, counter_id=uuid.uuid4())
    assert night("ticket") == 1
    assert row(Ticket, old, "person_id", "left", "code", "outcome") == (None, "", "A001", "change")
    assert row(HandedChange, change) is None and row(Ticket, open_, "person_id") is not None


def test_a_refusal_is_remembered_without_its_words(plant):
    said = {"sensitive": False, "rule": "turns_60", "reason": Jsonb([{"field": "birth_date"}]), "why": "有身份证就够了", "before": Jsonb({"state": "told"})}
    old, open_ = plant(Offer, **said, cycle="60", state="declined", changed_at=ago(1100)), plant(Offer, **said, cycle="61", state="opened", changed_at=ago(1100))
    assert night("offer") == 1
    assert row(Offer, old, "reason", "why", "before", "state", "rule", "cycle") == ([], "", {}, "declined", "turns_60", "60")
    assert row(Offer, open_, "why") == "有身份证就够了"


def test_a_certificate_keeps_its_number(plant):
    given = {"item": "shares", "state": "issued", "serial": 7, "year": 2015, "revoked_at": None, "drafted_by": uuid.uuid4(), "decided_by": uuid.uuid4()}
    old = plant(Certificate, **given, decided_at=ago(3654), token_digest=b"a")
    young = plant(Certificate, **given, decided_at=ago(3652), token_digest=b"b")
    assert night("certificate") == 1
    assert row(Certificate, old, "masked", "payload", "serial", "year", "state") == ("", None, 7, 2015, "issued")
    assert row(Certificate, young, "payload") is not None


MATTER = {"state": "archived", "closed_at": ago(3700), "archived_at": ago(3660), "category": "lamp", "ask_on": None, "parent_id": None, "review_on": None, "restricted": False}


def test_a_matter_keeps_number_kind_and_days_and_its_files_go_with_its_words(plant):
    m = plant(Matter, **MATTER, number="2612345670")
    party, errand = plant(Party, matter_id=m), plant(Errand, matter_id=m, item_id=uuid.uuid4(), agent=None, agent_state="none")
    picture, parcel = plant(Attachment, matter_id=m, kind="photo"), plant(Parcel, matter_id=m, direction="in", state="done", dropped_why="")
    path = enclosures.path_of(picture)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    with superuser() as root:
        root.execute("insert into service_move (matter_id, at, name, from_state, to_state, actor, desk, public_words, detail, note_cipher) values (%s, now(), 'reply', '', 'replied', 'staff', '', '修好了', '{}', %s)", [m, b"n"])
    try:
        assert night("matter") == 1
        assert row(Matter, m, "title", "words_cipher", "result_cipher", "number", "state", "category") == ("", None, None, "2612345670", "archived", "lamp")
        assert row(Party, party, "contact_cipher", "person_id", "masked") == (None, None, "")
        assert row(Errand, errand, "person_id", "answers_cipher") == (None, None)
        with superuser() as root:
            assert root.execute("select note_cipher, public_words, name from service_move where matter_id = %s", [m]).fetchall() == [(None, "", "reply")]
        assert row(Parcel, parcel, "content_cipher", "trouble") == (None, "") and row(Parcel, parcel, "item_name") != ""
        assert row(Attachment, picture) is None and not path.exists()
    finally:
        path.unlink(missing_ok=True)
        with superuser() as root:
            root.execute("delete from service_move where matter_id = %s", [m])


@pytest.mark.parametrize("case", ["open again", "about land", "with an agreement", "joined to an open one", "still to be asked about retaliation", "a day too young"])
def test_a_matter_that_is_open_in_dispute_or_about_land_stays(plant, case):
    more: dict[str, Any] = {"open again": {"state": "redo"}, "about land": {"category": "homestead"}, "still to be asked about retaliation": {"ask_on": ago(0).date()}, "a day too young": {"archived_at": ago(3652)}}.get(case, {})
    m = plant(Matter, **{**MATTER, **more}, number="2612345671")
    if case == "with an agreement":
        plant(Mediation, matter_id=m, state="kept")
    elif case == "joined to an open one":
        plant(Matter, **{**MATTER, "state": "processing", "parent_id": m}, number="2612345672")
    assert night("matter") == 0
    assert row(Matter, m, "words_cipher") is not None


def test_what_volunteers_wrote_goes_too(plant):
    team = uuid.uuid4()
    old, young = plant(Volunteer, left_on=ago(1200).date()), plant(Volunteer, left_on=None)
    asked = plant(HelpRequest, ended_at=ago(1200), state="done", team_id=team, shift_id=None, matter_id=None)
    paired = plant(Pairing, team_id=team, ends_on=ago(400).date(), services=["errand"], volunteer_id=None)
    check, care = plant(MedicineCheck, pairing_id=paired), plant(Care, pairing_id=paired, team_id=team, state="held", held_on=ago(500).date())
    still = plant(Pairing, team_id=team, ends_on=None, services=["errand"], volunteer_id=None)
    mine, kept = plant(TeamShift, team_id=team, starts_at=ago(401), ends_at=ago(400)), plant(TeamShift, team_id=team, starts_at=ago(401), ends_at=ago(400))
    plant(HelpRequest, ended_at=None, state="given", team_id=team, shift_id=kept, matter_id=None)
    done = retention.run(now=lambda: NOW, only=["volunteer", "help", "pairing", "team_shift", "part", "order"])
    assert {k: done[k] for k in ("volunteer", "help", "pairing", "team_shift")} == {"volunteer": 1, "help": 1, "pairing": 1, "team_shift": 1}
    assert row(Volunteer, old, "contact_cipher") is None and row(Volunteer, young, "contact_cipher") is not None
    assert row(HelpRequest, asked, "words_cipher", "contact_cipher", "state") == (None, None, "done")
    assert [row(m, pk) for m, pk in ((Pairing, paired), (MedicineCheck, check), (Care, care), (TeamShift, mine))] == [None] * 4
    assert row(Pairing, still) is not None and row(TeamShift, kept) is not None


def test_rows_of_a_file_that_nobody_took(plant):
    done = plant(Batch, state="done", finished_at=ago(91))
    given = {"batch_id": done, "household_id": None, "how": ""}
    nobody, somebody, asked = plant(Statement, **given, person_id=None), plant(Statement, **given, person_id=uuid.uuid4()), plant(Statement, **given, person_id=None)
    plant(Question, statement=asked, state="open", batch_id=done)
    assert night("row") == 1
    assert row(Statement, nobody, "original", "cleaned") == (None, {})
    assert row(Statement, somebody, "original") is not None and row(Statement, asked, "original") is not None


def test_a_killed_night_leaves_whole_slices_and_the_next_one_goes_on(plant, monkeypatch):
    rows = [plant(LoginCode, expires_at=ago(200 + n)) for n in range(7)]
    real, turns = retention._slice, []

    def dies(*a: Any, **k: Any) -> Any:
        done = real(*a, **k)
        turns.append(done[0])
        if len(turns) == 3:
            raise KeyboardInterrupt  # after its statement, before its commit
        return done

    monkeypatch.setattr(retention, "_slice", dies)
    with pytest.raises(KeyboardInterrupt):
        night("code", size=2)
    assert sum(row(LoginCode, r) is None for r in rows) == 4, "two slices whole, the third not at all"
    monkeypatch.setattr(retention, "_slice", real)
    assert night("code", size=2) >= 3
    assert all(row(LoginCode, r) is None for r in rows)


def test_two_nights_at_once_do_not_wait_for_each_other(plant):
    held, free = plant(LoginCode, expires_at=ago(300)), plant(LoginCode, expires_at=ago(300))
    with superuser() as root, root.transaction():
        root.execute("select 1 from access_logincode where id = %s for update", [held])
        night("code")
        assert row(LoginCode, free) is None and row(LoginCode, held) is not None
    night("code")
    assert row(LoginCode, held) is None


def test_a_dry_run_counts_and_changes_nothing(plant):
    code = plant(LoginCode, expires_at=ago(300))
    assert retention.due(now=NOW)["code"] >= 1
    assert set(retention.due(now=NOW)) == set(rules.KINDS)
    assert row(LoginCode, code) is not None


def test_each_slice_leaves_its_count_in_the_audit_and_no_name(plant):
    plant(LoginCode, expires_at=ago(300))
    night("code")
    with superuser() as root:
        what, staff, persons, detail = root.execute("select what, staff, persons, detail from access_auditentry where what = 'retention.erase' order by at desc limit 1").fetchone()
    assert (staff, persons, detail["kind"], set(detail)) == (None, [], "code", {"kind", "n", "files", "before"})


def test_nobody_erases_sooner_than_the_law_or_in_another_name(plant):
    plant(LoginCode, expires_at=ago(10))
    for kind, rule in rules.KINDS.items():
        with pytest.raises(DatabaseError, match="not due by any rule"), transaction.atomic(using="jobs"):
            scope.enter_keeper()
            with connections["jobs"].cursor() as cursor:
                cursor.execute(f"select * from access.{rule.run}(%s, %s, 10, false)", [kind, datetime.now(UTC) - timedelta(days=rule.least) + timedelta(minutes=1)])
        with transaction.atomic(using="jobs"), connections["jobs"].cursor() as cursor:
            scope.enter_keeper()
            cursor.execute(f"select n from access.{rule.run}(%s, %s, 10, true)", [kind, datetime.now(UTC) - timedelta(days=rule.least, minutes=1)])
    with pytest.raises(DatabaseError), transaction.atomic(using="jobs"), connections["jobs"].cursor() as cursor:
        cursor.execute("select access.enter_sender()")
        cursor.execute("select * from access.expire('code', now() - interval '1 year', 10, false)")


@pytest.mark.parametrize(("setting", "says"), [("notice=10", "90 到 1096 天"), ("matter=365", "3653 到"), ("nothing=5", "没有“nothing”"), ("recording=x", "“x”不行")])
def test_a_county_sets_its_own_time_within_bounds(setting, says):
    with pytest.raises(rules.OutOfBounds, match=says):
        rules.times(setting)
    assert rules.times("recording=60, notice=200")["recording"] == 60
    assert all(k.least <= k.days <= k.most for k in rules.KINDS.values())


def test_every_promise_of_the_data_dictionary_has_somebody_who_keeps_it():
    kept: dict[str, set[str]] = {}
    for app in ("access", "notify", "archives", "service", "contact", "gather"):
        for (model, _column), f in importlib.import_module(f"minqing.{app}.rules.fields").FIELDS.items():
            kept.setdefault(f"{app}.{model}", set()).add(f.kept)
    covered = {m for k in rules.KINDS.values() for m in k.models} | set(rules.STANDS)
    forgotten = {m for m, words in kept.items() if m not in covered and not all(w.startswith(rules.LASTING) for w in words)}
    assert forgotten == set(), "name each in KINDS, or in STANDS with who keeps the promise (service/rules/retention.py)"
    assert settings.RETENTION == ""


def test_the_command_says_what_is_due(plant, capsys, monkeypatch):
    code = plant(LoginCode, expires_at=ago(300))
    assert command.retention(Namespace(dry_run=True, json=True)) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["dry_run"] is True and said["counts"]["code"] >= 1 and said["days"]["matter"] == rules.TEN
    assert command.retention(Namespace(dry_run=True, json=False)) == 0
    assert row(LoginCode, code) is not None
    monkeypatch.setattr(settings, "RETENTION", "matter=1")
    with pytest.raises(Failed, match="3653"):
        command.retention(Namespace(dry_run=True, json=False))
