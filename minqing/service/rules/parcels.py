"""跨区域通办 as tables: states of a parcel, what may follow what, how counties name the columns of their catalogues. Pure.

Invariants: a later word never takes back an earlier end; a word that comes late (received after accepted) is noted and changes nothing;
what leaves is what the other county's item asks AND our own item may hand over: either alone is not enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from minqing.service.rules import catalogue

STATES = [("packed", "已备好"), ("sent", "已送出"), ("received", "对方已收到"), ("accepted", "对方已受理"), ("refused", "对方退回"), ("done", "对方办结"), ("dropped", "不再等对方")]
#: The same seen from the county that does it.
HERE = {"received": "已收到", "accepted": "已受理", "refused": "已退回对方", "done": "已办结"}
RANK = {"packed": 0, "sent": 1, "received": 2, "accepted": 3, "refused": 4, "done": 4, "dropped": 5}
OPEN = ("packed", "sent", "received", "accepted")
#: What the person is told when the other county says it.
TOLD = {"received": "%(where)s已收到您的材料", "accepted": "%(where)s已受理", "refused": "%(where)s没有受理，我们接着想办法", "done": "%(where)s已办好，我们来告诉您"}


def follows(now: str, new: str) -> bool:
    """Whether a word changes the state, or is only noted."""
    return now not in ("refused", "done", "dropped") and RANK[new] > RANK[now]


def receipt_due(at: datetime, hours: int, is_working: Callable[[date], bool]) -> datetime:
    """Until when a receipt is waited for: hours of working days, from midnight to midnight; a county that is closed for a holiday has lost
    nothing. `at` and the result in the zone of the calendar."""
    left, now = timedelta(hours=hours), at
    for _day in range(400):
        end = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        if is_working(now.date()):
            if now + left <= end:
                return now + left
            left -= end - now
        now = end
    return now


# --- their catalogue -------------------------------------------------------------------------------------------------------

LABELS = {"name": "事项名称", "code": "事项代码", "materials": "材料", "fields": "表格内容", "days": "承诺工作日", "where": "在哪里办", "note": "注意"}
#: How other counties call what we need; compared without blanks, brackets and stars.
ALIASES: dict[str, tuple[str, ...]] = {
    "name": ("事项名称", "办理事项", "事项", "服务事项", "通办事项", "政务服务事项", "名称"),
    "code": ("事项编码", "事项代码", "编码", "代码", "实施编码", "实施清单编码", "事项编号"),
    "materials": ("申请材料", "材料清单", "所需材料", "提交材料", "应提交材料", "材料名称", "材料"),
    "fields": ("表单内容", "填报信息", "所需信息", "申请信息", "表格内容", "填写内容", "需填写的信息", "信息项"),
    "days": ("承诺工作日", "承诺时限", "承诺办结时限", "办结时限", "办理时限", "时限", "法定时限"),
    "where": ("受理单位", "实施部门", "办理部门", "实施主体", "受理窗口", "在哪里办", "部门"),
    "note": ("备注", "说明", "注意事项", "注意", "特别说明"),
}
#: How other counties call a field of the file, beside our own labels.
FIELD_ALIASES = {
    "申请人": "resident.name", "申请人姓名": "resident.name", "姓名": "resident.name", "身份证号": "resident.id_number", "身份证号码": "resident.id_number", "公民身份号码": "resident.id_number", "证件号": "resident.id_number",
    "手机": "resident.phone", "手机号": "resident.phone", "手机号码": "resident.phone", "电话": "resident.phone", "联系方式": "resident.phone", "户籍地": "resident.registered_address", "户籍所在地": "resident.registered_address",
    "户籍住址": "resident.registered_address", "现住地址": "resident.living_address", "居住地址": "resident.living_address", "现居住地": "resident.living_address", "出生年月": "resident.birth_date", "出生年月日": "resident.birth_date",
    "紧急联系电话": "resident.emergency_phone", "紧急联系人姓名": "resident.emergency_name",
}
_SPLIT = re.compile(r"[\n;；、,，]|(?<!\d)\d{1,2}[.．、)）](?!\d)")
MOST_ITEMS = 400


def tidy(heading: object) -> str:
    return re.sub(r"[\s:：()（）\[\]【】《》*＊_-]", "", str(heading or "")).lower()


_KNOWN = {tidy(name): key for key, names in ALIASES.items() for name in names}
_FIELDS = {tidy(label): name for name, label in catalogue.FIELDS.items()} | {tidy(label): name for label, name in FIELD_ALIASES.items()}


#: Headings that say nothing of ours and need no explaining.
IGNORED = frozenset({"序号", "行号", "no", "编号序号"})


def meaning(heading: object, taught: Mapping[str, str]) -> str:
    """What a heading means: as it was taught, else as it is known; '' = nothing of ours."""
    reading = tidy(heading)
    return taught[reading] if reading in taught else _KNOWN.get(reading, "")


def heading_row(rows: Sequence[Sequence[object]], taught: Mapping[str, str]) -> int | None:
    """The first of twenty rows that names an item's name; else the first with two cells that are text."""
    named = next((n for n, row in enumerate(rows[:20]) if any(meaning(c, taught) == "name" for c in row) and sum(1 for c in row if str(c or "").strip()) > 1), None)
    return named if named is not None else next((n for n, row in enumerate(rows[:20]) if sum(1 for c in row if str(c or "").strip()) > 1), None)


@dataclass(frozen=True)
class Row:
    """One item as a partner says it."""

    name: str
    code: str = ""
    fields: tuple[dict[str, str], ...] = ()
    materials: tuple[str, ...] = ()
    days: Decimal | None = None
    where: str = ""
    note: str = ""

    @property
    def key(self) -> str:
        return (self.code or tidy(self.name))[:60]


@dataclass
class Read:
    """What a catalogue held, and the sentences about lines that could not be used."""

    rows: list[Row] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def parts(cell: object) -> list[str]:
    """"1.身份证；2.照片" → its parts, each once, without numbers."""
    return list(dict.fromkeys(p.strip(" 　.．。：:") for p in _SPLIT.split(str(cell or "")) if p.strip(" 　.．。：:")))


def field_of(label: str) -> dict[str, str]:
    """A label of theirs with the field of our file that it is, if it is one."""
    return {"label": label.strip()[:40], "field": _FIELDS.get(tidy(label), "")}


def days_of(cell: object) -> Decimal | None:
    found = re.search(r"\d+(?:\.\d)?", str(cell or ""))
    return Decimal(found.group()) if found and Decimal(found.group()) < 1000 else None


def read(rows: Sequence[Sequence[object]], start: int, keys: Sequence[str]) -> Read:
    """The items under a heading; `keys`: what each column means."""
    found = Read()
    seen: set[str] = set()
    for number, cells in enumerate(rows[start + 1:], start + 2):
        said: dict[str, str] = {}
        for key, cell in zip(keys, cells, strict=False):
            if key and str(cell if cell is not None else "").strip():
                said[key] = f"{said[key]}\n{cell}" if key in said and key in ("materials", "fields") else said.get(key) or str(cell).strip()
        if not any(said.values()) or not str(said.get("name") or said.get("code") or "").strip():
            continue
        if not said.get("name"):
            found.wrong.append(_("第 %d 行没有事项名称，没有采用。") % number)
            continue
        row = Row(said["name"].replace("\n", " ")[:60], re.sub(r"\.0$", "", said.get("code", ""))[:40], tuple(field_of(p) for p in parts(said.get("fields"))[:40]), tuple(p[:60] for p in parts(said.get("materials"))[:30]),
                  days_of(said.get("days")), said.get("where", "")[:60], said.get("note", "")[:300])
        if row.key in seen:
            found.wrong.append(_("第 %(n)d 行“%(name)s”前面已经有了，没有采用。") % {"n": number, "name": row.name})
            continue
        if len(found.rows) >= MOST_ITEMS:
            found.wrong.append(_("超过 %d 项，后面的没有采用，请分开传。") % MOST_ITEMS)
            break
        seen.add(row.key)
        found.rows.append(row)
    return found


# --- what leaves ------------------------------------------------------------------------------------------------------------


def is_needed(paper: str, wanted: Iterable[str]) -> bool:
    """Whether a paper that came in is one of those that an item asks for."""
    own = re.sub(r"原件|复印件|照片|彩色", "", tidy(paper)) or tidy(paper)
    return any(own and (own in w or (len(w) >= 2 and w in own)) for w in (re.sub(r"原件|复印件|彩色", "", tidy(x)) for x in wanted) if w)


def number_of(partner: str, number: str) -> str:
    """A partner's number as it stands among foreign numbers: no two counties' are the same."""
    return f"{partner}-{number}"[:40]


def said(content: Mapping[str, Any], key: str, most: int) -> str:
    """A text of a letter, cut and without control characters; '' for anything that is no text."""
    value = content.get(key)
    return "".join(c for c in value if c == "\n" or c.isprintable()).strip()[:most] if isinstance(value, str) else ""
