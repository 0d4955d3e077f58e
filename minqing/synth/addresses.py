"""How one address is written in a dozen ways: the spoilers of address fields (dirt D21)."""

from __future__ import annotations

import random

from minqing.synth.people import Household, standard_address
from minqing.synth.tables import Entry

CHINESE = "零一二三四五六七八九十"


def right(home: Household) -> dict[str, str]:
    """The truth about an address: village code and standard text."""
    return {"v": home.village.code, "t": standard_address(home.village, home.place, home.door)}


def forms(home: Household) -> list[tuple[str, str]]:
    """(code, text) of every form that still names the place; doors keep their 号 or 室 where the form needs it."""
    v, place, door = home.village, home.place.name, home.door
    bare = door.removesuffix("号")
    stem = v.name.removesuffix("社区").removesuffix("村")
    town = v.town.removesuffix("街道").removesuffix("镇").removesuffix("乡")
    found = [
        ("D21.notown", f"{v.county}{v.name}{place}{door}"),
        ("D21.nohao", f"{v.town}{v.name}{place}{bare}"),
        ("D21.space", f"{v.prefix}{v.town} {v.name} {place} {door}"),
        ("D21.city", f"浙江省衢州市{v.county}{v.town}{v.name}{place}{door}"),
        (
            "D21.wide",
            f"{v.county}{v.town}{v.name}{place}{door}".translate(
                str.maketrans("0123456789-", "０１２３４５６７８９－")
            ),
        ),
    ]
    if v.name.endswith("村"):
        found += [
            ("D21.short", f"{town}{stem}村{place}{bare}"),
            ("D21.nv", f"{v.county}{v.town}{stem}行政村{place}自然村{bare}"),
            ("D21.nv", f"{v.town}{v.name}(自然村:{place}){door}"),
            ("D21.group", f"{v.county}{v.town}{v.name}{home.place.group}组{door}"),
            ("D21.group", f"{v.town}{v.name}第{CHINESE[home.place.group]}村民小组{door}"),
            ("D21.seal", f"{v.county}{v.town}{v.name}民委员会{place}{door}"),
        ]
    if "坞" in place or "垄" in place:
        found.append(
            ("D21.variant", f"{v.prefix}{v.town}{v.name}{place.replace('坞', '塢').replace('垄', '垅')}{door}")
        )
    return found


def vary(entry: Entry, about: str, home: Household, chance: random.Random) -> None:
    """Write the address in one of its other forms."""
    code, text = chance.choice(forms(home))
    entry.spoil(code, about, text, right(home))


def no_door(entry: Entry, about: str, home: Household) -> None:
    """Only town and village."""
    entry.spoil("D21.nodoor", about, f"{home.village.town}{home.village.name}", right(home))


def old_town(entry: Entry, about: str, home: Household) -> None:
    """The town's name before 2005, or the commune's before 1984."""
    v = home.village
    old = "龙游镇" if v.town == "龙洲街道" else "湖镇公社"
    ending = v.name if v.town == "龙洲街道" else v.name.replace("村", "大队")
    entry.spoil("D21.oldtown", about, f"{v.county}{old}{ending}{home.place.name}{home.door}", right(home))


def bare_stem(entry: Entry, about: str, home: Household) -> None:
    """A stem that a village and a community of one town share, with nothing that tells which."""
    entry.spoil("D21.stem", about, f"{home.village.town}方门街12号", right(home))


def same_as_above(entry: Entry, about: str, home: Household) -> None:
    """同上: the row before says it."""
    entry.spoil("D21.same", about, "同上", right(home))
