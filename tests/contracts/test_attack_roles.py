"""Objects of one's own, other roles, the queue, what ends: more ways around the scope that lead nowhere. See test_attack.py."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

import pytest
from django.conf import settings

from tests.contracts.attacks import CLOSED, FORGED, TABLES, readable, refused
from tests.contracts.foreign import FAR, GRIDS, NEXT, OWN, QIANG, THIRD, Prober, superuser
from tests.people import NEXT_VILLAGE, PENGLI, TOKENS

pytestmark = pytest.mark.usefixtures("rows")


# --- objects of one's own, other roles ---------------------------------------------------------------------------------

OBJECTS = [
    "create temp table access_session (id uuid)", "create temp table scope_key (only_row boolean, inner_pad bytea, outer_pad bytea)", "create temp view archives_placement as select 1",
    "create temporary sequence s", "select * into temp pg_temp_copy from archives_household", "create table public.x (a int)", "create table access.scope_key (a int)", "create view public.v as select 1",
    "create schema mine", "create schema access_own authorization current_user", "create function pg_temp.current_setting(text) returns text language sql as $$ select 'x' $$",
    "create function public.sha256(bytea) returns bytea language sql as $$ select ''::bytea $$", "create function access.seal(text, text) returns text language sql as $$ select '' $$",
    "create operator public.@> (leftarg = text, rightarg = text, function = pg_catalog.texteq)", "create operator pg_temp.>= (leftarg = text, rightarg = text, function = pg_catalog.texteq)",
    "create cast (text as access.bound) without function", "create domain pg_temp.bound as text", "create type public.codes as (a int)", "create domain access.bound2 as text",
    "create aggregate public.a (int) (sfunc = int4pl, stype = int)", "create collation public.c from \"C\"", "create extension pg_stat_statements", "create extension dblink", "create extension plperlu",
    "create server s foreign data wrapper f", "create publication p for all tables", "create subscription s connection '' publication p", "create event trigger t on ddl_command_start execute function f()",
    "create trigger t after insert on archives_household execute function pg_catalog.suppress_redundant_updates_trigger()", "create rule r as on select to archives_household do instead nothing",
    "create policy mine on archives_household using (true)", "alter table archives_household disable row level security", "alter table archives_household owner to minqing_app",
    "alter function access.scope(text) owner to minqing_app", "drop policy scope_read on archives_household", "truncate archives_household", "lock table archives_identity", "lock table access_account",
    "do $$ begin execute 'create temp table t (a int)'; end $$", "create statistics public.s on name, name_key from archives_resident", "comment on table archives_household is 'x'",
    "analyze archives_resident", "create index on archives_household (head_name)", "alter database minqing_test set row_security = off", "alter system set track_activities = on",
    "security label on table archives_household is 'x'", "import foreign schema public from server s into public", "grant select on archives_identity to public", "refresh materialized view x",
    "copy archives_household from stdin", "prepare transaction 'x'", "load 'auto_explain'", "checkpoint",
]


@pytest.mark.parametrize("statement", OBJECTS)
def test_the_application_makes_and_changes_no_object(rows, statement):
    with Prober() as p:
        p.begin("兰")
        got = p(statement)
        if statement.startswith("analyze"):
            assert any("permission denied" in h or "skipping" in h for h in p.heard)  # a warning, and skipped (in other words before PostgreSQL 17)
        else:
            assert refused(got)
        p.begin("兰")
        assert p("select count(*) from archives_household") == [(1,)]


@pytest.mark.parametrize("path", ["pg_temp, public, access", "public, access, pg_catalog", "mine, pg_temp, pg_catalog", "''"])
def test_no_search_path_leads_astray(rows, path):
    with Prober() as p:
        p.begin("兰")
        p(f"set local search_path = {path}")
        for table in TABLES:
            p("savepoint s")
            if refused(p(f"select * from public.{table}")):
                p("rollback to s")
        assert p("select count(*) from public.archives_household") == [(1,)]
        assert p.leaked(rows, OWN) == []


ROLES_IN_DATABASE = ["minqing_owner", "minqing_guard", "minqing_gather", "minqing_jobs", "minqing_login", "minqing_seal", "minqing_resident", "minqing_root", "pg_read_all_data", "pg_monitor", "pg_database_owner"]


@pytest.mark.parametrize("role", ["app", "login", "gather", "jobs", "seal", "resident"])
def test_nobody_becomes_another_role(rows, role):
    with Prober(role) as p:
        for other in ROLES_IN_DATABASE:
            if other != f"minqing_{role}":
                for statement in (f"set role {other}", f"set session authorization {other}", f"grant {other} to minqing_{role}", f"alter role {other} set search_path = x", f"alter role {other} password 'x'"):
                    assert refused(p(statement)), statement
        for statement in (f"alter role minqing_{role} superuser", f"alter role minqing_{role} bypassrls", f"alter role minqing_{role} createrole", "create role mine", "set session_replication_role = replica", "drop role minqing_guard"):
            assert refused(p(statement)), statement


def test_row_security_cannot_be_switched_off(rows):
    with Prober() as p:
        p.begin("兰")
        p("set local row_security = off")
        for table in TABLES:
            p("savepoint s")
            assert refused(p(f"select * from {table}")), table
            p("rollback to s")
        assert p.leaked(rows, OWN) == []


def test_a_role_does_not_switch_on_what_shows_statements(rows):
    with Prober() as p:
        for setting in ("track_activities = on", "log_statement = 'all'", "log_min_duration_statement = 0", "log_min_error_statement = 'error'", "log_error_verbosity = 'verbose'", "log_parameter_max_length = 100"):
            assert refused(p(f"set {setting}")), setting
            assert refused(p(f"alter role minqing_app set {setting}")), setting
    held = "select unnest(setconfig) from pg_db_role_setting where setrole = 'minqing_app'::regrole"
    with Prober() as p, superuser() as root:
        before = [s for (s,) in root.execute(held)]
        p("alter role minqing_app reset all")  # a role may change its own settings, but not these
        with Prober() as again:
            for setting, value in (("track_activities", "off"), ("log_min_error_statement", "panic"), ("log_error_verbosity", "terse"), ("log_statement", "none"), ("log_parameter_max_length", "0")):
                assert again(f"show {setting}") == [(value,)], setting
        for setting in before:
            name, _, value = setting.partition("=")
            root.execute(f"alter role minqing_app set {name} = '{value}'")


# --- the queue ---------------------------------------------------------------------------------------------------------

def test_the_application_neither_reads_nor_forges_the_queue(rows):
    with Prober() as p:
        for table in CLOSED:
            for statement in (f"select * from {table}", f"insert into {table} default values", f"update {table} set id = id", f"delete from {table}"):
                p.begin("数")
                assert refused(p(statement)), statement
        for kind in ("access.seal", "gather.run'; drop table x; --", "", "archives.anything"):
            p.begin("数")
            assert refused(p("select access.enqueue(%s, '{}')", kind)), kind
        p.begin()
        assert refused(p("select access.enqueue('gather.run', '{}')"))
        assert refused(p("select access.enter_job(%s, 'x')", rows.job))


def test_a_job_is_always_the_callers_own(rows):
    with Prober() as p, superuser() as root:
        p.begin("香")
        ((number,),) = p("select access.enqueue('gather.report', %s::jsonb)", '{{"staff": "{}", "appointments": []}}'.format(rows.ids[FAR]["staff"]))
        p("commit")
        me = root.execute("select id from access_staff where number = '3303'").fetchone()[0]
        assert root.execute("select args ->> 'staff' from procrastinate_jobs where id = %s", [number]).fetchone()[0] == str(me)
        assert root.execute("select staff from access.job_request where job = %s", [number]).fetchone()[0] == me


def test_the_worker_acts_as_nobody_without_a_job_that_was_asked_for(rows):
    with Prober("jobs") as p, superuser() as root:
        for step in FORGED["claim"]:
            p(step)
        for table in readable("jobs"):
            got = p(f"select * from {table}")
            assert refused(got) or got == [], table
        # a job that the worker's own role wrote into the queue, in the name of the data officer
        assert refused(p("select access.enter_job(%s, 'x')", rows.job))
        staff = root.execute("select id from access_staff where number = '3310'").fetchone()[0]
        ((forged,),) = p("insert into procrastinate_jobs (queue_name, task_name, args, status) values ('default', 'minqing.gather.run', %s::jsonb, 'doing') returning id", f'{{"staff": "{staff}"}}')
        assert refused(p("select access.enter_job(%s, 'x')", forged))
        assert refused(p("insert into access.job_request (job, task, staff) values (%s, 'minqing.gather.run', %s)", forged, staff))
        p.heard = [h for h in p.heard if not h.startswith('["0"')]
        assert p.leaked(rows) == []


def test_a_running_job_has_the_rights_of_who_asked_and_its_kind_is_fixed(rows):
    with Prober() as p, Prober("jobs") as worker:
        p.begin("香")
        ((number,),) = p("select access.enqueue('gather.report', '{}')")
        p("commit")
        worker("begin")
        assert refused(worker("select access.enter_job(%s, 'report')", number))  # not running yet
        worker("rollback")
        worker("update procrastinate_jobs set status = 'doing' where id = %s", number)
        worker("begin")
        assert isinstance(worker("select access.enter_job(%s, 'report')", number), list)
        assert worker("select grid_code from archives_household order by 1") == [(OWN,), (QIANG,), (THIRD,)]
        worker("rollback")
        worker("update procrastinate_jobs set task_name = 'minqing.gather.run' where id = %s", number)
        worker("begin")
        assert refused(worker("select access.enter_job(%s, 'report')", number))


# --- other roles -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("role", ["login", "seal"])
def test_the_log_in_role_and_the_sealer_read_no_file(rows, role):
    with Prober(role) as p:
        for table in TABLES:
            for statement in (f"select * from {table}", f"insert into {table} default values", f"update {table} set id = id", f"delete from {table}"):
                assert refused(p(statement)), statement
        assert refused(p("select access.enter(%s, 'x', 'x')", TOKENS["兰"]))
        if role == "seal":
            for table in CLOSED + ["access_staff"]:
                assert refused(p(f"select * from {table}")), table
            for statement in ("update access_auditentry set what = 'x'", "delete from access_auditentry", "insert into access_auditentry (id, what, purpose, origin) values (gen_random_uuid(), 'x', 'x', 'x')", "update access_auditseal set no = no", "delete from access_auditseal"):
                assert refused(p(statement)), statement
        assert p.leaked(rows) == [] or role == "login"


def test_the_log_in_role_writes_only_its_own_kinds_of_entry(rows):
    with Prober("login") as p:
        assert refused(p("select access.audit_login(gen_random_uuid(), 'person.open', null, 'x', '{}')"))
        assert refused(p("insert into access_auditentry (id, what, purpose, origin) values (gen_random_uuid(), 'x', 'x', 'x')"))
        assert refused(p("select * from access_auditentry"))
        assert refused(p("select access.open_session(gen_random_uuid(), 'x', 10, 10, '', '', true)"))


@pytest.mark.parametrize("forged", FORGED)
def test_gathering_without_a_batch_reads_nothing(rows, forged):
    with Prober("gather") as p:
        for step in FORGED[forged]:
            p(step)
        for table in readable("gather"):
            got = p(f"select * from {table}")
            assert refused(got) or got == [], table
        assert refused(p("select access.enter(%s, 'x', 'x')", TOKENS["数"]))
        assert p.leaked(rows) == []


@pytest.mark.parametrize(("number", "area", "sees"), [("3303", PENGLI, {OWN, QIANG, THIRD}), ("3304", NEXT_VILLAGE, {NEXT}), ("3310", NEXT_VILLAGE, {NEXT}), ("3303", NEXT_VILLAGE, None), ("3301", OWN, None), ("3310", FAR[:6], None), ("3312", PENGLI, None)])
def test_a_batch_opens_the_officers_area_within_its_own_and_no_more(rows, number, area, sees):
    """芳's batch opens nothing of 彭里, the data officer's batch on one village only that village, others none at all."""
    batch = uuid.uuid4()
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("insert into gather_batch (id, area_code, label, state, step, progress, message, by, made_at, counts) select %s, %s, 'x', 'running', '', 0, '', id, now(), '{}' from access_staff where number = %s", [batch, area, number])
    with Prober("gather") as p:
        p("begin")
        got = p("select access.enter_batch(%s, 'batch', 'test')", batch)
        if sees is None:
            assert refused(got)
            return
        for table in ("archives_household", "archives_placement", "archives_membership", "gather_statement", "gather_question"):
            assert {g for (g,) in p(f"select grid_code from {table} where grid_code = any(%s)", list(GRIDS))} == sees, table
        for table in readable("gather"):
            if table != "archives_identity":  # keyed digests and random ids: named in the residue
                p(f"select * from {table}")
        for right in ("appoint", "audit", "areas", "sensitive", "figures"):
            assert p("select access.may(%s, %s)", right, area) == [(False,)], right
        p("select set_config('minqing.lo', '0', true), set_config('minqing.hi', '9', true)")
        p("select * from archives_household")
        assert p.leaked(rows, *sees, *((OWN,) if OWN in sees else ())) == []


def running_batch(area: str, number: str = "3304") -> uuid.UUID:
    batch = uuid.uuid4()
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("insert into gather_batch (id, area_code, label, state, step, progress, message, by, made_at, counts) select %s, %s, 'x', 'running', '', 0, '', id, now(), '{}' from access_staff where number = %s", [batch, area, number])
    return batch


def test_temporary_tables_of_gathering_shadow_nothing(rows):
    """The one role that may make them: named like everything a definer function reads, with rows that would open the world."""
    batch, wide = running_batch(NEXT_VILLAGE), running_batch("330881", "3310")
    with Prober("gather") as p:
        for schema, names in (("public", ["access_session", "access_staff", "access_appointment", "access_role", "access_roleright", "access_area", "access_account", "gather_batch", "archives_placement", "archives_resident", "archives_identity"]), ("access", ["scope_key"])):
            for name in names:
                p(f"create temp table {name} as select * from {schema}.{name} where false")
                p(f"create temp table {name} (like {schema}.{name})")
        for statement in ("create function pg_temp.sha256(bytea) returns bytea language sql as $$ select ''::bytea $$", "create function pg_temp.current_setting(text, boolean) returns text language sql as $$ select 'x' $$",
                          "create function pg_temp.starts_with(text, text) returns boolean language sql as $$ select true $$", "create operator pg_temp.@> (leftarg = access.codeset, rightarg = text, function = pg_catalog.elem_contained_by_multirange)",
                          "create domain pg_temp.bound as text", "create view pg_temp.archives_household as select 1 as one"):
            p(statement)
        p("insert into pg_temp.access_role values ('helper', 9, false)")
        p("insert into pg_temp.access_roleright (id, role_id, \"right\") values (1, 'helper', 'people')")
        p("begin")
        p("set local search_path = pg_temp, public, access, pg_catalog")
        assert isinstance(p("select access.enter_batch(%s, 'batch', 'test')", batch), list)
        assert {g for (g,) in p("select grid_code from public.archives_household where grid_code = any(%s)", list(GRIDS))} == {NEXT}
        for table in readable("gather"):
            if table != "archives_identity":
                p(f"select * from public.{table}")
        assert p.leaked(rows, NEXT) == []
        assert wide


def test_a_person_of_another_area_is_taken_into_a_batch_only_by_number_and_on_the_record(rows):
    batch = running_batch(NEXT_VILLAGE)
    placed = "insert into archives_placement (id, person_id, grid_code, why, starts_on, name_key) values (gen_random_uuid(), %s, %s, 'living', current_date, '')"
    with Prober("gather") as p, superuser() as root:
        p("begin")
        p("select access.enter_batch(%s, 'batch', 'test')", batch)
        assert p("select * from archives_resident where id = %s", rows.person(FAR)) == []
        assert not refused(p(placed, rows.person(FAR), NEXT))
        p("commit")
        noted = root.execute("select persons from access_auditentry where what = 'crossing.gather' and detail ->> 'batch' = %s", [str(batch)]).fetchall()
        assert noted == [([rows.person(FAR)],)]
        root.execute("delete from archives_placement where person_id = %s and grid_code = %s", [rows.person(FAR), NEXT])
        root.execute("delete from archives_identity where person_id = %s", [rows.person(THIRD)])
        p("begin")
        p("select access.enter_batch(%s, 'batch', 'test')", batch)
        assert refused(p(placed, rows.person(THIRD), NEXT))
        p("rollback")
        p("begin")
        p("select access.enter_batch(%s, 'batch', 'test')", batch)
        assert refused(p(placed, rows.person(FAR), OWN))
        p("rollback")
        p("begin")
        p("select access.enter_batch(%s, 'batch', 'test')", batch)
        assert p("delete from archives_identity where person_id = %s returning person_id", rows.person(FAR)) == []
        assert refused(p("update archives_identity set person_id = %s", rows.person(NEXT)))


def test_nobody_makes_a_batch_in_anothers_name_or_widens_one(rows):
    with Prober() as p, superuser() as root:
        other = root.execute("select id from access_staff where number = '3310'").fetchone()[0]
        new = "insert into gather_batch (id, area_code, label, state, step, progress, message, by, made_at, counts) values (gen_random_uuid(), '{}', 'x', 'waiting', '', 0, '', '{}', now(), '{{}}')"
        for statement in (new.format(PENGLI, other), new.format("330881", other), new.format(NEXT_VILLAGE, rows.ids[OWN]["by"]), f"update gather_batch set by = '{other}'", f"update gather_batch set area_code = '{OWN}'", f"update gather_batchfile set batch_id = '{rows.ids[FAR]['batch_id']}'"):
            p.begin("香")
            assert refused(p(statement)), statement
        p.begin("香")
        assert not refused(p(new.format(PENGLI, root.execute("select id from access_staff where number = '3303'").fetchone()[0])))


def test_a_resident_sees_himself_and_his_household_only(rows):
    with Prober("resident") as p:
        p("begin")
        assert isinstance(p("select access.enter_resident(%s, 'own', 'portal')", f"resident-{OWN}"), list)
        assert len(p("select * from archives_resident")) == 1
        assert len(p("select * from archives_household")) == 1
        assert len(p("select * from archives_health")) == 1
        for table in readable("resident"):
            p("savepoint s")
            if refused(p(f"select * from {table}")):
                p("rollback to s")
        p("select set_config('minqing.lo', '0', true), set_config('minqing.hi', '9', true)")
        for table in readable("resident"):
            p("savepoint s")
            if refused(p(f"select * from {table}")):
                p("rollback to s")
        assert p("select * from access.who_opened(%s)", rows.person(QIANG)) == []
        for statement in ("update archives_resident set name = 'x'", "delete from archives_resident", f"select access.enter('{TOKENS['兰']}', 'x', 'x')"):
            p("savepoint s")
            assert refused(p(statement))
            p("rollback to s")
        assert p.leaked(rows, OWN) == []


def test_a_staff_token_opens_nothing_to_the_residents_role_and_the_other_way_round(rows):
    with Prober("resident") as p:
        assert refused(p("select access.enter_resident(%s, 'own', 'portal')", TOKENS["香"]))
    with Prober() as p:
        assert refused(p("select access.enter(%s, 'own', 'portal')", f"resident-{OWN}"))


@pytest.mark.parametrize(("process", "absent"), [("web", {"owner", "gather", "jobs", "seal"}), ("worker", {"owner", "login", "resident"})])
def test_a_process_holds_only_the_passwords_it_needs(process, absent):
    """The owner of the tables is not used at run time: web and worker do not know its password."""
    code = "from minqing import settings; print(' '.join(a for a, d in settings.DATABASES.items() if d['PASSWORD']))"
    environment = os.environ | {"MINQING_PROCESS": process, "MINQING_HOME": str(settings.HOME), "PYTHONPATH": str(settings.ROOT)}
    held = set(subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=settings.ROOT).stdout.split())
    assert not held & absent
    assert held


# --- time --------------------------------------------------------------------------------------------------------------

@pytest.fixture
def temporary(rows):
    """A colleague of his own for these tests, grid officer of 强's grid; returns (set, token)."""
    staff, token = uuid.uuid4(), "token-of-a-temporary-colleague"
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("insert into access_staff (id, number, name, organisation_id, area_code, work_phone) select %s, '9901', '临时工', organisation_id, %s, '' from access_staff where number = '3301'", [staff, PENGLI])
        root.execute("insert into access_account (id, username, password, must_change, failures, privileged) values (%s, 'linshi', '', false, 0, false)", [staff])
        root.execute("insert into access_appointment (id, staff_id, role_id, area_code, starts_at, end_reason) values (%s, %s, 'grid_officer', %s, now() - interval '1 day', '')", [staff, staff, QIANG])
        root.execute("insert into access_session (id, token_digest, account_id, opened_at, seen_at, expires_at, idle_seconds, complete, device, origin) values (%s, sha256(%s::text::bytea), %s, now(), now(), now() + interval '1 hour', 3600, true, '', '')", [staff, token, staff])
        TOKENS["临"] = token

        def change(statement: str) -> None:
            root.execute(statement, [staff])

        try:
            yield change
        finally:
            TOKENS.pop("临")
            for table, column in (("access_session", "id"), ("access_appointment", "staff_id"), ("access_account", "id"), ("access_staff", "id")):
                root.execute(f"delete from {table} where {column} = %s", [staff])


ENDINGS = {
    "appointment ended": "update access_appointment set ends_at = clock_timestamp() where staff_id = %s", "appointment in the future": "update access_appointment set starts_at = now() + interval '1 minute' where staff_id = %s",
    "stand-in over": "update access_appointment set ends_at = clock_timestamp() - interval '1 second' where staff_id = %s", "left": "update access_staff set left_at = clock_timestamp() where id = %s",
    "session ended": "update access_session set ended_at = clock_timestamp() where id = %s", "session idle": "update access_session set seen_at = now() - interval '2 hours' where id = %s",
    "session expired": "update access_session set expires_at = clock_timestamp() where id = %s", "second factor missing": "update access_session set complete = false where id = %s",
    "account disabled": "update access_account set disabled_at = now() where id = %s",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_ends_closes_with_the_next_transaction(rows, temporary, ending):
    with Prober() as p:
        p.begin("临")
        assert p("select grid_code from archives_household") == [(QIANG,)]
        p("commit")
        temporary(ENDINGS[ending])
        p("begin")
        if not refused(p("select access.enter(%s, 'test', 'test')", TOKENS["临"])):
            assert p("select grid_code from archives_household") == []
            assert p("select access.may('people', %s)", QIANG) == [(False,)]


def test_a_stand_ins_right_ends_by_itself_also_inside_one_transaction(rows, temporary):
    temporary("update access_appointment set ends_at = clock_timestamp() + interval '1 second' where staff_id = %s")
    with Prober() as p:
        p.begin("临")
        assert p("select grid_code from archives_household") == [(QIANG,)]
        p("select pg_sleep(1.1)")
        assert p("select grid_code from archives_household") == []
        p.begin("临")
        assert p("select grid_code from archives_household") == []


def test_an_appointment_that_begins_opens_its_area(rows, temporary):
    temporary("update access_appointment set starts_at = clock_timestamp() + interval '0.6 seconds' where staff_id = %s")
    with Prober() as p:
        p.begin("临")
        assert p("select grid_code from archives_household") == []
        p("select pg_sleep(0.7)")
        p.begin("临")
        assert p("select grid_code from archives_household") == [(QIANG,)]


@pytest.mark.parametrize("statement", [
    "insert into access_appointment (id, staff_id, role_id, area_code, starts_at, end_reason) values (gen_random_uuid(), access.claim('staff')::uuid, 'village_secretary', '330881002205', now(), '')",
    "insert into access_appointment (id, staff_id, role_id, area_code, starts_at, end_reason) select gen_random_uuid(), id, 'data_officer', '330881002205', now(), '' from access_staff where number = '3301'",
    "insert into access_appointment (id, staff_id, role_id, area_code, starts_at, end_reason) select gen_random_uuid(), id, 'grid_officer', '330881002206001', now(), '' from access_staff where number = '3301'",
    "update access_appointment set role_id = 'village_secretary' where role_id = 'grid_officer'", "update access_appointment set area_code = '330881002205' where role_id = 'grid_officer'",
    "update access_appointment set staff_id = access.claim('staff')::uuid where role_id = 'grid_officer'", "update access_appointment set starts_at = now() - interval '9 years' where role_id = 'grid_officer'",
    "update access_staff set id = gen_random_uuid() where number = '3301'",
])
def test_the_secretary_appoints_neither_herself_nor_above_nor_outside(rows, statement):
    with Prober() as p:
        p.begin("香")
        assert refused(p(statement))


def test_who_appointed_is_what_the_scope_says(rows):
    with Prober() as p:
        p.begin("香")
        assert p("insert into access_appointment (id, staff_id, role_id, area_code, starts_at, end_reason, made_by) select gen_random_uuid(), id, 'grid_officer', '330881002205003', now(), '', gen_random_uuid() from access_staff where number = '3301'") == []
        assert p("select made_by::text = access.claim('staff') from access_appointment where area_code = '330881002205003' and made_by is not null") == [(True,)]
