"""12345 and 四平台 at the reception: orders that came, files, rows that could not be read, answers that wait, were given, came back.

Invariants: a file leaves and an interface is asked by a post alone; what a download held is exactly what the button beside it marks;
nothing typed into a row is lost when it is still wrong.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from minqing.access.actions import audit
from minqing.access.models import Staff
from minqing.access.scope import Me, NotAllowed
from minqing.gateways import orders as gateway
from minqing.service.actions import exchange, order_files
from minqing.service.models import ForeignOrder, OrderFile, OrderRow
from minqing.service.queries import exchange as queries
from minqing.service.queries import lists
from minqing.service.refusals import Missing, Refused
from minqing.service.rules import sentences
from minqing.service.rules.states import State
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.exchange import ways
from minqing.web.desk.matters import presenting
from minqing.web.desk.things.asking import answer, or_404, text_field, words_field
from minqing.web.shared.middleware import StaffRequest, in_steps

SALT, MINUTES = "minqing.exchange.replies", 120
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SYSTEMS = [("12345", _("12345 热线")), ("platform", _("基层治理四平台"))]


class UploadForm(forms.Form):
    system = forms.ChoiceField(label=_("哪个系统的"), choices=SYSTEMS, widget=forms.RadioSelect, initial="12345")
    file = forms.FileField(label=_("工单文件"), widget=forms.FileInput({"accept": ".xlsx,.xls,.ods,.csv,.txt"}))


class MendForm(forms.Form):
    """A row as it should have been; the columns of the gateway, by their Chinese names."""

    number = text_field(_("工单编号"), most=60, required=False)
    received_at = text_field(_("受理时间"), most=30, required=False, help_text=_("如 2026-11-25 09:30；不写就算现在收到。"))
    name = text_field(_("诉求人"), most=50, required=False)
    phone = text_field(_("联系电话"), most=40, required=False, inputmode="tel")
    words = words_field(_("诉求内容"), rows=4, required=False, most=4000)
    place = text_field(_("事发地址"), most=120, required=False)
    kind = text_field(_("诉求类型"), most=20, required=False, help_text=_("咨询、求助、建议、投诉、举报、纠纷；不写算求助。"))
    due_at = text_field(_("办理时限"), most=30, required=False, help_text=_("如 2026-12-02 17:30。"))
    confidential = forms.BooleanField(label=_("要求保密"), required=False)
    urgent = forms.BooleanField(label=_("紧急"), required=False)


class DropForm(forms.Form):
    why = text_field(_("为什么不收"), most=120, help_text=_("如“对方已重发”“不是工单”。"))


class AgainForm(forms.Form):
    words = words_field(_("补充答复"), rows=3, required=False, most=500, help_text=_("加在原来的答复后面。对方退回过的，要照退回的原因补充。"))


class BackForm(forms.Form):
    why = text_field(_("对方为什么退回"), most=200)


def desk(request: StaffRequest) -> str:
    """His reception. Everybody else gets the sentence that says whose work this is."""
    return allowed(request.me)


def allowed(me: Me) -> str:
    try:
        return exchange.desk_of(me)
    except Refused as refusal:
        raise NotAllowed(str(refusal)) from refusal


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_now("12345 和四平台"), reverse("exchange-list")), *more]


def tabs(current: str, counts: queries.Counts) -> list[dict[str, Any]]:
    found = [("list", _now("收到的工单"), "exchange-list", None), ("rows", _now("没有读懂的行"), "exchange-rows", counts.rows), ("replies", _now("答复"), "exchange-replies", counts.waiting + counts.refused)]
    return [{"label": label, "url": reverse(name), "current": key == current, "count": n or None} for key, label, name, n in found]


def links() -> list[tuple[str, str]]:
    """(system, label) of every system that has an interface."""
    return [(key, str(label)) for key, label in SYSTEMS if all(settings.EXCHANGE[key])]


def line_of(line: queries.Line, names: dict[str, str], now: datetime) -> dict[str, Any]:
    late = line.due_at is not None and line.due_at < now and line.state not in queries.ENDED and line.state != ""
    return {"l": line, "tone": presenting.tone(State(line.state)) if line.state else "", "desk": names.get(line.desk, ""), "late": late,
            "url": reverse("matter-file", args=[line.matter]) if line.matter else "", "again": reverse("exchange-again", args=[line.id]), "back": reverse("exchange-back", args=[line.id])}


def listed(request: StaffRequest, *, form: UploadForm | None = None) -> HttpResponse:
    """`?state=&system=&q=&after=`."""
    mine = desk(request)
    given = {k: request.GET[k].strip()[:60] for k in ("state", "system", "q") if request.GET.get(k, "").strip()}
    page = queries.page(request.me, mine, segment=given.get("state", ""), system=given.get("system", ""), words=given.get("q", ""), after=request.GET.get("after", ""))
    counts = queries.counts(request.me, mine)
    names = lists.names_of(request.me, [line.desk for line in page.lines])
    here = reverse("exchange-list")
    audit.record("exchange.list", detail={"n": len(page.lines)})
    context = {
        **ways.shown(request.me, mine, request.now), "rows": [line_of(line, names, request.now) for line in page.lines], "tabs": tabs("list", counts), "form": form or UploadForm(), "given": given, "systems": [(k, str(label)) for k, label in SYSTEMS], "links": links(),
        "segments": [{"label": _now(label), "url": here + ("?" + urlencode({**{k: v for k, v in given.items() if k != "state"}, **({"state": key} if key else {})})), "current": given.get("state", "") == key} for key, (label, _where) in queries.SEGMENTS.items()],
        "next": here + "?" + urlencode({**given, "after": page.next}) if page.next else "", "start": here + "?" + urlencode(given) if request.GET.get("after") else "", "files": queries.files(mine)[:6],
    }
    return render(request, "desk/exchange/list.html", context, status=422 if form is not None else 200)


@require_POST
def upload(request: StaffRequest) -> HttpResponse:
    """A file by hand. What it held is shown on its own page; what was there before is said, not taken again."""
    desk(request)
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            done = order_files.receive(name=file.name, content=file.read(order_files.MOST_BYTES + 1), system=form.cleaned_data["system"], way="upload", by=request.me, at=request.now)
        except Missing as refusal:
            form.add_error("file", str(refusal))
        else:
            return said(request, done)
    return listed(request, form=form)


@in_steps
@require_POST
def fetch(request: StaffRequest) -> HttpResponse:
    """Ask the other side's interface now."""
    with request.step() as me:
        allowed(me)
    system = request.POST.get("system", "")
    if system not in dict(links()):
        raise Http404
    try:
        batch = gateway.Http(*settings.EXCHANGE[system]).orders()
        with request.step() as me:
            return said(request, order_files.fetch(batch=batch, system=system, by=me, at=request.now))
    except gateway.Unreachable as problem:
        messages.error(request, sentences.say(problem.said))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("exchange-list"))


def said(request: StaffRequest, done: order_files.Received) -> HttpResponse:
    if done.known:
        messages.info(request, _now("这个文件 %(when)s 已经收过，工单都在下面，没有再收一遍。") % {"when": f"{timezone.localtime(done.file.made_at):%m-%d %H:%M}"})
    else:
        text = _now("新收 %(new)d 件，催办或补充 %(again)d 件，已经在这里的 %(same)d 件，没有读懂 %(bad)d 行。") % {
            "new": len(done.done.new), "again": len(done.done.again), "same": len(done.done.same), "bad": len(done.done.bad)}
        (messages.warning if done.done.bad else messages.success)(request, text)
    return HttpResponseRedirect(reverse("exchange-file", args=[done.file.pk]))


def one_file(request: StaffRequest, received: uuid.UUID) -> HttpResponse:
    """What one file held, and what became of each order of it."""
    mine = desk(request)
    file = next((f for f in OrderFile.objects.filter(pk=received, desk_code=mine)), None)
    if file is None:
        raise Http404
    result = {key: list(file.result.get(key, [])) for key in ("new", "again", "same")}
    how = {n: _now("新收") for n, _ours in result["new"]} | dict.fromkeys(result["again"], _now("催办或补充")) | dict.fromkeys(result["same"], _now("已经在这里"))
    page = queries.page(request.me, mine, numbers_in=list(how), system=file.system) if how else queries.Page()
    names = lists.names_of(request.me, [line.desk for line in page.lines], [file.made_by] if file.made_by else [])
    audit.record("exchange.list", detail={"n": len(page.lines), "file": str(file.pk)})
    rows, title = list(OrderRow.objects.filter(file=file).order_by("place")), file.name or _now(file.get_way_display())
    context = {"f": file, "rows": [{**line_of(line, names, request.now), "how": how.get(line.number, "")} for line in page.lines], "more": max(0, len(how) - len(page.lines)), "who": names.get(str(file.made_by), "") if file.made_by else _now("自动收取"),
               "counts": [(_now("新收"), len(result["new"])), (_now("催办或补充"), len(result["again"])), (_now("已经在这里"), len(result["same"])), (_now("没有读懂"), len(rows))],
               "bad": [row_line(r) for r in rows], "title": title, "crumbs": crumbs((title, ""))}
    return render(request, "desk/exchange/file.html", context)


# --- rows ---------------------------------------------------------------------------------------------------------------


def row_line(row: OrderRow) -> dict[str, Any]:
    content = order_files.content_of(row)
    return {"r": row, "place": sentences.place(row.said, row.place), "why": sentences.say(row.said, row.why), "column": _now(gateway.LABELS[row.column]) if row.column in gateway.LABELS else "", "said": content.get(row.column, "")[:40], "number": row.number or content.get("number", ""), "whole": row.row_cipher is None,
            "url": reverse("exchange-row", args=[row.pk])}


def rows(request: StaffRequest) -> HttpResponse:
    """Rows that wait: where, which column, why, what to do."""
    mine = desk(request)
    waiting = queries.rows_waiting(mine)
    audit.record("exchange.list", detail={"n": len(waiting), "what": "rows"})
    return render(request, "desk/exchange/rows.html", {"rows": [row_line(r) for r in waiting], "tabs": tabs("rows", queries.counts(request.me, mine))})


def row(request: StaffRequest, row: uuid.UUID) -> HttpResponse:
    """Mend one row and take it in, or leave it out with a reason. POST `do` = mend, drop."""
    desk(request)
    line = or_404(order_files.find_row, row, request.me)
    content = order_files.content_of(line)
    start = {**content, "confidential": content.get("confidential", "").lower() in gateway.YES, "urgent": content.get("urgent", "").lower() in gateway.YES}
    dropping = request.POST.get("do") == "drop"
    form = MendForm(request.POST if request.method == "POST" and not dropping else None, initial=start)
    drop = DropForm(request.POST if dropping else None, prefix="drop")
    asked = drop if dropping else form
    if request.method == "POST" and asked.is_valid():
        try:
            with transaction.atomic():
                settle(request, line, asked.cleaned_data, dropping=dropping)
        except Missing as refusal:
            asked.add_error(refusal.field if refusal.field in asked.fields else None, str(refusal))
        except (Refused, NotAllowed) as refusal:
            asked.add_error(None, str(refusal))
        else:
            return HttpResponseRedirect(reverse("exchange-rows"))
    audit.record("exchange.row", detail={"file": str(line.file_id)})
    context = {"line": row_line(line), "r": line, "form": form, "drop": drop, "asked": asked, "waiting": line.state == "waiting", "crumbs": crumbs((_now("没有读懂的行"), reverse("exchange-rows")), (sentences.place(line.said, line.place), "")),
               "settled": Staff.objects.filter(pk=line.settled_by).values_list("name", flat=True).first() if line.settled_by else ""}
    return render(request, "desk/exchange/row.html", context, status=422 if asked.errors else 200)


def settle(request: StaffRequest, line: OrderRow, data: dict[str, Any], *, dropping: bool) -> None:
    if dropping:
        order_files.drop(row=line.pk, why=data["why"], by=request.me, at=request.now)
        messages.success(request, _now("这一行不收，已写明原因。"))
        return
    given = {k: ("是" if v else "") if isinstance(v, bool) else str(v) for k, v in data.items()}
    _row, done = order_files.mend(row=line.pk, given=given, by=request.me, at=request.now)
    if done.new:
        messages.success(request, _now("已收下，本系统编号 %s。") % done.new[0][1])
    else:
        messages.info(request, _now("这张工单已经在这里，没有再收一件；有新的话已作为补充记入。"))


# --- answers ------------------------------------------------------------------------------------------------------------


def replies(request: StaffRequest) -> HttpResponse:
    """Answers that wait, came back, were given."""
    mine = desk(request)
    waiting = exchange.answers(request.me, "")
    systems = dict(ForeignOrder.objects.filter(pk__in=[pk for pk, _r in waiting]).values_list("pk", "system"))
    groups = []
    for key, label in SYSTEMS:
        own = [(pk, r) for pk, r in waiting if systems.get(pk) == key]
        if own:
            groups.append({"system": key, "label": str(label), "rows": [{"number": r.number, "result": r.result, "words": r.words, "closed_at": r.closed_at, "unit": r.unit, "solved": r.solved} for _pk, r in own],
                           "these": signing.dumps([str(pk) for pk, _r in own], salt=SALT, compress=True), "http": key in dict(links())})
    back, given = queries.page(request.me, mine, segment="refused"), queries.page(request.me, mine, segment="replied")
    names = lists.names_of(request.me, [line.desk for line in (*back.lines, *given.lines)])
    audit.record("exchange.list", detail={"n": len(waiting), "what": "replies"})
    context = {"groups": groups, "back": [line_of(line, names, request.now) for line in back.lines], "given": [line_of(line, names, request.now) for line in given.lines],
               "tabs": tabs("replies", queries.counts(request.me, mine))}
    return render(request, "desk/exchange/replies.html", context)


@in_steps
@require_POST
def act(request: StaffRequest) -> HttpResponse:
    """POST `do` = download, mark, send."""
    with request.step() as me:
        allowed(me)
    system, what, here = request.POST.get("system", ""), request.POST.get("do", ""), reverse("exchange-replies")
    try:
        these = [uuid.UUID(pk) for pk in signing.loads(request.POST.get("these", ""), salt=SALT, max_age=MINUTES * 60)]
    except signing.BadSignature:
        messages.error(request, _now("这一页开得太久了，请看过最新的再交。"))
        return HttpResponseRedirect(here)
    if system not in dict(SYSTEMS):
        raise Http404
    if what == "download":
        with request.step() as me:
            found = [r for pk, r in exchange.answers(me, system) if pk in set(these)]
            audit.record("exchange.file", detail={"kind": system, "n": len(found)})
        return HttpResponse(gateway.replies_xlsx(found), content_type=EXCEL, headers={"Content-Disposition": f'attachment; filename="replies-{system}-{timezone.localtime(request.now):%Y%m%d-%H%M}.xlsx"', "Cache-Control": "no-store"})
    if what == "mark":
        done = exchange.reply(send=lambda r: gateway.Handed(frozenset(x.number for x in r)), system=system, only=these, way="file", step=request.step, at=request.now)
        messages.success(request, _now("已记下：%d 件的答复已交给对方。") % len(done.taken))
    elif what == "send" and system in dict(links()):
        try:
            done = exchange.reply(send=gateway.Http(*settings.EXCHANGE[system]).reply, system=system, only=these, way="http", step=request.step, at=request.now)
        except gateway.Unreachable as problem:
            messages.error(request, sentences.say(problem.said))
        else:
            messages.success(request, _now("对方收下 %d 件答复。") % len(done.taken))
            if done.refused:
                messages.warning(request, _now("对方退回 %d 件，原因写在下面，补充后再交。") % len(done.refused))
    else:
        raise Http404
    return HttpResponseRedirect(here)


def order_or_404(request: StaffRequest, order: uuid.UUID) -> ForeignOrder:
    desk(request)
    return or_404(exchange.order_of, order, request.me)


def again(request: StaffRequest, order: uuid.UUID) -> HttpResponse:
    """An answer goes back to those that wait, with something added."""
    row = order_or_404(request, order)
    says = [_now("对方退回的原因：%s") % row.refused_why] if row.refused_why else [_now("上次 %s 交给了对方。") % f"{timezone.localtime(row.replied_at):%m-%d %H:%M}"] if row.replied_at else []
    page = Ask(title=_now("再交一次"), ok=_now("放回待交"), back=reverse("exchange-replies"), says=[*says, _now("放回“待交”，和别的一起交；对方按编号认，不会变成两张。")],
               crumbs=crumbs((_now("答复"), reverse("exchange-replies")), (row.number, "")), about=row.number)

    def do(data: dict[str, Any]) -> str:
        exchange.send_again(order=row.pk, words=data["words"], by=request.me, at=request.now)
        messages.success(request, _now("已放回待交。"))
        return page.back

    return answer(request, page, AgainForm(request.POST or None), do)


def came_back(request: StaffRequest, order: uuid.UUID) -> HttpResponse:
    """The other side sent it back by telephone or on paper."""
    row = order_or_404(request, order)
    page = Ask(title=_now("记下对方退回"), ok=_now("记下"), back=reverse("exchange-replies"), says=[_now("列进“对方退回”，补充后可以再交。")], crumbs=crumbs((_now("答复"), reverse("exchange-replies")), (row.number, "")), about=row.number)

    def do(data: dict[str, Any]) -> str:
        exchange.came_back(order=row.pk, why=data["why"], by=request.me, at=request.now)
        return page.back

    return answer(request, page, BackForm(request.POST or None), do)


