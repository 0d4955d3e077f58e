"""How commands speak: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Failed(Exception):
    """A command cannot do what was asked; the text says why and what to do. Exit code 1."""


def say(words: str) -> None:
    """Progress and remarks."""
    err.print(words, markup=False)


def fail(words: str) -> int:
    err.print(words, markup=False, style="red")
    return 1


def result(data: Any, *, as_json: bool, rows: list[list[str]] | None = None, heads: list[str] | None = None) -> None:
    """The result: JSON for machines, a table or lines for people."""
    if as_json:
        sys.stdout.write(json.dumps(data, ensure_ascii=False, default=str, indent=1) + "\n")
        return
    if rows is None:
        for key, value in data.items():
            out.print(f"{key}：{value}", markup=False)
        return
    table = Table(*(heads or []), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    out.print(table)
