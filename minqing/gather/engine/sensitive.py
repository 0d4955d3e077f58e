"""Level 4 items of a person (R16–R18), each a JSON payload of its own: health, disability, relief.

Invariant: nothing of these fields is in `person`; an item names the list it stands in, never a list of people.
"""

from __future__ import annotations

from minqing.gather.engine import store

#: What the cell of the other column says as well: 肢体二级.
_SAID = "nullif(regexp_extract({0}__extra, '^{1}:(.)$', 1), '')"
#: (kind of file, archive table, item code, {key in payload: column}, column of the start date, condition)
ITEMS: tuple[tuple[str, str, str, dict[str, str], str, str], ...] = (
    ("disability", "disability", "certificate",
     {"number": "disability_number", "category": f"coalesce(disability_category, {_SAID.format('disability_grade', 'category')}, json_extract_string(disability_number__extra, '$.category'))",
      "grade": f"coalesce(disability_grade, {_SAID.format('disability_category', 'grade')}, json_extract_string(disability_number__extra, '$.grade'))", "subsidy": "subsidy", "amount": "subsidy_amount", "guardian": "guardian_name"}, "issued_on", "true"),
    ("relief", "relief", "relief",
     {"kind": "relief_kind", "amount": "relief_amount", "reason": "relief_reason", "count": "relief_count", "members": "members__raw"}, "relief_since", "true"),
    ("children", "relief", "child_in_difficulty",
     {"kind": "child_difficulty", "amount": "child_allowance", "guardian": "guardian_name", "relation": "guardian_relation"}, "null", "true"),
    ("special_families", "relief", "special_family", {"kind": "special_family", "amount": "special_amount", "spouse": "spouse_name"}, "null", "true"),
    ("veterans", "relief", "veteran",
     {"kind": "veteran_kind", "enlisted_on": "enlisted_on", "discharged_on": "discharged_on", "card": "veteran_card", "amount": "veteran_allowance"}, "discharged_on", "true"),
    ("doctors", "health", "family_doctor", {"clinic": "clinic", "doctor": "doctor", "groups": "health_groups", "followed_up_on": "followed_up_on"}, "signed_on", "true"),
    ("pregnancies", "health", "pregnancy", {"due_on": "due_on", "booked_on": "booked_on", "high_risk": "high_risk"}, "booked_on", "true"),
    ("elders", "health", "self_care", {"ability": "self_care", "living": "living_state", "children": "children_note"}, "null", "self_care is not null or living_state is not null"),
    ("medical", "relief", "insurance_mark", {"mark": "insurance_marks"}, "null", "insurance_marks is not null"),
    ("pupils", "relief", "left_behind", {"left_behind": "left_behind"}, "null", "left_behind = '1'"),
)  # fmt: skip


def run(work: store.Workspace) -> None:
    """`sensitive_item`: one row per person, archive table and code, the newest statement's payload."""
    work.sql.execute("""create or replace table sensitive_item (person_key varchar, archive varchar, code varchar, payload varchar, starts_on varchar,
        source varchar, as_of date, statement_no bigint)""")
    for kind, archive, code, payload, start, condition in ITEMS:
        if f"clean_{kind}" not in work.tables():
            continue
        pairs = ", ".join(f"'{key}', {column}" for key, column in payload.items())
        work.sql.execute(f"""
            insert into sensitive_item
            select l.person_key, '{archive}', '{code}', json_merge_patch('{{}}', json_object({pairs})), cast({start} as varchar), c.source, c.as_of, c.statement_no
            from clean_{kind} c join link l on l.statement_no = c.statement_no and l.role = 'subject'
            where ({condition}) and c.sheet_no not in (select sheet_no from superseded)
            qualify row_number() over (partition by l.person_key order by c.as_of desc, c.statement_no) = 1
            order by l.person_key""")  # noqa: S608 - own table and column names
