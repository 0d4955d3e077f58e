"""What an auditor asks of the log: pages by key, what is unusual, which seal covers an entry.

Invariant: read only, under the auditor's own policy (right `audit` in the area of the entry); identifiers of residents, never
a name; every answer names its period, so that the partitions outside it are not even read.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL

from minqing.access.models import AuditEntry
from minqing.access.rules import audit as rules

PAGE = 50
#: Most pairs of (person, day) that the "too many reveals" view names.
MOST_PAIRS = 100


@dataclass(frozen=True)
class Asked:
    """The conditions of one look at the log. `since` and `until` bound the period; `cursor` is the last entry of the page before."""

    since: datetime
    until: datetime
    staff: uuid.UUID | None = None
    person: uuid.UUID | None = None
    household: uuid.UUID | None = None
    what: tuple[str, ...] = ()
    purpose: str = ""
    area: str = ""
    odd: str = ""
    cursor: tuple[datetime, uuid.UUID] | None = None
    hours: tuple[time, time] = field(default=(time(7), time(22)))
    limit: int = 50


def entries(asked: Asked) -> QuerySet[AuditEntry]:
    """Entries newest first, without the page bound."""
    found = AuditEntry.objects.filter(at__gte=asked.since, at__lt=asked.until)
    if asked.staff:
        found = found.filter(staff=asked.staff)
    if asked.person:
        found = found.filter(pk__in=RawSQL("select access.entries_about(%s, %s, %s)", [asked.person, asked.since, asked.until]))  # noqa: S611 - values are bound
    if asked.household:
        found = found.filter(households__contains=[asked.household])
    if asked.what:
        found = found.filter(what__in=asked.what)
    if asked.purpose:
        found = found.filter(purpose__startswith=asked.purpose)
    if asked.area:
        found = found.filter(area_code__gte=asked.area, area_code__lt=asked.area + ":")
    if asked.odd:
        found = found.filter(odd(asked.odd, asked))
    return found.order_by("-at", "-id")


def page(asked: Asked) -> tuple[list[AuditEntry], str]:
    """(at most 50 entries, cursor of the next page or '')."""
    found = entries(asked)
    if asked.cursor:
        at, last = asked.cursor
        # the plain bound is what the index understands; the second condition only breaks ties
        found = found.filter(at__lte=at).filter(Q(at__lt=at) | Q(at=at, id__lt=last))
    rows = list(found[: PAGE + 1])
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], f"{more.at.isoformat()}_{more.id}" if more else ""


def read_cursor(text: str) -> tuple[datetime, uuid.UUID] | None:
    """The cursor of `page`; None for anything that is not one."""
    at, _, last = text.partition("_")
    try:
        return datetime.fromisoformat(at), uuid.UUID(last)
    except ValueError:
        return None


def off_duty(hours: tuple[time, time]) -> Q:
    """Outside office hours, in the time of the place."""
    start, end = hours
    if start <= end:
        return Q(at__time__lt=start) | Q(at__time__gte=end)
    return Q(at__time__gte=end, at__time__lt=start)


def odd(key: str, asked: Asked) -> Q:
    """The condition of one kind of unusual entry."""
    if key == "off_duty":
        return Q(what__in=rules.OPENINGS) & off_duty(asked.hours)
    if key == "many":
        condition = Q(pk__in=[])
        for staff, day, _ in many(asked):
            condition |= Q(staff=staff, at__date=day)
        return Q(what__in=rules.REVEALS) & condition
    if key == "failed":
        return Q(what__in=rules.FAILURES)
    return Q(what=key)


def many(asked: Asked) -> list[tuple[uuid.UUID, Any, int]]:
    """(staff, day, persons) where one person looked at the numbers of more than `limit` people in a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select e.staff, (e.at at time zone 'Asia/Shanghai')::date as day, count(distinct p.person)
              from access_auditentry e cross join lateral unnest(e.persons) as p(person)
             where e.at >= %s and e.at < %s and e.what = any(%s)
             group by 1, 2 having count(distinct p.person) > %s order by 3 desc limit %s
            """, [asked.since, asked.until, list(rules.REVEALS), asked.limit, MOST_PAIRS])
        return list(cursor.fetchall())


def unusual(asked: Asked) -> dict[str, int]:
    """How many entries of each unusual kind the period holds ("many" counts pairs of person and day)."""
    base = AuditEntry.objects.filter(at__gte=asked.since, at__lt=asked.until)
    if asked.area:
        base = base.filter(area_code__gte=asked.area, area_code__lt=asked.area + ":")
    counts = base.aggregate(
        off_duty=Count("id", filter=odd("off_duty", asked)), refused=Count("id", filter=Q(what="refused")),
        find_or_refer=Count("id", filter=Q(what="find_or_refer")), failed=Count("id", filter=odd("failed", asked)),
    )
    return {"off_duty": counts["off_duty"], "many": len(many(asked)), "refused": counts["refused"], "find_or_refer": counts["find_or_refer"], "failed": counts["failed"]}


def find(entry: uuid.UUID, *, at: datetime | None) -> AuditEntry | None:
    """One entry; `at` (its own time) lets PostgreSQL read one partition only."""
    found = AuditEntry.objects.filter(pk=entry)
    if at is not None:
        found = found.filter(at__gte=at - timedelta(seconds=1), at__lte=at + timedelta(seconds=1))
    return found.first()


def seal_of(entry: AuditEntry) -> tuple[int, datetime] | None:
    """(number, time) of the seal that covers an entry; None while it is younger than the last seal."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select s.no, s.at from access_auditentry e join access_auditseal s on e.xid >= s.low_xid and e.xid < s.upto_xid where e.id = %s and e.at = %s",
            [entry.id, entry.at])
        row = cursor.fetchone()
        return (row[0], row[1]) if row else None


def last_seal() -> tuple[int, datetime, int] | None:
    """(number, time, entries under all seals) of the newest seal."""
    with connection.cursor() as cursor:
        cursor.execute("select s.no, s.at, (select sum(rows) from access_auditseal) from access_auditseal s order by s.no desc limit 1")
        row = cursor.fetchone()
        return (row[0], row[1], int(row[2])) if row else None


