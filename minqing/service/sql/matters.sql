-- Who sees a matter, and the doors through which it moves. DESIGN §4, §7; domain.md §3.2, §3.5.
--
-- Invariants: a matter is seen from its open seats alone: a desk (a code, rules/desks.py) or one person; whoever is barred
-- (it is about himself, his household, his kin, or names him) sees it from no seat; a restricted matter (about staff) is seen by
-- discipline officers alone, and from no seat inside a shielded area; seats are made by the functions below and by nothing else.

-- Seats ----------------------------------------------------------------------------------------------------------------
alter table public.service_seat enable row level security;
alter table public.service_seat force row level security;
create policy guard on public.service_seat to minqing_guard using (true) with check (true);
create policy seated on public.service_seat for select to minqing_app using (
  ends_at is null and not barred @> array[(select access.proven('staff')::uuid)]
  and (staff = (select access.proven('staff')::uuid)
       or (not restricted and role <> 'decide' and (select access.scope('matters')) @> desk_code)
       or (not restricted and role = 'decide' and (select access.scope('decide')) @> desk_code)
       or (restricted and (select access.scope('discipline')) @> desk_code)));
-- the clock looks at one matter at a time (access.enter_matter)
create policy clocked on public.service_seat for select to minqing_jobs using (matter_id = (select access.proven('matter')::uuid));
grant select on public.service_seat to minqing_app, minqing_jobs;

-- Matters and what hangs on them -----------------------------------------------------------------------------------------
alter table public.service_matter enable row level security;
alter table public.service_matter force row level security;
create policy guard on public.service_matter to minqing_guard using (true) with check (true);
create policy seated on public.service_matter for select to minqing_app, minqing_jobs using (exists (select from public.service_seat s where s.matter_id = service_matter.id));
create policy taken on public.service_matter for insert to minqing_app with check (
  state = 'submitted' and not restricted and first_owner = (select access.proven('staff')::uuid) and account is null
  and ((select access.scope('intake')) @> place_code or (select access.scope('matters')) @> home_desk));
create policy moved on public.service_matter for update to minqing_app, minqing_jobs using (exists (select from public.service_seat s where s.matter_id = service_matter.id));
create policy own_read on public.service_matter for select to minqing_resident using (
  account = (select access.proven('account')::uuid)
  or exists (select from public.service_party p where p.matter_id = service_matter.id));
grant select, insert, update on public.service_matter to minqing_app;
grant select, update on public.service_matter to minqing_jobs;
grant select on public.service_matter to minqing_resident;
create sequence public.service_number as integer maxvalue 9999999 cycle;
grant usage on sequence public.service_number to minqing_app, minqing_resident, minqing_jobs;

do $$
declare
  t text;
begin
  foreach t in array array['service_move', 'service_contact', 'service_callback', 'service_attachment'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy seated on public.%1$I for select to minqing_app, minqing_jobs using (exists (select from public.service_seat s where s.matter_id = %1$I.matter_id))', t);
    execute format('create policy noted on public.%1$I for insert to minqing_app, minqing_jobs with check (exists (select from public.service_seat s where s.matter_id = %1$I.matter_id)%2$s)', t,
                   case when t = 'service_attachment' then ' and made_by is not distinct from (select access.proven(''staff'')::uuid)'
                        else ' and staff is not distinct from (select access.proven(''staff'')::uuid)' end);
    execute format('grant select, insert on public.%I to minqing_app, minqing_jobs', t);
  end loop;
end $$;
grant usage on sequence public.service_move_id_seq to minqing_app, minqing_jobs;
create policy told on public.service_move for update to minqing_jobs using (exists (select from public.service_seat s where s.matter_id = service_move.matter_id));
grant update (told_at) on public.service_move to minqing_jobs;
-- a requester reads what he was told, never what the offices wrote to each other
create policy own_read on public.service_move for select to minqing_resident using (exists (select from public.service_matter m where m.id = service_move.matter_id));
grant select (id, matter_id, at, name, from_state, to_state, public_words) on public.service_move to minqing_resident;

alter table public.service_party enable row level security;
alter table public.service_party force row level security;
create policy guard on public.service_party to minqing_guard using (true) with check (true);
-- who reports in confidence is known to the desk that took it (and to discipline officers), not to the unit that handles it
create policy seated on public.service_party for select to minqing_app, minqing_jobs using (exists (
  select from public.service_seat s where s.matter_id = service_party.matter_id
     and (not service_party.hidden or s.staff = (select access.proven('staff')::uuid) or s.matter_id = (select access.proven('matter')::uuid)
          or (s.role = 'home' and (select access.scope('dispatch')) @> s.desk_code) or (select access.scope('discipline')) @> s.desk_code)));
create policy noted on public.service_party for insert to minqing_app with check (account is null and exists (select from public.service_seat s where s.matter_id = service_party.matter_id));
create policy changed on public.service_party for update to minqing_app using (exists (select from public.service_seat s where s.matter_id = service_party.matter_id));
-- a matter is a person's own, never his household's
create policy own_read on public.service_party for select to minqing_resident using (
  role in ('requester', 'for') and (account = (select access.proven('account')::uuid) or person_id = any ((select access.own_persons())::uuid[])));
grant select, insert on public.service_party to minqing_app;
grant update (person_id, contact_cipher, phone_digest, key_no, masked, call_home, consented) on public.service_party to minqing_app;
grant select on public.service_party to minqing_resident, minqing_jobs;

call access.keep('public.service_matter', 'id', 'number', 'word_digest', 'channel', 'submitted_at', 'first_owner', 'account');
call access.keep('public.service_move', 'id', 'matter_id', 'at', 'name', 'staff');
call access.keep('public.service_party', 'id', 'matter_id', 'role', 'staff', 'hidden');

-- What a county sets for itself: read by everybody who works here, changed by who keeps the catalogue there.
do $$
declare
  t text;
begin
  foreach t in array array['service_dispatchrule', 'service_limit'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy owner on public.%I to minqing_owner using (true) with check (true)', t);
    execute format('create policy read on public.%I for select to minqing_app, minqing_jobs, minqing_gather using ((select access.proven(''staff'')) is not null or (select access.proven(''matter'')) is not null)', t);
    execute format('create policy add on public.%I for insert to minqing_app with check ((select access.scope(''catalogue'')) @> area_code)', t);
    execute format('create policy change on public.%I for update to minqing_app using ((select access.scope(''catalogue'')) @> area_code) with check ((select access.scope(''catalogue'')) @> area_code)', t);
    execute format('grant select, insert, update on public.%I to minqing_app', t);
    execute format('grant select on public.%I to minqing_jobs, minqing_gather, minqing_guard', t);
  end loop;
end $$;

grant select, insert, update on public.service_matter, public.service_seat, public.service_party, public.service_move, public.service_contact, public.service_callback, public.service_attachment to minqing_guard;
grant usage on sequence public.service_move_id_seq, public.service_number to minqing_guard;

-- What these functions may not be told by a statement of the application ----------------------------------------------------

-- restricted, barred and shielded are the guard's words, whatever an UPDATE says
create function access.refuse_unless_guard() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if current_user <> 'minqing_guard' then
    raise exception 'this column of % is set by a function alone', tg_table_name using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger guarded before update of restricted, barred, shielded on public.service_matter for each row
  when (old.restricted is distinct from new.restricted or old.barred is distinct from new.barred or old.shielded is distinct from new.shielded)
  execute function access.refuse_unless_guard();

-- Lists read the seats: their copies follow the matter.
create function access.copy_to_seats() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.service_seat s
     set state = new.state, kind = new.kind, urgent = new.urgency = 'urgent', due_at = new.due_at, restricted = new.restricted, barred = new.barred, place_code = new.place_code
   where s.matter_id = new.id and s.ends_at is null;
  return null;
end $$;
create trigger copy_to_seats after update of state, kind, urgency, due_at, restricted, barred, place_code on public.service_matter for each row
  when ((old.state, old.kind, old.urgency, old.due_at, old.restricted, old.barred, old.place_code) is distinct from (new.state, new.kind, new.urgency, new.due_at, new.restricted, new.barred, new.place_code))
  execute function access.copy_to_seats();

-- Nobody calls back what he handled, whatever wrote the row.
create function access.check_callback() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if new.staff is not null and exists (select 1 from public.service_matter m where m.id = new.matter_id and m.handler = new.staff) then
    raise exception 'who handled a matter does not call back' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger check_callback before insert on public.service_callback for each row execute function access.check_callback();

-- Whom a matter concerns: its parties, their households, their kin; staff who are one of these, or are named, are barred.
create function access.concerned_staff(matter uuid) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with named as (
    select p.person_id, p.staff from public.service_party p where p.matter_id = matter and p.role <> 'witness'
  ), own as (
    select person_id as id from named where person_id is not null
    union select sp.person_id from named n join public.access_staffperson sp on sp.staff_id = n.staff
  ), home as (
    select o.person_id as id from own x
      join public.archives_membership m on m.person_id = x.id and m.ends_on is null and m.voided_at is null
      join public.archives_membership o on o.household_id = m.household_id and o.ends_on is null and o.voided_at is null
  ), parents as (  -- kind 'parent': person_id is the child, relative_id the parent
    select k.relative_id as id from own x join public.archives_kinship k on k.person_id = x.id and k.kind = 'parent' and k.voided_at is null
  ), kin as (
    select k.relative_id as id from own x join public.archives_kinship k on k.person_id = x.id and k.voided_at is null
    union select k.person_id from own x join public.archives_kinship k on k.relative_id = x.id and k.voided_at is null
    union select k.person_id from parents x join public.archives_kinship k on k.relative_id = x.id and k.kind = 'parent' and k.voided_at is null
  )
  select coalesce(array_agg(distinct s), '{}') from (
    select sp.staff_id as s from public.access_staffperson sp where sp.person_id in (select id from own union select id from home union select id from kin)
    union select staff from named where staff is not null) x
$$;

create function access.bar() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.service_matter m set barred = access.concerned_staff(m.id)
   where m.id in (select r.matter_id from changed r) and m.barred is distinct from access.concerned_staff(m.id)
     -- while it is being taken down the one who writes keeps his seat; access.settle_matter bars at the end
     and exists (select 1 from public.service_seat s where s.matter_id = m.id and s.role = 'home');
  return null;
end $$;
create trigger bar_insert after insert on public.service_party referencing new table as changed for each statement execute function access.bar();
create trigger bar_update after update on public.service_party referencing new table as changed for each statement execute function access.bar();

-- A desk exists: an open area, and for a department an office of it there.
create function access.is_desk(desk text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select desk ~ '^[0-9]{6,17}(/[0-9A-Z]{2})?$'
     and exists (select 1 from public.access_area a where a.code = split_part(desk, '/', 1) and a.closed_on is null)
     and (split_part(desk, '/', 2) in ('', 'SL', 'CK', 'RX', 'JW')
          or exists (select 1 from public.access_organisation o where o.area_code = split_part(desk, '/', 1) and o.department = split_part(desk, '/', 2)))
$$;

-- Does the caller sit at the matter in one of these roles with this right there? ('' = any right)
create function access.sits(matter uuid, roles text[], which text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select 1 from public.service_seat s
     where s.matter_id = matter and s.ends_at is null and s.role = any (roles)
       and not s.barred @> array[access.proven('staff')::uuid]
       and (s.staff = access.proven('staff')::uuid
            or (s.restricted and access.scope('discipline') @> s.desk_code)
            or (not s.restricted and s.staff is null and access.scope(case when s.role = 'decide' then 'decide' when which = '' then 'matters' else which end) @> s.desk_code)))
$$;

create function access.put_seat(matter uuid, desk text, seat_role text, who uuid) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  insert into public.service_seat (id, matter_id, desk_code, staff, role, starts_at, restricted, barred, state, kind, urgent, submitted_at, due_at, place_code)
  select gen_random_uuid(), m.id, desk, who, seat_role, clock_timestamp(), m.restricted, m.barred, m.state, m.kind, m.urgency = 'urgent', m.submitted_at, m.due_at, m.place_code
    from public.service_matter m where m.id = matter
  on conflict do nothing
$$;

-- Who takes a matter down sits at it first, to write what was said. A matter without any seat exists only while it is being opened.
create function access.take_matter(matter uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select 1 from public.service_seat s where s.matter_id = matter)
     or not exists (select 1 from public.service_matter m where m.id = matter and m.first_owner = access.claim('staff')::uuid) then
    raise exception 'this matter is taken' using errcode = 'insufficient_privilege';
  end if;
  perform access.put_seat(matter, '', 'first', access.claim('staff')::uuid);
end $$;

-- The end of taking down: where it lies now. A restricted matter goes to the discipline desk, and who took it down sees it no more.
create function access.settle_matter(matter uuid, desk text, is_restricted boolean, shielded text[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  concerned uuid[];
begin
  if exists (select 1 from public.service_seat s where s.matter_id = matter and s.role = 'home')
     or not exists (select 1 from public.service_seat s where s.matter_id = matter and s.role = 'first' and s.staff = access.claim('staff')::uuid) then
    raise exception 'this matter is settled' using errcode = 'insufficient_privilege';
  end if;
  if not access.is_desk(desk) or exists (select 1 from unnest(shielded) c where starts_with(desk, c) and is_restricted) then
    raise exception 'no such desk for this matter: %', desk using errcode = 'foreign_key_violation';
  end if;
  concerned := access.concerned_staff(matter);
  update public.service_matter m set home_desk = desk, restricted = is_restricted, shielded = settle_matter.shielded, barred = concerned where m.id = matter;
  perform access.put_seat(matter, desk, 'home', null);
  if is_restricted then
    update public.service_seat s set ends_at = clock_timestamp() where s.matter_id = matter and s.role = 'first';
  end if;
end $$;

-- Give a seat: the home desk sends a matter to units, helpers and upper desks; the lead asks his leader or an agent.
create function access.give_seat(matter uuid, desk text, seat_role text, who uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  m public.service_matter;
begin
  select x.* into m from public.service_matter x where x.id = matter;
  if not (case seat_role when 'decide' then access.sits(matter, '{lead,home}', 'matters')
                         when 'agent' then access.sits(matter, '{lead,home}', 'matters')
                         when 'lead' then access.sits(matter, '{home}', 'dispatch')
                         when 'joint' then access.sits(matter, '{home,lead}', 'matters')
                         when 'home' then access.sits(matter, '{home}', 'dispatch')
                         when 'watch' then access.sits(matter, '{home}', 'dispatch')
                         else false end) and access.proven('matter')::uuid is distinct from matter then
    raise exception 'no seat from which to give that one' using errcode = 'insufficient_privilege';
  end if;
  if who is not null then
    if not exists (select 1 from public.access_staff s where s.id = who and s.left_at is null) or who = any (m.barred) or m.restricted then
      raise exception 'nobody to sit there' using errcode = 'foreign_key_violation';
    end if;
  elsif not access.is_desk(desk) or left(desk, 4) <> left(m.home_desk, 4) then
    raise exception 'no such desk: %', desk using errcode = 'foreign_key_violation';
  end if;
  if m.restricted and exists (select 1 from unnest(m.shielded) c where starts_with(desk, c)) then
    raise exception 'that desk is shielded from this matter' using errcode = 'foreign_key_violation';
  end if;
  perform access.put_seat(matter, coalesce(desk, ''), seat_role, who);
  -- within one village it is daily work; beyond, the crossing leaves its trace whatever wrote it
  if left(desk, 12) is distinct from left(m.home_desk, 12) then
    perform access.note('crossing.matter', '{}', '{}', jsonb_build_object('matter', matter, 'to', desk, 'role', seat_role));
  end if;
end $$;

-- Leave a seat: whoever sits there, or the home desk. Home itself goes only by handing over (a new home first).
create function access.leave_seat(matter uuid, seat_role text, desk text, who uuid) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  n integer;
begin
  if not (access.sits(matter, '{home}', 'dispatch') or access.sits(matter, array[seat_role], 'matters') or access.sits(matter, '{lead}', 'matters') and seat_role in ('decide', 'agent'))
     and access.proven('matter')::uuid is distinct from matter then
    raise exception 'no seat from which to end that one' using errcode = 'insufficient_privilege';
  end if;
  if seat_role = 'home' and (select count(*) from public.service_seat s where s.matter_id = matter and s.role = 'home' and s.ends_at is null) < 2 then
    raise exception 'a matter keeps a home' using errcode = 'insufficient_privilege';
  end if;
  update public.service_seat s set ends_at = clock_timestamp()
   where s.matter_id = matter and s.role = seat_role and s.ends_at is null and (desk is null or s.desk_code = desk) and (who is null or s.staff = who);
  get diagnostics n = row_count;
  return n;
end $$;

-- It turns out later that a matter is about staff: it leaves every seat inside the shielded areas and goes to the discipline desk.
create function access.restrict_matter(matter uuid, desk text, shielded text[], named uuid[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
begin
  if not access.sits(matter, '{home}', 'dispatch') then
    raise exception 'no seat from which to restrict' using errcode = 'insufficient_privilege';
  end if;
  if not access.is_desk(desk) or exists (select 1 from unnest(shielded) c where starts_with(desk, c)) then
    raise exception 'no such desk for this matter: %', desk using errcode = 'foreign_key_violation';
  end if;
  insert into public.service_party (id, matter_id, role, staff, key_no, masked, hidden, call_home)
  select gen_random_uuid(), matter, 'accused', n, 0, '', true, false from unnest(named) n;
  update public.service_seat s set ends_at = clock_timestamp() where s.matter_id = matter and s.ends_at is null;
  update public.service_matter m set home_desk = desk, lead_desk = '', restricted = true, shielded = restrict_matter.shielded, barred = access.concerned_staff(matter) where m.id = matter;
  perform access.put_seat(matter, desk, 'home', null);
  perform access.note('crossing.matter', '{}', '{}', jsonb_build_object('matter', matter, 'to', desk, 'role', 'restricted'));
end $$;

-- Looks like what somebody already asked, in the same village: of matters about the place (a lamp, a road), never about a person;
-- what it says in words only to whoever sits at it anyway.
create function access.similar_matters(place text, since timestamptz) returns table (id uuid, number text, title text, kind text, category text, spot text, state text, submitted_at timestamptz, home_desk text, lead_desk text, due_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not (access.scope('intake') @> similar_matters.place) then
    return;
  end if;
  return query
    select m.id, m.number::text, case when access.sits(m.id, '{home,lead,joint,watch,first,agent}', '') then m.title else '' end::text, m.kind::text, m.category::text, m.spot::text, m.state::text,
           m.submitted_at, m.home_desk, m.lead_desk, m.due_at
      from public.service_matter m
     where m.place_code >= left(similar_matters.place, 12) and m.place_code < left(similar_matters.place, 12) || ':'
       and not m.restricted and not m.confidential and m.kind in ('help', 'help_up', 'works', 'suggestion') and not m.barred @> array[access.proven('staff')::uuid]
       and m.submitted_at > similar_matters.since and m.state not in ('merged', 'withdrawn', 'rejected', 'transferred')
     order by m.submitted_at desc limit 200;
end $$;

-- The matters of one telephone number: for a desk that answers it (whoever may dispatch). At most the last twenty, only where he takes matters.
create function access.matters_by_phone(digest bytea) returns table (id uuid, number text, title text, state text, submitted_at timestamptz, due_at timestamptz, home_desk text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select m.id, m.number::text, m.title::text, m.state::text, m.submitted_at, m.due_at, m.home_desk
      from public.service_party p
      join public.service_matter m on m.id = p.matter_id
     where p.phone_digest = matters_by_phone.digest and p.role = 'requester' and not m.restricted and not m.confidential
       and access.scope('intake') @> m.place_code and access.scope('dispatch') <> '{}'::access.codeset and not m.barred @> array[access.proven('staff')::uuid]
     order by m.submitted_at desc limit 20;
end $$;

-- A member of staff is this person of the archives: by the digest of his own identity number, at his employment.
create function access.link_staff(who uuid, digest bytea, key_no smallint) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  found_person uuid;
begin
  if not exists (select 1 from public.access_staff s where s.id = who and (access.may('appoint', s.area_code) or s.id = access.proven('staff')::uuid)) then
    raise exception 'not within the scope to appoint' using errcode = 'insufficient_privilege';
  end if;
  select i.person_id into found_person from public.archives_identity i where i.digest = link_staff.digest and i.key_no = link_staff.key_no;
  if found_person is null then
    return false;
  end if;
  insert into public.access_staffperson (staff_id, person_id, made_at) values (who, found_person, clock_timestamp())
  on conflict (staff_id) do update set person_id = excluded.person_id, made_at = excluded.made_at;
  update public.service_matter m set barred = access.concerned_staff(m.id)
   where m.state not in ('archived', 'merged', 'withdrawn', 'rejected', 'transferred') and m.barred is distinct from access.concerned_staff(m.id);
  perform access.note('staff.link', array[found_person], '{}', jsonb_build_object('staff', who));
  return true;
end $$;

-- The clock: what is due, one matter after the other, in the name of nobody, at exactly that matter.
create function access.clock_due(most integer) returns table (matter uuid, what text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  (select m.id, 'sign' from public.service_matter m where m.state in ('dispatched', 'redo') and m.sign_due_at <= clock_timestamp() limit most)
  union all (select m.id, 'remind' from public.service_matter m where m.remind_at <= clock_timestamp() limit most)
  union all (select m.id, 'review' from public.service_matter m where m.state = 'suspended' and m.review_on <= (clock_timestamp() at time zone 'Asia/Shanghai')::date limit most)
  union all (select m.id, 'archive' from public.service_matter m where m.state = 'closed' and m.archive_at <= clock_timestamp() limit most)
  union all (select m.id, 'ask' from public.service_matter m where m.ask_on <= (clock_timestamp() at time zone 'Asia/Shanghai')::date limit most)
  union all (select distinct v.matter_id, 'tell' from (select x.matter_id from public.service_move x where x.told_at is null order by x.id limit most) v)
$$;

create function access.enter_matter(matter uuid) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  claim jsonb;
begin
  select jsonb_build_object('staff', null, 'number', '', 'name', '到时自动', 'session', null, 'purpose', 'clock', 'origin', 'clock', 'appointments', '[]'::jsonb,
           'area', split_part(m.home_desk, '/', 1), 'department', '', 'rights', '{}'::jsonb, 'matter', m.id, 'until', extract(epoch from clock_timestamp() + interval '10 minutes'))
    into claim from public.service_matter m where m.id = matter;
  if claim is null then
    raise exception 'no such matter' using errcode = 'invalid_authorization_specification';
  end if;
  perform access.install(claim);
  return claim;
end $$;
