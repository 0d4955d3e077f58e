"""Meetings at the desk: the list, one meeting with its agenda, laying out, telling, putting off, holding.

Invariants: one page says what is next and offers it as one button; whoever does not arrange meetings there sees when and about what, not
what was said; every act is its own page that says what will happen.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from minqing.access.models import Area
from minqing.access.words import county
from minqing.contact.actions import meetings, minutes
from minqing.contact.actions.meeting_papers import name_of
from minqing.contact.models import Meeting
from minqing.contact.queries import meetings as reads
from minqing.contact.refusals import Missing, NotHere
from minqing.contact.rules import meetings as rules
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.archives.forms import day, text
from minqing.web.desk.things.asking import CTL, answer, at_once
from minqing.web.shared.middleware import StaffRequest

TONES = {"planned": "och", "noticed": "ind", "held": "cin", "signed": "och", "published": "bam", "closed": "", "cancelled": ""}
#: What is next, by state: (verb or page, label).
ROAD = ("planned", "noticed", "held", "signed", "published", "closed")


def clock(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput({**CTL, "type": "time"}, format="%H:%M"), error_messages={"invalid": _("请写成 19:00 这样的时间。"), "required": _("请写时间。")})


def number(label: Any, *, required: bool = True, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, required=required, min_value=0, max_value=100_000, help_text=help_text, widget=forms.NumberInput({**CTL, "inputmode": "numeric"}), error_messages={"invalid": _("请写数字。"), "required": _("请写数字，没有就写 0。")})


def moment(on: Any, at: Any) -> datetime:
    return timezone.make_aware(datetime.combine(on, at))


def when(row: Meeting) -> str:
    start, end = timezone.localtime(row.starts_at), timezone.localtime(row.ends_at)
    return f"{date_format(start, _now('Y年n月j日'))} {date_format(start, 'l')} {start:%H:%M}–{end:%H:%M}"


def meeting_or_404(meeting: uuid.UUID, request: StaffRequest, *, inside: bool = True) -> Meeting:
    row = reads.get(meeting)
    if row is None or (inside and not reads.arranges(request.me, row.area_code)):
        raise Http404(_now("没有这次会，或不归您安排。"))
    return row


def back_to(row: Meeting) -> str:
    return reverse("meeting", kwargs={"meeting": row.pk})


def crumbs(row: Meeting | None, title: str = "") -> list[tuple[str, str]]:
    found = [(_now("会议和沟通日"), reverse("meeting-list"))]
    if row is not None:
        found.append((row.title, back_to(row) if title else ""))
    return [*found, (title, "")] if title else found


def ask(row: Meeting, title: str, ok: str, *says: str, back: str = "", **more: Any) -> Ask:
    return Ask(title=title, ok=ok, back=back or back_to(row), says=says, crumbs=crumbs(row, title), about=f"{row.title} · {when(row)}", **more)


# --- lists -------------------------------------------------------------------------------------------------------------


def chosen(request: StaffRequest, offered: list[tuple[str, str]]) -> str:
    """The place of the address, where it is one of those offered; else the first."""
    asked = request.GET.get("place", "")
    return asked if asked in dict(offered) else offered[0][0] if offered else ""


def meeting_list(request: StaffRequest) -> HttpResponse:
    """Meetings of a place: what comes and is in hand; what is over with `?show=over`."""
    mine = reads.places(request.me)
    offered = sorted({*mine, *reads.near(request.me)})
    place = chosen(request, offered)
    over = request.GET.get("show") == "over"
    rows = reads.listed([place], ahead=not over, at=request.now) if place else []
    old = {m.area_code for m in rows} - {place}
    names = dict(Area.objects.filter(pk__in=old).values_list("pk", "short_name")) if old else {}
    url = reverse("meeting-list")
    return render(request, "desk/contact/meetings.html", {
        "places": [{"name": name, "code": code, "current": code == place} for code, name in offered], "place": place, "may": place in dict(mine),
        "rows": [{"m": m, "when": when(m), "kind": rules.LABELS[m.kind], "state": rules.STATES[m.state], "tone": TONES[m.state], "was": names.get(m.area_code, "")} for m in rows],
        "tabs": [{"label": _now("要开的和在办的"), "url": f"{url}?place={place}", "current": not over}, {"label": _now("开过的"), "url": f"{url}?place={place}&show=over", "current": over}],
    })


# --- one meeting -------------------------------------------------------------------------------------------------------


def page(request: StaffRequest, meeting: uuid.UUID) -> HttpResponse:
    """Agenda, who came, what was decided, what is next."""
    row = meeting_or_404(meeting, request, inside=False)
    inside = reads.arranges(request.me, row.area_code)
    view = reads.whole(request.me, row, inside=inside)
    kind = rules.KINDS[row.kind]
    return render(request, "desk/contact/meeting.html", {
        "m": row, "v": view, "inside": inside, "when": when(row), "kind": rules.LABELS[row.kind], "state": rules.STATES[row.state], "tone": TONES[row.state], "crumbs": crumbs(row), "decides": kind.decides, "basis": kind.basis, "brief": rules.brief(row.kind),
        "chair": view.names.get(row.chair, ""), "recorder": view.names.get(row.recorder, ""), "road": road(row), "next": NEXT.get(row.state, []) if inside else [], "other": OTHER.get(row.state, []) if inside else [],
        "edits": inside and row.state in ("planned", "noticed", "held"), "heard": len(view.opinions), "open": sum(o.row.fate == "open" for o in view.opinions),
        "steps": [(s.at, rules.STEPS.get(s.what, s.what), view.names.get(s.by, ""), s.words) for s in view.steps], "papers": [(p, name_of(p), _now(dict(rules.PAPERS)[p.kind])) for p in [*view.papers, *(p for i in view.items for p in i.papers)]] if inside else [],
        "consensus": kind.consensus, "quorum": bool(kind.quorum), "may_paper": inside and row.state not in ("closed", "cancelled"),
    })


def road(row: Meeting) -> list[dict[str, Any]]:
    labels = {"planned": _now("安排"), "noticed": _now("通知"), "held": _now("开会"), "signed": _now("签纪要"), "published": _now("公示"), "closed": _now("结束")}
    at = ROAD.index(row.state) if row.state in ROAD else -1
    return [{"label": labels[s], "state": "done" if n < at or row.state == "closed" else "now" if n == at else "todo"} for n, s in enumerate(ROAD)]


#: What is done next, and what else may be done: (verb, label).
NEXT: dict[str, list[tuple[str, Any]]] = {
    "planned": [("notice", _("通知大家"))], "noticed": [("hold", _("开会了"))], "held": [("attend", _("登记到会人数"))], "signed": [], "published": [("close", _("结束"))],
}
OTHER: dict[str, list[tuple[str, Any]]] = {
    "planned": [("change", _("改安排")), ("figures", _("更正应到数")), ("postpone", _("改期")), ("cancel", _("不开了"))], "noticed": [("figures", _("更正应到数")), ("postpone", _("改期")), ("cancel", _("不开了"))],
    "held": [("figures", _("更正应到数"))], "published": [("object", _("代记异议")), ("withdraw", _("撤下公示"))],
}


# --- laid out ----------------------------------------------------------------------------------------------------------


class PlanForm(forms.Form):
    area = forms.ChoiceField(label=_("哪里的会"), widget=forms.Select(CTL))
    kind = forms.ChoiceField(label=_("哪一种会"), widget=forms.RadioSelect, choices=[(k, rules.LABELS[k]) for k in rules.KINDS])
    title = text(_("名称"), 60, required=True, help_text=_("如“十二月村民代表会议”。要张贴，不写姓名。"))
    on = day(_("哪一天"))
    starts = clock(_("几点开始"))
    ends = clock(_("几点结束"))
    place = text(_("在哪里"), 60, required=True)
    chair = forms.ChoiceField(label=_("主持人"), widget=forms.Select(CTL))
    recorder = forms.ChoiceField(label=_("记录人"), widget=forms.Select(CTL), help_text=_("两个人；纪要由他们两位签字。"))

    def __init__(self, *args: Any, places: list[tuple[str, str]], people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = places  # type: ignore[attr-defined]
        for name in ("chair", "recorder"):
            self.fields[name].choices = people  # type: ignore[attr-defined]

    def plan(self) -> meetings.Plan:
        d = self.cleaned_data
        return meetings.Plan(d["kind"], d["title"], moment(d["on"], d["starts"]), moment(d["on"], d["ends"]), d["place"], uuid.UUID(d["chair"]), uuid.UUID(d["recorder"]))


def people_of(places: list[tuple[str, str]]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for code, _name in places:
        found |= {str(pk): name for pk, name in meetings.colleagues(code)}
    return list(found.items())


def new(request: StaffRequest) -> HttpResponse:
    """A meeting is laid out."""
    places = reads.places(request.me)
    if not places:
        raise Http404
    people = people_of(places)
    other = next((pk for pk, _name in people if pk != str(request.me.id)), None)
    form = PlanForm(request.POST or None, places=places, people=people, initial={"area": chosen(request, places), "starts": "19:00", "ends": "21:00", "chair": str(request.me.id), "recorder": other, "kind": "delegates"})
    laws = [f"{rules.LABELS[code]}：{rules.brief(code)}" for code in rules.KINDS]
    here = Ask(title=_now("安排一次会"), ok=_now("安排"), back=reverse("meeting-list"), says=[_now("应到多少人按档案先算好，不对可以更正。"), _now("安排好以后写议程，再通知大家。"), *laws], crumbs=[*crumbs(None), (_now("安排一次会"), "")], more={"help_route": "meeting-list"})
    return answer(request, here, form, lambda d: back_to(meetings.plan(area=d["area"], plan=form.plan(), by=request.me, at=request.now)))


class RoundForm(forms.Form):
    area = forms.ChoiceField(label=_("哪个村"), widget=forms.Select(CTL))
    months = number(_("排几个月"))
    place = text(_("在哪里"), 60, required=True)
    chair = forms.ChoiceField(label=_("主持人"), widget=forms.Select(CTL))
    recorder = forms.ChoiceField(label=_("记录人"), widget=forms.Select(CTL))


def rounds(request: StaffRequest) -> HttpResponse:
    """The 15th of the coming months, holidays by the place's rule."""
    places = [p for p in reads.places(request.me) if len(p[0]) == 12]
    if not places:
        raise Http404
    people = people_of(places)
    other = next((pk for pk, _name in people if pk != str(request.me.id)), None)
    form = RoundForm(request.POST or None, initial={"area": chosen(request, places), "months": 6, "chair": str(request.me.id), "recorder": other})
    form.fields["area"].choices = places  # type: ignore[attr-defined]
    for name in ("chair", "recorder"):
        form.fields[name].choices = people  # type: ignore[attr-defined]
    here = Ask(title=_now("排沟通日"), ok=_now("排好"), back=reverse("meeting-list"), says=[_now("每月 15 日；碰上休息日照本地定的规矩。"), _now("已经排过的不动；每次的议程到时再写。")], crumbs=[*crumbs(None), (_now("排沟通日"), "")], more={"help_route": "meeting-list"})

    def do(d: dict[str, Any]) -> str:
        meetings.lay_out(area=d["area"], months=d["months"], place=d["place"], chair=uuid.UUID(d["chair"]), recorder=uuid.UUID(d["recorder"]), by=request.me, at=request.now)
        return reverse("meeting-list") + f"?place={d['area']}"

    return answer(request, here, form, do)


# --- verbs -------------------------------------------------------------------------------------------------------------


class FiguresForm(forms.Form):
    due = number(_("应到多少人"), required=False)
    households = number(_("一共多少户"), required=False)
    reason = text(_("为什么与档案的数不一样"), 200, required=True)


class ReasonForm(forms.Form):
    reason = text(_("原因"), 200, required=True)


class NoticeForm(forms.Form):
    reason = text(_("为什么不能早点通知"), 200)


class PostponeForm(forms.Form):
    on = day(_("改到哪一天"))
    starts = clock(_("几点开始"))
    ends = clock(_("几点结束"))
    place = text(_("在哪里"), 60)
    reason = text(_("为什么改期"), 200, required=True)


class AttendForm(forms.Form):
    present = number(_("到会多少人"), help_text=_("按签到表点数，列席的不算。"))
    households = number(_("到会多少户"), required=False, help_text=_("按户计时才要填。"))
    observers = number(_("列席多少人"), required=False)


class ObjectForm(forms.Form):
    words = text(_("对哪里有异议，为什么"), rules.MOST_WORDS, required=True, rows=4)
    name = text(_("谁提的"), 50, help_text=_("愿意说就写，只给办理的人看。"))
    phone = text(_("电话"), 30)


@dataclass(frozen=True)
class Verb:
    """One act on a meeting: its page and what it calls."""

    title: Any
    ok: Any
    form: Callable[[StaffRequest, Meeting], forms.Form]
    do: Callable[[StaffRequest, Meeting, dict[str, Any]], object]
    says: tuple[Any, ...] = ()
    tone: str = ""


def plain(kind: type[forms.Form]) -> Callable[[StaffRequest, Meeting], forms.Form]:
    return lambda request, row: kind(request.POST if request.method == "POST" else None)


def _change_form(request: StaffRequest, row: Meeting) -> forms.Form:
    start, end = timezone.localtime(row.starts_at), timezone.localtime(row.ends_at)
    return PlanForm(request.POST or None, places=[(row.area_code, dict(reads.places(request.me)).get(row.area_code, row.area_code))], people=people_of([(row.area_code, "")]), initial={
        "area": row.area_code, "kind": row.kind, "title": row.title, "on": start.date(), "starts": start.time(), "ends": end.time(), "place": row.place, "chair": str(row.chair), "recorder": str(row.recorder)})


def _change(request: StaffRequest, row: Meeting, d: dict[str, Any]) -> object:
    return meetings.change(meeting=row, plan=meetings.Plan(d["kind"], d["title"], moment(d["on"], d["starts"]), moment(d["on"], d["ends"]), d["place"], uuid.UUID(d["chair"]), uuid.UUID(d["recorder"])), by=request.me, at=request.now)


VERBS: dict[str, Verb] = {
    "change": Verb(_("改安排"), _("保存"), _change_form, _change, (_("通知以前可以随便改；通知以后请用“改期”。"),)),
    "figures": Verb(_("更正应到数"), _("更正"), lambda q, m: FiguresForm(q.POST or None, initial={"due": m.due, "households": m.households}),
                    lambda q, m, d: meetings.correct_due(meeting=m, due=d["due"], households=d["households"], reason=d["reason"], by=q.me, at=q.now), (_("够不够开会按这个数算；原因和改动写进会议经过。"),)),
    "notice": Verb(_("通知大家"), _("通知"), plain(NoticeForm), lambda q, m, d: meetings.notice(meeting=m, by=q.me, at=q.now, reason=d["reason"]),
                   (_("村的公开页写上时间、地点、议程。"), _("通知里多一张张贴、一段广播，请去贴、去念。"), _("不足规定天数的要写原因，写进纪要。"))),
    "postpone": Verb(_("改期"), _("改期"), lambda q, m: PostponeForm(q.POST or None, initial={"place": m.place, "starts": timezone.localtime(m.starts_at).time(), "ends": timezone.localtime(m.ends_at).time()}),
                     lambda q, m, d: meetings.postpone(meeting=m, starts_at=moment(d["on"], d["starts"]), ends_at=moment(d["on"], d["ends"]), place=d["place"], reason=d["reason"], by=q.me, at=q.now), (_("改期以后要重新通知。"),)),
    "cancel": Verb(_("不开了"), _("取消这次会"), plain(ReasonForm), lambda q, m, d: meetings.cancel(meeting=m, reason=d["reason"], by=q.me, at=q.now), (_("公开页上撤下；原因留在会议经过里。"),), "danger"),
    "hold": Verb(_("开会了"), _("开会"), plain(forms.Form), lambda q, m, d: meetings.hold(meeting=m, by=q.me, at=q.now), (_("从现在起可以记意见、登记到会、表决。"),)),
    "attend": Verb(_("登记到会人数"), _("保存"), lambda q, m: AttendForm(q.POST or None, initial={"present": m.present, "households": m.households_present, "observers": m.observers}),
                   lambda q, m, d: meetings.attend(meeting=m, present=d["present"], households=d["households"], observers=d["observers"] or 0, by=q.me, at=q.now), (_("签到表扫描后添在材料里；写名字不是必须的。"), _("够不够开会马上算出来。"))),
    "object": Verb(_("代记异议"), _("记下"), plain(ObjectForm), lambda q, m, d: minutes.object_at_desk(meeting=m, words=d["words"], name=d["name"], phone=d["phone"], by=q.me, at=q.now), (_("公示期内收到的，每一条都要答复；没有答复的，会不能结束。"),)),
    "withdraw": Verb(_("撤下公示"), _("撤下"), plain(ReasonForm), lambda q, m, d: minutes.withdraw(meeting=m, reason=d["reason"], by=q.me, at=q.now), (_("公开页上马上没有；改好以后可以重新公示。"),), "danger"),
    "close": Verb(_("结束"), _("结束"), plain(forms.Form), lambda q, m, d: minutes.close(meeting=m, by=q.me, at=q.now), (_("公示到期、异议都答复了才能结束；决议接着跟。"),)),
}


def act(request: StaffRequest, meeting: uuid.UUID, verb: str) -> HttpResponse:
    """One act on a meeting, on its own page."""
    row = meeting_or_404(meeting, request)
    rule = VERBS.get(verb)
    if rule is None:
        raise Http404
    form = rule.form(request, row)
    here = ask(row, str(rule.title), str(rule.ok), *map(str, rule.says), tone=rule.tone, more={"help_route": "meeting"})

    def do(d: dict[str, Any]) -> str:
        rule.do(request, row, d)
        return back_to(row)

    return answer(request, here, form, do)


# --- the agenda --------------------------------------------------------------------------------------------------------


class ItemForm(forms.Form):
    title = text(_("议题"), rules.MOST_TITLE, required=True, help_text=_("要张贴：说什么事，不写姓名、门牌。"))
    options = text(_("表决选项"), 600, rows=3, help_text=_("一行一个；不表决就空着。如：同意、反对、弃权。"))
    hands = forms.BooleanField(label=_("举手表决（不用票）"), required=False)
    matter = text(_("关于哪件事"), 20, help_text=_("写事情编号；没有就空着。"))


def lines(value: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in value.splitlines() if line.strip())


def item_new(request: StaffRequest, meeting: uuid.UUID) -> HttpResponse:
    """One more item."""
    row = meeting_or_404(meeting, request)
    form = ItemForm(request.POST or None)
    here = ask(row, _now("添一项议题"), _now("添上"), _now("关于一件事的，表决通过后，这件事的经过里会写上会议怎么定的。"), more={"help_route": "meeting"})

    def do(d: dict[str, Any]) -> str:
        meetings.add_item(meeting=row, topic=meetings.Topic(d["title"], matter=matter_numbered(request, d["matter"]), options=lines(d["options"]), ballots=not d["hands"]), by=request.me, at=request.now)
        return back_to(row)

    return answer(request, here, form, do)


def matter_numbered(request: StaffRequest, said: str) -> uuid.UUID | None:
    if not said.strip():
        return None
    found = reads.matter_numbered(request.me, said)
    if found is None:
        raise Missing("matter", _now("没有这个编号的事，或不在您这里办理。"))
    return found


def item_edit(request: StaffRequest, meeting: uuid.UUID, item: uuid.UUID) -> HttpResponse:
    row = meeting_or_404(meeting, request)
    found = item_or_404(row, item)
    form = ItemForm(request.POST or None, initial={"title": found.title, "options": "\n".join(found.options), "hands": not found.ballots})
    del form.fields["matter"]
    here = ask(row, _now("改议题"), _now("保存"), _now("开始计票以后不能再改。"), more={"help_route": "meeting"})

    def do(d: dict[str, Any]) -> str:
        meetings.edit_item(meeting=row, item=item, title=d["title"], options=lines(d["options"]), ballots=not d["hands"], by=request.me, at=request.now)
        return back_to(row)

    return answer(request, here, form, do)


def item_or_404(row: Meeting, item: uuid.UUID) -> Any:
    try:
        return meetings.item_of(row, item)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal


@require_POST
def item_move(request: StaffRequest, meeting: uuid.UUID, item: uuid.UUID) -> HttpResponse:
    """Up, down, or off the agenda."""
    row = meeting_or_404(meeting, request)
    how = request.POST.get("act", "")

    def do() -> str:
        if how == "drop":
            meetings.drop_item(meeting=row, item=item, by=request.me, at=request.now)
            return _now("去掉了。")
        meetings.shift_item(meeting=row, item=item, up=how == "up", by=request.me)
        return ""

    return at_once(request, do, back_to(row) + "#agenda")


def propose(request: StaffRequest, meeting: uuid.UUID) -> HttpResponse:
    """What the program proposes for the agenda: ticked, worded anew, put on."""
    row = meeting_or_404(meeting, request)
    found = county(reads.proposals)(request.me, row, on=timezone.localdate(request.now))
    wrong: dict[str, str] = {}
    if request.method == "POST":
        def do() -> str:
            n = 0
            for p in found:
                if p.key in request.POST.getlist("take"):
                    title = request.POST.get(f"title-{p.key}", p.title)
                    try:
                        meetings.add_item(meeting=row, topic=meetings.Topic(title, p.origin, matter=p.matter, resolution=p.resolution), by=request.me, at=request.now)
                        n += 1
                    except Missing as problem:
                        wrong[p.key] = str(problem)
                        raise
            return _now("添了 %d 项。") % n
        reply = at_once(request, do, back_to(row) + "#agenda")
        if not wrong:
            return reply
    shown = [{"p": p, "title": request.POST.get(f"title-{p.key}", p.title), "take": p.key in request.POST.getlist("take"), "wrong": wrong.get(p.key, "")} for p in found]
    return render(request, "desk/contact/proposals.html", {"m": row, "when": when(row), "rows": shown, "crumbs": crumbs(row, _now("拟议程"))}, status=422 if wrong else 200)
