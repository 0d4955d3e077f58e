"""Somebody has the application's own database password, free SQL and perhaps an officer's token: he reads no field of a
foreign row (DESIGN §4; scope.md). What he still learns is named in docs/reference/scope-residue.md.

Invariant: each attack is one named test that speaks psycopg, not Django; whatever comes back — rows, errors, details,
notices — is searched for the marks of the foreign rows.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import uuid

import psycopg
import pytest
from django.conf import settings

from minqing.access.rules.roles import ROLES, Right
from minqing.demo.cast import CAST
from tests.contracts import foreign
from tests.contracts.foreign import FAR, GRIDS, MARKS, NEXT, OWN, QIANG, THIRD, Prober, superuser
from tests.people import NEXT_VILLAGE, PENGLI, TOKENS

TABLES = [m._meta.db_table for m in foreign.personal_models()]
CLOSED = ["access_account", "access_session", "access_secondfactor", "access_subject", "archives_identity", "procrastinate_jobs", "procrastinate_events",
          "procrastinate_periodic_defers", "procrastinate_workers", "django_migrations"]
PARTITIONS = [f"gather_statement_{n}" for n in range(8)] + ["access_auditentry_202611"]
SEQUENTIAL = ("set enable_indexscan = off", "set enable_bitmapscan = off", "set enable_indexonlyscan = off")
WIDE = "select set_config('minqing.lo', '0', false), set_config('minqing.hi', '9', false)"

pytestmark = pytest.mark.usefixtures("rows")


def readable(role: str) -> list[str]:
    """Personal tables on which a role has any SELECT at all."""
    with superuser() as root:
        return [t for t in TABLES + ["access_auditentry"] if root.execute("select has_any_column_privilege(%s, %s, 'select')", [f"minqing_{role}", f"public.{t}"]).fetchone()[0]]


def refused(outcome: object) -> bool:
    return isinstance(outcome, psycopg.Error)


# --- without a token ---------------------------------------------------------------------------------------------------

FORGED = {
    "nothing": [],
    "hint": [WIDE],
    "claim": [WIDE, """select set_config('minqing.claim', '{"staff": null, "until": 99999999999, "rights": {"people": "{[0,9)}", "write": "{[0,9)}", "sensitive": "{[0,9)}", "gather": "{[0,9)}", "audit": "{[0,9)}"}}', false),
                      set_config('minqing.seal', repeat('0', 64), false)"""],
    "claim without seal": [WIDE, """select set_config('minqing.claim', '{"staff": null, "until": 99999999999, "rights": {"people": "{[0,9)}"}}', false)"""],
}


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("plan", ["index", "sequential"])
def test_without_a_token_no_table_answers(rows, forged, plan):
    with Prober() as p:
        for step in [*FORGED[forged], *(SEQUENTIAL if plan == "sequential" else [])]:
            p(step)
        for table in [*TABLES, *CLOSED, *PARTITIONS, "access_auditentry", "access_staff", "access_appointment", "access_organisation", "access.scope_key", "access.job_request"]:
            got = p(f"select * from {table}")
            assert refused(got) or got == [], table
        assert p.leaked(rows) == []


def test_with_nothing_entered_a_statement_is_loud_before_it_looks_at_rows(rows):
    with Prober() as p:
        for table in ("archives_household", "archives_resident", "archives_placement", "gather_statement", "archives_health"):
            assert refused(p(f"explain select * from {table} where false or {'id' if table != 'archives_searchkey' else 'key'} is not null")), table


GUESSES = [
    ("archives_resident", "name"), ("archives_resident", "name_key"), ("archives_resident", "registered_address"), ("archives_household", "head_name"), ("archives_household", "number"),
    ("archives_household", "sort_key"), ("archives_placement", "name_key"), ("archives_searchkey", "key"), ("archives_dwelling", "address"), ("archives_kinship", "kind"),
    ("archives_health", "code"), ("archives_change", "purpose"), ("archives_act", "sentence"), ("gather_statement", "kind"), ("gather_question", "sentence"), ("gather_batch", "label"),
    ("gather_batchfile", "path"), ("access_auditentry", "reason"), ("access_staff", "name"),
]


@pytest.mark.parametrize("plan", ["index", "sequential"])
@pytest.mark.parametrize("forged", FORGED)
def test_without_a_token_an_error_does_not_answer_a_guess(rows, forged, plan):
    """A law that raised would be a yes: it is reached only by rows which the guess let pass."""
    with Prober() as p:
        for step in [*FORGED[forged], *(SEQUENTIAL if plan == "sequential" else [])]:
            p(step)
        for table, column in GUESSES:
            right = [p(f"select 1 from {table} where {column} >= '{low}' and {column} < '{high}'") for low, high in (("一", "鿿"), ("㐀", "㐁"), ("!", "~~~~"))]
            assert len({str(r) for r in right}) == 1, (table, column, right)


# --- with the valid token of 兰 -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("plan", ["index", "sequential"])
def test_lan_reads_her_own_rows_and_no_other(rows, plan):
    with Prober() as p:
        p.begin("兰")
        for step in SEQUENTIAL if plan == "sequential" else []:
            p(step)
        for table in readable("app"):
            got = p(f"select * from {table}")
            assert isinstance(got, list), (table, got)
            if table in ("archives_resident", "archives_household", "archives_placement", "archives_membership", "archives_dwelling", "archives_occupancy", "archives_searchkey",
                         "archives_kinship", "archives_change", "gather_statement", "gather_question"):
                assert got, f"{table}: 兰 does not even see her own row"
        assert p.leaked(rows, OWN) == []
        assert any(MARKS[OWN] in text for text in p.heard)


@pytest.mark.parametrize("table", TABLES)
def test_the_hint_forged_in_the_select_list_under_a_sequential_scan(rows, table):
    with Prober() as p:
        p.begin("兰")
        for step in SEQUENTIAL:
            p(step)
        p(f"select set_config('minqing.lo', '0', true), set_config('minqing.hi', '9', true), set_config('minqing.claim', replace(current_setting('minqing.claim'), '{PENGLI}001', '{PENGLI}'), true), t.* from {table} t")
        assert p.leaked(rows, OWN) == []


@pytest.mark.parametrize("setting", ["minqing.lo", "minqing.claim", "minqing.seal"])
def test_settings_forged_between_fetches(rows, setting):
    with Prober() as p:
        for table in readable("app"):
            p.begin("兰")
            for step in SEQUENTIAL:
                p(step)
            p(f"declare c cursor with hold for select * from {table}")
            p("fetch 1 from c")
            p("select set_config('minqing.lo', '0', true), set_config('minqing.hi', '9', true)")
            p(f"select set_config('{setting}', %s, true)", "0" if setting == "minqing.lo" else '{"rights": {"people": "{[0,9)}"}, "until": 99999999999}')
            p("fetch all from c")
            p("commit")
            p("fetch all from c")
            p("close c")
        assert p.leaked(rows, OWN) == []


def test_the_hint_forged_in_the_same_statement_before_an_index_scan(rows):
    with Prober() as p:
        p.begin("兰")
        p("set enable_seqscan = off")
        for table in readable("app"):
            p(f"with s as materialized (select set_config('minqing.lo', '0', true) a, set_config('minqing.hi', '9', true) b) select t.* from s cross join lateral (select * from {table}) t")
        assert p.leaked(rows, OWN) == []


def test_a_later_transaction_has_no_scope(rows):
    with Prober() as p:
        p.begin("兰")
        p("select set_config('minqing.lo', current_setting('minqing.lo'), false), set_config('minqing.hi', current_setting('minqing.hi'), false), "
          "set_config('minqing.claim', current_setting('minqing.claim'), false), set_config('minqing.seal', current_setting('minqing.seal'), false)")
        p("commit")
        for table in readable("app"):
            assert p(f"select * from {table}") == [] or refused(p(f"select * from {table}")), table
        assert refused(p("select access.claim('staff')"))


def test_a_scope_does_not_outlive_its_transaction_inside_one_message(rows):
    """All transactions of one simple-query message share their start time; the seal names the transaction's number."""
    keep = "select set_config('x.claim', current_setting('minqing.claim'), false), set_config('x.seal', current_setting('minqing.seal'), false)"
    again = "select set_config('minqing.claim', current_setting('x.claim'), true), set_config('minqing.seal', current_setting('x.seal'), true), set_config('minqing.lo', '0', true), set_config('minqing.hi', '9', true)"
    for end in ("commit; begin", "rollback; begin", "commit and chain", "rollback and chain"):
        with Prober() as p:
            assert p.message(f"begin; select access.enter('{TOKENS['兰']}', 'test', 'test'); select count(*) from archives_resident") == [b"1"]
            values = p.message(f"begin; select access.enter('{TOKENS['兰']}', 'test', 'test'); {keep}; {end}; {again}; select count(*) from archives_resident; ")
            assert values in ([b"0"], []), (end, values)


def seen(p: Prober, name: str) -> dict[str, str]:
    """Claim, seal and hint as anybody with this token can see them."""
    p.begin(name)
    found = p("select current_setting('minqing.claim'), current_setting('minqing.seal'), current_setting('minqing.lo'), current_setting('minqing.hi')")
    return dict(zip(("claim", "seal", "lo", "hi"), found[0], strict=True))


def replay(p: Prober, settings_seen: dict[str, str]) -> None:
    for name, value in settings_seen.items():
        p("select set_config(%s, %s, true)", f"minqing.{name}", value)


@pytest.mark.parametrize("where", ["another transaction", "another backend", "gather", "jobs", "resident"])
def test_a_claim_and_seal_seen_earlier_open_nothing(rows, where):
    with Prober() as first:
        scope = seen(first, "数")
        other = first if where == "another transaction" else Prober("app" if where == "another backend" else where)
        if where == "another transaction":
            first("commit")
        with other as p:
            p.heard.clear()
            p("begin")
            replay(p, scope)
            for table in readable("app" if where.startswith("another") else where):
                p("savepoint s")
                if refused(p(f"select * from {table}")):
                    p("rollback to s")
            p.heard = [t for t in p.heard if not t.startswith('["{')]
            assert p.leaked(rows) == []


def test_a_genuine_seal_does_not_cover_a_wider_claim(rows):
    with Prober() as p:
        scope = seen(p, "兰")
        for wider in (scope["claim"].replace(f"{PENGLI}001", PENGLI), scope["claim"] + " ", '{"rights": {"people": "{[0,9)}"}}' + scope["claim"], scope["claim"].replace("people", "xxxxxx", 1)):
            replay(p, scope | {"claim": wider, "lo": "0", "hi": "9"})
            p.said.append(wider)
            assert p("select count(*) from archives_household") == [(0,)]
            assert refused(p("select access.claims()"))
            p.begin()


def test_a_scope_entered_an_hour_ago_is_over(rows):
    """Nobody keeps a transaction open to keep his rights: the claim itself says until when."""
    with Prober() as p, superuser() as root:
        root.execute("update access_session set expires_at = now() + interval '1.2 seconds' where token_digest = sha256(%s::text::bytea)", [TOKENS["梅"]])
        p.begin("梅")
        assert isinstance(p("select access.claim('staff')"), list)
        p("select pg_sleep(1.3)")
        assert refused(p("select access.claim('staff')"))
        root.execute("update access_session set expires_at = now() + interval '1 hour' where token_digest = sha256(%s::text::bytea)", [TOKENS["梅"]])


# --- the whole cast ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", CAST)
def test_everybody_of_the_cast_sees_exactly_his_areas(rows, name):
    """DESIGN §2 as a truth table: an area of one's appointment with the right to people, nothing else."""
    areas = [area for role, area in CAST[name].posts if Right.PEOPLE in ROLES[role].rights]
    own = [grid for grid in GRIDS if any(grid.startswith(a) for a in areas)]
    with Prober() as p:
        p.begin(name)
        for table in ("archives_placement", "archives_household", "archives_membership", "archives_dwelling", "archives_occupancy", "archives_searchkey", "gather_question"):
            got = p(f"select grid_code from {table} where grid_code = any(%s)", list(GRIDS))
            assert sorted({g for (g,) in got}) == sorted(own), table
        got = p("select name from archives_resident where name = any(%s)", list(MARKS.values()))
        assert sorted(n for (n,) in got) == sorted(MARKS[g] for g in own)
        for table in readable("app"):
            if table != "access_auditentry":
                p("savepoint s")
                if refused(p(f"select * from {table}")):
                    p("rollback to s")
        p.said = [s for s in p.said if "any(%s)" not in s]
        if not {"gather"} & {r.value for role, _ in CAST[name].posts for r in ROLES[role].rights}:
            assert p.leaked(rows, *own) == []


# --- sensitive items ---------------------------------------------------------------------------------------------------

SENSITIVE = ("archives_health", "archives_disability", "archives_relief")


@pytest.mark.parametrize("name", CAST)
def test_sensitive_items_need_their_own_right(rows, name):
    areas = [area for role, area in CAST[name].posts if Right.SENSITIVE in ROLES[role].rights]
    own = [rows.person(grid) for grid in GRIDS if any(grid.startswith(a) for a in areas)]
    with Prober() as p:
        p.begin(name)
        for table in SENSITIVE:
            assert {person for (person,) in p(f"select person_id from {table}")} == set(own), table
        assert own or name not in ("香", "芳")
        assert not own or name not in ("兰", "强", "苗", "审", "管", "国")


@pytest.mark.parametrize("purpose", ["", "   ", None])
def test_a_scope_without_a_purpose_is_refused(rows, purpose):
    with Prober() as p:
        assert refused(p("select access.enter(%s, %s, 'test')", TOKENS["香"], purpose))


def test_history_of_sensitive_items_needs_the_right_as_well(rows):
    with superuser() as root:
        root.execute("insert into archives_change (at, \"table\", row_id, person_id, grid_code, before, after, purpose) values (now(), 'health', %s, %s, null, null, '{\"code\": \"异地病\"}', '')", [uuid.uuid4(), rows.person(OWN)])
    with Prober() as p:
        assert p.begin("兰")("select * from archives_change where \"table\" = 'health'") == []
        assert len(p.begin("香")("select * from archives_change where \"table\" = 'health'")) == 1


def test_departments_rows_on_sensitive_matters_need_the_right(rows):
    with superuser() as root:
        root.execute("insert into gather_statement (id, batch_id, file_id, source, kind, line, grid_code, row_hash, original, cleaned) values (%s, %s, %s, '05', 'disability', 1, %s, '', '', '{\"disability_grade\": \"一级\"}')",
                     [uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), OWN])
    try:
        with Prober() as p:
            assert p.begin("兰")("select * from gather_statement where kind = 'disability'") == []
            assert len(p.begin("香")("select * from gather_statement where kind = 'disability'")) == 1
    finally:
        with superuser() as root:
            root.execute("delete from gather_statement where kind = 'disability' and grid_code = %s and line = 1", [OWN])


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
            assert any("permission denied" in h for h in p.heard)  # a warning, and skipped
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


# --- functions ---------------------------------------------------------------------------------------------------------

def executable(role: str) -> list[tuple[str, list[str], bool]]:
    """Every function of the program's schemas that a role may execute: name, argument types, returns a trigger."""
    with superuser() as root:
        return [
            (name, arguments, trigger) for name, arguments, trigger in root.execute("""
                select p.oid::regproc::text, coalesce(array(select format_type(t, null) from unnest(p.proargtypes) with ordinality x(t, n) order by n), '{}'), p.prorettype = 'trigger'::regtype
                  from pg_proc p where p.pronamespace in ('access'::regnamespace, 'public'::regnamespace) and p.prokind in ('f', 'p') and has_function_privilege(%s, p.oid, 'execute')""", [f"minqing_{role}"])
        ]


def arguments_for(kind: str, rows: foreign.Rows, grid: str) -> list[str]:
    ids = rows.ids[grid]
    samples = {
        "uuid": [str(ids["person_id"]), str(ids["household_id"])], "text": [grid, "living", MARKS[grid]], "bytea": ["\\x" + MARKS[grid].encode().hex()], "jsonb": ['{{"person": "{}"}}'.format(ids["person_id"])],
        "date": ["2026-11-01"], "smallint": ["1919"], "integer": ["1"], "bigint": [str(rows.job)], "boolean": ["true"], "text[]": ["{x}"], "uuid[]": ["{{{}}}".format(ids["person_id"])], "name": ["x"], "interval": ["1 day"],
        "timestamp with time zone": ["2026-11-01"],
    }
    return samples.get(kind, [])


@pytest.mark.parametrize("token", [None, "兰", "管"])
def test_no_function_returns_anything_foreign(rows, token):
    """All that app may execute, with nulls and with every foreign id, grid, digest and mark."""
    before = foreign.fingerprint(rows, OWN)
    with Prober() as p:
        called = 0
        for name, kinds, trigger in executable("app"):
            tries = [["null"] * len(kinds)]
            for grid in (QIANG, THIRD, NEXT, FAR):
                choices = [[f"'{a}'::{kind}" for a in arguments_for(kind, rows, grid)] + ["null"] for kind in kinds]
                tries += list(itertools.islice(itertools.product(*choices), 12))
            p.begin(token)
            for arguments in tries:
                p("savepoint s")
                if refused(p(f"select * from {name}({', '.join(arguments)})" if not trigger else f"select {name}()")):
                    p("rollback to s")
                called += 1
            p("commit")  # so that a write would be seen
        p.begin()
        # a document id of the caller's own making is in what was said; anything else of a foreign row would be a leak
        leaks = [x for x in p.leaked(rows, OWN) if not x.startswith("异")]
        assert called > 20
        assert leaks == []
    assert foreign.fingerprint(rows, OWN) == before


FUNCTIONS_OF_POSTGRES = [
    "lo_create(0)", "lo_import('/etc/passwd')", "lo_get(1::oid)", "lo_from_bytea(0, '')", "lo_export(1::oid, '/tmp/x')", "loread(1, 1)", "pg_notify('a', 'b')", "pg_terminate_backend(pg_backend_pid() + 1)",
    "pg_cancel_backend(1)", "pg_advisory_lock(1)", "pg_try_advisory_lock(1)", "pg_advisory_xact_lock_shared(1)", "pg_export_snapshot()", "pg_logical_emit_message(true, 'a', 'b')", "pg_read_file('PG_VERSION')",
    "pg_read_binary_file('PG_VERSION')", "pg_ls_dir('.')", "pg_stat_file('PG_VERSION')", "pg_ls_logdir()", "pg_ls_waldir()", "pg_ls_tmpdir()", "pg_current_logfile()", "pg_reload_conf()", "pg_rotate_logfile()",
    "pg_switch_wal()", "pg_create_restore_point('x')", "pg_backup_start('x')", "pg_create_physical_replication_slot('x')", "pg_create_logical_replication_slot('x', 'test_decoding')", "pg_logical_slot_get_changes('x', null, null)",
    "pg_stat_reset()", "pg_stat_reset_shared('wal')", "pg_hba_file_rules()", "pg_show_all_file_settings()", "pg_log_backend_memory_contexts(1)", "pg_import_system_collations('public')", "pg_nextoid('pg_class', 'oid', 'pg_class_oid_index')",
    "pg_get_backend_memory_contexts()", "pg_get_shmem_allocations()", "pg_replication_origin_create('x')", "pg_promote()", "pg_extension_config_dump('pg_class', '')", "pg_stop_making_pinned_objects()",
    "binary_upgrade_create_empty_extension('a','a',true,'a',null,null,null)",
]


@pytest.mark.parametrize("call", FUNCTIONS_OF_POSTGRES)
def test_functions_of_postgresql_around_the_scope_are_denied(rows, call):
    with Prober() as p:
        p.begin("兰")
        assert refused(p(f"select {call}"))
        assert any(words in p.heard[-1] for words in ("ermission denied", "must be", "must have", "upgrade mode", "does not exist", "can only be called")), p.heard[-1]


# --- functions that talk, put where they could see a row too early --------------------------------------------------------

TALKING = [
    "{c}::text::int > 0", "{c}::text::numeric > 0", "{c}::text::uuid is null", "{c}::text::jsonb is null", "{c}::text::xml is null", "{c}::text::money > '0'", "{c}::text::date is null", "{c}::text::regclass is null",
    "{c}::text::inet is null", "{c}::text::bit(3) is null", "{c}::text::interval is null", "{c}::text::tsquery is null", "{c}::text::pg_lsn is null", "{c}::text::int4range is null", "{c}::text::bytea is null", "{c}::text::point is null",
    "1 / (case when {c}::text like '%' then 0 else 1 end) = 1", "xpath({c}::text, '<a/>') is null", "to_number({c}::text, '999') > 0", "to_timestamp({c}::text, 'YYYY') is null", "nextval({c}::text::regclass) > 0",
    "set_config('x.heard', coalesce(current_setting('x.heard', true), '') || {c}::text, false) is not null", "query_to_xml({c}::text, true, true, '') is null", "(select count(*) from ts_stat({c}::text)) > 0",
    "format({c}::text || '%') is null", "regexp_match('a', {c}::text || '(') is null", "has_table_privilege({c}::text, 'select')", "pg_size_bytes({c}::text) > 0", "convert_from({c}::text::bytea, {c}::text) is null",
    "current_setting({c}::text) is null", "make_date(1, 1, length({c}::text) * 1000) is null", "jsonb_path_query_array('1', {c}::text::jsonpath) is null", "parse_ident({c}::text) is null", "{c}::text collate \"C\" ~ ({c}::text || '[')",
    "to_regclass({c}::text) is not null", "textsend({c}::text) > '\\x'", "row({c}, 1/0) is null", "array_position(array[{c}::text], {c}::text) / 0 = 1",
]
COLUMNS = [("archives_resident", "name"), ("archives_household", "head_name"), ("archives_searchkey", "key"), ("archives_placement", "name_key"), ("archives_act", "sentence"), ("gather_statement", "cleaned"),
           ("gather_batch", "label"), ("access_auditentry", "reason"), ("archives_change", "after"), ("archives_health", "code")]


@pytest.mark.parametrize("condition", TALKING)
def test_no_function_in_a_condition_sees_a_foreign_row(rows, condition):
    with Prober() as p:
        for table, column in COLUMNS:
            for step in ("", "set local enable_seqscan = off", "set local enable_indexscan = off; set local enable_bitmapscan = off", "set local cpu_operator_cost = 1000000", "set local cpu_operator_cost = 0; set local jit = on; set local jit_above_cost = 0"):
                p.begin("兰")
                for part in filter(None, step.split("; ")):
                    p(part)
                p("select set_config('minqing.lo', '0', true), set_config('minqing.hi', '9', true)")
                p(f"select 1 from {table} where {condition.format(c=column)}")
                p.begin()
                p("select current_setting('x.heard', true)")
        assert p.leaked(rows, OWN) == []


def test_joins_and_orders_of_evaluation_show_nothing(rows):
    with Prober() as p:
        for statement in (
            "select count(*), array_agg(r.name) from archives_placement p full join archives_resident r on r.id = p.person_id",
            "select (select string_agg(name, ',') from archives_resident), (select max(key) from archives_searchkey)",
            "select * from archives_household h left join archives_membership m on m.household_id = h.id or true left join archives_resident r on r.id = m.person_id",
            "table archives_resident", "select archives_resident from archives_resident", "select to_jsonb(r) from archives_resident r", "with recursive t as (select * from archives_household union all select * from t where false) select * from t",
            "select * from archives_household tablesample system (100)", "select ctid, xmin, tableoid, * from archives_household", "select * from archives_household where ctid = any(array(select format('(%s,%s)', a, b)::tid from generate_series(0, 5) a, generate_series(1, 60) b))",
            "select * from only gather_statement", "select * from query_to_xml('select * from archives_resident', true, true, '')", "select table_to_xml('archives_resident', true, true, '')", "select schema_to_xml('public', true, true, '')",
            "select database_to_xml(true, true, '')", "select cursor_to_xml('c', 100, true, true, '')", "copy archives_resident to stdout",
        ):
            p.begin("兰")
            if statement.startswith("copy"):
                with p.connection.cursor().copy(statement) as out:
                    p.heard.extend(bytes(b).decode() for b in out)
            else:
                p(statement)
        assert p.leaked(rows, OWN) == []


@pytest.mark.parametrize("statement", ["copy archives_resident to program 'cat'", "copy archives_resident to '/tmp/x'", "copy archives_act (sentence) from '/etc/passwd'", "copy archives_act (sentence) from program 'id'"])
def test_copy_reaches_no_file_and_no_program(rows, statement):
    with Prober() as p:
        p.begin("兰")
        assert refused(p(statement))


# --- what errors, catalogs and other connections tell ---------------------------------------------------------------------

def test_errors_of_constraints_do_not_quote_a_foreign_row(rows):
    far, household = rows.person(FAR), rows.household(FAR)
    before = foreign.fingerprint(rows, OWN)
    with Prober() as p:
        for statement in (
            f"insert into archives_household (id, sources, version, created_at, updated_at, grid_code, origin_code, number, kind, state, head_name, address, natural_village, group_no, door, members_count, home_count, caution, difficulties, wishes, dissolve_reason, sort_key) select '{household}', '{{}}', 1, now(), now(), '{OWN}', '', 'x', 'family', 'active', '', '', '', '', '', 0, 0, '', '', '', '', '' ",
            f"update archives_resident set died_on = '1800-01-01', alive = false where id = '{far}' or true",
            f"update archives_membership set person_id = '{far}'", f"update archives_household set id = '{household}'", f"update archives_resident set id = '{far}'",
            f"insert into archives_membership (id, sources, version, created_at, updated_at, grid_code, household_id, person_id, relation, by, end_reason) values (gen_random_uuid(), '{{}}', 1, now(), now(), '{OWN}', '{rows.household(OWN)}', '{far}', '01', 'registration', '')",
            f"insert into archives_occupancy (id, sources, version, created_at, updated_at, grid_code, dwelling_id, person_id, kind) values (gen_random_uuid(), '{{}}', 1, now(), now(), '{OWN}', '{rows.ids[FAR]['dwelling_id']}', '{far}', 'owner')",
            "insert into access_staff (id, number, name, organisation_id, area_code, work_phone) select gen_random_uuid(), '3302', 'x', organisation_id, area_code, '' from access_staff limit 1",
        ):
            p.begin("兰")
            assert refused(p(statement)), statement
        p.begin()
        assert p.leaked(rows, OWN) == []
    assert foreign.fingerprint(rows, OWN) == before


CATALOGS = ["pg_stat_activity", "pg_stats", "pg_stats_ext", "pg_stats_ext_exprs", "pg_statistic", "pg_statistic_ext_data", "pg_stat_statements", "pg_locks", "pg_prepared_statements", "pg_cursors", "pg_prepared_xacts", "pg_authid", "pg_shadow",
            "pg_largeobject", "pg_largeobject_metadata", "pg_file_settings", "pg_hba_file_rules", "pg_user_mappings", "pg_subscription", "pg_stat_progress_copy", "pg_stat_progress_analyze", "pg_stat_replication", "pg_stat_ssl",
            "pg_replication_slots", "pg_db_role_setting", "pg_settings", "pg_stat_user_tables", "pg_stat_database", "pg_stat_wal_receiver", "pg_seclabels", "pg_description", "pg_shdescription", "pg_attrdef", "pg_backend_memory_contexts",
            "pg_notify_queue_usage()", "pg_listening_channels()", "pg_stat_get_activity(null)", "information_schema.role_table_grants"]


@pytest.mark.parametrize("token", [None, "兰"])
def test_catalogs_and_statistics_show_no_value(rows, token):
    """While another connection of the same role works on its own rows, with their values in the text of its statements."""
    with superuser() as root:
        root.execute("analyze archives_resident, archives_household, archives_searchkey, gather_statement, archives_health")
    with Prober() as second, Prober() as p:
        second.begin("强")
        second("prepare mine as select * from archives_resident where name = '异地乙'")
        second("declare open_cursor cursor for select * from archives_resident where name = '异地乙'")
        second.connection.execute("set application_name = 'minqing'")
        second("select '异地乙' || pg_sleep(0), access.claim('name')")
        p.begin(token)
        for catalog in CATALOGS:
            p("savepoint s")
            if refused(p(f"select * from {catalog}")):
                p("rollback to s")
        assert p.leaked(rows, OWN) == []
        said = "\n".join(p.heard)
        assert TOKENS["强"] not in said
        assert "access.claim('name')" not in said
        got = p("select query from pg_stat_activity where pid = %s", second.connection.info.backend_pid)
        assert got in ([("",)], [("<insufficient privilege>",)], [(None,)]), got


def test_statistics_of_personal_tables_are_hidden(rows):
    with Prober() as p:
        p.begin("兰")
        assert p("select tablename from pg_stats where schemaname in ('public', 'access') and (tablename like 'archives%%' or tablename like 'gather%%' or tablename like 'access_a%%' or tablename like 'access_s%%') and tablename not like 'access_areasu%%' and tablename <> 'access_auditseal'") in ([],)


def test_messages_between_sessions_carry_no_value(rows):
    """LISTEN cannot be revoked; what the queue says on its channels is the number of a job, nothing of its arguments."""
    heard: list[str] = []
    with Prober() as p, Prober() as q:
        for channel in ("procrastinate_any_queue_v1", '"procrastinate_queue_v1#default"', "procrastinate_any_queue", "minqing"):
            p(f"listen {channel}")
        q.begin("香")
        assert isinstance(q("select access.enqueue('gather.report', %s::jsonb)", '{"note": "异地乙"}'), list)
        q("commit")
        heard = [n.payload for n in p.connection.notifies(timeout=0.5, stop_after=2)]
    assert all(set(__import__("json").loads(n)) <= {"type", "job_id"} for n in heard), heard


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


# --- writing -----------------------------------------------------------------------------------------------------------

def writes(rows: foreign.Rows) -> list[str]:
    """Every way to touch, take or push a row that is not 兰's."""
    far, household, dwelling = rows.person(FAR), rows.household(QIANG), rows.ids[QIANG]["dwelling_id"]
    mine, my_person = rows.household(OWN), rows.person(OWN)
    found = []
    for table in TABLES:
        code = "area_code" if table in ("gather_batch", "gather_batchfile", "gather_columnalias") else None if table in ("archives_resident", "archives_identity", "archives_kinship", *SENSITIVE) else "grid_code"
        found += [f"delete from {table} returning *", f"select * from {table} for update", f"select * from {table} for share"]
        if code:
            found += [f"update {table} set {code} = '{OWN}' returning *", f"update {table} set {code} = '{OWN}' where {code} <> '{OWN}' returning *", f"update {table} set {code} = '{QIANG}' returning *", f"update {table} set {code} = '{FAR}' returning *"]
    full = "(id, sources, version, created_at, updated_at, grid_code, origin_code, number, kind, state, head_name, address, natural_village, group_no, door, members_count, home_count, caution, difficulties, wishes, dissolve_reason, sort_key) values ('{id}', '{{}}', 1, now(), now(), '{grid}', '', 'x', 'family', 'active', '', '', '', '', '', 0, 0, '', '', '', '', '')"
    found += [
        f"insert into archives_household {full.format(id=household, grid=OWN)} on conflict (id) do update set grid_code = excluded.grid_code returning *",
        f"insert into archives_household {full.format(id=household, grid=OWN)} on conflict (id) do nothing returning *",
        f"insert into archives_household {full.format(id=uuid.uuid4(), grid=QIANG)} returning *", f"insert into archives_household {full.format(id=uuid.uuid4(), grid=PENGLI)} returning *",
        f"merge into archives_household h using (select '{household}'::uuid as id) s on h.id = s.id when matched then update set address = 'x' when not matched then insert {full.format(id=household, grid=OWN).replace('(id, sources', '(id, sources')} returning h.*",
        f"merge into archives_household h using (select 1) s on true when matched then update set grid_code = '{OWN}' returning h.*",
        f"insert into archives_placement (id, person_id, grid_code, why, starts_on, name_key) values (gen_random_uuid(), '{far}', '{OWN}', 'living', now(), '')",
        f"update archives_placement set person_id = '{far}'", f"update archives_placement set grid_code = '{QIANG}'",
        "insert into archives_resident (id) values (gen_random_uuid())",
        f"insert into archives_kinship (id, sources, version, created_at, updated_at, person_id, relative_id, kind, end_reason) values (gen_random_uuid(), '{{}}', 1, now(), now(), '{my_person}', '{far}', 'spouse', '')",
        f"update archives_kinship set relative_id = '{far}'", f"update archives_kinship set person_id = '{far}'",
        f"insert into archives_health (id, sources, version, created_at, updated_at, person_id, code, payload) values (gen_random_uuid(), '{{}}', 1, now(), now(), '{far}', 'x', '')",
        f"update archives_household set dwelling_id = '{dwelling}', head_id = '{far}' where id = '{mine}' returning dwelling_id is null",
        f"update archives_membership set household_id = '{household}'", f"update archives_membership set grid_code = '{QIANG}'", "update archives_change set before = '{}'", "delete from archives_change",
        f"insert into archives_act (id, at, staff, grid_code, kind, sentence, persons, households, url) values (gen_random_uuid(), now(), access.claim('staff')::uuid, '{QIANG}', 'x', 'x', '{{}}', '{{}}', '')",
        f"insert into archives_act (id, at, staff, grid_code, kind, sentence, persons, households, url) values (gen_random_uuid(), now(), '{rows.ids[QIANG]['staff']}', '', 'x', 'x', '{{}}', '{{}}', '')",
        f"insert into gather_statement (id, batch_id, file_id, source, kind, line, person_id, grid_code, row_hash, original, cleaned) values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'V', 'visit', 1, '{far}', '{OWN}', '', '', '{{}}')",
        f"insert into gather_statement (id, batch_id, file_id, source, kind, line, person_id, grid_code, row_hash, original, cleaned) values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '01', 'residents', 1, '{my_person}', '{OWN}', '', '', '{{}}')",
        "update gather_statement set cleaned = '{}'", "delete from gather_statement", f"insert into gather_judgement (id, grid_code, left_key, verdict, why, by, at) values (gen_random_uuid(), '{OWN}', 'x', 'same', '', '{rows.ids[QIANG]['staff']}', now())",
        f"insert into access_auditentry (id, what, purpose, origin, staff) values (gen_random_uuid(), 'x', 'x', 'x', '{rows.ids[QIANG]['staff']}')", "insert into access_auditentry (id, at, what, purpose, origin) values (gen_random_uuid(), now(), 'x', 'x', 'x')",
        "update access_auditentry set what = 'x'", "delete from access_auditentry", "insert into access_auditseal select * from access_auditseal",
        "update access_staff set name = 'x'", "update access_appointment set area_code = '33'", "update access_appointment set ends_at = now()", "delete from access_appointment",
        f"insert into access_appointment (id, staff_id, role_id, area_code, starts_at, end_reason) values (gen_random_uuid(), access.claim('staff')::uuid, 'village_secretary', '{PENGLI}', now(), '')",
        f"insert into access_subject (id, account, person_id, starts_at) values (gen_random_uuid(), gen_random_uuid(), '{far}', now())", "update access_role set rank = 9", "insert into access_roleright (role_id, \"right\") values ('grid_officer', 'audit')",
        f"insert into access_area (code, level, official_name, short_name, stem, kind, covers) values ('{OWN}99', 'micro', '', '', '', '', '')", "update access_area set closed_on = now()", "update access_area set code = '1'",
    ]
    return found


def test_nothing_foreign_is_written_taken_or_pushed(rows):
    before, known = foreign.fingerprint(rows, OWN), 0
    with Prober() as p:
        for statement in writes(rows):
            p.begin("兰")
            p("select set_config('minqing.lo', '0', true), set_config('minqing.hi', '9', true)")
            got = p(statement)
            known += refused(got)
            # rolled back where it touched her own row only; committed otherwise, so that its traces would be seen
            p("rollback" if isinstance(got, list) and got and "returning" in statement else "commit")
        assert known > 60
        assert p.leaked(rows, OWN) == []
    assert foreign.fingerprint(rows, OWN) == before


def committed(p: Prober, name: str, *statements: tuple[object, ...]) -> list[object]:
    """Each statement in a transaction of its own, kept."""
    got = []
    for statement, *parameters in statements:
        p.begin(name)
        got.append(p(str(statement), *parameters))
        p("commit")
    return got


def test_a_move_takes_no_foreign_dwelling_and_no_foreign_row_along(rows):
    """`dwelling_id` is the caller's own text; a membership row of somebody else may name the household."""
    before = foreign.fingerprint(rows, OWN)
    household, dwelling = rows.household(OWN), rows.ids[QIANG]["dwelling_id"]
    with Prober() as p:
        committed(p, "兰", ("update archives_household set dwelling_id = %s where id = %s", dwelling, household), ("select access.move_household(%s, %s, current_date)", household, OWN + "01"))
        p.begin("兰")
        assert p("select grid_code from archives_household") == [(OWN + "01",)]
        assert p("select id from archives_dwelling where id = %s", dwelling) == []
        assert p("select id from archives_occupancy where dwelling_id = %s", dwelling) == []
        committed(p, "兰", ("select access.move_household(%s, %s, current_date)", household, OWN), ("update archives_household set dwelling_id = %s where id = %s", rows.ids[OWN]["dwelling_id"], household))
        assert p.leaked(rows, OWN) == []
    assert foreign.fingerprint(rows, OWN) == before


def test_no_crossing_function_opens_a_foreign_person(rows):
    before = foreign.fingerprint(rows, OWN)
    with Prober() as p:
        for grid in (QIANG, THIRD, NEXT, FAR):
            person, household = rows.person(grid), rows.household(grid)
            for statement in (
                ("select access.place(%s, %s, 'living', current_date)", person, OWN), ("select access.unplace(%s, %s, 'registered', current_date)", person, grid), ("select access.move_household(%s, %s, current_date)", household, OWN),
                ("select access.create_person(%s, 'living', current_date, 'x', '1', null)", grid), ("select access.create_person(%s, 'living', current_date, 'x', '1', null)", grid[:12]),
                ("select access.create_person(%s, 'living', current_date, 'x', '1', null)", OWN + " x"), ("select access.create_person(%s, 'because', current_date, 'x', '1', null)", OWN),
                ("select access.register_identity(%s, 'x', 1::smallint)", person), ("select access.move_area(%s, %s, current_date)", grid, OWN), ("select access.move_area('330881', %s, current_date)", OWN),
                ("select access.households_in(%s)", grid), ("select access.rekey_person(%s, '{x}', '{n}', 'x')", person), ("select access.forget_person(%s)", person), ("select access.end_sessions_of(%s)", rows.ids[grid]["staff"]),
            ):
                p.begin("兰")
                assert refused(p(*statement)), statement
            p.begin("兰")
            assert p("select * from access.far_kin(%s)", person) == []
            assert p("select access.end_my_session(%s)", rows.ids[grid]["act"]) == [(False,)]
        assert p.leaked(rows, OWN) == []
    assert foreign.fingerprint(rows, OWN) == before


def test_a_number_that_belongs_elsewhere_says_only_that(rows):
    digest = MARKS[FAR].encode()
    with Prober() as p:
        p.begin("兰")
        assert p("select access.find_or_refer(%s, 1919::smallint)", digest) == [({"found": True, "elsewhere": True},)]
        assert p("select access.find_or_refer(%s, 1919::smallint)", b"unknown") == [({"found": False},)]
        assert refused(p("select access.register_identity(%s, %s, 1919::smallint)", rows.person(OWN), digest))
        assert p.leaked(rows, OWN) == []
        p.begin("管")
        assert refused(p("select access.find_or_refer(%s, 1919::smallint)", digest))


def test_look_ups_by_number_are_limited(rows):
    with Prober() as p:
        p.begin("强")
        outcomes = [p("select access.find_or_refer(%s, 1::smallint)", str(n).encode()) for n in range(201)]
        assert not refused(outcomes[0])
        assert refused(outcomes[200])


def test_leaving_the_scope_is_recorded_by_the_database(rows):
    """Whoever brings a person or a household out of his sight writes an entry he cannot leave out."""
    count = "select count(*) from archives_placement where person_id = %s"
    with Prober() as p, superuser() as root:
        before = root.execute(count, [rows.person(OWN)]).fetchone()
        p.begin("兰")
        assert not refused(p("select access.place(%s, %s, 'living', current_date)", rows.person(OWN), NEXT_VILLAGE + "000"))
        assert p("select what from access_auditentry where what like 'crossing.%%'") == [("crossing.place",)]
        p("rollback")
        assert refused(p.begin("兰")("select access.place(%s, %s, 'living', current_date)", rows.person(OWN), NEXT))
        assert root.execute(count, [rows.person(OWN)]).fetchone() == before


def test_of_a_relative_outside_one_learns_surname_and_distance_only(rows):
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        made = uuid.uuid4()
        root.execute("insert into archives_kinship (id, sources, version, created_at, updated_at, person_id, relative_id, kind, end_reason) values (%s, '{}', 1, now(), now(), %s, %s, 'parent', '')", [made, rows.person(OWN), rows.person(FAR)])
        try:
            with Prober() as p:
                p.begin("兰")
                got = p("select name, place from access.far_kin(%s)", rows.person(OWN))
                assert got == [(MARKS[FAR][0], "外地")]
                assert p("select * from archives_resident where id = %s", rows.person(FAR)) == []
                p.begin("柯" if "柯" in TOKENS else "潭")
                assert p("select name, place from access.far_kin(%s)", rows.person(FAR)) == [(MARKS[OWN][0], "外地")]
        finally:
            root.execute("delete from archives_kinship where id = %s", [made])


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
            p(f"select * from {table}")
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
