"""The figures of a result against a truth, as far as the generators' own tests need them.

The full scorer belongs to the samples (score.py); this one asks only whether every row is treated acceptably and every
person found, so that the repository can prove its truths without files from elsewhere.
"""

from __future__ import annotations

import collections
import gzip
import json
import pathlib
from typing import Any


def _lines(path: pathlib.Path) -> list[dict[str, Any]]:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def figures(truth: pathlib.Path, result: pathlib.Path) -> dict[str, Any]:
    """``shares`` (1.0 is perfect), ``faults`` (0 is perfect) and the rows that went ``wrong``."""
    rows = [row for row in _lines(truth / "rows.jsonl.gz") if row["kind"] == "data"]
    people = [who for who in _lines(truth / "residents.jsonl") if who["findable"]]
    found = {who["id_number"]: who for who in _lines(result / "residents.jsonl")}
    actions = collections.defaultdict(set)
    for issue in _lines(result / "issues.jsonl"):
        actions[issue["file"], issue["sheet"], issue["row"]].add(issue["action"])
    links = collections.defaultdict(set)
    for link in _lines(result / "links.jsonl"):
        links[link["file"], link["sheet"], link["row"]].add(link["resident_id"])
    wrong, faults = [], collections.Counter()
    for row in rows:
        at = row["file"], row["sheet"], row["row"]
        acceptable = row.get("ok") or ["OK", "F"]
        action = next(iter(actions[at]), "OK")
        faults["not acceptable"] += action not in acceptable
        faults["lost"] += not links[at] and not actions[at]
        faults["merged without asking"] += acceptable == ["R"] and action != "R"
        faults["linked to another"] += bool(links[at]) and row["person"] not in links[at]
        if action not in acceptable:
            wrong.append(at)
    shares = {
        "found": sum(who["id_number"] in found for who in people) / len(people),
        "linked": sum(bool(links[r["file"], r["sheet"], r["row"]]) for r in rows if r.get("level") != "identity")
        / sum(r.get("level") != "identity" for r in rows),
    }
    return {"shares": shares, "faults": faults, "wrong": wrong}
