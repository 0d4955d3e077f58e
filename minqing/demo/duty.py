"""Duty of the demonstration: four who take turns for three months, somebody away, a swap that waits for its answer, a market by the moon, a line of today's log.

Invariant: made through the actions that people use, by those who may; once, however often the demonstration is built.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from minqing.commands.acting import acting_as
from minqing.contact.actions import duty, dutylog, rhythm
from minqing.contact.models import DutyDay
from minqing.contact.queries import duty as queries
from minqing.demo.cast import PENGLI, TOWN
from minqing.demo.days import staff

TEAM = ("香", "文", "兰", "强")


def prepare(at: datetime) -> None:
    """Nothing where the village has an arrangement already."""
    today = timezone.localdate(at)
    with acting_as("xiang", purpose="demo") as xiang:
        if queries.rota_of(PENGLI) is not None:
            return
        duty.set_rota(village=PENGLI, people=[staff(n) for n in TEAM], weekdays=[1, 2, 3, 4, 5], place="村便民服务中心一楼", by=xiang, at=at)
        duty.fill(village=PENGLI, first=today, last=today + timedelta(days=92), by=xiang, at=at)
        duty.enter_absence(village=PENGLI, staff=staff("文"), first=today + timedelta(days=9), last=today + timedelta(days=13), reason="leave", by=xiang, at=at)
        here = duty.set_day(village=PENGLI, day=today, staff=xiang.id, reason="work", by=xiang, at=at)
        dutylog.write(id=uuid.uuid4(), day=here, topic="policy", told=True, words="问医保今年怎么交，已告诉他在手机上交，也可以到村里来代办", by=xiang, at=at)
        asked = DutyDay.objects.filter(area_code=PENGLI, staff=staff("强"), day__gt=today).order_by("day")[1].pk
    with acting_as("shou", purpose="demo") as shou:
        rhythm.keep_market(area=TOWN, name="虎山墟", rule={"kind": "lunar_ends", "numbers": [3, 8]}, place="老街口", by=shou, at=at)
    with acting_as("qiang", purpose="demo") as qiang:
        duty.ask_swap(day=asked, other=staff("兰"), by=qiang, at=at)
