"""我家档案: what is kept about me, from whom, of when, what for; who opened it; correct it, take a copy, take back a consent.

Invariants: each look, copy and correction is audited before the answer leaves; level 4 and the copy answer a POST only; the
file is of oneself or of somebody for whom one acts, never of the household.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access import scope
from minqing.access.actions import audit
from minqing.access.models import Consent
from minqing.archives.actions import subjects
from minqing.archives.queries import own
from minqing.archives.refusals import Refused
from minqing.archives.rules import items
from minqing.web.portal import forms, printing
from minqing.web.portal.middleware import PortalRequest, residents_only


def chosen(request: PortalRequest) -> uuid.UUID | None:
    """Whose file: `?person=`, else one's own, else the first for whom one acts."""
    wanted = request.GET.get("person") or request.POST.get("person") or ""
    if wanted:
        try:
            return uuid.UUID(wanted)
        except ValueError as error:
            raise Http404 from error
    return next(iter((*request.visitor.selves, *request.visitor.persons)), None)


@residents_only
def my_file(request: PortalRequest) -> HttpResponse:
    person = chosen(request)
    if person is None:
        return HttpResponseRedirect(reverse("portal-link"))
    mine = own.open_file(request.visitor, person)
    audit.record("file.open", persons=[person], using="resident")
    return render(request, "portal/file.html", {
        "mine": mine, "people": own.people(request.visitor), "who": own.who_opened(person)[:3], "states": {"open": _("等答复"), "done": _("已更正或已答复"), "dismissed": _("没有更正")},
        "may_sensitive": person in request.visitor.sensitive,
    })


@residents_only
def who(request: PortalRequest) -> HttpResponse:
    """Who opened my file and why; what relatives did for me."""
    person = chosen(request)
    if person is None or person not in request.visitor.persons:
        raise Http404
    row = own.person_of(request.visitor, person)
    return render(request, "portal/who.html", {"p": row, "opened": own.who_opened(person), "done": own.done_for_me() if person in request.visitor.selves else []})


@residents_only
@require_POST
def sensitive(request: PortalRequest) -> HttpResponse:
    person = chosen(request)
    if person is None:
        raise Http404
    row = own.person_of(request.visitor, person)
    lines = own.sensitive(request.visitor, person)
    audit.record("file.sensitive", persons=[person], using="resident")
    return render(request, "portal/sensitive.html", {"p": row, "lines": lines})


@residents_only
@require_POST
def copy(request: PortalRequest) -> HttpResponse:
    """A copy to take along: PDF to read, JSON for another program."""
    person = chosen(request)
    if person is None:
        raise Http404
    mine = own.open_file(request.visitor, person)
    level_4 = own.sensitive(request.visitor, person) if person in request.visitor.sensitive else []
    opened = own.who_opened(person)
    kind = "json" if request.POST.get("kind") == "json" else "pdf"
    audit.record("file.copy", persons=[person], detail={"kind": kind}, using="resident")
    if kind == "json":
        body = json.dumps(own.as_json(mine, level_4, opened, timezone.localtime(request.now)), ensure_ascii=False, indent=1)
        return download(body.encode(), "application/json; charset=utf-8", "my-file.json")
    return download(printing.my_file(mine, level_4, opened, at=request.now), "application/pdf", "my-file.pdf")


def download(body: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@residents_only
def correct(request: PortalRequest, person: uuid.UUID, field: str) -> HttpResponse:
    """One item is wrong: a proposal to whoever is responsible, with the day of the answer."""
    row = own.person_of(request.visitor, person)
    item = items.ITEMS.get(field)
    if item is None:
        raise Http404
    mine = person in request.visitor.selves
    old = own.clear(row, field, masked=not mine)
    form = forms.CorrectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            due = subjects.correct(person=row, field=field, old=old, new=form.cleaned_data["value"], note=form.cleaned_data["note"], visitor=request.visitor, at=request.now)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return render(request, "portal/corrected.html", {"p": row, "label": _(item.label), "due": due, "department": items.source_label(item.authorities[0]) if item.authorities else _("村里")})
    return render(request, "portal/correct.html", {"form": form, "p": row, "label": _(item.label), "old": old}, status=422 if form.errors else 200)


# --- consents -----------------------------------------------------------------------------------------------------------------


@residents_only
def family(request: PortalRequest) -> HttpResponse:
    """家人代办 and 本户共享: whom I let in, who let me in, until when; take back with one tap."""
    subjects.refresh_household(request.visitor)
    request.visitor = scope.enter_resident(request.token, purpose=request.visitor.purpose, origin=request.visitor.origin)
    rows = Consent.objects.using("resident").filter(withdrawn_at=None, ends_at__gt=request.now).order_by("ends_at")
    people = {p.pk: p for p in own.people(request.visitor)}
    context: dict[str, Any] = {
        "given": [c for c in rows if c.kind == "relative" and c.person_id in request.visitor.selves],
        "shared": next((c for c in rows if c.kind == "household" and c.person_id in request.visitor.selves), None),
        "taken": [{"consent": c, "p": people[c.person_id]} for c in rows if c.kind == "relative" and c.account_id == request.visitor.account and c.person_id in people],
        "waiting": subjects.waiting(request.visitor), "members": own.members(request.visitor), "share_form": forms.ShareForm(), "accept_form": forms.AcceptForm(),
    }
    return render(request, "portal/family.html", context)


@residents_only
def relative(request: PortalRequest) -> HttpResponse:
    """I let somebody act for me."""
    if not request.visitor.selves:
        return HttpResponseRedirect(reverse("portal-link"))
    form = forms.RelativeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        d = form.cleaned_data
        try:
            subjects.let_act(person=request.visitor.selves[0], name=d["name"], phone=d["phone"], relation=d["relation"], days=d["days"], sensitive=d["sensitive"], by=request.visitor)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return HttpResponseRedirect(reverse("portal-family"))
    return render(request, "portal/relative.html", {"form": form}, status=422 if form.errors else 200)


@residents_only
@require_POST
def share(request: PortalRequest) -> HttpResponse:
    if not request.visitor.selves:
        return HttpResponseRedirect(reverse("portal-link"))
    try:
        subjects.share(person=request.visitor.selves[0], days=request.POST.get("days", ""), by=request.visitor)
    except Refused as refusal:
        return render(request, "portal/sorry.html", {"sentence": str(refusal), "title": _("没有办成")}, status=422)
    return HttpResponseRedirect(reverse("portal-family"))


@residents_only
@require_POST
def withdraw(request: PortalRequest, consent: uuid.UUID) -> HttpResponse:
    subjects.withdraw(consent=consent, by=request.visitor)
    return HttpResponseRedirect(reverse("portal-family"))


@residents_only
@require_POST
def accept(request: PortalRequest, consent: uuid.UUID) -> HttpResponse:
    form = forms.AcceptForm(request.POST)
    if form.is_valid():
        try:
            subjects.accept(consent=consent, name=form.cleaned_data["name"], visitor=request.visitor)
            return HttpResponseRedirect(reverse("portal-family"))
        except Refused as refusal:
            return render(request, "portal/sorry.html", {"sentence": str(refusal), "title": _("没有打开")}, status=422)
    return HttpResponseRedirect(reverse("portal-family"))
