"""Numbers of the protocol, and how two values of one field become one (sync/README.md; ux.md §3.3).

Pure. A merge is decided from values, never from clocks: a phone's clock may be a day off.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

SCHEMA, MIN_SCHEMA = 1, 1
LEASE = timedelta(days=14)
MOST_OPERATIONS, MOST_BYTES = 50, 64 * 1024
MOST_NEEDS = 20
PART, MOST_BLOB = 256 * 1024, 8 * 1024 * 1024
MOST_BOX, MOST_BOXES = 512 * 1024, 20
#: A copy for the phone begins with a village: what a whole county looks after does not belong into a pocket.
WIDEST = 12
MOST_HOUSEHOLDS = 3000
APPLIED, SAME, CONFLICT, REVIEW = "applied", "same", "conflict", "review"


def merge(*, now: str, was: str, to: str) -> str:
    """What becomes of a field that the phone showed as `was` and the officer set to `to`, when the server has `now`."""
    if now == to:
        return SAME
    return APPLIED if now == was else CONFLICT


def both(first: str, second: str) -> str:
    """Two texts kept as one; one that holds the other stands alone."""
    if not first or first in second:
        return second
    return first if not second or second in first else f"{first}；{second}"


def canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content: Mapping[str, Any]) -> str:
    """What makes two operations of one id the same."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def digest_of_copy(revisions: Mapping[str, str]) -> str:
    """Of {id: rev}; the phone computes the same."""
    return hashlib.sha256("\n".join(f"{key}:{revisions[key]}" for key in sorted(revisions)).encode()).hexdigest()[:32]
