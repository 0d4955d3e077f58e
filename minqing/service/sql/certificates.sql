-- Certificates: who reads them, the doors through which one comes to be, and what anybody may check. domain.md §4.7.
--
-- Invariants: papers are written by the functions below alone; the two who draft and approve are two, neither the person himself, of his
-- household or kin; numbers of a village and year have no gap (the count's row is locked until the transaction ends); whoever checks a
-- token is told number, day, item, state and masked name.
alter table public.service_certificateitem enable row level security;
alter table public.service_certificateitem force row level security;
create policy guard on public.service_certificateitem to minqing_guard using (true) with check (true);
create policy read on public.service_certificateitem for select to minqing_app using ((select access.proven('staff')) is not null);
create policy add on public.service_certificateitem for insert to minqing_app with check ((select access.scope('catalogue')) @> area_code and made_by = (select access.proven('staff')::uuid));
create policy change on public.service_certificateitem for update to minqing_app using ((select access.scope('catalogue')) @> area_code) with check ((select access.scope('catalogue')) @> area_code);
grant select, insert, update (ended_at) on public.service_certificateitem to minqing_app;

alter table public.service_certificatecount enable row level security;
alter table public.service_certificatecount force row level security;
create policy guard on public.service_certificatecount to minqing_guard using (true) with check (true);
grant select, insert, update on public.service_certificatecount to minqing_guard;

alter table public.service_certificate enable row level security;
alter table public.service_certificate force row level security;
create policy guard on public.service_certificate to minqing_guard using (true) with check (true);
create policy scope_read on public.service_certificate for select to minqing_app using (
  (select access.scope('people')) @> place_code and not barred @> array[(select access.proven('staff')::uuid)]);
grant select on public.service_certificate to minqing_app;
grant select, insert, update on public.service_certificate to minqing_guard;

-- Colleagues who are this person, of his household or kin: the rule of access.concerned_staff, for one person.
create function access.staff_near(person uuid) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with home as (
    select o.person_id as id from public.archives_membership m
      join public.archives_membership o on o.household_id = m.household_id and o.ends_on is null and o.voided_at is null
     where m.person_id = person and m.ends_on is null and m.voided_at is null
  ), parents as (
    select k.relative_id as id from public.archives_kinship k where k.person_id = person and k.kind = 'parent' and k.voided_at is null
  ), kin as (
    select k.relative_id as id from public.archives_kinship k where k.person_id = person and k.voided_at is null
    union select k.person_id from public.archives_kinship k where k.relative_id = person and k.voided_at is null
    union select k.person_id from parents x join public.archives_kinship k on k.relative_id = x.id and k.kind = 'parent' and k.voided_at is null
  )
  select coalesce(array_agg(distinct sp.staff_id), '{}') from public.access_staffperson sp
   where sp.person_id = person or sp.person_id in (select id from home union select id from kin)
$$;

create function access.draft_certificate(id uuid, person uuid, item text, name text, masked text, digest bytea, payload bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  me uuid := access.claim('staff')::uuid;
  place text;
begin
  place := (select p.grid_code from public.archives_placement p join public.archives_resident r on r.id = p.person_id
             where p.person_id = person and p.ends_on is null and r.alive and access.scope('write') @> p.grid_code::text order by p.starts_on, p.grid_code limit 1);
  if place is null then
    return 'absent';
  end if;
  if access.staff_near(person) @> array[me] then
    return 'near';
  end if;
  insert into public.service_certificate (id, place_code, person_id, item, name, masked, state, year, token_digest, payload, barred, drafted_by, drafted_at)
  values (id, place, person, item, name, masked, 'draft', extract(year from clock_timestamp() at time zone 'Asia/Shanghai'), digest, payload, access.staff_near(person), me, clock_timestamp());
  perform access.note('certificate.draft', array[person], '{}', jsonb_build_object('certificate', id, 'item', item));
  return 'ok';
end $$;

-- Who decides at the village's own desk: writes its files and accepts its matters.
create function access.decide_certificate(certificate uuid, approve boolean, reason bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  me uuid := access.claim('staff')::uuid;
  c public.service_certificate;
  made date := (clock_timestamp() at time zone 'Asia/Shanghai')::date;
  n integer;
begin
  select x.* into c from public.service_certificate x where x.id = certificate for update;
  if c.id is null or not (access.scope('write') @> left(c.place_code, 12) and access.scope('dispatch') @> left(c.place_code, 12)) then
    return 'absent';
  end if;
  if c.state <> 'draft' then
    return 'stale';
  end if;
  if c.drafted_by = me then
    return 'same';
  end if;
  if c.barred @> array[me] or access.staff_near(c.person_id) && array[me, c.drafted_by] then
    return 'near';
  end if;
  if approve then
    insert into public.service_certificatecount as k (id, area_code, year, last) values (gen_random_uuid(), left(c.place_code, 12), extract(year from made), 1)
    on conflict (area_code, year) do update set last = k.last + 1 returning k.last into n;
  end if;
  update public.service_certificate x set state = case when approve then 'issued' else 'refused' end, serial = n, year = extract(year from made), issued_on = case when approve then made end,
         reason_cipher = reason, decided_by = me, decided_at = clock_timestamp() where x.id = certificate;
  perform access.note(case when approve then 'certificate.issue' else 'certificate.refuse' end, array[c.person_id], '{}', jsonb_build_object('certificate', certificate, 'serial', n));
  return 'ok';
end $$;

create function access.revoke_certificate(certificate uuid, reason bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  me uuid := access.claim('staff')::uuid;
  c public.service_certificate;
begin
  select x.* into c from public.service_certificate x where x.id = certificate for update;
  if c.id is null or c.barred @> array[me] or not (access.scope('write') @> left(c.place_code, 12) and access.scope('dispatch') @> left(c.place_code, 12)) then
    return 'absent';
  end if;
  if c.state <> 'issued' then
    return 'stale';
  end if;
  update public.service_certificate x set state = 'revoked', reason_cipher = reason, revoked_by = me, revoked_at = clock_timestamp() where x.id = certificate;
  perform access.note('certificate.revoke', array[c.person_id], '{}', jsonb_build_object('certificate', certificate));
  return 'ok';
end $$;

create function access.check_certificate(digest bytea) returns table (area text, year integer, serial integer, issued_on date, name text, state text, masked text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not access.once_more('certificate.check', 60) then
    raise exception 'too many questions from this address' using errcode = 'insufficient_privilege';
  end if;
  return query select left(c.place_code, 12), c.year::integer, c.serial::integer, c.issued_on, c.name::text, c.state::text, c.masked::text
                 from public.service_certificate c where c.token_digest = check_certificate.digest and c.state in ('issued', 'revoked');
end $$;

alter function access.staff_near(uuid) owner to minqing_guard;
alter function access.draft_certificate(uuid, uuid, text, text, text, bytea, bytea) owner to minqing_guard;
alter function access.decide_certificate(uuid, boolean, bytea) owner to minqing_guard;
alter function access.revoke_certificate(uuid, bytea) owner to minqing_guard;
alter function access.check_certificate(bytea) owner to minqing_guard;
revoke all on function access.staff_near(uuid), access.draft_certificate(uuid, uuid, text, text, text, bytea, bytea), access.decide_certificate(uuid, boolean, bytea), access.revoke_certificate(uuid, bytea),
  access.check_certificate(bytea) from public;
grant execute on function access.draft_certificate(uuid, uuid, text, text, text, bytea, bytea), access.decide_certificate(uuid, boolean, bytea), access.revoke_certificate(uuid, bytea) to minqing_app;
grant execute on function access.check_certificate(bytea) to minqing_resident;
