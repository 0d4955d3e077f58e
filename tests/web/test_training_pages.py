"""带教和培训 on the desk: 香 makes a course, invites, writes down who came; 兰 sees her own line and nobody else's."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from minqing.access.models import Staff
from minqing.contact.models import CourseSession
from tests.people import CAST, PENGLI
from tests.web.test_staff import text


def staff(world, name: str) -> str:
    with world.acting("香"):
        return str(Staff.objects.get(number=CAST[name].number).pk)


def made(world, open_as) -> tuple[str, str]:
    """(course, session) of tomorrow, 兰 and 强 invited."""
    xiang, on = open_as("香"), timezone.localdate() + timedelta(days=1)
    course = xiang.post("/training/courses/new/", {"area": PENGLI, "subject": "manners", "title": "进门三句话", "material": "先说我是谁。\n\n再问方便不方便。"})["Location"]
    session = xiang.post(course + "hold/", {"on": str(on), "since": "14:00", "until": "15:00", "place": "村委会议室", "teacher": "老徐"})["Location"]
    assert xiang.post(session + "invite/", {"staff": [staff(world, "兰"), staff(world, "强")]}).status_code == 302
    return course, session


def test_a_course_from_its_material_to_who_came(world, open_as):
    course, session = made(world, open_as)
    xiang, lan, wen = open_as("香"), open_as("兰"), open_as("文")
    assert "再问方便不方便" in text(lan.get(course)) and "请了您" in text(lan.get("/training/"))
    with world.acting("香"):
        CourseSession.objects.update(starts_at=timezone.now() - timedelta(hours=2), ends_at=timezone.now() - timedelta(hours=1))
    assert "谁来了" in text(xiang.get(session))
    assert xiang.post(session + "attend/", {"came": [staff(world, "兰"), "x"]}).status_code == 302
    assert "您来听过" in text(lan.get(session)) and "毛志强" not in text(lan.get(session)) and "我听过的" in text(lan.get("/training/"))
    assert "姜晓兰" not in text(wen.get(session)) and "来听过" not in text(wen.get(session))
    assert wen.post(session + "attend/", {"came": []}).status_code == 404 and wen.get(session + "invite/").status_code == 404
    for path in (course, session):
        assert open_as("芳").get(path).status_code == 404


def test_the_file_comes_as_a_download(world, open_as):
    course, _session = made(world, open_as)
    xiang = open_as("香")
    wrong = xiang.post(course + "edit/", {"subject": "fire", "title": "灭火", "material": "x", "file": SimpleUploadedFile("a.html", b"<script>")})
    assert wrong.status_code == 422 and "附件请用" in text(wrong) and "灭火" in wrong.content.decode()
    assert xiang.post(course + "edit/", {"subject": "fire", "title": "灭火", "material": "x", "file": SimpleUploadedFile("讲义.pdf", b"%PDF-1.7 x")}).status_code == 302
    got = open_as("兰").get(course + "file/")
    assert got.content == b"%PDF-1.7 x" and got["Content-Disposition"].startswith("attachment") and got["Content-Type"] == "application/octet-stream"


def test_a_pair_is_asked_on_both_work_desks(world, open_as):
    on = timezone.localdate()
    assert open_as("香").post("/training/pairs/new/", {"mentor": staff(world, "强"), "newcomer": staff(world, "兰"), "starts_on": str(on), "ends_on": str(on + timedelta(days=30))}).status_code == 302
    for name in ("强", "兰"):
        browser = open_as(name)
        assert "1 对师徒等您答应" in text(browser.get("/"))
        url = re.search(r'action="(/training/pairs/[^"]+)"', browser.get("/training/").content.decode()).group(1)
        assert browser.post(url, {"yes": "1"}).status_code == 302
    assert "在带" in text(open_as("兰").get("/training/")) and "minqing practice" in text(open_as("兰").get("/training/"))
    assert open_as("芳").post(url, {"yes": "1"}).status_code == 404


@pytest.mark.parametrize("which", ["list", "course", "session"])
def test_no_page_sends_more_than_twelve_statements(world, open_as, which):
    course, session = made(world, open_as)
    url, browser = {"list": "/training/", "course": course, "session": session}[which], open_as("香")
    browser.get(url)
    with CaptureQueriesContext(connection) as sent:
        assert browser.get(url).status_code == 200
    assert len(sent) <= 12, [q["sql"][:90] for q in sent]


def test_who_does_not_arrange_makes_no_course(world, open_as):
    for name in ("兰", "国", "梅"):
        assert open_as(name).get("/training/courses/new/").status_code == 403
        assert open_as(name).get("/training/").status_code == 200
