"""Step `again`: rows that were here before. Equal rows are passed over before anything is cleaned; only what changed, and what
belongs to the people and households it touches, goes on.

Invariant: a row is passed over only when the very same row (kind, department, every kept cell) stands already and came to its
person by its own number; every household and every person that goes on goes on whole, so that what is assembled of them is
what all rows together would give. A first batch passes over nothing.

Tables: `row_print` (every data row with its print), `same_row` (rows that go on, though they stand already: nothing new is
said by them), `context_row` (of these the ones whose person nothing new is said about: they complete a household, no more),
`passed_row` (the rest, with the people they speak of).
"""

from __future__ import annotations

from minqing.gather.engine import cleaning, store, templates

#: A statement's number is its sheet's times this, plus its line (the rule of `cleaning`).
LINES = 1 << 32
#: Raised when cleaning changes what a row is worth: then every row is looked at again.
RULES = 2
#: A smaller sheet goes on whole: its village, its period and its blocks are told by its rows.
WHOLE = 500
#: Equal rows of a larger sheet that go on all the same, to tell what the sheet as a whole tells (its village, its period).
WITNESSES = 200
#: Kinds whose rows stand together, and the columns that say with whom; a sheet where a row says nothing of it goes on whole.
GROUPS = {"residents": ("household_number",), "ledger": ("household_number",), "shares": ("household_number", "share_number")}
#: Where a kind carries an identity number, for finding the rows of one person before they are cleaned.
NUMBERS = ("id_number", "disability_number", "student_number")

KNOWN_PRINT = "create table if not exists known_print (print varchar, id varchar, person varchar, how varchar, batch varchar)"
_STEM = """
create or replace temp macro digits_of(cell) as regexp_replace(upper(translate(cell, '０１２３４５６７８９Ｘｘ', '0123456789XX')), '[^0-9X]', '', 'g');
create or replace temp macro stem_of_digits(d) as case when regexp_matches(d, '^[1-9][0-9]{16}[0-9X]') then substr(d, 1, 6) || substr(d, 9, 9) when regexp_full_match(d, '[1-9][0-9]{14}') then d end;
create or replace temp macro stem(cell) as stem_of_digits(digits_of(cell));
"""


def run(work: store.Workspace) -> None:
    """`same_row`, `context_row`; `filled_<kind>` of a batch that repeats another holds only the rows that go on."""
    work.sql.execute(KNOWN_PRINT)
    _define(work)
    work.sql.execute("create or replace table same_row (statement_no bigint)")
    work.sql.execute("create or replace table context_row (statement_no bigint)")
    work.sql.execute("create or replace table passed_row (statement_no bigint, sheet_no integer, person_key varchar)")
    if work.count("known_print"):
        _choose(work)
        for kind in _kinds(work):
            _thin(work, kind)


def _kinds(work: store.Workspace) -> list[str]:
    return [kind for kind in cleaning.kinds_of(work) if templates.by_key(kind).subject != "grid"]


def _define(work: store.Workspace) -> None:
    for statement in _STEM.split(";\n"):
        if statement.strip():
            work.sql.execute(statement)


def prints(work: store.Workspace) -> None:
    """`row_print`: a step of its own, taken before any table is made smaller, so that a killed run may repeat the other."""
    _define(work)
    work.sql.execute("create or replace table row_print (statement_no bigint, sheet_no integer, kind varchar, print varchar, stem varchar, other varchar, grouped varchar)")
    for kind in _kinds(work):
        columns = work.table(f"filled_{kind}").columns
        cells = " || chr(31) || ".join(f"coalesce({name}, '')" for name in cleaning.names_of(kind))
        numbers = ", ".join(f"stem({name})" for name in NUMBERS if name in columns)
        groups = ", ".join(name for name in GROUPS.get(kind, ()) if name in columns)
        work.sql.execute(f"""
            insert into row_print
            select sheet_no::bigint * {LINES} + line, sheet_no, '{kind}', keyed('{RULES}' || chr(31) || '{kind}' || chr(31) || coalesce(h.said_by, '') || chr(31) || {cells}),
              {f"coalesce({numbers})" if numbers else "null"}, {"stem(tenant_id_number)" if "tenant_id_number" in columns else "null"}, {f"coalesce({groups})" if groups else "null"}
            from filled_{kind} join (select sheet_no, source as said_by from sheet) h using (sheet_no) order by 1""")  # noqa: S608 - own table and column names


_SEEN = """
create or replace temp table seen as
select p.*, k.person, k.how from row_print p left join (
  select print, min(person) as person, case when bool_and(coalesce(how, '') = 'n') then 'n' else '' end as how from known_print group by print) k using (print)
"""
_SHEETS = """
create or replace temp table thinned as
select sheet_no from row_print group by sheet_no
having count(*) > {whole} and (any_value(kind) not in ({kinds}) or count(*) = count(grouped))
"""
# what is new or was never joined by its number, and of each large sheet a few witnesses
_SEEDS = """
create or replace temp table seed as
select * from seen where how is distinct from 'n'
union all
select * from (select * from seen where how = 'n' and sheet_no in (select sheet_no from thinned) qualify row_number() over (partition by sheet_no order by print) <= {witnesses})
"""
_TOUCHED = """
create or replace temp table touched as
select person from seed where person is not null
union select r.id from seed s join (select person_key, stem(id_number) as stem from known_person where id_number is not null) k using (stem) join known_row r using (person_key)
"""
_STEMS = """
create or replace temp table touched_stem as
select distinct stem from (
  select stem from seed union all select other from seed
  union all select stem(k.id_number) from touched t join known_row r on r.id = t.person join known_person k using (person_key))
where stem is not null
"""
_KEPT = """
create or replace temp table kept as
with near as (
  select * from seen where how is distinct from 'n' or sheet_no not in (select sheet_no from thinned)
     or person in (select person from touched) or stem in (select stem from touched_stem) or other in (select stem from touched_stem)),
together as (select distinct grouped from near where kind in ({kinds}) and grouped is not null and sheet_no in (select sheet_no from thinned))
select * from near
union
select * from seen where grouped in (select grouped from together)
"""


def _choose(work: store.Workspace) -> None:
    for query in (_SEEN, _SHEETS, _SEEDS, _TOUCHED, _STEMS, _KEPT):
        work.sql.execute(query.format(whole=WHOLE, witnesses=WITNESSES, kinds=", ".join(f"'{kind}'" for kind in GROUPS)))
    work.sql.execute("insert into same_row select statement_no from kept where how = 'n' order by 1")
    work.sql.execute("insert into context_row select statement_no from kept where how = 'n' and person not in (select person from touched)"
                     " and (other is null or other not in (select stem from touched_stem)) order by 1")
    # of those passed over their people are known: which lists they stand in, and in which no longer, is told by all rows
    work.sql.execute("insert into passed_row select s.statement_no, s.sheet_no, r.person_key from seen s left join known_row r on r.id = s.person"
                     " where s.statement_no not in (select statement_no from kept) order by 1")


def _thin(work: store.Workspace, kind: str) -> None:
    name = f"filled_{kind}"
    left_out = work.sql.execute("select count(*) from row_print p where kind = ? and not exists (select 1 from kept k where k.statement_no = p.statement_no)", [kind]).fetchone()[0]
    if not left_out:
        return
    kind_of = work.sql.execute("select table_type from information_schema.tables where table_name = ?", [name]).fetchone()[0]
    work.sql.execute(f"""
        create or replace table kept_rows as
        select f.* from {name} f join kept k on k.statement_no = f.sheet_no::bigint * {LINES} + f.line order by f.sheet_no, f.line""")  # noqa: S608 - own table names
    work.sql.execute(f"drop {'view' if kind_of == 'VIEW' else 'table'} {name}")
    work.sql.execute(f"alter table kept_rows rename to {name}")
    work.forget(name)
