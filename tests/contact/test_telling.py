"""A colleague who is asked hears of it: one message for one asking, and a line on his work desk; no resident is named."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from minqing.access.models import Staff
from minqing.contact.actions import duty, training, waiting
from minqing.contact.models import DutyDay
from minqing.notify.actions.messages import values_of
from minqing.notify.models import Message
from minqing.notify.rules import templates
from minqing.web.desk.contact import training as training_pages
from tests.archives import village
from tests.people import CAST, PENGLI, TOWN, staff


@pytest.fixture
def here(world) -> Any:
    village.grids()
    with world.acting("管"):
        for n, name in enumerate(("香", "兰", "强")):
            assert Staff.objects.filter(number=CAST[name].number).update(work_phone=f"1643000000{n}") == 1
    return world


def ahead(n: int) -> date:
    return timezone.localdate() + timedelta(days=n)


def said_to(name: str) -> list[str]:
    found = Message.objects.filter(staff=staff(name)).order_by("made_at")
    return [templates.TEMPLATES[m.template].text.format(**values_of(m)) for m in found]


def rota(me: Any) -> None:
    duty.set_rota(village=PENGLI, people=[staff("兰"), staff("强")], weekdays=[1, 2, 3, 4, 5, 6, 7], workdays_only=False, opens=time(8, 30), closes=time(17, 30), place="", by=me, at=timezone.now())
    duty.fill(village=PENGLI, first=ahead(0), last=ahead(12), by=me, at=timezone.now())


def test_who_is_asked_for_a_day_of_duty_is_told_once(here):
    with here.acting("香") as me:
        rota(me)
    with here.acting("兰") as me:
        mine = DutyDay.objects.filter(staff=me.id, day__gt=ahead(0)).order_by("day").first()
        his = DutyDay.objects.filter(staff=staff("强"), day__gt=ahead(0)).order_by("day").first()
        duty.ask_swap(day=mine.pk, other=staff("强"), instead=his.pk, by=me, at=timezone.now())
        assert said_to("强") == [f"{me.name}请您{mine.day.month}月{mine.day.day}日替他值班，他替您值{his.day.month}月{his.day.day}日的班，请登录连心民情答复。"]
        row = Message.objects.get(staff=staff("强"))
        assert row.grid_code == PENGLI + "001" and row.channel == "sms" and row.person is None and row.household is None


def test_who_is_asked_to_come_along_to_a_door_is_told_no_name_and_no_door(here):
    with here.acting("兰") as me:
        home = village.Family(me).household
        waiting.ask(household=home, need="two", asked=staff("强"), words="", by=me, at=timezone.now())
        (said,) = said_to("强")
        assert said == f"{me.name}请您一起上门走访一户，请登录连心民情答复。" and home.head_name not in said and home.door not in said


def test_mentor_and_newcomer_are_both_told_and_the_organiser_is_not(here):
    with here.acting("香") as me:
        training.pair(area=PENGLI, mentor=me.id, newcomer=staff("强"), starts_on=ahead(0), ends_on=ahead(60), by=me, at=timezone.now())
        assert said_to("强") == [f"{me.name}请您跟一位同事学，请登录连心民情答复。"] and said_to("香") == []


@pytest.mark.parametrize(("organiser", "area"), [("香", PENGLI), ("受", TOWN)])
def test_who_is_invited_to_a_course_is_told_where_and_when_and_finds_it_on_his_work_desk(here, organiser, area):
    start = timezone.now() + timedelta(days=3)
    with here.acting(organiser) as me:
        course = training.save_course(area=area, subject="manners", title="走访怎么问", material="先问好", by=me, at=timezone.now())
        session = training.hold(course=course.pk, starts_at=start, ends_at=start + timedelta(hours=2), place="文化礼堂", teacher="郑书香", by=me, at=timezone.now())
        assert training.invite(session=session.pk, staff=[staff("兰")], by=me, at=timezone.now()) == 1
        training.invite(session=session.pk, staff=[staff("兰")], by=me, at=timezone.now())
        local = timezone.localtime(start)
        assert said_to("兰") == [f"{me.name}请您{local.month}月{local.day}日 {local:%H:%M}到文化礼堂参加培训：走访怎么问，详情请登录连心民情查看。"]
    with here.acting("兰") as me:
        (line,) = [w for w in training_pages.waiting(me, ahead(0)) if "培训" in w.title]
        assert line.rows.count() == 1
        assert not [w for w in training_pages.waiting(me, ahead(4)) if "培训" in w.title and w.rows.count()]
    with here.acting(organiser) as me:
        training.cancel(session=session.pk, by=me, at=timezone.now())
    with here.acting("兰") as me:
        assert not [w for w in training_pages.waiting(me, ahead(0)) if "培训" in w.title and w.rows.count()]


def test_who_has_no_telephone_at_work_is_not_looked_for(here):
    with here.acting("管"):
        assert Staff.objects.filter(pk=staff("强")).update(work_phone="") == 1
    with here.acting("兰") as me:
        home = village.Family(me).household
        waiting.ask(household=home, need="two", asked=staff("强"), words="", by=me, at=timezone.now())
        assert not Message.objects.filter(staff=staff("强")).exists()
