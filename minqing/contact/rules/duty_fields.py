"""Every column of duty, of days that come round and of calendar addresses: level, purpose, basis, retention. See access/rules/classification.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

_DUTY = "值班当天起 2 年"
_DAYS = "随值班表，公开的村务"
_PUBLIC = "在用期间"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("DutyRota", _PUBLIC, Basis.DUTY, {
        "id": (2, KEY), "area_code": (1, "哪个村、镇：决定谁管、谁可以看"), "people weekdays workdays_only": (2, "谁在哪几天值班"), "opens closes place": (1, "何时何地有人值班，贴在门上"), "made_by made_at": (2, "谁何时定的"),
    }),
    **declare("DutyDay", _DAYS, Basis.DUTY, {
        "id": (2, KEY), "area_code": (1, "哪个村、镇：决定谁管、谁可以看"), "day staff off": (1, "这一天谁值班，贴在门上"), "how by_hand was reason revision": (2, "怎么定的、换过没有，日历里的那一条跟着改"), "changed_by changed_at": (2, "谁何时定的"),
    }),
    **declare("DutyAbsence", _DUTY, Basis.DUTY, {
        "id": (2, KEY), "area_code": (1, "哪个村、镇：决定谁管、谁可以看"), "staff first last": (2, "哪几天不排他"), "reason": (3, "为什么不在：只给本人和排班的人看"), "made_by made_at cancelled_at": (2, "谁何时登记"),
    }),
    **declare("DutySwap", _DAYS, Basis.DUTY, {
        "id": (2, KEY), "area_code": (1, "哪个村、镇：决定谁管、谁可以看"), "day instead asker asked": (2, "谁请谁换哪一天"), "asked_at answer answered_at": (2, "何时请的，对方同意没有"),
    }),
    **declare("DutyVisitor", _DUTY, Basis.DUTY, {
        "id": (2, KEY), "area_code": (1, "哪个村、镇：决定谁管、谁可以看"), "day came_at how topic told": (3, "有人来问什么，当场答复没有"), "words_cipher": (3, "说了什么（密文）"), "entered_by entered_at": (2, "谁何时记的"), "voided_at": (2, "作废而不删除"),
    }),
    **declare("DutyMatter", _DUTY, Basis.DUTY, {"id": (2, KEY), "area_code": (1, "哪个村、镇：决定谁管、谁可以看"), "visitor matter_id": (3, "值班时说的事登记成了哪一件")}),
    **declare("Feed", _PUBLIC, Basis.DUTY, {
        "id": (2, KEY), "area_code": (1, "哪个村、镇：决定谁管、谁可以看"), "kind staff": (2, "谁的日历"), "digest": (2, "认出日历地址；地址本身不存"), "made_by made_at ended_at": (2, "何时建的、收回的"),
    }),
    **declare("Rhythm", _PUBLIC, Basis.DUTY, {
        "id": (2, KEY), "area_code": (1, "哪个村、镇：决定谁管、谁可以看"), "kind number holiday opens closes place held": (1, "集中日、沟通日是哪一天，碰上休息日怎么办"), "made_by made_at": (2, "谁何时定的"),
    }),
    **declare("Market", _PUBLIC, Basis.DUTY, {
        "id": (2, KEY), "area_code": (1, "哪个村、镇：决定谁管、谁可以看"), "name rule place opens closes ended_on": (1, "墟日是哪几天"), "made_by made_at": (2, "谁何时登记"),
    }),
}
