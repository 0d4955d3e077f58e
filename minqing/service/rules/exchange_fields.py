"""Every column of what is exchanged with other systems and counties: level, purpose, basis, retention. Merged into rules/fields.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

_KEPT = "处理完后 3 年"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("OrderFile", _KEPT, Basis.DUTY, {
        "id": (2, KEY), "desk_code system name way": (2, "哪里收的、哪个系统的、文件名"), "digest": (2, "同一个文件不收两次"), "result": (3, "里面的工单各怎么样了"), "made_by made_at": (2, "谁何时收的"),
    }),
    **declare("OrderRow", _KEPT, Basis.DUTY, {
        "id": (2, KEY), "file desk_code place column why": (3, "哪个文件哪一行哪一列读不懂、为什么"), "row_cipher": (3, "原来写的，用来改好再收（加密）"), "digest": (3, "同一行不列两次（带密钥散列）"),
        "state number dropped_why settled_by settled_at": (3, "谁何时改好收下、或为什么不收"),
    }),
}
