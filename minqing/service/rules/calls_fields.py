"""Every column of the telephone: level, purpose, basis, retention. Merged into rules/fields.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

_CALL = "通话后 1 年；录音 90 天；成了事情的同事情"
_SET = "启用期间，停用后 3 年"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("PhoneLine", _SET, Basis.NONE, {
        "id": (2, KEY), "area_code desk_code name number fallback ended_at": (1, "热线号码，打到哪个处"), "token_digest": (2, "话机系统的令牌（散列）"), "made_by made_at": (2, "谁何时设的"),
    }),
    **declare("Call", _CALL, Basis.DUTY, {
        "id": (2, KEY), "line_id area_code desk_code call_id direction queue": (3, "哪条线路的哪个电话"), "number_cipher": (3, "回电和核对来电人（加密）"), "number_digest key_no": (3, "认出来电人和他的事（带密钥散列）"), "masked": (3, "列表里的掩码号码"),
        "started_at answered_at ended_at cause": (3, "何时打来、接听、挂断"), "operator extension forwarded_to": (3, "谁接的、转到哪里"), "person_id checked_how checked_at tries shown_to": (3, "核对后是谁、怎么核对的、向谁弹过屏"),
        "matter": (3, "说的是哪件事"), "voicemail_cipher file_at": (3, "留言（加密），何时立件"), "recording media": (3, "录音编号和格式，仅质检可调"), "score scored_at": (3, "按键评价"), "done done_by done_at": (3, "未接来电谁回了"),
    }),
    **declare("CallEvent", _CALL, Basis.DUTY, {"id": (2, "次序"), "call line_id event at detail": (3, "话机系统说了什么，重复和乱序不影响")}),
    **declare("Extension", "坐席期间，之后 1 年", Basis.NONE, {"id": (2, KEY), "desk_code number staff since ended_at": (2, "哪部分机由谁接")}),
    **declare("DutyShift", "值班后 3 年", Basis.DUTY, {
        "id": (2, KEY), "area_code desk_code staff role starts_at ends_at": (2, "谁何时值班"), "phone_cipher": (3, "夜间电话转到哪里（加密）"), "masked": (3, "排班表上的掩码电话"), "swap_to swap_asked_at came_from cancelled_at why": (2, "换班要本人同意"), "made_by made_at": (2, "谁何时排的"),
    }),
    **declare("Knowledge", _SET, Basis.NONE, {"id": (2, KEY), "area_code question keywords answer source valid_to ended_at": (1, "知识口径：群众问什么、怎么答、依据、有效到何时"), "made_by made_at": (2, "谁何时写的")}),
}
