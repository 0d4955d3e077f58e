"""Ibis twins of the cleaning rules for the ordinary case.

Most cells of a column are already in order. For each rule this module says, as an expression over columns, which cells
those are (`PLAIN`) and what they are worth; everything else is looked up in the dictionary of distinct values that
`dictionaries` fills with the rules of `minqing.lib`. Invariant: a cell that is plain here has exactly the value that
the Python rule gives it, without any finding; tests compare the two.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import sqlglot

from minqing.lib import identity

_ID_SHAPE = r"^[1-6]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9X]$"
_NAME = r"^[一-龥]{2,4}$"
_NAME_NOTED = r"某|户主$|亡$|故$|去世$|迁出$|迁走$|注销$|不详|未知|无$|合计|小计|^没有$|^暂无$|^未填"
_MOBILE = r"^1[3-9]\d{9}$"
_ISO = r"^(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$"
_WORD = r"^[一-龥A-Za-z0-9][一-龥A-Za-z0-9、。·×%+\-]*$"
_WORD_BLANK = r"^(?:无|空|未填|未填写|暂无|没有|不详|未知|不清楚|不明|(?i:null|none|nan|nil|na|n/a))$"
_CODE = r"^[A-Z0-9]{3,}$"
_NUMBER = r"^(?:0|[1-9]\d{0,11})(?:\.\d?[1-9])?$"
_COORDINATE = r"^[1-9]\d{0,8}(?:\.\d+)?$"
_INTEGER = r"^(?:0|[1-9]\d{0,8})$"


def check_character(number: ir.StringValue) -> ir.StringValue:
    """The 18th character that the first 17 digits demand (ISO 7064 MOD 11-2). Null when they are no digits.

    The digits are taken from two integers of nine and eight places: one of seventeen would not be exact in a double.
    """
    halves = ((number.substr(0, 9).try_cast("int64"), 9, 0), (number.substr(9, 8).try_cast("int64"), 8, 9))
    total: ir.IntegerValue | None = None
    for half, size, offset in halves:
        for place in range(size):
            digit = (half // 10 ** (size - 1 - place)) % 10
            term = digit * identity.WEIGHTS[offset + place]
            total = term if total is None else total + term
    return ibis.literal(identity.CHECK_CHARS).substr((total % 11).cast("int32"), 1)


def birth_of(number: ir.StringValue) -> ir.DateValue:
    """The birth date inside an 18-character number; null for an impossible date."""
    return (number.substr(6, 4) + "-" + number.substr(10, 2) + "-" + number.substr(12, 2)).try_cast("date")


def sex_of(number: ir.StringValue) -> ir.StringValue:
    """GB/T 2261.1 from the 17th digit: odd is male."""
    return ((number.substr(16, 1).try_cast("int32") % 2) == 1).ifelse("1", "2")


def define(backend: ibis.backends.duckdb.Backend) -> None:
    """Create one macro `plain_<rule>(cell, today)` for each rule, from the expressions of this module.

    A macro is built and compiled once; as expressions of up to eighty nodes the tests would be so again for every column
    of every kind of file.
    """
    table = ibis.table({"cell": "string", "today": "date"}, name="arguments")
    for rule in RULES:
        query = sqlglot.parse_one(backend.compile(table.select(found=expression(rule, table.cell, table.today))), read="duckdb")
        body = query.expressions[0].this.transform(lambda node: sqlglot.exp.column(node.name) if isinstance(node, sqlglot.exp.Column) else node)
        backend.con.execute(f"create or replace macro plain_{rule}(cell, today) as ({body.sql('duckdb')})")


def resident_number(cell: ir.StringValue, today: ir.DateValue) -> ir.BooleanValue:
    """True for an 18-character number in order: province, date, check character, and no sign of a cut tail."""
    provinces = [str(code) for code in sorted(identity.PROVINCES)]
    birth = birth_of(cell)
    sane = birth.between(ibis.literal(identity.EARLIEST_BIRTH), today)
    tail = cell.substr(15, 3) != identity.LOST_TAIL
    return (
        cell.re_search(_ID_SHAPE) & cell.substr(0, 2).isin(provinces) & sane.fill_null(False) & tail & (check_character(cell) == cell.substr(17, 1))
    ).fill_null(False)


def _matches(pattern: str, but: str | None = None) -> Callable[[ir.StringValue], ir.BooleanValue]:
    def test(cell: ir.StringValue) -> ir.BooleanValue:
        found = cell.re_search(pattern)
        return (found & ~cell.re_search(but) if but else found).fill_null(False)

    return test


def _real_date(cell: ir.StringValue) -> ir.BooleanValue:
    return (cell.re_search(_ISO) & cell.try_cast("date").notnull()).fill_null(False)


#: rule → test of "already in order": the value is the cell itself. Rules not named here are all dictionary.
PLAIN: dict[str, Callable[[ir.StringValue], ir.BooleanValue]] = {
    "name": _matches(_NAME, _NAME_NOTED),
    "phone": _matches(_MOBILE),
    "word": _matches(_WORD, _WORD_BLANK),
    "code": _matches(_CODE),
    "amount": _matches(_NUMBER),
    "coordinate": _matches(_COORDINATE),
    "integer": _matches(_INTEGER),
    "date_future": _real_date,
}
#: Rules that share another's test.
SHARED = {
    "name_plain": "name", "phone_other": "phone", "area": "amount", "area_mu": "amount", "identity_other": "identity", "birth": "date",
}  # fmt: skip
RULES = (*PLAIN, "identity", "date")


def expression(rule: str, cell: ir.StringValue, today: ir.DateValue) -> ir.BooleanValue:
    """The test of one of `RULES`."""
    if rule == "identity":
        return resident_number(cell, today)
    if rule == "date":
        return _real_date(cell) & (cell <= today.cast("string"))
    return PLAIN[rule](cell)


def macro(rule: str) -> str | None:
    """The name of the macro that tests cells of a rule; None when every cell goes through the dictionary."""
    name = SHARED.get(rule, rule)
    return f"plain_{name}" if name in RULES else None


@functools.cache
def _call(name: str) -> Callable[..., ir.BooleanValue]:
    def call(cell: str, today: datetime.date) -> bool:
        """A macro of the engine."""

    call.__name__ = name
    return ibis.udf.scalar.builtin(call, name=name, signature=(("string", "date"), "boolean"))


def test(rule: str, cell: ir.StringValue, today: datetime.date) -> ir.BooleanValue | None:
    """The expression "this cell is in order" for a rule; null cells are not."""
    name = macro(rule)
    return _call(name)(cell, ibis.literal(today)).fill_null(False) if name else None
