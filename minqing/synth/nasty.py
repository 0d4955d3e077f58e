"""A nastier county than the sample village, with its truth: tests/samples/nastycounty.

Whatever a reader may take for granted is broken somewhere: names and order of columns, one header row, the extension's
meaning, the encoding, one person per cell. The truth stays honest: where several treatments are right, all are listed.

    python -m minqing.synth.nasty tests/samples/nastycounty
"""

from __future__ import annotations

import pathlib
import sys
from typing import Any

from minqing.synth import locked, nasty_files, nasty_register, sheets, truth
from minqing.synth.nasty_people import SEED, County
from minqing.synth.sheets import Sheet
from minqing.synth.tables import Entry, File, Ledger
from minqing.synth.truth import Delivery

PASSWORD = "long-you-2026"
LETTER = """关于做好2026年度民情档案数据报送工作的函
各乡镇（街道）：
　　为进一步做好基础数据归集工作，请于11月15日前将本辖区数据报送我局，
联系人：祝×香，电话0570-700xxxx。
特此函告。
                                      龙游县某某局
                                      2026年10月20日
"""


def _spoilt_files(county: County) -> list[File]:
    """Files that must be refused, each for another reason."""
    whole = sheets.as_xlsx([Sheet("优抚", [["姓名", "居民身份证号"], ["测试", "330899199001010015"]])])
    return [
        File("10_退役军人事务/空白.csv", "10", "csv", b"", expect="refuse", note="empty"),
        File("08_自然资源和规划/残缺.xlsx", "08", "xlsx", whole[: len(whole) // 2], expect="refuse", note="truncated"),
        File("10_退役军人事务/优抚(加密).xlsx", "10", "xlsx", locked.protect(whole, PASSWORD), expect="refuse", note="password"),
        File("03_人社/告知函.csv", "03", "csv", LETTER.replace("\n", "\r\n").encode("gb18030"), encoding="gb18030", expect="refuse", note="a letter"),
    ]  # fmt: skip


def _where(delivery: Delivery) -> list[tuple[File, Ledger, int, Entry]]:
    return [
        (file, ledger, row, entry)
        for file in delivery.files
        if file.expect == "import"
        for ledger in file.ledgers
        for row, entry in ledger.entries.items()
        if entry.person
    ]


def _conflicts(county: County, delivery: Delivery) -> None:
    """Where departments disagree, found from the dirt of usable rows."""
    everywhere = _where(delivery)
    register = {
        entry.person.key: (file.path, ledger.sheet.name, row)
        for file, ledger, row, entry in everywhere
        if file.path == nasty_register.REGISTER and entry.person and not any(d["c"] == "D28" for d in entry.dirt)
    }
    moved = {who.key for who, _, _ in county.split}
    for file, ledger, row, entry in everywhere:
        who = entry.person
        if who is None or entry.level == "identity":
            continue
        at = (file.path, ledger.sheet.name, row)
        there = register.get(who.key, at)
        codes = {d["c"] for d in entry.dirt}
        if file.path == nasty_register.NEWCOMERS and who.key in moved:
            delivery.conflict(
                "living_differs", who, "living_village_code", "keep_both", (*there, who.registered), (*at, who.living)
            )
        if "D27" in codes and file.path != nasty_register.REGISTER:
            kind = "dead_still_paid" if file.department == "02" and "amount" in entry.norm else "dead_still_listed"
            delivery.conflict(kind, who, "alive", "ask_department", (*there, False), (*at, True))
        if "D28" in codes and file.department == "09":
            delivery.conflict(
                "member_elsewhere",
                who,
                "membership",
                "keep_both",
                (*there, who.registered),
                (*at, entry.norm["membership"]),
            )
        for code, kind, about in (
            ("D07.sex", "sex_differs", "sex"),
            ("D07.birth", "birth_differs", "birth_date"),
            ("D09", "name_variant", "name"),
            ("D08.typo", "name_variant", "name"),
        ):
            if code in codes:
                delivery.conflict(
                    kind,
                    who,
                    about,
                    "authority",
                    (*at, str(entry.written.get("name" if about == "name" else about.removesuffix("_date"), ""))),
                )


def build(seed: int = SEED) -> Delivery:
    """The county's files with their truth."""
    county = County(seed)
    files = [
        nasty_files.grids(county),
        nasty_register.register(county),
        *nasty_register.newcomers(county),
        *nasty_files.elders(county),
        nasty_files.relief(county),
        *nasty_files.pensions(county),
        nasty_files.doctors(county),
        nasty_files.disabled(county),
        nasty_files.insured(county),
        nasty_files.pupils(county),
        nasty_files.houses(county),
        nasty_files.shares(county),
        nasty_files.veterans(county),
        nasty_files.businesses(county),
        *_spoilt_files(county),
    ]
    delivery = Delivery(county.world, files)
    _conflicts(county, delivery)
    return delivery


def write(target: pathlib.Path, seed: int = SEED) -> dict[str, Any]:
    """Write the files and truth/ below ``target``; returns the summary."""
    delivery = build(seed)
    delivery.write(target)
    return truth.write(delivery, target / "truth")


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]))
