-- Who may run what of this area. Run after the files that make the functions; access/sql/grants.sql has taken everything from public.
do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where n.nspname = 'access' and p.prokind = 'f' and p.prosecdef and p.proowner <> 'minqing_guard'::regrole loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
revoke all on function access.refuse_unless_guard() from public;
grant execute on function access.sits(uuid, text[], text), access.take_matter(uuid), access.settle_matter(uuid, text, boolean, text[]), access.give_seat(uuid, text, text, uuid),
  access.leave_seat(uuid, text, text, uuid), access.restrict_matter(uuid, text, text[], uuid[]), access.similar_matters(text, timestamptz), access.matters_by_phone(bytea),
  access.link_staff(uuid, bytea, smallint), access.is_desk(text) to minqing_app;
grant execute on function access.clock_due(integer), access.enter_matter(uuid), access.give_seat(uuid, text, text, uuid), access.leave_seat(uuid, text, text, uuid), access.is_desk(text), access.sits(uuid, text[], text) to minqing_jobs;
grant execute on function access.is_desk(text) to minqing_resident;
