"""The booklet of a grid for whoever takes it over: who lives here, what is open, what to know at each door, who helps; and the record of handing over.

Invariants: everything is read from the files with the reader's own eyes, nothing of it is kept a second time; nothing of level 4; opening it is audited
with the households on it, as printing sheets is.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Appointment, Area, Staff
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me, NotAllowed
from minqing.archives.queries import lists as archive_lists
from minqing.archives.rules.tags import LABELS, LIST_SAFE
from minqing.contact import vault
from minqing.contact.models import Door, Handover, HandoverItem, Visit
from minqing.contact.queries import due, duty
from minqing.contact.rules import handover as rules
from minqing.service.models import Team
from minqing.service.queries import lists, mediations

MOST, MOST_LISTED, AHEAD, GONE_SINCE = 100, 60, timedelta(days=14), timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Home:
    """One door of the booklet: `mind` = what to mind next time, from the last visit that left a word."""

    line: due.DueLine
    tags: tuple[str, ...]
    helper: str
    mind: str
    minded_on: date | None


@dataclass(frozen=True, slots=True)
class Hamlet:
    name: str
    homes: list[Home]

    @property
    def members(self) -> int:
        return sum(h.line.members for h in self.homes)

    @property
    def home(self) -> int:
        return sum(h.line.home for h in self.homes)


def families(me: Me, grid: str, *, on: date, what: str = "handover.open") -> list[Hamlet]:
    """Who lives here by hamlet in walking order, when each is due, what to know at the door. Eight statements and the audit.

    The rows are the policies' answer; a place where he opens no files is refused before an entry says that he did.
    """
    if not any(grid.startswith(code) for code in me.codes):
        raise NotAllowed(_("交接册给看得到这个网格户档的人看。"))
    lines = due.of_place(me, grid, on=on)
    ids = [x.id for x in lines]
    tagged = archive_lists.tags_of_households(ids, on)
    helpers = dict(Door.objects.filter(grid_code__gte=grid, grid_code__lt=grid + ":", ended_at=None).values_list("household", "helper"))
    names = duty.names_of(set(helpers.values()))
    minds: dict[uuid.UUID, tuple[str, date]] = {}
    rows = Visit.objects.filter(grid_code__gte=grid, grid_code__lt=grid + ":", voided_at=None, words_cipher__isnull=False).order_by("household", "-visited_at").values_list("household", "pk", "visited_at", "words_cipher")
    for household, pk, at, cipher in rows:
        if household not in minds and (note := str(vault.decrypt(vault.WORDS, pk, cipher).get("note", ""))):
            minds[household] = note, timezone.localdate(at)
    audit.record(what, households=ids, detail={"area": grid, "n": len(ids)})
    homes = [
        Home(x, tuple(dict.fromkeys(_(LABELS[t.code]) for t in tagged.get(x.id, ()) if t.code in LIST_SAFE)), names.get(helpers.get(x.id, uuid.UUID(int=0)), ""), *minds.get(x.id, ("", None))) for x in lines
    ]
    return [Hamlet(name, list(found)) for name, found in groupby(homes, key=lambda h: h.line.natural_village)]


@dataclass(frozen=True)
class Open:
    """What is not done: matters (errands among them), promises of mediations, at this grid."""

    matters: list[lists.Line]
    promises: list[mediations.Line]
    more: bool = False


def open_work(me: Me, grid: str, *, at: datetime) -> Open:
    """What the reader sees of it at his desks. Two statements."""
    page = lists.page(me, "all", lists.Filters(state="open", place=grid), at=at, limit=MOST)
    here = {m.id for m in page.lines}
    return Open(page.lines, [x for x in mediations.listed(me, "open", at=at) if x.matter in here and (x.open_promises or x.state)], bool(page.next))


@dataclass(frozen=True)
class Helps:
    """Who helps here: helpers, teams with their leads, who is on duty next. Nobody's doors are counted."""

    helpers: list[str]
    teams: list[tuple[str, str]]
    duty: list[tuple[date, str]] = field(default_factory=list)


def helps(me: Me, grid: str, *, on: date) -> Helps:
    """Five statements."""
    doors = list(Door.objects.filter(grid_code__gte=grid, grid_code__lt=grid + ":", ended_at=None).values_list("helper", flat=True))
    posts = set(Appointment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now()), role="helper", area_code__gte=grid, area_code__lt=grid + ":").values_list("staff_id", flat=True))
    teams = [t for t in Team.objects.filter(area_code=grid[:12], ended_at=None).order_by("name")[:MOST] if not t.grids or any(g.startswith(grid) or grid.startswith(g) for g in t.grids)]
    names = duty.names_of({*doors, *posts, *(t.lead for t in teams if t.lead)})
    days = [(x.day, x.name) for x in duty.days(me, [grid[:12]], on, on + AHEAD) if x.name]
    return Helps(
        sorted(names[s] for s in {*doors, *posts} if s in names), [(t.name, names.get(t.lead, "") if t.lead else "") for t in teams], days,
    )


# --- the record -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tick:
    item: HandoverItem
    label: str
    says: str


@dataclass
class Record:
    h: Handover
    area: Area
    giver: str
    taker: str
    signer: str
    beginner: str
    remarks: str
    ticks: list[Tick]

    @property
    def given(self) -> bool:
        return all(t.item.gave_at for t in self.ticks)

    @property
    def taken(self) -> bool:
        return all(t.item.took_at for t in self.ticks)

    @property
    def state(self) -> str:
        return "dropped" if self.h.cancelled_at else "done" if self.h.took_at else "given" if self.h.gave_at else "open"


STATES = {"open": "正在交接", "given": "等接手的签", "done": "已交接", "dropped": "作罢"}


def record(me: Me, pk: uuid.UUID) -> Record | None:
    """Four statements."""
    h = Handover.objects.filter(pk=pk).first()
    return record_of(h) if h is not None else None


def record_of(h: Handover) -> Record:
    items = list(HandoverItem.objects.filter(handover=h).order_by("position", "id"))
    names = duty.names_of(x for x in (h.giver, h.taker, h.gave_by, h.made_by) if x)
    ticks = [
        Tick(i, _(rules.LABELS[i.code].label), _(rules.LABELS[i.code].says)) if i.code in rules.LABELS else Tick(i, str(vault.decrypt(vault.THING, i.pk, i.words_cipher).get("words", "")), "") for i in items
    ]
    remarks = str(vault.decrypt(vault.REMARKS, h.pk, h.remarks_cipher).get("words", ""))
    return Record(h, Area.objects.get(pk=h.area_code), names.get(h.giver, "") if h.giver else "", names.get(h.taker, ""), names.get(h.gave_by, "") if h.gave_by else "", names.get(h.made_by, ""), remarks, ticks)


def manages(me: Me) -> list[str]:
    """Areas in whose grids he may begin a handover for others (the policies say the same)."""
    return sorted({p.area for p in me.posts if Right.APPOINT in ROLES[p.role].rights or {Right.CONTACT, Right.PEOPLE} <= ROLES[p.role].rights})


def standing(me: Me) -> tuple[list[Handover], dict[str, str], dict[uuid.UUID, str]]:
    """(handovers he sees, names of their grids with the village's, of the people). Three statements."""
    rows = list(Handover.objects.filter(cancelled_at=None).order_by("-made_at")[:MOST_LISTED])
    codes = {r.area_code for r in rows}
    areas = dict(Area.objects.filter(pk__in={*codes, *(c[:12] for c in codes)}).values_list("pk", "short_name"))
    return rows, {c: f"{areas.get(c[:12], '')} {areas.get(c, c)}" for c in codes}, duty.names_of({x for r in rows for x in (r.giver, r.taker) if x})


def waiting(me: Me) -> QuerySet[Handover]:
    """Those that wait for his own yes."""
    return Handover.objects.filter(Q(giver=me.id, gave_at=None) | Q(taker=me.id, took_at=None, gave_at__isnull=False), cancelled_at=None)


def officers(grid: str, *, at: datetime) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(who holds the grid now, who held it in the last year and now): (id, name). Two statements."""
    rows = list(Appointment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at - GONE_SINCE), role="grid_officer", area_code__gte=grid[:15], area_code__lt=grid[:15] + ":", starts_at__lte=at).values_list("staff_id", "ends_at"))
    names = dict(Staff.objects.filter(pk__in={s for s, _e in rows}).values_list("pk", "name"))
    now = {s for s, ends in rows if ends is None or ends > at}
    return [(str(s), names[s]) for s in sorted(now, key=lambda s: names.get(s, "")) if s in names], [(str(s), names[s]) for s in sorted({s for s, _e in rows}, key=lambda s: names.get(s, "")) if s in names]
