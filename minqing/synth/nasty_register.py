"""The police's files of the nastier county: the register of residents, newcomers, let flats."""

from __future__ import annotations

import datetime as dt
from typing import Any

from minqing.synth import addresses, biff, departments, sheets, spoil
from minqing.synth.nasty_people import COMMUNITY, NEW, STREET, County
from minqing.synth.people import Household, Person, Village
from minqing.synth.tables import (
    Column,
    Entry,
    File,
    Ledger,
    as_compact,
    as_dots,
    as_education,
    as_ethnicity,
    as_marital,
    as_relation,
    as_sex,
    as_slash,
    pages,
)

REGISTER = "01_公安/龙游县户籍人员清单.xls"
NEWCOMERS = "01_公安/来龙人员登记(2026.10).xls"
LETTINGS = "01_公安/出租私房.ods"

STREET_COLUMNS = [
    Column("village", "户籍所在村"), Column("hh_no", "户籍号"), Column("head_name", "户主"), Column("rel", "与户主之关系", show=as_relation),
    Column("id_number", "居民身份证号"), Column("name", "人员姓名"), Column("sex", "性别代码"), Column("birth", "出生年月日", show=as_slash),
    Column("eth", "民族", show=as_ethnicity), Column("edu", "学历", show=as_education), Column("mar", "婚姻", show=as_marital),
    Column("reg_addr", "户籍住址"), Column("blood", "血型"), Column("faith", "宗教信仰"), Column("in_date", "迁入时间", show=as_slash),
    Column("from_where", "何处迁入"), Column("cancel", "注销标识"), Column("cancel_date", "注销时间", show=as_slash),
    Column("cancel_reason", "注销事由"), Column("note", "备注"),
]  # fmt: skip
COMMUNITY_COLUMNS = [
    Column("serial", "序"), Column("name", "姓名", "基本信息"), Column("former", "曾用名", "基本信息"),
    Column("sex", "性别", "基本信息", as_sex), Column("birth", "出生年月日", "基本信息", as_compact),
    Column("id_number", "居民身份证号", "基本信息"), Column("eth", "民族", "基本信息", as_ethnicity),
    Column("hh_no", "户籍号", "户籍情况"), Column("rel", "与户主之关系", "户籍情况", as_relation),
    Column("head_name", "户主", "户籍情况"), Column("reg_addr", "户籍住址", "户籍情况"),
    Column("in_date", "迁入时间", "户籍情况", as_compact), Column("edu", "学历", "其他", as_education),
    Column("mar", "婚姻", "其他", as_marital), Column("cancel", "注销标识", "其他"),
    Column("cancel_date", "注销时间", "其他", as_compact), Column("cancel_reason", "注销事由", "其他"),
]  # fmt: skip
NEW_COLUMNS = [
    Column("pad", ""), Column("serial", "序号"), Column("id_number", "居民身份证号"), Column("birth", "出生年月日", show=as_dots),
    Column("sex", "性别", show=as_sex), Column("name", "姓名"), Column("rel", "与户主之关系", show=as_relation),
    Column("head_name", "户主"), Column("hh_no", "户籍号"), Column("village", "户籍所在村"), Column("reg_addr", "户籍住址"),
    Column("eth", "民族", show=as_ethnicity), Column("mar", "婚姻", show=as_marital), Column("edu", "学历", show=as_education),
    Column("height", "身高"), Column("faith", "宗教信仰"), Column("cancel", "注销标识"), Column("cancel_date", "注销时间", show=as_dots),
    Column("cancel_reason", "注销事由"), Column("in_date", "迁入时间", show=as_dots),
]  # fmt: skip
NEWCOMER_COLUMNS = [
    Column("serial", "编号"), Column("name", "人员姓名"), Column("sex", "性别", show=as_sex), Column("id_number", "居民身份证号"),
    Column("reg_addr", "户籍详址"), Column("live_addr", "现住址"), Column("phone", "联系手机"), Column("lname", "房主姓名"),
    Column("lphone", "房主电话"), Column("arr", "来龙时间", show=as_slash), Column("reason", "来龙事由"),
    Column("permit", "浙江省居住证号"), Column("until", "到期日", show=as_slash),
]  # fmt: skip
LETTING_COLUMNS = [
    Column("since", "租赁起始", show=as_slash), Column("house", "房屋坐落"), Column("name", "房主"), Column("id_number", "房主居民身份证号"),
    Column("phone", "房主手机"), Column("tname", "租客"), Column("tid", "租客证件号"), Column("tphone", "租客手机"),
    Column("count", "人数"), Column("use", "用途"),
]  # fmt: skip

RATES = [
    ("D02", "id_number", 0.12), ("D02.wide", "id_number", 0.1), ("D02.cyrillic", "id_number", 0.15), ("D01", "id_number", 0.02),
    ("D03", "id_number", 0.01), ("D03.space", "id_number", 0.015), ("D03.zero", "id_number", 0.015), ("D03.nbsp", "id_number", 0.01),
    ("D03.quote", "id_number", 0.01), ("D03.hyphen", "id_number", 0.01), ("D18", "rel", 0.05), ("D18", "eth", 0.05),
    ("D18", "mar", 0.06), ("D18", "edu", 0.06), ("D16", "birth", 0.06), ("D16.hard", "birth", 0.04),
    ("D16.null", "cancel_date", 0.03), ("D16.null", "in_date", 0.02), ("D11", "name", 0.02),
]  # fmt: skip


def _village_word(entry: Entry, village: Village, at: int) -> None:
    word = (
        f"{village.town}{village.name}",
        f"{village.name}村民委员会".replace("村村民", "村民"),
        f"{village.name}委会",
    )[at % 3]
    entry.spoil("D21.vill", "village", word, village.code)


def _members(county: County, village: Village) -> list[Entry]:
    """The village's register, household by household, the cancelled among them."""
    entries: list[Entry] = []
    gone = {home.key: (who, "死亡", who.died) for who, home in county.dead}
    gone |= {home.key: (who, "迁出", when) for who, home, when in county.left}
    for home in county.homes[village.code]:
        late = home.gone[0][0] if home in county.headless else None
        head_name = late.name if late else home.head.name
        for who in home.members:
            entry = _row(who, home, head_name=head_name)
            if late:
                entry.spoil("D29.nohead", "rel", "妻" if who is home.head else None, None)
            entries.append(entry)
        if home.key in gone:
            who, reason, when = gone[home.key]
            entries.append(_row(who, home, head_name=head_name, cancel="是", cancel_date=when, cancel_reason=reason))
    return entries


def _row(who: Person, home: Household, **more: Any) -> Entry:
    extra = {"_home": home, "blood": "O", "faith": "", "height": None, "pad": "", "note": ""}
    return departments.police(who, home, **(extra | more))


def _plain(county: County, entries: list[Entry]) -> list[Entry]:
    """Entries of people without a story."""
    special = {p.key for p in county.twins + county.namesakes + [d for d, _ in county.daughters]}
    special |= {p.key for home in county.headless for p in home.members}
    return [e for e in entries if e.person and e.person.key not in special and not e.values["cancel"] and not e.dirt]


def _households_wrong(county: County, entries: list[Entry]) -> None:
    """D29: a household with two heads, and a son who is older than his father."""
    for entry in entries:
        home = entry.values["_home"]
        if (
            len(home.members) == 2
            and home.members[1].relation == "12"
            and home not in county.headless
            and not home.gone
        ):
            pair = [e for e in entries if e.values["_home"] is home and not e.dirt]
            if len(pair) == 2:
                for one in pair:
                    one.spoil("D29.twoheads", "rel", "户主", one.values["rel"])
                break
    fathers = [e for e in entries if e.values["rel"] == "51" and not e.dirt]
    if fathers:
        fathers[0].spoil("D29.older", "rel", "长子", "51")


def _spoil(county: County, entries: list[Entry], village: Village) -> None:
    chance = county.chance
    _households_wrong(county, entries)
    plain = _plain(county, entries)
    for code in ("D04", "D04.zeros", "D05.check", "D05.swap", "D05.short", "D05.month", "D05.long", "D35"):
        spoil.once(chance, plain, code, "id_number")
    for code, about in (
        ("D07.sex", "sex"),
        ("D07.birth", "birth"),
        ("D12", "name"),
        ("D10.pua", "name"),
        ("D36.lookalike", "id_number"),
    ):
        spoil.once(chance, plain, code, about)
    swapped = next(e for e in plain if not e.dirt)
    swapped.spoil("D38.columns", "id_number", swapped.values["name"], swapped.values["id_number"])
    swapped.written["name"] = swapped.values["id_number"]
    for entry in plain:
        home = entry.values["_home"]
        if entry.has("reg_addr"):
            continue
        if chance.random() < 0.16:
            addresses.vary(entry, "reg_addr", home, chance)
        elif chance.random() < 0.015:
            addresses.no_door(entry, "reg_addr", home)
        elif chance.random() < 0.03:
            addresses.old_town(entry, "reg_addr", home)
        elif entry.person is not home.head and chance.random() < 0.05:
            before = entries[entries.index(entry) - 1]
            if before.values["_home"] is home and "reg_addr" not in before.written:
                addresses.same_as_above(entry, "reg_addr", home)
        if village is not COMMUNITY and chance.random() < 0.05:
            _village_word(entry, village, chance.randrange(3))
    for entry in entries:
        if entry.values["cancel_reason"] == "死亡" and not any(
            e.dirt for e in entries if e.values["cancel_reason"] == "死亡"
        ):
            entry.spoil("D27.cancel", "cancel", None, None)
            entry.written["cancel"] = ""
            entry.written["cancel_reason"] = ""
    spoil.scatter(chance, [e for e in plain if e.level != "identity"], RATES)


def register(county: County) -> File:
    """常住人口: a sheet per village, each with its own order of columns, and a hidden sheet of codes."""
    ledgers = []
    for village, columns in ((STREET, STREET_COLUMNS), (COMMUNITY, COMMUNITY_COLUMNS), (NEW, NEW_COLUMNS)):
        entries = _members(county, village)
        if village is STREET:
            for who, origin in county.daughters:
                husband = county.home_of(who)
                moved = dt.date(who.birth.year + 24, 10, 1)
                entry = _row(
                    who,
                    origin,
                    rel="32",
                    cancel="是",
                    cancel_date=moved,
                    cancel_reason="迁出",
                    note=f"婚迁至{husband.village.town}",
                )
                entry.spoil("D28", "cancel", None, "迁出")
                at = max(n for n, e in enumerate(entries) if e.values["_home"] is origin)
                entries.insert(at + 1, entry)
        _spoil(county, entries, village)
        ledger = Ledger(village.name, "01", columns)
        if village is COMMUNITY:
            ledger.title("方门街社区常住人口花名册", "单位：龙洲派出所　　数据时间：2026-10-28")
            ledger.line("header", "常住人口信息", merge=True)
        elif village is NEW:
            ledger.line("blank")
            ledger.line("blank")
        ledger.header()
        for entry in entries:
            ledger.add(entry)
        if village is COMMUNITY:
            ledger.line("total", "合计", f"{len(entries)}人")
            ledger.line("signature", "制表：          所长：          （盖章）")
        ledgers.append(ledger)
    codes = Ledger("代码表", "01", [Column("a", "代码"), Column("b", "名称")], hidden=True)
    for pair in (("代码", "姓名"), ("1", "男"), ("2", "女"), ("330899199001011234", "张三")):
        codes.line("hidden", *pair)
    ledgers.insert(1, codes)
    return File(REGISTER, "01", "xls", biff.as_xls(pages(*ledgers)), ledgers)


def newcomers(county: County) -> list[File]:
    """流动人口 as a web page named .xls, and let flats as .ods."""
    chance = county.chance
    entries, lets = [], []
    for home, landlord, origin, since in county.tenants:
        for who in home.members:
            until = since + dt.timedelta(days=1826) if who.age >= 16 else None
            permit = f"H330899{chance.randrange(10**9):09d}" if until else ""
            entry = departments.floating(who, origin, landlord, arr=since, until=until, permit=permit, _live=home)
            entries.append(entry)
        lets.append(departments.letting(landlord, home.address, home.members, since))
        lets[-1].values["_live"] = home
    for who, home, since in county.split:
        living = next(h for h in county.homes[COMMUNITY.code] if h.address == who.living_address)
        entries.append(departments.floating(who, home.address, living.head, arr=since, reason="其他", _live=living))
    chance.shuffle(entries)
    for entry in entries[:2]:
        entry.spoil("D16.long", "until", "长期", dt.date(9999, 12, 31))
    entries[2].spoil("D16.forever", "until", "9999-12-31", dt.date(9999, 12, 31))
    spoil.once(chance, entries, "D20", "phone", 3)
    spoil.once(chance, entries, "D20.bad", "phone")
    spoil.once(chance, entries, "D04", "id_number")
    for entry in entries:
        if not entry.dirt and chance.random() < 0.3:
            addresses.vary(entry, "live_addr", entry.values["_live"], chance)
    spoil.scatter(
        chance, [e for e in entries if e.level is None], RATES[:10] + [("D16", "arr", 0.2), ("D20", "lphone", 0.1)]
    )
    web = Ledger("", "01", NEWCOMER_COLUMNS)
    web.title("来龙人员登记表", "龙游县公安局　2026年10月")
    web.header()
    for entry in entries:
        web.add(entry)
    web.line("total", "合计", f"{len(entries)}")
    spoil.scatter(
        chance,
        lets,
        [("D20", "phone", 0.3), ("D16.hard", "since", 0.3), ("D03.space", "tid", 0.2), ("D11", "name", 0.2)],
    )
    flats = Ledger("出租私房", "01", LETTING_COLUMNS)
    flats.header()
    for entry in lets:
        flats.add(entry)
    return [
        File(NEWCOMERS, "01", "html", sheets.as_html(web.sheet), [web], "utf-8"),
        File(LETTINGS, "01", "ods", sheets.as_ods(pages(flats)), [flats]),
    ]
