"""工作台: what waits for me today."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from minqing.web.shared.middleware import StaffRequest


def home(request: StaffRequest) -> HttpResponse:
    return render(request, "desk/home.html", {})
