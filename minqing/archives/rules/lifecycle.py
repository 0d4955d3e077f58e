"""Birth, death, marriage, moves: what is possible and what a death makes due.

Invariant: pure; a guard answers with '' (possible) or one Chinese sentence; what is due is proposed, never done by rule.
Sources: 民法典 §1047 (marriage age 22/20), §1051 (a second marriage is void); 户口登记条例 §7–8.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from minqing.archives.rules.tags import age

#: A parent younger than this at a birth is almost always a slip of the pen (the wrong generation).
MIN_PARENT_AGE = 14
MAX_MOTHER_AGE = 60
MAX_FATHER_AGE = 90
#: 民法典 §1047: men from 22, women from 20.
MARRIAGE_AGE = {"1": 22, "2": 20}
ADULT = 18
DEATH_REASONS = ("疾病", "年老", "意外", "其他")
LEAVE_REASONS = ("婚嫁", "升学", "参军", "购房", "务工", "投靠亲属", "其他")
END_DEATH, END_LEFT, END_SPLIT, END_MERGED, END_DISSOLVED, END_MARRIED = "死亡", "迁出", "分户", "并户", "销户", "婚迁"


@dataclass(frozen=True, slots=True)
class Due:
    """Something a death makes due: `department` answers it ("" = the village), `days` from the day it became known."""

    kind: str
    sentence: str
    department: str
    days: int


KINDS = {
    "pension_end": "养老待遇停发核对", "medical_end": "医保停保核对", "relief_end": "待遇终止核对", "seat_end": "职务与服务岗交接", "guardian": "未成年人监护",
    "head": "户主变更", "verify": "信息核实", "registration_end": "户口注销核对", "correct": "本人要求更正",
}


def due_after_death(*, name: str, pension: bool, medical: bool, seats: Sequence[str], children: Sequence[str]) -> list[Due]:
    """What to end and whom to look after when somebody has died.

    The proposal about relief is made for everybody, whether he drew any or not: that it exists must tell nothing of level 4.
    """
    found = [
        Due("registration_end", _("%s去世：请核对户口是否已注销") % name, "01", 30),
        Due("relief_end", _("%s去世：如有补贴、救助或优抚待遇，请核对并终止") % name, "02", 15),
    ]
    if pension:
        found.append(Due("pension_end", _("%s去世：请核对并停发养老待遇，告知家属丧葬费和个人账户余额") % name, "03", 15))
    if medical:
        found.append(Due("medical_end", _("%s去世：请核对并停止医保参保，告知家属个人账户余额") % name, "06", 30))
    found += [Due("seat_end", _("%(name)s去世：%(seat)s，请安排接替") % {"name": name, "seat": seat}, "", 30) for seat in seats]
    if children:
        found.append(Due("guardian", _("%(name)s去世：未成年的%(children)s现由谁监护，请上门了解") % {"name": name, "children": "、".join(children)}, "", 7))
    return found


def due_on(due: Due, on: date) -> date:
    return on + timedelta(days=due.days)


def why_not_head(*, alive: bool, born: date | None, on: date, adults_beside: bool) -> str:
    """A head is alive and of age; a minor only where no adult is left."""
    if not alive:
        return _("户主须是健在的成员，请另选一位。")
    years = age(born, on)
    if years is not None and years < ADULT and adults_beside:
        return _("未满%d岁的成员不能作户主，户内还有成年人，请另选一位。") % ADULT
    return ""


def why_not_parent(*, child: str, child_born: date | None, parent: str, parent_born: date | None, parent_sex: str, parent_died: date | None = None) -> str:
    """Ages of parent and child. Unknown dates forbid nothing."""
    if child_born is None or parent_born is None:
        return ""
    if parent_born >= child_born:
        return _("%(parent)s（%(parent_born)s生）不比%(child)s（%(child_born)s生）年长，不能登记为其父母，请核对两人是否填反。") % {
            "parent": parent, "parent_born": parent_born, "child": child, "child_born": child_born}
    years = age(parent_born, child_born) or 0
    if years < MIN_PARENT_AGE:
        return _("%(parent)s在%(child)s出生时只有%(years)d岁，不能登记为其父母，请核对出生日期或辈分。") % {"parent": parent, "child": child, "years": years}
    limit = MAX_MOTHER_AGE if parent_sex == "2" else MAX_FATHER_AGE
    if years > limit:
        return _("%(parent)s在%(child)s出生时已%(years)d岁，请核对出生日期；如确是收养，请登记为祖辈或其他亲属。") % {"parent": parent, "child": child, "years": years}
    # A father may die before the birth, a mother not.
    latest = child_born if parent_sex == "2" else child_born - timedelta(days=310)
    if parent_died and parent_died < latest:
        return _("%(parent)s于%(died)s去世，早于%(child)s出生，不能登记为其父母，请核对日期。") % {"parent": parent, "died": parent_died, "child": child}
    return ""


def why_not_spouses(*, one: str, one_sex: str, one_born: date | None, other: str, other_sex: str, other_born: date | None, on: date | None) -> str:
    """Marriage age on the day of marriage (None = an old tie being recorded: only plainly impossible ages are refused)."""
    if one_sex == other_sex and one_sex in ("1", "2"):
        return _("%(one)s与%(other)s登记的性别相同，不能登记为夫妻，请先核对性别。") % {"one": one, "other": other}
    for name, sex, born in ((one, one_sex, one_born), (other, other_sex, other_born)):
        if born is None:
            continue
        years = age(born, on) if on else None
        limit = MARRIAGE_AGE.get(sex, 20)
        if on and (years is None or years < limit):
            return _("%(name)s在结婚日期时未满%(limit)d周岁，不到法定婚龄，请核对日期。") % {"name": name, "limit": limit}
    if one_born and other_born and abs(one_born.year - other_born.year) > 60:
        return _("%(one)s与%(other)s相差六十岁以上，请核对是否辈分填错。") % {"one": one, "other": other}
    return ""


def why_not_dated(what: str, on: date, *, today: date, born: date | None = None, name: str = "", died: date | None = None) -> str:
    """A day of an event: not in the future, not before birth, not after death."""
    if on > today:
        return _("%(what)s日期%(on)s晚于今天，请核对。") % {"what": what, "on": on}
    if born and on < born:
        return _("%(what)s日期%(on)s早于%(name)s的出生日期%(born)s，请核对。") % {"what": what, "on": on, "name": name, "born": born}
    if died and on > died:
        return _("%(what)s日期%(on)s晚于%(name)s的死亡日期%(died)s，请核对。") % {"what": what, "on": on, "name": name, "died": died}
    return ""


def heirs_in_order(candidates: Iterable[tuple[str, date | None]], on: date) -> list[int]:
    """Which candidate to offer first as next head: spouse, then children by age, then parents, then the eldest adult. Returns positions.

    Each candidate is (relation code to the former head, birth date).
    """
    def rank(code: str) -> int:
        group = code[:1] if code not in ("28", "38") else "9"
        return {"1": 0, "2": 1, "3": 1, "5": 2, "7": 3, "4": 4}.get(group, 5)

    rows = list(candidates)

    def key(i: int) -> tuple[bool, int, date]:
        code, born = rows[i]
        return ((age(born, on) or ADULT) < ADULT, rank(code), born or date.max)

    return sorted(range(len(rows)), key=key)
