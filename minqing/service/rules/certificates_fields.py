"""Every column of certificates: level, purpose, basis, retention. Merged into rules/fields.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

_KEPT = "出具后 10 年"
_SET = "启用期间，停用后 3 年"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("CertificateItem", _SET, Basis.NONE, {
        "id": (2, KEY), "area_code code name allowed office bring basis template starts_on ends_on ended_at": (1, "哪些证明能出、依据和样式"), "made_by made_at": (2, "谁何时设的"),
    }),
    **declare("CertificateCount", "永久", Basis.NONE, {"id": (2, KEY), "area_code year last": (2, "每村每年编号不断号")}),
    **declare("Certificate", _KEPT, Basis.DUTY, {
        "id": (2, KEY), "place_code person_id item name masked": (3, "给谁出的什么证明"), "year serial issued_on token_digest": (3, "编号和扫码核对"), "state": (3, "有没有效"),
        "payload reason_cipher": (3, "正文、各栏来源、用途，没批或撤销的原因（加密）"), "barred": (4, "回避：本人和亲属看不到、批不了", Basis.SENSITIVE),
        "drafted_by drafted_at decided_by decided_at revoked_by revoked_at": (3, "谁起草、谁批、谁撤销"),
    }),
}
