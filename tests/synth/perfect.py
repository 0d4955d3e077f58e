"""The result that a faultless gathering would export, derived from the truth alone.

It proves that a truth is consistent: samples/score.py must give it one hundred per cent everywhere.
"""

from __future__ import annotations

import gzip
import json
import pathlib
from typing import Any

STATUS = {"import": "imported", "duplicate_file": "duplicate", "older_period": "older_period", "refuse": "refused"}


def _read(path: pathlib.Path) -> list[dict[str, Any]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def _resident(who: dict[str, Any]) -> dict[str, Any]:
    phones = who.get("phones_accepted") or [None]
    return {
        "resident_id": who["person"],
        **{key: who[key] for key in ("id_number", "name", "sex", "birth_date", "household_id", "alive", "sources")},
        "registered_village_code": who["registered_village_code"],
        "living_village_code": who.get("living_village_expected", who["living_village_code"]),
        "phone": phones[0],
    }


def write(truth: pathlib.Path, target: pathlib.Path) -> None:
    """Write residents, links, issues, conflicts and files below ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    people = {who["person"]: who for who in _read(truth / "residents.jsonl")}
    links, issues = [], []
    for row in _read(truth / "rows.jsonl.gz"):
        if row["kind"] != "data":
            continue
        at = {key: row[key] for key in ("file", "sheet", "row")}
        if row["expect"] in ("W", "R"):
            issues.append({**at, "code": row["dirt"][0]["c"], "action": row["expect"]})
        if row.get("level") != "identity" or row["expect"] != "R":
            links.append({**at, "resident_id": row["person"]})
    contents = {
        "residents": [_resident(who) for who in people.values() if who["findable"]],
        "links": links,
        "issues": issues,
        "conflicts": [
            {"id_number": people[c["person"]]["id_number"], "field": c["field"]}
            for c in _read(truth / "conflicts.jsonl")
        ],
        "files": [{"file": f["file"], "status": STATUS[f["expect"]]} for f in _read(truth / "files.jsonl")],
    }
    for name, objects in contents.items():
        text = "".join(json.dumps(o, ensure_ascii=False) + "\n" for o in objects)
        (target / f"{name}.jsonl").write_text(text, encoding="utf-8")
