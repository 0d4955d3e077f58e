"""防汛转移, in fair weather: shelters, danger zones, who of which household is fetched by whom to where; lists on paper.

Invariants: a suggestion says what the file shows and nothing of level 4; what somebody needs is typed and read by who works the plan alone;
what was typed stays when something is wrong.
"""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.queries import today
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me, NotAllowed
from minqing.archives.actions import members
from minqing.archives.models import Household
from minqing.contact.actions import flood
from minqing.contact.models import DangerZone, Shelter
from minqing.contact.queries import flood as queries
from minqing.contact.rules import flood as rules
from minqing.service.actions.volunteers import leads_of
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.archives.choosing import household_or_404
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.things.asking import answer, or_404, text_field
from minqing.web.desk.volunteers.parts import checks_field, choice_field
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest

MOST_SHOWN = 300


def crumbs(village: str, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_now("防汛转移"), reverse("flood") + f"?village={village}"), *more]


def villages(me: Me) -> list[tuple[str, str]]:
    """(code, name) of the villages whose plan he may look at: his own, or those of the town whose desk he keeps."""
    own = queries.villages_of(me)
    above = [p.area for p in me.posts if len(p.area) == 9 and Right.CONTACT in ROLES[p.role].rights]
    rows = Area.objects.filter(closed_on=None, level="village").order_by("pk")
    found = dict(rows.filter(pk__in=own).values_list("pk", "short_name"))
    for town in above:
        found |= dict(rows.filter(pk__gte=town, pk__lt=town + ":").values_list("pk", "short_name"))
    return sorted(found.items())


def chosen(request: StaffRequest, code: str = "") -> tuple[str, list[tuple[str, str]]]:
    """The village of the page, and those one can choose. Raises Http404 for one that is not his."""
    choices = villages(request.me)
    asked = code or request.GET.get("village", "")
    if not asked:
        return (choices[0][0] if choices else ""), choices
    if asked not in dict(choices):
        asked = next((c for c in today(asked) if c in dict(choices)), "")  # an old code leads to what stands there today
    if not asked:
        raise Http404(_now("没有这个村，或不在您的范围内。"))
    return asked, choices


def page(request: StaffRequest) -> HttpResponse:
    """The plan of a village; `?tab=suggested`: who should perhaps be on it; `?q=`: a household to add."""
    me = request.me
    village, choices = chosen(request)
    if not village:
        if me.holds(Right.CONTACT):
            return HttpResponseRedirect(reverse("flood-calls"))
        raise NotAllowed(_now("您的任职不看转移预案。轮到您去接人时，名单在“我去接的人”里。"))
    plan = queries.plan(me, village)
    arranges = me.may(Right.CONTACT, village)
    works = arranges and queries.reads_all(me, village)  # what to offer; every act asks again
    tab = request.GET.get("tab", "")
    suggested = queries.suggestions(me, village, on=timezone.localdate(request.now)) if tab == "suggested" and works else []
    q = " ".join(request.GET.get("q", "").split())
    hits = find(village, q) if q and works else []
    open_, past = queries.events_of(village)
    homes = plan.homes()
    address = reverse("flood") + f"?village={village}"
    return render(request, "desk/contact/flood.html", {
        "village": village, "name": dict(choices)[village], "places": [{"code": c, "name": n, "current": c == village} for c, n in choices] if 1 < len(choices) <= 8 else [], "choices": choices if len(choices) > 8 else [], "plan": plan,
        "homes": homes[:MOST_SHOWN], "more": max(len(homes) - MOST_SHOWN, 0), "suggested": suggested[:queries.MOST_SUGGESTED], "suggested_more": max(len(suggested) - queries.MOST_SUGGESTED, 0), "tab": tab, "q": q, "hits": hits, "works": works, "arranges": arranges,
        "calls": calls(me, open_, names=dict(choices), known=plan), "past": past if not tab else [], "level_labels": rules.LEVEL_LABELS, "why": {k: _now(v) for k, v in rules.WHY_LABELS.items()}, "gone": any(x.gone for x in plan.lines), "reads": queries.reads(me, village),
        "tabs": [{"label": _now("预案"), "url": address, "current": not tab, "count": plan.people}, *([{"label": _now("要不要加上"), "url": address + "&tab=suggested", "current": tab == "suggested", "count": None}] if works else [])],
        "watches": any(len(p.area) in (6, 9) and Right.CONTACT in ROLES[p.role].rights for p in me.posts),
        "full": [(s, n - s.capacity) for s, n in plan.shelters if n > s.capacity], "unplaced": sum(1 for x in plan.lines if x.row.shelter_id is None),
    })


def calls(me: Me, events: list[Any], *, names: dict[str, str] | None = None, known: queries.Plan | None = None) -> list[dict[str, Any]]:
    """Open calls with their counts, as a line each."""
    boards = queries.boards(me, events, known=known)
    if names is None:
        names = dict(Area.objects.filter(pk__in={e.area_code for e in events}).values_list("pk", "short_name")) if events else {}
    return [{"e": e, "level": _now(rules.LEVEL_LABELS[e.level]), "village": names.get(e.area_code, e.area_code), "counts": boards[e.pk].total.words, "url": reverse("flood-call", args=[e.pk])} for e in events]


def find(village: str, q: str) -> list[Household]:
    """Households of one village by head, door or number, to add one."""
    rows = Household.objects.filter(grid_code__gte=village, grid_code__lt=village + ":", voided_at=None).exclude(state="dissolved").only("id", "head_name", "natural_village", "door", "number", "address")[:3000]
    return [h for h in rows if q in h.head_name or q in f"{h.natural_village}{h.door}" or (len(q) >= 4 and h.number.endswith(q))][:20]


# --- places ----------------------------------------------------------------------------------------------------------------------------


class ShelterForm(forms.Form):
    name = text_field(_("名称"), most=40, help_text=_("如“村文化礼堂”。"))
    place = text_field(_("在哪里"), most=80)
    capacity = forms.IntegerField(label=_("能住多少人"), min_value=1, max_value=5000, widget=forms.NumberInput({"class": "ctl", "inputmode": "numeric"}))
    keeper_name = text_field(_("负责人"), most=20)
    keeper_phone = text_field(_("负责人的工作电话"), most=24, inputmode="tel", help_text=_("名称、在哪里、负责人和这个电话会在村的网页上公开。"))
    keeper = choice_field(_("负责人的账号"), [], required=False, empty=_("没有账号"), help_text=_("选了，转移时他能看到要来这里的人，记谁到了。"))
    key_holder = text_field(_("钥匙在谁那里"), most=40, required=False)
    own = forms.BooleanField(label=_("收归本村"), required=False, help_text=_("以后只有本村看得到、用得了。别的村还有人要用的，先请他们改好去处。"))
    ended = forms.BooleanField(label=_("不再用了"), required=False)

    def __init__(self, *args: Any, colleagues: list[tuple[str, str]], fresh: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keeper"].choices = [("", _("没有账号")), *colleagues]  # type: ignore[attr-defined]
        if fresh:
            del self.fields["ended"]


class ZoneForm(forms.Form):
    name = text_field(_("名称"), most=40, help_text=_("如“柴坞屋后山”。"))
    why = choice_field(_("为什么"), [(k, _(v)) for k, v in rules.WHY_LABELS.items()])
    note = text_field(_("说明"), most=120, required=False, help_text=_("如“小时雨量 30 毫米就要走”。"))
    own = forms.BooleanField(label=_("收归本村"), required=False, help_text=_("以后只有本村看得到、用得了。别的村还有人要用的，先请他们改好去处。"))
    ended = forms.BooleanField(label=_("不再用了"), required=False)

    def __init__(self, *args: Any, fresh: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if fresh:
            del self.fields["ended"]


def colleagues(village: str, me: Me) -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in leads_of(village, me)]


def standing(request: StaffRequest, row: Shelter | DangerZone) -> str:
    """The village from whose page a place is opened: its own, or one of those that share what a divided village had registered."""
    asked = request.GET.get("village", "")
    return asked if asked != row.area_code and asked in today(row.area_code) and asked in dict(villages(request.me)) else chosen(request, row.area_code)[0]


def share(form: forms.Form, row: Shelter | DangerZone | None, village: str) -> list[str]:
    """What is to be said of a place that several villages share; no question where it is the village's own."""
    if row is None or row.area_code == village:
        del form.fields["own"]
        return []
    return [_now("这是分村以前登记的，分出来的村都看得到、用得了；人数合起来算。")]


def shelter_new(request: StaffRequest, village: str) -> HttpResponse:
    return _shelter(request, chosen(request, village)[0], None)


def shelter_edit(request: StaffRequest, shelter: uuid.UUID) -> HttpResponse:
    row = or_404(flood.shelter_of, shelter, request.me)
    return _shelter(request, standing(request, row), row)


def _shelter(request: StaffRequest, village: str, row: Shelter | None) -> HttpResponse:
    me = request.me
    me.require(Right.CONTACT, village, _now("避灾点由村文书、村书记、联村干部或乡镇来登记。"))
    initial = {f: getattr(row, f) for f in ("name", "place", "capacity", "keeper_name", "keeper_phone", "key_holder")} | {"keeper": str(row.keeper or "")} if row else {}
    form = ShelterForm(request.POST or None, colleagues=[(str(pk), name) for pk, name in flood.colleagues(row.area_code if row else village, me)], fresh=row is None, initial=initial)
    shared = share(form, row, village)
    back = reverse("flood") + f"?village={village}"

    def do(d: dict[str, Any]) -> str:
        if row is not None and d.get("ended"):
            flood.end_place(row=row, by=me, at=request.now)
        else:
            shape = flood.ShelterShape(d["name"], d["place"], d["capacity"], d["keeper_name"], d["keeper_phone"], uuid.UUID(d["keeper"]) if d["keeper"] else None, d["key_holder"])
            made = flood.save_shelter(village=village, shape=shape, shelter=row.pk if row else None, by=me, at=request.now)
            if d.get("own"):
                flood.take_place(row=made, village=village, by=me, at=request.now)
        messages.success(request, _now("已保存。"))
        return back

    title = row.name if row else _now("登记避灾点")
    says = [*shared, _now("预案里选它，人数和能住的比一比，超了会提醒。"), _now("群众在村的网页上看得到它在哪里、找谁开门。")]
    return answer(request, Ask(title=title, ok=_now("保存"), back=back, says=says, crumbs=crumbs(village, (title, "")), more={"help_route": "flood"}), form, do)


def zone_new(request: StaffRequest, village: str) -> HttpResponse:
    return _zone(request, chosen(request, village)[0], None)


def zone_edit(request: StaffRequest, zone: uuid.UUID) -> HttpResponse:
    row = or_404(flood.zone_of, zone, request.me)
    return _zone(request, standing(request, row), row)


def _zone(request: StaffRequest, village: str, row: DangerZone | None) -> HttpResponse:
    me = request.me
    me.require(Right.CONTACT, village, _now("危险区由村文书、村书记、联村干部或乡镇来登记。"))
    form = ZoneForm(request.POST or None, fresh=row is None, initial={f: getattr(row, f) for f in ("name", "why", "note")} if row else {})
    shared = share(form, row, village)
    back = reverse("flood") + f"?village={village}"

    def do(d: dict[str, Any]) -> str:
        if row is not None and d.get("ended"):
            flood.end_place(row=row, by=me, at=request.now)
        else:
            made = flood.save_zone(village=village, name=d["name"], why=d["why"], note=d["note"], zone=row.pk if row else None, by=me, at=request.now)
            if d.get("own"):
                flood.take_place(row=made, village=village, by=me, at=request.now)
        messages.success(request, _now("已保存。"))
        return back

    title = row.name if row else _now("登记危险区")
    says = [*shared, _now("发起转移时可以只转移几个危险区。"), _now("哪些户在里面，在每一户的预案里选。")]
    return answer(request, Ask(title=title, ok=_now("保存"), back=back, says=says, crumbs=crumbs(village, (title, "")), more={"help_route": "flood"}), form, do)


# --- a household -----------------------------------------------------------------------------------------------------------------------


class HomeForm(forms.Form):
    """Who of a household goes, what each needs, and the one way out for all."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    whom = checks_field(_("谁要转移"), [], required=False, help_text=_("一个都不选，这一户就移出预案。"))
    shelter = choice_field(_("到哪里"), [], required=False)
    zone = choice_field(_("在哪个危险区"), [], required=False, empty=_("不在危险区里"))
    fetcher = choice_field(_("谁去接"), [], required=False, empty=_("没有账号的人，写在下面"), help_text=_("本村任职的人、连心服务员。"))
    by_name = text_field(_("邻居、志愿者的姓名"), most=rules.MOST_NAME, required=False)
    by_phone = text_field(_("他的电话"), most=24, required=False, inputmode="tel")
    vehicle = text_field(_("用什么车"), most=20, required=False)

    def __init__(self, *args: Any, people: list[tuple[str, str]], shelters: list[tuple[str, str]], zones: list[tuple[str, str]], fetchers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        for name, choices, empty in (("shelter", shelters, _("请选择")), ("zone", zones, _("不在危险区里")), ("fetcher", fetchers, _("没有账号的人，写在下面"))):
            self.fields[name].choices = [("", empty), *choices]  # type: ignore[attr-defined]
        self.fields["whom"].choices = people  # type: ignore[attr-defined]
        for name in ("whom", "shelter", "fetcher"):  # wanted, and asked by the action, which knows when nobody is chosen
            self.fields[name].needed = True  # type: ignore[attr-defined]
        for key, name in people:
            self.fields[f"needs_{key}"] = checks_field(_now("%s要什么") % name, [(k, _(v)) for k, v in rules.NEEDS.items()], required=False)
            self.fields[f"words_{key}"] = text_field(_now("%s怎么帮") % name, most=rules.MOST_WORDS, required=False)

    def way(self) -> list[Any]:
        return [self[n] for n in ("shelter", "zone", "fetcher", "by_name", "by_phone", "vehicle")]

    def each(self) -> list[Any]:
        return [(name, self[f"needs_{key}"], self[f"words_{key}"]) for key, name in self.people]


def household(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    """One household of the plan."""
    me = request.me
    home = household_or_404(household)
    village = home.grid_code[:12]
    if not flood.works(village, me):
        raise NotAllowed(_now("转移预案由村文书、村书记或联村干部来定。"))
    rows = queries.of_household(home)
    needs = queries.needs_of(rows)
    people = [(str(m.person_id), m.person.name) for m in members.living(home)]
    first = rows[0] if rows else None
    who = queries.who(first.pk, first.who_cipher) if first else queries.Who()
    initial: dict[str, Any] = {"seen": flood.seen_of(rows), "whom": [str(r.person_id) for r in rows]}
    if first:
        initial |= {"shelter": str(first.shelter_id or ""), "zone": str(first.zone_id or ""), "fetcher": str(first.fetcher or ""), "by_name": who.by, "by_phone": who.by_phone, "vehicle": first.vehicle}
    for r in rows:
        said = needs.get(r.pk, {})
        initial |= {f"needs_{r.person_id}": said.get("needs", []), f"words_{r.person_id}": said.get("words", "")}
    form = HomeForm(request.POST or None, people=people, initial=initial, fetchers=colleagues(village, me), shelters=[(str(s.pk), _now("%(name)s（能住 %(n)d 人）") % {"name": s.name, "n": s.capacity}) for s in queries.shelters(village)], zones=[(str(z.pk), z.name) for z in queries.zones(village)])
    audit.record("flood.list", households=[home.pk], persons=[m for m, _n in people], detail={"area": village, "rows": len(rows)})
    back = reverse("flood") + f"?village={village}"

    def do(d: dict[str, Any]) -> str:
        whom = [flood.Whom(uuid.UUID(key), tuple(d[f"needs_{key}"]), d[f"words_{key}"]) for key, _name in people if key in d["whom"]]
        ids = {n: uuid.UUID(d[n]) if d[n] else None for n in ("shelter", "zone", "fetcher")}
        flood.set_household(household=home, whom=whom, way=flood.Way(**ids, by_name="" if ids["fetcher"] else d["by_name"], by_phone="" if ids["fetcher"] else d["by_phone"], vehicle=d["vehicle"]), seen=d["seen"], by=me, at=request.now)
        messages.success(request, _now("已保存：%(n)d 人。") % {"n": len(whom)} if whom else _now("这一户已移出预案。"))
        return back

    title = _now("%(name)s家 · 转移预案") % {"name": home.head_name}
    says = [_now("名单上只写要带什么、要不要背，不写为什么。"), _now("要什么、怎么帮，只有做这个村预案的人看得到。"), _now("有变化随时改；发起转移时照当时的预案。")]
    return answer(request, Ask(title=title, ok=_now("保存"), back=back, says=says, crumbs=crumbs(village, (title, "")), about=f"{home.natural_village}{home.door}", more={"home": home}), form, do, template="desk/contact/flood_home.html")


# --- paper -----------------------------------------------------------------------------------------------------------------------------


def sheets(lines: list[Any], by: str) -> list[dict[str, Any]]:
    """One sheet for each who fetches, or each shelter. `lines`: anything with who, by, shelter, zone, vehicle, place."""
    groups: dict[str, list[Any]] = {}
    for x in lines:
        groups.setdefault((x.by if by == "fetcher" else x.shelter) or (_now("还没有定谁去接") if by == "fetcher" else _now("还没有定去哪里")), []).append(x)
    return [{"name": name, "lines": rows} for name, rows in sorted(groups.items())]


def plan_pdf(request: StaffRequest, village: str) -> HttpResponse:
    """`?by=fetcher|shelter`: printed in fair weather, hung up and carried."""
    me = request.me
    village, choices = chosen(request, village)
    if not queries.reads(me, village):
        raise NotAllowed(_now("名单由村里看。"))
    by = "shelter" if request.GET.get("by") == "shelter" else "fetcher"
    plan = queries.plan(me, village)
    lines = [queries.Line(x.row.pk, x.who, "waiting", None, x.row.shelter.name if x.row.shelter else "", "", x.row.zone.name if x.row.zone else "", x.fetcher, x.row.vehicle, x.row.grid_code, place=x.row.shelter.place if x.row.shelter else "") for x in plan.lines]
    audit.record("flood.print", persons=[x.row.person_id for x in plan.lines if x.row.person_id], detail={"area": village})
    return as_pdf(printing.pdf("desk/contact/print_flood.html", {**printing.frame(me, request.now), "village": dict(choices)[village], "sheets": sheets(lines, by), "by_shelter": by == "shelter", "shelters": [s for s, _n in plan.shelters], "event": None}), f"flood-{village}-{by}")
