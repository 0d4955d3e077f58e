"""The pad for the day the system is down: slips with numbers and words printed beforehand, typed in afterwards.

Invariants: the numbers come from the same sequence as every other matter's; a word is printed and never kept, its digest becomes the
matter's; a slip is used once or void with a reason; what is neither is listed as missing.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.service import vault
from minqing.service.actions import matters, moving
from minqing.service.actions.matters import Opened, Said, Who
from minqing.service.models import Pad, PadSlip
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import numbers, window


@dataclass(frozen=True)
class Printed:
    """A slip as it is printed: the word exists here and on the paper only."""

    number: str
    word: str


@transaction.atomic
def make(*, desk: str, slips: int, why: str = "", by: Me, at: datetime) -> tuple[Pad, list[Printed]]:
    """Reserve so many numbers. The words are in the answer and nowhere else: print at once."""
    if not by.may(Right.CALLBACK, desk):
        raise NotHere(_("不是您的窗口。"))
    if not 1 <= slips <= window.MOST_SLIPS:
        raise Missing("slips", _("一次印 1 到 %d 张。") % window.MOST_SLIPS)
    pad = Pad(desk_code=desk, why=why.strip()[:60], made_by=by.id, made_at=at)
    pad.save(force_insert=True)
    printed = [Printed(matters.next_number(at, by.using), numbers.word()) for _n in range(slips)]
    PadSlip.objects.bulk_create([PadSlip(pad=pad, desk_code=desk, number=p.number, word_digest=vault.word_digest(p.number, p.word)) for p in printed])
    audit.record("pad.print", detail={"n": slips})
    return pad, printed


def get(pad: uuid.UUID, by: Me) -> Pad:
    found = Pad.objects.using(by.using).filter(pk=pad).first()
    if found is None:
        raise NotHere(_("没有这本回执，或不是您这里的。"))
    return found


@dataclass(frozen=True)
class Written:
    """What stands on a slip."""

    number: str
    on: datetime
    words: str
    kind: str
    place: str
    name: str
    phone: str = ""
    about_staff: bool | None = None


def _slip(pad: Pad, number: str, by: Me) -> PadSlip:
    digits = numbers.read(number)
    if not digits:
        raise Missing("number", _("编号不对：十位数字，请对照纸条再看一遍。"))
    slip = PadSlip.objects.using(by.using).filter(pad=pad, number=digits).first()
    if slip is None:
        raise Missing("number", _("这个编号不是这一本里的。"))
    if slip.voided_at is not None:
        raise Missing("number", _("这张已经作废：%s。") % slip.void_why)
    if slip.matter_id is not None:
        raise Missing("number", _("这张已经录入过了，一个编号只录一件。"))
    return slip


@transaction.atomic
def type_in(*, pad: uuid.UUID, written: Written, by: Me, at: datetime) -> Opened:
    """A slip becomes its matter; the clock runs from when it was written, and the word on the paper keeps its worth."""
    row = get(pad, by)
    slip = _slip(row, written.number, by)
    if written.on > at:
        raise Missing("on", _("纸条上的时间不能晚于现在。"))
    if written.on < row.made_at - timedelta(minutes=1):
        raise Missing("on", _("纸条上的时间早于这一本印出来的时间，请看清日期。"))
    name = moving.need(written.name, "name", _("请照纸条写是谁。"), 1)
    said = Said(words=written.words, kind=written.kind, channel="window", place=written.place, requester=Who(name=name, phone=written.phone), taken_at=row.desk_code, number=slip.number,
                word_digest=bytes(slip.word_digest), about_staff=written.about_staff or None)
    opened = matters.open_matter(said, by=by, at=written.on)
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.use_slip(%s, %s)", [slip.pk, opened.matter.pk])
        if not cursor.fetchone()[0]:
            raise Refused(_("这张刚被别人录入或作废，请刷新再看。"))
    return opened


@transaction.atomic
def void(*, pad: uuid.UUID, number: str, why: str, by: Me, at: datetime) -> PadSlip:
    """Spoiled, torn, lost: with the reason. Its number is never used again."""
    slip = _slip(get(pad, by), number, by)
    slip.void_why, slip.voided_by, slip.voided_at = moving.need(why, "why", _("请写为什么作废，如“写坏了”“丢了”。"))[:80], by.id, at
    slip.save(update_fields=["void_why", "voided_by", "voided_at"])
    audit.record("pad.void", detail={"number": slip.number})
    return slip
