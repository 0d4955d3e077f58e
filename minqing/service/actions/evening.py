"""Each evening: whom does a policy find? One village after the other; the database makes the list, here only envelopes are opened.

Invariants: nobody acts and nobody is seen (access.enter_evening); of a certificate of level 4 one word is looked at, in memory, and
what is kept of it says from whom and of when; run twice it finds nobody twice; one broken village stops no other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import structlog
from django.db import connections, transaction
from django.utils import timezone

from minqing.access import scope
from minqing.archives import vault
from minqing.lib.ciphers import Tampered
from minqing.service.rules import entitlements

log = structlog.get_logger("minqing.evening")


def villages() -> list[str]:
    with connections["jobs"].cursor() as cursor:
        cursor.execute("select village from access.evening_villages()")
        return [row[0] for row in cursor.fetchall()]


def run(*, now: Callable[[], datetime], only: Iterable[str] | None = None) -> dict[str, int]:
    """Make the lists of every village (or of `only`). Returns {"villages", "found", "failed"}."""
    done = {"villages": 0, "found": 0, "failed": 0}
    for village in only if only is not None else villages():
        try:
            with transaction.atomic(using="jobs"):
                scope.enter_evening(village)
                done["found"] += find(village, timezone.localdate(now()))
            done["villages"] += 1
        except Exception as error:  # the next village must not wait for this one
            log.error("evening list failed", village=village, error=type(error).__name__)
            done["failed"] += 1
    return done


def find(village: str, on: date) -> int:
    """The list of one village, inside its scope."""
    with connections["jobs"].cursor() as cursor:
        cursor.execute("select access.find_offers(%s, %s)", [village, on])
        made = int(cursor.fetchone()[0])
        cursor.execute("select person, rule, cycle, row_id, envelope, said from access.sensitive_cases(%s, %s)", [village, on])
        cases = [case for row in cursor.fetchall() if (case := lacking(*row)) is not None]
        cursor.execute("select access.add_sensitive_offers(%s, %s, %s::jsonb)", [village, on, json.dumps(cases, ensure_ascii=False)])
        return made + int(cursor.fetchone()[0])


def lacking(person: Any, rule: str, cycle: str, row: Any, envelope: Any, said: Any) -> dict[str, Any] | None:
    """The case of somebody whose certificate's row says that no allowance is drawn; None for everybody else."""
    try:
        payload = vault.decrypt_json("archives_disability.payload", row, envelope)
    except Tampered:
        log.error("a certificate does not open", row=str(row))
        return None
    if not entitlements.lacks_subsidy(payload):
        return None
    source = json.loads(said) if isinstance(said, str) else said or {}
    about = {"from": source.get("from", ""), "on": source.get("on") or ""}
    return {"person": str(person), "rule": rule, "cycle": cycle, "reason": [{"field": "certificate", "value": True, **about}, {"field": "subsidy", "value": False, **about}]}
