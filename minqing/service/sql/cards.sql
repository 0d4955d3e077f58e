-- Cards at doors and places: made and taken back by whoever writes the files there; a code tells anybody where the card hangs.
--
-- Invariants: nothing of a card leads to a person or a household; a code that was taken back, or never was, answers nothing.
alter table public.service_placecard enable row level security;
alter table public.service_placecard force row level security;
create policy guard on public.service_placecard to minqing_guard using (true) with check (true);
create policy scope_read on public.service_placecard for select to minqing_app using (
  grid_code >= current_setting('minqing.lo')::access.bound and grid_code < current_setting('minqing.hi')::access.bound and (select access.scope('write')) @> grid_code);
create policy made on public.service_placecard for insert to minqing_app with check ((select access.scope('write')) @> grid_code and made_by = (select access.proven('staff')::uuid) and revoked_at is null);
create policy revoked on public.service_placecard for update to minqing_app using (
  grid_code >= current_setting('minqing.lo')::access.bound and grid_code < current_setting('minqing.hi')::access.bound and (select access.scope('write')) @> grid_code and revoked_at is null)
  with check ((select access.scope('write')) @> grid_code and revoked_by = (select access.proven('staff')::uuid));
grant select, insert, update (revoked_at, revoked_by) on public.service_placecard to minqing_app;
grant select on public.service_placecard to minqing_guard;

create function access.card_place(code text) returns table (area text, kind text, spot text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select left(c.grid_code, 12), c.kind::text, c.spot::text from public.service_placecard c
   where access.claim('purpose') is not null and c.code = card_place.code and c.revoked_at is null
$$;
alter function access.card_place(text) owner to minqing_guard;
revoke all on function access.card_place(text) from public;
grant execute on function access.card_place(text) to minqing_resident;
