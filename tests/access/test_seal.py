"""The chain over the audit: what a superuser does to it behind the program's back is found."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg.types.json import Jsonb

from minqing.access.actions import audit, seal
from minqing.gateways import postgres
from tests.conftest import HOME

NOW = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def root(committed) -> Iterator[psycopg.Connection]:
    """The superuser, who can do what no role of the program can."""
    with psycopg.connect(**postgres.open_cluster(HOME).superuser_dsn("minqing_test"), autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


@pytest.fixture
def sealed(committed, root, settings, tmp_path) -> Iterator[uuid.UUID]:
    """Three entries of 兰, two seals over them, heads in a folder of their own; the session behind them."""
    settings.SEAL_DIR = str(tmp_path / "elsewhere")
    root.execute("delete from access_auditseal")
    for word in ("household.open", "person.open"):
        with committed.acting("兰"):
            audit.record(word)
    seal.seal(at=NOW)
    with committed.acting("兰") as me:
        audit.record("reveal")
    seal.seal(at=NOW)
    yield me.id
    root.execute("delete from access_auditseal")


def one(root: psycopg.Connection, what: str, staff: uuid.UUID) -> tuple[uuid.UUID, datetime]:
    return root.execute("select id, at from access_auditentry where what = %s and staff = %s order by at desc limit 1", [what, staff]).fetchone()


def test_an_untouched_chain_is_sound(sealed):
    report = seal.verify()
    assert report.sound, report.findings
    assert report.seals >= 2 and report.rows >= 3
    assert seal.seal() == 0, "nothing new, nothing to seal"


def test_a_changed_entry_is_found_and_the_seal_named(sealed, root):
    row, at = one(root, "person.open", sealed)
    root.execute("update access_auditentry set purpose = 'nothing to see' where id = %s", [row])
    (finding,) = seal.verify().findings
    assert finding.kind == "changed" and finding.no == 1
    assert finding.since <= at <= finding.until
    assert "有内容被改动过" in finding.sentence


@pytest.mark.parametrize("column, value", [("staff", uuid.uuid4()), ("detail", Jsonb({"page": "other"})), ("at", datetime(2026, 11, 1, 3, tzinfo=UTC)), ("reason", "later")])
def test_whatever_column_is_changed(sealed, root, column, value):
    row, _ = one(root, "reveal", sealed)
    root.execute(f"update access_auditentry set {column} = %s where id = %s", [value, row])
    assert [(f.kind, f.no) for f in seal.verify().findings] == [("changed", 2)]


def test_a_removed_entry_is_found(sealed, root):
    row, _ = one(root, "household.open", sealed)
    root.execute("delete from access_auditentry where id = %s", [row])
    (finding,) = seal.verify().findings
    assert (finding.kind, finding.no) == ("removed", 1)
    assert "少了 1 条" in finding.sentence


def test_an_inserted_entry_is_found(sealed, root):
    row, _ = one(root, "reveal", sealed)
    root.execute(
        "insert into access_auditentry (id, at, xid, staff, appointments, session, area_code, what, purpose, origin)"
        " select gen_random_uuid(), at, xid, staff, appointments, session, area_code, what, purpose, origin from access_auditentry where id = %s", [row])
    assert [(f.kind, f.no) for f in seal.verify().findings] == [("inserted", 2)]


def test_a_seal_taken_out_of_the_middle_is_found(sealed, root):
    root.execute("delete from access_auditseal where no = 1")
    assert {"removed", "inserted"} <= {f.kind for f in seal.verify().findings}


def test_a_cut_tail_is_found_by_the_file_outside(sealed, root):
    row, _ = one(root, "reveal", sealed)
    root.execute("delete from access_auditseal where no = 2")
    root.execute("delete from access_auditentry where id = %s", [row])
    found = [f for f in seal.verify().findings if f.kind == "tail"]
    assert found and found[0].no == 2 and "末尾被截掉" in found[0].sentence


def test_a_chain_made_anew_does_not_equal_the_file(sealed, root):
    row, _ = one(root, "reveal", sealed)
    root.execute("delete from access_auditentry where id = %s", [row])
    root.execute("delete from access_auditseal")
    seal.seal(at=NOW)  # whoever holds the key as well can do this; the file outside still tells
    assert {f.kind for f in seal.verify().findings} & {"chain", "tail"}


def test_what_was_written_just_now_is_named_as_not_yet_protected(sealed, committed):
    with committed.acting("兰"):
        audit.record("search")
    report = seal.verify()
    assert report.sound and report.unsealed == 1
    assert "一分钟" in report.note
    assert 0 <= seal.unsealed_minutes() < 1


def test_a_job_that_stands_still_is_said(sealed, committed, root):
    with committed.acting("兰"):
        audit.record("search")
    row, at = one(root, "search", sealed)
    root.execute("update access_auditentry set at = at - interval '40 minutes' where id = %s", [row])
    report = seal.verify()
    assert report.sound and "封印任务没有运行" in report.note
    root.execute("update access_auditentry set at = %s where id = %s", [at, row])


def test_a_transaction_that_still_runs_is_not_passed_over(sealed, committed):
    """Sealing waits for it: an entry written before the seal and committed after it is in the next seal, not between two."""
    login = psycopg.connect(**postgres.open_cluster(HOME).superuser_dsn("minqing_test"))
    login.execute("select pg_current_xact_id()")  # an older transaction, still open
    try:
        with committed.acting("兰"):
            audit.record("search")
        assert seal.seal() == 0
    finally:
        login.rollback()
        login.close()
    assert seal.seal() == 1
    assert seal.verify().sound


def test_the_program_itself_can_neither_change_nor_remove(sealed, committed):
    with committed.acting("审") as me:
        assert me
    for statement in ("update access_auditentry set what = 'x'", "delete from access_auditentry", "update access_auditseal set rows = 1", "delete from access_auditseal"):
        for alias in ("app", "seal", "jobs", "login"):
            name = postgres.passwords(HOME)
            dsn = {**postgres.open_cluster(HOME).superuser_dsn("minqing_test"), "user": f"minqing_{alias}", "password": name[alias]}
            with psycopg.connect(**dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
