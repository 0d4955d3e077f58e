"""What is said and decided at a meeting: the page on which one types as people speak, what becomes of a sentence, counting by two, decisions.

Invariants: one field, Enter, next; what was typed stays in the field until it is kept; a sentence sent twice is one; a counter's page shows
nobody else's figures.
"""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.contact.actions import meetings, voting
from minqing.contact.models import Meeting, Opinion, Resolution
from minqing.contact.queries import meetings as reads
from minqing.contact.refusals import NotHere, Refused
from minqing.contact.rules import meetings as rules
from minqing.service.rules import kinds
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.archives.forms import text
from minqing.web.desk.contact.meetings import ask, back_to, chosen, crumbs, item_or_404, meeting_or_404, number, when
from minqing.web.desk.contact.visits import WISHES
from minqing.web.desk.things.asking import CTL, answer
from minqing.web.shared.middleware import StaffRequest

#: What an opinion can become.
BECOMES = (*WISHES, ("works", _("工程类")), ("report", _("举报")))


class SayForm(forms.Form):
    """`record`: the number of the next sentence, so that sending it twice keeps one."""

    record = forms.UUIDField(widget=forms.HiddenInput)
    item = forms.ChoiceField(label=_("说的是哪一项"), required=False, widget=forms.Select(CTL))
    words = forms.CharField(label=_("说了什么"), max_length=rules.MOST_WORDS, widget=forms.TextInput({"class": "ctl", "autocomplete": "off", "autofocus": True, "enterkeyhint": "send"}), error_messages={"required": _("请先写说了什么，再按回车。")})
    speaker = forms.CharField(label=_("谁说的"), max_length=50, required=False, widget=forms.TextInput({"class": "ctl", "autocomplete": "off", "list": "who"}))
    phone = forms.CharField(label=_("电话"), max_length=30, required=False, widget=forms.TextInput({"class": "ctl", "autocomplete": "off", "inputmode": "tel"}))
    confidential = forms.BooleanField(label=_("要求保密"), required=False)
    remote = forms.BooleanField(label=_("没有到会，转来的"), required=False)


def say(request: StaffRequest, meeting: uuid.UUID) -> HttpResponse:
    """Typed as it is spoken."""
    row = meeting_or_404(meeting, request)
    view = reads.whole(request.me, row, inside=True, talk=True, people=True)
    items = [("", _now("没有说是哪一项")), *((str(i.row.pk), f"{n}. {i.row.title}") for n, i in enumerate(view.items, 1))]
    fresh = {"record": uuid.uuid4(), "item": request.GET.get("item", "")}
    form = SayForm(request.POST or None, initial=fresh)
    form.fields["item"].choices = items  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        d = form.cleaned_data
        try:
            with transaction.atomic():
                person = next((a.person_id for a, name in view.attendances if a.person_id and name == d["speaker"].strip()), None)
                meetings.hear(id=d["record"], meeting=row, voice=meetings.Voice(d["words"], uuid.UUID(d["item"]) if d["item"] else None, d["speaker"], d["phone"], person, d["confidential"], d["remote"]), by=request.me, at=request.now)
        except NotHere as refusal:
            raise Http404(str(refusal)) from refusal
        except Refused as refusal:
            form.add_error(getattr(refusal, "field", None) if getattr(refusal, "field", None) in form.fields else None, str(refusal))
        else:
            if not request.headers.get("HX-Request"):
                return HttpResponseRedirect(reverse("meeting-say", kwargs={"meeting": row.pk}) + f"?item={d['item']}")
            form = SayForm(initial={"record": uuid.uuid4(), "item": d["item"]})
            form.fields["item"].choices = items  # type: ignore[attr-defined]
            view = reads.whole(request.me, reads.get(row.pk) or row, inside=True, talk=True, people=True)
    said = sorted(view.opinions, key=lambda o: -o.row.number)
    titles = {i.row.pk: n for n, i in enumerate(view.items, 1)}
    return render(request, "desk/contact/say.html", {
        "m": row, "form": form, "lines": [{"o": o, "item": titles.get(o.row.item_id, "")} for o in said], "people": [name for _a, name in view.attendances], "crumbs": crumbs(row, _now("记意见")), "when": when(row), "may": row.state in ("planned", "noticed", "held"),
        "held": row.state == "held",
    }, status=422 if form.errors else 200)


class OpinionForm(forms.Form):
    fate = forms.ChoiceField(label=_("怎么处理"), widget=forms.RadioSelect, choices=[("answered", _("当场答复了")), ("noted", _("记下")), ("matter", _("登记成一件事，有编号、有期限"))])
    answer = text(_("怎么答复的"), rules.MOST_WORDS, rows=3)
    kind = forms.ChoiceField(label=_("登记成哪一种"), required=False, choices=BECOMES, widget=forms.Select(CTL))
    about_staff = forms.BooleanField(label=_("涉及工作人员"), required=False, help_text=_("转纪检专员；原话从会议里去掉，这里不再看到。"))


def opinion_or_404(row: Meeting, opinion: uuid.UUID) -> Opinion:
    found = Opinion.objects.filter(pk=opinion, meeting=row).first()
    if found is None:
        raise Http404(_now("没有这条意见，或不是您记的。"))
    return found


def opinion(request: StaffRequest, meeting: uuid.UUID, opinion: uuid.UUID) -> HttpResponse:
    """What becomes of a sentence: answered, noted, a matter."""
    row = meeting_or_404(meeting, request)
    found = opinion_or_404(row, opinion)
    form = OpinionForm(request.POST or None, initial={"fate": "answered", "kind": "help"})
    said = meetings.words_of(found)
    back = reverse("meeting-say", kwargs={"meeting": row.pk})
    here = ask(row, _now("这条意见怎么处理"), _now("保存"), (_now("%s 说的。") % said["speaker"]) if said.get("speaker") else _now("没有说是谁。"), _now("登记成事的，首问是您，答复给说的人。"), back=back, more={"help_route": "meeting-say"})
    here.about = said.get("words", "")

    def do(d: dict[str, Any]) -> str:
        if d["fate"] != "matter":
            meetings.settle(opinion=found.pk, fate=d["fate"], answer=d["answer"], by=request.me, at=request.now)
            return back
        opened = meetings.become_matter(opinion=found.pk, kind=d["kind"] or "help", about_staff=d["about_staff"], by=request.me, at=request.now)
        return back if opened.restricted else reverse("matter-file", kwargs={"matter": opened.matter.pk})

    return answer(request, here, form, do)


# --- counting ----------------------------------------------------------------------------------------------------------


class CountForm(forms.Form):
    counter = text(_("计票人"), 30, required=True)

    def __init__(self, *args: Any, options: list[str], ballots: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.n = len(options)
        for n, option in enumerate(options):
            self.fields[f"figure{n}"] = number(option)
        if ballots:
            self.fields["invalid"] = number(_("无效票"), required=False)


def count(request: StaffRequest, meeting: uuid.UUID, item: uuid.UUID) -> HttpResponse:
    """One counter's figures. The other's are not shown before these are in."""
    row = meeting_or_404(meeting, request)
    found = item_or_404(row, item)
    form = CountForm(request.POST or None, options=found.options, ballots=found.ballots, initial={"counter": request.me.name})
    here = ask(row, _now("填票数"), _now("我点的就是这样"), found.title, reads.quorum_of(row).sentence, _now("两位计票人各点一遍、各用自己的账号填；填之前看不到对方的。"), _now("两次不一样就重新点，两次都留着。"), _now("没有到会的人说的话记作意见，不算票。"), more={"help_route": "meeting"})

    def do(d: dict[str, Any]) -> str:
        voting.enter_count(item=found.pk, counter=d["counter"], figures=[d[f"figure{n}"] for n in range(form.n)], invalid=d.get("invalid") or 0, by=request.me, at=request.now)
        return back_to(row) + "#agenda"

    return answer(request, here, form, do)


class ResolveForm(forms.Form):
    text = text(_("决议"), 500, required=True, rows=3, help_text=_("要公布：定了什么，不写姓名、门牌。"))
    agreed = forms.BooleanField(label=_("大家没有不同意见，不计票"), required=False)


def resolve(request: StaffRequest, meeting: uuid.UUID, item: uuid.UUID) -> HttpResponse:
    """What was decided."""
    row = meeting_or_404(meeting, request)
    found = item_or_404(row, item)
    form = ResolveForm(request.POST or None)
    if not rules.KINDS[row.kind].consensus:
        del form.fields["agreed"]
    here = ask(row, _now("登记决议"), _now("登记"), found.title, reads.quorum_of(row).sentence, _now("到会人数和票数跟决议一起留下，不能再改。"), _now("关于一件事的，这件事的经过里写上决定。"), _now("决议写进村册，下次会上问办得怎样。"), more={"help_route": "meeting"})

    def do(d: dict[str, Any]) -> str:
        voting.resolve(item=found.pk, text=d["text"], agreed=d.get("agreed", False), by=request.me, at=request.now)
        return back_to(row) + "#agenda"

    return answer(request, here, form, do)


# --- what a village decided --------------------------------------------------------------------------------------------


def resolutions(request: StaffRequest) -> HttpResponse:
    """村册: decisions of a village, and what became of each."""
    mine = reads.places(request.me)
    offered = sorted({*mine, *reads.near(request.me)})
    place = chosen(request, offered)
    inside = place in dict(mine)
    rows = reads.resolutions(place, inside=inside) if place else []
    return render(request, "desk/contact/resolutions.html", {
        "places": [{"name": name, "code": code, "current": code == place} for code, name in offered], "name": dict(offered).get(place, ""), "inside": inside, "crumbs": crumbs(None, _now("村册：决议")),
        "rows": [{"r": r.row, "state": _now(dict(rules.FOLLOWED)[r.row.state]), "notes": r.notes, "matters": r.matters, "tone": {"open": "och", "done": "bam"}.get(r.row.state, "")} for r in rows],
    })


def resolution_or_404(resolution: uuid.UUID, request: StaffRequest) -> Resolution:
    found = Resolution.objects.filter(pk=resolution).select_related("meeting").first()
    if found is None or not reads.arranges(request.me, found.area_code):
        raise Http404(_now("没有这项决议，或不归您这里。"))
    return found


class FollowForm(forms.Form):
    state = forms.ChoiceField(label=_("办得怎样"), widget=forms.RadioSelect, choices=[(k, _(v)) for k, v in rules.FOLLOWED])
    words = text(_("一句话说明"), 300, required=True)


class CarryForm(forms.Form):
    words = text(_("要办什么"), 300, required=True, help_text=_("如“洗漱处东头增设水槽”。"))
    kind = forms.ChoiceField(label=_("哪一种事"), choices=[(k, _(v)) for k, v in kinds.KIND_CHOICES if k in ("works", "help", "help_up", "suggestion")], widget=forms.Select(CTL))


def resolution_do(request: StaffRequest, resolution: uuid.UUID, verb: str) -> HttpResponse:
    """What became of it; a matter that carries it out."""
    row = resolution_or_404(resolution, request)
    back = reverse("resolution-list") + f"?place={row.area_code}"
    if verb not in ("follow", "carry"):
        raise Http404
    form: forms.Form = FollowForm(request.POST or None, initial={"state": row.state}) if verb == "follow" else CarryForm(request.POST or None, initial={"words": row.text})
    title, ok = (_now("办得怎样了"), _now("记下")) if verb == "follow" else (_now("派人去办"), _now("登记成一件事"))
    here = Ask(title=title, ok=ok, back=back, says=[row.text, row.sentence], crumbs=[*crumbs(None), (_now("村册：决议"), back), (title, "")], about=row.number, more={"help_route": "resolution-list"})

    def do(d: dict[str, Any]) -> str:
        if verb == "follow":
            voting.follow(resolution=row.pk, words=d["words"], state=d["state"], by=request.me, at=request.now)
            return back
        opened = voting.carry_out(resolution=row.pk, kind=d["kind"], words=d["words"], by=request.me, at=request.now)
        return reverse("matter-file", kwargs={"matter": opened.matter.pk})

    return answer(request, here, form, do)
