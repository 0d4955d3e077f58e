"""Field types shared by every area."""

from __future__ import annotations

from typing import Any

from django.db import models


class CodeField(models.CharField):
    """An area code: `text collate "C"`, so that containment (prefix) is a btree range and the policy's hint reaches the index.

    text, not varchar: the law compares with a multirange of text, and a cast on the column would cost the index.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 17)
        kwargs["db_collation"] = "C"
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["db_collation"]
        return name, path, args, kwargs

    def db_type(self, connection: Any) -> str:
        return "text"

    def rel_db_type(self, connection: Any) -> str:
        return "text"
