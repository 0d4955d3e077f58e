"""One person and being told: what he wants, what he was told.

Invariant: only whoever sees the file sees this page; a wish is written down as the person said it, and can be taken back.
"""

from __future__ import annotations

import uuid

from django.contrib import messages as says
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.actions import audit
from minqing.archives.actions import people
from minqing.archives.models import Resident
from minqing.notify import queries
from minqing.notify.actions import marks
from minqing.notify.refusals import Refused
from minqing.notify.rules import routing
from minqing.web.desk.notify import presenting
from minqing.web.shared.middleware import StaffRequest


def person_or_404(person: uuid.UUID) -> Resident:
    row = Resident.objects.filter(pk=person, voided_at=None).first()
    if row is None:
        raise Http404
    return row


def notices_of(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    """Wishes and messages of one person."""
    p = person_or_404(person)
    rows = queries.of_person(p.pk)
    standing = marks.standing(p.pk)
    names = queries.names_of(m.by for m in standing)
    by_what = {(m.what, m.kind): m for m in standing}
    audit.record("notice.list", persons=[p.pk], detail={"n": len(rows)})

    def choice(what: str, kind: str, label: str, says_what: str) -> dict[str, object]:
        mark = by_what.get((what, kind))
        return {"what": what, "kind": kind, "label": label, "says": says_what, "on": mark is not None, "when": mark.at if mark else None, "who": names.get(mark.by, "") if mark else ""}

    choices = [choice("not_home", "", _("不要打家里"), _("不打家里共用的电话，不留信，不告诉家人：只打本人的电话，或当面单独告知。对一切通知都有效。"))]
    choices += [choice("opt_out", k.value, _("不接收：%s") % _(routing.KIND_LABELS[k]), _("这一类不再通知。")) for k in routing.MAY_OPT_OUT]
    choices.append(choice("opt_out", routing.Kind.OWN.value, _("自己的事也不要发消息"), _("改为当面告知，不会漏掉。")))
    return render(request, "desk/notify/person.html", {
        "p": p, "choices": choices, "rows": presenting.lines(rows), "silent": ("silent", "") in by_what, "may_write": bool(people.writable_grid(p.pk)) and p.alive,
        "crumbs": [(p.name, reverse("resident-file", kwargs={"person": p.pk})), (_("通知方式"), "")],
    })


@require_POST
def wish(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    """One wish on or off."""
    p = person_or_404(person)
    grid = people.require(p, request.me)
    wanted = request.POST.get("wanted") == "1"
    try:
        if request.POST.get("what") == "not_home":
            marks.not_home(person=p.pk, grid=grid, wanted=wanted, by=request.me, at=request.now)
        else:
            marks.opt_out(person=p.pk, grid=grid, kind=request.POST.get("kind", ""), wanted=wanted, by=request.me, at=request.now)
    except Refused as refusal:
        says.error(request, str(refusal))
    else:
        says.success(request, _("已记下，对所有通知都有效。") if wanted else _("已取消。"))
    return HttpResponseRedirect(reverse("notice-person", kwargs={"person": p.pk}))
