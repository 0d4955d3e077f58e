"""户情单: choose a place, the list of a village or grid with its side panel.

Invariant: a wide post (town and above) chooses a village first, so that nothing here counts or sorts more than one
village; the panel's address and the list's address with `open=` show the same panel.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.models.areas import Level
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.archives import queries, refusals
from minqing.contact.queries import homes
from minqing.web.desk.archives import presenting, reads
from minqing.web.desk.archives.answering import offer_undo
from minqing.web.shared.middleware import StaffRequest

PAGE = 50
MOST_PEOPLE = 200
KEPT = ("village", "grid", "nv", "tab", "tag", "q", "sort", "after", "n")
#: Fields of the dwelling that the household says already.
SAME_AS_HOUSEHOLD = frozenset({"address", "natural_village", "group_no", "doorplate"})
COLUMNS = (("number", "户号"), ("head", "户主"), ("door", "门牌"), ("members", "人口"))


def asked(request: StaffRequest) -> dict[str, str]:
    """The list's own parameters of the address."""
    return {key: request.GET[key] for key in KEPT if request.GET.get(key)}


def address(given: dict[str, str], **changes: str) -> str:
    """The list's address with some parameters changed; a new condition starts at the first page."""
    kept = {**given, **changes}
    if not {"after", "n"} & set(changes):
        kept.pop("after", None), kept.pop("n", None)
    return reverse("household-list") + "?" + urlencode({k: v for k, v in kept.items() if v})


def household_list(request: StaffRequest) -> HttpResponse:
    """The list; without a village chosen, a wide post sees the places to choose from."""
    me = request.me
    if not me.holds(Right.PEOPLE):
        raise NotAllowed(_("您的任职不打开户档。需要某一户的情况，请联系所在村。"))
    offer_undo(request)
    given = asked(request)
    code = given.get("grid", "")[:12] or given.get("village", "") or next(iter(reads.own_villages(me)), "")
    if not code:
        return choose_place(request)
    places = reads.places_of(me, code)
    if places.village is None:
        raise Http404
    with audit.together():
        opened = opened_of(request)
        context, came = list_of(request, places.village, places, given, opened)
        context["villages"] = [{"code": v.code, "label": v.short_name, "url": address({}, village=v.code), "current": v.code == code} for v in places.villages] if len(places.villages) > 1 else []
        context["panel_open"] = opened is not None
        if opened:
            context.update(panel_of(request, opened, given, came))
    return render(request, "desk/archives/list.html", context)


def choose_place(request: StaffRequest) -> HttpResponse:
    like = request.GET.get("place", "").strip()[:20]
    return render(request, "desk/archives/places.html", {"towns": reads.places(request.me, like), "like": like, "crumbs": [(_("户情单"), "")]})


def opened_of(request: StaffRequest) -> uuid.UUID | None:
    """The household whose panel stands beside the list. Raises Http404 for what is no id."""
    try:
        return uuid.UUID(request.GET["open"]) if request.GET.get("open") else None
    except ValueError as error:
        raise Http404 from error


def list_of(request: StaffRequest, village: Area, places: reads.Places, given: dict[str, str], opened: uuid.UUID | None) -> tuple[dict[str, Any], homes.Came]:
    """Everything the list shows for one village, and what came of its households and of the opened one."""
    me, on = request.me, timezone.localdate(request.now)
    grid, tab, sort = given.get("grid", ""), given.get("tab", "all"), given.get("sort", "number")
    page, counts = queries.household_page(
        me, on=on, village=village.code, grid=grid, natural_village=given.get("nv", ""), tab=tab, tag=given.get("tag", ""), q=given.get("q", ""), order=sort,
        after=given.get("after", ""), limit=PAGE, names=places.names,
    )
    sums = reads.figures([grid or village.code], on=on)[grid or village.code]
    first = int(given["n"]) if given.get("n", "").isdigit() else 1
    came = homes.came_of([r.id for r in page.rows], opened=opened)
    return {
        "village": village, "given": given, "sums": sums, "waiting": sums.waiting, "tab": tab, "sums_away": sums.people - sums.home,
        "rows": [row(r, given, opened, came, on) for r in page.rows],
        "tabs": [{"label": _(label), "count": counts.tabs.get(key), "current": key == tab, "url": address(given, tab="" if key == "all" else key)} for key, label in queries.TABS.items()],
        "grids": grid_segments(counts, given, grid), "natural_villages": [(name, f"{name} {n}") for name, n in counts.natural_villages if name],
        "tag_choices": [(code, f"{_(label)} {n}") for code, label, n in counts.tags],
        "chips": chips(given, counts), "columns": columns(given, sort),
        "first": first, "last": first + len(page.rows) - 1, "total": page.total, "next": address(given, after=page.next, n=str(first + PAGE)) if page.next else "",
        "start": address(given) if given.get("after") else "", "may_write": me.holds(Right.WRITE), "searching": bool(given.get("q")),
        "unplaced": counts.tabs.get("unplaced"), "check": counts.tabs.get("check"), "urls": {k: address(given, tab=k) for k in ("unplaced", "check", "elders", "away")},
        "grid_choices": [g for g in places.grids if g.level == Level.GRID and g.closed_on is None and g.writes] if tab == "unplaced" else [],
    }, came


def grid_segments(counts: Any, given: dict[str, str], grid: str) -> list[dict[str, Any]]:
    """One filter with few values: all, then each grid."""
    if len(counts.grids) < 2:
        return []
    total = sum(n for _code, _name, n in counts.grids)
    found = [{"label": _("全部"), "count": total, "url": address(given, grid=""), "current": not grid}]
    return found + [{"label": name, "count": n, "url": address(given, grid=code), "current": code == grid} for code, name, n in counts.grids]


def chips(given: dict[str, str], counts: Any) -> list[dict[str, str]]:
    """Conditions that stand, each with the address without it."""
    labels = {code: _(label) for code, label, _n in counts.tags}
    words = {"nv": given.get("nv", ""), "tag": labels.get(given.get("tag", ""), given.get("tag", "")), "q": given.get("q", "")}
    return [{"label": label, "url": address(given, **{key: ""})} for key, label in words.items() if label]


def columns(given: dict[str, str], sort: str) -> list[dict[str, str]]:
    """Sortable heads: a second click on the household number turns the order round."""
    found = []
    for key, label in COLUMNS:
        way = {key: "asc", f"-{key}": "desc"}.get(sort, "")
        to = f"-{key}" if way == "asc" and key in ("number",) else ("" if key == "number" else key)
        found.append({"label": _(label), "dir": way, "url": address(given, sort=to)})
    return found


def row(r: Any, given: dict[str, str], opened: uuid.UUID | None, came: homes.Came, on: date) -> dict[str, Any]:
    """One line of the list: nothing of level 4, no "who visited last"."""
    number = str(r.id)
    return {
        "id": number, "number": r.number, "head": r.head_name or _("（无户主）"), "place": place(r), "grid": r.grid_name, "members": r.members, "home": r.home,
        "tags": presenting.toned(r.tags, most=3), "more": max(0, len(r.tags) - 3), "proposals": r.proposals, "state": r.state, "open": r.id == opened,
        "seen": presenting.seen(came.seen.get(r.id), on), "matters": len(came.matters.get(r.id, ())),
        "url": keep_page(given) + "&open=" + number if keep_page(given).count("?") else keep_page(given) + "?open=" + number,
        "panel_url": reverse("household-panel", kwargs={"household": r.id}) + "?" + urlencode(given),
    }


def keep_page(given: dict[str, str]) -> str:
    """The list as it stands, with its page."""
    return reverse("household-list") + "?" + urlencode(given) if given else reverse("household-list")


def place(r: Any) -> str:
    """Natural village and door, or what there is of an address."""
    short = f"{r.natural_village}{r.door}"
    return short or r.address


def people_unplaced(request: StaffRequest) -> HttpResponse:
    """People of his villages who belong to no household: each is opened and moved in, or waits for his number."""
    if not request.me.holds(Right.PEOPLE):
        raise NotAllowed(_("您的任职不打开户档。需要某一户的情况，请联系所在村。"))
    rows = reads.without_household([v.code for v in reads.villages_of(request.me)], limit=MOST_PEOPLE)
    audit.record("household.list", persons=[r["id"] for r in rows], detail={"tab": "people-unplaced", "rows": len(rows)})
    crumbs = [(_("户情单"), reverse("household-list")), (_("不在任何一户的人"), "")]
    return render(request, "desk/archives/people_unplaced.html", {"rows": rows, "many": len(rows) == MOST_PEOPLE, "crumbs": crumbs})


def household_panel(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    """The side panel alone (htmx); a plain visit shows list and panel."""
    return render(request, "desk/archives/panel.html", panel_of(request, household, asked(request), homes.came_of([], opened=household)))


def panel_of(request: StaffRequest, opened: uuid.UUID, given: dict[str, str], came: homes.Came) -> dict[str, Any]:
    """What the panel shows: who lives there, what to know at the door, the dwelling, what they may have, what waits, what was asked and when somebody came."""
    try:
        file = queries.household_file(request.me, opened, on=timezone.localdate(request.now), occupants=False)
    except refusals.NotHere as error:
        raise Http404 from error
    return {
        "file": file, "h": file.household, "close": keep_page(given), "tags": presenting.toned(file.tags), "members": [presenting.member(m) for m in file.members],
        "values": [presenting.value(line) for line in file.dwelling_fields if line.value not in (None, "") and line.field not in SAME_AS_HOUSEHOLD][:8],
        **presenting.came(came, opened, request.now), **presenting.may_do(file.household, request.me),
    }
