"""村情民情分析: the sentences of a month, each by one rule from numbers. Pure.

Invariants: a sentence says numbers that stand in the figures and nothing where there is nothing to say; a number below ten is "不足 10 件", and
where only one small number is left over it takes the next with it, so that no difference tells it (domain.md §3.3); no name, no door, no colleague;
nothing is put in order of size but words; what a sentence rests on is a list's conditions, or the numbers of matters, never a copy of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LEAST = 10
#: A word that stands in fewer matters may be somebody's (service/rules/learning.py).
SHARED_BY = 5
MOST_WORDS, MOST_POINTERS = 6, 200
#: A change is said from this share and this number on.
SHARE, CHANGE = 0.3, 3
SECTIONS = {"rise": "本月情况", "where": "在哪里", "answer": "办得怎样", "stuck": "卡在哪里", "say": "群众怎么说", "doors": "走访", "policy": "政策", "own": "补充"}
#: Where a sentence falls into pieces: whatever is no character, and what binds words.
BREAKS = re.compile(r"[^\u3400-\u9fff]|的|了|在|是|我|你|他|她|们|这|那|有|就|都|也|很|请|要|说|把|被|给|到|一|个|没|不|第|处|来|去|和|又|还|再|得|着|过")
#: Said in every second sentence: tells nothing.
EMPTY_WORDS = frozenset((
    "希望", "建议", "反映", "麻烦", "什么", "现在", "今天", "昨天", "明天", "已经", "需要", "可以", "问题", "情况", "能否", "怎么", "帮忙", "老人", "大家", "村民", "群众", "我们", "没有", "一直",
    "时候", "这个", "那个", "处理", "解决", "联系", "谢谢", "您好", "你好", "尽快", "安排", "有人", "起来", "出来", "过来", "下来", "上去", "门口", "附近", "旁边", "家里", "村里",
))


@dataclass(frozen=True, slots=True)
class Cell:
    """One group of a month. `n` None = below five: some, but not how many."""

    key: str
    label: str
    n: int | None


@dataclass(frozen=True, slots=True)
class Month:
    """`name`: "2026年10月"; `key`: "2026-10"; `rates`: measure → (above, below the line), only those that may be shown."""

    name: str
    key: str
    received: int | None = 0
    matters: int | None = 0
    by: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    rates: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lying:
    """What lies open as the draft is made."""

    late: int | None = 0
    suspended: int | None = 0
    units: Sequence[Cell] = ()


@dataclass(frozen=True, slots=True)
class Doors:
    """Doors past their day: whole, by hamlet, those that are at home in the evening only, those where nobody was met."""

    late: int = 0
    hamlets: Sequence[Cell] = ()
    evening: int = 0
    tried: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """A word and in which matters it stands."""

    word: str
    matters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a month's sentences are made of. `doors`, `words`, `offers` None: drafted without a person's eyes."""

    area: str
    now: Month
    before: Month
    year: Month
    lying: Lying = Lying()
    doors: Doors | None = None
    words: Sequence[Word] | None = None
    texts: int = 0
    offers: int | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    section: str
    key: str
    text: str
    rows: dict[str, Any]


def amount(n: int | None, unit: str = "件") -> str:
    """How many, where that may be said."""
    return f"不足 {LEAST} {unit}" if n is None or n < LEAST else f"{n} {unit}"


def shown(cells: Iterable[Cell]) -> dict[str, int | None]:
    """Key → number, None for what is hidden: below ten, and the next smallest where the hidden ones together are below ten."""
    found = {c.key: c.n for c in cells}
    hidden = {k for k, n in found.items() if n is None or n < LEAST}
    if hidden and sum(found[k] or 0 for k in hidden) < LEAST:
        rest = sorted((k for k in found if k not in hidden), key=lambda k: (found[k], k))
        hidden |= set(rest[:1])
    return {k: None if k in hidden else n for k, n in found.items()}


def sentences(f: Facts) -> list[Sentence]:
    """The draft, in the order of the paper."""
    made: list[Sentence] = []
    for rule in RULES:
        made += rule(f)
    return made


# --- rules, in the order of the paper --------------------------------------------------------------------------------------------


def whole(f: Facts) -> list[Sentence]:
    now = f.now
    if now.received == 0:
        return [Sentence("rise", "whole", f"{now.name}没有登记的事情。", {})]
    rows = {"list": "matters", "month": now.key}
    if small(now.received):
        return [Sentence("rise", "whole", f"{now.name}受理群众诉求{amount(now.received)}。", rows)]
    text = f"{now.name}受理群众诉求 {now.received} 件"
    if now.matters and now.received - now.matters >= LEAST:
        text += f"（合 {now.matters} 事）"
    parts = [p for p in (compared(now.received, f.before.received, "上月"), compared(now.received, f.year.received, "去年同月")) if p]
    return [Sentence("rise", "whole", "，".join((text, *parts)) + "。", rows)]


def changes(dimension: str, unit: str, param: str) -> Callable[[Facts], list[Sentence]]:
    """What rose and fell of one dimension, against the month before and the same month last year."""

    def rule(f: Facts) -> list[Sentence]:
        cells = [c for c in f.now.by.get(dimension, ()) if c.key != "…"]
        now = shown(f.now.by.get(dimension, ()))
        found = []
        for against, what, suffix in ((f.before, "上月", ""), (f.year, "去年同月", ":year")):
            if small(against.received):
                continue  # nothing to measure by
            then = shown(against.by.get(dimension, ()))
            labels = {c.key: c.label for c in (*against.by.get(dimension, ()), *cells) if c.key != "…"}
            order = [c.key for c in cells] + [k for k in labels if k not in now]
            for key in order:
                said = risen(now.get(key), then.get(key), what)
                if said:
                    found.append(Sentence("rise" if dimension != "place" else "where", f"{dimension}:{key}{suffix}", f"{labels[key]}{unit}{said}。", {"list": "matters", param: key, "month": f.now.key}))
        return found

    return rule


def small(n: int | None) -> bool:
    return n is None or n < LEAST


def compared(now: int, then: int | None, what: str) -> str:
    """“比上月（18 件）多 5 件”; '' where the other is too small to be said."""
    if then is None or then < LEAST:
        return ""
    if now == then:
        return f"与{what}持平"
    return f"比{what}（{then} 件）{'多' if now > then else '少'} {abs(now - then)} 件"


def risen(now: int | None, then: int | None, what: str) -> str:
    """The change in words, '' where it is small or cannot be said. None = hidden, or none at all: the figures do not tell the two apart."""
    if now is not None and then is not None:
        if abs(now - then) < CHANGE or abs(now - then) < SHARE * then:
            return ""
        return f" {now} 件，比{what}（{then} 件）{'多' if now > then else '少'} {abs(now - then)} 件"
    # one of the two is small: said only where the other stands well above
    if now is not None and now >= LEAST + CHANGE:
        return f" {now} 件，{what}{amount(None)}"
    if then is not None and then >= LEAST + CHANGE:
        return f"{amount(None)}，{what} {then} 件"
    return ""


def suggestions(f: Facts) -> list[Sentence]:
    """Opinions: what people propose, and what came from meetings."""
    found = []
    for dimension, key, what in (("kind", "suggestion", "群众提的建议"), ("channel", "meeting", "在会议和沟通日上提的")):
        n = shown(f.now.by.get(dimension, ())).get(key)
        if n is not None:
            found.append(Sentence("say", f"{key}", f"{what} {n} 件。", {"list": "matters", dimension: key, "month": f.now.key}))
    return found


def places(f: Facts) -> list[Sentence]:
    """Where: grids or villages by their codes, those that may be said."""
    cells = f.now.by.get("place", ())
    now = shown(cells)
    said = [c for c in cells if c.key != "…" and now[c.key] is not None]
    if len(cells) < 2 or not said:
        return []
    rest = "，其余各处都不足 10 件" if len(said) < len(cells) else ""
    rows = {"list": "matters", "month": f.now.key} | ({"place": said[0].key} if len(said) == 1 else {})
    return [Sentence("where", "places", "、".join(f"{c.label} {now[c.key]} 件" for c in said) + f"{rest}。", rows)]


RATES = (
    ("reply", "answer", "按时答复率", ""), ("closed", "answer", "办结率", ""), ("solved", "answer", "回访时说解决了的", "unsolved"), ("satisfied", "answer", "说了满意与否的人里，满意和基本满意的", "unhappy"),
    ("redo", "answer", "答复后重办的", "redo"), ("returned", "answer", "派出后退过单的", "returned"),
)


def rates(f: Facts) -> list[Sentence]:
    """Shares with the number they are of, and the month before where that can be said."""
    found = []
    for key, section, label, trait in RATES:
        pair = f.now.rates.get(key)
        if pair is None or pair[1] < LEAST or (key in ("redo", "returned") and pair[0] == 0):
            continue
        text = f"{label}占 {share(pair)}%（n={pair[1]}）" if "的" in label else f"{label} {share(pair)}%（n={pair[1]}）"
        then = f.before.rates.get(key)
        if then is not None and then[1] >= LEAST:
            text += f"，上月 {share(then)}%（n={then[1]}）"
        rows = {"list": "matters", "month": f.now.key} | ({"trait": trait} if trait else {})
        found.append(Sentence(section, key, text + "。", rows))
    return found


def share(pair: tuple[int, int]) -> str:
    return f"{100 * pair[0] / pair[1]:.1f}"


def stuck(f: Facts) -> list[Sentence]:
    """Past the limit, suspended, in whose hands."""
    found = []
    if f.lying.late != 0:
        found.append(Sentence("stuck", "late", f"现在超过答复时限还没有答复的有{spaced(amount(f.lying.late))}，先逐件打电话说明。", {"list": "matters", "due": "late"}))
    if f.lying.suspended != 0:
        found.append(Sentence("stuck", "suspended", f"暂停计时、等立项等条件的有{spaced(amount(f.lying.suspended))}，到了再看的日子要有人去问。", {"list": "matters", "state": "suspended"}))
    now = shown(f.lying.units)
    for c in f.lying.units:
        if c.key != "…" and now[c.key] is not None:
            found.append(Sentence("stuck", f"unit:{c.key}", f"还在{c.label}办理的有 {now[c.key]} 件。", {"list": "matters", "state": "open", "lead": c.key}))
    return found


def spaced(words: str) -> str:
    return words if words.startswith("不足") else " " + words


def words(f: Facts) -> list[Sentence]:
    """What people say: words that stand in many matters, with the numbers of those matters to look at."""
    if not f.words:
        return []
    return [Sentence("say", f"word:{w.word}", f"“{w.word}”在本月 {f.texts} 件事的话里出现于{spaced(amount(len(w.matters)))}。", {"list": "pointers", "ids": list(w.matters[:MOST_POINTERS])}) for w in f.words if f.texts >= LEAST]


def doors(f: Facts) -> list[Sentence]:
    """Doors still waiting, and the help they need. Nobody's."""
    if f.doors is None or f.doors.late == 0:
        return []
    found = [Sentence("doors", "late_doors", f"还有{spaced(amount(f.doors.late, '户'))}过了该走访的日子。", {"list": "doors", "show": "overdue"})]
    now = shown(f.doors.hamlets)
    said = [c for c in f.doors.hamlets if now[c.key] is not None]
    if said and len(f.doors.hamlets) > 1:
        found.append(Sentence("doors", "hamlets", "其中" + "、".join(f"{c.label} {now[c.key]} 户" for c in said) + "，可以约好一起去。", {"list": "doors", "show": "overdue"} | ({"hamlet": said[0].key} if len(said) == 1 else {})))
    if f.doors.evening:
        found.append(Sentence("doors", "evening", f"其中{spaced(amount(f.doors.evening, '户'))}要晚上才有人，宜安排夜访。", {"list": "doors", "show": "evening"}))
    if f.doors.tried:
        found.append(Sentence("doors", "tried", f"有{spaced(amount(f.doors.tried, '户'))}去过没有见到人，先打电话。", {"list": "doors", "show": "tried"}))
    return found


def policies(f: Facts) -> list[Sentence]:
    if not f.offers:
        return []
    return [Sentence("policy", "offers", f"有{spaced(amount(f.offers, '人'))}可以享受的政策还没有告诉本人。", {"list": "offers"})]


RULES: tuple[Callable[[Facts], list[Sentence]], ...] = (
    whole, changes("kind", "类", "kind"), changes("channel", "渠道", "channel"), places, changes("place", "", "place"), rates, stuck, suggestions, words, doors, policies,
)


# --- words of the month --------------------------------------------------------------------------------------------------------


def frequent(texts: Iterable[tuple[str, str]], names: Collection[str] = (), known: Collection[str] = ()) -> list[Word]:
    """Words that stand in at least SHARED_BY of the texts (id, words): a plain count of texts, nothing weighed.

    First the catalogue's own words (`known`), then strings of two to four characters that nobody listed. What stands in nearly the same texts as a word
    that is said already says the same; what is part of a name of `names`, or holds one, is no word.
    """
    had: dict[str, dict[str, None]] = defaultdict(dict)
    for pk, text in texts:
        for word in known:
            if len(word) >= 2 and word in text:
                had[word].setdefault(pk)
        for part in BREAKS.split(text):
            for size in (2, 3, 4):
                for i in range(len(part) - size + 1):
                    had[part[i:i + size]].setdefault(pk)
    people = [n for n in names if len(n) >= 2]
    shared = {w: tuple(ids) for w, ids in had.items() if len(ids) >= SHARED_BY and w not in EMPTY_WORDS and all("\u3400" <= c <= "\u9fff" for c in w) and not any(w in n or n in w for n in people)}
    listed = {w for w in known if not w.endswith("了")}
    chosen: list[Word] = []
    for w in sorted(shared, key=lambda w: (w not in listed, -len(shared[w]), len(w) if w in listed else -len(w), w)):
        if not any(w in c.word or c.word in w or overlaps(w, c.word) or alike(shared[w], c.matters) for c in chosen):
            chosen.append(Word(w, shared[w]))
    return sorted(chosen, key=lambda c: (-len(c.matters), c.word))[:MOST_WORDS]


def alike(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether two words stand in nearly the same texts."""
    return len(set(a) & set(b)) >= 0.8 * len(set(a) | set(b))


def overlaps(a: str, b: str) -> bool:
    """Whether one goes on where the other ends: two cuts of one word."""
    return any(a.endswith(b[:n]) or b.endswith(a[:n]) for n in (2, 3))


# --- the small table and the chart ------------------------------------------------------------------------------------------------


def table(f: Facts) -> dict[str, Any]:
    """{"months", "rows", "kinds"}: what the paper shows beside the sentences; '' and None where a number is hidden."""
    months = (f.now, f.before, f.year)
    rows = [["受理（件）", *(amount(m.received).removesuffix(" 件") if m.received else "0" for m in months)]]
    for key, label in (("reply", "按时答复率"), ("closed", "办结率"), ("solved", "解决率"), ("satisfied", "满意率")):
        pairs = [m.rates.get(key) for m in months]
        if any(p is not None and p[1] >= LEAST for p in pairs):
            rows.append([label, *(f"{share(p)}%（n={p[1]}）" if p is not None and p[1] >= LEAST else "—" for p in pairs)])
    now = shown(f.now.by.get("kind", ()))
    kinds = [[c.label if c.key != "…" else "其余", now[c.key]] for c in f.now.by.get("kind", ())]
    return {"months": [m.name for m in months], "rows": rows, "kinds": kinds}
