"""domain.md §7.3: 鲁苗苗 hears at a door that washing is awkward since the pond was rebuilt; the village talks about it, votes, a trough is built, and she is called back."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from minqing.access.models import Staff
from minqing.contact.actions import meetings, minutes, visits, voting
from minqing.contact.models import Resolution, VisitMatter
from minqing.contact.queries import meetings as reads
from minqing.contact.rules import meetings as rules
from minqing.service.actions import callbacks, handling, matters
from minqing.service.models import Matter, Move
from minqing.service.queries import files
from tests.archives import village
from tests.people import CAST, PENGLI

MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)   # Monday 10:00 in 江山
MEETING = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)  # Wednesday 19:00
SAID = "景观池改造后洗漱不方便"


def test_from_a_door_to_the_meeting_to_the_trough(world):
    village.grids()
    with world.acting("苗") as me:
        wu = village.Family(me)
        done = visits.record_visit(id=uuid.uuid4(), household=wu.household, by=me, at=MORNING, how="door", met=[wu.head.pk], words=SAID, wishes=[visits.Wish(SAID, "suggestion", person=wu.head.pk)])
        matter = VisitMatter.objects.get(visit=done.visit).matter_id
    with world.acting("香") as me:
        row = Matter.objects.get(pk=matter)
        row = matters.dispatch(matter=matters.accept(matter=row, by=me, at=MORNING), lead=PENGLI, by=me, at=MORNING)
        handling.sign(matter=row, by=me, at=MORNING)
        chair, recorder = me.id, Staff.objects.get(number=CAST["文"].number).pk
        council = meetings.plan(area=PENGLI, plan=meetings.Plan("council", "洗漱处怎么改", MEETING, MEETING + timedelta(hours=1), "文化礼堂", chair, recorder), by=me, at=MORNING)
        offered = next(p for p in reads.proposals(me, council, on=MORNING.date()) if p.matter == matter)
        item = meetings.add_item(meeting=council, topic=meetings.Topic(offered.title, "matter", matter=matter, options=("增设水槽", "改回原样", "都不同意")), by=me, at=MORNING)
        meetings.correct_due(meeting=council, due=12, households=None, reason="请了十二位邻里代表", by=me, at=MORNING)
        meetings.notice(meeting=council, by=me, at=MORNING)
        meetings.hold(meeting=council, by=me, at=MEETING)
        meetings.attend(meeting=council, present=11, households=None, observers=1, by=me, at=MEETING)
        meetings.hear(id=uuid.uuid4(), meeting=council, voice=meetings.Voice("水槽靠东头，冬天晒得到太阳", item=item.pk, person=wu.wife.pk), by=me, at=MEETING)
        voting.enter_count(item=item.pk, counter="毛小芬", figures=[8, 2, 1], invalid=0, by=me, at=MEETING)
    with world.acting("文") as me:
        voting.enter_count(item=item.pk, counter="郑伟", figures=[8, 2, 1], invalid=0, by=me, at=MEETING)
    with world.acting("香") as me:
        made = voting.resolve(item=item.pk, text="村两委协商决定增设水槽", by=me, at=MEETING)
        assert made.passed and "“增设水槽”通过" in made.sentence
        step = Move.objects.get(matter=matter, name="decided")
        assert step.public_words == "邻里议事会决定：村两委协商决定增设水槽"
        works = voting.carry_out(resolution=made.pk, kind="works", words="洗漱处东头增设水槽", by=me, at=MEETING)
        assert Matter.objects.get(pk=works.matter.pk).parent_id == matter
        minutes.write(meeting=council, text=reads.draft(reads.whole(me, council, inside=True), place="彭里村"), seen=0, by=me, at=MEETING)
        later = MEETING + timedelta(days=5)
        row = handling.reply(matter=Matter.objects.get(pk=matter), words="水槽装好了，在洗漱处东头", outcome="adopted", by=me, at=later)
        voting.follow(resolution=made.pk, words="水槽装好了", state="done", by=me, at=later)
    with world.acting("文") as me:
        called = later + timedelta(days=1)
        callbacks.call_back(matter=Matter.objects.get(pk=matter), channel="phone", reached=True, solved="yes", satisfied="yes", words="现在洗漱方便些了", by=me, at=called)
        sheet = files.open_file(me, matter, at=called)
        assert Matter.objects.get(pk=matter).state == "closed"
        assert [e.public for e in sheet.events if e.label == "会议决定"] == ["邻里议事会决定：村两委协商决定增设水槽"]
        assert Resolution.objects.get(pk=made.pk).state == "done" and rules.KINDS["council"].decides
