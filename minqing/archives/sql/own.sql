-- Residents and the file: how a phone becomes a person, whom a person lets in, what he may read and ask to correct.
-- scope.md §2, §7; the account, consent and subject tables belong to access, archives fills them.
--
-- Invariants: a link account → person needs either the phone that the file itself holds for exactly one living adult plus
-- name and number (find_self, link_self), or a colleague who has held the card (confirm_person, open_account); a consent is
-- given by the adult himself or recorded before witnesses, and the one it is given to names him before it opens anything.

-- What one reads of oneself; the household's adults only by their own consent; level 4 by consent that says so.
alter policy own_read on public.archives_resident using (id = any ((select access.shared_persons())::uuid[]));
alter policy own_read on public.archives_membership using (household_id = any ((select access.own_households())::uuid[]) or person_id = any ((select access.shared_persons())::uuid[]));
alter policy own_read on public.archives_health using (person_id = any ((select access.sensitive_persons())::uuid[]));
alter policy own_read on public.archives_disability using (person_id = any ((select access.sensitive_persons())::uuid[]));
alter policy own_read on public.archives_relief using (person_id = any ((select access.sensitive_persons())::uuid[]));
create policy own_read on public.archives_placement for select to minqing_resident using (person_id = any ((select access.own_persons())::uuid[]));
create policy own_read on public.archives_occupancy for select to minqing_resident using (person_id = any ((select access.own_persons())::uuid[]));
create policy own_read on public.archives_kinship for select to minqing_resident
  using (person_id = any ((select access.own_persons())::uuid[]) or relative_id = any ((select access.own_persons())::uuid[]));
create policy own_read_mine on public.archives_proposal for select to minqing_resident using (person_id = any ((select access.own_persons())::uuid[]) and kind in ('verify', 'correct'));
grant select on public.archives_placement, public.archives_occupancy, public.archives_kinship, public.archives_proposal to minqing_resident;
create policy own_read on public.archives_dwelling for select to minqing_resident using (
  owner_id = any ((select access.own_persons())::uuid[])
  or exists (select from public.archives_household h where h.dwelling_id = archives_dwelling.id and h.id = any ((select access.own_households())::uuid[])));
grant select on public.archives_dwelling to minqing_resident;

-- An adult now, alive and not void.
create function access.is_adult(person uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select exists (select 1 from public.archives_resident r where r.id = person and r.alive and r.voided_at is null and r.birth_date <= current_date - interval '18 years')
$$;

-- The one grid that answers for a person: registration before residence before membership.
create function access.home_grid(person uuid) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select p.grid_code::text from public.archives_placement p where p.person_id = person and p.ends_on is null
   order by p.why = 'registered' desc, p.why = 'living' desc, p.grid_code limit 1
$$;

-- The person whose file holds this account's phone, if that is exactly one living adult and he bears this name. Each call
-- counts; more than ten within a day find nobody. (Run by the two functions below only.)
create function access.person_of_phone(name text) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  who public.access_residentaccount;
  found uuid[];
begin
  select * into who from public.access_residentaccount a where a.id = access.claim('account')::uuid and a.disabled_at is null for update;
  if who.id is null or who.phone_digest is null then
    return null;
  end if;
  update public.access_residentaccount a set tried_at = clock_timestamp(),
         tries = case when a.tried_at > clock_timestamp() - interval '1 day' then a.tries + 1 else 1 end
   where a.id = who.id returning a.* into who;
  if who.tries > 10 or exists (select 1 from public.access_subject s where s.account = who.id and s.reach = 'self' and s.ends_at is null) then
    return null;
  end if;
  select array_agg(distinct k.person_id) into found
    from public.archives_searchkey k
   where k.key = 'p:' || encode(who.phone_digest, 'hex') and k.kind = 'p' and k.person_id is not null and access.is_adult(k.person_id);
  if cardinality(found) = 1 and exists (select 1 from public.archives_resident r where r.id = found[1] and r.name = person_of_phone.name) then
    return found[1];
  end if;
  return null;
end $$;

-- The envelope of the number, for the program to compare its end; it opens only with a key that the database never holds.
create function access.find_self(name text) returns table (person uuid, envelope bytea)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  found_person uuid := access.person_of_phone(find_self.name);
begin
  return query select r.id, r.id_cipher from public.archives_resident r where r.id = found_person and r.id_cipher is not null;
end $$;

create function access.link_self(name text, tail text) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  found_person uuid := access.person_of_phone(link_self.name);
begin
  if not exists (select 1 from public.archives_resident r where r.id = found_person and r.id_tail <> '' and right(r.id_tail, 2) = upper(right(tail, 2)))
     or exists (select 1 from public.access_subject s where s.person_id = found_person and s.reach = 'self' and s.ends_at is null) then
    return null;
  end if;
  insert into public.access_subject (id, account, person_id, reach, how, starts_at)
  values (gen_random_uuid(), access.claim('account')::uuid, found_person, 'self', 'phone', clock_timestamp());
  insert into public.access_auditentry (id, area_code, what, persons, purpose, origin, detail)
  values (gen_random_uuid(), coalesce(access.home_grid(found_person), ''), 'subject.link', array[found_person], left(access.claim('purpose'), 40), left(access.claim('origin'), 80),
          jsonb_build_object('account', access.claim('account')));
  return found_person;
end $$;

-- At a window: whose card is this? Only within the caller's own places; elsewhere and nowhere look alike.
create function access.confirm_person(digests bytea[], key_nos smallint[]) returns table (person uuid, name text, adult boolean, linked text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  asked integer;
  found_person uuid;
begin
  select count(*) into asked from public.access_auditentry e
   where e.staff = access.claim('staff')::uuid and e.what = 'subject.look' and e.at > clock_timestamp() - interval '1 hour';
  if asked >= 100 then
    raise exception 'too many look-ups by number within an hour' using errcode = 'insufficient_privilege';
  end if;
  select i.person_id into found_person
    from public.archives_identity i join unnest(digests, key_nos) as x(digest, key_no) on i.digest = x.digest and i.key_no = x.key_no
   where exists (select 1 from public.archives_placement p where p.person_id = i.person_id and p.ends_on is null and access.scope('identify') @> p.grid_code::text)
   limit 1;
  perform access.note('subject.look', case when found_person is null then '{}'::uuid[] else array[found_person] end, null, null);
  return query select r.id, r.name::text, access.is_adult(r.id),
                      (select case when a.letter_no is not null then 'letter' when a.phone_digest is not null then 'phone' else 'sso' end
                         from public.access_subject s join public.access_residentaccount a on a.id = s.account
                        where s.person_id = r.id and s.reach = 'self' and s.ends_at is null limit 1)
                 from public.archives_resident r where r.id = found_person and r.alive and r.voided_at is null;
end $$;

create function access.may_identify(person uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select exists (select 1 from public.archives_placement p where p.person_id = person and p.ends_on is null and access.scope('identify') @> p.grid_code::text)
$$;

-- The card was held and the face compared: this person has this account (by phone, or by letter where `digest` is null).
-- An earlier link of the person ends with its sessions: whoever lost a phone comes with the card.
create function access.open_account(person uuid, account uuid, digest bytea, key_no smallint, cipher bytea, letter text) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  made uuid;
begin
  if not access.may_identify(open_account.person) or not exists (select 1 from public.archives_resident r where r.id = open_account.person and r.alive and r.voided_at is null) then
    raise exception 'no right to confirm this person' using errcode = 'insufficient_privilege';
  end if;
  if digest is not null then
    select a.id into made from public.access_residentaccount a where a.phone_digest = open_account.digest and a.key_no = open_account.key_no;
  else
    select s.account into made from public.access_subject s join public.access_residentaccount a on a.id = s.account and a.phone_digest is null and a.letter_no is not null
     where s.person_id = open_account.person and s.reach = 'self' and s.ends_at is null;
  end if;
  if exists (select 1 from public.access_subject s where s.account = made and s.reach = 'self' and s.ends_at is null and s.person_id <> open_account.person) then
    raise exception 'this phone is another person''s' using errcode = 'unique_violation';
  end if;
  if made is null then
    made := open_account.account;
    insert into public.access_residentaccount (id, phone_digest, key_no, phone_cipher, letter_no, made_at, tries)
    values (made, open_account.digest, open_account.key_no, open_account.cipher, case when digest is null then letter end, clock_timestamp(), 0);
  end if;
  update public.access_session x set ended_at = clock_timestamp()
    from public.access_subject s where s.person_id = open_account.person and s.reach = 'self' and s.ends_at is null and s.account <> made and x.resident_account = s.account and x.ended_at is null;
  update public.access_subject s set ends_at = clock_timestamp() where s.person_id = open_account.person and s.reach = 'self' and s.ends_at is null and s.account <> made;
  if not exists (select 1 from public.access_subject s where s.account = made and s.person_id = open_account.person and s.reach = 'self' and s.ends_at is null) then
    insert into public.access_subject (id, account, person_id, reach, how, confirmed_by, starts_at)
    values (gen_random_uuid(), made, open_account.person, 'self', 'card', access.claim('staff')::uuid, clock_timestamp());
  end if;
  update public.access_residentaccount a set tries = 0 where a.id = made;
  perform access.note('subject.confirm', array[open_account.person], null, jsonb_build_object('account', made, 'how', case when digest is null then 'letter' else 'phone' end));
  return made;
end $$;

-- A letter's code: only for an account of a person whom the caller may confirm; earlier codes of it end.
create function access.write_letter(account uuid, code uuid, digest bytea, seconds integer) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  the text;
begin
  select a.letter_no into the from public.access_residentaccount a
    join public.access_subject s on s.account = a.id and s.reach = 'self' and s.ends_at is null
   where a.id = write_letter.account and a.letter_no is not null and access.may_identify(s.person_id);
  if the is null then
    raise exception 'no right to write this letter' using errcode = 'insufficient_privilege';
  end if;
  update public.access_logincode c set ended_at = clock_timestamp() where c.account_id = write_letter.account and c.kind = 'letter' and c.ended_at is null;
  insert into public.access_logincode (id, kind, account_id, code_digest, made_at, expires_at, tries, origin)
  values (write_letter.code, 'letter', write_letter.account, write_letter.digest, clock_timestamp(), clock_timestamp() + make_interval(secs => seconds), 0, left(access.claim('origin'), 60));
  perform access.note('subject.letter', array(select s.person_id from public.access_subject s where s.account = write_letter.account and s.reach = 'self' and s.ends_at is null), null,
                      jsonb_build_object('account', write_letter.account));
  return the;
end $$;

-- Consents ----------------------------------------------------------------------------------------------------------------

-- By the person himself (portal), or recorded by a colleague who may confirm him: on signed paper, or orally before two.
create function access.give_consent(kind text, person uuid, digest bytea, name text, tail text, relation text, sensitive boolean, seconds integer, how text, witness text) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  made uuid := gen_random_uuid();
  own boolean := access.claim('account') is not null;
  home uuid;
begin
  if own and not (give_consent.person = any (access.own_self()) and how = 'portal') or not own and not (access.may_identify(give_consent.person) and how in ('paper', 'oral')) then
    raise exception 'not a consent of one''s own' using errcode = 'insufficient_privilege';
  end if;
  if how = 'oral' and length(btrim(coalesce(witness, ''))) < 2 then
    raise exception 'an oral consent needs a second colleague' using errcode = 'check_violation';
  end if;
  if not access.is_adult(give_consent.person) then
    raise exception 'only an adult consents' using errcode = 'check_violation';
  end if;
  if seconds < 3600 or seconds > 31622400 then
    raise exception 'a consent ends within a year' using errcode = 'check_violation';
  end if;
  if kind = 'household' then
    select m.household_id into home from public.archives_membership m
     where m.person_id = give_consent.person and m.ends_on is null and m.voided_at is null order by m.by = 'registration' desc limit 1;
    if home is null then
      raise exception 'not a member of any household' using errcode = 'check_violation';
    end if;
  elsif digest is null or exists (select 1 from public.access_residentaccount a where a.id = access.claim('account')::uuid and a.phone_digest = digest) then
    raise exception 'a consent names somebody else' using errcode = 'check_violation';
  end if;
  update public.access_consent c set withdrawn_at = clock_timestamp()
   where c.person_id = give_consent.person and c.kind = give_consent.kind and c.phone_digest is not distinct from give_consent.digest and c.withdrawn_at is null and c.ends_at > clock_timestamp();
  update public.access_subject s set ends_at = clock_timestamp()
   where s.consent_id in (select c.id from public.access_consent c where c.person_id = give_consent.person and c.kind = give_consent.kind and c.withdrawn_at is not null)
     and s.ends_at > clock_timestamp();
  insert into public.access_consent (id, kind, person_id, phone_digest, name, phone_tail, relation, sensitive, household_id, how, witness, recorded_by, starts_at, ends_at, tries)
  values (made, give_consent.kind, give_consent.person, give_consent.digest, left(give_consent.name, 50), left(give_consent.tail, 4), left(give_consent.relation, 20),
          give_consent.sensitive and give_consent.kind = 'relative', home, give_consent.how, left(coalesce(give_consent.witness, ''), 50),
          access.claim('staff')::uuid, clock_timestamp(), clock_timestamp() + make_interval(secs => seconds), 0);
  insert into public.access_auditentry (id, area_code, what, persons, purpose, origin, detail)
  values (gen_random_uuid(), coalesce(access.claim('area'), access.home_grid(give_consent.person), ''), 'consent.give', array[give_consent.person],
          left(access.claim('purpose'), 40), left(access.claim('origin'), 80), jsonb_build_object('consent', made, 'kind', give_consent.kind, 'how', how, 'account', access.claim('account')));
  if home is not null then
    perform access.share_household(home);
  end if;
  return made;
end $$;

-- Whom a household lets see whom: every living adult member with an account sees the adults who consented; the household's own
-- row once all its adults did. Built anew each time, so that who left or took it back is gone.
create function access.share_household(home uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  update public.access_subject s set ends_at = clock_timestamp()
   where s.reach = 'household' and s.ends_at > clock_timestamp()
     and (s.household_id = home or s.consent_id in (select c.id from public.access_consent c where c.household_id = home));
  insert into public.access_subject (id, account, person_id, reach, consent_id, starts_at, ends_at, how)
  select gen_random_uuid(), v.account, c.person_id, 'household', c.id, clock_timestamp(), c.ends_at, 'consent'
    from public.access_consent c
    join public.archives_membership m on m.person_id = c.person_id and m.household_id = home and m.ends_on is null and m.voided_at is null
    join public.archives_membership o on o.household_id = home and o.ends_on is null and o.voided_at is null and o.person_id <> c.person_id and access.is_adult(o.person_id)
    join public.access_subject v on v.person_id = o.person_id and v.reach = 'self' and v.ends_at is null
   where c.household_id = home and c.kind = 'household' and c.withdrawn_at is null and c.ends_at > clock_timestamp() + interval '1 minute';
  insert into public.access_subject (id, account, household_id, reach, starts_at, ends_at, how)
  select gen_random_uuid(), v.account, home, 'household', clock_timestamp(), b.until, 'consent'
    from (select min(c.ends_at) as until, count(*) as adults, count(c.id) as agreed
            from public.archives_membership m
            left join public.access_consent c on c.person_id = m.person_id and c.household_id = home and c.kind = 'household' and c.withdrawn_at is null
                                             and c.ends_at > clock_timestamp() + interval '1 minute'
           where m.household_id = home and m.ends_on is null and m.voided_at is null and access.is_adult(m.person_id)) b
    join public.archives_membership o on o.household_id = home and o.ends_on is null and o.voided_at is null and access.is_adult(o.person_id)
    join public.access_subject v on v.person_id = o.person_id and v.reach = 'self' and v.ends_at is null
   where b.adults > 0 and b.agreed = b.adults;
end $$;

-- The resident's own households, built anew before he looks (somebody may have moved out since).
create function access.refresh_own() returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  h record;
begin
  for h in select distinct c.household_id as id from public.access_consent c where c.household_id is not null and c.withdrawn_at is null and c.ends_at > clock_timestamp()
              and (c.person_id = any (access.own_self())
                   or c.household_id in (select m.household_id from public.archives_membership m where m.person_id = any (access.own_self()) and m.ends_on is null and m.voided_at is null)
                   or c.id in (select s.consent_id from public.access_subject s where s.account = access.claim('account')::uuid and s.reach = 'household' and s.ends_at > clock_timestamp())) loop
    perform access.share_household(h.id);
  end loop;
end $$;

-- Consents that wait for this phone: not yet whose. The name has to be given before anything opens.
create function access.waiting_consents() returns table (id uuid, relation text, ends_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select c.id, c.relation::text, c.ends_at
    from public.access_consent c join public.access_residentaccount a on a.phone_digest = c.phone_digest
   where a.id = access.claim('account')::uuid and c.kind = 'relative' and c.account_id is null and c.withdrawn_at is null and c.ends_at > clock_timestamp() and c.tries < 5
$$;

create function access.accept_consent(consent uuid, name text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  found public.access_consent;
begin
  update public.access_consent c set tries = c.tries + 1
   where c.id = accept_consent.consent and exists (select 1 from access.waiting_consents() w where w.id = c.id)
  returning c.* into found;
  if found.id is null or not access.is_adult(found.person_id)
     or not exists (select 1 from public.archives_resident r where r.id = found.person_id and r.name = accept_consent.name) then
    return false;
  end if;
  update public.access_consent c set account_id = access.claim('account')::uuid where c.id = found.id;
  insert into public.access_subject (id, account, person_id, reach, sensitive, consent_id, how, starts_at, ends_at)
  values (gen_random_uuid(), access.claim('account')::uuid, found.person_id, 'relative', found.sensitive, found.id, 'consent', clock_timestamp(), found.ends_at);
  insert into public.access_auditentry (id, area_code, what, persons, purpose, origin, detail)
  values (gen_random_uuid(), coalesce(access.home_grid(found.person_id), ''), 'consent.accept', array[found.person_id], left(access.claim('purpose'), 40), left(access.claim('origin'), 80),
          jsonb_build_object('consent', found.id, 'account', access.claim('account')));
  return true;
end $$;

-- Taken back by who gave it, given back by who got it, or at a window by who may confirm the person.
create function access.withdraw_consent(consent uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  found public.access_consent;
begin
  select * into found from public.access_consent c where c.id = withdraw_consent.consent and c.withdrawn_at is null for update;
  if found.id is null or not (found.person_id = any (access.own_self()) or found.account_id = access.claim('account')::uuid
                              or access.claim('staff') is not null and access.may_identify(found.person_id)) then
    return false;
  end if;
  update public.access_consent c set withdrawn_at = clock_timestamp() where c.id = found.id;
  update public.access_subject s set ends_at = greatest(clock_timestamp(), s.starts_at) where s.consent_id = found.id and (s.ends_at is null or s.ends_at > clock_timestamp());
  if found.household_id is not null then
    perform access.share_household(found.household_id);
  end if;
  insert into public.access_auditentry (id, area_code, what, persons, purpose, origin, detail)
  values (gen_random_uuid(), coalesce(access.claim('area'), access.home_grid(found.person_id), ''), 'consent.withdraw', array[found.person_id], left(access.claim('purpose'), 40),
          left(access.claim('origin'), 80), jsonb_build_object('consent', found.id, 'account', access.claim('account')));
  return true;
end $$;

-- The consents of a person, for the colleague who has just confirmed him.
create function access.consents_of(person uuid) returns table (id uuid, kind text, name text, relation text, sensitive boolean, how text, starts_at timestamptz, ends_at timestamptz, accepted boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select c.id, c.kind::text, c.name::text, c.relation::text, c.sensitive, c.how::text, c.starts_at, c.ends_at, c.account_id is not null
    from public.access_consent c
   where c.person_id = consents_of.person and c.withdrawn_at is null and c.ends_at > clock_timestamp() and access.may_identify(consents_of.person)
   order by c.starts_at
$$;

-- "This is wrong": a question to the desk that answers for the person, with a day. Changes nothing by itself.
create function access.propose_correction(id uuid, person uuid, field text, sentence text, payload bytea, department text, due_on date) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  grid text := access.home_grid(propose_correction.person);
begin
  if not (propose_correction.person = any (access.own_persons())) or grid is null then
    raise exception 'not one''s own file' using errcode = 'insufficient_privilege';
  end if;
  if not access.once_more('file.correct', 30) then
    raise exception 'too many corrections within an hour' using errcode = 'insufficient_privilege';
  end if;
  update public.archives_proposal p set state = 'dismissed', closed_at = clock_timestamp(), note = '由新的更正代替'
   where p.person_id = propose_correction.person and p.kind = 'correct' and p.field = propose_correction.field and p.state = 'open' and p.voided_at is null;
  insert into public.archives_proposal (id, grid_code, kind, person_id, sentence, department, field, payload, due_on, state, made_at, made_by, note)
  values (propose_correction.id, grid, 'correct', propose_correction.person, left(propose_correction.sentence, 200), left(propose_correction.department, 2), left(propose_correction.field, 40),
          propose_correction.payload, propose_correction.due_on, 'open', clock_timestamp(), access.claim('account')::uuid, '');
  insert into public.access_auditentry (id, area_code, what, persons, purpose, origin, detail)
  values (gen_random_uuid(), grid, 'file.propose', array[propose_correction.person], left(access.claim('purpose'), 40), left(access.claim('origin'), 80),
          jsonb_build_object('field', propose_correction.field, 'account', access.claim('account')));
  return propose_correction.id;
end $$;

-- Who answers for me: the officers of the home grid and of its village, with office phones. For the home page.
create function access.my_officers() returns table (name text, role text, area text, phone text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select o.name, o.role, o.area, o.phone
    from (select access.home_grid(p) as grid from unnest(access.own_self()) p) g
   cross join lateral access.public_officers(left(g.grid, 12)) o
   where starts_with(g.grid, o.area)
   order by length(o.area) desc, o.role
$$;

grant select, update on public.archives_proposal to minqing_guard;
do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef and p.proname in (
      'is_adult', 'home_grid', 'person_of_phone', 'find_self', 'link_self', 'confirm_person', 'may_identify', 'open_account', 'write_letter', 'give_consent', 'share_household',
      'refresh_own', 'waiting_consents', 'accept_consent', 'withdraw_consent', 'consents_of', 'propose_correction', 'my_officers') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.find_self(text), access.link_self(text, text), access.refresh_own(), access.waiting_consents(), access.accept_consent(uuid, text),
  access.propose_correction(uuid, uuid, text, text, bytea, text, date), access.my_officers() to minqing_resident;
grant execute on function access.give_consent(text, uuid, bytea, text, text, text, boolean, integer, text, text), access.withdraw_consent(uuid) to minqing_resident, minqing_app;
grant execute on function access.confirm_person(bytea[], smallint[]), access.open_account(uuid, uuid, bytea, smallint, bytea, text), access.write_letter(uuid, uuid, bytea, integer),
  access.consents_of(uuid) to minqing_app;
