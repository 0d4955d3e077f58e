-- Residents and matters: say, follow, rate, withdraw, ask again. DESIGN §7; domain.md §3.2; ux.md §4.
--
-- Invariants: whoever says something does it under his own account or under none; on behalf only of somebody who let him; a
-- receipt's number and word show how far it is and never who asked; what a requester may do to a matter stands in
-- rules/states.py (moves by "requester"), and sql/rating.sql does it; a test holds that file against the table.

-- Names of those who hold an office at a place, to see whether a text is about one of them.
create function access.office_holders(place text) returns table (staff uuid, name text, area text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select s.id, s.name::text, a.area_code
    from public.access_appointment a join public.access_staff s on s.id = a.staff_id
   where access.claim('purpose') is not null and length(place) >= 9
     and (a.area_code in (left(place, 9), left(place, 12)) or (length(place) >= 12 and starts_with(a.area_code, left(place, 12))))
     and a.starts_at <= clock_timestamp() and (a.ends_at is null or a.ends_at > clock_timestamp())
     and (s.left_at is null or s.left_at > clock_timestamp())
   limit 500
$$;

create function access.say_matter(said jsonb, words bytea, word_digest bytea, contact bytea, phone_digest bytea, for_contact bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  made uuid := (said ->> 'id')::uuid;
  place text := said ->> 'place';
  desk text := said ->> 'desk';
  secret boolean := (said ->> 'restricted')::boolean;
  nameless boolean := (said ->> 'anonymous')::boolean;
  shielded text[] := array(select jsonb_array_elements_text(said -> 'shielded'));
  accused uuid[] := array(select jsonb_array_elements_text(said -> 'accused')::uuid);
  behalf uuid := (said ->> 'for')::uuid;
  me uuid := (access.own_self())[1];
  who uuid := access.claim('account')::uuid;
  hides boolean;
begin
  if not access.once_more('matter.say', 20) then
    return 'often';
  end if;
  if length(place) < 9 or not exists (select 1 from public.access_area a where a.code = place and a.closed_on is null) or not access.is_desk(desk)
     or left(desk, 6) <> left(place, 6) or (secret and exists (select 1 from unnest(shielded) c where starts_with(desk, c))) then
    raise exception 'no such place or desk' using errcode = 'foreign_key_violation';
  end if;
  if behalf is not null and not behalf = any (access.own_persons()) then
    raise exception 'nobody let you speak for him' using errcode = 'insufficient_privilege';
  end if;
  hides := secret or (said ->> 'confidential')::boolean or said ->> 'kind' = 'report';
  insert into public.service_matter (id, number, word_digest, kind, category, channel, urgency, restricted, confidential, anonymous, on_behalf, title, words_cipher, place_code, spot, state, home_desk, lead_desk,
      account, relation, submitted_at, clock_from, accept_due_at, pauses, reminded, escalated, extended, no_return, returned_by, redo_count, outcome, reject_code, told_channel, solved, satisfied, shielded, barred, version)
  values (made, said ->> 'number', word_digest, said ->> 'kind', '', 'web', said ->> 'urgency', secret, (said ->> 'confidential')::boolean, nameless, behalf is not null, left(said ->> 'title', 80), words, place,
      left(said ->> 'spot', 120), 'submitted', desk, '', case when nameless then null else who end, '', clock_timestamp(), (said ->> 'clock')::timestamptz, (said ->> 'accept')::timestamptz,
      '[]', 0, 0, false, false, '{}', 0, '', '', '', '', '', shielded, '{}', 1);
  if not nameless then
    insert into public.service_party (id, matter_id, role, person_id, account, contact_cipher, phone_digest, key_no, masked, hidden, call_home)
    values ((said ->> 'party')::uuid, made, 'requester', case when behalf is distinct from me then me end, who, contact, phone_digest, (said ->> 'key_no')::smallint, left(said ->> 'masked', 60), hides, true);
    if behalf is not null and behalf is distinct from me then
      insert into public.service_party (id, matter_id, role, person_id, contact_cipher, key_no, masked, hidden, call_home)
      values ((said ->> 'for_party')::uuid, made, 'for', behalf, for_contact, 0, left(said ->> 'for_masked', 60), hides, true);
    end if;
  end if;
  insert into public.service_party (id, matter_id, role, staff, key_no, masked, hidden, call_home)
  select gen_random_uuid(), made, 'accused', a, 0, '', true, false from unnest(accused) a;
  update public.service_matter m set barred = access.concerned_staff(made) where m.id = made;
  perform access.put_seat(made, desk, 'home', null);
  insert into public.service_move (matter_id, at, name, from_state, to_state, actor, desk, public_words, detail)
  values (made, clock_timestamp(), 'submit', '', 'submitted', 'requester', desk, left(said ->> 'public', 300), jsonb_build_object('channel', 'web', 'urgent', said -> 'urgent_words'));
  insert into public.access_auditentry (id, area_code, what, persons, purpose, origin, detail)
  values (gen_random_uuid(), place, 'matter.submit', case when nameless then '{}'::uuid[] else array_remove(array[coalesce(behalf, me)], null) end, left(access.claim('purpose'), 40), left(access.claim('origin'), 80),
          jsonb_build_object('matter', made, 'account', case when nameless then null else who end));
  return 'said';
end $$;

-- A photo or a recording, in the same transaction as the words.
create function access.enclose(id uuid, matter uuid, kind text, name bytea, media text, size integer, sm3 bytea) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if enclose.kind not in ('photo', 'voice') or not exists (
       select 1 from public.service_matter m join public.service_move v on v.matter_id = m.id and v.name = 'submit' and v.actor = 'requester' and v.at > transaction_timestamp() - interval '1 second'
        where m.id = enclose.matter and m.channel = 'web' and m.submitted_at >= transaction_timestamp())
     or (select count(*) from public.service_attachment a where a.matter_id = enclose.matter) >= 6 then
    raise exception 'not a matter of this minute' using errcode = 'insufficient_privilege';
  end if;
  insert into public.service_attachment (id, matter_id, kind, name_cipher, media, size, sm3, made_at)
  values (enclose.id, enclose.matter, enclose.kind, enclose.name, left(enclose.media, 60), enclose.size, enclose.sm3, clock_timestamp());
end $$;

-- By receipt: how far it is. Thirty looks an hour from one address, right or wrong.
create function access.follow_matter(number text, digests bytea[]) returns table (id uuid, state text, kind text, submitted_at timestamptz, due_at timestamptz, lead_desk text, home_desk text, place text, restricted boolean)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not access.once_more('matter.follow', 30) then
    raise exception 'too many looks from this address' using errcode = 'insufficient_privilege';
  end if;
  return query select m.id, m.state::text, m.kind::text, m.submitted_at, m.due_at, m.lead_desk, m.home_desk, m.place_code::text, m.restricted
                 from public.service_matter m where m.number = follow_matter.number and m.word_digest = any (follow_matter.digests);
end $$;

create function access.follow_moves(matter uuid, number text, digests bytea[]) returns table (at timestamptz, words text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select v.at, v.public_words::text from public.service_move v join public.service_matter m on m.id = v.matter_id
   where m.id = matter and m.number = follow_moves.number and m.word_digest = any (follow_moves.digests) and v.public_words <> '' order by v.id
$$;

-- how long a kind of matter takes is no secret: the deadline of doing it again is worked out when somebody says "not solved"
create policy public_read on public.service_limit for select to minqing_resident using ((select access.proven('purpose')) is not null);
grant select on public.service_limit to minqing_resident;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef
              and p.proname in ('office_holders', 'say_matter', 'enclose', 'follow_matter', 'follow_moves') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.office_holders(text), access.say_matter(jsonb, bytea, bytea, bytea, bytea, bytea), access.enclose(uuid, uuid, text, bytea, text, integer, bytea),
  access.follow_matter(text, bytea[]), access.follow_moves(uuid, text, bytea[]) to minqing_resident;
