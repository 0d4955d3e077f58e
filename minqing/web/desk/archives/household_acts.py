"""Acts on a household: each a form that says what will happen, one action, the undo bar.

Invariant: views find, ask, call one action, answer; the rules are the actions'.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.models import Area
from minqing.archives.actions import households, proposals
from minqing.archives.models import Household, Membership, Proposal
from minqing.archives.refusals import Refused
from minqing.sync.actions import conflicts
from minqing.web.desk.archives import choosing, forms, reads
from minqing.web.desk.archives.answering import Ask, answer, done, head_of
from minqing.web.desk.archives.choosing import household_or_404, present_members
from minqing.web.shared.middleware import StaffRequest


def file_url(household: Household | uuid.UUID) -> str:
    number = household.pk if isinstance(household, Household) else household
    return reverse("household-file", kwargs={"household": number})


def ask(h: Household, title: str, ok: str, *says: str, **more: Any) -> Ask:
    """The frame of an act on a household."""
    crumbs = [(_("户情单"), reverse("household-list") + f"?village={h.grid_code[:12]}"), (h.head_name or h.number, file_url(h)), (title, "")]
    return Ask(title=title, ok=ok, back=file_url(h), says=says, crumbs=crumbs, about=choosing.described(h), **more)


def split(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    h = household_or_404(household)
    people = forms.lines_of([m for m in present_members(h) if m.person_id != h.head_id and m.person.alive])
    form = forms.SplitForm(request.POST or None, today=timezone.localdate(request.now), people=people, initial={"natural_village": h.natural_village})
    page = ask(h, _("分户"), _("分户"), _("勾选的人离开%s户，另立一户，当天起生效。") % h.head_name, _("与户主的关系按亲属关系重新推算；新户先在同一个网格。"), _("十分钟内可以撤回。"))

    def do(data: dict[str, Any]) -> str:
        made = households.split(
            household=h, members=[uuid.UUID(m) for m in data["members"]], head=uuid.UUID(data["head"]), on=data["on"], number=data["number"], address=data["address"],
            natural_village=data["natural_village"], door=data["door"], new_head=head_of(request), by=request.me, at=request.now,
        )
        return file_url(made)

    return answer(request, page, form, do)


def merge(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    h = household_or_404(household)
    found = choosing.found_households(request, h.pk)
    form = forms.ToHouseholdForm(request.POST if "on" in request.POST else None, today=timezone.localdate(request.now), households=found)
    page = ask(h, _("并户"), _("并入"), _("%s户的成员全部并入选定的一户，本户销户，户号不再用。") % (h.head_name or h.number), _("十分钟内可以撤回。"), more=choosing.context(request, "household", found))

    def do(data: dict[str, Any]) -> str:
        made = households.merge(household=h, into=uuid.UUID(data["into"]), on=data["on"], by=request.me, at=request.now)
        return file_url(made)

    return answer(request, page, form, do)


def move(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    h = household_or_404(household)
    grids = [(g.code, f"{g.short_name}（{g.covers}）" if g.covers else g.short_name) for g in reads.grids_under(h.grid_code[:12]) if g.code != h.grid_code]
    form = forms.MoveForm(request.POST or None, today=timezone.localdate(request.now), grids=grids)
    now_in = Area.objects.filter(pk=h.grid_code).first()
    page = ask(h, _("移到别的网格"), _("移过去"), _("户档连同成员、住房一起移走；原网格员从这一分钟起看不到这一户。"), _("现在在：%s。") % (now_in.short_name if now_in else h.grid_code), _("十分钟内可以撤回。"))

    def do(data: dict[str, Any]) -> str:
        households.move(household=h, grid=data["grid"], on=data["on"], reason=data["reason"], by=request.me, at=request.now)
        return file_url(h) if Household.objects.filter(pk=h.pk).exists() else reverse("household-list")

    return answer(request, page, form, do)


def change_head(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    h = household_or_404(household)
    people = forms.lines_of([m for m in present_members(h) if m.person_id != h.head_id and m.person.alive])
    form = forms.HeadForm(request.POST or None, today=timezone.localdate(request.now), people=people)
    page = ask(h, _("换户主"), _("换户主"), _("其他人与户主的关系按亲属关系重新推算；推算不出的写“其他亲属”，以后可以改。"), _("十分钟内可以撤回。"))

    def do(data: dict[str, Any]) -> str:
        households.change_head(household=h, head=uuid.UUID(data["head"]), on=data["on"], by=request.me, at=request.now)
        return file_url(h) + "?tab=members"

    return answer(request, page, form, do)


def dissolve(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    h = household_or_404(household)
    form = forms.DissolveForm(request.POST or None, today=timezone.localdate(request.now))
    page = ask(h, _("销户"), _("销户"), _("户号从此不用，户档留着可查；还有健在的成员时，请先迁出、并户或分户。"), _("十分钟内可以撤回。"), tone="danger")

    def do(data: dict[str, Any]) -> str:
        households.dissolve(household=h, on=data["on"], reason=data["reason"], by=request.me, at=request.now)
        return file_url(h)

    return answer(request, page, form, do)


def words(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    h = household_or_404(household)
    start = {"caution": h.caution, "difficulties": h.difficulties, "wishes": h.wishes, "version": h.version}
    form = forms.WordsForm(request.POST or None, initial=start)
    page = ask(h, _("上门提示、困难、愿望"), _("保存"), _("上门提示在列表旁、手机上、打印件上都会显示，请不要写病情和救助。"))

    def do(data: dict[str, Any]) -> str:
        households.set_words(household=h, caution=data["caution"], wishes=data["wishes"], difficulties=data["difficulties"], seen_version=data["version"], by=request.me, at=request.now)
        return file_url(h)

    return answer(request, page, form, do)


def change_address(request: StaffRequest, household: uuid.UUID) -> HttpResponse:
    h = household_or_404(household)
    form = forms.AddressForm(request.POST or None, initial={"address": h.address, "natural_village": h.natural_village, "group_no": h.group_no, "door": h.door})
    page = ask(h, _("改地址"), _("保存"), _("改的是这一户的地址，户籍地址要派出所变更后随归集更新。"), _("十分钟内可以撤回。"))

    def do(data: dict[str, Any]) -> str:
        households.change_address(household=h, by=request.me, at=request.now, **data)
        return file_url(h)

    return answer(request, page, form, do)


def new(request: StaffRequest) -> HttpResponse:
    village = request.GET.get("village") or request.POST.get("village") or next((v.code for v in reads.villages_of(request.me)), "")
    area = Area.objects.filter(pk=village).first()
    grids = [(g.code, g.short_name) for g in reads.writable_grids(request.me, village)] if area else []
    form = forms.NewHouseholdForm(request.POST or None, today=timezone.localdate(request.now), grids=grids)
    crumbs = [(_("户情单"), reverse("household-list")), (_("新建户"), "")]
    page = Ask(title=_("新建户"), ok=_("建档"), back=reverse("household-list") + f"?village={village}", crumbs=crumbs, about=area.short_name if area else "",
               says=(_("先建这一户，下一步逐个添人；第一个添的人就是户主。"), _("家里有人已在档案里（如从别户分出来），请用“分户”。")), more={"hidden": {"village": village}})

    def do(data: dict[str, Any]) -> str:
        made = households.create(by=request.me, at=request.now, **data)
        return reverse("member-register", kwargs={"household": made.pk})

    return answer(request, page, form, do)


@require_POST
def place(request: StaffRequest) -> HttpResponse:
    """Households ticked in the tab 未落格 go to a grid."""
    picked = [number for number in (as_uuid(p) for p in request.POST.getlist("pick")) if number]
    rows = list(Household.objects.filter(pk__in=picked, voided_at=None))
    back = reverse("household-list") + f"?village={request.POST.get('grid', '')[:12]}&tab=unplaced"
    if not rows:
        messages.warning(request, _("还没有勾选户。"))
        return HttpResponseRedirect(back)
    try:
        households.place(households=rows, grid=request.POST.get("grid", ""), on=timezone.localdate(request.now), by=request.me, at=request.now)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(back)
    return done(request, back)


def relation(request: StaffRequest, membership: uuid.UUID) -> HttpResponse:
    """The word people agree on, where no tie is recorded."""
    row = Membership.objects.filter(pk=membership, voided_at=None).select_related("household", "person").first()
    if row is None:
        raise Http404
    h = row.household
    form = forms.RelationForm(request.POST or None, initial={"relation": row.relation})
    page = ask(h, _("%s与户主的关系") % row.person.name, _("保存"), _("亲属关系已登记的，系统会自己推算；这里写的是大家认可的称呼。"))

    def do(data: dict[str, Any]) -> str:
        households.set_relation(membership=row, relation=data["relation"], by=request.me, at=request.now)
        return file_url(h) + "?tab=members"

    return answer(request, page, form, do)


@require_POST
def close_proposal(request: StaffRequest, proposal: uuid.UUID) -> HttpResponse:
    """Something that was due is done, or not needed; back to where one came from."""
    row = Proposal.objects.filter(pk=proposal, voided_at=None).first()
    back = file_url(row.household_id) if row and row.household_id else reverse("home")
    if row is not None and row.kind == conflicts.KIND:  # to close it would lose one of the two values: it is chosen
        return HttpResponseRedirect(reverse("proposal-choose", kwargs={"proposal": row.pk}))
    if row is not None:
        try:
            proposals.close(proposal=row, state="dismissed" if request.POST.get("state") == "dismissed" else "done", note=request.POST.get("note", "")[:200], by=request.me, at=request.now)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(back)
    return done(request, back)


def as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


