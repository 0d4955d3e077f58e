"""Somebody has the application's own database password, free SQL and perhaps an officer's token: he reads no field of a
foreign row (DESIGN §4; scope.md). What he still learns is named in docs/reference/scope-residue.md.

Invariant: each attack is one named test that speaks psycopg, not Django; whatever comes back — rows, errors, details,
notices — is searched for the marks of the foreign rows.
"""

from __future__ import annotations

import itertools
import json
import uuid

import pytest

from minqing.access.rules.roles import ROLES, Right
from minqing.demo.cast import CAST
from tests.contracts import foreign
from tests.contracts.attacks import CLOSED, FORGED, PARTITIONS, SENSITIVE, SEQUENTIAL, TABLES, readable, refused
from tests.contracts.foreign import FAR, GRIDS, MARKS, NEXT, OWN, QIANG, THIRD, Prober, superuser
from tests.people import PENGLI, TOKENS

pytestmark = pytest.mark.usefixtures("rows")


# --- without a token ---------------------------------------------------------------------------------------------------

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
        root.execute("insert into archives_change (at, \"table\", row_id, person_id, grid_code, before, after, purpose) values (now(), 'health', %s, %s, null, null, '{\"code\": \"邕嵓病\"}', '')", [uuid.uuid4(), rows.person(OWN)])
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
        leaks = [x for x in p.leaked(rows, OWN) if not x.startswith("邕")]
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
        second("prepare mine as select * from archives_resident where name = '邕嵓乙'")
        second("declare open_cursor cursor for select * from archives_resident where name = '邕嵓乙'")
        second.connection.execute("set application_name = 'minqing'")
        second("select '邕嵓乙' || pg_sleep(0), access.claim('name')")
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
        assert isinstance(q("select access.enqueue('gather.report', %s::jsonb)", '{"note": "邕嵓乙"}'), list)
        q("commit")
        heard = [n.payload for n in p.connection.notifies(timeout=0.5, stop_after=2)]
    assert all(set(json.loads(n)) <= {"type", "job_id"} for n in heard), heard
