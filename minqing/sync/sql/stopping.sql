-- A phone that nobody logs in on any more is told what became of it; and whoever may appoint where its owner works stops it.
--
-- Invariants: a phone's id is a random number that only the phone and its owner's pages know, and the answer is one word that says
-- nothing about anybody; a stopped phone stays stopped; nobody stops a phone of a colleague for whom he could not end the log-in either.
create function access.word_for_phone(device uuid) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select case when d.state <> 'active' then d.state when s.left_at <= clock_timestamp() then 'revoked' else 'active' end
    from public.sync_device d join public.access_staff s on s.id = d.staff
   where d.id = word_for_phone.device and access.claim('purpose') is not null
$$;

create function access.phones_of(who uuid) returns table (id uuid, name text, state text, registered_at timestamptz, seen_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select d.id, d.name::text, d.state::text, d.registered_at, d.seen_at
    from public.sync_device d join public.access_staff s on s.id = d.staff
   where d.staff = phones_of.who and access.may('appoint', s.area_code)
   order by d.state, d.seen_at desc
$$;

-- Returns the owner, null where there is no such phone or it is not the caller's to stop. A phone given up as lost does not become a stopped one.
create function access.stop_phone(device uuid, word text) returns uuid
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  update public.sync_device d set state = stop_phone.word, closed_at = clock_timestamp(), closed_by = access.claim('staff')::uuid
    from public.access_staff s
   where d.id = stop_phone.device and s.id = d.staff and access.may('appoint', s.area_code)
     and stop_phone.word in ('revoked', 'lost') and (d.state = 'active' or d.state = 'revoked' and stop_phone.word = 'lost')
  returning d.staff
$$;

grant update (state, closed_at, closed_by) on public.sync_device to minqing_guard;
alter function access.word_for_phone(uuid) owner to minqing_guard;
alter function access.phones_of(uuid) owner to minqing_guard;
alter function access.stop_phone(uuid, text) owner to minqing_guard;
revoke all on function access.word_for_phone(uuid), access.phones_of(uuid), access.stop_phone(uuid, text) from public;
grant execute on function access.word_for_phone(uuid) to minqing_resident;
grant execute on function access.phones_of(uuid), access.stop_phone(uuid, text) to minqing_app;
