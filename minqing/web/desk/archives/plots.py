"""田地山林: the register of plots, one plot with everything that ever concerned it, writing one down and correcting it.

Invariants: a plot's page names only what the caller sees: the file's fields through its policy, matters and mediations through their
seats; each value says whose word it is.
"""

from __future__ import annotations

import uuid
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from minqing.access.models import Area
from minqing.access.models.areas import UNPLACED
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.archives import queries
from minqing.archives.actions import plots
from minqing.archives.models import Household, Membership, Plot
from minqing.archives.queries import plots as plot_queries
from minqing.archives.refusals import NotHere, Refused
from minqing.archives.rules import items
from minqing.gather.queries import LandRow, land_said_of
from minqing.service.queries import plots as concerning
from minqing.web.desk.archives import choosing, forms, presenting
from minqing.web.desk.archives.answering import Ask, answer, done, offer_undo
from minqing.web.desk.matters.presenting import tone
from minqing.web.shared.middleware import StaffRequest

FIELDS = tuple(items.PLOT_ITEMS)


class PlotForm(django_forms.Form):
    """The paper's own order; what is a number or a day is said so."""

    version = django_forms.IntegerField(widget=django_forms.HiddenInput, required=False)

    def __init__(self, *args: Any, grids: list[tuple[str, str]] = (), homes: list[tuple[str, str]] = (), **kwargs: Any) -> None:  # type: ignore[assignment]
        super().__init__(*args, **kwargs)
        if grids:
            self.fields["grid"] = django_forms.ChoiceField(label=_now("在哪个网格"), choices=grids)
        if homes:
            self.fields["household"] = django_forms.ChoiceField(label=_now("承包户"), choices=[*homes, ("", _now("不是本村的户，只写承包方代表"))], required=False, widget=django_forms.RadioSelect)
        for name, item in items.PLOT_ITEMS.items():
            self.fields[name] = _field(item)
        self.fields["name"].required = True
        self.fields["name"].error_messages["required"] = _now("请填地块名称，如“门前大丘”。")
        self.fields["name"].help_text = _now("村里人怎么叫就怎么写。")
        self.fields["code"].help_text = _now("承包经营权证上的 19 位编码。")
        self.fields["east"].help_text = _now("四至照证书写，如：毛土根田。")


def _field(item: items.Item) -> django_forms.Field:
    if item.field == "kind":
        return django_forms.ChoiceField(label=_(item.label), choices=[(k, _(k)) for k in items.PLOT_KINDS])
    if item.kind == "number":
        return django_forms.DecimalField(label=_(item.label), required=False, min_value=0, max_digits=9, decimal_places=2, error_messages={"invalid": _("“亩数”要写成数字，如 1.85。"), "max_decimal_places": _("亩数最多两位小数。")})
    if item.kind == "date":
        return forms.day(_(item.label), required=False)
    return forms.text(_(item.label), Plot._meta.get_field(item.field).max_length or 60, rows=2 if item.field == "note" else 0)


def plot_list(request: StaffRequest) -> HttpResponse:
    """`?q=` code, name, holder, paper; `?village=` all of one place."""
    me = request.me
    if not me.holds(Right.PEOPLE):
        raise NotAllowed(_now("您的任职不打开户档，所以没有田地山林的名单。"))
    words, place = request.GET.get("q", "").strip()[:60], request.GET.get("village", "")
    place = place if place.isdigit() and len(place) >= 12 else ""
    found = plot_queries.register(me, words, place=place) if not words or len(words) > 1 else None
    rows = [{"p": p, "url": reverse("plot", args=[p.pk]), "name": presenting.marked(p.name, words), "code": presenting.marked(p.code, words), "holder": presenting.marked(p.holder_name or (p.household.head_name if p.household else ""), words),
             "household": reverse("household-file", kwargs={"household": p.household_id}) if p.household_id else "", "place": found.places.get(p.grid_code[:12], ""), "grid": found.places.get(p.grid_code, "")} for p in found.plots] if found else []
    return render(request, "desk/archives/plots.html", {"q": words, "rows": rows, "found": found, "short": len(words) == 1, "may_write": me.holds(Right.WRITE), "village": place})


def plot_page(request: StaffRequest, plot: uuid.UUID) -> HttpResponse:
    """One plot: its fields with their sources, its household, every matter and mediation that ever concerned it, its changes."""
    offer_undo(request)
    try:
        file = plot_queries.plot_file(request.me, plot)
    except NotHere as error:
        raise Http404 from error
    p = file.plot
    change = reverse("plot-change", args=[p.pk])
    values = [presenting.value(line, change_url=change) for line in file.fields]
    about = [{"a": a, "tone": tone(a.state), "url": reverse("matter-file", args=[a.id])} for a in concerning.matters_of(request.me, p.pk)]
    changes = queries.changes_of(request.me, table="plot", row_id=p.pk, limit=16)
    context = {
        "p": p, "file": file, "h": file.household, "values": [v for v in values if v["field"] not in ("name", "kind", "east", "south", "west", "north")], "values_unknown": presenting.missing(values), "around": {v["field"]: v["value"] for v in values if v["field"] in ("east", "south", "west", "north")},
        "about": about, "changes": presenting.deeds(changes, request.now, most=6), "may_write": request.me.holds(Right.WRITE), "may_intake": request.me.holds(Right.INTAKE),
        "crumbs": [(_now("田地山林"), reverse("plot-list")), (p.name, "")],
    }
    return render(request, "desk/archives/plot.html", context)


def grids_of(request: StaffRequest) -> list[tuple[str, str]]:
    """Grids where he may write, with their village's name."""
    found = []
    codes = list(request.me.codes)
    rows = Area.objects.none()
    for code in codes:
        rows = rows | Area.objects.filter(code__gte=code[:12], code__lt=code + ":", closed_on=None, level__in=["village", "grid"])
    names: dict[str, str] = {}
    for area in rows.order_by("code"):
        if len(area.code) == 12:
            names[area.code] = area.short_name
        elif any(area.code.startswith(c) for c in codes):
            found.append((area.code, f"{names.get(area.code[:12], '')} {area.short_name}"))
    found.sort(key=lambda pair: pair[0].endswith(UNPLACED))
    return found[:200]


def new(request: StaffRequest) -> HttpResponse:
    """A plot from its papers; `?household=` from a household's page, `?find=` to look for it."""
    if not request.me.holds(Right.WRITE):
        raise NotAllowed(_now("您的任职不登记户档，所以不登记地块。"))
    home = _home(request.POST.get("household") or request.GET.get("household", ""))
    found = [(str(home.pk), choosing.described(home))] if home else choosing.found_households(request)
    grids = grids_of(request)
    start = {"grid": home.grid_code, "household": str(home.pk), "holder_name": home.head_name} if home else {"household": found[0][0] if len(found) == 1 else ""}
    form = PlotForm(request.POST if request.method == "POST" and "name" in request.POST else None, grids=grids, homes=found, initial=start)
    back = reverse("household-file", kwargs={"household": home.pk}) + "?tab=land" if home else reverse("plot-list")
    page = Ask(title=_now("登记地块"), ok=_now("登记"), back=back, about=choosing.described(home) if home else "", crumbs=[(_now("田地山林"), reverse("plot-list")), (_now("登记地块"), "")],
               says=(_now("照合同、权证写；不知道的空着。"), _now("登记后用编码、地名、承包人都能在查找框里找到。"), _now("十分钟内可以撤回。")), more={} if home else choosing.context(request, "household", found))

    def do(data: dict[str, Any]) -> str:
        number = data.pop("household", "")
        data.pop("version", None)
        made = plots.create(household=uuid.UUID(number) if number else None, by=request.me, at=request.now, **data)
        return reverse("plot", args=[made.pk])

    return answer(request, page, form, do)


def _home(number: str) -> Household | None:
    try:
        return Household.objects.filter(pk=uuid.UUID(number), voided_at=None).first()
    except ValueError:
        return None


def change(request: StaffRequest, plot: uuid.UUID) -> HttpResponse:
    p = _plot_or_404(request, plot)
    back = reverse("plot", args=[p.pk])
    found = choosing.found_households(request)
    homes = ([(str(p.household_id), choosing.described(p.household))] if p.household else []) + [f for f in found if f[0] != str(p.household_id)]
    form = PlotForm(request.POST if request.method == "POST" and "name" in request.POST else None, homes=homes, initial={name: getattr(p, name) for name in FIELDS} | {"version": p.version, "household": str(p.household_id or "")})
    page = Ask(title=_now("更正地块"), ok=_now("保存"), back=back, about=p.name, crumbs=[(_now("田地山林"), reverse("plot-list")), (p.name, back), (_now("更正地块"), "")],
               says=(_now("农业农村部门报来的编码、面积、合同，在这里不改，请它重新报。"), _now("换承包户：先在上面找到那一户，再选。"), _now("十分钟内可以撤回。")), more=choosing.context(request, "household", found))

    def do(data: dict[str, Any]) -> str:
        seen = data.pop("version", None)
        move = "household" in data
        number = data.pop("household", "")
        changed = {k: v for k, v in data.items() if v != getattr(p, k)}
        plots.change(plot=p, seen_version=seen, move=move, household=uuid.UUID(number) if number else None, by=request.me, at=request.now, **changed)
        return back

    return answer(request, page, form, do)


def not_yet(known: list[Plot], said: list[LandRow]) -> list[LandRow]:
    """What the department says and nobody has written down: by code, else by name."""
    codes, names = {p.code for p in known if p.code}, {p.name for p in known}
    return [r for r in said if (r.items["code"] not in codes if r.items.get("code") else r.items["name"] not in names)]


@require_POST
def take(request: StaffRequest, household: uuid.UUID, statement: uuid.UUID) -> HttpResponse:
    """Write a plot down as 农业农村 says it; its word, its date and its row stay beside each value."""
    home = choosing.household_or_404(household)
    members = Membership.objects.filter(household=home, ends_on=None, voided_at=None).values_list("person_id", flat=True)
    row = next((r for r in land_said_of(list(members)) if r.statement == statement), None)
    if row is None:
        raise Http404
    back = reverse("household-file", kwargs={"household": home.pk}) + "?tab=land"
    if not not_yet(plot_queries.of_household(home.pk), [row]):  # pressed twice, or a colleague was quicker
        messages.info(request, _now("这块地已经登记在这一户了。"))
        return HttpResponseRedirect(back)
    source = {"from": "09", "on": row.on, "by": None, "batch": row.batch, "line": row.line}
    try:
        plots.create(grid=home.grid_code, household=home.pk, source=source, by=request.me, at=request.now, **row.items)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(back)
    return done(request, back)


def void(request: StaffRequest, plot: uuid.UUID) -> HttpResponse:
    p = _plot_or_404(request, plot)
    page = Ask(title=_now("作废地块"), ok=_now("作废"), back=reverse("plot", args=[p.pk]), about=p.name, tone="danger", crumbs=[(_now("田地山林"), reverse("plot-list")), (p.name, reverse("plot", args=[p.pk])), (_now("作废地块"), "")],
               says=(_now("登记错了、重复了才作废；换人承包用“更正”。"), _now("作废后查找框里找不到；关联过的事情单不变。"), _now("十分钟内可以撤回。")))

    def do(data: dict[str, Any]) -> str:
        plots.void(plot=p, reason=data["why"], by=request.me, at=request.now)
        return reverse("plot-list")

    return answer(request, page, forms.WhyForm(request.POST or None), do)


def _plot_or_404(request: StaffRequest, number: uuid.UUID) -> Plot:
    try:
        row = plots.get(number, request.me)
    except NotHere as error:
        raise Http404 from error
    request.me.require(Right.WRITE, row.grid_code)
    return row
