"""The rules that Python and the set-based engine share: same strings, same expressions, same result."""

import string

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minqing.lib import addresses_detail, amounts, cells, dates, identity, names, phones

PATTERNS = {
    **{f"identity {index}": shape[0] for index, shape in enumerate(identity.SHAPES)},
    "identity separators": identity.SEPARATORS,
    "scientific": identity.SCIENTIFIC,
    **{f"date {index}": form for index, form in enumerate(dates.FORMS)},
    "empty dates": dates.EMPTY_FORMS,
    "lunar": dates.LUNAR,
    **{f"phone {index}": pattern for index, (_, pattern) in enumerate(phones.PATTERNS)},
    "phone": phones.MOBILE,
    "landline": phones.LANDLINE,
    "invisible": cells.INVISIBLE,
    "quotes": cells.LEADING_QUOTES,
    "formula text": cells.FORMULA_TEXT,
    "name dots": names.DOTS,
    "han": f"[{names.HAN}]",
    "private": names.PRIVATE,
    "unreadable": names.UNREADABLE,
    "name notes": names.BRACKETED,
    "people": names.PEOPLE_SEPARATORS,
    "group": addresses_detail.GROUP,
    "doors": addresses_detail.CHAIN,
    "per": amounts.PER,
    "currency": amounts.CURRENCY,
}


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS.keys())
def test_every_expression_runs_in_duckdb(pattern):
    answer = duckdb.execute("select regexp_matches('330899196403130432', ?)", [pattern]).fetchone()
    assert answer is not None


@given(st.text(alphabet=cells.WIDE + string.printable[:94] + "村号", max_size=30))
def test_translate_narrows_like_nfkc(text):
    table = str.maketrans(cells.WIDE, cells.NARROW)
    assert cells.one_line("a" + text.translate(table)) == cells.one_line("a" + text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (3.0, "3"), (19406938844.0, "19406938844"), (0.53, "0.53"), (True, "1"), (float("nan"), ""),
        ("#REF!", ""), ('="330899"', "330899"), ("'330899", "330899"), ("\ufeff 彭里村　", "彭里村"), ("Ａ１", "A1"),
    ],
)  # fmt: skip
def test_the_text_of_a_cell(value, text):
    assert cells.text(value) == text


@pytest.mark.parametrize("value", ["", " ", "-", "/", "—", "无", "NULL", "#N/A", None, "不详", "N/A"])
def test_blank_cells(value):
    assert cells.is_blank(value)


@pytest.mark.parametrize("value", ["0", "彭里", "×", 0])
def test_cells_that_say_something(value):
    assert not cells.is_blank(value)


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A1", "@SUM(A1)", "+cmd", "-2+3+cmd|x", "\t=1"])
def test_formulas_are_stored_as_text_and_exported_harmless(text):
    assert cells.is_formula(text)
    assert cells.for_spreadsheet(text) == "'" + text


@pytest.mark.parametrize("text", ["-", "-5", "+8613905701234", "-1,200.00", "郑书香", '="330899"', "=“330899”", ""])
def test_numbers_and_names_are_no_formulas(text):
    assert not cells.is_formula(text)
