-- What is about staff stays with the discipline desk, whatever else the matter was before, and its complainant is asked afterwards.
--
-- Invariants: an errand or a mediation that became a complaint is passed on with nobody's post (whoever manages staff learns no number of
-- it, and nobody gets a seat at it that way); whoever closes it and by whichever door, the first day of asking about retaliation is set.

-- As in sql/leaving.sql, without errands and mediations that are restricted now.
create or replace function access.open_work_of(post uuid) returns table (kind text, id text, number text, place text, due timestamptz, n integer, until timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  a public.access_appointment;
begin
  select x.* into a from public.access_appointment x where x.id = open_work_of.post;
  if a.id is null or not access.may('appoint', a.area_code) then
    raise exception 'no right to appoint there' using errcode = 'insufficient_privilege';
  end if;
  return query
    -- a restricted matter has no number here
    select 'matter', m.id::text, case when m.restricted then '' else m.number end::text, coalesce(nullif(m.lead_desk, ''), m.home_desk)::text, m.due_at, 0, null::timestamptz
      from public.service_matter m
     where m.handler = a.staff_id and m.state in ('dispatched', 'processing', 'return_pending', 'extend_pending', 'suspend_pending', 'suspended', 'explain_pending', 'redo')
       and not exists (select 1 from public.service_errand e where e.matter_id = m.id and e.agent = a.staff_id)
       and access.hangs_on(a, coalesce(nullif(m.lead_desk, ''), m.home_desk), case when m.restricted then 'discipline' else 'matters' end)
    union all
    select 'errand', m.id::text, m.number::text, m.place_code::text, m.due_at, (select count(*)::integer from public.service_moneyline l where l.matter_id = m.id and l.second is null), null
      from public.service_errand e join public.service_matter m on m.id = e.matter_id
     where e.agent = a.staff_id and m.state in ('submitted', 'accepted', 'dispatched', 'processing', 'return_pending', 'extend_pending', 'suspend_pending', 'suspended', 'redo') and not m.restricted and access.hangs_on(a, m.place_code, 'intake')
    union all
    select 'mediation', x.id::text, m.number::text, coalesce(nullif(m.lead_desk, ''), m.home_desk)::text,
           (select min(p.due_on)::timestamp at time zone 'Asia/Shanghai' from public.service_mediationpromise p where p.mediation_id = x.id and p.ended_at is null), 0, null
      from public.service_mediation x join public.service_matter m on m.id = x.matter_id
     where x.mediator = a.staff_id and x.closed_at is null and not m.restricted and access.hangs_on(a, coalesce(nullif(m.lead_desk, ''), m.home_desk), 'matters')
    union all
    -- whoever works in the county may be on duty; he goes off duty with his last post there
    select 'shift', d.desk_code || '~' || d.role, '', d.desk_code::text, min(d.starts_at), count(*)::integer, max(d.ends_at)
      from public.service_dutyshift d
     where d.staff = a.staff_id and d.cancelled_at is null and d.ends_at > clock_timestamp() and left(d.desk_code, 6) = left(a.area_code, 6)
       and not exists (select 1 from public.access_appointment o where o.staff_id = a.staff_id and o.id <> a.id and left(o.area_code, 6) = left(a.area_code, 6)
                          and o.starts_at <= clock_timestamp() and (o.ends_at is null or o.ends_at > clock_timestamp()))
     group by d.desk_code, d.role
    union all
    select 'counter', s.id::text, c.name::text, s.desk_code::text, null, (select count(*)::integer from public.service_ticket t where t.counter_id = s.counter_id and t.called_by = a.staff_id and t.state = 'called'), null
      from public.service_countersitting s join public.service_counter c on c.id = s.counter_id
     where s.staff = a.staff_id and s.ended_at is null and access.hangs_on(a, s.desk_code, 'callback')
    union all
    select 'telephone', x.id::text, x.number::text, x.desk_code::text, null, 0, null
      from public.service_extension x where x.staff = a.staff_id and x.ended_at is null and access.hangs_on(a, x.desk_code, 'callback')
    union all
    select 'call', c.id::text, c.masked::text, c.desk_code::text, c.started_at, 0, null
      from public.service_call c
     where c.operator = a.staff_id and c.direction = 'in' and c.done = '' and c.matter_id is null and c.ended_at is not null and c.started_at > clock_timestamp() - interval '30 days' and access.hangs_on(a, c.desk_code, 'callback')
    union all
    select 'notice', g.id::text, '', g.grid_code::text, g.not_before, case when g.alone then 1 else 0 end, null
      from public.notify_message g where g.assigned = a.staff_id and g.channel = 'person' and g.state = 'waiting' and access.hangs_on(a, g.grid_code, 'intake');
end $$;

-- The day of the first question (rules/kinds.RETALIATION_DAYS; a test compares). The later ones are the clock's.
create function access.ask_later() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  new.ask_on := (coalesce(new.closed_at, clock_timestamp()) at time zone 'Asia/Shanghai')::date + 30;
  return new;
end $$;
revoke all on function access.ask_later() from public;
create trigger ask_later before update of state on public.service_matter for each row
  when (new.restricted and new.state = 'closed' and old.state is distinct from new.state) execute function access.ask_later();
