-- Visits and the doors of helpers: whose rows they are, and the little that a helper sees. DESIGN §4, domain.md §4.1–4.2.

call access.protect_area_table('public.contact_visit');
call access.protect_area_table('public.contact_visitnote');
call access.protect_area_table('public.contact_visitmatter');
call access.protect_area_table('public.contact_door');
call access.protect_area_table('public.contact_doorcheck');
call access.keep('public.contact_visit', 'id', 'household_id', 'entered_by', 'entered_at', 'content_digest');
call access.keep('public.contact_door', 'id', 'household_id', 'helper', 'starts_at', 'given_by');

-- Free SQL could otherwise hang a visit of one's own grid on a foreign household or name foreign people, and write in another's name.
-- Run with the caller's own eyes.
alter policy scope_add on public.contact_visit with check ((select access.scope('write')) @> grid_code and entered_by = (select access.proven('staff')::uuid)
  and exists (select from public.archives_household h where h.id = contact_visit.household_id and h.grid_code = contact_visit.grid_code)
  and not exists (select from unnest(met) m where not exists (select from public.archives_placement p where p.person_id = m and p.ends_on is null)));
alter policy scope_add on public.contact_visitnote with check ((select access.scope('write')) @> grid_code and "by" = (select access.proven('staff')::uuid)
  and exists (select from public.contact_visit v where v.id = contact_visitnote.visit_id and v.grid_code = contact_visitnote.grid_code));
-- a matter that the writer sees himself
alter policy scope_add on public.contact_visitmatter with check ((select access.scope('write')) @> grid_code
  and exists (select from public.contact_visit v where v.id = contact_visitmatter.visit_id and v.grid_code = contact_visitmatter.grid_code and v.entered_by = (select access.proven('staff')::uuid))
  and exists (select from public.service_seat s where s.matter_id = contact_visitmatter.matter_id));
alter policy scope_add on public.contact_door with check ((select access.scope('write')) @> grid_code and given_by = (select access.proven('staff')::uuid)
  and exists (select from public.archives_household h where h.id = contact_door.household_id and h.grid_code = contact_door.grid_code));
drop policy scope_change on public.contact_visitnote;
drop policy scope_change on public.contact_visitmatter;
drop policy scope_change on public.contact_doorcheck;

-- How an elder is: its author while he keeps the file there, and whoever holds the right of level 4
alter table public.contact_checkup enable row level security;
alter table public.contact_checkup force row level security;
create policy guard on public.contact_checkup to minqing_guard using (true) with check (true);
create policy sensitive_read on public.contact_checkup for select to minqing_app using (
  (select access.scope('sensitive')) @> grid_code or (author = (select access.proven('staff')::uuid) and (select access.scope('people')) @> grid_code));
create policy scope_add on public.contact_checkup for insert to minqing_app with check ((select access.scope('write')) @> grid_code and author = (select access.proven('staff')::uuid)
  and exists (select from public.contact_visit v where v.id = contact_checkup.visit_id and v.grid_code = contact_checkup.grid_code)
  and exists (select from public.archives_placement p where p.person_id = contact_checkup.person_id and p.ends_on is null));
create policy author_change on public.contact_checkup for update to minqing_app using (author = (select access.proven('staff')::uuid) and (select access.scope('write')) @> grid_code);
call access.keep('public.contact_checkup', 'id', 'visit_id', 'author');

-- Where the caller is a helper: his appointments as such (the right to take things down reaches through the whole village, doors do not).
create function access.helps_at() returns access.codeset
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(range_agg(access.codes(a ->> 'area', (a ->> 'area') || ':')), '{}')
    from jsonb_array_elements(access.proven() -> 'appointments') a where a ->> 'role' = 'helper'
$$;

-- A helper reads his own doors and what he himself found there, nothing else; he holds no right over files.
create policy helper_read on public.contact_door for select to minqing_app using (helper = (select access.proven('staff')::uuid) and (select access.helps_at()) @> grid_code);
create policy helper_read on public.contact_doorcheck for select to minqing_app using (helper = (select access.proven('staff')::uuid) and (select access.helps_at()) @> grid_code);
-- checks are written by access.look_in alone
alter policy scope_add on public.contact_doorcheck to minqing_guard;

-- Name, door and telephone of the caller's doors, as the files say today. A household that moved out of his area is his no more.
-- The telephone comes sealed with the id that opens it: the head's, else that of another member who has one.
create function access.my_doors() returns table (door uuid, name text, address text, natural_village text, door_no text, grid text, phone_of uuid, phone_cipher bytea, checked_at timestamptz, answer text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select d.id, h.head_name::text, h.address::text, h.natural_village::text, h.door::text, h.grid_code::text, t.id, t.phone_cipher, c.checked_at, c.answer::text
    from public.contact_door d
    join public.archives_household h on h.id = d.household_id and h.voided_at is null and h.state <> 'dissolved'
    left join lateral (select r.id, r.phone_cipher from public.archives_membership m join public.archives_resident r on r.id = m.person_id
                        where m.household_id = h.id and m.ends_on is null and m.voided_at is null and r.alive and r.voided_at is null and r.phone_cipher is not null
                        order by r.id = h.head_id desc, r.birth_date nulls last limit 1) t on true
    left join lateral (select k.checked_at, k.answer from public.contact_doorcheck k where k.door_id = d.id order by k.checked_at desc limit 1) c on true
   where d.helper = access.claim('staff')::uuid and d.ended_at is null and access.helps_at() @> h.grid_code::text
   order by h.natural_village, h.sort_key, h.id
$$;

-- One look in at a door: by the helper whose door it is, or typed from his card by whoever keeps the file.
create function access.look_in(id uuid, door uuid, answer text, how text, checked_at timestamptz, words bytea, matter uuid, print bytea) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  d public.contact_door;
  place text;
begin
  select x.* into d from public.contact_door x where x.id = door and x.ended_at is null;
  select h.grid_code into place from public.archives_household h where h.id = d.household_id and h.voided_at is null;
  if place is null or not ((d.helper = access.claim('staff')::uuid and access.helps_at() @> place) or access.may('write', place)) then
    raise exception 'not a door of this helper' using errcode = 'insufficient_privilege';
  end if;
  if matter is not null and not exists (select 1 from public.service_matter m where m.id = matter and m.first_owner = access.claim('staff')::uuid) then
    raise exception 'not a matter that he took down' using errcode = 'insufficient_privilege';
  end if;
  insert into public.contact_doorcheck (id, grid_code, door_id, household_id, answer, how, checked_at, helper, entered_by, entered_at, words_cipher, matter_id, content_digest)
  values (id, place, d.id, d.household_id, answer, how, checked_at, d.helper, access.claim('staff')::uuid, clock_timestamp(), words, matter, print);
end $$;

-- Households of a place of whom a list of level 4 speaks: that somebody is due every month, never why. `reasons` only where the caller
-- holds the right of level 4. Every such list has the same interval, so that the date tells nothing either.
create function access.looked_after(place text) returns table (household uuid, reasons text[])
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select m.household_id, case when bool_or(access.scope('sensitive') @> m.grid_code::text) then array_agg(distinct x.kind order by x.kind) else '{}' end
    from public.archives_membership m
    join (select i.person_id, 'relief.' || i.code as kind from public.archives_relief i
           where i.code in ('relief', 'child_in_difficulty', 'special_family', 'left_behind') and i.ends_on is null and i.voided_at is null
          union all select i.person_id, 'disability.' || i.code from public.archives_disability i where i.ends_on is null and i.voided_at is null
          union all select i.person_id, 'health.' || i.code from public.archives_health i where i.code in ('pregnancy', 'self_care') and i.ends_on is null and i.voided_at is null) x
      on x.person_id = m.person_id
    join public.archives_resident r on r.id = m.person_id and r.alive and r.voided_at is null
   where length(looked_after.place) >= 12 and m.grid_code >= looked_after.place collate "C" and m.grid_code < (looked_after.place || ':') collate "C" and m.ends_on is null and m.voided_at is null
     and access.scope('people') @> m.grid_code::text
   group by m.household_id
$$;

-- Within its village a household takes its visits and its helper's door along (a grid is divided); across villages they stay where
-- they were made, unless the village itself goes on under another code.
create function access.visits_follow() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if left(old.grid_code, 12) = left(new.grid_code, 12) or exists (
       select 1 from public.access_areasuccession s where s.old_id = left(old.grid_code, 12) and s.new_id = left(new.grid_code, 12)) then
    update public.contact_visitnote n set grid_code = new.grid_code from public.contact_visit v where v.id = n.visit_id and v.household_id = new.id and n.grid_code = old.grid_code;
    update public.contact_visitmatter n set grid_code = new.grid_code from public.contact_visit v where v.id = n.visit_id and v.household_id = new.id and n.grid_code = old.grid_code;
    update public.contact_checkup n set grid_code = new.grid_code from public.contact_visit v where v.id = n.visit_id and v.household_id = new.id and n.grid_code = old.grid_code;
    update public.contact_visit v set grid_code = new.grid_code where v.household_id = new.id and v.grid_code = old.grid_code;
    update public.contact_doorcheck c set grid_code = new.grid_code where c.household_id = new.id and c.grid_code = old.grid_code;
    update public.contact_door d set grid_code = new.grid_code where d.household_id = new.id and d.ended_at is null;
  else
    update public.contact_door d set ended_at = clock_timestamp() where d.household_id = new.id and d.ended_at is null;
  end if;
  return null;
end $$;
create trigger visits_follow after update of grid_code on public.archives_household for each row when (old.grid_code is distinct from new.grid_code) execute function access.visits_follow();

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef and p.proname in ('helps_at', 'my_doors', 'look_in', 'looked_after', 'visits_follow') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant select, update on public.contact_visit, public.contact_visitnote, public.contact_visitmatter, public.contact_checkup, public.contact_door to minqing_guard;
grant select, insert, update on public.contact_doorcheck to minqing_guard;
grant execute on function access.helps_at(), access.my_doors(), access.look_in(uuid, uuid, text, text, timestamptz, bytea, uuid, bytea), access.looked_after(text) to minqing_app;
grant select, insert, update on public.contact_visit, public.contact_checkup, public.contact_door to minqing_app;
grant select, insert on public.contact_visitnote, public.contact_visitmatter to minqing_app;
grant select on public.contact_doorcheck to minqing_app;

call access.moves_with_person('public.contact_visit', 'met', true);
call access.moves_with_person('public.contact_checkup', 'person_id');
