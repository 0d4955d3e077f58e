"""知识口径: what the county answers to a question, searched, written, replaced.

Invariant: an answer is never edited in place: a new one stands instead of it, with its writer, its source and until when it holds.
"""

from __future__ import annotations

import re
import uuid

from django.contrib import messages as says
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.service.actions import rota
from minqing.service.models import Knowledge
from minqing.service.queries import calls as queries
from minqing.service.queries import lists
from minqing.service.refusals import Missing, Refused
from minqing.service.rules import calls as rules
from minqing.web.desk.hotline.duty import planned_desk
from minqing.web.desk.hotline.forms import AnswerForm
from minqing.web.shared.middleware import StaffRequest


def area_of(me: Me) -> str:
    """Whose book he reads: his hotline's county or town, else where he works."""
    return planned_desk(me).partition("/")[0] or me.area


def may_write(me: Me) -> bool:
    return bool(planned_desk(me))


def answers(request: StaffRequest) -> HttpResponse:
    """Search box and list; the whole county's answers are some hundreds."""
    me, text = request.me, request.GET.get("q", "")[:60]
    if not me.holds(Right.INTAKE):
        raise NotAllowed(_("您的任职不登记事情，不看知识口径。"))
    book = queries.book(me, area_of(me), at=request.now, also_old=may_write(me))
    by_key = {str(k.pk): k for k in book}
    found = [by_key[k.key] for k in rules.search_answers(text, queries.known(book))] if text.strip() else book[:60]
    names = lists.names_of(me, staff=[k.made_by for k in found if k.made_by])
    today = request.now.date()
    return render(request, "desk/hotline/answers.html", {
        "rows": [{"k": k, "by": names.get(str(k.made_by), ""), "old": bool(k.valid_to and k.valid_to < today)} for k in found], "q": text, "total": len(book), "may_write": may_write(me)})


def write(request: StaffRequest, answer: uuid.UUID | None = None) -> HttpResponse:
    """A new answer, one instead of another, or the end of one."""
    me = request.me
    if not may_write(me):
        raise NotAllowed(_("知识口径由热线和目录管理员维护。要改，请告诉他们依据。"))
    area = area_of(me)
    old = None
    if answer is not None:
        old = Knowledge.objects.filter(pk=answer, ended_at=None).first()
        if old is None:
            raise Http404
        area = old.area_code
    if request.method == "POST" and request.POST.get("act") == "retire" and old is not None:
        try:
            with transaction.atomic():
                rota.retire_answer(answer=old.pk, by=me, at=request.now)
        except Refused as refusal:
            says.error(request, str(refusal))
        else:
            says.success(request, _("这一条不再显示。"))
        return HttpResponseRedirect(reverse("hotline-answers"))
    start = {"question": old.question, "keywords": "、".join(old.keywords), "answer": old.answer, "source": old.source, "valid_to": old.valid_to} if old else {}
    form = AnswerForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            with transaction.atomic():
                rota.write_answer(area=area, question=said["question"], answer=said["answer"], source=said["source"], keywords=re.split(r"[\s、，,;；]+", said["keywords"]), valid_to=said["valid_to"], instead=old.pk if old else None, by=me, at=request.now)
        except Missing as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            says.success(request, _("写好了，登记时会自动提示。"))
            return HttpResponseRedirect(reverse("hotline-answers"))
    return render(request, "desk/hotline/answer.html", {"form": form, "old": old, "crumbs": [(_("知识口径"), reverse("hotline-answers")), (_("改这一条") if old else _("新写一条"), "")]}, status=422 if form.errors else 200)
