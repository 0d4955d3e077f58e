"""Why an act on the archives is not possible: one Chinese sentence that says what, where, and what to do."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext as _


class Refused(Exception):  # noqa: N818 - the name of what happened, as pages show it
    """Base of all refusals; `str(error)` is shown to the person."""


class NotHere(Refused):
    """The row is not in the caller's scope, or does not exist: the two look alike on purpose (404)."""


class AlreadyHere(Refused):
    """The number belongs to a person of the caller's own scope; `person` is his id."""

    def __init__(self, sentence: str, person: uuid.UUID) -> None:
        super().__init__(sentence)
        self.person = person


class Elsewhere(Refused):
    """The number is known outside the caller's scope. Who and where is not said: the matter is referred."""


class LooksAlike(Refused):
    """Persons of the same name and birth date stand in the scope; repeat with `confirmed=True` if it is somebody else."""

    def __init__(self, sentence: str, persons: list[uuid.UUID]) -> None:
        super().__init__(sentence)
        self.persons = persons


class NeedsHead(Refused):
    """The household needs its next head first; `candidates` are (id, name, relation label)."""

    def __init__(self, sentence: str, candidates: list[tuple[uuid.UUID, str, str]]) -> None:
        super().__init__(sentence)
        self.candidates = candidates


class NeedsReason(Refused):
    """A reason in words is required (level 4, off duty, or opened from no list)."""


class Conflict(Refused):
    """The field is no longer what the editor saw; both values are kept for him to choose."""

    def __init__(self, *, field: str, label: str, mine: str, theirs: str, who: str, when: datetime | None) -> None:
        by = f"{who} {when:%m-%d %H:%M} " if who and when else _("别人")
        super().__init__(_("“%(label)s”在您打开之后已由%(by)s改为“%(theirs)s”，您填的是“%(mine)s”。请选一个再保存。") % {"label": label, "by": by, "theirs": theirs, "mine": mine})
        self.field, self.label, self.mine, self.theirs, self.who, self.when = field, label, mine, theirs, who, when
