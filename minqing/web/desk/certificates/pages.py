"""Certificates at the desk: whom for, which one, drafting, the second person's word, the paper.

Invariants: what may not be issued is answered with the office and what to bring; what leaves as a file is audited before its bytes;
only an issued one has a file: a draft, a refused or a revoked one has none.
"""

from __future__ import annotations

import uuid
from typing import Any

import segno
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
from minqing.access.models import Area, Staff
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.access.words import county
from minqing.archives.models import Resident
from minqing.service.actions import certificates
from minqing.service.models import Certificate
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.things.asking import answer, text_field, words_field
from minqing.web.shared import printing, word
from minqing.web.shared.middleware import StaffRequest

MOST, PEOPLE = 50, 20
TONES = {"draft": "och", "issued": "bam", "refused": "", "revoked": "cin"}


class PurposeForm(forms.Form):
    purpose = text_field(_("用途：交给谁、办什么事"), most=200)


class RefuseForm(forms.Form):
    reason = words_field(_("为什么不批"), required=False, most=300, help_text=_("批准的不用写；不批的写明原因，起草人看得到。"))


class RevokeForm(forms.Form):
    reason = words_field(_("为什么撤销"), most=300)


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_now("证明"), reverse("certificate-list")), *more]


def found(request: StaffRequest, certificate: uuid.UUID) -> Certificate:
    try:
        return certificates.get(certificate, request.me)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal


def person_or_404(request: StaffRequest, person: uuid.UUID) -> tuple[Resident, str]:
    """The person and the grid where the caller writes his file."""
    try:
        who = certificates.person_of(person, request.me)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    place = certificates.place_of(who, request.me)
    if not place:
        raise Http404
    return who, place


def listed(request: StaffRequest) -> HttpResponse:
    """`?q=`: whom for; below it the last papers of one's places, those that wait first."""
    if not request.me.holds(Right.WRITE):
        raise NotAllowed(_now("您的任职不登记户档，所以不出证明。"))
    words = " ".join(request.GET.get("q", "").split())[:20]
    people = list(Resident.objects.filter(name__startswith=words, alive=True).order_by("name_key", "pk")[:PEOPLE + 1]) if words else []
    people, more = people[:PEOPLE], len(people) > PEOPLE
    rows = list(Certificate.objects.filter(state="draft").order_by("-drafted_at")[:MOST]) + list(Certificate.objects.exclude(state="draft").order_by("-drafted_at")[:MOST])
    audit.record("certificate.list", persons=sorted({r.person_id for r in rows} | {p.pk for p in people}, key=str))
    lines = [{"c": r, "tone": TONES[r.state]} for r in rows]
    return render(request, "desk/certificates/list.html", {"q": words, "people": people, "more": more, "lines": lines, "may_items": request.me.holds(Right.CATALOGUE)})


def choose(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    """What can be issued to this person here, and where to go for the rest."""
    who, place = person_or_404(request, person)
    audit.record("resident.open", persons=[who.pk], detail={"what": "certificate"})
    held = certificates.items_at(place, timezone.localdate(request.now))
    return render(request, "desk/certificates/choose.html", {"p": who, "yes": [i for i in held if i.allowed], "no": [i for i in held if not i.allowed], "crumbs": crumbs((who.name, ""))})


def new(request: StaffRequest, person: uuid.UUID, code: str) -> HttpResponse:
    """The form of one certificate, filled from the file; the right office for one that is not issued."""
    who, place = person_or_404(request, person)
    try:
        item = certificates.item_at(code, place, timezone.localdate(request.now))
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    way = crumbs((who.name, reverse("certificate-choose", kwargs={"person": who.pk})), (item.name, ""))
    if not item.allowed:
        return render(request, "desk/certificates/refused.html", {"item": item, "p": who, "crumbs": way})
    audit.record("resident.open", persons=[who.pk], detail={"what": "certificate", "item": code})
    form = PurposeForm(request.POST or None)
    for n, label in enumerate(item.asked):
        form.fields[f"a{n}"] = text_field(label, most=160)
    filled = certificates.from_file(item, who, place)
    facts = [(f.label, f.value or _now("档案里没有"), f.source or _now("来源没有记")) for f in filled]
    says = [_now("正文按样式写好，您只填档案里没有的。"), _now("交给另一位同事批，批了才有编号；您自己不能批。"), item.basis]

    def do(data: dict[str, Any]) -> str:
        made = certificates.draft(person=who.pk, code=code, purpose=data["purpose"], answers={label: data[f"a{n}"] for n, label in enumerate(item.asked)}, by=request.me, at=request.now)
        messages.success(request, _now("已起草，等另一位同事批。"))
        return reverse("certificate", kwargs={"certificate": made.pk})

    return answer(request, Ask(title=item.name, ok=_now("起草，交第二人批"), back=reverse("certificate-choose", kwargs={"person": who.pk}), says=says, crumbs=way, about=who.name, more={"facts": facts, "help_route": "certificate-new"}), form, do)


def one(request: StaffRequest, certificate: uuid.UUID) -> HttpResponse:
    """The paper as it stands; POST `do` = approve, refuse, revoke."""
    row = found(request, certificate)
    may = certificates.decides(row, request.me)

    def do(data: dict[str, Any]) -> str:
        what = request.POST.get("do")
        if what == "revoke":
            certificates.revoke(certificate=row.pk, reason=data["reason"], by=request.me, at=request.now)
            messages.success(request, _now("已撤销，扫码马上看得到。"))
        elif what in ("approve", "refuse"):
            certificates.decide(certificate=row.pk, approve=what == "approve", reason=data["reason"], by=request.me, at=request.now)
            messages.success(request, _now("批好了，可以打印盖章。") if what == "approve" else _now("没有批，已写明原因。"))
        return reverse("certificate", kwargs={"certificate": row.pk})

    form = (RevokeForm if row.state == "issued" else RefuseForm)(request.POST or None)
    content = certificates.content_of(row)
    names = dict(Staff.objects.filter(pk__in=[x for x in (row.drafted_by, row.decided_by, row.revoked_by) if x]).values_list("pk", "name"))
    audit.record("certificate.open", persons=[row.person_id], detail={"certificate": str(row.pk)})
    way = crumbs((row.number or row.name, ""))
    context = {
        "c": row, "content": content, "reason": certificates.reason_of(row), "tone": TONES[row.state], "drafter": names.get(row.drafted_by, "—"), "decider": names.get(row.decided_by, ""), "revoker": names.get(row.revoked_by, ""),
        "may_decide": may and row.state == "draft" and row.drafted_by != request.me.id, "own": row.state == "draft" and row.drafted_by == request.me.id, "may_revoke": may and row.state == "issued", "crumbs": way}
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                target = do(form.cleaned_data)
        except NotHere as refusal:
            raise Http404(str(refusal)) from refusal
        except Missing as refusal:
            form.add_error(refusal.field, str(refusal))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return HttpResponseRedirect(target)
    return render(request, "desk/certificates/one.html", {"form": form, **context}, status=422 if form.errors else 200)


def paper(request: StaffRequest, certificate: uuid.UUID, kind: str) -> tuple[Certificate, dict[str, Any]]:
    """An issued one's words; audited. A draft, a refused or a revoked one has no paper."""
    row = found(request, certificate)
    if row.state != "issued":
        raise Http404(_now("只有批准的、没有撤销的证明才能打印。"))
    content = certificates.content_of(row)
    address = request.build_absolute_uri(reverse("portal-certificate", kwargs={"token": content.get("token") or "x"}))
    village = Area.objects.filter(pk=row.place_code[:12]).first()
    audit.record("certificate.print", persons=[row.person_id], detail={"certificate": str(row.pk), "as": kind})
    return row, {"c": row, "content": content, "address": address, "village": village.official_name if village else "", "number": row.number}


@county
def paper_pdf(request: StaffRequest, certificate: uuid.UUID) -> HttpResponse:
    row, context = paper(request, certificate, "pdf")
    code = str(segno.make(context["address"], error="m", micro=False).svg_inline(scale=3, border=1, dark="#000", omitsize=False))
    return as_pdf(printing.pdf("desk/certificates/paper.html", {**printing.frame(request.me, request.now), **context, "qr": code}), row.number)


@county
def paper_docx(request: StaffRequest, certificate: uuid.UUID) -> HttpResponse:
    """The same words for Word; the address to check instead of the code."""
    row, context = paper(request, certificate, "docx")
    content = context["content"]
    file = word.Word(title=row.name)
    file.paragraph(row.name, size=18, bold=True, centre=True)
    file.paragraph(_now("编号：%s") % row.number, centre=True, grey=True)
    file.paragraph()
    file.paragraph(content.get("text", ""), size=14)
    file.paragraph(_now("用途：%s") % content.get("purpose", ""), size=12)
    file.paragraph(_now("依据：%s") % content.get("basis", ""), size=10, grey=True)
    file.paragraph()
    file.paragraph(f"{context['village']}　{row.issued_on:%Y-%m-%d}", size=14)
    file.paragraph(_now("核对真伪：%s") % context["address"], size=9, grey=True)
    return file.answer(row.number)
