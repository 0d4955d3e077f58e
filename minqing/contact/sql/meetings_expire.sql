-- What was said at meetings, who came, who objected, who represented: gone five years after it was over. The record of the meeting stays.
create function access.expire_meetings(kind text, before timestamptz, most integer, dry boolean) returns table (n integer, files uuid[])
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  over uuid[];
  gone uuid[];
  sheets uuid[];
begin
  if kind is distinct from 'meeting' or coalesce(access.proven('actor'), '') <> 'keeper' or before > clock_timestamp() - interval '366 days' or most not between 1 and 10000 then
    raise exception 'not due by any rule' using errcode = 'insufficient_privilege';
  end if;
  over := array(select m.id from public.contact_meeting m where m.state in ('closed', 'cancelled') and m.ends_at < before
                 and not exists (select 1 from public.contact_objection o where o.meeting_id = m.id and o.answered_at is null)
                 and (exists (select 1 from public.contact_opinion o where o.meeting_id = m.id and (o.said_cipher is not null or o.answer_cipher is not null or o.person_id is not null))
                      or exists (select 1 from public.contact_attendance a where a.meeting_id = m.id) or exists (select 1 from public.contact_objection o where o.meeting_id = m.id)
                      or exists (select 1 from public.contact_meetingpaper p where p.meeting_id = m.id and p.kind = 'sign_in'))
                 limit most for update of m skip locked);
  gone := array(select r.id from public.contact_representative r where coalesce(r.left_on, r.ends_on) < before::date limit most);
  sheets := array(select p.id from public.contact_meetingpaper p where p.meeting_id = any (over) and p.kind = 'sign_in');
  if not dry and cardinality(over) + cardinality(gone) > 0 then
    update public.contact_opinion o set said_cipher = null, answer_cipher = null, person_id = null where o.meeting_id = any (over);
    delete from public.contact_attendance a where a.meeting_id = any (over);
    delete from public.contact_objection o where o.meeting_id = any (over);
    delete from public.contact_meetingpaper p where p.id = any (sheets);
    delete from public.contact_representative r where r.id = any (gone);
    perform access.note('retention.erase', '{}', '{}', jsonb_build_object('kind', kind, 'n', cardinality(over) + cardinality(gone), 'files', cardinality(sheets), 'before', before));
  end if;
  return query select cardinality(over) + cardinality(gone), sheets;
end $$;
alter function access.expire_meetings(text, timestamptz, integer, boolean) owner to minqing_guard;
revoke all on function access.expire_meetings(text, timestamptz, integer, boolean) from public;
grant execute on function access.expire_meetings(text, timestamptz, integer, boolean) to minqing_jobs;
grant update (said_cipher, answer_cipher) on public.contact_opinion to minqing_guard;
grant update (state) on public.contact_meeting to minqing_guard;
grant delete on public.contact_attendance, public.contact_objection, public.contact_meetingpaper, public.contact_representative to minqing_guard;
