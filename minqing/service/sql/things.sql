-- Doing things for people: the catalogue, errands, offers. DESIGN §4; domain.md §4.4, §4.6, §4.8.
--
-- Invariants: an errand hangs on its matter's seats; of a person's file it is handed exactly the fields that its item names, while
-- it runs, and each handing-over leaves its trace (access.fields_for_errand); offers are made by the evening, one village at a
-- time, by an actor that sees nothing itself; what a condition of level 4 says stands apart, under the right to sensitive fields.

-- What a county sets: everybody reads it, who keeps the catalogue there writes it; rows of the nation ('') the installation alone.
do $$
declare
  t text;
begin
  foreach t in array array['service_catalogueitem', 'service_policyrule'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy owner on public.%I to minqing_owner using (true) with check (true)', t);
    execute format('create policy read on public.%I for select to minqing_app, minqing_jobs, minqing_resident using (true)', t);
    execute format('create policy add on public.%I for insert to minqing_app with check ((select access.scope(''catalogue'')) @> area_code and made_by = (select access.proven(''staff'')::uuid))', t);
    execute format('create policy change on public.%I for update to minqing_app using ((select access.scope(''catalogue'')) @> area_code) with check ((select access.scope(''catalogue'')) @> area_code)', t);
    execute format('grant select on public.%I to minqing_app, minqing_jobs, minqing_resident, minqing_guard', t);
    execute format('grant insert, update (ended_at) on public.%I to minqing_app', t);
  end loop;
end $$;

alter table public.service_agentcard enable row level security;
alter table public.service_agentcard force row level security;
create policy guard on public.service_agentcard to minqing_guard using (true) with check (true);
create policy read on public.service_agentcard for select to minqing_app using ((select access.proven('staff')) is not null);
create policy add on public.service_agentcard for insert to minqing_app with check (staff = (select access.proven('staff')::uuid) or (select access.scope('appoint')) @> area_code);
create policy change on public.service_agentcard for update to minqing_app using (staff = (select access.proven('staff')::uuid) or (select access.scope('appoint')) @> area_code)
  with check (staff = (select access.proven('staff')::uuid) or (select access.scope('appoint')) @> area_code);
grant select, insert on public.service_agentcard to minqing_app;
grant update (topics, note, made_by, made_at) on public.service_agentcard to minqing_app;

-- Errands and what hangs on them: the matter's seats -----------------------------------------------------------------------
do $$
declare
  t text;
begin
  foreach t in array array['service_errand', 'service_assignment', 'service_paper', 'service_moneyline'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy seated on public.%1$I for select to minqing_app, minqing_jobs using (exists (select from public.service_seat s where s.matter_id = %1$I.matter_id))', t);
    execute format('grant select on public.%I to minqing_app, minqing_jobs', t);
    execute format('grant select on public.%I to minqing_guard', t);
  end loop;
end $$;
create policy moved on public.service_errand for update to minqing_app using (exists (select from public.service_seat s where s.matter_id = service_errand.matter_id));
grant update (agent, agent_state, answers_cipher, confirmed_at, confirmed_by, collected_at, submitted_at, submitted_to, department_number, department_due_at, fetched_at, delivered_at, delivered_to,
  signed_cipher, version) on public.service_errand to minqing_app;
grant insert on public.service_errand to minqing_guard;
create policy asked on public.service_assignment for insert to minqing_app with check (
  asked_by = (select access.proven('staff')::uuid) and answer = '' and exists (select from public.service_seat s where s.matter_id = service_assignment.matter_id and s.role in ('home', 'lead')));
create policy answered on public.service_assignment for update to minqing_app using (exists (select from public.service_seat s where s.matter_id = service_assignment.matter_id))
  with check (answer = 'recalled' or staff = (select access.proven('staff')::uuid));
grant insert, update (answer, answered_at, reason_cipher) on public.service_assignment to minqing_app;
create policy noted on public.service_paper for insert to minqing_app with check (
  received_by = (select access.proven('staff')::uuid) and returned_at is null and exists (select from public.service_seat s where s.matter_id = service_paper.matter_id));
create policy moved on public.service_paper for update to minqing_app using (exists (select from public.service_seat s where s.matter_id = service_paper.matter_id))
  with check (returned_by is null or returned_by = (select access.proven('staff')::uuid));
grant insert, update (attachment_id, returned_at, returned_to, returned_by) on public.service_paper to minqing_app;
-- a line is written once; the one column pair that comes later is the second person's own name
create policy noted on public.service_moneyline for insert to minqing_app with check (
  made_by = (select access.proven('staff')::uuid) and second is null and exists (select from public.service_seat s where s.matter_id = service_moneyline.matter_id));
create policy signed on public.service_moneyline for update to minqing_app
  using (second is null and made_by <> (select access.proven('staff')::uuid) and exists (select from public.service_seat s where s.matter_id = service_moneyline.matter_id))
  with check (second = (select access.proven('staff')::uuid));
grant insert, update (second, second_at) on public.service_moneyline to minqing_app;
-- a reversal has the kind, the amount and the matter of what it takes back
create function access.check_reversal() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select 1 from public.service_moneyline o where o.id = new.reverses_id and o.matter_id = new.matter_id and o.kind = new.kind and o.amount = new.amount and o.reverses_id is null) then
    raise exception 'a reversal repeats the line it takes back' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger check_reversal before insert on public.service_moneyline for each row when (new.reverses_id is not null) execute function access.check_reversal();

-- Offers --------------------------------------------------------------------------------------------------------------------
call access.protect_area_table('public.service_offer');
call access.protect_area_table('public.service_offerreason', 'sensitive', 'sensitive');
call access.protect_area_table('public.service_benefit', 'sensitive', 'sensitive');
grant select on public.service_offer, public.service_offerreason, public.service_benefit to minqing_app;
grant update (state, told_at, told_how, why, again_on, matter_id, changed_by, changed_at, act, before) on public.service_offer to minqing_app;
grant select, insert, update on public.service_offer, public.service_offerreason, public.service_benefit to minqing_guard;
call access.keep('public.service_offer', 'id', 'person_id', 'rule', 'cycle', 'sensitive');

-- The fields of the file that the item of this errand names, of the person of this errand, while it runs: to the desk that has it
-- and to the agent who took it. Level 4 only where the item says so and on what basis. Every call is a crossing.
create function access.fields_for_errand(matter uuid, fields text[]) returns table (field text, value text, envelope bytea, row_id uuid, said jsonb)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  e public.service_errand;
  i public.service_catalogueitem;
begin
  select x.* into e from public.service_errand x join public.service_matter m on m.id = x.matter_id
   where x.matter_id = fields_for_errand.matter
     and m.state in ('submitted', 'accepted', 'dispatched', 'processing', 'return_pending', 'extend_pending', 'suspend_pending', 'suspended', 'redo');
  if e.id is null or e.person_id is null or not (
       access.sits(fields_for_errand.matter, '{home,lead}', 'matters')
       or (e.agent_state = 'accepted' and e.agent = access.claim('staff')::uuid and access.sits(fields_for_errand.matter, '{agent}', ''))
       or (access.sits(fields_for_errand.matter, '{first}', '')
           and exists (select 1 from public.archives_placement p where p.person_id = e.person_id and p.ends_on is null and access.scope('people') @> p.grid_code::text))) then
    raise exception 'no running errand of yours' using errcode = 'insufficient_privilege';
  end if;
  select x.* into i from public.service_catalogueitem x where x.id = e.item_id;
  if not fields_for_errand.fields <@ array(select f ->> 'field' from jsonb_array_elements(i.fields) f union select f ->> 'held' from jsonb_array_elements(i.materials) f) then
    raise exception 'the item does not need these fields' using errcode = 'insufficient_privilege';
  end if;
  if exists (select 1 from unnest(fields_for_errand.fields) f
              where split_part(f, '.', 1) in ('health', 'disability', 'relief') and (i.basis = '' or not i.sensitive @> array[split_part(f, '.', 1)::varchar])) then
    raise exception 'no basis for these fields' using errcode = 'insufficient_privilege';
  end if;
  perform access.note('crossing.errand_fields', array[e.person_id], '{}', jsonb_build_object('matter', fields_for_errand.matter, 'item', i.code, 'fields', to_jsonb(fields_for_errand.fields)));
  return query
    with home as (
      select m.household_id, m.relation, m.sources from public.archives_membership m
       where m.person_id = e.person_id and m.ends_on is null and m.voided_at is null order by m.by = 'registration' desc limit 1
    )
    select f.name, case when f.name in ('resident.id_number', 'resident.phone', 'resident.emergency_phone') then null else to_jsonb(r) ->> split_part(f.name, '.', 2) end,
           case f.name when 'resident.id_number' then r.id_cipher when 'resident.phone' then r.phone_cipher when 'resident.emergency_phone' then r.emergency_cipher end,
           r.id, r.sources -> split_part(f.name, '.', 2)
      from unnest(fields_for_errand.fields) f(name) join public.archives_resident r on r.id = e.person_id
     where f.name like 'resident.%'
       and f.name in ('resident.name', 'resident.former_name', 'resident.sex', 'resident.birth_date', 'resident.id_kind', 'resident.id_number', 'resident.ethnicity', 'resident.hometown',
         'resident.registered_address', 'resident.registration_kind', 'resident.living_address', 'resident.phone', 'resident.emergency_name', 'resident.emergency_phone', 'resident.marriage',
         'resident.education', 'resident.school', 'resident.political', 'resident.employment', 'resident.workplace', 'resident.pension_status', 'resident.pension_benefit', 'resident.medical_kind',
         'resident.medical_status', 'resident.medical_year')
    union all
    select f.name, to_jsonb(h) ->> split_part(f.name, '.', 2), null, h.id, h.sources -> split_part(f.name, '.', 2)
      from unnest(fields_for_errand.fields) f(name), home x join public.archives_household h on h.id = x.household_id
     where f.name in ('household.number', 'household.head_name', 'household.address', 'household.members_count')
    union all
    select f.name, x.relation::text, null, e.person_id, x.sources -> 'relation'
      from unnest(fields_for_errand.fields) f(name), home x where f.name = 'membership.relation'
    union all
    select f.name, to_jsonb(d) ->> split_part(f.name, '.', 2), null, d.id, d.sources -> split_part(f.name, '.', 2)
      from unnest(fields_for_errand.fields) f(name), home x
      join public.archives_household h on h.id = x.household_id join public.archives_dwelling d on d.id = h.dwelling_id and d.voided_at is null
     where f.name in ('dwelling.address', 'dwelling.floor_area', 'dwelling.plot_area', 'dwelling.floors', 'dwelling.built_year', 'dwelling.title_no')
    union all
    select f.name, null, s.payload, s.id, coalesce(s.sources -> '_', s.sources -> 'payload', s.sources -> 'content')
      from unnest(fields_for_errand.fields) f(name)
      join lateral (
        select y.id, y.payload, y.sources, y.code, 'health' as kind from public.archives_health y where y.person_id = e.person_id and y.ends_on is null and y.voided_at is null
        union all select y.id, y.payload, y.sources, y.code, 'disability' from public.archives_disability y where y.person_id = e.person_id and y.ends_on is null and y.voided_at is null
        union all select y.id, y.payload, y.sources, y.code, 'relief' from public.archives_relief y where y.person_id = e.person_id and y.ends_on is null and y.voided_at is null
      ) s on s.kind = split_part(f.name, '.', 1) and s.code = split_part(f.name, '.', 2);
end $$;

-- What closing means for whom it was done: the benefit is recorded, the offer is done; given up, the offer is open again.
create function access.settle_errand() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if new.state = 'closed' then
    insert into public.service_benefit (id, grid_code, person_id, item, name, got_on, matter_id)
    select gen_random_uuid(), access.home_grid(e.person_id), e.person_id, i.code, i.name, (e.delivered_at at time zone 'Asia/Shanghai')::date, new.id
      from public.service_errand e join public.service_catalogueitem i on i.id = e.item_id
     where e.matter_id = new.id and e.person_id is not null and e.delivered_at is not null and new.outcome in ('solved', 'partly') and access.home_grid(e.person_id) is not null
    on conflict (matter_id) do nothing;
    update public.service_offer o set state = case when e.delivered_at is not null and new.outcome in ('solved', 'partly') then 'done' else 'told' end,
           done_on = (e.delivered_at at time zone 'Asia/Shanghai')::date
      from public.service_errand e where e.matter_id = new.id and o.id = e.offer_id and o.state = 'opened';
  else
    update public.service_offer o set state = 'told', matter_id = null where o.matter_id = new.id and o.state = 'opened';
  end if;
  return null;
end $$;
create trigger settle_errand after update of state on public.service_matter for each row
  when (new.kind = 'errand' and new.state in ('closed', 'withdrawn', 'rejected', 'transferred') and old.state is distinct from new.state) execute function access.settle_errand();

-- The evening: one village at a time, in the name of nobody, who sees nothing: these functions alone look and write ------------
create function access.evening_villages() returns table (village text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select a.code::text from public.access_area a where a.level = 'village' and a.closed_on is null order by a.code $$;

create function access.enter_evening(village text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  claim jsonb;
begin
  if not exists (select 1 from public.access_area a where a.code = enter_evening.village and a.level = 'village' and a.closed_on is null) then
    raise exception 'no such village' using errcode = 'invalid_authorization_specification';
  end if;
  claim := jsonb_build_object('staff', null, 'number', '', 'name', '政策找人', 'session', null, 'purpose', 'policies', 'origin', 'evening', 'appointments', '[]'::jsonb,
             'area', enter_evening.village, 'department', '', 'rights', '{}'::jsonb, 'village', enter_evening.village, 'until', extract(epoch from clock_timestamp() + interval '10 minutes'));
  perform access.install(claim);
  return claim;
end $$;

-- The rules that hold in a village on a day: of each code the narrowest area's. (Run by the functions below only.)
create function access.policy_rules(village text, on_day date) returns setof public.service_policyrule
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select x.* from (
    select distinct on (r.code) r.* from public.service_policyrule r
     where r.ended_at is null and (r.area_code = '' or starts_with(policy_rules.village, r.area_code))
     order by r.code, length(r.area_code) desc) x
   where not x.off and (x.starts_on is null or x.starts_on <= policy_rules.on_day) and (x.ends_on is null or x.ends_on >= policy_rules.on_day)
$$;

-- Whom a village answers for: the living whose place is here (a member of a household before registered before living).
create function access.offer_people(village text) returns table (
  person uuid, grid text, born date, precise text, sources jsonb, medical_status text, medical_year text, pension_status text, pension_benefit text, at_home boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with here as materialized (
    select distinct on (p.person_id) p.person_id, p.grid_code, case p.why when 'member' then 1 when 'registered' then 2 else 3 end as rank
      from public.archives_placement p
     where p.grid_code >= offer_people.village and p.grid_code < offer_people.village || ':' and p.ends_on is null
     order by p.person_id, rank, p.grid_code
  )
  select r.id, h.grid_code::text, r.birth_date, r.birth_precision::text, r.sources, r.medical_status::text, r.medical_year::text, r.pension_status::text, r.pension_benefit::text,
         r.living_elsewhere = '' and r.residence_match not in ('02', '03')
    from here h
    join public.archives_resident r on r.id = h.person_id and r.alive and r.voided_at is null and r.left_on is null and r.birth_date is not null
   where not exists (select 1 from public.archives_placement q where q.person_id = h.person_id and q.ends_on is null and left(q.grid_code, 12) <> offer_people.village
                        and (case q.why when 'member' then 1 when 'registered' then 2 else 3 end, q.grid_code::text) < (h.rank, h.grid_code::text))
$$;

-- Person × rule, with the reasons: each condition's field, its value, from whom, of when. The same as entitlements.meets says.
create function access.policy_matches(village text, on_day date) returns table (person uuid, grid text, rule text, cycle text, due date, reason jsonb)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  with rules as materialized (
    select r.*, on_day - r.back_days as first_day, (date_trunc('month', on_day) + interval '1 month - 1 day')::date + r.ahead_days as last_day,
           case when r.kind in ('age', 'id_card') then r.age::text when r.again = 'year' then to_char(on_day, 'YYYY') when r.again = 'month' then to_char(on_day, 'YYYY-MM') else '' end as round
      from access.policy_rules(policy_matches.village, on_day) r where not r.sensitive
  ), people as materialized (
    select * from access.offer_people(policy_matches.village)
  ), spouses as materialized (
    select p.person, max(o.died_on) as died_on
      from people p
      join public.archives_kinship k on k.kind = 'spouse' and k.voided_at is null and (k.person_id = p.person)
      join public.archives_resident o on o.id = k.relative_id and not o.alive and o.died_on between on_day - 180 and on_day
     group by 1
    union all
    select p.person, max(o.died_on)
      from people p
      join public.archives_kinship k on k.kind = 'spouse' and k.voided_at is null and (k.relative_id = p.person)
      join public.archives_resident o on o.id = k.person_id and not o.alive and o.died_on between on_day - 180 and on_day
     group by 1
  ), alone as materialized (
    select m.person_id as person, h.sources, h.updated_at
      from public.archives_household h
      join public.archives_membership m on m.household_id = h.id and m.ends_on is null and m.voided_at is null
     where h.grid_code >= policy_matches.village and h.grid_code < policy_matches.village || ':' and h.home_count = 1 and h.voided_at is null and h.state <> 'dissolved'
  )
  select p.person, p.grid, r.code::text, r.round,
         d.due,
         case when r.kind = 'bereaved' then jsonb_build_array(jsonb_build_object('field', 'spouse_died_on', 'value', d.due))
              when r.kind = 'alone' then jsonb_build_array(
                jsonb_build_object('field', 'birth_date', 'value', p.born, 'from', p.sources -> 'birth_date' ->> 'from', 'on', p.sources -> 'birth_date' ->> 'on'),
                jsonb_build_object('field', 'home_count', 'value', 1))
              when r.kind in ('uninsured', 'newborn') then jsonb_build_array(
                jsonb_build_object('field', 'medical_status', 'value', p.medical_status, 'from', p.sources -> 'medical_status' ->> 'from', 'on', p.sources -> 'medical_status' ->> 'on'))
                || case when r.kind = 'newborn' then jsonb_build_array(jsonb_build_object('field', 'birth_date', 'value', p.born, 'from', p.sources -> 'birth_date' ->> 'from', 'on', p.sources -> 'birth_date' ->> 'on'))
                        when p.medical_year <> '' then jsonb_build_array(jsonb_build_object('field', 'medical_year', 'value', p.medical_year, 'from', p.sources -> 'medical_year' ->> 'from', 'on', p.sources -> 'medical_year' ->> 'on'))
                        else '[]'::jsonb end
              when r.kind = 'pension' then jsonb_build_array(
                jsonb_build_object('field', 'birth_date', 'value', p.born, 'from', p.sources -> 'birth_date' ->> 'from', 'on', p.sources -> 'birth_date' ->> 'on'),
                jsonb_build_object('field', 'pension_benefit', 'value', p.pension_benefit, 'from', p.sources -> 'pension_benefit' ->> 'from', 'on', p.sources -> 'pension_benefit' ->> 'on'))
              else jsonb_build_array(jsonb_build_object('field', 'birth_date', 'value', p.born, 'from', p.sources -> 'birth_date' ->> 'from', 'on', p.sources -> 'birth_date' ->> 'on')) end
    from rules r
    cross join people p
    left join spouses s on r.kind = 'bereaved' and s.person = p.person
    cross join lateral (select (p.born + make_interval(years => coalesce(r.age, 0)::integer))::date
                               + case when extract(month from p.born) = 2 and extract(day from p.born) = 29 and extract(day from p.born + make_interval(years => coalesce(r.age, 0)::integer)) = 28 then 1 else 0 end as day) t
    cross join lateral (select case r.kind
      when 'age' then case when p.precise <> 'year' and t.day between r.first_day and r.last_day then t.day end
      when 'id_card' then case when p.precise <> 'year' and t.day between r.first_day and r.last_day then t.day end
      when 'newborn' then case when p.born between on_day - 90 and on_day
          and p.medical_status in ('', '未参保', '暂停参保', '停保', '中断', '中断参保', '终止参保', '未缴费', '欠费', '断保') then p.born end
      when 'uninsured' then case when p.born < on_day - 90
          and (p.medical_status in ('未参保', '暂停参保', '停保', '中断', '中断参保', '终止参保', '未缴费', '欠费', '断保')
               or (p.medical_status <> '' and p.medical_year ~ '^[0-9]+$' and p.medical_year < to_char(on_day, 'YYYY'))) then on_day end
      when 'pension' then case when t.day <= on_day and p.pension_status not in ('', '未参保', '暂停参保', '停保', '中断', '中断参保', '终止参保', '未缴费', '欠费', '断保')
          and p.pension_benefit not in ('', '正常领取', '领取中', '正常享受', '享受中', '已领取', '正常发放', '待遇领取') then t.day end
      when 'bereaved' then s.died_on
      when 'alone' then case when t.day <= on_day and p.at_home and p.person in (select a.person from alone a) then t.day end
      end as due) d
   where d.due is not null
$$;

-- Make the list of a village: new offers, those whose day of asking again has come, those that hold no more. Returns how many are new.
create function access.find_offers(village text, on_day date) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  made integer;
begin
  if access.proven('village') is distinct from find_offers.village then
    raise exception 'not this village' using errcode = 'insufficient_privilege';
  end if;
  with matches as materialized (
    select distinct on (x.person, x.rule, x.cycle) x.* from access.policy_matches(find_offers.village, find_offers.on_day) x order by x.person, x.rule, x.cycle, x.due desc
  ), gone as (
    update public.service_offer o set state = 'gone', changed_at = clock_timestamp(), changed_by = null
     where o.grid_code >= find_offers.village and o.grid_code < find_offers.village || ':' and o.state in ('found', 'told') and not o.sensitive
       and not exists (select 1 from matches m where m.person = o.person_id and m.rule = o.rule)
       -- an age that was reached stays reached: such an offer goes with the person, or with its rule
       and (not coalesce((select r.kind in ('age', 'id_card') from access.policy_rules(find_offers.village, find_offers.on_day) r where r.code = o.rule), false)
            or not exists (select 1 from public.archives_resident x where x.id = o.person_id and x.alive and x.voided_at is null and x.left_on is null))
  ), back as (
    update public.service_offer o set state = 'found', again_on = null, changed_at = clock_timestamp(), changed_by = null
     where o.grid_code >= find_offers.village and o.grid_code < find_offers.village || ':' and not o.sensitive
       and (o.state = 'declined' and o.again_on <= find_offers.on_day or o.state = 'gone')
       and exists (select 1 from matches m where m.person = o.person_id and m.rule = o.rule and m.cycle = o.cycle)
  ), moved as (
    update public.service_offer o set grid_code = m.grid
      from matches m where m.person = o.person_id and m.rule = o.rule and m.cycle = o.cycle and o.grid_code <> m.grid and o.state in ('found', 'told', 'declined')
  )
  insert into public.service_offer (id, grid_code, person_id, rule, cycle, sensitive, reason, due_on, found_on, state, told_how, why, before)
  select gen_random_uuid(), m.grid, m.person, m.rule, m.cycle, false, m.reason, m.due, find_offers.on_day, 'found', '', '', '{}' from matches m
  on conflict (person_id, rule, cycle) where rule <> '' do nothing;
  get diagnostics made = row_count;
  if made > 0 then
    perform access.note('policies.evening', '{}', '{}', jsonb_build_object('village', find_offers.village, 'n', made));
  end if;
  return made;
end $$;

-- Conditions of level 4: the envelopes of this village's certificates, for the program to open and compare; nothing else of anybody.
create function access.sensitive_cases(village text, on_day date) returns table (person uuid, rule text, cycle text, row_id uuid, envelope bytea, said jsonb)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if access.proven('village') is distinct from sensitive_cases.village then
    raise exception 'not this village' using errcode = 'insufficient_privilege';
  end if;
  return query
    select d.person_id, r.code::text, case when r.again = 'year' then to_char(sensitive_cases.on_day, 'YYYY') when r.again = 'month' then to_char(sensitive_cases.on_day, 'YYYY-MM') else '' end,
           d.id, d.payload, coalesce(d.sources -> '_', d.sources -> 'payload', d.sources -> 'content')
      from access.policy_rules(sensitive_cases.village, sensitive_cases.on_day) r
      join access.offer_people(sensitive_cases.village) p on true
      join public.archives_disability d on d.person_id = p.person and d.code = 'certificate' and d.ends_on is null and d.voided_at is null
     where r.kind = 'disability';
end $$;

-- What came of it: [{"person", "rule", "cycle", "reason"}]. Those who were found and are not named any more go.
create function access.add_sensitive_offers(village text, on_day date, cases jsonb) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  made integer := 0;
  c record;
  n uuid;
begin
  if access.proven('village') is distinct from add_sensitive_offers.village then
    raise exception 'not this village' using errcode = 'insufficient_privilege';
  end if;
  for c in select p.person, p.grid, x.rule, x.cycle, x.reason
             from jsonb_to_recordset(add_sensitive_offers.cases) as x(person uuid, rule text, cycle text, reason jsonb)
             join access.offer_people(add_sensitive_offers.village) p on p.person = x.person
             join access.policy_rules(add_sensitive_offers.village, add_sensitive_offers.on_day) r on r.code = x.rule and r.sensitive
            where not exists (select 1 from public.service_offerreason o where o.person_id = x.person and o.rule = x.rule and o.cycle = x.cycle) loop
    n := gen_random_uuid();
    insert into public.service_offer (id, grid_code, person_id, rule, cycle, sensitive, reason, due_on, found_on, state, told_how, why, before)
    values (n, c.grid, c.person, '', '', true, '[]', add_sensitive_offers.on_day, add_sensitive_offers.on_day, 'found', '', '', '{}');
    insert into public.service_offerreason (id, grid_code, offer_id, person_id, rule, cycle, reason) values (gen_random_uuid(), c.grid, n, c.person, c.rule, c.cycle, c.reason);
    made := made + 1;
  end loop;
  update public.service_offer o set state = 'gone', changed_at = clock_timestamp(), changed_by = null
   where o.grid_code >= add_sensitive_offers.village and o.grid_code < add_sensitive_offers.village || ':' and o.sensitive and o.state in ('found', 'told')
     and not exists (select 1 from public.service_offerreason y join jsonb_to_recordset(add_sensitive_offers.cases) as x(person uuid, rule text) on x.person = y.person_id and x.rule = y.rule where y.offer_id = o.id);
  update public.service_offer o set state = 'found', again_on = null
   where o.grid_code >= add_sensitive_offers.village and o.grid_code < add_sensitive_offers.village || ':' and o.sensitive
     and (o.state = 'declined' and o.again_on <= add_sensitive_offers.on_day or o.state = 'gone')
     and exists (select 1 from public.service_offerreason y join jsonb_to_recordset(add_sensitive_offers.cases) as x(person uuid, rule text, cycle text)
                   on x.person = y.person_id and x.rule = y.rule and x.cycle = y.cycle where y.offer_id = o.id);
  return made;
end $$;

-- For a town: how many, by village, policy and state. No names, and of policies with a level-4 condition not which.
create function access.offer_figures(area text) returns table (village text, rule text, state text, n integer)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if coalesce(offer_figures.area, '') = '' or length(offer_figures.area) not in (9, 12) or not access.scope('figures') @> offer_figures.area then
    raise exception 'no right to these figures' using errcode = 'insufficient_privilege';
  end if;
  return query
    select left(o.grid_code, 12)::text, o.rule::text, o.state::text, count(*)::integer
      from public.service_offer o
     where o.grid_code >= offer_figures.area and o.grid_code < offer_figures.area || ':'
     group by 1, 2, 3;
end $$;
