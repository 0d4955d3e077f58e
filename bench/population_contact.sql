-- What the months bring, on the households of population.sql: two years of visits, doors of helpers, duty days, days with bookings, meetings and
-- their opinions, analyses, plans for a flood. Runs after population_desk.sql in the same way. Ciphers are no ciphertext: pages that list never read them.

set session_replication_role = replica;
insert into contact_visit (id, grid_code, household_id, how, visited_at, visited_by, companions, usual, met, topics, entered_by, entered_at, paper, content_digest, version)
select md5('visit' || h.i || '-' || k)::uuid, h.grid, h.id, (array['door','door','door','phone'])[1 + (h.i + k) % 4], at.at, md5('staff' || h.i % 2000)::uuid, '', h.i % 3 <> 0, '{}', '{}', md5('staff' || h.i % 2000)::uuid, at.at, false, '\x00', 1
  from bench.household h cross join generate_series(0, 3) k
  cross join lateral (select now() - k * interval '180 days' - ((h.i * 37 + k) % 170) * interval '1 day' as at) at
 where k > 0 or h.i % 5 < 3 order by h.grid;

insert into contact_door (id, grid_code, household_id, helper, starts_at, given_by)
select md5('door' || h.i)::uuid, h.grid, h.id, md5('helper' || h.village)::uuid, now() - interval '200 days', md5('staff0')::uuid from bench.household h where h.i % 20 = 0 order by h.grid;
insert into contact_doorcheck (id, grid_code, door_id, household_id, answer, how, checked_at, helper, entered_by, entered_at, content_digest)
select gen_random_uuid(), h.grid, md5('door' || h.i)::uuid, h.id, case when h.i % 100 = 0 then 'unreached' else 'well' end, 'door', now() - k * interval '9 days', md5('helper' || h.village)::uuid, md5('helper' || h.village)::uuid, now(), '\x00'
  from bench.household h cross join generate_series(0, 9) k where h.i % 20 = 0 order by h.grid;

insert into contact_dutyrota (id, area_code, people, weekdays, workdays_only, opens, closes, place, made_by, made_at)
select gen_random_uuid(), v.code, array(select md5('staff' || v.no || '-' || s)::uuid from generate_series(1, 6) s), '{1,2,3,4,5}', true, '08:30', '17:30', '村便民服务点', md5('staff0')::uuid, now() from bench.village v;
insert into contact_dutyday (id, area_code, day, staff, how, by_hand, reason, off, revision, changed_at)
select md5('duty' || v.no || '-' || d)::uuid, v.code, current_date - d, md5('staff' || v.no || '-' || 1 + (d + 1000) % 6)::uuid, 'plan', false, '', false, 0, now() from bench.village v cross join generate_series(-60, 670) d;
insert into contact_dutyvisitor (id, area_code, day_id, came_at, how, topic, told, entered_by, entered_at)
select gen_random_uuid(), v.code, md5('duty' || v.no || '-' || d)::uuid, now() - d * interval '1 day', 'came', 'other', true, md5('staff0')::uuid, now() from bench.village v cross join generate_series(0, 670, 2) d;

insert into contact_contactday (id, area_code, kind, day, starts_at, ends_at, place, subject, slot_minutes, capacity, laid_for, state, why, made_at, revision, announced_at, ended_at)
select md5('day' || v.no || '-' || w)::uuid, v.code, 'joint', current_date - w * 7, current_date - w * 7 + time '08:30', current_date - w * 7 + time '11:30', '村便民服务点', '', 20, 2, 'bench' || w, case when w > 0 then 'held' else 'announced' end, '', now(), 0,
       now() - interval '9 days', case when w > 0 then now() end
  from bench.village v cross join generate_series(-8, 95) w;
insert into contact_booking (id, area_code, place_code, day_id, slot_at, via, contact_cipher, alone, state, outcome, tell, booked_by, booked_at, ended_at)
select gen_random_uuid(), v.code, v.code, md5('day' || v.no || '-' || w)::uuid, current_date - w * 7 + time '08:30' + k * interval '20 minutes', 'village', '\x00', false, case when w > 0 then 'done' else 'booked' end, case when w > 0 then 'settled' else '' end, '',
       md5('staff0')::uuid, now() - interval '10 days', case when w > 0 then now() end
  from bench.village v cross join generate_series(-1, 95) w cross join generate_series(0, 2) k;

insert into contact_meeting (id, area_code, kind, title, state, starts_at, ends_at, place, chair, recorder, due_reason, observers, notice_reason, heard, minutes_version, made_by, made_at, revision, due, present, noticed_at, held_at)
select md5('meeting' || v.no || '-' || m)::uuid, v.code, (array['talk','council'])[1 + m % 2], '民情沟通会', case when m > 0 then 'closed' else 'noticed' end, now() - m * interval '15 days' + interval '3 days', now() - m * interval '15 days' + interval '75 hours', '文化礼堂',
       md5('staff1')::uuid, md5('staff2')::uuid, '', 0, '', 8, 0, md5('staff1')::uuid, now() - interval '20 days', 0, 60, 40, now() - interval '9 days', case when m > 0 then now() end
  from bench.village v cross join generate_series(0, 47) m;
insert into contact_agendaitem (id, area_code, meeting_id, position, title, origin, options, ballots, made_by)
select md5('item' || v.no || '-' || m || '-' || k)::uuid, v.code, md5('meeting' || v.no || '-' || m)::uuid, k, '第 ' || k || ' 件事', 'own', '{}', true, md5('staff1')::uuid from bench.village v cross join generate_series(0, 47) m cross join generate_series(1, 4) k;
insert into contact_opinion (id, area_code, meeting_id, item_id, number, remote, confidential, fate, typed_by, typed_at)
select gen_random_uuid(), v.code, md5('meeting' || v.no || '-' || m)::uuid, md5('item' || v.no || '-' || m || '-' || 1 + k % 4)::uuid, k, false, false, case when k = 1 then 'open' else 'noted' end, md5('staff2')::uuid, now() - m * interval '15 days'
  from bench.village v cross join generate_series(1, 47) m cross join generate_series(1, 8) k;
insert into contact_resolution (id, area_code, meeting_id, item_id, number, text, passed, by_count, sentence, figures, decided_on, state, made_by, made_at)
select md5('resolution' || v.no || '-' || m)::uuid, v.code, md5('meeting' || v.no || '-' || m)::uuid, md5('item' || v.no || '-' || m || '-1')::uuid, '虚构' || m, '把水渠清一遍', true, false, '', '{}', current_date - m * 15, case when m < 4 then 'open' else 'done' end, md5('staff1')::uuid, now()
  from bench.village v cross join generate_series(1, 47) m;

insert into contact_analysis (id, area_code, month, figures, drafted_at, signed_at)
select md5('analysis' || v.no || '-' || m)::uuid, v.code, (date_trunc('month', now()) - m * interval '1 month')::date, '{}', now() - m * interval '1 month', now() from bench.village v cross join generate_series(1, 24) m;
insert into contact_finding (id, area_code, analysis_id, section, key, position, drafted, base, rows, struck, version)
select gen_random_uuid(), v.code, md5('analysis' || v.no || '-' || m)::uuid, 'rose', 'k' || k, k, '上月路灯的事多了 3 件。', '', '{}', false, 1 from bench.village v cross join generate_series(1, 24) m cross join generate_series(1, 9) k;

insert into contact_shelter (id, area_code, name, place, capacity, keeper_name, keeper_phone, key_holder, made_by, made_at)
select md5('shelter' || v.no || '-' || k)::uuid, v.code, '第' || k || '避灾点', '文化礼堂', 80, '虚构', '0570-0000000', '', md5('staff1')::uuid, now() from bench.village v cross join generate_series(1, 2) k;
insert into contact_dangerzone (id, area_code, name, why, note, made_by, made_at)
select md5('zone' || v.no || '-' || k)::uuid, v.code, '第' || k || '危险区', 'slope', '', md5('staff1')::uuid, now() from bench.village v cross join generate_series(1, 2) k;
insert into contact_transferplan (id, grid_code, household_id, zone_id, shelter_id, vehicle, version, made_by, made_at)
select md5('plan' || h.i)::uuid, h.grid, h.id, md5('zone' || v.no || '-' || 1 + h.i % 2)::uuid, md5('shelter' || v.no || '-' || 1 + h.i % 2)::uuid, '', 1, md5('staff1')::uuid, now()
  from bench.household h join bench.village v on v.code = h.village where h.i % 25 = 0 order by h.grid;
insert into contact_transferevent (id, area_code, level, reason, zones, drill, started_by, started_at, closed_by, closed_at)
select md5('event' || v.no || '-' || k)::uuid, v.code, 'orange', '台风', '{}', k > 0, md5('staff1')::uuid, now() - k * interval '100 days' - interval '2 hours', case when k > 0 or v.no % 10 > 0 then md5('staff1')::uuid end, case when k > 0 or v.no % 10 > 0 then now() end
  from bench.village v cross join generate_series(0, 4) k;
insert into contact_transferline (id, grid_code, event_id, plan_id, zone_id, shelter_id, at_home, state)
select gen_random_uuid(), h.grid, md5('event' || v.no || '-' || k)::uuid, md5('plan' || h.i)::uuid, md5('zone' || v.no || '-' || 1 + h.i % 2)::uuid, md5('shelter' || v.no || '-' || 1 + h.i % 2)::uuid, true, (array['waiting','arrived'])[1 + h.i / 25 % 2]
  from bench.household h join bench.village v on v.code = h.village cross join generate_series(0, 4) k where h.i % 25 = 0 order by h.grid;
