-- Days and duty, as in days.sql, days_doors.sql and duty.sql, with these differences: a day whose hours are over takes no booking and a number is given
-- on its day alone; three bookings of days to come, not of old ones, are the most; how many stand at a time is told of what can be booked; a yes to a swap
-- waits for the absence entered beside it; a resident keeps the day and the answer of his own booking; an address of a calendar writes nothing and reads
-- nothing that is its holder's for another reason than the calendar.

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
  if d.state not in ('planned', 'announced') or d.day < today or walk and d.day <> today or not walk and household is null and d.ends_at <= clock_timestamp() then
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

-- By a resident, for himself or for whom he acts, into an announced day of the place where that file is. Three open bookings at most.
create or replace function access.book_own(id uuid, day uuid, slot timestamptz, person uuid, contact bytea, about bytea, alone boolean) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  d public.contact_contactday;
  place text := access.home_grid(person);
  me uuid := access.claim('account')::uuid;
begin
  if me is null or not person = any (access.own_persons()) or place is null then
    raise exception 'nobody for whom you may book' using errcode = 'insufficient_privilege';
  end if;
  select x.* into d from public.contact_contactday x where x.id = day for update;
  if d.id is null or d.kind not in ('joint', 'leader') or d.state <> 'announced' or not starts_with(place, d.area_code) then
    return 'absent';
  end if;
  -- a day that nobody closed does not keep him out for ever
  if (select count(*) from public.contact_booking b join public.contact_contactday x on x.id = b.day_id where b.account = me and b.state = 'booked' and b.id <> id and x.ends_at > clock_timestamp()) >= 3 then
    return 'many';
  end if;
  return access.put_booking(id, d, slot, 'portal', left(place, 12), person, null, me, null, contact, about, alone, false);
end $$;

-- How many stand at each time: numbers, no names. Of a day that can be booked, or that one runs.
create or replace function access.slots_taken(day uuid) returns table (slot timestamptz, n integer)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select b.slot_at, count(*)::integer from public.contact_booking b join public.contact_contactday d on d.id = b.day_id
   where b.day_id = slots_taken.day and d.kind in ('joint', 'leader') and b.state not in ('off', 'absent') and b.queue_no is null and access.proven('purpose') is not null
     and (d.state = 'announced' or d.state = 'planned' and d.area_code = any (access.posts_with('contact')))
   group by b.slot_at
$$;

-- 'ok' | 'stale' (answered, taken back, in other hands) | 'past' | 'away' | 'clash' (elsewhere on that day) | 'left'
create or replace function access.answer_duty_swap(swap uuid, word text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  w public.contact_dutyswap;
  d public.contact_dutyday;
  e public.contact_dutyday;
  me uuid := access.claim('staff')::uuid;
  today date := (clock_timestamp() at time zone 'Asia/Shanghai')::date;
begin
  select x.* into w from public.contact_dutyswap x where x.id = swap;
  if w.id is null or word not in ('yes', 'no', 'back') or me is distinct from (case when word = 'back' then w.asker else w.asked end) then
    raise exception 'not asked of you' using errcode = 'insufficient_privilege';
  end if;
  -- beside an absence that is entered now, one waits for the other
  perform 1 from public.contact_dutyrota r where r.area_code = w.area_code for update;
  -- days before questions, always: two who answer at once wait for each other here and nowhere else
  perform 1 from public.contact_dutyday x where x.id in (w.day_id, w.instead_id) order by x.id for update;
  select x.* into w from public.contact_dutyswap x where x.id = swap for update;
  if w.answer <> '' then
    return 'stale';
  end if;
  if word <> 'yes' then
    update public.contact_dutyswap x set answer = word, answered_at = clock_timestamp() where x.id = swap;
    perform access.note('duty.answer', '{}', '{}', jsonb_build_object('swap', swap, 'word', word));
    return 'ok';
  end if;
  select x.* into d from public.contact_dutyday x where x.id = w.day_id;
  select x.* into e from public.contact_dutyday x where x.id = w.instead_id;
  if d.day <= today or e.day <= today then
    return 'past';
  elsif d.staff is distinct from w.asker or w.instead_id is not null and e.staff is distinct from w.asked then
    return 'stale';
  elsif not access.serves(w.asked, d.area_code, d.day) or w.instead_id is not null and not access.serves(w.asker, e.area_code, e.day) then
    return 'left';
  elsif exists (select from public.contact_dutyabsence a where a.cancelled_at is null and (a.staff = w.asked and d.day between a.first and a.last or a.staff = w.asker and e.day between a.first and a.last)) then
    return 'away';
  elsif exists (select from public.contact_dutyday x where x.id not in (d.id, coalesce(e.id, d.id)) and (x.staff = w.asked and x.day = d.day or x.staff = w.asker and x.day = e.day)) then
    return 'clash';
  end if;
  update public.contact_dutyswap x set answer = 'yes', answered_at = clock_timestamp() where x.id = swap;
  update public.contact_dutyday x set staff = case when x.id = d.id then w.asked else w.asker end, how = 'swap', by_hand = true, reason = '' where x.id in (d.id, e.id);
  perform access.note('duty.answer', '{}', '{}', jsonb_build_object('swap', swap, 'word', word));
  return 'ok';
end $$;

-- Whoever entered by a calendar's address reads; whichever statement or function would write in his name.
create function access.calendar_reads_only() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if access.proven('feed') is not null then
    raise exception 'an address of a calendar writes nothing' using errcode = 'insufficient_privilege';
  end if;
  return null;
end $$;

do $$
declare
  t text;
  f record;
begin
  foreach t in array array['contactday', 'dayseat', 'booking', 'daymatter', 'dutyrota', 'dutyday', 'dutyabsence', 'dutyswap', 'dutyvisitor', 'dutymatter', 'feed', 'rhythm', 'market'] loop
    execute format('create trigger calendar_reads_only before insert or update or delete on public.%I for each statement execute function access.calendar_reads_only()', 'contact_' || t);
  end loop;
  foreach t in array array['booking', 'daymatter', 'dutyabsence', 'dutyswap', 'dutyvisitor', 'dutymatter', 'feed'] loop
    execute format('create policy not_by_calendar on public.%I as restrictive for select to minqing_app using ((select access.proven(''feed'')) is null)', 'contact_' || t);
  end loop;
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.proname in ('put_booking', 'book_own', 'slots_taken', 'answer_duty_swap', 'calendar_reads_only') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.book_own(uuid, uuid, timestamptz, uuid, bytea, bytea, boolean) to minqing_resident;
grant execute on function access.slots_taken(uuid) to minqing_app, minqing_resident;
grant execute on function access.answer_duty_swap(uuid, text) to minqing_app;

-- The day of his own booking, held or not: the answer stands under it.
create policy booked_read on public.contact_contactday for select to minqing_resident using (
  id = any (array(select b.day_id from public.contact_booking b where b.account = (select access.proven('account')::uuid))));

-- A time is given where it is counted, nowhere else.
revoke update (slot_at) on public.contact_booking from minqing_app;

-- A line of the duty log names no matter about staff, as a stall names none.
drop policy add on public.contact_dutymatter;
create policy add on public.contact_dutymatter for insert to minqing_app with check (
  exists (select from public.contact_dutyvisitor v where v.id = visitor_id and v.area_code = contact_dutymatter.area_code and v.entered_by = (select access.proven('staff')::uuid))
  and exists (select from public.service_seat s where s.matter_id = contact_dutymatter.matter_id and not s.restricted));
-- By which rule a day was laid out is as public as the rule.
grant select (laid_for) on public.contact_contactday to minqing_resident;
