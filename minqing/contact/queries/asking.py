"""What is asked at this door: only what is missing, stale or said differently by others. Everything else stands and is not asked again.

Invariant: asked of the values' own sources; numbers leave here masked; never anything of level 4, never more than fits one breath.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from minqing.archives.models import Household, Membership
from minqing.archives.queries import files
from minqing.archives.rules import items, tags

#: What a visit can say better than any department.
PERSONAL = ("phone", "living_elsewhere", "workplace")
#: A value of a visit's own kind that nobody has looked at for so long.
STALE = timedelta(days=730)
MOST = 8
ADULT = 16


@dataclass(frozen=True, slots=True)
class Question:
    """One field to ask about; `person` None = the household. `shown`: what the file says, numbers masked; `why` in words."""

    person: uuid.UUID | None
    name: str
    field: str
    label: str
    shown: str
    why: str


def of_household(home: Household, members: Sequence[Membership], *, on: date) -> list[Question]:
    """Questions for this door from rows already read: no statement."""
    people = [Asked(m.person_id, m.person.name, m.person.birth_date, {f: files.masked(m.person, f) if f == "phone" else str(getattr(m.person, f)) for f in PERSONAL}, m.person.sources) for m in members if m.person.alive]
    return of_values(home.caution, home.sources, people, on=on)


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody of the household: what his file shows of the fields of PERSONAL, numbers masked, and where each came from."""

    person: uuid.UUID
    name: str
    born: date | None
    shown: Mapping[str, str]
    sources: Mapping[str, Any]


def of_values(caution: str, sources: Mapping[str, Any], people: Iterable[Asked], *, on: date) -> list[Question]:
    """The same of bare values, as a phone's copy reads them; `sources` of the household's own words."""
    found = []
    why = _why(sources, "caution", caution, on, missing=True)
    if why:
        found.append(Question(None, "", "caution", _(items.HOUSEHOLD_ITEMS["caution"].label), caution, why))
    for p in people:
        years = tags.age(p.born, on)
        if years is not None and years < ADULT:
            continue
        for field in PERSONAL:
            why = _why(p.sources, field, p.shown[field], on, missing=field == "phone")
            if why:
                found.append(Question(p.person, p.name, field, _(items.ITEMS[field].label), p.shown[field], why))
    return found[:MOST]


def _why(sources: Mapping[str, Any], field: str, shown: str, on: date, *, missing: bool) -> str:
    source = sources.get(field) or {}
    if not shown:
        return _("还不知道") if missing else ""
    others = [o for o in source.get("others") or () if o.get("value") not in (None, "", shown)]
    if others:
        return _("%(who)s写的是“%(what)s”") % {"who": items.source_label(str(others[0].get("from", ""))), "what": others[0]["value"]}
    since = str(source.get("on") or "")[:10]
    if since and since < str(on - STALE):
        return _("还是%s记的") % since
    return ""
