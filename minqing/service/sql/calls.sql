-- The telephone: the telephone system's own door, who a caller may be, what is handed over once he is known. DESIGN §4; ux.md §9.
--
-- Invariants: the telephone system may make and move on calls of its own line and nothing else, once for each event; a caller is looked up
-- by a call that rings or runs at one's desk, never by a digest that somebody brings, counted and audited; before he has been checked only
-- name and door are handed over, masked where several share the telephone; nothing for a call that hides its number.

-- Lines: the token's digest is for the door below alone -------------------------------------------------------------------------
alter table public.service_phoneline enable row level security;
alter table public.service_phoneline force row level security;
create policy guard on public.service_phoneline to minqing_guard using (true) with check (true);
create policy owner on public.service_phoneline to minqing_owner using ((select access.proven('staff')) is null) with check ((select access.proven('staff')) is null);
create policy read on public.service_phoneline for select to minqing_app using ((select access.scope('catalogue')) @> area_code or (select access.scope('matters')) @> desk_code);
create policy change on public.service_phoneline for update to minqing_app using ((select access.scope('catalogue')) @> area_code) with check ((select access.scope('catalogue')) @> area_code);
grant select (id, area_code, desk_code, name, number, fallback, ended_at, made_by, made_at) on public.service_phoneline to minqing_app;
grant update (fallback, ended_at) on public.service_phoneline to minqing_app;
grant select, insert, update on public.service_phoneline to minqing_guard;

-- Calls and what the telephone system said of them: the desk's ---------------------------------------------------------------------
alter table public.service_call enable row level security;
alter table public.service_call force row level security;
create policy guard on public.service_call to minqing_guard using (true) with check (true);
create policy desk_read on public.service_call for select to minqing_app, minqing_jobs using (
  (select access.scope('matters')) @> desk_code or matter_id = (select access.proven('matter')::uuid) or line_id = (select access.proven('line')::uuid));
create policy desk_change on public.service_call for update to minqing_app using ((select access.scope('callback')) @> desk_code) with check ((select access.scope('callback')) @> desk_code);
grant select on public.service_call to minqing_app, minqing_jobs;
grant update (matter_id, forwarded_to, done, done_by, done_at) on public.service_call to minqing_app;
grant select, insert, update on public.service_call to minqing_guard;

alter table public.service_callevent enable row level security;
alter table public.service_callevent force row level security;
create policy guard on public.service_callevent to minqing_guard using (true) with check (true);
create policy desk_read on public.service_callevent for select to minqing_app using (exists (select from public.service_call c where c.id = service_callevent.call_id and (select access.scope('matters')) @> c.desk_code));
grant select on public.service_callevent to minqing_app;
grant select, insert on public.service_callevent to minqing_guard;
grant usage on sequence public.service_callevent_id_seq to minqing_guard;

alter table public.service_extension enable row level security;
alter table public.service_extension force row level security;
create policy guard on public.service_extension to minqing_guard using (true) with check (true);
create policy desk_read on public.service_extension for select to minqing_app using ((select access.scope('matters')) @> desk_code);
create policy sit on public.service_extension for insert to minqing_app with check ((select access.scope('callback')) @> desk_code and staff = (select access.proven('staff')::uuid));
create policy leave on public.service_extension for update to minqing_app using ((select access.scope('callback')) @> desk_code) with check ((select access.scope('callback')) @> desk_code);
grant select, insert, update (ended_at) on public.service_extension to minqing_app;
grant select on public.service_extension to minqing_guard;

-- Duty: arranged by the desk, seen by whoever is on it --------------------------------------------------------------------------------
alter table public.service_dutyshift enable row level security;
alter table public.service_dutyshift force row level security;
create policy guard on public.service_dutyshift to minqing_guard using (true) with check (true);
create policy seen on public.service_dutyshift for select to minqing_app using (
  (select access.scope('matters')) @> desk_code or (select access.scope('catalogue')) @> area_code or staff = (select access.proven('staff')::uuid)
  or swap_to = (select access.proven('staff')::uuid));
create policy add on public.service_dutyshift for insert to minqing_app with check (
  ((select access.scope('dispatch')) @> desk_code or (select access.scope('catalogue')) @> area_code) and made_by = (select access.proven('staff')::uuid));
create policy change on public.service_dutyshift for update to minqing_app using ((select access.scope('dispatch')) @> desk_code or (select access.scope('catalogue')) @> area_code)
  with check ((select access.scope('dispatch')) @> desk_code or (select access.scope('catalogue')) @> area_code);
grant select, insert, update (cancelled_at, why) on public.service_dutyshift to minqing_app;
grant select, insert, update on public.service_dutyshift to minqing_guard;

-- Knowledge: read by everybody who works here, written by who keeps the catalogue or answers the telephone there.
alter table public.service_knowledge enable row level security;
alter table public.service_knowledge force row level security;
create policy guard on public.service_knowledge to minqing_guard using (true) with check (true);
create policy owner on public.service_knowledge to minqing_owner using ((select access.proven('staff')) is null) with check ((select access.proven('staff')) is null);
create policy read on public.service_knowledge for select to minqing_app using ((select access.proven('staff')) is not null);
create policy add on public.service_knowledge for insert to minqing_app with check (
  ((select access.scope('catalogue')) @> area_code or (select access.scope('callback')) @> (area_code || '/RX')) and made_by = (select access.proven('staff')::uuid));
create policy change on public.service_knowledge for update to minqing_app using ((select access.scope('catalogue')) @> area_code or (select access.scope('callback')) @> (area_code || '/RX'))
  with check ((select access.scope('catalogue')) @> area_code or (select access.scope('callback')) @> (area_code || '/RX'));
grant select, insert, update (ended_at) on public.service_knowledge to minqing_app;
grant insert, select on public.service_knowledge, public.service_phoneline to minqing_owner;

call access.keep('public.service_call', 'id', 'line_id', 'call_id', 'area_code', 'desk_code', 'direction');
call access.keep('public.service_phoneline', 'id', 'area_code', 'desk_code', 'number');
call access.keep('public.service_extension', 'id', 'desk_code', 'number', 'staff');
call access.keep('public.service_dutyshift', 'id', 'desk_code', 'made_by');

-- what the call-back list starts from: the desk's own answered ones, and those merged into another
create index seat_callback on public.service_seat (desk_code, submitted_at) where ends_at is null and role = 'home' and state in ('replied', 'merged');

-- A line is opened, or its token replaced: the program makes the token, shows it once and hands over its digest.
create function access.open_line(line uuid, desk text, name text, number text, digest bytea, fallback text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
begin
  if not (access.scope('catalogue') @> split_part(desk, '/', 1)) or not access.is_desk(desk) or octet_length(digest) <> 32 then
    raise exception 'no right to connect a telephone there' using errcode = 'insufficient_privilege';
  end if;
  insert into public.service_phoneline (id, area_code, desk_code, name, number, token_digest, fallback, made_by, made_at)
  values (line, split_part(desk, '/', 1), desk, left(name, 40), left(number, 20), digest, left(fallback, 20), access.claim('staff')::uuid, clock_timestamp());
  perform access.note('line.open', '{}', '{}', jsonb_build_object('line', line));
end $$;

-- The telephone system's door: its token in, the scope of one line out. It acts in nobody's name and holds no right.
create function access.enter_cti(token text, origin text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  line public.service_phoneline;
  claim jsonb;
begin
  perform access.check_words('cti', origin);
  select l.* into line from public.service_phoneline l where l.token_digest = sha256(convert_to(token, 'UTF8')) and l.ended_at is null;
  if line.id is null then
    raise exception 'no such line' using errcode = 'invalid_authorization_specification';
  end if;
  claim := jsonb_build_object('staff', null, 'number', '', 'name', '话机系统', 'session', null, 'purpose', 'cti', 'origin', enter_cti.origin, 'appointments', '[]'::jsonb, 'area', line.area_code,
             'department', '', 'rights', '{}'::jsonb, 'line', line.id, 'desk', line.desk_code, 'fallback', line.fallback, 'until', extract(epoch from clock_timestamp() + interval '2 minutes'));
  perform access.install(claim);
  return claim;
end $$;

-- The worker stands at one line to file what was left on its voicemail.
create function access.enter_line(line uuid) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  claim jsonb;
begin
  select jsonb_build_object('staff', null, 'number', '', 'name', '话机系统', 'session', null, 'purpose', 'cti', 'origin', 'calls', 'appointments', '[]'::jsonb, 'area', l.area_code, 'department', '',
           'rights', '{}'::jsonb, 'line', l.id, 'desk', l.desk_code, 'until', extract(epoch from clock_timestamp() + interval '10 minutes'))
    into claim from public.service_phoneline l where l.id = line;
  if claim is null then
    raise exception 'no such line' using errcode = 'invalid_authorization_specification';
  end if;
  perform access.install(claim);
  return claim;
end $$;

-- One event of one call. Repeated: nothing happens. Out of order: every time keeps its own column, so the order of arrival does not matter.
-- Returns 'new', 'again', 'often' (more than 1,200 events a minute on this line).
create function access.call_event(call uuid, call_id text, event text, said jsonb, number bytea, digest bytea, key_no smallint, words bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  line uuid := access.claim('line')::uuid;
  desk text := access.claim('desk');
  now timestamptz := clock_timestamp();
  who uuid;
  n integer;
begin
  if line is null or event not in ('newCall', 'answer', 'hangup', 'forward', 'voicemail', 'recording', 'rate') then
    raise exception 'not an event of this line' using errcode = 'insufficient_privilege';
  end if;
  select count(*) into n from public.service_callevent e where e.line_id = line and e.at > now - interval '1 minute';
  if n >= 1200 then
    return 'often';
  end if;
  insert into public.service_call (id, line_id, area_code, desk_code, call_id, direction, key_no, masked, queue, started_at, cause, extension, forwarded_to, checked_how, tries, shown_to, recording, media, done)
  values (call, line, access.claim('area'), desk, call_id, said ->> 'direction', 0, '', '', now, '', '', '', '', 0, '{}', '', '', '')
  on conflict (id) do nothing;
  insert into public.service_callevent (call_id, line_id, event, at, detail) values (call, line, event, now, coalesce(said -> 'kept', '{}')) on conflict on constraint callevent_once do nothing;
  get diagnostics n = row_count;
  if n = 0 then
    return 'again';
  end if;
  if event in ('answer', 'hangup', 'newCall') then
    select x.staff into who from public.service_extension x
     where x.desk_code = desk and x.ended_at is null and x.number in (select jsonb_array_elements_text(said -> 'extensions')) order by x.since desc limit 1;
  end if;
  update public.service_call c
     set number_cipher = coalesce(c.number_cipher, number), number_digest = coalesce(c.number_digest, digest), key_no = case when c.number_digest is null and digest is not null then key_no else c.key_no end,
         masked = case when c.masked = '' then left(coalesce(said ->> 'masked', ''), 20) else c.masked end, queue = case when c.queue = '' then left(coalesce(said ->> 'queue', ''), 40) else c.queue end,
         answered_at = case when event = 'answer' then coalesce(c.answered_at, now) else c.answered_at end,
         operator = case when event = 'answer' or c.direction = 'out' then coalesce(who, c.operator) else c.operator end,
         extension = case when event = 'answer' and c.extension = '' then left(coalesce(said -> 'extensions' ->> 0, ''), 20) else c.extension end,
         ended_at = case when event in ('hangup', 'voicemail') then coalesce(c.ended_at, now) else c.ended_at end, cause = case when event = 'hangup' then left(coalesce(said ->> 'cause', ''), 24) else c.cause end,
         forwarded_to = case when event = 'forward' then left(coalesce(said ->> 'forwarded', ''), 60) else c.forwarded_to end,
         voicemail_cipher = coalesce(c.voicemail_cipher, words), file_at = case when event = 'voicemail' then (said ->> 'file_at')::timestamptz else c.file_at end,
         recording = case when c.recording = '' then left(coalesce(said ->> 'recording', ''), 120) else c.recording end, media = case when c.media = '' then left(coalesce(said ->> 'media', ''), 60) else c.media end,
         score = case when event = 'rate' then (said ->> 'score')::smallint else c.score end,
         -- whoever heard the machine's question about a matter rates that matter: by its number, if it was his telephone's
         matter_id = coalesce(c.matter_id, (select m.id from public.service_matter m join public.service_party p on p.matter_id = m.id and p.role = 'requester'
                                             where event = 'rate' and m.number = said ->> 'matter' and p.phone_digest = coalesce(c.number_digest, digest)
                                               and starts_with(m.place_code, access.claim('area')) limit 1))
   where c.id = call and c.line_id = line;
  return 'new';
end $$;

-- Who answers now, for the telephone system: today's people of this line's desk, in order; the numbers open with the program's key alone.
create function access.duty_now(line uuid) returns table (id uuid, staff uuid, name text, role text, phone bytea, starts_at timestamptz, ends_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select d.id, d.staff, s.name::text, d.role::text, d.phone_cipher, d.starts_at, d.ends_at
    from public.service_dutyshift d join public.access_staff s on s.id = d.staff and (s.left_at is null or s.left_at > clock_timestamp())
   where line = access.claim('line')::uuid and d.desk_code = access.claim('desk') and d.cancelled_at is null and d.starts_at <= clock_timestamp() and d.ends_at > clock_timestamp()
   order by d.role, d.starts_at limit 6
$$;
create function access.seated_now(line uuid) returns table (extension text, name text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select x.number::text, s.name::text from public.service_extension x join public.access_staff s on s.id = x.staff
   where line = access.claim('line')::uuid and x.desk_code = access.claim('desk') and x.ended_at is null and x.since > clock_timestamp() - interval '14 hours' order by x.number limit 60
$$;

-- Whom the archives know under a call's telephone, within the line's area: name and door; masked where several share it. (Run by the functions below only.)
create function access.callers_of(digest bytea, area text) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with owners as (
    select distinct k.person_id from public.archives_searchkey k
     where digest is not null and k.key = 'p:' || encode(digest, 'hex') and k.kind = 'p' and k.grid_code >= area and k.grid_code < area || ':' and k.person_id is not null limit 6
  ), people as (
    select r.id, r.name::text as name, h.door, h.village, count(*) over () as n
      from owners o join public.archives_resident r on r.id = o.person_id and r.alive and r.voided_at is null
      left join lateral (
        select case when x.door <> '' then concat_ws('', x.natural_village, x.door) else x.address end as door, left(x.grid_code, 12) as village
          from public.archives_membership m join public.archives_household x on x.id = m.household_id and x.voided_at is null
         where m.person_id = r.id and m.ends_on is null and m.voided_at is null order by m.by = 'living' desc limit 1) h on true
  )
  select coalesce(jsonb_agg(jsonb_build_object('person', p.id, 'name', case when p.n > 1 then left(p.name, 1) || repeat('*', greatest(char_length(p.name) - 1, 1)) else p.name end,
                                               'door', coalesce(p.door, ''), 'village', coalesce(p.village, ''), 'place', coalesce(a.short_name, ''), 'masked', p.n > 1) order by p.name), '[]')
    from people p left join public.access_area a on a.code = p.village
$$;

-- What rings at the caller's desks and what he is talking on. One statement; whom it showed stands in the audit, once for each call and
-- colleague; more than 200 callers an hour are shown by number alone.
create function access.ring() returns table (id uuid, state text, direction text, started_at timestamptz, answered_at timestamptz, masked text, mine boolean, operator uuid, who jsonb, checked_how text, person uuid, matter uuid, desk text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  wide access.codeset := access.scope('callback');
  me uuid := access.proven('staff')::uuid;
  c record;
  found jsonb;
  shown integer;
begin
  if me is null or isempty(wide) then
    return;
  end if;
  for c in select x.* from public.service_call x
            where x.ended_at is null and wide @> x.desk_code and x.started_at > clock_timestamp() - interval '3 hours'
              and (x.operator = me or (x.answered_at is null and x.operator is null and x.started_at > clock_timestamp() - interval '3 minutes'))
            order by x.operator is not distinct from me desc, x.started_at limit 5 loop
    found := case when c.number_digest is null then '[]'::jsonb else access.callers_of(c.number_digest, c.area_code) end;
    if jsonb_array_length(found) > 0 and not me = any (c.shown_to) then
      select count(*) into shown from public.access_auditentry e where e.staff = me and e.at > clock_timestamp() - interval '1 hour' and e.what = 'call.shown';
      if shown >= 200 then
        found := '[]';
      else
        update public.service_call y set shown_to = y.shown_to || me where y.id = c.id;
        perform access.note('call.shown', array(select (f ->> 'person')::uuid from jsonb_array_elements(found) f), null, jsonb_build_object('call', c.id));
      end if;
    end if;
    return query select c.id::uuid, case when c.answered_at is null then 'ringing' else 'talking' end, c.direction::text, c.started_at::timestamptz, c.answered_at::timestamptz, c.masked::text, c.operator is not distinct from me,
                        c.operator::uuid, found, c.checked_how::text, c.person_id::uuid, c.matter_id::uuid, c.desk_code::text;
  end loop;
end $$;

-- A call at one's desk that is still his to work on: it rings, runs, or ended within half an hour. (Run by the functions below only.)
create function access.call_of_mine(call uuid) returns public.service_call
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select x.* from public.service_call x
   where x.id = call and access.scope('callback') @> x.desk_code and (x.operator is null or x.operator = access.claim('staff')::uuid)
     and (x.ended_at is null or x.ended_at > clock_timestamp() - interval '30 minutes')
$$;

create function access.callers(call uuid) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  c public.service_call := access.call_of_mine(call);
  me uuid := access.claim('staff')::uuid;
  found jsonb;
begin
  if c.id is null or c.number_digest is null then
    return '[]';
  end if;
  found := access.callers_of(c.number_digest, c.area_code);
  if jsonb_array_length(found) > 0 and not me = any (c.shown_to) then
    if (select count(*) from public.access_auditentry e where e.staff = me and e.at > clock_timestamp() - interval '1 hour' and e.what = 'call.shown') >= 200 then
      return '[]';
    end if;
    update public.service_call y set shown_to = y.shown_to || me where y.id = c.id;
    perform access.note('call.shown', array(select (f ->> 'person')::uuid from jsonb_array_elements(found) f), null, jsonb_build_object('call', c.id));
  end if;
  return found;
end $$;

-- "I take it": by whoever sits at the desk, while nobody has.
create function access.take_call(call uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  n integer;
begin
  update public.service_call c set operator = access.claim('staff')::uuid, answered_at = coalesce(c.answered_at, clock_timestamp())
   where c.id = call and access.scope('callback') @> c.desk_code and (c.operator is null or c.operator = access.claim('staff')::uuid) and c.ended_at is null;
  get diagnostics n = row_count;
  return n = 1;
end $$;

-- The caller has said who he is: by the door the operator sees, or by the year of birth, which is compared here and shown to nobody.
-- Three wrong years and this call opens nobody's file. 'ok', 'wrong', 'often', 'gone'.
create function access.check_caller(call uuid, person uuid, how text, year integer) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  c public.service_call := access.call_of_mine(call);
begin
  if c.id is null or how not in ('door', 'year', 'family', 'none') then
    return 'gone';
  end if;
  if how in ('family', 'none') then
    update public.service_call y set person_id = null, checked_how = how, checked_at = clock_timestamp(), operator = coalesce(y.operator, access.claim('staff')::uuid) where y.id = c.id;
    return 'ok';
  end if;
  if c.tries >= 3 then
    return 'often';
  end if;
  if not access.callers_of(c.number_digest, c.area_code) @> jsonb_build_array(jsonb_build_object('person', person)) then
    return 'gone';
  end if;
  if how = 'year' and not exists (select 1 from public.archives_resident r where r.id = person and extract(year from r.birth_date) = year) then
    update public.service_call y set tries = y.tries + 1 where y.id = c.id;
    perform access.note('call.wrong', array[person], null, jsonb_build_object('call', c.id));
    return 'wrong';
  end if;
  update public.service_call y set person_id = person, checked_how = how, checked_at = clock_timestamp(), operator = coalesce(y.operator, access.claim('staff')::uuid) where y.id = c.id;
  perform access.note('call.checked', array[person], null, jsonb_build_object('call', c.id, 'how', how));
  return 'ok';
end $$;

-- What a matter needs of a checked caller: who he is, where he lives, what to heed at the door. Nothing of level 4.
create function access.caller_file(call uuid) returns table (person uuid, name text, born date, address text, door text, village text, place text, caution text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select r.id, r.name::text, r.birth_date, coalesce(h.address, r.living_address)::text, coalesce(h.door, '')::text, coalesce(h.village, '')::text, coalesce(a.short_name, '')::text, coalesce(h.caution, '')::text
    from access.call_of_mine(call) c
    join public.archives_resident r on r.id = c.person_id and c.checked_how in ('door', 'year')
    left join lateral (
      select x.address, concat_ws('', x.natural_village, x.door) as door, left(x.grid_code, 12) as village, x.caution
        from public.archives_membership m join public.archives_household x on x.id = m.household_id and x.voided_at is null
       where m.person_id = r.id and m.ends_on is null and m.voided_at is null order by m.by = 'living' desc limit 1) h on true
    left join public.access_area a on a.code = h.village
$$;

-- His matters and errands: of the checked person, and what came from this telephone. Nothing about staff, nothing in confidence.
create function access.caller_matters(call uuid) returns table (id uuid, number text, title text, kind text, state text, submitted_at timestamptz, due_at timestamptz, desk text, item text, seen boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select m.id, m.number::text, m.title::text, m.kind::text, m.state::text, m.submitted_at, m.due_at, coalesce(nullif(m.lead_desk, ''), m.home_desk)::text, coalesce(i.name, '')::text,
         access.sits(m.id, '{home,lead,joint,watch,first,agent}', '')
    from access.call_of_mine(call) c
    join lateral (
      select p.matter_id from public.service_party p where p.role in ('requester', 'for') and c.checked_how in ('door', 'year') and p.person_id = c.person_id
      union select p.matter_id from public.service_party p where p.role = 'requester' and c.checked_how in ('door', 'year', 'family') and c.number_digest is not null and p.phone_digest = c.number_digest) own on true
    join public.service_matter m on m.id = own.matter_id and not m.restricted and not m.confidential and access.scope('intake') @> m.place_code and not m.barred @> array[access.claim('staff')::uuid]
    left join public.service_errand e on e.matter_id = m.id
    left join public.service_catalogueitem i on i.id = e.item_id
   order by m.submitted_at desc limit 20
$$;

-- Does this call concern that matter? By telephone, by the checked person, by the receipt's word, or because the colleague sits there. (Run by the functions below only.)
create function access.call_concerns(call uuid, matter uuid, digests bytea[]) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select 1 from access.call_of_mine(call) c join public.service_matter m on m.id = matter
     where not m.restricted and access.scope('intake') @> m.place_code and not m.barred @> array[access.claim('staff')::uuid]
       and (m.word_digest = any (coalesce(digests, '{}')) or access.sits(m.id, '{home,watch,first}', '')
            or exists (select 1 from public.service_party p where p.matter_id = m.id and p.role in ('requester', 'for')
                          and ((c.number_digest is not null and p.phone_digest = c.number_digest and not m.confidential) or (c.checked_how in ('door', 'year') and p.person_id = c.person_id)))))
$$;

-- How far a matter is, to be read out to whoever asks for it by number. Sixty numbers an hour.
create function access.call_progress(call uuid, number text, digests bytea[]) returns table (id uuid, title text, state text, submitted_at timestamptz, due_at timestamptz, lead_desk text, home_desk text, words text[], seen boolean)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  m public.service_matter;
begin
  if (select count(*) from public.access_auditentry e where e.staff = access.claim('staff')::uuid and e.at > clock_timestamp() - interval '1 hour' and e.what = 'call.progress') >= 60 then
    raise exception 'too many numbers' using errcode = 'insufficient_privilege';
  end if;
  select x.* into m from public.service_matter x where x.number = call_progress.number;
  perform access.note('call.progress', '{}', '{}', jsonb_build_object('call', call, 'found', m.id is not null));
  if m.id is null or not access.call_concerns(call, m.id, digests) then
    return;
  end if;
  update public.service_call y set matter_id = coalesce(y.matter_id, m.id) where y.id = call;
  return query select m.id::uuid, m.title::text, m.state::text, m.submitted_at::timestamptz, m.due_at::timestamptz, m.lead_desk::text, m.home_desk::text,
    array(select v.public_words::text from public.service_move v where v.matter_id = m.id and v.public_words <> '' order by v.id), access.sits(m.id, '{home,lead,joint,watch,first,agent}', '');
end $$;

-- 催办: a line in the log that goes to the desk whose turn it is. Once a day and matter from one call.
create function access.urge_matter(call uuid, matter uuid, digests bytea[], note bytea, public_words text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  m public.service_matter;
  at_desk text;
begin
  if not access.call_concerns(call, matter, digests) then
    return 'gone';
  end if;
  select x.* into m from public.service_matter x where x.id = matter;
  if m.state not in ('submitted', 'accepted', 'dispatched', 'processing', 'return_pending', 'extend_pending', 'suspend_pending', 'suspended', 'redo', 'merged') then
    return 'late';
  end if;
  if exists (select 1 from public.service_move v where v.matter_id = matter and v.name = 'urge' and v.at > clock_timestamp() - interval '20 hours') then
    return 'again';
  end if;
  at_desk := coalesce(nullif(m.lead_desk, ''), m.home_desk);
  insert into public.service_move (matter_id, at, name, from_state, to_state, staff, actor, desk, public_words, detail, note_cipher)
  values (matter, clock_timestamp(), 'urge', m.state, m.state, access.claim('staff')::uuid, 'staff', at_desk, left(public_words, 300), jsonb_build_object('call', call, 'late', m.due_at < clock_timestamp()), note);
  update public.service_call y set matter_id = coalesce(y.matter_id, matter) where y.id = call;
  perform access.note('matter.urge', '{}', '{}', jsonb_build_object('matter', matter, 'call', call));
  return 'ok';
end $$;

-- What is asked again is merged into what is there: the desk that took the second one follows the first, to call its own person back.
create function access.follow_similar(child uuid, parent uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  c public.service_matter;
  p public.service_matter;
begin
  select x.* into c from public.service_matter x where x.id = child;
  select x.* into p from public.service_matter x where x.id = parent;
  if c.id is null or p.id is null or not access.sits(child, '{home}', 'dispatch') or not access.scope('intake') @> p.place_code or left(c.place_code, 12) <> left(p.place_code, 12) or length(p.place_code) < 12
     or p.restricted or p.confidential or p.kind not in ('help', 'help_up', 'works', 'suggestion') or p.barred @> array[access.claim('staff')::uuid] or p.state in ('merged', 'withdrawn', 'rejected', 'transferred') then
    return false;
  end if;
  if not access.sits(parent, '{home,lead,joint,watch}', '') then
    perform access.put_seat(parent, c.home_desk, 'watch', null);
    perform access.note('crossing.matter', '{}', '{}', jsonb_build_object('matter', parent, 'to', c.home_desk, 'role', 'watch', 'for', child));
  end if;
  return true;
end $$;

-- A shift changes hands: asked by who has it (or by the desk), done by who says yes.
create function access.ask_swap(shift uuid, who uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  n integer;
begin
  update public.service_dutyshift d set swap_to = who, swap_asked_at = case when who is null then null else clock_timestamp() end
   where d.id = shift and d.cancelled_at is null and d.ends_at > clock_timestamp() and who is distinct from d.staff
     and (d.staff = access.claim('staff')::uuid or access.scope('dispatch') @> d.desk_code or (who is null and d.swap_to = access.claim('staff')::uuid))
     and (who is null or exists (select 1 from public.access_staff s where s.id = who and s.left_at is null and left(s.area_code, 6) = left(d.area_code, 6)));
  get diagnostics n = row_count;
  return n = 1;
end $$;
create function access.accept_swap(shift uuid, fresh uuid, phone bytea, masked text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  d public.service_dutyshift;
  me uuid := access.claim('staff')::uuid;
begin
  select x.* into d from public.service_dutyshift x where x.id = shift and x.cancelled_at is null and x.ends_at > clock_timestamp() and x.swap_to = me for update;
  if d.id is null then
    return false;
  end if;
  update public.service_dutyshift x set cancelled_at = clock_timestamp(), why = '换班' where x.id = shift;
  insert into public.service_dutyshift (id, area_code, desk_code, staff, role, starts_at, ends_at, phone_cipher, masked, came_from, why, made_by, made_at)
  values (fresh, d.area_code, d.desk_code, me, d.role, greatest(d.starts_at, clock_timestamp()), d.ends_at, phone, left(masked, 20), d.id, '', me, clock_timestamp());
  perform access.note('shift.swap', '{}', '{}', jsonb_build_object('shift', shift, 'from', d.staff));
  return true;
end $$;

-- Time and voicemail -------------------------------------------------------------------------------------------------------------
create function access.calls_due(most integer) returns table (call uuid, line uuid, matter uuid, what text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  (select c.id, c.line_id, null::uuid, 'file' from public.service_call c where c.file_at <= clock_timestamp() limit most)
  union all (select c.id, c.line_id, c.matter_id, 'rate' from public.service_call c where c.score is not null and c.scored_at is null and c.matter_id is not null limit most)
$$;

-- The village of whoever has this telephone, where that is one and the same; else the line's own area.
create function access.place_of_call(call uuid) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce((select case when count(distinct f ->> 'village') = 1 then nullif(max(f ->> 'village'), '') end from jsonb_array_elements(access.callers_of(c.number_digest, c.area_code)) f), c.area_code)
    from public.service_call c where c.id = call and c.line_id = access.claim('line')::uuid
$$;

create function access.file_voicemail(call uuid, said jsonb, words bytea, word_digest bytea, contact bytea) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  c public.service_call;
  made uuid := (said ->> 'id')::uuid;
  secret boolean := (said ->> 'restricted')::boolean;
  shielded text[] := array(select jsonb_array_elements_text(said -> 'shielded'));
  place text := said ->> 'place';
  desk text := said ->> 'desk';
begin
  select x.* into c from public.service_call x where x.id = call and x.line_id = access.claim('line')::uuid and x.file_at is not null and x.matter_id is null for update;
  if c.id is null then
    return false;
  end if;
  if not starts_with(place, c.area_code) or not access.is_desk(desk) or left(desk, 6) <> left(c.area_code, 6) or (not secret and desk <> c.desk_code) then
    raise exception 'no such place or desk' using errcode = 'foreign_key_violation';
  end if;
  insert into public.service_matter (id, number, word_digest, kind, category, channel, urgency, restricted, confidential, anonymous, on_behalf, title, words_cipher, place_code, spot, state, home_desk, lead_desk,
      account, relation, submitted_at, clock_from, accept_due_at, remind_at, pauses, reminded, escalated, extended, no_return, returned_by, redo_count, outcome, reject_code, told_channel, solved, satisfied, shielded, barred, version)
  values (made, said ->> 'number', word_digest, said ->> 'kind', '', 'voicemail', said ->> 'urgency', secret, false, c.number_cipher is null, false, left(said ->> 'title', 80), words, place,
      '', 'submitted', desk, '', null, '', clock_timestamp(), (said ->> 'clock')::timestamptz, (said ->> 'accept')::timestamptz, (said ->> 'remind')::timestamptz,
      '[]', 0, 0, false, false, '{}', 0, '', '', '', '', '', shielded, '{}', 1);
  if contact is not null then
    insert into public.service_party (id, matter_id, role, contact_cipher, phone_digest, key_no, masked, hidden, call_home)
    values ((said ->> 'party')::uuid, made, 'requester', contact, c.number_digest, c.key_no, left(c.masked, 60), secret, true);
  end if;
  perform access.put_seat(made, desk, 'home', null);
  insert into public.service_move (matter_id, at, name, from_state, to_state, actor, desk, public_words, detail)
  values (made, clock_timestamp(), 'submit', '', 'submitted', 'requester', desk, left(said ->> 'public', 300), jsonb_build_object('channel', 'voicemail', 'urgent', said -> 'urgent_words', 'call', call));
  -- a complaint about staff is not for the desk whose log the call stands in: its words stay with the matter alone
  update public.service_call x set matter_id = case when secret then null else made end, file_at = null, done = 'taken', done_at = clock_timestamp(),
         voicemail_cipher = case when secret then null else x.voicemail_cipher end where x.id = call;
  insert into public.access_auditentry (id, area_code, what, purpose, origin, detail)
  values (gen_random_uuid(), place, 'matter.submit', 'cti', left(access.claim('origin'), 80), jsonb_build_object('matter', made));
  return true;
end $$;

create function access.attach_recording(attachment uuid, matter uuid, name bytea, media text, size integer, sm3 bytea) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
begin
  if not exists (select 1 from public.service_matter m where m.id = matter and m.channel = 'voicemail' and m.submitted_at >= transaction_timestamp()) or access.claim('line') is null then
    raise exception 'not a matter of this minute' using errcode = 'insufficient_privilege';
  end if;
  insert into public.service_attachment (id, matter_id, kind, name_cipher, media, size, sm3, made_at) values (attachment, matter, 'voice', name, left(media, 60), size, sm3, clock_timestamp());
end $$;

create function access.scored(call uuid) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$ update public.service_call c set scored_at = clock_timestamp() where c.id = call and c.matter_id = access.claim('matter')::uuid $$;
