"""预约办理日: the days of my places with the next one first, one day with its queue, who comes, and the forms that arrange it.

Invariants: whoever does not run a day sees when, where and which times are free, and of bookings only those he typed; everything that
names somebody is written down as seen.
"""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.actions import audit
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me
from minqing.contact.actions import bookings, days
from minqing.contact.models import Booking, ContactDay
from minqing.contact.queries import days as queries
from minqing.contact.refusals import NotHere, Refused
from minqing.contact.rules import days as rules
from minqing.contact.rules.days import Kind, State, Turn
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.things.asking import answer, at_once, or_404, text_field
from minqing.web.desk.volunteers import parts
from minqing.web.shared.middleware import StaffRequest

TONES = {State.PLANNED: "och", State.ANNOUNCED: "bam", State.HELD: "", State.CANCELLED: "cin"}
TURN_TONES = {Turn.BOOKED: "ind", Turn.HERE: "och", Turn.CALLED: "cin", Turn.HEARD: "och", Turn.DONE: "bam", Turn.ABSENT: "", Turn.OFF: ""}
EVENING_WORDS = {"settled": "当场办结", "absent": "没有见到"}
WEEK = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")


def day_or_404(day: uuid.UUID, me: Me) -> ContactDay:
    return or_404(days.get, day, me)


def title_of(row: ContactDay) -> str:
    return _now("%(kind)s · %(month)d月%(day)d日 %(week)s") % {"kind": kind_of(row), "month": row.day.month, "day": row.day.day, "week": _now(WEEK[row.day.weekday()])}


def kind_of(row: ContactDay) -> str:
    return _now(rules.KIND_LABELS[Kind(row.kind)])


def state_of(row: ContactDay) -> str:
    if row.kind == Kind.EVENING and row.state in rules.LIVE:
        return _now("定好了") if row.state == State.ANNOUNCED else _now("还没有定")
    return _now(rules.STATE_LABELS[State(row.state)])


def said(words: str) -> str:
    """'' stays '': gettext would answer it with the header of the catalogue."""
    return _now(words) if words else ""


def outcome_of(row: ContactDay, x: queries.Line) -> str:
    """What it ended in, as it is called on that kind of day."""
    return EVENING_WORDS.get(x.row.outcome, x.outcome) if row.kind == Kind.EVENING else x.outcome


def hours_of(row: ContactDay) -> str:
    return f"{timezone.localtime(row.starts_at):%H:%M}–{timezone.localtime(row.ends_at):%H:%M}"


def desk_of(role: str) -> str:
    return ROLES[role].desk


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_now("集中办公和预约"), reverse("day-list")), *more]


def way(row: ContactDay, last: str) -> list[tuple[str, str]]:
    return crumbs((title_of(row), reverse("day", args=[row.pk])), (last, ""))


# --- the list ---------------------------------------------------------------------------------------------------------


def listed(request: StaffRequest) -> HttpResponse:
    """`?tab=past`: what is over; `?kind=`: one kind only."""
    me, on = request.me, timezone.localdate(request.now)
    past, kind = request.GET.get("tab") == "past", request.GET.get("kind", "")
    kind = kind if kind in rules.KIND_LABELS else ""
    words = " ".join(request.GET.get("q", "").split())[:20]
    rows = queries.listed(me, on=on, past=past, kind=kind, areas=queries.places_named(me, words) if words else None)
    runs, makes = queries.runs_of(me), queries.makes_at(me)
    places = queries.names([*(r.area_code for r in rows), *runs], me)
    booked = Counter(Booking.objects.filter(day__in=[r.pk for r in rows]).exclude(state__in=[Turn.OFF]).values_list("day_id", flat=True))
    owed = list(queries.answers_open(me)[:20])
    off = set(queries.on_holiday(me, on).values_list("pk", flat=True)) if runs and not past else set()
    address = reverse("day-list") + "?" + ("tab=past" if past else "")
    context = {
        "tabs": [{"label": _now("往后的"), "url": "?" + (f"kind={kind}" if kind else ""), "current": not past}, {"label": _now("办过的"), "url": "?tab=past" + (f"&kind={kind}" if kind else ""), "current": past}],
        "kinds": [{"label": _now("全部"), "url": address, "current": not kind}, *({"label": _now(v), "url": f"{address}&kind={k.value}", "current": kind == k} for k, v in rules.KIND_LABELS.items())],
        "lines": [line(r, places, runs, booked[r.pk], on, takes=me.holds(Right.INTAKE)) | {"holiday": r.pk in off} for r in rows], "past": past,
        "asked": [] if past else [{"s": s, "url": reverse("day", args=[s.day_id]), "title": title_of(s.day)} for s in queries.asked_of(me, on).select_related("day").order_by("day__day")[:6]],
        "owed": [] if past else [{"url": reverse("booking", args=[b.pk]), "name": queries.contact_of(b).get("name", ""), "late": b.answer_by is not None and b.answer_by < on, "by": b.answer_by, "day": title_of(b.day)} for b in owed],
        "can_make": bool(makes), "wide": queries.wide(me), "q": words, "lays": [{"area": code, "name": places.get(code, code), "kind": k.value, "label": _now(rules.KIND_LABELS[k])} for code in makes for k in (Kind.JOINT, Kind.STALL) if len(code) in rules.PLACES[k]] if len(makes) <= 3 else [],
    }
    if owed:
        audit.record("day.open", detail={"rows": len(owed)})
    return render(request, "desk/contact/days.html", context)


def line(row: ContactDay, places: dict[str, str], runs: list[str], booked: int, on: date, *, takes: bool) -> dict[str, Any]:
    return {"d": row, "url": reverse("day", args=[row.pk]), "kind": kind_of(row), "state": state_of(row), "tone": TONES[State(row.state)], "place": places.get(row.area_code, ""), "hours": hours_of(row), "mine": row.area_code in runs,
            "booked": booked, "today": row.day == on, "week": _now(WEEK[row.day.weekday()]), "bookable": takes and row.state == State.ANNOUNCED and row.kind in rules.OPEN_TO_ALL and row.ends_at > timezone.now()}


def lay(request: StaffRequest) -> HttpResponse:
    """One press: the coming weeks by the rule."""
    if request.method != "POST":
        raise Http404

    def do() -> str:
        n = days.lay_out(area=request.POST.get("area", ""), kind=request.POST.get("kind", ""), by=request.me, at=request.now)
        return _now("排好了往后 %(weeks)d 周的 %(n)d 天，以后每周自动接着排。") % {"weeks": rules.WEEKS_AHEAD, "n": n} if n else _now("往后 %d 周的都已经排好了。") % rules.WEEKS_AHEAD

    return at_once(request, do, reverse("day-list"))


# --- made by hand -----------------------------------------------------------------------------------------------------


class DayForm(forms.Form):
    record = forms.UUIDField(widget=forms.HiddenInput)
    area = parts.choice_field(_("哪里办"), [])
    led_by = parts.choice_field(_("哪位领导"), [], required=False)
    day = parts.date_field(_("哪一天"))
    starts = parts.time_field(_("从几点"))
    ends = parts.time_field(_("到几点"))
    place = text_field(_("地点"))
    subject = text_field(_("主题"), required=False)
    slot_minutes = forms.IntegerField(label=_("每位约多少分钟"), min_value=0, max_value=120, widget=forms.NumberInput({"class": "ctl", "inputmode": "numeric"}), help_text=_("写 0 就不分时间，按来的先后。"))
    capacity = forms.IntegerField(label=_("同一时间约几位"), min_value=0, max_value=200, widget=forms.NumberInput({"class": "ctl", "inputmode": "numeric"}), help_text=_("不分时间的，写一共约几位；0 是不限。"))

    def __init__(self, *args: Any, kind: str, areas: list[tuple[str, str]], leaders: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = areas  # type: ignore[attr-defined]
        if kind == Kind.LEADER:
            self.fields["led_by"].choices = [("", _("请选择")), *leaders]  # type: ignore[attr-defined]
            self.fields["led_by"].required = self.fields["subject"].required = True
        else:
            del self.fields["led_by"]
        if kind in (Kind.EVENING, Kind.STALL):
            for name in ("slot_minutes", "capacity"):
                del self.fields[name]
        if kind == Kind.EVENING:
            del self.fields["subject"]
            self.fields["place"].label = _("在哪里集合")
        if len(areas) == 1:
            self.fields["area"].widget = forms.HiddenInput()
            self.fields["area"].initial = areas[0][0]

    def shape(self) -> days.Shape:
        d = self.cleaned_data
        return days.Shape(d["day"], d["starts"], d["ends"], d["place"], d.get("subject") or "", d.get("slot_minutes") or 0, d.get("capacity") or 0, uuid.UUID(d["led_by"]) if d.get("led_by") else None)


SAYS = {
    Kind.JOINT: (_("先安排，再请有关单位和同事到场，最后点“告诉大家”。"), _("告诉大家之后，热线、窗口、村里和居民自己都能约。")),
    Kind.LEADER: (_("告诉大家之后，热线、窗口、村里和居民自己都能约；每位都要有一句带日期的答复。"), _("领导只看到自己这一天的预约。")),
    Kind.EVENING: (_("先选谁去（至少两个人），再排去哪几户，打印路线单。"), _("走访照常记在户档里，这里只连过去。")),
    Kind.STALL: (_("摊上说的事用平常的登记页登记，记着是这一天来的。"),),
}


def new(request: StaffRequest) -> HttpResponse:
    """`?kind=`: which kind; without it one chooses."""
    me = request.me
    runs = queries.makes_at(me)
    if not runs:
        me.require(Right.CONTACT, me.area)
    kinds = [k for k in Kind if any(len(c) in rules.PLACES[k] for c in runs)]
    kind = request.GET.get("kind", "")
    if kind not in kinds:
        return render(request, "desk/contact/day_kind.html", {"kinds": [{"url": f"?kind={k.value}", "label": _now(rules.KIND_LABELS[k]), "says": [str(s) for s in SAYS[k]]} for k in kinds], "crumbs": crumbs((_now("安排一天"), ""))})
    names = queries.names(runs, me)
    areas = [(c, names.get(c, c)) for c in runs if len(c) in rules.PLACES[Kind(kind)]]
    leaders = [pair for c, _name in areas for pair in queries.leaders(c, me)] if kind == Kind.LEADER else []
    starts, ends = rules.usual_hours(kind)
    form = DayForm(request.POST or None, kind=kind, areas=areas, leaders=leaders, initial={"record": uuid.uuid4(), "starts": starts, "ends": ends, "slot_minutes": rules.DEFAULT_SLOT, "capacity": rules.DEFAULT_SEATS, "area": areas[0][0]})

    def do(d: dict[str, Any]) -> str:
        made = days.make(kind=kind, area=d["area"], shape=form.shape(), by=me, at=request.now, id=d["record"])
        messages.success(request, _now("安排好了，还没有告诉大家。") if kind != Kind.EVENING else _now("安排好了。请选谁去、去哪几户。"))
        return reverse("day", args=[made.pk])

    label = _now(rules.KIND_LABELS[Kind(kind)])
    return answer(request, Ask(title=_now("安排%s") % label, ok=_now("安排"), back=reverse("day-list"), says=[str(s) for s in SAYS[Kind(kind)]], crumbs=crumbs((_now("安排%s") % label, "")), more={"help_route": "day-new"}), form, do)


def edit(request: StaffRequest, contactday: uuid.UUID) -> HttpResponse:
    me, row = request.me, day_or_404(contactday, request.me)
    at: dict[str, time] = {"starts": timezone.localtime(row.starts_at).time(), "ends": timezone.localtime(row.ends_at).time()}
    form = DayForm(request.POST or None, kind=row.kind, areas=[(row.area_code, row.area_code)], leaders=queries.leaders(row.area_code, me) if row.kind == Kind.LEADER else [],
                   initial={"record": row.pk, "area": row.area_code, "day": row.day, **at, "place": row.place, "subject": row.subject, "slot_minutes": row.slot_minutes, "capacity": row.capacity, "led_by": str(row.led_by or "")})

    def do(d: dict[str, Any]) -> str:
        days.change(day=row, shape=form.shape(), by=me, at=request.now)
        messages.success(request, _now("改好了。"))
        return reverse("day", args=[row.pk])

    says = [_now("有人约了之后，日子和时间不能改；要换日子请取消，会告诉约好的人。"), _now("地点、主题、位数随时能改。")]
    return answer(request, Ask(title=_now("改这一天"), ok=_now("保存"), back=reverse("day", args=[row.pk]), says=says, about=title_of(row), crumbs=way(row, _now("改这一天")), more={"help_route": "day-new"}), form, do)


# --- one day ----------------------------------------------------------------------------------------------------------


def page(request: StaffRequest, contactday: uuid.UUID, *, walk: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    """The day: for who runs it with queue and seats, for the leader with his people, for everybody else with the free times."""
    me, on = request.me, timezone.localdate(request.now)
    row = day_or_404(contactday, me)
    runs = row.area_code in queries.runs_of(me)
    seats, leader = queries.seats(row, me)
    goes = row.kind == Kind.EVENING and any(s.row.staff == me.id and s.row.state != "cannot" for s in seats)
    lines = queries.lines(row, me, on=on)
    sees = runs or goes or row.led_by == me.id
    if lines:
        audit.record("day.open", persons=[x.row.person_id for x in lines if x.row.person_id], households=[x.row.household_id for x in lines if x.row.household_id], detail={"day": str(row.pk), "rows": len(lines)})
    slots = [s for s in queries.slots(row, using=me.using, at=request.now) if not s.past] if row.kind in rules.OPEN_TO_ALL and row.slot_minutes and row.state in rules.LIVE else []
    live = row.state in rules.LIVE
    today = row.day == on and row.state == State.ANNOUNCED
    context = {
        "d": row, "title": title_of(row), "hours": hours_of(row), "kind": kind_of(row), "state": state_of(row), "tone": TONES[State(row.state)], "place": queries.names([row.area_code], me).get(row.area_code, ""),
        "leader": leader, "runs": runs, "sees": sees, "goes": goes, "live": live, "today": today, "seats": seats, "slots": slots,
        "lines": [{"x": x, "tone": TURN_TONES[Turn(x.row.state)], "state": _now(x.state), "outcome": said(outcome_of(row, x)), "may": sees and (row.state != State.CANCELLED or x.row.state in (Turn.CALLED, Turn.HEARD)), "open": x.row.state in rules.OPEN,
                   "callable": runs and today and x.row.state == Turn.BOOKED and x.row.queue_no is None and row.kind != Kind.EVENING} for x in lines],
        "called": [x for x in lines if x.row.state == Turn.CALLED], "waiting": sum(x.row.state == Turn.HERE for x in lines), "bookable": me.holds(Right.INTAKE) and row.state == State.ANNOUNCED and row.ends_at > request.now and row.kind in rules.OPEN_TO_ALL, "over": row.state == State.ANNOUNCED and row.day <= on,
        "doors": runs and live and row.kind == Kind.EVENING, "stall": row.kind == Kind.STALL, "matters": queries.day_matters(row, me) if row.kind == Kind.STALL and runs else [],
        "who": whom(row, me) if runs and live else [],
        "record": uuid.uuid4(), "walk": walk or {}, "crumbs": crumbs((title_of(row), "")), "may_file": me.holds(Right.WRITE), "by_door": row.kind == Kind.EVENING,
    }
    return render(request, "desk/contact/day.html", context, status=status)


def whom(row: ContactDay, me: Me) -> list[tuple[str, list[tuple[str, str]]]]:
    """Who can be asked: offices and colleagues; of an evening people alone."""
    found = [(_now("同事"), [(f"s:{pk}", name) for pk, name in queries.colleagues(row.area_code, me)])]
    return found if row.kind == Kind.EVENING else [(_now("单位"), [(f"o:{pk}", name) for pk, name in queries.offices(row.area_code, me)]), *found]


class WhyForm(forms.Form):
    why = text_field(_("为什么不办"), most=80, help_text=_("会写进给约好的人的通知，如“台风，改到下周”。"))


def do(request: StaffRequest, contactday: uuid.UUID, what: str) -> HttpResponse:
    """announce, held, next, cancel, ask, walk."""
    me, row = request.me, day_or_404(contactday, request.me)
    back = reverse("day", args=[row.pk])
    if what == "cancel":
        return cancel(request, row, back)
    if request.method != "POST":
        raise Http404
    if what == "walk":
        return walk_in(request, row)

    def announce() -> str:
        days.announce(day=row, by=me, at=request.now)
        return _now("定好了。") if row.kind == Kind.EVENING else _now("已告诉大家，可以约了。")

    def held() -> str:
        days.held(day=row, by=me, at=request.now)
        return _now("记下了：这一天办完了。")

    def call() -> str:
        found = bookings.call_next(day=row, by=me, at=request.now)
        return _now("请 %(n)d 号 %(name)s") % {"n": found.queue_no or 0, "name": queries.contact_of(found).get("name", "")} if found else _now("现在没有人等。")

    def ask() -> str:
        kind, _colon, who = request.POST.get("who", "").partition(":")
        try:
            number = uuid.UUID(who)
        except ValueError:
            number = None
        days.ask(day=row, office=number if kind == "o" else None, staff=number if kind == "s" else None, by=me, at=request.now)
        return _now("请了，等回话。")

    acts = {"announce": announce, "held": held, "next": call, "ask": ask}
    if what not in acts:
        raise Http404
    return at_once(request, acts[what], back)


def cancel(request: StaffRequest, row: ContactDay, back: str) -> HttpResponse:
    def off(d: dict[str, Any]) -> str:
        done = days.cancel(day=row, why=d["why"], by=request.me, at=request.now)
        messages.success(request, _now("已取消，会告诉约好的 %d 位。") % done.told if done.told else _now("已取消。"))
        if done.by_hand:
            messages.warning(request, _now("没有留电话的、等着晚上有人来的，请去告诉：%s") % "、".join(done.by_hand))
        return back

    says = [_now("约好的人会收到通知：为什么不办、下一次是哪天。"), _now("没有留电话的、说好晚上去的户会列出来，要有人去说。"), _now("按规则排的日子取消后，不会再自动排出来。")]
    return answer(request, Ask(title=_now("这一天不办了"), ok=_now("取消这一天"), back=back, says=says, tone="danger", about=title_of(row), crumbs=way(row, _now("这一天不办了"))), WhyForm(request.POST or None), off)


def walk_in(request: StaffRequest, row: ContactDay) -> HttpResponse:
    """A number for who stands here; what was typed stays on the page where something is wrong."""
    typed = {k: request.POST.get(k, "").strip() for k in ("name", "phone", "about")}
    try:
        number = uuid.UUID(request.POST.get("record", ""))
    except ValueError:
        number = uuid.uuid4()
    try:
        made = bookings.book(id=number, day=row, wish=bookings.Wish(typed["name"], typed["phone"], about=typed["about"], walk=True), by=request.me, at=request.now)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    except Refused as refusal:
        return page(request, row.pk, walk={**typed, "said": str(refusal)}, status=422)
    messages.success(request, _now("%(name)s：%(n)d 号") % {"name": typed["name"], "n": made.queue_no or 0})
    return at_once(request, lambda: "", reverse("day", args=[row.pk]))


class SeatForm(forms.Form):
    state = parts.choice_field(_("来不来"), [("coming", _("会来")), ("cannot", _("来不了"))])
    words = text_field(_("回话"), most=80, required=False, help_text=_("如谁来、来不了为什么、改请谁。"))


def seat_answer(request: StaffRequest, seat: uuid.UUID) -> HttpResponse:
    """会来 or 来不了, at one press or with a word."""
    me = request.me
    row = queries.seat(seat, me)
    if row is None:
        raise Http404
    back = reverse("day", args=[row.day_id])
    if request.method == "POST" and request.POST.get("at_once"):
        def quick() -> str:
            days.answer_seat(seat=row.pk, state=request.POST.get("at_once", ""), by=me, at=request.now)
            return _now("记下了。")
        return at_once(request, quick, back)

    def do_it(d: dict[str, Any]) -> str:
        days.answer_seat(seat=row.pk, state=d["state"], words=d["words"], by=me, at=request.now)
        messages.success(request, _now("记下了。"))
        return back

    return answer(request, Ask(title=_now("回话"), ok=_now("记下"), back=back, says=[_now("安排这一天的人马上看到。")], about=title_of(row.day), crumbs=way(row.day, _now("回话"))), SeatForm(request.POST or None, initial={"state": row.state if row.state != "asked" else "coming", "words": row.words}), do_it)
