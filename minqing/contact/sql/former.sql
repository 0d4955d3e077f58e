-- Days, meetings, duty, courses and calendar addresses of villages and towns that ended. Invariants: a row keeps the code it was written under and is
-- read, and carried on, by who works where its people are now (access/sql/former.sql); what begins after the change begins under the new code; a
-- calendar's address and a village's page lead to what stands there today.

-- As in days.sql, with the codes whose place the post's area took; a grid's officer goes on where his grid was.
create or replace function access.posts_with(which text) returns text[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with own as materialized (
    select distinct a ->> 'area' as area, a -> 'was' as was
      from jsonb_array_elements(coalesce(access.proven() -> 'appointments', '[]')) a
     where which = '' or exists (select 1 from public.access_roleright rr where rr.role_id = a ->> 'role' and rr.right = which))
  select coalesce(array_agg(distinct x.code), '{}') from (
    select m.area as code from own m
    union all select w from own m, jsonb_array_elements_text(coalesce(m.was, '[]')) w where length(m.area) <= 12
    -- the grid that his was under the old code: he works there and arranges nothing for the village
    union all select s.old_id from own m join public.access_areasuccession s on s.new_id = m.area where length(m.area) > 12) x
$$;

-- As in meetings.sql.
create or replace function access.meets_at() returns access.codeset
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(range_agg(access.codes(c, c, '[]')), '{}')
    from jsonb_array_elements(access.proven() -> 'appointments') a,
         lateral (select unnest(array[left(a ->> 'area', 12), left(a ->> 'area', 9)]) union all select jsonb_array_elements_text(coalesce(a -> 'was', '[]'))
                  union all select unnest(access.former(array[left(a ->> 'area', 9)]))) x(c)
   where length(c) in (9, 12) and exists (select from public.access_roleright r where r.role_id = a ->> 'role' and r."right" in ('intake', 'figures', 'contact'))
$$;

-- As in duty.sql.
create or replace function access.near() returns access.codeset
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(range_agg(access.codes(c, c || ':')), '{}')
    from jsonb_array_elements(access.proven() -> 'appointments') a,
         lateral (select left(a ->> 'area', 12) union all select b.code from access.before(left(a ->> 'area', 12)) b) x(c)
$$;

-- As in analysis.sql.
create or replace function access.my_areas() returns text[]
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(distinct c), '{}')
    from jsonb_array_elements(access.proven() -> 'appointments') a,
         lateral (select left(a ->> 'area', n) from unnest(array[6, 9, 12, 15]) n where length(a ->> 'area') >= n
                  union all select jsonb_array_elements_text(coalesce(a -> 'was', '[]')) union all select unnest(access.former(array[left(a ->> 'area', 9)]))) x(c)
$$;

-- As in days_looked_at.sql.
create or replace function access.book_own(id uuid, day uuid, slot timestamptz, person uuid, contact bytea, about bytea, alone boolean) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  d public.contact_contactday;
  place text := access.home_grid(person);
  me uuid := access.claim('account')::uuid;
begin
  if me is null or not person = any (access.own_persons()) or place is null then
    raise exception 'nobody for whom you may book' using errcode = 'insufficient_privilege';
  end if;
  select x.* into d from public.contact_contactday x where x.id = day for update;
  if d.id is null or d.kind not in ('joint', 'leader') or d.state <> 'announced' or not access.lies_in(place, d.area_code) then
    return 'absent';
  end if;
  -- a day that nobody closed does not keep him out for ever
  if (select count(*) from public.contact_booking b join public.contact_contactday x on x.id = b.day_id where b.account = me and b.state = 'booked' and b.id <> id and x.ends_at > clock_timestamp()) >= 3 then
    return 'many';
  end if;
  return access.put_booking(id, d, slot, 'portal', left(place, 12), person, null, me, null, contact, about, alone, false);
end $$;

-- As in days.sql: the weeks go on where the village goes on; a village that was divided begins again itself.
create or replace function access.days_laid() returns table (area text, kind text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select distinct t.code, d.kind::text
    from (select x.area_code::text as code, x.kind from public.contact_contactday x where x.laid_for <> '' and x.day > current_date - 183 group by 1, 2) d,
         lateral (select t from unnest(access.today(d.code)) t
                   where t = d.code or exists (select from access.before(t) b where b.code = d.code and b.whole)) t(code)
   where access.proven('days') = 'due'
$$;
-- the clock sees what the old code has announced already
alter policy clock_read on public.contact_contactday using ((select access.scope('contact')) @> area_code or area_code = any ((select access.former(array(select access.proven('area'))))::text[]));

-- As in feed.sql.
create or replace function access.feed_events(first date, last date) returns table (uid text, kind text, title text, starts_at timestamptz, ends_at timestamptz, place text, off boolean, revision integer, changed timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with here as materialized (
    select access.former(array_agg(distinct left(a ->> 'area', n))) as codes from jsonb_array_elements(access.claims() -> 'appointments') a, unnest(array[6, 9, 12]) n where access.claim('feed') = 'village')
  select case when m.round_on is null then 'meeting-' || m.id else 'fifteenth-' || m.area_code || '-' || to_char(m.round_on, 'YYYYMMDD') end, 'meeting', m.title::text, m.starts_at, m.ends_at, m.place::text,
         m.state = 'cancelled', m.revision::integer, coalesce(m.noticed_at, m.made_at)
    from public.contact_meeting m, here
   where m.area_code = any (here.codes) and length(m.area_code) = 12 and m.state <> 'planned' and (m.starts_at at time zone 'Asia/Shanghai')::date between first and last
  union all
  select case when d.kind = 'joint' and d.laid_for <> '' then 'tuesday-' || d.area_code || '-' || right(d.laid_for, 8) else 'day-' || d.id end, d.kind::text, d.subject::text, d.starts_at, d.ends_at, d.place::text,
         d.state = 'cancelled', d.revision::integer, d.changed_at
    from public.contact_contactday d, here
   where d.area_code = any (here.codes) and d.kind in ('joint', 'leader', 'stall') and d.state <> 'planned' and d.day between first and last
$$;

-- As in meetings.sql.
create or replace function access.public_meetings(place text) returns table (id uuid, kind text, title text, starts_at timestamptz, ends_at timestamptz, "where" text, items text[])
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select m.id, m.kind::text, m.title::text, m.starts_at, m.ends_at, m.place::text,
         array(select i.title::text from public.contact_agendaitem i where i.meeting_id = m.id and i.dropped_at is null order by i.position)
    from public.contact_meeting m
   where access.claim('purpose') is not null and length(public_meetings.place) in (9, 12) and m.area_code = any (access.former(array[public_meetings.place])) and m.state = 'noticed' and m.ends_at > clock_timestamp()
   order by m.starts_at limit 20
$$;
create or replace function access.public_minutes(place text) returns table (id uuid, kind text, title text, held_on date, body text, starts_on date, ends_on date)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select m.id, m.kind::text, m.title::text, (m.starts_at at time zone 'Asia/Shanghai')::date, p.text, p.starts_on, p.ends_on
    from public.contact_publication p join public.contact_meeting m on m.id = p.meeting_id
   where access.claim('purpose') is not null and length(public_minutes.place) in (9, 12) and p.area_code = any (access.former(array[public_minutes.place])) and p.withdrawn_at is null and m.state = 'published'
     and (clock_timestamp() at time zone 'Asia/Shanghai')::date between p.starts_on and p.ends_on
   order by p.starts_on desc limit 20
$$;

grant insert on public.contact_rhythm, public.contact_dutyrota, public.contact_dutyday to minqing_guard;
grant insert, update (ended_on) on public.contact_market to minqing_guard;
grant update (area_code, name) on public.contact_shelter, public.contact_dangerzone to minqing_guard;

-- A hall changes its village where the village itself ends, by access.carry_contact alone (calls_follow.sql).
do $$
declare
  t text;
begin
  foreach t in array array['contact_shelter', 'contact_dangerzone'] loop
    execute format('drop trigger keep on public.%I', t);
    execute format('call access.keep(%L, ''id'', ''made_by'', ''made_at'')', 'public.' || t);
    execute format('create trigger keep_area before update of area_code on public.%I for each row when (old.area_code is distinct from new.area_code and current_user <> ''minqing_guard'') execute function access.refuse_change()', t);
  end loop;
end $$;
