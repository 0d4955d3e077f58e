"""请志愿者帮忙 by a resident: for himself or whom he acts for, never for anybody else; he sees how far it is and no name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connections, transaction

from minqing.access import scope
from minqing.service.models import HelpRequest
from minqing.service.queries import volunteers as queries
from tests.contracts.foreign import superuser
from tests.people import World
from tests.portal.conftest import browser
from tests.portal.test_file import xiu  # noqa: F401 - fixture
from tests.portal.test_login import text

TAP = {"skill": "repair", "words": "厨房水龙头关不紧", "phone": "15400000078", "door": "上塘43号"}


@pytest.fixture
def swept(clean) -> Iterator[None]:
    yield
    with superuser() as root:
        root.execute("delete from service_helpstep where at > '2020-01-01'")
        root.execute("delete from service_helprequest where made_at > '2020-01-01'")


def test_a_resident_asks_and_the_secretary_sees_it(swept, xiu, village):  # noqa: F811
    page = xiu.post("/my/help/", {**TAP, "words": "水", "person": str(village["姜水仙"])})
    assert page.status_code == 422
    assert "上塘43号" in page.content.decode()
    assert xiu.post("/my/help/", {**TAP, "person": str(village["姜水仙"])}).status_code == 302
    mine = text(xiu.get("/my/help/"))
    assert "水电维修" in mine
    assert "等安排" in mine
    with World.acting("香") as me:
        row = HelpRequest.objects.get(made_at__year__gte=2020)
        assert (row.source, row.state, row.person_id) == ("portal", "open", village["姜水仙"])
        assert queries.who(queries.HELP_CONTACT, row.pk, row.contact_cipher).name == "姜水仙"
        assert queries.keeps(me, row.area_code)
    with World.acting("芳"):
        assert not HelpRequest.objects.filter(made_at__year__gte=2020).exists()


def test_nobody_asks_for_a_neighbour(swept, xiu, village):  # noqa: F811
    assert xiu.post("/my/help/", {**TAP, "person": str(village["周志伟"])}).status_code == 422
    token = xiu.cookies["minqing_resident"].value if "minqing_resident" in xiu.cookies else next(c.value for n, c in xiu.cookies.items() if n != "minqing_language")
    with pytest.raises(DatabaseError), transaction.atomic(using="resident"):
        scope.enter_resident(token, purpose="test", origin="test")
        with connections["resident"].cursor() as cursor:
            cursor.execute("select access.ask_help(gen_random_uuid(), %s, 'repair', null, null, null, null)", [village["周志伟"]])


def test_without_a_log_in_one_is_sent_there(swept):
    assert browser().get("/my/help/").status_code == 302
