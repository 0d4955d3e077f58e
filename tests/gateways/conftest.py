"""Real servers in short folders under /tmp (a socket's path may have 107 bytes)."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from minqing.gateways import postgres


def end(home: Path) -> None:
    cluster = postgres.open_cluster(home)
    cluster.home.mkdir(exist_ok=True)
    cluster.stop("immediate")
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="mq-", dir="/tmp"))
    yield folder
    end(folder)


@pytest.fixture(scope="module")
def shared() -> Iterator[postgres.Cluster]:
    """One running cluster with roles and database, for tests that leave it running."""
    folder = Path(tempfile.mkdtemp(prefix="mq-", dir="/tmp"))
    cluster = postgres.ensure_running(folder)
    postgres.create_roles(cluster.superuser_dsn(), postgres.passwords(folder))
    yield cluster
    end(folder)
