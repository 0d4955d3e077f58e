-- Owners and grants of everything in access. Idempotent; last word after each migration (see migrations/…_grants).

alter table access.scope_key owner to minqing_guard;
revoke all on access.scope_key from public;

do $$
declare
  f record;
begin
  -- every SECURITY DEFINER function of the schema belongs to minqing_guard, and nobody runs it who is not named below
  for f in select p.oid::regprocedure as name, p.prosecdef from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'access' and p.prokind = 'f' loop
    if f.prosecdef then
      execute format('alter function %s owner to minqing_guard', f.name);
    end if;
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
revoke all on procedure access.protect_area_table(regclass, text, text), access.keep(regclass, name[]) from public;

grant usage on schema access to minqing_app, minqing_login, minqing_gather, minqing_jobs, minqing_seal, minqing_resident;
grant execute on function access.scope(text), access.proven(text), access.claim(text), access.claimed_appointments() to minqing_app, minqing_gather, minqing_jobs, minqing_resident;
grant execute on function access.may(text, text), access.appointing_rank(text) to minqing_app, minqing_jobs, minqing_gather;
grant execute on function access.enter(text, text, text), access.my_sessions(), access.end_my_session(uuid), access.end_sessions_of(uuid) to minqing_app;
grant execute on function access.enter_resident(text, text, text), access.own_persons(), access.own_households(), access.who_opened(uuid) to minqing_resident;
grant execute on function access.open_session(uuid, bytea, integer, integer, text, text, boolean), access.audit_login(uuid, text, uuid, text, jsonb) to minqing_login;

-- what the definer functions read and write
grant select on public.access_staff, public.access_area, public.access_role, public.access_roleright, public.access_appointment, public.access_account, public.access_subject to minqing_guard;
grant select, insert, update on public.access_session to minqing_guard;

-- credentials: the log-in role alone
grant select, insert, update on public.access_account, public.access_session to minqing_login;
grant select, insert, update, delete on public.access_secondfactor to minqing_login;

-- areas are public knowledge; changing them needs the right within the parent
grant select on public.access_area, public.access_areaalias, public.access_areasuccession to minqing_app, minqing_login, minqing_gather, minqing_jobs, minqing_resident;
grant insert, update on public.access_area, public.access_areaalias, public.access_areasuccession to minqing_app;
grant delete on public.access_areaalias to minqing_app;
grant usage on sequence public.access_areaalias_id_seq, public.access_areasuccession_id_seq to minqing_app;

grant select on public.access_organisation, public.access_staff, public.access_appointment, public.access_role, public.access_roleright to minqing_app, minqing_jobs, minqing_gather;
grant insert, update on public.access_organisation, public.access_staff, public.access_appointment to minqing_app;

do $$
declare
  t text;
begin
  foreach t in array array['access_area', 'access_organisation', 'access_staff', 'access_appointment', 'access_areaalias', 'access_areasuccession', 'access_subject', 'access_account', 'access_session', 'access_secondfactor'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('drop policy if exists guard on public.%I', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('drop policy if exists login on public.%I', t);
    if t in ('access_account', 'access_session', 'access_secondfactor', 'access_area') then
      execute format('create policy login on public.%I to minqing_login using (true) with check (true)', t);
    end if;
    -- the owner fills areas and roles while migrating; credentials and people are not for him either
    execute format('drop policy if exists owner on public.%I', t);
    if t in ('access_area', 'access_areaalias', 'access_areasuccession', 'access_organisation', 'access_staff', 'access_appointment', 'access_account') then
      execute format('create policy owner on public.%I to minqing_owner using (true) with check (true)', t);
    end if;
    execute format('drop policy if exists read on public.%I', t);
    execute format('drop policy if exists add on public.%I', t);
    execute format('drop policy if exists change on public.%I', t);
  end loop;
end $$;

create policy read on public.access_area for select to minqing_app, minqing_gather, minqing_jobs, minqing_resident using (true);
create policy add on public.access_area for insert to minqing_app with check ((select access.scope('areas')) @> code);
create policy change on public.access_area for update to minqing_app using ((select access.scope('areas')) @> code) with check ((select access.scope('areas')) @> code);
create policy read on public.access_areaalias for select to minqing_app, minqing_gather, minqing_jobs using (true);
create policy add on public.access_areaalias for insert to minqing_app with check ((select access.scope('areas')) @> area_id);
create policy change on public.access_areaalias for update to minqing_app using ((select access.scope('areas')) @> area_id) with check ((select access.scope('areas')) @> area_id);
drop policy if exists remove on public.access_areaalias;
create policy remove on public.access_areaalias for delete to minqing_app using ((select access.scope('areas')) @> area_id);
create policy read on public.access_areasuccession for select to minqing_app, minqing_gather, minqing_jobs using (true);
create policy add on public.access_areasuccession for insert to minqing_app with check ((select access.scope('areas')) @> old_id);

-- who works where is no secret among colleagues, but it is for nobody without a session
create policy read on public.access_organisation for select to minqing_app, minqing_jobs, minqing_gather using ((select access.proven('staff')) is not null);
create policy add on public.access_organisation for insert to minqing_app with check ((select access.scope('appoint')) @> area_code);
create policy change on public.access_organisation for update to minqing_app using ((select access.scope('appoint')) @> area_code) with check ((select access.scope('appoint')) @> area_code);
create policy read on public.access_staff for select to minqing_app, minqing_jobs, minqing_gather using ((select access.proven('staff')) is not null);
create policy add on public.access_staff for insert to minqing_app with check ((select access.scope('appoint')) @> area_code);
create policy change on public.access_staff for update to minqing_app using ((select access.scope('appoint')) @> area_code) with check ((select access.scope('appoint')) @> area_code);
create policy read on public.access_appointment for select to minqing_app, minqing_jobs, minqing_gather using ((select access.proven('staff')) is not null);
create policy add on public.access_appointment for insert to minqing_app with check ((select access.scope('appoint')) @> area_code);
create policy change on public.access_appointment for update to minqing_app using ((select access.scope('appoint')) @> area_code) with check ((select access.scope('appoint')) @> area_code);
