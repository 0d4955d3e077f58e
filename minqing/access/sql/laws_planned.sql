-- The functions under every law, in PL/pgSQL: a function in language SQL that is not inlined is parsed and planned anew at each
-- place that calls it in each statement (up to PostgreSQL 17), and a statement of the work desk has two dozen such places.
-- What they compute is unchanged, word for word (scope.sql).

create or replace function access.seal(claim text) returns text
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
declare
  k access.scope_key;
begin
  select * into k from access.scope_key;
  return encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(
           pg_backend_pid()::text || '|' || extract(epoch from transaction_timestamp())::text || '|' || coalesce(pg_current_xact_id_if_assigned()::text, '-')
             || '|' || session_user::text || '|' || claim, 'UTF8'))), 'hex');
end $$;

create or replace function access.proven(which text) returns text
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return access.proven() ->> which;
end $$;

-- The policies of a table whose rows carry grid_code, with the law as a call (sync/sql/laws_called.sql says why).
create or replace procedure access.protect_area_table(tbl regclass, reads text default 'people', writes text default 'write')
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  hint text := 'grid_code >= current_setting(''minqing.lo'')::access.bound and grid_code < current_setting(''minqing.hi'')::access.bound';
begin
  execute format('alter table %s enable row level security', tbl);
  execute format('alter table %s force row level security', tbl);
  execute format('create policy scope_read on %s for select to minqing_app, minqing_jobs, minqing_gather using (%s and multirange_contains_elem((select access.scope(%L)), grid_code))', tbl, hint, reads);
  execute format('create policy scope_add on %s for insert to minqing_app, minqing_jobs, minqing_gather with check (multirange_contains_elem((select access.scope(%L)), grid_code))', tbl, writes);
  execute format('create policy scope_change on %s for update to minqing_app, minqing_jobs, minqing_gather using (%s and multirange_contains_elem((select access.scope(%L)), grid_code)) with check (multirange_contains_elem((select access.scope(%L)), grid_code))',
                 tbl, hint, writes, writes);
  execute format('create policy guard on %s to minqing_guard using (true) with check (true)', tbl);
end $$;
