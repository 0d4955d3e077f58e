"""What is true about a delivery, in the format that samples/score.py reads.

A person's truth is limited by what the files tell: whoever appears only in rows whose number cannot be trusted is not
"findable", a phone that only such a row knows is not scored, and a department whose only row is such is optional.
"""

from __future__ import annotations

import collections
import gzip
import json
import pathlib
from dataclasses import dataclass, field
from typing import Any

from minqing.synth.people import AS_OF, Household, Person, World
from minqing.synth.tables import Entry, File, Ledger

GONE_UNSCORED = ("household_id", "living_village_code", "phone", "registered_village_code")
NOT_DELIVERED = ("duplicate_file", "older_period", "refuse")


@dataclass(slots=True)
class Delivery:
    """All files of one handing-over, the people they are about, and where departments disagree."""

    world: World
    files: list[File]
    conflicts: list[dict[str, Any]] = field(default_factory=list)

    def write(self, target: pathlib.Path) -> None:
        """Write the departments' files below ``target``."""
        for file in self.files:
            path = target / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)

    def rows(self) -> list[dict[str, Any]]:
        """One object per physical row of the files that are to be imported."""
        return [
            row
            for file in self.files
            if file.expect not in NOT_DELIVERED
            for ledger in file.ledgers
            for row in ledger.truth(file.path)
        ]

    def entries(self) -> list[tuple[Ledger, Entry]]:
        """The data rows with their sheets."""
        return [
            (ledger, entry)
            for file in self.files
            if file.expect not in NOT_DELIVERED
            for ledger in file.ledgers
            for entry in ledger.all_entries()
        ]

    def conflict(self, kind: str, who: Person, about: str, expect: str, *parties: tuple[str, str, int, Any]) -> None:
        """Remember that departments disagree; a party is (file, sheet, row, value)."""
        named = [dict(zip(("file", "sheet", "row", "value"), party, strict=True)) for party in parties]
        number = f"C{len(self.conflicts) + 1:05d}"
        self.conflicts.append(
            {"type": kind, "person": who.key, "field": about, "parties": named, "expect": expect, "conflict_id": number}
        )


@dataclass(slots=True)
class _Seen:
    """What the files say about one person."""

    usable: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    doubtful_phones: bool = False
    police: bool = False
    named_right: bool = False
    rows: int = 0
    moved: bool = False
    moved_doubtful: bool = False


def _look(delivery: Delivery) -> dict[str, _Seen]:
    seen: dict[str, _Seen] = collections.defaultdict(_Seen)
    for ledger, entry in delivery.entries():
        if entry.person is None:
            continue
        one = seen[entry.person.key]
        one.rows += 1
        doubtful = entry.level == "identity"
        (one.doubtful if doubtful else one.usable).add(ledger.department)
        phone = entry.values.get("phone")
        if phone and not any(d.get("f") == "phone" and d["c"] in ("D20.bad", "D30", "D33") for d in entry.dirt):
            if doubtful:
                one.doubtful_phones = True
            elif any(c.about == "phone" for c in ledger.columns):
                one.phones.add(phone)
        if "hh_no" in entry.values and not doubtful:
            one.police = True
            one.named_right = not any(d.get("f") == "name" and d["c"][:3] in ("D09", "D10") for d in entry.dirt)
        if "lname" in entry.values:
            one.moved |= not doubtful
            one.moved_doubtful |= doubtful
        for other in entry.also:
            seen[other.key].doubtful.add(ledger.department)
            seen[other.key].doubtful_phones = True
    return seen


def _resident(who: Person, one: _Seen) -> dict[str, Any]:
    findable = bool(one.usable)
    unscored = set(who.unscored)
    if who.kind in ("dead", "moved_out"):
        unscored |= set(GONE_UNSCORED)
    if who.kind == "registered" and not one.police:
        unscored |= {"household_id", "registered_village_code", "name"}
    elif who.kind == "registered" and not one.named_right:
        unscored.add("name")
    if not one.phones and one.doubtful_phones:
        unscored.add("phone")
    if one.moved_doubtful and not one.moved:
        unscored.add("living_village_code")
    row: dict[str, Any] = {
        "person": who.key, "id_number": who.id_number, "name": who.name, "sex": who.sex,
        "birth_date": who.birth.isoformat(), "household_id": who.household, "relation": who.relation,
        "registered_village_code": who.registered, "living_village_code": who.living, "phone": who.phone,
        "alive": who.kind != "dead", "kind": who.kind, "in_scope": who.kind != "outsider", "findable": findable,
        "sources": sorted(one.usable), "rows": one.rows,
    }  # fmt: skip
    if who.kind == "registered" and who.living != who.registered and not one.moved:
        row["living_village_expected"] = who.registered
    if one.phones:
        row["phones_accepted"] = sorted(one.phones)
    if one.doubtful - one.usable:
        row["sources_optional"] = sorted(one.doubtful - one.usable)
    if unscored:
        row["unscored"] = sorted(unscored)
    if who.died:
        row["death_date"] = who.died.isoformat()
    return row


def _household(home: Household) -> dict[str, Any]:
    return {
        "household_id": home.key, "number": home.number, "kind": home.kind, "head": home.head.key,
        "members": [[p.key, p.relation] for p in home.members], "gone": [[p.key, how] for p, how in home.gone],
        "village": home.village.code, "grid": home.village.code + home.place.grid, "address": home.address,
        "group": home.place.group, "natural_village": home.place.name, "door": home.door, "dwellings": [],
    }  # fmt: skip


def _summary(rows: list[dict[str, Any]], residents: list[dict[str, Any]], delivery: Delivery) -> dict[str, Any]:
    kinds = collections.Counter(r["kind"] for r in rows)
    kinds.update(f"expect_{r['expect']}" for r in rows if r["kind"] == "data")
    dirt = collections.Counter(code for r in rows for code in {d["c"] for d in r.get("dirt", ())})
    return {
        "as_of": AS_OF.isoformat(),
        "households": sum(h.kind == "registered" for h in delivery.world.households),
        "people": sum(r["kind"] == "registered" for r in residents),
        "residents_in_truth": len(residents),
        "kinds": dict(collections.Counter(r["kind"] for r in residents)),
        "findable": sum(r["findable"] for r in residents),
        "files": len(delivery.files),
        "rows": dict(kinds),
        "conflicts": dict(collections.Counter(c["type"] for c in delivery.conflicts)),
        "dirt_rows": dict(sorted(dirt.items())),
    }


def write(delivery: Delivery, target: pathlib.Path) -> dict[str, Any]:
    """Write the truth files below ``target`` and return the summary."""
    target.mkdir(parents=True, exist_ok=True)
    rows, seen = delivery.rows(), _look(delivery)
    residents = [_resident(who, seen[who.key]) for who in delivery.world.people if seen[who.key].rows]
    grids = sorted({(h.village.code + h.place.grid, h.village.code, h.place.name) for h in delivery.world.households})
    units: dict[tuple[str, str], list[str]] = collections.defaultdict(list)
    for code, village, name in grids:
        units[code, village].append(name)
    contents = {
        "residents": residents,
        "households": [_household(h) for h in delivery.world.households if h.members],
        "conflicts": delivery.conflicts,
        "files": [file.truth() for file in delivery.files],
        "grids": [
            {"code": c, "name": f"第{'零一二三四五六'[int(c[-1])]}网格", "village": v, "units": u}
            for (c, v), u in units.items()
        ],
    }
    for name, objects in contents.items():
        (target / f"{name}.jsonl").write_text(_lines(objects), encoding="utf-8")
    (target / "rows.jsonl.gz").write_bytes(gzip.compress(_lines(rows).encode(), mtime=0))
    summary = _summary(rows, residents, delivery)
    (target / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return summary


def _lines(objects: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(o, ensure_ascii=False) + "\n" for o in objects)
