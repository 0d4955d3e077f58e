"""A family as generations, for a drawing: ancestors above, descendants below, spouses beside.

Invariant: four statements and the audit; whoever stands outside the scope is a box with a surname and 同城 or 外地, no more.
"""

from __future__ import annotations

import uuid
from collections import deque
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.scope import Me
from minqing.archives.actions import kinship
from minqing.archives.models import Resident
from minqing.archives.queries.files import far_kin
from minqing.archives.refusals import NotHere
from minqing.archives.rules import items, relations
from minqing.lib import codes

GENERATIONS = 3
STEPS = 4


@dataclass(frozen=True, slots=True)
class Node:
    """One box. `here`: in the caller's scope, so its file may be opened; `far`: outside, only the surname."""

    id: uuid.UUID
    name: str
    sex: str
    born: date | None
    alive: bool
    far: bool
    here: bool
    relation: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Tree:
    """Oldest generation first; `couples` are spouse pairs, `children` are (parent, child)."""

    generations: list[list[Node]]
    couples: list[tuple[uuid.UUID, uuid.UUID]]
    children: list[tuple[uuid.UUID, uuid.UUID]]


def family_tree(me: Me, id: uuid.UUID, *, on: date) -> Tree:
    """The family of one person, three generations up and down. Raises NotHere; audited with everybody who is shown by name."""
    if not Resident.objects.filter(pk=id, voided_at=None).exists():
        raise NotHere(_("没有这个人的档案，或不在您的范围内。"))
    ties = kinship.family(id, steps=STEPS)
    levels = _levels(id, ties)
    rows = {r.pk: r for r in Resident.objects.filter(pk__in=list(levels), voided_at=None)}
    people = {p: relations.Someone(p, r.sex, r.birth_date) for p, r in rows.items()}
    labels = {p: items.named(codes.RELATION, code) for p, code in relations.derive(id, people, ties).items()} | {id: _("本人")}
    far = {relative: (items.named(codes.RELATION, code), name, place) for _p, relative, code, name, place in far_kin(rows)} if set(levels) - set(rows) else {}
    nodes: dict[uuid.UUID, Node] = {}
    for person in levels:
        if person in rows:
            r = rows[person]
            nodes[person] = Node(person, r.name, r.sex, r.birth_date, r.alive, False, True, labels.get(person, ""))
        elif person in far:
            _label, name, place = far[person]
            nodes[person] = Node(person, name.removesuffix("（已故）"), "0", None, not name.endswith("（已故）"), True, False, _("亲属 · %s") % _(place) if place else _("亲属"), place)
    audit.record("resident.tree", persons=list(rows))
    generations = [[nodes[p] for p in sorted((p for p in nodes if levels[p] == level), key=lambda p: (nodes[p].born or date.max, str(p)))] for level in sorted(set(levels.values()))]
    couples = {tuple(sorted((a, b), key=str)) for a in nodes for b in ties.spouses.get(a, ()) if b in nodes}
    children = [(parent, child) for child in nodes for parent in sorted(ties.parents.get(child, ()), key=str) if parent in nodes]
    return Tree([g for g in generations if g], sorted(couples, key=str), children)  # type: ignore[arg-type]


def _levels(start: uuid.UUID, ties: relations.Ties) -> dict[uuid.UUID, int]:
    """Generation of everybody within reach: 0 the person's own, negative above. Nearest path wins, so a circle ends."""
    found = {start: 0}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        steps = [(p, -1) for p in ties.parents.get(here, ())] + [(s, 0) for s in ties.spouses.get(here, ())] + [(c, 1) for c in ties.children.get(here, ())]
        for person, step in steps:
            level = found[here] + step
            if person not in found and abs(level) <= GENERATIONS:
                found[person] = level
                waiting.append(person)
    return found
