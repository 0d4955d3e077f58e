"""A relative who may act for somebody did: the person whose file it is hears of it, once for each kind of act and day.

Invariants: the outbox's own rule decides the way (no telephone: a letter or somebody at the door) and honours what he asked for; a
telephone that the relative has too is not used; a message that could not be written stops no other and is written the next hour.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connections, transaction
from django.utils.translation import gettext as _

from minqing.access import scope
from minqing.access.words import county
from minqing.archives import vault
from minqing.archives.resident import PHONE
from minqing.notify.actions import messages
from minqing.service.rules import telling

log = structlog.get_logger("minqing.relatives")
BACK = timedelta(days=2)
MOST = 500


def run(*, now: Callable[[], datetime]) -> int:
    """Tell everybody who is to be told. Returns how many."""
    with transaction.atomic(using="jobs"), connections["jobs"].cursor() as cursor:
        scope.enter_relatives("")
        cursor.execute("select person, what, on_day, relative, grid, name, phone, own_phone, address from access.relative_acts(%s, %s)", [now() - BACK, MOST])
        rows = cursor.fetchall()
    told = 0
    for row in rows:
        try:
            told += _tell(*row, at=now())
        except Exception as error:  # the next person must not wait for this one
            log.error("a relative's act was not told", what=row[1], error=type(error).__name__)
    return told


@county
def _tell(person: uuid.UUID, what: str, day: Any, relative: str, grid: str, name: str, phone: bytes | None, own_phone: bool, address: str, *, at: datetime) -> bool:
    with transaction.atomic(using="jobs"):
        me = scope.enter_relatives(grid)
        number = vault.decrypt(PHONE, person, phone) if phone and own_phone else ""
        row = messages.tell(
            event=f"relative:{what}:{day}", grid=grid, desk=grid, template="relative.acted", by=me, at=at, person=person, phone=number, name=name, address=address,
            values={"who": name, "by": relative or _("您同意的家人"), "day": _("%(month)d月%(day)d日") % {"month": day.month, "day": day.day}, "what": _(telling.BY_RELATIVE[what]), "phone": settings.HOTLINE})
    return row is not None
