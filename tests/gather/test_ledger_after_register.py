"""A village's own list after the police's register, and before it: a household is one, whoever lists it, and nobody is moved by a list."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.utils import timezone

from minqing.archives.models import Household, Membership, Resident
from minqing.commands.gathering import load_as
from minqing.gather.actions import undo
from minqing.gather.models import Question
from tests.gather.engine.test_runs import number
from tests.people import PENGLI

QUIET = lambda words: None  # noqa: E731
REGISTER = ("户号", "户主姓名", "与户主关系", "姓名", "性别", "公民身份号码", "户口所在地详址", "注销标志")
LEDGER = ("户序", "户主", "成员", "称呼", "身份证", "电话", "门牌")
#: Head, relation in the register, word of the village, number.
HOMES = {
    "101": (("方大强", "户主", "本人", number(111, "19580301")), ("毛水仙", "妻", "老婆", number(222, "19600504")), ("方小军", "长子", "大儿子", number(333, "19850709"))),
    "102": (("柴根土", "户主", "本人", number(555, "19500202")), ("祝爱珍", "妻", "老婆", number(666, "19530808"))),
    "103": (("周国明", "户主", "本人", number(777, "19710105")),),
}
BABY, OLD = ("方新宝", number(999, "20260101")), ("吴独居", number(123, "19450505"))


def table(path: Path, rows: list) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def register(folder: Path) -> Path:
    rows = [(door, people[0][0], relation, name, "", code, f"江山市虎山街道彭里村柴坞{door}号", "") for door, people in HOMES.items() for name, relation, _, code in people]
    return table(folder / "01_公安" / "常住人口信息导出.csv", [REGISTER, *rows]).parent.parent


def ledger(folder: Path, phone: str = "") -> Path:
    """Only a household's first row says whose it is. A child that the register does not know yet, and an old woman alone."""
    homes = [(*HOMES["101"], (BABY[0], "", "孙", BABY[1])), HOMES["102"], HOMES["103"], ((OLD[0], "", "本人", OLD[1]),)]
    rows = [(at if not place else "", people[0][0] if not place else "", name, word, code, phone if name == OLD[0] else "", f"柴坞{at}号" if not place else "")
            for at, people in enumerate(homes, 101) for place, (name, _, word, code) in enumerate(people)]
    return table(folder / "00_村" / "彭里村户情台账.csv", [["彭里村村民户情登记表"], LEDGER, *rows]).parent.parent


def families() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for head, name in Membership.objects.filter(ends_on=None, voided_at=None, household__kind="family").order_by("person__name").values_list("household__head_name", "person__name"):
        found.setdefault(head, []).append(name)
    return found


WHOLE = {"方大强": ["方大强", "方小军", "方新宝", "毛水仙"], "柴根土": ["柴根土", "祝爱珍"], "周国明": ["周国明"], "吴独居": ["吴独居"]}


@pytest.fixture
def gathered(committed):
    return committed


def asked() -> list[str]:
    return sorted(Question.objects.filter(state="open").values_list("sentence", flat=True))


def stand_whole() -> None:
    assert families() == WHOLE
    assert Household.objects.filter(kind="family", state="active").count() == 4
    assert asked() == []


def test_a_list_after_the_register_moves_nobody(gathered, tmp_path):
    load_as("shu", [register(tmp_path / "a")], area=PENGLI, label="户籍", say=QUIET)
    load_as("shu", [ledger(tmp_path / "b")], area=PENGLI, label="台账", say=QUIET)
    with gathered.acting("香"):
        stand_whole()
        assert not Membership.objects.exclude(ends_on=None).exists()
    load_as("shu", [ledger(tmp_path / "c", "15400000001")], area=PENGLI, label="台账改过", say=QUIET)
    with gathered.acting("香"):
        assert families() == WHOLE
        assert Household.objects.filter(kind="family").count() == 4
        assert Resident.objects.filter(voided_at=None).count() == 8


def test_a_list_before_the_register_becomes_the_register_s_households(gathered, tmp_path):
    load_as("shu", [ledger(tmp_path / "b")], area=PENGLI, label="台账", say=QUIET)
    load_as("shu", [register(tmp_path / "a")], area=PENGLI, label="户籍", say=QUIET)
    with gathered.acting("香"):
        stand_whole()


TENANTS = ("序号", "姓名", "性别", "身份证号", "户籍地址", "居住地址", "联系电话", "房东", "来本地日期", "居住事由")


def tenants(folder: Path, door: int, since: str) -> Path:
    people = (("莫家航", number(314, "19900817")), ("韦小妹", number(315, "19910818")))
    return table(folder / "01_公安" / "流动人口登记表.csv", [TENANTS, *((at, name, "", code, "贵州省贵定县石桥村6组", f"浙江省江山市虎山街道彭里村徐家{door}号", "", "", since, "务工")
                                                          for at, (name, code) in enumerate(people, 1))]).parent.parent


def test_who_moves_to_another_rented_house_leaves_no_household_of_nobody(gathered, tmp_path):
    def homes() -> dict[str, tuple[str, int]]:
        return {h.door: (h.state, h.members_count) for h in Household.objects.filter(kind="living", voided_at=None)}

    load_as("shu", [tenants(tmp_path / "a", 76, "2025/8/24")], area=PENGLI, label="十月", say=QUIET)
    with gathered.acting("香"):
        assert homes() == {"76": ("active", 2)}
    load_as("shu", [tenants(tmp_path / "b", 77, "2026/10/30")], area=PENGLI, label="十一月", say=QUIET)
    with gathered.acting("香"):
        assert homes() == {"76": ("dissolved", 0), "77": ("active", 2)}
        assert "搬走" in Household.objects.get(door="76").dissolve_reason
    third = load_as("shu", [tenants(tmp_path / "c", 76, "2026/12/1")], area=PENGLI, label="十二月", say=QUIET)
    with gathered.acting("香"):
        assert homes() == {"76": ("active", 2), "77": ("dissolved", 0)}
        assert Household.objects.get(door="76").dissolve_reason == ""
    with gathered.acting("数") as me:
        undo.check(third["batch"], by=me)
    undo.undo(third["batch"], now=timezone.now)
    with gathered.acting("香"):
        assert homes() == {"76": ("dissolved", 0), "77": ("active", 2)}
