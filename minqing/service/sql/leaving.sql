-- Somebody's post ends: what is open in his hands in the service gets a new owner, or a reason why it needs none.
--
-- Invariants: asked and done by who may appoint where the post is, and done only by who ended it; he is told which number and until when,
-- never of whom or what about; a matter goes to somebody who works at its desk and is not barred, to nobody else; each step leaves its trace.

-- Does he hold this right at this desk (or place) by another post than that one? The rule of access.rights_of, for one code.
create function access.works_at(who uuid, desk text, which text, besides uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select 1 from public.access_appointment a
      join public.access_role ro on ro.code = a.role_id
      join public.access_roleright rr on rr.role_id = a.role_id and (which = '' or rr.right = which)
      join public.access_staff s on s.id = a.staff_id and (s.left_at is null or s.left_at > clock_timestamp())
      join public.access_organisation o on o.id = s.organisation_id
     where a.staff_id = who and (besides is null or a.id <> besides) and a.starts_at <= clock_timestamp() and (a.ends_at is null or a.ends_at > clock_timestamp())
       and starts_with(works_at.desk, case when rr.right = 'intake' then left(a.area_code, 12) else a.area_code end
             || case when ro.desk = '' or rr.right not in ('matters', 'dispatch', 'callback', 'discipline') then '' when ro.desk = '@' then '/' || coalesce(nullif(o.department, ''), '~~') else '/' || ro.desk end))
$$;

-- What hangs on a post: it lies where the post is (or, for a grid, in its village), and no other post of his reaches it.
create function access.hangs_on(post public.access_appointment, code text, which text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select (starts_with(code, post.area_code) or starts_with(post.area_code, left(split_part(code, '/', 1), 12))) and not access.works_at(post.staff_id, code, which, post.id)
$$;

-- Replaced by sql/apart.sql, which leaves out what is restricted.
create function access.open_work_of(post uuid) returns table (kind text, id text, number text, place text, due timestamptz, n integer, until timestamptz)
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
     where e.agent = a.staff_id and m.state in ('submitted', 'accepted', 'dispatched', 'processing', 'return_pending', 'extend_pending', 'suspend_pending', 'suspended', 'redo') and access.hangs_on(a, m.place_code, 'intake')
    union all
    select 'mediation', x.id::text, m.number::text, coalesce(nullif(m.lead_desk, ''), m.home_desk)::text,
           (select min(p.due_on)::timestamp at time zone 'Asia/Shanghai' from public.service_mediationpromise p where p.mediation_id = x.id and p.ended_at is null), 0, null
      from public.service_mediation x join public.service_matter m on m.id = x.matter_id
     where x.mediator = a.staff_id and x.closed_at is null and access.hangs_on(a, coalesce(nullif(m.lead_desk, ''), m.home_desk), 'matters')
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

-- One of them to somebody else, or to nobody with a reason. 'ok'; 'elsewhere': he does not work there, or is barred; 'alone': only to be said by who was asked;
-- 'gone': not open any more. `fresh`: shifts anew, [{"old", "id", "phone" (base64), "masked"}], made by the program that has the key.
create function access.pass_work(post uuid, kind text, thing text, heir uuid, reason text, fresh jsonb) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  a public.access_appointment;
  m public.service_matter;
  me uuid := access.claim('staff')::uuid;
  now timestamptz := clock_timestamp();
begin
  select x.* into a from public.access_appointment x where x.id = post;
  if a.id is null or not access.may('appoint', a.area_code) or a.ended_by is distinct from me or a.ends_at is null then
    raise exception 'no post that you ended' using errcode = 'insufficient_privilege';
  end if;
  if heir is null and char_length(btrim(coalesce(reason, ''))) < 2 or heir = a.staff_id then
    raise exception 'a new owner or a reason' using errcode = 'check_violation';
  end if;
  if not exists (select 1 from access.open_work_of(post) w where w.kind = pass_work.kind and w.id = pass_work.thing) then
    return 'gone';
  end if;
  if kind in ('matter', 'errand') then
    select x.* into m from public.service_matter x where x.id = thing::uuid for update;
  elsif kind = 'mediation' then
    select x.* into m from public.service_matter x join public.service_mediation y on y.matter_id = x.id where y.id = thing::uuid for update of x;
  end if;
  if heir is not null and not (case
       when kind in ('matter', 'mediation') then access.works_at(heir, coalesce(nullif(m.lead_desk, ''), m.home_desk), case when m.restricted then 'discipline' else 'matters' end, null) and not m.barred @> array[heir]
       when kind = 'errand' then access.works_at(heir, m.place_code, 'intake', null) and not m.barred @> array[heir]
       when kind = 'shift' then exists (select 1 from public.access_staff s where s.id = heir and s.left_at is null and left(s.area_code, 6) = left(thing, 6))
       when kind = 'notice' then access.works_at(heir, (select g.grid_code from public.notify_message g where g.id = thing::uuid), 'intake', null)
       when kind = 'call' then access.works_at(heir, (select c.desk_code from public.service_call c where c.id = thing::uuid), 'callback', null)
       when kind = 'counter' then access.works_at(heir, (select s.desk_code from public.service_countersitting s where s.id = thing::uuid), 'callback', null)
       else access.works_at(heir, (select x.desk_code from public.service_extension x where x.id = thing::uuid), 'callback', null) end) then
    return 'elsewhere';
  end if;
  if kind = 'matter' then
    update public.service_matter x set handler = heir, version = x.version + 1 where x.id = m.id;
  elsif kind = 'errand' then
    update public.service_seat s set ends_at = now where s.matter_id = m.id and s.role = 'agent' and s.staff = a.staff_id and s.ends_at is null;
    update public.service_assignment s set answer = 'recalled', answered_at = now where s.matter_id = m.id and s.staff = a.staff_id and s.answer in ('', 'accepted');
    update public.service_errand e set agent = heir, agent_state = case when heir is null then 'none' else 'asked' end, version = e.version + 1 where e.matter_id = m.id;
    update public.service_matter x set handler = null, version = x.version + 1 where x.id = m.id and x.handler = a.staff_id;
    if heir is not null then
      perform access.put_seat(m.id, '', 'agent', heir);
      insert into public.service_assignment (id, matter_id, staff, asked_by, asked_at, answer) values (gen_random_uuid(), m.id, heir, me, now, '');
    end if;
  elsif kind = 'mediation' then
    if heir is not null then
      update public.service_mediation x set mediator = heir where x.id = thing::uuid;
    end if;
  elsif kind = 'shift' then
    if heir is not null then
      insert into public.service_dutyshift (id, area_code, desk_code, staff, role, starts_at, ends_at, phone_cipher, masked, came_from, why, made_by, made_at)
      select (f ->> 'id')::uuid, d.area_code, d.desk_code, heir, d.role, greatest(d.starts_at, now), d.ends_at, decode(f ->> 'phone', 'base64'), left(f ->> 'masked', 20), d.id, '', me, now
        from public.service_dutyshift d join jsonb_array_elements(fresh) f on (f ->> 'old')::uuid = d.id where d.staff = a.staff_id and d.cancelled_at is null and d.desk_code || '~' || d.role = thing;
    end if;
    update public.service_dutyshift d set cancelled_at = now, swap_to = null, why = left(case when heir is null then reason else '离任，交给别人' end, 80)
     where d.staff = a.staff_id and d.cancelled_at is null and d.ends_at > now and d.desk_code || '~' || d.role = thing;
  elsif kind = 'counter' then
    -- who stands in front goes back to the queue, first in line by his number, unless somebody takes the seat this minute
    update public.service_ticket t set called_by = heir, state = case when heir is null then 'waiting' else t.state end, called_at = case when heir is null then null else now end
     where t.called_by = a.staff_id and t.state = 'called' and t.counter_id = (select s.counter_id from public.service_countersitting s where s.id = thing::uuid);
    update public.service_countersitting s set ended_at = now where s.ended_at is null and (s.id = thing::uuid or s.staff = heir);
    if heir is not null then
      insert into public.service_countersitting (id, counter_id, desk_code, staff, day, since)
      select gen_random_uuid(), s.counter_id, s.desk_code, heir, (now at time zone 'Asia/Shanghai')::date, now from public.service_countersitting s where s.id = thing::uuid;
    end if;
  elsif kind = 'telephone' then
    update public.service_extension x set ended_at = now where x.id = thing::uuid;
    if heir is not null then
      insert into public.service_extension (id, desk_code, number, staff, since) select gen_random_uuid(), x.desk_code, x.number, heir, now from public.service_extension x where x.id = thing::uuid;
    end if;
  elsif kind = 'call' then
    update public.service_call c set operator = coalesce(heir, c.operator), done = case when heir is null then 'nothing' else c.done end,
           done_by = case when heir is null then me else c.done_by end, done_at = case when heir is null then now else c.done_at end where c.id = thing::uuid;
  else
    if heir is not null and exists (select 1 from public.notify_message g where g.id = thing::uuid and g.alone) then
      return 'alone';
    end if;
    update public.notify_message g set assigned = heir where g.id = thing::uuid;
    insert into public.notify_step (id, message_id, at, move, channel, sentence, by) values (gen_random_uuid(), thing::uuid, now, 'assign', 'person', left(coalesce(reason, ''), 200), me);
  end if;
  if m.id is not null then
    insert into public.service_move (matter_id, at, name, from_state, to_state, staff, actor, desk, public_words, detail)
    values (m.id, now, case kind when 'mediation' then 'mediation.passed' else 'assign' end, m.state, m.state, me, 'staff', '', '',
            jsonb_build_object('from', a.staff_id, 'to', coalesce(heir::text, ''), 'why', left(coalesce(reason, ''), 120)));
  end if;
  perform access.note('staff.pass', '{}', '{}', jsonb_build_object('kind', kind, 'thing', thing, 'from', a.staff_id, 'to', coalesce(heir::text, ''), 'why', left(coalesce(reason, ''), 120)));
  return 'ok';
end $$;

-- Future shifts of a hand-over, for the program to write anew under another telephone.
create function access.shifts_to_pass(post uuid, thing text) returns table (id uuid)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not exists (select 1 from access.open_work_of(shifts_to_pass.post) w where w.kind = 'shift' and w.id = shifts_to_pass.thing) then
    return;
  end if;
  return query select d.id from public.service_dutyshift d join public.access_appointment a on a.id = shifts_to_pass.post and a.staff_id = d.staff
                where d.cancelled_at is null and d.ends_at > clock_timestamp() and d.desk_code || '~' || d.role = shifts_to_pass.thing;
end $$;

-- A mediator who leaves is followed by another; by the function above and by nothing else.
drop trigger keep on public.service_mediation;
call access.keep('public.service_mediation', 'id', 'matter_id', 'opened_at');
create trigger mediator_guarded before update of mediator on public.service_mediation for each row when (old.mediator is distinct from new.mediator) execute function access.refuse_unless_guard();
grant update (mediator) on public.service_mediation to minqing_guard;
grant insert on public.service_assignment to minqing_guard;
grant update (answer, answered_at) on public.service_assignment to minqing_guard;
grant update (agent, agent_state, version) on public.service_errand to minqing_guard;
-- a telephone changes hands: a new row for it
grant insert, update on public.service_extension to minqing_guard;
grant select on public.notify_message to minqing_guard;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name, p.proname from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef
              and p.proname in ('works_at', 'hangs_on', 'open_work_of', 'pass_work', 'shifts_to_pass') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.open_work_of(uuid), access.pass_work(uuid, text, text, uuid, text, jsonb), access.shifts_to_pass(uuid, text) to minqing_app;
