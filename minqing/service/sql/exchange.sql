-- Orders of other systems: seen from the seats of their matter, and by the desk that took them in.
alter table public.service_foreignorder enable row level security;
alter table public.service_foreignorder force row level security;
create policy guard on public.service_foreignorder to minqing_guard using (true) with check (true);
create policy seated on public.service_foreignorder for select to minqing_app, minqing_jobs using (
  (select access.scope('dispatch')) @> desk_code or exists (select from public.service_seat s where s.matter_id = service_foreignorder.matter_id));
create policy taken on public.service_foreignorder for insert to minqing_app with check (
  (select access.scope('dispatch')) @> desk_code and exists (select from public.service_seat s where s.matter_id = service_foreignorder.matter_id));
create policy marked on public.service_foreignorder for update to minqing_app using ((select access.scope('dispatch')) @> desk_code) with check ((select access.scope('dispatch')) @> desk_code);
grant select, insert on public.service_foreignorder to minqing_app;
grant update (pressed, due_at, replied_at) on public.service_foreignorder to minqing_app;
grant select on public.service_foreignorder to minqing_jobs, minqing_guard;
grant insert on public.service_foreignorder to minqing_guard;
call access.keep('public.service_foreignorder', 'id', 'matter_id', 'system', 'number', 'desk_code');

-- The other side says something more about an order (催办, 补充): the desk that took it in may add a line, wherever the matter lies now.
create function access.press_matter(matter uuid, note bytea, public_words text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select 1 from public.service_foreignorder f where f.matter_id = matter and access.scope('dispatch') @> f.desk_code) then
    return false;
  end if;
  insert into public.service_move (matter_id, at, name, from_state, to_state, staff, actor, desk, note_cipher, public_words, detail)
  select m.id, clock_timestamp(), 'pressed', m.state, m.state, access.claim('staff')::uuid, 'staff', coalesce(nullif(m.lead_desk, ''), m.home_desk), note, '', '{}'
    from public.service_matter m where m.id = matter and not m.restricted;
  return found;
end $$;

-- What the desk that took an order in may tell the other side: how its matter ended, also where it was handled elsewhere meanwhile.
create function access.foreign_results(desk text) returns table (id uuid, system text, number text, matter uuid, state text, outcome text, solved text, told_channel text, reject_code text,
  result_cipher bytea, restricted boolean, ended_at timestamptz, unit text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select f.id, f.system::text, f.number::text, m.id, m.state::text, m.outcome::text, m.solved::text, m.told_channel::text, m.reject_code::text,
         case when m.restricted then null else m.result_cipher end, m.restricted, coalesce(m.closed_at, m.replied_at, m.submitted_at), coalesce(nullif(m.lead_desk, ''), m.home_desk)
    from public.service_foreignorder f
    join public.service_matter m on m.id = f.matter_id
   where f.desk_code = foreign_results.desk and access.scope('dispatch') @> f.desk_code and f.replied_at is null
     and m.state in ('closed', 'archived', 'rejected', 'transferred', 'withdrawn')
   order by f.received_at limit 2000
$$;

alter function access.press_matter(uuid, bytea, text) owner to minqing_guard;
alter function access.foreign_results(text) owner to minqing_guard;
revoke all on function access.press_matter(uuid, bytea, text), access.foreign_results(text) from public;
grant execute on function access.press_matter(uuid, bytea, text), access.foreign_results(text) to minqing_app;

-- A restricted order is gone from the desk that took it in; its number stays, so that it is neither taken in twice nor answered twice.
-- Replaced by sql/exchange_desk.sql, whose table has two columns more.
create function access.remember_order(matter uuid, sys text, no text, desk text, received timestamptz, due timestamptz) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not access.scope('dispatch') @> desk or not exists (select 1 from public.service_matter m where m.id = matter and m.restricted and m.first_owner = access.claim('staff')::uuid)
     or exists (select 1 from public.service_foreignorder f where f.matter_id = matter) then
    raise exception 'not an order of this desk' using errcode = 'insufficient_privilege';
  end if;
  insert into public.service_foreignorder (id, matter_id, system, number, desk_code, received_at, due_at, pressed) values (gen_random_uuid(), matter, sys, no, desk, received, due, 0);
end $$;

-- The words as they came, for the desk that took the order in: to see whether the same order says anything new.
create function access.order_words(matter uuid) returns bytea
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select m.words_cipher from public.service_matter m
   where m.id = matter and not m.restricted and exists (select 1 from public.service_foreignorder f where f.matter_id = m.id and access.scope('dispatch') @> f.desk_code)
$$;
alter function access.remember_order(uuid, text, text, text, timestamptz, timestamptz) owner to minqing_guard;
alter function access.order_words(uuid) owner to minqing_guard;
revoke all on function access.remember_order(uuid, text, text, text, timestamptz, timestamptz), access.order_words(uuid) from public;
grant execute on function access.remember_order(uuid, text, text, text, timestamptz, timestamptz), access.order_words(uuid) to minqing_app;
