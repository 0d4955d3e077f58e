"""Real PostgreSQL, real roles: the ground of all tests.

One embedded cluster for the test run (MINQING_TEST_HOME keeps it between runs), a fresh database, the cast and one
session each, committed once. Every test runs in transactions that are rolled back; two aliases are two transactions.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

HOME = Path(os.environ.get("MINQING_TEST_HOME") or Path(tempfile.gettempdir()) / f"minqing-test-{os.getuid()}")
os.environ.update({
    "MINQING_HOME": str(HOME), "MINQING_DATABASE": "minqing_test", "MINQING_PROCESS": "admin",
    "DJANGO_SETTINGS_MODULE": "minqing.settings", "MINQING_SECOND_FACTOR": "privileged", "MINQING_MODE": "development",
})
os.environ.pop("DATABASE_URL", None)

from minqing import ground  # noqa: E402 - the environment comes first
from minqing.gateways import postgres  # noqa: E402

ground.prepare_home(HOME)
postgres.ensure_running(HOME)
with psycopg.connect(**postgres.open_cluster(HOME).superuser_dsn(), autocommit=True) as root:
    root.execute("drop database if exists minqing_test with (force)")
ground.prepare_database(HOME, "minqing_test")
ground.set_up_django()

from django.conf import settings  # noqa: E402
from django.db import connections, transaction  # noqa: E402

from minqing.commands import installation  # noqa: E402
from tests import people  # noqa: E402

ALIASES = ("default", "login", "resident", "gather", "jobs", "seal", "owner")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Schema, areas, cast; committed. Overrides pytest-django's own test database."""
    with django_db_blocker.unblock():
        settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        now = datetime.now(UTC)
        installation.migrate()
        installation.fill_divisions(now)
        people.employ_all(now)
        yield
        for alias in ALIASES:
            connections[alias].close()


@pytest.fixture(autouse=True)
def rolled_back(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test that asks for `db` or `world` leaves nothing behind."""
    if not {"world", "committed"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("django_db_setup")
    with request.getfixturevalue("django_db_blocker").unblock():
        if "committed" in request.fixturenames:
            yield
            return
        blocks = [transaction.atomic(using=a) for a in ALIASES]
        for block in blocks:
            block.__enter__()
        try:
            yield
        finally:
            for alias, block in zip(reversed(ALIASES), reversed(blocks), strict=True):
                transaction.set_rollback(True, using=alias)
                block.__exit__(None, None, None)


@pytest.fixture
def world() -> type[people.World]:
    """The cast in the database: `with world.acting("兰") as me:`; everything is rolled back after the test."""
    return people.World


@pytest.fixture
def committed() -> type[people.World]:
    """As `world`, but nothing is rolled back: for tests that need several connections. Clean up after yourself."""
    return people.World
