-- A village's meetings are the village's: whoever arranges for the town does not look into its villages' rows either; what is announced or
-- hangs, everybody reads on the village's page.
do $$
declare
  t text;
begin
  foreach t in array array['contact_meeting', 'contact_agendaitem', 'contact_resolution', 'contact_publication'] loop
    execute format('alter policy scope_read on public.%I using ((select access.meets_at()) @> area_code or ((select access.scope(''contact'')) @> area_code and length(area_code) >= 12 and (select access.scope(''people'')) @> area_code)
      or ((select access.scope(''contact'')) @> area_code and length(area_code) < 12))', t);
  end loop;
end $$;
