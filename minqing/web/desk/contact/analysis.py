"""村情民情分析: the months, one month with its sentences, figures and decisions, on paper and for Word.

Invariants: what a sentence rests on opens as an ordinary list, with the reader's own eyes; who reads the signed one for its figures gets no such link; page,
PDF and Word say the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.contact.actions import analysis as acts
from minqing.contact.models import Decision, DecisionWord, Finding
from minqing.contact.queries import analysis as queries
from minqing.contact.rules import analysis as rules
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.matters import charts
from minqing.web.desk.matters.lists import row as matter_row
from minqing.web.desk.things.asking import answer as ask_answer
from minqing.web.desk.things.asking import at_once, text_field, words_field
from minqing.web.desk.things.work import Waiting
from minqing.web.desk.volunteers.parts import choice_field, date_field, sure
from minqing.web.shared import printing, word
from minqing.web.shared.middleware import StaffRequest

TABLE_LABEL, TABLE_MONTH = 38.0, 41.0


def waiting(me: Me, on: date) -> list[Waiting]:
    """For the work desk: drafts to be looked at, decisions without a last word."""
    rows = queries.waiting(me, on)
    url = reverse("analysis-list")
    return [] if not rows else [
        Waiting(rows["unsigned"], _now("%s 份村情分析等您看过签发"), _now("村情分析"), "och", url, _now("去看"), _now("草稿是照数字写的，改成自己的话，写下决定再签")),
        Waiting(rows["decisions"], _now("%s 条决定到了日子还没有下文"), _now("决定"), "cin", url, _now("去写")),
    ]


# --- reading ----------------------------------------------------------------------------------------------------------------------


def listing(request: StaffRequest) -> HttpResponse:
    """Months, newest first; begin one."""
    me = request.me
    places = queries.places_of(me)
    if not places and not queries.reads_of(me):
        raise NotAllowed(_now("您的任职不看村情民情分析。"))
    rows, names = queries.listed(me)
    kept = set(queries.keeps_of(me))
    today = timezone.localdate(request.now)
    standing = {(r.area_code, r.month) for r in rows}
    months = [queries.month_after(today.replace(day=1), -n) for n in range(13)]
    lacking = [(code, m) for code in places for m in months if (code, m) not in standing][:26]
    context = {
        "rows": [{"a": r, "url": reverse("analysis", args=[r.pk]), "name": names.get(r.area_code, r.area_code), "month": month_name(r.month), "mine": r.area_code in kept} for r in rows],
        "lacking": [{"value": f"{code}:{m:%Y-%m}", "label": f"{names.get(code, code)} · {month_name(m)}", "current": m == months[1]} for code, m in lacking], "keeps": bool(places),
    }
    return render(request, "desk/contact/analysis_list.html", context)


def month_name(month: date) -> str:
    return _now("%(y)s年%(m)s月") % {"y": month.year, "m": month.month}


def paper_or_404(request: StaffRequest, pk: uuid.UUID) -> queries.Paper:
    found = queries.paper(request.me, pk, on=timezone.localdate(request.now))
    if found is None:
        raise Http404
    return found


def page(request: StaffRequest, analysis: uuid.UUID) -> HttpResponse:
    """One month whole."""
    paper = paper_or_404(request, analysis)
    looks = paper.mine or request.me.holds(Right.MATTERS)
    context = {
        "p": paper, "a": paper.a, "open": paper.mine and paper.a.signed_at is None, "may_tell": paper.mine, "month": month_name(paper.a.month),
        "sections": [(key, _now(label), [{"x": x, "rows": rows_url(x.f, paper.a.area_code) if looks else ""} for x in lines]) for key, label, lines in (paper.sections if paper.mine else paper.printed)],
        "chart": chart_of(paper), "table": paper.a.figures, "crumbs": crumbs(paper), "numbers_only": paper.mine and paper.a.read_by is None and len(paper.a.area_code) == queries.VILLAGE,
        "over": paper.a.month < timezone.localdate(request.now).replace(day=1), "earlier": [(c, month_name(c.month)) for c in paper.earlier if c.month],
    }
    return render(request, "desk/contact/analysis.html", context)


def crumbs(paper: queries.Paper, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_now("村情分析"), reverse("analysis-list")), (f"{paper.area.short_name} {month_name(paper.a.month)}", reverse("analysis", args=[paper.a.pk]) if more else ""), *more]


def chart_of(paper: queries.Paper) -> charts.Chart | None:
    kinds = paper.a.figures.get("kinds") or []
    return charts.bars([(label, n) for label, n in kinds], _now("各种类件数"), few=f"<{rules.LEAST}") if any(n is not None for _label, n in kinds) else None


def rows_url(f: Finding, area: str) -> str:
    """The list on which a sentence rests, "" for none."""
    given = dict(f.rows)
    which = given.pop("list", "")
    if which == "matters":
        return reverse("matter-list") + "?" + urlencode({"view": "all", "place": area, **given})
    if which == "doors":
        return reverse("visit-due") + "?" + urlencode({"place": area, **given})
    if which == "offers":
        return reverse("policy-list")
    return reverse("analysis-rows", args=[f.pk]) if which == "pointers" else ""


def rows(request: StaffRequest, finding: uuid.UUID) -> HttpResponse:
    """The matters that a sentence points to: those the reader sees today."""
    f = Finding.objects.filter(pk=finding).first()
    if f is None or f.rows.get("list") != "pointers":
        raise Http404
    paper = paper_or_404(request, f.analysis_id)
    lines = queries.pointed(request.me, f.rows.get("ids", []), at=request.now)
    audit.record("analysis.open", detail={"area": f.area_code, "finding": str(f.pk), "rows": len(lines)})
    context = {"line": queries.line_of(f), "rows": [matter_row(x, {}, {}, "") | {"file": reverse("matter-file", args=[x.id])} for x in lines], "n": len(f.rows.get("ids", [])), "crumbs": crumbs(paper, (_now("依据"), ""))}
    return render(request, "desk/contact/analysis_rows.html", context)


# --- writing ----------------------------------------------------------------------------------------------------------------------


@require_POST
def begin(request: StaffRequest) -> HttpResponse:
    """Draft a month, or draft it anew."""
    area, _colon, month = request.POST.get("which", "").partition(":")
    target = [reverse("analysis-list")]

    def do() -> str:
        try:
            first = date.fromisoformat(f"{month}-01")
        except ValueError:
            raise acts.Refused(_now("请选哪个村、哪个月。")) from None
        row = acts.draft(area=area, month=first, by=request.me, at=request.now)
        target[0] = reverse("analysis", args=[row.pk])
        return _now("照现在的数字起草好了，您改过的话没有动。")

    answer = at_once(request, do, "")
    answer["Location"] = target[0]
    return answer


class WordsForm(forms.Form):
    words = words_field(_("这一句"), rows=4, most=acts.MOST_WORDS, required=False, help_text=_("不写姓名、门牌。清空就恢复起草的话。"))
    version = forms.IntegerField(widget=forms.HiddenInput)


def write(request: StaffRequest, finding: uuid.UUID) -> HttpResponse:
    """One sentence in one's own words; what was drafted stands beside it."""
    f = Finding.objects.filter(pk=finding).first()
    paper = queries.paper(request.me, f.analysis_id, on=timezone.localdate(request.now)) if f is not None else None
    if f is None or paper is None or not paper.mine or paper.a.signed_at is not None:
        raise Http404
    line = queries.line_of(f)
    form = WordsForm(request.POST or None, initial={"words": line.text, "version": f.version})
    if not f.key:
        form.fields["words"].help_text = _now("不写姓名、门牌。")
    says = [_now("起草的话：%s") % (f.drafted or _now("现在的数字已经写不出这一句"))] if f.key else []
    if line.moved:
        says.insert(0, _now("您写的时候，起草的话是：%s") % f.base)
    back = reverse("analysis", args=[paper.a.pk])

    def do(d: dict[str, Any]) -> str:
        try:
            acts.write(finding=finding, words=d["words"], version=d["version"], by=request.me, at=request.now)
        except acts.Changed:
            form.data = form.data.copy()  # type: ignore[union-attr]
            form.data["version"] = str(f.version)  # seen now: sent again it stands
            raise
        return back + f"#f{finding}"

    return ask_answer(request, Ask(title=_now("改写一句"), ok=_now("存好"), back=back, says=says, crumbs=crumbs(paper, (_now("改写"), ""))), form, do)


@require_POST
def strike(request: StaffRequest, finding: uuid.UUID) -> HttpResponse:
    """Leave it out, or take it in again."""
    f = Finding.objects.filter(pk=finding).first()
    if f is None:
        raise Http404
    struck = request.POST.get("struck") == "1"
    version = request.POST.get("version", "")

    def do() -> str:
        acts.strike(finding=finding, struck=struck, version=int(version) if version.isdigit() else 0, by=request.me, at=request.now)
        return ""

    return at_once(request, do, reverse("analysis", args=[f.analysis_id]) + f"#f{finding}")


class AddForm(forms.Form):
    section = choice_field(_("放在哪一段"), [(k, _(v)) for k, v in rules.SECTIONS.items()])
    words = words_field(_("一句话"), rows=4, most=acts.MOST_WORDS, help_text=_("不写姓名、门牌。"))


class DecideForm(forms.Form):
    what = words_field(_("做什么"), rows=3, most=acts.MOST_WHAT)
    who = text_field(_("谁来做"), most=acts.MOST_WHO, help_text=_("写岗位或工作人员，不写群众。"))
    due_on = date_field(_("哪天前做好"))


class TellForm(forms.Form):
    state = forms.ChoiceField(label=_("怎么样了"), choices=[(k, _(v)) for k, v in DecisionWord.STATES], widget=forms.RadioSelect)
    words = words_field(_("一句话"), rows=3, most=acts.MOST_WORDS, help_text=_("办到哪一步，下面怎么走。"))


def _act(request: StaffRequest, pk: uuid.UUID, form: forms.Form, title: str, ok: str, says: list[str], do: Callable[[dict[str, Any]], Any], said: str, *, signed: bool = False) -> HttpResponse:
    """A form of one analysis, back on its page when done."""
    paper = paper_or_404(request, pk)
    if not paper.mine or (paper.a.signed_at is not None) != signed:
        raise Http404
    back = reverse("analysis", args=[pk])

    def act(d: dict[str, Any]) -> str:
        do(d)
        messages.success(request, said)
        return back

    return ask_answer(request, Ask(title=title, ok=ok, back=back, says=says, crumbs=crumbs(paper, (title, ""))), form, act)


def add(request: StaffRequest, analysis: uuid.UUID) -> HttpResponse:
    form = AddForm(request.POST or None, initial={"section": "own"})
    return _act(request, analysis, form, _now("加一句"), _now("加上"), [], lambda d: acts.add(analysis=analysis, words=d["words"], section=d["section"], by=request.me, at=request.now), _now("加上了。"))


def decide(request: StaffRequest, analysis: uuid.UUID) -> HttpResponse:
    form = DecideForm(request.POST or None)
    return _act(request, analysis, form, _now("写一条决定"), _now("写下"), [_now("下个月的分析会问它办得怎样。")],
                lambda d: acts.decide(analysis=analysis, what=d["what"], who=d["who"], due_on=d["due_on"], by=request.me, at=request.now), _now("写下了。"))


def sign(request: StaffRequest, analysis: uuid.UUID) -> HttpResponse:
    says = [_now("签发后不再改动，乡镇看得到这一份。"), _now("决定的下文以后还可以写。")]
    return _act(request, analysis, sure(request), _now("签发"), _now("签发"), says, lambda d: acts.sign(analysis=analysis, by=request.me, at=request.now), _now("签发了，可以打印。"))


def tell(request: StaffRequest, decision: uuid.UUID) -> HttpResponse:
    """What became of a decision."""
    d = decision_or_404(decision)
    form = TellForm(request.POST or None, initial={"state": "open"})
    return _act(request, d.analysis_id, form, _now("决定的下文"), _now("记下"), [str(queries.choice(d, [], {}, d.due_on).what)],
                lambda given: acts.tell(decision=decision, state=given["state"], words=given["words"], by=request.me, at=request.now), _now("记下了。"), signed=True)


@require_POST
def withdraw(request: StaffRequest, decision: uuid.UUID) -> HttpResponse:
    d = decision_or_404(decision)

    def do() -> str:
        acts.withdraw(decision=decision, by=request.me, at=request.now)
        return _now("撤下了。")

    return at_once(request, do, reverse("analysis", args=[d.analysis_id]))


def decision_or_404(pk: uuid.UUID) -> Decision:
    d = Decision.objects.select_related("analysis").filter(pk=pk, withdrawn_at=None).first()
    if d is None:
        raise Http404
    return d


# --- paper ------------------------------------------------------------------------------------------------------------------------


def content(request: StaffRequest, pk: uuid.UUID, kind: str) -> queries.Paper:
    paper = paper_or_404(request, pk)
    audit.record("analysis.print", detail={"area": paper.a.area_code, "month": f"{paper.a.month:%Y-%m}", "as": kind})
    return paper


def numbered(paper: queries.Paper) -> list[tuple[str, list[str]]]:
    """Headings 一、二、 with the sentences under each; page and Word print these."""
    return [(f"{NUMERALS[n]}、{label}", [x.text for x in lines]) for n, (_key, label, lines) in enumerate(paper.printed)]


NUMERALS = "一二三四五六七八九十"


def decided(paper: queries.Paper) -> list[list[str]]:
    return [[str(n), c.what, c.who, f"{c.d.due_on.year}年{c.d.due_on.month}月{c.d.due_on.day}日"] for n, c in enumerate(paper.decisions, start=1)]


def signed_day(paper: queries.Paper) -> str:
    on = timezone.localdate(paper.a.signed_at) if paper.a.signed_at else None
    return f"{on.year}年{on.month}月{on.day}日" if on else ""


def pdf(request: StaffRequest, analysis: uuid.UUID) -> HttpResponse:
    paper = content(request, analysis, "pdf")
    found = printing.pdf("desk/print/analysis.html", {
        **printing.frame(request.me, request.now), "p": paper, "parts": numbered(paper), "decisions": decided(paper), "table": paper.a.figures, "chart": chart_of(paper), "signed_on": signed_day(paper),
        "next": NUMERALS[len(paper.printed)],
    })
    return as_pdf(found, f"analysis-{paper.a.area_code}-{paper.a.month:%Y-%m}")


def docx(request: StaffRequest, analysis: uuid.UUID) -> HttpResponse:
    """The same for Word; the chart's numbers as a table."""
    paper = content(request, analysis, "docx")
    file = word.Word(title=paper.title, margins=(37, 26, 35, 28))
    file.paragraph(paper.title, size=22, face=word.TITLE, centre=True, line=32)
    file.paragraph(_now("签发：%(who)s　%(on)s") % {"who": paper.signer, "on": signed_day(paper)} if paper.a.signed_at else _now("（草稿，未签发）"), size=14, face=word.TEXT, centre=True, line=28)
    file.paragraph(size=10.5)
    table = paper.a.figures
    if table.get("rows"):
        file.table([["", *table["months"]], *table["rows"]], (TABLE_LABEL, *[TABLE_MONTH - 1] * 3), size=12)
        file.paragraph(size=10.5)
    for heading, sentences in numbered(paper):
        file.paragraph(heading, size=16, face=word.HEAD, indent=True, line=28)
        for text in sentences:
            file.paragraph(text, size=16, face=word.TEXT, indent=True, line=28)
    if any(n is not None for _label, n in table.get("kinds", [])):
        file.paragraph(size=10.5)
        file.table([[_now("种类"), _now("件")], *[[label, f"<{rules.LEAST}" if n is None else str(n)] for label, n in table["kinds"]]], (60, 30), size=12)
        file.paragraph(size=10.5)
    if paper.decisions:
        file.paragraph(f"{NUMERALS[len(paper.printed)]}、{_now('决定')}", size=16, face=word.HEAD, indent=True, line=28)
        file.table([[_now("序"), _now("做什么"), _now("谁来做"), _now("哪天前做好")], *decided(paper)], (12, 74, 34, 36), size=12)
    file.paragraph()
    file.paragraph(_now("数字不足 10 件的不写；不含涉及工作人员的反映。"), size=9, grey=True)
    return file.answer(f"analysis-{paper.a.area_code}-{paper.a.month:%Y-%m}")
