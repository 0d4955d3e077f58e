"""The people of the nastier county: two villages and a community of 龙游县, one stem shared by two of them.

Beside ordinary families there are those that linkage trips over: twins, namesakes born on the same day, daughters
married into another village, the dead, widows whose late husband is still head on paper, tenants, and people who live
elsewhere than registered.
"""

from __future__ import annotations

import datetime as dt

from minqing.synth.people import AS_OF, Household, Person, Place, Village, World

SEED = 330825
STREET = Village(
    "330825001203", "方门街村", "龙洲街道", "龙游县", "浙江省龙游县",
    (Place("上街", "001", 1), Place("下街", "001", 2), Place("后垄", "002", 3)),
)  # fmt: skip
COMMUNITY = Village(
    "330825001005", "方门街社区", "龙洲街道", "龙游县", "浙江省龙游县",
    (Place("荣昌路18号", "001"), Place("文化路7号", "002")),
)  # fmt: skip
NEW = Village(
    "330825101204", "新建村", "湖镇镇", "龙游县", "浙江省龙游县",
    (Place("溪滩", "001", 1), Place("大坞", "001", 2), Place("里垄", "002", 3)),
)  # fmt: skip
VILLAGES = (STREET, COMMUNITY, NEW)
SHAPES = {
    STREET.code: ["elder"] * 5 + ["elders"] * 6 + ["couple"] * 12 + ["parents"] * 6 + ["three"] * 7 + ["single"] * 3,
    COMMUNITY.code: ["elder"] * 4 + ["elders"] * 5 + ["couple"] * 10 + ["parents"] * 2 + ["three"] * 2 + ["single"] * 3,
    NEW.code: ["elder"] * 5 + ["elders"] * 7 + ["couple"] * 12 + ["parents"] * 7 + ["three"] * 9 + ["single"] * 3,
}
ORIGINS = ["江西省上饶市广丰区团结村12号", "贵州省毕节市织金县新民村3组", "安徽省阜阳市临泉县前进村"]


class County:
    """All people, their households, and lists of those with a story."""

    def __init__(self, seed: int = SEED) -> None:
        """The same seed gives the same people."""
        self.world = World(seed)
        self.chance = self.world.chance
        self.homes: dict[str, list[Household]] = {v.code: [] for v in VILLAGES}
        self.dead: list[tuple[Person, Household]] = []
        self.left: list[tuple[Person, Household, dt.date]] = []
        self.daughters: list[tuple[Person, Household]] = []
        self.headless: list[Household] = []
        self.tenants: list[tuple[Household, Person, str, dt.date]] = []
        self.split: list[tuple[Person, Household, dt.date]] = []
        self.outsiders: list[Person] = []
        for village in VILLAGES:
            for shape in SHAPES[village.code]:
                self.settle(village, self.world.family(shape))
        self._twins()
        self._namesakes()
        self._she_people()
        self._dead()
        self._married_daughters()
        self._moved_out()
        self._tenants()
        self._split()
        for _ in range(3):
            stranger = self.world.person("1", self.world.birth(30, 60))
            stranger.kind = "outsider"
            self.outsiders.append(stranger)

    def settle(self, village: Village, members: list[tuple[Person, str]]) -> Household:
        """A new household with the next free door of the village."""
        homes = self.homes[village.code]
        number = len(homes) + 1
        place = village.places[number % len(village.places)]
        if village is COMMUNITY:
            door = f"{1 + number // 16}幢{1 + number // 8 % 2}单元{1 + number // 2 % 4}0{1 + number % 2}室"
        else:
            door = f"{1 + number // 3}" + ("-1" if number % 11 == 0 else "") + "号"
        key = f"{village.code[4:]}{number:04d}"
        home = Household(f"H{key}", key, village, place, door)
        self.world.settle(home, members)
        homes.append(home)
        return home

    def registered(self, village: Village | None = None) -> list[Person]:
        """The living people registered in a village, or in all three."""
        codes = [village.code] if village else [v.code for v in VILLAGES]
        return [p for code in codes for h in self.homes[code] for p in h.members]

    def home_of(self, who: Person) -> Household:
        """The household that someone is registered in."""
        return next(h for h in self.world.households if h.key == who.household)

    def _twins(self) -> None:
        husband = self.world.person("1", dt.date(1986, 5, 3), name="陈志峰")
        wife = self.world.person("2", dt.date(1988, 2, 11), name="姜丽丽")
        born = dt.date(2015, 9, 8)
        twins = [
            self.world.person("2", born, name="陈子涵", sequence=112),
            self.world.person("2", born, name="陈子晗", sequence=114),
        ]
        self.twins = twins
        self.settle(NEW, [(husband, "02"), (wife, "12"), (twins[0], "32"), (twins[1], "33")])
        parents = self.world.couple(60, 64)
        brothers = [
            self.world.person("1", dt.date(1990, 3, 1), name=parents[0].name[0] + "建军", sequence=231),
            self.world.person("1", dt.date(1990, 3, 1), name=parents[0].name[0] + "健军", sequence=233),
        ]
        self.settle(STREET, [(parents[0], "02"), (parents[1], "12"), (brothers[0], "22"), (brothers[1], "23")])

    def _namesakes(self) -> None:
        """Two women of one name and one birthday in two villages; and two in one village."""
        self.namesakes = []
        for village, sequence in ((STREET, 332), (NEW, 418), (NEW, 556)):
            who = self.world.person("2", dt.date(1953, 4, 21), name="周美仙", sequence=sequence)
            who.marital = "30"
            self.namesakes.append(who)
            self.settle(village, [(who, "02")])

    def _she_people(self) -> None:
        for home in self.homes[NEW.code][3:40:12]:
            for who in home.members:
                who.ethnicity = "22"

    def _dead(self) -> None:
        """Some of the old died: heads whose widows keep the household, and parents of heads."""
        old = [
            (home, at)
            for code in (STREET.code, NEW.code, COMMUNITY.code)
            for home in self.homes[code]
            for at, who in enumerate(home.members)
            if who.age >= 70 and len(home.members) > 1
        ]
        for home, at in self.chance.sample(old, 11):
            if len(home.members) < 2 or at >= len(home.members) or any(h is home for _, h in self.dead):
                continue
            who = home.members[at]
            if at == 0 and len(home.members) > 2:
                continue
            home.members.remove(who)
            home.gone.append((who, "dead"))
            who.kind, who.died = "dead", AS_OF - dt.timedelta(days=self.chance.randrange(60, 900))
            self.dead.append((who, home))
            if at == 0:
                self._widowed(home)

    def _widowed(self, home: Household) -> None:
        widow = home.members[0]
        widow.marital = "30"
        if len(self.headless) < 2:
            self.headless.append(home)  # the register still calls her 妻 of the late head
        widow.relation = "02"

    def _married_daughters(self) -> None:
        """Born in 方门街村, registered and living with their husbands in 新建村."""
        brides = [h for h in self.homes[NEW.code] if len(h.members) > 1 and h.members[1].relation == "12"]
        brides = [h for h in brides if 26 <= h.members[1].age <= 50 and h.members[1].name not in ("姜丽丽",)]
        origins = [h for h in self.homes[STREET.code] if h.head.sex == "1" and h.head.age >= 50]
        for home, origin in zip(brides[:4], origins[:4], strict=True):
            self.daughters.append((home.members[1], origin))

    def _moved_out(self) -> None:
        homes = [h for code in (STREET.code, NEW.code) for h in self.homes[code] if len(h.members) >= 4]
        for home in self.chance.sample(homes, 4):
            grown = [p for p in home.members[1:] if 18 <= p.age <= 40 and p not in [d for d, _ in self.daughters]]
            if not grown or grown[0].name in ("陈子涵", "陈子晗"):
                continue
            who = grown[0]
            home.members.remove(who)
            home.gone.append((who, "moved_out"))
            who.kind, who.registered, who.living = "moved_out", None, None
            self.left.append((who, home, AS_OF - dt.timedelta(days=self.chance.randrange(100, 2000))))

    def _tenants(self) -> None:
        landlords = [h for h in self.homes[COMMUNITY.code] if h.head.age > 40][:7]
        for at, landlord in enumerate(landlords):
            members = self.world.family(self.chance.choice(["single", "couple"]), outside=True)
            home = Household(f"M{at + 1:05d}", "", COMMUNITY, landlord.place, landlord.door, kind="migrant")
            self.world.settle(home, members)
            since = AS_OF - dt.timedelta(days=self.chance.randrange(90, 1500))
            self.tenants.append((home, landlord.head, ORIGINS[at % len(ORIGINS)], since))

    def _split(self) -> None:
        """Registered in 新建村 or 方门街村, living in the community's flats."""
        flats = self.homes[COMMUNITY.code]
        homes = [h for code in (NEW.code, STREET.code) for h in self.homes[code] if 3 <= len(h.members) <= 5]
        for at, home in enumerate(self.chance.sample(homes, 7)):
            grown = [p for p in home.members if 20 <= p.age <= 55]
            for who in grown[: 1 + at % 2]:
                who.living, who.living_address = COMMUNITY.code, flats[-1 - at].address
                self.split.append((who, home, AS_OF - dt.timedelta(days=self.chance.randrange(90, 1500))))
