"""预约: announced days of one's own place (一周一集中, 民情直通车), a time for oneself or whom one acts for, what one was answered.

Invariants: a resident sees of a day when, where, what about and which times are free, and of bookings his own alone; what was typed stays.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access import public
from minqing.access.models import Area
from minqing.access.queries import former
from minqing.archives.models import Placement, Resident
from minqing.archives.queries import own as files
from minqing.contact.actions import bookings
from minqing.contact.actions.bookings import Wish
from minqing.contact.models import Booking, ContactDay
from minqing.contact.queries import days as queries
from minqing.contact.refusals import Missing, Refused
from minqing.contact.rules import days as rules
from minqing.contact.rules.days import Kind, State, Turn
from minqing.web.portal.forms import WIDE
from minqing.web.portal.middleware import PortalRequest, residents_only

USING = "resident"
TONES = {Turn.BOOKED: "ind", Turn.HERE: "och", Turn.CALLED: "och", Turn.HEARD: "och", Turn.DONE: "bam", Turn.ABSENT: "", Turn.OFF: ""}
MOST_PUBLISHED = 4


def when_of(row: ContactDay) -> str:
    return f"{date_format(row.day, _now('n月j日'))} {date_format(row.day, 'l')} {timezone.localtime(row.starts_at):%H:%M}–{timezone.localtime(row.ends_at):%H:%M}"


def title_of(row: ContactDay) -> str:
    return _now(rules.KIND_LABELS[Kind(row.kind)]) + (f" · {row.subject}" if row.subject else "")


def published(area: Area, using: str) -> list[public.Row]:
    """Announced days of an area and of what lies above it, the next ones."""
    codes = [area.code[:n] for n in (6, 9, 12) if n <= len(area.code)]
    rows = ContactDay.objects.using(using).filter(area_code__in=former(codes), state=State.ANNOUNCED, day__gte=timezone.localdate(), ends_at__gt=timezone.now()).only("id", "kind", "day", "starts_at", "ends_at", "place", "subject").order_by("day", "starts_at")[:MOST_PUBLISHED]
    return [public.Row(title_of(r), r.place, when=when_of(r), url=reverse("portal-days")) for r in rows]


public.publish(public.Section("bookable", "可以约的日子", published, ("village", "town", "county"), "近期没有。", 30))


class BookForm(forms.Form):
    record = forms.UUIDField(widget=forms.HiddenInput)
    slot = forms.ChoiceField(label=_("几点"), widget=forms.RadioSelect, error_messages={"required": _("请选一个时间。"), "invalid_choice": _("这个时间刚被约满，请换一个时间。")})
    person = forms.ChoiceField(label=_("给谁约"), choices=[], widget=forms.Select(WIDE))
    phone = forms.CharField(label=_("电话"), max_length=24, widget=forms.TextInput({**WIDE, "inputmode": "tel"}), error_messages={"required": _("请写电话，改日子、答复时用。")})
    about = forms.CharField(label=_("来说什么"), max_length=rules.MOST_ABOUT, required=False, widget=forms.TextInput(WIDE), help_text=_("一句话就行，如“宅基地”。反映工作人员的请用“说件事”，不写在这里。"))
    alone = forms.BooleanField(label=_("不要打家里，只告诉我"), required=False)

    def __init__(self, *args: Any, people: list[Resident], slots: list[tuple[str, str]], timed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [(str(p.pk), p.name) for p in people]  # type: ignore[attr-defined]
        if timed:
            self.fields["slot"].choices = slots  # type: ignore[attr-defined]
        else:
            del self.fields["slot"]


def open_days(request: PortalRequest) -> list[ContactDay]:
    """Announced days of the places where he, or whom he acts for, is registered or lives."""
    grids = Placement.objects.using(USING).filter(person__in=request.visitor.persons, ends_on=None).values_list("grid_code", flat=True)
    codes = {g[:n] for g in grids for n in (6, 9, 12)}
    rows = ContactDay.objects.using(USING).filter(area_code__in=former(codes), state=State.ANNOUNCED, day__gte=timezone.localdate(request.now), ends_at__gt=request.now)
    return list(rows.only("id", "area_code", "kind", "day", "starts_at", "ends_at", "place", "subject", "slot_minutes", "capacity", "state").order_by("day", "starts_at")[:20])


def mine(request: PortalRequest) -> list[dict[str, Any]]:
    rows = list(Booking.objects.using(USING).filter(account=request.visitor.account).only("id", "day_id", "slot_at", "state", "answer_by", "answered_at", "booked_at", "outcome", "outcome_cipher").order_by("-booked_at")[:10])
    held = {d.pk: d for d in ContactDay.objects.using(USING).filter(pk__in=[r.day_id for r in rows]).only("id", "kind", "day", "starts_at", "ends_at", "place", "subject")}
    found = []
    for r in rows:
        day = held.get(r.day_id)
        if day is not None:
            answered = r.state in (Turn.DONE, Turn.HEARD) and day.kind == Kind.LEADER
            found.append({"id": r.pk, "title": title_of(day), "when": f"{date_format(day.day, _now('n月j日'))} {timezone.localtime(r.slot_at):%H:%M}" if r.slot_at else when_of(day), "place": day.place, "state": _now(rules.TURN_LABELS[Turn(r.state)]), "tone": TONES[Turn(r.state)],
                          "words": queries.words_of(r) if answered else "", "by": r.answer_by if r.state == Turn.HEARD else None, "may_off": r.state == Turn.BOOKED})
    return found


@residents_only
def listed(request: PortalRequest) -> HttpResponse:
    """Days one can book, and what one has booked."""
    people = files.people(request.visitor)
    days = [{"url": reverse("portal-day", args=[d.pk]), "title": title_of(d), "when": when_of(d), "place": d.place} for d in open_days(request)] if people else []
    return render(request, "portal/days.html", {"linked": bool(people), "days": days, "mine": mine(request) if people else []})


@residents_only
def book(request: PortalRequest, contactday: uuid.UUID) -> HttpResponse:
    people = files.people(request.visitor)
    row = next((d for d in open_days(request) if d.pk == contactday), None)
    if row is None or not people:
        raise Http404(_now("没有这一天，或现在不能预约。"))
    slots = [(s.at.isoformat(), f"{timezone.localtime(s.at):%H:%M}") for s in queries.slots(row, using=USING, at=request.now) if (s.free and not s.past) or s.at.isoformat() == request.POST.get("slot")]
    form = BookForm(request.POST or None, people=people, slots=slots, timed=bool(row.slot_minutes), initial={"record": uuid.uuid4(), "person": str(people[0].pk), "phone": files.clear(people[0], "phone", masked=False)})
    if request.method == "POST" and form.is_valid():
        d = form.cleaned_data
        who = next(p for p in people if str(p.pk) == d["person"])
        wish = Wish(who.name, d["phone"], about=d["about"], slot=datetime.fromisoformat(d["slot"]) if d.get("slot") else None, alone=d["alone"], person=who.pk)
        try:
            bookings.book_own(id=d["record"], day=row.pk, wish=wish, visitor=request.visitor, at=request.now)
        except Missing as lacking:
            form.add_error(lacking.field if lacking.field in form.fields else None, str(lacking))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _now("约好了。那天请早一点到。"))
            return HttpResponseRedirect(reverse("portal-days"))
    return render(request, "portal/day.html", {"form": form, "title": title_of(row), "when": when_of(row), "place": row.place, "none": bool(row.slot_minutes) and not slots, "leader": row.kind == Kind.LEADER}, status=422 if form.errors else 200)


@residents_only
def off(request: PortalRequest, booking: uuid.UUID) -> HttpResponse:
    """He does not come: his time is free again."""
    if request.method != "POST":
        raise Http404
    try:
        bookings.take_back(booking=booking, by=request.visitor)
        messages.success(request, _now("取消了。"))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("portal-days"))
