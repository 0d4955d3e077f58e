-- The scope: who acts in this transaction and which area codes that opens. DESIGN §4, scope.md §1–2.
--
-- Invariant: settings are a claim, the seal is the proof. `access.enter` writes a claim (JSON) and its keyed digest,
-- bound to this backend, this transaction and this database role; every law re-computes the digest with a key that
-- only minqing_guard can read. Any claim that somebody else wrote, wrote earlier or wrote elsewhere opens nothing.
--
-- Loud and quiet: nothing entered → the hint raises while the statement is planned, before any row is looked at. A law
-- itself (access.scope) never raises: it is evaluated lazily, only when a row has passed the user's own leakproof
-- conditions, so that an error would answer "such a row exists" — for every value, one bit a statement.

create domain access.bound as text collate "C" check (value <> '');
create type access.codes as range (subtype = text, collation = "C", multirange_type_name = access.codeset);

-- The key of the seal. It never leaves the database and only minqing_guard reads it.
create table access.scope_key (
  only_row boolean primary key default true check (only_row),
  inner_pad bytea not null,
  outer_pad bytea not null
);

do $$
declare
  secret bytea := pg_catalog.sha256(pg_catalog.uuid_send(pg_catalog.gen_random_uuid()) || pg_catalog.uuid_send(pg_catalog.gen_random_uuid())
               || pg_catalog.uuid_send(pg_catalog.gen_random_uuid()) || pg_catalog.uuid_send(pg_catalog.gen_random_uuid()));
  inner_pad bytea := pg_catalog.decode(repeat('36', 64), 'hex');
  outer_pad bytea := pg_catalog.decode(repeat('5c', 64), 'hex');
begin
  for i in 0..31 loop
    inner_pad := set_byte(inner_pad, i, get_byte(secret, i) # 54);
    outer_pad := set_byte(outer_pad, i, get_byte(secret, i) # 92);
  end loop;
  insert into access.scope_key (inner_pad, outer_pad) values (inner_pad, outer_pad);
end $$;

-- HMAC-SHA256 of a message, bound to backend, transaction and role. Called by the other functions of minqing_guard only.
-- The transaction is named by its number: all transactions of one multi-statement message share one start time.
create function access.seal(claim text) returns text
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
  select encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(
           pg_backend_pid()::text || '|' || extract(epoch from transaction_timestamp())::text || '|' || coalesce(pg_current_xact_id_if_assigned()::text, '-')
             || '|' || session_user::text || '|' || claim, 'UTF8'))), 'hex')
    from access.scope_key k
$$;

-- The proven claim of this transaction, or null: nothing entered, a false seal, or entered too long ago.
create function access.proven() returns jsonb
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
declare
  claim text := current_setting('minqing.claim', true);
  parsed jsonb;
begin
  if coalesce(claim, '') = '' or current_setting('minqing.seal', true) is distinct from access.seal(claim) then
    return null;
  end if;
  parsed := claim::jsonb;
  if (parsed ->> 'until')::numeric > extract(epoch from clock_timestamp()) then
    return parsed;
  end if;
  return null;
end $$;

-- One word of it, for laws: quiet.
create function access.proven(which text) returns text
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ select access.proven() ->> which $$;

-- The same for everything that is not a law: raises where there is none or a false one.
create function access.claims() returns jsonb
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
declare
  claim jsonb := access.proven();
begin
  if claim is null then
    if coalesce(current_setting('minqing.claim', true), '') = '' then
      raise exception 'no scope: call access.enter first in this transaction' using errcode = 'insufficient_privilege';
    end if;
    raise exception 'false scope' using errcode = 'insufficient_privilege';
  end if;
  return claim;
end $$;

-- All area codes for one right. The law of every policy; once per statement, as (select access.scope('people')). Quiet.
create function access.scope(which text) returns access.codeset
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(access.proven() -> 'rights' ->> which, '{}')::access.codeset;
end $$;

create function access.claim(which text) returns text
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ select access.claims() ->> which $$;

create function access.may(which text, code text) returns boolean
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ select coalesce((access.claims() -> 'rights' ->> which)::access.codeset @> code, false) $$;

-- Persons that a resident may see: himself, and his household's adults who consented. Empty for staff.
create function access.own_persons() returns uuid[]
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ select coalesce(array(select jsonb_array_elements_text(access.proven() -> 'persons')::uuid), '{}') $$;

create function access.own_households() returns uuid[]
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ select coalesce(array(select jsonb_array_elements_text(access.proven() -> 'households')::uuid), '{}') $$;

create function access.claimed_appointments() returns uuid[]
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ select array(select (a ->> 'id')::uuid from jsonb_array_elements(access.claims() -> 'appointments') a) $$;

-- Write claim, hint and seal for the rest of this transaction.
create function access.install(claim jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  people access.codeset := coalesce(claim -> 'rights' ->> 'people', '{}')::access.codeset;
begin
  -- a number of its own for this transaction, which the seal names (access.seal)
  perform pg_current_xact_id();
  perform set_config('minqing.claim', claim::text, true),
          set_config('minqing.seal', access.seal(claim::text), true),
          -- '~' sorts after every digit: an empty scope is an empty range, never a missing one
          set_config('minqing.lo', coalesce(lower(people), '~'), true),
          set_config('minqing.hi', coalesce(upper(people), '~'), true);
end $$;

-- The rights of one staff member now, narrowed to `within` ('' = not narrowed): {right: codeset}.
create function access.rights_of(who uuid, within text) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_object_agg(r.right, r.codes::text), '{}')
    from (select rr.right,
                 range_agg(access.codes(greatest(a.area_code, within), greatest(a.area_code, within) || ':')) as codes
            from public.access_appointment a
            join public.access_roleright rr on rr.role_id = a.role_id
            join public.access_staff s on s.id = a.staff_id
           where a.staff_id = who
             and a.starts_at <= clock_timestamp() and (a.ends_at is null or a.ends_at > clock_timestamp())
             and (s.left_at is null or s.left_at > clock_timestamp())
             -- an area inside the other: the narrower of two nested prefixes is the longer (= greater) one
             and (starts_with(a.area_code, within) or starts_with(within, a.area_code))
           group by rr.right) r
$$;

create function access.appointments_of(who uuid) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'role', a.role_id, 'area', a.area_code, 'area_name', ar.short_name, 'until', a.ends_at,
                                               'stands_in_for', a.stands_in_for_id) order by a.area_code, a.role_id), '[]')
    from public.access_appointment a
    left join public.access_area ar on ar.code = a.area_code
   where a.staff_id = who
     and a.starts_at <= clock_timestamp() and (a.ends_at is null or a.ends_at > clock_timestamp())
$$;

-- Until when a claim made now may be used inside one long transaction, as epoch: an appointment that ends takes its
-- rights along also where somebody keeps a transaction open.
create function access.claim_until(who uuid, latest timestamptz) returns numeric
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select extract(epoch from least(latest, (select min(a.ends_at) from public.access_appointment a
                                            where a.staff_id = who and a.starts_at <= clock_timestamp() and a.ends_at > clock_timestamp())))
$$;

create function access.staff_claim(who uuid, session uuid, within text, purpose text, origin text) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
           'staff', s.id, 'number', s.number, 'name', s.name, 'session', session, 'purpose', purpose, 'origin', origin,
           'appointments', a.list,
           -- a person without an appointment still belongs to the place that keeps his papers (audit of refusals)
           'area', coalesce(a.list -> 0 ->> 'area', s.area_code),
           'rights', access.rights_of(s.id, within),
           'until', access.claim_until(s.id, clock_timestamp() + interval '12 hours'))
    from public.access_staff s, lateral (select access.appointments_of(s.id) as list) a
   where s.id = who and (s.left_at is null or s.left_at > clock_timestamp())
$$;

-- Every scope says what for and from where: the audit names both.
create function access.check_words(purpose text, origin text) returns void
language plpgsql immutable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(btrim(purpose), '') = '' or coalesce(btrim(origin), '') = '' then
    raise exception 'a scope needs a purpose and an origin' using errcode = 'insufficient_privilege';
  end if;
end $$;

-- The one door for staff: a session's token in, the scope of this transaction out. Raises when the session is not valid.
create function access.enter(token text, purpose text, origin text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  found public.access_session;
  claim jsonb;
begin
  perform access.check_words(purpose, origin);
  select s.* into found
    from public.access_session s
   where s.token_digest = sha256(convert_to(token, 'UTF8')) and s.account_id is not null and s.complete
     and s.ended_at is null and s.expires_at > clock_timestamp()
     and s.seen_at + make_interval(secs => s.idle_seconds) > clock_timestamp()
     and exists (select 1 from public.access_account a where a.id = s.account_id and a.disabled_at is null);
  if found.id is null then
    raise exception 'no valid session' using errcode = 'invalid_authorization_specification';
  end if;
  claim := access.staff_claim(found.account_id, found.id, '', purpose, origin);
  if claim is null then
    raise exception 'no such staff' using errcode = 'invalid_authorization_specification';
  end if;
  claim := jsonb_set(claim, '{until}', to_jsonb(least((claim ->> 'until')::numeric, extract(epoch from least(found.expires_at, clock_timestamp() + interval '1 hour')))));
  perform access.install(claim);
  return claim;
end $$;

-- The door for residents: themselves, and their household where its adults consented.
create function access.enter_resident(token text, purpose text, origin text) returns jsonb
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
     and s.seen_at + make_interval(secs => s.idle_seconds) > clock_timestamp();
  if found.id is null then
    raise exception 'no valid session' using errcode = 'invalid_authorization_specification';
  end if;
  select jsonb_build_object('account', found.resident_account, 'session', found.id, 'purpose', purpose, 'origin', origin, 'rights', '{}'::jsonb,
           'until', extract(epoch from least(found.expires_at, clock_timestamp() + interval '1 hour', min(x.ends_at))),
           'persons', coalesce(jsonb_agg(distinct x.person_id) filter (where x.person_id is not null), '[]'),
           'households', coalesce(jsonb_agg(distinct x.household_id) filter (where x.household_id is not null), '[]'))
    into claim
    from public.access_subject x
   where x.account = found.resident_account and x.starts_at <= clock_timestamp() and (x.ends_at is null or x.ends_at > clock_timestamp());
  perform access.install(claim);
  return claim;
end $$;

-- A session is opened by the log-in role alone. Only the digest of the token reaches the database.
create function access.open_session(account uuid, digest bytea, seconds integer, idle integer, device text, origin text, complete boolean) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  made uuid := gen_random_uuid();
begin
  if not exists (select 1 from public.access_account a where a.id = open_session.account and a.disabled_at is null) then
    raise exception 'no such account' using errcode = 'invalid_authorization_specification';
  end if;
  insert into public.access_session (id, token_digest, account_id, opened_at, seen_at, expires_at, idle_seconds, device, origin, complete)
  values (made, open_session.digest, open_session.account, clock_timestamp(), clock_timestamp(), clock_timestamp() + make_interval(secs => seconds), idle,
          left(open_session.device, 120), left(open_session.origin, 60), open_session.complete);
  return made;
end $$;

-- "My sessions": the application's role never reads the table itself.
create function access.my_sessions() returns table (id uuid, opened_at timestamptz, seen_at timestamptz, device text, origin text, current boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select s.id, s.opened_at, s.seen_at, s.device, s.origin, s.id = access.claim('session')::uuid
    from public.access_session s
   where s.account_id = access.claim('staff')::uuid and s.ended_at is null and s.expires_at > clock_timestamp()
   order by s.seen_at desc
$$;

create function access.end_my_session(which uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.access_session s set ended_at = clock_timestamp()
   where s.id = which and s.account_id = access.claim('staff')::uuid and s.ended_at is null;
  return found;
end $$;

-- When somebody leaves, his sessions end in the same minute. The caller must hold the right to appoint where he works.
create function access.end_sessions_of(who uuid) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  n integer;
begin
  if not exists (select 1 from public.access_staff s where s.id = who and access.may('appoint', s.area_code)) then
    raise exception 'not within the scope to appoint' using errcode = 'insufficient_privilege';
  end if;
  update public.access_session s set ended_at = clock_timestamp() where s.account_id = who and s.ended_at is null;
  get diagnostics n = row_count;
  return n;
end $$;

-- Highest rank among the caller's appointments that may appoint at `code`; 0 where there is none.
create function access.appointing_rank(code text) returns smallint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(max(r.rank), 0)::smallint
    from jsonb_to_recordset(access.claims() -> 'appointments') as a(role text, area text)
    join public.access_role r on r.code = a.role
    join public.access_roleright rr on rr.role_id = r.code and rr.right = 'appoint'
   where starts_with(appointing_rank.code, a.area)
$$;

-- Nobody appoints himself, nobody appoints above his own rank: also for free SQL.
create function access.check_appointment() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if session_user = 'minqing_owner' then  -- `minqing init` makes the first administrator
    return new;
  end if;
  if new.staff_id = access.claim('staff')::uuid and (tg_op = 'INSERT' or new.ends_at is distinct from old.ends_at and coalesce(new.ends_at, 'infinity') > coalesce(old.ends_at, 'infinity')) then
    raise exception 'nobody appoints himself' using errcode = 'insufficient_privilege';
  end if;
  if coalesce((select r.rank from public.access_role r where r.code = new.role_id), 32767) > access.appointing_rank(new.area_code) then
    raise exception 'role above the rank of the one who appoints' using errcode = 'insufficient_privilege';
  end if;
  if tg_op = 'UPDATE' and (new.staff_id, new.role_id, new.area_code, new.starts_at) is distinct from (old.staff_id, old.role_id, old.area_code, old.starts_at) then
    raise exception 'an appointment is ended, never rewritten' using errcode = 'insufficient_privilege';
  end if;
  -- who did it is what the scope says, whatever the statement says
  if tg_op = 'INSERT' then
    new.made_by := access.claim('staff')::uuid;
  elsif new.ends_at is distinct from old.ends_at then
    new.ended_by := access.claim('staff')::uuid;
  end if;
  return new;
end $$;

create trigger check_appointment before insert or update on public.access_appointment for each row execute function access.check_appointment();

-- Columns that are never rewritten: ids, whose row it is, who did it. `before update of …` costs nothing where they are not named.
create function access.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'this column of % is never rewritten', tg_table_name using errcode = 'insufficient_privilege';
end $$;

-- Run by migrations: `call access.keep('public.archives_kinship', 'id', 'person_id', 'relative_id')`.
create procedure access.keep(tbl regclass, variadic columns name[])
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  named text := (select string_agg(quote_ident(c), ', ') from unnest(columns) c);
  differs text := (select string_agg(format('old.%1$I is distinct from new.%1$I', c), ' or ') from unnest(columns) c);
begin
  execute format('create trigger keep before update of %s on %s for each row when (%s) execute function access.refuse_change()', named, tbl, differs);
end $$;

call access.keep('public.access_staff', 'id');
call access.keep('public.access_organisation', 'id');
call access.keep('public.access_area', 'code');
call access.keep('public.access_appointment', 'id');

-- Policies of a table whose rows carry grid_code. Run by migrations as the owner of the tables.
create procedure access.protect_area_table(tbl regclass, reads text default 'people', writes text default 'write')
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  hint text := 'grid_code >= current_setting(''minqing.lo'')::access.bound and grid_code < current_setting(''minqing.hi'')::access.bound';
begin
  execute format('alter table %s enable row level security', tbl);
  execute format('alter table %s force row level security', tbl);
  execute format('create policy scope_read on %s for select to minqing_app, minqing_jobs, minqing_gather using (%s and (select access.scope(%L)) @> grid_code)', tbl, hint, reads);
  execute format('create policy scope_add on %s for insert to minqing_app, minqing_jobs, minqing_gather with check ((select access.scope(%L)) @> grid_code)', tbl, writes);
  execute format('create policy scope_change on %s for update to minqing_app, minqing_jobs, minqing_gather using (%s and (select access.scope(%L)) @> grid_code) with check ((select access.scope(%L)) @> grid_code)',
                 tbl, hint, writes, writes);
  execute format('create policy guard on %s to minqing_guard using (true) with check (true)', tbl);
end $$;
