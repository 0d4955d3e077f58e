"""The hotline's own page: what rings, who calls, the words while they are typed; the log of calls.

Invariants: the pop-up is a fragment of its own that is fetched each second and holds no field, so that whoever types loses nothing; an
unchanged pop-up answers without a body; before the caller has been checked his name and door are all that is shown.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.service.models import Call, Matter
from minqing.service.queries import calls as queries
from minqing.service.queries import lists, suggest
from minqing.service.refusals import NotHere
from minqing.service.rules import calls as rules
from minqing.service.rules import numbers
from minqing.web.desk.hotline.forms import TakeForm
from minqing.web.desk.matters.intake import places_of
from minqing.web.shared.middleware import StaffRequest


def need_hotline(me: Me) -> str:
    """The desk at which he answers; raises NotAllowed for whoever answers at none."""
    desk = queries.desk_of(me)
    if not desk:
        raise NotAllowed(_("您不在热线值班。登记事情请到“事情”；值班安排在“值班与线路”里。"))
    return desk


def hotline_number(me: Me) -> str:
    """The number people know, of the line at one's own desk; else the county's."""
    own = [line.number for line in queries.lines(me) if line.desk_code == queries.desk_of(me)]
    return own[0] if own else settings.HOTLINE


def state_key(ringing: list[queries.Ringing]) -> str:
    return hashlib.sha256("|".join(r.key for r in ringing).encode()).hexdigest()[:12] if ringing else "0"


def ring_context(request: StaffRequest, opened: str = "") -> dict[str, Any]:
    found = queries.ring(request.me)
    return {"ringing": found, "ring_key": state_key(found), "opened": opened, "now": request.now}


def ring(request: StaffRequest) -> HttpResponse:
    """The pop-up, each second. One statement; nothing new = an answer without a body."""
    opened = request.GET.get("open", "")
    opened = opened if is_uuid(opened) else ""
    if not request.me.holds(Right.CALLBACK):
        return HttpResponse(status=204)
    context = ring_context(request, opened)
    if context["ring_key"] == request.GET.get("seen", ""):
        return HttpResponse(status=204)
    return render(request, "desk/hotline/ring.html", context)


def is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


def hotline(request: StaffRequest) -> HttpResponse:
    """At rest: the list, the form for a call that no telephone system reported, who is on duty."""
    need_hotline(request.me)
    return page(request, None)


def call_page(request: StaffRequest, call: uuid.UUID) -> HttpResponse:
    """One call: who it is, the words, what is known of the place."""
    need_hotline(request.me)
    return page(request, own_call(call, request.me))


def own_call(call: uuid.UUID, me: Me) -> Call:
    try:
        return queries.one(call, me)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal


def page(request: StaffRequest, call: Call | None, *, form: TakeForm | None = None, error: str = "", status: int = 200) -> HttpResponse:
    me = request.me
    context = {**ring_context(request, str(call.pk) if call else ""), **work_context(request, call, form), "error": error}
    if request.htmx and request.htmx.target == "work":
        return render(request, "desk/hotline/work.html", {**context, "swapped": True}, status=status)
    context |= {"tray": queries.tray(me, at=request.now), "extension": queries.extension_of(me), "fictitious": settings.FICTITIOUS}
    return render(request, "desk/hotline/board.html", context, status=status)


def work_context(request: StaffRequest, call: Call | None, form: TakeForm | None = None) -> dict[str, Any]:
    """The middle and the right column of a call, or of none."""
    me = request.me
    who = queries.callers(call, me) if call is not None else ()
    file = queries.caller_file(call, me) if call is not None else None
    earlier = queries.caller_matters(call, me) if call is not None else []
    places = places_of(me)
    if form is None:
        form = TakeForm(initial=start_of(call, file), places=places, call=str(call.pk) if call else "")
    suggestion = None
    if form.is_bound:
        suggestion = suggest.suggest_for(me, str(form["words"].value() or ""), str(form["place"].value() or ""), at=request.now, spot=str(form["spot"].value() or ""))
    return {
        "call": call, "who": who, "file": file, "earlier": earlier, "form": form, "live": call is not None and call.ended_at is None, "transfers": [(k, _(v)) for k, v in rules.TRANSFERS.items()],
        "number": hotline_number(me), "after": int(rules.AFTER.total_seconds() // 60), "suggestion": suggestion, "found_answers": queries.answers_for(me, str(form["words"].value() or ""), desk_area(me), at=request.now) if form.is_bound else [],
        "voicemail": queries.voicemail(call) if call is not None else "", "missed_call": call is not None and call.ended_at is not None and call.answered_at is None and call.direction == "in" and not call.voicemail_cipher and call.done == "",
        "matter": Matter.objects.filter(pk=call.matter_id).first() if call is not None and call.matter_id else None,
    }


def desk_area(me: Me) -> str:
    return queries.desk_of(me).partition("/")[0]


def start_of(call: Call | None, file: queries.CallerFile | None) -> dict[str, Any]:
    """What is known already is filled in: after the check the name, the address and the village."""
    if file is None:
        return {"kind": ""}
    return {"name": file.name, "address": file.address, "place": file.village, "spot": file.door}


def typing(request: StaffRequest) -> HttpResponse:
    """What the words suggest while they are typed: danger, the same place, who does it, what the book answers."""
    need_hotline(request.me)
    said = request.POST if request.method == "POST" else request.GET
    words, place = said.get("words", "")[:4000], said.get("place", "")[:17]
    found = suggest.suggest_for(request.me, words, place, at=request.now, spot=said.get("spot", "")[:120], phone=said.get("phone", "")[:30])
    answers = queries.answers_for(request.me, words, desk_area(request.me), at=request.now)
    return render(request, "desk/hotline/typing.html", {"suggestion": found, "found_answers": answers, "into": said.get("into", ""), "fragment": True})


def progress(request: StaffRequest, call: uuid.UUID) -> HttpResponse:
    """How far a matter is, by the number the caller says; read out or urged."""
    need_hotline(request.me)
    row = own_call(call, request.me)
    number, word = request.GET.get("number", "")[:20], request.GET.get("word", "")[:12]
    found = queries.progress(row, number, word, request.me) if number else None
    why = "" if found or not number else _("编号不对，请让对方再念一遍（十位数字）。") if not numbers.read(number) else _("编号和这个电话对不上：请对方报回执上的六个字母，或用留下的电话打来。")
    return render(request, "desk/hotline/progress_part.html" if request.htmx else "desk/hotline/progress.html", {
        "call": row, "found": found, "why": why, "number": number, "word": word, "crumbs": [(_("热线"), reverse("hotline")), (_("这个电话"), reverse("hotline-call", kwargs={"call": row.pk})), (_("查进度"), "")]})


def call_log(request: StaffRequest) -> HttpResponse:
    """Every call of the hotline; the missed ones wait to be called back."""
    me = request.me
    need_hotline(me)
    view = request.GET.get("view", "")
    view = view if view in queries.VIEWS else ""
    try:
        before = datetime.fromisoformat(request.GET.get("before", "").replace(" ", "+"))
        before = before if before.tzinfo else None
    except ValueError:
        before = None
    rows, more = queries.log(me, view, before)
    audit.record("call.list", detail={"n": len(rows)})
    names = lists.names_of(me, staff=[c.operator for c in rows if c.operator] + [c.done_by for c in rows if c.done_by])
    here = reverse("hotline-calls")
    shown = [{"call": c, "url": reverse("hotline-call", kwargs={"call": c.pk}), "who": names.get(str(c.operator), ""), "settled": _(dict(Call.DONE).get(c.done, "")) if c.done else "", "by": names.get(str(c.done_by), ""), "what": outcome_of(c)} for c in rows]
    return render(request, "desk/hotline/calls.html", {
        "rows": shown, "view": view, "tabs": [{"label": _(label), "url": here + (f"?view={key}" if key else ""), "current": key == view} for key, label in queries.VIEWS.items()], **ring_context(request),
        "next": here + "?" + urlencode({**({"view": view} if view else {}), "before": rows[-1].started_at.isoformat()}) if more else "", "start": here + (f"?view={view}" if view else "") if before else ""})


def outcome_of(call: Call) -> tuple[str, str]:
    """(words, tone) of what became of a call."""
    if call.ended_at is None:
        return (_("通话中"), "bam") if call.answered_at else (_("振铃中"), "och")
    if call.voicemail_cipher:
        return (_("留言"), "ind")
    if call.answered_at:
        return (_("已接"), "")
    if call.direction == "out":
        return (_("未接通"), "")
    if call.forwarded_to and not call.forwarded_to.startswith("回电"):
        return (_("已转接"), "brand")
    return (_("未接"), "cin") if not call.done else (_("未接"), "")


