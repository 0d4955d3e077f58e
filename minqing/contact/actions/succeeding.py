"""A village ended in another: its duty, its own day and its markets go on there.

Invariant: only what nobody has settled in the new village yet; who has no post there is not on duty there.
"""

from __future__ import annotations

from django.db import connections

from minqing.access.scope import Me


def carry(*, old: str, new: str, by: Me) -> int:
    """Returns how many days of duty go on. Where a village was divided none do: its people arrange anew."""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.carry_contact(%s, %s)", [old, new])
        return int(cursor.fetchone()[0])
