"""A village that is committed, for tests in which several transactions meet; afterwards every row of it is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import connections
from django.utils import timezone

from minqing.access.actions import sessions
from tests.contracts.foreign import superuser
from tests.people import TOKENS
from tests.sync.village import found
from tests.web.seed import TABLES

OURS = (
    "sync_sealedpart", "sync_sealedfile", "sync_part", "sync_blob", "service_attachment", "sync_box", "sync_operation", "sync_device", "contact_checkup", "contact_visitmatter", "contact_visitnote", "contact_visit",
    "service_move", "service_party", "service_matter", *TABLES)


@pytest.fixture
def standing(committed) -> Iterator[tuple[dict, datetime]]:
    now = timezone.now()
    with superuser() as root:
        before = {table: [row[0] for row in root.execute(f"select id from {table}")] for table in OURS}
        areas = [row[0] for row in root.execute("select code from access_area")]
        try:
            yield found(now, 4), now
        finally:
            connections["default"].close()
            root.execute("set session_replication_role = replica")
            for table, ids in before.items():
                root.execute(f"delete from {table} where not id = any(%s)", [ids])
            root.execute("delete from access_area where not code = any(%s)", [areas])
            # whoever lost a phone is logged out everywhere; the cast goes on
            root.execute("update access_session set ended_at = null where token_digest = any(%s)", [[sessions.digest(t) for t in TOKENS.values()]])
