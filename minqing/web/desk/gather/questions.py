"""核对问题: the list by owner, one question side by side, its answer, and on to the next.

Invariants: opening a question is audited with the persons it shows; an answer leads to the next question of the same list
with the bar that takes it back; a refusal is a sentence above the question, with every word typed.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.archives import refusals
from minqing.archives.actions import acts
from minqing.archives.rules import items
from minqing.gather import queries
from minqing.gather.actions import questions, taking
from minqing.gather.models import Batch, Question
from minqing.gather.queries import Wanted
from minqing.gather.rules import asking
from minqing.web.desk.archives.answering import offer_undo
from minqing.web.desk.gather import comparing
from minqing.web.shared.middleware import StaffRequest

#: After how many days a question that was put off is asked again.
ASK_AGAIN = timedelta(days=30)
KEPT = ("tab", "village", "department", "kind", "batch", "group")


def wanted_of(request: StaffRequest) -> Wanted:
    """The list's conditions as the address has them; anything else is left out."""
    given = {k: request.GET.get(k, "")[:40] for k in KEPT}
    prefixes = {k.prefix for k in asking.KINDS}
    try:
        given["batch"] = str(uuid.UUID(given["batch"])) if given["batch"] else ""
    except ValueError:
        given["batch"] = ""
    return Wanted(
        tab=given["tab"] if given["tab"] in queries.TABS else "", village=given["village"] if given["village"].isdigit() else "", department=given["department"],
        kind=given["kind"] if given["kind"] in prefixes else "", batch=given["batch"], group="source" if given["group"] == "source" else "code",
    )


def words(wanted: Wanted, **changes: str) -> str:
    """The address's query for these conditions, '' for none."""
    given = {k: getattr(wanted, k) for k in KEPT} | changes
    return urlencode({k: v for k, v in given.items() if v and not (k == "group" and v == "code")})


def address(wanted: Wanted, **changes: str) -> str:
    query = words(wanted, **changes)
    return reverse("question-list") + (f"?{query}" if query else "")


def address_of(question: uuid.UUID, wanted: Wanted, **more: str) -> str:
    query = words(wanted, **more)
    return reverse("question", kwargs={"question": question}) + (f"?{query}" if query else "")


def with_tab(request: StaffRequest, wanted: Wanted) -> tuple[Wanted, queries.QuestionCounts]:
    """The tab that was asked for, or the first with something in it that this person may answer."""
    groups = queries.question_groups(wanted, on=timezone.localdate(request.now))
    if not wanted.tab:
        tabs = queries.question_counts(wanted, groups).tabs
        order = ("village", "department", "visit") if all(len(p.area) >= 12 for p in request.me.posts) else ("department", "village", "visit")
        wanted = replace(wanted, tab=next((t for t in order if tabs[t]), order[0]))
    return wanted, queries.question_counts(wanted, groups)


def beside(request: StaffRequest, row: Question) -> Wanted:
    """The list a question stands in: the one that was asked for, or the tab it belongs to."""
    wanted = wanted_of(request)
    return wanted if wanted.tab else replace(wanted, tab=queries.tab_of(row, timezone.localdate(request.now)))


def question_list(request: StaffRequest) -> HttpResponse:
    """Questions of one owner, grouped by what is asked or by where the row comes from."""
    me = request.me
    if not (me.holds(Right.WRITE) or me.holds(Right.GATHER)):
        raise NotAllowed(_("您的任职不含核对问题。"))
    offer_undo(request)
    wanted, counts = with_tab(request, wanted_of(request))
    if not me.holds(Right.GATHER):  # departments are for those who gather (queries.department_of)
        wanted = replace(wanted, department="", group="code")
    after = request.GET.get("after", "")
    page = queries.question_list(wanted, on=timezone.localdate(request.now), after=after, gathers=me.holds(Right.GATHER))
    batch = Batch.objects.filter(pk=wanted.batch).first() if wanted.batch else None
    village = Area.objects.filter(pk=wanted.village).first() if wanted.village else None
    chips = [{"label": label, "url": url} for label, url in (
        (batch.label if batch else "", address(wanted, batch="")), (village.short_name if village else "", address(wanted, village="")),
        (items.source_label(wanted.department) if wanted.department else "", address(wanted, department="")),
        (_(asking.kind_of(wanted.kind).label) if wanted.kind else "", address(wanted, kind="")),
    ) if label]
    many = any(len(p.area) < 12 for p in me.posts)
    tabs = [{"label": _("各村") if many and key == "village" else _(label), "count": counts.tabs[key], "current": key == wanted.tab, "url": address(Wanted(), tab=key, batch=wanted.batch, village=wanted.village, group=wanted.group)}
            for key, label in queries.TABS.items()]
    context = {
        "wanted": wanted, "tabs": tabs, "counts": counts, "groups": grouped(page.rows, wanted), "chips": chips, "shown": len(page.rows), "total": counts.tabs[wanted.tab],
        "by_code": address(wanted, group=""), "by_source": address(wanted, group="source"), "next": address(wanted) + ("&" if words(wanted) else "?") + urlencode({"after": page.next}) if page.next else "",
        "start": address(wanted) if after else "", "begin": address_of(page.rows[0].id, wanted) if page.rows and wanted.tab != "done" else "", "filtered": bool(chips),
        "may_department": me.holds(Right.GATHER), "kinds": [(k.prefix, _(k.label)) for k in asking.KINDS],
    }
    return render(request, "desk/gather/questions.html", context)


def grouped(rows: list[queries.QuestionLine], wanted: Wanted) -> list[dict[str, Any]]:
    """Rows under their group's name, in their order."""
    found: list[dict[str, Any]] = []
    for row in rows:
        if not found or found[-1]["title"] != row.group:
            found.append({"title": row.group, "rows": []})
        found[-1]["rows"].append({"line": row, "url": address_of(row.id, wanted)})
    return found


def question_or_404(number: uuid.UUID) -> Question:
    found = Question.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def one(request: StaffRequest, question: uuid.UUID) -> HttpResponse:
    row = question_or_404(question)
    offer_undo(request)
    return page(request, row)


def page(request: StaffRequest, row: Question, *, error: str = "", typed: dict[str, str] | None = None, other: uuid.UUID | None = None, status: int = 200) -> HttpResponse:
    """One question: what is asked, both sides, reasons, answers."""
    both = questions.content(row)
    wanted = beside(request, row)
    nature, kind = asking.nature(row.code, row.field), asking.kind_of(row.code)
    people, unseen = comparing.candidates(row, both, questions.settled(row))
    chosen = choose(people, request.GET.get("with", "") or (typed or {}).get("person", ""))
    mine = comparing.row_side(both)
    theirs = comparing.person_side(chosen["person"], list(mine.values) + list(comparing.FIRST)) if chosen else None
    sensitive = asking.is_sensitive(row.code, row.field)
    audit.record("question.open", persons=[p["id"] for p in people], detail={"question": str(row.pk)})
    gathers = request.me.holds(Right.GATHER) and request.me.may(Right.GATHER, row.grid_code)
    context: dict[str, Any] = {
        "question": row, "kind": kind, "nature": nature, "name": str(both["cleaned"].get("name") or both.get("mine") or ""), "source": queries.source_of(row, both, gathers=gathers, named=gathers),
        "place": queries.place_of(row.grid_code), "people": people_tabs(people, row, wanted, chosen), "chosen": chosen, "rows": comparing.rows(mine, theirs), "reasons": [_("两个部门说法不同。属于敏感信息，写明事由后查看。")] if sensitive else both["reasons"],
        "score": asking.words_of_score(chosen["score"]) if chosen else "", "left_note": f"{queries.department_of(row, both, gathers=gathers)} {both['row'].get('as_of') or ''}".strip(), "originals": comparing.originals(both), "hidden": comparing.hidden_count(both),
        "history": history(row, people), "refused": questions.may_answer(row, request.me), "error": error, "typed": typed or {}, "other": other,
        "query": words(wanted), "left": queries.question_count(wanted, on=timezone.localdate(request.now)), "list_url": address(wanted), "sensitive": sensitive, "unseen": unseen,
        "crumbs": [(_("核对问题"), address(wanted)), (_(kind.label), "")], "secrets": secrets(both), "several": sum(1 for p in people if not p["verdict"]) > 1,
        "may_be_new": nature == asking.IDENTITY and not unseen and questions.may_be_new(row, both),
    }
    if row.state != "answered":
        following = queries.next_question(wanted, row, on=timezone.localdate(request.now))
        context["skip"] = address_of(following, wanted) if following else ""
        context["field"] = field_sides(row, both, chosen, gathers) if nature == asking.FIELD else said_sides(row, both, gathers) if nature == asking.LOOK else None
        if nature == asking.IDENTITY and chosen:
            context["effects"] = comparing.effects(chosen["person"], both, questions.source_of(row, both), timezone.localdate(request.now))
    else:
        context["answered_by"] = acts.name_of(row.answered_by)
    return render(request, "desk/gather/question.html", context, status=status)


def choose(people: list[dict[str, Any]], asked: str) -> dict[str, Any] | None:
    """The candidate asked for, else the first who has not been refused."""
    return next((p for p in people if str(p["id"]) == asked), None) or next((p for p in people if not p["verdict"]), None) or (people[0] if people else None)


def people_tabs(people: list[dict[str, Any]], row: Question, wanted: Wanted, chosen: dict[str, Any] | None) -> list[dict[str, Any]]:
    labels = {"same": _("已定为同一人"), "different": _("已定不是")}
    return [p | {"url": address_of(row.pk, wanted, **{"with": str(p["id"])}), "current": p is chosen, "words": labels.get(p["verdict"]) or asking.words_of_score(p["score"])} for p in people]


def history(row: Question, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = {p["id"]: p["name"] for p in people}
    return [j | {"name": names.get(j["person"], "")} for j in queries.judgements_of(row)]


def secrets(both: dict[str, Any]) -> list[dict[str, str]]:
    """The row's own numbers, masked, each to be shown in clear once."""
    found = []
    for field, label in questions.REVEALED.items():
        value = questions.written(both, field) if field != "said" else ""
        if value:
            found.append({"field": field, "label": _(label), "masked": comparing.shown(field, value)})
    return found


def field_sides(row: Question, both: dict[str, Any], chosen: dict[str, Any] | None, gathers: bool) -> dict[str, Any] | None:
    """Two values of one field with whose they are."""
    if chosen is None:
        return None
    field = taking.field_of(row.field) or row.field
    person = chosen["person"]
    said = person.sources.get(field) or {}
    now = comparing.person_side(person, [field]).values.get(field, "")
    return {
        "label": comparing.label(field), "now": comparing.shown(field, now), "now_source": items.source_label(str(said.get("from") or "")), "now_on": said.get("on") or "",
        "new": comparing.shown(field, questions.other_side(row, both)), "new_source": queries.department_of(row, both, gathers=gathers), "new_on": both["row"].get("as_of") or "",
        "may": taking.may_overrule(person, field, str(both["row"].get("department") or row.department)) if field in items.ITEMS else False,
    }


def said_sides(row: Question, both: dict[str, Any], gathers: bool) -> dict[str, Any] | None:
    """What each side says where only an act or a department settles it; nothing of level 4."""
    if asking.is_sensitive(row.code, row.field) or not (both.get("mine") or both.get("theirs")) or not row.code.startswith("conflict."):
        return None
    return {"label": _(asking.kind_of(row.code).label), "now": comparing.shown(row.field, str(both.get("mine") or "")), "now_source": "", "now_on": "",
            "new": comparing.shown(row.field, str(both.get("theirs") or "")), "new_source": queries.department_of(row, both, gathers=gathers), "new_on": both["row"].get("as_of") or "", "may": False}


@require_POST
def answer(request: StaffRequest, question: uuid.UUID) -> HttpResponse:
    """One verdict, then the next question of the list."""
    row = question_or_404(question)
    wanted = beside(request, row)
    verdict = request.POST.get("verdict", "")
    typed = {k: request.POST.get(k, "") for k in ("value", "note", "person")}
    today = timezone.localdate(request.now)
    following = queries.next_question(wanted, row, on=today)
    try:
        if verdict == "defer":
            act = questions.defer(question=row, until=today + ASK_AGAIN, by=request.me, at=request.now, note=typed["note"])
            left: tuple[uuid.UUID, ...] = ()
        else:
            person = uuid.UUID(typed["person"]) if typed["person"] else None
            done = questions.answer(question=row, verdict=verdict, person=person, value=typed["value"], note=typed["note"], confirmed=bool(request.POST.get("confirmed")), by=request.me, at=request.now)
            act, left = done.act, done.left
    except ValueError as error:
        raise Http404 from error
    except refusals.NotHere as error:
        raise Http404 from error
    except refusals.LooksAlike as refusal:
        return page(request, row, error=str(refusal), typed=typed | {"confirmed": "1"}, other=refusal.persons[0], status=422)
    except refusals.AlreadyHere as refusal:
        return page(request, row, error=str(refusal), typed=typed, other=refusal.person, status=422)
    except refusals.Refused as refusal:
        return page(request, row, error=str(refusal), typed=typed, status=422)
    if left:
        return HttpResponseRedirect(address_of(row.pk, wanted, act=str(act.pk)))
    if following is None:
        messages.success(request, _("这一栏的问题都答完了。"))
        return HttpResponseRedirect(address(wanted) + ("&" if words(wanted) else "?") + f"act={act.pk}")
    return HttpResponseRedirect(address_of(following, wanted, act=str(act.pk)))


@require_POST
def take_back(request: StaffRequest, question: uuid.UUID) -> HttpResponse:
    """The judgement ends; the question is open again."""
    row = question_or_404(question)
    try:
        questions.take_back(question=row, by=request.me, at=request.now)
    except refusals.NotHere as error:
        raise Http404 from error
    except refusals.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已撤回，问题重新待定；因这次回答写进档案的，也恢复了。"))
    return HttpResponseRedirect(address_of(row.pk, Wanted(tab=row.owner)))


@require_POST
def reveal(request: StaffRequest, question: uuid.UUID) -> HttpResponse:
    """The row's number in clear, once; a fragment for htmx, a page otherwise."""
    row = question_or_404(question)
    field = request.POST.get("field", "")
    if field not in questions.REVEALED:
        raise Http404
    context: dict[str, Any] = {"question": row, "field": field, "label": _(questions.REVEALED[field])}
    status = 200
    try:
        context["shown"] = questions.reveal(question=row, field=field, reason=request.POST.get("reason", ""), by=request.me, at=request.now)
    except refusals.NotHere as error:
        raise Http404 from error
    except refusals.NeedsReason as refusal:
        context["ask"], status = str(refusal), 422
    return render(request, "desk/gather/revealed_part.html" if request.htmx else "desk/gather/revealed.html", context, status=status)  # type: ignore[attr-defined]
