"""What a county's own history says of a text: a linear model over pairs of characters (naive Bayes, so one pass learns it). Pure.

Invariants: it is used only where it was right more often than the catalogue's words on the newest texts, which it had not seen; it knows
pairs that many texts share and no text; it names the words that decided, like every suggestion.

Source: multinomial naive Bayes with Laplace smoothing (Manning, Raghavan, Schütze, Introduction to Information Retrieval, 13.2).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from minqing.service.rules import suggest

#: A pair that stands in fewer texts may be somebody's name: it is neither read nor kept (service/sql/learning.sql).
SHARED_BY = 5
#: Texts of the newest months that it is tried on: one in so many.
TRIED = 5
#: Fewer than this say nothing about which is better.
LEAST_TRIED = 100
#: Logarithm of how much likelier than the second the first must be, before it speaks against the catalogue.
SURE = 1.5
SMOOTH = 0.3


@dataclass(frozen=True)
class Said:
    """One matter of the past: what it was, the shared pairs of its title, the catalogue's keywords in it."""

    category: str
    pairs: frozenset[str]
    hits: tuple[str, ...] = ()


@dataclass
class Linear:
    """Per category a start, a weight for a known pair it never had, and weights of the pairs it had (above that)."""

    start: dict[str, float] = field(default_factory=dict)
    rest: dict[str, float] = field(default_factory=dict)
    weights: dict[str, dict[str, float]] = field(default_factory=dict)

    def scores(self, pairs: Iterable[str]) -> list[tuple[float, str]]:
        """Logarithms of likelihood, the likeliest first."""
        known = [self.weights[p] for p in pairs if p in self.weights]
        if not known:
            return []
        return sorted(((s + len(known) * self.rest[c] + sum(w.get(c, 0.0) for w in known), c) for c, s in self.start.items()), key=lambda x: (-x[0], x[1]))

    def guess(self, pairs: Iterable[str]) -> tuple[str, str, float]:
        """(category, the second, how much likelier the first is as a logarithm); ('', '', 0) where it knows none of the pairs."""
        found = self.scores(pairs)
        if not found:
            return "", "", 0.0
        second = found[1] if len(found) > 1 else (found[0][0] - SURE, "")
        return found[0][1], second[1], found[0][0] - second[0]

    def because(self, text: str, category: str, second: str) -> tuple[str, ...]:
        """The words of a text that spoke most for one category against another: neighbouring pairs joined as they stand there."""
        def says(pair: str) -> float:
            found = self.weights.get(pair, {})
            return found.get(category, 0.0) - found.get(second, 0.0) + self.rest.get(category, 0.0) - self.rest.get(second, 0.0)

        strong = set(sorted((p for p in suggest.pairs(text) if p in self.weights and says(p) > 0), key=says, reverse=True)[:4])
        found, run = [], ""
        for i in range(len(text)):
            if text[i:i + 2] in strong:
                run = run + text[i + 1] if run else text[i:i + 2]
            elif run:
                found.append(run)
                run = ""
        return tuple(dict.fromkeys(found))[:3]

    def as_data(self) -> dict[str, Any]:
        return {"start": self.start, "rest": self.rest, "weights": self.weights}

    @classmethod
    def of(cls, data: dict[str, Any]) -> Linear:
        return cls(data["start"], data["rest"], data["weights"])


def learn(texts: Iterable[Said]) -> Linear:
    """One pass over the texts."""
    n: Counter[str] = Counter()
    had: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        n[text.category] += 1
        for pair in text.pairs:
            had[pair][text.category] += 1
    total = sum(n.values())
    inside: Counter[str] = Counter()
    for counts in had.values():
        inside.update(counts)
    below = {c: inside[c] + SMOOTH * len(had) for c in n}
    rest = {c: round(math.log(SMOOTH / below[c]), 3) if below[c] else 0.0 for c in n}
    return Linear(
        start={c: round(math.log(k / total), 3) for c, k in n.items()}, rest=rest,
        weights={pair: {c: round(math.log((k + SMOOTH) / SMOOTH), 3) for c, k in counts.items()} for pair, counts in had.items()},
    )


def by_words(hits: Sequence[str], rules: Iterable[suggest.Rule]) -> str:
    """What the catalogue's words alone say."""
    best = max(((suggest.weigh(h for h in hits if h in r.keywords), r.category) for r in rules), key=lambda x: x[0], default=(0.0, ""))
    return best[1] if best[0] > 0 else ""


def together(model: Linear, pairs: Iterable[str], words: str) -> str:
    """What is suggested where the model is in use: its word where it is sure or the catalogue is silent, else the catalogue's."""
    category, _second, margin = model.guess(pairs)
    return category if category and (margin >= SURE or not words) else words


@dataclass(frozen=True)
class Trial:
    """How often each was right on texts that the model had not seen."""

    tried: int
    words: int
    history: int
    won: int
    lost: int

    @property
    def better(self) -> bool:
        """Right more often than chance explains (sign test, two standard deviations)."""
        return self.tried >= LEAST_TRIED and self.won - self.lost > 2 * math.sqrt(self.won + self.lost)


def try_on(model: Linear, texts: Iterable[Said], rules: Sequence[suggest.Rule]) -> Trial:
    tried = words = history = won = lost = 0
    for text in texts:
        said = by_words(text.hits, rules)
        before, after = said == text.category, together(model, text.pairs, said) == text.category
        tried, words, history, won, lost = tried + 1, words + before, history + after, won + (after and not before), lost + (before and not after)
    return Trial(tried, words, history, won, lost)
