"""The department templates: which columns a kind of file has, how to recognise it, and which heading means which field.

They are data (`minqing/gather/data/templates/*.toml`). Invariant: every field named there exists in `fields.FIELDS`;
every alias is stored in the normal form that headings are compared in.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import tomllib
import unicodedata
from pathlib import Path

from minqing.gather.engine import fields

FOLDER = Path(__file__).resolve().parent.parent / "data" / "templates"

#: Departments by the number their folders and files carry (domain.md §6.2); 00 is the township and the village.
DEPARTMENTS = {
    "00": "乡镇（街道）", "01": "公安", "02": "民政", "03": "人社", "04": "卫健", "05": "残联", "06": "医保",
    "07": "教育", "08": "自然资源和规划", "09": "农业农村", "10": "退役军人事务", "11": "市场监管",
}  # fmt: skip

_BRACKETS = re.compile(r"[（(【\[｛{<《][^）)】\]｝}>》]*[）)】\]｝}>》]")
_UNIT = re.compile(r"[（(【\[]\s*(?:单位[:：]?)?\s*(㎡|平方米|平米|m2|m²|亩|公顷|分|元|万元|人|个月|月|年)\s*[）)】\]]", re.IGNORECASE)
_NOISE = re.compile(r"[\s*※★☆#:：、,，.。_\-/\\|·\"'“”‘’]+|必填|选填|必须填写|请填写|^\d+[.、．](?=\D)")


@dataclasses.dataclass(frozen=True)
class Template:
    """One kind of file. `columns` maps each field to the headings it is known by, in normal form."""

    key: str
    title: str
    source: str
    subject: str
    role: str
    hints: tuple[str, ...]
    signature: frozenset[str]
    needs: tuple[tuple[str, ...], ...]
    columns: dict[str, tuple[str, ...]]
    block: tuple[str, ...]
    block_when: tuple[str, ...]
    generic: bool

    @functools.cached_property
    def by_alias(self) -> dict[str, str]:
        """Heading → field; the first field that claims a heading keeps it."""
        result: dict[str, str] = {}
        for field, aliases in self.columns.items():
            for alias in aliases:
                result.setdefault(alias, field)
        return result


def normalise(label: str) -> str:
    """A heading in the form that is compared: narrow, lower case, without spaces, marks, and brackets with their content."""
    text = unicodedata.normalize("NFKC", label).strip().lower()
    bare = _NOISE.sub("", _BRACKETS.sub("", text))
    # "(姓名)" is all bracket: keep what is inside rather than nothing.
    return bare or _NOISE.sub("", re.sub(r"[（()）【】\[\]]", "", text))


def unit(label: str) -> str:
    """The unit a heading names in brackets (亩, ㎡, 元, 万元 …), else ``""``."""
    match = _UNIT.search(label)
    return match[1].lower() if match else ""


@functools.cache
def load(folder: Path = FOLDER) -> tuple[Template, ...]:
    """All templates, sorted by key within their department. Raises ValueError for a field that does not exist."""
    common = tomllib.loads((folder / "common.toml").read_text(encoding="utf-8"))["aliases"]
    result = []
    for path in sorted(folder.glob("[0-9]*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["template"]:
            result.append(_template(entry, common))
    return tuple(result)


#: Fields that any list of people may carry besides its own.
PERSON_FIELDS = ("id_kind", "sex", "birth_date", "town", "village", "registered_address", "living_address", "phone", "remark")


def _template(entry: dict, common: dict[str, list[str]]) -> Template:
    if entry["subject"] == "person" and entry.get("role", "subject") == "subject":
        entry["columns"] |= {field: [] for field in PERSON_FIELDS if field not in entry["columns"]}
    unknown = [field for field in entry["columns"] if field not in fields.FIELDS]
    if unknown:
        raise ValueError(f"template {entry['key']}: no such field {unknown}")
    own = {field: [normalise(alias) for alias in aliases] for field, aliases in entry["columns"].items()}
    taken = {alias for aliases in own.values() for alias in aliases}
    columns = {}
    for field, aliases in own.items():
        # A heading that this template gives to one field is not also the common name of another.
        shared = [normalise(alias) for alias in common.get(field, ()) if normalise(alias) not in taken]
        columns[field] = tuple(dict.fromkeys(aliases + shared))
    return Template(
        key=entry["key"],
        title=entry["title"],
        source=entry["source"],
        subject=entry["subject"],
        role=entry.get("role", "subject"),
        hints=tuple(entry["hints"]),
        signature=frozenset(entry["signature"]),
        needs=tuple(tuple(group) for group in entry["needs"]),
        columns=columns,
        block=tuple(entry.get("block", ())),
        block_when=tuple(entry.get("block_when", ())),
        generic=entry.get("generic", False),
    )


@functools.cache
def known_headings() -> frozenset[str]:
    """Every heading that any template knows, and the unwanted ones: what tells a heading row from a data row."""
    known = {alias for template in load() for aliases in template.columns.values() for alias in aliases}
    return frozenset(known | {"序号", "编号", "年龄", "备注", "开户行", "开户银行", "银行账号", "账号", "银行卡号"})


@functools.cache
def by_key(key: str) -> Template:
    """The template of this key. Raises KeyError."""
    return {template.key: template for template in load()}[key]
