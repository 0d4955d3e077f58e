"""Identity numbers: what is accepted, what is refused, and that a lost digit is never invented."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minqing.lib import identity
from minqing.lib.identity import Caution, Kind, Problem, Slip

TODAY = datetime.date(2026, 10, 31)

digits = st.text(alphabet="0123456789", min_size=3, max_size=3)
births = st.dates(min_value=datetime.date(1890, 1, 1), max_value=TODAY)


def number(birth: datetime.date, sequence: str, prefix: str = "330899") -> str:
    body = f"{prefix}{birth:%Y%m%d}{sequence}"
    return body + identity.check_char(body)


def read(value: object, **options: object) -> identity.Identity:
    return identity.validate(value, today=TODAY, **options)  # type: ignore[arg-type]


def test_published_examples_are_accepted():
    # ISO 7064 examples of GB 11643, and the official samples of the National Immigration Administration.
    for value, kind, sex, birth in [
        ("11010519491231002X", Kind.RESIDENT, "2", "1949-12-31"),
        ("440524188001010014", Kind.RESIDENT, "1", "1880-01-01"),
        ("34052419800101001X", Kind.RESIDENT, "1", "1980-01-01"),
        ("810000199408230021", Kind.HONG_KONG_RESIDENCE, "2", "1994-08-23"),
        ("830000199201300022", Kind.TAIWAN_RESIDENCE, "2", "1992-01-30"),
        ("911124198108030024", Kind.PERMANENT_RESIDENT, "2", "1981-08-03"),
        ("932682198501010017", Kind.PERMANENT_RESIDENT, "1", "1985-01-01"),
    ]:
        result = read(value)
        if birth < "1890":
            assert result.problem is Problem.RANGE
            continue
        assert (result.value, result.kind, result.sex, str(result.birth_date)) == (value, kind, sex, birth)


def test_a_county_code_younger_than_its_holder_is_no_error():
    # python-stdnum refuses both: 330881 exists since 1989, 330823 existed 1985–1987.
    for prefix in ("330881", "330823", "339006", "332428"):
        assert read(number(datetime.date(1966, 3, 15), "325", prefix)).ok


@given(births, digits)
def test_every_number_with_its_check_character_is_read_back(birth, sequence):
    value = number(birth, sequence)
    result = read(value, trust_trailing_zeros=True)
    assert result.value == value
    assert result.birth_date == birth
    assert result.sex == ("1" if int(sequence) % 2 else "2")


@given(births, digits, st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_changed_digit_is_always_noticed(birth, sequence, place, digit):
    value = number(birth, sequence)
    changed = value[:place] + digit + value[place + 1 :]
    result = read(changed, trust_trailing_zeros=True)
    assert result.ok == (changed == value)


@given(births, digits, st.integers(0, 16))
def test_two_swapped_neighbours_are_always_noticed(birth, sequence, place):
    value = number(birth, sequence)
    swapped = value[:place] + value[place + 1] + value[place] + value[place + 2 :]
    assert read(swapped, trust_trailing_zeros=True).ok == (swapped == value)


@given(births.filter(lambda day: day.year >= 1900 and day.year < 2000), st.integers(1, 995))
def test_15_digits_become_18_and_say_so(birth, sequence):
    full = number(birth, f"{sequence:03d}")
    old = full[:6] + full[8:17]
    result = read(old, trust_trailing_zeros=True)
    if full.endswith("000"):
        return
    assert result.value == full
    assert Caution.UPGRADED in result.cautions


def test_sequence_996_to_999_of_an_old_card_means_born_before_1900():
    result = read("330899990315997")
    assert result.birth_date == datetime.date(1899, 3, 15)
    assert Caution.CENTENARIAN in result.cautions


@pytest.mark.parametrize(
    "written",
    [
        "33089919650209756x",
        "33089919650209756Ｘ",
        "３３０８９９１９６５０２０９７５６Ｘ",
        " 330899 19650209 756X\u3000",
        "'33089919650209756X",
        "‘33089919650209756X",
        "`33089919650209756X",
        '="33089919650209756X"',
        "=“33089919650209756X”",
        "33089919650209756Х",  # Cyrillic
        "33089919650209756х",
        "\ufeff330899\u200b19650209756X\t",
        "330899\u00a019650209756X",
        "330899-19650209-756X",
    ],
)
def test_what_surrounds_a_number_is_removed_and_the_raw_value_kept(written):
    body = "33089919650209756"
    assert identity.check_char(body) == "X"
    result = read(written)
    assert result.value == body + "X"
    assert result.raw == written
    assert Caution.REPAIRED in result.cautions


@pytest.mark.parametrize(
    ("value", "known"),
    [
        (330899197009080558.0, "330899197009080"),
        (330899197009080558, "330899197009080"),
        ("3.3089919700908e+17", "330899197009080"),
        ("3.30899201011124E+17", "330899201011124"),
        ("3.30899E+17", "330899"),
        ("330899196603153000", "330899196603153"),
        ("330899201011124000.0", "330899201011124"),
    ],
)
def test_digits_that_a_spreadsheet_lost_are_not_invented(value, known):
    result = read(value)
    assert result.problem is Problem.LOST_DIGITS
    assert result.value is None
    assert result.known_digits == known
    assert result.prefix15 == (known if len(known) == 15 else None)


def test_a_15_digit_number_survives_a_numeric_cell():
    expected = read("330899371105536").value
    assert expected is not None
    assert read(330899371105536.0).value == read("330899371105536.0").value == expected


def test_a_real_number_that_ends_in_zeros_is_believed_only_when_read_off_a_card():
    value = next(
        number(day, "100")
        for day in (datetime.date(1960, 1, 1) + datetime.timedelta(days=at) for at in range(100))
        if number(day, "100").endswith("000")
    )
    assert read(value).problem is Problem.LOST_DIGITS
    trusted = read(value, trust_trailing_zeros=True)
    assert trusted.value == value
    assert Caution.TRAILING_ZEROS in trusted.cautions


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", Problem.EMPTY),
        (None, Problem.EMPTY),
        ("无", Problem.EMPTY),
        ("33089919643130432", Problem.LENGTH),
        ("3308991964031304321", Problem.LENGTH),
        ("330899201250015592", Problem.DATE),
        ("330899198302299726", Problem.DATE),
        ("330899201406086129", Problem.CHECK),
        ("710000199201300022", Problem.ADDRESS),
        ("3308991996O3150432", Problem.CHARACTERS),
        ("19660315", Problem.SHAPE),
        ("810022050001", Problem.SHAPE),
        ("3308************56", Problem.MASKED),
        ("#N/A", Problem.EMPTY),
    ],
)
def test_refusals_say_why(value, problem):
    result = read(value)
    assert result.problem is problem
    assert result.value is None
    assert result.messages[0] == identity.MESSAGES[problem]


def test_no_message_repeats_the_number():
    assert all(len([char for char in text if char.isdigit()]) <= 10 for text in identity.MESSAGES.values())


def test_a_birth_tomorrow_or_before_1890_is_refused():
    assert read(number(TODAY + datetime.timedelta(days=1), "001")).problem is Problem.RANGE
    assert read(number(datetime.date(1889, 12, 31), "001")).problem is Problem.RANGE


def test_other_documents_need_their_shape_or_their_name():
    assert read("H12345678").kind is Kind.HONG_KONG_MACAU_PERMIT
    assert read("CAN110003120101").kind is Kind.PERMANENT_RESIDENT
    assert read("EA1234567").kind is Kind.PASSPORT
    assert read("12345678").problem is Problem.SHAPE
    assert read("12345678", declared=Kind.TAIWAN_PERMIT).kind is Kind.TAIWAN_PERMIT
    assert read("L898902C", declared=Kind.PASSPORT).kind is Kind.PASSPORT
    # A mistyped resident's number is no passport, whatever the passport's loose shape would admit.
    assert read("33089919643130432").problem is Problem.LENGTH


def test_a_disability_certificate_splits_into_number_category_and_grade():
    result = identity.split_disability("33089919630428114744", today=TODAY)
    assert (result.identity.value, result.category, result.grade, result.reissue) == (
        "330899196304281147",
        "4",
        "4",
        "",
    )
    again = identity.split_disability("33089920080816522973b1", today=TODAY)
    assert (again.category, again.grade, again.reissue) == ("7", "3", "B1")
    bare = identity.split_disability("330899196304281147", today=TODAY)
    assert bare.value is None
    assert bare.identity.value == "330899196304281147"
    assert bare.message
    lost = identity.split_disability(3.3089919630428115e19, today=TODAY)
    assert lost.identity.known_digits == "330899196304281"


def test_a_pupils_number_carries_the_identity_only_behind_a_g():
    assert identity.from_student_number("G330899201011113717", today=TODAY).value == "330899201011113717"
    assert identity.from_student_number("L33089926398464537", today=TODAY).value is None


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ("330899198304219726", "330899198304129726", Slip.SWAP),
        ("330899201406086129", "330899201406086127", Slip.DIGIT),
        ("33089919643130432", "330899196403130432", Slip.MISSING),
        ("330899201406086127", "330899201406086127", None),
        ("330899201406086127", "330899201406086217", Slip.SWAP),
        ("330899201406086127", "330899201506087127", None),
    ],
)
def test_one_slip_of_the_hand_is_recognised(left, right, kind):
    assert identity.slip(left, right) is kind
    assert identity.slip(right, left) is kind
