"""The whole way: read → header → map → clean → validate → link → diff → decide, one step after the other, resumable.

Invariant: each step reads only tables of the steps before it and records itself when its tables are complete; a batch
started again with the same files and settings does what is left, and then the same rows stand in the same order.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from minqing.gather.engine import (
    again,
    assembling,
    choosing,
    cleaning,
    deciding,
    dictionaries,
    fields,
    grids,
    ingest,
    joined,
    linking,
    mentioning,
    readers,
    reading,
    resolving,
    rules,
    settling,
    statements,
    store,
    superseding,
    templates,
)
from minqing.lib import addresses, ciphers


@dataclasses.dataclass(frozen=True)
class Batch:
    """What a run is told. `within` is the area code the files are about (county, town or village); `today` and `as_of`
    (date of files that state none) are passed in; `learned` maps headings to fields by a data officer's answers."""

    roots: tuple[Path, ...]
    folder: Path
    within: str
    today: datetime.date
    gazetteer: addresses.Gazetteer
    as_of: datetime.date | None = None
    learned: Mapping[str, str] = dataclasses.field(default_factory=dict)
    known_digests: frozenset[str] = frozenset()
    area_code: str = "0570"
    memory: str = store.MEMORY
    threads: int | None = None
    digester: ciphers.Digester | None = dataclasses.field(default=None, repr=False)

    def fingerprint(self) -> str:
        """Changes when a file, its name or a setting changes; the folder is then started afresh."""
        state = hashlib.sha256()
        for path, name in readers.files_of(list(self.roots)):
            state.update(f"{name}\0{reading.digest(path)}\n".encode())
        for path in sorted(templates.FOLDER.glob("*.toml")):
            state.update(path.read_bytes())
        settings = (self.within, self.today, self.as_of, self.area_code, sorted(self.learned.items()), sorted(self.known_digests), VERSION)
        state.update(repr(settings).encode())
        return state.hexdigest()


#: Raised when the tables change, so that folders of older engines start afresh.
VERSION = 5
#: Fills `known_person` and `known_grid` (people and grids on file before this batch), `known_print` (rows that stand already) and
#: `known_link` (rows that somebody judged); called once, after the folder is bound.
Preparation = Callable[[store.Workspace], None]
Progress = Callable[[str, str], None]


def run(batch: Batch, *, prepare: Preparation | None = None, identify: Preparation | None = None, progress: Progress = lambda step, detail: None) -> store.Workspace:
    """Run what is left of a batch; the open workspace with all tables of `tables.TABLES`. `identify` may fill `known_value` before the choice."""
    work = store.Workspace(batch.folder, memory=batch.memory, threads=batch.threads, digester=batch.digester)
    work.bind(batch.fingerprint())
    context = rules.Context(batch.today, batch.gazetteer, batch.within, batch.area_code)
    options = ingest.Options(today=batch.today, as_of=batch.as_of or batch.today, learned=batch.learned, known_digests=batch.known_digests)

    def known() -> None:
        work.sql.execute(linking.KNOWN_PERSON)
        if prepare:
            prepare(work)

    steps: list[tuple[str, Callable[[], object]]] = [
        ("known", known),
        ("read", lambda: ingest.run(work, list(batch.roots), options, lambda name: progress("read", name))),
        ("fill", lambda: [cleaning.fill(work, kind) for kind in cleaning.kinds_of(work)]),
        ("print", lambda: again.prints(work)),
        ("again", lambda: again.run(work)),
    ]
    _run(work, steps, progress)
    # Every run teaches the gazetteer again: it lives in memory, not in the folder.
    grids.run(work, context)
    places = work.sql.execute("select village, place from grid_place").fetchall()
    context = dataclasses.replace(context, places=frozenset(places))
    kinds = cleaning.kinds_of(work)
    if not any(templates.by_key(kind).subject != "grid" for kind in kinds):
        return work  # nothing but duplicates, refused files or grids: there is no `statement` table
    rules_used = sorted({fields.FIELDS[name].rule for kind in kinds for name in cleaning.names_of(kind)})
    steps = [
        *[(f"dictionary:{rule}", lambda rule=rule: dictionaries.build(work, rule, kinds, context)) for rule in rules_used],
        *[(f"clean:{kind}", lambda kind=kind: cleaning.clean(work, kind, context)) for kind in kinds],
        ("settle", lambda: settling.run(work, context)),
        ("validate", lambda: statements.build(work, kinds, context)),
        ("joined", lambda: joined.run(work)),
        ("link", lambda: linking.run(work)),
        ("diff", lambda: superseding.run(work)),
        ("resolve", lambda: resolving.run(work)),
        ("identify", lambda: identify(work) if identify else None),
        ("choose", lambda: choosing.run(work)),
        ("assemble", lambda: assembling.run(work)),
        ("mention", lambda: mentioning.run(work)),
        ("decide", lambda: deciding.run(work)),
    ]
    _run(work, steps, progress)
    return work


def _run(work: store.Workspace, steps: list[tuple[str, Callable[[], object]]], progress: Progress) -> None:
    for name, step in steps:
        if work.is_done(name):
            continue
        progress(name, "")
        started = time.monotonic()
        step()
        work.finish(name, started)
