"""What a web process does before its first request: everything that a first request would otherwise wait for.

Invariant: nothing here reads a row or needs a scope. Measured on two cores: the address table imports every view and with them the
PDF maker, 7.7 s of somebody's first request (the telephone system's call of the morning, which must pop up within a second); its
templates another 0.2 s.
"""

from __future__ import annotations

from django.conf import settings
from django.template.loader import get_template
from django.urls import get_resolver, reverse
from django.utils import translation

#: Pages somebody stands or rings in front of.
PAGES = ("desk/login.html", "desk/home.html", "desk/hotline/board.html", "desk/hotline/ring.html", "desk/window/home.html", "desk/window/ticket.html", "desk/window/screen.html", "desk/matters/list.html",
         "portal/home.html", "portal/say.html")


def warm() -> int:
    """Import every view, fill the table of addresses, compile the first pages, read the catalogs. The number of addresses."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("")
    reverse("home")
    for page in PAGES:
        get_template(page)
    return len(get_resolver().reverse_dict)
