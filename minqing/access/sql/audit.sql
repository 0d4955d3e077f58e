-- The audit: append-only, stamped by the database, sealed by a job. scope.md §6.
--
-- Invariant: no role of the program may change or remove an entry, and the application may not choose who, when or as
-- what: those columns are defaults computed from the proven scope and are not granted for INSERT.

create table public.access_auditentry (
  id uuid not null,
  at timestamptz not null default clock_timestamp(),
  xid xid8 not null default pg_current_xact_id(),
  staff uuid default access.claim('staff')::uuid,
  appointments uuid[] default access.claimed_appointments(),
  session uuid default access.claim('session')::uuid,
  area_code text collate "C" not null default coalesce(access.claim('area'), ''),
  what text not null,
  persons uuid[] not null default '{}',
  households uuid[] not null default '{}',
  purpose text not null,
  reason text not null default '',
  origin text not null,
  detail jsonb not null default '{}',
  primary key (id, at)
) partition by range (at);

do $$
declare
  month date := date '2026-01-01';
begin
  while month < date '2032-01-01' loop
    execute format('create table public.access_auditentry_%s partition of public.access_auditentry for values from (%L) to (%L)',
                   to_char(month, 'YYYYMM'), month, (month + interval '1 month')::date);
    execute format('alter table public.access_auditentry_%s enable row level security', to_char(month, 'YYYYMM'));
    execute format('alter table public.access_auditentry_%s force row level security', to_char(month, 'YYYYMM'));
    month := (month + interval '1 month')::date;
  end loop;
end $$;

create index access_auditentry_xid on public.access_auditentry (xid);
create index access_auditentry_at on public.access_auditentry (at desc, id desc);
create index access_auditentry_area_at on public.access_auditentry (area_code, at desc);
create index access_auditentry_staff_at on public.access_auditentry (staff, at desc);
create index access_auditentry_persons on public.access_auditentry using gin (persons);

alter table public.access_auditentry enable row level security;
alter table public.access_auditentry force row level security;
-- the defaults above are not granted, so an entry is always stamped with the scope that wrote it; the check says so once more
create policy add on public.access_auditentry for insert to minqing_app, minqing_jobs, minqing_gather, minqing_resident
  with check (staff is not distinct from (select access.proven('staff')::uuid) and session is not distinct from (select access.proven('session')::uuid));
-- auditors read what was done under appointments of their area; everybody reads what he himself did ("what I did today")
create policy audited on public.access_auditentry for select to minqing_app, minqing_jobs
  using ((select access.scope('audit')) @> area_code or staff = (select access.proven('staff')::uuid));
create policy sealed on public.access_auditentry for select to minqing_seal using (true);
create policy guard on public.access_auditentry to minqing_guard using (true) with check (true);

grant insert (id, what, persons, households, purpose, reason, origin, detail) on public.access_auditentry to minqing_app, minqing_jobs, minqing_gather, minqing_resident;
grant select on public.access_auditentry to minqing_app, minqing_jobs, minqing_seal;
grant select, insert on public.access_auditentry to minqing_guard;

create table public.access_auditseal (
  no bigint primary key,
  at timestamptz not null default clock_timestamp(),
  low_xid xid8 not null,
  upto_xid xid8 not null,
  rows integer not null check (rows > 0),
  prev bytea not null,
  head bytea not null,
  algorithm text not null,
  key_no smallint not null
);
grant select, insert on public.access_auditseal to minqing_seal;
grant select on public.access_auditseal to minqing_app;

-- Crossings of a boundary are recorded by the functions that make them: free SQL cannot leave the entry out.
create function access.note(what text, persons uuid[], households uuid[], detail jsonb) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  insert into public.access_auditentry (id, what, persons, households, purpose, origin, detail)
  values (gen_random_uuid(), note.what, coalesce(note.persons, '{}'), coalesce(note.households, '{}'), left(coalesce(access.claim('purpose'), ''), 40),
          left(coalesce(access.claim('origin'), ''), 80), coalesce(note.detail, '{}'))
$$;

-- Log-ins, failures and locks happen before there is a scope; only the log-in role writes them, only these kinds.
create function access.audit_login(id uuid, what text, account uuid, origin text, detail jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if what not in ('login', 'login_failed', 'login_locked', 'logout', 'second_factor_failed', 'password_changed', 'factor_added', 'factor_removed', 'access_restored', 'account_created', 'account_disabled') then
    raise exception 'not an entry of the log-in role: %', what using errcode = 'insufficient_privilege';
  end if;
  insert into public.access_auditentry (id, staff, appointments, session, area_code, what, purpose, origin, detail)
  values (audit_login.id, account, null, null,
          coalesce((select s.area_code from public.access_staff s where s.id = account), ''), what, 'login', left(audit_login.origin, 80), audit_login.detail);
end $$;

-- A resident asks: who opened my file? Names of staff and purposes, never other persons.
create function access.who_opened(person uuid) returns table (at timestamptz, staff_name text, what text, purpose text, reason text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select e.at, s.name, e.what, e.purpose, e.reason
    from public.access_auditentry e
    left join public.access_staff s on s.id = e.staff
   where e.persons @> array[person] and person = any (access.own_persons())
   order by e.at desc limit 500
$$;
