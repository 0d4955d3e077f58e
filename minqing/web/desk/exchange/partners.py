"""对方县: cards exchanged, catalogues read with their own headings, items matched by a person. Kept by the county's reception.

Invariant: a catalogue is looked at, its headings explained, and only then kept; a proposal is marked as one until somebody saves it.
"""

from __future__ import annotations

import base64
import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.scope import NotAllowed
from minqing.gateways import parcels as gateway
from minqing.service.actions import parcels, partners
from minqing.service.models import Partner, PartnerItem
from minqing.service.queries import catalogue
from minqing.service.queries import parcels as queries
from minqing.service.refusals import Missing, Refused
from minqing.service.rules import catalogue as catalogue_rules
from minqing.service.rules import parcels as rules
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.exchange.parcels import crumbs
from minqing.web.desk.things.asking import CTL, answer, or_404, text_field, words_field
from minqing.web.shared.middleware import StaffRequest

SALT = "minqing.partner.catalogue"


class PartnerForm(forms.Form):
    name = text_field(_("对方县"), most=60, help_text=_("如“常山县政务服务中心”。"))
    card = words_field(_("对方的名片"), rows=3, most=300, help_text=_("对方在“对方县”页上复制的一整行，以 mq1. 开头。贴好以后打电话念校验码，一样才保存。"))
    url = text_field(_("接口地址"), required=False, most=200, help_text=_("https:// 开头；没有接口就不写，用文件来往。"))
    receipt_hours = forms.IntegerField(label=_("几小时没有回执算丢了"), help_text=_("休息日不算。"), min_value=1, max_value=240, initial=24, widget=forms.NumberInput({**CTL, "inputmode": "numeric"}))


class FileForm(forms.Form):
    file = forms.FileField(label=_("对方县的事项目录"), widget=forms.FileInput({"accept": ".xlsx,.xls,.ods,.csv"}), help_text=_("Excel 或 CSV，列名不用改；认不得的列下一步说明一次就记住。"))


class ItemForm(forms.Form):
    fields = words_field(_("表格内容"), rows=7, required=False, most=4000, help_text=_("一行一项：名称|档案字段；要问本人的写 ?名称。只有这里写的、本县目录也写的，才会交给对方。"))  # type: ignore[assignment]
    materials = words_field(_("材料"), rows=4, required=False, most=2000, help_text=_("一行一份。"))


def partner_or_404(request: StaffRequest, partner: uuid.UUID) -> Partner:
    return or_404(partners.find, partner, request.me)


def listed(request: StaffRequest) -> HttpResponse:
    """Partners, and our own card to give."""
    county = partners.county_of(request.me)
    rows = list(Partner.objects.filter(area_code=county, ended_at=None).order_by("name"))
    left = queries.unmatched([r.pk for r in rows])
    context = {"rows": [{"p": r, "left": left.get(r.pk, 0), "finger": gateway.read_card(r.card).fingerprint} for r in rows], "own": parcels.own_card(), "crumbs": crumbs((_now("对方县"), ""))}
    return render(request, "desk/exchange/partners.html", context)


def edit(request: StaffRequest, partner: uuid.UUID | None = None) -> HttpResponse:
    """A new one, or its name, card, address, hours."""
    partners.county_of(request.me)
    row = partner_or_404(request, partner) if partner else None
    start = {"name": row.name, "card": row.card, "url": row.url, "receipt_hours": row.receipt_hours} if row else None
    back = reverse("partner", args=[row.pk]) if row else reverse("partner-list")
    page = Ask(title=_now("改对方县") if row else _now("添一个对方县"), ok=_now("保存"), back=back, about=row.name if row else "", crumbs=crumbs((_now("对方县"), reverse("partner-list")), (row.name if row else _now("添一个"), "")),
               says=[_now("名片就是对方的公钥：以后凭它认出包裹是不是对方寄的、没有被改过。"), _now("名片要当面或打电话核对校验码；换名片等于换人，以前的包裹照旧。")])

    def do(data: dict[str, Any]) -> str:
        made = partners.put(card=data["card"], name=data["name"], url=data["url"], receipt_hours=data["receipt_hours"], by=request.me, at=request.now, partner=row)
        messages.success(request, _now("已保存。校验码：%s，请和对方在电话里念一遍。") % gateway.read_card(made.card).fingerprint)
        return reverse("partner", args=[made.pk])

    return answer(request, page, PartnerForm(request.POST or None, initial=start), do)


def one(request: StaffRequest, partner: uuid.UUID) -> HttpResponse:
    """Its items and which of ours they are; POST saves the matches, or ends the partner."""
    row = partner_or_404(request, partner)
    if request.method == "POST" and request.POST.get("do") == "end":
        partners.end(partner=row.pk, by=request.me, at=request.now)
        messages.success(request, _now("已停用%s。") % row.name)
        return HttpResponseRedirect(reverse("partner-list"))
    if request.method == "POST":
        return save_matches(request, row)
    ours = catalogue.items_at(row.area_code)
    names = {o.code: o.name for o in ours}
    lines = []
    for item in PartnerItem.objects.filter(partner=row).order_by("missing_since", "name"):
        proposed = partners.proposal(item, ours) if not item.item and not item.no_match and item.missing_since is None else ""
        lines.append({"i": item, "proposed": names.get(proposed, ""), "value": item.item or ("-" if item.no_match else proposed), "ours": names.get(item.item, "")})
    context = {"p": row, "lines": lines, "ours": sorted((o.name, o.code) for o in ours), "finger": gateway.read_card(row.card).fingerprint, "left": sum(1 for x in lines if not x["i"].item and not x["i"].no_match and x["i"].missing_since is None),
               "crumbs": crumbs((_now("对方县"), reverse("partner-list")), (row.name, ""))}
    return render(request, "desk/exchange/partner.html", context)


def save_matches(request: StaffRequest, row: Partner) -> HttpResponse:
    answers = {}
    for key, value in request.POST.items():
        if key.startswith("m-"):
            try:
                answers[uuid.UUID(key[2:])] = str(value)
            except ValueError:
                continue
    try:
        n = partners.match(partner=row, answers=answers, by=request.me, at=request.now)
    except (Refused, NotAllowed) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _now("已保存，改了 %d 项。") % n)
    return HttpResponseRedirect(reverse("partner", args=[row.pk]))


def upload(request: StaffRequest, partner: uuid.UUID) -> HttpResponse:
    """Look at a catalogue, explain the headings that nobody knows, keep it."""
    row = partner_or_404(request, partner)
    form = FileForm(request.POST if "file" in request.FILES or "sure" not in request.POST and request.method == "POST" else None, request.FILES or None)
    context: dict[str, Any] = {"p": row, "form": form, "crumbs": crumbs((_now("对方县"), reverse("partner-list")), (row.name, reverse("partner", args=[row.pk])), (_now("收目录"), ""))}
    name, content, taught = "", b"", {}
    if request.POST.get("sure"):
        try:
            said = signing.loads(request.POST["sure"], salt=SALT, max_age=3600)
        except signing.BadSignature as error:
            raise Http404 from error
        name, content = said["name"], base64.b64decode(said["content"])
        taught = {key[2:]: value for key, value in request.POST.items() if key.startswith("c-") and value in {"", *rules.LABELS}}
    elif form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        name, content = file.name, file.read(partners.MOST_BYTES + 1)
    if not content:
        if form.is_bound and form.is_valid():
            form.add_error("file", _now("文件是空的，请核对是不是选错了文件。"))
        return render(request, "desk/exchange/partner_upload.html", context, status=422 if form.errors else 200)
    try:
        look = partners.look(row, name, content, taught)
        if request.POST.get("do") == "keep" and look.rows and not look.unknown:
            did = partners.take(partner=row, rows=look.rows, columns=dict(look.headings), by=request.me, at=request.now)
            messages.success(request, _now("收下了：新增 %(n)d 项，更改 %(c)d 项，不变 %(s)d 项，这次没有的 %(g)d 项。请把新的对上本县事项。") % {"n": did.new, "c": did.changed, "s": did.same, "g": did.gone})
            return HttpResponseRedirect(reverse("partner", args=[row.pk]))
    except (Missing, Refused) as refusal:
        form = FileForm({})
        form.errors["file"] = form.error_class([str(refusal)])
        return render(request, "desk/exchange/partner_upload.html", {**context, "form": form}, status=422)
    heads = [{"name": "c-" + rules.tidy(h), "heading": h, "key": key, "new": h in look.unknown} for h, key in look.headings]
    context |= {"look": look, "heads": heads, "keys": [(k, _now(v)) for k, v in rules.LABELS.items()], "file": name, "sure": signing.dumps({"name": name, "content": base64.b64encode(content).decode()}, salt=SALT, compress=True),
                "named": any(key == "name" for _h, key in look.headings), "sample": look.rows[:5], "ready": bool(look.rows) and not look.unknown}
    return render(request, "desk/exchange/partner_upload.html", context)


def item(request: StaffRequest, item: uuid.UUID) -> HttpResponse:
    """What one item asks for: their words, our fields."""
    row = PartnerItem.objects.select_related("partner").filter(pk=item).first()
    if row is None:
        raise Http404
    partner_or_404(request, row.partner_id)
    back = reverse("partner", args=[row.partner_id])
    known = "、".join(f"{_now(label)} {name}" for name, label in sorted(catalogue_rules.FIELDS.items()))
    page = Ask(title=row.name, ok=_now("保存"), back=back, about=row.partner.name, crumbs=crumbs((_now("对方县"), reverse("partner-list")), (row.partner.name, back), (row.name, "")),
               says=[_now("左边是对方的叫法，竖线右边是本县档案的字段；没有字段的要问本人。"), _now("下次对方的目录再来，这里写过的还在。"), _now("可以用的字段：%s") % known])
    start = {"fields": "\n".join(catalogue_rules.field_text(f) for f in row.fields), "materials": "\n".join(row.materials)}

    def do(data: dict[str, Any]) -> str:
        partners.explain(item=row.pk, fields=data["fields"], materials=data["materials"], by=request.me, at=request.now)
        messages.success(request, _now("已保存。"))
        return back

    return answer(request, page, ItemForm(request.POST or None, initial=start), do)
