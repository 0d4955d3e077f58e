"""What somebody says → what it is, who does it, whether somebody has said it already. Pure.

Invariant: a suggestion names the words that decided it, and a person confirms; nothing is sent by this module's word. Keywords
of the catalogue decide, then what the desk chose lately for the same sort of thing; the longer word weighs more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from minqing.service.rules.kinds import Kind

#: How people open a sentence of each kind; looked at where the catalogue says nothing of it, and before it for complaints.
KIND_WORDS: tuple[tuple[Kind, str], ...] = (
    (Kind.REPORT, r"举报|贪污|受贿|收红包|吃拿卡要|截留|冒领|挪用"),
    (Kind.COMPLAINT, r"投诉|态度(?:差|恶劣|不好)|推来推去|没人管|不作为|一直不(?:来|办|修)|说了(?:好几次|多少次|几次)"),
    (Kind.DISPUTE, r"吵架|吵起来|打架|纠纷|邻居.{0,12}(?:占|堵|滴水|挡|吵)|界址|欠.{0,4}不还|分家|赡养|离婚"),
    (Kind.SUGGESTION, r"建议|能不能(?:建|装|修|设|加|开)|最好能|希望(?:能)?(?:建|装|修|设|增加|开)"),
    (Kind.ERRAND, r"帮(?:我|忙).{0,6}(?:办|代办|领|交|申请)|代办|跑腿|走不动.{0,8}办"),
    (Kind.QUESTION, r"请问|咨询|问一下|想问|怎么(?:办|申请|报销|交|算)|要什么(?:材料|手续|条件)|什么时候(?:发|能|开始)|符不符合|能报多少"),
)
KIND_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in KIND_WORDS)
#: Said in every sentence, so they tell nothing about two sentences being alike.
EMPTY = re.compile(r"[，。！？；：、\s,.!?;:（）()“”\"'0-9]|的|了|在|是|我|你|他|她|们|这|那|有|就|都|也|很|请|要|说|家|里|村|来|去|人|把|被|给|到|一|个|上|下|没|不")
ALIKE = 0.45
SAME_SORT_ALIKE = 0.2


@dataclass(frozen=True)
class Rule:
    """What the suggestion needs of a rule of the catalogue."""

    category: str
    label: str
    kind: str
    keywords: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """A suggestion: `because` are the words of the text that decided; `source` = words, desk, history or none."""

    category: str
    kind: str
    because: tuple[str, ...]
    source: str
    score: float
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """An earlier matter as the comparison needs it."""

    key: str
    text: str
    category: str = ""
    spot: str = ""


@dataclass(frozen=True)
class Alike:
    """An earlier matter that looks the same, and in what."""

    key: str
    score: float
    why: tuple[str, ...]


def hits(text: str, keywords: Iterable[str]) -> tuple[str, ...]:
    """Keywords that stand in the text, longest first; one inside another counts once."""
    found: list[str] = []
    for word in sorted({k for k in keywords if k and k in text}, key=lambda w: (-len(w), text.index(w))):
        if not any(word in longer for longer in found):
            found.append(word)
    return tuple(found)


def weigh(words: Iterable[str]) -> float:
    """Longer words say more: two characters count 2, four count 5.7."""
    return float(sum(len(w) ** 1.25 for w in words))


def scores(text: str, rules: Iterable[Rule]) -> list[tuple[float, Rule, tuple[str, ...]]]:
    """Rules that some word of the text speaks for, the strongest first."""
    found = [(weigh(words), rule, words) for rule in rules if (words := hits(text, rule.keywords))]
    return sorted(found, key=lambda f: (-f[0], f[1].category))


def kind_of(text: str) -> tuple[str, tuple[str, ...]]:
    """The kind by how it is said, with the words; ('', ()) where nothing tells."""
    for kind, pattern in KIND_PATTERNS:
        if match := pattern.search(text):
            return kind.value, (match.group(0),)
    return "", ()


@dataclass(frozen=True)
class Heard:
    """What the county's own history says of a text (rules/learning.py), where it was right more often than the catalogue's words."""

    category: str
    because: tuple[str, ...]
    sure: bool


def choose(text: str, rules: Sequence[Rule], recent: Iterable[Known] = (), heard: Heard | None = None) -> Choice | None:
    """What it is. The catalogue's words first; where two rules are as strong, or none speaks, what the desk called the like lately.
    `heard` speaks before them where it is sure, and where the catalogue is silent."""
    found = scores(text, rules)
    spoken, spoken_by = kind_of(text)
    told = next((r for r in rules if heard and r.category == heard.category), None)
    if heard and told and (heard.sure or not found):
        return _choice(told, spoken, (*heard.because, *spoken_by), "history", 0.0, found)
    votes = Counter(k.category for k in recent if k.category and alikeness(text, k.text) >= ALIKE)
    by_category = {r.category: r for r in rules}
    if found and (len(found) == 1 or found[0][0] > found[1][0] or not votes):
        score, rule, words = found[0]
        return _choice(rule, spoken, (*words, *spoken_by), "words", score, found)
    known = [category for category, _n in votes.most_common() if category in by_category]
    if known:
        tied = {rule.category for score, rule, _w in found if score == found[0][0]}
        category = next((c for c in known if c in tied), known[0]) if tied else known[0]
        return _choice(by_category[category], spoken, spoken_by, "desk", float(votes[category]), found)
    if found:
        score, rule, words = found[0]
        return _choice(rule, spoken, (*words, *spoken_by), "words", score, found)
    return Choice("", spoken, spoken_by, "none", 0.0) if spoken else None


def _choice(rule: Rule, spoken: str, because: tuple[str, ...], source: str, score: float, found: Sequence[tuple[float, Rule, tuple[str, ...]]]) -> Choice:
    # how somebody asks outweighs what it is about, except that help stays help: a lamp is mended, not discussed
    kind = spoken if spoken in (Kind.REPORT, Kind.COMPLAINT, Kind.SUGGESTION, Kind.QUESTION, Kind.ERRAND) else rule.kind
    return Choice(rule.category, kind, tuple(dict.fromkeys(because)), source, score, tuple(r.category for _s, r, _w in found if r.category != rule.category)[:3])


def pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters that carry meaning."""
    parts = [p for p in EMPTY.split(text) if p]
    return frozenset(p[i:i + 2] for p in parts for i in range(len(p) - 1)) or frozenset(parts)


def alikeness(a: str, b: str) -> float:
    """0 to 1: how much of the shorter text's pairs stand in the other."""
    left, right = pairs(a), pairs(b)
    return len(left & right) / min(len(left), len(right)) if left and right else 0.0


def look_alike(text: str, spot: str, category: str, known: Iterable[Known], *, most: int = 5) -> list[Alike]:
    """Earlier matters that may be the same, with the reasons, the likeliest first (domain.md §3.4). A person decides."""
    found = []
    for k in known:
        score, why = alikeness(text, k.text), []
        same_sort = bool(category) and category == k.category
        same_spot = bool(spot) and bool(k.spot) and (spot in k.spot or k.spot in spot or alikeness(spot, k.spot) >= 0.6)
        if score >= ALIKE:
            why.append("words")
        if same_sort and (score >= SAME_SORT_ALIKE or same_spot):
            why.append("sort")
        if same_spot and (same_sort or score >= SAME_SORT_ALIKE):
            why.append("spot")
        if why:
            found.append(Alike(k.key, score + 0.3 * len(why), tuple(why)))
    return sorted(found, key=lambda a: -a.score)[:most]
