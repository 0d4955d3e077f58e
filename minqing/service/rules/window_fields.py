"""Every column of the window: level, purpose, basis, retention. Merged into rules/fields.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

_DAY = "当天起 3 年"
_SET = "启用期间，停用后 3 年"
_MATTER = "办结后 10 年；土地、协议永久"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("Counter", _SET, Basis.NONE, {
        "id": (2, KEY), "area_code desk_code letter name department hours delegated seals ended_at": (1, "窗口办什么、何时开门、能当场定哪些事"), "made_by made_at": (2, "谁何时设的"),
    }),
    **declare("CounterSitting", _DAY, Basis.NONE, {"id": (2, KEY), "counter desk_code staff day since ended_at": (2, "哪天谁坐在哪个窗口")}),
    **declare("Ticket", _DAY, Basis.DUTY, {
        "id": (2, KEY), "counter desk_code day serial code": (2, "当天第几个号"), "priority": (3, "本人说要优先，不问原因"), "state drawn_at called_at called_by calls": (2, "排队和叫号"),
        "person_id checked_how tries": (3, "核对后是谁、怎么核对的"), "outcome left ended_at ended_by": (3, "这个号怎么办完的、还剩什么"),
    }),
    **declare("TicketMatter", _DAY, Basis.DUTY, {"id": (2, KEY), "ticket desk_code matter made_at": (3, "这个号登记了哪件事")}),
    **declare("HandedChange", _DAY, Basis.DUTY, {
        "id": (2, KEY), "ticket desk_code person_id proposal_id": (3, "谁交来的、对应哪条提议"), "field paper_kind issuer department due_on": (3, "哪一项、凭什么、谁来确认、何时之前"), "made_by made_at": (2, "谁何时收的"),
    }),
    **declare("WindowDay", _DAY, Basis.DUTY, {"id": (2, KEY), "desk_code day numbers note": (2, "当天办了几个号、交接什么"), "closed_by closed_at": (2, "谁何时结的")}),
    **declare("Pad", _MATTER, Basis.DUTY, {"id": (2, KEY), "desk_code why made_by made_at": (2, "谁何时印的应急回执本")}),
    **declare("PadSlip", _MATTER, Basis.DUTY, {
        "id": (2, KEY), "pad desk_code number": (3, "停机那天用的编号，一张一件"), "word_digest": (3, "本人凭口令查进度（带密钥散列）"), "matter used_by used_at": (3, "录成了哪件事"), "void_why voided_by voided_at": (2, "为什么作废"),
    }),
}
