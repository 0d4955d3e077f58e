"""What a village, town or county publishes, without a log-in; the complaint box of the county.

Invariant: nothing here names anybody but office holders; what a section shows comes through `access.public`.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from minqing.access import public
from minqing.access import queries as areas
from minqing.access.actions import feedback as box
from minqing.access.models import Area
from minqing.access.words import county
from minqing.archives.actions.subjects import workdays_later
from minqing.contact.queries import public as days
from minqing.service.rules import window
from minqing.web.portal import forms, printing
from minqing.web.portal.middleware import PortalRequest, everybody

USING = "resident"

public.publish(public.Section("duty", "这几天谁值班", days.duty_rows, ("village",), "还没有排值班，有事请打下面的电话。", 5, on_paper=False))
public.publish(public.Section("days", "往后的集中日、沟通日和墟日", days.next_rows, ("village",), "近期没有。", 20, on_paper=False))


def area_or_404(code: str) -> Area:
    area = Area.objects.using(USING).filter(pk=code, closed_on=None).first() if len(code) in (6, 9, 12) else None
    if area is None or str(area.level) not in ("county", "town", "village"):
        raise Http404
    return area


def moved_from(code: str) -> list[Area]:
    """What took the place of a village or town that ended: printed addresses and posters lead there for ever. Empty where it stands, or never was."""
    if len(code) not in (9, 12) or Area.objects.using(USING).filter(pk=code, closed_on=None).exists():
        return []
    now = areas.today(code, using=USING)
    found = {a.code: a for a in Area.objects.using(USING).filter(pk__in=now)}
    return [found[c] for c in now if c in found]


def leads_on(request: PortalRequest, code: str, name: str = "portal-area", **more: Any) -> HttpResponse | None:
    """The answer at an old address: on to the new one; where a village was divided, which of them."""
    now = moved_from(code)
    if not now:
        return None
    if len(now) > 1:
        return render(request, "portal/moved.html", {"old": Area.objects.using(USING).get(pk=code), "rows": now})
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(reverse(name, kwargs={"code": now[0].code, **more}) + (f"?{query}" if query else ""))


def content(area: Area, *, paper: bool = False) -> dict[str, Any]:
    """What stands on the page and on the poster."""
    above = Area.objects.using(USING).filter(pk__in=[area.code[:n] for n in (6, 9) if n < len(area.code)]).order_by("code")
    return {
        "area": area, "above": list(above), "hotline": settings.HOTLINE, "hours": window.public_hours(settings.PUBLIC_HOURS),
        "sections": [{"section": s, "rows": list(s.rows(area, USING))} for s in public.sections_of(area) if s.on_paper or not paper],
    }


@everybody
def village(request: PortalRequest, code: str) -> HttpResponse:
    if (moved := leads_on(request, code)) is not None:
        return moved
    area = area_or_404(code)
    below = Area.objects.using(USING).filter(parent=area, closed_on=None, level__in=("town", "village")).order_by("code") if len(code) < 12 else []
    return render(request, "portal/area.html", {**content(area), "below": below})


@everybody
@county
def poster(request: PortalRequest, code: str) -> HttpResponse:
    """The same for the wall, in the county's language: A4, or A3 with ?size=a3."""
    if (moved := leads_on(request, code, "portal-poster")) is not None:
        return moved
    area = area_or_404(code)
    size = "A3" if request.GET.get("size", "").lower() == "a3" else "A4"
    body = printing.poster(content(area, paper=True), size=size, address=request.build_absolute_uri(f"/v/{code}/"), at=request.now)
    return HttpResponse(body, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="poster-{code}.pdf"'})


@everybody
def find(request: PortalRequest) -> HttpResponse:
    """Which village? By name, within the whole installation: names of places are no secret."""
    words = " ".join(request.GET.get("q", "").split())[:20]
    found = list(Area.objects.using(USING).filter(short_name__startswith=words, level__in=("county", "town", "village"), closed_on=None).order_by("code")[:30]) if len(words) >= 2 else []
    names = {a.code: a.short_name for a in Area.objects.using(USING).filter(pk__in={a.code[:n] for a in found for n in (6, 9)})}
    rows = [{"area": a, "in": " ".join(names[a.code[:n]] for n in (6, 9) if n < len(a.code) and a.code[:n] in names)} for a in found]
    counties = Area.objects.using(USING).filter(level="county", closed_on=None).order_by("code")
    return render(request, "portal/find.html", {"q": words, "rows": rows, "counties": counties})


@everybody
def feedback(request: PortalRequest) -> HttpResponse:
    form = forms.FeedbackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        d = form.cleaned_data
        try:
            receipt = box.leave(kind=d["kind"], words=d["words"], contact=d["contact"], visitor=request.visitor, due_on=workdays_later(timezone.localdate(request.now), box.DUE_DAYS), at=request.now)
        except box.FeedbackRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return render(request, "portal/feedback_done.html", {"receipt": receipt, "county": Area.objects.using(USING).filter(pk=settings.COUNTY).first()})
    return render(request, "portal/feedback.html", {"form": form, "county": Area.objects.using(USING).filter(pk=settings.COUNTY).first()}, status=422 if form.errors else 200)


@everybody
def feedback_answer(request: PortalRequest) -> HttpResponse:
    form, answer = forms.ReceiptForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            answer = box.follow(number=form.cleaned_data["number"], word=form.cleaned_data["word"], visitor=request.visitor)
        except box.FeedbackRefused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "portal/feedback_answer.html", {"form": form, "answer": answer}, status=422 if form.errors else 200)
