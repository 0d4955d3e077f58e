"""The demonstration's window: three counters with hours, delegated items and seals, and on the day it is made a morning's numbers.

Invariants: counters are set once and numbers are drawn once a day, both by the actions that people use; whoever closed the day is not
disturbed; nobody's name stands behind a number.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from minqing.commands.acting import acting_as
from minqing.demo.cast import TOWN
from minqing.service.actions import window
from minqing.service.models import Counter, Ticket, WindowDay
from minqing.service.rules import desks

WORKDAY = "8:30-11:30 14:00-17:00"
COUNTERS = (
    window.Shape("A", "综合受理", "", (*[WORKDAY] * 5, "9:00-11:30", ""), ("elder_card", "old_age_allowance"), "便民服务中心受理专用章"),
    window.Shape("B", "社保医保", "03", (*[WORKDAY] * 5, "", ""), ("pension_proof", "medical_away"), "社会保险业务专用章"),
    window.Shape("C", "民政残联", "02", (*[WORKDAY] * 5, "", ""), ("temporary_relief", "disability_card"), ""),
)
#: The morning's numbers: counter, asks for priority, how it ended ('' = still open), what is left.
MORNING = (
    ("A", False, "answered", ""), ("A", False, "papers", "缺户口簿复印件，明天带来"), ("B", False, "", ""), ("A", True, "", ""), ("A", False, "", ""), ("B", False, "", ""), ("C", False, "", ""), ("A", False, "", ""),
)


def prepare(at: datetime) -> None:
    desk = desks.of(TOWN, desks.WINDOW)
    with acting_as("shou", purpose="demo") as shou:
        if not Counter.objects.filter(desk_code=desk).exists():
            for shape in COUNTERS:
                window.set_counter(town=TOWN, shape=shape, by=shou, at=at)
    today = timezone.localdate(at)
    with acting_as("min", purpose="demo") as clerk:
        if Ticket.objects.filter(desk_code=desk, day=today).exists() or WindowDay.objects.filter(desk_code=desk, day=today).exists():
            return
        counters = {c.letter: c.pk for c in Counter.objects.filter(desk_code=desk, ended_at=None)}
        if not {letter for letter, *_rest in MORNING} <= set(counters):
            return
        drawn = [(window.draw(counter=counters[letter], priority=first, by=clerk), outcome, left) for letter, first, outcome, left in MORNING]
        window.sit(counter=counters["A"], by=clerk)
        for ticket, outcome, left in drawn:
            if outcome:
                window.step(ticket=ticket.pk, name="call", by=clerk)
                window.step(ticket=ticket.pk, name="end", outcome=outcome, left=left, by=clerk)
        window.call_next(by=clerk)
