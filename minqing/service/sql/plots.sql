-- Which plots a matter is about: seen and written from the matter's seats, about a plot that the writer sees.
alter table public.service_matterplot enable row level security;
alter table public.service_matterplot force row level security;
create policy guard on public.service_matterplot to minqing_guard using (true) with check (true);
create policy seated on public.service_matterplot for select to minqing_app using (exists (select from public.service_seat s where s.matter_id = service_matterplot.matter_id));
create policy noted on public.service_matterplot for insert to minqing_app with check (
  exists (select from public.service_seat s where s.matter_id = service_matterplot.matter_id)
  and exists (select from public.archives_plot p where p.id = service_matterplot.plot_id) and "by" = (select access.proven('staff')::uuid));
create policy moved on public.service_matterplot for update to minqing_app using (exists (select from public.service_seat s where s.matter_id = service_matterplot.matter_id));
grant select, insert on public.service_matterplot to minqing_app;
grant update (ended_at) on public.service_matterplot to minqing_app;
grant select on public.service_matterplot to minqing_guard;
