"""Two values of one field at the desk: for three days its author is asked on the phone, then the clerk as well; nothing closes it but a choice."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from minqing.archives.actions import households
from minqing.archives.models import Household, Proposal
from minqing.sync.actions import conflicts
from tests.contracts.foreign import superuser
from tests.people import World
from tests.web.test_staff import text


@pytest.fixture
def asked(village) -> Iterator[uuid.UUID]:
    """The clerk wrote one thing, the officer's phone came with another."""
    now, home = timezone.now(), village["2050041"]
    with World.acting("香") as me:
        was = Household.objects.get(pk=home).caution
        households.set_words(household=home, caution="耳背，大声叫", by=me, at=now)
    with World.acting("兰") as me:
        h = Household.objects.get(pk=home)
        made = conflicts.keep(household=h, person=None, grid=h.grid_code, field="caution", mine="有狗，走后门", theirs="耳背，大声叫", was="", by=me, at=now).pk
    yield made
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("delete from archives_proposal where kind = 'conflict'")
        root.execute("update archives_household set caution = %s where id = %s", [was, home])


def test_the_clerk_finds_both_values_after_three_days_and_chooses(visit, asked, village):
    clerk, address = visit("香"), f"/proposals/{asked}/choose/"
    assert address not in clerk.get("/").content.decode()
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("update archives_proposal set due_on = %s where id = %s", [timezone.localdate() - timedelta(days=1), asked])
    assert address in clerk.get("/").content.decode()
    assert address in clerk.get(f"/households/{village['2050041']}/").content.decode()
    page = text(clerk.get(address))
    assert "有狗，走后门" in page and "耳背，大声叫" in page and "用手机上填的" in page
    # the buttons of other proposals do not close it: that would throw one of the values away
    assert clerk.post(f"/proposals/{asked}/close/", {"state": "done"}).url == address
    with World.acting("香"):
        assert Proposal.objects.get(pk=asked).state == "open"
    assert clerk.post(address, {"choice": "neither"}).url == address
    assert clerk.post(address, {"choice": "mine"}).status_code == 302
    with World.acting("香"):
        assert (Proposal.objects.get(pk=asked).state, Household.objects.get(pk=village["2050041"]).caution) == ("done", "有狗，走后门")
    assert clerk.get(address).status_code == 302
    assert address not in clerk.get("/").content.decode()


def test_nobody_outside_sees_the_two_values(visit, asked):
    for name in ("强", "芳"):
        assert visit(name).get(f"/proposals/{asked}/choose/").status_code in (403, 404), name
