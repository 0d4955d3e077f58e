-- The same month again: equal rows are known by their print, a judged row by its key; and a crossing is found in time that
-- grows with the rows alone.

-- How a row came to its person: 'n' by its number, 'j' by somebody's judgement, '' not at all. Only a row that came by its number
-- may be passed over when the next month repeats it; the others are looked at anew each time.
alter table public.gather_statement add column how text not null default '';

-- Whom a batch makes visible in its own area although he has been known elsewhere only: as in statements.sql, but counted
-- per person (all his visible placements are this statement's own) instead of looked for row by row: 20,000 placements
-- looked at each other, minutes a slice.
create or replace function access.note_gathered() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  codes access.codeset;
  known uuid[];
  crossing uuid[];
begin
  if session_user <> 'minqing_gather' then
    return null;
  end if;
  codes := access.scope('people');
  select array_agg(n.person_id) into known
    from (select distinct x.person_id from new_rows x) n
   where exists (select from public.archives_resident r where r.id = n.person_id);
  if known is null then
    return null;
  end if;
  select array_agg(f.person_id) into crossing
    from (select n.person_id, count(*) filter (where n.ends_on is null and codes @> n.grid_code::text) as own from new_rows n where n.person_id = any (known) group by 1) f
   where f.own >= (select count(*) from public.archives_placement p where p.person_id = f.person_id and p.ends_on is null and codes @> p.grid_code::text);
  if crossing is not null then
    if exists (select from unnest(crossing) c where not exists (select from public.archives_identity i where i.person_id = c)) then
      raise exception 'somebody without a registered number is not known from elsewhere' using errcode = 'insufficient_privilege';
    end if;
    perform access.note('crossing.gather', crossing, null, jsonb_build_object('batch', access.claim('batch')));
  end if;
  return null;
end $$;

-- The policies that a batch's every row passes ask for a *current* placement, so that they find it by its index: without these words
-- each new resident read through all placements there were.
alter policy scope_add on public.archives_resident with check (
  exists (select from public.archives_placement p where p.person_id = archives_resident.id and p.ends_on is null and (select access.scope('write')) @> p.grid_code));
alter policy batch_read on public.archives_change using ((select access.proven('batch')) is not null and (
  (grid_code is not null and grid_code >= current_setting('minqing.lo')::access.bound and grid_code < current_setting('minqing.hi')::access.bound and (select access.scope('people')) @> grid_code)
  or (grid_code is null and exists (select from public.archives_placement p where p.person_id = archives_change.person_id and p.ends_on is null))));

-- Which later batches rest on this one: rows that they found equal are written under this one alone. Undone from the end.
create function access.batches_resting_on(batch uuid) returns table (label text, made_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not exists (select from public.gather_batch b where b.id = batches_resting_on.batch and access.may('gather', b.area_code::text)) then
    raise exception 'no right to gather there' using errcode = 'insufficient_privilege';
  end if;
  return query
    select b.label::text, b.made_at from public.gather_batch b
     where b.state not in ('undone', 'waiting') and b.counts -> 'rests_on' ? batches_resting_on.batch::text and b.id <> batches_resting_on.batch
     order by b.made_at;
end $$;
alter function access.batches_resting_on(uuid) owner to minqing_guard;
revoke all on function access.batches_resting_on(uuid) from public;
grant execute on function access.batches_resting_on(uuid) to minqing_app, minqing_gather;

-- A table that was empty a minute ago has no statistics, and a plan made without them reads every placement for every person: minutes a
-- slice. So a large load has its tables measured as they grow. Without the right (PostgreSQL 15, 16) it waits for autovacuum to do it.
do $$
begin
  if current_setting('server_version_num')::integer >= 170000 then
    grant maintain on public.archives_placement, public.archives_resident, public.archives_household, public.archives_membership, public.archives_dwelling, public.archives_occupancy,
      public.archives_kinship, public.archives_identity, public.archives_searchkey, public.archives_health, public.archives_disability, public.archives_relief, public.gather_statement to minqing_guard;
  end if;
end $$;
create function access.measure(which text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if access.claim('batch') is null then
    raise exception 'only a batch measures what it fills' using errcode = 'insufficient_privilege';
  end if;
  case which
    when 'placement' then analyze public.archives_placement;
    when 'resident' then analyze public.archives_resident;
    when 'identity' then analyze public.archives_identity;
    when 'searchkey' then analyze public.archives_searchkey;
    when 'household' then analyze public.archives_household;
    when 'membership' then analyze public.archives_membership;
    when 'dwelling' then analyze public.archives_dwelling;
    when 'occupancy' then analyze public.archives_occupancy;
    when 'kinship' then analyze public.archives_kinship;
    when 'health' then analyze public.archives_health;
    when 'disability' then analyze public.archives_disability;
    when 'relief' then analyze public.archives_relief;
    else raise exception 'no such table: %', which using errcode = 'invalid_parameter_value';
  end case;
end $$;
alter function access.measure(text) owner to minqing_guard;
revoke all on function access.measure(text) from public;
grant execute on function access.measure(text) to minqing_gather;

-- The change log as in archives.sql; each row is written out as JSON once, not once for each of its forty columns: 14 s for 254 people before.
-- And old and new rows are never joined row by row: a plan kept from a statement of ten rows would be used for one of 27,000.
create or replace function access.remember_update() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(current_setting('minqing.claim', true), '') = '' and session_user = 'minqing_owner' then
    return null;  -- rotation of keys: the same values under another key; the owner is not a person
  end if;
  perform set_config('enable_nestloop', 'off', true);
  insert into public.archives_change (at, act, "table", row_id, person_id, grid_code, before, after, staff, purpose)
  select clock_timestamp(), nullif(current_setting('minqing.act', true), '')::uuid, tg_argv[0], x.id,
         case when tg_argv[0] = 'resident' then x.id else (x.was ->> 'person_id')::uuid end, x.now ->> 'grid_code',
         (select jsonb_object_agg(e.key, e.value) from jsonb_each(x.was) e where x.now -> e.key is distinct from e.value),
         (select jsonb_object_agg(e.key, e.value) from jsonb_each(x.now) e where x.was -> e.key is distinct from e.value),
         access.claim('staff')::uuid, coalesce(access.claim('purpose'), '')
    from (select id, to_jsonb(o) as was, to_jsonb(n) as now from old_rows o join new_rows n using (id) offset 0) x
   where x.was is distinct from x.now;
  perform set_config('enable_nestloop', 'on', true);
  return null;
end $$;
