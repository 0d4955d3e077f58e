"""Real servers in short folders under /tmp (a socket's path may have 107 bytes)."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from minqing.gateways import postgres
from minqing.gateways.postgres import cluster as cluster_module


@pytest.fixture(scope="module", autouse=True)
def unhurried_disk() -> Iterator[None]:
    """These directories live for seconds: flushing the whole machine's disk for each would only measure the neighbours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster_module, "INITDB_OPTIONS", ("--no-sync",))
        patch.setattr("minqing.gateways.backup.restoring.os.sync", lambda: None)
        yield


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
def shared(unhurried_disk) -> Iterator[postgres.Cluster]:
    """One running cluster with roles and database, for tests that leave it running."""
    folder = Path(tempfile.mkdtemp(prefix="mq-", dir="/tmp"))
    cluster = postgres.ensure_running(folder)
    postgres.create_roles(cluster.superuser_dsn(), postgres.passwords(folder))
    yield cluster
    end(folder)
