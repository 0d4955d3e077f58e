-- One view per delivered file; the columns as in the sample village. The salts differ, so that a person's rows are not
-- all wrong at once.
create macro relation_word(code) as map {'02': '户主', '12': '妻', '22': '长子', '23': '次子', '32': '长女', '33': '次女',
    '38': '儿媳', '41': '孙子', '42': '孙女', '51': '父亲', '52': '母亲', '99': '非亲属'}[code];
create macro child_relation(code, sex) as case when code in ('22', '32') then case sex when '1' then '22' else '32' end
    when code in ('23', '33') then case sex when '1' then '23' else '33' end
    when code in ('41', '42') then case sex when '1' then '41' else '42' end else code end;

create view police as
select
    row_number() over (order by no) as 序号, number as 户号, head_name as 户主姓名,
    relation_word(child_relation(relation, sex)) as 与户主关系, written_name(name, no, 101) as 姓名, '' as 曾用名,
    written_sex(sex, no, 102) as 性别, case when share(no, 103) < 0.03 then '汉' else '汉族' end as 民族,
    written_date(birth, no, 104) as 出生日期, written_id(id_number, no, 105) as 公民身份号码, '浙江' || county[:2] as 籍贯,
    written_address(county, town, village, place, door, no, 106) as 户口所在地详址,
    map {'90': '文盲', '80': '小学', '70': '初中', '60': '高中', '40': '中等专科', '30': '大学专科', '20': '大学本科'}[education]
        as 文化程度,
    map {'10': '未婚', '20': '已婚', '30': '丧偶'}[marital] as 婚姻状况, case sex when '1' then '未服兵役' else '' end as 兵役状况,
    '' as 服务处所, case when age < 19 then '学生' when age > 60 then '退休' else '粮农' end as 职业,
    case when relation in ('12', '38') then written_date((birth + 8500)::date, no, 107) else '' end as 迁入日期,
    '' as 何地迁来, case kind when 'dead' then '死亡' when 'moved' then '迁出' else '' end as 注销标志,
    case when kind in ('dead', 'moved') then written_date(date '2026-09-30' - pick(no, 108, 600)::int, no, 109) else '' end
        as 注销日期,
    case kind when 'dead' then '死亡' when 'moved' then '婚迁' else '' end as 注销原因
from file where kind <> 'tenant' order by no;

create view floating as
select
    row_number() over (order by f.no) as 序号, written_name(f.name, f.no, 111) as 姓名, written_sex(f.sex, f.no, 112) as 性别,
    written_id(f.id_number, f.no, 113) as 身份证号,
    case f.kind when 'tenant' then ['贵州省黔南布依族苗族自治州贵定县石桥村', '江西省上饶市广丰区团结村', '湖南省娄底市新化县永胜村'][
        1 + pick(f.home_no, 114, 3)] else '浙江省' || f.county || f.town || f.village || f.place || f.door || '号' end as 户籍地址,
    case f.kind when 'tenant' then written_address(f.county, f.town, f.village, f.place, f.door, f.no, 115)
        else '浙江省' || v.county || v.town || v.name || (1 + pick(f.no, 116, 90)) || '号' end as 居住地址,
    written_phone(f.phone, f.no, 117) as 联系电话, '' as 房东, '' as 房东电话,
    written_date(date '2026-10-01' - pick(f.no, 118, 2000)::int, f.no, 119) as 来本地日期,
    ['务工', '务工', '经商', '随迁', '投亲靠友'][1 + pick(f.no, 110, 5)] as 居住事由, '' as 居住证号, '' as 有效期至
from file f join village v on v.village_no = f.living_no
where f.kind = 'tenant' or (f.kind = 'registered' and f.living_no <> f.registered_no) order by f.no;

create view letting as
select
    row_number() over (order by t.no) as 序号,
    written_address(t.county, t.town, t.village, t.place, t.door, t.no, 120) as 出租房地址, o.name as 出租人,
    written_id(o.id_number, o.no, 121) as 出租人身份证号, written_phone(o.phone, o.no, 122) as 出租人电话, t.name as 承租人,
    written_id(t.id_number, t.no, 123) as 承租人证件号码, written_phone(t.phone, t.no, 124) as 承租人电话, 1 as 承租人数,
    written_date(date '2026-10-01' - pick(t.no, 118, 2000)::int, t.no, 125) as 起租日期, '住房' as 出租用途
from file t
join file o on o.home_no = t.village_no * $households // (select count(*) from village) + 1 + pick(t.home_no, 126, 20)
    and o.slot = 0
where t.kind = 'tenant' and t.slot = 0 order by t.no;

create view relief as
select
    row_number() over (order by h.home_no) as 序号, h.town as 乡镇, written_village(h.town, h.village, h.no, 131) as "村(社区)",
    written_name(h.name, h.no, 132) as 户主, written_id(h.id_number, h.no, 133) as 公民身份号码, 1 + len(m.family) as 保障人数,
    array_to_string(m.family, '、') as 家庭成员, (400 + pick(h.no, 134, 900)) * (1 + len(m.family)) as "月保障金额(元)",
    ['低保', '低保', '低边', '特困'][1 + pick(h.no, 135, 4)] as 保障类别, ['因病', '因残', '因学', '缺劳力'][1 + pick(h.no, 136, 4)]
        as 困难原因, (2016 + pick(h.no, 137, 10)) || lpad((1 + pick(h.no, 138, 12))::varchar, 2, '0') as 开始享受年月
from file h
left join lateral (
    select coalesce(list(f.name || '(' || relation_word(child_relation(f.relation, f.sex)) || ')' order by f.slot), []) as family
    from file f where f.home_no = h.home_no and f.slot > 0 and f.kind = 'registered') m on true
where h.slot = 0 and h.kind = 'registered' and share(h.home_no, 130) < 0.03 order by h.home_no;

create view elder as
select
    written_village(town, village, no, 141) as "村(社区)", written_name(name, no, 142) as 老人姓名,
    written_sex(sex, no, 143) as 性别, written_id(id_number, no, 144) as 身份证号码, age as 年龄,
    case shape when 'elder' then '独居' when 'elders' then '空巢' else '同住' end as 居住情况,
    ['1子', '1女', '1子1女', '2子', '2女'][1 + pick(no, 145, 5)] as 子女情况,
    case when age > 84 then '部分失能' else '自理' end as 能力评估,
    written_address(county, town, village, place, door, no, 146) as 现居住地, written_phone(phone, no, 147) as 联系电话,
    '' as 监护人, '' as 紧急联系人电话
from file where age >= 60 and kind in ('registered', 'dead') and (kind = 'registered' or share(no, 148) < 0.2) order by no;

create view pension as
select
    '3308' || lpad(no::varchar, 8, '0') as 个人编号, written_id(id_number, no, 151) as 社会保障号码,
    written_name(name, no, 152) as 姓名, written_sex(sex, no, 153) as 性别,
    case kind when 'dead' then '终止参保' else '正常参保' end as 参保状态,
    written_date((date '2010-03-01' + pick(no, 154, 3000)::int)::date, no, 155) as 参保日期,
    case when age >= 60 then '' else (1000 * (1 + pick(no, 156, 3)))::varchar end as 缴费档次, 20 + pick(no, 157, 170) as 累计缴费月数,
    case when kind = 'dead' then '死亡终止' when age >= 60 then '正常领取' else '未领取' end as 待遇状态,
    case when age >= 60 then (year(birth) + 60) || '年' || month(birth) || '月' else '' end as 待遇起始年月,
    case when age >= 60 then (280 + pick(no, 158, 400))::varchar || '.' || lpad(pick(no, 159, 100)::varchar, 2, '0') else '' end
        as 月待遇,
    case when age >= 60 then written_date(date '2026-10-20' - pick(no, 150, 400)::int, no, 149) else '' end as 资格认证日期
from file where kind in ('registered', 'dead') and age >= 16 and share(no, 140) < 0.85 order by no;

create view doctor as
select
    row_number() over (order by no) as 序号, written_name(name, no, 162) as 姓名, written_sex(sex, no, 163) as 性别,
    written_id(id_number, no, 164) as 证件号码, written_date(birth, no, 165) as 出生日期, age as 年龄,
    written_address(county, town, village, place, door, no, 166) as 现住址, written_phone(phone, no, 167) as 联系电话,
    county || town[:2] || '社区卫生服务中心' as 签约机构, ['吕德斌', '毛晓娟', '徐建明'][1 + pick(no, 168, 3)] as 签约医生,
    written_date(date '2026-10-01' - pick(no, 169, 300)::int, no, 160) as 签约日期,
    case when age >= 65 then '老年人' when share(no, 161) < 0.2 then '高血压' else '' end as 重点人群, '' as 随访日期
from file where kind = 'registered' and (age >= 60 or share(no, 170) < 0.45) order by no;

create view pregnant as
select
    row_number() over (order by no) as 序号, name as 孕产妇姓名, written_id(id_number, no, 172) as 证件号码, age as 年龄,
    head_name as 丈夫姓名, written_phone(phone, no, 173) as 联系电话,
    written_address(county, town, village, place, door, no, 174) as 现住址,
    written_date(date '2026-10-01' - pick(no, 175, 240)::int, no, 176) as 末次月经,
    written_date(date '2026-10-01' - pick(no, 175, 240)::int + 280, no, 177) as 预产期, '' as 建册日期, '0' as 是否高危
from file where kind = 'registered' and sex = '2' and age between 21 and 38 and share(no, 171) < 0.04 order by no;

create view disabled as
select
    row_number() over (order by no) as 序号, written_name(name, no, 182) as 姓名, written_sex(sex, no, 183) as 性别,
    written_id(id_number, no, 184) || (1 + pick(no, 185, 4)) || (1 + pick(no, 186, 4)) as 残疾证号,
    ['视力', '听力', '言语', '肢体'][1 + pick(no, 185, 4)] as 残疾类别, ['一级', '二级', '三级', '四级'][1 + pick(no, 186, 4)] as 残疾等级,
    written_address(county, town, village, place, door, no, 187) as 户口所在地, written_phone(phone, no, 188) as 联系电话,
    '' as 监护人姓名, ['是', '否'][1 + pick(no, 186, 2)] as 是否享受, '' as 金额,
    written_date(date '2026-01-01' - pick(no, 189, 5000)::int, no, 180) as 发证日期
from file where kind = 'registered' and share(no, 181) < 0.038 order by no;

create macro insured(year_of, fee, salt) as table
select
    '3308' || lpad(pick(no, salt, 100000000)::varchar, 8, '0') as 人员编号, '居民身份证（户口簿）' as 证件类型,
    written_id(id_number, no, salt + 1) as 证件号码, written_name(name, no, salt + 2) as 姓名, year_of as 参保年度,
    '城乡居民基本医疗保险' as 险种, '正常参保' as 参保状态, written_village(town, village, no, salt + 3) as "参保地村(社)", fee as 缴费标准,
    '' as 特殊人群标识
from file where share(no, salt + 4) < case kind when 'registered' then 0.85 when 'tenant' then 0.3 when 'dead' then 0.2 else 0 end
order by pick(no, salt, 100000000), no;

create view pupil as
select
    row_number() over (order by no) as 序号, written_name(name, no, 202) as 姓名, written_sex(sex, no, 203) as 性别,
    written_id(id_number, no, 204) as 身份证件号, written_date(birth, no, 205) as 出生日期, 'G' || id_number as 学籍号,
    county || town[:2] || case when age < 12 then '小学' when age < 15 then '初中' else '高级中学' end as 学校名称,
    ['一年级', '二年级', '三年级', '四年级', '五年级', '六年级', '初一', '初二', '初三', '高一', '高二', '高三'][greatest(1, age - 5)]
        as 年级, (1 + pick(no, 206, 6)) || '班' as 班级, (2026 - pick(no, 207, 3)) || '09' as 入学年月,
    written_address(county, town, village, place, door, no, 208) as 户口所在地,
    written_address(county, town, village, place, door, no, 209) as 现住址, head_name as 家长1姓名,
    written_phone(head_phone, no, 210) as 家长1电话, '父亲' as 家长1关系, case when share(no, 211) < 0.06 then '是' else '' end
        as 是否留守儿童, '' as 是否随迁子女, case when share(no, 212) < 0.2 then '√' else '' end as 是否寄宿
from file where kind = 'registered' and age between 6 and 17 order by no;

create view house as
select
    row_number() over (order by no) as 序号, written_village(town, village, no, 221) as 所在村,
    village_code || 'JC' || lpad((home_no % 100000)::varchar, 5, '0') as 宗地代码, written_name(name, no, 222) as 权利人,
    case when share(no, 223) < 0.04 then '' else written_id(id_number, no, 224) end as 证件号,
    written_address(county, town, village, place, door, no, 225) as 坐落, 80 + pick(no, 226, 80) as "宗地面积(㎡)",
    150 + pick(no, 227, 320) as "建筑面积(㎡)", 1 + pick(no, 228, 4) as 层数, ['砖混', '框架', '砖木'][1 + pick(no, 229, 3)] as 结构,
    1965 + pick(no, 230, 60) as 竣工年份, ['路', '田', '山', '溪'][1 + pick(no, 231, 4)] as 四至东,
    ['路', '田', '山', '溪'][1 + pick(no, 232, 4)] as 四至南, ['路', '田', '山', '溪'][1 + pick(no, 233, 4)] as 四至西,
    ['路', '田', '山', '溪'][1 + pick(no, 234, 4)] as 四至北, '' as 不动产权证号,
    3160000 + pick(no, 235, 50000) as X坐标, 365000 + pick(no, 236, 20000) as Y坐标
from file where slot = 0 and kind <> 'tenant' order by no;

create view deed as
select
    '浙(' || (2016 + pick(no, 241, 10)) || ')' || county || '不动产权第' || lpad(pick(no, 242, 10000000)::varchar, 7, '0') || '号'
        as 不动产权证号, village_code || 'JC' || lpad((home_no % 100000)::varchar, 5, '0') as 不动产单元号,
    written_name(name, no, 243) as 权利人, written_id(id_number, no, 244) as 证件号, '宅基地使用权/房屋所有权' as 权利类型,
    written_address(county, town, village, place, door, no, 245) as 坐落, 80 + pick(no, 226, 80) as "宗地面积(㎡)",
    150 + pick(no, 227, 320) as "建筑面积(㎡)", '住宅' as 用途,
    written_date((date '2016-01-01' + pick(no, 246, 3600)::int)::date, no, 247) as 登记时间
from file where slot = 0 and kind <> 'tenant' and share(no, 240) < 0.55 order by no;

create view land as
select
    row_number() over (order by f.no, p.i) as 序号, f.town || f.village || '股份经济合作社' as 发包方, f.name as 承包方代表,
    written_id(f.id_number, f.no * 16 + p.i, 251) as 证件号, '' as 家庭成员,
    ['路下', '塘下', '八斗丘', '三角丘', '门前', '后山', '大丘', '长垄'][1 + pick(f.no * 16 + p.i, 252, 8)] as 地块名称,
    f.village_code || lpad((f.home_no % 10000)::varchar, 4, '0') || lpad(p.i::varchar, 2, '0') || '00' as 地块编码,
    ['田埂', '渠', '溪', '路'][1 + pick(f.no * 16 + p.i, 253, 4)] as 四至东, ['田埂', '渠', '溪', '路'][1 + pick(f.no * 16 + p.i, 254, 4)]
        as 四至南, ['田埂', '渠', '溪', '路'][1 + pick(f.no * 16 + p.i, 255, 4)] as 四至西,
    ['田埂', '渠', '溪', '路'][1 + pick(f.no * 16 + p.i, 256, 4)] as 四至北,
    (20 + pick(f.no * 16 + p.i, 257, 180)) / 100.0 as "实测面积(亩)", (20 + pick(f.no * 16 + p.i, 257, 180)) / 100.0 as "合同面积(亩)",
    f.village_code || lpad((f.home_no % 100000)::varchar, 5, '0') || 'J' as 经营权证号
from file f cross join range(1, 14) p (i)
where f.slot = 0 and f.kind <> 'tenant' and p.i <= 4 + pick(f.no, 250, 9) order by f.no, p.i;

create view member as
select
    row_number() over (order by no) as 序号, written_village(town, village, no, 261) as 所属村社, head_name as 户代表姓名,
    written_name(name, no, 262) as 成员姓名, written_sex(sex, no, 263) as 性别,
    relation_word(child_relation(relation, sex)) as 与户代表关系, written_id(id_number, no, 264) as 身份证号,
    '本村成员' as 成员类型, 1 as 人口股, round(least(age, 60) / 68.0, 2) as 农龄股, 'GQ' || number as 股权证号
from file where kind in ('registered', 'dead') and (kind = 'registered' or share(no, 265) < 0.5) order by no;

create view veteran as
select
    row_number() over (order by no) as 序号, written_village(town, village, no, 271) as 所在村, written_name(name, no, 272) as 姓名,
    written_id(id_number, no, 273) as 身份证号, ['农村籍退役士兵', '自主就业退役士兵'][1 + pick(no, 274, 2)] as 人员类别,
    (year(birth) + 18) || '年12月' as 入伍时间, (year(birth) + 21) || '年12月' as 退役时间,
    '浙H' || lpad(pick(no, 275, 100000000)::varchar, 8, '0') as 优待证号, [55, 620, 710, 1200][1 + pick(no, 276, 4)] as 抚恤补助标准,
    written_phone(phone, no, 277) as 手机
from file where kind = 'registered' and sex = '1' and age between 21 and 90 and share(no, 270) < 0.035 order by no;

create view business as
select
    credit_code('92330899' || lpad(no::varchar, 9, '0')) as 统一社会信用代码, county || name || ['超市', '小卖部', '建材店'][1 + pick(no, 281, 3)]
        as 名称, '个体工商户' as 主体类型, name as 法定代表人, written_id(id_number, no, 282) as 法定代表人证件号,
    written_date((date '2008-01-01' + pick(no, 283, 6500)::int)::date, no, 284) as 成立日期, '存续（在营）' as 经营状态,
    written_address(county, town, village, place, door, no, 285) as 住所, '日用百货零售；水果、蔬菜销售' as 经营范围,
    1 + pick(no, 286, 20) as "注册资本(万元)", 1 + pick(no, 287, 6) as 从业人数, written_phone(phone, no, 288) as 联系电话
from file where kind = 'registered' and age between 22 and 65 and share(no, 280) < 0.045 order by no;

create view grid as
select
    row_number() over (order by village_code, place_no) as 序号, town as "乡镇（街道）", village as "村（社区）",
    '第' || ['一', '二', '三', '四'][place_no] || '网格' as 网格名称, village_code || lpad(place_no::varchar, 3, '0') as 网格编码,
    any_value(place) as "覆盖自然村（路段）", count(distinct home_no) as 户数, count(*) as 人口数
from file where kind = 'registered' group by village_code, town, village, place_no order by village_code, place_no;
