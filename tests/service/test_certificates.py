"""Certificates: what is refused and where to go, two persons, numbers without gaps, kin, scope, revoking, the page anybody may ask."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from minqing.access import scope
from minqing.access.models import AuditEntry
from minqing.archives import vault as archive_vault
from minqing.archives.models import Resident
from minqing.service.actions import certificates
from minqing.service.models import Certificate
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import certificates as rules
from tests.archives import village
from tests.people import PENGLI
from tests.service.errand_people import staff, xu

CARD = village.number(date(1966, 11, 15), "1")
ANSWERS = {"台账名称和页码": "2025 年台账第 3 页", "股份或分红记录": "1 股"}


@pytest.fixture
def person(world: Any) -> Resident:
    village.grids()
    with world.acting("香") as xiang:
        return xu(xiang, id_number=CARD)


def drafted(world: Any, person: Resident, by: str = "兰", code: str = "shares", **more: Any) -> Certificate:
    with world.acting(by) as me:
        return certificates.draft(**{"person": person.pk, "code": code, "purpose": "交给农商行贷款用", "answers": ANSWERS, "by": me, "at": timezone.now(), **more})


def issued(world: Any, person: Resident) -> tuple[Certificate, str]:
    made = drafted(world, person)
    with world.acting("香") as xiang:
        row = certificates.decide(certificate=made.pk, approve=True, by=xiang, at=timezone.now())
        return row, certificates.content_of(row)["token"]


def checked(token: str) -> certificates.Checked | None:
    with transaction.atomic(using="resident"):
        scope.enter_public(purpose="public:test", origin="portal 10.0.0.9")
        return certificates.check(token)


def test_twenty_are_forbidden_and_each_says_where_to_go():
    assert len(rules.FORBIDDEN) == 20
    assert all(i.office and i.bring and not i.allowed for i in rules.FORBIDDEN)
    assert len(rules.PERMITTED) == 4


def test_values_are_not_read_as_templates():
    assert rules.fill("{姓名}，{村名}", {"姓名": "{村名}", "村名": "彭里村"}) == "{村名}，彭里村"


def test_a_forbidden_one_is_refused_with_the_office(world, person):
    with pytest.raises(Refused, match="公证处"):
        drafted(world, person, code="no_kinship")


def test_two_persons_then_a_number(world, person):
    made = drafted(world, person)
    assert made.number == ""
    with world.acting("香") as xiang:
        row = certificates.decide(certificate=made.pk, approve=True, by=xiang, at=timezone.now())
        content = certificates.content_of(row)
    assert row.number == f"{PENGLI}-{row.year}-0001"
    assert "徐后根（1966年11月15日出生）名下：1 股" in content["text"]
    with world.acting("审"):
        assert AuditEntry.objects.filter(what="certificate.issue", persons__contains=[person.pk]).exists()


def test_who_drafts_does_not_approve(world, person):
    made = drafted(world, person, by="香")
    with world.acting("香") as xiang, pytest.raises(Refused, match="不能自己批"):
        certificates.decide(certificate=made.pk, approve=True, by=xiang, at=timezone.now())


def test_a_grid_officer_does_not_approve(world, person):
    made = drafted(world, person, by="香")
    with world.acting("兰") as lan, pytest.raises(NotHere):
        certificates.decide(certificate=made.pk, approve=True, by=lan, at=timezone.now())


def test_the_person_himself_neither_drafts_nor_sees(world, person):
    with world.acting("兰"), connection.cursor() as cursor:
        digests = archive_vault.identity_digests(CARD)
        cursor.execute("select access.link_staff(%s, %s, %s)", [staff("兰"), digests[max(digests)], max(digests)])
        assert cursor.fetchone()[0]
    with pytest.raises(Refused, match="回避"):
        drafted(world, person)
    made = drafted(world, person, by="香")
    with world.acting("兰") as lan, pytest.raises(NotHere):
        certificates.get(made.pk, lan)


def test_numbers_have_no_gap_after_a_refusal(world, person):
    first, _token = issued(world, person)
    made = drafted(world, person)
    with world.acting("香") as xiang:
        certificates.decide(certificate=made.pk, approve=False, reason="名册上没有", by=xiang, at=timezone.now())
    second, _token = issued(world, person)
    assert (first.serial, second.serial) == (1, 2)


def test_an_empty_field_is_asked(world, person):
    with pytest.raises(Missing) as refusal:
        drafted(world, person, answers={"台账名称和页码": "x"})
    assert refusal.value.field == "a1"


def test_checking_is_throttled(world, person):
    with pytest.raises(Refused, match="查得太多"):
        for _i in range(70):
            checked("x")


def test_the_application_writes_no_certificate(world, person):
    row, _token = issued(world, person)
    with world.acting("香"), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update service_certificate set state = 'issued' where id = %s", [row.pk])


def test_another_village_sees_nothing(world, person):
    row, _token = issued(world, person)
    with world.acting("芳") as fang, pytest.raises(NotHere):
        certificates.get(row.pk, fang)


def test_a_county_ends_what_it_permits_but_permits_nothing_forbidden(world, person):
    with world.acting("总") as zong:
        item = rules.NATIONAL["shares"]
        certificates.set_item(area="330881", item=rules.Item(item.code, item.name, False, "县里规定", "农业农村局", "身份证"), starts_on=date(2026, 1, 1), ends_on=None, by=zong, at=timezone.now())
        with pytest.raises(Missing, match="国家规定"):
            certificates.set_item(area="330881", item=rules.Item("no_birth", "出生证明", True, "x", template="{姓名}"), starts_on=None, ends_on=None, by=zong, at=timezone.now())
    with pytest.raises(Refused, match="农业农村局"):
        drafted(world, person)


def test_what_the_file_does_not_know_is_said(world, person):
    with pytest.raises(Refused, match="户籍地"):
        drafted(world, person, code="member", answers={"名册名称和页码": "x", "成员身份情况": "x"})
