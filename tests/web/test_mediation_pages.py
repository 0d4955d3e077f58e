"""Mediation, plots of land and the question about retaliation as their people use them: 香 mediates, 文 keeps the register, 纪 asks.

Everything goes through the product's middleware; what is committed here is removed at the end of the module.
"""

from __future__ import annotations

import io
import json
import re
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pypdfium2
import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from minqing.archives.actions import plots
from minqing.archives.models import Membership, Plot
from minqing.service.actions import clock, handling, matters, mediations
from minqing.service.actions.matters import Who
from minqing.service.models import Matter, Mediation, MediationPromise
from tests.contracts.foreign import superuser
from tests.contracts.test_statements import counting
from tests.people import PENGLI, TOWN, World
from tests.service.doors import ask
from tests.web.test_staff import text

MINE = ("service_mediationpromise", "service_mediationsession", "service_mediationconsent", "service_mediation", "service_matterplot", "notify_step", "notify_message",
        "service_attachment", "service_callback", "service_contact", "service_move", "service_party", "service_seat", "service_matter", "archives_plot")


@pytest.fixture(scope="module")
def village(village) -> Iterator[dict]:
    yield village
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in MINE:
            root.execute(f"delete from {table}")  # noqa: S608
        root.execute("delete from archives_searchkey where plot_id is not null")


@pytest.fixture
def visit(village, visit):
    return visit


def printed(response) -> str:
    assert response.status_code == 200 and response.content[:5] == b"%PDF-"
    document = pypdfium2.PdfDocument(io.BytesIO(response.content))
    assert [round(x) for x in document[0].get_size()] == [595, 842], "A4"
    return "".join(document[i].get_textpage().get_text_bounded() for i in range(len(document))).replace("\r\n", "")


def dispute(words: str = "两家为大丘的田埂争了三年", *, others: tuple[Who, ...] = (Who(name="徐水木", phone="16400000002", role="other"),)) -> Matter:
    with World.acting("香") as xiang:
        now = timezone.now()
        m = ask(xiang, words, kind="dispute", requester=Who(name="毛土根", phone="15400000001"), others=others, at=now).matter
        m = matters.dispatch(matter=matters.accept(matter=m, by=xiang, at=now), lead=PENGLI, by=xiang, at=now)
        return handling.sign(matter=m, by=xiang, at=now)


def begun(client: Client, m: Matter) -> Mediation:
    assert client.post(f"/mediations/start/{m.pk}/").status_code == 302
    with World.acting("香"):
        return Mediation.objects.get(matter=m, closed_at=None)


def do(client: Client, row: Mediation, verb: str, **given):
    return client.post(f"/mediations/{row.pk}/do/{verb}/", given)


def sides(row: Mediation) -> list[str]:
    with World.acting("香"):
        return [str(p.pk) for p in row.matter.parties.order_by("-role")]


def agreed(client: Client, **more) -> Mediation:
    row = begun(client, dispute())
    for side in sides(row):
        assert do(client, row, "consent", party=side, agrees="1", how="face").status_code == 302
    assert do(client, row, "session", on="2026-01-05", at="19:30", place="村委会", present="毛土根、徐水木、郑书香", words="双方各说各的，最后愿意以老桩为界").status_code == 302
    due = timezone.localdate() + timedelta(days=10)
    answer = do(client, row, "agree", words="一、以老桩为界，各让一尺。\n二、不再追究往年。", who1=sides(row)[0], what1="把界桩移回老位置", due1=f"{due:%Y-%m-%d}", **more)
    assert answer.status_code == 302, text(answer)
    with World.acting("香"):
        return Mediation.objects.get(pk=row.pk)


def test_the_way_of_a_mediation_through_its_pages(visit):
    xiang = visit("香")
    row = agreed(xiang)
    assert row.state == "agreed"
    page = text(xiang.get(f"/mediations/{row.pk}/"))
    for word in ("徐水木", "毛土根", "愿意", "以老桩为界", "把界桩移回老位置", "登记已签字", row.agreement_no):
        assert word in page
    paper = printed(xiang.get(f"/mediations/{row.pk}/agreement.pdf"))
    for word in ("人民调解协议书", "毛土根", "徐水木", "以老桩为界", "把界桩移回老位置", "签字", "郑书香"):
        assert word in paper
    assert do(xiang, row, "sign", on=f"{timezone.localdate():%Y-%m-%d}").status_code == 302
    with World.acting("香"):
        promise = MediationPromise.objects.get(mediation=row)
    listed = text(xiang.get("/mediations/"))
    assert "看履行：还有 1 项" in listed and "毛土根" not in listed, "a list names nobody"
    answer = xiang.post(f"/mediations/promises/{promise.pk}/", {"kept": "0", "words": ""})
    assert answer.status_code == 422 and "没有做到的，请写明情况" in text(answer)
    assert xiang.post(f"/mediations/promises/{promise.pk}/", {"kept": "0", "words": "到期没有移，去看过两次"}).status_code == 302
    assert "移交司法所" in text(xiang.get("/mediations/"))
    assert do(xiang, row, "justice", words="徐水木不履行，材料移交司法所").status_code == 302
    packet = printed(xiang.get(f"/mediations/{row.pk}/papers.pdf"))
    for word in ("调解材料", "到期没有移", "双方各说各的", "移交司法所", "接收人"):
        assert word in packet
    page = text(xiang.get(f"/matters/{row.matter_id}/"))
    assert "已移交司法所" in page and "材料移交司法所" in page and "再调解一次" in page
    assert "已移交司法所" in text(xiang.get("/mediations/?view=ended"))


def test_a_refusal_ends_it_and_every_word_typed_stays(visit):
    xiang = visit("香")
    row = begun(xiang, dispute())
    assert "调解现在是" in text(xiang.get(f"/mediations/{row.pk}/do/session/", follow=True)), "not before both agree"
    answer = do(xiang, row, "consent", party="", agrees="1", how="")
    assert answer.status_code == 422 and "请选择是哪一方" in text(answer)
    assert do(xiang, row, "consent", party=sides(row)[0], agrees="0", how="phone").status_code == 302
    page = text(xiang.get(f"/mediations/{row.pk}/"))
    assert "未达成" in page and "一方不同意调解" in page and "还可以怎样" in page
    assert "打印全部材料" in page and "打印协议" not in page
    assert xiang.get(f"/mediations/{row.pk}/agreement.pdf").status_code == 302


def test_half_a_promise_is_named_and_nothing_is_lost(visit):
    xiang = visit("香")
    row = begun(xiang, dispute())
    for side in sides(row):
        do(xiang, row, "consent", party=side, agrees="1", how="face")
    do(xiang, row, "session", on="2026-01-05", at="19:30", place="田头", present="双方", words="都愿意让一步，当场量了")
    answer = do(xiang, row, "agree", words="以老桩为界，双方各让一尺", who1="", what1="移界桩", due1="")
    assert answer.status_code == 422 and "第 1 项要写全" in text(answer) and "以老桩为界，双方各让一尺" in answer.content.decode() and 'value="移界桩"' in answer.content.decode()
    answer = do(xiang, row, "session", on="2099-01-05", at="19:30", place="田头", present="双方", words="还没有开的会也想先记上")
    assert answer.status_code == 422 and "还没有开的会" in text(answer)


def test_the_other_side_is_found_in_the_files_and_kin_steps_back(visit, village):
    """文 registers as the other side a person who is his own father's neighbour; where it is his kin he sees the matter no more."""
    m = dispute(others=())
    xiang = visit("香")
    assert "补登对方" in text(xiang.get(f"/mediations/start/{m.pk}/"))
    found = xiang.get(f"/mediations/start/{m.pk}/?find=姜水仙")
    assert "姜水仙" in text(found)
    answer = xiang.post(f"/mediations/start/{m.pk}/other/", {"name": "", "phone": "", "address": ""})
    assert answer.status_code == 422 and "请写对方的姓名" in text(answer)
    with superuser() as root:   # 郑书香 is this person in the files
        root.execute("insert into access_staffperson (staff_id, person_id, made_at) select id, %s, now() from access_staff where name = '郑书香' on conflict (staff_id) do update set person_id = excluded.person_id", [village["姜水仙"]])
    try:
        answer = xiang.post(f"/mediations/start/{m.pk}/other/", {"person": str(village["姜水仙"]), "find": "姜水仙", "name": "", "phone": "", "address": ""}, follow=True)
        assert "您要回避" in text(answer)
        assert xiang.get(f"/matters/{m.pk}/").status_code == 404
        assert visit("文").get(f"/matters/{m.pk}/").status_code == 200, "a colleague goes on"
    finally:
        with superuser() as root:
            root.execute("delete from access_staffperson where person_id = %s", [village["姜水仙"]])


@pytest.mark.parametrize("name", ["芳", "国", "敏", "兰", "审", "建"])
def test_nobody_else_opens_a_mediation_or_its_papers(visit, name):
    row = agreed(visit("香"))
    client = visit(name)
    for url in (f"/mediations/{row.pk}/", f"/mediations/{row.pk}/agreement.pdf", f"/mediations/{row.pk}/papers.pdf", f"/mediations/{row.pk}/do/sign/"):
        assert client.get(url).status_code == 404, url
    if (answer := client.get("/mediations/")).status_code == 200:
        assert "田埂" not in text(answer)


# --- plots ----------------------------------------------------------------------------------------------------------------


GIVEN = {"name": "花园岗大丘", "kind": "承包地", "code": "3308810022050100099", "area_mu": "1.85", "east": "毛土根田", "south": "机耕路", "west": "老水渠", "north": "徐水木田", "holder_name": "毛土根", "grid": PENGLI + "001"}


def plot(client: Client, **more) -> Plot:
    answer = client.post("/plots/new/", {**GIVEN, **more})
    assert answer.status_code == 302, text(answer)
    with World.acting("香"):
        return Plot.objects.get(pk=re.search(r"/plots/([0-9a-f-]{36})/", answer.headers["Location"]).group(1))


def test_a_plot_leads_to_every_matter_that_ever_concerned_it(visit):
    xiang = visit("香")
    row = plot(xiang)
    for url in ("/search/?q=花园岗", "/plots/?q=大丘", "/plots/?q=00099", "/plots/?q=毛土根"):
        assert str(row.pk) in xiang.get(url).content.decode(), url
    made = agreed(xiang)
    answer = xiang.get(f"/matters/{made.matter_id}/do/plot/?find=大丘")
    assert "花园岗大丘" in text(answer)
    assert xiang.post(f"/matters/{made.matter_id}/do/plot/", {"plot": str(row.pk), "find": "大丘"}).status_code == 302
    page = text(xiang.get(f"/plots/{row.pk}/"))
    assert "田埂" in page and made.agreement_no in page and "徐水木田" in page
    assert "花园岗大丘" in text(xiang.get(f"/matters/{made.matter_id}/"))
    other = visit("苗").get(f"/plots/{row.pk}/")     # linked to the village: she sees the plot and what she sits at
    assert other.status_code == 200
    for name in ("芳", "敏", "审"):
        assert visit(name).get(f"/plots/{row.pk}/").status_code in (403, 404)
    assert xiang.post(f"/matters/{made.matter_id}/plots/{row.pk}/off/").status_code == 302
    assert made.agreement_no not in text(xiang.get(f"/plots/{row.pk}/"))


def test_bad_papers_keep_every_word(visit):
    xiang = visit("香")
    answer = xiang.post("/plots/new/", {**GIVEN, "code": "", "name": "", "area_mu": "一亩八"})
    assert answer.status_code == 422 and "请填地块名称" in text(answer) and 'value="机耕路"' in answer.content.decode() and "要写成数字" in text(answer)
    row = plot(xiang, code="3308810022050100100", name="门前小丘")
    assert xiang.post(f"/plots/{row.pk}/change/", {**GIVEN, "name": "门前小丘", "code": row.code, "east": "新机耕路", "version": row.version}).status_code == 302
    assert "新机耕路" in text(xiang.get(f"/plots/{row.pk}/"))
    answer = xiang.post(f"/plots/{row.pk}/change/", {**GIVEN, "name": "门前小丘", "code": row.code, "east": "水沟", "version": row.version})
    assert answer.status_code == 409 and "新机耕路" in text(answer)
    assert xiang.post(f"/plots/{row.pk}/void/", {"why": "与大丘重复登记了"}).status_code == 302
    assert xiang.get(f"/plots/{row.pk}/").status_code == 404


def test_what_the_department_said_is_written_down_with_its_word(visit, village):
    """A row of 农业农村 whose holder is 姜水仙 stands on her household's page until somebody takes it over."""
    with World.acting("香"):
        member = Membership.objects.get(person=village["姜水仙"], ends_on=None, by="registration")
    batch, statement = uuid.uuid4(), uuid.uuid4()
    cleaned = {"name": "姜水仙", "field_name": "塘下", "field_code": "3308810022050001777", "contract_area": "0.76", "bound_east": "渠", "bound_west": "溪", "contract_number": "33088100220500001J"}
    with superuser() as root:
        root.execute("insert into gather_batch (id, area_code, label, state, step, progress, message, by, made_at, counts) select %s, %s, '农业', 'done', '', 100, '', id, now(), '{}' from access_staff where name = '郑书香'", [batch, PENGLI])
        root.execute("insert into gather_statement (id, batch_id, file_id, source, kind, line, person_id, grid_code, as_of, row_hash, original, cleaned) values (%s, %s, gen_random_uuid(), '09', 'fields', 7, %s, %s, '2026-03-31', '', '', %s)",
                     [statement, batch, village["姜水仙"], member.grid_code, json.dumps(cleaned, ensure_ascii=False)])
    try:
        xiang, url = visit("香"), f"/households/{member.household_id}/?tab=land"
        assert "照此登记" in text(xiang.get(url)) and "塘下" in text(xiang.get(url))
        assert visit("芳").post(f"/households/{member.household_id}/land/{statement}/take/").status_code == 404
        assert xiang.post(f"/households/{member.household_id}/land/{statement}/take/").status_code == 302
        page = text(xiang.get(url))
        assert "照此登记" not in page and "3308810022050001777" in page
        again = xiang.post(f"/households/{member.household_id}/land/{statement}/take/", follow=True)
        assert "已经登记在这一户了" in text(again)
        with World.acting("香"):
            row = Plot.objects.get(code="3308810022050001777")
            assert (str(row.area_mu), row.title_no, row.sources["area_mu"]["from"], row.sources["area_mu"]["on"]) == ("0.76", "33088100220500001J", "09", "2026-03-31")
        answer = xiang.post(f"/plots/{row.pk}/change/", {**GIVEN, "name": "塘下", "code": row.code, "area_mu": "1.2", "version": row.version})
        assert answer.status_code == 422 and "来自农业农村" in text(answer)
    finally:
        with superuser() as root:
            root.execute("delete from gather_statement where id = %s", [statement])
            root.execute("delete from gather_batch where id = %s", [batch])


def at_once(*tasks):
    """Each in a thread of its own connections, started together; what each returned or raised."""
    start, found = threading.Barrier(len(tasks)), [None] * len(tasks)

    def run(n, task):
        start.wait()
        try:
            found[n] = task()
        except Exception as error:  # what was refused is the answer
            found[n] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, task)) for n, task in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_two_who_write_down_the_same_plot_or_the_same_outcome_at_once(visit):
    def field():
        with World.acting("香") as xiang:
            return plots.create(grid=PENGLI + "001", name="同一块", code="3308810022050100555", by=xiang, at=timezone.now())

    assert sorted(type(r).__name__ for r in at_once(field, field)) == ["Plot", "Refused"]
    row = agreed(visit("香"))
    do(visit("香"), row, "sign", on=f"{timezone.localdate():%Y-%m-%d}")
    with World.acting("香"):
        promise = MediationPromise.objects.get(mediation=row).pk

    def keep(name, kept):
        def task():
            with World.acting(name) as me:
                return mediations.perform(promise=promise, kept=kept, words="到期看过", by=me, at=timezone.now())
        return task

    assert sorted(type(r).__name__ for r in at_once(keep("香", True), keep("文", False))) == ["Mediation", "Refused"]


# --- retaliation ------------------------------------------------------------------------------------------------------------


def test_the_discipline_desk_asks_and_a_yes_gets_a_number(visit):
    now = timezone.now()
    with World.acting("敏") as min_:
        m = ask(min_, "网格员姜晓兰收红包才给办低保", kind="complaint", channel="window", taken_at=TOWN + "/CK", requester=Who(name="毛土根", phone="15400000001"), at=now).matter
    with World.acting("纪") as ji:
        matters.answer(matter=Matter.objects.get(pk=m.pk), words="已约谈本人，责令退还。", outcome="solved", by=ji, at=now - timedelta(days=31))
    with superuser() as root:
        root.execute("update service_matter set ask_on = current_date where id = %s", [m.pk])
    clock.run(now=timezone.now)
    ji = visit("纪")
    assert "1 位反映人该问是否受到报复" in text(ji.get("/"))
    with counting() as counter:
        page = ji.get("/matters/retaliation/")
    assert str(m.pk) in page.content.decode() and "毛土根" not in text(page) and len(counter.sent) <= 12
    answer = ji.post(f"/matters/{m.pk}/do/retaliation/", {"said": "yes", "how": "phone", "words": ""})
    assert answer.status_code == 422 and "照本人的话" in text(answer)
    answer = ji.post(f"/matters/{m.pk}/do/retaliation/", {"said": "yes", "how": "phone", "words": "上个月起不给我家打农药"})
    assert answer.status_code == 302
    receipt = text(ji.get("/matters/receipt/"))
    with World.acting("纪"):
        second = Matter.objects.get(parent=m)
    assert f"{second.number[:2]} {second.number[2:6]} {second.number[6:]}" in receipt and "纪检" in receipt
    assert "现在没有该问的" in text(ji.get("/matters/retaliation/"))
    assert "由这件引起" in text(ji.get(f"/matters/{m.pk}/"))
    for name in ("香", "文", "兰", "国", "敏", "受"):
        client = visit(name)
        for url in ("/", "/matters/", "/matters/?view=all", "/matters/?view=first", f"/matters/?q={second.number}", "/notices/", "/matters/board/", "/matters/figures/", "/mediations/"):
            page = text(client.get(url, follow=True))
            assert second.number not in page and m.number not in page and numbers_of(second) not in page and "报复" not in page and "农药" not in page, (name, url)
        assert client.get("/matters/retaliation/").status_code == 403
        for pk in (m.pk, second.pk):
            assert client.get(f"/matters/{pk}/").status_code == 404


def numbers_of(m: Matter) -> str:
    return f"{m.number[:2]} {m.number[2:6]} {m.number[6:]}"


def test_each_page_asks_the_database_at_most_twelve_times(visit):
    xiang = visit("香")
    row = agreed(xiang)
    land = plot(xiang, code="3308810022050100101", name="上塘大丘")
    for url in ("/mediations/", "/mediations/?view=ready", "/mediations/?view=ended", f"/mediations/{row.pk}/", f"/mediations/{row.pk}/do/sign/", "/plots/", "/plots/?q=大丘", f"/plots/{land.pk}/", "/plots/new/", f"/matters/{row.matter_id}/"):
        xiang.get(url)
        with counting() as counter:
            assert xiang.get(url).status_code == 200, url
        assert len(counter.sent) <= 12, url + "\n" + "\n".join(counter.sent)
