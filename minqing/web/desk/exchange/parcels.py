"""异地通办 at the window and the reception: what went, what came, one parcel with both sides' words, an errand on its way.

Invariants: nothing leaves by a GET; the page before packing shows every value that would leave and what stays; packing and sending
are two requests, so that what was sent always stands in the database before.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from minqing.access.actions import audit
from minqing.access.models import Staff
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.gateways import parcels as gateway
from minqing.service.actions import errands, exchange, moving, parcel_plan, parcels
from minqing.service.models import Errand, Parcel, ParcelStep
from minqing.service.queries import parcels as queries
from minqing.service.refusals import Refused
from minqing.service.rules import numbers, sentences
from minqing.service.rules import parcels as rules
from minqing.service.rules.states import Role, State
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.exchange import ways
from minqing.web.desk.things.asking import answer, at_once, or_404, radio_field, text_field, words_field
from minqing.web.desk.things.errands import found
from minqing.web.shared.middleware import StaffRequest, in_steps

ZIP = "application/zip"
TONES = {"packed": "och", "sent": "brand", "received": "brand", "accepted": "brand", "refused": "cin", "done": "bam", "dropped": ""}
#: The steps of one that goes out, in order; the end is done or refused.
WAY = (("sent_at", _("送出")), ("received_at", _("对方收到")), ("accepted", _("对方受理")), ("settled_at", _("有结果")))


class TakeForm(forms.Form):
    file = forms.FileField(label=_("包裹或回执文件"), widget=forms.FileInput({"accept": ".zip"}))


class DropForm(forms.Form):
    why = text_field(_("为什么不再等对方"), most=120, help_text=_("如“问过对方，没有收到”“本人改在本地办”。已经送出的，请打电话告诉对方。"))


class TellForm(forms.Form):
    state = radio_field(_("告诉对方什么"), [("accepted", _("受理了，在办")), ("done", _("办好了")), ("refused", _("不能办，退回"))])
    words = words_field(_("怎么说"), rows=4, required=False, most=500, help_text=_("办好了写结果；不能办写清原因和该怎么办。对方照着告诉本人。"))


class PackForm(forms.Form):
    """Which papers go, and how the person agreed."""

    papers = forms.MultipleChoiceField(label=_("带去哪几份材料"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("只列出对方要的、已拍照留存的。"))
    consent_how = radio_field(_("本人怎么同意的"), [(k, _(v)) for k, v in Parcel.CONSENTS])
    consented = forms.BooleanField(label=_("列出的内容已念给本人听，他同意交给对方县"), required=False)

    def __init__(self, *args: Any, papers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["papers"].choices = papers  # type: ignore[attr-defined]
        if not papers:
            del self.fields["papers"]


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_now("异地通办"), reverse("parcel-list")), *more]


def line_of(p: Parcel, now: datetime) -> dict[str, Any]:
    lost = p.direction == "out" and p.state == "sent" and p.receipt_due_at is not None and p.receipt_due_at < now
    label = rules.HERE.get(p.state, "") if p.direction == "in" else dict(rules.STATES)[p.state]
    return {"p": p, "trouble": sentences.say(p.trouble_said, p.trouble), "label": _now("没有回执，可能丢了") if lost else _now(label), "tone": "cin" if lost else TONES[p.state], "lost": lost, "ours": numbers.spoken(p.matter.number), "url": reverse("parcel", args=[p.pk])}


def listed(request: StaffRequest, *, form: TakeForm | None = None) -> HttpResponse:
    """`?tab=in|refused`."""
    me = request.me
    parcels.desk_of(me)
    reception = exchange.may_exchange(me)
    tab = request.GET.get("tab", "")
    tab = tab if tab in ("in", "refused") and (reception or tab != "in") else ""
    counts = queries.counts(me, request.now)
    rows = [line_of(p, request.now) for p in queries.listed("in" if tab == "in" else "out")] if tab != "refused" else []
    refused = [{"at": r.at, "claimed_from": r.claimed_from, "genuine": r.genuine, "why": sentences.say(r.said, r.sentence)} for r in queries.refusals()] if tab == "refused" else []
    audit.record("parcel.list", detail={"n": len(rows) or len(refused), "tab": tab})
    labels = [("", _now("寄出的"), counts.packed + counts.lost + counts.refused), ("in", _now("外县交来的"), counts.untold), ("refused", _now("没有收的"), 0)]
    context = {
        **(ways.shown(me, exchange.desk_of(me), request.now, of_parcels=True) if reception else {}), "rows": rows, "refused": refused, "tab": tab, "counts": counts, "form": form or TakeForm(), "arrived": parcels.arrived() if reception else 0, "may_partners": me.holds(Right.CATALOGUE) and reception,
        "tabs": [{"label": label, "url": f"?tab={key}", "current": tab == key, "count": n or None} for key, label, n in labels if reception or key != "in"], "unhanded": counts.words,
    }
    return render(request, "desk/exchange/parcels.html", context, status=422 if form is not None else 200)


@require_POST
def take(request: StaffRequest) -> HttpResponse:
    """A file by hand: a parcel, a receipt, a word. Whatever it holds is verified first."""
    parcels.desk_of(request.me)
    form = TakeForm(request.POST, request.FILES)
    if form.is_valid():
        done = parcels.take(data=form.cleaned_data["file"].read(gateway.MOST_BYTES + 1), way="file", by=request.me, at=request.now)
        if done.ok:
            messages.success(request, done.sentence)
            visible = done.parcel is not None and Parcel.objects.filter(pk=done.parcel).exists()
            return HttpResponseRedirect(reverse("parcel", args=[done.parcel]) if visible else reverse("parcel-list"))
        form.add_error("file", done.sentence)
    return listed(request, form=form)


@in_steps
@require_POST
def collect(request: StaffRequest) -> HttpResponse:
    """What waits at the door and at other counties."""
    taken, troubles = parcels.collect(fetch=lambda p: gateway.Http(p.url).waiting(parcels.own_card().code, parcels.keys()), step=request.step, at=request.now)
    fresh = [t for t in taken if not t.again]
    for t in fresh[:8]:
        (messages.success if t.ok else messages.error)(request, t.sentence)
    for trouble in troubles:
        messages.warning(request, trouble)
    if not fresh and not troubles:
        messages.info(request, _now("没有新的包裹和消息。"))
    return HttpResponseRedirect(reverse("parcel-list"))


@in_steps
@require_POST
def hand_words(request: StaffRequest) -> HttpResponse:
    """Every receipt and word of ours that waits, to counties with an interface."""
    n, troubles = parcels.hand_words(deliver=lambda p, data: gateway.Http(p.url).send(data), step=request.step, at=request.now)
    messages.success(request, _now("已交给对方 %d 条。") % n) if n else messages.info(request, _now("没有能按接口交的；没有接口的县，请在包裹里下载文件。"))
    for trouble in troubles:
        messages.warning(request, trouble)
    return HttpResponseRedirect(reverse("parcel-list"))


def parcel_or_404(request: StaffRequest, parcel: uuid.UUID) -> Parcel:
    return or_404(parcels.find, parcel, request.me)


def one(request: StaffRequest, parcel: uuid.UUID) -> HttpResponse:
    """One parcel: both sides' words, what went along, what can be done now."""
    row = parcel_or_404(request, parcel)
    steps = queries.steps_of(row)
    names = dict(Staff.objects.filter(pk__in={s.staff for s in steps} | {row.made_by}).values_list("pk", "name"))
    audit.record("parcel.open", detail={"parcel": str(row.pk)})
    line = line_of(row, request.now)
    content = parcels.content_of(row)
    person = rules.said(content.get("person") or {}, "name", 50)
    shown = [{"label": rules.said(f, "label", 40), "value": rules.said(f, "value", 200)} for f in content.get("fields", []) if isinstance(f, dict) and not (f.get("field") == "resident.name" and f.get("value") == person)]
    here = State(row.matter.state) in errands.RUNNING
    context = {
        **line, "name": row.partner.name, "fields": shown, "person": person, "words": rules.said(content, "words", 1000), "steps": [step_of(s, row, names) for s in steps], "maker": names.get(row.made_by, "") if row.made_by else _now("自动收取"),
        "may_send": row.direction == "out" and row.state in ("packed", "sent"), "may_drop": row.direction == "out" and row.state in ("packed", "sent", "received", "accepted", "refused"), "may_again": row.state == "refused" and row.direction == "out" and here,
        "may_tell": row.direction == "in" and row.state in ("received", "accepted"), "way": way_of(row), "consent": _now(dict(Parcel.CONSENTS)[row.consent_how]) if row.consent_how else "",
        "http": bool(row.partner.url), "crumbs": crumbs((f"{row.partner.name} · {row.item_name}", "")), "running": here,
    }
    return render(request, "desk/exchange/parcel.html", context)


def way_of(row: Parcel) -> list[dict[str, str]]:
    """送出 → 收到 → 受理 → 有结果, for one that goes out."""
    done = [row.sent_at is not None, row.received_at is not None, row.state in ("accepted", "done"), row.settled_at is not None and row.state in ("done", "refused")]
    now = next((n for n, yes in enumerate(done) if not yes), len(WAY)) if row.state in rules.OPEN else len(WAY)
    return [{"label": str(label), "state": "done" if done[n] else "now" if n == now else ""} for n, (_field, label) in enumerate(WAY)]


def step_of(s: ParcelStep, row: Parcel, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    label = rules.HERE[s.state] if s.direction == "out" else dict(rules.STATES)[s.state]
    return {"s": s, "label": _now(label), "who": row.partner.name if s.direction == "in" else names.get(s.staff, "") if s.staff else _now("自动"), "words": parcels.words_of(s), "waits": s.direction == "out" and s.handed_at is None,
            "tone": "cin" if s.state == "refused" else "bam" if s.state == "done" else "grey"}


@in_steps
@require_POST
def send(request: StaffRequest, parcel: uuid.UUID) -> HttpResponse:
    """POST `do` = http, file (download), handed (the file went)."""
    with request.step() as me:
        row = or_404(parcels.find, parcel, me)
    here, what = reverse("parcel", args=[row.pk]), request.POST.get("do", "")
    try:
        if what == "http" and row.partner.url:
            done = parcels.send(parcel=row.pk, deliver=lambda p, data: gateway.Http(p.url).send(data), step=request.step, at=request.now)
            (messages.success if done.ok else messages.error)(request, done.sentence)
        elif what == "handed":
            with request.step() as me:
                parcels.handed(parcel=row.pk, by=me, at=request.now)
            messages.success(request, _now("已记下送出；过了时限没有回执，会在工作台提醒。"))
        elif what == "file" and row.direction == "out" and row.state in ("packed", "sent"):
            with request.step():
                audit.record("parcel.file", detail={"parcel": str(row.pk), "to": row.partner_code})
            return as_file(parcels.bytes_of(row), f"parcel-{row.partner_code}-{row.matter.number}.zip")
        else:
            raise Http404
    except Refused as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(here)


def as_file(data: bytes, name: str) -> HttpResponse:
    return HttpResponse(data, content_type=ZIP, headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


def drop(request: StaffRequest, parcel: uuid.UUID) -> HttpResponse:
    row = parcel_or_404(request, parcel)
    page = Ask(title=_now("不再等对方"), ok=_now("不等了，自己办"), back=reverse("parcel", args=[row.pk]), about=f"{row.partner.name} · {row.item_name}", tone="danger", crumbs=crumbs((row.item_name, reverse("parcel", args=[row.pk])), (_now("不再等对方"), "")),
               says=[_now("这件代办回到本处，可以自己办，也可以另寄一个县。"), _now("对方以后再来消息，只记下来，不改状态。")])

    def do(data: dict[str, Any]) -> str:
        parcels.drop(parcel=row.pk, why=data["why"], by=request.me, at=request.now)
        messages.success(request, _now("不再等对方，代办回到本处。"))
        return reverse("errand", args=[row.matter_id])

    return answer(request, page, DropForm(request.POST or None), do)


def tell(request: StaffRequest, parcel: uuid.UUID) -> HttpResponse:
    """Our word about an errand of theirs."""
    row = parcel_or_404(request, parcel)
    if row.direction != "in":
        raise Http404
    page = Ask(title=_now("告诉对方办到哪一步"), ok=_now("就这样告诉对方"), back=reverse("parcel", args=[row.pk]), about=f"{row.partner.name} · {row.item_name}", crumbs=crumbs((row.item_name, reverse("parcel", args=[row.pk])), (_now("告诉对方"), "")),
               says=[_now("办好了、不能办：这边的代办同时答复，由另一位同事回访。"), _now("签名后交给对方；没有接口的县，在包裹里下载文件。")])

    def do(data: dict[str, Any]) -> str:
        parcels.tell(parcel=row.pk, state=data["state"], words=data["words"], by=request.me, at=request.now)
        messages.success(request, _now("已记下，还要交给对方。"))
        return page.back

    return answer(request, page, TellForm(request.POST or None), do)


@require_POST
def words(request: StaffRequest, step: uuid.UUID) -> HttpResponse:
    """One word of ours as a file: POST `do` = file, handed."""
    row = or_404(parcels.find_step, step, request.me)
    if request.POST.get("do") == "handed":
        return at_once(request, lambda: _handed(row, request), reverse("parcel", args=[row.parcel_id]))
    audit.record("parcel.file", detail={"parcel": str(row.parcel_id), "to": row.parcel.partner_code})
    return as_file(parcels.letter_of(row), f"reply-{row.parcel.partner_code}-{row.parcel.matter.number}-{row.state}.zip")


def _handed(row: ParcelStep, request: StaffRequest) -> str:
    parcels.handed_words(step=row.pk, by=request.me, at=request.now)
    return str(_now("已记下交给了对方。"))


def new(request: StaffRequest, matter: uuid.UUID) -> HttpResponse:
    """Hand an errand over: which county, what leaves, with whose consent. `?item=`, `?again=` (instead of a refused one)."""
    errand: Errand = found(matter, request.me)
    parcels.desk_of(request.me)
    if not moving.sits(errand.matter_id, [Role.HOME, Role.LEAD], Right.MATTERS, request.me):
        raise NotAllowed(_now("要由受理这件代办的窗口来交给外县。"))
    offers = parcel_plan.offers(errand)
    given = request.POST.get("item") or request.GET.get("item", "")
    chosen = next((i for i in offers if str(i.pk) == given), offers[0] if len(offers) == 1 else None)
    crumb = [(_now("代办"), reverse("errand-list")), (numbers.spoken(errand.matter.number), reverse("errand", args=[matter])), (_now("交给外县办"), "")]
    context: dict[str, Any] = {"e": errand, "offers": offers, "chosen": chosen, "crumbs": crumb, "back": reverse("errand", args=[matter]), "running": State(errand.matter.state) in errands.RUNNING}
    if chosen is None:
        return render(request, "desk/exchange/hand_over.html", context)
    plan = parcel_plan.plan(errand, chosen, request.me)
    form = PackForm(request.POST or None, papers=[(str(p.number), f"{p.what} × {p.pages}") for p in plan.papers])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            again = uuid.UUID(request.POST["again"]) if request.POST.get("again") else None
        except ValueError as odd:
            raise Http404 from odd
        try:
            row = parcels.pack(matter=errand.matter, item=chosen.pk, papers=[int(n) for n in data.get("papers", [])], consent_how=data["consent_how"], consented=data["consented"], by=request.me, at=request.now,
                               instead_of=again)
        except (Refused, NotAllowed) as refusal:
            field = getattr(refusal, "field", None)
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, _now("包裹备好了，还没有送出。"))
            return HttpResponseRedirect(reverse("parcel", args=[row.pk]))
    audit.record("parcel.open", persons=[errand.person_id] if errand.person_id else [], detail={"matter": str(errand.matter_id), "to": chosen.partner.code})
    context |= {"plan": plan, "form": form, "again": request.POST.get("again") or request.GET.get("again", ""), "form_url": reverse("errand-form", args=[matter])}
    return render(request, "desk/exchange/hand_over.html", context, status=422 if form.errors else 200)


