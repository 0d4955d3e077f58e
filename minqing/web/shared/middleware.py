"""Every request of a member of staff is one scoped transaction; a view that asks another machine takes several (`@in_steps`).

Invariants: a view that is not marked `@open_to_all` runs only inside an entered scope; whatever goes wrong rolls the
transaction back; what was refused is recorded in a second transaction of its own; nothing personal is cached.
"""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from minqing.access import scope
from minqing.access.actions import audit, sessions
from minqing.access.scope import Me, NoSession, NotAllowed, Step

View = Callable[..., HttpResponse]
#: Where the phone's program talks to us (minqing/sync/README.md).
PHONE = "/phone/api/"
CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"


class StaffRequest(HttpRequest):
    """What a desk view receives: a request that knows who acts and when."""

    me: Me
    now: datetime
    step: Step   # views marked `@in_steps` only


def open_to_all(view: View) -> View:
    """Mark a view that needs no log-in; each is listed in tests/contracts."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def in_steps(view: View) -> View:
    """Mark a view that asks another machine: no transaction is open around it, each `with request.step() as me:` is one, so that nothing is
    locked while the other side is slow. It redirects and shows no page."""
    view.in_steps = True  # type: ignore[attr-defined]
    return view


def address_of(request: HttpRequest) -> str:
    """The caller's address; behind the county's own proxy the last hop it names."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.PRODUCTION else ""
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def found(request: Any) -> ResolverMatch | None:
    """What the address leads to, looked up once a request; None where it leads nowhere."""
    if not hasattr(request, "found"):
        try:
            request.found = resolve(request.path_info)
        except Resolver404:
            request.found = None
    return request.found  # type: ignore[no-any-return]


def purpose_of(request: HttpRequest) -> str:
    """Where one comes from is why one looks: the route of the referring page of this program, else the page's own route."""
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc == request.get_host():
        try:
            return f"from:{resolve(referer.path).view_name}"[:40]
        except Resolver404:
            pass
    here = found(request)
    return f"direct:{here.view_name if here else ''}"[:40]


def unknown_phone() -> HttpResponse:
    """A phone's program cannot use a page: it asks its officer to log in and keeps what it has."""
    return JsonResponse({"error": "login"}, status=401)


def come_back(request: HttpRequest, template: str, **more: Any) -> HttpResponse:
    """The session ended while somebody was writing: what he sent comes back to his own browser, in a form that sends it again after he has
    logged in beside it. A password is not sent back, and a file cannot be."""
    kept = [(name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" and "password" not in name for value in values]
    return render(request, template, {"kept": kept, "files": bool(request.FILES), "action": request.get_full_path(), **more}, status=401)


class Headers:
    """Content policy and no caching for everything but static files."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CSP)
        response.headers.setdefault("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class Readable:
    """No column of the database holds a NUL: an address that carries one is answered like any other that cannot be read, not with a fault."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest
        return self.get_response(request)


class Language:
    """Chinese unless somebody has pressed EN in this browser: what a window PC's browser was installed in says nothing."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        with translation.override(chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        return response


class EnterScope:
    """Look the session up (alias login), open the transaction (alias default), enter the scope, call the view."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.now = timezone.now()
        match = found(request)
        if match is None:
            return self.get_response(request)
        if getattr(match.func, "open_to_all", False) or getattr(match.func, "for_residents", False):
            return self.get_response(request)
        token = request.COOKIES.get(settings.SESSION_COOKIE, "")
        session = sessions.find(token, at=request.now) if token else None
        if session is None or session.account_id is None:
            return self.to_login(request)
        if not session.complete:
            return unknown_phone() if request.path.startswith(PHONE) else HttpResponseRedirect(reverse("second-factor"))
        request.token, request.refused = token, ""
        request.step = functools.partial(scope.acting, token, purpose=purpose_of(request), origin=f"desk {address_of(request)}")
        try:
            if getattr(match.func, "in_steps", False):
                response = self.get_response(request)
            else:
                with request.step() as request.me:
                    response = self.get_response(request)
                    if response.status_code >= 500 or request.refused:
                        transaction.set_rollback(True)
        except NoSession:
            return self.to_login(request)
        if request.refused:
            self.remember_refusal(request, match.view_name, match.kwargs)
        return response

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        """A refusal is an answer, not a fault; the transaction is rolled back either way."""
        if hasattr(request, "me"):
            transaction.set_rollback(True)
        if isinstance(exception, NoSession):   # between two steps: he has logged out, or his appointment has ended
            return self.to_login(request)
        if isinstance(exception, NotAllowed):
            request.refused = "not_allowed"
            if not hasattr(request, "me"):
                with request.step() as request.me:
                    return render(request, "desk/refused.html", {"sentence": str(exception)}, status=403)
            return render(request, "desk/refused.html", {"sentence": str(exception)}, status=403)
        if isinstance(exception, (Http404, PermissionDenied)):
            request.refused = "not_found"
        return None

    @staticmethod
    def remember_refusal(request: Any, view_name: str, kwargs: dict[str, Any]) -> None:
        """`view_name` and identifiers only: what was asked for, never what it holds."""
        with transaction.atomic():
            scope.enter(request.token, purpose=purpose_of(request), origin=f"desk {address_of(request)}")
            named = {k: [v] for k, v in kwargs.items() if isinstance(v, uuid.UUID)}
            audit.record(
                "refused",
                persons=named.get("person", []),
                households=named.get("household", []),
                detail={"page": view_name, "why": request.refused, **{k: str(v) for k, v in kwargs.items()}},
            )

    @staticmethod
    def to_login(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(PHONE):
            return unknown_phone()
        if request.method == "POST" and request.COOKIES.get(settings.SESSION_COOKIE):
            if request.headers.get("HX-Request"):  # the page with what was typed stays; only a sentence is added
                told = {"toast": {"text": _("登录过期了，没有存上。您填的还在这一页：请在新窗口登录，再回来按一次。"), "tone": "cin"}}
                return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
            return come_back(request, "desk/expired.html")
        target = reverse("login")
        if request.method == "GET" and request.path != "/":
            target += "?" + urlencode({"next": request.get_full_path()})
        response = HttpResponseRedirect(target)
        if request.headers.get("HX-Request"):  # a fragment cannot show a log-in page: reload the whole page
            response = HttpResponse(status=204, headers={"HX-Redirect": target})
        response.delete_cookie(settings.SESSION_COOKIE)
        return response
