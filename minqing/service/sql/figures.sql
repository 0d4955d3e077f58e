-- What the desk of matters asks beyond its own seats: who sits at a matter, figures of an area, the board of a day.
--
-- Invariants: who sits where is told to whoever sits there too; figures are given to the right 'figures' over the whole area, hold no
-- matter about staff, no group below five and no rate over fewer than ten; the board of a day counts matters of a place, never kinds or people.

-- Every open seat of a matter, for whoever holds one of them; `mine` = one of the caller's own.
create function access.seats_of(matter uuid) returns table (role text, desk_code text, staff uuid, starts_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not access.sits(seats_of.matter, '{home,lead,joint,decide,watch,first,agent}', '') then
    return;
  end if;
  return query select s.role::text, s.desk_code::text, s.staff, s.starts_at from public.service_seat s where s.matter_id = seats_of.matter and s.ends_at is null order by s.starts_at;
end $$;

-- Figures of an area between two moments of submission, whole and by kind, place, unit, month. domain.md §3.3.
-- `received` 件 counts everything; `matters` 事 leaves out what was merged; every rate leaves out merged, withdrawn, rejected and transferred.
create function access.matter_figures(area text, since timestamptz, until timestamptz) returns table (dimension text, key text, received integer, matters integer, measures jsonb, median_hours numeric)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not access.scope('figures') @> matter_figures.area then
    raise exception 'not within the scope of figures' using errcode = 'insufficient_privilege';
  end if;
  return query
  with base as materialized (
    select m.kind::text as kind, m.state, left(m.place_code, case when length(matter_figures.area) < 9 then 9 else 12 end)::text as place,
           coalesce(nullif(m.lead_desk, ''), m.home_desk)::text as unit, to_char(m.submitted_at at time zone 'Asia/Shanghai', 'YYYY-MM') as month,
           m.state not in ('merged', 'withdrawn', 'rejected', 'transferred') as counts, m.state = 'merged' as merged,
           m.lead_desk = '' and m.closed_at is not null and m.state in ('closed', 'archived') as direct,
           m.contact_due_at, m.contacted_at, m.sign_due_at, m.signed_at, m.dispatched_at, m.redo_count, m.extended, cardinality(m.returned_by) > 0 as returned, m.solved, m.satisfied,
           r.at as replied, r.due, m.due_at, m.closed_at, m.told_that_day
      from public.service_matter m
      left join lateral (select v.at, (v.detail ->> 'due')::timestamptz as due from public.service_move v where v.matter_id = m.id and v.name = 'reply' order by v.id limit 1) r on true
     where m.place_code >= matter_figures.area and m.place_code < matter_figures.area || ':'
       and m.submitted_at >= matter_figures.since and m.submitted_at < matter_figures.until and not m.restricted
  ), counted as (
    select case grouping(b.kind, b.place, b.unit, b.month) when 15 then 'all' when 7 then 'kind' when 11 then 'place' when 13 then 'unit' else 'month' end as dimension,
           coalesce(case grouping(b.kind, b.place, b.unit, b.month) when 7 then b.kind when 11 then b.place when 13 then b.unit when 14 then b.month end, '') as key,
           count(*)::integer as received, (count(*) filter (where not b.merged))::integer as matters,
           jsonb_build_object(
             'direct', array[count(*) filter (where b.counts and b.direct), count(*) filter (where b.counts)],
             'contact', array[count(*) filter (where b.counts and b.contacted_at <= b.contact_due_at), count(*) filter (where b.counts and b.contact_due_at is not null and (b.contacted_at is not null or b.contact_due_at < clock_timestamp()))],
             'sign', array[count(*) filter (where b.counts and b.signed_at <= b.sign_due_at), count(*) filter (where b.counts and b.sign_due_at is not null and (b.signed_at is not null or b.sign_due_at < clock_timestamp()))],
             'reply', array[count(*) filter (where b.counts and b.replied <= b.due), count(*) filter (where b.counts and ((b.replied is not null and b.due is not null) or (b.replied is null and b.due_at < clock_timestamp())))],
             'closed', array[count(*) filter (where b.counts and b.closed_at is not null), count(*) filter (where b.counts)],
             'reached', array[count(*) filter (where b.counts and b.solved <> ''), count(*) filter (where b.counts and b.replied is not null and b.closed_at is not null)],
             'solved', array[count(*) filter (where b.counts and b.solved = 'yes'), count(*) filter (where b.counts and b.solved <> '')],
             'satisfied', array[count(*) filter (where b.counts and b.satisfied in ('yes', 'fairly')), count(*) filter (where b.counts and b.satisfied in ('yes', 'fairly', 'no'))],
             'told', array[count(*) filter (where b.counts and b.told_that_day), count(*) filter (where b.counts and b.told_that_day is not null and b.solved <> '')],
             'redo', array[count(*) filter (where b.counts and b.redo_count > 0), count(*) filter (where b.counts and b.replied is not null)],
             'returned', array[count(*) filter (where b.counts and b.returned), count(*) filter (where b.counts and b.dispatched_at is not null)],
             'extended', array[count(*) filter (where b.counts and b.extended), count(*) filter (where b.counts and b.dispatched_at is not null)]) as measures,
           (percentile_cont(0.5) within group (order by extract(epoch from b.replied - b.dispatched_at) / 3600) filter (where b.counts and b.replied > b.dispatched_at))::numeric(10, 1) as median_hours,
           (count(*) filter (where b.counts and b.replied > b.dispatched_at))::integer as timed
      from base b
     group by grouping sets ((), (b.kind), (b.place), (b.unit), (b.month))
  ), ranked as (
    -- a group below five is not shown; where those together are still below five, the next smallest goes with them, so that no difference says what is hidden
    select c.*, c.received < 5 as small, row_number() over (partition by c.dimension, c.received < 5 order by c.received, c.key) as nth,
           coalesce(sum(c.received) filter (where c.received < 5) over (partition by c.dimension), 0) as small_sum
      from counted c
  ), shown as (
    select x.dimension, x.key, x.received, x.matters, x.measures, x.median_hours, x.timed from ranked x
     where not x.small and not (x.nth = 1 and x.small_sum between 1 and 4 and x.dimension <> 'all')
    union all
    select x.dimension, '…', case when sum(x.received) >= 5 then sum(x.received)::integer end, case when sum(x.received) >= 5 then sum(x.matters)::integer end, null, null, 0 from ranked x
     where x.dimension <> 'all' and (x.small or (x.nth = 1 and x.small_sum between 1 and 4)) group by x.dimension
    union all
    select x.dimension, x.key, null, null, null, null, 0 from ranked x where x.dimension = 'all' and x.small and x.received > 0
  )
  select s.dimension, s.key, s.received, s.matters,
         (select jsonb_object_agg(e.key, case when (e.value ->> 1)::integer >= 10 then e.value else null end) from jsonb_each(s.measures) e),
         case when s.timed >= 10 then s.median_hours end
    from shown s order by s.dimension, s.key;
end $$;

-- The board of a day, a line for each village of an area: how many came, how many of them have one of the four. No kind, no name.
-- `tried`: a call or visit is written down, reached or not.
create function access.day_board(area text, since timestamptz, until timestamptz, cutoff timestamptz) returns table (place text, received integer, closed integer, replied integer, contacted integer, explained integer, asked integer, told integer)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not (access.scope('figures') @> day_board.area) then
    raise exception 'not within the scope of figures' using errcode = 'insufficient_privilege';
  end if;
  return query
  with came as materialized (
    select left(m.place_code, 12)::text as place, v.*, c.tried, b.asked, b.told
      from public.service_matter m
      cross join lateral (select coalesce(bool_or(x.name in ('answer', 'close', 'grant_explain')), false) as closed, coalesce(bool_or(x.name = 'reply'), false) as replied, coalesce(bool_or(x.name = 'dispatch'), false) as sent,
             coalesce(bool_or(x.name = 'answer'), false) as spoken, coalesce(bool_or(x.name in ('reject', 'transfer')), false) as shown
        from public.service_move x where x.matter_id = m.id and x.at <= day_board.cutoff) v
      cross join lateral (select count(*) > 0 as tried from public.service_contact x where x.matter_id = m.id and x.at <= day_board.cutoff) c
      cross join lateral (select count(*) filter (where x.reached and x.told_that_day is not null) as asked, count(*) filter (where x.reached and x.told_that_day) as told from public.service_callback x where x.matter_id = m.id) b
     where m.place_code >= day_board.area and m.place_code < day_board.area || ':' and not m.restricted and m.state not in ('merged', 'withdrawn')
       and m.submitted_at >= day_board.since - interval '20 days' and m.submitted_at < day_board.until and m.clock_from >= day_board.since and m.clock_from < day_board.until
  )
  select d.place, count(*)::integer, (count(*) filter (where d.closed and (d.tried or d.spoken)))::integer, (count(*) filter (where not d.closed and d.replied and d.tried))::integer,
         (count(*) filter (where not d.closed and not d.replied and d.sent and d.tried))::integer,
         (count(*) filter (where not (d.closed or d.replied or d.sent) and (d.tried or d.shown)))::integer, sum(d.asked)::integer, sum(d.told)::integer
    from came d group by d.place order by d.place;
end $$;
