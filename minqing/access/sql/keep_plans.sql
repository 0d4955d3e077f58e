-- A function in language SQL that is not inlined is parsed and planned anew at each call (up to PostgreSQL 17; docs/adr/0014): of the 6 ms
-- in which a request entered its scope, 5 were that. In PL/pgSQL a plan is kept. The body stays word for word the one that stands.

-- Run by migrations: `call access.keep_plans('access.rights_of(uuid, text)')`.
create procedure access.keep_plans(f regprocedure)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  p pg_proc;
  body text;
begin
  select * into strict p from pg_proc where oid = f and prosqlbody is null;
  body := rtrim(p.prosrc, E' \n;');
  body := case when p.proretset then format('return query %s;', body)
               when p.prorettype = 'void'::regtype then format('%s;', body)
               else format(E'return (%s\n  );', body) end;
  -- in language SQL a column comes before a parameter of the same name
  execute replace(replace(pg_get_functiondef(f), E'\n LANGUAGE sql\n', E'\n LANGUAGE plpgsql\n'), p.prosrc, format(E'\n#variable_conflict use_column\nbegin\n  %s\nend ', body));
end $$;
revoke all on procedure access.keep_plans(regprocedure) from public;

-- Who somebody is and what he may, asked by every request; what audit and pages ask of a claim.
call access.keep_plans('access.before(text)');
call access.keep_plans('access.rights_of(uuid, text)');
call access.keep_plans('access.appointments_of(uuid)');
call access.keep_plans('access.claim_until(uuid, timestamptz)');
call access.keep_plans('access.staff_claim(uuid, uuid, text, text, text)');
call access.keep_plans('access.claim(text)');
call access.keep_plans('access.may(text, text)');
call access.keep_plans('access.lies_in(text, text)');
call access.keep_plans('access.note(text, uuid[], uuid[], jsonb)');
