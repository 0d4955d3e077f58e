-- Statements: append-only, hash-partitioned by source, one index, no triggers (scope.md §4).
create table public.gather_statement (
  id uuid not null,
  batch_id uuid not null,
  file_id uuid not null,
  source text not null,
  kind text not null,
  sheet text not null default '',
  line integer not null,
  role text not null default 'subject',
  person_id uuid,
  household_id uuid,
  grid_code text collate "C" not null,
  as_of date,
  row_hash bytea not null,
  original bytea not null,
  cleaned jsonb not null,
  findings jsonb not null default '[]',
  named uuid[] not null default '{}'  -- others whom the row names (tenants, members)
) partition by hash (source);

do $$
begin
  for i in 0..7 loop
    execute format('create table public.gather_statement_%s partition of public.gather_statement for values with (modulus 8, remainder %s)', i, i);
    execute format('alter table public.gather_statement_%s enable row level security', i);
    execute format('alter table public.gather_statement_%s force row level security', i);
  end loop;
end $$;
create index gather_statement_person on public.gather_statement (person_id);

call access.protect_area_table('public.gather_statement', 'people', 'gather');
call access.protect_area_table('public.gather_question', 'people', 'gather');
call access.protect_area_table('public.gather_judgement', 'people', 'gather');
-- nobody changes a statement
drop policy scope_change on public.gather_statement;
-- a question is answered by whoever may write the file; it is asked by gathering
drop policy scope_change on public.gather_question;
create policy scope_change on public.gather_question for update to minqing_app, minqing_jobs, minqing_gather
  using (grid_code >= current_setting('minqing.lo')::access.bound and grid_code < current_setting('minqing.hi')::access.bound and (select access.scope('write')) @> grid_code)
  with check ((select access.scope('write')) @> grid_code);
-- a judgement is made, and taken back, by whoever may write the file
drop policy scope_change on public.gather_judgement;
create policy scope_change on public.gather_judgement for update to minqing_app, minqing_jobs, minqing_gather
  using (grid_code >= current_setting('minqing.lo')::access.bound and grid_code < current_setting('minqing.hi')::access.bound and (select access.scope('write')) @> grid_code)
  with check ((select access.scope('write')) @> grid_code);
drop policy scope_add on public.gather_judgement;
create policy scope_add on public.gather_judgement for insert to minqing_app, minqing_jobs, minqing_gather
  with check ((select access.scope('write')) @> grid_code and by = (select access.proven('staff')::uuid));
-- a department's row on health, disability or relief is as sensitive as the item it became: the kinds that carry fields of
-- level 4 (tests compare the list with the templates)
drop policy scope_read on public.gather_statement;
create policy scope_read on public.gather_statement for select to minqing_app, minqing_jobs
  using (grid_code >= current_setting('minqing.lo')::access.bound and grid_code < current_setting('minqing.hi')::access.bound and (select access.scope('people')) @> grid_code
         and (kind not in ('children', 'disability', 'doctors', 'elders', 'medical', 'pregnancies', 'pupils', 'relief', 'special_families', 'veterans')
              or (select access.scope('sensitive')) @> grid_code));
create policy batch_read on public.gather_statement for select to minqing_gather
  using (grid_code >= current_setting('minqing.lo')::access.bound and grid_code < current_setting('minqing.hi')::access.bound and (select access.scope('people')) @> grid_code);

do $$
declare
  t text;
begin
  foreach t in array array['gather_batch', 'gather_batchfile', 'gather_columnalias'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy scope_read on public.%I for select to minqing_app, minqing_jobs, minqing_gather using ((select access.scope(''gather'')) @> area_code)', t);
    execute format('create policy scope_add on public.%I for insert to minqing_app, minqing_jobs, minqing_gather with check ((select access.scope(''gather'')) @> area_code%s)', t,
                   -- a batch runs with the rights of the one who made it: nobody makes one in another's name
                   case when t = 'gather_batchfile' then '' else ' and by = (select access.proven(''staff'')::uuid)' end);
    execute format('create policy scope_change on public.%I for update to minqing_app, minqing_jobs, minqing_gather using ((select access.scope(''gather'')) @> area_code) with check ((select access.scope(''gather'')) @> area_code)', t);
  end loop;
end $$;

call access.keep('public.gather_batch', 'id', 'by', 'area_code', 'made_at');
call access.keep('public.gather_batchfile', 'id', 'batch_id', 'area_code');
call access.keep('public.gather_question', 'id', 'batch_id', 'grid_code', 'asked_at');
call access.keep('public.gather_judgement', 'id', 'grid_code', 'by', 'at');

grant select, insert on public.gather_statement to minqing_gather;
grant select on public.gather_statement to minqing_app, minqing_jobs;
grant insert on public.gather_statement to minqing_app;  -- a desk edit is a statement of source 'V'
grant select, insert, update on public.gather_batch, public.gather_batchfile, public.gather_question, public.gather_judgement, public.gather_columnalias to minqing_app, minqing_gather, minqing_jobs;
-- what somebody taught may be forgotten; the audit keeps who and what
create policy scope_remove on public.gather_columnalias for delete to minqing_app using ((select access.scope('gather')) @> area_code);
grant delete on public.gather_columnalias to minqing_app;
grant usage on sequence public.gather_columnalias_id_seq to minqing_app, minqing_gather, minqing_jobs;
grant select on public.gather_batch to minqing_guard;

-- a visit's statement speaks of somebody whom the visitor sees: the current file is chosen from statements
create policy own_statement on public.gather_statement for insert to minqing_app with check (source = 'V' and (select access.scope('write')) @> grid_code
  and (person_id is null or exists (select from public.archives_placement p where p.person_id = gather_statement.person_id and p.ends_on is null)));
drop policy scope_add on public.gather_statement;
create policy scope_add on public.gather_statement for insert to minqing_jobs, minqing_gather with check ((select access.scope('gather')) @> grid_code);

-- The gathering process enters the batch: the officer's appointment ∩ the batch's area, while the batch runs.
create function access.enter_batch(batch uuid, purpose text, origin text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  b public.gather_batch;
  claim jsonb;
begin
  perform access.check_words(purpose, origin);
  select * into b from public.gather_batch x where x.id = enter_batch.batch and x.state in ('waiting', 'running', 'failed', 'undoing');
  if b.id is null then
    raise exception 'no running batch' using errcode = 'invalid_authorization_specification';
  end if;
  claim := access.staff_claim(b."by", null, b.area_code, purpose, origin) || jsonb_build_object('batch', b.id);
  if claim is null or claim -> 'rights' -> 'gather' is null then
    raise exception 'the officer of this batch may no longer gather here' using errcode = 'insufficient_privilege';
  end if;
  -- whoever may gather an area writes its files through the batch, even a department officer who sees none of them;
  -- what else he may do (appoint, audit, areas) the batch does not need
  claim := jsonb_set(claim, '{rights}', jsonb_build_object('people', claim -> 'rights' -> 'gather', 'write', claim -> 'rights' -> 'gather', 'gather', claim -> 'rights' -> 'gather'));
  perform access.install(claim);
  return claim;
end $$;
grant execute on function access.enter_batch(uuid, text, text) to minqing_gather;

-- A batch that names somebody of another area by his number makes him visible in its own: a crossing like any other, so
-- the database itself records it, whoever forgets to; and nobody without a registered number is known from elsewhere.
create function access.note_gathered() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  codes access.codeset;
  crossing uuid[];
begin
  if session_user <> 'minqing_gather' then
    return null;
  end if;
  codes := access.scope('people');
  select array_agg(distinct n.person_id) into crossing
    from new_rows n
    join public.archives_resident r on r.id = n.person_id
   where not exists (select from public.archives_placement p where p.person_id = n.person_id and p.ends_on is null and codes @> p.grid_code::text
                        and p.id not in (select x.id from new_rows x where x.person_id = n.person_id));
  if crossing is not null then
    if exists (select from unnest(crossing) c where not exists (select from public.archives_identity i where i.person_id = c)) then
      raise exception 'somebody without a registered number is not known from elsewhere' using errcode = 'insufficient_privilege';
    end if;
    perform access.note('crossing.gather', crossing, null, jsonb_build_object('batch', access.claim('batch')));
  end if;
  return null;
end $$;
create trigger note_gathered after insert on public.archives_placement referencing new table as new_rows for each statement execute function access.note_gathered();

-- The gathering role alone may make temporary tables (ADR 5), and grids that the township's own table names.
do $$ begin execute format('grant temporary on database %I to minqing_gather', current_database()); end $$;
grant insert on public.access_area to minqing_gather;
create policy gathered_grid on public.access_area for insert to minqing_gather with check (level = 'grid' and length(code) = 15 and (select access.scope('gather')) @> code);

-- Undoing a batch reads what it changed, in the batch's own area.
create policy batch_read on public.archives_change for select to minqing_gather using ((select access.proven('batch')) is not null and (
  (grid_code is not null and grid_code >= current_setting('minqing.lo')::access.bound and grid_code < current_setting('minqing.hi')::access.bound and (select access.scope('people')) @> grid_code)
  or (grid_code is null and exists (select from public.archives_placement p where p.person_id = archives_change.person_id))));
grant select on public.archives_change to minqing_gather;
grant delete on public.archives_identity to minqing_gather;
