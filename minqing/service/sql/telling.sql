-- What the clock may ask while it stands at one matter: who works at a desk, which matters were merged into this one.

create or replace function access.enter_matter(matter uuid) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  claim jsonb;
begin
  -- the only right it carries is over this matter's own home desk, so that what is told can be written there
  select jsonb_build_object('staff', null, 'number', '', 'name', '到时自动', 'session', null, 'purpose', 'clock', 'origin', 'clock', 'appointments', '[]'::jsonb,
           'area', split_part(m.home_desk, '/', 1), 'department', '', 'rights', jsonb_build_object('matters', access.codeset(access.codes(m.home_desk, m.home_desk, '[]'))::text),
           'matter', m.id, 'until', extract(epoch from clock_timestamp() + interval '10 minutes'))
    into claim from public.service_matter m where m.id = matter;
  if claim is null then
    raise exception 'no such matter' using errcode = 'invalid_authorization_specification';
  end if;
  perform access.install(claim);
  return claim;
end $$;

-- Colleagues at a desk (right 'matters' there; 'decide' for a leader; 'discipline' where the matter is restricted), never a barred one.
create function access.staff_at_desk(desk text) returns table (id uuid, name text, work_phone text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with m as (select x.* from public.service_matter x where x.id = access.proven('matter')::uuid)
  select distinct s.id, s.name::text, s.work_phone::text
    from m
    join public.access_appointment a on a.starts_at <= clock_timestamp() and (a.ends_at is null or a.ends_at > clock_timestamp())
    join public.access_role ro on ro.code = a.role_id
    join public.access_roleright rr on rr.role_id = a.role_id and rr.right = case when m.restricted then 'discipline' else 'matters' end
    join public.access_staff s on s.id = a.staff_id and (s.left_at is null or s.left_at > clock_timestamp())
    join public.access_organisation o on o.id = s.organisation_id
   where starts_with(staff_at_desk.desk, a.area_code || case when ro.desk = '' then '' when ro.desk = '@' then '/' || coalesce(nullif(o.department, ''), '~~') else '/' || ro.desk end)
     and length(a.area_code) >= 6 and not m.barred @> array[s.id]
   limit 20
$$;

create function access.merged_into(matter uuid) returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select m.id from public.service_matter m where m.parent_id = matter and m.relation = 'merged' and matter = access.proven('matter')::uuid $$;
