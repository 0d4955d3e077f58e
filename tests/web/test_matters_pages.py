"""The desk of matters as its people use it: 文 takes down and dispatches, 建 handles, 香 calls back, 国 decides, 受 keeps the catalogue.

Everything goes through the product's middleware; what is committed here is removed at the end of the module.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from PIL import Image

from minqing.service.actions import enclosures
from minqing.service.models import Attachment, DispatchRule, Matter
from minqing.web.desk.matters import intake
from tests.contracts.foreign import superuser
from tests.contracts.test_statements import counting
from tests.people import COUNTY, PENGLI, TOWN, World
from tests.web.test_staff import text

TABLES = ("service_attachment", "service_callback", "service_contact", "service_move", "service_party", "service_seat", "service_matter")


@pytest.fixture(scope="module", autouse=True)
def swept(django_db_setup, django_db_blocker) -> Iterator[None]:
    """What the pages commit goes again."""
    yield
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in TABLES:
            root.execute(f"delete from {table} where {'id' if table == 'service_matter' else 'matter_id'} in (select id from service_matter where submitted_at > '2020-01-01')")  # noqa: S608
        root.execute("delete from service_dispatchrule where area_code = %s", [TOWN])
        root.execute("delete from service_limit where area_code = %s", [TOWN])


def jpeg(size=(64, 48)) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    Image.new("RGB", size, "green").save(out, "JPEG", exif=exif)
    return out.getvalue()


SAID = {"words": "祠堂门口的路灯坏了三天", "place": PENGLI, "spot": "祠堂门口", "name": "姜水仙", "phone": "15412345678", "kind": "help", "category": "lamp", "channel": "duty"}


def take(client: Client, **more) -> Matter:
    response = client.post("/matters/new/", {**SAID, **more})
    assert response.status_code == 302, text(response)[:800]
    number = client.cookies["mq_receipt"].value.split("|")[0].strip('"')
    with World.acting("文"):
        return Matter.objects.get(number=number)


def do(client: Client, matter: Matter, verb: str, **given):
    return client.post(f"/matters/{matter.pk}/do/{verb}/", given)


# --- taking down --------------------------------------------------------------------------------------------------------


def test_bad_input_loses_no_word(visit):
    page = visit("文").post("/matters/new/", {**SAID, "kind": "", "phone": "12", "words": "路灯坏了，写了很多字"})
    assert page.status_code == 422
    assert "请选择种类" in text(page) and "路灯坏了，写了很多字" in page.content.decode() and 'value="祠堂门口"' in page.content.decode()
    page = visit("文").post("/matters/new/", {**SAID, "phone": "12"})
    assert page.status_code == 422 and "看不明白" in text(page)


def test_what_is_typed_suggests_and_can_be_taken_over(visit):
    client = visit("文")
    part = client.post("/matters/suggest/", {"words": "祠堂的路灯漏电了", "place": PENGLI})
    assert "路灯照明" in text(part) and "119" in text(part) and "<html" not in part.content.decode()
    page = client.post("/matters/new/", {**SAID, "kind": "", "category": "", "take": "help|lamp"})
    assert page.status_code == 200
    assert re.search(r'value="help" selected', page.content.decode()) and re.search(r'value="lamp" selected', page.content.decode())


def test_the_receipt_shows_number_and_word_once(visit):
    client = visit("文")
    row = take(client)
    page = text(client.get("/matters/receipt/"))
    assert f"{row.number[:2]} {row.number[2:6]} {row.number[6:]}" in page and "彭里村" in page and "前受理" in page
    assert client.get("/matters/receipt/slip.pdf").content[:5] == b"%PDF-"
    assert client.get("/matters/receipt/slip.pdf?size=80").content[:5] == b"%PDF-"
    other = visit("香").get("/matters/receipt/")
    assert other.status_code == 302


def test_the_same_matter_is_joined_and_urged(visit):
    client = visit("文")
    first = take(client)
    page = client.post("/matters/new/", {**SAID, "ask": "1"})
    assert f'value="{first.pk}"' in page.content.decode() and "并入并催办" in text(page)
    second = take(client, same=str(first.pk), name="毛土根")
    assert second.state == "merged" and second.parent_id == first.pk
    assert "催办" in text(client.get(f"/matters/{first.pk}/"))


def test_a_complaint_about_a_colleague_leaves_the_village_at_once(visit):
    client = visit("文")
    with World.acting("文") as me:
        accused = next(pk for pk, name in intake.colleagues(PENGLI) if name == "郑书香")
        assert me.name == "严文"
    response = client.post("/matters/new/", {**SAID, "words": "郑书香收了红包", "kind": "report", "about_staff": "on", "accused": [accused]})
    assert response.status_code == 302
    page = text(client.get("/matters/receipt/"))
    assert "纪检专员" in page
    assert "收了红包" not in text(client.get("/matters/?view=first"))
    assert "涉及工作人员" in text(visit("纪").get("/matters/")) or "涉及工作人员" in text(visit("监").get("/matters/"))
    assert "涉及工作人员" not in text(visit("香").get("/matters/?view=all"))


@pytest.mark.parametrize("name", ["审", "管"])
def test_who_has_no_part_in_matters_is_told_so(visit, name):
    for path in ("/matters/", "/matters/new/", "/matters/waiting/", "/matters/board/", "/matters/figures/", "/dispatch/"):
        assert visit(name).get(path).status_code == 403, path


# --- the whole way ------------------------------------------------------------------------------------------------------


def test_from_the_door_to_the_sheet(visit):
    """Taken down, accepted, dispatched to a department, signed, contacted, replied with a photo, called back, printed."""
    clerk, unit, secretary = visit("文"), visit("建"), visit("香")
    row = take(clerk, words="我家墙裂了一条缝，是不是危房", category="house", kind="help_up")
    assert unit.get(f"/matters/{row.pk}/").status_code == 404
    assert do(clerk, row, "accept", kind="help_up", category="house", seen=row.version).status_code == 302
    stale = do(clerk, row, "dispatch", lead=f"{COUNTY}/12", seen=row.version)
    assert stale.status_code == 422 and "新的进展" in text(stale)
    page = clerk.get(f"/matters/{row.pk}/do/dispatch/")
    assert "前答复本人" in text(page) and "建议主办" in text(page)
    assert do(clerk, row, "dispatch", lead=f"{COUNTY}/12", words="请看看").status_code == 302
    assert "我家墙裂了" in text(unit.get(f"/matters/{row.pk}/"))
    assert do(unit, row, "sign").status_code == 302
    bad = do(unit, row, "contact", how="phone", reached="1", words="")
    assert bad.status_code == 422 and "请写一句" in text(bad)
    assert do(unit, row, "contact", how="phone", reached="0").status_code == 302
    short = do(unit, row, "reply", words="好", outcome="solved")
    assert short.status_code == 422
    photo = SimpleUploadedFile("修好.jpg", jpeg(), "image/jpeg")
    assert do(unit, row, "reply", words="鉴定为 C 级，已列入今年改造", outcome="solved", photos=photo).status_code == 302
    own = unit.get(f"/matters/{row.pk}/do/call_back/")
    assert own.status_code == 302     # who handled it never calls back
    back = do(secretary, row, "call_back", channel="phone", reached="1", solved="yes", satisfied="yes", told="1", words="好的")
    assert back.status_code == 302, text(back)[:600]
    page = text(secretary.get(f"/matters/{row.pk}/"))
    assert "已办结" in page and "鉴定为 C 级" in page and "当日有人答复" in page and "15412345678" not in page
    assert secretary.get(f"/matters/{row.pk}/print/").content[:5] == b"%PDF-"


def test_names_and_numbers_need_a_reason(visit):
    client = visit("文")
    row = take(client)
    page = client.get(f"/matters/{row.pk}/").content.decode()
    party = re.search(r'name="party" value="([0-9a-f-]{36})"', page).group(1)
    assert client.post(f"/matters/{row.pk}/reveal/", {"party": party, "reason": ""}).status_code == 422
    shown = client.post(f"/matters/{row.pk}/reveal/", {"party": party, "reason": "回电话答复"})
    assert "15412345678" in text(shown) and "姜水仙" in text(shown)
    assert visit("芳").post(f"/matters/{row.pk}/reveal/", {"party": party, "reason": "回电话答复"}).status_code == 404


def test_a_leader_decides_and_the_matter_leaves_him(visit):
    clerk, leader = visit("文"), visit("国")
    row = take(clerk, words="古井边的水沟堵了", kind="help_up", category="river")
    assert leader.get(f"/matters/{row.pk}/").status_code == 404
    do(clerk, row, "accept", kind="help_up", category="river")
    do(clerk, row, "dispatch", lead=PENGLI)
    do(clerk, row, "sign")
    asked = do(clerk, row, "ask_extend", days="2", words="要等挖机从镇里过来")
    assert asked.status_code == 302, text(asked)[:600]
    page = text(leader.get("/matters/waiting/"))
    assert "要等挖机" in page and "延期 2" in page and "→" in page
    assert "姜" not in page
    refused = do(leader, row, "decide_extend", grant="0", words="")
    assert refused.status_code == 422
    assert do(leader, row, "decide_extend", grant="1", words="同意").status_code == 302
    assert leader.get(f"/matters/{row.pk}/").status_code == 404
    assert "批准延期" in text(clerk.get(f"/matters/{row.pk}/"))


# --- files --------------------------------------------------------------------------------------------------------------


def test_photos_lose_what_the_telephone_wrote_and_lie_encrypted(visit):
    client = visit("文")
    row = take(client, photos=SimpleUploadedFile("IMG_1.jpg", jpeg(), "image/jpeg"))
    with World.acting("文"):
        kept = Attachment.objects.get(matter=row)
        raw = enclosures.path_of(kept.pk).read_bytes()
        clear = enclosures.read(kept)
    assert b"JFIF" not in raw and b"SECRET-CAMERA" not in raw and b"SECRET-CAMERA" not in clear
    shown = client.get(f"/matters/files/{kept.pk}/")
    assert shown["Content-Type"] == "image/jpeg" and shown.content != clear     # who looks at it stands across it
    assert visit("芳").get(f"/matters/files/{kept.pk}/").status_code == 404


@pytest.mark.parametrize(("name", "content", "says"), [("x.jpg", b"MZ\x90 not a picture", "不是照片"), ("x.pdf", b"%PDF-1.7 /JavaScript (app.alert)", "程序")])
def test_what_is_no_photo_is_refused_with_a_sentence(visit, name, content, says):
    page = visit("文").post("/matters/new/", {**SAID, "photos": SimpleUploadedFile(name, content)})
    assert page.status_code == 422 and says in text(page) and "再选一次" in text(page)


# --- lists, board, figures, catalogue -----------------------------------------------------------------------------------


def test_the_list_its_panel_and_its_number(visit):
    client = visit("文")
    row = take(client)
    page = client.get("/matters/")
    assert "待受理" in text(page) and "还剩" in text(page) or "超" in text(page)
    assert client.get(f"/matters/?q={row.number[:2]} {row.number[2:6]} {row.number[6:]}")["Location"] == f"/matters/{row.pk}/"
    assert "祠堂门口的路灯" in text(client.get(f"/matters/{row.pk}/panel/"))
    assert "祠堂门口的路灯" in text(client.get(f"/matters/?open={row.pk}"))
    for query in ("?view=all", "?view=first", "?job=accept", "?kind=help", "?due=late", "?state=open&view=all", "?channel=duty", "?after=nonsense", "?view=all&state=nonsense"):
        assert client.get("/matters/" + query).status_code == 200, query
    assert visit("芳").get(f"/matters/?open={row.pk}").status_code == 404


@pytest.mark.parametrize(("name", "path"), [("文", "/matters/"), ("香", "/matters/?view=all"), ("受", "/matters/board/"), ("国", "/matters/waiting/"), ("国", "/matters/figures/"), ("受", "/dispatch/"), ("受", "/limits/"), ("琴", "/matters/new/")])
def test_no_page_sends_more_than_twelve_statements(visit, name, path):
    client = visit(name)
    client.get(path)
    with counting() as counter:
        assert client.get(path).status_code == 200
    assert len(counter.sent) <= 12, "\n".join(counter.sent)


def test_one_matter_is_twelve_statements(visit):
    client = visit("文")
    row = take(client)
    client.get(f"/matters/{row.pk}/")
    with counting() as counter:
        client.get(f"/matters/{row.pk}/")
    assert len(counter.sent) <= 12, "\n".join(counter.sent)


def test_the_catalogue_is_kept_by_the_town_and_read_by_the_village(visit):
    keeper = visit("受")
    assert "路灯照明" in text(visit("文").get("/dispatch/")) and "添一条" not in text(visit("文").get("/dispatch/"))
    assert visit("文").get("/dispatch/new/").status_code == 403
    wrong = keeper.post("/dispatch/new/", {"area": TOWN, "category": "Well!", "label": "古井", "kind": "help", "lead": "本村"})
    assert wrong.status_code == 422 and "小写字母" in text(wrong)
    assert keeper.post("/dispatch/new/", {"area": TOWN, "category": "well", "label": "古井", "kind": "help", "lead": "本村", "keywords": "古井 井水"}).status_code == 302
    workbook = keeper.get("/dispatch/export.xlsx").content
    back = keeper.post("/dispatch/import/", {"area": TOWN, "file": SimpleUploadedFile("目录.xlsx", workbook)})
    assert back.status_code == 302, text(back)
    assert keeper.post("/dispatch/import/", {"area": TOWN, "file": SimpleUploadedFile("目录.xlsx", b"x")}).status_code == 422
    with World.acting("受"):
        rule = DispatchRule.objects.get(area_code=TOWN, category="well", ended_at=None)
    assert keeper.post(f"/dispatch/{rule.pk}/end/").status_code == 302
    assert keeper.post("/limits/", {"area": TOWN, "kind": "help", "contact": "1", "finish": "2", "extend": "3", "basis": ""}).status_code == 422
    assert keeper.post("/limits/", {"area": TOWN, "kind": "help", "contact": "1", "finish": "2", "extend": "3", "basis": "镇政府〔2026〕3 号"}).status_code == 302
    assert "镇政府" in text(visit("文").get("/limits/"))


def test_figures_as_a_table_hold_no_name(visit):
    response = visit("国").get("/matters/figures.csv")
    assert response.status_code == 200 and "姜" not in response.content.decode()
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert visit("国").get(f"/matters/figures/?area={COUNTY}").status_code == 200     # outside his town: his own is shown
    connections.close_all()
