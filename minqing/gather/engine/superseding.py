"""Step `diff`: sheets that another sheet of the same kind has overtaken, by a later month or as its correction, and rows that were there before.

Invariant: an older period never overrides a newer one and is never dropped: its rows are statements like all others,
linked and shown, but not chosen from. "Missing this time" is a fact about a list, not about a person.
"""

from __future__ import annotations

from minqing.gather.engine import store

#: Share of the older sheet's people that the newer one must hold as well for the two to be the same list.
SAME_LIST = 0.5
#: A file that says so in its name puts right the list of the same month. 最终版 says nothing: people call any file that.
CORRECTED = "更正|修正|修订|订正|改正|补正"

# Who stands in which sheet, by the rows that go on and by those that were passed over.
_LISTED = """
create or replace table listed as
select s.sheet_no, l.person_key from statement s join link l using (statement_no) where l.role = 'subject'
union select sheet_no, person_key from passed_row where person_key is not null
order by all
"""
# A list whose month nobody said is of today or of last month's end: it overtakes what is older than that, and no later month overtakes it.
_OLDER = """
create or replace table superseded as
with people as (select * from listed),
     sizes as (select sheet_no, count(*) as n from people group by sheet_no),
     called as (select s.sheet_no, s.kind, s.source, s.period, case when s.period = '' then strftime(s.as_of - interval 1 month, '%Y-%m') else s.period end as month,
                       regexp_matches(f.name || s.name, '{corrected}') as corrected from sheet s join file f using (file_no)),
     shared as (select a.sheet_no as older, b.sheet_no as newer, count(*) as n
                from people a join people b on a.person_key = b.person_key and a.sheet_no <> b.sheet_no
                join called x on x.sheet_no = a.sheet_no join called y on y.sheet_no = b.sheet_no
                where x.kind = y.kind and x.source = y.source
                  and ((x.period <> '' and x.period < y.month) or (x.period = y.period and y.corrected and not x.corrected)) group by all)
select distinct shared.older as sheet_no, max(shared.newer) as by_sheet
from shared join sizes on sizes.sheet_no = shared.older where shared.n >= {same} * sizes.n group by shared.older order by 1
"""
_FILES = """
update file set status = 'older_period', sentence = '已有同一名册更新一期或更正过的数据，本文件作为历史保留，不覆盖新值。'
where status = 'imported' and file_no in (select file_no from sheet where status = 'imported' group by file_no
  having count(*) = count(*) filter (sheet_no in (select sheet_no from superseded)))
"""
_MISSING = """
create or replace table missing_this_time as
select s.by_sheet as sheet_no, o.person_key, coalesce(min(l.name), min(k.name)) as name
from superseded s join listed o on o.sheet_no = s.sheet_no
left join listed n on n.sheet_no = s.by_sheet and n.person_key = o.person_key
left join (select person_key, min(name) as name from link where role = 'subject' group by 1) l on l.person_key = o.person_key
left join (select person_key, min(name) as name from known_person group by 1) k on k.person_key = o.person_key
where n.person_key is null group by 1, 2 order by 1, 2
"""


def run(work: store.Workspace) -> None:
    """`superseded` sheets, the files all of whose sheets are, and `missing_this_time` people."""
    work.sql.execute(_LISTED)
    work.sql.execute(_OLDER.format(same=SAME_LIST, corrected=CORRECTED))
    work.sql.execute(_FILES)
    work.sql.execute(_MISSING)
