"""`minqing demo`, whole: what a newcomer sees is built through the actions that people use, and building it again adds nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg

from minqing.gateways import postgres
from tests.commands.test_cli import minqing

#: What a newcomer opens first, and how much stands there at least.
SEEN = {
    "archives_household where grid_code like '330881002205%' and voided_at is null and kind = 'family'": 400, "archives_plot": 1, "contact_visit": 6, "contact_transferplan where ended_at is null": 10, "contact_transfermark": 10, "contact_doorask": 1, "contact_meeting": 5, "contact_publication where withdrawn_at is null": 1, "contact_representative": 8, "contact_door where ended_at is null": 20, "contact_contactday": 8, "contact_dutyday where staff is not null": 55, "contact_dutyswap": 1, "contact_market": 1, "contact_booking": 8, "contact_analysis": 1, "contact_finding where drafted <> ''": 3, "contact_decision": 1, "contact_coursesession": 1, "contact_mentoring": 1, "service_matter": 5,
    "service_mediation": 1, "service_errand": 1, "service_offer where state = 'found'": 10, "service_team": 2, "service_counter": 3, "service_orderfile": 1, "service_partner": 1, "service_phoneline": 1,
}


def counts(home: Path) -> dict[str, int]:
    with psycopg.connect(**postgres.open_cluster(home).superuser_dsn(postgres.DATABASE)) as root:
        return {rows: root.execute(f"select count(*) from {rows}").fetchone()[0] for rows in SEEN}  # noqa: S608 - the names above


def test_the_demonstration_is_a_village_at_work_and_is_built_once():
    with tempfile.TemporaryDirectory(prefix="mq") as folder:
        home = Path(folder) / "home"
        try:
            done = minqing(home, "demo")
            assert done.returncode == 0, done.stderr
            assert "郑书香" in done.stdout
            first = counts(home)
            assert {rows: n for rows, n in first.items() if n < SEEN[rows]} == {}
            assert minqing(home, "demo").returncode == 0
            assert counts(home) == first
        finally:
            minqing(home, "stop")
