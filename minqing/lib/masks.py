"""How personal values look before someone unmasks them with a purpose.

Invariant: a mask never shows more than the table of domain.md §5 allows, whatever the input; text that is not understood is hidden
whole. Masks are for display only; nothing is stored or compared masked.
"""

from __future__ import annotations

import re

from minqing.lib import names

STAR = "*"
#: Numbers hidden in free text before it is published or indexed: identity, bank card, mobile, landline.
HIDDEN_IN_TEXT: tuple[tuple[str, str], ...] = (
    ("identity", r"(?<![0-9A-Za-z])[1-9]\d{5}[\s-]?(?:18|19|20)\d{2}[\s-]?\d{4}[\s-]?\d{3}[0-9Xx](?![0-9A-Za-z])"),
    ("identity", r"(?<![0-9A-Za-z])[1-6]\d{14}(?![0-9A-Za-z])"),
    ("bank", r"(?<!\d)(?:62|4|5)\d{2}(?:[\s-]?\d{4}){3}(?:[\s-]?\d{1,3})?(?!\d)"),
    ("mobile", r"(?<!\d)1[3-9]\d(?:[\s-]?\d{4}){2}(?!\d)"),
    ("landline", r"(?<!\d)\(?0\d{2,3}\)?[\s-]?[2-8]\d{6,7}(?!\d)"),
)
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")


def name(value: str) -> str:
    """A name for lists the public sees: 郑*香, 郑*, 欧阳*华; a name with dots keeps its first part."""
    tidy = names.normalise(value)
    if "·" in tidy:
        return tidy.split("·")[0] + "·" + STAR
    surname, given = names.split_surname(tidy)
    if not surname:
        first, _, rest = tidy.partition(" ")
        return f"{first} {STAR}" if rest else tidy[:1] + STAR * bool(tidy)
    return surname + STAR * (len(given) - 1 if len(given) > 1 else 1) + (given[-1] if len(given) > 1 else "")


def identity_number(value: str) -> str:
    """A number for staff: first 4 and last 2 (3308************56). The public sees none."""
    return value[:4] + STAR * (len(value) - 6) + value[-2:] if len(value) >= 15 else _ends(value, 2, 1)


def phone(value: str) -> str:
    """139****1234; 0570-***8365."""
    landline = re.fullmatch(r"(0\d{2,3}-)(\d+)(\d{4})", value)
    if landline:
        return landline.group(1) + STAR * len(landline.group(2)) + landline.group(3)
    return value[:3] + STAR * 4 + value[-4:] if re.fullmatch(r"\d{11}", value) else _ends(value, 0, 2)


def address(full_text: str, village_name: str = "") -> str:
    """An address down to the village: 江山市虎山街道彭里村***. `village_name` is the short name to cut after."""
    # 贺村镇贺村: the town bears the village's name, so a name that goes on as a town is passed over.
    named = re.search(rf"{re.escape(village_name)}(?!街道|镇|乡)", full_text) if village_name else None
    match = named or re.search(r"(?:村|社区)(?!街道|镇|乡)", full_text)
    shown = full_text[: match.end()] if match else ""
    return shown.removeprefix("浙江省") + STAR * 3


def bank_card(value: str) -> str:
    """**** **** **** 1234."""
    digits = re.sub(r"\D", "", value)
    return " ".join([STAR * 4] * 3 + [digits[-4:] if len(digits) >= 12 else STAR * 4])


def birth_date(iso: str) -> str:
    """1966-**-**: the year only."""
    return f"{iso[:4]}-**-**" if re.match(r"^\d{4}", iso) else STAR * 4


def age_band(years: int) -> str:
    """The ten years an age lies in, for the public: 60–69岁; from 90 on one band."""
    if years >= 90:
        return "90岁以上"
    return f"{years // 10 * 10}–{years // 10 * 10 + 9}岁"


def free_text(value: str) -> str:
    """Text with identity, bank and phone numbers masked; everything else, its length included, stays."""
    narrow = value.translate(_WIDE_DIGITS)
    hidden = list(value)
    for kind, pattern in HIDDEN_IN_TEXT:
        for match in re.finditer(pattern, narrow):
            _hide(hidden, kind, match.start(), match.end())
        narrow = "".join(STAR if hidden[at] == STAR else char for at, char in enumerate(narrow))
    return "".join(hidden)


#: Kind → how many digits stay at the beginning and at the end.
_SHOWN = {"identity": (4, 2), "bank": (0, 4), "mobile": (3, 4), "landline": (4, 4)}


def _hide(chars: list[str], kind: str, start: int, end: int) -> None:
    """Cover the digits of one number in place; spaces and dashes stay."""
    places = [at for at in range(start, end) if chars[at].isalnum()]
    first, last = _SHOWN[kind]
    for at in places[first : len(places) - last]:
        chars[at] = STAR


def _ends(value: str, first: int, last: int) -> str:
    """Short or unknown forms: at most a third of the characters is shown."""
    if len(value) < (first + last) * 3:
        return STAR * len(value)
    return value[:first] + STAR * (len(value) - first - last) + (value[-last:] if last else "")
