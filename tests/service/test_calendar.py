"""The working calendar: published lists are read as they come, the narrower area has the last word, nobody changes another's."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
import xlsxwriter
from django.db import connections, transaction
from django.db.utils import Error

from minqing import cli
from minqing.access.models import Area
from minqing.access.scope import NotAllowed
from minqing.commands import calendars as commands
from minqing.commands import installation
from minqing.commands.output import Failed
from minqing.lib.worktime import ZONE, Kind
from minqing.service.actions import calendar as actions
from minqing.service.actions import matters
from minqing.service.models import WorkCalendarDay
from minqing.service.queries import calendar as queries
from minqing.service.refusals import Refused
from minqing.service.rules import calendar as lists
from tests.people import COUNTY, PENGLI, TOWN
from tests.service.doors import ask

AT = datetime(2026, 11, 25, 2, tzinfo=UTC)
NEXT_TOWN = "330881001"
NOTICE_2025 = """国务院办公厅关于2025年
部分节假日安排的通知
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
根据《全国年节及纪念日放假办法》，自2025年1月1日起，全体公民放假的假日增加2天；国庆节自10月1日起放假调休7天。现将具体安排通知如下。
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。
2024年11月12日"""
LIST_2027 = "2027-01-01 休 元旦\n2027-02-05 至 2027-02-11 休 春节\n2027-02-14 班 春节调休上班\n2027-02-20 班 春节调休上班"


@pytest.fixture(autouse=True)
def fresh():
    queries.forget()
    yield
    queries.forget()


@pytest.fixture
def county(world) -> Area:
    return Area.objects.using("owner").get(pk=COUNTY)


@pytest.fixture
def town(world) -> Area:
    return Area.objects.using("owner").get(pk=TOWN)


def at(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=ZONE)


def shipped() -> dict[date, tuple[str, str]]:
    with (installation.SERVICE_DATA / "workdays.csv").open(encoding="utf-8") as file:
        return {date.fromisoformat(r["day"]): (r["kind"], r["published"]) for r in csv.DictReader(line for line in file if not line.startswith("#"))}


# --- lists as people have them -----------------------------------------------------------------------------------------


def test_the_notice_is_read_as_it_was_published():
    found = lists.read_text(NOTICE_2025)
    assert found.problems == []
    assert {e.day: e.kind.value for e in found.entries} == {day: kind for day, (kind, _p) in shipped().items() if day.year == 2025}
    why = {e.day: e.why for e in found.entries}
    assert why[date(2025, 1, 1)] == "元旦" and why[date(2025, 10, 6)] == "国庆节、中秋节" and why[date(2025, 2, 8)] == "春节调休上班"


def test_older_notices_advice_and_a_year_of_its_own_are_understood():
    found = lists.read_text("春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位安排职工在除夕（2月9日）上班改休息。", 2024)
    assert len(found.entries) == 10 and date(2024, 2, 9) not in {e.day for e in found.entries}
    crossing = lists.read_text("一、元旦：2027年12月31日至2028年1月2日放假调休，共3天。", 2028)
    assert [e.day.isoformat() for e in crossing.entries] == ["2027-12-31", "2028-01-01", "2028-01-02"]
    assert "看不出是哪一年" in lists.read_text("元旦：1月1日放假1天。").problems[0]


def test_lines_are_read_one_day_or_a_range_each():
    found = lists.read_text("# 我县 2027\n2027-02-08 休\n2027年2月5日至2027年2月7日 休 春节\n2027/2/20，班\n2027.3.1 上午班 停电\n\n")
    assert found.problems == []
    assert [(e.day.day, e.kind.value, e.why) for e in found.entries] == [(8, "off", ""), (5, "off", "春节"), (6, "off", "春节"), (7, "off", "春节"), (20, "work", ""), (1, "morning", "停电")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("2027-02-30 休", "第 1 行：没有这个日子"), ("2027-02-08 调休", "请写“休”或“班”"), ("2027-02-08 不知道", "现在是“不知道”"), ("二月八日 休", "看不出日期"),
        ("2027-02-08 至 2027-03-30 休", "最多 15 天"), ("2027-02-08 至 2027-02-01 休", "不像一次放假"), ("2027-02-08 休\n2027-02-08 班", "第 2 行：2027-02-08 前面已写成另一种安排"), ("", "没有读到任何日子"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named(line, says):
    assert says in lists.read_text(line).problems[0]


def test_tables_are_read_by_their_heads():
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["节日", "日期", "安排"])
        sheet.write(1, 0, "春节")
        sheet.write_datetime(1, 1, datetime(2027, 2, 6), made.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write(1, 2, "放假")
        sheet.write_row(2, 0, ["调休", "2027-02-20", "班"])
    assert [(e.day, e.kind, e.why) for e in lists.read_file("2027.xlsx", book.getvalue()).entries] == [(date(2027, 2, 6), Kind.OFF, "春节"), (date(2027, 2, 20), Kind.WORK, "调休")]
    for encoding in ("utf-8-sig", "gb18030"):
        found = lists.read_file("2027.csv", "日期,安排,说明\n2027-02-06,休,春节\n".encode(encoding))
        assert found.entries == [lists.Entry(date(2027, 2, 6), Kind.OFF, "春节")]
    assert lists.read_file("x.csv", (installation.SERVICE_DATA / "workdays.csv").read_bytes()).problems == []
    assert "打不开" in lists.read_file("x.xlsx", b"PK\x03\x04broken").problems[0]
    assert "编码" in lists.read_file("x.csv", b"\xff\xff\xfe\x00\x81").problems[0]


# --- what is filled, and by whom it may be changed -----------------------------------------------------------------------


def test_the_installation_fills_the_published_years_and_the_statutory_days_of_the_next(world):
    with world.acting("兰"):
        calendar = queries.calendar_for(PENGLI + "001")
        assert calendar.known_until == date(2026, 12, 31)
        assert [calendar.is_working(date(2026, m, d)) for m, d in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))] == [True] * 6
        assert calendar.working_day(date(2026, 2, 13), 5) == date(2026, 2, 27)
        assert calendar.unpublished_year(date(2027, 1, 4)) == 2027
        assert queries.years(COUNTY) == {2024: True, 2025: True, 2026: True, 2027: False}


def test_filling_again_changes_nothing(world):
    assert installation.fill_calendar(AT) == 0


def test_an_areas_own_day_overrides_the_nations_and_a_towns_the_countys(world, county, town):
    monday = date(2026, 12, 7)
    with world.acting("总") as me:
        actions.set_day(area=county, day=monday, kind=Kind.OFF, why="市政府通知：大雪停工", by=me, at=AT)
    with world.acting("受") as me:
        assert not queries.calendar_for(TOWN).is_working(monday)
        actions.set_day(area=town, day=monday, kind=Kind.MORNING, why="受理台上午值守", by=me, at=AT)
        assert queries.calendar_for(f"{TOWN}/SL").on(monday).kind is Kind.MORNING, "read past the copy in the same transaction"
    with world.acting("兰"):
        assert queries.calendar_for(PENGLI + "001").on(monday).kind is Kind.MORNING
        assert queries.calendar_for(NEXT_TOWN).on(monday).kind is Kind.OFF
        assert queries.calendar_for("330802").is_working(monday)
    with world.acting("受") as me:
        actions.remove_day(area=town, day=monday, by=me, at=AT)
        assert queries.calendar_for(TOWN).on(monday).kind is Kind.OFF
        with pytest.raises(Refused, match="没有虎山街道自己的安排"):
            actions.remove_day(area=town, day=monday, by=me, at=AT)


def test_own_hours_of_a_day(world, town):
    with world.acting("受") as me:
        actions.set_day(area=town, day=date(2026, 12, 8), kind=Kind.WORK, why="集市日提前开门", hours=actions.Hours(time(7), time(11), time(13), time(16)), by=me, at=AT)
        assert queries.calendar_for(TOWN).closing(date(2026, 12, 8)) == at(8, 16)
        assert queries.calendar_for(TOWN).next_opening(at(8, 3)) == at(8, 7)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"why": " "}, "请写为什么"), ({"day": date(2026, 9, 1)}, "已过去 60 天以上"), ({"day": date(2031, 1, 6)}, "太远了"), ({"kind": Kind.WORK}, "本来就是“班”"),
        ({"hours": actions.Hours(time(9), time(11))}, "休息日没有开门时间"), ({"kind": Kind.WORK, "hours": actions.Hours(time(9), time(11))}, "全天班上下午都填"),
        ({"kind": Kind.MORNING, "hours": actions.Hours(time(11), time(9))}, "须早于关门"), ({"kind": Kind.MORNING, "hours": actions.Hours(time(9))}, "要一起填"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(world, town, change, says):
    with world.acting("受") as me, pytest.raises(Refused, match=says):
        actions.set_day(**{"area": town, "day": date(2026, 12, 7), "kind": Kind.OFF, "why": "停电", "by": me, "at": AT} | change)


def test_a_village_has_its_towns_calendar(world):
    village = Area.objects.using("owner").get(pk=PENGLI)
    with world.acting("总") as me, pytest.raises(Refused, match="按市、县、乡镇设"):
        actions.set_day(area=village, day=date(2026, 12, 7), kind=Kind.OFF, why="停电", by=me, at=AT)


@pytest.mark.parametrize("name", ["香", "兰", "国", "管", "审", "街", "受"])
def test_the_countys_days_are_for_who_keeps_its_catalogue(world, county, name):
    with world.acting(name) as me, pytest.raises(NotAllowed):
        actions.set_day(area=county, day=date(2026, 12, 7), kind=Kind.OFF, why="停电", by=me, at=AT)


@pytest.mark.parametrize("code", ["", "3308", COUNTY, NEXT_TOWN])
def test_free_sql_changes_no_foreign_day(world, code):
    """周受 keeps the town's calendar; the nation's, the county's and the next town's are not his, whatever he sends."""
    with world.acting("受"):
        with pytest.raises(Error, match="row-level security"), transaction.atomic():
            WorkCalendarDay.objects.create(area_code=code, day=date(2026, 12, 7), kind="off", made_at=AT)
        assert WorkCalendarDay.objects.filter(area_code=code).update(kind="work") == 0
        assert WorkCalendarDay.objects.filter(area_code=code).delete()[0] == 0


def test_everybody_reads_it_residents_too(world):
    with world.acting("梅"):
        assert WorkCalendarDay.objects.filter(area_code="").count() == len(shipped())
    with connections["owner"].cursor() as cursor:
        cursor.execute("select has_table_privilege(r, 'service_workcalendarday', 'select'), has_table_privilege(r, 'service_workcalendarday', 'insert') from unnest(array['minqing_resident', 'minqing_jobs']) r")
        assert cursor.fetchall() == [(True, False), (True, False)]


# --- a year's list ------------------------------------------------------------------------------------------------------


def test_next_years_list_makes_the_year_known(world, county):
    with world.acting("总") as me:
        done = actions.import_year(area=county, entries=lists.read_text(LIST_2027).entries, by=me, at=AT)
        assert (done.added, done.changed, done.dropped) == (10, 0, 0)
        calendar = queries.calendar_for(COUNTY)
        assert calendar.known_until == date(2027, 12, 31) and calendar.is_working(date(2027, 2, 14)) and not calendar.is_working(date(2027, 2, 11))
        assert queries.calendar_for("330802").unpublished_year(date(2027, 3, 1)) == 2027, "another county has not imported it"
        assert actions.import_year(area=county, entries=lists.read_text(LIST_2027).entries, by=me, at=AT) == actions.Done(same=10)


def test_a_corrected_list_takes_back_what_it_no_longer_says_and_leaves_single_days(world, county):
    with world.acting("总") as me:
        actions.set_day(area=county, day=date(2027, 5, 6), kind=Kind.OFF, why="县庆", by=me, at=AT)
        actions.import_year(area=county, entries=lists.read_text(LIST_2027).entries, by=me, at=AT)
        done = actions.import_year(area=county, entries=lists.read_text(LIST_2027.replace("2027-02-14 班", "2027-02-13 班")).entries, by=me, at=AT)
        assert (done.added, done.same, done.dropped) == (1, 9, 1)
        calendar = queries.calendar_for(COUNTY)
        assert [calendar.is_working(date(2027, *day)) for day in ((2, 13), (2, 14), (5, 6))] == [True, False, False]


def test_a_list_that_cannot_be_a_years_is_refused(world, county):
    with world.acting("总") as me:
        for text, says in (("2020-02-08 休", "2020 年不在可以更改的范围"), ("\n".join(f"2027-{m:02d}-01 至 2027-{m:02d}-15 休" for m in range(1, 9)), "不像全年安排")):
            with pytest.raises(Refused, match=says):
                actions.import_year(area=county, entries=lists.read_text(text).entries, by=me, at=AT)
        with pytest.raises(Refused, match="没有读到"):
            actions.import_year(area=county, entries=[], by=me, at=AT)


def test_the_installation_imports_for_everybody_and_a_later_edition_leaves_it(world):
    done = actions.import_nation(entries=lists.read_text(LIST_2027).entries, at=AT)
    assert done.added == 5 and done.changed == 5 and done.dropped == 0, "the five statutory days of the new year and spring were there, unpublished"
    assert WorkCalendarDay.objects.using("owner").get(area_code="", day=date(2027, 2, 14)).published
    assert installation.fill_calendar(AT) == 0


# --- who is told --------------------------------------------------------------------------------------------------------


def test_a_changed_day_says_how_many_deadlines_hang_on_it(world, town):
    """The clock works them out (test_clock.py); here the count, within the town alone."""
    with world.acting("香") as xiang:
        m = matters.accept(matter=ask(xiang, kind="help_up", at=AT).matter, by=xiang, at=AT)
        matters.dispatch(matter=m, lead=PENGLI, by=xiang, at=AT)
    with world.acting("受") as me:
        assert actions.set_day(area=town, day=AT.date() + timedelta(days=1), kind=Kind.OFF, why="停电", by=me, at=AT).moved == 1


def test_each_change_is_in_the_audit(world, town, county):
    with world.acting("受") as me:
        actions.set_day(area=town, day=date(2026, 12, 7), kind=Kind.OFF, why="停电", by=me, at=AT)
        actions.remove_day(area=town, day=date(2026, 12, 7), by=me, at=AT)
    with world.acting("总") as me:
        actions.import_year(area=county, entries=lists.read_text(LIST_2027).entries, by=me, at=AT)
    # entries of the running transaction are read by the auditor of the county
    with world.acting("审"), connections["default"].cursor() as cursor:
        cursor.execute("select what, detail ->> 'area' from access_auditentry where what like 'calendar.%%' order by what")
        assert cursor.fetchall() == [("calendar.import", COUNTY), ("calendar.remove", TOWN), ("calendar.set", TOWN)]


# --- the command --------------------------------------------------------------------------------------------------------


def test_the_command_shows_a_year_and_loads_the_next(world, tmp_path, capsys):
    assert commands.calendar(cli.parser().parse_args(["--json", "calendar", "show", "2026"])) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["working_days"], shown["published"], len(shown["days"])) == (248, True, 39)
    path = tmp_path / "2027.txt"
    path.write_text("元旦：1月1日至3日放假，共3天。1月10日上班。", encoding="utf-8")
    assert commands.calendar(cli.parser().parse_args(["--json", "calendar", "import", str(path), "--year", "2027"])) == 0
    assert json.loads(capsys.readouterr().out)["新增"] == 3


@pytest.mark.parametrize(("more", "says"), [([], "看不出是哪一年"), (["--year", "2027", "--area", COUNTY], "请同时写 --area 代码 和 --as 工号")])
def test_the_command_refuses_with_a_sentence(world, tmp_path, more, says):
    path = tmp_path / "2027.txt"
    path.write_text("元旦：1月1日至3日放假，共3天。", encoding="utf-8")
    with pytest.raises(Failed, match=says):
        commands.calendar(cli.parser().parse_args(["calendar", "import", str(path), *more]))
