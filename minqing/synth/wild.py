"""Three more counties whose files nobody of us has seen before: other words, other shapes, other mistakes each time.

Where the nastier county (`nasty`) is written by hand, these are drawn: every file draws its headings from what counties
really write (`wild_words`), its order of columns, its shape (headings in one, two or three rows, instructions above,
pages that repeat the heading, subtotals, two tables beside or below each other …) and its container. A seed is a county;
`python -m minqing.synth.wild tests/samples/wildcounty 330822` makes the one that is kept, `… DIR all SEED` any others.
"""

from __future__ import annotations

import datetime as dt
import pathlib
import sys
from typing import Any

from minqing.synth import departments, spoil, truth, wild_odd, wild_shapes, wild_spoilt
from minqing.synth.people import AS_OF, RELATION_WORDS, Household, Person, Place, Village, World
from minqing.synth.tables import Entry, File
from minqing.synth.truth import Delivery

CHANGSHAN = tuple(
    Village(code, name, "白石镇", "常山县", "浙江省常山县", places)
    for code, name, places in (
        ("330822104218", "白石村", (Place("底坂", "001", 1), Place("溪沿", "001", 2), Place("外山", "002", 3))),
        ("330822104201", "小白石村", (Place("里坞", "001", 1), Place("石门", "002", 2))),
    )
)
KAIHUA = (
    Village("330824108210", "余村", "苏庄镇", "开化县", "浙江省开化县", (Place("上街", "001", 1), Place("坞口", "002", 2))),
    Village("330824109207", "上村", "齐溪镇", "开化县", "浙江省开化县", (Place("桥头", "001", 1), Place("岭脚", "001", 2))),
)  # fmt: skip
KECHENG = tuple(
    Village(code, name, "航埠镇", "柯城区", "浙江省衢州市柯城区", places)
    for code, name, places in (
        ("330802101226", "上万村", (Place("塘边", "001", 1), Place("后溪", "002", 2))),
        ("330802101239", "三十六亩村", (Place("东山头", "001", 1), Place("西山头", "001", 2))),
    )
)
COUNTIES: dict[str, tuple[int, tuple[Village, ...]]] = {"330822": (822, CHANGSHAN), "330824": (824, KAIHUA), "330802": (802, KECHENG)}
SHAPES = ("elder", "elders", "couple", "couple", "parents", "three", "single", "couple", "three", "parents", "elders", "couple")
IDS = [
    ("D02", "id_number", 0.15), ("D02.wide", "id_number", 0.1), ("D01", "id_number", 0.02), ("D03", "id_number", 0.02), ("D03.space", "id_number", 0.02),
    ("D03.zero", "id_number", 0.02), ("D03.nbsp", "id_number", 0.01), ("D03.quote", "id_number", 0.01), ("D03.hyphen", "id_number", 0.01),
]  # fmt: skip
ORDINARY = [
    *IDS, ("D16", "birth", 0.08), ("D16.hard", "birth", 0.06), ("D11", "name", 0.02), ("D20", "phone", 0.06), ("D18", "rel", 0.04), ("D18", "eth", 0.04),
    ("D18", "edu", 0.04), ("D18", "mar", 0.04), ("D16.null", "cancel_date", 0.02), ("D18", "sex", 0.04),
]  # fmt: skip
ONCE = (("D04", "id_number"), ("D05.check", "id_number"), ("D05.swap", "id_number"), ("D35", "id_number"), ("D07.sex", "sex"), ("D09", "name"), ("D12", "name"))


class County:
    """The people of some villages, and the dice of their files."""

    def __init__(self, code: str, seed: int, villages: tuple[Village, ...]) -> None:
        """The same seed gives the same people and the same files."""
        self.code, self.villages = code, villages
        self.world = World(seed)
        self.chance = self.world.chance
        self.homes: list[Household] = []
        self.tenants: list[tuple[Household, Person]] = []
        for village in villages:
            for number, shape in enumerate(SHAPES, 1):
                self._settle(village, number, shape)
        self.dead: list[tuple[Person, Household]] = []
        for home in [h for h in self.homes if len(h.members) >= 4][:3]:
            who = max(home.members[1:], key=lambda p: p.age)
            home.members.remove(who)
            home.gone.append((who, "dead"))
            who.kind, who.died = "dead", AS_OF - dt.timedelta(days=self.chance.randrange(60, 700))
            self.dead.append((who, home))
        for at, landlord in enumerate(self.homes[2:20:6]):
            members = self.world.family("couple", outside=True)[:2]
            home = Household(f"M{at + 1:05d}", "", landlord.village, landlord.place, landlord.door, kind="migrant")
            self.world.settle(home, members)
            self.tenants.append((home, landlord.head))

    def _settle(self, village: Village, number: int, shape: str) -> None:
        place = village.places[number % len(village.places)]
        key = f"{village.code[4:]}{number:04d}"
        home = Household(f"H{key}", key, village, place, f"{3 + number}号")
        self.homes.append(self.world.settle(home, self.world.family(shape)))

    def people(self) -> list[tuple[Person, Household]]:
        """Everyone registered here and alive."""
        return [(who, home) for home in self.homes for who in home.members]

    def dirty(self, entries: list[Entry], extra: tuple[tuple[str, str], ...] = ONCE, rates: list[tuple[str, str, float]] = ORDINARY) -> list[Entry]:
        """The entries, spoilt as usual."""
        fresh = [e for e in entries if not e.dirt]
        for code, about in extra:
            if len(fresh) > 6:
                spoil.once(self.chance, fresh, code, about)
        spoil.scatter(self.chance, [e for e in entries if e.level is None], rates)
        return entries


def _with_home(entry: Entry, home: Household, **more: Any) -> Entry:
    entry.values |= {"_home": home, "village": home.village.name, "town": home.village.town, "note": ""} | more
    return entry


def register(county: County) -> list[Entry]:
    """公安."""
    gone = {home.key: who for who, home in county.dead}
    entries = []
    for home in county.homes:
        entries += [_with_home(departments.police(who, home), home) for who in home.members]
        if home.key in gone:
            who = gone[home.key]
            entries.append(_with_home(departments.police(who, home, cancel="是", cancel_date=who.died, cancel_reason="死亡"), home))
    return county.dirty(entries, tuple(pair for pair in ONCE if pair[0] != "D09"))  # the police's spelling is the right one


def floating(county: County) -> list[Entry]:
    """流动人口."""
    origins = ("江西省上饶市广丰区团结村12号", "贵州省毕节市织金县新民村3组", "安徽省阜阳市临泉县前进村5号")
    entries = []
    for at, (home, landlord) in enumerate(county.tenants):
        since = AS_OF - dt.timedelta(days=county.chance.randrange(90, 1500))
        for who in home.members:
            permit = f"H330899{county.chance.randrange(10**9):09d}"
            entries.append(_with_home(departments.floating(who, origins[at % 3], landlord, arr=since, permit=permit, until=since + dt.timedelta(days=1826)), home))
    return county.dirty(entries, ())


def relief(county: County) -> list[Entry]:
    """低保."""
    homes = [h for h in county.homes if 2 <= len(h.members) <= 5][::3]
    entries = []
    for home in homes:
        entry = departments.relief(home, RELATION_WORDS, county.chance.choice(["低保", "低边", "特困"]), 650 * len(home.members))
        account = f"6228{county.chance.randrange(10**15):015d}"
        values = {"amount_relief": entry.values["amount"], "sub_relief": entry.values["sub"], "since_relief": "202501", "account": account}
        entries.append(_with_home(entry, home, **values))
    return county.dirty(entries, ())


def elders(county: County) -> list[Entry]:
    """老年人."""
    entries = []
    for who, home in county.people():
        if who.age >= 60:
            others = [p for p in home.members if p is not who]
            lives = "独居" if not others else "空巢" if all(p.age >= 60 for p in others) else "同住"
            entry = departments.elder(who, home.village.name, lives=lives, children="", guard=next((p for p in others if p.phone), None))
            entries.append(_with_home(entry, home))
    return county.dirty(entries)


def pensions(county: County) -> list[Entry]:
    """养老."""
    entries = []
    for who, home in county.people():
        if who.age >= 30:
            entry = departments.pension(county.chance, who)
            values = entry.values
            more = {"pno_pension": values["pno"], "state_pension": values["state"], "date_pension": values["date"], "amount_pension": values["amount"]}
            entries.append(_with_home(entry, home, phone=who.phone, bank="农商银行", **more))
    return county.dirty(entries)


def doctors(county: County) -> list[Entry]:
    """家庭医生."""
    entries = []
    for who, home in county.people():
        if who.age >= 55 or county.chance.random() < 0.3:
            entry = departments.signed_up(county.chance, who, f"{home.village.town}卫生院")
            entries.append(_with_home(entry, home, group_health=entry.values["group"], live_addr=home.address, blood=county.chance.choice("ABO"), height=168))
    return county.dirty(entries)


def disabled(county: County) -> list[Entry]:
    """残联."""
    chosen = county.chance.sample([pair for pair in county.people() if pair[0].age >= 10], 9)
    entries = []
    for who, home in chosen:
        entry = departments.disabled(county.chance, who, home.address, None)
        entries.append(_with_home(entry, home, sub_disabled=entry.values["sub"], amount_disabled=entry.values["amount"]))
    return county.dirty(entries, (), [("D20", "phone", 0.2), ("D16", "issued", 0.3), ("D11", "name", 0.1)])


def insured(county: County) -> list[Entry]:
    """医保."""
    entries = []
    for who, home in county.people():
        entry = departments.insured(county.chance, who, home.village.name)
        values = entry.values
        more = {"pno_medical": values["pno"], "kind_medical": values["kind"], "state_medical": values["state"], "village_medical": values["village"]}
        entries.append(_with_home(entry, home, group_medical="", **more))
    return county.dirty(entries)


def pupils(county: County) -> list[Entry]:
    """学籍."""
    entries = []
    for who, home in county.people():
        parent = next((p for p in home.members if 20 <= p.age - who.age <= 45), None)
        if 6 <= who.age <= 17 and parent:
            entries.append(_with_home(departments.pupil(who, parent, f"{home.village.town}中心小学", home.address), home))
    return county.dirty(entries, ())


def houses(county: County) -> list[Entry]:
    """宅基地."""
    entries = []
    for number, home in enumerate(county.homes[::2]):
        who = home.head
        values = {
            "plot": f"{home.village.code}JC{number + 1:05d}", "owner": who.name, "owner_id": who.id_number, "name": who.name, "id_number": who.id_number,
            "house": home.address, "land": 118.5, "area": 230.0 + number, "floors": 3, "structure": "砖混", "built": 1998 + number, "phone": who.phone,
        }  # fmt: skip
        entries.append(_with_home(Entry(who, values), home))
    return county.dirty(entries, (), [("D02", "owner_id", 0.2), ("D03.space", "owner_id", 0.1)])


def contracts(county: County) -> list[Entry]:
    """承包地: a row a field; two or three fields a household."""
    entries = []
    for number, home in enumerate(county.homes[1::3]):
        family = "、".join(f"{p.name}({RELATION_WORDS[p.relation or '99']})" for p in home.members[1:])
        for field in range(1 + number % 3):
            values = {
                "name": home.head.name, "id_number": home.head.id_number, "family": family, "issuer": f"{home.village.town}{home.village.name}经济合作社",
                "field_name": ("门前田", "大畈", "水碓坞")[field], "field_code": f"{home.village.code}{number:04d}{field:02d}", "measured": 1.25 + field,
                "contract": 1.2 + field, "contract_no": f"330899{number:012d}J", "phone": home.head.phone,
            }  # fmt: skip
            entries.append(_with_home(Entry(home.head, values, also=home.members[1:]), home, _block=home.key))
    return entries


def shares(county: County) -> list[Entry]:
    """股份."""
    entries = []
    for number, home in enumerate(county.homes, 1):
        for who in home.members:
            entry = departments.share(who, home, f"浙股{number:06d}")
            entries.append(_with_home(entry, home, member=who.name, kind_share=entry.values["kind"], _block=home.key))
    return county.dirty(entries)


def veterans(county: County) -> list[Entry]:
    """优抚."""
    chosen = [pair for pair in county.people() if pair[0].sex == "1" and 25 <= pair[0].age <= 85][:7]
    entries = []
    for who, home in chosen:
        entry = departments.veteran(county.chance, who, home.village.name)
        values = entry.values
        entries.append(_with_home(entry, home, kind_veteran=values["kind"], until_veteran=values["until"], amount_veteran=values["amount"]))
    return county.dirty(entries, ())


def businesses(county: County) -> list[Entry]:
    """市场主体."""
    chosen = [pair for pair in county.people() if 25 <= pair[0].age <= 60][:8]
    entries = []
    for who, home in chosen:
        name = f"{home.village.county}{who.name}副食店"
        entry = departments.business(county.chance, who, name, home.address, "食品销售；日用百货销售，五金零售")
        values = entry.values
        more = {"legal": who.name, "legal_id": who.id_number, "date_biz": values["date"], "state_biz": values["state"], "phone_biz": who.phone}
        entries.append(_with_home(entry, home, **more))
    return entries


def build(code: str, seed: int | None = None) -> Delivery:
    """One county's files with their truth."""
    own, villages = COUNTIES[code]
    county = County(code, seed or own, villages)
    draw = wild_shapes.Draw(county.chance, county.villages)
    files: list[File] = []
    for make in (register, floating, relief, elders, pensions, doctors, disabled, insured, pupils, houses, contracts, shares, veterans, businesses):
        files += draw.files(make.__name__, make(county))
    files += wild_odd.files(county.homes)
    files += wild_spoilt.files(county.chance)
    return Delivery(county.world, files)


def write(target: pathlib.Path, code: str, seed: int | None = None) -> dict[str, Any]:
    """Write one county's files and its truth below ``target``; returns the summary."""
    delivery = build(code, seed)
    delivery.write(target)
    return truth.write(delivery, target / "truth")


def main(arguments: list[str]) -> None:
    """`TARGET 330822`: that county; `TARGET`: all three, each in a folder of its own; `TARGET all SEED`: three others."""
    target, code, seed = pathlib.Path(arguments[0]), (arguments[1:] or ["all"])[0], int((arguments[2:] or ["0"])[0])
    if code != "all":
        write(target, code, seed or None)
        return
    for number, each in enumerate(COUNTIES):
        write(target / each, each, seed * 3 + number if seed else None)


if __name__ == "__main__":
    main(sys.argv[1:])
