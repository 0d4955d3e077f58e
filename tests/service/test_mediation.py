"""A dispute between two families: asked, met, agreed, signed, kept; and every way it may not go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from minqing.service.actions import handling, matters, mediations
from minqing.service.actions.matters import Who
from minqing.service.actions.mediations import Promised
from minqing.service.models import Matter, Mediation, MediationPromise
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules.mediation import State
from tests.people import PENGLI
from tests.service.doors import MORNING, ask


def dispute(world: Any) -> Matter:
    with world.acting("香") as xiang:
        m = ask(xiang, "两家为田埂的界址争了三年", kind="dispute", requester=Who(name="毛土根", phone="15400000001"), others=(Who(name="徐水木", phone="16400000002", role="other"),)).matter
        m = matters.accept(matter=m, by=xiang, at=MORNING)
        m = matters.dispatch(matter=m, lead=PENGLI, by=xiang, at=MORNING)
        return handling.sign(matter=m, by=xiang, at=MORNING)


def agreed(world: Any, *, days: int = 10) -> Mediation:
    m = dispute(world)
    with world.acting("香") as xiang:
        row = mediations.start(matter=m, by=xiang, at=MORNING)
        for side in mediations.sides(m, xiang):
            row = mediations.consent(mediation_id=row.pk, party=side.pk, agrees=True, how="face", by=xiang, at=MORNING)
        assert row.state == State.MEDIATING
        mediations.hold(mediation_id=row.pk, on=MORNING, place="村委会", present="毛土根、徐水木、郑书香", words="双方各让一尺，以老桩为界", by=xiang, at=MORNING)
        other = mediations.sides(m, xiang)[0]
        return mediations.agree(mediation_id=row.pk, words="以老桩为界，双方各让一尺，不再追究往年", by=xiang, at=MORNING,
                                promises=[Promised(other.pk, "把界桩移回老位置", (MORNING + timedelta(days=days)).date())])


def test_the_whole_way(world):
    row = agreed(world)
    with world.acting("香") as xiang:
        assert row.agreement_no.startswith(row.matter.number)
        row = mediations.sign(mediation_id=row.pk, on=MORNING.date(), by=xiang, at=MORNING + timedelta(hours=1))
        assert row.state == State.SIGNED
        promise = MediationPromise.objects.get(mediation=row)
        row = mediations.perform(promise=promise.pk, kept=True, words="", by=xiang, at=MORNING + timedelta(days=5))
        assert row.state == State.KEPT
        papers = mediations.papers(row.pk, xiang, MORNING)
        assert papers["agreement"].startswith("以老桩为界")
        assert [p["what"] for p in papers["promises"]] == ["把界桩移回老位置"]


def test_nobody_is_mediated_against_his_will(world):
    m = dispute(world)
    with world.acting("香") as xiang:
        row = mediations.start(matter=m, by=xiang, at=MORNING)
        with pytest.raises(Refused, match="征求同意"):
            mediations.hold(mediation_id=row.pk, on=MORNING, place="村委会", present="毛土根", words="先谈一谈看", by=xiang, at=MORNING)
        row = mediations.consent(mediation_id=row.pk, party=mediations.sides(m, xiang)[1].pk, agrees=False, how="phone", by=xiang, at=MORNING)
        assert row.state == State.FAILED
        again = mediations.start(matter=m, by=xiang, at=MORNING)
        assert again.pk != row.pk


def test_an_agreement_is_written_once_and_a_promise_ends_once(world):
    row = agreed(world)
    with world.acting("香") as xiang:
        with pytest.raises(Refused):
            mediations.agree(mediation_id=row.pk, words="换一个说法的协议内容", promises=[], by=xiang, at=MORNING)
        with pytest.raises(Missing):
            mediations.sign(mediation_id=row.pk, on=MORNING.date() - timedelta(days=1), by=xiang, at=MORNING)
        mediations.sign(mediation_id=row.pk, on=MORNING.date(), by=xiang, at=MORNING)
        promise = MediationPromise.objects.get(mediation=row)
        with pytest.raises(Missing):
            mediations.perform(promise=promise.pk, kept=False, words="", by=xiang, at=MORNING)
        row = mediations.perform(promise=promise.pk, kept=False, words="到期没有移", by=xiang, at=MORNING)
        assert row.state == State.SIGNED
        with pytest.raises(Refused):
            mediations.perform(promise=promise.pk, kept=True, words="", by=xiang, at=MORNING)
        row = mediations.hand_to_justice(mediation_id=row.pk, words="一方不履行，材料移交司法所", by=xiang, at=MORNING)
        assert row.state == State.HANDED


@pytest.mark.parametrize("name", ["芳", "兰", "国", "敏", "建", "审", "数"])
def test_nobody_else_sees_a_mediation(world, name):
    row = agreed(world)
    with world.acting(name) as me:
        assert not Mediation.objects.exists()
        with pytest.raises(NotHere):
            mediations.papers(row.pk, me, MORNING)


def test_only_a_dispute_in_hand_with_two_sides(world):
    with world.acting("香") as xiang:
        m = ask(xiang).matter
        with pytest.raises(Refused, match="矛盾纠纷"):
            mediations.start(matter=m, by=xiang, at=MORNING)
        m = ask(xiang, "邻居占了我家的地", kind="dispute").matter
        with pytest.raises(Refused, match="签收"):
            mediations.start(matter=m, by=xiang, at=MORNING)
        m = handling.sign(matter=matters.dispatch(matter=matters.accept(matter=m, by=xiang, at=MORNING), lead=PENGLI, by=xiang, at=MORNING), by=xiang, at=MORNING)
        with pytest.raises(Refused, match="对方"):
            mediations.start(matter=m, by=xiang, at=MORNING)
