"""Components as templates are loaded: the icon is written out where it stands.

A page of the desk shows some fifty icons; as a component each costs a context of its own, a tenth of a millisecond
(python -m bench.scope, search box). What is drawn is the same: `cotton/icon.html` is the one place that says how.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from django_cotton.compiler_regex import CottonCompiler
from django_cotton.cotton_loader import Loader as CottonLoader

ICON = re.compile(r'<c-icon name="([^"]*)" ?/>')


@cache
def drawn() -> tuple[str, str]:
    """What stands before and after an icon's name. `static` is a builtin of the templates (settings) and asked when the page is drawn: templates are compiled before a server has its files."""
    text = (Path(__file__).parent / "templates/cotton/icon.html").read_text(encoding="utf-8")
    before, after = re.sub(r"{% load static %}|<c-vars name />", "", text).strip().split("{{ name }}")
    return before, after


class Compiler(CottonCompiler):  # type: ignore[misc]
    """Cotton's compiler, icons first."""

    def process(self, html: str) -> str:
        before, after = drawn()
        return str(super().process(ICON.sub(lambda m: before + m[1] + after, html)))


class Loader(CottonLoader):  # type: ignore[misc]
    """Cotton's loader with that compiler."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.cotton_compiler = Compiler()
