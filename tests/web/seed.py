"""About forty households of 彭里 in three grids, made by the archives' own actions as 郑书香: something to look at.

Everybody here is invented: identity numbers begin with 330899, mobiles with 154, 164, 179 or 194. The set holds what
makes pages break: rare characters, names with a dot and long ones, the dead, an empty household, people elsewhere,
a widow alone at 88, a family of nine, a household without a door, one that waits in grid 000.
"""

from __future__ import annotations

import contextlib
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.utils import timezone

from minqing.access.actions import areas
from minqing.access.models import Area
from minqing.access.scope import Me
from minqing.archives.actions import dwellings, households, kinship, residents
from minqing.archives.models import Household, Resident
from minqing.gateways import postgres
from minqing.lib import identity
from tests.people import PENGLI, World

GRIDS = (("001", "上塘片", "上塘、樟树底"), ("002", "溪东片", "溪东、桥头"), ("003", "岭脚片", "岭脚、新屋"))
VILLAGES = {"001": ("上塘", "樟树底"), "002": ("溪东", "桥头"), "003": ("岭脚", "新屋")}
SURNAMES = "郑毛姜周徐何叶祝王吴柴黄琚严杨"
MEN = ("有福", "志明", "建国", "樟树", "根土", "学良", "金水", "家林", "春土", "海峰", "志强", "水木", "建华", "土根", "国平")
WOMEN = ("爱莲", "海燕", "菊香", "赛男", "丽娟", "招娣", "春香", "美珍", "小妹", "雪琴", "玉兰", "秀英", "红梅", "冬花", "云仙")
PLACES = ("杭州", "宁波余姚", "上海松江", "义乌", "衢州")
NASTY = ("欧阳䶮", "阿布都热合曼·买买提江", "祝𬭎", "郑𡒄", "司马相如如", "李O'Neil")


@dataclass
class Seeder:
    """Makes people and households; `serial` keeps identity numbers apart."""

    me: Me
    at: datetime
    serial: int = 1
    chance: random.Random = field(default_factory=lambda: random.Random(205))  # noqa: S311 - a fixed village, not a secret

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    def number(self, born: date, sex: str) -> str:
        """A number of nobody: prefix 330899, right check character."""
        self.serial += 1
        odd = self.serial * 2 + (1 if sex == "1" else 0)
        body = f"330899{born:%Y%m%d}{odd % 1000:03d}"
        return body + identity.check_char(body)

    def phone(self) -> str:
        return f"{self.chance.choice(('154', '164', '179', '194'))}{self.chance.randrange(10**7, 10**8)}"

    def person(self, home: Household, name: str, sex: str, age: int, relation: str = "", *, number: bool = True, **more: Any) -> Resident:
        """A member; few carry a number, because look-ups by number are limited to 200 an hour and person."""
        born = self.today - timedelta(days=int(age * 365.25) + self.chance.randrange(20, 300))
        phone = self.phone() if age > 12 and self.chance.random() < 0.8 else ""
        return residents.register(
            name=name, grid=home.grid_code, household=home, id_number=self.number(born, sex) if number else "", sex=sex, birth_date=born, phone=phone, relation=relation, on=self.today - timedelta(days=400),
            more={"ethnicity": "01", **more}, confirmed=True, by=self.me, at=self.at,
        )

    def man(self, surname: str) -> str:
        return surname + self.chance.choice(MEN)

    def woman(self) -> str:
        return self.chance.choice(SURNAMES) + self.chance.choice(WOMEN)


def seed(at: datetime | None = None) -> dict[str, uuid.UUID]:
    """Make the village unless it is there. Returns ids of the households and people that tests ask for by name."""
    moment = at or timezone.now()
    with World.acting("街") as me:
        village = Area.objects.get(pk=PENGLI)
        for serial, name, covers in GRIDS:
            if not Area.objects.filter(pk=PENGLI + serial).exists():
                areas.create_grid(village=village, name=name, covers=covers, by=me, on=timezone.localdate(moment), code=PENGLI + serial)
    with World.acting("香") as me:
        if Household.objects.filter(number="2050001").exists():
            return known()
        maker = Seeder(me, moment)
        for n in range(36):
            ordinary(maker, n)
        special(maker)
    return known()


def known() -> dict[str, uuid.UUID]:
    with World.acting("香"):
        homes = {h.number: h.pk for h in Household.objects.filter(voided_at=None)}
        people = {r.name: r.pk for r in Resident.objects.filter(voided_at=None)}
    return {**homes, **people}


def make_home(maker: Seeder, grid: str, n: int, *, door: str | None = None) -> Household:
    village = VILLAGES[grid][n % 2] if grid in VILLAGES else ""
    plate = f"{n + 3}号" if door is None else door
    return households.create(
        grid=PENGLI + grid, number=f"205{n + 1:04d}", address=f"浙江省衢州市江山市虎山街道彭里村{village}{plate}", natural_village=village, group_no=str(n % 6 + 1), door=plate,
        on=maker.today - timedelta(days=400), by=maker.me, at=maker.at,
    )


def ordinary(maker: Seeder, n: int) -> None:
    """A family of two or three generations, a house, now and then somebody away."""
    home = make_home(maker, GRIDS[n % 3][0], n)
    surname = SURNAMES[n % len(SURNAMES)]
    years = 34 + (n * 7) % 50
    head = maker.person(home, maker.man(surname), "1", years, number=n % 4 == 0, marriage="20", education="70")
    wife = maker.person(home, maker.woman(), "2", years - 2, "12", number=False, marriage="20") if n % 5 else None
    if wife:
        kinship.add_spouse(one=head, other=wife, by=maker.me, at=maker.at)
    for child in range(n % 3):
        sex = "1" if (n + child) % 2 else "2"
        name = surname + maker.chance.choice(MEN if sex == "1" else WOMEN)
        made = maker.person(home, name, sex, max(1, years - 26 - 3 * child), "20" if sex == "1" else "30", number=False)
        for parent in (head, wife):
            if parent:
                kinship.add_parent(child=made, parent=parent, by=maker.me, at=maker.at)
        if n % 4 == 0 and years - 26 > 18:
            residents.go_away(person=made, where=PLACES[n % len(PLACES)], on=maker.today - timedelta(days=90), by=maker.me, at=maker.at)
    house = dwellings.create(
        grid=home.grid_code, address=home.address, natural_village=home.natural_village, doorplate=home.door, structure="砖混", floors=2 + n % 2, built_year=1986 + n, use_kind="自住",
        by=maker.me, at=maker.at,
    )
    households.link_dwelling(household=home, dwelling=house, by=maker.me, at=maker.at)


def special(maker: Seeder) -> None:
    """The households that break pages."""
    me, at, today = maker.me, maker.at, maker.today
    widow_home = make_home(maker, "001", 40)
    xiu = maker.person(widow_home, "姜水仙", "2", 83, marriage="30", living_address="彭里村上塘43号")
    son = maker.person(widow_home, "周志伟", "1", 58, "20")
    daughter_in_law = maker.person(widow_home, "毛彩凤", "2", 56, "38")
    grandson = maker.person(widow_home, "周晓", "1", 29, "41", political="13")
    husband = maker.person(widow_home, "周根土", "1", 88, "11")
    kinship.add_spouse(one=xiu, other=husband, by=me, at=at)
    kinship.add_spouse(one=son, other=daughter_in_law, by=me, at=at)
    for child, parents in ((son, (xiu, husband)), (grandson, (son, daughter_in_law))):
        for parent in parents:
            kinship.add_parent(child=child, parent=parent, by=me, at=at)
    for person, where in ((son, "杭州"), (daughter_in_law, "杭州"), (grandson, "上海松江")):
        residents.go_away(person=person, where=where, on=today - timedelta(days=200), by=me, at=at)
    residents.record_death(person=husband, on=today - timedelta(days=30), reason="年老", by=me, at=at)
    households.set_words(household=widow_home, caution="听力不好，敲东侧后窗；院里有狗，已拴。白天常在茶山，19 点后在家。", wishes="想装一个夜里能照到台阶的灯。", difficulties="下雪天买菜不便。", by=me, at=at)
    house = dwellings.create(grid=widow_home.grid_code, address=widow_home.address, natural_village="上塘", doorplate="43号", structure="砖木", floors=2, built_year=1978, use_kind="自住", by=me, at=at)
    households.link_dwelling(household=widow_home, dwelling=house, by=me, at=at)
    dwellings.start(dwelling=house, person=xiu, kind="family", on=today - timedelta(days=300), by=me, at=at)
    rare = make_home(maker, "002", 41)
    for i, name in enumerate(NASTY[:4]):
        maker.person(rare, name, "1" if i % 2 else "2", 61 - 14 * i, "" if i == 0 else "97")
    crowd = make_home(maker, "003", 42, door="12-1号后屋")
    maker.person(crowd, "欧阳长庚", "1", 71)
    for i in range(8):
        maker.person(crowd, "欧阳" + (MEN if i % 2 else WOMEN)[i], "1" if i % 2 else "2", 45 - 5 * i, "97", number=False)
    make_home(maker, "003", 43, door="")  # nobody in it, no door
    waiting = make_home(maker, "000", 44)
    maker.person(waiting, "徐落地", "1", 40)




#: Tables that planting fills; rows that were not there before are removed afterwards.
TABLES = (
    "archives_searchkey", "archives_proposal", "archives_change", "archives_act", "archives_kinship", "archives_occupancy", "archives_membership", "archives_identity", "archives_placement",
    "archives_health", "archives_disability", "archives_relief", "archives_household", "archives_dwelling", "archives_resident",
)


@contextlib.contextmanager
def planted() -> Iterator[dict[str, uuid.UUID]]:
    """The village, committed, for a module of tests; afterwards every row that was not there before is gone."""
    with psycopg.connect(**postgres.open_cluster(settings.HOME).superuser_dsn(settings.DATABASE_NAME), autocommit=True) as root:
        before = {table: [row[0] for row in root.execute(f"select id from {table}")] for table in TABLES}  # noqa: S608 - the names above
        areas_before = [row[0] for row in root.execute("select code from access_area")]
        try:
            yield seed()
        finally:
            root.execute("set session_replication_role = replica")  # no history of the clearing
            for table, ids in before.items():
                root.execute(f"delete from {table} where not id = any(%s)", [ids])  # noqa: S608
            root.execute("delete from access_area where not code = any(%s)", [areas_before])
