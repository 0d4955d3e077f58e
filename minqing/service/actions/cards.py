"""Cards for doors and places: made once, printed as often as wanted, taken back with one act, found by their code.

Invariants: doors come from the households that the caller writes; two who print the same grid at once make one card a door; a card
that was taken back is never made valid again, its place gets a new one.
"""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import connections, transaction
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.archives.models import Household
from minqing.archives.rules import keys
from minqing.service.models import PlaceCard
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import cards

MOST_OLD = 2000


@dataclass(frozen=True)
class Found:
    """What a code says: which village, door or place, where exactly."""

    area: str
    kind: str
    spot: str


def doors(grid: str, natural_village: str = "") -> dict[str, str]:
    """Doors of a grid with their place in the walk: "上塘6号" → key. Households without a door are not there."""
    rows = Household.objects.filter(grid_code=grid, voided_at=None).exclude(state="dissolved").exclude(door="")
    if natural_village:
        rows = rows.filter(natural_village=natural_village)
    found = {f"{v}{d}"[:80]: keys.dwelling_sort_key(v, d) for v, d in rows.values_list("natural_village", "door").distinct()}
    return dict(sorted(found.items(), key=lambda x: x[1]))


@transaction.atomic
def for_doors(*, grid: str, natural_village: str = "", by: Me, at: datetime) -> list[PlaceCard]:
    """A card for each door of a grid, in walking order; those that are missing are made. Raises NotHere, Refused."""
    if len(grid) < 15 or not by.may(Right.WRITE, grid) or not Area.objects.filter(pk=grid, closed_on=None).exists():
        raise NotHere(_("没有这个网格，或不由您登记。"))
    wanted = doors(grid, natural_village)
    if not wanted:
        raise Refused(_("这里还没有写了门牌的户。请先把门牌补上，再来打印。"))
    if len(wanted) > cards.MOST:
        raise Refused(_("一次最多打印 %d 张，请再按自然村分开。") % cards.MOST)
    have = set(PlaceCard.objects.filter(grid_code=grid, kind="door", spot__in=wanted, revoked_at=None).values_list("spot", flat=True))
    PlaceCard.objects.bulk_create([PlaceCard(grid_code=grid, kind="door", spot=s, sort_key=k, code=cards.new_code(), made_by=by.id, made_at=at) for s, k in wanted.items() if s not in have], ignore_conflicts=True)
    made = sorted(PlaceCard.objects.filter(grid_code=grid, kind="door", spot__in=wanted, revoked_at=None), key=lambda c: c.sort_key)
    audit.record("card.print", detail={"area": grid, "n": len(made)})
    return made


@transaction.atomic
def for_place(*, area: str, spot: str, by: Me, at: datetime) -> PlaceCard:
    """A card for a place that many pass: the hall, the bus stop, the bridge. The one that holds there, if there is one."""
    where = " ".join(spot.split())[:80]
    if len(where) < 2:
        raise Missing("spot", _("请写挂在哪里，如“村口公交站”“文化礼堂”。"))
    if len(area) < 12 or not by.may(Right.WRITE, area) or not Area.objects.filter(pk=area, closed_on=None).exists():
        raise Missing("area", _("请选择您登记的村或网格。"))
    PlaceCard.objects.bulk_create([PlaceCard(grid_code=area, kind="place", spot=where, code=cards.new_code(), made_by=by.id, made_at=at)], ignore_conflicts=True)
    audit.record("card.print", detail={"area": area, "n": 1})
    return PlaceCard.objects.get(grid_code=area, kind="place", spot=where, revoked_at=None)


def printed(*, wanted: list[uuid.UUID], by: Me) -> list[PlaceCard]:
    """Cards that hold, to be printed again, in walking order."""
    found = sorted(PlaceCard.objects.filter(pk__in=wanted, revoked_at=None), key=lambda c: (c.grid_code, c.sort_key, c.spot))
    if not found:
        raise NotHere(_("没有这张卡，或已停用。"))
    for grid, n in sorted(Counter(c.grid_code for c in found).items()):
        audit.record("card.print", detail={"area": grid, "n": n})
    return found


@dataclass(frozen=True)
class OldGrid:
    """Cards that still hang under the name of a grid that is no more."""

    old: str
    grid: str
    cards: tuple[PlaceCard, ...]


def of_old_grids(by: Me) -> list[OldGrid]:
    """Cards of grids that were merged or renewed, at the grids he writes for today: their codes hold, their sheets are printed again as before."""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select id, old_grid, grid, kind, spot, sort_key, code from access.cards_of_old_grids() order by old_grid, grid, sort_key, spot limit %s", [MOST_OLD])
        rows = cursor.fetchall()
    found: dict[tuple[str, str], list[PlaceCard]] = {}
    for pk, old, grid, kind, spot, sort_key, code in rows:
        found.setdefault((old, grid), []).append(PlaceCard(id=pk, grid_code=old, kind=kind, spot=spot, sort_key=sort_key, code=code))
    return [OldGrid(old, grid, tuple(made)) for (old, grid), made in found.items()]


def of_old_grid(old: str, by: Me) -> list[PlaceCard]:
    """Those of one old grid, to be printed. Raises NotHere."""
    found = [card for group in of_old_grids(by) if group.old == old for card in group.cards]
    if not found:
        raise NotHere(_("没有这个旧网格的卡，或不由您登记。"))
    audit.record("card.print", detail={"area": old, "n": len(found)})
    return found


@transaction.atomic
def revoke(*, card: uuid.UUID, by: Me, at: datetime) -> PlaceCard:
    """Lost, torn down, misused: its code opens nothing from now on."""
    row = PlaceCard.objects.filter(pk=card, revoked_at=None).first()
    if row is None or not PlaceCard.objects.filter(pk=card, revoked_at=None).update(revoked_at=at, revoked_by=by.id):
        raise NotHere(_("没有这张卡，或已停用。"))
    audit.record("card.revoke", detail={"area": row.grid_code, "card": str(row.pk)})
    return row


def find(text: str, using: str = "resident") -> Found | None:
    """Where the card with this code hangs; None for one that was taken back and for none at all."""
    code = cards.read_code(text)
    if not code:
        return None
    with connections[using].cursor() as cursor:
        cursor.execute("select area, kind, spot from access.card_place(%s)", [code])
        row = cursor.fetchone()
    return Found(*row) if row else None
