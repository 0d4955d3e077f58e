"""Phones: several in a cell, in full national form, nothing trimmed to fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minqing.lib import phones
from minqing.lib.phones import Problem


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("0570-4888365", ("0570-4888365",)),
        ("4888365", ("0570-4888365",)),
        ("(0570)4888365转8001", ("0570-4888365",)),
        ("0570—4888365", ("0570-4888365",)),
        ("021-61234567", ("021-61234567",)),
        ("13905701234/13905705678", ("13905701234", "13905705678")),
        ("13905701234 13905705678", ("13905701234", "13905705678")),
        ("139 0570 1234", ("13905701234",)),
        ("179-7200-6466", ("17972006466",)),
        ("+8613905701234", ("13905701234",)),
        ("0086 139 0570 1234", ("13905701234",)),
        ("86-13905701234", ("13905701234",)),
        ("013905701234", ("13905701234",)),
        (19406938844.0, ("19406938844",)),
        ("１３９０５７０１２３４", ("13905701234",)),
        ("13905701234、0570-4888365；13905701234", ("13905701234", "0570-4888365")),
        ("400-800-1234", ("4008001234",)),
        ("", ()),
        ("无", ()),
        (None, ()),
    ],
)
def test_numbers_of_a_cell(written, numbers):
    result = phones.parse(written)
    assert result.numbers == numbers
    assert result.problem is None
    assert result.first == (numbers[0] if numbers else None)
    assert result.others == numbers[1:]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("139057012345", Problem.NO_NUMBER),
        ("1390570123", Problem.NO_NUMBER),
        ("12345", Problem.NO_NUMBER),
        ("1.39E+10", Problem.SCIENTIFIC),
        ("139****1234", Problem.MASKED),
        ("13905701234/1390570567", Problem.LEFTOVER),
    ],
)
def test_what_is_no_number_is_said(written, problem):
    result = phones.parse(written)
    assert result.problem is problem
    assert result.message


def test_whose_number_it_is_stays_beside_it():
    result = phones.parse("13905701234(儿子)、女儿:13905705678")
    assert result.numbers == ("13905701234", "13905705678")
    assert result.notes == ("儿子", "女儿")


def test_another_county_has_another_area_code():
    assert phones.parse("4888365", area_code="0579").first == "0579-4888365"


@given(st.text(alphabet="0123456789 -/()+、转", max_size=40))
def test_only_full_numbers_come_out(text):
    for number in phones.parse(text).numbers:
        assert phones.is_mobile(number) or number.count("-") == 1 or number.startswith(("400", "800"))
