-- Residents: accounts, codes, whom an account may see, what everybody may see, the complaint box. DESIGN §4; ux.md §4.
--
-- Invariant: an account is not a person. `access_subject` says who it is ("self"), for whom it acts by consent ("relative")
-- and whom its household lets it see ("household"); only definer functions write there. What is one's own alone (matters,
-- level 4, who opened my file) never follows from the household.

alter table public.access_consent add constraint consent_at_most_a_year check (ends_at <= starts_at + interval '366 days');
alter table public.access_subject add constraint subject_of_others_ends check (reach = 'self' or (ends_at is not null and ends_at <= starts_at + interval '366 days'));
alter table public.access_subject alter column reach set default 'self', alter column sensitive set default false, alter column how set default '';
create unique index subject_self_once on public.access_subject (account) where reach = 'self' and ends_at is null;
create unique index subject_person_once on public.access_subject (person_id) where reach = 'self' and ends_at is null;

-- Himself, and those for whom he acts; whom the household shares comes on top.
create or replace function access.enter_resident(token text, purpose text, origin text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  found public.access_session;
  claim jsonb;
begin
  perform access.check_words(purpose, origin);
  select s.* into found
    from public.access_session s
   where s.token_digest = sha256(convert_to(token, 'UTF8')) and s.resident_account is not null and s.complete
     and s.ended_at is null and s.expires_at > clock_timestamp()
     and s.seen_at + make_interval(secs => s.idle_seconds) > clock_timestamp()
     and not exists (select 1 from public.access_residentaccount a where a.id = s.resident_account and a.disabled_at is not null);
  if found.id is null then
    raise exception 'no valid session' using errcode = 'invalid_authorization_specification';
  end if;
  select jsonb_build_object('account', found.resident_account, 'session', found.id, 'purpose', purpose, 'origin', origin, 'rights', '{}'::jsonb,
           'until', extract(epoch from least(found.expires_at, clock_timestamp() + interval '1 hour', min(x.ends_at))),
           'self', coalesce(jsonb_agg(distinct x.person_id) filter (where x.reach = 'self' and x.person_id is not null), '[]'),
           'persons', coalesce(jsonb_agg(distinct x.person_id) filter (where x.reach in ('self', 'relative') and x.person_id is not null), '[]'),
           'sensitive', coalesce(jsonb_agg(distinct x.person_id) filter (where (x.reach = 'self' or x.sensitive) and x.person_id is not null), '[]'),
           'shared', coalesce(jsonb_agg(distinct x.person_id) filter (where x.person_id is not null), '[]'),
           'households', coalesce(jsonb_agg(distinct x.household_id) filter (where x.household_id is not null), '[]'))
    into claim
    from public.access_subject x
   where x.account = found.resident_account and x.starts_at <= clock_timestamp() and (x.ends_at is null or x.ends_at > clock_timestamp());
  perform access.install(claim);
  return claim;
end $$;

-- Nobody in particular: what is published, and the doors for words without a name.
create function access.enter_public(purpose text, origin text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  claim jsonb;
begin
  perform access.check_words(purpose, origin);
  claim := jsonb_build_object('purpose', purpose, 'origin', origin, 'rights', '{}'::jsonb, 'self', '[]'::jsonb, 'persons', '[]'::jsonb, 'sensitive', '[]'::jsonb,
             'shared', '[]'::jsonb, 'households', '[]'::jsonb, 'until', extract(epoch from clock_timestamp() + interval '10 minutes'));
  perform access.install(claim);
  return claim;
end $$;

create function access.own_self() returns uuid[]
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ select coalesce(array(select jsonb_array_elements_text(access.proven() -> 'self')::uuid), '{}') $$;

create function access.shared_persons() returns uuid[]
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ select coalesce(array(select jsonb_array_elements_text(access.proven() -> 'shared')::uuid), '{}') $$;

create function access.sensitive_persons() returns uuid[]
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ select coalesce(array(select jsonb_array_elements_text(access.proven() -> 'sensitive')::uuid), '{}') $$;

-- A session of a resident's account; opened by the log-in role alone.
create function access.open_resident_session(account uuid, digest bytea, seconds integer, idle integer, device text, origin text) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  made uuid := gen_random_uuid();
begin
  if not exists (select 1 from public.access_residentaccount a where a.id = open_resident_session.account and a.disabled_at is null) then
    raise exception 'no such account' using errcode = 'invalid_authorization_specification';
  end if;
  insert into public.access_session (id, token_digest, resident_account, opened_at, seen_at, expires_at, idle_seconds, device, origin, complete)
  values (made, open_resident_session.digest, open_resident_session.account, clock_timestamp(), clock_timestamp(), clock_timestamp() + make_interval(secs => seconds), idle,
          left(open_resident_session.device, 120), left(open_resident_session.origin, 60), true);
  return made;
end $$;

-- Codes, log-ins and failures of residents happen before there is a scope; only these kinds.
create function access.audit_resident(id uuid, what text, account uuid, origin text, detail jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if what not in ('resident.code', 'resident.login', 'resident.login_failed', 'resident.logout') then
    raise exception 'not an entry of the log-in role: %', what using errcode = 'insufficient_privilege';
  end if;
  insert into public.access_auditentry (id, staff, appointments, session, area_code, what, purpose, origin, detail)
  values (audit_resident.id, null, null, null, '', what, 'login', left(audit_resident.origin, 80),
          audit_resident.detail || jsonb_build_object('account', audit_resident.account));
end $$;

-- How often this address asked for something within an hour; each call is an entry itself. For guesses and floods.
create function access.once_more(what text, most integer) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  asked integer;
begin
  select count(*) into asked from public.access_auditentry e
   where e.at > clock_timestamp() - interval '1 hour' and e.what = once_more.what and e.origin = left(access.claim('origin'), 80);
  if asked >= most then
    return false;
  end if;
  perform access.note(once_more.what, null, null, jsonb_build_object('account', access.claim('account')));
  return true;
end $$;

-- Who opened my file: for oneself and those for whom one acts; entries of one's own account are not asked about.
create or replace function access.who_opened(person uuid) returns table (at timestamptz, staff_name text, what text, purpose text, reason text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select e.at, s.name, e.what, e.purpose, e.reason
    from public.access_auditentry e
    join public.access_staff s on s.id = e.staff
   where e.persons @> array[person] and person = any (access.own_persons())
   order by e.at desc limit 500
$$;

-- What others did for me by consent: when, what, who.
create function access.done_for_me() returns table (at timestamptz, name text, what text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select e.at, c.name, e.what
    from public.access_auditentry e
    join public.access_session s on s.id = e.session and s.resident_account is not null
    join public.access_consent c on c.account_id = s.resident_account and c.kind = 'relative' and c.person_id = any (access.own_self())
                                and e.at >= c.starts_at and e.at <= coalesce(c.withdrawn_at, c.ends_at)
   where e.persons && access.own_self() and s.resident_account is distinct from access.claim('account')::uuid
   order by e.at desc limit 200
$$;

-- Who works in an area, for everybody: names of office holders, their post, the office phone. No private number is kept here.
create function access.public_officers(code text) returns table (name text, role text, area text, phone text, office text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select s.name, a.role_id, a.area_code, s.work_phone, o.name
    from public.access_appointment a
    join public.access_staff s on s.id = a.staff_id
    join public.access_organisation o on o.id = s.organisation_id
   where (select access.claim('purpose')) is not null
     and length(code) >= 6
     and (a.area_code = code or (length(code) = 12 and starts_with(a.area_code, code)))
     and a.role_id in ('village_secretary', 'village_clerk', 'grid_officer', 'town_cadre', 'window_clerk', 'town_desk', 'town_leader', 'hotline_operator', 'county_desk')
     and a.starts_at <= clock_timestamp() and (a.ends_at is null or a.ends_at > clock_timestamp())
     and (s.left_at is null or s.left_at > clock_timestamp())
   order by a.area_code, a.role_id, s.name limit 200
$$;

-- The complaint box. Words are encrypted by the program; the county's auditor reads, not the village.
create function access.leave_feedback(id uuid, number text, word_digest bytea, area text, kind text, words bytea, contact bytea, due_on date) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if length(area) <> 6 or not exists (select 1 from public.access_area a where a.code = leave_feedback.area) then
    raise exception 'no such county' using errcode = 'check_violation';
  end if;
  if not access.once_more('feedback.leave', 20) then
    return false;
  end if;
  insert into public.access_feedback (id, number, word_digest, area_code, kind, words, contact, account_id, made_at, due_on)
  values (leave_feedback.id, leave_feedback.number, leave_feedback.word_digest, leave_feedback.area, leave_feedback.kind, leave_feedback.words, leave_feedback.contact,
          access.claim('account')::uuid, clock_timestamp(), leave_feedback.due_on);
  return true;
end $$;

-- By number and word: whether and what was answered; never the words themselves.
create function access.feedback_answer(number text, word_digest bytea) returns table (known boolean, id uuid, made_at timestamptz, due_on date, answer bytea, answered_at timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not access.once_more('feedback.ask', 30) then
    raise exception 'too many questions from this address' using errcode = 'insufficient_privilege';
  end if;
  return query select true, f.id, f.made_at, f.due_on, f.answer, f.answered_at from public.access_feedback f
                where f.number = feedback_answer.number and f.word_digest = feedback_answer.word_digest;
end $$;

-- Tables -----------------------------------------------------------------------------------------------------------------
do $$
declare
  t text;
begin
  foreach t in array array['access_residentaccount', 'access_logincode', 'access_consent', 'access_feedback'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
  end loop;
end $$;
create policy login on public.access_residentaccount to minqing_login using (true) with check (true);
create policy login on public.access_logincode to minqing_login using (true) with check (true);
create policy own_read on public.access_consent for select to minqing_resident
  using (person_id = any ((select access.own_self())::uuid[]) or account_id = (select access.proven('account')::uuid));
create policy scope_read on public.access_feedback for select to minqing_app using ((select access.scope('audit')) @> area_code);
create policy scope_change on public.access_feedback for update to minqing_app using ((select access.scope('audit')) @> area_code) with check ((select access.scope('audit')) @> area_code);
create policy own_read on public.access_feedback for select to minqing_resident using (account_id = (select access.proven('account')::uuid));
call access.keep('public.access_residentaccount', 'id');
call access.keep('public.access_consent', 'id', 'person_id', 'kind', 'starts_at');
call access.keep('public.access_feedback', 'id', 'number', 'words', 'area_code', 'made_at');

grant select, insert, update on public.access_residentaccount, public.access_logincode to minqing_login;
grant select, insert, update on public.access_residentaccount, public.access_logincode, public.access_consent, public.access_subject, public.access_feedback to minqing_guard;
grant select on public.access_consent, public.access_feedback to minqing_resident;
grant select, update (answer, answered_at, answered_by) on public.access_feedback to minqing_app;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef and p.proname in (
      'enter_resident', 'enter_public', 'own_self', 'shared_persons', 'sensitive_persons', 'open_resident_session', 'audit_resident', 'once_more', 'who_opened', 'done_for_me',
      'public_officers', 'leave_feedback', 'feedback_answer') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.enter_public(text, text), access.own_self(), access.shared_persons(), access.sensitive_persons(), access.done_for_me(), access.public_officers(text),
  access.leave_feedback(uuid, text, bytea, text, text, bytea, bytea, date), access.feedback_answer(text, bytea) to minqing_resident;
grant execute on function access.open_resident_session(uuid, bytea, integer, integer, text, text), access.audit_resident(uuid, text, uuid, text, jsonb) to minqing_login;
