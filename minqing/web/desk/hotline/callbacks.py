"""Call-backs: whom to call, what to ask, one key for each answer.

Invariants: nobody calls back what he handled (the list leaves it out, the action refuses it); the number stands in full only in the answer to
a post, once and audited; a call that reached nobody is kept, and three on two days close the matter.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages as says
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.scope import NotAllowed
from minqing.service.actions import calls, moving
from minqing.service.models import CallBack, Matter
from minqing.service.queries import calls as queries
from minqing.service.refusals import NotHere, Refused
from minqing.service.rules import kinds, numbers
from minqing.service.rules.states import State
from minqing.web.desk.hotline import board
from minqing.web.shared.middleware import StaffRequest

#: Answer → key on the keyboard.
SOLVED_KEYS = dict(zip([code for code, _label in kinds.SOLVED], "123", strict=True))
SATISFIED_KEYS = dict(zip([code for code, _label in kinds.SATISFIED], "4567", strict=True))
#: How it may be recorded here: a key press comes by itself, the web is the person's own.
CHANNELS = [(code, label) for code, label in CallBack.CHANNELS if code not in ("keys", "web")]


def waiting(request: StaffRequest) -> HttpResponse:
    """Whom to call back, what is late first."""
    board.need_hotline(request.me)
    rows = queries.waiting(request.me, at=request.now)
    audit.record("callback.list", detail={"n": len(rows)})
    return render(request, "desk/hotline/callbacks.html", {"rows": rows, **board.ring_context(request), "now": request.now})


def call_back(request: StaffRequest, matter: uuid.UUID) -> HttpResponse:
    """The script and the answers; a post of `act=number` shows the telephone, of `act=save` records what was said."""
    me = request.me
    board.need_hotline(me)
    try:
        row = moving.get(matter, me)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    if row.state not in (State.REPLIED, State.MERGED):
        says.info(request, _("这件事已经回访过，或不到回访的时候。"))
        return HttpResponseRedirect(reverse("hotline-callbacks"))
    shown: dict[str, Any] = {}
    error = ""
    if request.method == "POST":
        act = request.POST.get("act", "save")
        try:
            with transaction.atomic():
                if act == "number":
                    shown["number"] = calls.number_of_requester(matter=row, by=me)
                else:
                    return saved(request, row)
        except Refused as refusal:
            error = str(refusal)
        except NotAllowed as refusal:
            error = str(refusal)
    return render(request, "desk/hotline/callback.html", {**page_of(request, row), **shown, "error": error}, status=422 if error else 200)


def saved(request: StaffRequest, row: Matter) -> HttpResponse:
    said = request.POST
    reached = said.get("reached", "yes") != "no"
    told = {"yes": True, "no": False}.get(said.get("told", ""))
    done = calls.call_back(matter=row, channel=said.get("channel", "phone"), reached=reached, solved=said.get("solved", ""), satisfied=said.get("satisfied", ""), told_that_day=told, words=said.get("words", ""), by=request.me, at=request.now)
    number = numbers.spoken(row.number)
    if done.state == State.CLOSED:
        says.success(request, _("%s 已办结。") % number if reached else _("%s 三次联系不上，已办结。") % number)
    elif done.state == State.REDO:
        says.success(request, _("%s 没有办好，已退回重办。") % number)
    elif done.state == State.EXPLAIN_PENDING:
        says.success(request, _("%s 第二次没有办好，已报上一级。") % number)
    else:
        says.success(request, _("%s 已记下。") % number)
    rest = [w for w in queries.waiting(request.me, at=request.now, most=5) if w.id != row.pk and not w.tried_today]
    return HttpResponseRedirect(reverse("hotline-callback", kwargs={"matter": rest[0].id}) if rest and said.get("next") else reverse("hotline-callbacks"))


def page_of(request: StaffRequest, row: Matter) -> dict[str, Any]:
    me = request.me
    name, phone = queries.contact_of(row, me)
    audit.record("matter.open", persons=list(row.parties.filter(person_id__isnull=False).values_list("person_id", flat=True)), detail={"matter": str(row.pk)})
    said = request.POST
    return {
        "m": row, "no": numbers.spoken(row.number), "name": name, "phone": phone, "answer": queries.answer_of(row, me), "kind": _(kinds.KIND_LABELS[kinds.Kind(row.kind)]), "child": row.state == State.MERGED,
        "tried": list(CallBack.objects.filter(matter=row, reached=False, round=row.redo_count).order_by("at").values_list("at", flat=True)), "most": kinds.CALL_ATTEMPTS,
        "solved": [(code, _(label), SOLVED_KEYS[code]) for code, label in kinds.SOLVED], "satisfied": [(code, _(label), SATISFIED_KEYS[code]) for code, label in kinds.SATISFIED], "channels": [(code, _(label)) for code, label in CHANNELS],
        "said": {k: said.get(k, "") for k in ("solved", "satisfied", "told", "words", "channel", "reached")}, "script_name": name or _("您"), **board.ring_context(request),
        "crumbs": [(_("热线"), reverse("hotline")), (_("回访"), reverse("hotline-callbacks")), (numbers.spoken(row.number), "")],
    }
