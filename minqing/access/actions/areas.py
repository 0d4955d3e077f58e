"""Grids and micro-grids: created, renamed, split, merged, closed; the import of the divisions. Villages and towns: successions.py.

Invariants: a code is never reused and never deleted; what ended names its successors; each village has a grid 000; a
household never loses its grid, because a grid that still holds households is not closed but merged into another.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import connections, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area, AreaAlias, AreaSuccession
from minqing.access.models.areas import LEVEL_BY_LENGTH, UNPLACED, Level
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.lib import divisions


class Refused(Exception):
    """Why an act on areas is not possible, as a sentence."""


@transaction.atomic(using="owner")
def import_divisions(*, rows: Iterable[divisions.Division], aliases: Iterable[tuple[str, str, str]], on: date) -> int:
    """Fill the areas of an empty installation, with grid 000 for each village. Repeatable; existing rows stay as they are."""
    present = set(Area.objects.using("owner").values_list("code", flat=True))
    made: list[Area] = []
    for row in sorted(rows, key=lambda r: len(r.code)):
        if row.code not in present:
            made.append(Area(code=row.code, parent_id=row.parent or None, level=LEVEL_BY_LENGTH[len(row.code)], official_name=row.official_name,
                             short_name=row.short_name, stem=row.stem, kind=row.kind, opened_on=on))
        if len(row.code) == 12 and row.code + UNPLACED not in present:
            made.append(_unplaced(row.code, row.short_name, on))
    Area.objects.using("owner").bulk_create(made)
    known = {(a.area_id, a.name) for a in AreaAlias.objects.using("owner").all()}
    codes = present | {a.code for a in made}
    AreaAlias.objects.using("owner").bulk_create(
        [AreaAlias(area_id=code, name=name, why=why) for code, name, why in dict.fromkeys(aliases) if code in codes and (code, name) not in known], ignore_conflicts=True,
    )
    return len(made)


def _unplaced(village: str, name: str, on: date) -> Area:
    return Area(code=village + UNPLACED, parent_id=village, level=Level.GRID, official_name=f"{name}未落格", short_name="未落格", stem="", kind="unplaced", opened_on=on)


def next_grid_code(village: str) -> str:
    """The next free serial of a village; serials of closed grids are never given again. Raises Refused at 999."""
    used = Area.objects.filter(code__gte=village + "000", code__lt=village + ":", level=Level.GRID).values_list("code", flat=True)
    serial = max((int(code[12:15]) for code in used), default=0) + 1
    if serial > 999:
        raise Refused(_("本村网格编号已用完。"))
    return f"{village}{serial:03d}"


@transaction.atomic
def create_grid(*, village: Area, name: str, covers: str, by: Me, on: date, code: str = "") -> Area:
    """A new grid of a village. `code` only where a given division (网格划分表) prescribes it."""
    by.require(Right.AREAS, village.code)
    if village.level != Level.VILLAGE or village.closed_on:
        raise Refused(_("网格只能建在现有的村（社区）之下。"))
    if not name.strip():
        raise Refused(_("请写网格名称，如“第一网格”。"))
    code = code or next_grid_code(village.code)
    if not code.startswith(village.code) or len(code) != 15:
        raise Refused(_("网格编码应为村代码 %s 加 3 位序号。") % village.code)
    if Area.objects.filter(pk=code).exists():
        raise Refused(_("编码 %s 已经用过，编码不重复使用。") % code)
    grid = Area.objects.create(code=code, parent=village, level=Level.GRID, official_name=name.strip(), short_name=name.strip(), kind="grid", covers=covers, opened_on=on)
    audit.record("area.create", detail={"area": code})
    return grid


@transaction.atomic
def create_micro(*, grid: Area, name: str, covers: str, by: Me, on: date) -> Area:
    """A new micro-grid (微网格) of a grid, usually one 村民小组."""
    by.require(Right.AREAS, grid.code)
    if grid.level != Level.GRID or grid.closed_on or grid.code[12:] == UNPLACED:
        raise Refused(_("微网格只能建在现有的网格之下。"))
    if not name.strip():
        raise Refused(_("请写微网格名称，如“第一村民小组”。"))
    used = Area.objects.filter(code__gte=grid.code + "00", code__lt=grid.code + ":", level=Level.MICRO).values_list("code", flat=True)
    serial = max((int(code[15:17]) for code in used), default=0) + 1
    if serial > 99:
        raise Refused(_("本网格的微网格编号已用完。"))
    micro = Area.objects.create(code=f"{grid.code}{serial:02d}", parent=grid, level=Level.MICRO, official_name=name.strip(), short_name=name.strip(), kind="micro", covers=covers, opened_on=on)
    audit.record("area.create", detail={"area": micro.code})
    return micro


@transaction.atomic
def rename(*, area: Area, name: str, covers: str, by: Me) -> None:
    """A new name; the old one stays as an alias, because papers and files go on using it."""
    by.require(Right.AREAS, area.code)
    if not name.strip():
        raise Refused(_("名称不能为空。"))
    if area.short_name != name.strip():
        AreaAlias.objects.get_or_create(area=area, name=area.short_name, defaults={"why": "原名"})
    area.short_name = area.official_name = name.strip()
    area.covers = covers
    area.save(update_fields=["short_name", "official_name", "covers"])
    audit.record("area.rename", detail={"area": area.code})


@transaction.atomic
def add_alias(*, area: Area, name: str, why: str, by: Me) -> AreaAlias:
    """Another name by which files and people call the area."""
    by.require(Right.AREAS, area.code)
    alias, _made = AreaAlias.objects.get_or_create(area=area, name=name.strip(), defaults={"why": why.strip()})
    audit.record("area.alias", detail={"area": area.code})
    return alias


@transaction.atomic
def drop_alias(*, alias: AreaAlias, by: Me) -> None:
    by.require(Right.AREAS, alias.area_id)
    alias.delete()
    audit.record("area.alias", detail={"area": alias.area_id, "dropped": True})


@transaction.atomic
def merge_grids(*, old: Area, into: Area, basis: str, by: Me, on: date) -> int:
    """All households of `old` go to `into`, `old` closes and names its successor. Returns how many households moved."""
    by.require(Right.AREAS, old.code)
    by.require(Right.AREAS, into.code)
    if old.code == into.code or old.level != Level.GRID or into.level != Level.GRID or old.code[12:] == UNPLACED:
        raise Refused(_("请选择两个不同的网格；“未落格”不能并入别处，请逐户落格。"))
    if old.code[:12] != into.code[:12]:
        raise Refused(_("只能并入同一个村的网格。"))
    if old.closed_on or into.closed_on:
        raise Refused(_("两个网格都应是在用的。"))
    if not basis.strip():
        raise Refused(_("请写明依据（文号或会议）。"))
    moved = move_all(old.code, into.code, on)
    for micro in Area.objects.filter(within_code(old.code), level=Level.MICRO, closed_on=None):
        close_into(micro, [into], "merge", basis, on)
    close_into(old, [into], "merge", basis, on)
    audit.record("area.merge", detail={"old": old.code, "new": into.code, "households": moved})
    return moved


@transaction.atomic
def split_grid(*, old: Area, names: list[str], basis: str, by: Me, on: date) -> list[Area]:
    """`old` closes, new grids open; its households wait in 000 until they are placed (or moved by natural village)."""
    by.require(Right.AREAS, old.code)
    if old.level != Level.GRID or old.closed_on or old.code[12:] == UNPLACED:
        raise Refused(_("只有在用的网格能拆分。"))
    if not basis.strip():
        raise Refused(_("请写明依据（文号或会议）。"))
    if len({n.strip() for n in names if n.strip()}) < 2:
        raise Refused(_("拆分至少要有两个新网格的名称。"))
    village = Area.objects.get(pk=old.code[:12])
    made = [create_grid(village=village, name=name, covers="", by=by, on=on) for name in names if name.strip()]
    moved = move_all(old.code, village.code + UNPLACED, on)
    for micro in Area.objects.filter(within_code(old.code), level=Level.MICRO, closed_on=None):
        close_into(micro, made, "split", basis, on)
    close_into(old, made, "split", basis, on)
    audit.record("area.split", detail={"old": old.code, "new": [g.code for g in made], "households": moved})
    return made


@transaction.atomic
def close_grid(*, area: Area, by: Me, on: date) -> None:
    """Close an empty grid or micro-grid."""
    by.require(Right.AREAS, area.code)
    if area.code[12:15] == UNPLACED or len(area.code) < 15:
        raise Refused(_("这里只能停用网格和微网格；“未落格”不能停用。"))
    if area.closed_on:
        raise Refused(_("已经停用。"))
    if households_in(area.code):
        raise Refused(_("网格里还有户档，请先并入其他网格。"))
    for part in Area.objects.filter(within_code(area.code), closed_on=None):
        part.closed_on = on
        part.save(update_fields=["closed_on"])
    audit.record("area.close", detail={"area": area.code})


def resolve(code: str, *, using: str = "default") -> list[Area]:
    """The living areas that a code means today: itself, or its successors followed for ever. Empty when unknown."""
    seen: set[str] = set()
    waiting, living = [code], []
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        area = Area.objects.using(using).filter(pk=here).first()
        if area is None:
            continue
        if area.closed_on is None:
            living.append(area)
        else:
            waiting.extend(AreaSuccession.objects.using(using).filter(old=area).values_list("new_id", flat=True))
    return living


def within_code(code: str) -> Q:
    """The area and everything inside it."""
    return Q(code__gte=code, code__lt=code + ":")


def close_into(old: Area, successors: list[Area], kind: str, basis: str, on: date) -> None:
    """Close an area and name what took its place."""
    old.closed_on = on
    old.save(update_fields=["closed_on"])
    AreaSuccession.objects.bulk_create([AreaSuccession(old=old, new=new, kind=kind, on=on, basis=basis.strip()) for new in successors])


def move_all(old: str, new: str, on: date) -> int:
    """Files move by a definer function that moves everything of one area at once and shows none of it to the caller."""
    with connections["default"].cursor() as cursor:
        cursor.execute("select access.move_area(%s, %s, %s)", [old, new, on])
        return int(cursor.fetchone()[0])


def households_in(code: str) -> int:
    """How many households stand in an area: a number, for people who manage areas and see no files."""
    with connections["default"].cursor() as cursor:
        cursor.execute("select access.households_in(%s)", [code])
        return int(cursor.fetchone()[0])
