"""Odd files of a county, each with one idea a clerk really had. They complete what `wild_shapes` deals by chance."""

from __future__ import annotations

import datetime as dt
from typing import Any

from minqing.synth import departments, sheets
from minqing.synth.people import Household, Person
from minqing.synth.sheets import Formula
from minqing.synth.tables import Column, Entry, File, Ledger, as_date, as_relation, as_sex, as_slash, pages

RARE = ("㛃", "䶮", "𬭎", "㧑")


def _elder(who: Person, home: Household, **more: Any) -> Entry:
    entry = departments.elder(who, home.village.name, lives="同住", children="", guard=None)
    entry.values |= {"_home": home} | more
    return entry


def named_by_the_file(homes: list[Household]) -> File:
    """No column says the village: the file's name does. Addresses are only doors."""
    village = homes[0].village
    columns = [Column("name", "姓名"), Column("sex", "性别", show=as_sex), Column("id_number", "身份证号码"), Column("lives", "居住状况"), Column("live_addr", "门牌"), Column("phone", "电话")]
    ledger = Ledger("", "02", columns)
    ledger.header()
    for home in homes:
        if home.village is village:
            for who in (p for p in home.members if p.age >= 50):
                ledger.add(_elder(who, home, live_addr=f"{home.place.name}{home.door}"))
    return File(f"{village.town}{village.name}50岁以上老年人（10月）.csv", "02", "csv", sheets.as_csv(ledger.sheet, encoding="gb18030"), [ledger], "gb18030", note="the file's name is the village")


def cards(homes: list[Household]) -> File:
    """A card per household below each other: whose it is stands above its heading."""
    columns = [
        Column("name", "姓名"), Column("rel", "与户主关系", show=as_relation), Column("sex", "性别", show=as_sex), Column("birth", "出生日期", show=as_slash), Column("id_number", "公民身份号码"),
        Column("military", "兵役状况"), Column("phone", "联系电话"),
    ]  # fmt: skip
    ledger = Ledger("户口卡", "01", columns)
    for home in homes:
        ledger.line("title", "常住人口登记卡")
        ledger.line("note", f"户号：{home.number}", "", f"户主：{home.head.name}", "", f"住址：{home.address}")
        ledger.header()
        for who in home.members:
            ledger.add(departments.police(who, home))
        ledger.line("blank")
    return File("01_公安/户口卡打印.xlsx", "01", "xlsx", sheets.as_xlsx(pages(ledger)), [ledger], note="a card per household")


def twice_the_same_headings(homes: list[Household]) -> File:
    """姓名 身份证号 电话 配偶姓名 身份证号 电话: the second number is the wife's."""
    columns = [
        Column("name", "姓名"), Column("id_number", "身份证号"), Column("phone", "联系电话"), Column("kind", "优抚对象类别"), Column("start", "入伍时间"), Column("wife", "配偶姓名"),
        Column("wife_id", "身份证号"), Column("wife_phone", "联系电话"),
    ]  # fmt: skip
    ledger = Ledger("", "10", columns)
    ledger.header()
    for home in homes:
        if len(home.members) > 1 and home.members[1].relation == "12":
            wife = home.members[1]
            values = {
                "name": home.head.name, "id_number": home.head.id_number, "phone": home.head.phone, "kind": "农村籍退役士兵", "start": f"{home.head.birth.year + 18}年12月",
                "wife": wife.name, "wife_id": wife.id_number, "wife_phone": wife.phone,
            }  # fmt: skip
            ledger.add(Entry(home.head, values, also=[wife]))
    return File("退役军人及配偶.csv", "10", "csv", sheets.as_csv(ledger.sheet, encoding="utf-8-sig"), [ledger], "utf-8-sig", note="headings twice")


def computed(homes: list[Household]) -> File:
    """Sex, birth and age are formulas over the number; some were never computed. The date column mixes dates, words and years."""
    columns = [
        Column("name", "姓名"), Column("id_number", "身份证号"), Column("sex", "性别"), Column("birth", "出生日期"), Column("age", "年龄"), Column("doctor", "签约医生"),
        Column("signed", "签约日期", show=as_date), Column("group", "重点人群"),
    ]  # fmt: skip
    ledger = Ledger("Sheet1", "04", columns)
    ledger.header()
    for number, (who, home) in enumerate((p, h) for h in homes for p in h.members if p.age >= 40):
        entry = Entry(who, {"name": who.name, "id_number": who.id_number, "doctor": "吕德斌", "signed": dt.date(2026, 3, 1), "group": "", "_home": home})
        row = number + 2
        sex = "男" if who.sex == "1" else "女"
        entry.written["sex"] = Formula(f'=IF(MOD(MID(B{row},17,1),2)=1,"男","女")', sex if number % 3 else "")
        entry.written["birth"] = Formula(f'=TEXT(MID(B{row},7,8),"0000-00-00")', who.birth.isoformat() if number % 4 else "")
        entry.written["age"] = Formula(f'=DATEDIF(D{row},TODAY(),"y")', who.age)
        if number % 5 == 1:
            entry.spoil("D16.month", "signed", f"{2020 + number % 6}年", None)
        elif number % 5 == 2:
            entry.spoil("D16.lunar", "signed", "农历正月初八", None)
        ledger.add(entry)
    return File("家庭医生签约（公式）.xlsx", "04", "xlsx", sheets.as_xlsx(pages(ledger)), [ledger], note="formulas, mixed dates")


def unheard_of(homes: list[Household]) -> File:
    """A list whose headings nobody knows: only its values say what it is."""
    columns = [Column("who", "舞龙队队员"), Column("code", "十八位"), Column("job", "角色"), Column("since", "哪年加入")]
    ledger = Ledger("Sheet1", "00", columns)
    ledger.title("元宵舞龙队报名")
    ledger.header()
    for number, home in enumerate(homes[:9]):
        who = home.head
        ledger.add(Entry(who, {"who": who.name, "code": who.id_number, "job": ("龙头", "龙身", "龙尾")[number % 3], "since": 2010 + number}))
    return File("00_乡镇/舞龙队.xlsx", "00", "xlsx", sheets.as_xlsx(pages(ledger)), [ledger], note="headings nobody knows")


def rare_characters(homes: list[Household]) -> File:
    """Rare characters in GB18030, a row of units under the heading, 同上 for the village, a total in the middle."""
    columns = [
        Column("village", "村（社区）"), Column("name", "姓名"), Column("id_number", "身份证号"), Column("state", "参保状态"), Column("treat", "待遇状态"), Column("amount", "月养老金"), Column("months", "累计缴费月数"),
    ]  # fmt: skip
    ledger = Ledger("", "03", columns)
    ledger.header()
    ledger.line("header", "", "", "（18位）", "", "", "（元）", "（月）")
    before = ""
    for number, (who, home) in enumerate((p, h) for h in homes for p in h.members if p.age >= 60):
        values = {"village": home.village.name, "name": who.name, "id_number": who.id_number, "state": "正常参保", "treat": "正常领取", "amount": 328.5, "months": 180, "_home": home}
        entry = Entry(who, values)
        if number % 9 == 4:
            entry.spoil("D09", "name", who.name[:-1] + RARE[number % 4], who.name[:-1] + RARE[number % 4])
        if before == home.village.name and number % 3:
            entry.spoil("D21.same", "village", "同上", home.village.code)
        before = home.village.name
        ledger.add(entry)
        if number == 5:
            ledger.line("total", "小计", "6人")
    return File("03_人社/领取养老金人员.csv", "03", "csv", sheets.as_csv(ledger.sheet, encoding="gb18030"), [ledger], "gb18030", note="rare characters")


def files(homes: list[Household]) -> list[File]:
    """All odd files over these households."""
    return [make(homes) for make in (named_by_the_file, cards, twice_the_same_headings, computed, unheard_of, rare_characters)]
