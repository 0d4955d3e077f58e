"""Staff and appointments: who becomes what, who stands in, what ends.

Invariants: an appointment is ended, never rewritten; nobody appoints himself or above his own rank (also a trigger in the
database); a stand-in names whom he stands in for and ends by itself; when somebody leaves, his sessions end in the same
minute.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import connections, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from minqing.access import handover
from minqing.access.actions import audit
from minqing.access.models import Appointment, Area, Organisation, Staff
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me, NotAllowed


class Refused(Exception):
    """Why an act on staff is not possible, as a sentence."""


def _check_role(role: str, area_code: str, by: Me) -> None:
    rule = ROLES.get(role)
    if rule is None:
        raise Refused(_("没有这个角色。"))
    if len(area_code) not in rule.digits:
        raise Refused(_("“%(role)s”的工作区域应为 %(digits)s 位代码，%(code)s 不是。") % {"role": _(rule.label), "digits": " / ".join(str(d) for d in rule.digits), "code": area_code})
    by.require(Right.APPOINT, area_code)
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.appointing_rank(%s)", [area_code])
        if cursor.fetchone()[0] < rule.rank:
            raise NotAllowed(_("任命“%s”需要同级或更高的任命人。") % _(rule.label))


def _end_sessions(staff: uuid.UUID, by: Me) -> None:
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.end_sessions_of(%s)", [staff])


@transaction.atomic
def create(*, number: str, name: str, organisation: Organisation, work_phone: str, by: Me, at: datetime) -> Staff:
    """A new colleague, without any right yet; the account is a second, repeatable step (actions.sessions.create_account)."""
    by.require(Right.APPOINT, organisation.area_code)
    if Staff.objects.filter(number=number).exists():
        raise Refused(_("工号 %s 已经有人使用，请换一个。") % number)
    staff = Staff.objects.create(number=number, name=name, organisation=organisation, area_code=organisation.area_code, work_phone=work_phone)
    audit.record("staff.create", detail={"staff": str(staff.id)})
    return staff


@transaction.atomic
def appoint(*, staff: Staff, role: str, area_code: str, starts_at: datetime, ends_at: datetime | None, by: Me, at: datetime, stands_in_for: Appointment | None = None) -> Appointment:
    """Give a role in an area from a time on. The new colleague sees its files from that minute."""
    _check_role(role, area_code, by)
    if staff.id == by.id:
        raise Refused(_("不能任命自己，请另一位有权任命的同事办理。"))
    if staff.left_at and staff.left_at <= at:
        raise Refused(_("%s已离任，请先恢复其人事。") % staff.name)
    if ends_at and ends_at <= starts_at:
        raise Refused(_("结束时间应晚于开始时间。"))
    if ends_at and ends_at <= at:
        raise Refused(_("结束时间已经过去。"))
    if not Area.objects.filter(pk=area_code, closed_on=None).exists():
        raise Refused(_("区域 %s 不存在或已停用。") % area_code)
    if Appointment.objects.filter(staff=staff, role=role, area_code=area_code, stands_in_for=stands_in_for).filter(Q(ends_at=None) | Q(ends_at__gt=starts_at)).exists():
        raise Refused(_("%(name)s在这里已经是“%(role)s”。") % {"name": staff.name, "role": _(ROLES[role].label)})
    appointment = Appointment.objects.create(
        id=uuid.uuid4(), staff=staff, role_id=role, area_code=area_code, starts_at=starts_at, ends_at=ends_at, made_by=by.id, stands_in_for=stands_in_for,
    )
    if ROLES[role].privileged:
        # a session opened with the password alone must not inherit a privileged role
        _end_sessions(staff.id, by)
    audit.record("staff.appoint", detail={"staff": str(staff.id), "role": role, "area": area_code, "appointment": str(appointment.id)})
    return appointment


def stand_in(*, appointment: Appointment, staff: Staff, starts_at: datetime, ends_at: datetime, by: Me, at: datetime) -> Appointment:
    """Someone is ill: another holds the same role in the same area for days; it ends by itself."""
    if staff.id == appointment.staff_id:
        raise Refused(_("代理人不能是本人。"))
    if appointment.stands_in_for_id:
        raise Refused(_("代理岗位不能再代理，请给原岗位另派代理。"))
    if appointment.ends_at and ends_at > appointment.ends_at:
        raise Refused(_("代理不能比被代理的任职更长。"))
    return appoint(staff=staff, role=appointment.role_id, area_code=appointment.area_code, starts_at=starts_at, ends_at=ends_at, by=by, at=at, stands_in_for=appointment)


@transaction.atomic
def create_organisation(*, name: str, kind: str, area_code: str, by: Me) -> Organisation:
    """An office where colleagues belong; the same name in the same place is the same office."""
    by.require(Right.APPOINT, area_code)
    if not name:
        raise Refused(_("请写单位名称。"))
    made, new = Organisation.objects.get_or_create(area_code=area_code, name=name, defaults={"kind": kind})
    if new:
        audit.record("organisation.create", detail={"organisation": str(made.id), "area": area_code})
    return made


@transaction.atomic
def end(*, appointment: Appointment, reason: str, by: Me, at: datetime, decisions: Iterable[handover.Decision] = ()) -> None:
    """End an appointment now: what it opened closes with the next statement; the person's other appointments go on.

    `decisions`: what becomes of each open thing (handover.open_things), carried out in the same transaction.
    """
    by.require(Right.APPOINT, appointment.area_code)
    if not reason.strip():
        raise Refused(_("请写明结束的原因（如：换届、调离、身体原因）。"))
    row = Appointment.objects.select_for_update(of=["self"]).get(pk=appointment.pk)
    if row.ends_at and row.ends_at <= at:
        raise Refused(_("这项任职已经结束。"))
    row.ends_at, row.ended_by, row.end_reason = max(at, row.starts_at), by.id, reason.strip()
    row.save(update_fields=["ends_at", "ended_by", "end_reason"])
    for stand in Appointment.objects.filter(stands_in_for=row, ends_at__gt=at):
        stand.ends_at, stand.ended_by, stand.end_reason = max(at, stand.starts_at), by.id, "被代理的任职已结束"
        stand.save(update_fields=["ends_at", "ended_by", "end_reason"])
    decisions = list(decisions)
    handover.pass_on(decisions, by=by, at=at)
    handed = [{"what": d.thing.key, "to": str(d.to) if d.to else "", "why": d.reason} for d in decisions]
    audit.record("staff.end", reason=reason, detail={"staff": str(row.staff_id), "role": row.role_id, "area": row.area_code, "appointment": str(row.id), "handed": handed})


@transaction.atomic
def leave(*, staff: Staff, reason: str, by: Me, at: datetime) -> int:
    """He leaves: every appointment within the caller's reach ends, sessions end. Returns how many appointments ended."""
    by.require(Right.APPOINT, staff.area_code)
    ended = 0
    for appointment in Appointment.objects.filter(staff=staff).exclude(ends_at__lte=at):
        end(appointment=appointment, reason=reason, by=by, at=at)
        ended += 1
    staff.left_at = at
    staff.save(update_fields=["left_at"])
    _end_sessions(staff.id, by)
    audit.record("staff.leave", reason=reason, detail={"staff": str(staff.id)})
    return ended


@transaction.atomic
def rejoin(*, staff: Staff, reason: str, by: Me, at: datetime) -> None:
    """Somebody who left is back: his person may be appointed again; nothing he held comes back by itself."""
    by.require(Right.APPOINT, staff.area_code)
    if staff.left_at is None or staff.left_at > at:
        raise Refused(_("%s没有离任。") % staff.name)
    if not reason.strip():
        raise Refused(_("请写明恢复的原因。"))
    staff.left_at = None
    staff.save(update_fields=["left_at"])
    audit.record("staff.rejoin", reason=reason, detail={"staff": str(staff.id)})


def may_restore(*, staff: Staff, by: Me, at: datetime) -> bool:
    """Equal or higher rank than what he holds now, with the right to appoint where the colleague works."""
    running = Appointment.objects.filter(staff=staff).exclude(ends_at__lte=at)
    ranks = [ROLES[role].rank for role in running.values_list("role_id", flat=True) if role in ROLES]
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.appointing_rank(%s)", [staff.area_code])
        return bool(staff.id != by.id and cursor.fetchone()[0] >= max(ranks, default=1))


def record_restored(*, staff: Staff, by: Me, at: datetime, reason: str) -> None:
    """Face to face: check the rank and leave the entry; the credentials themselves are a second step (sessions.restore_access)."""
    if not may_restore(staff=staff, by=by, at=at):
        raise NotAllowed(_("恢复%s的登录，要由同级或更高、且有权任命的同事当面办理。") % staff.name)
    audit.record("staff.restore", reason=reason, detail={"staff": str(staff.id)})
