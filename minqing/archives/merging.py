"""Two files are one person: whose rows follow, and who objects. Declared by each area in its `resident.py`.

Invariant: every column of the program that names a person is declared here by its area, or stands in `STAYS` with the
reason why it does not follow (a test asks the database). A migration of the same area makes the moving function with
`call access.moves_with_person('public.<table>', '<column>')`; archives itself only calls it.

    MOVES = (Move("service_party", "person_id"),)
    OBJECTIONS = (open_matter_about_both,)      # (kept, other) → a sentence, or ''
    MOVED = (bar_again,)                        # (persons) → when every row lies where it should, joined or parted
"""

from __future__ import annotations

import importlib
import importlib.util
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps

Objection = Callable[[uuid.UUID, uuid.UUID], str]


@dataclass(frozen=True, slots=True)
class Move:
    """One column that names a person: rows of the other file become the kept one's."""

    table: str
    column: str

    @property
    def function(self) -> str:
        """The definer function that moves it, in schema access."""
        return f"move_{self.table}_{self.column}"


#: Columns that name a person and do not follow: (table, column) → why.
STAYS: dict[tuple[str, str], str] = {
    ("archives_placement", "person_id"): "access.join_persons places the kept file wherever the other was seen",
    ("archives_identity", "person_id"): "access.join_persons hands the digests over",
    ("archives_searchkey", "person_id"): "derived again",
    ("archives_change", "person_id"): "history is never rewritten",
    ("archives_act", "persons"): "history is never rewritten",
    ("archives_sameperson", "kept_id"): "the judgement itself",
    ("archives_sameperson", "other_id"): "the judgement itself",
    ("access_auditentry", "persons"): "the audit is never rewritten",
    ("notify_message", "person"): "what was sent to whom is not rewritten",
    ("gather_statement", "named"): "rows that only mention somebody; whose row it is follows",
}


def _declared(name: str) -> list[object]:
    found: list[object] = []
    for app in apps.get_app_configs():
        module = f"{app.name}.resident"
        if app.name.startswith("minqing.") and importlib.util.find_spec(module):
            found += getattr(importlib.import_module(module), name, ())
    return found


def moves() -> list[Move]:
    """Every declared column, in the order of INSTALLED_APPS."""
    return [move for move in _declared("MOVES") if isinstance(move, Move)]


def objections(kept: uuid.UUID, other: uuid.UUID) -> list[str]:
    """What still stands against joining the two, one sentence each, of every area."""
    return [said for objection in _declared("OBJECTIONS") if callable(objection) and (said := objection(kept, other))]


def settle(persons: list[uuid.UUID]) -> None:
    """Every row lies where it should: the areas work out again what they derived from whose it is."""
    for again in _declared("MOVED"):
        if callable(again):
            again(persons)
