"""What is asked at this door: only what is missing, stale or said differently by others. Everything else stands and is not asked again.

Invariant: asked of the values' own sources; numbers leave here masked; never anything of level 4, never more than fits one breath.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
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
    found = []
    why = _why(home.sources, "caution", home.caution, on, missing=True)
    if why:
        found.append(Question(None, "", "caution", _(items.HOUSEHOLD_ITEMS["caution"].label), home.caution, why))
    for m in members:
        p = m.person
        years = tags.age(p.birth_date, on)
        if not p.alive or (years is not None and years < ADULT):
            continue
        for field in PERSONAL:
            shown = files.masked(p, field) if field == "phone" else str(getattr(p, field))
            why = _why(p.sources, field, shown, on, missing=field == "phone")
            if why:
                found.append(Question(p.pk, p.name, field, _(items.ITEMS[field].label), shown, why))
    return found[:MOST]


def _why(sources: dict[str, Any], field: str, shown: str, on: date, *, missing: bool) -> str:
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
