-- Chance without a state: the same number and salt give the same result in every version of the engine, on any number
-- of threads. (The engine's own hash() may change between versions.)
create macro mix_1(n, salt) as ((n::ubigint * 2654435761::ubigint + salt::ubigint * 97531::ubigint) % 4294967291::ubigint);
create macro mix_2(h) as (xor(h, h >> 15) * 2246822519::ubigint % 4294967291::ubigint);
create macro mix_3(h) as (xor(h, h >> 13) * 3266489917::ubigint % 4294967291::ubigint);
create macro mix(n, salt) as mix_3(mix_2(mix_1(n, salt)));
create macro pick(n, salt, choices) as (mix(n, salt) % choices::ubigint)::bigint;
create macro share(n, salt) as mix(n, salt)::double / 4294967291.0;

create macro digit(body, nth) as (ascii(substr(body, nth, 1)) - 48);
create macro check_char(body) as substr('10X98765432', 1 + (
    digit(body, 1) * 7 + digit(body, 2) * 9 + digit(body, 3) * 10 + digit(body, 4) * 5 + digit(body, 5) * 8
    + digit(body, 6) * 4 + digit(body, 7) * 2 + digit(body, 8) + digit(body, 9) * 6 + digit(body, 10) * 3
    + digit(body, 11) * 7 + digit(body, 12) * 9 + digit(body, 13) * 10 + digit(body, 14) * 5 + digit(body, 15) * 8
    + digit(body, 16) * 4 + digit(body, 17) * 2) % 11, 1);

create macro phone(n, salt) as
    ['154', '164', '179', '194'][1 + pick(n, salt, 4)] || lpad((pick(n, salt + 1, 100000000))::varchar, 8, '0');

-- One in twenty numbers is written wrongly, as in the sample village; of these a third cannot be repaired.
create macro id_fate(id, n, salt) as case
    when share(n, salt) < 0.008 then 'D04'
    when share(n, salt) < 0.010 then 'D05.check'
    when share(n, salt) < 0.012 then 'D05.swap'
    when share(n, salt) < 0.013 then 'D05.short'
    when share(n, salt) < 0.021 then 'D01'
    when share(n, salt) < 0.031 then 'D03'
    when share(n, salt) < 0.040 then 'D03.space'
    when share(n, salt) < 0.046 then 'D03.quote'
    when id like '%X' and share(n, salt + 1) < 0.2 then 'D02'
    end;
create macro wide(t) as translate(t, '0123456789X', '０１２３４５６７８９Ｘ');
create macro written_id(id, n, salt) as case id_fate(id, n, salt)
    when 'D04' then substr(id, 1, 1) || '.' || substr(id, 2, 5) || 'E+17'
    when 'D05.check' then substr(id, 1, 17) || case when id like '%5' then '6' else '5' end
    when 'D05.swap' then substr(id, 1, 14) || substr(id, 16, 1) || substr(id, 15, 1) || substr(id, 17)
    when 'D05.short' then substr(id, 1, 9) || substr(id, 11)
    when 'D01' then case when substr(id, 7, 2) = '19' then substr(id, 1, 6) || substr(id, 9, 9) else id end
    when 'D03' then wide(id)
    when 'D03.space' then substr(id, 1, 6) || ' ' || substr(id, 7, 8) || ' ' || substr(id, 15)
    when 'D03.quote' then '''' || id
    when 'D02' then lower(id)
    else id end;

create macro written_name(name, n, salt) as case
    when share(n, salt) < 0.010 then translate(name, '书淑文素英瑛建良芳红莲志明秀仙军峰', '淑书雯肃瑛英健梁方洪连治铭琇先君锋')
    when share(n, salt) < 0.018 then name || ' '
    when share(n, salt) < 0.022 and length(name) = 2 then substr(name, 1, 1) || '　' || substr(name, 2)
    when share(n, salt) < 0.025 then name || '(户主)'
    when share(n, salt) < 0.027 then left(name, -1) || '?'
    else name end;

create macro written_date(d, n, salt) as case when d is null then '' else case
    when share(n, salt) < 0.010 then strftime(d, '%Y%m%d')
    when share(n, salt) < 0.020 then year(d) || '.' || month(d) || '.' || day(d)
    when share(n, salt) < 0.030 then year(d) || '年' || month(d) || '月' || day(d) || '日'
    when share(n, salt) < 0.040 then year(d) || '/' || month(d) || '/' || day(d) || ' 0:00:00'
    else strftime(d, '%Y-%m-%d') end end;

create macro written_phone(p, n, salt) as case
    when p is null then ''
    when share(n, salt) < 0.015 then substr(p, 1, 3) || ' ' || substr(p, 4, 4) || ' ' || substr(p, 8)
    when share(n, salt) < 0.030 then p || '/' || phone(n, salt + 7)
    when share(n, salt) < 0.035 then '+86' || p
    when share(n, salt) < 0.038 then left(p, -1)
    else p end;

create macro written_sex(s, n, salt) as case
    when share(n, salt) < 0.03 then case s when '1' then '男性' else '女性' end
    when share(n, salt) < 0.06 then s
    else case s when '1' then '男' else '女' end end;

create macro written_address(county, town, village, place, door, n, salt) as case
    when share(n, salt) < 0.02 then town || village || place || door
    when share(n, salt) < 0.04 then county || village || place || door || '号'
    when share(n, salt) < 0.05 then regexp_replace(town, '(街道|镇|乡)$', '') || regexp_replace(village, '(社区|村)$', '') || place || door || '号'
    when share(n, salt) < 0.06 then county || town || ' ' || village || ' ' || place || ' ' || door || ' 号'
    when share(n, salt) < 0.08 and village like '%村'
        then county || town || left(village, -1) || '行政村' || place || '自然村' || door
    when share(n, salt) < 0.088 then town || village
    else '浙江省' || county || town || village || place || door || '号' end;

create macro written_village(town, village, n, salt) as case
    when share(n, salt) < 0.02 then town || village
    when share(n, salt) < 0.03 and village like '%村' then village || '委会'
    else village end;

create macro credit_code(body) as body || substr('0123456789ABCDEFGHJKLMNPQRTUWXY', 1 + (31 - list_sum(list_transform(
    range(17), lambda i: (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(body, i + 1, 1)) - 1)
    * [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28][i + 1]))::bigint % 31) % 31, 1);
