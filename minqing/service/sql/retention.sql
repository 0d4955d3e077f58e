-- What has been kept long enough is erased: content, not the number. domain.md §5; service/rules/retention.py says what and when.
--
-- Invariants: done by the nightly keeper alone, a slice at a time, each slice whole or not at all; what another transaction holds is left
-- for the next slice; nothing younger than the law's own least time goes, whatever the caller says; each slice leaves its count in the audit.
grant delete on public.access_logincode, public.access_session, public.notify_mark, public.service_handedchange, public.service_attachment to minqing_guard;
grant select, update on public.access_logincode, public.access_session, public.access_consent, public.access_feedback, public.notify_message, public.notify_step, public.notify_mark, public.service_call, public.service_callevent,
  public.service_dutyshift, public.service_ticket, public.service_offer, public.service_offerreason, public.service_certificate, public.service_matter, public.service_party, public.service_move, public.service_contact,
  public.service_callback, public.service_attachment, public.service_errand, public.service_assignment, public.service_paper to minqing_guard;
grant select on public.service_mediation, public.service_ticketmatter, public.service_handedchange, public.archives_proposal to minqing_guard;

grant select, delete on public.service_pairing, public.service_care, public.service_medicinecheck, public.service_activitypart, public.service_teamshift, public.service_shiftswap to minqing_guard;
grant select on public.service_activity to minqing_guard;
grant select, update on public.service_orderrow, public.service_helprequest, public.service_helpstep, public.service_volunteer to minqing_guard;
-- words are never rewritten by anybody; the keeper alone takes them away
drop trigger keep on public.access_feedback;
call access.keep('public.access_feedback', 'id', 'number', 'area_code', 'made_at');
create trigger words_stand before update of words on public.access_feedback for each row when (old.words is distinct from new.words) execute function access.refuse_unless_guard();

create function access.enter_keeper() returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  claim jsonb := jsonb_build_object('actor', 'keeper', 'staff', null, 'number', '', 'name', '到期清理', 'session', null, 'purpose', 'retention', 'origin', 'job',
                   'appointments', '[]'::jsonb, 'area', '', 'rights', '{}'::jsonb, 'until', extract(epoch from clock_timestamp() + interval '5 minutes'));
begin
  perform access.install(claim);
  return claim;
end $$;

-- The law's own least: nobody makes it shorter with a statement. (Run by the functions below only; a test compares it with the rules.)
create function access.may_expire(kind text, before timestamptz) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(access.proven('actor'), '') = 'keeper' and before <= clock_timestamp() - make_interval(days => case kind
    when 'code' then 184 when 'session' then 184 when 'consent' then 1096 when 'feedback' then 1096 when 'notice' then 90 when 'mark' then 366 when 'recording' then 30 when 'call' then 184
    when 'shift' then 184 when 'ticket' then 184 when 'offer' then 366 when 'certificate' then 3653 when 'matter' then 3653 when 'order' then 366 when 'help' then 366
    when 'pairing' then 184 when 'part' then 184 when 'team_shift' then 184 when 'volunteer' then 366 when 'row' then 30 else 100000 end)
$$;

-- One slice. `n`: how many rows (dry: how many are due, at most `most`); `files`: attachments whose files go with them.
create function access.expire(kind text, before timestamptz, most integer, dry boolean) returns table (n integer, files uuid[])
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  ids uuid[];
  gone uuid[] := '{}';
  day date := (before at time zone 'Asia/Shanghai')::date;
begin
  if not access.may_expire(kind, before) or kind = 'row' or most not between 1 and 10000 then
    raise exception 'not due by any rule' using errcode = 'insufficient_privilege';
  end if;
  if kind = 'code' then
    ids := array(select c.id from public.access_logincode c where c.expires_at < before limit most for update skip locked);
  elsif kind = 'session' then
    ids := array(select s.id from public.access_session s where s.expires_at < before limit most for update skip locked);
  elsif kind = 'consent' then
    ids := array(select c.id from public.access_consent c where coalesce(c.withdrawn_at, c.ends_at) < before and c.ends_at < clock_timestamp() and (c.name <> '' or c.phone_digest is not null or c.witness <> '') limit most for update skip locked);
  elsif kind = 'feedback' then
    ids := array(select f.id from public.access_feedback f where f.answered_at < before and f.words is not null limit most for update skip locked);
  elsif kind = 'notice' then
    ids := array(select g.id from public.notify_message g where g.state in ('delivered', 'given_up', 'cancelled') and coalesce(g.closed_at, g.delivered_at) < before
                    and (g.name <> '' or g.address <> '' or g.phone_cipher is not null or g.values_cipher is not null or g."values" <> '{}') limit most for update skip locked);
  elsif kind = 'mark' then
    ids := array(select k.id from public.notify_mark k where k.ended_at < before limit most for update skip locked);
  elsif kind = 'recording' then
    ids := array(select c.id from public.service_call c where c.started_at < before and c.matter_id is null and c.file_at is null and c.ended_at is not null and (c.recording <> '' or c.voicemail_cipher is not null)
                    and not (c.direction = 'in' and c.answered_at is null and c.done = '') limit most for update skip locked);
  elsif kind = 'call' then
    ids := array(select c.id from public.service_call c where c.started_at < before and c.matter_id is null and c.file_at is null and c.ended_at is not null
                    and (c.number_cipher is not null or c.number_digest is not null or c.person_id is not null or c.masked <> '')
                    and not (c.direction = 'in' and c.answered_at is null and c.done = '') limit most for update skip locked);
  elsif kind = 'shift' then
    ids := array(select d.id from public.service_dutyshift d where d.ends_at < before and d.phone_cipher is not null limit most for update skip locked);
  elsif kind = 'ticket' then
    ids := array(select t.id from public.service_ticket t where t.day < day and t.ended_at is not null and (t.person_id is not null or t."left" <> '' or exists (select 1 from public.service_handedchange h where h.ticket_id = t.id))
                    and not exists (select 1 from public.service_ticketmatter x join public.service_matter m on m.id = x.matter_id where x.ticket_id = t.id and m.state not in ('closed', 'archived', 'rejected', 'transferred', 'merged', 'withdrawn'))
                    and not exists (select 1 from public.service_handedchange h join public.archives_proposal p on p.id = h.proposal_id where h.ticket_id = t.id and p.closed_at is null) limit most for update skip locked);
  elsif kind = 'offer' then
    ids := array(select o.id from public.service_offer o where o.state in ('declined', 'wrong', 'done', 'gone') and coalesce(o.changed_at, o.found_on::timestamptz) < before
                    and (o.reason <> '[]' or o.why <> '' or o.before <> '{}' or exists (select 1 from public.service_offerreason y where y.offer_id = o.id and y.reason <> '[]')) limit most for update skip locked);
  elsif kind = 'certificate' then
    ids := array(select c.id from public.service_certificate c where c.state in ('issued', 'revoked', 'refused') and coalesce(c.revoked_at, c.decided_at) < before and c.payload is not null limit most for update skip locked);
  elsif kind = 'order' then
    ids := array(select o.id from public.service_orderrow o where o.state <> 'waiting' and o.settled_at < before and o.row_cipher is not null limit most for update skip locked);
  elsif kind = 'help' then
    ids := array(select h.id from public.service_helprequest h where h.ended_at < before and h.words_cipher is not null limit most for update skip locked);
  elsif kind = 'pairing' then
    ids := array(select p.id from public.service_pairing p where p.ends_on < day limit most for update skip locked);
  elsif kind = 'part' then
    ids := array(select p.id from public.service_activitypart p join public.service_activity a on a.id = p.activity_id where a.ends_at < before limit most for update of p skip locked);
  elsif kind = 'team_shift' then
    ids := array(select t.id from public.service_teamshift t where t.ends_at < before and not exists (select 1 from public.service_helprequest h where h.shift_id = t.id)
                    and not exists (select 1 from public.service_shiftswap w join public.service_teamshift o on o.id in (w.shift_id, w.return_shift_id) where t.id in (w.shift_id, w.return_shift_id) and o.ends_at >= before) limit most for update skip locked);
  elsif kind = 'volunteer' then
    ids := array(select v.id from public.service_volunteer v where v.left_on < day and v.contact_cipher is not null limit most for update skip locked);
  elsif kind = 'matter' then
    ids := array(select m.id from public.service_matter m
                  where m.state in ('archived', 'rejected', 'transferred', 'merged', 'withdrawn') and coalesce(m.archived_at, m.closed_at, m.submitted_at) < before and m.words_cipher is not null and m.ask_on is null
                    and m.category not in ('boundary', 'homestead', 'demolish')
                    and not exists (select 1 from public.service_mediation x where x.matter_id = m.id)
                    and not exists (select 1 from public.service_matterplot x where x.matter_id = m.id and x.ended_at is null)
                    and not exists (select 1 from public.service_matter o where (o.parent_id = m.id or o.id = m.parent_id) and o.state not in ('archived', 'rejected', 'transferred', 'merged', 'withdrawn')) limit most for update skip locked);
  end if;
  if not dry and cardinality(ids) > 0 then
    if kind = 'code' then
      delete from public.access_logincode c where c.id = any (ids);
    elsif kind = 'session' then
      delete from public.access_session s where s.id = any (ids);
    elsif kind = 'consent' then
      update public.access_consent c set name = '', phone_digest = null, phone_tail = '', relation = '', witness = '' where c.id = any (ids);
    elsif kind = 'feedback' then
      update public.access_feedback f set words = null, contact = null, answer = null where f.id = any (ids);
    elsif kind = 'notice' then
      update public.notify_message g set name = '', address = '', walk_key = '', phone_cipher = null, phone_tail = '', values_cipher = null, "values" = '{}', last_error = '' where g.id = any (ids);
      update public.notify_step p set sentence = '' where p.message_id = any (ids) and p.sentence <> '';
    elsif kind = 'mark' then
      delete from public.notify_mark k where k.id = any (ids);
    elsif kind = 'recording' then
      update public.service_call c set recording = '', media = '', voicemail_cipher = null where c.id = any (ids);
    elsif kind = 'call' then
      update public.service_call c set number_cipher = null, number_digest = null, masked = '', person_id = null, forwarded_to = '', shown_to = '{}' where c.id = any (ids);
      update public.service_callevent v set detail = '{}' where v.call_id = any (ids) and v.detail <> '{}';
    elsif kind = 'shift' then
      update public.service_dutyshift d set phone_cipher = null, masked = '' where d.id = any (ids);
    elsif kind = 'ticket' then
      delete from public.service_handedchange h where h.ticket_id = any (ids);
      update public.service_ticket t set person_id = null, "left" = '' where t.id = any (ids);
    elsif kind = 'offer' then
      update public.service_offer o set reason = '[]', why = '', before = '{}' where o.id = any (ids);
      update public.service_offerreason y set reason = '[]' where y.offer_id = any (ids);
    elsif kind = 'certificate' then
      update public.service_certificate c set masked = '', payload = null, reason_cipher = null where c.id = any (ids);
    elsif kind = 'order' then
      update public.service_orderrow o set row_cipher = null where o.id = any (ids);
    elsif kind = 'help' then
      update public.service_helprequest h set contact_cipher = null, words_cipher = null, person_id = null, account = null where h.id = any (ids);
      update public.service_helpstep s set note_cipher = null where s.request_id = any (ids) and s.note_cipher is not null;
    elsif kind = 'pairing' then
      delete from public.service_medicinecheck c where c.pairing_id = any (ids);
      delete from public.service_care c where c.pairing_id = any (ids);
      delete from public.service_pairing p where p.id = any (ids);
    elsif kind = 'part' then
      delete from public.service_activitypart p where p.id = any (ids);
    elsif kind = 'team_shift' then
      delete from public.service_shiftswap w where w.shift_id = any (ids) or w.return_shift_id = any (ids);
      delete from public.service_teamshift t where t.id = any (ids);
    elsif kind = 'volunteer' then
      update public.service_volunteer v set contact_cipher = null, phone_digest = null, person_id = null where v.id = any (ids);
    else
      gone := array(select a.id from public.service_attachment a where a.matter_id = any (ids));
      update public.service_paper p set attachment_id = null, from_cipher = null where p.matter_id = any (ids);
      delete from public.service_attachment a where a.id = any (gone);
      update public.service_party p set contact_cipher = null, phone_digest = null, masked = '', person_id = null, account = null where p.matter_id = any (ids);
      update public.service_move v set note_cipher = null, public_words = '', detail = '{}' where v.matter_id = any (ids);
      update public.service_contact x set note_cipher = null where x.matter_id = any (ids) and x.note_cipher is not null;
      update public.service_callback x set note_cipher = null where x.matter_id = any (ids) and x.note_cipher is not null;
      update public.service_errand e set person_id = null, answers_cipher = null, signed_cipher = null where e.matter_id = any (ids);
      update public.service_assignment s set reason_cipher = null where s.matter_id = any (ids) and s.reason_cipher is not null;
      update public.service_call c set number_cipher = null, number_digest = null, masked = '', person_id = null, forwarded_to = '', shown_to = '{}', recording = '', media = '', voicemail_cipher = null where c.matter_id = any (ids);
      update public.service_matter m set title = '', spot = '', words_cipher = null, result_cipher = null, told_channel = '' where m.id = any (ids);
    end if;
    perform access.note('retention.erase', '{}', '{}', jsonb_build_object('kind', kind, 'n', cardinality(ids), 'files', cardinality(gone), 'before', before));
  end if;
  return query select cardinality(ids), gone;
end $$;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef and p.proname in ('enter_keeper', 'may_expire', 'expire') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.enter_keeper(), access.expire(text, timestamptz, integer, boolean) to minqing_jobs;
