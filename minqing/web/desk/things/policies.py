"""政策找人 on the desk: whom to tell this month, what to say, what came of it; numbers for a town; the rules.

Invariants: the sentence 先说这一句 stands before any button that opens a card; of a level-4 condition a list says "有一项政策" unless
the database gives the caller the reason; nothing here counts persons against each other.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me, NotAllowed
from minqing.service.actions import items, offers
from minqing.service.queries import catalogue
from minqing.service.queries import offers as lists
from minqing.service.refusals import NotHere, Refused
from minqing.service.rules import entitlements, numbers
from minqing.service.rules.entitlements import Rule
from minqing.web.desk.archives.answering import Ask, done, offer_undo
from minqing.web.desk.things.asking import CTL, answer, radio_field, text_field, words_field
from minqing.web.shared.middleware import StaffRequest

TABS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("", _("该找的人"), ("found",)), ("told", _("已告诉"), ("told",)), ("opened", _("在代办"), ("opened",)), ("declined", _("不需要"), ("declined",)), ("done", _("已办成"), ("done",)), ("wrong", _("情况不对"), ("wrong", "gone")),
)

#: A county's officer chooses among so many villages; the figures page is his way in.
MOST_PLACES = 400


def places_of(me: Me) -> list[Area]:
    """Villages or grids of the caller's own posts that open files."""
    own = [Q(pk=code) if len(code) >= 12 else Q(level="village", pk__gte=code, pk__lt=code + ":") for code in me.codes]
    return list(Area.objects.filter(reduce(or_, own), closed_on=None).order_by("pk")[:MOST_PLACES]) if own else []


def chosen(request: StaffRequest, places: list[Area]) -> Area:
    """The place of the address, or the one in which it lies: a household's file knows its grid, its reader may hold the village."""
    wanted = request.GET.get("place", "")
    return next((a for a in places if wanted.startswith(a.code)), places[0])


def policy_list(request: StaffRequest) -> HttpResponse:
    """`?place=&rule=&tab=&after=`."""
    me = request.me
    if not me.holds(Right.WRITE):
        if me.holds(Right.FIGURES):
            return HttpResponseRedirect(reverse("policy-figures"))
        raise NotAllowed(_now("您的任职不打开户档，所以这里没有名单。"))
    places = places_of(me)
    if not places:
        raise NotAllowed(_now("您的任职不打开户档，所以这里没有名单。"))
    place = chosen(request, places)
    tab = request.GET.get("tab", "")
    states = next((s for key, _label, s in TABS if key == tab), ("found",))
    rule = request.GET.get("rule", "")[:24]
    after = int(request.GET["after"]) if request.GET.get("after", "").isdigit() else 0
    lines, more = lists.listed(me, place.code, on=timezone.localdate(request.now), rule=rule, states=states, after=after)
    audit.record("offer.list", persons=[x.person.pk for x in lines], detail={"place": place.code})
    offer_undo(request)
    counts = lists.counts(place.code)
    names = {r.code: r.name for r in catalogue.rules_at(place.code[:12])}
    rules = sorted({code for code, state in counts if state in states})

    def url(**change: str) -> str:
        return "?" + urlencode({k: v for k, v in {"place": place.code, "tab": tab, "rule": rule, **change}.items() if v})

    context = {
        "lines": [card(x) for x in lines], "place": place, "many": len(places) > 1, "places": labels_of(places), "tab": tab, "rule": rule,
        "tabs": [{"label": label, "url": url(tab=key), "current": key == tab, "count": sum(n for (_r, s), n in counts.items() if s in wanted)} for key, label, wanted in TABS],
        "rules": [{"code": code, "label": _now("一项政策（不写原因）") if code == "-" else names.get(code, code), "n": sum(n for (r, s), n in counts.items() if r == code and s in states)} for code in rules],
        "next": url(after=str(after + lists.PAGE)) if more else "", "start": url() if after else "", "may_figures": me.holds(Right.FIGURES),
    }
    return render(request, "desk/things/policies.html", context)


def labels_of(areas: list[Area]) -> list[dict[str, str]]:
    """Codes and names for the choice of a place; a grid says its village too. One statement where there are grids."""
    above = {a.code[:12] for a in areas if len(a.code) > 12}
    villages = dict(Area.objects.filter(pk__in=above).values_list("pk", "short_name")) if above else {}
    return [{"code": a.code, "name": " · ".join(filter(None, (villages.get(a.code[:12]) if len(a.code) > 12 else "", a.short_name)))} for a in areas]


def card(x: lists.Line) -> dict[str, Any]:
    """One person and one policy as the page shows it."""
    o, rule = x.offer, x.rule
    state = o.state
    return {
        "o": o, "person": x.person, "age": x.age, "phone": x.phone, "grid": x.grid, "name": x.name, "hidden": x.hidden, "because": x.because, "first_say": rule.first_say if rule else "", "say": rule.say if rule else "",
        "source_doc": rule.source_doc if rule else "", "unsure": bool(rule and rule.unsure), "state": _now(entitlements.STATES[state]), "may_tell": state == "found", "may_open": bool(rule and rule.item) and state in entitlements.MOVES["open"],
        "may_decide": state in entitlements.MOVES["decline"], "errand_url": reverse("errand", args=[o.matter_id]) if o.matter_id and state in ("opened", "done") else "",
    }


class DeclineForm(forms.Form):
    why = words_field(_("本人怎么说"), rows=2, most=200)
    remember = radio_field(_("以后还问吗"), [(k, _(v)) for k, v in offers.REMEMBER.items()], initial="0")


class WrongForm(forms.Form):
    words = words_field(_("实际情况是怎样的"), rows=3, most=200, help_text=_("如“他在杭州单位参了保”“户口本上是 1968 年生”。"))


def do(request: StaffRequest, offer: uuid.UUID, what: str) -> HttpResponse:
    """tell and open at once; decline and wrong ask first."""
    if not request.me.holds(Right.WRITE):
        raise Http404
    try:
        row = offers.of(offer, request.me)
    except NotHere as error:
        raise Http404(str(error)) from error
    back = f"{reverse('policy-list')}?{urlencode({'place': place_of(request.me, row.grid_code), 'tab': request.POST.get('tab', '')})}"
    if what in ("tell", "open"):
        if request.method != "POST":
            raise Http404
        return at_once(request, offer, what, back)
    line = lists.line_of(row, timezone.localdate(request.now))
    if line is None or what not in ("decline", "wrong"):
        raise Http404
    titles = {"decline": (_now("本人不需要"), _now("记下"), _now("记下他怎么说，到日子才再问；不影响他以后再提。"), DeclineForm), "wrong": (_now("情况不对"), _now("记下，去核实"), _now("档案不会自动改；向这一项的部门提出核实，答复后再更正。"), WrongForm)}
    title, ok, says, form_class = titles[what]
    page = Ask(title=title, ok=ok, back=back, says=(says, _now("十分钟内可以撤回。")), crumbs=[(_now("政策找人"), reverse("policy-list")), (title, "")], about=f"{line.person.name} · {line.name}")
    form = form_class(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        if what == "decline":
            offers.decline(offer=offer, why=data["why"], remember=data["remember"], by=request.me, at=request.now)
        else:
            offers.wrong(offer=offer, words=data["words"], by=request.me, at=request.now)
        return done(request, back).headers["Location"]

    return answer(request, page, form, act)


def place_of(me: Me, grid: str) -> str:
    """The place of the caller's list in which this grid lies."""
    return next((a.code for a in places_of(me) if grid.startswith(a.code)), grid[:12])


def at_once(request: StaffRequest, offer: uuid.UUID, what: str, back: str) -> HttpResponse:
    try:
        if what == "tell":
            offers.tell(offer=offer, how=request.POST.get("how", "phone"), by=request.me, at=request.now)
            messages.success(request, _now("已记：告诉过本人了。"))
            return done(request, back)
        _row, made = offers.open_errand(offer=offer, by=request.me, at=request.now)
    except NotHere as error:
        raise Http404(str(error)) from error
    except (Refused, NotAllowed) as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(back)
    messages.success(request, _now("已开代办，编号 %(number)s，查询口令 %(word)s。请告诉本人；表格已从档案填好。") % {"number": numbers.spoken(made.matter.number), "word": made.word})
    return done(request, back)


# --- figures ----------------------------------------------------------------------------------------------------------------------


def figures(request: StaffRequest) -> HttpResponse:
    """How many, by policy and by village: no names, small numbers of a policy not shown."""
    me = request.me
    areas = [p.area for p in me.posts if Right.FIGURES in ROLES[p.role].rights]
    if not areas:
        raise NotAllowed(_now("您的任职不含汇总数。"))
    wanted = next((a for a in areas if a == request.GET.get("area")), areas[0])
    towns = [wanted] if len(wanted) in (9, 12) else list(Area.objects.filter(level="town", closed_on=None, pk__gte=wanted, pk__lt=wanted + ":").order_by("pk").values_list("pk", flat=True)[:60])
    by_rule: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    by_place: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for village, rule, state, n in lists.figures(towns):
        by_rule[rule][state] += n
        by_place[village if len(towns) == 1 else village[:9]][state] += n
    names = {r.code: r.name for r in catalogue.rules_at(wanted)}
    places = dict(Area.objects.filter(pk__in=by_place).values_list("pk", "short_name"))
    shown = ("found", "told", "opened", "declined", "done")
    labels = {s: _now(entitlements.STATES[s]) for s in shown}
    context = {
        "states": list(labels.values()), "rules": [{"name": names.get(code, code) if code else _now("条件含敏感信息的政策"), "cells": [(labels[s], small(by_rule[code][s])) for s in shown]} for code in sorted(by_rule)],
        "places": [{"name": places.get(code, code), "cells": [(labels[s], by_place[code][s]) for s in shown]} for code in sorted(by_place)],
        "area": Area.objects.filter(pk=wanted).first(), "crumbs": [(_now("政策找人"), reverse("policy-list") if me.holds(Right.WRITE) else ""), (_now("汇总"), "")],
    }
    return render(request, "desk/things/figures.html", context)


def small(n: int) -> str:
    return "" if n == 0 else _now("少于%d") % lists.SMALLEST if n < lists.SMALLEST else str(n)


# --- rules ------------------------------------------------------------------------------------------------------------------------


def keeper_area(me: Me) -> str:
    """The area whose catalogue he keeps, '' for everybody else."""
    return next((p.area for p in me.posts if Right.CATALOGUE in ROLES[p.role].rights), "")


def rules(request: StaffRequest) -> HttpResponse:
    """Every rule as it stands here; who keeps the catalogue changes it."""
    keeper = keeper_area(request.me)
    area = keeper or next((p.area for p in request.me.posts), "")
    items_by_code = {i.code: i.name for i in catalogue.items_at(area)}
    rows = [{"r": r, "item": items_by_code.get(r.item, ""), "kind": _now(entitlements.KINDS[r.kind]), "own": bool(r.area_code) and r.area_code == area, "where": _now("全国") if not r.area_code else r.area_code} for r in catalogue.rules_at(area)]
    return render(request, "desk/things/rules.html", {"rows": rows, "may": bool(keeper), "area": Area.objects.filter(pk=area).first(), "crumbs": [(_now("政策找人"), reverse("policy-list")), (_now("规则"), "")]})


class RuleForm(forms.Form):
    name = text_field(_("政策"))
    kind = forms.ChoiceField(label=_("找谁"), choices=[(k, _(v)) for k, v in entitlements.KIND_CHOICES], widget=forms.Select(CTL))
    age = forms.IntegerField(label=_("年龄"), required=False, min_value=1, max_value=120, widget=forms.NumberInput({**CTL, "inputmode": "numeric"}))
    ahead_days = forms.IntegerField(label=_("提前几天"), min_value=0, max_value=366, widget=forms.NumberInput({**CTL, "inputmode": "numeric"}))
    back_days = forms.IntegerField(label=_("往前看几天"), min_value=0, max_value=366, widget=forms.NumberInput({**CTL, "inputmode": "numeric"}))
    again = forms.ChoiceField(label=_("多久再找一次"), choices=[(k, _(v)) for k, v in entitlements.AGAIN_CHOICES], widget=forms.Select(CTL))
    item = forms.ChoiceField(label=_("代办事项"), required=False, widget=forms.Select(CTL))
    first_say = text_field(_("先说这一句"), required=False, most=200, help_text=_("在提办证、填表之前说，如“持身份证即可享受”。"))
    say = words_field(_("电话里怎么说"), most=300)
    source_doc = text_field(_("依据"), required=False, most=200)
    unsure = forms.BooleanField(label=_("待核实"), required=False)
    off = forms.BooleanField(label=_("本地不用这条"), required=False)


def rule(request: StaffRequest, code: str) -> HttpResponse:
    """One rule for one's own area."""
    area = keeper_area(request.me)
    row = next((r for r in catalogue.rules_at(area or "") if r.code == code), None)
    if row is None:
        raise Http404
    if not area:
        raise NotAllowed(_now("规则由县或乡镇受理台维护。"))
    form = RuleForm(request.POST or None, initial={k: getattr(row, k) for k in RuleForm.base_fields})
    form.fields["item"].choices = [("", _now("不办什么，只告诉")), *((i.code, i.name) for i in catalogue.items_at(area))]  # type: ignore[attr-defined]
    own = row.area_code == area
    page = Ask(title=row.name, ok=_now("保存"), back=reverse("policy-rules"), says=(_now("只用于您管的区域；今晚排名单时起用。"), _now("已经找到的人，办到哪里还在哪里；不再符合的会撤下。")),
               crumbs=[(_now("政策找人"), reverse("policy-list")), (_now("规则"), reverse("policy-rules")), (row.name, "")], more={"drop": own})
    if request.method == "POST" and request.POST.get("act") == "drop":
        items.drop_rule(area=area, code=code, by=request.me, at=request.now)
        messages.success(request, _now("已恢复成上级的规则。"))
        return HttpResponseRedirect(page.back)

    def act(data: dict[str, Any]) -> str:
        made = Rule(code=code, sensitive=row.sensitive, **{k: data[k] for k in ("name", "kind", "age", "ahead_days", "back_days", "again", "item", "first_say", "say", "source_doc", "unsure")})
        items.put_rule(area=area, rule=made, off=data["off"], by=request.me, at=request.now)
        messages.success(request, _now("已保存，今晚起用。"))
        return page.back

    return answer(request, page, form, act)


