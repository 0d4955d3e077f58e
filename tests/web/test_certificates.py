"""Certificates in the browser's words: drafting, the second person, the paper, and the page anybody may open."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.test import Client

from minqing.archives.models import Resident
from minqing.gateways import postgres
from minqing.service.actions import certificates
from minqing.service.models import Certificate
from tests.people import TOKENS, World
from tests.web import seed


@pytest.fixture(scope="module")
def village(django_db_setup, django_db_blocker) -> Iterator[dict[str, uuid.UUID]]:
    with django_db_blocker.unblock(), seed.planted() as ids:
        yield ids


@pytest.fixture
def person(village, committed) -> Iterator[Any]:
    with World.acting("香"):
        found = Resident.objects.filter(alive=True, birth_date__isnull=False).exclude(sex="0").order_by("pk").first()
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
