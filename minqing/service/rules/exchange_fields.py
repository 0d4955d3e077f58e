"""Every column of what is exchanged with other systems and counties: level, purpose, basis, retention. Merged into rules/fields.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

_KEPT, _SET, _MATTER = "处理完后 3 年", "启用期间，停用后 3 年", "办结后 10 年"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("OrderFile", _KEPT, Basis.DUTY, {
        "id": (2, KEY), "desk_code system name way": (2, "哪里收的、哪个系统的、文件名"), "digest": (2, "同一个文件不收两次"), "result": (3, "里面的工单各怎么样了"), "made_by made_at": (2, "谁何时收的"),
    }),
    **declare("OrderRow", _KEPT, Basis.DUTY, {
        "id": (2, KEY), "file desk_code place column why said": (3, "哪个文件哪一行哪一列读不懂、为什么"), "row_cipher": (3, "原来写的，用来改好再收（加密）"), "digest": (3, "同一行不列两次（带密钥散列）"),
        "state number dropped_why settled_by settled_at": (3, "谁何时改好收下、或为什么不收"),
    }),
    **declare("ExchangeLink", "线路用着的时候", Basis.NONE, {
        "id": (2, KEY), "desk_code name": (2, "哪条收发线路"), "tried_at ok_at next_at held_until failures trouble last brought_at": (2, "通不通、上次什么时候通、收到几件：只有件数，没有内容"),
    }),
    **declare("Partner", _SET, Basis.NONE, {
        "id": (2, KEY), "area_code code name card url receipt_hours columns ended_at": (2, "和哪些县通办、怎么认出它寄的、多久没有回执算丢了"), "made_by made_at": (2, "谁何时设的"),
    }),
    **declare("PartnerItem", _SET, Basis.NONE, {
        "id": (2, KEY), "partner area_code key code name fields materials days where note item no_match missing_since": (1, "对方县的事项是本县的哪一项、要什么"), "made_by made_at": (2, "谁何时设的"),
    }),
    **declare("Parcel", _MATTER, Basis.CONSENT, {
        "id": (2, KEY), "matter partner partner_code desk_code direction state item_name their_number": (3, "哪件代办在哪个县、办到哪一步"), "labels materials size": (3, "交给了对方哪几项、哪几份：提供给他方的记录，至少存 3 年"),
        "content_cipher": (3, "交给对方或对方交来的内容（加密）"), "digest": (3, "同一个包裹不立两件（带密钥散列）"), "consent_how consent_at": (3, "本人何时怎么同意的：同意在先"),
        "made_by made_at sent_at receipt_due_at received_at settled_at attempts trouble trouble_said dropped_why": (3, "谁备的、何时送到、丢没丢"),
    }),
    **declare("ParcelStep", _MATTER, Basis.DUTY, {"id": (2, KEY), "parcel matter direction state staff at handed_at": (3, "两边各说到哪一步"), "words_cipher": (3, "退回的原因、办理的结果（加密）")}),
    **declare("ParcelRefusal", "3 年", Basis.DUTY, {"id": (2, KEY), "desk_code at by way code sentence said genuine": (2, "哪个包裹没有收、为什么"), "claimed_from claimed_id digest": (2, "它自称是谁")}),
}
