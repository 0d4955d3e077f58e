"""居民账号 at a desk: hold the card, then phone, letter or consent.

Invariants: who the person is stands in a signed note of half an hour that only this colleague's session made, never in the
address; a letter's code is on the paper and nowhere else; each step is audited by the database.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.archives.actions import subjects
from minqing.archives.refusals import Refused
from minqing.web.desk.subjects import forms
from minqing.web.portal import printing
from minqing.web.shared.middleware import StaffRequest

SALT, MINUTES = "minqing.subjects", 30
TOO_YOUNG = "未满 18 岁，不单独开通账号。他的事由父母或其他监护人来办。"


def require(request: StaffRequest) -> None:
    if not request.me.holds(Right.IDENTIFY):
        raise NotAllowed(_("您的任职不含核对居民身份。请村里或窗口的同事办理。"))


def note_of(found: subjects.Confirmed, request: StaffRequest) -> str:
    return signing.dumps({**asdict(found), "person": str(found.person), "by": str(request.me.id)}, salt=SALT)


def held(request: StaffRequest) -> subjects.Confirmed:
    """The person whose card was held within the last half hour by this colleague. 404 otherwise."""
    try:
        said = signing.loads(request.POST.get("card", ""), salt=SALT, max_age=MINUTES * 60)
    except signing.BadSignature as error:
        raise Http404 from error
    if said.pop("by") != str(request.me.id):
        raise Http404
    return subjects.Confirmed(uuid.UUID(said["person"]), said["name"], said["adult"], said["linked"])


def look(request: StaffRequest) -> HttpResponse:
    """Whose card is it?"""
    require(request)
    form = forms.CardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = subjects.look(number=form.cleaned_data["number"], by=request.me, at=request.now)
        except Refused as refusal:
            form.add_error("number", str(refusal))
        else:
            return page(request, found)
    return render(request, "desk/subjects/look.html", {"form": form}, status=422 if form.errors else 200)


def page(request: StaffRequest, found: subjects.Confirmed, *, phone: Any = None, consent: Any = None, said: str = "") -> HttpResponse:
    """What can be done for the person: phone, letter, consents."""
    phone, consent = phone or forms.PhoneForm(), consent or forms.ConsentForm()
    linked = {"phone": _("已用手机登录"), "letter": _("已用登录信登录"), "sso": _("已用统一身份认证登录")}.get(found.linked, _("还没有账号"))
    bad = bool(phone.errors or consent.errors)
    return render(request, "desk/subjects/person.html", {
        "found": found, "card": note_of(found, request), "phone_form": phone, "consent_form": consent, "linked": linked, "said": said, "given": subjects.given_by(found.person, request.me),
    }, status=422 if bad else 200)


@require_POST
def confirm(request: StaffRequest) -> HttpResponse:
    require(request)
    found, form = held(request), forms.PhoneForm(request.POST)
    if form.is_valid() and not found.adult:
        form.add_error(None, _(TOO_YOUNG))
    elif form.is_valid():
        try:
            subjects.confirm(person=found.person, phone=form.cleaned_data["phone"], by=request.me)
        except Refused as refusal:
            form.add_error("phone", str(refusal))
        else:
            done = subjects.Confirmed(found.person, found.name, found.adult, "phone")
            return page(request, done, said=_("已开通：%s用这个手机号登录，就是看自己的档案。") % found.name)
    return page(request, found, phone=form)


@require_POST
def letter(request: StaffRequest) -> HttpResponse:
    """The letter as PDF; printing it again ends the earlier one."""
    require(request)
    found = held(request)
    if not found.adult:
        form = forms.PhoneForm({})
        form.full_clean()
        form.errors.clear()
        form.add_error(None, _(TOO_YOUNG))
        return page(request, found, phone=form)
    made = subjects.write_letter(person=found.person, name=found.name, by=request.me, at=request.now)
    body = printing.letter(made, address=request.build_absolute_uri(reverse("portal-letter")), by=f"{request.me.name} {request.me.number}", at=request.now)
    return HttpResponse(body, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="letter.pdf"'})


@require_POST
def consent(request: StaffRequest) -> HttpResponse:
    """An adult's consent on signed paper, or spoken before two colleagues."""
    require(request)
    found, form = held(request), forms.ConsentForm(request.POST)
    if form.is_valid():
        d = form.cleaned_data
        try:
            if d["kind"] == "household":
                subjects.share(person=found.person, days=d["days"], by=request.me, how=d["how"], witness=d["witness"])
            else:
                subjects.let_act(person=found.person, name=d["name"], phone=d["phone"], relation=d["relation"], days=d["days"], sensitive=d["sensitive"], by=request.me, how=d["how"], witness=d["witness"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return page(request, found, said=_("已登记。本人随时可以收回。"))
    return page(request, found, consent=form)


@require_POST
def withdraw(request: StaffRequest, consent: uuid.UUID) -> HttpResponse:
    require(request)
    found = held(request)
    if consent not in {c.id for c in subjects.given_by(found.person, request.me)}:
        raise Http404
    subjects.withdraw(consent=consent, by=request.me)
    return page(request, found, said=_("已收回，当场生效。"))
