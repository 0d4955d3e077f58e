-- Two files become one and part again. DESIGN §5: a merge is a judgement, soft-ended, so it can be taken back.

call access.protect_area_table('public.archives_sameperson');
-- "same" moves rows: only the function below writes it. The other verdicts change nothing and are written like any row.
drop policy scope_add on public.archives_sameperson;
create policy scope_add on public.archives_sameperson for insert to minqing_app with check (verdict in ('different', 'unsure') and "by" = (select access.proven('staff')::uuid)
  and (select access.scope('write')) @> grid_code
  and exists (select from public.archives_placement p where p.person_id = archives_sameperson.kept_id and p.ends_on is null)
  and exists (select from public.archives_placement p where p.person_id = archives_sameperson.other_id and p.ends_on is null));
drop policy scope_change on public.archives_sameperson;
create policy scope_change on public.archives_sameperson for update to minqing_app
  using (grid_code >= current_setting('minqing.lo')::access.bound and grid_code < current_setting('minqing.hi')::access.bound and (select access.scope('write')) @> grid_code and verdict in ('different', 'unsure'))
  with check ((select access.scope('write')) @> grid_code and verdict in ('different', 'unsure'));
call access.keep('public.archives_sameperson', 'id', 'kept_id', 'other_id', 'by', 'at');
grant select, insert on public.archives_sameperson to minqing_app;
grant update (ended_at, ended_by, end_why) on public.archives_sameperson to minqing_app;
grant select on public.archives_sameperson to minqing_gather, minqing_jobs;
grant select, insert, update on public.archives_sameperson to minqing_guard;

-- Whose row it is is never rewritten, except by the guard's own functions, of which only these two do so.
create or replace function access.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if current_user = 'minqing_guard' and coalesce(current_setting('minqing.joining', true), '') <> '' then
    return new;
  end if;
  raise exception 'this column of % is never rewritten', tg_table_name using errcode = 'insufficient_privilege';
end $$;

-- The judgement that a move belongs to: it stands, and the caller may write both files (forward) or the kept one (back).
create function access.joining(judgement uuid, back boolean) returns public.archives_sameperson
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  s public.archives_sameperson;
begin
  select * into s from public.archives_sameperson x where x.id = judgement and x.verdict = 'same' and x.ended_at is null;
  if s.id is null or not exists (select 1 from public.archives_placement p where p.person_id = s.kept_id and p.ends_on is null and access.scope('write') @> p.grid_code::text) then
    raise exception 'no such judgement of this scope' using errcode = 'insufficient_privilege';
  end if;
  if not back and s.at < clock_timestamp() - interval '10 minutes' then
    raise exception 'what hangs on a person moves with the judgement, not later' using errcode = 'insufficient_privilege';
  end if;
  return s;
end $$;

-- Run by migrations of every area that names persons: `call access.moves_with_person('public.service_party', 'person_id')`.
-- Makes access.move_<table>_<column>(judgement, back): the rows of the other file become the kept one's, and back; a row
-- that the kept file has already (a unique rule) stays with the other. Arrays: every place where the other is named.
create procedure access.moves_with_person(tbl regclass, col name, many boolean default false)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  short text := (select relname from pg_class where oid = tbl);
  fn text := format('access.%I', 'move_' || short || '_' || col);
begin
  execute format($f$
    create function %1$s(judgement uuid, back boolean) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $body$
    declare
      s public.archives_sameperson := access.joining(judgement, back);
      ids uuid[] := '{}';
      r record;
    begin
      perform set_config('minqing.joining', judgement::text, true);
      for r in select t.id from %2$s t where case when back then t.id::text in (select jsonb_array_elements_text(s.moved -> %4$L)) and %6$s else %5$s end loop
        begin
          update %2$s t set %3$I = %7$s where t.id = r.id and (case when back then %6$s else %5$s end);
          ids := ids || r.id;
        exception when unique_violation then
          null;
        end;
      end loop;
      perform set_config('minqing.joining', '', true);
      update public.archives_sameperson x set moved = case when back then x.moved - %4$L else x.moved || jsonb_build_object(%4$L, to_jsonb(ids)) end where x.id = s.id;
      return cardinality(ids);
    end $body$ $f$,
    fn, tbl, col, short || '.' || col,
    case when many then format('t.%I @> array[s.other_id]', col) else format('t.%I = s.other_id', col) end,
    case when many then format('t.%I @> array[s.kept_id]', col) else format('t.%I = s.kept_id', col) end,
    case when many then format('array_replace(t.%1$I, case when back then s.kept_id else s.other_id end, case when back then s.other_id else s.kept_id end)', col)
         else 'case when back then s.other_id else s.kept_id end' end);
  execute format('alter function %s(uuid, boolean) owner to minqing_guard', fn);
  execute format('revoke all on function %s(uuid, boolean) from public', fn);
  execute format('grant execute on function %s(uuid, boolean) to minqing_app', fn);
end $$;
revoke all on procedure access.moves_with_person(regclass, name, boolean) from public;

-- The two files become one: the judgement is written, the other file is void and seen by nobody, its digests and its
-- placements are the kept one's. Rows of the areas follow by their own functions, in the same transaction.
create function access.join_persons(judgement uuid, kept uuid, other uuid, grid text, why text, number bytea, act uuid, on_day date) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  ended uuid[];
  taken uuid[];
  digests bigint[];
begin
  if kept = other or coalesce(btrim(why), '') = '' or not access.may('write', grid)
     or not exists (select 1 from public.archives_placement p where p.person_id = join_persons.kept and p.ends_on is null and access.scope('write') @> p.grid_code::text)
     or not exists (select 1 from public.archives_placement p where p.person_id = join_persons.other and p.ends_on is null and access.scope('write') @> p.grid_code::text)
     or exists (select 1 from public.archives_resident r where r.id in (join_persons.kept, join_persons.other) and r.voided_at is not null) then
    raise exception 'not two files of this scope' using errcode = 'insufficient_privilege';
  end if;
  insert into public.archives_sameperson (id, grid_code, kept_id, other_id, verdict, why, number, act, "by", at, end_why, moved)
  values (judgement, grid, kept, other, 'same', left(join_persons.why, 200), join_persons.number, join_persons.act, access.claim('staff')::uuid, clock_timestamp(), '', '{}');
  with added as (
    insert into public.archives_placement (id, person_id, grid_code, why, starts_on, name_key)
    select gen_random_uuid(), join_persons.kept, p.grid_code, p.why, on_day, p.name_key from public.archives_placement p where p.person_id = join_persons.other and p.ends_on is null
    on conflict (person_id, grid_code, why) where ends_on is null do nothing returning id)
  select array_agg(a.id) into taken from added a;
  with over as (update public.archives_placement p set ends_on = greatest(p.starts_on, on_day) where p.person_id = join_persons.other and p.ends_on is null returning p.id)
  select array_agg(o.id) into ended from over o;
  with over as (update public.archives_identity i set person_id = join_persons.kept where i.person_id = join_persons.other returning i.id)
  select array_agg(o.id) into digests from over o;
  delete from public.archives_searchkey k where k.person_id = join_persons.other and k.household_id is null;
  update public.archives_resident r set voided_at = clock_timestamp(), version = r.version + 1, updated_at = clock_timestamp() where r.id = join_persons.other;
  update public.archives_sameperson s set moved = jsonb_build_object('placement.ended', to_jsonb(coalesce(ended, '{}')), 'placement.added', to_jsonb(coalesce(taken, '{}')), 'identity', to_jsonb(coalesce(digests, '{}')))
   where s.id = judgement;
  perform access.note('crossing.join', array[kept, other], null, jsonb_build_object('judgement', judgement));
end $$;

-- They part again: the other file stands as it stood, with its digests and placements; what came to the kept file since stays there.
create function access.part_persons(judgement uuid, why text, on_day date) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  s public.archives_sameperson := access.joining(judgement, true);
begin
  update public.archives_resident r set voided_at = null, version = r.version + 1, updated_at = clock_timestamp() where r.id = s.other_id;
  update public.archives_placement p set ends_on = null where p.id::text in (select jsonb_array_elements_text(s.moved -> 'placement.ended'));
  update public.archives_placement p set ends_on = greatest(p.starts_on, on_day) where p.person_id = s.kept_id and p.ends_on is null and p.id::text in (select jsonb_array_elements_text(s.moved -> 'placement.added'))
     and not exists (select 1 from public.archives_membership m where m.person_id = s.kept_id and m.grid_code = p.grid_code and m.ends_on is null and m.voided_at is null);
  update public.archives_identity i set person_id = s.other_id where i.person_id = s.kept_id and i.id::text in (select jsonb_array_elements_text(s.moved -> 'identity'));
  delete from public.archives_searchkey k where k.person_id = s.kept_id and k.household_id is null
     and not exists (select 1 from public.archives_placement p where p.person_id = s.kept_id and p.grid_code = k.grid_code and p.ends_on is null);
  update public.archives_sameperson x set ended_at = clock_timestamp(), ended_by = access.claim('staff')::uuid, end_why = left(part_persons.why, 200) where x.id = s.id;
  perform access.note('crossing.part', array[s.kept_id, s.other_id], null, jsonb_build_object('judgement', judgement));
  return s.other_id;
end $$;

grant update on public.archives_identity to minqing_guard;
alter function access.joining(uuid, boolean) owner to minqing_guard;
alter function access.join_persons(uuid, uuid, uuid, text, text, bytea, uuid, date) owner to minqing_guard;
alter function access.part_persons(uuid, text, date) owner to minqing_guard;
revoke all on function access.joining(uuid, boolean), access.join_persons(uuid, uuid, uuid, text, text, bytea, uuid, date), access.part_persons(uuid, text, date) from public;
grant execute on function access.join_persons(uuid, uuid, uuid, text, text, bytea, uuid, date), access.part_persons(uuid, text, date) to minqing_app;

call access.moves_with_person('public.archives_membership', 'person_id');
call access.moves_with_person('public.archives_occupancy', 'person_id');
call access.moves_with_person('public.archives_kinship', 'person_id');
call access.moves_with_person('public.archives_kinship', 'relative_id');
call access.moves_with_person('public.archives_health', 'person_id');
call access.moves_with_person('public.archives_disability', 'person_id');
call access.moves_with_person('public.archives_relief', 'person_id');
call access.moves_with_person('public.archives_proposal', 'person_id');
call access.moves_with_person('public.archives_household', 'head_id');
call access.moves_with_person('public.archives_dwelling', 'owner_id');
grant select, update on public.archives_proposal to minqing_guard;
-- whom a resident's account may see, what he agreed to, and the marks about being told
grant select, update (person_id) on public.access_subject, public.access_consent to minqing_guard;
grant select, update (person) on public.notify_mark to minqing_guard;
call access.moves_with_person('public.access_subject', 'person_id');
call access.moves_with_person('public.access_consent', 'person_id');
call access.moves_with_person('public.notify_mark', 'person');
