"""A call to move: started, watched, marked, typed from paper, closed. Calm to read when it is not calm.

Invariants: counts are of people to be saved, none of those who save them; the number of a mark is in its form, so that a button pressed
twice is one mark; what cannot be is said beside its line and the rest stands.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from minqing.access import queries as access
from minqing.access.actions import audit
from minqing.access.models import Area, Staff
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me, NotAllowed
from minqing.contact.actions import flood
from minqing.contact.models import TransferEvent, TransferLine
from minqing.contact.queries import flood as queries
from minqing.contact.refusals import Missing, NotHere, Refused
from minqing.contact.rules import flood as rules
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.contact.flood import calls, chosen, colleagues, crumbs, sheets
from minqing.web.desk.things.asking import answer, at_once, or_404, radio_field, text_field, words_field
from minqing.web.desk.volunteers.parts import checks_field, choice_field, grid_choices
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest

#: Tab → the states in it.
TABS: dict[str, frozenset[str]] = {
    "waiting": frozenset({"waiting", "refused", "missing"}), "going": frozenset({"going"}), "arrived": frozenset({"arrived"}), "safe": frozenset({"safe", "away"}), "home": frozenset({"home"}), "all": frozenset(rules.STATE_LABELS),
}
TONES = {"waiting": "cin", "refused": "cin", "missing": "cin", "going": "och", "arrived": "bam", "safe": "ind", "away": "", "home": ""}


class StartForm(forms.Form):
    level = radio_field(_("预警"), [(k, _(v)) for k, v in rules.LEVEL_LABELS.items()], initial="orange")
    reason = text_field(_("因为什么"), most=120, help_text=_("如“小时雨量 50 毫米，屋后山有落石”。"))
    zones = checks_field(_("转移哪些危险区"), [], required=False, help_text=_("都不选，就是预案里的每一个人。"))
    drill = forms.BooleanField(label=_("这是演练"), required=False)

    def __init__(self, *args: Any, zones: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zones"].choices = zones  # type: ignore[attr-defined]
        if not zones:
            del self.fields["zones"]


def start(request: StaffRequest, village: str) -> HttpResponse:
    me = request.me
    village, choices = chosen(request, village)
    me.require(Right.CONTACT, village, _now("转移由村文书、村书记、联村干部或乡镇受理专员发起。"))
    form = StartForm(request.POST or None, zones=[(str(z.pk), z.name) for z in queries.zones(village)])
    (stands,) = queries.plans(me, [village])

    def do(d: dict[str, Any]) -> str:
        made = flood.start(village=village, level=d["level"], reason=d["reason"], zones=[uuid.UUID(z) for z in d.get("zones", [])], drill=d["drill"], by=me, at=request.now)
        if not stands.people:
            messages.warning(request, _now("这个村还没有预案，名单是空的：请逐户打电话问，要接的人点“加一个人”。"))
        return reverse("flood-call", args=[made.pk])

    title = _now("发起转移 · %s") % dict(choices)[village]
    says = [_now("照现在的预案列出名单；档案里在外的人单列，打电话问一声。"), _now("去接的人在手机上、在“我去接的人”里马上看到各自的名单；手机没有信号时，用纸。"), _now("一个村一次只有一个转移；要多转移几处，在这一次里加上。")]
    if not stands.people:
        says.insert(0, _now("这个村还没有预案：发起后名单是空的，要一个一个加上。平时请先做预案。"))
    return answer(request, Ask(title=title, ok=_now("发起转移"), back=reverse("flood") + f"?village={village}", says=says, crumbs=crumbs(village, (title, "")), more={"help_route": "flood-call"}), form, do)


# --- several villages at once, by a town or a county ---------------------------------------------------------------------------------


class TownsForm(forms.Form):
    towns = checks_field(_("哪些乡镇街道"), [])

    def __init__(self, *args: Any, towns: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["towns"].choices = towns  # type: ignore[attr-defined]


class ManyForm(forms.Form):
    level = radio_field(_("预警"), [(k, _(v)) for k, v in rules.LEVEL_LABELS.items()], initial="orange")
    reason = text_field(_("因为什么"), most=120, help_text=_("如“小时雨量 50 毫米，屋后山有落石”。"))
    villages = checks_field(_("哪些村"), [], help_text=_("转移预案里的每一个人；只转移几处危险区的，请村里自己发起。"))
    drill = forms.BooleanField(label=_("这是演练"), required=False)

    def __init__(self, *args: Any, villages: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["villages"].choices = villages  # type: ignore[attr-defined]


def watches(me: Me) -> list[str]:
    """Towns and counties for which he calls villages to move."""
    return sorted({p.area for p in me.posts if len(p.area) in (6, 9) and Right.CONTACT in ROLES[p.role].rights})


def open_calls(request: StaffRequest) -> HttpResponse:
    """All villages that move now, for who watches over them."""
    if not request.me.holds(Right.CONTACT):
        raise NotAllowed(_now("您的任职不看转移预案。轮到您去接人时，名单在“我去接的人”里。"))
    return render(request, "desk/contact/flood_calls.html", {"calls": calls(request.me, queries.open_events(request.me)), "many": bool(watches(request.me))})


def start_many(request: StaffRequest) -> HttpResponse:
    """A county chooses towns, then villages; a town its villages. `?town=`: of these."""
    me, own = request.me, watches(request.me)
    if not own:
        raise NotAllowed(_now("几个村一起转移，由乡镇受理专员、县受理中心专员发起。"))
    back, title = reverse("flood-calls"), _now("发起几个村的转移")
    trail = [(_now("防汛转移"), back), (title, "")]
    towns = list(Area.objects.filter(access.within("code", own), level="town", closed_on=None).order_by("code").values_list("pk", "short_name"))
    asked = [code for code, _name in towns if code in request.GET.getlist("town")]
    if len(towns) > 1 and not asked:
        return answer(request, Ask(title=title, ok=_now("下一步：选村"), back=back, crumbs=trail, more={"help_route": "flood-call"}), TownsForm(request.POST or None, towns=towns),
                      lambda d: f"{reverse('flood-start-many')}?{urlencode({'town': d['towns']}, doseq=True)}")
    names = dict(Area.objects.filter(access.within("code", asked or [code for code, _name in towns]), level="village", closed_on=None).order_by("code").values_list("pk", "short_name"))
    stands = {p.village: p for p in queries.plans(me, names)}
    free = [(code, _now("%(village)s · 预案 %(n)d 人") % {"village": name, "n": stands[code].people} if stands[code].people else _now("%(village)s · 还没有预案") % {"village": name})
            for code, name in names.items() if code in stands and stands[code].running is None]
    busy = [names[code] for code, p in stands.items() if p.running is not None]
    form = ManyForm(request.POST or None, villages=free, initial={"villages": [code for code, _label in free if stands[code].people]})

    def do(d: dict[str, Any]) -> str:
        called = flood.start_many(villages=d["villages"], level=d["level"], reason=d["reason"], drill=d["drill"], by=me, at=request.now)
        if called.made:
            messages.success(request, _now("发起了 %d 个村的转移，去接的人马上看到各自的名单。") % len(called.made))
        if called.empty:
            messages.warning(request, _now("%s还没有预案，名单是空的：请打电话问村里有没有人要接，由村里加上。") % "、".join(names[c] for c in called.empty))
        if called.running:
            messages.warning(request, _now("%s已经在转移，没有再发起。") % "、".join(names[c] for c in called.running))
        return back

    says = [_now("有预案的村已经勾上；没有预案的村也可以发起，名单是空的，要打电话问。")]
    if busy:
        says.append(_now("正在转移，不再发起：%s。") % "、".join(busy))
    return answer(request, Ask(title=title, ok=_now("发起转移"), back=back, says=says, crumbs=trail, more={"help_route": "flood-call"}), form, do)


def event_or_404(request: StaffRequest, pk: uuid.UUID) -> TransferEvent:
    return or_404(flood.event_of, pk, request.me)


def board(request: StaffRequest, transfer: uuid.UUID) -> HttpResponse:
    """`?tab=`, `?by=shelter`: everybody of the call by who fetches them or by shelter, what is to be done first."""
    me = request.me
    event = event_or_404(request, transfer)
    counts = queries.boards(me, [event])[event.pk]
    reads = queries.reads(me, event.area_code)
    lines = queries.lines_of(me, event) if reads else []
    tab = request.GET.get("tab", "")
    if tab not in TABS:
        tab = "waiting" if any(x.state in TABS["waiting"] for x in lines) else "all"
    by = "shelter" if request.GET.get("by") == "shelter" else "fetcher"
    shown = [x for x in lines if x.state in TABS[tab]]
    shown.sort(key=lambda x: ((x.by if by == "fetcher" else x.where or x.shelter) or "~", queries.ORDER.index(x.state)))
    groups = [(key or (_now("还没有定谁去接") if by == "fetcher" else _now("还没有定去哪里")), [{"x": x, "tone": TONES[x.state], "record": uuid.uuid4()} for x in rows])
              for key, rows in groupby(shown, key=lambda x: x.by if by == "fetcher" else x.where or x.shelter)]
    address = reverse("flood-call", args=[event.pk])
    labels = {**rules.COUNTS, "all": "全部"}
    arranges = event.closed_at is None and me.may(Right.CONTACT, event.area_code)
    return render(request, "desk/contact/flood_call.html", {
        "e": event, "village": Area.objects.filter(pk=event.area_code).values_list("short_name", flat=True).first(), "level": _now(rules.LEVEL_LABELS[event.level]), "counts": counts, "groups": groups, "tab": tab, "by": by, "reads": reads, "arranges": arranges, "empty": event.closed_at is None and not counts.total.all,
        "works": arranges and queries.reads_all(me, event.area_code), "unsettled": counts.unsettled, "record": flood.record_of(event) if event.closed_at and queries.reads_all(me, event.area_code) else "",  # it may name anybody of the village
        "tabs": [{"label": _now(labels[k]), "url": f"{address}?tab={k}&by={by}", "current": k == tab, "count": sum(x.state in TABS[k] for x in lines)} for k in TABS if k != "home" or counts.total.n["home"]],
        "orders": [{"label": _now("按谁去接"), "url": f"{address}?tab={tab}", "current": by == "fetcher"}, {"label": _now("按避灾点"), "url": f"{address}?tab={tab}&by=shelter", "current": by == "shelter"}],
        "started_by": Staff.objects.filter(pk=event.started_by).values_list("name", flat=True).first(), "crumbs": crumbs(event.area_code, (_now("转移"), "")), "here": request.get_full_path(), "at": request.now,
    })


@require_POST
def mark(request: StaffRequest, transferline: uuid.UUID) -> HttpResponse:
    """One button beside a name: set out, arrived."""
    back = request.POST.get("back", "")
    target = back if back.startswith("/flood/") else reverse("flood-mine")

    def do() -> str:
        state = request.POST.get("state", "")
        flood.mark(id=_number(request.POST.get("record", "")), line=transferline, state=state, happened=request.now, by=request.me, at=request.now, words=request.POST.get("words", ""))
        return _now("记下了：%s。") % _now(rules.STATE_LABELS[state])

    return at_once(request, do, target)


def typed_moment(day: str, clock: str) -> datetime | None:
    """The moment of a sheet's day and a line's clock; None for what is no time."""
    try:
        on, at = parse_date(day), parse_time(clock)
    except ValueError:
        return None
    return timezone.make_aware(datetime.combine(on, at)) if on and at else None


def _number(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()


class MarkForm(forms.Form):
    record = forms.UUIDField(widget=forms.HiddenInput)
    state = radio_field(_("现在怎样"), [(k, _(rules.STATE_LABELS[k])) for k in rules.MARKS])
    shelter = choice_field(_("在哪个避灾点"), [], required=False, empty=_("预案里的那一个"))
    words = text_field(_("一句话"), most=rules.MOST_WORDS, required=False, help_text=_("和谁一起、在哪里、谁告诉他的。不肯走、没找到、在外平安要写。"))
    when = forms.TimeField(label=_("几点"), required=False, widget=forms.TimeInput({"class": "ctl", "type": "time"}, format="%H:%M"), help_text=_("不写就是现在。"))

    def __init__(self, *args: Any, shelters: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shelter"].choices = [("", _("预案里的那一个")), *shelters]  # type: ignore[attr-defined]


def moment(day: date, clock: time, now: datetime) -> datetime:
    """The time of a clock on that day; one that would be later than now was yesterday's."""
    found = timezone.make_aware(datetime.combine(day, clock))
    return found - timedelta(days=1) if found > now + timedelta(minutes=10) else found


def line(request: StaffRequest, transferline: uuid.UUID) -> HttpResponse:
    """One person: everything that was marked, and one more mark."""
    me = request.me
    row = TransferLine.objects.filter(pk=transferline).select_related("event", "plan", "shelter", "where", "zone").first()
    if row is None:
        raise Http404(_now("没有这个人，或不在您的范围内。"))
    who = queries.who(row.plan_id, row.plan.who_cipher if row.plan else None)
    shelters = [(str(s.pk), s.name) for s in queries.shelters(row.event.area_code)]
    form = MarkForm(request.POST or None, shelters=shelters, initial={"record": uuid.uuid4()})
    back = reverse("flood-call", args=[row.event_id])
    audit.record("flood.list", persons=[row.plan.person_id] if row.plan and row.plan.person_id else [], detail={"area": row.event.area_code, "rows": 1})

    def do(d: dict[str, Any]) -> str:
        happened = moment(timezone.localdate(request.now), d["when"], request.now) if d["when"] else request.now
        flood.mark(id=d["record"], line=row.pk, state=d["state"], happened=happened, shelter=uuid.UUID(d["shelter"]) if d["shelter"] else None, words=d["words"], by=me, at=request.now)
        messages.success(request, _now("记下了：%s。") % _now(rules.STATE_LABELS[d["state"]]))
        return back

    fetcher = Staff.objects.filter(pk=row.fetcher).values_list("name", flat=True).first() if row.fetcher else ""
    title = who.name or _now("名字已按期删去")
    more = {"row": row, "who": who, "by": fetcher or who.by, "marks": queries.marks_of(row.pk), "state": _now(rules.STATE_LABELS[row.state]), "tone": TONES[row.state], "works": row.event.closed_at is None and flood.works(row.event.area_code, me)}
    return answer(request, Ask(title=title, ok=_now("记下"), back=back, about=who.door, crumbs=crumbs(row.event.area_code, (_now("转移"), back), (title, "")), more=more), form, do, template="desk/contact/flood_line.html")


class AssignForm(forms.Form):
    shelter = choice_field(_("到哪里"), [], required=False)
    fetcher = choice_field(_("谁去接"), [], required=False, empty=_("没有账号的人"))


def assign(request: StaffRequest, transferline: uuid.UUID) -> HttpResponse:
    """Another who fetches, or another shelter, while it runs."""
    me = request.me
    row = TransferLine.objects.filter(pk=transferline).select_related("event", "plan").first()
    if row is None:
        raise Http404(_now("没有这个人，或不在您的范围内。"))
    if not flood.works(row.event.area_code, me):
        raise NotAllowed(_now("由做本村预案的人来记。"))
    form = AssignForm(request.POST or None, initial={"shelter": str(row.shelter_id or ""), "fetcher": str(row.fetcher or "")})
    form.fields["shelter"].choices = [("", _now("还没有定")), *((str(s.pk), s.name) for s in queries.shelters(row.event.area_code))]  # type: ignore[attr-defined]
    form.fields["fetcher"].choices = [("", _now("没有账号的人")), *colleagues(row.event.area_code, me)]  # type: ignore[attr-defined]
    back = reverse("flood-line", args=[row.pk])

    def do(d: dict[str, Any]) -> str:
        flood.assign(line=row.pk, shelter=uuid.UUID(d["shelter"]) if d["shelter"] else None, fetcher=uuid.UUID(d["fetcher"]) if d["fetcher"] else None, by=me)
        messages.success(request, _now("改好了，他的手机上马上看到。"))
        return back

    title = _now("改谁去接、到哪里")
    who = queries.who(row.plan_id, row.plan.who_cipher if row.plan else None)
    return answer(request, Ask(title=title, ok=_now("改"), back=back, about=who.name, says=[_now("只改这一次转移；预案不变。")], crumbs=crumbs(row.event.area_code, (title, "")), more={"help_route": "flood-call"}), form, do)


class AddForm(forms.Form):
    name = text_field(_("姓名"), most=rules.MOST_NAME, help_text=_("不知道名字就写怎么认，如“柴坞来走亲的老人”。"))
    door = text_field(_("在哪里"), most=60)
    grid = choice_field(_("哪个网格"), [])
    shelter = choice_field(_("到哪里"), [], required=False)
    fetcher = choice_field(_("谁去接"), [], required=False, empty=_("还没有定"))


def add(request: StaffRequest, transfer: uuid.UUID) -> HttpResponse:
    me = request.me
    event = event_or_404(request, transfer)
    if not flood.works(event.area_code, me):
        raise NotAllowed(_now("只有做本村预案的人能加人。请打电话给村文书或村书记。"))
    form = AddForm(request.POST or None)
    for name, choices in (("grid", grid_choices(event.area_code, me, whole=False)), ("shelter", [(str(s.pk), s.name) for s in queries.shelters(event.area_code)]), ("fetcher", colleagues(event.area_code, me))):
        form.fields[name].choices = [("", _now("请选择") if name == "grid" else _now("还没有定")), *choices]  # type: ignore[attr-defined]
    back = reverse("flood-call", args=[event.pk])

    def do(d: dict[str, Any]) -> str:
        flood.add_person(event=event.pk, grid=d["grid"], name=d["name"], door=d["door"], shelter=uuid.UUID(d["shelter"]) if d["shelter"] else None, fetcher=uuid.UUID(d["fetcher"]) if d["fetcher"] else None, by=me, at=request.now)
        messages.success(request, _now("已加上。"))
        return back

    title = _now("加一个人")
    return answer(request, Ask(title=title, ok=_now("加上"), back=back, says=[_now("游客、租客、来走亲的、刚回来的，名单上没有也要接。"), _now("转移结束，他就不在名单里了。")], crumbs=crumbs(event.area_code, (_now("转移"), back), (title, "")), more={"help_route": "flood-call"}), form, do)


def widen(request: StaffRequest, transfer: uuid.UUID) -> HttpResponse:
    me = request.me
    event = event_or_404(request, transfer)
    me.require(Right.CONTACT, event.area_code, _now("转移由村文书、村书记、联村干部或乡镇受理专员发起。"))
    rest = [(str(z.pk), z.name) for z in queries.zones(event.area_code) if z.pk not in event.zones]
    form = forms.Form(request.POST or None)
    form.fields["zones"] = checks_field(_now("再转移哪些危险区"), rest, required=False, help_text=_now("都不选，就是预案里的每一个人。"))
    back = reverse("flood-call", args=[event.pk])

    def do(d: dict[str, Any]) -> str:
        flood.widen(event=event.pk, zones=[uuid.UUID(z) for z in d["zones"]], by=me)
        messages.success(request, _now("已加上。"))
        return back

    title = _now("多转移几处")
    return answer(request, Ask(title=title, ok=_now("加上"), back=back, says=[_now("已在名单上的人不变。")], crumbs=crumbs(event.area_code, (_now("转移"), back), (title, "")), more={"help_route": "flood-call"}), form, do)


@require_POST
def go_home(request: StaffRequest, transfer: uuid.UUID) -> HttpResponse:
    """Everybody in the shelters has gone home."""
    event = event_or_404(request, transfer)
    return at_once(request, lambda: _now("记下了：%d 人回家。") % flood.all_home(event=event.pk, shelter=None, by=request.me, at=request.now), reverse("flood-call", args=[event.pk]))


class CloseForm(forms.Form):
    record = words_field(_("怎么结束的"), most=rules.MOST_RECORD, help_text=_("如“雨停，地灾点巡查无异常，全部平安回家”。"))


def close(request: StaffRequest, transfer: uuid.UUID) -> HttpResponse:
    me = request.me
    event = event_or_404(request, transfer)
    me.require(Right.CONTACT, event.area_code, _now("转移由村文书、村书记、联村干部或乡镇受理专员发起。"))
    form = CloseForm(request.POST or None)
    counts = queries.boards(me, [event])[event.pk].total
    back = reverse("flood-call", args=[event.pk])

    def do(d: dict[str, Any]) -> str:
        flood.close(event=event.pk, record=d["record"], by=me, at=request.now)
        messages.success(request, _now("这一次转移结束了。"))
        return back

    title = _now("结束这一次转移")
    says = ["　".join(f"{label} {n}" for _key, label, n in counts.words), _now("还有人没到、在路上或在避灾点，不能结束。"), _now("不肯走的人写在记录里，谁接着看着他。"), _now("一年以后，名字自己删去，人数和时间留着。")]
    return answer(request, Ask(title=title, ok=_now("结束"), back=back, says=says, crumbs=crumbs(event.area_code, (_now("转移"), back), (title, "")), more={"help_route": "flood-call"}), form, do)


# --- paper -----------------------------------------------------------------------------------------------------------------------------


def call_pdf(request: StaffRequest, transfer: uuid.UUID) -> HttpResponse:
    """`?by=fetcher|shelter`: the list of this call, to be carried and typed in later."""
    me = request.me
    event = event_or_404(request, transfer)
    by = "shelter" if request.GET.get("by") == "shelter" else "fetcher"
    lines = sorted(queries.lines_of(me, event), key=lambda x: (x.grid, x.who.door, x.who.name))
    audit.record("flood.print", detail={"area": event.area_code, "rows": len(lines)})
    context = {**printing.frame(me, request.now), "village": Area.objects.filter(pk=event.area_code).values_list("short_name", flat=True).first(), "sheets": sheets(lines, by), "by_shelter": by == "shelter", "shelters": queries.shelters(event.area_code), "event": event,
               "level": _now(rules.LEVEL_LABELS[event.level])}
    return as_pdf(printing.pdf("desk/contact/print_flood.html", context), f"flood-call-{by}")


def paper(request: StaffRequest, transfer: uuid.UUID) -> HttpResponse:
    """A sheet that came back, typed in: each line for itself."""
    me = request.me
    event = event_or_404(request, transfer)
    lines = sorted(queries.lines_of(me, event), key=lambda x: (x.by, x.grid, x.who.door, x.who.name))
    if not lines:
        raise NotAllowed(_now("您的范围里没有这一次转移的名单。"))
    states = [(k, _now(rules.STATE_LABELS[k])) for k in rules.MARKS]
    on = request.POST.get("on", f"{timezone.localdate(request.now):%Y-%m-%d}")
    given = {x.id: {"state": request.POST.get(f"state_{x.id}", ""), "when": request.POST.get(f"when_{x.id}", ""), "words": request.POST.get(f"words_{x.id}", ""), "record": _number(request.POST.get(f"record_{x.id}", "")), "wrong": ""} for x in lines}
    if request.method == "POST":
        rows, early = {}, {}
        for x in lines:
            g = given[x.id]
            if not g["state"]:
                continue
            happened = typed_moment(on, g["when"])
            if happened is None:
                early[x.id] = _now("请写几点，如 14:30。")
                continue
            rows[g["record"]] = flood.Typed(x.id, g["state"], happened, g["words"])
        done = flood.from_paper(rows=rows, by=me, at=request.now)
        wrong = {**done.wrong, **early}
        if done.done:
            messages.success(request, _now("录入了 %d 人。") % done.done)
        if not wrong:
            return HttpResponseRedirect(reverse("flood-call", args=[event.pk]) if done.done else reverse("flood-paper", args=[event.pk]))
        for key, g in given.items():
            if key in wrong:
                g["wrong"] = wrong[key]
            else:  # what stands is not typed a second time
                g.update({"state": "", "when": "", "words": "", "record": uuid.uuid4()})
    groups = [(by or _now("还没有定谁去接"), [{"x": x, "g": given[x.id]} for x in rows]) for by, rows in groupby(lines, key=lambda x: x.by)]
    return render(request, "desk/contact/flood_paper.html", {"e": event, "groups": groups, "states": states, "on": on, "wrong": any(g["wrong"] for g in given.values()), "crumbs": crumbs(event.area_code, (_now("转移"), reverse("flood-call", args=[event.pk])), (_now("照纸录入"), ""))},
                  status=422 if any(g["wrong"] for g in given.values()) else 200)


# --- whoever fetches -------------------------------------------------------------------------------------------------------------------


def mine(request: StaffRequest) -> HttpResponse:
    """The lines of whoever fetches, also without files: name, door, what to bring, where to."""
    found = queries.mine(request.me)
    shown = [m for m in found if m.line.mine or not request.me.codes]  # who keeps files has the board for the rest
    if found:
        audit.record("flood.list", detail={"rows": len(found)})
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            with transaction.atomic():
                flood.mark(id=_number(request.POST.get("record", "")), line=uuid.UUID(request.POST.get("line", "")), state=request.POST.get("state", ""), happened=request.now, words=request.POST.get("words", ""), by=request.me, at=request.now)
            messages.success(request, _now("记下了：%s。") % _now(rules.STATE_LABELS[request.POST["state"]]))
            return HttpResponseRedirect(reverse("flood-mine"))
        except NotHere as refusal:
            raise Http404(str(refusal)) from refusal
        except (Missing, Refused) as refusal:
            wrong = {"line": request.POST.get("line", ""), "words": request.POST.get("words", ""), "said": str(refusal)}
        except ValueError as error:
            raise Http404 from error
    rows = [{"x": m.line, "tone": TONES[m.line.state], "record": uuid.uuid4(), "wrong": wrong if wrong and wrong["line"] == str(m.line.id) else None} for m in sorted(shown, key=lambda m: (not m.line.mine, queries.ORDER.index(m.line.state), m.line.who.door))]
    return render(request, "desk/contact/flood_mine.html", {"rows": rows, "n": len(rows), "others": [(k, _now(rules.STATE_LABELS[k])) for k in ("safe", "refused", "missing")]}, status=422 if wrong else 200)
