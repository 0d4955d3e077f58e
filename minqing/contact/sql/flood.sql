-- 防汛转移: whose rows the plan and the list of a call are, who may say where somebody is, and the little that a fetcher without files sees.
-- DESIGN §4; domain.md §4.1, §4.3.
--
-- Invariants: the plan is read by who looks after the files of its grid and written by who arranges the village's days there; why somebody
-- needs help is read by who works the plan of that village alone; where somebody is comes of marks that nobody changes, written by whoever keeps the
-- file, fetches the person or keeps the shelter; a fetcher without files sees his own lines while the call is open and no longer; a call
-- that was closed stays closed.

-- Of the village -----------------------------------------------------------------------------------------------------------------------
do $$
declare
  t text;
begin
  foreach t in array array['contact_shelter', 'contact_dangerzone', 'contact_transferevent'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy read on public.%I for select to minqing_app using ((select access.scope(''intake'')) @> area_code or (select access.scope(''contact'')) @> area_code)', t);
    execute format('grant select, insert on public.%I to minqing_app', t);
    execute format('grant select on public.%I to minqing_guard', t);
  end loop;
  foreach t in array array['contact_shelter', 'contact_dangerzone'] loop
    execute format('create policy add on public.%I for insert to minqing_app with check (length(area_code) = 12 and (select access.scope(''contact'')) @> area_code and made_by = (select access.proven(''staff'')::uuid))', t);
    execute format('create policy change on public.%I for update to minqing_app using ((select access.scope(''contact'')) @> area_code) with check ((select access.scope(''contact'')) @> area_code)', t);
    execute format('call access.keep(%L, ''id'', ''area_code'', ''made_by'', ''made_at'')', 'public.' || t);
  end loop;
end $$;
grant update (name, place, capacity, keeper_name, keeper_phone, keeper, key_holder, ended_at) on public.contact_shelter to minqing_app;
grant update (name, why, note, ended_at) on public.contact_dangerzone to minqing_app;
create policy add on public.contact_transferevent for insert to minqing_app with check (
  length(area_code) = 12 and (select access.scope('contact')) @> area_code and started_by = (select access.proven('staff')::uuid) and closed_at is null
  and not exists (select from unnest(zones) z where not exists (select from public.contact_dangerzone d where d.id = z and d.area_code = contact_transferevent.area_code)));
create policy change on public.contact_transferevent for update to minqing_app using ((select access.scope('contact')) @> area_code)
  with check ((select access.scope('contact')) @> area_code and (closed_by is null or closed_by = (select access.proven('staff')::uuid))
    and not exists (select from unnest(zones) z where not exists (select from public.contact_dangerzone d where d.id = z and d.area_code = contact_transferevent.area_code)));
grant update (zones, level, reason, closed_by, closed_at, record_cipher) on public.contact_transferevent to minqing_app;
call access.keep('public.contact_transferevent', 'id', 'area_code', 'drill', 'started_by', 'started_at');

-- The plan -----------------------------------------------------------------------------------------------------------------------------
call access.protect_area_table('public.contact_transferplan', 'people', 'contact');
alter policy scope_add on public.contact_transferplan with check ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code and made_by = (select access.proven('staff')::uuid)
  and (household_id is null or exists (select from public.archives_household h where h.id = contact_transferplan.household_id and h.grid_code = contact_transferplan.grid_code))
  and (person_id is null or exists (select from public.archives_placement p where p.person_id = contact_transferplan.person_id and p.ends_on is null))
  and (person_id is not null or event_id is not null)
  and (event_id is null or exists (select from public.contact_transferevent e where e.id = contact_transferplan.event_id and e.area_code = left(contact_transferplan.grid_code, 12) and e.closed_at is null))
  and (shelter_id is null or exists (select from public.contact_shelter s where s.id = contact_transferplan.shelter_id and s.area_code = left(contact_transferplan.grid_code, 12)))
  and (zone_id is null or exists (select from public.contact_dangerzone z where z.id = contact_transferplan.zone_id and z.area_code = left(contact_transferplan.grid_code, 12))));
alter policy scope_change on public.contact_transferplan using ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code)
  with check ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code
  and (shelter_id is null or exists (select from public.contact_shelter s where s.id = contact_transferplan.shelter_id and s.area_code = left(contact_transferplan.grid_code, 12)))
  and (zone_id is null or exists (select from public.contact_dangerzone z where z.id = contact_transferplan.zone_id and z.area_code = left(contact_transferplan.grid_code, 12))));
grant select, insert, update (zone_id, shelter_id, fetcher, vehicle, who_cipher, version, ended_at) on public.contact_transferplan to minqing_app;
grant select, delete, update on public.contact_transferplan to minqing_guard;
call access.keep('public.contact_transferplan', 'id', 'household_id', 'event_id', 'made_by', 'made_at');

-- What is needed at a door, level 4: who works the plan of that village.
alter table public.contact_transferneed enable row level security;
alter table public.contact_transferneed force row level security;
create policy guard on public.contact_transferneed to minqing_guard using (true) with check (true);
create policy sensitive_read on public.contact_transferneed for select to minqing_app using ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code);
create policy scope_add on public.contact_transferneed for insert to minqing_app with check ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code and author = (select access.proven('staff')::uuid)
  and exists (select from public.contact_transferplan p where p.id = contact_transferneed.plan_id and p.grid_code = contact_transferneed.grid_code));
create policy scope_change on public.contact_transferneed for update to minqing_app using ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code)
  with check ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code and author = (select access.proven('staff')::uuid));
grant select, insert, update (author, at, payload) on public.contact_transferneed to minqing_app;
grant select, delete, update (grid_code) on public.contact_transferneed to minqing_guard;
call access.keep('public.contact_transferneed', 'id', 'plan_id');

-- The list of a call -------------------------------------------------------------------------------------------------------------------
call access.protect_area_table('public.contact_transferline', 'people', 'contact');
call access.protect_area_table('public.contact_transfermark', 'people', 'write');
-- lines come of the plan, marks of access.transfer_mark alone
drop policy scope_add on public.contact_transferline;
drop policy scope_add on public.contact_transfermark;
drop policy scope_change on public.contact_transfermark;
alter policy scope_change on public.contact_transferline using ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code)
  with check ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code
  and (shelter_id is null or exists (select from public.contact_shelter s where s.id = contact_transferline.shelter_id and s.area_code = left(contact_transferline.grid_code, 12))));
grant select, update (shelter_id, fetcher) on public.contact_transferline to minqing_app;
grant select on public.contact_transfermark to minqing_app;
grant select, insert, update on public.contact_transferline, public.contact_transfermark to minqing_guard;

-- The standing plan goes into the list when a call begins, and once more for zones that are added: nobody twice.
create function access.transfer_copy(call uuid) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  insert into public.contact_transferline (id, grid_code, event_id, plan_id, zone_id, shelter_id, fetcher, at_home, state)
  select gen_random_uuid(), p.grid_code, e.id, p.id, p.zone_id, p.shelter_id, p.fetcher, x.home, case when x.home then 'waiting' else 'away' end
    from public.contact_transferevent e
    join public.contact_transferplan p on p.grid_code >= e.area_code and p.grid_code < e.area_code || ':' and p.ended_at is null and (p.event_id = e.id or (p.event_id is null and (e.zones = '{}' or p.zone_id = any (e.zones))))
    left join public.archives_resident r on r.id = p.person_id
    cross join lateral (select p.person_id is null or (r.living_elsewhere = '' and r.residence_match not in ('02', '03'))
        or exists (select from public.archives_membership m where m.person_id = p.person_id and m.by = 'living' and m.ends_on is null and m.voided_at is null) as home) x
   where e.id = transfer_copy.call and e.closed_at is null and (p.person_id is null or (r.alive and r.voided_at is null))
  on conflict (event_id, plan_id) do nothing
$$;
create function access.transfer_begins() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access.transfer_copy(new.id);
  return null;
end $$;
create trigger transfer_begins after insert or update of zones on public.contact_transferevent for each row execute function access.transfer_begins();
create function access.transfer_added() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access.transfer_copy(new.event_id);
  return null;
end $$;
create trigger transfer_added after insert on public.contact_transferplan for each row when (new.event_id is not null) execute function access.transfer_added();

-- Closed once, with nobody on the way and nobody left in a shelter; what is closed stays as it is.
create function access.transfer_closes() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if old.closed_at is not null and row(new.zones, new.level, new.reason, new.closed_by, new.closed_at) is distinct from row(old.zones, old.level, old.reason, old.closed_by, old.closed_at)
     or old.closed_at is not null and new.record_cipher is not null and new.record_cipher is distinct from old.record_cipher then
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
create trigger transfer_closes before update on public.contact_transferevent for each row execute function access.transfer_closes();

-- Villages in which the caller holds a post of the village itself: who fetches or keeps a shelter works there. A town's desk, which arranges
-- shelters and reads no names, could otherwise write itself down as a keeper.
create function access.posts_in_villages() returns access.codeset
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(range_agg(access.codes(left(a ->> 'area', 12), left(a ->> 'area', 12) || ':')), '{}')
    from jsonb_array_elements(access.proven() -> 'appointments') a where length(a ->> 'area') >= 12
$$;

-- Whether the caller may say where this person is: he keeps the file, fetches the person, or keeps the shelter.
create function access.may_mark(l public.contact_transferline, village text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select access.scope('intake') @> village and ((access.scope('people') @> l.grid_code::text and access.scope('write') @> l.grid_code::text) or access.posts_in_villages() @> village and (l.fetcher = access.proven('staff')::uuid
    or exists (select from public.contact_shelter s where s.id in (l.shelter_id, l.where_id) and s.keeper = access.proven('staff')::uuid and s.ended_at is null)))
$$;

-- One mark. The line shows the mark that happened last; of two of one moment the one that came later. Nothing is overwritten.
create function access.transfer_mark(mark uuid, line uuid, said text, happened timestamptz, shelter uuid, words bytea, from_paper boolean, prints bytea[]) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  l public.contact_transferline;
  e public.contact_transferevent;
  last public.contact_transfermark;
begin
  -- the same mark again is one mark: `prints` are what its content looks like under every key, the newest first
  select m.* into last from public.contact_transfermark m where m.id = transfer_mark.mark;
  if last.id is not null then
    if last.line_id = transfer_mark.line and last.entered_by = access.claim('staff')::uuid and last.content_digest = any (prints) then
      return (select x.state from public.contact_transferline x where x.id = last.line_id);
    end if;
    raise exception 'this number stands for another mark' using errcode = 'unique_violation';
  end if;
  select x.* into l from public.contact_transferline x where x.id = transfer_mark.line for no key update;
  select x.* into e from public.contact_transferevent x where x.id = l.event_id;
  if l.id is null or not coalesce(access.may_mark(l, e.area_code), false) then
    raise exception 'not on a list of his' using errcode = 'insufficient_privilege';
  end if;
  -- what was marked on a phone without a signal arrives after the end as well, as long as it happened before
  if e.closed_at is not null and (happened > e.closed_at or e.closed_at < clock_timestamp() - interval '14 days') then
    raise exception 'this call is closed' using errcode = 'check_violation';
  end if;
  if happened > clock_timestamp() + interval '10 minutes' or happened < e.started_at - interval '1 day' then
    raise exception 'not a time of this call' using errcode = 'check_violation';
  end if;
  if transfer_mark.shelter is not null and not exists (select from public.contact_shelter s where s.id = transfer_mark.shelter and s.area_code = e.area_code) then
    raise exception 'not a shelter of this village' using errcode = 'check_violation';
  end if;
  insert into public.contact_transfermark (id, grid_code, line_id, state, at, shelter_id, words_cipher, paper, entered_by, entered_at, content_digest)
  values (transfer_mark.mark, l.grid_code, l.id, said, happened, case when said in ('arrived', 'going') then coalesce(transfer_mark.shelter, l.shelter_id) end, words, from_paper, access.claim('staff')::uuid, clock_timestamp(), prints[1]);
  select m.* into last from public.contact_transfermark m where m.line_id = l.id order by m.at desc, m.entered_at desc, m.id desc limit 1;
  update public.contact_transferline x set state = last.state, state_at = last.at, where_id = case when last.state = 'arrived' then last.shelter_id end where x.id = l.id;
  return last.state;
end $$;

-- A transaction's number with its epoch, beside the snapshot's (see sync/queries.py).
create function access.transaction_of(x xid) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select t.top + ((x::text::bigint - t.top + 4278190080) & 4294967295) - 4278190080 from (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as top) t $$;

-- Lines of open calls on which the caller works, with the little that a list shows. `xid`: the newest transaction that wrote a part of it.
create function access.transfers() returns table (line uuid, event uuid, area text, level text, drill boolean, started_at timestamptz, plan uuid, who_cipher bytea, zone text, shelter uuid, shelter_name text, place text,
  state text, state_at timestamptz, where_name text, mine boolean, fetcher_name text, vehicle text, xid bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select l.id, e.id, e.area_code::text, e.level::text, e.drill, e.started_at, p.id, p.who_cipher, z.name::text, s.id, s.name::text, s.place::text, l.state::text, l.state_at, w.name::text,
         coalesce(l.fetcher = access.proven('staff')::uuid, false), f.name::text, p.vehicle::text, greatest(access.transaction_of(l.xmin), access.transaction_of(p.xmin), access.transaction_of(e.xmin), access.transaction_of(s.xmin))
    from public.contact_transferevent e
    join public.contact_transferline l on l.event_id = e.id
    join public.contact_transferplan p on p.id = l.plan_id
    left join public.contact_dangerzone z on z.id = l.zone_id
    left join public.contact_shelter s on s.id = l.shelter_id
    left join public.contact_shelter w on w.id = l.where_id
    left join public.access_staff f on f.id = l.fetcher
   -- the same as access.may_mark, asked once for all lines: every pull of every phone comes here
   where e.closed_at is null and (select access.claim('staff')) is not null and (select access.scope('intake')) @> e.area_code::text
     and ((select access.scope('people')) @> l.grid_code::text and (select access.scope('write')) @> l.grid_code::text
          or (select access.posts_in_villages()) @> e.area_code::text and (l.fetcher = (select access.proven('staff')::uuid)
              or exists (select from public.contact_shelter k where k.id in (l.shelter_id, l.where_id) and k.keeper = (select access.proven('staff')::uuid) and k.ended_at is null)))
   order by s.name, p.grid_code, p.household_id, l.id
$$;
-- Counts of people to be saved, per zone and shelter: for whoever works in the village or watches over it. No names.
create function access.transfer_counts(events uuid[]) returns table (event uuid, zone uuid, shelter uuid, state text, n bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select e.id, l.zone_id, coalesce(l.where_id, l.shelter_id), l.state::text, count(*)
    from public.contact_transferevent e join public.contact_transferline l on l.event_id = e.id
   where e.id = any (events) and ((select access.scope('intake')) @> e.area_code::text or (select access.scope('contact')) @> e.area_code::text)
   group by 1, 2, 3, 4
$$;

-- Everybody may know where one is safe: shelters of a village with the keeper's work telephone.
create function access.public_shelters(village text) returns table (name text, place text, capacity smallint, keeper_name text, keeper_phone text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select s.name::text, s.place::text, s.capacity::smallint, s.keeper_name::text, s.keeper_phone::text
    from public.contact_shelter s where s.area_code = public_shelters.village and s.ended_at is null and access.claim('purpose') is not null order by s.name
$$;

-- Names leave half a year after a call at the earliest: lines, states, times and counts stay.
create function access.expire_transfers(kind text, before timestamptz, most integer, dry boolean) returns table (n integer, files uuid[])
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  calls uuid[];
  plans uuid[];
begin
  if coalesce(kind, '') <> 'transfer' or coalesce(access.proven('actor'), '') <> 'keeper' or before > clock_timestamp() - interval '90 days' or most not between 1 and 10000 then
    raise exception 'not due by any rule' using errcode = 'insufficient_privilege';
  end if;
  calls := array(select e.id from public.contact_transferevent e where e.closed_at < before and (e.record_cipher is not null or exists (select from public.contact_transferline l where l.event_id = e.id and l.plan_id is not null))
                 limit most for update skip locked);
  plans := array(select p.id from public.contact_transferplan p where p.ended_at < before
                    and not exists (select from public.contact_transferline l join public.contact_transferevent e on e.id = l.event_id where l.plan_id = p.id and not e.id = any (calls)) limit most for update skip locked);
  if not dry then
    update public.contact_transfermark m set words_cipher = null from public.contact_transferline l where l.id = m.line_id and l.event_id = any (calls) and m.words_cipher is not null;
    update public.contact_transferline l set plan_id = null, fetcher = null where l.event_id = any (calls);
    update public.contact_transferevent e set record_cipher = null where e.id = any (calls);
    delete from public.contact_transferneed d where d.plan_id = any (plans);
    delete from public.contact_transferplan p where p.id = any (plans);
    if cardinality(calls) + cardinality(plans) > 0 then
      perform access.note('retention.erase', '{}', '{}', jsonb_build_object('kind', kind, 'n', cardinality(calls) + cardinality(plans), 'files', 0, 'before', before));
    end if;
  end if;
  return query select cardinality(calls) + cardinality(plans), '{}'::uuid[];
end $$;

-- Within its village a household takes its lines along; one that moves to another village leaves the plan there.
create function access.transfers_follow() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if left(old.grid_code, 12) = left(new.grid_code, 12) or exists (
       select 1 from public.access_areasuccession s where s.old_id = left(old.grid_code, 12) and s.new_id = left(new.grid_code, 12)) then
    update public.contact_transferneed n set grid_code = new.grid_code from public.contact_transferplan p where p.id = n.plan_id and p.household_id = new.id;
    update public.contact_transfermark m set grid_code = new.grid_code from public.contact_transferline l join public.contact_transferplan p on p.id = l.plan_id where l.id = m.line_id and p.household_id = new.id;
    update public.contact_transferline l set grid_code = new.grid_code from public.contact_transferplan p where p.id = l.plan_id and p.household_id = new.id;
    update public.contact_transferplan p set grid_code = new.grid_code where p.household_id = new.id and p.grid_code = old.grid_code;
    update public.contact_gravenews g set grid_code = new.grid_code where g.household_id = new.id and g.grid_code = old.grid_code;
    update public.contact_doorask a set grid_code = new.grid_code where a.household_id = new.id and a.grid_code = old.grid_code;
  else
    update public.contact_transferplan p set ended_at = clock_timestamp() where p.household_id = new.id and p.ended_at is null and p.event_id is null;
    update public.contact_doorask a set ended_at = clock_timestamp() where a.household_id = new.id and a.ended_at is null;
  end if;
  return null;
end $$;
create trigger transfers_follow after update of grid_code on public.archives_household for each row when (old.grid_code is distinct from new.grid_code) execute function access.transfers_follow();

-- Doors that wait ----------------------------------------------------------------------------------------------------------------------
call access.protect_area_table('public.contact_gravenews');
alter policy scope_add on public.contact_gravenews with check ((select access.scope('write')) @> grid_code and made_by = (select access.proven('staff')::uuid)
  and exists (select from public.archives_household h where h.id = contact_gravenews.household_id and h.grid_code = contact_gravenews.grid_code));
grant select, insert, update (voided_at) on public.contact_gravenews to minqing_app;
call access.protect_area_table('public.contact_doorask');
alter policy scope_add on public.contact_doorask with check ((select access.scope('write')) @> grid_code and made_by = (select access.proven('staff')::uuid) and answer = ''
  and exists (select from public.archives_household h where h.id = contact_doorask.household_id and h.grid_code = contact_doorask.grid_code));
-- who is asked sees what he is asked while it stands, where he works in the village, and answers it once
create policy asked_read on public.contact_doorask for select to minqing_app using (asked = (select access.proven('staff')::uuid) and (select access.scope('intake')) @> left(grid_code, 12) and ended_at is null);
create policy asked_change on public.contact_doorask for update to minqing_app using (asked = (select access.proven('staff')::uuid) and (select access.scope('intake')) @> left(grid_code, 12) and ended_at is null and answer = '')
  with check (asked = (select access.proven('staff')::uuid) and (select access.scope('intake')) @> left(grid_code, 12));
grant select, insert, update (answer, answered_at, ended_at) on public.contact_doorask to minqing_app;
call access.keep('public.contact_doorask', 'id', 'household_id', 'need', 'asked', 'made_by', 'made_at');
create function access.only_who_is_asked() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if new.answer is distinct from old.answer and (old.answer <> '' or old.asked is distinct from access.proven('staff')::uuid) then
    raise exception 'only who is asked answers, once' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger only_who_is_asked before update of answer on public.contact_doorask for each row execute function access.only_who_is_asked();
grant select, update (grid_code) on public.contact_gravenews to minqing_guard;
grant select, update (grid_code, ended_at) on public.contact_doorask to minqing_guard;

alter table public.contact_countyinterval enable row level security;
alter table public.contact_countyinterval force row level security;
create policy guard on public.contact_countyinterval to minqing_guard using (true) with check (true);
create policy read on public.contact_countyinterval for select to minqing_app using ((select access.proven('staff')) is not null);
create policy add on public.contact_countyinterval for insert to minqing_app with check (length(area_code) = 6 and (select access.scope('catalogue')) @> area_code and made_by = (select access.proven('staff')::uuid));
create policy change on public.contact_countyinterval for update to minqing_app using ((select access.scope('catalogue')) @> area_code) with check ((select access.scope('catalogue')) @> area_code);
grant select, insert, update (ended_at) on public.contact_countyinterval to minqing_app;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef and p.proname in (
      'transfer_copy', 'transfer_begins', 'transfer_added', 'transfer_closes', 'posts_in_villages', 'may_mark', 'transfer_mark', 'transfers', 'transaction_of', 'transfer_counts', 'public_shelters', 'expire_transfers', 'transfers_follow', 'only_who_is_asked') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.transfer_mark(uuid, uuid, text, timestamptz, uuid, bytea, boolean, bytea[]), access.transfers(), access.transfer_counts(uuid[]) to minqing_app;
grant execute on function access.public_shelters(text) to minqing_resident;
grant execute on function access.expire_transfers(text, timestamptz, integer, boolean) to minqing_jobs;
grant update (zones, closed_at, record_cipher) on public.contact_transferevent to minqing_guard;

call access.moves_with_person('public.contact_transferplan', 'person_id');
