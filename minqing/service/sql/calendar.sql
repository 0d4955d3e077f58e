-- The working calendar: everybody reads it, deadlines are promised from it; who keeps an area's catalogue writes its days.
-- Days of the nation (area '') lie in nobody's scope: the installation alone writes them.
alter table public.service_workcalendarday enable row level security;
alter table public.service_workcalendarday force row level security;
create policy guard on public.service_workcalendarday to minqing_guard using (true) with check (true);
create policy owner on public.service_workcalendarday to minqing_owner using (true) with check (true);
create policy read on public.service_workcalendarday for select to minqing_app, minqing_jobs, minqing_gather, minqing_resident using (true);
create policy add on public.service_workcalendarday for insert to minqing_app with check ((select access.scope('catalogue')) @> area_code);
create policy change on public.service_workcalendarday for update to minqing_app using ((select access.scope('catalogue')) @> area_code) with check ((select access.scope('catalogue')) @> area_code);
create policy remove on public.service_workcalendarday for delete to minqing_app using ((select access.scope('catalogue')) @> area_code);
grant select on public.service_workcalendarday to minqing_app, minqing_jobs, minqing_gather, minqing_resident, minqing_guard;
grant insert, update, delete on public.service_workcalendarday to minqing_app;
