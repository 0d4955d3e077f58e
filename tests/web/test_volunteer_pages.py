"""Volunteer teams in the pages' own words: from a request to done, a rota on paper, medicines behind a reason, introductions; each for its people."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from minqing.archives.models import Resident
from minqing.demo import volunteers as demo
from minqing.service.models import HelpRequest, HourLine, Introduction, Pairing, ShiftSwap, Team, TeamShift
from tests.contracts.foreign import superuser
from tests.contracts.test_statements import counting
from tests.people import PENGLI, TOKENS, World
from tests.service.errand_people import staff
from tests.web import seed

TABLES = ("hourline", "activitypart", "activity", "care", "medicinecheck", "pairing", "introduction", "shiftswap", "helpstep", "helprequest", "teamshift", "teammember", "volunteer", "team")


def sweep() -> None:
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in TABLES:
            root.execute(f"delete from service_{table} where {'at' if table == 'helpstep' else 'made_at'} > '2020-01-01'")  # noqa: S608


@pytest.fixture(scope="module")
def village(django_db_setup, django_db_blocker) -> Iterator[dict[str, uuid.UUID]]:
    """The planted village with the demonstration's teams; ids of one row of each kind."""
    with django_db_blocker.unblock(), seed.planted():
        demo.prepare(datetime.now(UTC))
        with World.acting("香"):
            ids = {
                "team": Team.objects.get(name="邻里帮").pk, "open": HelpRequest.objects.get(state="open", skill="repair").pk, "given": HelpRequest.objects.get(state="given").pk,
                "home": Pairing.objects.get(services__contains=["medicine"]).pk, "volunteer": HourLine.objects.get(minutes=50).volunteer_id,
                "shift": TeamShift.objects.filter(starts_at__gt=timezone.now() + timedelta(days=1)).order_by("starts_at").values_list("pk", flat=True)[0]}
        yield ids
        sweep()


@pytest.fixture
def here(village, committed) -> dict[str, uuid.UUID]:
    return village


def client(name: str) -> Client:
    made = Client(headers={"host": "localhost"})
    made.cookies[settings.SESSION_COOKIE] = TOKENS[name]
    return made


def text(response) -> str:
    return response.content.decode()


def pages(here: dict[str, uuid.UUID]) -> list[str]:
    t = f"/volunteers/teams/{here['team']}/"
    return [t, t + "?tab=people", t + "?tab=homes", t + "?tab=activities", t + "shifts/new/", t + "homes/new/", t + "activities/new/", t + "introductions/", t + f"people/{here['volunteer']}/", f"/volunteers/help/{here['given']}/",
            f"/volunteers/homes/{here['home']}/", f"/volunteers/homes/{here['home']}/check/", f"/volunteers/homes/{here['home']}/arrange/", f"/volunteers/shifts/{here['shift']}/swap/"]


def test_every_page_opens_for_the_lead_and_the_secretary_within_twelve_statements(here):
    for name in ("梅", "香"):
        visitor = client(name)
        for path in ["/volunteers/", *pages(here)]:
            visitor.get(path)
            with counting() as counter:
                answer = visitor.get(path)
            assert answer.status_code == 200, (name, path, answer.status_code)
            assert len(counter.sent) <= 12, (name, path, counter.sent)


@pytest.mark.parametrize("name", ["兰", "代", "芳", "敏", "国", "数", "文"])
def test_nobody_else_opens_one(here, name):
    visitor = client(name)
    for path in pages(here):
        assert visitor.get(path).status_code in (403, 404), (name, path)
    listed = visitor.get("/volunteers/")
    assert listed.status_code in (200, 403)
    with World.acting("香"):
        row = HelpRequest.objects.get(pk=here["open"])
    assert str(row.pk) not in text(listed)


def test_a_request_from_the_window_of_a_file_to_the_lead_and_back(here):
    xiang, mei = client("香"), client("梅")
    page = text(xiang.get(f"/volunteers/help/{here['open']}/"))
    assert "会水电维修" in page
    assert "有空班" in page
    team, shift = here["team"], page.split('name="shift" value="')[1].split('"')[0]
    assert xiang.post(f"/volunteers/help/{here['open']}/give/", {"suggested": "1", "team": str(team), "shift": shift}).status_code == 302
    assert "邻里帮" in text(xiang.get(f"/volunteers/help/{here['open']}/"))
    assert "等队长答复" in text(mei.get("/volunteers/")) or "等答复" in text(mei.get("/volunteers/"))
    assert mei.post(f"/volunteers/help/{here['open']}/accept/").status_code == 302
    again = mei.post(f"/volunteers/help/{here['open']}/done/", {"on": str(timezone.localdate()), "minutes": "40", "note": "换了垫圈"})
    assert again.status_code == 422
    assert "换了垫圈" in text(again)
    who = text(mei.get(f"/volunteers/help/{here['open']}/done/")).split('name="helpers" value="')[1].split('"')[0]
    assert mei.post(f"/volunteers/help/{here['open']}/done/", {"on": str(timezone.localdate()), "minutes": "40", "note": "换了垫圈", "helpers": [who]}).status_code == 302
    assert "做完了" in text(mei.get(f"/volunteers/help/{here['open']}/"))


def test_who_takes_a_request_down_needs_no_more_than_a_form(here):
    lan = client("兰")
    answer = lan.post("/volunteers/help/new/", {"skill": "ride", "words": "去", "name": "姜水仙", "phone": "154000", "place": PENGLI, "source": "visit"})
    assert answer.status_code == 422
    assert "看明白" in text(answer) or "看不明白" in text(answer) or "要帮什么" in text(answer)
    assert "姜水仙" in text(answer)
    assert lan.post("/volunteers/help/new/", {"skill": "ride", "words": "要去街道办医保", "name": "姜水仙", "phone": "15400000999", "place": PENGLI, "source": "visit"}).status_code == 302
    assert client("香").get("/volunteers/").content.decode().count("姜水仙") >= 1


def test_a_shift_that_clashes_is_a_sentence_and_keeps_what_was_typed(here):
    with World.acting("香"):
        s = TeamShift.objects.get(pk=here["shift"])
    starts = timezone.localtime(s.starts_at)
    said = {"volunteer": str(s.volunteer_id), "kind": "duty", "first": f"{starts:%Y-%m-%d}", "last": f"{starts:%Y-%m-%d}", "starts": f"{starts:%H:%M}", "ends": f"{timezone.localtime(s.ends_at):%H:%M}", "place": "村口凉亭"}
    answer = client("梅").post(f"/volunteers/teams/{here['team']}/shifts/new/", said)
    assert answer.status_code == 422
    assert "已经有班" in text(answer)
    assert "村口凉亭" in text(answer)


def test_a_swap_by_two_yeses_through_the_pages(here):
    mei = client("梅")
    page = text(mei.get(f"/volunteers/shifts/{here['shift']}/swap/"))
    taker = page.split('name="taker"')[1].split('<option value="')[2].split('"')[0]
    assert mei.post(f"/volunteers/shifts/{here['shift']}/swap/", {"taker": taker, "how": "phone"}).status_code == 302
    with World.acting("梅"):
        swap = ShiftSwap.objects.get(done_at=None, refused_at=None)
        assert str(TeamShift.objects.get(pk=here["shift"]).volunteer_id) != taker
    mei.post(f"/volunteers/swaps/{swap.pk}/agree/", {"how": "face"})
    with World.acting("梅"):
        done = ShiftSwap.objects.get(pk=swap.pk)
        assert (done.done_at is not None) == (str(TeamShift.objects.get(pk=here["shift"]).volunteer_id) == taker)


def test_a_months_rota_is_one_sheet_without_telephones(here):
    answer = client("梅").get(f"/volunteers/teams/{here['team']}/rota.pdf?month={timezone.localdate():%Y-%m}")
    assert answer.content[:4] == b"%PDF"
    assert client("梅").get(f"/volunteers/teams/{here['team']}/rota.pdf?month=x").status_code == 404
    assert client("兰").get(f"/volunteers/teams/{here['team']}/rota.pdf").status_code == 404


def test_medicines_stand_on_no_page_but_behind_a_reason(here):
    xiang, mei = client("香"), client("梅")
    for visitor in (xiang, mei):
        for path in ("/volunteers/", *pages(here)):
            assert "氨氯地平" not in text(visitor.get(path))
    assert "药品核对" in text(mei.get("/volunteers/"))
    assert mei.post(f"/volunteers/homes/{here['home']}/medicines/", {"reason": "看看还有什么药"}).status_code == 403
    assert xiang.post(f"/volunteers/homes/{here['home']}/medicines/", {"reason": "看"}).status_code == 422
    shown = xiang.post(f"/volunteers/homes/{here['home']}/medicines/", {"reason": "家属来问药够不够"})
    assert "氨氯地平" in text(shown)
    assert shown.headers["Cache-Control"] == "no-store"
    wrong = mei.post(f"/volunteers/homes/{here['home']}/check/", {"medicines": "阿司匹林 明年", "explained_by": "周医生", "on": str(timezone.localdate())})
    assert wrong.status_code == 422
    assert "第 1 行“阿司匹林 明年”看不明白" in text(wrong)


def test_a_telephone_is_shown_only_when_both_said_yes(here):
    mei = client("梅")
    path = f"/volunteers/teams/{here['team']}/introductions/"
    assert "16400000602" not in text(mei.get(path))
    with World.acting("梅"):
        row = Introduction.objects.get()
    assert mei.post(f"/volunteers/introductions/{row.pk}/giver/", {"how": "phone"}).status_code == 302
    assert "16400000602" in text(mei.get(path))
    assert mei.post(f"/volunteers/introductions/{row.pk}/erase/").status_code == 302
    assert "周阿根" not in text(mei.get(path))


def test_no_list_carries_hours(here):
    with superuser() as root:
        assert root.execute("select count(*) from service_hourline").fetchone()[0] > 0
    people = text(client("香").get(f"/volunteers/teams/{here['team']}/?tab=people"))
    assert "周卫平" in people
    assert not re.search(r"小时|合计|>\s*50\s*<|50 分", people)
    own = text(client("香").get(f"/volunteers/teams/{here['team']}/people/{here['volunteer']}/"))
    assert "合计" in own


def test_a_secretary_makes_a_team_and_adds_somebody_from_outside(here):
    xiang = client("香")
    made = xiang.post("/volunteers/teams/new/", {"name": "山里红", "skills": ["farm"], "lead": str(staff("兰")), "note": ""})
    assert made.status_code == 302
    address = made.headers["Location"]
    assert xiang.get(address + "join/").status_code == 200
    answer = xiang.post(address + "join/", {"name": "毛外来", "phone": "", "how": "face", "consented_on": str(timezone.localdate())})
    assert answer.status_code == 422
    assert "要写电话" in text(answer)
    assert xiang.post(address + "join/", {"name": "毛外来", "phone": "16400000777", "how": "face", "consented_on": str(timezone.localdate()), "skills": ["farm"]}).status_code == 302
    assert client("兰").get(address).status_code == 200
    assert client("梅").get(address).status_code == 404
    assert xiang.post(address + "end/").status_code == 302


def test_from_a_file_the_form_is_filled_and_a_foreign_file_is_not_found(here):
    with World.acting("香"):
        person = HelpRequest.objects.filter(person_id__isnull=False).values_list("person_id", flat=True)[0]
        name = Resident.objects.get(pk=person).name
    assert f'value="{name}"' in text(client("兰").get(f"/volunteers/help/new/?person={person}"))
    assert client("芳").get(f"/volunteers/help/new/?person={person}").status_code == 404
    assert client("梅").get(f"/volunteers/help/new/?person={person}").status_code == 404


def test_a_countys_hotline_chooses_a_village_with_its_town_not_a_grid(open_as):
    body = open_as("琴").get("/volunteers/help/new/").content.decode()
    assert f'value="{PENGLI}"' in body and "虎山街道 彭里" in body and f'value="{PENGLI}001"' not in body
