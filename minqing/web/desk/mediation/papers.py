"""Paper of a mediation, A4: the agreement for signature, and everything of it in one packet for the 司法所.

Invariant: what leaves as a file is written down before its bytes, with the persons on it; nothing is printed that the page does not show.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area, Staff
from minqing.access.words import county
from minqing.service.rules import mediation as rules
from minqing.service.rules import numbers
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.mediation.pages import papers_or_404
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest


def _frame(request: StaffRequest, mediation: uuid.UUID, what: str) -> dict[str, Any]:
    with audit.together():
        found = papers_or_404(request, mediation)
        audit.record("mediation.print", persons=[s["party"].person_id for s in found["sides"] if s["party"].person_id], detail={"what": what, "matter": str(found["matter"].pk)})
    row, matter = found["mediation"], found["matter"]
    place = Area.objects.filter(pk=matter.place_code[:12]).first()
    mediator = Staff.objects.filter(pk=row.mediator).values_list("name", flat=True).first() or ""
    return {**found, **printing.frame(request.me, request.now), "x": row, "m": matter, "spoken": numbers.spoken(matter.number), "village": place.official_name if place else "", "mediator": mediator,
            "label": _(rules.LABELS[rules.State(row.state)]), "opened_on": timezone.localtime(row.opened_at), "agreed_on": timezone.localtime(row.agreed_at) if row.agreed_at else None,
            "clauses": [line.strip() for line in str(found["agreement"]).splitlines() if line.strip()]}


@county
def agreement(request: StaffRequest, mediation: uuid.UUID) -> HttpResponse:
    """The agreement, one copy for each side and one for the file, to be signed."""
    context = _frame(request, mediation, "agreement")
    if not context["x"].agreement_no:
        messages.warning(request, _("还没有达成协议，没有可打印的。"))
        return HttpResponseRedirect(reverse("mediation", args=[mediation]))
    return as_pdf(printing.pdf("desk/mediation/agreement.html", context), f"agreement-{context['x'].agreement_no}")


def packet(request: StaffRequest, mediation: uuid.UUID) -> HttpResponse:
    """Everything: the dispute, both sides and their consent, sessions, agreement, what was kept and what was not."""
    context = _frame(request, mediation, "papers")
    return as_pdf(printing.pdf("desk/mediation/papers.html", context), f"mediation-{context['m'].number}")
