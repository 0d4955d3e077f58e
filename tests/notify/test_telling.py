"""Telling people: 香 answers matters of 彭里, 秀 is 78 and has no telephone, 梅 goes to the door; what people asked for is honoured."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.db.utils import ProgrammingError

from minqing.access.models import AuditEntry, Staff
from minqing.access.scope import NotAllowed
from minqing.archives.actions import acts, events, people
from minqing.archives.models import Act, Resident
from minqing.notify import vault
from minqing.notify.actions import marks, messages
from minqing.notify.models import Mark, Message, Step
from minqing.notify.refusals import NotHere, Refused
from minqing.notify.rules import templates
from tests.archives import village
from tests.archives.village import AT, GRID1, GRID2, NEXT_UNPLACED, TODAY, Family

VALUES = templates.TEMPLATES["matter.answer"].samples
PHONE = "15400000001"


def answer(me, *, event="matter.answer:1", at=AT, grid=GRID1, template="matter.answer", values=None, **to):
    return messages.tell(event=event, grid=grid, template=template, values=values or templates.TEMPLATES[template].samples, by=me, at=at, **to)


@pytest.fixture
def home(world) -> Family:
    village.grids()
    with world.acting("香") as me:
        return Family(me)


# --- the way ----------------------------------------------------------------------------------------------------------


def test_somebody_with_a_telephone_gets_a_text_message_and_his_number_is_nowhere_in_clear(world, home):
    with world.acting("香") as me:
        made = answer(me, person=home.head.pk)
        assert (made.channel, made.route, made.state, made.name) == ("sms", ["sms", "voice", "person"], "waiting", "郑土根")
        assert made.phone_tail == "0001" and PHONE.encode() not in bytes(made.phone_cipher)
        assert vault.decrypt(vault.PHONE, made.pk, made.phone_cipher) == PHONE
        row = Message.objects.filter(pk=made.pk).values().get()
        assert PHONE not in str(row) and "路灯" not in str({k: v for k, v in row.items() if k != "values_cipher"})
        assert messages.values_of(made)["answer"] == VALUES["answer"]
        assert AuditEntry.objects.filter(what="notice.tell", persons__contains=[home.head.pk]).count() == 1


def test_who_has_no_telephone_is_called_at_home_or_visited(world, home):
    with world.acting("香") as me:
        wife = answer(me, person=home.wife.pk)
        assert (wife.channel, wife.home_phone, wife.phone_tail) == ("voice", True, "0001")
        lonely = village.person(me, "姜水仙", "1948-01-01", "2", grid=GRID1)
        alone = answer(me, person=lonely.pk, name="", address="")
        assert alone.route[-1] == "person" and alone.channel in ("letter", "person") and alone.phone_cipher is None


def test_whoever_is_in_no_file_is_whoever_has_that_telephone(world, home):
    with world.acting("香") as me:
        made = answer(me, phone="16400000009", name="过路人")
        assert made.recipient.startswith("phone:") and "16400000009" not in made.recipient and made.channel == "sms"
        assert answer(me, phone="16400000009").pk == made.pk
        with pytest.raises(Refused, match="没有写通知谁"):
            answer(me)


def test_staff_are_told_at_the_office(world, home):
    with world.acting("香") as me:
        lan = Staff.objects.get(name="姜晓兰")
        made = answer(me, template="work.assigned", staff=lan.pk, event="work:1")
        assert made.staff == lan.pk and made.kind == "work"


def test_at_night_the_message_waits_for_the_morning_unless_it_is_urgent(world, home):
    with world.acting("香") as me:
        night = answer(me, person=home.head.pk, at=village.LATE)
        assert night.not_before - village.LATE == timedelta(hours=9, minutes=30)  # Saturday 23:30 → Sunday 09:00
        assert answer(me, person=home.head.pk, event="e2", at=village.LATE, urgent=True).not_before == village.LATE


# --- once -------------------------------------------------------------------------------------------------------------


def test_one_event_is_told_once_to_each(world, home):
    with world.acting("香") as me:
        first = answer(me, person=home.head.pk)
        assert answer(me, person=home.head.pk, values={**VALUES, "answer": "别的话"}).pk == first.pk
        assert answer(me, person=home.son.pk).pk != first.pk
        assert answer(me, person=home.head.pk, event="matter.answer:2").pk != first.pk
        assert Message.objects.count() == 3 and Step.objects.filter(move="made").count() == 3


# --- what people asked for --------------------------------------------------------------------------------------------


def test_not_at_home_governs_every_notice(world, home):
    with world.acting("香") as me:
        before = answer(me, person=home.wife.pk)  # was to be called on the household's telephone
        own = answer(me, person=home.head.pk, event="own")
        marks.not_home(person=home.wife.pk, grid=GRID1, wanted=True, by=me, at=AT)
        marks.not_home(person=home.head.pk, grid=GRID1, wanted=True, by=me, at=AT)
        before.refresh_from_db()
        own.refresh_from_db()
        assert (before.channel, before.route, before.alone, before.phone_cipher, before.home_phone) == ("person", ["person"], True, None, False)
        assert (own.channel, own.alone) == ("sms", True)  # his own telephone is his
        later = answer(me, person=home.wife.pk, event="later")
        assert (later.channel, later.alone, later.phone_tail) == ("person", True, "")
        marks.not_home(person=home.wife.pk, grid=GRID1, wanted=False, by=me, at=AT)
        assert answer(me, person=home.wife.pk, event="after").channel == "voice"


def test_a_shared_telephone_is_the_households(world, home):
    with world.acting("香") as me:
        people.set_fields(Resident.objects.get(pk=home.wife.pk), {"phone": PHONE}, by=me, at=AT, on=TODAY)
        assert answer(me, person=home.wife.pk).phone_shared is True
        marks.not_home(person=home.wife.pk, grid=GRID1, wanted=True, by=me, at=AT)
        assert answer(me, person=home.wife.pk, event="x").channel == "person"


def test_a_mark_written_elsewhere_holds_here_too(world, home):
    """强 of grid 002 cannot see the mark that 兰 wrote in grid 001: his message honours it all the same."""
    with world.acting("兰") as me:
        marks.not_home(person=home.wife.pk, grid=GRID1, wanted=True, by=me, at=AT)
    with world.acting("强") as me:
        assert not Mark.objects.exists()
        made = answer(me, grid=GRID2, person=home.wife.pk, address="彭里村柴坞1号", name="周秀英")
        assert (made.channel, made.alone, made.route) == ("person", True, ["person"])


def test_what_was_declined_is_not_told_and_ones_own_matter_is_never_lost(world, home):
    with world.acting("香") as me:
        marks.opt_out(person=home.head.pk, grid=GRID1, kind="policy", wanted=True, by=me, at=AT)
        marks.opt_out(person=home.head.pk, grid=GRID1, kind="own", wanted=True, by=me, at=AT)
        policy = answer(me, person=home.head.pk, template="policy.offer", event="p")
        assert (policy.state, policy.last_error) == ("cancelled", "本人不接收这一类通知。")
        assert answer(me, person=home.head.pk, template="meeting.invitation", event="m").state == "waiting"
        own = answer(me, person=home.head.pk, event="o")
        assert (own.state, own.channel) == ("waiting", "person")
        with pytest.raises(Refused, match="没有“work”这一类通知"):
            marks.opt_out(person=home.head.pk, grid=GRID1, kind="work", wanted=True, by=me, at=AT)


def test_the_dead_are_told_nothing(world, home):
    with world.acting("香") as me:
        waiting = answer(me, person=home.head.pk)
        death = events.record_death(person=home.head.pk, on=TODAY, reason="年老", by=me, at=AT, new_head=home.son.pk)
        waiting.refresh_from_db()
        assert (waiting.state, waiting.last_error) == ("cancelled", "已去世，不再发通知。")
        assert marks.of(home.head.pk).silent
        assert answer(me, person=home.head.pk, event="after").state == "cancelled"
        assert answer(me, person=home.wife.pk, event="widow").state == "waiting"
        acts.undo(act=Act.objects.get(pk=death.act.pk), by=me, at=AT)
        assert not marks.of(home.head.pk).silent
        assert answer(me, person=home.head.pk, event="a mistake").state == "waiting"


def test_nobody_silences_somebody_whom_he_does_not_know(world, home):
    with world.acting("芳") as me, pytest.raises(ProgrammingError), transaction.atomic():
        Mark.objects.create(grid_code=NEXT_UNPLACED, person=home.head.pk, what="silent", by=me.id, at=AT)
    with world.acting("芳") as me, pytest.raises(NotAllowed):
        marks.silence(person=home.head.pk, grid=GRID1, by=me, at=AT)


# --- people's hands ---------------------------------------------------------------------------------------------------


def test_three_calls_in_vain_and_somebody_goes_there(world, home):
    with world.acting("香") as me:
        made = answer(me, person=home.wife.pk)
        for n in range(3):
            assert made.channel == "voice"
            made = messages.not_reached(message=made, why=f"没人接 {n}", by=me, at=AT)
        assert (made.channel, made.state, made.attempts) == ("person", "waiting", 0)
        for _n in range(3):
            made = messages.not_reached(message=made, why="门锁着", by=me, at=AT)
        assert (made.state, made.last_error) == ("given_up", "门锁着")
        made = messages.try_in_person(message=made, by=me, at=AT)
        made = messages.said_in_person(message=made, by=me, at=AT, note="在地头遇到")
        assert (made.state, made.delivered_by, made.delivered_at) == ("delivered", me.id, AT)
        assert list(Step.objects.filter(message=made).order_by("at", "id").values_list("move", flat=True)).count("retry") == 4
        with pytest.raises(Refused, match="现在是“已送达”"):
            messages.cancel(message=made, why="不用了", by=me, at=AT)


def test_told_in_person_before_the_text_message_left(world, home):
    with world.acting("香") as me:
        made = messages.said_in_person(message=answer(me, person=home.head.pk), by=me, at=AT)
        assert (made.state, made.channel) == ("delivered", "person")


def test_the_helper_sees_her_errand_and_nothing_else(world, home):
    with world.acting("香") as me:
        mei = Staff.objects.get(name="周春梅")
        first = messages.failed(message=answer(me, person=home.wife.pk), why="号码停机", by=me, at=AT)
        answer(me, person=home.head.pk, event="other")
        messages.assign(message=first, to=mei.pk, by=me, at=AT)
    with world.acting("梅") as me:
        (errand,) = Message.objects.all()
        assert (errand.name, errand.channel) == ("周秀英", "person")
        assert Step.objects.count() >= 3 and not Resident.objects.exists() and not Mark.objects.exists()
        assert messages.said_in_person(message=errand, by=me, at=AT).delivered_by == mei.pk
        with pytest.raises(NotHere):
            messages.cancel(message=uuid.uuid4(), why="不是我的", by=me, at=AT)


def test_what_only_she_may_hear_is_not_given_to_a_neighbour(world, home):
    with world.acting("香") as me:
        made = answer(me, person=home.wife.pk, alone=True)
        assert (made.channel, made.alone) == ("person", True)
        with pytest.raises(Refused, match="只能单独告诉本人"):
            messages.assign(message=made, to=Staff.objects.get(name="周春梅").pk, by=me, at=AT)
        assert messages.assign(message=made, to=me.id, by=me, at=AT).assigned == me.id


def test_the_number_is_shown_to_whoever_calls_and_recorded(world, home):
    with world.acting("香") as me:
        made = answer(me, person=home.wife.pk)
        assert messages.phone_for_call(message=made, by=me, at=AT) == PHONE
        assert AuditEntry.objects.filter(what="notice.call", persons__contains=[home.wife.pk]).count() == 1
        with pytest.raises(Refused, match="不在打电话的名单上"):
            messages.phone_for_call(message=answer(me, person=home.head.pk), by=me, at=AT)


def test_letters_are_printed_then_delivered_by_somebodys_word(world, home):
    with world.acting("香") as me:
        poor = village.person(me, "毛水木", "1944-02-02", "1", grid=GRID1)
        made = answer(me, person=poor.pk, address="彭里村岭脚7号")
        assert (made.channel, made.route) == ("letter", ["letter", "person"])
        (made,) = messages.printed(messages=[made], by=me, at=AT)
        assert made.state == "handed" and made.delivered_at is None
        assert messages.deliver(message=made, by=me, at=AT).state == "delivered"


# --- public channels --------------------------------------------------------------------------------------------------


def test_nothing_about_one_person_is_read_out_or_put_up(world, home):
    with world.acting("香") as me:
        for channel in ("loudspeaker", "poster"):
            with pytest.raises(Refused, match="不能用"):
                answer(me, channel=channel)
            made = answer(me, template="public.meeting", channel=channel, event="day")
            assert (made.channel, made.recipient, made.person) == (channel, f"area:{GRID1}:{channel}", None)
        with pytest.raises(Refused, match="没有“code”"):
            answer(me, template="code", phone=PHONE)


def test_no_webhook_no_message(world, home, settings):
    with world.acting("香") as me:
        assert answer(me, template="hook.matter", channel="webhook", event="h") is None
        settings.WEBHOOK_URL = "https://example.invalid/hook"
        assert answer(me, template="hook.matter", channel="webhook", event="h").recipient == "hook"


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_who_sees_a_message(world, home):
    window = "330881002/CK"
    with world.acting("香") as me:
        answer(me, person=home.head.pk)
    with world.acting("敏") as me:  # the window of the town, about a matter that lies with her
        made = answer(me, phone="16400000009", name="郑土根", event="window", desk=window)
        assert made is not None and Message.objects.count() == 1
        with pytest.raises(ProgrammingError), transaction.atomic():
            answer(me, phone="16400000009", event="no desk of hers", desk="330881002/SL")
        with pytest.raises(ProgrammingError), transaction.atomic():
            answer(me, phone="16400000009", event="far away", desk=window, grid="330802008001001")
    for name, sees in (("香", 2), ("兰", 2), ("强", 0), ("芳", 0), ("苗", 2), ("国", 0), ("琴", 0), ("审", 0), ("梅", 0), ("敏", 1)):
        with world.acting(name):
            assert Message.objects.count() == sees, name
            assert (Step.objects.count() > 0) == (sees > 0), name


def test_nobody_writes_in_anothers_name(world, home):
    with world.acting("香") as me:
        made = answer(me, person=home.head.pk)
        for change in ({"made_by": uuid.uuid4()}, {"person": home.wife.pk}, {"grid_code": GRID2}, {"event": "x"}, {"template": "matter.refused"}):
            with pytest.raises(ProgrammingError, match="never rewritten"), transaction.atomic():
                Message.objects.filter(pk=made.pk).update(**change)
        with pytest.raises(ProgrammingError), transaction.atomic():
            Message.objects.create(grid_code=GRID1, event="f", recipient="person:x", kind="own", template="matter.answer", channel="sms", not_before=AT, made_at=AT, made_by=Staff.objects.get(name="姜晓兰").pk)
        with pytest.raises(ProgrammingError), transaction.atomic():
            Message.objects.filter(pk=made.pk).delete()


def test_the_application_is_not_the_sender(world, home):
    with world.acting("香"):
        for statement in ("select access.enter_sender()", "select access.claim_due(now(), 10, false)", "select access.honour_marks(null)"):
            with pytest.raises(ProgrammingError), transaction.atomic(), connections["default"].cursor() as cursor:
                cursor.execute(statement)
