"""工作日历 on the desk: everybody sees it, its keepers change it, an unpublished year says so first."""

from __future__ import annotations

import pytest

from minqing.service.models import WorkCalendarDay
from minqing.service.queries import calendar as queries
from tests.people import COUNTY, PENGLI, TOWN
from tests.service.test_calendar import LIST_2027
from tests.web.test_staff import text


@pytest.fixture
def open_as(open_as):
    queries.forget()
    yield open_as
    queries.forget()


@pytest.mark.parametrize(("name", "code"), [("受", TOWN), ("总", COUNTY), ("兰", TOWN), ("数", COUNTY), ("审", COUNTY)])
def test_ones_own_calendar_opens_for_this_year(open_as, name, code):
    assert open_as(name).get("/calendar/")["Location"].startswith(f"/calendar/{code}/20")


def test_a_year_shows_holidays_and_make_up_days_in_words_too(open_as):
    page = open_as("兰").get(f"/calendar/{TOWN}/2026/").content.decode()
    assert page.count('class="month"') == 12
    assert "2月14日 班 春节调休上班" in page and "10月7日 休 国庆节" in page
    seen = text(open_as("兰").get(f"/calendar/{TOWN}/2026/"))
    assert "248 个工作日" in seen and "2月15日–2月23日" in seen and "尚未公布" not in seen
    assert "改某一天" not in seen and "/day/" not in page and "导入全年安排" not in seen, "looking is for all, changing is not"


def test_an_unpublished_year_says_so_before_anything_else(open_as):
    page = text(open_as("兰").get(f"/calendar/{TOWN}/2027/"))
    assert "2027 年调休尚未公布" in page and "由县或乡镇受理台导入" in page
    assert "2028 年没有任何安排" in text(open_as("受").get(f"/calendar/{TOWN}/2028/"))


def test_years_and_places_without_a_calendar_are_not_found(open_as):
    for path in (f"/calendar/{TOWN}/2019/", f"/calendar/{PENGLI}/2026/", "/calendar/999999/2026/", f"/calendar/{TOWN}/day/?day=2026-13-01", f"/calendar/{TOWN}/day/"):
        assert open_as("受").get(path).status_code == 404, path


@pytest.mark.parametrize(("name", "code"), [("兰", TOWN), ("街", TOWN), ("管", COUNTY), ("受", COUNTY), ("受", "330881001"), ("审", COUNTY)])
def test_changes_are_for_who_keeps_the_calendar(open_as, name, code):
    browser = open_as(name)
    for path in (f"/calendar/{code}/day/?day=2026-12-07", f"/calendar/{code}/import/"):
        assert browser.get(path).status_code == 403
        assert browser.post(path, {"kind": "off", "why": "x", "year": 2027, "text": LIST_2027, "sure": "1"}).status_code == 403


def test_a_day_is_set_and_given_back(open_as):
    desk = open_as("受")
    path = f"/calendar/{TOWN}/day/?day=2026-12-07"
    assert "现在是“班”" in text(desk.get(path))
    refused = desk.post(path, {"kind": "off", "why": ""})
    assert refused.status_code == 422 and "为什么" in text(refused)
    refused = desk.post(path, {"kind": "work", "why": "没有变"})
    assert refused.status_code == 422 and "本来就是“班”" in text(refused)
    done = desk.post(path, {"kind": "off", "why": "大雪停工"}, follow=True)
    assert "已改：2026-12-07是“休”" in text(done) and "大雪停工" in text(done)
    assert "12月7日 休 大雪停工 本地安排" in done.content.decode()
    assert "大雪停工" in text(open_as("兰").get(f"/calendar/{TOWN}/2026/"))
    assert "大雪停工" not in text(open_as("总").get(f"/calendar/{COUNTY}/2026/"))
    back = desk.post(path, {"act": "remove"}, follow=True)
    assert "已恢复" in text(back) and "大雪停工" not in text(back)
    assert "没有虎山街道自己的安排" in text(desk.post(path, {"act": "remove"}, follow=True))


def test_own_hours_are_taken_and_wrong_ones_named(open_as):
    desk, path = open_as("受"), f"/calendar/{TOWN}/day/?day=2026-12-08"
    wrong = desk.post(path, {"kind": "morning", "why": "集市", "morning_opens": "11:00", "morning_closes": "07:00"})
    assert wrong.status_code == 422 and "须早于关门" in text(wrong)
    done = desk.post(path, {"kind": "morning", "why": "集市", "morning_opens": "07:00", "morning_closes": "11:00"}, follow=True)
    assert "07:00–11:00" in text(done)


def test_a_pasted_list_is_looked_at_before_it_counts(open_as):
    desk, path = open_as("总"), f"/calendar/{COUNTY}/import/"
    assert 'value="2027"' in desk.get(path).content.decode(), "the first year that is not published"
    seen = desk.post(path, {"year": 2027, "text": LIST_2027})
    assert "读到的是这些" in text(seen) and "休 8 天，调休上班 2 天" in text(seen)
    assert not WorkCalendarDay.objects.using("owner").filter(area_code=COUNTY).exists()
    done = desk.post(path, {"year": 2027, "text": LIST_2027, "sure": "1"}, follow=True)
    assert "新增 10 天" in text(done)
    assert "尚未公布" not in text(desk.get(f"/calendar/{COUNTY}/2027/"))


@pytest.mark.parametrize(("typed", "says"), [({"text": "2027-02-08 调休"}, "请写“休”或“班”"), ({"text": ""}, "没有读到任何日子"), ({"text": "2026-12-31 休"}, "里面没有 2027 年的日子")])
def test_a_list_that_cannot_be_read_stays_on_the_page_with_the_reason(open_as, typed, says):
    page = open_as("总").post(f"/calendar/{COUNTY}/import/", {"year": 2027, **typed})
    assert page.status_code == 422 and says in text(page)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_fit_and_are_accessible(desk, width):
    for name, path in (("受", f"/calendar/{TOWN}/2026/"), ("兰", f"/calendar/{TOWN}/2027/"), ("受", f"/calendar/{TOWN}/day/?day=2026-12-07"), ("总", f"/calendar/{COUNTY}/import/")):
        page = desk.page(name, width=width)
        page.goto(path)
        desk.check(page)
