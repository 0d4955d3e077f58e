"""Display preferences of one browser: large type, night, keyboard shortcuts.

Invariant: they live in cookies that say nothing about a person, are set only by POST, and every page reads them on
the server, so that the first paint is right and everything works without a script.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

# name of the field and of the data- attribute on <html> → the values a browser may choose; the first is the default
CHOICES: dict[str, tuple[str, ...]] = {
    "theme": ("auto", "day", "night"),
    "type": ("normal", "large"),
    # WCAG 2.1.4: a person who dictates must be able to switch single-key shortcuts off
    "keys": ("on", "off"),
    # the residents' portal: standard, then 21, 25 and 30 px (ux.md §4)
    "size": ("std", "elder", "elder2", "elder3"),
}
ONE_YEAR = 365 * 24 * 3600


def display(request: HttpRequest) -> dict[str, dict[str, str]]:
    """Context processor: `display.theme`, `display.type`, `display.keys`, each one of CHOICES, default first."""
    chosen = {}
    for name, values in CHOICES.items():
        value = request.COOKIES.get(f"mq_{name}", "")
        chosen[name] = value if value in values else values[0]
    return {"display": chosen}


@require_POST
def set_preferences(request: HttpRequest) -> HttpResponse:
    """Remember the fields of CHOICES found in the form and go back to `next` (same host only, else to /)."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    if request.headers.get("X-Requested-With") == "fetch":
        response = HttpResponse(status=204)
    else:
        response = HttpResponseRedirect(target)
    for name, values in CHOICES.items():
        value = request.POST.get(name)
        if value in values:
            response.set_cookie(
                f"mq_{name}",
                value,
                max_age=ONE_YEAR,
                samesite="Lax",
                httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
            )
    return response


urlpatterns = [path("preferences/", set_preferences, name="preferences")]
