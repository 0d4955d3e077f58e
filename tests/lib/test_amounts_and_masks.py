"""Money, areas, yes and no; and what of a value is shown."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minqing.lib import amounts, masks, numerals


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        ("1,200.00", "1200.00"), ("1200元", "1200.00"), ("0.12万元", "1200.00"), ("壹仟贰佰", "1200.00"),
        ("壹仟贰佰元整", "1200.00"), ("壹仟贰佰元伍角", "1200.50"), ("￥3,000", "3000.00"), ("1200元/月", "1200.00"),
        ("(1,200.00)", "-1200.00"), ("三千二", "3200.00"), (1200.5, "1200.50"), (683.0, "683.00"), ("1.2万", "12000.00"),
        ("约500元", "500.00"), ("12元5角", "12.50"), ("0", "0.00"), ("１２００", "1200.00"), ("一百二十元", "120.00"),
    ],
)  # fmt: skip
def test_money(written, yuan):
    assert amounts.money(written) == Decimal(yuan)


@pytest.mark.parametrize("written", ["", "-", None, "无", "#N/A"])
def test_an_empty_amount_is_no_error(written):
    assert amounts.read_money(written).value is None
    assert amounts.read_money(written).message == ""


def test_an_unreadable_amount_says_so():
    assert amounts.money("若干") is None
    assert "金额" in amounts.read_money("若干").message
    assert "过大" in amounts.read_money("9" * 20).message


def test_the_heading_gives_the_unit_of_bare_numbers():
    assert amounts.money("100", unit="万元") == 1_000_000
    assert amounts.money("100元", unit="万元") == 100
    assert amounts.area_sqm("3", unit="亩") == 2000


@pytest.mark.parametrize(
    ("written", "metres", "mu"),
    [
        ("3.2亩", "2133.33", "3.20"), ("2133㎡", "2133.00", "3.20"), ("3亩2分", "2133.33", "3.20"), ("三亩二分", "2133.33", "3.20"),
        ("3亩2分5厘", "2166.67", "3.25"), ("2公顷", "20000.00", "30.00"), ("120 m²", "120.00", "0.18"), ("110", "110.00", "0.17"),
    ],
)  # fmt: skip
def test_areas(written, metres, mu):
    area = amounts.read_area(written)
    assert (area.value, area.mu) == (Decimal(metres), Decimal(mu))


@given(st.decimals(min_value=0, max_value=100_000, places=2))
def test_mu_survives_being_stored_as_square_metres(mu):
    assert amounts.area_mu(str(mu)) == mu


def test_yes_and_no():
    assert [amounts.yes_no(word) for word in ("是", "√", "1", 1.0, "Y", "有", True)] == [True] * 7
    assert [amounts.yes_no(word) for word in ("否", "×", "0", "N", "无", "没有", False)] == [False] * 7
    assert amounts.yes_no("") is None
    assert amounts.yes_no("", blank=False) is False
    assert amounts.yes_no("大概") is None


@pytest.mark.parametrize(
    ("written", "number"),
    [("三百二十", 320), ("三百二", 320), ("廿八", 28), ("卅二", 32), ("十二", 12), ("一千零五", 1005), ("二〇二六", 2026),
     ("壹仟贰佰", 1200), ("一万二千", 12000), ("三亿", 300_000_000), ("两百", 200), ("三百零二", 302), ("村", None), ("", None)],
)  # fmt: skip
def test_chinese_numerals(written, number):
    assert numerals.to_int(written) == number


# ---- masks: domain.md §5


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("郑书香", "郑*香"),
        ("郑香", "郑*"),
        ("欧阳建华", "欧阳*华"),
        ("上官雪", "上官*"),
        ("阿布都·热依木", "阿布都·*"),
        ("", ""),
    ],
)
def test_names_for_the_public(name, shown):
    assert masks.name(name) == shown


def test_numbers_for_staff():
    assert masks.identity_number("330881196603153256") == "3308************56"
    assert masks.phone("13905701234") == "139****1234"
    assert masks.phone("0570-4888365") == "0570-***8365"
    assert masks.bank_card("6228 9946 0508 7141 234") == "**** **** **** 1234"
    assert masks.birth_date("1966-03-15") == "1966-**-**"
    assert masks.age_band(60) == "60–69岁"
    assert masks.age_band(103) == "90岁以上"


def test_addresses_end_at_the_village():
    assert masks.address("浙江省江山市虎山街道彭里村柴坞1号") == "江山市虎山街道彭里村***"
    assert masks.address("浙江省江山市贺村镇贺村18号", "贺村") == "江山市贺村镇贺村***"
    assert masks.address("浙江省衢州市柯城区信安街道斗潭社区12幢") == "衢州市柯城区信安街道斗潭社区***"
    assert masks.address("某处") == "***"


def test_free_text_loses_its_numbers_and_nothing_else():
    text = "我叫郑书香，330881196603153256，电话139 0570 1234或0570-4888365，卡6228994605087142808，共3人，户号810022050001。"
    shown = masks.free_text(text)
    assert len(shown) == len(text)
    for hidden in ("96603153", "0570 1234", "488", "899460508"):
        assert hidden not in shown
    for kept in ("我叫郑书香", "3308************56", "共3人", "810022050001", "2808"):
        assert kept in shown
    assert "96603153" not in masks.free_text("３３０８８１１９６６０３１５３２５６").translate(
        str.maketrans("０１２３４５６７８９", "0123456789")
    )


@given(st.text(alphabet="0123456789xX-", max_size=30))
def test_a_mask_never_shows_most_of_a_number(value):
    for mask in (masks.identity_number, masks.phone):
        shown = sum(char.isalnum() for char in mask(value))
        assert shown <= max(8, len(value) // 2)
