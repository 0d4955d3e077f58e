-- Villages and towns that ended: what stood under their code is read and carried on where people are now. DESIGN §4; scope.md §1.
--
-- Invariant: a paper keeps the code it was written under. Whoever holds a right over the whole of what took a place's place holds it over the old
-- code: over everything in it where it ended in one (合并, 变更代码), over its own code alone where it was divided (拆分: a grid's files went to one of
-- the two and follow the grid). A grid's officer gets nothing by it: his files moved with their grid.

-- Villages and towns whose place an area, or something in it, took; followed for ever. `whole`: never divided on the way.
create function access.before(area text) returns table (code text, whole boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with recursive over (code, whole) as (
    select s.old_id::text collate "C", s.kind <> 'split' from public.access_areasuccession s
     where before.area <> '' and s.new_id >= before.area collate "C" and s.new_id < (before.area || ':') collate "C" and length(s.old_id) in (9, 12)
       and not starts_with(s.old_id, before.area)
    union
    select s.old_id::text, w.whole and s.kind <> 'split' from over w join public.access_areasuccession s on s.new_id = w.code where length(s.old_id) in (9, 12)
  )
  select w.code, bool_or(w.whole) from over w where not starts_with(w.code, before.area) group by w.code
$$;

-- The codes themselves and those whose place they took, of the same level.
create function access.former(areas text[]) returns text[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(distinct x.code), '{}') from (
    select a.code from unnest(former.areas) a(code)
    union all
    select b.code from unnest(former.areas) a(code), access.before(a.code) b where length(b.code) = length(a.code)
  ) x
$$;

-- What a code means today: itself, or the living areas that took its place, the first named first.
create function access.today(area text) returns text[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with recursive over (code, way) as (
    select today.area collate "C", array[0::bigint]
    union
    select s.new_id::text, w.way || s.id from over w join public.access_areasuccession s on s.old_id = w.code where cardinality(w.way) < 60
  )
  select coalesce(array_agg(x.code order by x.way), '{}') from (
    select w.code, min(w.way) as way from over w join public.access_area a on a.code = w.code and a.closed_on is null group by w.code) x
$$;

-- Whether a place lies in an area, or in what took its place.
create function access.lies_in(place text, area text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select starts_with(place, area) or exists (select from unnest(access.today(area)) t where starts_with(place, t)) $$;

-- As in desks.sql, and the codes that ended in it.
create or replace function access.rights_of(who uuid, within text) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with own as materialized (
    select a.role_id, ro.desk, o.department, greatest(a.area_code, within) as area, greatest(left(a.area_code, 12), within) as village
      from public.access_appointment a
      join public.access_role ro on ro.code = a.role_id
      join public.access_staff s on s.id = a.staff_id
      join public.access_organisation o on o.id = s.organisation_id
     where a.staff_id = who
       and a.starts_at <= clock_timestamp() and (a.ends_at is null or a.ends_at > clock_timestamp())
       and (s.left_at is null or s.left_at > clock_timestamp())
       -- an area inside the other: the narrower of two nested prefixes is the longer (= greater) one
       and (starts_with(a.area_code, within) or starts_with(within, a.area_code))
  ), place as materialized (
    select p.role_id, p.desk, p.department, p.area, p.village, '' as old, true as whole from own p
    union all
    select p.role_id, p.desk, p.department, p.area, p.village, b.code, b.whole from own p, access.before(p.area) b where length(p.area) <= 12
  )
  select coalesce(jsonb_object_agg(r.right, r.codes::text), '{}')
    from (select rr.right, range_agg(access.codes(c.code, case when p.whole then c.code || ':' else c.code end, case when p.whole then '[)' else '[]' end)) as codes
            from place p
            join public.access_roleright rr on rr.role_id = p.role_id
           -- whoever works for a grid takes down what is asked anywhere in its village
           cross join lateral (select case when p.old <> '' then p.old when rr.right = 'intake' then p.village else p.area end
                 || case when p.desk = '' or rr.right not in ('matters', 'dispatch', 'callback', 'discipline') then ''
                         -- a department's role of somebody whose office is no department opens nothing
                         when p.desk = '@' then '/' || coalesce(nullif(p.department, ''), '~~')
                         else '/' || p.desk end as code) c
           group by rr.right) r
$$;

-- As in scope.sql; `was`: the codes whose place the post's village or town took.
create or replace function access.appointments_of(who uuid) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'role', a.role_id, 'area', a.area_code, 'area_name', ar.short_name, 'until', a.ends_at,
                                               'stands_in_for', a.stands_in_for_id)
                            || case when w.was is null then '{}' else jsonb_build_object('was', w.was) end order by a.area_code, a.role_id), '[]')
    from public.access_appointment a
    left join public.access_area ar on ar.code = a.area_code
    left join lateral (select jsonb_agg(b.code order by b.code) as was from access.before(left(a.area_code, 12)) b where length(b.code) = least(length(a.area_code), 12)) w on true
   where a.staff_id = who
     and a.starts_at <= clock_timestamp() and (a.ends_at is null or a.ends_at > clock_timestamp())
$$;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.proname in ('before', 'former', 'today', 'lies_in') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.former(text[]), access.today(text) to minqing_app, minqing_resident, minqing_jobs;
grant select on public.access_areasuccession, public.access_area to minqing_guard;
