"""A visit written down at the desk: now, or later from paper in the name of whoever went; put right, added to.

Invariants: the id of the record is in the form, so that a form sent twice is one visit; only what is missing, stale or contradicted is
asked; what was typed stays when something is wrong.
"""

from __future__ import annotations

import uuid
from datetime import datetime, time
from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from minqing.access.models import Appointment, Staff
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import NotAllowed
from minqing.archives.models import Household, Membership
from minqing.archives.refusals import NeedsReason
from minqing.archives.rules import items, tags
from minqing.contact.actions import visits
from minqing.contact.models import Visit
from minqing.contact.queries import asking as questions
from minqing.contact.queries import visits as reads
from minqing.contact.refusals import NotHere, Refused
from minqing.contact.rules import asking
from minqing.web.desk.archives.answering import Ask, answer, done
from minqing.web.desk.archives.choosing import household_or_404, present_members
from minqing.web.desk.archives.forms import day, text
from minqing.web.shared.middleware import StaffRequest

#: What a wish at a door can be; everything else is chosen when it is taken in.
WISHES = (("help", _("求助")), ("question", _("咨询")), ("suggestion", _("建议")), ("complaint", _("投诉")), ("dispute", _("矛盾纠纷")))

#: So many are asked about on one page.
MOST_ELDERS = 2


class VisitForm(forms.Form):
    """The order in which one speaks at a door; two answers are enough."""

    record = forms.UUIDField(widget=forms.HiddenInput)
    how = forms.ChoiceField(label=_("怎么走访的"), choices=[(k, _(v)) for k, v in asking.HOW.items()], widget=forms.RadioSelect)
    met = forms.MultipleChoiceField(label=_("见到谁"), widget=forms.CheckboxSelectMultiple, required=False)
    on = day(_("哪一天"))
    time = forms.TimeField(label=_("几点"), required=False, widget=forms.TimeInput({"type": "time"}), help_text=_("记不清可以不填。"))
    visited_by = forms.ChoiceField(label=_("谁走访"), required=False)
    companions = text(_("同行"), asking.MOST_COMPANIONS)
    topics = forms.MultipleChoiceField(label=_("说了什么事"), choices=[(k, _(v)) for k, v in asking.TOPICS.items()], widget=forms.CheckboxSelectMultiple, required=False)
    words = text(_("原话"), asking.MOST_WORDS, rows=4, help_text=_("照群众的原话记。不写病情和救助。"))
    note = text(_("下次留意"), asking.MOST_NOTE)
    wish = text(_("诉求"), 2000, rows=3, help_text=_("写了就登记成一件事，有编号、有期限、有答复。"))
    wish_kind = forms.ChoiceField(label=_("诉求是哪一种"), choices=WISHES, required=False)

    def __init__(self, *args: Any, members: list[Membership], colleagues: list[tuple[str, str]], asked: list[questions.Question], elders: list[tuple[int, Membership]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked, self.elders = asked, elders
        self.fields["met"].choices = [(str(m.person_id), m.person.name) for m in members]  # type: ignore[attr-defined]
        self.fields["visited_by"].choices = colleagues  # type: ignore[attr-defined]
        for n, q in enumerate(asked):
            label = q.label if q.person is None else _now("%(name)s的%(label)s") % {"name": q.name, "label": q.label}
            self.fields[f"ask{n}"] = forms.CharField(initial=f"{q.field}:{q.person or ''}", required=False, widget=forms.HiddenInput)
            self.fields[f"seen{n}"] = forms.CharField(initial=q.shown, required=False, widget=forms.HiddenInput)
            self.fields[f"fix{n}"] = forms.CharField(label=label, required=False, max_length=200, help_text=q.why + (_now("；现在是：%s") % q.shown if q.shown else ""), widget=forms.TextInput({"autocomplete": "off"}))
        for n, m in elders:
            self.fields[f"who{n}"] = forms.CharField(initial=str(m.person_id), required=False, widget=forms.HiddenInput)
            for item, label in asking.CHECKLIST.items():
                self.fields[f"elder{n}_{item}"] = forms.ChoiceField(label=f"{m.person.name} · {_now(label)}", required=False, choices=[("", _now("没有看")), *((k, _now(v)) for k, v in asking.STATES.items())])

    def main(self) -> list[Any]:
        return [self[name] for name in ("how", "met", "topics", "words", "note")]

    def when(self) -> list[Any]:
        return [self[name] for name in ("on", "time", "visited_by", "companions")]

    def fixes(self) -> list[Any]:
        return [self[f"fix{n}"] for n in range(len(self.asked))]

    def checks(self) -> list[Any]:
        return [self[f"elder{n}_{item}"] for n, _m in self.elders for item in asking.CHECKLIST]

    def corrections(self) -> list[visits.Correction]:
        """What was typed beside a question, with what the file showed."""
        given = [(q, self.cleaned_data[f"fix{n}"].strip()) for n, q in enumerate(self.asked)]
        return [visits.Correction(q.field, value, q.person, q.shown) for q, value in given if value and value != q.shown]

    def checklist(self) -> dict[uuid.UUID, dict[str, str]]:
        return {m.person_id: {item: value for item in asking.CHECKLIST if (value := self.cleaned_data[f"elder{n}_{item}"])} for n, m in self.elders}


def asked_then(post: QueryDict, now: list[questions.Question]) -> list[questions.Question]:
    """The questions as the page put them, in their order: the file may have changed since, and an answer belongs to its own question."""
    found, why = [], {(q.field, q.person): q for q in now}
    for n in range(questions.MOST):
        field, _colon, who = post.get(f"ask{n}", "").partition(":")
        try:
            person = uuid.UUID(who) if who else None
        except ValueError:
            break
        if field not in (questions.PERSONAL if person else ("caution",)):
            break
        still = why.get((field, person))
        item = (items.ITEMS if person else items.HOUSEHOLD_ITEMS)[field]
        found.append(questions.Question(person, still.name if still else "", field, _now(item.label), post.get(f"seen{n}", "")[:200], still.why if still else _now("您打开之后改过")))
    return found or now


def elders_then(post: QueryDict, elders: list[Membership], members: list[Membership]) -> list[tuple[int, Membership]]:
    """The elders as the page showed them, each under the number he had there."""
    by = {str(m.person_id): m for m in members}
    named = [(n, post.get(f"who{n}", "")) for n in range(MOST_ELDERS)]
    return [(n, by[who]) for n, who in named if who in by] if any(who for _n, who in named) else list(enumerate(elders))


def back_to(household: uuid.UUID) -> str:
    return reverse("household-file", kwargs={"household": household}) + "?tab=visits"


def asked_of(h: Household, title: str, ok: str, *says: str, **more: Any) -> Ask:
    crumbs = [(_now("户情单"), reverse("household-list") + f"?village={h.grid_code[:12]}"), (h.head_name or h.number, back_to(h.pk)), (title, "")]
    return Ask(title=title, ok=ok, back=back_to(h.pk), says=says, crumbs=crumbs, about=h.address or f"{h.natural_village}{h.door}", **more)


def colleagues_of(grid: str, request: StaffRequest) -> list[tuple[str, str]]:
    """Whoever writes files there, oneself first: a clerk types the papers of others."""
    roles = [code for code, rule in ROLES.items() if Right.WRITE in rule.rights]
    ids = Appointment.objects.filter(role__in=roles, area_code__in=[grid[:n] for n in (12, 15, 17) if n <= len(grid)]).values("staff")
    others = Staff.objects.filter(pk__in=ids, left_at=None).exclude(pk=request.me.id).order_by("number").values_list("pk", "name")
    return [(str(request.me.id), request.me.name), *((str(pk), name) for pk, name in others)]


def new(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    """The visit form of one household."""
    h = household_or_404(household)
    request.me.require(Right.WRITE, h.grid_code)
    on = timezone.localdate(request.now)
    members = [m for m in present_members(h) if m.person.alive]
    elders = [m for m in members if (tags.age(m.person.birth_date, on) or 0) >= asking.ELDER_FROM][:MOST_ELDERS]
    form = VisitForm(request.POST or None, members=members, colleagues=colleagues_of(h.grid_code, request), asked=asked_then(request.POST, questions.of_household(h, members, on=on)),
                     elders=elders_then(request.POST, elders, members),
                     initial={"record": uuid.uuid4(), "on": on, "how": "door", "visited_by": str(request.me.id)})
    page = asked_of(h, _now("记走访"), _now("保存走访"), template="desk/contact/visit.html", more={"h": h})

    def do(data: dict[str, Any]) -> str:
        now = timezone.localtime(request.now)
        # today without a time is now: said so, or the form sent a second time would be another visit
        when = None if data["on"] == now.date() and not data["time"] else datetime.combine(data["on"], data["time"] or time(12, 0), timezone.get_current_timezone())
        who = uuid.UUID(data["visited_by"]) if data["visited_by"] else request.me.id
        wishes = [visits.Wish(data["wish"], data["wish_kind"] or "help", person=uuid.UUID(data["met"][0]) if len(data["met"]) == 1 else None)] if data["wish"].strip() else []
        visits.record_visit(
            id=data["record"], household=h, by=request.me, at=request.now, how=data["how"], met=[uuid.UUID(m) for m in data["met"]], topics=data["topics"], words=data["words"], note=data["note"], wishes=wishes,
            corrections=form.corrections(), checklist=form.checklist(), visited_at=when, visited_by=who, companions=data["companions"],
            paper=who != request.me.id or data["on"] != now.date(),
        )
        return back_to(h.pk)

    return answer(request, page, form, do)


@require_POST
def usual(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    """一切如常, one press; taken back within ten minutes."""
    h = household_or_404(household)
    try:
        number = uuid.UUID(request.POST.get("record", ""))
        with transaction.atomic():
            visits.usual(id=number, household=h, by=request.me, at=request.now, how="door")
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    except (ValueError, Refused):
        return HttpResponseRedirect(reverse("visit-new", kwargs={"household": h.pk}))
    return done(request, back_to(h.pk))


class AmendForm(forms.Form):
    """`seen_*`: what stood when the page was opened."""

    record = forms.UUIDField(widget=forms.HiddenInput)
    how = forms.ChoiceField(label=_("怎么走访的"), choices=[(k, _(v)) for k, v in asking.HOW.items()], widget=forms.RadioSelect)
    topics = forms.MultipleChoiceField(label=_("说了什么事"), choices=[(k, _(v)) for k, v in asking.TOPICS.items()], widget=forms.CheckboxSelectMultiple, required=False)
    words = text(_("原话"), asking.MOST_WORDS, rows=4)
    note = text(_("下次留意"), asking.MOST_NOTE)
    companions = text(_("同行"), asking.MOST_COMPANIONS)
    version = forms.IntegerField(widget=forms.HiddenInput)


def visit_or_404(visit: uuid.UUID) -> Visit:
    try:
        return visits.get(visit)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal


def amend(request: StaffRequest, visit: uuid.UUID) -> HttpResponse:
    """Put right by its author within seven days."""
    row = visit_or_404(visit)
    if not visits.may_amend(row, request.me, request.now):
        raise NotAllowed(_now("走访记录由记的人在%d天内更正。过后请用“补记”把要说的添在后面。") % asking.AMEND_DAYS)
    words, noted = visits.words_of(row)
    now = {"how": row.how, "topics": row.topics, "words": words, "note": noted, "companions": row.companions}
    form = AmendForm(request.POST or None, initial={**now, "record": uuid.uuid4(), "version": row.version})
    page = asked_of(row.household, _now("更正走访记录"), _now("保存更正"), _now("原来写的会留下，谁何时改的看得到。"), _now("更正只在%d天内，由记的人来做。") % asking.AMEND_DAYS)

    def do(data: dict[str, Any]) -> str:
        if data["version"] != row.version:
            if all(data[k] == v for k, v in now.items()):  # the button was pressed twice: what he wants stands
                return back_to(row.household_id)
            raise Refused(_now("这次走访在您打开之后又更正过，请看下面留下的内容，重新打开再改。"))
        visits.amend(id=data["record"], visit=row, by=request.me, at=request.now, changes={k: (v, data[k]) for k, v in now.items()})
        return back_to(row.household_id)

    return answer(request, page, form, do)


class NoteForm(forms.Form):
    record = forms.UUIDField(widget=forms.HiddenInput)
    words = text(_("补记"), asking.MOST_WORDS, required=True, rows=4)


def note(request: StaffRequest, visit: uuid.UUID) -> HttpResponse:
    """Words added later; the visit stays as it was written."""
    row = visit_or_404(visit)
    form = NoteForm(request.POST or None, initial={"record": uuid.uuid4()})
    page = asked_of(row.household, _now("补记"), _now("保存补记"), _now("补记添在走访后面，写明谁何时补的；原来的记录不变。"))

    def do(data: dict[str, Any]) -> str:
        visits.add_note(id=data["record"], visit=row, words=data["words"], by=request.me, at=request.now)
        return back_to(row.household_id)

    return answer(request, page, form, do)


class ReasonForm(forms.Form):
    reason = text(_("为什么要看"), 200, required=True, help_text=_("写进日志，不少于四个字。"))


def elders(request: StaffRequest, visit: uuid.UUID) -> HttpResponse:
    """How the elders were, after a reason; for the author and whoever holds the right of level 4."""
    row = visit_or_404(visit)
    form = ReasonForm(request.POST or None)
    page = asked_of(row.household, _now("老人情况"), _now("查看"), template="desk/contact/elders.html")
    lines = None
    if request.method == "POST" and form.is_valid():
        try:
            lines = reads.checkups(request.me, row, reason=form.cleaned_data["reason"].strip())
        except NeedsReason as refusal:
            form.add_error("reason", str(refusal))
    return render(request, page.template, {"page": page, "form": form, "lines": lines, "h": row.household}, status=422 if form.errors else 200)
