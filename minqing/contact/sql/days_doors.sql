-- As in days.sql; the hour agreed with a household is any within the evening.
-- One booking, the day's row locked: 'ok'; 'again' (it stands already); 'taken' (an id of something else); 'closed' (the day is over, off or not
-- announced); 'slot' (no such time, or past); 'full'; 'door' (that household is on the list). Run by the functions below, which ask who may.
create or replace function access.put_booking(id uuid, d public.contact_contactday, slot timestamptz, via text, place text, person uuid, household uuid, account uuid, by uuid, contact bytea, about bytea, alone boolean, walk boolean) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  stood public.contact_booking;
  today date := (clock_timestamp() at time zone 'Asia/Shanghai')::date;
  n integer;
begin
  select b.* into stood from public.contact_booking b where b.id = id;
  if stood.id is not null then
    return case when stood.day_id = d.id and stood.booked_by is not distinct from by and stood.account is not distinct from account then 'again' else 'taken' end;
  end if;
  if d.state not in ('planned', 'announced') or d.day < today then
    return 'closed';
  end if;
  if household is not null then
    -- the hour agreed with a household, within the evening
    if slot < d.starts_at or slot > d.ends_at then
      return 'slot';
    end if;
  elsif slot is not null then
    if d.slot_minutes = 0 or slot < d.starts_at or slot + make_interval(mins => d.slot_minutes) > d.ends_at
       or mod(extract(epoch from slot - d.starts_at)::bigint, d.slot_minutes * 60) <> 0 or slot <= clock_timestamp() then
      return 'slot';
    end if;
    select count(*) into n from public.contact_booking b where b.day_id = d.id and b.slot_at = slot and b.state not in ('off', 'absent');
    if n >= greatest(d.capacity, 1) then
      return 'full';
    end if;
  elsif not walk and d.slot_minutes = 0 and d.capacity > 0 then
    select count(*) into n from public.contact_booking b where b.day_id = d.id and b.queue_no is null and b.state not in ('off', 'absent');
    if n >= d.capacity then
      return 'full';
    end if;
  elsif not walk and d.slot_minutes > 0 then
    return 'slot';
  end if;
  if household is not null and exists (select 1 from public.contact_booking b where b.day_id = d.id and b.household_id = household and b.state <> 'off') then
    return 'door';
  end if;
  insert into public.contact_booking (id, area_code, place_code, day_id, slot_at, queue_no, via, person_id, household_id, account, contact_cipher, about_cipher, alone, state, outcome, answer_by, tell, booked_by, booked_at)
  values (id, d.area_code, place, d.id, slot, case when walk then (select coalesce(max(b.queue_no), 0) + 1 from public.contact_booking b where b.day_id = d.id) end, via, person, household, account, contact, about, alone,
          case when walk then 'here' else 'booked' end, '', case when d.kind = 'leader' then d.day + 7 end, '', by, clock_timestamp());
  return 'ok';
end $$;

alter function access.put_booking(uuid, public.contact_contactday, timestamptz, text, text, uuid, uuid, uuid, uuid, bytea, bytea, boolean, boolean) owner to minqing_guard;
revoke all on function access.put_booking(uuid, public.contact_contactday, timestamptz, text, text, uuid, uuid, uuid, uuid, bytea, bytea, boolean, boolean) from public;

-- Bookings whose time is over: the whole row. Not where somebody still waits for a word.
create function access.expire_bookings(kind text, before timestamptz, most integer, dry boolean) returns table (n integer, files uuid[])
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  ids uuid[];
begin
  if kind is distinct from 'booking' or coalesce(access.proven('actor'), '') <> 'keeper' or before > clock_timestamp() - interval '184 days' or most not between 1 and 10000 then
    raise exception 'not due by any rule' using errcode = 'insufficient_privilege';
  end if;
  ids := array(select b.id from public.contact_booking b join public.contact_contactday d on d.id = b.day_id where d.ends_at < before and b.tell = '' and (b.state in ('done', 'absent', 'off') or b.answer_by is null) limit most for update of b skip locked);
  if not dry then
    delete from public.contact_booking b where b.id = any (ids);
    delete from public.contact_daymatter m using public.contact_contactday d where d.id = m.day_id and d.ends_at < before;
    if cardinality(ids) > 0 then
      perform access.note('retention.erase', '{}', '{}', jsonb_build_object('kind', kind, 'n', cardinality(ids), 'files', 0, 'before', before));
    end if;
  end if;
  return query select cardinality(ids), '{}'::uuid[];
end $$;
alter function access.expire_bookings(text, timestamptz, integer, boolean) owner to minqing_guard;
revoke all on function access.expire_bookings(text, timestamptz, integer, boolean) from public;
grant execute on function access.expire_bookings(text, timestamptz, integer, boolean) to minqing_jobs;
grant delete on public.contact_booking, public.contact_daymatter to minqing_guard;
