-- Duty, days that come round, market days, calendar addresses: who reads, who writes, and the doors through which a day changes hands.
--
-- Invariants: a village's rota is read by whoever works in the village, changed by who arranges contact there; a day changes hands by its holder's
-- question and the other's yes, both locked in one order, each looked at again when it is agreed; why somebody is away is told to nobody else;
-- whose post ends loses the days after it, whatever page ended it; a calendar's address opens no right.

-- Villages in which the caller works: those that his appointments cover, and the village of his grid.
create function access.near() returns access.codeset
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(range_agg(access.codes(left(a ->> 'area', 12), left(a ->> 'area', 12) || ':')), '{}')
    from jsonb_array_elements(access.proven() -> 'appointments') a
$$;

-- Has he a post in the village on that day? Helpers are neighbours, not office holders.
create function access.serves(who uuid, village text, on_day date) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from public.access_appointment a join public.access_staff s on s.id = a.staff_id
     where a.staff_id = who and starts_with(a.area_code, village) and a.role_id <> 'helper'
       and (a.starts_at at time zone 'Asia/Shanghai')::date <= on_day and (a.ends_at is null or (a.ends_at at time zone 'Asia/Shanghai')::date >= on_day and a.ends_at > a.starts_at)
       and (s.left_at is null or (s.left_at at time zone 'Asia/Shanghai')::date >= on_day))
$$;

-- Days that come round, markets: on every wall, read by everybody ---------------------------------------------------------------------
do $$
declare
  t text;
begin
  foreach t in array array['contact_rhythm', 'contact_market'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy read on public.%I for select to minqing_app, minqing_jobs, minqing_resident using (true)', t);
    execute format('create policy add on public.%I for insert to minqing_app with check ((select access.scope(''contact'')) @> area_code and made_by = (select access.proven(''staff'')::uuid))', t);
    execute format('create policy change on public.%I for update to minqing_app using ((select access.scope(''contact'')) @> area_code)
                      with check ((select access.scope(''contact'')) @> area_code and made_by = (select access.proven(''staff'')::uuid))', t);
    execute format('grant select on public.%I to minqing_app, minqing_jobs, minqing_resident, minqing_guard', t);
  end loop;
end $$;
create policy remove on public.contact_rhythm for delete to minqing_app using ((select access.scope('contact')) @> area_code);
grant insert, delete, update (number, holiday, opens, closes, place, held, made_by, made_at) on public.contact_rhythm to minqing_app;
grant insert, update (name, rule, place, opens, closes, ended_on, made_by, made_at) on public.contact_market to minqing_app;
call access.keep('public.contact_rhythm', 'id', 'area_code', 'kind');
call access.keep('public.contact_market', 'id', 'area_code');

-- The rota and its days ---------------------------------------------------------------------------------------------------------------
do $$
declare
  t text;
begin
  foreach t in array array['contact_dutyrota', 'contact_dutyday', 'contact_dutyabsence', 'contact_dutyswap', 'contact_dutyvisitor', 'contact_dutymatter', 'contact_feed'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('grant select on public.%I to minqing_app, minqing_guard', t);
  end loop;
end $$;

create policy near_read on public.contact_dutyrota for select to minqing_app using ((select access.near()) @> area_code);
create policy add on public.contact_dutyrota for insert to minqing_app with check ((select access.scope('contact')) @> area_code and length(area_code) = 12 and made_by = (select access.proven('staff')::uuid));
create policy change on public.contact_dutyrota for update to minqing_app using ((select access.scope('contact')) @> area_code)
  with check ((select access.scope('contact')) @> area_code and made_by = (select access.proven('staff')::uuid));
grant insert, update (people, weekdays, workdays_only, opens, closes, place, made_by, made_at) on public.contact_dutyrota to minqing_app;
grant update (made_at) on public.contact_dutyrota to minqing_guard;  -- to lock it
call access.keep('public.contact_dutyrota', 'id', 'area_code');

create policy near_read on public.contact_dutyday for select to minqing_app using ((select access.near()) @> area_code);
create policy add on public.contact_dutyday for insert to minqing_app with check ((select access.scope('contact')) @> area_code and length(area_code) = 12);
create policy change on public.contact_dutyday for update to minqing_app using ((select access.scope('contact')) @> area_code) with check ((select access.scope('contact')) @> area_code);
grant insert, update (staff, how, by_hand, reason, off) on public.contact_dutyday to minqing_app;
grant update on public.contact_dutyday to minqing_guard;
call access.keep('public.contact_dutyday', 'id', 'area_code', 'day');

-- Whoever is there has a post there; who changed it, when and how often is the database's word.
create function access.duty_checked() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if new.staff is not null and (tg_op = 'INSERT' or new.staff is distinct from old.staff) and not access.serves(new.staff, new.area_code, new.day) then
    raise exception 'no post in this village on that day' using errcode = 'check_violation';
  end if;
  new.changed_by := access.proven('staff')::uuid;
  new.changed_at := clock_timestamp();
  if tg_op = 'INSERT' then
    new.revision := 0;
    new.was := null;
  else
    if new.staff is distinct from old.staff or new.off is distinct from old.off then
      new.revision := old.revision + 1;
    end if;
    if new.staff is distinct from old.staff and old.staff is not null then
      new.was := old.staff;
    end if;
  end if;
  return new;
end $$;
create trigger duty_checked before insert or update on public.contact_dutyday for each row execute function access.duty_checked();

-- A day in other hands: what was asked about it is void.
create function access.duty_lapse() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.contact_dutyswap s set answer = 'lapsed', answered_at = clock_timestamp() where s.answer = '' and (s.day_id = new.id or s.instead_id = new.id);
  return null;
end $$;
create trigger duty_lapse after update of staff, off on public.contact_dutyday for each row when (old.staff is distinct from new.staff or old.off is distinct from new.off) execute function access.duty_lapse();

-- Absences: his own, or entered by who arranges duty; the reason goes no further.
create policy own_read on public.contact_dutyabsence for select to minqing_app using (staff = (select access.proven('staff')::uuid) or (select access.scope('contact')) @> area_code);
create policy add on public.contact_dutyabsence for insert to minqing_app with check (made_by = (select access.proven('staff')::uuid) and cancelled_at is null and length(area_code) = 12
  and (staff = (select access.proven('staff')::uuid) and (select access.near()) @> area_code or (select access.scope('contact')) @> area_code));
create policy change on public.contact_dutyabsence for update to minqing_app using (staff = (select access.proven('staff')::uuid) or (select access.scope('contact')) @> area_code)
  with check (staff = (select access.proven('staff')::uuid) or (select access.scope('contact')) @> area_code);
grant insert, update (cancelled_at) on public.contact_dutyabsence to minqing_app;
call access.keep('public.contact_dutyabsence', 'id', 'area_code', 'staff', 'first', 'last', 'made_by');

-- Who is away on which days, without why: for the plan and for whoever looks for somebody to ask.
create function access.duty_away(village text, first date, last date) returns table (staff uuid, since date, until date)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select a.staff, a.first, a.last from public.contact_dutyabsence a
   where a.area_code = village and access.near() @> village and a.cancelled_at is null and a.last >= duty_away.first and a.first <= duty_away.last
$$;

-- Somebody is away: his days there go to others, as the plan found them ({day: staff or null}); what he set by hand is left empty for a
-- person to decide. Returns how many days were touched.
create function access.cover_absence(absence uuid, others jsonb) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  a public.contact_dutyabsence;
  d public.contact_dutyday;
  heir uuid;
  n integer := 0;
begin
  select x.* into a from public.contact_dutyabsence x where x.id = absence and x.cancelled_at is null;
  if a.id is null or not (a.staff = access.claim('staff')::uuid and access.near() @> a.area_code::text or access.may('contact', a.area_code)) then
    raise exception 'no absence of yours' using errcode = 'insufficient_privilege';
  end if;
  -- two who are away at once do not get each other's days; a plan that runs now is waited for
  perform 1 from public.contact_dutyrota r where r.area_code = a.area_code for update;
  perform 1 from public.contact_dutyday x where x.area_code = a.area_code and x.staff = a.staff and x.day between a.first and a.last order by x.id for update;
  for d in select x.* from public.contact_dutyday x where x.area_code = a.area_code and x.staff = a.staff and x.day between a.first and a.last
              and x.day >= (clock_timestamp() at time zone 'Asia/Shanghai')::date order by x.id loop
    heir := (others ->> d.day::text)::uuid;
    if d.by_hand or heir = a.staff or heir is not null and (not access.serves(heir, a.area_code, d.day)
         or not exists (select from public.contact_dutyrota r where r.area_code = a.area_code and r.people @> array[heir])
         or exists (select from public.contact_dutyabsence x where x.area_code = a.area_code and x.staff = heir and x.cancelled_at is null and d.day between x.first and x.last)) then
      heir := null;
    end if;
    update public.contact_dutyday x set staff = heir, how = case when heir is null then 'away' else 'plan' end, by_hand = false, reason = '' where x.id = d.id;
    n := n + 1;
  end loop;
  perform access.note('duty.away', '{}', '{}', jsonb_build_object('area', a.area_code, 'days', n));
  return n;
end $$;

-- Swaps: rows are made and answered here alone.
create policy near_read on public.contact_dutyswap for select to minqing_app using ((select access.near()) @> area_code);
grant insert, update on public.contact_dutyswap to minqing_guard;

-- 'ok' | 'past' | 'not_yours' | 'elsewhere' (no post there) | 'other' (the day he would give is not his) | 'twice' (asked already)
create function access.ask_duty_swap(id uuid, day uuid, other uuid, instead uuid) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  d public.contact_dutyday;
  e public.contact_dutyday;
  me uuid := access.claim('staff')::uuid;
  today date := (clock_timestamp() at time zone 'Asia/Shanghai')::date;
begin
  perform 1 from public.contact_dutyday x where x.id in (day, instead) order by x.id for update;
  select x.* into d from public.contact_dutyday x where x.id = day;
  select x.* into e from public.contact_dutyday x where x.id = instead;
  if d.id is null or d.staff is distinct from me then
    return 'not_yours';
  elsif d.day <= today or e.day <= today then
    return 'past';
  elsif other is null or other = me or not access.serves(other, d.area_code, d.day) then
    return 'elsewhere';
  elsif instead is not null and (e.id is null or e.area_code <> d.area_code or e.staff is distinct from other) then
    return 'other';
  end if;
  begin
    insert into public.contact_dutyswap (id, area_code, day_id, instead_id, asker, asked, asked_at, answer) values (id, d.area_code, d.id, e.id, me, other, clock_timestamp(), '');
  exception when unique_violation then
    return 'twice';
  end;
  perform access.note('duty.ask', '{}', '{}', jsonb_build_object('day', d.id, 'staff', other));
  return 'ok';
end $$;

-- 'ok' | 'stale' (answered, taken back, in other hands) | 'past' | 'away' | 'clash' (elsewhere on that day) | 'left'
create function access.answer_duty_swap(swap uuid, word text) returns text
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

-- A post ends: the days after it are empty until somebody fills them. Whatever page or statement ended it.
create function access.duty_left() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.contact_dutyday d set staff = null, how = 'left', by_hand = false, reason = ''
   where d.staff = new.staff_id and d.day > (clock_timestamp() at time zone 'Asia/Shanghai')::date and starts_with(new.area_code, d.area_code) and not access.serves(new.staff_id, d.area_code, d.day);
  return null;
end $$;
create trigger duty_left after update of ends_at on public.access_appointment for each row when (new.ends_at is distinct from old.ends_at) execute function access.duty_left();

-- Days that his post leaves empty, by village: before it ends (the form) and after (they are empty then). For who may appoint there.
create function access.duty_of_post(post uuid) returns table (area text, name text, first date, last date, n integer)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  a public.access_appointment;
begin
  select x.* into a from public.access_appointment x where x.id = duty_of_post.post;
  if a.id is null or not access.may('appoint', a.area_code) then
    raise exception 'no right to appoint there' using errcode = 'insufficient_privilege';
  end if;
  return query
    select d.area_code::text, (select v.short_name::text from public.access_area v where v.code = d.area_code), min(d.day), max(d.day), count(*)::integer from public.contact_dutyday d
     where (d.staff = a.staff_id or d.staff is null and d.was = a.staff_id and d.how = 'left') and starts_with(a.area_code, d.area_code) and d.day > (clock_timestamp() at time zone 'Asia/Shanghai')::date
       and not exists (select from public.access_appointment x where x.staff_id = a.staff_id and x.id <> a.id and starts_with(x.area_code, d.area_code) and x.role_id <> 'helper'
                          and (x.ends_at is null or x.ends_at > clock_timestamp()))
     group by 1;
end $$;

-- 'ok' | 'gone' | 'elsewhere'. Without an heir the days stay empty.
create function access.pass_duty(post uuid, village text, heir uuid, reason text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  a public.access_appointment;
begin
  select x.* into a from public.access_appointment x where x.id = post;
  if a.id is null or not access.may('appoint', a.area_code) or a.ended_by is distinct from access.claim('staff')::uuid or a.ends_at is null then
    raise exception 'no post that you ended' using errcode = 'insufficient_privilege';
  end if;
  if heir is null and char_length(btrim(coalesce(reason, ''))) < 2 or heir = a.staff_id then
    raise exception 'a new owner or a reason' using errcode = 'check_violation';
  end if;
  if not exists (select from access.duty_of_post(post) w where w.area = village) then
    return 'gone';
  end if;
  if heir is not null then
    if exists (select from public.contact_dutyday d where d.area_code = village and d.staff is null and d.was = a.staff_id and d.how = 'left'
                  and d.day > (clock_timestamp() at time zone 'Asia/Shanghai')::date and not access.serves(heir, village, d.day)) then
      return 'elsewhere';
    end if;
    update public.contact_dutyday d set staff = heir, how = 'hand', by_hand = true
     where d.area_code = village and d.staff is null and d.was = a.staff_id and d.how = 'left' and d.day > (clock_timestamp() at time zone 'Asia/Shanghai')::date
       and not exists (select from public.contact_dutyabsence x where x.area_code = village and x.staff = heir and x.cancelled_at is null and d.day between x.first and x.last);
  end if;
  perform access.note('staff.pass', '{}', '{}', jsonb_build_object('kind', 'duty', 'thing', village, 'from', a.staff_id, 'to', coalesce(heir::text, ''), 'why', left(coalesce(reason, ''), 120)));
  return 'ok';
end $$;

-- The log of the day: written by who is there or keeps the village's files, read by who keeps them and by its author -----------------------
create policy log_read on public.contact_dutyvisitor for select to minqing_app using ((select access.scope('people')) @> area_code or entered_by = (select access.proven('staff')::uuid));
create policy add on public.contact_dutyvisitor for insert to minqing_app with check (entered_by = (select access.proven('staff')::uuid) and voided_at is null
  and exists (select from public.contact_dutyday d where d.id = day_id and d.area_code = contact_dutyvisitor.area_code and (d.staff = (select access.proven('staff')::uuid) or (select access.scope('write')) @> d.area_code)));
create policy change on public.contact_dutyvisitor for update to minqing_app using (entered_by = (select access.proven('staff')::uuid)) with check (entered_by = (select access.proven('staff')::uuid));
grant insert, update (told, voided_at, words_cipher) on public.contact_dutyvisitor to minqing_app;
call access.keep('public.contact_dutyvisitor', 'id', 'area_code', 'day_id', 'came_at', 'entered_by', 'entered_at');
-- words may go (what was said became a matter about staff), never change
create trigger keep_words before update of words_cipher on public.contact_dutyvisitor for each row when (new.words_cipher is not null and old.words_cipher is distinct from new.words_cipher) execute function access.refuse_change();

create policy log_read on public.contact_dutymatter for select to minqing_app using ((select access.scope('people')) @> area_code
  or exists (select from public.contact_dutyvisitor v where v.id = visitor_id and v.entered_by = (select access.proven('staff')::uuid)));
-- a matter that the writer sees himself
create policy add on public.contact_dutymatter for insert to minqing_app with check (
  exists (select from public.contact_dutyvisitor v where v.id = visitor_id and v.area_code = contact_dutymatter.area_code and v.entered_by = (select access.proven('staff')::uuid))
  and exists (select from public.service_seat s where s.matter_id = contact_dutymatter.matter_id));
grant insert on public.contact_dutymatter to minqing_app;

-- Private addresses of calendars -------------------------------------------------------------------------------------------------------------
create policy own_read on public.contact_feed for select to minqing_app using (staff = (select access.proven('staff')::uuid) or area_code <> '' and (select access.scope('contact')) @> area_code);
create policy add on public.contact_feed for insert to minqing_app with check (made_by = (select access.proven('staff')::uuid) and ended_at is null
  and (kind = 'own' and staff = (select access.proven('staff')::uuid) or kind = 'village' and length(area_code) = 12 and (select access.scope('contact')) @> area_code));
create policy change on public.contact_feed for update to minqing_app using (staff = (select access.proven('staff')::uuid) or area_code <> '' and (select access.scope('contact')) @> area_code)
  with check (ended_at is not null and (staff = (select access.proven('staff')::uuid) or area_code <> '' and (select access.scope('contact')) @> area_code));
grant insert, update (ended_at) on public.contact_feed to minqing_app;
call access.keep('public.contact_feed', 'id', 'kind', 'area_code', 'staff', 'digest', 'made_by', 'made_at');

-- Whoever has the address reads that calendar and nothing else: a claim without a single right. Null for an address that is none, taken back
-- or never there alike; {"busy": true} for whoever tried too many of them this hour.
create function access.enter_feed(token text, origin text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  f public.contact_feed;
  claim jsonb;
begin
  perform access.check_words('feed', origin);
  select x.* into f from public.contact_feed x where x.digest = sha256(convert_to(token, 'UTF8')) and x.ended_at is null;
  if f.kind = 'own' then
    claim := access.staff_claim(f.staff, null, '', 'feed', origin) || jsonb_build_object('rights', '{}'::jsonb);
  elsif f.kind = 'village' then
    claim := jsonb_build_object('staff', null, 'number', '', 'name', '日历', 'session', null, 'purpose', 'feed', 'origin', origin, 'area', f.area_code, 'rights', '{}'::jsonb,
               'appointments', jsonb_build_array(jsonb_build_object('id', f.id, 'role', '', 'area', f.area_code, 'area_name', (select a.short_name from public.access_area a where a.code = f.area_code), 'until', null, 'stands_in_for', null)));
  end if;
  if claim is null then
    if (select count(*) from public.access_auditentry e where e.at > clock_timestamp() - interval '1 hour' and e.what = 'feed.refuse' and e.origin = left(enter_feed.origin, 80)) >= 60 then
      return '{"busy": true}';
    end if;
    insert into public.access_auditentry (id, staff, appointments, session, area_code, what, purpose, origin, detail)
    values (gen_random_uuid(), null, null, null, '', 'feed.refuse', 'feed', left(origin, 80), '{}');
    return null;
  end if;
  claim := claim || jsonb_build_object('feed', f.kind, 'until', extract(epoch from clock_timestamp() + interval '1 minute'));
  perform access.install(claim);
  return claim;
end $$;

-- Who is there, for everybody: name and office telephone of whoever serves the village, as on the door.
create function access.public_duty(village text, first date, last date) returns table (day date, name text, phone text, opens time, closes time, place text, off boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select d.day, coalesce(s.name, '')::text, coalesce(s.work_phone, '')::text, r.opens, r.closes, r.place::text, d.off
    from public.contact_dutyday d join public.contact_dutyrota r on r.area_code = d.area_code
    left join public.access_staff s on s.id = d.staff and access.serves(d.staff, d.area_code, d.day)
   where (select access.claim('purpose')) is not null and length(village) = 12 and d.area_code = village and d.day between first and least(last, first + 62) order by d.day
$$;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.proname in ('near', 'serves', 'duty_checked', 'duty_lapse', 'duty_away', 'cover_absence',
              'ask_duty_swap', 'answer_duty_swap', 'duty_left', 'duty_of_post', 'pass_duty', 'enter_feed', 'public_duty') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.near(), access.duty_away(text, date, date), access.cover_absence(uuid, jsonb), access.ask_duty_swap(uuid, uuid, uuid, uuid), access.answer_duty_swap(uuid, text),
  access.duty_of_post(uuid), access.pass_duty(uuid, text, uuid, text), access.enter_feed(text, text) to minqing_app;
grant execute on function access.public_duty(text, date, date) to minqing_resident, minqing_app;
