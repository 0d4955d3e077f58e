"""`python -m minqing.gather.engine DIR --within CODE --out DIR`: gather a folder of files without PostgreSQL."""

from __future__ import annotations

import argparse
import datetime
import sys
import tempfile
from pathlib import Path

from minqing.gather.engine import exporting, pipeline, reporting
from minqing.lib import addresses, divisions

_DATA = Path(__file__).resolve().parents[2] / "access" / "data"


def gazetteer(folder: Path = _DATA) -> addresses.Gazetteer:
    """The divisions and aliases that the project ships."""
    rows = [row for path in sorted(folder.glob("divisions-*.csv")) for row in divisions.read(path)]
    aliases = [row for path in sorted(folder.glob("aliases-*.csv")) for row in divisions.read_aliases(path)]
    return addresses.Gazetteer.build(rows, aliases)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, or 2 when no file could be taken."""
    parser = argparse.ArgumentParser(prog="python -m minqing.gather.engine", description="归集一个目录里的部门文件，结果写成 JSON 行文件和一份 Excel 报告。")
    parser.add_argument("folder", type=Path, nargs="+", help="部门文件或目录")
    parser.add_argument("--within", required=True, help="区划代码：县 6 位、乡镇 9 位、村 12 位")
    parser.add_argument("--out", type=Path, required=True, help="结果目录")
    parser.add_argument("--work", type=Path, help="工作目录（可续跑）；默认用临时目录")
    parser.add_argument("--today", type=datetime.date.fromisoformat, default=None, help="今天的日期，默认取系统日期")
    parser.add_argument("--as-of", type=datetime.date.fromisoformat, default=None, help="没有写明日期的文件按这一天算")
    parser.add_argument("--memory", default="4GB", help="内存上限，如 4GB")
    options = parser.parse_args(arguments)
    today = options.today or datetime.datetime.now(tz=datetime.UTC).astimezone().date()
    with tempfile.TemporaryDirectory() as scratch:
        batch = pipeline.Batch(
            roots=tuple(options.folder), folder=options.work or Path(scratch), within=options.within, today=today, as_of=options.as_of,
            gazetteer=gazetteer(), memory=options.memory,
        )  # fmt: skip
        work = pipeline.run(batch, progress=lambda step, detail: print(f"{step} {detail}".rstrip(), file=sys.stderr))  # noqa: T201 - the command's progress
        counts = exporting.run(work, options.out)
        reporting.write(work, options.out / "report.xlsx")
        taken = work.sql.execute("select count(*) from file where status in ('imported', 'older_period')").fetchone()[0]
        work.close()
    print(" ".join(f"{name}={count}" for name, count in counts.items()))  # noqa: T201 - the command's answer
    return 0 if taken else 2


if __name__ == "__main__":
    sys.exit(main())
