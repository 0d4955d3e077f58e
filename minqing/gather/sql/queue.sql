-- The queue: jobs enter through one definer function with a list of kinds; the worker re-enters the asker's scope.
-- Who asked for a job stands here, out of the worker's reach: the role minqing_jobs writes the queue's own tables and could
-- otherwise put anybody's name into a job and act as he.
create table access.job_request (
  job bigint primary key,
  task text not null,
  staff uuid not null,
  at timestamptz not null default clock_timestamp()
);
alter table access.job_request enable row level security;
alter table access.job_request force row level security;
create policy guard on access.job_request to minqing_guard using (true) with check (true);
grant select, insert on access.job_request to minqing_guard;

create function access.enqueue(kind text, args jsonb) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  made bigint;
begin
  if kind is null or kind not in ('gather.run', 'gather.undo', 'gather.report', 'archives.print') then
    raise exception 'no such kind of job: %', kind using errcode = 'insufficient_privilege';
  end if;
  insert into public.procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)
  values ('default', 'minqing.' || kind, null, null,
          coalesce(args, '{}') || jsonb_build_object('staff', access.claim('staff'), 'appointments', access.claims() -> 'appointments'))
  returning id into made;
  insert into access.job_request (job, task, staff) values (made, 'minqing.' || kind, access.claim('staff')::uuid);
  return made;
end $$;

-- A running job acts with the present rights of the one who asked for it, never with more, and for three days at most.
create function access.enter_job(job bigint, purpose text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  who uuid;
  claim jsonb;
begin
  perform access.check_words(purpose, 'job');
  select r.staff into who
    from access.job_request r
    join public.procrastinate_jobs j on j.id = r.job and j.task_name = r.task and j.status = 'doing'
   where r.job = enter_job.job and r.at > clock_timestamp() - interval '3 days';
  claim := access.staff_claim(who, null, '', purpose, 'job');
  if claim is null then
    raise exception 'no running job' using errcode = 'invalid_authorization_specification';
  end if;
  perform access.install(claim);
  return claim;
end $$;

do $$
declare
  t record;
begin
  for t in select c.relname, c.relkind from pg_class c where c.relnamespace = 'public'::regnamespace and c.relname like 'procrastinate\_%' and c.relkind in ('r', 'S') loop
    if t.relkind = 'r' then
      execute format('grant select, insert, update, delete on public.%I to minqing_jobs', t.relname);
    else
      execute format('grant usage, select on sequence public.%I to minqing_jobs, minqing_guard', t.relname);
    end if;
  end loop;
  for t in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname like 'procrastinate\_%' loop
    execute format('revoke all on function %s from public', t.name);
    -- its triggers run inside access.enqueue, whose path has no public
    execute format('alter function %s set search_path = pg_catalog, public, pg_temp', t.name);
    execute format('grant execute on function %s to minqing_jobs, minqing_guard', t.name);
  end loop;
end $$;
grant execute on function access.enqueue(text, jsonb) to minqing_app;
grant execute on function access.enter_job(bigint, text) to minqing_jobs;
grant select, insert on public.procrastinate_jobs to minqing_guard;
grant select, insert on public.procrastinate_events to minqing_guard;
