-- What the database itself refuses about counts, decisions, answers, signatures, the list of a call and an analysis: DESIGN §4.
--
-- Invariants: a counter who takes his own figures back has not seen the other's; a decision rests on two equal counts of its own item, or on the
-- agreement of a kind that may agree; who answers answers in his own name, once; what two have signed stands with its title, place and notice;
-- the list of a call that is closed is not rewritten and its record not taken away; nobody writes an analysis in another's name.

-- Both figures are read when both stand. Written and taken back in one breath does not count as standing: a figure that is not committed beside
-- one that is opens nothing.
create or replace function access.counted_twice(item uuid, turn smallint) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select count(*) >= 2 and count(*) filter (where pg_xact_status(access.transaction_of(c.xmin)::text::xid8) = 'in progress') in (0, count(*))
    from public.contact_votecount c
   where c.item_id = counted_twice.item and c.turn = counted_twice.turn
     and access.scope('contact') @> c.area_code::text and (length(c.area_code) < 12 or access.scope('people') @> c.area_code::text)
$$;

create or replace function access.votecount_row() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  width integer;
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
  select cardinality(i.options) into width from public.contact_agendaitem i join public.contact_meeting m on m.id = i.meeting_id where i.id = new.item_id and m.state = 'held' and i.dropped_at is null;
  if width is null or width < 2 or cardinality(new.figures) <> width or exists (select from public.contact_resolution r where r.item_id = new.item_id) then
    raise exception 'not counted now' using errcode = 'check_violation';
  end if;
  select coalesce(max(c.turn), 0) into last from public.contact_votecount c where c.item_id = new.item_id;
  select count(*), count(distinct (c.figures, c.invalid)) = 1 into stood, same from public.contact_votecount c where c.item_id = new.item_id and c.turn = last;
  if not ((new.turn = last and stood = 1) or (new.turn = last + 1 and (last = 0 or (stood = 2 and not same)))) then
    raise exception 'not this turn' using errcode = 'check_violation';
  end if;
  -- 毛小芬 and 毛 小芬 are one person
  if exists (select from public.contact_votecount c where c.item_id = new.item_id and c.turn = new.turn
              and regexp_replace(c.counter, '[\s　]', '', 'g') = regexp_replace(new.counter, '[\s　]', '', 'g')) then
    raise exception 'two counters are two people' using errcode = 'check_violation';
  end if;
  return new;
end $$;

-- A decision says what was counted. The kinds are those of data/meetings.toml.
create function access.resolution_row() returns trigger
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
  if not new.by_count or (select count(*) <> 2 or count(distinct (x.figures, x.invalid)) <> 1 from public.contact_votecount x where x.item_id = new.item_id and x.turn = last)
     or new.figures -> 'votes' is distinct from to_jsonb(c.figures) or new.figures -> 'invalid' is distinct from to_jsonb(c.invalid) or new.figures -> 'options' is distinct from to_jsonb(i.options)
     or (new.passed and not exists (select from unnest(i.options, c.figures) as o(said, n) where o.n >= floor_of and o.said not in ('反对', '弃权', '不同意', '都不同意'))) then
    raise exception 'not what was counted' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger resolution_row before insert on public.contact_resolution for each row execute function access.resolution_row();
alter function access.resolution_row() owner to minqing_guard;
revoke all on function access.resolution_row() from public;

-- Answered once, by who answers.
alter policy scope_change on public.contact_objection
  using ((select access.scope('contact')) @> area_code and (length(area_code) < 12 or (select access.scope('people')) @> area_code) and answered_at is null)
  with check ((select access.scope('contact')) @> area_code and (length(area_code) < 12 or (select access.scope('people')) @> area_code) and answered_by = (select access.proven('staff')::uuid));

create or replace function access.meeting_signed() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := (select access.proven('staff')::uuid);
begin
  if old.chair_signed_at is not null and old.recorder_signed_at is not null then
    if (new.minutes_cipher, new.minutes_version, new.present, new.households_present, new.observers, new.due, new.households, new.due_reason, new.chair, new.recorder, new.starts_at, new.held_at, new.chair_signed_at, new.recorder_signed_at,
        new.title, new.ends_at, new.place, new.noticed_at, new.notice_reason)
       is distinct from (old.minutes_cipher, old.minutes_version, old.present, old.households_present, old.observers, old.due, old.households, old.due_reason, old.chair, old.recorder, old.starts_at, old.held_at, old.chair_signed_at, old.recorder_signed_at,
        old.title, old.ends_at, old.place, old.noticed_at, old.notice_reason)
       or new.state not in ('signed', 'published', 'closed') then
      raise exception 'signed minutes stand' using errcode = 'insufficient_privilege';
    end if;
  else
    if (new.minutes_cipher, new.chair, new.recorder, new.present, new.households_present, new.observers, new.due, new.households) is distinct from (old.minutes_cipher, old.chair, old.recorder, old.present, old.households_present, old.observers, old.due, old.households)
       and (new.chair_signed_at is not null or new.recorder_signed_at is not null) then
      raise exception 'a signature stands under its own words' using errcode = 'insufficient_privilege';
    end if;
    if (new.chair_signed_at is distinct from old.chair_signed_at and new.chair_signed_at is not null and (new.chair is distinct from me or new.minutes_cipher is null))
       or (new.recorder_signed_at is distinct from old.recorder_signed_at and new.recorder_signed_at is not null and (new.recorder is distinct from me or new.minutes_cipher is null)) then
      raise exception 'nobody signs for another' using errcode = 'insufficient_privilege';
    end if;
    if new.state in ('signed', 'published', 'closed') and (new.chair_signed_at is null or new.recorder_signed_at is null) then
      raise exception 'not signed by two' using errcode = 'insufficient_privilege';
    end if;
  end if;
  return new;
end $$;

-- The list of a call -------------------------------------------------------------------------------------------------------------------
alter policy scope_change on public.contact_transferline using ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code
    and exists (select from public.contact_transferevent e where e.id = contact_transferline.event_id and e.closed_at is null))
  with check ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code
    and (shelter_id is null or exists (select from public.contact_shelter s where s.id = contact_transferline.shelter_id and s.area_code = left(contact_transferline.grid_code, 12))));

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
    new.closed_at := clock_timestamp();
    if exists (select from public.contact_transferline l where l.event_id = new.id and l.state in ('waiting', 'going', 'arrived', 'missing')) then
      raise exception 'somebody is still on his way' using errcode = 'check_violation';
    end if;
    update public.contact_transferplan p set ended_at = new.closed_at where p.event_id = new.id and p.ended_at is null;
  end if;
  return new;
end $$;

-- A mark says one of the things that can be said; it waits for who is closing the call, and who closes waits for it.
create function access.transfermark_row() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  e public.contact_transferevent;
begin
  if new.state is null or new.state not in ('waiting', 'going', 'arrived', 'safe', 'refused', 'missing', 'home') then
    raise exception 'nothing that a mark says' using errcode = 'check_violation';
  end if;
  select x.* into e from public.contact_transferevent x where x.id = (select l.event_id from public.contact_transferline l where l.id = new.line_id) for share;
  if e.closed_at is not null and new.at > e.closed_at then
    raise exception 'this call is closed' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger transfermark_row before insert on public.contact_transfermark for each row execute function access.transfermark_row();
alter function access.transfermark_row() owner to minqing_guard;
revoke all on function access.transfermark_row() from public;

-- An analysis --------------------------------------------------------------------------------------------------------------------------
create function access.analysis_by() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := (select access.proven('staff')::uuid);
  was uuid[] := case when tg_table_name = 'contact_analysis' then array[(to_jsonb(old) ->> 'drafted_by')::uuid, (to_jsonb(old) ->> 'read_by')::uuid, (to_jsonb(old) ->> 'signed_by')::uuid] else array[(to_jsonb(old) ->> 'edited_by')::uuid] end;
  is_now uuid[] := case when tg_table_name = 'contact_analysis' then array[(to_jsonb(new) ->> 'drafted_by')::uuid, (to_jsonb(new) ->> 'read_by')::uuid, (to_jsonb(new) ->> 'signed_by')::uuid] else array[(to_jsonb(new) ->> 'edited_by')::uuid] end;
begin
  if exists (select from unnest(was, is_now) as x(a, b) where x.b is distinct from x.a and x.b is distinct from me) then
    raise exception 'nobody writes in another''s name' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger analysis_by before update on public.contact_analysis for each row execute function access.analysis_by();
create trigger analysis_by before update on public.contact_finding for each row when (new.edited_by is distinct from old.edited_by) execute function access.analysis_by();
revoke all on function access.analysis_by() from public;
