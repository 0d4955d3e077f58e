"""Two files that may be one person: who could it be, both side by side, one judgement; and taking one back.

Invariants: both files stand in the caller's scope or the page does not exist; numbers are shown masked; what stands against
joining is said before the form, with what to do first; level 4 is not shown, only that it would follow.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access import queries as access_queries
from minqing.access.actions import audit
from minqing.archives import queries
from minqing.archives.actions import acts, joining
from minqing.archives.models import Household, Membership, Resident, SamePerson
from minqing.archives.rules import items
from minqing.web.desk.archives import choosing, forms, presenting
from minqing.web.desk.archives.answering import Ask, answer, extra
from minqing.web.desk.archives.choosing import household_of, person_or_404
from minqing.web.desk.archives.resident_acts import ask, file_url
from minqing.web.desk.archives.residents import file_of
from minqing.web.shared.middleware import StaffRequest


def candidates(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    """Files of the same name and birth date, and a search for any other."""
    p = person_or_404(person)
    alike = queries.namesakes(p)
    homes = {m.person_id: m.household for m in Membership.objects.filter(person__in=alike, ends_on=None, voided_at=None).select_related("household").order_by("by")}
    proposed = [{"name": r.name, "words": about(r, homes.get(r.pk)), "url": pair_url(p, r)} for r in alike]
    found = [{"name": words, "words": "", "url": reverse("resident-same-pair", kwargs={"person": p.pk, "other": number})} for number, words in choosing.found_people(request, p.pk)]
    joined = [{"words": str(j.why), "who": named(j), "at": j.at, "url": reverse("resident-part", kwargs={"judgement": j.pk})} for j in joining.parts_of(p.pk)]
    page = ask(p, _("是不是同一个人"), _("并排看"))
    context = {"page": page, "p": p, "proposed": proposed, "people": found, "joined": joined, **choosing.context(request, "person", [(f["url"], f["name"]) for f in found])}
    return render(request, "desk/archives/same.html", context)


def about(p: Resident, home: Household | None) -> str:
    """A line that tells namesakes apart: number, birth date, household."""
    words = [mask(p), presenting.written(p.birth_date), choosing.described(home) if home else _("不在任何一户")]
    return " · ".join(w for w in words if w)


def mask(p: Resident) -> str:
    return f"{p.id_tail[:4]}…{p.id_tail[4:]}" if p.id_tail else _("没有号码")


def named(judged: SamePerson) -> str:
    return acts.name_of(judged.by) or _("别人")


def pair_url(one: Resident, other: Resident) -> str:
    return reverse("resident-same-pair", kwargs={"person": one.pk, "other": other.pk})


def pair(request: StaffRequest, person: uuid.UUID, other: uuid.UUID) -> HttpResponse:
    """Both files side by side; the one of the address is kept unless the other is chosen."""
    p, o = person_or_404(person), person_or_404(other)
    if p.pk == o.pk:
        return HttpResponseRedirect(reverse("resident-same", kwargs={"person": p.pk}))
    audit.record("person.compare", persons=[p.pk, o.pk])
    form = forms.SameForm(request.POST or None, kept=[(str(p.pk), _("留下左边这份（%s）") % mask(p)), (str(o.pk), _("留下右边这份（%s）") % mask(o))])
    judged = [{"verdict": _(j.get_verdict_display()), "why": j.why, "who": named(j), "at": j.at, "url": reverse("resident-part", kwargs={"judgement": j.pk})} for j in joining.between(p.pk, o.pk)]
    more = {"p": p, "o": o, "rows": compared(file_of(request, p.pk), file_of(request, o.pk)), "against": joining.why_not(p, o), "judged": judged, "left_note": about(p, household_of(p)), "right_note": about(o, household_of(o))}
    page = ask(p, _("并排看两份档案"), _("定下来"), more=more, template="desk/archives/same_pair.html")

    def do(data: dict[str, Any]) -> str:
        if data["verdict"] != "same":
            joining.judge(one=p, other=o, verdict=data["verdict"], why=data["why"], by=request.me, at=request.now)
            return file_url(p)
        kept, goes = (o, p) if data["kept"] == str(o.pk) else (p, o)
        joining.join(kept=kept, other=goes, why=data["why"], by=request.me, at=request.now, confirmed=bool(extra(request, "confirmed")))
        return file_url(kept)

    return answer(request, page, form, do)


def compared(left: Any, right: Any) -> list[dict[str, str]]:
    """One row per item that either file holds, numbers masked."""
    theirs = {line.field: line for line in right.fields}
    rows = []
    for line in left.fields:
        mine, other = shown(line, left), shown(theirs[line.field], right)
        if mine or other:
            verdict = "same" if mine == other else "missing" if not (mine and other) else "differs"
            rows.append({"label": _(items.ITEMS[line.field].label), "left": mine, "right": other, "verdict": verdict, "reason": ""})
    for label, words in ((_("在哪一户"), homes), (_("家人"), kin), (_("看得到的网格"), places)):
        mine, other = words(left), words(right)
        rows.append({"label": label, "left": mine, "right": other, "verdict": "same" if mine == other else "differs", "reason": ""})
    names = access_queries.full_names([r[s] for r in rows for s in ("left", "right") if r[s].isdigit() and len(r[s]) in (6, 9, 12)])
    return [{**r, "left": names.get(r["left"], r["left"]), "right": names.get(r["right"], r["right"])} for r in rows]


MASKED = {"id_number": "masked_id", "phone": "masked_phone", "emergency_phone": "masked_emergency"}


def shown(line: Any, file: Any) -> str:
    if line.field in MASKED:
        return str(getattr(file, MASKED[line.field], "") or "")
    return str(presenting.value(line, change_url="", history_url="")["value"] or "")


def homes(file: Any) -> str:
    return "、".join(f"{m.number} {m.relation_label}" for m in file.memberships if m.current) or _("不在任何一户")


def kin(file: Any) -> str:
    return "、".join(f"{k.name}（{k.relation_label}）" for k in [*file.kin, *file.far]) or "—"


def places(file: Any) -> str:
    return "、".join(pl.grid_name for pl in file.placements) or "—"


def part(request: StaffRequest, judgement: uuid.UUID) -> HttpResponse:
    """Take a judgement back, at any time: joined files part again."""
    row = SamePerson.objects.filter(pk=judgement, ended_at=None).first()
    kept = person_or_404(row.kept_id if row else uuid.UUID(int=0))
    words = _("两份档案分开，各自拿回原来的成员、亲属、住房、待遇、陈述和号码；判定之后新记在留下那份的，不动。") if row and row.verdict == "same" else _("这两份档案以后还会被提出来核对。")
    day = f"{timezone.localtime(row.at):%Y-%m-%d}" if row else ""
    says = (_("%(who)s %(day)s 判定：%(words)s（%(why)s）") % {"who": named(row), "day": day, "words": _(row.get_verdict_display()), "why": row.why} if row else "", words)
    page: Ask = ask(kept, _("撤回判定"), _("撤回判定"), *says, tone="danger")

    def do(data: dict[str, Any]) -> str:
        return file_url(joining.take_back(judgement=judgement, why=data["why"], by=request.me, at=request.now))

    return answer(request, page, forms.WhyForm(request.POST or None), do)
