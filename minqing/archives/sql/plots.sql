-- Plots of land: whose rows they are, what is remembered, how they are found. They lie where they lie: a household that moves away
-- leaves its plots; only a whole area that changes its code takes them along.

call access.protect_area_table('public.archives_plot');
call access.keep('public.archives_plot', 'id');
grant select, insert, update on public.archives_plot to minqing_app;
grant select, update on public.archives_plot to minqing_guard;
create trigger remember_update after update on public.archives_plot referencing old table as old_rows new table as new_rows for each statement execute function access.remember_update('plot');
create trigger remember_insert after insert on public.archives_plot referencing new table as new_rows for each statement execute function access.remember_insert('plot');

-- A plot hangs on a household that whoever writes it sees, in the same village: free SQL could otherwise put land into somebody else's
-- file. Runs with the caller's own eyes; a plot whose household has moved away since stays as it is.
create function access.check_plot_household() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if current_user <> 'minqing_guard' and new.household_id is not null
     and not exists (select 1 from public.archives_household h where h.id = new.household_id and left(h.grid_code, 12) = left(new.grid_code, 12)) then
    raise exception 'no such household in this village' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
revoke all on function access.check_plot_household() from public;
create trigger check_household before insert on public.archives_plot for each row execute function access.check_plot_household();
create trigger check_household_change before update of household_id on public.archives_plot for each row when (old.household_id is distinct from new.household_id) execute function access.check_plot_household();

-- One looks back on what stands in one's own household's file
create policy own_read on public.archives_plot for select to minqing_resident using (household_id = any ((select access.own_households())::uuid[]));
grant select on public.archives_plot to minqing_resident;

create or replace function access.move_area(old text, new text, on_day date) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  n integer;
begin
  if not (access.may('areas', old) and access.may('areas', new)) then
    raise exception 'no right to manage these areas' using errcode = 'insufficient_privilege';
  end if;
  if old is null or length(old) not in (12, 15, 17) then
    raise exception 'a village, a grid or a micro-grid moves, never more: %', old using errcode = 'check_violation';
  end if;
  if new is null or length(new) not in (15, 17) then
    raise exception 'no such grid: %', new using errcode = 'foreign_key_violation';
  end if;
  perform access.check_place(new, 'member');
  perform access.note('crossing.move_area', null, null, jsonb_build_object('from', old, 'to', new));
  insert into public.archives_placement (id, person_id, grid_code, why, starts_on, name_key)
  select distinct on (p.person_id, p.why) gen_random_uuid(), p.person_id, move_area.new, p.why, on_day, p.name_key
    from public.archives_placement p
   where p.grid_code >= old and p.grid_code < old || ':' and p.ends_on is null
     and not exists (select 1 from public.archives_placement x where x.person_id = p.person_id and x.grid_code = move_area.new and x.why = p.why and x.ends_on is null);
  update public.archives_placement p set ends_on = on_day where p.grid_code >= old and p.grid_code < old || ':' and p.ends_on is null and p.grid_code <> move_area.new;
  update public.archives_searchkey k set grid_code = move_area.new, village = left(move_area.new, 12) where k.grid_code >= old and k.grid_code < old || ':';
  update public.archives_membership m set grid_code = move_area.new where m.grid_code >= old and m.grid_code < old || ':';
  update public.archives_dwelling d set grid_code = move_area.new where d.grid_code >= old and d.grid_code < old || ':';
  update public.archives_occupancy o set grid_code = move_area.new where o.grid_code >= old and o.grid_code < old || ':';
  update public.archives_plot x set grid_code = move_area.new where x.grid_code >= old and x.grid_code < old || ':';
  update public.archives_household h set grid_code = move_area.new where h.grid_code >= old and h.grid_code < old || ':';
  get diagnostics n = row_count;
  return n;
end $$;
