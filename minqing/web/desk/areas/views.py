"""Areas: the tree from county to micro-grid with its figures, search by old and new codes and names, one area's history."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access import queries
from minqing.access.actions import areas as actions
from minqing.access.models import Area, Staff
from minqing.access.models.areas import LEVEL_BY_LENGTH, UNPLACED, Level
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me
from minqing.web.shared.middleware import StaffRequest


def get_area(code: str) -> Area:
    """Areas are public knowledge; an unknown code is not found."""
    area = Area.objects.filter(pk=code).first()
    if area is None:
        raise Http404
    return area


def roots(me: Me) -> list[str]:
    """Where the tree begins for this person: his own areas, the widest."""
    return queries.narrowest_cover([p.area for p in me.posts] or [me.area])


def area_list(request: StaffRequest) -> HttpResponse:
    """The person's own areas, or what a search finds; one area alone opens at once."""
    words = request.GET.get("q", "").strip()[:60]
    codes = roots(request.me)
    if not words and len(codes) == 1 and "q" not in request.GET:
        return HttpResponseRedirect(reverse("area", args=[codes[0]]))
    found = queries.find_areas(words, codes=sorted({c[:6] for c in codes})) if words else [queries.Found(a) for a in Area.objects.filter(pk__in=codes).order_by("code")]
    names = queries.full_names(f.area.code for f in found)
    rows = [{"area": f.area, "by": f.by, "name": names[f.area.code], "level": _(LEVEL_BY_LENGTH[len(f.area.code)].label),
             "now": actions.resolve(f.area.code) if f.area.closed_on else []} for f in found]
    return render(request, "desk/areas/list.html", {"rows": rows, "words": words})


def area_page(request: Any, code: str, **more: Any) -> HttpResponse:
    """One area: what it is, what it holds, where it came from and went to; what one may change."""
    area = get_area(code)
    closed = request.GET.get("closed") == "1"
    children = list(Area.objects.filter(parent=area).order_by("code"))
    gone = [c for c in children if c.closed_on]
    shown = children if closed else [c for c in children if not c.closed_on]
    counts = queries.households_by_child(code)
    people = queries.secretaries([c.code for c in shown] + [code], at=request.now)
    rows = [{"area": c, "households": counts.get(c.code, 0) if counts_shown(counts, c, request.me) else None, "people": people.get(c.code, []),
             "vacant": c.level == Level.VILLAGE and not c.closed_on and not any(p.role_id == "village_secretary" for p in people.get(c.code, [])),
             "unplaced": c.code[12:] == UNPLACED} for c in shown]
    known = [r["households"] for r in rows if r["households"] is not None]
    manages = area.closed_on is None and request.me.may(Right.AREAS, code)
    context = {
        "area": area, "level": _(LEVEL_BY_LENGTH[len(code)].label), "rows": rows, "gone": len(gone), "closed": closed,
        "total": sum(known) if known else None, "aliases": list(area.aliases.order_by("name")), "history": queries.history_of(area),
        "now": actions.resolve(code) if area.closed_on else [], "manages": manages, "unplaced": code[12:] == UNPLACED,
        "appoints": area.closed_on is None and request.me.may(Right.APPOINT, code), "people": staff_of(people.get(code, [])),
        "crumbs": crumbs(area), "child_level": _(LEVEL_BY_LENGTH[queries.NEXT_DIGITS[len(code)]].label) if len(code) in queries.NEXT_DIGITS else "",
        "shares": request.me.holds(Right.PEOPLE) and len(code) >= 12, **more,
    }
    return render(request, "desk/areas/area.html", context, status=422 if more.get("error") else 200)


def counts_shown(counts: dict[str, int], child: Area, me: Me) -> bool:
    """Whether a missing line means zero: only inside an area of the person's own rights; elsewhere it means "not for you"."""
    if child.code in counts:
        return True
    rights = {Right.AREAS, Right.FIGURES, Right.PEOPLE, Right.APPOINT}
    return any(child.code.startswith(p.area) and rights & ROLES[p.role].rights for p in me.posts)


def staff_of(rows: list[Any]) -> list[tuple[Staff, str]]:
    return [(r.staff, _(ROLES[r.role_id].label)) for r in rows]


def crumbs(area: Area, last: str = "") -> list[tuple[str, str]]:
    """From the county down to this area."""
    codes = [area.code[:n] for n in LEVEL_BY_LENGTH if 6 <= n < len(area.code)]
    names = dict(Area.objects.filter(pk__in=codes).values_list("code", "short_name"))
    trail = [(_("区域与网格"), reverse("area-list") + "?q=")] + [(names[c], reverse("area", args=[c])) for c in codes if c in names]
    return [*trail, (area.short_name, reverse("area", args=[area.code])), (last, "")] if last else [*trail, (area.short_name, "")]
