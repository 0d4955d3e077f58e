"""DESIGN §9: at most twelve statements a page, whatever stands on it. Session look-up, entering the scope, audit and
savepoints are counted like everything else.

Every named address is opened by everybody who may, on a village with families, acts, proposals, questions and a log; a
new page is counted without anybody thinking of it here. What no page of the ordinary day is has its own number, and why.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils.http import urlencode

from minqing.archives.models import Act, Membership, Proposal
from tests.contracts import foreign
from tests.contracts.foreign import OWN
from tests.contracts.test_urls import ADDRESSES, OPEN, Outside
from tests.people import TOKENS, World
from tests.web import seed

MOST = 12
WHO = ("兰", "香", "苗", "数", "国", "审", "管", "街")
#: The same page with conditions, because they ask more: address → queries of the address ("" is always tried).
CONDITIONS: dict[str, tuple[dict[str, str], ...]] = {
    "household-list": ({"open": "HOUSEHOLD"}, {"tab": "elders"}, {"tab": "check"}, {"tab": "unplaced"}, {"q": "姜水"}, {"tag": "alone"}, {"grid": OWN}, {"sort": "door"}, {"village": OWN[:12]}, {"act": "ACT"}),
    "household-file": ({"tab": "members"}, {"tab": "dwelling"}, {"tab": "history"}, {"act": "ACT"}),
    "resident-file": ({"tab": "history"}, {"act": "ACT"}),
    "search": ({"q": "姜水仙"}, {"q": "shuixian"}, {"q": "上塘"}),
    "question-list": ({"tab": "village"}, {"tab": "department"}, {"tab": "visit"}, {"tab": "done"}, {"group": "source"}),
    "audit-list": ({"odd": "many"}, {"odd": "off_duty"}, {"what": "household.open"}),
    "staff-list": ({"view": "left"}, {"q": "姜"}),
    "area-list": ({"q": "彭里"},),
}
#: More than twelve, and why that is right: address → most.
RARE: dict[str, int] = {
    "resident-file": 13,  # with the bar that takes the last act back; 12 without
    "appointment-end": 19,  # once in a post's life: everything that is open there is gathered on one page
    "resident-same-pair": 32,  # two whole files side by side, and everything that stands against joining them
    "question": 15,  # both sides of a judgement, each right asked for the place it is about, and the question that follows
}


class Counter:
    """Every statement of every alias while it is open."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.sent.append(" ".join(str(sql).split())[:160])
        return execute(sql, params, many, context)


@contextlib.contextmanager
def counting() -> Iterator[Counter]:
    counter = Counter()
    with contextlib.ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(counter))
        yield counter


@pytest.fixture(scope="module")
def here(rows: foreign.Rows, django_db_blocker: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Identifiers of 兰's grid: the richest family of the planted village, one row of every other kind."""
    with django_db_blocker.unblock(), seed.planted() as ids:
        with World.acting("香") as me:
            family = max(ids.values(), key=lambda pk: Membership.objects.filter(household=pk).count())
            member = Membership.objects.filter(household=family).order_by("relation").first()
            assert member
            proposal = Proposal.objects.order_by("-made_at").first()
            act = Act.objects.filter(staff=me.id).order_by("-at").first()
        outside = Outside(rows, OWN)
        outside.by_name |= {"household": family, "person": member.person_id, "membership": member.pk, "proposal": proposal.pk if proposal else outside.by_name["proposal"]}
        yield {"outside": outside, "HOUSEHOLD": str(family), "ACT": str(act.pk) if act else ""}


@pytest.mark.parametrize("name", WHO)
def test_no_page_sends_more_than_twelve_statements(here, name, django_db_blocker):
    """Each page twice: the first time fills caches of the process (translations, templates, content types) that are no statements of a page."""
    visitor = Client(headers={"host": "localhost"}, raise_request_exception=False)
    visitor.cookies[settings.SESSION_COOKIE] = TOKENS[name]
    too_many: list[str] = []
    spoken: list[str] = []  # pages that say a name of the program's own where a number or a word should stand
    with django_db_blocker.unblock():
        for address in sorted(set(ADDRESSES) - OPEN):
            for query in ({}, *CONDITIONS.get(address, ())):
                path = here["outside"].address(address)
                if query:
                    path += "?" + urlencode({k: here.get(v, v) for k, v in query.items()})
                with counting() as counter:
                    response = visitor.get(path)
                if response.status_code != 200:
                    continue
                body = b"".join(response.streaming_content) if getattr(response, "streaming", False) else response.content
                if b"&lt;QuerySet" in body or b" object at 0x" in body or b"object (" in body:
                    spoken.append(f"{address} as {name}")
                if len(counter.sent) > RARE.get(address, MOST):
                    too_many.append(f"{address} {query or ''} as {name}: {len(counter.sent)} statements\n    " + "\n    ".join(counter.sent))
    assert not too_many, "\n".join(too_many)
    assert not spoken
