"""Headings are found by their words, columns by their headings, and nothing is guessed silently."""

from __future__ import annotations

import pytest

from minqing.gather.engine import fields, headings, labels, mapping, templates

PEOPLE = [["1", "张小三", "330899196403130432", "13900000000"], ["2", "李小四", "33089919640926102X", ""], ["3", "王小五", "330899196104162813", ""]]


def found(head: list[list[str]], merged: tuple = ()) -> headings.Heading:
    heading = headings.find(head, merged)
    assert heading is not None
    return heading


def fields_of(head: list[list[str]], context: str = "", department: str | None = None, learned: dict | None = None) -> dict[str, mapping.Column]:
    heading = headings.find(head, (), frozenset(learned or {}))
    match = mapping.recognise(heading, head[heading.first_data_row :], context, department=department, learned=learned)
    assert match is not None
    return match.kept


def test_titles_and_notes_above_are_passed_over() -> None:
    head = [["某县残疾人花名册", "", "", ""], ["填报单位：某局", "", "", ""], ["", "", "", ""], ["序号", "姓名", "身份证号", "电话"], *PEOPLE]
    heading = found(head)
    assert (heading.row, heading.height) == (3, 1)
    assert [headings.kind_above(row) for row in head[:3]] == ["title", "note", "blank"]


def test_two_heading_rows_are_joined() -> None:
    head = [
        ["序号", "出租人", "", "", "承租人", "", "用途"], ["", "姓名", "身份证号", "联系电话", "姓名", "证件号码", ""],
        ["1", "张小三", "330899196403130432", "", "李小四", "33089919640926102X", "住房"],
    ]  # fmt: skip
    heading = found(head)
    assert heading.height == 2
    assert heading.labels[1:6] == ("出租人姓名", "出租人身份证号", "出租人联系电话", "承租人姓名", "承租人证件号码")


def test_a_row_of_data_is_no_second_heading() -> None:
    assert found([["姓名", "身份证号", "电话"], ["李小四", "33089919640926102X", ""]]).height == 1


def test_a_row_of_column_numbers_belongs_to_the_heading() -> None:
    assert found([["序号", "姓名", "身份证号", "电话"], ["1", "2", "3", "4"], *PEOPLE]).first_data_row == 2


def test_a_letter_has_no_heading() -> None:
    assert headings.find([["关于做好数据报送工作的函"], ["各乡镇："], ["请按时报送。"]], ()) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("房主居民身份证号", "房东证件号码"), ("注销事由", "注销原因"), ("签约日", "签约日期"), ("户籍详址", "户口所在地"), ("家庭住址", "现居住地址"), ("来龙时间", "来本地日期"),
        ("居住形态", "居住情况"), ("所属村社", "行政村"), ("残疾级别", "残疾等级"), ("是否留守儿童", "留守儿童"), ("手机号码（必填）", "*联系电话"),
    ],
)  # fmt: skip
def test_wordings_of_one_thing_are_one(one: str, other: str) -> None:
    assert labels.canonical(one) == labels.canonical(other)


@pytest.mark.parametrize(("one", "other"), [("监护人身份证号", "身份证号"), ("户籍地址", "现住址"), ("发证日期", "出生日期"), ("困境类型", "残疾类别")])
def test_wordings_of_two_things_stay_two(one: str, other: str) -> None:
    assert labels.canonical(one) != labels.canonical(other)


def test_somebody_else_s_number_is_not_the_person_s() -> None:
    kept = fields_of([["姓名", "监护人身份证号", "残疾类别", "残疾等级", "残疾证号"], ["张小三", "330899196403130432", "肢体", "四级", "33089919640313043244"]])
    assert "id_number" not in kept


def test_a_column_of_numbers_is_the_number_whatever_its_heading_says_and_that_is_asked() -> None:
    kept = fields_of([["序号", "姓名", "证照", "参保状态", "待遇状态"], *[[*row[:3], "正常参保", "未领取"] for row in PEOPLE]])
    assert (kept["id_number"].how, kept["id_number"].question) == ("values", True)


def test_swapped_name_and_number_columns_are_seen_by_their_values() -> None:
    kept = fields_of([["身份证号", "姓名", "参保状态", "待遇状态"], *[[row[1], row[2], "正常参保", "未领取"] for row in PEOPLE]])
    assert (kept["id_number"].position, kept["name"].position) == (1, 0)


def test_what_has_no_purpose_is_dropped_and_named() -> None:
    head = [["姓名", "身份证号", "困难原因", "保障类别", "银行账号", "宗教信仰", "幸运数字"], ["张小三", "330899196403130432", "因病", "低保", "622899", "无", "7"]]
    heading = found(head)
    match = mapping.recognise(heading, head[1:], "低保花名册")
    reasons = {column.label: column.sentence for column in match.columns if column.field is None}
    assert set(reasons) == {"银行账号", "宗教信仰", "幸运数字"}
    assert "银行账户" in reasons["银行账号"]


def test_a_learned_heading_is_taken() -> None:
    head = [["姓名", "身份证号", "残疾证号", "残疾类别", "幸运数字"], ["张小三", "330899196403130432", "33089919640313043244", "肢体", "13900000000"]]
    assert fields_of(head, learned={"幸运数字": "phone"})["phone"].how == "learned"


def test_a_village_s_own_ledger_is_a_source_like_a_department() -> None:
    heading = found([["户主", "姓名", "与户主关系", "身份证号", "手机"], ["张三", "张三", "户主", "330899196403130432", "13900000000"]])
    match = mapping.recognise(heading, [["张三", "张三", "户主", "330899196403130432", "13900000000"]], "户情台账.xlsx")
    assert match.template.key == "ledger"


def test_templates_name_only_known_fields_and_departments() -> None:
    for template in templates.load():
        assert set(template.columns) <= set(fields.FIELDS)
        assert template.source in templates.DEPARTMENTS
        assert template.signature <= set(template.columns)
        assert all(field in template.columns for group in template.needs for field in group), template.key
