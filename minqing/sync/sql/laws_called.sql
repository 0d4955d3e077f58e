-- Every law as a call of the operator's own function: multirange_contains_elem((select access.scope('people')), grid_code)
-- instead of (select access.scope('people')) @> grid_code. The answer is the same for every row. The planner cannot know the
-- value of the scope; of the operator it believes that one row in two hundred passes, of a call that one in three does. The
-- hint beside it already says how many rows the scope has, so that nearly all pass: with the operator, lists of a town or a
-- county were sorted and looped over for 21 rows where 4,270 came (docs/adr/0014). ADR 14 holds for policies to come as well.

-- Tables to come: the procedure that writes the policies of a table by area writes calls.
do $$
declare
  made constant text := pg_get_functiondef('access.protect_area_table(regclass, text, text)'::regprocedure);
  calls constant text := replace(made, '(select access.scope(%L)) @> grid_code', 'multirange_contains_elem((select access.scope(%L)), grid_code)');
begin
  if calls = made then
    raise exception 'access.protect_area_table is not the one of scope.sql';
  end if;
  execute calls;
end $$;

-- Tables that stand.
do $$
declare
  law constant text := '\(( SELECT access\.scope\(''\w+''::text\)(?: AS scope)?\)) @> (\w+(?:\.\w+)?|"left"\([^,]*, \d+\)|\(\w+(?:\.\w+)?\)::text|\(\w+(?:\.\w+)? \|\| ''[^'']*''::text\))';
  p record;
  parts text;
begin
  for p in select c.oid::regclass as tbl, o.polname, pg_get_expr(o.polqual, o.polrelid) as reads, pg_get_expr(o.polwithcheck, o.polrelid) as writes
             from pg_policy o join pg_class c on c.oid = o.polrelid join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'public'
  loop
    parts := case when p.reads ~ law then format(' using (%s)', regexp_replace(p.reads, law, 'multirange_contains_elem((\1, \2)', 'g')) else '' end
          || case when p.writes ~ law then format(' with check (%s)', regexp_replace(p.writes, law, 'multirange_contains_elem((\1, \2)', 'g')) else '' end;
    if parts <> '' then
      execute format('alter policy %I on %s', p.polname, p.tbl) || parts;
    end if;
  end loop;
  for p in select polrelid::regclass as tbl, polname from pg_policy
            where concat(pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) ~ 'access\.scope\([^)]*\)(?: AS scope)?\) @>'
  loop
    raise exception 'policy % of % keeps a law that is no call', p.polname, p.tbl;
  end loop;
end $$;
