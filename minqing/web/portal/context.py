"""What every portal page shows around its content: size of letters, hotline, whether somebody is logged in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """Context processor of portal/base.html; adds nothing to the desk's pages."""
    visitor = getattr(request, "visitor", None)
    if visitor is None:
        return {}
    size = request.COOKIES.get("mq_size", "std")
    return {
        "visitor": visitor, "logged_in": visitor.account is not None, "linked": bool(visitor.selves), "hotline": settings.HOTLINE,
        "hotline_tel": settings.HOTLINE.replace("-", ""), "size": size if size in ("elder", "elder2", "elder3") else "std", "demo": settings.FICTITIOUS,
    }
