"""Volunteer teams: who sees what, one person in one place, swaps by two yeses, requests that find a team, medicines, introductions that are gone."""

from __future__ import annotations

import threading
import uuid
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from minqing.access.models import AuditEntry
from minqing.access.scope import NotAllowed
from minqing.gateways import postgres
from minqing.service.actions import matters, pairings, volunteer_clock, volunteers
from minqing.service.actions.matters import Said, Who
from minqing.service.actions.pairings import Medicine, Side
from minqing.service.models import (
    Care,
    HelpRequest,
    HelpStep,
    HourLine,
    Introduction,
    MedicineCheck,
    Pairing,
    Team,
    TeamShift,
    Volunteer,
)
from minqing.service.queries import volunteers as queries
from minqing.service.refusals import Missing, NeedsReason, NotHere, NotYours, Refused
from minqing.service.rules import volunteers as rules
from minqing.web.desk.volunteers import helping
from tests.archives import village
from tests.contracts.foreign import superuser
from tests.people import PENGLI
from tests.service.errand_people import running, staff, xu
from tests.service.volunteer_people import GRID1, GRID2, asked, day, member, now, paired, shift, team

EVERYBODY_ELSE = ("兰", "强", "文", "代", "芳", "苗", "敏", "琴", "国", "数", "审", "管", "街", "受", "总")


@pytest.fixture
def lasting(committed):
    """Committed, for what another connection must see (the clock, a second colleague); removed afterwards."""
    yield committed
    with psycopg.connect(**postgres.open_cluster(settings.HOME).superuser_dsn(settings.DATABASE_NAME), autocommit=True) as root:
        root.execute("set session_replication_role = replica")
        for table in ("hourline", "care", "medicinecheck", "pairing", "introduction", "teamshift", "teammember", "volunteer", "team"):
            root.execute(f"delete from service_{table} where made_at > '2020-01-01'")  # noqa: S608


def own(model: type[Model]) -> QuerySet[Any]:
    """Rows of today: those of other people that the contracts keep committed are a century older."""
    return model._default_manager.filter(made_at__year__gte=2020)


# --- rules: no database ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("use_by", "look"), [
    (["2027-06-30"], "2027-06-16"),            # 14 days before
    (["2027-06-30", "2026-12-20"], "2026-12-06"),  # the first to expire decides
    (["2026-12-03"], "2026-11-27"),            # within 14 days: the next day
    (["2026-11-26"], "2026-11-26"),            # on its last day: today, never after it
    ([], None),
])
def test_a_medicine_comes_up_before_its_use_by_date(use_by, look):
    found = rules.look_on([date.fromisoformat(d) for d in use_by], done_on=date(2026, 11, 26))
    assert (str(found) if found else None) == look


@pytest.mark.parametrize(("born", "on", "adult"), [("2008-11-26", "2026-11-26", True), ("2008-11-27", "2026-11-26", False), ("2008-02-29", "2026-02-28", False), ("2008-02-29", "2026-03-01", True)])
def test_of_age(born, on, adult):
    assert rules.is_adult(date.fromisoformat(born), date.fromisoformat(on)) is adult


def candidate(name: str, *, skills: tuple[str, ...] = ("repair",), grids: tuple[str, ...] = (), free: tuple[rules.Shift, ...] = ()) -> rules.Candidate:
    return rules.Candidate(name, name, skills, grids, 3, free)


def slot(pk: str, on: int, *, who: str = "赵", skills: tuple[str, ...] = ()) -> rules.Shift:
    starts = datetime(2026, 12, on, 9)
    return rules.Shift(pk, starts, starts + timedelta(hours=2), who, skills)


def test_a_team_is_suggested_by_skill_grid_and_free_shift_with_the_reasons():
    need = rules.Need(GRID1, "repair", date(2026, 12, 1), date(2026, 12, 5))
    found = rules.suggest(need, [
        candidate("全村队", free=(slot("a", 2),)), candidate("一网格队", grids=(GRID1,), free=(slot("b", 3), slot("c", 4, skills=("repair",)))), candidate("没空队", grids=(GRID1,), free=(slot("d", 9),)),
        candidate("二网格队", grids=(GRID2,), free=(slot("e", 2),)), candidate("医护队", skills=("medical",), free=(slot("f", 2),)),
    ])
    assert [(s.team.name, s.shift.id if s.shift else None) for s in found] == [("一网格队", "c"), ("全村队", "a"), ("没空队", None)]
    assert [k for k, _v in found[0].why] == ["skill", "grid", "shift", "own_skill"]
    assert [k for k, _v in found[2].why] == ["skill", "grid", "no_shift"]


# --- who sees what -----------------------------------------------------------------------------------------------------------------


def test_the_secretary_and_the_lead_see_the_team_and_nobody_else_does(world):
    mine = team(world)
    who = member(world, mine)
    shift(world, mine, who)
    pk = asked(world)
    with world.acting("香") as me:
        volunteers.give(help_=pk, team=mine.pk, by=me, at=now())
    home = paired(world, mine)
    for name in ("香", "梅"):
        with world.acting(name) as me:
            assert pk in [h.pk for h in queries.requests(me)]
            assert [v.pk for v in own(Volunteer)] == [who.pk]
            assert [p.pk for p in own(Pairing)] == [home.pk]
            assert queries.who(queries.HELP_CONTACT, pk, own(HelpRequest).get().contact_cipher).door == "上塘6号"
    for name in EVERYBODY_ELSE:
        with world.acting(name):
            for model in (Volunteer, HelpRequest, Pairing, TeamShift):
                assert not own(model).exists(), (name, model.__name__)
            assert not HelpStep.objects.filter(at__year__gte=2020).exists(), name


def test_a_lead_sees_only_what_her_own_team_was_asked(world):
    mine, other = team(world), team(world, "夕阳红", lead="代", grids=())
    a, b = asked(world), asked(world, words="陪去医院看牙")
    with world.acting("香") as me:
        volunteers.give(help_=a, team=mine.pk, by=me, at=now())
        volunteers.give(help_=b, team=other.pk, by=me, at=now())
    paired(world, other, name="代")
    with world.acting("梅") as me:
        assert [h.pk for h in queries.requests(me)] == [a]
        assert not Pairing.objects.exists()
        with pytest.raises(NotHere):
            volunteers.get_team(other.pk, me)


def test_a_lead_whose_post_ends_sees_nothing_any_more(world):
    mine = team(world)
    member(world, mine)
    with world.acting("香"), connection.cursor() as cursor:
        cursor.execute("update access_appointment set ends_at = now() where staff_id = %s", [staff("梅")])
    with world.acting("梅"):
        assert not Volunteer.objects.exists()
        assert not Team.objects.exists()


def test_a_lead_takes_nobody_into_the_team_and_gives_no_request_away(world):
    mine = team(world)
    pk = asked(world)
    with world.acting("梅") as me:
        with pytest.raises(NotYours):
            volunteers.change_team(team=mine.pk, shape=volunteers.Shape("别的名", ("repair",)), by=me)
        with pytest.raises(NotHere):
            volunteers.give(help_=pk, team=mine.pk, by=me, at=now())
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update service_helprequest set team_id = %s", [mine.pk])


def test_the_next_villages_secretary_reaches_neither_team_nor_members(world):
    mine = team(world)
    with world.acting("芳") as me:
        with pytest.raises(NotHere):
            volunteers.get_team(mine.pk, me)
        with pytest.raises(NotYours):
            volunteers.make_team(village=PENGLI, shape=volunteers.Shape("抢来的队", ("repair",)), by=me, at=now())


# --- members, shifts, swaps ----------------------------------------------------------------------------------------------------------


def test_nobody_from_outside_without_a_telephone_and_nobody_twice(world):
    mine = team(world)
    with pytest.raises(Missing, match="电话"):
        member(world, mine, phone="")
    member(world, mine)
    with pytest.raises(Refused, match="已经在这支队里"):
        member(world, mine)


def test_a_resident_joins_by_his_file(world):
    village.grids()
    with world.acting("香") as me:
        person = xu(me)
    joined = member(world, team(world), name="", phone="", person=person.pk)
    with world.acting("梅"):
        row = Volunteer.objects.get(pk=joined.pk)
        assert queries.who(queries.CONTACT, row.pk, row.contact_cipher) == queries.Who("徐后根", "15400000060")


def test_one_person_in_one_place_in_whatever_team(world):
    mine, other = team(world), team(world, "夕阳红", lead="代", grids=())
    who = member(world, mine)
    again = member(world, other)
    assert who.pk == again.pk
    shift(world, mine, who)
    with pytest.raises(Refused, match="赵水生.*已经有班"):
        shift(world, mine, who, hours=(10, 12))
    with pytest.raises(Refused, match="已在别处排了班"):  # 代 does not see the other team's rota; the database does
        shift(world, other, who, hours=(10, 12), name="代")
    shift(world, other, who, hours=(11, 12), name="代")


def test_two_at_the_same_moment_cannot_put_one_person_in_two_places(lasting):
    made = team(lasting, "并发队")
    who = member(lasting, made)
    answers: list[str] = []
    start = threading.Barrier(2)

    def run(name: str) -> None:
        try:
            start.wait()
            shift(lasting, made, who, on=5, name=name)
            answers.append("ok")
        except Refused as refusal:
            answers.append(str(refusal))
        finally:
            connections.close_all()

    both = [threading.Thread(target=run, args=(n,)) for n in ("梅", "香")]
    for t in both:
        t.start()
    for t in both:
        t.join()
    assert sorted(a == "ok" for a in answers) == [False, True]
    assert "赵水生" in next(a for a in answers if a != "ok")


def test_a_swap_needs_both(world):
    mine = team(world)
    one, two = member(world, mine), member(world, mine, "毛小芬", "16400000322")
    first = shift(world, mine, one)
    with world.acting("梅") as me:
        swap = volunteers.ask_swap(shift=first.pk, taker=two.pk, how="phone", by=me, at=now())
        with connection.cursor() as cursor:  # the door itself says no before the second yes
            cursor.execute("select access.swap_shift(%s)", [swap.pk])
            assert cursor.fetchone()[0] == "agree"
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update service_teamshift set volunteer_id = %s where id = %s", [two.pk, first.pk])
        volunteers.agree_swap(swap=swap.pk, how="face", by=me, at=now())
        assert TeamShift.objects.get(pk=first.pk).volunteer_id == two.pk


def test_two_exchange_shifts_at_the_same_time_and_a_clash_is_refused(world):
    mine = team(world)
    one, two = member(world, mine), member(world, mine, "毛小芬", "16400000322")
    a, b = shift(world, mine, one), shift(world, mine, two)
    with world.acting("梅") as me:
        alone = volunteers.ask_swap(shift=a.pk, taker=two.pk, how="face", by=me, at=now())
        with pytest.raises(Refused, match="已经有班"), transaction.atomic():
            volunteers.agree_swap(swap=alone.pk, how="face", by=me, at=now())
        volunteers.refuse_swap(swap=alone.pk, by=me, at=now())
        swap = volunteers.ask_swap(shift=a.pk, taker=two.pk, other=b.pk, how="face", by=me, at=now())
        volunteers.agree_swap(swap=swap.pk, how="face", by=me, at=now())
        assert (TeamShift.objects.get(pk=a.pk).volunteer_id, TeamShift.objects.get(pk=b.pk).volunteer_id) == (two.pk, one.pk)


def test_out_of_the_last_team_the_telephone_is_gone(world):
    mine = team(world)
    who = member(world, mine)
    later = shift(world, mine, who)
    with world.acting("香") as me:
        volunteers.leave(team=mine.pk, volunteer=who.pk, by=me, at=now())
        row = Volunteer.objects.get(pk=who.pk)
        assert row.left_on
        assert row.phone_digest is None
        assert queries.who(queries.CONTACT, row.pk, row.contact_cipher) == queries.Who("赵水生")
        assert TeamShift.objects.get(pk=later.pk).cancelled_at


def test_a_shift_that_was_promised_to_somebody_is_given_back_before_its_volunteer_leaves(world):
    mine = team(world)
    who, other = member(world, mine), member(world, mine, "毛小芬", "16400000322")
    promised, free = shift(world, mine, who), shift(world, mine, who, on=3)
    help_ = asked(world)
    with world.acting("梅") as me:
        volunteers.ask_swap(shift=free.pk, taker=other.pk, how="face", by=me, at=now())
    with world.acting("香") as me:
        volunteers.give(help_=help_, team=mine.pk, shift=promised.pk, by=me, at=now())
        with pytest.raises(Refused, match="退回"):
            volunteers.leave(team=mine.pk, volunteer=who.pk, by=me, at=now())
        assert own(TeamShift).filter(volunteer=who, cancelled_at=None).count() == 2
        volunteers.refuse(help_=help_, note="那天他不在了", by=me)
        volunteers.leave(team=mine.pk, volunteer=who.pk, by=me, at=now())
        assert not queries.swaps([mine], me), "nobody is asked to take a shift that is no more"


def test_a_dissolved_team_leaves_nobody_in_a_shift_and_keeps_no_telephone(world):
    first, other = team(world), team(world, "夕阳红")
    who, both = member(world, first), member(world, first, "毛小芬", "16400000322")
    assert member(world, other, "毛小芬", "16400000322").pk == both.pk
    shift(world, first, both)
    with world.acting("香") as me:
        volunteers.end_team(team=first.pk, by=me, at=now())
        assert Volunteer.objects.get(pk=who.pk).phone_digest is None
        assert Volunteer.objects.get(pk=both.pk).left_on is None, "she is in another team"
        with pytest.raises(Refused, match="已经解散"):
            pairings.plan_activity(team=first.pk, title="义诊", place="文化礼堂", starts=now(), ends=now() + timedelta(hours=1), by=me, at=now())
    shift(world, other, both)   # at the same hour as the one of the dissolved team


# --- requests ------------------------------------------------------------------------------------------------------------------------


def test_from_asking_to_done(world):
    mine = team(world)
    who = member(world, mine)
    duty = shift(world, mine, who)
    pk = asked(world)
    with world.acting("香") as me:
        row = volunteers.get_help(pk, me)
        best = queries.suggestions(row, me, at=now())[0]
        assert (best.team.name, best.shift.id if best.shift else "") == ("邻里帮", str(duty.pk))
        volunteers.give(help_=pk, team=mine.pk, shift=duty.pk, by=me, at=now())
        assert [k for k, _v in HelpRequest.objects.get(pk=pk).why] == ["skill", "grid", "shift", "own_skill"]
    with world.acting("梅") as me:
        volunteers.accept(help_=pk, by=me)
        volunteers.done(help_=pk, note="换了密封圈", helpers=[who.pk], minutes=40, on=day(0), by=me, at=now())
        assert HelpRequest.objects.get(pk=pk).state == "done"
        assert [(h.volunteer_id, h.minutes, h.kind) for h in HourLine.objects.all()] == [(who.pk, 40, "help")]
        assert list(HelpStep.objects.order_by("at").values_list("move", flat=True)) == ["ask", "give", "accept", "done"]


def test_a_refusal_has_a_reason_and_the_lead_sees_it_no_more(world):
    mine = team(world)
    pk = asked(world)
    with world.acting("香") as me:
        volunteers.give(help_=pk, team=mine.pk, by=me, at=now())
    with world.acting("梅") as me:
        with pytest.raises(Missing):
            volunteers.refuse(help_=pk, note="忙", by=me)
        volunteers.refuse(help_=pk, note="这几天都去采茶了", by=me)
        assert not HelpRequest.objects.exists()
    with world.acting("香") as me:
        row = volunteers.get_help(pk, me)
        assert (row.state, row.team) == ("open", None)


def test_a_free_shift_is_given_once(world):
    mine = team(world)
    duty = shift(world, mine, member(world, mine))
    a, b = asked(world), asked(world, words="家里灯不亮了")
    with world.acting("香") as me:
        volunteers.give(help_=a, team=mine.pk, shift=duty.pk, by=me, at=now())
        assert queries.suggestions(volunteers.get_help(b, me), me, at=now())[0].shift is None
        with pytest.raises(Refused, match="刚被别的事占了"):
            volunteers.give(help_=b, team=mine.pk, shift=duty.pk, by=me, at=now())
        with pytest.raises(Refused, match="已经答应去帮人"):
            volunteers.cancel_shift(shift=duty.pk, why="下雨", by=me, at=now())


MOVES = [(m, s) for m in rules.HELP_MOVES for s in rules.Help]


@pytest.mark.parametrize(("move", "state"), MOVES, ids=lambda x: str(x))
def test_the_database_makes_the_moves_of_the_table_and_no_other(world, move, state):
    mine = team(world)
    pk = asked(world)
    path = {rules.Help.OPEN: (), rules.Help.GIVEN: ("give",), rules.Help.ACCEPTED: ("give", "accept"), rules.Help.DONE: ("give", "accept", "done"), rules.Help.WITHDRAWN: ("withdraw",)}[state]
    with world.acting("香"), connection.cursor() as cursor:
        answers = []
        for step in (*path, move):
            cursor.execute("select access.move_help(%s, %s, %s, null, '[]', null, %s)", [pk, step, mine.pk, uuid.uuid4()])
            answers.append(cursor.fetchone()[0])
        before, after = rules.HELP_MOVES[move]
        assert answers[:-1] == ["ok"] * len(path)
        assert answers[-1] == ("ok" if state in before else "stale")
        assert HelpRequest.objects.get(pk=pk).state == (after if state in before else state)


def test_a_request_comes_from_a_matter_by_whoever_has_it_and_its_desk_is_told_how_far_it_is(world):
    matter, _person = running(world)
    mine = team(world)
    with pytest.raises(NotYours):
        asked(world, "强", matter=matter.pk, source="errand", place=GRID2)
    pk = asked(world, "代", matter=matter.pk, source="errand", place=PENGLI)
    with world.acting("香") as me:
        volunteers.give(help_=pk, team=mine.pk, by=me, at=now())
    with world.acting("代") as me:
        assert [(x.state, x.team) for x in queries.of_matter(matter.pk, me)] == [("given", "邻里帮")]
        assert not HelpRequest.objects.exists()
    with world.acting("强") as me:
        assert queries.of_matter(matter.pk, me) == []


def test_what_was_said_in_confidence_goes_to_no_team(world):
    village.grids()
    with world.acting("香") as me:
        secret, plain = (matters.open_matter(Said("家里水管漏水，不想让邻居知道", "help_up", "window", PENGLI, requester=Who(name="徐后根", phone="15400000060"), confidential=closed), by=me, at=now()).matter for closed in (True, False))
        assert [helping.of_matter(m, me)["may"] for m in (secret, plain)] == [False, True]
    with pytest.raises(Refused, match="保密"):
        asked(world, "香", matter=secret.pk, source="matter", place=PENGLI)
    assert asked(world, "香", matter=plain.pk, source="matter", place=PENGLI)


# --- medicines ---------------------------------------------------------------------------------------------------------------------


def check(world: Any, home: Pairing, *, use_by: date, name: str = "梅") -> MedicineCheck:
    with world.acting(name) as me:
        return pairings.check_medicines(pairing=home.pk, medicines=[Medicine("硝苯地平片", use_by)], explained_by="村卫生室周医生", note="", on=day(0), by=me, at=now())


def test_the_team_writes_medicines_and_only_the_secretary_reads_them_with_a_reason(world):
    home = paired(world, team(world))
    made = check(world, home, use_by=day(200))
    assert "硝苯地平" not in str(bytes(made.payload))
    with world.acting("梅") as me:
        assert not MedicineCheck.objects.exists()
        with pytest.raises(NotAllowed):
            pairings.read_medicines(pairing=home.pk, reason="看看还有什么药", by=me)
    with world.acting("数"):
        assert not MedicineCheck.objects.exists()
    with world.acting("香") as me:
        with pytest.raises(NeedsReason):
            pairings.read_medicines(pairing=home.pk, reason="看", by=me)
        found = pairings.read_medicines(pairing=home.pk, reason="家属来问药还够不够", by=me)
        assert [m.name for m in found[0].medicines] == ["硝苯地平片"]
    with world.acting("审"):
        assert AuditEntry.objects.filter(what="medicine.read", reason="家属来问药还够不够").count() == 1


def test_no_medicine_without_its_own_consent_and_none_that_has_expired(world):
    mine = team(world)
    with pytest.raises(Missing, match="另外同意"):
        paired(world, mine, services=("medicine",), health=False)
    plain = paired(world, mine, services=("errand",))
    with pytest.raises(Refused, match="没有同意核对药品"):
        check(world, plain, use_by=day(100))
    with pytest.raises(Missing, match="已经过期"):
        check(world, paired(world, mine, door="上塘8号"), use_by=day(-1))


@pytest.mark.parametrize("door", ["上塘6号", " 上塘 ６号 "])
def test_a_household_is_paired_once_with_a_team(world, door):
    mine = team(world)
    first = paired(world, mine)
    with pytest.raises(Refused, match="已经和这支队结对"):
        paired(world, mine, door=door)
    paired(world, mine, door="上塘8号")
    with world.acting("梅") as me:
        with pytest.raises(IntegrityError), transaction.atomic():   # whatever wrote the row
            Pairing(team=mine, area_code=mine.area_code, place_code=first.place_code, services=["errand"], starts_on=first.starts_on, consented_on=first.consented_on, consent_how="face",
                    contact_cipher=b"x", door_digest=bytes(first.door_digest), made_by=me.id, made_at=first.made_at).save(force_insert=True)
        pairings.end(pairing=first.pk, why="不需要了", by=me, at=now())
    assert paired(world, mine, door=door).pk != first.pk


def test_a_medicine_that_expires_becomes_a_task_and_the_next_check_ends_it(lasting):
    home = paired(lasting, team(lasting))
    check(lasting, home, use_by=day(30))
    assert volunteer_clock.run(now=lambda: now() + timedelta(days=15))["medicines"] == 0
    assert volunteer_clock.run(now=lambda: now() + timedelta(days=16))["medicines"] == 1
    assert volunteer_clock.run(now=lambda: now() + timedelta(days=17))["medicines"] == 0
    with lasting.acting("梅") as me:
        task = queries.planned(me, until=day(16))[0]
        assert (task.kind, task.due_on, task.by_clock) == ("medicine", day(16), True)
        with pytest.raises(Refused, match="不能划掉"):
            pairings.drop(care=task.pk, note="不在家", by=me)
    check(lasting, home, use_by=day(400))
    with lasting.acting("香"):
        assert own(Care).get().state == "held"
        assert own(Pairing).get().look_on == day(386)
        assert own(MedicineCheck).filter(superseded_at=None).count() == 1


def test_a_video_call_is_arranged_and_held(world):
    mine = team(world)
    who = member(world, mine)
    home = paired(world, mine)
    with world.acting("梅") as me:
        with pytest.raises(Missing, match="和谁视频"):
            pairings.arrange(pairing=home.pk, kind="call", on=day(1), words="", by=me, at=now())
        with pytest.raises(Missing, match="没有约这一项"):
            pairings.arrange(pairing=home.pk, kind="repair", on=day(1), words="", by=me, at=now())
        care = pairings.arrange(pairing=home.pk, kind="call", on=day(0), words="和在杭州的儿子，晚上七点，用队里的手机", by=me, at=now())
        pairings.held(care=care.pk, on=day(0), note="说了二十分钟", volunteer=who.pk, minutes=30, by=me, at=now())
        assert Care.objects.get(pk=care.pk).state == "held"
        assert queries.hours_of(who, me)[0].minutes == 30


# --- introductions -----------------------------------------------------------------------------------------------------------------


def opened(world: Any, mine: Team, **more: Any) -> Introduction:
    seeker, giver = Side("周阿根", "16400000401", date(1990, 5, 1)), Side("茶厂老李", "16400000402", date(1980, 5, 1))
    with world.acting("梅") as me:
        return pairings.introduce(**{"team": mine.pk, "words": "茶厂炒茶，两个月", "seeker": seeker, "giver": giver, "by": me, "at": now(), **more})


def test_only_two_consenting_adults_are_brought_together(world):
    mine = team(world)
    young = Side("小周", "16400000403", timezone.localdate() - timedelta(days=17 * 365))
    with pytest.raises(Missing, match="还不满 18 周岁"):
        opened(world, mine, seeker=young)
    row = opened(world, mine)
    with world.acting("梅") as me:
        pairings.consent(pk=row.pk, side="seeker", how="face", by=me, at=now())
        with pytest.raises(Refused, match="两个人都同意"):
            pairings.bring_together(pk=row.pk, by=me, at=now())
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update service_introduction set made_on = current_date where id = %s", [row.pk])
        pairings.consent(pk=row.pk, side="giver", how="phone", by=me, at=now())
        pairings.bring_together(pk=row.pk, by=me, at=now())
        assert Introduction.objects.get().made_on == day(0)


def test_an_introduction_is_really_gone_after_90_days(lasting):
    """The row is deleted, not marked: the administrator of the database, who sees everything, finds none."""
    row = opened(lasting, team(lasting))
    with superuser() as root:
        assert volunteer_clock.run(now=lambda: now() + timedelta(days=89))["erased"] == 0
        assert root.execute("select count(*) from service_introduction where id = %s", [row.pk]).fetchone()[0] == 1
        assert volunteer_clock.run(now=lambda: now() + timedelta(days=90))["erased"] == 1
        assert root.execute("select count(*) from service_introduction").fetchone()[0] == 0
    with pytest.raises(DatabaseError), transaction.atomic(using="jobs"), connections["jobs"].cursor() as cursor:
        cursor.execute("select * from service_introduction")  # the clock erases what it cannot read


def test_from_the_day_two_were_brought_together_it_counts_anew_and_no_longer(world):
    row = opened(world, team(world))
    with world.acting("梅") as me:
        for side in ("seeker", "giver"):
            pairings.consent(pk=row.pk, side=side, how="face", by=me, at=now())
        pairings.bring_together(pk=row.pk, by=me, at=now())
        assert Introduction.objects.get(pk=row.pk).erase_on == day(90)


def test_nobody_makes_an_introduction_last_longer(world):
    row = opened(world, team(world))
    with world.acting("梅"):
        for statement in ("update service_introduction set erase_on = erase_on + 1", "update service_introduction set opened_on = opened_on + 60", "delete from service_introduction"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        assert Introduction.objects.get(pk=row.pk).erase_on == day(90)


def test_taking_a_yes_back_erases_at_once(world):
    row = opened(world, team(world))
    with world.acting("芳") as me, pytest.raises(NotHere):
        pairings.take_back(pk=row.pk, by=me)
    with world.acting("梅") as me:
        pairings.take_back(pk=row.pk, by=me)
        assert not Introduction.objects.exists()


def test_the_clocks_doors_open_for_the_clock_alone(world):
    opened(world, team(world))
    for name in ("香", "梅"):
        with world.acting(name), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select access.erase_introductions(current_date + 400)")


# --- activities --------------------------------------------------------------------------------------------------------------------


def test_an_activity_says_who_helped_and_how_many_were_served(world):
    mine = team(world)
    who = member(world, mine)
    with world.acting("梅") as me:
        made = pairings.plan_activity(team=mine.pk, title="义诊", place="村文化礼堂", starts=now() - timedelta(hours=3), ends=now() - timedelta(hours=1), by=me, at=now())
        with pytest.raises(Missing, match="哪几位"):
            pairings.hold_activity(activity=made.pk, helpers=[], names=[], served=3, result="", minutes=120, by=me, at=now())
        pairings.hold_activity(activity=made.pk, helpers=[who.pk], names=["徐后根"], served=31, result="量血压 32 人", minutes=120, by=me, at=now())
        assert made.__class__.objects.get(pk=made.pk).served == 31
        with pytest.raises(Refused, match="已经记过"):
            pairings.hold_activity(activity=made.pk, helpers=[who.pk], names=[], served=0, result="", minutes=120, by=me, at=now())
