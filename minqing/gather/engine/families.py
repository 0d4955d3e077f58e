"""Sheets with one household a row: 户主 | 身份证号 | 配偶 | 身份证号 | 长子 | 身份证号 | 住址 (part of step `header`).

Such a sheet becomes as many tables beside each other as it has columns of people: the head's with all that is said of the
household, and one for each other person with the household's columns repeated, his relation and the head's name behind
them. Every row stays on its line, so that the line says which household it is (`assembling`). Invariant: every cell of
the sheet stands in one of the tables; a cell of several people is several rows; a cell that is no name stays a row, and so a question.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import itertools
import re
from collections.abc import Callable, Iterator

from minqing.gather.engine import headings, labels, mapping, reading, rowkinds, rules, templates
from minqing.lib import cells, codes, identity, names

SENTENCE = "一行是一户：户主和同一行里的配偶、子女等各读成一人，归在同一户；请数据员对照原表核对。"
#: Kinds whose lists may be households; in others 配偶 and 家长 are named beside the person the list is about.
KINDS = frozenset(["ledger", "residents"])
_HEAD = re.compile(r"^(?:户主|户长)")
_NAME = frozenset(["", "姓名", "名字", "名", "名称"])
_CHILDREN = frozenset(["子女", "儿女", "孩子", "小孩", "独生子女"])
_ANYBODY = frozenset(["成员", "家庭成员", "户内成员", "其他成员", "其他家庭成员", "家庭其他成员", "同住人", "家属"])
_ORDINAL = r"(?:\d{1,2}|[一二三四五六七八九十])$"
#: 第二个孩子 is 孩子2, 家庭成员情况 over 姓名 is 家庭成员姓名.
_NUMBERED = r"^第?(\d|[一二三四五六七八九])个?(孩子|子女|小孩)"
_MATTER = r"^(?:的)?(?:基本)?(?:情况|信息)"
#: What stands beside a person's name and is his, and the heading it is read by.
_OWN = {"name": "姓名", "id_number": "身份证号", "id_kind": "证件类型", "sex": "性别", "birth_date": "出生日期", "phone": "联系电话", "relation": "与户主关系"}
_SHARED = frozenset(["household_number", "household_kind", "registered_address", "living_address", "town", "village"])
#: Cells under a person that must look like people; rows that must not repeat the head of the row above.
_LIKE_NAMES, _REPEATED = 0.6, 0.1
#: So many rows are held to judge a sheet by; a longer one is only passed through.
_JUDGED = 5000
_TOTAL = re.compile(rowkinds.TOTAL)
_HAN_NAME = re.compile(rf"^[{names.HAN}·]{{2,}}")


@dataclasses.dataclass
class _Person:
    """One person's columns: `word` is the relation as the heading says it, `columns` field → position."""

    word: str
    columns: dict[str, int] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class _Family:
    head: _Person
    others: list[_Person]
    shared: list[int]


@dataclasses.dataclass(frozen=True)
class Part:
    """One of the tables: its rows and its heading, on the lines of the sheet."""

    sheet: reading.Sheet
    heading: headings.Heading


def parts(sheet: reading.Sheet, heading: headings.Heading, first: int, today: datetime.date) -> list[Part]:
    """The tables of such a sheet, the head's first; none for any other sheet. `first` is the 0-based physical row of the first data row."""
    family = _family(heading.labels)

    def rows() -> Iterator[list[str]]:
        return (row for row, _ in itertools.islice(reading.filled_down(sheet.rows(), sheet.merged), first, None))

    if family is None or not _is_household(family, list(itertools.islice(rows(), _JUDGED)), today):
        return []
    most = [1] * len(family.others)
    for row in rows():
        most = [max(n, len(_names(_cell(row, person.columns["name"]), today))) for n, person in zip(most, family.others, strict=True)]
    others = [(person, ordinal) for person, n in zip(family.others, most, strict=True) for ordinal in range(n)]
    return [_head_part(sheet, heading, first, family), *(_member_part(sheet, heading, first, family, person, ordinal, today) for person, ordinal in others)]


def _family(written: tuple[str, ...]) -> _Family | None:
    """Whose columns are whose: by the person's word before the heading (配偶身份证号), else by standing behind his name."""
    normal = [templates.normalise(label) for label in written]
    phones = sum(1 for label in normal if _field(label) == "phone")
    head, others, shared = _Person("户主"), dict[tuple[str, str, int], _Person](), list[int]()
    owner: _Person | None = None
    for position, label in enumerate(normal):
        said = _whose(label)
        field = said[2] if said else _field(label)
        if said:
            word, ordinal, _ = said
            # 子女 | 身份证号 | 子女 | 身份证号: a name again is another person
            times = sum(1 for key, one in others.items() if key[:2] == (word, ordinal) and "name" in one.columns)
            place = (word, ordinal, times if field == "name" else max(times - 1, 0))
            owner = head if word == "户主" else others.setdefault(place, _Person(word))
        elif field in _SHARED:
            shared.append(position)
            owner = None
            continue
        elif field == "name" and not head.columns:
            owner = head
        elif field not in _OWN or owner is None or (field == "phone" and phones < 2):
            # a relation before any other person is the relation of the row's own person: one person a row
            if field in {"relation", "name"}:
                return None
            owner = None if field not in _OWN else owner
            continue
        if (field == "relation" and owner is head) or (field in owner.columns and field != "phone"):
            return None  # a number that is nobody's for certain must not become the head's
        owner.columns.setdefault(field, position)
    people = [person for person in others.values() if "name" in person.columns]
    if "name" not in head.columns or not people or (_is_anybody(people) and "relation" in people[0].columns):
        return None
    # who is called 姓名 and not 户主 is a head only where a child or somebody else beside the couple stands in his row
    if not _HEAD.match(normal[head.columns["name"]]) and not any(codes.RELATION.to_code(person.word) not in {"10", "11", "12"} for person in people):
        return None
    return _Family(head, people, shared)


def _is_anybody(people: list[_Person]) -> bool:
    """One column of 家庭成员: a household's only where its cells name several people or say who they are."""
    return len(people) == 1 and people[0].word in _ANYBODY


def _whose(label: str) -> tuple[str, str, str] | None:
    """(word, ordinal, field) of a heading that begins with a person's word: 户主身份证号, 配偶, 子女1姓名, 子女姓名2."""
    if head := _HEAD.match(label):
        rest = label[head.end() :]
        field = "name" if rest in _NAME else _field(rest)
        return ("户主", "", field) if field in _OWN and field != "relation" else None
    label = re.sub(_NUMBERED, r"\2\1", label)
    last = re.search(_ORDINAL, label)
    for end in range(len(label), 0, -1):
        before = re.search(_ORDINAL, label[:end])
        word = label[: before.start()] if before else label[:end]
        if not _is_person(word):
            continue
        rest = re.sub(_MATTER, "", label[end:]) if word in _ANYBODY else label[end:].removeprefix("的")
        ordinal = before[0] if before else ""
        if rest and not ordinal and last and last.start() >= end:
            rest, ordinal = rest[: last.start() - len(label)], last[0]
        field = "name" if rest in _NAME else _field(rest)
        return (word, ordinal, field) if field in _OWN else None
    return None


def _is_person(word: str) -> bool:
    return word in _ANYBODY or is_relative(word)


def is_relative(word: str) -> bool:
    """True for the word of a relation: 配偶, 长子, 子女."""
    if word in _CHILDREN:
        return True
    code = None if word.isascii() else codes.RELATION.to_code(word)
    return code is not None and code not in {"01", "02"} and word not in templates.by_key("ledger").by_alias


@functools.lru_cache(maxsize=1024)
def _field(label: str) -> str:
    return templates.by_key("ledger").by_alias.get(label) or _forms().get(labels.canonical(label), "") if label else ""


@functools.cache
def _forms() -> dict[str, str]:
    return mapping.canonical_aliases(templates.by_key("ledger"))


def _is_household(family: _Family, rows: list[list[str]], today: datetime.date) -> bool:
    """True where the people's cells are names and each row has a head of its own; columns that only count people are taken out."""
    number = family.head.columns.get("id_number", -1)
    heads = [(_cell(row, family.head.columns["name"]), _cell(row, number)) for row in rows if sum(1 for cell in row if cell.strip()) > 1]
    same = sum(1 for above, below in itertools.pairwise(heads) if below[0] and above == below)
    if not heads or same > _REPEATED * len(heads) or sum(1 for name, _ in heads if name) < _LIKE_NAMES * len(heads):
        return False
    for person in list(family.others):
        said = [cell for row in rows if not cells.is_blank(cell := _cell(row, person.columns["name"]))]
        if said and sum(1 for cell in said if _HAN_NAME.match(cell.strip())) < _LIKE_NAMES * len(said):
            family.others.remove(person)
        elif _is_anybody(family.others):
            found = [rules.people(cell, today) for cell in said]
            if 2 * sum(1 for people in found if len(people) > 1 or any(person["words"] for person in people)) <= len(found):
                family.others.remove(person)
    return bool(family.others)


def _head_part(sheet: reading.Sheet, heading: headings.Heading, first: int, family: _Family) -> Part:
    taken = {position for person in family.others for position in person.columns.values()}
    kept = [position for position in range(len(heading.labels)) if position not in taken]
    own, name = set(family.head.columns.values()), family.head.columns["name"]
    of_household = [position for position in kept if position not in family.shared and not mapping.unwanted_because((heading.labels[position],))]
    spouse = next((person.columns["name"] for person in family.others if codes.RELATION.to_code(person.word) in {"10", "11", "12"}), None)
    married = spouse is not None and not any(_field(templates.normalise(label)) == "marriage" for label in heading.labels)

    def behind(row: list[str]) -> list[str] | None:
        says = any(not cells.is_blank(_cell(row, position)) for position in own)
        if not says and all(cells.is_blank(_cell(row, position)) for position in of_household) and any(_cell(row, position) for position in taken):
            return None  # nobody is named as the head; the others of the row speak for the household
        state = _cell(row, spouse) if married and spouse is not None and _is_state(_cell(row, spouse)) else ""
        return [_cell(row, name), "户主" if says else "", state]

    return _part(sheet, heading, first, kept, family.head, (("户主", "户主姓名"), ("户主", "与户主关系"), ("配偶", "婚姻状况")), behind)


def _member_part(sheet: reading.Sheet, heading: headings.Heading, first: int, family: _Family, person: _Person, ordinal: int, today: datetime.date) -> Part:
    own = person.columns
    kept = sorted([*family.shared, *own.values()])
    name, head_number = family.head.columns["name"], family.head.columns.get("id_number", -1)

    def one(row: list[str]) -> list[str] | None:
        cell = _cell(row, own["name"])
        people = _names(cell, today)
        if ordinal and ordinal >= len(people) or any(_TOTAL.search(cell) for cell in row[:4]):
            return None
        if all(cells.is_blank(_cell(row, position)) for position in own.values()) or _is_state(cell):
            return None
        said = people[ordinal] if people else {}
        for field, position in own.items():
            if position < len(row):
                row[position] = said.get("name") or cell if field == "name" else _share(row[position], ordinal, len(people))
        number = _cell(row, own.get("id_number", -1))
        if cells.is_blank(number) and said.get("number"):
            number = str(said["number"])
        if "id_number" in own and own["id_number"] < len(row):
            row[own["id_number"]] = number
        word = _cell(row, own.get("relation", -1)) or said.get("words") or _relation(person.word, number)
        if "relation" in own:
            row[own["relation"]] = word
        behind = [_cell(row, name), _cell(row, head_number)]
        return behind + [word] * ("relation" not in own) + [number] * ("id_number" not in own)

    extra = [("户主", "户主姓名"), ("户主", "户主身份证号")]
    extra += [(person.word, _OWN[field]) for field in ("relation", "id_number") if field not in own]
    return _part(sheet, heading, first, kept, person, tuple(extra), one)


def _part(
    sheet: reading.Sheet, heading: headings.Heading, first: int, kept: list[int], person: _Person, extra: tuple[tuple[str, str], ...], behind: Callable[[list[str]], list[str] | None]
) -> Part:
    """The columns `kept` and those of `extra` (label, heading it is read by), whose cells `behind` says; it may change the row, and None empties it."""
    fields = {position: field for field, position in person.columns.items()}
    width = len(heading.labels)

    def rows() -> Iterator[list[str]]:
        for number, row in enumerate(sheet.rows()):
            row = row + [""] * (width - len(row))
            added = [""] * len(extra) if number < first or not any(cell.strip() for cell in row) else behind(row)
            yield [] if added is None else [*(row[position] for position in kept), *added, *row[width:]]

    place = {position: number for number, position in enumerate(kept)}
    readings = [(_OWN[fields[position]], heading.labels[position]) if position in fields else heading.readings[position] for position in kept]
    return Part(
        dataclasses.replace(
            sheet,
            rows=rows,
            merged=tuple((top, place[left], bottom, place[left]) for top, left, bottom, _ in sheet.merged if left in place),
            broken=tuple((row, place[column]) for row, column in sheet.broken if column in place),
        ),
        dataclasses.replace(heading, labels=(*(heading.labels[position] for position in kept), *(label for label, _ in extra)), readings=(*readings, *((read,) for _, read in extra))),
    )


def _cell(row: list[str], position: int) -> str:
    return row[position].strip() if 0 <= position < len(row) else ""


def _names(cell: str, today: datetime.date) -> list[dict[str, str | None]]:
    """Everyone named in a cell, with what it says of each."""
    return [] if cells.is_blank(cell) or _is_state(cell) else rules.people(cell, today)


def _is_state(cell: str) -> bool:
    """未婚, 离异, 丧偶 where a wife's name would stand."""
    return bool(cell) and not cell.isascii() and codes.MARRIAGE.to_code(cell) is not None


def _share(cell: str, ordinal: int, people: int) -> str:
    """One person's part of a cell that says something of each. Where it says less or more, nobody knows whose it is: the first is asked about all of it."""
    if people < 2:
        return cell
    said = [part.strip() for part in re.split(names.PEOPLE_SEPARATORS, cell) if part.strip()]
    if len(said) == people:
        return said[ordinal]
    return "" if ordinal or cells.is_blank(cell) else f"{cell}（一格{people}人）"


def _relation(word: str, number: str) -> str:
    """The relation that a heading gives: 配偶, 长子; of 子女 the number says which."""
    if word in _ANYBODY:
        return ""
    if word in _CHILDREN and (found := identity.normalise(number)) and len(found) == 18 and found[16].isdigit():
        return "儿子" if int(found[16]) % 2 else "女儿"
    return word
