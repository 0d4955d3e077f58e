"""The rota of a team: put somebody on it, swap by two yeses, take off, there or not; a month on one A4 sheet.

Invariants: a clash is a sentence and everything typed stays; a printed rota carries names and times, no telephone and no door.
"""

from __future__ import annotations

import calendar
import re
import uuid
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.actions import audit
from minqing.service.actions import volunteers
from minqing.service.actions.volunteers import Slot
from minqing.service.models import TeamShift
from minqing.service.queries import volunteers as queries
from minqing.service.rules import volunteers as rules
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.things.asking import answer, at_once, or_404, text_field
from minqing.web.desk.volunteers import parts
from minqing.web.desk.volunteers.teams import way
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest

WEEKDAYS = [("0", _("一")), ("1", _("二")), ("2", _("三")), ("3", _("四")), ("4", _("五")), ("5", _("六")), ("6", _("日"))]
FULL = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")


class PlanForm(forms.Form):
    volunteer = parts.choice_field(_("谁"), [])
    kind = parts.choice_field(_("做什么"), [(k, _(v)) for k, v in rules.SHIFT_KINDS], help_text=_("出勤：随时可以去帮人。接待：在一个地方等人来。"))
    first = parts.date_field(_("第一天"))
    last = parts.date_field(_("最后一天"))
    weekdays = parts.checks_field(_("星期几"), WEEKDAYS, required=False, help_text=_("都不选，就是每天。"))
    starts = parts.time_field(_("从几点"))
    ends = parts.time_field(_("到几点"))
    place = text_field(_("在哪里"), most=60, required=False, help_text=_("接待要写，如“村文化礼堂”。"))

    def __init__(self, *args: Any, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["volunteer"].choices = [("", _("请选择")), *members]  # type: ignore[attr-defined]


def plan(request: StaffRequest, team: uuid.UUID) -> HttpResponse:
    me = request.me
    row = parts.team_or_404(team, me)
    on = parts.local_day(request)
    form = PlanForm(request.POST or None, members=parts.member_choices(row, me), initial={"first": on, "last": on, "kind": "duty", "starts": "08:30", "ends": "11:30"})

    def do(d: dict[str, Any]) -> str:
        slot = Slot(d["first"], d["last"], d["starts"], d["ends"], tuple(int(n) for n in d["weekdays"]))
        made = volunteers.plan(team=row.pk, volunteer=uuid.UUID(d["volunteer"]), kind=d["kind"], slot=slot, place=d["place"], by=me, at=request.now)
        messages.success(request, _now("排好了 %d 班。") % len(made))
        return reverse("team", args=[row.pk])

    says = [_now("同一个人同一时间只排一处，别的队也算。"), _now("先和他说好再排。"), _now("不用签到：过后点一下“到了”，时间记在他本人名下。")]
    return answer(request, Ask(title=_now("排班"), ok=_now("排上"), back=reverse("team", args=[row.pk]), says=says, about=row.name, crumbs=way(row, _now("排班"))), form, do)


# --- one shift -----------------------------------------------------------------------------------------------------------------------


class WhyForm(forms.Form):
    why = text_field(_("为什么取消"), most=80)


class SwapForm(forms.Form):
    taker = parts.choice_field(_("谁来接"), [])
    other = parts.choice_field(_("换他的哪一班"), [], required=False, empty=_("不换，只是接过去"))
    how = parts.choice_field(_("原来的人怎么说的"), parts.HOW_CHOICES)

    def __init__(self, *args: Any, members: list[tuple[str, str]], others: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["taker"].choices = [("", _("请选择")), *members]  # type: ignore[attr-defined]
        self.fields["other"].choices = [self.fields["other"].choices[0], *others]  # type: ignore[attr-defined]


class HowForm(forms.Form):
    how = parts.choice_field(_("来接的人怎么说的"), parts.HOW_CHOICES)


def shift_or_404(request: StaffRequest, shift: uuid.UUID) -> TeamShift:
    return or_404(volunteers.get_shift, shift, request.me)


def do(request: StaffRequest, teamshift: uuid.UUID, what: str) -> HttpResponse:
    """there, cancel, swap."""
    me, row = request.me, shift_or_404(request, teamshift)
    back = reverse("team", args=[row.team_id])
    about = f"{queries.names([row.volunteer_id], me).get(row.volunteer_id, '')} {volunteers.spoken(row.starts_at, row.ends_at)}"
    if what == "there" and request.method == "POST":
        def there() -> str:
            volunteers.attended(shift=row.pk, by=me, at=request.now)
            return _now("记好了，时间记在他本人名下。")
        return at_once(request, there, back)
    if what == "cancel":
        def cancel(d: dict[str, Any]) -> str:
            volunteers.cancel_shift(shift=row.pk, why=d["why"], by=me, at=request.now)
            messages.success(request, _now("已取消这一班。"))
            return back
        return answer(request, Ask(title=_now("取消这一班"), ok=_now("取消这一班"), back=back, says=[_now("请告诉本人。"), _now("已经答应去帮人的班，先把那件事退回。")], tone="danger", about=about, crumbs=way(row.team, _now("取消这一班"))), WhyForm(request.POST or None), cancel)
    if what == "swap":
        return swap(request, row, about)
    raise Http404


def swap(request: StaffRequest, row: TeamShift, about: str) -> HttpResponse:
    me, back = request.me, reverse("team", args=[row.team_id])
    members = [m for m in parts.member_choices(row.team, me) if m[0] != str(row.volunteer_id)]
    names = dict(members)
    coming = TeamShift.objects.filter(team=row.team, cancelled_at=None, starts_at__gt=request.now).exclude(volunteer=row.volunteer_id).order_by("starts_at")[:60]
    others = [(str(s.pk), f"{names.get(str(s.volunteer_id), '')} {volunteers.spoken(s.starts_at, s.ends_at)}") for s in coming]
    form = SwapForm(request.POST or None, members=members, others=others, initial={"how": "face"})

    def ask(d: dict[str, Any]) -> str:
        volunteers.ask_swap(shift=row.pk, taker=uuid.UUID(d["taker"]), other=uuid.UUID(d["other"]) if d["other"] else None, how=d["how"], by=me, at=request.now)
        messages.success(request, _now("记下了。问过来接的人，他同意了再点“他也同意”。"))
        return back

    says = [_now("先记原来的人同意，再问来接的人；两个人都同意了才换。"), _now("来接的人那个时间有班，换不成。")]
    return answer(request, Ask(title=_now("换班"), ok=_now("原来的人同意了"), back=back, says=says, about=about, crumbs=way(row.team, _now("换班"))), form, ask)


def swap_do(request: StaffRequest, swap: uuid.UUID, what: str) -> HttpResponse:
    """agree: the second yes; no: it stays as it was."""
    me = request.me
    row = queries.swap(swap, me)
    if row is None:
        raise Http404
    back = reverse("team", args=[row.team_id])
    if what == "no" and request.method == "POST":
        def no() -> str:
            volunteers.refuse_swap(swap=row.pk, by=me, at=request.now)
            return _now("不换了，班次照旧。")
        return at_once(request, no, back)
    if what != "agree":
        raise Http404
    names = queries.names([row.taker_id, row.shift.volunteer_id], me)

    def agree(d: dict[str, Any]) -> str:
        volunteers.agree_swap(swap=row.pk, how=d["how"], by=me, at=request.now)
        messages.success(request, _now("换好了。"))
        return back

    about = _now("%(to)s 接 %(from)s 的 %(when)s") % {"to": names.get(row.taker_id, ""), "from": names.get(row.shift.volunteer_id, ""), "when": volunteers.spoken(row.shift.starts_at, row.shift.ends_at)}
    return answer(request, Ask(title=_now("他也同意"), ok=_now("换好"), back=back, says=[_now("两个人都同意了，这一班就是他的。")], about=about, crumbs=way(row.team, _now("换班"))), HowForm(request.POST or None, initial={"how": "face"}), agree)


# --- a month on paper ----------------------------------------------------------------------------------------------------------------


def rota_pdf(request: StaffRequest, team: uuid.UUID) -> HttpResponse:
    """`?month=2026-12`: for the wall of the reception: day, time, who, where."""
    me = request.me
    row = parts.team_or_404(team, me)
    said = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", request.GET.get("month", "") or f"{parts.local_day(request):%Y-%m}")
    if said is None:
        raise Http404(_now("月份写成 2026-12 这样。"))
    first = date(int(said[1]), int(said[2]), 1)
    days = calendar.monthrange(first.year, first.month)[1]
    rows = queries.shifts([row], me, since=first, until=first + timedelta(days=days))
    names = queries.names([s.volunteer_id for s in rows], me)
    audit.record("team.print", detail={"team": str(row.pk), "month": said[0]})
    return as_pdf(printing.pdf("desk/volunteers/print_rota.html", {**printing.frame(me, request.now), "t": row, "first": first, "lines": month_lines(rows, names, first, days), "place": queries.area_names(me, [row.area_code]).get(row.area_code, "")}),
                  _now("%(name)s %(month)s 值班表") % {"name": row.name, "month": said[0]})


def month_lines(rows: list[TeamShift], names: dict[uuid.UUID, str], first: date, days: int) -> list[dict[str, Any]]:
    """A line for each day that has a shift, one for each day that has none."""
    by_day: dict[date, list[TeamShift]] = {}
    for s in rows:
        by_day.setdefault(timezone.localdate(s.starts_at), []).append(s)
    lines = []
    for n in range(days):
        day = first + timedelta(days=n)
        found = [{"time": f"{timezone.localtime(s.starts_at):%H:%M}–{timezone.localtime(s.ends_at):%H:%M}", "who": names.get(s.volunteer_id, ""), "kind": _now(dict(rules.SHIFT_KINDS)[s.kind]), "place": s.place} for s in by_day.get(day, [])]
        lines.append({"day": day, "week": _now(FULL[day.weekday()]), "rest": day.weekday() > 4, "shifts": found})
    return lines


