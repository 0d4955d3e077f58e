"""Every column of contact: level, purpose, basis, retention (domain.md §4.2). See access/rules/classification.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare
from minqing.contact.rules import analysis_fields, days_fields, duty_fields, flood_fields, meetings_fields

_VISIT = "在册期间，迁出或死亡后 3 年"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("Visit", _VISIT, Basis.DUTY, {
        "id version": (2, KEY), "household met": (3, "走访了哪一户、见到谁"), "how visited_at usual": (3, "怎么走访的、何时、是否一切如常：下次何时再去"), "visited_by companions": (3, "谁走访的"),
        "topics": (3, "说了什么事"), "words_cipher": (3, "群众的原话、下次要留意的（密文）"), "outcome_cipher": (3, "当面核对出的更正有没有采用（密文）"), "paper entered_by entered_at act": (2, "由谁何时录入，可以撤回"),
        "content_digest": (2, "认出同一次记录又发来一次"), "voided_at": (2, "作废而不删除"),
    }, common="grid_code"),
    **declare("VisitNote", _VISIT, Basis.DUTY, {
        "id kind": (2, KEY), "visit": (3, "属于哪次走访"), "at by": (3, "何时、谁更正或补记"), "payload": (3, "更正前的内容或补记的话（密文）"), "content_digest": (2, "认出同一次记录又发来一次"),
    }, common="grid_code"),
    **declare("VisitMatter", _VISIT, Basis.DUTY, {"id": (2, KEY), "visit matter_id": (3, "走访中说的事登记成了哪一件")}, common="grid_code"),
    **declare("Checkup", _VISIT, Basis.SENSITIVE, {
        "id": (2, KEY), "visit person author": (4, "谁在哪次走访中看望了哪位老人"), "payload": (4, "老人的身体、精神、照料情况（密文）：只给作者和有权的人看"), "voided_at": (2, "作废而不删除"),
    }, common="grid_code"),
    **declare("Door", _VISIT, Basis.DUTY, {
        "id": (2, KEY), "household helper": (3, "哪一户由哪位连心服务员联系"), "starts_at ended_at given_by": (2, "从何时到何时，谁安排"),
    }, common="grid_code"),
    **declare("DoorCheck", _VISIT, Basis.DUTY, {
        "id": (2, KEY), "door household helper": (3, "谁看望了哪一户"), "answer how checked_at": (3, "何时、怎么看望、是否平安"), "words_cipher": (3, "有什么事（密文）"), "matter_id": (3, "登记成了哪一件事"),
        "entered_by entered_at": (2, "由谁何时录入"), "content_digest": (2, "认出同一次记录又发来一次"),
    }, common="grid_code"),
    **flood_fields.FIELDS,
    **days_fields.FIELDS,
    **duty_fields.FIELDS,
    **meetings_fields.FIELDS,
    **analysis_fields.FIELDS,
}
