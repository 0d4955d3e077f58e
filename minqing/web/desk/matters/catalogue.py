"""派单目录 and 时限: looked at by everybody who works with matters, kept by who holds the right for the area.

Invariant: what a file would change is shown by the action's own checks; nothing of a file with a wrong row is used.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.archives.rules import items
from minqing.service.actions import catalogue
from minqing.service.models import DispatchRule, Learnt, Limit
from minqing.service.queries import limits, lists
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import kinds
from minqing.web.desk.matters import forms
from minqing.web.shared.middleware import StaffRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def kept(me: Me) -> list[str]:
    """Areas whose catalogue he keeps."""
    return [one.lo for one in lists.reach(me, Right.CATALOGUE) if len(one.lo) in (6, 9)]


def place_of(me: Me) -> str:
    """Whose catalogue opens first: what he keeps, else of his post."""
    return (kept(me) or [p.area for p in me.posts if len(p.area) >= 6] or [""])[0]


def rules(request: StaffRequest) -> HttpResponse:
    """Every rule that holds at his place, by name; ended ones are gone."""
    me = request.me
    if not works_here(me):
        raise NotAllowed(_("您的任职不看派单目录。"))
    place, mine = place_of(me), kept(me)
    found = sorted(limits.rules_at(place), key=lambda r: r.label) if place else []
    q = request.GET.get("q", "").strip()[:20]
    if q:
        found = [r for r in found if q in r.label or q in r.category or any(q in k for k in r.keywords)]
    names = lists.names_of(me, [place, *(r.area_code for r in found), *(d for r in found for d in (r.lead_desk, *r.joint_desks) if d[:1].isdigit()), *(place[:6] + d for r in found for d in (r.lead_desk, *r.joint_desks) if d.startswith("/"))])
    rows = [{"r": r, "kind": _(kinds.KIND_LABELS[kinds.Kind(r.kind)]), "lead": desk_words(r.lead_desk, names, place), "joint": "、".join(desk_words(d, names, place) for d in r.joint_desks), "own": r.area_code in mine, "where": names.get(r.area_code, r.area_code),
             "days": "" if r.finish_days is None else str(r.finish_days.normalize() if r.finish_days else 0)} for r in found]
    return render(request, "desk/matters/rules.html", {"rows": rows, "q": q, "place": names.get(place, place), "keeps": bool(mine), "wide": bool(mine), "learnt": Learnt.objects.filter(pk=place[:6]).defer("model").first()})


def works_here(me: Me) -> bool:
    return any(me.holds(r) for r in (Right.CATALOGUE, Right.MATTERS, Right.INTAKE, Right.FIGURES, Right.DECIDE))


def desk_words(desk: str, names: dict[str, str], place: str) -> str:
    """本村, 江山市住房和城乡建设局, or the number where the county has no such desk yet."""
    if desk in catalogue.OWN_DESKS:
        return _(catalogue.OWN_DESKS[desk])
    code = place[:6] + desk if desk.startswith("/") else desk
    known = names.get(code, code)
    return _("%s（还没有设立）") % items.source_label(desk[1:]) if desk.startswith("/") and known.endswith(desk) else known


def keeper(me: Me) -> list[tuple[str, str]]:
    codes = kept(me)
    if not codes:
        raise NotAllowed(_("派单目录和时限由县、乡镇受理中心维护。"))
    names = lists.names_of(me, codes)
    return [(c, names.get(c, c)) for c in codes]


def ruled(request: StaffRequest, initial: dict[str, Any], title: str) -> HttpResponse:
    """The form of one rule; on success back to the list."""
    areas = keeper(request.me)
    form = forms.RuleForm(request.POST or None, initial={"area": areas[0][0], **initial})
    form.fields["area"].choices = areas  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        g = form.cleaned_data
        own = {label: key for key, label in catalogue.OWN_DESKS.items()}
        entry = catalogue.Entry(g["category"].strip(), g["label"], g["kind"], own.get(g["lead"].strip(), g["lead"].strip()), catalogue.words_in(g["keywords"]), tuple(own.get(j, j) for j in catalogue.words_in(g["joint"])), g["days"], g["basis"])
        try:
            catalogue.set_rule(area=g["area"], entry=entry, by=request.me, at=request.now)
        except Missing as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        except Refused as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("已保存“%s”。以前派出的单子不变。") % g["label"])
            return HttpResponseRedirect(reverse("dispatch-list"))
    return render(request, "desk/matters/rule.html", {"form": form, "title": title, "crumbs": [(_("派单目录"), reverse("dispatch-list")), (title, "")]}, status=422 if form.errors else 200)


def new(request: StaffRequest) -> HttpResponse:
    return ruled(request, {"lead": _("本村"), "kind": "help"}, _("添一条派单规则"))


def change(request: StaffRequest, rule: uuid.UUID) -> HttpResponse:
    """A rule set anew; one of a wider area becomes one's own."""
    keeper(request.me)
    r = DispatchRule.objects.filter(pk=rule, ended_at=None).first()
    if r is None:
        raise Http404
    own = catalogue.OWN_DESKS
    initial = {"category": r.category, "label": r.label, "kind": r.kind, "keywords": " ".join(r.keywords), "lead": own.get(r.lead_desk, r.lead_desk), "joint": "、".join(own.get(d, d) for d in r.joint_desks), "days": r.finish_days, "basis": r.basis}
    return ruled(request, initial, _("改派单规则：%s") % r.label)


@require_POST
def end(request: StaffRequest, rule: uuid.UUID) -> HttpResponse:
    try:
        row = catalogue.end_rule(rule=rule, by=request.me, at=request.now)
    except NotHere as error:
        raise Http404 from error
    messages.success(request, _("已停用“%s”。") % row.label)
    return HttpResponseRedirect(reverse("dispatch-list"))


def export(request: StaffRequest) -> HttpResponse:
    """Every rule that holds here, as a workbook to change and bring back."""
    keeper(request.me)
    content = catalogue.workbook(sorted(limits.rules_at(place_of(request.me)), key=lambda r: r.category))
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": 'attachment; filename="dispatch.xlsx"'})


def upload(request: StaffRequest) -> HttpResponse:
    """Bring a workbook: checked whole, then taken over whole."""
    areas = keeper(request.me)
    problems: list[str] = []
    if request.method == "POST":
        file = request.FILES.get("file")
        area = request.POST.get("area", areas[0][0])
        reading = catalogue.read_file(file.name, file.read()) if file else catalogue.Reading(problems=[_("请选文件。")])
        problems = reading.problems
        if not problems:
            try:
                added, changed, same = catalogue.import_rules(area=area, entries=reading.entries, by=request.me, at=request.now)
            except Refused as refusal:
                problems = [str(refusal)]
            else:
                messages.success(request, _("导入完成：新增 %(a)d 条，更改 %(b)d 条，%(c)d 条没有变化。") % {"a": added, "b": changed, "c": same})
                return HttpResponseRedirect(reverse("dispatch-list"))
    context = {"problems": problems[:30], "rest": max(0, len(problems) - 30), "areas": areas, "crumbs": [(_("派单目录"), reverse("dispatch-list")), (_("导入"), "")]}
    return render(request, "desk/matters/rules_import.html", context, status=422 if problems else 200)


def limits_page(request: StaffRequest) -> HttpResponse:
    """Limits by kind: what holds here, whose word it is; the keeper sets his own."""
    me = request.me
    if not works_here(me):
        raise NotAllowed(_("您的任职不看办理时限。"))
    place, mine = place_of(me), kept(me)
    form = None
    if mine:
        form = forms.LimitForm(request.POST or None, initial={"area": mine[0], "kind": request.GET.get("kind", "")})
        form.fields["area"].choices = keeper(me)  # type: ignore[attr-defined]
        if request.method == "POST" and form.is_valid():
            try:
                catalogue.set_limit(by=me, **{k: form.cleaned_data[k] for k in ("area", "kind", "contact", "finish", "extend", "basis")})
            except Missing as problem:
                form.add_error(problem.field if problem.field in form.fields else None, str(problem))
            except Refused as problem:
                form.add_error(None, str(problem))
            else:
                messages.success(request, _("已保存。从现在起派出的单子按新时限，以前派出的不变。"))
                return HttpResponseRedirect(reverse("limit-list"))
    elif request.method == "POST":
        keeper(me)
    own: dict[str, Limit] = {}
    for row in Limit.objects.filter(area_code__in=[place[:n] for n in (6, 9) if len(place) >= n]).order_by("area_code"):
        own[row.kind] = row
    names = lists.names_of(me, [place, *(r.area_code for r in own.values())])
    rows = []
    for kind, default in kinds.LIMITS.items():
        row = own.get(kind.value)
        values = (row.contact, row.finish, row.extend) if row else (default.contact, default.finish, default.extend)
        rows.append({"kind": _(kinds.KIND_LABELS[kind]), "days": [days(v) for v in values], "who": names.get(row.area_code, row.area_code) if row else _("缺省"), "basis": row.basis if row else "", "code": kind.value})
    return render(request, "desk/matters/limits.html", {"rows": rows, "form": form, "place": names.get(place, place)}, status=422 if form is not None and form.errors else 200)


def days(n: Any) -> str:
    """0 = the same day; half a day is said as such."""
    return _("当天") if n == 0 else _("%s 天") % f"{n.normalize():f}"
