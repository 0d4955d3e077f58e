"""Two people filled one field differently: at the desk one says which value stands.

Invariant: whoever sees the question sees both values, numbers masked; what may still be chosen, the action decides.
"""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.archives.refusals import NotHere, Refused
from minqing.sync.actions import conflicts
from minqing.web.desk.archives.answering import done
from minqing.web.shared.middleware import StaffRequest


def choose(request: StaffRequest, proposal: uuid.UUID) -> HttpResponse:
    try:
        asked = conflicts.question(proposal)
    except NotHere as gone:
        raise Http404(str(gone)) from gone
    row = asked.row
    back = reverse("household-file", kwargs={"household": row.household_id}) if row.household_id else reverse("resident-file", kwargs={"person": row.person_id})
    if row.state != "open":
        messages.info(request, _("这一处已经选定：%s") % row.note)
        return HttpResponseRedirect(back)
    if request.method == "POST":
        try:
            conflicts.choose(conflict=row.pk, choice=request.POST.get("choice", ""), by=request.me, at=request.now)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.path)
        return done(request, back)
    audit.record("household.panel" if row.household_id else "resident.open", households=[row.household_id] if row.household_id else [], persons=[row.person_id] if row.person_id else [])
    rows = [{"label": asked.label, "left": asked.mine, "right": asked.theirs, "verdict": "differs", "reason": ""}]
    return render(request, "desk/archives/choose.html", {
        "asked": asked, "rows": rows, "back": back, "crumbs": [(_("户情单") if row.household_id else _("个人档案"), back), (_("两个人都改了"), "")], "may_write": request.me.may(conflicts.RIGHT, row.grid_code),
    })
