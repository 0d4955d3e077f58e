"""Households, memberships, dwellings, occupancies, kinships, level-4 items."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from minqing.archives import vault
from minqing.archives.actions import derived
from minqing.archives.rules import keys
from minqing.gather.engine import assembling, store
from minqing.gather.loading import stage

# Ids are fixed once: a household is known by number and village, else by its head; a dwelling by its code or its address. A short number
# (101 of a village's own list) stands in the register and in every hamlet's list: it is the same household only with one of its people.
_OWN = "regexp_matches(kh.number, '^W[0-9a-f]{8}$')"  # the number that `_household` gives to a household of a list without numbers
_IDS = f"""
create table if not exists household_id (household_key varchar primary key, id varchar, how varchar);
create or replace temp table numbered as
with said as (
  select h.household_key, k.id, count(*) filter (i.id = k.head) as head, count(*) filter (n.person is not null) as members
  from household h join known_household k on k.number = h.number and k.village = h.village
  join membership m on m.household_key = h.household_key join person_id i on i.person_key = m.person_key left join known_member n on n.id = k.id and n.person = i.id
  where h.number <> '' and length(h.number) < {assembling.OWN_NUMBER} group by 1, 2),
alike as (select * from said where head + members > 0 qualify row_number() over (partition by household_key order by head desc, members desc, id) = 1)
select household_key, id from alike qualify row_number() over (partition by id order by head desc, members desc, household_key) = 1
union all
select h.household_key, min(k.id) from household h join known_household k on k.number = h.number and k.village = h.village where length(h.number) >= {assembling.OWN_NUMBER} group by 1;
insert into household_id select household_key, substr(household_key, {len(assembling.KNOWN_HOME) + 1}), 'known' from household
where household_key like '{assembling.KNOWN_HOME}%' and household_key not in (select household_key from household_id);
insert into household_id
select h.household_key, coalesce(k.id, b.id, cast(uuid() as varchar)), case when k.id is not null or b.id is not null then 'known' else 'new' end
from household h
left join numbered k on k.household_key = h.household_key
left join (select i.person_key, min(kh.id) as id from known_household kh join person_id i on i.id = kh.head where {_OWN} group by 1) b on b.person_key = h.head_key and k.id is null
where h.household_key not in (select household_key from household_id) and h.village is not null;
create table if not exists dwelling_id (dwelling_key varchar primary key, id varchar, how varchar);
insert into dwelling_id
select d.dwelling_key, coalesce(c.id, a.id, cast(uuid() as varchar)), case when c.id is not null or a.id is not null then 'known' else 'new' end
from dwelling d
left join (select code, village, min(id) as id from known_dwelling where code <> '' group by 1, 2) c on c.code = d.code and c.village = d.village
left join (select address, village, min(id) as id from known_dwelling where address <> '' group by 1, 2) a on a.address = d.address and a.village = d.village
where d.dwelling_key not in (select dwelling_key from dwelling_id);
-- a grid that does not exist means: not yet placed
update household set grid_code = village || '000' where grid_code not in (select grid_code from open_grid);
update dwelling set grid_code = village || '000' where grid_code not in (select grid_code from open_grid);
"""
# Households of which something new is said; the others stand here to be complete.
_ACTIVE = """
create or replace table household_active as
select household_key from household_id where how = 'new'
union select household_key from household_row where statement_no not in (select statement_no from same_row)
union select household_key from membership join person_active using (person_key)
union select l.household_key from living_household l, unnest(l.members) u(person_key) join person_active a on a.person_key = u.person_key;
"""

# People who live here without belonging to a registered household here: one "living" household per dwelling. Who is said to live in two (the lease
# names the surveyed house, his own row a group and a number that nobody resolves) lives in the one that is surveyed, else placed: else the other stood empty.
_LIVING = """
create or replace table living_household as
select o.dwelling_key, 'L' || o.dwelling_key as household_key, d.grid_code, d.village, d.address, d.natural_village, d.group_no, d.doorplate, d.building, d.unit, d.room,
       list(o.person_key order by p.birth_date nulls last, o.person_key) as members
from (select o.dwelling_key, o.person_key from occupancy o join dwelling d using (dwelling_key) join person p using (person_key) join open_grid g on g.grid_code = d.grid_code
      where o.kind in ('tenant', 'family') and p.alive and p.living_area = d.village and p.registered_area is distinct from d.village
      qualify row_number() over (partition by o.person_key order by (coalesce(d.code, '') = '')::int, ends_with(d.grid_code, '000')::int, (o.kind = 'family')::int, o.dwelling_key) = 1) o
join dwelling d using (dwelling_key) join person p using (person_key)
group by all order by o.dwelling_key;
insert into household_id select l.household_key, coalesce(k.id, cast(uuid() as varchar)), case when k.id is not null then 'known' else 'new' end
from living_household l left join dwelling_id di using (dwelling_key) left join (select number, village, min(id) as id from known_household group by 1, 2) k
  on k.number = 'J' || left(md5(l.dwelling_key), 8) and k.village = l.village
where l.household_key not in (select household_key from household_id);
"""


def fix_ids(work: store.Workspace) -> None:
    """Fix ids of households and dwellings in the workspace, before the first row is written."""
    for statement in (_IDS + _LIVING + _ACTIVE).split(";\n"):
        if statement.strip():
            work.sql.execute(statement)


def _source(source: str | None, as_of: Any, batch: uuid.UUID, line: Any, *fields: str) -> str:
    said = {"from": source or "00", "on": str(as_of) if as_of else None, "batch": str(batch), "line": str(line) if line is not None else None, "others": []}
    return json.dumps(dict.fromkeys(fields, said) | {"_": {"batch": str(batch)}}, ensure_ascii=False)


DWELLING = (("id", "uuid"), ("sources", "jsonb"), ("version", "integer"), ("created_at", "timestamptz"), ("updated_at", "timestamptz"), ("grid_code", "text"), ("code", "text"),
            ("address", "text"), ("natural_village", "text"), ("group_no", "text"), ("doorplate", "text"), ("building", "text"), ("unit", "text"), ("floor", "text"), ("room", "text"),
            ("purpose", "text"), ("structure", "text"), ("floors", "smallint"), ("floor_area", "numeric(14,2)"), ("built_year", "smallint"), ("owner_name", "text"), ("title_no", "text"),
            ("plot_area", "numeric(14,2)"), ("plot_approval", "text"), ("use_kind", "text"), ("safety", "text"), ("sort_key", "text"))
HOUSEHOLD = (("id", "uuid"), ("sources", "jsonb"), ("version", "integer"), ("created_at", "timestamptz"), ("updated_at", "timestamptz"), ("grid_code", "text"), ("origin_code", "text"),
             ("number", "text"), ("kind", "text"), ("state", "text"), ("head_id", "uuid"), ("head_name", "text"), ("address", "text"), ("natural_village", "text"), ("group_no", "text"),
             ("door", "text"), ("dwelling_id", "uuid"), ("members_count", "smallint"), ("home_count", "smallint"), ("caution", "text"), ("difficulties", "text"), ("wishes", "text"),
             ("dissolve_reason", "text"), ("sort_key", "text"))


def dwellings(work: store.Workspace, batch: uuid.UUID, progress: Callable[[int], None]) -> int:
    """Dwellings in slices. Returns rows new or changed."""
    written = 0
    query = """select i.id, d.* from dwelling d join dwelling_id i using (dwelling_key) join open_grid g on g.grid_code = d.grid_code order by d.dwelling_key"""
    names = [c[0] for c in work.sql.execute(query + " limit 0").description]
    for number, rows in enumerate(stage.slices(work.sql, query)):
        with stage.entered(batch) as cursor:
            stage.copy(cursor, "stage_dwelling", (*DWELLING, ("surveyed", "boolean")), (_dwelling(dict(zip(names, row, strict=True)), batch) for row in rows))
            changed = [c for c, _ in DWELLING if c not in ("id", "sources", "version", "created_at", "updated_at", "grid_code", "plot_approval", "use_kind", "floor", "sort_key")]
            keep = [f"{c} = coalesce(nullif(s.{c}, ''), d.{c})" if t == "text" else f"{c} = coalesce(s.{c}, d.{c})" for c, t in DWELLING if c in changed]
            # what this batch does not say stays as it was
            cursor.execute(f"update stage_dwelling s set {', '.join(keep)} from archives_dwelling d where d.id = s.id")  # noqa: S608
            # an address read from a person's row does not rewrite the one of a survey
            cursor.execute("update stage_dwelling s set address = d.address from archives_dwelling d where d.id = s.id and d.address <> '' and not s.surveyed")
            written += sum(map(len, stage.write(cursor, "archives_dwelling", [c for c, _ in DWELLING], "stage_dwelling", changed=changed)))
            stage.measure(cursor, number, len(rows), "dwelling")
        progress(len(rows))
    return written


def _dwelling(d: dict[str, Any], batch: uuid.UUID) -> list[Any]:
    def text(name: str, length: int) -> str:
        return str(d.get(name) or "")[:length]

    def number(name: str, most: float) -> float | None:
        try:
            value = float(d[name]) if d.get(name) not in (None, "") else None
        except ValueError:
            return None
        return value if value is not None and 0 <= value < most else None

    floors, year = number("storeys", 200), number("built_year", 3000)
    said = [f for f in ("address", "structure", "floor_area", "plot_area", "built_year", "title_no", "owner_name", "purpose", "safety") if d.get(f) not in (None, "")]
    return [
        d["id"], _source(d["source"], d["as_of"], batch, d["statement_no"], *said, *(["floors"] if floors is not None else [])), 1, "now", "now", d["grid_code"], text("code", 40),
        text("address", 200), text("natural_village", 40), text("group_no", 8), text("doorplate", 20), text("building", 12), text("unit", 12), "", text("room", 12),
        text("purpose", 20), text("structure", 20), int(floors) if floors is not None else None, number("floor_area", 1e11), int(year) if year and year > 1000 else None,
        text("owner_name", 80), text("title_no", 60), number("plot_area", 1e11), "", "", text("safety", 40),
        keys.dwelling_sort_key(text("natural_village", 40), text("doorplate", 20), text("building", 12), text("unit", 12), text("room", 12)),
        d["surveyed"],
    ]


_HOUSEHOLDS = f"""
select i.id, h.grid_code, h.number, h.kind, h.state, hp.id as head, h.head_name, h.address, h.natural_village, h.group_no, h.door, h.members_count,
       (select count(*) from membership m join person p using (person_key) where m.household_key = h.household_key and m.current and p.alive
          and not p.living_outside and p.living_area is not distinct from h.village) as home, h.source, h.as_of, h.statement_no, hd.id as dwelling
from household h join household_id i using (household_key) join open_grid g on g.grid_code = h.grid_code left join person_id hp on hp.person_key = h.head_key
left join (select o.person_key, first(o.dwelling_key order by (o.kind = 'owner')::int desc, o.statement_no) as dwelling_key from occupancy o where o.kind in ('owner', 'family') group by 1) o on o.person_key = h.head_key
left join (select di.dwelling_key, di.id from dwelling_id di join dwelling d using (dwelling_key) join open_grid og on og.grid_code = d.grid_code) hd on hd.dwelling_key = o.dwelling_key
where h.household_key in (select household_key from household_active) and h.household_key not like '{assembling.KNOWN_HOME}%'
union all
select i.id, l.grid_code, 'J' || left(md5(l.dwelling_key), 8), 'living', 'active', hp.id, p.name, l.address, l.natural_village, l.group_no,
       coalesce(nullif(concat_ws('-', nullif(l.building, ''), nullif(l.unit, ''), nullif(l.room, '')), ''), l.doorplate), len(l.members), len(l.members), '01', null, null, di.id
from living_household l join household_id i using (household_key) join person_id hp on hp.person_key = l.members[1] join person p on p.person_key = l.members[1] left join dwelling_id di using (dwelling_key)
where l.household_key in (select household_key from household_active)
order by 2, 1
"""


def households(work: store.Workspace, batch: uuid.UUID, progress: Callable[[int], None]) -> dict[str, int]:
    """Households and their search keys. A household that stands keeps its grid: people place it, files do not. Returns {"new", "changed"}."""
    counts = {"new": 0, "changed": 0}
    for number, rows in enumerate(stage.slices(work.sql, _HOUSEHOLDS)):
        with stage.entered(batch) as cursor:
            stage.copy(cursor, "stage_household", HOUSEHOLD, (_household(row, batch) for row in rows))
            cursor.execute("update stage_household s set grid_code = h.grid_code, address = coalesce(nullif(s.address, ''), h.address), door = coalesce(nullif(s.door, ''), h.door),"
                           " natural_village = coalesce(nullif(s.natural_village, ''), h.natural_village), group_no = coalesce(nullif(s.group_no, ''), h.group_no),"
                           " dwelling_id = coalesce(h.dwelling_id, s.dwelling_id),"
                           # who heads those who merely live here is not for a file that names one of them to say
                           " head_id = case when s.kind = 'living' and h.head_id is not null then h.head_id else s.head_id end, head_name = case when s.kind = 'living' and h.head_id is not null then h.head_name else s.head_name end from archives_household h where h.id = s.id")
            changed = ["number", "sort_key", "kind", "state", "head_id", "head_name", "address", "natural_village", "group_no", "door", "dwelling_id"]
            added, altered = stage.write(cursor, "archives_household", [c for c, _ in HOUSEHOLD], "stage_household", changed=changed,
                                         extra=", dissolved_on = case when s.state = 'dissolved' then t.dissolved_on end, dissolve_reason = case when s.state = 'dissolved' then t.dissolve_reason else '' end")
            counts["new"] += len(added)
            counts["changed"] += len(altered)
            cursor.execute("select id, grid_code, number, address, natural_village, door from stage_household where id = any(%s)", [[*added, *altered]])
            found = cursor.fetchall()
            stage.copy(cursor, "stage_hkey", (("key", "text"), ("grid_code", "text"), ("kind", "text"), ("household_id", "uuid")),
                       ((key, grid, kind, h) for h, grid, number, address, natural, door in found for kind, key in keys.of_household(number, address, natural, door)))
            cursor.execute("delete from archives_searchkey k using (select distinct household_id, grid_code from stage_hkey) s where k.household_id = s.household_id and k.grid_code = s.grid_code"
                           " and not exists (select from stage_hkey n where n.household_id = k.household_id and n.kind = k.kind and n.key = k.key)")
            cursor.execute("insert into archives_searchkey (key, village, grid_code, kind, person_id, household_id) select s.key, left(s.grid_code, 12), s.grid_code, s.kind, null, s.household_id"
                           " from stage_hkey s where not exists (select from archives_searchkey k where k.household_id = s.household_id and k.kind = s.kind and k.key = s.key)")
            stage.measure(cursor, number, len(rows), "household", "searchkey")
        progress(len(rows))
    return counts


def _household(row: tuple[Any, ...], batch: uuid.UUID) -> list[Any]:
    (identifier, grid, number, kind, state, head, head_name, address, natural, group, door, members, home, source, as_of, line, dwelling) = row
    number = (number or f"W{identifier[:8]}")[:24]
    return [identifier, _source(source, as_of, batch, line, "number", "head_name", "address"), 1, "now", "now", grid, grid, number, kind, state, head, (head_name or "")[:50],
            (address or "")[:200], (natural or "")[:40], (group or "")[:8], (door or "")[:40], dwelling, members, home, "", "", "", "", keys.household_sort_key(number)]


_MEMBERS = """
select i.id, pi.id as person, m.relation, 'registration' as by_what, try_cast(m.starts_on as date), case when m.current then null else coalesce(m.ends_on, m.as_of) end,
       case when m.current then '' else coalesce(m.end_reason, '在另一户') end, h.grid_code, m.source, m.as_of, m.statement_no
from membership m join household_id i using (household_key) join household h using (household_key) join open_grid g on g.grid_code = h.grid_code join person_id pi using (person_key)
where exists (select 1 from person_place q where q.person_key = m.person_key) and m.household_key in (select household_key from household_active)
union all
select i.id, pi.id, case when u.place = 1 then '02' else '99' end, 'living', null, null, '', l.grid_code, '01', null, null
from living_household l join household_id i using (household_key), unnest(l.members) with ordinality as u(person_key, place) join person_id pi on pi.person_key = u.person_key
where l.household_key in (select household_key from household_active)
order by 1, 2
"""
# Files made a household of the people in a house and files say that they live elsewhere: nobody is left to visit. What people made, and a family's household, people close.
_LEFT_EMPTY = """
update archives_household h set state = 'dissolved', dissolved_on = %s, dissolve_reason = '住户已搬走', head_id = null, updated_at = clock_timestamp(), version = version + 1
 where kind = 'living' and state = 'active' and members_count = 0 and voided_at is null and sources #>> '{_,batch}' is not null
   and exists (select from archives_membership m where m.household_id = h.id and m.by = 'living' and m.ends_on is not null)
"""
_MEMBER_COLUMNS = (("household_id", "uuid"), ("person_id", "uuid"), ("relation", "text"), ("by", "text"), ("starts_on", "date"), ("ends_on", "date"), ("end_reason", "text"),
                   ("grid_code", "text"), ("sources", "jsonb"))


def memberships(work: store.Workspace, batch: uuid.UUID, today: date, progress: Callable[[int], None]) -> None:
    """A membership that moved to another household ends here and begins there; an unchanged one stays untouched."""
    for number, rows in enumerate(stage.slices(work.sql, _MEMBERS)):
        with stage.entered(batch) as cursor:
            stage.copy(cursor, "stage_member", _MEMBER_COLUMNS, (
                [r[0], r[1], (r[2] or "99")[:2], r[3], _not_after(r[4], r[5]), r[5], (r[6] or "")[:24], r[7], _source(r[8], r[9], batch, r[10], "relation")] for r in rows))
            cursor.execute("update stage_member s set grid_code = h.grid_code from archives_household h where h.id = s.household_id")
            cursor.execute("update archives_membership m set ends_on = greatest(coalesce(s.ends_on, %s), m.starts_on), end_reason = case when s.ends_on is null then '转入另一户' else s.end_reason end,"
                           " updated_at = clock_timestamp(), version = m.version + 1 from stage_member s where m.person_id = s.person_id and m.by = s.by and m.ends_on is null and m.voided_at is null"
                           " and ((s.ends_on is null and m.household_id <> s.household_id) or (s.ends_on is not null and m.household_id = s.household_id)) returning m.household_id", [today])
            left = {row[0] for row in cursor.fetchall()}
            cursor.execute("update archives_membership m set relation = s.relation, sources = s.sources, updated_at = clock_timestamp(), version = m.version + 1 from stage_member s"
                           " where m.person_id = s.person_id and m.by = s.by and m.household_id = s.household_id and m.ends_on is null and m.voided_at is null and s.ends_on is null and m.relation <> s.relation")
            cursor.execute("insert into archives_membership (id, sources, version, created_at, updated_at, grid_code, household_id, person_id, relation, by, starts_on, ends_on, end_reason)"
                           " select gen_random_uuid(), s.sources, 1, clock_timestamp(), clock_timestamp(), s.grid_code, s.household_id, s.person_id, s.relation, s.by, s.starts_on, s.ends_on, s.end_reason"
                           " from stage_member s where not exists (select from archives_membership m where m.person_id = s.person_id and m.household_id = s.household_id and m.by = s.by and m.voided_at is null"
                           " and ((m.ends_on is null) = (s.ends_on is null))) on conflict do nothing")
            stage.measure(cursor, number, len(rows), "membership")
            cursor.execute(derived.RECOUNT, [list({r[0] for r in rows} | {str(household) for household in left})])  # the desk's own rule of who is at home
        progress(len(rows))
    with stage.entered(batch) as cursor:
        cursor.execute(_LEFT_EMPTY, [today])


def _not_after(start: date | None, end: date | None) -> date | None:
    return None if start and end and start > end else start


_OCCUPANCIES = """
select di.id, pi.id, o.kind, try_cast(o.starts_on as date), d.grid_code, o.source, o.as_of, o.statement_no
from occupancy o join dwelling_id di using (dwelling_key) join dwelling d using (dwelling_key) join open_grid g on g.grid_code = d.grid_code join person_id pi using (person_key)
where exists (select 1 from person_place q where q.person_key = o.person_key) order by 1, 2
"""
_KIN = """
select a.id, b.id, k.kind, k.source, k.as_of, k.statement_no from kinship k join person_id a on a.person_key = k.person_key join person_id b on b.person_key = k.relative_key
where exists (select 1 from person_place q where q.person_key = k.person_key) and exists (select 1 from person_place q where q.person_key = k.relative_key) order by 1, 2
"""


def ties(work: store.Workspace, batch: uuid.UUID, progress: Callable[[int], None]) -> None:
    """Occupancies and kinships; what stands already stays."""
    for number, rows in enumerate(stage.slices(work.sql, _OCCUPANCIES)):
        with stage.entered(batch) as cursor:
            stage.copy(cursor, "stage_occupancy", (("dwelling_id", "uuid"), ("person_id", "uuid"), ("kind", "text"), ("starts_on", "date"), ("grid_code", "text"), ("sources", "jsonb")),
                       ([*r[:5], _source(r[5], r[6], batch, r[7], "kind")] for r in rows))
            cursor.execute("insert into archives_occupancy (id, sources, version, created_at, updated_at, grid_code, dwelling_id, person_id, kind, starts_on)"
                           " select gen_random_uuid(), sources, 1, clock_timestamp(), clock_timestamp(), grid_code, dwelling_id, person_id, kind, starts_on from stage_occupancy"
                           " on conflict (dwelling_id, person_id, kind) where ends_on is null and voided_at is null do nothing")
            stage.measure(cursor, number, len(rows), "occupancy")
        progress(len(rows))
    for number, rows in enumerate(stage.slices(work.sql, _KIN)):
        with stage.entered(batch) as cursor:
            stage.copy(cursor, "stage_kin", (("person_id", "uuid"), ("relative_id", "uuid"), ("kind", "text"), ("sources", "jsonb")), ([*r[:3], _source(r[3], r[4], batch, r[5], "kind")] for r in rows))
            cursor.execute("insert into archives_kinship (id, sources, version, created_at, updated_at, person_id, relative_id, kind, end_reason)"
                           " select gen_random_uuid(), sources, 1, clock_timestamp(), clock_timestamp(), person_id, relative_id, kind, '' from stage_kin s"
                           " where not exists (select from archives_kinship k where k.person_id = s.relative_id and k.relative_id = s.person_id and k.kind = 'spouse' and s.kind = 'spouse' and k.ends_on is null and k.voided_at is null)"
                           " on conflict (person_id, relative_id, kind) where ends_on is null and voided_at is null do nothing")
            stage.measure(cursor, number, len(rows), "kinship")
        progress(len(rows))


def sensitive(work: store.Workspace, batch: uuid.UUID, progress: Callable[[int], None]) -> None:
    """Level-4 items under their own key. The same content keeps its envelope: a digest of it stands in `sources`."""
    digester = vault.ring().digester()
    for archive in ("health", "disability", "relief"):
        query = ("select pi.id, s.code, s.payload, try_cast(s.starts_on as date), s.source, s.as_of, s.statement_no from sensitive_item s join person_id pi using (person_key)"
                 " where s.archive = ? and exists (select 1 from person_place q where q.person_key = s.person_key) order by 1, 2")
        for rows in stage.slices(work.sql, query, [archive]):
            with stage.entered(batch) as cursor:
                stage.copy(cursor, f"stage_{archive}", (("id", "uuid"), ("person_id", "uuid"), ("code", "text"), ("payload", "bytea"), ("starts_on", "date"), ("sources", "jsonb")),
                           (_item(archive, r, batch, digester) for r in rows))
                cursor.execute(
                    f"insert into archives_{archive} as t (id, sources, version, created_at, updated_at, person_id, code, payload, starts_on)"  # noqa: S608
                    f" select s.id, s.sources, 1, clock_timestamp(), clock_timestamp(), s.person_id, s.code, s.payload, s.starts_on from stage_{archive} s"
                    f" where not exists (select from archives_{archive} o where o.person_id = s.person_id and o.code = s.code and o.ends_on is null and o.voided_at is null)")
                cursor.execute(f"select o.id, s.sources, s.person_id, s.code from archives_{archive} o join stage_{archive} s on s.person_id = o.person_id and s.code = o.code"  # noqa: S608
                               " where o.ends_on is null and o.voided_at is null and o.sources -> '_' ->> 'digest' is distinct from s.sources -> '_' ->> 'digest'")
                contents = {(str(r[0]), r[1]): r[2] for r in rows}
                for row, sources, person, code in cursor.fetchall():
                    envelope = vault.encrypt(f"archives_{archive}.payload", row, contents[(str(person), code)])
                    cursor.execute(f"update archives_{archive} set payload = %s, sources = %s, version = version + 1, updated_at = clock_timestamp() where id = %s",  # noqa: S608
                                   [envelope, json.dumps(sources) if not isinstance(sources, str) else sources, row])
            progress(len(rows))


def _item(archive: str, row: tuple[Any, ...], batch: uuid.UUID, digester: Any) -> list[Any]:
    person, code, payload, starts, source, as_of, line = row
    identifier = uuid.uuid4()
    sources = json.loads(_source(source, as_of, batch, line, "content"))
    sources["_"]["digest"] = digester.digest("sensitive", payload).hex()
    return [identifier, person, code[:24], vault.encrypt(f"archives_{archive}.payload", identifier, payload), starts, json.dumps(sources, ensure_ascii=False)]
