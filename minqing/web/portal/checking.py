"""Whoever holds a certificate checks it by its code, without a log-in.

Invariant: number, day, item, state and masked name, nothing else; an unknown code, a draft and a damaged one look the same, status
included; nothing of the page is kept by a browser.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from minqing.service.actions import certificates
from minqing.service.refusals import Refused
from minqing.web.portal.middleware import PortalRequest, everybody


@everybody
def certificate(request: PortalRequest, token: str) -> HttpResponse:
    found, sorry, status = None, "", 200
    try:
        found = certificates.check(token)
    except Refused as refusal:
        sorry, status = str(refusal), 429
    response = render(request, "portal/certificate.html", {"c": found, "sorry": sorry}, status=status)
    response["Cache-Control"], response["Referrer-Policy"], response["X-Robots-Tag"] = "no-store", "no-referrer", "noindex"
    return response
