"""The demonstration's meetings: a council that decided about a trough, its minutes on the wall; the coming 15ths; delegates with a meeting ahead.

Invariant: made through the actions that people use, by those who may.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone

from minqing.archives.models import Household, Membership, Resident
from minqing.commands.acting import acting_as
from minqing.contact.actions import meetings, minutes, voting
from minqing.contact.actions.meetings import Plan, Topic, Voice
from minqing.contact.models import Meeting
from minqing.contact.queries import meetings as reads
from minqing.contact.rules import meetings as rules
from minqing.demo.cast import PENGLI
from minqing.service.actions import matters
from minqing.service.actions.matters import Said, Who

PLACE = "文化礼堂"
SAID = ("水槽装在东头好，冬天晒得到太阳", "水管要埋深一点，去年冻裂过", "洗拖把的和洗菜的要分开")


def prepare(homes: Sequence[Household], at: datetime) -> None:
    """A week ago told, three evenings ago held, today on the wall."""
    told, held = at - timedelta(days=5), evening(at - timedelta(days=3))
    with acting_as("wen", purpose="demo") as wen:
        recorder = wen.id
    with acting_as("xiang", purpose="demo") as xiang:
        wish = matters.open_matter(Said(words="景观池改造后洗漱不方便，想在边上装个水槽", kind="suggestion", channel="meeting", place=PENGLI, requester=Who(name=homes[1].head_name)), by=xiang, at=told).matter
        row = meetings.plan(area=PENGLI, plan=Plan("council", "洗漱处怎么改", held, held + timedelta(hours=1, minutes=30), PLACE, xiang.id, recorder), by=xiang, at=told)
        item = meetings.add_item(meeting=row, topic=Topic("景观池边洗漱不方便", matter=wish.pk, options=("增设水槽", "改回原样", "都不同意")), by=xiang, at=told)
        meetings.add_item(meeting=row, topic=Topic("晒谷场轮流打扫"), by=xiang, at=told)
        meetings.correct_due(meeting=row, due=12, households=None, reason="请了十二位邻里代表", by=xiang, at=told)
        meetings.notice(meeting=row, by=xiang, at=told)
        meetings.hold(meeting=row, by=xiang, at=held)
        meetings.attend(meeting=row, present=11, households=None, observers=1, by=xiang, at=held)
        for n, words in enumerate(SAID):
            meetings.hear(id=uuid.uuid4(), meeting=row, voice=Voice(words, item=item.pk, person=head(homes[n + 5]).pk), by=xiang, at=held)
        voting.enter_count(item=item.pk, counter="毛小芬", figures=[8, 2, 1], invalid=0, by=xiang, at=held)
        for home in homes[:8]:
            person = head(home)
            meetings.appoint(area=PENGLI, name=person.name, person=person.pk, for_whom=home.natural_village, starts_on=date(at.year, 1, 1), ends_on=date(at.year + 5, 1, 1), by=xiang, at=at)
        meetings.lay_out(area=PENGLI, months=3, place=PLACE, chair=xiang.id, recorder=recorder, by=xiang, at=at)
        ahead = evening(at + timedelta(days=12))
        meetings.plan(area=PENGLI, plan=Plan("delegates", "年末村民代表会议", ahead, ahead + timedelta(hours=2), PLACE, xiang.id, recorder), by=xiang, at=at)
    signed(row, item.pk, held, at)


def evening(moment: datetime) -> datetime:
    """Seven in the evening of that day, when people have eaten."""
    return timezone.localtime(moment).replace(hour=19, minute=0, second=0, microsecond=0)


def head(home: Household) -> Resident:
    return Membership.objects.select_related("person").filter(household=home, ends_on=None, voided_at=None).order_by("relation")[0].person


def signed(row: Meeting, item: uuid.UUID, held: datetime, at: datetime) -> None:
    """The second counter, the decision, two signatures, the wall."""
    with acting_as("wen", purpose="demo") as wen:
        voting.enter_count(item=item, counter=wen.name, figures=[8, 2, 1], invalid=0, by=wen, at=held)
    with acting_as("xiang", purpose="demo") as xiang:
        made = voting.resolve(item=item, text="村两委协商决定在洗漱处东头增设水槽", by=xiang, at=held)
        voting.carry_out(resolution=made.pk, kind="works", words="洗漱处东头增设水槽", by=xiang, at=held)
        standing = reads.get(row.pk)
        if standing is None:
            return
        minutes.write(meeting=standing, text=reads.draft(reads.whole(xiang, standing, inside=True), place="彭里村"), seen=0, by=xiang, at=held)
        minutes.sign(meeting=standing, seen=1, by=xiang, at=held)
    with acting_as("wen", purpose="demo") as wen:
        minutes.sign(meeting=row.pk, seen=1, by=wen, at=at)
    with acting_as("xiang", purpose="demo") as xiang:
        standing = reads.get(row.pk)
        if standing is not None and standing.state == "signed":
            minutes.publish(meeting=standing, text=minutes.masked(standing)[0], days=rules.KINDS["council"].publish_days, confirmed=True, by=xiang, at=at)
