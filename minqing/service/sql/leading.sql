-- Volunteer teams whose lead's post ends: another colleague leads, or nobody does for a reason. Beside sql/leaving.sql, whose rules hold here.
grant select on public.service_team to minqing_guard;
grant update (lead) on public.service_team to minqing_guard;

create function access.teams_led(post uuid) returns table (id uuid, name text, area text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  a public.access_appointment;
begin
  select x.* into a from public.access_appointment x where x.id = teams_led.post;
  if a.id is null or not access.may('appoint', a.area_code) then
    raise exception 'no right to appoint there' using errcode = 'insufficient_privilege';
  end if;
  return query select t.id, t.name::text, t.area_code::text from public.service_team t where t.lead = a.staff_id and t.ended_at is null and access.hangs_on(a, t.area_code, 'intake');
end $$;

create function access.pass_team(post uuid, team uuid, heir uuid, reason text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  a public.access_appointment;
  t public.service_team;
begin
  select x.* into a from public.access_appointment x where x.id = post;
  if a.id is null or not access.may('appoint', a.area_code) or a.ended_by is distinct from access.claim('staff')::uuid or a.ends_at is null then
    raise exception 'no post that you ended' using errcode = 'insufficient_privilege';
  end if;
  if heir is null and char_length(btrim(coalesce(reason, ''))) < 2 or heir = a.staff_id then
    raise exception 'a new owner or a reason' using errcode = 'check_violation';
  end if;
  select x.* into t from public.service_team x where x.id = team and x.lead = a.staff_id and x.ended_at is null for update;
  if t.id is null or not access.hangs_on(a, t.area_code, 'intake') then
    return 'gone';
  end if;
  if heir is not null and not access.works_at(heir, t.area_code, 'intake', null) then
    return 'elsewhere';
  end if;
  update public.service_team x set lead = heir where x.id = t.id;
  perform access.note('staff.pass', '{}', '{}', jsonb_build_object('kind', 'team', 'thing', t.id, 'from', a.staff_id, 'to', coalesce(heir::text, ''), 'why', left(coalesce(reason, ''), 120)));
  return 'ok';
end $$;

alter function access.teams_led(uuid) owner to minqing_guard;
alter function access.pass_team(uuid, uuid, uuid, text) owner to minqing_guard;
revoke all on function access.teams_led(uuid), access.pass_team(uuid, uuid, uuid, text) from public;
grant execute on function access.teams_led(uuid), access.pass_team(uuid, uuid, uuid, text) to minqing_app;
