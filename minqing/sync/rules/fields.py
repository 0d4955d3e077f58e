"""Every column of the phones' sync: level, purpose, basis, retention. See access/rules/classification.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

FIELDS: dict[tuple[str, str], Field] = {
    **declare("Device", "停用后 3 年", Basis.DUTY, {
        "id": (2, KEY), "staff": (2, "谁的手机"), "name": (2, "本人认得出是哪台"), "public_key": (2, "核对是不是这台手机"), "state closed_by closed_at": (2, "遗失的手机一联网就清空"),
        "registered_at seen_at lease_until": (2, "多久没有同步就锁上档案"), "codes": (2, "领取了哪些网格的档案：换了范围再记一次"),
    }),
    **declare("Operation", "办好后内容即删，其余保留 3 年", Basis.DUTY, {
        "id": (2, KEY), "staff device": (2, "谁用哪台手机做的"), "kind": (2, "做了什么"), "target": (3, "对谁做的"), "made_at received_at offset_seconds": (2, "何时做的、何时收到、手机时钟差多少"),
        "digest": (2, "同一项再送来时认得出"), "needs": (2, "要等哪些操作先到"), "state": (2, "办了没有"), "content": (3, "还没有办成的内容，一字不丢（加密存放，办好即删）"), "answer": (3, "答复手机的话（加密存放）"),
    }),
    **declare("Blob", "用上即删；30 天没有传完的，本人下次传照片时删", Basis.DUTY, {
        "id": (2, KEY), "staff": (2, "谁传的"), "size sha256 media": (2, "核对传全了没有"), "made_at used_at": (2, "何时开始传、何时用上"),
    }),
    **declare("Part", "用上即删；30 天没有传完的，本人下次传照片时删", Basis.DUTY, {"id": (2, KEY), "blob no": (2, "断了接着传"), "content": (3, "照片的一段（加密存放）")}),
    **declare("Box", "确认或放弃后即删内容，其余保留 1 年", Basis.DUTY, {
        "id": (2, KEY), "device staff": (2, "谁的哪台手机留下的"), "received_at done_at": (2, "何时收到、何时确认"), "content": (3, "没有登录就送来的操作（用服务器公钥封存，本人登录确认才打开）"),
        "digest": (2, "同一份再送来时认得出"), "state": (2, "确认了没有"),
    }),
    **declare("SealedFile", "附上或放弃即删内容，没有等着它的 30 天后删，其余保留 1 年", Basis.DUTY, {
        "id": (2, KEY), "device staff": (2, "谁的哪台手机留下的"), "received_at done_at": (2, "何时开始传、何时附上"), "size digest": (2, "核对传全了没有"),
        "header": (3, "没有登录就送来的照片、录音的钥匙（用服务器公钥封存，本人登录确认才打开）"), "state": (2, "附上了没有"),
    }),
    **declare("SealedPart", "附上或放弃即删；30 天没有传完的即删，手机再传", Basis.DUTY, {"id": (2, KEY), "file no": (2, "断了接着传"), "content": (3, "封存的照片、录音的一段（加密存放）")}),
}
