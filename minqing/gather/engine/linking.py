"""Step `link`: which rows speak of the same person, and which rows nobody but a person may decide.

Exact keys first: the normalised number. Invariant: two rows are joined without asking only when their numbers are the
same and in order and their names can be one name; a number with a fault, a number under really different names, a
missing number give candidates with readable reasons, never a link. What a person has judged of a row holds for the same row
of later months, as long as he does not take it back.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from minqing.gather.engine import candidates, store
from minqing.gather.engine.cleaning import finding
from minqing.gather.engine.statements import absent
from minqing.lib import names

#: Findings on these make the row's identity doubtful; others (a household without a head) do not.
IDENTITY_FIELDS = ("id_number", "disability_number", "row")
#: Likeness → (code, action, sentence); SAME is silent.
VERDICTS: dict[names.Likeness, tuple[str, str, str]] = {
    names.Likeness.VARIANT: ("D09.form", "W", "姓名是繁体或异体写法，证件号码相同，按同一人处理，存档姓名不变。"),
    names.Likeness.UNREADABLE: ("D10", "W", "姓名中有一个字无法显示，其余相同且证件号码相同，按同一人处理，存档姓名不变。"),
    names.Likeness.SOUND: ("D09", "W", "姓名同音不同字，证件号码相同，按同一人处理，存档姓名不变，请来源部门核对。"),
    names.Likeness.DIALECT: ("D09.dialect", "W", "姓名方言近音，证件号码相同，按同一人处理，存档姓名不变，请来源部门核对。"),
    names.Likeness.ONE_CHARACTER: ("D08.one", "W", "姓名只差一字，证件号码相同，按同一人处理，存档姓名不变，请来源部门核对。"),
    names.Likeness.DIFFERENT: ("D08", "R", "同一证件号码下姓名明显不同：请核对这一行是不是号码主人。"),
}
#: A name so near to the number's owner would pass, were it not somebody else's own.
NEAR = (names.Likeness.SOUND, names.Likeness.DIALECT, names.Likeness.ONE_CHARACTER)
NAMESAKE = "姓名与号码主人只差一点，但本村另有一人正叫这个名字：请核对这一行是谁的，号码是不是填了别人（如兄弟姐妹）的。"
# (number, name) pairs where the name is that of another person of the number's owner's village: 张梓涵 with her brother 张梓轩's number.
_NAMESAKE = """
create or replace table namesake as
with differing as (select distinct s.id_number, s.name from statement s join holder h using (id_number) where s.name <> h.name),
named as (select * from holder where id_number in (select id_number from differing) or name in (select name from differing)),
said as (
  select id_number, coalesce(registered_village, living_village, village_hint) as village from statement where id_number in (select id_number from named)
  union all select id_number, village from known_person where id_number in (select id_number from named)),
placed as (select n.id_number, n.name, mode(s.village) as village from named n join said s using (id_number) group by all)
select distinct d.id_number, d.name
from differing d join placed a using (id_number) join placed b on b.name = d.name and b.village = a.village and b.id_number <> d.id_number order by 1, 2
"""
#: How a row joined its person: by his number, or because somebody judged the same row before.
JUDGED = "judgement"
KNOWN_LINK = "create table if not exists known_link (row_key varchar, id varchar)"
KNOWN_ROW = "create table if not exists known_row (person_key varchar, id varchar)"
#: Digits from which on a number as written tells one row from another.
STRONG = 15
KNOWN_PERSON = "create table if not exists known_person (person_key varchar, id_number varchar, name varchar, birth_date date, village varchar)"


def is_doubtful(findings: ir.ArrayValue) -> ir.BooleanValue:
    """True when a row's identity must be decided by a person."""
    return findings.filter(lambda item: (item["action"] == "R") & item["field"].isin(IDENTITY_FIELDS)).length() > 0


def run(work: store.Workspace) -> None:
    """`holder`, `name_pair`, `link` (subjects and tenants by number, subjects by a remembered judgement), `row_key`, and `candidate` rows."""
    for table in (KNOWN_PERSON, KNOWN_ROW, KNOWN_LINK):
        work.sql.execute(table)
    _holders(work)
    _name_pairs(work)
    work.sql.execute(_NAMESAKE)
    _links(work)
    _remembered(work)
    candidates.run(work)


def _claims(work: store.Workspace) -> ir.Table:
    """Rows whose number may be linked by."""
    table = work.table("statement")
    return table.filter(table.id_number.notnull() & ~is_doubtful(table.findings))


def _holders(work: store.Workspace) -> None:
    """`holder`: one reference name per number. A name already on file first; then the police's; one whose birth and sex
    agree with the number; one without lost characters; the more frequent."""
    claims = _claims(work).filter(ibis._.name.notnull())
    born_agrees = (claims.birth_stated.length() == 10).fill_null(False) & (claims.birth_stated == claims.birth_date.cast("string"))
    contradicted = ((claims.birth_stated.length() == 10) & ~born_agrees).fill_null(False) | (claims.sex_stated.notnull() & (claims.sex_stated != claims.sex)).fill_null(False)
    counted = claims.group_by("id_number", "name").aggregate(
        n=claims.count(), police=(claims.source == "01").cast("int32").max(), residents=(claims.kind == "residents").cast("int32").max(),
        contradicted=contradicted.cast("int32").min(), note=claims.name_note.max(),
    )  # fmt: skip
    lossy = counted.name.re_search(f"{names.UNREADABLE}|{_PRIVATE_RE2}").cast("int32")
    ranked = counted.mutate(
        place=ibis.row_number().over(
            group_by="id_number",
            order_by=[lossy, counted.contradicted, ibis.desc(counted.residents), ibis.desc(counted.police), ibis.desc(counted.n), counted.name],
        )
    )
    best = ranked.filter(ranked.place == 0).select("id_number", "name")
    known = work.table("known_person").filter(ibis._.id_number.notnull()).select("id_number", "name")
    fresh = best.anti_join(known, "id_number")
    former = _claims(work).filter(ibis._.former_name.notnull()).group_by("id_number").aggregate(former_name=ibis._.former_name.max())
    work.save("holder", fresh.union(known).left_join(former, "id_number").drop("id_number_right").order_by("id_number"))


#: RE2 writes code points otherwise than Python.
_PRIVATE_RE2 = r"[\x{e000}-\x{f8ff}]"


def _name_pairs(work: store.Workspace) -> None:
    """`name_pair`: how alike the distinct pairs (reference, other) are; only pairs that differ are looked at."""
    claims = _claims(work).filter(ibis._.name.notnull())
    holders = work.table("holder").select(holder_id="id_number", reference="name", former="former_name")
    pairs = claims.join(holders, claims.id_number == holders.holder_id)
    pairs = pairs.filter(pairs.name != pairs.reference).select("reference", "name", "former").distinct().order_by("reference", "name")
    rows = work.sql.execute(work.ibis.compile(pairs)).fetchall()
    found = {}
    for reference, name, former in rows:
        likeness = names.Likeness.VARIANT if former and names.normalise(former) == name else names.likeness(reference, name)
        kept = found.get((reference, name))
        found[(reference, name)] = min(kept, likeness, key=list(names.Likeness).index) if kept else likeness
    batch = pa.table(
        {
            "reference": pa.array([pair[0] for pair in found], pa.string()),
            "name": pa.array([pair[1] for pair in found], pa.string()),
            "likeness": pa.array([likeness.value for likeness in found.values()], pa.string()),
        }
    )
    work.put("name_pair", batch)


def _links(work: store.Workspace) -> None:
    """`judged`: every statement with its verdict on the name; `link`: the rows joined to a person."""
    table = work.table("statement").select("statement_no", "id_number", "name", "kind", "source", "findings")
    holders = work.table("holder").select(holder_id="id_number", reference="name")
    pairs = work.table("name_pair").select(pair_reference="reference", pair_name="name", likeness="likeness")
    joined = table.left_join(holders, table.id_number == holders.holder_id)
    joined = joined.left_join(pairs, [joined.reference == pairs.pair_reference, joined.name == pairs.pair_name])
    others = work.table("namesake").select(other_id="id_number", other_name="name")
    joined = joined.left_join(others, [joined.id_number == others.other_id, joined.name == others.other_name])
    doubtful = is_doubtful(joined.findings)
    somebody_else = (joined.other_id.notnull() & joined.likeness.isin([likeness.value for likeness in NEAR])).fill_null(False)
    verdicts = [
        finding(~doubtful & ~somebody_else & (joined.likeness == likeness.value), code, "name" if action == "W" else "id_number", action, joined.name, sentence)
        for likeness, (code, action, sentence) in VERDICTS.items()
    ]
    verdicts.append(finding(~doubtful & somebody_else, "D08.other", "id_number", "R", joined.name, NAMESAKE))
    judged = joined.select(
        "statement_no", "id_number", "reference", "likeness", "kind", "source",
        verdicts=ibis.array(verdicts).filter(lambda item: item.notnull()),
        linked=(joined.id_number.notnull() & ~doubtful & ~somebody_else & (joined.likeness != names.Likeness.DIFFERENT.value).fill_null(True)),
    )  # fmt: skip
    work.save("judged", judged)
    known = work.table("known_person").select(known_id="id_number", known_key="person_key").filter(ibis._.known_id.notnull())
    subjects = judged.filter(judged.linked)
    subjects = subjects.left_join(known, subjects.id_number == known.known_id)
    subjects = subjects.select(
        "statement_no", role=ibis.literal("subject"), ordinal=ibis.literal(0), person_key=ibis.coalesce(subjects.known_key, subjects.id_number),
        method=ibis.literal("id_number"), name=subjects.reference,
    )  # fmt: skip
    work.save("link", subjects.union(_tenants(work)).order_by("statement_no", "role", "ordinal"))


# The same row at its source, whatever else stands in it and whichever month it is: department, kind of list, name, number as written;
# where that is no number, also birth, household, village and head. Two rows of one sheet that are the same row by this say nothing.
_ROW_KEY = f"""
create or replace table row_key as
with waiting as (
  select s.statement_no, s.sheet_no, s.source, s.kind, s.name, upper(regexp_replace(coalesce(s.id_raw, ''), '\\s', '', 'g')) as digits, s.birth_stated, s.household_number, s.village_said, s.head_name
  from statement s join judged j using (statement_no) where not j.linked),
said as (
  select *, length(digits) >= {STRONG} as strong, concat_ws(chr(31), 'row', source, kind, coalesce(name, ''), digits) as words,
    concat_ws(chr(31), coalesce(birth_stated, ''), coalesce(household_number, ''), coalesce(village_said, ''), coalesce(head_name, '')) as more
  from waiting where name is not null or length(digits) >= {STRONG})
select statement_no, keyed(case when strong then words else words || chr(31) || more end) as row_key from said
qualify strong or count(*) over (partition by sheet_no, words, more) = 1 order by statement_no
"""
_REMEMBERED = """
create or replace table remembered as
select k.statement_no, r.person_key from row_key k
join (select row_key, min(id) as id from known_link group by row_key having count(distinct id) = 1) j using (row_key) join known_row r on r.id = j.id order by k.statement_no
"""


def _remembered(work: store.Workspace) -> None:
    """`row_key` of every row that is not linked by its number; `remembered`: those that somebody has joined to a person, and still does."""
    work.sql.execute(_ROW_KEY)
    work.sql.execute(_REMEMBERED)
    if not work.count("remembered"):
        return
    work.sql.execute("update judged set linked = true where statement_no in (select statement_no from remembered)")
    work.sql.execute(f"""
        create or replace table link as
        select * from link union all by name
        select m.statement_no, 'subject' as role, 0 as ordinal, m.person_key, '{JUDGED}' as method, coalesce(p.name, s.name) as name
        from remembered m join statement s using (statement_no) left join (select person_key, any_value(name) as name from known_person group by 1) p using (person_key)
        order by statement_no, role, ordinal""")
    work.forget("link")


def _tenants(work: store.Workspace) -> ir.Table:
    """Tenants named with their own number in a landlord's row."""
    if "clean_rented" not in work.tables():
        empty = work.table("judged").limit(0)
        return empty.select("statement_no", role=ibis.literal("tenant"), ordinal=ibis.literal(0), person_key=absent(), method=absent(), name=absent())
    table = work.table("clean_rented")
    table = table.filter(table.tenant_id_number.notnull() & table.tenant_name.notnull())
    return table.select(
        "statement_no", role=ibis.literal("tenant"), ordinal=ibis.literal(0), person_key=table.tenant_id_number, method=ibis.literal("id_number"),
        name=table.tenant_name,
    )  # fmt: skip
