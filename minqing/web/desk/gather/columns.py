"""列名对照: what a data officer taught, and columns that wait for an explanation."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.archives.refusals import NotHere, Refused
from minqing.gather import queries
from minqing.gather.actions import columns
from minqing.gather.engine.fields import FIELDS
from minqing.gather.models import ColumnAlias
from minqing.web.desk.gather.forms import ColumnForm, areas_of
from minqing.web.shared.middleware import StaffRequest


def column_list(request: StaffRequest) -> HttpResponse:
    """What is known, what waits, and a form to teach one heading."""
    if not request.me.holds(Right.GATHER):
        raise NotAllowed(_("您的任职不含归集文件，列名对照由数据管理员或本村书记、文书维护。"))
    kind = request.POST.get("kind", request.GET.get("kind", ""))
    kind = kind if kind in dict(columns.kinds()) else ""
    asked = request.GET.get("name", "")
    # a change of the kind of file reloads the page with the meanings of that kind; what was typed comes along
    form = ColumnForm(request.POST, me=request.me, kind=kind) if request.method == "POST" else ColumnForm(me=request.me, kind=kind, initial={"kind": kind, "name": asked})
    if request.method == "POST" and "teach" in request.POST and form.is_valid():
        try:
            made = columns.teach(by=request.me, at=request.now, **form.cleaned_data)
        except (Refused, NotAllowed) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("记住了：“%(name)s”就是%(field)s。下次归集就用。") % {"name": made.name, "field": meaning(made.field)})
            return HttpResponseRedirect(reverse("gather-columns"))
    known = list(ColumnAlias.objects.order_by("kind", "name"))
    people = queries.staff_names(a.by for a in known)
    taught = {(a.kind, a.name) for a in known} | {("", a.name) for a in known if not a.kind}
    names = dict(areas_of(request.me))
    waiting = [c | {"url": reverse("gather-columns") + "?" + urlencode({"kind": c["kind"], "name": c["column"]}) + "#teach"}
               for c in queries.columns_to_explain() if (c["kind"], c["heading"]) not in taught and ("", c["heading"]) not in taught]
    rows: list[dict[str, Any]] = [{"alias": a, "kind": columns.kind_title(a.kind), "meaning": meaning(a.field), "who": people.get(a.by, ""), "area": names.get(a.area_code, a.area_code)} for a in known]
    context = {"rows": rows, "waiting": waiting[:30], "waiting_count": len(waiting), "form": form, "kind": kind, "several": len(names) > 1, "asked": asked}
    return render(request, "desk/gather/columns.html", context, status=422 if form.errors else 200)


def meaning(field: str) -> str:
    return f"“{_(FIELDS[field].label)}”" if field in FIELDS else _("不采用的列")


@require_POST
def forget(request: StaffRequest) -> HttpResponse:
    number = request.POST.get("alias", "")
    if not number.isdigit():
        raise Http404
    try:
        gone = columns.forget(alias=int(number), by=request.me)
    except NotHere as error:
        raise Http404 from error
    messages.success(request, _("已忘掉“%s”。已经归集的不变。") % gone.name)
    return HttpResponseRedirect(reverse("gather-columns"))
