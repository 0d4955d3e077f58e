"""The list of households and the numbers beside it.

Invariant: what counts, filters by tag or sorts freely looks at one village at most (some 2,000 households); a wider
scope is paged along its index in the order of area and household number and shows no counts (policies over 400,000 rows
cost 100 ms and more, scope.md §1: figures are maintained, not counted).
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db import connections
from django.db.models import Q, Value
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.models.areas import UNPLACED
from minqing.access.scope import Me
from minqing.archives.actions.derived import AT_HOME
from minqing.archives.models import Household
from minqing.archives.queries import keyed
from minqing.archives.refusals import Refused
from minqing.archives.rules import tags
from minqing.archives.rules.keys import household_sort_key, name_key

VILLAGE = 12
#: More households than this have no village around them; the list is paged along the index instead.
MOST_IN_VILLAGE = 6_000
TABS = {"all": "全部", "elders": "独居与高龄", "away": "外出", "living": "居住在此", "unplaced": "未落格", "check": "等您定", "dissolved": "已销户"}
#: Households that gathering made of people who live here and are registered elsewhere. They are no households of the village:
#: a tab of their own, and in the tabs that are about care or about something to check.
LIVING = "living"
WITH_LIVING = frozenset({"living", "elders", "unplaced", "check", "dissolved"})
#: Tabs that are about tags: tab → the tags of which a household must have one.
CARED: dict[str, set[str]] = {"elders": set(tags.CARE), "away": {"away", "all_away"}}
ORDERS = ("number", "-number", "head", "door", "members")


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """One line of the list. Nothing of level 4."""

    id: uuid.UUID
    number: str
    head_name: str
    address: str
    door: str
    natural_village: str
    grid_code: str
    grid_name: str
    members: int
    home: int
    state: str
    version: int
    tags: list[tags.Tag] = field(default_factory=list)
    proposals: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, the key of the next page ('' = last), and how many there are in all (None = not counted)."""

    rows: list[HouseholdRow]
    next: str
    total: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers for tabs and filters of one village; all None or empty where the scope is wider and no village is chosen."""

    tabs: dict[str, int | None]
    grids: list[tuple[str, str, int]]
    natural_villages: list[tuple[str, int]]
    tags: list[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class _Line:
    """A household as filters, orders and the list need it. `fits`: the typed words find it (True where none are typed)."""

    id: uuid.UUID
    grid: str
    sort: str
    number: str
    head: str
    natural_village: str
    door: str
    members: int
    state: str
    kind: str
    address: str
    home: int
    version: int
    fits: bool


COLUMNS = ("id", "grid_code", "sort_key", "number", "head_name", "natural_village", "door", "members_count", "state", "kind", "address", "home_count", "version")


@dataclass
class _Place:
    """What list and counts of one village or grid both stand on; each part is read once, when it is first needed."""

    code: str
    on: date
    q: str = ""

    @cached_property
    def lines(self) -> list[_Line]:
        rows = Household.objects.filter(within(self.code), voided_at=None)
        rows = rows.annotate(fits=keyed.finds(self.q, place=self.code) if self.q else Value(True))
        return [_Line(*row) for row in rows.values_list(*COLUMNS, "fits")[:MOST_IN_VILLAGE]]

    @cached_property
    def tagged(self) -> dict[uuid.UUID, list[tags.Tag]]:
        return tags_of(_members(place=self.code), self.on)

    @cached_property
    def waiting(self) -> dict[uuid.UUID, int]:
        return _open_proposals(place=self.code)

    def codes(self, line: _Line) -> set[str]:
        return {t.code for t in self.tagged.get(line.id, ())}


def within(code: str) -> Q:
    """Rows of an area as a range: the form that reaches the index."""
    return Q(grid_code__gte=code, grid_code__lt=code + ":")


def place_of(me: Me, village: str, grid: str) -> str:
    """The one area a list is about: the grid, the village, or the caller's own single village; '' = wider."""
    if grid or village:
        return grid or village
    villages = {code[:VILLAGE] for code in me.codes}
    return villages.pop() if len(villages) == 1 and all(len(c) >= VILLAGE for c in me.codes) else ""


def household_list(
    me: Me, *, on: date, village: str = "", grid: str = "", natural_village: str = "", tab: str = "all", tag: str = "", state: str = "", q: str = "", order: str = "number",
    after: str = "", limit: int = 50,
) -> Page:
    """One page of households. `order`: number, -number, head (pinyin), door (walking order), members (most first); `after` = `next` of the page before."""
    place = place_of(me, village, grid)
    limit = max(1, min(limit, 500))
    if place and len(place) >= VILLAGE:
        page = _of_village(_Place(place, on, q), grid="", natural_village=natural_village, tab=tab, tag=tag, state=state, order=order, after=after, limit=limit, names=None)
    else:
        page = _of_scope(me, place, on=on, natural_village=natural_village, tab=tab, tag=tag, state=state, q=q, after=after, limit=limit)
    _remember(page, place, tab)
    return page


def household_page(
    me: Me, *, on: date, village: str, grid: str = "", natural_village: str = "", tab: str = "all", tag: str = "", q: str = "", order: str = "number", after: str = "", limit: int = 50,
    names: Mapping[str, str] | None = None,
) -> tuple[Page, Counts]:
    """The list of one village (or of a grid in it) and the counts of the village beside it, from the same rows.

    Three statements and the audit, whatever is asked; `names` of the village's grids spare a fourth.
    """
    here = _Place(village, on, q)
    page = _of_village(here, grid=grid, natural_village=natural_village, tab=tab, tag=tag, state="", order=order, after=after, limit=max(1, min(limit, 500)), names=names)
    _remember(page, grid or village, tab)
    return page, _counts(here, names)


def _remember(page: Page, place: str, tab: str) -> None:
    audit.record("household.list", households=[r.id for r in page.rows], detail={"area": place, "tab": tab, "rows": len(page.rows)})


def _of_village(
    here: _Place, *, grid: str, natural_village: str, tab: str, tag: str, state: str, order: str, after: str, limit: int, names: Mapping[str, str] | None,
) -> Page:
    lines = [x for x in here.lines if x.fits and x.grid.startswith(grid) and _fits(x, natural_village, tab, state)]
    if tag:
        lines = [x for x in lines if tag in here.codes(x)]
    if tab in CARED:
        lines = [x for x in lines if CARED[tab] & here.codes(x)]
    if tab == "check":
        lines = [x for x in lines if here.waiting.get(x.id)]
    ordered = sorted(lines, key=_key(order), reverse=order == "-number")
    start = next((i + 1 for i, x in enumerate(ordered) if str(x.id) == after), 0) if after else 0
    part = ordered[start:start + limit]
    called = names if names is not None else grid_names(x.grid for x in part)
    rows = [_row(x, called, here.tagged.get(x.id, []), here.waiting.get(x.id, 0)) for x in part]
    return Page(rows, str(part[-1].id) if part and start + limit < len(ordered) else "", len(ordered))


def _row(x: _Line, names: Mapping[str, str], tagged: Iterable[tags.Tag], waiting: int) -> HouseholdRow:
    return HouseholdRow(x.id, x.number, x.head, x.address, x.door, x.natural_village, x.grid, names.get(x.grid, x.grid), x.members, x.home, x.state, x.version,
                        [t for t in tagged if t.code in tags.LIST_SAFE], waiting)


def grid_names(codes: Iterable[str]) -> dict[str, str]:
    """Short names of areas. No statement for none."""
    wanted = set(codes)
    return dict(Area.objects.filter(pk__in=wanted).values_list("code", "short_name")) if wanted else {}


def _fits(x: _Line, natural_village: str, tab: str, state: str) -> bool:
    if natural_village and x.natural_village != natural_village:
        return False
    if state and x.state != state:
        return False
    if (x.state == "dissolved") != (tab == "dissolved") and state != "dissolved":
        return False
    if x.kind == LIVING and tab not in WITH_LIVING or x.kind != LIVING and tab == "living":
        return False
    return tab != "unplaced" or x.grid[VILLAGE:VILLAGE + 3] == UNPLACED


def _key(order: str):  # type: ignore[no-untyped-def]
    """The sort key of one order; unknown orders are by number."""
    return {
        "head": lambda x: (not x.head, name_key(x.head), x.sort, str(x.id)),
        "door": lambda x: (x.natural_village, household_sort_key(x.door), x.sort, str(x.id)),
        "members": lambda x: (-x.members, x.sort, str(x.id)),
    }.get(order, lambda x: (x.sort, str(x.id)))


def _of_scope(me: Me, place: str, *, on: date, natural_village: str, tab: str, tag: str, state: str, q: str, after: str, limit: int) -> Page:
    """Paged along (grid_code, sort_key, id): the index's own order, so that any page costs the same."""
    if tag or natural_village or tab in ("elders", "away", "check"):
        raise Refused(_("范围大于一个村时不能按标签筛选，请先选一个村。"))
    rows = Household.objects.filter(voided_at=None)
    if place:
        rows = rows.filter(within(place))
    elif len(me.codes) > 1:
        reach = Q()
        for code in me.codes:
            reach |= within(code)
        rows = rows.filter(reach)
    if tab == "living":
        rows = rows.filter(kind=LIVING)
    elif tab not in WITH_LIVING:
        rows = rows.exclude(kind=LIVING)
    rows = rows.filter(state="dissolved") if tab == "dissolved" else (rows.filter(state=state) if state else rows.exclude(state="dissolved"))
    if tab == "unplaced":
        raise Refused(_("请先选一个村，再看该村未落格的户。"))
    if q:
        rows = rows.filter(pk__in=keyed.households(me, q, place=place))
    if after:
        code, sort, number = (after.split("~", 2) + ["", ""])[:3]
        rows = rows.filter(grid_code__gte=code).filter(Q(grid_code__gt=code) | Q(sort_key__gt=sort) | Q(sort_key=sort, id__gt=_uuid(number)))
    found = rows.annotate(fits=Value(True)).order_by("grid_code", "sort_key", "id").values_list(*COLUMNS, "fits")[:limit + 1]
    part = [_Line(*row) for row in found]
    more, part = part[limit:], part[:limit]
    end = f"{part[-1].grid}~{part[-1].sort}~{part[-1].id}" if more else ""
    ids = [x.id for x in part]
    tagged, waiting, names = tags_of_households(ids, on), _open_proposals(households=ids), grid_names(x.grid for x in part)
    return Page([_row(x, names, tagged.get(x.id, []), waiting.get(x.id, 0)) for x in part], end, None)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


#: The people are read in one scan by a list of ids: then their policy may hold the caller's placements as one hash where the scope is a
#: village or less, instead of looking each person up (a join reads them one by one, and the planner counts one look-up for each).
_MEMBERS = """
with m as materialized (select household_id, person_id, by from archives_membership where ends_on is null and voided_at is null and {which}),
     r as materialized (select id, name, birth_date, alive, living_elsewhere, residence_match, political
                          from archives_resident where id = any(array(select person_id from m)) and voided_at is null)
select m.household_id, r.id, r.name, r.birth_date, r.alive, {at_home}, r.living_elsewhere, r.political in ('01', '02')
  from m join r on r.id = m.person_id
"""


def _members(*, place: str = "", households: Collection[uuid.UUID] = ()) -> list[tuple[uuid.UUID, tags.Member]]:
    """Present members of one place or of these households, as the tag rules want them. One statement."""
    which, values = ("grid_code >= %s and grid_code < %s", [place, place + ":"]) if place else ("household_id = any(%s)", [list(households)])
    with connections["default"].cursor() as cursor:
        cursor.execute(_MEMBERS.format(which=which, at_home=AT_HOME), values)
        return [(row[0], tags.Member(*row[1:])) for row in cursor.fetchall()]


def tags_of(members: Iterable[tuple[uuid.UUID, tags.Member]], on: date) -> dict[uuid.UUID, list[tags.Tag]]:
    """Tags of each household."""
    grouped: dict[uuid.UUID, list[tags.Member]] = {}
    for household, member in members:
        grouped.setdefault(household, []).append(member)
    return {household: tags.of_household(group, on=on) for household, group in grouped.items()}


def tags_of_households(households: Collection[uuid.UUID], on: date) -> dict[uuid.UUID, list[tags.Tag]]:
    """Tags of these households, computed from their present members. One statement."""
    return tags_of(_members(households=households), on)


_WAITING = """
select household_id, count(*) from (
  select p.household_id, p.id from archives_proposal p where p.state = 'open' and p.voided_at is null and p.household_id is not null and {own}
  union
  select m.household_id, p.id from archives_proposal p
    join archives_membership m on m.person_id = p.person_id and m.ends_on is null and m.voided_at is null
   where p.state = 'open' and p.voided_at is null and p.household_id is null and {members}) x
 group by household_id
"""


def _open_proposals(*, place: str = "", households: Collection[uuid.UUID] = ()) -> dict[uuid.UUID, int]:
    """Open proposals by household: its own and those of its present members. One statement."""
    with connections["default"].cursor() as cursor:
        if place:
            condition = "p.grid_code >= %s and p.grid_code < %s"
            cursor.execute(_WAITING.format(own=condition, members=condition), [place, place + ":"] * 2)
        else:
            cursor.execute(_WAITING.format(own="p.household_id = any(%s)", members="m.household_id = any(%s)"), [list(households)] * 2)
        return dict(cursor.fetchall())


def household_counts(me: Me, *, on: date, village: str = "", grid: str = "") -> Counts:
    """Numbers for the tabs and filters of one village or grid."""
    place = place_of(me, village, grid)
    if not place or len(place) < VILLAGE:
        return Counts(dict.fromkeys(TABS), [], [], [])
    return _counts(_Place(place, on), None)


def _counts(here: _Place, names: Mapping[str, str] | None) -> Counts:
    present = [x for x in here.lines if x.state != "dissolved"]
    homes = [x for x in present if x.kind != LIVING]
    codes = {x.id: here.codes(x) for x in present}
    tabs: dict[str, int | None] = {
        "all": len(homes), "elders": sum(bool(c & CARED["elders"]) for c in codes.values()), "away": sum(bool(codes[x.id] & CARED["away"]) for x in homes),
        "living": len(present) - len(homes), "unplaced": sum(x.grid[VILLAGE:VILLAGE + 3] == UNPLACED for x in present),
        "check": sum(bool(here.waiting.get(x.id)) for x in present), "dissolved": len(here.lines) - len(present),
    }
    by_grid = Counter(x.grid[:15] for x in homes)
    called = names if names is not None else grid_names(by_grid)
    by_village = Counter(x.natural_village for x in homes if x.natural_village)
    by_tag = Counter(code for x in homes for code in codes[x.id])
    return Counts(
        tabs, [(code, called.get(code, code), by_grid[code]) for code in sorted(by_grid, key=lambda c: (c[VILLAGE:] == UNPLACED, c))],
        sorted(by_village.items(), key=lambda x: (-x[1], x[0])), [(code, label, by_tag[code]) for code, label in tags.LABELS.items() if by_tag[code]],
    )


def areas_for_filter(me: Me) -> list[tuple[str, str, str]]:
    """(code, short name, level) of the caller's posts that open files and of the grids under his villages."""
    reach = Q(code__in=me.codes)
    for code in me.codes:
        if len(code) == VILLAGE:
            reach |= Q(code__gte=code, code__lt=code + ":")
    return list(Area.objects.filter(reach, closed_on=None).order_by("code").values_list("code", "short_name", "level"))
