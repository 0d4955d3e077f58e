"""Every column of transfers and of doors that wait: level, purpose, basis, retention. Merged into rules/fields.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

_PLAN = "在预案期间，移出后 1 年"
_CALL = "转移结束后 1 年（名字、去向、谁说的；留下人数和时间）"
_MADE = {"made_by made_at": (2, "谁何时登记")}

FIELDS: dict[tuple[str, str], Field] = {
    **declare("Shelter", "永久", Basis.NONE, {
        "id area_code": (2, KEY), "name place capacity": (1, "避灾点在哪里、能住多少人：公开"), "keeper_name keeper_phone": (1, "避灾点负责人和工作电话：公开，好去找"), "keeper key_holder": (2, "谁看这里的名单、钥匙在谁那里"), "ended_at": (2, "停用"), **_MADE,
    }),
    **declare("DangerZone", "永久", Basis.NONE, {"id area_code": (2, KEY), "name why note": (2, "哪里危险、为什么"), "ended_at": (2, "停用"), **_MADE}),
    **declare("TransferPlan", _PLAN, Basis.DUTY, {
        "id version": (2, KEY), "household person": (3, "谁要转移"), "zone shelter fetcher vehicle event": (3, "从哪里到哪里、谁去接、用什么车"), "who_cipher": (3, "姓名、门牌、谁去接、要带什么（加密）；不写为什么"), "ended_at": (2, "移出预案"), **_MADE,
    }, common="grid_code"),
    **declare("TransferNeed", _PLAN, Basis.SENSITIVE, {"id": (2, KEY, Basis.NONE), "plan": (4, "谁需要"), "payload": (4, "走不了路、要吸氧、要透析等（敏感密钥加密）：只给做这个村预案的人看"), "author at": (2, "谁何时写的", Basis.NONE)}, common="grid_code"),
    **declare("TransferEvent", _CALL, Basis.NONE, {
        "id area_code": (2, KEY), "level reason zones drill": (2, "哪一级预警、因为什么、转移哪些危险区、是不是演练"), "started_by started_at closed_by closed_at": (2, "谁何时发起、结束"), "record_cipher": (3, "怎么结束的（加密）", Basis.DUTY),
    }),
    **declare("TransferLine", _CALL, Basis.DUTY, {
        "id": (2, KEY), "event plan zone shelter fetcher": (3, "这一次转移谁、到哪里、谁去接"), "at_home state state_at where": (3, "现在在哪里：未到、路上、已到、在外"),
    }, common="grid_code"),
    **declare("TransferMark", _CALL, Basis.DUTY, {
        "id": (2, KEY), "line state at shelter": (3, "什么时候在哪里"), "words_cipher": (3, "和谁、谁说的（加密）"), "paper entered_by entered_at": (2, "谁何时记的、是不是从纸上补的"), "content_digest": (2, "认出同一次记录又发来一次"),
    }, common="grid_code"),
    **declare("GraveNews", "在册期间，迁出或死亡后 3 年", Basis.DUTY, {
        "id": (2, KEY), "household happened_at": (3, "哪户何时有了变故：24 小时内去看"), "payload": (3, "什么变故（加密）"), "voided_at": (2, "作废而不删除"), **_MADE,
    }, common="grid_code"),
    **declare("DoorAsk", "在册期间，迁出或死亡后 3 年", Basis.DUTY, {
        "id": (2, KEY), "household need asked": (3, "哪户请谁帮忙、要什么帮手"), "who_cipher": (3, "门牌、姓名、怎么说的（加密）"), "answer answered_at ended_at": (3, "去不去"), **_MADE,
    }, common="grid_code"),
    **declare("CountyInterval", "永久", Basis.NONE, {"id area_code": (2, KEY), "code days phone helper": (1, "多少天走访一次、电话算不算"), "made_by made_at": (2, "谁何时定的"), "ended_at": (2, "停用")}),
}
