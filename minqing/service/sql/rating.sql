-- What the requester himself does with an answer: with his account, or with the number and word of a receipt alone. domain.md §3.2, §3.4.
--
-- Invariants: a move starts from the states of rules/states.py and from no other (a test compares); "not solved" is done again once, the
-- second time a leader decides, whatever the channel; a receipt shows what a rating needs to know and never who asked; guesses are counted.
-- What the requester himself may do: by account, by person, or by the receipt's word. `clock` carries the deadlines of doing it again.
create or replace function access.requester_move(matter uuid, digests bytea[], move text, words bytea, public_words text, answers jsonb, clock jsonb) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  m public.service_matter;
  target text;
  now timestamptz := clock_timestamp();
  desk text;
begin
  select x.* into m from public.service_matter x where x.id = matter for update;
  if m.id is null or not (m.account = access.claim('account')::uuid or m.word_digest = any (coalesce(digests, '{}'))
       or exists (select 1 from public.service_party p where p.matter_id = matter and p.role in ('requester', 'for')
                     and (p.account = access.claim('account')::uuid or p.person_id = any (access.own_persons())))) then
    return 'gone';
  end if;
  -- by the receipt alone: twenty an hour from one address, like every look at one is counted
  if not coalesce(m.account = access.claim('account')::uuid, false) and cardinality(coalesce(digests, '{}')) > 0 and not access.once_more('matter.rate', 20) then
    return 'often';
  end if;
  target := case when move = 'close' and m.state = 'replied' then 'closed'
                 when move = 'redo' and m.state = 'replied' and m.redo_count = 0 then 'redo'
                 when move = 'ask_explain' and m.state = 'replied' and m.redo_count > 0 then 'explain_pending'
                 when move = 'withdraw' and m.state in ('submitted', 'accepted', 'dispatched', 'processing') then 'withdrawn'
                 when move = 'reopen' and m.state in ('closed', 'archived') and m.closed_at > now - interval '30 days' then 'redo' end;
  if target is null then
    return 'late';
  end if;
  if move in ('close', 'redo', 'ask_explain') then
    insert into public.service_callback (id, matter_id, at, channel, reached, solved, satisfied, told_that_day, round, note_cipher)
    values ((answers ->> 'id')::uuid, matter, now, 'web', true, answers ->> 'solved', answers ->> 'satisfied', (answers ->> 'told')::boolean, m.redo_count, words);
  end if;
  update public.service_matter x set state = target, version = x.version + 1,
         solved = coalesce(answers ->> 'solved', x.solved), satisfied = coalesce(answers ->> 'satisfied', x.satisfied), told_that_day = coalesce((answers ->> 'told')::boolean, x.told_that_day),
         closed_at = case when target in ('closed', 'withdrawn') then now when target = 'redo' then null else x.closed_at end,
         archive_at = case when target = 'closed' then (clock ->> 'archive')::timestamptz when target = 'redo' then null else x.archive_at end,
         archived_at = case when target = 'redo' then null else x.archived_at end,
         redo_count = x.redo_count + (target = 'redo')::int,
         dispatched_at = case when target = 'redo' then now else x.dispatched_at end, signed_at = case when target = 'redo' then null else x.signed_at end,
         replied_at = case when target = 'redo' then null else x.replied_at end, callback_due_at = case when target in ('redo', 'closed') then null else x.callback_due_at end,
         lead_desk = case when target = 'redo' and x.lead_desk = '' then x.home_desk else x.lead_desk end,
         sign_due_at = case when target = 'redo' then (clock ->> 'sign')::timestamptz else x.sign_due_at end, contact_due_at = case when target = 'redo' then (clock ->> 'contact')::timestamptz else x.contact_due_at end,
         due_at = case when target = 'redo' then (clock ->> 'due')::timestamptz when target in ('closed', 'withdrawn') then null else x.due_at end,
         remind_at = case when target = 'redo' then (clock ->> 'remind')::timestamptz when target in ('closed', 'withdrawn') then null else x.remind_at end,
         reminded = case when target = 'redo' then 0 else x.reminded end, escalated = case when target = 'redo' then 0 else x.escalated end
   where x.id = matter;
  if target = 'redo' and not exists (select 1 from public.service_seat s where s.matter_id = matter and s.role = 'lead' and s.ends_at is null) then
    perform access.put_seat(matter, case when m.lead_desk = '' then m.home_desk else m.lead_desk end, 'lead', null);
  end if;
  -- not solved a second time: a leader decides, as after the telephone and the key press (handling.leader_of)
  if target = 'explain_pending' then
    desk := split_part(case when m.lead_desk = '' then m.home_desk else m.lead_desk end, '/', 1);
    desk := case when m.restricted then m.home_desk when length(desk) >= 9 then left(desk, 9) else left(desk, 6) end;
    perform access.put_seat(matter, desk, 'decide', null);
    insert into public.access_auditentry (id, area_code, what, persons, purpose, origin, detail)
    values (gen_random_uuid(), m.place_code, 'crossing.matter', '{}', left(access.claim('purpose'), 40), left(access.claim('origin'), 80), jsonb_build_object('matter', matter, 'to', desk, 'role', 'decide'));
  end if;
  -- the log's note is bound to the matter's id like every other line of it
  insert into public.service_move (matter_id, at, name, from_state, to_state, actor, desk, public_words, detail, note_cipher)
  values (matter, now, move, m.state, target, 'requester', '', left(public_words, 300), coalesce(answers - 'id' - 'note', '{}'), decode(answers ->> 'note', 'base64'));
  insert into public.access_auditentry (id, area_code, what, persons, purpose, origin, detail)
  values (gen_random_uuid(), m.place_code, 'matter.' || move, array(select p.person_id from public.service_party p where p.matter_id = matter and p.person_id is not null), left(access.claim('purpose'), 40),
          left(access.claim('origin'), 80), jsonb_build_object('matter', matter, 'account', access.claim('account')));
  return target;
end $$;

-- What a rating by receipt hangs on: how often it was done again, how long it took, where. Nothing of anybody.
create function access.receipt_facts(matter uuid, digests bytea[]) returns table (state text, kind text, place text, redo_count integer, limit_days numeric, restricted boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select m.state::text, m.kind::text, m.place_code::text, m.redo_count::integer, m.limit_days, m.restricted
    from public.service_matter m where m.id = receipt_facts.matter and m.word_digest = any (digests)
$$;

-- An errand that a resident begins himself: which item of the catalogue, for whom he spoke, in the same transaction as the words.
-- 'ok'; 'running': the same is under way for him; 'plain': it went around the village and stays as it was said.
create function access.start_own_errand(matter uuid, item uuid, title text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  m public.service_matter;
  i public.service_catalogueitem;
  person uuid;
begin
  select x.* into m from public.service_matter x where x.id = matter and x.channel = 'web' and x.kind = 'errand' and x.state = 'submitted' and x.submitted_at >= transaction_timestamp();
  select x.* into i from public.service_catalogueitem x where x.id = item and x.ended_at is null;
  if m.id is null or i.id is null or not (i.area_code = '' or starts_with(m.place_code, i.area_code)) or exists (select 1 from public.service_errand e where e.matter_id = matter) then
    raise exception 'not an errand of this minute' using errcode = 'insufficient_privilege';
  end if;
  if m.restricted then
    return 'plain';
  end if;
  person := (select p.person_id from public.service_party p where p.matter_id = matter and p.role in ('for', 'requester') and p.person_id = any (access.own_persons()) order by p.role limit 1);
  if person is not null and exists (select 1 from public.service_errand e join public.service_catalogueitem o on o.id = e.item_id join public.service_matter x on x.id = e.matter_id
       where e.person_id = person and o.code = i.code and x.state in ('submitted', 'accepted', 'dispatched', 'processing', 'return_pending', 'extend_pending', 'suspend_pending', 'suspended', 'redo')) then
    return 'running';
  end if;
  update public.service_matter x set category = i.code, title = left(start_own_errand.title, 80) where x.id = matter;
  insert into public.service_errand (id, matter_id, item_id, person_id, agent_state, submitted_to, department_number, delivered_to, made_by, made_at, version)
  values (gen_random_uuid(), matter, item, person, 'none', '', '', '', coalesce(access.claim('account')::uuid, '00000000-0000-0000-0000-000000000000'), clock_timestamp(), 1);
  return 'ok';
end $$;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef and p.proname in ('requester_move', 'receipt_facts', 'start_own_errand') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
    execute format('grant execute on function %s to minqing_resident', f.name);
  end loop;
end $$;
