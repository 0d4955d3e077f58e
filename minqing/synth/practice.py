"""The practice village: twelve households whose names nobody can take for real (甲练一, 乙练二 …).

It has the same kinds of files as a real delivery and, once each, what a cadre must learn to decide: a number that a
spreadsheet shortened, a missing number, a homophone, a dead man still paid, someone who lives elsewhere, a household
whose head died.
"""

from __future__ import annotations

import datetime as dt
import pathlib
from typing import Any

from minqing.synth import biff, departments, forms, sheets, spoil
from minqing.synth.people import AS_OF, RELATION_WORDS, Household, Person, Place, Village, World
from minqing.synth.tables import Column, Entry, File, Ledger, pages
from minqing.synth.truth import Delivery

SEED = 330899
PRACTICE = Village(
    "330899101201", "练习村", "示例镇", "模拟县", "浙江省模拟县", (Place("上练", "001", 1), Place("下练", "002", 2))
)
STEMS = "甲乙丙丁戊己庚辛壬癸子丑"
COUNT = "一二三四五六七八九十"
SHAPES = [
    "elder",
    "elders",
    "couple",
    "three",
    "parents",
    "couple",
    "elder",
    "three",
    "couple",
    "elders",
    "single",
    "parents",
]


def _rename(members: list[tuple[Person, str]], stem: str) -> None:
    for at, (who, _) in enumerate(members):
        who.name = f"{stem}练{COUNT[at]}"


def _people(village: Village, households: int, seed: int) -> World:
    world = World(seed, first_key=9_000_001)
    for at in range(households):
        shape = SHAPES[at % len(SHAPES)]
        members = world.family(shape)
        _rename(members, STEMS[at % len(STEMS)])
        place = village.places[at % len(village.places)]
        number = f"{village.code[4:]}{at + 1:04d}"
        home = Household(f"H{number}", number, village, place, f"{at // len(village.places) + 1}号")
        world.settle(home, members)
    return world


def _police(world: World, late: tuple[Person, Household]) -> list[File]:
    dead, widowed = late
    entries = []
    for home in world.households:
        head = dead.name if home is widowed else home.head.name
        for who in home.members:
            entry = departments.police(who, home, head_name=head)
            if home is widowed:
                entry.spoil("D29.nohead", "rel", "妻", None)
            entries.append(entry)
        if home is widowed:
            entries.append(departments.police(dead, home, cancel="注销", cancel_date=dead.died, cancel_reason="死亡"))
    clean = [e for e in entries if not e.dirt and not e.values["cancel"]]
    spoil.once(world.chance, clean, "D01", "id_number")
    spoil.once(world.chance, clean, "D03.space", "id_number")
    spoil.once(world.chance, clean, "D16", "birth", 2)
    register = forms.fill(forms.ledger("练习村", "01", forms.POLICE_COLUMNS), entries)
    couple = next(h for h in world.households if len(h.members) >= 2 and h.head.age < 55)
    who = couple.members[1]
    who.living, who.living_address = None, "浙江省杭州市余杭区五常街道文一西路998号"
    away = departments.floating(who, couple.address, None, arr=dt.date(2025, 3, 1))
    note = "填报单位：模拟县公安局    填报日期：2026年10月26日"
    floating = forms.fill(forms.ledger("流动人口", "01", forms.FLOATING_COLUMNS, "流动人口登记表", note), [away])
    return [
        File("01_公安/模拟县常住人口信息导出_示例所.xls", "01", "xls", biff.as_xls(pages(register)), [register]),
        File("01_公安/流动人口登记表.xlsx", "01", "xlsx", sheets.as_xlsx(pages(floating)), [floating]),
    ]


def _services(world: World, late: tuple[Person, Household]) -> list[File]:
    chance, everyone = world.chance, [p for h in world.households for p in h.members]
    dead, widowed = late
    village = widowed.village
    homes = {h.key: h for h in world.households}
    old = []
    for who in (p for p in everyone if p.age >= 60):
        others = [p for p in homes[who.household or ""].members if p is not who]
        lives = "独居" if not others else "空巢" if all(p.age >= 60 for p in others) else "同住"
        old.append(
            departments.elder(who, village.name, lives=lives, children="1子", guard=others[0] if others else None)
        )
    spoil.once(chance, old, "D20", "phone")
    pensions = [departments.pension(chance, p) for p in everyone if p.age >= 45]
    paid = departments.pension(chance, dead)
    paid.spoil("D27", "treat", None, None)
    spoil.once(chance, pensions, "D04.text", "id_number")
    insured = [departments.insured(chance, p, village.name) for p in everyone]
    spoil.once(chance, insured, "D05.check", "id_number")
    pupils: list[Entry] = []
    for who in (p for p in everyone if 6 <= p.age <= 17):
        home = homes[who.household or ""]
        pupils.append(departments.pupil(who, home.head, "示例小学", home.address))
    deeds = [
        departments.deed(chance, h.head, h.address, "", "模拟县", 200.0 + at) for at, h in enumerate(world.households)
    ]
    spoil.once(chance, deeds, "D35", "id_number")
    relief = departments.relief(homes[world.households[4].key], RELATION_WORDS, "低保", 2800)
    columns = [Column(a, h) for a, h in (("town", "乡镇"), ("village", "村"), ("name", "户主"), ("id_number", "身份证号"), ("family", "家庭成员"), ("amount", "月保障金额(元)"), ("sub", "保障类别"))]  # fmt: skip
    poor = forms.fill(forms.ledger("低保", "02", columns, "低保花名册（2026年10月）"), [relief])
    school = forms.fill(forms.ledger("学生", "07", forms.PUPIL_COLUMNS, "在校生基本信息"), pupils)
    return [
        forms.text_file("02_民政/老年人基本信息.csv", "02", forms.fill(forms.ledger("", "02", forms.ELDER_COLUMNS), old), "utf-8-sig"),
        File("02_民政/2026年10月低保花名册.xlsx", "02", "xlsx", sheets.as_xlsx(pages(poor)), [poor]),
        forms.text_file("03_人社/城乡居民养老保险参保人员.csv", "03", forms.fill(forms.ledger("", "03", forms.PENSION_COLUMNS), [*pensions, paid]), "gbk"),
        forms.text_file("06_医保/城乡居民医保参保明细_2026.csv", "06", forms.fill(forms.ledger("", "06", forms.INSURED_COLUMNS), insured), "gb18030"),
        File("07_教育/在校生基本信息(全国学籍).xlsx", "07", "xlsx", sheets.as_xlsx(pages(school)), [school]),
        forms.text_file("08_自然资源和规划/不动产登记.csv", "08", forms.fill(forms.ledger("", "08", forms.DEED_COLUMNS), deeds), "utf-8-sig"),
    ]  # fmt: skip


def _grids(world: World, village: Village) -> File:
    headings = ["序号", "乡镇（街道）", "村（社区）", "网格名称", "网格编码", "覆盖自然村（路段）", "户数", "人口数"]
    ledger = Ledger("网格划分", "00", [Column(h, h) for h in headings])
    ledger.title(f"{village.county}村（社区）网格划分表")
    ledger.header()
    for at, place in enumerate(village.places, start=1):
        homes = [h for h in world.households if h.place is place]
        name, people = f"第{COUNT[at - 1]}网格", sum(len(h.members) for h in homes)
        ledger.line(
            "ref", at, village.town, village.name, name, village.code + place.grid, place.name, len(homes), people
        )
    return File("00_乡镇/网格划分表.xlsx", "00", "xlsx", sheets.as_xlsx(pages(ledger)), [ledger])


def build(*, village: Village = PRACTICE, households: int = 12, seed: int = SEED) -> Delivery:
    """The practice village's files with their truth; at least five households (one widowed, one with children)."""
    if households < 5:
        raise ValueError("练习村至少要有五户。")
    world = _people(village, households, seed)
    widowed = world.households[1]
    dead = widowed.members.pop(0)
    dead.kind, dead.died = "dead", AS_OF - dt.timedelta(days=90)
    widowed.gone.append((dead, "dead"))
    widowed.head.relation, widowed.head.marital = "02", "30"
    late = (dead, widowed)
    return Delivery(world, [_grids(world, village), *_police(world, late), *_services(world, late)])


def write(target: pathlib.Path, **how: Any) -> Delivery:
    """Write the files below ``target`` and return the delivery."""
    delivery = build(**how)
    delivery.write(target)
    return delivery
