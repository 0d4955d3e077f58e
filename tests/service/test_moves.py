"""Every move × every role × every conflict of interest as a table; and a machine that tries any sequence of moves.

Invariants tried: no sequence loses a matter (it always has a home and somebody who can move it on), stops a clock without a
reason, or answers a person twice.
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minqing.access import scope
from minqing.service.actions import callbacks, deciding, handling, matters, moving
from minqing.service.models import Matter, Seat
from minqing.service.queries import files
from minqing.service.refusals import NotHere, Refused
from minqing.service.rules import states
from minqing.service.rules.states import MOVES, Role, State
from tests.contracts.foreign import superuser
from tests.people import CAST, COUNTY, PENGLI, TOWN
from tests.service.doors import MORNING, ask

DEPARTMENT = COUNTY + "/12"
HOME = {"accept", "reject", "transfer", "hand_over", "answer", "merge", "withdraw"}

#: state → who may do what, where 彭里 took the matter in and department 12 handles it. Whoever is not named may do nothing.
#: 香 and 文 work in the village (its desk), 建 in the department, 国 decides; nobody else of the county sees the matter at all.
TABLE: dict[State, dict[str, set[str]]] = {
    State.SUBMITTED: {"香": HOME, "文": HOME},
    State.ACCEPTED: {"香": HOME - {"accept", "reject"} | {"dispatch"}, "文": HOME - {"accept", "reject"} | {"dispatch"}},
    State.DISPATCHED: {"香": {"merge", "withdraw"}, "文": {"merge", "withdraw"}, "建": {"sign", "ask_return"}},
    State.PROCESSING: {"香": {"merge", "withdraw"}, "文": {"merge", "withdraw"}, "建": {"ask_return", "ask_extend", "ask_suspend", "reply"}},
    State.RETURN_PENDING: {"香": {"grant_return", "refuse_return"}, "文": {"grant_return", "refuse_return"}},
    State.EXTEND_PENDING: {"总": {"grant_extend", "refuse_extend"}},
    State.SUSPEND_PENDING: {"总": {"grant_suspend", "refuse_suspend"}},
    State.SUSPENDED: {"建": {"resume"}},
    State.REPLIED: {"香": {"close", "redo", "ask_explain"}, "文": {"close", "redo", "ask_explain"}},
    State.REDO: {"建": {"sign"}},
    State.CLOSED: {"香": {"reopen"}, "文": {"reopen"}},
}


def bring(world: Any, state: State) -> Matter:
    """A matter of 彭里 in this state, by the ordinary way."""
    with world.acting("香") as xiang:
        m = ask(xiang, kind="help_up").matter
        if state == State.SUBMITTED:
            return m
        m = matters.accept(matter=m, by=xiang, at=MORNING)
        if state == State.ACCEPTED:
            return m
        m = matters.dispatch(matter=m, lead=DEPARTMENT, by=xiang, at=MORNING)
    if state == State.DISPATCHED:
        return m
    with world.acting("建") as jian:
        m = handling.sign(matter=m, by=jian, at=MORNING)
        if state == State.RETURN_PENDING:
            return handling.ask_return(matter=m, words="不属于本局职责", basis="清单第三条", by=jian, at=MORNING)
        if state == State.EXTEND_PENDING:
            return handling.ask_extend(matter=m, days=Decimal(2), words="等配件到货", by=jian, at=MORNING)
        if state in (State.SUSPEND_PENDING, State.SUSPENDED):
            m = handling.ask_suspend(matter=m, why="money", review_on=(MORNING + timedelta(days=9)).date(), words="等财政安排资金", by=jian, at=MORNING)
        if state in (State.REPLIED, State.REDO, State.CLOSED):
            m = handling.reply(matter=m, words="路灯已换新", outcome="solved", by=jian, at=MORNING + timedelta(hours=1))
    if state == State.SUSPENDED:
        with world.acting("总") as zong:
            return deciding.decide_suspend(matter=m, grant=True, by=zong, at=MORNING)
    if state in (State.REDO, State.CLOSED):
        with world.acting("文") as wen:
            good = state == State.CLOSED
            return callbacks.call_back(matter=m, channel="phone", reached=True, solved="yes" if good else "no", satisfied="yes", words="" if good else "还是不亮", by=wen, at=MORNING + timedelta(hours=2))
    return m


def offers(world: Any, name: str, m: Matter) -> set[str]:
    with world.acting(name) as me:
        seen = Matter.objects.filter(pk=m.pk).first()
        return {x.name for x in moving.offered(seen, me)} if seen else set()


@pytest.mark.parametrize("state", TABLE)
def test_who_may_do_what_in_which_state(world, state):
    m = bring(world, state)
    assert m.state == state
    for name in CAST:
        assert offers(world, name, m) == TABLE[state].get(name, set()), (state, name)


def test_the_table_names_every_move_that_staff_can_make():
    named = {move for row in TABLE.values() for moves in row.values() for move in moves}
    decided_elsewhere = {"grant_explain", "refuse_explain"}  # the second time; tried below
    assert named | decided_elsewhere == {m.name for m in MOVES.values() if m.right is not None}


@pytest.mark.parametrize("state", [s for s in TABLE if s != State.SUBMITTED])
@pytest.mark.parametrize("name", ["accept", "dispatch", "sign", "reply", "grant_return", "grant_extend", "close", "reopen"])
def test_a_move_out_of_its_state_is_a_sentence(world, state, name):
    """Also for somebody who sits there: the state says no, in words, and nothing changes."""
    move = MOVES[name]
    if state in move.sources:
        return
    m = bring(world, state)
    who = next((n for n in ("香", "建", "总") if TABLE[state].get(n)), "香")
    with world.acting(who) as me, pytest.raises((Refused, NotHere)):
        moving.make(name, m, by=me, at=MORNING + timedelta(hours=3))
    with superuser() as root:
        assert root.execute("select 1 from service_matter where id = %s and state <> %s", [m.pk, state.value]).fetchone() is None


def test_the_second_time_a_leader_decides(world):
    m = bring(world, State.REDO)
    with world.acting("建") as jian:
        m = handling.sign(matter=m, by=jian, at=MORNING + timedelta(hours=3))
        m = handling.reply(matter=m, words="已再次更换灯头和线路", outcome="solved", by=jian, at=MORNING + timedelta(hours=4))
    with world.acting("文") as wen:
        m = callbacks.call_back(matter=m, channel="phone", reached=True, solved="no", satisfied="no", words="晚上还是闪", by=wen, at=MORNING + timedelta(hours=5))
        assert m.state == State.EXPLAIN_PENDING
    assert offers(world, "总", m) == {"grant_explain", "refuse_explain"}
    with world.acting("总") as zong:
        m = deciding.decide_explain(matter=m, grant=True, words="依据照明设施管理办法第十条，线路改造列入明年计划", by=zong, at=MORNING + timedelta(hours=6))
        assert m.state == State.CLOSED
        assert not Matter.objects.filter(pk=m.pk).exists()


# --- conflicts of interest -----------------------------------------------------------------------------------------------

@pytest.fixture
def family(world):
    """文 is this person; his mother and his wife live with or without him: every tie is tried."""
    ids = {k: uuid.uuid4() for k in ("self", "mother", "brother", "wife", "lodger", "home", "stranger")}
    with world.acting("香"):
        pass
    return ids


def tie(ids: dict[str, uuid.UUID]) -> None:
    """Links of the archives, made by the owner of the cluster: this test is about who is barred, not how people are registered."""
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        wen = root.execute("select id from access_staff where name = '严文'").fetchone()[0]
        root.execute("insert into access_staffperson (staff_id, person_id, made_at) values (%s, %s, now()) on conflict (staff_id) do update set person_id = excluded.person_id", [wen, ids["self"]])
        for person, relative, kind in (("self", "mother", "parent"), ("brother", "mother", "parent"), ("self", "wife", "spouse")):
            root.execute("insert into archives_kinship (id, sources, version, created_at, updated_at, person_id, relative_id, kind, end_reason) values (gen_random_uuid(), '{}', 1, now(), now(), %s, %s, %s, '')",
                         [ids[person], ids[relative], kind])
        for person in ("self", "lodger"):
            root.execute("""insert into archives_membership (id, sources, version, created_at, updated_at, grid_code, person_id, household_id, relation, starts_on, by, end_reason)
                            values (gen_random_uuid(), '{}', 1, now(), now(), %s, %s, %s, '', current_date, 'registration', '')""", [PENGLI + "001", ids[person], ids["home"]])


def untie(ids: dict[str, uuid.UUID]) -> None:
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("delete from access_staffperson where person_id = %s", [ids["self"]])
        root.execute("delete from archives_kinship where person_id = any(%s)", [list(ids.values())])
        root.execute("delete from archives_membership where person_id = any(%s)", [list(ids.values())])


@pytest.mark.parametrize(("whose", "sees"), [("self", False), ("mother", False), ("brother", False), ("wife", False), ("lodger", False), ("stranger", True)])
@pytest.mark.parametrize("role", ["requester", "for", "other"])
def test_nobody_sees_a_matter_of_his_own_his_household_or_his_kin(world, family, whose, sees, role):
    tie(family)
    try:
        with world.acting("香") as xiang:
            who = matters.Who(name="某人", person=family[whose], role=role)
            m = ask(xiang, requester=who if role == "requester" else matters.Who(name="别人"), others=() if role == "requester" else (who,)).matter
        with world.acting("文"):
            assert Matter.objects.filter(pk=m.pk).exists() is sees
            assert Seat.objects.filter(matter=m).exists() is sees
        with world.acting("香"):
            assert Matter.objects.filter(pk=m.pk).exists()
    finally:
        untie(family)


def test_whoever_is_named_and_where_he_works_see_nothing_and_neither_do_search_and_counts(world):
    with world.acting("琴") as qin:
        m = ask(qin, "网格员姜晓兰收钱不办事，我要举报", kind="report", channel="phone", taken_at=COUNTY + "/RX").matter
        assert not Matter.objects.filter(pk=m.pk).exists()
    for name in CAST:
        with world.acting(name) as me:
            sees = Matter.objects.filter(pk=m.pk).exists()
            assert sees is (name == "纪"), name
            if me.may(scope.Right.INTAKE, PENGLI):
                with transaction.atomic(), scope.connections["default"].cursor() as cursor:
                    cursor.execute("select count(*) from access.similar_matters(%s, now() - interval '90 days') where id = %s", [PENGLI, m.pk])
                    assert cursor.fetchone()[0] == 0, name


def test_a_complaint_that_names_the_town_goes_to_the_county(world):
    with world.acting("琴") as qin:
        m = ask(qin, "街道柴建国主任截留补助款", kind="complaint", channel="phone", taken_at=COUNTY + "/RX").matter
    with world.acting("监"):
        assert Matter.objects.filter(pk=m.pk).exists()
    with world.acting("纪"):
        assert not Matter.objects.filter(pk=m.pk).exists()


# --- any sequence -------------------------------------------------------------------------------------------------------

NAMES = ("香", "文", "建", "总", "国", "受", "requester")
STEPS = st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from(NAMES), st.integers(1, 60 * 30)), min_size=4, max_size=26)


def attempt(name: str, m: Matter, by: scope.Me, at: datetime) -> None:
    """One verb with data that is good in itself; the rules decide."""
    day = (at + timedelta(days=5)).date()
    verbs = {
        "accept": lambda: matters.accept(matter=m, by=by, at=at),
        "reject": lambda: matters.reject(matter=m, reason="court", words="已起诉", by=by, at=at),
        "transfer": lambda: matters.transfer(matter=m, to="110", words="已转 110 值班员", by=by, at=at),
        "hand_over": lambda: matters.hand_over(matter=m, desk=TOWN + "/SL", words="由街道受理", by=by, at=at),
        "answer": lambda: matters.answer(matter=m, words="当场答复了", outcome="explained", by=by, at=at),
        "dispatch": lambda: matters.dispatch(matter=m, lead=DEPARTMENT, by=by, at=at),
        "sign": lambda: handling.sign(matter=m, by=by, at=at),
        "ask_return": lambda: handling.ask_return(matter=m, words="不属于本局职责", basis="清单", by=by, at=at),
        "grant_return": lambda: deciding.decide_return(matter=m, grant=True, words="同意", by=by, at=at),
        "refuse_return": lambda: deciding.decide_return(matter=m, grant=False, words="不同意", by=by, at=at),
        "ask_extend": lambda: handling.ask_extend(matter=m, days=Decimal(1), words="等配件到货", by=by, at=at),
        "grant_extend": lambda: deciding.decide_extend(matter=m, grant=True, by=by, at=at),
        "refuse_extend": lambda: deciding.decide_extend(matter=m, grant=False, words="不批", by=by, at=at),
        "ask_suspend": lambda: handling.ask_suspend(matter=m, why="season", review_on=day, words="等雨停了再做", by=by, at=at),
        "grant_suspend": lambda: deciding.decide_suspend(matter=m, grant=True, by=by, at=at),
        "refuse_suspend": lambda: deciding.decide_suspend(matter=m, grant=False, words="不批", by=by, at=at),
        "resume": lambda: handling.resume(matter=m, by=by, at=at),
        "reply": lambda: handling.reply(matter=m, words="路灯已经换新", outcome="solved", by=by, at=at),
        "close": lambda: callbacks.call_back(matter=m, channel="phone", reached=True, solved="yes", satisfied="yes", by=by, at=at),
        "redo": lambda: callbacks.call_back(matter=m, channel="phone", reached=True, solved="no", satisfied="no", words="没好", by=by, at=at),
        "ask_explain": lambda: callbacks.call_back(matter=m, channel="phone", reached=False, by=by, at=at),
        "grant_explain": lambda: deciding.decide_explain(matter=m, grant=True, words="依据规定解释如下，请理解", by=by, at=at),
        "refuse_explain": lambda: deciding.decide_explain(matter=m, grant=False, words="没有办到位", by=by, at=at),
        "merge": lambda: matters.merge(matter=m, into=m, by=by, at=at),
        "withdraw": lambda: matters.withdraw(matter=m, words="不用了", by=by, at=at),
        "reopen": lambda: callbacks.reopen(matter=m, words="又坏了，有新情况", by=by, at=at),
        "archive": lambda: moving.make("archive", m, by=by, at=at),
    }
    verbs[name]()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_sequence_loses_a_matter_or_stops_a_clock_or_answers_twice(world, steps):
    at = MORNING
    with transaction.atomic():
        with world.acting("香") as xiang:
            m = ask(xiang, kind="help_up").matter
        for name, who, minutes in steps:
            at += timedelta(minutes=minutes)
            if who == "requester":
                continue
            with world.acting(who) as me:
                try:
                    with transaction.atomic():
                        attempt(name, m, me, at)
                except (Refused, NotHere):
                    continue
        sound(world, m)
        transaction.set_rollback(True)


def sound(world: Any, m: Matter) -> None:
    """What holds of a matter after any history."""
    movers: set[str] = set()
    row = None
    for name in ("香", "文", "建", "总", "国", "受"):
        with world.acting(name) as me:
            seen = Matter.objects.filter(pk=m.pk).first()
            if seen is None:
                continue
            row = seen
            movers |= {x.name for x in moving.offered(seen, me)}
    assert row is not None, "nobody sees it any more"
    state = State(row.state)
    assert movers or state in states.FINAL | {State.ARCHIVED}, f"nobody can move {state}"
    assert (state == State.SUSPENDED) == bool(row.pauses and row.pauses[-1]["to"] is None), "a clock stands exactly while it is suspended"
    for pause in row.pauses:
        assert pause["why"]
    if state in states.RUNNING:
        assert row.due_at is not None
        assert row.due_at.tzinfo is not None
    with world.acting("香"):
        lines = list(row.moves.order_by("id").values_list("name", "from_state", "to_state")) if Matter.objects.filter(pk=m.pk).exists() else []
    # every change of state is a move of the table, and they join end to end
    here = State.SUBMITTED
    for name, before, after in lines:
        if name in MOVES:
            assert here == State(before)
            assert State(before) in MOVES[name].sources
            assert State(after) == MOVES[name].target
            here = State(after)
    ends = [name for name, *_ in lines if name in ("answer", "close", "grant_explain", "reject", "transfer", "withdraw")]
    again = [name for name, *_ in lines if name in ("reopen",)]
    assert len(ends) <= len(again) + 1, "answered twice"


def test_seats_and_roles_are_those_of_the_table():
    assert {r for m in MOVES.values() for r in m.seats} <= set(Role)


def test_every_line_of_the_log_has_words():
    """Whatever writes a line, the matter's page says it in words and not by its name in the program."""
    ours = Path(files.__file__).resolve().parents[1]
    written = {name for path in (ours / "actions").rglob("*.py") for name in re.findall(r'remember\([\w.]+, "([a-z_.]+)"', path.read_text(encoding="utf-8"))}
    assert len(written) > 30
    assert written - set(MOVES) - set(files.EVENTS) == set()
