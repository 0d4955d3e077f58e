"""What an operator does on the telephone: takes the call, checks who it is, takes down, hands on, urges, calls back.

Invariants: each post calls one action; a refusal is a sentence where one stands, never an error page and never a lost word; the sentence to
be read before hanging up stands on a page of its own that a reload shows again for a quarter of an hour.
"""

from __future__ import annotations

import json
import uuid

from django.conf import settings
from django.contrib import messages as says
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.scope import NotAllowed
from minqing.service.actions import calls, rota
from minqing.service.models import Call
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import kinds, numbers
from minqing.web.desk.hotline import board
from minqing.web.desk.hotline.forms import TakeForm
from minqing.web.desk.matters.intake import places_of
from minqing.web.shared.middleware import StaffRequest

DONE, DONE_SECONDS = "mq_said", 900


def call_url(call: uuid.UUID) -> str:
    return reverse("hotline-call", kwargs={"call": call})


@require_POST
def take(request: StaffRequest) -> HttpResponse:
    """Save what was typed: a new matter, merged into another, answered or sent at once."""
    me = request.me
    board.need_hotline(me)
    given = request.POST.copy()
    if given.get("answer") and not given.get("kind"):
        given["kind"] = kinds.Kind.QUESTION.value   # answered from the book at once
    form = TakeForm(given, places=places_of(me))
    given_call = request.POST.get("call", "")
    call = board.own_call(uuid.UUID(given_call), me) if board.is_uuid(given_call) else None
    if form.is_valid():
        said = form.cleaned_data
        asked = calls.Asked(
            words=said["words"], kind=said["kind"], place=said["place"], name=said["name"], phone=said["phone"], address=said["address"], category=said["category"], spot=said["spot"], lead=said["lead"] if given.get("how") == "send" else "",
            urgent=bool(said["urgent"]), anonymous=said["anonymous"], confidential=said["confidential"], on_behalf=said["on_behalf"], into=said["into"], answer=said["answer"])
        try:
            with transaction.atomic():
                taken = calls.take_down(asked=asked, call=call, hotline=board.hotline_number(me), by=me, at=request.now)
        except Missing as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        except (Refused, NotAllowed) as problem:
            form.add_error(None, str(problem))
        else:
            response = HttpResponseRedirect(reverse("hotline-done"))
            content = {"no": numbers.spoken(taken.opened.matter.number), "word": taken.opened.word, "say": taken.sentence, "merged": taken.merged, "urgent": list(taken.opened.urgent_words), "pk": "" if taken.opened.restricted else str(taken.matter.pk),
                       "call": str(call.pk) if call else "", "answered": taken.answered, "sent": taken.sent_to}
            response.set_signed_cookie(DONE, json.dumps(content), salt=str(me.session), max_age=DONE_SECONDS, path=reverse("hotline-done"), httponly=True, samesite="Strict", secure=settings.PRODUCTION)
            return response
    return board.page(request, call, form=form, status=422)


def done(request: StaffRequest) -> HttpResponse:
    """What to read out before hanging up."""
    board.need_hotline(request.me)
    kept = request.get_signed_cookie(DONE, default="", salt=str(request.me.session), max_age=DONE_SECONDS)
    if not kept:
        return HttpResponseRedirect(reverse("hotline"))
    found = json.loads(kept)
    return render(request, "desk/hotline/done.html", {**found, "emergency": [(w, kinds.emergency_number(w)) for w in found["urgent"]], **board.ring_context(request), "crumbs": [(_("热线"), reverse("hotline")), (_("挂电话前"), "")],
                                                      "call_url": call_url(uuid.UUID(found["call"])) if found["call"] else "", "has_word": bool(found["word"])})


@require_POST
def check(request: StaffRequest, call: uuid.UUID) -> HttpResponse:
    """«已核对»: by door, by year of birth, as family, or not this person."""
    board.need_hotline(request.me)
    row = board.own_call(call, request.me)
    how, year = request.POST.get("how", ""), request.POST.get("year", "")
    if year and how == "door":
        how = "year"
    person = request.POST.get("person", "")
    error = ""
    try:
        with transaction.atomic():
            calls.take(call=row.pk, by=request.me) if row.operator is None and row.ended_at is None else None
            calls.check(call=row.pk, how=how, person=uuid.UUID(person) if board.is_uuid(person) else None, year=year, by=request.me)
    except Missing as problem:
        error = str(problem)
    except Refused as refusal:
        error = str(refusal)
    row = board.own_call(call, request.me)
    if request.htmx:
        return render(request, "desk/hotline/caller_part.html", {**board.work_context(request, row), "error": error, "filled": not error}, status=422 if error else 200)
    if error:
        return board.page(request, row, error=error, status=422)
    return HttpResponseRedirect(call_url(row.pk))


@require_POST
def do(request: StaffRequest, call: uuid.UUID) -> HttpResponse:
    """Take it, hand it on, urge, call back, settle."""
    me = request.me
    board.need_hotline(me)
    row = board.own_call(call, me)
    act = request.POST.get("act", "")
    try:
        with transaction.atomic():
            if act == "number":
                number = calls.number_for_call(call=row, by=me)
                return render(request, "desk/hotline/number.html", {"call": row, "number": number, "crumbs": [(_("热线"), reverse("hotline")), (_("回电"), "")], "back": call_url(row.pk), **board.ring_context(request)})
            said = carry_out(request, row, act)
    except NotHere as refusal:
        says.error(request, str(refusal))
    except Refused as refusal:
        says.error(request, str(refusal))
    else:
        if said:
            says.success(request, said)
    return HttpResponseRedirect(call_url(row.pk) if act in ("take", "hand_on", "urge") else reverse("hotline-calls") + "?view=missed")


def carry_out(request: StaffRequest, row: Call, act: str) -> str:
    """The action an act means; returns what to say afterwards."""
    me, at, said = request.me, request.now, request.POST
    if act == "take":
        calls.take(call=row.pk, by=me)
        return ""
    if act == "hand_on":
        calls.hand_on(call=row, to=said.get("to", ""), who=said.get("who", ""), by=me, at=at)
        return _("已记下转到哪里。电话请在话机上转。")
    if act == "urge":
        matter = said.get("matter", "")
        if not board.is_uuid(matter):
            raise Missing("matter", _("请先查到是哪件事。"))
        calls.urge(call=row, matter=uuid.UUID(matter), number=said.get("number", ""), word=said.get("word", ""), note=said.get("note", ""), by=me)
        return _("已催办，承办单位马上收到。")
    if act == "settle":
        calls.settle(call=row, done=said.get("done", ""), by=me, at=at)
        return _("已记下回电的结果。")
    raise Missing("act", _("请选一种办法。"))


@require_POST
def extension(request: StaffRequest) -> HttpResponse:
    """"This telephone is mine now.\""""
    board.need_hotline(request.me)
    leaves = "leave" in request.POST
    if not leaves and not request.POST.get("number", "").strip():
        says.error(request, _("请写您面前话机的分机号，如 8001；要离座，按“离座”。"))
        return HttpResponseRedirect(reverse("hotline"))
    try:
        with transaction.atomic():
            made = rota.sit_down(number="" if leaves else request.POST.get("number", ""), by=request.me, at=request.now)
    except Refused as refusal:
        says.error(request, str(refusal))
    else:
        says.success(request, _("分机 %s 的来电归您。") % made.number if made else _("已离座：来电不再归您。"))
    return HttpResponseRedirect(reverse("hotline"))


@require_POST
def recording(request: StaffRequest, call: uuid.UUID) -> HttpResponse:
    """The sound that came with a call; only to be listened to, audited."""
    board.need_hotline(request.me)
    row = board.own_call(call, request.me)
    content = calls.recording(row, by=request.me)
    if content is None:
        raise Http404(_("录音在话机系统里，请用录音编号去调。"))
    return HttpResponse(content, content_type=row.media, headers={"Content-Disposition": 'inline; filename="recording"', "Cache-Control": "no-store"})


