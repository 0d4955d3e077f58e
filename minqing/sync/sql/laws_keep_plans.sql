-- Every function that a law calls, and those that each page calls, in PL/pgSQL: a function in language SQL that is not inlined is planned
-- anew at each call (up to PostgreSQL 17; docs/adr/0014). The body stays word for word the one of the function that stands.
do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name, p.prosrc as body, pg_get_functiondef(p.oid) as made
             from pg_proc p join pg_language l on l.oid = p.prolang
            where l.lanname = 'sql' and p.prosqlbody is null and not p.proretset and p.prorettype <> 'void'::regtype
              and p.pronamespace = 'access'::regnamespace
              and (p.oid in (select refobjid from pg_depend where classid = 'pg_policy'::regclass and refclassid = 'pg_proc'::regclass)
                   or p.oid in ('access.claim(text)'::regprocedure, 'access.may(text, text)'::regprocedure, 'access.lies_in(text, text)'::regprocedure))
  loop
    -- in language SQL a column comes before a parameter of the same name
    execute replace(replace(f.made, 'LANGUAGE sql', 'LANGUAGE plpgsql'), f.body, format(E'\n#variable_conflict use_column\nbegin\n  return (%s\n  );\nend ', rtrim(f.body, E' \n;')));
  end loop;
end $$;

-- What the audit writes for each page.
create or replace function access.note(what text, persons uuid[], households uuid[], detail jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.access_auditentry (id, what, persons, households, purpose, origin, detail)
  values (gen_random_uuid(), note.what, coalesce(note.persons, '{}'), coalesce(note.households, '{}'), left(coalesce(access.claim('purpose'), ''), 40),
          left(coalesce(access.claim('origin'), ''), 80), coalesce(note.detail, '{}'));
end $$;

-- A hundred steps for three million placements told the planner that a village has ten people: it then read all of them to look up one.
-- The same with the visits of a village.
alter table public.archives_placement alter column grid_code set statistics 1000;
alter table public.contact_visit alter column grid_code set statistics 1000;
analyze public.archives_placement;
analyze public.contact_visit;
