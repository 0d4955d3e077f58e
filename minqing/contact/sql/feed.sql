-- A village's public calendar reads meetings and days that were announced, by number, kind and place: for whoever entered by its address, of that
-- village alone. Nobody who is booked, nobody who said something.
create function access.feed_events(first date, last date) returns table (uid text, kind text, title text, starts_at timestamptz, ends_at timestamptz, place text, off boolean, revision integer, changed timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select case when m.round_on is null then 'meeting-' || m.id else 'fifteenth-' || m.area_code || '-' || to_char(m.round_on, 'YYYYMMDD') end, 'meeting', m.title::text, m.starts_at, m.ends_at, m.place::text,
         m.state = 'cancelled', m.revision::integer, coalesce(m.noticed_at, m.made_at)
    from public.contact_meeting m
   where access.claim('feed') = 'village' and m.area_code = access.claim('area') and m.state <> 'planned' and (m.starts_at at time zone 'Asia/Shanghai')::date between first and last
  union all
  select case when d.kind = 'joint' and d.laid_for <> '' then 'tuesday-' || d.area_code || '-' || right(d.laid_for, 8) else 'day-' || d.id end, d.kind::text, d.subject::text, d.starts_at, d.ends_at, d.place::text,
         d.state = 'cancelled', d.revision::integer, d.changed_at
    from public.contact_contactday d
   where access.claim('feed') = 'village' and d.area_code in (access.claim('area'), left(access.claim('area'), 9), left(access.claim('area'), 6)) and d.kind in ('joint', 'leader', 'stall') and d.state <> 'planned'
     and d.day between first and last
$$;
alter function access.feed_events(date, date) owner to minqing_guard;
revoke all on function access.feed_events(date, date) from public;
grant execute on function access.feed_events(date, date) to minqing_app;

-- Lines of the duty log and absences whose time is over: the whole row; who was on duty on which day stays.
create function access.expire_duty(kind text, before timestamptz, most integer, dry boolean) returns table (n integer, files uuid[])
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  lines uuid[];
  away uuid[];
begin
  if kind is distinct from 'duty' or coalesce(access.proven('actor'), '') <> 'keeper' or before > clock_timestamp() - interval '184 days' or most not between 1 and 10000 then
    raise exception 'not due by any rule' using errcode = 'insufficient_privilege';
  end if;
  lines := array(select v.id from public.contact_dutyvisitor v where v.came_at < before limit most for update of v skip locked);
  away := array(select a.id from public.contact_dutyabsence a where a.last < before::date limit most for update of a skip locked);
  if not dry then
    delete from public.contact_dutymatter m where m.visitor_id = any (lines);
    delete from public.contact_dutyvisitor v where v.id = any (lines);
    delete from public.contact_dutyabsence a where a.id = any (away);
    if cardinality(lines) + cardinality(away) > 0 then
      perform access.note('retention.erase', '{}', '{}', jsonb_build_object('kind', kind, 'n', cardinality(lines) + cardinality(away), 'files', 0, 'before', before));
    end if;
  end if;
  return query select cardinality(lines) + cardinality(away), '{}'::uuid[];
end $$;
alter function access.expire_duty(text, timestamptz, integer, boolean) owner to minqing_guard;
revoke all on function access.expire_duty(text, timestamptz, integer, boolean) from public;
grant execute on function access.expire_duty(text, timestamptz, integer, boolean) to minqing_jobs;
grant delete on public.contact_dutyvisitor, public.contact_dutymatter, public.contact_dutyabsence to minqing_guard;
grant update on public.contact_dutyvisitor, public.contact_dutyabsence to minqing_guard;
