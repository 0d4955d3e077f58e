"""Gathering a tenth of a city, or any share of one, against its floor.

`python -m bench.gathering [HOUSEHOLDS …]` (default 11000 and 110000: is time linear?). For each size: the files are generated
(`minqing.synth.city`), an empty installation is made, `minqing gather load` runs in a process of its own (its steps timed, its
peak memory and that of the database read), then the very same lines are COPYed raw into a logged table with its primary key:
the floor. MINQING_BENCH_DIR names where it all happens (needs about 4 GB for 110,000 households).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from minqing.gateways import postgres

HERE = Path(os.environ.get("MINQING_BENCH_DIR", "var/bench-gathering")).absolute()
ROOT = Path(__file__).resolve().parent.parent


def run(words: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MINQING_", "DATABASE_URL"))}
    return subprocess.run([sys.executable, "-m", *words], cwd=ROOT, env={**environment, "MINQING_HOME": str(home)}, capture_output=True, text=True, check=True)


def load(files: Path, home: Path) -> dict[str, Any]:
    """Run the load; seconds per step from its progress lines, peak memory from the kernel."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MINQING_", "DATABASE_URL"))}
    begun = last = time.monotonic()
    steps: dict[str, float] = {}
    name = "开始"
    process = subprocess.Popen([sys.executable, "-u", "-m", "minqing.cli", "--json", "gather", "load", str(files), "--as", "data"], cwd=ROOT,
                               env={**environment, "MINQING_HOME": str(home)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = 0
    assert process.stderr
    for line in process.stderr:
        match = re.match(r"\s*\d+%\s+([^：]+)", line)
        now = time.monotonic()
        if match and match[1].strip() != name:
            steps[name] = steps.get(name, 0) + now - last
            name, last = match[1].strip(), now
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = max(peak, int(re.search(r"VmHWM:\s+(\d+)", status)[1]))  # type: ignore[index]
        except (OSError, TypeError):
            pass
    steps[name] = steps.get(name, 0) + time.monotonic() - last
    result = json.loads(process.stdout.read() if process.stdout else "{}")
    if process.wait():
        raise SystemExit(f"gather load failed: {result}")
    return {"seconds": time.monotonic() - begun, "peak_mb": peak / 1024, "steps": {k: round(v, 1) for k, v in steps.items()}, "counts": result}


def floor(files: Path, home: Path) -> tuple[float, int, int]:
    """COPY of every line into a logged table with its primary key. Seconds, lines, bytes."""
    lines = size = 0
    with psycopg.connect(**postgres.open_cluster(home).superuser_dsn(postgres.DATABASE), autocommit=True) as root:
        root.execute("create table floor (id bigint generated always as identity primary key, line text not null)")
        begun = time.monotonic()
        for path in sorted(p for p in files.rglob("*") if p.is_file()):
            raw = path.read_bytes()
            text = raw.decode("utf-8-sig") if path.suffix != ".gbk" and _is_utf8(raw) else raw.decode("gb18030")
            with root.cursor() as cursor, cursor.copy("copy floor (line) from stdin") as copy:
                for line in text.splitlines():
                    copy.write_row((line,))
                    lines += 1
                    size += len(line.encode())
        seconds = time.monotonic() - begun
        root.execute("drop table floor")
    return seconds, lines, size


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def measure(households: int) -> dict[str, Any]:
    files, home = HERE / f"files-{households}", HERE / f"home-{households}"
    if not files.exists():
        run(["minqing.synth.city", str(files), "--households", str(households)], home)
    if home.exists():
        postgres.open_cluster(home).stop()
        shutil.rmtree(home)
    run(["minqing.cli", "init", "--data-officer", "数", "--area", "330881"], home)
    loaded = load(files, home)
    seconds, lines, size = floor(files, home)
    postgres.open_cluster(home).stop()
    return {"households": households, "lines": lines, "mb": size / 1e6, "floor_seconds": seconds, "ratio": loaded["seconds"] / seconds, **loaded}


def main() -> None:
    rows = [measure(n) for n in [int(a) for a in sys.argv[1:]] or [11_000, 110_000]]
    print(f"Measured {datetime.now(UTC):%Y-%m-%d}.\n\n| households | records | MB | load s | raw COPY s | ratio | peak MB |\n|---|---|---|---|---|---|---|")
    for r in rows:
        print(f"| {r['households']:,} | {r['lines']:,} | {r['mb']:.0f} | {r['seconds']:.0f} | {r['floor_seconds']:.1f} | {r['ratio']:.1f} | {r['peak_mb']:.0f} |")
    for r in rows:
        print(f"\n{r['households']:,} households, seconds by step: " + "，".join(f"{k} {v}" for k, v in sorted(r["steps"].items(), key=lambda kv: -kv[1])[:14]))


if __name__ == "__main__":
    main()
