-- Meetings: whose rows they are, what a counter sees, what is frozen, what everybody reads. domain.md §4.9; DESIGN §4.
--
-- Invariants: what was said, who came, the minutes and the counts are read by whoever arranges meetings there and keeps the village's
-- files; a town's desk sees of a village's meeting that it takes place and what was decided; a confidential remark is its writer's; a
-- counter sees the other's figures when both stand; a signed minute and a published text are never rewritten.

-- The caller's own villages and towns, each as one code: whoever works there knows when it meets.
create function access.meets_at() returns access.codeset
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(range_agg(access.codes(c, c, '[]')), '{}')
    from jsonb_array_elements(access.proven() -> 'appointments') a, unnest(array[left(a ->> 'area', 12), left(a ->> 'area', 9)]) c
   where length(c) in (9, 12) and exists (select from public.access_roleright r where r.role_id = a ->> 'role' and r."right" in ('intake', 'figures', 'contact'))
$$;
-- Whether two have counted: then both are read.
create function access.counted_twice(item uuid, turn smallint) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select count(*) >= 2 from public.contact_votecount c where c.item_id = counted_twice.item and c.turn = counted_twice.turn $$;
-- How many have counted, and whether the caller was one: so that the second knows that it is his turn.
create function access.counted(item uuid) returns table (turn smallint, n integer, mine boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select c.turn, count(*)::integer, bool_or(c.entered_by = access.claim('staff')::uuid)
    from public.contact_votecount c
   where c.item_id = counted.item and access.scope('contact') @> c.area_code::text and (length(c.area_code) < 12 or access.scope('people') @> c.area_code::text)
   group by c.turn order by c.turn
$$;

do $$
declare
  t text;
  inside text := '(select access.scope(''contact'')) @> area_code and (length(area_code) < 12 or (select access.scope(''people'')) @> area_code)';
  near text := '(select access.scope(''contact'')) @> area_code or (select access.meets_at()) @> area_code';
  mine text := '(select access.proven(''staff'')::uuid)';
  of_meeting text := 'exists (select from public.contact_meeting m where m.id = meeting_id and m.area_code = %I.area_code)';
  seen_matter text := '(matter_id is null or exists (select from public.service_seat s where s.matter_id = %I.matter_id and not s.restricted))';
  writer text;
  reads text;
  adds text;
begin
  foreach t in array array['contact_meeting', 'contact_meetingstep', 'contact_agendaitem', 'contact_attendance', 'contact_opinion', 'contact_votecount', 'contact_resolution', 'contact_resolutionnote',
                           'contact_publication', 'contact_objection', 'contact_meetingpaper', 'contact_representative'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    writer := case t when 'contact_opinion' then 'typed_by' when 'contact_votecount' then 'entered_by' when 'contact_meetingstep' then '"by"' when 'contact_resolutionnote' then '"by"' else 'made_by' end;
    reads := case when t in ('contact_meeting', 'contact_agendaitem', 'contact_resolution', 'contact_publication') then near else inside end;
    if t = 'contact_opinion' then
      reads := format('%s and (not confidential or typed_by = %s)', inside, mine);
    elsif t = 'contact_votecount' then
      reads := format('%s and access.counted_twice(item_id, turn)', inside);
    end if;
    adds := format('%s and %s = %s', inside, writer, mine);
    if t in ('contact_meetingstep', 'contact_agendaitem', 'contact_attendance', 'contact_opinion', 'contact_resolution', 'contact_publication', 'contact_objection', 'contact_meetingpaper') then
      adds := adds || ' and ' || format(of_meeting, t);
    end if;
    if t in ('contact_opinion', 'contact_votecount', 'contact_resolution', 'contact_meetingpaper') then
      adds := adds || format(' and (item_id is null or exists (select from public.contact_agendaitem i where i.id = item_id and i.area_code = %I.area_code))', t);
    end if;
    if t = 'contact_resolutionnote' then
      adds := adds || ' and exists (select from public.contact_resolution r where r.id = resolution_id and r.area_code = contact_resolutionnote.area_code)';
    end if;
    if t in ('contact_opinion', 'contact_agendaitem', 'contact_resolutionnote') then
      adds := adds || ' and ' || format(seen_matter, t);
    end if;
    execute format('create policy scope_read on public.%I for select to minqing_app using (%s)', t, reads);
    execute format('create policy scope_add on public.%I for insert to minqing_app with check (%s)', t, adds);
    if t not in ('contact_meetingstep', 'contact_votecount', 'contact_resolutionnote', 'contact_meetingpaper') then
      execute format('create policy scope_change on public.%I for update to minqing_app using (%s) with check (%s%s)', t,
        inside || case when t = 'contact_opinion' then format(' and (not confidential or typed_by = %s)', mine) else '' end,
        inside, case when t = 'contact_opinion' then ' and ' || format(seen_matter, t) else '' end);
    end if;
    execute format('grant select, insert on public.%I to minqing_app', t);
    execute format('grant select on public.%I to minqing_guard', t);
  end loop;
end $$;

call access.keep('public.contact_meeting', 'id', 'area_code', 'kind', 'round_on', 'made_by', 'made_at');
call access.keep('public.contact_agendaitem', 'id', 'area_code', 'meeting_id', 'matter_id', 'resolution_id', 'made_by');
call access.keep('public.contact_attendance', 'id', 'area_code', 'meeting_id', 'made_by');
call access.keep('public.contact_opinion', 'id', 'area_code', 'meeting_id', 'number', 'typed_by', 'typed_at');
call access.keep('public.contact_resolution', 'id', 'area_code', 'meeting_id', 'item_id', 'number', 'text', 'passed', 'by_count', 'sentence', 'figures', 'decided_on', 'made_by');
call access.keep('public.contact_publication', 'id', 'area_code', 'meeting_id', 'text', 'starts_on', 'ends_on', 'made_by', 'made_at');
call access.keep('public.contact_objection', 'id', 'area_code', 'meeting_id', 'said_cipher', 'made_at', 'made_by');
call access.keep('public.contact_representative', 'id', 'area_code', 'name_cipher', 'starts_on', 'ends_on', 'made_by');
grant update (title, state, starts_at, ends_at, place, chair, recorder, due, households, due_reason, present, households_present, observers, noticed_at, notice_reason, held_at, heard, minutes_cipher, minutes_version,
              chair_signed_at, recorder_signed_at, revision) on public.contact_meeting to minqing_app;
grant update (position, title, options, ballots, dropped_at) on public.contact_agendaitem to minqing_app;
grant update (gone_at) on public.contact_attendance to minqing_app;
grant update (item_id, said_cipher, person_id, confidential, fate, answer_cipher, matter_id) on public.contact_opinion to minqing_app;
grant update (state) on public.contact_resolution to minqing_app;
grant update (withdrawn_at, reason) on public.contact_publication to minqing_app;
grant update (answer_cipher, answered_at, answered_by) on public.contact_objection to minqing_app;
grant update (left_on, left_why) on public.contact_representative to minqing_app;
grant insert on public.contact_objection to minqing_guard;
grant update (person_id) on public.contact_attendance, public.contact_opinion, public.contact_representative to minqing_guard;

-- One signs for himself, under the words that stand; what two have signed stands.
create function access.meeting_signed() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := (select access.proven('staff')::uuid);
begin
  if old.chair_signed_at is not null and old.recorder_signed_at is not null then
    if (new.minutes_cipher, new.minutes_version, new.present, new.households_present, new.observers, new.due, new.households, new.due_reason, new.chair, new.recorder, new.starts_at, new.held_at, new.chair_signed_at, new.recorder_signed_at)
       is distinct from (old.minutes_cipher, old.minutes_version, old.present, old.households_present, old.observers, old.due, old.households, old.due_reason, old.chair, old.recorder, old.starts_at, old.held_at, old.chair_signed_at, old.recorder_signed_at)
       or new.state not in ('signed', 'published', 'closed') then
      raise exception 'signed minutes stand' using errcode = 'insufficient_privilege';
    end if;
  else
    if (new.minutes_cipher is distinct from old.minutes_cipher or new.chair is distinct from old.chair or new.recorder is distinct from old.recorder)
       and (new.chair_signed_at is not null or new.recorder_signed_at is not null) then
      raise exception 'a signature stands under its own words' using errcode = 'insufficient_privilege';
    end if;
    if (new.chair_signed_at is distinct from old.chair_signed_at and new.chair_signed_at is not null and (new.chair <> me or new.minutes_cipher is null))
       or (new.recorder_signed_at is distinct from old.recorder_signed_at and new.recorder_signed_at is not null and (new.recorder <> me or new.minutes_cipher is null)) then
      raise exception 'nobody signs for another' using errcode = 'insufficient_privilege';
    end if;
    if new.state in ('signed', 'published') and (new.chair_signed_at is null or new.recorder_signed_at is null) then
      raise exception 'not signed by two' using errcode = 'insufficient_privilege';
    end if;
  end if;
  return new;
end $$;
create trigger meeting_signed before update on public.contact_meeting for each row execute function access.meeting_signed();
-- signed twice over is no new meeting either
create function access.meeting_fresh() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if new.state <> 'planned' or new.chair_signed_at is not null or new.recorder_signed_at is not null or new.minutes_cipher is not null or new.held_at is not null then
    raise exception 'a meeting begins as a plan' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger meeting_fresh before insert on public.contact_meeting for each row execute function access.meeting_fresh();

-- Two counters a turn; another turn only where the two of the last one differed.
create function access.votecount_row() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  width integer;
  last smallint;
  stood integer;
  same boolean;
begin
  perform pg_advisory_xact_lock(hashtextextended('votecount:' || new.item_id, 0));
  select cardinality(i.options) into width from public.contact_agendaitem i join public.contact_meeting m on m.id = i.meeting_id where i.id = new.item_id and m.state = 'held' and i.dropped_at is null;
  if width is null or width < 2 or cardinality(new.figures) <> width or exists (select from public.contact_resolution r where r.item_id = new.item_id) then
    raise exception 'not counted now' using errcode = 'check_violation';
  end if;
  select coalesce(max(c.turn), 0) into last from public.contact_votecount c where c.item_id = new.item_id;
  select count(*), count(distinct (c.figures, c.invalid)) = 1 into stood, same from public.contact_votecount c where c.item_id = new.item_id and c.turn = last;
  if not ((new.turn = last and stood = 1) or (new.turn = last + 1 and (last = 0 or (stood = 2 and not same)))) then
    raise exception 'not this turn' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger votecount_row before insert on public.contact_votecount for each row execute function access.votecount_row();

-- What everybody reads: meetings that were announced, and minutes while they hang.
create function access.public_meetings(place text) returns table (id uuid, kind text, title text, starts_at timestamptz, ends_at timestamptz, "where" text, items text[])
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select m.id, m.kind::text, m.title::text, m.starts_at, m.ends_at, m.place::text,
         array(select i.title::text from public.contact_agendaitem i where i.meeting_id = m.id and i.dropped_at is null order by i.position)
    from public.contact_meeting m
   where access.claim('purpose') is not null and length(public_meetings.place) in (9, 12) and m.area_code = public_meetings.place and m.state = 'noticed' and m.ends_at > clock_timestamp()
   order by m.starts_at limit 20
$$;
create function access.public_minutes(place text) returns table (id uuid, kind text, title text, held_on date, body text, starts_on date, ends_on date)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select m.id, m.kind::text, m.title::text, (m.starts_at at time zone 'Asia/Shanghai')::date, p.text, p.starts_on, p.ends_on
    from public.contact_publication p join public.contact_meeting m on m.id = p.meeting_id
   where access.claim('purpose') is not null and length(public_minutes.place) in (9, 12) and p.area_code = public_minutes.place and p.withdrawn_at is null and m.state = 'published'
     and (clock_timestamp() at time zone 'Asia/Shanghai')::date between p.starts_on and p.ends_on
   order by p.starts_on desc limit 20
$$;
-- A resident with an account does not agree with what hangs. Sealed before it comes here.
create function access.object_to(id uuid, meeting uuid, said bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  place text;
begin
  if access.claim('account') is null then
    raise exception 'log in first' using errcode = 'insufficient_privilege';
  end if;
  if not access.once_more('meeting.object', 6) then
    return 'often';
  end if;
  select m.area_code into place from public.contact_publication p join public.contact_meeting m on m.id = p.meeting_id
   where m.id = meeting and p.withdrawn_at is null and m.state = 'published' and (clock_timestamp() at time zone 'Asia/Shanghai')::date between p.starts_on and p.ends_on;
  if place is null then
    return 'over';
  end if;
  insert into public.contact_objection (id, area_code, meeting_id, said_cipher, made_at) values (id, place, meeting, said, clock_timestamp());
  insert into public.access_auditentry (id, area_code, what, persons, purpose, origin, detail)
  values (gen_random_uuid(), place, 'meeting.object', array_remove(array[(access.own_self())[1]], null), left(access.claim('purpose'), 40), left(access.claim('origin'), 80), jsonb_build_object('meeting', meeting));
  return 'said';
end $$;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef
              and p.proname in ('meets_at', 'counted_twice', 'counted', 'votecount_row', 'public_meetings', 'public_minutes', 'object_to') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.meets_at(), access.counted_twice(uuid, smallint), access.counted(uuid) to minqing_app;
grant execute on function access.public_meetings(text), access.public_minutes(text), access.object_to(uuid, uuid, bytea) to minqing_resident;
revoke all on function access.meeting_signed(), access.meeting_fresh() from public;

call access.moves_with_person('public.contact_attendance', 'person_id');
call access.moves_with_person('public.contact_opinion', 'person_id');
call access.moves_with_person('public.contact_representative', 'person_id');
