"""What one does with an errand: take it, refuse it, note a step, hand over, settle, call back. One page or one button each.

Invariant: the table below is all; each line is one action of service/actions and says beforehand what it brings about.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.service.actions import callbacks, errands, materials, moving
from minqing.service.models import Errand, MoneyLine, Paper
from minqing.service.queries.errands import contact_of
from minqing.service.rules import kinds, numbers
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.things.asking import CTL, answer, at_once, radio_field, text_field, words_field
from minqing.web.desk.things.errands import found
from minqing.web.shared.middleware import StaffRequest


class WordsForm(forms.Form):
    words = words_field(_("为什么"))


class AssignForm(forms.Form):
    staff = forms.ChoiceField(label=_("交给谁"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].choices = choices  # type: ignore[attr-defined]


class PaperForm(forms.Form):
    what = text_field(_("什么材料"), list="materials")
    form = radio_field(_("原件还是复印件"), [(k, _(v)) for k, v in Paper.FORMS], initial="copy")
    pages = forms.IntegerField(label=_("份数"), min_value=1, max_value=99, initial=1, widget=forms.NumberInput({**CTL, "inputmode": "numeric"}))
    giver = text_field(_("谁交来的"), most=40)
    scan = forms.FileField(label=_("拍照留存"), required=False, help_text=_("可以不拍。身份证复印件等加密保存，看的时候要写事由、带水印。"), widget=forms.FileInput({"accept": "image/*"}))


class MoneyForm(forms.Form):
    kind = radio_field(_("是什么"), [("paid", _("我替他付了")), ("taken", _("收了他的钱")), ("given", _("退给他"))])
    amount = text_field(_("金额（元）"), most=14, inputmode="decimal")
    what = text_field(_("什么钱"), help_text=_("如“身份证工本费”。"))


class SubmitForm(forms.Form):
    to = text_field(_("交到哪个窗口"))
    number = text_field(_("对方的受理编号"), required=False, most=40)


class DeliverForm(forms.Form):
    to = radio_field(_("谁签收的"), [(k, _(v)) for k, v in Errand.TAKERS], initial="self")
    name = text_field(_("签收人姓名"), most=40, help_text=_("和纸上的签字一致。"))
    words = words_field(_("告诉本人的话"), required=False, help_text=_("不写就写“办好了，已送到并签收”。"))


class CallBackForm(forms.Form):
    channel = radio_field(_("怎么回访的"), [("phone", _("电话")), ("door", _("上门")), ("window", _("窗口"))], initial="phone")
    reached = radio_field(_("联系上了吗"), [("yes", _("联系上了")), ("no", _("没有联系上"))], initial="yes")
    solved = radio_field(_("事情解决了吗"), [(k, _(v)) for k, v in kinds.SOLVED], required=False)
    satisfied = radio_field(_("满意吗"), [(k, _(v)) for k, v in kinds.SATISFIED], required=False)
    words = words_field(_("本人怎么说"), required=False)


def ask(errand: Errand, title: str, ok: str, *says: str, **more: Any) -> Ask:
    back = reverse("errand", args=[errand.matter_id])
    crumbs = [(_now("代办"), reverse("errand-list")), (numbers.spoken(errand.matter.number), back), (title, "")]
    return Ask(title=title, ok=ok, back=back, says=says, crumbs=crumbs, about=errand.matter.title, **more)


def do(request: StaffRequest, matter: uuid.UUID, what: str) -> HttpResponse:
    """One of ACTS (a button) or of ASKED (a page)."""
    errand = found(matter, request.me)
    if what in ACTS:
        if request.method != "POST":
            raise Http404
        action, said = ACTS[what]
        target = reverse("errand", args=[matter])
        return at_once(request, lambda: _done(action, request, matter, str(said)), target)
    if what not in ASKED:
        raise Http404
    return ASKED[what](request, errand)


def _done(action: Callable[..., Any], request: StaffRequest, matter: uuid.UUID, said: str) -> str:
    action(matter=matter, by=request.me, at=request.now)
    return said


ACTS: dict[str, tuple[Callable[..., Any], Any]] = {
    "accept": (errands.accept, _("好，由您来办。")), "collected": (errands.collected, _("已记：材料齐了。")), "fetched": (errands.fetched, _("已记：取回了。")), "again": (errands.again, _("请重新安排代办员。")),
}


def assign(request: StaffRequest, errand: Errand) -> HttpResponse:
    choices = [(str(request.me.id), _now("我自己去办"))]
    for r in errands.runners(errand, request.me):
        if r.id != request.me.id:
            choices.append((str(r.id), r.name + (_now("（擅长这类）") if r.skilled else "") + (f" · {r.note}" if r.note else "")))
    form = AssignForm(request.POST or None, choices=choices)
    page = ask(errand, _now("安排代办员"), _now("交给他"), _now("他会在“代办”里看到这件事，点“我来办”才算答应；办不了要写原因，退回给您。"), _now("他只看到这一件，看不到档案，表格里要的几项除外。"))

    def act(data: dict[str, Any]) -> str:
        errands.assign(matter=errand.matter, staff=uuid.UUID(data["staff"]), by=request.me, at=request.now)
        messages.success(request, _now("已交办。"))
        return page.back

    return answer(request, page, form, act)


def refuse(request: StaffRequest, errand: Errand) -> HttpResponse:
    page = ask(errand, _now("办不了"), _now("退回去"), _now("退回给安排的人，好换人；您就看不到这件事了。"), tone="danger")

    def act(data: dict[str, Any]) -> str:
        errands.refuse(matter=errand.matter, words=data["words"], by=request.me, at=request.now)
        messages.success(request, _now("已退回，谢谢您说明原因。"))
        return reverse("errand-list")

    return answer(request, page, WordsForm(request.POST or None), act)


def recall(request: StaffRequest, errand: Errand) -> HttpResponse:
    page = ask(errand, _now("收回，换人办"), _now("收回"), _now("原来的代办员从此看不到这件事。"))

    def act(data: dict[str, Any]) -> str:
        errands.recall(matter=errand.matter, words=data["words"], by=request.me, at=request.now)
        return page.back

    return answer(request, page, WordsForm(request.POST or None), act)


def paper(request: StaffRequest, errand: Errand) -> HttpResponse:
    page = ask(errand, _now("收材料"), _now("收下，出收据"), _now("每份材料一张有号的收据，给交来的人。"), _now("原件要退还，或写明部门收存，才能记“送到”。"),
               more={"upload": True, "materials": [m["name"] for m in errand.item.materials]})
    form = PaperForm(request.POST or None, request.FILES or None, initial={"giver": _name(errand)})

    def act(data: dict[str, Any]) -> str:
        scan = data["scan"].read() if data["scan"] else None
        made = materials.receive(matter=errand.matter, what=data["what"], form=data["form"], pages=data["pages"], giver=data["giver"], scan=scan, by=request.me, at=request.now)
        messages.success(request, _now("已收下，收据 %s 号。") % materials.receipt_number(errand.matter, made))
        return page.back

    return answer(request, page, form, act)


def _name(errand: Errand) -> str:
    return str(contact_of(errand.matter).name)


def money(request: StaffRequest, errand: Errand) -> HttpResponse:
    page = ask(errand, _now("记一笔钱"), _now("记下，等第二人签字"), _now("两个人签字才算数：您和另一位同事。"), _now("记错了不改，冲销一笔再重记。"), _now("送到之前要结清。"))

    def act(data: dict[str, Any]) -> str:
        materials.pay(matter=errand.matter, kind=data["kind"], amount=data["amount"], what=data["what"], by=request.me, at=request.now)
        return page.back + "#money"

    return answer(request, page, MoneyForm(request.POST or None), act)


def submit(request: StaffRequest, errand: Errand) -> HttpResponse:
    page = ask(errand, _now("交到窗口"), _now("交了"), _now("从现在起单独算对方的时间：承诺 %s 个工作日。") % f"{errand.item.days.normalize():f}", _now("本人会知道交到了哪里、何时前办好。"))
    form = SubmitForm(request.POST or None, initial={"to": errand.item.department_name})

    def act(data: dict[str, Any]) -> str:
        errands.submitted(matter=errand.matter, to=data["to"], number=data["number"], by=request.me, at=request.now)
        return page.back

    return answer(request, page, form, act)


def deliver(request: StaffRequest, errand: Errand) -> HttpResponse:
    page = ask(errand, _now("送到，签收"), _now("送到了"), _now("这件事就答复本人了；三个工作日内由另一位同事回访。"), _now("之后您就看不到这件事了。"))
    form = DeliverForm(request.POST or None, initial={"name": _name(errand)})

    def act(data: dict[str, Any]) -> str:
        errands.delivered(matter=errand.matter, to=data["to"], name=data["name"], words=data["words"], by=request.me, at=request.now)
        messages.success(request, _now("已记送到，辛苦了。由另一位同事回访。"))
        return reverse("errand-list")

    return answer(request, page, form, act)


def fail(request: StaffRequest, errand: Errand) -> HttpResponse:
    page = ask(errand, _now("办不成"), _now("答复本人"), _now("您写的话会原样告诉本人；由另一位同事回访。"), tone="danger")

    def act(data: dict[str, Any]) -> str:
        errands.failed(matter=errand.matter, words=data["words"], by=request.me, at=request.now)
        messages.success(request, _now("已答复本人。"))
        return reverse("errand-list")

    return answer(request, page, WordsForm(request.POST or None), act)


def call_back(request: StaffRequest, errand: Errand) -> HttpResponse:
    page = ask(errand, _now("回访"), _now("记下回访"), _now("说没有解决的，重新办一次；第二次还没有解决，由领导定。"), _now("联系不上的，在不同的两天打三次再办结。"))
    form = CallBackForm(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        row = callbacks.call_back(matter=moving.get(errand.matter, request.me), channel=data["channel"], reached=data["reached"] == "yes", solved=data["solved"], satisfied=data["satisfied"], words=data["words"], by=request.me, at=request.now)
        messages.success(request, _now("已记下回访。") if row.state != "closed" else _now("已办结，办成的待遇已记入。"))
        return page.back

    return answer(request, page, form, act)


ASKED: dict[str, Callable[[StaffRequest, Errand], HttpResponse]] = {
    "assign": assign, "refuse": refuse, "recall": recall, "paper": paper, "money": money, "submit": submit, "deliver": deliver, "fail": fail, "callback": call_back,
}


class BackForm(forms.Form):
    to = radio_field(_("退给谁"), [(k, _(v)) for k, v in Paper.BACK], initial="self")


def give_back(request: StaffRequest, matter: uuid.UUID, number: int) -> HttpResponse:
    """A paper goes back."""
    errand = found(matter, request.me)
    row = Paper.objects.filter(matter=errand.matter_id, number=number).first()
    if row is None:
        raise Http404
    page = ask(errand, _now("退还材料"), _now("退了"), _now("收据 %d 号：%s。") % (row.number, row.what))

    def act(data: dict[str, Any]) -> str:
        materials.give_back(paper=row.pk, to=data["to"], by=request.me, at=request.now)
        return page.back + "#papers"

    return answer(request, page, BackForm(request.POST or None), act)


class WhyForm(forms.Form):
    why = text_field(_("哪里记错了"))


def money_line(request: StaffRequest, matter: uuid.UUID, number: int, what: str) -> HttpResponse:
    """The second signature (a button), or a reversal (a page)."""
    errand = found(matter, request.me)
    row = MoneyLine.objects.filter(matter=errand.matter_id, number=number).first()
    if row is None or what not in ("sign", "reverse"):
        raise Http404
    if what == "sign":
        if request.method != "POST":
            raise Http404
        return at_once(request, lambda: _sign(row, request), reverse("errand", args=[matter]) + "#money")
    page = ask(errand, _now("冲销第 %d 笔") % row.number, _now("冲销"), _now("原来那笔留着，另记一笔把它冲掉，也要两人签字。"))

    def act(data: dict[str, Any]) -> str:
        materials.reverse(line=row.pk, why=data["why"], by=request.me, at=request.now)
        return page.back + "#money"

    return answer(request, page, WhyForm(request.POST or None), act)


def _sign(row: MoneyLine, request: StaffRequest) -> str:
    materials.countersign(line=row.pk, by=request.me, at=request.now)
    return str(_now("第 %d 笔已签字。") % row.number)
