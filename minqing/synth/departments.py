"""What each department knows about a person: the right values of one row, by field.

The field names are those of the truth files (samples/penglicun). How a department heads and shows them is the
business of the file that is being made, not of this module.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from minqing.synth.names import words
from minqing.synth.people import AS_OF, Household, Person
from minqing.synth.tables import Entry


def police(who: Person, home: Household, **more: Any) -> Entry:
    """常住人口: a registered person in her household."""
    values = {
        "village": home.village.name, "hh_no": home.number, "head_name": home.head.name, "rel": who.relation,
        "name": who.name, "former": "", "sex": who.sex, "eth": who.ethnicity, "birth": who.birth,
        "id_number": who.id_number, "origin": "浙江" + home.village.county[:2], "reg_addr": home.address,
        "edu": who.education, "mar": who.marital, "phone": who.phone, "military": "未服兵役" if who.sex == "1" else "",
        "work": "", "job": _job(who), "in_date": None, "from_where": "", "cancel": "", "cancel_date": None,
        "cancel_reason": "",
    }  # fmt: skip
    return Entry(who, values | more)


def _job(who: Person) -> str:
    if who.age < 7:
        return ""
    if who.age < 19:
        return "学生"
    return "退休" if who.age >= 60 else ("粮农", "工人", "个体经营", "职员")[int(who.id_number[14:17]) % 4]


def floating(who: Person, registered_at: str, landlord: Person | None, **more: Any) -> Entry:
    """流动人口登记: someone who lives elsewhere than registered. ``landlord`` None: own or a relative's flat."""
    values = {
        "name": who.name, "sex": who.sex, "id_number": who.id_number, "reg_addr": registered_at,
        "live_addr": who.living_address, "phone": who.phone, "birth": who.birth,
        "lname": landlord.name if landlord else "本人", "lphone": landlord.phone if landlord else who.phone,
        "arr": None, "reason": "务工", "permit": "", "until": None,
    }  # fmt: skip
    return Entry(who, values | more)


def letting(landlord: Person, house: str, tenants: list[Person], since: dt.date, use: str = "住房") -> Entry:
    """出租房台账: a let flat; the landlord is the row's subject, the first tenant is named beside him."""
    first = tenants[0]
    values = {
        "house": house, "name": landlord.name, "id_number": landlord.id_number, "phone": landlord.phone,
        "tname": first.name, "tid": first.id_number, "tphone": first.phone, "count": len(tenants), "since": since,
        "use": use,
    }  # fmt: skip
    return Entry(landlord, values, also=[first])


def elder(who: Person, village: str, *, lives: str, children: str, guard: Person | None = None) -> Entry:
    """老年人基本信息; ``lives``: 独居, 空巢 or 同住."""
    values = {
        "village": village, "name": who.name, "sex": who.sex, "id_number": who.id_number, "age": who.age,
        "birth": who.birth, "lives": lives, "children": children, "ability": "自理" if who.age < 84 else "部分失能",
        "live_addr": who.living_address, "phone": who.phone, "guard": guard.name if guard else "",
        "gphone": guard.phone if guard else "",
    }  # fmt: skip
    return Entry(who, values, also=[guard] if guard else [])


def pension(chance: random.Random, who: Person) -> Entry:
    """城乡居民养老保险: from 16, drawing from 60."""
    drawing = who.age >= 60
    start = dt.date(who.birth.year + 60, who.birth.month, 1) if drawing else None
    values = {
        "pno": f"3308{chance.randrange(10**8):08d}", "id_number": who.id_number, "name": who.name, "sex": who.sex,
        "state": "正常参保", "birth": who.birth, "date": dt.date(2010, chance.randrange(3, 12), 1),
        "tier": "" if drawing else chance.choice(["1000", "2000", "3000"]), "months": chance.randrange(24, 180),
        "treat": "正常领取" if drawing else "未领取",
        "from_ym": f"{start.year}年{start.month}月" if start else "",
        "amount": f"{chance.uniform(280, 690):.2f}" if drawing else "",
        "check": AS_OF - dt.timedelta(days=chance.randrange(400)) if drawing else None,
    }  # fmt: skip
    return Entry(who, values)


def insured(chance: random.Random, who: Person, village: str) -> Entry:
    """城乡居民医保 of one year."""
    values = {
        "pno": f"3308{chance.randrange(10**8):08d}", "idtype": "居民身份证（户口簿）", "id_number": who.id_number,
        "name": who.name, "year": "2026", "kind": "城乡居民基本医疗保险", "state": "正常参保", "village": village,
        "fee": "610", "group": "", "birth": who.birth, "sex": who.sex, "phone": who.phone,
    }  # fmt: skip
    return Entry(who, values)


def pupil(who: Person, parent: Person, school: str, registered_at: str) -> Entry:
    """在校生: 6 to 18 years."""
    year = AS_OF.year - (dt.date(AS_OF.year, 9, 1) > AS_OF)
    grade = max(1, min(12, year - who.birth.year - 6 + (who.birth < dt.date(who.birth.year, 9, 1))))
    names = words("一年级 二年级 三年级 四年级 五年级 六年级 初一 初二 初三 高一 高二 高三")
    entered = year - (grade - 1 if grade <= 6 else (grade - 7) % 3)
    values = {
        "name": who.name, "sex": who.sex, "id_number": who.id_number, "birth": who.birth, "sno": "G" + who.id_number,
        "school": school, "grade": names[grade - 1], "class": f"{int(who.id_number[16]) % 4 + 1}班",
        "entry": f"{entered}09", "reg_addr": registered_at, "live_addr": who.living_address, "pname": parent.name,
        "pphone": parent.phone, "prel": "父亲" if parent.sex == "1" else "母亲", "left": "", "follow": "", "board": "",
    }  # fmt: skip
    return Entry(who, values, also=[parent])


def deed(chance: random.Random, who: Person, house: str, unit: str, county: str, area: float) -> Entry:
    """不动产登记: an owner and his flat or house."""
    year = chance.randrange(2016, 2026)
    values = {
        "cert": f"浙({year}){county}不动产权第{chance.randrange(10**7):07d}号", "unit": unit, "name": who.name,
        "id_number": who.id_number, "right": "国有建设用地使用权/房屋所有权", "house": house, "land": round(area / 6, 1),
        "area": area, "use": "住宅", "date": dt.date(year, chance.randrange(1, 13), chance.randrange(1, 28)),
    }  # fmt: skip
    return Entry(who, values)


def signed_up(chance: random.Random, who: Person, station: str) -> Entry:
    """家庭医生签约."""
    group = [
        g
        for g, yes in (("高血压", chance.random() < 0.3), ("糖尿病", chance.random() < 0.15), ("老年人", who.age >= 65))
        if yes
    ]
    signed = AS_OF - dt.timedelta(days=chance.randrange(20, 330))
    values = {
        "name": who.name, "sex": who.sex, "id_number": who.id_number, "birth": who.birth, "age": who.age,
        "live_addr": who.living_address, "phone": who.phone, "station": station,
        "doctor": chance.choice(["吕德斌", "毛晓娟", "徐建明"]), "signed": signed, "group": "、".join(group),
        "follow": signed + dt.timedelta(days=chance.randrange(1, 20)),
    }  # fmt: skip
    return Entry(who, values)


def disabled(chance: random.Random, who: Person, registered_at: str, guard: Person | None) -> Entry:
    """持证残疾人: the certificate number is ID + category + grade (20 characters)."""
    category, grade = chance.randrange(1, 5), chance.randrange(1, 5)
    values = {
        "name": who.name, "sex": who.sex, "disab": f"{who.id_number}{category}{grade}", "id_number": who.id_number,
        "cat": words("视力 听力 言语 肢体")[category - 1], "grd": words("一级 二级 三级 四级")[grade - 1],
        "reg_addr": registered_at, "phone": who.phone, "guard": guard.name if guard else "",
        "sub": "是" if grade < 3 else "否", "amount": 500 if grade < 3 else None,
        "issued": dt.date(chance.randrange(2010, 2026), chance.randrange(1, 13), chance.randrange(1, 28)),
    }  # fmt: skip
    return Entry(who, values)


def relief(home: Household, words: dict[str, str], kind: str, amount: int) -> Entry:
    """低保: a row per household, the other members in one cell with their relation in words."""
    others = home.members[1:]
    values = {
        "town": home.village.town, "village": home.village.name, "name": home.head.name,
        "id_number": home.head.id_number, "count": len(home.members),
        "family": "、".join(f"{p.name}({words[p.relation or '99']})" for p in others), "amount": amount, "sub": kind,
        "cause": "因病", "since": "202501", "bank": "农商银行", "account": "6228990000000000000", "birth": home.head.birth,
    }  # fmt: skip
    return Entry(home.head, values, also=others)


def share(who: Person, home: Household, number: str, kind: str = "本村成员") -> Entry:
    """集体成员与股份: a member of the economic cooperative."""
    values = {
        "village": home.village.name, "hname": home.head.name, "name": who.name, "sex": who.sex, "rel": who.relation,
        "id_number": who.id_number, "birth": who.birth, "kind": kind, "shares": 1.0,
        "years": round(min(who.age, 60) / 68, 2), "cert": number, "phone": who.phone,
    }  # fmt: skip
    return Entry(who, values)


def veteran(chance: random.Random, who: Person, village: str) -> Entry:
    """优抚对象."""
    joined = dt.date(who.birth.year + 18, 12, 1)
    values = {
        "village": village, "name": who.name, "id_number": who.id_number, "birth": who.birth,
        "kind": chance.choice(["农村籍退役士兵", "自主就业退役士兵"]), "start": f"{joined.year}年12月",
        "until": f"{joined.year + 3}年12月", "card": f"浙H{chance.randrange(10**8):08d}",
        "amount": chance.choice([55, 620, 710, 1200]), "phone": who.phone,
    }  # fmt: skip
    return Entry(who, values)


CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def credit_code(chance: random.Random, kind: str = "92") -> str:
    """A 统一社会信用代码 with the unassigned county 330899 and a right check character (GB 32100-2015)."""
    body = kind + "330899" + "".join(chance.choice(CREDIT_ALPHABET) for _ in range(9))
    total = sum(CREDIT_ALPHABET.index(c) * w for c, w in zip(body, CREDIT_WEIGHTS, strict=True))
    return body + CREDIT_ALPHABET[(31 - total % 31) % 31]


def business(chance: random.Random, who: Person, name: str, at: str, scope: str) -> Entry:
    """市场主体: a shop or firm and its legal representative."""
    values = {
        "uscc": credit_code(chance), "biz": name, "type": "个体工商户", "name": who.name, "id_number": who.id_number,
        "date": dt.date(chance.randrange(2010, 2026), chance.randrange(1, 13), chance.randrange(1, 28)),
        "state": "存续（在营）", "biz_addr": at, "scope": scope, "capital": chance.choice([1, 2, 5, 10]),
        "staff": chance.randrange(1, 6), "phone": who.phone,
    }  # fmt: skip
    return Entry(who, values)
