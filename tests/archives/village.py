"""A small 彭里: three grids, a few families, made with the program's own actions as the cast would make them."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

from minqing.access import scope
from minqing.access.actions import areas
from minqing.access.models import Area
from minqing.archives.actions import households, kinship, residents
from minqing.archives.models import Household, Resident
from minqing.lib import identity
from tests.people import DOUTAN, NEXT_VILLAGE, PENGLI, World

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # 10:00 in 江山: office hours
LATE = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)  # 23:30
TODAY = date(2026, 11, 21)
GRID1, GRID2, GRID3, UNPLACED = (PENGLI + g for g in ("001", "002", "003", "000"))
NEXT_UNPLACED = NEXT_VILLAGE + "000"
_serial = itertools.count(1)


def number(born: date, sex: str) -> str:
    """A right identity number of nobody: address 330899, the check character, odd sequence for men."""
    serial = next(_serial) * 2 + (1 if sex == "1" else 0)
    body = f"330899{born:%Y%m%d}{serial % 1000:03d}"
    return body + identity.check_char(body)


def grids() -> None:
    """The town's administrator divides 彭里 into three grids; 柯城's 斗潭 gets one."""
    with World.acting("街") as me:
        village = Area.objects.get(pk=PENGLI)
        for name in ("第一网格", "第二网格", "第三网格"):
            areas.create_grid(village=village, name=name, covers="", by=me, on=TODAY)


def person(me: scope.Me, name: str, born: str, sex: str, household: Household | None = None, *, grid: str = GRID1, **more: object) -> Resident:
    day = date.fromisoformat(born)
    more.setdefault("id_number", number(day, sex))
    return residents.register(name=name, grid=grid, by=me, at=AT, on=TODAY, household=household, **more)  # type: ignore[arg-type]


class Family:
    """The 郑 of 柴坞 1: 郑土根 (1948), his wife 周秀英 (1950), son 郑伟 (1975), his wife 毛小芬 (1977), grandson 郑浩 (2005)."""

    def __init__(self, me: scope.Me, grid: str = GRID1, number_: str = "810022050001", door: str = "1") -> None:
        self.household = households.create(grid=grid, by=me, at=AT, on=TODAY, number=number_, address=f"江山市虎山街道彭里村柴坞{door}号", natural_village="柴坞", door=f"{door}号")
        self.head = person(me, "郑土根", "1948-03-02", "1", self.household, grid=grid, phone="15400000001")
        self.wife = person(me, "周秀英", "1950-07-09", "2", self.household, grid=grid)
        self.son = person(me, "郑伟", "1975-01-20", "1", self.household, grid=grid, phone="16400000002")
        self.bride = person(me, "毛小芬", "1977-05-05", "2", self.household, grid=grid)
        self.boy = person(me, "郑浩", "2005-09-01", "1", self.household, grid=grid)
        kinship.add_spouse(one=self.head, other=self.wife, by=me, at=AT)
        kinship.add_spouse(one=self.son, other=self.bride, by=me, at=AT)
        for child, parents in ((self.son, (self.head, self.wife)), (self.boy, (self.son, self.bride))):
            for parent in parents:
                kinship.add_parent(child=child, parent=parent, by=me, at=AT)
        households.derive(household=self.household, by=me, at=AT)
        self.household.refresh_from_db()


__all__ = ["AT", "DOUTAN", "GRID1", "GRID2", "GRID3", "LATE", "NEXT_UNPLACED", "NEXT_VILLAGE", "PENGLI", "TODAY", "UNPLACED", "Family", "grids", "number", "person"]
