-- Marks about being told (notify) and the file: whom a mark may speak of, and the silence for those whom a department names dead.

-- free SQL could otherwise silence somebody whom it does not know
create policy known_person on public.notify_mark as restrictive for insert to minqing_app, minqing_jobs with check (
  (select access.scope('write')) @> grid_code and exists (select from public.archives_placement p where p.person_id = notify_mark.person and p.ends_on is null));

-- Acts on the desk write the mark themselves (archives/actions/events.py); a batch writes thousands of rows and no acts.
create function access.silence_gathered() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if session_user <> 'minqing_gather' then
    return null;
  end if;
  if new.alive then
    update public.notify_mark k set ended_at = clock_timestamp(), ended_by = access.proven('staff')::uuid where k.person = new.id and k.what = 'silent' and k.ended_at is null;
  else
    insert into public.notify_mark (id, grid_code, person, what, kind, by, at)
    select gen_random_uuid(), p.grid_code, new.id, 'silent', '', access.proven('staff')::uuid, clock_timestamp()
      from public.archives_placement p where p.person_id = new.id order by p.ends_on is null desc, p.grid_code limit 1
    on conflict do nothing;
  end if;
  return null;
end $$;
alter function access.silence_gathered() owner to minqing_guard;
revoke all on function access.silence_gathered() from public;
create trigger silence_gathered after update of alive on public.archives_resident for each row when (old.alive is distinct from new.alive) execute function access.silence_gathered();
grant insert, update on public.notify_mark to minqing_guard;
