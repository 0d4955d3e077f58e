-- A town's meetings are the town's: whoever arranges for a county does not read what was said in its towns.
do $$
declare
  t text;
  own text := '(select access.proven(''staff'')) is not null and (length(area_code) >= 12 or area_code = any ((select access.posts_with(''contact''))::text[]))';
begin
  foreach t in array array['contact_meetingstep', 'contact_attendance', 'contact_opinion', 'contact_votecount', 'contact_resolutionnote', 'contact_objection', 'contact_meetingpaper', 'contact_representative'] loop
    execute format('create policy own_town on public.%I as restrictive for all to minqing_app using (%s) with check (%s)', t, own, own);
  end loop;
  foreach t in array array['contact_meeting', 'contact_agendaitem', 'contact_resolution', 'contact_publication'] loop
    execute format('create policy own_town_add on public.%I as restrictive for insert to minqing_app with check (%s)', t, own);
    execute format('create policy own_town_change on public.%I as restrictive for update to minqing_app using (%s)', t, own);
  end loop;
end $$;
