"""What the tests of the outbox share: a clean outbox, a gateway that writes where the test can look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as django_settings

from minqing.gateways import postgres
from minqing.gateways.sms import FileGateway
from minqing.notify.channels import sms


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FileGateway:
    """Text messages of this test: `texts.lines()`."""
    made = FileGateway(tmp_path / "outbox" / "sms.jsonl")
    monkeypatch.setattr(sms, "gateway", lambda: made)
    return made


@pytest.fixture
def root(committed) -> Iterator[psycopg.Connection]:
    """The superuser: looks at what stands in the tables, and clears the outbox afterwards."""
    with psycopg.connect(**postgres.open_cluster(django_settings.HOME).superuser_dsn(django_settings.DATABASE_NAME), autocommit=True) as connection:
        connection.execute("delete from notify_message")
        connection.execute("delete from notify_mark")
        yield connection
        connection.execute("set session_replication_role = replica")
        connection.execute("delete from notify_step")
        connection.execute("delete from notify_message")
        connection.execute("delete from notify_mark")
