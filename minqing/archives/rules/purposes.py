"""From where a personal page is opened, and when that alone is reason enough (scope.md §6, domain.md §5).

Invariant: level 4 always wants a reason in words; level 3 wants one off duty or when opened from no list, visit, matter or batch.
"""

from __future__ import annotations

from datetime import datetime, time

from django.utils.translation import gettext as _

#: Purposes that follow from where one comes from. Anything else is "opened from nowhere".
FROM_WORK = frozenset({"household", "resident", "list", "search", "visit", "matter", "errand", "batch", "question", "work", "print", "gather", "areas", "practice"})
SHORTEST_REASON = 4


def office_hours(text: str) -> tuple[time, time]:
    """"07:00-22:00" → two times of day."""
    start, _dash, end = text.partition("-")
    return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())


def on_duty(at: datetime, hours: str) -> bool:
    """Whether a local time lies in the office hours; hours may pass midnight."""
    start, end = office_hours(hours)
    now = at.time()
    return start <= now < end if start <= end else now >= start or now < end


def needs_reason(*, level: int, purpose: str, local: datetime, hours: str) -> str:
    """'' or why a reason in words is wanted, as a Chinese phrase."""
    if level >= 4:
        return _("这是敏感个人信息")
    if not on_duty(local, hours):
        return _("现在不是办公时间（%s）") % hours
    if purpose.split(":", maxsplit=1)[0].split(".", maxsplit=1)[0] not in FROM_WORK:
        return _("不是从名单、走访或办事中打开的")
    return ""


def is_reason(text: str) -> bool:
    """Words a colleague can understand later: at least four characters that are not all the same."""
    plain = text.strip()
    return len(plain) >= SHORTEST_REASON and len(set(plain)) > 1
