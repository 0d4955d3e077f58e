-- What every request asks first, who somebody is and what he may: in PL/pgSQL, which keeps its plans. As functions in language SQL, planned
-- anew at each call, they took 5 of the 6 ms of entering a scope. What they compute is unchanged, word for word (desks.sql, former.sql, scope.sql).

create or replace function access.before(area text) returns table (code text, whole boolean)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  with recursive over (code, whole) as (
    select s.old_id::text collate "C", s.kind <> 'split' from public.access_areasuccession s
     where before.area <> '' and s.new_id >= before.area collate "C" and s.new_id < (before.area || ':') collate "C" and length(s.old_id) in (9, 12)
       and not starts_with(s.old_id, before.area)
    union
    select s.old_id::text, w.whole and s.kind <> 'split' from over w join public.access_areasuccession s on s.new_id = w.code where length(s.old_id) in (9, 12)
  )
  select w.code, bool_or(w.whole) from over w where not starts_with(w.code, before.area) group by w.code;
end $$;

create or replace function access.rights_of(who uuid, within text) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
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
           group by rr.right) r);
end $$;

create or replace function access.appointments_of(who uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
  select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'role', a.role_id, 'area', a.area_code, 'area_name', ar.short_name, 'until', a.ends_at,
                                               'stands_in_for', a.stands_in_for_id)
                            || case when w.was is null then '{}' else jsonb_build_object('was', w.was) end order by a.area_code, a.role_id), '[]')
    from public.access_appointment a
    left join public.access_area ar on ar.code = a.area_code
    left join lateral (select jsonb_agg(b.code order by b.code) as was from access.before(left(a.area_code, 12)) b where length(b.code) = least(length(a.area_code), 12)) w on true
   where a.staff_id = who
     and a.starts_at <= clock_timestamp() and (a.ends_at is null or a.ends_at > clock_timestamp()));
end $$;

create or replace function access.claim_until(who uuid, latest timestamptz) returns numeric
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return extract(epoch from least(latest, (select min(a.ends_at) from public.access_appointment a
                                            where a.staff_id = who and a.starts_at <= clock_timestamp() and a.ends_at > clock_timestamp())));
end $$;

create or replace function access.staff_claim(who uuid, session uuid, within text, purpose text, origin text) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
  select jsonb_build_object(
           'staff', s.id, 'number', s.number, 'name', s.name, 'session', session, 'purpose', purpose, 'origin', origin,
           'appointments', a.list,
           -- a person without an appointment still belongs to the place that keeps his papers (audit of refusals)
           'area', coalesce(a.list -> 0 ->> 'area', s.area_code),
           'department', o.department,
           'rights', access.rights_of(s.id, within),
           'until', access.claim_until(s.id, clock_timestamp() + interval '12 hours'))
    from public.access_staff s
    join public.access_organisation o on o.id = s.organisation_id,
         lateral (select access.appointments_of(s.id) as list) a
   where s.id = who and (s.left_at is null or s.left_at > clock_timestamp()));
end $$;
