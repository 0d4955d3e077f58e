"""Villages and towns merge, split and change code (行政村撤并、拆分、变更代码).

Invariants: the old code keeps its row, is never given again and resolves for ever; every household stands in exactly one
grid before and after; grids go along with their micro-grids, so that nobody has to place 400 households again; whoever held
a post in a grid holds it in the grid that took its place, in the same minute; papers keep the code they were written under.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from minqing.access import carrying
from minqing.access.actions import areas, audit
from minqing.access.actions.areas import Refused
from minqing.access.models import Appointment, Area, AreaAlias, Organisation, Staff
from minqing.access.models.areas import LEVEL_BY_LENGTH, UNPLACED, Level
from minqing.access.rules.roles import Right
from minqing.access.scope import Me

PARENT_DIGITS = {9: 6, 12: 9}


@transaction.atomic
def open_area(*, code: str, name: str, kind: str, by: Me, on: date) -> Area:
    """A new town (9 digits) or village (12 digits, with its grid 000) under an open parent. The code is the one that was published."""
    if len(code) not in PARENT_DIGITS or not code.isdigit():
        raise Refused(_("乡镇街道代码 9 位，村（社区）代码 12 位，都是数字。"))
    by.require(Right.AREAS, code[:PARENT_DIGITS[len(code)]])
    parent = Area.objects.filter(pk=code[:PARENT_DIGITS[len(code)]], closed_on=None).first()
    if parent is None:
        raise Refused(_("代码 %(code)s 的上级 %(parent)s 不存在或已停用。") % {"code": code, "parent": code[:PARENT_DIGITS[len(code)]]})
    if not name.strip():
        raise Refused(_("请写名称。"))
    if Area.objects.filter(pk=code).exists():
        raise Refused(_("代码 %s 已经用过，代码不重复使用。") % code)
    area = Area.objects.create(code=code, parent=parent, level=LEVEL_BY_LENGTH[len(code)], official_name=name.strip(), short_name=short(name.strip()), kind=kind, opened_on=on)
    if area.level == Level.VILLAGE:
        Area.objects.create(code=code + UNPLACED, parent=area, level=Level.GRID, official_name=f"{area.short_name}未落格", short_name="未落格", kind="unplaced", opened_on=on)
    audit.record("area.create", detail={"area": code})
    return area


def short(official: str) -> str:
    """"彭里村村民委员会" → "彭里村"."""
    for tail, keep in (("村村民委员会", "村"), ("社区居民委员会", "社区"), ("居民委员会", ""), ("街道办事处", "街道")):
        if official.endswith(tail) and len(official) > len(tail):
            return official[: -len(tail)] + keep
    return official


@transaction.atomic
def succeed(*, old: Area, new: Area, kind: str, basis: str, by: Me, at: datetime, on: date) -> int:
    """`old` village ends in `new`. `kind`: "merge" (new goes on as it is) or "recode" (the same village under another code).

    Grids of the old village become grids of the new one. Returns how many households went along.
    """
    _check_villages(old, [new], basis, by)
    if kind not in ("merge", "recode"):
        raise Refused(_("方式只有合并、变更代码两种。"))
    grids = _grids(old)
    # first of all: doors, visits and plans go along with a household only where its village goes on
    areas.close_into(old, [new], kind, basis, on)
    moved = areas.move_all(old.code + UNPLACED, new.code + UNPLACED, on)
    for grid in grids:
        moved += _take_along(grid, new, f"{old.short_name}{grid.short_name}" if kind == "merge" else grid.short_name, kind, basis, by, at, on)
    areas.close_into(Area.objects.get(pk=old.code + UNPLACED), [Area.objects.get(pk=new.code + UNPLACED)], kind, basis, on)
    _carry_posts(old.code, new.code if kind == "recode" else None, by, at)
    _carry_offices(old.code, new.code, by)
    carrying.carry(old=old.code, new=[new.code], by=by)
    AreaAlias.objects.get_or_create(area=new, name=old.short_name, defaults={"why": f"{on.year}年{'合并' if kind == 'merge' else '变更代码'}"})
    audit.record("area.succeed", reason=basis, detail={"old": old.code, "new": new.code, "kind": kind, "households": moved})
    return moved


@transaction.atomic
def split_village(*, old: Area, parts: dict[str, Area], basis: str, by: Me, at: datetime, on: date) -> int:
    """`old` ends in several: `parts` says for each of its open grids to which new village it goes.

    What was not placed in a grid goes to "not yet placed" of the first. Returns how many households went along.
    """
    villages = list({v.code: v for v in parts.values()}.values())
    if len(villages) < 2:
        raise Refused(_("拆分后至少要有两个村（社区）。"))
    _check_villages(old, villages, basis, by)
    grids = _grids(old)
    missing = [g.short_name for g in grids if g.code not in parts]
    if missing:
        raise Refused(_("还没有写明去向的网格：%s。") % "、".join(missing))
    areas.close_into(old, villages, "split", basis, on)
    moved = areas.move_all(old.code + UNPLACED, villages[0].code + UNPLACED, on)
    for grid in grids:
        moved += _take_along(grid, parts[grid.code], grid.short_name, "split", basis, by, at, on)
    areas.close_into(Area.objects.get(pk=old.code + UNPLACED), [Area.objects.get(pk=villages[0].code + UNPLACED)], "split", basis, on)
    _carry_posts(old.code, None, by, at)
    _carry_offices(old.code, villages[0].code, by)
    carrying.carry(old=old.code, new=[v.code for v in villages], by=by)
    audit.record("area.succeed", reason=basis, detail={"old": old.code, "new": [v.code for v in villages], "kind": "split", "households": moved})
    return moved


@transaction.atomic
def succeed_town(*, old: Area, new: Area, codes: dict[str, str], kind: str, basis: str, by: Me, at: datetime, on: date) -> int:
    """A town ends in another: each of its open villages gets the code of `codes` (old → new, published by the statistics office)."""
    by.require(Right.AREAS, old.code)
    by.require(Right.AREAS, new.code)
    if old.level != Level.TOWN or new.level != Level.TOWN or old.code == new.code or old.closed_on or new.closed_on:
        raise Refused(_("请选择两个不同的、在用的乡镇街道。"))
    if not basis.strip():
        raise Refused(_("请写明依据（文号）。"))
    villages = list(Area.objects.filter(parent=old, closed_on=None))
    missing = [v.short_name for v in villages if v.code not in codes]
    if missing:
        raise Refused(_("还没有写明新代码的村：%s。") % ("、".join(missing[:10]) + ("……" if len(missing) > 10 else "")))
    moved = 0
    for village in villages:
        code = codes[village.code]
        if not code.startswith(new.code):
            raise Refused(_("%(name)s的新代码 %(code)s 应以 %(start)s 开头。") % {"name": village.short_name, "code": code, "start": new.code})
        made = open_area(code=code, name=village.official_name, kind=village.kind, by=by, on=on)
        moved += succeed(old=village, new=made, kind="recode", basis=basis, by=by, at=at, on=on)
    areas.close_into(old, [new], kind, basis, on)
    _carry_posts(old.code, new.code, by, at)
    _carry_offices(old.code, new.code, by)
    carrying.carry(old=old.code, new=[new.code], by=by)
    audit.record("area.succeed", reason=basis, detail={"old": old.code, "new": new.code, "kind": kind, "households": moved})
    return moved


def _check_villages(old: Area, villages: list[Area], basis: str, by: Me) -> None:
    by.require(Right.AREAS, old.code)
    for new in villages:
        by.require(Right.AREAS, new.code)
        if new.level != Level.VILLAGE or new.code == old.code or new.closed_on:
            raise Refused(_("请选择另一个在用的村（社区）。"))
    if old.level != Level.VILLAGE:
        raise Refused(_("请选择村（社区）。"))
    if old.closed_on:
        raise Refused(_("%s已经停用。") % old.short_name)
    if not basis.strip():
        raise Refused(_("请写明依据（文号）。"))


def _grids(village: Area) -> list[Area]:
    return list(Area.objects.filter(areas.within_code(village.code), level=Level.GRID, closed_on=None).exclude(code=village.code + UNPLACED))


def _take_along(grid: Area, village: Area, name: str, kind: str, basis: str, by: Me, at: datetime, on: date) -> int:
    """One grid with its micro-grids, files and posts becomes a grid of another village. The serial stays where it is free."""
    wished = village.code + grid.code[12:]
    code = wished if not Area.objects.filter(pk=wished).exists() else ""
    made = areas.create_grid(village=village, name=name, covers=grid.covers, by=by, on=on, code=code)
    moved = 0
    for micro in Area.objects.filter(areas.within_code(grid.code), level=Level.MICRO, closed_on=None):
        part = areas.create_micro(grid=made, name=micro.short_name, covers=micro.covers, by=by, on=on)
        moved += areas.move_all(micro.code, part.code, on)
        areas.close_into(micro, [part], kind, basis, on)
        _carry_posts(micro.code, part.code, by, at)
    moved += areas.move_all(grid.code, made.code, on)
    areas.close_into(grid, [made], kind, basis, on)
    _carry_posts(grid.code, made.code, by, at)
    return moved


def _carry_posts(old: str, new: str | None, by: Me, at: datetime) -> None:
    """Posts exactly at `old` go on at `new`; without a successor (a merged village has one secretary) they end."""
    rows = Appointment.objects.filter(area_code=old).exclude(ends_at__lte=at).order_by("stands_in_for")
    made: dict[uuid.UUID, Appointment] = {}
    for row in sorted(rows, key=lambda r: r.stands_in_for_id is not None):
        by.require(Right.APPOINT, row.area_code)
        if new and row.staff_id != by.id:
            made[row.id] = Appointment.objects.create(id=uuid.uuid4(), staff_id=row.staff_id, role_id=row.role_id, area_code=new, starts_at=max(at, row.starts_at), ends_at=row.ends_at,
                                                      made_by=by.id, stands_in_for=made.get(row.stands_in_for_id) if row.stands_in_for_id else None)
        row.ends_at, row.ended_by, row.end_reason = max(at, row.starts_at), by.id, "区域变更" if new else "区域撤并"
        row.save(update_fields=["ends_at", "ended_by", "end_reason"])


def _carry_offices(old: str, new: str, by: Me) -> None:
    """Offices and the people they keep papers of belong to the new code; right `appoint` is wanted for both."""
    by.require(Right.APPOINT, old)
    by.require(Right.APPOINT, new)
    for office in Organisation.objects.filter(area_code=old):
        if not Organisation.objects.filter(area_code=new, name=office.name).exists():
            office.area_code = new
            office.save(update_fields=["area_code"])
    Staff.objects.filter(area_code=old).update(area_code=new)
