"""Gathering and questions in Chromium: keyboard, phone, large type, night, without script; no axe violation anywhere."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from minqing.archives.models import Resident
from minqing.gateways import postgres
from minqing.gather.actions import columns
from minqing.gather.models import Batch, Question
from tests.gather import asked
from tests.people import PENGLI, World
from tests.web import seed

pytestmark = pytest.mark.browser
GATHER = ("gather_judgement", "gather_question", "gather_columnalias", "gather_batchfile", "gather_batch")
#: Where pictures go when somebody wants to look: MINQING_PICTURES=/tmp/pictures.
PICTURES = os.environ.get("MINQING_PICTURES", "")
SIZES = {"desk": {}, "phone": {"width": 390, "height": 844}, "large": {"large": True}, "night": {"night": True}, "phone-large": {"width": 390, "height": 844, "large": True}}


@pytest.fixture(scope="module")
def asked_village(django_db_setup, django_db_blocker) -> Iterator[dict[str, uuid.UUID]]:
    """The seeded village with two batches and questions of every nature, committed; afterwards gone."""
    with django_db_blocker.unblock(), seed.planted() as known:
        try:
            yield plant(known)
        finally:
            with psycopg.connect(**(postgres.open_cluster(settings.HOME).superuser_dsn(settings.DATABASE_NAME)), autocommit=True) as root:
                for table in GATHER:
                    root.execute(f"delete from {table}")  # noqa: S608 - the names above


def plant(known: dict[str, uuid.UUID]) -> dict[str, uuid.UUID]:
    with World.acting("香") as me:
        people = list(Resident.objects.filter(alive=True, registered_area=PENGLI).order_by("id_tail", "pk")[:40])
        xiu, son, crowd = Resident.objects.get(pk=known["姜水仙"]), Resident.objects.get(pk=known["周志伟"]), people[:8]
        batch = asked.batch(me, label="2026年11月 公安、人社、医保等 11 个部门")
        for department, name, kind in (("01", "公安/江山市常住人口信息导出_凤林所.xls", "residents"), ("03", "人社/城乡居民养老保险参保人员.csv", "pensions"), ("06", "医保/城乡居民医保参保明细_2026.csv", "medical")):
            asked.file(batch, name, department=department, kind=kind, rows=1489, message="", dropped_columns=[{"column": "银行账号", "sentence": "银行账户不属于民情档案，未采用。"}])
        asked.file(batch, "人社/城乡居民养老保险参保人员(1).csv", department="03", kind="pensions", state="duplicate", rows=0, message="与“人社/城乡居民养老保险参保人员.csv”内容相同，没有重复归集。")
        asked.file(batch, "其他/彭里村情况说明（加密）.xlsx", state="refused", rows=0, message="工作簿有打开密码，读不了：请来源部门去掉密码再给。", dropped_columns=[])
        asked.file(batch, "教育/在校生.xlsx", department="07", kind="pupils", rows=212, message="", dropped_columns=[{"column": "备用码2", "sentence": "数据字典里没有对应的项目；如确有用途，请数据员说明这一列是什么。"}])
        running = asked.batch(me, label="2026年12月 医保", state="running", step="比对是不是同一人")
        failed = asked.batch(me, label="断电那次", state="failed", message="中断在“写户档”，没有丢失，可以继续。")
        columns.teach(area=PENGLI, kind="pensions", name="社会保障号", field="id_number", by=me, at=asked.AT)
        columns.teach(area=PENGLI, kind="", name="缴费银行", field="", by=me, at=asked.AT)
        row = {"name": xiu.name, "birth_date": str(xiu.birth_date), "sex": "2", "pension_state": "正常参保", "benefit_state": "正常领取", "registered_address": "江山市虎山街道彭里村上塘43号", "phone": "15412345678", "relief_kind": "低保"}
        two = [asked.candidate(xiu, 0.93, "姓名相同", "出生日期相同", "同一个村（社区）"), asked.candidate(crowd[0], 0.42, "同一个村（社区）", against=["姓名不同", "出生日期不同"])]
        grid = PENGLI + "001"
        made = {
            "identity": asked.question(batch, "D35", row, candidates=two, grid=grid, original={k: v for k, v in row.items() if k != "sex"} | {"sex": "女"}),
            "conflict": asked.question(batch, "conflict.phone_differs", {"name": son.name, "phone": "17912340077"}, field="phone", owner="visit", grid=grid, persons=[son.pk], mine="x", theirs="17912340077",
                                       reasons=["几个部门登记的电话不同：走访时问清。"], kind="medical", department="06"),
            "alone": asked.question(batch, "D05.check", {"name": "祝新来", "birth_date": "1991-06-06"}, grid=grid, owner="department", department="01", kind="residents",
                                    original={"name": "祝新来", "id_number": "330899199106060011", "birth_date": "1991.6.6"}, reasons=["证件号码校验位不对：请对照证件核对。"]),
            "look": asked.question(batch, "D29.no_head", {"name": crowd[1].name, "relation": "20"}, field="relation", grid=crowd and grid, owner="village", persons=[crowd[1].pk],
                                   reasons=["这一户没有户主（户主可能已故或迁出）：请核对谁是户主。"], kind="residents", department="01"),
        }
        for n, person in enumerate(people[8:30]):
            code, why = (("D04", "号码后几位丢了。"), ("D08", "同一证件号码下姓名明显不同：请核对这一行是不是号码主人。"), ("D36", "号码被星号遮住。"))[n % 3]
            asked.question(batch, code, {"name": person.name, "birth_date": str(person.birth_date)}, candidates=[asked.candidate(person, 0.3 + n / 40, "姓名相同")], grid=PENGLI + f"00{n % 3 + 1}",
                           owner=("village", "department")[n % 2], reasons=[why], line=n + 4, department=("03", "06", "07")[n % 3])
    return {k: v.pk for k, v in made.items()} | {"batch": batch.pk, "running": running.pk, "failed": failed.pk, "xiu": xiu.pk}


def routes(ids: dict[str, uuid.UUID]) -> dict[str, str]:
    return {
        "list": "/gather/", "upload": "/gather/new/", "batch": f"/gather/{ids['batch']}/", "running": f"/gather/{ids['running']}/", "failed": f"/gather/{ids['failed']}/", "undo": f"/gather/{ids['batch']}/undo/",
        "columns": "/gather/columns/?kind=pupils&name=备用码2", "questions": "/questions/?tab=village", "by-source": "/questions/?tab=department&group=source",
        "identity": f"/questions/{ids['identity']}/?tab=village", "conflict": f"/questions/{ids['conflict']}/?tab=visit", "alone": f"/questions/{ids['alone']}/?tab=department", "look": f"/questions/{ids['look']}/?tab=village",
    }


@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_sound_at_every_size(desk, asked_village, size):
    page = desk.page("香", **SIZES[size])
    wrong = []
    for name, url in routes(asked_village).items():
        answer = page.goto(url)
        page.wait_for_load_state("networkidle") if name != "running" else page.wait_for_timeout(200)
        if PICTURES:
            Path(PICTURES).mkdir(exist_ok=True)
            page.screenshot(path=f"{PICTURES}/{name}-{size}.png", full_page=size in ("phone", "phone-large"))
        try:
            assert answer.status == 200
            desk.check(page)
        except AssertionError as error:
            wrong.append(f"{name}: {error}")
    assert not wrong, "\n".join(wrong)


def state_of(question: uuid.UUID) -> str:
    with World.acting("香"):
        return Question.objects.get(pk=question).state


def test_one_key_answers_and_the_bar_takes_it_back(desk, asked_village):
    page = desk.page("香")
    page.goto(routes(asked_village)["identity"])
    page.keyboard.press("1")
    page.wait_for_url("**act=**")
    assert asked_village["identity"].hex not in page.url.replace("-", "")
    assert "姜水仙 · 同一人" in page.locator(".undo").inner_text()
    assert state_of(asked_village["identity"]) == "answered"
    page.locator(".undo button").click()
    page.wait_for_load_state()
    assert state_of(asked_village["identity"]) == "open"
    desk.check(page)


def test_no_key_answers_while_somebody_types(desk, asked_village):
    page = desk.page("香")
    page.goto(routes(asked_village)["alone"])
    page.fill("#value", "")
    page.locator("#value").type("123")
    assert page.input_value("#value") == "123"
    assert state_of(asked_village["alone"]) == "open"


def test_a_wrong_number_keeps_what_was_typed_and_says_what_is_wrong(desk, asked_village):
    page = desk.page("香", width=390, height=844)
    page.goto(routes(asked_village)["alone"])
    page.fill("#value", "330899199106060012")
    page.get_by_role("button", name="更正号码").click()
    page.wait_for_selector(".errors")
    assert page.input_value("#value") == "330899199106060012"
    desk.check(page)


def test_without_script_an_answer_is_a_click(desk, asked_village):
    page = desk.page("香", scripts=False)
    page.goto(routes(asked_village)["conflict"])
    page.get_by_role("button", name="不确定，下次问").click()
    assert state_of(asked_village["conflict"]) == "deferred"
    page.goto(routes(asked_village)["conflict"])
    with World.acting("香") as me:
        from_now = Question.objects.get(pk=asked_village["conflict"])
        from_now.state, from_now.ask_again_on = "open", None
        from_now.save(update_fields=["state", "ask_again_on"])
        assert me.name == "郑书香"


def test_a_running_batch_shows_itself_and_reloads_when_it_is_done(desk, asked_village):
    page = desk.page("香")
    page.goto(routes(asked_village)["running"])
    assert "归集中 40%" in page.locator("#living").inner_text()
    with World.acting("香"):
        Batch.objects.filter(pk=asked_village["running"]).update(progress=70, step="写进人档")
    page.get_by_text("归集中 70%").wait_for(timeout=8000)
    with World.acting("香"):
        Batch.objects.filter(pk=asked_village["running"]).update(state="done", progress=100, counts={"rows": 5})
    page.wait_for_selector("#living", state="detached", timeout=8000)
    assert "撤销这批" in page.content()
    with World.acting("香"):
        Batch.objects.filter(pk=asked_village["running"]).update(state="running", progress=40, step="比对是不是同一人", counts={})


def test_files_are_chosen_and_a_wrong_one_is_named(desk, asked_village, tmp_path):
    bad = tmp_path / "全部.zip"
    bad.write_bytes(b"PK")
    page = desk.page("香")
    page.goto("/gather/new/")
    page.fill("input[name=label]", "十一月")
    page.set_input_files("#upload", str(bad))
    page.get_by_role("button", name="上传并归集").click()
    page.wait_for_selector(".errors")
    assert "请先解压" in page.locator(".errors").inner_text()
    assert page.input_value("input[name=label]") == "十一月"
    desk.check(page)
