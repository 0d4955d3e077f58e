-- Files of orders and the rows in them that could not be read: the reception's that took them in, and nobody else's.
do $$
declare
  t text;
begin
  foreach t in array array['service_orderfile', 'service_orderrow'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy received on public.%I for select to minqing_app using ((select access.scope(''dispatch'')) @> desk_code)', t);
    execute format('grant select, insert on public.%I to minqing_app', t);
  end loop;
end $$;
create policy taken on public.service_orderfile for insert to minqing_app with check (
  (select access.scope('dispatch')) @> desk_code and split_part(desk_code, '/', 2) = 'SL' and made_by = (select access.proven('staff')::uuid));
create policy kept on public.service_orderfile for update to minqing_app using ((select access.scope('dispatch')) @> desk_code) with check ((select access.scope('dispatch')) @> desk_code);
create policy taken on public.service_orderrow for insert to minqing_app with check (
  (select access.scope('dispatch')) @> desk_code and split_part(desk_code, '/', 2) = 'SL' and state = 'waiting');
create policy settled on public.service_orderrow for update to minqing_app using (state = 'waiting' and (select access.scope('dispatch')) @> desk_code)
  with check ((select access.scope('dispatch')) @> desk_code and settled_by = (select access.proven('staff')::uuid));
grant update (result) on public.service_orderfile to minqing_app;
grant update (state, number, dropped_why, settled_by, settled_at) on public.service_orderrow to minqing_app;
call access.keep('public.service_orderfile', 'id', 'desk_code', 'system', 'digest', 'made_by', 'made_at');
call access.keep('public.service_orderrow', 'id', 'file_id', 'desk_code', 'digest');
grant update (handed_by, refused_at, refused_why, note_cipher) on public.service_foreignorder to minqing_app;

-- What waits to be told to the other side: what ended here, and neither was handed over nor came back.
drop function access.foreign_results(text);
create function access.foreign_results(desk text) returns table (id uuid, system text, number text, matter uuid, state text, outcome text, solved text, told_channel text, reject_code text,
  result_cipher bytea, restricted boolean, ended_at timestamptz, unit text, note_cipher bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select f.id, f.system::text, f.number::text, m.id, m.state::text, m.outcome::text, m.solved::text, m.told_channel::text, m.reject_code::text,
         case when m.restricted then null else m.result_cipher end, m.restricted, coalesce(m.closed_at, m.replied_at, m.submitted_at), coalesce(nullif(m.lead_desk, ''), m.home_desk), f.note_cipher
    from public.service_foreignorder f
    join public.service_matter m on m.id = f.matter_id
   where f.desk_code = foreign_results.desk and access.scope('dispatch') @> f.desk_code and f.replied_at is null and f.refused_at is null and f.system <> 'partner'
     and m.state in ('closed', 'archived', 'rejected', 'transferred', 'withdrawn')
   order by f.received_at limit 2000
$$;
alter function access.foreign_results(text) owner to minqing_guard;
revoke all on function access.foreign_results(text) from public;
grant execute on function access.foreign_results(text) to minqing_app;

create or replace function access.remember_order(matter uuid, sys text, no text, desk text, received timestamptz, due timestamptz) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not access.scope('dispatch') @> desk or not exists (select 1 from public.service_matter m where m.id = matter and m.restricted and m.first_owner = access.claim('staff')::uuid)
     or exists (select 1 from public.service_foreignorder f where f.matter_id = matter) then
    raise exception 'not an order of this desk' using errcode = 'insufficient_privilege';
  end if;
  insert into public.service_foreignorder (id, matter_id, system, number, desk_code, received_at, due_at, pressed, handed_by, refused_why)
  values (gen_random_uuid(), matter, sys, no, desk, received, due, 0, '', '');
end $$;
