"""The ground before Django: data directory, keys, embedded database, roles. Used by the command line and the tests.

Invariant: every step is repeatable; nothing that exists is overwritten.
"""

from __future__ import annotations

import os
from pathlib import Path

import django

from minqing.gateways import postgres
from minqing.lib import keys

FOLDERS = ("static", "uploads", "attachments", "backups", "batches", "log", "seals")


def prepare_home(home: Path) -> None:
    """Data directory with its folders and keys. Runs before Django's settings are read."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in FOLDERS:
        (home / name).mkdir(exist_ok=True, mode=0o700)
    keys.ensure(home / "keys")


def prepare_database(home: Path, dbname: str = postgres.DATABASE) -> None:
    """Embedded PostgreSQL running, roles and empty database made. With DATABASE_URL the administrator has done this."""
    if os.environ.get("DATABASE_URL"):
        return
    cluster = postgres.ensure_running(home)
    postgres.create_roles(cluster.superuser_dsn(), postgres.passwords(home), dbname)


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minqing.settings")
    django.setup()
