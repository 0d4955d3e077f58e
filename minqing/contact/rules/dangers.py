"""How a dwelling's safety is written when it is not safe: 住建, 资规 and villages write it freely. Pure."""

from __future__ import annotations

import re

DANGEROUS = re.compile(r"危|[CD]\s*级|隐患|滑坡|地质|低洼|削坡|裂|漏|塌|溪边|库")
HARMLESS = re.compile(r"^(?:非|不是|没有|无).*(?:危|隐患)|已(?:整改|加固|拆除|销号)|[AB]\s*级")


def dangerous(safety: str) -> bool:
    """Whether what the file says of a dwelling is a reason to move its people."""
    return bool(safety and DANGEROUS.search(safety) and not HARMLESS.search(safety))
