"""Money, areas and yes/no as departments write them.

Invariant: a value is exact (`Decimal`), in one unit (yuan, square metres), or None with a sentence; nothing is rounded but to
the two decimals that are stored. Words and units are data.

Source: domain.md §1.8 (1 亩 = 666.6667 ㎡, numeric(14,2)), §6.4 #17, #25, #26.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from minqing.lib import cells, numerals

CENT = Decimal("0.01")
LARGEST = Decimal("999999999999.99")
SQUARE_METRES_PER_MU = Decimal(2000) / Decimal(3)

#: Unit at the end of an amount → yuan.
MONEY_UNITS = {
    "亿元": Decimal(100_000_000),
    "亿": Decimal(100_000_000),
    "千万元": Decimal(10_000_000),
    "百万元": Decimal(1_000_000),
    "万元": Decimal(10_000),
    "万": Decimal(10_000),
    "千元": Decimal(1000),
    "元整": Decimal(1),
    "元": Decimal(1),
    "圆整": Decimal(1),
    "圆": Decimal(1),
    "块": Decimal(1),
    "": Decimal(1),
}
#: Unit of an area → square metres. 分 and 厘 follow 亩: 3亩2分.
AREA_UNITS = {
    "公顷": Decimal(10_000),
    "ha": Decimal(10_000),
    "亩": SQUARE_METRES_PER_MU,
    "分": SQUARE_METRES_PER_MU / 10,
    "厘": SQUARE_METRES_PER_MU / 100,
    "平方米": Decimal(1),
    "平方": Decimal(1),
    "平米": Decimal(1),
    "平": Decimal(1),
    "m2": Decimal(1),
    "m^2": Decimal(1),
    "㎡": Decimal(1),
}
PER = r"(?:/|每|一)(?:月|年|天|日|人|季度?|次|户|人月|人年)$"
CURRENCY = r"^(?:人民币|rmb|cny|￥|¥|约|共计?|合计|大写[::]?)+"
TRUE_WORDS = frozenset(
    ["是", "有", "√", "✓", "✔", "☑", "v", "y", "yes", "1", "true", "t", "对", "已", "享受", "○", "●", "真", "需要"]
)
FALSE_WORDS = frozenset(
    [
        "否",
        "无",
        "没有",
        "×",
        "✗",
        "✘",
        "✕",
        "x",
        "☐",
        "n",
        "no",
        "0",
        "false",
        "f",
        "不",
        "不是",
        "未",
        "未享受",
        "假",
        "不需要",
    ]
)
_NUMBER = rf"[+-]?(?:\d[\d,，]*(?:\.\d+)?|\.\d+)|[{numerals.CHARACTERS}点]+"


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity: yuan or square metres, None for an empty cell or with a `message` in Chinese."""

    raw: str
    value: Decimal | None = None
    message: str = ""

    @property
    def mu(self) -> Decimal | None:
        """Square metres as 亩 with two decimals; 0.53亩 stored as 353.33㎡ comes back as 0.53."""
        return None if self.value is None else (self.value / SQUARE_METRES_PER_MU).quantize(CENT, ROUND_HALF_UP)


def money(value: object, *, unit: str = "元") -> Decimal | None:
    """The yuan of a cell, None when it is empty or unreadable; `read_money` says which."""
    return read_money(value, unit=unit).value


def area_sqm(value: object, *, unit: str = "㎡") -> Decimal | None:
    """The square metres of a cell whose bare numbers are `unit`, None when it is empty or unreadable."""
    return read_area(value, unit=unit).value


def area_mu(value: object) -> Decimal | None:
    """The 亩 (two decimals) of a cell whose bare numbers are 亩, None when it is empty or unreadable."""
    return read_area(value, unit="亩").mu


def read_money(value: object, *, unit: str = "元") -> Amount:
    """Read an amount in yuan. `unit` is what the column's heading says (万元) for cells without a unit of their own."""
    raw = value if isinstance(value, str) else cells.text(value)
    content = _tidy(value)
    if content in cells.BLANKS:
        return Amount(raw)
    negative = re.fullmatch(r"\((.+)\)", content)
    content = "-" + negative.group(1) if negative else content.strip("()")
    content = re.sub(PER, "", re.sub(CURRENCY, "", content))
    match = re.fullmatch(
        rf"({_NUMBER})({'|'.join(key for key in MONEY_UNITS if key)})?((?:\d+角)?(?:\d+分)?整?)", content
    )
    number = _decimal(match.group(1)) if match else None
    if not match or number is None:
        spelled = _spelled_out(content)
        return (
            _bounded(raw, spelled) if spelled is not None else Amount(raw, message="看不出金额：请填写数字，单位为元。")
        )
    factor = MONEY_UNITS[match.group(2) or (unit if unit in MONEY_UNITS else "")]
    return _bounded(raw, number * factor + _cents(match.group(3)))


def _spelled_out(content: str) -> Decimal | None:
    """壹仟贰佰元伍角, in words."""
    match = re.fullmatch(
        rf"([{numerals.CHARACTERS}]+)[元圆](?:([{numerals.CHARACTERS}])角)?(?:([{numerals.CHARACTERS}])分)?整?", content
    )
    if not match:
        return None
    yuan, jiao, fen = (numerals.to_int(group) if group else 0 for group in match.groups())
    return None if yuan is None else Decimal(yuan) + Decimal(jiao or 0) / 10 + Decimal(fen or 0) / 100


def _cents(tail: str) -> Decimal:
    jiao, fen = re.search(r"(\d+)角", tail), re.search(r"(\d+)分", tail)
    return Decimal(jiao.group(1) if jiao else 0) / 10 + Decimal(fen.group(1) if fen else 0) / 100


def read_area(value: object, *, unit: str = "㎡") -> Amount:
    """Read an area as square metres. `unit` is what the column's heading says (亩, ㎡) for bare numbers."""
    raw = value if isinstance(value, str) else cells.text(value)
    content = _tidy(value)
    if content in cells.BLANKS:
        return Amount(raw)
    content = re.sub(r"^约|左右$", "", content)
    units = "|".join(re.escape(key) for key in sorted(AREA_UNITS, key=len, reverse=True))
    if re.fullmatch(_NUMBER, content):
        content += unit
    parts = re.findall(rf"({_NUMBER})({units})", content)
    if not parts or "".join(number + word for number, word in parts) != content:
        return Amount(raw, message="看不出面积：请填写数字和单位（亩或㎡）。")
    total = Decimal(0)
    for number_text, word in parts:
        number = _decimal(number_text)
        if number is None:
            return Amount(raw, message="看不出面积：请填写数字和单位（亩或㎡）。")
        total += number * AREA_UNITS[word]
    return _bounded(raw, total)


def yes_no(value: object, *, blank: bool | None = None) -> bool | None:
    """Read a yes/no cell; `blank` is what an empty cell means in this column. None when the words are unknown."""
    if isinstance(value, bool):
        return value
    word = cells.text(value).lower()
    if word in TRUE_WORDS:
        return True
    # 无 means "no" here though it means "nothing entered" elsewhere, so it is looked up before blanks.
    if word in FALSE_WORDS:
        return False
    return blank if word in cells.BLANKS else None


def _tidy(value: object) -> str:
    return re.sub(r"\s+", "", cells.text(value)).lower().replace("，", ",")


def _decimal(text: str) -> Decimal | None:
    if re.search(r"\d", text):
        try:
            return Decimal(text.replace(",", ""))
        except InvalidOperation:
            return None
    return numerals.to_decimal(text)


def _bounded(raw: str, value: Decimal) -> Amount:
    if abs(value) > LARGEST:
        return Amount(raw, message="数值过大：请核对单位。")
    return Amount(raw, value.quantize(CENT, ROUND_HALF_UP))
