"""防汛转移 at the desk: a plan written household by household, a call watched and marked, a sheet typed in; who may see what."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from minqing.access.models import Staff
from minqing.contact.actions import flood
from minqing.contact.models import (
    TransferEvent,
    TransferLine,
    TransferMark,
    TransferNeed,
    TransferPlan,
)
from minqing.contact.queries import flood as floods
from tests.archives import village as ground
from tests.contact.test_succession import EAST, WEST, divided, mark
from tests.contracts.foreign import superuser
from tests.people import CAST, PENGLI, World
from tests.web.test_staff import text

TABLES = (("contact_transfermark", "at"), ("contact_transferneed", "at"))


def sweep() -> None:
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table, column in TABLES:
            root.execute(f"delete from {table} where {column} > '2020-01-01'")  # noqa: S608
        root.execute("delete from contact_transferline where event_id in (select id from contact_transferevent where started_at > '2020-01-01')")
        for table, column in (("transferplan", "made_at"), ("transferevent", "started_at"), ("dangerzone", "made_at"), ("shelter", "made_at")):
            root.execute(f"delete from contact_{table} where {column} > '2020-01-01'")  # noqa: S608


@pytest.fixture(scope="module")
def village(village) -> Iterator[dict[str, uuid.UUID]]:
    yield village
    sweep()


@pytest.fixture
def visit(village, visit) -> Iterator[object]:
    yield visit
    sweep()


def staff(name: str) -> str:
    with World.acting("香"):
        return str(Staff.objects.get(number=CAST[name].number).pk)


def planned(client: Client, village: dict[str, uuid.UUID]) -> None:
    """A hall, a slope, and 姜水仙's family on the list, fetched by the helper."""
    hall = {"name": "村文化礼堂", "place": "中心路1号", "capacity": "1", "keeper_name": "郑书香", "keeper_phone": "15400000033", "keeper": "", "key_holder": "毛志强"}
    assert client.post(f"/flood/villages/{PENGLI}/shelters/new/", {**hall, "keeper_phone": "12"}).status_code == 422
    assert client.post(f"/flood/villages/{PENGLI}/shelters/new/", hall).status_code == 302
    assert client.post(f"/flood/villages/{PENGLI}/zones/new/", {"name": "柴坞屋后山", "why": "slide", "note": ""}).status_code == 302
    url = f"/flood/households/{village['2050041']}/"
    page = client.get(url).content.decode()
    shelter, zone = (re.search(rf'<option value="([0-9a-f-]+)">{name}', page)[1] for name in ("村文化礼堂", "柴坞屋后山"))
    people = re.findall(r'name="whom"[^>]*value="([^"]+)"', page) or re.findall(r'value="([0-9a-f-]{36})"[^>]*name="whom"|name="whom" value="([0-9a-f-]{36})"', page)
    assert str(village["姜水仙"]) in str(people)
    data = {"seen": re.search(r'name="seen"[^>]*value="([^"]*)"', page)[1] if 'name="seen" value' in page else "", "whom": [str(village["姜水仙"])], "shelter": shelter, "zone": zone, "fetcher": "", "by_name": "", "by_phone": "", "vehicle": "面包车",
            f"needs_{village['姜水仙']}": ["walk", "hearing"], f"words_{village['姜水仙']}": "右膝不好，两个人扶"}
    refused = client.post(url, data)
    assert refused.status_code == 422 and "请选谁去接" in text(refused) and "右膝不好" in refused.content.decode()
    assert client.post(url, {**data, "fetcher": staff("梅")}).status_code == 302


def test_a_plan_is_written_and_says_what_to_bring_but_not_why(visit, village):
    client = visit("香")
    planned(client, village)
    page = text(client.get("/flood/"))
    assert "1 户 1 人在预案里" in page and "姜水仙：要背、进门叫" in page and "周春梅" in page and "村文化礼堂" in page
    assert "走不了路" not in page and "右膝" not in page
    assert "右膝不好" in client.get(f"/flood/households/{village['2050041']}/").content.decode()
    assert "要背" in text(visit("兰").get("/flood/")) and visit("兰").get(f"/flood/households/{village['2050041']}/").status_code == 403
    assert visit("芳").get(f"/flood/?village={PENGLI}").status_code == 404 and visit("芳").get(f"/flood/households/{village['2050041']}/").status_code == 404
    desk = text(visit("受").get(f"/flood/?village={PENGLI}"))
    assert "名单由村里看" in desk and "姜水仙" not in desk and "村文化礼堂" in desk
    assert visit("国").get("/flood/").status_code == 403
    for by in ("fetcher", "shelter"):
        pdf = client.get(f"/flood/villages/{PENGLI}/list.pdf?by={by}")
        assert pdf.status_code == 200 and pdf.content.startswith(b"%PDF")
    public = Client(headers={"host": "localhost"}).get(f"/v/{PENGLI}/").content.decode()
    assert "村文化礼堂" in public and "15400000033" in public and "钥匙" not in public and "姜水仙" not in public
    suggested = text(client.get("/flood/?tab=suggested"))
    assert "为什么想到" in suggested and "姜水仙" not in suggested.split("要不要加上")[-1]


def test_a_call_is_marked_from_three_sides_and_closed_with_a_record(visit, village):
    client, helper = visit("香"), visit("梅")
    planned(client, village)
    assert "现在没有要您去接的人" in text(helper.get("/flood/mine/"))
    assert client.post(f"/flood/villages/{PENGLI}/start/", {"level": "red", "reason": ""}).status_code == 422
    begun = client.post(f"/flood/villages/{PENGLI}/start/", {"level": "red", "reason": "屋后山有落石"})
    assert begun.status_code == 302
    board = begun["Location"]
    assert "已有" in text(client.post(f"/flood/villages/{PENGLI}/start/", {"level": "red", "reason": "又一次"})) or client.post(f"/flood/villages/{PENGLI}/start/", {"level": "red", "reason": "又一次"}).status_code == 422
    page = helper.get("/flood/mine/")
    assert "姜水仙" in text(page) and "要背" in text(page) and "右膝" not in text(page)
    line = re.search(r'name="line" value="([^"]+)"', page.content.decode())[1]
    assert helper.post("/flood/mine/", {"line": line, "record": str(uuid.uuid4()), "state": "refused"}).status_code == 422
    number = str(uuid.uuid4())
    for _turn in range(2):
        assert helper.post("/flood/mine/", {"line": line, "record": number, "state": "going"}).status_code == 302
    assert "路上 1" in text(client.get(board)) and "姜水仙" not in text(visit("受").get(board)) and "路上 1" in text(visit("受").get(board))
    assert visit("芳").get(board).status_code == 404 and visit("芳").post(f"/flood/lines/{line}/mark/", {"state": "arrived"}).status_code == 404
    assert helper.get(f"/flood/lines/{line}/").status_code == 404, "she has no files"
    assert visit("兰").post(f"/flood/lines/{line}/mark/", {"state": "arrived", "record": str(uuid.uuid4()), "back": board}).status_code == 302
    assert client.post(f"{board}close/", {"record": "雨停，结束"}).status_code == 422
    for address in ("/flood/", board, f"/flood/lines/{line}/", "/visits/waiting/"):
        with CaptureQueriesContext(connections["default"]) as asked:
            client.get(address)
        own = [q["sql"] for q in asked if not q["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
        assert len(own) <= 12, "\n".join(q[:110] for q in own)
    history = text(client.get(f"/flood/lines/{line}/"))
    assert "周春梅" in history and "姜晓兰" in history
    assert client.post(f"{board}home/").status_code == 302 and client.post(f"{board}close/", {"record": "雨停，全部平安回家"}).status_code == 302
    assert "全部平安回家" in text(client.get(board)) and "现在没有要您去接的人" in text(helper.get("/flood/mine/"))
    with World.acting("香"):
        assert TransferMark.objects.filter(at__year__gte=2020).count() == 3 and TransferNeed.objects.filter(at__year__gte=2020).count() == 1


def test_a_sheet_is_typed_in_with_the_time_on_it_and_what_is_wrong_stays_to_be_mended(visit, village):
    client = visit("香")
    planned(client, village)
    board = client.post(f"/flood/villages/{PENGLI}/start/", {"level": "orange", "reason": "小时雨量 50 毫米"})["Location"]
    assert client.post(f"{board}add/", {"name": "来走亲的老人", "door": "43号", "grid": PENGLI + "001", "shelter": "", "fetcher": ""}).status_code == 302
    page = client.get(f"{board}paper/").content.decode()
    one, two = re.findall(r'name="state_([0-9a-f-]+)"', page)
    soon = timezone.localtime() - timedelta(minutes=1)
    sheet = {"on": f"{soon:%Y-%m-%d}", f"record_{one}": str(uuid.uuid4()), f"state_{one}": "arrived", f"when_{one}": f"{soon:%H:%M}", f"record_{two}": str(uuid.uuid4()), f"state_{two}": "refused", f"when_{two}": f"{soon:%H:%M}", f"words_{two}": ""}
    answer = client.post(f"{board}paper/", sheet)
    assert answer.status_code == 422 and "录入了 1 人" in text(answer) and "谁什么时候告诉他" in text(answer)
    assert client.post(f"{board}paper/", {**sheet, f"state_{one}": "", f"words_{two}": "香 14 点告诉他，他说等儿子"}).status_code == 302
    counted = text(client.get(board))
    assert "未到 1" in counted and "已到 1" in counted and "不肯走" in counted
    assert client.get(f"{board}list.pdf").content.startswith(b"%PDF")
    with World.acting("香"):
        assert TransferLine.objects.filter(event__started_at__year__gte=2020).count() == 2 and TransferPlan.objects.filter(made_at__year__gte=2020).count() == 2 and TransferEvent.objects.filter(started_at__year__gte=2020).count() == 1


def test_a_county_chooses_towns_then_villages_and_starts_them_at_one_press(visit):
    county = visit("总")
    assert "发起几个村的转移" in text(county.get("/flood/calls/"))
    page = text(county.get("/flood/calls/new/"))
    assert "虎山街道" in page and "哪些乡镇街道" in page
    sent = county.post("/flood/calls/new/", {"towns": [PENGLI[:9]]})
    assert sent.status_code == 302 and sent["Location"] == f"/flood/calls/new/?town={PENGLI[:9]}"
    page = text(county.get(sent["Location"]))
    assert "彭里村 · 还没有预案" in page
    assert county.post(sent["Location"], {"level": "red", "reason": "台风登陆", "villages": []}).status_code == 422
    done = county.post(sent["Location"], {"level": "red", "reason": "台风登陆", "villages": [PENGLI], "drill": "on"}, follow=True)
    page = text(done)
    assert "发起了 1 个村的转移" in page and "彭里村还没有预案，名单是空的" in page
    with World.acting("香"):
        event = TransferEvent.objects.get(area_code=PENGLI, closed_at=None)
    assert "名单是空的" in text(county.get(f"/flood/calls/{event.pk}/"))
    assert "正在转移，不再发起：彭里村" in text(county.get(sent["Location"]))


def test_a_town_goes_straight_to_its_villages_and_a_village_has_no_such_page(visit):
    assert "哪些村" in text(visit("受").get("/flood/calls/new/"))
    for name in ("香", "兰", "国"):
        assert visit(name).get("/flood/calls/new/").status_code == 403


def test_after_a_village_was_divided_its_hall_is_shared_and_its_call_goes_on_at_both_desks(world, open_as):
    ground.grids()
    event, hall = divided(world)
    east, west = open_as("芳"), open_as("香")
    for client, code in ((east, EAST), (west, WEST)):
        page = text(client.get(f"/flood/?village={code}"))
        assert "村文化礼堂 几个村共用" in page and "柴坞屋后山 几个村共用" in page and "2 / 60" in page and "橙色预警" in page
        assert text(client.get(f"/flood/?village={PENGLI}")).count("几个村共用") == 2                       # a link with the old code leads on
        form = client.get(f"/flood/shelters/{hall.pk}/?village={code}").content.decode()
        assert "收归本村" in form and "分村以前登记的" in form
    board = f"/flood/calls/{event.pk}/"
    assert "走亲的老人" in text(open_as("兰").get(board)) and "走亲的老人" in text(east.get(board)) and west.get(board).status_code == 404
    shape = {"name": "村文化礼堂", "place": "祠堂边", "capacity": "60", "keeper_name": "毛志强", "keeper_phone": "15400000033", "keeper": "", "key_holder": "", "own": "on"}
    refused = east.post(f"/flood/shelters/{hall.pk}/?village={EAST}", shape)
    assert refused.status_code == 422 and "彭西村还有 1 人要用“村文化礼堂”" in text(refused)
    assert east.post(f"/flood/shelters/{hall.pk}/?village={EAST}", {**shape, "own": "", "place": "祠堂东边"}).status_code == 302
    assert "祠堂东边" in text(west.get(f"/flood/?village={WEST}"))
    with world.acting("香") as me:
        flood.set_household(household=floods.plan(me, WEST).lines[0].row.household_id, whom=[], way=flood.Way(), by=me, at=timezone.now())
        for line in TransferLine.objects.filter(event__area_code=WEST):
            mark(me, line.pk)
        flood.close(event=TransferEvent.objects.get(area_code=WEST).pk, record="雨停，结束", by=me, at=timezone.now())
    assert east.post(f"/flood/shelters/{hall.pk}/?village={EAST}", shape).status_code == 302
    assert "村文化礼堂" not in text(west.get(f"/flood/?village={WEST}")) and "村文化礼堂 几个村共用" not in text(east.get(f"/flood/?village={EAST}"))
