"""Questions: who may answer, what an answer changes, what is remembered, how it is taken back."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta

import pytest

from minqing.access.models import AuditEntry
from minqing.access.scope import NotAllowed
from minqing.archives import vault
from minqing.archives.actions import acts, people
from minqing.archives.models import Act, Membership, Resident
from minqing.archives.refusals import AlreadyHere, LooksAlike, NeedsReason, NotHere, Refused
from minqing.gather.actions import columns, questions
from minqing.gather.models import ColumnAlias, Judgement, Question
from minqing.gather.rules import asking
from minqing.lib import ciphers
from minqing.settings import ROOT
from tests.archives.village import AT, GRID1, GRID2, LATE, PENGLI, TODAY, Family, grids, number, person
from tests.gather import asked

SOON = AT + timedelta(minutes=3)
PAID = {"name": "郑土根", "pension_state": "正常参保", "benefit_state": "正常领取", "phone": "17900000077", "birth_date": "1948-03-02"}


@pytest.fixture
def village(world):
    """彭里 with the 郑 family in grid 001, and one batch received by 香."""
    grids()
    with world.acting("香") as me:
        return {"family": Family(me), "batch": asked.batch(me)}


def ask(world, village, code="D35", cleaned=None, **more):
    with world.acting("香"):
        family = village["family"]
        more.setdefault("candidates", [asked.candidate(family.head, 0.93, "姓名相同", "出生日期相同"), asked.candidate(family.son, 0.4, "同一个村（社区）", against=["出生日期不同"])])
        return asked.question(village["batch"], code, cleaned or PAID, **more)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


class TestSame:
    def test_the_row_joins_the_person_and_its_values_carry_their_department(self, world, village):
        row = ask(world, village)
        with world.acting("兰") as me:
            questions.answer(question=row, verdict="same", person=village["family"].head.pk, by=me, at=SOON)
            head = fresh(village["family"].head)
            assert head.pension_status == "正常参保"
            assert head.sources["pension_status"] | {"others": []} == {
                "from": "03", "on": "2026-10-31", "by": str(me.id), "batch": str(village["batch"].pk), "line": "城乡居民养老保险参保人员.csv:Sheet1:12", "others": []}
            assert (fresh(row).state, fresh(row).verdict, fresh(row).answered_by) == ("answered", "same", me.id)

    def test_what_the_rule_ranks_lower_is_kept_beside_what_stands(self, world, village):
        row = ask(world, village)
        with world.acting("兰") as me:
            questions.answer(question=row, verdict="same", person=village["family"].head.pk, by=me, at=SOON)
            head = fresh(village["family"].head)
            assert people.clear(head, "phone") == "15400000001"  # a colleague wrote it down: it outranks a department's
            assert head.sources["phone"]["others"][0] == {"from": "03", "on": "2026-10-31", "value": None}  # a secret is named without its value

    def test_to_the_other_candidates_it_says_different(self, world, village):
        row = ask(world, village)
        family = village["family"]
        with world.acting("兰") as me:
            questions.answer(question=row, verdict="same", person=family.head.pk, by=me, at=SOON)
            assert questions.settled(row) == {family.head.pk: "same", family.son.pk: "different"}

    def test_the_number_has_the_last_word_on_birth_and_sex(self, world, village):
        row = ask(world, village, cleaned={"name": "郑土根", "birth_date": "1958-03-02", "sex": "2"}, department="01", kind="residents")
        with world.acting("香") as me:
            questions.answer(question=row, verdict="same", person=village["family"].head.pk, by=me, at=SOON)
            head = fresh(village["family"].head)
            assert (head.birth_date, head.sex) == (date(1948, 3, 2), "1")

    def test_with_one_candidate_nobody_needs_to_be_named(self, world, village):
        row = ask(world, village, candidates=[asked.candidate(village["family"].head, 0.9)])
        with world.acting("兰") as me:
            assert questions.answer(question=row, verdict="same", by=me, at=SOON).person == village["family"].head.pk

    def test_with_several_somebody_must_be_named(self, world, village):
        row = ask(world, village)
        with world.acting("兰") as me, pytest.raises(Refused, match="请先选是哪一位"):
            questions.answer(question=row, verdict="same", by=me, at=SOON)

    def test_a_merge_is_refused_while_the_two_files_are_undecided(self, world, village):
        family = village["family"]
        with world.acting("香"):
            other = people.clear(family.wife, "id_number")
        row = ask(world, village, code="D08", cleaned=PAID | {"id_number": other})
        with world.acting("香") as me, pytest.raises(AlreadyHere, match="还没有定，不能并入") as refusal:
            questions.answer(question=row, verdict="same", person=family.head.pk, by=me, at=SOON)
        assert refusal.value.person == family.wife.pk
        assert fresh(row).state == "open"

    def test_a_row_is_one_person_at_most(self, world, village):
        family = village["family"]
        row = ask(world, village, key="one-row")
        again = ask(world, village, key="one-row")
        with world.acting("兰") as me:
            questions.answer(question=row, verdict="same", person=family.head.pk, by=me, at=SOON)
            with pytest.raises(Refused, match="一行不能是两个人"):
                questions.answer(question=again, verdict="same", person=family.son.pk, by=me, at=SOON + timedelta(seconds=1))

    def test_the_registers_row_brings_him_into_its_household(self, world, village):
        with world.acting("香") as me:
            lonely = person(me, "郑小妹", "1982-02-02", "2")
        row = ask(world, village, code="D05.check", cleaned={"name": "郑小妹", "household_number": "810022050001", "relation": "30"}, department="01", kind="residents",
                  candidates=[asked.candidate(lonely, 0.8, "姓名相同")])
        with world.acting("香") as me:
            questions.answer(question=row, verdict="same", by=me, at=SOON)
            joined = Membership.objects.get(person=lonely, ends_on=None)
            assert (joined.household_id, joined.relation) == (village["family"].household.pk, "30")


class TestDifferent:
    def test_one_candidate_is_refused_and_the_others_still_wait(self, world, village):
        row = ask(world, village)
        family = village["family"]
        with world.acting("兰") as me:
            done = questions.answer(question=row, verdict="different", person=family.head.pk, by=me, at=SOON)
            assert done.left == (family.son.pk,)
            assert fresh(row).state == "open"
            assert not questions.answer(question=row, verdict="different", person=family.son.pk, by=me, at=SOON + timedelta(seconds=1)).left
            assert fresh(row).verdict == "different"

    def test_nobody_of_them(self, world, village):
        row = ask(world, village)
        with world.acting("兰") as me:
            questions.answer(question=row, verdict="different", by=me, at=SOON)
            assert set(questions.settled(row).values()) == {"different"}
            assert fresh(village["family"].head).pension_status == ""

    def test_the_same_pair_is_known_when_next_months_file_asks_again(self, world, village):
        row = ask(world, village, key="each month")
        with world.acting("兰") as me:
            questions.answer(question=row, verdict="different", by=me, at=SOON)
        later = ask(world, village, key="each month")
        with world.acting("兰"):
            assert questions.undecided(later, questions.content(later)) == []

    def test_without_candidates_it_is_remembered_too(self, world, village):
        row = ask(world, village, candidates=[])
        with world.acting("兰") as me:
            questions.answer(question=row, verdict="different", by=me, at=SOON)
            assert Judgement.objects.get(left_key=row.key).right_person is None


class TestCorrected:
    def test_the_typed_number_finds_the_person(self, world, village):
        family = village["family"]
        row = ask(world, village, code="D04")
        with world.acting("香") as me:
            done = questions.answer(question=row, verdict="corrected", value=people.clear(family.head, "id_number"), by=me, at=SOON)
            assert done.person == family.head.pk
            assert fresh(family.head).pension_status == "正常参保"
            assert fresh(row).verdict == "corrected"

    def test_another_name_is_asked_about_once_more(self, world, village):
        family = village["family"]
        row = ask(world, village, code="D04")
        with world.acting("香") as me:
            typed = people.clear(family.wife, "id_number")
            with pytest.raises(LooksAlike, match="周秀英"):
                questions.answer(question=row, verdict="corrected", value=typed, by=me, at=SOON)
            assert questions.answer(question=row, verdict="corrected", value=typed, confirmed=True, by=me, at=SOON).person == family.wife.pk

    def test_a_free_number_registers_the_person_of_the_row(self, world, village):
        row = ask(world, village, code="D05.check", cleaned=PAID | {"name": "祝新来", "birth_date": "1991-06-06"}, candidates=[])
        with world.acting("香") as me:
            done = questions.answer(question=row, verdict="corrected", value=number(date(1991, 6, 6), "1"), by=me, at=SOON)
            made = Resident.objects.get(pk=done.person)
            assert (made.name, made.birth_date, made.sources["pension_status"]["from"]) == ("祝新来", date(1991, 6, 6), "03")
            assert people.clear(made, "phone") == "17900000077"

    def test_a_number_with_a_fault_is_not_repaired(self, world, village):
        row = ask(world, village, code="D05.check")
        with world.acting("香") as me, pytest.raises(Refused):
            questions.answer(question=row, verdict="corrected", value="330899194803020011", by=me, at=SOON)

    def test_known_elsewhere_is_not_registered_twice(self, world, village):
        with world.acting("芳") as me:
            there = person(me, "徐外村", "1970-01-01", "1", grid=me.area + "000")
            typed = people.clear(there, "id_number")
        row = ask(world, village, code="D04", candidates=[])
        with world.acting("香") as me, pytest.raises(Refused, match="别处已有档案"):
            questions.answer(question=row, verdict="corrected", value=typed, by=me, at=SOON)


class TestFieldConflict:
    def conflict(self, world, village, field="phone", **more):
        given = {"candidates": [], "persons": [village["family"].head.pk], "owner": "visit", "mine": "15400000001", "theirs": "17900000077"} | more
        return ask(world, village, code=f"conflict.{field}_differs", field=field, **given)

    def test_accept_takes_the_other_number(self, world, village):
        row = self.conflict(world, village)
        with world.acting("兰") as me:
            questions.answer(question=row, verdict="accept", by=me, at=SOON)
            head = fresh(village["family"].head)
            assert people.clear(head, "phone") == "17900000077"
            assert (head.sources["phone"]["from"], head.sources["phone"]["by"]) == ("03", str(me.id))
            assert head.sources["phone"]["others"][0]["from"] == "V"

    def test_keep_puts_ones_name_beside_what_stands(self, world, village):
        row = self.conflict(world, village)
        with world.acting("兰") as me:
            questions.answer(question=row, verdict="keep", by=me, at=SOON)
            head = fresh(village["family"].head)
            assert people.clear(head, "phone") == "15400000001"
            assert head.sources["phone"]["by"] == str(me.id)

    def test_against_the_police_nobody_accepts_another_departments_name(self, world, village):
        with world.acting("香"):
            head = Resident.objects.get(pk=village["family"].head.pk)
            head.sources = head.sources | {"name": {"from": "01", "on": "2026-10-01"}}
            head.save(update_fields=["sources"])
        row = self.conflict(world, village, field="name", owner="village", mine="郑土根", theirs="郑土艮")
        with world.acting("香") as me, pytest.raises(Refused, match="以公安登记的为准"):
            questions.answer(question=row, verdict="accept", by=me, at=SOON)

    def test_what_only_an_act_may_change_is_looked_at(self, world, village):
        row = ask(world, village, code="conflict.dead_elsewhere", field="alive", candidates=[], persons=[village["family"].head.pk])
        with world.acting("香") as me:
            with pytest.raises(Refused, match="不能这样回答"):
                questions.answer(question=row, verdict="accept", by=me, at=SOON)
            questions.answer(question=row, verdict="keep", by=me, at=SOON)
            assert fresh(village["family"].head).alive


class TestDefer:
    def test_it_comes_back_on_its_day(self, world, village):
        row = ask(world, village)
        with world.acting("兰") as me:
            questions.defer(question=row, until=TODAY + timedelta(days=30), by=me, at=SOON)
            assert (fresh(row).state, fresh(row).ask_again_on) == ("deferred", TODAY + timedelta(days=30))
            assert Judgement.objects.get(question=row).verdict == "unsure"

    def test_not_into_the_past(self, world, village):
        row = ask(world, village)
        with world.acting("兰") as me, pytest.raises(Refused, match="晚于今天"):
            questions.defer(question=row, until=TODAY, by=me, at=SOON)


class TestTakingBack:
    def test_within_ten_minutes_everything_goes_back(self, world, village):
        row = ask(world, village)
        with world.acting("兰") as me:
            questions.answer(question=row, verdict="same", person=village["family"].head.pk, by=me, at=SOON)
            questions.take_back(question=row, by=me, at=SOON + timedelta(minutes=2))
            head = fresh(village["family"].head)
            assert (head.pension_status, "pension_status" in head.sources) == ("", False)
            assert (fresh(row).state, fresh(row).verdict) == ("open", "")
            assert not Judgement.objects.filter(ended_at=None).exists()

    def test_the_bar_that_undoes_any_act_reopens_the_question_too(self, world, village):
        row = ask(world, village)
        with world.acting("兰") as me:
            done = questions.answer(question=row, verdict="same", person=village["family"].head.pk, by=me, at=SOON)
            acts.undo(act=done.act, by=me, at=SOON + timedelta(minutes=1))
            assert fresh(row).state == "open"
            assert questions.settled(row) == {}

    def test_weeks_later_a_colleague_takes_it_back(self, world, village):
        row = ask(world, village)
        with world.acting("兰") as me:
            questions.answer(question=row, verdict="same", person=village["family"].head.pk, by=me, at=SOON)
        with world.acting("香") as me:
            questions.take_back(question=row, by=me, at=SOON + timedelta(days=20))
            assert fresh(village["family"].head).pension_status == ""
            assert fresh(row).state == "open"
            with pytest.raises(Refused):
                questions.take_back(question=row, by=me, at=SOON + timedelta(days=20, minutes=1))

    def test_one_refused_candidate_waits_again(self, world, village):
        row = ask(world, village)
        with world.acting("兰") as me:
            done = questions.answer(question=row, verdict="different", person=village["family"].head.pk, by=me, at=SOON)
            acts.undo(act=done.act, by=me, at=SOON + timedelta(minutes=1))
            assert len(questions.undecided(row, questions.content(row))) == 2

    def test_a_new_registration_is_not_taken_back_after_its_ten_minutes(self, world, village):
        row = ask(world, village, code="D05.check", cleaned={"name": "祝新来"}, candidates=[])
        with world.acting("香") as me:
            questions.answer(question=row, verdict="corrected", value=number(date(1991, 6, 6), "1"), by=me, at=SOON)
            with pytest.raises(Refused, match="登记了一个新的人"):
                questions.take_back(question=row, by=me, at=SOON + timedelta(days=1))

    def test_a_registration_is_taken_back_within_them(self, world, village):
        row = ask(world, village, code="D05.check", cleaned={"name": "祝新来"}, candidates=[])
        with world.acting("香") as me:
            done = questions.answer(question=row, verdict="corrected", value=number(date(1991, 6, 6), "1"), by=me, at=SOON)
            questions.take_back(question=row, by=me, at=SOON + timedelta(minutes=1))
            assert not Resident.objects.filter(pk=done.person, voided_at=None).exists()
            assert fresh(row).state == "open"


WHO_MAY = [  # name, village's question, department's question
    ("兰", True, False), ("强", None, None), ("香", True, True), ("芳", None, None), ("苗", True, False), ("数", True, True), ("国", None, None), ("审", None, None), ("梅", None, None), ("管", None, None),
]


@pytest.mark.parametrize(("name", "mine", "theirs"), WHO_MAY)
def test_who_may_answer(world, village, name, mine, theirs):
    rows = ask(world, village, owner="village"), ask(world, village, owner="department")
    for row, may in zip(rows, (mine, theirs), strict=True):
        with world.acting(name) as me:
            if may is None:
                with pytest.raises((NotHere, NotAllowed)):
                    questions.answer(question=row.pk, verdict="different", by=me, at=SOON)
                assert not Question.objects.filter(pk=row.pk).exists()
            elif may:
                questions.answer(question=row.pk, verdict="different", by=me, at=SOON)
            else:
                with pytest.raises(NotAllowed, match="数据员"):
                    questions.answer(question=row.pk, verdict="different", by=me, at=SOON)


def test_an_answer_is_one_act_with_one_audit_entry(world, village):
    row = ask(world, village)
    with world.acting("兰") as me:
        questions.answer(question=row, verdict="same", person=village["family"].head.pk, by=me, at=SOON)
        act = Act.objects.get(staff=me.id, at=SOON)
        assert (act.kind, act.sentence, act.url) == ("question.answer", "核对：郑土根 · 同一人", f"/questions/{row.pk}/")
        assert AuditEntry.objects.filter(staff=me.id, what="question.answer", persons__contains=[village["family"].head.pk]).count() == 1


def test_an_answered_question_is_not_answered_again(world, village):
    row = ask(world, village)
    with world.acting("兰") as me:
        questions.answer(question=row, verdict="different", by=me, at=SOON)
        with pytest.raises(Refused, match="姜晓兰已于11-21 10:03答过"):
            questions.answer(question=row, verdict="different", by=me, at=SOON + timedelta(minutes=1))


def test_a_person_of_another_grid_is_not_given_the_row(world, village):
    with world.acting("香") as me:
        elsewhere = person(me, "毛二村", "1966-01-01", "1", grid=GRID2)
    row = ask(world, village, candidates=[asked.candidate(elsewhere, 0.9)])
    with world.acting("兰") as me, pytest.raises(NotHere):
        questions.answer(question=row, verdict="same", person=elsewhere.pk, by=me, at=SOON)


def test_a_number_is_shown_in_clear_after_it_was_written_down(world, village):
    row = ask(world, village, code="D05.check", cleaned={"name": "郑土根"}, original={"name": "郑土根", "id_number": "330899194803020011"})
    with world.acting("兰") as me:
        assert questions.reveal(question=row, field="id_number", by=me, at=AT) == "330899194803020011"
        assert AuditEntry.objects.filter(staff=me.id, what="question.reveal").count() == 1
        with pytest.raises(NeedsReason, match="办公时间"):
            questions.reveal(question=row, field="id_number", by=me, at=LATE)
        assert questions.reveal(question=row, field="id_number", by=me, at=LATE, reason="户主来电核对").endswith("0011")


def test_the_name_of_a_sensitive_file_does_not_stand_beside_a_value(world, village):
    row = ask(world, village, kind="relief", department="02", cleaned={"name": "郑土根", "marriage": "20"})
    with world.acting("香") as me:
        questions.answer(question=row, verdict="same", person=village["family"].head.pk, by=me, at=SOON)
        assert fresh(village["family"].head).sources["marriage"]["line"] is None


def test_of_whom_one_does_not_see_one_says_nothing(world, village):
    with world.acting("香") as me:
        elsewhere = person(me, "毛二村", "1966-01-01", "1", grid=GRID2)
    row = ask(world, village, candidates=[asked.candidate(elsewhere, 0.9)])
    both = ask(world, village, candidates=[asked.candidate(village["family"].head, 0.9), asked.candidate(elsewhere, 0.9)])
    with world.acting("兰") as me:
        with pytest.raises(Refused, match="不在您的范围内"):
            questions.answer(question=row, verdict="different", by=me, at=SOON)
        assert questions.answer(question=both, verdict="different", by=me, at=SOON).left == (elsewhere.pk,)


def test_what_is_said_of_level_four_wants_words(world, village):
    row = ask(world, village, code="conflict.relief_unknown", field="relief", kind="medical", department="06", owner="department", candidates=[], persons=[village["family"].head.pk],
              reasons=["医保标为救助对象，低保名册中没有：请民政核对。"])
    with world.acting("香") as me:
        with pytest.raises(NeedsReason, match="敏感"):
            questions.reveal(question=row, field="said", by=me, at=AT)
        assert "低保名册中没有" in questions.reveal(question=row, field="said", by=me, at=AT, reason="核对部门名册")
    with world.acting("兰") as me, pytest.raises(NotAllowed):
        questions.reveal(question=row, field="said", by=me, at=AT, reason="核对部门名册")


def test_both_sides_are_unreadable_without_the_key(world, village):
    row = ask(world, village)
    with world.acting("兰"):
        assert "郑土根".encode() not in bytes(fresh(row).payload)
        with pytest.raises(ciphers.Tampered):
            vault.decrypt_json(questions.PAYLOAD, uuid.uuid4(), row.payload)


class TestRules:
    @pytest.mark.parametrize(("code", "field", "nature"), [
        ("D05.check", "id_number", asking.IDENTITY), ("D35", "id_number", asking.IDENTITY), ("D29.no_head", "relation", asking.LOOK), ("row", "", asking.LOOK),
        ("conflict.phone_differs", "phone", asking.FIELD), ("conflict.living_unsure", "living_area", asking.FIELD), ("conflict.sex_differs", "sex", asking.LOOK),
        ("conflict.dead_still_paid", "alive", asking.LOOK), ("conflict.relief_unknown", "relief", asking.LOOK),
    ])
    def test_nature(self, code, field, nature):
        assert asking.nature(code, field) == nature

    @pytest.mark.parametrize(("source", "on", "now", "now_source", "now_on", "wins"), [
        ("03", "2026-10", "", "", "", True),                  # nothing stands
        ("01", "2020-01", "甲", "09", "2026-01", True),        # the authority comes first, whatever its date
        ("09", "2026-11", "甲", "01", "2020-01", False),
        ("01", "2026-11", "甲", "01", "2026-10", True),        # among equals the newer
        ("01", "2026-10", "甲", "01", "2026-10", False),
    ])
    def test_takes(self, source, on, now, now_source, now_on, wins):
        assert asking.takes("name", source=source, on=on, now=now, now_source=now_source, now_on=now_on) is wins

    def test_the_sensitive_kinds_are_those_of_the_policy(self):
        policy = (ROOT / "minqing/gather/sql/statements.sql").read_text(encoding="utf-8")
        listed = re.search(r"kind not in \(([^)]*)\)", policy)
        assert listed is not None
        assert set(re.findall(r"'(\w+)'", listed[1])) == asking.SENSITIVE_KINDS

    def test_a_code_fits_its_column_and_keeps_its_kind(self):
        said = (ROOT / "minqing/gather/engine/deciding.py").read_text(encoding="utf-8")
        kinds = {f"conflict.{kind}" for kind in re.findall(r"when '(\w+)' then '", said)}
        assert "conflict.listed_elsewhere" in kinds
        longest = Question._meta.get_field("code").max_length
        assert {code for code in kinds if asking.kind_of(code[:longest]) != asking.kind_of(code)} == set()

    def test_a_list_says_nothing_of_level_four(self):
        assert "救助" not in asking.list_sentence("conflict.relief_unknown", "relief", "医保标为救助对象")


class TestColumns:
    def test_what_is_taught_is_kept_in_the_form_headings_are_compared_in(self, world):
        with world.acting("香") as me:
            columns.teach(area=PENGLI, kind="pensions", name=" 社会保障 号码※（必填）", field="id_number", by=me, at=AT)
            columns.teach(area=PENGLI, kind="pensions", name="社会保障号码", field="", by=me, at=AT)
            assert list(ColumnAlias.objects.values_list("name", "field")) == [("社会保障号码", "")]

    def test_a_field_the_file_has_not_is_refused(self, world):
        with world.acting("香") as me, pytest.raises(Refused, match="没有这个项目"):
            columns.teach(area=PENGLI, kind="pensions", name="残疾等级", field="disability_grade", by=me, at=AT)

    def test_it_is_forgotten_by_whoever_gathers_there_and_by_nobody_else(self, world):
        with world.acting("香") as me:
            alias = columns.teach(area=PENGLI, kind="", name="身份证", field="id_number", by=me, at=AT)
        with world.acting("芳") as me, pytest.raises(NotHere):
            columns.forget(alias=alias.pk, by=me)
        with world.acting("兰") as me, pytest.raises(NotAllowed):
            columns.teach(area=PENGLI, kind="", name="身份证", field="id_number", by=me, at=AT)
        with world.acting("香") as me:
            columns.forget(alias=alias.pk, by=me)
            assert not ColumnAlias.objects.exists()
            assert AuditEntry.objects.filter(what="gather.column_forgotten", staff=me.id).exists()


def test_the_question_stands_in_its_grid(world, village):
    row = ask(world, village, grid=GRID1)
    with world.acting("强"):
        assert not Question.objects.filter(pk=row.pk).exists()


class TestNew:
    ROW = {"name": "郑大妹", "sex": "2", "birth_date": "1952-06-07", "pension_state": "正常参保", "phone": "17900000078"}

    def test_one_click_files_somebody_without_a_usable_number_and_the_note_says_so(self, world, village):
        row = ask(world, village, code="D05.check", cleaned=self.ROW)
        with world.acting("兰") as me:
            done = questions.answer(question=row, verdict="new", by=me, at=SOON)
            made = Resident.objects.get(pk=done.person)
            assert (made.name, made.sex, made.birth_date, made.id_tail, made.pension_status) == ("郑大妹", "2", date(1952, 6, 7), "", "正常参保")
            assert (fresh(row).state, fresh(row).verdict) == ("answered", "new")
            assert "号码待补" in fresh(row).note
            assert questions.settled(row)[made.pk] == "same"
            assert set(questions.settled(row).values()) == {"same", "different"}

    def test_it_is_taken_back_and_nobody_is_left(self, world, village):
        row = ask(world, village, code="D35", cleaned=self.ROW)
        with world.acting("兰") as me:
            done = questions.answer(question=row, verdict="new", by=me, at=SOON)
            questions.take_back(question=row, by=me, at=SOON + timedelta(minutes=5))
            assert fresh(row).state == "open"
            assert not Resident.objects.filter(pk=done.person, voided_at=None).exists()

    def test_without_a_birth_date_the_digits_of_the_number_say_it_and_without_either_nobody_is_filed(self, world, village):
        bare = {"name": "郑大妹", "pension_state": "正常参保"}
        row = ask(world, village, code="D04", cleaned=bare, original={"id_number": "330899195206071000"})
        with world.acting("兰") as me:
            done = questions.answer(question=row, verdict="new", by=me, at=SOON)
            assert Resident.objects.get(pk=done.person).birth_date == date(1952, 6, 7)
        nothing = ask(world, village, code="D35", cleaned={**bare, "name": "郑小妹"})
        with world.acting("兰") as me, pytest.raises(Refused, match="出生日期"):
            questions.answer(question=nothing, verdict="new", by=me, at=SOON)
