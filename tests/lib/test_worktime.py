"""Working time through the holidays of 2026: truth tables for the calendar, properties for the arithmetic."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from minqing.lib import worktime
from minqing.lib.worktime import ZONE, Calendar, Day, Hours, Kind, NoWorkingDay, Pause, Remaining, Span


def days(kind, *written):
    """02-15..02-23 and single days of 2026."""
    for part in written:
        first, _, last = part.partition("..")
        day, end = date.fromisoformat(f"2026-{first}"), date.fromisoformat(f"2026-{last or first}")
        while day <= end:
            yield day, Day(kind)
            day += timedelta(days=1)


#: 国办发明电 for 2026, as in domain.md §0.4.
PUBLISHED = dict(
    [
        *days(Kind.OFF, "01-01..01-03", "02-15..02-23", "04-04..04-06", "05-01..05-05", "06-19..06-21", "09-25..09-27", "10-01..10-07"),
        *days(Kind.WORK, "01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
    ]
)  # fmt: skip
CALENDAR = Calendar(PUBLISHED, known_until=date(2026, 12, 31))
PLAIN = Calendar()


def at(written: str) -> datetime:
    """02-13 10:00, in 2026."""
    return datetime.strptime(f"2026-{written}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def said(moment: datetime) -> str:
    return f"{moment:%m-%d %H:%M}"


# --- days --------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-01-01", False), ("2026-01-02", False), ("2026-01-03", False), ("2026-01-04", True), ("2026-01-05", True), ("2026-01-10", False),
        ("2026-02-14", True), ("2026-02-15", False), ("2026-02-23", False), ("2026-02-24", True), ("2026-02-28", True), ("2026-03-01", False),
        ("2026-05-09", True), ("2026-05-10", False), ("2026-09-20", True), ("2026-09-25", False), ("2026-09-28", True),
        ("2026-09-30", True), ("2026-10-01", False), ("2026-10-07", False), ("2026-10-08", True), ("2026-10-10", True), ("2026-10-11", False),
    ],
)  # fmt: skip
def test_a_day_is_what_was_published_else_the_day_of_the_week(day, working):
    assert CALENDAR.is_working(date.fromisoformat(day)) is working


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-02-13", 5, "2026-02-27"),  # domain.md §3.2: Saturday 02-14 works, 02-15 to 02-23 are off
        ("2026-02-13", 1, "2026-02-14"), ("2026-02-14", 1, "2026-02-24"), ("2026-02-27", 1, "2026-02-28"),
        ("2025-12-31", 1, "2026-01-04"), ("2025-12-31", 2, "2026-01-05"), ("2026-09-30", 1, "2026-10-08"), ("2026-09-30", 3, "2026-10-10"),
        ("2026-09-30", 4, "2026-10-12"), ("2026-02-20", 0, "2026-02-24"), ("2026-02-24", 0, "2026-02-24"),
    ],
)  # fmt: skip
def test_working_days_are_counted_through_the_holidays(start, count, end):
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    assert CALENDAR.working_day(first, count) == last
    if count:
        assert CALENDAR.workdays_between(first, last) == count


@pytest.mark.parametrize(
    ("start", "workdays", "due"),
    [
        ("02-13 10:00", 5, "02-27 17:30"), ("02-13 16:59", 5, "02-27 17:30"), ("02-13 18:00", 5, "02-28 17:30"), ("02-20 12:00", 1, "02-25 17:30"),
        ("03-02 10:00", 0, "03-02 17:30"), ("03-02 20:00", 0, "03-03 17:30"), ("03-02 08:30", 0.5, "03-02 14:15"), ("03-02 16:30", 0.5, "03-03 10:45"),
        ("03-02 10:00", 1.5, "03-04 14:15"), ("09-29 09:00", 2, "10-08 17:30"),
    ],
)  # fmt: skip
def test_a_limit_in_days_ends_at_closing_time(start, workdays, due):
    assert said(CALENDAR.add_days(at(start), workdays)) == due


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("03-02 08:30", 240, "03-02 15:00"), ("03-02 10:00", 90, "03-02 11:30"), ("03-02 10:00", 91, "03-02 14:01"), ("03-02 17:00", 60, "03-03 09:00"),
        ("02-14 17:00", 60, "02-24 09:00"), ("02-14 17:00", 30, "02-14 17:30"), ("09-30 16:30", 120, "10-08 09:30"), ("03-07 11:00", 0, "03-09 08:30"),
        ("03-02 12:00", 10, "03-02 14:10"), ("03-02 06:00", 10, "03-02 08:40"),
    ],
)  # fmt: skip
def test_working_minutes_skip_lunch_night_and_holidays(start, minutes, end):
    assert said(CALENDAR.add_minutes(at(start), minutes)) == end


@pytest.mark.parametrize(
    ("submitted", "urgent", "counts"),
    [
        ("03-02 10:00", False, "03-02 10:00"), ("03-02 07:00", False, "03-02 08:30"), ("03-02 12:15", False, "03-02 14:00"),
        ("03-02 17:00", False, "03-02 17:00"), ("03-02 17:01", False, "03-03 08:30"), ("03-02 23:00", False, "03-03 08:30"),
        ("03-06 17:10", False, "03-09 08:30"), ("02-14 17:10", False, "02-24 08:30"), ("02-18 10:00", False, "02-24 08:30"),
        ("02-13 17:10", False, "02-14 08:30"), ("03-02 23:00", True, "03-02 23:00"), ("02-18 03:20", True, "02-18 03:20"),
    ],
)  # fmt: skip
def test_the_clock_starts_at_once_or_next_morning(submitted, urgent, counts):
    assert said(CALENDAR.starts_counting(at(submitted), urgent=urgent)) == counts


def test_an_urgent_matter_at_eleven_at_night_has_two_hours_of_the_night():
    start = CALENDAR.starts_counting(at("03-02 23:00"), urgent=True)
    due = start + timedelta(hours=2)
    assert worktime.words(CALENDAR.remaining(at("03-02 23:30"), due, calendar_time=True)) == "还剩 1 小时 30 分钟"
    assert worktime.words(CALENDAR.remaining(at("03-03 03:00"), due, calendar_time=True)) == "已超 2 小时"
    assert worktime.words(CALENDAR.remaining(at("03-03 03:00"), due)) == "刚刚超时", "in working time nothing has passed yet"
    stood = CALENDAR.shifted(due, [Pause(at("03-03 00:10"), at("03-03 00:40"))], now=at("03-03 02:00"), calendar_time=True)
    assert said(stood) == "03-03 01:30"


# --- half days and own hours -------------------------------------------------------------------------------------------

HALVES = Calendar({date(2026, 3, 3): Day(Kind.MORNING), date(2026, 3, 4): Day(Kind.AFTERNOON)})


def test_half_days_are_open_for_their_half_and_count_as_days():
    assert Kind.MORNING.is_half
    assert not Kind.WORK.is_half
    assert [HALVES.is_working(date(2026, 3, day)) for day in (3, 4)] == [True, True]
    assert said(HALVES.add_minutes(at("03-02 17:00"), 30 + 180 + 1)) == "03-04 14:01"
    assert HALVES.minutes_between(at("03-03 00:00"), at("03-05 00:00")) == 180 + 210
    assert said(HALVES.add_days(at("03-02 10:00"), 1)) == "03-03 11:30"
    assert said(HALVES.add_days(at("03-02 10:00"), 2)) == "03-04 17:30"
    assert said(HALVES.starts_counting(at("03-03 12:00"))) == "03-04 14:00"


def test_hours_are_configured_for_the_calendar_and_for_a_day():
    summer = Hours(Span(time(8), time(12)), Span(time(14, 30), time(18)))
    calendar = Calendar({date(2026, 7, 3): Day(Kind.WORK, Hours(Span(time(9), time(10)), None))}, hours=summer, latest=time(17, 30))
    assert summer.length == timedelta(hours=7, minutes=30)
    assert said(calendar.add_days(at("07-01 10:00"), 1)) == "07-02 18:00"
    assert said(calendar.add_days(at("07-01 10:00"), 2)) == "07-03 10:00"
    assert said(calendar.starts_counting(at("07-01 17:20"))) == "07-01 17:20"
    assert calendar.spans(date(2026, 7, 4)) == ()


def test_hours_that_cannot_be_are_refused_with_the_reason():
    with pytest.raises(ValueError, match="开门时间11:30须早于关门时间08:30"):
        Span(time(11, 30), time(8, 30))
    with pytest.raises(ValueError, match="晚于下午14:00开门"):
        Hours(Span(time(8), time(14, 30)), Span(time(14), time(17)))
    with pytest.raises(ValueError, match="请标为休"):
        Hours(None, None)
    for written in ("", "08:30-11:30", "8点到11点,14:00-17:00", "11:30-08:30,14:00-17:30", "08:30-11:30,14:00-17:30,19:00-20:00"):
        with pytest.raises(ValueError, match="应写成“08:30-11:30,14:00-17:30”"):
            worktime.read_hours(written)
    assert worktime.read_hours("08:30-11:30, 14:00-17:30") == worktime.OFFICE


# --- what is left ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(
    ("now", "due", "words"),
    [
        ("03-02 14:30", "03-03 17:30", "还剩 1 天 3 小时"), ("03-03 14:30", "03-03 17:30", "还剩 3 小时"), ("03-03 17:20", "03-03 17:30", "还剩 10 分钟"),
        ("03-03 17:30", "03-03 17:30", "现在到期"), ("03-03 20:00", "03-03 17:30", "刚刚超时"), ("03-04 10:30", "03-03 17:30", "已超 2 小时"),
        ("03-05 08:40", "03-03 17:30", "已超 1 天"), ("02-14 17:30", "02-24 09:30", "还剩 1 小时"), ("03-02 08:30", "03-06 17:30", "还剩 5 天"),
    ],
)  # fmt: skip
def test_what_is_left_is_said_in_working_time(now, due, words):
    assert worktime.words(CALENDAR.remaining(at(now), at(due))) == words


def test_what_is_left_is_a_value_that_any_face_can_put_into_words():
    assert CALENDAR.remaining(at("03-02 14:29"), at("03-03 17:30")) == Remaining(False, 1, 3, 1)
    assert Remaining(False, 1, 3, 1).parts == ((1, "day"), (3, "hour"))
    assert Remaining(False, 1, 0, 10).parts == ((1, "day"),), "ten minutes after a whole day say nothing"
    assert Remaining(True, 0, 0, 0).parts == ()


def test_the_reminder_comes_when_seven_tenths_have_passed():
    assert said(CALENDAR.part_way(at("03-02 08:30"), at("03-03 17:30"), 0.5)) == "03-02 17:30"
    assert said(CALENDAR.part_way(at("03-02 08:30"), at("03-02 17:30"), 0.7)) == "03-02 15:33"


# --- pauses ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ([], "03-06 17:30"),
        ([("03-03 10:00", "03-03 10:00")], "03-06 17:30"),
        ([("03-02 18:00", "03-03 08:00")], "03-06 17:30"),  # nobody worked that night anyway
        ([("03-03 10:00", "03-05 10:00")], "03-10 17:30"),
        ([("03-03 10:00", "03-03 11:00")], "03-09 09:30"),
        ([("03-03 10:00", "03-05 10:00"), ("03-04 10:00", "03-05 10:00")], "03-10 17:30"),  # overlapping ones count once
        ([("03-03 10:00", "03-05 10:00"), ("03-09 10:00", "03-10 10:00")], "03-11 17:30"),  # the second lies before the moved deadline
        ([("03-09 10:00", "03-10 10:00")], "03-06 17:30"),  # too late to move it
        ([("03-05 10:00", None)], "03-09 17:30"),  # still standing, now is 03-06 10:00
    ],
)  # fmt: skip
def test_pauses_move_the_deadline(pauses, due):
    stood = [Pause(at(start), at(end) if end else None) for start, end in pauses]
    assert said(CALENDAR.shifted(at("03-06 17:30"), stood, now=at("03-06 10:00"))) == due


# --- what is not known -------------------------------------------------------------------------------------------------

def test_beyond_the_published_days_the_year_is_named():
    assert CALENDAR.unpublished_year(date(2026, 12, 31)) is None
    assert CALENDAR.unpublished_year(date(2027, 1, 4)) == 2027
    assert PLAIN.unpublished_year(date(2026, 3, 2)) == 2026


def test_a_calendar_without_a_working_day_says_so():
    closed = Calendar({date(2026, 1, 1) + timedelta(days=n): Day(Kind.OFF) for n in range(2000)})
    with pytest.raises(NoWorkingDay, match="没有一个工作日"):
        closed.next_opening(at("01-01 10:00"))


def test_a_moment_without_a_zone_is_refused_and_other_zones_are_understood():
    with pytest.raises(ValueError, match="time zone"):
        PLAIN.next_opening(datetime(2026, 3, 2, 10))
    assert said(PLAIN.next_opening(datetime(2026, 3, 2, 2, tzinfo=UTC))) == "03-02 10:00"
    with pytest.raises(ValueError, match="不是工作日"):
        PLAIN.closing(date(2026, 3, 7))
    for wrong in (lambda: PLAIN.add_minutes(at("03-02 10:00"), -1), lambda: PLAIN.add_days(at("03-02 10:00"), -1)):
        with pytest.raises(ValueError, match="negative"):
            wrong()


# --- properties --------------------------------------------------------------------------------------------------------

moments = st.datetimes(datetime(2025, 12, 1), datetime(2026, 12, 31), timezones=st.just(ZONE))
minutes = st.integers(0, 6000)
own_days = st.dictionaries(st.dates(date(2025, 12, 1), date(2027, 3, 1)), st.builds(Day, st.sampled_from(Kind)), max_size=30)
calendars = own_days.map(lambda own: Calendar(PUBLISHED | own))


@given(calendars, moments, minutes)
def test_adding_and_counting_are_inverse(calendar, start, amount):
    assert calendar.minutes_between(start, calendar.add_minutes(start, amount)) == amount


@given(calendars, moments, moments)
def test_counting_and_adding_are_inverse(calendar, one, other):
    start, end = sorted((one, other))
    assume(calendar.worked(start, end))
    landed = calendar.add(start, calendar.worked(start, end))
    assert landed <= end
    assert calendar.worked(landed, end) == timedelta(0)


@given(calendars, moments, minutes, minutes)
def test_more_time_is_never_earlier_and_a_later_start_never_ends_sooner(calendar, start, amount, more):
    assert calendar.add_minutes(start, amount) <= calendar.add_minutes(start, amount + more)
    later = start + timedelta(minutes=more)
    assert calendar.add_minutes(start, amount) <= calendar.add_minutes(later, amount)
    assert calendar.add_days(start, amount // 600) <= calendar.add_days(later, amount // 600)


@given(calendars, moments, minutes, st.sampled_from([0, 0.5, 1, 2.5, 5, 13]))
def test_a_deadline_never_lands_outside_opening_hours(calendar, start, amount, workdays):
    for due in (calendar.add_minutes(start, amount), calendar.add_days(start, workdays), calendar.starts_counting(start)):
        assert any(opens <= due <= closes for opens, closes in (span.on(due.date()) for span in calendar.spans(due.date())))
        assert due >= start


@given(calendars, moments, minutes, moments)
def test_a_pause_of_no_time_changes_nothing(calendar, start, amount, when):
    due = calendar.add_minutes(start, amount)
    assert calendar.shifted(due, [Pause(when, when)], now=when) == due


@given(calendars, moments, minutes, minutes, minutes)
def test_a_pause_before_the_deadline_moves_it_by_the_time_it_stood(calendar, start, amount, wait, stood):
    due = calendar.add_minutes(start, amount)
    pause = Pause(start + timedelta(minutes=wait), start + timedelta(minutes=wait + stood))
    moved = calendar.shifted(due, [pause], now=start)
    expected = calendar.worked(pause.start, pause.end) if pause.start < due else timedelta(0)
    assert calendar.worked(due, moved) == expected


@given(calendars, moments, st.integers(1, 30))
def test_a_limit_in_days_spans_so_many_working_days(calendar, start, count):
    due = calendar.add_days(start, count)
    assert calendar.workdays_between(calendar.next_opening(start).date(), due.date()) == count
    assert due == calendar.closing(due.date())
