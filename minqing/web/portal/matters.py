"""Say a thing, do a thing, follow it: the pages of matters. The hooks of the four buttons."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from minqing.web.portal.middleware import PortalRequest, everybody


@everybody
def say(request: PortalRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("portal-feedback"))


@everybody
def do(request: PortalRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("portal-feedback"))


@everybody
def follow(request: PortalRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("portal-feedback-answer"))
