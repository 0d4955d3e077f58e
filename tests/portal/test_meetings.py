"""What hangs of a meeting is read by everybody; who is logged in says that he does not agree, and it reaches the village sealed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from minqing.access.models import Staff
from minqing.contact.actions import meetings, minutes, voting
from minqing.contact.models import Attendance, Objection, Opinion, Resolution
from minqing.contact.queries import meetings as reads
from minqing.service.actions import retention
from tests.contracts.foreign import superuser
from tests.people import CAST, PENGLI, World
from tests.portal.conftest import browser
from tests.web.test_meeting_pages import TABLES
from tests.web.test_staff import text


@pytest.fixture
def hanging(village, clean) -> Iterator[str]:
    """A council whose minutes hang: the address of its page."""
    now = timezone.now()
    with World.acting("香") as me:
        other = Staff.objects.get(number=CAST["文"].number).pk
        row = meetings.plan(area=PENGLI, plan=meetings.Plan("council", "晒谷场怎么扫", now + timedelta(hours=2), now + timedelta(hours=3), "礼堂", me.id, other), by=me, at=now)
        item = meetings.add_item(meeting=row, topic=meetings.Topic("轮流打扫"), by=me, at=now)
        meetings.correct_due(meeting=row, due=5, households=None, reason="请了五位代表", by=me, at=now)
        meetings.notice(meeting=row, reason="天要下雨，等不得", by=me, at=now)
        meetings.hold(meeting=row, by=me, at=now)
        meetings.attend(meeting=row, present=5, households=None, observers=0, by=me, at=now)
        meetings.hear(id=uuid.uuid4(), meeting=row, voice=meetings.Voice("我家愿意排第一周", item=item.pk, speaker="老姜"), by=me, at=now)
        meetings.name_present(meeting=row, name="老姜", by=me, at=now)
        voting.resolve(item=item.pk, text="一户一周，轮流打扫", by=me, at=now, agreed=True)
        row.refresh_from_db()
        minutes.write(meeting=row, text=reads.draft(reads.whole(me, row, inside=True), place="彭里村"), seen=0, by=me, at=now)
        minutes.sign(meeting=row, seen=1, by=me, at=now)
    with World.acting("文") as me:
        minutes.sign(meeting=row, seen=1, by=me, at=now)
    with World.acting("香") as me:
        row.refresh_from_db()
        minutes.publish(meeting=row, text=minutes.masked(row)[0], days=5, confirmed=True, by=me, at=now)
    yield f"/v/{PENGLI}/meetings/{row.pk}/"
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in TABLES:
            root.execute(f"delete from {table}")  # noqa: S608


def test_everybody_reads_and_who_is_logged_in_objects(hanging, as_resident):
    nobody = browser()
    assert "一户一周，轮流打扫" in text(nobody.get(hanging)) and "登录后写" in text(nobody.get(hanging))
    nobody.post(hanging, {"words": "我家人少，扫不过来"})
    with World.acting("香"):
        assert Objection.objects.count() == 0
    client = as_resident("15400000021")
    assert client.post(hanging, {"words": "扫"}).status_code == 422
    assert "收到了" in text(client.post(hanging, {"words": "我家人少，扫不过来", "name": "老姜"}))
    with World.acting("香") as me:
        row = reads.get(uuid.UUID(hanging.split("/")[-2]))
        assert row is not None
        assert [(o.words, o.who) for o in reads.whole(me, row, inside=True).objections] == [("我家人少，扫不过来", "老姜")]
        minutes.withdraw(meeting=row, reason="写错了日子", by=me, at=timezone.now())
    assert nobody.get(hanging).status_code == 404 and client.post(hanging, {"words": "我家人少，扫不过来"}).status_code == 404


def test_what_was_said_and_who_came_goes_after_its_time_and_the_resolution_stays(hanging):
    pk, now = uuid.UUID(hanging.split("/")[-2]), timezone.now()
    for days, left in ((1826, 1), (1828, 0)):
        with superuser() as root:
            root.execute("set session_replication_role = replica")
            root.execute("update contact_meeting set state = 'closed', starts_at = %s, ends_at = %s where id = %s", [now - timedelta(days=days, hours=2), now - timedelta(days=days), pk])
        retention.run(now=lambda: now, only=["meeting"])
        with World.acting("香"):
            assert Attendance.objects.filter(meeting=pk).count() == left
            assert (Opinion.objects.get(meeting=pk).said_cipher is not None) is bool(left)
            assert Resolution.objects.get(meeting=pk).text == "一户一周，轮流打扫"
