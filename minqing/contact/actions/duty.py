"""一日一值班: how a village does it, months filled ahead, days set by hand, absences, swaps, a substitute.

Invariants: whoever arranges contact in the village plans; the plan never touches a day that a person set or swapped; somebody else's day is taken
only with his yes; an absence moves the days it touches and no others; two who act on one day at once: one of them is told.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import DatabaseError, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.contact.actions import telling
from minqing.contact.models import DutyAbsence, DutyDay, DutyRota, DutySwap
from minqing.contact.queries import duty as queries
from minqing.contact.refusals import Missing, NotHere, NotYours, Refused
from minqing.contact.rules import duty as rules
from minqing.service.queries.calendar import calendar_for

#: Somebody may say so long after that he was away.
BACK = timedelta(days=31)


@transaction.atomic
def set_rota(*, village: str, people: Sequence[uuid.UUID], weekdays: Sequence[int], workdays_only: bool = True, opens: time = time(8, 30), closes: time = time(17, 30), place: str = "", by: Me, at: datetime) -> DutyRota:
    """How the village does it from now on. Days that are planned already stay as they are."""
    by.require(Right.CONTACT, village)
    if len(village) != queries.VILLAGE:
        raise Missing("village", _("值班按村排，请选一个村。"))
    here = {c.id for c in queries.colleagues(village, at=at, using=by.using)}
    chosen = list(dict.fromkeys(people))
    if not chosen:
        raise Missing("people", _("请至少选一位参加值班的人。"))
    if len(chosen) > rules.MOST_PEOPLE or not set(chosen) <= here:
        raise Missing("people", _("参加值班的人要在本村任职，请从列表中选。"))
    wanted = sorted(set(weekdays))
    if not wanted or not set(wanted) <= set(range(1, 8)):
        raise Missing("weekdays", _("请至少选一个星期几。"))
    if closes <= opens:
        raise Missing("closes", _("下班应晚于上班。"))
    said = {"people": chosen, "weekdays": wanted, "workdays_only": workdays_only, "opens": opens, "closes": closes, "place": place.strip()[:60], "made_by": by.id, "made_at": at}
    row, _made = DutyRota.objects.using(by.using).update_or_create(area_code=village, defaults=said)
    audit.record("duty.rota", detail={"area": village, "n": len(chosen)}, using=by.using)
    return row


@dataclass(frozen=True)
class Filled:
    """`planned`: days that got a name now; `empty`: days on which everybody is away; `kept`: days set by hand, left as they are."""

    planned: int
    empty: int
    kept: int


@transaction.atomic
def fill(*, village: str, first: date, last: date, anew: bool = False, by: Me, at: datetime) -> Filled:
    """Plan the days from `first` to `last`. `anew`: also those that the plan itself had filled; what a person set or swapped stays either way."""
    by.require(Right.CONTACT, village)
    today = timezone.localdate(at)
    if first < today or last < first or (last - first).days >= rules.MOST_DAYS:
        raise Missing("last", _("只能排今天起的日子，一次最多 %(most)d 天，最后一天不早于第一天。") % {"most": rules.MOST_DAYS})
    # one plan at a time: the second waits here and finds the days filled
    rota = DutyRota.objects.using(by.using).select_for_update().filter(area_code=village).first()
    if rota is None:
        raise Refused(_("这个村还没有定谁参加值班，请先定好再排。"))
    people = _still_here(rota, by, at)
    calendar = calendar_for(village, using=by.using)
    slots = rules.slots(rota.weekdays, rota.workdays_only, first, last, calendar)
    rows = {r.day: r for r in DutyDay.objects.using(by.using).select_for_update().filter(area_code=village, day__range=(first, last)).order_by("pk")}
    after = DutyDay.objects.using(by.using).filter(area_code=village, day__range=(last + timedelta(days=1), last + timedelta(days=7))).exclude(staff=None).order_by("day").first()

    def stands(row: DutyDay) -> bool:
        return row.by_hand or row.off or (row.staff is not None and not (anew and row.day > today))

    fixed: dict[date, str | None] = {d: str(r.staff) if r.staff else None for d, r in rows.items() if stands(r)}
    if after is not None:
        fixed[after.day] = str(after.staff)
    found = rules.plan(slots, people, fixed=fixed, away=_not_there(village, first, last, by, at), before=queries.before(village, first, using=by.using))
    for day, who in found.items():
        row, staff = rows.get(day), uuid.UUID(who) if who else None
        if row is None:
            DutyDay(area_code=village, day=day, staff=staff, changed_by=by.id, changed_at=at).save(using=by.using, force_insert=True)
        elif row.staff != staff or row.how != "plan":
            DutyDay.objects.using(by.using).filter(pk=row.pk).update(staff=staff, how="plan", by_hand=False, reason="")
    if anew:
        # days that the new arrangement has no duty on
        gone = [r.pk for d, r in rows.items() if d not in {s.day for s in slots} and not stands(r)]
        DutyDay.objects.using(by.using).filter(pk__in=gone).update(staff=None, off=True, how="plan")
    audit.record("duty.fill", detail={"area": village, "n": len(found)}, using=by.using)
    return Filled(sum(who is not None for who in found.values()), sum(who is None for who in found.values()), sum(r.by_hand for r in rows.values()))


def _not_there(village: str, first: date, last: date, by: Me, at: datetime) -> dict[str, list[tuple[date, date]]]:
    """Who is away, and who has no post there any more by then."""
    found = {who: list(spans) for who, spans in queries.away(by, village, first, last).items()}
    for who, spans in queries.gone(village, at=at, using=by.using).items():
        found.setdefault(who, []).extend(spans)
    return found


def _still_here(rota: DutyRota, by: Me, at: datetime) -> list[str]:
    """Those of the rota who have a post in the village today, in its order."""
    here = {c.id for c in queries.colleagues(rota.area_code, at=at, using=by.using)}
    return [str(p) for p in rota.people if p in here]


@transaction.atomic
def set_day(*, village: str, day: date, staff: uuid.UUID | None, off: bool = False, reason: str = "", seen: int | None = None, by: Me, at: datetime) -> DutyDay:
    """One day by hand: another name, nobody yet, or no duty at all. `seen`: the revision that the page showed.

    Today with a reason is a substitute (somebody fell ill). Raises Missing, Refused.
    """
    by.require(Right.CONTACT, village)
    today = timezone.localdate(at)
    if day < today or (day - today).days > 400:
        raise Missing("day", _("只能改今天起一年之内的日子；过去的照旧留着。"))
    if reason and reason not in dict(DutyDay.REASONS):
        raise Missing("reason", _("请从列表中选原因。"))
    if off and staff is not None:
        raise Missing("staff", _("“这天不值班”和值班人只能选一样。"))
    # beside a plan or an absence that is entered now, one waits for the other
    if DutyRota.objects.using(by.using).select_for_update().filter(area_code=village).first() is None:
        raise Refused(_("这个村还没有定谁参加值班，请先定好再排。"))
    row = DutyDay.objects.using(by.using).select_for_update().filter(area_code=village, day=day).first()
    if row is not None and seen is not None and seen != row.revision:
        raise Refused(_("这一天刚被别人改过，请看现在是谁，再改。"))
    if row is not None and row.staff is not None and staff is not None and row.staff != staff and not reason:
        raise Missing("reason", _("换下原来的人，请选原因。"))
    if staff is not None and _is_away(village, staff, day, by):
        raise Refused(_("他这一天登记了不在，请另选一位，或先取消那次登记。"))
    how = "stand_in" if row is not None and row.staff is not None and staff is not None and row.staff != staff else "hand"
    try:
        with transaction.atomic(using=by.using):
            if row is None:
                row = DutyDay(area_code=village, day=day, staff=staff, off=off, how="hand", by_hand=True, reason=reason, changed_by=by.id, changed_at=at)
                row.save(using=by.using, force_insert=True)
            else:
                # an emptied day may be filled by the next plan; a name or a day taken out is a person's word
                DutyDay.objects.using(by.using).filter(pk=row.pk).update(staff=staff, off=off, how=how, by_hand=staff is not None or off, reason=reason)
                row.refresh_from_db(using=by.using)
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", "")
        if state == "23505":
            raise Refused(_("这一天刚被别人排过，请看现在是谁，再改。")) from error
        if state == "23514":
            raise Missing("staff", _("他那一天在本村没有任职，请另选一位。")) from error
        raise
    audit.record("duty.set", detail={"day": str(row.pk), "area": village}, using=by.using)
    return row


def _is_away(village: str, staff: uuid.UUID, day: date, by: Me) -> bool:
    return str(staff) in queries.away(by, village, day, day)


# --- absences ----------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def enter_absence(*, village: str, staff: uuid.UUID, first: date, last: date, reason: str, by: Me, at: datetime) -> tuple[DutyAbsence, int]:
    """From when to when he is away: himself, or whoever arranges duty. The days it touches go to others; returns how many there were."""
    if staff != by.id:
        by.require(Right.CONTACT, village)
    today = timezone.localdate(at)
    if reason not in dict(DutyDay.REASONS):
        raise Missing("reason", _("请从列表中选原因。"))
    if last < first or (last - first).days > rules.MOST_DAYS:
        raise Missing("last", _("最后一天不能早于第一天，一次最多 %(most)d 天。") % {"most": rules.MOST_DAYS})
    if last < today - BACK:
        raise Missing("last", _("这几天已经过去一个多月，不用再登记。"))
    if staff not in {c.id for c in queries.colleagues(village, at=at, using=by.using)}:
        raise Missing("staff", _("他在本村没有任职，请从列表中选。"))
    if DutyAbsence.objects.using(by.using).filter(area_code=village, staff=staff, cancelled_at=None, first__lte=last, last__gte=first).exists():
        raise Refused(_("这几天里已经登记过不在，请先取消原来的。"))
    # beside a plan that runs now, one waits for the other
    rota = DutyRota.objects.using(by.using).filter(area_code=village).first()
    made = DutyAbsence(area_code=village, staff=staff, first=first, last=last, reason=reason, made_by=by.id, made_at=at)
    made.save(using=by.using, force_insert=True)
    others = _others_for(village, rota, staff, max(first, today), last, by, at) if rota is not None and last >= today else {}
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.cover_absence(%s, %s)", [made.pk, json.dumps(others)])
        touched = cursor.fetchone()[0]
    return made, touched


def _others_for(village: str, rota: DutyRota, staff: uuid.UUID, first: date, last: date, by: Me, at: datetime) -> dict[str, str | None]:
    """Who the plan would put on his days; every other day stands as it is."""
    around = timedelta(days=7)
    calendar = calendar_for(village, using=by.using)
    rows = list(DutyDay.objects.using(by.using).filter(area_code=village, day__range=(first - around, last + around)))
    his = {r.day for r in rows if r.staff == staff and first <= r.day <= last and not r.by_hand}
    fixed = {r.day: str(r.staff) if r.staff else None for r in rows if r.day not in his and r.day >= first}
    slots = [rules.Slot(r.day, rules.load_of(r.day, calendar)) for r in rows if r.day >= first]
    away = _not_there(village, first - around, last + around, by, at)
    found = rules.plan(slots, _still_here(rota, by, at), fixed=fixed, away=away, before=queries.before(village, first, using=by.using))
    return {day.isoformat(): who for day, who in found.items() if day in his}


@transaction.atomic
def end_absence(*, absence: uuid.UUID, by: Me, at: datetime) -> None:
    """He is there after all. Days that went to others stay with them."""
    if not DutyAbsence.objects.using(by.using).filter(pk=absence, cancelled_at=None).update(cancelled_at=at):
        raise NotHere(_("没有这次登记，或已经取消。"))
    audit.record("duty.back", detail={"id": str(absence)}, using=by.using)


# --- swaps ---------------------------------------------------------------------------------------------------------------------------

_ASKED = {
    "not_yours": "这一天不是您值班，不能请人换。", "past": "当天和过去的日子不能换了；临时有事请找村书记安排替班。", "elsewhere": "请选一位那天在本村任职的同事。",
    "other": "他拿来换的那一天已经不是他值班，请重新选。", "twice": "已经请过他，正等答复。",
}
_ANSWERED = {
    "stale": "这次换班已经不用了：别人先答应了，或已经收回。", "past": "那一天已经到了，不能再换。", "left": "有一方那天在本村已经没有任职，不能换。", "away": "有一方那天登记了不在，不能换。",
    "clash": "有一方那天在别的村也值班，不能换。",
}


@transaction.atomic
def ask_swap(*, day: uuid.UUID, other: uuid.UUID | None, instead: uuid.UUID | None = None, by: Me, at: datetime) -> uuid.UUID:
    """Ask a colleague to take one's day, perhaps against one of his. Several may be asked; the first yes takes it."""
    if other is None:
        raise Missing("other", _("请选请谁换。"))
    number = uuid.uuid4()
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.ask_duty_swap(%s, %s, %s, %s)", [number, day, other, instead])
        said = cursor.fetchone()[0]
    if said != "ok":
        raise Refused(_(_ASKED[said]))
    rows = {r.pk: r for r in DutyDay.objects.using(by.using).filter(pk__in=[d for d in (day, instead) if d])}
    mine, his = rows[day], rows.get(instead) if instead else None
    what = lasting("%(day)s替他值班，他替您值%(his)s的班") if his else lasting("%(day)s替他值班")
    telling.colleague(event=f"swap:{number}", staff=other, area=mine.area_code, what=what % {"day": telling.day_words(mine.day), "his": telling.day_words(his.day) if his else ""}, by=by, at=at)
    return number


@transaction.atomic
def answer_swap(*, swap: uuid.UUID, word: str, by: Me) -> None:
    """"yes" or "no" from who was asked, "back" from who asked. Everything is looked at again when it is agreed."""
    if not DutySwap.objects.using(by.using).filter(pk=swap).exists():
        raise NotHere(_("没有这次换班，或不在您的村。"))
    try:
        with transaction.atomic(using=by.using), connections[by.using].cursor() as cursor:
            cursor.execute("select access.answer_duty_swap(%s, %s)", [swap, word])
            said = cursor.fetchone()[0]
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") == "42501":
            raise NotYours(_("这次换班没有请您答复。")) from error
        raise
    if said != "ok":
        raise Refused(_(_ANSWERED[said]))
