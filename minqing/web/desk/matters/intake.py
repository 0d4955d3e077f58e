"""登记一件事: one page from the words to the receipt.

Invariants: danger is shown before anything else is asked; what is suggested is confirmed by a person; bad input loses no word; the
six-letter word is shown once, from a signed cookie of a quarter of an hour that only the receipt's address receives.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.access.words import county
from minqing.archives.models import Resident
from minqing.contact.actions import days, dutylog
from minqing.contact.models import ContactDay
from minqing.service.actions import attachments, matters, moving
from minqing.service.actions.matters import Opened, Said, Who
from minqing.service.models import Matter
from minqing.service.queries import lists, suggest
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import numbers, states
from minqing.service.rules.kinds import Channel
from minqing.service.rules.states import State
from minqing.web.desk.archives.choosing import found_people
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.matters.forms import IntakeForm
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest

RECEIPT = "mq_receipt"
RECEIPT_SECONDS = 900
#: How a door is called by who stands at it.
DOORS = {"window_clerk": Channel.WINDOW, "hotline_operator": Channel.PHONE, "village_clerk": Channel.DUTY, "village_secretary": Channel.DUTY, "town_desk": Channel.WINDOW, "county_desk": Channel.HOTLINE_12345}


def places_of(me: Me) -> list[tuple[str, Any]]:
    """Where he takes matters down: (code, name) for a village and its grids, in groups by town for wider posts. One statement."""
    wide = {one.lo for one in lists.reach(me, Right.INTAKE)}
    found: list[tuple[str, Any]] = []
    codes = sorted(c for c in wide if c.isdigit())
    if not codes:
        return []
    narrow = all(len(c) >= 12 for c in codes)
    rows = Area.objects.none()
    for code in codes:
        rows = rows | Area.objects.filter(code__gte=code, code__lt=code + ":", closed_on=None)
    rows = rows.filter(level__in=["village", "grid"] if narrow else ["county", "town", "village"]).order_by("code")
    if narrow:
        names: dict[str, str] = {}
        for area in rows:
            names[area.code] = area.short_name
            if area.code[12:] != "000":
                found.append((area.code, area.short_name if len(area.code) == 12 else f"{names.get(area.code[:12], '')} {area.short_name}"))
        return found
    groups: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for area in rows:
        if len(area.code) == 6:
            found.append((area.code, area.short_name))
        elif len(area.code) == 9:
            groups[area.code] = (area.short_name, [(area.code, area.short_name)])
        elif area.code[:9] in groups:
            groups[area.code[:9]][1].append((area.code, area.short_name))
    return [*found, *groups.values()]


def colleagues(place: str) -> list[tuple[str, str]]:
    """Staff at a place, for choosing whom something is about."""
    if len(place) < 9:
        return []
    return sorted({(str(pk), name) for pk, name, _area in matters.staff_at(place)}, key=lambda pair: pair[1])


def usual_channel(me: Me) -> str:
    return next((DOORS[p.role] for p in me.posts if p.role in DOORS), Channel.DOOR).value


def need_intake(me: Me) -> None:
    if not me.holds(Right.INTAKE):
        raise NotAllowed(_("您的任职不登记事情。请当事人拨打热线，或到当地窗口。"))


def typed(request: StaffRequest, key: str, fallback: str = "") -> str:
    return str(request.POST.get(key, request.GET.get(key, fallback))).strip()


def new(request: StaffRequest) -> HttpResponse:
    """The page; on a post one of: look for a person, look at the suggestion, take it over, save."""
    me = request.me
    need_intake(me)
    places = places_of(me)
    flat = [code for code, inner in places if isinstance(inner, str)] + [code for _name, inner in places if not isinstance(inner, str) for code, _n in inner]
    place = typed(request, "place")
    place = place if place in flat else flat[0] if len(flat) == 1 or (flat and all(c.startswith(flat[0]) for c in flat) and len(flat[0]) >= 12) else ""
    shape = {"places": places, "categories": suggest.categories(place) if place else (), "colleagues": colleagues(place) if place else ()}
    context: dict[str, Any] = {"place": place, "find": typed(request, "find_words")}
    if request.method == "POST" and not request.htmx and not {"find", "ask", "take"} & set(request.POST):  # type: ignore[attr-defined]
        form = IntakeForm(request.POST, request.FILES, **shape)
        if form.is_valid():
            done = save(request, form)
            if done is not None:
                return done
    elif request.method == "POST":
        said = {**request.POST.dict(), "accused": request.POST.getlist("accused"), "place": place}
        if request.POST.get("take"):
            said["kind"], _bar, said["category"] = request.POST["take"].partition("|")
        form = IntakeForm(initial=said, **shape)
    else:
        form = IntakeForm(initial={"place": place, "channel": Channel.DUTY.value if day_given(request) else usual_channel(me), **person_given(request), **duty_given(request)}, **shape)
    if request.method == "POST":
        context["suggestion"] = suggest.suggest_for(me, typed(request, "words"), place, at=request.now, spot=typed(request, "spot"), phone=typed(request, "phone"), names=[n for _i, n in shape["colleagues"]])
    if me.holds(Right.PEOPLE):
        context |= {"may_find": True, "people": found_people_of(request) if "find" in request.POST else []}
    chosen = str(form["person"].value() or "")
    context["chosen"] = Resident.objects.filter(pk=chosen, voided_at=None).first() if is_uuid(chosen) and me.holds(Right.PEOPLE) else None
    context |= {"day": day_given(request), "form": form, "same": typed(request, "same"), "duty": typed(request, "duty"), "limit_words": limit_words(form), "crumbs": [(_("事情"), reverse("matter-list")), (_("登记一件事"), "")]}
    return render(request, "desk/matters/new.html", context, status=422 if form.errors else 200)


def limit_words(form: IntakeForm) -> str:
    """Photos are chosen again after an error."""
    return _("照片要再选一次：浏览器不替网页保留文件。") if form.errors and form.files else ""


def is_uuid(value: str) -> bool:
    try:
        return bool(uuid.UUID(value))
    except ValueError:
        return False


def person_given(request: StaffRequest) -> dict[str, str]:
    """A link from a person's file: /matters/new/?person=…"""
    given = request.GET.get("person", "")
    if not is_uuid(given) or not request.me.holds(Right.PEOPLE):
        return {}
    row = Resident.objects.filter(pk=given, voided_at=None).first()
    return {"person": str(row.pk), "name": row.name, "address": row.living_address or ""} if row else {}


def day_given(request: StaffRequest) -> ContactDay | None:
    """The stall at which this is taken down: /matters/new/?day=…"""
    given = typed(request, "day")
    return ContactDay.objects.filter(pk=given, kind="stall", state="announced").first() if is_uuid(given) else None


def duty_given(request: StaffRequest) -> dict[str, str]:
    """A link from a line of the duty log, typed there once: /matters/new/?duty=…"""
    given = request.GET.get("duty", "")
    row = dutylog.own_line(uuid.UUID(given), request.me) if is_uuid(given) else None
    return {"words": dutylog.words_of(row), "channel": Channel.DUTY.value, "place": row.area_code} if row else {}


def found_people_of(request: StaffRequest) -> list[tuple[str, str]]:
    request.POST = request.POST.copy()  # type: ignore[misc]
    request.POST["find"] = request.POST.get("find_words", "")  # type: ignore[index]
    return found_people(request)


def suggestion(request: StaffRequest) -> HttpResponse:
    """The fragment beside the words while they are typed."""
    need_intake(request.me)
    place = typed(request, "place")
    names = [name for _pk, name, _area in matters.staff_at(place)] if len(place) >= 9 else []
    found = suggest.suggest_for(request.me, typed(request, "words"), place, at=request.now, spot=typed(request, "spot"), phone=typed(request, "phone"), names=names)
    return render(request, "desk/matters/suggestion.html", {"suggestion": found, "same": typed(request, "same")})


def save(request: StaffRequest, form: IntakeForm) -> HttpResponse | None:
    """Open the matter; None with sentences on the form where something is lacking."""
    me, given = request.me, form.cleaned_data
    try:
        with transaction.atomic():
            files = attachments.check(attachments.Given(f.name, f.read()) for f in given["photos"])
            opened = matters.open_matter(said_of(me, given), by=me, at=request.now)
            into = None if opened.restricted else same_as(request, opened, given)
            day = day_given(request)
            if day is not None:
                days.link(day=day, opened=opened, by=me)
            if is_uuid(typed(request, "duty")):
                dutylog.became(visitor=uuid.UUID(typed(request, "duty")), opened=opened, by=me, at=request.now)
            if files and not opened.restricted:
                attachments.add(matter=opened.matter, files=files, by=me, at=request.now, remember=False)
    except Missing as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        return None
    except (Refused, NotAllowed) as problem:
        form.add_error(None, str(problem))
        return None
    if files and opened.restricted:
        messages.warning(request, _("照片没有随件保存：涉及工作人员的材料由纪检专员向本人收取。"))
    return receipt_of_opened(request, opened, into)


def receipt_of_opened(request: StaffRequest, opened: Opened, into: str | None = None) -> HttpResponse:
    """On to the receipt, which shows number and word once."""
    me = request.me
    response = HttpResponseRedirect(reverse("matter-receipt"))
    said = "|".join((opened.matter.number, opened.word, "" if opened.restricted else str(opened.matter.pk), into or "", ",".join(opened.urgent_words)))
    response.set_signed_cookie(RECEIPT, said, salt=str(me.session), max_age=RECEIPT_SECONDS, path=reverse("matter-receipt"), httponly=True, samesite="Strict", secure=settings.PRODUCTION)
    return response


def said_of(me: Me, given: dict[str, Any]) -> Said:
    person = uuid.UUID(given["person"]) if is_uuid(given["person"]) and me.holds(Right.PEOPLE) and Resident.objects.filter(pk=given["person"]).exists() else None
    who = Who(name=given["name"], phone=given["phone"], address=given["address"], person=person)
    others = (Who(name=given["for_name"], phone=given["for_phone"], role="for"),) if given["on_behalf"] else ()
    taken_at = matters.desk_of(me)
    if taken_at and given["channel"] in (Channel.DOOR, Channel.MEETING) and len(given["place"]) >= 12:
        taken_at = ""     # heard in the village: the village takes it in
    return Said(words=given["words"], kind=given["kind"], channel=given["channel"], place=given["place"], requester=who, others=others, category=given["category"], spot=given["spot"],
                urgent=True if given["urgent"] else None, anonymous=given["anonymous"], confidential=given["confidential"], on_behalf=given["on_behalf"],
                accused=tuple(uuid.UUID(a) for a in given.get("accused", ())), about_staff=True if given["about_staff"] else None, taken_at=taken_at)


def same_as(request: StaffRequest, opened: Opened, given: dict[str, Any]) -> str | None:
    """«并入并催办»: merged at once where he may, else the desk that takes it in is told. Returns the other's number."""
    if not is_uuid(given["same"]):
        return None
    me, at = request.me, request.now
    near = suggest.suggest_for(me, given["words"], given["place"], at=at, spot=given["spot"], phone=given["phone"]).similar
    other = next((s for s in near if str(s.id) == given["same"] and s.number != opened.matter.number), None)
    if other is None:
        return None
    try:
        with transaction.atomic():
            matters.merge(matter=opened.matter, into=other.id, by=me, at=at)
            target = moving.get(other.id, me)
            if State(target.state) in states.OPEN:
                moving.remember(target, "urge", by=me, at=at, detail={"number": opened.matter.number})
    except (Refused, NotHere):
        moving.remember(opened.matter, "alike", by=me, at=at, detail={"number": other.number})
        return f"?{other.number}"
    return other.number


# --- receipt -----------------------------------------------------------------------------------------------------------


def receipt_of(request: StaffRequest) -> dict[str, Any] | None:
    """What the cookie says, with what happens next; None after a quarter of an hour or in another browser."""
    said = request.get_signed_cookie(RECEIPT, default="", salt=str(request.me.session), max_age=RECEIPT_SECONDS)
    parts = said.split("|") if said else []
    if len(parts) != 5:
        return None
    number, word, pk, into, urgent = parts
    row = Matter.objects.filter(pk=pk).first() if pk else None
    found: dict[str, Any] = {"number": numbers.spoken(number), "word": word, "restricted": not pk, "into": numbers.spoken(into.lstrip("?")) if into else "", "merged": bool(into) and not into.startswith("?"),
                             "urgent": [w for w in urgent.split(",") if w], "m": row, "hotline": settings.HOTLINE, "at": timezone.localtime(request.now),
                             "at_window": any(p.role == "window_clerk" for p in request.me.posts)}
    if row is not None:
        names = lists.names_of(request.me, [row.home_desk, row.place_code])
        found |= {"home": names.get(row.home_desk, ""), "place": names.get(row.place_code, ""), "due": row.accept_due_at, "state": _(states.STATE_LABELS[State(row.state)])}
    return found


def receipt(request: StaffRequest) -> HttpResponse:
    """Number, word, what happens next, by when, by whom, whom to call."""
    need_intake(request.me)
    found = receipt_of(request)
    if found is None:
        messages.warning(request, _("回执只在登记后一刻钟内显示一次；编号可以在名单里查，口令不能再看。"))
        return HttpResponseRedirect(reverse("matter-list") + "?view=first")
    return render(request, "desk/matters/receipt.html", {**found, "crumbs": [(_("事情"), reverse("matter-list")), (_("回执"), "")]})


@county
def slip(request: StaffRequest) -> HttpResponse:
    """The slip as PDF: `?size=80` for the small printer, A5 otherwise."""
    need_intake(request.me)
    found = receipt_of(request)
    if found is None:
        return HttpResponseRedirect(reverse("matter-list") + "?view=first")
    small = request.GET.get("size") == "80"
    return as_pdf(printing.pdf("desk/matters/slip.html", {**printing.frame(request.me, request.now), **found, "small": small}), "receipt")

