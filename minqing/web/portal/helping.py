"""请志愿者帮忙: a resident asks for himself or for whom he acts, and sees how far it is.

Invariants: the place is the file's own; what he sees of a request is the skill and the step, no name of anybody; what was typed stays.
"""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.archives.models import Resident
from minqing.archives.queries import own as files
from minqing.service.actions import volunteers
from minqing.service.actions.volunteers import Ask
from minqing.service.models import HelpRequest
from minqing.service.refusals import Missing, Refused
from minqing.service.rules import volunteers as rules
from minqing.service.rules.volunteers import Help
from minqing.web.portal.forms import WIDE
from minqing.web.portal.middleware import PortalRequest, residents_only

USING = "resident"
TONES = {Help.OPEN: "och", Help.GIVEN: "och", Help.ACCEPTED: "ind", Help.DONE: "bam", Help.WITHDRAWN: ""}


class HelpForm(forms.Form):
    skill = forms.ChoiceField(label=_("要什么帮手"), choices=[("", _("请选择")), *((k, _(v)) for k, v in rules.SKILL_CHOICES)], widget=forms.Select(WIDE), error_messages={"required": _("请选要什么帮手。")})
    words = forms.CharField(label=_("要帮什么"), max_length=500, widget=forms.Textarea({**WIDE, "rows": 3}), help_text=_("一句话，如“厨房水龙头漏水”。"), error_messages={"required": _("请写一句要帮什么。")})
    person = forms.ChoiceField(label=_("给谁帮忙"), choices=[], widget=forms.Select(WIDE))
    phone = forms.CharField(label=_("电话"), max_length=24, required=False, widget=forms.TextInput({**WIDE, "inputmode": "tel"}))
    door = forms.CharField(label=_("门牌"), max_length=120, required=False, widget=forms.TextInput(WIDE))
    since = forms.DateField(label=_("最早哪天"), required=False, widget=forms.DateInput({**WIDE, "type": "date"}), error_messages={"invalid": _("请写成 2026-12-01 这样的日期。")})
    until = forms.DateField(label=_("最晚哪天"), required=False, widget=forms.DateInput({**WIDE, "type": "date"}), error_messages={"invalid": _("请写成 2026-12-01 这样的日期。")})

    def __init__(self, *args: Any, people: list[Resident], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [(str(p.pk), p.name) for p in people]  # type: ignore[attr-defined]


@residents_only
def help_page(request: PortalRequest) -> HttpResponse:
    """Ask, and what was asked before."""
    people = files.people(request.visitor)
    first = people[0] if people else None
    initial = {"person": str(first.pk), "phone": files.clear(first, "phone", masked=False), "door": first.living_address} if first else {}
    form = HelpForm(request.POST or None, people=people, initial=initial)
    if request.method == "POST" and first is not None and form.is_valid():
        d = form.cleaned_data
        name = next(p.name for p in people if str(p.pk) == d["person"])
        wish = Ask(place="", skill=d["skill"], source="portal", name=name, words=d["words"], phone=d["phone"], door=d["door"], since=d["since"], until=d["until"], person=uuid.UUID(d["person"]))
        try:
            volunteers.ask_self(wish=wish, visitor=request.visitor, at=request.now)
        except Missing as lacking:
            form.add_error(lacking.field if lacking.field in form.fields else None, str(lacking))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _now("收到了。村里安排好，队长会先打电话给您。"))
            return HttpResponseRedirect(reverse("portal-help"))
    rows = HelpRequest.objects.using(USING).filter(account=request.visitor.account).only("id", "skill", "state", "made_at", "wanted_from", "wanted_to").order_by("-made_at")[:10]
    asked = [{"skill": _now(rules.SKILLS[r.skill]), "state": _now(rules.HELP_LABELS[Help(r.state)]), "tone": TONES[Help(r.state)], "on": r.made_at} for r in rows]
    return render(request, "portal/help.html", {"form": form, "linked": first is not None, "asked": asked}, status=422 if form.errors else 200)
