"""Paper equal to the screen: sheets to print for the doors of a grid, and typing in what came back.

Invariants: typing has two steps, compare and save, and the second does nothing that the first did not show; everything
typed from one sheet is one act and can be taken back as one.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.access.words import lasting
from minqing.archives.actions import acts, households, residents
from minqing.archives.models import Household
from minqing.archives.refusals import Refused
from minqing.archives.rules import items
from minqing.web.desk.archives import choosing, reads, typed
from minqing.web.desk.archives.answering import done, offer_undo
from minqing.web.desk.archives.choosing import household_or_404, present_members
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest


def paper(request: StaffRequest) -> HttpResponse:
    """Choose what to print; find the household whose sheet came back."""
    me = request.me
    if not me.holds(Right.WRITE):
        raise NotAllowed(_("您的任职不含登记户档，所以没有纸表可打。"))
    offer_undo(request)
    villages = reads.villages_of(me)
    code = request.GET.get("village") or (villages[0].code if villages else "")
    village = Area.objects.filter(pk=code, level="village").first() if code else None
    grids = [{"code": g.code, "name": g.short_name, "covers": g.covers} for g in reads.writable_grids(me, code)] if village else []
    names = Household.objects.filter(grid_code__gte=code, grid_code__lt=code + ":", voided_at=None).exclude(natural_village="").values_list("natural_village", flat=True).distinct().order_by("natural_village") if village else []
    context = {"village": village, "villages": villages, "grids": grids, "natural_villages": list(names), "wide": not villages, "like": request.GET.get("place", "")}
    if not village:
        context["towns"] = reads.places(me, context["like"].strip()[:20]) if not villages else []
    return render(request, "desk/archives/paper.html", context)


def find(request: StaffRequest) -> HttpResponse:
    """A scanned QR opens its household at once; words show the households that fit."""
    words = request.GET.get("find", "").strip()
    scanned = printing.household_of(words)
    if scanned is not None:
        return HttpResponseRedirect(reverse("paper-type", kwargs={"household": household_or_404(scanned).pk}))
    found = choosing.found_households(request)
    if len(found) == 1:
        return HttpResponseRedirect(reverse("paper-type", kwargs={"household": found[0][0]}))
    return render(request, "desk/archives/paper_find.html", {"find": words, "found": found, "crumbs": [(_("空白表与录入"), reverse("paper")), (_("录入"), "")]})


def typing(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    """One sheet: type, compare, save. `step` is what the pressed button says."""
    h = household_or_404(household)
    request.me.require(Right.WRITE, h.grid_code)
    today = timezone.localdate(request.now)
    members = [m for m in present_members(h) if m.person.alive]
    start = [{"person": str(m.person_id)} for m in members] + [{} for _i in range(typed.EMPTY_ROWS)]
    rows = typed.Rows(request.POST or None, initial=start, form_kwargs={"today": today}, prefix="p")
    words = typed.WordsForm(request.POST or None, prefix="w")
    known = {str(m.person_id): m for m in members}
    for m in members:
        m.label = items.label_of("relation", m.relation, table="household")  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "h": h, "rows": rows, "words": words, "about": choosing.described(h), "lines": [(form, known.get(str(form["person"].value() or ""))) for form in rows],
        "crumbs": [(_("空白表与录入"), reverse("paper")), (h.head_name or h.number, reverse("household-file", kwargs={"household": h.pk})), (_("录入"), "")],
    }
    if request.method != "POST":
        return render(request, "desk/archives/paper_type.html", context)
    if not (rows.is_valid() and words.is_valid()):
        return render(request, "desk/archives/paper_type.html", context, status=422)
    found = typed.compare([f.cleaned_data for f in rows], h, members, by=request.me, at=request.now, today=today)
    said = typed.word_differences(words.cleaned_data, h)
    if request.POST.get("step") == "save":
        return save(request, h, found, said)
    hidden = [(k, v) for k, v in request.POST.items() if k not in ("csrfmiddlewaretoken", "step")]
    context |= {"compared": found, "said": said, "hidden": hidden, "nothing": not said and all(c.state == "same" for c in found)}
    return render(request, "desk/archives/paper_compare.html", context)


def save(request: StaffRequest, h: Household, found: list[typed.Compared], said: list[typed.Difference]) -> HttpResponse:
    """Write what was chosen, in one act; what a department owns becomes a question to it."""
    chosen = {key for key, value in request.POST.items() if key.startswith("use-") and value == "paper"}
    asked = 0
    try:
        with transaction.atomic(), acts.acting("paper.typed", lasting("录入纸表：%s") % (h.head_name or h.number), by=request.me, at=request.now, grid=h.grid_code, households=[h.pk]) as act:
            for line in found:
                asked += write_line(request, h, line, chosen)
            acts.involve(act, persons=[c.person.pk for c in found if c.person])
            picked = {d.field: d.value for d in said if f"use-w-{d.field}" in chosen}
            if picked:
                households.set_words(household=h, by=request.me, at=request.now, **picked)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("paper-type", kwargs={"household": h.pk}))
    if asked:
        messages.info(request, _("有 %d 项以部门为准，已提请核实，答复前仍显示原来的值。") % asked)
    return done(request, reverse("household-file", kwargs={"household": h.pk}))


def write_line(request: StaffRequest, h: Household, line: typed.Compared, chosen: set[str]) -> int:
    """One line of the paper; returns how many of its values were sent to a department."""
    on, me, at = timezone.localdate(request.now), request.me, request.now
    asked = 0
    if line.state == "new" and f"use-{line.index}-new" in chosen:
        made = residents.register(grid=h.grid_code, household=h, name=line.name, id_number=line.id_number, phone=line.phone, relation=line.relation, on=on, by=me, at=at)
        if line.living_elsewhere:
            residents.go_away(person=made, where=line.living_elsewhere, on=on, by=me, at=at)
    elif line.state == "here" and line.person and f"use-{line.index}-new" in chosen:
        residents.move_in(person=line.person, household=h, on=on, relation=line.relation, by=me, at=at)
    elif line.person:
        for d in line.differences:
            if f"use-{line.index}-{d.field}" in chosen:
                asked += residents.change(person=line.person, field=d.field, value=d.value, on=on, note=lasting("纸质户情单"), by=me, at=at).kind == "proposed"
    return asked
