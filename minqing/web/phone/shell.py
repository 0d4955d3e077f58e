"""What the phone loads: an empty page, its manifest, its service worker.

Invariant: none of the three knows who asks. They hold no name and no number, so the browser may keep them; people come only through
/phone/api/ and lie encrypted. One digest over all files is the version: a phone runs files of one version or of the next, never of two.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minqing.contact.rules import asking
from minqing.service.rules import kinds
from minqing.web.phone.words import WORDS
from minqing.web.shared.middleware import open_to_all

#: In the order in which a first load needs them.
FILES = (
    "minqing/tokens.css", "phone/phone.css", "phone/first.js", "phone/app.js", "phone/dom.js", "phone/base.js", "phone/vault.js", "phone/box.js", "phone/store.js", "phone/find.js", "phone/sync.js",
    "phone/screens.js", "phone/evening.js", "phone/form.js", "phone/media.js", "phone/visit.js", "phone/matter.js", "phone/transfer.js", "phone/round.js", "phone/files.js", "phone/photo.js", "phone/voice.js", "phone/passkey.js", "phone/icons.svg", "phone/icon-192.png", "phone/icon-512.png",
)
#: Fetched when somebody taps, no part of a first load; the worker holds them all the same.
LATER = ("phone/visit.js", "phone/matter.js", "phone/transfer.js", "phone/round.js", "phone/files.js", "phone/photo.js", "phone/voice.js", "phone/passkey.js")
MODULES = tuple(f for f in FILES if f.endswith(".js") and not f.endswith("first.js") and f not in LATER)
#: What may be taken down at a door, in the order in which it is offered.
KINDS = (kinds.Kind.HELP, kinds.Kind.QUESTION, kinds.Kind.SUGGESTION, kinds.Kind.COMPLAINT, kinds.Kind.DISPUTE, kinds.Kind.WORKS, kinds.Kind.HELP_UP)


def address(file: str) -> str:
    """Without a digest in the name: modules import each other by plain names, and the version stands in the worker."""
    return f"{settings.STATIC_URL}{file}"


def words() -> str:
    """Sentences of the scripts in the language of the page; the sources themselves need no list."""
    return "" if get_language() == settings.LANGUAGE_CODE else json.dumps({w: _(w) for w in WORDS}, ensure_ascii=False, separators=(",", ":"))


def asked() -> str:
    """What a visit may hold, from the one table of it."""
    tables = {"kinds": {k.value: kinds.KIND_LABELS[k] for k in KINDS}, "how": asking.HOW, "topics": asking.TOPICS, "checklist": asking.CHECKLIST, "states": asking.STATES}
    return json.dumps({"elder": asking.ELDER_FROM, "words": asking.MOST_WORDS, "note": asking.MOST_NOTE, "urgent": kinds.URGENT.pattern, "doors": kinds.DOORS, **{name: {k: _(v) for k, v in table.items()} for name, table in tables.items()}}, ensure_ascii=False, separators=(",", ":"))


@cache
def version(language: str) -> str:
    """Digest of every file and of the page: whatever changes makes a new worker."""
    digest = hashlib.sha256(language.encode())
    for file in FILES:
        found = finders.find(file)
        digest.update(Path(str(found)).read_bytes() if found else b"")
    digest.update(html().encode())
    return digest.hexdigest()[:16]


def html() -> str:
    return render_to_string("phone/shell.html", {"words": words(), "asking": asked(), "sheets": [address(f) for f in FILES if f.endswith(".css")], "first": address("phone/first.js"), "app": address("phone/app.js"),
                                                 "modules": [address(f) for f in MODULES], "icons": address("phone/icons.svg"), "icon": address("phone/icon-192.png")})


@open_to_all
def page(request: HttpRequest) -> HttpResponse:
    # the microphone for a sentence that somebody taps to speak; nothing asks for it by itself
    return HttpResponse(html(), headers={"Permissions-Policy": "geolocation=(), camera=(), microphone=(self)"})


@open_to_all
def manifest(request: HttpRequest) -> JsonResponse:
    start = reverse("phone")
    return JsonResponse({
        "id": start, "start_url": start, "scope": start, "name": _("连心民情 · 走访"), "short_name": _("走访"), "lang": "zh-CN" if get_language() == "zh-hans" else str(get_language()),
        "display": "standalone", "orientation": "portrait", "background_color": "#f3f1ea", "theme_color": "#08464f",
        "icons": [{"src": address(f"phone/icon-{n}.png"), "sizes": f"{n}x{n}", "type": "image/png", "purpose": "any maskable"} for n in (192, 512)],
    }, content_type="application/manifest+json")


@open_to_all
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker with the version and the list of files in it; asked anew at every start of the phone."""
    start = reverse("phone")
    known = {"version": version(str(get_language())), "page": start, "files": [start, reverse("phone-manifest"), *(address(f) for f in FILES)], "api": f"{start}api/"}
    return render(request, "phone/worker.js", {"known": json.dumps(known)}, content_type="text/javascript; charset=utf-8")
