"""事项目录 on the desk: what is done here, how, how fast; its keepers change it, by page or by Excel.

Invariants: everybody who works here reads it; an import is looked at before it counts; a wrong line says which and why.
"""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.scope import Me, NotAllowed
from minqing.archives.rules import items as archive_items
from minqing.service.actions import items
from minqing.service.models import CatalogueItem
from minqing.service.queries import catalogue as queries
from minqing.service.refusals import Missing, Refused
from minqing.service.rules import catalogue as rules
from minqing.web.desk.things.asking import CTL, text_field, words_field
from minqing.web.desk.things.policies import keeper_area
from minqing.web.shared.middleware import StaffRequest

SALT = "minqing.catalogue"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def area_of(me: Me) -> str:
    """The area whose catalogue one looks at: what one keeps, else one's own village or town."""
    return keeper_area(me) or next((p.area[:12] for p in me.posts), "")


def items_page(request: StaffRequest) -> HttpResponse:
    """`?topic=&q=`."""
    area = area_of(request.me)
    words, topic = request.GET.get("q", "").strip()[:30], request.GET.get("topic", "")
    rows = [r for r in queries.items_at(area) if (not topic or r.topic == topic) and (not words or words in r.name or words in r.who or words in r.note)]
    groups: dict[str, list[CatalogueItem]] = {}
    for row in rows:
        groups.setdefault(_now(rules.TOPICS[row.topic]), []).append(row)
    context = {
        "groups": groups, "count": len(rows), "q": words, "topic": topic, "topics": [(k, _now(v)) for k, v in rules.TOPIC_CHOICES], "may": bool(keeper_area(request.me)), "area": Area.objects.filter(pk=area).first(),
        "unsure": sum(1 for r in rows if r.unsure),
    }
    return render(request, "desk/things/catalogue.html", context)


def one(area: str, code: str) -> CatalogueItem:
    found = queries.item_at(code, area)
    if found is None:
        raise Http404
    return found


def item_page(request: StaffRequest, code: str) -> HttpResponse:
    area = area_of(request.me)
    row = one(area, code)
    keeper = keeper_area(request.me)
    if request.method == "POST" and request.POST.get("act") == "drop":
        items.drop(area=keeper, code=code, by=request.me, at=request.now)
        messages.success(request, _now("已恢复成上级的这一项。"))
        return HttpResponseRedirect(reverse("catalogue-item", args=[code]))
    where = Area.objects.filter(pk=row.area_code).values_list("short_name", flat=True).first() if row.area_code else ""
    context = {
        "i": row, "topic": _now(rules.TOPICS[row.topic]), "may": bool(keeper), "own": bool(keeper) and row.area_code == keeper, "where": where,
        "materials": [{**m, "form_label": _now(rules.FORMS.get(m.get("form", ""), "")), "held_label": _now(rules.label_of(m["held"])) if m.get("held") else ""} for m in row.materials],
        "fields": [{"label": f["label"], "from": _now(rules.label_of(f["field"])) if f.get("field") else "", "sensitive": rules.is_sensitive(f.get("field", ""))} for f in row.fields],
        "channels": "、".join(_now(rules.CHANNELS[c]) for c in row.channels if c in rules.CHANNELS), "sensitive": "、".join(_now(rules.SENSITIVE_TABLES[s]) for s in row.sensitive),
        "department": _now(archive_items.DEPARTMENTS[row.department]) if row.department in archive_items.DEPARTMENTS else "", "crumbs": [(_now("事项目录"), reverse("catalogue")), (row.name, "")],
    }
    return render(request, "desk/things/item.html", context)


def optional_day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({**CTL, "type": "date"}, format="%Y-%m-%d"))


class ItemForm(forms.Form):
    """One item; lists are lines of text, so that a paper list can be typed or pasted."""

    code = text_field(_("代码"), most=24, help_text=_("小写英文字母、数字、下划线，定了不改。"))
    name = text_field(_("事项"))
    topic = forms.ChoiceField(label=_("类别"), choices=[(k, _(v)) for k, v in rules.TOPIC_CHOICES], widget=forms.Select(CTL))
    department = forms.ChoiceField(label=_("主管部门"), required=False, choices=[("", "—"), *((k, _(v)) for k, v in archive_items.DEPARTMENTS.items() if k != "V")], widget=forms.Select(CTL))
    department_name = text_field(_("在哪里办"), required=False, most=40)
    who = text_field(_("谁可以办"), required=False, most=160)
    first_say = text_field(_("先告诉本人"), required=False, most=160, help_text=_("凭身份证就行、不用办证的，写在这里：开代办之前先说。"))
    days = text_field(_("承诺工作日"), most=6, inputmode="decimal")
    fee = text_field(_("收费（元）"), most=10, required=False, inputmode="decimal", help_text=_("不收费写 0。"))
    fee_note = text_field(_("收费说明"), required=False)
    channels = forms.MultipleChoiceField(label=_("怎么办"), choices=[(k, _(v)) for k, v in rules.CHANNELS.items()], required=False, widget=forms.CheckboxSelectMultiple)
    materials = words_field(_("材料"), rows=5, required=False, most=4000, help_text=_("一行一份：名称|原件|份数|档案字段|有效天数。写了档案字段的，档案里有就不用再交。"))
    fields = words_field(_("表格内容"), rows=7, required=False, most=4000, help_text=_("一行一项：名称|档案字段；要问本人的写 ?名称。"))  # type: ignore[assignment]
    sensitive = forms.MultipleChoiceField(label=_("敏感信息"), choices=[(k, _(v)) for k, v in rules.SENSITIVE_TABLES.items()], required=False, widget=forms.CheckboxSelectMultiple, help_text=_("只有依据写明要用的才勾。"))
    basis = words_field(_("依据"), rows=2, required=False, most=300)
    note = words_field(_("注意"), rows=2, required=False, most=300)
    unsure = forms.BooleanField(label=_("待核实"), required=False)
    starts_on = optional_day(_("启用日期"))
    ends_on = optional_day(_("停用日期"))


def start(row: CatalogueItem) -> dict[str, Any]:
    thing = queries.as_thing(row)
    return {**thing.stored, "days": f"{thing.days.normalize():f}", "fee": f"{Decimal(thing.fee):f}", "materials": "\n".join(map(rules.material_text, thing.materials)), "fields": "\n".join(map(rules.field_text, thing.fields))}


def edit(request: StaffRequest, code: str = "") -> HttpResponse:
    """An item of one's own area: new, or instead of the wider area's."""
    area = keeper_area(request.me)
    row = one(area or area_of(request.me), code) if code else None
    if not area:
        raise NotAllowed(_now("事项目录由县或乡镇受理台维护。"))
    form = ItemForm(request.POST or None, initial=start(row) if row else {"days": "5", "fee": "0", "channels": ["agent", "window"]})
    if row is not None:
        form.fields["code"].disabled = True  # type: ignore[index]
    if request.method == "POST" and form.is_valid():
        thing = rules.read({**form.cleaned_data, "code": code or form.cleaned_data["code"]})
        for problem in thing.problems:
            form.add_error(None, problem)
        if not form.errors:
            try:
                items.put(area=area, thing=thing, by=request.me, at=request.now)
            except (Missing, Refused) as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _now("已保存，从现在起按这个办；已经在办的按原来的。"))
                return HttpResponseRedirect(reverse("catalogue-item", args=[thing.code]))
    known = sorted({**rules.FIELDS, **rules.SENSITIVE_FIELDS}.items())
    context = {"form": form, "i": row, "area": Area.objects.filter(pk=area).first(), "known": [(k, _now(v)) for k, v in known], "crumbs": [(_now("事项目录"), reverse("catalogue")), (row.name if row else _now("新事项"), "")]}
    return render(request, "desk/things/item_edit.html", context, status=422 if form.errors else 200)


def export(request: StaffRequest) -> HttpResponse:
    """The whole catalogue as it holds here, as Excel. No person stands in it."""
    area = area_of(request.me)
    content = items.workbook([queries.as_thing(r) for r in queries.items_at(area)])
    audit.record("export", detail={"what": "catalogue", "area": area})
    return HttpResponse(content, content_type=EXCEL, headers={"Content-Disposition": f'attachment; filename="catalogue-{area}-{timezone.localdate(request.now):%Y%m%d}.xlsx"', "Cache-Control": "no-store"})


class FileForm(forms.Form):
    file = forms.FileField(label=_("Excel 文件"), widget=forms.FileInput({"accept": ".xlsx,.xls,.ods"}), help_text=_("先导出一份照着改：第一行是列名，一行一个事项。"))


def import_page(request: StaffRequest) -> HttpResponse:
    """Look first, then it counts."""
    area = keeper_area(request.me)
    if not area:
        raise NotAllowed(_now("事项目录由县或乡镇受理台维护。"))
    context: dict[str, Any] = {"area": Area.objects.filter(pk=area).first(), "crumbs": [(_now("事项目录"), reverse("catalogue")), (_now("从 Excel 导入"), "")]}
    if request.POST.get("sure"):
        try:
            content = base64.b64decode(signing.loads(request.POST["sure"], salt=SALT, max_age=3600))
        except signing.BadSignature as error:
            raise Http404 from error
        things, wrong = items.read_workbook(content)
        if not wrong:
            did = items.import_items(area=area, things=things, by=request.me, at=request.now)
            messages.success(request, _now("已导入：新增 %(a)d 项，更改 %(c)d 项，不变 %(s)d 项。") % {"a": len(did.added), "c": len(did.changed), "s": did.same})
            return HttpResponseRedirect(reverse("catalogue"))
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read()
        things, wrong = items.read_workbook(content)
        for sentence in wrong[:20]:
            form.add_error("file", sentence)
        if not wrong:
            context |= {"did": items.compare(area, things), "count": len(things), "sure": signing.dumps(base64.b64encode(content).decode(), salt=SALT, compress=True)}
    return render(request, "desk/things/import.html", {**context, "form": form}, status=422 if form.errors else 200)
