-- Two files become one and part again (archives/sql/same.sql): what was done for the one follows to the other. ADR 9.
--
-- Invariants: a refusal or a benefit outlives a mere proposal of the same policy; a colleague's own file stays his own whatever it is
-- joined to; who is barred from a matter is asked again when kinship changes by a judgement, after every row has moved.
grant select, update (person_id) on public.service_party, public.service_errand, public.service_offer, public.service_offerreason, public.service_benefit, public.service_call, public.service_ticket,
  public.service_handedchange, public.service_certificate, public.access_staffperson to minqing_guard;
call access.moves_with_person('public.service_party', 'person_id');
call access.moves_with_person('public.service_errand', 'person_id');
call access.moves_with_person('public.service_offerreason', 'person_id');
call access.moves_with_person('public.service_benefit', 'person_id');
call access.moves_with_person('public.service_call', 'person_id');
call access.moves_with_person('public.service_ticket', 'person_id');
call access.moves_with_person('public.service_handedchange', 'person_id');
call access.moves_with_person('public.service_certificate', 'person_id');

-- Offers: one person has one offer of a policy. Where both files have it, the one that says more stays in hand ("declined" beats
-- "found": nobody is asked a second time); the lesser one lies with the other file, and each goes home when they part.
create function access.move_service_offer_person_id(judgement uuid, back boolean) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  s public.archives_sameperson := access.joining(judgement, back);
  ranks text[] := array['gone', 'found', 'told', 'wrong', 'declined', 'opened', 'done'];
  ids uuid[] := '{}';
  given uuid[] := '{}';
  r record;
begin
  perform set_config('minqing.joining', judgement::text, true);
  if back then
    select coalesce(array_agg(x::uuid), '{}') into ids from jsonb_array_elements_text(s.moved -> 'service_offer.person_id') x;
    select coalesce(array_agg(x::uuid), '{}') into given from jsonb_array_elements_text(s.moved -> 'service_offer.given') x;
    -- by way of the judgement's own id: one person never has the same offer twice, not for a moment
    update public.service_offer o set person_id = s.id where o.id = any (ids) and o.person_id = s.kept_id;
    update public.service_offer o set person_id = s.kept_id where o.id = any (given) and o.person_id = s.other_id;
    update public.service_offer o set person_id = s.other_id where o.id = any (ids) and o.person_id = s.id;
    update public.archives_sameperson x set moved = x.moved - 'service_offer.person_id' - 'service_offer.given' where x.id = s.id;
  else
    for r in select o.id, k.id as has, array_position(ranks, o.state::text) > array_position(ranks, k.state::text) as further
               from public.service_offer o left join public.service_offer k on k.person_id = s.kept_id and o.rule <> '' and k.rule = o.rule and k.cycle = o.cycle where o.person_id = s.other_id loop
      if r.has is null then
        update public.service_offer o set person_id = s.kept_id where o.id = r.id;
      elsif r.further then
        update public.service_offer o set person_id = s.id where o.id = r.id;
        update public.service_offer o set person_id = s.other_id where o.id = r.has;
        update public.service_offer o set person_id = s.kept_id where o.id = r.id;
        given := given || r.has;
      else
        continue;
      end if;
      ids := ids || r.id;
    end loop;
    update public.archives_sameperson x set moved = x.moved || jsonb_build_object('service_offer.person_id', to_jsonb(ids), 'service_offer.given', to_jsonb(given)) where x.id = s.id;
  end if;
  perform set_config('minqing.joining', '', true);
  return cardinality(ids);
end $$;

-- Whose own file it is: without this, nobody would be barred from his mother's matter once his file lies in another.
create function access.move_access_staffperson_person_id(judgement uuid, back boolean) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  s public.archives_sameperson := access.joining(judgement, back);
  ids uuid[];
begin
  with over as (update public.access_staffperson t set person_id = case when back then s.other_id else s.kept_id end
                 where case when back then t.person_id = s.kept_id and t.staff_id::text in (select jsonb_array_elements_text(s.moved -> 'access_staffperson.person_id')) else t.person_id = s.other_id end
                returning t.staff_id)
  select coalesce(array_agg(o.staff_id), '{}') into ids from over o;
  update public.archives_sameperson x set moved = case when back then x.moved - 'access_staffperson.person_id'
                                                       else x.moved || jsonb_build_object('access_staffperson.person_id', to_jsonb(ids)) end where x.id = s.id;
  return cardinality(ids);
end $$;

-- Asked again: who is near this person, his household and his kin. Matters and certificates that they are in follow.
create function access.bar_again(who uuid) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  n integer;
begin
  if not exists (select 1 from public.archives_placement p where p.person_id = who and p.ends_on is null and access.scope('write') @> p.grid_code::text) then
    raise exception 'not a file of this scope' using errcode = 'insufficient_privilege';
  end if;
  with home as (
    select o.person_id as id from public.archives_membership m
      join public.archives_membership o on o.household_id = m.household_id and o.ends_on is null and o.voided_at is null
     where m.person_id = who and m.ends_on is null and m.voided_at is null
  ), parents as (
    select k.relative_id as id from public.archives_kinship k where k.person_id = who and k.kind = 'parent' and k.voided_at is null
  ), near as materialized (
    select who as id union select id from home union select id from parents
    union select k.relative_id from public.archives_kinship k where k.person_id = who and k.voided_at is null
    union select k.person_id from public.archives_kinship k where k.relative_id = who and k.voided_at is null
    union select k.person_id from parents x join public.archives_kinship k on k.relative_id = x.id and k.kind = 'parent' and k.voided_at is null
  ), papers as (
    update public.service_certificate c set barred = access.staff_near(c.person_id)
     where c.person_id in (select id from near) and c.barred is distinct from access.staff_near(c.person_id) returning 1
  )
  update public.service_matter m set barred = access.concerned_staff(m.id)
   where m.id in (select p.matter_id from public.service_party p where p.person_id in (select id from near) and p.role <> 'witness') and m.barred is distinct from access.concerned_staff(m.id);
  get diagnostics n = row_count;
  return n;
end $$;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef
              and p.proname in ('move_service_offer_person_id', 'move_access_staffperson_person_id', 'bar_again') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
    execute format('grant execute on function %s to minqing_app', f.name);
  end loop;
end $$;
