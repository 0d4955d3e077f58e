"""Duty and the calendar at the desk: 香 arranges and plans, 兰 asks 强 for her day, who came becomes a matter typed once; the sheet for the door."""

from __future__ import annotations

import io
import re
import uuid
from datetime import date, timedelta
from typing import Any

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from minqing.access.models import AuditEntry
from minqing.contact.actions import duty, dutylog, rhythm
from minqing.contact.models import DutyDay, DutyMatter, DutyRota, DutySwap, DutyVisitor, Market, Rhythm
from minqing.service.models import Matter
from tests.contact.test_duty import ahead, day_of, filled, staff
from tests.people import NEXT_VILLAGE, PENGLI, TOWN

DUTY = f"/duty/{PENGLI}/"


def month_of(code: str = PENGLI, day: date | None = None) -> str:
    on = day or timezone.localdate()
    return f"/contact-calendar/{code}/{on.year}/{on.month}/"


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_arrangement_is_typed_once_and_months_are_planned_from_it(world, open_as):
    xiang = open_as("香")
    page = xiang.get(DUTY)
    assert page.status_code == 200 and "还没有定谁参加" in words(page)
    said = {"people": [str(staff(n)) for n in ("香", "兰", "强")], "weekdays": ["1", "2", "3", "4", "5", "6", "7"], "every": "on", "opens": "08:30", "closes": "17:30", "place": "村便民服务中心"}
    wrong = xiang.post(DUTY + "arrangement/", {**said, "closes": "08:00"})
    assert wrong.status_code == 422 and "下班应晚于上班" in words(wrong) and 'value="村便民服务中心"' in wrong.content.decode()
    assert xiang.post(DUTY + "arrangement/", said).status_code == 302
    assert xiang.post(DUTY + "fill/", {"first": ahead(0), "last": ahead(30)}).status_code == 302
    with world.acting("香"):
        assert DutyRota.objects.get(area_code=PENGLI).place == "村便民服务中心" and DutyDay.objects.filter(area_code=PENGLI).count() == 31
    with CaptureQueriesContext(connection) as asked:
        shown = words(xiang.get(DUTY))
    assert "今天" in shown and "郑书香" in shown and "姜晓兰" in shown and len(asked) <= 12, len(asked)


def test_whoever_works_elsewhere_finds_nothing_and_whoever_only_reads_changes_nothing(world, open_as):
    filled(world)
    with world.acting("香"):
        row = day_of("香")
    for page in (DUTY, month_of(), f"/duty/days/{row.pk}/", month_of() + "sheet.pdf", f"/rhythm/{PENGLI}/"):
        assert open_as("芳").get(page).status_code == 404, page
        assert open_as("强").get(page).status_code == 200, page
        assert open_as("受").get(page).status_code == 200, page
    for page in ("arrangement/", "fill/", "set/"):
        assert open_as("强").get(DUTY + page).status_code == 403
    assert open_as("受").get(f"/rhythm/{TOWN}/tuesday/").status_code == 200 and open_as("香").get(f"/rhythm/{NEXT_VILLAGE}/").status_code == 404


def test_lan_asks_qiang_for_her_day_and_both_see_it(world, open_as):
    filled(world)
    with world.acting("兰"):
        mine, his = day_of("兰"), day_of("强")
    lan, qiang = open_as("兰"), open_as("强")
    assert "请人换班" in words(lan.get(f"/duty/days/{mine.pk}/")) and "请人换班" not in words(qiang.get(f"/duty/days/{mine.pk}/"))
    assert lan.post(f"/duty/days/{mine.pk}/ask/", {"other": ""}).status_code == 422
    assert lan.post(f"/duty/days/{mine.pk}/ask/", {"other": str(staff("强")), "instead": str(his.pk)}).status_code == 302
    assert "姜晓兰请您值" in words(qiang.get(DUTY)) and "等他答复" in words(lan.get(DUTY))
    with world.acting("强"):
        swap = DutySwap.objects.get()
    assert "没有请您答复" in words(lan.post(f"/duty/swaps/{swap.pk}/", {"word": "yes"}, follow=True))
    assert "两天已经换过来" in words(qiang.post(f"/duty/swaps/{swap.pk}/", {"word": "yes"}, follow=True))
    with world.acting("强"):
        assert DutyDay.objects.get(pk=mine.pk).staff == staff("强")


def test_being_away_moves_days_and_a_substitute_needs_a_reason(world, open_as):
    filled(world)
    done = open_as("兰").post(DUTY + "away/", {"staff": str(staff("兰")), "first": ahead(1), "last": ahead(9), "reason": "leave"}, follow=True)
    assert "天值班改了人" in words(done) and "姜晓兰" in words(done)
    assert open_as("兰").post(DUTY + "away/", {"staff": str(staff("强")), "first": ahead(1), "last": ahead(9), "reason": "leave"}).status_code == 422
    with world.acting("香"):
        row = day_of("文")
    xiang = open_as("香")
    page = xiang.get(f"{DUTY}set/?day={row.day}").content.decode()
    assert f'value="{row.day}"' in page
    said = {"on": row.day, "staff": str(staff("苗")), "seen": str(row.revision), "reason": ""}
    assert xiang.post(f"{DUTY}set/?day={row.day}", said).status_code == 422
    assert xiang.post(f"{DUTY}set/?day={row.day}", {**said, "reason": "ill"}).status_code == 302
    shown = words(xiang.get(f"/duty/days/{row.pk}/"))
    assert "鲁苗苗" in shown and "原来是严文" in shown and "身体不适" in shown and "身体不适" not in words(open_as("强").get(f"/duty/days/{row.pk}/"))


def test_who_came_is_a_line_and_becomes_a_matter_without_being_typed_twice(world, open_as):
    filled(world)
    with world.acting("香") as me:
        duty.set_day(village=PENGLI, day=ahead(0), staff=me.id, by=me, at=timezone.now())
        row = DutyDay.objects.get(area_code=PENGLI, day=ahead(0))
    xiang, number = open_as("香"), str(uuid.uuid4())
    said = {"record": number, "how": "came", "topic": "help", "words": "路灯坏了三天，晚上看不见", "matter": "1"}
    first = xiang.post(f"/duty/days/{row.pk}/log/", said)
    assert first.status_code == 302 and first["Location"] == f"/matters/new/?duty={number}"
    xiang.post(f"/duty/days/{row.pk}/log/", said)   # the same form again
    page = xiang.get(first["Location"]).content.decode()
    assert "路灯坏了三天，晚上看不见" in page and f'name="duty" value="{number}"' in page and re.search(r'value="duty"[^>]* (selected|checked)', page)
    done = xiang.post("/matters/new/", {"duty": number, "words": "路灯坏了三天，晚上看不见", "kind": "help", "channel": "duty", "place": PENGLI, "name": "", "anonymous": "on"})
    assert done.status_code == 302, words(done)
    with world.acting("香") as me:
        matter = Matter.objects.get(channel="duty", submitted_at__gte=timezone.now() - timedelta(minutes=5))
        assert DutyVisitor.objects.filter(day=row).count() == 1 and DutyMatter.objects.get().matter_id == matter.pk
        assert "路灯".encode() not in bytes(DutyVisitor.objects.get(pk=number).words_cipher)
    shown = words(xiang.get(f"/duty/days/{row.pk}/"))
    assert "已登记" in shown and "登记成一件事" not in shown.split("记一条")[0]
    assert "路灯坏了" not in words(open_as("强").get(f"/duty/days/{row.pk}/"))   # his grid is not the village


def test_a_complaint_about_a_colleague_leaves_nothing_on_the_day(world, open_as):
    filled(world)
    with world.acting("文") as me:
        row = duty.set_day(village=PENGLI, day=ahead(0), staff=None, by=me, at=timezone.now())
        line = dutylog.write(id=uuid.uuid4(), day=row, topic="other", words="想当面说一件事", by=me, at=timezone.now())
    typed = {"record": str(uuid.uuid4()), "how": "came", "topic": "other", "words": "书记收了钱才办"}
    for on in ({}, {"matter": "1"}):   # also on the way to a matter: whoever turns back there would leave it in the log
        refused = open_as("文").post(f"/duty/days/{row.pk}/log/", typed | on)
        assert refused.status_code == 422 and "纪检专员" in words(refused) and "书记收了钱才办" in refused.content.decode()
    with world.acting("文"):
        assert not DutyVisitor.objects.filter(pk=typed["record"]).exists()
    done = open_as("文").post("/matters/new/", {"duty": str(line.pk), "words": "书记拿了我家的钱", "kind": "complaint", "channel": "duty", "place": PENGLI, "name": "", "anonymous": "on", "about_staff": "on"})
    assert done.status_code == 302, words(done)
    with world.acting("文"):
        after = DutyVisitor.objects.get(pk=line.pk)
        assert after.voided_at and after.words_cipher is None and not DutyMatter.objects.exists()


def test_lines_are_written_on_the_day_by_who_is_there_and_taken_back_by_the_author(world, open_as):
    filled(world)
    with world.acting("香") as me:
        duty.set_day(village=PENGLI, day=ahead(0), staff=staff("强"), by=me, at=timezone.now())
        row, later = DutyDay.objects.get(area_code=PENGLI, day=ahead(0)), day_of("强")
    said = {"record": str(uuid.uuid4()), "how": "called", "topic": "policy", "told": "on"}
    assert open_as("兰").post(f"/duty/days/{row.pk}/log/", said).status_code == 422   # another grid's officer, not on duty
    assert open_as("强").post(f"/duty/days/{later.pk}/log/", said).status_code == 422
    assert open_as("强").post(f"/duty/days/{row.pk}/log/", said).status_code == 302
    assert "问政策" in words(open_as("香").get(f"/duty/days/{row.pk}/"))
    assert open_as("香").post(f"/duty/lines/{said['record']}/void/").status_code == 404
    assert open_as("强").post(f"/duty/lines/{said['record']}/void/").status_code == 302
    assert "问政策" not in words(open_as("香").get(f"/duty/days/{row.pk}/")).split("记一条")[0]


def test_the_month_shows_all_that_takes_place_within_twelve_statements(world, open_as):
    filled(world)
    with world.acting("香") as me:
        rhythm.keep_market(area=PENGLI, name="彭里墟", rule={"kind": "every", "since": str(ahead(0)), "step": 5}, by=me, at=timezone.now())
    xiang = open_as("香")
    with CaptureQueriesContext(connection) as asked:
        page = xiang.get(month_of(day=ahead(1)))
    assert page.status_code == 200 and "值班：" in words(page) and len(asked) <= 12, [q["sql"][:120] for q in asked]
    october = words(xiang.get(f"/contact-calendar/{PENGLI}/2026/10/")) if timezone.localdate().year in (2025, 2026, 2027) else "国庆节，这次不办"
    assert "国庆节，这次不办" in october
    assert xiang.get(f"/contact-calendar/{PENGLI}/2026/13/").status_code == 404 and xiang.get(f"/contact-calendar/{PENGLI}/1999/1/").status_code == 404
    assert xiang.get("/contact-calendar/")["Location"] == month_of()


def test_the_sheet_for_the_door_is_one_page_with_names_and_office_telephones(world, open_as):
    filled(world)
    answer = open_as("香").get(month_of(day=ahead(1)) + "sheet.pdf")
    assert answer["Content-Type"] == "application/pdf"
    pdf = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    said = pdf[0].get_textpage().get_text_bounded().replace("\n", "").replace("\r", "")
    assert len(pdf) == 1 and "彭里村" in said and "郑书香" in said
    with world.acting("审"):
        assert AuditEntry.objects.filter(what="duty.print").exists()
    pdf.close()


def test_an_area_sets_its_days_and_its_market_on_the_page(world, open_as):
    xiang = open_as("香")
    said = {"held": "on", "number": "15", "opens": "19:00", "closes": "21:00", "place": "文化礼堂", "holiday": "next_workday"}
    assert xiang.post(f"/rhythm/{PENGLI}/fifteenth/", said).status_code == 302
    page = words(xiang.get(f"/rhythm/{PENGLI}/"))
    assert "顺延到下一个工作日" in page and "本地定的" in page and "文化礼堂" in page
    wrong = xiang.post(f"/rhythm/{PENGLI}/markets/new/", {"name": "彭里墟", "kind": "lunar_ends", "opens": "06:00", "closes": "11:00"})
    assert wrong.status_code == 422 and "至少选一个日子" in words(wrong)
    assert xiang.post(f"/rhythm/{PENGLI}/markets/new/", {"name": "彭里墟", "kind": "lunar_days", "days": "1，15", "opens": "06:00", "closes": "11:00"}).status_code == 302
    assert "农历初一、十五" in words(xiang.get(f"/rhythm/{PENGLI}/"))
    with world.acting("香"):
        market = Market.objects.get()
        assert Rhythm.objects.count() == 1
    assert xiang.get(f"/rhythm/{PENGLI}/markets/{market.pk}/").status_code == 200
    assert xiang.post(f"/rhythm/{PENGLI}/markets/{market.pk}/end/").status_code == 302 and xiang.post(f"/rhythm/{PENGLI}/fifteenth/forget/").status_code == 302
    assert "照默认" in words(xiang.get(f"/rhythm/{PENGLI}/"))


@pytest.mark.parametrize("name", ["兰", "香", "苗", "受", "总", "国", "管"])
def test_everybody_opens_the_calendar_of_where_he_works(world, open_as, name):
    filled(world)
    page = open_as(name).get("/contact-calendar/", follow=True)
    assert page.status_code == 200 and "<table" in page.content.decode()
    assert open_as(name).get("/duty/", follow=True).status_code == 200 and open_as(name).get("/contact-calendar/addresses/").status_code == 200
