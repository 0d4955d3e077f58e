"""投诉建议 as the county reads and answers them; the village never sees one.

Invariant: the list shows number, day and state, never the words; opening one is audited.
"""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import feedback as box
from minqing.access.models import Feedback
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.web.desk.subjects import forms
from minqing.web.shared.middleware import StaffRequest

MOST = 200


def require(request: StaffRequest) -> None:
    if not request.me.holds(Right.AUDIT):
        raise NotAllowed(_("投诉建议由县审计员查看和答复。"))


def feedback_list(request: StaffRequest) -> HttpResponse:
    require(request)
    rows = list(Feedback.objects.only("id", "number", "kind", "made_at", "due_on", "answered_at").order_by("answered_at", "due_on")[:MOST])
    return render(request, "desk/subjects/boxes.html", {"rows": [r for r in rows if r.answered_at is None], "done": [r for r in rows if r.answered_at], "today": timezone.localdate(request.now)})


def feedback(request: StaffRequest, feedback: uuid.UUID) -> HttpResponse:
    require(request)
    found = box.read(feedback=feedback, by=request.me)
    if found is None:
        raise Http404
    form = forms.AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            box.answer(feedback=feedback, words=form.cleaned_data["words"], by=request.me, at=request.now)
        except box.FeedbackRefused as refusal:
            form.add_error("words", str(refusal))
        else:
            return HttpResponseRedirect(reverse("feedback-list"))
    return render(request, "desk/subjects/box.html", {"found": found, "form": form, "kind": _(found.row.get_kind_display()), "crumbs": [(_("投诉建议"), reverse("feedback-list")), (found.row.number, "")]}, status=422 if form.errors else 200)
