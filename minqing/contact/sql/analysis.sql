-- The month's analysis, a grid's handover, mentoring and courses: who reads, who writes, whose yes is whose. DESIGN §4, domain.md §3.3, §4.9.
--
-- Invariants: an analysis belongs to its village (who arranges its contact and keeps files there; a town's: who arranges the town's contact); whoever
-- reads figures there reads the signed one and no draft; what is signed changes no more, words on its decisions are added. A yes to a handover or
-- to a pair is given by him whose it is, through a function. Who came to a course is read by himself and by who invited him.

do $$
declare
  t text;
  own text := '((select access.scope(''contact'')) @> area_code and (length(area_code) < 12 or (select access.scope(''people'')) @> area_code))';
  me text := '(select access.proven(''staff'')::uuid)';
begin
  foreach t in array array['contact_analysis', 'contact_finding', 'contact_decision', 'contact_decisionword', 'contact_handover', 'contact_handoveritem', 'contact_mentoring', 'contact_course', 'contact_coursesession', 'contact_courseseat'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('grant select on public.%I to minqing_app, minqing_guard', t);
  end loop;
  -- the analysis itself
  execute format('create policy own_read on public.contact_analysis for select to minqing_app using (%s)', own);
  execute 'create policy signed_read on public.contact_analysis for select to minqing_app using (signed_at is not null and (select access.scope(''figures'')) @> area_code)';
  execute format('create policy own_add on public.contact_analysis for insert to minqing_app with check (%s and drafted_by = %s and signed_at is null)', own, me);
  execute format('create policy own_change on public.contact_analysis for update to minqing_app using (%s and signed_at is null) with check (%s and (signed_at is null or signed_by = %s))', own, own, me);
  -- its sentences and decisions: as long as it is not signed
  foreach t in array array['contact_finding', 'contact_decision'] loop
    execute format('create policy own_read on public.%I for select to minqing_app using (%s)', t, own);
    execute format('create policy signed_read on public.%I for select to minqing_app using ((select access.scope(''figures'')) @> area_code
                      and exists (select from public.contact_analysis a where a.id = analysis_id and a.signed_at is not null))', t);
    execute format('create policy own_add on public.%I for insert to minqing_app with check (%s and exists (select from public.contact_analysis a where a.id = analysis_id and a.area_code = %I.area_code and a.signed_at is null)%s)',
                   t, own, t, case t when 'contact_decision' then ' and made_by = ' || me else '' end);
    execute format('create policy own_change on public.%I for update to minqing_app using (%s and exists (select from public.contact_analysis a where a.id = analysis_id and a.signed_at is null)) with check (%s)', t, own, own);
  end loop;
  -- words on a decision: added, by who keeps the analyses there
  execute format('create policy own_read on public.contact_decisionword for select to minqing_app using (%s)', own);
  execute format('create policy own_add on public.contact_decisionword for insert to minqing_app with check (%s and made_by = %s
                    and exists (select from public.contact_decision d where d.id = decision_id and d.area_code = contact_decisionword.area_code))', own, me);
  -- a handover: who keeps the grid's files, who arranges contact or appoints there, and the two people, also when one has gone
  execute format('create policy read on public.contact_handover for select to minqing_app using ((select access.scope(''people'')) @> area_code or (select access.scope(''appoint'')) @> area_code or giver = %s or taker = %s)', me, me);
  execute format('create policy add on public.contact_handover for insert to minqing_app with check (made_by = %s and length(area_code) >= 15 and gave_at is null and took_at is null and cancelled_at is null
                    and (((select access.scope(''contact'')) @> area_code and (select access.scope(''people'')) @> area_code) or (select access.scope(''appoint'')) @> area_code
                         or (taker = %s and (select access.scope(''people'')) @> area_code)))', me, me);
  execute format('create policy read on public.contact_handoveritem for select to minqing_app using ((select access.scope(''people'')) @> area_code or (select access.scope(''appoint'')) @> area_code
                    or exists (select from public.contact_handover h where h.id = handover_id and (h.giver = %s or h.taker = %s)))', me, me);
  execute format('create policy add on public.contact_handoveritem for insert to minqing_app with check (gave_at is null and took_at is null
                    and exists (select from public.contact_handover h where h.id = handover_id and h.area_code = contact_handoveritem.area_code and h.gave_at is null and h.took_at is null and h.cancelled_at is null
                                  and (h.made_by = %s or h.giver = %s or h.taker = %s)))', me, me, me);
  -- a pair: the two, and who arranges contact there
  execute format('create policy read on public.contact_mentoring for select to minqing_app using ((select access.scope(''contact'')) @> area_code or mentor = %s or newcomer = %s)', me, me);
  execute format('create policy add on public.contact_mentoring for insert to minqing_app with check ((select access.scope(''contact'')) @> area_code and made_by = %s and mentor_yes_at is null and newcomer_yes_at is null)', me);
  -- who came: himself and who invited him
  execute format('create policy read on public.contact_courseseat for select to minqing_app using (staff = %s or made_by = %s)', me, me);
  execute format('create policy add on public.contact_courseseat for insert to minqing_app with check (made_by = %s and came is null
                    and exists (select from public.contact_coursesession s where s.id = session_id and s.made_by = %s and s.area_code = contact_courseseat.area_code and s.cancelled_at is null))', me, me);
  execute format('create policy change on public.contact_courseseat for update to minqing_app using (made_by = %s) with check (made_by = %s)', me, me);
end $$;

-- Areas of which the caller's posts are part: his grid, village, town and county. Read by courses, which everybody there may know of.
create function access.my_areas() returns text[]
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(distinct left(a ->> 'area', n)), '{}') from jsonb_array_elements(access.proven() -> 'appointments') a, unnest(array[6, 9, 12, 15]) n where length(a ->> 'area') >= n
$$;

do $$
declare
  t text;
  here text := '((select access.scope(''contact'')) @> area_code or area_code = any ((select access.my_areas())::text[]))';
  mine text := '(select access.scope(''contact'')) @> area_code and made_by = (select access.proven(''staff'')::uuid)';
begin
  foreach t in array array['contact_course', 'contact_coursesession'] loop
    execute format('create policy read on public.%I for select to minqing_app using (%s)', t, here);
    execute format('create policy add on public.%I for insert to minqing_app with check (%s%s)', t, mine,
                   case t when 'contact_coursesession' then ' and exists (select from public.contact_course c where c.id = course_id and c.area_code = contact_coursesession.area_code)' else '' end);
    execute format('create policy change on public.%I for update to minqing_app using (%s) with check (%s)', t, mine, mine);
  end loop;
end $$;

call access.keep('public.contact_analysis', 'id', 'area_code', 'month');
call access.keep('public.contact_finding', 'id', 'area_code', 'analysis_id', 'section', 'key');
call access.keep('public.contact_decision', 'id', 'area_code', 'analysis_id', 'made_by', 'made_at');
call access.keep('public.contact_handover', 'id', 'area_code', 'giver', 'taker', 'made_by', 'made_at');
call access.keep('public.contact_handoveritem', 'id', 'area_code', 'handover_id', 'code');
call access.keep('public.contact_mentoring', 'id', 'area_code', 'mentor', 'newcomer', 'made_by', 'made_at');
call access.keep('public.contact_course', 'id', 'area_code', 'made_by', 'made_at');
call access.keep('public.contact_coursesession', 'id', 'area_code', 'course_id', 'made_by', 'made_at');
call access.keep('public.contact_courseseat', 'id', 'area_code', 'session_id', 'staff', 'made_by');
grant insert on public.contact_analysis, public.contact_finding, public.contact_decision, public.contact_decisionword, public.contact_handover, public.contact_handoveritem, public.contact_mentoring, public.contact_course,
  public.contact_coursesession, public.contact_courseseat to minqing_app;
grant update (figures, drafted_at, drafted_by, read_by, signed_at, signed_by) on public.contact_analysis to minqing_app;
grant update (position, drafted, base, rows, words_cipher, struck, version, edited_by, edited_at) on public.contact_finding to minqing_app;
grant update (payload, due_on, withdrawn_at) on public.contact_decision to minqing_app;
grant update (title, subject, material, file_name, file_cipher, ended_at) on public.contact_course to minqing_app;
grant update (starts_at, ends_at, place, teacher, cancelled_at) on public.contact_coursesession to minqing_app;
grant update (came) on public.contact_courseseat to minqing_app;

-- One yes (or taking it back) of one of the two: to one thing, or with `item` null to the whole, which needs every single one first.
-- For a giver who works there no more, who arranges contact or appoints there gives it. Returns 'done', or why not: 'items', 'order', 'signed', 'not yours'.
create function access.hand_over(handover uuid, item uuid, side text, yes boolean, remarks bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  h public.contact_handover;
  caller uuid := access.proven('staff')::uuid;
  manages boolean;
  gone boolean;
begin
  select x.* into h from public.contact_handover x where x.id = handover for update;
  manages := (access.scope('contact') @> h.area_code::text and access.scope('people') @> h.area_code::text) or access.scope('appoint') @> h.area_code::text;
  if h.id is null or not (coalesce(h.giver = caller, false) or h.taker = caller or manages) then
    return 'not yours';
  end if;
  gone := h.giver is null or not exists (select from public.access_appointment a join public.access_staff s on s.id = a.staff_id
            where a.staff_id = h.giver and starts_with(a.area_code, left(h.area_code, 12)) and a.starts_at <= clock_timestamp() and (a.ends_at is null or a.ends_at > clock_timestamp()) and (s.left_at is null or s.left_at > clock_timestamp()));
  if side not in ('gave', 'took') or (side = 'took' and h.taker <> caller) or (side = 'gave' and not coalesce(h.giver = caller, false) and not (gone and manages and h.taker <> caller)) then
    return 'not yours';
  end if;
  if h.cancelled_at is not null or (side = 'gave' and h.gave_at is not null) or (side = 'took' and h.took_at is not null) then
    return 'signed';
  end if;
  if item is not null then
    if side = 'gave' then
      update public.contact_handoveritem i set gave_at = case when yes then clock_timestamp() end where i.id = item and i.handover_id = h.id;
    else
      update public.contact_handoveritem i set took_at = case when yes then clock_timestamp() end where i.id = item and i.handover_id = h.id;
    end if;
    return case when found then 'done' else 'not yours' end;
  end if;
  if exists (select from public.contact_handoveritem i where i.handover_id = h.id and (case side when 'gave' then i.gave_at else i.took_at end) is null) then
    return 'items';
  end if;
  if side = 'took' and h.gave_at is null then
    return 'order';
  end if;
  if side = 'gave' then
    update public.contact_handover x set gave_at = clock_timestamp(), gave_by = caller, remarks_cipher = coalesce(remarks, x.remarks_cipher) where x.id = h.id;
  else
    update public.contact_handover x set took_at = clock_timestamp(), remarks_cipher = coalesce(remarks, x.remarks_cipher) where x.id = h.id;
  end if;
  return 'done';
end $$;

-- A handover that was begun by mistake: who began it, as long as the giver has not signed.
create function access.drop_handover(handover uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.contact_handover h set cancelled_at = clock_timestamp()
   where h.id = drop_handover.handover and h.made_by = access.proven('staff')::uuid and h.gave_at is null and h.took_at is null and h.cancelled_at is null;
  return found;
end $$;

-- A yes to a pair, or its end, by one of the two; its end also by who arranges contact there.
create function access.agree_mentoring(pair uuid, word text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  caller uuid := access.proven('staff')::uuid;
begin
  if word = 'yes' then
    update public.contact_mentoring m set mentor_yes_at = case when m.mentor = caller then coalesce(m.mentor_yes_at, clock_timestamp()) else m.mentor_yes_at end,
                                          newcomer_yes_at = case when m.newcomer = caller then coalesce(m.newcomer_yes_at, clock_timestamp()) else m.newcomer_yes_at end
     where m.id = pair and m.ended_at is null and (m.mentor = caller or m.newcomer = caller);
  else
    update public.contact_mentoring m set ended_at = clock_timestamp()
     where m.id = pair and m.ended_at is null and (m.mentor = caller or m.newcomer = caller or access.scope('contact') @> m.area_code::text);
  end if;
  return found;
end $$;

-- Drafting on the 1st: the job enters one village, in which it reads figures and nothing else; what it drafts is written down by the function.
create function access.enter_analysis(village text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  claim jsonb;
begin
  if not exists (select 1 from public.access_area a where a.code = enter_analysis.village and a.level = 'village' and a.closed_on is null) then
    raise exception 'no such village' using errcode = 'invalid_authorization_specification';
  end if;
  claim := jsonb_build_object('staff', null, 'number', '', 'name', '村情分析', 'session', null, 'purpose', 'analysis', 'origin', 'monthly', 'appointments', '[]'::jsonb,
             'area', enter_analysis.village, 'department', '', 'rights', jsonb_build_object('contact', access.codeset(access.codes(enter_analysis.village, enter_analysis.village || ':'))::text), 'analysis', enter_analysis.village,
             'until', extract(epoch from clock_timestamp() + interval '10 minutes'));
  perform access.install(claim);
  return claim;
end $$;

-- Villages where somebody arranges contact and whose analysis of that month is not begun.
create function access.analysis_villages(month date) returns table (village text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select distinct a.area_code::text from public.access_appointment a join public.access_roleright r on r.role_id = a.role_id and r.right = 'contact'
    join public.access_area v on v.code = a.area_code and v.level = 'village' and v.closed_on is null
   where a.starts_at <= clock_timestamp() and (a.ends_at is null or a.ends_at > clock_timestamp())
     and not exists (select from public.contact_analysis x where x.area_code = a.area_code and x.month = analysis_villages.month) order by 1
$$;

create function access.draft_analysis(month date, figures jsonb, findings jsonb) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  place text := access.proven('analysis');
  made uuid := gen_random_uuid();
begin
  if coalesce(place, '') = '' then
    raise exception 'not the job of the analysis' using errcode = 'insufficient_privilege';
  end if;
  insert into public.contact_analysis (id, area_code, month, figures, drafted_at) values (made, place, draft_analysis.month, draft_analysis.figures, clock_timestamp())
    on conflict (area_code, month) do nothing;
  if not found then
    return false;
  end if;
  insert into public.contact_finding (id, area_code, analysis_id, section, key, position, drafted, base, rows, struck, version)
  select gen_random_uuid(), place, made, f.section, f.key, f.position, f.drafted, '', f.rows, false, 1
    from jsonb_to_recordset(draft_analysis.findings) as f(section text, key text, position integer, drafted text, rows jsonb);
  perform access.note('analysis.draft', '{}', '{}', jsonb_build_object('area', place, 'month', to_char(draft_analysis.month, 'YYYY-MM')));
  return true;
end $$;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'access'::regnamespace and p.prosecdef
             and p.proname in ('my_areas', 'hand_over', 'drop_handover', 'agree_mentoring', 'enter_analysis', 'analysis_villages', 'draft_analysis') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.my_areas(), access.hand_over(uuid, uuid, text, boolean, bytea), access.drop_handover(uuid), access.agree_mentoring(uuid, text) to minqing_app;
grant execute on function access.enter_analysis(text), access.analysis_villages(date), access.draft_analysis(date, jsonb, jsonb) to minqing_jobs;
grant insert on public.contact_analysis, public.contact_finding to minqing_guard;
grant update (gave_at, gave_by, took_at, remarks_cipher, cancelled_at) on public.contact_handover to minqing_guard;
grant update (gave_at, took_at) on public.contact_handoveritem to minqing_guard;
grant update (mentor_yes_at, newcomer_yes_at, ended_at) on public.contact_mentoring to minqing_guard;
