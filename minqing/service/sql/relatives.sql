-- Somebody whom a person lets act for him did something: the person is told, once for each kind of act and day.
--
-- Invariants: asked by the hourly job alone; it is handed the name and how to reach exactly those who are to be told, and writes at their
-- grid's desk and nowhere else; a telephone that is the relative's own is not the person's; what was only looked at is in "who looked".
create function access.enter_relatives(grid text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  claim jsonb;
begin
  if grid <> '' and not exists (select 1 from public.access_area a where a.code = grid) then
    raise exception 'no such grid' using errcode = 'invalid_authorization_specification';
  end if;
  claim := jsonb_build_object('actor', 'relatives', 'staff', null, 'number', '', 'name', '家人代办的告知', 'session', null, 'purpose', 'relatives', 'origin', 'job', 'appointments', '[]'::jsonb, 'area', grid,
             'rights', case when grid = '' then '{}'::jsonb else jsonb_build_object('matters', access.codeset(access.codes(grid, grid, '[]'))::text) end, 'until', extract(epoch from clock_timestamp() + interval '5 minutes'));
  perform access.install(claim);
  return claim;
end $$;

create function access.relative_acts(since timestamptz, most integer) returns table (person uuid, what text, on_day date, relative text, grid text, name text, phone bytea, own_phone boolean, address text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if coalesce(access.proven('actor'), '') <> 'relatives' then
    raise exception 'only the hourly job asks this' using errcode = 'insufficient_privilege';
  end if;
  return query
    select distinct on (c.person_id, e.what, d.day) c.person_id, e.what, d.day, c.name::text, h.grid, r.name::text, r.phone_cipher, r.phone_tail <> '' and r.phone_tail is distinct from c.phone_tail,
           coalesce(nullif(r.living_address, ''), r.registered_address)::text
      from public.access_auditentry e
      join public.access_session s on s.id = e.session and s.resident_account is not null
      join public.access_consent c on c.account_id = s.resident_account and c.kind = 'relative' and e.persons @> array[c.person_id] and e.at >= c.starts_at and e.at <= coalesce(c.withdrawn_at, c.ends_at)
      join public.archives_resident r on r.id = c.person_id and r.alive and r.voided_at is null
     cross join lateral (select (e.at at time zone 'Asia/Shanghai')::date as day) d
     cross join lateral (select access.home_grid(c.person_id) as grid) h
     where e.at > relative_acts.since and h.grid is not null
       and e.what in ('matter.submit', 'matter.withdraw', 'matter.redo', 'matter.close', 'matter.ask_explain', 'matter.reopen', 'file.propose', 'file.copy', 'file.sensitive', 'help.ask')
       and not exists (select 1 from public.access_subject x where x.account = s.resident_account and x.person_id = c.person_id and x.reach = 'self')
       and not exists (select 1 from public.notify_message g where g.event = 'relative:' || e.what || ':' || d.day and g.recipient = 'person:' || c.person_id)
     order by c.person_id, e.what, d.day, e.at limit most;
end $$;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef and p.proname in ('enter_relatives', 'relative_acts') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
    execute format('grant execute on function %s to minqing_jobs', f.name);
  end loop;
end $$;
