"""Identity documents: residents' numbers (GB 11643), residence permits, passports, disability certificates.

Invariant: a number is accepted only when its own check character, its date and its shape agree; a digit that a
spreadsheet has lost is never invented. Whatever is refused says why in one Chinese sentence that names no digit of it,
so the sentence may stand in a report or a log.

The rules are data (`SHAPES`, `PROVINCES`, `CONFUSED`, `SEPARATORS`, `MESSAGES`); regular expressions use no look-around, so that the
set-based engine can run them as they are. python-stdnum and id-validator are not used on purpose: the first refuses
valid numbers whose county was founded after the birth, both refuse the 2023 card of permanent residents.

Source: GB 11643-1999; ISO 7064 MOD 11-2; domain.md §1.1.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from minqing.lib import cells

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARS = "10X98765432"
#: Sequence numbers of 15-digit cards that were kept for people born before 1900.
CENTENARIAN_SEQUENCES = ("996", "997", "998", "999")
EARLIEST_BIRTH = datetime.date(1890, 1, 1)
#: The county code no real person can carry: data made for tests and demonstrations uses it.
SYNTHETIC_PREFIX = "330899"

#: Look-alikes of X in other alphabets, and the multiplication sign, all upper case; applied after NFKC and upper().
CONFUSED = {"Х": "X", "Χ": "X", "×": "X", "✕": "X", "╳": "X"}
#: What people put between the parts of a number.
SEPARATORS = r"[\s\-_·.,'\"‐‑‒–—]+"
SCIENTIFIC = r"^\d(?:\.(\d+))?E\+?(\d+)$"
#: Excel keeps this many digits of a number; the rest become zeros.
KEPT_DIGITS = 15
LOST_TAIL = "000"

PROVINCES = frozenset(
    [11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46]
    + [50, 51, 52, 53, 54, 61, 62, 63, 64, 65]
)


class Kind(StrEnum):
    """The document, by GA/T 517-2004 where it has a code; 810/820/830 are ours (the 2004 edition has none)."""

    RESIDENT = "111"
    OFFICER = "114"
    ARMED_POLICE = "115"
    PASSPORT = "414"
    TAIWAN_PERMIT = "511"
    HONG_KONG_MACAU_PERMIT = "516"
    PERMANENT_RESIDENT = "553"
    HONG_KONG_RESIDENCE = "810"
    MACAU_RESIDENCE = "820"
    TAIWAN_RESIDENCE = "830"


KIND_LABELS = {
    Kind.RESIDENT: "居民身份证",
    Kind.OFFICER: "军官证",
    Kind.ARMED_POLICE: "武警警官证",
    Kind.PASSPORT: "护照",
    Kind.TAIWAN_PERMIT: "台湾居民来往大陆通行证",
    Kind.HONG_KONG_MACAU_PERMIT: "港澳居民来往内地通行证",
    Kind.PERMANENT_RESIDENT: "外国人永久居留身份证",
    Kind.HONG_KONG_RESIDENCE: "香港居民居住证",
    Kind.MACAU_RESIDENCE: "澳门居民居住证",
    Kind.TAIWAN_RESIDENCE: "台湾居民居住证",
}

#: The first match decides: (expression, kind, whether a number of this shape is believed without being told its kind).
#: Shapes with `False` would also swallow dates, household numbers and mistyped residents' numbers.
SHAPES: tuple[tuple[str, Kind, bool], ...] = (
    (r"^810000\d{11}[0-9X]$", Kind.HONG_KONG_RESIDENCE, True),
    (r"^820000\d{11}[0-9X]$", Kind.MACAU_RESIDENCE, True),
    (r"^830000\d{11}[0-9X]$", Kind.TAIWAN_RESIDENCE, True),
    (r"^9\d{16}[0-9X]$", Kind.PERMANENT_RESIDENT, True),
    (r"^[1-6]\d{16}[0-9X]$", Kind.RESIDENT, True),
    (r"^[1-6]\d{14}$", Kind.RESIDENT, True),
    (r"^[A-Z]{3}\d{12}$", Kind.PERMANENT_RESIDENT, True),
    (r"^[HM]\d{8}(?:\d{2})?$", Kind.HONG_KONG_MACAU_PERMIT, True),
    (r"^\d{10}[A-Z]$", Kind.TAIWAN_PERMIT, True),
    (r"^\d{8}$", Kind.TAIWAN_PERMIT, False),
    (r"^(?:[DESPG][A-Z]?\d{7,8}|[A-Z]{1,2}\d{6,8})$", Kind.PASSPORT, True),
    (r"^[A-Z0-9]{5,17}$", Kind.PASSPORT, False),
    (r"^武?字?第?[0-9A-Z]{5,12}号?$", Kind.ARMED_POLICE, False),
    (r"^[一-鿿]{0,3}字?第?[0-9A-Z]{4,12}号?$", Kind.OFFICER, False),
)
#: Kinds whose 18 characters carry a birth date, a sex digit and a check character.
CHECKED = frozenset(
    [Kind.RESIDENT, Kind.PERMANENT_RESIDENT, Kind.HONG_KONG_RESIDENCE, Kind.MACAU_RESIDENCE, Kind.TAIWAN_RESIDENCE]
)


class Problem(StrEnum):
    """Why a number was refused. The row goes to a person."""

    EMPTY = "empty"
    LOST_DIGITS = "lost_digits"
    LENGTH = "length"
    CHARACTERS = "characters"
    CHECK = "check"
    DATE = "date"
    RANGE = "range"
    ADDRESS = "address"
    SHAPE = "shape"
    MASKED = "masked"


class Caution(StrEnum):
    """What is worth knowing about an accepted number."""

    UPGRADED = "upgraded"
    REPAIRED = "repaired"
    UNKNOWN_ADDRESS = "unknown_address"
    TRAILING_ZEROS = "trailing_zeros"
    LOOSE = "loose"
    CENTENARIAN = "centenarian"


MESSAGES: dict[Problem | Caution, str] = {
    Problem.EMPTY: "证件号码为空：请补填，或按姓名与出生日期人工核对。",
    Problem.LOST_DIGITS: "证件号码被表格当作数字保存，第16位起已丢失：请向来源部门索取文本格式的号码，系统不会自行补位。",
    Problem.LENGTH: "证件号码位数不对，身份证应为18位（一代证15位）：请对照户口簿补正。",
    Problem.CHARACTERS: "证件号码中有不应出现的字符：请对照证件重新录入。",
    Problem.CHECK: "身份证号码校验位不符，可能有一位录错或两位颠倒：请对照证件核对。",
    Problem.DATE: "身份证号码中的出生日期不存在：请对照证件核对。",
    Problem.RANGE: "身份证号码中的出生日期早于1890年或晚于今天：请对照证件核对。",
    Problem.ADDRESS: "身份证号码前两位不是任何省份的代码：请对照证件核对。",
    Problem.SHAPE: "无法判断这是哪一种证件的号码：请注明证件类型，或对照证件核对。",
    Problem.MASKED: "证件号码已被遮盖，无法用于比对：请向来源部门索取完整号码。",
    Caution.UPGRADED: "一代证15位号码，已按国家标准升为18位，原值保留。",
    Caution.REPAIRED: "号码中的全角字符、空格或小写x已规整，原值保留。",
    Caution.UNKNOWN_ADDRESS: "号码前两位不在省份代码表中，仅作提醒。",
    Caution.TRAILING_ZEROS: "号码以000结尾，可能曾被表格截断，请对照证件核对。",
    Caution.LOOSE: "该类证件没有校验位，只核对了长度和字符。",
    Caution.CENTENARIAN: "按百岁老人顺序码认定出生于1900年以前，请核对。",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What could be read of one identity document.

    `value` is the number to store and to link by (18 characters for residents), None when refused. `known_digits` are
    the leading digits that are certainly right when the rest was lost; `sex` is GB/T 2261.1 ("1", "2").
    """

    raw: str
    value: str | None = None
    kind: Kind | None = None
    sex: str | None = None
    birth_date: datetime.date | None = None
    cautions: tuple[Caution, ...] = ()
    problem: Problem | None = None
    known_digits: str = ""

    @property
    def ok(self) -> bool:
        """True when the number may be stored and linked by."""
        return self.problem is None

    @property
    def prefix15(self) -> str | None:
        """The first 15 digits, for "name + ID-15": of a good number as well as of one that lost its tail."""
        digits = self.value if self.value and self.kind in CHECKED else self.known_digits
        return digits[:KEPT_DIGITS] if len(digits) >= KEPT_DIGITS else None

    @property
    def messages(self) -> tuple[str, ...]:
        """Chinese sentences: the problem first, then the cautions."""
        reasons: Iterable[Problem | Caution] = (*((self.problem,) if self.problem else ()), *self.cautions)
        return tuple(MESSAGES[reason] for reason in reasons)


@dataclass(frozen=True, slots=True)
class DisabilityCertificate:
    """A 20-character certificate: the holder's number, category and grade of GB/T 26341, reissue if any (``"B1"``)."""

    raw: str
    value: str | None
    identity: Identity
    category: str | None = None
    grade: str | None = None
    reissue: str = ""
    message: str = ""


def check_char(body17: str) -> str:
    """The 18th character for 17 digits, by ISO 7064 MOD 11-2."""
    return CHECK_CHARS[sum(int(digit) * weight for digit, weight in zip(body17, WEIGHTS, strict=True)) % 11]


def upgrade(number15: str) -> str:
    """A 15-digit number of the first cards as 18 characters."""
    century = "18" if number15[12:15] in CENTENARIAN_SEQUENCES else "19"
    body = number15[:6] + century + number15[6:]
    return body + check_char(body)


def normalise(value: object) -> str:
    """The number without what spreadsheets, input methods and people put around it; upper case. No digit is changed."""
    # 330899371105536.0 is what a program makes of a number in a cell.
    result = re.sub(r"^(\d+)\.0+$", r"\1", cells.text(value).upper())
    result = re.sub(SEPARATORS, "", result) if not re.match(SCIENTIFIC, result) else result
    for wrong, right in CONFUSED.items():
        result = result.replace(wrong, right)
    return result


def validate(
    value: object, *, today: datetime.date, declared: Kind | None = None, trust_trailing_zeros: bool = False
) -> Identity:
    """Read one cell as an identity document.

    `declared` is the kind another column names: it admits loose shapes (8 digits, any passport). With
    `trust_trailing_zeros` a text number that ends in 000 and whose check character is right is accepted with a caution
    (a person at a desk reads it off a card); without, it counts as cut off by Excel. Numbers stored as numbers are
    always refused beyond 15 digits.
    """
    raw = value if isinstance(value, str) else cells.text(value)
    if cells.is_blank(value):
        return Identity(raw, problem=Problem.EMPTY)
    lost = lost_digits(value)
    if lost is not None:
        return Identity(raw, problem=Problem.LOST_DIGITS, known_digits=lost)
    number = normalise(value)
    repaired = (Caution.REPAIRED,) if isinstance(value, str) and number != value else ()
    if "*" in number or "＊" in number:
        return Identity(raw, problem=Problem.MASKED, known_digits=_leading_digits(number))
    kind = detect(number, declared)
    if kind is None:
        return Identity(raw, problem=_shape_problem(number), known_digits=_leading_digits(number))
    if kind not in CHECKED or not number[0].isdigit():
        return Identity(raw, number, kind, cautions=(*repaired, Caution.LOOSE))
    result = _checked(raw, number, kind, today)
    if result.ok and len(number) == 18 and number.endswith(LOST_TAIL):
        if not trust_trailing_zeros:
            return Identity(raw, kind=kind, problem=Problem.LOST_DIGITS, known_digits=number[:KEPT_DIGITS])
        return _with_cautions(result, (*repaired, Caution.TRAILING_ZEROS))
    if not result.ok and len(number) == 18 and number.endswith(LOST_TAIL):
        return Identity(raw, kind=kind, problem=Problem.LOST_DIGITS, known_digits=number[:KEPT_DIGITS])
    return _with_cautions(result, repaired)


def detect(number: str, declared: Kind | None = None) -> Kind | None:
    """The kind of a normalised number, None when no shape fits. A declared kind opens the loose shapes."""
    for pattern, kind, believed in SHAPES:
        if (believed or kind == declared) and re.match(pattern, number):
            return kind
    return None


def lost_digits(value: object) -> str | None:
    """The leading digits still known when a spreadsheet stored the number as a number; None when nothing was lost.

    A float keeps 15 digits. In text like 3.30899201011124E+17 all written digits are known and, once there are at least
    eleven (more than a narrow column shows), zeros up to the fifteenth; 3.30899E+17 leaves six.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        if value != value or abs(value) < 10**KEPT_DIGITS:
            return None
        return str(int(abs(value)))[:KEPT_DIGITS] if abs(value) < 1e30 else ""
    written = cells.text(value).upper().replace(" ", "")
    match = re.match(SCIENTIFIC, written)
    if match:
        fraction, exponent = match.group(1) or "", int(match.group(2))
        if exponent < KEPT_DIGITS:
            return None
        digits = written[0] + fraction
        return digits[:KEPT_DIGITS].ljust(KEPT_DIGITS, "0") if len(digits) >= 11 else digits
    try:
        # 330899201011124000.0: a number written out by a program.
        number = Decimal(written) if re.match(r"^\d{16,}\.0*$", written) else None
    except InvalidOperation:
        number = None
    return str(number)[:KEPT_DIGITS] if number is not None else None


def _checked(raw: str, number: str, kind: Kind, today: datetime.date) -> Identity:
    cautions: tuple[Caution, ...] = ()
    full = number
    if len(number) == 15:
        full = upgrade(number)
        cautions = (Caution.UPGRADED,)
        if number[12:15] in CENTENARIAN_SEQUENCES:
            cautions += (Caution.CENTENARIAN,)
    known = _leading_digits(full)
    if kind is Kind.RESIDENT and not 11 <= int(full[:2]) <= 65:
        return Identity(raw, kind=kind, problem=Problem.ADDRESS, known_digits=known)
    if kind is Kind.RESIDENT and int(full[:2]) not in PROVINCES:
        cautions += (Caution.UNKNOWN_ADDRESS,)
    try:
        birth = datetime.date(int(full[6:10]), int(full[10:12]), int(full[12:14]))
    except ValueError:
        return Identity(raw, kind=kind, problem=Problem.DATE, known_digits=known)
    if check_char(full[:17]) != full[17]:
        return Identity(raw, kind=kind, problem=Problem.CHECK, known_digits=known)
    if not EARLIEST_BIRTH <= birth <= today:
        return Identity(raw, kind=kind, problem=Problem.RANGE, known_digits=known)
    sex = "1" if int(full[16]) % 2 else "2"
    return Identity(raw, full, kind, sex, birth, cautions, known_digits=known)


def _with_cautions(result: Identity, more: tuple[Caution, ...]) -> Identity:
    if not more or not result.ok:
        return result
    return Identity(
        result.raw,
        result.value,
        result.kind,
        result.sex,
        result.birth_date,
        (*more, *result.cautions),
        result.problem,
        result.known_digits,
    )


def _shape_problem(number: str) -> Problem:
    if re.match(r"^\d{14,20}X?$", number):
        return Problem.LENGTH if len(number) not in (15, 18) else Problem.ADDRESS
    if re.search(r"[^0-9A-Z]", number) or re.match(r"^\d*X\d+|^\d{6,}[A-Z]+\d", number):
        return Problem.CHARACTERS
    return Problem.SHAPE


def _leading_digits(number: str) -> str:
    match = re.match(r"^\d+", number)
    return match.group(0) if match else ""


_DISABILITY = re.compile(r"^(\d{17}[0-9X])([1-7])([1-4])(B\d{1,2})?$")
DISABILITY_MESSAGE = "残疾人证号应为20位（身份证号+类别1位+等级1位，换发证后可带B和数字）：请对照残疾人证核对。"


def split_disability(value: object, *, today: datetime.date) -> DisabilityCertificate:
    """Split a disability certificate's number. Its first 18 characters are a free check of the holder's identity."""
    raw = value if isinstance(value, str) else cells.text(value)
    number = normalise(value)
    match = _DISABILITY.match(number)
    if lost_digits(value) is not None or not match:
        # A bare resident's number in this column is still worth linking by; anything else keeps its known digits.
        identity = validate(value, today=today)
        return DisabilityCertificate(raw, None, identity, message=DISABILITY_MESSAGE)
    identity = validate(match.group(1), today=today, trust_trailing_zeros=True)
    message = MESSAGES[identity.problem] if identity.problem else ""
    reissue = match.group(4) or ""
    return DisabilityCertificate(
        raw, number if identity.ok else None, identity, match.group(2), match.group(3), reissue, message
    )


def from_student_number(value: object, *, today: datetime.date) -> Identity:
    """The identity inside a pupil's number: G and the resident's number. L… numbers are provisional and carry none."""
    number = normalise(value)
    if re.match(r"^G\d{17}[0-9X]$", number):
        return validate(number[1:], today=today, trust_trailing_zeros=True)
    return Identity(number, problem=Problem.EMPTY if not number else Problem.SHAPE)


class Slip(StrEnum):
    """The ways a hand mistypes a number."""

    DIGIT = "digit"
    SWAP = "swap"
    MISSING = "missing"


def slip(left: str, right: str) -> Slip | None:
    """The single slip that turns one number into the other, None when they are equal or further apart.

    For people who decide about two rows; never a reason to merge by itself.
    """
    if left == right:
        return None
    if len(left) == len(right):
        apart = [at for at, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
        if len(apart) == 1:
            return Slip.DIGIT
        swapped = len(apart) == 2 and left[apart[0]] == right[apart[1]] and left[apart[1]] == right[apart[0]]
        return Slip.SWAP if swapped and apart[1] == apart[0] + 1 else None
    short, long = sorted((left, right), key=len)
    if len(long) - len(short) != 1:
        return None
    return Slip.MISSING if any(long[:at] + long[at + 1 :] == short for at in range(len(long))) else None
