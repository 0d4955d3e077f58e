"""The portal under test: the seeded village, residents with accounts, everything they leave behind removed after the module."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from minqing.access import scope
from minqing.access.actions import residents
from minqing.access.models import ResidentAccount
from minqing.archives.actions import residents as files
from minqing.archives.models import Resident
from tests.contracts.foreign import superuser
from tests.people import TOKENS, World
from tests.web import seed

#: What residents leave behind, in an order that references allow.
LEFT = ("service_attachment", "service_callback", "service_contact", "service_move", "service_party", "service_seat", "service_matter", "access_feedback", "access_subject", "access_consent", "access_logincode", "access_residentaccount")
XIU_PHONE, WEI_PHONE = "15400000078", "15400000058"


@pytest.fixture(scope="module")
def village(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[str, uuid.UUID]]:
    """彭里 as tests/web/seed.py makes it; 姜水仙 and 周志伟 have phones of their own in the file."""
    with django_db_blocker.unblock(), superuser() as root:
        before = {t: [r[0] for r in root.execute(f"select id from {t}")] for t in LEFT}  # noqa: S608
        with seed.planted() as ids:
            with World.acting("香") as me:
                for name, phone in (("姜水仙", XIU_PHONE), ("周志伟", WEI_PHONE)):
                    files.change(person=ids[name], field="phone", value=phone, by=me, at=datetime.now(UTC), on=datetime.now(UTC).date())
            try:
                yield ids
            finally:
                root.execute("set session_replication_role = replica")
                for table in LEFT:
                    root.execute(f"delete from {table} where not id = any(%s)", [before[table]])  # noqa: S608
                root.execute("delete from access_session where resident_account is not null")


@pytest.fixture
def clean(village: Any, committed: Any) -> Iterator[None]:
    """No codes, accounts, consents of an earlier test; the addresses' counters start anew."""
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in ("access_subject", "access_consent", "access_logincode", "access_residentaccount", "access_feedback"):
            root.execute(f"delete from {table}")  # noqa: S608
        root.execute("delete from access_session where resident_account is not null")
        root.execute("delete from access_auditentry where what in ('matter.say', 'matter.follow', 'matter.rate', 'feedback.leave', 'feedback.ask', 'file.correct', 'subject.look')")
    yield


def browser(token: str = "") -> Client:
    made = Client(headers={"host": "localhost"})
    made.cookies["minqing_language"] = "zh-hans"
    if token:
        made.cookies[settings.RESIDENT_COOKIE] = token
    return made


def staff(name: str) -> Client:
    made = browser()
    made.cookies[settings.SESSION_COOKIE] = TOKENS[name]
    return made


def messages(kind: str = "sms") -> list[dict[str, Any]]:
    path = settings.HOME / "outbox" / f"{kind}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def account(phone: str, person: uuid.UUID | None = None) -> str:
    """A token of an account with this phone; linked to a person as a window would."""
    with transaction.atomic(using="login"):
        row = residents._account_of_phone(phone, datetime.now(UTC))
        opened = residents._open(row, own_phone=False, device="test", origin="127.0.0.1", kind="sms")
    if person is not None:
        with superuser() as root:
            root.execute("insert into access_subject (id, account, person_id, reach, sensitive, how, starts_at) values (gen_random_uuid(), %s, %s, 'self', false, 'card', now())", [row.pk, person])
    return opened.token


@pytest.fixture
def as_resident(clean: None) -> Callable[..., Client]:
    """`as_resident(phone, person)` is a browser in which that person is logged in."""
    return lambda phone, person=None: browser(account(phone, person))


def visiting(token: str) -> Any:
    """One scoped transaction of a resident, rolled back."""
    return _Visit(token)


class _Visit:
    def __init__(self, token: str) -> None:
        self.token, self.block = token, transaction.atomic(using="resident")

    def __enter__(self) -> scope.Visitor:
        self.block.__enter__()
        return scope.enter_resident(self.token, purpose="test", origin="test")

    def __exit__(self, *_e: object) -> None:
        transaction.set_rollback(True, using="resident")
        self.block.__exit__(None, None, None)


def number_of(person: uuid.UUID) -> str:
    """The identity number of a seeded person, in clear."""
    from minqing.archives import vault  # noqa: PLC0415 - one helper
    with World.acting("香"):
        row = Resident.objects.get(pk=person)
        return vault.decrypt("archives_resident.id_cipher", row.pk, row.id_cipher)


def accounts() -> int:
    return ResidentAccount.objects.count()
