"""Log-in, second factor, log-out. These views talk to the alias `login` only."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from minqing.access.actions import sessions
from minqing.web.shared.middleware import address_of, open_to_all


class LoginForm(forms.Form):
    username = forms.CharField(label=_("登录名"), max_length=40, widget=forms.TextInput({"autocomplete": "username", "autofocus": True}))
    password = forms.CharField(label=_("口令"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"}))


@open_to_all
def login(request: HttpRequest) -> HttpResponse:
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = sessions.log_in(
                username=form.cleaned_data["username"], password=form.cleaned_data["password"],
                device=request.headers.get("User-Agent", ""), origin=address_of(request), at=request.now,
            )
        except sessions.LoginRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            target = request.GET.get("next", "")
            if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
                target = reverse("home")
            response = HttpResponseRedirect(target if opened.complete else reverse("second-factor"))
            response.set_cookie(settings.SESSION_COOKIE, opened.token, max_age=settings.SESSION_SECONDS, httponly=True, samesite="Strict", secure=settings.PRODUCTION)
            return response
    return render(request, "desk/login.html", {"form": form}, status=422 if form.errors else 200)


@open_to_all
def second_factor(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("login"))


@open_to_all
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    token = request.COOKIES.get(settings.SESSION_COOKIE, "")
    session = sessions.find(token, at=request.now) if token else None
    if session:
        sessions.log_out(session, at=request.now, origin=address_of(request))
    response = HttpResponseRedirect(reverse("login"))
    response.delete_cookie(settings.SESSION_COOKIE)
    return response
