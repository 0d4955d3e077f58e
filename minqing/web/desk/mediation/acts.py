"""Steps of a mediation: each its own page with what will happen, one action, back to the mediation.

Invariants: bad input loses no word; what is not possible now is said and leads back; whoever turns out to be kin of the other side is
told that he no longer sees the matter.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.archives.models import Resident
from minqing.service.actions import matters, mediations, moving
from minqing.service.actions.matters import Who
from minqing.service.models import Matter, MediationPromise
from minqing.service.refusals import Missing
from minqing.service.rules import mediation as rules
from minqing.web.desk.archives import choosing
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.mediation import forms as f
from minqing.web.desk.mediation.pages import MOVES, papers_or_404
from minqing.web.desk.things.asking import answer, or_404
from minqing.web.shared.middleware import StaffRequest

TEMPLATE = "desk/mediation/act.html"


def matter_or_404(request: StaffRequest, number: uuid.UUID) -> Matter:
    return or_404(moving.get, number, request.me)


def ask(matter: Matter, title: str, ok: str, back: str, *says: str, **more: Any) -> Ask:
    crumbs = [(_("调解"), reverse("mediation-list")), (matter.title, back), (title, "")]
    return Ask(title=title, ok=ok, back=back, says=says, crumbs=crumbs, about=matter.title, more=more)


def start(request: StaffRequest, matter: uuid.UUID) -> HttpResponse:
    """Both sides, then "start"; without the other side first the other side."""
    row = matter_or_404(request, matter)
    sides = mediations.sides(row, request.me)
    if len(sides) < 2:
        return other(request, matter)
    back = reverse("matter-file", args=[row.pk])
    names = mediations.names_of(row, sides)
    page = ask(row, _("开始调解"), _("开始调解"), back, _("您做这次调解的调解员。"), _("下一步问每一方愿不愿意：有一方不愿意就不调解，不影响走别的路。"), _("调解不收费，答复的期限照走；来不及就先申请延期。"),
               sides=[{"role": _(dict(p.ROLES)[p.role]), "name": names[p.pk], "file": p.person_id} for p in sides], other=reverse("mediation-other", args=[row.pk]))
    matters.open_read(row, by=request.me)
    form = forms.Form(request.POST) if request.method == "POST" else forms.Form()

    def do(_data: dict[str, Any]) -> str:
        made = mediations.start(matter=row, by=request.me, at=request.now)
        messages.success(request, _("调解开始了。先问双方愿不愿意。"))
        return reverse("mediation", args=[made.pk])

    return answer(request, page, form, do, template=TEMPLATE)


def other(request: StaffRequest, matter: uuid.UUID) -> HttpResponse:
    """The other side of the dispute, found in the files or written down."""
    row = matter_or_404(request, matter)
    back = reverse("matter-file", args=[row.pk])
    finds = request.me.holds(Right.PEOPLE)
    found = choosing.found_people(request) if finds else []
    form = f.OtherForm(request.POST if request.method == "POST" and "name" in request.POST else None, people=found)
    more = choosing.context(request, "person", found) if finds else {}
    page = ask(row, _("补登对方"), _("登记对方"), back, _("对方会知道有人反映了什么、请谁来调解：由调解员当面说，不自动发通知。"), _("对上档案的，系统会查您和他是不是亲属；是的话您要回避，这件事您就看不到了，由受理处换人。"), **more)

    def do(data: dict[str, Any]) -> str:
        still = matters.add_other(matter=row, who=who_of(request, data), by=request.me, at=request.now)
        if not still:
            messages.warning(request, _("对方是您自己、家里人或亲属：您要回避，这件事由受理处换人办，您这里不再看到。"))
            return reverse("matter-list")
        messages.success(request, _("已登记对方。"))
        return reverse("mediation-start", args=[row.pk])

    return answer(request, page, form, do, template=TEMPLATE)


def who_of(request: StaffRequest, data: dict[str, Any]) -> Who:
    person = Resident.objects.filter(pk=data["person"], voided_at=None).first() if data.get("person") else None
    name = data["name"] or (person.name if person else "")
    if not name:
        raise Missing("name", _("请写对方的姓名，或先在档案里找到他。"))
    return Who(name=name, phone=data["phone"], address=data["address"] or (person.living_address if person else ""), person=person.pk if person else None)


def act(request: StaffRequest, mediation: uuid.UUID, verb: str) -> HttpResponse:
    """One step; `verb` is a word of DO."""
    if verb not in DO:
        raise Http404
    found = papers_or_404(request, mediation)
    row, matter, back = found["mediation"], found["matter"], reverse("mediation", args=[mediation])
    if not mediations.may_work(row, request.me) or not rules.may(row.state, MOVES[verb]):
        messages.warning(request, _("调解现在是“%(state)s”，不能%(move)s。") % {"state": _(rules.LABELS[rules.State(row.state)]), "move": _(rules.MOVE_LABELS[MOVES[verb]])})
        return HttpResponseRedirect(back)
    return DO[verb](request, found, matter, back)


def _sides(found: dict[str, Any], *, unasked: bool = False) -> list[tuple[str, str]]:
    return [(str(s["party"].pk), f"{s['name']}（{_(dict(s['party'].ROLES)[s['party'].role])}）") for s in found["sides"] if not (unasked and s["agrees"] is not None)]


def consent(request: StaffRequest, found: dict[str, Any], matter: Matter, back: str) -> HttpResponse:
    form = f.ConsentForm(request.POST or None, sides=_sides(found, unasked=True))
    page = ask(matter, _("记愿不愿意"), _("记下"), back, _("都愿意就开始调解。"), _("有一方不愿意，这次调解就结束，不追问为什么；告诉双方还可以找司法所、法院。"))

    def do(data: dict[str, Any]) -> str:
        row = mediations.consent(mediation_id=found["mediation"].pk, party=uuid.UUID(data["party"]), agrees=data["agrees"] == "1", how=data["how"], by=request.me, at=request.now)
        said = {rules.State.FAILED: _("有一方不愿意，这次调解结束了。"), rules.State.MEDIATING: _("双方都愿意，可以开调解会了。")}
        messages.success(request, said.get(rules.State(row.state), _("记下了。")))
        return back

    return answer(request, page, form, do, template=TEMPLATE)


def session(request: StaffRequest, found: dict[str, Any], matter: Matter, back: str) -> HttpResponse:
    local = timezone.localtime(request.now)
    form = f.SessionForm(request.POST or None, initial={"on": local.date(), "at": local.time().replace(second=0, microsecond=0)})
    page = ask(matter, _("记一次调解会"), _("记下"), back, _("开完再记；记下之后不能改。"), _("双方怎么说的加密保存，打印材料时才出现。"))

    def do(data: dict[str, Any]) -> str:
        mediations.hold(mediation_id=found["mediation"].pk, on=form.moment(), place=data["place"], present=data["present"], words=data["words"], by=request.me, at=request.now)
        messages.success(request, _("记下了这次调解会。"))
        return back

    return answer(request, page, form, do, template=TEMPLATE)


def agree(request: StaffRequest, found: dict[str, Any], matter: Matter, back: str) -> HttpResponse:
    form = f.AgreeForm(request.POST or None, sides=_sides(found))
    page = ask(matter, _("达成协议"), _("写好了，编号"), back, _("写好就有编号，不能再改；打印出来双方签字。"), _("每一项履行到期前三天提醒本人和您。"), _("没有要履行的，签字就办结。"), rows=form.rows())

    def do(data: dict[str, Any]) -> str:
        row = mediations.agree(mediation_id=found["mediation"].pk, words=data["words"], promises=form.promises(), by=request.me, at=request.now)
        messages.success(request, _("协议编号 %s，请打印给双方签字。") % row.agreement_no)
        return back

    return answer(request, page, form, do, template=TEMPLATE)


def sign(request: StaffRequest, found: dict[str, Any], matter: Matter, back: str) -> HttpResponse:
    form = f.SignForm(request.POST or None, today=timezone.localdate(request.now))
    page = ask(matter, _("登记已签字"), _("双方都签了"), back, _("双方和调解员都在纸上签了字，再登记。"), _("签字之后开始看履行；纸质原件交村里存档。"))

    def do(data: dict[str, Any]) -> str:
        row = mediations.sign(mediation_id=found["mediation"].pk, on=data["on"], by=request.me, at=request.now)
        messages.success(request, _("已签字，没有要履行的，调解办好了。") if row.state == rules.State.KEPT else _("已签字，接下来看履行。"))
        return back

    return answer(request, page, form, do, template=TEMPLATE)


def _give_up(title: str, ok: str, action: Callable[..., Any], *says: str) -> Callable[..., HttpResponse]:
    def view(request: StaffRequest, found: dict[str, Any], matter: Matter, back: str) -> HttpResponse:
        page = ask(matter, _(title), _(ok), back, *(_(s) for s in says))
        page.tone = "danger"
        form = f.GiveUpForm(request.POST or None)

        def do(data: dict[str, Any]) -> str:
            action(mediation_id=found["mediation"].pk, words=data["words"], by=request.me, at=request.now)
            messages.success(request, _("办好了：%s。") % _(title))
            return back

        return answer(request, page, form, do, template=TEMPLATE)

    return view


def promise(request: StaffRequest, promise: uuid.UUID) -> HttpResponse:
    """One promise: kept or not, and how it went."""
    one = MediationPromise.objects.filter(pk=promise).first()
    if one is None:
        raise Http404
    found = papers_or_404(request, one.mediation_id)
    back = reverse("mediation", args=[one.mediation_id])
    line = next(p for p in found["promises"] if p["promise"].pk == one.pk)
    if one.ended_at or not mediations.may_work(found["mediation"], request.me):
        messages.warning(request, _("这一项已经了结。") if one.ended_at else _("调解由主办单位来做。"))
        return HttpResponseRedirect(back)
    page = ask(found["matter"], _("履行了吗"), _("记下"), back, _("全部做到，调解就办好了。"), _("没有做到的写明情况；可以再劝，也可以把材料移交司法所。"),
               said=[(_("谁做"), line["who"]), (_("做什么"), line["what"]), (_("何时之前"), f"{one.due_on:%Y-%m-%d}")])
    form = f.PromiseForm(request.POST or None)

    def do(data: dict[str, Any]) -> str:
        row = mediations.perform(promise=one.pk, kept=data["kept"] == "1", words=data["words"], by=request.me, at=request.now)
        messages.success(request, _("全部做到了，调解办好了。") if row.state == rules.State.KEPT else _("记下了。"))
        return back

    return answer(request, page, form, do, template=TEMPLATE)


DO: dict[str, Callable[..., HttpResponse]] = {
    "consent": consent, "session": session, "agree": agree, "sign": sign,
    "fail": _give_up("调解不成", "结束调解", mediations.fail, "这次调解结束，事情还在主办单位手里，要另外答复。", "双方都可以再申请调解，也可以去司法所、法院。"),
    "justice": _give_up("移交司法所", "移交", mediations.hand_to_justice, "调解由司法所接着做；把“全部材料”打印出来一并送去。", "本人会知道已移交司法所。", "事情本身还要您答复，写明已移交。"),
}
