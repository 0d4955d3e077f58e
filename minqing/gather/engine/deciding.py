"""Step `decide`, third part: findings of households, conflicts between sources, questions with their owner.

Invariant: a question never blocks use: its row is a statement already, its person (if any) has a file already. Every
row with an R has exactly one question; a conflict becomes a question only where somebody can settle it.
"""

from __future__ import annotations

from minqing.gather.engine import assembling, store

#: Years by which a parent is older than a child, a grandparent than a grandchild, at the very least.
PARENT_GAP = 12
GRANDPARENT_GAP = 24
#: And by which a child's husband or wife is younger: 媳妇 of nearly the head's age is his wife in other parts of the country.
IN_LAW_GAP = 8

_CHILD = "('20','21','22','23','24','25','26','29','30','31','32','33','34','35','36','39')"
_GRANDCHILD = "('40','41','42','43','44')"
# One row per person of the register whose place in the household cannot be (§6.4 #29).
_HOUSEHOLD_FINDING = f"""
create or replace table household_finding as
with rows as (select household_key, statement_no, name, head_name, relation, birth_date, sex, id_checked, dead, moved_out, kind, linked from household_row where not aside and household_key not like '{assembling.KNOWN_HOME}%'),
heads as (
  select household_key, count(distinct name || coalesce(cast(birth_date as varchar), '')) filter (relation in ('02', '01') and not moved_out and not dead) as heads, count(*) filter (not moved_out and not dead) as living,
    any_value(head_name) as head_name, bool_or(relation is not null) as related,
    first(birth_date order by (name = head_name)::int desc, statement_no) filter (relation in ('02', '01') and id_checked) as head_born,
    first(statement_no order by (name = head_name)::int desc, statement_no) filter (not moved_out and not dead) as first_no
  from rows group by 1)
select r.statement_no, 'D29.two_heads' as code, 'relation' as field, 'R' as action, r.relation as raw, '这一户有两个以上户主：请核对谁是户主。' as sentence
from rows r join heads h using (household_key)
where h.heads > 1 and r.relation in ('02', '01') and not r.moved_out and not r.dead
union all
select h.first_no, 'D29.no_head', 'relation', 'R', null, '这一户没有户主（户主可能已故或迁出）：请核对谁是户主。' from heads h
where h.heads = 0 and h.living > 0 and h.related
union all
select r.statement_no, 'D29.age', 'relation', 'R', r.relation, '年龄与“与户主关系”不可能同时成立（子女比父母还大或相差太少）：请核对关系或号码。'
from rows r join heads h using (household_key)
where r.id_checked and r.birth_date is not null and h.head_born is not null and (
  (r.relation in {_CHILD} and r.birth_date < h.head_born + interval {PARENT_GAP} year)
  or (r.relation in ('28', '38') and r.birth_date < h.head_born + interval {IN_LAW_GAP} year)
  or (r.relation in {_GRANDCHILD} and r.birth_date < h.head_born + interval {GRANDPARENT_GAP} year)
  or (r.relation in ('51', '52') and r.birth_date > h.head_born - interval {PARENT_GAP} year)
  or (r.relation in ('61', '62', '63', '64') and r.birth_date > h.head_born - interval {GRANDPARENT_GAP} year))
union all
select r.statement_no, 'D29.sex', 'relation', 'W', r.relation, '性别与“与户主关系”不符（如长女是男性）：请核对关系。'
from rows r where r.id_checked and ((r.relation in ('11','21','22','23','24','25','26','28','41','43','51','53','55','61','63','71','73') and r.sex = '2')
  or (r.relation in ('12','31','32','33','34','35','36','38','42','44','52','54','56','62','64','75','77') and r.sex = '1'))
order by 1, 2
"""
_SUBJECT = "select l.person_key, s.* from link l join statement s using (statement_no) where l.role = 'subject' and s.sheet_no not in (select sheet_no from superseded)"
# field, kind, who settles it, what both sides say; `mine` is the current side.
_CONFLICTS = f"""
create or replace table conflict as
with subject as ({_SUBJECT}),
cur as (select person_key, field, value, source, statement_no from chosen where place = 0),
-- both ways round, so that it joins by hash: "one of the two" is a nested loop over all couples
couple as (select person_key as one, relative_key as other, statement_no from kinship where kind = 'spouse' union all select relative_key, person_key, statement_no from kinship where kind = 'spouse'),
-- a household as people call it: keys of the workspace mean nothing to them
called as (select household_key, concat_ws('，', nullif(head_name, '') || '户', '户号' || nullif(number, '')) as said from household),
police as (select person_key, any_value(statement_no) as statement_no, max(dead) as dead, bool_or(moved_out) as moved_out from subject where kind = 'residents' group by 1),
found as (
  select p.person_key, 'living_area' as field, 'living_differs' as kind, 'keep_both' as settle, null as owner, r.value as mine, c.value as theirs, r.source as my_source,
         c.source as their_source, r.statement_no as my_statement, c.statement_no as their_statement
  from person p join cur c on c.person_key = p.person_key and c.field = 'living_area' join cur r on r.person_key = p.person_key and r.field = 'registered_area'
  where c.value <> r.value and not (r.value = 'outside' and p.registered_outside and c.value <> 'outside')
  union all
  select a.person_key, 'living_area', 'living_unsure', 'visit', 'visit', c.value, a.value, c.source, a.source, c.statement_no, a.statement_no
  from chosen a join cur c on c.person_key = a.person_key and c.field = 'living_area' where a.field = 'living_area' and a.place > 0 and a.value <> c.value
  union all
  select a.person_key, a.field, a.field || '_differs', 'authority', a.source, c.value, a.value, c.source, a.source, c.statement_no, a.statement_no
  from chosen a join cur c on c.person_key = a.person_key and c.field = a.field
  where a.field = 'registered_area' and a.place > 0 and a.value <> c.value and c.source = '01' and c.value <> 'outside' and a.source not in ('06', '09')
  union all
  select s.person_key, 'alive', case when s.kind in ('relief', 'pensions', 'disability', 'veterans', 'special_families') then 'dead_still_paid' else 'dead_still_listed' end, 'ask_department', s.source,
         '已故', case when s.dead then '旁注已故，仍在册' else '在册' end, '01', s.source, p.statement_no, s.statement_no
  from subject s join police p on p.person_key = s.person_key where p.dead and s.kind <> 'residents' and s.kind in ('relief', 'elders', 'children', 'pensions', 'doctors', 'pregnancies',
         'special_families', 'disability', 'medical', 'pupils', 'veterans', 'floating', 'shares') and not (s.kind = 'pensions' and s.dead) and not (s.kind = 'doctors' and s.dead)
  union all
  select s.person_key, 'alive', 'dead_elsewhere', 'authority', '01', '健在', '已故', '01', s.source, p.statement_no, s.statement_no
  from subject s join police p on p.person_key = s.person_key where s.dead and not p.dead and s.kind <> 'residents'
  union all
  select s.person_key, 'name', 'name_variant', 'authority', s.source, l.name, s.name, coalesce(c.source, '01'), s.source, c.statement_no, s.statement_no
  from subject s join link l on l.statement_no = s.statement_no and l.role = 'subject' join judged j on j.statement_no = s.statement_no
  left join cur c on c.person_key = s.person_key and c.field = 'name' where j.likeness is not null
  union all
  select s.person_key, 'sex', 'sex_differs', 'authority', s.source, s.sex, s.sex_stated, 'ID', s.source, null, s.statement_no
  from subject s where list_contains(list_transform(s.findings, lambda f: f.code), 'D07.sex')
  union all
  select s.person_key, 'birth_date', 'birth_differs', 'authority', s.source, cast(s.birth_date as varchar), s.birth_stated, 'ID', s.source, null, s.statement_no
  from subject s where list_contains(list_transform(s.findings, lambda f: f.code), 'D07.birth')
  union all
  select a.person_key, 'phone', 'phone_differs', 'keep_both', 'visit', c.value, a.value, c.source, a.source, c.statement_no, a.statement_no
  from chosen a join cur c on c.person_key = a.person_key and c.field = 'phone' join statement s on s.statement_no = c.statement_no join statement t on t.statement_no = a.statement_no
  where a.field = 'phone' and a.place > 0 and a.value <> c.value and not list_contains(string_split(coalesce(s.phone_others, ''), '/'), a.value)
    and not list_contains(string_split(coalesce(t.phone_others, ''), '/'), c.value)
  union all
  select m.person_key, 'membership', 'two_households', 'ask_department', '01', a.said, b.said, m.source, o.source, m.statement_no, o.statement_no
  from membership m join membership o on o.person_key = m.person_key and o.household_key <> m.household_key
  left join called a on a.household_key = m.household_key left join called b on b.household_key = o.household_key where m.current and not o.current and o.end_reason is null
  union all
  select r.person_key, 'membership', 'listed_elsewhere', 'visit', 'visit', a.said, b.said, '01', r.source, null, r.statement_no
  from household_row r left join called a on a.household_key = r.home_key left join called b on b.household_key = r.household_key where r.home_key is not null and r.aside
  union all
  select b.person_key, 'membership', 'member_elsewhere', 'keep_both', null, h.household_key, r.household_key, h.source, '09', h.statement_no, b.statement_no
  from share_block b join membership h on h.person_key = b.person_key and h.current
  join (select block_no, mode(m.household_key) as household_key from share_block k join membership m on m.person_key = k.person_key and m.current group by 1) r using (block_no)
  where h.household_key <> r.household_key
  union all
  select e.person_key, 'live_alone', 'lives_alone_with_spouse', 'visit', 'visit', '独居', '配偶同户且健在', e.source, '01', e.statement_no, k.statement_no
  from elder_fact e join couple k on k.one = e.person_key join person p on p.person_key = k.other join person me on me.person_key = e.person_key
  where e.living_state like '%独居%' and p.alive and me.alive and p.living_area is not distinct from me.living_area
  union all
  select a.person_key, 'left_behind', 'left_behind_differs', 'ask_department', b.source, a.value, b.value, a.source, b.source, a.statement_no, b.statement_no
  from left_fact a join left_fact b on a.person_key = b.person_key and a.source < b.source and a.value <> b.value
  union all
  select i.person_key, 'relief', 'relief_unknown', 'ask_department', '02', json_extract_string(i.payload, '$.mark'), '不在低保名册中', i.source, '02', i.statement_no, null
  from sensitive_item i where i.code = 'insurance_mark' and regexp_matches(json_extract_string(i.payload, '$.mark'), '低保|特困|低边') and (select count(*) from sensitive_item where code = 'relief') > 0
    and i.person_key not in (select person_key from relief_person))
select person_key, field, kind, settle, owner, mine, theirs, my_source, their_source, my_statement, their_statement
from found qualify row_number() over (partition by person_key, kind, coalesce(their_statement, my_statement) order by their_source) = 1 order by person_key, field, kind, their_statement
"""
_QUESTION = """
create or replace table question as
with rows as (
  select s.statement_no, s.source, s.kind, s.name, s.findings, j.linked, j.verdicts from statement s join judged j using (statement_no)),
asked as (
  -- whose row it is has been judged before: that is not asked again
  select r.statement_no, list_filter(list_concat(findings, verdicts), lambda f: f.action = 'R' and (m.statement_no is null or f.field not in ('id_number', 'disability_number', 'row', 'name'))) as reasons
  from rows r left join remembered m on m.statement_no = r.statement_no),
of_rows as (
  select r.statement_no, case when r.linked then 'row' else 'identity' end as kind, l.person_key,
    -- a number is the business of the department that wrote it; a member nobody knows is asked in the village
    case when r.source = '00' then 'village' when exists (select 1 from candidate c where c.statement_no = r.statement_no and c.score >= 60) then 'village' else 'department' end as owner_kind,
    r.source as owner, list_transform(a.reasons, lambda f: f.sentence) as reasons, r.name as mine,
    (select c.name from candidate c where c.statement_no = r.statement_no and c.place = 1) as theirs, (select count(*) from candidate c where c.statement_no = r.statement_no) as candidates
  from rows r join asked a using (statement_no) left join link l on l.statement_no = r.statement_no and l.role = 'subject' where len(a.reasons) > 0 or not r.linked),
of_households as (
  select f.statement_no, 'household', l.person_key, 'department', s.source, [f.sentence], s.name, null, 0
  from household_finding f join statement s using (statement_no) left join link l on l.statement_no = f.statement_no and l.role = 'subject'
  where f.action = 'R'),
of_conflicts as (
  select coalesce(c.their_statement, c.my_statement), 'conflict', c.person_key, case when c.owner = 'visit' then 'visit' else 'department' end, coalesce(c.owner, c.their_source),
    [case c.kind when 'dead_still_paid' then '公安登记已故，仍在发放或享受：请部门核对停发。' when 'dead_still_listed' then '公安登记已故，仍在名册中：请部门核对。'
       when 'dead_elsewhere' then '部门注明已故，公安未注销：请公安核对。' when 'sex_differs' then '性别与证件号码不一致：请部门更正。' when 'birth_differs' then '出生日期与证件号码不一致：请部门更正。'
       when 'name_variant' then '姓名用字与存档不同：请部门核对。' when 'living_unsure' then '几个部门登记的现住地不同：走访时问清。' when 'phone_differs' then '几个部门登记的电话不同：走访时问清。'
       when 'two_households' then '同时登记在两户：请公安核对。' when 'listed_elsewhere' then '村里的名册把他列在另一户，按公安登记的户处理：走访时核实。' when 'lives_alone_with_spouse' then '登记为独居，但配偶同户且健在：走访时核实。'
       when 'left_behind_differs' then '是否留守儿童，两个部门说法不同：请核对。' when 'relief_unknown' then '医保标为救助对象，低保名册中没有：请民政核对。'
       else '户籍地与存档不一致：请部门核对。' end], c.mine, c.theirs, 0
  from conflict c where c.owner is not null)
select row_number() over (order by statement_no, kind, coalesce(person_key, '')) as question_no, * from (select * from of_rows union all select * from of_households union all select * from of_conflicts)
order by question_no
"""
_ISSUE = """
create or replace table issue as
with every as (
  select statement_no, unnest(findings) as f from statement union all select statement_no, unnest(verdicts) from judged
  union all select statement_no, {'code': code, 'field': field, 'action': action, 'raw': raw, 'sentence': sentence} from household_finding
  union all select b.sheet_no::bigint * 4294967296 + b.line, {'code': 'D30', 'field': b.field, 'action': 'W', 'raw': null, 'sentence': '单元格是公式错误或未计算的公式，按空处理。'} from broken_cell b
  union all select s.statement_no, {'code': 'D27', 'field': 'alive', 'action': 'W', 'raw': null, 'sentence': '公安登记此人已故，本行仍在册：请来源部门核对。'}
    from statement s join link l on l.statement_no = s.statement_no and l.role = 'subject' join person p using (person_key) where not p.alive and s.kind <> 'residents' and not s.dead
  union all select s.statement_no, {'code': 'D42', 'field': 'row', 'action': 'W', 'raw': null, 'sentence': '同一名册里同一人出现两次：请来源部门核对。'}
    from statement s join link l on l.statement_no = s.statement_no and l.role = 'subject' where s.kind in ('residents', 'elders', 'children', 'pensions', 'doctors', 'pregnancies', 'special_families',
      'disability', 'medical', 'pupils', 'veterans') qualify row_number() over (partition by s.sheet_no, l.person_key order by s.statement_no) > 1
  union all select their_statement, {'code': 'D29.member', 'field': 'membership', 'action': 'W', 'raw': null, 'sentence': '户籍在一户、集体成员册列在另一户（外嫁、入赘、分户后常见）：两处都保留，不用改。'}
    from conflict where kind = 'member_elsewhere')
select e.statement_no, f.code as code, f.field as field, f.action as action, f.raw as raw, f.sentence as sentence
from every e join statement s on s.statement_no = e.statement_no order by e.statement_no, f.action, f.code, f.field
"""


def run(work: store.Workspace) -> None:
    """`household_finding`, `conflict`, `question`, `issue`."""
    _facts(work)
    for query in (_HOUSEHOLD_FINDING, _CONFLICTS, _QUESTION, _ISSUE):
        work.sql.execute(query)


def _facts(work: store.Workspace) -> None:
    """Views over single kinds, empty where the batch holds no such file."""
    linked = "join link l on l.statement_no = c.statement_no and l.role = 'subject'"
    tables = work.tables()
    if "clean_elders" in tables:
        work.sql.execute(f"create or replace view elder_fact as select l.person_key, c.living_state, c.source, c.statement_no from clean_elders c {linked} where c.living_state is not null")
    else:
        work.sql.execute("create or replace view elder_fact as select null::varchar as person_key, null::varchar as living_state, null::varchar as source, null::bigint as statement_no where false")
    flags = [
        f"select l.person_key, c.left_behind as value, c.source, c.statement_no from clean_{kind} c {linked} where c.left_behind is not null"  # noqa: S608
        for kind in ("children", "pupils")
        if f"clean_{kind}" in tables
    ]
    work.sql.execute("create or replace view left_fact as " + (" union all ".join(flags) or "select null::varchar as person_key, null::varchar as value, null::varchar as source, null::bigint as statement_no where false"))
    if "clean_shares" in tables:
        work.sql.execute("""
          create or replace table share_block as
          with rows as (select c.sheet_no, c.line, c.statement_no, c.name, c.representative_name as head, c.relation, l.person_key from clean_shares c left join link l on l.statement_no = c.statement_no and l.role = 'subject'),
          led as (select *, last_value(case when (relation in ('01', '02') or name = head) then statement_no end ignore nulls) over (partition by sheet_no order by line) as head_no from rows)
          select person_key, head_no as block_no, statement_no from led where person_key is not null and head_no is not null order by statement_no""")
    else:
        work.sql.execute("create or replace table share_block (person_key varchar, block_no bigint, statement_no bigint)")
    work.sql.execute("""create or replace view relief_person as select person_key from link l join statement s using (statement_no) where s.kind = 'relief'
      union select m.person_key from membership m join membership h on h.household_key = m.household_key join link l on l.person_key = h.person_key join statement s on s.statement_no = l.statement_no where s.kind = 'relief'""")
