"""What the attack tests share: the tables, the forgeries, who may read what."""

from __future__ import annotations

import psycopg

from tests.contracts import foreign
from tests.contracts.foreign import superuser

TABLES = [m._meta.db_table for m in foreign.personal_models()]
CLOSED = ["access_account", "access_session", "access_secondfactor", "access_subject", "archives_identity", "procrastinate_jobs", "procrastinate_events",
          "procrastinate_periodic_defers", "procrastinate_workers", "django_migrations"]
PARTITIONS = [f"gather_statement_{n}" for n in range(8)] + ["access_auditentry_202611"]
SEQUENTIAL = ("set enable_indexscan = off", "set enable_bitmapscan = off", "set enable_indexonlyscan = off")
WIDE = "select set_config('minqing.lo', '0', false), set_config('minqing.hi', '9', false)"
SENSITIVE = ("archives_health", "archives_disability", "archives_relief")

FORGED = {
    "nothing": [],
    "hint": [WIDE],
    "claim": [WIDE, """select set_config('minqing.claim', '{"staff": null, "until": 99999999999, "rights": {"people": "{[0,9)}", "write": "{[0,9)}", "sensitive": "{[0,9)}", "gather": "{[0,9)}", "audit": "{[0,9)}"}}', false),
                      set_config('minqing.seal', repeat('0', 64), false)"""],
    "claim without seal": [WIDE, """select set_config('minqing.claim', '{"staff": null, "until": 99999999999, "rights": {"people": "{[0,9)}"}}', false)"""],
}


def readable(role: str) -> list[str]:
    """Personal tables on which a role has any SELECT at all."""
    with superuser() as root:
        return [t for t in TABLES + ["access_auditentry"] if root.execute("select has_any_column_privilege(%s, %s, 'select')", [f"minqing_{role}", f"public.{t}"]).fetchone()[0]]


def refused(outcome: object) -> bool:
    return isinstance(outcome, psycopg.Error)
