"""Logging in to the portal: phone and code, letter, identity provider; then who one is.

Invariants: whatever number is typed, the next page is the same; what stands between two steps is a signed cookie of this
browser that names a code's row and never the number; a session's cookie is set only by a step that has just been passed.
"""

from __future__ import annotations

import functools
import uuid
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.actions import residents, sending
from minqing.archives.actions import subjects
from minqing.archives.refusals import Refused
from minqing.gateways import sso
from minqing.web.portal import forms
from minqing.web.portal.middleware import PortalRequest, everybody, residents_only, safe_next
from minqing.web.shared.middleware import address_of

STEP, STEP_MINUTES = "mq_step", 15
SALT = "minqing.portal.step"


@functools.lru_cache(maxsize=1)
def provider() -> sso.Provider | None:
    """The county's identity provider; among fictitious people a made-up one; else none."""
    if settings.SSO_ISSUER:
        return sso.OidcProvider(settings.SSO_ISSUER, settings.SSO_CLIENT, settings.SSO_SECRET, settings.SSO_NAME)
    return sso.FakeProvider(reverse("portal-sso-fake"), settings.SECRET_KEY) if settings.FICTITIOUS else None


def remember(response: HttpResponse, step: dict[str, Any]) -> HttpResponse:
    """Keep what the next step needs, for a quarter of an hour, readable by this server only."""
    # Lax: the identity provider sends the browser back from another site
    response.set_cookie(STEP, signing.dumps(step, salt=SALT), max_age=STEP_MINUTES * 60, httponly=True, samesite="Lax", secure=settings.PRODUCTION, path="/my/")
    return response


def remembered(request: HttpRequest) -> dict[str, Any]:
    try:
        return dict(signing.loads(request.COOKIES.get(STEP, ""), salt=SALT, max_age=STEP_MINUTES * 60))
    except signing.BadSignature:
        return {}


def welcome(request: PortalRequest, opened: residents.Opened, target: str) -> HttpResponse:
    """Set the session's cookie; a session that this browser had before ends."""
    old = getattr(request, "resident_session", None)
    if old is not None:
        residents.log_out(old, at=request.now, origin=address_of(request))
    response = HttpResponseRedirect(safe_next(request, target) or reverse("portal-home"))
    response.set_cookie(settings.RESIDENT_COOKIE, opened.token, max_age=opened.seconds, httponly=True, samesite="Lax", secure=settings.PRODUCTION)
    response.delete_cookie(STEP, path="/my/")
    return response


def device(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "")


@everybody
def login(request: PortalRequest) -> HttpResponse:
    """The phone number; "打电话告诉我" asks for the same code by telephone."""
    form = forms.PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            pending = residents.request_code(phone=form.cleaned_data["phone"], spoken="call" in request.POST and sending.can_call(), at=request.now, origin=address_of(request))
        except residents.LoginRefused as refusal:
            form.add_error("phone", str(refusal))
        else:
            step = {"code": str(pending.id), "tail": pending.tail, "shown": pending.shown, "next": safe_next(request), "spoken": "call" in request.POST}
            return remember(HttpResponseRedirect(reverse("portal-code")), step)
    return render(request, "portal/login.html", {
        "form": form, "can_call": sending.can_call(), "provider": provider(), "next": safe_next(request), "minutes": settings.IDLE_SECONDS // 60,
    }, status=422 if form.errors else 200)


@everybody
def code(request: PortalRequest) -> HttpResponse:
    step = remembered(request)
    if "code" not in step:
        return HttpResponseRedirect(reverse("portal-login"))
    form = forms.CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = residents.give_code(pending=uuid.UUID(step["code"]), code=form.cleaned_data["code"], own_phone=form.cleaned_data["own_phone"], device=device(request), origin=address_of(request), at=request.now)
        except residents.LoginRefused as refusal:
            form.add_error("code", str(refusal))
        else:
            return welcome(request, opened, step.get("next", ""))
    return render(request, "portal/code.html", {"form": form, "step": step, "minutes": residents.CODE_MINUTES, "again": residents.RESEND_SECONDS}, status=422 if form.errors else 200)


@everybody
def letter(request: PortalRequest) -> HttpResponse:
    form = forms.LetterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = residents.give_letter(number=form.cleaned_data["number"], code=form.cleaned_data["code"], own_phone=form.cleaned_data["own_phone"], device=device(request), origin=address_of(request), at=request.now)
        except residents.LoginRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return welcome(request, opened, "")
    return render(request, "portal/letter.html", {"form": form}, status=422 if form.errors else 200)


# --- the identity provider --------------------------------------------------------------------------------------------------


def callback(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("portal-sso-back"))


@everybody
@require_POST
def sso_start(request: PortalRequest) -> HttpResponse:
    found = provider()
    if found is None:
        raise Http404
    start = sso.begin()
    row = residents.begin_sso(state=start.state, at=request.now, origin=address_of(request))
    try:
        target = found.authorise_url(start, callback(request))
    except sso.SsoError as error:
        return failed(request, str(error))
    return remember(HttpResponseRedirect(target), {"sso": str(row), "state": start.state, "nonce": start.nonce, "verifier": start.verifier, "next": safe_next(request, request.POST.get("next", ""))})


@everybody
def sso_back(request: PortalRequest) -> HttpResponse:
    """The provider sends the browser back: state once, code exchanged, token checked."""
    found, step = provider(), remembered(request)
    if found is None:
        raise Http404
    if "sso" not in step or not step["state"] or step["state"] != request.GET.get("state", ""):
        return failed(request, _(residents.STALE))
    try:
        residents.check_state(row=uuid.UUID(step["sso"]), state=step["state"], at=request.now)
        if not request.GET.get("code"):
            return failed(request, _("您在统一身份认证那里没有同意，没有登录。"))
        who = found.identify(code=request.GET["code"], start=sso.Start(step["state"], step["nonce"], step["verifier"]), redirect=callback(request), now=request.now.timestamp())
        opened = residents.finish_sso(issuer=who.issuer, subject=who.subject, phone=who.phone, own_phone=False, device=device(request), origin=address_of(request), at=request.now)
    except (sso.SsoError, residents.LoginRefused) as error:
        return failed(request, _(str(error)))
    return welcome(request, opened, step.get("next", ""))


def failed(request: PortalRequest, sentence: str) -> HttpResponse:
    """Back to the log-in page with the reason above the form."""
    form = forms.PhoneForm({})
    form.full_clean()
    form.errors.clear()
    form.add_error(None, sentence)
    return render(request, "portal/login.html", {"form": form, "can_call": sending.can_call(), "provider": provider(), "minutes": settings.IDLE_SECONDS // 60}, status=422)


@everybody
def sso_fake(request: PortalRequest) -> HttpResponse:
    """Among fictitious people: the page where the identity provider would ask who one is."""
    found = provider()
    if not isinstance(found, sso.FakeProvider):
        raise Http404
    form = forms.FakeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code_ = found.approve(name=form.cleaned_data["name"], phone=form.cleaned_data["phone"], nonce=request.GET.get("nonce", ""), challenge=request.GET.get("code_challenge", ""), now=request.now.timestamp())
        return HttpResponseRedirect(reverse("portal-sso-back") + "?" + urlencode({"code": code_, "state": request.GET.get("state", "")}))
    return render(request, "portal/sso_fake.html", {"form": form, "name": found.name}, status=422 if form.errors else 200)


# --- who one is ---------------------------------------------------------------------------------------------------------------


@residents_only
def link(request: PortalRequest) -> HttpResponse:
    """Name and the end of the number, once; only for the phone that the file itself holds."""
    if request.visitor.selves:
        return HttpResponseRedirect(reverse("portal-file"))
    form = forms.LinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            subjects.link_self(visitor=request.visitor, name=form.cleaned_data["name"], tail=form.cleaned_data["tail"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return HttpResponseRedirect(safe_next(request) or reverse("portal-file"))
    return render(request, "portal/link.html", {"form": form}, status=422 if form.errors else 200)


@everybody
@require_POST
def logout(request: PortalRequest) -> HttpResponse:
    session = getattr(request, "resident_session", None)
    if session is not None:
        residents.log_out(session, at=request.now, origin=address_of(request))
    response = HttpResponseRedirect(reverse("portal-home"))
    response.delete_cookie(settings.RESIDENT_COOKIE)
    return response
