"""Changes of areas: each view finds, asks with one form, calls one action, answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.actions import areas as actions
from minqing.access.actions import successions
from minqing.access.actions.areas import Refused
from minqing.access.models import Area, AreaAlias
from minqing.access.models.areas import UNPLACED, Level
from minqing.access.rules.roles import Right
from minqing.web.desk.areas import forms
from minqing.web.desk.areas.views import area_page, crumbs, get_area
from minqing.web.desk.staff.views import area_choices


def managed(request: Any, code: str) -> Area:
    area = get_area(code)
    request.me.require(Right.AREAS, code)
    return area


def ask(request: Any, area: Area, form: django_forms.Form, act: Callable[[dict[str, Any]], str], *, title: str, ok: str, text: str = "", tone: str = "",
        note: str = "", areas: tuple[int, ...] = (), back: str = "") -> HttpResponse:
    """One form, one act. `act` answers the sentence that is shown afterwards; a Refused comes back on the form."""
    if request.method == "POST" and form.is_valid():
        try:
            sentence = act(form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, sentence)
            return HttpResponseRedirect(reverse("area", args=[back or area.code]))
    return render(request, "desk/areas/change.html", {
        "area": area, "form": form, "title": title, "ok": ok, "text": text, "tone": tone, "note": note, "crumbs": crumbs(area, title),
        "areas": area_choices(request.me, areas) if areas else [],
    }, status=422 if form.errors else 200)


def new_part(request: Any, code: str) -> HttpResponse:
    """A new grid of a village, or a new micro-grid of a grid."""
    area = managed(request, code)
    on = timezone.localdate(request.now)

    def act(data: dict[str, Any]) -> str:
        if area.level == Level.VILLAGE:
            made = actions.create_grid(village=area, name=data["name"], covers=data["covers"], by=request.me, on=on)
        else:
            made = actions.create_micro(grid=area, name=data["name"], covers=data["covers"], by=request.me, on=on)
        return _("已新建{name}，代码 {code}。").format(name=made.short_name, code=made.code)

    grid = area.level == Level.VILLAGE
    return ask(request, area, forms.GridForm(request.POST or None), act, title=_("新建网格") if grid else _("新建微网格"), ok=_("新建"),
               text=_("代码自动接着编，停用过的不再用。户档由书记从“未落格”逐户或成批落进来。") if grid else _("微网格一般是一个村民小组，由连心服务员联系。"))


def rename(request: Any, code: str) -> HttpResponse:
    area = managed(request, code)

    def act(data: dict[str, Any]) -> str:
        actions.rename(area=area, name=data["name"], covers=data["covers"], by=request.me)
        return _("已改名为{name}。原来的叫法记作别名，还查得到。").format(name=data["name"])

    return ask(request, area, forms.GridForm(request.POST or None, initial={"name": area.short_name, "covers": area.covers}), act, title=_("改名"), ok=_("保存"))


def merge(request: Any, code: str) -> HttpResponse:
    area = managed(request, code)
    others = [g for g in Area.objects.filter(parent=area.parent_id, level=Level.GRID, closed_on=None).order_by("code") if g.code != code and g.code[12:] != UNPLACED]

    def act(data: dict[str, Any]) -> str:
        into = get_area(data["into"])
        moved = actions.merge_grids(old=area, into=into, basis=data["basis"], by=request.me, on=timezone.localdate(request.now))
        return _("{old}已并入{new}，{n} 户跟着过去。").format(old=area.short_name, new=into.short_name, n=moved)

    return ask(request, area, forms.MergeForm(request.POST or None, grids=others), act, title=_("并入别的网格"), ok=_("并入"), tone="danger", back=area.code[:12],
               text=_("这个网格的全部户档跟着过去，网格停用，旧代码以后仍查得到。原网格员从那一刻起看不到这些户，请随后安排岗位。"))


def split(request: Any, code: str) -> HttpResponse:
    area = managed(request, code)

    def act(data: dict[str, Any]) -> str:
        made = actions.split_grid(old=area, names=data["names"], basis=data["basis"], by=request.me, on=timezone.localdate(request.now))
        return _("已拆成 {n} 个网格。原来的户在“未落格”等书记落格。").format(n=len(made))

    return ask(request, area, forms.SplitForm(request.POST or None), act, title=_("拆成几个网格"), ok=_("拆分"), tone="danger", back=area.code[:12],
               text=_("原网格停用，户档先到“未落格”，书记再按自然村或小组成批落到新网格。"))


def close(request: Any, code: str) -> HttpResponse:
    area = managed(request, code)

    def act(data: dict[str, Any]) -> str:
        actions.close_grid(area=area, by=request.me, on=timezone.localdate(request.now))
        return _("{name}已停用。").format(name=area.short_name)

    return ask(request, area, django_forms.Form(request.POST if request.method == "POST" else None), act, title=_("停用"), ok=_("停用"), tone="danger", back=area.parent_id,
               text=_("只有没有户档的网格能停用；还有户档的，请先并入别的网格。代码不再给别处用。"))


def open_part(request: Any, code: str) -> HttpResponse:
    """A new town of a county, or a new village of a town, under its published code."""
    area = managed(request, code)

    def act(data: dict[str, Any]) -> str:
        made = successions.open_area(code=data["code"].strip(), name=data["name"], kind=data["kind"], by=request.me, on=timezone.localdate(request.now))
        return _("已新建{name}，代码 {code}。").format(name=made.short_name, code=made.code)

    town = area.level == Level.COUNTY
    return ask(request, area, forms.OpenForm(request.POST or None, initial={"code": area.code}), act, title=_("新建乡镇街道") if town else _("新建村（社区）"), ok=_("新建"),
               text=_("代码以上级公布的为准。新村自带一个“未落格”网格。"))


def succeed(request: Any, code: str) -> HttpResponse:
    """A village ends in another (merge), or goes on under another code."""
    area = managed(request, code)

    def act(data: dict[str, Any]) -> str:
        moved = successions.succeed(old=area, new=data["new"], kind=data["kind"], basis=data["basis"], by=request.me, at=request.now, on=data["on"])
        return _("{old}已归到{new}，{n} 户连同网格跟着过去。旧代码和旧名称以后都查得到。").format(old=area.short_name, new=data["new"].short_name, n=moved)

    return ask(request, area, forms.SucceedForm(request.POST or None, codes=[code[:6]], digits=(12,), initial={"kind": "merge", "on": timezone.localdate(request.now)}), act,
               title=_("村（社区）撤并、变更代码"), ok=_("撤并"), tone="danger", areas=(12,),
               text=_("网格、微网格、户档和网格岗位整体跟着过去。合并时，旧村书记的任职结束，由新村书记负责；变更代码时，全部任职照旧。"))


def split_village(request: Any, code: str) -> HttpResponse:
    area = managed(request, code)
    grids = [g for g in Area.objects.filter(parent=area, level=Level.GRID, closed_on=None).order_by("code") if g.code[12:] != UNPLACED]
    form = forms.SplitVillageForm(request.POST or None, grids=grids, codes=[code[:6]], initial={"on": timezone.localdate(request.now)})

    def act(data: dict[str, Any]) -> str:
        moved = successions.split_village(old=area, parts=form.parts, basis=data["basis"], by=request.me, at=request.now, on=data["on"])
        return _("{old}已拆分，{n} 户跟着各自的网格过去。").format(old=area.short_name, n=moved)

    return ask(request, area, form, act, title=_("村（社区）拆分"), ok=_("拆分"), tone="danger", areas=(12,),
               text=_("先建好新的村，再给每个网格写明去向。“未落格”的户到第一个新村的“未落格”。各村书记要另外任命。"))


def succeed_town(request: Any, code: str) -> HttpResponse:
    area = managed(request, code)
    villages = Area.objects.filter(parent=area, closed_on=None).order_by("code")
    lines = "\n".join(f"{v.code} {v.code[:9]}  {v.short_name}" for v in villages)

    def act(data: dict[str, Any]) -> str:
        moved = successions.succeed_town(old=area, new=data["new"], codes=data["lines"], kind=data["kind"], basis=data["basis"], by=request.me, at=request.now, on=data["on"])
        return _("{old}已归到{new}，{n} 户跟着过去。").format(old=area.short_name, new=data["new"].short_name, n=moved)

    return ask(request, area, forms.SucceedTownForm(request.POST or None, codes=[code[:6]], initial={"lines": lines, "kind": "merge", "on": timezone.localdate(request.now)}), act,
               title=_("乡镇街道撤并、变更代码"), ok=_("撤并"), tone="danger", areas=(9,), text=_("把每一行的新代码补全（12 位）。各村的网格、户档、任职整体跟着过去。"))


@require_POST
def add_alias(request: Any, code: str) -> HttpResponse:
    """Another way people write the name; files and the search box understand it from now on."""
    area = managed(request, code)
    form = forms.AliasForm(request.POST)
    if not form.is_valid():
        return area_page(request, code, error=_("请写别名。"))
    actions.add_alias(area=area, name=form.cleaned_data["name"], why=form.cleaned_data["why"], by=request.me)
    messages.success(request, _("已记下别名，查找和归集都认得。"))
    return HttpResponseRedirect(reverse("area", args=[code]))


@require_POST
def drop_alias(request: Any, code: str, alias: int) -> HttpResponse:
    area = managed(request, code)
    for row in AreaAlias.objects.filter(area=area, pk=alias):
        actions.drop_alias(alias=row, by=request.me)
        messages.success(request, _("已删除别名“{name}”。").format(name=row.name))
    return HttpResponseRedirect(reverse("area", args=[code]))
