-- A party carries its matter's state, as a seat does.
--
-- Beside a household stand its open matters. Whoever is named in a matter may be read where its seat is, so that the seat's law was
-- asked for every matter of ten years before it was known which are open; with the copy the index finds the open ones.
--
-- Invariants: the copy is written by state_of_matter and state_to_parties, whatever an INSERT says, and the application may not update it; who is
-- barred is worked out again when a party becomes another person, not when its matter moves on.

drop trigger bar_update on public.service_party;
-- the owner sees the rows of both for this one statement; the transaction ends with the law as it was
alter table public.service_party no force row level security;
alter table public.service_matter no force row level security;
update public.service_party p set state = m.state from public.service_matter m where m.id = p.matter_id and p.state <> m.state;
alter table public.service_matter force row level security;
alter table public.service_party force row level security;

-- As access.bar after an insert, for a party who becomes another person.
create function access.bar_party() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.service_matter m set barred = access.concerned_staff(m.id)
   where m.id = new.matter_id and m.barred is distinct from access.concerned_staff(m.id)
     and exists (select 1 from public.service_seat s where s.matter_id = m.id and s.role = 'home');
  return null;
end $$;
create trigger bar_update after update of person_id on public.service_party for each row when (old.person_id is distinct from new.person_id) execute function access.bar_party();

create function access.state_of_matter() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  new.state := coalesce((select m.state from public.service_matter m where m.id = new.matter_id), 'submitted');
  return new;
end $$;
create trigger state_of_matter before insert on public.service_party for each row execute function access.state_of_matter();

create function access.state_to_parties() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.service_party p set state = new.state where p.matter_id = new.id;
  return null;
end $$;
create trigger state_to_parties after update of state on public.service_matter for each row when (old.state is distinct from new.state) execute function access.state_to_parties();

alter function access.bar_party() owner to minqing_guard;
alter function access.state_of_matter() owner to minqing_guard;
alter function access.state_to_parties() owner to minqing_guard;
revoke all on function access.bar_party(), access.state_of_matter(), access.state_to_parties() from public;
