-- 跨区域通办: partner counties and their items are public within the service; a parcel hangs on its matter's seats.
--
-- Invariants: an errand goes out from a window or a reception that has it, in the name of whoever packs it, and with a consent that
-- is older than the parcel (a constraint); a partner's word reaches a parcel through access.parcel_news alone, which knows what may
-- follow what, whoever collected the letter; files that were refused are the reception's that got them.
do $$
declare
  t text;
begin
  foreach t in array array['service_partner', 'service_partneritem'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy read on public.%I for select to minqing_app using ((select access.proven(''staff'')) is not null)', t);
    execute format('create policy add on public.%I for insert to minqing_app with check ((select access.scope(''catalogue'')) @> area_code and length(area_code) = 6 and made_by = (select access.proven(''staff'')::uuid))', t);
    execute format('create policy change on public.%I for update to minqing_app using ((select access.scope(''catalogue'')) @> area_code) with check ((select access.scope(''catalogue'')) @> area_code)', t);
    execute format('grant select, insert on public.%I to minqing_app', t);
    execute format('grant select on public.%I to minqing_guard', t);
  end loop;
end $$;
grant update (name, url, card, receipt_hours, columns, ended_at) on public.service_partner to minqing_app;
grant update (code, name, fields, materials, days, "where", note, item, no_match, missing_since, made_by, made_at) on public.service_partneritem to minqing_app;
call access.keep('public.service_partner', 'id', 'area_code', 'code', 'made_by', 'made_at');
call access.keep('public.service_partneritem', 'id', 'partner_id', 'area_code', 'key');

do $$
declare
  t text;
begin
  foreach t in array array['service_parcel', 'service_parcelstep'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy seated on public.%1$I for select to minqing_app using (exists (select from public.service_seat s where s.matter_id = %1$I.matter_id and s.role in (''home'', ''lead'')))', t);
    execute format('grant select, insert on public.%I to minqing_app', t);
    execute format('grant select, insert, update on public.%I to minqing_guard', t);
  end loop;
end $$;
create policy packed on public.service_parcel for insert to minqing_app with check (
  made_by = (select access.proven('staff')::uuid) and split_part(desk_code, '/', 2) in ('SL', 'CK') and (select access.scope('matters')) @> desk_code
  and ((direction = 'out' and state = 'packed') or (direction = 'in' and state = 'received' and (select access.scope('dispatch')) @> desk_code))
  and exists (select from public.service_seat s where s.matter_id = service_parcel.matter_id and s.role in ('home', 'lead')));
create policy moved on public.service_parcel for update to minqing_app
  using ((select access.scope('matters')) @> desk_code and exists (select from public.service_seat s where s.matter_id = service_parcel.matter_id and s.role in ('home', 'lead')))
  with check ((select access.scope('matters')) @> desk_code);
grant update (state, sent_at, receipt_due_at, settled_at, attempts, trouble, dropped_why) on public.service_parcel to minqing_app;
create policy noted on public.service_parcelstep for insert to minqing_app with check (
  staff = (select access.proven('staff')::uuid) and direction <> 'in' and exists (select from public.service_seat s where s.matter_id = service_parcelstep.matter_id and s.role in ('home', 'lead')));
create policy handed on public.service_parcelstep for update to minqing_app
  using (direction = 'out' and exists (select from public.service_seat s where s.matter_id = service_parcelstep.matter_id and s.role in ('home', 'lead')))
  with check (exists (select from public.service_seat s where s.matter_id = service_parcelstep.matter_id and s.role in ('home', 'lead')));
grant update (handed_at) on public.service_parcelstep to minqing_app;
call access.keep('public.service_parcel', 'id', 'matter_id', 'partner_id', 'partner_code', 'desk_code', 'direction', 'labels', 'materials', 'digest', 'consent_how', 'consent_at', 'made_by', 'made_at');
call access.keep('public.service_parcelstep', 'id', 'parcel_id', 'matter_id', 'direction', 'state', 'staff', 'at');

-- a step belongs to the matter of its parcel, whatever the row says
create function access.check_parcel_step() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select 1 from public.service_parcel p where p.id = new.parcel_id and p.matter_id = new.matter_id and (new.direction <> 'out' or p.direction = 'in')) then
    raise exception 'a step is of its parcel and matter' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger check_parcel_step before insert on public.service_parcelstep for each row execute function access.check_parcel_step();

alter table public.service_parcelrefusal enable row level security;
alter table public.service_parcelrefusal force row level security;
create policy guard on public.service_parcelrefusal to minqing_guard using (true) with check (true);
create policy refused on public.service_parcelrefusal for select to minqing_app using ((select access.scope('dispatch')) @> desk_code);
create policy logged on public.service_parcelrefusal for insert to minqing_app with check ((select access.scope('dispatch')) @> desk_code and by = (select access.proven('staff')::uuid));
grant select, insert on public.service_parcelrefusal to minqing_app;

grant update on public.service_errand to minqing_guard;

-- What a partner says about an errand that lies with it. Who may bring the letter: whoever has the errand, or the county's reception.
-- 'ok' = the state changed, 'noted' = it was said, 'known' = this letter came before, 'absent' = no such parcel for him.
create function access.parcel_news(parcel uuid, sender text, step uuid, new_state text, words bytea, number text, told text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  me uuid := access.claim('staff')::uuid;
  p public.service_parcel;
  m public.service_matter;
  moves boolean;
begin
  select x.* into p from public.service_parcel x where x.id = parcel for update;
  if p.id is null or p.direction <> 'out' or p.partner_code <> sender
     or not (access.sits(p.matter_id, '{home,lead}', 'matters') or access.scope('dispatch') @> (left(p.desk_code, 6) || '/SL')) then
    return 'absent';
  end if;
  if exists (select 1 from public.service_parcelstep s where s.id = step) then
    return 'known';
  end if;
  if new_state not in ('received', 'accepted', 'refused', 'done') then
    raise exception 'no such word: %', new_state using errcode = 'check_violation';
  end if;
  select x.* into m from public.service_matter x where x.id = p.matter_id;
  moves := p.state in ('packed', 'sent', 'received', 'accepted')
           and case new_state when 'received' then p.state in ('packed', 'sent') when 'accepted' then p.state in ('packed', 'sent', 'received') else true end;
  insert into public.service_parcelstep (id, parcel_id, matter_id, direction, state, words_cipher, staff, at) values (step, p.id, p.matter_id, 'in', new_state, words, me, clock_timestamp());
  update public.service_parcel x
     set state = case when moves then new_state else x.state end, their_number = coalesce(nullif(number, ''), x.their_number), received_at = coalesce(x.received_at, clock_timestamp()), trouble = '',
         sent_at = coalesce(x.sent_at, clock_timestamp()), settled_at = case when moves and new_state in ('refused', 'done') then clock_timestamp() else x.settled_at end
   where x.id = p.id;
  if moves and m.state in ('submitted', 'accepted', 'dispatched', 'processing', 'redo') then
    update public.service_errand e
       set submitted_at = case when new_state = 'refused' then null else coalesce(e.submitted_at, clock_timestamp()) end,
           submitted_to = case when new_state = 'refused' then '' else (select left(q.name, 60) from public.service_partner q where q.id = p.partner_id) end,
           department_number = case when new_state = 'refused' then '' else left(coalesce(nullif(number, ''), e.department_number), 40) end,
           fetched_at = case when new_state = 'done' then coalesce(e.fetched_at, clock_timestamp()) else e.fetched_at end, version = e.version + 1
     where e.matter_id = p.matter_id;
    insert into public.service_move (matter_id, at, name, from_state, to_state, staff, actor, desk, public_words, detail)
    values (m.id, clock_timestamp(), 'parcel.' || new_state, m.state, m.state, me, 'staff', p.desk_code, left(told, 300), jsonb_build_object('number', number));
  end if;
  perform access.note('parcel.news', coalesce((select array_agg(y.person_id) from public.service_party y where y.matter_id = p.matter_id and y.person_id is not null), '{}'), '{}',
    jsonb_build_object('parcel', p.id, 'kind', new_state, 'from', sender));
  return case when moves then 'ok' else 'noted' end;
end $$;

-- The public keys of a partner, for the open door where its parcels arrive: whoever is no partner is told no more than that.
create function access.partner_card(county text, partner text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not access.once_more('parcel.arrive', 600) then
    raise exception 'too many parcels from this address' using errcode = 'insufficient_privilege';
  end if;
  return (select p.card from public.service_partner p where p.area_code = county and p.code = partner and p.ended_at is null);
end $$;

alter function access.check_parcel_step() owner to minqing_guard;
alter function access.parcel_news(uuid, text, uuid, text, bytea, text, text) owner to minqing_guard;
alter function access.partner_card(text, text) owner to minqing_guard;
revoke all on function access.check_parcel_step(), access.parcel_news(uuid, text, uuid, text, bytea, text, text), access.partner_card(text, text) from public;
grant execute on function access.parcel_news(uuid, text, uuid, text, bytea, text, text) to minqing_app;
grant execute on function access.partner_card(text, text) to minqing_resident;
