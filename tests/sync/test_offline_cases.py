"""Cases in which other systems for work without a signal went wrong (ODK Central's issues 669, 698, 805, 808), played here.

There an update names the version it was made from; here it names, for each field, the value that was seen. So what is asked in each case
is: does the value that its author did not see stay, is every value kept, is nothing done twice, whatever arrives first.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from minqing.archives.actions import households, proposals
from minqing.archives.models import Act, Household, Proposal
from minqing.sync.models import Operation
from minqing.sync.rules import protocol
from tests.sync.village import Phone, found, op, words

NOW = timezone.now()


@pytest.fixture
def home(world):
    return found(NOW)["7700"]


@pytest.fixture
def phone(home, world):
    return started("兰", world)


def started(name, world):
    made = Phone(name, NOW)
    with world.acting(name) as me:
        made.register(me)
        made.pull(me)
    return made


def chain(home, *values, name="caution"):
    """Updates of one field, each from what the one before left."""
    made = []
    for was, to in zip(values, values[1:], strict=False):
        made.append(words(home, was, to, at=NOW, name=name, needs=[made[-1]["id"]] if made else []))
    return made


def stands(home, name="caution"):
    return getattr(Household.objects.get(pk=home), name)


def questions(home):
    return [(p.field, proposals.asked(p)["to"]) for p in Proposal.objects.filter(kind="conflict", household=home, state="open")]


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_three_updates_of_one_branch_in_any_order_end_at_the_last(home, phone, world, order):
    """669: out of order there they were conflicts and the entity was broken."""
    ops = chain(home, "", "有狗", "狗拴着", "狗已送走")
    with world.acting("兰") as me:
        for n in order:
            phone.push(me, [ops[n]])
        assert (stands(home), questions(home)) == ("狗已送走", [])
        assert Act.objects.filter(kind="household.words").exclude(sentence="").count() == 3


def test_two_updates_of_a_branch_the_second_of_which_meets_the_desk(home, phone, world):
    """698: the desk changed the field of the second one before either came; the second, not the first, is the conflict."""
    first = words(home, "", "有狗", at=NOW)
    second = words(home, "", "想装扶手", at=NOW, name="wishes", needs=[first["id"]])
    with world.acting("香") as me:
        households.set_words(household=home, wishes="想装路灯", by=me, at=NOW)
    with world.acting("兰") as me:
        assert [r["s"] for r in phone.push(me, [first, second])] == ["applied", "conflict"]
        assert (stands(home), stands(home, "wishes"), questions(home)) == ("有狗", "想装路灯", [("wishes", "想装扶手")])


def test_the_third_comes_first_and_is_waited_for_in_vain_then_the_others_come(home, phone, world):
    """805: after the time of patience the third is taken by its values; nothing its author did not see is overwritten, and once the two
    before it have come, his value is one tap away."""
    ops = chain(home, "", "有狗", "狗拴着", "狗已送走")
    with world.acting("兰") as me:
        assert phone.push(me, [ops[2]])[0]["s"] == "waiting"
        phone.at = NOW + protocol.PATIENCE - timedelta(hours=1)
        phone.pull(me)
        assert Operation.objects.get(pk=ops[2]["id"]).state == "waiting"
        phone.at = NOW + protocol.PATIENCE + timedelta(hours=1)
        phone.pull(me)
        assert (Operation.objects.get(pk=ops[2]["id"]).state, stands(home), questions(home)) == ("conflict", "", [("caution", "狗已送走")])
        assert [r["s"] for r in phone.push(me, ops[:2])] == ["applied", "applied"]
        assert stands(home) == "狗拴着"
        phone.pull(me)
        asked = phone.asks[0]
        assert phone.push(me, [op("conflict.choose", uuid.UUID(asked["id"]), at=phone.at, data={"choice": "mine"})])[0]["s"] == "applied"
        assert (stands(home), questions(home)) == ("狗已送走", [])


def test_what_is_waited_for_in_vain_and_fits_is_done(home, phone, world):
    """The first was lost with its phone, but what the second was written on stands: somebody else wrote it too."""
    second = chain(home, "", "有狗", "狗拴着")[1]
    with world.acting("兰") as me:
        phone.push(me, [second])
    with world.acting("香") as me:
        households.set_words(household=home, caution="有狗", by=me, at=NOW)
    phone.at = NOW + protocol.PATIENCE + timedelta(hours=1)
    with world.acting("兰") as me:
        phone.pull(me)
        assert (stands(home), Operation.objects.get(pk=second["id"]).state) == ("狗拴着", "applied")


def test_what_hangs_on_a_matter_that_never_came_is_refused_in_the_end_and_keeps_its_words(home, phone, world):
    """808: the update came, what it updates was never created."""
    undo = op("visit.undo", uuid.uuid4(), at=NOW, needs=[str(uuid.uuid4())])
    with world.acting("兰") as me:
        assert phone.push(me, [undo])[0]["s"] == "waiting"
        phone.at = NOW + protocol.PATIENCE + timedelta(hours=1)
        phone.pull(me)
        assert Operation.objects.get(pk=undo["id"]).state == "refused"
        assert [w["s"] for w in phone.call(me)["waiting"]] == ["refused"]


def test_two_phones_with_a_branch_each_interleaved(home, phone, world):
    """Each writes twice without a signal; what the other had not seen stays, every word of both is kept."""
    other = started("香", world)
    mine, hers = chain(home, "", "有狗", "狗拴着"), chain(home, "", "耳背", "耳背，大声叫")
    with world.acting("兰") as me:
        assert phone.push(me, [mine[0]])[0]["s"] == "applied"
    with world.acting("香") as me:
        assert [r["s"] for r in other.push(me, hers)] == ["conflict", "conflict"]
    with world.acting("兰") as me:
        assert phone.push(me, [mine[1]])[0]["s"] == "applied"
        assert (stands(home), sorted(questions(home))) == ("狗拴着", [("caution", "耳背"), ("caution", "耳背，大声叫")])


def test_the_household_goes_to_another_grid_between_base_and_update(home, phone, world):
    first, second = chain(home, "", "有狗", "狗拴着")
    with world.acting("兰") as me:
        assert phone.push(me, [first])[0]["s"] == "applied"
    with world.acting("香") as me:
        households.move(household=Household.objects.get(pk=home), grid=Household.objects.get(pk=home).grid_code[:-1] + "2", on=timezone.localdate(NOW), by=me, at=NOW)
    with world.acting("兰") as me:
        refused = phone.push(me, [second])[0]
        assert refused["s"] == "refused" and "不在您的范围" in refused["msg"]
        phone.pull(me)
        assert str(home) not in phone.rows
        assert [w["id"] for w in phone.call(me)["waiting"]] == [second["id"]]
    with world.acting("香"):
        assert stands(home) == "有狗"
