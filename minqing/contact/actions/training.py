"""带教和培训: a pair that both agree to, courses with material, sessions, who is invited, who came.

Invariants: nobody is paired without his own yes; who came is written down by who organised it and read by him and each one himself; there are no
points, hours or shares of anybody.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeVar

from django.db import IntegrityError, connections, transaction
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.contact import vault
from minqing.contact.actions import telling
from minqing.contact.models import Course, CourseSeat, CourseSession, Mentoring
from minqing.contact.queries import training as queries
from minqing.contact.refusals import Missing, NotHere, Refused
from minqing.contact.rules import training as rules

#: Endings of material and how such a file begins.
FILES = {".pdf": b"%PDF-", ".docx": b"PK\x03\x04", ".pptx": b"PK\x03\x04", ".jpg": b"\xff\xd8\xff", ".png": b"\x89PNG"}


@transaction.atomic
def pair(*, area: str, mentor: uuid.UUID, newcomer: uuid.UUID, starts_on: date, ends_on: date, by: Me, at: datetime) -> Mentoring:
    """Ask two colleagues whether one learns beside the other."""
    by.require(Right.CONTACT, area)
    here = dict(queries.colleagues(area, at=at))
    for name, who in (("mentor", mentor), ("newcomer", newcomer)):
        if str(who) not in here:
            raise Missing(name, _("请从在这里工作的同事里选。"))
    if mentor == newcomer:
        raise Missing("newcomer", _("师傅和新人不能是同一个人。"))
    if ends_on < starts_on:
        raise Missing("ends_on", _("结束的日子不能在开始之前。"))
    try:
        with transaction.atomic():
            row = Mentoring.objects.create(area_code=area, mentor=mentor, newcomer=newcomer, starts_on=starts_on, ends_on=ends_on, made_by=by.id, made_at=at)
    except IntegrityError:
        raise Refused(_("这两位已经结了对。")) from None
    audit.record("mentoring.make", detail={"area": area, "staff": str(mentor), "other": str(newcomer)})
    for who, what in ((mentor, lasting("带一位新同事")), (newcomer, lasting("跟一位同事学"))):
        telling.colleague(event=f"mentoring:{row.pk}", staff=who, area=area, what=what, by=by, at=at)
    return row


@transaction.atomic
def answer(*, mentoring: uuid.UUID, yes: bool, by: Me) -> None:
    """His own yes; or its end, by one of the two or who arranges there."""
    row = Mentoring.objects.filter(pk=mentoring).first()
    if row is None:
        raise NotHere(_("没有这一对，或者您看不到。"))
    with connections["default"].cursor() as cursor:
        cursor.execute("select access.agree_mentoring(%s, %s)", [row.pk, "yes" if yes else "end"])
        if not cursor.fetchone()[0]:
            raise Refused(_("这一对已经结束，或者要由本人答应。"))
    audit.record("mentoring.agree" if yes else "mentoring.end", detail={"area": row.area_code, "mentoring": str(row.pk)})


@transaction.atomic
def save_course(*, area: str, subject: str, title: str, material: str, by: Me, at: datetime, course: uuid.UUID | None = None, file: tuple[str, bytes] | None = None) -> Course:
    """A course with its material; `file` = (name, bytes) beside the text. Raises Missing, Refused, NotHere."""
    by.require(Right.CONTACT, area)
    if subject not in rules.SUBJECTS:
        raise Missing("subject", _("请从列表中选科目。"))
    title, material = " ".join(title.split()), material.strip()
    if not title or len(title) > rules.MOST_TITLE:
        raise Missing("title", _("课名请写，最多%d个字。") % rules.MOST_TITLE)
    if len(material) > rules.MOST_MATERIAL:
        raise Missing("material", _("教材最多%(most)d个字，您写了%(n)d个，长的请作附件。") % {"most": rules.MOST_MATERIAL, "n": len(material)})
    row = Course(area_code=area, made_by=by.id, made_at=at) if course is None else _own(Course, course, by)
    row.subject, row.title, row.material = subject, title, material
    if file is not None:
        name, content = file
        ending = name[name.rfind("."):].lower() if "." in name else ""
        if ending not in FILES or not content.startswith(FILES[ending]):
            raise Missing("file", _("附件请用 pdf、docx、pptx、jpg 或 png。"))
        if len(content) > rules.MOST_FILE:
            raise Missing("file", _("附件最大 3 MB，请先压缩，或分成几门课。"))
        row.file_name, row.file_cipher = name[-80:], vault.encrypt(vault.MATERIAL, row.pk, {"b64": base64.b64encode(content).decode()})
    if course is None:
        row.save(force_insert=True)
    else:
        row.save(update_fields=["subject", "title", "material", "file_name", "file_cipher"])
    audit.record("course.make", detail={"area": area, "course": str(row.pk)})
    return row


@transaction.atomic
def end_course(*, course: uuid.UUID, by: Me, at: datetime) -> None:
    row = _own(Course, course, by)
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    audit.record("course.make", detail={"area": row.area_code, "course": str(row.pk)})


@transaction.atomic
def hold(*, course: uuid.UUID, starts_at: datetime, ends_at: datetime, place: str, teacher: str, by: Me, at: datetime) -> CourseSession:
    """One session of a course."""
    row = Course.objects.filter(pk=course, ended_at=None).defer("file_cipher").first()
    if row is None:
        raise NotHere(_("没有这门课，或者已经停用。"))
    by.require(Right.CONTACT, row.area_code)
    place, teacher = " ".join(place.split()), " ".join(teacher.split())
    for name, value, label, most in (("place", place, _("地点"), rules.MOST_PLACE), ("teacher", teacher, _("谁讲"), rules.MOST_TEACHER)):
        if not value or len(value) > most:
            raise Missing(name, _("“%(label)s”请写，最多%(most)d个字。") % {"label": label, "most": most})
    if ends_at <= starts_at:
        raise Missing("until", _("结束时间要在开始之后。"))
    made = CourseSession.objects.create(area_code=row.area_code, course=row, starts_at=starts_at, ends_at=ends_at, place=place, teacher=teacher, made_by=by.id, made_at=at)
    audit.record("course.session", detail={"area": row.area_code, "session": str(made.pk)})
    return made


@transaction.atomic
def cancel(*, session: uuid.UUID, by: Me, at: datetime) -> None:
    row = _own(CourseSession, session, by)
    if row.starts_at <= at:
        raise Refused(_("已经开始的课不能取消。"))
    if row.cancelled_at is None:
        row.cancelled_at = at
        row.save(update_fields=["cancelled_at"])
        audit.record("course.cancel", detail={"area": row.area_code, "session": str(row.pk)})


@transaction.atomic
def invite(*, session: uuid.UUID, staff: Iterable[uuid.UUID], by: Me, at: datetime) -> int:
    """Invite colleagues; who is invited already stays so. Returns how many are new."""
    row = _own(CourseSession, session, by)
    if row.cancelled_at is not None:
        raise Refused(_("这次课已经取消。"))
    here, present = dict(queries.colleagues(row.area_code, at=at)), set(CourseSeat.objects.filter(session=row).values_list("staff", flat=True))
    wanted = [s for s in dict.fromkeys(staff) if s not in present]
    if any(str(s) not in here for s in wanted):
        raise Missing("staff", _("请从在这里工作的同事里选。"))
    if len(present) + len(wanted) > rules.MOST_INVITED:
        raise Missing("staff", _("一次课最多请 %d 人，请分两次。") % rules.MOST_INVITED)
    CourseSeat.objects.bulk_create((CourseSeat(area_code=row.area_code, session=row, staff=s, made_by=by.id) for s in wanted), ignore_conflicts=True)
    audit.record("course.invite", detail={"area": row.area_code, "session": str(row.pk), "n": len(wanted)})
    title = Course.objects.filter(pk=row.course_id).values_list("title", flat=True).get()
    for who in wanted if row.starts_at > at else ():
        telling.invited(event=f"course:{row.pk}", staff=who, area=row.area_code, what=lasting("培训：%(title)s") % {"title": title[:30]}, starts_at=row.starts_at, place=row.place, by=by, at=at)
    return len(wanted)


@transaction.atomic
def attend(*, session: uuid.UUID, came: Iterable[uuid.UUID], by: Me, at: datetime) -> None:
    """Who of the invited came, as a list: the others did not."""
    row = _own(CourseSession, session, by)
    if row.cancelled_at is not None or row.starts_at > at:
        raise Refused(_("课还没有开始，或者已经取消。"))
    there = set(came)
    for seat in CourseSeat.objects.select_for_update(of=("self",)).filter(session=row):
        now = seat.staff in there
        if seat.came != now:
            seat.came = now
            seat.save(update_fields=["came"])
    audit.record("course.came", detail={"area": row.area_code, "session": str(row.pk)})


Row = TypeVar("Row", Course, CourseSession)


def _own(model: type[Row], pk: uuid.UUID, by: Me) -> Row:
    """The row, locked, of who made it."""
    row = model.objects.select_for_update(of=("self",)).filter(pk=pk, made_by=by.id).first()
    if row is None:
        raise NotHere(_("没有找到，或者要由安排的人来改。"))
    return row
