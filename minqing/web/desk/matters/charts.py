"""Charts as SVG made on the server: bars and columns with their numbers written beside them. Pure.

Invariant: no inline style; a chart says nothing that its table does not say; lengths are of one measure on one scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    label: str
    value: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    title: str
    width: int
    height: int
    marks: tuple[Mark, ...]


def bars(rows: Sequence[tuple[str, int | None]], title: str, *, few: str = "<5") -> Chart | None:
    """Lying bars, one a line; a hidden number has no bar and says `few`."""
    if not rows:
        return None
    most = max((n or 0 for _label, n in rows), default=0) or 1
    line, room = 40, 290  # the word above its bar: beside it, a phone would shrink both to half their size
    marks = tuple(Mark(label, few if n is None else str(n), 0, i * line + 20, room * (n or 0) / most, 10) for i, (label, n) in enumerate(rows))
    return Chart(title, room + 50, len(rows) * line, marks)


def columns(rows: Sequence[tuple[str, int]], title: str) -> Chart | None:
    """Standing columns in time."""
    if len(rows) < 2:
        return None
    most = max(n for _label, n in rows) or 1
    step, top, room = 56, 20, 110
    marks = tuple(Mark(label, str(n), i * step + 12, top + room - room * n / most, 32, room * n / most) for i, (label, n) in enumerate(rows))
    return Chart(title, len(rows) * step + 8, top + room + 24, marks)
