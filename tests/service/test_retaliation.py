"""30 and 90 days after a complaint: was anybody made to pay for it? Asked by the discipline desk, seen by nobody of the village."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from minqing.access.models import Staff
from minqing.notify.models import Message
from minqing.service import vault
from minqing.service.actions import clock, matters, retaliation
from minqing.service.actions.matters import Who
from minqing.service.models import Contact, Matter, Move, Party
from minqing.service.queries import files, lists
from minqing.service.refusals import Missing, NotHere, Refused
from tests.contracts.foreign import superuser
from tests.people import PENGLI, TOWN
from tests.service.doors import ask

WORDS = "网格员姜晓兰收红包才给办低保"
TABLES = ("notify_step", "notify_message", "service_callback", "service_contact", "service_move", "service_party", "service_seat", "service_matter")


@pytest.fixture
def closed(committed, django_db_setup, django_db_blocker) -> Iterator[Any]:
    """A complaint about 兰 that 纪 has answered on the spot thirty-one days ago; the clock has been. Committed, removed afterwards."""
    with django_db_blocker.unblock():
        now = timezone.now()
        with committed.acting("敏") as min_:
            first = ask(min_, WORDS, kind="complaint", channel="window", taken_at=TOWN + "/CK", requester=Who(name="毛土根", phone="15400000001", address="彭里村上塘3号"), at=now)
            assert first.restricted
        with committed.acting("纪") as ji:
            m = Matter.objects.get(pk=first.matter.pk)
            matters.answer(matter=m, words="已约谈本人，责令退还，并通报。", outcome="solved", by=ji, at=now - timedelta(days=31))
        with superuser() as root:
            root.execute("update service_matter set ask_on = current_date where id = %s", [m.pk])
        assert clock.run(now=timezone.now)["ask"] == 1
        committed.matter = m
        yield committed
        with superuser() as root:
            root.execute("set session_replication_role = replica")
            for table in TABLES:
                root.execute(f"delete from {table}")  # noqa: S608


def answered(world: Any, said: str, **more: Any) -> Any:
    with world.acting("纪") as ji:
        return retaliation.answer(matter=world.matter, said=said, by=ji, at=more.pop("at", timezone.now()), **more)


def waiting(world: Any, name: str = "纪") -> list[Any]:
    with world.acting(name) as me:
        return retaliation.waiting(me, at=timezone.now())


def test_the_discipline_desk_is_asked_and_nobody_else(closed):
    assert [w.id for w in waiting(closed)] == [closed.matter.pk]
    assert waiting(closed)[0].days == 31
    for name in ("香", "文", "兰", "敏", "国", "受", "审", "数", "监"):
        assert waiting(closed, name) == []
    with closed.acting("纪") as ji:
        file = files.open_file(ji, closed.matter.pk, at=timezone.now())
        assert "retaliation" in file.also
        assert any("该问是否受到报复" in e.label for e in file.events)


def test_a_no_ends_this_asking_and_the_next_one_comes(closed):
    assert answered(closed, "no", how="phone") is None
    assert waiting(closed) == []
    with closed.acting("纪") as ji:
        assert Contact.objects.get(matter=closed.matter).why == "retaliation"
        with pytest.raises(Refused, match="没有等着问"):
            retaliation.answer(matter=closed.matter, said="no", by=ji, at=timezone.now())
        asked = Matter.objects.get(pk=closed.matter.pk).ask_on
    assert asked and (asked - timezone.localdate()).days > 50, "ninety days after closing"
    with superuser() as root:
        root.execute("update service_matter set ask_on = current_date where id = %s", [closed.matter.pk])
    assert clock.run(now=timezone.now)["ask"] == 1
    assert len(waiting(closed)) == 1


def test_a_yes_opens_a_second_restricted_matter_and_the_village_sees_nothing(closed):
    with pytest.raises(Missing, match="照本人的话"):
        answered(closed, "yes", words="")
    with closed.acting("纪"):
        qiang = Staff.objects.get(name="毛志强").pk
    opened = answered(closed, "yes", words="上个月起不给我家打农药，说谁叫你去告", accused=(qiang,))
    assert opened.restricted and len(opened.word) == 6 and opened.matter.number != closed.matter.number
    assert waiting(closed) == []
    with closed.acting("纪") as ji:
        second = Matter.objects.get(pk=opened.matter.pk)
        assert (second.restricted, second.parent_id, second.relation, second.kind, second.place_code) == (True, closed.matter.pk, "after", "report", PENGLI)
        assert second.home_desk == TOWN + "/JW"
        words = vault.decrypt(vault.WORDS, second.pk, second.words_cipher, restricted=True)
        assert "谁叫你去告" in words and "之后受到报复" in words
        named = {p.staff for p in Party.objects.filter(matter=second, role="accused")}
        assert named == {Staff.objects.get(name="姜晓兰").pk, qiang}
        asker = Party.objects.get(matter=second, role="requester")
        assert vault.decrypt_json(vault.CONTACT, asker.pk, asker.contact_cipher, restricted=True)["phone"] == "15400000001"
        assert [r[3] for r in files.open_file(ji, closed.matter.pk, at=timezone.now()).relatives] == ["由这件引起"]
        assert [r[3] for r in files.open_file(ji, second.pk, at=timezone.now()).relatives] == ["起因是这件"]
    clock.run(now=timezone.now)
    ids = [closed.matter.pk, opened.matter.pk]
    for name in ("香", "文", "兰", "强", "苗", "代", "芳", "国", "受", "敏"):
        with closed.acting(name) as me:
            assert not Matter.objects.filter(pk__in=ids).exists()
            assert not Move.objects.filter(matter__in=ids).exists() and not Contact.objects.filter(matter__in=ids).exists() and not Party.objects.filter(matter__in=ids).exists()
            assert not [line for view in lists.VIEWS for line in lists.page(me, view, lists.Filters(), at=timezone.now()).lines]
            assert sum(lists.counts(me, at=timezone.now()).jobs.values()) == 0
            assert lists.find_number(me, opened.matter.number) is None
            assert not Message.objects.filter(event__startswith="move:").exists(), "what was told stands nowhere in the village"
            with pytest.raises(NotHere):
                retaliation.answer(matter=closed.matter, said="no", by=me, at=timezone.now())


def test_who_cannot_be_reached_is_tried_on_two_days_three_times(closed):
    now = timezone.now()
    for n, gone in ((0, False), (1, False), (26, True)):
        answered(closed, "unreached", how="phone", at=now + timedelta(hours=n))
        assert (waiting(closed) == []) is gone, n


def test_who_left_no_way_to_reach_him_is_not_asked_for_ever(closed):
    answered(closed, "gone")
    assert waiting(closed) == []
    with closed.acting("纪"):
        assert not Contact.objects.filter(matter=closed.matter).exists()


def test_an_ordinary_matter_is_not_asked_about(world):
    with world.acting("香") as xiang:
        m = ask(xiang).matter
        with pytest.raises(Refused):
            retaliation.answer(matter=m, said="no", by=xiang, at=timezone.now())


def test_another_discipline_desk_does_not_answer(closed):
    with closed.acting("监") as jian, pytest.raises(NotHere):
        retaliation.answer(matter=closed.matter, said="no", by=jian, at=timezone.now())
    assert len(waiting(closed)) == 1
