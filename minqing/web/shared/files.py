"""Addresses of static files. A page names one of them dozens of times, an icon each; where it lies does not change while the program runs."""

from __future__ import annotations

from typing import Any

from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class Remembered:
    """Works every address out once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known: dict[str, str] = {}

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        if name not in self.known:
            self.known[name] = super().url(name, *args, **kwargs)  # type: ignore[misc]
        return self.known[name]


class Served(Remembered, CompressedManifestStaticFilesStorage):
    """With a digest in the name, compressed."""


class Plain(Remembered, StaticFilesStorage):
    """As they lie in the source: for tests."""
