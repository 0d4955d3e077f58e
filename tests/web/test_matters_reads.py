"""Reads of the desk of matters: lists from seats, one file, suggestions, board and figures, in the database's own words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import ProgrammingError, connections, transaction

from minqing.service.actions import catalogue, handling, matters
from minqing.service.models import DispatchRule, Move
from minqing.service.queries import board, figures, files, lists, suggest
from minqing.service.refusals import NotHere
from minqing.service.rules import suggest as rules
from tests.people import COUNTY, PENGLI, TOWN
from tests.service.doors import MORNING, ask

HOUR = timedelta(hours=1)


def keys(page: lists.Page) -> list[str]:
    return [line.number for line in page.lines]


def test_each_desk_sees_its_own_work_urgent_first(world):
    with world.acting("文") as me:
        ask(me, "村口的路灯坏了")
        fire = ask(me, "山脚着火了，快来人", at=MORNING + HOUR)
        page = lists.page(me, "todo", lists.Filters(), at=MORNING + 2 * HOUR)
        assert page.lines[0].number == fire.matter.number
        assert page.lines[0].jobs == ["受理"]
        assert lists.counts(me, at=MORNING).jobs["accept"] == 2
    with world.acting("芳") as me:
        assert lists.page(me, "all", lists.Filters(), at=MORNING).lines == []
        assert lists.counts(me, at=MORNING).total == 0
    with world.acting("国") as me:
        assert lists.page(me, "todo", lists.Filters(), at=MORNING).lines == []


def test_pages_go_on_by_key_and_lose_nothing(world):
    with world.acting("文") as me:
        said = {ask(me, f"第 {n} 盏路灯坏了", at=MORNING + n * timedelta(minutes=1)).matter.number for n in range(7)}
        for view in ("todo", "all", "first"):
            seen, after = [], ""
            for _round in range(9):
                page = lists.page(me, view, lists.Filters(), at=MORNING + HOUR, after=after, limit=3)
                seen += keys(page)
                after = page.next
                if not after:
                    break
            assert len(seen) == 7 and set(seen) == said, view
        assert lists.page(me, "all", lists.Filters(), at=MORNING, after="broken").lines


def test_filters_narrow(world):
    with world.acting("文") as me:
        ask(me, "请问低保怎么申请", kind="question")
        lamp = ask(me, "路灯坏了", channel="duty")
        assert keys(lists.page(me, "all", lists.Filters(kind="help"), at=MORNING)) == [lamp.matter.number]
        assert keys(lists.page(me, "all", lists.Filters(channel="duty"), at=MORNING)) == [lamp.matter.number]
        assert keys(lists.page(me, "all", lists.Filters(state="closed"), at=MORNING)) == []
        assert len(keys(lists.page(me, "all", lists.Filters(place=PENGLI), at=MORNING))) == 2
        assert lists.find_number(me, lamp.matter.number) == lamp.matter.pk
    with world.acting("芳") as me:
        assert lists.find_number(me, lamp.matter.number) is None


def test_a_file_has_everything_and_only_for_those_who_sit_there(world):
    with world.acting("文") as me:
        opened = ask(me)
        matters.accept(matter=opened.matter, by=me, at=MORNING + HOUR)
        matters.dispatch(matter=opened.matter, lead=f"{COUNTY}/12", by=me, at=MORNING + HOUR)
        file = files.open_file(me, opened.matter.pk, at=MORNING + HOUR)
        assert file.words.startswith("村口的路灯")
        assert [e.label for e in file.events] == ["登记", "受理", "派单"]
        assert file.people[0].name == "姜*仙" and "*" in file.people[0].phone
        assert {s.label for s in file.seats} >= {"受理处", "主办"}
        shown = files.reveal(me, file.matter, file.people[0].id, reason="回电话答复")
        assert shown["name"] == "姜水仙"
    with world.acting("建") as me:
        file = files.open_file(me, opened.matter.pk, at=MORNING + HOUR)
        assert {m.name for m in file.moves} == {"sign", "ask_return"}
        assert {s.label for s in file.seats} >= {"受理处", "主办"}
    with world.acting("芳") as me, pytest.raises(NotHere):
        files.open_file(me, opened.matter.pk, at=MORNING + HOUR)


def test_what_waits_for_the_leader_says_old_and_new_day(world):
    with world.acting("文") as me:
        opened = ask(me, kind="help_up")
        matters.accept(matter=opened.matter, by=me, at=MORNING + HOUR)
        matters.dispatch(matter=opened.matter, lead=PENGLI, by=me, at=MORNING + HOUR)
        handling.sign(matter=opened.matter, by=me, at=MORNING + HOUR)
        handling.ask_extend(matter=opened.matter, days=3, words="材料要从杭州调来", by=me, at=MORNING + 2 * HOUR)
    with world.acting("国") as me:
        found = files.waiting(me, at=MORNING + 3 * HOUR)
        assert [w.line.number for w in found] == [opened.matter.number]
        assert found[0].why == "材料要从杭州调来" and found[0].by == "严文"
        assert found[0].new > found[0].old


# --- suggestions --------------------------------------------------------------------------------------------------------


RULES = [rules.Rule("lamp", "路灯", "help", ("路灯", "灯不亮")), rules.Rule("power", "供电", "help_up", ("停电", "电线")), rules.Rule("dog", "犬只", "complaint", ("狗", "咬人"))]


def test_the_words_that_decide_are_named():
    choice = rules.choose("村口路灯不亮", RULES)
    assert (choice.category, choice.because) == ("lamp", ("灯不亮", "路灯"))
    assert rules.choose("今天天气很好", RULES) is None
    assert rules.choose("请问停电什么时候能好", RULES).kind == "question"


def test_what_the_desk_chose_lately_breaks_a_tie():
    tied = [rules.Rule("a", "甲", "help", ("井盖",)), rules.Rule("b", "乙", "help", ("井盖",))]
    past = [rules.Known("1", "西边井盖翘起来绊人", "b")]
    assert rules.choose("东边井盖翘起来绊人", tied).category == "a"
    choice = rules.choose("东边井盖翘起来绊人", tied, past)
    assert (choice.category, choice.source) == ("b", "desk")


@pytest.mark.parametrize(("a", "b", "same"), [("祠堂门口的路灯坏了三天", "祠堂前面路灯坏了没人修", True), ("祠堂门口的路灯坏了", "低保怎么申请", False), ("", "路灯", False)])
def test_two_sentences_are_alike_or_not(a, b, same):
    assert (rules.alikeness(a, b) >= rules.ALIKE) is same


def test_a_text_suggests_danger_category_unit_and_what_is_the_same(world):
    with world.acting("文") as me:
        lamp = ask(me, "祠堂门口路灯坏了", category="lamp", spot="祠堂")
        found = suggest.suggest_for(me, "祠堂前面的路灯不亮，电线漏电", PENGLI, at=MORNING, spot="祠堂门口")
        assert found.urgent == [("漏电", "119")]
        assert found.category == "lamp" and "路灯" in found.because
        assert found.lead.desk == PENGLI and found.lead.name == "彭里村"
        assert [s.number for s in found.similar] == [lamp.matter.number]
        assert "同一类" in found.similar[0].why
    with world.acting("芳") as me:
        assert suggest.suggest_for(me, "祠堂前面的路灯不亮", PENGLI, at=MORNING).similar == []


def test_a_department_without_a_desk_falls_back_to_the_reception(world):
    with world.acting("文") as me:
        found = suggest.suggest_for(me, "低保怎么还没批下来", PENGLI, at=MORNING)
        assert found.category == "dibao" and found.lead.desk == f"{TOWN}/SL"
        assert found.lead.joint == ()          # no department 02 in the cast
        house = suggest.suggest_for(me, "我家是危房，墙裂了", PENGLI, at=MORNING)
        assert house.lead.joint == ((f"{COUNTY}/12", "江山市住房和城乡建设局"),)


# --- catalogue ----------------------------------------------------------------------------------------------------------


def test_the_shipped_catalogue_stands_in_every_county_once(world):
    assert len(catalogue.shipped()) >= 25
    assert len({e.category for e in catalogue.shipped()}) == len(catalogue.shipped())
    with world.acting("文"):
        assert DispatchRule.objects.filter(area_code=COUNTY, ended_at=None).count() >= 25
        for entry in catalogue.shipped():
            catalogue.check(entry)
    assert catalogue.fill() == 0


def test_who_keeps_the_catalogue_sets_ends_and_reads_it_back(world):
    with world.acting("受") as me:
        entry = catalogue.Entry("well", "古井", "help", "village", ("古井", "井水"), (), None, "镇里定的")
        catalogue.set_rule(area=TOWN, entry=entry, by=me, at=MORNING)
        read = catalogue.read_file("目录.xlsx", catalogue.workbook(DispatchRule.objects.filter(area_code=TOWN, ended_at=None)))
        assert read.problems == [] and [e.category for e in read.entries] == ["well"]
        assert catalogue.import_rules(area=TOWN, entries=read.entries, by=me, at=MORNING) == (0, 0, 1)
        rule = catalogue.set_rule(area=TOWN, entry=catalogue.Entry("well", "古井", "help", "town", ("古井",)), by=me, at=MORNING)
        catalogue.end_rule(rule=rule.pk, by=me, at=MORNING)
        assert not DispatchRule.objects.filter(area_code=TOWN, ended_at=None).exists()
    with world.acting("文") as me, pytest.raises(Exception, match="任职不含"):
        catalogue.set_rule(area=TOWN, entry=entry, by=me, at=MORNING)


def test_a_wrong_file_is_told_line_by_line():
    assert "打不开" in catalogue.read_file("x.xlsx", b"nonsense").problems[0]


# --- board and figures --------------------------------------------------------------------------------------------------

EVENING = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)      # 18:00 on Tuesday


def test_the_evening_belongs_to_the_next_day_and_nothing_counts_without_a_call(world):
    with world.acting("文") as me:
        lamp = ask(me)
        ask(me, "晚上说的事", at=EVENING)
        at = MORNING + 8 * HOUR
        seen = board.board(me, day=date(2026, 11, 24), at=at)
        assert [r.number for r in seen.rows] == [lamp.matter.number]
        assert seen.rows[0].done == "" and "联系" in seen.rows[0].lacking
        matters.accept(matter=lamp.matter, by=me, at=MORNING + HOUR)
        matters.dispatch(matter=lamp.matter, lead=PENGLI, by=me, at=MORNING + HOUR)
        assert board.board(me, day=date(2026, 11, 24), at=at).rows[0].done == ""
        handling.contact(matter=lamp.matter, how="phone", reached=False, words="", by=me, at=MORNING + 2 * HOUR)
        assert board.board(me, day=date(2026, 11, 24), at=at).rows[0].done == "contacted"
        assert [r.title for r in board.board(me, day=date(2026, 11, 25), at=at).rows] == ["晚上说的事"]
    with world.acting("受") as me:
        town = board.board(me, day=date(2026, 11, 24), at=at, area=TOWN)
        assert town.rows == []
        assert [(p.name, p.received, p.done) for p in town.places] == [("彭里村", 1, 1)]


def test_figures_hide_small_numbers_and_are_for_whoever_may(world):
    with world.acting("文") as me:
        for n in range(12):
            ask(me, f"第 {n} 盏路灯坏了")
        for n in range(3):
            ask(me, f"第 {n} 个问题", kind="question")
    with world.acting("国") as me:
        found = figures.figures(me, area=TOWN, first=date(2026, 11, 1), last=date(2026, 11, 30))
        assert found.whole.received == 15
        # three questions are hidden, and the twelve with them, since the difference would say three
        assert [(g.key, g.received) for g in found.by["kind"]] == [("…", 15)]
        assert found.whole.rates["closed"].base == 15 and found.whole.rates["satisfied"].hidden
        assert Move.objects.count() == 0
        assert len(figures.as_rows(found)[0]) == len(figures.as_rows(found)[1])
    with world.acting("文") as me, pytest.raises(ProgrammingError), transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("select * from access.matter_figures(%s, now() - interval '1 year', now())", [TOWN])


@pytest.mark.parametrize(("facts", "done"), [({"closed": 1, "spoken": 1}, "closed"), ({"closed": 1}, ""), ({"replied": 1, "tried": 1}, "replied"), ({"sent": 1}, ""), ({"sent": 1, "tried": 1}, "contacted"), ({"shown": 1}, "explained"), ({"tried": 1}, "explained"), ({}, "")])
def test_one_of_four_or_none(facts, done):
    assert board.judge(**{k: bool(facts.get(k)) for k in ("closed", "replied", "sent", "spoken", "shown", "tried")})[0] == done
