-- A party carries its matter's state, as a seat does.
--
-- Beside a household stand its open matters. Whoever is named in a matter may be read where its seat is, so that the seat's law was
-- asked for every matter of ten years before it was known which are open; with the copy the index finds the open ones.
--
-- Invariants: the copy is written by these two functions, whatever an INSERT says, and the application may not update it; who is
-- barred is worked out again when a party becomes another person, not when its matter moves on.

drop trigger bar_update on public.service_party;
-- the owner sees the rows of both for this one statement; the transaction ends with the law as it was
alter table public.service_party no force row level security;
alter table public.service_matter no force row level security;
update public.service_party p set state = m.state from public.service_matter m where m.id = p.matter_id and p.state <> m.state;
alter table public.service_matter force row level security;
alter table public.service_party force row level security;

create function access.bar_again() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.service_matter m set barred = access.concerned_staff(m.id)
   where m.id in (select c.matter_id from changed c join before b on b.id = c.id where b.person_id is distinct from c.person_id)
     and m.barred is distinct from access.concerned_staff(m.id)
     and exists (select 1 from public.service_seat s where s.matter_id = m.id and s.role = 'home');
  return null;
end $$;
create trigger bar_update after update on public.service_party referencing old table as before new table as changed for each statement execute function access.bar_again();

create function access.state_of_matter() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  new.state := coalesce((select m.state from public.service_matter m where m.id = new.matter_id), 'submitted');
  return new;
end $$;
create trigger state_of_matter before insert on public.service_party for each row execute function access.state_of_matter();

-- As in matters.sql, with the parties.
create or replace function access.copy_to_seats() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.service_seat s
     set state = new.state, kind = new.kind, urgent = new.urgency = 'urgent', due_at = new.due_at, restricted = new.restricted, barred = new.barred, place_code = new.place_code
   where s.matter_id = new.id and s.ends_at is null;
  update public.service_party p set state = new.state where p.matter_id = new.id and p.state <> new.state;
  return null;
end $$;

alter function access.bar_again() owner to minqing_guard;
alter function access.state_of_matter() owner to minqing_guard;
revoke all on function access.bar_again(), access.state_of_matter() from public;
