"""The form of an errand (page, PDF, Word), its receipts, the scans of papers.

Invariants: a form shows exactly the fields its item names, each with from whom and of when, and asks only for what is missing; what
leaves as a file is audited before its bytes; a scan is shown after a reason, under the looker's number, and is not kept anywhere.
"""

from __future__ import annotations

import base64
import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.actions import audit
from minqing.access.words import county
from minqing.service.actions import errands, materials
from minqing.service.models import Errand, Paper
from minqing.service.queries.errands import contact_of, names_of
from minqing.service.refusals import NeedsReason, NotHere, Refused
from minqing.service.rules import numbers
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.things.asking import CTL, words_field
from minqing.web.desk.things.errands import found
from minqing.web.shared import printing, word
from minqing.web.shared.middleware import StaffRequest


class Asked(forms.CharField):
    """What the person has to say before the form is confirmed; it may still be empty while it is only kept."""

    def validate(self, value: Any) -> None:
        """The action says which ones are lacking."""


class AnswersForm(forms.Form):
    """One field for each thing the person has to say."""

    use_required_attribute = False

    def __init__(self, *args: Any, lines: list[materials.FormLine], answers: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.labels: dict[str, str] = {}
        for n, line in enumerate(x for x in lines if x.asked):
            self.labels[f"a{n}"] = line.label
            self.fields[f"a{n}"] = Asked(label=line.label, max_length=200, initial=answers.get(line.label, ""), widget=forms.TextInput({**CTL, "autocomplete": "off"}))

    @property
    def said(self) -> dict[str, str]:
        return {label: self.cleaned_data.get(name, "") for name, label in self.labels.items()}


def opened(request: StaffRequest, matter: uuid.UUID) -> tuple[Errand, list[materials.FormLine]]:
    """The errand and its form; 404 where it is not the caller's, or has ended."""
    errand = found(matter, request.me)
    try:
        return errand, materials.form_of(errand, request.me)
    except Refused as error:
        raise Http404(str(error)) from error


def crumbs(errand: Errand, title: str) -> list[tuple[str, str]]:
    return [(_now("代办"), reverse("errand-list")), (numbers.spoken(errand.matter.number), reverse("errand", args=[errand.matter_id])), (title, "")]


def form_page(request: StaffRequest, matter: uuid.UUID) -> HttpResponse:
    """See it, ask what is missing, read it aloud, confirm."""
    errand, lines = opened(request, matter)
    form = AnswersForm(request.POST or None, lines=lines, answers=materials.answers_of(errand))
    if request.method == "POST" and form.is_valid():
        confirmed = request.POST.get("act") == "confirm"
        try:
            with transaction.atomic():
                materials.answer(matter=matter, said=form.said, confirmed=confirmed, by=request.me, at=request.now)
        except NotHere as error:
            raise Http404(str(error)) from error
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _now("已记下：念给本人听过，没有错。") if confirmed else _now("已存。念给本人听，没有错再点“念过了”。"))
            return HttpResponseRedirect(reverse("errand-form", args=[matter]))
    context = {
        "e": errand, "m": errand.matter, "lines": lines, "form": form, "spoken": materials.spoken(lines), "missing": sum(1 for x in lines if x.missing), "known": sum(1 for x in lines if not x.asked),
        "confirmed_by": names_of([errand.confirmed_by]).get(errand.confirmed_by, "") if errand.confirmed_by else "", "crumbs": crumbs(errand, _now("表格")),
    }
    return render(request, "desk/things/form.html", context, status=422 if form.errors else 200)


@county
def form_pdf(request: StaffRequest, matter: uuid.UUID) -> HttpResponse:
    errand, lines = opened(request, matter)
    _printed(errand, "form.pdf")
    content = printing.pdf("desk/things/print_form.html", {**printing.frame(request.me, request.now), "e": errand, "m": errand.matter, "lines": lines, "number": numbers.spoken(errand.matter.number)})
    return as_pdf(content, f"errand-{errand.matter.number}")


@county
def form_docx(request: StaffRequest, matter: uuid.UUID) -> HttpResponse:
    errand, lines = opened(request, matter)
    _printed(errand, "form.docx")
    rows = [(_now("项目"), _now("内容"), _now("来源")), *((x.label, x.value or "　", "　".join(p for p in (x.source, x.on) if p) or _now("请本人填")) for x in lines)]
    made = timezone.localtime(request.now)
    file = word.Word(title=errand.item.name)
    file.paragraph(errand.item.name, size=18, bold=True, centre=True)
    file.paragraph(_now("编号 %s") % numbers.spoken(errand.matter.number), grey=True, centre=True)
    file.table(rows, (42, 88, 39), quiet=2)
    file.paragraph()
    file.paragraph(_now("以上内容念给本人听过，没有错。　　本人签字：　　　　　　　　年　　月　　日"))
    file.paragraph(_now("由 %(who)s 于 %(when)s 从档案填出") % {"who": f"{request.me.name} {request.me.number}", "when": f"{made:%Y-%m-%d %H:%M}"}, size=8.5, grey=True)
    return file.answer(f"errand-{errand.matter.number}")


def _printed(errand: Errand, what: str) -> None:
    audit.record("errand.print", persons=[errand.person_id] if errand.person_id else [], detail={"matter": str(errand.matter_id), "what": what})


@county
def receipt_pdf(request: StaffRequest, matter: uuid.UUID, number: int) -> HttpResponse:
    """A paper's receipt: one for the person, one for the folder."""
    errand = found(matter, request.me)
    paper = Paper.objects.filter(matter=errand.matter_id, number=number).first()
    if paper is None or not errands.runs(errand, request.me):
        raise Http404
    _printed(errand, "receipt")
    names = names_of([paper.received_by])
    content = printing.pdf("desk/things/print_receipt.html", {
        **printing.frame(request.me, request.now), "e": errand, "m": errand.matter, "p": paper, "receipt": materials.receipt_number(errand.matter, paper), "giver": materials.giver_of(paper),
        "taker": names.get(paper.received_by, ""), "who": contact_of(errand.matter).name, "twice": (_now("交材料的人留存"), _now("村里留存")),
    })
    return as_pdf(content, f"receipt-{errand.matter.number}-{paper.number:02}")


class ReasonForm(forms.Form):
    reason = words_field(_("为什么要看"), rows=2, most=200)


def scan(request: StaffRequest, matter: uuid.UUID, number: int) -> HttpResponse:
    """The scan of a paper: a reason first, then the picture in the page, never an address of its own."""
    errand = found(matter, request.me)
    paper = Paper.objects.filter(matter=errand.matter_id, number=number, attachment__isnull=False).first()
    if paper is None:
        raise Http404
    form = ReasonForm(request.POST or None)
    picture = ""
    if request.method == "POST" and form.is_valid():
        try:
            content = materials.look_at_scan(paper=paper.pk, reason=form.cleaned_data["reason"], by=request.me, at=request.now)
            picture = "data:image/jpeg;base64," + base64.b64encode(content).decode()
        except NotHere as error:
            raise Http404(str(error)) from error
        except NeedsReason as refusal:
            form.add_error("reason", str(refusal))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "desk/things/scan.html", {"e": errand, "p": paper, "form": form, "picture": picture, "crumbs": crumbs(errand, paper.what)}, status=422 if form.errors else 200)
