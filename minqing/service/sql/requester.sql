-- Who is a requester, and whom a matter names. domain.md §3.2, §3.5.
--
-- Invariants: only the requester answers for himself: his account, his person, or the word of his receipt; a matter names staff while it is taken down and
-- never later by a statement, so that nobody who sits at it shuts a colleague out of it.
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
  -- of a matter that came by telephone there is no account, of a visitor there is none: "unknown" is no yes
  if m.id is null or not (coalesce(m.account = access.claim('account')::uuid, false) or coalesce(m.word_digest = any (coalesce(digests, '{}')), false)
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

-- While it is being taken down, by whoever takes it down. (For the policy below.)
create function access.being_taken(matter uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select exists (select 1 from public.service_matter m where m.id = being_taken.matter and m.first_owner = access.proven('staff')::uuid)
     and not exists (select 1 from public.service_seat s where s.matter_id = being_taken.matter and s.role = 'home')
$$;
alter function access.being_taken(uuid) owner to minqing_guard;
revoke all on function access.being_taken(uuid) from public;
grant execute on function access.being_taken(uuid) to minqing_app;
alter policy noted on public.service_party with check (account is null and exists (select from public.service_seat s where s.matter_id = service_party.matter_id)
  and (staff is null or access.being_taken(matter_id)));

-- In whose name.
create trigger own_confirm before update of confirmed_by, confirmed_at on public.service_errand for each row execute function access.own_name('confirmed_by', 'confirmed_at');
create trigger own_word before update of "by", ended_at, kept on public.service_mediationpromise for each row execute function access.own_name('by', 'ended_at', 'kept');
create trigger own_call before update of done_by, done, done_at on public.service_call for each row execute function access.own_name('done_by', 'done', 'done_at');
create trigger own_change before update of changed_by, changed_at, state, why, told_at on public.service_offer for each row execute function access.own_name('changed_by', 'changed_at', 'state', 'why', 'told_at');
