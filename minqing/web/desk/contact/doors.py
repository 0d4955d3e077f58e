"""A helper's doors: name, door, telephone and three buttons; which helper a household has.

Invariant: nothing here opens a file: what a helper sees comes from one function that knows his own doors alone.
"""

from __future__ import annotations

import uuid
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.actions import audit
from minqing.access.models import Appointment, Staff
from minqing.access.scope import NotAllowed
from minqing.archives.models import Household
from minqing.contact.actions import doors
from minqing.contact.models import Door, DoorCheck
from minqing.contact.queries import doors as own
from minqing.contact.queries import visits, waiting
from minqing.contact.refusals import Missing, NotHere, Refused
from minqing.service.rules import numbers
from minqing.web.desk.archives.choosing import household_or_404
from minqing.web.shared.middleware import StaffRequest


def mine(request: StaffRequest, *, wrong: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    """The caller's doors by hamlet."""
    if not any(p.role == "helper" for p in request.me.posts):
        raise NotAllowed(_("这一页给连心服务员用。您的走访请从户档或“该走访的户”里记。"))
    found = own.mine(request.me)
    audit.record("door.list", detail={"rows": len(found)})
    answers = dict(DoorCheck.ANSWERS)
    lines = [{"d": d, "answer": _(answers[d.answer]) if d.answer else "", "record": uuid.uuid4(), "wrong": wrong if wrong and wrong["door"] == str(d.id) else None} for d in found]
    groups = [(name, list(rows)) for name, rows in groupby(lines, key=lambda x: x["d"].natural_village)]
    return render(request, "desk/contact/doors.html", {"groups": groups, "n": len(lines)}, status=status)


@require_POST
def check(request: StaffRequest, door: uuid.UUID) -> HttpResponse:
    """One button: 平安, 有事 with a sentence, 联系不上."""
    answer, words = request.POST.get("answer", ""), request.POST.get("words", "")
    try:
        record = uuid.UUID(request.POST.get("record", ""))
    except ValueError:
        record = uuid.uuid4()
    try:
        with transaction.atomic():
            made = doors.helper_check(id=record, door=door, by=request.me, at=request.now, answer=answer, words=words, how=request.POST.get("how") or "door")
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    except (Missing, Refused) as refusal:
        return mine(request, wrong={"door": str(door), "words": words, "said": str(refusal)}, status=422)
    if made.opened is not None:
        messages.success(request, _("已登记成一件事，编号 %s，村里会办。") % numbers.spoken(made.opened.matter.number))
    else:
        messages.success(request, _("记下了。"))
    return HttpResponseRedirect(reverse("door-list"))


def helpers_of(home: Household) -> list[tuple[str, str]]:
    """Helpers of the household's grid: (id, name)."""
    ids = Appointment.objects.filter(role="helper", area_code__in=[home.grid_code[:n] for n in (15, 17) if n <= len(home.grid_code)]).values("staff")
    return [(str(pk), name) for pk, name in Staff.objects.filter(pk__in=ids, left_at=None).order_by("number").values_list("pk", "name")]


def context_of(request: StaffRequest, home: Household) -> dict[str, Any]:
    """The tab 走访 of a household's file: visits, helpers' look-ins, who looks in."""
    lines, checks = visits.of_household(request.me, home.pk, at=request.now)
    helpers = helpers_of(home)
    standing = Door.objects.filter(household=home, ended_at=None).values_list("helper", flat=True).first()
    return {"visits": lines, "checks": checks, "helpers": helpers, "helper": str(standing or ""), "helper_name": dict(helpers).get(str(standing), ""), "record": uuid.uuid4(), "grave": waiting.news_of(home)}


@require_POST
def give(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    """Which helper looks in at this household; '' = nobody."""
    home = household_or_404(household)
    chosen = request.POST.get("helper", "")
    try:
        with transaction.atomic():
            made = doors.give(household=home, helper=uuid.UUID(chosen) if chosen else None, by=request.me, at=request.now)
        messages.success(request, _("已安排连心服务员联系这一户。") if made else _("这一户现在没有连心服务员。"))
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    except ValueError:
        messages.error(request, _("请从列表中选一位连心服务员。"))
    except (Refused, NotAllowed) as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("household-file", kwargs={"household": home.pk}) + "?tab=visits")
