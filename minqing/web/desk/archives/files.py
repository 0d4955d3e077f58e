"""The household's file: overview, members, dwelling, sources and changes; every value says whose word it is.

Invariant: opening a file is audited by the query that reads it; the six tabs show the same file, so a tab is an address.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.archives import queries, refusals
from minqing.archives.queries import plots as plot_queries
from minqing.contact.queries import homes
from minqing.gather.queries import land_said_of
from minqing.web.desk.archives import plots, presenting
from minqing.web.desk.archives.answering import offer_undo
from minqing.web.desk.contact import doors as contact
from minqing.web.shared.middleware import StaffRequest

TABS = (("", "概况"), ("members", "成员"), ("dwelling", "住房"), ("land", "田地山林"), ("visits", "走访"), ("history", "来源与变更"))
HISTORY = 80
RECENT = 16


def household_file(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    """One household, one of six tabs (`?tab=`)."""
    offer_undo(request)
    tab = request.GET.get("tab", "")
    tab = tab if tab in dict(TABS) else ""
    try:
        file = queries.household_file(request.me, household, on=timezone.localdate(request.now), occupants=tab == "dwelling")
    except refusals.NotHere as error:
        raise Http404 from error
    h = file.household
    url = reverse("household-file", kwargs={"household": h.pk})
    context: dict[str, Any] = {
        "file": file, "h": h, "tab": tab, "url": url,
        "tabs": [{"label": _(label), "url": url + (f"?tab={key}" if key else ""), "current": key == tab, "count": len(file.members) if key == "members" else None} for key, label in TABS],
        "crumbs": [(_("户情单"), reverse("household-list") + f"?village={h.grid_code[:12]}"), (file.grid.short_name, reverse("household-list") + f"?grid={h.grid_code}"), (h.head_name or h.number, "")],
        "members": [presenting.member(m) for m in file.members], "former": [presenting.member(m) for m in file.former],
        "tags": presenting.toned(file.tags, everything=True), "proposals": [due(p) for p in file.proposals],
        **presenting.may_do(h, request.me),
    }
    if tab == "land":
        context["plots"] = plot_queries.of_household(h.pk)
        context["land_said"] = plots.not_yet(context["plots"], land_said_of([m.id for m in file.members])) if context["may_write"] else []
    if tab == "visits":
        context |= contact.context_of(request, h)
    context |= values_of(file, url)
    changes = queries.changes_of(request.me, household=h.pk, memberships=[m.membership for m in (*file.members, *file.former)], limit=HISTORY if tab == "history" else RECENT)
    if not tab:
        context |= presenting.came(homes.came_of([], opened=h.pk), h.pk, request.now)
    context["changes"] = presenting.deeds(changes, request.now, most=HISTORY if tab == "history" else 4)
    return render(request, "desk/archives/household.html", context)


def values_of(file: Any, url: str) -> dict[str, Any]:
    """The household's and the dwelling's fields as templates show them."""
    words = reverse("household-words", kwargs={"household": file.household.pk})
    address = reverse("household-address", kwargs={"household": file.household.pk})
    where = {"caution": words, "difficulties": words, "wishes": words}
    dwelling = reverse("dwelling-change", kwargs={"dwelling": file.dwelling.pk}) if file.dwelling else ""
    own = [presenting.value(line, change_url=where.get(line.field, address), history_url=url + "?tab=history") for line in file.fields]
    built = [presenting.value(line, change_url=dwelling, history_url=url + "?tab=history") for line in file.dwelling_fields]
    return {"values_unknown": presenting.missing(own), "dwelling_values_unknown": presenting.missing(built), "values": own, "dwelling_values": built, "known_dwelling": [v for v in built if v["value"]]}


def due(p: Any) -> dict[str, Any]:
    """A proposal as a job: what, by when; doing it is a person's act."""
    return {"id": p.pk, "kind": p.kind, "sentence": p.sentence, "due_on": p.due_on, "department": p.department}

