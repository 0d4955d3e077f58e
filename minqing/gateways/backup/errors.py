"""What goes wrong with a backup, in words an administrator can act on at night.

Invariant: every error carries a stable code and two sentences (Chinese, English) that say what is wrong and what to do.
"""

from __future__ import annotations


class BackupError(RuntimeError):
    """A backup could not be made, read or restored. code: stable word; zh, en: what is wrong and what to do."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.code = code
        self.zh = zh
        self.en = en
