-- What the desk reads beside households and people: dwellings and who lives in them, open proposals, questions of gathering,
-- changes, the audit log. Runs after population.sql in the same way; needs the tables of schema bench.

insert into archives_dwelling (id, sources, version, created_at, updated_at, grid_code, code, address, natural_village, group_no, doorplate, building, unit, floor, room, purpose, structure,
                               owner_name, title_no, plot_approval, use_kind, safety, sort_key)
select h.dwelling, '{}', 1, now(), now(), h.grid, '', '虚构村' || (1 + h.i % 9) || '组' || (1 + h.i % 300) || '号', (array['上坞','下坞','里塘'])[1 + h.i % 3], (1 + h.i % 9)::text,
       (1 + h.i % 300) || '号', '', '', '', '', '', '', '', '', '', '', '', lpad((h.i % 100000)::text, 8, '0')
  from bench.household h order by h.grid;

insert into archives_occupancy (id, sources, version, created_at, updated_at, grid_code, dwelling_id, person_id, kind)
select gen_random_uuid(), '{}', 1, now(), now(), h.grid, h.dwelling, p.id, 'owner' from bench.household h join bench.person p on p.household = h.id and p.k = 1 order by h.grid;

-- one household in fifty has something due; half of it about a person
insert into archives_proposal (id, grid_code, kind, person_id, household_id, sentence, department, field, due_on, state, made_at, made_by, note)
select gen_random_uuid(), h.grid, 'verify', case when h.i % 100 = 0 then p.id end, case when h.i % 100 <> 0 then h.id end, p.name || '：请核对', '', '', date '2026-11-01' + (h.i % 60),
       'open', now(), gen_random_uuid(), ''
  from bench.household h join bench.person p on p.household = h.id and p.k = 1 where h.i % 50 = 0;

-- ten changes of fields in every village, and one act each
insert into archives_change (at, "table", row_id, person_id, grid_code, before, after, purpose)
select now() - (h.i % 90) * interval '1 day', 'household', h.id, null, h.grid, '{"door": "1号"}', '{"door": "2号"}', 'visit' from bench.household h where h.i % 4 = 0;
insert into archives_change (at, "table", row_id, person_id, grid_code, before, after, purpose)
select now() - (p.i % 90) * interval '1 day', 'resident', p.id, p.id, null, '{"workplace": ""}', '{"workplace": "虚构厂"}', 'visit' from bench.person p where p.serial % 5 = 0;

-- one entry of the log for every second household, spread over ninety days, by two thousand members of staff
insert into access_auditentry (id, at, staff, appointments, session, area_code, what, persons, households, purpose, reason, origin, detail)
select gen_random_uuid(), now() - make_interval(secs => g.n * 15.5), md5('staff' || g.n % 2000)::uuid, '{}', null, v.code, (array['household.open','resident.open','household.list','search','print'])[1 + g.n % 5],
       array[md5('person' || (g.n::bigint * 8 + 1))::uuid], array[md5('household' || g.n)::uuid], 'direct:household-list', '', 'desk 10.0.0.1', '{}'
  from generate_series(1, :households / 2) g(n) join bench.village v on v.no = g.n * 7919::bigint % v.n;
