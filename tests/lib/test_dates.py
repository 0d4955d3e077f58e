"""Dates: every form of the dirt catalogue, with the precision it was written in."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minqing.lib import dates
from minqing.lib.dates import Caution, Precision, Problem

TODAY = datetime.date(2026, 10, 31)


def read(value: object, **options: object) -> dates.ParsedDate:
    return dates.parse(value, today=TODAY, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        (24181, "1966-03-15"),
        (24181.0, "1966-03-15"),
        ("24181", "1966-03-15"),
        (24181.5, "1966-03-15"),
        ("1966.3.15", "1966-03-15"),
        ("1966·3·15", "1966-03-15"),
        ("1966，3，15", "1966-03-15"),
        ("1966 03 15", "1966-03-15"),
        ("19660315.0", "1966-03-15"),
        ("24181.0", "1966-03-15"),
        ("1966年3月15日出生", "1966-03-15"),
        ("公元1966年3月15日", "1966-03-15"),
        ("1966年元月3日", "1966-01-03"),
        ("15-Mar-1966", "1966-03-15"),
        ("15-3月 -66", "1966-03-15"),
        ("19660315", "1966-03-15"),
        (19660315.0, "1966-03-15"),
        ("1966-3-15", "1966-03-15"),
        ("1966/3/15 0:00:00", "1966-03-15"),
        ("1966-03-15T00:00:00.000+08:00", "1966-03-15"),
        ("1966年3月15日", "1966-03-15"),
        ("1966 年 3 月 15 号", "1966-03-15"),
        ("一九六六年三月十五日", "1966-03-15"),
        ("二〇〇八年十二月", "2008-12"),
        ("１９６６．３．１５", "1966-03-15"),
        ("1966年3月", "1966-03"),
        ("1966.3", "1966-03"),
        ("196603", "1966-03"),
        ("1966-03-00", "1966-03"),
        ("1966", "1966"),
        (1966.0, "1966"),
        ("民国三十五年三月", "1946-03"),
        ("3/15/1966", "1966-03-15"),
        (datetime.date(1966, 3, 15), "1966-03-15"),
        (datetime.datetime(1966, 3, 15, 8), "1966-03-15"),
    ],
)
def test_forms(value, iso):
    result = read(value)
    assert result.iso == iso
    assert result.problem is None
    assert len(iso) == {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}[result.precision]


@pytest.mark.parametrize(
    "value", ["", "-", "/", None, "0000-00-00", "1900-01-00", "1899-12-30", 0, "无", "#REF!", "null", "\\N"]
)
def test_zero_dates_mean_nothing_was_entered(value):
    result = read(value)
    assert (result.value, result.problem) == (None, None)


@pytest.mark.parametrize("value", ["长期", "长期有效", "9999-12-31", "99991231", "永久", datetime.date(9999, 12, 31)])
def test_open_ends(value):
    assert read(value).value == dates.FOREVER
    assert read(value).precision is Precision.FOREVER


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("农历三月十五", Problem.LUNAR),
        ("1966年正月初五", Problem.LUNAR),
        ("1966-02-30", Problem.IMPOSSIBLE),
        ("1966-13-01", Problem.IMPOSSIBLE),
        ("20251332", Problem.IMPOSSIBLE),
        ("今天", Problem.UNKNOWN),
        ("2020-2026", Problem.UNKNOWN),
        (5, Problem.UNKNOWN),
    ],
)
def test_what_is_no_date_is_refused(value, problem):
    result = read(value)
    assert (result.value, result.problem) == (None, problem)


def test_a_two_digit_year_follows_the_identity_number():
    assert read("26-3-15", birth_year=1926).iso == "1926-03-15"
    assert read("26-3-15", birth_year=1926).cautions == ()
    guessed = read("26-3-15")
    assert guessed.iso == "2026-03-15"
    assert Caution.CENTURY_GUESSED in guessed.cautions
    assert read("66-3-15").iso == "1966-03-15"
    # The number's year does not fit, so it settles nothing.
    assert Caution.CENTURY_GUESSED in read("66-3-15", birth_year=1970).cautions


def test_2010_1_in_a_numeric_cell_may_be_october():
    result = read(2010.1)
    assert (result.iso, result.cautions) == ("2010", (Caution.FRACTION,))
    assert read("2010.1").iso == "2010-01"
    assert (read(58.1).iso, read(58.1).cautions) == ("1958", (Caution.FRACTION,))


@pytest.mark.parametrize(("value", "iso"), [(1958.2, "1958-02"), (1958.11, "1958-11"), (1958.01, "1958-01"), (58.12, "1958-12"), (22720.5, "1962-03-15")])
def test_other_numbers_say_their_month(value, iso):
    assert read(value).iso == iso


def test_a_number_whose_month_cannot_be_is_no_date():
    assert read(1958.15).problem is Problem.IMPOSSIBLE


def test_old_macintosh_workbooks_count_from_1904():
    assert read(22719, epoch_1904=True).iso == "1966-03-15"


def test_a_date_after_today_is_pointed_out():
    assert read("2026-11-01").cautions == (Caution.FUTURE,)
    assert read("2026-10-31").cautions == ()


@given(st.dates(min_value=datetime.date(1906, 1, 1), max_value=datetime.date(2099, 12, 31)))
def test_every_day_is_read_the_same_in_every_full_form(day):
    forms: list[object] = [
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day} 0:00:00",
        (day - dates.EXCEL_EPOCH).days,
        day,
    ]
    assert {read(form).value for form in forms} == {day}


@given(st.text(max_size=20))
def test_no_text_raises(text):
    read(text)
