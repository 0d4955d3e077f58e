"""The person in front of the window: who he is, what he came for, what he hands in.

Invariants: a person is shown only while his number is called here (access.window_person); bad input loses no word; a receipt is
printed for everything that is taken.
"""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.actions import audit
from minqing.access.scope import NotAllowed
from minqing.access.words import county
from minqing.archives.rules import items
from minqing.service.actions import window
from minqing.service.actions.matters import Opened
from minqing.service.models import HandedChange, Ticket
from minqing.service.queries import catalogue
from minqing.service.queries import window as queries
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import catalogue as topics
from minqing.service.rules import kinds, numbers
from minqing.service.rules import window as rules
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.matters.intake import RECEIPT, RECEIPT_SECONDS
from minqing.web.desk.things.asking import CTL, text_field, words_field
from minqing.web.desk.things.errands import places_of
from minqing.web.desk.window.queue import need_desk
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest

KINDS = [(k.value, label) for k, label in kinds.KIND_LABELS.items() if k not in (kinds.Kind.ERRAND, kinds.Kind.VERIFY)]


class FindForm(forms.Form):
    number = text_field(_("身份证号"), most=24, required=False, help_text=_("看着证件输入，或用读卡器读。"))
    name = text_field(_("没带证：姓名"), most=40, required=False)
    year = text_field(_("出生年份"), most=4, required=False, inputmode="numeric")


class EndForm(forms.Form):
    outcome = forms.ChoiceField(label=_("结果"), choices=[("", _("请选择")), *[(k, _(rules.OUTCOMES[k])) for k in rules.SPOKEN]], required=False, widget=forms.Select(CTL))
    left = text_field(_("还剩什么、在谁那里"), most=120, required=False)


class MatterForm(forms.Form):
    words = words_field(_("他怎么说"), help_text=_("照他的话写。"))
    kind = forms.ChoiceField(label=_("哪一类"), choices=[("", _("请选择")), *KINDS], widget=forms.Select(CTL))
    place = forms.ChoiceField(label=_("在哪个村（社区）"), widget=forms.Select(CTL))
    name = text_field(_("姓名"), most=40, required=False)
    own_phone = forms.BooleanField(label=_("用档案里的电话"), required=False)
    phone = text_field(_("别的电话"), most=24, required=False, inputmode="tel")
    confidential = forms.BooleanField(label=_("要求保密"), required=False)
    about_staff = forms.BooleanField(label=_("反映的是工作人员"), required=False)


class ErrandForm(forms.Form):
    item = forms.ChoiceField(label=_("办什么"), widget=forms.Select(CTL))
    place = forms.ChoiceField(label=_("在哪个村（社区）"), widget=forms.Select(CTL))
    name = text_field(_("姓名"), most=40, required=False)
    phone = text_field(_("怎么联系"), most=24, required=False, help_text=_("不写就用档案里的电话。"), inputmode="tel")
    words = words_field(_("他怎么说"), required=False)
    offer = forms.CharField(required=False, widget=forms.HiddenInput)


class ChangeForm(forms.Form):
    item = forms.ChoiceField(label=_("变的是哪一项"), widget=forms.Select(CTL), help_text=_("身份和待遇由主管部门核实，其余由村里核对。"))
    value = text_field(_("变成什么"), most=200)
    paper = forms.ChoiceField(label=_("出示的材料"), choices=[("", _("请选择")), *[(p, _(p)) for p in rules.PAPERS]], widget=forms.Select(CTL))
    number = text_field(_("材料上的编号"), most=40, required=False)
    issuer = text_field(_("哪个单位发的"), most=60)
    note = text_field(_("说明"), most=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[str, Any]]] = {}
        for road, item in rules.changeable():
            groups.setdefault(_now("村里核对") if road == "village" else _now("问主管部门"), []).append((item.field, _now(item.label)))
        self.fields["item"].choices = [("", _now("请选择")), *groups.items()]  # type: ignore[attr-defined]


def found(request: StaffRequest, ticket: uuid.UUID) -> Ticket:
    need_desk(request)
    try:
        return window.ticket_of(ticket, request.me)
    except NotHere as error:
        raise Http404(str(error)) from error


def base(request: StaffRequest, row: Ticket, title: str = "") -> dict[str, Any]:
    """What every page of a number shows: the person, if he is known and in front."""
    person = window.in_front(row, request.me)
    crumbs = [(_now("窗口"), reverse("window")), (row.code, reverse("window-ticket", args=[row.pk]) if title else "")]
    context: dict[str, Any] = {"t": row, "person": person, "front": row.state == "called" and row.called_by == request.me.id, "crumbs": [*crumbs, (title, "")] if title else crumbs}
    if person:
        names = {r.code: r for r in catalogue.rules_at(person.place[:12])}
        context |= {
            "age": rules.age_on(person.born, timezone.localdate(request.now)), "sex": {"1": _now("男"), "2": _now("女")}.get(person.sex, ""),
            "sources": [{"label": _now(items.ITEMS[f].label), "from": items.source_label(s.get("from") or ""), "on": s.get("on") or ""} for f, s in person.sources.items()],
            "errands": [{**e, "number": numbers.spoken(str(e["number"])) if e.get("number") else ""} for e in person.errands],
            "offers": [{"id": o["id"], "name": names[o["rule"]].name if o["rule"] in names else "", "item": names[o["rule"]].item if o["rule"] in names else "", "due": o["due"]} for o in person.offers],
        }
    return context


def ticket_page(request: StaffRequest, ticket: uuid.UUID) -> HttpResponse:
    """Check who it is, see what concerns him, go on; end the number with its outcome."""
    row = found(request, ticket)
    ends = request.method == "POST" and request.POST.get("do") == "end"
    form, ending = FindForm(request.POST if request.method == "POST" and not ends else None), EndForm(request.POST if ends else None)
    if ends and ending.is_valid():
        try:
            window.step(ticket=row.pk, name="end", by=request.me, **ending.cleaned_data)
        except Missing as refusal:
            ending.add_error(refusal.field, str(refusal))
        except Refused as refusal:
            ending.add_error(None, str(refusal))
        else:
            messages.success(request, _now("%s 已办完。") % row.code)
            return HttpResponseRedirect(reverse("window"))
    elif request.method == "POST" and form.is_valid():
        try:
            wrong = window.identify(ticket=row.pk, by=request.me, at=request.now, **form.cleaned_data)
        except Missing as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            if not wrong:
                return HttpResponseRedirect(reverse("window-ticket", args=[row.pk]))
            form.add_error(None, wrong)
        row = found(request, ticket)
    done = queries.matters_of([row.pk], request.me).get(row.pk, []) + queries.changes_of(row.desk_code, row.day, [row.pk]).get(row.pk, [])
    items_here = {i.code: i.name for i in catalogue.items_at(row.desk_code[:9], timezone.localdate(request.now))}
    context = base(request, row) | {"form": form, "ending": ending, "done": done, "outcome": _now(rules.OUTCOMES[row.outcome]) if row.outcome else "",
                                    "delegated": [items_here.get(code, code) for code in row.counter.delegated]}
    return render(request, "desk/window/ticket.html", context, status=422 if form.errors or ending.errors else 200)


def to_receipt(request: StaffRequest, opened: Opened) -> HttpResponse:
    """Number and word once, on the receipt's own page, which prints A5 and 80 mm."""
    response = HttpResponseRedirect(reverse("matter-receipt"))
    said = "|".join((opened.matter.number, opened.word, "" if opened.restricted else str(opened.matter.pk), "", ",".join(opened.urgent_words)))
    response.set_signed_cookie(RECEIPT, said, salt=str(request.me.session), max_age=RECEIPT_SECONDS, path=reverse("matter-receipt"), httponly=True, samesite="Strict", secure=settings.PRODUCTION)
    return response


def answered(request: StaffRequest, context: dict[str, Any], form: forms.Form, do: Any, title: str, ok: str) -> HttpResponse:
    """Form, one action, its answer; 422 with every word where something is lacking."""
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                return do(form.cleaned_data)
        except NotHere as refusal:
            raise Http404(str(refusal)) from refusal
        except Missing as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        except (Refused, NotAllowed) as refusal:
            form.add_error(None, str(refusal))
    return render(request, "desk/window/take.html", context | {"form": form, "title": title, "ok": ok}, status=422 if form.errors else 200)


def places(request: StaffRequest, form: forms.Form) -> None:
    form.fields["place"].choices = places_of(request.me)  # type: ignore[attr-defined]


def matter(request: StaffRequest, ticket: uuid.UUID) -> HttpResponse:
    row = found(request, ticket)
    context = base(request, row, _now("登记一件事"))
    person = context["person"]
    form = MatterForm(request.POST or None, initial={"place": person.place[:12] if person else "", "own_phone": bool(person and person.phone)})
    places(request, form)
    if person:
        del form.fields["name"]
    if not person or not person.phone:
        del form.fields["own_phone"]
    else:
        form.fields["own_phone"].label = _now("用档案里尾号 %s 的电话") % person.phone_tail

    def do(data: dict[str, Any]) -> HttpResponse:
        wanted = window.Wanted(words=data["words"], kind=data["kind"], place=data["place"], name=data.get("name", ""), phone=data["phone"], own_phone=data.get("own_phone", False), confidential=data["confidential"], about_staff=data["about_staff"])
        return to_receipt(request, window.open_matter(ticket=row.pk, wanted=wanted, by=request.me, at=request.now))

    return answered(request, context, form, do, _now("登记一件事"), _now("登记，打印回执"))


def errand(request: StaffRequest, ticket: uuid.UUID) -> HttpResponse:
    row = found(request, ticket)
    context = base(request, row, _now("登记代办"))
    person = context["person"]
    where = request.POST.get("place") or (person.place[:12] if person else row.desk_code[:9])
    form = ErrandForm(request.POST or None, initial={"item": request.GET.get("item", ""), "offer": request.GET.get("offer", ""), "place": where})
    places(request, form)
    grouped: dict[str, list[tuple[str, str]]] = {}
    for item in catalogue.items_at(where, timezone.localdate(request.now)):
        grouped.setdefault(_now(dict(topics.TOPIC_CHOICES)[item.topic]), []).append((item.code, item.name))
    form.fields["item"].choices = [("", _now("请选择")), *grouped.items()]  # type: ignore[attr-defined]
    if person:
        del form.fields["name"], form.fields["place"]

    def do(data: dict[str, Any]) -> HttpResponse:
        try:
            offer = uuid.UUID(data["offer"]) if data["offer"] else None
        except ValueError as error:
            raise Http404 from error
        opened = window.open_errand(ticket=row.pk, item=data["item"], words=data["words"], place=data.get("place", ""), name=data.get("name", ""), phone=data["phone"], offer=offer, by=request.me, at=request.now)
        messages.success(request, _now("代办已登记。打印回执后，到“代办”里念表格、收材料、请本人签字。"))
        return to_receipt(request, opened)

    return answered(request, context, form, do, _now("登记代办"), _now("登记代办"))


def change(request: StaffRequest, ticket: uuid.UUID) -> HttpResponse:
    """交一份变更."""
    row = found(request, ticket)
    context = base(request, row, _now("交一份变更"))
    if context["person"] is None:
        messages.warning(request, _now("先核对本人，再收变更。"))
        return HttpResponseRedirect(reverse("window-ticket", args=[row.pk]))
    form = ChangeForm(request.POST or None)

    def do(data: dict[str, Any]) -> HttpResponse:
        made = window.hand_in(ticket=row.pk, item=data["item"], value=data["value"], paper=window.Paper(data["paper"], data["number"], data["issuer"]), note=data["note"], by=request.me, at=request.now)
        who = items.source_label(made.department) if made.department else _now("村里")
        messages.success(request, _now("已收下：%(who)s在 %(day)s 前确认。请打印回执给他。") % {"who": who, "day": made.due_on.isoformat()})
        return HttpResponseRedirect(reverse("window-ticket", args=[row.pk]))

    return answered(request, context, form, do, _now("交一份变更"), _now("收下"))


@county
def change_receipt(request: StaffRequest, change: uuid.UUID) -> HttpResponse:
    """The receipt of a change as PDF: which item, by which paper, who confirms and when. The value is not on it."""
    need_desk(request)
    row = HandedChange.objects.filter(pk=change).select_related("ticket").first()
    if row is None:
        raise Http404
    audit.record("window.print", persons=[row.person_id], detail={"what": "change"})
    context = {**printing.frame(request.me, request.now), "c": row, "label": _now(items.ITEMS[row.field].label), "who": items.source_label(row.department) if row.department else _now("村里"), "hotline": settings.HOTLINE}
    return as_pdf(printing.pdf("desk/window/change_print.html", context), f"change-{row.ticket.code}")
