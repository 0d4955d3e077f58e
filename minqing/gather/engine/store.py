"""The batch's own database: one DuckDB file in the batch's folder, memory bounded, spilling beside itself.

Invariant: a step is recorded as done in the same transaction-like order as its tables (tables first, record last), so a
run that was killed continues with the step it was in; a folder made from other files or settings starts afresh.
"""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa

from minqing.gather.engine import plain
from minqing.lib import ciphers

MEMORY = "4GB"
NAME = "engine.duckdb"


class Workspace:
    """The DuckDB file of one batch, its Ibis backend (`ibis`) and its plain connection (`sql`)."""

    def __init__(self, folder: Path, *, memory: str = MEMORY, threads: int | None = None, digester: ciphers.Digester | None = None) -> None:
        """`memory` as DuckDB writes it ("4GB"); the spill directory lies inside the folder and is wiped with it.

        `digester` makes the prints of rows (macro `keyed`); without one they are of no use outside this folder.
        """
        folder.mkdir(parents=True, exist_ok=True)
        spill = folder / "spill"
        spill.mkdir(exist_ok=True)
        self.folder = folder
        self._known: dict[str, ibis.Table] = {}
        self.ibis = ibis.duckdb.connect(str(folder / NAME), memory_limit=memory, temp_directory=str(spill))
        self.sql: duckdb.DuckDBPyConnection = self.ibis.con
        if threads:
            self.sql.execute(f"set threads = {int(threads)}")
        self.sql.execute("set preserve_insertion_order = true")
        # Names in SQL are tables of this file, never Python variables; looking for those would also import pandas.
        self.sql.execute("set python_enable_replacements = false")
        self.sql.execute("set timezone = 'Asia/Shanghai'")
        # DuckDB 1.5.6 ends in an internal error where it turns "the first N of a partition" into an aggregation (again.py, the next month of a large list).
        self.sql.execute("set disabled_optimizers = 'top_n_window_elimination'")
        plain.define(self.ibis)
        self._define_print(digester or ciphers.Digester(b""))
        self.sql.execute("create table if not exists step (name varchar primary key, rows bigint, seconds double)")
        self.sql.execute("create table if not exists setting (name varchar primary key, value varchar)")

    def _define_print(self, digester: ciphers.Digester) -> None:
        """`keyed(text)`: half of its HMAC-SHA256 as hex. A temporary macro: the pads stay in memory."""
        inner, outer = digester.inner_pad.hex(), digester.outer_pad.hex()
        self.sql.execute(f"create or replace temp macro keyed(t) as substr(sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode(t)))), 1, 32)")

    def close(self) -> None:
        """Flush and close; the folder can be opened again."""
        self.sql.execute("checkpoint")
        self.ibis.disconnect()

    def tables(self) -> set[str]:
        """Names of all tables of the batch."""
        return {row[0] for row in self.sql.execute("select table_name from information_schema.tables").fetchall()}

    def table(self, name: str) -> ibis.Table:
        """A table as an Ibis expression. Asked for once: the backend reads and parses the schema each time."""
        if name not in self._known:
            self._known[name] = self.ibis.table(name)
        return self._known[name]

    def put(self, name: str, rows: pa.Table) -> None:
        """A table from Arrow rows, replacing the one before."""
        self.sql.register("incoming_rows", rows)
        self.sql.execute(f'create or replace table "{name}" as select * from incoming_rows')
        self.sql.unregister("incoming_rows")
        self.forget(name)

    def forget(self, name: str) -> None:
        """A table was made again by plain SQL: ask for its columns anew."""
        self._known.pop(name, None)

    def save(self, name: str, expression: ibis.Table, *, view: bool = False) -> ibis.Table:
        """Materialise an expression as a table (replacing it), or name it as a view, and return it."""
        # `create … as` keeps the order of the rows and needs no empty table first, unlike the backend's own create_table.
        self.sql.execute(f'create or replace {"view" if view else "table"} "{name}" as {self.ibis.compile(expression)}')
        self._known.pop(name, None)
        return self.table(name)

    def count(self, name: str) -> int:
        """Rows of a table."""
        return int(self.sql.execute(f'select count(*) from "{name}"').fetchone()[0])  # noqa: S608 - own table names

    def is_done(self, step: str) -> bool:
        """True when the step has been recorded."""
        return self.sql.execute("select 1 from step where name = ?", [step]).fetchone() is not None

    def finish(self, step: str, started: float, rows: int = 0) -> None:
        """Record a step as done. `started` is the `time.monotonic()` of its begin."""
        self.sql.execute("insert or replace into step values (?, ?, ?)", [step, rows, round(time.monotonic() - started, 3)])

    def bind(self, fingerprint: str) -> None:
        """Tie the folder to its inputs; everything is dropped when it was made from others."""
        known = self.sql.execute("select value from setting where name = 'fingerprint'").fetchone()
        if known and known[0] == fingerprint:
            return
        listed = self.sql.execute("select table_name, table_type from information_schema.tables").fetchall()
        for name, kind in listed:
            if name not in {"step", "setting"}:
                self.sql.execute(f'drop {"view" if kind == "VIEW" else "table"} if exists "{name}"')
        self.sql.execute("delete from step")
        self.sql.execute("insert or replace into setting values ('fingerprint', ?)", [fingerprint])
