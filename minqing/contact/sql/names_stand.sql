-- What a caller without a name, a calendar's address, or a figure taken back could still do with free SQL: DESIGN §4.
--
-- Invariants: whoever acts has a name, nothing is signed by nobody; an address of a calendar is nobody's log-in: it reads days and holds no
-- staff's identity, so that no table and no function takes it for its owner; nobody learns what the other counted by counting and taking back;
-- what was counted stays with how many had come; a meeting goes through its states one after the other; who answers, receives or
-- writes a sentence does it in his own name.

-- One yes of one of the two, as in analysis.sql. Without a name in the scope every comparison with it was "unknown", and went through.
create or replace function access.hand_over(handover uuid, item uuid, side text, yes boolean, remarks bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  h public.contact_handover;
  caller uuid := access.claim('staff')::uuid;
  manages boolean;
  gone boolean;
begin
  if caller is null or side is null or (item is not null and yes is null) then
    return 'not yours';
  end if;
  select x.* into h from public.contact_handover x where x.id = handover for update;
  if h.id is null then
    return 'not yours';
  end if;
  manages := (access.scope('contact') @> h.area_code::text and access.scope('people') @> h.area_code::text) or access.scope('appoint') @> h.area_code::text;
  if not (coalesce(h.giver = caller, false) or h.taker = caller or manages) then
    return 'not yours';
  end if;
  gone := h.giver is null or not exists (select from public.access_appointment a join public.access_staff s on s.id = a.staff_id
            where a.staff_id = h.giver and starts_with(a.area_code, left(h.area_code, 12)) and a.starts_at <= clock_timestamp() and (a.ends_at is null or a.ends_at > clock_timestamp()) and (s.left_at is null or s.left_at > clock_timestamp()));
  if side not in ('gave', 'took') or (side = 'took' and h.taker <> caller) or (side = 'gave' and not coalesce(h.giver = caller, false) and not (gone and manages and h.taker <> caller)) then
    return 'not yours';
  end if;
  if h.cancelled_at is not null or (side = 'gave' and h.gave_at is not null) or (side = 'took' and h.took_at is not null) then
    return 'signed';
  end if;
  if item is not null then
    if side = 'gave' then
      update public.contact_handoveritem i set gave_at = case when yes then clock_timestamp() end where i.id = item and i.handover_id = h.id;
    else
      update public.contact_handoveritem i set took_at = case when yes then clock_timestamp() end where i.id = item and i.handover_id = h.id;
    end if;
    return case when found then 'done' else 'not yours' end;
  end if;
  if exists (select from public.contact_handoveritem i where i.handover_id = h.id and (case side when 'gave' then i.gave_at else i.took_at end) is null) then
    return 'items';
  end if;
  if side = 'took' and h.gave_at is null then
    return 'order';
  end if;
  if side = 'gave' then
    update public.contact_handover x set gave_at = clock_timestamp(), gave_by = caller, remarks_cipher = coalesce(remarks, x.remarks_cipher) where x.id = h.id;
  else
    update public.contact_handover x set took_at = clock_timestamp(), remarks_cipher = coalesce(remarks, x.remarks_cipher) where x.id = h.id;
  end if;
  return 'done';
end $$;

-- As in duty.sql, for a caller who has a name.
create or replace function access.cover_absence(absence uuid, others jsonb) returns integer
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
  if a.id is null or not (coalesce(a.staff = access.claim('staff')::uuid, false) and access.near() @> a.area_code::text or access.may('contact', a.area_code)) then
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

-- As in days.sql; the day may stand under the code of the village that the place was. "Walks in" left empty was neither yes nor no: no rule of the day held, and it was overfilled.
create or replace function access.book(id uuid, day uuid, slot timestamptz, via text, place text, person uuid, household uuid, contact bytea, about bytea, alone boolean, walk boolean) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  d public.contact_contactday;
  me uuid := access.claim('staff')::uuid;
  runs boolean;
begin
  if me is null or alone is null or walk is null then
    return 'absent';
  end if;
  select x.* into d from public.contact_contactday x where x.id = day for update;
  if d.id is null then
    return 'absent';
  end if;
  runs := access.may('contact', d.area_code) and d.area_code = any (access.posts_with('contact'));
  if not (runs or (d.kind in ('joint', 'leader') and d.state = 'announced' and not walk and household is null
       and (access.may('intake', d.area_code) or exists (select 1 from unnest(access.posts_with('intake')) p where starts_with(p, d.area_code))))) then
    return 'absent';
  end if;
  if place is null or not access.lies_in(place, d.area_code) or not exists (select 1 from public.access_area a where a.code = place and a.closed_on is null)
     or (not runs and not access.may('intake', place)) then
    return 'place';
  end if;
  if (person is not null and not exists (select 1 from public.archives_placement p where p.person_id = person and p.ends_on is null and access.may('people', p.grid_code)))
     or (household is not null and not exists (select 1 from public.archives_household h where h.id = household and h.voided_at is null and access.lies_in(h.grid_code, d.area_code) and access.may('people', h.grid_code)))
     or coalesce(via, '') not in ('phone', 'window', 'village', 'walkin', 'due', 'asked') then
    return 'place';
  end if;
  return access.put_booking(id, d, slot, via, place, person, household, null, me, contact, about, alone, walk);
end $$;

-- An address of a calendar ---------------------------------------------------------------------------------------------------------------
-- As in duty.sql; the address of a village that ended is the address of what stands there today. Its owner is the `reader` of the claim, never its `staff`: no policy and no function that asks who acts finds him.
create or replace function access.enter_feed(token text, origin text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  f public.contact_feed;
  claim jsonb;
  places text[];
begin
  perform access.check_words('feed', origin);
  select x.* into f from public.contact_feed x where x.digest = sha256(convert_to(token, 'UTF8')) and x.ended_at is null;
  if f.kind = 'own' then
    claim := access.staff_claim(f.staff, null, '', 'feed', origin) || jsonb_build_object('rights', '{}'::jsonb, 'staff', null, 'reader', f.staff);
  elsif f.kind = 'village' then
    places := access.today(f.area_code);
    if places = '{}' then
      places := array[f.area_code::text];
    end if;
    claim := jsonb_build_object('staff', null, 'number', '', 'name', '日历', 'session', null, 'purpose', 'feed', 'origin', origin, 'area', places[1], 'rights', '{}'::jsonb,
               'appointments', (select jsonb_agg(jsonb_build_object('id', f.id, 'role', '', 'area', p.code, 'area_name', (select a.short_name from public.access_area a where a.code = p.code), 'until', null, 'stands_in_for', null,
                                                                    'was', (select coalesce(jsonb_agg(b.code), '[]') from access.before(p.code) b where length(b.code) = length(p.code))) order by p.n)
                                  from unnest(places) with ordinality p(code, n)));
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

-- Days to which the caller, or his office, was asked to come; and those that stand in the calendar of who reads by its address.
create or replace function access.days_asked() returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(distinct s.day_id), '{}') from public.contact_dayseat s
   where (s.staff = coalesce(access.proven('staff'), access.proven('reader'))::uuid
          or s.organisation_id = (select w.organisation_id from public.access_staff w where w.id = coalesce(access.proven('staff'), access.proven('reader'))::uuid))
     and s.made_at > clock_timestamp() - interval '400 days'
$$;
create or replace function access.days_led() returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(d.id), '{}') from public.contact_contactday d
   where d.led_by = coalesce(access.proven('staff'), access.proven('reader'))::uuid
     and exists (select 1 from unnest(access.posts_with('')) p where starts_with(p, d.area_code) or starts_with(d.area_code, p))
$$;
create policy calendar_read on public.contact_contactday for select to minqing_app using (
  (select access.proven('reader')) is not null
  and (area_code = any ((select access.posts_with('contact'))::text[]) or id = any ((select access.days_asked())::uuid[]) or id = any ((select access.days_led())::uuid[])
       or (state <> 'planned' and exists (select from unnest((select access.posts_with(''))::text[]) p where starts_with(p, area_code) or starts_with(area_code, p)))));
create policy calendar_read on public.contact_dayseat for select to minqing_app using (
  (select access.proven('reader')) is not null and exists (select from public.contact_contactday d where d.id = day_id));
create policy calendar_read on public.contact_courseseat for select to minqing_app using (staff = (select access.proven('reader')::uuid));
-- his own name stands in his own calendar
create policy calendar_read on public.access_staff for select to minqing_app using (id = (select access.proven('reader')::uuid));

-- A count --------------------------------------------------------------------------------------------------------------------------------
-- A figure that one may still take back stands beside one that is kept: whatever is answered then is an answer to a guess.
create function access.count_wavers(item uuid, turn smallint) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select count(*) filter (where pg_xact_status(access.transaction_of(c.xmin)::text::xid8) = 'in progress') not in (0, count(*))
    from public.contact_votecount c where c.item_id = count_wavers.item and c.turn = count_wavers.turn
$$;

-- As in meetings_held.sql; and no more votes than people, no spoilt ballot where hands are raised (rules/meetings.wrong_count; a test compares).
create or replace function access.votecount_row() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  width integer;
  came integer;
  voted bigint;
  by_ballot boolean;
  last smallint;
  stood integer;
  same boolean;
begin
  -- before anything is said about the item: a trigger answers sooner than the policy does
  if not coalesce(access.scope('contact') @> new.area_code::text and (length(new.area_code) < 12 or access.scope('people') @> new.area_code::text), false)
     or not exists (select from public.contact_agendaitem i where i.id = new.item_id and i.area_code = new.area_code) then
    raise exception 'not an item of his' using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('votecount:' || new.item_id, 0));
  select cardinality(i.options), m.present, i.ballots into width, came, by_ballot from public.contact_agendaitem i join public.contact_meeting m on m.id = i.meeting_id
   where i.id = new.item_id and m.state = 'held' and i.dropped_at is null;
  if width is null or width < 2 or cardinality(new.figures) <> width or exists (select from public.contact_resolution r where r.item_id = new.item_id) then
    raise exception 'not counted now' using errcode = 'check_violation';
  end if;
  select coalesce(sum(n), 0) + new.invalid into voted from unnest(new.figures) n;
  if array_position(new.figures, null) is not null or exists (select from unnest(new.figures) n where n < 0) or came is null or voted not between 1 and came or (new.invalid > 0 and not by_ballot) then
    raise exception 'not a count of those who came' using errcode = 'check_violation';
  end if;
  select coalesce(max(c.turn), 0) into last from public.contact_votecount c where c.item_id = new.item_id;
  select count(*), count(distinct (c.figures, c.invalid)) = 1 into stood, same from public.contact_votecount c where c.item_id = new.item_id and c.turn = last;
  if access.count_wavers(new.item_id, last) or not ((new.turn = last and stood = 1) or (new.turn = last + 1 and (last = 0 or (stood = 2 and not same)))) then
    raise exception 'not this turn' using errcode = 'check_violation';
  end if;
  -- 毛小芬 and 毛 小芬 are one person
  if exists (select from public.contact_votecount c where c.item_id = new.item_id and c.turn = new.turn
              and regexp_replace(c.counter, '[\s　]', '', 'g') = regexp_replace(new.counter, '[\s　]', '', 'g')) then
    raise exception 'two counters are two people' using errcode = 'check_violation';
  end if;
  return new;
end $$;

-- As in meetings_held.sql; and enough have come: for the three kinds whose numbers are the law's (data/meetings.toml; a test compares), by
-- people or, at an assembly, by households. A neighbourhood council sets its own.
create or replace function access.resolution_row() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  i public.contact_agendaitem;
  m public.contact_meeting;
  c public.contact_votecount;
  last smallint;
  floor_of integer;
begin
  select x.* into i from public.contact_agendaitem x where x.id = new.item_id;
  select x.* into m from public.contact_meeting x where x.id = new.meeting_id;
  if not coalesce(access.scope('contact') @> new.area_code::text and (length(new.area_code) < 12 or access.scope('people') @> new.area_code::text), false)
     or i.area_code is distinct from new.area_code or m.area_code is distinct from new.area_code then
    raise exception 'not an item of his' using errcode = 'insufficient_privilege';
  end if;
  if i.meeting_id <> m.id or i.dropped_at is not null or m.state <> 'held' or m.kind in ('talk_day', 'talk') or m.present is null or new.decided_on <> (m.starts_at at time zone 'Asia/Shanghai')::date then
    raise exception 'not decided here' using errcode = 'check_violation';
  end if;
  if m.kind in ('assembly', 'delegates', 'party') and not coalesce(m.due > 0 and m.present >= case m.kind when 'delegates' then (2 * m.due + 2) / 3 else m.due / 2 + 1 end, false)
     and not coalesce(m.kind = 'assembly' and m.due > 0 and m.households > 0 and m.households_present >= (2 * m.households + 2) / 3, false) then
    raise exception 'not enough have come' using errcode = 'check_violation';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('votecount:' || new.item_id, 0));
  select max(x.turn) into last from public.contact_votecount x where x.item_id = new.item_id;
  if last is null then
    if new.by_count or m.kind <> 'council' then
      raise exception 'nobody has counted' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  select x.* into c from public.contact_votecount x where x.item_id = new.item_id and x.turn = last limit 1;
  floor_of := case when m.kind = 'party' and m.due > 0 then m.due else m.present end / 2 + 1;
  if access.count_wavers(new.item_id, last)
     or not new.by_count or (select count(*) <> 2 or count(distinct (x.figures, x.invalid)) <> 1 from public.contact_votecount x where x.item_id = new.item_id and x.turn = last)
     or new.figures -> 'votes' is distinct from to_jsonb(c.figures) or new.figures -> 'invalid' is distinct from to_jsonb(c.invalid) or new.figures -> 'options' is distinct from to_jsonb(i.options)
     or (new.passed and not exists (select from unnest(i.options, c.figures) as o(said, n) where o.n >= floor_of and o.said not in ('反对', '弃权', '不同意', '都不同意'))) then
    raise exception 'not what was counted' using errcode = 'check_violation';
  end if;
  return new;
end $$;

-- A meeting goes from one state to the next (rules/meetings.MOVES; a test compares), is told of before it is held, and once somebody has
-- counted, how many came and how many should have stay as they are. Counts are not seen by who changes the row: hence a definer.
create function access.meeting_goes_on() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if new.state <> old.state and not (old.state || '>' || new.state) = any (array['planned>noticed', 'noticed>planned', 'planned>cancelled', 'noticed>cancelled', 'noticed>held', 'held>signed',
       'signed>published', 'published>signed', 'published>closed', 'signed>closed']) then
    raise exception 'not the next state of a meeting' using errcode = 'insufficient_privilege';
  end if;
  if new.state in ('noticed', 'held') and new.noticed_at is null then
    raise exception 'nobody was told' using errcode = 'insufficient_privilege';
  end if;
  if (new.present, new.households_present, new.due, new.households) is distinct from (old.present, old.households_present, old.due, old.households)
     and (exists (select from public.contact_votecount c join public.contact_agendaitem i on i.id = c.item_id where i.meeting_id = old.id) or exists (select from public.contact_resolution r where r.meeting_id = old.id)) then
    raise exception 'what was counted stays with how many had come' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger one_after_the_other before update on public.contact_meeting for each row execute function access.meeting_goes_on();

-- A call is closed by somebody.
create or replace function access.transfer_closes() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- its record leaves with the names, by the rule of retention alone
  if old.closed_at is not null and (row(new.zones, new.level, new.reason, new.closed_by, new.closed_at) is distinct from row(old.zones, old.level, old.reason, old.closed_by, old.closed_at)
     or new.record_cipher is distinct from old.record_cipher and (new.record_cipher is not null or coalesce(access.proven('actor'), '') <> 'keeper')) then
    raise exception 'this call is closed' using errcode = 'check_violation';
  end if;
  if old.closed_at is null and new.closed_at is not null then
    if new.closed_by is distinct from access.proven('staff')::uuid then
      raise exception 'closed by nobody' using errcode = 'insufficient_privilege';
    end if;
    new.closed_at := clock_timestamp();
    if exists (select from public.contact_transferline l where l.event_id = new.id and l.state in ('waiting', 'going', 'arrived', 'missing')) then
      raise exception 'somebody is still on his way' using errcode = 'check_violation';
    end if;
    update public.contact_transferplan p set ended_at = new.closed_at where p.event_id = new.id and p.ended_at is null;
  end if;
  return new;
end $$;

-- In whose name ---------------------------------------------------------------------------------------------------------------------------
create trigger own_answer before update of answered_by, answered_at on public.contact_booking for each row execute function access.own_name('answered_by', 'answered_at');
create trigger own_call before update of called_by on public.contact_booking for each row execute function access.own_name('called_by');
create trigger own_answer before update of answered_by, answered_at, state, words on public.contact_dayseat for each row execute function access.own_name('answered_by', 'answered_at', 'state', 'words');
create trigger own_sentence before update of edited_by, edited_at, words_cipher, base, struck on public.contact_finding for each row execute function access.own_name('edited_by', 'edited_at', 'words_cipher', 'base', 'struck');

-- What was said stays as it was typed, or goes; key changes are the owner's.
create trigger said_stands before update of said_cipher on public.contact_opinion for each row when (new.said_cipher is not null and new.said_cipher is distinct from old.said_cipher) execute function access.said_stands();

-- Who visited, when, whom he met, whose check-up it is: never rewritten. Decisions are withdrawn and made anew.
revoke update on public.contact_visit, public.contact_checkup, public.contact_door from minqing_app;
grant update (how, topics, companions, words_cipher, version, outcome_cipher, act, voided_at) on public.contact_visit to minqing_app;
grant update (voided_at) on public.contact_checkup to minqing_app;
grant update (ended_at) on public.contact_door to minqing_app;
revoke update (payload, due_on) on public.contact_decision from minqing_app;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef and p.proname in ('count_wavers', 'meeting_goes_on') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
