"""How every column is classified: level, purpose, legal basis, how long it is kept (domain.md §5, §6.1).

Pure. Each area declares its own columns in `rules/fields.py` with `declare`; a contract test holds the tables against the
models, so that no column comes to be without a purpose. docs/reference/data-dictionary.md is made from here.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Level(enum.IntEnum):
    """L1 to L4: who may know."""

    PUBLIC = 1
    INTERNAL = 2
    PERSONAL = 3
    SENSITIVE = 4


LEVEL_LABELS = {Level.PUBLIC: "L1 公开", Level.INTERNAL: "L2 内部", Level.PERSONAL: "L3 个人信息", Level.SENSITIVE: "L4 敏感个人信息"}


class Basis(enum.StrEnum):
    """Why it may be kept at all; article and number of the 个人信息保护法."""

    NONE = "不是个人信息"
    DUTY = "履行法定职责：第13条第1款第3项"
    CONSENT = "本人同意：第13条第1款第1项"
    SENSITIVE = "履行法定职责并按敏感个人信息处理：第13条第1款第3项、第28至32条"
    EMPLOYMENT = "人力资源管理所必需：第13条第1款第2项"
    ACCOUNTABLE = "安全与审计义务：第51、54条"


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its level, the sentence that says what it is for, the basis, and how long it is kept."""

    level: Level
    purpose: str
    basis: Basis
    kept: str


#: Columns that mean the same wherever they stand.
KEY = "区分各行的编号，随机产生，不含含义"
COMMON: dict[str, tuple[int, str]] = {
    "id": (2, KEY),
    "sources": (3, "每个值从哪里来、何时、谁核实、别处怎么说：一数一源，可以追问和更正"),
    "version": (2, "防止两人同时修改时互相覆盖"),
    "created_at": (2, "何时建档"),
    "updated_at": (2, "何时最后更新，判断是否过期"),
    "voided_at": (2, "作废而不删除，可以追溯"),
    "grid_code": (2, "由哪个网格负责：决定谁可以看"),
}


def declare(model: str, kept: str, basis: Basis, columns: Mapping[str, tuple[int, str] | tuple[int, str, Basis]], *, common: str = "") -> dict[tuple[str, str], Field]:
    """The columns of one model: names separated by blanks → (level, purpose[, basis]). `common` names those of COMMON it has."""
    found: dict[tuple[str, str], Field] = {}
    rows: list[tuple[str, tuple[int, str] | tuple[int, str, Basis]]] = [(name, COMMON[name]) for name in common.split()] + list(columns.items())
    for names, row in rows:
        own = row[2] if len(row) == 3 else basis if row[0] >= Level.PERSONAL else Basis.NONE if basis in (Basis.DUTY, Basis.SENSITIVE, Basis.CONSENT) else basis
        for name in names.split():
            if (model, name) in found:
                raise ValueError(f"{model}.{name} is declared twice")
            found[(model, name)] = Field(Level(row[0]), row[1], own, kept)
    return found
