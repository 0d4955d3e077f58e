"""A tenth of a city, or ten tenths: the departments' files of many villages, written by set-based SQL.

Nothing here runs per row in Python: DuckDB computes people from their number (sql/people.sql) and copies one view per
file (sql/departments.sql). The same arguments give the same bytes on any number of threads; the only chance is the
arithmetic of sql/macros.sql. Identity numbers are unique, with the prefix 330899 and a right check digit.

    python -m minqing.synth.city OUT --households 110000

`next_month` writes the same files as a department would send them a month later: one row in so many differs in one cell.
"""

from __future__ import annotations

import argparse
import codecs
import csv
import json
import pathlib
import shutil
import sys
import tempfile
import time
import zlib
from dataclasses import dataclass
from typing import Any

import duckdb

from minqing.synth import names

HERE = pathlib.Path(__file__).parent
VILLAGES = HERE / "data" / "villages.csv"
COUNTIES = {
    "330802": "衢州市柯城区", "330803": "衢州市衢江区", "330822": "常山县", "330824": "开化县", "330825": "龙游县", "330881": "江山市",
}  # fmt: skip
TENANT_SHARE = 0.02
RECODE_BYTES = 8 << 20

SHAPES = [
    # shape, chance from and to (per cent), the head's age from and to, tenant
    ("elder", 0, 15, 66, 90, False), ("elders", 16, 33, 63, 84, False), ("single", 34, 53, 24, 60, False),
    ("couple", 54, 63, 26, 62, False), ("child", 64, 77, 28, 48, False), ("children", 78, 87, 30, 50, False),
    ("parents", 88, 92, 34, 50, False), ("three", 93, 99, 54, 64, False),
    ("lodger", 0, 59, 19, 55, True), ("lodgers", 60, 99, 24, 50, True),
]  # fmt: skip
WIFE = ("12", 2, -4, 2, True)
SLOTS: dict[str, list[tuple[str, int, int, int, bool]]] = {
    # relation, sex (0 either), years against the head's age from and to, a surname of one's own
    "elder": [("02", 0, 0, 0, False)],
    "single": [("02", 0, 0, 0, False)],
    "lodger": [("02", 0, 0, 0, False)],
    "elders": [("02", 1, 0, 0, False), WIFE],
    "couple": [("02", 1, 0, 0, False), WIFE],
    "lodgers": [("02", 1, 0, 0, False), WIFE],
    "child": [("02", 1, 0, 0, False), WIFE, ("22", 0, -29, -25, False)],
    "children": [("02", 1, 0, 0, False), WIFE, ("22", 0, -27, -25, False), ("23", 0, -31, -28, False)],
    "parents": [
        ("02", 1, 0, 0, False), WIFE, ("22", 0, -29, -25, False), ("51", 1, 23, 28, False), ("52", 2, 21, 26, True),
    ],
    "three": [
        ("02", 1, 0, 0, False), WIFE, ("22", 1, -26, -24, False), ("38", 2, -28, -25, True), ("41", 0, -54, -50, False),
    ],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """One file: the view it comes from, its path below the target, and its encoding."""

    view: str
    path: str
    encoding: str = "utf-8"


SOURCES = [
    Source("grid", "00_乡镇/网格划分表.csv"),
    Source("police", "01_公安/常住人口信息导出.csv", "gb18030"),
    Source("floating", "01_公安/流动人口登记表.csv"),
    Source("letting", "01_公安/出租房台账.csv"),
    Source("relief", "02_民政/2026年10月低保花名册.csv"),
    Source("elder", "02_民政/老年人基本信息.csv", "utf-8-sig"),
    Source("pension", "03_人社/城乡居民养老保险参保人员.csv", "gbk"),
    Source("doctor", "04_卫健/家庭医生签约.csv"),
    Source("pregnant", "04_卫健/孕产妇.csv"),
    Source("disabled", "05_残联/持证残疾人名册.csv"),
    Source("insured('2025', 580, 191)", "06_医保/城乡居民医保参保明细_2025.csv", "gb18030"),
    Source("insured('2026', 610, 291)", "06_医保/城乡居民医保参保明细_2026.csv", "gb18030"),
    Source("pupil", "07_教育/在校生基本信息(全国学籍).csv"),
    Source("house", "08_自然资源和规划/农村宅基地和房屋调查.csv"),
    Source("deed", "08_自然资源和规划/不动产登记.csv", "utf-8-sig"),
    Source("land", "09_农业农村/承包地确权.csv"),
    Source("member", "09_农业农村/集体成员与股份.csv"),
    Source("veteran", "10_退役军人事务/优抚对象.csv"),
    Source("business", "11_市场监管/市场主体.csv"),
]


def _quoted(path: pathlib.Path) -> str:
    return str(path).replace("'", "''")


def _tables(db: duckdb.DuckDBPyConnection, villages: pathlib.Path) -> None:
    """The small tables that people.sql joins: villages, shapes of families, their slots, names."""
    with villages.open(encoding="utf-8-sig", newline="") as lines:
        rows = [
            (at, row["code"], row["name"], row["town"], COUNTIES.get(row["code"][:6], "江山市"))
            for at, row in enumerate(csv.DictReader(lines))
        ]
    if not rows:
        raise ValueError(f"{villages}: 没有村（社区）。需要 code,name,town 三列。")
    db.execute("create table village (village_no bigint, code varchar, name varchar, town varchar, county varchar)")
    db.executemany("insert into village values (?, ?, ?, ?, ?)", rows)
    db.execute("create table shape (shape varchar, low int, high int, youngest int, oldest int, is_tenant boolean)")
    db.executemany("insert into shape values (?, ?, ?, ?, ?, ?)", SHAPES)
    db.execute(
        "create table slot (shape varchar, slot int, relation varchar, sex int, younger int, older int, own_surname boolean)"
    )
    slots = [(shape, at, *slot) for shape, members in SLOTS.items() for at, slot in enumerate(members)]
    db.executemany("insert into slot values (?, ?, ?, ?, ?, ?, ?)", slots)
    db.execute("create table surname (rank_no int, name varchar)")
    db.executemany("insert into surname values (?, ?)", list(enumerate(names.SURNAMES)))
    db.execute("create table given (sex varchar, since int, until int, firsts varchar[], seconds varchar[])")
    given = [
        (sex, since, until, list(firsts), list(seconds))
        for sex, eras in names.CHARACTERS.items()
        for since, until, firsts, seconds in eras
    ]
    db.executemany("insert into given values (?, ?, ?, ?, ?)", given)


def _script(name: str, **values: int) -> str:
    text = (HERE / "sql" / name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"${key}", str(value))
    return text


def _recode(source: pathlib.Path, target: pathlib.Path, encoding: str) -> None:
    """Copy UTF-8 text into another encoding, a few megabytes at a time; GBK loses what it cannot hold to "?"."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoder = codecs.getincrementalencoder(encoding)("replace")
    with source.open("rb") as old, target.open("wb") as new:
        while block := old.read(RECODE_BYTES):
            new.write(encoder.encode(decoder.decode(block)))
    source.unlink()


def _copy(db: duckdb.DuckDBPyConnection, source: Source, target: pathlib.Path) -> int:
    """Write one department's file; returns its number of data rows."""
    path = target / source.path
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = path if source.encoding == "utf-8" else path.with_suffix(".utf8")
    rows = db.execute(f"copy (from {source.view}) to '{_quoted(plain)}' (format csv, header true)").fetchone()  # noqa: S608 own constants
    if plain != path:
        _recode(plain, path, source.encoding)
    return int(rows[0]) if rows else 0


def _people(db: duckdb.DuckDBPyConnection, path: pathlib.Path) -> None:
    """The truth about everyone: number, name, sex, birth, kind, village, household."""
    db.execute(
        f"copy (select f.id_number, f.name, f.sex, f.birth as birth_date, f.kind, r.code as registered_village_code, "  # noqa: S608
        f"l.code as living_village_code, case when f.kind <> 'tenant' then f.number end as household_number, f.phone "
        f"from file f left join village r on r.village_no = f.registered_no "
        f"left join village l on l.village_no = f.living_no order by f.no) to '{_quoted(path)}' (format csv, header true)"
    )


def write(
    target: pathlib.Path,
    *,
    households: int = 110_000,
    villages: pathlib.Path = VILLAGES,
    truth: pathlib.Path | None = None,
    memory: str = "2GB",
    threads: int | None = None,
) -> dict[str, Any]:
    """Write the departments' files below ``target`` and, where asked, people.csv below ``truth``.

    ``households`` are registered ones; tenants come on top. Returns counts and seconds. Raises ValueError for a list
    of villages without rows or fewer than one household.
    """
    if households < 1:
        raise ValueError("至少要有一户。")
    started = time.monotonic()
    target.mkdir(parents=True, exist_ok=True)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="minqing-city-"))
    try:
        db = duckdb.connect(str(scratch / "city.duckdb"))
        db.execute(f"set memory_limit = '{memory}'; set temp_directory = '{_quoted(scratch)}'")
        if threads:
            db.execute(f"set threads = {threads}")
        _tables(db, villages)
        db.execute(_script("macros.sql"))
        tenants = max(1, round(households * TENANT_SHARE))
        db.execute(_script("people.sql", households=households, tenants=tenants, surnames=len(names.SURNAMES)))
        db.execute(_script("departments.sql", households=households))
        counted = db.execute("select count(*), count(distinct id_number) from file").fetchone()
        if counted is None or counted[0] != counted[1]:
            raise ValueError(f"identity numbers are not unique: {counted}")
        files = {source.path: _copy(db, source, target) for source in SOURCES}
        if truth:
            truth.mkdir(parents=True, exist_ok=True)
            _people(db, truth / "people.csv")
        db.close()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return {
        "households": households, "people": counted[0], "records": sum(files.values()), "files": files,
        "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip


#: What departments change most: of these columns the first that a file has.
LIVELY = ("联系电话", "承租人电话", "服务处所", "月保障金额", "累计缴费月数", "缴费标准", "建筑面积", "实测面积", "农龄股", "从业人数", "电话", "金额", "备注")


def next_month(source: pathlib.Path, target: pathlib.Path, *, one_in: int = 100) -> dict[str, int]:
    """Copy the files below ``source``, with one cell changed in every ``one_in``-th row, spread by a checksum. {path: rows changed}."""
    changed = {}
    encodings = {entry.path: entry.encoding for entry in SOURCES}
    for path in sorted(p for p in source.rglob("*.csv")):
        name = path.relative_to(source).as_posix()
        written = target / name.replace("2026年10月", "2026年11月")
        written.parent.mkdir(parents=True, exist_ok=True)
        with path.open(encoding=encodings[name], newline="") as old, written.open("w", encoding=encodings[name], errors="replace", newline="") as new:
            rows = csv.reader(old)
            writer = csv.writer(new, lineterminator="\n")
            head = next(rows)
            writer.writerow(head)
            column = next((at for word in LIVELY for at, label in enumerate(head) if word in label), None)
            changed[name] = 0
            for row in rows:
                chance = zlib.crc32("|".join(row).encode())
                if column is not None and chance % one_in == 0:
                    row[column] = _other(row[column], chance // one_in)
                    changed[name] += 1
                writer.writerow(row)
    return changed


def _other(cell: str, chance: int) -> str:
    """Another value of the same kind: a telephone another telephone, a figure another figure, words other words."""
    if cell.isdigit() and len(cell) == 11:
        return cell[:3] + f"{chance % 100_000_000:08d}"
    if cell.replace(".", "", 1).isdigit():
        return str(int(float(cell)) + 1 + chance % 7)
    return f"虚构单位{chance % 90 + 1}"


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m minqing.synth.city", description=__doc__.split("\n\n")[0])
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--households", type=int, default=110_000, help="registered households at factor 1")
    parser.add_argument("--factor", type=float, default=1.0, help="0.01 … 10")
    parser.add_argument("--villages", type=pathlib.Path, default=VILLAGES, help="CSV with code,name,town")
    parser.add_argument("--truth", type=pathlib.Path, help="where to write people.csv; default: OUT_truth beside OUT")
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--threads", type=int)
    chosen = parser.parse_args(arguments)
    truth = chosen.truth or chosen.target.with_name(chosen.target.name + "_truth")
    summary = write(
        chosen.target,
        households=max(1, round(chosen.households * chosen.factor)),
        villages=chosen.villages,
        truth=truth,
        memory=chosen.memory,
        threads=chosen.threads,
    )
    sys.stdout.write(json.dumps(summary, ensure_ascii=False, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
