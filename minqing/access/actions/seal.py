"""Sealing the audit: a chain of keyed digests over what was written, minute by minute, and the proof that it still holds.

Invariants (scope.md §6): the role `seal` reads entries and appends seals, it can change neither; a seal covers the rows
`low <= xid < upto` in (xid, id) order, where `upto` never passes the oldest running transaction, so that no late commit
slips in behind a seal; writers never wait. The key is a file outside the database. Each head is also appended to a file
(MINQING_SEALS, best on another machine): a chain inside one database cannot show that its tail was cut off.

head = HMAC-SM3(key, prev ‖ no ‖ low ‖ upto ‖ count ‖ SM3(rows)); rows are length-prefixed canonical lines.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from minqing.access import keyring
from minqing.lib import ciphers

ALGORITHM = "hmac-sm3"
GENESIS = bytes(32)
#: Most rows under one seal: keeps one run short and a finding narrow.
ROWS_PER_SEAL = 20_000
#: Advisory lock of the job: two workers never seal at once.
LOCK = 0x6D696E71  # "minq"
_NUMBERS = struct.Struct(">QQQQ")

# every column, as text, in this order; json so that no value can pretend to be two
_CANONICAL = """
select e.xid::text, convert_to(json_build_array(e.id::text, (extract(epoch from e.at) * 1000000)::bigint::text, e.xid::text, e.staff::text, e.appointments::text,
       e.session::text, e.area_code, e.what, e.persons::text, e.households::text, e.purpose, e.reason, e.origin, e.detail::text)::text, 'UTF8'), e.at
  from access_auditentry e
 where e.xid >= %s::xid8 and e.xid < %s::xid8
 order by e.xid, e.id
"""


@dataclass(frozen=True)
class Seal:
    no: int
    at: datetime
    low: int
    upto: int
    rows: int
    prev: bytes
    head: bytes
    algorithm: str
    key_no: int


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: `kind` is changed, removed, inserted, chain or tail; `no` names the seal (0 = none)."""

    kind: str
    no: int
    sentence: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Report:
    """What verification found. `unsealed` rows are younger than the last seal and not yet protected."""

    seals: int
    rows: int
    unsealed: int
    findings: tuple[Finding, ...] = field(default_factory=tuple)
    note: str = ""

    @property
    def sound(self) -> bool:
        return not self.findings

    def as_dict(self) -> dict[str, Any]:
        return {
            "结论": "完好" if self.sound else "发现问题", "封印": self.seals, "已核对记录": self.rows, "尚未封印": self.unsealed,
            "问题": [f.sentence for f in self.findings], "说明": self.note,
        }


NOT_YET = "最近一分钟内的记录还没有封印，这一段暂不受保护。"
STANDS_STILL = "有 {n} 条记录等了 {minutes:.0f} 分钟还没有封印：封印任务没有运行，这些记录不受保护。请检查后台任务（minqing worker）。"
#: Minutes after which waiting rows mean that the job stands still (a long gathering holds it back for a while).
PATIENCE = 15


def canonical(rows: Iterable[tuple[Any, ...]]) -> tuple[int, bytes, datetime | None, datetime | None]:
    """(count, SM3 of all lines, time of the first row, time of the last row by time)."""
    digest, count = hashlib.new("sm3"), 0
    first: datetime | None = None
    last: datetime | None = None
    for _, line, at in rows:
        line = bytes(line)
        digest.update(len(line).to_bytes(4, "big") + line)
        count += 1
        first, last = min(first or at, at), max(last or at, at)
    return count, digest.digest(), first, last


def head_of(*, key: bytes, prev: bytes, no: int, low: int, upto: int, rows: int, digest: bytes) -> bytes:
    """The head of one seal, 32 bytes."""
    return ciphers.seal(key, prev, _NUMBERS.pack(no, low, upto, rows) + digest)


def seal(*, at: datetime | None = None) -> int:
    """Seal everything that may be sealed now; returns how many seals were made. Nothing happens while another worker seals.

    `at` is only for the line in the heads file; the database stamps the seal itself.
    """
    made = 0
    while True:
        with transaction.atomic(using="seal"):
            fresh = _seal_once()
        if fresh is None:
            break
        made += 1
        if fresh.rows < ROWS_PER_SEAL:
            break
    append_heads(at or datetime.now(UTC))
    return made


def _seal_once() -> Seal | None:
    connection = connections["seal"]
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        last = _last_seal(cursor)
        no, low, prev = (last.no + 1, last.upto, last.head) if last else (1, 0, GENESIS)
        # every transaction below this one has ended: what it wrote is visible from here on, or never will be
        cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text")
        upto = int(cursor.fetchone()[0])
        cursor.execute(
            "select max(x.xid)::text, count(*) from (select e.xid from access_auditentry e where e.xid >= %s::xid8 and e.xid < %s::xid8 order by e.xid limit %s) x",
            [str(low), str(upto), ROWS_PER_SEAL],
        )
        highest, found = cursor.fetchone()
        if not found:
            return None
        if found == ROWS_PER_SEAL:
            upto = int(highest) + 1  # whole transactions only
        with connection.chunked_cursor() as lines:  # one transaction may have written more than fits in memory
            lines.execute(_CANONICAL, [str(low), str(upto)])
            rows, digest, _, _ = canonical(_rows_of(lines))
        key_no, key = keyring.ring().current("seal")
        head = head_of(key=key, prev=prev, no=no, low=low, upto=upto, rows=rows, digest=digest)
        cursor.execute(
            "insert into access_auditseal (no, low_xid, upto_xid, rows, prev, head, algorithm, key_no) values (%s, %s::xid8, %s::xid8, %s, %s, %s, %s, %s) returning at",
            [no, str(low), str(upto), rows, prev, head, ALGORITHM, key_no],
        )
        return Seal(no, cursor.fetchone()[0], low, upto, rows, prev, head, ALGORITHM, key_no)


_SEALS = "select no, at, low_xid::text, upto_xid::text, rows, prev, head, algorithm, key_no from access_auditseal"


def _read(row: tuple[Any, ...]) -> Seal:
    return Seal(row[0], row[1], int(row[2]), int(row[3]), row[4], bytes(row[5]), bytes(row[6]), row[7], row[8])


def _last_seal(cursor: Any) -> Seal | None:
    cursor.execute(_SEALS + " order by no desc limit 1")
    row = cursor.fetchone()
    return _read(row) if row else None


def last_seal() -> Seal | None:
    """The newest seal, by role seal."""
    with transaction.atomic(using="seal"), connections["seal"].cursor() as cursor:
        return _last_seal(cursor)


def unsealed_minutes() -> float:
    """For how many minutes the oldest unsealed entry has been waiting; 0 where there is none. More than 15: the job stands still."""
    with transaction.atomic(using="seal"), connections["seal"].cursor() as cursor:
        last = _last_seal(cursor)
        cursor.execute("select extract(epoch from clock_timestamp() - min(at)) / 60 from access_auditentry where xid >= %s::xid8", [str(last.upto if last else 0)])
        return float(cursor.fetchone()[0] or 0)


# --- the file of heads ------------------------------------------------------------------------------------------------


def heads_folder() -> Path:
    return Path(settings.SEAL_DIR)


def append_heads(at: datetime) -> int:
    """Append the heads that the file does not have yet: `no rows head time`, one a line. Returns how many.

    Written after the seals are committed: the file may lag behind the database by a crash, never run ahead of it.
    """
    folder = heads_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = max((no for no, _, _ in read_heads(folder)), default=0)
    with transaction.atomic(using="seal"), connections["seal"].cursor() as cursor:
        cursor.execute(_SEALS + " where no > %s order by no", [known])
        fresh = [_read(row) for row in cursor.fetchall()]
    if not fresh:
        return 0
    path = folder / f"heads-{at:%Y}.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:
        file.writelines(f"{s.no} {s.rows} {s.head.hex()} {s.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\n" for s in fresh)
        file.flush()
        os.fsync(file.fileno())
    return len(fresh)


def read_heads(folder: Path) -> list[tuple[int, int, str]]:
    """(no, rows, head in hexadecimal) of every line of every heads file; a torn last line is left out."""
    found = []
    for path in sorted(folder.glob("heads-*.txt")):
        for line in path.read_text(encoding="ascii").splitlines():
            parts = line.split()
            if len(parts) == 4 and len(parts[2]) == 64:
                found.append((int(parts[0]), int(parts[1]), parts[2]))
    return found


# --- verification -----------------------------------------------------------------------------------------------------


def verify() -> Report:
    """Recompute the whole chain and compare it with the heads file. One ordered pass, memory bounded by one batch of rows."""
    connection = connections["seal"]
    with transaction.atomic(using="seal"):
        with connection.cursor() as cursor:
            cursor.execute(_SEALS + " order by no")
            seals = [_read(row) for row in cursor.fetchall()]
        findings = [*_check_chain(seals)]
        checked = 0
        upto = seals[-1].upto if seals else 0
        with connection.chunked_cursor() as cursor:
            cursor.execute(_CANONICAL, ["0", str(upto)])
            checked += _check_rows(seals, _rows_of(cursor), findings)
        with connection.cursor() as cursor:
            cursor.execute("select count(*), coalesce(extract(epoch from clock_timestamp() - min(at)) / 60, 0) from access_auditentry where xid >= %s::xid8", [str(upto)])
            unsealed, minutes = cursor.fetchone()
    findings += _check_heads(seals)
    note = "" if not unsealed else NOT_YET if minutes < PATIENCE else STANDS_STILL.format(n=unsealed, minutes=minutes)
    return Report(len(seals), checked, int(unsealed), tuple(findings), note)


def _rows_of(cursor: Any) -> Iterator[tuple[Any, ...]]:
    while batch := cursor.fetchmany(2_000):
        yield from batch


def _check_chain(seals: list[Seal]) -> Iterator[Finding]:
    """Each seal takes up where the last one ended."""
    expected_no, expected_low, expected_prev = 1, 0, GENESIS
    for s in seals:
        if s.no != expected_no:
            yield Finding("removed", expected_no, f"第 {expected_no} 号至第 {s.no - 1} 号封印不见了。", None, s.at)
        elif s.low != expected_low or s.prev != expected_prev:
            yield Finding("chain", s.no, f"第 {s.no} 号封印与前一号不相接，封印表被改动过。", None, s.at)
        expected_no, expected_low, expected_prev = s.no + 1, s.upto, s.head


def _check_rows(seals: list[Seal], rows: Iterator[tuple[Any, ...]], findings: list[Finding]) -> int:
    """Recompute each head from the rows; adds what is wrong to `findings` and returns how many rows were read."""
    by_seal: dict[int, tuple[int, bytes, datetime | None, datetime | None]] = {}
    edges = iter(seals)
    current = next(edges, None)

    def number(row: tuple[Any, ...]) -> int:
        nonlocal current
        xid = int(row[0])
        while current is not None and xid >= current.upto:
            current = next(edges, None)
        return current.no if current is not None and xid >= current.low else 0

    read = 0
    for no, group in groupby(rows, key=number):
        count, digest, since, until = canonical(group)
        read += count
        if no:
            by_seal[no] = (count, digest, since, until)
        else:
            findings.append(Finding("inserted", 0, f"有 {count} 条记录不属于任何封印：是后来插入的，或其封印被删除了。", since, until))
    nothing = (0, hashlib.new("sm3").digest(), None, None)
    for s in seals:
        count, digest, since, until = by_seal.get(s.no, nothing)
        when = f"（{since:%Y-%m-%d %H:%M} 至 {until:%Y-%m-%d %H:%M}，UTC）" if since and until else f"（封印于 {s.at:%Y-%m-%d %H:%M}，UTC）"
        key = keyring.ring().seal.get(s.key_no)
        if key is None:
            findings.append(Finding("chain", s.no, f"第 {s.no} 号封印用的 {s.key_no} 号密钥不在本机，无法核对；请从密钥备份中恢复。", since, until))
        elif count < s.rows:
            findings.append(Finding("removed", s.no, f"第 {s.no} 号封印{when}少了 {s.rows - count} 条记录：封印时 {s.rows} 条，现在 {count} 条。", since, until))
        elif count > s.rows:
            findings.append(Finding("inserted", s.no, f"第 {s.no} 号封印{when}多了 {count - s.rows} 条记录：封印时 {s.rows} 条，现在 {count} 条。", since, until))
        elif not hmac.compare_digest(s.head, head_of(key=key, prev=s.prev, no=s.no, low=s.low, upto=s.upto, rows=count, digest=digest)):
            findings.append(Finding("changed", s.no, f"第 {s.no} 号封印{when}的 {s.rows} 条记录中有内容被改动过。", since, until))
    return read


def _check_heads(seals: list[Seal]) -> Iterator[Finding]:
    """The file outside the database remembers heads that the database should still have."""
    present = {s.no: s.head.hex() for s in seals}
    last = max(present, default=0)
    heads = read_heads(heads_folder())
    cut = sorted({no for no, _, _ in heads if no > last})
    if cut:
        lost = sum(rows for no, rows, _ in heads if no > last)
        yield Finding("tail", cut[0], f"封印文件记有第 {cut[0]} 至 {cut[-1]} 号封印（{lost} 条记录），数据库里没有：日志的末尾被截掉了。")
    for no, _, head in heads:
        if no in present and present[no] != head:
            yield Finding("chain", no, f"第 {no} 号封印与封印文件里的不一致：整条链被重新做过。")
