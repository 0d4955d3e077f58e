"""The catalogue: what comes with the program, what a county or town changes, Excel out and in."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.db import DatabaseError, connections, transaction

from minqing.access.scope import NotAllowed
from minqing.commands import installation
from minqing.service.actions import items
from minqing.service.models import CatalogueItem, PolicyRule
from minqing.service.queries import catalogue as queries
from minqing.service.refusals import Missing, Refused
from minqing.service.rules import catalogue, entitlements
from tests.people import COUNTY, PENGLI, TOWN

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
DATA = installation.SERVICE_DATA
#: domain.md §4.8, each by a word of its name.
NAMED = ("老年优待证", "高龄津贴", "养老保险参保", "待遇领取", "资格认证", "账户变更", "医保参保", "零星报销", "异地就医", "慢特病", "最低生活保障申请", "边缘家庭", "特困", "临时救助", "残疾人证申领", "换领", "护理补贴", "生育登记",
         "育儿补贴", "就业、失业登记", "创业补贴", "社保补贴", "退役军人", "优抚待遇", "身份证到期", "出生落户", "户口迁移", "户口注销", "居住证", "宅基地", "不动产登记", "采伐", "护林", "耕地地力", "农机", "报装", "报修", "公交卡", "市民卡",
         "法律援助", "智能设备", "养老服务补贴", "殡葬惠民", "学生资助")


def test_everything_of_the_field_is_there_with_department_days_and_where_a_field_comes_from():
    things = catalogue.shipped((DATA / "catalogue.toml").read_text(encoding="utf-8"))
    assert [t.code for t in things if t.problems] == []
    assert [word for word in NAMED if not any(word in t.name for t in things)] == []
    assert len({t.code for t in things}) == len(things)
    for t in things:
        assert t.department_name and t.days > 0 and t.channels and t.fields, t.code
        assert all(catalogue.label_of(f["field"]) for f in t.fields if f["field"]), t.code
        assert not t.sensitive or t.basis, t.code
    assert next(t for t in things if t.code == "elder_card").first_say.startswith("凭身份证即可享受")


def test_every_rule_leads_to_an_item_and_says_what_to_say():
    codes = {t.code for t in catalogue.shipped((DATA / "catalogue.toml").read_text(encoding="utf-8"))}
    rules = entitlements.shipped((DATA / "entitlements.toml").read_text(encoding="utf-8"))
    assert {r.kind for r in rules} == set(entitlements.KINDS)
    for r in rules:
        assert r.item in codes and r.say and r.source_doc, r.code
        assert r.sensitive == (r.kind in entitlements.SENSITIVE), r.code
    assert {r.age for r in rules if r.kind == "age"} == {60, 70, 80, 90, 100}


def test_the_installation_fills_once_and_overwrites_nothing(world):
    with world.acting("兰"):
        before = CatalogueItem.objects.filter(area_code="").count()
    assert installation.fill_catalogue(AT) == (0, 0)
    with world.acting("兰"):
        assert CatalogueItem.objects.filter(area_code="").count() == before >= 45
        assert PolicyRule.objects.filter(area_code="").count() == 14


def test_a_county_overrides_and_a_town_overrides_the_county(world):
    with world.acting("总") as zong:
        thing = replace(queries.as_thing(queries.item_at("elder_card", COUNTY)), days=Decimal(3), department_name="江山市行政服务中心")
        made = items.put(area=COUNTY, thing=thing, by=zong, at=AT)
        assert items.put(area=COUNTY, thing=thing, by=zong, at=AT).pk == made.pk, "unchanged writes nothing"
    with world.acting("受") as shou:
        items.put(area=TOWN, thing=replace(thing, days=Decimal(2)), by=shou, at=AT)
        assert queries.item_at("elder_card", PENGLI).days == 2
        assert queries.item_at("elder_card", "330881118260").days == 3, "another town: the county's"
        assert queries.item_at("elder_card", "330802008001").days == 5, "another county: the nation's"
        items.drop(area=TOWN, code="elder_card", by=shou, at=AT)
        assert queries.item_at("elder_card", PENGLI).days == 3
        with pytest.raises(Refused):
            items.drop(area=TOWN, code="elder_card", by=shou, at=AT)


def test_a_change_ends_the_old_row_and_keeps_it(world):
    with world.acting("总") as zong:
        thing = queries.as_thing(queries.item_at("bus_card", COUNTY))
        first = items.put(area=COUNTY, thing=replace(thing, days=Decimal(6)), by=zong, at=AT)
        items.put(area=COUNTY, thing=replace(thing, days=Decimal(4)), by=zong, at=AT)
        first.refresh_from_db()
        assert first.ended_at == AT and first.days == 6


def test_out_of_its_time_an_item_is_not_offered(world):
    with world.acting("总") as zong:
        thing = replace(queries.as_thing(queries.item_at("bus_card", COUNTY)), starts_on=date(2027, 1, 1))
        items.put(area=COUNTY, thing=thing, by=zong, at=AT)
        assert queries.item_at("bus_card", PENGLI, date(2026, 12, 31)) is None
        assert queries.item_at("bus_card", PENGLI, date(2027, 1, 1)) is not None


@pytest.mark.parametrize(("name", "area"), [("兰", PENGLI), ("香", PENGLI), ("受", COUNTY), ("受", "330881001"), ("敏", TOWN), ("数", COUNTY), ("管", COUNTY), ("总", "330802")])
def test_only_who_keeps_it_there_changes_it(world, name, area):
    with world.acting(name) as me, pytest.raises(NotAllowed):
        items.put(area=area, thing=queries.as_thing(queries.item_at("bus_card", area)), by=me, at=AT)
    insert = "insert into service_catalogueitem select gen_random_uuid(), %s, 'own', name, topic, department, department_name, who, basis, sensitive, materials, fields, days, channels, fee, fee_note, first_say, note, unsure, starts_on, ends_on, null, made_by, made_at from service_catalogueitem limit 1"
    for statement, parameters in ((insert, [area]), ("update service_catalogueitem set ended_at = now() where area_code = ''", [])):
        with world.acting(name), connections["default"].cursor() as cursor:
            try:
                with transaction.atomic():
                    cursor.execute(statement, parameters)
                    assert cursor.rowcount == 0
            except DatabaseError as error:
                assert "row-level security" in str(error)


def test_excel_goes_out_and_comes_back_the_same(world):
    with world.acting("总") as zong:
        things = [queries.as_thing(r) for r in queries.items_at(COUNTY)]
        content = items.workbook(things)
        back, wrong = items.read_workbook(content)
        assert wrong == [] and back == things
        assert items.import_items(area=COUNTY, things=back, by=zong, at=AT) == items.Changed(same=len(things))
        book = openpyxl.load_workbook(io.BytesIO(content))
        sheet = book.active
        titles = [c.value for c in sheet[1]]
        row = next(r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 1).value == "legal_aid")
        sheet.cell(row, titles.index("承诺工作日") + 1).value = 5
        sheet.append(["night_lamp", "装一盏夜灯", "水电出行", "", "村里", *[""] * (len(titles) - 5)])
        sheet.cell(sheet.max_row, titles.index("承诺工作日") + 1).value = "2"
        out = io.BytesIO()
        book.save(out)
        read, wrong = items.read_workbook(out.getvalue())
        assert wrong == []
        did = items.import_items(area=COUNTY, things=read, by=zong, at=AT)
        assert (did.added, did.changed, did.same) == (("装一盏夜灯",), ("法律援助",), len(things) - 1)
        assert queries.item_at("legal_aid", PENGLI).days == 5


@pytest.mark.parametrize(("row", "says"), [
    ({"code": "Ab", "name": "x", "topic": "养老", "days": "1"}, "小写英文"), ({"code": "ab", "name": "", "topic": "养老", "days": "1"}, "事项名称"), ({"code": "ab", "name": "x", "topic": "没有", "days": "1"}, "看不明白"),
    ({"code": "ab", "name": "x", "topic": "养老", "days": "一周"}, "承诺工作日"), ({"code": "ab", "name": "x", "topic": "养老", "days": "1", "fields": "血型|resident.blood"}, "不存在"),
    ({"code": "ab", "name": "x", "topic": "养老", "days": "1", "fields": "等级|disability.certificate.grade"}, "请在“敏感信息”里写明"),
    ({"code": "ab", "name": "x", "topic": "养老", "days": "1", "sensitive": "残疾"}, "必须写明依据"), ({"code": "ab", "name": "x", "topic": "养老", "days": "1", "fee": "-1"}, "收费"),
    ({"code": "ab", "name": "x", "topic": "养老", "days": "1", "materials": "身份证|扫描|1"}, "看不明白"), ({"code": "ab", "name": "x", "topic": "养老", "days": "1", "starts_on": "明年"}, "不是日期"),
])
def test_what_is_wrong_is_said_where(world, row, says):
    problems = catalogue.read(row).problems
    assert any(says in p for p in problems), problems
    with world.acting("总") as zong, pytest.raises(Missing):
        items.put(area=COUNTY, thing=catalogue.read(row), by=zong, at=AT)


def test_a_file_that_is_no_sheet_and_a_line_that_is_wrong():
    assert items.read_workbook(b"not a workbook")[1] == ["打不开这个文件：请用 Excel 另存为 .xlsx 再传。"]
    titles = [title for title, _key in catalogue.COLUMNS]
    _things, wrong = catalogue.read_sheet([titles, ["ab", "x", "养老", *[""] * 4, "很快"], ["ab", "y", "养老", *[""] * 4, "1"]])
    assert wrong == ["第 2 行：承诺工作日请写数字，可以带半天，如 0.5。", "第 3 行：代码“ab”前面已经有了。"]
    assert catalogue.read_sheet([["名称"], ["x"]])[1][0].startswith("第一行请写列名")
