-- Whose the matters are, and whom policies found: beside a household its open matters, last visits and offers are read. Runs after
-- population_contact.sql in the same way. A village's matters go round among the first members of its households.

set session_replication_role = replica;
insert into service_party (id, matter_id, role, person_id, key_no, masked, hidden, state, call_home)
select gen_random_uuid(), m.id, 'requester', p.id, 0, '', false, m.state, true
  from (select id, state, place_code, row_number() over (partition by place_code order by number) as n from service_matter) m
  join (select id, village, row_number() over (partition by village order by i) as n, count(*) over (partition by village) as of from bench.person where k = 1) p
    on p.village = m.place_code and p.n = 1 + m.n % p.of;

insert into service_offer (id, grid_code, person_id, rule, cycle, sensitive, reason, due_on, found_on, state, told_how, why, before)
select gen_random_uuid(), p.grid, p.id, case when p.serial % 400 = 0 then '' else 'turns_60' end, '', p.serial % 400 = 0, '[]', current_date - p.i % 60, current_date - p.i % 30, (array['found', 'told'])[1 + p.i % 2], '', '', '{}'
  from bench.person p where p.serial % 40 = 0;
analyze service_party;
analyze service_offer;
