"""What the archive knows already, told to the engine: grids, people, households, dwellings, and the values they hold.

Invariant: the engine links by identity number alone; people known outside the officer's scope are found by the digest of
their number and by nothing else, and of them nothing is read before a placement in this area makes them visible.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

import pyarrow as pa

from minqing.archives import vault
from minqing.archives.rules import authority
from minqing.gather.engine import assembling, store
from minqing.gather.loading.stage import SLICE, entered

PLACES = re.compile(r"[、,，;；/\s]+")
NUMBERLESS = "u:"  # key of a known person without a number


def _fill(work: store.Workspace, table: str, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
    work.sql.execute(f"create or replace table {table} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
    if rows:
        work.sql.register("incoming", pa.table({c: [r[i] for r in rows] for i, c in enumerate(columns)}))
        work.sql.execute(f"insert into {table} select {', '.join(f'cast({c} as {t})' for c, t in columns.items())} from incoming")  # noqa: S608
        work.sql.unregister("incoming")


# Rows that stand: of batches that were finished and not undone. A desk edit is a statement of its own, without a print.
_PRINTS = """copy (select encode(s.row_hash, 'hex'), s.id, s.person_id, s.how, s.batch_id from gather_statement s
  where s.batch_id in (select b.id from gather_batch b where b.state = 'done') and length(s.row_hash) = 16) to stdout (format csv)"""


def _copied(work: store.Workspace, cursor: Any, table: str, query: str, columns: dict[str, str]) -> None:
    """The rows of a COPY … TO STDOUT as a table: by way of a file in the batch's own folder, so that memory stays small."""
    path = work.folder / f"{table}.csv"
    with path.open("wb") as file, cursor.copy(query) as reader:
        for block in reader:
            file.write(block)
    names = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    work.sql.execute(f"create or replace table {table} as select * from read_csv(?, auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', columns = {{{names}}}, nullstr = '')", [str(path)])  # noqa: S608 - own names
    path.unlink()


def tell(work: store.Workspace, batch: uuid.UUID) -> None:
    """Fill `known_grid`, `known_person`, `known_row` (key → id), `known_household`, `known_member` (of households with a short number), `known_dwelling`, `known_link` (rows somebody
    judged) and `known_print` (rows that stand) from the batch's scope."""
    with entered(batch) as cursor:
        cursor.execute("select left(code, 12), code, covers from access_area where level = 'grid' and closed_on is null and access.may('people', code)")
        grids = [(village, place, code) for village, code, covers in cursor.fetchall() for place in PLACES.split(covers) if place]
        cursor.execute("select id, id_cipher, name, birth_date, coalesce(nullif(registered_area, ''), living_area) from archives_resident where voided_at is null")
        people, rows = [], []
        while part := cursor.fetchmany(SLICE):
            for person, envelope, name, birth, village in part:
                number = vault.decrypt("archives_resident.id_cipher", person, envelope)
                key = number or f"{NUMBERLESS}{person}"
                people.append((key, number or None, name, birth, village or None))
                rows.append((key, str(person)))
        cursor.execute("select h.id::text, h.number, left(h.grid_code, 12), h.head_id::text, h.grid_code from archives_household h where h.voided_at is null")
        households = cursor.fetchall()
        short = [household for household, number, *_ in households if number and len(number) < assembling.OWN_NUMBER]
        cursor.execute("select household_id::text, person_id::text from archives_membership where household_id = any(%s::uuid[]) and ends_on is null and voided_at is null", [short])
        members = cursor.fetchall()
        cursor.execute("select id::text, left(grid_code, 12), address, code, grid_code from archives_dwelling where voided_at is null")
        dwellings = cursor.fetchall()
        cursor.execute("select row_key, right_person::text from gather_judgement where verdict = 'same' and ended_at is null and row_key <> '' and right_person is not null")
        links = cursor.fetchall()
        cursor.execute("select s.id, s.number, r.id, r.id_cipher, r.birth_date from archives_sameperson s join archives_resident r on r.id = s.kept_id"
                       " where s.verdict = 'same' and s.ended_at is null and s.number is not null and r.voided_at is null")
        joined = [(vault.decrypt("archives_sameperson.number", judgement, number), vault.decrypt("archives_resident.id_cipher", person, own), born) for judgement, number, person, own, born in cursor.fetchall()]
        _copied(work, cursor, "known_print", _PRINTS, {"print": "varchar", "id": "varchar", "person": "varchar", "how": "varchar", "batch": "varchar"})
    _fill(work, "known_grid", {"village": "varchar", "place": "varchar", "grid_code": "varchar"}, grids)
    _fill(work, "known_person", {"person_key": "varchar", "id_number": "varchar", "name": "varchar", "birth_date": "date", "village": "varchar"}, people)
    _fill(work, "known_row", {"person_key": "varchar", "id": "varchar"}, rows)
    _fill(work, "known_household", {"id": "varchar", "number": "varchar", "village": "varchar", "head": "varchar", "grid_code": "varchar"}, households)
    _fill(work, "known_member", {"id": "varchar", "person": "varchar"}, members)
    _fill(work, "known_joined", {"number": "varchar", "id_number": "varchar", "birth_date": "date"}, [j for j in joined if j[0] and j[1] and j[0] != j[1]])
    _fill(work, "known_link", {"row_key": "varchar", "id": "varchar"}, links)
    _fill(work, "known_dwelling", {"id": "varchar", "village": "varchar", "address": "varchar", "code": "varchar", "grid_code": "varchar"}, dwellings)


def fix_persons(work: store.Workspace, batch: uuid.UUID) -> int:
    """`person_id` (person_key, id, how: known | elsewhere | new): fixed once, kept in the workspace. Returns how many are new."""
    work.sql.execute("create table if not exists person_id (person_key varchar primary key, id varchar, how varchar)")
    work.sql.execute("""insert into person_id select distinct l.person_key, k.id, 'known' from link l join known_row k using (person_key)
                        where l.person_key not in (select person_key from person_id)""")
    fresh = work.sql.execute("""select distinct person_key from link where person_key not in (select person_key from person_id) order by 1""").fetchall()
    digesters = [vault.ring().digester(number) for number in vault.ring().digest]
    for start in range(0, len(fresh), SLICE):
        keys = [row[0] for row in fresh[start:start + SLICE]]
        by_digest = {digest: key for key in keys for digest in (d.digest(vault.IDENTITY, key) for d in digesters)}
        with entered(batch) as cursor:
            cursor.execute("select digest, person_id::text from archives_identity where digest = any(%s)", [list(by_digest)])
            found = {by_digest[bytes(digest)]: person for digest, person in cursor.fetchall()}
        rows = [(key, found.get(key) or str(uuid.uuid4()), "elsewhere" if key in found else "new") for key in keys]
        work.sql.register("incoming", pa.table({"person_key": [r[0] for r in rows], "id": [r[1] for r in rows], "how": [r[2] for r in rows]}))
        work.sql.execute("insert into person_id select * from incoming")
        work.sql.unregister("incoming")
    return int(work.sql.execute("select count(*) from person_id where how = 'new'").fetchone()[0])


def tell_homes(work: store.Workspace, batch: uuid.UUID) -> None:
    """`known_home`: the households that the register gave to people whom a list of this batch names, so that no list moves them. A household that
    only a list knew keeps its id while lists speak of it."""
    work.sql.execute(assembling.KNOWN_HOMES)
    keys = dict(work.sql.execute("""select distinct i.id, i.person_key from link l join statement s using (statement_no) join person_id i on i.person_key = l.person_key
                                    where s.kind = 'ledger' and s.source is distinct from '01' and l.role = 'subject' and i.how <> 'new' order by 1""").fetchall())
    listed = list(keys)
    for start in range(0, len(listed), SLICE):
        with entered(batch) as cursor:
            cursor.execute("""select m.person_id::text, h.id::text, h.grid_code from archives_membership m join archives_household h on h.id = m.household_id
                              where m.person_id = any(%s::uuid[]) and m.by = 'registration' and m.ends_on is null and m.voided_at is null and h.voided_at is null
                                and m.sources -> 'relation' ->> 'from' = '01'""", [listed[start:start + SLICE]])
            found = [(keys[person], home, grid) for person, home, grid in cursor.fetchall()]
        if found:
            work.sql.register("incoming", pa.table({c: [r[i] for r in found] for i, c in enumerate(("person_key", "id", "grid_code"))}))
            work.sql.execute("insert into known_home select person_key, id, grid_code from incoming")
            work.sql.unregister("incoming")


def tell_values(work: store.Workspace, batch: uuid.UUID) -> int:
    """`known_value`: the present values, with source and date, of the known people this batch speaks of; the choice weighs them with the rest."""
    keys = dict(work.sql.execute("select id, person_key from person_id join person_active using (person_key) where how <> 'new' order by id").fetchall())
    touched = list(keys)
    work.sql.execute("create or replace table known_value (person_key varchar, field varchar, value varchar, source varchar, kind varchar, as_of date, statement_no bigint, penalty integer)")
    count = 0
    for start in range(0, len(touched), SLICE):
        part = touched[start:start + SLICE]
        with entered(batch) as cursor:
            cursor.execute(
                """select r.id::text, f.key, case f.key when 'alive' then case when r.alive then '1' else '0' end
                            when 'phone' then null when 'emergency_phone' then null
                            -- "known, but not here" is not the same as unknown
                            when 'living_area' then case when r.living_elsewhere <> '' then 'outside' else r.living_area end
                            when 'registered_area' then coalesce(nullif(r.registered_area, ''), 'outside') else r.entry ->> f.key end,
                          f.value ->> 'from', f.value ->> 'on', r.phone_cipher, r.emergency_cipher
                     from (select *, to_jsonb(a) - array['sources', 'id_cipher', 'phone_cipher', 'emergency_cipher'] as entry from archives_resident a where a.id = any(%s::uuid[]) offset 0) r,
                          jsonb_each(r.sources) f
                    where true and f.key = any(%s) and jsonb_typeof(f.value) = 'object'""",
                [part, list(authority.ORDER)],
            )
            rows = []
            for person, field, value, source, on, phone, emergency in cursor.fetchall():
                if field == "phone":
                    value = vault.decrypt("archives_resident.phone_cipher", uuid.UUID(person), phone)
                elif field == "emergency_phone":
                    value = vault.decrypt("archives_resident.emergency_cipher", uuid.UUID(person), emergency)
                if value:
                    rows.append((keys[person], field, value, source or "00", "archive", on, -1, 0))
        if rows:
            names = ("person_key", "field", "value", "source", "kind", "as_of", "statement_no", "penalty")
            work.sql.register("incoming", pa.table({n: [r[i] for r in rows] for i, n in enumerate(names)}))
            work.sql.execute("insert into known_value select person_key, field, value, source, kind, try_cast(as_of as date), statement_no, penalty from incoming")
            work.sql.unregister("incoming")
        count += len(rows)
    return count


def fix_grids(work: store.Workspace, batch: uuid.UUID, today: Any) -> None:
    """Grids that the township's own table names come to be; `open_grid` holds every open grid of the scope."""
    named: list[tuple[str, str, str]] = []
    if "raw_grids" in work.tables():
        named = work.sql.execute("""select trim(grid_code), any_value(trim(coalesce(grid_name, ''))), string_agg(distinct trim(grid_places), '、') from raw_grids
                                    where row_kind = 'data' and regexp_matches(trim(grid_code), '^[0-9]{15}$') group by 1 order by 1""").fetchall()
    with entered(batch) as cursor:
        for code, name, places in named:
            cursor.execute(
                "insert into access_area (code, parent_id, level, official_name, short_name, stem, kind, covers, opened_on)"
                " select %s, left(%s, 12), 'grid', %s, %s, '', 'grid', %s, %s where access.may('gather', %s)"
                " and exists (select from access_area v where v.code = left(%s, 12) and v.closed_on is null) on conflict (code) do nothing",
                [code, code, name or f"第{int(code[12:])}网格", name or f"第{int(code[12:])}网格", (places or "")[:400], today, code, code])
        cursor.execute("select code from access_area where level = 'grid' and closed_on is null and access.may('people', code)")
        grids = [(row[0],) for row in cursor.fetchall()]
    _fill(work, "open_grid", {"grid_code": "varchar"}, grids)


def identify(work: store.Workspace, batch: uuid.UUID, today: Any) -> None:
    """Between linking and choosing: fix everybody's id, make those known elsewhere visible here, and tell their present values."""
    fix_grids(work, batch, today)
    fix_persons(work, batch)
    work.sql.execute("drop table if exists known_home")  # a killed run tells again
    tell_homes(work, batch)
    work.sql.execute("""create or replace table provisional as
      select i.id, any_value(g.grid_code) as grid_code from person_id i join link l using (person_key) join statement s using (statement_no)
      join open_grid g on g.grid_code in (s.living_village || '000', s.registered_village || '000', s.house_village || '000', s.village_hint || '000')
      where i.how = 'elsewhere' group by i.id order by i.id""")
    with entered(batch) as cursor:
        for person, grid in work.sql.execute("select id, grid_code from provisional").fetchall():
            cursor.execute("insert into archives_placement (id, person_id, grid_code, why, starts_on, name_key) values (gen_random_uuid(), %s, %s, 'living', %s, '')"
                           " on conflict (person_id, grid_code, why) where ends_on is null do nothing", [person, grid, today])
    # of whom something new is said: the others only complete a household
    work.sql.execute("""create or replace table person_active as select distinct person_key from link
                        where role in ('subject', 'tenant') and statement_no not in (select statement_no from context_row)""")
    tell_values(work, batch)


def end_provisional(work: store.Workspace, batch: uuid.UUID, today: Any) -> None:
    """A provisional placement that the assembled file does not confirm ends again."""
    over = work.sql.execute("select p.id, p.grid_code from provisional p join person_id i using (id) where not exists"
                            " (select 1 from person_place q where q.person_key = i.person_key and q.grid_code = p.grid_code)").fetchall()
    with entered(batch) as cursor:
        for person, grid in over:
            cursor.execute("update archives_placement set ends_on = %s where person_id = %s and grid_code = %s and why = 'living' and ends_on is null and exists"
                           " (select from archives_placement o where o.person_id = %s and o.ends_on is null and o.grid_code <> %s)", [today, person, grid, person, grid])
