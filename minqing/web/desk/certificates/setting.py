"""证明事项: what may be issued in a county, on what basis, in which words; what may not, and where to go.

Invariant: everybody at the desk reads it; who keeps the catalogue of an area changes its own row; a forbidden one stays forbidden.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import NotAllowed
from minqing.service.actions import certificates
from minqing.service.refusals import NotHere
from minqing.service.rules import certificates as rules
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.things.asking import CTL, answer, text_field, words_field
from minqing.web.shared.middleware import StaffRequest


class ItemForm(forms.Form):
    name = text_field(_("名称"), most=60)
    allowed = forms.BooleanField(label=_("村（社区）可以出"), required=False)
    basis = text_field(_("依据"), most=200)
    template = words_field(_("样式"), rows=5, required=False, help_text=_("{姓名}{性别}{出生日期}{户籍地}{现居住地}{村名}从档案填；别的花括号由起草人填。"))
    office = text_field(_("不能出时该去哪里"), most=80, required=False)
    bring = text_field(_("不能出时带什么"), most=160, required=False)
    starts_on = forms.DateField(label=_("从"), required=False, widget=forms.DateInput({**CTL, "type": "date"}))
    ends_on = forms.DateField(label=_("到"), required=False, widget=forms.DateInput({**CTL, "type": "date"}))


def area_of(request: StaffRequest) -> str:
    """The area whose catalogue he keeps, '' for others."""
    return next((p.area for p in request.me.posts if Right.CATALOGUE in ROLES[p.role].rights), "")


def listed(request: StaffRequest) -> HttpResponse:
    area = area_of(request)
    place = area or next((p.area for p in request.me.posts), "")
    held = certificates.items_at(place, timezone.localdate(request.now))
    return render(request, "desk/certificates/items.html", {"yes": [i for i in held if i.allowed], "no": [i for i in held if not i.allowed], "may": bool(area), "crumbs": [(_now("证明事项"), "")]})


def edit(request: StaffRequest, code: str) -> HttpResponse:
    area = area_of(request)
    if not area:
        raise NotAllowed(_now("证明事项由县、乡镇受理专员来改。"))
    try:
        item = certificates.item_at(code, area, timezone.localdate(request.now))
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    form = ItemForm(request.POST or None, initial={"name": item.name, "allowed": item.allowed, "basis": item.basis, "template": item.template, "office": item.office, "bring": item.bring})

    def do(d: dict[str, Any]) -> str:
        row = rules.Item(code, d["name"], d["allowed"], d["basis"], d["office"], d["bring"], d["template"])
        certificates.set_item(area=area, item=row, starts_on=d["starts_on"], ends_on=d["ends_on"], by=request.me, at=request.now)
        messages.success(request, _now("已保存，本区域从现在起按这个办。"))
        return reverse("certificate-items")

    page = Ask(title=item.name, ok=_now("保存"), back=reverse("certificate-items"), crumbs=[(_now("证明事项"), reverse("certificate-items")), (item.name, "")],
               says=[_now("只对本区域有效；已经出的证明不变。"), _now("国家规定不得出具的 20 项不能改成可以出。")], more={"help_route": "certificate-item"})
    return answer(request, page, form, do)
