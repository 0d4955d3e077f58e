"""One act on one matter: its form, what will happen, one action, back to the matter.

Invariants: bad input and refusals answer 422 with every word typed; the version of the page goes along, so that nobody decides on
what has changed since; an act that is not open now is said so and leads back to the matter.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.models import Appointment
from minqing.access.rules.roles import DESKS, ROLES, Right
from minqing.access.scope import Me, NotAllowed
from minqing.archives.queries import plots as plot_queries
from minqing.service.actions import attachments, callbacks, deciding, handling, matters, plots, retaliation
from minqing.service.queries import files, limits, lists, suggest
from minqing.service.refusals import Missing, NotHere, Refused, Stale
from minqing.service.rules import desks, numbers, states
from minqing.service.rules.states import Role
from minqing.web.desk.matters import intake, presenting, sheets
from minqing.web.desk.matters.verbs import VERBS, verbs_of
from minqing.web.shared.middleware import StaffRequest

Do = Callable[[StaffRequest, files.File, dict[str, Any]], Any]
#: Acts after which the matter may be gone from his eyes.
LEAVING = frozenset({"hand_over", "restrict", "decide_extend", "decide_suspend", "decide_explain", "report_joint"})


def act(request: StaffRequest, matter: uuid.UUID, verb: str) -> HttpResponse:
    """The page of one act; `verb` is a word of VERBS."""
    if verb not in VERBS:
        raise Http404
    file = sheets.file_or_404(request, matter)
    back = reverse("matter-file", args=[matter])
    if verb not in verbs_of(file, request.me):
        messages.warning(request, _("现在是“%(state)s”，您这里不能%(verb)s。") % {"state": _(states.STATE_LABELS[file.state]), "verb": _(VERBS[verb].label)})
        return HttpResponseRedirect(back)
    form = form_of(request, file, verb)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                said = DO[verb](request, file, form.cleaned_data)
        except Missing as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        except Stale as problem:
            form.add_error(None, str(problem))
        except NotHere as problem:
            raise Http404 from problem
        except (Refused, NotAllowed) as problem:
            form.add_error(None, str(problem))
        else:
            if isinstance(said, HttpResponse):
                return said
            messages.success(request, said if isinstance(said, str) else _("办好了：%s。") % _(VERBS[verb].label))
            return HttpResponseRedirect(reverse("matter-list") if verb in LEAVING else back)
    v = VERBS[verb]
    context = {"bare": not form.visible_fields(), "file": file, "m": file.matter, "verb": verb, "label": _(v.label), "press": _(v.press or v.label), "button_tone": v.tone, "says": [_(s) for s in v.says], "form": form, "back": back,
               "crumbs": [(_("事情"), reverse("matter-list")), (file.matter.title, back), (_(v.label), "")], **presenting.file_context(file, request.me, most=3), **before(request, file, verb, form)}
    return render(request, "desk/matters/act.html", context, status=422 if form.errors else 200)


def form_of(request: StaffRequest, file: files.File, verb: str) -> Any:
    """The form with what may be chosen at this matter; `seen` is the version the page was made from."""
    m = file.matter
    initial: dict[str, Any] = {"seen": m.version}
    if verb in ("accept", "split"):
        initial |= {"kind": m.kind, "category": m.category} if verb == "accept" else {}
    choices: dict[str, list[Any]] = {}
    if verb in ("accept", "split"):
        choices["category"] = [("", _("先不定")), *suggest.categories(m.place_code)]
    elif verb in ("reply", "answer"):
        choices["outcome"] = files.outcomes(m.kind)
    elif verb in ("dispatch", "hand_over", "ask_return"):
        groups = suggest.desk_choices(request.me, m.place_code)
        if verb == "dispatch":
            lead = suggested(request, file)
            initial |= {"lead": lead.desk, "joint": [d for d, _n in lead.joint]} if lead else {}
            choices = {"lead": [("", _("请选择")), *groups], "joint": groups}
        elif verb == "hand_over":
            choices["desk"] = [("", _("请选择")), *([(name, [d for d in inner if len(d[0]) <= 12]) for name, inner in groups[:3]])]
        else:
            choices["suggested"] = [("", _("说不准")), *groups]
    elif verb == "assign":
        choices["staff"] = [("", _("请选择")), *at_desk(m.lead_desk, m.barred)]
    elif verb in ("restrict", "retaliation"):
        choices["accused"] = intake.colleagues(m.place_code)
    elif verb == "plot":
        choices["plot"] = found_plots(request)
    elif verb == "merge":
        choices["into"] = merge_choices(request, file)
    elif verb == "report_joint":
        choices["desk"] = [(s.where_code, s.where) for s in joint_desks(request.me, file)]
    form = VERBS[verb].form(request.POST, request.FILES, initial=initial) if request.method == "POST" else VERBS[verb].form(initial=initial)
    for name, given in choices.items():
        form.fields[name].choices = given  # type: ignore[attr-defined]
    if verb in ("restrict", "retaliation") and not choices["accused"]:
        del form.fields["accused"]
    if verb == "merge" and not choices["into"]:
        del form.fields["into"]
        form.fields["number"].label, form.fields["number"].help_text = _("并入哪一件"), _("附近没有相似的；写那一件的 10 位编号。")
    return form


def suggested(request: StaffRequest, file: files.File) -> suggest.Lead | None:
    m = file.matter
    rule = limits.rule_for(m.category, m.place_code) if m.category else None
    return suggest.lead_for(request.me, rule, m.place_code, at=request.now, kind=m.kind, urgent=m.urgency == "urgent") if rule else None


def before(request: StaffRequest, file: files.File, verb: str, form: Any) -> dict[str, Any]:
    """What must be known before pressing: the date on the order, the reason asked, what was answered."""
    m = file.matter
    if verb == "dispatch":
        rule = limits.rule_for(m.category, m.place_code) if m.category else None
        due = limits.on_dispatch(kind=m.kind, place=m.place_code, urgency=m.urgency, at=request.now, days=rule.finish_days if rule else None)
        lead = suggested(request, file)
        return {"due": due, "due_days": due.days.normalize(), "lead": lead, "rule": rule, "joint_groups": joint_groups(form)}
    if verb.startswith("decide_"):
        asked = next((e for e in reversed(file.events) if e.words), None)
        waits = next((w for w in files.waiting(request.me, at=request.now) if w.line.id == m.pk), None) if verb != "decide_return" else None
        return {"asked": asked, "waits": waits}
    if verb == "call_back":
        return {"answered": True}
    if verb == "retaliation":
        return {"to_ask": True}
    if verb == "plot":
        return {"finding": True, "find": sought(request)}
    return {}


def sought(request: StaffRequest) -> str:
    return str(request.POST.get("find") or request.GET.get("find") or "").strip()[:40]


def found_plots(request: StaffRequest) -> list[tuple[str, str]]:
    """Plots that fit what is looked for, in one line each."""
    words = sought(request)
    if len(words) < 2:
        return []
    rows = plot_queries.register(request.me, words).plots[:30]
    return [(str(p.pk), " · ".join(x for x in (p.name, f"{p.area_mu} {_('亩')}" if p.area_mu is not None else "", p.holder_name, p.code) if x)) for p in rows]


def joint_groups(form: Any) -> list[tuple[str, bool, list[tuple[str, str, bool]]]]:
    """Desks that may help, in groups: name, whether it stands open, its desks with whether they are checked."""
    chosen = {str(v) for v in form["joint"].value() or ()}
    return [(group, n == 0 or any(code in chosen for code, _name in desks), [(code, name, code in chosen) for code, name in desks]) for n, (group, desks) in enumerate(form.fields["joint"].choices)]


def at_desk(desk: str, barred: list[uuid.UUID]) -> list[tuple[str, str]]:
    """Colleagues who handle matters at a desk, without those who are barred."""
    area, unit = desks.split(desk)
    rows = Appointment.objects.filter(ends_at=None, staff__left_at=None).select_related("staff__organisation")
    rows = rows.filter(area_code=area) if unit or len(area) < 12 else rows.filter(area_code__gte=area, area_code__lt=area + ":")
    found = {}
    for a in rows:
        role = ROLES[a.role_id]
        fits = role.desk == "" if unit == "" else (role.desk == unit if unit in DESKS else role.desk == "@" and a.staff.organisation.department == unit)
        if fits and Right.MATTERS in role.rights and a.staff_id not in barred:
            found[str(a.staff_id)] = a.staff.name
    return sorted(found.items(), key=lambda pair: pair[1])


class JointDesk:
    """A joint desk of his at a matter."""

    def __init__(self, code: str, name: str) -> None:
        self.where_code, self.where = code, name


def joint_desks(me: Me, file: files.File) -> list[JointDesk]:
    codes = [s.desk_code for s in file.matter.seats.filter(role=Role.JOINT, ends_at=None) if files.my_desk(me, s.desk_code)]
    return [JointDesk(code, file.names.get(code, code)) for code in dict.fromkeys(codes)]


def merge_choices(request: StaffRequest, file: files.File) -> list[tuple[str, str]]:
    """Open matters of the village that look the same and that he sits at."""
    m = file.matter
    found = suggest.suggest_for(request.me, file.words, m.place_code, at=request.now, spot=m.spot).similar
    return [(str(s.id), f"{s.spoken} · {s.title} · {s.state} · {s.why}") for s in found if s.id != m.pk and s.open]


# --- the actions -------------------------------------------------------------------------------------------------------


def _yes(given: dict[str, Any], key: str) -> bool:
    return given.get(key) == "1"


def _plain(action: Callable[..., Any], *fields: str) -> Do:
    """An action that takes the form's fields as they are."""

    def do(request: StaffRequest, file: files.File, given: dict[str, Any]) -> Any:
        return action(matter=file.matter, by=request.me, at=request.now, seen=given["seen"], **{name: given[name] for name in fields})

    return do


def _unseen(action: Callable[..., Any], *fields: str) -> Do:
    def do(request: StaffRequest, file: files.File, given: dict[str, Any]) -> Any:
        return action(matter=file.matter, by=request.me, at=request.now, **{name: given[name] for name in fields})

    return do


def _decide(action: Callable[..., Any]) -> Do:
    def do(request: StaffRequest, file: files.File, given: dict[str, Any]) -> Any:
        return action(matter=file.matter, grant=_yes(given, "grant"), words=given["words"], by=request.me, at=request.now, seen=given["seen"])

    return do


def _dispatch(request: StaffRequest, file: files.File, given: dict[str, Any]) -> str:
    row = matters.dispatch(matter=file.matter, lead=given["lead"], joint=tuple(given["joint"]), words=given["words"], by=request.me, at=request.now, seen=given["seen"])
    return _("已派给%(who)s，%(when)s前答复。") % {"who": matters.desk_name(given["lead"]), "when": files.told_on(row.due_at)}


def _contact(request: StaffRequest, file: files.File, given: dict[str, Any]) -> str:
    handling.contact(matter=file.matter, how=given["how"], reached=_yes(given, "reached"), words=given["words"], by=request.me, at=request.now)
    return _("已记下这次联系。")


def _reply(request: StaffRequest, file: files.File, given: dict[str, Any]) -> str:
    kept = attachments.check(attachments.Given(f.name, f.read()) for f in given["photos"])
    if kept:
        attachments.add(matter=file.matter, files=kept, by=request.me, at=request.now, result=True, remember=False)
    handling.reply(matter=file.matter, words=given["words"], outcome=given["outcome"], cost=given["cost"], by=request.me, at=request.now, seen=given["seen"])
    return _("已答复，等另一位同事回访。")


def _call_back(request: StaffRequest, file: files.File, given: dict[str, Any]) -> str:
    told = None if given["told"] == "" else _yes(given, "told")
    row = callbacks.call_back(matter=file.matter, channel=given["channel"], reached=_yes(given, "reached"), solved=given["solved"], satisfied=given["satisfied"], told_that_day=told if _yes(given, "reached") else None,
                              words=given["words"], by=request.me, at=request.now, seen=given["seen"])
    return _("已记下回访，现在是“%s”。") % _(states.STATE_LABELS[states.State(row.state)])


def _merge(request: StaffRequest, file: files.File, given: dict[str, Any]) -> str:
    into = uuid.UUID(given["into"]) if given.get("into") else lists.find_number(request.me, given["number"]) if given["number"] else None
    if into is None:
        raise Missing("number", _("请选一件，或写对编号（10 位数字，如 26 0000 4218）；不在您这里的事不能并。"))
    matters.merge(matter=file.matter, into=into, by=request.me, at=request.now, seen=given["seen"])
    return _("已并单，办完分别答复。")


def _split(request: StaffRequest, file: files.File, given: dict[str, Any]) -> str:
    opened = matters.split(matter=file.matter, words=given["words"], kind=given["kind"], category=given["category"], by=request.me, at=request.now)
    return _("已拆出一件，编号 %(number)s，口令 %(word)s，请告诉本人。") % {"number": numbers.spoken(opened.matter.number), "word": opened.word}


def _attach(request: StaffRequest, file: files.File, given: dict[str, Any]) -> str:
    kept = attachments.check(attachments.Given(f.name, f.read()) for f in given["photos"])
    if not kept:
        raise Missing("photos", _("请选照片或材料。"))
    attachments.add(matter=file.matter, files=kept, by=request.me, at=request.now)
    return _("已添 %d 个附件。") % len(kept)


def _restrict(request: StaffRequest, file: files.File, given: dict[str, Any]) -> str:
    matters.restrict(matter=file.matter, accused=tuple(uuid.UUID(a) for a in given.get("accused") or ()), by=request.me, at=request.now)
    return _("已转纪检专员，您这里不再看到。")


def _retaliation(request: StaffRequest, file: files.File, given: dict[str, Any]) -> Any:
    opened = retaliation.answer(matter=file.matter, said=given["said"], how=given["how"], words=given["words"], accused=tuple(uuid.UUID(a) for a in given.get("accused") or ()), by=request.me, at=request.now)
    return intake.receipt_of_opened(request, opened) if opened else _("记下了。")


def _plot(request: StaffRequest, file: files.File, given: dict[str, Any]) -> str:
    plots.link(matter=file.matter, plot=uuid.UUID(given["plot"]), by=request.me, at=request.now)
    return _("已关联，从这块地也能找到这件事。")


@require_POST
def plot_off(request: StaffRequest, matter: uuid.UUID, plot: uuid.UUID) -> HttpResponse:
    """It was another plot."""
    try:
        plots.unlink(matter=sheets.file_or_404(request, matter).matter, plot=plot, by=request.me, at=request.now)
    except NotHere as problem:
        raise Http404 from problem
    except Refused as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("已取消关联。"))
    return HttpResponseRedirect(reverse("matter-file", args=[matter]))


def _assign(request: StaffRequest, file: files.File, given: dict[str, Any]) -> Any:
    return handling.assign(matter=file.matter, staff=uuid.UUID(given["staff"]), by=request.me, at=request.now)


DO: dict[str, Do] = {
    "accept": _plain(matters.accept, "kind", "category"), "reject": _plain(matters.reject, "reason", "words"), "transfer": _plain(matters.transfer, "to", "words", "pointer"), "hand_over": _plain(matters.hand_over, "desk", "words"),
    "answer": _plain(matters.answer, "words", "outcome"), "dispatch": _dispatch, "sign": _plain(handling.sign), "contact": _contact, "ask_return": _plain(handling.ask_return, "words", "basis", "suggested"),
    "decide_return": _decide(deciding.decide_return), "ask_extend": _plain(handling.ask_extend, "days", "words"), "decide_extend": _decide(deciding.decide_extend), "ask_suspend": _plain(handling.ask_suspend, "why", "review_on", "words"),
    "decide_suspend": _decide(deciding.decide_suspend), "resume": _plain(handling.resume, "words"), "reply": _reply, "report_joint": _unseen(handling.report_joint, "desk", "words"), "assign": _assign, "call_back": _call_back,
    "decide_explain": _decide(deciding.decide_explain), "reopen": _plain(callbacks.reopen, "words"), "merge": _merge, "split": _split, "withdraw": _plain(matters.withdraw, "words"), "restrict": _restrict, "attach": _attach, "retaliation": _retaliation, "plot": _plot,
}
