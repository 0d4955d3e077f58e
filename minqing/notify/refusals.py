"""Why something about a message is not possible: one Chinese sentence that says what, where, and what to do."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - the name of what happened, as pages show it
    """Base of all refusals; `str(error)` is shown to the person."""


class NotHere(Refused):
    """The row is not in the caller's scope, or does not exist: the two look alike on purpose (404)."""
