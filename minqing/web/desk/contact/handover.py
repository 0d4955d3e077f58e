"""网格交接: the booklet of a grid on the screen and on paper, and the record that two people tick and sign.

Invariants: the booklet is shown to whoever opens the grid's files, as they stand today; the record is shown to the two also when one has gone, without
the booklet.
"""

from __future__ import annotations

import uuid
from typing import Any

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
from minqing.access.models import Area
from minqing.access.scope import Me, NotAllowed
from minqing.contact.actions import handover as acts
from minqing.contact.models import Handover
from minqing.contact.queries import handover as queries
from minqing.contact.rules import handover as rules
from minqing.web.desk.archives import reads
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.matters import presenting
from minqing.web.desk.things.asking import answer, at_once, text_field, words_field
from minqing.web.desk.things.work import Waiting
from minqing.web.desk.volunteers.parts import choice_field, sure
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest

TABS = (("families", _("住在这里的")), ("open", _("没办完的")), ("help", _("谁在帮忙")))
TONES = {"open": "och", "given": "och", "done": "bam", "dropped": ""}


def waiting(me: Me) -> list[Waiting]:
    """For the work desk: a handover that waits for his own yes."""
    return [Waiting(queries.waiting(me), _now("%s 次网格交接等您签"), _now("交接"), "cin", reverse("handover-list"), _now("去看"))] if me.posts else []


def listing(request: StaffRequest) -> HttpResponse:
    """Handovers that he sees, and the grids whose booklet he may open."""
    me = request.me
    rows, places, names = queries.standing(me)
    grids = own_grids(me)
    if not rows and not grids and not queries.manages(me):
        raise NotAllowed(_now("您的任职不交接网格。"))
    context = {
        "rows": [{"h": h, "url": reverse("handover", args=[h.pk]), "place": places.get(h.area_code, h.area_code), "giver": names.get(h.giver, "") if h.giver else _now("没有前任"), "taker": names.get(h.taker, ""),
                  "state": _now(queries.STATES[state_of(h)]), "tone": TONES[state_of(h)]} for h in rows],
        "grids": [{"a": a, "opens": opens} for a, opens in grids],
    }
    return render(request, "desk/contact/handovers.html", context)


def state_of(h: Handover) -> str:
    return "dropped" if h.cancelled_at else "done" if h.took_at else "given" if h.gave_at else "open"


def own_grids(me: Me) -> list[tuple[Area, bool]]:
    """(grid, whether he opens its files) of his own villages and grids. At most a statement for each village."""
    found: dict[str, tuple[Area, bool]] = {}
    files = me.codes
    for code in sorted({*(c for c in files if len(c) >= 12), *(c for c in queries.manages(me) if len(c) == 12)})[:6]:
        for a in reads.grids_under(code[:12]):
            if a.code.startswith(code) and a.code not in found and not a.code.endswith("000"):
                found[a.code] = (a, any(a.code.startswith(c) for c in files))
    return [found[c] for c in sorted(found)]


def grid_or_404(request: StaffRequest, grid: str) -> Area:
    area = Area.objects.filter(pk=grid, level="grid").first()
    if area is None or not any(grid.startswith(c) for c in request.me.codes):
        raise Http404
    return area


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_now("网格交接"), reverse("handover-list")), *more]


def booklet(request: StaffRequest, grid: str) -> HttpResponse:
    """The grid's booklet, a part at a time."""
    area, me = grid_or_404(request, grid), request.me
    tab = request.GET.get("tab", "families")
    on = timezone.localdate(request.now)
    context: dict[str, Any] = {"area": area, "crumbs": crumbs((area.short_name, "")), "tab": tab if tab in dict(TABS) else "families",
                               "tabs": [{"label": label, "url": f"{reverse('handover-grid', args=[grid])}?tab={key}", "current": key == tab} for key, label in TABS]}
    if context["tab"] == "open":
        context |= {"work": queries.open_work(me, grid, at=request.now), "tone": presenting.tone}
        context["matters"] = [{"m": m, "tone": presenting.tone(m.state)} for m in context["work"].matters]
    elif context["tab"] == "help":
        context["helps"] = queries.helps(me, grid, on=on)
    else:
        with audit.together():
            found = queries.families(me, grid, on=on)
        chosen = request.GET.get("hamlet", found[0].name if found else "")
        context |= {"hamlets": [{"h": h, "current": h.name == chosen} for h in found], "shown": next((h for h in found if h.name == chosen), found[0] if found else None), "sums": sums(found)}
    return render(request, "desk/contact/booklet.html", context)


def sums(found: list[queries.Hamlet]) -> dict[str, int]:
    return {"homes": sum(len(h.homes) for h in found), "members": sum(h.members for h in found), "home": sum(h.home for h in found)}


def booklet_pdf(request: StaffRequest, grid: str) -> HttpResponse:
    """All of it on paper, the record at its end."""
    area, me, on = grid_or_404(request, grid), request.me, timezone.localdate(request.now)
    with audit.together():
        found = queries.families(me, grid, on=on, what="handover.print")
        latest = Handover.objects.filter(area_code=grid, cancelled_at=None).order_by("-made_at").first()
        context = {
            **printing.frame(me, request.now), "area": area, "title": printing.place_name(area), "hamlets": found, "sums": sums(found), "work": queries.open_work(me, grid, at=request.now), "helps": queries.helps(me, grid, on=on),
            "record": queries.record_of(latest) if latest is not None else None, "items": rules.ITEMS,
        }
    return as_pdf(printing.pdf("desk/print/handover.html", context), f"handover-{grid}")


class BeginForm(forms.Form):
    giver = choice_field(_("谁交出"), [], required=False, empty=_("没有前任"))
    taker = choice_field(_("谁接手"), [])

    def __init__(self, *args: Any, now: list[tuple[str, str]], lately: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["giver"].choices = [("", _("没有前任")), *lately]  # type: ignore[attr-defined]
        self.fields["taker"].choices = [("", _("请选择")), *now]  # type: ignore[attr-defined]


def begin(request: StaffRequest, grid: str) -> HttpResponse:
    """Who hands this grid to whom."""
    me = request.me
    area = Area.objects.filter(pk=grid, level="grid", closed_on=None).first()
    if area is None or not any(grid.startswith(c) for c in {*me.codes, *queries.manages(me)}):
        raise Http404
    now, lately = queries.officers(grid, at=request.now)
    form = BeginForm(request.POST or None, now=now, lately=lately, initial={"taker": str(me.id) if str(me.id) in dict(now) else now[0][0] if len(now) == 1 else ""})

    def do(d: dict[str, Any]) -> str:
        row = acts.begin(area=grid, giver=uuid.UUID(d["giver"]) if d["giver"] else None, taker=uuid.UUID(d["taker"]), by=me, at=request.now)
        messages.success(request, _now("交接单开好了，两个人各点各的。"))
        return reverse("handover", args=[row.pk])

    says = [_now("交接单照惯例列好，可以再添。"), _now("每一样，交出的点“交”，接手的点“接”；都点过，交出的先签，接手的后签。"), _now("住户、没办完的事都在档案里，这里不另抄一份。")]
    if not now:
        says.insert(0, _now("这个网格现在没有网格员，先在“人员与岗位”里任命接手的人。"))
    return answer(request, Ask(title=_now("开始交接 %s") % area.short_name, ok=_now("开始"), back=reverse("handover-list"), says=says, crumbs=crumbs((_now("开始交接"), ""))), form, do)


def found_or_404(request: StaffRequest, pk: uuid.UUID) -> queries.Record:
    r = queries.record(request.me, pk)
    if r is None:
        raise Http404
    return r


def page(request: StaffRequest, handover: uuid.UUID) -> HttpResponse:
    """The record: what is ticked, what is signed, what comes next."""
    me, r = request.me, found_or_404(request, handover)
    gives, takes = r.h.giver == me.id, r.h.taker == me.id
    stands_in = not gives and not takes and any(r.h.area_code.startswith(c) for c in queries.manages(me))
    opens = any(r.h.area_code.startswith(c) for c in me.codes)
    context = {
        "r": r, "h": r.h, "gives": (gives or stands_in) and r.state == "open", "takes": takes and r.state in ("open", "given"), "may_add": r.state == "open" and me.id in (r.h.made_by, r.h.giver, r.h.taker),
        "may_drop": r.state == "open" and r.h.made_by == me.id, "state": _now(queries.STATES[r.state]), "tone": TONES[r.state], "opens": opens, "stands_in": stands_in,
        "sign": "gave" if (gives or stands_in) and r.state == "open" and r.given else "took" if takes and r.state == "given" and r.taken else "", "crumbs": crumbs((r.area.short_name, "")),
    }
    audit.record("handover.open", detail={"area": r.h.area_code, "handover": str(r.h.pk)})
    return render(request, "desk/contact/handover.html", context)


@require_POST
def tick(request: StaffRequest, handover: uuid.UUID, handoveritem: uuid.UUID) -> HttpResponse:
    """One yes."""

    def do() -> str:
        acts.tick(handover=handover, item=handoveritem, side=request.POST.get("side", ""), yes=request.POST.get("yes") == "1", by=request.me)
        return ""

    return at_once(request, do, reverse("handover", args=[handover]) + f"#i{handoveritem}")


class ItemForm(forms.Form):
    words = text_field(_("还有什么"), most=rules.MOST_ITEM, help_text=_("如“祠堂钥匙两把”。不写谁家的事。"))


class SignForm(forms.Form):
    remarks = words_field(_("备注"), rows=4, most=rules.MOST_REMARKS, required=False)


def add(request: StaffRequest, handover: uuid.UUID) -> HttpResponse:
    r = found_or_404(request, handover)
    back = reverse("handover", args=[handover])

    def do(d: dict[str, Any]) -> str:
        acts.add_item(handover=handover, words=d["words"], by=request.me, at=request.now)
        return back

    return answer(request, Ask(title=_now("添一样"), ok=_now("添上"), back=back, crumbs=crumbs((r.area.short_name, back), (_now("添一样"), ""))), ItemForm(request.POST or None), do)


def sign(request: StaffRequest, handover: uuid.UUID) -> HttpResponse:
    """`?side=gave` or `took`."""
    r = found_or_404(request, handover)
    side = request.GET.get("side", "")
    if side not in ("gave", "took"):
        raise Http404
    back = reverse("handover", args=[handover])

    def do(d: dict[str, Any]) -> str:
        acts.sign(handover=handover, side=side, remarks=d["remarks"], by=request.me, at=request.now)
        messages.success(request, _now("签好了。"))
        return back

    title = _now("签：交出") if side == "gave" else _now("签：接手")
    says = [_now("签过就不再改。") if side == "took" else _now("签过就不再改；等接手的签了，交接才算完。")]
    return answer(request, Ask(title=title, ok=_now("签字"), back=back, says=says, crumbs=crumbs((r.area.short_name, back), (title, ""))), SignForm(request.POST or None), do)


def drop(request: StaffRequest, handover: uuid.UUID) -> HttpResponse:
    """Begun by mistake."""
    r = found_or_404(request, handover)
    back = reverse("handover", args=[handover])

    def do(_d: dict[str, Any]) -> str:
        acts.drop(handover=handover, by=request.me)
        messages.success(request, _now("这次交接作罢了。"))
        return reverse("handover-list")

    return answer(request, Ask(title=_now("作罢这次交接"), ok=_now("作罢"), back=back, tone="danger", says=[_now("点过的不再算，可以另开一张。")], crumbs=crumbs((r.area.short_name, back), (_now("作罢"), ""))), sure(request), do)
