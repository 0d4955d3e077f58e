"""还等着走访的户: doors that wait by hamlet and what a visitor needs there; asking somebody along; grave news; a county's own intervals.

Invariants: why a family is due only as far as the list of what is due tells it; what grave thing happened stands in the household's file alone;
no counts per colleague.
"""

from __future__ import annotations

import uuid
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me, NotAllowed
from minqing.archives.models import Household
from minqing.contact.actions import waiting
from minqing.contact.models import DoorAsk, TransferEvent
from minqing.contact.queries import due
from minqing.contact.queries import waiting as queries
from minqing.contact.rules import intervals
from minqing.service.actions.volunteers import leads_of
from minqing.web.desk.archives import reads
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.archives.choosing import household_or_404
from minqing.web.desk.things.asking import answer, at_once, text_field
from minqing.web.desk.things.work import Waiting
from minqing.web.desk.volunteers.parts import choice_field
from minqing.web.shared.middleware import StaffRequest

MOST = 150


def places(me: Me) -> list[Area]:
    """Villages and grids he looks after; the grids of a village beside it."""
    found = [a for a in reads.posts_of(me) if any(a.code.startswith(c) for c in me.codes) and len(a.code) >= 12]
    return [*found, *reads.grids_under(found[0].code)] if len(found) == 1 and len(found[0].code) == 12 else found


def page(request: StaffRequest) -> HttpResponse:
    """`?place=`, `?need=`: by hamlet, in walking order; whom one has asked along and what he said. The list of what is due writes down that it was read."""
    me = request.me
    me.require(Right.PEOPLE, next(iter(me.codes), ""))
    choices = places(me)
    asked = request.GET.get("place", "")
    place = asked if any(a.code == asked for a in choices) else (choices[0].code if choices else "")
    if not place:
        return render(request, "desk/contact/waiting.html", {"wide": True})
    doors = queries.doors(due.of_place(me, place, on=timezone.localdate(request.now)), queries.of_place(place))
    need = request.GET.get("need", "")
    labels = dict(DoorAsk.NEEDS)
    chosen = [d for d in doors if not need or need in d.line.needs or (need == "asked" and d.asks)]
    address = reverse("visit-waiting") + f"?place={place}"
    tabs = [("", _now("全部")), *((k, _now(labels[k])) for k in intervals.NEEDS), ("asked", _now("请了人的"))]
    count = {k: sum(1 for d in doors if not k or k in d.line.needs or (k == "asked" and d.asks)) for k, _label in tabs}
    shown = chosen[:MOST]
    return render(request, "desk/contact/waiting.html", {
        "places": [{"code": a.code, "name": a.short_name, "current": a.code == place} for a in choices], "place": place, "may_write": me.holds(Right.WRITE), "more": len(chosen) - len(shown), "n": len(doors), "carried": intervals.carried_label(timezone.localdate(request.now)),
        "tabs": [{"label": label, "url": address + (f"&need={k}" if k else ""), "current": k == need, "count": count[k]} for k, label in tabs if count[k] or not k],
        "groups": [(name, list(rows)) for name, rows in groupby(sorted(shown, key=lambda d: (not d.line.natural_village, d.line.natural_village)), key=lambda d: d.line.natural_village)],
    })


# --- asking somebody along -------------------------------------------------------------------------------------------------------------


class AskForm(forms.Form):
    need = choice_field(_("要什么帮手"), [(k, _(v)) for k, v in DoorAsk.NEEDS])
    asked = choice_field(_("请谁"), [])
    words = text_field(_("一句话"), most=200, required=False, help_text=_("如“星期四晚上七点，一起去”。不写病情和救助。"))

    def __init__(self, *args: Any, colleagues: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["asked"].choices = [("", _("请选择")), *colleagues]  # type: ignore[attr-defined]


def visits_of(home: Household) -> str:
    return reverse("household-file", kwargs={"household": home.pk}) + "?tab=visits"


def crumbs(home: Household, title: str) -> list[tuple[str, str]]:
    return [(home.head_name, visits_of(home)), (title, "")]


def ask(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    me = request.me
    home = household_or_404(household)
    me.require(Right.WRITE, home.grid_code)
    form = AskForm(request.POST or None, colleagues=[(str(pk), name) for pk, name in leads_of(home.grid_code[:12], me) if pk != me.id], initial={"need": next(iter(intervals.needs(home.caution)), "")})

    def do(d: dict[str, Any]) -> str:
        waiting.ask(household=home, need=d["need"], asked=uuid.UUID(d["asked"]), words=d["words"], by=me, at=request.now)
        messages.success(request, _now("已经请了，等他答复。"))
        return reverse("visit-waiting")

    title = _now("请人帮忙上门")
    says = [_now("他看到户主姓名、门牌、要什么帮手和您写的一句话，不打开户档。"), _now("去不去由他说；去不了也没关系，再请别人。")]
    return answer(request, Ask(title=title, ok=_now("请他"), back=visits_of(home), says=says, about=f"{home.head_name} {home.natural_village}{home.door}", crumbs=crumbs(home, title), more={"help_route": "visit-waiting"}), form, do)


def asks(request: StaffRequest) -> HttpResponse:
    """What I am asked: yes or no."""
    found = queries.mine(request.me)
    if found:
        audit.record("visit.waiting", detail={"rows": len(found)})
    return render(request, "desk/contact/asks.html", {"rows": found})


@require_POST
def reply(request: StaffRequest, doorask: uuid.UUID) -> HttpResponse:
    """Yes, no, or (by who asked) done."""
    what = request.POST.get("what", "")

    def do() -> str:
        if what == "end":
            waiting.end(ask_=doorask, by=request.me, at=request.now)
            return _now("了结了。")
        waiting.answer(ask_=doorask, yes=what == "yes", by=request.me, at=request.now)
        return _now("答复了，请您的人会看到。")

    return at_once(request, do, reverse("visit-waiting") if what == "end" else reverse("door-asks"))


# --- grave news ------------------------------------------------------------------------------------------------------------------------


class NewsForm(forms.Form):
    kind = choice_field(_("什么变故"), [(k, _(v)) for k, v in waiting.KINDS.items()])
    words = text_field(_("一句话"), most=200, required=False)
    when = forms.DateTimeField(label=_("什么时候知道的"), required=False, widget=forms.DateTimeInput({"class": "ctl", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"), help_text=_("不写就是现在。"))


def news(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    """A death, a fire, an illness, a job lost: somebody goes within a day."""
    me = request.me
    home = household_or_404(household)
    me.require(Right.WRITE, home.grid_code)
    form = NewsForm(request.POST or None)

    def do(d: dict[str, Any]) -> str:
        waiting.tell_news(household=home, kind=d["kind"], words=d["words"], happened=d["when"] or request.now, by=me, at=request.now)
        messages.success(request, _now("记下了：这一户一天内该有人去看。"))
        return visits_of(home)

    title = _now("家里有变故")
    says = [_now("名单和手机上只写“家里有变故，一天内去看”，不写是什么事。"), _now("去看过、记了走访，就不再催。"), _now("有危险先打 110、119、120。")]
    return answer(request, Ask(title=title, ok=_now("记下"), back=visits_of(home), says=says, about=f"{home.head_name} {home.natural_village}{home.door}", crumbs=crumbs(home, title), more={"help_route": "visit-waiting"}), form, do)


@require_POST
def void_news(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    """It was not so."""
    home = household_or_404(household)
    try:
        which = uuid.UUID(request.POST.get("news", ""))
    except ValueError:
        return HttpResponseRedirect(visits_of(home))

    def do() -> str:
        waiting.void_news(news=which, by=request.me, at=request.now)
        return _now("已去掉。")

    return at_once(request, do, visits_of(home))


# --- a county's own --------------------------------------------------------------------------------------------------------------------


def counties(me: Me) -> list[str]:
    return sorted({p.area for p in me.posts if len(p.area) == 6 and Right.CATALOGUE in ROLES[p.role].rights})


def settings(request: StaffRequest) -> HttpResponse:
    """How often a household is visited: the program's proposal, and what the county has set instead."""
    me = request.me
    own = counties(me)
    if not own:
        raise NotAllowed(_now("走访间隔由县受理中心来定。"))
    wrong: dict[str, str] = {}
    if request.method == "POST":
        code, days = request.POST.get("code", ""), request.POST.get("days", "").strip()
        if "back" in request.POST or days.isdigit():
            return at_once(request, lambda: _set(request, own[0], code, None if "back" in request.POST else int(days[:4])), reverse("visit-intervals"))
        wrong = {"code": code, "days": days, "said": _now("请写天数，1 到 366。")}
    rows = [{"i": i, "own": row, "label": intervals.label(i.code), "days": wrong["days"] if wrong and wrong["code"] == i.code else row.days if row else i.days, "phone": row.phone if row else i.phone, "helper": row.helper if row else i.helper,
             "once": i.code in intervals.ONCE, "wrong": wrong["said"] if wrong and wrong["code"] == i.code else ""} for i, row in queries.settings_of(own[0])]
    return render(request, "desk/contact/intervals.html", {"rows": rows, "county": Area.objects.filter(pk=own[0]).values_list("short_name", flat=True).first()}, status=422 if wrong else 200)


def _set(request: StaffRequest, county: str, code: str, days: int | None) -> str:
    waiting.set_interval(county=county, code=code, days=days, phone="phone" in request.POST, helper="helper" in request.POST, by=request.me, at=request.now)
    return _now("已恢复成原来的。") if days is None else _now("已保存，各村的名单马上照这个算。")


# --- the work desk ---------------------------------------------------------------------------------------------------------------------


def work(me: Me) -> list[Waiting]:
    """Asks that wait for my yes or no; a call to move that is open where I work."""
    if not me.holds(Right.INTAKE):
        return []
    return [
        Waiting(TransferEvent.objects.filter(closed_at=None), _now("%s 个村正在转移"), _now("防汛转移"), "cin", reverse("flood") if me.holds(Right.PEOPLE) or me.holds(Right.CONTACT) else reverse("flood-mine"), _now("打开名单")),
        Waiting(queries.asked_of(me), _now("%s 户请您帮忙上门，等回话"), _now("帮忙上门"), "och", reverse("door-asks"), _now("去答复"), _now("去不了也说一声，好另请人")),
    ]
