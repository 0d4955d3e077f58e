"""Questions about areas and staff: who works where, what is vacant, what ends soon, how many households stand where.

Invariant: read only; numbers about files come from definer functions that give a number to whoever may have it and no row.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.utils import DatabaseError
from django.utils.translation import gettext as _

from minqing.access.models import Appointment, Area, AreaAlias, AreaSuccession, Staff
from minqing.access.models.areas import LEVEL_BY_LENGTH
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me, narrowest_cover

#: Digits of the level below: county 6 → towns 9 …
NEXT_DIGITS = {4: 6, 6: 9, 9: 12, 12: 15, 15: 17}


def within(field: str, codes: Iterable[str]) -> Q:
    """`field` lies in one of the areas: ranges the btree understands."""
    condition = Q(pk__in=[])
    for code in codes:
        condition |= Q(**{f"{field}__gte": code, f"{field}__lt": code + ":"})
    return condition


def reach(me: Me) -> list[str]:
    """Where the person looks after colleagues: the areas in which he appoints; for everybody else his own village, town or county."""
    appoints = [p.area for p in me.posts if Right.APPOINT in ROLES[p.role].rights]
    return narrowest_cover(appoints or [p.area[:12] for p in me.posts] or [me.area[:12]])


# --- staff ------------------------------------------------------------------------------------------------------------


def running(at: datetime) -> Q:
    """Appointments valid at `at`."""
    return Q(starts_at__lte=at) & (Q(ends_at=None) | Q(ends_at__gt=at))


def colleagues(*, codes: list[str], words: str = "", view: str = "now", at: datetime) -> QuerySet[Staff]:
    """Staff who belong to or work in the areas. `view`: now · standing-in · none (no post) · left."""
    posted = Appointment.objects.filter(within("area_code", codes)).filter(running(at))
    found = Staff.objects.filter(within("area_code", codes) | Q(pk__in=posted.values("staff")))
    if view == "left":
        found = found.filter(left_at__lte=at)
    else:
        found = found.exclude(left_at__lte=at)
    if view == "standing-in":
        found = found.filter(pk__in=posted.exclude(stands_in_for=None).values("staff"))
    if view == "none":
        found = found.exclude(pk__in=Appointment.objects.filter(running(at)).values("staff"))
    if words:
        found = found.filter(Q(name__icontains=words) | Q(number__startswith=words) | Q(organisation__name__icontains=words))
    return found.select_related("organisation").order_by("area_code", "number")


def posts_of(staff: Iterable[uuid.UUID], at: datetime) -> dict[uuid.UUID, list[Appointment]]:
    """The valid appointments of several people, each with `area` (Area or None) and `label`."""
    rows = list(Appointment.objects.filter(running(at), staff__in=list(staff)).select_related("stands_in_for__staff").order_by("area_code", "role_id"))
    name_areas(rows)
    by_staff: dict[uuid.UUID, list[Appointment]] = {}
    for row in rows:
        by_staff.setdefault(row.staff_id, []).append(row)
    return by_staff


def name_areas(rows: Iterable[Appointment]) -> None:
    """Put `area_label` ("虎山街道 · 彭里村 · 第一网格") and `role_label` on each row, with one query for all."""
    rows = list(rows)
    names = full_names(r.area_code for r in rows)
    for row in rows:
        row.area_label = names.get(row.area_code, row.area_code)
        row.role_label = _(ROLES[row.role_id].label) if row.role_id in ROLES else row.role_id


def full_names(codes: Iterable[str]) -> dict[str, str]:
    """"江山市 · 虎山街道 · 彭里村 · 第一网格" for each code, from county level down, with one query."""
    wanted = set(codes)
    parts = {c[:n] for c in wanted for n in LEVEL_BY_LENGTH if n <= len(c)}
    names = dict(Area.objects.filter(pk__in=parts).values_list("code", "short_name"))
    return {c: " · ".join(names[c[:n]] for n in LEVEL_BY_LENGTH if n <= len(c) and c[:n] in names and (n > 6 or n == len(c))) or c for c in wanted}


@dataclass(frozen=True)
class Vacancy:
    """A village without secretary or stand-in. `since` and `last` are empty where there never was one."""

    code: str
    village: str
    town: str
    since: datetime | None
    last: str


def vacancies(me: Me, *, at: datetime) -> list[Vacancy]:
    """Villages within the person's right to appoint that have neither secretary nor stand-in now; just vacated ones first.

    For town and county (right `appoint`); empty for everybody else. About 2 ms for a county of 300 villages.
    """
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            """
            select a.code, a.short_name, coalesce(t.short_name, ''), last.ends_at, coalesce(last.name, '')
              from access_area a
              left join access_area t on t.code = left(a.code, 9)
              left join lateral (select p.ends_at, s.name from access_appointment p join access_staff s on s.id = p.staff_id
                                  where p.area_code = a.code and p.role_id = 'village_secretary' and p.ends_at <= %s order by p.ends_at desc limit 1) last on true
             where a.level = 'village' and a.closed_on is null and (select access.scope('appoint')) @> a.code
               and not exists (select 1 from access_appointment p
                                where p.area_code = a.code and p.role_id = 'village_secretary' and p.starts_at <= %s and (p.ends_at is null or p.ends_at > %s))
             order by last.ends_at desc nulls last, a.code
            """, [at, at, at])
        return [Vacancy(*row) for row in cursor.fetchall()]


def left_vacant(appointment: Appointment, *, at: datetime) -> bool:
    """Whether a village has neither secretary nor stand-in now that this appointment has ended."""
    return appointment.role_id == "village_secretary" and not Appointment.objects.filter(running(at), role="village_secretary", area_code=appointment.area_code).exists()


def ending_soon(me: Me, *, at: datetime, days: int = 7) -> list[Appointment]:
    """Dated appointments and stand-ins within the right to appoint that end in the next days, soonest first."""
    codes = [p.area for p in me.posts if Right.APPOINT in ROLES[p.role].rights]
    rows = list(Appointment.objects.filter(within("area_code", codes), ends_at__gt=at, ends_at__lte=at + timedelta(days=days), starts_at__lte=at)
                .select_related("staff", "stands_in_for__staff").order_by("ends_at"))
    name_areas(rows)
    return rows


# --- areas ------------------------------------------------------------------------------------------------------------


def households_by_child(code: str, *, using: str = "default") -> dict[str, int]:
    """{code of each area one level below: households} with one query; only areas whose numbers the caller may have."""
    if len(code) not in NEXT_DIGITS:
        return {}
    with connections[using].cursor() as cursor:
        cursor.execute("select code, households from access.households_by_child(%s, %s)", [code, NEXT_DIGITS[len(code)]])
        return dict(cursor.fetchall())


def waiting_at(code: str, *, using: str = "default") -> list[tuple[str, int]]:
    """What stays with a post: [("户", 407), ("待办", 3), ("核对问题", 12)]; nothing for areas whose numbers the caller may not have."""
    with connections[using].cursor() as cursor:
        try:
            with transaction.atomic(using=using):
                cursor.execute("select what, n from access.waiting_at(%s)", [code])
                return [(what, n) for what, n in cursor.fetchall() if n]
        except DatabaseError:
            return []


def areas_within(codes: list[str], *, digits: tuple[int, ...] = (), limit: int = 400) -> list[Area]:
    """Open areas inside `codes`, without grid 000, widest first; `digits` narrows to levels."""
    rows = Area.objects.filter(within("code", codes), closed_on=None).exclude(kind="unplaced")
    if digits:
        rows = rows.filter(level__in=[LEVEL_BY_LENGTH[d] for d in digits])
    return sorted(rows[:limit], key=lambda a: (len(a.code), a.code))


def secretaries(codes: Iterable[str], *, at: datetime) -> dict[str, list[Appointment]]:
    """{code: who is answerable there now} for a list of areas: secretary, officers, helpers; in a town its administrator and leader."""
    rows = Appointment.objects.filter(running(at), area_code__in=list(codes), role__in=["village_secretary", "grid_officer", "helper", "town_admin", "town_leader"]).select_related("staff").order_by("role_id")
    found: dict[str, list[Appointment]] = {}
    for row in rows:
        found.setdefault(row.area_code, []).append(row)
    return found


@dataclass(frozen=True)
class Found:
    """An area that answers a search, and the words it was found by when they are not its name."""

    area: Area
    by: str = ""


def find_areas(words: str, *, codes: list[str], limit: int = 50) -> list[Found]:
    """Areas by code (also an old one), name, part of a name or alias; open ones first. Only areas inside or around `codes`."""
    words = words.strip()
    if not words:
        return []
    near = within("code", codes) | Q(pk__in={c[:n] for c in codes for n in LEVEL_BY_LENGTH if n < len(c)})
    if words.isdigit():
        return [Found(a) for a in Area.objects.filter(near, code__gte=words, code__lt=words + ":").order_by("code")[:limit]]
    named = list(Area.objects.filter(near).filter(Q(short_name__contains=words) | Q(official_name__contains=words)).order_by("closed_on", "code")[:limit])
    named.sort(key=lambda a: (a.closed_on is not None, len(a.code), a.short_name != words, a.code))
    seen = {a.code for a in named}
    other = [alias for alias in AreaAlias.objects.filter(name__contains=words).select_related("area")[:limit] if alias.area_id not in seen and _near(alias.area_id, codes)]
    return [Found(a) for a in named] + [Found(alias.area, f"{alias.name}{f'（{alias.why}）' if alias.why else ''}") for alias in other]


def _near(code: str, codes: list[str]) -> bool:
    return any(code.startswith(c) or c.startswith(code) for c in codes)


def former(codes: Iterable[str]) -> RawSQL:
    """The codes with those whose place they took, for `area_code__in=`: papers keep the code they were written under. No statement of its own."""
    return RawSQL("select unnest(access.former(%s))", [list(codes)])


def standing(code: str) -> RawSQL:
    """What a code means today, for `area_code__in=`. No statement of its own."""
    return RawSQL("select unnest(access.today(%s))", [code])


def today(code: str, *, using: str = "default") -> list[str]:
    """What a code means today: itself, or the living areas that took its place, the first named first. Empty where nothing did."""
    with connections[using].cursor() as cursor:
        cursor.execute("select access.today(%s)", [code])
        return list(cursor.fetchone()[0])


def history_of(area: Area) -> list[dict[str, Any]]:
    """The successions of an area, both ways, newest first: {on, kind, other, into (bool), basis}."""
    rows = [{"on": s.on, "kind": _(s.get_kind_display()), "other": s.new, "into": True, "basis": s.basis} for s in AreaSuccession.objects.filter(old=area).select_related("new")]
    rows += [{"on": s.on, "kind": _(s.get_kind_display()), "other": s.old, "into": False, "basis": s.basis} for s in AreaSuccession.objects.filter(new=area).select_related("old")]
    return sorted(rows, key=lambda r: r["on"], reverse=True)
