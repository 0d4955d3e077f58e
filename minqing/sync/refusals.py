"""What a phone is told when something is not possible."""

from __future__ import annotations


class Unfit(Exception):  # noqa: N818 - the name of what happened
    """A call that is not one of the protocol, or not his: a code for the program, a sentence for the person, a status of HTTP."""

    def __init__(self, code: str, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.code, self.status = code, status
