"""Tags that the archives' own facts give: age, living alone, empty nest, away (domain.md §4.4).

Invariants: a tag carries its reason in words; it proposes, a person decides; nothing of level 4 is here, so every tag of
this table may stand in a list, on the phone and on paper (LIST_SAFE says so per tag, a test compares).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a household or person; `person` is whom it is about, None for the household as a whole."""

    code: str
    label: str
    reason: str
    person: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """What tags depend on. `at_home`: lives in the household's place; `children_far`: None = no child recorded."""

    id: uuid.UUID
    name: str
    born: date | None
    alive: bool
    at_home: bool
    elsewhere: str = ""
    party_member: bool = False


LABELS = {
    "100+": "百岁老人", "90+": "90岁以上", "80+": "80岁以上", "70+": "70岁以上", "60+": "60岁以上", "alone": "独居老人", "empty_nest": "空巢老人",
    "left_children": "儿童与老人同住", "away": "有人外出", "all_away": "整户外出", "party": "党员户",
}
#: Tags that lists, pop-ups and the phone at the door may show. A tag that is missing here shows in the file only.
LIST_SAFE = frozenset(LABELS)
AGES = ((100, "100+"), (90, "90+"), (80, "80+"), (70, "70+"), (60, "60+"))
#: Tags of the tab "elders, and who of them is alone".
CARE = frozenset({"alone", "empty_nest", "80+", "90+", "100+"})
OLD = 60
CHILD = 16


def age(born: date | None, on: date) -> int | None:
    """Full years on a day. Someone born on 29 February turns a year older on 1 March of ordinary years."""
    if born is None or born > on:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def of_person(member: Member, *, on: date) -> list[Tag]:
    """The age tag (the highest one only) and 外出 of one living person."""
    if not member.alive:
        return []
    found = []
    years = age(member.born, on)
    if years is not None:
        for limit, code in AGES:
            if years >= limit:
                found.append(Tag(code, LABELS[code], _("%(name)s，%(years)d岁（出生日期%(born)s）") % {"name": member.name, "years": years, "born": member.born}, member.id))
                break
    if member.elsewhere:
        found.append(Tag("away", LABELS["away"], _("%(name)s外出：%(where)s") % {"name": member.name, "where": member.elsewhere}, member.id))
    if member.party_member:
        found.append(Tag("party", LABELS["party"], _("%s是党员") % member.name, member.id))
    return found


def of_household(members: Sequence[Member], *, on: date) -> list[Tag]:
    """Tags of a household from its living members, one per code, in the order of LABELS."""
    living = [m for m in members if m.alive]
    found = [tag for member in living for tag in of_person(member, on=on)]
    found += _together(living, on)
    once: dict[str, Tag] = {}
    for tag in sorted(found, key=lambda t: list(LABELS).index(t.code)):
        once.setdefault(tag.code, tag)
    return list(once.values())


def _together(living: Sequence[Member], on: date) -> list[Tag]:
    """What follows from who of the household is at home."""
    home = [m for m in living if m.at_home]
    if living and not home:
        return [Tag("all_away", LABELS["all_away"], _("%d人都在外") % len(living))]
    old = [m for m in home if (age(m.born, on) or 0) >= OLD]
    young = [m for m in home if (years := age(m.born, on)) is not None and years < CHILD]
    if old and len(home) == 1:
        return [Tag("alone", LABELS["alone"], _("%(name)s，%(years)d岁，一人在家") % {"name": old[0].name, "years": age(old[0].born, on)}, old[0].id)]
    if old and len(old) == len(home):
        return [Tag("empty_nest", LABELS["empty_nest"], _("在家%(n)d人都满%(age)d岁：%(names)s") % {"n": len(home), "age": OLD, "names": "、".join(m.name for m in old)})]
    if old and young and len(old) + len(young) == len(home):
        return [Tag("left_children", LABELS["left_children"], _("在家的只有老人和%(n)d名未满%(age)d岁的孩子") % {"n": len(young), "age": CHILD})]
    return []
