"""Every column of the outbox: level, purpose, basis, retention. See access/rules/classification.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

_KEPT = "送达或结束后 1 年"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("Message", _KEPT, Basis.DUTY, {
        "id": (2, KEY), "desk": (2, "由哪个处所办理：那里的人也看得到"), "event recipient": (3, "同一件事对同一个人只通知一次"), "person household staff": (3, "告诉谁：本人可以查询"), "name": (3, "信上怎么称呼、打电话找谁"),
        "address walk_key": (3, "信送到哪里、按走门顺序当面告知"), "phone_cipher": (3, "短信和电话（加密存放，打电话的人查看须记录）"), "phone_tail": (3, "不打开号码也能核对尾号"),
        "home_phone phone_shared alone": (3, "是不是家里的电话、是否只能告诉本人：尊重本人意愿"), "kind template language": (2, "哪一类通知、用哪段话、用什么语言"), "values": (2, "不含个人信息的内容：编号、日期、咨询电话"),
        "values_cipher": (3, "与本人有关的内容（加密存放）"), "urgent not_before": (2, "安静时段不打扰，急事除外"), "channel route state": (2, "怎么告知，告知了没有"), "attempts last_error": (2, "为什么没有告知到，换什么方式"),
        "claimed_at wait_until": (2, "断电后接着发，不重发"), "gateway gateway_id": (2, "与短信网关对账"), "delivered_by made_by assigned": (2, "谁告知的，因谁办的事，请谁去告知"), "made_at handed_at delivered_at closed_at": (2, "何时写下、发出、送达"),
    }, common="grid_code"),
    **declare("Step", _KEPT, Basis.DUTY, {
        "id": (2, KEY), "message": (2, "哪一条通知"), "at move channel": (2, "何时、以什么方式、怎么了"), "sentence": (3, "一句话说明，不含号码和内容"), "by": (2, "谁办的"),
    }),
    **declare("Mark", "本人取消后 3 年", Basis.CONSENT, {
        "id": (2, KEY), "person": (3, "谁的意愿"), "what kind": (3, "不要打家里、不接收哪一类；已去世的不再打扰家属"), "by at": (2, "谁何时记下"), "ended_at ended_by": (2, "谁何时取消"),
    }, common="grid_code"),
}
