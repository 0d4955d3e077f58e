-- The queue: jobs enter through one definer function with a list of kinds; the worker re-enters the asker's scope.
create function access.enqueue(kind text, args jsonb) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  made bigint;
begin
  if kind not in ('gather.run', 'gather.undo', 'gather.report', 'archives.print') then
    raise exception 'no such kind of job: %', kind using errcode = 'insufficient_privilege';
  end if;
  insert into public.procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)
  values ('default', 'minqing.' || kind, null, null,
          args || jsonb_build_object('staff', access.claim('staff'), 'appointments', access.claims() -> 'appointments'))
  returning id into made;
  return made;
end $$;

-- A running job acts with the present rights of the one who asked for it, never with more.
create function access.enter_job(job bigint, purpose text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  who uuid;
  claim jsonb;
begin
  select (j.args ->> 'staff')::uuid into who from public.procrastinate_jobs j where j.id = job and j.status = 'doing';
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
    execute format('grant execute on function %s to minqing_jobs, minqing_guard', t.name);
  end loop;
end $$;
grant select, insert on public.procrastinate_jobs to minqing_guard;
grant select, insert on public.procrastinate_events to minqing_guard;
