"""What every portal page shows around its content: size of letters, hotline, whether somebody is logged in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def size_of(request: HttpRequest) -> str:
    """std, elder, elder2 or elder3, as this browser was set."""
    size = request.COOKIES.get("mq_size", "std")
    return size if size in ("elder", "elder2", "elder3") else "std"


def portal(request: HttpRequest) -> dict[str, Any]:
    """Context processor of portal/base.html; adds nothing to the desk's pages."""
    visitor = getattr(request, "visitor", None)
    if visitor is None:
        return {}
    return {
        "visitor": visitor, "logged_in": visitor.account is not None, "linked": bool(visitor.selves), "hotline": settings.HOTLINE,
        "hotline_tel": settings.HOTLINE.replace("-", ""), "size": size_of(request), "demo": settings.FICTITIOUS,
    }
