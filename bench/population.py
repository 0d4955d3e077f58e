"""An embedded cluster with 2.6 M residents and 1.1 M households for the benchmarks, made once and kept.

`python -m bench.population [HOUSEHOLDS]`; MINQING_BENCH_HOME (default ./var/bench) names the data directory.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from minqing import ground
from minqing.gateways import postgres

HOME = Path(os.environ.get("MINQING_BENCH_HOME", "var/bench")).absolute()
SECONDARY = """select schemaname, tablename, indexname, indexdef from pg_indexes
 where tablename like 'archives\\_%' and indexname not in (select conname from pg_constraint)"""


def prepare(households: int = 1_100_000) -> dict[str, float]:
    """Start the cluster; fill it if it is empty. Returns seconds per step."""
    os.environ.update({"MINQING_HOME": str(HOME), "DJANGO_SETTINGS_MODULE": "minqing.settings", "MINQING_PROCESS": "admin"})
    os.environ.pop("DATABASE_URL", None)
    ground.prepare_home(HOME)
    ground.prepare_database(HOME)
    ground.set_up_django()
    installation, cast = ground.load("minqing.commands.installation"), ground.load("minqing.demo.cast")
    at = datetime.now(UTC)
    installation.migrate()
    installation.fill_divisions(at)
    for person in cast.CAST.values():
        installation.employ(person, password=cast.PASSWORD, at=at)
    seconds: dict[str, float] = {}
    with psycopg.connect(**postgres.open_cluster(HOME).superuser_dsn(postgres.DATABASE), autocommit=True) as root:
        there = root.execute("select count(*) from archives_household").fetchone()
        if there and there[0] >= households:
            return seconds
        begun = time.perf_counter()
        root.execute("truncate archives_household, archives_resident, archives_placement, archives_membership, archives_kinship, archives_searchkey cascade")
        indexes = root.execute(SECONDARY).fetchall()
        for schema, _, name, _ in indexes:
            root.execute(f'drop index "{schema}"."{name}"')
        root.execute((Path(__file__).parent / "population.sql").read_text().replace(":households", str(int(households))))
        seconds["rows"] = time.perf_counter() - begun
        begun = time.perf_counter()
        root.execute("set maintenance_work_mem = '2GB'")
        root.execute("set max_parallel_maintenance_workers = 2")
        for *_, definition in indexes:
            root.execute(definition)
        seconds["indexes"] = time.perf_counter() - begun
        begun = time.perf_counter()
        root.execute("vacuum (analyze)")
        seconds["vacuum analyze"] = time.perf_counter() - begun
    return seconds


if __name__ == "__main__":
    print({k: round(v, 1) for k, v in prepare(int(sys.argv[1]) if len(sys.argv) > 1 else 1_100_000).items()})
