"""An answer of another machine, read to its end in a bounded time and size."""

from __future__ import annotations

import time
from typing import Any


def read_in_time(answer: Any, *, seconds: float, most: int) -> bytes:
    """The whole answer; TimeoutError where it does not end. The socket's own limit counts anew for every drop: a side that drips must hold
    nobody for ever."""
    until, parts, size = time.monotonic() + seconds, [], 0
    while piece := answer.read1(65536):
        parts.append(piece)
        size += len(piece)
        if size > most or time.monotonic() > until:
            raise TimeoutError
    return b"".join(parts)
