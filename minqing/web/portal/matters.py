"""说件事, 查进度: the pages of matters for residents, with or without a log-in.

Invariants: nothing that was typed is lost by a mistake; after saying something one reads number, word, what happens next, by
when, by whom, and whom to call; words of danger are taken at once and answered with 110, 119, 120 first.
"""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access import public
from minqing.access.models import Area
from minqing.archives.models import Placement
from minqing.archives.queries import own as files
from minqing.service.actions import cards, enclosures, own
from minqing.service.actions.matters import desk_name
from minqing.service.models import Matter
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import kinds, numbers, states
from minqing.web.portal import forms, home
from minqing.web.portal.middleware import PortalRequest, everybody, residents_only
from minqing.web.shared.middleware import CSP

USING = "resident"
#: Whom a microphone is allowed on the one page that records.
MICROPHONE = "geolocation=(), camera=(), microphone=(self)"
MOST_FILES = 5
RATED = (states.State.REPLIED,)
BACK = (states.State.SUBMITTED, states.State.ACCEPTED, states.State.DISPATCHED, states.State.PROCESSING)


def villages(request: PortalRequest) -> list[Area]:
    """Where those for whom one may speak live or are registered."""
    codes = {c[:12] for c in Placement.objects.using(USING).filter(person_id__in=request.visitor.persons, ends_on=None).values_list("grid_code", flat=True)}
    return list(Area.objects.using(USING).filter(pk__in=codes, closed_on=None).order_by("code"))


def place_of(request: PortalRequest) -> Area | None:
    """The village that was chosen, else one's own."""
    wanted = request.GET.get("place", "")
    if wanted:
        return Area.objects.using(USING).filter(pk=wanted, closed_on=None, level__in=("village", "town")).first()
    return next(iter(villages(request)), None)


def people(request: PortalRequest) -> list[tuple[str, str]]:
    return [(str(p.pk), p.name) for p in files.people(request.visitor)]


@everybody
def say(request: PortalRequest) -> HttpResponse:
    """One page: what, a recording or photo, how to call back. `?card=`: the card that was scanned says where."""
    card = cards.find(request.GET["card"]) if request.GET.get("card") else None
    place = Area.objects.using(USING).filter(pk=card.area, closed_on=None).first() if card else place_of(request)
    if place is None:
        return where(request, dead=bool(request.GET.get("card")))
    allowed = people(request)
    own_row = next(iter(files.people(request.visitor)), None) if request.visitor.selves else None
    initial = {"kind": request.GET.get("kind", "help"), "spot": card.spot if card else "", "name": own_row.name if own_row else "", "phone": files.clear(own_row, "phone", masked=False) if own_row else ""}
    form = forms.SayForm(request.POST or None, request.FILES or None, people=allowed, initial=initial)
    given, words = brought(request, form) if request.method == "POST" else ([], [])
    if request.method == "POST" and form.is_valid():
        try:
            receipt = own.say(saying(form, place, allowed, given), visitor=request.visitor, at=request.now)
        except Missing as lacking:
            form.add_error(lacking.field if lacking.field in form.fields else None, str(lacking))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            enclosures.let_go(words)
            return done(request, receipt, place, form.cleaned_data["anonymous"])
    held = kept(given, words) if form.errors else []
    response = render(request, "portal/say.html", {"form": form, "place": place, "card": card, "held": held, "photos": sum(kind == "photo" for kind, _word in held), "voices": sum(kind == "voice" for kind, _word in held), "extra": [form[n] for n in ("spot", "kind", "name", "phone", "confidential", "anonymous")]}, status=422 if form.errors else 200)
    response.headers["Permissions-Policy"] = MICROPHONE
    response.headers["Content-Security-Policy"] = CSP + "; media-src blob:"  # to listen to one's own recording before it is sent
    return response


def brought(request: PortalRequest, form: forms.SayForm) -> tuple[list[enclosures.File], list[str]]:
    """Photos and recordings of this post, those of the post before it first; the words under which those are held."""
    before = [(w, f) for w in request.POST.getlist("held")[:MOST_FILES] if (f := enclosures.held(w)) is not None]
    words, found = [w for w, _file in before], [f for _word, f in before]
    for kind in ("photo", "voice"):
        for one in request.FILES.getlist(kind):
            try:
                found.append(enclosures.check(kind, one.name or kind, one.read()))
            except Missing as problem:
                form.add_error(kind, str(problem))
    if len(found) > MOST_FILES:
        form.add_error("photo", _("照片和录音一共最多 %d 个。") % MOST_FILES)
    return found[:MOST_FILES], words


def kept(given: list[enclosures.File], words: list[str]) -> list[tuple[str, str]]:
    """A mistake elsewhere costs nobody his recording: (kind, word under which it is held)."""
    fresh = [enclosures.hold(f) for f in given[len(words):]]
    return [(f.kind, word) for f, word in zip(given, [*words, *fresh], strict=True) if word]


def saying(form: forms.SayForm, place: Area, allowed: list[tuple[str, str]], given: list[enclosures.File]) -> own.Saying:
    d, found = form.cleaned_data, tuple(given)
    chosen = d.get("for_person") or ""
    behalf = uuid.UUID(chosen) if chosen in dict(allowed) else None
    first = allowed[0][0] if allowed else ""
    return own.Saying(
        words=d["words"], kind=d["kind"], place=place.code, name="" if d["anonymous"] else d["name"], phone="" if d["anonymous"] else d["phone"], spot=d["spot"], anonymous=d["anonymous"],
        confidential=d["confidential"], for_person=behalf, for_name=dict(allowed).get(chosen, "") if chosen and chosen != first else "", files=found,
    )


@everybody
def card(request: PortalRequest, token: str) -> HttpResponse:
    """A card was scanned: on to «说件事» with its place. One that was taken back asks where."""
    return HttpResponseRedirect(reverse("portal-say") + "?" + urlencode({"card": token}))


def where(request: PortalRequest, *, dead: bool = False) -> HttpResponse:
    """Which village? By the beginning of its name. `dead`: the card that was scanned holds no more."""
    words = " ".join(request.GET.get("q", "").split())[:20]
    found = list(Area.objects.using(USING).filter(short_name__startswith=words, level__in=("village", "town"), closed_on=None).order_by("code")[:30]) if len(words) >= 2 else []
    names = dict(Area.objects.using(USING).filter(pk__in={a.code[:n] for a in found for n in (6, 9)}).values_list("code", "short_name"))
    rows = [{"area": a, "in": " ".join(names[a.code[:n]] for n in (6, 9) if n < len(a.code) and a.code[:n] in names)} for a in found]
    return render(request, "portal/say_where.html", {"q": words, "rows": rows, "kind": request.GET.get("kind", ""), "dead": dead})


def done(request: PortalRequest, receipt: own.Receipt, place: Area, anonymous: bool) -> HttpResponse:
    """Number, word, next steps, by whom and by when, whom to call. Danger first."""
    calls = list(dict.fromkeys(kinds.emergency_number(w) for w in receipt.urgent))
    officer = next((o for o in public.officers(place) if o.role in ("village_secretary", "village_clerk", "town_desk")), None)
    return render(request, "portal/said.html", {
        "receipt": receipt, "number": numbers.spoken(receipt.number), "calls": calls, "place": place, "desk": _("纪检专员") if receipt.restricted else desk_name(receipt.desk, USING),
        "officer": None if receipt.restricted else officer, "accept": timezone.localtime(receipt.accept_due), "reply": timezone.localtime(receipt.reply_due), "anonymous": anonymous,
    })


@everybody
def follow(request: PortalRequest) -> HttpResponse:
    """By receipt; who is logged in sees his own list."""
    form, found = forms.ReceiptForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            found = own.follow(number=form.cleaned_data["number"], word=form.cleaned_data["word"], visitor=request.visitor)
        except (NotHere, Refused) as refusal:
            form.add_error(None, str(refusal))
    rows = [line(m) for m in own.mine(request.visitor)]
    return render(request, "portal/follow.html", {"form": form, "found": found, "desk": desk_name(found.desk, USING) if found and found.desk else "", "rows": rows, "may_rate": bool(found and found.state == states.State.REPLIED),
                                                  "number": numbers.spoken(found.number) if found else ""}, status=422 if form.errors else 200)


def line(m: Matter) -> dict[str, Any]:
    """A matter as its requester's list shows it."""
    state = states.State(m.state)
    due = m.due_at or m.accept_due_at
    tone = "bam" if state in (states.State.CLOSED, states.State.ARCHIVED, states.State.REPLIED) else "och"
    said = _("已答复，请您评价") if state == states.State.REPLIED else _(states.STATE_LABELS[state])
    if state in states.RUNNING and due:
        said = _("%(state)s，%(day)s前答复您") % {"state": said, "day": date_format(timezone.localtime(due), _("n月j日"))}
    return {"m": m, "title": m.title, "state": said, "tone": tone, "number": numbers.spoken(m.number), "url": reverse("portal-matter", kwargs={"matter": m.pk})}


def current(request: PortalRequest) -> dict[str, Any] | None:
    """The matter on top of the home page: an answer that waits for a word first, else the newest open one."""
    open_ones = [m for m in own.mine(request.visitor)[:20] if states.State(m.state) in states.OPEN]
    if not open_ones:
        return None
    first = next((m for m in open_ones if m.state == states.State.REPLIED), open_ones[0])
    return {**line(first), "note": _("编号 %s") % numbers.spoken(first.number)}


home.CURRENT[:] = [current]


@residents_only
def matter(request: PortalRequest, matter: uuid.UUID) -> HttpResponse:
    return page(request, own.one(matter, request.visitor))


def page(request: PortalRequest, m: Matter, *, rating: Any = None, words: Any = None, status: int = 200) -> HttpResponse:
    state = states.State(m.state)
    reopenable = state in (states.State.CLOSED, states.State.ARCHIVED) and m.closed_at is not None and (request.now - m.closed_at).days < kinds.REOPEN_DAYS
    desk = "" if m.restricted else m.lead_desk or m.home_desk
    return render(request, "portal/matter.html", {
        **line(m), "said": own.words(m), "answer": own.answer(m), "moves": own.told(m, request.visitor), "desk": desk_name(desk, USING) if desk else _("纪检专员"),
        "rating": (rating or forms.RateForm()) if state in RATED else None, "may_back": state in BACK, "may_reopen": reopenable, "words_form": words or forms.WordsForm(),
        "officers": public.officers(Area.objects.using(USING).get(pk=m.place_code[:12]))[:1] if len(m.place_code) >= 12 and not m.restricted else [],
    }, status=status)


@residents_only
@require_POST
def rate(request: PortalRequest, matter: uuid.UUID) -> HttpResponse:
    """Solved? Satisfied? "No" does it again."""
    m, form = own.one(matter, request.visitor), forms.RateForm(request.POST)
    if form.is_valid():
        d = form.cleaned_data
        try:
            own.rate(matter=m, solved=d["solved"], satisfied=d["satisfied"], told_that_day={"yes": True, "no": False}.get(d["told"]), words=d["words"], visitor=request.visitor, at=request.now)
        except Missing as lacking:
            form.add_error(lacking.field if lacking.field in form.fields else None, str(lacking))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return HttpResponseRedirect(reverse("portal-matter", kwargs={"matter": matter}))
    return page(request, m, rating=form, status=422)


def words_move(request: PortalRequest, matter: uuid.UUID, do_it: Any) -> HttpResponse:
    m, form = own.one(matter, request.visitor), forms.WordsForm(request.POST)
    if form.is_valid():
        try:
            do_it(m, form.cleaned_data["words"])
        except Refused as refusal:
            form.add_error("words", str(refusal))
        else:
            return HttpResponseRedirect(reverse("portal-matter", kwargs={"matter": matter}))
    return page(request, m, words=form, status=422)


@residents_only
@require_POST
def withdraw(request: PortalRequest, matter: uuid.UUID) -> HttpResponse:
    return words_move(request, matter, lambda m, words: own.withdraw(matter=m, words=words, visitor=request.visitor))


@residents_only
@require_POST
def reopen(request: PortalRequest, matter: uuid.UUID) -> HttpResponse:
    return words_move(request, matter, lambda m, words: own.reopen(matter=m, words=words, visitor=request.visitor, at=request.now))
