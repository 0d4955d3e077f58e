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
#: So long an operation waits for one that it needs. That may have been lost with its phone: then it is done without, by the values it
#: names, and a field that stands otherwise becomes a question.
PATIENCE = timedelta(days=7)
PART, MOST_BLOB = 256 * 1024, 8 * 1024 * 1024
#: So many parts of one person wait to be used (512 MB, some two thousand photos of a phone); nobody fills the disk with more.
MOST_PARTS = 2048
MOST_BOX, MOST_BOXES = 512 * 1024, 20
#: A copy for the phone begins with a village: what a whole county looks after does not belong into a pocket.
WIDEST = 12
MOST_HOUSEHOLDS = 3000
APPLIED, SAME, CONFLICT, REVIEW = "applied", "same", "conflict", "review"


#: What `data` of each kind holds where it is given: a type; [a type] for a list of such; {} for an object of anything.
#: What is not named here is no concern of this table: a newer phone may say more.
_TEXT: Any = str
SHAPES: dict[str, dict[str, Any]] = {
    "household.words": {"fields": {}},
    "person.fields": {"fields": {}, "on": _TEXT, "note": _TEXT},
    "matter.open": {"place": _TEXT, "kind": _TEXT, "words": _TEXT, "name": _TEXT, "phone": _TEXT, "spot": _TEXT, "persons": [_TEXT], "names": [{}]},
    "photo.attach": {"blob": _TEXT, "name": _TEXT},
    "visit.record": {"visit": _TEXT, "how": _TEXT, "met": [_TEXT], "topics": [_TEXT], "checklist": {}, "words": _TEXT, "note": _TEXT, "companions": _TEXT, "wishes": [{}], "corrections": [{}]},
    "visit.usual": {"visit": _TEXT, "how": _TEXT, "met": [_TEXT]},
    "helper.check": {"check": _TEXT, "answer": _TEXT, "how": _TEXT, "words": _TEXT},
    "conflict.choose": {"choice": _TEXT},
    "transfer.mark": {"state": _TEXT, "shelter": _TEXT, "words": _TEXT},
    "round.end": {"outcome": _TEXT, "words": _TEXT, "by": _TEXT, "matter_words": _TEXT, "kind": _TEXT},
}


def misfit(kind: str, data: Mapping[str, Any]) -> str:
    """The name of what does not have the shape of the protocol; "" where all has. An empty value (null) fits everywhere."""
    for name, shape in SHAPES.get(kind, {}).items():
        value = data.get(name)
        if value is None:
            continue
        of = dict if shape == {} else shape
        if isinstance(of, list):
            inner = dict if of == [{}] else of[0]
            if not isinstance(value, list) or not all(isinstance(v, inner) for v in value):
                return name
        elif not isinstance(value, of):
            return name
    return ""


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
