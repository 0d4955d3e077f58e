"""Committed foreign rows for the attack tests; removed afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts import foreign


@pytest.fixture(scope="session")
def rows(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[foreign.Rows]:
    """One row of every personal table in 兰's grid and in four that are not hers."""
    made = foreign.fill()
    try:
        yield made
    finally:
        foreign.empty(made)
