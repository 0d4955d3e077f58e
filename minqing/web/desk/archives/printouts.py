"""PDF answers: a household's file, a family tree, the sheets of a grid.

Invariant: a PDF is made and audited in the same scoped transaction; it is shown, not cached.
"""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from minqing.access.models import Area
from minqing.archives import queries, refusals
from minqing.archives.models import Membership
from minqing.web.desk.archives import presenting, trees
from minqing.web.desk.archives.choosing import person_or_404
from minqing.web.desk.archives.files import due
from minqing.web.desk.archives.lists import SAME_AS_HOUSEHOLD
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest


def as_pdf(content: bytes, name: str) -> HttpResponse:
    """Shown in the browser; `name` is ASCII."""
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "no-store"})


def household_print(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    on = timezone.localdate(request.now)
    try:
        file = queries.household_file(request.me, household, on=on)
    except refusals.NotHere as error:
        raise Http404 from error
    known = [v for v in (presenting.value(line) for line in file.dwelling_fields if line.field not in SAME_AS_HOUSEHOLD) if v["value"]]
    village = Area.objects.filter(pk=file.household.grid_code[:12]).first()
    rows = Membership.objects.filter(pk__in=[m.membership for m in file.members]).select_related("person")
    order = {m.membership: i for i, m in enumerate(file.members)}
    people = [printing.line_of(m, on) for m in sorted(rows, key=lambda m: order[m.pk]) if m.person.alive]
    context = {
        "people": people, "values": [known[i:i + 2] for i in range(0, min(len(known), 16), 2)], "tags": presenting.toned(file.tags),
        "proposals": [due(p) for p in file.proposals][:6], "village": village.short_name if village else "",
    }
    return as_pdf(printing.household_file(request.me, file, context, at=request.now), f"household-{str(household)[:8]}")


def tree_print(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    p = person_or_404(person)
    tree = queries.family_tree(request.me, p.pk, on=timezone.localdate(request.now))
    return as_pdf(printing.family_tree(request.me, p, trees.draw(tree, p.pk), at=request.now), f"family-{str(person)[:8]}")


def sheets_print(request: StaffRequest) -> HttpResponse:
    """`?grid=&nv=&kind=blank|filled&count=`."""
    grid, blank = request.GET.get("grid", ""), request.GET.get("kind") != "filled"
    count = int(request.GET["count"]) if request.GET.get("count", "").isdigit() else 10
    try:
        content = printing.sheets(request.me, grid, blank=blank, natural_village=request.GET.get("nv", ""), count=count, at=request.now)
    except refusals.NotHere as error:
        raise Http404 from error
    except refusals.Refused as refusal:
        messages.warning(request, str(refusal))
        return HttpResponseRedirect(reverse("paper"))
    return as_pdf(content, f"sheets-{grid}")
