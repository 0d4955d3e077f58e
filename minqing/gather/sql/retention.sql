-- Rows of departments' files that nobody's file took: their words go when the batch has been done for long enough (service/rules/retention.py).
-- What is left says that a row was there, in which file, on which line, so that the counts of a batch still come out.
alter table public.gather_statement alter column original drop not null;
grant select on public.gather_batch, public.gather_question, public.gather_statement to minqing_guard;
grant update (original, cleaned, findings, named) on public.gather_statement to minqing_guard;

create function access.expire_rows(kind text, before timestamptz, most integer, dry boolean) returns table (n integer, files uuid[])
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  ids uuid[];
begin
  if kind <> 'row' or not access.may_expire(kind, before) or most not between 1 and 10000 then
    raise exception 'not due by any rule' using errcode = 'insufficient_privilege';
  end if;
  ids := array(select s.id from public.gather_statement s join public.gather_batch b on b.id = s.batch_id
                where s.person_id is null and s.household_id is null and s.original is not null and b.state in ('done', 'undone') and coalesce(b.undone_at, b.finished_at) < before
                  and not exists (select 1 from public.gather_question q where q.statement = s.id and q.state <> 'answered') limit most for update of s skip locked);
  if not dry and cardinality(ids) > 0 then
    update public.gather_statement s set original = null, cleaned = '{}', findings = '[]', named = '{}' where s.id = any (ids);
    perform access.note('retention.erase', '{}', '{}', jsonb_build_object('kind', kind, 'n', cardinality(ids), 'files', 0, 'before', before));
  end if;
  return query select cardinality(ids), '{}'::uuid[];
end $$;
alter function access.expire_rows(text, timestamptz, integer, boolean) owner to minqing_guard;
revoke all on function access.expire_rows(text, timestamptz, integer, boolean) from public;
grant execute on function access.expire_rows(text, timestamptz, integer, boolean) to minqing_jobs;
