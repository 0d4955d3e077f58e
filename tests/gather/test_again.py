"""The next month: equal rows are not written again, a judged row joins its person by itself, and the later batch is undone first."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from minqing.archives import vault
from minqing.archives.actions import people
from minqing.archives.models import Change, Household, Resident
from minqing.commands.gathering import load_as
from minqing.gather.actions import questions, undo
from minqing.gather.engine import again
from minqing.gather.models import Judgement, Question, Statement
from tests.archives.village import number
from tests.people import PENGLI

QUIET = lambda words: None  # noqa: E731
REGISTER = ("序号", "户号", "户主姓名", "与户主关系", "姓名", "性别", "民族", "出生日期", "公民身份号码", "户口所在地详址", "文化程度", "婚姻状况", "服务处所")
PENSION = ("社会保障号码", "姓名", "性别", "出生日期", "参保状态", "缴费档次", "待遇状态", "联系电话", "备注")
HOMES = (("方", ("方大强", "1", date(1958, 3, 1), "户主"), ("毛水仙", "2", date(1960, 5, 4), "妻"), ("方小军", "1", date(1985, 7, 9), "长子")),
         ("柴", ("柴根土", "1", date(1950, 2, 2), "户主"), ("祝爱珍", "2", date(1953, 8, 8), "妻")),
         ("周", ("周国明", "1", date(1971, 1, 5), "户主"), ("姜丽琴", "2", date(1973, 6, 6), "妻"), ("周子豪", "1", date(1999, 9, 9), "长子")))


class Files:
    """Two lists of 彭里: the police's register and one of the pension office with a row that has no number."""

    def __init__(self) -> None:
        self.people = {name: number(born, sex) for _, *members in HOMES for name, sex, born, _ in members}
        self.work = dict.fromkeys(self.people, "在家务农")
        self.level = dict.fromkeys(self.people, "500")
        self.unknown_phone = "17900000011"

    def write(self, folder: Path) -> Path:
        register = []
        for door, (_, *members) in enumerate(HOMES, 1):
            for name, sex, born, relation in members:
                register.append((len(register) + 1, f"81002205{door:04d}", members[0][0], relation, name, "男" if sex == "1" else "女", "汉族", born, self.people[name],
                                 f"浙江省江山市虎山街道彭里村柴坞{door}号", "初中", "已婚", self.work[name]))
        paid = [(self.people[name], name, "", born, "正常参保", self.level[name], "未领取", "17911112222", "") for _, *members in HOMES for name, _, born, _ in members]
        # 祝爱珍 once more, without a number: somebody must say who she is
        paid = [row for row in paid if row[1] != "祝爱珍"] + [("", "祝爱珍", "女", "1953-08-08", "正常参保", "900", "正常领取", self.unknown_phone, "")]
        for path, head, rows in (("01_公安/常住人口信息导出.csv", REGISTER, register), ("03_人社/城乡居民养老保险参保人员.csv", PENSION, paid)):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with (folder / path).open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([head, *rows])
        return folder


@pytest.fixture(scope="module")
def months(django_db_setup, django_db_blocker, tmp_path_factory):
    """Three months: what changes is one workplace and one contribution; in the third the unknown row's phone as well."""
    files = Files()
    folder = tmp_path_factory.mktemp("months")
    # also a list of sixteen rows is passed over row by row
    whole, witnesses = again.WHOLE, again.WITNESSES
    again.WHOLE, again.WITNESSES = 0, 1
    try:
        with django_db_blocker.unblock():
            first = load_as("shu", [files.write(folder / "10")], area="330881", label="十月", say=QUIET)
            files.work["方小军"] = "虚构机械厂"
            files.level["周国明"] = "1000"
            second = load_as("shu", [files.write(folder / "11")], area="330881", label="十一月", say=QUIET)
            yield files, folder, first, second
    finally:
        again.WHOLE, again.WITNESSES = whole, witnesses


def of(batch: dict) -> int:
    return Statement.objects.filter(batch_id=batch["batch"]).count()


def named(name: str) -> Resident:
    return Resident.objects.get(name=name, voided_at=None)


def test_only_the_rows_that_changed_are_written(committed, months):
    _, _, first, second = months
    with committed.acting("数"):
        assert first["rows"] == second["rows"] == 16
        assert (of(first), of(second)) == (16, 2)
        assert (first["same_rows"], second["same_rows"]) == (0, 14)
        assert second["persons_new"] == second["households_new"] == second["households_changed"] == 0
        assert second["questions"] == 0, "the row without a number is not asked twice"


def test_only_the_people_who_changed_are_touched(committed, months):
    _, _, _, second = months
    with committed.acting("香"):
        changed = Change.objects.filter(act=second["batch"])
        # a contribution is no field of the file: it stands in the statement alone
        assert {(c.table, c.person_id) for c in changed} == {("resident", named("方小军").pk)}
        assert named("方小军").workplace == "虚构机械厂"
        assert named("方小军").version == 2
        assert named("方大强").version == named("周国明").version == 1
        assert Household.objects.filter(grid_code__startswith=PENGLI, number__startswith="81002205", state="active", voided_at=None).count() == 3


def test_a_value_that_did_not_change_keeps_the_line_it_came_from(committed, months):
    _, _, first, second = months
    with committed.acting("香"):
        sources = named("方小军").sources
        assert sources["workplace"]["batch"] == second["batch"]
        assert sources["name"]["batch"] == first["batch"]


def test_the_print_of_a_row_is_keyed(committed, months):
    """Whoever reads the table cannot try out rows: the digest needs the key that lies outside the database."""
    _, _, first, _ = months
    with committed.acting("数"):
        found = list(Statement.objects.filter(batch_id=first["batch"]).values_list("row_hash", flat=True))
        assert {len(bytes(print_)) for print_ in found} == {16}
        assert len({bytes(print_) for print_ in found}) == 16


def test_a_judged_row_joins_its_person_in_the_next_month_and_no_more_when_taken_back(committed, months):
    files, folder, _, _ = months
    with committed.acting("香") as me:
        question = Question.objects.get(state="open", code="D35", grid_code__startswith=PENGLI)
        her = named("祝爱珍")
        questions.answer(question=question, verdict="same", person=her.pk, by=me, at=timezone.now())
        assert Judgement.objects.get(question=question, verdict="same", ended_at=None).row_key
    again.WHOLE = 0
    files.unknown_phone = "17900000022"
    third = load_as("shu", [files.write(folder / "12")], area="330881", label="十二月", say=QUIET)
    with committed.acting("香") as me:
        her = named("祝爱珍")
        row = Statement.objects.get(batch_id=third["batch"])
        assert (row.person_id, row.how) == (her.pk, "j")
        assert people.clear(her, "phone") == "17900000022"
        assert not Question.objects.filter(batch=third["batch"]).exists(), "what has been judged is not asked again"
        assert (her.sex, str(her.birth_date)) == ("2", "1953-08-08")
        assert vault.decrypt("archives_resident.id_cipher", her.pk, her.id_cipher) == files.people["祝爱珍"]
        questions.take_back(question=question, by=me, at=timezone.now())
    files.unknown_phone = "17900000033"
    fourth = load_as("shu", [files.write(folder / "13")], area="330881", label="一月", say=QUIET)
    with committed.acting("数"):  # a row that speaks of nobody stands in the area of its batch
        row = Statement.objects.get(batch_id=fourth["batch"])
        assert (row.person_id, row.how) == (None, "")
    with committed.acting("香"):
        assert Question.objects.get(pk=question.pk).state == "open"


def test_the_later_batch_is_undone_first(committed, months):
    _, _, first, second = months
    with committed.acting("数") as me, pytest.raises(undo.Refused, match="请先撤销那一批"):
        undo.check(first["batch"], by=me)
    with committed.acting("数"):
        later = [str(b) for b in Statement.objects.exclude(batch_id__in=[first["batch"]]).order_by().values_list("batch_id", flat=True).distinct()]
    for batch in sorted(later, key=lambda b: b == second["batch"]):
        with committed.acting("数") as me:
            undo.check(batch, by=me)
        undo.undo(batch, now=timezone.now)
    with committed.acting("香"):
        assert named("方小军").workplace == "在家务农"
    with committed.acting("数") as me:
        undo.check(first["batch"], by=me)
    undo.undo(first["batch"], now=timezone.now)
    with committed.acting("香"):
        assert not Resident.objects.filter(name="方小军", voided_at=None).exists()
