"""Whoever acts may read English; who is told, and who opens the file next year, did not choose that.

Invariant: what is told to people and what a row keeps is made in the county's language (access/words.py). Three looks: stories of every area
are lived by colleagues who read English, and no statement and no cipher holds a word in it; every sender of notices composes under the
county's language; no action gives what it stores to the reader's gettext.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db.backends.utils import CursorWrapper
from django.utils import translation
from django.utils.translation import _trans  # type: ignore[attr-defined]

from minqing.access.words import county, lasting
from minqing.lib import ciphers
from minqing.notify.channels import sms
from minqing.notify.rules import templates
from tests.archives import test_lives as lives
from tests.archives import village
from tests.contact import test_meetings as meetings
from tests.contact import test_visits as visits
from tests.contracts.test_code import trees
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


def _met(story: Callable[..., None], *, family: bool = True) -> Callable[[type[World]], None]:
    """A story of contact where the three grids stand, with the family that 兰 keeps there."""
    @functools.wraps(story)
    def told(world: type[World]) -> None:
        village.grids()
        if not family:
            return story(world)
        with world.acting("兰") as me:
            found = village.Family(me)
        return story(world, found)

    return told


STORIES: list[Callable[..., None]] = [
    matters.test_a_lamp_from_the_doorstep_to_the_end, matters.test_a_leader_sees_it_while_it_waits_for_his_word, matters.test_a_complaint_about_the_secretary_goes_around_the_village,
    errands.test_from_the_door_to_the_file, errands.test_not_right_the_first_time_is_done_again, errands.test_it_could_not_be_done_is_an_answer_too,
    _met(lives.test_when_the_head_dies_the_next_head_is_chosen_first_and_everybodys_relation_is_derived_anew, family=False), _met(lives.test_splitting_a_household_gives_both_a_head_and_right_relations, family=False),
    _met(lives.test_pension_seat_and_children_of_the_dead_are_looked_after, family=False), _met(lives.test_moving_out_of_the_system_keeps_the_file_marked_and_can_be_taken_back, family=False),
    _met(visits.test_within_ten_minutes_the_visit_goes_with_what_came_of_it), _met(visits.test_what_is_wished_is_a_matter_and_what_is_wrong_is_changed_or_asked_by_right),
    _met(meetings.test_a_decision_is_followed_until_it_is_done_and_carried_out_by_a_matter, family=False), _met(meetings.test_minutes_are_signed_by_two_and_stand),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda s: f"{s.__module__.rpartition('.')[2]}.{s.__name__}")
def test_a_colleague_who_reads_english_leaves_nothing_in_english(story, english, world):
    story(world)
    assert english == []


def test_the_mark_would_be_seen(english, world):
    with world.acting("香"):
        assert translation.gettext("已受理").startswith(MARK) and lasting("已受理") == "已受理" and county(translation.gettext)("已受理") == "已受理"


def _enclosing(tree: ast.Module, node: ast.AST) -> ast.FunctionDef:
    """The outermost function around a node."""
    return next(f for f in tree.body if isinstance(f, ast.FunctionDef) and f.lineno <= node.lineno <= (f.end_lineno or 0))  # type: ignore[attr-defined]


def _in_the_countys(function: ast.FunctionDef) -> bool:
    return any(ast.unparse(d) == "county" for d in function.decorator_list)


def test_every_sender_composes_in_the_countys_language():
    """Whoever calls messages.tell is `@county`, or everybody in his file who calls him is, or he hands on words that a person typed."""
    loose = set()
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "messages.tell"):
                continue
            sender = _enclosing(tree, node)
            callers = {_enclosing(tree, c).name: _enclosing(tree, c) for c in ast.walk(tree) if isinstance(c, ast.Call) and ast.unparse(c.func) == sender.name}
            if not (_in_the_countys(sender) or (callers and all(map(_in_the_countys, callers.values()))) or sender.name in SENDERS_WITHOUT):
                loose.add(f"{path}:{sender.name}")
    assert loose == {"minqing/service/actions/telling.py:_message"}   # called by tell, which is, and by _child of the same


#: Where an action's words go that stay; calls whose sentence goes back to the page.
STAYS = {"public", "sentence", "note", "words", "title", "why", "reason", "end_why", "told_channel", "forwarded_to", "dropped_why"}
GOES_BACK = {"need", "_text", "saying", "here", "require", "Missing", "Refused", "NotHere", "NotYours"}


def _of_the_reader(node: ast.AST) -> Iterator[ast.Call]:
    """Calls of the reader's gettext inside an expression, without those whose sentence goes back."""
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        if name in GOES_BACK:
            return
        if name in ("_", "_now", "gettext"):
            yield node
    for child in ast.iter_child_nodes(node):
        yield from _of_the_reader(child)


def _actions_of(tree: ast.Module) -> set[str]:
    """The names under which a page knows modules of actions."""
    return {a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and (n.module or "").endswith(".actions") for a in n.names}


def test_what_an_action_keeps_is_not_made_for_its_reader():
    found = set()
    for path, tree in trees().items():
        inside, called = "actions" in path.parts or path.name == "resident.py", _actions_of(tree)
        county_own = [f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and _in_the_countys(f)]
        for node in ast.walk(tree):
            kept: list[ast.AST] = []
            if isinstance(node, ast.Call) and (inside or ast.unparse(node.func).partition(".")[0] in called - {"messages"} and "." in ast.unparse(node.func)):
                kept += [k.value for k in node.keywords if k.arg in STAYS] + (node.args[1:2] if ast.unparse(node.func).rpartition(".")[2] in ("acting", "_acting") else [])
            elif inside and isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in STAYS - {"why", "reason"} for t in node.targets):
                kept.append(node.value)
            for call in (c for value in kept for c in _of_the_reader(value)):
                if not any(f.lineno <= call.lineno <= (f.end_lineno or 0) for f in county_own):
                    found.add(f"{path}:{call.lineno}: {ast.unparse(call)}")
    assert found == set()


def test_a_letter_and_a_text_message_hold_no_english_for_who_chose_none():
    for template in templates.TEMPLATES.values():
        assert not re.search("[a-z]{3}", sms.words(template, template.samples)), template.code
    assert settings.LANGUAGE_CODE == "zh-hans"
