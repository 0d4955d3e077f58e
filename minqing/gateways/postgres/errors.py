"""What goes wrong with the embedded database, in words a clerk and an administrator can act on.

Invariant: every error carries a stable code and two sentences (Chinese, English) that say what is wrong and what to do.
"""

from __future__ import annotations


class PostgresError(RuntimeError):
    """The embedded database cannot do what was asked.

    code: stable word for programs (`--json`, doctor). zh, en: what is wrong, where, and what to do.
    """

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.code = code
        self.zh = zh
        self.en = en
