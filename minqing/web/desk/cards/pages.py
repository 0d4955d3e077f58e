"""扫码说事卡: print cards for the doors of a grid in walking order, for places; take one back.

Invariants: a sheet is audited before its bytes leave; the code on it is an address with a random word and nothing about anybody.
"""

from __future__ import annotations

import uuid
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.access.words import county
from minqing.archives.models import Household
from minqing.service.actions import cards
from minqing.service.models import PlaceCard
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import cards as rules
from minqing.web.desk.archives import reads
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.things.asking import CTL, text_field
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest

SHOWN = 200


class DoorsForm(forms.Form):
    grid = forms.ChoiceField(label=_("网格"), widget=forms.Select(CTL))
    nv = text_field(_("自然村"), most=40, required=False, help_text=_("不写就是整个网格。"), list="natural-villages")


class PlaceForm(forms.Form):
    spot = text_field(_("挂在哪里"), most=80, help_text=_("如“村口公交站”“文化礼堂”。不写人名。"))
    area = forms.ChoiceField(label=_("哪个村或网格"), widget=forms.Select(CTL))


def grids_of(request: StaffRequest) -> tuple[list[Area], list[tuple[str, str]]]:
    """Villages he writes for, and their grids as choices."""
    if not request.me.holds(Right.WRITE):
        raise NotAllowed(_now("您的任职不登记户档，所以没有卡可打。"))
    villages = reads.villages_of(request.me)
    return villages, [(g.code, f"{v.short_name} {g.short_name}") for v in villages for g in reads.writable_grids(request.me, v.code)]


def context_of(request: StaffRequest, *, place: PlaceForm | None = None) -> dict[str, Any]:
    villages, grids = grids_of(request)
    doors = DoorsForm(initial={"grid": grids[0][0] if grids else ""})
    doors.fields["grid"].choices = grids  # type: ignore[attr-defined]
    place = place or PlaceForm()
    whole = [(v.code, v.short_name) for v in villages if request.me.may(Right.WRITE, v.code)]
    place.fields["area"].choices = [*whole, *grids]  # type: ignore[attr-defined]
    names = dict([*whole, *grids])
    chosen = request.GET.get("grid", "")
    rows = PlaceCard.objects.filter(revoked_at=None)
    rows = rows.filter(grid_code=chosen, kind="door") if chosen in names else rows.filter(kind="place")
    lines = list(rows.order_by("grid_code", "sort_key", "spot")[:SHOWN])
    natural = Household.objects.filter(grid_code__in=[g for g, _name in grids], voided_at=None).exclude(natural_village="").values_list("natural_village", flat=True).distinct().order_by("natural_village")[:60]
    old = cards.of_old_grids(request.me)
    gone = dict(Area.objects.filter(pk__in=[g.old for g in old]).values_list("code", "short_name")) if old else {}
    return {"old": [{"code": g.old, "name": gone.get(g.old, g.old), "now": names.get(g.grid, g.grid), "n": len(g.cards), "spots": [c.spot for c in g.cards[:6]]} for g in old], "doors": doors, "place": place, "grids": grids, "chosen": chosen if chosen in names else "", "natural_villages": list(natural), "rows": [{"c": c, "where": names.get(c.grid_code, c.grid_code)} for c in lines], "most": SHOWN if len(lines) == SHOWN else 0}


def listed(request: StaffRequest) -> HttpResponse:
    """What hangs where; print more, take one back."""
    return render(request, "desk/cards/list.html", context_of(request))


def place(request: StaffRequest) -> HttpResponse:
    """A card for one place, made and shown in the list."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("card-list"))
    form = PlaceForm(request.POST)
    context = context_of(request, place=form)
    if form.is_valid():
        try:
            made = cards.for_place(area=form.cleaned_data["area"], spot=form.cleaned_data["spot"], by=request.me, at=request.now)
            messages.success(request, _now("“%s”的卡做好了，可以打印。") % made.spot)
            return HttpResponseRedirect(reverse("card-list"))
        except Missing as refusal:
            form.add_error(refusal.field, str(refusal))
    return render(request, "desk/cards/list.html", context, status=422)


def code_of(address: str) -> str:
    return str(segno.make(address, error="m", micro=False).svg_inline(scale=4, border=1, dark="#000", omitsize=False))


@county
def sheet(request: StaffRequest, rows: list[PlaceCard]) -> HttpResponse:
    """Ten cards a page, to be cut; the code of each opens «说件事» with the place chosen."""
    names = dict(Area.objects.filter(pk__in={c.grid_code[:12] for c in rows}).values_list("code", "short_name"))
    made = [{"village": names.get(c.grid_code[:12], ""), "spot": c.spot, "qr": code_of(request.build_absolute_uri(reverse("portal-card", kwargs={"token": c.code}))), "code": f"{c.code[:4]} {c.code[4:8]} {c.code[8:]}"} for c in rows]
    pages = [made[i:i + rules.A_PAGE] for i in range(0, len(made), rules.A_PAGE)]
    return as_pdf(printing.pdf("desk/cards/sheet.html", {**printing.frame(request.me, request.now), "pages": pages, "hotline": settings.HOTLINE}), "cards")


@require_POST
def doors_pdf(request: StaffRequest) -> HttpResponse:
    """Cards for the doors of a grid, in walking order."""
    try:
        rows = cards.for_doors(grid=request.POST.get("grid", ""), natural_village=request.POST.get("nv", "").strip(), by=request.me, at=request.now)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    except Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("card-list"))
    return sheet(request, rows)


@require_POST
def old_pdf(request: StaffRequest) -> HttpResponse:
    """The cards that hang under the name of a grid that was merged, once more under the same codes."""
    try:
        return sheet(request, cards.of_old_grid(request.POST.get("old", ""), request.me))
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal


def one_pdf(request: StaffRequest, card: uuid.UUID) -> HttpResponse:
    try:
        return sheet(request, cards.printed(wanted=[card], by=request.me))
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal


@require_POST
def revoke(request: StaffRequest, card: uuid.UUID) -> HttpResponse:
    try:
        row = cards.revoke(card=card, by=request.me, at=request.now)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    messages.success(request, _now("“%s”的卡已停用，扫它不再有用。要用就重新打印一张。") % row.spot)
    return HttpResponseRedirect(reverse("card-list") + (f"?grid={row.grid_code}" if row.kind == "door" else ""))
