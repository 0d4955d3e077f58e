"""Orders of other systems (12345, 基层治理四平台): a folder of Excel or CSV, or HTTP. Nothing of Django, nothing of matters.

Invariants: an order is named by its system's own number; a row that cannot be read is returned with a sentence, never dropped; a
reply carries the order's number, so that handing it over twice is one reply.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import python_calamine
import xlsxwriter

ZONE = ZoneInfo("Asia/Shanghai")
TIMEOUT = 20.0
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
    """A row that is no order: where it stands, and why."""

    where: str
    why: str


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


class Unreachable(Exception):
    """The other system did not take or give anything; the sentence says what happened. Nothing is lost: it is asked again."""


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


def order_of(row: dict[str, object], where: str) -> Order | Bad:
    """One row with our keys as an order, or why not."""
    said = {key: str(value).strip() if value is not None else "" for key, value in row.items()}
    number, words = re.sub(r"\.0$", "", said.get("number", "")), said.get("words", "")
    if not number:
        return Bad(where, "没有工单编号，无法回复对方，请补上编号后再收。")
    if len(number) > 40:
        return Bad(where, f"工单编号“{number[:20]}…”过长，请核对这一列是不是编号。")
    if len(words) < 2:
        return Bad(where, f"工单 {number} 没有诉求内容。")
    if row.get("received_at") and moment(row["received_at"]) is None:
        return Bad(where, f"工单 {number} 的受理时间“{said['received_at'][:20]}”看不明白，应如 2026-11-25 09:30。")
    return Order(number, words, moment(row.get("received_at")), said.get("name", "")[:50], re.sub(r"\.0$", "", said.get("phone", "")), said.get("place", "")[:120], said.get("kind", "")[:20],
                 moment(row.get("due_at")), said.get("confidential", "").lower() in YES, said.get("urgent", "").lower() in YES)


def _rows(table: Sequence[Sequence[object]], name: str) -> Batch:
    """A sheet: the first of twenty rows with a number and words is the heading."""
    batch = Batch()
    headings = [[_KNOWN.get(tidy(cell), "") for cell in line] for line in table[:20]]
    start = next((n for n, keys in enumerate(headings) if "number" in keys and "words" in keys), None)
    if start is None:
        if any(any(str(c or "").strip() for c in line) for line in table):
            batch.bad.append(Bad(name, "没有找到“工单编号”和“诉求内容”两列，请核对表头。"))
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
        found = order_of(row, f"{name} 第 {line} 行")
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


def read_file(name: str, content: bytes) -> Batch:
    """A file as somebody uploaded or dropped it: xlsx, xls, ods, csv."""
    if not content:
        return Batch(bad=[Bad(name, "文件是空的。")])
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        try:
            book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
            found = [_rows(book.get_sheet_by_name(sheet).to_python(skip_empty_area=False), f"{name}／{sheet}") for sheet in book.sheet_names]
        except Exception:  # the reader's own errors have no common base
            return Batch(bad=[Bad(name, "打不开这个表格，可能损坏或有口令。请另存为 xlsx 后再试。")])
        return Batch([o for b in found for o in b.orders], [x for b in found for x in b.bad])
    try:
        text = decode(content)
    except (UnicodeDecodeError, ValueError):
        return Batch(bad=[Bad(name, "看不明白这个文件的编码，请另存为 xlsx，或 UTF-8 的 csv。")])
    dialect = ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else "\t" if "\t" in text.split("\n", 1)[0] else ","
    return _rows([list(row) for row in csv.reader(io.StringIO(text), delimiter=dialect)], name)


def read_folder(folder: Path) -> Batch:
    """Every file of an inbox; hidden and half-written ones (.part, .tmp, ~$) are left for the next time."""
    batch = Batch()
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith((".", "~$")) and path.suffix.lower() not in (".part", ".tmp"):
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
    """GET {url}/orders → {"orders": [{…our keys…}]}; POST {url}/replies {"replies": […]} → {"taken": [numbers]}. Both signed."""

    url: str
    secret: str
    timeout: float = TIMEOUT

    def _ask(self, path: str, body: bytes, method: str) -> dict[str, Any]:
        if not self.url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise Unreachable("对方系统的地址应以 https:// 开头，请管理员核对设置。")
        stamp = str(int(time.time()))
        request = urllib.request.Request(self.url.rstrip("/") + path, data=body or None, method=method, headers={  # noqa: S310 - checked above
            "Content-Type": "application/json", "X-Time": stamp, "X-Signature": signature(self.secret, stamp, body)})
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                return dict(json.loads(answer.read().decode()))
        except (urllib.error.URLError, TimeoutError, OSError, ValueError) as error:
            raise Unreachable("对方系统没有回应或回应看不明白，已收的不受影响，稍后会再试。") from error

    def orders(self) -> Batch:
        """What waits for us there. Taking it changes nothing: what we know already is recognised by its number."""
        batch = Batch()
        for n, row in enumerate(self._ask("/orders", b"", "GET").get("orders", []), 1):
            found = order_of(row if isinstance(row, dict) else {}, f"第 {n} 条")
            (batch.orders if isinstance(found, Order) else batch.bad).append(found)  # type: ignore[arg-type]
        return batch

    def reply(self, replies: list[Reply]) -> set[str]:
        """Hand the answers over. Returns the numbers that were taken; the others are handed over again next time."""
        body = json.dumps({"replies": [{"number": r.number, "result": r.result, "words": r.words, "closed_at": r.closed_at.astimezone(ZONE).isoformat(), "unit": r.unit, "solved": r.solved} for r in replies]},
                          ensure_ascii=False).encode()
        return {str(n) for n in self._ask("/replies", body, "POST").get("taken", [])}
