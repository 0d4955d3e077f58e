"""Every request of a resident is one scoped transaction on alias `resident`; nobody's request is one too.

Invariants: a view marked `@residents_only` runs only inside the scope of a resident's session; one marked `@everybody` runs as
that resident or as nobody in particular; a colleague's session opens nothing here and a resident's nothing at the desk.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from minqing.access import scope
from minqing.access.actions import audit, residents
from minqing.access.scope import NoSession, Visitor
from minqing.archives.refusals import NotHere
from minqing.web.portal.context import size_of
from minqing.web.shared.middleware import address_of, come_back, found, open_to_all

View = Callable[..., HttpResponse]


class PortalRequest(HttpRequest):
    """What a portal view receives: who visits (perhaps nobody in particular) and when."""

    visitor: Visitor
    now: datetime
    token: str


def residents_only(view: View) -> View:
    """A page of a resident who is logged in."""
    view.for_residents = True  # type: ignore[attr-defined]
    return view


def everybody(view: View) -> View:
    """A page that needs no log-in; each is listed in tests/contracts."""
    view.portal = True  # type: ignore[attr-defined]
    return open_to_all(view)


class EnterResident:
    """Look the session up (alias login), open the transaction (alias resident), enter the scope, call the view."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        match = found(request)
        if match is None:
            return self.get_response(request)
        only, free = getattr(match.func, "for_residents", False), getattr(match.func, "portal", False)
        if not only and not free:
            return self.get_response(request)
        request.now, request.refused = timezone.now(), ""
        token = request.COOKIES.get(settings.RESIDENT_COOKIE, "")
        session = residents.find(token, at=request.now) if token else None
        if session is None and only:
            return to_login(request)
        request.token, request.resident_session = token if session else "", session
        try:
            with transaction.atomic(using="resident"):
                enter(request, match.view_name)
                response = self.get_response(request)
                if response.status_code >= 500 or request.refused:
                    transaction.set_rollback(True, using="resident")
        except NoSession:
            return to_login(request)
        if request.refused:
            self.remember_refusal(request, match.view_name, match.kwargs)
        return response

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        """Not mine and not there look alike."""
        if not hasattr(request, "visitor"):
            return None
        transaction.set_rollback(True, using="resident")
        if isinstance(exception, (Http404, NotHere)):
            request.refused = "not_found"
            return render(request, "portal/sorry.html", {"sentence": str(exception) if isinstance(exception, NotHere) else ""}, status=404)
        return None

    @staticmethod
    def remember_refusal(request: Any, view_name: str, kwargs: dict[str, Any]) -> None:
        """`view_name` and identifiers only: what was asked for, never what it holds."""
        with transaction.atomic(using="resident"):
            enter(request, view_name)
            person = kwargs.get("person")
            audit.record("refused", persons=[person] if isinstance(person, uuid.UUID) else [], detail={"page": view_name, "why": request.refused}, using="resident")


def enter(request: Any, view_name: str) -> None:
    """The scope of the session, or of nobody."""
    origin = f"portal {address_of(request)}"[:80]
    request.visitor = scope.enter_resident(request.token, purpose=f"direct:{view_name}"[:40], origin=origin) if request.token else scope.enter_public(purpose=f"public:{view_name}"[:40], origin=origin)


def to_login(request: HttpRequest) -> HttpResponse:
    """To the log-in page, and back to where one wanted to go."""
    if request.method == "POST" and request.COOKIES.get(settings.RESIDENT_COOKIE):
        return come_back(request, "portal/expired.html", size=size_of(request))
    target = reverse("portal-login")
    if request.method == "GET":
        target += "?" + urlencode({"next": request.get_full_path()})
    response = HttpResponseRedirect(target)
    response.delete_cookie(settings.RESIDENT_COOKIE)
    return response


def safe_next(request: HttpRequest, target: str = "") -> str:
    """Where to go afterwards: a path of this program, else ''."""
    target = target or request.GET.get("next", "")
    return target if target and url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()) else ""
