"""Log-in, second factor, first password, enrolment, log-out: the pages before a session counts. Alias `login` only.

Invariant: a session that still lacks something (factors.next_step) reaches no other page; the database itself refuses
its token until `sessions.complete` was called, and only `forward` here calls it.
"""

from __future__ import annotations

from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.actions import factors, sessions
from minqing.access.models import Account, Session
from minqing.web.desk.account import forms
from minqing.web.shared.middleware import address_of, open_to_all

STEPS = {"factor": "second-factor", "password": "first-password", "enrol": "enrol"}


def safe_next(request: HttpRequest) -> str:
    """Where to go afterwards: a path of this program, else ''."""
    target = request.GET.get("next", "")
    return target if target and url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()) else ""


def with_next(request: HttpRequest, route: str) -> str:
    target = safe_next(request)
    return reverse(route) + (f"?{urlencode({'next': target})}" if target else "")


def waiting(request: Any) -> tuple[Session, Account] | None:
    """The unfinished session of this browser and its account; None where there is none (then to the log-in page)."""
    token = request.COOKIES.get(settings.SESSION_COOKIE, "")
    session = sessions.find(token, at=request.now) if token else None
    if session is None or session.complete or session.account_id is None:
        return None
    account = Account.objects.filter(pk=session.account_id, disabled_at=None).first()
    return (session, account) if account else None


def forward(request: HttpRequest, session: Session, account: Account) -> HttpResponse:
    """To the next thing this session lacks; when nothing is lacking it counts from now on."""
    account.refresh_from_db()
    step = factors.next_step(session, account)
    if step:
        return HttpResponseRedirect(with_next(request, STEPS[step]))
    sessions.complete(session, origin=address_of(request))
    return HttpResponseRedirect(safe_next(request) or reverse("home"))


@open_to_all
def login(request: Any) -> HttpResponse:
    form = forms.LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = sessions.log_in(
                username=form.cleaned_data["username"], password=form.cleaned_data["password"],
                device=request.headers.get("User-Agent", ""), origin=address_of(request), at=request.now,
            )
        except sessions.LoginRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            response = HttpResponseRedirect((safe_next(request) or reverse("home")) if opened.complete else with_next(request, "second-factor"))
            response.set_cookie(settings.SESSION_COOKIE, opened.token, max_age=settings.SESSION_SECONDS, httponly=True, samesite="Strict", secure=settings.PRODUCTION)
            return response
    reason = _("请先登录。闲置超过 {minutes} 分钟会自动退出，登录后回到刚才那页。").format(minutes=settings.IDLE_SECONDS // 60) if safe_next(request) else ""
    return render(request, "desk/login.html", {"form": form, "reason": reason}, status=422 if form.errors else 200)


@open_to_all
def second_factor(request: Any) -> HttpResponse:
    """Give a code; the passkey posts to `second_passkey`. Whatever else is lacking is asked on its own page."""
    found = waiting(request)
    if found is None:
        return HttpResponseRedirect(with_next(request, "login"))
    session, account = found
    if factors.next_step(session, account) != "factor":
        return forward(request, session, account)
    form = forms.CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            factors.give_code(session, account, code=form.cleaned_data["code"], at=request.now, origin=address_of(request))
            return forward(request, session, account)
        except factors.FactorRefused as refusal:
            form.add_error("code", str(refusal))
    return ask_factor(request, session, account, form)


@open_to_all
@require_POST
def second_passkey(request: Any) -> HttpResponse:
    found = waiting(request)
    if found is None:
        return HttpResponseRedirect(with_next(request, "login"))
    session, account = found
    try:
        factors.give_passkey(session, account, credential=request.POST.get("credential", ""), host=request.get_host(), secure=request.is_secure(),
                             at=request.now, origin=address_of(request))
    except factors.FactorRefused as refusal:
        form = forms.CodeForm({"code": ""})
        form.full_clean()
        form.errors.clear()
        form.add_error(None, str(refusal))
        return ask_factor(request, session, account, form)
    return forward(request, session, account)


def ask_factor(request: Any, session: Session, account: Account, form: forms.CodeForm) -> HttpResponse:
    kinds = {f.kind for f in factors.mine(account) if f.left is None or f.left > 0}
    options = factors.begin_passkey(session, account, host=request.get_host(), secure=request.is_secure(), at=request.now) if "passkey" in kinds else ""
    return render(request, "desk/second_factor.html", {
        "form": form if kinds & {"totp", "codes"} else None, "refused": form, "passkey_options": options,
        "passkey_url": with_next(request, "second-passkey"), "used_up": not kinds,
    }, status=422 if form.errors else 200)


@open_to_all
def first_password(request: Any) -> HttpResponse:
    """A one-time password is changed before anything else is shown."""
    found = waiting(request)
    if found is None:
        return HttpResponseRedirect(with_next(request, "login"))
    session, account = found
    if factors.next_step(session, account) != "password":
        return forward(request, session, account)
    form = forms.NewPasswordForm(request.POST or None, first=True)
    if request.method == "POST" and form.is_valid():
        try:
            sessions.change_password(account, old=None, new=form.cleaned_data["new"], origin=address_of(request))
            return forward(request, session, account)
        except sessions.LoginRefused as refusal:
            form.add_error("new", str(refusal))
    return render(request, "desk/account/first_password.html", {"form": form}, status=422 if form.errors else 200)


@open_to_all
def enrol(request: Any) -> HttpResponse:
    """Choose the first second factor. POST brings the passkey that the device has just made."""
    found = waiting(request)
    if found is None:
        return HttpResponseRedirect(with_next(request, "login"))
    session, account = found
    if factors.next_step(session, account) != "enrol":
        return forward(request, session, account)
    error = ""
    if request.method == "POST":
        try:
            factors.finish_registration(session, account, credential=request.POST.get("credential", ""), label=device_name(request),
                                        host=request.get_host(), secure=request.is_secure(), at=request.now, origin=address_of(request))
            return forward(request, session, account)
        except factors.FactorRefused as refusal:
            error = str(refusal)
    options = factors.begin_registration(session, account, name=account.username, host=request.get_host(), secure=request.is_secure(), at=request.now)
    return render(request, "desk/account/enrol.html", {
        "passkey_options": options, "error": error, "totp_url": with_next(request, "enrol-totp"), "codes_url": with_next(request, "enrol-codes"),
    }, status=422 if error else 200)


@open_to_all
def enrol_totp(request: Any) -> HttpResponse:
    found = waiting(request)
    if found is None:
        return HttpResponseRedirect(with_next(request, "login"))
    session, account = found
    if factors.next_step(session, account) != "enrol":
        return forward(request, session, account)
    done, context = totp_page(request, session, account)
    if done:
        return forward(request, session, account)
    return render(request, "desk/account/enrol_totp.html", {**context, "back_url": with_next(request, "enrol")}, status=422 if context["form"].errors else 200)


def totp_page(request: Any, session: Session, account: Account) -> tuple[bool, dict[str, Any]]:
    """(done, context) of the page with the QR code: GET makes a secret, POST proves it."""
    form = forms.FirstTotpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            factors.finish_totp(session, account, code=form.cleaned_data["code"], label=form.cleaned_data["label"], at=request.now, origin=address_of(request))
            return True, {}
        except factors.FactorRefused as refusal:
            form.add_error("code", str(refusal))
    secret, address = (factors.pending_totp(session, account) if request.method == "POST" else None) or factors.begin_totp(session, account, at=request.now)
    picture = segno.make(address, micro=False).svg_inline(scale=4, border=2, dark="#17211f", light="#fff", omitsize=False)
    return False, {"form": form, "secret": " ".join(secret[i:i + 4] for i in range(0, len(secret), 4)), "picture": picture}


@open_to_all
def enrol_codes(request: Any) -> HttpResponse:
    """Ten printed codes, shown this once. Only POST makes them."""
    found = waiting(request)
    if found is None:
        return HttpResponseRedirect(with_next(request, "login"))
    session, account = found
    if request.method != "POST" or factors.next_step(session, account) != "enrol":
        return forward(request, session, account)
    codes = factors.print_codes(session, account, at=request.now, origin=address_of(request))
    return render(request, "desk/account/enrol_codes.html", {"codes": codes, "username": account.username, "at": request.now, "next_url": with_next(request, "second-factor")})


@open_to_all
@require_POST
def logout(request: Any) -> HttpResponse:
    token = request.COOKIES.get(settings.SESSION_COOKIE, "")
    session = sessions.find(token, at=request.now) if token else None
    if session:
        sessions.log_out(session, at=request.now, origin=address_of(request))
    response = HttpResponseRedirect(reverse("login"))
    response.delete_cookie(settings.SESSION_COOKIE)
    return response


def device_name(request: HttpRequest) -> str:
    """What kind of device asks, in words its owner recognises."""
    return describe_device(request.headers.get("User-Agent", ""))


SYSTEMS = (("HarmonyOS", "鸿蒙"), ("iPhone", "苹果手机"), ("iPad", "苹果平板"), ("Android", "安卓手机"), ("Windows", "Windows 电脑"), ("Mac OS", "苹果电脑"), ("Linux", "Linux 电脑"))
BROWSERS = (("MicroMessenger", "微信"), ("QQBrowser", "QQ 浏览器"), ("360SE", "360 浏览器"), ("Edg", "Edge"), ("Firefox", "火狐"), ("Chrome", "Chrome"), ("Safari", "Safari"))


def describe_device(agent: str) -> str:
    """"Windows 电脑 · Edge" of a User-Agent line; the line itself where nothing is known."""
    system = next((words for mark, words in SYSTEMS if mark in agent), "")
    browser = next((words for mark, words in BROWSERS if mark in agent), "")
    return " · ".join(_(w) for w in (system, browser) if w) or agent[:40] or _("不明设备")
