"""What a transfer knows: needs and what to bring for them, states and how they are counted, whose state stands, who is suggested. Pure.

Invariants: a list carries what to bring, never why; of two marks the one that happened later stands, and both are kept; a suggestion
proposes, a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from minqing.contact.rules.dangers import dangerous

#: Why somebody needs help (level 4) → what whoever fetches him has to know (in one word).
NEEDS = {"walk": "走不了路", "oxygen": "要吸氧", "dialysis": "要透析", "infant": "婴幼儿或孕妇", "hearing": "听不见或看不清", "mind": "记不清事、会走失"}
DO = {"walk": "carry", "oxygen": "device", "dialysis": "clinic", "infant": "gentle", "hearing": "knock", "mind": "stay"}
DO_LABELS = {"carry": "要背", "device": "带机器", "clinic": "要送医", "gentle": "要抱", "knock": "进门叫", "stay": "要陪着"}

WHY_LABELS = {"slide": "地质灾害点", "low": "低洼", "house": "危房", "dam": "库下游", "stream": "溪边", "other": "其他"}
LEVEL_LABELS = {"blue": "蓝色预警", "yellow": "黄色预警", "orange": "橙色预警", "red": "红色预警"}
STATE_LABELS = {"waiting": "未到", "away": "在外（档案）", "going": "路上", "arrived": "已到", "safe": "在外平安", "refused": "不肯走", "missing": "没找到", "home": "已回家"}
#: What one may mark, in the order of the buttons.
MARKS = ("going", "arrived", "safe", "refused", "missing", "waiting", "home")
#: Marks that need a word: with whom, where, who told him of the danger.
WORDS_NEEDED = {"safe": "请写在哪里、和谁在一起，如“在县城女儿家”。", "refused": "请写谁什么时候告诉他有危险、他怎么说。", "missing": "请写去哪里找过。"}
#: The four numbers of the board: "未到 12 · 路上 5 · 已到 40 · 在外 9". Whoever refused or was not found is not there yet.
COUNTS = {"waiting": "未到", "going": "路上", "arrived": "已到", "safe": "在外", "home": "已回家"}
COUNTED_AS = {"waiting": "waiting", "refused": "waiting", "missing": "waiting", "going": "going", "arrived": "arrived", "safe": "safe", "away": "safe", "home": "home"}
#: With any of these a call cannot be closed.
UNSETTLED = frozenset({"waiting", "going", "arrived", "missing"})
MOST_WORDS, MOST_NAME, MOST_RECORD = 120, 40, 2000
#: Nobody stands in a list twice as long as one reads under stress.
MOST_LINES = 1500
#: Villages called at one press.
MOST_VILLAGES = 120
INFANT, OLD_ALONE = 3, 80


def do(needs: Iterable[str]) -> list[str]:
    """What to bring, in the order of NEEDS."""
    wanted = set(needs)
    return [DO[n] for n in NEEDS if n in wanted]


def count(states: Iterable[tuple[str, int]]) -> dict[str, int]:
    """{key of COUNTS: people} of (state, how many) pairs."""
    found = dict.fromkeys(COUNTS, 0)
    for state, n in states:
        found[COUNTED_AS[state]] += n
    return found


def suggested(*, tags: Iterable[str], born: Iterable[date | None], safety: str, looked_after: bool, on: date) -> list[str]:
    """Why this household should perhaps be on the list, in codes of SUGGESTED. Of level 4 only that somebody should look."""
    has, found = set(tags), []
    if dangerous(safety):
        found.append("dwelling")
    if "alone" in has:
        found.append("alone")
    if has & {"80+", "90+", "100+"} and has & {"empty_nest", "left_children"}:
        found.append("old")
    if any(b is not None and (on.year - b.year) - ((on.month, on.day) < (b.month, b.day)) < INFANT for b in born):
        found.append("infant")
    if looked_after:
        found.append("look")
    return found


SUGGESTED = {"dwelling": "房屋有隐患", "alone": "老人独居", "old": "高龄老人在家", "infant": "有婴幼儿", "look": "常去看望的户，请核对要不要人接"}


def over(capacity: Mapping[str, int], planned: Mapping[str, int]) -> dict[str, int]:
    """{shelter: how many more than it holds}, of those that hold too few."""
    return {key: planned[key] - capacity[key] for key in capacity if planned.get(key, 0) > capacity[key]}
