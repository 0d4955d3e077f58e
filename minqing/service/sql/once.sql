-- What two people do in the same second, and what an old grid leaves hanging.
--
-- Invariants: work is passed on as it stands when its row is ours (locked), not as it stood before; a card of a grid that was merged is
-- found by whoever writes the grid it went into, and its code stays what it is.

-- As in leaving.sql, with the locks before the question whether it is open.
create or replace function access.pass_work(post uuid, kind text, thing text, heir uuid, reason text, fresh jsonb) returns text
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
  -- the lock first: what a colleague is ending or passing on in this second is looked at after he has done it
  if kind in ('matter', 'errand') then
    select x.* into m from public.service_matter x where x.id = thing::uuid for update;
    perform 1 from public.service_errand e where e.matter_id = m.id for update;
  elsif kind = 'mediation' then
    select x.* into m from public.service_matter x join public.service_mediation y on y.matter_id = x.id where y.id = thing::uuid for update of x;
    perform 1 from public.service_mediation y where y.id = thing::uuid for update;
  elsif kind = 'shift' then
    perform 1 from public.service_dutyshift d where d.staff = a.staff_id and d.cancelled_at is null and d.desk_code || '~' || d.role = thing order by d.id for update;
  elsif kind = 'counter' then
    perform 1 from public.service_countersitting s where s.id = thing::uuid for update;
  elsif kind = 'telephone' then
    perform 1 from public.service_extension x where x.id = thing::uuid for update;
  elsif kind = 'call' then
    perform 1 from public.service_call c where c.id = thing::uuid for update;
  elsif kind = 'notice' then
    perform 1 from public.notify_message g where g.id = thing::uuid for update;
  else
    return 'gone';
  end if;
  if not exists (select 1 from access.open_work_of(post) w where w.kind = pass_work.kind and w.id = pass_work.thing) then
    return 'gone';
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

-- Cards that hang at doors and places of grids that are no more, for the grid that stands there today; of a grid that was split, once.
create function access.cards_of_old_grids() returns table (id uuid, old_grid text, grid text, kind text, spot text, sort_key text, code text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with recursive over(old_grid, area) as (
    select s.old_id::text, s.new_id::text from public.access_areasuccession s where length(s.new_id) >= 15
    union select o.old_grid, s.new_id::text from over o join public.access_areasuccession s on s.old_id = o.area
  )
  select distinct on (c.id) c.id, o.old_grid, o.area, c.kind::text, c.spot::text, c.sort_key::text, c.code::text
    from over o join public.access_area a on a.code = o.area and a.closed_on is null
    join public.access_area before on before.code = o.old_grid and before.closed_on is not null
    join public.service_placecard c on c.grid_code = o.old_grid and c.revoked_at is null
   where access.scope('write') @> o.area
   order by c.id, o.area
$$;
-- For a page that shows what there is: the same fields under the same rule (things.sql), and nothing where they may not be opened.
create function access.fields_shown_for_errand(matter uuid, fields text[]) returns table (field text, value text, envelope bytea, row_id uuid, said jsonb)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query select x.field, x.value, x.envelope, x.row_id, x.said from access.fields_for_errand(fields_shown_for_errand.matter, fields_shown_for_errand.fields) x;
exception when insufficient_privilege then
  return;
end $$;

alter function access.fields_shown_for_errand(uuid, text[]) owner to minqing_guard;
revoke all on function access.fields_shown_for_errand(uuid, text[]) from public;
grant execute on function access.fields_shown_for_errand(uuid, text[]) to minqing_app;
alter function access.cards_of_old_grids() owner to minqing_guard;
revoke all on function access.cards_of_old_grids() from public;
grant execute on function access.cards_of_old_grids() to minqing_app;
