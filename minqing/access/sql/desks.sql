-- Desks: where a matter lies is a code like an area's, so that one kind of range says who sees it.
--
-- Invariant: a desk is an area's code, or an area's code, a slash and two characters ('330881002/SL': the town's reception,
-- '330881/08': a department of the county). '/' sorts before every digit and ':' after, so a range by prefix holds for both.
-- A role with a desk opens that desk for its rights over matters and nothing else of the area.

create or replace function access.rights_of(who uuid, within text) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_object_agg(r.right, r.codes::text), '{}')
    from (select rr.right, range_agg(access.codes(c.code, c.code || ':')) as codes
            from public.access_appointment a
            join public.access_role ro on ro.code = a.role_id
            join public.access_roleright rr on rr.role_id = a.role_id
            join public.access_staff s on s.id = a.staff_id
            join public.access_organisation o on o.id = s.organisation_id
           -- whoever works for a grid takes down what is asked anywhere in its village
           cross join lateral (select greatest(case when rr.right = 'intake' then left(a.area_code, 12) else a.area_code end, within)
                 || case when ro.desk = '' or rr.right not in ('matters', 'dispatch', 'callback', 'discipline') then ''
                         -- a department's role of somebody whose office is no department opens nothing
                         when ro.desk = '@' then '/' || coalesce(nullif(o.department, ''), '~~')
                         else '/' || ro.desk end as code) c
           where a.staff_id = who
             and a.starts_at <= clock_timestamp() and (a.ends_at is null or a.ends_at > clock_timestamp())
             and (s.left_at is null or s.left_at > clock_timestamp())
             -- an area inside the other: the narrower of two nested prefixes is the longer (= greater) one
             and (starts_with(a.area_code, within) or starts_with(within, a.area_code))
           group by rr.right) r
$$;

create or replace function access.staff_claim(who uuid, session uuid, within text, purpose text, origin text) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
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
   where s.id = who and (s.left_at is null or s.left_at > clock_timestamp())
$$;

alter table public.access_staffperson enable row level security;
alter table public.access_staffperson force row level security;
create policy guard on public.access_staffperson to minqing_guard using (true) with check (true);
grant select, insert, update on public.access_staffperson to minqing_guard;
grant select on public.access_organisation to minqing_guard;
