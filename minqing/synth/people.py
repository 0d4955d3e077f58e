"""Invented people, their families and the places they live in.

A family is consistent: parents are at least 20 years older than children, couples are of opposite sex, every identity
number is unique within its world, has the right check digit and agrees with birth date and sex.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from minqing.lib import identity
from minqing.synth import names

AS_OF = dt.date(2026, 10, 31)
ID_PREFIX = "330899"
MOBILE_SEGMENTS = ("154", "164", "179", "194")

RELATION_WORDS = {
    "02": "户主", "11": "夫", "12": "妻", "20": "子", "22": "长子", "23": "次子", "28": "女婿", "30": "女", "32": "长女",
    "33": "次女", "38": "儿媳", "41": "孙子", "42": "孙女", "43": "外孙子", "44": "外孙女", "51": "父亲", "52": "母亲",
    "55": "岳父", "56": "岳母", "97": "其他亲属", "99": "非亲属",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A natural village, or a road with its door in town; ``grid`` is the grid's three digits, ``group`` the 村民小组."""

    name: str
    grid: str
    group: int = 0


@dataclass(frozen=True, slots=True)
class Village:
    """A village or community: 12-digit code, names as on its seal, and its places."""

    code: str
    name: str
    town: str
    county: str
    prefix: str
    places: tuple[Place, ...]


@dataclass(slots=True, eq=False)
class Person:
    """One invented person. ``kind``: registered, migrant, dead, moved_out, outsider; codes as in the truth files."""

    key: str
    id_number: str
    name: str
    sex: str
    birth: dt.date
    phone: str | None = None
    ethnicity: str = "01"
    education: str = "70"
    marital: str = "20"
    kind: str = "registered"
    household: str | None = None
    relation: str | None = None
    registered: str | None = None
    living: str | None = None
    living_address: str = ""
    died: dt.date | None = None
    unscored: set[str] = field(default_factory=set)

    @property
    def age(self) -> int:
        """Full years on the day the files were made."""
        return AS_OF.year - self.birth.year - ((AS_OF.month, AS_OF.day) < (self.birth.month, self.birth.day))


@dataclass(slots=True, eq=False)
class Household:
    """People registered (or, for tenants, living) together, the head first."""

    key: str
    number: str
    village: Village
    place: Place
    door: str
    members: list[Person] = field(default_factory=list)
    gone: list[tuple[Person, str]] = field(default_factory=list)
    kind: str = "registered"

    @property
    def head(self) -> Person:
        """The first member."""
        return self.members[0]

    @property
    def address(self) -> str:
        """The standard address, with village and door."""
        return standard_address(self.village, self.place, self.door)


def standard_address(village: Village, place: Place, door: str) -> str:
    """Province to door, as the police write it: …彭里村柴坞1号, …斗潭社区斗潭路66号3幢2单元501室."""
    ending = "" if door.endswith(("号", "室", "户")) else "号"
    return f"{village.prefix}{village.town}{village.name}{place.name}{door}{ending}"


class World:
    """Everyone of one set of files; hands out keys, numbers and phones, each once."""

    def __init__(self, seed: int, *, first_key: int = 1, taken: frozenset[str] = frozenset()) -> None:
        """``taken`` are identity numbers and phones already in use elsewhere."""
        self.chance = random.Random(seed)  # noqa: S311 invented people need no secrecy
        self.people: list[Person] = []
        self.households: list[Household] = []
        self._taken = set(taken)
        self._next = first_key

    def issue_number(self, birth: dt.date, sex: str, sequence: int | None = None) -> str:
        """A free 18-digit number; the sequence is odd for men (sex "1"). Raises ValueError if ``sequence`` is taken."""
        while True:
            serial = sequence or self.chance.randrange(1, 500) * 2 - (1 if sex == "1" else 0)
            body = f"{ID_PREFIX}{birth:%Y%m%d}{serial:03d}"
            number = body + identity.check_char(body)
            if number not in self._taken:
                self._taken.add(number)
                return number
            if sequence:
                raise ValueError(f"{number} is taken")

    def issue_phone(self) -> str:
        """A mobile number of an unallotted segment."""
        while True:
            phone = self.chance.choice(MOBILE_SEGMENTS) + f"{self.chance.randrange(10**8):08d}"
            if phone not in self._taken:
                self._taken.add(phone)
                return phone

    def birth(self, youngest: int, oldest: int) -> dt.date:
        """A birth date of someone between two ages (inclusive, in years)."""
        days = self.chance.randrange((oldest + 1 - youngest) * 365)
        return AS_OF - dt.timedelta(days=youngest * 365 + youngest // 4 + 1 + days)

    def person(
        self, sex: str, birth: dt.date, *, surname: str = "", name: str = "", sequence: int | None = None
    ) -> Person:
        """A new person with number, name, phone, schooling and marital status that fit age and sex."""
        if not name:
            name = (surname or names.surname(self.chance)) + names.given_name(self.chance, sex, birth.year)
        who = Person(f"P{self._next:07d}", self.issue_number(birth, sex, sequence), name, sex, birth)
        self._next += 1
        if who.age >= 12 and (who.age < 70 or self.chance.random() < 0.6):
            who.phone = self.issue_phone()
        who.marital = "10" if who.age < 25 else "20"
        who.education = self._schooling(who.age)
        self.people.append(who)
        return who

    def _schooling(self, age: int) -> str:
        if age < 7:
            return "90"
        if age < 13:
            return "80"
        if age < 16:
            return "70"
        if age < 45:
            return self.chance.choice(["70", "60", "40", "30", "20", "20"])
        return self.chance.choice(["80", "80", "70", "70", "60"] if age < 70 else ["80", "80", "80", "90"])

    def settle(self, household: Household, members: list[tuple[Person, str]]) -> Household:
        """Put people into a household; the first is its head (relation 02)."""
        for who, relation in members:
            who.household, who.relation = household.key, relation
            if household.kind == "registered":
                who.registered = who.registered or household.village.code
            who.living = who.living or household.village.code
            who.living_address = who.living_address or household.address
            who.kind = "migrant" if household.kind == "migrant" else who.kind
            household.members.append(who)
        self.households.append(household)
        return household

    # ---- families -----------------------------------------------------------------------------------------------

    def couple(self, youngest: int, oldest: int, *, outside: bool = False) -> tuple[Person, Person]:
        """Husband and wife, at most five years apart."""
        his = self.birth(youngest, oldest)
        hers = his + dt.timedelta(days=self.chance.randrange(-400, 1500))
        return (
            self.person("1", his, surname=names.surname(self.chance, outside=outside)),
            self.person("2", hers, surname=names.surname(self.chance, outside=outside)),
        )

    def children(self, father: Person, mother: Person, most: int) -> list[tuple[Person, str]]:
        """Up to ``most`` children of a couple with their relation codes; none younger than a month."""
        found: list[tuple[Person, str]] = []
        counts = {"1": 0, "2": 0}
        after = mother.birth.replace(day=1) + dt.timedelta(days=365 * self.chance.randrange(22, 29))
        for _ in range(self.chance.randrange(most + 1)):
            born = after + dt.timedelta(days=self.chance.randrange(1200))
            if born > AS_OF - dt.timedelta(days=30):
                break
            sex = self.chance.choice("12")
            child = self.person(sex, born, surname=father.name[0])
            code = ("22", "23") if sex == "1" else ("32", "33")
            found.append((child, code[min(counts[sex], 1)]))
            counts[sex] += 1
            after = born + dt.timedelta(days=700)
        return found

    def family(self, shape: str, *, outside: bool = False) -> list[tuple[Person, str]]:
        """A family of one shape: elder, elders, single, couple, parents (of the head too) or three (generations)."""
        chance = self.chance
        if shape == "elder":
            who = self.person(chance.choice("1222"), self.birth(68, 91))
            who.marital = "30"
            return [(who, "02")]
        if shape == "single":
            who = self.person(chance.choice("12"), self.birth(24, 58), surname=names.surname(chance, outside=outside))
            return [(who, "02")]
        if shape == "elders":
            husband, wife = self.couple(63, 82)
            return [(husband, "02"), (wife, "12")]
        if shape == "three":
            husband, wife = self.couple(52, 62)
            members = [(husband, "02"), (wife, "12")]
            born = max(husband.birth, wife.birth) + dt.timedelta(days=365 * 24 + chance.randrange(700))
            son = self.person("1", born, surname=husband.name[0])
            bride = self.person("2", born + dt.timedelta(days=chance.randrange(-300, 900)))
            members += [(son, "22"), (bride, "38")]
            son.marital = bride.marital = "20"
            grandchildren = self.children(son, bride, 2)
            return members + [(child, "41" if child.sex == "1" else "42") for child, _ in grandchildren]
        husband, wife = self.couple(28, 52, outside=outside)
        members = [(husband, "02"), (wife, "12"), *self.children(husband, wife, 2)]
        if shape == "parents":
            born = husband.birth - dt.timedelta(days=365 * 24 + chance.randrange(1500))
            father = self.person("1", born, surname=husband.name[0])
            mother = self.person("2", born + dt.timedelta(days=chance.randrange(1500)))
            members += [(father, "51"), (mother, "52")]
        return members
