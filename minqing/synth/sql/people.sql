-- Homes, then people slot by slot, then numbers. $households and the tables village, shape, slot, given, surname are set
-- by city.py. Every table is ordered by home, so that a village's rows lie together as departments deliver them.
create table home as
select
    i as home_no, (i * (select count(*) from village) // $households)::bigint as village_no,
    shape.shape, shape.youngest + pick(i, 12, shape.oldest - shape.youngest + 1) as head_age,
    shape.is_tenant, 1 + pick(i, 13, 4) as place_no
from range($households + $tenants) as r (i)
join shape on case when i >= $households then shape.is_tenant and pick(i, 11, 100) between shape.low and shape.high
    else not shape.is_tenant and pick(i, 11, 100) between shape.low and shape.high end
order by i;
update home set village_no = pick(home_no, 14, (select count(*) from village)) where is_tenant;

create table address as
with placed as (
    select *, ['上', '下', '前', '后', '里', '外', '东', '西'][1 + (pick(village_no, 15, 8) + place_no) % 8]
        || ['坞', '塘', '田', '畈', '山', '溪'][1 + pick(village_no, 21 + place_no, 6)] as place
    from home
)
select
    home_no, village_no, shape, head_age, is_tenant, county, town, village.name as village, village.code as village_code,
    place, place_no, (row_number() over (partition by village_no, place_no order by home_no))::varchar as door,
    substr(village.code, 5, 8) || lpad((row_number() over (partition by village_no order by home_no))::varchar, 4, '0')
        as number
from placed join village using (village_no)
order by home_no;

create table member as
select
    row_number() over (order by home_no, slot.slot) as no, home_no, slot.slot, slot.relation,
    case slot.sex when 0 then (1 + pick(home_no * 8 + slot.slot, 31, 2))::varchar else slot.sex::varchar end as sex,
    greatest(0, head_age + slot.younger + pick(home_no * 8 + slot.slot, 32, slot.older - slot.younger + 1)) as age,
    slot.own_surname
from home join slot using (shape);

create table aged as
select
    no, home_no, slot, relation, sex, age, own_surname,
    date '2026-10-31' - (age * 365 + age // 4 + 1 + pick(no, 33, 360))::int as birth
from member;

-- 499 sequence numbers a day and sex; the step of 37 scatters them so that neighbours do not follow each other.
create table person as
with ranked as (
    select *, (row_number() over (partition by birth, sex order by no) - 1) as rank from aged
), numbered as (
    select *, '330899' || strftime(birth, '%Y%m%d') || lpad(
        (2 * ((rank * 37 + pick(birth - date '1890-01-01', 41, 499)) % 499) + case sex when '1' then 1 else 2 end)::varchar,
        3, '0') as body
    from ranked
)
select
    p.no, p.home_no, p.slot, p.relation, p.sex, p.birth, p.age, p.body || check_char(p.body) as id_number,
    s.name || g.firsts[1 + pick(p.no, 43, len(g.firsts))]
        || case when p.age between 15 and 55 and share(p.no, 44) < 0.12 then ''
           else g.seconds[1 + pick(p.no, 45, len(g.seconds))] end as name,
    case when p.age between 12 and 75 or share(p.no, 46) < 0.5 then phone(p.no, 47) end as phone,
    case when a.is_tenant then 'tenant' when p.age > 62 and share(p.no, 48) < 0.015 then 'dead'
         when p.slot > 1 and p.age > 18 and share(p.no, 48) > 0.985 then 'moved' else 'registered' end as kind,
    case when a.is_tenant then null else a.village_no end as registered_no,
    case when not a.is_tenant and p.age between 18 and 55 and share(p.no, 49) < 0.05
         then pick(p.no, 50, (select count(*) from village)) else a.village_no end as living_no,
    case when p.age < 23 then '10' when p.relation = '02' and a.shape = 'elder' then '30' else '20' end as marital,
    ['90', '80', '70', '60', '40', '30', '20'][
        case when p.age < 7 then 1 when p.age < 13 then 2 when p.age < 18 then 3 when p.age > 70 then 1 + pick(p.no, 51, 3)
             when p.age > 45 then 2 + pick(p.no, 51, 3) else 3 + pick(p.no, 51, 5) end] as education
from numbered p
join address a using (home_no)
join surname s on s.rank_no = case when p.own_surname then pick(p.no, 42, $surnames) else pick(p.home_no, 42, $surnames) end
join given g on g.sex = p.sex and year(p.birth) >= g.since and year(p.birth) < g.until
order by p.no;
drop table member; drop table aged;

create table file as
select
    p.*, a.village_no, a.county, a.town, a.village, a.village_code, a.place, a.place_no, a.door, a.number, a.shape,
    head.name as head_name, head.id_number as head_id, head.phone as head_phone
from person p join address a using (home_no)
join person head on head.home_no = p.home_no and head.slot = 0
order by p.no;
drop table person;
