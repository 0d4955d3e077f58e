-- How many people stand in the plan of each village, and whether a call runs there: for whoever calls several villages at once. Numbers, no names.
create function access.transfer_plans(villages text[]) returns table (village text, people bigint, running uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select v.code,
         (select count(*) from public.contact_transferplan p left join public.archives_resident r on r.id = p.person_id
           where p.grid_code >= v.code collate "C" and p.grid_code < (v.code || ':') collate "C" and p.ended_at is null and p.event_id is null and (p.person_id is null or (r.alive and r.voided_at is null))),
         (select e.id from public.contact_transferevent e where e.area_code = v.code and e.closed_at is null)
    from unnest(transfer_plans.villages) v(code)
   where length(v.code) = 12 and (select access.scope('contact')) @> v.code
$$;
alter function access.transfer_plans(text[]) owner to minqing_guard;
revoke all on function access.transfer_plans(text[]) from public;
grant execute on function access.transfer_plans(text[]) to minqing_app;
