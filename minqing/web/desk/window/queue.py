"""窗口: the queue of the day, the hall's screen, the end of the day.

Invariants: the queue and the screen show numbers and counters, never a name of a person; the screen is open to whoever can read a
wall; the day's sheet is audited before it is printed.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import connections, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access import scope
from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.service.actions import window
from minqing.service.models import Ticket
from minqing.service.queries import window as queries
from minqing.service.refusals import NotHere, Refused
from minqing.service.rules import window as rules
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest, open_to_all


def need_desk(request: StaffRequest) -> str:
    """The window where he works. Raises NotAllowed for everybody else."""
    desk = window.desk_of(request.me)
    if not desk:
        raise NotAllowed(_("这一页是便民服务中心窗口用的。"))
    return desk


def given_uuid(value: str) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except ValueError as error:
        raise Http404 from error


def spoken_day(day: date) -> str:
    return _("%(m)d 月 %(d)d 日 %(w)s") % {"m": day.month, "d": day.day, "w": _(rules.WEEKDAYS[day.weekday()])}


def home(request: StaffRequest) -> HttpResponse:
    """Today: counters, who sits where, the queue, the number in front of me."""
    if not window.desk_of(request.me) and request.me.holds(Right.CATALOGUE):
        return HttpResponseRedirect(reverse("window-counters"))
    desk = need_desk(request)
    places = queries.today(desk, request.me, request.now)
    mine = next((p for p in places if p.mine), None)
    front = Ticket.objects.filter(desk_code=desk, state="called", called_by=request.me.id).order_by("-called_at").first()
    return render(request, "desk/window/home.html", {"places": places, "mine": mine, "front": front, "town": desk[:9], "unclosed": queries.unclosed(desk, request.now), "today": spoken_day(timezone.localdate(request.now)), "priority": _(rules.PRIORITY_WORDS)})


def act(request: StaffRequest) -> HttpResponse:
    """One button: sit, up, draw, next, call, again, pass, absent, end."""
    need_desk(request)
    me, what = request.me, request.POST.get("do", "")
    target = reverse("window")
    try:
        with transaction.atomic():
            if what in ("sit", "up"):
                window.sit(counter=given_uuid(request.POST.get("counter", "")) if what == "sit" else None, by=me)
            elif what in ("draw", "draw-first"):
                made = window.draw(counter=given_uuid(request.POST.get("counter", "")), priority=what == "draw-first", by=me)
                messages.success(request, _("取号 %s，请告诉他听叫号。") % made.code)
            elif what == "next":
                found = window.call_next(by=me)
                if found is None:
                    messages.info(request, _("现在没有人等。"))
                else:
                    target = reverse("window-ticket", args=[found.pk])
            elif what in ("call", "again", "pass", "absent", "end"):
                target = step(request, what)
            else:
                raise Http404
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    except Refused as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(target)


def step(request: StaffRequest, what: str) -> str:
    number = given_uuid(request.POST.get("ticket", ""))
    if what in ("absent", "end"):
        window.step(ticket=number, name="end", outcome="absent" if what == "absent" else request.POST.get("outcome", ""), left=request.POST.get("left", ""), by=request.me)
        return reverse("window-day") + f"?day={request.POST['day']}" if request.POST.get("day") else reverse("window")
    window.step(ticket=number, name=what, by=request.me)
    return reverse("window") if what == "pass" else reverse("window-ticket", args=[number])


@open_to_all
def display(request: HttpRequest, town: str) -> HttpResponse:
    """The hall's screen: which number at which counter. No names; the page asks again by itself."""
    with transaction.atomic(using="resident"):  # nobody in particular looks at it
        scope.enter_public(purpose="public:window-display", origin="screen")
        return hall(request, town)


def hall(request: HttpRequest, town: str) -> HttpResponse:
    """What hangs on the wall, read as nobody."""
    with connections["resident"].cursor() as cursor:
        cursor.execute("select code, counter, calls, waiting from access.window_display(%s)", [town[:9]])
        rows = [{"code": c, "counter": n, "again": (calls or 0) > 1, "waiting": w} for c, n, calls, w in cursor.fetchall()]
    area = Area.objects.using("resident").filter(pk=town[:9], level="town", closed_on=None).first()
    if area is None:
        raise Http404
    fragment = bool(request.headers.get("HX-Request"))
    context = {"rows": rows, "town": area.short_name, "code": area.code, "at": timezone.localtime(), "fragment": fragment, "priority": _(rules.PRIORITY_WORDS), "hotline": settings.HOTLINE}
    return render(request, "desk/window/screen_rows.html" if fragment else "desk/window/screen.html", context)


# --- the end of the day ----------------------------------------------------------------------------------------------------------------


def chosen_day(request: StaffRequest) -> date:
    try:
        return date.fromisoformat(request.POST.get("day") or request.GET.get("day") or "")
    except ValueError:
        return timezone.localdate(request.now)


def day(request: StaffRequest) -> HttpResponse:
    """Every number with its outcome; then the day is closed, printed and signed."""
    desk, on = need_desk(request), chosen_day(request)
    if request.method == "POST":
        try:
            with transaction.atomic():
                window.close_day(desk=desk, day=on, note=request.POST.get("note", ""), by=request.me, at=request.now)
            messages.success(request, _("已日结。请打印出来签字。"))
            return HttpResponseRedirect(reverse("window-day") + f"?day={on.isoformat()}")
        except Refused as refusal:
            messages.error(request, str(refusal))
    return render(request, "desk/window/day.html", {"s": queries.sheet(desk, on, request.me), "day_said": spoken_day(on), "note": request.POST.get("note", ""), "crumbs": [(_("窗口"), reverse("window")), (_("日结"), "")]})


def day_print(request: StaffRequest) -> HttpResponse:
    desk, on = need_desk(request), chosen_day(request)
    audit.record("window.print", detail={"day": on.isoformat()})
    context: dict[str, Any] = {**printing.frame(request.me, request.now), "s": queries.sheet(desk, on, request.me)}
    return as_pdf(printing.pdf("desk/window/day_print.html", context), f"window-{on.isoformat()}")
