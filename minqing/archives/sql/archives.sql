-- Policies, history and the crossing functions of the archives. DESIGN §4–5, scope.md §1–4.

-- A person: visible where a current placement stands ------------------------------------------------------------------

call access.protect_area_table('public.archives_placement');
call access.protect_area_table('public.archives_household');
call access.protect_area_table('public.archives_membership');
call access.protect_area_table('public.archives_dwelling');
call access.protect_area_table('public.archives_occupancy');
call access.protect_area_table('public.archives_searchkey');

-- Current placements of a person in the caller's scope. A plain subquery: the placement's own policy is the law.
create procedure access.protect_person_table(tbl regclass, key name, law text, writes text)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('alter table %s enable row level security', tbl);
  execute format('alter table %s force row level security', tbl);
  execute format('create policy guard on %s to minqing_guard using (true) with check (true)', tbl);
  execute format($p$create policy scope_read on %1$s for select to minqing_app, minqing_jobs, minqing_gather using (exists (
      select from public.archives_placement p where p.person_id = %1$s.%2$I and p.ends_on is null%3$s))$p$, tbl, key, law);
  execute format($p$create policy scope_change on %1$s for update to minqing_app, minqing_jobs, minqing_gather
      using (exists (select from public.archives_placement p where p.person_id = %1$s.%2$I and p.ends_on is null and (select access.scope(%3$L)) @> p.grid_code))
      with check (exists (select from public.archives_placement p where p.person_id = %1$s.%2$I and p.ends_on is null and (select access.scope(%3$L)) @> p.grid_code))$p$, tbl, key, writes);
end $$;
revoke all on procedure access.protect_person_table(regclass, name, text, text) from public;

call access.protect_person_table('public.archives_resident', 'id', '', 'write');
create policy scope_add on public.archives_resident for insert to minqing_gather with check (
  exists (select from public.archives_placement p where p.person_id = archives_resident.id and (select access.scope('write')) @> p.grid_code));
create policy own_read on public.archives_resident for select to minqing_resident using (id = any ((select access.own_persons())::uuid[]));
create policy own_read on public.archives_household for select to minqing_resident using (id = any ((select access.own_households())::uuid[]));
create policy own_read on public.archives_membership for select to minqing_resident
  using (household_id = any ((select access.own_households())::uuid[]) or person_id = any ((select access.own_persons())::uuid[]));

do $$
declare
  t text;
begin
  foreach t in array array['archives_health', 'archives_disability', 'archives_relief'] loop
    execute format($p$call access.protect_person_table('public.%s', 'person_id', ' and (select access.scope(''sensitive'')) @> p.grid_code', 'sensitive')$p$, t);
    execute format($p$create policy scope_add on public.%1$I for insert to minqing_app, minqing_jobs, minqing_gather with check (
        exists (select from public.archives_placement p where p.person_id = %1$I.person_id and p.ends_on is null
                   and ((select access.scope('sensitive')) @> p.grid_code or (select access.proven('batch')) is not null)))$p$, t);
    -- a batch compares with what it loaded before; it holds the right of gathering, not of reading at leisure
    execute format($p$create policy batch_read on public.%1$I for select to minqing_gather using ((select access.proven('batch')) is not null
        and exists (select from public.archives_placement p where p.person_id = %1$I.person_id and p.ends_on is null))$p$, t);
    execute format($p$create policy batch_change on public.%1$I for update to minqing_gather using ((select access.proven('batch')) is not null
        and exists (select from public.archives_placement p where p.person_id = %1$I.person_id and p.ends_on is null))$p$, t);
    execute format('create policy own_read on public.%1$I for select to minqing_resident using (person_id = any ((select access.own_persons())::uuid[]))', t);
    execute format('grant select, insert, update on public.%I to minqing_app, minqing_jobs, minqing_gather', t);
    execute format('grant select on public.%I to minqing_resident', t);
  end loop;
end $$;

-- Whom one's own rows may name: free SQL could otherwise hang a foreign person or household into its own grid, and wait for
-- a crossing function to carry something along. Gathering names whom it links; its area is checked like everybody's.
do $$
declare
  t text;
begin
  foreach t in array array['archives_membership', 'archives_occupancy'] loop
    execute format('alter policy scope_add on public.%I to minqing_gather', t);
    execute format($p$create policy scope_add_known on public.%1$I for insert to minqing_app, minqing_jobs with check ((select access.scope('write')) @> grid_code
        and exists (select from public.archives_placement p where p.person_id = %1$I.person_id and p.ends_on is null))$p$, t);
  end loop;
  call access.keep('public.archives_resident', 'id');
  call access.keep('public.archives_household', 'id');
  call access.keep('public.archives_dwelling', 'id');
  call access.keep('public.archives_placement', 'id', 'person_id');
  call access.keep('public.archives_membership', 'id', 'person_id', 'household_id');
  call access.keep('public.archives_occupancy', 'id', 'person_id', 'dwelling_id');
  call access.keep('public.archives_kinship', 'id', 'person_id', 'relative_id', 'kind');
  call access.keep('public.archives_health', 'id', 'person_id');
  call access.keep('public.archives_disability', 'id', 'person_id');
  call access.keep('public.archives_relief', 'id', 'person_id');
  call access.keep('public.archives_act', 'id', 'staff', 'at');
end $$;
alter policy scope_add_known on public.archives_membership with check ((select access.scope('write')) @> grid_code
  and exists (select from public.archives_placement p where p.person_id = archives_membership.person_id and p.ends_on is null)
  and exists (select from public.archives_household h where h.id = archives_membership.household_id and h.grid_code = archives_membership.grid_code));

-- The digest of an identity number: gathering and definer functions alone ------------------------------------------------
alter table public.archives_identity enable row level security;
alter table public.archives_identity force row level security;
create policy guard on public.archives_identity to minqing_guard using (true) with check (true);
-- a batch looks up keyed digests of everybody (a person is one record however many areas name him); it sets free only the
-- numbers of people it sees, and rewrites none
create policy gathering on public.archives_identity for select to minqing_gather using ((select access.proven('batch')) is not null);
create policy gathering_add on public.archives_identity for insert to minqing_gather with check ((select access.proven('batch')) is not null);
create policy gathering_remove on public.archives_identity for delete to minqing_gather using ((select access.proven('batch')) is not null
  and exists (select from public.archives_placement p where p.person_id = archives_identity.person_id and p.ends_on is null));

-- Kinship: whoever sees either end sees the tie -------------------------------------------------------------------------
alter table public.archives_kinship enable row level security;
alter table public.archives_kinship force row level security;
create policy guard on public.archives_kinship to minqing_guard using (true) with check (true);
create policy scope_read on public.archives_kinship for select to minqing_app, minqing_jobs, minqing_gather using (
  exists (select from public.archives_placement p where p.person_id = archives_kinship.person_id and p.ends_on is null)
  or exists (select from public.archives_placement p where p.person_id = archives_kinship.relative_id and p.ends_on is null));
create policy scope_add on public.archives_kinship for insert to minqing_app, minqing_jobs, minqing_gather with check (
  exists (select from public.archives_placement p where p.person_id = archives_kinship.person_id and p.ends_on is null and (select access.scope('write')) @> p.grid_code)
  and exists (select from public.archives_placement p where p.person_id = archives_kinship.relative_id and p.ends_on is null and (select access.scope('write')) @> p.grid_code));
create policy scope_change on public.archives_kinship for update to minqing_app, minqing_jobs, minqing_gather using (
  exists (select from public.archives_placement p where p.person_id = archives_kinship.person_id and p.ends_on is null and (select access.scope('write')) @> p.grid_code)
  or exists (select from public.archives_placement p where p.person_id = archives_kinship.relative_id and p.ends_on is null and (select access.scope('write')) @> p.grid_code));

-- History and acts ----------------------------------------------------------------------------------------------------
alter table public.archives_change enable row level security;
alter table public.archives_change force row level security;
create policy guard on public.archives_change to minqing_guard using (true) with check (true);
create policy scope_read on public.archives_change for select to minqing_app, minqing_jobs using (
  (grid_code is not null and grid_code >= current_setting('minqing.lo')::access.bound and grid_code < current_setting('minqing.hi')::access.bound and (select access.scope('people')) @> grid_code)
  or (grid_code is null and exists (select from public.archives_placement p where p.person_id = archives_change.person_id and p.ends_on is null)
      and ("table" not in ('health', 'disability', 'relief')
           or exists (select from public.archives_placement p where p.person_id = archives_change.person_id and p.ends_on is null and (select access.scope('sensitive')) @> p.grid_code))));

alter table public.archives_act enable row level security;
alter table public.archives_act force row level security;
create policy guard on public.archives_act to minqing_guard using (true) with check (true);
-- A sentence may name people: also one's own acts close with the appointment they were done under. Acts of areas where one
-- holds no file (administration) name no people and carry no grid.
create policy own_read on public.archives_act for select to minqing_app using (
  (grid_code = '' and staff = (select access.proven('staff')::uuid)) or (grid_code <> '' and (select access.scope('people')) @> grid_code));
create policy own_add on public.archives_act for insert to minqing_app with check (
  staff = (select access.proven('staff')::uuid) and (grid_code = '' or (select access.scope('people')) @> grid_code));
create policy own_change on public.archives_act for update to minqing_app using (staff = (select access.proven('staff')::uuid))
  with check (staff = (select access.proven('staff')::uuid) and (grid_code = '' or (select access.scope('people')) @> grid_code));

-- The change log is written by one definer function per kind of statement, from transition tables. A batch writes only
-- what it *changes*; the statements are the history of what was loaded (scope.md §4).
create function access.remember_update() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(current_setting('minqing.claim', true), '') = '' and session_user = 'minqing_owner' then
    return null;  -- rotation of keys: the same values under another key; the owner is not a person
  end if;
  insert into public.archives_change (at, act, "table", row_id, person_id, grid_code, before, after, staff, purpose)
  select clock_timestamp(), nullif(current_setting('minqing.act', true), '')::uuid, tg_argv[0], o.id,
         case when tg_argv[0] = 'resident' then o.id else (to_jsonb(o) ->> 'person_id')::uuid end, to_jsonb(n) ->> 'grid_code',
         (select jsonb_object_agg(k, v) from jsonb_each(to_jsonb(o)) as x(k, v) where to_jsonb(n) -> k is distinct from v),
         (select jsonb_object_agg(k, v) from jsonb_each(to_jsonb(n)) as x(k, v) where to_jsonb(o) -> k is distinct from v),
         access.claim('staff')::uuid, coalesce(access.claim('purpose'), '')
    from old_rows o join new_rows n using (id)
   where to_jsonb(o) is distinct from to_jsonb(n);
  return null;
end $$;

create function access.remember_insert() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(current_setting('minqing.claim', true), '') = '' and session_user = 'minqing_owner' then
    return null;  -- set-based fixtures of bench and tests; the owner is not a person
  end if;
  if access.claim('batch') is not null then
    return null;
  end if;
  insert into public.archives_change (at, act, "table", row_id, person_id, grid_code, before, after, staff, purpose)
  select clock_timestamp(), nullif(current_setting('minqing.act', true), '')::uuid, tg_argv[0], n.id,
         case when tg_argv[0] = 'resident' then n.id else (to_jsonb(n) ->> 'person_id')::uuid end, to_jsonb(n) ->> 'grid_code', null, to_jsonb(n),
         access.claim('staff')::uuid, coalesce(access.claim('purpose'), '')
    from new_rows n;
  return null;
end $$;

do $$
declare
  t text;
begin
  foreach t in array array['resident', 'household', 'membership', 'dwelling', 'occupancy', 'kinship', 'placement', 'health', 'disability', 'relief'] loop
    execute format('create trigger remember_update after update on public.archives_%1$s referencing old table as old_rows new table as new_rows for each statement execute function access.remember_update(%1$L)', t);
    execute format('create trigger remember_insert after insert on public.archives_%1$s referencing new table as new_rows for each statement execute function access.remember_insert(%1$L)', t);
  end loop;
end $$;

-- Crossing functions: nothing else makes a person visible somewhere ------------------------------------------------------

-- A placement stands in a living grid or micro-grid and says why.
create function access.check_place(grid text, why text) returns void
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if why is null or why not in ('registered', 'living', 'member') then
    raise exception 'no such reason for a placement: %', why using errcode = 'check_violation';
  end if;
  if not exists (select 1 from public.access_area a where a.code = grid and length(a.code) in (15, 17) and a.closed_on is null) then
    raise exception 'no such grid: %', grid using errcode = 'foreign_key_violation';
  end if;
end $$;

-- A new person, placed where the caller may write. Returns the id; the other fields follow by ordinary UPDATE.
create function access.create_person(grid text, why text, on_day date, name text, sex text, birth_date date) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  made uuid := gen_random_uuid();
begin
  if not access.may('write', grid) then
    raise exception 'no right to write there' using errcode = 'insufficient_privilege';
  end if;
  perform access.check_place(grid, why);
  insert into public.archives_placement (id, person_id, grid_code, why, starts_on, name_key) values (gen_random_uuid(), made, grid, why, on_day, '');
  insert into public.archives_resident (id, sources, version, created_at, updated_at, name, former_name, id_kind, id_tail, sex, birth_date, birth_precision, ethnicity, hometown,
    registered_area, registered_address, registration_kind, living_area, living_address, living_elsewhere, residence_match, phone_tail, emergency_name, marriage, education, school,
    political, party_branch, party_post, employment, workplace, pension_status, pension_benefit, medical_kind, medical_status, medical_year, alive, left_to, no_messages, name_key)
  values (made, '{}', 1, clock_timestamp(), clock_timestamp(), create_person.name, '', '111', '', create_person.sex, create_person.birth_date, 'day', '', '',
    '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', true, '', false, '');
  return made;
end $$;

-- Does somebody with this number exist? Links a person of the caller's own grid with the number, or says that the
-- number belongs to someone outside the scope (existence only; audited, at most 200 an hour and session).
create function access.find_or_refer(digest bytea, key_no smallint) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  asked integer;
  found_person uuid;
  within boolean;
begin
  if access.scope('write') = '{}'::access.codeset then
    raise exception 'no right to write anywhere' using errcode = 'insufficient_privilege';
  end if;
  select count(*) into asked from public.access_auditentry e
   where e.staff = access.claim('staff')::uuid and e.what = 'find_or_refer' and e.at > clock_timestamp() - interval '1 hour';
  if asked >= 200 then
    raise exception 'too many look-ups by number within an hour' using errcode = 'insufficient_privilege';
  end if;
  select i.person_id into found_person from public.archives_identity i where i.digest = find_or_refer.digest and i.key_no = find_or_refer.key_no;
  within := exists (select 1 from public.archives_placement p where p.person_id = found_person and p.ends_on is null and access.scope('people') @> p.grid_code::text);
  insert into public.access_auditentry (id, what, persons, purpose, origin)
  values (gen_random_uuid(), 'find_or_refer', case when found_person is null then '{}' else array[found_person] end, coalesce(access.claim('purpose'), ''), coalesce(access.claim('origin'), ''));
  if found_person is null then
    return jsonb_build_object('found', false);
  elsif within then
    return jsonb_build_object('found', true, 'person', found_person);
  end if;
  return jsonb_build_object('found', true, 'elsewhere', true);
end $$;

-- Remember the number's digest of a person whom the caller may write and who has none.
create function access.register_identity(person uuid, digest bytea, key_no smallint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not exists (select 1 from public.archives_placement p where p.person_id = person and p.ends_on is null and access.scope('write') @> p.grid_code::text) then
    raise exception 'no right to write this person' using errcode = 'insufficient_privilege';
  end if;
  begin
    insert into public.archives_identity (person_id, digest, key_no) values (register_identity.person, register_identity.digest, register_identity.key_no);
  exception when unique_violation then
    raise exception 'this number belongs to somebody else' using errcode = 'unique_violation';
  end;
end $$;

-- Bring a person, whom the caller may write, to an area: inside the caller's scope any grid; outside only grid 000 of the
-- village ("not yet placed"), where its own secretary takes over.
create function access.place(person uuid, grid text, why text, on_day date) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not exists (select 1 from public.archives_placement p where p.person_id = place.person and p.ends_on is null and access.scope('write') @> p.grid_code::text) then
    raise exception 'no right to move this person' using errcode = 'insufficient_privilege';
  end if;
  if not access.may('write', grid) and not (length(grid) = 15 and right(grid, 3) = '000') then
    raise exception 'outside the scope only grid 000 receives' using errcode = 'insufficient_privilege';
  end if;
  perform access.check_place(grid, why);
  if not access.may('people', grid) then
    perform access.note('crossing.place', array[place.person], null, jsonb_build_object('to', grid, 'why', why));
  end if;
  insert into public.archives_placement (id, person_id, grid_code, why, starts_on, name_key)
  select gen_random_uuid(), place.person, place.grid, place.why, place.on_day, r.name_key from public.archives_resident r where r.id = place.person
  on conflict (person_id, grid_code, why) where ends_on is null do nothing;
  insert into public.archives_searchkey (key, village, grid_code, kind, person_id, household_id)
  select distinct on (k.key, k.kind) k.key, left(place.grid, 12), place.grid, k.kind, k.person_id, null::uuid
    from public.archives_searchkey k
   where k.person_id = place.person and k.household_id is null
     and not exists (select 1 from public.archives_searchkey x where x.person_id = place.person and x.grid_code = place.grid);
end $$;

-- End a person's placement in an area where the caller may write.
create function access.unplace(person uuid, grid text, why text, on_day date) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not access.may('write', grid) then
    raise exception 'no right to write there' using errcode = 'insufficient_privilege';
  end if;
  update public.archives_placement p set ends_on = on_day
   where p.person_id = unplace.person and p.grid_code = unplace.grid and p.why = unplace.why and p.ends_on is null;
  if not exists (select 1 from public.archives_placement p where p.person_id = unplace.person and p.grid_code = unplace.grid and p.ends_on is null) then
    delete from public.archives_searchkey k where k.person_id = unplace.person and k.grid_code = unplace.grid;
  end if;
end $$;

-- Move a household with its facts to another grid; rules as in access.place. Visits and notes stay where they were made.
create function access.move_household(household uuid, grid text, on_day date) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  h public.archives_household;
begin
  select * into h from public.archives_household x where x.id = move_household.household for update;
  if h.id is null or not access.may('write', h.grid_code) then
    raise exception 'no right to move this household' using errcode = 'insufficient_privilege';
  end if;
  if not access.may('write', grid) and not (length(grid) = 15 and right(grid, 3) = '000') then
    raise exception 'outside the scope only grid 000 receives' using errcode = 'insufficient_privilege';
  end if;
  perform access.check_place(grid, 'member');
  if h.grid_code = grid then
    return;
  end if;
  if not access.may('people', grid) then
    perform access.note('crossing.move_household', null, array[h.id], jsonb_build_object('from', h.grid_code, 'to', grid));
  end if;
  -- members see the new grid first, so that nobody is without a placement in between
  insert into public.archives_placement (id, person_id, grid_code, why, starts_on, name_key)
  select gen_random_uuid(), p.person_id, move_household.grid, p.why, on_day, p.name_key
    from public.archives_placement p
    join public.archives_membership m on m.person_id = p.person_id and m.household_id = h.id and m.ends_on is null and m.voided_at is null
   where p.grid_code = h.grid_code and p.ends_on is null
  on conflict (person_id, grid_code, why) where ends_on is null do nothing;
  update public.archives_placement p set ends_on = on_day
    from public.archives_membership m
   where m.person_id = p.person_id and m.household_id = h.id and m.ends_on is null and m.voided_at is null and p.grid_code = h.grid_code and p.ends_on is null;
  update public.archives_searchkey k set grid_code = move_household.grid, village = left(move_household.grid, 12)
   where k.grid_code = h.grid_code and (k.household_id = h.id or k.person_id in (
           select m.person_id from public.archives_membership m where m.household_id = h.id and m.ends_on is null and m.voided_at is null));
  -- only rows that stand where the household stood: a row that somebody else hung on its id stays his
  update public.archives_membership m set grid_code = move_household.grid where m.household_id = h.id and m.grid_code = h.grid_code;
  update public.archives_household x set grid_code = move_household.grid, updated_at = clock_timestamp(), version = x.version + 1 where x.id = h.id;
  -- and only a dwelling that the caller may write: `dwelling_id` is his own text and could name any
  update public.archives_dwelling d set grid_code = move_household.grid
   where d.id = h.dwelling_id and left(d.grid_code, 12) = left(move_household.grid, 12) and access.may('write', d.grid_code);
  update public.archives_occupancy o set grid_code = move_household.grid
   where o.dwelling_id = h.dwelling_id and left(o.grid_code, 12) = left(move_household.grid, 12) and access.may('write', o.grid_code);
end $$;

-- Of a relative outside the scope: kinship, same town or elsewhere, and whether he agreed to a phone. No more.
create function access.far_kin(person uuid) returns table (kinship uuid, kind text, child boolean, relative uuid, name text, place text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select k.id, k.kind, k.relative_id = far_kin.person, r.id,
         -- the public mask of domain.md §5: the surname and no more
         left(r.name, 1) || case when not r.alive then '（已故）' else '' end,
         case when exists (select 1 from public.archives_placement a join public.archives_placement b on left(a.grid_code, 6) = left(b.grid_code, 6)
                            where a.person_id = far_kin.person and b.person_id = r.id and a.ends_on is null and b.ends_on is null) then '同城' else '外地' end
    from public.archives_kinship k
    join public.archives_resident r on r.id = case when k.person_id = far_kin.person then k.relative_id else k.person_id end
   where (k.person_id = far_kin.person or k.relative_id = far_kin.person) and k.voided_at is null and k.ends_on is null
     and exists (select 1 from public.archives_placement p where p.person_id = far_kin.person and p.ends_on is null and access.scope('people') @> p.grid_code::text)
     and not exists (select 1 from public.archives_placement p where p.person_id = r.id and p.ends_on is null and access.scope('people') @> p.grid_code::text)
$$;

-- Grants ---------------------------------------------------------------------------------------------------------------
grant select on public.archives_placement to minqing_app, minqing_jobs, minqing_gather;
grant insert, update on public.archives_placement to minqing_gather;
grant select, update on public.archives_resident to minqing_app, minqing_jobs, minqing_gather;
grant insert on public.archives_resident to minqing_gather;
grant select, insert, update on public.archives_household, public.archives_membership, public.archives_dwelling, public.archives_occupancy, public.archives_kinship to minqing_app, minqing_jobs, minqing_gather;
grant select, insert on public.archives_identity to minqing_gather;
grant select, insert, update, delete on public.archives_searchkey to minqing_gather;
grant select, insert, delete on public.archives_searchkey to minqing_app;
create policy scope_remove on public.archives_searchkey for delete to minqing_app, minqing_gather
  using (grid_code >= current_setting('minqing.lo')::access.bound and grid_code < current_setting('minqing.hi')::access.bound and (select access.scope('write')) @> grid_code);
grant select on public.archives_change to minqing_app, minqing_jobs;
grant select, insert, update on public.archives_act to minqing_app;
grant select on public.archives_resident, public.archives_household, public.archives_membership to minqing_resident;
grant usage on sequence public.archives_searchkey_id_seq to minqing_app, minqing_gather, minqing_guard;
grant usage on sequence public.archives_identity_id_seq to minqing_gather, minqing_guard;
grant usage on sequence public.archives_change_id_seq to minqing_guard;
grant select, insert, update on public.archives_placement, public.archives_resident, public.archives_household, public.archives_membership, public.archives_dwelling,
  public.archives_occupancy, public.archives_kinship, public.archives_identity, public.archives_change, public.archives_act to minqing_guard;
grant select, insert, update, delete on public.archives_searchkey to minqing_guard;
grant select, update on public.archives_health, public.archives_disability, public.archives_relief to minqing_guard;

-- Areas end and begin: whoever manages areas moves all files of one at once without seeing any of them.
create function access.move_area(old text, new text, on_day date) returns integer
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
  update public.archives_household h set grid_code = move_area.new where h.grid_code >= old and h.grid_code < old || ':';
  get diagnostics n = row_count;
  return n;
end $$;

-- Numbers of households by area, for menus and figures: no names. Needs any right that covers the area.
create function access.households_in(code text) returns integer
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not (access.may('areas', code) or access.may('figures', code) or access.may('people', code) or access.may('appoint', code)) then
    raise exception 'no right to these figures' using errcode = 'insufficient_privilege';
  end if;
  return (select count(*) from public.archives_household h where h.grid_code >= code and h.grid_code < code || ':' and h.state <> 'dissolved' and h.voided_at is null);
end $$;
