"""The log of a day of duty: who came as a line, what about, told on the spot or become a matter.

Invariants: the id of a line is the form's, the same line sent twice is one; words are encrypted; a line becomes a matter by the ordinary intake, and a
matter about staff leaves no link, and the line goes with its words: that it was said here is nobody's business; such words are not taken into a line. The log need not be full.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.contact import vault
from minqing.contact.models import DutyDay, DutyMatter, DutyVisitor
from minqing.contact.refusals import Missing, NotHere, Refused
from minqing.service.actions import matters
from minqing.service.actions.matters import Opened
from minqing.service.models import Matter
from minqing.service.rules import kinds

MOST_WORDS = 1000
#: Lines are typed on the day or from paper some days later.
LATE = timedelta(days=14)


def may_write(day: DutyDay, by: Me) -> bool:
    """Whoever is there on the day, and who keeps the village's files."""
    return day.staff == by.id or (by.holds(Right.WRITE) and by.may(Right.WRITE, day.area_code))


@transaction.atomic
def write(*, id: uuid.UUID, day: DutyDay, topic: str, how: str = "came", told: bool = False, words: str = "", came_at: datetime | None = None, by: Me, at: datetime) -> DutyVisitor:
    """One line; the same line again changes nothing."""
    if not may_write(day, by):
        raise NotAllowed(_("值班记录由当天值班的人或管本村户档的同事来记。"))
    stood = DutyVisitor.objects.using(by.using).filter(pk=id).first()
    if stood is not None:
        return stood
    if topic not in dict(DutyVisitor.TOPICS):
        raise Missing("topic", _("请选是什么事。"))
    if how not in dict(DutyVisitor.HOW):
        raise Missing("how", _("请选怎么来的：上门，或电话。"))
    text = words.strip()
    if len(text) > MOST_WORDS:
        raise Missing("words", _("“%(label)s”最多%(most)d个字，您写了%(n)d个，请缩短。") % {"label": _("说了什么"), "most": MOST_WORDS, "n": len(text)})
    if text and kinds.about_staff(text, [name for _id, name, _area in matters.staff_at(day.area_code, by.using)]):
        # whoever turns back before the matter is taken down would leave it standing here, read by those whom it names
        raise Missing("words", _("反映工作人员的话不写在值班记录里：管户档的同事都看得到。请直接用“登记一件事”登记，由纪检专员受理；这里可以写“当面说”。"))
    today = timezone.localdate(at)
    if not today - LATE <= day.day <= today:
        raise Refused(_("值班记录在当天记，或两周内照纸补记；还没到的日子不能记。"))
    when = came_at or (at if day.day == today else timezone.make_aware(datetime.combine(day.day, datetime.min.time().replace(hour=12))))
    if timezone.localdate(when) != day.day or when > at + timedelta(minutes=10):
        raise Missing("time", _("时间还没到，请核对几点。"))
    row = DutyVisitor(id=id, area_code=day.area_code, day=day, came_at=when, how=how, topic=topic, told=told, words_cipher=vault.encrypt(vault.VISITOR, id, {"words": text}) if text else None, entered_by=by.id, entered_at=at)
    try:
        with transaction.atomic(using=by.using):
            row.save(using=by.using, force_insert=True)
    except IntegrityError as error:
        raise Refused(_("这一条刚刚已经记过，请刷新看看。")) from error
    audit.record("duty.log", detail={"day": str(day.pk)}, using=by.using)
    return row


@transaction.atomic
def void(*, visitor: uuid.UUID, by: Me, at: datetime) -> DutyVisitor:
    """Taken back by its author."""
    row = own_line(visitor, by)
    if row is None or not DutyVisitor.objects.using(by.using).filter(pk=row.pk, voided_at=None).update(voided_at=at):
        raise NotHere(_("没有这一条，或不是您记的。"))
    audit.record("duty.void", detail={"day": str(row.day_id)}, using=by.using)
    return row


def own_line(visitor: uuid.UUID, by: Me) -> DutyVisitor | None:
    """A line that he wrote and has not taken back."""
    return DutyVisitor.objects.using(by.using).filter(pk=visitor, entered_by=by.id, voided_at=None).select_related("day").first()


def words_of(row: DutyVisitor) -> str:
    return str(vault.decrypt(vault.VISITOR, row.pk, row.words_cipher).get("words", ""))


def became(*, visitor: uuid.UUID, opened: Opened, by: Me, at: datetime) -> None:
    """The line became this matter: a link where the matter is seen here; where it is about staff, no link and no line."""
    row = own_line(visitor, by)
    if row is None:
        return
    if opened.restricted or not Matter.objects.using(by.using).filter(pk=opened.matter.pk).exists():
        DutyVisitor.objects.using(by.using).filter(pk=row.pk).update(voided_at=at, words_cipher=None)
        return
    if not DutyMatter.objects.using(by.using).filter(visitor=row, matter_id=opened.matter.pk).exists():
        DutyMatter(area_code=row.area_code, visitor=row, matter_id=opened.matter.pk).save(using=by.using, force_insert=True)
