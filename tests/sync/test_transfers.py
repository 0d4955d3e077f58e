"""防汛转移 on a phone: whoever fetches holds his lines while the call is open; marks made without a signal are all kept, and the later state stands."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from minqing.access.actions import successions
from minqing.access.models import Area, Staff
from minqing.contact.actions import flood, waiting
from minqing.contact.models import TransferLine, TransferMark
from tests.people import CAST, NEXT_VILLAGE, PENGLI
from tests.sync.village import Phone, found, op

NOW = timezone.now()


@pytest.fixture
def call(world):
    homes = found(NOW)
    with world.acting("香") as me:
        hall = flood.save_shelter(village=PENGLI, shape=flood.ShelterShape("村文化礼堂", "中心路1号", 60, "郑书香", "15400000033"), by=me, at=NOW)
        helper = Staff.objects.get(number=CAST["梅"].number).pk
        flood.set_household(household=homes["7700"], whom=[flood.Whom(homes["彭大林"], ("walk",), "两个人扶")], way=flood.Way(shelter=hall.pk, fetcher=helper), by=me, at=NOW)
        flood.set_household(household=homes["7703"], whom=[flood.Whom(homes["彭大火"])], way=flood.Way(shelter=hall.pk, by_name="邻居"), by=me, at=NOW)
        return flood.start(village=PENGLI, level="red", reason="落石", by=me, at=NOW - timedelta(hours=1))


def phone(world, name):
    made = Phone(name, NOW)
    with world.acting(name) as me:
        made.register(me)
        made.pull(me)
    return made


def transfers(held):
    return {data["name"]: data for _rev, data in held.rows.values() if "call" in data}


def test_a_helper_holds_her_lines_and_an_officer_those_of_his_grid_until_the_call_is_closed(world, call):
    helper, officer = phone(world, "梅"), phone(world, "兰")
    assert {n: (d["door"], d["bring"], d["to"], d.get("mine"), d["state"]) for n, d in transfers(helper).items()} == {"彭大林": ("上彭1号", "要背", "村文化礼堂", True, "waiting")}
    assert set(transfers(officer)) == {"彭大林"} and "两个人扶" not in str(helper.rows) + str(officer.rows)
    with world.acting("香") as me:
        for line in TransferLine.objects.filter(event=call):
            flood.mark(id=uuid.uuid4(), line=line.pk, state="safe", happened=NOW, words="都在县城", by=me, at=NOW)
    with world.acting("梅") as me:
        helper.pull(me)
        assert transfers(helper)["彭大林"]["state"] == "safe"
    with world.acting("香") as me:
        flood.close(event=call.pk, record="雨停，结束", by=me, at=NOW)
    for held, name in ((helper, "梅"), (officer, "兰")):
        with world.acting(name) as me:
            held.pull(me)
        assert transfers(held) == {}


def test_an_idle_pull_during_a_call_is_small(world, call):
    helper = phone(world, "梅")
    with world.acting("梅") as me:
        assert set(helper.call(me)) == {"cursor", "digest", "lease", "now"}


def test_two_phones_without_a_signal_mark_one_person_and_both_marks_stand_in_their_order(world, call):
    helper, officer = phone(world, "梅"), phone(world, "兰")
    line = next(k for k, (_rev, d) in helper.rows.items() if "call" in d)
    set_out = op("transfer.mark", line, data={"state": "going"}, at=NOW - timedelta(minutes=20))
    arrived = op("transfer.mark", line, data={"state": "arrived"}, at=NOW - timedelta(minutes=5))
    with world.acting("兰") as me:
        assert officer.push(me, [arrived])[0]["ref"]["state"] == "arrived"
    with world.acting("梅") as me:  # she comes home later
        first = helper.push(me, [set_out])[0]
        again = helper.push(me, [set_out])[0]
        assert (first["s"], first["ref"]["state"], again.get("again")) == ("applied", "arrived", True)
    with world.acting("香"):
        assert TransferMark.objects.count() == 2 and TransferLine.objects.get(pk=line).state == "arrived"


def test_what_cannot_be_is_refused_with_a_sentence_and_the_words_stay(world, call):
    helper = phone(world, "梅")
    line = next(k for k, (_rev, d) in helper.rows.items() if "call" in d)
    with world.acting("梅") as me:
        bad, foreign = helper.push(me, [op("transfer.mark", line, data={"state": "refused", "words": ""}, at=NOW), op("transfer.mark", uuid.uuid4(), data={"state": "arrived"}, at=NOW)])
    assert bad["s"] == foreign["s"] == "refused" and "谁什么时候告诉他" in bad["msg"] and "名单" in foreign["msg"]


def test_grave_news_of_a_family_reach_the_list_of_what_is_due_and_say_nothing(world):
    homes = found(NOW)
    officer = phone(world, "兰")
    with world.acting("香") as me:
        news = waiting.tell_news(household=homes["7701"], kind="illness", words="送医院了", happened=NOW, by=me, at=NOW)
    with world.acting("兰") as me:
        answer = officer.call(me)
    assert answer["due"][str(homes["7701"])][1] == 1 and "医院" not in str(answer) and "illness" not in str(answer)
    with world.acting("香") as me:
        waiting.void_news(news=news.pk, by=me, at=NOW)
    with world.acting("兰") as me:
        assert officer.call(me)["due"][str(homes["7701"])][1] > 100


def test_a_phone_goes_on_with_a_call_whose_village_has_ended_meanwhile(world, call):
    helper, officer = phone(world, "梅"), phone(world, "兰")
    line, was = next((k, d) for k, (_rev, d) in officer.rows.items() if "call" in d)
    arrived = op("transfer.mark", line, data={"state": "arrived", "shelter": was["shelter"]}, at=NOW - timedelta(minutes=5))
    with world.acting("街") as me:
        successions.succeed(old=Area.objects.get(pk=PENGLI), new=Area.objects.get(pk=NEXT_VILLAGE), kind="merge", basis="江政发〔2026〕8 号", by=me, at=NOW, on=NOW.date())
    for held, name in ((helper, "梅"), (officer, "兰")):
        with world.acting(name) as me:
            held.pull(me)
        assert {n: (d["call"], d["to"], d["state"]) for n, d in transfers(held).items()} == {"彭大林": (str(call.pk), "村文化礼堂", "waiting")}
    with world.acting("兰") as me:            # marked before the village ended, sent after
        assert officer.push(me, [arrived])[0]["s"] == "applied"
    with world.acting("芳"):
        assert TransferLine.objects.get(pk=line).state == "arrived" and TransferLine.objects.get(pk=line).grid_code.startswith(NEXT_VILLAGE)
