-- Every function that a law of any table calls keeps its plans (access/sql/keep_plans.sql); a contract test holds it for laws to come.
do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_language l on l.oid = p.prolang
            where l.lanname = 'sql' and p.pronamespace = 'access'::regnamespace
              and p.oid in (select refobjid from pg_depend where classid = 'pg_policy'::regclass and refclassid = 'pg_proc'::regclass)
  loop
    call access.keep_plans(f);
  end loop;
end $$;
