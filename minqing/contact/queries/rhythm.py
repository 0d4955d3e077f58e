"""The days that come round and the markets of areas, as rules and as events of the calendar.

Invariant: public knowledge; the narrowest area has the last word on a rhythm, and where nobody has said anything the defaults hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from minqing.access.scope import Me
from minqing.contact.events import Event
from minqing.contact.models import Market, Rhythm
from minqing.contact.rules import markets
from minqing.contact.rules import rhythm as rules
from minqing.lib.worktime import ZONE
from minqing.service.queries.calendar import calendar_for

#: Levels at which a rhythm can be set: county, town, village.
DIGITS = (6, 9, 12)


def above(code: str) -> list[str]:
    """The areas whose word holds at a place, widest first."""
    return [code[:n] for n in DIGITS if n <= len(code)]


@dataclass(frozen=True)
class Held:
    """A rhythm as it holds somewhere, and whose word it is ('' = the default)."""

    rule: rules.Rhythm
    area: str = ""


def of(codes: Iterable[str], *, using: str = "default") -> dict[str, dict[str, Held]]:
    """{area: {kind: rhythm}}. One statement."""
    wanted = list(codes)
    rows = Rhythm.objects.using(using).filter(area_code__in={a for c in wanted for a in above(c)})
    own = {(r.area_code, r.kind): r.rule for r in rows}
    return {code: {kind: next((Held(own[a, kind], a) for a in reversed(above(code)) if (a, kind) in own), Held(default)) for kind, default in rules.DEFAULTS.items()} for code in wanted}


def markets_of(codes: Iterable[str], *, using: str = "default") -> list[Market]:
    """Markets of the areas, of the towns above them and of the villages below. One statement."""
    asked = Q(pk=None)
    for code in codes:
        asked |= Q(area_code__in=above(code)) | Q(area_code__startswith=code)
    return list(Market.objects.using(using).filter(asked, ended_on=None).order_by("area_code", "name"))


def uid(kind: str, area: str, due: date) -> str:
    """The number of one occurrence: whoever offers the same day with more in it (who comes, bookings) offers it under this number."""
    return f"{kind}-{area}-{due:%Y%m%d}"


def rhythm_events(me: Me, codes: list[str], first: date, last: date) -> list[Event]:
    """Tuesdays and 15ths by the rule alone. One that falls away is told as cancelled, with the next one."""
    held, found = of(codes, using=me.using), []
    for code in codes:
        calendar = calendar_for(code, using=me.using)
        for kind, one in held[code].items():
            for o in rules.dates(one.rule, first, last, calendar):
                found.append(_event(code, kind, one.rule, o))
    return found


def _event(code: str, kind: str, rule: rules.Rhythm, o: rules.Occurrence) -> Event:
    title, day = str(rules.KINDS[kind]), o.day or o.due
    if o.moved:
        title = _("%(title)s（%(why)s，从 %(due)s 顺延）") % {"title": title, "why": o.why, "due": f"{o.due:%m-%d}"}
    elif not o.held:
        following = f"{o.following:%m-%d}" if o.following else ""
        title = _("%(title)s（%(why)s，这次不办；下一次 %(next)s）") % {"title": title, "why": o.why, "next": following}
    return Event(uid(kind, code, o.due), code, kind, title, datetime.combine(day, rule.opens, ZONE), datetime.combine(day, rule.closes, ZONE), place=rule.place, public=True, cancelled=not o.held)


def market_events(me: Me, codes: list[str], first: date, last: date) -> list[Event]:
    """Market days at a place: those of its town and its own."""
    rows = markets_of(codes, using=me.using)
    found = []
    for code in codes:
        for market in (m for m in rows if m.area_code in above(code) or m.area_code.startswith(code)):
            for day in markets.days(market.days, first, last):
                found.append(Event(
                    f"market-{market.pk}-{day:%Y%m%d}", code, "market", _("赶墟：%(name)s") % {"name": market.name}, datetime.combine(day, market.opens, ZONE), datetime.combine(day, market.closes, ZONE), place=market.place, public=True))
    return found


def next_days(codes: Iterable[str], today: date, *, using: str = "default") -> dict[str, dict[str, date | None]]:
    """The next Tuesday and 15th of each area."""
    held = of(codes, using=using)
    return {code: {kind: rules.next_held(one.rule, today, calendar_for(code, using=using)) for kind, one in kinds.items()} for code, kinds in held.items()}
