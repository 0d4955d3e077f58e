"""一日一值班: filled fairly, changed by hand, by absence, by swap, by leaving; what a person set stays; who answers late is told."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, connections, transaction
from django.db.utils import Error
from django.utils import timezone

from minqing.access import handover, scope
from minqing.access.actions import staff as posts
from minqing.access.models import Appointment
from minqing.access.scope import NotAllowed
from minqing.contact.actions import duty, dutylog
from minqing.contact.models import DutyAbsence, DutyDay, DutyRota, DutySwap, DutyVisitor
from minqing.contact.queries import calendar
from minqing.contact.queries import duty as queries
from minqing.contact.refusals import Missing, NotHere, NotYours, Refused
from minqing.gateways import postgres
from minqing.service.rules.retention import KINDS
from tests.people import PENGLI, staff

ALL = (1, 2, 3, 4, 5, 6, 7)
TEAM = ("香", "兰", "强", "文", "苗")


def ahead(n: int) -> date:
    """So many days from today: every day is one of duty in these tests, whatever the year's holidays."""
    return timezone.localdate() + timedelta(days=n)


def rota(me: Any, people: tuple[str, ...] = TEAM) -> DutyRota:
    return duty.set_rota(village=PENGLI, people=[staff(n) for n in people], weekdays=ALL, workdays_only=False, place="村便民服务中心", by=me, at=timezone.now())


def filled(world: Any, people: tuple[str, ...] = TEAM, last: int = 40) -> dict[date, uuid.UUID | None]:
    with world.acting("香") as me:
        rota(me, people)
        duty.fill(village=PENGLI, first=ahead(1), last=ahead(last), by=me, at=timezone.now())
        return who()


def who() -> dict[date, uuid.UUID | None]:
    return {r.day: r.staff for r in DutyDay.objects.filter(area_code=PENGLI).order_by("day")}


def day_of(name: str, after: int = 1) -> DutyDay:
    return DutyDay.objects.filter(area_code=PENGLI, staff=staff(name), day__gte=ahead(after)).order_by("day").first()


# --- plan ------------------------------------------------------------------------------------------------------------------------------


def test_months_are_filled_fairly_and_filling_again_changes_nothing(world):
    found = filled(world)
    assert len(found) == 40 and max(Counter(found.values()).values()) - min(Counter(found.values()).values()) <= 1
    assert all(found[d] != found.get(d + timedelta(days=1)) for d in found)
    with world.acting("文") as me:
        done = duty.fill(village=PENGLI, first=ahead(1), last=ahead(60), by=me, at=timezone.now())
        assert done.planned == 20 and {d: s for d, s in who().items() if d <= ahead(40)} == found
        assert max(Counter(who().values()).values()) - min(Counter(who().values()).values()) <= 1


def test_only_who_arranges_contact_plans_and_only_people_of_the_village_take_part(world):
    for name in ("兰", "芳", "代"):
        with world.acting(name) as me, pytest.raises(NotAllowed):
            rota(me)
    with world.acting("香") as me:
        for outsider in ("芳", "梅"):   # the next village; a helper is a neighbour
            with pytest.raises(Missing) as refusal:
                rota(me, ("香", outsider))
            assert refusal.value.field == "people"
        with pytest.raises(Refused, match="还没有定谁参加"):
            duty.fill(village=PENGLI, first=ahead(1), last=ahead(5), by=me, at=timezone.now())


def test_planning_anew_keeps_what_a_person_set_and_takes_out_days_that_are_no_duty_any_more(world):
    filled(world)
    with world.acting("香") as me:
        duty.set_day(village=PENGLI, day=ahead(3), staff=staff("苗"), reason="work", by=me, at=timezone.now())
        duty.set_day(village=PENGLI, day=ahead(4), staff=None, off=True, by=me, at=timezone.now())
        weekday = ahead(5).isoweekday()
        duty.set_rota(village=PENGLI, people=[staff("香"), staff("文")], weekdays=[d for d in ALL if d != weekday], workdays_only=False, by=me, at=timezone.now())
        done = duty.fill(village=PENGLI, first=ahead(1), last=ahead(20), anew=True, by=me, at=timezone.now())
        row = {r.day: r for r in DutyDay.objects.filter(area_code=PENGLI)}
        assert (row[ahead(3)].staff, row[ahead(3)].by_hand, row[ahead(4)].off, done.kept) == (staff("苗"), True, True, 2)
        assert row[ahead(5)].off and row[ahead(5)].staff is None
        assert {row[ahead(n)].staff for n in range(1, 21) if n not in (3, 4, 5, 12, 19)} == {staff("香"), staff("文")}


def test_a_substitute_needs_a_reason_and_the_page_that_is_old_is_told(world):
    filled(world)
    with world.acting("香") as me:
        row = day_of("兰")
        with pytest.raises(Missing, match="原因"):
            duty.set_day(village=PENGLI, day=row.day, staff=staff("文"), by=me, at=timezone.now())
        after = duty.set_day(village=PENGLI, day=row.day, staff=staff("文"), reason="ill", seen=0, by=me, at=timezone.now())
        assert (after.how, after.was, after.revision, after.reason) == ("stand_in", staff("兰"), 1, "ill")
        with pytest.raises(Refused, match="刚被别人改过"):
            duty.set_day(village=PENGLI, day=row.day, staff=staff("苗"), reason="ill", seen=0, by=me, at=timezone.now())
        with pytest.raises(Missing, match="没有任职"):
            duty.set_day(village=PENGLI, day=row.day, staff=staff("芳"), reason="ill", by=me, at=timezone.now())
        with pytest.raises(Missing, match="今天起"):
            duty.set_day(village=PENGLI, day=ahead(-1), staff=staff("文"), by=me, at=timezone.now())


# --- absences --------------------------------------------------------------------------------------------------------------------------


def test_an_absence_moves_the_days_it_touches_and_no_others(world):
    before = filled(world)
    with world.acting("兰") as me:
        row, touched = duty.enter_absence(village=PENGLI, staff=me.id, first=ahead(1), last=ahead(12), reason="leave", by=me, at=timezone.now())
    with world.acting("香") as me:
        after = who()
        his = {d for d, s in before.items() if s == staff("兰") and d <= ahead(12)}
        assert touched == len(his) > 1
        assert {d: s for d, s in after.items() if d not in his} == {d: s for d, s in before.items() if d not in his}
        assert all(after[d] not in (None, staff("兰"), after[d + timedelta(days=1)], after.get(d - timedelta(days=1))) for d in his)
        with pytest.raises(Refused, match="登记了不在"):
            duty.set_day(village=PENGLI, day=ahead(2), staff=staff("兰"), reason="other", by=me, at=timezone.now())
        with pytest.raises(Refused, match="已经登记过"):
            duty.enter_absence(village=PENGLI, staff=staff("兰"), first=ahead(12), last=ahead(13), reason="ill", by=me, at=timezone.now())
        duty.end_absence(absence=row.pk, by=me, at=timezone.now())
        assert who() == after
        with pytest.raises(NotHere):
            duty.end_absence(absence=row.pk, by=me, at=timezone.now())


def test_a_day_set_by_hand_is_left_empty_for_a_person_to_decide(world):
    filled(world)
    with world.acting("香") as me:
        day = day_of("文").day
        duty.set_day(village=PENGLI, day=day, staff=staff("兰"), reason="work", by=me, at=timezone.now())
        duty.enter_absence(village=PENGLI, staff=staff("兰"), first=day, last=day, reason="ill", by=me, at=timezone.now())
        row = DutyDay.objects.get(area_code=PENGLI, day=day)
        assert (row.staff, row.how, row.was) == (None, "away", staff("兰"))
        assert list(queries.empty_days(me, [PENGLI], ahead(0), ahead=60)) == [row]
        assert duty.fill(village=PENGLI, first=ahead(1), last=ahead(40), by=me, at=timezone.now()).planned == 1


def test_why_somebody_is_away_is_told_to_nobody_else(world):
    filled(world)
    with world.acting("兰") as me:
        duty.enter_absence(village=PENGLI, staff=me.id, first=ahead(1), last=ahead(9), reason="ill", by=me, at=timezone.now())
        assert [a.reason for a, _n in queries.absences(me, PENGLI, ahead(0))] == ["ill"]
    with world.acting("强") as me:
        assert queries.absences(me, PENGLI, ahead(0)) == [] and str(staff("兰")) in queries.away(me, PENGLI, ahead(1), ahead(2))
        with pytest.raises(NotAllowed):
            duty.enter_absence(village=PENGLI, staff=staff("文"), first=ahead(1), last=ahead(2), reason="ill", by=me, at=timezone.now())
    with world.acting("芳") as me:
        assert queries.away(me, PENGLI, ahead(1), ahead(2)) == {}


# --- swaps -----------------------------------------------------------------------------------------------------------------------------


def test_two_swap_days_with_a_yes_and_the_plan_leaves_both_alone(world):
    filled(world)
    mine, his = day_of("兰"), day_of("强")
    with world.acting("兰") as me:
        swap = duty.ask_swap(day=mine.pk, other=staff("强"), instead=his.pk, by=me, at=timezone.now())
        with pytest.raises(Refused, match="已经请过"):
            duty.ask_swap(day=mine.pk, other=staff("强"), by=me, at=timezone.now())
        with pytest.raises(NotYours):
            duty.answer_swap(swap=swap, word="yes", by=me)
    with world.acting("强") as me:
        assert [(a.forme, a.other) for a in queries.swaps(me, [PENGLI], ahead(0))] == [(True, "姜晓兰")]
        duty.answer_swap(swap=swap, word="yes", by=me)
        with pytest.raises(Refused, match="已经不用了"):
            duty.answer_swap(swap=swap, word="no", by=me)
    with world.acting("香") as me:
        duty.fill(village=PENGLI, first=ahead(1), last=ahead(40), anew=True, by=me, at=timezone.now())
        mine.refresh_from_db()
        his.refresh_from_db()
        assert (mine.staff, his.staff, mine.how, mine.by_hand, mine.revision) == (staff("强"), staff("兰"), "swap", True, 1)


@pytest.mark.parametrize("word", ["no", "back"])
def test_a_no_and_a_question_taken_back_leave_the_day_where_it_is(world, word):
    filled(world)
    mine = day_of("兰")
    with world.acting("兰") as me:
        swap = duty.ask_swap(day=mine.pk, other=staff("强"), by=me, at=timezone.now())
    with world.acting("强" if word == "no" else "兰") as me:
        duty.answer_swap(swap=swap, word=word, by=me)
        assert queries.swaps(me, [PENGLI], ahead(0)) == []
    mine.refresh_from_db()
    with world.acting("强") as me:
        assert DutyDay.objects.get(pk=mine.pk).staff == staff("兰")
        with pytest.raises(Refused):
            duty.answer_swap(swap=swap, word="yes", by=me)


def test_of_several_who_are_asked_the_first_yes_takes_it(world):
    filled(world)
    mine = day_of("兰")
    with world.acting("兰") as me:
        one, two = (duty.ask_swap(day=mine.pk, other=staff(n), by=me, at=timezone.now()) for n in ("强", "文"))
    with world.acting("文") as me:
        duty.answer_swap(swap=two, word="yes", by=me)
    with world.acting("强") as me:
        with pytest.raises(Refused, match="别人先答应"):
            duty.answer_swap(swap=one, word="yes", by=me)
        assert DutySwap.objects.get(pk=one).answer == "lapsed" and DutyDay.objects.get(pk=mine.pk).staff == staff("文")


def test_everything_is_looked_at_again_when_it_is_agreed(world):
    filled(world)
    mine, his = day_of("兰"), day_of("强")
    with world.acting("兰") as me:
        swap = duty.ask_swap(day=mine.pk, other=staff("强"), instead=his.pk, by=me, at=timezone.now())
        other = duty.ask_swap(day=day_of("兰", after=(mine.day - ahead(0)).days + 1).pk, other=staff("强"), by=me, at=timezone.now())
    with world.acting("香") as me:   # his day goes to somebody else meanwhile
        duty.set_day(village=PENGLI, day=his.day, staff=staff("文"), reason="work", by=me, at=timezone.now())
        day = DutySwap.objects.get(pk=other).day.day
        duty.enter_absence(village=PENGLI, staff=staff("强"), first=day, last=day, reason="leave", by=me, at=timezone.now())
    with world.acting("强") as me:
        with pytest.raises(Refused, match="已经不用了"):
            duty.answer_swap(swap=swap, word="yes", by=me)
        with pytest.raises(Refused, match="登记了不在"):
            duty.answer_swap(swap=other, word="yes", by=me)


def test_a_swap_ends_by_itself_on_the_day(world):
    filled(world)
    with world.acting("香") as me:
        duty.set_day(village=PENGLI, day=ahead(0), staff=staff("兰"), by=me, at=timezone.now())
        today = DutyDay.objects.get(area_code=PENGLI, day=ahead(0))
    with world.acting("兰") as me:
        with pytest.raises(Refused, match="当天和过去"):
            duty.ask_swap(day=today.pk, other=staff("强"), by=me, at=timezone.now())
        mine = day_of("兰")
        duty.ask_swap(day=mine.pk, other=staff("强"), by=me, at=timezone.now())
    with world.acting("强") as me:
        assert [queries.waiting_swaps(me, mine.day + timedelta(days=n)).count() for n in (-1, 0)] == [1, 0]


def test_whoever_is_elsewhere_is_not_asked_and_days_of_others_are_not_given_away(world):
    filled(world)
    mine, his = day_of("兰"), day_of("强")
    with world.acting("兰") as me:
        for other in ("芳", "梅", "兰"):
            with pytest.raises(Refused, match="本村任职"):
                duty.ask_swap(day=mine.pk, other=staff(other), by=me, at=timezone.now())
        with pytest.raises(Refused, match="不是您值班"):
            duty.ask_swap(day=his.pk, other=staff("文"), by=me, at=timezone.now())
        with pytest.raises(Refused, match="不是他值班"):
            duty.ask_swap(day=mine.pk, other=staff("文"), instead=his.pk, by=me, at=timezone.now())


# --- leaving ---------------------------------------------------------------------------------------------------------------------------


def test_whose_post_ends_loses_the_coming_days_and_they_are_empty_until_filled(world):
    filled(world)
    with world.acting("香") as me:
        his = [r.day for r in DutyDay.objects.filter(area_code=PENGLI, staff=staff("强"))]
        row = Appointment.objects.get(staff=staff("强"), ends_at=None)
        thing = next(t for t in handover.open_things(appointment=row, by=me, at=timezone.now()) if t.source == "duty")
        assert "值班" in thing.label and f"{len(his)} 天" in thing.label and thing.due_on == his[0]
        posts.end(appointment=row, reason="调离", by=me, at=timezone.now(), decisions=[handover.Decision(thing, None, "由下次排班补上")])
        assert [r.day for r in DutyDay.objects.filter(area_code=PENGLI, staff=None, how="left").order_by("day")] == his
        assert [e.cancelled for e in calendar.events(me, [PENGLI], his[0], his[0]) if e.kind == "duty"] == [True]
        duty.fill(village=PENGLI, first=ahead(1), last=ahead(40), by=me, at=timezone.now())
        assert not {staff("强"), None} & set(who().values())


def test_nobody_is_planned_beyond_the_day_on_which_his_post_is_known_to_end(world):
    with world.acting("香") as me:
        now = timezone.now()
        row = Appointment.objects.get(staff=staff("强"), ends_at=None)
        Appointment.objects.filter(pk=row.pk).update(ends_at=now + timedelta(days=10), ended_by=me.id, end_reason="借调到期")
        rota(me)
        duty.fill(village=PENGLI, first=ahead(1), last=ahead(40), by=me, at=now)
        his = [d for d, s in who().items() if s == staff("强")]
        assert his and max(his) <= ahead(10) and None not in who().values()
        duty.enter_absence(village=PENGLI, staff=staff("兰"), first=ahead(11), last=ahead(20), reason="leave", by=me, at=now)
        assert all(s not in (staff("强"), staff("兰"), None) for d, s in who().items() if ahead(11) <= d <= ahead(20))


def test_his_days_go_to_whoever_takes_over(world):
    filled(world)
    with world.acting("香") as me:
        his = [r.day for r in DutyDay.objects.filter(area_code=PENGLI, staff=staff("强"))]
        row = Appointment.objects.get(staff=staff("强"), ends_at=None)
        thing = next(t for t in handover.open_things(appointment=row, by=me, at=timezone.now()) if t.source == "duty")
        with pytest.raises(posts.Refused, match="没有任职"), transaction.atomic():
            posts.end(appointment=row, reason="调离", by=me, at=timezone.now(), decisions=[handover.Decision(thing, staff("芳"), "")])
        posts.end(appointment=row, reason="调离", by=me, at=timezone.now(), decisions=[handover.Decision(thing, staff("兰"), "")])
        assert {who()[d] for d in his} == {staff("兰")}


# --- walls -----------------------------------------------------------------------------------------------------------------------------


def test_the_next_village_sees_and_changes_nothing(world):
    filled(world)
    with world.acting("兰") as me:
        swap = duty.ask_swap(day=day_of("兰").pk, other=staff("强"), by=me, at=timezone.now())
        row = day_of("兰")
    with world.acting("芳") as me:
        assert not DutyRota.objects.exists() and not DutyDay.objects.filter(area_code=PENGLI).exists() and not DutySwap.objects.exists() and not DutyAbsence.objects.exists()
        with pytest.raises(ProgrammingError), transaction.atomic():
            DutyDay(area_code=PENGLI, day=ahead(90), staff=None, changed_at=timezone.now()).save(force_insert=True)
        assert not DutyDay.objects.filter(pk=row.pk).update(staff=me.id)
        with pytest.raises(NotHere):
            duty.answer_swap(swap=swap, word="yes", by=me)
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select access.answer_duty_swap(%s, 'yes')", [swap])


def test_free_sql_of_a_colleague_gives_no_day_away_and_answers_for_nobody(world):
    filled(world)
    row = day_of("香")
    with world.acting("兰") as me:
        assert DutyDay.objects.filter(pk=row.pk).exists() and not DutyDay.objects.filter(pk=row.pk).update(staff=me.id)
        with pytest.raises(ProgrammingError), transaction.atomic():
            DutySwap(area_code=PENGLI, day=row, asker=staff("香"), asked=me.id, asked_at=timezone.now(), answer="yes").save(force_insert=True)
        with pytest.raises(ProgrammingError), transaction.atomic():
            DutyAbsence(area_code=PENGLI, staff=staff("香"), first=ahead(1), last=ahead(9), reason="ill", made_by=me.id, made_at=timezone.now()).save(force_insert=True)
    with world.acting("香") as me, pytest.raises(Error), transaction.atomic():   # nobody without a post there, whoever writes it
        DutyDay.objects.filter(pk=row.pk).update(staff=staff("芳"))


def test_lines_of_the_log_and_absences_are_erased_after_two_years_and_days_stay(world):
    filled(world)
    with world.acting("香") as me:
        here = duty.set_day(village=PENGLI, day=ahead(0), staff=me.id, by=me, at=timezone.now())
        dutylog.write(id=uuid.uuid4(), day=here, topic="policy", words="问医保", by=me, at=timezone.now())
        duty.enter_absence(village=PENGLI, staff=staff("文"), first=ahead(1), last=ahead(2), reason="leave", by=me, at=timezone.now())
        rows = DutyDay.objects.count()
    with connections["jobs"].cursor() as cursor:
        scope.enter_keeper()
        for wrong in (timezone.now(), timezone.now() - timedelta(days=183)):
            with pytest.raises(Error), transaction.atomic(using="jobs"):
                cursor.execute("select n from access.expire_duty('duty', %s, 100, false)", [wrong])
        cursor.execute("select n from access.expire_duty('duty', %s, 100, true)", [timezone.now() - timedelta(days=185)])
        assert cursor.fetchone()[0] == 0
    with world.acting("香"):
        assert (DutyVisitor.objects.count(), DutyAbsence.objects.count(), DutyDay.objects.count()) == (1, 1, rows)
    assert {"contact.DutyVisitor", "contact.DutyMatter", "contact.DutyAbsence"} == set(KINDS["duty"].models) and KINDS["duty"].days == 2 * 366


# --- at once -----------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def lasting(committed):
    """Committed, for what another connection must see; removed afterwards."""
    yield committed
    with psycopg.connect(**postgres.open_cluster(settings.HOME).superuser_dsn(settings.DATABASE_NAME), autocommit=True) as root:
        root.execute("set session_replication_role = replica")
        for table in ("dutyswap", "dutyabsence", "dutyday", "dutyrota"):
            root.execute(f"delete from contact_{table} where area_code = %s", [PENGLI])  # noqa: S608


def at_once(*doing: Any) -> list[str]:
    gate, answers = threading.Barrier(len(doing)), []

    def run(act: Any) -> None:
        try:
            gate.wait()
            act()
            answers.append("ok")
        except Refused as refusal:
            answers.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in doing]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return answers


def test_two_say_yes_to_one_day_at_the_same_moment_and_one_has_it(lasting):
    filled(lasting, last=10)
    with lasting.acting("兰") as me:
        mine = day_of("兰")
        asked = {n: duty.ask_swap(day=mine.pk, other=staff(n), by=me, at=timezone.now()) for n in ("强", "文")}

    def yes(name: str) -> Any:
        def act() -> None:
            with lasting.acting(name) as me:
                duty.answer_swap(swap=asked[name], word="yes", by=me)
        return act

    answers = at_once(yes("强"), yes("文"))
    assert sorted(a == "ok" for a in answers) == [False, True] and any("已经不用了" in a for a in answers)
    with lasting.acting("香"):
        answered = {s.asked: s.answer for s in DutySwap.objects.all()}
        row = DutyDay.objects.get(pk=mine.pk)
        assert sorted(answered.values()) == ["lapsed", "yes"] and answered[row.staff] == "yes" and row.revision == 1


def test_two_fill_and_set_one_day_at_the_same_moment_and_nothing_stands_twice(lasting):
    with lasting.acting("香") as me:
        rota(me)

    def fill(name: str) -> Any:
        def act() -> None:
            with lasting.acting(name) as me:
                duty.fill(village=PENGLI, first=ahead(1), last=ahead(20), by=me, at=timezone.now())
        return act

    assert at_once(fill("香"), fill("文")) == ["ok", "ok"]

    def by_hand(name: str, whom: str) -> Any:
        def act() -> None:
            with lasting.acting(name) as me:
                duty.set_day(village=PENGLI, day=ahead(3), staff=staff(whom), reason="ill", seen=0, by=me, at=timezone.now())
        return act

    with lasting.acting("香"):
        free = [n for n in TEAM if staff(n) != DutyDay.objects.get(area_code=PENGLI, day=ahead(3)).staff]
        assert DutyDay.objects.filter(area_code=PENGLI).count() == 20
    answers = at_once(by_hand("香", free[0]), by_hand("文", free[1]))
    assert sorted(a == "ok" for a in answers) == [False, True] and any("刚被别人改过" in a for a in answers)


def test_two_who_are_away_at_the_same_moment_do_not_get_each_others_days(lasting):
    filled(lasting, people=("兰", "强"), last=10)

    def away(name: str) -> Any:
        def act() -> None:
            with lasting.acting(name) as me:
                duty.enter_absence(village=PENGLI, staff=me.id, first=ahead(1), last=ahead(10), reason="leave", by=me, at=timezone.now())
        return act

    assert at_once(away("兰"), away("强")) == ["ok", "ok"]
    with lasting.acting("香"):
        assert set(who().values()) == {None}


@pytest.mark.parametrize("by_hand", [False, True], ids=["swap", "by hand"])
def test_a_yes_waits_for_the_absence_that_is_entered_beside_it(lasting, by_hand):
    """兰 enters an absence; while it is not yet committed 强 gives her a day of it, or 香 sets her there: nobody who is away is on duty."""
    filled(lasting, last=10)
    with lasting.acting("强") as me:
        row = day_of("强")
        swap = duty.ask_swap(day=row.pk, other=staff("兰"), by=me, at=timezone.now())
    entered, waits = threading.Event(), threading.Event()

    def away() -> None:
        with lasting.acting("兰") as me:
            duty.enter_absence(village=PENGLI, staff=me.id, first=row.day, last=row.day, reason="leave", by=me, at=timezone.now())
            entered.set()
            waits.wait(1)

    def take() -> None:
        entered.wait(10)
        if by_hand:
            with lasting.acting("香") as me:
                duty.set_day(village=PENGLI, day=row.day, staff=staff("兰"), reason="work", by=me, at=timezone.now())
        else:
            with lasting.acting("兰") as me:
                duty.answer_swap(swap=swap, word="yes", by=me)

    answers = at_once(away, take)
    assert answers.count("ok") == 1 and any("登记了不在" in a for a in answers), answers
    with lasting.acting("香"):
        assert DutyDay.objects.get(pk=row.pk).staff == staff("强")
