"""Whoever acts may read English; who is told, and who opens the file next year, did not choose that.

Invariant: what is told to people and what a row keeps is made in the county's language (access/words.py). Three looks: stories of every area
are lived by colleagues who read English, and no statement and no cipher holds a word in it; every sender of notices composes under the
county's language; no action gives what it stores to the reader's gettext.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.backends.utils import CursorWrapper
from django.utils import translation
from django.utils.translation import _trans  # type: ignore[attr-defined]

from minqing.access.words import county, lasting
from minqing.lib import ciphers
from tests.people import World
from tests.service import test_errands as errands
from tests.service import test_matters as matters

#: In front of every word that was made for a reader: no sentence of ours holds it.
MARK = "\u200b"
SENDERS_WITHOUT = {"announce": "words that the clerk types", "notice": "values of the meeting's own row"}


def _texts(value: Any) -> Iterator[str]:
    """Every text of a statement's values, arrays and JSON included."""
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from _texts(one)
        case list() | tuple() | set():
            for one in value:
                yield from _texts(one)
        case _ if hasattr(value, "obj"):  # Jsonb
            yield from _texts(value.obj)


@pytest.fixture
def english(world: type[World], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everybody of the cast reads English; what was made for them and written down all the same is in the list."""
    written: list[str] = []
    gettext, execute, many, encrypt, acting = _trans.gettext, CursorWrapper.execute, CursorWrapper.executemany, ciphers.FieldCipher.encrypt, World.acting

    def look(value: Any) -> None:
        written.extend(text for text in _texts(value) if MARK in text)

    def marked(message: str) -> str:
        return MARK + message if translation.get_language() == "en" and message else str(gettext(message))

    @contextlib.contextmanager
    def reading_english(*args: Any, **named: Any) -> Iterator[Any]:
        with acting(*args, **named) as me, translation.override("en"):
            yield me

    def executed(self: Any, sql: Any, params: Any = None) -> Any:
        look(params)
        return execute(self, sql, params)

    def executed_many(self: Any, sql: Any, rows: Any) -> Any:
        kept = list(rows)
        look(kept)
        return many(self, sql, kept)

    def encrypted(self: Any, plain: str | bytes, *args: Any, **named: Any) -> bytes:
        look(plain if isinstance(plain, str) else plain.decode("utf-8", "ignore"))
        return encrypt(self, plain, *args, **named)

    monkeypatch.setattr(_trans, "gettext", marked)
    monkeypatch.setattr(CursorWrapper, "execute", executed)
    monkeypatch.setattr(CursorWrapper, "executemany", executed_many)
    monkeypatch.setattr(ciphers.FieldCipher, "encrypt", encrypted)
    monkeypatch.setattr(World, "acting", staticmethod(reading_english))
    return written


STORIES: list[Callable[..., None]] = [
    matters.test_a_lamp_from_the_doorstep_to_the_end, matters.test_a_leader_sees_it_while_it_waits_for_his_word, matters.test_a_complaint_about_the_secretary_goes_around_the_village,
    errands.test_from_the_door_to_the_file, errands.test_not_right_the_first_time_is_done_again, errands.test_it_could_not_be_done_is_an_answer_too,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda s: f"{s.__module__.rpartition('.')[2]}.{s.__name__}")
def test_a_colleague_who_reads_english_leaves_nothing_in_english(story, english, world):
    story(world)
    assert english == []


def test_the_mark_would_be_seen(english, world):
    with world.acting("香"):
        assert translation.gettext("已受理").startswith(MARK) and lasting("已受理") == "已受理" and county(translation.gettext)("已受理") == "已受理"
