"""Doors still waiting and the help they need; who is asked for help; what a county has set.

Invariants: reasons only as the list of what is due tells them; who is asked reads name, door and need of his own asks; no counts per colleague.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from minqing.access.models import Staff
from minqing.access.scope import Me
from minqing.archives.models import Household
from minqing.contact import vault
from minqing.contact.actions.waiting import KINDS
from minqing.contact.models import CountyInterval, DoorAsk, GraveNews
from minqing.contact.queries.due import DueLine
from minqing.contact.rules import intervals


@dataclass(frozen=True, slots=True)
class AskLine:
    """One ask: who is asked, for what, and what he said ('' = not yet)."""

    id: uuid.UUID
    household: uuid.UUID
    need: str
    who: str
    by: str
    answer: str
    made_at: datetime
    name: str
    door: str
    words: str


def _asks(rows: QuerySet[DoorAsk]) -> list[AskLine]:
    found = list(rows.order_by("made_at")[:300])
    names = dict(Staff.objects.filter(pk__in={i for r in found for i in (r.asked, r.made_by)}).values_list("pk", "name")) if found else {}
    lines = []
    for r in found:
        said = vault.decrypt(vault.ASK, r.pk, r.who_cipher)
        lines.append(AskLine(r.pk, r.household_id, _(r.get_need_display()), names.get(r.asked, ""), names.get(r.made_by, ""), r.answer, r.made_at, str(said.get("name", "")), str(said.get("door", "")), str(said.get("words", ""))))
    return lines


def of_place(place: str) -> dict[uuid.UUID, list[AskLine]]:
    """{household: open asks} of a village or grid."""
    found: dict[uuid.UUID, list[AskLine]] = {}
    for line in _asks(DoorAsk.objects.filter(grid_code__gte=place, grid_code__lt=place + ":", ended_at=None)):
        found.setdefault(line.household, []).append(line)
    return found


def asked_of(me: Me) -> QuerySet[DoorAsk]:
    """Asks that wait for his own answer."""
    return DoorAsk.objects.filter(asked=me.id, ended_at=None, answer="")


def mine(me: Me) -> list[AskLine]:
    """What he is asked and what he has said yes to."""
    return _asks(DoorAsk.objects.filter(asked=me.id, ended_at=None).exclude(answer="no"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """One door that waits, with what a visitor needs there."""

    line: DueLine
    needs: list[str]
    asks: list[AskLine]


def doors(lines: Sequence[DueLine], asks: dict[uuid.UUID, list[AskLine]]) -> list[Waiting]:
    """Those that are overdue, carried over, found closed, or of whom grave news came; needs as one reads them at the door."""
    labels = dict(DoorAsk.NEEDS)
    waiting = [x for x in lines if x.days < 0 or x.carried or x.grave or x.tried or x.missed or x.id in asks]
    return [Waiting(x, [_(labels[n]) for n in x.needs], asks.get(x.id, [])) for x in sorted(waiting, key=lambda x: not x.grave)]


def news_of(home: Household) -> list[tuple[uuid.UUID, datetime, str, str]]:
    """(id, when, what, words) of a household's grave news, the newest first."""
    found = []
    for r in GraveNews.objects.filter(household=home, voided_at=None).order_by("-happened_at")[:10]:
        said = vault.decrypt(vault.NEWS, r.pk, r.payload)
        found.append((r.pk, r.happened_at, _(KINDS.get(str(said.get("kind")), KINDS["other"])), str(said.get("words", ""))))
    return found


def settings_of(county: str) -> list[tuple[intervals.Interval, CountyInterval | None]]:
    """Each line of the data with what the county has set instead."""
    own = {r.code: r for r in CountyInterval.objects.filter(area_code=county, ended_at=None)}
    return [(i, own.get(i.code)) for i in (*intervals.INTERVALS, *intervals.ONCE.values())]
