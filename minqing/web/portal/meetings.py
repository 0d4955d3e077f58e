"""What a village's page says of its meetings: those that were announced, and minutes while they hang; a resident who does not agree says so.

Invariant: everything here comes through definer functions that hand out announced titles and texts without names; who is not logged in is
told where to say it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from django import forms
from django.conf import settings
from django.db import connections
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access import public
from minqing.access.models import Area
from minqing.access.public import Row
from minqing.contact.actions import minutes as actions
from minqing.contact.rules import meetings as rules
from minqing.web.portal.middleware import PortalRequest, everybody
from minqing.web.portal.public_pages import area_or_404, leads_on


def announced(area: Area, using: str) -> Sequence[Row]:
    """When, where, about what."""
    with connections[using].cursor() as cursor:
        cursor.execute('select kind, title, starts_at, ends_at, "where", items from access.public_meetings(%s)', [area.code])
        return [Row(title, f"{when(starts, ends)} {where}　" + "；".join(f"{n}. {item}" for n, item in enumerate(items, 1))) for _kind, title, starts, ends, where, items in cursor.fetchall()]


def when(starts: datetime, ends: datetime) -> str:
    start, end = timezone.localtime(starts), timezone.localtime(ends)
    return f"{date_format(start, _now('Y年n月j日'))} {date_format(start, 'l')} {start:%H:%M}–{end:%H:%M}"


def hanging(area: Area, using: str) -> Sequence[Row]:
    """Minutes that hang today, each on its own page."""
    return [Row(title, _now("%(kind)s，公示到 %(day)s") % {"kind": rules.LABELS[kind], "day": ends}, url=reverse("portal-meeting", kwargs={"code": area.code, "meeting": number})) for number, kind, title, _held, _body, _starts, ends in rows_of(area.code, using)]


def rows_of(code: str, using: str) -> list[tuple[uuid.UUID, str, str, date, str, date, date]]:
    with connections[using].cursor() as cursor:
        cursor.execute("select id, kind, title, held_on, body, starts_on, ends_on from access.public_minutes(%s)", [code])
        return [tuple(row) for row in cursor.fetchall()]


public.publish(public.Section("meetings", "要开的会", announced, ("village", "town"), "近期没有。", 30))
public.publish(public.Section("minutes", "会议公示", hanging, ("village", "town"), "现在没有。", 31))


class ObjectForm(forms.Form):
    words = forms.CharField(label=_("对哪里有异议，为什么"), max_length=rules.MOST_WORDS, min_length=4, widget=forms.Textarea({"rows": 4, "class": "ctl"}), error_messages={"required": _("请写对哪里有异议。"), "min_length": _("请写明白一点，至少四个字。")})
    name = forms.CharField(label=_("怎么称呼您"), max_length=50, required=False, widget=forms.TextInput({"class": "ctl"}))
    phone = forms.CharField(label=_("电话"), max_length=30, required=False, widget=forms.TextInput({"class": "ctl", "inputmode": "tel"}))


SAID = {"often": _("今天提得太多了，请打电话或到村里说。"), "over": _("公示期已经过了，请用“说件事”告诉我们。")}


@everybody
def minutes(request: PortalRequest, code: str, meeting: uuid.UUID) -> HttpResponse:
    """The text, until its last day; an objection by who is logged in."""
    if (moved := leads_on(request, code, "portal-meeting", meeting=meeting)) is not None:
        return moved
    area = area_or_404(code)
    row = next((r for r in rows_of(area.code, "resident") if r[0] == meeting), None)
    if row is None:
        raise Http404
    known = request.visitor.account is not None
    form, said = ObjectForm(request.POST if request.method == "POST" and known else None), False
    if request.method == "POST" and known and form.is_valid():
        answer = actions.object_online(meeting=meeting, words=form.cleaned_data["words"], name=form.cleaned_data["name"], phone=form.cleaned_data["phone"])
        said = answer == "said"
        if not said:
            form.add_error(None, str(SAID[answer]))
    return render(request, "portal/meeting.html", {
        "area": area, "title": row[2], "kind": rules.LABELS[row[1]], "held": row[3], "body": row[4], "ends": row[6], "form": form, "known": known, "said": said, "hotline": settings.HOTLINE,
    }, status=422 if form.errors else 200)
