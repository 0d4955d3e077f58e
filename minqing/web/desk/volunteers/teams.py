"""One team: rota, people, households, activities; who is in it, one volunteer's own page with his own hours.

Invariants: hours stand on a volunteer's own page alone; a telephone is shown to who keeps or leads the team; opening either leaves a trace.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
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
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.archives.queries.searching import search
from minqing.service.actions import volunteers
from minqing.service.actions.volunteers import Joining, Shape
from minqing.service.models import ShiftSwap, Team, TeamShift
from minqing.service.queries import volunteers as queries
from minqing.service.rules import volunteers as rules
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.things.asking import answer, or_404, text_field
from minqing.web.desk.volunteers import parts
from minqing.web.shared.middleware import StaffRequest

DAYS = 14


class TeamForm(forms.Form):
    name = text_field(_("队名"), most=30)
    skills = parts.checks_field(_("能帮什么"), parts.SKILL_CHOICES)
    grids = parts.checks_field(_("只去这些网格"), [], required=False, help_text=_("都不选，就是全村都去。"))
    lead = parts.choice_field(_("队长"), [], required=False, empty=_("没有账号的队长，由村书记代记"), help_text=_("队长只看到交给本队的事和结对的人家：姓名、门牌、电话，不打开档案。"))
    note = text_field(_("说明"), most=200, required=False)

    def __init__(self, *args: Any, grids: list[tuple[str, str]], leads: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grids"].choices = grids  # type: ignore[attr-defined]
        self.fields["lead"].choices = [self.fields["lead"].choices[0], *leads]  # type: ignore[attr-defined]
        if not grids:
            del self.fields["grids"]

    @property
    def shape(self) -> Shape:
        d = self.cleaned_data
        return Shape(d["name"], tuple(d["skills"]), tuple(d.get("grids") or ()), uuid.UUID(d["lead"]) if d["lead"] else None, d["note"])


def village_of(request: StaffRequest) -> str:
    keeps = queries.villages_of(request.me)
    wanted = request.GET.get("village", "")
    if not keeps:
        raise NotAllowed(_now("志愿队由村书记来建。"))
    return wanted if wanted in keeps else keeps[0]


def team_form(request: StaffRequest, village: str, initial: dict[str, Any] | None = None) -> TeamForm:
    leads = [(str(pk), name) for pk, name in volunteers.leads_of(village, request.me)]
    return TeamForm(request.POST or None, grids=parts.grid_choices(village, request.me, whole=False), leads=leads, initial=initial)


def new(request: StaffRequest) -> HttpResponse:
    village = village_of(request)
    form = team_form(request, village)

    def do(_data: dict[str, Any]) -> str:
        made = volunteers.make_team(village=village, shape=form.shape, by=request.me, at=request.now)
        messages.success(request, _now("建好了，接着加队员。"))
        return reverse("team", args=[made.pk])

    says = [_now("队里的人、班次、结对的人家，只有村书记和队长看得到。"), _now("本村登记事情的同事看得到队名和能帮什么，好请这支队。")]
    return answer(request, Ask(title=_now("建一支志愿队"), ok=_now("建队"), back=reverse("volunteers"), says=says, crumbs=parts.crumbs((_now("建一支志愿队"), ""))), form, do)


def edit(request: StaffRequest, team: uuid.UUID) -> HttpResponse:
    row = parts.team_or_404(team, request.me)
    form = team_form(request, row.area_code, {"name": row.name, "skills": row.skills, "grids": row.grids, "lead": str(row.lead or ""), "note": row.note})

    def do(_data: dict[str, Any]) -> str:
        volunteers.change_team(team=row.pk, shape=form.shape, by=request.me)
        messages.success(request, _now("已保存。"))
        return reverse("team", args=[row.pk])

    says = [_now("换了队长，原来的队长马上看不到这支队。"), _now("已经交给这支队的事不变。")]
    return answer(request, Ask(title=_now("改这支队"), ok=_now("保存"), back=reverse("team", args=[row.pk]), says=says, crumbs=way(row, _now("改这支队")), about=row.name), form, do)


def end(request: StaffRequest, team: uuid.UUID) -> HttpResponse:
    row = parts.team_or_404(team, request.me)

    def do(_data: dict[str, Any]) -> str:
        volunteers.end_team(team=row.pk, by=request.me, at=request.now)
        messages.success(request, _now("已解散。"))
        return reverse("volunteers")

    says = [_now("有没做完的事、没结束的结对，就不能解散。"), _now("以后的班和活动取消；不在别的队的队员，电话就删掉。"), _now("队长马上看不到这支队。")]
    return answer(request, Ask(title=_now("解散这支队"), ok=_now("解散"), back=reverse("team", args=[row.pk]), says=says, tone="danger", crumbs=way(row, _now("解散这支队")), about=row.name), parts.sure(request), do)


def way(team: Team, last: str) -> list[tuple[str, str]]:
    return parts.crumbs((team.name, reverse("team", args=[team.pk])), (last, ""))


TABS = (("", _("值班")), ("people", _("队员")), ("homes", _("结对")), ("activities", _("活动")))


def page(request: StaffRequest, team: uuid.UUID) -> HttpResponse:
    """`?tab=people|homes|activities`; the rota of two weeks first."""
    me = request.me
    row = parts.team_or_404(team, me)
    tab = request.GET.get("tab", "")
    tab = tab if tab in dict(TABS) else ""
    lead = volunteers.name_of_lead(row, me)
    places = queries.area_names(me, [row.area_code, *row.grids])
    context: dict[str, Any] = {
        "t": row, "tab": tab, "tabs": [{"label": label, "url": f"?tab={key}" if key else "?", "current": key == tab} for key, label in TABS], "lead": lead, "skills": parts.skills(row.skills),
        "where": "、".join(places.get(g, g) for g in row.grids) or _now("全村"), "keeps": queries.keeps(me, row.area_code), "crumbs": parts.crumbs((row.name, "")), "month": f"{parts.local_day(request):%Y-%m}",
    }
    persons: set[uuid.UUID] = set()
    if tab == "people":
        found = queries.members(row, me)
        persons = {m.row.person_id for m in found if m.row.person_id}
        context["members"] = [{"m": m, "skills": parts.skills(m.row.skills), "url": reverse("volunteer", args=[row.pk, m.row.pk])} for m in found]
    elif tab == "homes":
        homes = queries.pairings([row], me)
        persons = {h.person_id for h in homes if h.person_id}
        names = queries.names([h.volunteer_id for h in homes], me)
        where = queries.area_names(me, [h.place_code for h in homes])
        context["homes"] = [{"p": h, "who": queries.who(queries.PAIR_CONTACT, h.pk, h.contact_cipher), "services": parts.cares(h.services), "by": names.get(h.volunteer_id, ""), "place": where.get(h.place_code, "")} for h in homes]
    elif tab == "activities":
        context["activities"] = queries.activities([row], me)
    else:
        context |= rota(request, row)
    audit.record("team.open", persons=sorted(persons, key=str), detail={"team": str(row.pk)})
    return render(request, "desk/volunteers/team.html", context)


def rota(request: StaffRequest, team: Team) -> dict[str, Any]:
    """Two weeks by day, and the swaps that are being talked about. Four statements."""
    me, on = request.me, parts.local_day(request)
    monday = on - timedelta(days=on.weekday())
    rows = queries.shifts([team], me, since=monday, until=monday + timedelta(days=DAYS))
    talks = queries.swaps([team], me)
    names = queries.names([s.volunteer_id for s in rows] + [w.taker_id for w in talks] + [w.shift.volunteer_id for w in talks], me)
    asked = {w.shift_id for w in talks}
    days = [{"day": monday + timedelta(days=n), "today": n == on.weekday(), "past": monday + timedelta(days=n) < on,
             "shifts": [shift_line(s, names, request, asked) for s in rows if timezone.localdate(s.starts_at) == monday + timedelta(days=n)]} for n in range(DAYS)]
    return {"days": days, "swaps": [swap_line(w, names) for w in talks]}


def shift_line(s: TeamShift, names: dict[uuid.UUID, str], request: StaffRequest, asked: set[uuid.UUID]) -> dict[str, Any]:
    return {"s": s, "who": names.get(s.volunteer_id, ""), "kind": _now(dict(rules.SHIFT_KINDS)[s.kind]), "from": timezone.localtime(s.starts_at), "until": timezone.localtime(s.ends_at), "begun": s.starts_at <= request.now,
            "over": s.ends_at <= request.now, "asked": s.pk in asked}


def swap_line(w: ShiftSwap, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    return {"w": w, "from": names.get(w.shift.volunteer_id, ""), "to": names.get(w.taker_id, ""), "when": volunteers.spoken(w.shift.starts_at, w.shift.ends_at), "other": volunteers.spoken(w.return_shift.starts_at, w.return_shift.ends_at) if w.return_shift else ""}


# --- people ------------------------------------------------------------------------------------------------------------------------


class JoinForm(forms.Form):
    name = text_field(_("姓名"), most=40, required=False)
    phone = text_field(_("电话"), most=24, required=False, help_text=_("约班、换班打这个号码。"), inputmode="tel")
    skills = parts.checks_field(_("会什么"), parts.SKILL_CHOICES, required=False)
    how = parts.choice_field(_("怎么同意的"), parts.HOW_CHOICES)
    consented_on = parts.date_field(_("哪天同意的"))


def join(request: StaffRequest, team: uuid.UUID) -> HttpResponse:
    """`?q=`: find a resident; `?person=`: he; without either: somebody from outside."""
    me = request.me
    row = parts.team_or_404(team, me)
    words = " ".join(request.GET.get("q", "").split())[:20]
    hits = [h for h in search(me, words, limit=12) if h.kind == "person" and h.alive] if len(words) >= 2 and me.holds(Right.PEOPLE) else []
    given = request.GET.get("person", "")
    person, name = None, ""
    if given:
        try:
            person = uuid.UUID(given)
        except ValueError as error:
            raise Http404 from error
        name = volunteers.name_of(person, me)
        if not name:
            raise Http404
    form = JoinForm(request.POST or None, initial={"consented_on": parts.local_day(request), "how": "face"})
    if person:
        del form.fields["name"]

    def do(d: dict[str, Any]) -> str:
        joining = Joining(d.get("name", ""), d["phone"], tuple(d["skills"]), d["consented_on"], d["how"], person)
        volunteers.join(team=row.pk, joining=joining, by=me, at=request.now)
        messages.success(request, _now("加好了。"))
        return reverse("team", args=[row.pk]) + "?tab=people"

    ask = Ask(title=_now("加一位队员"), ok=_now("加进队里"), back=reverse("team", args=[row.pk]) + "?tab=people", about=name or row.name, crumbs=way(row, _now("加一位队员")),
              says=[_now("先问本人：愿意当志愿者吗？姓名和电话给村书记和队长看。"), _now("退出最后一支队，电话就删掉。"), _now("不拍照、不打卡、不计分。")],
              more={"hits": hits, "q": words, "person": person, "may_search": me.holds(Right.PEOPLE), "t": row})
    return answer(request, ask, form, do, template="desk/volunteers/join.html")


def volunteer_page(request: StaffRequest, team: uuid.UUID, volunteer: uuid.UUID) -> HttpResponse:
    """One volunteer by himself: how he is reached, what he agreed to, the time he gave."""
    me = request.me
    row = parts.team_or_404(team, me)
    person = or_404(volunteers.get_volunteer, volunteer, me)
    lines = queries.hours_of(person, me)
    audit.record("volunteer.open", persons=[person.person_id] if person.person_id else [], detail={"volunteer": str(person.pk)})
    total = sum(x.minutes for x in lines)
    context = {"t": row, "v": person, "who": queries.who(queries.CONTACT, person.pk, person.contact_cipher), "skills": parts.skills(person.skills), "how": _now(dict(rules.CONSENT_HOW)[person.consent_how]),
               "lines": [{"h": x, "kind": _now(dict(rules.HOUR_KINDS)[x.kind])} for x in lines], "hours": total // 60, "minutes": total % 60, "keeps": queries.keeps(me, row.area_code), "crumbs": way(row, _now("队员"))}
    return render(request, "desk/volunteers/volunteer.html", context)


def leave(request: StaffRequest, team: uuid.UUID, volunteer: uuid.UUID) -> HttpResponse:
    me = request.me
    row = parts.team_or_404(team, me)
    name = queries.names([volunteer], me).get(volunteer, "")
    if not name:
        raise Http404

    def do(_data: dict[str, Any]) -> str:
        volunteers.leave(team=row.pk, volunteer=volunteer, by=me, at=request.now)
        messages.success(request, _now("已记退队。"))
        return reverse("team", args=[row.pk]) + "?tab=people"

    says = [_now("他以后的班次空出来，请另排。"), _now("不在别的队了，电话就删掉，姓名和时间留着开证明。")]
    return answer(request, Ask(title=_now("退队"), ok=_now("退队"), back=reverse("volunteer", args=[row.pk, volunteer]), says=says, tone="danger", about=name, crumbs=way(row, _now("退队"))), parts.sure(request), do)
