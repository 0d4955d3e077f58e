"""与户主关系 (GB/T 4761-2008) derived from the kinship graph.

Invariant: the graph of parents and spouses is the truth, the code is relative to one head and is derived again when the
head changes, never translated. A tie that the graph does not hold is not invented: where no path is known the caller
keeps what was written or writes 97 (other relative).
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

Person = uuid.UUID
HEAD = "02"
UNKNOWN = "97"
MALE, FEMALE = "1", "2"
#: Codes that say "not by blood or marriage": no graph derives or contradicts them.
NOT_KIN = frozenset({"98", "99"})


@dataclass(frozen=True, slots=True)
class Someone:
    """What a relation depends on besides the ties."""

    id: Person
    sex: str = "0"
    born: date | None = None


@dataclass(slots=True)
class Ties:
    """The graph: parents and children of each person, spouses both ways."""

    parents: dict[Person, set[Person]] = field(default_factory=lambda: defaultdict(set))
    children: dict[Person, set[Person]] = field(default_factory=lambda: defaultdict(set))
    spouses: dict[Person, set[Person]] = field(default_factory=lambda: defaultdict(set))

    def parent(self, child: Person, parent: Person) -> None:
        self.parents[child].add(parent)
        self.children[parent].add(child)

    def spouse(self, one: Person, other: Person) -> None:
        self.spouses[one].add(other)
        self.spouses[other].add(one)

    def ancestors(self, who: Person) -> set[Person]:
        """All ancestors; ends also where wrong data makes a circle."""
        seen: set[Person] = set()
        waiting = list(self.parents.get(who, ()))
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen.add(here)
                waiting.extend(self.parents.get(here, ()))
        return seen

    def siblings(self, who: Person) -> set[Person]:
        """Persons who share at least one parent."""
        return {c for p in self.parents.get(who, ()) for c in self.children.get(p, ())} - {who}


def ties_of(edges: Iterable[tuple[str, Person, Person]]) -> Ties:
    """Ties from rows ("parent", child, parent) and ("spouse", one, other)."""
    ties = Ties()
    for kind, person, relative in edges:
        if kind == "parent":
            ties.parent(person, relative)
        else:
            ties.spouse(person, relative)
    return ties


def derive(head: Person, people: Mapping[Person, Someone], ties: Ties) -> dict[Person, str]:
    """Code of every person of `people` for whom a path to the head is known; the nearest path wins."""
    found: dict[Person, str] = {head: HEAD}
    for finder in (_spouse, _children, _parents, _siblings, _grandchildren, _grandparents, _parents_siblings, _nephews, _cousins):
        for person, code in finder(head, people, ties):
            found.setdefault(person, code)
    return {person: code for person, code in found.items() if person in people}


def _sex(people: Mapping[Person, Someone], who: Person) -> str:
    return people[who].sex if who in people else "0"


def _by_sex(people: Mapping[Person, Someone], who: Person, male: str, female: str, unknown: str) -> str:
    return {MALE: male, FEMALE: female}.get(_sex(people, who), unknown)


def _older(people: Mapping[Person, Someone], who: Person, than: Person) -> bool | None:
    """Whether `who` was born before `than`; None when one date is unknown."""
    a, b = people.get(who), people.get(than)
    if a is None or b is None or a.born is None or b.born is None:
        return None
    return a.born < b.born


def _spouse(head: Person, people: Mapping[Person, Someone], ties: Ties) -> Iterable[tuple[Person, str]]:
    for spouse in ties.spouses.get(head, ()):
        yield spouse, _by_sex(people, spouse, "11", "12", "10")


def birth_order(child: Person, siblings: Iterable[Person], people: Mapping[Person, Someone]) -> int | None:
    """1 for the eldest among known brothers (or sisters); None where a birth date is missing."""
    same = [s for s in {*siblings, child} if s in people and _sex(people, s) == _sex(people, child)]
    if any(people[s].born is None for s in same):
        return None
    return sorted(same, key=lambda s: (people[s].born or date.max, str(s))).index(child) + 1


def _child_code(head: Person, child: Person, people: Mapping[Person, Someone], ties: Ties) -> str:
    """长子, 次女 … among all known children of the head, also those of other households; 子/女 for a single known child."""
    sex = _sex(people, child)
    if sex not in (MALE, FEMALE):
        return "20"
    siblings = ties.children.get(head, set())
    order = birth_order(child, siblings, people)
    if order is None or len(siblings) == 1:
        return "20" if sex == MALE else "30"
    # 22–26 长子…五子, 32–36 长女…五女; beyond the fifth: 29 其他儿子, 39 其他女儿
    return (f"2{order + 1}" if order <= 5 else "29") if sex == MALE else (f"3{order + 1}" if order <= 5 else "39")


def _children(head: Person, people: Mapping[Person, Someone], ties: Ties) -> Iterable[tuple[Person, str]]:
    own = ties.children.get(head, set())
    for child in own:
        if child in people:
            yield child, _child_code(head, child, people, ties)
    for spouse in ties.spouses.get(head, ()):
        for child in ties.children.get(spouse, set()) - own:
            yield child, _by_sex(people, child, "27", "37", "20")
    for child in own:
        for partner in ties.spouses.get(child, ()):
            yield partner, _by_sex(people, partner, "28", "38", UNKNOWN)


def _parents(head: Person, people: Mapping[Person, Someone], ties: Ties) -> Iterable[tuple[Person, str]]:
    own = ties.parents.get(head, set())
    for parent in own:
        yield parent, _by_sex(people, parent, "51", "52", "50")
    for spouse in ties.spouses.get(head, ()):
        for parent in ties.parents.get(spouse, ()):
            if _sex(people, head) == FEMALE:
                yield parent, _by_sex(people, parent, "53", "54", "59")
            else:
                yield parent, _by_sex(people, parent, "55", "56", "59")
    for parent in own:
        for partner in ties.spouses.get(parent, set()) - own:
            yield partner, _by_sex(people, partner, "57", "58", "59")


def _siblings(head: Person, people: Mapping[Person, Someone], ties: Ties) -> Iterable[tuple[Person, str]]:
    for sibling in ties.siblings(head):
        older = _older(people, sibling, head)
        if older is None:
            code = "79"
        else:
            code = _by_sex(people, sibling, "71" if older else "73", "75" if older else "77", "70")
        yield sibling, code
        for partner in ties.spouses.get(sibling, ()):
            yield partner, {"71": "72", "73": "74", "75": "76", "77": "78"}.get(code, "79")


def _grandchildren(head: Person, people: Mapping[Person, Someone], ties: Ties) -> Iterable[tuple[Person, str]]:
    for child in ties.children.get(head, ()):
        through_son = _sex(people, child) == MALE
        for grandchild in ties.children.get(child, ()):
            yield grandchild, _by_sex(people, grandchild, "41" if through_son else "43", "42" if through_son else "44", "40")
            for partner in ties.spouses.get(grandchild, ()):
                yield partner, _by_sex(people, partner, "46", "45", "49")
            for great in ties.children.get(grandchild, ()):
                yield great, _by_sex(people, great, "47", "48", "49")


def _grandparents(head: Person, people: Mapping[Person, Someone], ties: Ties) -> Iterable[tuple[Person, str]]:
    for parent in ties.parents.get(head, ()):
        father = _sex(people, parent) == MALE
        for old in ties.parents.get(parent, ()):
            yield old, _by_sex(people, old, "61" if father else "63", "62" if father else "64", "60")
            for great in ties.parents.get(old, ()):
                yield great, _by_sex(people, great, "66", "67", "69")
    for spouse in ties.spouses.get(head, ()):
        for parent in ties.parents.get(spouse, ()):
            for old in ties.parents.get(parent, ()):
                yield old, "65"
                for great in ties.parents.get(old, ()):
                    yield great, "68"


def _parents_siblings(head: Person, people: Mapping[Person, Someone], ties: Ties) -> Iterable[tuple[Person, str]]:
    for parent in ties.parents.get(head, ()):
        for sibling in ties.siblings(parent):
            if _sex(people, parent) == MALE:
                older = _older(people, sibling, parent)
                code = _by_sex(people, sibling, UNKNOWN if older is None else ("81" if older else "83"), "90", UNKNOWN)
            else:
                code = _by_sex(people, sibling, "85", "88", UNKNOWN)
            yield sibling, code
            for partner in ties.spouses.get(sibling, ()):
                yield partner, {"81": "82", "83": "84", "90": "89", "85": "86", "88": "87"}.get(code, UNKNOWN)


def _nephews(head: Person, people: Mapping[Person, Someone], ties: Ties) -> Iterable[tuple[Person, str]]:
    for sibling in ties.siblings(head):
        brother = _sex(people, sibling) == MALE
        for child in ties.children.get(sibling, ()):
            yield child, _by_sex(people, child, "93" if brother else "95", "94" if brother else "96", UNKNOWN)


def _cousins(head: Person, people: Mapping[Person, Someone], ties: Ties) -> Iterable[tuple[Person, str]]:
    for parent in ties.parents.get(head, ()):
        for sibling in ties.siblings(parent):
            both_male = _sex(people, parent) == MALE and _sex(people, sibling) == MALE
            for child in ties.children.get(sibling, ()):
                yield child, "91" if both_male else "92"


#: Codes of children by blood, of either parent in the household.
SONS = frozenset({"20", "21", "22", "23", "24", "25", "26", "29"})
DAUGHTERS = frozenset({"30", "31", "32", "33", "34", "35", "36", "39"})
ADOPTED = frozenset({"27", "37"})


def infer(head: Person, codes: Mapping[Person, str]) -> list[tuple[str, Person, Person]]:
    """Ties that a household's own codes state: ("parent", child, parent), ("spouse", one, other).

    Only what has one reading: a daughter-in-law is tied to a son when there is one son, a grandchild to the one child that can be its
    parent, a child to the head's spouse unless adopted. What has several readings is left to a person.
    """
    by = {code: [p for p, c in sorted(codes.items(), key=lambda x: str(x[0])) if c == code] for code in set(codes.values())}

    def some(*wanted: str) -> list[Person]:
        return [p for code in wanted for p in by.get(code, [])]

    spouses = some("10", "11", "12")
    sons, daughters = some(*sorted(SONS)), some(*sorted(DAUGHTERS))
    edges: list[tuple[str, Person, Person]] = [("spouse", head, s) for s in spouses[:1] if len(spouses) == 1]
    for child in (*sons, *daughters, *some(*sorted(ADOPTED))):
        edges.append(("parent", child, head))
        if len(spouses) == 1 and codes[child] not in ADOPTED:
            edges.append(("parent", child, spouses[0]))
    wives, husbands = some("38"), some("28")
    edges += [("spouse", sons[0], wives[0])] if len(sons) == 1 and len(wives) == 1 else []
    edges += [("spouse", daughters[0], husbands[0])] if len(daughters) == 1 and len(husbands) == 1 else []
    for grandchild in some("41", "42"):
        if len(sons) == 1:
            edges += [("parent", grandchild, sons[0])] + ([("parent", grandchild, wives[0])] if len(wives) == 1 else [])
    for grandchild in some("43", "44"):
        if len(daughters) == 1:
            edges += [("parent", grandchild, daughters[0])] + ([("parent", grandchild, husbands[0])] if len(husbands) == 1 else [])
    father, mother = some("51"), some("52")
    edges += [("parent", head, p) for p in (*father[:1], *mother[:1])]
    edges += [("spouse", father[0], mother[0])] if len(father) == 1 and len(mother) == 1 else []
    if len(spouses) == 1:
        edges += [("parent", spouses[0], p) for p in some("53", "54", "55", "56")]
    for sibling in some("71", "73", "75", "77"):
        edges += [("parent", sibling, p) for p in (*father[:1], *mother[:1])]
    return list(dict.fromkeys(edges))
