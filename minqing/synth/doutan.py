"""斗潭社区: a block of six buildings with 96 flats, for the demo.

It shows what 彭里村 cannot: building, unit and room; owners who let and live elsewhere; tenants; a collective
household; people registered in 彭里村 who live here (人户分离) and one registered here who lives there with his mother;
sons and daughters of 彭里's widows (kinship across two counties). `KIN` and `PENGLI_PEOPLE` name people of
demo_files/彭里村; a test holds them against those files.
"""

from __future__ import annotations

import datetime as dt
import json
import pathlib
from typing import Any

from minqing.synth import biff, departments, forms, sheets, spoil
from minqing.synth.names import words
from minqing.synth.people import AS_OF, Household, Person, Place, Village, World
from minqing.synth.tables import Column, Entry, File, Ledger, pages
from minqing.synth.truth import Delivery

SEED = 330802008
BUILDINGS, UNITS, FLOORS, ROOMS = 6, 2, 4, 2
ROAD_001 = Place("斗潭路66号", "001")
ROAD_002 = Place("斗潭路88号", "002")
COLLECTIVE = Place("斗潭路60号", "000")
DOUTAN = Village(
    "330802008001", "斗潭社区", "信安街道", "衢州市柯城区", "浙江省衢州市柯城区", (ROAD_001, ROAD_002, COLLECTIVE)
)
PENGLI = "浙江省江山市虎山街道彭里村"
PENGLI_CODE = "330881002205"

PENGLI_PEOPLE = [
    # number, name, sex, phone, registered door: registered in 彭里村, living here
    ("330899197707067174", "徐文祥", "1", "15427528207", "殿前29号"),
    ("330899198609103316", "徐立涛", "1", "17935616019", "柴坞72号"),
    ("330899199004056849", "朱志梅", "2", "19469702630", "柴坞61号"),
    ("330899197805049877", "周红东", "1", "17989943547", "周家69号"),
    ("330899199611178426", "柴静琳", "2", None, "徐家2号"),
]
WIDOWS = {
    "柴美娥": ("330899194108112988", "毛"),  # 柴坞68号, grid 001; two sons; her husband was 毛有和
    "周建英": ("330899195407041387", "徐"),  # 柴坞31号, grid 001; two daughters; her husband was 徐良进
    "徐素囡": ("330899193711055362", "徐"),  # 周家4号, grid 003; a son and a daughter; her husband was 徐土狗
}
OUTSIDE_HOMES = [
    "贵州省黔南布依族苗族自治州贵定县石桥村6组", "江西省上饶市广丰区团结村12号", "湖南省娄底市新化县永胜村", "安徽省阜阳市临泉县前进村3组",
    "福建省南平市浦城县团结村12号", "四川省宜宾市筠连县新民村2组", "河南省信阳市固始县红旗村", "浙江省衢州市开化县华民村8号",
]  # fmt: skip


class Block:
    """The people of the block, flat by flat."""

    def __init__(self, seed: int) -> None:
        """Fill all flats; the same seed gives the same people."""
        self.world = World(seed, first_key=2_000_001)
        self.chance = self.world.chance
        self.flats = [
            (ROAD_001 if building <= 3 else ROAD_002, f"{building}幢{unit}单元{floor}0{room}室")
            for building in range(1, BUILDINGS + 1)
            for unit in range(1, UNITS + 1)
            for floor in range(1, FLOORS + 1)
            for room in range(1, ROOMS + 1)
        ]
        self.owners: list[tuple[Person, tuple[Place, str]]] = []
        self.floating: list[Entry] = []
        self.letting: list[Entry] = []
        self.kin: list[dict[str, str]] = []
        self.moved_from_pengli: dict[str, str] = {}
        free = list(self.flats)
        self.chance.shuffle(free)
        self._families([free.pop() for _ in range(64)])
        self._relatives_of_pengli([free.pop() for _ in range(3)])
        self._away([free.pop() for _ in range(9)])
        self._tenants([free.pop() for _ in range(11)])
        self._from_pengli([free.pop() for _ in range(4)])
        self._collective()
        self.empty = free

    def home(self, flat: tuple[Place, str], kind: str = "registered") -> Household:
        """An empty household of a flat."""
        number = len(self.world.households) + 1
        if kind == "registered":
            return Household(f"H02008001{number:04d}", f"02008001{number:04d}", DOUTAN, *flat)
        return Household(f"M2{number:05d}", "", DOUTAN, *flat, kind=kind)

    def _families(self, flats: list[tuple[Place, str]]) -> None:
        shapes = ["elder"] * 10 + ["elders"] * 12 + ["single"] * 9 + ["couple"] * 22 + ["parents"] * 4 + ["three"] * 7
        for flat, shape in zip(flats, shapes, strict=True):
            home = self.world.settle(self.home(flat), self.world.family(shape))
            self.owners.append((home.head, flat))
            if shape == "single" and self.chance.random() < 0.8:
                grown = self.world.person("2", self.world.birth(60, 70))
                grown.marital = "40"
                self.world.settle(self.home(flat), [(grown, "02")])

    def _relatives_of_pengli(self, flats: list[tuple[Place, str]]) -> None:
        world, came = self.world, "浙江省江山市虎山街道彭里村"
        son = world.person("1", dt.date(1965, 4, 18), name="毛志平")
        wife = world.person("2", dt.date(1967, 9, 2), name="余雪琴")
        grandson = world.person("1", dt.date(1992, 11, 23), name="毛晓鹏")
        world.settle(self.home(flats[0]), [(son, "02"), (wife, "12"), (grandson, "22")])
        brother = world.person("1", dt.date(1969, 1, 9), name="毛志强")
        brother.marital = "40"
        brother.living, brother.living_address = PENGLI_CODE, PENGLI + "柴坞68号"
        world.settle(self.home(flats[0]), [(brother, "02")])
        husband = world.person("1", dt.date(1978, 6, 30), name="叶建明")
        daughter = world.person("2", dt.date(1980, 3, 12), name="徐爱芳")
        child = world.person("2", dt.date(2012, 5, 8), name="叶语彤")
        world.settle(self.home(flats[1]), [(husband, "02"), (daughter, "12"), (child, "32")])
        third = world.person("1", dt.date(1963, 10, 5), name="徐建明")
        bride = world.person("2", dt.date(1965, 2, 17), name="郑玉兰")
        world.settle(self.home(flats[2]), [(third, "02"), (bride, "12")])
        self.owners += [(son, flats[0]), (husband, flats[1]), (third, flats[2])]
        for who, widow, what in (
            (son, "柴美娥", "长子"), (brother, "柴美娥", "次子"), (daughter, "周建英", "长女"), (third, "徐素囡", "长子"),
        ):  # fmt: skip
            number = WIDOWS[widow][0]
            self.kin.append({"child": who.id_number, "parent": number, "relation": what, "parent_name": widow})
            self.moved_from_pengli[who.key] = came
        self.floating.append(
            departments.floating(brother, flat_address(flats[0]), None, arr=dt.date(2024, 3, 1), reason="投亲靠友")
        )

    def _away(self, flats: list[tuple[Place, str]]) -> None:
        """Owners registered here who live elsewhere and let their flats."""
        elsewhere = [
            ("330802013202", "浙江省衢州市柯城区花园街道上洋村15号"),
            (None, "浙江省杭州市余杭区五常街道文一西路998号"),
        ]
        for flat in flats:
            home = self.world.settle(self.home(flat), self.world.family("couple"))
            code, text = self.chance.choice(elsewhere)
            self.owners.append((home.head, flat))
            for who in home.members:
                who.living, who.living_address = code, text
                if code:
                    arrived = AS_OF - dt.timedelta(days=self.chance.randrange(200, 2400))
                    self.floating.append(departments.floating(who, home.address, None, arr=arrived, reason="其他"))
            self._let(flat, home.head)

    def _tenants(self, flats: list[tuple[Place, str]]) -> None:
        """Flats of owners registered elsewhere, let to tenants; one tenant is 窦斗."""
        for flat in flats:
            landlord = self.world.person(self.chance.choice("12"), self.world.birth(35, 68))
            landlord.kind = "outsider"
            self.owners.append((landlord, flat))
            self._let(flat, landlord)

    def _let(self, flat: tuple[Place, str], landlord: Person) -> None:
        world, origin = self.world, self.chance.choice(OUTSIDE_HOMES)
        if not any(p.name == "窦斗" for p in world.people):
            tenant = world.person("1", dt.date(1993, 7, 21), name="窦斗")
            tenant.phone = tenant.phone or world.issue_phone()
            members = [(tenant, "02")]
            origin = OUTSIDE_HOMES[0]
        else:
            members = world.family(self.chance.choice(["single", "couple", "couple"]), outside=True)
        home = world.settle(self.home(flat, "migrant"), members)
        since = AS_OF - dt.timedelta(days=self.chance.randrange(60, 1500))
        for who in home.members:
            who.registered = None
            permit = f"H330899{self.chance.randrange(10**9):09d}" if who.age >= 16 else ""
            reason = "随迁" if who.age < 16 else self.chance.choice(["务工", "务工", "经商"])
            until = since + dt.timedelta(days=1826) if permit else None
            self.floating.append(
                departments.floating(who, origin, landlord, arr=since, reason=reason, permit=permit, until=until)
            )
        self.letting.append(departments.letting(landlord, home.address, home.members, since))

    def _from_pengli(self, flats: list[tuple[Place, str]]) -> None:
        """People of 彭里村 who live here: three bought a flat, two share one."""
        for at, (number, name, sex, phone, door) in enumerate(PENGLI_PEOPLE):
            flat = flats[min(at, len(flats) - 1)]
            who = Person(f"P{2_900_001 + at:07d}", number, name, sex, dt.date.fromisoformat(number[6:14]))
            who.phone, who.registered, who.living, who.kind = phone, PENGLI_CODE, DOUTAN.code, "migrant"
            who.living_address = flat_address(flat)
            self.world.people.append(who)
            self.floating.append(
                departments.floating(
                    who, f"{PENGLI}{door}", None, arr=AS_OF - dt.timedelta(days=300 + 200 * at), reason="务工"
                )
            )
            if at < len(flats):
                self.owners.append((who, flat))

    def _collective(self) -> None:
        """A firm's collective household: people registered at its gate who have no family here."""
        people = [self.world.person(self.chance.choice("112"), self.world.birth(21, 34)) for _ in range(7)]
        members = [(who, "02" if at == 0 else "99") for at, who in enumerate(people)]
        self.world.settle(self.home((COLLECTIVE, "集体户")), members)


def flat_address(flat: tuple[Place, str]) -> str:
    """The standard address of a flat."""
    return f"{DOUTAN.prefix}{DOUTAN.town}{DOUTAN.name}{flat[0].name}{flat[1]}"


def _police_files(block: Block) -> list[File]:
    entries = [
        departments.police(
            who, home, from_where=block.moved_from_pengli.get(who.key, ""),
            in_date=dt.date(2003, 5, 20) if who.key in block.moved_from_pengli else None,
        )
        for home in block.world.households
        if home.kind == "registered"
        for who in home.members
    ]  # fmt: skip
    spoil.scatter(block.chance, entries, forms.POLICE_RATES)
    register = forms.fill(forms.ledger("斗潭社区", "01", forms.POLICE_COLUMNS), entries)
    block.floating.sort(key=lambda e: e.values["arr"])
    spoil.scatter(block.chance, block.floating, forms.OTHER_RATES)
    spoil.scatter(block.chance, block.letting, [("D20", "phone", 0.1), ("D16", "since", 0.1)])
    note = "填报单位：衢州市公安局柯城分局    填报日期：2026年10月26日"
    floating = forms.fill(
        forms.ledger("流动人口", "01", forms.FLOATING_COLUMNS, "流动人口登记表", note), block.floating
    )
    letting = forms.fill(forms.ledger("出租房", "01", forms.LETTING_COLUMNS, "出租房屋登记台账", note), block.letting)
    return [
        File("01_公安/柯城区常住人口信息导出_信安所.xls", "01", "xls", biff.as_xls(pages(register)), [register]),
        File("01_公安/流动人口登记表.xlsx", "01", "xlsx", sheets.as_xlsx(pages(floating)), [floating]),
        File("01_公安/出租房台账.xlsx", "01", "xlsx", sheets.as_xlsx(pages(letting)), [letting]),
    ]


def _people_files(block: Block) -> list[File]:
    chance, world = block.chance, block.world
    here = [p for p in world.people if p.registered == DOUTAN.code]
    homes = {h.key: h for h in world.households}
    old = []
    for who in sorted((p for p in here if p.age >= 60 and p.living == DOUTAN.code), key=lambda p: p.key):
        home = homes[who.household or ""]
        others = [p for p in home.members if p is not who]
        lives = "独居" if not others else "空巢" if all(p.age >= 60 for p in others) else "同住"
        guard = next((p for p in others if p.phone), None)
        old.append(
            departments.elder(
                who, DOUTAN.name, lives=lives, children=chance.choice(["1子", "1女", "1子1女"]), guard=guard
            )
        )
    pensions = [departments.pension(chance, p) for p in here if p.age >= 18 and chance.random() < 0.4]
    living = [p for p in world.people if p.living == DOUTAN.code and p.kind in ("registered", "migrant")]
    insured = [departments.insured(chance, p, DOUTAN.name) for p in living if chance.random() < 0.65]
    pupils = []
    for who in (p for p in living if 6 <= p.age <= 17 and p.household):
        parent = homes[who.household or ""].head
        where = homes[who.household or ""].address if who.registered else "外省"
        entry = departments.pupil(who, parent, "衢州市鹿鸣小学" if who.age < 12 else "衢州市兴华中学", where)
        entry.values["follow"] = "是" if who.kind == "migrant" else ""
        pupils.append(entry)
    for entries in (old, pensions, insured, pupils):
        spoil.scatter(chance, entries, forms.OTHER_RATES)
    village = forms.fill(forms.ledger("", "02", forms.ELDER_COLUMNS), old)
    pension = forms.fill(forms.ledger("", "03", forms.PENSION_COLUMNS), pensions)
    health = forms.fill(forms.ledger("", "06", forms.INSURED_COLUMNS), insured)
    school = forms.fill(forms.ledger("学生", "07", forms.PUPIL_COLUMNS, "在校生基本信息（全国学籍）"), pupils)
    return [
        forms.text_file("02_民政/老年人基本信息.csv", "02", village, "utf-8-sig"),
        forms.text_file("03_人社/城乡居民养老保险参保人员.csv", "03", pension, "gbk"),
        forms.text_file("06_医保/城乡居民医保参保明细_2026.csv", "06", health, "gb18030"),
        File("07_教育/在校生基本信息(全国学籍).xlsx", "07", "xlsx", sheets.as_xlsx(pages(school)), [school]),
    ]


def _deeds(block: Block) -> File:
    entries = []
    for at, (who, flat) in enumerate(sorted(block.owners, key=lambda pair: block.flats.index(pair[1])), start=1):
        area = 60 + 10 * block.chance.randrange(7) + block.chance.random() * 5
        unit = f"330802008001GB00001F{at:08d}"
        entries.append(departments.deed(block.chance, who, flat_address(flat), unit, "衢州市", round(area, 2)))
    spoil.scatter(block.chance, entries, forms.OTHER_RATES[:5])
    return forms.text_file(
        "08_自然资源和规划/不动产登记.csv",
        "08",
        forms.fill(forms.ledger("", "08", forms.DEED_COLUMNS), entries),
        "utf-8-sig",
    )


def _grids(block: Block) -> File:
    headings = words("序号 乡镇（街道） 村（社区） 网格名称 网格编码 覆盖自然村（路段） 户数 人口数")
    ledger = Ledger("网格划分", "00", [Column(h, h) for h in headings])
    ledger.title("柯城区村（社区）网格划分表")
    ledger.header()
    total = [0, 0]
    for at, (place, name) in enumerate(((ROAD_001, "第一网格"), (ROAD_002, "第二网格")), start=1):
        homes = [h for h in block.world.households if h.place is place and h.kind == "registered"]
        people = sum(len(h.members) for h in homes)
        covers = f"{place.name}{'1–3幢' if at == 1 else '4–6幢'}"
        ledger.line("ref", at, DOUTAN.town, DOUTAN.name, name, DOUTAN.code + place.grid, covers, len(homes), people)
        total = [total[0] + len(homes), total[1] + people]
    ledger.line("total", "合计", "", "", "", "", "", *total)
    return File("00_乡镇/网格划分表.xlsx", "00", "xlsx", sheets.as_xlsx(pages(ledger)), [ledger])


def build(seed: int = SEED) -> tuple[Delivery, list[dict[str, str]]]:
    """The block's files with their truth, and its kinship to people of 彭里村 (identity numbers, relation)."""
    block = Block(seed)
    files = [_grids(block), *_police_files(block), *_people_files(block), _deeds(block)]
    return Delivery(block.world, files), block.kin


def write(target: pathlib.Path, seed: int = SEED) -> dict[str, Any]:
    """Write the files to ``target``/斗潭社区 and the kinship to ``target``/kin.json; returns counts."""
    delivery, kin = build(seed)
    delivery.write(target / "斗潭社区")
    (target / "kin.json").write_text(json.dumps(kin, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return {
        "files": len(delivery.files),
        "people": len(delivery.world.people),
        "households": len(delivery.world.households),
    }


if __name__ == "__main__":
    write(pathlib.Path(__file__).parent.parent / "demo_files")
