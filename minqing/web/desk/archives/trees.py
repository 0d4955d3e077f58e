"""A family as a drawing: places of boxes and lines for the page and for paper, and the same in words.

Invariant: pure; a far relative has no link and no more than his masked name; every person of the tree has one box.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

BOX_W, BOX_H, GAP_X, GAP_Y, EDGE = 128, 46, 18, 44, 12


@dataclass
class Box:
    """One person in the drawing; x and y are the upper left corner in pixels."""

    node: Any
    x: float
    y: float
    me: bool

    @property
    def middle(self) -> float:
        return self.x + BOX_W / 2

    @property
    def bottom(self) -> float:
        return self.y + BOX_H

    @property
    def text_x(self) -> float:
        return self.x + 10

    @property
    def name_y(self) -> float:
        return self.y + 19

    @property
    def line_y(self) -> float:
        return self.y + 36


@dataclass
class Drawing:
    """Boxes and the lines between them. `couples`: from–to of a marriage, `former`: of parents no longer married; `descents`: SVG paths parent → child."""

    width: float = 0
    height: float = 0
    boxes: list[Box] = field(default_factory=list)
    couples: list[tuple[float, float, float, float]] = field(default_factory=list)
    former: list[tuple[float, float, float, float]] = field(default_factory=list)
    descents: list[str] = field(default_factory=list)


def draw(tree: Any, me: uuid.UUID) -> Drawing:
    """Place each generation in a row, couples side by side, children under the middle of their parents where there is room."""
    couples: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    parents: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for parent, child in tree.children:
        parents[child].append(parent)
    # who has a child together stands side by side, also when the marriage has ended
    for a, b in [*tree.couples, *((p[0], p[1]) for p in parents.values() if len(p) == 2)]:
        couples[a].add(b)
        couples[b].add(a)
    found: dict[uuid.UUID, Box] = {}
    for depth, row in enumerate(tree.generations):
        _place_row(_ordered(row, couples, parents, found), EDGE + depth * (BOX_H + GAP_Y), parents, couples, found, me)
    drawing = Drawing(boxes=list(found.values()))
    drawing.couples = [_bond(found[a], found[b]) for a, b in tree.couples if a in found and b in found]
    wed = {frozenset(pair) for pair in tree.couples}
    drawing.former = [_bond(found[a], found[b]) for a, b in {tuple(sorted(p, key=str)) for p in parents.values() if len(p) == 2} if a in found and b in found and frozenset((a, b)) not in wed]
    drawing.descents = _descents(tree, couples, parents, found)
    drawing.width = max((b.x + BOX_W for b in drawing.boxes), default=0) + EDGE
    drawing.height = max((b.bottom for b in drawing.boxes), default=0) + EDGE
    return drawing


def _ordered(row: list[Any], couples: Any, parents: Any, found: dict[uuid.UUID, Box]) -> list[list[Any]]:
    """Groups of spouses, in the order of their parents above, then of birth."""
    here = {n.id: n for n in row}
    groups: list[list[Any]] = []
    seen: set[uuid.UUID] = set()

    def wish(node: Any) -> tuple[float, str]:
        above = [found[p].middle for p in parents[node.id] if p in found]
        return (sum(above) / len(above) if above else 1e9, str(node.born or "9"))

    # those with parents in the drawing lead their couple; a spouse stands beside
    for node in sorted(row, key=wish):
        if node.id in seen:
            continue
        group = [node, *(here[s] for s in sorted(couples[node.id], key=str) if s in here and s not in seen)]
        seen.update(n.id for n in group)
        groups.append(group)
    return groups


def _place_row(groups: list[list[Any]], y: float, parents: Any, couples: Any, found: dict[uuid.UUID, Box], me: uuid.UUID) -> None:
    x: float = EDGE
    for group in groups:
        width = len(group) * BOX_W + (len(group) - 1) * GAP_X
        above = [found[p].middle for n in group[:1] for p in parents[n.id] if p in found]
        if above:
            x = max(x, sum(above) / len(above) - width / 2)
        for node in group:
            found[node.id] = Box(node, x, y, node.id == me)
            x += BOX_W + GAP_X
        x += GAP_X


def _bond(a: Box, b: Box) -> tuple[float, float, float, float]:
    left, right = (a, b) if a.x < b.x else (b, a)
    return (left.x + BOX_W, left.y + BOX_H / 2, right.x, right.y + BOX_H / 2)


def _descents(tree: Any, couples: Any, parents: Any, found: dict[uuid.UUID, Box]) -> list[str]:
    """Paths parent → child: one from the middle of two parents side by side, one of its own for every further parent."""
    lines = []
    for child in dict.fromkeys(c for _p, c in tree.children):
        above = [found[p] for p in parents[child] if p in found]
        if child not in found or not above:
            continue
        pair = next(((a, b) for a in above for b in above if a.x < b.x and a.y == b.y and b.node.id in couples[a.node.id]), ())
        starts = [((pair[0].middle + pair[1].middle) / 2, pair[0].y + BOX_H / 2)] if pair else []
        starts += [(b.middle, b.bottom) for b in above if b not in pair]
        below = found[child]
        turn = below.y - GAP_Y / 2
        lines += [f"M{x:g} {y:g}V{turn:g}H{below.middle:g}V{below.y:g}" for x, y in starts]
    return lines


def told(tree: Any) -> list[list[Any]]:
    """The same family as a list of generations, oldest first."""
    return [list(row) for row in tree.generations if row]
