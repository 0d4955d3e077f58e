"""人档: one person with every item R01–R15 and its source; level 4 behind a reason; the family; the history.

Invariants: opening is audited by the query that reads it; a full number is shown only in the answer to a post and never
stands in an address; what level 4 holds is read in the same request that gives the reason.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from minqing.access import queries as access_queries
from minqing.archives import queries, refusals
from minqing.archives.actions import residents, sensitive
from minqing.archives.rules import items
from minqing.web.desk.archives import forms, presenting, trees
from minqing.web.desk.archives.answering import offer_undo
from minqing.web.desk.archives.choosing import person_or_404
from minqing.web.desk.archives.files import HISTORY, RECENT
from minqing.web.shared.middleware import StaffRequest

SECRET_ASK = {"id_number": "masked_id", "phone": "masked_phone", "emergency_phone": "masked_emergency"}


def file_of(request: StaffRequest, person: uuid.UUID) -> Any:
    try:
        return queries.resident_file(request.me, person, on=timezone.localdate(request.now))
    except refusals.NotHere as error:
        raise Http404 from error


def resident_file(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    """One person; `?tab=history` shows every change."""
    offer_undo(request)
    file = file_of(request, person)
    p = file.person
    url = reverse("resident-file", kwargs={"person": p.pk})
    tab = "history" if request.GET.get("tab") == "history" else ""
    changes = queries.changes_of(request.me, person=p.pk, limit=HISTORY if tab else RECENT)
    values = [value_of(line, file, url) for line in file.fields]
    name_areas(values)
    context = {
        "file": file, "p": p, "tab": tab, "url": url, "groups": presenting.grouped(values), "tags": presenting.toned(file.tags, everything=True, own=True),
        "changes": presenting.deeds(changes, request.now, most=HISTORY if tab else 5), "may_write": file.may_write, "proposals": file.proposals,
        "sensitive": [{"kind": kind, "number": number, "label": _(label), "url": reverse("sensitive", kwargs={"person": p.pk, "kind": kind})} for kind, (number, label, _a) in items.SENSITIVE.items()],
        "crumbs": crumbs(file), "facts": facts(file), "current": next((m for m in file.memberships if m.current), None),
        "history": bool(tab), "not_history": not tab, "spouses": [k for k in file.kin if k.relation in ("10", "11", "12")],
    }
    return render(request, "desk/archives/resident.html", context)


def value_of(line: Any, file: Any, url: str) -> dict[str, Any]:
    """A field with its source and, where the desk may change it, the address of the form."""
    shown = presenting.value(line, change_url=reverse("resident-change", kwargs={"person": file.person.pk, "field": line.field}), history_url=url + "?tab=history")
    if line.field in SECRET_ASK:
        shown["masked"] = getattr(file, SECRET_ASK[line.field], "") or ""
        shown["correct_url"] = reverse("resident-emergency", kwargs={"person": file.person.pk}) if line.field == "emergency_phone" else shown["correct_url"]
    return shown


def name_areas(values: list[dict[str, Any]]) -> None:
    """Codes of areas are written as names, with one statement for both."""
    coded = [v for v in values if v["field"].endswith("_area") and v["value"]]
    names = access_queries.full_names(v["value"] for v in coded) if coded else {}
    for v in coded:
        v["value"] = names.get(v["value"], v["value"])
        v["label"] = v["label"].removesuffix("代码")


def crumbs(file: Any) -> list[tuple[str, str]]:
    """The way here: list, household, person."""
    found = [(_("户情单"), reverse("household-list"))]
    here = next((m for m in file.memberships if m.current), None)
    if here is not None:
        found.append((_("%s户") % here.head_name if here.head_name else here.number, reverse("household-file", kwargs={"household": here.household})))
    return [*found, (file.person.name, "")]


def facts(file: Any) -> str:
    """女 · 83 岁 · 1943-02-11"""
    p = file.person
    words = [items.label_of("sex", p.sex).removesuffix("性") if p.sex in ("1", "2") else "", ngettext("%d 岁", "%d 岁", file.age) % file.age if file.age is not None and p.alive else "", presenting.written(p.birth_date)]
    if not p.alive:
        words.append(_("%s 去世") % presenting.written(p.died_on) if p.died_on else _("已故"))
    return " · ".join(w for w in words if w)


def family(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    """The family tree: near kin as links, far kin by surname and 同城/外地."""
    p = person_or_404(person)
    tree = queries.family_tree(request.me, p.pk, on=timezone.localdate(request.now))
    return render(request, "desk/archives/tree.html", {"p": p, "drawing": trees.draw(tree, p.pk), "generations": trees.told(tree), "crumbs": [(p.name, reverse("resident-file", kwargs={"person": p.pk})), (_("家谱"), "")]})


@require_POST
def reveal(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    """One full number, once; audited. A fragment for htmx, a plain page otherwise."""
    p = person_or_404(person)
    field = request.POST.get("field", "")
    if field not in SECRET_ASK:
        raise Http404
    label = _(items.ITEMS[field].label)
    context: dict[str, Any] = {"p": p, "label": label, "field": field}
    try:
        context["shown"] = residents.reveal(person=p, field=field, reason=request.POST.get("reason", ""), by=request.me, at=request.now)
        status = 200
    except refusals.NeedsReason as refusal:
        context["ask"], status = str(refusal), 422
    except refusals.NotHere as error:
        raise Http404 from error
    except refusals.Refused as refusal:
        context["refused"], status = str(refusal), 422
    template = "desk/archives/revealed_part.html" if request.htmx else "desk/archives/revealed.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


def read_sensitive(request: StaffRequest, person: uuid.UUID, kind: str) -> HttpResponse:
    """Health, disability or relief: the reason first, then what there is, in the same answer."""
    p = person_or_404(person)
    if kind not in items.SENSITIVE:
        raise Http404
    number, label, _authorities = items.SENSITIVE[kind]
    form = forms.ReasonForm(request.POST or None)
    context: dict[str, Any] = {"p": p, "kind": kind, "number": number, "label": _(label), "form": form, "back": reverse("resident-file", kwargs={"person": p.pk})}
    if request.method == "POST" and form.is_valid():
        try:
            rows = sensitive.read(person=p, kind=kind, reason=form.cleaned_data["reason"], by=request.me, at=request.now)
        except refusals.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            context["rows"] = [{"code": r.code, "content": list(r.content.items()), "starts_on": r.starts_on, "ends_on": r.ends_on} for r in rows]
            context["reason"] = form.cleaned_data["reason"]
    return render(request, "desk/archives/sensitive.html", context, status=422 if form.errors else 200)
