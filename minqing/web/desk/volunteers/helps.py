"""请志愿队帮忙: take a request down (from a matter, an errand, the window, a visit), which team fits and why, a person confirms, the lead answers.

Invariants: a request is filled from what the caller may see anyway (his file, his matter) and carries name, door and telephone on, no file;
every suggestion stands with its reasons; nothing is given by the machine.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.actions import audit
from minqing.access.models import Staff
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me, NotAllowed
from minqing.archives.models import Resident
from minqing.service import vault
from minqing.service.actions import matters, moving, volunteers
from minqing.service.models import HelpRequest, HelpStep
from minqing.service.queries import errands
from minqing.service.queries import volunteers as queries
from minqing.service.refusals import NotHere
from minqing.service.rules import volunteers as rules
from minqing.service.rules.volunteers import Help
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.things.asking import answer, at_once, or_404, text_field, words_field
from minqing.web.desk.volunteers import parts
from minqing.web.shared.middleware import StaffRequest


class AskForm(forms.Form):
    skill = parts.choice_field(_("要什么帮手"), parts.SKILL_CHOICES)
    words = words_field(_("要帮什么"), rows=2, most=500, help_text=_("一句话，如“厨房水龙头漏水”。病情、家事不写在这里。"))
    name = text_field(_("给谁帮忙"), most=40)
    phone = text_field(_("电话"), most=24, required=False, inputmode="tel")
    door = text_field(_("门牌"), most=120, required=False, help_text=_("没有电话的要写，好找到人。"))
    place = parts.choice_field(_("哪个网格"), [])
    since = parts.date_field(_("最早哪天"), required=False)
    until = parts.date_field(_("最晚哪天"), required=False)
    source = parts.choice_field(_("从哪里来"), [])

    def __init__(self, *args: Any, places: list[tuple[str, str]], sources: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [("", _("请选择")), *places]  # type: ignore[attr-defined]
        self.fields["source"].choices = sources  # type: ignore[attr-defined]
        if len(sources) == 1:
            del self.fields["source"]


def places_of(me: Me) -> list[tuple[str, str]]:
    """Villages and grids for which he may take something down."""
    codes = sorted({p.area[:12] for p in me.posts if Right.INTAKE in ROLES[p.role].rights})
    found: list[tuple[str, str]] = []
    for code in codes[:6]:
        found += parts.grid_choices(code, me)
    return found


@dataclass
class Start:
    """What is known before the form: from a matter whom it is for (copied unseen, as it stands there), from a file, or nothing."""

    initial: dict[str, Any] = field(default_factory=dict)
    matter: uuid.UUID | None = None
    person: uuid.UUID | None = None
    contact: queries.Who | None = None


def start(request: StaffRequest) -> Start:
    me = request.me
    initial: dict[str, Any] = {"skill": request.GET.get("skill", "")}
    matter, person = request.GET.get("matter", ""), request.GET.get("person", "")
    try:
        if matter:
            row = moving.get(uuid.UUID(matter), me)
            if row.restricted or row.confidential:
                raise Http404
            matters.open_read(row, by=me)
            contact = errands.contact_of(row)
            door = contact.address or row.spot
            known = queries.Who(contact.name, contact.phone, door) if contact.name and (contact.phone or door) else None
            return Start({**initial, "place": row.place_code, "words": vault.decrypt(vault.WORDS, row.pk, row.words_cipher)[:300]}, row.pk, None, known)
        if person:
            found = Resident.objects.filter(pk=uuid.UUID(person), alive=True, voided_at=None).first()
            if found is None:
                raise Http404
            audit.record("resident.open", persons=[found.pk], detail={"what": "help"})
            return Start({**initial, **parts.at_the_door(found)}, None, found.pk)
    except (ValueError, NotHere) as refusal:
        raise Http404(str(refusal)) from refusal
    return Start(initial)


def sources_of(me: Me, known: Start) -> list[tuple[str, Any]]:
    desks = {ROLES[p.role].desk for p in me.posts}
    order = ("matter",) if known.matter else ("window", "phone") if "CK" in desks else ("phone",) if "RX" in desks else ("visit", "phone", "other")
    return [(k, _(v)) for k, v in rules.SOURCES if k in order]


def new(request: StaffRequest) -> HttpResponse:
    """`?matter=`: from a matter or an errand; `?person=`: from a file, at the door; else typed."""
    me = request.me
    if not me.holds(Right.INTAKE):
        raise NotAllowed(_now("您的任职不登记事情。"))
    known = start(request)
    place = str(known.initial.get("place") or "")
    places = places_of(me)
    if len(place) >= 12 and place not in dict(places):
        places += parts.grid_choices(place[:12], me)
    sources = sources_of(me, known)
    form = AskForm(request.POST or None, places=places, sources=sources, initial=known.initial)
    if known.contact:
        for name in ("name", "phone", "door"):
            del form.fields[name]

    def do(d: dict[str, Any]) -> str:
        whom = known.contact or queries.Who(d["name"], d["phone"], d["door"])
        wish = volunteers.Ask(place=d["place"], skill=d["skill"], source=d.get("source") or sources[0][0], name=whom.name, words=d["words"], phone=whom.phone, door=whom.door, since=d["since"], until=d["until"],
                              matter=known.matter, person=known.person)
        made = volunteers.ask(wish=wish, by=me, at=request.now)
        messages.success(request, _now("已登记，等村书记安排志愿队。"))
        return reverse("help-request", args=[made]) if queries.keeps(me, d["place"][:12]) else reverse("matter-file", args=[known.matter]) if known.matter else reverse("volunteers")

    says = [_now("村书记看到后，选一支队；队长答应了再去。"), _now("队里只知道姓名、门牌、电话和要帮什么，不打开档案。"), _now("先问本人：愿意让志愿者来吗？")]
    if known.contact:
        says.insert(0, _now("姓名、电话和门牌照这件事上登记的转过去，不用再写。"))
    return answer(request, Ask(title=_now("请志愿队帮忙"), ok=_now("登记"), back=reverse("volunteers"), says=says, crumbs=parts.crumbs((_now("请志愿队帮忙"), ""))), form, do)


def found(request: StaffRequest, pk: uuid.UUID) -> HelpRequest:
    return or_404(volunteers.get_help, pk, request.me)


def page(request: StaffRequest, help: uuid.UUID) -> HttpResponse:
    """One request: whom, what, how far; for the secretary which team fits and why."""
    me, row = request.me, found(request, help)
    keeps, leads = queries.keeps(me, row.area_code), row.team is not None and row.team.lead == me.id
    suggested = queries.suggestions(row, me, at=request.now) if keeps and row.state == Help.OPEN else []
    steps = list(HelpStep.objects.filter(request=row).order_by("at"))
    names = dict(Staff.objects.filter(pk__in={s.staff for s in steps if s.staff}).values_list("pk", "name"))
    places = queries.area_names(me, [row.place_code, row.area_code, *(v for s in suggested for k, v in s.why if k == "grid"), *(w[1] for w in row.why if w[0] == "grid")])
    audit.record("help.open", persons=[row.person_id] if row.person_id else [], detail={"help": str(row.pk)})
    context = {
        "r": row, "who": queries.who(queries.HELP_CONTACT, row.pk, row.contact_cipher), "words": vault.decrypt(queries.HELP_WORDS, row.pk, row.words_cipher), "skill": parts.skills([row.skill]), "state": _now(rules.HELP_LABELS[Help(row.state)]), "tone": parts.TONES[row.state],
        "wanted": parts.wanted(row.wanted_from, row.wanted_to), "place": places.get(row.place_code, ""), "source": _now(dict(rules.SOURCES)[row.source]), "why": parts.reasons(row.why, places), "when": volunteers.spoken(row.shift.starts_at, row.shift.ends_at) if row.shift else "",
        "suggested": [{"s": s, "why": parts.reasons(s.why, places, s.shift), "shift": s.shift.id if s.shift else ""} for s in suggested], "keeps": keeps, "answers": row.state == Help.GIVEN and (leads or keeps), "works": row.state == Help.ACCEPTED and (leads or keeps),
        "may_withdraw": keeps and row.state in queries.OPEN_STATES, "crumbs": parts.crumbs((parts.skills([row.skill]), "")),
        "steps": [{"s": s, "label": _now(rules.MOVE_LABELS[s.move]), "who": names.get(s.staff, "") if s.staff else _now("本人"), "note": vault.decrypt(queries.STEP_NOTE, s.pk, s.note_cipher)} for s in steps],
    }
    return render(request, "desk/volunteers/help.html", context)


class NoteForm(forms.Form):
    note = words_field(_("为什么"), rows=2, most=300)


class GiveForm(forms.Form):
    team = parts.choice_field(_("哪支队"), [])
    note = words_field(_("给队长的话"), rows=2, most=300, required=False)

    def __init__(self, *args: Any, teams: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = [("", _("请选择")), *teams]  # type: ignore[attr-defined]


class DoneForm(forms.Form):
    helpers = parts.checks_field(_("谁去的"), [])
    on = parts.date_field(_("哪天去的"))
    minutes = parts.minutes_field()
    note = words_field(_("做得怎样"), rows=2, most=300)

    def __init__(self, *args: Any, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["helpers"].choices = members  # type: ignore[attr-defined]


def do(request: StaffRequest, help: uuid.UUID, what: str) -> HttpResponse:
    """give, accept, refuse, done, withdraw."""
    me, row = request.me, found(request, help)
    back = reverse("help-request", args=[row.pk])
    if what == "give":
        return give(request, row, back)
    if what == "accept" and request.method == "POST":
        def accept() -> str:
            volunteers.accept(help_=row.pk, by=me)
            return _now("记好了：答应了。去过以后记结果。")
        return at_once(request, accept, back)
    if what == "done" and row.team is not None:
        return finish(request, row, back)
    if what in ("refuse", "withdraw"):
        def leave(d: dict[str, Any]) -> str:
            (volunteers.refuse if what == "refuse" else volunteers.withdraw)(help_=row.pk, note=d["note"], by=me)
            messages.success(request, _now("已退回村里，另找一支队。") if what == "refuse" else _now("已记不用了。"))
            return reverse("volunteers")
        title = _now("办不了，退回") if what == "refuse" else _now("不用了")
        says = [_now("退回以后，这支队看不到这件事了。"), _now("村书记另找一支队。")] if what == "refuse" else [_now("请告诉队长，不用去了。")]
        return answer(request, Ask(title=title, ok=title, back=back, says=says, crumbs=parts.crumbs((title, ""))), NoteForm(request.POST or None), leave)
    raise Http404


def give(request: StaffRequest, row: HelpRequest, back: str) -> HttpResponse:
    """A suggested team at once (POST team, shift); any other of the village by a form."""
    me = request.me
    if not queries.keeps(me, row.area_code):
        raise Http404
    team, shift = request.POST.get("team", ""), request.POST.get("shift", "")
    if request.method == "POST" and request.POST.get("suggested"):
        def at_suggestion() -> str:
            volunteers.give(help_=row.pk, team=as_uuid(team), shift=as_uuid(shift) if shift else None, by=me, at=request.now)
            return _now("已交给这支队，等队长答复。")
        return at_once(request, at_suggestion, back)
    form = GiveForm(request.POST or None, teams=[(str(t.pk), f"{t.name}（{parts.skills(t.skills)}）") for t in queries.teams_at(me, row.area_code)])

    def chosen(d: dict[str, Any]) -> str:
        volunteers.give(help_=row.pk, team=uuid.UUID(d["team"]), note=d["note"], by=me, at=request.now)
        messages.success(request, _now("已交给这支队，等队长答复。"))
        return back

    return answer(request, Ask(title=_now("另选一支队"), ok=_now("交给这支队"), back=back, says=[_now("不在建议里的队也可以选，会记下是人工选的。"), _now("队长看得到姓名、门牌、电话和要帮什么。")], crumbs=parts.crumbs((_now("另选一支队"), ""))), form, chosen)


def as_uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error


def finish(request: StaffRequest, row: HelpRequest, back: str) -> HttpResponse:
    me, team = request.me, row.team
    if team is None:
        raise Http404
    minutes = int((row.shift.ends_at - row.shift.starts_at).total_seconds() // 60) if row.shift else 60
    form = DoneForm(request.POST or None, members=parts.member_choices(team, me), initial={"on": parts.local_day(request), "minutes": minutes, "helpers": [str(row.shift.volunteer_id)] if row.shift else []})

    def done(d: dict[str, Any]) -> str:
        volunteers.done(help_=row.pk, note=d["note"], helpers=[uuid.UUID(h) for h in d["helpers"]], minutes=d["minutes"], on=d["on"], by=me, at=request.now)
        messages.success(request, _now("记好了，谢谢大家。"))
        return back

    says = [_now("从一件事来的，办那件事的同事会看到“做完了”。"), _now("不用拍照。")]
    return answer(request, Ask(title=_now("做完了"), ok=_now("记下"), back=back, says=says, about=team.name, crumbs=parts.crumbs((_now("做完了"), ""))), form, done)
