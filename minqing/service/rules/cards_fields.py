"""Every column of the cards: level, purpose, basis, retention. Merged into rules/fields.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

FIELDS: dict[tuple[str, str], Field] = {
    **declare("PlaceCard", "挂着期间，停用后 1 年", Basis.DUTY, {
        "id": (2, KEY), "grid_code kind spot sort_key": (2, "卡挂在哪个门口或地点：扫码的人不用再说在哪里"), "code": (2, "随机的码，停用后打不开"),
        "made_by made_at revoked_at revoked_by": (2, "谁何时做的、停用的"),
    }),
}
