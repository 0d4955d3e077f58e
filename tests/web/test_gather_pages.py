"""Gathering and questions through their views: what each of the cast sees, what a form answers, where one lands."""

from __future__ import annotations

import re
import uuid

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from minqing.access.models import AuditEntry
from minqing.archives.actions import people
from minqing.gather.actions import batches
from minqing.gather.models import Batch, ColumnAlias, Question
from tests.archives.village import GRID1, GRID2, Family, grids, person
from tests.gather import asked
from tests.people import PENGLI

PAID = {"name": "郑土根", "pension_state": "正常参保", "phone": "17900000077", "birth_date": "1948-03-02", "relief_kind": "低保"}


def as_(world, name, **more):
    client = Client(**more)
    client.cookies[settings.SESSION_COOKIE] = world.tokens[name]
    return client


@pytest.fixture
def village(world):
    grids()
    with world.acting("香") as me:
        family, batch = Family(me), asked.batch(me)
        asked.file(batch, "人社/城乡居民养老保险参保人员.csv", department="03", kind="pensions", dropped_columns=[
            {"column": "银行账号", "sentence": "银行账户不属于民情档案，未采用。"}, {"column": "备用码", "sentence": "数据字典里没有对应的项目；如确有用途，请数据员说明这一列是什么。"}])
        asked.file(batch, "乱/未知.xlsx", state="refused", message="没有认出这是哪个部门的表：找不到姓名和号码两列。", rows=0)
        first = asked.question(batch, "D35", PAID, candidates=[asked.candidate(family.head, 0.93, "姓名相同"), asked.candidate(family.son, 0.4, "同一个村（社区）")])
        second = asked.question(batch, "D05.check", {"name": "祝新来"}, original={"name": "祝新来", "id_number": "330899199106060011"}, owner="department")
        third = asked.question(batch, "conflict.phone_differs", {"name": "郑土根", "phone": "17900000077"}, field="phone", owner="visit", persons=[family.head.pk], mine="15400000001", theirs="17900000077")
    return {"family": family, "batch": batch, "questions": (first, second, third)}


def seen_by_two(me):
    return person(me, "毛远村", "1966-01-01", "1", grid=GRID2)


def body(answer):
    return answer.content.decode()


class TestLists:
    def test_the_secretary_sees_her_batch_and_the_next_village_none(self, world, village):
        assert "2026年11月部门文件" in body(as_(world, "香").get("/gather/"))
        assert "还没有归集过文件" in body(as_(world, "芳").get("/gather/"))

    def test_who_does_not_gather_is_told_whom_to_ask(self, world, village):
        answer = as_(world, "兰").get("/gather/")
        assert answer.status_code == 403
        assert "县数据管理员" in body(answer)

    def test_a_batch_of_others_is_not_found(self, world, village):
        url = reverse("gather-batch", kwargs={"batch": village["batch"].pk})
        assert as_(world, "芳").get(url).status_code == 404
        page = body(as_(world, "香").get(url))
        for words in ("2,304", "本期未出现", "没有认出这是哪个部门的表", "银行账户不属于民情档案", "撤销这批"):
            assert words in page

    def test_questions_by_owner(self, world, village):
        page = body(as_(world, "香").get("/questions/"))
        assert "郑土根" in page
        assert "没有号码" in page
        assert "祝新来" in body(as_(world, "香").get("/questions/?tab=department"))
        assert "电话两说" in body(as_(world, "兰").get("/questions/?tab=visit"))
        assert "这一栏没有要定的" in body(as_(world, "强").get("/questions/"))

    def test_a_departments_name_that_tells_is_for_those_who_gather(self, world, village):
        with world.acting("香"):
            row = asked.question(village["batch"], "D36", {"name": "毛某"}, kind="disability", department="05")
        for url in ("/questions/?tab=village", "/questions/?tab=village&group=source&department=05", f"/questions/{row.pk}/"):
            assert "残联" not in body(as_(world, "兰").get(url))
        assert "残联" in body(as_(world, "香").get(f"/questions/{row.pk}/"))

    def test_a_list_needs_a_bounded_number_of_statements(self, world, village, django_assert_max_num_queries):
        client = as_(world, "香")
        with django_assert_max_num_queries(14):
            client.get("/questions/?tab=village&group=source")

    def test_paging_shows_every_question_once(self, world, village, monkeypatch):
        with world.acting("香"):
            for n in range(7):
                asked.question(village["batch"], f"D0{4 + n % 3}", {"name": f"人{n}"}, owner="village", grid=(GRID1, GRID2)[n % 2])
        monkeypatch.setattr("minqing.gather.queries.question_list.__kwdefaults__", {"after": "", "limit": 3})
        client, url, seen = as_(world, "香"), "/questions/?tab=village", []
        for _page in range(4):
            page = body(client.get(url))
            seen += re.findall(r'class="hd" href="/questions/([0-9a-f-]{36})/', page)
            following = re.search(r'href="([^"]+)" rel="next"', page)
            if not following:
                break
            url = following[1].replace("&amp;", "&")
        assert len(seen) == len(set(seen)) == 8


class TestOneQuestion:
    def test_side_by_side_without_full_numbers_and_level_four(self, world, village):
        page = body(as_(world, "兰").get(f"/questions/{village['questions'][0].pk}/"))
        with world.acting("香"):
            number = people.clear(village["family"].head, "id_number")
        assert "179****0077" in page
        assert "17900000077" not in page
        assert number not in page
        assert "低保" not in page
        assert "另有 1 项敏感信息" in page
        assert re.findall(r'data-key="([^"]*)"', page) == ["1", "2", "3", "4"]  # the same, another, later, a new file (no usable number)

    def test_a_candidate_outside_the_scope_has_no_name_here(self, world, village):
        with world.acting("香") as me:
            hidden = seen_by_two(me)
            row = asked.question(village["batch"], "D35", {"name": "毛某"}, candidates=[asked.candidate(hidden, 0.9, "姓名相同")])
        page = body(as_(world, "兰").get(f"/questions/{row.pk}/"))
        assert "毛远村" not in page
        assert "另有 1 位候选不在您的范围内" in page

    def test_a_question_about_level_four_keeps_quiet_until_words_are_given(self, world, village):
        with world.acting("香"):
            row = asked.question(village["batch"], "conflict.relief_unknown", {"name": "郑土根"}, field="relief", kind="medical", department="06", owner="department",
                                 persons=[village["family"].head.pk], reasons=["医保标为救助对象，低保名册中没有。"], mine="低保", theirs="不在低保名册中")
        client = as_(world, "香")
        for url in (f"/questions/{row.pk}/", "/questions/?tab=department"):
            assert "低保" not in body(client.get(url))
            assert "救助" not in body(client.get(url))
        assert client.post(f"/questions/{row.pk}/reveal/", {"field": "said"}).status_code == 422
        assert "低保名册中没有" in body(client.post(f"/questions/{row.pk}/reveal/", {"field": "said", "reason": "核对部门名册"}))

    def test_opening_needs_a_bounded_number_of_statements(self, world, village, django_assert_max_num_queries):
        client = as_(world, "香")
        with django_assert_max_num_queries(30):
            client.get(f"/questions/{village['questions'][0].pk}/?tab=village")

    def test_opening_is_audited_with_the_persons(self, world, village):
        as_(world, "兰").get(f"/questions/{village['questions'][0].pk}/")
        with world.acting("兰") as me:
            entry = AuditEntry.objects.get(staff=me.id, what="question.open")
            assert village["family"].head.pk in entry.persons

    def test_an_answer_leads_to_the_next_with_the_bar_that_takes_it_back(self, world, village):
        with world.acting("香"):
            other = asked.question(village["batch"], "D36", {"name": "毛一"}, candidates=[asked.candidate(village["family"].wife, 0.5)])
        client, row = as_(world, "兰"), village["questions"][0]
        answer = client.post(f"/questions/{row.pk}/answer/?tab=village", {"verdict": "same", "person": str(village["family"].head.pk)})
        assert answer.status_code == 302
        assert f"/questions/{other.pk}/?tab=village&act=" in answer["Location"]
        landed = body(client.get(answer["Location"]))
        assert "核对：郑土根 · 同一人" in landed
        token = re.search(r'name="token" value="([^"]+)"', landed)[1]
        client.post("/undo/", {"token": token})
        with world.acting("兰"):
            assert Question.objects.get(pk=row.pk).state == "open"

    def test_refusing_one_candidate_stays_with_the_others(self, world, village):
        row, family = village["questions"][0], village["family"]
        answer = as_(world, "兰").post(f"/questions/{row.pk}/answer/", {"verdict": "different", "person": str(family.head.pk)})
        assert answer["Location"].startswith(f"/questions/{row.pk}/")
        assert "看郑伟的档案" in body(as_(world, "兰").get(answer["Location"]))

    def test_a_wrong_number_answers_422_with_what_was_typed(self, world, village):
        row = village["questions"][1]
        answer = as_(world, "香").post(f"/questions/{row.pk}/answer/", {"verdict": "corrected", "value": "330899199106060098"})
        assert answer.status_code == 422
        assert 'value="330899199106060098"' in body(answer)
        with world.acting("香"):
            assert Question.objects.get(pk=row.pk).state == "open"

    def test_another_persons_number_is_asked_about_twice(self, world, village):
        row = village["questions"][1]
        with world.acting("香"):
            number = people.clear(village["family"].wife, "id_number")
        client = as_(world, "香")
        first = client.post(f"/questions/{row.pk}/answer/", {"verdict": "corrected", "value": number})
        assert first.status_code == 422
        assert "周秀英" in body(first)
        assert 'name="confirmed"' in body(first)
        assert client.post(f"/questions/{row.pk}/answer/", {"verdict": "corrected", "value": number, "confirmed": "1"}).status_code == 302

    def test_a_field_of_two_values(self, world, village):
        row = village["questions"][2]
        page = body(as_(world, "兰").get(f"/questions/{row.pk}/"))
        assert "保留原值" in page
        assert "采用这一行的" in page
        assert as_(world, "兰").post(f"/questions/{row.pk}/answer/?tab=visit", {"verdict": "accept"}).status_code == 302
        with world.acting("兰"):
            assert people.clear(type(village["family"].head).objects.get(pk=village["family"].head.pk), "phone") == "17900000077"

    def test_deferred_is_found_under_the_next_visit(self, world, village):
        row = village["questions"][0]
        as_(world, "兰").post(f"/questions/{row.pk}/answer/", {"verdict": "defer"})
        assert "再问" in body(as_(world, "兰").get("/questions/?tab=visit"))

    def test_taken_back_from_the_answered(self, world, village):
        row, client = village["questions"][0], as_(world, "兰")
        client.post(f"/questions/{row.pk}/answer/", {"verdict": "same", "person": str(village["family"].head.pk)})
        page = body(client.get(f"/questions/{row.pk}/?tab=done"))
        assert "撤回这次回答" in page
        assert "data-key=" not in page
        client.post(f"/questions/{row.pk}/take-back/")
        assert "data-key=" in body(client.get(f"/questions/{row.pk}/"))

    def test_a_department_question_is_read_but_not_answered_by_the_officer(self, world, village):
        page = body(as_(world, "兰").get(f"/questions/{village['questions'][1].pk}/"))
        assert "由部门数据员，或本村书记、文书来定" in page
        assert "data-key=" not in page

    @pytest.mark.parametrize("name", ["强", "芳"])
    def test_elsewhere_it_is_not_found(self, world, village, name):
        number = village["questions"][0].pk
        for url in (f"/questions/{number}/", f"/questions/{number}/?with={uuid.uuid4()}"):
            assert as_(world, name).get(url).status_code == 404
        for act in ("answer", "take-back", "reveal"):
            assert as_(world, name).post(f"/questions/{number}/{act}/", {"verdict": "different", "field": "phone"}).status_code == 404

    def test_the_number_in_clear_is_a_fragment_for_htmx(self, world, village):
        answer = as_(world, "兰").post(f"/questions/{village['questions'][0].pk}/reveal/", {"field": "phone"}, headers={"HX-Request": "true"})
        assert answer.status_code in (200, 422)  # off duty it asks for a reason first
        said = body(as_(world, "兰").post(f"/questions/{village['questions'][0].pk}/reveal/", {"field": "phone", "reason": "户主来电核对"}))
        assert "17900000077" in said


class TestUpload:
    def send(self, world, *files, name="香", **more):
        return as_(world, name).post("/gather/new/", {"files": list(files), "area": PENGLI, **more})

    def test_several_files_become_one_batch_and_one_job(self, world, village):
        answer = self.send(world, SimpleUploadedFile("一.csv", b"a,b\n1,2\n"), SimpleUploadedFile("一.csv", b"a,b\n3,4\n"), label="两个同名")
        assert answer.status_code == 302
        with world.acting("香"):
            made = Batch.objects.get(label="两个同名")
            assert made.state == "waiting"
            assert sorted(p.name for p in (batches.folder(made.pk) / "in").iterdir()) == ["一 (2).csv", "一.csv"]
        batches.wipe(made.pk)
        page = body(as_(world, "香").get(answer["Location"]))
        assert 'hx-trigger="every 2s"' in page
        assert '<meta http-equiv="refresh"' in page

    @pytest.mark.parametrize(("file", "words"), [
        (SimpleUploadedFile("全部.zip", b"PK"), "请先解压"), (SimpleUploadedFile("通知.docx", b"PK"), "不是表格"), (SimpleUploadedFile("a.exe", b"x"), "不是能归集的文件"),
        (SimpleUploadedFile("空.csv", b""), "空文件"), (SimpleUploadedFile("现场.jpeg", b"\xff\xd8\xff"), "“现场.jpeg”不是表格"), (SimpleUploadedFile("拍的.HEIC", b"x"), "不是表格"),
    ])
    def test_what_cannot_be_read_is_said_at_once_and_what_was_typed_stays(self, world, village, file, words):
        answer = self.send(world, file, label="十一月")
        assert answer.status_code == 422
        assert words in body(answer)
        assert 'value="十一月"' in body(answer)

    def test_a_county_sends_more_than_a_hundred_files_at_once(self, world, village):
        answer = self.send(world, *[SimpleUploadedFile(f"{at}村.csv", b"a,b\n1,2\n") for at in range(120)], label="各村一份")
        assert answer.status_code == 302
        with world.acting("香"):
            made = Batch.objects.get(label="各村一份")
            assert len(list((batches.folder(made.pk) / "in").iterdir())) == 120
        batches.wipe(made.pk)

    def test_too_much_at_once(self, world, village, settings):
        settings.UPLOAD_MB = 0.00001
        answer = self.send(world, SimpleUploadedFile("大.csv", b"x" * 2000))
        assert "请分几次上传" in body(answer)

    def test_nobody_gathers_for_another_village(self, world, village):
        answer = as_(world, "芳").post("/gather/new/", {"files": [SimpleUploadedFile("a.csv", b"a")], "area": PENGLI})
        assert answer.status_code == 422


class TestBatchActs:
    def test_progress_while_it_runs_and_a_reload_when_it_rests(self, world, village):
        with world.acting("香") as me:
            running = asked.batch(me, label="在跑", state="running", step="比对是不是同一人")
        client = as_(world, "香")
        part = client.get(f"/gather/{running.pk}/progress/")
        assert "比对是不是同一人" in body(part)
        assert "<html" not in body(part)
        rests = client.get(f"/gather/{village['batch'].pk}/progress/")
        assert rests["HX-Refresh"] == "true"

    def test_what_an_undo_would_do_and_that_it_is_asked_of_the_worker(self, world, village):
        client, url = as_(world, "香"), f"/gather/{village['batch'].pk}/undo/"
        assert "恢复到归集之前的值" in body(client.get(url))
        assert client.post(url).status_code == 302
        with world.acting("香"):
            assert Batch.objects.get(pk=village["batch"].pk).state == "undoing"
        assert client.post(f"/gather/{uuid.uuid4()}/undo/").status_code == 404

    def test_only_its_own_officer_resumes(self, world, village):
        with world.acting("香") as me:
            failed = asked.batch(me, label="断了", state="failed", message="中断在“比对”，没有丢失，可以继续。")
        assert "从中断的地方继续" in body(as_(world, "香").get(f"/gather/{failed.pk}/"))
        assert "要由 郑书香 本人继续" in body(as_(world, "数").get(f"/gather/{failed.pk}/"))
        as_(world, "数").post(f"/gather/{failed.pk}/resume/")
        with world.acting("香"):
            assert Batch.objects.get(pk=failed.pk).state == "failed"
        landed = as_(world, "香").post(f"/gather/{failed.pk}/resume/", follow=True)
        assert 'hx-trigger="every 2s"' in body(landed)

    def test_without_a_report_one_is_told(self, world, village):
        client = as_(world, "香")
        answer = client.get(f"/gather/{village['batch'].pk}/report/")
        assert answer.status_code == 302
        assert "没有这个批次的报告" in body(client.get(answer["Location"]))


class TestColumns:
    def test_a_column_that_waits_is_taught_and_forgotten(self, world, village):
        client = as_(world, "香")
        assert "备用码" in body(client.get("/gather/columns/"))
        assert "银行账号" not in body(client.get("/gather/columns/"))
        answer = client.post("/gather/columns/", {"teach": "1", "area": PENGLI, "kind": "pensions", "name": "备用码", "field": "pension_number"})
        assert answer.status_code == 302
        page = body(client.get("/gather/columns/"))
        assert "“养老保险个人编号”" in page
        assert "等您说明的列" not in page
        with world.acting("香"):
            alias = ColumnAlias.objects.get()
        assert client.post("/gather/columns/forget/", {"alias": alias.pk}).status_code == 302
        with world.acting("香"):
            assert not ColumnAlias.objects.exists()

    def test_a_bad_choice_answers_422(self, world, village):
        answer = as_(world, "香").post("/gather/columns/", {"teach": "1", "area": PENGLI, "kind": "pensions", "name": "备用码", "field": "disability_grade"})
        assert answer.status_code == 422
        assert 'value="备用码"' in body(answer)
