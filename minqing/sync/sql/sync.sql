-- Phones, their operations, photos on their way, sealed boxes: each row is its owner's and nobody else's. DESIGN §4, §8.
--
-- Invariants: whoever is logged in sees and writes what he sent himself; an operation is never deleted; a box is put down without a
-- log-in by a function that says nothing but whether it is kept, and is read by the owner of the phone alone. What a box says stays
-- unreadable to the database: it is sealed to a key that lies outside.
do $$
declare
  t text;
begin
  foreach t in array array['sync_device', 'sync_operation', 'sync_blob', 'sync_box'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy own_read on public.%I for select to minqing_app using (staff = (select access.proven(''staff'')::uuid))', t);
    execute format('create policy own_change on public.%I for update to minqing_app using (staff = (select access.proven(''staff'')::uuid)) with check (staff = (select access.proven(''staff'')::uuid))', t);
    if t <> 'sync_box' then
      execute format('create policy own_add on public.%I for insert to minqing_app with check (staff = (select access.proven(''staff'')::uuid))', t);
    end if;
  end loop;
end $$;
alter table public.sync_part enable row level security;
alter table public.sync_part force row level security;
create policy guard on public.sync_part to minqing_guard using (true) with check (true);
create policy own_read on public.sync_part for select to minqing_app using (exists (select from public.sync_blob b where b.id = sync_part.blob_id));
create policy own_add on public.sync_part for insert to minqing_app with check (exists (select from public.sync_blob b where b.id = sync_part.blob_id and b.used_at is null));
create policy own_drop on public.sync_part for delete to minqing_app using (exists (select from public.sync_blob b where b.id = sync_part.blob_id));

call access.keep('public.sync_device', 'id', 'staff', 'registered_at');
call access.keep('public.sync_operation', 'id', 'staff', 'device_id', 'kind', 'target', 'made_at', 'received_at', 'digest');
call access.keep('public.sync_blob', 'id', 'staff', 'size', 'sha256', 'media', 'made_at');
call access.keep('public.sync_box', 'id', 'staff', 'device_id', 'received_at', 'digest');

grant select, insert, update on public.sync_device, public.sync_operation, public.sync_blob to minqing_app;
grant select, insert, delete on public.sync_part to minqing_app;
grant select, update (content, state, done_at) on public.sync_box to minqing_app;
grant select on public.sync_device to minqing_guard;
grant select, insert on public.sync_box to minqing_guard;

-- Unsent work of a phone whose session has ended. Answers 'kept', 'unknown' (no such phone), 'full', 'large' or 'other' (the same id
-- with other content). Twenty boxes wait at most, so that nobody who found a phone's id fills the disk.
create function access.leave_box(device uuid, box uuid, content bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  owner uuid;
  found bytea;
begin
  if access.claim('purpose') is null then
    raise exception 'no scope' using errcode = 'insufficient_privilege';
  end if;
  if octet_length(leave_box.content) > 524288 then
    return 'large';
  end if;
  owner := (select d.staff from public.sync_device d where d.id = leave_box.device);
  if owner is null then
    return 'unknown';
  end if;
  found := (select b.digest from public.sync_box b where b.id = leave_box.box);
  if found is null then
    if (select count(*) from public.sync_box b where b.device_id = leave_box.device and b.state = 'kept') >= 20 then
      return 'full';
    end if;
    insert into public.sync_box (id, device_id, staff, received_at, content, digest, state)
    values (leave_box.box, leave_box.device, owner, clock_timestamp(), leave_box.content, sha256(leave_box.content), 'kept')
    on conflict (id) do nothing;
    found := (select b.digest from public.sync_box b where b.id = leave_box.box);
  end if;
  return case when found = sha256(leave_box.content) then 'kept' else 'other' end;
end $$;
alter function access.leave_box(uuid, uuid, bytea) owner to minqing_guard;
revoke all on function access.leave_box(uuid, uuid, bytea) from public;
grant execute on function access.leave_box(uuid, uuid, bytea) to minqing_resident;
