"""The copy of a phone: which households it may hold, what of them is new, what became of its operations.

Invariants: what is in the copy, row-level security says; the revision of a household changes with any of its parts, so two copies with
one digest are the same; a cursor is the oldest transaction still running, so a write that commits late is sent late, never lost; no
level 4, no full identity or telephone number.

The revision is made of `xmin`, the transaction that wrote each row: nothing has to be kept up to date when rows are written, so
gathering pays nothing and no writer can forget it (docs/adr/0012).
"""

from __future__ import annotations

import functools
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connections
from django.db.models.fields.json import KeyTransform
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area
from minqing.access.scope import Me
from minqing.archives.actions import proposals
from minqing.archives.models import Household, Membership, Plot, Proposal
from minqing.archives.rules import items
from minqing.contact.queries import asking, days, doors, due, flood
from minqing.contact.rules.days import Turn
from minqing.lib import codes, names
from minqing.service.queries.homes import OPEN_MATTERS
from minqing.service.rules import states
from minqing.sync import vault
from minqing.sync.actions import conflicts, devices, operations
from minqing.sync.models import Box, Device, Operation
from minqing.sync.refusals import Unfit
from minqing.sync.rules import protocol


@dataclass(frozen=True, slots=True)
class Asked:
    """What a phone says of itself when it pulls."""

    cursor: str = ""
    digest: str = ""
    ids: bool = False
    want: tuple[uuid.UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    rev: str
    newest: int


@dataclass(slots=True)
class Copy:
    """What the scope holds at this moment, and from which transaction on the next pull asks."""

    database: str
    horizon: int
    homes: dict[uuid.UUID, Revision] = field(default_factory=dict)
    doors: dict[uuid.UUID, dict[str, Any]] = field(default_factory=dict)  # of a helper, who has no files
    calls: dict[uuid.UUID, dict[str, Any]] = field(default_factory=dict)  # open calls to move on which he works
    lines: dict[uuid.UUID, tuple[dict[str, Any], int]] = field(default_factory=dict)  # people of them, and the transaction that wrote last
    rounds: dict[uuid.UUID, dict[str, Any]] = field(default_factory=dict)  # evenings to which he goes
    stops: dict[uuid.UUID, dict[str, Any]] = field(default_factory=dict)  # their doors
    strange: list[uuid.UUID] = field(default_factory=list)  # households of those that are in no file of his

    def cursor(self, day: date) -> str:
        """Where the next pull goes on, and the day for which the phone knows what is due."""
        return f"{self.database}.{self.horizon}.{day.toordinal()}"

    @property
    def digest(self) -> str:
        return protocol.digest_of_copy(self.revisions)

    @property
    def revisions(self) -> dict[str, str]:
        return {str(key): r.rev for key, r in self.homes.items()} | {str(key): protocol.digest(data)[:12] for part in (self.doors, self.calls, self.rounds, self.stops, {k: data for k, (data, _xid) in self.lines.items()}) for key, data in part.items()}


# One statement, one snapshot. `xmin` has 32 bits: it is put beside the snapshot's 64; older than 4 billion transactions cannot be
# told apart and is sent once more. A row of a running transaction is not visible, and what such a transaction writes carries an id
# not below the horizon, for ids of savepoints are drawn later than their transaction's.
_COPY = """
with homes as materialized (
  select h.id, h.xmin::text::bigint as x from archives_household h where h.voided_at is null and h.state <> 'dissolved' and ({homes})),
ties as materialized (
  select m.household_id as home, m.person_id as person, m.id, m.xmin::text::bigint as x from archives_membership m where m.ends_on is null and m.voided_at is null and ({ties})),
parts as (
  select id as home, id as part, x from homes
  union all select home, id, x from ties
  union all select t.home, r.id, r.xmin::text::bigint from ties t join archives_resident r on r.id = t.person where r.voided_at is null
  union all select p.household_id, p.id, p.xmin::text::bigint from archives_plot p where p.household_id is not null and p.voided_at is null and ({plots})
  union all select v.household_id, v.id, v.xmin::text::bigint from contact_visit v where v.voided_at is null and ({visits})
  union all select h.id, k.id, k.xmin::text::bigint from homes h join contact_doorcheck k on k.household_id = h.id and k.checked_at > current_date - 60
  union all select h.id, g.id, g.xmin::text::bigint from homes h join contact_gravenews g on g.household_id = h.id and g.made_at > current_date - 60
  {matters}),
base as (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as top)
select h.id, sum(hashtextextended(p.part::text || p.x, {shape}))::text, max(b.top + ((p.x - b.top + 4278190080) & 4294967295) - 4278190080)
  from base b, homes h join parts p on p.home = h.id group by h.id
"""
#: Goes up when a row holds something new: phones then fetch every row once more.
SHAPE = 1
#: A photo goes from a phone when this list no longer names what attaches it: it is whole, or nothing goes.
MOST_WAITING = 2000
_MATTERS = """union all select t.home, m.id, m.xmin::text::bigint from ties t join service_party p on p.person_id = t.person join service_matter m on m.id = p.matter_id
   where p.state = any(%s) and not m.restricted and not m.confidential and not p.hidden"""
_NOW = "select (select system_identifier::text from pg_control_system()) || '-' || (select timeline_id::text from pg_control_checkpoint()), pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


def codes_of(me: Me) -> list[str]:
    """The areas of the copy. Raises Unfit for whoever looks after more than villages; [] for whoever opens no files."""
    found = [code for code in me.codes if len(code) >= protocol.WIDEST]
    if me.codes and not found:
        raise Unfit("too_wide", _("您的范围是整个乡镇或县，档案不能带到手机上。请在电脑上查看，或由各村带上自己的网格。"), 403)
    return found


def copy_of(me: Me, areas: Sequence[str], *, on: date) -> Copy:
    """The horizon is read first: what commits after it is sent again, not missed."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_NOW)
        database, horizon = cursor.fetchone()
        found = Copy(database, horizon)
        _transfers(me, found)
        if not areas:
            found.doors = doors_of(me)
            _rounds(me, found, on)
            return found
        within = {part: " or ".join([f"{alias}.grid_code ^@ %s"] * len(areas)) for part, alias in (("homes", "h"), ("ties", "m"), ("plots", "p"), ("visits", "v"))}
        cursor.execute(_COPY.format(**within, matters=_MATTERS, shape=SHAPE), [*areas, *areas, *areas, *areas, states.OPEN_VALUES])
        for home, rev, newest in cursor.fetchall():
            found.homes[home] = Revision(_short(rev), newest)
    if len(found.homes) > protocol.MOST_HOUSEHOLDS:
        raise Unfit("too_many", _("您的范围有%(n)d户，手机最多带%(most)d户。请在电脑上查看。") % {"n": len(found.homes), "most": protocol.MOST_HOUSEHOLDS}, 403)
    _rounds(me, found, on)
    return found


def _rounds(me: Me, copy: Copy, on: date) -> None:
    """夜访 to which he goes. A door whose file he does not hold is a name, a door and an hour, as on the paper he carries, and no more."""
    for r in days.rounds(me, on=on):
        d = r.day
        copy.rounds[d.pk] = _full({"day": d.day.isoformat(), "from": f"{timezone.localtime(d.starts_at):%H:%M}", "to": f"{timezone.localtime(d.ends_at):%H:%M}", "place": d.place, "subject": d.subject, "with": r.others})
        for n, x in enumerate(line for line in r.lines if line.row.household_id):
            mine = x.row.household_id in copy.homes
            if not mine:
                copy.strange.append(x.row.household_id)
            copy.stops[x.row.pk] = _full({
                "round": str(d.pk), "n": n, "home": str(x.row.household_id) if mine else "", "name": x.name, "door": x.door, "hamlet": x.hamlet, "at": f"{timezone.localtime(x.row.slot_at):%H:%M}" if x.row.slot_at else "",
                "asked": x.row.via == "asked" or None, "about": x.about if mine else "", "end": x.row.outcome if x.row.state in (Turn.DONE, Turn.ABSENT) else ""})


def _transfers(me: Me, copy: Copy) -> None:
    """What an open call asks of him: whom to fetch, what to bring, where to. One statement, two more while there is a call."""
    rows = flood.mine(me)
    places = flood.shelters_of({m.area for m in rows})
    names = flood.names_of(places)
    for m in rows:
        copy.calls[m.event] = _full({"level": flood.level(m.level), "drill": m.drill, "village": names.get(m.area, ""), "started": timezone.localtime(m.started_at).isoformat(timespec="minutes"), "shelters": [[str(s.pk), s.name] for s in places[m.area]]})
        x = m.line
        copy.lines[x.id] = (_full({
            "call": str(m.event), "name": x.who.name, "py": spoken(x.who.name), "door": x.who.door, "bring": x.who.bring, "by": x.by, "mine": x.mine, "to": x.shelter, "place": x.place, "shelter": str(x.shelter_id or ""), "zone": x.zone, "vehicle": x.vehicle,
            "state": x.state, "at": timezone.localtime(x.state_at).isoformat(timespec="seconds") if x.state_at else "", "where": x.where}), m.xid)


def doors_of(me: Me) -> dict[uuid.UUID, dict[str, Any]]:
    """A helper's doors: name, door, telephone; ten to thirty, so all of them when one is new."""
    return {d.id: _full({"name": d.name, "door": d.door or d.address, "hamlet": d.natural_village, "phone": d.phone}) for d in doors.mine(me)} if me.posts else {}


def _short(number: str) -> str:
    return f"{int(number) & 0xFFFFFFFFFFFF:x}"


def pull(asked: Asked, *, device: Device, by: Me, at: datetime) -> dict[str, Any]:
    """The answer to one pull (README.md). A phone that was stopped gets nothing but the word to empty itself."""
    now, today = timezone.localtime(at).isoformat(timespec="seconds"), timezone.localdate(at)
    if device.state != "active":
        return {"wipe": device.state, "now": now}
    areas = codes_of(by)
    operations.resume(by=by, at=at)
    copy = copy_of(by, areas, on=today)
    lease = devices.renew(device, at=at)
    answer: dict[str, Any] = {"cursor": copy.cursor(today), "digest": copy.digest, "lease": timezone.localtime(lease).isoformat(timespec="seconds"), "now": now}
    since, day = _since(asked.cursor, copy)
    if since is None:
        chosen = list(copy.homes)
        answer["full"] = True
        answer["areas"] = _areas(areas)
    elif asked.digest == copy.digest and not asked.ids:
        chosen = []
    else:
        chosen = [key for key, r in copy.homes.items() if r.newest >= since]
    chosen = list(dict.fromkeys([*chosen, *(key for key in asked.want if key in copy.homes)]))
    if asked.ids:
        answer["ids"] = copy.revisions
    rows = [{"k": "household", "id": str(key), "rev": copy.homes[key].rev, "data": data} for key, data in households(chosen, on=today).items()] if chosen else []
    if copy.doors and asked.digest != copy.digest:
        rows += [{"k": "door", "id": str(key), "rev": copy.revisions[str(key)], "data": data} for key, data in copy.doors.items()]
    rows += _moved(copy, since, asked)
    if copy.rounds and (since is None or asked.ids or asked.digest != copy.digest):
        rows += [{"k": kind, "id": str(key), "rev": copy.revisions[str(key)], "data": data} for kind, part in (("round", copy.rounds), ("stop", copy.stops)) for key, data in part.items()]
    if rows:
        answer["rows"] = rows
    if areas and (chosen or day != today.toordinal()):
        answer["due"] = {str(key): [on.isoformat(), days] for code in areas for key, (on, days) in due.by_household(by, code, on=today).items() if key in copy.homes}
    _remember(device, [*(areas or ["doors"] * bool(copy.doors or copy.lines)), *map(str, copy.rounds)], len(copy.homes) + len(copy.doors), copy.strange)
    held = waiting(by)
    for name, lines in (("asks", asks(by)), ("waiting", held)):
        if lines:
            answer[name] = lines
    if len(held) >= MOST_WAITING:
        answer["more"] = True
    return answer


def _moved(copy: Copy, since: int | None, asked: Asked) -> list[dict[str, Any]]:
    """People of open calls that are new or changed since, and the calls themselves."""
    if not copy.lines or (since is not None and asked.digest == copy.digest and not asked.ids):
        return []
    held = copy.revisions
    rows = [{"k": "call", "id": str(key), "rev": held[str(key)], "data": data} for key, data in copy.calls.items()]
    return rows + [{"k": "transfer", "id": str(key), "rev": held[str(key)], "data": data} for key, (data, xid) in copy.lines.items() if since is None or xid >= since or key in asked.want]


def _since(cursor: str, copy: Copy) -> tuple[int | None, int]:
    """The transaction from which on, None where the cursor is of another database or of one that has been put back; and its day."""
    parts = cursor.split(".")
    if len(parts) != 3 or parts[0] != copy.database or not all(p.isdecimal() and len(p) < 20 for p in parts[1:]) or int(parts[1]) > copy.horizon:
        return None, 0
    return int(parts[1]), int(parts[2])


def _remember(device: Device, areas: Sequence[str], n: int, strange: Sequence[uuid.UUID]) -> None:
    """A pull is logged once for a phone and a scope, an evening's doors with it: what it holds is then no news. `strange`: doors of other files."""
    said = " ".join(areas)
    if areas and device.codes != said:
        device.codes = said
        device.save(update_fields=["codes"])
        audit.record("device.pull", households=strange, detail={"name": device.name, "households": n})


def _areas(areas: Sequence[str]) -> list[dict[str, str]]:
    """Names of the villages and grids of the copy."""
    found: dict[str, str] = {}
    for code in areas:
        found.update(Area.objects.filter(pk__startswith=code, closed_on=None).order_by("pk").values_list("pk", "official_name"))
    return [{"code": code, "name": name} for code, name in found.items()]


@functools.lru_cache(maxsize=50_000)
def spoken(name: str) -> str:
    """Pinyin and initials by which a name is searched on a phone."""
    return f"{''.join(names.pinyin(name))} {names.initials(name)}"


def households(ids: Iterable[uuid.UUID], *, on: date) -> dict[uuid.UUID, dict[str, Any]]:
    """Four statements: households, members, plots, open matters. `on`: the day for which it is asked what is missing or stale."""
    wanted = list(ids)
    people, plots, things, known = defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list)
    told = [f"person__sources__{name}" for name in asking.PERSONAL]
    rows = Membership.objects.filter(household__in=wanted, ends_on=None, voided_at=None).order_by("relation", "person__birth_date", "id").values_list(
        "household", "person", "relation", "by", "person__name", "person__sex", "person__birth_date", "person__alive", "person__living_elsewhere", "person__phone_tail", "person__voided_at", "person__workplace", *told)
    for home, person, relation, basis, name, sex, born, alive, away, tail, voided, work, *said in rows:
        if voided is None and alive:
            known[home].append(asking.Asked(person, name, born, {"phone": tail and f"****{tail}", "living_elsewhere": away, "workplace": work}, dict(zip(asking.PERSONAL, said, strict=True))))
            people[home].append(_full({"id": str(person), "name": name, "py": spoken(name), "sex": sex, "born": born.isoformat() if born else "", "rel": _relation(relation), "away": away, "phone": f"****{tail}" if tail else "", "by": "" if basis == "registration" else basis}))
    for home, key, name, kind, area in Plot.objects.filter(household__in=wanted, voided_at=None).order_by("sort_key", "id").values_list("household", "id", "name", "kind", "area_mu"):
        plots[home].append(_full({"id": str(key), "name": name, "kind": kind, "area": str(area or "")}))
    with connections["default"].cursor() as cursor:
        cursor.execute(OPEN_MATTERS, [wanted, states.OPEN_VALUES])
        for home, key, number, title, state, due in cursor.fetchall():
            things[home].append(_full({"id": str(key), "number": number, "title": title, "state": _(states.STATE_LABELS[states.State(state)]), "due": timezone.localdate(due).isoformat() if due else ""}))
    found = {}
    for h in Household.objects.filter(pk__in=wanted).order_by("sort_key", "id").defer("sources").annotate(of_caution=KeyTransform("caution", "sources")):
        found[h.pk] = _full({
            "v": h.version, "number": h.number, "grid": h.grid_code, "hamlet": h.natural_village, "group": h.group_no, "address": h.address, "door": h.door, "state": h.state, "kind": h.kind,
            "caution": h.caution, "wishes": h.wishes, "difficulties": h.difficulties, "head": str(h.head_id or ""), "members": people[h.pk], "plots": plots[h.pk], "matters": sorted(things[h.pk], key=lambda m: str(m["number"])),
            "ask": _asked(asking.of_values(h.caution, {"caution": h.of_caution}, known[h.pk], on=on), [p["id"] for p in people[h.pk]]),
        })
    return found


def _asked(found: Iterable[asking.Question], members: Sequence[str]) -> list[list[Any]]:
    """[which member (-1 = the household), field, why] and, where the copy has no other place for it, what the file says."""
    return [[members.index(str(q.person)) if q.person else -1, q.field, q.why, *([q.shown] if q.field == "workplace" and q.shown else [])] for q in found]


@functools.lru_cache(maxsize=200)
def _relation_in(code: str, language: str) -> str:
    return codes.RELATION.name_in(language, code)


def _relation(code: str) -> str:
    return _relation_in(code, get_language() or "")


def _full(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if v not in ("", None, [])}


def asks(me: Me) -> list[dict[str, str]]:
    """Open questions of this person's own operations: both values, numbers masked."""
    found = []
    for row in Proposal.objects.filter(kind=conflicts.KIND, state="open", made_by=me.id, voided_at=None).order_by("made_at", "id")[:100]:
        item = items.ITEMS[row.field] if row.person_id else items.HOUSEHOLD_ITEMS[row.field]
        said = proposals.asked(row)
        found.append({
            "id": str(row.pk), "household": str(row.household_id or ""), "person": str(row.person_id or ""), "field": row.field, "label": item.label,
            "from": conflicts.shown(item, said.get("was", "")), "mine": conflicts.shown(item, said["to"]), "theirs": conflicts.shown(item, said["from"]), "who": said.get("who", ""), "at": timezone.localtime(row.made_at).isoformat(timespec="minutes"),
        })
    return found


def waiting(me: Me) -> list[dict[str, str]]:
    """Operations of mine that came and are not done, and boxes to confirm."""
    found = []
    for row in Operation.objects.filter(staff=me.id, state__in=["waiting", "later", "refused"]).order_by("received_at", "id")[:MOST_WAITING]:
        found.append({"id": str(row.pk), "s": row.state, "kind": row.kind, "msg": vault.decrypt_json(vault.ANSWER, row.pk, row.answer).get("msg", "")})
    return found + [{"id": str(key), "s": "confirm", "msg": ""} for key in Box.objects.filter(state="kept").order_by("received_at").values_list("pk", flat=True)]
