"""Part of step `link`: for each row that a person must decide, the people it may speak of, with reasons he can read.

Invariant: candidates are found by equality joins on what is still reliable (the first 15 digits, name and village, name
and birth date, a number one slip away); the score only orders them, and nothing is linked here.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from minqing.gather.engine import store
from minqing.lib import identity, names

#: At most this many people are shown for one row.
SHOWN = 5
#: Points of a reason, 100 at most together.
POINTS = {"prefix": 45, "slip": 40, "same_number": 35, "name": 30, "name_like": 18, "birth": 15, "sex": 2, "village": 8, "household": 10, "phone": 10}
_SLIPS = {identity.Slip.DIGIT: "号码只差一位", identity.Slip.SWAP: "号码有两位颠倒", identity.Slip.MISSING: "号码少（多）一位"}

_PAIRS = """
create or replace table candidate_pair as
with waiting as (
  select s.statement_no, s.name, s.id_number as number, s.id_known as known, s.id_raw as raw, s.birth_stated as birth, s.sex_stated as sex,
         coalesce(s.registered_village, s.living_village, s.house_village, s.village_hint) as village, s.phone, s.household_number,
         regexp_replace(upper(coalesce(s.id_raw, '')), '[^0-9X]', '', 'g') as digits
  from statement s join judged j using (statement_no) where not j.linked),
people as (
  select person_key, any_value(number) as number, any_value(name) as name, any_value(birth)::varchar as birth, any_value(sex) as sex,
         list(distinct village) filter (village is not null) as villages, list(distinct phone) filter (phone is not null) as phones,
         list(distinct household) filter (household is not null) as households
  from (select l.person_key, s.id_number as number, l.name, s.birth_date as birth, s.sex, s.phone, s.household_number as household,
               unnest([s.registered_village, s.living_village, s.house_village, s.village_hint]) as village
        from link l join statement s using (statement_no) where l.role = 'subject'
        union all select person_key, id_number, name, birth_date, null, null, null, village from known_person)
  group by person_key),
joined as (
  select w.statement_no, p.person_key from waiting w join people p on left(p.number, 15) = left(w.known, 15) and length(w.known) >= 15
  union select w.statement_no, p.person_key from waiting w join people p on p.name = w.name and w.village is not null and list_contains(p.villages, w.village)
  union select w.statement_no, p.person_key from waiting w join people p on p.name = w.name and w.birth = p.birth
  union select w.statement_no, p.person_key from waiting w join people p on left(p.number, 10) = left(w.digits, 10) and length(w.digits) between 16 and 19 and right(p.number, 4) = right(w.digits, 4)
  union select w.statement_no, p.person_key from waiting w join people p on p.number = w.number
  union select w.statement_no, p.person_key from waiting w join people p on p.name = w.name and length(w.digits) between 16 and 19 and left(p.number, 6) = left(w.digits, 6))
select w.statement_no, p.person_key, w.name as row_name, p.name as person_name, w.digits, w.known, w.number as row_number, p.number, w.birth as row_birth, p.birth,
       w.sex as row_sex, p.sex, list_contains(p.villages, w.village) as same_village, list_contains(p.phones, w.phone) as same_phone,
       list_contains(p.households, w.household_number) as same_household
from joined join waiting w using (statement_no) join people p using (person_key) order by w.statement_no, p.person_key
"""
_SCHEMA = pa.schema(
    [
        pa.field("statement_no", pa.int64()), pa.field("place", pa.int32()), pa.field("person_key", pa.string()), pa.field("name", pa.string()),
        pa.field("score", pa.int32()), pa.field("reasons", pa.list_(pa.string())), pa.field("against", pa.list_(pa.string())),
    ]
)  # fmt: skip


def run(work: store.Workspace) -> None:
    """`candidate_pair` (found by joins) and `candidate` (scored, ordered, the best few)."""
    work.sql.execute(_PAIRS)
    cursor = work.sql.cursor().execute("select * from candidate_pair order by statement_no, person_key")
    columns = [item[0] for item in cursor.description]
    work.put("candidate", _SCHEMA.empty_table())
    while rows := cursor.fetchmany(50_000):
        scored = [_scored(dict(zip(columns, row, strict=True))) for row in rows]
        work.sql.register("batch", pa.Table.from_pylist(scored, schema=_SCHEMA))
        work.sql.execute("insert into candidate select * from batch")
        work.sql.unregister("batch")
    work.sql.execute(f"""
        create or replace table candidate as
        select * replace (row_number() over (partition by statement_no order by score desc, person_key)::integer as place)
        from candidate where score >= 20 qualify place <= {SHOWN} order by statement_no, place""")


def _scored(pair: dict) -> dict:
    reasons: list[str] = []
    against: list[str] = []
    score = _number(pair, reasons, against)
    score += _name(pair, reasons, against)
    if pair["row_birth"] and pair["birth"]:
        if pair["birth"].startswith(pair["row_birth"]):
            score += POINTS["birth"]
            reasons.append("出生日期相同")
        else:
            against.append("出生日期不同")
    if pair["row_sex"] and pair["sex"] and pair["row_sex"] == pair["sex"]:
        score += POINTS["sex"]
    elif pair["row_sex"] and pair["sex"]:
        against.append("性别不同")
    for key, words in (("village", "同一个村（社区）"), ("household", "同一户号"), ("phone", "电话相同")):
        if pair[f"same_{key}"]:
            score += POINTS[key]
            reasons.append(words)
    return {
        "statement_no": pair["statement_no"], "place": 0, "person_key": pair["person_key"], "name": pair["person_name"], "score": min(score, 100),
        "reasons": reasons, "against": against,
    }  # fmt: skip


def _number(pair: dict, reasons: list[str], against: list[str]) -> int:
    number, digits, known = pair["number"] or "", pair["digits"] or "", pair["known"] or ""
    if pair["row_number"] and pair["row_number"] == number:
        reasons.append("证件号码相同")
        return POINTS["same_number"]
    slip = identity.slip(digits, number) if len(digits) >= 16 and "E" not in digits else None
    if slip:
        reasons.append(_SLIPS[slip])
        return POINTS["slip"]
    if len(known) >= identity.KEPT_DIGITS and number.startswith(known[: identity.KEPT_DIGITS]):
        reasons.append("号码前15位相同")
        return POINTS["prefix"]
    if len(known) >= identity.KEPT_DIGITS or len(digits) >= identity.KEPT_DIGITS:
        against.append("号码不同")
    return 0


def _name(pair: dict, reasons: list[str], against: list[str]) -> int:
    if not pair["row_name"] or not pair["person_name"]:
        return 0
    likeness = names.likeness(pair["person_name"], pair["row_name"])
    if likeness is names.Likeness.DIFFERENT:
        against.append(names.LIKENESS_LABELS[likeness])
        return 0
    reasons.append(names.LIKENESS_LABELS[likeness])
    return POINTS["name"] if likeness in {names.Likeness.SAME, names.Likeness.VARIANT} else POINTS["name_like"]


def best(work: store.Workspace) -> ir.Table:
    """The first candidate of each row."""
    return work.table("candidate").filter(ibis._.place == 1)
