"""Counts of several lists in one statement: a work desk asks many small questions, and each trip to the database costs more than the answer.

Invariant: every list is read as the caller, under the policies, exactly as it would be alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

#: Nobody reads a larger number than this; counting further would read the whole table of a county.
MOST = 1000


def together(lists: Mapping[str, QuerySet[Any]], *, using: str = "default") -> dict[str, int]:
    """Name → number of rows, at most MOST. No statement where there is no list."""
    return with_rows(lists, {}, using=using)[0]


def with_rows(lists: Mapping[str, QuerySet[Any]], few: Mapping[str, QuerySet[Any]], *, using: str = "default") -> tuple[dict[str, int], dict[str, list[dict[str, Any]]]]:
    """The same, and in the same statement the rows of `few` small lists (`.values(…)`), as JSON has them: dates and times are text, the order is nobody's."""
    found, rows, parts, values = dict.fromkeys(lists, 0), {name: [] for name in few}, [], []
    for name, asked in [*lists.items(), *few.items()]:
        try:
            sql, given = (asked if name in few else asked.order_by().values("pk"))[:MOST].query.get_compiler(using).as_sql()
        except EmptyResultSet:
            continue
        parts.append(f"select %s, count(*), {'jsonb_agg(to_jsonb(rows))' if name in few else 'null::jsonb'} from ({sql}) rows")
        values += [name, *given]
    if parts:
        with connections[using].cursor() as cursor:
            cursor.execute(" union all ".join(parts), values)
            for name, n, said in cursor.fetchall():
                if name in few:
                    rows[name] = (json.loads(said) if isinstance(said, str) else said) or []
                else:
                    found[name] = n
    return found, rows
