"""The catalogue of what is done for people: topics, channels, where a field of a form comes from, the shape of an item. Pure.

Invariants: a form names fields of the file by `table.field` (level 3) or `table.item.key` (level 4) and nothing else; level-4 tables
stand only in an item that names them and its basis; what comes with the program and what a county imports from Excel is read
by the same code, with one Chinese sentence for each thing that is wrong.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

TOPICS = {
    "elder": "老年", "pension": "养老", "medical": "医保", "relief": "救助", "disabled": "残疾", "family": "生育", "work": "就业", "veteran": "退役军人", "police": "户籍证件",
    "house": "建房", "farm": "农林", "utility": "水电出行", "legal": "法律", "funeral": "殡葬", "school": "助学",
}
TOPIC_CHOICES = list(TOPICS.items())
CHANNELS = {"agent": "代办", "window": "窗口", "online": "网上", "phone": "电话", "home": "上门", "village": "村里"}
FORMS = {"original": "原件", "copy": "复印件", "either": "原件或复印件", "photo": "照片", "form": "表格"}

#: Fields of the file that a form may be filled from, level 3 and below.
FIELDS: dict[str, str] = {
    "resident.name": "姓名", "resident.former_name": "曾用名", "resident.sex": "性别", "resident.birth_date": "出生日期", "resident.id_kind": "证件类型", "resident.id_number": "证件号码",
    "resident.ethnicity": "民族", "resident.hometown": "籍贯", "resident.registered_address": "户籍地址", "resident.registration_kind": "户口性质", "resident.living_address": "现住址",
    "resident.phone": "联系电话", "resident.emergency_name": "紧急联系人", "resident.emergency_phone": "紧急联系人电话", "resident.marriage": "婚姻状况", "resident.education": "学历",
    "resident.school": "在读学校", "resident.political": "政治面貌", "resident.employment": "从业状况", "resident.workplace": "工作单位", "resident.pension_status": "养老参保状态",
    "resident.pension_benefit": "养老待遇状态", "resident.medical_kind": "医保险种", "resident.medical_status": "医保参保状态", "resident.medical_year": "医保年度",
    "household.number": "户号", "household.head_name": "户主", "household.address": "住址", "household.members_count": "家庭人口", "membership.relation": "与户主关系",
    "dwelling.address": "房屋地址", "dwelling.floor_area": "建筑面积", "dwelling.plot_area": "宅基地面积", "dwelling.floors": "层数", "dwelling.built_year": "建成年份", "dwelling.title_no": "不动产权证号",
}
#: The same of level 4: table.code.key of what a department's list said of the person.
SENSITIVE_FIELDS: dict[str, str] = {
    "disability.certificate.number": "残疾人证号", "disability.certificate.category": "残疾类别", "disability.certificate.grade": "残疾等级", "disability.certificate.subsidy": "两项补贴",
    "disability.certificate.guardian": "监护人", "relief.relief.kind": "救助类别", "relief.relief.count": "保障人口", "relief.veteran.kind": "优抚对象类别", "relief.veteran.card": "优待证号",
    "relief.veteran.discharged_on": "退役时间", "health.self_care.ability": "自理能力", "health.self_care.living": "居住状况",
}
SENSITIVE_TABLES = {"health": "健康", "disability": "残疾", "relief": "救助与优抚"}
CIPHERS = {"resident.id_number": "archives_resident.id_cipher", "resident.phone": "archives_resident.phone_cipher", "resident.emergency_phone": "archives_resident.emergency_cipher"}
#: A short hand of the data file: what nearly every form begins with.
GROUPS = {"@person": ("resident.name", "resident.sex", "resident.birth_date", "resident.id_number", "resident.registered_address", "resident.phone"),
          "@home": ("household.number", "household.head_name", "membership.relation", "household.address", "household.members_count")}
CODE = re.compile(r"^[a-z][a-z0-9_]{1,23}$")
MOST_LINES = 40


def label_of(name: str) -> str:
    """The Chinese name of a field of the file, '' for one that no form may name."""
    return FIELDS.get(name) or SENSITIVE_FIELDS.get(name, "")


def table_of(name: str) -> str:
    return name.split(".", 1)[0]


def is_sensitive(name: str) -> bool:
    return name in SENSITIVE_FIELDS


@dataclass(frozen=True)
class Thing:
    """An item as data: what a file, a form on a page or Excel says. `problems` in sentences; empty = it may be stored."""

    code: str
    name: str
    topic: str
    days: Decimal
    department: str = ""
    department_name: str = ""
    who: str = ""
    basis: str = ""
    sensitive: tuple[str, ...] = ()
    materials: tuple[dict[str, Any], ...] = ()
    fields: tuple[dict[str, str], ...] = ()
    channels: tuple[str, ...] = ()
    fee: Decimal = Decimal(0)
    fee_note: str = ""
    first_say: str = ""
    note: str = ""
    unsure: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
    problems: tuple[str, ...] = field(default=(), compare=False)

    @property
    def stored(self) -> dict[str, Any]:
        """Column → value."""
        return {
            "code": self.code, "name": self.name, "topic": self.topic, "days": self.days, "department": self.department, "department_name": self.department_name, "who": self.who,
            "basis": self.basis, "sensitive": list(self.sensitive), "materials": list(self.materials), "fields": list(self.fields), "channels": list(self.channels), "fee": self.fee,
            "fee_note": self.fee_note, "first_say": self.first_say, "note": self.note, "unsure": self.unsure, "starts_on": self.starts_on, "ends_on": self.ends_on,
        }


def material(line: str) -> dict[str, Any] | str:
    """"居民身份证|原件|1|resident.id_number|365" → a material, or the sentence that says what is wrong with it."""
    parts = [p.strip() for p in line.replace("｜", "|").split("|")]
    name, form, copies, held, days = (parts + [""] * 5)[:5]
    forms = {label: key for key, label in FORMS.items()} | {key: key for key in FORMS}
    if not name:
        return _("材料要写名称。")
    if form and form not in forms:
        return _("材料“%(name)s”的“%(form)s”看不明白：请写%(forms)s之一。") % {"name": name, "form": form, "forms": "、".join(FORMS.values())}
    if copies and not copies.isdigit() or days and not days.isdigit():
        return _("材料“%s”的份数和有效天数请写数字。") % name
    if held and held not in FIELDS:
        return _("材料“%(name)s”写的档案字段“%(field)s”不存在。") % {"name": name, "field": held}
    return {"name": name[:60], "form": forms.get(form, "either"), "copies": int(copies or 1), "held": held, "days": int(days) if days else None}


def form_line(line: str) -> list[dict[str, str]] | str:
    """"姓名|resident.name", "resident.name", "@person" or "?开户银行" → lines of a form, or a sentence."""
    text = line.strip()
    if text in GROUPS:
        return [{"label": label_of(f), "field": f} for f in GROUPS[text]]
    if text.startswith(("?", "？")):
        return [{"label": text[1:].strip()[:40], "field": ""}] if text[1:].strip() else _("要问本人的内容请写名称。")
    label, _bar, name = text.replace("｜", "|").partition("|") if "|" in text or "｜" in text else ("", "", text)
    label, name = label.strip(), name.strip()
    if not name:
        return [{"label": label[:40], "field": ""}] if label else _("表格内容请写名称。")
    if not label_of(name):
        return _("表格内容“%(label)s”写的档案字段“%(field)s”不存在。") % {"label": label or name, "field": name}
    return [{"label": (label or label_of(name))[:40], "field": name}]


def material_text(m: Mapping[str, Any]) -> str:
    parts = [m["name"], FORMS.get(m.get("form", ""), ""), str(m.get("copies") or 1), m.get("held") or "", str(m.get("days") or "")]
    return "|".join(parts).rstrip("|")


def field_text(f: Mapping[str, str]) -> str:
    return f"{f['label']}|{f['field']}" if f.get("field") else f"?{f['label']}"


def words_of(value: Any) -> list[str]:
    """A cell or a list of the data file as lines, without empty ones."""
    if value is None:
        return []
    if isinstance(value, str):
        return [part.strip() for part in re.split(r"[\n;；]", value) if part.strip()]
    return [str(part).strip() for part in value if str(part).strip()]


def decimal(value: Any) -> Decimal | None:
    """"5", 5.0, "免费" → a number, None where it is none."""
    text = str("" if value is None else value).strip().removesuffix("元").removesuffix("个工作日")
    if text in ("", "免费", "不收费"):
        return Decimal(0)
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found < 100000 else None


def day(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    text = str(value or "").strip()[:10].replace("/", "-").replace(".", "-")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def keys_of(values: Iterable[str], table: Mapping[str, str], what: str, problems: list[str]) -> tuple[str, ...]:
    """Words or codes → codes of a table; unknown ones become problems."""
    by_label = {label: key for key, label in table.items()}
    found = []
    for word in values:
        key = word if word in table else by_label.get(word)
        if key is None:
            problems.append(_("%(what)s“%(word)s”看不明白：请写%(known)s。") % {"what": _(what), "word": word, "known": "、".join(table.values())})
        elif key not in found:
            found.append(key)
    return tuple(found)


def read(row: Mapping[str, Any]) -> Thing:
    """A row of a file, of Excel or of a form → an item with its problems in sentences."""
    problems: list[str] = []
    code, name = str(row.get("code") or "").strip(), str(row.get("name") or "").strip()
    if not CODE.match(code):
        problems.append(_("代码请用小写英文字母、数字和下划线，2 到 24 个字符，字母开头。"))
    if not name or len(name) > 60:
        problems.append(_("事项名称要写，不超过 60 个字。"))
    topics = keys_of(words_of(row.get("topic")), TOPICS, "类别", problems)
    days, fee = decimal(row.get("days")), decimal(row.get("fee"))
    if days is None:
        problems.append(_("承诺工作日请写数字，可以带半天，如 0.5。"))
    if fee is None:
        problems.append(_("收费请写数字（元），不收费写 0。"))
    if not topics and not words_of(row.get("topic")):
        problems.append(_("请选择类别。"))
    materials, fields = _lines(row, problems)
    basis = str(row.get("basis") or "").strip()[:300]
    named = keys_of(words_of(row.get("sensitive")), SENSITIVE_TABLES, "敏感信息", problems)
    used = {table_of(f["field"]) for f in fields if is_sensitive(f["field"])}
    if used - set(named):
        problems.append(_("表格用到了%s信息，请在“敏感信息”里写明。") % "、".join(_(SENSITIVE_TABLES[t]) for t in sorted(used - set(named))))
    if named and not basis:
        problems.append(_("要用敏感信息的事项必须写明依据。"))
    starts, ends = day(row.get("starts_on")), day(row.get("ends_on"))
    if starts and ends and ends < starts:
        problems.append(_("停用日期早于启用日期。"))
    for key in ("starts_on", "ends_on"):
        if row.get(key) and day(row.get(key)) is None:
            problems.append(_("“%s”不是日期，请写成 2026-12-01。") % row[key])
    return Thing(
        code=code, name=name, topic=topics[0] if topics else "", days=days or Decimal(0), department=_two(row.get("department")), department_name=_cut(row, "department_name", 40),
        who=_cut(row, "who", 160), basis=basis, sensitive=named, materials=tuple(materials), fields=tuple(fields), channels=keys_of(words_of(row.get("channels")), CHANNELS, "怎么办", problems),
        fee=fee or Decimal(0), fee_note=_cut(row, "fee_note", 60), first_say=_cut(row, "first_say", 160), note=_cut(row, "note", 300),
        unsure=str(row.get("unsure") or "").strip() in ("1", "是", "True", "true", "待核实", "on"), starts_on=starts, ends_on=ends, problems=tuple(problems),
    )


def _cut(row: Mapping[str, Any], key: str, most: int) -> str:
    return str(row.get(key) or "").strip()[:most]


def _two(value: Any) -> str:
    text = str("" if value is None else value).strip().removesuffix(".0")
    return text.zfill(2)[:2] if text else ""


def _lines(row: Mapping[str, Any], problems: list[str]) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    materials: list[dict[str, Any]] = []
    fields: list[dict[str, str]] = []
    for line in words_of(row.get("materials"))[:MOST_LINES]:
        made = material(line)
        if isinstance(made, str):
            problems.append(made)
        else:
            materials.append(made)
    for line in words_of(row.get("fields"))[:MOST_LINES]:
        said = form_line(line)
        if isinstance(said, str):
            problems.append(said)
        else:
            fields += [f for f in said if f not in fields]
    return materials, fields


def shipped(text: str) -> list[Thing]:
    """The data file that comes with the program; defaults stand under [default]."""
    content = tomllib.loads(text)
    default = content.get("default", {})
    return [read({**default, **row}) for row in content["item"]]


# --- Excel -------------------------------------------------------------------------------------------------------------

#: Column of the sheet → key, in order.
COLUMNS: tuple[tuple[str, str], ...] = (
    ("代码", "code"), ("事项", "name"), ("类别", "topic"), ("主管部门编号", "department"), ("在哪里办", "department_name"), ("谁可以办", "who"), ("先告诉本人", "first_say"),
    ("承诺工作日", "days"), ("收费(元)", "fee"), ("收费说明", "fee_note"), ("怎么办", "channels"), ("材料（一行一份：名称|原件|份数|档案字段|有效天数）", "materials"),
    ("表格内容（一行一项：名称|档案字段，问本人的写 ?名称）", "fields"), ("敏感信息", "sensitive"), ("依据", "basis"), ("注意", "note"), ("待核实", "unsure"), ("启用日期", "starts_on"), ("停用日期", "ends_on"),
)


def sheet_row(thing: Thing) -> list[str]:
    """The cells of one item, in the order of COLUMNS."""
    cells = {
        **{key: str(value) for key, value in thing.stored.items() if isinstance(value, str)}, "topic": TOPICS.get(thing.topic, ""), "days": f"{thing.days.normalize():f}", "fee": f"{thing.fee:f}",
        "channels": "；".join(CHANNELS[c] for c in thing.channels), "materials": "\n".join(map(material_text, thing.materials)), "fields": "\n".join(map(field_text, thing.fields)),
        "sensitive": "；".join(SENSITIVE_TABLES[s] for s in thing.sensitive), "unsure": "是" if thing.unsure else "",
        "starts_on": thing.starts_on.isoformat() if thing.starts_on else "", "ends_on": thing.ends_on.isoformat() if thing.ends_on else "",
    }
    return [cells.get(key, "") for _title, key in COLUMNS]


def read_sheet(rows: Sequence[Sequence[Any]]) -> tuple[list[Thing], list[str]]:
    """A sheet whose first line bears the titles → items, and a sentence for each line that is wrong."""
    if not rows:
        return [], [_("表里没有内容。")]
    titles = [str(c or "").strip() for c in rows[0]]
    keys = {i: key for i, title in enumerate(titles) for known, key in COLUMNS if title and (title == known or title.split("（")[0] == known.split("（")[0])}
    if not {"code", "name", "days"} <= set(keys.values()):
        return [], [_("第一行请写列名，至少要有“代码”“事项”“承诺工作日”。可以先导出一份照着改。")]
    found: list[Thing] = []
    wrong: list[str] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(str(c or "").strip() for c in row):
            continue
        thing = read({key: row[i] for i, key in keys.items() if i < len(row)})
        wrong += [_("第 %(n)d 行：%(what)s") % {"n": number, "what": p} for p in thing.problems]
        if any(t.code == thing.code for t in found):
            wrong.append(_("第 %(n)d 行：代码“%(code)s”前面已经有了。") % {"n": number, "code": thing.code})
        found.append(thing)
    return found, wrong
