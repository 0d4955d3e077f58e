"""Certificates in the browser's words: drafting, the second person, the paper, and the page anybody may open."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from django.utils import timezone

from minqing.archives.models import Resident
from minqing.archives.rules import items
from minqing.gateways import postgres
from minqing.service.actions import certificates
from minqing.service.models import Certificate
from minqing.service.refusals import Refused
from tests.people import PENGLI, TOKENS, World
from tests.web import seed


@pytest.fixture(scope="module")
def village(django_db_setup, django_db_blocker) -> Iterator[dict[str, uuid.UUID]]:
    with django_db_blocker.unblock(), seed.planted() as ids:
        yield ids


@pytest.fixture
def person(village, committed) -> Iterator[Any]:
    with World.acting("香"):
        found = Resident.objects.filter(alive=True, birth_date__isnull=False, placements__grid_code=PENGLI + "001", placements__ends_on=None).exclude(sex="0").order_by("pk").first()
    yield found
    with psycopg.connect(**postgres.open_cluster(django_settings.HOME).superuser_dsn(django_settings.DATABASE_NAME), autocommit=True) as root:
        root.execute("delete from service_certificate")
        root.execute("delete from service_certificatecount")


def client(name: str) -> Client:
    made = Client(headers={"host": "localhost"})
    made.cookies[django_settings.SESSION_COOKIE] = TOKENS[name]
    return made


def test_from_the_name_to_the_open_page(person):
    wen, xiang, anybody = client("文"), client("香"), Client(headers={"host": "localhost"})
    assert "公证处" in wen.get(f"/certificates/for/{person.pk}/no_kinship/").content.decode()
    page = wen.post(f"/certificates/for/{person.pk}/shares/", {"purpose": "贷款", "a0": "台账第 2 页", "a1": ""})
    assert page.status_code == 422
    page = wen.post(f"/certificates/for/{person.pk}/shares/", {"purpose": "贷款", "a0": "台账第 2 页", "a1": "1 股"})
    assert page.status_code == 302
    address = page.headers["Location"]
    assert wen.get(address + "paper.pdf").status_code == 404
    assert wen.post(address, {"do": "approve"}).status_code == 422
    said = items.source_label(person.sources["name"]["from"])
    assert f"{said} {person.sources['name']['on']}" in xiang.get(address).content.decode()   # each value says from whom it is
    assert xiang.post(address, {"do": "refuse", "reason": ""}).status_code == 422
    assert xiang.post(address, {"do": "approve"}).status_code == 302
    assert xiang.get(address + "paper.pdf").content[:4] == b"%PDF"
    assert xiang.get(address + "paper.docx").content[:2] == b"PK"
    with World.acting("香"):
        row = Certificate.objects.get()
        token = certificates.content_of(row)["token"]
    shown = anybody.get(f"/c/{token}/").content.decode()
    assert row.number in shown and row.masked in shown
    assert person.name not in shown and "贷款" not in shown
    assert xiang.post(address, {"do": "revoke", "reason": "台账更正"}).status_code == 302
    assert "已撤销" in anybody.get(f"/c/{token}/").content.decode()
    unknown, other = anybody.get("/c/abc/"), anybody.get("/c/def/")
    assert unknown.status_code == other.status_code == 200
    assert "查不到这份证明" in unknown.content.decode()


def test_pages_open_for_their_roles(person):
    assert client("香").get("/certificates/?q=").status_code == 200
    assert client("香").get(f"/certificates/?q={person.name[:1]}").status_code == 200
    assert client("总").get("/certificates/items/").status_code == 200
    assert client("总").get("/certificates/items/member/").status_code == 200
    assert client("香").get("/certificates/items/member/").status_code == 403
    assert client("芳").get(f"/certificates/for/{person.pk}/").status_code == 404


def drafted(person: Any) -> tuple[uuid.UUID, str]:
    """One that waits for the second person, with the word of its code."""
    with World.acting("兰") as officer:
        made = certificates.draft(person=person.pk, code="shares", purpose="贷款", answers={"台账名称和页码": "第 2 页", "股份或分红记录": "1 股"}, by=officer, at=timezone.now())
        return made.pk, certificates.content_of(made)["token"]


def at_once(*acts: tuple[str, uuid.UUID]) -> list[str]:
    """Several approve in the same moment, each on a connection of his own: "ok" or the sentence."""
    start, answers = threading.Barrier(len(acts)), []

    def run(name: str, certificate: uuid.UUID) -> None:
        try:
            with World.acting(name) as me:
                start.wait(20)
                certificates.decide(certificate=certificate, approve=True, by=me, at=timezone.now())
            answers.append("ok")
        except Refused as refusal:
            answers.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_two_approve_the_same_one_at_once(person):
    paper, _token = drafted(person)
    answers = at_once(("香", paper), ("文", paper))
    assert sorted(a == "ok" for a in answers) == [False, True]
    assert "别人已经办过" in next(a for a in answers if a != "ok")
    with World.acting("香"):
        assert Certificate.objects.get(pk=paper).serial == 1
    after, _token = drafted(person)
    assert at_once(("香", after)) == ["ok"]
    with World.acting("香"):
        assert Certificate.objects.get(pk=after).serial == 2                       # whoever came too late has used up no number


def test_two_approve_two_at_once(person):
    papers = [drafted(person)[0] for _n in range(4)]
    assert at_once(*((("香", "文")[n % 2], paper) for n, paper in enumerate(papers))) == ["ok"] * 4
    with World.acting("香"):
        assert sorted(Certificate.objects.values_list("serial", flat=True)) == [1, 2, 3, 4]


def test_a_draft_cannot_be_checked_by_anybody(person):
    paper, token = drafted(person)
    anybody = Client(headers={"host": "localhost"})
    anybody.cookies["minqing_language"] = "zh-hans"
    draft, nonsense = said_of(anybody, token), said_of(anybody, "x" * 32)
    assert "查不到这份证明" in draft[1] and draft == nonsense
    with World.acting("香") as xiang:
        certificates.decide(certificate=paper, approve=False, reason="台账上没有", by=xiang, at=timezone.now())
    assert said_of(anybody, token) == nonsense                                       # nor one that was not approved


def said_of(anybody: Client, token: str) -> tuple[int, str]:
    """What the page of a code says, its frame left out."""
    page = anybody.get(f"/c/{token}/")
    return page.status_code, page.content.decode().split("<main")[1].split("</main>")[0]
