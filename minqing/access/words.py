"""Words that outlive the page they were made on: what is told to people, and what a row keeps for others to read.

Invariant: whoever acts may read English; whom it is about, and who opens the file next year, did not choose that. What is told or kept is
therefore made in the county's own language (settings.LANGUAGE_CODE), and only what goes back to the page in the language of whoever reads it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.utils import translation

P = ParamSpec("P")
R = TypeVar("R")


def lasting(sentence: object) -> str:
    """A sentence or label of ours, also one of gettext_lazy, as it is kept in a row or told to somebody."""
    with translation.override(settings.LANGUAGE_CODE):
        return translation.gettext(sentence) if isinstance(sentence, str) else str(sentence)


def county(compose: Callable[P, R]) -> Callable[P, R]:
    """For a function that composes what is told or kept: every word it takes from elsewhere is the county's, too."""
    @functools.wraps(compose)
    def composed(*args: P.args, **kwargs: P.kwargs) -> R:
        with translation.override(settings.LANGUAGE_CODE):
            return compose(*args, **kwargs)

    return composed
