"""Small reads of the desk's own: figures of a village, areas to choose from, counts for the day's work.

Invariant: nothing here counts people above a village (policies over 400,000 rows cost 100 ms and more); what the caller
may see is the database's answer, not a filter of this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.access.models.areas import UNPLACED, Level
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.archives.actions.derived import AT_HOME
from minqing.archives.models import Placement
from minqing.archives.queries.files import May
from minqing.archives.rules import items
from minqing.gather.queries import WAITING_RESIDENTS

VILLAGE = 12
WHY = dict(Placement.WHY)


@dataclass(frozen=True)
class Figures:
    """A village or grid in figures; every number with its base beside it on the page."""

    households: int = 0
    people: int = 0
    home: int = 0
    away_households: int = 0
    old: int = 0
    very_old: int = 0
    children: int = 0
    unplaced: int = 0
    living: int = 0
    waiting: int = 0


#: People are read by a list of ids, as in the list of households (archives/queries/lists.py, _MEMBERS).
FIGURES = f"""
with m as materialized (
  select a.code, m.person_id, m.by
    from unnest(%(codes)s::text[]) as a(code),
         lateral (select person_id, by from archives_membership  -- offset 0: as a join, `|| ':'` (not leakproof) would not reach the index
                   where grid_code >= a.code and grid_code < a.code || ':' and by = 'registration' and ends_on is null and voided_at is null offset 0) m),
r as materialized (
  select id, birth_date, living_elsewhere, residence_match from archives_resident where id = any(array(select person_id from m)) and alive and voided_at is null),
p as (
  select m.code, count(*) as n, count(*) filter (where {AT_HOME}) as home,
         count(*) filter (where r.birth_date <= %(on)s::date - interval '60 years') as old,
         count(*) filter (where r.birth_date <= %(on)s::date - interval '80 years') as very_old,
         count(*) filter (where r.birth_date > %(on)s::date - interval '16 years') as children
    from m join r on r.id = m.person_id group by m.code)
select a.code, h.n, coalesce(p.n, 0), coalesce(p.home, 0), h.away, coalesce(p.old, 0), coalesce(p.very_old, 0), coalesce(p.children, 0), h.unplaced, h.living,
       {WAITING_RESIDENTS.format(lo="a.code", hi="a.code || ':'")}
  from unnest(%(codes)s::text[]) as a(code)
  left join p on p.code = a.code,
       lateral (select count(*) filter (where kind <> 'living') as n,
               count(*) filter (where kind <> 'living' and members_count > 0 and home_count = 0) as away,
               count(*) filter (where kind <> 'living' and substr(grid_code, 13, 3) = %(unplaced)s) as unplaced,
               count(*) filter (where kind = 'living') as living
          from archives_household
         where grid_code >= a.code and grid_code < a.code || ':' and voided_at is null and state <> 'dissolved') h
"""  # noqa: S608 - constants of the archives and of gathering


def figures(codes: Iterable[str], *, on: date) -> dict[str, Figures]:
    """Figures of villages and grids (12 digits and more) for whoever may see their people, in one statement for all.

    Households are those registered here (family, collective); people are their living members by registration. Who only
    lives here is counted apart (`living`).
    """
    wanted = list(codes)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"codes": wanted, "unplaced": UNPLACED, "on": on})
        return {code: Figures(*numbers) for code, *numbers in cursor.fetchall()}


@dataclass(frozen=True)
class Places:
    """A village as the list needs it: itself, the caller's other villages, its grids with `writes` (may he write there)."""

    village: Area | None
    villages: list[Area]
    grids: list[Area]

    @property
    def names(self) -> dict[str, str]:
        return {a.code: a.short_name for a in self.grids}


def own_villages(me: Me) -> list[str]:
    """Codes of the villages whose files he opens, when his posts are of villages and grids; [] for wider posts."""
    codes = me.codes
    return sorted({c[:VILLAGE] for c in codes}) if all(len(c) >= VILLAGE for c in codes) else []


def places_of(me: Me, village: str) -> Places:
    """The village, the caller's villages and the village's grids (closed ones too: papers name them), in one statement."""
    own = own_villages(me)
    rows = list(Area.objects.filter(Q(code__in=own) | Q(code__gte=village, code__lt=village + ":")).annotate(writes=May(Right.WRITE, "code")).order_by("code"))
    return Places(next((a for a in rows if a.code == village), None), [a for a in rows if a.code in own], in_order(a for a in rows if len(a.code) > VILLAGE and a.code.startswith(village)))


def in_order(areas: Iterable[Area]) -> list[Area]:
    """Grids by code, 000 last."""
    return sorted(areas, key=lambda a: (a.code[VILLAGE:] == UNPLACED, a.code))


def villages_of(me: Me) -> list[Area]:
    """The villages whose files he opens, when his posts are of villages and grids; [] for wider posts."""
    codes = own_villages(me)
    return list(Area.objects.filter(code__in=codes).order_by("code")) if codes else []


def posts_of(me: Me) -> list[Area]:
    """The villages and grids of his own posts (a grid with its village), when none is wider; one statement."""
    codes = own_villages(me)
    return list(Area.objects.filter(code__in={*codes, *me.codes}).order_by("code")) if codes else []


def grids_under(village: str) -> list[Area]:
    """Open grids of a village, 000 last."""
    return in_order(Area.objects.filter(code__gte=village, code__lt=village + ":", level=Level.GRID, closed_on=None))


def writable_grids(me: Me, village: str) -> list[Area]:
    """Grids of a village where he may write. One statement."""
    found = Area.objects.filter(code__gte=village, code__lt=village + ":", level=Level.GRID, closed_on=None).annotate(writes=May(Right.WRITE, "code"))
    return in_order(g for g in found if g.writes)


def places(me: Me, like: str) -> list[dict[str, Any]]:
    """Towns with their villages below the caller's wide posts, for choosing one; `like` narrows by name."""
    wide = [c for c in me.codes if len(c) < VILLAGE]
    where = Q()
    for code in wide:
        where |= Q(code__gte=code, code__lt=code + ":")
    rows = Area.objects.filter(where, level__in=[Level.TOWN, Level.VILLAGE], closed_on=None).order_by("code") if wide else Area.objects.none()
    towns: dict[str, dict[str, Any]] = {}
    for area in rows:
        town = towns.setdefault(area.code[:9], {"name": "", "code": area.code[:9], "villages": []})
        if area.level == Level.TOWN:
            town["name"] = area.short_name
        elif not like or like in area.short_name or like in area.official_name:
            town["villages"].append(area)
    for town in towns.values():
        if like and like in town["name"] and not town["villages"]:
            town["villages"] = [a for a in rows if a.level == Level.VILLAGE and a.code.startswith(town["code"])]
    return [t for t in towns.values() if t["villages"]]


def without_household(villages: list[str], *, limit: int) -> list[dict[str, Any]]:
    """Living people with a placement in these villages and no present membership, by name. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select r.id, r.name, r.sex, r.birth_date, r.id_tail, min(a.short_name), array_agg(distinct p.why)
                 from archives_placement p
                 join archives_resident r on r.id = p.person_id and r.alive and r.voided_at is null
                 join access_area a on a.code = p.grid_code
                where left(p.grid_code, 12) = any(%s) and p.ends_on is null and p.why in ('registered', 'living')
                  and not exists (select from archives_membership m where m.person_id = p.person_id and m.ends_on is null and m.voided_at is null)
                group by r.id, r.name, r.sex, r.birth_date, r.id_tail, r.name_key order by r.name_key, r.id limit %s""",
            [villages, limit],
        )
        return [
            {"id": pk, "name": name, "sex": items.label_of("sex", sex).removesuffix("性") if sex in ("1", "2") else "", "born": born,
             "id_masked": f"{tail[:4]}{'*' * 12}{tail[4:]}" if len(tail) == 6 else "", "grid": grid, "why": _("、").join(_(WHY[w]) for w in sorted(why, reverse=True) if w in WHY)}
            for pk, name, sex, born, tail, grid, why in cursor.fetchall()
        ]
