"""Two files are one person: his matters, errands, offers and certificates follow, and go home when they part; who is barred is asked again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from minqing.archives import vault as archive_vault
from minqing.archives.actions import joining, kinship
from minqing.archives.models import Resident
from minqing.archives.refusals import Refused
from minqing.service.actions import certificates
from minqing.service.actions.matters import Who
from minqing.service.models import Certificate, Errand, Matter, Offer, Party
from tests.archives import village
from tests.archives.village import GRID1, GRID2, number, person
from tests.contracts.foreign import superuser
from tests.service.doors import ask
from tests.service.errand_people import AT, ON, opened, staff, xu

WHY = "对照户口簿，旧号码抄错"
ANSWERS = {"台账名称和页码": "2025 年台账第 3 页", "股份或分红记录": "1 股"}
LATER = AT + timedelta(days=200)


@pytest.fixture
def two(world: Any) -> tuple[Resident, Resident]:
    """徐后根 in his household, and again in grid 002 under a number that was copied wrongly."""
    village.grids()
    with world.acting("香") as me:
        return xu(me), person(me, "徐后根", "1966-11-15", "1", grid=GRID2, phone="15400000061")


@pytest.fixture(scope="module")
def made(django_db_setup: None) -> Iterator[list[uuid.UUID]]:
    """Offers that an evening made: committed beside the test's transaction, taken away when the last one is rolled back."""
    rows: list[uuid.UUID] = []
    yield rows
    with superuser() as root:
        root.execute("delete from service_offer where id = any(%s)", [rows])


def offer(made: list[uuid.UUID], who: Resident, rule: str, state: str) -> uuid.UUID:
    made.append(uuid.uuid4())
    with superuser() as root:
        root.execute("insert into service_offer (id, grid_code, person_id, rule, cycle, sensitive, reason, found_on, state, told_how, why, before) values (%s, %s, %s, %s, '', false, '[]', %s, %s, '', '', '{}')",
                     [made[-1], GRID1, who.pk, rule, ON, state])
    return made[-1]


def whose(*rows: uuid.UUID) -> list[uuid.UUID]:
    found = dict(Offer.objects.filter(pk__in=rows).values_list("pk", "person_id"))
    return [found[r] for r in rows]


def own_file_of(name: str, card: str) -> None:
    with connection.cursor() as cursor:
        digests = archive_vault.identity_digests(card)
        cursor.execute("select access.link_staff(%s, %s, %s)", [staff(name), digests[max(digests)], max(digests)])


def test_matter_errand_and_certificate_follow_and_go_home(world, two):
    kept, other = two
    with world.acting("香") as me:
        said = ask(me, requester=Who(name="徐后根", phone="15400000061", person=other.pk)).matter
        errand = opened(me, other)
    with world.acting("强") as qiang:
        paper = certificates.draft(person=other.pk, code="shares", purpose="交给农商行贷款用", answers=ANSWERS, by=qiang, at=timezone.now())
    rows = ((Party, {"matter": said}), (Errand, {"matter": errand}), (Certificate, {"pk": paper.pk}))
    with world.acting("香") as me:
        judgement = joining.join(kept=kept, other=other, why=WHY, by=me, at=AT)
        assert [model.objects.get(**which).person_id for model, which in rows] == [kept.pk] * 3
        joining.take_back(judgement=judgement, why="是堂兄弟，弄错了", by=me, at=LATER)
        assert [model.objects.get(**which).person_id for model, which in rows] == [other.pk] * 3


@pytest.mark.parametrize(("mine", "theirs", "in_hand"), [("found", "found", "mine"), ("found", "declined", "theirs"), ("declined", "told", "mine"), ("told", "opened", "theirs"), ("done", "opened", "mine")])
def test_one_person_has_one_offer_of_a_policy_and_it_is_the_one_that_says_more(world, two, made, mine, theirs, in_hand):
    kept, other = two
    one, two_, alone = offer(made, kept, "turns_60", mine), offer(made, other, "turns_60", theirs), offer(made, other, "id_card_46", "found")
    with world.acting("香") as me:
        judgement = joining.join(kept=kept, other=other, why=WHY, by=me, at=AT)
        assert whose(one, two_, alone) == ([kept.pk, other.pk] if in_hand == "mine" else [other.pk, kept.pk]) + [kept.pk]
        joining.take_back(judgement=judgement, why="是堂兄弟，弄错了", by=me, at=LATER)
        assert whose(one, two_, alone) == [kept.pk, other.pk, other.pk]


def test_who_is_barred_is_asked_again_when_the_two_become_one_and_when_they_part(world, two):
    """何兰 is the daughter of the file that was copied wrongly: joined, she is kin of the man whose matter she could see."""
    kept, other = two
    card = number(date(1990, 1, 1), "2")
    with world.acting("香") as me:
        daughter = person(me, "徐小兰", "1990-01-01", "2", grid=GRID2, id_number=card)
        kinship.add_parent(child=daughter, parent=other, by=me, at=AT)
        theirs = ask(me, requester=Who(name="徐后根", phone="15400000061", person=other.pk)).matter
        his = ask(me, "上塘水渠漏水", requester=Who(name="徐后根", phone="15400000060", person=kept.pk)).matter
    with world.acting("兰"):
        own_file_of("兰", card)
    with world.acting("兰") as lan:
        paper = certificates.draft(person=kept.pk, code="shares", purpose="交给农商行贷款用", answers=ANSWERS, by=lan, at=timezone.now())
    barred = lambda: [staff("兰") in Matter.objects.get(pk=m.pk).barred for m in (his, theirs)] + [staff("兰") in Certificate.objects.get(pk=paper.pk).barred]  # noqa: E731
    with world.acting("香") as me:
        assert barred() == [False, True, False]
        judgement = joining.join(kept=kept, other=other, why=WHY, by=me, at=AT)
        assert barred() == [True, True, True]
        joining.take_back(judgement=judgement, why="是堂兄弟，弄错了", by=me, at=LATER)
        assert barred() == [False, True, False]


def test_a_colleagues_own_file_stays_his_own(world, two):
    """何兰's own file is the one that lies void: she is still barred from what concerns her."""
    kept, _ = two
    card = number(date(1990, 1, 1), "2")
    with world.acting("香") as me:
        one = person(me, "何兰", "1990-01-01", "2", grid=GRID1, phone="15400000070")
        again = person(me, "何兰", "1990-01-01", "2", grid=GRID2, id_number=card, phone="15400000071", confirmed=True)
    with world.acting("兰"):
        own_file_of("兰", card)
    with world.acting("香") as me:
        judgement = joining.join(kept=one, other=again, why=WHY, by=me, at=AT)
        m = ask(me, requester=Who(name="何兰", phone="15400000070", person=one.pk)).matter
        assert staff("兰") in Matter.objects.get(pk=m.pk).barred
        joining.take_back(judgement=judgement, why="是堂姐妹，弄错了", by=me, at=LATER)
        assert staff("兰") not in Matter.objects.get(pk=m.pk).barred


def test_two_sides_of_one_quarrel_are_two_persons(world, two):
    kept, other = two
    with world.acting("香") as me:
        m = ask(me, "两家为田埂的界址争了三年", kind="dispute", requester=Who(name="徐后根", person=kept.pk), others=(Who(name="徐后根", person=other.pk, role="other"),)).matter
        with pytest.raises(Refused, match=m.number):
            joining.join(kept=kept, other=other, why=WHY, by=me, at=AT)


def test_nobody_moves_a_row_by_hand_or_for_a_file_that_is_not_his(world, two):
    kept, other = two
    with world.acting("香") as me:
        judgement = joining.join(kept=kept, other=other, why=WHY, by=me, at=AT)
    for name, statement, values in (
        ("芳", "select access.move_service_offer_person_id(%s, true)", [judgement.pk]), ("芳", "select access.move_access_staffperson_person_id(%s, true)", [judgement.pk]),
        ("芳", "select access.bar_again(%s)", [kept.pk]), ("香", "update service_errand set person_id = %s", [kept.pk]),
    ):
        with world.acting(name), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
