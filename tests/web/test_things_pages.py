"""代办, 政策找人, 事项目录 as pages: who opens what, what stands on them, bad input, files that leave."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from pypdfium2 import PdfDocument

from minqing.service.actions import errands, items, materials
from minqing.service.models import MoneyLine, Paper
from tests.archives import village
from tests.contracts.test_statements import MOST, counting
from tests.service.errand_people import AT, opened, running, staff, xu
from tests.web.test_staff import text


def test_an_agent_takes_it_fills_the_form_hands_over(world, open_as):
    village.grids()
    with world.acting("香") as xiang:
        m = opened(xiang, xu(xiang))
        errands.assign(matter=m, staff=staff("代"), by=xiang, at=AT)
    dai = open_as("代")
    assert "1 件代办等您答应" in text(dai.get("/"))
    assert "等您答应" in text(dai.get("/errands/"))
    before = text(dai.get(f"/errands/{m.pk}/"))
    assert f'href="/matters/{m.pk}/"' in open_as("香").get(f"/errands/{m.pk}/").content.decode(), "the desk goes on to what was said and done"
    assert "我来办" in before and "15400000060" not in before, "the phone comes with the yes"
    after = text(dai.post(f"/errands/{m.pk}/do/accept/", follow=True))
    assert "15400000060" in after and "档案里有" in after and "凭身份证即可享受" in after
    form = text(dai.get(f"/errands/{m.pk}/form/"))
    assert "走访或本人陈述" in form and "姓名：徐后根。" in form
    refused = dai.post(f"/errands/{m.pk}/form/", {"act": "confirm", "a0": "同上"})
    assert refused.status_code == 422 and "还没有问到" in text(refused) and 'value="同上"' in refused.content.decode()
    done = dai.post(f"/errands/{m.pk}/form/", {"act": "confirm", "a0": "同上", "a1": "上塘6号", "a2": "无", "a3": "无"}, follow=True)
    assert "念给本人听过" in text(done)
    receipt = dai.post(f"/errands/{m.pk}/do/paper/", {"what": "户口本", "form": "original", "pages": "1", "giver": "徐后根"}, follow=True)
    assert "收据" in text(receipt) and "户口本" in text(receipt)
    stopped = dai.post(f"/errands/{m.pk}/do/deliver/", {"to": "self", "name": "徐后根"})
    assert stopped.status_code == 422 and "原件没有退还" in text(stopped)
    assert dai.post(f"/errands/{m.pk}/paper/1/back/", {"to": "self"}).status_code == 302
    assert dai.post(f"/errands/{m.pk}/do/submit/", {"to": "街道窗口"}).status_code == 302
    assert "交到街道窗口" in text(dai.get(f"/errands/{m.pk}/"))
    assert dai.post(f"/errands/{m.pk}/do/fetched/").status_code == 302
    assert dai.post(f"/errands/{m.pk}/do/deliver/", {"to": "self", "name": "徐后根"}).status_code == 302
    for path in ("", "form/", "form.pdf", "form.docx", "receipt/1.pdf", "scan/1/", "do/submit/"):
        assert dai.get(f"/errands/{m.pk}/{path}").status_code == 404, path
    wen = open_as("文")
    assert "等您回访" in text(wen.get(f"/errands/{m.pk}/"))
    assert "已办结" in text(wen.post(f"/errands/{m.pk}/do/callback/", {"channel": "phone", "reached": "yes", "solved": "yes", "satisfied": "yes"}, follow=True))


@pytest.mark.parametrize("name", ["芳", "强", "梅", "敏", "琴", "国", "审", "建", "数"])
def test_whoever_has_no_seat_finds_nothing(world, open_as, name):
    m, _person = running(world)
    browser = open_as(name)
    for path in ("", "form/", "form.pdf", "do/deliver/", "do/assign/"):
        assert browser.get(f"/errands/{m.pk}/{path}").status_code == 404, path
    assert browser.post(f"/errands/{m.pk}/do/accept/").status_code == 404
    assert "徐*根" not in text(browser.get("/errands/"))


def test_the_files_say_from_whom_each_field_is(world, open_as):
    m, _person = running(world)
    dai = open_as("代")
    content = dai.get(f"/errands/{m.pk}/form.docx").content
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        body = made.read("word/document.xml").decode()
    assert "徐后根" in body and "走访或本人陈述" in body and "请本人填" in body and "dc:creator" not in body
    pdf = PdfDocument(dai.get(f"/errands/{m.pk}/form.pdf").content)
    words = pdf[0].get_textpage().get_text_range()
    assert "徐后根" in words and "老年优待证" in words and "何代" in words
    with world.acting("代") as me:
        materials.receive(matter=m, what="照片", form="copy", pages=1, giver="徐后根", by=me, at=AT)
    assert "材料收据" in PdfDocument(dai.get(f"/errands/{m.pk}/receipt/1.pdf").content)[0].get_textpage().get_text_range()


def test_an_errand_at_the_window_is_one_page_of_twelve_statements(world, open_as):
    """With the file of the person, papers, money and an agent: the page at its fullest."""
    m, _person = running(world)
    with world.acting("代") as me:
        materials.receive(matter=m, what="照片", form="copy", pages=1, giver="徐后根", by=me, at=AT)
        materials.pay(matter=m, kind="paid", amount="12.50", what="工本费", by=me, at=AT)
    xiang = open_as("香")
    xiang.get(f"/errands/{m.pk}/")
    with counting() as counter:
        assert xiang.get(f"/errands/{m.pk}/").status_code == 200
    assert len([s for s in counter.sent if "SAVEPOINT" not in s]) <= MOST, "\n".join(counter.sent)   # the test's transaction holds the page's


def test_money_on_the_page_is_signed_by_two(world, open_as):
    m, _person = running(world)
    dai, xiang = open_as("代"), open_as("香")
    wrong = dai.post(f"/errands/{m.pk}/do/money/", {"kind": "paid", "amount": "十块", "what": "工本费"})
    assert wrong.status_code == 422 and "金额“十块”不对" in text(wrong)
    assert dai.post(f"/errands/{m.pk}/do/money/", {"kind": "paid", "amount": "20", "what": "工本费"}).status_code == 302
    assert "不能自己做第二人" in text(dai.post(f"/errands/{m.pk}/money/1/sign/", follow=True))
    assert "第 1 笔已签字" in text(xiang.post(f"/errands/{m.pk}/money/1/sign/", follow=True))
    assert "本人还欠 20.00 元" in text(xiang.get(f"/errands/{m.pk}/"))
    assert dai.post(f"/errands/{m.pk}/money/1/reverse/", {"why": "记错了"}).status_code == 302
    with world.acting("香"):
        assert MoneyLine.objects.get(number=2).reverses is not None


def test_an_errand_for_somebody_without_a_file(world, open_as):
    village.grids()
    wen = open_as("文")
    page = wen.post("/errands/new/", {"act": "open", "item": "utility_repair", "place": "330881002205", "name": "", "phone": ""})
    assert page.status_code == 422
    made = wen.post("/errands/new/", {"act": "open", "item": "utility_repair", "place": "330881002205", "name": "过路人", "phone": "15412345678", "words": "水管爆了"}, follow=True)
    assert "已登记，编号" in text(made) and "还没有代办员" in text(made)
    found = wen.post("/errands/new/", {"act": "find", "q": "查无此人"})
    assert found.status_code == 422 and "没有找到" in text(found)


@pytest.mark.parametrize(("name", "status"), [("芳", 200), ("兰", 200), ("国", 302), ("代", 403), ("敏", 403), ("琴", 403), ("审", 403)])
def test_who_opens_the_list_of_people(open_as, name, status):
    village.grids()
    assert open_as(name).get("/policies/").status_code == status


@pytest.mark.parametrize(("name", "status"), [("国", 200), ("受", 200), ("香", 200), ("兰", 403), ("代", 403)])
def test_who_reads_the_figures(open_as, name, status):
    assert open_as(name).get("/policies/figures/").status_code == status


def test_everybody_reads_the_catalogue_and_its_keepers_change_it(open_as):
    page = text(open_as("代").get("/catalogue/"))
    assert "老年优待证" in page and "凭身份证即可享受" in page and "新事项" not in page
    assert "档案：姓名" in text(open_as("代").get("/catalogue/elder_card/"))
    assert open_as("香").get("/catalogue/elder_card/edit/").status_code == 403
    assert open_as("香").get("/catalogue/import/").status_code == 403
    assert open_as("代").get("/catalogue/nothing/").status_code == 404
    zong = open_as("总")
    form = zong.get("/catalogue/elder_card/edit/").content.decode()
    assert "resident.name" in form
    data = {"name": "老年优待证", "topic": "elder", "department": "02", "department_name": "便民中心", "days": "3", "fee": "0", "channels": ["agent"], "materials": "身份证|复印件|1|resident.id_number", "fields": "@person\n?要不要邮寄", "first_say": "凭身份证即可享受"}
    wrong = zong.post("/catalogue/elder_card/edit/", {**data, "days": "很快", "materials": "身份证|扫描"})
    assert wrong.status_code == 422 and "承诺工作日" in text(wrong) and "扫描" in text(wrong)
    done = zong.post("/catalogue/elder_card/edit/", data, follow=True)
    assert "已保存" in text(done) and "3 个工作日" in text(done) and "要不要邮寄" in text(done)
    assert "已恢复成上级" in text(zong.post("/catalogue/elder_card/", {"act": "drop"}, follow=True))


def test_excel_out_look_in(open_as):
    zong = open_as("总")
    content = zong.get("/catalogue/export.xlsx").content
    things, wrong = items.read_workbook(content)
    assert not wrong and len(things) >= 45
    upload = io.BytesIO(content)
    upload.name = "目录.xlsx"
    looked = zong.post("/catalogue/import/", {"file": upload})
    assert "读到 45 项" in text(looked) and "不变 45 项" in text(looked)
    sure = re.search(r'name="sure" value="([^"]+)"', looked.content.decode())[1]
    assert "不变 45 项" in text(zong.post("/catalogue/import/", {"sure": sure}, follow=True))
    bad = io.BytesIO(b"nothing")
    bad.name = "x.xlsx"
    refused = zong.post("/catalogue/import/", {"file": bad})
    assert refused.status_code == 422 and "打不开" in text(refused)
    assert zong.post("/catalogue/import/", {"sure": "forged"}).status_code == 404


def test_a_rule_is_changed_for_ones_own_area(open_as):
    assert "持身份证即可享受" in text(open_as("兰").get("/policies/rules/"))
    assert open_as("兰").get("/policies/rules/turns_60/").status_code == 403
    zong = open_as("总")
    data = {"name": "满 60 周岁：老年优待", "kind": "age", "age": "", "ahead_days": "7", "back_days": "31", "again": "never", "item": "elder_card", "say": "您满六十了"}
    refused = zong.post("/policies/rules/turns_60/", data)
    assert refused.status_code == 422 and "要写年龄" in text(refused)
    assert "已保存" in text(zong.post("/policies/rules/turns_60/", {**data, "age": "60"}, follow=True))
    assert "已恢复" in text(zong.post("/policies/rules/turns_60/", {"act": "drop"}, follow=True))


def test_what_an_agent_is_good_at(open_as, world):
    dai = open_as("代")
    assert "已记下" in text(dai.post("/errands/agents/", {"topics": ["elder", "pension"], "note": "有车"}, follow=True))
    village.grids()
    with world.acting("香") as xiang:
        m = opened(xiang, xu(xiang))
    assert "何代（擅长这类） · 有车" in text(open_as("香").get(f"/errands/{m.pk}/do/assign/"))
    assert not Paper.objects.using("owner").exists()
