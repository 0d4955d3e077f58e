-- Photos and recordings that a phone sealed to the server's key, put down in parts without a log-in; read by the owner of the phone alone.
--
-- Invariants: what lies here can be read by nobody before an operation of its author names it; a part comes once; whole, it is what was
-- announced or it has no parts and is sent again; the answer says nothing but what is there. What was given up, and what nothing has asked for
-- within thirty days, loses its bytes; what is unfinished loses its parts after that time and stays welcome: the phone still holds it.
do $$
declare
  t text;
begin
  foreach t in array array['sync_sealedfile', 'sync_sealedpart'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
  end loop;
end $$;
create policy own_read on public.sync_sealedfile for select to minqing_app using (staff = (select access.proven('staff')::uuid));
create policy own_change on public.sync_sealedfile for update to minqing_app using (staff = (select access.proven('staff')::uuid)) with check (staff = (select access.proven('staff')::uuid));
create policy own_read on public.sync_sealedpart for select to minqing_app using (exists (select from public.sync_sealedfile f where f.id = file_id and f.staff = (select access.proven('staff')::uuid)));
create policy own_drop on public.sync_sealedpart for delete to minqing_app using (exists (select from public.sync_sealedfile f where f.id = file_id and f.staff = (select access.proven('staff')::uuid)));
call access.keep('public.sync_sealedfile', 'id', 'staff', 'device_id', 'size', 'digest');
grant select, update (header, state, done_at) on public.sync_sealedfile to minqing_app;
grant select, delete on public.sync_sealedpart to minqing_app;
grant select, insert, update (header, state, done_at, received_at) on public.sync_sealedfile to minqing_guard;
grant select, insert, delete on public.sync_sealedpart to minqing_guard;
grant select (staff, kind, state) on public.sync_operation to minqing_guard;

-- Which parts are there. 'gone': used or given up, the phone need not keep it.
create function access.file_held(file uuid) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('s', case when f.state = 'kept' then 'kept' else 'gone' end, 'have', coalesce((select jsonb_agg(p.no order by p.no) from public.sync_sealedpart p where p.file_id = f.id), '[]'),
                            'parts', (f.size + 262143) / 262144, 'complete', f.state <> 'kept' or (select count(*) from public.sync_sealedpart p where p.file_id = f.id) = (f.size + 262143) / 262144)
    from public.sync_sealedfile f where f.id = file_held.file
$$;

-- A sealed file is coming: `header` is its key, sealed; `size` and `digest` (SHA-256) are of the bytes that follow. `s`: 'kept', 'gone', 'unknown' (no such
-- phone), 'large', 'other' (the same id with something else), 'full': two hundred of one phone and 64 MB wait at most, so that nobody who found a phone's id fills the disk.
create function access.leave_file(device uuid, file uuid, header bytea, size integer, digest bytea) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  owner uuid;
  stood public.sync_sealedfile;
begin
  if access.claim('purpose') is null then
    raise exception 'no scope' using errcode = 'insufficient_privilege';
  end if;
  if octet_length(header) > 4096 or size < 29 or size > 8389000 or octet_length(digest) <> 32 then
    return '{"s": "large"}';
  end if;
  owner := (select d.staff from public.sync_device d where d.id = device);
  if owner is null then
    return '{"s": "unknown"}';
  end if;
  -- what time has ended, wherever it came from
  delete from public.sync_sealedpart p using public.sync_sealedfile f
   where f.id = p.file_id and f.state = 'kept' and f.received_at < clock_timestamp() - interval '30 days'
     and (select count(*) from public.sync_sealedpart q where q.file_id = f.id) < (f.size + 262143) / 262144;
  with over as (
    update public.sync_sealedfile f set state = 'discarded', header = null, done_at = clock_timestamp()
     where f.state = 'kept' and f.received_at < clock_timestamp() - interval '30 days' and exists (select from public.sync_sealedpart p where p.file_id = f.id)
       and not exists (select from public.sync_box b where b.device_id = f.device_id and b.state = 'kept')
       and not exists (select from public.sync_operation o where o.staff = f.staff and o.kind = 'photo.attach' and o.state = 'waiting')
    returning f.id)
  delete from public.sync_sealedpart p using over where p.file_id = over.id;
  select f.* into stood from public.sync_sealedfile f where f.id = file for update;
  if stood.id is null then
    if (select count(*) >= 200 or coalesce(sum(f.size), 0) + size > 67108864 from public.sync_sealedfile f where f.device_id = device and f.state = 'kept') then
      return '{"s": "full"}';
    end if;
    insert into public.sync_sealedfile (id, device_id, staff, received_at, size, header, digest, state) values (file, device, owner, clock_timestamp(), size, header, digest, 'kept') on conflict (id) do nothing;
  elsif stood.device_id <> device or stood.size <> size or stood.digest <> digest or stood.state = 'kept' and stood.header <> header then
    return '{"s": "other"}';
  elsif stood.state = 'kept' and not exists (select from public.sync_sealedpart p where p.file_id = file) then
    update public.sync_sealedfile f set received_at = clock_timestamp() where f.id = file;
  end if;
  return access.file_held(file);
end $$;

-- One part. `s` as above, and 'part': of the wrong size.
create function access.leave_file_part(device uuid, file uuid, no integer, content bytea) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  stood public.sync_sealedfile;
  last integer;
begin
  if access.claim('purpose') is null then
    raise exception 'no scope' using errcode = 'insufficient_privilege';
  end if;
  select f.* into stood from public.sync_sealedfile f where f.id = file and f.device_id = device for update;
  if stood.id is null then
    return '{"s": "unknown"}';
  elsif stood.state <> 'kept' then
    return access.file_held(file);
  end if;
  last := (stood.size - 1) / 262144;
  if no < 0 or no > last or octet_length(content) <> least(262144, stood.size - no * 262144) then
    return '{"s": "part"}';
  end if;
  insert into public.sync_sealedpart (id, file_id, no, content) values (gen_random_uuid(), file, no, content) on conflict on constraint sync_sealedpart_once do nothing;
  if (select count(*) from public.sync_sealedpart p where p.file_id = file) = last + 1
     and (select sha256(string_agg(p.content, ''::bytea order by p.no)) from public.sync_sealedpart p where p.file_id = file) <> stood.digest then
    delete from public.sync_sealedpart p where p.file_id = file;
  end if;
  return access.file_held(file);
end $$;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.proname in ('file_held', 'leave_file', 'leave_file_part') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.leave_file(uuid, uuid, bytea, integer, bytea), access.leave_file_part(uuid, uuid, integer, bytea) to minqing_resident;
