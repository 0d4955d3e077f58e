"""What people do with messages: said it, reached nobody, printed, asked somebody, called it off; and new words for everybody.

Invariants: each post calls one action; a refusal is a sentence on the page of the message, never an error page; a whole number
stands in the answer to a post alone.
"""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages as says
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.words import county, lasting
from minqing.gateways import voice as speech
from minqing.notify import queries, vault
from minqing.notify.actions import messages
from minqing.notify.channels import letter, voice
from minqing.notify.models import Message
from minqing.notify.refusals import NotHere, Refused
from minqing.notify.rules import routing, templates
from minqing.notify.rules.routing import Channel
from minqing.web.desk.notify import lists, presenting
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest

MOST_LETTERS = 100


def uuid_of(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@require_POST
def do(request: StaffRequest, message: uuid.UUID) -> HttpResponse:
    """One act on one message; back to the list one came from."""
    m = queries.one(message)
    if m is None:
        raise Http404
    act = request.POST.get("act", "")
    reason = (request.POST.get("reason", "") or request.POST.get("why", "")).strip()
    try:
        with transaction.atomic():
            if act == "number":
                return lists.story(request, m, number=messages.phone_for_call(message=m, by=request.me, at=request.now))
            said = carry_out(request, m, act, reason)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    except Refused as refusal:
        return lists.story(request, m, error=str(refusal), status=422)
    says.success(request, said)
    return presenting.come_back(request, reverse("notice", kwargs={"message": m.pk}))


def carry_out(request: StaffRequest, m: Message, act: str, reason: str) -> str:
    """The action an act means; returns what to say afterwards."""
    me, at, who = request.me, request.now, m.name or _("这一条")
    if act == "deliver":
        messages.deliver(message=m, note=reason, by=me, at=at)
        return _("已登记：%s已告知。") % who
    if act == "said":
        messages.said_in_person(message=m, note=reason, by=me, at=at)
        return _("已登记：已当面告知%s。") % who
    if act == "not_reached":
        if not reason:
            raise Refused(_("请选一个没有告知到的原因。"))
        found = messages.not_reached(message=m, why=reason, by=me, at=at)
        return _("已登记：没有告知到%(who)s。%(next)s") % {"who": who, "next": following(found, m.channel)}
    if act == "failed":
        found = messages.failed(message=m, why=reason or lasting("这种方式不通"), by=me, at=at)
        return _("已登记：%(who)s这种方式不通。%(next)s") % {"who": who, "next": following(found, m.channel)}
    if act == "again":
        messages.try_in_person(message=m, by=me, at=at)
        return _("已改为当面告知%s。") % who
    if act == "cancel":
        messages.cancel(message=m, why=reason, by=me, at=at)
        return _("不再通知%s。") % who
    if act == "assign":
        to = uuid_of(request.POST.get("to", ""))
        if to and to not in {s.pk for s in queries.helpers_at(m.grid_code, at=at)} | {me.id}:
            raise Refused(_("这个人不在这一片任职，不能请他去。"))
        messages.assign(message=m, to=to, by=me, at=at)
        return _("已请%(who)s去当面告知。") % {"who": queries.names_of([to]).get(to, "")} if to else _("已收回，由网格里的人去告知。")
    raise Refused(_("请选一种办法。"))


def following(m: Message, was: str) -> str:
    if m.state == "given_up":
        return _("没有别的方式了，请想办法。")
    return _("改为：%s。") % _(routing.LABELS[Channel(m.channel)]) if m.channel != was else _("下次再试。")


@require_POST
def print_letters(request: StaffRequest) -> HttpResponse:
    """Letters (and posters) that were ticked as one PDF in walking order; they are on their way from now on."""
    presenting.require_keeper(request)
    picked = [n for n in (uuid_of(v) for v in request.POST.getlist("pick")) if n][:MOST_LETTERS]
    rows = [m for m in Message.objects.filter(pk__in=picked, channel__in=[Channel.LETTER, Channel.POSTER]) if presenting.may_act(request.me, m)]
    if not rows:
        says.error(request, _("请先勾选要打印的信。"))
        return presenting.come_back(request, reverse("notice-letters"))
    try:
        with transaction.atomic():
            done = messages.printed(messages=rows, by=request.me, at=request.now)
            content = letters_pdf(request, sorted(done, key=letter.walking_order))
    except Refused as refusal:
        says.error(request, str(refusal))
        return presenting.come_back(request, reverse("notice-letters"))
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="letters.pdf"', "Cache-Control": "no-store"})


@county
def letters_pdf(request: StaffRequest, rows: list[Message]) -> bytes:
    """One sheet for each: the door on a slip at the top, the words in 18 pt."""
    villages = dict(Area.objects.filter(pk__in={m.grid_code[:12] for m in rows}).values_list("code", "short_name"))
    sheets = []
    for m in rows:
        template = templates.TEMPLATES[m.template]
        values = messages.values_of(m)
        sheets.append({"m": m, "poster": m.channel == Channel.POSTER, "village": villages.get(m.grid_code[:12], ""), "title": _(template.label), "words": letter.paragraphs(template, values, m)})
    audit.record("notice.print", persons=[m.person for m in rows if m.person], households=[m.household for m in rows if m.household], detail={"n": len(rows)})
    return printing.pdf("desk/print/letters.html", {**printing.frame(request.me, request.now), "sheets": sheets})


@require_POST
def call_file(request: StaffRequest) -> HttpResponse:
    """The call list as a file for whoever calls from paper or a calling system: one area at a time, with a reason, audited."""
    presenting.require_keeper(request)
    reason = request.POST.get("reason", "").strip()
    places = presenting.places_of(request.me)
    place = request.POST.get("place", "")
    if len(reason) < 4 or place not in {a.code for a in places}:
        says.error(request, _("取走电话名单要选一个区域，并写明用途（不少于 4 个字）。"))
        return presenting.come_back(request, reverse("notice-calls"))
    rows = [m for m in queries.by_hand([Channel.VOICE], place=place) if presenting.may_act(request.me, m) and m.state == "waiting"]
    audit.record("notice.calls", persons=[m.person for m in rows if m.person], reason=reason, detail={"n": len(rows), "area": place})
    calls = [speech.Call(str(m.pk)[:8], m.name, vault.decrypt(vault.PHONE, m.pk, m.phone_cipher), presenting.words_of(m), voice.caution(m)) for m in rows]
    return HttpResponse(speech.as_csv(calls), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": 'attachment; filename="calls.csv"', "Cache-Control": "no-store"})


# --- words for everybody ----------------------------------------------------------------------------------------------


class AnnounceForm(forms.Form):
    """A public text: which, where, by loudspeaker or on the wall, and its fields."""

    place = forms.ChoiceField()
    channel = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, template: templates.Template, places: list[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(a.code, a.short_name) for a in places]
        self.fields["place"].label, self.fields["channel"].label = _("告诉哪里的人"), _("怎么告知")
        self.fields["channel"].choices = [(c.value, _(routing.LABELS[c])) for c in template.channels]
        self.fields["channel"].initial = template.channels[0].value
        for name, field in template.fields.items():
            self.fields[f"v_{name}"] = forms.CharField(label=_(field.label), max_length=120, help_text=_("例如：%s") % f"“{field.sample}”")


def announce(request: StaffRequest) -> HttpResponse:
    """Put something up or have it read out: no name, no word about one person."""
    public = [t for t in templates.TEMPLATES.values() if set(t.channels) & routing.PUBLIC]
    template = next((t for t in public if t.code == request.GET.get("text", "")), public[0])
    near = presenting.places_of(request.me)
    mine = request.me.may_where(Right.WRITE, [a.code for a in near])
    places = [a for a in near if a.code in mine]
    if not places:
        raise Http404
    form = AnnounceForm(request.POST or None, template=template, places=places)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[f"v_{name}"] for name in template.fields}
        try:
            with transaction.atomic():
                made = messages.tell(event=f"announce:{uuid.uuid4()}", grid=form.cleaned_data["place"], template=template.code, values=values, channel=form.cleaned_data["channel"], by=request.me, at=request.now)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            says.success(request, _("写好了：请去念，或打印张贴。"))
            return HttpResponseRedirect(reverse("notice", kwargs={"message": made.pk}) if made else reverse("notice-letters"))
    return render(request, "desk/notify/announce.html", {
        "form": form, "template": template, "sample": templates.fill(template, template.samples), "crumbs": [(_("通知"), reverse("notice-list")), (_("告诉大家"), "")],
        "texts": [{"label": _(t.label), "url": reverse("notice-announce") + f"?text={t.code}", "current": t is template} for t in public],
    }, status=422 if form.errors else 200)
