"""A matter from the first word to the file: the ordinary way, and every way it may not go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import ProgrammingError

from minqing.service import vault
from minqing.service.actions import callbacks, deciding, handling, matters, moving
from minqing.service.models import Matter, Party
from minqing.service.refusals import NotHere, NotYours, Refused
from minqing.service.rules import numbers
from minqing.service.rules.states import State
from tests.people import COUNTY, PENGLI, TOWN
from tests.service.doors import MORNING, ask

HOUSING = COUNTY + "/12"


def test_a_lamp_from_the_doorstep_to_the_end(world):
    with world.acting("兰") as lan:
        opened = ask(lan)
        m = opened.matter
        assert numbers.read(numbers.spoken(m.number)) == m.number
        assert len(opened.word) == 6
        assert Matter.objects.get(pk=m.pk).home_desk == PENGLI
        assert vault.decrypt(vault.WORDS, m.pk, Matter.objects.get(pk=m.pk).words_cipher).startswith("村口的路灯")
    with world.acting("香") as xiang:
        m = matters.accept(matter=m, by=xiang, at=MORNING + timedelta(minutes=10))
        m = matters.dispatch(matter=m, lead=PENGLI, by=xiang, at=MORNING + timedelta(minutes=12))
        assert m.due_at.isoformat().startswith("2026-11-24T")   # 村内可办：日清
        m = handling.sign(matter=m, by=xiang, at=MORNING + timedelta(minutes=20))
        handling.contact(matter=m, how="phone", reached=True, words="今天下午来修", by=xiang, at=MORNING + timedelta(minutes=25))
        m = handling.reply(matter=m, words="路灯已换新灯泡", outcome="solved", by=xiang, at=MORNING + timedelta(hours=3))
        assert m.state == State.REPLIED
        with pytest.raises(NotYours):
            callbacks.call_back(matter=m, channel="phone", reached=True, solved="yes", satisfied="yes", by=xiang, at=MORNING + timedelta(hours=4))
    with world.acting("文") as wen:
        m = callbacks.call_back(matter=m, channel="phone", reached=True, solved="yes", satisfied="yes", told_that_day=True, by=wen, at=MORNING + timedelta(hours=4))
        assert (m.state, m.solved, m.told_that_day) == (State.CLOSED, "yes", True)
        assert [x.name for x in m.moves.order_by("id")] == ["submit", "accept", "dispatch", "sign", "contact", "reply", "close"]


def test_a_partys_state_is_its_matters_whatever_the_insert_says(world):
    """Copies by which open matters are found beside a household: they follow each step, and nobody writes them."""
    def states() -> set[str]:
        return set(Party.objects.filter(matter=m).values_list("state", flat=True))

    with world.acting("香") as xiang:
        m = ask(xiang).matter
        Party.objects.create(matter=m, role="witness", masked="王**", state="archived")
        assert states() == {"submitted"}
        m = matters.accept(matter=m, by=xiang, at=MORNING)
        m = matters.dispatch(matter=m, lead=PENGLI, by=xiang, at=MORNING)
        assert states() == {"dispatched"}
        late = Party.objects.create(matter=m, role="other", masked="李**")
        assert Party.objects.get(pk=late.pk).state == "dispatched"
        m = handling.sign(matter=m, by=xiang, at=MORNING)
        assert states() == {m.state} == {"processing"}
    with world.acting("香"), pytest.raises(ProgrammingError, match="permission denied"):
        Party.objects.filter(matter=m).update(state="closed")


def test_the_next_village_sees_nothing_and_the_department_sees_it_while_it_is_there(world):
    with world.acting("香") as xiang:
        m = ask(xiang).matter
    for name in ("芳", "建", "国", "敏", "琴", "审", "数"):
        with world.acting(name):
            assert not Matter.objects.filter(pk=m.pk).exists(), name
    with world.acting("香") as xiang:
        m = matters.accept(matter=m, by=xiang, at=MORNING)
        m = matters.dispatch(matter=m, lead=HOUSING, by=xiang, at=MORNING)
    with world.acting("建") as jian:
        m = handling.sign(matter=m, by=jian, at=MORNING)
        m = handling.ask_return(matter=m, words="不是住建局的职责范围", basis="县职责清单第 3 条", by=jian, at=MORNING + timedelta(hours=1))
    with world.acting("香") as xiang:
        m = deciding.decide_return(matter=m, grant=True, words="改派村里", by=xiang, at=MORNING + timedelta(hours=1))
        assert (m.state, m.no_return) == (State.ACCEPTED, True)
    with world.acting("建") as jian:
        assert not Matter.objects.filter(pk=m.pk).exists()
        with pytest.raises(NotHere):
            moving.get(m, jian)
    with world.acting("香") as xiang:
        m = matters.dispatch(matter=m, lead=HOUSING, by=xiang, at=MORNING + timedelta(hours=2))
    with world.acting("建") as jian, pytest.raises(Refused, match="不能再退"):
        handling.ask_return(matter=m, words="还是不归我们管", basis="清单", by=jian, at=MORNING + timedelta(hours=2))


def test_a_leader_sees_it_while_it_waits_for_his_word(world):
    with world.acting("香") as xiang:
        m = ask(xiang, kind="help_up").matter
        m = matters.accept(matter=m, by=xiang, at=MORNING)
        m = matters.dispatch(matter=m, lead=PENGLI, by=xiang, at=MORNING)
        m = handling.sign(matter=m, by=xiang, at=MORNING)
        m = handling.ask_extend(matter=m, days=2, words="等配件从杭州发来", by=xiang, at=MORNING)
        due = m.due_at
    with world.acting("国") as guo:
        m = deciding.decide_extend(matter=m, grant=True, by=guo, at=MORNING + timedelta(hours=1))
        assert m.due_at > due
        assert not Matter.objects.filter(pk=m.pk).exists()


def test_a_complaint_about_the_secretary_goes_around_the_village(world):
    with world.acting("敏") as min_:
        opened = ask(min_, "村书记郑书香把低保给了自己亲戚，我举报", kind="complaint", channel="window", taken_at=TOWN + "/CK")
        assert opened.restricted
        assert not Matter.objects.filter(pk=opened.matter.pk).exists()
    for name in ("香", "兰", "文", "苗", "国", "受", "琴", "总"):
        with world.acting(name):
            assert not Matter.objects.exists(), name
    with world.acting("纪") as ji:
        m = moving.get(opened.matter, ji)
        assert m.home_desk == TOWN + "/JW"
        assert "低保" in vault.decrypt(vault.WORDS, m.pk, m.words_cipher, restricted=True)
        m = matters.accept(matter=m, by=ji, at=MORNING)
        with pytest.raises(Exception, match="shielded|desk"):
            matters.dispatch(matter=m, lead=PENGLI, by=ji, at=MORNING)


def test_the_lead_answers_when_the_joint_unit_has_reported(world):
    """The lead does not see the other unit's seat; the database counts it all the same."""
    land = COUNTY + "/08"
    with world.acting("香") as xiang:
        m = matters.accept(matter=ask(xiang, kind="help_up").matter, by=xiang, at=MORNING)
        m = matters.dispatch(matter=m, lead=HOUSING, joint=(land,), by=xiang, at=MORNING)
    with world.acting("建") as jian:
        m = handling.sign(matter=m, by=jian, at=MORNING)
        with pytest.raises(Refused, match="1 个协办单位"):
            handling.reply(matter=m, words="路灯已换新", outcome="solved", by=jian, at=MORNING)
    with world.acting("规") as gui:
        handling.report_joint(matter=m, words="用地已核实无误", desk=land, by=gui, at=MORNING)
        assert not Matter.objects.filter(pk=m.pk).exists()
    with world.acting("建") as jian:
        assert handling.reply(matter=m, words="路灯已换新", outcome="solved", by=jian, at=MORNING).state == State.REPLIED
