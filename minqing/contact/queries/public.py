"""What a village tells everybody of its days: who is there, when one can come and speak, when its market is.

Invariant: read in a transaction in which nobody is anybody (`scope.enter_public`): names and office telephones come from one function that gives
what hangs on the door; rules and holidays are public.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connections
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.access.public import Row
from minqing.access.queries import former
from minqing.access.scope import Me
from minqing.contact.events import Event
from minqing.contact.models import ContactDay
from minqing.contact.queries import rhythm
from minqing.contact.rules import markets
from minqing.contact.rules import rhythm as rules
from minqing.contact.rules.days import KIND_LABELS, Kind, State
from minqing.service.queries.calendar import calendar_for

#: Days of duty shown: today, tomorrow and the next ones.
DAYS = 7
#: Days ahead in which the next ones are looked for.
AHEAD = 40
MOST = 3


def day_words(day: date, today: date) -> str:
    """"今天", "明天", "11月27日 星期五"."""
    if day == today:
        return _("今天")
    if day == today + timedelta(days=1):
        return _("明天")
    return f"{date_format(day, _('n月j日'))} {rules.WEEKDAYS[day.isoweekday()]}"


def duty_rows(area: Area, using: str) -> list[Row]:
    """Who is there today, tomorrow and in the next days."""
    today = timezone.localdate()
    with connections[using].cursor() as cursor:
        cursor.execute("select day, name, phone, opens, closes, place, off from access.public_duty(%s, %s, %s)", [area.code, today, today + timedelta(days=DAYS - 1)])
        found = cursor.fetchall()
    return [Row(f"{day_words(day, today)} {name or _('还没有排人')}", f"{opens:%H:%M}–{closes:%H:%M} {place}".strip(), phone) for day, name, phone, opens, closes, place, off in found if not off]


def next_rows(area: Area, using: str) -> list[Row]:
    """The next joint office days, days of talk and markets. One that falls away says so, with the next."""
    today, found = timezone.localdate(), []
    calendar = calendar_for(area.code, using=using)
    laid = {r.laid_for: r for r in ContactDay.objects.using(using).filter(area_code__in=former([area.code]), kind=Kind.JOINT, day__range=(today, today + timedelta(days=AHEAD))).exclude(state__in=[State.PLANNED, State.HELD])
            .only("id", "area_code", "kind", "day", "starts_at", "ends_at", "place", "state", "why", "laid_for")}
    for kind, held in rhythm.of([area.code], using=using)[area.code].items():
        rule = held.rule
        for o in rules.dates(rule, today, today + timedelta(days=AHEAD), calendar)[: MOST - 1]:
            stands = laid.get(f"{kind}-{o.due:%Y%m%d}")
            if stands is not None:  # what was decided of this one has the last word
                when = f"{timezone.localtime(stands.starts_at):%H:%M}–{timezone.localtime(stands.ends_at):%H:%M} {stands.place}".strip()
                if o.day is None:  # laid out before its holiday was published: nobody has said yet
                    when = _("%(why)s，去之前请打电话问一声") % {"why": o.why}
                found.append((stands.day, Row(f"{day_words(stands.day, today)} {rules.KINDS[kind]}", _("这次不办：%(why)s") % {"why": stands.why} if stands.state == State.CANCELLED else when)))
                continue
            hours = f"{rule.opens:%H:%M}–{rule.closes:%H:%M} {rule.place}".strip()
            if o.day is not None:
                found.append((o.day, Row(f"{day_words(o.day, today)} {rules.KINDS[kind]}", hours)))
            else:
                found.append((o.due, Row(f"{day_words(o.due, today)} {rules.KINDS[kind]}", _("%(why)s，这次不办；下一次 %(next)s") % {"why": o.why, "next": date_format(o.following, _("n月j日")) if o.following else ""})))
    for market in rhythm.markets_of([area.code], using=using):
        if area.code.startswith(market.area_code):
            for day in markets.days(market.days, today, today + timedelta(days=AHEAD))[:MOST]:
                found.append((day, Row(f"{day_words(day, today)} " + _("赶墟：%(name)s") % {"name": market.name}, f"{market.opens:%H:%M}–{market.closes:%H:%M} {market.place}".strip())))
    return [row for _day, row in sorted(found, key=lambda x: x[0])]


def feed_events(me: Me, first: date, last: date) -> list[Event]:
    """Meetings and days that were announced, for a village's public calendar, which reads no row of theirs."""
    with connections[me.using].cursor() as cursor:
        cursor.execute("select uid, kind, title, starts_at, ends_at, place, off, revision, changed from access.feed_events(%s, %s)", [first, last])
        rows = cursor.fetchall()
    return [Event(uid, me.area, kind, title if kind == "meeting" else _day_title(kind, title), starts, ends, place=place, public=True, cancelled=off, revision=revision, revised_at=changed) for uid, kind, title, starts, ends, place, off, revision, changed in rows]


def _day_title(kind: str, subject: str) -> str:
    label = str(KIND_LABELS[Kind(kind)])
    return f"{label}：{subject}" if subject else label
