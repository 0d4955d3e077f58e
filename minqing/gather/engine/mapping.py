"""Say which kind of file a sheet is and which column is which field (step `map`).

Invariant: a column is taken by its heading (known, or learned from a data officer), by a similar heading that its
values confirm, or by values of an unmistakable form (`evidence`); the last two are reported as questions to the data
officer. Everything else, and what the data officer marked 不采用, is dropped at the door and named with the reason.
Nothing is guessed silently.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Mapping

from rapidfuzz import fuzz

from minqing.gather.engine import evidence, fields, headings, labels, templates

SAMPLE = 200
_ID = re.compile(r"^[\s'‘’`]*[1-9\d]\d{5}[\s\d]{8,14}[\dXxＸｘХ×]?\s*$|^\d(?:\.\d+)?[eE]\+1[4-7]$|^\*?\d{3,6}\*{4,}\w{2,4}$")
_PHONE = re.compile(r"^\+?(?:86)?[\s-]*1[3-9]\d[\d\s-]{8,10}|^0\d{2,3}-?\d{7,8}|^\d{7,8}$")
_DATE = re.compile(r"^\d{4}[-/.年]\s*\d{1,2}|^\d{8}$|^\d{6}$|^[12]\d{4}$|^\d{2}[-/.]\d{1,2}[-/.]\d{1,2}")
_NAME = re.compile(r"^[㐀-鿿\U00020000-\U0003134f·•?？]{2,4}$|^[一-鿿]+[·•・][一-鿿·•・]+$")
_ADDRESS = re.compile(r"村|路|号|镇|街|乡|社区|组|队|幢|室")
_NUMBER = re.compile(r"^[-+]?[\d,，.]+\s*(?:元|万元|亩|㎡|平方米|人|个月|年)?$")
_SEX = frozenset(["男", "女", "1", "2", "男性", "女性", "M", "F", "0", "9"])
_FLAG = frozenset(["是", "否", "√", "×", "1", "0", "有", "无", "Y", "N", "y", "n", "true", "false", "T", "F"])

#: What a column must look like to be believed under a heading that is only similar.
_SHAPES = {
    "identity": _ID, "identity_other": _ID, "name": _NAME, "name_plain": _NAME, "phone": _PHONE, "phone_other": _PHONE,
    "date": _DATE, "birth": _DATE, "address": _ADDRESS, "integer": _NUMBER, "amount": _NUMBER, "area": _NUMBER, "area_mu": _NUMBER,
}  # fmt: skip
_ALIKE = 82
#: Joins kind and heading in `learned`, where an answer holds for one kind of file only; cannot stand in a heading.
OF_KIND = "\x1f"


@dataclasses.dataclass(frozen=True)
class Column:
    """What became of one column. `how`: heading, learned, similar, values, dropped, repeated, refused (不采用), empty."""

    position: int
    label: str
    field: str | None
    how: str
    sentence: str = ""
    question: bool = False
    unit: str = ""


@dataclasses.dataclass(frozen=True)
class Match:
    """A sheet's kind and its columns."""

    template: templates.Template
    columns: tuple[Column, ...]
    score: float

    @property
    def kept(self) -> dict[str, Column]:
        """Field → column, only the kept ones."""
        return {column.field: column for column in self.columns if column.field}


def recognise(
    heading: headings.Heading,
    rows: list[list[str]],
    context: str,
    *,
    department: str | None = None,
    learned: Mapping[str, str] | None = None,
) -> Match | None:
    """The best template for a heading, None when no template's needs are met.

    `rows` are the first data rows (text), `context` file name, sheet name and title; `department` the number the
    file's folder carries; `learned` maps headings (normal form) to fields, from answers of the data officer.
    """
    best: Match | None = None
    for template in templates.load():
        named = {_by_heading(template, readings, learned or {})[0] for readings in heading.readings} - {None}
        # Of a heading in foreign words only a list of people can be made, from what its values are.
        if len(named) < 2 and not (template.generic and not heading.matched):
            continue
        columns = map_columns(template, heading, rows, learned or {})
        kept = {column.field for column in columns if column.field}
        met = [any(field in kept for field in group) for group in template.needs]
        hinted = any(hint in context for hint in template.hints)
        # The department's own folder and a telling name stand in for one missing characteristic column.
        if not all(met) and not (met[0] and sum(met) >= len(met) - 1 and hinted and department == template.source and len(kept) >= 3):
            continue
        score = _score(template, columns, context, department)
        if best is None or score > best.score:
            best = Match(template, columns, score)
    return best


def _score(template: templates.Template, columns: tuple[Column, ...], context: str, department: str | None) -> float:
    kept = {column.field for column in columns if column.field}
    score = len(kept) + 2.0 * len(kept & template.signature)
    score += 4.0 if any(hint in context for hint in template.hints) else 0.0
    # The folder names the department; files of a department do end in another's folder, so it only weighs.
    score += 3.0 if department == template.source else 0.0
    score -= 1.5 * sum(1 for column in columns if column.how == "dropped" and not column.sentence.endswith("未采用。"))
    return score - (6.0 if template.generic else 0.0)


def map_columns(template: templates.Template, heading: headings.Heading, rows: list[list[str]], learned: Mapping[str, str]) -> tuple[Column, ...]:
    """One `Column` per label, in order."""
    found: dict[int, Column] = {}
    fixed: dict[int, Column] = {}
    for position, label in enumerate(heading.labels):
        if is_refused(template, heading.readings[position], learned):
            fixed[position] = Column(position, label, None, "refused", REFUSED)
            continue
        field, how = _by_heading(template, heading.readings[position], learned)
        if field:
            found[position] = Column(position, label, field, how, unit=templates.unit(label))
    found, others = _somebody_s(template, heading, learned, found)
    fixed |= others
    result = _one_column_a_field(found, rows) | fixed
    result = _values_against_headings(template, heading.labels, rows, result)
    result = _names_by_values(template, heading.labels, rows, result)
    taken = {column.field for column in result.values() if column.field}
    left = [position for position in range(len(heading.labels)) if position not in result]
    unsure: dict[int, Column] = {}
    for position in left:
        column = _similar_or_dropped(template, position, heading.labels[position], heading.readings[position], rows, taken)
        (result if column.field or not column.question else unsure)[position] = column
        taken.add(column.field)
    return tuple(map((result | unsure | _by_values(template, heading.labels, rows, list(unsure), taken)).__getitem__, range(len(heading.labels))))


#: The report's sentence for a column that somebody decided not to take.
REFUSED = "数据员已标为“不采用”，内容没有导入。"


def taught(template: templates.Template, reading: str, learned: Mapping[str, str]) -> str | None:
    """What the data officer said of a heading: for this kind of file, else for every kind; None for nothing, '' for 不采用."""
    normal = templates.normalise(reading)
    return learned.get(f"{template.key}{OF_KIND}{normal}", learned.get(normal))


def is_refused(template: templates.Template, readings: tuple[str, ...], learned: Mapping[str, str]) -> bool:
    """True for a heading that the data officer marked as not wanted."""
    return bool(learned) and any(taught(template, reading, learned) == "" for reading in readings)


def _by_values(template: templates.Template, names: tuple[str, ...], rows: list[list[str]], left: list[int], taken: set[str | None]) -> dict[int, Column]:
    """Columns whose heading says nothing, told by their values; a field that two columns could be is given to neither."""
    claims: dict[str, list[int]] = {}
    for position in left:
        if names[position] and headings.SOMEBODY.search(names[position]):
            continue
        for field in sorted(evidence.fields_of(tuple(_values(rows, position)))):
            if field in template.columns and field not in taken:
                claims.setdefault(field, []).append(position)
    result: dict[int, Column] = {}
    for field, positions in claims.items():
        if len(positions) == 1 and positions[0] not in result:
            label = names[positions[0]]
            words = f"“{label}”" if label else "没有表头的"
            sentence = f"{words}一列的内容是{fields.FIELDS[field].label}，已按此采用；请数据员确认。"
            result[positions[0]] = Column(positions[0], label, field, "values", sentence, question=True, unit=templates.unit(label))
    return result


#: Headings that say whose they are only by standing behind a person's name.
_OF_SOMEBODY = frozenset(["id_number", "name", "sex", "birth_date", "phone", "relation"])


def _somebody_s(
    template: templates.Template, heading: headings.Heading, learned: Mapping[str, str], columns: dict[int, Column]
) -> tuple[dict[int, Column], dict[int, Column]]:
    """姓名 | 身份证号 | 监护人 | 身份证号: the second number is the guardian's. Read as 监护人身份证号 where there is such a field,
    else left out. Returns (columns with a field, columns left out)."""
    result, left_out = dict(columns), {}
    first: dict[str, int] = {}
    for position in sorted(columns):
        field = columns[position].field
        if field in _OF_SOMEBODY and not headings.SOMEBODY.search(heading.labels[position]):
            if field not in first:
                first[field] = position
                continue
            owner = next((p for p in range(position - 1, first[field], -1) if headings.SOMEBODY.search(heading.labels[p])), None)
            if owner is None:
                continue
            label = heading.labels[position]
            whose = re.sub(r"(?:的)?(?:姓名|名字|名称)$", "", templates.normalise(heading.labels[owner]))
            read, how = _by_heading(template, (whose + label,), learned)
            if read and read not in {column.field for column in result.values()}:
                result[position] = dataclasses.replace(columns[position], field=read, how=how)
            elif read != field:
                sentence = f"排在“{heading.labels[owner]}”后面，是{whose}的，不是本人的，未采用。"
                left_out[position] = dataclasses.replace(result.pop(position), field=None, how="dropped", sentence=sentence)
    return result, left_out


def _by_heading(template: templates.Template, readings: tuple[str, ...], learned: Mapping[str, str]) -> tuple[str | None, str]:
    """The field that one of a column's readings names: as learned, as written, or in another wording of the same."""
    exact, forms = template.by_alias, canonical_aliases(template)
    for reading in readings:
        normal = templates.normalise(reading)
        said = taught(template, reading, learned) if learned else None
        if said and said in template.columns:
            return said, "learned"
        if normal in exact:
            return exact[normal], "heading"
    for reading in readings:
        field = forms.get(labels.canonical(reading))
        if field:
            return field, "heading"
    for reading in readings:
        # 电话1 | 电话2, 地址一: one of several of the same person, where a person may have several
        bare = re.sub(_ONE_OF_SEVERAL, "", templates.normalise(reading))
        field = exact.get(bare) or forms.get(labels.canonical(bare)) if bare else None
        if field and bare != templates.normalise(reading) and fields.FIELDS[field].rule in _SEVERAL:
            return field, "heading"
    return None, ""


_ONE_OF_SEVERAL = r"(?:[1-3]|[一二三])$"
_SEVERAL = frozenset(["phone", "phone_other", "address"])


_DATED = frozenset(["date", "birth", "date_future"])
_YEAR_ALIAS = re.compile(r"年份$")


@functools.lru_cache(maxsize=64)
def _canonical_aliases(key: str) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for field, aliases in templates.by_key(key).columns.items():
        for alias in aliases:
            # 缴费年份 has the form of a date (建档年份), but where the field is a year a day must not become it: 缴费日期
            if fields.FIELDS[field].rule in _DATED or not _YEAR_ALIAS.search(alias):
                found.setdefault(labels.canonical(alias), set()).add(field)
    # A form that two fields share decides nothing.
    return {form: min(claimed) for form, claimed in found.items() if len(claimed) == 1}


def canonical_aliases(template: templates.Template) -> dict[str, str]:
    """Canonical form of a heading → field, for one kind of file."""
    return _canonical_aliases(template.key)


def _names_by_values(template: templates.Template, names: tuple[str, ...], rows: list[list[str]], columns: dict[int, Column]) -> dict[int, Column]:
    """A list of people without a column called 姓名: the only other column that holds names is it (参保人, 成员)."""
    if "name" not in template.columns or any(column.field == "name" for column in columns.values()):
        return columns
    candidates = [
        position
        for position, label in enumerate(names)
        if position not in columns and label and not headings.SOMEBODY.search(label) and _share(rows, position, _NAME) >= 0.8 and _filled(rows, position) >= 3
    ]
    # Words like 汉族 and 已婚 look like names too, but are few; names are many.
    candidates = [position for position in candidates if len(set(_values(rows, position))) >= min(10, 0.6 * _filled(rows, position))]
    if len(candidates) != 1:
        return columns
    position = candidates[0]
    sentence = f"“{names[position]}”一列的内容是姓名，已按姓名采用；请数据员确认。"
    return columns | {position: Column(position, names[position], "name", "values", sentence, question=True)}


def _one_column_a_field(columns: dict[int, Column], rows: list[list[str]]) -> dict[int, Column]:
    """Two columns with the same meaning: the fuller one is kept, a second phone goes to `phone_2`, others are named."""
    result: dict[int, Column] = {}
    by_field: dict[str, list[Column]] = {}
    for column in columns.values():
        by_field.setdefault(str(column.field), []).append(column)
    for field, same in by_field.items():
        ordered = sorted(same, key=lambda column: (-_filled(rows, column.position), column.position)) if len(same) > 1 else same
        result[ordered[0].position] = ordered[0]
        for number, column in enumerate(ordered[1:]):
            if field == "phone" and number == 0:
                result[column.position] = dataclasses.replace(column, field="phone_2")
            else:
                label = fields.FIELDS[field].label
                sentence = f"与“{ordered[0].label}”都是{label}，采用内容较全的一列；本列未采用，请数据员确认。"
                result[column.position] = dataclasses.replace(column, field=None, how="repeated", sentence=sentence, question=True)
    return result


def _values_against_headings(
    template: templates.Template, names: tuple[str, ...], rows: list[list[str]], columns: dict[int, Column]
) -> dict[int, Column]:
    """A column whose cells are mostly identity numbers IS the identity number, whatever stands above it."""
    if "id_number" not in template.columns:
        return columns
    stated = next((column for column in columns.values() if column.field == "id_number"), None)
    if stated and (_share(rows, stated.position, _ID) >= 0.3 or _filled(rows, stated.position) < 3):
        return columns
    others = {"tenant_id_number", "head_id_number", "representative_id_number", "disability_number"}
    claimed = {column.position for column in columns.values() if column.field in others}
    candidates = [
        position
        for position, label in enumerate(names)
        if position not in claimed and not (position in columns and columns[position].field is None) and _share(rows, position, _ID) >= 0.8 and _filled(rows, position) >= 3 and not headings.SOMEBODY.search(label)
        and not (columns.get(position) and columns[position].field in {"student_number", "pension_number", "insurance_number"})
    ]  # fmt: skip
    if len(candidates) != 1:
        return columns
    position = candidates[0]
    result = {key: column for key, column in columns.items() if column is not stated}
    displaced = columns.get(position)
    sentence = f"“{names[position]}”一列的内容是身份证号码，已按公民身份号码采用；请数据员确认。"
    result[position] = Column(position, names[position], "id_number", "values", sentence, question=True)
    if stated and displaced and displaced.field in _SHAPES_SWAPPED and _share(rows, stated.position, _NAME) >= 0.7:
        sentence = f"“{stated.label}”与“{displaced.label}”两列的内容对调了，已按内容采用；请数据员确认。"
        result[stated.position] = Column(stated.position, stated.label, displaced.field, "values", sentence, question=True)
    elif stated:
        result[stated.position] = dataclasses.replace(stated, field=None, how="dropped", sentence="内容不是身份证号码，未采用；请数据员确认。", question=True)
    return result


_SHAPES_SWAPPED = frozenset(["name"])


def _similar_or_dropped(
    template: templates.Template, position: int, label: str, readings: tuple[str, ...], rows: list[list[str]], taken: set[str | None]
) -> Column:
    normal = templates.normalise(label)
    if not normal:
        filled = _filled(rows, position)
        return Column(position, label, None, "dropped" if filled else "empty", "没有表头，未采用；请数据员说明这一列是什么。" if filled else "", question=bool(filled))
    unwanted = unwanted_because(readings or (label,))
    if unwanted:
        return Column(position, label, None, "dropped", unwanted)
    field, likeness = max((_most_similar(template, templates.normalise(reading), taken) for reading in readings or (label,)), key=lambda pair: pair[1])
    if field and likeness >= _ALIKE:
        shape = _SHAPES.get(fields.FIELDS[field].rule)
        if shape is None or _share(rows, position, shape) >= 0.6:
            sentence = f"表头“{label}”与“{fields.FIELDS[field].label}”相近，且内容相符，已采用；请数据员确认。"
            return Column(position, label, field, "similar", sentence, question=True, unit=templates.unit(label))
        return Column(position, label, None, "dropped", f"表头与“{fields.FIELDS[field].label}”相近，但内容不像；请数据员说明这一列是什么。", question=True)
    return Column(position, label, None, "dropped", "数据字典里没有对应的项目；如确有用途，请数据员说明这一列是什么。", question=_filled(rows, position) > 0)


def unwanted_because(readings: tuple[str, ...]) -> str:
    """The sentence for a column that is known and has no purpose here (bank account, 末次月经 …); '' for others."""
    for pattern, sentence in fields.UNWANTED:
        if any(re.search(pattern, templates.normalise(reading)) for reading in readings):
            return sentence
    return ""


def _most_similar(template: templates.Template, normal: str, taken: set[str | None]) -> tuple[str | None, float]:
    return next(((field, likeness) for field, likeness in _alike(template.key, normal) if field not in taken), (None, 0.0))


@functools.lru_cache(maxsize=8192)
def _alike(key: str, normal: str) -> tuple[tuple[str, float], ...]:
    """(field, likeness) of the fields that a heading resembles enough, the likeliest first."""
    best: dict[str, float] = {}
    speaks = bool(headings.SOMEBODY.search(normal))
    for alias, field in templates.by_key(key).by_alias.items():
        # What one heading has more than the other must not speak of somebody else.
        if len(alias) < 2 or speaks != bool(headings.SOMEBODY.search(alias)):
            continue
        contained = 90.0 if len(alias) >= 3 and (normal.endswith(alias) or normal.startswith(alias)) else 0.0
        # 租赁起始 for 租赁起始日期
        contained = max(contained, 86.0 if len(normal) >= 4 and alias.startswith(normal) else 0.0)
        spread = 84.0 if len(alias) >= 4 and len(normal) <= len(alias) + 3 and _is_spread(alias, normal) else 0.0
        likeness = max(fuzz.ratio(normal, alias), contained, spread)
        if likeness >= _ALIKE and likeness > best.get(field, 0.0):
            best[field] = likeness
    return tuple(sorted(best.items(), key=lambda item: -item[1]))


def _is_spread(alias: str, label: str) -> bool:
    """True when the label is the alias with words put in between: 待遇领取状态 for 待遇状态."""
    rest = iter(label)
    return all(char in rest for char in alias)


def _values(rows: list[list[str]], position: int) -> list[str]:
    cells = (row[position].strip() for row in rows[:SAMPLE] if position < len(row))
    return [cell for cell in cells if cell and cell not in {"-", "/", "无", "—"}]


def _filled(rows: list[list[str]], position: int) -> int:
    return len(_values(rows, position))


def _share(rows: list[list[str]], position: int, shape: re.Pattern[str]) -> float:
    """The share of non-empty cells of this shape; 0 when there are none."""
    cells = _values(rows, position)
    return sum(1 for cell in cells if shape.search(cell)) / len(cells) if cells else 0.0


def looks_like_identity(rows: list[list[str]], position: int) -> bool:
    """True when most cells of a column are identity numbers."""
    return _share(rows, position, _ID) >= 0.6 and _filled(rows, position) >= 3
