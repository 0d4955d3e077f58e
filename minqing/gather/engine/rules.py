"""The cleaning rules over single distinct texts: thin adapters from `minqing.lib` to the engine's dictionaries.

Invariant: a rule never invents and never raises; what it cannot read has value None, a finding with a code of the dirt
catalogue (domain.md §6.4), an action (F repaired, W warned, R a person decides) and a Chinese sentence. Sentences name
no digit of anybody's number.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from collections.abc import Callable
from decimal import Decimal

from minqing.gather.engine import reading
from minqing.lib import addresses, amounts, cells, codes, dates, identity, names, phones


@dataclasses.dataclass(frozen=True)
class Context:
    """What reading needs to know beside the text: the day, the county's names, the area of the batch, the dialling code."""

    today: datetime.date
    gazetteer: addresses.Gazetteer
    within: str
    area_code: str = phones.DEFAULT_AREA_CODE
    #: (village code, natural village) pairs that are known for certain, from the grids.
    places: frozenset[tuple[str, str]] = frozenset()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One row of a dictionary. `extra` is the second thing a cell says: notes of a name, further phones, known digits."""

    value: str | None = None
    extra: str | None = None
    code: str | None = None
    action: str | None = None
    sentence: str | None = None


@dataclasses.dataclass(frozen=True)
class Place(Outcome):
    """One row of an address dictionary. `outside` is True when the text surely lies outside the batch's area."""

    village: str | None = None
    town: str | None = None
    natural_village: str | None = None
    group_no: str | None = None
    road: str | None = None
    door: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    outside: bool = False
    score: float = 0.0


Rule = Callable[[str, Context], Outcome]

ERROR_CELL = Outcome(code="D30", action="W", sentence="单元格是公式错误（如 #N/A），按空处理。")
_IDENTITY_CODES = {
    identity.Problem.EMPTY: "D35",
    identity.Problem.LOST_DIGITS: "D04",
    identity.Problem.LENGTH: "D05.length",
    identity.Problem.CHARACTERS: "D05.characters",
    identity.Problem.CHECK: "D05.check",
    identity.Problem.DATE: "D05.date",
    identity.Problem.RANGE: "D05.range",
    identity.Problem.ADDRESS: "D05.address",
    identity.Problem.SHAPE: "D05.shape",
    identity.Problem.MASKED: "D36",
}
#: Notes in a name cell that say something about the person's life.
LIFE_NOTES = frozenset(["dead", "moved_out", "cancelled", "married_out", "missing"])


NO_NUMBER = "证件号码一栏写的是文字（如“未上户”“已报失”），没有号码：请补填，或按姓名、出生日期和住址人工核对。"


def read_identity(raw: str, context: Context) -> Outcome:
    """`extra` is the reliable leading digits of a number that was refused, for "name and first 15 digits"."""
    if cells.is_error(raw):
        return ERROR_CELL
    found = identity.validate(raw, today=context.today)
    if found.problem is identity.Problem.EMPTY:
        return Outcome()
    if found.problem is not identity.Problem.MASKED and not re.search(r"\d", cells.text(raw)) and re.search(f"[{names.HAN}]", raw):
        return Outcome(None, None, "D35", "R", NO_NUMBER)
    if found.problem is identity.Problem.LOST_DIGITS:
        whole = identity.validate(raw, today=context.today, trust_trailing_zeros=True)
        if whole.ok:
            # One number in a thousand really ends so: other departments' rows may confirm it (`statements`).
            return Outcome(None, whole.value, "D04.zeros", "R", identity.MESSAGES[identity.Problem.LOST_DIGITS])
    if found.problem and (inside := _without_words(raw, context)):
        return Outcome(inside, None, "D03", "F", identity.MESSAGES[identity.Caution.REPAIRED])
    if found.problem and (guess := _without_lookalikes(raw, context)):
        return Outcome(guess, None, "D36.lookalike", "W", "号码中混入了形似的字母（如 O、l），按数字读取后校验位相符，请来源部门更正。")
    if found.problem:
        return Outcome(None, found.prefix15 or found.known_digits or None, _IDENTITY_CODES[found.problem], "R", found.messages[0])
    if identity.Caution.UPGRADED in found.cautions:
        return Outcome(found.value, None, "D01", "F", identity.MESSAGES[identity.Caution.UPGRADED])
    if identity.Caution.LOOSE in found.cautions:
        return Outcome(found.value, "loose", "D37", "F", identity.MESSAGES[identity.Caution.LOOSE])
    if identity.Caution.REPAIRED in found.cautions:
        return Outcome(found.value, None, "D03", "F", identity.MESSAGES[identity.Caution.REPAIRED])
    return Outcome(found.value)


#: What is written around a number without saying that it is somebody else's: 身份证330…, ID:330…, 330…（本人）.
_AROUND = re.compile(r"^(?:(?:居民|公民|本人|二代)?(?:身份证件?|身份|证件)?(?:号码?|编号)?|ID(?:CARD|NO)?)?[:：\s]*(\d{17}[\dX])(?:[（(\[【](?:本人|已核对?|已核实|核对|有效|身份证)[)）\]】])?$")


def _without_words(raw: str, context: Context) -> str | None:
    """The number inside such words, when its check character proves it."""
    match = _AROUND.match(identity.normalise(raw))
    found = identity.validate(match[1], today=context.today) if match else None
    return found.value if found and found.ok and found.kind in identity.CHECKED else None


#: Letters that hands and scanners put for digits.
LOOKALIKES = str.maketrans("OQDILZSB", "00011258")


def _without_lookalikes(raw: str, context: Context) -> str | None:
    """The number with letters read as the digits they look like, when the check character then proves it."""
    number = identity.normalise(raw)
    repaired = number[:17].translate(LOOKALIKES) + number[17:].replace("O", "0")
    if len(number) != 18 or repaired == number:
        return None
    found = identity.validate(repaired, today=context.today)
    return found.value if found.ok and found.kind in identity.CHECKED else None


def read_name(raw: str, context: Context) -> Outcome:
    """`extra` is the codes and words of notes beside the name: ``dead:已故``."""
    if cells.is_error(raw):
        return ERROR_CELL
    found = names.parse(raw)
    notes = "/".join(f"{code}:{words}" for code, words in found.notes) or None
    troubles = [trouble for trouble in found.troubles if trouble is not names.Trouble.EMPTY]
    order = (names.Trouble.UNREADABLE, names.Trouble.PRIVATE, names.Trouble.MASKED, names.Trouble.DIGITS, names.Trouble.LONG, names.Trouble.FORMULA, names.Trouble.NOTE)
    for trouble in order:
        if trouble in troubles:
            return Outcome(found.value or None, notes, _NAME_CODES[trouble], "W", names.MESSAGES[trouble])
    if _several_people(cells.text(raw)):
        return Outcome(found.value, notes, "D38.several", "R", SEVERAL_PEOPLE)
    if found.value and found.value != raw:
        return Outcome(found.value, notes, "D11", "F", "姓名中的空格、全角或间隔点已规整，原值保留。")
    return Outcome(found.value or None, notes)


def _several_people(text: str) -> bool:
    listed = _SEVERAL_PEOPLE.match(text)
    return bool(listed and listed[1] not in names.COMPOUND_SURNAMES) or bool(_NAMES_BY_SPACE.match(text))


_WHOLE_NAME = rf"[{''.join(sorted(names.COMMON_SURNAMES))}][{names.HAN}]{{1,2}}"
#: Two and more whole names in one cell: 张三、李四. 欧阳 over 娜娜 is one name on two lines.
_SEVERAL_PEOPLE = re.compile(rf"^\s*([{names.HAN}]{{2,4}})(?:\s*(?:{names.PEOPLE_SEPARATORS})\s*[{names.HAN}]{{2,4}})+\s*$")
#: 郑一山 何二妹: two whole names by a space, each begun by a common surname. 欧阳 娜娜, 王 小 明 and 扎西 卓玛 are one.
_NAMES_BY_SPACE = re.compile(rf"^\s*({_WHOLE_NAME})(?:\s+{_WHOLE_NAME})+\s*$")
SEVERAL_PEOPLE = "姓名一格里写了几个人：请一人一行分开，并核对证件号码是谁的。"
_NAME_CODES = {
    names.Trouble.UNREADABLE: "D10",
    names.Trouble.PRIVATE: "D10",
    names.Trouble.MASKED: "D36",
    names.Trouble.DIGITS: "D38",
    names.Trouble.LONG: "D38",
    names.Trouble.FORMULA: "D33",
    names.Trouble.NOTE: "D12",
}


def read_other_name(raw: str, context: Context) -> Outcome:
    """A name that is not the subject's: tidied, its notes kept."""
    found = read_name(raw, context)
    return found if found.code in {"D10", "D12", None} else dataclasses.replace(found, action="F")


def read_date(raw: str, context: Context) -> Outcome:
    """ISO as far as it is known (1966-03); `extra` is ``century`` where the century was guessed, ``tenth`` where the month is 1 or 10."""
    if cells.is_error(raw):
        return ERROR_CELL
    text, number, _ = raw.partition(reading.AS_NUMBER)
    tenth = bool(number) and re.match(dates.LOST_ZERO, text.strip())
    found = dates.parse(float(text) if tenth else text, today=context.today)
    if tenth:
        return Outcome(found.iso, "tenth", f"D16.{dates.Caution.FRACTION.value}", "W", found.messages[0])
    raw = text
    if found.problem:
        return Outcome(None, None, f"D16.{found.problem.value}", "W", found.messages[0])
    if found.value is None:
        return Outcome(None, None, "D16.null", "F", "日期栏填的是空值符号，按空处理。") if raw.strip() else Outcome()
    century = "century" if dates.Caution.CENTURY_GUESSED in found.cautions else None
    if found.cautions:
        return Outcome(found.iso, century, f"D16.{found.cautions[0].value}", "W", found.messages[0])
    return Outcome(found.iso, None, "D16", "F", "日期写法已规整，原值保留。") if found.iso != raw.strip() else Outcome(found.iso)


def read_future_date(raw: str, context: Context) -> Outcome:
    """Like `read_date`; a day after today is what is expected of due dates and validities."""
    found = read_date(raw, context)
    if found.code != f"D16.{dates.Caution.FUTURE.value}":
        return found
    written = found.value == raw
    return Outcome(found.value) if written else Outcome(found.value, None, "D16", "F", "日期写法已规整，原值保留。")


def read_phone(raw: str, context: Context) -> Outcome:
    """The first number; `extra` the others, joined by /."""
    if cells.is_error(raw):
        return ERROR_CELL
    found = phones.parse(raw, area_code=context.area_code)
    others = "/".join(found.others) or None
    if found.problem:
        return Outcome(found.first, others, "D20.number", "W", found.message)
    if found.first is None:
        return Outcome()
    if others:
        return Outcome(found.first, others, "D20", "F", "一格有多个号码，取第一个，其余另存。")
    return Outcome(found.first, None, "D20", "F", "电话写法已规整，原值保留。") if found.first != raw else Outcome(found.first)


def read_word(raw: str, context: Context) -> Outcome:
    """Free text of one line."""
    if cells.is_error(raw):
        return ERROR_CELL
    return Outcome(None if cells.is_blank(raw) else cells.one_line(raw))


def read_code(raw: str, context: Context) -> Outcome:
    """Numbers of certificates, plots and households: upper case, without spaces."""
    if cells.is_error(raw):
        return ERROR_CELL
    if cells.is_blank(raw):
        return Outcome()
    text = re.sub(r"\s+", "", cells.text(raw)).upper()
    if re.match(identity.SCIENTIFIC, text):
        return Outcome(None, text, "D04.code", "W", "编号被表格当作数字保存，后几位已丢失：请向来源部门索取文本格式。")
    return Outcome(text)


#: Words of 注销标志 beside 是/否, lower case.
STATE_WORDS: dict[str, bool] = {
    **dict.fromkeys(["注销", "已注销", "死亡", "迁出", "已死亡", "已迁出"], True),
    **dict.fromkeys(["正常", "未注销", "在册", "不享受", "有效"], False),
}
_CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def is_credit_code(text: str) -> bool:
    """True for a unified social credit code whose check character is right (GB 32100-2015)."""
    if len(text) != 18 or any(char not in _CREDIT_CHARACTERS for char in text):
        return False
    total = sum(_CREDIT_CHARACTERS.index(char) * weight for char, weight in zip(text, _CREDIT_WEIGHTS, strict=False))
    return _CREDIT_CHARACTERS[(31 - total % 31) % 31] == text[17]


def read_credit(raw: str, context: Context) -> Outcome:
    """Unified social credit code; old numbers are kept with a warning."""
    found = read_code(raw, context)
    if found.value is None or is_credit_code(found.value):
        return found
    return dataclasses.replace(found, code="D39", action="W", sentence="不是有效的统一社会信用代码（可能是旧注册号），按原文保存。")


def _coded(table: codes.CodeTable) -> Rule:
    def read(raw: str, context: Context) -> Outcome:
        if cells.is_error(raw):
            return ERROR_CELL
        if cells.is_blank(raw):
            return Outcome()
        text = cells.text(raw)
        # A workbook's number 2 and the text 2 look alike here: where two tables read it differently, nobody guesses.
        ambiguous = table.ambiguous_numbers and text.isascii() and text.isdigit() and len(text) < table.width
        found = None if ambiguous else table.to_code(text)
        if found is None:
            return Outcome(None, cells.one_line(raw), "D18.unknown", "W", f"“{table.name}”的写法不认得，按原文保存，请核对。")
        if not raw.isascii():
            # Words are what the files are expected to hold; only codes in their place are worth a line.
            return Outcome(found)
        return Outcome(found, None, "D18", "F", f"“{table.name}”已按国家标准代码统一，原值保留。")

    return read


#: 二级 within a cell that says the category as well.
_GRADE_WITHIN = re.compile(r"[（(]?\s*([壹贰叁肆一二三四1-4１-４ⅠⅡⅢⅣ])\s*级\s*[）)]?")


def _of_disability(*, grade: bool) -> Rule:
    """Category or grade; `extra` is the other where both stand in one cell (肢体二级): ``grade:2``, ``category:4``."""
    plain = _coded(codes.DISABILITY_GRADE if grade else codes.DISABILITY)

    def read(raw: str, context: Context) -> Outcome:
        found = plain(raw, context)
        if found.code != "D18.unknown":
            return found
        text = cells.text(raw)
        if not (within := _GRADE_WITHIN.search(text)):
            return found
        level, category = codes.DISABILITY_GRADE.to_code(f"{within[1]}级"), codes.DISABILITY.to_code(re.sub(r"\([^)]*\)", "", _GRADE_WITHIN.sub("", text)).strip(" /、，,-·:："))
        if level is None or category is None:
            return found
        return Outcome(level if grade else category, f"category:{category}" if grade else f"grade:{level}", "D18", "F", "残疾类别和等级写在一格，已分开，原值保留。")

    return read


def read_flag(raw: str, context: Context) -> Outcome:
    """是/否 in all their forms as "1" and "0"."""
    if cells.is_error(raw):
        return ERROR_CELL
    if raw in {"是", "否"}:
        return Outcome("1" if raw == "是" else "0")
    found = amounts.yes_no(raw)
    found = STATE_WORDS.get(cells.text(raw)) if found is None else found
    if found is not None:
        return Outcome("1" if found else "0", None, "D17", "F", "是否类写法已统一，原值保留。")
    if cells.is_blank(raw):
        return Outcome()
    return Outcome(None, cells.one_line(raw), "D17.unknown", "W", "看不出是“是”还是“否”，按空处理，请核对。")


def read_members(raw: str, context: Context) -> Outcome:
    """A JSON list of {name, relation, words}: everyone named in one cell, the relation as GB/T 4761 where it is known."""
    if cells.is_error(raw):
        return ERROR_CELL
    found = people(raw, context.today)
    return Outcome(json.dumps(found, ensure_ascii=False)) if any(person["name"] for person in found) else Outcome()


def people(raw: str, today: datetime.date) -> list[dict[str, str | None]]:
    """Everyone named in a cell: name, relation (GB/T 4761), its words, number."""
    result: list[dict[str, str | None]] = []
    for part in re.split(names.PEOPLE_SEPARATORS, cells.text(raw)):
        if cells.is_blank(part):
            continue
        person = _member(part, today)
        if not person["name"] and result:
            # 方水仙，妻，330…：what is no name belongs to the person before.
            result[-1] |= {key: value for key, value in person.items() if value and not result[-1][key]}
        else:
            result.append(person)
    return result


_NUMBER_INSIDE = re.compile(r"[1-9]\d{13,16}[\dXx]")
#: 男, 45岁, 身份证号： beside a member's name: nothing that is kept.
_ASIDE = re.compile(r"^(?:男|女|\d{1,3}(?:岁|周岁)?|(?:公民)?身份(?:证号码?|证|号码))$")


def _member(part: str, today: datetime.date) -> dict[str, str | None]:
    """One of several people in a cell: 劳建明(次子), 劳建明 次子 330…, 次子：劳建明."""
    numbers = [found.value for text in _NUMBER_INSIDE.findall(part) if (found := identity.validate(text, today=today)).ok]
    person = names.parse(_NUMBER_INSIDE.sub(" ", part))
    words = next((words for _, words in person.notes if codes.RELATION.to_code(words)), None)
    name = person.value
    pieces = [piece for piece in re.split(r"[\s:：]+", re.sub(names.BRACKETED, " ", cells.one_line(_NUMBER_INSIDE.sub(" ", part)))) if piece and not _ASIDE.match(piece)]
    related = [piece for piece in pieces if codes.RELATION.to_code(piece) and not piece.isdigit()]
    if related and (len(pieces) > len(related) or numbers or len(pieces) == 1):
        words = words or related[0]
        name = names.parse(" ".join(piece for piece in pieces if piece not in related)).value
    elif not pieces:
        name = ""
    return {"name": name, "relation": codes.RELATION.to_code(words) if words else None, "words": words, "number": numbers[0] if numbers else None}


def decimal_text(value: Decimal) -> str:
    """A quantity as it is written in plain cells: no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _amount(read: Callable[[str], amounts.Amount], unit: str) -> Rule:
    def rule(raw: str, context: Context) -> Outcome:
        if cells.is_error(raw):
            return ERROR_CELL
        found = read(raw)
        if found.message:
            return Outcome(None, cells.one_line(raw), "D25.unknown", "W", found.message)
        value = found.mu if unit == "亩" else found.value
        if value is None:
            return Outcome()
        written = decimal_text(value)
        return Outcome(written) if written == raw else Outcome(written, None, "D25", "F", "数量写法已规整，原值保留。")

    return rule


def read_coordinate(raw: str, context: Context) -> Outcome:
    """A survey coordinate in metres, all its decimals."""
    if cells.is_error(raw):
        return ERROR_CELL
    text = cells.text(raw).replace(",", "")
    if re.fullmatch(r"-?\d{1,9}(?:\.\d+)?", text):
        return Outcome(text)
    return Outcome() if cells.is_blank(raw) else Outcome(None, cells.one_line(raw), "D25.unknown", "W", "坐标应为数字，按空处理，请核对。")


def read_integer(raw: str, context: Context) -> Outcome:
    """A whole number; 8层, 3人 and 2002年 are understood."""
    if cells.is_error(raw):
        return ERROR_CELL
    match = re.fullmatch(r"(\d{1,9})(?:\.0+)?\s*(?:[一-鿿]{1,2})?", cells.text(raw))
    if match:
        return Outcome(str(int(match[1])))
    return Outcome() if cells.is_blank(raw) else Outcome(None, cells.one_line(raw), "D25.unknown", "W", "应填整数，按空处理，请核对。")


def read_disability(raw: str, context: Context) -> Outcome:
    """The certificate's number; `extra` is JSON: the holder's number, category, grade, and the finding on the number."""
    if cells.is_error(raw):
        return ERROR_CELL
    if cells.is_blank(raw):
        return Outcome()
    found = identity.split_disability(raw, today=context.today)
    holder = {"id_number": found.identity.value, "category": found.category, "grade": found.grade, "known": found.identity.prefix15}
    extra = json.dumps({key: value for key, value in holder.items() if value}, ensure_ascii=False)
    if found.identity.problem:
        code = _IDENTITY_CODES[found.identity.problem]
        cut = found.identity.problem is identity.Problem.LOST_DIGITS
        return Outcome(None, extra, code, "R", identity.MESSAGES[found.identity.problem] if cut else found.message or identity.MESSAGES[found.identity.problem])
    if found.value is None:
        return Outcome(None, extra, "D05.certificate", "W", found.message)
    return Outcome(found.value, extra, "D03", "F", "证号写法已规整，原值保留。") if found.value != raw.strip() else Outcome(found.value, extra)


def read_student(raw: str, context: Context) -> Outcome:
    """The pupil's number; `extra` is the identity number inside it."""
    if cells.is_error(raw):
        return ERROR_CELL
    if cells.is_blank(raw):
        return Outcome()
    return Outcome(identity.normalise(raw), identity.from_student_number(raw, today=context.today).value)


_ADDRESS_CODES = {
    addresses.Problem.UNKNOWN_VILLAGE: ("D21.village", "W"),
    addresses.Problem.AMBIGUOUS_VILLAGE: ("D21.ambiguous", "W"),
    addresses.Problem.OTHER_TOWN: ("D21.town", "W"),
    addresses.Problem.NO_DOORPLATE: ("D21.nodoor", "W"),
    addresses.Problem.LEFTOVER: ("D21.leftover", "F"),
    addresses.Problem.SAME_AS_ABOVE: ("D21.same", "W"),
}


def read_address(raw: str, context: Context) -> Place:
    """An address resolved inside the batch's area."""
    if cells.is_error(raw):
        return Place(**dataclasses.asdict(ERROR_CELL))
    if cells.is_blank(raw):
        return Place()
    found = context.gazetteer.parse(raw, context.within)
    if addresses.Problem.AMBIGUOUS_VILLAGE in found.problems:
        # 新建村大坞2号: two villages are called so, one of them has a 大坞.
        inside = [context.gazetteer.parse(raw, code) for code in found.candidates]
        fitting = [place for place in inside if (place.village_code, place.natural_village) in context.places]
        found = fitting[0] if len(fitting) == 1 else found
    return _place(raw, found, context)


def read_place(key: str, context: Context) -> Place:
    """A village named in its own column; the key is town, a joint, village."""
    town, _, village = key.partition("\x1f")
    if cells.is_error(village):
        return Place(**dataclasses.asdict(ERROR_CELL))
    if cells.is_blank(village):
        return Place()
    found = context.gazetteer.parse(village, context.within)
    if not found.village_code and not cells.is_blank(town):
        found = context.gazetteer.parse(cells.text(town) + cells.text(village), context.within)
    problems = tuple(problem for problem in found.problems if problem not in {addresses.Problem.NO_DOORPLATE, addresses.Problem.LEFTOVER})
    return _place(village, dataclasses.replace(found, problems=problems), context)


def _place(raw: str, found: addresses.Address, context: Context) -> Place:
    inside = bool(found.village_code) and found.village_code.startswith(context.within[:6])
    elsewhere = addresses.Problem.OUTSIDE in found.problems or (bool(found.county_code) and not found.county_code.startswith(context.within[:6]))
    finding: tuple[str | None, str | None, str | None] = (None, None, None)
    for problem, (code, action) in _ADDRESS_CODES.items():
        if problem in found.problems and not (elsewhere and problem is not addresses.Problem.SAME_AS_ABOVE):
            finding = (code, action, addresses.MESSAGES[problem])
            break
    else:
        if inside and found.full_text != raw:
            finding = ("D21", "F", "地址写法已按标准地址统一，原值保留。")
    return Place(
        found.full_text or cells.one_line(raw), None, *finding,
        village=found.village_code if inside else None, town=found.town_code or None, natural_village=found.natural_village or None,
        group_no=str(found.group_no) if found.group_no is not None else None, road=found.road or None, door=found.doorplate or None,
        building=found.building or None, unit=found.unit or None, room=found.room or None, outside=elsewhere, score=found.score,
    )  # fmt: skip


ADDRESSES = frozenset(["address", "place"])

RULES: dict[str, Rule] = {
    "identity": read_identity,
    "identity_other": read_identity,
    "name": read_name,
    "name_plain": read_other_name,
    "date": read_date,
    "birth": read_date,
    "date_future": read_future_date,
    "phone": read_phone,
    "phone_other": read_phone,
    "word": read_word,
    "code": read_code,
    "credit": read_credit,
    "sex": _coded(codes.SEX),
    "ethnicity": _coded(codes.NATION),
    "education": _coded(codes.EDUCATION),
    "marriage": _coded(codes.MARRIAGE),
    "politics": _coded(codes.POLITICS),
    "employment": _coded(codes.EMPLOYMENT),
    "relation": _coded(codes.RELATION),
    "disability_category": _of_disability(grade=False),
    "disability_grade": _of_disability(grade=True),
    "flag": read_flag,
    "members": read_members,
    "amount": _amount(amounts.read_money, "元"),
    "area": _amount(amounts.read_area, "㎡"),
    "area_mu": _amount(lambda raw: amounts.read_area(raw, unit="亩"), "亩"),
    "coordinate": read_coordinate,
    "integer": read_integer,
    "disability": read_disability,
    "student": read_student,
    "address": read_address,
    "place": read_place,
}
