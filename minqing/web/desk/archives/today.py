"""今天我做了什么: every act of one's own, each to be taken back within its ten minutes.

Invariant: only the person himself undoes his acts; what cannot be taken back any more says why in the refusal.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, time

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.archives.actions import acts
from minqing.archives.models import Act, Household, Resident
from minqing.archives.refusals import Refused
from minqing.web.desk.archives import presenting
from minqing.web.desk.archives.answering import back_to
from minqing.web.shared.middleware import StaffRequest

MOST = 200


def today(request: StaffRequest) -> HttpResponse:
    """Acts since midnight, newest first."""
    since = timezone.make_aware(datetime.combine(timezone.localdate(request.now), time.min))
    made = acts.done_by(by=request.me, since=since, limit=MOST)
    urls = urls_of(made)
    rows = [
        {"id": a.pk, "when": presenting.when(a.at, request.now), "sentence": a.sentence, "url": urls[a.pk], "undone": a.undone_at, "may_undo": acts.may_undo(a, request.now), "undoes": a.undoes}
        for a in made
    ]
    return render(request, "desk/archives/today.html", {"acts": rows, "many": len(rows) == MOST})


@require_POST
def undo(request: StaffRequest) -> HttpResponse:
    """Take back the act whose id is posted; back to where it was offered."""
    try:
        made = acts.undo(act=uuid.UUID(request.POST.get("token", "")), by=request.me, at=request.now)
    except ValueError:
        messages.error(request, _("没有指明要撤回哪一件。"))
        return HttpResponseRedirect(reverse("today"))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(back_to(request, reverse("today")))
    messages.success(request, _("已撤回，恢复到办理之前的样子。"))
    return HttpResponseRedirect(landing(request, made))


def landing(request: StaffRequest, made: Act) -> str:
    """A page that still exists after the undo: the household's, the person's, else the day's list."""
    came = back_to(request, "")
    if came == reverse("today"):
        return came
    return url_of(made) or reverse("today")


def url_of(act: Act) -> str:
    """The file an act was about, if it can still be opened."""
    return urls_of([act])[act.pk]


def urls_of(done: Sequence[Act]) -> dict[uuid.UUID, str]:
    """The same for several acts: household first, else person, else ''. One statement."""
    homes, persons = {i for a in done for i in a.households[:1]}, {i for a in done for i in a.persons[:1]}
    there = set(Household.objects.filter(pk__in=homes, voided_at=None).values_list("pk").union(Resident.objects.filter(pk__in=persons, voided_at=None).values_list("pk"))) if homes | persons else set()
    found: dict[uuid.UUID, str] = {}
    for act in done:
        home, person = next(iter(act.households), None), next(iter(act.persons), None)
        found[act.pk] = (
            reverse("household-file", kwargs={"household": home}) if (home,) in there else reverse("resident-file", kwargs={"person": person}) if (person,) in there else ""
        )
    return found
