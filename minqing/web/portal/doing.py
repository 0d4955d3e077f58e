"""办件事: what is done for people here, from the catalogue: who may, what to bring, what the file already holds, how long, who goes.

Invariants: the list is the catalogue's row of the narrowest area and nothing else; of the file it says only to its owner what it holds, and
nothing of level 4; an errand begun here is the same errand as at every other door (own.say, access.start_own_errand).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access import public
from minqing.access.models import Area
from minqing.access.words import lasting
from minqing.archives.models import Household, Membership, Resident
from minqing.archives.queries import own as files
from minqing.archives.rules import items as archive_items
from minqing.service.actions import own
from minqing.service.models import CatalogueItem
from minqing.service.queries import catalogue as queries
from minqing.service.refusals import Missing, Refused
from minqing.service.rules import catalogue
from minqing.web.portal import matters
from minqing.web.portal.forms import WIDE
from minqing.web.portal.middleware import PortalRequest, everybody

USING = "resident"
HELPED_BY = ("window_clerk", "village_clerk", "village_secretary")


class ErrandForm(forms.Form):
    """For whom, how to call back, and what there is to say beyond the item itself."""

    person = forms.ChoiceField(label=_("给谁办"), choices=[], widget=forms.Select(WIDE))
    name = forms.CharField(label=_("您怎么称呼"), max_length=50, widget=forms.TextInput({**WIDE, "autocomplete": "name"}), error_messages={"required": _("请写您怎么称呼。")})
    phone = forms.CharField(label=_("给您回话的电话"), max_length=20, widget=forms.TextInput({**WIDE, "inputmode": "tel", "autocomplete": "tel"}), error_messages={"required": _("请留一个电话，好约上门的时间。")})
    words = forms.CharField(label=_("还要说明的"), max_length=500, required=False, widget=forms.Textarea({**WIDE, "rows": 3}), help_text=_("如：走不动，请上门；下午在家。可以不写。"))

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if people:
            self.fields["person"].choices = people  # type: ignore[attr-defined]
            if len(people) == 1:  # nobody to choose among: not asked
                self.fields["person"].widget = forms.HiddenInput()
        else:
            del self.fields["person"]


@dataclass(frozen=True)
class Material:
    """One paper. `held`: what the file says it has already, from whom and of when; `stale`: it has it, but too old."""

    name: str
    form: str
    copies: int
    held: str = ""
    stale: str = ""


def materials(item: CatalogueItem, row: Resident | None, on: date) -> list[Material]:
    home = None
    found = []
    for m in item.materials:
        field = m.get("held") or ""
        held = stale = ""
        table, _dot, name = field.partition(".")
        source: Any = None
        if row is not None and table == "resident" and name in archive_items.ITEMS and files.clear(row, name, masked=True):
            source = row.sources.get(name) or {}
        elif row is not None and table == "household":
            home = home or Household.objects.using(USING).filter(pk__in=Membership.objects.using(USING).filter(person=row, ends_on=None, voided_at=None).values("household")).first()
            source = (home.sources.get(name) or {}) if home is not None and getattr(home, name, None) else None
        if source is not None:
            day = str(source.get("on") or "")
            words = " ".join(x for x in (archive_items.source_label(source["from"]) if source.get("from") else "", day) if x) or _now("档案")
            fresh = not (m.get("days") and day) or date.fromisoformat(day) + timedelta(days=int(m["days"])) >= on
            held, stale = (words, "") if fresh else ("", words)
        found.append(Material(m["name"], _now(catalogue.FORMS[m["form"]]) if m.get("form") in catalogue.FORMS else "", int(m.get("copies") or 1), held, stale))
    return found


@everybody
def do(request: PortalRequest) -> HttpResponse:
    """The list, by topic; `?q=` narrows it by words; and who helps."""
    place = matters.place_of(request)
    if place is None:
        return matters.where(request)
    words = " ".join(request.GET.get("q", "").split())[:20]
    rows = [i for i in queries.items_at(place.code, timezone.localdate(request.now), using=USING) if not words or words in i.name or words in i.who or words in _now(catalogue.TOPICS[i.topic])]
    topics = [(_now(catalogue.TOPICS[topic]), list(items)) for topic, items in groupby(rows, key=lambda i: i.topic)]
    town = Area.objects.using(USING).filter(pk=place.code[:9]).first()
    windows = [o for a in (place, town) if a is not None for o in public.officers(a) if o.role in HELPED_BY]
    return render(request, "portal/do.html", {"place": place, "topics": topics, "n": len(rows), "q": words, "windows": windows})


@everybody
def item(request: PortalRequest, code: str) -> HttpResponse:
    """One thing: everything one has to know, and one press to have it done."""
    place = matters.place_of(request)
    if place is None:
        return matters.where(request)
    on = timezone.localdate(request.now)
    found = queries.item_at(code, place.code, on, using=USING)
    if found is None:
        raise Http404
    people = matters.people(request)
    row = next(iter(files.people(request.visitor)), None) if request.visitor.selves else None
    initial = {"person": people[0][0] if people else "", "name": row.name if row else "", "phone": files.clear(row, "phone", masked=False) if row else ""}
    form = ErrandForm(request.POST or None, people=people, initial=initial)
    by_agent = "agent" in found.channels or "home" in found.channels
    if request.method == "POST" and not by_agent:  # nobody goes for it: the page has no form
        raise Http404
    if request.method == "POST" and form.is_valid():
        d = form.cleaned_data
        chosen = uuid.UUID(d["person"]) if d.get("person") else None
        said = own.Saying(
            words=lasting("请代办：%s。") % found.name + d["words"].strip(), kind="errand", place=place.code, name=d["name"], phone=d["phone"], for_person=chosen,
            for_name=dict(people).get(str(chosen), "") if chosen and chosen not in request.visitor.selves else "", item=found)
        try:
            receipt = own.say(said, visitor=request.visitor, at=request.now)
        except Missing as lacking:
            form.add_error(lacking.field if lacking.field in form.fields else None, str(lacking))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return matters.done(request, receipt, place, False)
    return render(request, "portal/item.html", {
        "place": place, "i": found, "form": form, "linked": row is not None, "materials": materials(found, row, on), "topic": _now(catalogue.TOPICS[found.topic]),
        "channels": [_now(catalogue.CHANNELS[c]) for c in found.channels if c in catalogue.CHANNELS], "by_agent": by_agent,
    }, status=422 if form.errors else 200)
