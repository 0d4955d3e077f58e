"""徐后根 (60 this month) and his neighbours, as 郑书香 would register them; what errands and offers are tried on."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

from minqing.access import scope
from minqing.access.models import Staff
from minqing.archives.actions import households, sensitive
from minqing.archives.models import Resident
from minqing.service.actions import errands
from minqing.service.actions.errands import Wish
from minqing.service.queries import catalogue
from tests.archives import village
from tests.archives.village import GRID1, GRID2
from tests.people import PENGLI, World

#: A Tuesday morning in working time, in Shanghai 10:00.
AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ON = date(2026, 11, 24)
XU_BORN = "1966-11-15"


def staff(name: str) -> uuid.UUID:
    return Staff.objects.using("owner").get(name__endswith=name).pk


def xu(me: scope.Me, *, born: str = XU_BORN, grid: str = GRID1, number: str = "81002205060", **more: Any) -> Resident:
    """徐后根 in a household of his own."""
    home = households.create(grid=grid, by=me, at=AT, on=ON, number=number, address="江山市虎山街道彭里村上塘6号", natural_village="上塘", door="6号")
    return village.person(me, "徐后根", born, "1", home, grid=grid, phone="15400000060", **more)


def disabled(me: scope.Me, person: Resident, subsidy: str = "0") -> None:
    sensitive.write(person=person, kind="disability", code="certificate", content={"number": "33089919660101001X41", "category": "肢体", "grade": "二级", "subsidy": subsidy}, reason="残联名册录入", by=me, at=AT)


def wish(person: Resident, code: str = "elder_card", **more: Any) -> Wish:
    item = catalogue.item_at(code, PENGLI)
    assert item is not None
    return Wish(**{"item": item, "place": PENGLI, "words": "想办老年优待证", "channel": "door", "name": person.name, "phone": "15400000060", "person": person.pk, **more})


def opened(me: scope.Me, person: Resident, code: str = "elder_card", **more: Any) -> Any:
    return errands.open_errand(wish=wish(person, code, **more), by=me, at=AT).matter


def running(world: type[World], code: str = "elder_card", name: str = "代") -> tuple[Any, Resident]:
    """An errand of 徐后根 that `name` has accepted."""
    village.grids()
    with world.acting("香") as xiang:
        person = xu(xiang)
        matter = opened(xiang, person, code)
        errands.assign(matter=matter, staff=staff(name), by=xiang, at=AT)
    with world.acting(name) as me:
        errands.accept(matter=matter, by=me, at=AT)
    return matter, person


__all__ = ["AT", "GRID1", "GRID2", "ON", "XU_BORN", "disabled", "opened", "running", "staff", "wish", "xu"]
