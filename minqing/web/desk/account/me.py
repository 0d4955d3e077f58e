"""My log-ins, my second factors, my password: what everybody may see and change about his own account."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import connection
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from minqing.access.actions import audit, factors, sessions
from minqing.access.models import Account, Session
from minqing.sync.actions import boxes as sealed_boxes
from minqing.sync.actions import devices
from minqing.sync.models import Device
from minqing.sync.refusals import Unfit
from minqing.web.desk.account import forms
from minqing.web.desk.account.views import describe_device, device_name, totp_page
from minqing.web.shared.middleware import StaffRequest, address_of


def own(request: Any) -> tuple[Session, Account]:
    """The session of this browser and the account of the person who acts (alias login)."""
    session = sessions.find(request.token, at=request.now)
    account = Account.objects.filter(pk=request.me.id).first()
    if session is None or account is None:
        raise Http404
    return session, account


def my_sessions(request: StaffRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("select id, opened_at, seen_at, device, origin, current from access.my_sessions()")
        rows = [{"id": i, "opened_at": opened, "seen_at": seen, "device": describe_device(device), "origin": origin, "current": current}
                for i, opened, seen, device, origin, current in cursor.fetchall()]
    rows.sort(key=lambda row: (not row["current"], -row["seen_at"].timestamp()))
    return render(request, "desk/account/sessions.html", {"rows": rows, "others": len(rows) - 1, "phones": Device.objects.order_by("state", "-seen_at"), "boxes": sealed(request)})


#: What a line of a sealed box is called here; what is not named is no work of his (a file that was opened).
KINDS = {
    "visit.record": _("走访"), "visit.usual": _("走访，一切如常"), "visit.undo": _("撤回走访"), "helper.check": _("看望"), "transfer.mark": _("转移"), "round.end": _("夜访的结果"), "matter.open": _("记事"),
    "household.words": _("上门提示、困难、心愿"), "person.fields": _("更正"), "conflict.choose": _("选定一个说法"),
}


def sealed(request: StaffRequest) -> list[dict[str, Any]]:
    """What his phones sent without a log-in: the day, how many of each kind, how many photos of how many have come. No name: that is inside."""
    found = []
    for box in sealed_boxes.waiting(request.me):
        kinds = Counter(str(KINDS[op["kind"]]) for op in box["ops"] if op["kind"] in KINDS)
        come, named = box.get("files", (0, 0))
        found.append({"id": box["id"], "at": datetime.fromisoformat(box["at"]), "device": box["device"], "kinds": list(kinds.items()), "come": come, "named": named, "opens": bool(box["ops"])})
    return found


@require_POST
def confirm_box(request: StaffRequest, box: uuid.UUID) -> HttpResponse:
    """This is mine, do it; or throw it away."""
    yes = request.POST.get("confirm") == "yes"
    if not yes and request.POST.get("confirm") != "no":
        raise Http404
    try:
        results = sealed_boxes.confirm(box=box, yes=yes, by=request.me, at=request.now)
    except Unfit as refusal:
        if refusal.status == 404:
            raise Http404 from refusal
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("my-sessions"))
    for sentence in dict.fromkeys(str(r.get("msg") or "") for r in results if r["s"] in ("refused", "error")):
        messages.warning(request, sentence)
    if any(r["s"] == "error" or r.get("code") == "malformed" for r in results):
        return HttpResponseRedirect(reverse("my-sessions"))  # it stays: a fault of ours is tried again, what cannot be read he puts away himself
    if waiting := sum(r["s"] == "waiting" for r in results):
        messages.info(request, _now("有 %d 项在等照片、录音传完，传完就附上。") % waiting)
    messages.success(request, _now("收下了，已照办。") if yes else _now("放下了，照片和录音也删去了。"))
    return HttpResponseRedirect(reverse("my-sessions"))


@require_POST
def close_phone(request: StaffRequest, device: uuid.UUID) -> HttpResponse:
    """Stop one of my phones, or give it up as lost: it empties itself at its next contact."""
    try:
        row = devices.close(device=device, state=request.POST.get("state", ""), by=request.me, at=request.now)
    except Unfit as refusal:
        if refusal.status == 404:
            raise Http404 from refusal
        messages.error(request, str(refusal))
    else:
        messages.success(request, _now("“%s”下一次联网时，里面的档案会清空；没有上传的先封存送来，等您确认。") % row.name)
    return HttpResponseRedirect(reverse("my-sessions"))


@require_POST
def end_session(request: StaffRequest, session: uuid.UUID) -> HttpResponse:
    """End one of my sessions on another device; the device is out with its next click."""
    with connection.cursor() as cursor:
        cursor.execute("select access.end_my_session(%s)", [session])
        if not cursor.fetchone()[0]:
            raise Http404
    audit.record("session.end", detail={"session": str(session)})
    messages.success(request, _now("已让那台设备退出。如果不是您本人登录的，请马上改口令。"))
    return HttpResponseRedirect(reverse("login" if session == request.me.session else "my-sessions"))


def my_factors(request: Any) -> HttpResponse:
    """The list; to change it the password is asked once more (ten minutes)."""
    session, account = own(request)
    form = forms.OwnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            factors.show_owner(session, account, password=form.cleaned_data["password"], at=request.now, origin=address_of(request))
            return HttpResponseRedirect(reverse("my-factors"))
        except factors.FactorRefused as refusal:
            form.add_error("password", str(refusal))
    return factors_page(request, session, account, form)


def factors_page(request: Any, session: Session, account: Account, form: forms.OwnerForm | None = None, error: str = "") -> HttpResponse:
    opened = factors.owner_shown(session, request.now)
    rows = factors.mine(account)
    usable = [f for f in rows if f.left is None or f.left > 0]
    options = factors.begin_registration(session, account, name=request.me.name, host=request.get_host(), secure=request.is_secure(), at=request.now) if opened else ""
    return render(request, "desk/account/factors.html", {
        "rows": rows, "opened": opened, "form": None if opened else form or forms.OwnerForm(), "refused": form, "passkey_options": options, "error": error,
        "required": sessions.needs_second_factor(account), "only": usable[0].id if len(usable) == 1 else None,
        "few": next((f for f in rows if f.left is not None and f.left <= 2), None),
    }, status=422 if error or (form is not None and form.errors) else 200)


def must_show_owner(request: Any, session: Session) -> HttpResponse | None:
    if factors.owner_shown(session, request.now):
        return None
    messages.info(request, _now("更改第二因素前，请先输一次口令。"))
    return HttpResponseRedirect(reverse("my-factors"))


def add_totp(request: Any) -> HttpResponse:
    session, account = own(request)
    if redirect := must_show_owner(request, session):
        return redirect
    done, context = totp_page(request, session, account)
    if done:
        messages.success(request, _now("动态口令已添加，下次登录就可以用。"))
        return HttpResponseRedirect(reverse("my-factors"))
    return render(request, "desk/account/add_totp.html", context, status=422 if context["form"].errors else 200)


@require_POST
def add_passkey(request: Any) -> HttpResponse:
    session, account = own(request)
    if redirect := must_show_owner(request, session):
        return redirect
    try:
        factors.finish_registration(session, account, credential=request.POST.get("credential", ""), label=device_name(request), host=request.get_host(),
                                    secure=request.is_secure(), at=request.now, origin=address_of(request))
    except factors.FactorRefused as refusal:
        return factors_page(request, session, account, error=str(refusal))
    messages.success(request, _now("通行密钥已添加，下次登录就可以用。"))
    return HttpResponseRedirect(reverse("my-factors"))


@require_POST
def add_codes(request: Any) -> HttpResponse:
    session, account = own(request)
    if redirect := must_show_owner(request, session):
        return redirect
    codes = factors.print_codes(session, account, at=request.now, origin=address_of(request))
    return render(request, "desk/account/codes.html", {"codes": codes, "username": account.username, "at": request.now})


@require_POST
def remove_factor(request: Any, factor: uuid.UUID) -> HttpResponse:
    session, account = own(request)
    if redirect := must_show_owner(request, session):
        return redirect
    try:
        factors.remove(account, factor, origin=address_of(request))
    except factors.FactorRefused as refusal:
        return factors_page(request, session, account, error=str(refusal))
    messages.success(request, _now("已删除。"))
    return HttpResponseRedirect(reverse("my-factors"))


def my_password(request: Any) -> HttpResponse:
    session, account = own(request)
    form = forms.NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            # counted and locked like a log-in: an unlocked desk is no place to try passwords out
            factors.show_owner(session, account, password=form.cleaned_data["old"], at=request.now, origin=address_of(request))
            sessions.change_password(account, old=None, new=form.cleaned_data["new"], origin=address_of(request))
        except factors.FactorRefused as refusal:
            form.add_error("old", str(refusal))
        except sessions.LoginRefused as refusal:
            form.add_error("new", str(refusal))
        else:
            messages.success(request, _now("口令已更改。其他设备上的登录不受影响；若怀疑被人知道，请在下面让它们退出。"))
            return HttpResponseRedirect(reverse("my-sessions"))
    return render(request, "desk/account/password.html", {"form": form}, status=422 if form.errors else 200)
