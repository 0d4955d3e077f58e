"""介绍工作: two adults who both said yes. Invariants: a telephone is shown only after both said so; taking a yes back erases; the list says until when each is kept."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.actions import audit
from minqing.service import vault
from minqing.service.actions import pairings
from minqing.service.actions.pairings import Side
from minqing.service.models import Introduction
from minqing.service.queries import volunteers as queries
from minqing.service.refusals import Missing, Refused
from minqing.service.rules import volunteers as rules
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.things.asking import answer, at_once, or_404, text_field, words_field
from minqing.web.desk.volunteers import parts
from minqing.web.desk.volunteers.teams import way
from minqing.web.shared.middleware import StaffRequest


class IntroduceForm(forms.Form):
    words = words_field(_("什么活"), rows=2, most=300, help_text=_("如“茶厂炒茶，两个月，一天 200 元”。"))
    seeker_name = text_field(_("谁找活"), most=40)
    seeker_phone = text_field(_("他的电话"), most=24, inputmode="tel")
    seeker_born = parts.date_field(_("他的出生日期"), help_text=_("只介绍成年人。"))
    giver_name = text_field(_("谁有活"), most=40)
    giver_phone = text_field(_("有活的人的电话"), most=24, inputmode="tel")
    giver_born = parts.date_field(_("有活的人的出生日期"))


def listed(request: StaffRequest, team: uuid.UUID) -> HttpResponse:
    """All that have not been erased, and the form for one more."""
    me = request.me
    row = parts.team_or_404(team, me)
    form = IntroduceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        d = form.cleaned_data
        try:
            pairings.introduce(team=row.pk, words=d["words"], seeker=Side(d["seeker_name"], d["seeker_phone"], d["seeker_born"]), giver=Side(d["giver_name"], d["giver_phone"], d["giver_born"]), by=me, at=request.now)
        except Missing as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _now("记下了。两个人都问过、都同意了，再介绍。"))
            return redirect_to(row.pk)
    rows = list(Introduction.objects.filter(team=row).order_by("-opened_on", "-made_at")[:queries.MOST])
    audit.record("introduction.list", detail={"team": str(row.pk), "n": len(rows)})
    return render(request, "desk/volunteers/introductions.html", {"t": row, "form": form, "lines": [line(i) for i in rows], "days": rules.ERASE_DAYS, "how": parts.HOW_CHOICES, "crumbs": way(row, _now("介绍工作"))}, status=422 if form.errors else 200)


def redirect_to(team: uuid.UUID) -> HttpResponse:
    return HttpResponse(status=302, headers={"Location": reverse("introduction-list", args=[team])})


def line(i: Introduction) -> dict[str, Any]:
    both = i.seeker_consented_on is not None and i.giver_consented_on is not None
    sides = []
    for side, label, column, envelope, on, how in (("seeker", _now("找活"), queries.SEEKER, i.seeker_cipher, i.seeker_consented_on, i.seeker_how), ("giver", _now("有活"), queries.GIVER, i.giver_cipher, i.giver_consented_on, i.giver_how)):
        contact = queries.who(column, i.pk, envelope)
        sides.append({"side": side, "label": label, "name": contact.name, "phone": contact.phone if both else "", "on": on, "how": _now(dict(rules.CONSENT_HOW)[how]) if how else ""})
    return {"i": i, "words": vault.decrypt(queries.WORK_WORDS, i.pk, i.words_cipher), "sides": sides, "both": both, "outcome": _now(dict(Introduction.OUTCOMES)[i.outcome])}


class ConsentForm(forms.Form):
    how = parts.choice_field(_("怎么同意的"), parts.HOW_CHOICES)


def do(request: StaffRequest, introduction: uuid.UUID, what: str) -> HttpResponse:
    """seeker, giver (his yes), together, hired, no, erase."""
    me = request.me
    row = or_404(pairings.introduction, introduction, me)
    back = reverse("introduction-list", args=[row.team_id])
    crumbs = parts.crumbs((row.team.name, reverse("team", args=[row.team_id])), (_now("介绍工作"), back))
    if what in ("seeker", "giver"):
        name = queries.who(queries.SEEKER if what == "seeker" else queries.GIVER, row.pk, row.seeker_cipher if what == "seeker" else row.giver_cipher).name

        def consent(d: dict[str, Any]) -> str:
            pairings.consent(pk=row.pk, side=what, how=d["how"], by=me, at=request.now)
            messages.success(request, _now("记下了他的同意。"))
            return back
        says = [_now("问的话：愿意把您的姓名和电话告诉对方吗？"), _now("两个人都同意了才介绍；90 天后整条抹去。")]
        return answer(request, Ask(title=_now("他同意了"), ok=_now("记下同意"), back=back, says=says, about=name, crumbs=[*crumbs, (_now("他同意了"), "")]), ConsentForm(request.POST or None, initial={"how": "face"}), consent)
    if what == "erase":
        def erase(_data: dict[str, Any]) -> str:
            pairings.take_back(pk=row.pk, by=me)
            messages.success(request, _now("已抹去。"))
            return back
        return answer(request, Ask(title=_now("不同意了，抹去"), ok=_now("抹去"), back=back, says=[_now("整条马上抹去，找不回来。")], tone="danger", crumbs=[*crumbs, (_now("抹去"), "")]), parts.sure(request), erase)
    if request.method != "POST" or what not in ("together", "hired", "no"):
        raise Http404

    def act() -> str:
        if what == "together":
            pairings.bring_together(pk=row.pk, by=me, at=request.now)
            return _now("可以把对方的电话告诉两个人了。")
        pairings.outcome(pk=row.pk, outcome=what, by=me)
        return _now("记下了结果。")
    return at_once(request, act, back)
