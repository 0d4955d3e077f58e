"""What the work desk says of duty: who is there today and tomorrow, the next days that come round, what waits for an answer.

Invariant: no statement of its own: all of it is read in the one that counts what waits; nobody's days are counted.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.models import Staff
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.contact.models import DutyDay, Rhythm
from minqing.contact.queries import duty, rhythm
from minqing.contact.rules.rhythm import DEFAULTS, KINDS, Holiday, next_held
from minqing.service.queries.calendar import calendar_for
from minqing.web.desk.things.work import Waiting


def villages(me: Me) -> list[str]:
    """Villages in which he himself has a post."""
    return sorted({p.area[: duty.VILLAGE] for p in me.posts if len(p.area) >= duty.VILLAGE and p.role != "helper"})


def waiting(me: Me, on: date) -> list[Waiting]:
    """Colleagues who asked him for a day; days soon on which nobody is there, for who arranges it."""
    own = villages(me)
    if not own:
        return []
    found = [Waiting(duty.waiting_swaps(me, on), _("%s 次换班等您答复"), _("换班"), "cin", reverse("duty-list"), _("去答复"), _("不答复，到了当天就自己作废"))]
    if me.holds(Right.CONTACT):
        found.append(Waiting(duty.empty_days(me, own, on), _("两周内有 %s 天没有人值班"), _("值班"), "och", reverse("duty-list"), _("去安排")))
    return found


def rows(me: Me, on: date) -> dict[str, QuerySet[Any]]:
    """What `of_home` is made from, read in the statement that counts what waits."""
    own = villages(me)
    if not own:
        return {}
    name = Staff.objects.filter(pk=OuterRef("staff")).values("name")[:1]
    days = DutyDay.objects.filter(area_code__in=me.with_former(own), day__range=(on, on + timedelta(days=1)), off=False).annotate(name=Subquery(name))
    return {"duty": days.values("id", "day", "area_code", "name"), "rhythm": Rhythm.objects.filter(area_code__in=rhythm.above(own[0])).values("area_code", "kind", "number", "holiday", "held")}


def of_home(me: Me, on: date, found: dict[str, list[dict[str, Any]]]) -> dict[str, Any] | None:
    """Today, tomorrow, and the next Tuesday and 15th of his first village. None where he has no village of his own."""
    own = villages(me)
    if not own:
        return None
    names = {p.area: p.area_name for p in me.posts}
    people = [{"today": r["day"] == f"{on:%Y-%m-%d}", "name": r["name"], "village": names.get(r["area_code"], ""), "url": reverse("duty-day", args=[r["id"]])} for r in sorted(found.get("duty", []), key=lambda r: (r["day"], r["area_code"]))]
    rules = dict(DEFAULTS)
    for r in sorted(found.get("rhythm", []), key=lambda r: len(r["area_code"])):
        rules[r["kind"]] = replace(DEFAULTS[r["kind"]], number=r["number"], holiday=Holiday(r["holiday"]), held=r["held"])
    calendar = calendar_for(own[0])
    following = {kind: next_held(rule, on, calendar) for kind, rule in rules.items()}
    return {"people": people, "several": len(own) > 1, "next": [{"title": KINDS[kind], "day": day} for kind, day in following.items() if day is not None]}
