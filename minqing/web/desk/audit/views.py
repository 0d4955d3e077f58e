"""The auditor's page: what is unusual first, then every entry as a sentence. No names of residents, identifiers only."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from minqing.access import audit_queries, queries
from minqing.access.actions import audit
from minqing.access.audit_queries import Asked
from minqing.access.models import Appointment, AuditEntry, Staff
from minqing.access.rules import audit as rules
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import NotAllowed
from minqing.web.desk.audit.forms import AskForm
from minqing.web.shared.middleware import StaffRequest

DAYS = 7


def office_hours() -> tuple[time, time]:
    start, _unused, end = settings.OFFICE_HOURS.partition("-")
    return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())


def require_audit(request: StaffRequest) -> None:
    if not request.me.holds(Right.AUDIT):
        raise NotAllowed(_("审计日志只给审计员看。自己做过什么，在“今天我做了什么”里。"))


def audit_list(request: StaffRequest) -> HttpResponse:
    require_audit(request)
    form = AskForm({k: v for k, v in request.GET.items() if v})
    valid = form.is_valid()
    asked, unclear = understand(form, request)
    rows, cursor = audit_queries.page(asked) if valid and not unclear else ([], "")
    audit.record("audit.read", detail={"staff": str(asked.staff or ""), "person": str(asked.person or ""), "household": str(asked.household or ""), "area": asked.area, "kind": asked.odd})
    keep = {k: v for k, v in request.GET.items() if v and k != "cursor"}
    period = {k: v for k, v in keep.items() if k in ("since", "until", "area")}
    counts = audit_queries.unusual(asked) if asked.cursor is None else None  # counted once, not on every further page
    return render(request, "desk/audit/list.html", {
        "form": form, "unclear": unclear, "rows": readable(rows), "odd": asked.odd, "odd_title": _(rules.UNUSUAL[asked.odd][0]) if asked.odd else "",
        "unusual": [{"key": key, "title": _(title), "why": _(why), "count": counts[key], "url": "?" + urlencode({**period, "odd": key}), "current": asked.odd == key}
                    for key, (title, why) in rules.UNUSUAL.items()] if counts is not None else [],
        "many": many_rows(asked, period) if asked.odd == "many" else [], "limit": settings.REVEAL_LIMIT,
        "since": asked.since, "until": asked.until - timedelta(days=1), "next": "?" + urlencode({**keep, "cursor": cursor}) if cursor else "",
        "first": "?" + urlencode(keep) if "cursor" in request.GET else "", "seal": audit_queries.last_seal(),
        "filtered": any(k in keep for k in ("staff", "what", "person", "household", "purpose", "odd")), "clear": "?" + urlencode(period) if period else "?",
        "more_open": any(form.data.get(k) for k in ("person", "household", "purpose")),
    }, status=422 if not valid or unclear else 200)


def understand(form: AskForm, request: StaffRequest) -> tuple[Asked, str]:
    """The form as conditions, and a sentence where a name means nobody or several."""
    data = form.cleaned_data
    today = timezone.localdate(request.now)
    until = data.get("until") or today
    since = data.get("since") or min(until, today) - timedelta(days=DAYS - 1)
    staff, unclear = find_staff(data.get("staff", ""))
    area, place_unclear = find_area(data.get("area", ""), request)
    what = data.get("what", "")
    odd = request.GET.get("odd", "")
    return Asked(
        since=midnight(since), until=midnight(until + timedelta(days=1)), staff=staff, person=data.get("person"), household=data.get("household"),
        what=rules.words_of(what[6:]) if what.startswith("group:") else (what,) if what else (), purpose=purpose_prefix(data.get("purpose", "")), area=area,
        odd=odd if odd in rules.UNUSUAL else "", cursor=audit_queries.read_cursor(request.GET.get("cursor", "")), hours=office_hours(), limit=settings.REVEAL_LIMIT,
    ), unclear or place_unclear


def midnight(day: Any) -> datetime:
    return datetime.combine(day, time(), timezone.get_default_timezone())


def find_staff(words: str) -> tuple[uuid.UUID | None, str]:
    words = words.strip()
    if not words:
        return None, ""
    found = list(Staff.objects.filter(number=words)[:2]) or list(Staff.objects.filter(name=words)[:6])
    if len(found) == 1:
        return found[0].id, ""
    if not found:
        return None, _("没有叫“{words}”的工作人员。").format(words=words)
    return None, _("“{words}”不止一位，请写工号：{choices}").format(words=words, choices="、".join(f"{s.name} {s.number}" for s in found))


def find_area(words: str, request: StaffRequest) -> tuple[str, str]:
    words = words.strip()
    if not words or words.isdigit():
        return words, ""
    found = [f.area for f in queries.find_areas(words, codes=[p.area for p in request.me.posts])]
    exact = [a for a in found if words in (a.short_name, a.official_name)] or found
    if len(exact) == 1:
        return exact[0].code, ""
    if not exact:
        return "", _("没有找到区域“{words}”。").format(words=words)
    return "", _("“{words}”不止一处，请写代码：{choices}").format(words=words, choices="；".join(f"{a.short_name} {a.code}" for a in exact[:6]))


def purpose_prefix(words: str) -> str:
    """The auditor writes "查找" or "search"; the log holds the word of the program."""
    words = words.strip()
    return next((key for key, label in rules.PURPOSES.items() if label == words), words)


def many_rows(asked: Asked, period: dict[str, str]) -> list[dict[str, Any]]:
    rows = audit_queries.many(asked)
    names = dict(Staff.objects.filter(pk__in=[r[0] for r in rows]).values_list("id", "name"))
    numbers = dict(Staff.objects.filter(pk__in=[r[0] for r in rows]).values_list("id", "number"))
    return [{"name": names.get(staff, _("不明")), "day": day, "n": n,
             "url": "?" + urlencode({"since": day, "until": day, "staff": numbers.get(staff, ""), "what": "group:reveal"})} for staff, day, n in rows]


def readable(rows: list[AuditEntry]) -> list[dict[str, Any]]:
    """Entries as sentences: who, as what, did what with how many, for what purpose, from where."""
    people = {s.id: s for s in Staff.objects.filter(pk__in={r.staff for r in rows if r.staff})}
    places = queries.full_names({r.area_code for r in rows if r.area_code})
    start, end = office_hours()
    told = []
    for row in rows:
        person = people.get(row.staff) if row.staff else None
        local = timezone.localtime(row.at)
        off = row.what in rules.OPENINGS and not start <= local.time() < end
        told.append({
            "entry": row, "who": person.name if person else _("没有这样的账号") if row.what.startswith("login") else _("不明"), "number": person.number if person else "",
            "staff_id": person.id if person else None, "says": _(rules.says(row.what)), "group": _(rules.GROUPS[rules.WORDS[row.what].group]) if row.what in rules.WORDS else "",
            "place": places.get(row.area_code, ""), "purpose": rules.purpose(row.purpose), "origin": rules.origin(row.origin), "off": off,
            "refused": row.what == "refused", "page": rules.page_name(row.detail.get("page", "")) if row.what == "refused" else "",
            "url": reverse("audit-entry", args=[row.id]) + "?" + urlencode({"at": row.at.isoformat()}),
        })
    return told


def audit_entry(request: StaffRequest, entry: uuid.UUID) -> HttpResponse:
    """One entry with every column, as what he acted, and whether a seal covers it."""
    require_audit(request)
    try:
        at = datetime.fromisoformat(request.GET.get("at", "").replace(" ", "+"))
    except ValueError:
        at = None
    row = audit_queries.find(entry, at=at)
    if row is None:
        raise Http404
    if row.what != "audit.entry":
        audit.record("audit.entry", detail={"entry": str(row.id)})
    (told,) = readable([row])
    return render(request, "desk/audit/entry.html", {
        **told, "row": row, "posts": posts_of(row), "details": details_of(row), "seal": audit_queries.seal_of(row),
        "crumbs": [(_("审计日志"), reverse("audit-list")), (_("一条记录"), "")],
    })


def posts_of(row: AuditEntry) -> list[str]:
    """The appointments under which it was done, in words, as they were named then."""
    found = list(Appointment.objects.filter(pk__in=row.appointments or []).select_related("stands_in_for__staff"))
    queries.name_areas(found)
    return [f"{a.area_label} · {_(ROLES[a.role_id].label) if a.role_id in ROLES else a.role_id}" + (_("（代{name}）").format(name=a.stands_in_for.staff.name) if a.stands_in_for else "")
            for a in found]


def details_of(row: AuditEntry) -> list[tuple[str, str]]:
    """The points in words: staff by name, areas by name, the rest as it stands."""
    told = []
    for key, value in row.detail.items():
        label = _(rules.DETAILS.get(key, key))
        if key in ("staff", "by", "to") and value:
            person = Staff.objects.filter(pk=value).first() if is_uuid(value) else None
            told.append((label, f"{person.name} {person.number}" if person else str(value)))
        elif key in ("area", "old", "new", "from", "code") and isinstance(value, str) and value.isdigit():
            told.append((label, f"{queries.full_names([value])[value]}（{value}）"))
        elif key == "role" and value in ROLES:
            told.append((label, _(ROLES[value].label)))
        elif key == "page":
            told.append((label, rules.page_name(str(value))))
        elif value not in ("", None, [], {}):
            told.append((label, "、".join(str(v) for v in value) if isinstance(value, list) else str(value)))
    return told


def is_uuid(value: Any) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True
