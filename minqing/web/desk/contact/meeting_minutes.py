"""Who came, the minutes, what hangs on the wall, objections, papers and prints, representatives.

Invariants: the draft is only a draft until a person keeps it; before anything hangs, what was taken out of it is shown one by one; a print
names who printed it.
"""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any
from urllib.parse import quote

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.contact.actions import meeting_papers, meetings, minutes
from minqing.contact.models import Meeting, Objection, Representative
from minqing.contact.queries import meetings as reads
from minqing.contact.refusals import Missing, NotHere, Refused
from minqing.contact.rules import meetings as rules
from minqing.service.actions.attachments import Given
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.archives.forms import day, text
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.contact.meetings import ask, back_to, chosen, crumbs, meeting_or_404, number, when
from minqing.web.desk.matters.forms import FilesField
from minqing.web.desk.things.asking import CTL, answer, at_once
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest

#: Blank lines of a sign-in sheet where nobody is known beforehand.
BLANK = 40


def place_of(code: str) -> str:
    return Area.objects.filter(pk=code).values_list("short_name", flat=True).first() or code


# --- who came ----------------------------------------------------------------------------------------------------------


class NameForm(forms.Form):
    name = text(_("姓名"), 50, required=True)
    came_as = forms.ChoiceField(label=_("怎么来的"), choices=[("voter", _("到会")), ("observer", _("列席"))], widget=forms.Select(CTL))


def attendance(request: StaffRequest, meeting: uuid.UUID) -> HttpResponse:
    """Names of who came, where somebody wants them: by the beginning of a name from the village's files, or as he is called."""
    row = meeting_or_404(meeting, request)
    if request.method == "POST":
        def do() -> str:
            if request.POST.get("strike"):
                meetings.strike_out(attendance=uuid.UUID(request.POST["strike"]), by=request.me, at=request.now)
                return ""
            person = uuid.UUID(request.POST["person"]) if request.POST.get("person") else None
            meetings.name_present(meeting=row, name=request.POST.get("name", ""), person=person, came_as=request.POST.get("came_as", "voter"), by=request.me, at=request.now)
            return _now("登记了。")
        try:
            return at_once(request, do, reverse("meeting-attendance", kwargs={"meeting": row.pk}), said=False)
        except ValueError:
            raise Http404 from None
    find = request.GET.get("find", "").strip()[:20]
    view = reads.whole(request.me, row, inside=True, people=True)
    known = {a.person_id for a, _name in view.attendances}
    return render(request, "desk/contact/attendance.html", {
        "m": row, "when": when(row), "crumbs": crumbs(row, _now("到会的人")), "rows": view.attendances, "quorum": view.quorum, "find": find, "found": [p for p in reads.residents_like(row.area_code, find) if p.pk not in known], "form": NameForm(initial={"name": find}), "may": row.state == "held",
        "delegates": [(r, name) for r, name in reads.representatives(row.area_code, on=timezone.localdate(row.starts_at)) if r.left_on is None and (r.person_id is None or r.person_id not in known)] if row.kind == "delegates" and row.state == "held" else [],
    })


# --- the minutes -------------------------------------------------------------------------------------------------------


class MinutesForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(label=_("纪要"), max_length=minutes.MOST, widget=forms.Textarea({"rows": 22, "class": "ctl"}))


class PublishForm(forms.Form):
    text = forms.CharField(label=_("公示的内容"), max_length=minutes.MOST, widget=forms.Textarea({"rows": 18, "class": "ctl"}))
    days = number(_("公示多少天"))
    confirmed = forms.BooleanField(label=_("我从头读过，没有姓名、门牌、电话"), required=False)


def minutes_page(request: StaffRequest, meeting: uuid.UUID) -> HttpResponse:
    """Drafted, put right, signed; then published."""
    row = meeting_or_404(meeting, request)
    view = reads.whole(request.me, row, inside=True)
    if row.state in ("planned", "noticed", "cancelled"):
        raise Http404(_now("还没有开会。"))
    stands = minutes.text_of(row)
    if row.state == "held":
        text_now = stands or reads.draft(view, place=place_of(row.area_code))
        form: forms.Form = MinutesForm(request.POST if request.POST.get("act") == "write" else None, initial={"text": text_now, "seen": row.minutes_version})
        if request.method == "POST":
            return _write_or_sign(request, row, view, form)
        return _minutes(request, row, view, form)
    form = PublishForm(request.POST or None, initial={"text": minutes.masked(row)[0], "days": rules.KINDS[row.kind].publish_days})
    if request.method == "POST" and row.state == "signed" and form.is_valid():
        d = form.cleaned_data
        try:
            minutes.publish(meeting=row, text=d["text"], days=d["days"], confirmed=d["confirmed"], by=request.me, at=request.now)
        except Missing as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return HttpResponseRedirect(back_to(row))
    return _minutes(request, row, view, form)


def _write_or_sign(request: StaffRequest, row: Meeting, view: reads.Whole, form: forms.Form) -> HttpResponse:
    here = reverse("meeting-minutes", kwargs={"meeting": row.pk})
    if request.POST.get("act") == "sign":
        seen = request.POST.get("seen", "")

        def do() -> str:
            minutes.sign(meeting=row, seen=int(seen) if seen.isdigit() else -1, by=request.me, at=request.now)
            return _now("签了。")
        return at_once(request, do, here)
    if form.is_valid():
        try:
            minutes.write(meeting=row, text=form.cleaned_data["text"], seen=form.cleaned_data["seen"], by=request.me, at=request.now)
        except Missing as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return HttpResponseRedirect(here)
    return _minutes(request, row, view, form)


def _minutes(request: StaffRequest, row: Meeting, view: reads.Whole, form: forms.Form) -> HttpResponse:
    me, hidden = request.me, minutes.masked(row)[1] if row.state == "signed" else []
    return render(request, "desk/contact/minutes.html", {
        "m": row, "v": view, "form": form, "when": when(row), "crumbs": crumbs(row, _now("纪要和公示")), "stands": minutes.text_of(row), "chair": view.names.get(row.chair, ""), "recorder": view.names.get(row.recorder, ""),
        "may_sign": row.state == "held" and row.minutes_cipher is not None and ((me.id == row.chair and row.chair_signed_at is None) or (me.id == row.recorder and row.recorder_signed_at is None)),
        "hidden": [(h.was, h.now, rules.HIDDEN_LABELS[h.kind]) for h in hidden], "counted": Counter(h.kind for h in hidden), "least": rules.KINDS[row.kind].publish_days,
    }, status=422 if form.errors else 200)


class AnswerForm(forms.Form):
    answer = text(_("怎么答复的"), rules.MOST_WORDS, required=True, rows=4)


def objection(request: StaffRequest, meeting: uuid.UUID, objection: uuid.UUID) -> HttpResponse:
    """Each is answered."""
    row = meeting_or_404(meeting, request)
    found = Objection.objects.filter(pk=objection, meeting=row).first()
    if found is None:
        raise Http404(_now("没有这条异议，或不归您答复。"))
    view = next(o for o in reads.objection_lines(row) if o.row.pk == found.pk)
    audit.record("meeting.open", detail={"meeting": str(row.pk)})
    form = AnswerForm(request.POST or None)
    here = ask(row, _now("答复异议"), _now("答复了"), view.words, _now("%s 提的。") % view.who if view.who else _now("没有说是谁。"), *([view.phone] if view.phone else []), more={"help_route": "meeting-minutes"})

    def do(d: dict[str, Any]) -> str:
        minutes.answer(objection=found.pk, words=d["answer"], by=request.me, at=request.now)
        return back_to(row)

    return answer(request, here, form, do)


# --- papers and prints -------------------------------------------------------------------------------------------------


class PaperForm(forms.Form):
    kind = forms.ChoiceField(label=_("是什么"), choices=[(k, _(v)) for k, v in rules.PAPERS], widget=forms.RadioSelect, initial="paper")
    item = forms.ChoiceField(label=_("哪一项的"), required=False, widget=forms.Select(CTL))
    photos = FilesField(label=_("照片或 PDF"), help_text=_("JPG、PNG、WebP 或 PDF，每个最多 12 MB，一次 6 个。加密保存；谁打开过都有记录。"))


def papers(request: StaffRequest, meeting: uuid.UUID) -> HttpResponse:
    """Papers, the signed sheet, the count sheet."""
    row = meeting_or_404(meeting, request)
    items = [("", _now("整次会")), *((str(i.pk), i.title) for i in row.items.filter(dropped_at=None).order_by("position"))]
    form = PaperForm(request.POST or None, request.FILES or None, initial={"kind": request.GET.get("kind", "paper"), "item": request.GET.get("item", "")})
    form.fields["item"].choices = items  # type: ignore[attr-defined]
    here = ask(row, _now("添材料"), _now("添上"), _now("会议材料、签好的签到表、计票单，拍照或扫描都行。"), more={"upload": True, "help_route": "meeting"})

    def do(d: dict[str, Any]) -> str:
        meeting_papers.add(meeting=row, kind=d["kind"], item=uuid.UUID(d["item"]) if d["item"] else None, files=[Given(f.name, f.read()) for f in d["photos"]], by=request.me, at=request.now)
        return back_to(row)

    return answer(request, here, form, do)


def paper(request: StaffRequest, paper: uuid.UUID) -> HttpResponse:
    """One paper; a photo with who looks at it written across."""
    try:
        found = meeting_papers.show(paper=paper, by=request.me, at=request.now)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    except Refused as refusal:
        return render(request, "desk/refused.html", {"sentence": str(refusal)}, status=409)
    kind = "inline" if found.media.startswith("image/") else "attachment"
    name = f"meeting-{str(paper)[:8]}.jpg" if found.media == "image/jpeg" else found.name
    return HttpResponse(found.content, content_type=found.media, headers={"Content-Disposition": f"{kind}; filename*=UTF-8''{quote(name)}", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"})


PRINTS = ("notice", "sign_in", "count", "minutes")


def prints(request: StaffRequest, meeting: uuid.UUID, what: str) -> HttpResponse:
    """A4: the notice for the wall, the sheet to sign in, the count sheet, the minutes."""
    row = meeting_or_404(meeting, request)
    if what not in PRINTS or (what == "minutes" and row.minutes_cipher is None):
        raise Http404
    items = list(row.items.filter(dropped_at=None).order_by("position", "pk"))
    start = timezone.localtime(row.starts_at)
    context: dict[str, Any] = {**printing.frame(request.me, request.now), "m": row, "place": place_of(row.area_code), "kind": rules.LABELS[row.kind], "items": items, "start": start, "end": timezone.localtime(row.ends_at)}
    if what == "sign_in":
        names = [(name, r.for_whom) for r, name in reads.representatives(row.area_code, on=start.date()) if r.left_on is None and r.starts_on <= start.date() <= r.ends_on] if row.kind == "delegates" else []
        context |= {"lines": names or [("", "")] * BLANK, "named": bool(names)}
    if what == "count":
        context["items"] = [i for i in items if i.options]
    if what == "minutes":
        context |= {"lines": minutes.text_of(row).split("\n"), "signed": bool(row.chair_signed_at and row.recorder_signed_at), "chair_at": row.chair_signed_at, "recorder_at": row.recorder_signed_at, **dict(zip(("chair", "recorder"), names_of(row), strict=True))}
    audit.record("meeting.print", detail={"meeting": str(row.pk), "kind": what})
    return as_pdf(printing.pdf(f"desk/print/meeting_{what}.html", context), f"meeting-{what}-{start:%Y%m%d}")


def names_of(row: Meeting) -> tuple[str, str]:
    known = dict(meetings.colleagues(row.area_code))
    return known.get(row.chair, ""), known.get(row.recorder, "")


# --- representatives ---------------------------------------------------------------------------------------------------


def representatives(request: StaffRequest) -> HttpResponse:
    """Who represents whom, for which term."""
    places = [p for p in reads.places(request.me) if len(p[0]) == 12]
    place = chosen(request, places)
    on = timezone.localdate(request.now)
    rows = reads.representatives(place, on=on) if place else []
    return render(request, "desk/contact/representatives.html", {
        "places": [{"name": name, "code": code, "current": code == place} for code, name in places], "place": place, "crumbs": crumbs(None, _now("村民代表")), "rows": [(r, name, r.left_on is not None or r.ends_on < on) for r, name in rows],
        "n": sum(r.left_on is None and r.starts_on <= on <= r.ends_on for r, _name in rows),
    })


class TermForm(forms.Form):
    name = text(_("姓名"), 50, required=True)
    for_whom = text(_("代表哪些户"), 60, help_text=_("如“柴坞 1–12 号”或“第三村民小组”。"))
    starts_on = day(_("任期从"))
    ends_on = day(_("任期到"))


def representative_new(request: StaffRequest) -> HttpResponse:
    places = [p for p in reads.places(request.me) if len(p[0]) == 12]
    place = chosen(request, places)
    if not place:
        raise Http404
    on = timezone.localdate(request.now)
    form = TermForm(request.POST or None, initial={"starts_on": on, "ends_on": on.replace(year=on.year + 5, day=min(on.day, 28))})
    back = reverse("representative-list") + f"?place={place}"
    here = Ask(title=_now("登记村民代表"), ok=_now("登记"), back=back, says=[_now("名字与本村档案里唯一的一个人相同，就连到他的档案。"), _now("任期与村民委员会相同。")], crumbs=[*crumbs(None), (_now("村民代表"), back), (_now("登记村民代表"), "")], about=dict(places)[place], more={"help_route": "representative-list"})

    def do(d: dict[str, Any]) -> str:
        same = [p for p in reads.residents_like(place, d["name"]) if p.name == d["name"].strip()]
        meetings.appoint(area=place, name=d["name"], person=same[0].pk if len(same) == 1 else None, for_whom=d["for_whom"], starts_on=d["starts_on"], ends_on=d["ends_on"], by=request.me, at=request.now)
        return back

    return answer(request, here, form, do)


class LeaveForm(forms.Form):
    on = day(_("从哪天起"))
    why = text(_("为什么"), 100, required=True)


def representative_end(request: StaffRequest, representative: uuid.UUID) -> HttpResponse:
    found = Representative.objects.filter(pk=representative, left_on=None).first()
    if found is None:
        raise Http404(_now("没有这位代表，或已经不再担任。"))
    back = reverse("representative-list") + f"?place={found.area_code}"
    form = LeaveForm(request.POST or None, initial={"on": timezone.localdate(request.now)})
    here = Ask(title=_now("不再担任村民代表"), ok=_now("记下"), back=back, says=[_now("名单里留着从何时到何时；应到人数从此少一个。")], crumbs=[*crumbs(None), (_now("村民代表"), back), (_now("不再担任村民代表"), "")], about=found.for_whom, more={"help_route": "representative-list"})

    def do(d: dict[str, Any]) -> str:
        meetings.dismiss(representative=found.pk, on=d["on"], why=d["why"], by=request.me, at=request.now)
        return back

    return answer(request, here, form, do)
