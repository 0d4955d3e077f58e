"""Fields of this area."""

from __future__ import annotations

from typing import Any

from minqing.access.models.fields import CodeField


class DeskField(CodeField):
    """A desk code (rules/desks.py): C-collated text like an area's code, up to 20 characters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 20)
        super().__init__(*args, **kwargs)
