"""Policies that find people: kinds of conditions, states of an offer, how a person and a rule meet. Pure.

Invariants: the evening's list is made in the database (sql/things.sql) by the same conditions as `meets` here says for one person;
a test compares the two over the same people. A rule proposes; whether somebody gets anything is decided by people and offices.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

#: What a rule may ask of the file. Each is one branch of access.find_offers.
KINDS = {
    "age": "满多少岁（到那个月）", "newborn": "新生儿还没有参保", "uninsured": "医保没有参保", "pension": "到年龄养老金还没领", "id_card": "身份证可能到期（按年龄推算）",
    "bereaved": "配偶去世不久", "alone": "高龄独居", "disability": "有残疾人证、没有两项补贴",
}
KIND_CHOICES = list(KINDS.items())
BY_AGE = frozenset({"age", "pension", "id_card", "alone"})
SENSITIVE = frozenset({"disability"})
AGAIN_CHOICES = [("never", "只找一次"), ("year", "每年"), ("month", "每月")]
#: Words of the departments' lists (参保状态, 待遇状态).
NOT_INSURED = ("未参保", "暂停参保", "停保", "中断", "中断参保", "终止参保", "未缴费", "欠费", "断保")
DRAWING = ("正常领取", "领取中", "正常享受", "享受中", "已领取", "正常发放", "待遇领取")
NEWBORN_DAYS, BEREAVED_DAYS = 90, 180

STATES = {"found": "该告诉", "told": "已告诉", "opened": "在代办", "declined": "本人不需要", "wrong": "情况不对", "done": "已办成", "gone": "已不再符合"}
STATE_CHOICES = list(STATES.items())
OPEN = ("found", "told", "opened")
#: From where a person may put it where.
MOVES = {"tell": ("found",), "open": ("found", "told", "declined"), "decline": ("found", "told"), "wrong": ("found", "told")}
TOLD = {"phone": "电话", "door": "上门", "window": "窗口", "meeting": "会上"}

#: Which field of the file a wrong offer asks the department about.
ASKED = {"age": "birth_date", "newborn": "medical_status", "uninsured": "medical_status", "pension": "pension_benefit", "id_card": "birth_date", "bereaved": "marriage", "alone": "", "disability": ""}
FIELD_LABELS = {
    "birth_date": "出生日期", "turns": "满岁数的日子", "medical_status": "医保参保状态", "medical_year": "医保年度", "pension_status": "养老参保状态", "pension_benefit": "养老待遇状态",
    "spouse_died_on": "配偶去世", "home_count": "在家人口", "certificate": "残疾人证", "subsidy": "两项补贴", "born": "出生",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as data."""

    code: str
    name: str
    kind: str
    age: int | None = None
    ahead_days: int = 0
    back_days: int = 31
    again: str = "never"
    item: str = ""
    first_say: str = ""
    say: str = ""
    source_doc: str = ""
    sensitive: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the conditions look at, of one living person."""

    born: date | None
    precision: str = "day"
    medical_status: str = ""
    medical_year: str = ""
    pension_status: str = ""
    pension_benefit: str = ""
    spouse_died_on: date | None = None
    home_count: int | None = None
    at_home: bool = True
    certificate: bool = False
    subsidy: bool | None = None


def turns(born: date, age: int) -> date:
    """The day somebody turns `age`. Born on 29 February: 1 March in ordinary years."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def window(on: date, rule: Rule) -> tuple[date, date]:
    """First and last day for which an evening looks: so far back, to the end of the month and so far ahead."""
    following = (on.replace(day=28) + timedelta(days=4)).replace(day=1)
    return on - timedelta(days=rule.back_days), following - timedelta(days=1) + timedelta(days=rule.ahead_days)


def meets(rule: Rule, facts: Facts, on: date) -> date | None:
    """The day from which the rule holds for this person, None where it does not find him on that evening."""
    if facts.born is None or facts.precision == "year" and rule.kind in ("age", "id_card"):
        return None
    first, last = window(on, rule)
    if rule.kind in ("age", "id_card"):
        day = turns(facts.born, rule.age or 0)
        return day if first <= day <= last else None
    if rule.kind == "newborn":
        return facts.born if on - timedelta(days=NEWBORN_DAYS) <= facts.born <= on and facts.medical_status in ("", *NOT_INSURED) else None
    if rule.kind == "uninsured":
        known = facts.medical_status in NOT_INSURED or (facts.medical_year.isdigit() and int(facts.medical_year) < on.year and facts.medical_status != "")
        return on if known and facts.born < on - timedelta(days=NEWBORN_DAYS) else None
    if rule.kind == "pension":
        day = turns(facts.born, rule.age or 60)
        return day if day <= on and facts.pension_status not in ("", *NOT_INSURED) and facts.pension_benefit not in ("", *DRAWING) else None
    if rule.kind == "bereaved":
        return facts.spouse_died_on if facts.spouse_died_on and on - timedelta(days=BEREAVED_DAYS) <= facts.spouse_died_on <= on else None
    if rule.kind == "alone":
        day = turns(facts.born, rule.age or 80)
        return day if day <= on and facts.home_count == 1 and facts.at_home else None
    return on if facts.certificate and facts.subsidy is False else None


def cycle(rule: Rule, on: date) -> str:
    """Which round an offer belongs to: within one round a person is found once."""
    if rule.kind in ("age", "id_card"):
        return str(rule.age)
    return {"year": f"{on:%Y}", "month": f"{on:%Y-%m}"}.get(rule.again, "")


def lacks_subsidy(payload: Mapping[str, Any]) -> bool | None:
    """Whether a certificate's row says that no allowance is drawn; None where it says nothing."""
    said = payload.get("subsidy")
    if said is None or said == "":
        return None
    return str(said).strip().lower() in ("0", "否", "无", "false", "未享受", "n")


def shipped(text: str) -> list[Rule]:
    """The rules that come with the program."""
    return [Rule(**row) for row in tomllib.loads(text)["rule"]]
