"""Why something is not possible with a matter: one Chinese sentence that says what, where, and what to do.

The archives' kinds of refusal are used as they are; here are those that only matters know.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import DatabaseError, IntegrityError, transaction
from django.utils.translation import gettext as _

from minqing.archives.refusals import NeedsReason, NotHere, Refused

__all__ = ["Missing", "NeedsReason", "NotHere", "NotYours", "Refused", "Stale", "here", "saying"]


Row = TypeVar("Row")


def here(found: Row | None, sentence: str) -> Row:
    """The row, if the database showed one. Raises NotHere: what is not there and what is not his are one answer."""
    if found is None:
        raise NotHere(sentence)
    return found


class NotYours(Refused):
    """His desk does not make this move at this matter."""


class Missing(Refused):
    """A field that the move needs; `field` is its name in the form."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Stale(Refused):
    """Somebody moved the matter after the page was opened."""


@contextmanager
def saying(sentence: str) -> Iterator[None]:
    """A rule of the database (unique, exclusion, check, policy) as a sentence; the transaction goes on."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Refused(sentence) from error
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") == "42501":
            raise NotYours(_("这不归您办。")) from error
        raise
