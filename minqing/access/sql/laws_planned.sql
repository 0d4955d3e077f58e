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
