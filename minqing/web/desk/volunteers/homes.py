"""Paired households and activities: who, what was agreed, what is planned; medicines written by the team, read with a reason by the secretary.

Invariants: the page of a household names no medicine; the checks are a page of their own that asks right and reason each time and is never
cached; an activity has no place for a photo.
"""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime
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
from minqing.archives.models import Resident
from minqing.service import vault
from minqing.service.actions import pairings, volunteers
from minqing.service.models import Activity, ActivityPart, Care, Pairing
from minqing.service.queries import volunteers as queries
from minqing.service.refusals import Missing, NeedsReason
from minqing.service.rules import volunteers as rules
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.things.asking import CTL, answer, at_once, or_404, text_field, words_field
from minqing.web.desk.volunteers import parts
from minqing.web.desk.volunteers.teams import way
from minqing.web.shared.middleware import StaffRequest


class HomeForm(forms.Form):
    name = text_field(_("找谁"), most=40)
    phone = text_field(_("电话"), most=24, required=False, inputmode="tel")
    door = text_field(_("门牌"), most=120)
    place = parts.choice_field(_("哪个网格"), [])
    services = parts.checks_field(_("约好做什么"), parts.CARE_CHOICES)
    health = forms.BooleanField(label=_("本人另外同意核对药品：会记药名、有效期和谁讲解的，只有村书记写明事由才能看"), required=False)
    volunteer = parts.choice_field(_("谁结对"), [], required=False, empty=_("全队轮着去"))
    how = parts.choice_field(_("怎么同意的"), parts.HOW_CHOICES)
    consented_on = parts.date_field(_("哪天同意的"))

    def __init__(self, *args: Any, places: list[tuple[str, str]], members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [("", _("请选择")), *places]  # type: ignore[attr-defined]
        self.fields["volunteer"].choices = [self.fields["volunteer"].choices[0], *members]  # type: ignore[attr-defined]


def new(request: StaffRequest, team: uuid.UUID) -> HttpResponse:
    """`?person=`: from a file that one may open."""
    me = request.me
    row = parts.team_or_404(team, me)
    initial: dict[str, Any] = {"consented_on": parts.local_day(request), "how": "face"}
    person = None
    if request.GET.get("person"):
        person, known = from_file(request)
        initial |= known
    form = HomeForm(request.POST or None, places=parts.grid_choices(row.area_code, me), members=parts.member_choices(row, me), initial=initial)

    def do(d: dict[str, Any]) -> str:
        home = pairings.Home(place=d["place"], name=d["name"], phone=d["phone"], door=d["door"], services=tuple(d["services"]), how=d["how"], consented_on=d["consented_on"], health=d["health"],
                             volunteer=uuid.UUID(d["volunteer"]) if d["volunteer"] else None, person=person)
        made = pairings.pair(team=row.pk, home=home, by=me, at=request.now)
        messages.success(request, _now("结对登记好了。"))
        return reverse("pairing", args=[made.pk])

    says = [_now("先上门问：愿意结对吗？不愿意就不登记。"), _now("队里只有姓名、门牌、电话和约好的事，不打开档案。"), _now("什么时候不要了，随时结束。")]
    return answer(request, Ask(title=_now("结对一户"), ok=_now("登记结对"), back=reverse("team", args=[row.pk]) + "?tab=homes", says=says, about=row.name, crumbs=way(row, _now("结对一户"))), form, do)


def from_file(request: StaffRequest) -> tuple[uuid.UUID, dict[str, Any]]:
    try:
        found = Resident.objects.filter(pk=uuid.UUID(request.GET["person"]), alive=True, voided_at=None).first()
    except ValueError as error:
        raise Http404 from error
    if found is None:
        raise Http404
    audit.record("resident.open", persons=[found.pk], detail={"what": "pairing"})
    return found.pk, parts.at_the_door(found)


def found(request: StaffRequest, pairing: uuid.UUID) -> Pairing:
    return or_404(pairings.get, pairing, request.me)


def page(request: StaffRequest, pairing: uuid.UUID) -> HttpResponse:
    """One household: how to reach it, what is planned, what was done. No file, no medicine."""
    me, row = request.me, found(request, pairing)
    cares = list(Care.objects.filter(pairing=row).order_by("-due_on", "-made_at")[:60])
    names = queries.names([row.volunteer_id], me)
    audit.record("pairing.open", persons=[row.person_id] if row.person_id else [], detail={"pairing": str(row.pk)})
    on = parts.local_day(request)

    def line(c: Care) -> dict[str, Any]:
        return {"c": c, "kind": _now(rules.CARES[c.kind]), "plan": vault.decrypt(queries.CARE_PLAN, c.pk, c.plan_cipher), "note": vault.decrypt(queries.CARE_NOTE, c.pk, c.note_cipher), "state": _now(dict(Care.STATES)[c.state]), "late": c.due_on <= on}

    context = {
        "p": row, "who": queries.who(queries.PAIR_CONTACT, row.pk, row.contact_cipher), "services": parts.cares(row.services), "by": names.get(row.volunteer_id, "") if row.volunteer_id else _now("全队轮着去"), "how": _now(dict(rules.CONSENT_HOW)[row.consent_how]),
        "planned": sorted((line(c) for c in cares if c.state == "planned"), key=lambda x: x["c"].due_on), "past": [line(c) for c in cares if c.state != "planned"], "medicine": "medicine" in row.services and row.health_consented_on is not None and row.ends_on is None,
        "may_read": row.health_consented_on is not None and queries.keeps(me, row.area_code) and me.holds(Right.SENSITIVE), "place": queries.area_names(me, [row.place_code]).get(row.place_code, ""), "open": row.ends_on is None,
        "crumbs": parts.crumbs((row.team.name, reverse("team", args=[row.team_id]) + "?tab=homes"), (_now("结对"), "")),
    }
    return render(request, "desk/volunteers/home.html", context)


class ArrangeForm(forms.Form):
    kind = parts.choice_field(_("做什么"), [])
    on = parts.date_field(_("哪天"))
    words = words_field(_("怎么约的"), rows=2, most=300, required=False, help_text=_("视频要写：和谁、几点、用谁的手机。"))

    def __init__(self, *args: Any, kinds: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("请选择")), *kinds]  # type: ignore[attr-defined]


class EndForm(forms.Form):
    why = text_field(_("为什么结束"), most=80)


class CheckForm(forms.Form):
    """The whole cupboard, a medicine a line."""

    medicines = words_field(_("柜子里留下的药，一行一种"), rows=6, most=2000, required=False, help_text=_("药名和有效期，中间空一格，如“硝苯地平片 2027-06-30”。过期的收走，不写在这里；一种都没有就空着。"))
    explained_by = text_field(_("谁讲解的"), most=60, help_text=_("如“村卫生室周医生”。"))
    on = parts.date_field(_("哪天核对的"))
    note = words_field(_("还有什么要记"), rows=2, most=300, required=False)


LINE = re.compile(r"^(?P<name>.+?)[\s,，:：]+(?P<y>20\d\d)[-./年](?P<m>\d{1,2})(?:[-./月](?P<d>\d{1,2}))?[日月]?$")


def medicines_of(text: str) -> list[pairings.Medicine]:
    """Lines "药名 2027-06-30" (a month alone means its last day). Raises Missing naming the line that is not understood."""
    read = []
    for n, line in enumerate((x.strip() for x in text.splitlines()), 1):
        if not line:
            continue
        said = LINE.match(line)
        try:
            if said is None:
                raise ValueError
            year, month = int(said["y"]), int(said["m"])
            use_by = date(year, month, int(said["d"])) if said["d"] else date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)
        except ValueError as error:
            raise Missing("medicines", _now("第 %(n)d 行“%(line)s”看不明白：请写成“药名 2027-06-30”。") % {"n": n, "line": line[:30]}) from error
        read.append(pairings.Medicine(said["name"], use_by))
    return read


def do(request: StaffRequest, pairing: uuid.UUID, what: str) -> HttpResponse:
    """arrange, check, end."""
    me, row = request.me, found(request, pairing)
    back = reverse("pairing", args=[row.pk])
    who = queries.who(queries.PAIR_CONTACT, row.pk, row.contact_cipher)
    crumbs = parts.crumbs((row.team.name, reverse("team", args=[row.team_id]) + "?tab=homes"), (who.name, back))
    if what == "arrange":
        def arrange(d: dict[str, Any]) -> str:
            pairings.arrange(pairing=row.pk, kind=d["kind"], on=d["on"], words=d["words"], by=me, at=request.now)
            messages.success(request, _now("约好了。"))
            return back
        form = ArrangeForm(request.POST or None, kinds=[(k, _(v)) for k, v in rules.CARE_CHOICES if k in row.services], initial={"on": parts.local_day(request), "kind": request.GET.get("kind", "")})
        return answer(request, Ask(title=_now("约一件事"), ok=_now("约好了"), back=back, says=[_now("到了那天，会出现在“要做的”里。"), _now("病情不写在这里。")], about=who.name, crumbs=[*crumbs, (_now("约一件事"), "")]), form, arrange)
    if what == "check" and row.health_consented_on is not None:
        def check(d: dict[str, Any]) -> str:
            made = pairings.check_medicines(pairing=row.pk, medicines=medicines_of(d["medicines"]), explained_by=d["explained_by"], note=d["note"], on=d["on"], by=me, at=request.now)
            messages.success(request, _now("记好了，%s 再去核对。") % f"{made.look_on:%Y-%m-%d}" if made.look_on else _now("记好了。"))
            return back
        says = [_now("按整个药柜重新写一遍，代替上一次。"), _now("最早到期的前两周，会提醒再去。"), _now("写完以后，只有村书记写明事由才能看；纸条留给本人。")]
        return answer(request, Ask(title=_now("记一次药品核对"), ok=_now("记下"), back=back, says=says, about=who.name, crumbs=[*crumbs, (_now("药品核对"), "")]), CheckForm(request.POST or None, initial={"on": parts.local_day(request)}), check)
    if what == "end":
        def end(d: dict[str, Any]) -> str:
            pairings.end(pairing=row.pk, why=d["why"], by=me, at=request.now)
            messages.success(request, _now("结对已结束。"))
            return reverse("team", args=[row.team_id]) + "?tab=homes"
        return answer(request, Ask(title=_now("结束结对"), ok=_now("结束结对"), back=back, says=[_now("约好还没做的事一起划掉。"), _now("请告诉这户人家。")], tone="danger", about=who.name, crumbs=[*crumbs, (_now("结束结对"), "")]), EndForm(request.POST or None), end)
    raise Http404


class ReasonForm(forms.Form):
    reason = text_field(_("为什么要看"), most=200, help_text=_("不少于四个字，会记下来，本人能查到。"))


def medicines(request: StaffRequest, pairing: uuid.UUID) -> HttpResponse:
    """The checks, after a reason; each time anew."""
    me, row = request.me, found(request, pairing)
    if not queries.keeps(me, row.area_code) or not me.may(Right.SENSITIVE, row.area_code):
        raise NotAllowed(_now("药品情况是敏感个人信息，您的任职不含查看。需要时请村书记告诉您该做什么。"))
    form = ReasonForm(request.POST or None)
    checks: list[pairings.Check] = []
    shown = False
    if request.method == "POST" and form.is_valid():
        try:
            checks, shown = pairings.read_medicines(pairing=row.pk, reason=form.cleaned_data["reason"], by=me), True
        except NeedsReason as refusal:
            form.add_error("reason", str(refusal))
    who = queries.who(queries.PAIR_CONTACT, row.pk, row.contact_cipher)
    on = parts.local_day(request)
    lines = [{"c": c, "items": [{"m": m, "late": m.use_by < on, "soon": (m.use_by - on).days <= rules.LOOK_DAYS} for m in c.medicines]} for c in checks]
    response = render(request, "desk/volunteers/medicines.html", {"p": row, "who": who, "form": form, "shown": shown, "lines": lines, "crumbs": parts.crumbs((row.team.name, reverse("team", args=[row.team_id]) + "?tab=homes"), (who.name, reverse("pairing", args=[row.pk])), (_now("药品核对"), ""))},
                      status=422 if form.errors else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


# --- one thing that was planned --------------------------------------------------------------------------------------------------------


class HeldForm(forms.Form):
    on = parts.date_field(_("哪天做的"))
    volunteer = parts.choice_field(_("谁去的"), [], required=False, empty=_("不记时间"))
    minutes = parts.minutes_field()
    note = words_field(_("情况"), rows=2, most=500, required=False, help_text=_("病情不写在这里。"))

    def __init__(self, *args: Any, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["volunteer"].choices = [self.fields["volunteer"].choices[0], *members]  # type: ignore[attr-defined]


class DropForm(forms.Form):
    note = text_field(_("为什么没有做"), most=200)


def care_do(request: StaffRequest, care: uuid.UUID, what: str) -> HttpResponse:
    """held, drop."""
    me = request.me
    row = or_404(pairings.get_care, care, me)
    back = reverse("pairing", args=[row.pairing_id])
    who = queries.who(queries.PAIR_CONTACT, row.pairing_id, row.pairing.contact_cipher)
    crumbs = parts.crumbs((row.team.name, reverse("team", args=[row.team_id]) + "?tab=homes"), (who.name, back))
    about = f"{_now(rules.CARES[row.kind])} {row.due_on:%m-%d}"
    if what == "held" and row.kind != "medicine":
        def held(d: dict[str, Any]) -> str:
            pairings.held(care=row.pk, on=d["on"], note=d["note"], volunteer=uuid.UUID(d["volunteer"]) if d["volunteer"] else None, minutes=d["minutes"], by=me, at=request.now)
            messages.success(request, _now("记好了。"))
            return back
        form = HeldForm(request.POST or None, members=parts.member_choices(row.team, me), initial={"on": parts.local_day(request), "minutes": 60, "volunteer": str(row.pairing.volunteer_id or "")})
        return answer(request, Ask(title=_now("做了"), ok=_now("记下"), back=back, says=[_now("时间记在本人名下，不计分、不排名。"), _now("不用拍照。")], about=about, crumbs=[*crumbs, (_now("做了"), "")]), form, held)
    if what == "drop":
        def drop(d: dict[str, Any]) -> str:
            pairings.drop(care=row.pk, note=d["note"], by=me)
            messages.success(request, _now("记好了。"))
            return back
        return answer(request, Ask(title=_now("没有做"), ok=_now("记下"), back=back, says=[_now("还要做的，再约一次。")], about=about, crumbs=[*crumbs, (_now("没有做"), "")]), DropForm(request.POST or None), drop)
    raise Http404


# --- activities ------------------------------------------------------------------------------------------------------------------------


class ActivityForm(forms.Form):
    title = text_field(_("做什么"), most=60, help_text=_("如“义诊”“理发”“反诈宣传”。"))
    place = text_field(_("在哪里"), most=80)
    on = parts.date_field(_("哪天"))
    starts = parts.time_field(_("从几点"))
    ends = parts.time_field(_("到几点"))


def activity_new(request: StaffRequest, team: uuid.UUID) -> HttpResponse:
    me = request.me
    row = parts.team_or_404(team, me)

    def do(d: dict[str, Any]) -> str:
        starts, ends = (timezone.make_aware(datetime.combine(d["on"], t)) for t in (d["starts"], d["ends"]))
        made = pairings.plan_activity(team=row.pk, title=d["title"], place=d["place"], starts=starts, ends=ends, by=me, at=request.now)
        messages.success(request, _now("安排好了，办完回来记一笔。"))
        return reverse("activity", args=[made.pk])

    form = ActivityForm(request.POST or None, initial={"on": parts.local_day(request), "starts": "08:30", "ends": "11:00"})
    return answer(request, Ask(title=_now("安排活动"), ok=_now("安排好了"), back=reverse("team", args=[row.pk]) + "?tab=activities", says=[_now("办完以后记：哪几位参加、服务了多少人。"), _now("不用签到、不用拍照。")], about=row.name, crumbs=way(row, _now("安排活动"))), form, do)


class HoldForm(forms.Form):
    helpers = parts.checks_field(_("哪几位参加了"), [])
    minutes = parts.minutes_field()
    names = words_field(_("受益的人，愿意留名的一行一位"), rows=3, most=2000, required=False, help_text=_("不愿留名的不写，只算人数。"))
    served = forms.IntegerField(label=_("另外服务了多少人"), min_value=0, max_value=100_000, initial=0, widget=forms.NumberInput({**CTL, "inputmode": "numeric"}), error_messages={"min_value": _("人数写 0 到 100000。"), "max_value": _("人数写 0 到 100000。"), "required": _("没有就写 0。"), "invalid": _("请写数字。")})
    result = words_field(_("做得怎样"), rows=2, most=300, required=False)

    def __init__(self, *args: Any, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["helpers"].choices = members  # type: ignore[attr-defined]


def activity(request: StaffRequest, activity: uuid.UUID) -> HttpResponse:
    """One activity: planned, with the form to note it; or as it was held. POST `act=cancel`: it does not take place."""
    me = request.me
    row = or_404(pairings.get_activity, activity, me)
    back = reverse("team", args=[row.team_id]) + "?tab=activities"
    if request.method == "POST" and request.POST.get("act") == "cancel":
        def cancel() -> str:
            pairings.cancel_activity(activity=row.pk, by=me, at=request.now)
            return _now("活动已取消。")
        return at_once(request, cancel, back)
    if row.held_at is None and row.cancelled_at is None and row.starts_at <= request.now:
        return hold(request, row, back)
    seen = list(ActivityPart.objects.filter(activity=row))
    names = queries.names([p.volunteer_id for p in seen if p.role == "helped"], me)
    audit.record("activity.open", persons=[p.person_id for p in seen if p.person_id], detail={"activity": str(row.pk)})
    served = [vault.decrypt(queries.PART_NAME, p.pk, p.name_cipher) for p in seen if p.role == "served"]
    return render(request, "desk/volunteers/activity.html", {"a": row, "helpers": sorted(names.values()), "named": served, "all": len(served) + row.served, "crumbs": way(row.team, row.title)})


def hold(request: StaffRequest, row: Activity, back: str) -> HttpResponse:
    minutes = int((row.ends_at - row.starts_at).total_seconds() // 60)
    form = HoldForm(request.POST or None, members=parts.member_choices(row.team, request.me), initial={"minutes": minutes})

    def do(d: dict[str, Any]) -> str:
        pairings.hold_activity(activity=row.pk, helpers=[uuid.UUID(h) for h in d["helpers"]], names=d["names"].splitlines(), served=d["served"], result=d["result"], minutes=d["minutes"], by=request.me, at=request.now)
        messages.success(request, _now("记好了，谢谢大家。"))
        return reverse("activity", args=[row.pk])

    says = [_now("参加的每位记一份时间，记在他本人名下。"), _now("不用拍照。")]
    return answer(request, Ask(title=_now("记这次活动"), ok=_now("记下"), back=back, says=says, about=f"{row.title} {volunteers.spoken(row.starts_at, row.ends_at)} {row.place}", crumbs=way(row.team, row.title)), form, do)
