"""What an area publishes: office holders, and the lists that the law wants on the wall, registered by the areas above.

Invariant: a section gets an area and the alias of a transaction in which nobody is anybody (`scope.enter_public`), so it can
read only what its own policies give to everybody; its rows hold no personal data but names of office holders, masked names
where a law wants a list of people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connections
from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.access.rules.roles import ROLES


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a published list: `title` large, `note` small, `phone` as a button, `when` as it is written, `url` its own page."""

    title: str
    note: str = ""
    phone: str = ""
    when: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One list. `levels`: at which areas it stands ("county", "town", "village"); `rows(area, using)` may be empty; `on_paper`: also on the poster, which
    hangs for months."""

    key: str
    title: str
    rows: Callable[[Area, str], Sequence[Row]]
    levels: tuple[str, ...] = ("village",)
    empty: str = ""
    order: int = 50
    on_paper: bool = True


PUBLIC_SECTIONS: dict[str, Section] = {}


def publish(section: Section) -> None:
    """Register a section; the same key again replaces it (a reload is no error)."""
    PUBLIC_SECTIONS[section.key] = section


def sections_of(area: Area) -> list[Section]:
    """The sections of an area's page, in order."""
    return sorted((s for s in PUBLIC_SECTIONS.values() if str(area.level) in s.levels), key=lambda s: (s.order, s.key))


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who works for the people of an area."""

    name: str
    role: str
    area: str
    phone: str
    office: str = ""

    @property
    def label(self) -> str:
        return _(ROLES[self.role].label) if self.role in ROLES else self.role


def officers(area: Area, using: str = "resident") -> list[Officer]:
    """Office holders of an area and of its grids, the secretary first."""
    order = {role: n for n, role in enumerate(("village_secretary", "village_clerk", "town_desk", "county_desk", "window_clerk", "hotline_operator", "town_leader", "town_cadre", "grid_officer"))}
    with connections[using].cursor() as cursor:
        cursor.execute("select name, role, area, phone, office from access.public_officers(%s)", [area.code])
        found = [Officer(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda o: (order.get(o.role, 99), o.area, o.name))


def office_rows(area: Area, using: str) -> list[Row]:
    """The office holders as a published list."""
    names = dict(Area.objects.using(using).filter(pk__in={o.area for o in officers(area, using)}).values_list("code", "short_name"))
    return [Row(o.name, o.label + (f" · {names[o.area]}" if o.area != area.code and o.area in names else ""), o.phone) for o in officers(area, using)]


publish(Section("officers", "谁在为您办事", office_rows, ("village", "town", "county"), "还没有登记。", 10))
