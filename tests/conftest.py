"""Real PostgreSQL, real roles: the ground of all tests.

One embedded cluster for the test run (MINQING_TEST_HOME keeps it between runs), a fresh database, the cast and one
session each, committed once. Every test runs in transactions that are rolled back; two aliases are two transactions.
A file of tests that commits leaves the next one the database as it was made (DIRECTORIES_AFRESH).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

HOME = Path(os.environ.get("MINQING_TEST_HOME") or Path(tempfile.gettempdir()) / f"minqing-test-{os.getuid()}")
os.environ.update({
    "MINQING_HOME": str(HOME), "MINQING_DATABASE": "minqing_test", "MINQING_PROCESS": "admin",
    "DJANGO_SETTINGS_MODULE": "minqing.settings", "MINQING_SECOND_FACTOR": "privileged", "MINQING_MODE": "development",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright keeps an event loop in this thread, beside which tests read and write
})
os.environ.pop("DATABASE_URL", None)

hypothesis_settings.register_profile("minqing", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no defect
hypothesis_settings.load_profile("minqing")

from minqing import ground  # noqa: E402 - the environment comes first
from minqing.gateways import postgres  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
#: What a fresh database is made of: when one of these changes, the template is made anew.
MADE_OF = ("minqing/*/migrations/*.py", "minqing/*/sql/*.sql", "minqing/*/data/**/*", "minqing/access/rules/roles.py", "minqing/commands/installation.py", "deploy/postgresql/*", "requirements.lock")


def template_name() -> str:
    """minqing_tpl_<digest of everything that makes the schema and its first rows>."""
    digest = hashlib.sha256()
    for path in sorted({p for pattern in MADE_OF for p in ROOT.glob(pattern) if p.is_file()}):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return f"minqing_tpl_{digest.hexdigest()[:16]}"


TEMPLATE = template_name()
#: The template with the cast of this run in it.
WITH_CAST = "minqing_cast"
#: Where files of tests may commit whole villages: a test of a page must not depend on which villages another file left behind.
DIRECTORIES_AFRESH = frozenset({"contact", "gather", "portal", "service", "sync", "web"})


def administrator() -> psycopg.Connection[Any]:
    return psycopg.connect(**postgres.open_cluster(HOME).superuser_dsn(), autocommit=True)


def put_back(template: str) -> None:
    """The database of the tests as the template is. Who may what with a database itself does not come with a template."""
    with administrator() as root:
        root.execute("drop database if exists minqing_test with (force)")
        root.execute(f"create database minqing_test template {template}")
    ground.prepare_database(HOME, "minqing_test")
    with administrator() as root:
        root.execute("grant temporary on database minqing_test to minqing_gather")


ground.prepare_home(HOME)
postgres.ensure_running(HOME)
with administrator() as root:
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # a cluster of tests may be lost
        root.execute(f"alter system set {setting} = off")
    root.execute("select pg_reload_conf()")
    root.execute("drop database if exists minqing_test with (force)")
    FROM_TEMPLATE = root.execute("select 1 from pg_database where datname = %s", [TEMPLATE]).fetchone() is not None
if FROM_TEMPLATE:
    put_back(TEMPLATE)
else:
    ground.prepare_database(HOME, "minqing_test")
ground.set_up_django()

from django.conf import settings  # noqa: E402
from django.db import connections, transaction  # noqa: E402
from django.template.base import Template  # noqa: E402

from minqing.commands import installation  # noqa: E402
from tests import people  # noqa: E402

ALIASES = ("default", "login", "resident", "gather", "jobs", "seal", "owner")


def close_all() -> None:
    """The connections of this thread, and those made beside a browser's event loop: Django keeps the two apart."""

    async def close() -> None:
        for alias in ALIASES:
            connections[alias].close()

    for alias in ALIASES:
        connections[alias].close()
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(close())


def keep_template() -> None:
    """Keep the fresh database for the next run on this cluster; older ones go."""
    close_all()
    with administrator() as root:
        for (old,) in root.execute("select datname from pg_database where datname like 'minqing\\_tpl\\_%'").fetchall():
            root.execute(f"drop database if exists {old} with (force)")
        root.execute(f"create database {TEMPLATE} template minqing_test")


@pytest.fixture(scope="session", autouse=True)
def uncounted(django_test_environment: None) -> None:
    """Django's tests keep a copy of every context that is drawn, an eighth of a page's time; nobody here asks for one."""
    Template._render = lambda self, context: self.nodelist.render(context)


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """Schema, areas, cast; committed. Overrides pytest-django's own test database."""
    with django_db_blocker.unblock():
        settings.STORAGES["staticfiles"] = {"BACKEND": "minqing.web.shared.files.Plain"}
        now = datetime.now(UTC)
        if not FROM_TEMPLATE:
            installation.migrate()
            installation.fill_divisions(now)
            keep_template()
        people.employ_all(now)
        close_all()
        if len({item.path for item in request.session.items}) > 1:
            with administrator() as root:
                root.execute(f"drop database if exists {WITH_CAST} with (force)")
                root.execute(f"create database {WITH_CAST} template minqing_test")
        yield
        close_all()


class Changed:
    """Whether something may have been committed since the database was made."""

    yes = False


@pytest.fixture(scope="module", autouse=True)
def afresh(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """Each file that may commit begins with the database as it was made."""
    if Changed.yes and request.path.parent.name in DIRECTORIES_AFRESH:
        with django_db_blocker.unblock():
            close_all()
            put_back(WITH_CAST)
        Changed.yes = False
    yield
    if {"superuser", "administrator"} & set(vars(request.module)):
        Changed.yes = True


@pytest.fixture(autouse=True)
def rolled_back(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test that asks for `db` or `world` leaves nothing behind."""
    if {"committed", "django_db_setup"} & set(request.fixturenames):
        Changed.yes = True
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
