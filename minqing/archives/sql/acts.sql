-- Proposals, and the few steps of an act that cross areas. DESIGN §4–5, scope.md §3.

call access.protect_area_table('public.archives_proposal');
create trigger remember_update after update on public.archives_proposal referencing old table as old_rows new table as new_rows for each statement execute function access.remember_update('proposal');
create trigger remember_insert after insert on public.archives_proposal referencing new table as new_rows for each statement execute function access.remember_insert('proposal');
grant select, insert, update on public.archives_proposal to minqing_app, minqing_jobs, minqing_gather;

-- The search keys and the list name of a person stand in every area that sees him; whoever may write the person renews
-- all of them at once, in areas he does not see as well. `keys` and `kinds` are as long as each other.
create function access.rekey_person(person uuid, keys text[], kinds text[], list_name text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not exists (select 1 from public.archives_placement p where p.person_id = rekey_person.person and p.ends_on is null and access.scope('write') @> p.grid_code::text) then
    raise exception 'no right to write this person' using errcode = 'insufficient_privilege';
  end if;
  if cardinality(keys) <> cardinality(kinds) or cardinality(keys) > 200 then
    raise exception 'keys and kinds do not match' using errcode = 'data_exception';
  end if;
  delete from public.archives_searchkey k where k.person_id = rekey_person.person and k.household_id is null;
  insert into public.archives_searchkey (key, village, grid_code, kind, person_id)
  select distinct x.key, left(p.grid_code, 12), p.grid_code, x.kind, rekey_person.person
    from public.archives_placement p
    cross join unnest(rekey_person.keys, rekey_person.kinds) as x(key, kind)
   where p.person_id = rekey_person.person and p.ends_on is null and x.key <> '' and x.kind in ('n', 'i', 'p');
  update public.archives_placement p set name_key = left(list_name, 80)
   where p.person_id = rekey_person.person and p.ends_on is null and p.name_key is distinct from left(list_name, 80);
end $$;

-- A registration taken back within a quarter of an hour by the one who made it: the person is void, seen by nobody, and
-- the number is free again. Nothing else ever sets a number free.
create function access.forget_person(person uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not exists (select 1 from public.archives_change c
                  where c."table" = 'resident' and c.row_id = forget_person.person and c.before is null
                    and c.staff = access.claim('staff')::uuid and c.at > clock_timestamp() - interval '15 minutes')
     or not exists (select 1 from public.archives_placement p where p.person_id = forget_person.person and p.ends_on is null and access.scope('write') @> p.grid_code::text) then
    raise exception 'only a registration of one''s own and of now is taken back' using errcode = 'insufficient_privilege';
  end if;
  update public.archives_resident r set voided_at = clock_timestamp(), no_messages = true where r.id = forget_person.person;
  delete from public.archives_identity i where i.person_id = forget_person.person;
  delete from public.archives_searchkey k where k.person_id = forget_person.person;
  update public.archives_placement p set ends_on = greatest(p.starts_on, current_date) where p.person_id = forget_person.person and p.ends_on is null;
end $$;

-- Somebody has died who is a member of households that the caller does not see (registered here, living there): those
-- memberships end too, and whoever keeps that household finds a proposal. Returns how many ended.
create function access.release_dead(person uuid, on_day date) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  who public.archives_resident;
  m record;
  n integer := 0;
begin
  select * into who from public.archives_resident r where r.id = release_dead.person;
  if who.id is null or who.alive or not exists (
       select 1 from public.archives_placement p where p.person_id = release_dead.person and p.ends_on is null and access.scope('write') @> p.grid_code::text) then
    raise exception 'not a dead person of this scope' using errcode = 'insufficient_privilege';
  end if;
  for m in select x.id, x.household_id, x.grid_code::text as grid, h.head_id = who.id as headed, greatest(on_day, coalesce(x.starts_on, on_day)) as ended
             from public.archives_membership x join public.archives_household h on h.id = x.household_id
            where x.person_id = who.id and x.ends_on is null and x.voided_at is null and not access.scope('write') @> x.grid_code::text loop
    update public.archives_membership x set ends_on = m.ended, end_reason = '死亡', version = x.version + 1, updated_at = clock_timestamp() where x.id = m.id;
    update public.archives_household h set members_count = greatest(h.members_count - 1, 0), head_id = case when m.headed then null else h.head_id end,
           version = h.version + 1, updated_at = clock_timestamp() where h.id = m.household_id;
    insert into public.archives_proposal (id, grid_code, kind, person_id, household_id, sentence, department, field, due_on, state, made_at, made_by, note)
    values (gen_random_uuid(), m.grid, 'head', who.id, m.household_id, left(who.name || '去世（户籍地登记）：请核对这一户的成员和户主', 200), '', '', current_date + 30, 'open',
            clock_timestamp(), access.claim('staff')::uuid, '');
    perform access.note('crossing.release_dead', array[who.id], array[m.household_id], jsonb_build_object('to', m.grid));
    n := n + 1;
  end loop;
  return n;
end $$;

grant select, insert on public.archives_proposal to minqing_guard;
grant delete on public.archives_identity to minqing_guard;
grant select on public.archives_change to minqing_guard;
grant execute on function access.rekey_person(uuid, text[], text[], text), access.forget_person(uuid), access.release_dead(uuid, date) to minqing_app;
