"""Nothing foreign is written, taken or pushed, and no crossing function opens a foreign person. See test_attack.py."""

from __future__ import annotations

import uuid

import pytest

from tests.contracts import foreign
from tests.contracts.attacks import SENSITIVE, TABLES, refused
from tests.contracts.foreign import FAR, MARKS, NEXT, OWN, QIANG, THIRD, Prober, superuser
from tests.people import NEXT_VILLAGE, PENGLI, TOKENS

pytestmark = pytest.mark.usefixtures("rows")


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
