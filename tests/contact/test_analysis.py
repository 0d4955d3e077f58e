"""村情民情分析: sentences by rule, nothing that is small, one's own words never written over, decisions followed."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.utils import ProgrammingError

from minqing.access.scope import NotAllowed
from minqing.contact.actions import analysis
from minqing.contact.models import Analysis, Decision, DecisionWord, Finding
from minqing.contact.queries import analysis as queries
from minqing.contact.refusals import Missing, NotHere, Refused
from minqing.contact.rules import analysis as rules
from minqing.contact.rules.analysis import Cell, Facts, Lying, Month
from tests.archives import village
from tests.contracts.foreign import superuser
from tests.people import NEXT_VILLAGE, PENGLI, TOWN
from tests.service.doors import ask

OCTOBER, NOW = date(2026, 10, 1), datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
LAMPS = ("村口路灯不亮，夜里看不见", "东边路灯坏了", "祠堂前的路灯一闪一闪", "桥头路灯没有电", "水井边路灯该换了")
AWAY = Month("2026年9月", "2026-09")


@pytest.fixture
def october(here) -> Any:
    """Twelve matters of October, five of street lamps; none of September."""
    with here.acting("文") as me:
        for n in range(12):
            ask(me, LAMPS[n % 5] if n < 5 else f"第{n}户屋后排水沟堵了，请来清一清", at=datetime(2026, 10, 9 + n, 1, 0, tzinfo=UTC))
    return here


def month(received: int, **by: dict[str, int | None]) -> Month:
    return Month("2026年10月", "2026-10", received, received, {d: [Cell(k, k, n) for k, n in cells.items()] for d, cells in by.items()})


def said(facts: Facts) -> dict[str, str]:
    return {s.key: s.text for s in rules.sentences(facts)}


# --- rules: pure ----------------------------------------------------------------------------------------------------------------


def test_nothing_is_said_where_there_is_nothing():
    assert said(Facts(PENGLI, Month("2026年10月", "2026-10"), AWAY, AWAY)) == {"whole": "2026年10月没有登记的事情。"}


@pytest.mark.parametrize(("now", "before", "expected"), [
    (24, 15, "求助类 24 件，比上月（15 件）多 9 件。"),
    (15, 24, "求助类 15 件，比上月（24 件）少 9 件。"),
    (16, 15, None),                                        # one more says nothing
    (14, None, "求助类 14 件，上月不足 10 件。"),
    (12, None, None),                                      # the other may have been nine
    (None, 14, "求助类不足 10 件，上月 14 件。"),
])
def test_what_rose_and_fell_is_said_from_a_threshold_on(now, before, expected):
    a, b = month(60, kind={"求助": now, "咨询": 30}), month(60, kind={"求助": before, "咨询": 30})
    assert said(Facts(PENGLI, a, b, AWAY)).get("kind:求助") == expected


def test_a_small_number_is_said_nowhere_and_found_by_no_difference():
    cells = [Cell("help", "求助", 14), Cell("question", "咨询", 12), Cell("report", "举报", 3)]
    assert rules.shown(cells) == {"help": 14, "question": None, "report": None}, "26 in all would tell the three"
    facts = Facts(PENGLI, month(29, kind={"help": 14, "question": 12, "report": 3}), AWAY, AWAY, Lying(late=3, suspended=None, units=[Cell("a", "住建局", 4)]))
    text = "".join(said(facts).values())
    assert "3 件" not in text and "4 件" not in text and "12 件" not in text
    assert "超过答复时限还没有答复的有不足 10 件" in text and "暂停计时、等立项等条件的有不足 10 件" in text


def test_rates_stand_with_their_base_and_not_below_ten():
    now = replace(month(40), rates={"satisfied": (20, 23), "redo": (0, 30), "returned": (2, 9), "reply": (30, 36)})
    text = said(Facts(PENGLI, now, replace(AWAY, received=20, rates={"reply": (18, 20)}), AWAY))
    assert text["satisfied"] == "说了满意与否的人里，满意和基本满意的占 87.0%（n=23）。" and text["reply"] == "按时答复率 83.3%（n=36），上月 90.0%（n=20）。"
    assert not {"redo", "returned"} & set(text)


def test_words_are_counted_by_matters_and_names_are_no_words():
    texts = [(str(n), t) for n, t in enumerate(LAMPS)] + [(f"x{n}", "毛水根又来问低保，毛水根说等很久") for n in range(6)]
    found = {w.word: len(w.matters) for w in rules.frequent(texts, {"毛水根"})}
    assert found["路灯"] == 5 and not any(c in "".join(found) for c in "毛根")
    assert rules.frequent([(str(n), LAMPS[0]) for n in range(4)]) == [], "four may be one family"


# --- drafting -------------------------------------------------------------------------------------------------------------------


def test_a_draft_holds_figures_words_and_doors_with_the_lists_they_rest_on(october):
    with october.acting("香") as me:
        a = analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW)
        lines = {f.key: f for f in Finding.objects.filter(analysis=a)}
        assert lines["whole"].drafted == "2026年10月受理群众诉求 12 件。" and lines["whole"].rows == {"list": "matters", "month": "2026-10"}
        lamp = lines["word:路灯"]
        assert lamp.drafted == "“路灯”在本月 12 件事的话里出现于不足 10 件。" and len(lamp.rows["ids"]) == 5
        assert len(queries.pointed(me, lamp.rows["ids"], at=NOW)) == 5
        assert a.figures["rows"][0] == ["受理（件）", "12", "0", "0"]
    with october.acting("芳") as me:
        assert queries.pointed(me, lamp.rows["ids"], at=NOW) == [], "a pointer opens nothing that is not one's own"
        assert queries.paper(me, a.pk, on=NOW.date()) is None


def test_drafting_anew_writes_over_no_words_and_shows_what_the_figures_say(october):
    with october.acting("香") as me:
        a = analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW)
        whole = Finding.objects.get(analysis=a, key="whole")
        analysis.write(finding=whole.pk, words="十月一共十二件，比往年都多，主要是路灯。", version=whole.version, by=me, at=NOW)
        word = Finding.objects.get(analysis=a, key="word:路灯")
        analysis.strike(finding=word.pk, struck=True, version=word.version, by=me, at=NOW)
        own = analysis.add(analysis=a.pk, words="桥头的路灯月底前换好。", by=me, at=NOW)
        ask(me, "又一处下水道堵了", at=datetime(2026, 10, 30, 1, 0, tzinfo=UTC))
        analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW)
        lines = {x.f.key: x for _key, _label, found in queries.paper(me, a.pk, on=NOW.date()).sections for x in found}
        assert (lines["whole"].text, lines["whole"].moved, lines["whole"].f.base[-5:], lines["whole"].f.drafted[-5:]) == ("十月一共十二件，比往年都多，主要是路灯。", True, "12 件。", "13 件。")
        assert lines["word:路灯"].f.struck and lines[""].f.pk == own.pk
        printed = "".join(x.text for _k, _l, found in queries.paper(me, a.pk, on=NOW.date()).printed for x in found)
        assert "路灯”" not in printed and "桥头的路灯" in printed
        # the drafted words again: one's own are taken back
        back = analysis.write(finding=whole.pk, words="2026年10月受理群众诉求 13 件。", version=2, by=me, at=NOW)
        assert back.words_cipher is None


def test_a_sentence_somebody_else_wrote_meanwhile_is_not_written_over(october):
    with october.acting("香") as me:
        a = analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW)
        f = Finding.objects.get(analysis=a, key="whole")
    with october.acting("文") as me:
        analysis.write(finding=f.pk, words="文书写的一句。", version=1, by=me, at=NOW)
    with october.acting("香") as me, pytest.raises(analysis.Changed) as refusal:
        analysis.write(finding=f.pk, words="书记写的一句。", version=1, by=me, at=NOW)
    assert refusal.value.theirs == "文书写的一句。"


def test_no_resident_is_named_on_the_paper(october):
    with october.acting("兰") as me:
        name = village.Family(me).wife.name
    with october.acting("香") as me:
        a = analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW)
        with pytest.raises(Missing, match="不写姓名"):
            analysis.add(analysis=a.pk, words=f"{name}家屋后要修。", by=me, at=NOW)


def test_decisions_are_signed_and_followed_until_they_are_done(october):
    with october.acting("香") as me:
        a = analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW)
        d = analysis.decide(analysis=a.pk, what="换桥头路灯", who="村两委", due_on=date(2026, 11, 30), by=me, at=NOW)
        with pytest.raises(Refused, match="还没有签发"):
            analysis.tell(decision=d.pk, state="open", words="已报街道", by=me, at=NOW)
        analysis.sign(analysis=a.pk, by=me, at=NOW)
        for late in (lambda: analysis.add(analysis=a.pk, words="再加一句话", by=me, at=NOW), lambda: analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW)):
            with pytest.raises(Refused, match="已经签发"):
                late()
        november = analysis.draft(area=PENGLI, month=date(2026, 11, 1), by=me, at=NOW)
        earlier = queries.paper(me, november.pk, on=date(2026, 12, 2)).earlier
        assert [(c.what, c.who, c.label, c.late) for c in earlier] == [("换桥头路灯", "村两委", "还在办", True)]
        assert queries.waiting(me, date(2026, 12, 2))["decisions"].count() == 1
        analysis.tell(decision=d.pk, state="done", words="二十八号换好了", by=me, at=NOW + timedelta(days=9))
        with pytest.raises(Refused, match="办成了"):
            analysis.tell(decision=d.pk, state="open", words="又坏了", by=me, at=NOW + timedelta(days=9))
        assert queries.waiting(me, date(2026, 12, 2))["decisions"].count() == 0
        with pytest.raises(Refused, match="还没有过完"):
            analysis.sign(analysis=november.pk, by=me, at=NOW)


def test_the_signed_one_is_read_by_who_reads_figures_and_no_draft(october):
    with october.acting("香") as me:
        a = analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW)
        analysis.decide(analysis=a.pk, what="换桥头路灯", who="村两委", due_on=date(2026, 11, 30), by=me, at=NOW)
    for name in ("国", "受", "芳", "兰", "审", "梅"):
        with october.acting(name) as me:
            assert (Analysis.objects.count(), Finding.objects.count(), Decision.objects.count()) == (0, 0, 0), name
    with october.acting("香") as me:
        analysis.sign(analysis=a.pk, by=me, at=NOW)
    for name, n in (("国", 1), ("受", 1), ("芳", 0), ("兰", 0), ("审", 0), ("梅", 0)):
        with october.acting(name) as me:
            assert Analysis.objects.count() == n, name
            assert (queries.paper(me, a.pk, on=NOW.date()) is not None) is bool(n), name
    for name in ("国", "芳", "兰"):
        with october.acting(name) as me, pytest.raises((NotAllowed, NotHere)):
            analysis.add(analysis=a.pk, words="外面的人加的一句", by=me, at=NOW)


@pytest.mark.parametrize(("name", "statement"), [
    ("芳", "insert into contact_analysis (id, area_code, month, figures, drafted_at, drafted_by) values (gen_random_uuid(), '330881002205', '2026-05-01', '{}', now(), (select access.proven('staff')::uuid))"),
    ("国", "insert into contact_analysis (id, area_code, month, figures, drafted_at, drafted_by) values (gen_random_uuid(), '330881002', '2026-05-01', '{}', now(), (select access.proven('staff')::uuid))"),
    ("香", "select access.draft_analysis('2026-05-01', '{}', '[]')"), ("香", "select access.enter_analysis('330881002205')"), ("兰", "select * from access.open_figures('330881002205')"),
])
def test_free_sql_makes_nothing_that_is_not_ones_own(here, name, statement):
    with here.acting(name), connections["default"].cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute(statement)


def test_what_is_signed_is_frozen_for_free_sql_too(october):
    with october.acting("香") as me:
        a = analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW)
        analysis.sign(analysis=a.pk, by=me, at=NOW)
        with connections["default"].cursor() as cursor:
            for statement in ("update contact_analysis set signed_at = null", "update contact_finding set drafted = 'x'", "update contact_finding set struck = true"):
                cursor.execute(statement)
                assert cursor.rowcount == 0, statement


def test_a_town_speaks_in_figures_only(october):
    with october.acting("受") as me:
        a = analysis.draft(area=TOWN, month=OCTOBER, by=me, at=NOW)
        assert {f.section for f in Finding.objects.filter(analysis=a)} <= {"rise", "where", "answer", "stuck", "say"}
        assert not Finding.objects.filter(analysis=a, key__startswith="word:").exists()
        analysis.sign(analysis=a.pk, by=me, at=NOW)
    with october.acting("受") as me, pytest.raises(NotAllowed):
        analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW)


# --- the job of the 1st -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(committed) -> Iterator[Any]:
    yield committed
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in ("contact_finding", "contact_analysis"):
            root.execute(f"delete from {table}")  # noqa: S608 - a table of this file


def test_on_the_1st_every_village_that_keeps_one_finds_its_draft_from_figures_alone(kept):
    first = analysis.draft_all(now=lambda: datetime(2026, 10, 31, 22, 10, tzinfo=UTC), only=None)
    assert first["failed"] == 0 and first["drafted"] == first["villages"] >= 2
    assert analysis.draft_all(now=lambda: datetime(2026, 11, 1, 22, 10, tzinfo=UTC))["villages"] == 0
    with kept.acting("香") as me:
        a = Analysis.objects.get(area_code=PENGLI)
        assert (a.month, a.drafted_by, a.read_by) == (OCTOBER, None, None)
        assert [f.drafted for f in Finding.objects.filter(analysis=a)] == ["2026年10月没有登记的事情。"]
        assert not Analysis.objects.filter(area_code=NEXT_VILLAGE).exists()
        with pytest.raises(Refused, match="重新起草"):
            analysis.sign(analysis=a.pk, by=me, at=NOW)
        assert analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW).pk == a.pk
        analysis.sign(analysis=a.pk, by=me, at=NOW)
        assert DecisionWord.objects.count() == 0 and uuid.UUID(str(a.pk))


def test_two_who_draft_one_month_at_once_make_one_analysis(kept):
    gate, answers = threading.Barrier(2), []

    def run(name: str) -> None:
        try:
            with kept.acting(name) as me:
                gate.wait(10)
                answers.append(str(analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW).pk))
        except Refused as refusal:
            answers.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(name,)) for name in ("香", "文")]
    for t in threads:
        t.start()
    for t in threads:
        t.join(30)
    with kept.acting("香"):
        made = [str(pk) for pk in Analysis.objects.filter(area_code=PENGLI).values_list("pk", flat=True)]
    assert len(made) == 1 and len(answers) == 2 and all(a == made[0] or "刚刚也起草了" in a for a in answers), answers


def test_nobody_writes_an_analysis_in_anothers_name(october):
    with october.acting("文") as me:
        other = me.id
    with october.acting("香") as me:
        a = analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW)
        for table, column in (("analysis", "drafted_by"), ("analysis", "read_by"), ("finding", "edited_by")):
            with pytest.raises(ProgrammingError, match="another's name"), transaction.atomic(), connections["default"].cursor() as cursor:
                cursor.execute(f"update contact_{table} set {column} = %s", [other])  # noqa: S608
        assert Analysis.objects.get(pk=a.pk).drafted_by == me.id


@pytest.mark.parametrize(("what", "sentence"), [("上门看{name}", "不写姓名"), ("修柴坞12-1号屋后的沟", "请去掉：12-1号"), ("联系 138 0670 1234 来修", "请去掉：138 0670 1234")])
def test_a_decision_and_a_sentence_say_no_name_no_door_and_no_number(october, what, sentence):
    with october.acting("兰") as me:
        what = what.format(name=village.Family(me).wife.name)
    with october.acting("香") as me:
        a = analysis.draft(area=PENGLI, month=OCTOBER, by=me, at=NOW)
        with pytest.raises(Missing, match=sentence) as refusal:
            analysis.decide(analysis=a.pk, what=what, who="村两委", due_on=NOW.date() + timedelta(days=20), by=me, at=NOW)
        assert refusal.value.field == "what"
        with pytest.raises(Missing, match=sentence):
            analysis.add(analysis=a.pk, words=what, by=me, at=NOW)
