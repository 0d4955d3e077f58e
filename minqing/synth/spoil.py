"""The clerk's mistakes: functions that spoil one field of a row and say so in its truth.

Each returns False and changes nothing where the mistake is impossible there (no X at the end, no homophone known, the
field already spoilt). Codes are those of the dirt catalogue; D36–D38 go beyond it (README of tests/samples/nastycounty).
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

from minqing.lib import identity
from minqing.synth import names
from minqing.synth.sheets import Cell, Formula
from minqing.synth.tables import Entry

WIDE = str.maketrans("0123456789Xx", "０１２３４５６７８９Ｘｘ")
Spoiler = Callable[[Entry, str, random.Random], bool]


def _number(entry: Entry, about: str) -> str | None:
    value = entry.values.get(about)
    return str(value) if value and not entry.has(about) else None


def _rewrite(code: str, change: Callable[[str, random.Random], Cell]) -> Spoiler:
    """A spoiler that writes the same value differently."""

    def spoil(entry: Entry, about: str, chance: random.Random) -> bool:
        value = _number(entry, about)
        if not value:
            return False
        written = change(value, chance)
        if written is None or written == value:
            return False
        entry.spoil(code, about, written, value)
        return True

    return spoil


def fifteen(entry: Entry, about: str, chance: random.Random) -> bool:
    """D01: the old 15-digit number, for those born in the 1900s."""
    value = _number(entry, about)
    if not value or len(value) != 18 or value[6:8] != "19":
        return False
    entry.spoil("D01", about, value[:6] + value[8:17], value)
    return True


def _ending(letter: str) -> Callable[[str, random.Random], Cell]:
    return lambda value, _: value[:-1] + letter if value.endswith("X") else None


def _wrong_check(value: str, chance: random.Random) -> Cell:
    return value[:17] + chance.choice([c for c in "0123456789" if c != value[17]])


def _swapped(value: str, chance: random.Random) -> Cell:
    at = [n for n in range(6, 17) if value[n] != value[n + 1] and "X" not in value[n : n + 2]]
    n = chance.choice(at)
    written = value[:n] + value[n + 1] + value[n] + value[n + 2 :]
    return None if identity.check_char(written[:17]) == written[17] else written


def _lookalike(value: str, chance: random.Random) -> Cell:
    zeros = [n for n, c in enumerate(value) if c in "01"]
    n = chance.choice(zeros)
    return value[:n] + ("O" if value[n] == "0" else "l") + value[n + 1 :]


def scientific(entry: Entry, about: str, chance: random.Random) -> bool:
    """D04: a number cell; the last digits are gone for ever."""
    value = _number(entry, about)
    if not value or len(value) != 18 or value.endswith("X"):
        return False
    entry.spoil("D04", about, float(f"{value[:15]}000"), value)
    return True


def wrong_sex(entry: Entry, about: str, chance: random.Random) -> bool:
    """D07: the sex contradicts the number; the number wins."""
    value = _number(entry, about)
    if not value:
        return False
    entry.spoil("D07.sex", about, {"1": "女", "2": "男"}[value], value)
    return True


def wrong_birth(entry: Entry, about: str, chance: random.Random) -> bool:
    """D07: a birth date some weeks off (often the lunar one); the number wins."""
    value = entry.values.get(about)
    if not isinstance(value, dt.date) or entry.has(about):
        return False
    entry.spoil("D07.birth", about, (value - dt.timedelta(days=chance.randrange(20, 45))).isoformat(), value)
    return True


def _spaced_name(value: str, chance: random.Random) -> Cell:
    if len(value) == 2:
        return f"{value[0]}　{value[1]}"
    return chance.choice([f"{value} ", f" {value}", f"{value}\u00a0"])


def date_form(entry: Entry, about: str, chance: random.Random) -> bool:
    """D16: another way to write the same day."""
    value = entry.values.get(about)
    if not isinstance(value, dt.date) or entry.has(about):
        return False
    forms: list[tuple[str, Cell]] = [
        ("dot", f"{value.year}.{value.month}.{value.day}"), ("compact", f"{value:%Y%m%d}"),
        ("cn", f"{value.year}年{value.month}月{value.day}日"), ("slash", f"{value.year}/{value.month}/{value.day}"),
        ("time", f"{value.year}/{value.month}/{value.day} 0:00:00"),
    ]  # fmt: skip
    code, written = chance.choice(forms)
    entry.spoil(f"D16.{code}", about, written, value)
    return True


def date_form_hard(entry: Entry, about: str, chance: random.Random) -> bool:
    """D16: serial numbers, two-digit years, month only, the lunar calendar."""
    value = entry.values.get(about)
    if not isinstance(value, dt.date) or entry.has(about):
        return False
    forms: list[tuple[str, Cell]] = [
        ("serial", str((value - dt.date(1899, 12, 30)).days)),
        ("number", float((value - dt.date(1899, 12, 30)).days)),
        ("short", f"{value.year % 100:02d}-{value.month}-{value.day}"),
        ("month", f"{value.year}年{value.month}月"), ("lunar", "农历三月十五"),
        ("wide", f"{value.year}－{value.month:02d}－{value.day:02d}".translate(WIDE)),
        ("dotted", f"{value.year}。{value.month}。{value.day}"), ("iso", f"{value.isoformat()}T00:00:00"),
    ]  # fmt: skip
    code, written = chance.choice(forms)
    known = about == "birth" or code not in ("month", "lunar")  # a birth date follows from the number
    entry.spoil(f"D16.{code}", about, written, value if known else None)
    return True


def no_date(entry: Entry, about: str, chance: random.Random) -> bool:
    """D16.null: what stands where there is no date."""
    if entry.values.get(about) is not None or entry.has(about):
        return False
    entry.spoil("D16.null", about, chance.choice(["0000-00-00", "1900-01-00", "-", "1900/1/0", "无"]), None)
    return True


def code_for_word(entry: Entry, about: str, chance: random.Random) -> bool:
    """D18: a code where words stand, or another word for the same thing."""
    value = entry.values.get(about)
    other = {
        "sex": {"1": "男性", "2": "女性"}, "eth": {"01": "汉", "22": "畲"}, "mar": {"10": "10", "20": "初婚", "30": "30"},
        "edu": {"20": "本科", "30": "大专", "60": "普通高中", "70": "71", "80": "81"},
        "rel": {"12": "妻子", "22": "大儿子", "41": "孙", "51": "父", "52": "母", "32": "大女儿", "02": "本人"},
    }  # fmt: skip
    written = other.get(about, {}).get(str(value))
    if not written or entry.has(about):
        return False
    entry.spoil("D18", about, written, value)
    return True


def phone_form(entry: Entry, about: str, chance: random.Random) -> bool:
    """D20: the same phone written in another way, or followed by a second one (the first is right)."""
    value = _number(entry, about)
    if not value:
        return False
    second = chance.choice(("154", "179")) + f"{chance.randrange(10**8):08d}"
    forms = [
        f"{value[:3]} {value[3:7]} {value[7:]}", f"{value[:3]}-{value[3:7]}-{value[7:]}", f"+86{value}", f"86-{value}",
        f"{value}/{second}", f"{value}（本人）", value.translate(WIDE), f"电话:{value}", f"{value}、{second}",
    ]  # fmt: skip
    entry.spoil("D20", about, chance.choice(forms), value)
    return True


def bad_phone(entry: Entry, about: str, chance: random.Random) -> bool:
    """D20.bad: no phone at all: a digit too many or too few, or words."""
    value = _number(entry, about)
    if not value:
        return False
    entry.spoil("D20.bad", about, chance.choice([value + "0", value[:-1], "同户主", "停机", "00000000000"]), None)
    return True


def error_cell(entry: Entry, about: str, chance: random.Random) -> bool:
    """D30: a formula that lost its source."""
    if entry.has(about):
        return False
    shown, text = chance.choice([("#N/A", "=VLOOKUP(B5,旧表!A:C,3,FALSE)"), ("#REF!", "=#REF!A1")])
    entry.spoil("D30", about, Formula(text, shown), None)
    entry.dirt[-1]["raw"] = shown
    return True


def rename(code: str, change: Callable[[str], str | None]) -> Spoiler:
    """A spoiler of names: the name as written stays what this department says (never corrected)."""

    def spoil(entry: Entry, about: str, chance: random.Random) -> bool:
        value = _number(entry, about)
        written = change(value) if value else None
        if not written:
            return False
        entry.spoil(code, about, written, written)
        return True

    return spoil


def question_mark(entry: Entry, about: str, chance: random.Random) -> bool:
    """D10: a character that the file's encoding cannot hold."""
    value = _number(entry, about)
    if not value:
        return False
    entry.spoil("D10", about, value[:-1] + "?", None)
    return True


def private_use(entry: Entry, about: str, chance: random.Random) -> bool:
    """D10.pua: a character of the police's private list."""
    value = _number(entry, about)
    if not value:
        return False
    entry.spoil("D10.pua", about, value[:-1] + "\ue82d", None)
    return True


def note_in_name(entry: Entry, about: str, chance: random.Random) -> bool:
    """D12: a remark in the name's cell."""
    value = _number(entry, about)
    if not value:
        return False
    entry.spoil("D12", about, value + chance.choice(["(户主)", "（外出）", "(打工)", "〔低保〕"]), value)
    return True


def missing(entry: Entry, about: str, chance: random.Random) -> bool:
    """D35: no number."""
    value = _number(entry, about)
    if not value:
        return False
    entry.blank("D35", about, value)
    return True


SPOILERS: dict[str, Spoiler] = {
    "D01": fifteen,
    "D02": _rewrite("D02", _ending("x")),
    "D02.wide": _rewrite("D02.wide", _ending("Ｘ")),
    "D02.cyrillic": _rewrite("D02.cyrillic", _ending("Х")),
    "D03": _rewrite("D03", lambda value, _: value.translate(WIDE)),
    "D03.space": _rewrite("D03.space", lambda value, _: f"{value[:6]} {value[6:14]} {value[14:]}"),
    "D03.quote": _rewrite("D03.quote", lambda value, _: "'" + value),
    "D03.zero": _rewrite("D03.zero", lambda value, _: f"\u200b{value[:10]}\u200b{value[10:]}\ufeff"),
    "D03.nbsp": _rewrite("D03.nbsp", lambda value, _: f"{value}\u00a0"),
    "D03.tab": _rewrite("D03.tab", lambda value, _: f"\t{value}"),
    "D03.hyphen": _rewrite("D03.hyphen", lambda value, _: f"{value[:6]}-{value[6:14]}-{value[14:]}"),
    "D03.formula": _rewrite("D03.formula", lambda value, _: f'="{value}"'),
    "D04": scientific,
    "D04.text": _rewrite("D04.text", lambda value, _: None if "X" in value else f"{float(value[:15] + '000'):.5E}"),
    "D04.zeros": _rewrite("D04.zeros", lambda value, _: None if value[15:] == "000" else value[:15] + "000"),
    "D05.check": _rewrite("D05.check", _wrong_check),
    "D05.swap": _rewrite("D05.swap", _swapped),
    "D05.short": _rewrite("D05.short", lambda value, chance: value[: (n := chance.randrange(7, 16))] + value[n + 1 :]),
    "D05.long": _rewrite("D05.long", lambda value, chance: value[:9] + value[9] + value[9:]),
    "D05.month": _rewrite("D05.month", lambda value, _: f"{value[:10]}13{value[12:]}"),
    "D07.sex": wrong_sex,
    "D07.birth": wrong_birth,
    "D09": rename("D09", names.homophone),
    "D09.trad": rename("D09.trad", names.traditional),
    "D10": question_mark,
    "D10.pua": private_use,
    "D11": _rewrite("D11", _spaced_name),
    "D11.guard": _rewrite("D11.guard", _spaced_name),
    "D12": note_in_name,
    "D16": date_form,
    "D16.hard": date_form_hard,
    "D16.null": no_date,
    "D18": code_for_word,
    "D20": phone_form,
    "D20.bad": bad_phone,
    "D30": error_cell,
    "D35": missing,
    "D36.lookalike": _rewrite("D36.lookalike", _lookalike),
}
"""Those that need nothing but the row; the others (two persons, addresses, whole households) live with their files."""


def scatter(chance: random.Random, entries: list[Entry], rates: list[tuple[str, str, float]]) -> None:
    """Spoil each entry's field with each rate's share of chance, in the order given; at most one mistake a field."""
    for entry in entries:
        for code, about, rate in rates:
            if chance.random() < rate:
                SPOILERS[code](entry, about, chance)


def once(chance: random.Random, entries: list[Entry], code: str, about: str, times: int = 1) -> None:
    """Spoil exactly ``times`` entries that are still clean; raises ValueError if that many cannot be found."""
    for entry in chance.sample(entries, len(entries)):
        if times == 0:
            return
        if not entry.dirt and SPOILERS[code](entry, about, chance):
            times -= 1
    if times:
        raise ValueError(f"{code} of {about}: {times} missing")
