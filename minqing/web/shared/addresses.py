"""The addresses sorted by their first word, so that one is found without trying all five hundred.

Django tries pattern after pattern and remembers each that did not fit; a page looks twice. `python -m bench.addresses` says what it saves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.urls import URLPattern, URLResolver, include, path

Pattern = URLPattern | URLResolver


def by_first_word(patterns: Iterable[Pattern]) -> list[Pattern]:
    """The same addresses; those that begin with one literal word together and in their order, those that begin with none after them."""
    groups: dict[str, list[URLPattern]] = {}
    for route, pattern in _flat(patterns):
        word, slash, rest = route.partition("/")
        if not slash or "<" in word:
            word, rest = "", route
        groups.setdefault(word and f"{word}/", []).append(path(rest, pattern.callback, pattern.default_args, pattern.name))
    alone = groups.pop("", [])
    return [*(path(word, include(found)) for word, found in groups.items()), *alone]


def _flat(patterns: Iterable[Pattern], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """(route, pattern) of every address, however deep it is included."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _flat(pattern.url_patterns, route)
        else:
            yield route, pattern
