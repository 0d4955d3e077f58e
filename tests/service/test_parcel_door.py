"""The open door for parcels of other counties: what a known county signed for us is kept, everything else is refused before it is opened."""

from __future__ import annotations

from functools import partial

import psycopg
import pytest
from django.conf import settings
from django.db import transaction

from minqing.access import scope
from minqing.gateways import parcels as gateway
from minqing.gateways import postgres
from minqing.service.actions import parcels
from minqing.service.models import ParcelRefusal, Partner
from tests.service.test_parcels import (  # noqa: F401 - fixtures of the same counties
    CODE,
    MORNING,
    STRANGER,
    THEIR_ERRAND,
    THEIRS,
    altered,
    at_morning,
    county,
    door,
    scan,
)


@pytest.fixture(scope="module")
def known(django_db_setup):
    """模拟县 committed: the door and the desk are two roles and two transactions. Of the module: it goes when what the test holds of it is rolled back."""
    with psycopg.connect(**postgres.open_cluster(settings.HOME).superuser_dsn(settings.DATABASE_NAME), autocommit=True) as root:
        root.execute("insert into service_partner (id, area_code, code, name, card, url, receipt_hours, columns, made_by, made_at) values (gen_random_uuid(), '330881', %s, '模拟县', %s, '', 24, '{}', gen_random_uuid(), now())", [CODE, THEIRS.card(CODE).text])
        yield
        root.execute("delete from service_partner where code = %s", [CODE])


def arrive(data: bytes, at=MORNING) -> None:
    with transaction.atomic(using="resident"):
        scope.enter_public(purpose="parcel-in", origin="door 10.0.0.1")
        parcels.arrive(data=data, using="resident", at=at)


def test_the_door_keeps_only_what_a_partner_signed_for_us(known, world, county):  # noqa: F811
    good = county.hand_over(THEIR_ERRAND, (scan(),))
    for bad, code in ((altered(good), "altered"), (at_morning(STRANGER, CODE, county.peer).hand_over(THEIR_ERRAND), "signature"), (at_morning(STRANGER, "330822", county.peer).hand_over(THEIR_ERRAND), "stranger"), (b"x", "broken")):
        with pytest.raises(gateway.Refusal) as found:
            arrive(bad)
        assert found.value.code == code
    assert parcels.arrived() == 0
    arrive(good)
    arrive(good)
    assert parcels.arrived() == 1
    assert parcels.collect(fetch=lambda _p: [], step=partial(world.acting, "敏"), at=MORNING) == ([], []), "the door is the reception's"
    with world.acting("总"):
        Partner.objects.filter(code=CODE).update(url="https://x")
        found, _troubles = parcels.collect(fetch=lambda _p: [good, altered(good), altered(good)], step=partial(world.acting, "总"), at=MORNING)
        assert [(t.ok, t.again, t.code) for t in found] == [(True, False, ""), (True, True, ""), (False, False, "altered")], "the same refused file is logged once"
        assert ParcelRefusal.objects.count() == 1
