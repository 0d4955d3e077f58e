"""Acts on a person: correct a field, birth, death, moving in and out, going away, marriage, divorce, registration.

Invariant: as for households; a field with an owner is never overwritten here, the action answers with a proposal to him.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.archives import queries
from minqing.archives.actions import residents
from minqing.archives.models import Household, Resident
from minqing.archives.rules import items
from minqing.web.desk.archives import choosing, forms
from minqing.web.desk.archives.answering import Ask, answer, extra, head_of
from minqing.web.desk.archives.choosing import household_of, household_or_404, person_or_404, present_members
from minqing.web.desk.archives.household_acts import ask as ask_household
from minqing.web.desk.archives.household_acts import file_url as household_url
from minqing.web.shared.middleware import StaffRequest


def file_url(person: Resident | uuid.UUID) -> str:
    return reverse("resident-file", kwargs={"person": person.pk if isinstance(person, Resident) else person})


def ask(p: Resident, title: str, ok: str, *says: str, **more: Any) -> Ask:
    """The frame of an act on a person."""
    h = household_of(p)
    crumbs = [(_("%s户") % h.head_name, household_url(h))] if h else []
    return Ask(title=title, ok=ok, back=file_url(p), says=says, crumbs=[*crumbs, (p.name, file_url(p)), (title, "")], about=p.name, **more)


def change(request: StaffRequest, person: uuid.UUID, field: str) -> HttpResponse:
    """One field: who has the last word is said before, what became of it after."""
    p = person_or_404(person)
    item = items.ITEMS.get(field)
    if item is None:
        raise Http404
    secret = item.kind == "secret"
    now = "" if secret else getattr(p, field)
    start = {"value": now, "seen": p.phone_tail if field == "phone" else "" if now is None else now}
    form = forms.FieldForm(request.POST or None, item=item, today=timezone.localdate(request.now), initial=start)
    label = _(item.label)
    if item.visit:
        says = (_("保存后这一项以本次为准，来源写“走访或本人陈述”；部门的说法仍留着可比对。"), _("十分钟内可以撤回。"))
    else:
        says = (_("“%(label)s”以%(who)s的为准，这里不直接改：会向该部门提出核实，附上您填的值。") % {"label": label, "who": _(items.source_label(item.authorities[0])) if item.authorities else _("主管部门")},)
    page = ask(p, _("更正%s") % label, _("保存") if item.visit else _("提请核实"), *says, more={"was": "" if secret else item.shown(now)})

    def do(data: dict[str, Any]) -> str:
        value = data["value"]
        found = residents.change(person=p, field=field, value="" if value is None else value, seen=data["seen"] if not secret else None, on=data["on"], note=data["note"], by=request.me, at=request.now)
        if found.kind == "proposed":
            messages.info(request, _("已向%s提请核实，答复前仍显示原来的值。") % _(items.source_label(item.authorities[0])) if item.authorities else _("已提请核实。"))
        elif found.kind == "same":
            messages.info(request, _("与现在的值相同，没有改动。"))
        return file_url(p)

    return answer(request, page, form, do)


def emergency(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    p = person_or_404(person)
    form = forms.EmergencyForm(request.POST or None, initial={"name": p.emergency_name})
    page = ask(p, _("紧急联系人"), _("保存"), _("有急事时先打给他。电话加密保存，显示时遮盖。"))

    def do(data: dict[str, Any]) -> str:
        residents.set_emergency(person=p, name=data["name"], phone=data["phone"], by=request.me, at=request.now)
        return file_url(p)

    return answer(request, page, form, do)


def died(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    p = person_or_404(person)
    form = forms.DeathForm(request.POST or None, today=timezone.localdate(request.now))
    page = ask(p, _("登记去世"), _("登记去世"), _("从这天起不再给他发通知；退出现在的户，养老、医保和待遇列成要办的事，由人逐件核对停发。"), _("如果是户主，会先请您选下一位户主。"), _("十分钟内可以撤回。"), tone="danger")

    def do(data: dict[str, Any]) -> str:
        found = residents.record_death(person=p, on=data["on"], reason=data["reason"], new_head=head_of(request), by=request.me, at=request.now)
        if found.proposals:
            messages.info(request, _("已列出 %d 件要办的事，见“等您定”。") % len(found.proposals))
        return file_url(p)

    return answer(request, page, form, do)


def left(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    p = person_or_404(person)
    form = forms.LeaveForm(request.POST or None, today=timezone.localdate(request.now))
    page = ask(p, _("登记迁出"), _("登记迁出"), _("退出现在的户，档案留着可查；只是外出打工、户口没迁的，请用“外出”。"), _("十分钟内可以撤回。"))

    def do(data: dict[str, Any]) -> str:
        h = household_of(p)
        residents.move_out(person=p, on=data["on"], to=data["to"], reason=data["reason"], new_head=head_of(request), by=request.me, at=request.now)
        return file_url(p) if Resident.objects.filter(pk=p.pk).exists() else household_url(h) if h else reverse("household-list")

    return answer(request, page, form, do)


def away(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    p = person_or_404(person)
    form = forms.AwayForm(request.POST or None, today=timezone.localdate(request.now), initial={"where": p.living_elsewhere})
    page = ask(p, _("外出或回来"), _("保存"), _("外出的人仍是本户成员，列表上算不在家；清空表示已经回来。"), _("十分钟内可以撤回。"))

    def do(data: dict[str, Any]) -> str:
        residents.go_away(person=p, where=data["where"], on=data["on"], by=request.me, at=request.now)
        return file_url(p)

    return answer(request, page, form, do)


def marry(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    p = person_or_404(person)
    own = household_of(p)
    posted = choosing.household_of(person_or_404(uuid.UUID(request.POST["other"]))) if request.POST.get("other") else None
    homes = [(str(h.pk), choosing.described(h)) for h in dict.fromkeys(x for x in (own, posted) if x)]
    found = choosing.found_people(request, p.pk)
    form = forms.MarryForm(request.POST if "on" in request.POST else None, today=timezone.localdate(request.now), people=found, households=homes)
    page = ask(p, _("登记结婚"), _("登记结婚"), _("两人的婚姻状况都改为已婚，互为配偶；选了住处的，另一人从原户迁入。"), _("十分钟内可以撤回。"), more=choosing.context(request, "person", found))

    def do(data: dict[str, Any]) -> str:
        into = household_or_404(uuid.UUID(data["into"])) if data["into"] else None
        residents.marry(one=p, other=uuid.UUID(data["other"]), on=data["on"], into=into, new_head=head_of(request), by=request.me, at=request.now)
        return file_url(p)

    return answer(request, page, form, do)


def divorce(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    p = person_or_404(person)
    file = queries.resident_file(request.me, p.pk, on=timezone.localdate(request.now))
    spouses = [(str(k.id), k.name) for k in file.kin if k.relation in ("10", "11", "12")]
    form = forms.DivorceForm(request.POST or None, today=timezone.localdate(request.now), people=spouses)
    page = ask(p, _("登记离婚"), _("登记离婚"), _("两人的婚姻状况改为离婚；户口迁出另办“迁出”或“分户”。"), _("十分钟内可以撤回。"))

    def do(data: dict[str, Any]) -> str:
        residents.divorce(one=p, other=uuid.UUID(data["other"]), on=data["on"], by=request.me, at=request.now)
        return file_url(p)

    return answer(request, page, form, do)


# --- a household grows ------------------------------------------------------------------------------------------------


def add(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    """How somebody comes into a household: four ways, each with its own form."""
    h = household_or_404(household)
    ways = [
        (_("孩子出生"), _("登记姓名、出生日期和父母，亲属关系自动接上。"), "member-born", "heart"),
        (_("已有档案的人迁入"), _("从别的户迁来，或在“未落格”里等着的人。"), "member-move-in", "door-enter"),
        (_("结婚进门"), _("在本户成员的人档里登记结婚，选“婚后住在本户”。"), "", "users"),
        (_("登记新来的人"), _("档案里还没有的人：新居民、刚落户的人。"), "member-register", "user-plus"),
    ]
    members = [{"name": m.person.name, "url": reverse("resident-marry", kwargs={"person": m.person_id})} for m in present_members(h) if m.person.alive]
    cards = [{"title": t, "text": s, "icon": i, "url": reverse(r, kwargs={"household": h.pk}) if r else "", "members": [] if r else members} for t, s, r, i in ways]
    page = ask_household(h, _("添人"), "")
    return render(request, "desk/archives/add.html", {"page": page, "cards": cards, "h": h})


def born(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    h = household_or_404(household)
    people = [m.person for m in present_members(h)]
    women, men = ([(str(x.pk), x.name) for x in people if x.sex == sex] for sex in ("2", "1"))
    form = forms.BirthForm(request.POST or None, women=women, men=men, today=timezone.localdate(request.now), initial={"birth_date": timezone.localdate(request.now)})
    page = ask_household(h, _("孩子出生"), _("登记出生"), _("孩子加入本户，与户主的关系按父母推算。"), _("十分钟内可以撤回。"))

    def do(data: dict[str, Any]) -> str:
        parents = {key: next((x for x in people if str(x.pk) == data[key]), None) for key in ("mother", "father")}
        made = residents.record_birth(name=data["name"], birth_date=data["birth_date"], sex=data["sex"], id_number=data["id_number"], household=h, by=request.me, at=request.now, **parents)
        return file_url(made)

    return answer(request, page, form, do)


def move_in(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    h = household_or_404(household)
    found = choosing.found_people(request)
    form = forms.MoveInForm(request.POST if "on" in request.POST else None, today=timezone.localdate(request.now), people=found)
    page = ask_household(h, _("已有档案的人迁入"), _("迁入"), _("选定的人从这天起是本户成员；在别户的，那边同时结束。"), _("十分钟内可以撤回。"), more=choosing.context(request, "person", found))

    def do(data: dict[str, Any]) -> str:
        residents.move_in(
            person=uuid.UUID(data["person"]), household=h, on=data["on"], relation=data["relation"], basis=data["basis"], new_head=head_of(request), by=request.me, at=request.now,
        )
        return household_url(h) + "?tab=members"

    return answer(request, page, form, do)


def register(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    """Somebody the archives do not know; the number is asked for first, it gives sex and birth."""
    h: Household = household_or_404(household)
    form = forms.RegisterForm(request.POST or None, today=timezone.localdate(request.now), initial={"why": "living" if h.kind == "living" else "registered"})
    if h.head_id is None:
        form.fields["relation"].help_text = _("这户还没有户主，第一个登记的人就是户主。")
    page = ask_household(h, _("登记新来的人"), _("登记"), _("先按证件号查：已经在档案里的不会重复登记；在别处的，转给那里办。"), _("十分钟内可以撤回。"), more={"again": True})

    def do(data: dict[str, Any]) -> str:
        data.pop("confirmed", None)
        made = residents.register(
            grid=h.grid_code, household=h, name=data["name"], id_number=data["id_number"], sex=data["sex"], birth_date=data["birth_date"], phone=data["phone"], relation=data["relation"],
            why=data["why"], on=data["on"], confirmed=bool(extra(request, "confirmed")), by=request.me, at=request.now,
        )
        return reverse("member-register", kwargs={"household": h.pk}) if "again" in request.POST else file_url(made)

    return answer(request, page, form, do)
