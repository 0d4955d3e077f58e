"""One search box over the whole scope: people and households, why each was found, the part that fits marked; the number of a matter opens it.

Invariant: below two characters nothing is asked; the words stand in the address only while they are no number (a number
is posted, so that no log of addresses holds it); the audit keeps that one searched, not for what.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.archives import queries
from minqing.service.queries import exchange
from minqing.web.desk.archives import presenting
from minqing.web.shared.middleware import StaffRequest

SHORTEST, MOST = 2, 20
#: Reasons of a hit that leave no doubt who is meant.
EXACT = frozenset({"证件号码", "电话"})
NUMBER = re.compile(r"^[\d\sXx*-]{7,24}$")
#: What may be the number of a matter, ours or another system's: three characters at least, a digit among them, no Chinese.
NUMBERED = re.compile(r"^(?=.*\d)[A-Za-z0-9][A-Za-z0-9\s/_-]{2,39}$")


def search(request: StaffRequest) -> HttpResponse:
    """`?q=` words, or a post for numbers; one single hit of a full number opens at once."""
    words = (request.POST.get("q") or request.GET.get("q") or "").strip()[:60]
    if NUMBERED.match(words) and request.me.holds(Right.MATTERS) and (matter := exchange.find(request.me, words)):
        return HttpResponseRedirect(reverse("matter-file", kwargs={"matter": matter}))
    if not request.me.holds(Right.PEOPLE):
        raise NotAllowed(_("您的任职不打开户档，所以这里没有可查的人和户；事情的编号（本系统的或 12345 的）可以查，请核对有没有写错。"))
    context: dict[str, Any] = {"q": words, "short": bool(words) and len(words) < SHORTEST, "search_text": "" if NUMBER.match(words) else words}
    if len(words) >= SHORTEST:
        hits = queries.search(request.me, words, limit=MOST + 1)
        if len(hits) == 1 and hits[0].why in EXACT:
            only = hits[0]
            return HttpResponseRedirect(reverse("resident-file", kwargs={"person": only.id}) if only.kind == "person" else reverse("household-file", kwargs={"household": only.id}))
        shown = [hit(h, words) for h in hits[:MOST]]
        context |= {
            "people": [h for h in shown if h["kind"] == "person"], "households": [h for h in shown if h["kind"] == "household"], "plots": [h for h in shown if h["kind"] == "plot"],
            "many": len(hits) > MOST, "count": len(shown), "number": bool(NUMBER.match(words)),
        }
    return render(request, "desk/archives/search.html", context)


def hit(h: Any, words: str) -> dict[str, Any]:
    """One hit: its parts marked, why it was found, where it leads."""
    url = reverse("plot", args=[h.id]) if h.kind == "plot" else reverse("resident-file", kwargs={"person": h.id}) if h.kind == "person" else reverse("household-file", kwargs={"household": h.id})
    return {
        "kind": h.kind, "url": url, "title": presenting.marked(h.title, words), "subtitle": presenting.marked(h.subtitle or "", words), "why": h.why, "alive": h.alive,
        "household_url": reverse("household-file", kwargs={"household": h.household_id}) if h.kind == "person" and h.household_id else "",
    }

