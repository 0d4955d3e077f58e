"""办件事: the catalogue as a resident reads it, what his file holds already, and an errand that he begins himself."""

from __future__ import annotations

import re

import pytest
from django.db import DatabaseError, connections, transaction

from minqing.access import scope
from minqing.service.actions import errands
from minqing.service.models import Errand, Matter
from minqing.service.queries import catalogue
from tests.contracts.foreign import superuser
from tests.people import PENGLI, World
from tests.portal.conftest import WEI_PHONE, XIU_PHONE, browser
from tests.portal.test_file import accept, let, wei, xiu  # noqa: F401 - fixtures
from tests.portal.test_login import text
from tests.portal.test_matters import receipt
from tests.service.errand_people import staff

CARD = f"/my/do/elder_card/?place={PENGLI}"


@pytest.fixture(autouse=True)
def begun(clean):
    yield
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("delete from service_assignment")
        root.execute("delete from service_errand")


def test_the_list_is_the_catalogue(clean):
    page = text(browser().get(f"/my/do/?place={PENGLI}"))
    with World.acting("香"):
        names = [i.name for i in catalogue.items_at(PENGLI)]
    assert len(names) > 30 and all(name in page for name in names)
    found = text(browser().get(f"/my/do/?place={PENGLI}&q=优待"))
    assert "老年优待证" in found and len(re.findall("个工作日", found)) < len(names)
    assert "没有找到" in text(browser().get(f"/my/do/?place={PENGLI}&q=火星"))


def test_an_item_says_everything_and_of_the_file_only_to_its_owner(xiu, village):  # noqa: F811
    with World.acting("香"):
        item = catalogue.item_at("elder_card", PENGLI)
    nobody, owner = text(browser().get(CARD)), text(xiu.get(CARD))
    for words in (*(m["name"] for m in item.materials), item.who, "不收费"):
        assert words in nobody
    assert "档案已有" not in nobody and "登录，看档案里已有哪些" in nobody
    assert "档案已有" in owner and "登录，看档案里已有哪些" not in owner
    assert browser().get(f"/my/do/nothing/?place={PENGLI}").status_code == 404


def test_an_errand_begins_here_and_is_the_errand_of_every_other_door(xiu, village):  # noqa: F811
    done = xiu.post(CARD, {"person": str(village["姜水仙"]), "name": "姜水仙", "phone": XIU_PHONE, "words": "走不动，请上门"})
    number, _word = receipt(done)
    with World.acting("香") as me:
        m = Matter.objects.get(number=number.replace(" ", ""))
        e = Errand.objects.get(matter=m)
        assert (m.category, m.title, e.item.code, e.person_id, e.agent_state) == ("elder_card", "代办：老年优待证", "elder_card", village["姜水仙"], "none")
        errands.assign(matter=m, staff=staff("代"), by=me, at=m.submitted_at)
        assert Errand.objects.get(matter=m).agent == staff("代") and Matter.objects.get(pk=m.pk).state == "processing"
    again = xiu.post(CARD, {"person": str(village["姜水仙"]), "name": "姜水仙", "phone": XIU_PHONE, "words": ""})
    assert again.status_code == 422 and "已经在办了" in text(again)


def test_what_nobody_goes_for_is_not_begun_here(clean, monkeypatch):
    with World.acting("香"):
        item = catalogue.item_at("elder_card", PENGLI)
    assert "请人代办这件事" in text(browser().get(CARD))
    item.channels = ["window"]
    monkeypatch.setattr(catalogue, "item_at", lambda *_a, **_k: item)
    assert "请人代办这件事" not in text(browser().get(CARD))
    assert browser().post(CARD, {"name": "过路人", "phone": "16400000009", "words": ""}).status_code == 404


def test_without_a_log_in_it_is_an_errand_of_nobodys_file(clean):
    lacking = browser().post(CARD, {"name": "", "phone": "123", "words": "下午在家"})
    assert lacking.status_code == 422 and "下午在家" in lacking.content.decode()
    number, _word = receipt(browser().post(CARD, {"name": "过路人", "phone": "16400000009", "words": "下午在家"}))
    with World.acting("香"):
        assert Errand.objects.get(matter__number=number.replace(" ", "")).person_id is None


def test_the_son_begins_it_for_his_mother(xiu, wei, village):  # noqa: F811
    let(xiu)
    accept(wei)
    number, _word = receipt(wei.post(CARD, {"person": str(village["姜水仙"]), "name": "周志伟", "phone": WEI_PHONE, "words": ""}))
    with World.acting("香"):
        assert Errand.objects.get(matter__number=number.replace(" ", "")).person_id == village["姜水仙"]


def test_nobody_begins_an_errand_on_what_was_said_before(xiu, village):  # noqa: F811
    number, _word = receipt(xiu.post(CARD, {"person": str(village["姜水仙"]), "name": "姜水仙", "phone": XIU_PHONE, "words": ""}))
    with superuser() as root:
        m, item = root.execute("select m.id, e.item_id from service_matter m join service_errand e on e.matter_id = m.id where m.number = %s", [number.replace(" ", "")]).fetchone()
        root.execute("delete from service_errand where matter_id = %s", [m])
    with transaction.atomic(using="resident"):
        scope.enter_public(purpose="public:test", origin="portal 10.0.0.8")
        with pytest.raises(DatabaseError, match="not an errand of this minute"), transaction.atomic(using="resident"), connections["resident"].cursor() as cursor:
            cursor.execute("select access.start_own_errand(%s, %s, 'x')", [m, item])
