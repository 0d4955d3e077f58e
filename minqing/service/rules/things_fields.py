"""Every column of catalogue, errands and offers: level, purpose, basis, retention. Merged into rules/fields.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

_MATTER = "办结后 10 年；土地、协议永久"
_SET = "启用期间，停用后 3 年"
_OFFER = "办结或本人不需要之后 3 年"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("CatalogueItem", _SET, Basis.NONE, {
        "id": (2, KEY), "area_code code name topic department department_name who basis sensitive days channels fee fee_note first_say note unsure starts_on ends_on": (1, "事项目录：什么事、谁能办、在哪里办、多久、多少钱"),
        "materials fields": (1, "要什么材料、表格从档案的哪里填"), "ended_at made_by made_at": (2, "谁何时设的、何时停用"),
    }),
    **declare("PolicyRule", _SET, Basis.NONE, {
        "id": (2, KEY), "area_code code name kind age ahead_days back_days again item first_say say source_doc sensitive unsure starts_on ends_on off": (1, "哪条政策找哪样的人、先说什么"),
        "ended_at made_by made_at": (2, "谁何时设的、何时停用"),
    }),
    **declare("AgentCard", "任职期间", Basis.NONE, {"id": (2, KEY), "staff area_code topics note": (2, "谁在哪个村代办、擅长什么"), "made_by made_at": (2, "谁何时设的")}),
    **declare("Offer", _OFFER, Basis.DUTY, {
        "id": (2, KEY), "grid_code person_id": (3, "哪里的谁"), "rule cycle": (3, "哪条政策、第几次"), "sensitive": (3, "条件含敏感信息：列表里只写“有一项政策”"), "reason": (3, "为什么找到他：档案字段、来源和日期"),
        "due_on found_on": (3, "从哪天起、哪天找到"), "state told_at told_how why again_on": (3, "告诉了没有、本人怎么说、何时可以再问"), "matter_id done_on": (3, "哪件代办、办成没有"),
        "changed_by changed_at act before": (2, "谁何时办的、十分钟内撤回用"),
    }),
    **declare("OfferReason", _OFFER, Basis.SENSITIVE, {
        "id": (2, KEY, Basis.NONE), "grid_code offer person_id": (3, "哪里的谁的哪一件", Basis.DUTY), "rule cycle reason": (4, "为什么找到他：含敏感信息的条件"),
    }),
    **declare("Benefit", "在册期间，之后 3 年", Basis.SENSITIVE, {
        "id": (2, KEY, Basis.NONE), "grid_code person_id": (3, "哪里的谁", Basis.DUTY), "item name got_on matter_id": (4, "办成了哪项待遇，避免重复找人、重复办"),
    }),
    **declare("Errand", _MATTER, Basis.DUTY, {
        "id": (2, KEY), "matter item person_id offer_id": (3, "给谁办哪个事项、由哪条政策找到"), "agent agent_state": (3, "谁在跑、答应了没有"), "answers_cipher": (3, "表格里问本人的内容（加密）"),
        "confirmed_at confirmed_by": (3, "表格念给本人听过、何时"), "collected_at submitted_at submitted_to department_number department_due_at fetched_at": (3, "办到哪一步、部门的时限"),
        "delivered_at delivered_to signed_cipher": (3, "送到了没有、谁签收（姓名加密）"), "made_by made_at version": (2, "谁何时登记"),
    }),
    **declare("Assignment", _MATTER, Basis.DUTY, {"id": (2, KEY), "matter staff asked_by asked_at answer answered_at": (3, "交给谁办、答应没有"), "reason_cipher": (3, "办不了的原因（加密）")}),
    **declare("Paper", _MATTER, Basis.DUTY, {
        "id": (2, KEY), "matter number what form pages received_at received_by attachment": (3, "收了什么材料：收据"), "from_cipher": (3, "谁交来的（加密）"), "returned_at returned_to returned_by": (3, "何时退给谁"),
    }),
    **declare("MoneyLine", _MATTER, Basis.DUTY, {"id": (2, KEY), "matter number kind amount what at made_by second second_at reverses": (3, "代付和结清：两人签字，只冲不改")}),
}
