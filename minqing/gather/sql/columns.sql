-- What was taught for a county holds in its villages: a batch reads the column names of the areas above its own. They name no person.
create policy batch_read on public.gather_columnalias for select to minqing_gather using (exists (
  select from public.gather_batch b where b.id = (select access.proven('batch')::uuid) and starts_with(b.area_code, gather_columnalias.area_code)));
