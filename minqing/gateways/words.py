"""A trouble with another system as a code with values: kept so, and said by whoever shows it in the reader's language.

Invariant: what is kept never holds a sentence; the Chinese sentence stands in the table of the gateway that says it.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Worded(Exception):
    """`str()` is the Chinese sentence; `said` is what is kept."""

    sentences: ClassVar[dict[str, str]] = {}

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(self.sentences[key] % values)
        self.key, self.values = key, values

    @property
    def said(self) -> dict[str, Any]:
        return {"code": self.key, "values": self.values}
