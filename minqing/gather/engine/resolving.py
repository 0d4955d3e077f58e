"""Part of step `diff`: what rows leave open and the people they are linked to settle.

Invariant: only gaps are filled (a village named by a word with two meanings, a cancellation without a reason), only from
evidence of the same sheet or household, and the finding that named the gap stays.
"""

from __future__ import annotations

from minqing.gather.engine import store

#: Share of a sheet's people, and how many at the least, that must be registered in one village to settle its name.
AGREE, ENOUGH = 0.8, 3
#: Years between husband and wife, at most, when only the widow's own entry says that he has died.
COUPLE_YEARS = 20

_HINTS = f"""
update statement set village_hint = found.village from (
  select sheet_no, said, village from (select *, sum(n) over (partition by sheet_no, said) as of from (
    select t.sheet_no, coalesce(t.village_said, '') as said, p.village, count(*) as n
    from statement t join link l on l.statement_no = t.statement_no and l.role = 'subject'
    join (select k.person_key, any_value(r.registered_village) as village from statement r join link k on k.statement_no = r.statement_no and k.role = 'subject'
          where r.kind = 'residents' and not r.moved_out and r.registered_village is not null group by 1) p using (person_key)
    where t.village_hint is null group by all))
  where n >= {ENOUGH} and n >= {AGREE} * of) found
where statement.village_hint is null and statement.sheet_no = found.sheet_no and coalesce(statement.village_said, '') = found.said
"""
# The register cancels him without saying why, and his wife in the same household is entered as a widow.
_WIDOWED = f"""
update statement set dead = true, moved_out = false, dead_on = found.cancelled_on from (
  select distinct gone.statement_no, try_cast(c.cancelled_on as date) as cancelled_on
  from statement gone join clean_residents c on c.statement_no = gone.statement_no
  join statement left_behind on left_behind.sheet_no = gone.sheet_no and left_behind.household_number = gone.household_number and left_behind.kind = 'residents'
  join clean_residents w on w.statement_no = left_behind.statement_no
  where gone.cancel_unexplained and not gone.dead and w.marriage = '30' and not left_behind.dead and not left_behind.moved_out and left_behind.sex <> gone.sex
    and (gone.relation in ('01', '02', '10', '11', '12') or left_behind.relation in ('10', '11', '12'))
    and abs(date_diff('year', gone.birth_date, left_behind.birth_date)) <= {COUPLE_YEARS}) found
where statement.statement_no = found.statement_no
"""
# Another department says outright that he has died.
_TOLD = """
update statement set dead = true, moved_out = false from (
  select distinct gone.statement_no from statement gone join link l on l.statement_no = gone.statement_no and l.role = 'subject'
  join link k on k.person_key = l.person_key and k.role = 'subject' join statement other on other.statement_no = k.statement_no
  where gone.kind = 'residents' and gone.cancel_unexplained and not gone.dead and other.dead and other.source <> gone.source) found
where statement.statement_no = found.statement_no
"""


def run(work: store.Workspace) -> None:
    """Fill the gaps of `statement` in place."""
    work.sql.execute(_HINTS)
    if "clean_residents" in work.tables():
        work.sql.execute(_WIDOWED)
        work.sql.execute(_TOLD)
