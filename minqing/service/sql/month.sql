-- Figures for the month's analysis: those of sql/figures.sql by channel too, and below a village by its grids; what lies open now.
--
-- Invariants: as in sql/figures.sql: no matter about staff, no group below five, no rate over fewer than ten. Whoever arranges the contact of a
-- village (its clerk too) and the job that drafts on the 1st may ask for that village; both read one village's range of the place index.

-- Figures of an area between two moments of submission, whole and by kind, place, unit, month, channel. domain.md §3.3.
-- `received` 件 counts everything; `matters` 事 leaves out what was merged; every rate leaves out merged, withdrawn, rejected and transferred.
create or replace function access.matter_figures(area text, since timestamptz, until timestamptz) returns table (dimension text, key text, received integer, matters integer, measures jsonb, median_hours numeric)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not (access.scope('figures') @> matter_figures.area or access.scope('contact') @> matter_figures.area) then
    raise exception 'not within the scope of figures' using errcode = 'insufficient_privilege';
  end if;
  return query
  with base as materialized (
    select m.kind::text as kind, m.state, left(m.place_code, case when length(matter_figures.area) < 9 then 9 when length(matter_figures.area) < 12 then 12 else 15 end)::text as place, m.channel::text as channel,
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
    select case grouping(b.kind, b.place, b.unit, b.month, b.channel) when 31 then 'all' when 15 then 'kind' when 23 then 'place' when 27 then 'unit' when 29 then 'month' else 'channel' end as dimension,
           coalesce(case grouping(b.kind, b.place, b.unit, b.month, b.channel) when 15 then b.kind when 23 then b.place when 27 then b.unit when 29 then b.month when 30 then b.channel end, '') as key,
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
     group by grouping sets ((), (b.kind), (b.place), (b.unit), (b.month), (b.channel))
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

-- What is not closed in an area now: past its limit, suspended, asked for again, by who has it. A number below five is null: some, but not how many.
create function access.open_figures(area text) returns table (dimension text, key text, n integer)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if coalesce(open_figures.area, '') = '' or not (access.scope('figures') @> open_figures.area or access.scope('contact') @> open_figures.area) then
    raise exception 'not within the scope of figures' using errcode = 'insufficient_privilege';
  end if;
  return query
  with base as materialized (
    select m.state::text as state, coalesce(nullif(m.lead_desk, ''), m.home_desk)::text as unit, m.due_at
      from public.service_matter m
     where m.place_code >= open_figures.area and m.place_code < open_figures.area || ':' and not m.restricted
       and m.state not in ('merged', 'withdrawn', 'rejected', 'transferred', 'closed', 'archived', 'draft')
  ), counted as (
    select 'all'::text as dimension, ''::text as key, count(*)::integer as n from base
    union all select 'late', '', count(*)::integer from base b where b.due_at < clock_timestamp() and b.state in ('dispatched', 'processing', 'return_pending', 'extend_pending', 'suspend_pending', 'redo')
    union all select 'state', b.state, count(*)::integer from base b group by b.state
    union all select 'unit', b.unit, count(*)::integer from base b where b.state not in ('submitted', 'replied') group by b.unit
  )
  select c.dimension, c.key, case when c.n >= 5 or c.n = 0 then c.n end from counted c order by c.dimension, c.key;
end $$;

alter function access.open_figures(text) owner to minqing_guard;
revoke all on function access.open_figures(text) from public;
grant execute on function access.open_figures(text) to minqing_app, minqing_jobs;
grant execute on function access.matter_figures(text, timestamptz, timestamptz) to minqing_jobs;
