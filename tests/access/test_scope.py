"""Who sees what: the scope as the database computes it."""

import pytest
from django.db import connection

from minqing.access import scope
from minqing.access.actions import audit
from minqing.access.backend.base import Unscoped
from minqing.access.models import Area, AuditEntry
from tests.people import COUNTY, PENGLI


def test_lan_holds_her_grid_and_no_other(world):
    with world.acting("兰") as me:
        assert me.name == "姜晓兰"
        assert me.may(scope.Right.PEOPLE, PENGLI + "001")
        assert not me.may(scope.Right.PEOPLE, PENGLI + "002")
        assert not me.may(scope.Right.PEOPLE, PENGLI)


def test_the_secretary_of_the_next_village_holds_nothing_of_pengli(world):
    with world.acting("芳") as me:
        assert not me.may(scope.Right.PEOPLE, PENGLI + "001")


@pytest.mark.parametrize("name", ["国", "审", "管", "街", "梅", "敏", "琴"])
def test_who_manages_or_leads_opens_no_files(world, name):
    with world.acting(name) as me:
        assert not me.holds(scope.Right.PEOPLE)


def test_the_data_officer_holds_the_county(world):
    with world.acting("数") as me:
        assert me.may(scope.Right.PEOPLE, PENGLI + "003")
        assert me.may(scope.Right.GATHER, COUNTY)
        assert not me.may(scope.Right.PEOPLE, "330802008001001")


def test_without_a_scope_the_wrapper_is_loud(committed):
    connection.close()
    with pytest.raises(Unscoped):
        list(Area.objects.all()[:1])


def test_a_false_token_opens_nothing(world):
    with pytest.raises(scope.NoSession), scope.acting("nonsense", purpose="test", origin="test"):
        pass


def test_the_audit_is_stamped_by_the_database(world):
    with world.acting("兰") as me:
        audit.record("test.open", purpose="visit")
        mine = AuditEntry.objects.filter(staff=me.id, what="test.open").get()
        assert (mine.area_code, mine.purpose) == (PENGLI + "001", "visit")
    with world.acting("强"):
        assert not AuditEntry.objects.filter(what="test.open").exists()
    with world.acting("审"):
        assert AuditEntry.objects.filter(what="test.open").count() == 1
