-- Handovers, pairs and who came to which course go when their time is over. Invariants: run by the night's keeper alone; what is not finished stays; courses
-- and their days stay, they name no pupil.
create function access.expire_office(kind text, before timestamptz, most integer, dry boolean) returns table (n integer, files uuid[])
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  ended uuid[] := '{}';
  named uuid[] := '{}';
begin
  if kind not in ('handover', 'training') or kind is null or coalesce(access.proven('actor'), '') <> 'keeper' or before > clock_timestamp() - interval '366 days' or most not between 1 and 10000 then
    raise exception 'not due by any rule' using errcode = 'insufficient_privilege';
  end if;
  if kind = 'handover' then
    ended := array(select h.id from public.contact_handover h where coalesce(h.took_at, h.cancelled_at) < before limit most for update of h skip locked);
  else
    ended := array(select m.id from public.contact_mentoring m where least(m.ended_at, (m.ends_on + 1)::timestamp at time zone 'Asia/Shanghai') < before limit most for update of m skip locked);
    named := array(select s.id from public.contact_courseseat s where exists (select from public.contact_coursesession c where c.id = s.session_id and c.ends_at < before) limit most for update of s skip locked);
  end if;
  if not dry then
    delete from public.contact_handoveritem i where i.handover_id = any (ended);
    delete from public.contact_handover h where h.id = any (ended);
    delete from public.contact_mentoring m where m.id = any (ended);
    delete from public.contact_courseseat s where s.id = any (named);
    if cardinality(ended) + cardinality(named) > 0 then
      perform access.note('retention.erase', '{}', '{}', jsonb_build_object('kind', kind, 'n', cardinality(ended) + cardinality(named), 'files', 0, 'before', before));
    end if;
  end if;
  return query select cardinality(ended) + cardinality(named), '{}'::uuid[];
end $$;
alter function access.expire_office(text, timestamptz, integer, boolean) owner to minqing_guard;
revoke all on function access.expire_office(text, timestamptz, integer, boolean) from public;
grant execute on function access.expire_office(text, timestamptz, integer, boolean) to minqing_jobs;
grant delete on public.contact_handover, public.contact_handoveritem, public.contact_mentoring, public.contact_courseseat to minqing_guard;
grant update on public.contact_courseseat to minqing_guard;
