"""Lines, desks and duty: which telephone system may speak, who sits where, who answers at night; and the book of answers.

Invariants: a token is shown once and kept as a digest; nobody is put on another's shift without saying yes; who is on duty is asked by the
telephone system itself, in milliseconds, and it is told nothing else; an answer names its source and until when it holds.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access import scope
from minqing.access.actions import audit
from minqing.access.models import Staff
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.lib import phones
from minqing.service import vault
from minqing.service.models import DutyShift, Extension, Knowledge, PhoneLine
from minqing.service.queries import calls as queries
from minqing.service.queries.calendar import calendar_for
from minqing.service.refusals import Missing, NotYours, Refused
from minqing.service.rules import calls as rules
from minqing.service.rules import desks

#: Longest stretch ahead for which duty is planned.
AHEAD = timedelta(days=400)


@dataclass(frozen=True)
class Connected:
    """A new line and its token, which is shown once."""

    line: uuid.UUID
    token: str


@transaction.atomic
def open_line(*, area: str, name: str, number: str, fallback: str = "", by: Me, at: datetime) -> Connected:
    """Connect a telephone system to a county's or town's hotline. An open line of the same number gets this new token instead."""
    by.require(Right.CATALOGUE, area)
    tidy = _phone(number, "number")
    if len(name.strip()) < 2:
        raise Missing("name", _("请写热线的名称，如“365 热线”。"))
    if len(area) not in (6, 9):
        raise Missing("area", _("热线属于一个县（市、区）或一个乡镇（街道），请选一个。"))
    other = _phone(fallback, "fallback") if fallback.strip() else ""
    desk = desks.of(area, desks.HOTLINE)
    PhoneLine.objects.using(by.using).filter(desk_code=desk, number=tidy, ended_at=None).update(ended_at=at)
    token, line = secrets.token_urlsafe(32), uuid.uuid4()
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.open_line(%s, %s, %s, %s, %s, %s)", [line, desk, name.strip(), tidy, sha256(token.encode()).digest(), other])
    return Connected(line, token)


def close_line(*, line: uuid.UUID, by: Me, at: datetime) -> None:
    """Its token opens nothing from now on."""
    if not PhoneLine.objects.using(by.using).filter(pk=line, ended_at=None).update(ended_at=at):
        raise NotYours(_("没有这条线路，或不归您管。"))
    audit.record("line.close", detail={"line": str(line)}, using=by.using)


def _phone(text: str, field: str) -> str:
    found = phones.normalise(text) or (text.strip() if text.strip().isdigit() and 3 <= len(text.strip()) <= 8 else None)
    if not found:
        raise Missing(field, _("号码“%s”看不明白：手机 11 位；座机请带区号，如 0570-4888365；短号 3–8 位。") % text.strip())
    return found


@transaction.atomic
def sit_down(*, number: str, by: Me, at: datetime) -> Extension | None:
    """"This telephone is mine now": whoever sat there before has got up. An empty number: I get up."""
    desk = queries.desk_of(by)
    if not desk:
        raise NotYours(_("只有热线接线员有分机。"))
    tidy = number.strip()
    Extension.objects.using(by.using).filter(desk_code=desk, staff=by.id, ended_at=None).update(ended_at=at)
    if not tidy:
        return None
    if not tidy.isascii() or not tidy.isalnum() or len(tidy) > 20:
        raise Missing("extension", _("分机号是话机上的号码，只有数字或字母，最多 20 位。"))
    Extension.objects.using(by.using).filter(desk_code=desk, number=tidy, ended_at=None).update(ended_at=at)
    made = Extension(desk_code=desk, number=tidy, staff=by.id, since=at)
    made.save(using=by.using, force_insert=True)
    return made


# --- duty ------------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def plan(*, desk: str, staff: uuid.UUID, kind: str, first: date, last: date, role: str = "main", phone: str = "", by: Me, at: datetime) -> list[DutyShift]:
    """Put somebody on duty, one shift for each day from first to last."""
    if kind not in rules.SHIFTS:
        raise Missing("kind", _("请选择哪一班。"))
    if role not in dict(DutyShift.ROLES):
        raise Missing("role", _("请选择值班还是替补。"))
    if last < first or (last - first).days >= rules.MOST_DAYS:
        raise Missing("last", _("一次最多排 %d 天，最后一天不早于第一天。") % rules.MOST_DAYS)
    if first < timezone.localdate(at) or last > timezone.localdate(at + AHEAD):
        raise Missing("first", _("只能排今天起一年之内的班。"))
    person = Staff.objects.using(by.using).filter(pk=staff, left_at=None).first()
    if person is None or person.area_code[:6] != desk[:6]:
        raise Missing("staff", _("没有这位同事，或不在本县任职。"))
    number = _phone(phone or person.work_phone, "phone") if (phone or person.work_phone).strip() else ""
    if not number:
        raise Missing("phone", _("%s没有登记办公电话，请写值班电话：夜里的来电转到这里。") % person.name)
    made = []
    for n in range((last - first).days + 1):
        starts, ends = (timezone.make_aware(moment) for moment in rules.span_of(kind, first + timedelta(days=n)))
        clash = DutyShift.objects.using(by.using).filter(desk_code=desk, cancelled_at=None, role=role, starts_at__lt=ends, ends_at__gt=starts).first()
        if clash is not None:
            raise Refused(_("%(day)s这一班已经有人，请先取消或改排替补。") % {"day": f"{timezone.localtime(clash.starts_at):%m-%d}"})
        made.append(_shift(desk, person.pk, number, role, starts, ends, by, at))
    audit.record("shift.plan", detail={"desk": desk, "n": len(made)}, using=by.using)
    return made


def _shift(desk: str, staff: uuid.UUID, number: str, role: str, starts: datetime, ends: datetime, by: Me, at: datetime) -> DutyShift:
    row = DutyShift(area_code=desks.split(desk)[0], desk_code=desk, staff=staff, role=role, starts_at=starts, ends_at=ends, masked=phones.masked(number), made_by=by.id, made_at=at)
    row.phone_cipher = vault.encrypt(queries.DUTY_PHONE, row.pk, number)
    row.save(using=by.using, force_insert=True)
    return row


def cancel(*, shift: uuid.UUID, why: str, by: Me, at: datetime) -> None:
    """Take a shift off the list, with the reason; what has begun already as well."""
    if len(why.strip()) < 2:
        raise Missing("why", _("请写为什么取消这一班。"))
    if not DutyShift.objects.using(by.using).filter(pk=shift, cancelled_at=None, ends_at__gt=at).update(cancelled_at=at, why=why.strip()[:80]):
        raise NotYours(_("没有这一班，或不归您排。"))
    audit.record("shift.cancel", detail={"shift": str(shift)}, using=by.using)


def ask_swap(*, shift: uuid.UUID, to: uuid.UUID | None, by: Me) -> None:
    """Ask a colleague to take it; None takes the question back, or says no to it."""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.ask_swap(%s, %s)", [shift, to])
        if not cursor.fetchone()[0]:
            raise NotYours(_("这一班不是您的，或那位同事不在本县任职。"))
    audit.record("shift.ask", detail={"shift": str(shift)}, using=by.using)


def accept_swap(*, shift: uuid.UUID, phone: str, by: Me) -> None:
    """"Yes, I take it": the shift is his from now on, with his own telephone."""
    person = Staff.objects.using(by.using).filter(pk=by.id).first()
    number = phone.strip() or (person.work_phone if person else "")
    if not number:
        raise Missing("phone", _("请写您的值班电话：夜里的来电转到这里。"))
    tidy, fresh = _phone(number, "phone"), uuid.uuid4()
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.accept_swap(%s, %s, %s, %s)", [shift, fresh, vault.encrypt(queries.DUTY_PHONE, fresh, tidy), phones.masked(tidy)])
        if not cursor.fetchone()[0]:
            raise NotYours(_("没有人请您代这一班，或已经过去了。"))


def now(*, token: str, origin: str, at: datetime) -> rules.Now:
    """For the telephone system: where a call of its line goes now. Raises NoSession for a token of no line."""
    with transaction.atomic():
        line = scope.enter_cti(token, origin=origin)
        with connections["default"].cursor() as cursor:
            cursor.execute("select extension, name from access.seated_now(%s)", [line.line])
            seated = cursor.fetchall()
            cursor.execute("select id, name, role, phone, ends_at from access.duty_now(%s)", [line.line])
            duty = [rules.OnDuty(name, vault.decrypt(queries.DUTY_PHONE, pk, phone), role, ends) for pk, name, role, phone, ends in cursor.fetchall()]
        open_now = calendar_for(line.area).next_opening(at) <= at
    return rules.answers_now(open_now=open_now, seated=seated, duty=duty, fallback=line.fallback)


# --- the book of answers -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def write_answer(*, area: str, question: str, answer: str, source: str, keywords: list[str], valid_to: date | None = None, instead: uuid.UUID | None = None, by: Me, at: datetime) -> Knowledge:
    """A new answer, or one instead of another, which stays as it was and is no longer shown."""
    if len(question.strip()) < 4:
        raise Missing("question", _("请写群众怎么问（至少四个字）。"))
    if len(answer.strip()) < 5:
        raise Missing("answer", _("请写怎么答（至少五个字），要能直接念给人听。"))
    if len(source.strip()) < 2:
        raise Missing("source", _("请写依据：哪个文件、哪个部门、何时核实的。"))
    if valid_to is not None and valid_to < timezone.localdate(at):
        raise Missing("valid_to", _("有效期已经过了，请改日期或留空。"))
    if not (by.may(Right.CATALOGUE, area) or by.may(Right.CALLBACK, desks.of(area, desks.HOTLINE))):
        raise NotYours(_("您不能改那里的知识口径。"))
    if instead is not None and not Knowledge.objects.using(by.using).filter(pk=instead, area_code=area, ended_at=None).update(ended_at=at):
        raise Refused(_("这一条刚被别人改过，请刷新再改。"))
    words = list(dict.fromkeys(w.strip()[:20] for w in keywords if len(w.strip()) >= 2))[:20]
    made = Knowledge(area_code=area, question=question.strip()[:120], keywords=words, answer=answer.strip()[:1000], source=source.strip()[:200], valid_to=valid_to, made_by=by.id, made_at=at)
    made.save(using=by.using, force_insert=True)
    audit.record("knowledge.write", detail={"id": str(made.pk)}, using=by.using)
    return made


def retire_answer(*, answer: uuid.UUID, by: Me, at: datetime) -> None:
    if not Knowledge.objects.using(by.using).filter(pk=answer, ended_at=None).update(ended_at=at):
        raise NotYours(_("没有这一条，或不归您改。"))
    audit.record("knowledge.retire", detail={"id": str(answer)}, using=by.using)
