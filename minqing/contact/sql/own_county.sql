-- How often doors are due in a county is read by whoever serves there, not by every colleague of the installation.
drop policy read on public.contact_countyinterval;
create policy read on public.contact_countyinterval for select to minqing_app using (area_code = any ((select access.my_areas())::text[]) or (select access.scope('catalogue')) @> area_code);
