-- A call that runs while its village ends, and the halls and slopes of a village that was divided. DESIGN §4; access/sql/former.sql.
--
-- Invariants: a call goes on where its people are now, under the code of that village, so that whoever works there sees it and brings it to its
-- end; two calls that come to one village are one list; marks stay as they were made. What a divided village had registered belongs to all who
-- took its place, until one of them takes it: it is seen and used by each, counted over all, and nobody ends what another still needs.

-- The halls and slopes -------------------------------------------------------------------------------------------------------------------

-- Codes of divided villages whose halls a grid's officer or helper reads; who works for the whole village has them in his scope (rights_of).
create function access.halls() returns access.codeset
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(range_agg(access.codes(b.code, b.code, '[]')), '{}')
    from jsonb_array_elements(access.proven() -> 'appointments') a, access.before(left(a ->> 'area', 12)) b
   where length(a ->> 'area') > 12 and length(b.code) = 12 and exists (select from public.access_roleright r where r.role_id = a ->> 'role' and r."right" = 'intake')
$$;

alter policy read on public.contact_shelter using ((select access.scope('intake')) @> area_code or (select access.scope('contact')) @> area_code or (select access.halls()) @> area_code::text);
alter policy read on public.contact_dangerzone using ((select access.scope('intake')) @> area_code or (select access.scope('contact')) @> area_code or (select access.halls()) @> area_code::text);

alter policy scope_add on public.contact_transferplan with check ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code and made_by = (select access.proven('staff')::uuid)
  and (household_id is null or exists (select from public.archives_household h where h.id = contact_transferplan.household_id and h.grid_code = contact_transferplan.grid_code))
  and (person_id is null or exists (select from public.archives_placement p where p.person_id = contact_transferplan.person_id and p.ends_on is null))
  and (person_id is not null or event_id is not null)
  and (event_id is null or exists (select from public.contact_transferevent e where e.id = contact_transferplan.event_id and e.area_code = left(contact_transferplan.grid_code, 12) and e.closed_at is null))
  and (shelter_id is null or exists (select from public.contact_shelter s where s.id = contact_transferplan.shelter_id and s.area_code = any (access.former(array[left(contact_transferplan.grid_code, 12)]))))
  and (zone_id is null or exists (select from public.contact_dangerzone z where z.id = contact_transferplan.zone_id and z.area_code = any (access.former(array[left(contact_transferplan.grid_code, 12)])))));
alter policy scope_change on public.contact_transferplan with check ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code
  and (shelter_id is null or exists (select from public.contact_shelter s where s.id = contact_transferplan.shelter_id and s.area_code = any (access.former(array[left(contact_transferplan.grid_code, 12)]))))
  and (zone_id is null or exists (select from public.contact_dangerzone z where z.id = contact_transferplan.zone_id and z.area_code = any (access.former(array[left(contact_transferplan.grid_code, 12)])))));
alter policy scope_change on public.contact_transferline with check ((select access.scope('contact')) @> grid_code and (select access.scope('people')) @> grid_code
  and (shelter_id is null or exists (select from public.contact_shelter s where s.id = contact_transferline.shelter_id and s.area_code = any (access.former(array[left(contact_transferline.grid_code, 12)])))));
alter policy add on public.contact_transferevent with check (
  length(area_code) = 12 and (select access.scope('contact')) @> area_code and started_by = (select access.proven('staff')::uuid) and closed_at is null
  and not exists (select from unnest(zones) z where not exists (select from public.contact_dangerzone d where d.id = z and d.area_code = any (access.former(array[contact_transferevent.area_code::text])))));
alter policy change on public.contact_transferevent with check ((select access.scope('contact')) @> area_code and (closed_by is null or closed_by = (select access.proven('staff')::uuid))
  and not exists (select from unnest(zones) z where not exists (select from public.contact_dangerzone d where d.id = z and d.area_code = any (access.former(array[contact_transferevent.area_code::text])))));

-- How many people of the plan go to a hall or live under a slope, and how many of open lists, by village. Numbers, no names.
create function access.place_people(places uuid[]) returns table (place uuid, village text, planned bigint, called bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with p as materialized (
    select x.id, x.area_code::text as code from public.contact_shelter x where x.id = any (places) union all select x.id, x.area_code::text from public.contact_dangerzone x where x.id = any (places)
  ), own as (select p.id from p where access.scope('contact') @> p.code or access.scope('intake') @> p.code)
  select own.id, v.village, sum(v.planned)::bigint, sum(v.called)::bigint
    from own, lateral (
      select left(t.grid_code, 12) as village, 1 as planned, 0 as called from public.contact_transferplan t where t.ended_at is null and t.event_id is null and own.id in (t.shelter_id, t.zone_id)
      union all
      select left(l.grid_code, 12), 0, 1 from public.contact_transferline l join public.contact_transferevent e on e.id = l.event_id where e.closed_at is null and own.id in (l.shelter_id, l.where_id, l.zone_id)) v
   group by 1, 2
$$;

-- A village takes a hall or a slope of the divided village: from then on it is its own. Not while people of another village are to be brought there.
create function access.take_place(place uuid, village text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  was text;
  told text;
begin
  -- one of the two is locked, so that nobody ends or takes it meanwhile
  perform from public.contact_shelter x where x.id = place for update;
  perform from public.contact_dangerzone x where x.id = place for update;
  select x.area_code into was from (select s.id, s.area_code from public.contact_shelter s where s.ended_at is null union all select z.id, z.area_code from public.contact_dangerzone z where z.ended_at is null) x where x.id = place;
  if was is null then
    return 'absent';
  end if;
  if not (access.may('contact', village) and access.may('contact', was)) or was = village or not was = any (access.former(array[village])) then
    raise exception 'not one of those that took its place' using errcode = 'insufficient_privilege';
  end if;
  if exists (select from access.place_people(array[place]) p where p.village <> village) then
    return 'used';
  end if;
  told := '（' || left(coalesce((select a.short_name from public.access_area a where a.code = was), was), 18) || '）';
  update public.contact_shelter x set area_code = village, name = case when exists (select from public.contact_shelter y where y.area_code = village and y.name = x.name and y.ended_at is null) then left(x.name, 20) || told else x.name end where x.id = place;
  update public.contact_dangerzone x set area_code = village, name = case when exists (select from public.contact_dangerzone y where y.area_code = village and y.name = x.name and y.ended_at is null) then left(x.name, 20) || told else x.name end where x.id = place;
  return 'ok';
end $$;

-- As in flood.sql.
create or replace function access.public_shelters(village text) returns table (name text, place text, capacity smallint, keeper_name text, keeper_phone text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select s.name::text, s.place::text, s.capacity::smallint, s.keeper_name::text, s.keeper_phone::text
    from public.contact_shelter s where s.area_code = any (access.former(array[public_shelters.village])) and s.ended_at is null and access.claim('purpose') is not null order by s.name
$$;

-- As in flood.sql; a hall may be one of the divided village's.
create or replace function access.transfer_mark(mark uuid, line uuid, said text, happened timestamptz, shelter uuid, words bytea, from_paper boolean, prints bytea[]) returns text
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
  if transfer_mark.shelter is not null and not exists (select from public.contact_shelter s where s.id = transfer_mark.shelter and s.area_code = any (access.former(array[e.area_code::text]))) then
    raise exception 'not a shelter of this village' using errcode = 'check_violation';
  end if;
  insert into public.contact_transfermark (id, grid_code, line_id, state, at, shelter_id, words_cipher, paper, entered_by, entered_at, content_digest)
  values (transfer_mark.mark, l.grid_code, l.id, said, happened, case when said in ('arrived', 'going') then coalesce(transfer_mark.shelter, l.shelter_id) end, words, from_paper, access.claim('staff')::uuid, clock_timestamp(), prints[1]);
  select m.* into last from public.contact_transfermark m where m.line_id = l.id order by m.at desc, m.entered_at desc, m.id desc limit 1;
  update public.contact_transferline x set state = last.state, state_at = last.at, where_id = case when last.state = 'arrived' then last.shelter_id end where x.id = l.id;
  return last.state;
end $$;

-- A call --------------------------------------------------------------------------------------------------------------------------------

-- Runs when a village has ended and its files and grids have gone along (carry_contact): its open call goes on where its people are. Of several
-- successors the first that has people of the list keeps the call itself, each other gets one of its own; where a call runs already it is one list.
create function access.carry_call(old text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  levels constant text[] := array['blue', 'yellow', 'orange', 'red'];
  e public.contact_transferevent;
  t public.contact_transferevent;
  heirs text[];
  heir text;
begin
  select x.* into e from public.contact_transferevent x where x.area_code = old and x.closed_at is null for update;
  if e.id is null then
    return;
  end if;
  -- whoever was added without a file, or whose household has left meanwhile, goes with the grid
  update public.contact_transferneed d set grid_code = s.new_id from public.contact_transferline l, public.access_areasuccession s where l.event_id = e.id and d.plan_id = l.plan_id and s.old_id = d.grid_code;
  update public.contact_transferplan p set grid_code = s.new_id from public.contact_transferline l, public.access_areasuccession s where l.event_id = e.id and p.id = l.plan_id and s.old_id = p.grid_code;
  update public.contact_transfermark m set grid_code = s.new_id from public.contact_transferline l, public.access_areasuccession s where l.event_id = e.id and m.line_id = l.id and s.old_id = m.grid_code;
  update public.contact_transferline l set grid_code = s.new_id from public.access_areasuccession s where l.event_id = e.id and s.old_id = l.grid_code;
  heirs := array(select s.new_id from public.access_areasuccession s where s.old_id = old and length(s.new_id) = 12
                  order by not exists (select from public.contact_transferline l where l.event_id = e.id and starts_with(l.grid_code, s.new_id)), s.id);
  for i in reverse cardinality(heirs)..1 loop
    heir := heirs[i];
    if not access.may('areas', heir) then
      raise exception 'not what took its place' using errcode = 'insufficient_privilege';
    end if;
    if i > 1 and not exists (select from public.contact_transferline l where l.event_id = e.id and starts_with(l.grid_code, heir)) then
      continue;
    end if;
    select x.* into t from public.contact_transferevent x where x.area_code = heir and x.closed_at is null for update;
    if t.id is null and i = 1 then
      update public.contact_transferevent x set area_code = heir where x.id = e.id;
      continue;
    elsif t.id is null then
      insert into public.contact_transferevent (id, area_code, level, reason, zones, drill, started_by, started_at)
      values (gen_random_uuid(), heir, e.level, e.reason, e.zones, e.drill, e.started_by, e.started_at) returning * into t;
    else
      update public.contact_transferevent x set level = levels[greatest(array_position(levels, t.level::text), array_position(levels, e.level::text))], started_at = least(t.started_at, e.started_at) where x.id = t.id;
    end if;
    update public.contact_transferplan p set event_id = t.id where p.event_id = e.id and starts_with(p.grid_code, heir);
    update public.contact_transferline l set event_id = t.id where l.event_id = e.id and starts_with(l.grid_code, heir);
    if i = 1 then
      update public.contact_transferevent x set closed_by = access.claim('staff')::uuid, closed_at = clock_timestamp() where x.id = e.id;
    end if;
  end loop;
end $$;

-- What an area had settled goes on in the one that took its place, where nothing is settled yet: who takes part in duty and the days ahead, the day
-- that the village keeps, its markets, its shelters and danger zones. Days of duty of the old code fall away; they were. Returns how many days of duty went along. The call that runs goes first.
create function access.carry_contact(old text, new text) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  today date := (clock_timestamp() at time zone 'Asia/Shanghai')::date;
  n integer := 0;
  was text := (select a.short_name from public.access_area a where a.code = old);
begin
  if not (access.may('areas', old) and access.may('areas', new)) or not exists (select from public.access_areasuccession s where s.old_id = old and s.new_id = new) then
    raise exception 'not what took its place' using errcode = 'insufficient_privilege';
  end if;
  perform access.carry_call(old);
  if not exists (select from access.before(new) b where b.code = old and b.whole) then
    update public.contact_dutyday d set staff = null, off = true, reason = '' where d.area_code = old and d.day > today and not d.off;
    return 0;
  end if;
  insert into public.contact_rhythm (id, area_code, kind, number, holiday, opens, closes, place, held, made_by, made_at)
  select gen_random_uuid(), new, r.kind, r.number, r.holiday, r.opens, r.closes, r.place, r.held, r.made_by, r.made_at from public.contact_rhythm r
   where r.area_code = old and not exists (select from public.contact_rhythm x where x.area_code = new and x.kind = r.kind)
     and exists (select from public.access_areasuccession s where s.old_id = old and s.new_id = new and s.kind = 'recode');
  insert into public.contact_market (id, area_code, name, rule, place, opens, closes, ended_on, made_by, made_at)
  select gen_random_uuid(), new, m.name, m.rule, m.place, m.opens, m.closes, null, m.made_by, m.made_at from public.contact_market m
   where m.area_code = old and m.ended_on is null and not exists (select from public.contact_market x where x.area_code = new and x.name = m.name and x.ended_on is null);
  update public.contact_market m set ended_on = today where m.area_code = old and m.ended_on is null;
  -- houses and slopes stand where they stood: whose plan came along with his household is fetched to the same hall
  update public.contact_shelter x set area_code = new, name = case when exists (select from public.contact_shelter y where y.area_code = new and y.name = x.name and y.ended_at is null) then left(x.name, 20) || '（' || left(coalesce(was, old), 18) || '）' else x.name end
   where x.area_code = old and x.ended_at is null;
  update public.contact_dangerzone x set area_code = new, name = case when exists (select from public.contact_dangerzone y where y.area_code = new and y.name = x.name and y.ended_at is null) then left(x.name, 20) || '（' || left(coalesce(was, old), 18) || '）' else x.name end
   where x.area_code = old and x.ended_at is null;
  if length(new) = 12 then
    if not exists (select from public.contact_dutyrota r where r.area_code = new) then
      insert into public.contact_dutyrota (id, area_code, people, weekdays, workdays_only, opens, closes, place, made_by, made_at)
      select gen_random_uuid(), new, p.still, r.weekdays, r.workdays_only, r.opens, r.closes, r.place, r.made_by, r.made_at
        from public.contact_dutyrota r, lateral (select array(select x from unnest(r.people) x where access.serves(x, new, today)) as still) p
       where r.area_code = old and cardinality(p.still) > 0;
      -- whose post ended with the village had his days taken already (duty_left); where he has one in the new village they are his again
      insert into public.contact_dutyday (id, area_code, day, staff, how, by_hand, reason, off)
      select gen_random_uuid(), new, d.day, case when access.serves(w.who, new, d.day) then w.who end, case when d.how = 'left' and access.serves(w.who, new, d.day) then 'plan' else d.how end, d.by_hand, '', d.off
        from public.contact_dutyday d, lateral (select coalesce(d.staff, case when d.how = 'left' then d.was end) as who) w
       where d.area_code = old and d.day > today and not exists (select from public.contact_dutyday x where x.area_code = new and x.day = d.day)
         and exists (select from public.contact_dutyrota r where r.area_code = new);
      get diagnostics n = row_count;
    end if;
    update public.contact_dutyday d set staff = null, off = true, reason = '' where d.area_code = old and d.day > today and not d.off;
  end if;
  perform access.note('area.carry', '{}', '{}', jsonb_build_object('old', old, 'new', new, 'days', n));
  return n;
end $$;

-- A list that comes from another call is not copied from the plan of the village it comes to.
drop trigger transfer_begins on public.contact_transferevent;
create trigger transfer_begins after insert on public.contact_transferevent for each row when (current_user <> 'minqing_guard') execute function access.transfer_begins();
create trigger transfer_widens after update of zones on public.contact_transferevent for each row execute function access.transfer_begins();

-- A call changes its village, and a line or a guest its call, where the village itself ends, by the function above alone.
drop trigger keep on public.contact_transferevent;
call access.keep('public.contact_transferevent', 'id', 'drill', 'started_by');
create trigger keep_call before update of area_code, started_at on public.contact_transferevent for each row
  when ((old.area_code, old.started_at) is distinct from (new.area_code, new.started_at) and current_user <> 'minqing_guard') execute function access.refuse_change();
drop trigger keep on public.contact_transferplan;
call access.keep('public.contact_transferplan', 'id', 'household_id', 'made_by', 'made_at');
create trigger keep_call before update of event_id on public.contact_transferplan for each row when (old.event_id is distinct from new.event_id and current_user <> 'minqing_guard') execute function access.refuse_change();
grant insert, update on public.contact_transferevent to minqing_guard;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.proname in ('halls', 'place_people', 'take_place', 'carry_call', 'carry_contact') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.halls(), access.place_people(uuid[]), access.take_place(uuid, text), access.carry_contact(text, text) to minqing_app;
