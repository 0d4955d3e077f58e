"""Acts on a dwelling: record it, correct it, who lives in it since when and until when."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.archives.actions import dwellings, households
from minqing.archives.models import Dwelling, Household, Occupancy
from minqing.archives.refusals import Refused
from minqing.web.desk.archives import choosing, forms
from minqing.web.desk.archives.answering import Ask, answer, back_to, done
from minqing.web.desk.archives.choosing import household_or_404
from minqing.web.desk.archives.household_acts import ask as ask_household
from minqing.web.desk.archives.household_acts import file_url as household_url
from minqing.web.shared.middleware import StaffRequest


def dwelling_or_404(number: uuid.UUID) -> Dwelling:
    row = Dwelling.objects.filter(pk=number, voided_at=None).first()
    if row is None:
        raise Http404
    return row


def home_of(d: Dwelling) -> str:
    """The page of a household that lives there, else the list."""
    h = Household.objects.filter(dwelling=d, voided_at=None).order_by("state").first()
    return household_url(h) + "?tab=dwelling" if h else reverse("household-list")


def new(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    h = household_or_404(household)
    form = forms.DwellingForm(request.POST or None, initial={"address": h.address, "natural_village": h.natural_village, "doorplate": h.door})
    page = ask_household(h, _("登记住房"), _("登记"), _("登记后与本户相连；面积和产权由自然资源部门的文件归集而来，这里不填。"), _("十分钟内可以撤回。"))

    def do(data: dict[str, Any]) -> str:
        data.pop("version", None)
        made = dwellings.create(grid=h.grid_code, by=request.me, at=request.now, **kept(data))
        households.link_dwelling(household=h, dwelling=made, by=request.me, at=request.now)
        return household_url(h) + "?tab=dwelling"

    return answer(request, page, form, do)


def change(request: StaffRequest, dwelling: uuid.UUID) -> HttpResponse:
    d = dwelling_or_404(dwelling)
    start = {name: getattr(d, name) for name in forms.DWELLING_FIELDS} | {"version": d.version}
    form = forms.DwellingForm(request.POST or None, initial=start)
    back = home_of(d)
    page = Ask(title=_("更正住房"), ok=_("保存"), back=back, about=d.address, crumbs=[(_("户档"), back), (_("更正住房"), "")], says=(_("面积、产权以自然资源部门的为准，这里不改。"), _("十分钟内可以撤回。")))

    def do(data: dict[str, Any]) -> str:
        seen = data.pop("version", None)
        changed = {k: v for k, v in kept(data).items() if v != getattr(d, k)}
        dwellings.change(dwelling=d, seen_version=seen, by=request.me, at=request.now, **changed)
        return back

    return answer(request, page, form, do)


def kept(data: dict[str, Any]) -> dict[str, Any]:
    """Numbers stay numbers, empty words stay empty words."""
    return {k: v for k, v in data.items() if v is not None or k in ("floors", "built_year")}


def occupant(request: StaffRequest, dwelling: uuid.UUID) -> HttpResponse:
    d = dwelling_or_404(dwelling)
    back = home_of(d)
    found = choosing.found_people(request)
    form = forms.OccupantForm(request.POST if "on" in request.POST else None, today=timezone.localdate(request.now), people=found)
    page = Ask(title=_("登记谁住在这里"), ok=_("登记"), back=back, about=d.address, crumbs=[(_("户档"), back), (_("登记谁住在这里"), "")], says=(_("人和房各是一份档案，这里登记的是两者的关系。"),), more=choosing.context(request, "person", found))

    def do(data: dict[str, Any]) -> str:
        dwellings.start(dwelling=d, person=uuid.UUID(data["person"]), kind=data["kind"], on=data["on"], by=request.me, at=request.now)
        return back

    return answer(request, page, form, do)


@require_POST
def end(request: StaffRequest, occupancy: uuid.UUID) -> HttpResponse:
    row = Occupancy.objects.filter(pk=occupancy, voided_at=None).select_related("dwelling").first()
    if row is None:
        raise Http404
    try:
        dwellings.end(occupancy=row, on=timezone.localdate(request.now), by=request.me, at=request.now)
    except Refused:
        return done(request, back_to(request, reverse("home")))
    return done(request, home_of(row.dwelling))
