"""The other departments' files of the nastier county: ten departments, ten ways to save a table."""

from __future__ import annotations

import datetime as dt

from minqing.synth import addresses, biff, departments, names, sheets, spoil
from minqing.synth.nasty_people import COMMUNITY, NEW, STREET, VILLAGES, County
from minqing.synth.nasty_register import RATES
from minqing.synth.people import RELATION_WORDS, Household, Person
from minqing.synth.tables import Column, Entry, File, Ledger, as_relation, as_sex, as_slash, pages

IDS = [rate for rate in RATES if rate[1] == "id_number"]
PENSIONS = "03_人社/养老待遇领取人员.csv"


def _living_home(county: County, who: Person) -> Household:
    """Where someone lives: the flat for those who moved in town, else the household."""
    if who.living_address:
        for home in county.world.households:
            if home.address == who.living_address:
                return home
    return county.home_of(who)


def _fill(ledger: Ledger, entries: list[Entry]) -> Ledger:
    for entry in entries:
        ledger.add(entry)
    return ledger


def _clean(entries: list[Entry]) -> list[Entry]:
    return [e for e in entries if e.level is None]


def _dead_listed(county: County, build: list[Entry], about: str) -> None:
    for entry in build:
        if entry.person and entry.person.kind == "dead":
            entry.spoil("D27", about, None, True)


ELDER_COLUMNS = [
    Column("village", "所属村社"), Column("name", "老年人姓名"), Column("id_number", "居民身份证号"), Column("birth", "出生年月日"),
    Column("age", "周岁"), Column("sex", "性别", show=as_sex), Column("lives", "居住形态"), Column("live_addr", "常住地址"),
    Column("phone", "联系手机"), Column("guard", "赡养人"), Column("gphone", "赡养人手机"), Column("card", "社保卡开户行"),
]  # fmt: skip


def elders(county: County) -> list[File]:
    """老年人: 新建村's as Excel's "Unicode text", the two of 龙洲街道 as a workbook with merged village cells."""
    chance = county.chance
    found: dict[str, list[Entry]] = {v.code: [] for v in VILLAGES}
    listed = [(p, county.home_of(p)) for p in county.registered() if p.age >= 60]
    listed += [(p, h) for p, h in county.dead[:4]]
    for who, home in listed:
        others = [p for p in home.members if p is not who]
        lives = "独居" if not others else "空巢" if all(p.age >= 60 for p in others) else "同住"
        guard = next((p for p in others if p.phone), None)
        entry = departments.elder(who, home.village.name, lives=lives, children="", guard=guard)
        entry.values |= {"_home": home, "card": "农商银行"}
        found[home.village.code].append(entry)
    everyone = [e for entries in found.values() for e in entries]
    _dead_listed(county, everyone, "alive")
    namesakes = [e for e in found[NEW.code] if e.person in county.namesakes]
    if namesakes:  # two 周美仙 of one birthday in one village, and no number: nobody can know which
        namesakes[0].blank("D35.twice", "id_number", namesakes[0].values["id_number"])
    living = [e for e in everyone if e.person and e.person.kind == "registered" and not e.dirt]
    for code in ("D04", "D05.swap", "D35", "D36.lookalike"):
        spoil.once(chance, living, code, "id_number")
    for code, about in (
        ("D09", "name"),
        ("D09.trad", "name"),
        ("D12", "name"),
        ("D20.bad", "phone"),
        ("D30", "gphone"),
    ):
        spoil.once(chance, living, code, about)
    street = [e for e in living if e.values["_home"].village is STREET and not e.dirt]
    for entry in street[:2]:
        addresses.bare_stem(entry, "live_addr", entry.values["_home"])
    for entry in _clean(living):
        if not entry.has("live_addr") and chance.random() < 0.25:
            addresses.vary(entry, "live_addr", entry.values["_home"], chance)
    spoil.scatter(
        chance,
        _clean(living),
        [*IDS, ("D16", "birth", 0.15), ("D16.hard", "birth", 0.1), ("D20", "phone", 0.1), ("D11", "name", 0.05)],
    )
    unicode_text = _fill(_headed(Ledger("", "02", ELDER_COLUMNS)), found[NEW.code])
    book = Ledger("老年人", "02", ELDER_COLUMNS)
    book.title("龙洲街道老年人基本信息表", "填报单位：龙洲街道社会事务办    单位：人")
    book.header()
    for village in (STREET, COMMUNITY):
        rows = [book.add(entry) for entry in found[village.code]]
        book.merge_down(rows[0], rows[-1], "village")
    book.line("total", "合计", f"{len(rows)}")
    return [
        File(
            "02_民政/老人信息(新建).csv",
            "02",
            "csv",
            sheets.as_csv(unicode_text.sheet, encoding="utf-16", delimiter="\t"),
            [unicode_text],
            "utf-16",
        ),
        File("02_民政/老人信息(龙洲).xlsx", "02", "xlsx", sheets.as_xlsx(pages(book)), [book]),
    ]


def _headed(ledger: Ledger) -> Ledger:
    ledger.header()
    return ledger


RELIEF_COLUMNS = [
    Column("serial", "序号"), Column("village", "村社"), Column("name", "申请人", "保障对象"), Column("id_number", "居民身份证号", "保障对象"),
    Column("birth", "出生年月日", "保障对象"), Column("family", "共同生活家庭成员"), Column("count", "人口"), Column("sub", "救助类型", "救助"),
    Column("amount", "月救助金(元)", "救助"), Column("begun", "起始日期", "救助"), Column("account", "银行卡号"),
]  # fmt: skip


def relief(county: County) -> File:
    """低保: a 1904 workbook with real date cells; families in one cell, split by new lines in two rows; money in words."""
    chance = county.chance
    homes = [h for v in VILLAGES for h in county.homes[v.code] if 2 <= len(h.members) <= 5 and not h.gone]
    entries = []
    for home in chance.sample(homes, 9):
        entry = departments.relief(
            home, RELATION_WORDS, chance.choice(["低保", "低边", "特困"]), 700 * len(home.members)
        )
        entry.values["begun"] = dt.date(2024, chance.randrange(1, 13), 1)
        entries.append(entry)
    paid_dead = next((who, home) for who, home in county.dead if len(home.members) == 1)
    late = Household(
        "", paid_dead[1].number, paid_dead[1].village, paid_dead[1].place, paid_dead[1].door, [paid_dead[0]]
    )
    entry = departments.relief(late, RELATION_WORDS, "特困", 1130)
    entry.values["begun"] = dt.date(2021, 5, 1)
    entry.spoil("D27", "amount", None, 1130)
    entries.append(entry)
    for entry in entries[:2]:
        entry.spoil("D19.lines", "family", str(entry.values["family"]).replace("、", "\n"), entry.values["family"])
    for entry, text in zip(entries[2:6], ("1,400.00", "2100元", "0.14万元", "壹仟肆佰"), strict=True):
        entry.spoil("D25", "amount", text, entry.values["amount"])
    spoil.once(chance, entries, "D04", "id_number")
    spoil.once(chance, entries, "D30", "birth")
    ledger = Ledger("在保名单", "02", RELIEF_COLUMNS)
    ledger.title("龙游县最低生活保障、低保边缘、特困人员名册", "填报单位：龙游县民政局    2026年10月    单位：元")
    ledger.header()
    for column in (c for c in ledger.columns if c.about == "birth"):
        ledger.columns[ledger.columns.index(column)] = Column(
            "birth", column.heading, column.above, lambda value: value
        )
    ledger.columns[9] = Column("begun", "起始日期", "救助", lambda value: value)
    _fill(ledger, entries)
    ledger.line("total", "合计", "", "", "", "", "", sum(e.values["count"] for e in entries))
    ledger.line("signature", "分管领导：            经办人：")
    return File("02_民政/低保特困名册.xlsx", "02", "xlsx", sheets.as_xlsx(pages(ledger), epoch_1904=True), [ledger])


PENSION_COLUMNS = [
    Column("id_number", "居民身份证号"), Column("name", "参保人"), Column("birth", "出生年月日"), Column("pno", "个人编号"),
    Column("state", "参保状态"), Column("treat", "待遇领取状态"), Column("from_ym", "领取起始年月"), Column("amount", "月养老金"),
    Column("check", "最近认证日"), Column("bank", "发放银行"),
]  # fmt: skip


def pensions(county: County) -> list[File]:
    """养老: GBK with lost characters and formula text; the same file again under another name; August's file."""
    chance = county.chance
    entries = [departments.pension(chance, p) for p in county.registered() if p.age >= 40 and chance.random() < 0.8]
    entries += [departments.pension(chance, who) for who, _ in county.dead[2:6]]
    _dead_listed(county, entries, "treat")
    living = [e for e in entries if not e.dirt]
    spoil.once(chance, living, "D10", "name", 3)
    spoil.once(chance, living, "D03.formula", "id_number", 12)
    spoil.once(chance, living, "D03.tab", "id_number", 6)
    for code in ("D04.text", "D05.check", "D05.swap", "D05.short", "D04"):
        spoil.once(chance, living, code, "id_number")
    spoil.once(chance, living, "D09", "name", 2)
    _same_number(county, living)
    spoil.scatter(
        chance,
        [e for e in _clean(living) if not e.has("name")],
        [*IDS[:4], ("D16.null", "check", 0.1), ("D16", "check", 0.1)],
    )
    ledger = _fill(_headed(Ledger("", "03", PENSION_COLUMNS)), entries)
    content = sheets.as_csv(ledger.sheet, encoding="gbk", lossy=True)
    older = _headed(Ledger("", "03", PENSION_COLUMNS))
    for who in (p for p in county.registered() if p.age >= 60):
        older.add(departments.pension(chance, who))
    old = sheets.as_csv(older.sheet, encoding="gbk", lossy=True)
    return [
        File(PENSIONS, "03", "csv", content, [ledger], "gbk"),
        File(
            "03_人社/养老待遇领取人员(1).csv",
            "03",
            "csv",
            content,
            [ledger],
            "gbk",
            expect="duplicate_file",
            note="same bytes",
        ),
        File("03_人社/养老待遇领取人员_2026年8月.csv", "03", "csv", old, [older], "gbk", "2026-08", "older_period"),
    ]


def _same_number(county: County, living: list[Entry]) -> None:
    """D08: a typo in a name, and a neighbour's number on someone's row."""
    clean = [e for e in living if not e.dirt and len(e.values["name"]) == 3]
    typo = next(e for e in clean if e.values["name"][-1] in "根国莲芳英")
    looks = {"根": "艮", "国": "囯", "莲": "涟", "芳": "芬", "英": "瑛"}
    wrong = typo.values["name"][:-1] + looks[typo.values["name"][-1]]
    typo.spoil("D08.typo", "name", wrong, wrong)
    rest = [e for e in clean if not e.dirt]
    one = rest[0]
    other = next(e for e in rest if e.values["name"][0] != one.values["name"][0])
    one.spoil("D08", "id_number", other.values["id_number"], one.values["id_number"])


DOCTOR_COLUMNS = [
    Column("signed", "签约日"), Column("name", "居民姓名"), Column("sex", "性别"), Column("age", "年龄"), Column("id_number", "居民身份证号"),
    Column("phone", "联系手机"), Column("live_addr", "居住地"), Column("doctor", "家庭医生"), Column("group", "人群分类"), Column("blood", "血型"),
]  # fmt: skip


def doctors(county: County) -> File:
    """家庭医生: tab-separated GB18030 text named .xls; columns swapped in some rows, look-alike letters in numbers."""
    chance = county.chance
    people = [p for p in county.registered() if p.age >= 60 or chance.random() < 0.35]
    entries = []
    for who in people:
        entry = departments.signed_up(chance, who, "")
        home = _living_home(county, who)
        entry.values |= {"blood": "A", "_live": home, "live_addr": home.address}
        entries.append(entry)
    spoil.once(chance, entries, "D36.lookalike", "id_number", 3)
    spoil.once(chance, entries, "D07.sex", "sex")
    spoil.once(chance, entries, "D05.long", "id_number")
    spoil.once(chance, entries, "D04", "id_number", 2)
    for entry in [e for e in entries if not e.dirt][:3]:
        entry.spoil("D38.columns", "id_number", entry.values["name"], entry.values["id_number"])
        entry.written["name"] = entry.values["id_number"]
    for entry in _clean(entries):
        if chance.random() < 0.2:
            addresses.vary(entry, "live_addr", entry.values["_live"], chance)
    spoil.scatter(
        chance,
        _clean(entries),
        [
            *IDS,
            ("D18", "sex", 0.1),
            ("D20", "phone", 0.12),
            ("D20.bad", "phone", 0.02),
            ("D09", "name", 0.01),
            ("D11", "name", 0.03),
            ("D16.hard", "signed", 0.05),
        ],
    )
    ledger = _fill(_headed(Ledger("", "04", DOCTOR_COLUMNS)), entries)
    content = sheets.as_csv(ledger.sheet, encoding="gb18030", delimiter="\t")
    return File("04_卫健/签约服务居民.xls", "04", "tsv", content, [ledger], "gb18030")


DISABLED_COLUMNS = [
    Column("name", "残疾人姓名", "基本情况"), Column("sex", "性别", "基本情况", as_sex), Column("disab", "残疾人证号", "证件"),
    Column("cat", "类别", "证件"), Column("grd", "级别", "证件"), Column("issued", "办证日期", "证件", as_slash), Column("reg_addr", "户籍住址"),
    Column("phone", "联系手机"), Column("guard", "监护人"), Column("sub", "两项补贴"), Column("amount", "金额"),
]  # fmt: skip


def disabled(county: County) -> File:
    """残联: headings in three rows, no identity number but the 20-character certificate, sometimes reissued (B1)."""
    chance = county.chance
    people = chance.sample([p for p in county.registered() if p.age >= 10], 16)
    entries = []
    for who in people:
        home = county.home_of(who)
        entry = departments.disabled(chance, who, home.address, None)
        entry.values["_home"] = home
        entries.append(entry)
    for entry in entries[:2]:
        entry.values["disab"] += "B1"
    card = str(entries[3].values["disab"])
    entries[3].spoil("D03", "disab", card.translate(spoil.WIDE), card)
    for entry, text in zip(entries[4:7], ("√", "1", "有"), strict=True):
        entry.spoil(
            "D17",
            "sub",
            text if entry.values["sub"] == "是" else {"√": "×", "1": "0", "有": "无"}[text],
            entry.values["sub"] == "是",
        )
    spoil.once(chance, entries, "D09", "name")
    spoil.scatter(chance, entries, [("D20", "phone", 0.2), ("D16.null", "issued", 0.1), ("D16", "issued", 0.2)])
    ledger = Ledger("花名册", "05", DISABLED_COLUMNS)
    ledger.title("龙游县持证残疾人花名册", "截止日期：2026-09-30")
    ledger.line("header", "人员", "", "残疾评定", "", "", "", "联系", "", "", "待遇", "")
    ledger.sheet.merges += [(2, 0, 2, 1), (2, 2, 2, 5), (2, 6, 2, 8), (2, 9, 2, 10)]
    ledger.header()
    _fill(ledger, entries)
    ledger.line("total", "总计", "", f"{len(entries)}人")
    ledger.line("signature", "审核人：      填表人：      日期：")
    return File("05_残联/残疾人.xlsx", "05", "xlsx", sheets.as_xlsx(pages(ledger)), [ledger])


INSURED_COLUMNS = [
    Column("village", "参保地"), Column("name", "缴费人"), Column("idtype", "证件种类"), Column("id_number", "居民身份证号"), Column("sex", "性别", show=as_sex),
    Column("birth", "出生年月日"), Column("kind", "险种名称"), Column("fee", "应缴金额"), Column("phone", "联系手机"), Column("group", "人员类别"), Column("end", ""),
]  # fmt: skip


def insured(county: County) -> File:
    """医保: UTF-8 with a mark, a comma at every line's end, a new line in a cell, a row with one cell too many."""
    chance = county.chance
    entries = []
    for who in county.registered():
        if chance.random() < 0.8:
            entries.append(departments.insured(chance, who, county.home_of(who).village.name))
    for home, *_ in county.tenants[:3]:
        entries += [departments.insured(chance, who, COMMUNITY.name) for who in home.members]
    entries += [departments.insured(chance, who, home.village.name) for who, home in county.dead[:3]]
    _dead_listed(county, entries, "state")
    chance.shuffle(entries)
    for entry in entries:
        entry.values["end"] = ""
    spoil.once(chance, entries, "D04.text", "id_number", 2)
    spoil.once(chance, entries, "D05.month", "id_number")
    spoil.once(chance, entries, "D10.pua", "name")
    spoil.once(chance, entries, "D09", "name", 2)
    spoil.once(chance, entries, "D07.birth", "birth")
    clean = [e for e in entries if not e.dirt]
    clean[0].spoil("D24.newline", "group", "城乡\n居民", "城乡居民")
    clean[1].spoil("D24.comma", "group", "低保,代缴", "低保,代缴")
    clean[2].spoil("D24.columns", None, None, None)
    clean[3].spoil("D33", "phone", "=1+1", None)
    spoil.scatter(
        chance,
        [e for e in _clean(entries) if "D24" not in str(e.dirt)],
        [*IDS, ("D16", "birth", 0.08), ("D20", "phone", 0.05)],
    )
    ledger = Ledger("", "06", INSURED_COLUMNS)
    ledger.header()
    for entry in entries:
        row = ledger.add(entry)
        if any(d["c"] == "D24.columns" for d in entry.dirt):
            ledger.sheet.rows[row - 1].insert(2, "外出")
    return File(
        "06_医保/医保缴费名单.csv",
        "06",
        "csv",
        sheets.as_csv(ledger.sheet, encoding="utf-8-sig"),
        [ledger],
        "utf-8-sig",
    )


PUPIL_COLUMNS = [
    Column("serial", "序号"), Column("school", "就读学校"), Column("grade", "年级"), Column("class", "班"), Column("name", "学生姓名"),
    Column("id_number", "居民身份证号"), Column("birth", "出生年月日"), Column("sex", "性别", show=as_sex), Column("live_addr", "家庭住址"),
    Column("pname", "监护人姓名"), Column("prel", "监护人关系"), Column("pphone", "联系手机"), Column("left", "留守"),
]  # fmt: skip


def pupils(county: County) -> File:
    """教育: a sheet per place with its own order; the example row left in; a father's number on a child's row."""
    chance = county.chance
    entries: dict[str, list[Entry]] = {"湖镇小学": [], "龙洲学校": []}
    for who in (p for p in county.registered() if 6 <= p.age <= 17):
        home = county.home_of(who)
        school = "湖镇小学" if home.village is NEW else "龙洲学校"
        entry = departments.pupil(who, home.head if home.head is not who else home.members[-1], school, home.address)
        entry.values |= {"_home": home, "left": chance.choice(["是", "否", "否", ""])}
        entries[school].append(entry)
    everyone = [e for some in entries.values() for e in some]
    plain = [e for e in everyone if e.person not in county.twins]
    fathers = [e for e in plain if e.values["_home"].head.sex == "1" and e.values["_home"].head is not e.person]
    fathers[0].spoil(
        "D06.father", "id_number", fathers[0].values["_home"].head.id_number, fathers[0].values["id_number"]
    )
    fathers[1].spoil(
        "D06.father", "id_number", fathers[1].values["_home"].head.id_number, fathers[1].values["id_number"]
    )
    twin = next(e for e in everyone if e.person is county.twins[0])
    spoil.scientific(twin, "id_number", chance)
    spoil.once(chance, plain, "D35", "id_number")
    spoil.once(chance, plain, "D30", "pphone")
    spoil.once(chance, plain, "D09", "name")
    for entry in _clean(plain):
        if chance.random() < 0.25:
            addresses.vary(entry, "live_addr", entry.values["_home"], chance)
    spoil.scatter(
        chance, _clean(plain), [*IDS, ("D16.hard", "birth", 0.12), ("D16", "birth", 0.12), ("D20", "pphone", 0.1)]
    )
    other_order = [PUPIL_COLUMNS[n] for n in (0, 4, 7, 5, 6, 1, 2, 3, 9, 11, 10, 8, 12)]
    ledgers = []
    for (school, some), columns in zip(entries.items(), (PUPIL_COLUMNS, other_order), strict=True):
        ledger = Ledger(school, "07", columns)
        ledger.title(f"{school}学生花名册（2026学年第一学期）")
        ledger.header()
        if school == "湖镇小学":
            ledger.line("example", "例", "某某小学", "一年级", "1班", "张三", "330000199001011234", "1990-01-01", "男")
        ledgers.append(_fill(ledger, some))
    return File("07_教育/学生花名册.xlsx", "07", "xlsx", sheets.as_xlsx(pages(*ledgers)), ledgers)


HOUSE_COLUMNS = [
    Column("serial", "序号"), Column("village", "村别"), Column("name", "户主或权利人"), Column("id_number", "居民身份证号"), Column("house", "房屋坐落"),
    Column("land", "宅基地面积(㎡)"), Column("area", "建筑面积(㎡)"), Column("built", "建成时间"), Column("kind", "房屋结构"), Column("risk", "是否危房"),
]  # fmt: skip


def houses(county: County) -> File:
    """农房: numbers missing, two owners and two numbers in one cell, areas in 亩, 同上."""
    chance = county.chance
    entries = []
    for home in county.homes[STREET.code] + county.homes[NEW.code]:
        area = round(90 + chance.random() * 60, 1)
        entry = departments.deed(chance, home.head, home.address, "", "龙游县", area * 2.5)
        entry.values |= {
            "_home": home,
            "village": home.village.name,
            "land": area,
            "built": 1980 + chance.randrange(45),
            "kind": "砖混",
            "risk": "否",
        }
        entries.append(entry)
    spoil.once(chance, entries, "D35", "id_number", 4)
    couples = [e for e in entries if not e.dirt and len(e.values["_home"].members) > 1]
    for entry in couples[:2]:
        wife = entry.values["_home"].members[1]
        entry.spoil("D37.two", "id_number", f"{entry.values['id_number']}/{wife.id_number}", entry.values["id_number"])
        entry.written["name"] = f"{entry.values['name']}、{wife.name}"
        entry.also.append(wife)
    clean = [e for e in entries if not e.dirt]
    for entry, text in zip(clean[:3], ("0.2亩", "133㎡", "2分"), strict=True):
        entry.spoil("D26", "land", text, {"0.2亩": 133.33, "133㎡": 133, "2分": 133.33}[text])
    for entry in _clean(entries):
        if chance.random() < 0.25:
            addresses.vary(entry, "house", entry.values["_home"], chance)
        elif chance.random() < 0.04:
            addresses.no_door(entry, "house", entry.values["_home"])
    spoil.scatter(
        chance, _clean(entries), [*IDS, ("D04", "id_number", 0.02), ("D09", "name", 0.02), ("D11", "name", 0.04)]
    )
    ledger = Ledger("农房", "08", HOUSE_COLUMNS)
    ledger.title("龙游县农村房屋调查登记表", "（涉密信息请勿外传）")
    ledger.header()
    for village in (STREET, NEW):
        rows = [ledger.add(e) for e in entries if e.values["_home"].village is village]
        ledger.merge_down(rows[0], rows[-1], "village")
    ledger.line("total", "合计", "", f"{len(entries)}户")
    return File("08_自然资源和规划/农房登记.xlsx", "08", "xlsx", sheets.as_xlsx(pages(ledger)), [ledger])


SHARE_COLUMNS = [
    Column("hname", "户代表"), Column("name", "成员"), Column("rel", "与户主之关系", show=as_relation), Column("id_number", "居民身份证号"),
    Column("sex", "性别", show=as_sex), Column("kind", "成员身份"), Column("shares", "股数"), Column("cert", "股权证编号"), Column("phone", "联系手机"),
    Column("faith", "宗教信仰"),
]  # fmt: skip


def shares(county: County) -> File:
    """股份: a sheet per village with merged households; married daughters kept as members of the village of birth."""
    chance = county.chance
    ledgers = []
    for village in (STREET, NEW):
        ledger = Ledger(village.name, "09", SHARE_COLUMNS)
        ledger.title(f"{village.name}股份经济合作社社员股权清册")
        ledger.header()
        everyone: list[list[Entry]] = []
        for home in county.homes[village.code]:
            number = f"GQ{home.number}"
            some = [departments.share(who, home, number) for who in home.members]
            for who, origin in county.daughters:
                if origin is home:
                    entry = departments.share(who, home, number, "外嫁女")
                    entry.values["rel"] = "32"
                    entry.spoil("D28", "membership", None, f"{village.code}/{home.key}")
                    some.append(entry)
            for who, gone_from in county.dead[6:]:
                if gone_from is home:
                    entry = departments.share(who, home, number)
                    entry.spoil("D27", "alive", None, True)
                    some.append(entry)
            everyone.append(some)
        flat = [e for some in everyone for e in some if not e.dirt]
        spoil.once(chance, flat, "D05.check", "id_number")
        spoil.once(chance, flat, "D04", "id_number", 2)
        spoil.once(chance, flat, "D09", "name")
        spoil.scatter(chance, _clean(flat), [*IDS, ("D18", "rel", 0.05), ("D11", "name", 0.02), ("D20", "phone", 0.04)])
        for some in everyone:
            rows = [ledger.add(entry) for entry in some]
            ledger.merge_down(rows[0], rows[-1], "hname", "cert")
        ledger.line("total", "合计", f"{len(flat)}人")
        ledgers.append(ledger)
    return File("09_农业农村/股权清册.xlsx", "09", "xlsx", sheets.as_xlsx(pages(*ledgers)), ledgers)


VETERAN_COLUMNS = [
    Column("name", "姓名"), Column("id_number", "居民身份证号"), Column("village", "所在村社"), Column("joined", "入伍年月", show=lambda value: value),
    Column("kind", "身份类别"), Column("amount", "补助标准"), Column("phone", "联系手机"),
]  # fmt: skip


def veterans(county: County) -> File:
    """退役军人: an old workbook whose dates are real date cells."""
    chance = county.chance
    men = [p for p in county.registered() if p.sex == "1" and 25 <= p.age <= 85]
    entries = []
    for who in chance.sample(men, 9):
        entry = departments.veteran(chance, who, county.home_of(who).village.name)
        entry.values["joined"] = dt.date(who.birth.year + 19, 12, 1)
        entries.append(entry)
    spoil.once(chance, entries, "D04", "id_number")
    spoil.once(chance, entries, "D20", "phone")
    ledger = _fill(_headed(Ledger("退役军人", "10", VETERAN_COLUMNS)), entries)
    ledger.line("total", "合计", f"{len(entries)}人")
    return File("10_退役军人事务/退役军人.xls", "10", "xls", biff.as_xls(pages(ledger)), [ledger])


BUSINESS_COLUMNS = [
    Column("biz", "字号名称"), Column("uscc", "信用代码"), Column("name", "经营者"), Column("id_number", "经营者居民身份证号"), Column("biz_addr", "经营场所"),
    Column("scope", "经营范围"), Column("date", "注册日期"), Column("state", "状态"), Column("phone", "联系手机"),
]  # fmt: skip


def businesses(county: County) -> File:
    """市场主体: quoted commas and new lines, a name that a spreadsheet would run, owners from elsewhere."""
    chance = county.chance
    grown = [p for p in county.registered() if 25 <= p.age <= 60]
    entries = []
    for at, who in enumerate(chance.sample(grown, 10) + county.outsiders):
        home = county.home_of(who) if who.household else county.homes[COMMUNITY.code][at]
        name = f"龙游{who.name}{chance.choice(['小吃店', '五金店', '理发店'])}"
        entry = departments.business(chance, who, name, home.address, "小吃,饮料\n（凭许可证经营）")
        entry.values["_home"] = home
        entries.append(entry)
    entries[0].spoil("D33", "biz", "@SUM(1+1)*cmd|' /C calc'!A0", entries[0].values["biz"])
    spoil.once(chance, entries, "D04", "id_number")
    spoil.once(chance, entries, "D16.hard", "date", 2)
    ledger = _fill(_headed(Ledger("", "11", BUSINESS_COLUMNS)), entries)
    return File("11_市场监管/个体工商户.csv", "11", "csv", sheets.as_csv(ledger.sheet), [ledger], "utf-8")


def grids(county: County) -> File:
    """网格划分: one sheet for the three, the town merged."""
    headings = ["乡镇街道", "村社区", "网格", "网格编号", "范围", "户数", "人数"]
    ledger = Ledger("网格", "00", [Column(h, h) for h in headings])
    ledger.title("龙游县网格划分情况")
    ledger.header()
    for village in VILLAGES:
        for grid in sorted({p.grid for p in village.places}):
            covered = [p for p in village.places if p.grid == grid]
            homes = [h for h in county.homes[village.code] if h.place in covered]
            people = sum(len(h.members) for h in homes)
            label = f"第{'一二三'[int(grid) - 1]}网格"
            ledger.line(
                "ref",
                village.town,
                village.name,
                label,
                village.code + grid,
                names.SEPARATOR.join(p.name for p in covered),
                len(homes),
                people,
            )
    return File("00_乡镇/网格.xlsx", "00", "xlsx", sheets.as_xlsx(pages(ledger)), [ledger])
