"""What the service declares to the areas below: which days people rest, by the calendar that the nation publishes.

Invariant: asked on the connection of whoever asks; a day nobody described is free on Saturday and Sunday.
"""

from __future__ import annotations

from datetime import date

from minqing.service.queries import calendar


def rests(day: date, *, using: str) -> bool:
    """Whether it is a day off, make-up days counted as worked."""
    return not calendar.calendar_for(calendar.NATION, using=using).is_working(day)


REST_DAYS = (rests,)
