-- Volunteer teams: who sees what of them, and the doors through which a request, a swap, an introduction moves. DESIGN §4; ADR 11.
--
-- Invariants: a team's rows are seen by the village's own secretary (who accepts its matters and appoints there) and by the team's lead while
-- he holds a post there, and by nobody else; the lead of another team sees none of them. A lead is handed name, door and telephone of whom
-- his team was asked to help, never a file; what a medicine check says is written by the team and read with the right to sensitive fields
-- alone. One person stands in one shift at a time, whatever team or village. An introduction is deleted, not marked.

-- A team itself: read by whoever takes down what is asked in the village, so that he knows whom one can ask for.
alter table public.service_team enable row level security;
alter table public.service_team force row level security;
create policy guard on public.service_team to minqing_guard using (true) with check (true);
create policy read on public.service_team for select to minqing_app using ((select access.scope('intake')) @> area_code);
create policy add on public.service_team for insert to minqing_app with check (
  (select access.scope('dispatch')) @> area_code and (select access.scope('appoint')) @> area_code and made_by = (select access.proven('staff')::uuid));
create policy change on public.service_team for update to minqing_app using ((select access.scope('dispatch')) @> area_code and (select access.scope('appoint')) @> area_code)
  with check ((select access.scope('dispatch')) @> area_code and (select access.scope('appoint')) @> area_code);
grant select, insert, update (name, grids, skills, lead, note, ended_at) on public.service_team to minqing_app;
grant select on public.service_team to minqing_guard;
call access.keep('public.service_team', 'id', 'area_code', 'made_by');

-- What belongs to a team: the secretary's, and its lead's.
do $$
declare
  t text;
  secretary text := '(select access.scope(''dispatch'')) @> area_code and (select access.scope(''appoint'')) @> area_code';
  lead text := 'exists (select from public.service_team x where x.id = team_id and x.lead = (select access.proven(''staff'')::uuid) and x.ended_at is null)';
begin
  foreach t in array array['service_teammember', 'service_teamshift', 'service_shiftswap', 'service_activity', 'service_activitypart', 'service_pairing', 'service_care', 'service_introduction', 'service_hourline'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy team_read on public.%I for select to minqing_app using (%s or %s)', t, secretary, lead);
    execute format('create policy team_add on public.%I for insert to minqing_app with check ((%s or %s) and made_by = (select access.proven(''staff'')::uuid))', t, secretary, lead);
    execute format('create policy team_change on public.%I for update to minqing_app using (%s or %s) with check (%s or %s)', t, secretary, lead, secretary, lead);
    execute format('grant select, insert on public.%I to minqing_app', t);
    execute format('grant select on public.%I to minqing_guard', t);
    execute format('call access.keep(%L, ''id'', ''area_code'', ''team_id'', ''made_by''%s)', 'public.' || t, case t
      when 'service_introduction' then ', ''seeker_born'', ''giver_born'', ''opened_on'''
      when 'service_teamshift' then ', ''starts_at'', ''ends_at'', ''kind'''
      when 'service_shiftswap' then ', ''shift_id'', ''return_shift_id'', ''taker_id'''
      when 'service_care' then ', ''pairing_id'', ''kind'', ''by_clock'''
      else '' end);
  end loop;
end $$;
-- who is in a team is the secretary's word: nobody takes somebody else's volunteer into his own team and reads his telephone there
create policy team_names on public.service_teammember as restrictive for insert to minqing_app with check ((select access.scope('dispatch')) @> area_code and (select access.scope('appoint')) @> area_code);
grant update (left_on) on public.service_teammember to minqing_app;
grant update (attended_at, cancelled_at, why) on public.service_teamshift to minqing_app;
grant update (giver_agreed_at, giver_how, taker_agreed_at, taker_how, refused_at) on public.service_shiftswap to minqing_app;
grant update (title, place, starts_at, ends_at, served, result, held_at, cancelled_at) on public.service_activity to minqing_app;
grant update (services, volunteer_id, contact_cipher, ends_on, why, health_consented_on) on public.service_pairing to minqing_app;
grant update (state, held_on, note_cipher, due_on, plan_cipher) on public.service_care to minqing_app;
grant update (seeker_consented_on, seeker_how, giver_consented_on, giver_how, made_on, outcome) on public.service_introduction to minqing_app;
grant update (volunteer_id, who, cancelled_at, why) on public.service_teamshift to minqing_guard;
grant update (done_at) on public.service_shiftswap to minqing_guard;
grant update (look_on, person_id) on public.service_pairing to minqing_guard;
grant insert, update (state, held_on) on public.service_care to minqing_guard;
grant update (person_id) on public.service_activitypart to minqing_guard;
grant delete on public.service_introduction to minqing_guard;

-- The village of a row is its team's, whatever the statement says; what it hangs on belongs to the same team.
create function access.team_row() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  said jsonb := to_jsonb(new);
  today date := (clock_timestamp() at time zone 'Asia/Shanghai')::date;
begin
  new.area_code := (select t.area_code from public.service_team t where t.id = new.team_id and t.ended_at is null);
  if new.area_code is null
     or (tg_table_name = 'service_teammember' and not exists (select 1 from public.service_volunteer v where v.id = (said ->> 'volunteer_id')::uuid and v.area_code = new.area_code and v.left_on is null))
     or (tg_table_name <> 'service_teammember' and said ->> 'volunteer_id' is not null
         and not exists (select 1 from public.service_teammember m where m.team_id = new.team_id and m.volunteer_id = (said ->> 'volunteer_id')::uuid and m.left_on is null))
     or (said ? 'taker_id' and not exists (select 1 from public.service_teammember m where m.team_id = new.team_id and m.volunteer_id = (said ->> 'taker_id')::uuid and m.left_on is null))
     or (said ? 'shift_id' and not exists (select 1 from public.service_teamshift s where s.id = (said ->> 'shift_id')::uuid and s.team_id = new.team_id))
     or (said ->> 'return_shift_id' is not null and not exists (select 1 from public.service_teamshift s where s.id = (said ->> 'return_shift_id')::uuid and s.team_id = new.team_id and s.volunteer_id = (said ->> 'taker_id')::uuid))
     or (said ? 'activity_id' and not exists (select 1 from public.service_activity a where a.id = (said ->> 'activity_id')::uuid and a.team_id = new.team_id))
     or (said ? 'pairing_id' and not exists (select 1 from public.service_pairing p where p.id = (said ->> 'pairing_id')::uuid and p.team_id = new.team_id))
     or (said ? 'place_code' and not starts_with(said ->> 'place_code', new.area_code)) then
    raise exception 'not of this team' using errcode = 'check_violation';
  end if;
  -- the days of an introduction are the database's: nobody makes one last longer, or a child older
  if tg_table_name = 'service_introduction' then
    new.opened_on := today;
    new.made_on := null;
    new.outcome := '';
    new.erase_on := today + 90;
  end if;
  return new;
end $$;

-- Who stands in a shift, as the same person is known in every team.
create function access.shift_person() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  new.who := (select coalesce(v.person_id, v.who) from public.service_volunteer v where v.id = new.volunteer_id and v.left_on is null);
  if new.who is null then
    raise exception 'no such volunteer' using errcode = 'check_violation';
  end if;
  return new;
end $$;

-- One person, one shift at a time. A range of one text stands for "the same person": no extension is needed.
alter table public.service_teamshift add constraint service_teamshift_once
  exclude using gist (access.codes(who::text, who::text, '[]') with &&, tstzrange(starts_at, ends_at) with &&) where (cancelled_at is null) deferrable initially immediate;
alter table public.service_introduction add constraint introduction_adults
  check (seeker_born <= (opened_on - interval '18 years')::date and giver_born <= (opened_on - interval '18 years')::date),
  add constraint introduction_erase check (erase_on = coalesce(made_on, opened_on) + 90 and made_on <= opened_on + 90);

-- A yes that was said is not unsaid or dated anew by an update; the day of bringing two together is the day it is noted, and counts anew from there.
create function access.introduction_said() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if old.seeker_consented_on is not null and old.seeker_consented_on is distinct from new.seeker_consented_on
     or old.giver_consented_on is not null and old.giver_consented_on is distinct from new.giver_consented_on
     or old.made_on is not null and old.made_on is distinct from new.made_on then
    raise exception 'what was said is not said anew' using errcode = 'insufficient_privilege';
  end if;
  if old.made_on is null and new.made_on is not null then
    new.made_on := (clock_timestamp() at time zone 'Asia/Shanghai')::date;
  end if;
  new.erase_on := coalesce(new.made_on, new.opened_on) + 90;
  return new;
end $$;
create trigger introduction_said before update on public.service_introduction for each row execute function access.introduction_said();

-- Volunteers: the secretary's, and of the leads of the teams they are in ------------------------------------------------------------
alter table public.service_volunteer enable row level security;
alter table public.service_volunteer force row level security;
create policy guard on public.service_volunteer to minqing_guard using (true) with check (true);
create policy team_read on public.service_volunteer for select to minqing_app using (
  (select access.scope('dispatch')) @> area_code and (select access.scope('appoint')) @> area_code
  or exists (select from public.service_teammember m join public.service_team x on x.id = m.team_id
              where m.volunteer_id = service_volunteer.id and m.left_on is null and x.lead = (select access.proven('staff')::uuid) and x.ended_at is null));
create policy add on public.service_volunteer for insert to minqing_app with check (
  (select access.scope('dispatch')) @> area_code and (select access.scope('appoint')) @> area_code and made_by = (select access.proven('staff')::uuid));
create policy change on public.service_volunteer for update to minqing_app using ((select access.scope('dispatch')) @> area_code and (select access.scope('appoint')) @> area_code)
  with check ((select access.scope('dispatch')) @> area_code and (select access.scope('appoint')) @> area_code);
grant select, insert, update (skills, contact_cipher, phone_digest, key_no, left_on) on public.service_volunteer to minqing_app;
grant select, update (person_id) on public.service_volunteer to minqing_guard;
call access.keep('public.service_volunteer', 'id', 'area_code', 'who', 'made_by', 'consented_on');

-- Requests: taken down by whoever may, then the secretary's and the lead's of the team that was asked ---------------------------------
alter table public.service_helprequest enable row level security;
alter table public.service_helprequest force row level security;
create policy guard on public.service_helprequest to minqing_guard using (true) with check (true);
create policy team_read on public.service_helprequest for select to minqing_app using (
  (select access.scope('dispatch')) @> area_code and (select access.scope('appoint')) @> area_code
  or exists (select from public.service_team x where x.id = team_id and x.lead = (select access.proven('staff')::uuid) and x.ended_at is null));
create policy taken on public.service_helprequest for insert to minqing_app with check (
  state = 'open' and team_id is null and shift_id is null and account is null and given_by is null and made_by = (select access.proven('staff')::uuid)
  and (select access.scope('intake')) @> area_code and (select access.scope('intake')) @> place_code
  and (matter_id is null or exists (select from public.service_seat s where s.matter_id = service_helprequest.matter_id and s.role in ('home', 'lead', 'first', 'agent') and not s.restricted)));
create policy own_read on public.service_helprequest for select to minqing_resident using (account = (select access.proven('account')::uuid));
grant select, insert on public.service_helprequest to minqing_app;
grant select (id, skill, state, wanted_from, wanted_to, made_at, account, ended_at) on public.service_helprequest to minqing_resident;
grant select, insert, update on public.service_helprequest to minqing_guard;
alter table public.service_helprequest add constraint help_place check (starts_with(place_code, area_code));

alter table public.service_helpstep enable row level security;
alter table public.service_helpstep force row level security;
create policy guard on public.service_helpstep to minqing_guard using (true) with check (true);
create policy team_read on public.service_helpstep for select to minqing_app using (exists (select from public.service_helprequest r where r.id = service_helpstep.request_id));
grant select on public.service_helpstep to minqing_app;
grant select, insert on public.service_helpstep to minqing_guard;

-- Medicines: the team writes what it saw; only the secretary reads it, with the right to sensitive fields ------------------------------
alter table public.service_medicinecheck enable row level security;
alter table public.service_medicinecheck force row level security;
create policy guard on public.service_medicinecheck to minqing_guard using (true) with check (true);
create policy sensitive_read on public.service_medicinecheck for select to minqing_app using (
  (select access.scope('sensitive')) @> area_code and (select access.scope('dispatch')) @> area_code and (select access.scope('appoint')) @> area_code);
create policy noted on public.service_medicinecheck for insert to minqing_app with check (
  superseded_at is null and made_by = (select access.proven('staff')::uuid)
  and exists (select from public.service_pairing p where p.id = pairing_id and p.area_code = service_medicinecheck.area_code and p.ends_on is null and p.health_consented_on is not null));
grant select, insert on public.service_medicinecheck to minqing_app;
grant select, update (superseded_at) on public.service_medicinecheck to minqing_guard;

-- The newest check stands alone; the household's next day follows it, and the task that asked for it is done.
create function access.medicine_checked() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.service_medicinecheck c set superseded_at = clock_timestamp() where c.pairing_id = new.pairing_id and c.id <> new.id and c.superseded_at is null;
  update public.service_pairing p set look_on = new.look_on where p.id = new.pairing_id;
  update public.service_care c set state = 'held', held_on = new.done_on where c.pairing_id = new.pairing_id and c.kind = 'medicine' and c.state = 'planned';
  return null;
end $$;
create trigger medicine_checked after insert on public.service_medicinecheck for each row execute function access.medicine_checked();

do $$
declare
  t text;
begin
  foreach t in array array['service_teammember', 'service_teamshift', 'service_shiftswap', 'service_activity', 'service_activitypart', 'service_pairing', 'service_introduction', 'service_hourline'] loop
    execute format('create trigger a_team_row before insert on public.%I for each row execute function access.team_row()', t);
  end loop;
end $$;
create trigger a_team_row before insert on public.service_care for each row execute function access.team_row();
create trigger b_shift_person before insert on public.service_teamshift for each row execute function access.shift_person();

-- Is it the caller's: the village's secretary, or the lead of this team? (Run by the functions below only.)
create function access.runs_team(area text, team uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select access.scope('dispatch') @> runs_team.area and access.scope('appoint') @> runs_team.area
      or exists (select 1 from public.service_team t where t.id = runs_team.team and t.lead = access.claim('staff')::uuid and t.ended_at is null and access.scope('intake') @> t.area_code::text)
$$;

-- One step of a request: rules/volunteers.HELP_MOVES, and who makes it. Returns 'ok', or why not.
create function access.move_help(request uuid, move text, team uuid, shift uuid, why jsonb, note bytea, step uuid) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  r public.service_helprequest;
  t public.service_team;
  target text;
  word text;
begin
  select x.* into r from public.service_helprequest x where x.id = request for update;
  if r.id is null or not access.runs_team(r.area_code, r.team_id) then
    return 'absent';
  end if;
  if not (move = 'give' and r.state = 'open' or move = 'accept' and r.state = 'given' or move = 'refuse' and r.state in ('given', 'accepted') or move = 'done' and r.state = 'accepted'
          or move = 'withdraw' and r.state in ('open', 'given', 'accepted')) then
    return 'stale';
  end if;
  -- which team helps whom, and that nobody need come any more, is the village's word
  if move in ('give', 'withdraw') and not (access.scope('dispatch') @> r.area_code::text and access.scope('appoint') @> r.area_code::text) then
    return 'absent';
  end if;
  select x.* into t from public.service_team x where x.id = coalesce(case when move = 'give' then team end, r.team_id);
  if move = 'give' then
    if t.id is null or t.area_code <> r.area_code or t.ended_at is not null then
      return 'team';
    end if;
    if t.lead is not null and exists (select 1 from public.service_matter m where m.id = r.matter_id and m.barred @> array[t.lead]) then
      return 'near';
    end if;
    if shift is not null and not exists (select 1 from public.service_teamshift s where s.id = shift and s.team_id = t.id and s.cancelled_at is null and s.ends_at > clock_timestamp()) then
      return 'shift';
    end if;
  end if;
  target := case move when 'give' then 'given' when 'accept' then 'accepted' when 'refuse' then 'open' when 'done' then 'done' else 'withdrawn' end;
  begin
    update public.service_helprequest x
       set state = target, team_id = case when move = 'give' then t.id when move = 'refuse' then null else x.team_id end,
           shift_id = case when move = 'give' then shift when move = 'refuse' then null else x.shift_id end,
           why = case when move = 'give' then coalesce(why, '[]') when move = 'refuse' then '[]' else x.why end,
           given_by = case when move = 'give' then access.claim('staff')::uuid when move = 'refuse' then null else x.given_by end,
           given_at = case when move = 'give' then clock_timestamp() when move = 'refuse' then null else x.given_at end,
           ended_at = case when move in ('done', 'withdraw') then clock_timestamp() end
     where x.id = request;
  exception when unique_violation then
    return 'shift_taken';
  end;
  insert into public.service_helpstep (id, request_id, at, move, staff, team_name, note_cipher) values (step, request, clock_timestamp(), move, access.claim('staff')::uuid, coalesce(t.name, ''), note);
  word := 'help.' || move;
  perform access.note(word, case when r.person_id is null then '{}' else array[r.person_id] end, '{}', jsonb_build_object('help', request, 'team', t.id));
  return 'ok';
end $$;

-- A request is taken down: its first step. (As the row itself, which only he may insert who may.)
create function access.help_asked() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.service_helpstep (id, request_id, at, move, staff, team_name) values (gen_random_uuid(), new.id, new.made_at, 'ask', new.made_by, '');
  return null;
end $$;
create trigger help_asked after insert on public.service_helprequest for each row execute function access.help_asked();

-- A resident asks for himself, or for whom he acts. The place is the file's, at most ten a day.
create function access.ask_help(id uuid, person uuid, skill text, words bytea, contact bytea, since date, until date) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  place text := access.home_grid(person);
begin
  if not person = any (access.own_persons()) or place is null or access.claim('account') is null then
    raise exception 'nobody for whom you may ask' using errcode = 'insufficient_privilege';
  end if;
  if (select count(*) from public.service_helprequest r where r.account = access.claim('account')::uuid and r.made_at > clock_timestamp() - interval '1 day') >= 10 then
    return false;
  end if;
  insert into public.service_helprequest (id, area_code, place_code, skill, state, source, person_id, account, contact_cipher, words_cipher, wanted_from, wanted_to, why, made_at)
  values (id, left(place, 12), place, skill, 'open', 'portal', person, access.claim('account')::uuid, contact, words, since, until, '[]', clock_timestamp());
  return true;
end $$;

-- For whoever has the matter from which it came: how far it is. No names, no words.
create function access.help_of_matter(matter uuid) returns table (id uuid, skill text, state text, team text, starts_at timestamptz, made_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not (access.sits(help_of_matter.matter, '{home,lead,joint}', 'matters') or access.sits(help_of_matter.matter, '{first,agent}', '')) then
    return;
  end if;
  return query
    select r.id, r.skill::text, r.state::text, coalesce(t.name, '')::text, s.starts_at, r.made_at
      from public.service_helprequest r left join public.service_team t on t.id = r.team_id left join public.service_teamshift s on s.id = r.shift_id
     where r.matter_id = help_of_matter.matter order by r.made_at;
end $$;

-- A swap is carried out: both have said yes. One statement, so that two who exchange never stand twice.
create function access.swap_shift(swap uuid) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  w public.service_shiftswap;
  a public.service_teamshift;
  b public.service_teamshift;
begin
  select x.* into w from public.service_shiftswap x where x.id = swap for update;
  if w.id is null or not access.runs_team(w.area_code, w.team_id) then
    return 'absent';
  end if;
  if w.done_at is not null or w.refused_at is not null then
    return 'stale';
  end if;
  if w.giver_agreed_at is null or w.taker_agreed_at is null then
    return 'agree';
  end if;
  perform 1 from public.service_teamshift x where x.id in (w.shift_id, w.return_shift_id) order by x.id for update;
  select x.* into a from public.service_teamshift x where x.id = w.shift_id;
  select x.* into b from public.service_teamshift x where x.id = w.return_shift_id;
  if a.cancelled_at is not null or a.starts_at <= clock_timestamp() or (b.id is not null and (b.cancelled_at is not null or b.starts_at <= clock_timestamp() or b.volunteer_id <> w.taker_id)) then
    return 'past';
  end if;
  if not exists (select 1 from public.service_teammember m where m.team_id = w.team_id and m.volunteer_id = w.taker_id and m.left_on is null) then
    return 'left';
  end if;
  begin
    update public.service_teamshift x
       set volunteer_id = case when x.id = a.id then w.taker_id else a.volunteer_id end,
           who = (select coalesce(v.person_id, v.who) from public.service_volunteer v where v.id = case when x.id = a.id then w.taker_id else a.volunteer_id end)
     where x.id in (a.id, b.id);
  exception when exclusion_violation then
    return 'clash';
  end;
  update public.service_shiftswap x set done_at = clock_timestamp() where x.id = swap;
  perform access.note('team.swap', '{}', '{}', jsonb_build_object('shift', a.id, 'other', b.id));
  return 'ok';
end $$;

-- Somebody takes his yes back: the introduction is gone at once.
create function access.withdraw_introduction(introduction uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  i public.service_introduction;
begin
  select x.* into i from public.service_introduction x where x.id = introduction;
  if i.id is null or not access.runs_team(i.area_code, i.team_id) then
    return false;
  end if;
  delete from public.service_introduction x where x.id = introduction;
  perform access.note('introduction.withdraw', '{}', '{}', jsonb_build_object('introduction', introduction));
  return true;
end $$;

-- What time brings, in nobody's name: who enters sees no row; the two functions below work alone ------------------------------------
create function access.enter_volunteers() returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  claim jsonb := jsonb_build_object('staff', null, 'number', '', 'name', '志愿服务到期', 'session', null, 'purpose', 'volunteers', 'origin', 'clock', 'appointments', '[]'::jsonb,
             'area', '', 'department', '', 'rights', '{}'::jsonb, 'volunteers', 'due', 'until', extract(epoch from clock_timestamp() + interval '10 minutes'));
begin
  perform access.install(claim);
  return claim;
end $$;

-- Households whose medicines are to be looked at by then, and for which nothing is arranged: a task each. Returns how many.
create function access.medicine_tasks(on_day date) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  n integer;
begin
  if coalesce(access.proven('volunteers'), '') <> 'due' then
    raise exception 'not the clock of volunteers' using errcode = 'insufficient_privilege';
  end if;
  insert into public.service_care (id, team_id, area_code, pairing_id, kind, state, due_on, by_clock, made_at)
  select gen_random_uuid(), p.team_id, p.area_code, p.id, 'medicine', 'planned', p.look_on, true, clock_timestamp()
    from public.service_pairing p join public.service_team t on t.id = p.team_id and t.ended_at is null
   where p.ends_on is null and p.look_on <= on_day and p.services @> array['medicine']::varchar[]
  on conflict (pairing_id) where kind = 'medicine' and state = 'planned' do nothing;
  get diagnostics n = row_count;
  if n > 0 then
    perform access.note('medicine.due', '{}', '{}', jsonb_build_object('n', n));
  end if;
  return n;
end $$;

-- Introductions whose day has come are deleted. Returns how many.
create function access.erase_introductions(on_day date) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  n integer;
begin
  if coalesce(access.proven('volunteers'), '') <> 'due' then
    raise exception 'not the clock of volunteers' using errcode = 'insufficient_privilege';
  end if;
  delete from public.service_introduction x where x.erase_on <= on_day;
  get diagnostics n = row_count;
  if n > 0 then
    perform access.note('introduction.erase', '{}', '{}', jsonb_build_object('n', n));
  end if;
  return n;
end $$;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p
            where p.pronamespace = 'access'::regnamespace and p.proname in ('team_row', 'introduction_said', 'shift_person', 'medicine_checked', 'runs_team', 'move_help', 'help_asked', 'ask_help', 'help_of_matter', 'swap_shift',
              'withdraw_introduction', 'enter_volunteers', 'medicine_tasks', 'erase_introductions') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.move_help(uuid, text, uuid, uuid, jsonb, bytea, uuid), access.help_of_matter(uuid), access.swap_shift(uuid), access.withdraw_introduction(uuid) to minqing_app;
grant execute on function access.ask_help(uuid, uuid, text, bytea, bytea, date, date) to minqing_resident;
grant execute on function access.enter_volunteers(), access.medicine_tasks(date), access.erase_introductions(date) to minqing_jobs;

-- two files become one (ADR 9)
call access.moves_with_person('public.service_volunteer', 'person_id');
call access.moves_with_person('public.service_helprequest', 'person_id');
call access.moves_with_person('public.service_pairing', 'person_id');
call access.moves_with_person('public.service_activitypart', 'person_id');
