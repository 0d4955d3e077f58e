"""Staff: list, one person, new colleague, leave, return, access restored face to face, roles."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access import queries
from minqing.access.actions import audit, sessions
from minqing.access.actions import staff as actions
from minqing.access.models import Account, Appointment, Organisation, Staff
from minqing.access.rules.roles import RIGHT_LABELS, ROLES, Right
from minqing.access.scope import Me, NotAllowed
from minqing.sync.actions import devices
from minqing.sync.refusals import Unfit
from minqing.web.desk.staff import forms
from minqing.web.shared.middleware import StaffRequest, address_of

PAGE = 50
VIEWS = (("now", "在任"), ("standing-in", "代理中"), ("none", "没有岗位"), ("left", "已离任"))


def get_staff(staff: uuid.UUID) -> Staff:
    """Colleagues are no secret among colleagues; nobody without a session gets here."""
    found = Staff.objects.select_related("organisation").filter(pk=staff).first()
    if found is None:
        raise Http404
    return found


def staff_list(request: StaffRequest) -> HttpResponse:
    """Colleagues within reach, with what they are where; the villages without a secretary first."""
    words, view = request.GET.get("q", "").strip()[:40], request.GET.get("view", "now")
    view = view if view in dict(VIEWS) else "now"
    codes = queries.reach(request.me)
    page = Paginator(queries.colleagues(codes=codes, words=words, view=view, at=request.now), PAGE).get_page(request.GET.get("page"))
    posts = queries.posts_of([s.id for s in page.object_list], request.now)
    appoints = request.me.holds(Right.APPOINT)
    vacant = queries.vacancies(request.me, at=request.now) if appoints else []
    keep = {k: v for k, v in (("q", words), ("view", view if view != "now" else "")) if v}
    return render(request, "desk/staff/list.html", {
        "rows": [(s, posts.get(s.id, [])) for s in page.object_list], "page": page, "words": words, "view": view, "appoints": appoints,
        "views": [{"key": k, "label": _(label), "url": "?" + urlencode({**({"q": words} if words else {}), "view": k}), "current": k == view} for k, label in VIEWS],
        "vacated": [v for v in vacant if v.since], "never": [v for v in vacant if not v.since], "ending": queries.ending_soon(request.me, at=request.now) if appoints else [],
        "reach": "、".join(queries.full_names(codes).values()),
        "prev": f"?{urlencode({**keep, 'page': page.previous_page_number()})}" if page.has_previous() else "",
        "next": f"?{urlencode({**keep, 'page': page.next_page_number()})}" if page.has_next() else "",
    })


def staff_page(request: StaffRequest, staff: uuid.UUID, **more: Any) -> HttpResponse:
    """One colleague: what he is now, will be and was; who stands in; what one may do about it."""
    person = get_staff(staff)
    rows = list(Appointment.objects.filter(staff=person).select_related("stands_in_for__staff").prefetch_related("stand_ins__staff").order_by("-starts_at"))
    queries.name_areas(rows)
    now, coming, past = [], [], []
    for row in rows:
        row.mine_to_end = request.me.id != person.id and request.me.may(Right.APPOINT, row.area_code)
        row.stands = [s for s in row.stand_ins.all() if s.ends_at is None or s.ends_at > request.now]
        row.rights = [_(RIGHT_LABELS[r]) for r in sorted(ROLES[row.role_id].rights)] if row.role_id in ROLES else []
        (past if row.ends_at and row.ends_at <= request.now else coming if row.starts_at > request.now else now).append(row)
    here = request.me.may(Right.APPOINT, person.area_code)
    return render(request, "desk/staff/person.html", {
        "person": person, "now": now, "coming": coming, "past": past, "left": person.left_at is not None and person.left_at <= request.now,
        "self": person.id == request.me.id, "appoints": request.me.holds(Right.APPOINT) and person.id != request.me.id,
        "manages": here and person.id != request.me.id, "restores": here and actions.may_restore(staff=person, by=request.me, at=request.now),
        "phones": devices.of_colleague(person.id, request.me) if here and person.id != request.me.id else [],
        "place": queries.full_names([person.area_code])[person.area_code],
        "crumbs": [(_("人员与岗位"), reverse("staff-list")), (person.name, "")], **more,
    }, status=422 if more.get("error") else 200)


def staff_new(request: Any) -> HttpResponse:
    """A colleague, his first post (optional), his account: three steps on one page; the one-time password is shown once."""
    require_appoint(request.me)
    form = forms.NewStaffForm(request.POST or None, me=request.me, initial={"new_kind": "village"})
    wants_post = request.method == "POST" and bool(request.POST.get("post-role") or request.POST.get("post-area"))
    post = forms.PostForm(request.POST if wants_post else None, me=request.me, prefix="post", use_required_attribute=False,
                          initial={"area": request.GET.get("area", ""), "role": request.GET.get("role", "")})
    if request.method == "POST" and all([form.is_valid(), not wants_post or post.is_valid()]):
        number = form.cleaned_data["number"].strip()
        if Account.objects.filter(username=number).exists():
            form.add_error("number", _("这个工号已经有人用来登录，请换一个。"))
        else:
            try:
                person = actions.create(number=number, name=form.cleaned_data["name"].strip(), organisation=organisation_of(form, request.me),
                                        work_phone=form.cleaned_data["work_phone"], by=request.me, at=request.now)
                if wants_post:
                    appoint_from(post, person, request)
            except actions.Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                privileged = wants_post and ROLES[post.cleaned_data["role"]].privileged
                password = sessions.create_account(id=person.id, username=number, password=None, privileged=privileged, origin=address_of(request))
                return slip(request, person, number, password, new=True)
    refused = form if form.errors else post if wants_post and post.errors else None
    return render(request, "desk/staff/new.html", {"form": form, "post": post, "refused": refused, "areas": area_choices(request.me),
                                                   "crumbs": [(_("人员与岗位"), reverse("staff-list")), (_("新同事"), "")]}, status=422 if refused else 200)


def require_appoint(me: Me) -> None:
    if not me.holds(Right.APPOINT):
        raise NotAllowed(_("安排人员要由书记、乡镇管理员或系统管理员办理。请告诉您的上级。"))


def organisation_of(form: forms.NewStaffForm, me: Me) -> Organisation:
    chosen = form.cleaned_data["organisation"]
    if chosen is not None:
        return chosen  # type: ignore[no-any-return]
    return actions.create_organisation(name=form.cleaned_data["new_organisation"].strip(), kind=form.cleaned_data["new_kind"],
                                       area_code=form.cleaned_data["new_area"].code, by=me)


def appoint_from(form: forms.PostForm, person: Staff, request: StaffRequest) -> Appointment:
    data = form.cleaned_data
    return actions.appoint(staff=person, role=data["role"], area_code=data["area"].code, starts_at=start_of(data["starts_on"], request), ends_at=end_of(data["ends_on"]),
                           by=request.me, at=request.now)


def start_of(day: date | None, request: StaffRequest) -> datetime:
    """Midnight in the time of the place; today and nothing both mean now."""
    if day is None or day <= timezone.localdate(request.now):
        return request.now
    return midnight(day)


def end_of(day: date | None) -> datetime | None:
    """The day is used up to its end."""
    return midnight(day + timedelta(days=1)) if day else None


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_default_timezone())


def area_choices(me: Me, digits: tuple[int, ...] = (), limit: int = 400) -> list[tuple[str, str]]:
    """(“彭里村（330881002205）”, label) of open areas within reach, for the browser's own list under the field."""
    rows = queries.areas_within(queries.reach(me), digits=digits, limit=limit)
    return [(f"{a.short_name}（{a.code}）", a.official_name) for a in rows]


def slip(request: StaffRequest, person: Staff, username: str, password: str, *, new: bool) -> HttpResponse:
    """The one page that shows a one-time password; printable, never again."""
    return render(request, "desk/staff/slip.html", {
        "person": person, "username": username, "password": password, "new": new, "address": request.build_absolute_uri("/"), "at": request.now,
        "crumbs": [(_("人员与岗位"), reverse("staff-list")), (person.name, reverse("staff", args=[person.id])), (_("登录凭条"), "")],
    })


@require_POST
def staff_leave(request: Any, staff: uuid.UUID) -> HttpResponse:
    """He leaves: the posts that still have open things are ended on their own page first."""
    person = get_staff(staff)
    form = forms.ReasonForm(request.POST)
    if not form.is_valid():
        return staff_page(request, staff, error=_("请写明离任的原因。"))
    if person.id == request.me.id:
        return staff_page(request, staff, error=_("不能给自己办离任，请另一位有权的同事办理。"))
    if Appointment.objects.filter(staff=person).exclude(ends_at__lte=request.now).exists():
        return staff_page(request, staff, error=_("他（她）还有任职。请先逐项结束任职，把没办完的事交出去，再办离任。"))
    try:
        actions.leave(staff=person, reason=form.cleaned_data["reason"], by=request.me, at=request.now)
    except actions.Refused as refusal:
        return staff_page(request, staff, error=str(refusal))
    sessions.disable(person.id, at=request.now, origin=address_of(request))
    messages.success(request, _("{name}已离任，从现在起不能登录。").format(name=person.name))
    return HttpResponseRedirect(reverse("staff", args=[staff]))


@require_POST
def staff_return(request: Any, staff: uuid.UUID) -> HttpResponse:
    """Back at work: a new one-time password; posts are given anew."""
    person = get_staff(staff)
    form = forms.ReasonForm(request.POST)
    if not form.is_valid():
        return staff_page(request, staff, error=_("请写明恢复的原因。"))
    try:
        actions.rejoin(staff=person, reason=form.cleaned_data["reason"], by=request.me, at=request.now)
    except actions.Refused as refusal:
        return staff_page(request, staff, error=str(refusal))
    return renewed(request, person)


@require_POST
def stop_phone(request: StaffRequest, staff: uuid.UUID, device: uuid.UUID) -> HttpResponse:
    """A colleague's phone is stopped, or given up as lost: it empties itself at its next contact, and he logs in anew."""
    person, state = get_staff(staff), request.POST.get("state", "")
    try:
        devices.stop(device=device, state=state, reason=request.POST.get("reason", ""), by=request.me)
    except Unfit as refusal:
        if refusal.status == 404:
            raise Http404 from refusal
        return staff_page(request, staff, error=str(refusal))
    messages.success(request, _("%s的手机已报失：它一联网就清空；他的登录已全部结束，要重新登录。") % person.name if state == "lost" else _("%s的这台手机已停用：它一联网就丢掉档案，没有上传的内容留着。") % person.name)
    return HttpResponseRedirect(reverse("staff", args=[staff]))


def staff_restore(request: Any, staff: uuid.UUID) -> HttpResponse:
    """Face to face: the old password and second factors end, a one-time password is shown."""
    person = get_staff(staff)
    if not actions.may_restore(staff=person, by=request.me, at=request.now):
        raise NotAllowed(_("恢复登录要由同级或更高、且有权任命的同事当面办理。"))
    form = forms.RestoreForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.record_restored(staff=person, by=request.me, at=request.now, reason=form.cleaned_data["reason"])
        return renewed(request, person)
    return render(request, "desk/staff/restore.html", {
        "person": person, "form": form, "crumbs": [(_("人员与岗位"), reverse("staff-list")), (person.name, reverse("staff", args=[staff])), (_("恢复登录"), "")],
    }, status=422 if form.errors else 200)


def renewed(request: Any, person: Staff) -> HttpResponse:
    account = Account.objects.filter(pk=person.id).first()
    if account is None:  # the second step of an earlier appointment was interrupted: it is repeatable
        privileged = Appointment.objects.filter(staff=person, role__privileged=True).exclude(ends_at__lte=request.now).exists()
        return slip(request, person, person.number, sessions.create_account(id=person.id, username=person.number, password=None, privileged=privileged, origin=address_of(request)), new=True)
    password = sessions.restore_access(account, by=request.me.id, at=request.now, origin=address_of(request))
    return slip(request, person, account.username, password, new=False)


def roles(request: StaffRequest) -> HttpResponse:
    """Every role and what it opens, from the one table in code; the reader's own marked."""
    held = {p.role for p in request.me.posts}
    rows = [{"rule": r, "mine": r.code in held, "label": _(r.label), "explains": _(r.explains), "rights": r.rights,
             "where": "、".join(_(LEVEL_WORDS[d]) for d in r.digits)} for r in sorted(ROLES.values(), key=lambda r: (r.rank, r.code))]
    audit.record("roles.read")
    return render(request, "desk/staff/roles.html", {
        "rows": rows, "rights": [(right, _(label)) for right, label in RIGHT_LABELS.items()],
        "mine": [{"post": p, "rights": [_(RIGHT_LABELS[r]) for r in RIGHT_LABELS if r in ROLES[p.role].rights], "explains": _(ROLES[p.role].explains),
                  "label": _(ROLES[p.role].label)} for p in request.me.posts],
    })


LEVEL_WORDS = {4: "市", 6: "县(市、区)", 9: "乡镇街道", 12: "村(社区)", 15: "网格", 17: "微网格"}
