-- Days with bookings: who sees which day, who comes, who is booked; bookings one after the other. domain.md §4.9; DESIGN §4.
--
-- Invariants: a day is run by whoever holds the right to arrange days at exactly its area (a town does not run its villages' days); a booking is
-- seen by who runs the day, by who leads it, on an evening by who goes there, by who typed it for thirty days, and by the resident who made it,
-- by nobody else; it comes to be in access.put_booking alone, where the day's row is locked: no slot is overfilled, no number given twice.

-- Areas of the caller's posts that open a right; '' = of any post.
create function access.posts_with(which text) returns text[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(distinct a ->> 'area'), '{}')
    from jsonb_array_elements(coalesce(access.proven() -> 'appointments', '[]')) a
   where which = '' or exists (select 1 from public.access_roleright rr where rr.role_id = a ->> 'role' and rr.right = which)
$$;

create function access.my_office() returns uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select s.organisation_id from public.access_staff s where s.id = access.proven('staff')::uuid $$;

-- Days to which the caller, or his office, was asked to come.
create function access.days_asked() returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(distinct s.day_id), '{}') from public.contact_dayseat s
   where (s.staff = access.proven('staff')::uuid or s.organisation_id = access.my_office()) and s.made_at > clock_timestamp() - interval '400 days'
$$;

-- Evenings that the caller goes to, or went to within a week.
create function access.evenings_mine() returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(distinct d.id), '{}') from public.contact_dayseat s join public.contact_contactday d on d.id = s.day_id
   where s.staff = access.proven('staff')::uuid and s.state <> 'cannot' and d.kind = 'evening' and d.day > current_date - 8
     and exists (select 1 from unnest(access.posts_with('')) p where starts_with(p, d.area_code) or starts_with(d.area_code, p))
$$;

-- Days that the caller leads, while he works there.
create function access.days_led() returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(d.id), '{}') from public.contact_contactday d
   where d.led_by = access.proven('staff')::uuid
     and exists (select 1 from unnest(access.posts_with('')) p where starts_with(p, d.area_code) or starts_with(d.area_code, p))
$$;

do $$
declare
  t text;
begin
  foreach t in array array['contact_contactday', 'contact_dayseat', 'contact_booking', 'contact_daymatter'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
  end loop;
end $$;

-- A day: announced, by whoever works there, above or below; planned, by who runs it, leads it, was asked to come.
create policy near_read on public.contact_contactday for select to minqing_app using (
  (select access.proven('staff')) is not null
  and (area_code = any ((select access.posts_with('contact'))::text[]) or id = any ((select access.days_asked())::uuid[]) or id = any ((select access.days_led())::uuid[])
       or (state <> 'planned' and exists (select from unnest((select access.posts_with(''))::text[]) p where starts_with(p, area_code) or starts_with(area_code, p)))));
create policy run_add on public.contact_contactday for insert to minqing_app with check (
  (select access.scope('contact')) @> area_code and area_code = any ((select access.posts_with('contact'))::text[]) and made_by = (select access.proven('staff')::uuid));
create policy run_change on public.contact_contactday for update to minqing_app using (
  (select access.scope('contact')) @> area_code and area_code = any ((select access.posts_with('contact'))::text[]))
  with check ((select access.scope('contact')) @> area_code and area_code = any ((select access.posts_with('contact'))::text[]));
-- the clock lays out days in nobody's name, in one area at a time
create policy clock_read on public.contact_contactday for select to minqing_jobs using ((select access.scope('contact')) @> area_code);
create policy clock_add on public.contact_contactday for insert to minqing_jobs with check ((select access.scope('contact')) @> area_code and made_by is null and laid_for <> '' and state = 'announced');
-- what is announced stands on the portal
create policy open_read on public.contact_contactday for select to minqing_resident using (kind in ('joint', 'leader') and state in ('announced', 'cancelled') and (select access.proven('purpose')) is not null);
grant select, insert on public.contact_contactday to minqing_app, minqing_jobs;
grant update (day, starts_at, ends_at, place, subject, slot_minutes, capacity, led_by, state, why, changed_at, revision, announced_at, ended_at) on public.contact_contactday to minqing_app;
grant select (id, area_code, kind, day, starts_at, ends_at, place, subject, slot_minutes, capacity, state, why) on public.contact_contactday to minqing_resident;
grant select, update (revision) on public.contact_contactday to minqing_guard;
call access.keep('public.contact_contactday', 'id', 'area_code', 'kind', 'laid_for', 'made_by', 'made_at');
alter table public.contact_contactday add constraint contactday_place check (
  length(area_code) = any (case kind when 'joint' then array[6, 9, 12] when 'leader' then array[6, 9] when 'evening' then array[12] else array[9, 12] end)
  and (kind <> 'leader' or led_by is not null));

-- Who comes: read with the day; asked by who runs it; answered by who is asked, or by who runs it for somebody who said so.
create policy near_read on public.contact_dayseat for select to minqing_app using (
  (select access.proven('staff')) is not null and exists (select from public.contact_contactday d where d.id = day_id));
create policy run_add on public.contact_dayseat for insert to minqing_app with check (
  (select access.scope('contact')) @> area_code and area_code = any ((select access.posts_with('contact'))::text[]) and made_by = (select access.proven('staff')::uuid)
  and state in ('asked', 'coming') and exists (select from public.contact_contactday d where d.id = day_id and d.area_code = contact_dayseat.area_code));
create policy answer_change on public.contact_dayseat for update to minqing_app using (
  ((select access.scope('contact')) @> area_code and area_code = any ((select access.posts_with('contact'))::text[]))
  or staff = (select access.proven('staff')::uuid) or organisation_id = (select access.my_office()));
grant select, insert, update (state, words, answered_by, answered_at) on public.contact_dayseat to minqing_app;
grant select on public.contact_dayseat to minqing_guard;

-- A booking.
create policy concern_read on public.contact_booking for select to minqing_app using (
  ((select access.scope('contact')) @> area_code and area_code = any ((select access.posts_with('contact'))::text[]))
  or day_id = any ((select access.days_led())::uuid[]) or day_id = any ((select access.evenings_mine())::uuid[])
  or (booked_by = (select access.proven('staff')::uuid) and booked_at > now() - interval '30 days'));
create policy concern_change on public.contact_booking for update to minqing_app using (
  ((select access.scope('contact')) @> area_code and area_code = any ((select access.posts_with('contact'))::text[]))
  or day_id = any ((select access.days_led())::uuid[]) or day_id = any ((select access.evenings_mine())::uuid[]))
  with check (((select access.proven('staff')) is not null) and (matter_id is null or exists (select from public.service_seat s where s.matter_id = contact_booking.matter_id and not s.restricted)));
create policy own_read on public.contact_booking for select to minqing_resident using (account = (select access.proven('account')::uuid));
grant select, update (slot_at, state, outcome, outcome_cipher, matter_id, answer_by, answered_at, answered_by, tell, called_by, ended_at) on public.contact_booking to minqing_app;
grant select (id, day_id, slot_at, state, answer_by, answered_at, booked_at, account, outcome, outcome_cipher) on public.contact_booking to minqing_resident;
grant select, insert, update on public.contact_booking to minqing_guard;
call access.keep('public.contact_booking', 'id', 'area_code', 'day_id', 'booked_by', 'booked_at', 'account', 'household_id', 'contact_cipher', 'about_cipher');

create policy run_read on public.contact_daymatter for select to minqing_app using ((select access.scope('contact')) @> area_code and area_code = any ((select access.posts_with('contact'))::text[]));
create policy run_add on public.contact_daymatter for insert to minqing_app with check (
  made_by = (select access.proven('staff')::uuid) and exists (select from public.contact_contactday d where d.id = day_id and d.area_code = contact_daymatter.area_code and d.kind in ('stall', 'joint'))
  and (select access.scope('intake')) @> area_code and exists (select from public.service_seat s where s.matter_id = contact_daymatter.matter_id and not s.restricted));
grant select, insert on public.contact_daymatter to minqing_app;
grant select on public.contact_daymatter to minqing_guard;

-- One booking, the day's row locked: 'ok'; 'again' (it stands already); 'taken' (an id of something else); 'closed' (the day is over, off or not
-- announced); 'slot' (no such time, or past); 'full'; 'door' (that household is on the list). Run by the functions below, which ask who may.
create function access.put_booking(id uuid, d public.contact_contactday, slot timestamptz, via text, place text, person uuid, household uuid, account uuid, by uuid, contact bytea, about bytea, alone boolean, walk boolean) returns text
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
  if slot is not null then
    if d.slot_minutes = 0 or slot < d.starts_at or slot + make_interval(mins => d.slot_minutes) > d.ends_at
       or mod(extract(epoch from slot - d.starts_at)::bigint, d.slot_minutes * 60) <> 0 or slot <= clock_timestamp() then
      return 'slot';
    end if;
    select count(*) into n from public.contact_booking b where b.day_id = d.id and b.slot_at = slot and b.state not in ('off', 'absent');
    if n >= greatest(d.capacity, 1) then
      return 'full';
    end if;
  elsif not walk and household is null and d.slot_minutes = 0 and d.capacity > 0 then
    select count(*) into n from public.contact_booking b where b.day_id = d.id and b.queue_no is null and b.state not in ('off', 'absent');
    if n >= d.capacity then
      return 'full';
    end if;
  elsif not walk and d.slot_minutes > 0 and household is null then
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

-- By a colleague: who runs the day books anything into it; who takes down what people ask there, below or above, books into an announced
-- joint office or leader's day and sees no other booking. A file is named only by who opens it.
create function access.book(id uuid, day uuid, slot timestamptz, via text, place text, person uuid, household uuid, contact bytea, about bytea, alone boolean, walk boolean) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  d public.contact_contactday;
  me uuid := access.claim('staff')::uuid;
  runs boolean;
begin
  select x.* into d from public.contact_contactday x where x.id = day for update;
  runs := d.id is not null and access.may('contact', d.area_code) and d.area_code = any (access.posts_with('contact'));
  if d.id is null or not (runs or (d.kind in ('joint', 'leader') and d.state = 'announced' and not walk and household is null
       and (access.may('intake', d.area_code) or exists (select 1 from unnest(access.posts_with('intake')) p where starts_with(p, d.area_code))))) then
    return 'absent';
  end if;
  if not (starts_with(place, d.area_code)) or not exists (select 1 from public.access_area a where a.code = place and a.closed_on is null)
     or (not runs and not access.may('intake', place)) then
    return 'place';
  end if;
  if (person is not null and not exists (select 1 from public.archives_placement p where p.person_id = person and p.ends_on is null and access.may('people', p.grid_code)))
     or (household is not null and not exists (select 1 from public.archives_household h where h.id = household and h.voided_at is null and starts_with(h.grid_code, d.area_code) and access.may('people', h.grid_code)))
     or via not in ('phone', 'window', 'village', 'walkin', 'due', 'asked') then
    return 'place';
  end if;
  return access.put_booking(id, d, slot, via, place, person, household, null, me, contact, about, alone, walk);
end $$;

-- By a resident, for himself or for whom he acts, into an announced day of the place where that file is. Three open bookings at most.
create function access.book_own(id uuid, day uuid, slot timestamptz, person uuid, contact bytea, about bytea, alone boolean) returns text
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
  if (select count(*) from public.contact_booking b where b.account = me and b.state = 'booked' and b.id <> id) >= 3 then
    return 'many';
  end if;
  return access.put_booking(id, d, slot, 'portal', left(place, 12), person, null, me, null, contact, about, alone, false);
end $$;

-- Whoever made a booking takes it back while nobody has begun.
create function access.unbook(booking uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  done integer;
begin
  update public.contact_booking b set state = 'off', ended_at = clock_timestamp()
   where b.id = booking and b.state = 'booked' and (b.booked_by = access.claim('staff')::uuid or b.account = access.claim('account')::uuid);
  get diagnostics done = row_count;
  return done = 1;
end $$;

-- How many stand at each time: numbers, no names. For who may book there.
create function access.slots_taken(day uuid) returns table (slot timestamptz, n integer)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select b.slot_at, count(*)::integer from public.contact_booking b join public.contact_contactday d on d.id = b.day_id
   where b.day_id = slots_taken.day and d.kind in ('joint', 'leader', 'evening') and d.state in ('planned', 'announced') and b.state not in ('off', 'absent') and b.queue_no is null
     and access.proven('purpose') is not null
   group by b.slot_at
$$;

-- Somebody who was booked has come: the next number of the day. NULL: not his to give, or not booked.
create function access.came(booking uuid) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  d public.contact_contactday;
  n integer;
begin
  select x.* into d from public.contact_contactday x join public.contact_booking b on b.day_id = x.id where b.id = booking for update of x;
  if d.id is null or not (access.may('contact', d.area_code) and d.area_code = any (access.posts_with('contact'))) then
    return null;
  end if;
  select coalesce(max(b.queue_no), 0) + 1 into n from public.contact_booking b where b.day_id = d.id;
  update public.contact_booking b set state = 'here', queue_no = n where b.id = booking and b.state in ('booked', 'absent') and b.queue_no is null returning b.queue_no into n;
  return case when found then n end;
end $$;

-- What time brings, in nobody's name: weeks laid out, people told. '' asks what there is; an area's code writes there.
create function access.enter_days(area text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  desk text := enter_days.area || case when length(enter_days.area) < 12 then '/SL' else '' end;
  claim jsonb := jsonb_build_object('staff', null, 'number', '', 'name', '预约办理日', 'session', null, 'purpose', 'days', 'origin', 'clock', 'appointments', '[]'::jsonb, 'area', enter_days.area, 'department', '',
             'rights', case when enter_days.area = '' then '{}'::jsonb else jsonb_build_object('contact', access.codeset(access.codes(enter_days.area, enter_days.area, '[]'))::text,
                                                                                               'matters', access.codeset(access.codes(desk, desk, '[]'))::text) end,
             'days', 'due', 'until', extract(epoch from clock_timestamp() + interval '10 minutes'));
begin
  perform access.install(claim);
  return claim;
end $$;

-- Places where days are laid out by rule: somebody pressed the button there within the last half year.
create function access.days_laid() returns table (area text, kind text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select distinct d.area_code::text, d.kind::text from public.contact_contactday d
   where d.laid_for <> '' and d.day > current_date - 183 and access.proven('days') = 'due'
$$;

create function access.days_news(most integer) returns table (booking uuid, area text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select b.id, b.area_code::text from public.contact_booking b where b.tell <> '' and access.proven('days') = 'due' order by b.booked_at limit days_news.most
$$;

-- One of them, locked, with what is said; taken off the list in the same transaction in which it is told. `later`: the next such day there.
create function access.take_news(booking uuid) returns table (tell text, kind text, day date, subject text, why text, answer_by date, contact bytea, outcome bytea, person uuid, alone boolean, later date, at timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  b public.contact_booking;
  d public.contact_contactday;
begin
  select x.* into b from public.contact_booking x where x.id = booking and x.tell <> '' and access.proven('days') = 'due' and x.area_code = access.proven('area') for update skip locked;
  if b.id is null then
    return;
  end if;
  select x.* into d from public.contact_contactday x where x.id = b.day_id;
  update public.contact_booking x set tell = '' where x.id = b.id;
  return query select b.tell::text, d.kind::text, d.day, d.subject::text, d.why::text, b.answer_by, b.contact_cipher, b.outcome_cipher, b.person_id, b.alone,
    (select min(n.day) from public.contact_contactday n where n.area_code = d.area_code and n.kind = d.kind and n.state = 'announced' and n.day >= greatest(d.day, current_date) and n.id <> d.id), coalesce(b.answered_at, b.ended_at, b.booked_at);
end $$;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef and p.proname in
      ('posts_with', 'my_office', 'days_asked', 'evenings_mine', 'days_led', 'put_booking', 'book', 'book_own', 'unbook', 'slots_taken', 'came', 'enter_days', 'days_laid', 'days_news', 'take_news') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.posts_with(text), access.my_office(), access.days_asked(), access.evenings_mine(), access.days_led(),
  access.book(uuid, uuid, timestamptz, text, text, uuid, uuid, bytea, bytea, boolean, boolean), access.came(uuid) to minqing_app;
grant execute on function access.unbook(uuid), access.slots_taken(uuid) to minqing_app, minqing_resident;
grant execute on function access.book_own(uuid, uuid, timestamptz, uuid, bytea, bytea, boolean) to minqing_resident;
grant execute on function access.enter_days(text), access.days_laid(), access.days_news(integer), access.take_news(uuid) to minqing_jobs;
grant select on public.access_roleright, public.access_staff, public.access_area, public.archives_placement, public.archives_household to minqing_guard;

call access.moves_with_person('public.contact_booking', 'person_id');
