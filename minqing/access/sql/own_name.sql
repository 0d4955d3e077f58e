-- In whose name: a trigger for columns that say who did something. The first argument is the column that names him, the others are what he did.
-- Statements of the application alone: definer functions say it themselves, the owner re-encrypts.
create function access.own_name() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  was jsonb := to_jsonb(old);
  will jsonb := to_jsonb(new);
  named text := will ->> tg_argv[0];
begin
  if current_user = 'minqing_app' and named is not null and named is distinct from access.proven('staff')
     and exists (select from unnest(tg_argv) c where was -> c is distinct from will -> c) then
    raise exception 'nobody writes in another''s name' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
revoke all on function access.own_name() from public;

-- What was said stays as it was; for columns that the application writes once.
create function access.said_stands() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if current_user = 'minqing_app' then
    raise exception 'what was said stays as it was' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
revoke all on function access.said_stands() from public;
