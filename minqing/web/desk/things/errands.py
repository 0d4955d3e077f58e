"""代办 on the desk and at the width of a phone: the list, one errand, a new one, who runs errands.

Invariants: a list shows what the seats give; the page of an errand shows its person's name and phone to whoever runs it, and
nothing of the file beyond the form; opening it leaves a trace.
"""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.models import Area, Staff
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me, NotAllowed
from minqing.archives.actions import people, subjects
from minqing.archives.models import Resident
from minqing.archives.queries.searching import search
from minqing.service import vault
from minqing.service.actions import errands, materials, matters, moving, parcels
from minqing.service.actions.errands import Wish
from minqing.service.models import AgentCard, Errand, Matter
from minqing.service.queries import catalogue
from minqing.service.queries import errands as lists
from minqing.service.queries import parcels as abroad
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import catalogue as rules
from minqing.service.rules import numbers, states
from minqing.service.rules.states import State
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.things.asking import CTL, answer, text_field, words_field
from minqing.web.desk.volunteers import helping
from minqing.web.shared.middleware import StaffRequest

SALT, MINUTES = "minqing.errand.card", 30
TABS = (("", _("在办")), ("mine", _("我来办的")), ("done", _("已办完")))


def may_see(me: Me) -> bool:
    return me.holds(Right.INTAKE) or me.holds(Right.MATTERS)


def tone(left: int | None) -> str:
    return "" if left is None else "cin" if left < 0 else "och" if left <= 1 else ""


def errand_list(request: StaffRequest) -> HttpResponse:
    """`?tab=mine|done`: an agent's own first."""
    if not may_see(request.me):
        raise NotAllowed(_now("您的任职不办代办。"))
    desks = lists.desks_of(request.me)
    tab = request.GET.get("tab", "" if desks else "mine")
    rows = lists.listed(request.me, request.now, only_mine=tab == "mine", closed=tab == "done")
    shown = [{"row": r, "url": reverse("errand", args=[r.matter.pk]), "asked": r.mine and r.errand.agent_state == "asked", "tone": tone(r.left), "department_tone": tone(r.department_left), "number": numbers.spoken(r.matter.number)} for r in rows]
    tabs = [{"label": label, "url": f"?tab={key}" if key else "?tab=", "current": tab == key} for key, label in TABS if desks or key == "mine"]
    return render(request, "desk/things/errands.html", {"rows": shown, "tabs": tabs, "tab": tab, "asked": lists.asked_of(request.me).count(), "may_open": request.me.holds(Right.INTAKE), "desks": bool(desks)})


def found(matter: uuid.UUID, me: Me) -> Errand:
    try:
        return errands.of(matter, me)
    except NotHere as error:
        raise Http404(str(error)) from error


def errand_page(request: StaffRequest, matter: uuid.UUID) -> HttpResponse:
    """One errand: whom for, how far, papers, money, who runs it."""
    me = request.me
    try:
        errand, desk = errands.with_seat(matter, me)
    except NotHere as error:
        raise Http404(str(error)) from error
    row = errand.matter
    parties = list(row.parties.order_by("role"))
    matters.open_read(row, by=me, parties=parties)
    running = State(row.state) in errands.RUNNING
    mine = errand.agent == me.id
    runs = desk or (mine and errand.agent_state == "accepted")
    lines = materials.lines_of(row)
    papers = lists.papers_of(row.pk)
    asked = lists.assignments_of(row.pk)
    held, form = materials.asked_for(errand, papers, me, timezone.localdate(request.now)) if runs and running else ([], [])
    names = lists.names_of([errand.agent, errand.made_by, row.handler], [a.staff for a in asked], lists.staff_in_money(lines))
    context = {
        "e": errand, "m": row, "number": numbers.spoken(row.number), "state": _now(states.STATE_LABELS[State(row.state)]), "running": running, "desk": desk, "mine": mine, "runs": runs and running,
        "waits": mine and errand.agent_state == "asked", "contact": lists.contact_in(row, parties) if runs or desk else None, "words": vault.decrypt(vault.WORDS, row.pk, row.words_cipher, restricted=row.restricted),
        "steps": steps(errand), "left": (timezone.localdate(row.due_at) - timezone.localdate(request.now)).days if row.due_at else None, "agent": names.get(errand.agent, "") if errand.agent else "",
        "materials": held,
        "papers": [{"p": p, "receipt": materials.receipt_number(row, p), "giver": materials.giver_of(p)} for p in papers],
        "money": [{"l": x, "kind": _now(dict(x.KINDS)[x.kind]), "first": names.get(x.made_by, ""), "second": names.get(x.second, "") if x.second else "", "reversed": any(y.reverses_id == x.pk for y in lines), "own": x.made_by == me.id} for x in lines],
        "owed": materials.owed(lines), "unsigned": sum(1 for x in lines if x.second is None),
        "asked": [{"a": a, "who": names.get(a.staff, ""), "answer": _now(dict(a.ANSWERS)[a.answer]), "reason": vault.decrypt(errands.REASON, a.pk, a.reason_cipher)} for a in asked],
        "may_call_back": row.state == State.REPLIED and moving.may(row, "close", me) and row.handler != me.id, "called": row.state == State.REPLIED, "again": desk and row.state in (State.REDO, State.PROCESSING) and errand.delivered_at is not None,
        "helps": helping.of_matter(row, me), "abroad": abroad.of_errand(row.pk) if desk and parcels.may_see(me) else None, "may_hand": desk and running and parcels.may_see(me), "matter_url": reverse("matter-file", args=[row.pk]) if desk else "", "free": errand.item.free, "form_left": form_left(form) if runs and running else None,
        "crumbs": [(_now("代办"), reverse("errand-list")), (numbers.spoken(row.number), "")],
    }
    return render(request, "desk/things/errand.html", context)


def form_left(lines: list[materials.FormLine]) -> dict[str, int]:
    return {"known": sum(1 for x in lines if not x.missing), "all": len(lines), "missing": sum(1 for x in lines if x.missing)}


def steps(errand: Errand) -> list[dict[str, str]]:
    """材料齐了 → 交到窗口 → 取回 → 送到 → 回访; what was skipped counts as done when a later one is."""
    closed = State(errand.matter.state) in (State.CLOSED, State.ARCHIVED)
    done = [bool(getattr(errand, field)) for field, _label in lists.STEPS] + [closed]
    labels = [_now(label) for _field, label in lists.STEPS] + [_now("回访")]
    last = max((n for n, yes in enumerate(done) if yes), default=-1)
    return [{"label": label, "state": "done" if n <= last else "now" if n == last + 1 else ""} for n, label in enumerate(labels)]


# --- a new one --------------------------------------------------------------------------------------------------------------------


class FindForm(forms.Form):
    """Whom for: by name (whoever opens files), or by the card in one's hand (window)."""

    q = text_field(_("给谁办"), most=40, help_text=_("姓名、拼音、户号或电话；没有档案的，下面直接写姓名。"), required=False)
    number = text_field(_("身份证号"), most=24, help_text=_("当面看着证件输入。查一次，记一次。"), required=False)


class NewForm(forms.Form):
    """The errand itself."""

    item = forms.ChoiceField(label=_("办什么"), widget=forms.Select(CTL))
    place = forms.ChoiceField(label=_("哪个村（社区）"), widget=forms.Select(CTL))
    name = text_field(_("给谁办"), most=40)
    phone = text_field(_("怎么联系"), required=False, most=24, help_text=_("手机或座机；没有的可以不写，上门说。"), inputmode="tel")
    words = words_field(_("他怎么说"), required=False, help_text=_("照他的话写一句；不写就写“代办”和事项。"))
    on_behalf = forms.BooleanField(label=_("家人替他来说的"), required=False)

    def __init__(self, *args: Any, items: list[tuple[str, Any]], places: list[tuple[str, str]], known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices, self.fields["place"].choices = items, places  # type: ignore[attr-defined]
        if known:
            del self.fields["name"]


def places_of(me: Me) -> list[tuple[str, str]]:
    """Villages for which he may take down an errand."""
    codes = [p.area for p in me.posts if Right.INTAKE in ROLES[p.role].rights]
    villages: dict[str, str] = {}
    for code in codes:
        rows = Area.objects.filter(level="village", closed_on=None)
        rows = rows.filter(pk=code[:12]) if len(code) >= 12 else rows.filter(pk__gte=code, pk__lt=code + ":")
        villages |= dict(rows.order_by("pk").values_list("pk", "short_name")[:400])
    return list(villages.items())


def card_of(request: StaffRequest, person: uuid.UUID, name: str, place: str) -> str:
    return signing.dumps({"person": str(person), "name": name, "place": place, "by": str(request.me.id)}, salt=SALT)


def held(request: StaffRequest) -> dict[str, str] | None:
    """The person chosen or whose card was held by this colleague within the last half hour."""
    text = request.POST.get("card") or request.GET.get("card") or ""
    try:
        said = signing.loads(text, salt=SALT, max_age=MINUTES * 60)
    except signing.BadSignature:
        return None
    return said if said.get("by") == str(request.me.id) else None


def new(request: StaffRequest) -> HttpResponse:
    """Take one down: find whom it is for, choose what, go on."""
    me = request.me
    places = places_of(me)
    if not me.holds(Right.INTAKE) or not places:
        raise NotAllowed(_now("您的任职不登记代办。"))
    person = held(request)
    given = request.GET.get("person", "")
    if person is None and given and me.holds(Right.PEOPLE):
        person = from_file(request, given)
    place = (request.POST.get("place") or (person or {}).get("place") or request.GET.get("place") or places[0][0])
    choices = items_at(place, request)
    start = {"item": request.GET.get("item", ""), "place": place, "phone": (person or {}).get("phone", "")}
    form = NewForm(request.POST if request.POST.get("act") == "open" else None, items=choices, places=places, known=person is not None, initial=start)
    find = FindForm(request.POST if request.POST.get("act") == "find" else None)
    hits: list[dict[str, str]] = []
    if request.POST.get("act") == "find" and find.is_valid():
        answer = look(request, find, hits)
        if answer is not None:
            return answer
    if request.POST.get("act") == "open" and form.is_valid():
        answer = opened(request, form, person)
        if answer is not None:
            return answer
    return render(request, "desk/things/new.html", {
        "form": form, "find": find, "hits": hits, "person": person, "card": request.POST.get("card") or request.GET.get("card") or (person or {}).get("card", ""), "may_search": me.holds(Right.PEOPLE), "may_look": me.holds(Right.IDENTIFY),
        "crumbs": [(_now("代办"), reverse("errand-list")), (_now("登记代办"), "")],
    }, status=422 if form.errors or find.errors else 200)


def from_file(request: StaffRequest, given: str) -> dict[str, str] | None:
    """A person of one's own scope, chosen from a list or from his file."""
    try:
        row = Resident.objects.filter(pk=uuid.UUID(given), voided_at=None, alive=True).first()
    except ValueError:
        return None
    if row is None:
        return None
    place = people.grid_of(row.pk)[:12]
    return {"person": str(row.pk), "name": row.name, "place": place, "phone": "", "card": card_of(request, row.pk, row.name, place)}


def look(request: StaffRequest, find: FindForm, hits: list[dict[str, str]]) -> HttpResponse | None:
    """By the card: one person or a sentence. By words: a list to choose from."""
    number, words = find.cleaned_data["number"].strip(), find.cleaned_data["q"].strip()
    if number and request.me.holds(Right.IDENTIFY):
        try:
            who = subjects.look(number=number, by=request.me, at=request.now)
        except Refused as refusal:
            find.add_error("number", str(refusal))
            return None
        return HttpResponseRedirect(f"{reverse('errand-new')}?card={card_of(request, who.person, who.name, '')}")
    if len(words) >= 2 and request.me.holds(Right.PEOPLE):
        for h in search(request.me, words, limit=12):
            if h.kind == "person" and h.alive:
                hits.append({"name": h.title, "sub": h.subtitle or "", "url": f"{reverse('errand-new')}?person={h.id}"})
        if not hits:
            find.add_error("q", _now("没有找到。换个写法，或在下面直接写姓名；不在您职责范围内的人不会出现。"))
        return None
    find.add_error(None, _now("请写姓名（至少两个字），或身份证号。"))
    return None


def opened(request: StaffRequest, form: NewForm, person: dict[str, str] | None) -> HttpResponse | None:
    data = form.cleaned_data
    window = bool(matters.desk_of(request.me).endswith("/CK"))
    try:
        with transaction.atomic():
            item = errands.item_for(data["item"], data["place"], request.me, request.now)
            phone = data["phone"]
            if person is not None and not phone and request.me.holds(Right.PEOPLE):
                row = Resident.objects.filter(pk=person["person"]).first()
                phone = people.clear(row, "phone") if row else ""
            wish = Wish(item=item, place=data["place"], words=data["words"], channel="window" if window else "door", name=person["name"] if person else data["name"], phone=phone,
                        person=uuid.UUID(person["person"]) if person else None, on_behalf=data["on_behalf"])
            made = errands.open_errand(wish=wish, by=request.me, at=request.now)
    except Missing as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
    except (Refused, NotAllowed) as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, _now("已登记，编号 %(number)s，查询口令 %(word)s。请告诉本人。") % {"number": numbers.spoken(made.matter.number), "word": made.word})
    return HttpResponseRedirect(reverse("errand", args=[made.matter.pk]) if Matter.objects.filter(pk=made.matter.pk).exists() else reverse("errand-list"))


class ArrangeForm(forms.Form):
    """Which item of the catalogue it is."""

    item = forms.ChoiceField(label=_("办什么"), widget=forms.Select(CTL))


def arrange(request: StaffRequest, matter: uuid.UUID) -> HttpResponse:
    """Somebody asked on the telephone or at a meeting for an errand: say which item it is; papers, form and agent follow."""
    row = Matter.objects.filter(pk=matter).first()
    if row is None or not errands.may_arrange(row, request.me):
        raise Http404
    form = ArrangeForm(request.POST or None)
    form.fields["item"].choices = items_at(row.place_code, request)  # type: ignore[attr-defined]

    def act(data: dict[str, Any]) -> str:
        item = errands.item_for(data["item"], row.place_code, request.me, request.now)
        errands.arrange(matter=row, item=item, by=request.me, at=request.now)
        messages.success(request, _now("已定为“%s”，请安排代办员。") % item.name)
        return reverse("errand", args=[row.pk])

    page = Ask(
        title=_now("定代办事项"), ok=_now("就办这一项"), back=reverse("matter-file", args=[row.pk]), about=f"{numbers.spoken(row.number)} · {row.title}", more={"help_route": "errand-arrange"},
        says=(_now("照目录带出要什么材料、哪几项档案里已有、几天办好。"), _now("编号和时限不变；承诺的天数加上这一项的。"), _now("接下来安排一位代办员，他答应了才算。")),
        crumbs=[(_now("代办"), reverse("errand-list")), (_now("定代办事项"), "")],
    )
    return answer(request, page, form, act)


def items_at(place: str, request: StaffRequest) -> list[tuple[str, Any]]:
    """Choices of the catalogue at a place, by topic, with an empty first."""
    topics = dict(rules.TOPIC_CHOICES)
    grouped: dict[str, list[tuple[str, str]]] = {}
    for item in catalogue.items_at(place, timezone.localdate(request.now)):
        grouped.setdefault(_now(topics[item.topic]), []).append((item.code, item.name))
    return [("", _now("请选择")), *grouped.items()]


# --- who runs errands -------------------------------------------------------------------------------------------------------------


class CardForm(forms.Form):
    topics = forms.MultipleChoiceField(label=_("擅长办什么"), choices=[(k, _(v)) for k, v in rules.TOPIC_CHOICES], required=False, widget=forms.CheckboxSelectMultiple)
    note = text_field(_("说明"), required=False, most=120, help_text=_("如“每周二、五去街道”“有车”。"))


def agents(request: StaffRequest) -> HttpResponse:
    """What I am good at; for the one who appoints: everybody of his village who runs errands."""
    me = request.me
    if not may_see(me):
        raise NotAllowed(_now("您的任职不办代办。"))
    area = next((p.area[:12] for p in me.posts), "")
    wanted = request.POST.get("staff", str(me.id))
    try:
        staff = uuid.UUID(wanted)
    except ValueError as error:
        raise Http404 from error
    cards = {c.staff: c for c in AgentCard.objects.filter(area_code=area)}
    if request.method == "POST":
        form = CardForm(request.POST)
        if form.is_valid() and Staff.objects.filter(pk=staff, left_at=None).exists():
            errands.set_card(staff=staff, area=area, topics=form.cleaned_data["topics"], note=form.cleaned_data["note"], by=me, at=request.now)
            messages.success(request, _now("已记下。安排代办时，擅长的排在前面。"))
            return HttpResponseRedirect(reverse("errand-agents"))
    mine = cards.get(me.id)
    form = CardForm(initial={"topics": mine.topics if mine else [], "note": mine.note if mine else ""})
    names = dict(Staff.objects.filter(pk__in=list(cards)).values_list("pk", "name"))
    shown = [{"name": names.get(c.staff, ""), "topics": "、".join(_now(rules.TOPICS[t]) for t in c.topics if t in rules.TOPICS), "note": c.note} for c in cards.values()]
    return render(request, "desk/things/agents.html", {"form": form, "cards": shown, "crumbs": [(_now("代办"), reverse("errand-list")), (_now("代办员专长"), "")]})

