-- Orders and parcels are fetched every few minutes, in nobody's name. DESIGN §4; domain.md §3.6.
--
-- Invariants: the worker enters one reception (access.enter_exchange) with the two rights its work needs there, and sees no matter but the
-- one it is opening, which must not exist before; what it takes in has no person under it (null), and no member of staff can write a row
-- without himself under it; what a person alone may do (accept, dispatch, refuse a row, send an answer again) it cannot.

create function access.enter_exchange(desk text, matter uuid) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  county text := split_part(desk, '/', 1);
  claim jsonb;
begin
  if desk !~ '^[0-9]{6}/SL$' or not access.is_desk(desk) then
    raise exception 'no such reception' using errcode = 'invalid_authorization_specification';
  end if;
  if exists (select 1 from public.service_matter m where m.id = matter) then
    raise exception 'an exchange opens what is new' using errcode = 'invalid_authorization_specification';
  end if;
  claim := jsonb_build_object('staff', null, 'number', '', 'name', '自动收发', 'session', null, 'purpose', 'exchange', 'origin', 'exchange', 'appointments', '[]'::jsonb, 'area', county, 'department', '',
             'rights', jsonb_build_object('intake', access.codeset(access.codes(county, county || ':'))::text, 'dispatch', access.codeset(access.codes(desk, desk || ':'))::text),
             'desk', desk, 'exchange', true, 'matter', matter, 'until', extract(epoch from clock_timestamp() + interval '10 minutes'));
  perform access.install(claim);
  return claim;
end $$;

-- What it reads of the colleagues: whose name stands in an order, which office a desk is.
create policy exchanged on public.access_staff for select to minqing_jobs using ((select access.proven('exchange')) is not null);
create policy exchanged on public.access_appointment for select to minqing_jobs using ((select access.proven('exchange')) is not null);
create policy exchanged on public.access_organisation for select to minqing_jobs using ((select access.proven('exchange')) is not null);

-- A new matter: as `taken` for a person, with nobody under it.
create policy exchanged on public.service_matter for insert to minqing_jobs with check (
  (select access.proven('exchange')) is not null and id = (select access.proven('matter')::uuid) and state = 'submitted' and not restricted and first_owner is null and account is null
  and (select access.scope('intake')) @> place_code);
grant insert on public.service_matter to minqing_jobs;
create policy exchanged on public.service_party for insert to minqing_jobs with check (
  (select access.proven('exchange')) is not null and matter_id = (select access.proven('matter')::uuid) and account is null);
grant insert on public.service_party to minqing_jobs;

create or replace function access.take_matter(matter uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := access.claim('staff')::uuid;
  alone boolean := access.claim('exchange') is not null and access.claim('matter')::uuid = take_matter.matter;
begin
  if exists (select 1 from public.service_seat s where s.matter_id = take_matter.matter)
     or not exists (select 1 from public.service_matter m where m.id = take_matter.matter and (m.first_owner = me or (alone and m.first_owner is null))) then
    raise exception 'this matter is taken' using errcode = 'insufficient_privilege';
  end if;
  perform access.put_seat(take_matter.matter, '', 'first', me);
end $$;

create or replace function access.settle_matter(matter uuid, desk text, is_restricted boolean, shielded text[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  concerned uuid[];
  me uuid := access.claim('staff')::uuid;
  alone boolean := access.claim('exchange') is not null and access.claim('matter')::uuid = settle_matter.matter;
begin
  if exists (select 1 from public.service_seat s where s.matter_id = settle_matter.matter and s.role = 'home')
     or not exists (select 1 from public.service_seat s where s.matter_id = settle_matter.matter and s.role = 'first' and (s.staff = me or (alone and s.staff is null))) then
    raise exception 'this matter is settled' using errcode = 'insufficient_privilege';
  end if;
  if not access.is_desk(desk) or exists (select 1 from unnest(shielded) c where starts_with(desk, c) and is_restricted) then
    raise exception 'no such desk for this matter: %', desk using errcode = 'foreign_key_violation';
  end if;
  concerned := access.concerned_staff(settle_matter.matter);
  update public.service_matter m set home_desk = desk, restricted = is_restricted, shielded = settle_matter.shielded, barred = concerned where m.id = settle_matter.matter;
  perform access.put_seat(settle_matter.matter, desk, 'home', null);
  if is_restricted or alone then  -- nobody sits where nobody took it down
    update public.service_seat s set ends_at = clock_timestamp() where s.matter_id = settle_matter.matter and s.role = 'first';
  end if;
end $$;

-- Orders: their numbers, files, rows that could not be read, answers.
create policy exchanged on public.service_foreignorder for insert to minqing_jobs with check (
  (select access.proven('exchange')) is not null and matter_id = (select access.proven('matter')::uuid) and desk_code = (select access.proven('desk')));
create policy exchanged_on on public.service_foreignorder for update to minqing_jobs using ((select access.scope('dispatch')) @> desk_code) with check ((select access.scope('dispatch')) @> desk_code);
grant insert, update (pressed, due_at, replied_at, handed_by, refused_at, refused_why, handing_at) on public.service_foreignorder to minqing_jobs;
grant update (handing_at) on public.service_foreignorder to minqing_app;

create policy exchanged on public.service_orderfile for select to minqing_jobs using ((select access.scope('dispatch')) @> desk_code);
create policy exchanged_in on public.service_orderfile for insert to minqing_jobs with check (desk_code = (select access.proven('desk')) and made_by is null);
create policy exchanged_on on public.service_orderfile for update to minqing_jobs using ((select access.scope('dispatch')) @> desk_code and made_by is null) with check ((select access.scope('dispatch')) @> desk_code);
grant select, insert, update (result) on public.service_orderfile to minqing_jobs;
create policy exchanged on public.service_orderrow for select to minqing_jobs using ((select access.scope('dispatch')) @> desk_code);
create policy exchanged_in on public.service_orderrow for insert to minqing_jobs with check (desk_code = (select access.proven('desk')) and state = 'waiting');
grant select, insert on public.service_orderrow to minqing_jobs;

create or replace function access.press_matter(matter uuid, note bytea, public_words text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select 1 from public.service_foreignorder f where f.matter_id = press_matter.matter and access.scope('dispatch') @> f.desk_code) then
    return false;
  end if;
  insert into public.service_move (matter_id, at, name, from_state, to_state, staff, actor, desk, note_cipher, public_words, detail)
  select m.id, clock_timestamp(), 'pressed', m.state, m.state, access.claim('staff')::uuid, case when access.claim('staff') is null then 'clock' else 'staff' end, coalesce(nullif(m.lead_desk, ''), m.home_desk), note, '', '{}'
    from public.service_matter m where m.id = press_matter.matter and not m.restricted;
  return found;
end $$;

-- What the other side has added so far, for the desk that took the order in: its matter may have moved on.
create function access.pressed_words(matter uuid) returns setof bytea
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select v.note_cipher from public.service_move v join public.service_matter m on m.id = v.matter_id
   where v.matter_id = pressed_words.matter and v.name = 'pressed' and v.note_cipher is not null and not m.restricted
     and exists (select 1 from public.service_foreignorder f where f.matter_id = m.id and access.scope('dispatch') @> f.desk_code)
   order by v.id
$$;

-- Parcels of other counties: an errand of theirs is opened here, their word about ours is noted.
create policy exchanged on public.service_partner for select to minqing_jobs using ((select access.proven('exchange')) is not null);
create policy exchanged on public.service_partneritem for select to minqing_jobs using ((select access.proven('exchange')) is not null);
grant select on public.service_partner, public.service_partneritem to minqing_jobs;
create policy exchanged on public.service_errand for update to minqing_jobs using ((select access.proven('exchange')) is not null and matter_id = (select access.proven('matter')::uuid));
grant update (answers_cipher, version) on public.service_errand to minqing_jobs;
create policy exchanged on public.service_paper for insert to minqing_jobs with check (
  (select access.proven('exchange')) is not null and matter_id = (select access.proven('matter')::uuid) and received_by is null and returned_at is null);
grant insert on public.service_paper to minqing_jobs;
create policy exchanged on public.service_parcel for select to minqing_jobs using (direction = 'in' and (select access.scope('dispatch')) @> desk_code);
create policy exchanged_in on public.service_parcel for insert to minqing_jobs with check (
  (select access.proven('exchange')) is not null and matter_id = (select access.proven('matter')::uuid) and desk_code = (select access.proven('desk')) and direction = 'in' and state = 'received' and made_by is null);
grant select, insert on public.service_parcel to minqing_jobs;
create policy exchanged on public.service_parcelstep for select to minqing_jobs using (
  direction = 'out' and exists (select from public.service_parcel p where p.id = service_parcelstep.parcel_id and (select access.scope('dispatch')) @> p.desk_code));
create policy exchanged_in on public.service_parcelstep for insert to minqing_jobs with check (
  (select access.proven('exchange')) is not null and matter_id = (select access.proven('matter')::uuid) and direction = 'out' and state = 'received' and staff is null);
create policy exchanged_on on public.service_parcelstep for update to minqing_jobs using (
  direction = 'out' and exists (select from public.service_parcel p where p.id = service_parcelstep.parcel_id and (select access.scope('dispatch')) @> p.desk_code));
grant select, insert, update (handed_at) on public.service_parcelstep to minqing_jobs;
create policy exchanged on public.service_parcelrefusal for select to minqing_jobs using ((select access.scope('dispatch')) @> desk_code);
create policy exchanged_in on public.service_parcelrefusal for insert to minqing_jobs with check (desk_code = (select access.proven('desk')) and by is null);
grant select, insert on public.service_parcelrefusal to minqing_jobs;

-- Receipts and words of this reception that its partners have not been handed yet, oldest first, with what a letter says.
create function access.words_to_hand(desk text) returns table (step uuid, parcel uuid, partner uuid, state text, words bytea, at timestamptz, number text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select s.id, p.id, p.partner_id, s.state::text, s.words_cipher, s.at, m.number::text
    from public.service_parcelstep s join public.service_parcel p on p.id = s.parcel_id join public.service_matter m on m.id = p.matter_id
   where s.direction = 'out' and s.handed_at is null and p.desk_code = words_to_hand.desk and access.scope('dispatch') @> p.desk_code
   order by s.at limit 200
$$;

create or replace function access.parcel_news(parcel uuid, sender text, step uuid, new_state text, words bytea, number text, told text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  me uuid := access.claim('staff')::uuid;
  p public.service_parcel;
  m public.service_matter;
  moves boolean;
begin
  select x.* into p from public.service_parcel x where x.id = parcel for update;
  if p.id is null or p.direction <> 'out' or p.partner_code <> sender
     or not (access.sits(p.matter_id, '{home,lead}', 'matters') or access.scope('dispatch') @> (left(p.desk_code, 6) || '/SL')) then
    return 'absent';
  end if;
  if exists (select 1 from public.service_parcelstep s where s.id = step) then
    return 'known';
  end if;
  if new_state not in ('received', 'accepted', 'refused', 'done') then
    raise exception 'no such word: %', new_state using errcode = 'check_violation';
  end if;
  select x.* into m from public.service_matter x where x.id = p.matter_id;
  moves := p.state in ('packed', 'sent', 'received', 'accepted')
           and case new_state when 'received' then p.state in ('packed', 'sent') when 'accepted' then p.state in ('packed', 'sent', 'received') else true end;
  insert into public.service_parcelstep (id, parcel_id, matter_id, direction, state, words_cipher, staff, at) values (step, p.id, p.matter_id, 'in', new_state, words, me, clock_timestamp());
  update public.service_parcel x
     set state = case when moves then new_state else x.state end, their_number = coalesce(nullif(number, ''), x.their_number), received_at = coalesce(x.received_at, clock_timestamp()), trouble = '', trouble_said = '{}',
         sent_at = coalesce(x.sent_at, clock_timestamp()), settled_at = case when moves and new_state in ('refused', 'done') then clock_timestamp() else x.settled_at end
   where x.id = p.id;
  if moves and m.state in ('submitted', 'accepted', 'dispatched', 'processing', 'redo') then
    update public.service_errand e
       set submitted_at = case when new_state = 'refused' then null else coalesce(e.submitted_at, clock_timestamp()) end,
           submitted_to = case when new_state = 'refused' then '' else (select left(q.name, 60) from public.service_partner q where q.id = p.partner_id) end,
           department_number = case when new_state = 'refused' then '' else left(coalesce(nullif(number, ''), e.department_number), 40) end,
           fetched_at = case when new_state = 'done' then coalesce(e.fetched_at, clock_timestamp()) else e.fetched_at end, version = e.version + 1
     where e.matter_id = p.matter_id;
    insert into public.service_move (matter_id, at, name, from_state, to_state, staff, actor, desk, public_words, detail)
    values (m.id, clock_timestamp(), 'parcel.' || new_state, m.state, m.state, me, case when me is null then 'clock' else 'staff' end, p.desk_code, left(told, 300), jsonb_build_object('number', number));
  end if;
  perform access.note('parcel.news', coalesce((select array_agg(y.person_id) from public.service_party y where y.matter_id = p.matter_id and y.person_id is not null), '{}'), '{}',
    jsonb_build_object('parcel', p.id, 'kind', new_state, 'from', sender));
  return case when moves then 'ok' else 'noted' end;
end $$;

-- As in window.sql; and the exchange may start the one errand it has just opened, of no person whose file it would have to open.
create or replace function access.start_errand(matter uuid, item uuid, who uuid, offer uuid) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  made uuid := gen_random_uuid();
  alone boolean := access.claim('exchange') is not null and access.claim('matter')::uuid = start_errand.matter and who is null;
begin
  if not (alone or access.sits(start_errand.matter, '{home,lead}', 'matters') or access.sits(start_errand.matter, '{first}', ''))
     or not exists (select 1 from public.service_matter x where x.id = start_errand.matter and x.kind = 'errand' and x.state in ('submitted', 'accepted', 'dispatched', 'processing') and not x.restricted) then
    raise exception 'no seat from which to start an errand' using errcode = 'insufficient_privilege';
  end if;
  if not exists (select 1 from public.service_catalogueitem x where x.id = item and x.ended_at is null) then
    raise exception 'no such item' using errcode = 'foreign_key_violation';
  end if;
  if who is not null then
    if not exists (select 1 from public.service_party p where p.matter_id = start_errand.matter and p.person_id = who and p.role in ('requester', 'for')) then
      raise exception 'not a person of this matter' using errcode = 'insufficient_privilege';
    end if;
    if not exists (select 1 from public.archives_placement p where p.person_id = who and p.ends_on is null and access.scope('people') @> p.grid_code::text)
       and not access.window_holds(who)
       and not (access.may_identify(who) and exists (select 1 from public.access_auditentry e where e.staff = access.claim('staff')::uuid and e.what = 'subject.look'
                  and e.persons @> array[who] and e.at > clock_timestamp() - interval '30 minutes')) then
      raise exception 'nobody whose file or card is in your hands' using errcode = 'insufficient_privilege';
    end if;
  end if;
  if offer is not null and not exists (select 1 from public.service_offer o where o.id = offer and o.person_id = who and (access.scope('people') @> o.grid_code::text or (not o.sensitive and access.window_holds(who)))) then
    raise exception 'no such offer for this person' using errcode = 'insufficient_privilege';
  end if;
  insert into public.service_errand (id, matter_id, item_id, person_id, offer_id, agent_state, submitted_to, department_number, delivered_to, made_by, made_at, version)
  values (made, start_errand.matter, item, who, offer, 'none', '', '', '', access.claim('staff')::uuid, clock_timestamp(), 1);
  if offer is not null and not exists (select 1 from public.service_offer o where o.id = offer and access.scope('people') @> o.grid_code::text) then
    update public.service_offer o set state = 'opened', matter_id = start_errand.matter, told_at = coalesce(o.told_at, clock_timestamp()), told_how = coalesce(nullif(o.told_how, ''), 'window'),
           changed_by = access.claim('staff')::uuid, changed_at = clock_timestamp() where o.id = offer and o.state in ('found', 'told');
  end if;
  return made;
end $$;

-- How each way in and out is doing: written by the worker, read by the reception and by `minqing doctor`.
alter table public.service_exchangelink enable row level security;
alter table public.service_exchangelink force row level security;
create policy guard on public.service_exchangelink to minqing_guard using (true) with check (true);
create policy owner on public.service_exchangelink for select to minqing_owner using ((select access.proven('staff')) is null);
create policy read on public.service_exchangelink for select to minqing_app, minqing_jobs using ((select access.scope('dispatch')) @> desk_code);
create policy exchanged_in on public.service_exchangelink for insert to minqing_jobs with check ((select access.proven('exchange')) is not null and desk_code = (select access.proven('desk')));
create policy exchanged_on on public.service_exchangelink for update to minqing_jobs using ((select access.scope('dispatch')) @> desk_code) with check ((select access.scope('dispatch')) @> desk_code);
grant select on public.service_exchangelink to minqing_app;
grant select, insert, update on public.service_exchangelink to minqing_jobs;
call access.keep('public.service_exchangelink', 'id', 'desk_code', 'name');

grant update (trouble_said) on public.service_parcel to minqing_app;

alter function access.enter_exchange(text, uuid) owner to minqing_guard;
alter function access.pressed_words(uuid) owner to minqing_guard;
alter function access.words_to_hand(text) owner to minqing_guard;
revoke all on function access.enter_exchange(text, uuid), access.pressed_words(uuid), access.words_to_hand(text) from public;
grant execute on function access.pressed_words(uuid) to minqing_app;
grant execute on function access.enter_exchange(text, uuid), access.words_to_hand(text), access.pressed_words(uuid), access.take_matter(uuid), access.settle_matter(uuid, text, boolean, text[]), access.press_matter(uuid, bytea, text),
  access.foreign_results(text), access.order_words(uuid), access.follow_deadline(uuid, timestamptz, timestamptz), access.start_errand(uuid, uuid, uuid, uuid),
  access.parcel_news(uuid, text, uuid, text, bytea, text, text) to minqing_jobs;
