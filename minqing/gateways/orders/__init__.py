"""Orders of other systems (12345, 基层治理四平台): a folder of Excel or CSV, or HTTP. Nothing of Django, nothing of matters.

Invariants: an order is named by its system's own number; a row that cannot be read is returned with a sentence, never dropped; a
reply carries the order's number, so that handing it over twice is one reply.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import http.client
import io
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import python_calamine
import xlsxwriter

from minqing.gateways.answers import read_in_time
from minqing.gateways.words import Worded

ZONE = ZoneInfo("Asia/Shanghai")
TIMEOUT = 20.0
MOST_ANSWER = 50 * 1024 * 1024
#: How other systems call what we need; compared without blanks, brackets and colons.
COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("工单编号", "工单号", "诉求编号", "事件编号", "编号", "受理编号", "流水号", "orderno", "number"),
    "received_at": ("受理时间", "来电时间", "登记时间", "上报时间", "发生时间", "创建时间", "receivedat"),
    "name": ("诉求人", "来电人", "反映人", "姓名", "当事人", "联系人", "name"),
    "phone": ("联系电话", "来电号码", "电话", "手机", "手机号码", "联系方式", "phone"),
    "words": ("诉求内容", "反映内容", "事件描述", "主要内容", "工单内容", "内容", "描述", "words"),
    "place": ("事发地址", "事发地点", "诉求地址", "地址", "发生地点", "所在地", "地点", "place"),
    "kind": ("诉求类型", "工单类型", "诉求类别", "事件类型", "类型", "kind"),
    "due_at": ("办理时限", "办结时限", "截止时间", "要求办结时间", "反馈时限", "处理期限", "dueat"),
    "confidential": ("是否保密", "保密", "信息保密", "confidential"),
    "urgent": ("紧急程度", "是否紧急", "缓急", "urgent"),
}
#: The same in the words of a page.
LABELS = {"number": "工单编号", "received_at": "受理时间", "name": "诉求人", "phone": "联系电话", "words": "诉求内容", "place": "事发地址", "kind": "诉求类型", "due_at": "办理时限", "confidential": "是否保密", "urgent": "是否紧急"}
#: Everything that can be said of an order, a file or the other side (kept as its key with values, rules/sentences.py).
SENTENCES: dict[str, str] = {
    "order.no_number": "没有工单编号，无法回复对方：请补上对方的编号再收。", "order.long_number": "工单编号“%(number)s…”过长：请核对这一列是不是编号。",
    "order.no_words": "工单 %(number)s 没有诉求内容：请照对方系统补上再收。", "order.moment": "工单 %(number)s 的%(label)s“%(text)s”看不明白：请改成如 2026-11-25 09:30。",
    "order.phone": "工单 %(number)s 的电话看不明白：手机 11 位；座机请带区号，如 0570-4888365。", "order.kind": "工单 %(number)s 的种类不对：请选咨询、求助、建议、投诉、举报、纠纷。",
    "order.place": "工单 %(number)s 的地点不在本县，或那里不由这里登记：请核对地址。", "order.database": "工单 %(number)s 数据库没有收下：请在“没有读懂的行”里再收一次，还不行请告诉管理员。",
    "order.other": "工单 %(number)s 没有收下：请在“没有读懂的行”里改好再收，还不行请告诉管理员。",
    "file.no_heading": "没有找到“工单编号”和“诉求内容”两列（第一行是：%(first)s）。请在前 20 行里写上这两个列名，再传一次。", "file.empty": "文件是空的，请核对是不是选错了文件。",
    "file.unreadable": "打不开这个表格，可能损坏或有口令。请另存为 xlsx 后再试。", "file.encoding": "看不明白这个文件的编码，请另存为 xlsx，或 UTF-8 的 csv。",
    "file.csv": "这个 csv 的引号或换行乱了，请用 Excel 打开后另存为 xlsx。",
    "link.https": "对方系统的地址应以 https:// 开头，请管理员核对设置。", "link.silent": "对方系统没有回应或回应看不明白，已收的不受影响，稍后会再试。",
    "link.no_folder": "没有 %(folder)s 这个目录，或不能读。请管理员核对设置和权限。", "link.big_file": "文件“%(name)s”超过 10 MB，不像一份工单，没有收。请从目录里拿走。",
    "link.fault": "收发时出了错（%(error)s），没有做完，稍后会再试。一直这样请告诉管理员。",
}
YES = {"是", "保密", "紧急", "特急", "加急", "y", "yes", "true", "1", "√"}


@dataclass(frozen=True)
class Order:
    """One order as the other system says it."""

    number: str
    words: str
    received_at: datetime | None = None
    name: str = ""
    phone: str = ""
    place: str = ""
    kind: str = ""
    due_at: datetime | None = None
    confidential: bool = False
    urgent: bool = False


@dataclass(frozen=True)
class Bad:
    """A row that is no order: where it stands, which column, why and what to do. `row`: what it said, by our keys; None = the file itself."""

    where: str
    why: str
    column: str = ""
    row: dict[str, str] | None = field(default=None, compare=False)
    said: dict[str, Any] = field(default_factory=dict, compare=False)   # why, as its key with values; and where ("file", "line")


@dataclass
class Batch:
    """What one file or one request held."""

    orders: list[Order] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)


@dataclass(frozen=True)
class Reply:
    """What goes back: the answer to one order."""

    number: str
    result: str
    words: str
    closed_at: datetime
    unit: str
    solved: str = ""


@dataclass(frozen=True)
class Handed:
    """What the other side said to the answers: numbers it has, and those it sent back with its reason."""

    taken: frozenset[str] = frozenset()
    refused: dict[str, str] = field(default_factory=dict)


class Unreadable(Worded):
    """A file that is no table; the sentence says what to do."""

    sentences = SENTENCES


class Unreachable(Worded):
    """The other system did not take or give anything; the sentence says what happened. Nothing is lost: it is asked again."""

    sentences = SENTENCES


def tidy(heading: object) -> str:
    return re.sub(r"[\s:：()（）\[\]【】*＊_-]", "", str(heading or "")).lower()


_KNOWN = {tidy(name): key for key, names in COLUMNS.items() for name in names}


def moment(value: object) -> datetime | None:
    """A date and time as other systems write it; None where it is none."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=ZONE)
    text = re.sub(r"[年月/.]", "-", str(value or "").strip()).replace("日", " ").replace("T", " ").replace("时", ":").replace("分", "")
    found = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:\s+(\d{1,2}):(\d{1,2})?)?", text)
    if not found:
        return None
    year, month, day, hour, minute = (int(x) if x else 0 for x in found.groups())
    try:
        return datetime(year, month, day, hour, minute, tzinfo=ZONE) if found.group(4) else datetime(year, month, day, 17, 30, tzinfo=ZONE)
    except ValueError:
        return None


def bad_of(where: str, key: str, column: str = "", row: dict[str, str] | None = None, place: dict[str, Any] | None = None, **values: str) -> Bad:
    """Something that is no order, with the sentence of SENTENCES that says why."""
    return Bad(where, SENTENCES[key] % values, column, row, {"code": key, "values": values, **(place or {})})


def order_of(row: Mapping[str, object], where: str, place: dict[str, Any] | None = None) -> Order | Bad:
    """One row with our keys as an order, or the column that is wrong, why, and what to do."""
    said = {key: shown(value) for key, value in row.items()}
    number, words = re.sub(r"\.0$", "", said.get("number", "")), said.get("words", "")

    def bad(column: str, key: str, **values: str) -> Bad:
        return bad_of(where, key, column, {key: said.get(key, "") for key in COLUMNS}, place, **values)

    if not number:
        return bad("number", "order.no_number")
    if len(number) > 40:
        return bad("number", "order.long_number", number=number[:20])
    if len(words) < 2:
        return bad("words", "order.no_words", number=number)
    for column in ("received_at", "due_at"):
        if said.get(column) and moment(row[column]) is None:
            return bad(column, "order.moment", number=number, label=LABELS[column], text=said[column][:20])
    return Order(number, words, moment(row.get("received_at")), said.get("name", "")[:50], re.sub(r"\.0$", "", said.get("phone", "")), said.get("place", "")[:120], said.get("kind", "")[:20],
                 moment(row.get("due_at")), said.get("confidential", "").lower() in YES, said.get("urgent", "").lower() in YES)


def shown(value: object) -> str:
    """A cell as text; a day and time as people write it."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value).strip() if value is not None else ""


def row_of(order: Order) -> dict[str, str]:
    """An order back as a row, for a page on which it can be mended."""
    said = {key: getattr(order, key) for key in COLUMNS}
    return {key: ("是" if value else "") if isinstance(value, bool) else shown(value.astimezone(ZONE) if isinstance(value, datetime) else value) for key, value in said.items()}


def _rows(table: Sequence[Sequence[object]], name: str) -> Batch:
    """A sheet: the first of twenty rows with a number and words is the heading."""
    batch = Batch()
    headings = [[_KNOWN.get(tidy(cell), "") for cell in line] for line in table[:20]]
    start = next((n for n, keys in enumerate(headings) if "number" in keys and "words" in keys), None)
    if start is None:
        if any(any(str(c or "").strip() for c in line) for line in table):
            first = next(line for line in table if any(str(c or "").strip() for c in line))
            batch.bad.append(bad_of(name, "file.no_heading", first="、".join(str(c).strip() for c in first if str(c or "").strip())[:60]))
        return batch
    keys = headings[start]
    for line, cells in enumerate(table[start + 1 :], start + 2):
        if not any(str(c or "").strip() for c in cells):
            continue
        row: dict[str, object] = {}
        for key, cell in zip(keys, cells, strict=False):
            if key and not str(row.get(key) or "").strip():
                row[key] = cell
        if str(cells[0] or "").strip() in ("合计", "总计", "填报人", "制表人") or not str(row.get("number") or row.get("words") or "").strip():
            continue
        found = order_of(row, f"{name} 第 {line} 行", {"file": name, "line": line})
        (batch.orders if isinstance(found, Order) else batch.bad).append(found)  # type: ignore[arg-type]
    return batch


def decode(content: bytes) -> str:
    """Text of a CSV: UTF-16 by its mark, else UTF-8, else GB18030, each strictly. Raises ValueError."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def tables(name: str, content: bytes) -> list[tuple[str, list[list[object]]]]:
    """(where, rows) of every sheet of a file as somebody uploaded or dropped it: xlsx, xls, ods, csv. Raises Unreadable."""
    if not content:
        raise Unreadable("file.empty")
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        try:
            book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
            return [(f"{name}／{sheet}", [list(line) for line in book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)]) for sheet in book.sheet_names]
        except Exception as error:  # the reader's own errors have no common base
            raise Unreadable("file.unreadable") from error
    try:
        text = decode(content)
    except (UnicodeDecodeError, ValueError) as error:
        raise Unreadable("file.encoding") from error
    first = text.split("\n", 1)[0]
    dialect = ";" if first.count(";") > first.count(",") else "\t" if "\t" in first else ","
    try:
        return [(name, [list(row) for row in csv.reader(io.StringIO(text), delimiter=dialect)])]
    except csv.Error as error:
        raise Unreadable("file.csv") from error


def read_file(name: str, content: bytes) -> Batch:
    """The orders of a file."""
    try:
        found = [_rows(rows, where) for where, rows in tables(name, content)]
    except Unreadable as problem:
        return Batch(bad=[Bad(name, str(problem), said=problem.said)])
    return Batch([o for b in found for o in b.orders], [x for b in found for x in b.bad])


def files_of(folder: Path) -> list[Path]:
    """The files of an inbox; hidden and half-written ones (.part, .tmp, ~$) are left for the next time."""
    return [p for p in sorted(folder.iterdir()) if p.is_file() and not p.name.startswith((".", "~$")) and p.suffix.lower() not in (".part", ".tmp")]


def read_folder(folder: Path) -> Batch:
    """Every file of an inbox."""
    batch = Batch()
    for path in files_of(folder):
        found = read_file(path.name, path.read_bytes())
        batch.orders += found.orders
        batch.bad += found.bad
    return batch


def replies_xlsx(replies: Iterable[Reply]) -> bytes:
    """The answers as a workbook the other side can take in; a cell that begins like a formula is text."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    sheet, bold = book.add_worksheet("回复"), book.add_format({"bold": True})
    for column, heading in enumerate(("工单编号", "办理结果", "答复内容", "办结时间", "承办单位", "是否解决")):
        sheet.write_string(0, column, heading, bold)
    for line, reply in enumerate(replies, 1):
        for column, value in enumerate((reply.number, reply.result, reply.words, f"{reply.closed_at.astimezone(ZONE):%Y-%m-%d %H:%M}", reply.unit, reply.solved)):
            sheet.write_string(line, column, value)
    sheet.set_column(0, 0, 22)
    sheet.set_column(2, 2, 60)
    book.close()
    return out.getvalue()


def signature(secret: str, stamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the time and the body; the other side computes the same."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Http:
    """GET {url}/orders → {"orders": [{…our keys…}]}; POST {url}/replies {"replies": […]} → {"taken": [numbers], "refused": [{"number", "why"}]}. Both signed."""

    url: str
    secret: str
    timeout: float = TIMEOUT

    def _ask(self, path: str, body: bytes, method: str) -> dict[str, Any]:
        if not self.url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise Unreachable("link.https")
        stamp = str(int(time.time()))
        request = urllib.request.Request(self.url.rstrip("/") + path, data=body or None, method=method, headers={  # noqa: S310 - checked above
            "Content-Type": "application/json", "X-Time": stamp, "X-Signature": signature(self.secret, stamp, body)})
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                return dict(json.loads(read_in_time(answer, seconds=self.timeout * 3, most=MOST_ANSWER).decode()))
        except (urllib.error.URLError, TimeoutError, OSError, ValueError, TypeError, http.client.HTTPException) as error:
            raise Unreachable("link.silent") from error

    def orders(self) -> Batch:
        """What waits for us there. Taking it changes nothing: what we know already is recognised by its number."""
        batch = Batch()
        given = self._ask("/orders", b"", "GET").get("orders")
        if not isinstance(given, list):   # "no list" is not "nothing waits"
            raise Unreachable("link.silent")
        for n, row in enumerate(given, 1):
            found = order_of(row if isinstance(row, dict) else {}, f"第 {n} 条", {"line": n})
            (batch.orders if isinstance(found, Order) else batch.bad).append(found)  # type: ignore[arg-type]
        return batch

    def reply(self, replies: Sequence[Reply]) -> Handed:
        """Hand the answers over. What is neither taken nor refused is handed over again next time."""
        body = json.dumps({"replies": [{"number": r.number, "result": r.result, "words": r.words, "closed_at": r.closed_at.astimezone(ZONE).isoformat(), "unit": r.unit, "solved": r.solved} for r in replies]},
                          ensure_ascii=False).encode()
        said = self._ask("/replies", body, "POST")
        refused = {str(x.get("number", "")): str(x.get("why", "")).strip()[:200] or "对方没有说明原因" for x in said.get("refused") or [] if isinstance(x, dict)}
        return Handed(frozenset(str(n) for n in said.get("taken") or []) - set(refused), refused)
