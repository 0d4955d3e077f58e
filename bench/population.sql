-- 2.6 M residents in 1.1 M households, made set-based inside PostgreSQL. Run as superuser with triggers off:
-- a benchmark measures reading under the policies; how rows get in is measured by bench/gathering.py.
-- :households is replaced by bench/population.py. The tables of schema bench (village, household, person) stay, so that a
-- further population file can hang its rows on the same households and people.

set session_replication_role = replica;
set maintenance_work_mem = '1GB';
set work_mem = '256MB';
set synchronous_commit = off;

insert into access_area (code, parent_id, level, official_name, short_name, stem, kind, covers, opened_on)
select v.code || lpad(g::text, 3, '0'), v.code, 'grid', '第' || g || '网格', '第' || g || '网格', '', 'grid', '', date '2026-01-01'
  from access_area v, generate_series(1, 4) g where v.level = 'village'
on conflict (code) do nothing;

create schema if not exists bench;
drop table if exists bench.village, bench.household, bench.person;

create unlogged table bench.village as
select code, row_number() over (order by code) - 1 as no, count(*) over () as n from access_area where level = 'village';

create unlogged table bench.household as
select md5('household' || i)::uuid as id, md5('dwelling' || i)::uuid as dwelling, i, v.code as village, v.code || lpad((1 + i % 4)::text, 3, '0') as grid,
       2 + (hashint4(i) & 7) % 2 - case when hashint4(i + 7) % 5 = 0 then 1 else 0 end + case when hashint4(i + 13) % 4 = 0 then 1 else 0 end as size,
       (array['姜','毛','徐','郑','周','王','祝','朱','柴','杨','吴','何','刘','张'])[1 + abs(hashint4(i + 3)) % 14] as surname,
       (array['jiang','mao','xu','zheng','zhou','wang','zhu','zhu','chai','yang','wu','he','liu','zhang'])[1 + abs(hashint4(i + 3)) % 14] as surname_sound
  from generate_series(0, :households - 1) i
  join bench.village v on v.no = (i::bigint * v.n / :households);

create unlogged table bench.person as
select md5('person' || (h.i::bigint * 8 + k))::uuid as id, h.id as household, h.i, k, h.grid, h.village,
       h.surname || given.a || given.b as name, h.surname_sound as s0, given.sa, given.sb, h.i::bigint * 8 + k as serial,
       date '2026-01-01' - (abs(hashint8(h.i::bigint * 8 + k)) % 33000) as birth
  from bench.household h
  cross join lateral generate_series(1, h.size) k
  cross join lateral (
    select (array['书','水','建','春','国','小','志','爱','文','德','秀','金','丽','海','玉','永'])[1 + abs(hashint4(h.i * 8 + k)) % 16] as a,
           (array['shu','shui','jian','chun','guo','xiao','zhi','ai','wen','de','xiu','jin','li','hai','yu','yong'])[1 + abs(hashint4(h.i * 8 + k)) % 16] as sa,
           (array['香','仙','国','梅','强','兰','芳','根','土','华','英','林','明','珍','生','良'])[1 + abs(hashint4(h.i * 8 + k + 5)) % 16] as b,
           (array['xiang','xian','guo','mei','qiang','lan','fang','gen','tu','hua','ying','lin','ming','zhen','sheng','liang'])[1 + abs(hashint4(h.i * 8 + k + 5)) % 16] as sb
  ) given;

insert into archives_household (id, sources, version, created_at, updated_at, grid_code, origin_code, number, kind, state, head_id, head_name, address, natural_village, group_no, door,
                                members_count, home_count, caution, difficulties, wishes, dissolve_reason, sort_key, dwelling_id)
select h.id, '{}', 1, now(), now(), h.grid, h.grid, right(h.village, 3) || lpad((h.i % 100000)::text, 6, '0'), 'family', 'active', p.id, p.name,
       '虚构村' || (1 + h.i % 9) || '组' || (1 + h.i % 300) || '号', (array['上坞','下坞','里塘'])[1 + h.i % 3], (1 + h.i % 9)::text, (1 + h.i % 300) || '号',
       h.size, h.size, '', '', '', '', lpad((h.i % 100000)::text, 8, '0'), h.dwelling
  from bench.household h join bench.person p on p.household = h.id and p.k = 1;

insert into archives_resident (id, sources, version, created_at, updated_at, name, former_name, id_kind, id_tail, sex, birth_date, birth_precision, ethnicity, hometown, registered_area,
  registered_address, registration_kind, living_area, living_address, living_elsewhere, residence_match, phone_tail, emergency_name, marriage, education, school, political, party_branch,
  party_post, employment, workplace, pension_status, pension_benefit, medical_kind, medical_status, medical_year, alive, left_to, no_messages, name_key)
select p.id, '{"name": {"from": "01", "on": "2026-10-31"}}', 1, now(), now(), p.name, '', '111', '330899', (1 + p.serial % 2)::text, p.birth, 'day', '01', '', p.village, '虚构地址', '', p.village, '', '', '01',
  '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', true, '', false, s0 || sa || sb
  from bench.person p;

insert into archives_placement (id, person_id, grid_code, why, starts_on, name_key)
select gen_random_uuid(), p.id, p.grid, 'registered', date '2026-01-01', s0 || sa || sb from bench.person p;

-- one in fifty lives in another village as well
insert into archives_placement (id, person_id, grid_code, why, starts_on, name_key)
select gen_random_uuid(), p.id, v.code || '001', 'living', date '2026-01-01', s0 || sa || sb
  from bench.person p join bench.village v on v.no = (p.serial * 7919) % v.n where p.serial % 50 = 0 and v.code <> p.village;

insert into archives_membership (id, sources, version, created_at, updated_at, grid_code, household_id, person_id, relation, by, end_reason)
select gen_random_uuid(), '{}', 1, now(), now(), p.grid, p.household, p.id, case p.k when 1 then '02' when 2 then '10' else '20' end, 'registration', '' from bench.person p;

insert into archives_kinship (id, sources, version, created_at, updated_at, person_id, relative_id, kind, end_reason)
select gen_random_uuid(), '{}', 1, now(), now(), a.id, b.id, 'spouse', '' from bench.person a join bench.person b on b.household = a.household and a.k = 1 and b.k = 2;

insert into archives_searchkey (key, village, grid_code, kind, person_id, household_id)
select k.key, p.village, p.grid, k.kind, p.id, null
  from bench.person p
  cross join lateral (values (p.name, 'n'), (substr(p.name, 2), 'n'), (s0 || sa || sb, 'n'), (sa || sb, 'n'), (left(s0, 1) || left(sa, 1) || left(sb, 1), 'n'),
                             (left(sa, 1) || left(sb, 1), 'n'), (encode(sha256(p.serial::text::bytea), 'hex'), 'i')) k(key, kind)
 order by p.village, k.key;
insert into archives_searchkey (key, village, grid_code, kind, person_id, household_id)
select k.key, h.village, h.grid, k.kind, null, h.id
  from bench.household h cross join lateral (values (right(h.village, 3) || lpad((h.i % 100000)::text, 6, '0'), 'h'), ((1 + h.i % 300) || '号', 'a')) k(key, kind);
