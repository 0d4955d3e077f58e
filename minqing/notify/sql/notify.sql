-- Policies of the outbox and the sender: the named actor of the minute job. DESIGN §4, scope.md §1–2.
--
-- Invariants: whoever keeps the file of the grid, or works at the desk where the matter lies, sees a message; who is asked to tell
-- somebody in person sees that errand alone. The sender reads nothing by a policy: it gets exactly the due messages, by taking
-- them, and can do nothing to a message but say what became of it; each such word is a step and an entry of the audit.

call access.protect_area_table('public.notify_message');
call access.protect_area_table('public.notify_mark');

-- nobody writes a message in another's name, or into an area that its desk does not serve
alter policy scope_add on public.notify_message with check ((select access.scope('write')) @> grid_code and made_by is not distinct from (select access.proven('staff')::uuid)
  and (desk = '' or starts_with(grid_code, split_part(desk, '/', 1)) or (select access.scope('write')) @> desk));
-- desks have no hint: the window and the hotline see no files, so their range of people is empty; (desk, made_at) is the index
create policy desk_read on public.notify_message for select to minqing_app, minqing_jobs using (desk <> '' and (select access.scope('matters')) @> desk);
create policy desk_add on public.notify_message for insert to minqing_app, minqing_jobs with check (desk <> '' and (select access.scope('matters')) @> desk
  and starts_with(grid_code, split_part(desk, '/', 1)) and made_by is not distinct from (select access.proven('staff')::uuid));
create policy desk_change on public.notify_message for update to minqing_app, minqing_jobs using (desk <> '' and (select access.scope('matters')) @> desk)
  with check (desk <> '' and (select access.scope('matters')) @> desk);
-- the helper at the door: what she was asked to say, and to whom
create policy errand_read on public.notify_message for select to minqing_app using (channel = 'person' and assigned = (select access.proven('staff')::uuid));
create policy errand_change on public.notify_message for update to minqing_app using (channel = 'person' and assigned = (select access.proven('staff')::uuid))
  with check (assigned = (select access.proven('staff')::uuid));

alter table public.notify_step enable row level security;
alter table public.notify_step force row level security;
create policy guard on public.notify_step to minqing_guard using (true) with check (true);
create policy story_read on public.notify_step for select to minqing_app, minqing_jobs using (exists (select from public.notify_message m where m.id = notify_step.message_id));
create policy story_add on public.notify_step for insert to minqing_app, minqing_jobs with check (
  exists (select from public.notify_message m where m.id = notify_step.message_id) and by is not distinct from (select access.proven('staff')::uuid));

call access.keep('public.notify_message', 'id', 'grid_code', 'desk', 'event', 'recipient', 'person', 'household', 'staff', 'template', 'kind', 'made_by', 'made_at');
call access.keep('public.notify_mark', 'id', 'grid_code', 'person', 'what', 'kind', 'by', 'at');

grant select, insert, update on public.notify_message, public.notify_mark to minqing_app, minqing_jobs;
grant select, insert on public.notify_step to minqing_app, minqing_jobs;
grant select, insert, update on public.notify_message to minqing_guard;
grant select, insert on public.notify_step to minqing_guard;
grant select on public.notify_mark to minqing_guard;

-- The named actor of the minute job: no person, no area, no right. What it may do are the functions below.
create function access.enter_sender() returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  claim jsonb := jsonb_build_object('actor', 'sender', 'staff', null, 'number', '', 'name', '发送任务', 'session', null, 'purpose', 'notify.send', 'origin', 'job',
                   'appointments', '[]'::jsonb, 'area', '', 'rights', '{}'::jsonb, 'until', extract(epoch from clock_timestamp() + interval '5 minutes'));
begin
  perform access.install(claim);
  return claim;
end $$;

create function access.require_sender() returns void
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(access.proven('actor'), '') <> 'sender' then
    raise exception 'only the sender does this' using errcode = 'insufficient_privilege';
  end if;
end $$;

-- One move of a message: the step of its story, and the entry of the audit, which stands in the message's own area.
create function access.note_message(which uuid, moment timestamptz, move text, sentence text) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  insert into public.notify_step (id, message_id, at, move, channel, sentence, by)
  select gen_random_uuid(), m.id, note_message.moment, note_message.move, m.channel, left(note_message.sentence, 200), access.proven('staff')::uuid
    from public.notify_message m where m.id = note_message.which;
  insert into public.access_auditentry (id, area_code, what, persons, households, purpose, origin, detail)
  select gen_random_uuid(), m.grid_code, 'notice.send', case when m.person is null then '{}'::uuid[] else array[m.person] end,
         case when m.household is null then '{}'::uuid[] else array[m.household] end, 'notify.send', 'job',
         jsonb_build_object('message', m.id, 'channel', m.channel, 'move', note_message.move)
    from public.notify_message m where m.id = note_message.which
$$;

-- What people have asked for holds in every area, also where the mark itself is not seen. `which` null = all that wait (the sender);
-- otherwise one message that the caller himself may write. Returns how many messages it changed. The rule is the one of
-- notify/rules/routing.py; a test compares the two.
create function access.honour_marks(which uuid) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  m record;
  n integer := 0;
begin
  if which is null then
    perform access.require_sender();
  elsif not exists (select 1 from public.notify_message x where x.id = honour_marks.which and (access.scope('write') @> x.grid_code::text or access.scope('matters') @> x.desk::text)) then
    raise exception 'no right to this message' using errcode = 'insufficient_privilege';
  end if;
  for m in select x.id, x.kind, x.channel, x.alone, x.home_phone, x.phone_shared, x.route,
                  bool_or(k.what = 'silent') as silent, bool_or(k.what = 'not_home') as not_home, bool_or(k.what = 'opt_out' and k.kind = x.kind) as declined
             from public.notify_message x
             join public.notify_mark k on k.person = x.person and k.ended_at is null
            where (honour_marks.which is null or x.id = honour_marks.which) and x.state in ('waiting', 'failed', 'given_up') and x.channel not in ('poster', 'loudspeaker', 'webhook')
            group by x.id loop
    if m.silent or (m.declined and m.kind <> 'own') then
      update public.notify_message x set state = 'cancelled', closed_at = clock_timestamp(),
             last_error = case when m.silent then '已去世，不再发通知。' else '本人不接收这一类通知。' end
       where x.id = m.id;
      perform access.note_message(m.id, clock_timestamp(), 'cancel', case when m.silent then '已去世，不再发通知。' else '本人不接收这一类通知。' end);
      n := n + 1;
    elsif (m.not_home and not m.alone) or (m.route <> array['person']::varchar[] and (m.declined or (m.not_home and (m.home_phone or m.phone_shared or 'letter' = any (m.route))))) then
      update public.notify_message x set alone = x.alone or m.not_home where x.id = m.id;
      if m.declined or m.home_phone or m.phone_shared or 'letter' = any (m.route) then
        update public.notify_message x set channel = 'person', route = array['person'], attempts = 0, phone_cipher = null, phone_tail = '', home_phone = false, phone_shared = false where x.id = m.id;
      end if;
      perform access.note_message(m.id, clock_timestamp(), 'turn', case when m.not_home then '本人要求不打家里：只告诉本人。' else '本人不接收通知：自己的事当面告知。' end);
      n := n + 1;
    end if;
  end loop;
  return n;
end $$;

-- The due messages, and no other: taking them marks them as being sent, so that two workers never have the same one. One that a
-- worker took and never spoke of again (the power went) is taken once more after ten minutes, with the same key. `calm`: it is a
-- quiet hour, so only what is urgent leaves (the job may have stood still all evening).
create function access.claim_due(moment timestamptz, most integer, calm boolean) returns table (
  id uuid, channel text, template text, language text, "values" jsonb, values_cipher bytea, phone_cipher bytea, attempts smallint, event text, grid_code text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  upto timestamptz := least(claim_due.moment, clock_timestamp());
begin
  perform access.require_sender();
  perform access.honour_marks(null);
  return query
    with found as (
      select x.id from public.notify_message x
       where x.channel in ('sms', 'webhook') and x.not_before <= upto
         and (not claim_due.calm or x.urgent or x.channel = 'webhook')
         and (x.state = 'waiting' or (x.state = 'sending' and x.claimed_at < upto - interval '10 minutes'))
       order by x.urgent desc, x.not_before, x.id limit least(claim_due.most, 200) for update skip locked)
    update public.notify_message m
       set state = 'sending', claimed_at = upto, attempts = m.attempts + 1
      from found where m.id = found.id
    returning m.id, m.channel::text, m.template::text, m.language::text, m."values", m.values_cipher, m.phone_cipher, m.attempts, m.event::text, m.grid_code::text;
end $$;

-- A gateway that promised receipts and kept silent: on to the next channel. Returns how many.
create function access.claim_unconfirmed(moment timestamptz) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  m record;
  n integer := 0;
begin
  perform access.require_sender();
  for m in select x.id from public.notify_message x where x.state = 'handed' and x.channel in ('sms', 'webhook') and x.wait_until < least(claim_unconfirmed.moment, clock_timestamp())
            order by x.wait_until limit 200 for update skip locked loop
    perform access.settle_message(m.id, moment, 'fail', '网关一直没有回执，不知道收到没有。', '', '', null, null);
    n := n + 1;
  end loop;
  return n;
end $$;

-- What became of one attempt. `move`: hand, retry, fail, deliver, cancel; after fail the route says which channel is next, or that there is none.
create function access.settle_message(which uuid, moment timestamptz, move text, sentence text, gateway text, gateway_id text, again timestamptz, wait timestamptz) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  m public.notify_message;
  onward text;
begin
  perform access.require_sender();
  select * into m from public.notify_message x where x.id = settle_message.which and x.state in ('sending', 'handed') for update;
  if m.id is null or (m.state = 'handed' and settle_message.move not in ('deliver', 'fail')) then
    return '';  -- a receipt or a person was quicker
  end if;
  perform access.note_message(m.id, settle_message.moment, settle_message.move, settle_message.sentence);
  if settle_message.move = 'hand' then
    update public.notify_message x set state = 'handed', handed_at = settle_message.moment, gateway = left(settle_message.gateway, 20), gateway_id = left(settle_message.gateway_id, 80),
           wait_until = settle_message.wait, claimed_at = null, last_error = '' where x.id = m.id;
    return 'handed';
  elsif settle_message.move = 'deliver' then
    update public.notify_message x set state = 'delivered', delivered_at = settle_message.moment, closed_at = settle_message.moment, claimed_at = null, wait_until = null, last_error = '' where x.id = m.id;
    return 'delivered';
  elsif settle_message.move = 'retry' then
    update public.notify_message x set state = 'waiting', not_before = settle_message.again, claimed_at = null, last_error = left(settle_message.sentence, 200) where x.id = m.id;
    return 'waiting';
  elsif settle_message.move = 'fail' then
    onward := m.route[array_position(m.route, m.channel) + 1];
    if onward is null then
      update public.notify_message x set state = 'given_up', closed_at = settle_message.moment, claimed_at = null, wait_until = null, last_error = left(settle_message.sentence, 200) where x.id = m.id;
      perform access.note_message(m.id, settle_message.moment, 'give_up', '');
      return 'given_up';
    end if;
    update public.notify_message x set state = 'waiting', channel = onward, attempts = 0, not_before = settle_message.moment, claimed_at = null, wait_until = null,
           last_error = left(settle_message.sentence, 200) where x.id = m.id;
    perform access.note_message(m.id, settle_message.moment, 'turn', '');
    return onward;
  end if;
  raise exception 'no such move: %', settle_message.move using errcode = 'invalid_parameter_value';
end $$;

do $$
declare
  f text;
begin
  foreach f in array array['enter_sender()', 'require_sender()', 'note_message(uuid, timestamptz, text, text)', 'honour_marks(uuid)', 'claim_due(timestamptz, integer, boolean)', 'claim_unconfirmed(timestamptz)',
                           'settle_message(uuid, timestamptz, text, text, text, text, timestamptz, timestamptz)'] loop
    execute format('alter function access.%s owner to minqing_guard', f);
    execute format('revoke all on function access.%s from public', f);
  end loop;
end $$;
grant execute on function access.enter_sender(), access.claim_due(timestamptz, integer, boolean), access.claim_unconfirmed(timestamptz),
  access.settle_message(uuid, timestamptz, text, text, text, text, timestamptz, timestamptz) to minqing_jobs;
grant execute on function access.honour_marks(uuid) to minqing_app, minqing_jobs;
