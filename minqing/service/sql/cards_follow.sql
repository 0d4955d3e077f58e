-- A card hangs for years; villages merge and change their codes meanwhile. Its code leads to the village that stands there today,
-- followed as areas.resolve does; where a village was split, to the first of those that came of it (the page lets one choose another).
grant select on public.access_areasuccession to minqing_guard;

create or replace function access.card_place(code text) returns table (area text, kind text, spot text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with recursive over(area) as (
    select left(c.grid_code, 12) from public.service_placecard c where c.code = card_place.code and c.revoked_at is null
    union select left(s.new_id, 12) from over o join public.access_areasuccession s on s.old_id = o.area
  )
  select coalesce((select min(a.code) from over o join public.access_area a on a.code = o.area where a.closed_on is null), left(c.grid_code, 12)), c.kind::text, c.spot::text
    from public.service_placecard c
   where access.claim('purpose') is not null and c.code = card_place.code and c.revoked_at is null
$$;
