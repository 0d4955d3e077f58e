"""What time brings to volunteer teams: medicines to be looked at before they expire, introductions to be erased.

Invariants: nobody acts and no row is seen (access.enter_volunteers); run twice it does nothing the second time; what is erased is deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import connections, transaction
from django.utils import timezone

from minqing.access import scope


def run(*, now: Callable[[], datetime]) -> dict[str, int]:
    """Returns {"medicines": tasks made, "erased": introductions deleted}."""
    on, done = timezone.localdate(now()), {}
    for name, call in (("medicines", "select access.medicine_tasks(%s)"), ("erased", "select access.erase_introductions(%s)")):
        with transaction.atomic(using="jobs"):
            scope.enter_volunteers()
            with connections["jobs"].cursor() as cursor:
                cursor.execute(call, [on])
                done[name] = int(cursor.fetchone()[0])
    return done
