"""Money between somebody who runs an errand and the person it is for. Pure.

Invariants: amounts are exact (Decimal, two places); a line is never changed: a reversal repeats its kind and amount and takes it
back; the balance is what the person owes the agent (negative: what the agent still has of the person's), and zero is settled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

CENT = Decimal("0.01")
MOST = Decimal("50000.00")
#: What a line does to the balance.
SIGNS = {"paid": 1, "given": 1, "taken": -1}


@dataclass(frozen=True, slots=True)
class Line:
    kind: str
    amount: Decimal
    reversal: bool = False


def effect(line: Line) -> Decimal:
    """By how much a line changes the balance."""
    return line.amount * SIGNS[line.kind] * (-1 if line.reversal else 1)


def balance(lines: Iterable[Line]) -> Decimal:
    """What the person owes the agent after these lines."""
    return sum((effect(line) for line in lines), Decimal("0.00"))


def read(text: str) -> Decimal | None:
    """"12.5" → 12.50; None for what is no amount above zero with at most two decimals."""
    tidy = text.strip().replace("，", "").replace(",", "").removesuffix("元").removeprefix("¥").removeprefix("￥").strip()
    try:
        found = Decimal(tidy)
    except InvalidOperation:
        return None
    if not found.is_finite() or found <= 0 or found > MOST or found != found.quantize(CENT):
        return None
    return found.quantize(CENT)
