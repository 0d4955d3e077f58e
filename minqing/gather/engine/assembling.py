"""Step `decide`, second part: households, memberships, dwellings, occupancies, kinships, sensitive items, persons.

Invariant: a household is what the register (or a village's own ledger) says it is; a person in two households keeps
both memberships, only one of them current; every assembled row names the statement it comes from.
"""

from __future__ import annotations

from minqing.gather.engine import sensitive, store

#: A household number shorter than this repeats from sheet to sheet: it is read within its sheet.
OWN_NUMBER = 8

#: A short number is read within its sheet; a household that goes on in the next sheet of the file (the same number, head and village) is one.
_SHEET = "case when s.head_name is null or s.base_no is not null then coalesce(s.base_no, s.sheet_no) else min(s.sheet_no) over (partition by s.file_no, s.household_number, s.head_name, s.registered_village) end"
_HOUSEHOLD_SAID = f"""
create or replace table {{table}} as
with runs as (
  select *, head_name is distinct from lag(head_name) over (partition by sheet_no order by line) as begins,
    count(*) filter (relation in ('02', '01')) over (partition by sheet_no, head_name) as namesakes
  from statement left join family_part using (sheet_no) where kind in ('residents', 'ledger')),
numbered as (select * exclude (begins), sum(begins::int) over (partition by sheet_no order by line) as run from runs),
rows as (
  select s.* exclude (namesakes, run, base_no), l.person_key, j.linked,
    case when s.household_number is not null and length(s.household_number) >= {OWN_NUMBER} then s.household_number
         when s.household_number is not null then {_SHEET} || '#' || s.household_number
         when s.base_no is not null then s.base_no || '#' || s.line
         when s.kind in ('residents', 'ledger') and s.head_name is not null then s.sheet_no || '#' || s.head_name || coalesce('#' || s.head_id_number, case when s.namesakes > 1 then '#' || s.run end, '')
         when s.kind in ('residents', 'ledger') then s.sheet_no || '#' || sum(case when s.relation in ('02', '01') then 1 else 0 end) over (partition by s.sheet_no order by s.line)
    end as household_key
  from numbered s left join link l on l.statement_no = s.statement_no and l.role = 'subject' join judged j on j.statement_no = s.statement_no
  where s.kind in ('residents', 'ledger') and s.sheet_no not in (select sheet_no from superseded) and (s.household_number is not null or s.head_name is not null or s.relation is not null))
select *{{more}} from rows where household_key is not null order by statement_no
"""
_LISTS = "select count(*) from statement where kind = 'ledger' and source is distinct from '01'"
#: Before the id of a household that the archive has from the register, where a list of a later batch names one of its people.
KNOWN_HOME = "K:"
KNOWN_HOMES = "create table if not exists known_home (person_key varchar, id varchar, grid_code varchar)"
# A village's list names the households that the register has: by its head, else by most of its people, it is known which one. What it says of
# people whose household is known stands `aside`: the register has the last word. Whom nobody else knows is a member of that household.
_HOUSEHOLD_ROW = f"""
create or replace table household_row as
with said as (select *, kind = 'residents' or coalesce(source = '01', false) as registers from household_said),
homes as (
  select person_key, household_key, file_no, kind, (not registers)::int as place, (dead or moved_out)::int as gone, as_of, statement_no from said
  where person_key in (select person_key from said where not registers)
  union all select person_key, '{KNOWN_HOME}' || id, null, 'archive', 0, 2, null, null from known_home),
home as (select person_key, household_key, file_no, kind from homes qualify row_number() over (partition by person_key order by place, gone, as_of desc, statement_no) = 1),
votes as (
  select r.household_key, h.household_key as other, bool_or(r.relation in ('02', '01') or coalesce(r.name = r.head_name, false)) as head, count(*) as n
  from said r join home h using (person_key) where not r.registers and (h.household_key = r.household_key or h.file_no is distinct from r.file_no) group by all),
best as (
  select household_key, other from votes qualify row_number() over (partition by household_key order by head desc, n desc, other) = 1 and (head or 2 * n > sum(n) over (partition by household_key)))
select r.* exclude (household_key, registers), case when b.other is not null and not r.registers then b.other else r.household_key end as household_key,
  not r.registers and b.other is not null and b.other <> r.household_key and (h.household_key is null or h.household_key <> r.household_key) as aside,
  case when not r.registers and h.household_key <> coalesce(b.other, r.household_key) and h.file_no is distinct from r.file_no then h.household_key end as home_key
from said r left join best b using (household_key) left join home h on h.person_key = r.person_key
order by r.statement_no
"""
# The register's member counts before the ledger's, who lives before who is gone, the newer before the older.
_MEMBERSHIP = """
create or replace table membership as
select household_key, person_key, coalesce(relation, case when name = head_name then '02' else '99' end) as relation, 'registration' as by_what,
  cast(mv.moved_in_on as varchar) as starts_on, coalesce(dead_on, mv.cancelled_on) as ends_on,
  case when dead then '死亡' when moved_out then coalesce(mv.cancel_reason, '迁出') end as end_reason,
  not dead and not moved_out and row_number() over (partition by person_key order by (dead or moved_out)::int, (r.kind <> 'residents')::int, as_of desc, r.statement_no) = 1 as current,
  source, as_of, r.statement_no
from household_row r left join mv on mv.statement_no = r.statement_no
where person_key is not null and not aside
qualify row_number() over (partition by household_key, person_key order by (dead or moved_out)::int, as_of desc, r.statement_no) = 1
order by household_key, relation, r.statement_no
"""
_HOUSEHOLD = f"""
create or replace table household as
with heads as (
  select household_key, first(person_key order by (relation = '02')::int desc, statement_no) as head_key
  from membership where current and relation in ('02', '01') group by 1),
places as (
  select household_key, village, spot, grp, door, address, count(*) as n, min(statement_no) as first_no
  from (select household_key, statement_no, case when here then registered_village else living_village end as village, case when here then registered_natural else living_natural end as spot,
               case when here then registered_group else living_group end as grp, case when here then registered_door else living_door end as door,
               case when here then registered_address else living_address end as address
        from (select *, registered_village is not null or kind <> 'ledger' as here from household_row where not aside))
  where village is not null group by all),
best as (select distinct on (household_key) * from places order by household_key, (door is not null)::int desc, (spot is not null)::int desc, n desc, first_no),
facts as (
  select household_key, any_value(household_number) as number, min(source) as source, max(as_of) as as_of, min(statement_no) as statement_no,
         mode(coalesce(registered_village, village_hint)) as village, mode(head_name) as head_name, any_value(kind) as kind
  from household_row where not aside group by household_key),
counts as (select household_key, count(*) filter (current) as members from membership group by 1)
select f.household_key, coalesce(f.number, '') as number, 'family' as kind, case when coalesce(c.members, 0) > 0 then 'active' else 'dissolved' end as state,
  h.head_key, coalesce(hp.name, f.head_name) as head_name, coalesce(b.village, f.village) as village, b.address, b.spot as natural_village, b.grp as group_no, b.door,
  coalesce(k.grid_code, g.grid_code, coalesce(b.village, f.village) || '000') as grid_code, coalesce(c.members, 0) as members_count, f.source, f.as_of, f.statement_no
from facts f left join best b using (household_key) left join heads h using (household_key) left join counts c using (household_key)
left join person_wide hp on hp.person_key = h.head_key
left join grid_place g on g.village = b.village and g.place = b.spot
left join (select id, any_value(grid_code) as grid_code from known_home group by 1) k on f.household_key = '{KNOWN_HOME}' || k.id
order by f.household_key
"""
_DWELLING = """
create or replace table dwelling_row as
with said as (select * from statement where statement_no not in (select statement_no from context_row)),
places as (
  select s.statement_no, s.kind, s.source, s.as_of, 'house' as which, house_village as village, house_natural as spot, house_group as grp, house_door as door, house_rest as rest, house_address as address,
         f.plot, f.floor_area, f.plot_area, f.storeys, f.structure, f.built_year, f.deed_number, f.owner_name, f.purpose, f.safety
  from said s left join house_fact f using (statement_no) where s.kind in ('houses', 'deeds', 'rented')
  union all by name select statement_no, kind, source, as_of, 'living' as which, living_village as village, living_natural as spot, living_group as grp, living_door as door, living_rest as rest,
         living_address as address from said where kind <> 'premises' and living_village is not null
  union all by name select statement_no, kind, source, as_of, 'registered' as which, registered_village as village, registered_natural as spot, registered_group as grp, registered_door as door,
         registered_rest as rest, registered_address as address from said where kind in ('residents', 'ledger') and registered_village is not null)
select *, case when village is not null and (door is not null or rest is not null)
    then village || '|' || coalesce(spot, grp || '组', '') || '|' || coalesce(door, '') || '|' || coalesce(rest, '') when plot is not null then 'P' || plot end as dwelling_key
from places
"""
_DWELLINGS = """
create or replace table dwelling as
select dwelling_key, first(plot order by (kind = 'houses')::int desc, statement_no) filter (plot is not null) as code, any_value(d.village) as village,
  first(address order by (which = 'house')::int desc, statement_no) as address, any_value(spot) as natural_village, any_value(grp) as group_no, any_value(door) as doorplate,
  first(split_part(rest, '|', 2) order by statement_no) as building, first(split_part(rest, '|', 3) order by statement_no) as unit, first(split_part(rest, '|', 4) order by statement_no) as room,
  first(structure order by as_of desc, statement_no) filter (structure is not null) as structure, first(storeys order by as_of desc, statement_no) filter (storeys is not null) as storeys,
  first(floor_area order by as_of desc, statement_no) filter (floor_area is not null) as floor_area, first(plot_area order by as_of desc, statement_no) filter (plot_area is not null) as plot_area,
  first(built_year order by as_of desc, statement_no) filter (built_year is not null) as built_year, first(deed_number order by as_of desc, statement_no) filter (deed_number is not null) as title_no,
  first(owner_name order by as_of desc, statement_no) filter (owner_name is not null) as owner_name, first(purpose order by as_of desc, statement_no) filter (purpose is not null) as purpose,
  first(safety order by as_of desc, statement_no) filter (safety is not null) as safety,
  coalesce(any_value(g.grid_code), any_value(d.village) || '000') as grid_code, min(source) as source, max(as_of) as as_of, min(statement_no) as statement_no, bool_or(which = 'house') as surveyed
from dwelling_row d left join grid_place g on g.village = d.village and g.place = d.spot
where dwelling_key is not null and coalesce(d.village, '') <> '' group by dwelling_key order by dwelling_key
"""
_OCCUPANCY = """
create or replace table occupancy as
with found as (
  select d.dwelling_key, l.person_key, case when d.kind = 'rented' then 'landlord' else 'owner' end as kind, null::varchar as starts_on, d.source, d.as_of, d.statement_no
  from dwelling_row d join link l on l.statement_no = d.statement_no and l.role = 'subject' where d.which = 'house' and d.dwelling_key is not null
  union all
  select d.dwelling_key, l.person_key, 'tenant', r.rented_on, d.source, d.as_of, d.statement_no
  from dwelling_row d join link l on l.statement_no = d.statement_no and l.role = 'tenant' left join rent_fact r on r.statement_no = d.statement_no
  where d.which = 'house' and d.kind = 'rented' and d.dwelling_key is not null
  union all
  select d.dwelling_key, l.person_key, case when d.kind = 'floating' and f.other_landlord then 'tenant' else 'family' end, f.arrived_on, d.source, d.as_of, d.statement_no
  from dwelling_row d join link l on l.statement_no = d.statement_no and l.role = 'subject' left join stay_fact f on f.statement_no = d.statement_no
  join chosen c on c.person_key = l.person_key and c.field = 'living_address' and c.place = 0 and c.statement_no = d.statement_no
  where d.which = 'living' and d.dwelling_key is not null
  union all
  select d.dwelling_key, l.person_key, 'family', null, d.source, d.as_of, d.statement_no
  from dwelling_row d join link l on l.statement_no = d.statement_no and l.role = 'subject' join statement s on s.statement_no = d.statement_no
  where d.which = 'registered' and d.dwelling_key is not null and not s.dead and not s.moved_out
    and not exists (select 1 from chosen c where c.person_key = l.person_key and c.field = 'living_address'))
select distinct on (dwelling_key, person_key, kind) * from found where dwelling_key in (select dwelling_key from dwelling) order by dwelling_key, person_key, kind, as_of desc, statement_no
"""
# Only ties that the relation to the head states beyond doubt; the rest follows from the graph or is asked at the door.
_KINSHIP = """
create or replace table kinship as
with m as (select household_key, person_key, relation, source, as_of, statement_no from membership where relation is not null and end_reason is distinct from '迁出'),
heads as (select household_key, first(person_key order by statement_no) as head from m where relation in ('02', '01') group by 1 having count(*) = 1),
spouses as (select household_key, first(person_key order by statement_no) as spouse from m where relation in ('10', '11', '12') group by 1 having count(*) = 1),
found as (
  select h.head as person_key, m.person_key as relative_key, 'spouse' as kind, m.source, m.as_of, m.statement_no from m join heads h using (household_key) where relation in ('10', '11', '12')
  union all select m.person_key, h.head, 'parent', m.source, m.as_of, m.statement_no from m join heads h using (household_key) where relation in ('20','21','22','23','24','25','26','30','31','32','33','34','35','36')
  union all select h.head, m.person_key, 'parent', m.source, m.as_of, m.statement_no from m join heads h using (household_key) where relation in ('51', '52')
  union all select p.spouse, m.person_key, 'parent', m.source, m.as_of, m.statement_no from m join spouses p using (household_key) where relation in ('53', '54', '55', '56'))
select distinct on (person_key, relative_key, kind) * from found where person_key <> relative_key order by person_key, relative_key, kind, as_of desc, statement_no
"""
_PERSON = """
create or replace table person as
with keys as (select distinct person_key from link where role in ('subject', 'tenant')),
numbers as (select l.person_key, any_value(s.id_number) as id_number from link l join statement s using (statement_no) where l.role = 'subject' and l.method = 'id_number' group by 1
            union all select person_key, any_value(id_number) from known_person
            where person_key not in (select person_key from link where role = 'subject' and method = 'id_number') group by 1),
tenants as (select person_key, any_value(name) as name, min(statement_no) as statement_no from link where role = 'tenant' group by 1),
homes as (select person_key, household_key from membership where current),
sources as (select l.person_key, list_sort(list(distinct s.source)) as sources from link l join statement s using (statement_no)
            where s.sheet_no not in (select sheet_no from superseded) group by 1),
said as (select person_key, json_group_object(field, json_merge_patch('{}', json_object('from', source, 'on', cast(as_of as varchar), 'line', cast(statement_no as varchar),
           'others', to_json(others)))) as sources_json from person_source group by 1),
tenancy as (select person_key, first(d.village order by o.statement_no) as village, first(d.address order by o.statement_no) as address, first(d.grid_code order by o.statement_no) as grid_code
            from occupancy o join dwelling d using (dwelling_key) where o.kind in ('tenant', 'family') group by 1)
select k.person_key, coalesce(n.id_number, k.person_key) as id_number, case when length(coalesce(n.id_number, k.person_key)) = 18 then '111' else '414' end as id_kind,
  coalesce(w.name, t.name) as name, w.former_name, coalesce(w.sex, case when length(k.person_key) = 18 then case when try_cast(substr(k.person_key, 17, 1) as integer) % 2 = 1 then '1' else '2' end end) as sex,
  coalesce(try_cast(w.birth_date as date), case when length(k.person_key) = 18 then try_cast(substr(k.person_key, 7, 4) || '-' || substr(k.person_key, 11, 2) || '-' || substr(k.person_key, 13, 2) as date) end) as birth_date,
  nullif(w.registered_area, 'outside') as registered_area, coalesce(w.registered_area = 'outside', false) as registered_outside, w.registered_address,
  case when w.living_area = 'outside' then null when coalesce(w.alive, '1') = '0' then coalesce(w.living_area, nullif(w.registered_area, 'outside'))
       else coalesce(w.living_area, y.village, nullif(w.registered_area, 'outside')) end as living_area,
  coalesce(w.living_area = 'outside', false) as living_outside, coalesce(w.living_address, y.address) as living_address, w.phone, w.emergency_name, w.emergency_phone, w.ethnicity, w.hometown,
  w.marriage, w.education, w.school, w.political, w.employment, w.workplace, w.pension_status, w.pension_benefit, w.medical_kind, w.medical_status, w.medical_year,
  coalesce(w.alive, '1') <> '0' as alive, try_cast(w.died_on as date) as died_on, hr.left_on, hr.left_to,
  h.household_key, coalesce(hh.grid_code, y.grid_code, case when w.living_area <> 'outside' then w.living_area || '000' end, case when w.registered_area <> 'outside' then w.registered_area || '000' end) as grid_code,
  coalesce(s.sources, []) as sources, coalesce(d.sources_json, '{}') as sources_json
from keys k left join numbers n using (person_key) left join person_wide w using (person_key) left join tenants t using (person_key) left join homes h using (person_key)
left join household hh on hh.household_key = h.household_key left join sources s using (person_key) left join said d using (person_key) left join tenancy y using (person_key)
left join (select person_key, first(ends_on order by statement_no) as left_on, first(end_reason order by statement_no) as left_to from membership where end_reason is not null and end_reason <> '死亡' group by 1) hr using (person_key)
order by k.person_key
"""


def run(work: store.Workspace) -> None:
    """All assembled tables, in the order they rest on each other."""
    _facts(work)
    work.sql.execute(KNOWN_HOMES)
    if work.sql.execute(_LISTS).fetchone()[0]:
        work.sql.execute(_HOUSEHOLD_SAID.format(table="household_said", more=""))
        work.sql.execute(_HOUSEHOLD_ROW)
    else:
        work.sql.execute(_HOUSEHOLD_SAID.format(table="household_row", more=", false as aside, null::varchar as home_key"))
    for query in (_MEMBERSHIP, _HOUSEHOLD, _DWELLING, _DWELLINGS, _OCCUPANCY, _KINSHIP, _PERSON):
        work.sql.execute(query)
    sensitive.run(work)


def _facts(work: store.Workspace) -> None:
    """Small views of what single kinds know, empty where the batch holds no such file."""
    _view(work, "mv", "residents", {"moved_in_on": "moved_in_on", "cancelled_on": "try_cast(cancelled_on as date)", "cancel_reason": "cancel_reason"})
    _view(work, "rent_fact", "rented", {"rented_on": "rented_on"})
    _view(work, "stay_fact", "floating", {"arrived_on": "arrived_on", "other_landlord": "landlord_name is not null and landlord_name not in ('本人', '自有', '自己', '自购') and landlord_name is distinct from name"})
    houses = {"plot": "plot_code", "floor_area": "floor_area", "plot_area": "plot_area", "storeys": "storeys", "structure": "structure", "built_year": "built_year",
              "deed_number": "deed_number", "owner_name": "name", "purpose": "house_use", "safety": "house_safety"}  # fmt: skip
    deeds = houses | {"plot": "coalesce(plot_code, left(unit_code, 19))", "storeys": "null", "structure": "null", "built_year": "null", "safety": "null"}
    parts = [
        "select statement_no, " + ", ".join(f"cast({value} as varchar) as {name}" for name, value in columns.items()) + f" from clean_{kind}"
        for kind, columns in (("houses", houses), ("deeds", deeds))
        if f"clean_{kind}" in work.tables()
    ]
    empty = "select null::bigint as statement_no, " + ", ".join(f"null::varchar as {name}" for name in houses) + " where false"
    work.sql.execute(f"create or replace view house_fact as {' union all '.join(parts or [empty])}")


def _view(work: store.Workspace, name: str, kind: str, columns: dict[str, str]) -> None:
    types = {"cancelled_on": "date", "other_landlord": "boolean"}
    if f"clean_{kind}" in work.tables():
        chosen = ", ".join(f"{value} as {column}" for column, value in columns.items())
        work.sql.execute(f"create or replace view {name} as select statement_no, {chosen} from clean_{kind}")
    else:
        chosen = ", ".join(f"null::{types.get(column, 'varchar')} as {column}" for column in columns)
        work.sql.execute(f"create or replace view {name} as select null::bigint as statement_no, {chosen} where false")
