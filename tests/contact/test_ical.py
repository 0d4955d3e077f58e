"""Calendars under a private address: read back by three readers, taken back without a trace, nothing of residents in them."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from minqing.access.actions import staff as posts
from minqing.access.models import Staff
from minqing.api import ical
from minqing.contact.actions import days, duty, feeds, rhythm
from minqing.contact.actions.days import Shape
from minqing.contact.events import Event
from minqing.contact.models import DutyDay, Feed
from minqing.contact.queries import calendar as sources
from minqing.contact.refusals import NotHere
from tests.contact.test_duty import ahead, day_of, filled, staff
from tests.people import NEXT_VILLAGE, PENGLI

CHINA = ZoneInfo("Asia/Shanghai")


# --- a reader of our own: RFC 5545 §3.1 (folding in octets), §3.3.11 (escapes), nothing shared with the writer -----------------------------


def read(body: bytes) -> list[dict[str, str]]:
    """The events of a calendar: {name: text}, parameters as "NAME;PARAM". Fails on what the standard forbids."""
    assert body.endswith(b"\r\n") and b"\n" not in body.replace(b"\r\n", b""), "lines end with CRLF"
    raw = body.split(b"\r\n")[:-1]
    assert all(len(line) <= 75 for line in raw), "a line has at most 75 octets"
    lines: list[bytes] = []
    for line in raw:
        if line[:1] in (b" ", b"\t"):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    texts = [line.decode("utf-8") for line in lines]
    assert texts[0] == "BEGIN:VCALENDAR" and texts[-1] == "END:VCALENDAR" and "VERSION:2.0" in texts and any(t.startswith("PRODID:") for t in texts)
    found, inside = [], None
    for text in texts[1:-1]:
        name, _colon, value = text.partition(":")
        if text == "BEGIN:VEVENT":
            assert inside is None
            inside = {}
        elif text == "END:VEVENT":
            assert inside is not None and {"UID", "DTSTAMP"} <= set(inside)
            found.append(inside)
            inside = None
        elif inside is not None:
            assert name not in inside, f"{name} stands twice"
            inside[name] = value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
    return found


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def three(body: bytes) -> list[dict[str, Any]]:
    """The same events as icalendar, vobject and the reader above see them; they have to agree."""
    ours = {e["UID"]: e for e in read(body)}
    theirs = {str(e["UID"]): e for e in Calendar.from_ical(body).walk("VEVENT")}
    others = {v.uid.value: v for v in getattr(vobject.readOne(body.decode()), "vevent_list", [])}
    assert set(ours) == set(theirs) == set(others)
    made = []
    for uid, e in ours.items():
        start = date.fromisoformat(e["DTSTART;VALUE=DATE"]) if "DTSTART;VALUE=DATE" in e else instant(e["DTSTART"])
        assert theirs[uid].decoded("DTSTART") == start == others[uid].dtstart.value
        assert str(theirs[uid]["SUMMARY"]) == e["SUMMARY"] == others[uid].summary.value and str(theirs[uid]["STATUS"]) == e["STATUS"] == others[uid].status.value
        assert int(theirs[uid]["SEQUENCE"]) == int(e["SEQUENCE"]) == int(others[uid].sequence.value)
        made.append({"uid": uid, "start": start, "title": e["SUMMARY"], "status": e["STATUS"], "sequence": int(e["SEQUENCE"]), "place": e.get("LOCATION", ""), "modified": instant(e["LAST-MODIFIED"])})
    return made


def get(token: str, **headers: str) -> Any:
    return Client(headers={"host": "localhost", **headers}).get(f"/ical/{token}.ics")


def own(world: Any, name: str) -> str:
    with world.acting(name) as me:
        return feeds.make(by=me, at=timezone.now()).token


def public(world: Any) -> str:
    with world.acting("香") as me:
        return feeds.make(village=PENGLI, by=me, at=timezone.now()).token


# --- the format ------------------------------------------------------------------------------------------------------------------------


def test_long_titles_commas_and_line_breaks_are_folded_and_escaped_so_that_all_three_read_the_same():
    long = "一月一沟通；请大家来说说：水、电、路，\n都可以\\讲。" + "很长的题目" * 20
    event = Event("a,b;c", PENGLI, "meeting", long, datetime(2026, 12, 15, 19, 0, tzinfo=CHINA), datetime(2026, 12, 15, 21, 0, tzinfo=CHINA), place="村文化礼堂，二楼；东头", public=True, revision=3, revised_at=datetime(2026, 12, 1, 8, 0, 0, 5, tzinfo=CHINA))
    (found,) = three(ical.render([event], name="彭里村，的日子"))
    assert (found["title"], found["place"], found["start"], found["sequence"], found["modified"]) == (long, "村文化礼堂，二楼；东头", datetime(2026, 12, 15, 11, 0, tzinfo=UTC), 3, datetime(2026, 12, 1, 0, 0, tzinfo=UTC))


def test_whole_days_are_dates_and_what_is_off_is_cancelled():
    days = [Event("d", PENGLI, "market", "墟日", datetime(2026, 12, 1, tzinfo=CHINA), datetime(2026, 12, 3, tzinfo=CHINA), all_day=True), Event("x", PENGLI, "tuesday", "集中", datetime(2026, 12, 1, 8, 30, tzinfo=CHINA), datetime(2026, 12, 1, 11, 0, tzinfo=CHINA), cancelled=True)]
    whole, off = read(ical.render(days, name="n"))
    assert (whole["DTSTART;VALUE=DATE"], whole["DTEND;VALUE=DATE"], whole["STATUS"]) == ("20261201", "20261203", "CONFIRMED")
    assert (off["DTSTART"], off["DTEND"], off["STATUS"]) == ("20261201T003000Z", "20261201T030000Z", "CANCELLED")


# --- feeds -----------------------------------------------------------------------------------------------------------------------------


def test_a_colleagues_feed_holds_his_days_and_follows_them(world):
    filled(world)
    token = own(world, "兰")
    answer = get(token)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    before = {e["uid"]: e for e in three(answer.content)}
    with world.acting("兰"):
        days = {f"duty-{r.pk}@minqing": r.day for r in DutyDay.objects.filter(staff=staff("兰"))}
    assert {u: e["start"].astimezone(CHINA).date() for u, e in before.items()} == {u: d for u, d in days.items() if d <= ical.window(timezone.localdate())[1]}
    assert all(e["start"].astimezone(CHINA).time() == time(8, 30) and "彭里村" in e["title"] for e in before.values())
    with world.acting("香") as me:
        mine = day_of("兰")
        duty.set_day(village=PENGLI, day=mine.day, staff=staff("强"), reason="ill", by=me, at=timezone.now())
    after = get(token)
    assert f"duty-{mine.pk}@minqing" not in {e["uid"] for e in three(after.content)} and after["ETag"] != answer["ETag"]
    # in the village's own feed the same day goes on under the same number, with the new name
    (there,) = [e for e in three(get(public(world)).content) if e["uid"] == f"duty-{mine.pk}@minqing"]
    assert (there["sequence"], there["title"], there["status"]) == (1, "值班：毛志强", "CONFIRMED")


def test_a_day_that_lost_its_name_is_cancelled_under_its_own_number(world):
    filled(world)
    token = public(world)
    with world.acting("香") as me:
        mine = day_of("兰")
        duty.set_day(village=PENGLI, day=mine.day, staff=None, off=True, by=me, at=timezone.now())
    (found,) = [e for e in three(get(token).content) if e["uid"] == f"duty-{mine.pk}@minqing"]
    assert (found["status"], found["sequence"]) == ("CANCELLED", 1)


def test_the_public_feed_shows_what_hangs_on_the_door_and_nothing_else(world, monkeypatch):
    filled(world)
    with world.acting("香") as me:
        rhythm.keep_market(area=PENGLI, name="彭里墟", rule={"kind": "every", "since": str(ahead(1)), "step": 9}, by=me, at=timezone.now())
    secret = Event("s", PENGLI, "meeting", "内部会", timezone.now(), timezone.now() + timedelta(hours=1))
    monkeypatch.setattr(sources, "SOURCES", (*sources.SOURCES, lambda me, codes, first, last: [secret]))
    found = three(get(public(world)).content)
    titles = {e["title"] for e in found}
    assert "内部会" not in titles and "赶墟：彭里墟" in titles and "一周一集中" in titles and any(t.startswith("值班：") for t in titles)


def test_the_public_feed_has_announced_days_of_the_town_and_not_the_evening_with_its_doors(world):
    filled(world)
    with world.acting("受") as me:
        ride = days.make(kind="leader", area=PENGLI[:9], shape=Shape(ahead(5), time(8, 30), time(11, 30), "街道办事处一楼", "饮水和道路", 30, 1, staff("国")), by=me, at=timezone.now())
        token = public(world)
        assert f"day-{ride.pk}@minqing" not in {e["uid"] for e in three(get(token).content)}
    with world.acting("受") as me:
        days.announce(day=ride, by=me, at=timezone.now())
    with world.acting("香") as me:
        evening = days.make(kind="evening", area=PENGLI, shape=Shape(ahead(1), time(18, 30), time(21), "村委会门口"), by=me, at=timezone.now())
        for name in ("香", "兰"):
            days.ask(day=evening, staff=staff(name), by=me, at=timezone.now())
        days.announce(day=evening, by=me, at=timezone.now())
    found = {e["uid"]: e for e in three(get(token).content)}
    assert "饮水和道路" in found[f"day-{ride.pk}@minqing"]["title"] and f"day-{evening.pk}@minqing" not in found
    with world.acting("国"):
        mine = own(world, "国")
    assert f"day-{ride.pk}@minqing" in {e["uid"] for e in three(get(mine).content)}
    with world.acting("兰"), connection.cursor() as cursor:   # nobody else reads through it
        cursor.execute("select count(*) from access.feed_events(%s, %s)", [ahead(-30), ahead(60)])
        assert cursor.fetchone()[0] == 0


def test_an_address_taken_back_never_was_and_nobody_can_tell(world):
    filled(world)
    token = own(world, "兰")
    assert get(token).status_code == 200
    with world.acting("兰") as me:
        feeds.end(by=me, at=timezone.now())
        with pytest.raises(NotHere):
            feeds.end(by=me, at=timezone.now())
    gone, never = get(token), get("x" * 43)
    assert (gone.status_code, gone.content, dict(gone.headers)) == (never.status_code, never.content, dict(never.headers)) and gone.status_code == 404
    again = own(world, "兰")
    third = own(world, "兰")   # a new one ends the one before
    assert get(again).status_code == 404 and get(third).status_code == 200
    with world.acting("兰") as me:
        assert Feed.objects.filter(staff=me.id, ended_at=None).count() == 1
        assert all(t.encode() not in bytes(f.digest) for t in (again, third) for f in Feed.objects.all())


def test_the_same_bytes_are_not_sent_twice(world):
    filled(world)
    token = public(world)
    first = get(token)
    assert get(token)["ETag"] == first["ETag"] and get(token).content == first.content
    again = get(token, **{"if-none-match": first["ETag"]})
    assert again.status_code == 304 and again.content == b"" and again["ETag"] == first["ETag"]
    assert get(token, **{"if-none-match": '"other", W/' + first["ETag"]}).status_code == get(token, **{"if-none-match": "*"}).status_code == 304
    assert Client(headers={"host": "localhost"}).post(f"/ical/{token}.ics").status_code == 405


def test_whoever_tries_addresses_is_stopped_and_the_right_ones_go_on(world):
    filled(world)
    token = own(world, "兰")
    answers = [get(uuid.uuid4().hex).status_code for _n in range(62)]
    assert answers[:60] == [404] * 60 and answers[60:] == [429] * 2 and get(token).status_code == 200


def test_whoever_left_has_no_calendar_any_more(world):
    filled(world)
    token = own(world, "强")
    assert three(get(token).content)
    with world.acting("香") as me:
        posts.leave(staff=Staff.objects.get(pk=staff("强")), reason="调离", by=me, at=timezone.now())
    assert get(token).status_code == 404


def test_a_feed_opens_no_right_and_nobody_makes_another_ones(world):
    filled(world)
    token = own(world, "香")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select access.enter_feed(%s, 'test')", [token])
        for question in ("select count(*) from archives_household", "select count(*) from archives_resident", "select count(*) from service_matter", "select count(*) from contact_dutyvisitor"):
            cursor.execute(question)
            assert cursor.fetchone()[0] == 0, question
        for act in ("update contact_dutyday set staff = null", "update contact_dutyabsence set cancelled_at = now()"):
            with pytest.raises(ProgrammingError, match="writes nothing"), transaction.atomic():
                cursor.execute(act)
    with world.acting("兰") as me:
        for given in ({"kind": "own", "staff": staff("香")}, {"kind": "village", "area_code": PENGLI}):
            with pytest.raises(ProgrammingError), transaction.atomic():
                Feed(digest=uuid.uuid4().bytes * 2, made_by=me.id, made_at=timezone.now(), **given).save(force_insert=True)
        with pytest.raises(ProgrammingError), transaction.atomic():
            Feed(kind="village", area_code=NEXT_VILLAGE, digest=uuid.uuid4().bytes * 2, made_by=me.id, made_at=timezone.now()).save(force_insert=True)
        assert not Feed.objects.filter(staff=staff("香")).exists()


def test_an_own_calendars_address_gives_no_day_away_and_reads_no_reason(world):
    filled(world)
    with world.acting("兰") as me:
        row = day_of("兰")
        duty.enter_absence(village=PENGLI, staff=me.id, first=ahead(100), last=ahead(101), reason="ill", by=me, at=timezone.now())
    token, other = own(world, "兰"), staff("强")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select access.enter_feed(%s, 'test')", [token])
        # its owner is its reader: nobody acts
        cursor.execute("select access.ask_duty_swap(%s, %s, %s, null), access.proven('staff'), access.proven('reader')", [uuid.uuid4(), row.pk, other])
        assert cursor.fetchone() == ("not_yours", None, str(me.id))
        for question in ("select count(*) from contact_dutyabsence", "select count(*) from contact_feed", "select count(*) from contact_booking"):
            cursor.execute(question)
            assert cursor.fetchone()[0] == 0, question
