"""Meetings by kind: who is counted, how many must have come, what passes, how long before it is told. Pure; the numbers are data/meetings.toml.

Invariants: a kind that may not decide decides nothing, whatever was counted; "more than half" of an even number is half and one; "two
thirds or more" includes two thirds; what cannot be said without a number (how many should come) is said to be lacking, never taken as enough.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minqing.access.words import county
from minqing.lib import masks, names


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of meeting. `levels`: whose it is; the rest as data/meetings.toml explains."""

    code: str
    label: str
    levels: tuple[str, ...]
    notice_days: int
    decides: bool
    voters: str
    quorum: str
    publish_days: int
    basis: str
    households: str = ""
    passes: str = "present"
    consensus: bool = False


FILE = Path(__file__).resolve().parents[1] / "data" / "meetings.toml"
KINDS: dict[str, Kind] = {row["code"]: Kind(**{**row, "levels": tuple(row["levels"])}) for row in tomllib.loads(FILE.read_text(encoding="utf-8"))["kind"]}
#: The kind that the 15th brings.
MONTHLY = "talk_day"
LABELS = {"talk_day": gettext_lazy("民情沟通日"), "talk": gettext_lazy("民情沟通会"), "council": gettext_lazy("邻里议事会"), "assembly": gettext_lazy("村民会议"), "delegates": gettext_lazy("村民代表会议"), "party": gettext_lazy("党员大会")}
KIND_CHOICES = [(code, kind.label) for code, kind in KINDS.items()]
VOTERS = {"adults": gettext_lazy("十八周岁以上的村民"), "delegates": gettext_lazy("村民代表"), "members": gettext_lazy("有表决权的党员"), "invited": gettext_lazy("请到的人")}
FRACTIONS = {"half": gettext_lazy("过半数"), "two_thirds": gettext_lazy("三分之二")}

#: What a meeting goes through; "noticed" falls back to "planned" when it is put off.
STATES = {"planned": gettext_lazy("已安排"), "noticed": gettext_lazy("已通知"), "held": gettext_lazy("正在开或待出纪要"), "signed": gettext_lazy("纪要已签"), "published": gettext_lazy("公示中"), "closed": gettext_lazy("已结束"), "cancelled": gettext_lazy("已取消")}
STATE_CHOICES = [("planned", "已安排"), ("noticed", "已通知"), ("held", "已开"), ("signed", "纪要已签"), ("published", "公示中"), ("closed", "已结束"), ("cancelled", "已取消")]
AHEAD, RUNNING = ("planned", "noticed"), ("held",)
#: From → to.
MOVES = {
    "notice": (("planned",), "noticed"), "postpone": (("planned", "noticed"), "planned"), "cancel": (("planned", "noticed"), "cancelled"), "hold": (("noticed",), "held"),
    "sign": (("held",), "signed"), "publish": (("signed",), "published"), "withdraw": (("published",), "signed"), "close": (("published", "signed"), "closed"),
}
STEPS = {
    "plan": gettext_lazy("安排"), "notice": gettext_lazy("通知"), "postpone": gettext_lazy("改期"), "cancel": gettext_lazy("取消"), "hold": gettext_lazy("开会"), "attend": gettext_lazy("登记到会"), "figures": gettext_lazy("更正应到数"),
    "sign": gettext_lazy("签字"), "publish": gettext_lazy("公示"), "withdraw": gettext_lazy("撤下公示"), "close": gettext_lazy("结束"), "change": gettext_lazy("改安排"),
}

#: What became of something said.
FATES = [("open", "还没有答复"), ("answered", "当场答复"), ("noted", "记下"), ("matter", "登记成一件事"), ("passed", "另行受理")]
ORIGINS = [("own", "自己加的"), ("matter", "没办完的事"), ("matters", "没办完的事汇总"), ("doors", "该走访的户"), ("policy", "新政策"), ("resolution", "上次的决议"), ("tags", "变化")]
FOLLOWED = [("open", "还没做完"), ("done", "做完了"), ("dropped", "不再做")]
PAPERS = [("paper", "会议材料"), ("sign_in", "签到表"), ("count", "计票单")]
YES, NO, ABSTAIN = "同意", "反对", "弃权"
#: Options that, however many chose them, decide nothing.
AGAINST = frozenset({NO, ABSTAIN, "不同意", "都不同意"})
MOST_OPTIONS, MOST_ITEMS, MOST_WORDS, MOST_TITLE = 8, 30, 1000, 120
LEAST_OPTIONS = 2


# --- how many ----------------------------------------------------------------------------------------------------------


def needed(fraction: str, of: int) -> int:
    """How many of `of` the fraction means: more than half of 42 is 22, two thirds or more of 43 is 29."""
    return of // 2 + 1 if fraction == "half" else -(-2 * of // 3)


@dataclass(frozen=True, slots=True)
class Quorum:
    """`enough` and why, in a sentence."""

    enough: bool
    sentence: str


def quorum(kind: str, *, due: int | None, present: int | None, households: int | None = None, households_present: int | None = None) -> Quorum:
    """Whether enough have come: "到会 31 人，应到 42 人，须三分之二即 28 人：够"."""
    rule = KINDS[kind]
    if present is None:
        return Quorum(False, _("还没有登记到会人数。"))
    if not rule.quorum:
        return Quorum(True, _("到会 %d 人；这种会不作决定，不要求到会人数。") % present if not rule.decides else _("到会 %d 人；不要求到会人数。") % present)
    if not due:
        return Quorum(False, _("到会 %d 人；还没有填应到人数，算不出够不够。") % present)
    least = needed(rule.quorum, due)
    by_people = present >= least
    said = _("到会 %(present)d 人，应到 %(due)d 人，须%(part)s即 %(least)d 人：%(verdict)s") % {"present": present, "due": due, "part": _part(rule.quorum), "least": least, "verdict": _verdict(by_people)}
    if not rule.households or by_people or not households or households_present is None:
        return Quorum(by_people, said + ("" if by_people or not rule.households else _("；也可以按户计：还没有填到会户数")))
    floor = needed(rule.households, households)
    by_homes = households_present >= floor
    return Quorum(by_homes, said + _("；按户计，到会 %(present)d 户，共 %(all)d 户，须%(part)s即 %(least)d 户：%(verdict)s") % {"present": households_present, "all": households, "part": _part(rule.households), "least": floor, "verdict": _verdict(by_homes)})


def brief(kind: str) -> str:
    """The rule of a kind in one line: notice, who must have come, or that it only listens."""
    rule = KINDS[kind]
    said = [_("提前 %d 天通知") % rule.notice_days]
    if rule.quorum:
        said.append(_("%(who)s%(part)s到会") % {"who": VOTERS[rule.voters], "part": FRACTIONS[rule.quorum]} + (_("，或%(part)s的户到会") % {"part": FRACTIONS[rule.households]} if rule.households else ""))
    said.append((_("应到过半数通过") if rule.passes == "due" else _("到会过半数通过")) if rule.decides else _("只听意见，不作决定"))
    return "；".join(said)


def _part(fraction: str) -> str:
    return str(FRACTIONS[fraction])


def _verdict(enough: bool) -> str:
    return _("够") if enough else _("不够")


def lacking_notice(kind: str, told: date, day: date) -> int:
    """How many days too short the notice is; 0 where it is long enough. Told on the 1st for the 11th is ten days."""
    return max(0, KINDS[kind].notice_days - (day - told).days)


# --- votes -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """`option`: what passed, '' for nothing."""

    passed: bool
    option: str
    sentence: str


def outcome(kind: str, options: Sequence[str], figures: Sequence[int], *, due: int | None, present: int) -> Outcome:
    """What the count means. The first of two equal options does not pass before the other: neither does."""
    rule = KINDS[kind]
    of = due if rule.passes == "due" and due else present
    least = needed("half", of)
    counted = "、".join(f"{option} {n}" for option, n in zip(options, figures, strict=True))
    for_it = [(n, option) for option, n in zip(options, figures, strict=True) if option not in AGAINST]
    most, option = max(for_it, default=(0, ""))
    passed = most >= least
    base = _("应到 %(n)d 人的过半数即 %(least)d 票") if rule.passes == "due" else _("到会 %(n)d 人的过半数即 %(least)d 票")
    return Outcome(passed, option if passed else "", _("%(counted)s；须%(base)s：%(verdict)s") % {"counted": counted, "base": base % {"n": of, "least": least}, "verdict": (_("通过") if option == YES else _("“%s”通过") % option) if passed else _("未通过")})


def wrong_count(figures: Sequence[int], invalid: int, present: int, *, ballots: bool) -> str:
    """Why a count cannot be: '' where it can. Not everybody has to vote, nobody votes twice."""
    total = sum(figures) + invalid
    if total == 0:
        return _("还没有票数。")
    if total > present:
        return _("有效票 %(valid)d 加无效票 %(invalid)d 共 %(total)d，多于到会的 %(present)d 人，请重新点数。") % {"valid": sum(figures), "invalid": invalid, "total": total, "present": present}
    if not ballots and invalid:
        return _("举手表决没有无效票，请核对。")
    return ""


# --- what is published ------------------------------------------------------------------------------------------------

DOOR = re.compile(r"(?:[一-鿿]{1,4}(?:组|巷|弄|路|街))?(?<![\d月第])\d{1,4}(?:[-–—]\d{1,4})*\s*(?:号|幢|栋|单元|室)(?!召|码|文|令|线)")
#: Whatever looks like a telephone in a text, the county's short numbers aside.
_NUMBERS = re.compile(r"[\d*]{2,4}-?[\d*]{7,}|\*{3,}[\d*]*")
#: A number written in groups, in either width: 138 0670 1234. Years in a row are none.
_GROUPS = re.compile(r"(?<!\d)\d{3,}(?:[\s.\-–—－]{1,2}\d{3,})+[XxＸｘ]?(?!\d)")
_YEARS = re.compile(r"(?:19|20)\d\d")
LEAST_DIGITS = 11


@dataclass(frozen=True, slots=True)
class Hidden:
    """One thing that was taken out: `kind` name, door, number."""

    kind: str
    was: str
    now: str


HIDDEN_LABELS = {"name": gettext_lazy("姓名"), "door": gettext_lazy("门牌"), "number": gettext_lazy("号码")}


def some_of(name: str) -> str:
    """陈某某, 陈某, 欧阳某: how a resident is named in public."""
    surname, given = names.split_surname(name)
    return (surname or name[:1]) + "某" * max(1, min(2, len(given) if surname else len(name) - 1))


@county
def hide(text: str, people: Iterable[str]) -> tuple[str, list[Hidden]]:
    """The text as everybody may read it, and what was taken out, once each. `people`: names of residents; longer ones first, so that no half stays."""
    found: list[Hidden] = []
    for name in sorted({p for p in people if len(p) >= 2}, key=len, reverse=True):
        # 陈小明 is also 陈 小明
        for written in dict.fromkeys(re.findall(r"[\s·]*".join(map(re.escape, name)), text)):
            found.append(Hidden("name", written, some_of(name)))
            text = text.replace(written, some_of(name))
    for written in dict.fromkeys(_GROUPS.findall(text)):
        groups = re.findall(r"\d+", written)
        if sum(map(len, groups)) >= LEAST_DIGITS and not all(_YEARS.fullmatch(g) for g in groups):
            found.append(Hidden("number", written, _("（号码略）")))
            text = text.replace(written, _("（号码略）"))
    masked = masks.free_text(text)
    for match in dict.fromkeys(_NUMBERS.findall(masked)):
        found.append(Hidden("number", match, _("（号码略）")))
        masked = masked.replace(match, _("（号码略）"))
    for match in dict.fromkeys(m.group(0) for m in DOOR.finditer(masked)):
        found.append(Hidden("door", match, _("（门牌略）")))
        masked = masked.replace(match, _("（门牌略）"))
    return masked, found
