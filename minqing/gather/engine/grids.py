"""Grids of the batch's villages: which natural village or road lies in which grid (table `grid_place`).

Invariant: a place that two grids of a village claim belongs to none of them until a person says so.
"""

from __future__ import annotations

import re

from minqing.gather.engine import rules, store
from minqing.lib import addresses

_SEPARATORS = re.compile(r"[、,，;；/\s]+")
_ENDING = re.compile(r"(?:自然村|等|村民小组)$")
#: A grid's code is its village and three digits (domain.md §1.3).
_CODE = re.compile(r"^\d{15}$")


def run(work: store.Workspace, context: rules.Context) -> int:
    """Read the raw grid tables; teach the gazetteer their natural villages. The number of places.

    `known_grid` (village, place, grid_code), when the caller has made it, holds the grids known before this batch.
    """
    work.sql.execute("create table if not exists known_grid (village varchar, place varchar, grid_code varchar)")
    found: dict[tuple[str, str], set[str]] = {}
    for village, place, code in work.sql.execute("select village, place, grid_code from known_grid").fetchall():
        found.setdefault((village, place), set()).add(code)
    if "raw_grids" in work.tables():
        rows = work.sql.execute("select grid_code, grid_places from raw_grids where row_kind = 'data' order by sheet_no, line").fetchall()
        for code, places in rows:
            number = (code or "").strip()
            if not _CODE.match(number):
                continue
            for place in _SEPARATORS.split(places or ""):
                name = _ENDING.sub("", place.strip())
                if name:
                    found.setdefault((number[:12], name), set()).add(number)
    work.sql.execute("create or replace table grid_place (village varchar, place varchar, grid_code varchar)")
    for (village, place), codes in sorted(found.items()):
        context.gazetteer.add_natural(addresses.NaturalVillage(village, place))
        if len(codes) == 1:
            work.sql.execute("insert into grid_place values (?, ?, ?)", [village, place, min(codes)])
    return len(found)
