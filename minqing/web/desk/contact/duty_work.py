"""What the work desk says of duty: who is there today and tomorrow, the next days that come round, what waits for an answer.

Invariant: two statements, and numbers of waiting lists in the one statement of all of them; nobody's days are counted.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.models import Staff
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.contact.models import DutyDay
from minqing.contact.queries import duty, rhythm
from minqing.contact.rules.rhythm import KINDS
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


def of_home(me: Me, on: date) -> dict[str, Any] | None:
    """Today, tomorrow, and the next Tuesday and 15th of his first village. None where he has no village of his own."""
    own = villages(me)
    if not own:
        return None
    name = Staff.objects.filter(pk=OuterRef("staff")).values("name")[:1]
    rows = DutyDay.objects.filter(area_code__in=own, day__range=(on, on + timedelta(days=1)), off=False).annotate(name=Subquery(name)).order_by("day", "area_code")
    names = {p.area: p.area_name for p in me.posts}
    people = [{"today": r.day == on, "name": r.name, "village": names.get(r.area_code, ""), "url": reverse("duty-day", kwargs={"duty_day": r.pk})} for r in rows]
    following = rhythm.next_days(own[:1], on)[own[0]]
    return {"people": people, "several": len(own) > 1, "next": [{"title": KINDS[kind], "day": day} for kind, day in following.items() if day is not None]}
