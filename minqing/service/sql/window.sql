-- The window: numbers of the day, the person who stands in front, a change handed in, the pad. DESIGN §4; ux.md §9.
--
-- Invariants: numbers are drawn, called and ended by the functions below alone; of a person something is handed over only while his
-- number is called at the clerk's own counter and she sits there, only of her own town, one person a number, counted and audited with
-- the purpose 窗口办事; nothing of level 4; a change becomes a proposal in the person's grid and changes no file.

-- Counters: public within the service, set by who keeps the catalogue there ---------------------------------------------------------
alter table public.service_counter enable row level security;
alter table public.service_counter force row level security;
create policy guard on public.service_counter to minqing_guard using (true) with check (true);
create policy read on public.service_counter for select to minqing_app using ((select access.proven('staff')) is not null);
create policy add on public.service_counter for insert to minqing_app with check ((select access.scope('catalogue')) @> area_code and made_by = (select access.proven('staff')::uuid));
create policy change on public.service_counter for update to minqing_app using ((select access.scope('catalogue')) @> area_code) with check ((select access.scope('catalogue')) @> area_code);
grant select, insert, update (letter, name, department, hours, delegated, seals, ended_at) on public.service_counter to minqing_app;
grant select, update on public.service_counter to minqing_guard;
alter table public.service_counter add constraint counter_desk check (desk_code = area_code || '/CK');

-- What belongs to the desk --------------------------------------------------------------------------------------------------------------
do $$
declare
  t text;
begin
  foreach t in array array['service_countersitting', 'service_ticket', 'service_ticketmatter', 'service_handedchange', 'service_windowday', 'service_pad', 'service_padslip'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy desk_read on public.%I for select to minqing_app using ((select access.scope(''matters'')) @> desk_code)', t);
    execute format('grant select on public.%I to minqing_app', t);
    execute format('grant select, insert, update on public.%I to minqing_guard', t);
  end loop;
end $$;
create policy taken on public.service_ticketmatter for insert to minqing_app with check (
  (select access.scope('callback')) @> desk_code and exists (select from public.service_ticket t where t.id = ticket_id and t.desk_code = service_ticketmatter.desk_code and t.state = 'called' and t.called_by = (select access.proven('staff')::uuid))
  and exists (select from public.service_matter m where m.id = matter_id));
grant insert on public.service_ticketmatter to minqing_app;
create policy closed on public.service_windowday for insert to minqing_app with check ((select access.scope('callback')) @> desk_code and closed_by = (select access.proven('staff')::uuid));
grant insert on public.service_windowday to minqing_app;
create policy printed on public.service_pad for insert to minqing_app with check ((select access.scope('callback')) @> desk_code and made_by = (select access.proven('staff')::uuid));
grant insert on public.service_pad to minqing_app;
create policy printed on public.service_padslip for insert to minqing_app with check (
  (select access.scope('callback')) @> desk_code and matter_id is null and voided_at is null
  and exists (select from public.service_pad p where p.id = pad_id and p.desk_code = service_padslip.desk_code and p.made_by = (select access.proven('staff')::uuid)));
create policy voided on public.service_padslip for update to minqing_app using ((select access.scope('callback')) @> desk_code and matter_id is null and voided_at is null)
  with check ((select access.scope('callback')) @> desk_code and matter_id is null and voided_by = (select access.proven('staff')::uuid));
grant insert, update (void_why, voided_by, voided_at) on public.service_padslip to minqing_app;
call access.keep('public.service_ticket', 'id', 'counter_id', 'desk_code', 'day', 'serial', 'code', 'drawn_at');
call access.keep('public.service_padslip', 'id', 'pad_id', 'desk_code', 'number', 'word_digest');

-- A day is closed only when every number of it has an outcome, whatever wrote the row.
create function access.check_window_day() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select 1 from public.service_ticket t where t.desk_code = new.desk_code and t.day = new.day and t.ended_at is null) then
    raise exception 'a number of that day has no outcome' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger check_window_day before insert on public.service_windowday for each row execute function access.check_window_day();

-- Where I sit today. (Run by the functions below only.)
create function access.my_counter() returns uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select s.counter_id from public.service_countersitting s
   where s.staff = access.claim('staff')::uuid and s.ended_at is null and s.day = (clock_timestamp() at time zone 'Asia/Shanghai')::date and access.scope('callback') @> s.desk_code limit 1
$$;

create function access.sit_at(counter uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  made public.service_counter;
  me uuid := access.claim('staff')::uuid;
begin
  update public.service_countersitting s set ended_at = clock_timestamp() where s.staff = me and s.ended_at is null;
  if counter is null then
    return true;
  end if;
  select c.* into made from public.service_counter c where c.id = counter and c.ended_at is null and access.scope('callback') @> c.desk_code;
  if made.id is null then
    raise exception 'no counter of yours' using errcode = 'insufficient_privilege';
  end if;
  if exists (select 1 from public.service_ticket t where t.counter_id = counter and t.state = 'called' and t.called_by <> me and t.day = (clock_timestamp() at time zone 'Asia/Shanghai')::date) then
    return false;
  end if;
  update public.service_countersitting s set ended_at = clock_timestamp() where s.counter_id = counter and s.ended_at is null;
  insert into public.service_countersitting (id, counter_id, desk_code, staff, day, since) values (gen_random_uuid(), counter, made.desk_code, me, (clock_timestamp() at time zone 'Asia/Shanghai')::date, clock_timestamp());
  return true;
end $$;

-- A number: the next of the day at that counter. NULL: the day is closed or the counter has given 600 today.
create function access.draw_ticket(counter uuid, priority boolean) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  made public.service_counter;
  today date := (clock_timestamp() at time zone 'Asia/Shanghai')::date;
  n integer;
  ticket uuid := gen_random_uuid();
begin
  select c.* into made from public.service_counter c where c.id = counter and c.ended_at is null and access.scope('callback') @> c.desk_code for update;
  if made.id is null then
    raise exception 'no counter of yours' using errcode = 'insufficient_privilege';
  end if;
  select coalesce(max(t.serial), 0) + 1 into n from public.service_ticket t where t.counter_id = counter and t.day = today;
  if n > 600 or exists (select 1 from public.service_windowday d where d.desk_code = made.desk_code and d.day = today) then
    return null;
  end if;
  insert into public.service_ticket (id, counter_id, desk_code, day, serial, code, priority, state, drawn_at, calls, checked_how, tries, outcome, "left")
  values (ticket, counter, made.desk_code, today, n, made.letter || lpad(n::text, 3, '0'), priority, 'waiting', clock_timestamp(), 0, '', 0, '', '');
  return ticket;
end $$;

-- The next one, whoever asked for priority first. NULL: nobody waits. Raises where I sit nowhere or still have somebody.
create function access.call_next() returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  counter uuid := access.my_counter();
  me uuid := access.claim('staff')::uuid;
  found_person uuid;
begin
  if counter is null or exists (select 1 from public.service_ticket t where t.called_by = me and t.state = 'called') then
    raise exception 'sit down first, and end the number before' using errcode = 'insufficient_privilege';
  end if;
  update public.service_ticket t set state = 'called', called_at = clock_timestamp(), called_by = me, calls = 1
   where t.id = (select x.id from public.service_ticket x where x.counter_id = counter and x.state = 'waiting' and x.day = (clock_timestamp() at time zone 'Asia/Shanghai')::date
                  order by x.priority desc, x.serial limit 1 for update)
  returning t.id into found_person;
  return found_person;
end $$;

-- One step of a number: call (one that waits or was passed over), again, pass, back (in the queue), end. 'ok', 'busy', 'gone'.
create function access.ticket_step(ticket uuid, step text, outcome text, rest text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  m public.service_ticket;
  me uuid := access.claim('staff')::uuid;
  today date := (clock_timestamp() at time zone 'Asia/Shanghai')::date;
begin
  select t.* into m from public.service_ticket t where t.id = ticket and access.scope('callback') @> t.desk_code for update;
  if m.id is null or m.state = 'done' then
    return 'gone';
  end if;
  if step = 'call' then
    if m.state not in ('waiting', 'passed') or m.day <> today or m.counter_id is distinct from access.my_counter() or exists (select 1 from public.service_ticket t where t.called_by = me and t.state = 'called') then
      return 'busy';
    end if;
    update public.service_ticket t set state = 'called', called_at = clock_timestamp(), called_by = me, calls = t.calls + 1 where t.id = m.id;
  elsif step in ('again', 'pass') then
    if m.state <> 'called' or m.called_by <> me or (step = 'pass' and m.person_id is not null) then
      return 'busy';
    end if;
    update public.service_ticket t set state = case step when 'pass' then 'passed' else t.state end, calls = t.calls + case step when 'again' then 1 else 0 end,
           called_by = case step when 'pass' then null else t.called_by end where t.id = m.id;
  elsif step = 'end' then
    -- a number that somebody else has called is his to end, on its day
    if m.state = 'called' and m.called_by <> me and m.day = today then
      return 'busy';
    end if;
    if outcome not in ('matter', 'errand', 'change', 'answered', 'elsewhere', 'papers', 'absent', 'left') or (m.state <> 'called' and outcome not in ('absent', 'left')) then
      return 'busy';
    end if;
    update public.service_ticket t set state = 'done', outcome = ticket_step.outcome, "left" = left(coalesce(rest, ''), 120), ended_at = clock_timestamp(), ended_by = me where t.id = m.id;
  else
    return 'gone';
  end if;
  return 'ok';
end $$;

-- The hall's screen: numbers and counters, nothing else. For everybody who can read a wall.
create function access.window_display(town text) returns table (code text, counter text, at timestamptz, calls integer, waiting integer)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select t.code::text, c.name::text, t.called_at, t.calls::integer,
         (select count(*)::integer from public.service_ticket w where w.counter_id = c.id and w.state = 'waiting' and w.day = (clock_timestamp() at time zone 'Asia/Shanghai')::date)
    from public.service_counter c
    left join lateral (select x.* from public.service_ticket x where x.counter_id = c.id and x.state = 'called' and x.day = (clock_timestamp() at time zone 'Asia/Shanghai')::date order by x.called_at desc limit 1) t on true
   where c.desk_code = window_display.town || '/CK' and c.ended_at is null order by c.letter limit 30
$$;

-- The number that stands in front of me now: called by me, today, at the counter where I sit, within an hour and a half. (Run by the functions below only.)
create function access.ticket_of_mine(ticket uuid) returns public.service_ticket
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select x.* from public.service_ticket x
   where x.id = ticket and x.state = 'called' and x.called_by = access.claim('staff')::uuid and x.counter_id = access.my_counter() and access.scope('callback') @> x.desk_code
     and x.day = (clock_timestamp() at time zone 'Asia/Shanghai')::date and x.called_at > clock_timestamp() - interval '90 minutes'
$$;

create function access.window_note(what text, person uuid, detail jsonb) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  insert into public.access_auditentry (id, what, persons, households, purpose, origin, detail)
  values (gen_random_uuid(), window_note.what, case when person is null then '{}'::uuid[] else array[person] end, '{}', '窗口办事', left(coalesce(access.claim('origin'), ''), 80), coalesce(window_note.detail, '{}'))
$$;

-- Does this person stand in front of me? (Run by start_errand below only.)
create function access.window_holds(person uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select exists (select 1 from public.service_ticket t where t.person_id = person and t.called_by = access.claim('staff')::uuid and t.state = 'called' and (access.ticket_of_mine(t.id)).id is not null)
$$;

-- Whom a card or a name and birth year mean, within the town: one person, or how many. (Run by window_person below only.)
create function access.window_find(town text, digests bytea[], key_nos smallint[], name text, year integer) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(distinct r.id), '{}')
    from (select i.person_id as id from public.archives_identity i join unnest(digests, key_nos) as x(digest, key_no) on i.digest = x.digest and i.key_no = x.key_no
          union
          select k.person_id from public.archives_searchkey k
           where coalesce(array_length(digests, 1), 0) = 0 and k.kind = 'n' and k.key = window_find.name and k.grid_code >= town and k.grid_code < town || ':') who
    join public.archives_resident r on r.id = who.id and r.alive and r.voided_at is null
     and (coalesce(array_length(digests, 1), 0) > 0 or (r.name = window_find.name and extract(year from r.birth_date) = year))
   where exists (select 1 from public.archives_placement p where p.person_id = r.id and p.ends_on is null and p.grid_code >= town and p.grid_code < town || ':' and access.scope('identify') @> p.grid_code::text)
$$;

-- The person in front: found once a number, then handed over while the number is open.
-- {"status": "ok", …} | "gone" (no such number in front of you) | "often" | "none" | "many" | "own" (your own household: a colleague does it)
create function access.window_person(ticket uuid, digests bytea[], key_nos smallint[], name text, year integer) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  m public.service_ticket := access.ticket_of_mine(ticket);
  me uuid := access.claim('staff')::uuid;
  found_ids uuid[];
  n integer;
begin
  if m.id is null then
    perform access.window_note('window.refused', null, jsonb_build_object('ticket', ticket));
    return jsonb_build_object('status', 'gone');
  end if;
  if m.person_id is null then
    select count(*) into n from public.access_auditentry e where e.staff = me and e.at > clock_timestamp() - interval '1 hour' and e.what in ('window.look', 'window.none');
    if m.tries >= 5 or n >= 40 then
      return jsonb_build_object('status', 'often');
    end if;
    update public.service_ticket t set tries = t.tries + 1 where t.id = m.id;
    found_ids := access.window_find(split_part(m.desk_code, '/', 1), coalesce(digests, '{}'), coalesce(key_nos, '{}'), coalesce(name, ''), coalesce(year, 0));
    if coalesce(array_length(found_ids, 1), 0) <> 1 then
      perform access.window_note('window.none', null, jsonb_build_object('ticket', m.id));
      return jsonb_build_object('status', case when coalesce(array_length(found_ids, 1), 0) = 0 then 'none' else 'many' end);
    end if;
    if exists (select 1 from public.access_staffperson sp where sp.staff_id = me and (sp.person_id = found_ids[1] or exists (
                 select 1 from public.archives_membership a join public.archives_membership b on b.household_id = a.household_id and b.ends_on is null and b.voided_at is null
                  where a.person_id = sp.person_id and a.ends_on is null and a.voided_at is null and b.person_id = found_ids[1]))) then
      perform access.window_note('window.none', null, jsonb_build_object('ticket', m.id, 'why', 'own'));
      return jsonb_build_object('status', 'own');
    end if;
    update public.service_ticket t set person_id = found_ids[1], checked_how = case when coalesce(array_length(digests, 1), 0) > 0 then 'card' else 'name' end where t.id = m.id;
    perform access.window_note('window.look', found_ids[1], jsonb_build_object('ticket', m.id, 'how', case when coalesce(array_length(digests, 1), 0) > 0 then 'card' else 'name' end));
    return access.window_file(found_ids[1]);
  end if;
  return access.window_file(m.person_id);
end $$;

-- What is handed over of him. Nothing of level 4; the telephone's envelope opens with the program's key alone. (Run by window_person only.)
create function access.window_file(person uuid) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('status', 'ok', 'person', r.id, 'name', r.name, 'sex', r.sex, 'born', r.birth_date, 'place', access.home_grid(r.id), 'village', coalesce(a.short_name, ''),
      'door', coalesce(h.door, ''), 'household', coalesce(h.number, ''), 'phone_tail', r.phone_tail, 'phone', coalesce(encode(r.phone_cipher, 'hex'), ''), 
      'sources', (select coalesce(jsonb_object_agg(x.field, jsonb_build_object('from', r.sources -> x.field ->> 'from', 'on', r.sources -> x.field ->> 'on')), '{}') from unnest(array['name', 'birth_date', 'phone', 'living_address']) as x(field) where r.sources ? x.field),
      'offers', (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'rule', case when o.sensitive then '' else o.rule end, 'due', o.due_on, 'state', o.state) order by o.due_on), '[]')
                   from public.service_offer o where o.person_id = r.id and o.state in ('found', 'told')),
      'errands', (select coalesce(jsonb_agg(jsonb_build_object('number', v.number, 'item', case when coalesce(array_length(i.sensitive, 1), 0) > 0 then '' else i.name end, 'due', v.due_at, 'matter', v.id, 'seen', access.sits(v.id, '{home,lead,joint,watch,first,agent}', '')) order by v.submitted_at desc), '[]')
                    from public.service_errand e join public.service_matter v on v.id = e.matter_id and not v.restricted and v.state in ('submitted', 'accepted', 'dispatched', 'processing', 'redo')
                    join public.service_catalogueitem i on i.id = e.item_id where e.person_id = r.id),
      'papers', (select coalesce(jsonb_agg(k.paper order by k.at desc), '[]') from (
                   select p.received_at as at, jsonb_build_object('what', p.what, 'form', p.form, 'on', p.received_at::date, 'back', p.returned_at::date,
                            'until', (select p.received_at::date + (x ->> 'days')::integer from jsonb_array_elements(i.materials) x where x ->> 'name' = p.what and x ->> 'days' ~ '^[0-9]+$' limit 1)) as paper
                     from public.service_paper p join public.service_errand e on e.matter_id = p.matter_id and e.person_id = r.id join public.service_catalogueitem i on i.id = e.item_id
                    where coalesce(array_length(i.sensitive, 1), 0) = 0 and p.received_at > clock_timestamp() - interval '3 years' order by p.received_at desc limit 12) k))
    from public.archives_resident r
    left join public.access_area a on a.code = left(access.home_grid(r.id), 12)
    left join lateral (
      select x.number, case when x.door <> '' then concat_ws('', x.natural_village, x.door) else x.address end as door
        from public.archives_membership b join public.archives_household x on x.id = b.household_id and x.voided_at is null
       where b.person_id = r.id and b.ends_on is null and b.voided_at is null order by b.by = 'living' desc limit 1) h on true
   where r.id = person
$$;

-- A change handed in: a proposal in the person's own grid, for the village or as a question to the department. Twenty a number at most.
create function access.window_change(ticket uuid, proposal uuid, road text, field text, sentence text, payload bytea, department text, due_on date, paper_kind text, issuer text) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  m public.service_ticket := access.ticket_of_mine(ticket);
  made uuid := gen_random_uuid();
  grid text;
begin
  grid := access.home_grid(m.person_id);
  if m.id is null or grid is null or road not in ('village', 'department')
     or (select count(*) from public.service_handedchange c where c.ticket_id = ticket) >= 20 then
    raise exception 'nobody in front of you' using errcode = 'insufficient_privilege';
  end if;
  update public.archives_proposal p set state = 'dismissed', closed_at = clock_timestamp(), note = '由新的更正代替'
   where p.person_id = m.person_id and p.kind in ('correct', 'verify') and p.field = window_change.field and p.state = 'open' and p.voided_at is null and p.made_by = access.claim('staff')::uuid;
  insert into public.archives_proposal (id, grid_code, kind, person_id, sentence, department, field, payload, due_on, state, made_at, made_by, note)
  values (proposal, grid, case road when 'village' then 'correct' else 'verify' end, m.person_id, left(sentence, 200), left(department, 2), left(field, 40), payload, due_on, 'open', clock_timestamp(), access.claim('staff')::uuid, '');
  insert into public.service_handedchange (id, ticket_id, desk_code, person_id, proposal_id, field, paper_kind, issuer, department, due_on, made_by, made_at)
  values (made, ticket, m.desk_code, m.person_id, proposal, left(field, 40), left(paper_kind, 40), left(issuer, 60), case road when 'village' then '' else left(department, 2) end, due_on, access.claim('staff')::uuid, clock_timestamp());
  perform access.window_note('window.change', m.person_id, jsonb_build_object('ticket', m.id, 'field', field));
  return made;
end $$;

-- How far the changes of a day at my desk are: the state of each proposal, not what it says.
create function access.handed_changes(desk text, since date) returns table (id uuid, state text, closed_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select c.id, p.state::text, p.closed_at from public.service_handedchange c join public.archives_proposal p on p.id = c.proposal_id
   where access.scope('callback') @> handed_changes.desk and c.desk_code = handed_changes.desk and c.made_at >= (handed_changes.since::timestamp at time zone 'Asia/Shanghai') limit 500
$$;

-- A printed slip becomes its matter: the number and the word are the slip's, once.
create function access.use_slip(slip uuid, matter uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  n integer;
begin
  update public.service_padslip s set matter_id = matter, used_by = access.claim('staff')::uuid, used_at = clock_timestamp()
   where s.id = slip and s.matter_id is null and s.voided_at is null and access.scope('callback') @> s.desk_code
     and exists (select 1 from public.service_matter v where v.id = matter and v.number = s.number and v.word_digest = s.word_digest and v.first_owner = access.claim('staff')::uuid);
  get diagnostics n = row_count;
  return n = 1;
end $$;

-- An errand begins: its item and its person are fixed here. The person is one whose file the caller may open, whose card he has held
-- within the last half hour (access.confirm_person), or who stands at the window: his number is open at the clerk's own counter; and he is a
-- party of the matter. (`or replace`: an older installation has it from things.sql.)
create or replace function access.start_errand(matter uuid, item uuid, who uuid, offer uuid) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  made uuid := gen_random_uuid();
begin
  if not (access.sits(matter, '{home,lead}', 'matters') or access.sits(matter, '{first}', ''))
     or not exists (select 1 from public.service_matter x where x.id = matter and x.kind = 'errand' and x.state in ('submitted', 'accepted', 'dispatched', 'processing') and not x.restricted) then
    raise exception 'no seat from which to start an errand' using errcode = 'insufficient_privilege';
  end if;
  if not exists (select 1 from public.service_catalogueitem x where x.id = item and x.ended_at is null) then
    raise exception 'no such item' using errcode = 'foreign_key_violation';
  end if;
  if who is not null then
    if not exists (select 1 from public.service_party p where p.matter_id = matter and p.person_id = who and p.role in ('requester', 'for')) then
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
  values (made, matter, item, who, offer, 'none', '', '', '', access.claim('staff')::uuid, clock_timestamp(), 1);
  if offer is not null and not exists (select 1 from public.service_offer o where o.id = offer and access.scope('people') @> o.grid_code::text) then
    update public.service_offer o set state = 'opened', matter_id = matter, told_at = coalesce(o.told_at, clock_timestamp()), told_how = coalesce(nullif(o.told_how, ''), 'window'),
           changed_by = access.claim('staff')::uuid, changed_at = clock_timestamp() where o.id = offer and o.state in ('found', 'told');
  end if;
  return made;
end $$;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p
            where p.pronamespace = 'access'::regnamespace and p.prosecdef and p.proname in ('check_window_day', 'my_counter', 'sit_at', 'draw_ticket', 'call_next', 'ticket_step', 'window_display', 'ticket_of_mine', 'window_note',
              'window_holds', 'window_find', 'window_person', 'window_file', 'window_change', 'handed_changes', 'use_slip', 'start_errand') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.sit_at(uuid), access.draw_ticket(uuid, boolean), access.call_next(), access.ticket_step(uuid, text, text, text), access.window_display(text),
  access.window_person(uuid, bytea[], smallint[], text, integer), access.window_change(uuid, uuid, text, text, text, bytea, text, date, text, text), access.handed_changes(text, date), access.use_slip(uuid, uuid), access.start_errand(uuid, uuid, uuid, uuid) to minqing_app;
-- the hall's screen belongs to nobody
grant execute on function access.window_display(text) to minqing_resident;
