"""Gathering a tenth of a city, or any share of one, against its floor; the next month; a kill; taking it back.

`python -m bench.gathering [HOUSEHOLDS …] [--kill N] [--undo N]` (default 11000 36667 110000, all of it killed and undone at the first size).
For each size: the files are generated (`minqing.synth.city`), an empty installation is made, `minqing gather load` runs in a
process of its own, then the very same lines are COPYed raw into a logged table with its primary key: the floor. Then the
next month, in which one row in a hundred differs. Per step: seconds, CPU of the program and of the database. Memory: the
program's peak as the kernel says it, the database's as the sum of its processes' proportional shares each second.
MINQING_BENCH_DIR names where it all happens (needs about 12 GB for 110,000 households); clusters are removed when done.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from minqing.gateways import postgres
from minqing.synth import city

HERE = Path(os.environ.get("MINQING_BENCH_DIR", "var/bench-gathering")).absolute()
ROOT = Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
COUNTED = ("archives_resident", "archives_placement", "archives_household", "archives_membership", "archives_dwelling", "archives_occupancy", "archives_kinship", "archives_searchkey",
           "archives_identity", "archives_health", "archives_relief", "archives_disability", "gather_statement", "gather_question")


def environment(home: Path) -> dict[str, str]:
    return {**{k: v for k, v in os.environ.items() if not k.startswith(("MINQING_", "DATABASE_URL"))}, "MINQING_HOME": str(home)}


def run(words: list[str], home: Path) -> str:
    return subprocess.run([sys.executable, "-m", *words], cwd=ROOT, env=environment(home), capture_output=True, text=True, check=True).stdout


@dataclasses.dataclass
class Step:
    name: str
    wall: float = 0.0
    program: float = 0.0
    database: float = 0.0


def cpu(process: int, *, children: bool = False) -> float:
    """Seconds of CPU of a process (and of its ended children)."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(f) for f in fields[11:15 if children else 13]) / TICK


def backends(home: Path) -> list[int]:
    postmaster = int((home / "pg" / "postmaster.pid").read_text().split()[0])
    found = subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True, text=True, check=False).stdout.split()
    return [postmaster, *map(int, found)]


def database_cpu(home: Path) -> float:
    first, *rest = backends(home)
    return cpu(first, children=True) + sum(cpu(p) for p in rest)


class Memory(threading.Thread):
    """Peak of the program (kernel) and of the database (sum of proportional shares, sampled each second), MB."""

    def __init__(self, process: int, home: Path) -> None:
        super().__init__(daemon=True)
        self.process, self.home, self.program, self.database, self.over = process, home, 0.0, 0.0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(1):
            try:
                self.program = max(self.program, int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{self.process}/status").read_text())[1]) / 1024)  # type: ignore[index]
            except (OSError, TypeError):
                continue
            total = 0
            for one in backends(self.home):
                try:
                    total += int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{one}/smaps_rollup").read_text(), re.M)[1])  # type: ignore[index]
                except (OSError, TypeError):
                    continue
            self.database = max(self.database, total / 1024)


def progress(process: subprocess.Popen[str]) -> Iterator[str]:
    """The names of the steps as they begin, from the program's own lines."""
    assert process.stderr
    for line in process.stderr:
        match = re.match(r"\s*\d+%\s+([^：]+)", line)
        if match:
            yield match[1].strip()
        elif line.strip():
            print(line.rstrip(), file=sys.stderr)


def gather(words: list[str], home: Path, *, kill_in: str = "", after: float = 1.0) -> dict[str, Any]:
    """`minqing gather …` in a process of its own, step by step. With `kill_in`, kill -9 so many seconds into that step."""
    begun = last = time.monotonic()
    process = subprocess.Popen([sys.executable, "-u", "-m", "minqing.cli", "--json", "gather", *words, "--as", "data"], cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    memory = Memory(process.pid, home)
    memory.start()
    steps: dict[str, Step] = {}
    name, program, database = "开始", 0.0, database_cpu(home)

    def close() -> None:
        nonlocal last, program, database
        now, mine, theirs = time.monotonic(), cpu(process.pid), database_cpu(home)
        step = steps.setdefault(name, Step(name))
        step.wall += now - last
        step.program += max(0.0, mine - program)
        step.database += max(0.0, theirs - database)
        last, program, database = now, max(mine, program), theirs

    for found in progress(process):
        if found != name:
            close()
            name = found
        if kill_in and name == kill_in:
            time.sleep(after)
            process.send_signal(signal.SIGKILL)
    output = process.stdout.read() if process.stdout else ""
    code = process.wait()
    close()
    memory.over.set()
    if kill_in:
        return {"killed": code == -signal.SIGKILL, "seconds": time.monotonic() - begun}
    if code:
        raise SystemExit(f"gather {words[0]} failed: {output}")
    return {"seconds": time.monotonic() - begun, "program_mb": memory.program, "database_mb": memory.database, "steps": steps, "counts": json.loads(output)}


def floor(files: Path, home: Path) -> tuple[float, int, int]:
    """COPY of every line into a logged table with its primary key. Seconds, lines, bytes."""
    lines = size = 0
    with psycopg.connect(**postgres.open_cluster(home).superuser_dsn(postgres.DATABASE), autocommit=True) as root:
        root.execute("create table floor (id bigint generated always as identity primary key, line text not null)")
        begun = time.monotonic()
        for path in sorted(p for p in files.rglob("*") if p.is_file()):
            raw = path.read_bytes()
            try:
                text = raw.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = raw.decode("gb18030")
            with root.cursor() as cursor, cursor.copy("copy floor (line) from stdin") as copy:
                for line in text.splitlines():
                    copy.write_row((line,))
                    lines += 1
                    size += len(line.encode())
        seconds = time.monotonic() - begun
        root.execute("drop table floor")
    return seconds, lines, size


def counted(home: Path) -> dict[str, int]:
    """Rows of every table that gathering fills, as the superuser sees them."""
    with psycopg.connect(**postgres.open_cluster(home).superuser_dsn(postgres.DATABASE), autocommit=True) as root:
        return {table: root.execute(f"select count(*) from {table}").fetchone()[0] for table in COUNTED}  # type: ignore[index] # noqa: S608 - own names


def installed(name: str) -> Path:
    home = HERE / name
    removed(home)
    run(["minqing.cli", "init", "--data-officer", "数", "--area", "330881"], home)
    return home


def removed(home: Path) -> None:
    if home.exists():
        postgres.open_cluster(home).stop()
        shutil.rmtree(home)


def measure(households: int, *, undo: bool, kill: bool) -> dict[str, Any]:
    files, later = HERE / f"files-{households}", HERE / f"later-{households}"
    if not files.exists():
        city.write(files, households=households)
    if not later.exists():
        city.next_month(files, later)
    home = installed(f"home-{households}")
    row: dict[str, Any] = {"households": households, "first": gather(["load", str(files)], home), "standing": counted(home)}
    row["floor"], row["lines"], row["bytes"] = floor(files, home)
    print(f"{households:,} households, first month: {row['first']['seconds']:.0f} s, floor {row['floor']:.1f} s, {row['first']['program_mb']:.0f} + {row['first']['database_mb']:.0f} MB; "
          + "，".join(f"{s.name} {s.wall:.0f}/{s.program:.0f}/{s.database:.0f}" for s in row["first"]["steps"].values()), file=sys.stderr, flush=True)
    row["second"] = gather(["load", str(later)], home)
    row["added"] = {table: n - row["standing"][table] for table, n in counted(home).items() if n != row["standing"][table]}
    if undo:
        row["undo"] = [gather(["undo", row[which]["counts"]["batch"]], home) for which in ("second", "first")]
    removed(home)
    if kill:
        row["kills"] = killed(files, households, row["standing"])
    return row


def killed(files: Path, households: int, whole: dict[str, int]) -> list[str]:
    """Killed in four steps of one load and resumed each time: as many rows as without. The sentences for the table."""
    home = installed(f"killed-{households}")
    words, at = ["load", str(files)], []
    for step in ("清洗各列", "写人档", "写户内成员", "写部门陈述"):
        at.append(step if gather(words, home, kill_in=step)["killed"] else f"{step} (over before)")
        batch = json.loads(run(["minqing.cli", "--json", "gather", "list", "--as", "data"], home))[0]["batch"]
        words = ["resume", batch]
    gather(words, home)
    found = counted(home)
    removed(home)
    return [f"killed in {'、'.join(at)}", "the same rows in every table" if found == whole else f"differs: {({t: (whole[t], n) for t, n in found.items() if n != whole[t]})}"]


def report(rows: list[dict[str, Any]]) -> str:
    out = [f"Measured {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores.\n", "| households | records | MB | raw COPY s | first month s | × COPY | µs a record | program MB | database MB | next month s | × first |", "|---|---|---|---|---|---|---|---|---|---|---|"]
    for r in rows:
        first, second = r["first"], r["second"]
        out.append(f"| {r['households']:,} | {r['lines']:,} | {r['bytes'] / 1e6:.0f} | {r['floor']:.1f} | {first['seconds']:.0f} | {first['seconds'] / r['floor']:.0f} | {first['seconds'] / r['lines'] * 1e6:.0f} "
                   f"| {first['program_mb']:,.0f} | {first['database_mb']:,.0f} | {second['seconds']:.0f} | {second['seconds'] / first['seconds']:.2f} |")
    for r in rows:
        for which, title in (("first", "first month"), ("second", "next month")):
            out += [f"\n{r['households']:,} households, {title}, seconds by step:\n", "| step | wall | program CPU | database CPU |", "|---|---|---|---|"]
            steps = sorted(r[which]["steps"].values(), key=lambda s: -s.wall)
            out += [f"| {s.name} | {s.wall:.1f} | {s.program:.1f} | {s.database:.1f} |" for s in steps if s.wall >= 0.5]
        out.append(f"\nRows the next month added: {', '.join(f'{t} {n:,}' for t, n in r['added'].items())}; counts: {json.dumps({k: v for k, v in r['second']['counts'].items() if isinstance(v, int)})}")
        if "undo" in r:
            out.append("Taken back: next month {:.1f} s {}, first {:.1f} s {}".format(*(x for u in r["undo"] for x in (u["seconds"], json.dumps(u["counts"])))))
        if "kills" in r:
            out.append("Kill -9: " + "; ".join(r["kills"]))
    return "\n".join(out)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("households", type=int, nargs="*", default=[11_000, 36_667, 110_000])
    options.add_argument("--undo", type=int, help="the size that is taken back (default: the first)")
    options.add_argument("--kill", type=int, help="the size that is killed and resumed (default: the first; 0: none)")
    chosen = options.parse_args()
    first = chosen.households[0]
    rows = []
    for n in chosen.households:
        rows.append(measure(n, undo=n == (first if chosen.undo is None else chosen.undo), kill=n == (first if chosen.kill is None else chosen.kill)))
        print(report(rows[-1:]), file=sys.stderr)
    print(report(rows))


if __name__ == "__main__":
    main()
